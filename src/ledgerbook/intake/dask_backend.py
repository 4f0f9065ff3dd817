"""Read the files of a run on the workers of a Dask cluster.

Three processes take part:

- the client, ``ledgerbook collect --scheduler …`` on the office's machine, sends the files
  in batches and puts the results in order (:func:`read_files`);
- a Dask worker writes the files of a batch to its disk (:class:`DaskWorkerReader`);
- a subprocess of that worker (:class:`WorkerSubprocess`, :func:`main`) reads them in the
  limited processes of :mod:`~ledgerbook.intake.worker_pool`, for a Dask worker is mostly a
  daemonic process, which may have no children.

With :mod:`~ledgerbook.intake.urls` this is the only module that knows dask, distributed
and fsspec, which are installed on demand: ``pip install .[cluster]``.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import platform
import stat
import subprocess
import sys
import warnings
import weakref
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from importlib import metadata
from itertools import count, groupby
from pathlib import Path
from queue import Empty, Queue
from threading import Lock, Thread
from time import monotonic
from typing import IO, TYPE_CHECKING, Any

from ledgerbook.errors import InputError, name_option
from ledgerbook.intake.file_check import MAX_FILE_SIZE
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import (
    FileOrigin,
    FileSource,
    ReadContext,
    read_file,
    refuse_link,
    refuse_too_large,
    refuse_unreadable,
)
from ledgerbook.intake.urls import CLUSTER_EXTRA_MISSING, FetchResult, fetch_file
from ledgerbook.intake.worker_pool import (
    FileReader,
    ReadLimits,
    WorkerConfig,
    WorkerPool,
    open_worker_pool,
    read_with_nested_files,
)
from ledgerbook.model import Book
from ledgerbook.model.results import FileReport, FileStatus
from ledgerbook.parallel import ProgressCallback, no_progress
from ledgerbook.storage.folders import Url
from ledgerbook.temporary_folder import make_temporary_folder

if TYPE_CHECKING:
    from distributed import Client


_LOG = logging.getLogger(__name__)

# distributed has no type for its futures.
_DaskFuture = Any

# Seconds: to connect; between two polls of the cluster; to wait without any worker; to
# transfer a result.
_CONNECT_TIMEOUT = 10
_POLL_INTERVAL = 2.0
_NO_WORKER_TIMEOUT = 60.0
_GATHER_TIMEOUT = 30
# Batches for each thread of the cluster, and bytes in all, that are sent and not yet read.
_BATCHES_PER_THREAD = 3
_MAX_BYTES_IN_FLIGHT = 256 * 2**20

_LOCAL_FALLBACK_HINT = f"也可以去掉 {name_option('--scheduler', 'scheduler=')}，在本机汇总。"


def read_files(  # noqa: PLR0913  as worker_pool.read_files, and the scheduler
    files: Mapping[str, Path | Url],
    book: Book | None,
    as_of: date,
    *,
    scheduler: str,
    passwords: Sequence[str] = (),
    limits: ReadLimits | None = None,
    reader: FileReader = read_file,
    on_progress: ProgressCallback = no_progress,
) -> list[FileContent]:
    """Read every file on a cluster, as ``worker_pool.read_files`` does on this machine.

    Files of this machine are sent to the workers; files at a URL are fetched by them.
    Raises InputError when the cluster cannot be used, or the connection is lost.
    """
    if not files:
        return []
    config = WorkerConfig(
        reader, ReadContext(book, as_of, tuple(passwords)), limits or ReadLimits()
    )
    sources = [_make_source(name, location) for name, location in files.items()]
    with _connect_client(scheduler) as client:
        cluster = _ClusterReader(client, scheduler, config)
        return read_with_nested_files(cluster.read_files, sources, on_progress)


def _make_source(name: str, location: Path | Url) -> FileSource:
    if isinstance(location, Url):
        return FileSource(name, Path(), url=location.text)
    return FileSource(name, location)


@contextmanager
def _connect_client(scheduler: str) -> Iterator[Client]:
    """Connect to a cluster that runs the same program as we do. Raises InputError."""
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            CLUSTER_EXTRA_MISSING, code="component-missing", values={"component": "distributed"}
        ) from error
    with _mute_distributed():
        try:
            client = Client(scheduler, timeout=_CONNECT_TIMEOUT, set_as_default=False)
        except Exception as error:  # an address that is no scheduler may answer anything
            raise InputError(
                f"连不上集群“{scheduler}”（{type(error).__name__}）。"
                f"请核对地址，看调度程序是否已经启动；{_LOCAL_FALLBACK_HINT}",
                code="cluster-unusable",
            ) from error
        with client:
            _check_program_versions(client, scheduler)
            yield client


@contextmanager
def _mute_distributed() -> Iterator[None]:
    """Silence the English log messages and warnings of distributed."""
    loggers = [
        logging.getLogger(name)
        for name in logging.root.manager.loggerDict
        if name.split(".")[0] == "distributed"
    ]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="distributed")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def _check_program_versions(client: Client, scheduler: str) -> None:
    """Raise InputError unless scheduler and workers run the same program as we do."""
    try:
        client.wait_for_workers(1, timeout=_CONNECT_TIMEOUT)
    except TimeoutError as error:
        raise InputError(_format_no_workers(scheduler), code="cluster-unusable") from error
    try:
        remote_programs = [
            client.run_on_scheduler(get_program_versions),
            *client.run(get_program_versions).values(),
        ]
    except Exception as error:  # where ours is missing, anything may be raised
        raise InputError(
            _format_version_mismatch(scheduler, type(error).__name__),
            code="cluster-unusable",
        ) from error
    for versions in remote_programs:
        if difference := describe_differences(versions):
            raise InputError(
                _format_version_mismatch(scheduler, difference),
                code="cluster-unusable",
            )


def _format_version_mismatch(scheduler: str, difference: str) -> str:
    return (
        f"集群“{scheduler}”上的程序与本机的不一样（{difference}），结果可能不一致，没有汇总。"
        f"请给您装本工具的人在调度程序和各计算节点上装好与本机相同的版本；{_LOCAL_FALLBACK_HINT}"
    )


def _format_no_workers(scheduler: str) -> str:
    return (
        f"集群“{scheduler}”上没有能用的计算节点（worker），没有汇总。"
        f"请给您装本工具的人先启动计算节点；{_LOCAL_FALLBACK_HINT}"
    )


def _format_connection_lost(scheduler: str) -> str:
    return (
        f"与集群“{scheduler}”的连接中途断了，没有读完，没有写任何文件。"
        f"请集群恢复后再汇总一次；{_LOCAL_FALLBACK_HINT}"
    )


class _ClusterReader:
    """Sends batches to the workers, so many that all are busy and memory suffices."""

    def __init__(self, client: Client, scheduler: str, config: WorkerConfig) -> None:
        self._client = client
        self._scheduler = scheduler
        self._config = config
        # Submitted as a task, not scattered as data: when the workers that have it die,
        # others compute it again.
        self._worker_reader = client.submit(
            DaskWorkerReader, config, get_program_versions(), pure=False
        )
        self._finished_futures: Queue[_DaskFuture] = Queue()
        self._pending_batches: dict[_DaskFuture, FileBatch] = {}
        self._thread_count = sum(client.nthreads().values())
        self._workers_seen_at = monotonic()
        self._next_poll = self._workers_seen_at + _POLL_INTERVAL

    def read_files(self, sources: Sequence[FileSource]) -> list[FileContent]:
        """Read files on the workers, and here those that they cannot; in their order."""
        reads_by_name: dict[str, FileContent] = {}
        local_sources: list[FileSource] = []
        fair_share = len(sources) // (_BATCHES_PER_THREAD * max(1, self._thread_count))
        files_per_batch = max(1, min(MAX_BATCH_FILES, fair_share))
        pending = make_batches(make_packets(sources, local_sources), files_per_batch)
        failed: deque[FileBatch] = deque()
        unread_count = 0
        while self._send_batches(failed, pending):
            batch, batch_reads = self._wait_for_batch()
            if batch_reads is not None:
                pairs = zip(batch.sources, batch_reads, strict=True)
                reads_by_name |= {source.name: file_read for source, file_read in pairs}
            elif len(batch.packets) > 1:
                failed += batch.split_packets()
            else:
                unread_count += len(batch.sources)
                local_sources += batch.sources
        if unread_count:
            _LOG.warning(
                "提示：有 %d 个文件在集群上没有读成，改在本机读取，结果不变。",
                unread_count,
            )
        reads_by_name |= self._read_locally(local_sources)
        return [reads_by_name[source.name] for source in sources]

    def _send_batches(self, failed: deque[FileBatch], pending: Iterator[FileBatch]) -> bool:
        """Send as many batches as there is capacity for; return whether any is pending."""
        while self._has_capacity():
            batch = failed.popleft() if failed else next(pending, None)
            if batch is None:
                break
            future = self._submit_batch(batch)
            self._pending_batches[future] = batch
            future.add_done_callback(self._finished_futures.put)
        return bool(self._pending_batches)

    def _submit_batch(self, batch: FileBatch) -> _DaskFuture:
        try:
            return self._client.submit(read_batch, batch, self._worker_reader, pure=False)
        except Exception as error:  # a lost connection raises many exceptions
            raise InputError(
                _format_connection_lost(self._scheduler),
                code="cluster-unusable",
            ) from error

    def _has_capacity(self) -> bool:
        """Whether another batch may be sent now."""
        bytes_in_flight = sum(batch.size for batch in self._pending_batches.values())
        return not self._pending_batches or (
            len(self._pending_batches) < _BATCHES_PER_THREAD * self._thread_count
            and bytes_in_flight < _MAX_BYTES_IN_FLIGHT
        )

    def _wait_for_batch(self) -> tuple[FileBatch, list[FileContent] | None]:
        """Wait for any batch; return it with its results, None where it was not read."""
        while True:
            self._poll_workers()
            try:
                future = self._finished_futures.get(timeout=_POLL_INTERVAL)
            except Empty:
                continue
            if future.status == "cancelled":
                raise InputError(
                    _format_connection_lost(self._scheduler),
                    code="cluster-unusable",
                )
            try:
                batch_reads = self._load_result(future)
            except TimeoutError:
                # Its worker has died before the transfer; distributed reads it again.
                self._finished_futures.put(future)
                continue
            return self._pending_batches.pop(future), batch_reads

    def _load_result(self, future: _DaskFuture) -> Any:
        """Return the results of a batch, None where it failed. Raises TimeoutError."""
        if future.status == "error":
            error = future.exception()
            if isinstance(error, VersionMismatchError):
                raise InputError(
                    _format_version_mismatch(self._scheduler, describe_differences(error.args[0])),
                    code="cluster-unusable",
                )
            return None
        try:
            return pickle.loads(future.result(timeout=_GATHER_TIMEOUT))  # noqa: S301  ours
        except TimeoutError:
            raise
        except Exception as error:
            if future.status == "error":
                return None
            raise InputError(
                _format_connection_lost(self._scheduler),
                code="cluster-unusable",
            ) from error

    def _poll_workers(self) -> None:
        """Count the threads of the workers; raise InputError when there are none for long."""
        now = monotonic()
        if now < self._next_poll:
            return
        self._next_poll = now + _POLL_INTERVAL
        try:
            self._thread_count = sum(self._client.nthreads().values())
        except Exception as error:
            raise InputError(
                _format_connection_lost(self._scheduler),
                code="cluster-unusable",
            ) from error
        if self._thread_count:
            self._workers_seen_at = now
        elif now - self._workers_seen_at > _NO_WORKER_TIMEOUT:
            raise InputError(
                _format_no_workers(self._scheduler),
                code="cluster-unusable",
            )

    def _read_locally(self, sources: Sequence[FileSource]) -> Mapping[str, FileContent]:
        """Read on this machine what cannot be sent, or failed on the cluster."""
        if not sources:
            return {}
        with (
            make_temporary_folder() as folder,
            open_worker_pool(self._config) as pool,
        ):
            local_sources = [
                replace(source, path=Path(folder, str(number))) if source.url else source
                for number, source in enumerate(sources)
            ]
            file_reads = list(read_sources(pool, local_sources))
        return {file_read.report.name: file_read for file_read in file_reads}


# --- the subprocess of a Dask worker ---
#
# The worker and its subprocess exchange pickles through two pipes: first the
# configuration, then (number, sources) there and (number, results) back. The subprocess
# ends when the worker's end of the pipe is closed.

# Seconds to fetch a file from a URL, which may be large, and to stop the readers.
_FETCH_TIMEOUT = 300.0
_STOP_TIMEOUT = 10.0
# Not ``-m module``: every process that the subprocess starts would import it again.
_SUBPROCESS_CODE = "from ledgerbook.intake.dask_backend import main; main()"


class SubprocessLostError(Exception):
    """The subprocess ended before it had read the files."""


class WorkerSubprocess:
    """The Dask worker's side of its subprocess, which ends when this object is deleted."""

    def __init__(self, config: WorkerConfig) -> None:
        self._process = subprocess.Popen(  # noqa: S603  our own program
            [sys.executable, "-P", "-c", _SUBPROCESS_CODE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # An interrupt from the keyboard goes to the worker only, which then ends.
            start_new_session=True,
            # The subprocess can import what this process can.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self._seconds_per_file = config.limits.seconds
        self._pending = _PendingRequests()
        # The thread must not refer to ``self``: that would keep it alive for ever.
        Thread(target=_receive_results, args=(self._process, self._pending), daemon=True).start()
        weakref.finalize(self, _close_stdin, self._process)
        with suppress(OSError):
            self._send_message(config)

    def read_pickled(self, sources: Sequence[FileSource]) -> bytes:
        """Read files; return their results as one pickle. Raises SubprocessLostError."""
        with self._pending.lock:
            if self._pending.is_closed:
                raise SubprocessLostError
            request_number = next(self._pending.request_numbers)
            future = self._pending.futures[request_number] = Future()
            try:
                self._send_message((request_number, tuple(sources)))
            except OSError as error:
                raise SubprocessLostError from error
        try:
            # The readers have limits of their own; this one is for a subprocess that hangs.
            return future.result(_FETCH_TIMEOUT + len(sources) * self._seconds_per_file)
        except TimeoutError as error:
            self._process.kill()
            raise SubprocessLostError from error

    def _send_message(self, message: object) -> None:
        pipe = _require_pipe(self._process.stdin)
        pickle.dump(message, pipe)
        pipe.flush()


@dataclass(slots=True)
class _PendingRequests:
    """Futures of the requests that have no response yet, by number."""

    lock: Lock = field(default_factory=Lock)
    request_numbers: Iterator[int] = field(default_factory=count)
    futures: dict[int, Future[bytes]] = field(default_factory=dict)
    is_closed: bool = False


def _receive_results(process: subprocess.Popen[bytes], pending: _PendingRequests) -> None:
    """Set the results of the pending requests until the subprocess ends."""
    pipe = _require_pipe(process.stdout)
    # A subprocess that is killed may leave half a pickle in the pipe.
    with suppress(Exception):
        while True:
            request_number, pickled_reads = pickle.load(pipe)  # noqa: S301  from our own program
            pending.futures.pop(request_number).set_result(pickled_reads)
    with pending.lock:
        pending.is_closed = True
    for future in pending.futures.values():
        future.set_exception(SubprocessLostError())
    pipe.close()
    process.kill()
    process.wait()


def _close_stdin(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        _require_pipe(process.stdin).close()


def _require_pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("the subprocess was started without pipes")
    return pipe


def read_sources(pool: WorkerPool, sources: Sequence[FileSource]) -> Iterator[FileContent]:
    """Read files in their order; fetch those at a URL first, in worker processes too."""
    fetch_futures = {
        source.origin: pool.submit(fetch_file, source, _FETCH_TIMEOUT)
        for source in sources
        if source.url
    }
    fetch_results = {origin: _await_fetch(future) for origin, future in fetch_futures.items()}
    refusals = [_refuse_unfetched(source, fetch_results) for source in sources]
    readable_sources = [
        source for source, refusal in zip(sources, refusals, strict=True) if refusal is None
    ]
    file_reads = iter(pool.read_files(readable_sources))
    for refusal in refusals:
        yield refusal or next(file_reads)


def _await_fetch(future: Future[FetchResult]) -> FetchResult:
    """Return the result of a fetch; a failure of any kind is a result too."""
    try:
        return future.result()
    except TimeoutError:
        return FetchResult(failure="超过时间仍没有从网址取完")
    except Exception as error:  # noqa: BLE001  whatever is raised is one problem
        return FetchResult(failure=f"从网址取不到：{type(error).__name__}")


def _refuse_unfetched(
    source: FileSource, fetch_results: dict[FileOrigin, FetchResult]
) -> FileContent | None:
    """Return the result for a file that was not fetched; None if it was."""
    fetch_result = fetch_results.get(source.origin, FetchResult())
    if fetch_result.is_link:
        return refuse_link(source.name)
    if fetch_result.failure:
        return refuse_unreadable(source.name, fetch_result.failure)
    if fetch_result.size:
        report = FileReport(source.name, fetch_result.size, "", FileStatus.REJECTED)
        return refuse_too_large(report, fetch_result.head)
    return None


def main() -> None:
    """Run the subprocess: answer requests from standard input until it is closed."""
    requests, responses = _claim_pipes()
    config: WorkerConfig = pickle.load(requests)  # noqa: S301  from the worker that started us
    lock = Lock()

    def respond(pool: WorkerPool, request_number: int, sources: Sequence[FileSource]) -> None:
        pickled_reads = pickle.dumps(list(read_sources(pool, sources)))
        with lock:
            pickle.dump((request_number, pickled_reads), responses)
            responses.flush()

    with open_worker_pool(config) as pool:
        executor = ThreadPoolExecutor(config.limits.processes)
        with suppress(EOFError):
            while True:
                request_number, sources = pickle.load(requests)  # noqa: S301  likewise
                executor.submit(respond, pool, request_number, sources)
        # Requests that are still pending never end once the pool is stopped, and nobody
        # waits for them: exit without joining their threads.
        stop_thread = Thread(target=pool.stop, daemon=True)
        stop_thread.start()
        stop_thread.join(_STOP_TIMEOUT)
        os._exit(0)


def _claim_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Return standard input and output, and detach them from the processes we start.

    A child process that inherited a pipe could keep it open after our end.
    """
    requests, responses = os.dup(0), os.dup(1)
    devnull = os.open(os.devnull, os.O_RDWR)
    os.dup2(devnull, 0)
    os.dup2(devnull, 1)
    return os.fdopen(requests, "rb"), os.fdopen(responses, "wb")


# --- what runs on a Dask worker ---


class VersionMismatchError(Exception):
    """A worker runs another program than the client; the argument is its versions."""


class DaskWorkerReader:
    """The configuration of a run on a Dask worker, and the worker's subprocess for it.

    The cluster keeps it as long as the client refers to its future. When it is sent to
    another worker, only the configuration is pickled: each has a subprocess of its own.
    """

    def __init__(self, config: WorkerConfig, client_versions: Mapping[str, str]) -> None:
        self._config = config
        self._client_versions = client_versions
        self._lock = Lock()
        self._subprocess: WorkerSubprocess | None = None

    def __reduce__(self) -> Any:
        return DaskWorkerReader, (self._config, self._client_versions)

    def read_pickled(self, batch: FileBatch, folder: str, processes: int) -> bytes:
        """Write the files of a batch below ``folder``, read them, return the pickled results.

        Raises VersionMismatchError, and SubprocessLostError when the subprocess ends twice.
        """
        if self._client_versions != get_program_versions():
            raise VersionMismatchError(dict(get_program_versions()))
        with make_temporary_folder(Path(folder)) as temporary_folder:
            sources: list[FileSource] = []
            for number, packet in enumerate(batch.packets):
                path = Path(temporary_folder, str(number))
                if not packet.sources[0].url:
                    path.write_bytes(packet.data)
                sources += [replace(source, path=path) for source in packet.sources]
            reader_process = self._ensure_subprocess(processes, None)
            try:
                return reader_process.read_pickled(sources)
            except SubprocessLostError:
                return self._ensure_subprocess(processes, reader_process).read_pickled(sources)

    def _ensure_subprocess(
        self, processes: int, lost_subprocess: WorkerSubprocess | None
    ) -> WorkerSubprocess:
        """Return the subprocess; start one when there is none but ``lost_subprocess``."""
        with self._lock:
            if self._subprocess is None or self._subprocess is lost_subprocess:
                limits = replace(self._config.limits, processes=processes)
                self._subprocess = WorkerSubprocess(replace(self._config, limits=limits))
            return self._subprocess


def read_batch(batch: FileBatch, worker_reader: DaskWorkerReader) -> bytes:
    """Read a batch on the worker that calls this; the task that the client submits.

    The results stay pickled: distributed would serialize a list object by object.
    """
    from distributed import get_worker

    worker = get_worker()
    return worker_reader.read_pickled(batch, worker.local_directory, worker.state.nthreads)


# --- batches of files ---

# Most files and bytes in a batch; a batch of one file may have more bytes.
MAX_BATCH_FILES = 16
MAX_BATCH_BYTES = 8 * 2**20
# Members of one archive that are read in one task.
_MEMBERS_PER_PACKET = 100


@dataclass(frozen=True, slots=True)
class FilePacket:
    """One file on disk, with its bytes unless it has a URL, and its members to read."""

    sources: tuple[FileSource, ...]
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class FileBatch:
    """The files that are sent to a worker in one task."""

    packets: tuple[FilePacket, ...]

    @property
    def sources(self) -> list[FileSource]:
        return [source for packet in self.packets for source in packet.sources]

    @property
    def size(self) -> int:
        return sum(len(packet.data) for packet in self.packets)

    def split_packets(self) -> list[FileBatch]:
        """Return a batch for each file."""
        return [FileBatch((packet,)) for packet in self.packets]


def make_packets(
    sources: Sequence[FileSource], unsendable: list[FileSource]
) -> Iterator[FilePacket]:
    """Yield a packet for each file; add to ``unsendable`` those that cannot be sent.

    A file is read only when its packet is requested.
    """
    for _, group in groupby(sources, key=lambda source: source.origin):
        origin_sources = list(group)
        for start in range(0, len(origin_sources), _MEMBERS_PER_PACKET):
            packet_sources = tuple(origin_sources[start : start + _MEMBERS_PER_PACKET])
            if packet_sources[0].url:
                yield FilePacket(packet_sources)
            elif (data := _read_bytes(packet_sources[0])) is None:
                unsendable += packet_sources
            else:
                yield FilePacket(packet_sources, data)


def _read_bytes(source: FileSource) -> bytes | None:
    """Return the bytes of a file; None if it is too large, no file, or unreadable."""
    try:
        file_stat = source.path.lstat()
        if not stat.S_ISREG(file_stat.st_mode) or file_stat.st_size > MAX_FILE_SIZE:
            return None
        return source.path.read_bytes()
    except OSError:
        return None


def make_batches(file_packets: Iterable[FilePacket], max_files: int) -> Iterator[FileBatch]:
    """Yield batches of at most ``max_files`` files or about ``MAX_BATCH_BYTES`` bytes."""
    packets: list[FilePacket] = []
    for packet in file_packets:
        packets.append(packet)
        batch = FileBatch(tuple(packets))
        if len(batch.sources) >= max_files or batch.size >= MAX_BATCH_BYTES:
            yield batch
            packets = []
    if packets:
        yield FileBatch(tuple(packets))


# --- program versions ---
#
# Machines with the same versions read a file alike.

# Libraries that read returns, or decide how objects are sent between machines.
_LIBRARIES = (
    "distributed",
    "msoffcrypto-tool",
    "olefile",
    "python-calamine",
    "xlrd",
)


@cache
def get_program_versions() -> Mapping[str, str]:
    """Return name → version of Python, libraries and our program with a hash of its code."""
    digest = hashlib.sha256()
    root = Path(__file__).parents[1]
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    return {
        "ledgerbook": f"{_get_version('ledgerbook')}+{digest.hexdigest()[:8]}",
        "Python": ".".join(platform.python_version_tuple()[:2]),
        **{name: _get_version(name) for name in _LIBRARIES},
    }


def _get_version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "?"


def describe_differences(remote_versions: Mapping[str, str]) -> str:
    """Say in Chinese how another machine's versions differ from ours; blank if equal."""
    return "、".join(
        f"{name} 本机是 {version}，那里是 {remote_versions.get(name, '没有')}"
        for name, version in get_program_versions().items()
        if remote_versions.get(name) != version
    )
