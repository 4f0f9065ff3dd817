"""Returns read in processes of their own: one may crash, hang or eat memory alone.

A damaged workbook can abort the reader's process, where no Python handler runs. What
happens to a worker becomes one problem of its file; every other file is read as if
nothing had been.
"""

from __future__ import annotations

import gc
import hashlib
import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pebble import ProcessExpired, ProcessPool

from ledgerbook.gather import FileRead
from ledgerbook.ledger import FileReport, Verdict
from ledgerbook.model import Book
from ledgerbook.problems import Place, Problem
from ledgerbook.receive import TOO_MUCH, ArchiveRead, Source, Terms, crowded, read_file
from ledgerbook.returns import archive
from ledgerbook.returns.guard import LARGEST

Reader = Callable[[Source, Terms], FileRead]


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
    passwords: Sequence[str] = (),
    limits: Limits | None = None,
    reader: Reader = read_file,
) -> list[FileRead]:
    """Read every file in a worker process; the result stands in the order of ``files``.

    Without a ``book``, each is read by what it carries of its own. After them stand
    the files within archives, each read in a call of its own as well.
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
        initargs=(reader, Terms(book, as_of, tuple(passwords)), bounds.memory),
    ) as pool:
        desk = _Desk(pool, bounds.seconds)
        wave = [Source(name, path) for name, path in files.items()]
        while wave:
            wave = desk.read(wave)
        return list(desk.reads.values())


class _Desk:
    """Hands files to the workers, wave by wave, and keeps what they gave."""

    def __init__(self, pool: ProcessPool, seconds: float) -> None:
        self._pool = pool
        self._seconds = seconds
        self.reads: dict[str, FileRead] = {}
        self._names: set[str] = set()
        # What is in each archive on disk, and in the archives there: files, bytes.
        self._files: Counter[Path] = Counter()
        self._bytes: Counter[Path] = Counter()

    def read(self, sources: Sequence[Source]) -> list[Source]:
        """Read some files; return those that were found within them."""
        self._names |= {source.name for source in sources}
        waiting = [(source, self._ask(_read, source)) for source in sources]
        found: list[Source] = []
        for source, future in waiting:
            read = self._result(future, source)
            if isinstance(read, ArchiveRead):
                if self._room(source, read):
                    found += self._within(source, read)
                else:
                    read = crowded(read)
            self.reads[source.name] = read
        return found

    def _ask(self, deed: Callable[[Source], Any], source: Source) -> Any:
        return self._pool.schedule(deed, args=(source,), timeout=self._seconds)

    def _room(self, source: Source, read: ArchiveRead) -> bool:
        """Whether all that an archive holds is still no more than one may hold."""
        self._files[source.path] += len(read.members)
        self._bytes[source.path] += sum(member.size for member in read.members)
        return (
            self._files[source.path] <= archive.ENTRIES
            and self._bytes[source.path] <= archive.TOTAL
        )

    def _within(self, source: Source, read: ArchiveRead) -> Iterator[Source]:
        for member in read.members:
            name = archive.free_name(f"{source.name}/{member.name}", self._names)
            self._names.add(name)
            yield Source(name, source.path, (*source.inside, member.index))

    def _result(self, future: Any, source: Source) -> FileRead:
        try:
            read: FileRead = future.result()
        except TooSlow:
            return self._lost(source, "内容过于复杂，超过时间仍没有读完")
        except ProcessExpired:
            return self._lost(source, "读表程序中途退出，文件很可能已损坏")
        except MemoryError:
            return self._lost(source, TOO_MUCH)
        except Exception as error:  # noqa: BLE001  whatever is raised is one problem
            return self._lost(source, f"读表程序出错：{type(error).__name__}")
        return read

    def _lost(self, source: Source, detail: str) -> FileRead:
        problem = Problem("file-unreadable", Place(source.name), {"detail": detail})
        try:
            # Taking it out of its archive may be what ended the worker.
            size, sha256 = self._ask(_measure, source).result()
        except Exception:  # noqa: BLE001  then there is nothing to be measured
            size, sha256 = 0, ""
        report = FileReport(source.name, size, sha256, Verdict.REJECTED)
        return FileRead(report, problems=(problem,))


def _context() -> Any:
    """Start workers from a clean process: this one may hold threads and locks."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["ledgerbook.receive"])
    return context


_task: tuple[Reader, Terms] | None = None


def _prepare(reader: Reader, terms: Terms, memory: int) -> None:
    """Make a new worker ready: limits set, its dying words sent nowhere."""
    global _task  # noqa: PLW0603  a worker's one piece of state, set once at its start
    _task = (reader, terms)
    # What was loaded stays to the end: rings are looked for in what a file leaves only.
    gc.freeze()
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    try:
        import resource
    except ImportError:  # Windows has the clock alone
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (memory, most))


def _read(source: Source) -> FileRead:
    reader, terms = _known_task()
    return reader(source, terms)


def _measure(source: Source) -> tuple[int, str]:
    """Return size and sum of a file that could not be read; no sum of a huge one."""
    if source.inside:
        _, terms = _known_task()
        taken = archive.take(source.path, source.inside, terms.passwords, LARGEST)
        return taken.size, taken.sha256
    size = source.path.stat().st_size if source.path.is_file() else 0
    if not 0 < size <= LARGEST:
        return size, ""
    with source.path.open("rb") as stream:
        return size, hashlib.file_digest(stream, "sha256").hexdigest()


def _known_task() -> tuple[Reader, Terms]:
    if _task is None:
        raise RuntimeError("a worker was started without its task")
    return _task
