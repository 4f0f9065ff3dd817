"""Work shared out to a process for each core, and word of how far it is."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

# Is told again and again how much is done, of how much that is known of.
Progress = Callable[[int, int], None]

T = TypeVar("T")
R = TypeVar("R")

# What reading a return needs.
READING = "ledgerbook.intake.pipeline"
# Fewer are made in the time that other processes take to start.
_FEW = 64
# So many go to a process at once.
_LOAD = 8


def silent(done: int, known: int) -> None:
    """Say nothing of how far it is."""


def spread(
    deed: Callable[[T], R], items: Sequence[T], told: Progress = silent
) -> Iterable[R]:
    """Return what ``deed`` makes of each item, in their order.

    ``deed`` goes to each process once and must pickle, as must items and results. If
    a process dies, all are made in this one.
    """
    if len(items) < _FEW or cores() == 1:
        return list(_counted(map(deed, items), len(items), told))
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    first, *rest = items
    try:
        with ProcessPoolExecutor(
            cores(), clean_start(), initializer=_prepare, initargs=(deed,)
        ) as pool:
            # The first one may take as long as all others together.
            alone = pool.submit(_do, first)
            others = pool.map(_do, rest, chunksize=_LOAD)
            made = list(_counted(others, len(items), told))
            return [alone.result(), *made]
    except BrokenProcessPool:
        return list(_counted(map(deed, items), len(items), told))


def _counted(made: Iterable[R], known: int, told: Progress) -> Iterator[R]:
    for done, one in enumerate(made, 1):
        told(done, known)
        yield one


def cores() -> int:
    """Return how many processes may run at once here."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def clean_start(*preloaded: str) -> Any:
    """Start processes from a clean one: this one may hold threads and locks.

    It has ``preloaded`` what they need, while this one goes on.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    from multiprocessing import forkserver

    context = multiprocessing.get_context("forkserver")
    if preloaded:
        context.set_forkserver_preload(list(preloaded))
    with _hushed():
        forkserver.ensure_running()
    return context


@contextmanager
def _hushed() -> Iterator[None]:
    """Let a process that begins here say nothing on the terminal.

    One that is just starting when all is done already complains, to no purpose.
    """
    try:
        terminal = os.dup(2)
    except OSError:  # there is none to complain on
        yield
        return
    silence = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(silence, 2)
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)
        os.close(silence)


_deed: Callable[[Any], Any] | None = None


def _prepare(deed: Callable[[Any], Any]) -> None:
    global _deed  # noqa: PLW0603  a process's one piece of state, set once at its start
    _deed = deed


def _do(item: Any) -> Any:
    if _deed is None:
        raise RuntimeError("a process was started without what it is to do")
    return _deed(item)
