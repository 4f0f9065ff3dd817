"""Returns read in processes of their own: one may crash, hang or eat memory alone.

A damaged workbook can abort the reader's process, where no Python handler runs. What
happens to a worker becomes one problem of its file; every other file is read as if
nothing had been.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pebble import ProcessExpired, ProcessPool

from ledgerbook.folder import TOO_MUCH, read_file
from ledgerbook.gather import FileRead
from ledgerbook.ledger import FileReport, Verdict
from ledgerbook.model import Book
from ledgerbook.problems import Place, Problem
from ledgerbook.returns.guard import LARGEST

Reader = Callable[[str, Path, Book | None, date], FileRead]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: wall seconds, and bytes of address space."""

    seconds: float = 30
    memory: int = 2**30
    processes: int = 0


def read_files(
    files: Mapping[str, Path],
    book: Book | None,
    as_of: date,
    *,
    limits: Limits | None = None,
    reader: Reader = read_file,
) -> list[FileRead]:
    """Read every file in a worker process; the result stands in the order of ``files``.

    Without a ``book``, each is read by what it carries of its own.
    ``reader`` is what a worker runs; it must be importable there.
    """
    if not files:
        return []
    bounds = limits or Limits()
    count = bounds.processes or min(len(files), os.cpu_count() or 1)
    with ProcessPool(
        max_workers=count,
        context=_context(),
        initializer=_prepare,
        initargs=(book, as_of, reader, bounds.memory),
    ) as pool:
        waiting = [
            pool.schedule(_read, args=(name, path), timeout=bounds.seconds)
            for name, path in files.items()
        ]
        return [
            _result(future, name, path)
            for future, (name, path) in zip(waiting, files.items(), strict=True)
        ]


def _context() -> Any:
    """Start workers from a clean process: this one may hold threads and locks."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["ledgerbook.folder"])
    return context


_task: tuple[Book | None, date, Reader] | None = None


def _prepare(book: Book | None, as_of: date, reader: Reader, memory: int) -> None:
    """Make a new worker ready: limits set, its dying words sent nowhere."""
    global _task  # noqa: PLW0603  a worker's one piece of state, set once at its start
    _task = (book, as_of, reader)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    try:
        import resource
    except ImportError:  # Windows has the clock alone
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (memory, most))


def _read(name: str, path: Path) -> FileRead:
    if _task is None:
        raise RuntimeError("a worker was started without its task")
    book, as_of, reader = _task
    return reader(name, path, book, as_of)


def _result(future: Any, name: str, path: Path) -> FileRead:
    try:
        read: FileRead = future.result()
    except TooSlow:
        return _lost(name, path, "内容过于复杂，超过时间仍没有读完")
    except ProcessExpired:
        return _lost(name, path, "读表程序中途退出，文件很可能已损坏")
    except MemoryError:
        return _lost(name, path, TOO_MUCH)
    except Exception as error:  # noqa: BLE001  whatever a reader raises is one problem
        return _lost(name, path, f"读表程序出错：{type(error).__name__}")
    return read


def _lost(name: str, path: Path, detail: str) -> FileRead:
    problem = Problem("file-unreadable", Place(name), {"detail": detail})
    report = FileReport(name, *_facts(path), Verdict.REJECTED)
    return FileRead(report, problems=(problem,))


def _facts(path: Path) -> tuple[int, str]:
    """Return size and sum. What is huge or no file may take for ever to sum up."""
    try:
        size = path.stat().st_size if path.is_file() else 0
        return size, _sha256(path) if 0 < size <= LARGEST else ""
    except OSError:
        return 0, ""


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    for piece in _pieces(path):
        digest.update(piece)
    return digest.hexdigest()


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while piece := stream.read(2**20):
            yield piece
