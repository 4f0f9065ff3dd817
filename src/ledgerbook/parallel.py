"""Work shared out to a process for each core, and word of how far it is."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

# Is told again and again how much is done, of how much that is known of.
ProgressCallback = Callable[[int, int], None]

T = TypeVar("T")
R = TypeVar("R")

# What reading a return needs.
PIPELINE_MODULE = "ledgerbook.intake.pipeline"
# Fewer are made in the time that other processes take to start.
_MIN_ITEMS_FOR_POOL = 64
# So many go to a process at once.
_CHUNK_SIZE = 8


def no_progress(completed: int, total: int) -> None:
    """Say nothing of how far it is."""


def parallel_map(
    func: Callable[[T], R],
    items: Sequence[T],
    on_progress: ProgressCallback = no_progress,
) -> Iterable[R]:
    """Return what ``func`` makes of each item, in their order.

    ``func`` goes to each process once and must pickle, as must items and results. If
    a process dies, all are made in this one.
    """
    if len(items) < _MIN_ITEMS_FOR_POOL or count_cores() == 1:
        return list(_report_progress(map(func, items), len(items), on_progress))
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    first_item, *other_items = items
    try:
        with ProcessPoolExecutor(
            count_cores(),
            make_process_context(),
            initializer=_set_worker_func,
            initargs=(func,),
        ) as pool:
            # The first one may take as long as all others together.
            first_future = pool.submit(_call_worker_func, first_item)
            other_results = pool.map(_call_worker_func, other_items, chunksize=_CHUNK_SIZE)
            results = list(_report_progress(other_results, len(items), on_progress))
            return [first_future.result(), *results]
    except BrokenProcessPool:
        return list(_report_progress(map(func, items), len(items), on_progress))


def _report_progress(
    results: Iterable[R], total: int, on_progress: ProgressCallback
) -> Iterator[R]:
    for completed, result in enumerate(results, 1):
        on_progress(completed, total)
        yield result


def count_cores() -> int:
    """Return how many processes may run at once here."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def make_process_context(*preloaded_modules: str) -> Any:
    """Start processes from a clean one: this one may hold threads and locks.

    It has ``preloaded_modules`` what they need, while this one goes on.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver

    context = multiprocessing.get_context("forkserver")
    if preloaded_modules:
        context.set_forkserver_preload(list(preloaded_modules))
    with _silence_stderr():
        forkserver.ensure_running()
    return context


@contextmanager
def _silence_stderr() -> Iterator[None]:
    """Let a process that begins here say nothing on the terminal.

    One that is just starting when all is done already complains, to no purpose.
    """
    try:
        saved_stderr = os.dup(2)
    except OSError:  # there is none to complain on
        yield
        return
    devnull = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(devnull, 2)
        yield
    finally:
        os.dup2(saved_stderr, 2)
        os.close(saved_stderr)
        os.close(devnull)


_worker_func: Callable[[Any], Any] | None = None


def _set_worker_func(func: Callable[[Any], Any]) -> None:
    global _worker_func  # noqa: PLW0603  a process's one piece of state, set once at its start
    _worker_func = func


def _call_worker_func(item: Any) -> Any:
    if _worker_func is None:
        raise RuntimeError("a process was started without what it is to do")
    return _worker_func(item)
