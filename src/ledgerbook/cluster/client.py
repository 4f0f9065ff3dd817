"""The files of a run handed to a cluster's workers, and what they gave put in order."""

from __future__ import annotations

import logging
import pickle
import tempfile
import warnings
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from queue import Empty, Queue
from time import monotonic
from typing import TYPE_CHECKING, Any

from ledgerbook.cluster.outpost import read_all
from ledgerbook.cluster.packing import FILES, Batch, batches, packets
from ledgerbook.cluster.program import differences, program
from ledgerbook.cluster.urls import MISSING
from ledgerbook.disk.folder import Url
from ledgerbook.errors import InputError
from ledgerbook.model import Book
from ledgerbook.receiving.reading import Source, Terms, read_file
from ledgerbook.receiving.workers import Brief, Limits, Reader, in_waves, reading
from ledgerbook.returns.reads import FileRead
from ledgerbook.workshop import Progress, silent

if TYPE_CHECKING:
    from distributed import Client

_LOG = logging.getLogger(__name__)

# distributed does not say what its futures are of.
_Future = Any

# Seconds: for a first answer; between two looks at the cluster; without any worker;
# for what a worker has read to come over.
_CONNECTING, _LOOK, _DESERTED, _GATHERING = 10, 2.0, 60.0, 30
# So many batches a thread, and bytes in all, are on their way at once.
_AHEAD, _ON_THEIR_WAY = 3, 256 * 2**20

_OR_HERE = "也可以去掉 --scheduler，在本机汇总。"


def read_files(  # noqa: PLR0913  as the other one, and where
    files: Mapping[str, Path | Url],
    book: Book | None,
    as_of: date,
    *,
    scheduler: str,
    passwords: Sequence[str] = (),
    limits: Limits | None = None,
    reader: Reader = read_file,
    told: Progress = silent,
) -> list[FileRead]:
    """Read every file on a cluster as ``workers.read_files`` does on this machine.

    Files of this machine are sent to the workers; those at a URL they fetch. Raises
    InputError when the cluster cannot be used, or is lost on the way.
    """
    if not files:
        return []
    brief = Brief(reader, Terms(book, as_of, tuple(passwords)), limits or Limits())
    sources = [_source(name, where) for name, where in files.items()]
    with _connected(scheduler) as client:
        fleet = _Fleet(client, scheduler, brief)
        return in_waves(fleet.read, sources, told)


def _source(name: str, where: Path | Url) -> Source:
    if isinstance(where, Url):
        return Source(name, Path(), url=where.text)
    return Source(name, where)


@contextmanager
def _connected(scheduler: str) -> Iterator[Client]:
    """Give a client of a cluster that runs the program we run. Raises InputError."""
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(MISSING) from error
    with _quiet():
        try:
            client = Client(scheduler, timeout=_CONNECTING, set_as_default=False)
        except Exception as error:  # what is no scheduler may answer anything
            raise InputError(
                f"连不上集群“{scheduler}”（{type(error).__name__}）。"
                f"请核对地址，看调度程序是否已经启动；{_OR_HERE}"
            ) from error
        with client:
            _agreed(client, scheduler)
            yield client


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep distributed from talking English to a clerk: we say what matters."""
    loggers = [
        logging.getLogger(name)
        for name in logging.root.manager.loggerDict
        if name.split(".")[0] == "distributed"
    ]
    levels = [one.level for one in loggers]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="distributed")
        for one in loggers:
            one.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            for one, level in zip(loggers, levels, strict=True):
                one.setLevel(level)


def _agreed(client: Client, scheduler: str) -> None:
    """See to it that every machine reads a file as this one would."""
    try:
        client.wait_for_workers(1, timeout=_CONNECTING)
    except TimeoutError as error:
        raise InputError(_deserted(scheduler)) from error
    try:
        there = [client.run_on_scheduler(program), *client.run(program).values()]
    except Exception as error:  # where ours is missing, anything may be raised
        raise InputError(_other(scheduler, type(error).__name__)) from error
    for one in there:
        if odd := differences(one):
            raise InputError(_other(scheduler, odd))


def _other(scheduler: str, odd: str) -> str:
    return (
        f"集群“{scheduler}”上的程序与本机的不一样（{odd}），结果可能不一致，没有汇总。"
        f"请维护人员在调度程序和各计算节点上装好与本机相同的版本；{_OR_HERE}"
    )


def _deserted(scheduler: str) -> str:
    return (
        f"集群“{scheduler}”上没有能用的计算节点（worker），没有汇总。"
        f"请维护人员先启动计算节点；{_OR_HERE}"
    )


def _broken(scheduler: str) -> str:
    return (
        f"与集群“{scheduler}”的连接中途断了，没有读完，没有写任何文件。"
        f"请集群恢复后再汇总一次；{_OR_HERE}"
    )


class _Fleet:
    """Keeps the workers busy, never with more on its way than memory should hold."""

    def __init__(self, client: Client, scheduler: str, brief: Brief) -> None:
        from ledgerbook.cluster.station import Station

        self._client = client
        self._scheduler = scheduler
        self._brief = brief
        # The result of a task, not data that is sent: should the workers that hold
        # it die, others make it again.
        self._station = client.submit(Station, brief, program(), pure=False)
        self._done: Queue[_Future] = Queue()
        self._sent: dict[_Future, Batch] = {}
        self._threads = sum(client.nthreads().values())
        self._seen = monotonic()
        self._look = self._seen + _LOOK

    def read(self, sources: Sequence[Source]) -> list[FileRead]:
        """Read files on the workers, and here what they cannot; in their order."""
        reads: dict[str, FileRead] = {}
        here: list[Source] = []
        share = len(sources) // (_AHEAD * max(1, self._threads))
        files = max(1, min(FILES, share))
        waiting = batches(packets(sources, here), files)
        failed: deque[Batch] = deque()
        unread = 0
        while self._send(failed, waiting):
            batch, given = self._arrived()
            if given is not None:
                pairs = zip(batch.sources, given, strict=True)
                reads |= {source.name: read for source, read in pairs}
            elif len(batch.packets) > 1:
                failed += batch.apart()
            else:
                unread += len(batch.sources)
                here += batch.sources
        if unread:
            _LOG.warning(
                "提示：有 %d 个文件在集群上没有读成，改在本机读取，结果不变。", unread
            )
        reads |= self._at_home(here)
        return [reads[source.name] for source in sources]

    def _send(self, failed: deque[Batch], waiting: Iterator[Batch]) -> bool:
        """Send as much as there is room for; return whether anything is out."""
        while self._has_room():
            batch = failed.popleft() if failed else next(waiting, None)
            if batch is None:
                break
            future = self._submitted(batch)
            self._sent[future] = batch
            future.add_done_callback(self._done.put)
        return bool(self._sent)

    def _submitted(self, batch: Batch) -> _Future:
        from ledgerbook.cluster.station import read_batch

        try:
            return self._client.submit(read_batch, batch, self._station, pure=False)
        except Exception as error:  # the client notices in many ways that it is alone
            raise InputError(_broken(self._scheduler)) from error

    def _has_room(self) -> bool:
        out = sum(batch.size for batch in self._sent.values())
        return not self._sent or (
            len(self._sent) < _AHEAD * self._threads and out < _ON_THEIR_WAY
        )

    def _arrived(self) -> tuple[Batch, list[FileRead] | None]:
        """Wait for a batch; None stands for what it gave where it was not read."""
        while True:
            self._look_around()
            try:
                future = self._done.get(timeout=_LOOK)
            except Empty:
                continue
            if future.status == "cancelled":
                raise InputError(_broken(self._scheduler))
            try:
                given = self._given(future)
            except TimeoutError:
                # Its worker has died before it was asked: it is read once more.
                self._done.put(future)
                continue
            return self._sent.pop(future), given

    def _given(self, future: _Future) -> Any:
        """Take what came back. Raises TimeoutError when it is gone for now."""
        from ledgerbook.cluster.station import OtherProgramError

        if future.status == "error":
            error = future.exception()
            if isinstance(error, OtherProgramError):
                raise InputError(_other(self._scheduler, differences(error.args[0])))
            return None
        try:
            return pickle.loads(future.result(timeout=_GATHERING))  # noqa: S301  ours
        except TimeoutError:
            raise
        except Exception as error:
            if future.status == "error":
                return None
            raise InputError(_broken(self._scheduler)) from error

    def _look_around(self) -> None:
        """Count the workers now and then; with none for long, waiting is in vain."""
        now = monotonic()
        if now < self._look:
            return
        self._look = now + _LOOK
        try:
            self._threads = sum(self._client.nthreads().values())
        except Exception as error:
            raise InputError(_broken(self._scheduler)) from error
        if self._threads:
            self._seen = now
        elif now - self._seen > _DESERTED:
            raise InputError(_deserted(self._scheduler))

    def _at_home(self, sources: Sequence[Source]) -> Mapping[str, FileRead]:
        """Read here what is too large to be sent, or was not read on the cluster."""
        if not sources:
            return {}
        with tempfile.TemporaryDirectory() as folder, reading(self._brief) as crew:
            own = [
                replace(one, path=Path(folder, str(n))) if one.url else one
                for n, one in enumerate(sources)
            ]
            reads = list(read_all(crew, own))
        return {read.report.name: read for read in reads}
