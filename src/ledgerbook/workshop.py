"""Many workbooks made side by side, in a process for each core."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

# Fewer are made in the time that other processes take to start.
_FEW = 64
# So many go to a process at once.
_LOAD = 8


def spread(deed: Callable[[T], R], items: Sequence[T]) -> Iterable[R]:
    """Return what ``deed`` makes of each item, in their order.

    ``deed`` goes to each process once and must pickle, as must items and results. If
    a process dies, all are made in this one.
    """
    if len(items) < _FEW or cores() == 1:
        return [deed(item) for item in items]
    first, *rest = items
    try:
        with ProcessPoolExecutor(
            cores(), clean_start(), initializer=_prepare, initargs=(deed,)
        ) as pool:
            # The first one may take as long as all others together.
            alone = pool.submit(_do, first)
            others = list(pool.map(_do, rest, chunksize=_LOAD))
            return [alone.result(), *others]
    except BrokenProcessPool:
        return [deed(item) for item in items]


def cores() -> int:
    """Return how many processes may run at once here."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def clean_start(*preloaded: str) -> Any:
    """Start processes from a clean one: this one may hold threads and locks."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    if preloaded:
        context.set_forkserver_preload(list(preloaded))
    return context


_deed: Callable[[Any], Any] | None = None


def _prepare(deed: Callable[[Any], Any]) -> None:
    global _deed  # noqa: PLW0603  a process's one piece of state, set once at its start
    _deed = deed


def _do(item: Any) -> Any:
    if _deed is None:
        raise RuntimeError("a process was started without what it is to do")
    return _deed(item)
