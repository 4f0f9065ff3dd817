"""Returns read in processes of their own: one may crash, hang or eat memory alone.

A damaged workbook can abort the reader's process, where no Python handler runs. What
happens to a worker becomes one problem of its file; every other file is read as if
nothing had been.
"""

from __future__ import annotations

import gc
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import TimeoutError as TooSlow
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pebble import ProcessExpired, ProcessPool

from ledgerbook.intake import archives
from ledgerbook.intake.file_check import LARGEST
from ledgerbook.intake.pipeline import (
    TOO_MUCH,
    ArchiveRead,
    FileSource,
    Origin,
    ReadContext,
    crowded,
    read_file,
)
from ledgerbook.intake.results import FileRead
from ledgerbook.model import Book
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import FileReport, FileStatus
from ledgerbook.parallel import READING, Progress, clean_start, cores, silent

Reader = Callable[[FileSource, ReadContext], FileRead]


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """What one file may cost: wall seconds, and bytes of address space."""

    seconds: float = 30
    memory: int = 2**30
    processes: int = 0


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """What workers are started with: how files are read, by what, at what cost."""

    reader: Reader
    terms: ReadContext
    limits: ReadLimits


def read_files(
    files: Mapping[str, Path],
    book: Book | None,
    as_of: date,
    *,
    passwords: Sequence[str] = (),
    limits: ReadLimits | None = None,
    reader: Reader = read_file,
    told: Progress = silent,
) -> list[FileRead]:
    """Read every file in a worker process; the result stands in the order of ``files``.

    Without a ``book``, each is read by what it carries of its own. After them stand
    the files within archives, each read in a call of its own as well.
    ``reader`` is what a worker runs; it must be importable there. ``told`` hears how
    many files are read, of how many that are known of.
    """
    if not files:
        return []
    bounds = limits or ReadLimits()
    count = bounds.processes or min(len(files), cores())
    terms = ReadContext(book, as_of, tuple(passwords))
    brief = WorkerConfig(reader, terms, replace(bounds, processes=count))
    with reading(brief) as crew:
        sources = [FileSource(name, path) for name, path in files.items()]
        return in_waves(crew.read, sources, told)


@contextmanager
def reading(brief: WorkerConfig) -> Iterator[WorkerPool]:
    """Keep worker processes for as long as there are files to be read."""
    with ProcessPool(
        max_workers=brief.limits.processes or cores(),
        context=clean_start(READING),
        initializer=_prepare,
        initargs=(brief,),
    ) as pool:
        yield WorkerPool(pool, brief.limits.seconds)


ReadMany = Callable[[Sequence[FileSource]], Iterable[FileRead]]


def in_waves(
    read: ReadMany, sources: Sequence[FileSource], told: Progress = silent
) -> list[FileRead]:
    """Read files, then those found within them, and so on; the first ones first.

    ``read`` gives what each file holds, in their order.
    """
    desk = _NestedFileQueue(read, told)
    while sources:
        sources = desk.read(sources)
    return list(desk.reads.values())


class _NestedFileQueue:
    """Has files read wave by wave, and keeps what they gave."""

    def __init__(self, read: ReadMany, told: Progress) -> None:
        self._read = read
        self._told = told
        self.reads: dict[str, FileRead] = {}
        self._names: set[str] = set()
        # What is in each archive on disk, and in the archives there: files, bytes.
        self._files: Counter[Origin] = Counter()
        self._bytes: Counter[Origin] = Counter()

    def read(self, sources: Sequence[FileSource]) -> list[FileSource]:
        """Read some files; return those that were found within them."""
        self._names |= {source.name for source in sources}
        found: list[FileSource] = []
        for source, given in zip(sources, self._read(sources), strict=True):
            read = given
            if isinstance(read, ArchiveRead):
                if self._room(source, read):
                    found += self._within(source, read)
                else:
                    read = crowded(read)
            self.reads[source.name] = read
            self._told(len(self.reads), len(self._names))
        return found

    def _room(self, source: FileSource, read: ArchiveRead) -> bool:
        """Whether all that an archive holds is still no more than one may hold."""
        self._files[source.origin] += len(read.members)
        self._bytes[source.origin] += sum(member.size for member in read.members)
        return (
            self._files[source.origin] <= archives.ENTRIES
            and self._bytes[source.origin] <= archives.TOTAL
        )

    def _within(self, source: FileSource, read: ArchiveRead) -> Iterator[FileSource]:
        for member in read.members:
            name = archives.free_name(f"{source.name}/{member.name}", self._names)
            self._names.add(name)
            inside = (*source.inside, member.index)
            yield replace(source, name=name, inside=inside)


class WorkerPool:
    """Hands files to worker processes; what becomes of one is a result as well."""

    def __init__(self, pool: ProcessPool, seconds: float) -> None:
        self._pool = pool
        self._seconds = seconds

    def read(self, sources: Sequence[FileSource]) -> Iterator[FileRead]:
        """Yield what each file gave, in their order."""
        waiting = [
            (source, self.ask(_read, source, self._seconds)) for source in sources
        ]
        for source, future in waiting:
            yield self._result(future, source)

    def stop(self) -> None:
        """End the workers, whatever they are at."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def ask(
        self, deed: Callable[[FileSource], Any], source: FileSource, seconds: float
    ) -> Any:
        """Have something else done with a file, as guarded; return its future."""
        return self._pool.schedule(deed, args=(source,), timeout=seconds)

    def _result(self, future: Any, source: FileSource) -> FileRead:
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

    def _lost(self, source: FileSource, detail: str) -> FileRead:
        problem = Problem("file-unreadable", Place(source.name), {"detail": detail})
        try:
            # Taking it out of its archive may be what ended the worker.
            size, sha256 = self.ask(_measure, source, self._seconds).result()
        except Exception:  # noqa: BLE001  then there is nothing to be measured
            size, sha256 = 0, ""
        report = FileReport(source.name, size, sha256, FileStatus.REJECTED)
        return FileRead(report, problems=(problem,))


_brief: WorkerConfig | None = None


def _prepare(brief: WorkerConfig) -> None:
    """Make a new worker ready: limits set, its dying words sent nowhere."""
    global _brief  # noqa: PLW0603  a worker's one piece of state, set once at its start
    _brief = brief
    # What was loaded stays to the end: rings are looked for in what a file leaves only.
    gc.freeze()
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    try:
        import resource
    except ImportError:  # Windows has the clock alone
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (brief.limits.memory, most))


def _read(source: FileSource) -> FileRead:
    brief = _known_brief()
    return brief.reader(source, brief.terms)


def _measure(source: FileSource) -> tuple[int, str]:
    """Return size and sum of a file that could not be read; no sum of a huge one."""
    if source.inside:
        passwords = _known_brief().terms.passwords
        taken = archives.take(source.path, source.inside, passwords, LARGEST)
        return taken.size, taken.sha256
    size = source.path.stat().st_size if source.path.is_file() else 0
    if not 0 < size <= LARGEST:
        return size, ""
    with source.path.open("rb") as stream:
        return size, hashlib.file_digest(stream, "sha256").hexdigest()


def _known_brief() -> WorkerConfig:
    if _brief is None:
        raise RuntimeError("a worker was started without its brief")
    return _brief
