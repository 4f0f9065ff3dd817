"""Read returns in worker processes with limits on time and memory.

A damaged workbook may abort the process that reads it, where no Python handler runs, or
use up all memory. So each file is read in a worker process (pebble starts a new one for
a worker that ends); what happens to a worker becomes one problem of its file, and every
other file is read as if nothing had happened. Members of archives and mails are read in
calls of their own.
"""

from __future__ import annotations

import hashlib
import logging
import time
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
from ledgerbook.intake.file_check import MAX_FILE_SIZE
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import (
    ArchiveRead,
    FileOrigin,
    FileSource,
    ReadContext,
    read_file,
    refuse_crowded_archive,
    report_fault,
)
from ledgerbook.limited_process import (
    EndCause,
    ProcessLimits,
    find_end_cause,
    limit_computing_time,
    prepare_limited_process,
)
from ledgerbook.model import Book
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import FileReport, FileStatus
from ledgerbook.parallel import (
    PIPELINE_MODULE,
    ProgressCallback,
    count_cores,
    make_process_context,
    no_progress,
)
from ledgerbook.storage.file_names import number_duplicate_name

_logger = logging.getLogger(__name__)

FileReader = Callable[[FileSource, ReadContext], FileContent]


@dataclass(frozen=True, slots=True)
class ReadLimits(ProcessLimits):
    """What one file may cost, and how many files are read at once.

    ``processes`` is the number of workers, 0 for one a core.
    """

    processes: int = 0


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """What a worker process is started with: the function that reads files, and its limits."""

    reader: FileReader
    context: ReadContext
    limits: ReadLimits


def read_files(
    files: Mapping[str, Path],
    book: Book | None,
    as_of: date,
    *,
    passwords: Sequence[str] = (),
    limits: ReadLimits | None = None,
    reader: FileReader = read_file,
    on_progress: ProgressCallback = no_progress,
) -> list[FileContent]:
    """Read every file in a worker process; return the results in the order of ``files``.

    After them come the members of archives. Without a ``book``, each file is read by the
    extract that it carries. ``reader`` is the function that a worker calls, importable
    there. ``on_progress`` is called with the number of files read so far and of those
    known so far.
    """
    if not files:
        return []
    effective_limits = limits or ReadLimits()
    worker_count = effective_limits.processes or min(len(files), count_cores())
    context = ReadContext(book, as_of, tuple(passwords))
    config = WorkerConfig(reader, context, replace(effective_limits, processes=worker_count))
    start = time.monotonic()
    with open_worker_pool(config) as pool:
        sources = [FileSource(name, path) for name, path in files.items()]
        contents = read_with_nested_files(pool.read_files, sources, on_progress)
    _log_reads(contents, worker_count, time.monotonic() - start)
    return contents


def _log_reads(contents: Sequence[FileContent], worker_count: int, seconds: float) -> None:
    """Log what was read, without the names of files: people are named in them."""
    for number, content in enumerate(contents, 1):
        report = content.report
        fault = report.fault.error_type if report.fault else "none"
        counts = number, report.size, len(content.rows), len(content.problems), fault
        _logger.debug("file %d: %d bytes, %d rows, %d problems, fault: %s", *counts)
    _logger.info("read %d files with %d workers in %.2f s", len(contents), worker_count, seconds)


@contextmanager
def open_worker_pool(config: WorkerConfig) -> Iterator[WorkerPool]:
    """Start worker processes, and stop them at the end of the ``with`` block."""
    with ProcessPool(
        max_workers=config.limits.processes or count_cores(),
        context=make_process_context(PIPELINE_MODULE),
        initializer=_initialize_worker,
        initargs=(config,),
    ) as process_pool:
        yield WorkerPool(process_pool, config.limits.seconds)


ReadFilesFunction = Callable[[Sequence[FileSource]], Iterable[FileContent]]


def read_with_nested_files(
    read_many: ReadFilesFunction,
    sources: Sequence[FileSource],
    on_progress: ProgressCallback = no_progress,
) -> list[FileContent]:
    """Read ``sources``, then the members of the archives among them, and so on.

    ``read_many`` reads some files and returns their results in the same order.
    """
    queue = _NestedFileQueue(read_many, on_progress)
    while sources:
        sources = queue.read_wave(sources)
    return list(queue.reads_by_name.values())


class _NestedFileQueue:
    """Reads files level by level of nesting, and collects the results by name."""

    def __init__(self, read_many: ReadFilesFunction, on_progress: ProgressCallback) -> None:
        self._read_many = read_many
        self._on_progress = on_progress
        self.reads_by_name: dict[str, FileContent] = {}
        self._names: set[str] = set()
        self._last_numbers: dict[str, int] = {}
        # Files and bytes in each archive on disk, those of nested archives included.
        self._file_counts: Counter[FileOrigin] = Counter()
        self._byte_counts: Counter[FileOrigin] = Counter()

    def read_wave(self, sources: Sequence[FileSource]) -> list[FileSource]:
        """Read some files; return the members of the archives among them."""
        self._names |= {source.name for source in sources}
        nested_sources: list[FileSource] = []
        for source, initial_read in zip(sources, self._read_many(sources), strict=True):
            file_read = initial_read
            if isinstance(file_read, ArchiveRead):
                if self._reserve_capacity(source, file_read):
                    nested_sources += self._list_members(source, file_read)
                else:
                    file_read = refuse_crowded_archive(file_read)
            self.reads_by_name[source.name] = file_read
            self._on_progress(len(self.reads_by_name), len(self._names))
        return nested_sources

    def _reserve_capacity(self, source: FileSource, archive_read: ArchiveRead) -> bool:
        """Count the members of an archive; return whether they are within the limits."""
        self._file_counts[source.origin] += len(archive_read.members)
        self._byte_counts[source.origin] += sum(member.size for member in archive_read.members)
        return (
            self._file_counts[source.origin] <= archives.MAX_ENTRIES
            and self._byte_counts[source.origin] <= archives.MAX_TOTAL_BYTES
        )

    def _list_members(self, source: FileSource, archive_read: ArchiveRead) -> Iterator[FileSource]:
        """Yield a source for each member of an archive, under a name of its own."""
        for member in archive_read.members:
            full_name = f"{source.name}/{member.name}"
            name = number_duplicate_name(full_name, self._names, self._last_numbers)
            self._names.add(name)
            member_indexes = (*source.member_indexes, member.index)
            yield replace(source, name=name, member_indexes=member_indexes)


class WorkerPool:
    """Reads files in worker processes; a worker that fails gives a result with a problem."""

    def __init__(self, pool: ProcessPool, seconds: float) -> None:
        self._pool = pool
        self._seconds = seconds

    def read_files(self, sources: Sequence[FileSource]) -> Iterator[FileContent]:
        """Yield the result of each file, in their order."""
        submitted = [
            (source, self.submit(_read_source, source, self._seconds)) for source in sources
        ]
        for source, future in submitted:
            yield self._await_result(future, source)

    def submit(self, func: Callable[[FileSource], Any], source: FileSource, seconds: float) -> Any:
        """Call ``func`` with a file in a worker, within ``seconds``; return a future."""
        return self._pool.schedule(func, args=(source,), timeout=seconds)

    def _await_result(self, future: Any, source: FileSource) -> FileContent:
        """Return a file's result; whatever ended its worker is a problem of the file."""
        try:
            file_read: FileContent = future.result()
        except TooSlow:
            return self._report_failure(source, EndCause.TIME)
        except ProcessExpired as expired:
            _logger.warning("a worker was lost, exit code %s", expired.exitcode)
            return self._report_failure(source, find_end_cause(expired.exitcode))
        except MemoryError:
            return self._report_failure(source, EndCause.MEMORY)
        except Exception as error:  # noqa: BLE001  such as a result that cannot be sent here
            return report_fault(self._measure(source), error)
        return file_read

    def _report_failure(self, source: FileSource, cause: EndCause) -> FileContent:
        problem = Problem("file-unreadable", Place(source.name), {"detail": str(cause)})
        return FileContent(self._measure(source), problems=(problem,))

    def _measure(self, source: FileSource) -> FileReport:
        """Return the report of a file that could not be read."""
        try:
            # Extracting the file from its archive may be what ended the worker.
            size, sha256 = self.submit(_measure_file, source, self._seconds).result()
        except Exception:  # noqa: BLE001  size and checksum then stay unknown
            size, sha256 = 0, ""
        return FileReport(source.name, size, sha256, FileStatus.REJECTED)


_config: WorkerConfig | None = None


def _initialize_worker(config: WorkerConfig) -> None:
    """Prepare a new worker process: its configuration and its limits."""
    global _config  # noqa: PLW0603  a worker's only state, set once at its start
    _config = config
    prepare_limited_process(config.limits.memory)


def _read_source(source: FileSource) -> FileContent:
    config = _require_config()
    limit_computing_time(config.limits.cpu_seconds)
    try:
        return config.reader(source, config.context)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  here its traceback is whole
        report = FileReport(source.name, *_measure_file(source), FileStatus.REJECTED)
        return report_fault(report, error)


def _measure_file(source: FileSource) -> tuple[int, str]:
    """Return size and SHA-256 of a file that could not be read; no checksum of a large one."""
    limit_computing_time(_require_config().limits.cpu_seconds)
    if source.member_indexes:
        passwords = _require_config().context.passwords
        extracted = archives.extract_member(
            source.path, source.member_indexes, passwords, MAX_FILE_SIZE
        )
        return extracted.size, extracted.sha256
    size = source.path.stat().st_size if source.path.is_file() else 0
    if not 0 < size <= MAX_FILE_SIZE:
        return size, ""
    with source.path.open("rb") as stream:
        return size, hashlib.file_digest(stream, "sha256").hexdigest()


def _require_config() -> WorkerConfig:
    if _config is None:
        raise RuntimeError("a worker was started without its configuration")
    return _config
