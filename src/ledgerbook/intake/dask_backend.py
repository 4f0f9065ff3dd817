"""Read the files of a run on the workers of a Dask cluster.

The client, ``ledgerbook collect --scheduler …`` on the office's machine, sends the files in
batches (:func:`read_files`). A Dask worker writes those of a batch to its disk and reads
them in the limited processes of :mod:`~ledgerbook.intake.worker_pool`
(:class:`RemoteReader`); the results come back as plain data. Whatever the cluster does not
read, for whatever reason, is read on the office's machine.

The workers get the book without its key (:meth:`IssuedRows.withhold_key`). With
:mod:`~ledgerbook.intake.urls` this is the only module that knows dask, distributed and
fsspec, which are installed on demand: ``pip install .[cluster]``.
"""

from __future__ import annotations

import hashlib
import logging
import multiprocessing
import platform
import stat
import warnings
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from importlib import metadata
from ipaddress import ip_address
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from ledgerbook.errors import InputError, name_option
from ledgerbook.intake import plain_data
from ledgerbook.intake.file_check import MAX_FILE_SIZE
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import ArchiveRead, FileOrigin, FileSource, ReadContext, read_file
from ledgerbook.intake.row_matching import IssuedRows
from ledgerbook.intake.urls import CLUSTER_EXTRA_MISSING, read_url
from ledgerbook.intake.worker_pool import (
    FileReader,
    ReadLimits,
    WorkerConfig,
    WorkerPool,
    open_worker_pool,
    read_with_nested_files,
)
from ledgerbook.issue.baseline import verify_values
from ledgerbook.model import Book
from ledgerbook.parallel import ProgressCallback, no_progress
from ledgerbook.storage.folders import Url
from ledgerbook.temporary_folder import make_temporary_folder

if TYPE_CHECKING:
    from distributed import Client

_LOG = logging.getLogger(__name__)

# Seconds to connect, and to wait for a result before asking whether any worker is left.
_CONNECT_TIMEOUT = 10
_PATIENCE = 30
# How often Dask has a batch read again that has raised.
_RETRIES = 2
# Batches for each thread of the cluster, and bytes in all, that are sent and not yet read.
_BATCHES_PER_THREAD = 3
_MAX_BYTES_IN_FLIGHT = 256 * 2**20
# Most files and bytes in a batch. One file may have more bytes; and the members of one
# archive, which is sent with every batch of them, may be more.
MAX_BATCH_FILES = 16
MAX_BATCH_BYTES = 8 * 2**20
_MAX_BATCH_MEMBERS = 100

_LOCAL_FALLBACK_HINT = f"也可以去掉 {name_option('--scheduler', 'scheduler=')}，在本机汇总。"


def read_files(  # noqa: PLR0913  as worker_pool.read_files, and the scheduler
    files: Mapping[str, Path | Url],
    book: Book,
    as_of: date,
    *,
    scheduler: str,
    insecure_scheduler: bool = False,
    passwords: Sequence[str] = (),
    limits: ReadLimits | None = None,
    reader: FileReader = read_file,
    on_progress: ProgressCallback = no_progress,
) -> list[FileContent]:
    """Read every file on a cluster, as ``worker_pool.read_files`` does on this machine.

    Files of this machine are sent to the workers, unencrypted only to an
    ``insecure_scheduler``; files at a URL are fetched by them. Raises InputError when the
    cluster cannot be used from the beginning.
    """
    if not files:
        return []
    context = ReadContext(book, as_of, tuple(passwords))
    if any(isinstance(location, Url) for location in files.values()):
        reader = partial(read_url, reader)
    config = WorkerConfig(reader, context, limits or ReadLimits())
    sources = [
        # A copy gets the relative path in a temporary folder.
        FileSource(name, Path(f"copy{number}"), url=location.text)
        if isinstance(location, Url)
        else FileSource(name, location.absolute())
        for number, (name, location) in enumerate(files.items())
    ]
    with _connect_client(scheduler, may_be_insecure=insecure_scheduler) as client:
        issued_rows = IssuedRows.from_book(book).withhold_key()
        keyless = replace(context, book=issued_rows.book, issued_rows=issued_rows)
        # Submitted as a task, not scattered as data: when the workers that have it die,
        # others compute it again.
        remote_reader = client.submit(
            RemoteReader, replace(config, context=keyless), describe_program(), pure=False
        )

        def read_many(wave: Sequence[FileSource]) -> list[FileContent]:
            contents = _read_on_workers(client, remote_reader, wave, book)
            rest = [source for source in wave if source.name not in contents]
            contents |= {content.report.name: content for content in _read_here(rest, config)}
            return [contents[source.name] for source in wave]

        return read_with_nested_files(read_many, sources, on_progress)


# --- the connection ---


@contextmanager
def _connect_client(scheduler: str, *, may_be_insecure: bool) -> Iterator[Client]:
    """Connect to a cluster that can read our files. Raises InputError."""
    try:
        import dask

        # Our messages say in Chinese what Dask logs in English.
        dask.config.set({"logging": {"distributed": "critical", "distributed.client": "critical"}})
        from distributed import Client
    except ImportError as error:
        raise InputError(
            CLUSTER_EXTRA_MISSING, code="component-missing", values={"component": "distributed"}
        ) from error

    class ClosedClient(Client):  # type: ignore[misc]
        """A client that ends where there is no scheduler, and without a complaint at exit."""

        def start(self, **options: Any) -> None:
            # Where somebody listens and never answers, Dask would wait for ever.
            super().start(callback_timeout=2 * _CONNECT_TIMEOUT, **options)

        def __del__(self) -> None:
            pass

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="distributed")
        try:
            if not may_be_insecure:
                _require_encryption([scheduler])
            _require_certificates(scheduler)
            client = ClosedClient(scheduler, timeout=_CONNECT_TIMEOUT, set_as_default=False)
        except InputError:
            raise
        except Exception as error:  # an address that is no scheduler may answer anything
            raise _make_error(
                f"连不上集群“{scheduler}”（{type(error).__name__}）。"
                "请核对地址（tls:// 的还有证书），看调度程序是否已经启动"
            ) from error
        with client, client.as_current():  # for what takes no client, such as ``wait``
            _check_workers(client, scheduler)
            if not may_be_insecure:
                _require_encryption(list(client.nthreads()))
            yield client


def _make_error(message: str) -> InputError:
    return InputError(f"{message}；{_LOCAL_FALLBACK_HINT}", code="cluster-unusable")


def _require_encryption(addresses: Sequence[str]) -> None:
    """Raise InputError for an address to which returns would travel unencrypted.

    Raises ValueError or OSError for one that Dask does not understand.
    """
    from distributed.comm.addressing import get_address_host, parse_address, resolve_address

    for address in addresses:
        host = get_address_host(resolve_address(address))
        if parse_address(address)[0] not in ("tls", "inproc") and not ip_address(host).is_loopback:
            option = name_option("--insecure-scheduler", "insecure_scheduler=True")
            raise InputError(
                f"到集群的“{address}”没有加密，报送表和密码会被网上的人看到，没有汇总。"
                "请给您装本工具的人给集群配上证书，换成 tls:// 开头的地址；"
                f"外人进不来的网络，可以加上 {option}；{_LOCAL_FALLBACK_HINT}",
                code="cluster-insecure",
                values={"address": address},
            )


def _require_certificates(scheduler: str) -> None:
    """Raise InputError for a ``tls://`` scheduler unless Dask is configured with certificates."""
    from distributed.security import Security

    if not scheduler.startswith("tls://"):
        return
    try:
        context = Security().get_connection_args("client")["ssl_context"]
        fault = "" if context else "没有给出证书"
    except (OSError, ValueError) as error:
        fault = f"证书用不了，{type(error).__name__}"
    if fault:
        raise _make_error(
            f"连不上集群“{scheduler}”（{fault}）。加密的集群凭证书连接。"
            "请给您装本工具的人设好环境变量 DASK_DISTRIBUTED__COMM__TLS__CA_FILE，"
            "以及 DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT 和 …CLIENT__KEY"
        )


def _check_workers(client: Client, scheduler: str) -> None:
    """Raise InputError unless there are workers, and all read files as we do."""
    try:
        client.wait_for_workers(1, timeout=_CONNECT_TIMEOUT)
    except TimeoutError as error:
        raise _make_error(
            f"集群“{scheduler}”上没有能用的计算节点（worker），没有汇总。"
            "请给您装本工具的人先启动计算节点"
        ) from error
    ours, difference = describe_program(), ""
    try:
        programs = [client.run_on_scheduler(describe_program)]
        programs += client.run(describe_program).values()
        has_daemons = any(client.run(_is_daemon).values())
        difference = next((f"本机是 {ours}，那里是 {it}" for it in programs if it != ours), "")
    except Exception as error:  # noqa: BLE001  where ours is missing, anything may be raised
        difference = type(error).__name__
    if difference:
        raise _make_error(
            f"集群“{scheduler}”上的程序与本机的不一样（{difference}），结果可能不一致，没有汇总。"
            "请给您装本工具的人在调度程序和各计算节点上装好与本机相同的版本"
        )
    if has_daemons:
        raise _make_error(
            f"集群“{scheduler}”的计算节点不能启动读表的程序，没有汇总。"
            "请给您装本工具的人启动计算节点时加上 --no-nanny，"
            "或者先设好环境变量 DASK_DISTRIBUTED__WORKER__DAEMON=False"
        )


def _is_daemon() -> bool:
    """Return whether this process may have no children, as a worker below a nanny may not."""
    return multiprocessing.current_process().daemon


@cache
def describe_program() -> str:
    """Return what decides how files are read: versions, and a hash of our own code."""
    digest = hashlib.sha256()
    root = Path(__file__).parents[1]
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    libraries = (
        "ledgerbook",
        "distributed",
        "msoffcrypto-tool",
        "olefile",
        "python-calamine",
        "xlrd",
    )
    versions = {
        "代码": digest.hexdigest()[:8],
        "Python": ".".join(platform.python_version_tuple()[:2]),
        **{name: metadata.version(name) for name in libraries},
    }
    return "、".join(f"{name} {version}" for name, version in versions.items())


# --- the client ---


@dataclass(frozen=True, slots=True)
class FileBatch:
    """The files that are sent to a worker in one task, and the bytes of those on our disk."""

    sources: tuple[FileSource, ...]
    data: Mapping[FileOrigin, bytes]

    @property
    def size(self) -> int:
        return sum(map(len, self.data.values()))


def _read_on_workers(
    client: Client, remote_reader: Any, sources: Sequence[FileSource], book: Book
) -> dict[str, FileContent]:
    """Return by name what the workers have read, which may not be all."""
    contents: dict[str, FileContent] = {}
    try:
        for batch, data in _run_batches(client, remote_reader, sources):
            contents |= {
                content.report.name: content for content in _accept_results(batch, data, book)
            }
    except Exception as error:  # noqa: BLE001  a lost connection raises many exceptions
        _LOG.debug("the cluster was lost", exc_info=error)
    if missing := len(sources) - len(contents):
        _LOG.warning("提示：有 %d 个文件在集群上没有读成，改在本机读取，结果不变。", missing)
    return contents


def _run_batches(
    client: Client, remote_reader: Any, sources: Sequence[FileSource]
) -> Iterator[tuple[FileBatch, bytes]]:
    """Yield each batch with its results, in any order, so long as there are workers.

    So many are sent at once that all threads are busy and memory suffices.
    """
    from distributed import wait

    fair_share = len(sources) // (_BATCHES_PER_THREAD * max(1, sum(client.nthreads().values())))
    batches = make_batches(sources, max(1, min(MAX_BATCH_FILES, fair_share)))
    pending: dict[Any, FileBatch] = {}
    while thread_count := sum(client.nthreads().values()):
        while (
            len(pending) < _BATCHES_PER_THREAD * thread_count
            and sum(batch.size for batch in pending.values()) < _MAX_BYTES_IN_FLIGHT
            and (batch := next(batches, None))
        ):
            future = client.submit(read_batch, batch, remote_reader, pure=False, retries=_RETRIES)
            pending[future] = batch
        if not pending:
            return
        with suppress(TimeoutError):  # then it is a long file, or was lost with its worker
            for future in wait(list(pending), _PATIENCE, "FIRST_COMPLETED").done:
                data = future.result(_PATIENCE) if future.status == "finished" else b""
                yield pending.pop(future), data


def _accept_results(batch: FileBatch, data: bytes, book: Book) -> Iterator[FileContent]:
    """Yield the results of a batch that can be relied on."""
    try:
        contents = plain_data.decode(tuple[FileContent | ArchiveRead, ...], data)
    except ValueError:
        return
    for source, content in zip(batch.sources, contents, strict=True):
        issued = content.issued and verify_values(content.issued, book)
        is_forged = content.issued is not None and issued is None
        # A fault may be one of the worker's machine, or due to the key that it has not.
        if content.report.name == source.name and not content.report.fault and not is_forged:
            yield replace(content, issued=issued)


def _read_here(sources: Sequence[FileSource], config: WorkerConfig) -> list[FileContent]:
    """Read on this machine what cannot be sent, or failed on the cluster."""
    if not sources:
        return []
    with make_temporary_folder() as folder, open_worker_pool(config) as pool:
        placed = [replace(source, path=folder / source.path) for source in sources]
        return list(pool.read_files(placed))


def make_batches(sources: Sequence[FileSource], max_files: int) -> Iterator[FileBatch]:
    """Yield the files in batches, without those that cannot be sent.

    A file is read only when its batch is requested.
    """
    batched: list[FileSource] = []
    data: dict[FileOrigin, bytes] = {}
    for source in sources:
        is_full = len(batched) >= max_files or sum(map(len, data.values())) >= MAX_BATCH_BYTES
        is_next_file = not batched or source.origin != batched[-1].origin
        if batched and ((is_full and is_next_file) or len(batched) >= _MAX_BATCH_MEMBERS):
            yield FileBatch(tuple(batched), data)
            batched, data = [], {}
        if source.url or source.origin in data:
            batched.append(source)
        elif (file_bytes := _read_bytes(source.path)) is not None:
            data[source.origin] = file_bytes
            batched.append(source)
    if batched:
        yield FileBatch(tuple(batched), data)


def _read_bytes(path: Path) -> bytes | None:
    """Return the bytes of a file; None if it is too large, no file, or unreadable."""
    try:
        file_stat = path.lstat()
        if not stat.S_ISREG(file_stat.st_mode) or file_stat.st_size > MAX_FILE_SIZE:
            return None
        return path.read_bytes()
    except OSError:
        return None


# --- what runs on a Dask worker ---


class RemoteReader:
    """The configuration of a run on a Dask worker, and the worker's processes for it.

    The cluster keeps it as long as the client refers to its future. When it is sent to
    another worker, only the configuration is pickled: each has processes of its own.
    """

    def __init__(self, config: WorkerConfig, program: str) -> None:
        self._config = config
        self._program = program
        self._lock = Lock()
        self._pool: WorkerPool | None = None

    def __reduce__(self) -> Any:
        return RemoteReader, (self._config, self._program)

    def open_pool(self, processes: int) -> WorkerPool:
        """Return the worker's processes, which are stopped when this object is deleted.

        Raises RuntimeError on a worker that came late and runs another program.
        """
        if self._program != describe_program():
            raise RuntimeError(describe_program())
        with self._lock:
            if self._pool is None:
                limits = replace(self._config.limits, processes=processes)
                stack = ExitStack()
                self._pool = stack.enter_context(
                    open_worker_pool(replace(self._config, limits=limits))
                )
                # In a thread: this may be the one that talks with the scheduler.
                weakref.finalize(self, Thread(target=stack.close).start).atexit = False
            return self._pool


def read_batch(batch: FileBatch, remote_reader: RemoteReader) -> bytes:
    """Read a batch on the worker that calls this; the task that the client submits."""
    from distributed import get_worker

    worker = get_worker()
    pool = remote_reader.open_pool(worker.state.nthreads)
    with make_temporary_folder(Path(worker.local_directory)) as folder:
        paths = {origin: folder / f"sent{number}" for number, origin in enumerate(batch.data)}
        for origin, path in paths.items():
            path.write_bytes(batch.data[origin])
        placed = [
            replace(source, path=paths.get(source.origin, folder / source.path))
            for source in batch.sources
        ]
        return plain_data.encode(tuple(pool.read_files(placed)))
