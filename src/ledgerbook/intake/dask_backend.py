"""The files of a run handed to a cluster's workers, and what they gave put in order."""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import platform
import stat
import subprocess
import sys
import tempfile
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

from ledgerbook.errors import InputError
from ledgerbook.intake.file_check import LARGEST
from ledgerbook.intake.pipeline import (
    FileSource,
    Origin,
    ReadContext,
    read_file,
    too_large,
    unreadable,
)
from ledgerbook.intake.results import FileRead
from ledgerbook.intake.urls import MISSING, Fetched, fetch, find_urls
from ledgerbook.intake.worker_pool import (
    Reader,
    ReadLimits,
    WorkerConfig,
    WorkerPool,
    in_waves,
    reading,
)
from ledgerbook.model import Book
from ledgerbook.model.results import FileReport, FileStatus
from ledgerbook.parallel import Progress, silent
from ledgerbook.storage.folders import Url

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
    limits: ReadLimits | None = None,
    reader: Reader = read_file,
    told: Progress = silent,
) -> list[FileRead]:
    """Read every file on a cluster as ``workers.read_files`` does on this machine.

    Files of this machine are sent to the workers; those at a URL they fetch. Raises
    InputError when the cluster cannot be used, or is lost on the way.
    """
    if not files:
        return []
    brief = WorkerConfig(
        reader, ReadContext(book, as_of, tuple(passwords)), limits or ReadLimits()
    )
    sources = [_source(name, where) for name, where in files.items()]
    with _connected(scheduler) as client:
        fleet = _Fleet(client, scheduler, brief)
        return in_waves(fleet.read, sources, told)


def _source(name: str, where: Path | Url) -> FileSource:
    if isinstance(where, Url):
        return FileSource(name, Path(), url=where.text)
    return FileSource(name, where)


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

    def __init__(self, client: Client, scheduler: str, brief: WorkerConfig) -> None:

        self._client = client
        self._scheduler = scheduler
        self._brief = brief
        # The result of a task, not data that is sent: should the workers that hold
        # it die, others make it again.
        self._station = client.submit(DaskWorkerState, brief, program(), pure=False)
        self._done: Queue[_Future] = Queue()
        self._sent: dict[_Future, Batch] = {}
        self._threads = sum(client.nthreads().values())
        self._seen = monotonic()
        self._look = self._seen + _LOOK

    def read(self, sources: Sequence[FileSource]) -> list[FileRead]:
        """Read files on the workers, and here what they cannot; in their order."""
        reads: dict[str, FileRead] = {}
        here: list[FileSource] = []
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

    def _at_home(self, sources: Sequence[FileSource]) -> Mapping[str, FileRead]:
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


# A program that guards the reading beside a Dask worker, and ends when that does.
#
# Dask's workers are mostly daemonic processes, which may have no children. So each
# starts this one, no child of multiprocessing's, which has them instead. They talk in
# pickles through pipes; nobody else holds an end of these.

# A return is small, but a bureau's photographs may come over a slow line.
_FETCHING = 300.0
_ENDING = 10.0
# No module of its own is run: every process that it starts would import that again.
_PROGRAM = "from ledgerbook.intake.dask_backend import main; main()"


class WorkerLostError(Exception):
    """The outpost has ended before it gave its answer."""


class WorkerSubprocess:
    """A running outpost, seen from the worker; it ends when nobody holds this."""

    def __init__(self, brief: WorkerConfig) -> None:
        self._process = subprocess.Popen(  # noqa: S603  our own program
            [sys.executable, "-P", "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Interrupted from a keyboard, the worker ends, and this after it.
            start_new_session=True,
            # What this process can import, the other can.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        self._patience = 5 * brief.limits.seconds
        self._mail = _Mail()
        # Holding the pipes only: a thread that held this would keep it for ever.
        Thread(target=_listen, args=(self._process, self._mail), daemon=True).start()
        weakref.finalize(self, _hang_up, self._process)
        with suppress(OSError):
            self._send(brief)

    def read(self, sources: Sequence[FileSource]) -> bytes:
        """Return what the files gave, pickled still. Raises OutpostLostError."""
        with self._mail.lock:
            if self._mail.over:
                raise WorkerLostError
            number = next(self._mail.numbers)
            answer = self._mail.waiting[number] = Future()
            try:
                self._send((number, tuple(sources)))
            except OSError as error:
                raise WorkerLostError from error
        try:
            # Its readers have their limits; this is for what none of us has foreseen.
            return answer.result(_FETCHING + len(sources) * self._patience)
        except TimeoutError as error:
            self._process.kill()
            raise WorkerLostError from error

    def _send(self, what: object) -> None:
        pipe = _end(self._process.stdin)
        pickle.dump(what, pipe)
        pipe.flush()


@dataclass(slots=True)
class _Mail:
    """Answers that are still awaited, by number."""

    lock: Lock = field(default_factory=Lock)
    numbers: Iterator[int] = field(default_factory=count)
    waiting: dict[int, Future[bytes]] = field(default_factory=dict)
    over: bool = False


def _listen(process: subprocess.Popen[bytes], mail: _Mail) -> None:
    pipe = _end(process.stdout)
    # Whatever it sends that is no answer, it sends while it dies.
    with suppress(Exception):
        while True:
            number, given = pickle.load(pipe)  # noqa: S301  from our own program
            mail.waiting.pop(number).set_result(given)
    with mail.lock:
        mail.over = True
    for answer in mail.waiting.values():
        answer.set_exception(WorkerLostError())
    pipe.close()
    process.kill()
    process.wait()


def _hang_up(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError):
        _end(process.stdin).close()


def _end(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("the outpost was started without pipes")
    return pipe


def read_all(crew: WorkerPool, sources: Sequence[FileSource]) -> Iterator[FileRead]:
    """Read files in their order; what stands at a URL is fetched first, as guarded."""
    asked = {
        source.origin: crew.ask(fetch, source, _FETCHING)
        for source in sources
        if source.url
    }
    fetched = {origin: _fetched(future) for origin, future in asked.items()}
    refused = [_refused(source, fetched) for source in sources]
    good = [s for s, no in zip(sources, refused, strict=True) if no is None]
    reads = iter(crew.read(good))
    for no in refused:
        yield no or next(reads)


def _fetched(future: Future[Fetched]) -> Fetched:
    try:
        return future.result()
    except TimeoutError:
        return Fetched(lost="超过时间仍没有从网址取完")
    except Exception as error:  # noqa: BLE001  whatever is raised is one problem
        return Fetched(lost=f"从网址取不到：{type(error).__name__}")


def _refused(source: FileSource, fetched: dict[Origin, Fetched]) -> FileRead | None:
    one = fetched.get(source.origin, Fetched())
    if one.lost:
        return unreadable(source.name, one.lost)
    if one.size:
        report = FileReport(source.name, one.size, "", FileStatus.REJECTED)
        return too_large(report, one.head)
    return None


def main() -> None:
    """Read what is asked for, until nobody can ask any more."""
    asked, answers = _own_pipes()
    brief: WorkerConfig = pickle.load(asked)  # noqa: S301  from the worker that started us
    lock = Lock()

    def answer(crew: WorkerPool, number: int, sources: Sequence[FileSource]) -> None:
        given = pickle.dumps(list(read_all(crew, sources)))
        with lock:
            pickle.dump((number, given), answers)
            answers.flush()

    with reading(brief) as crew:
        threads = ThreadPoolExecutor(brief.limits.processes)
        with suppress(EOFError):
            while True:
                number, sources = pickle.load(asked)  # noqa: S301  likewise
                threads.submit(answer, crew, number, sources)
        # What was still asked for never ends once the pool is stopped, and nobody
        # waits for it: so whoever is at it is left behind.
        last = Thread(target=crew.stop, daemon=True)
        last.start()
        last.join(_ENDING)
        os._exit(0)


def _own_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Take the pipes for ourselves: a child that held one could keep it open."""
    asked, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return os.fdopen(asked, "rb"), os.fdopen(answers, "wb")


# What runs on a Dask worker: files that have come over the wire, and their reading.


class OtherProgramError(Exception):
    """A worker runs another program than the client; it says which."""


class DaskWorkerState:
    """The brief that a worker holds, and the outpost that it has for it.

    The cluster keeps it as long as the client that made it asks for files, and lets
    go of it then; sent from worker to worker, each makes its own.
    """

    def __init__(self, brief: WorkerConfig, clients: Mapping[str, str]) -> None:
        self._brief = brief
        self._clients = clients
        self._lock = Lock()
        self._outpost: WorkerSubprocess | None = None

    def __reduce__(self) -> Any:
        return DaskWorkerState, (self._brief, self._clients)

    def read(self, batch: Batch, folder: str, processes: int) -> bytes:
        """Lay the files of a batch down in ``folder``; return what they gave."""
        if self._clients != program():
            raise OtherProgramError(dict(program()))
        with tempfile.TemporaryDirectory(
            prefix="ledgerbook-", dir=folder, ignore_cleanup_errors=True
        ) as own:
            sources: list[FileSource] = []
            for number, packet in enumerate(batch.packets):
                path = Path(own, str(number))
                if not packet.sources[0].url:
                    path.write_bytes(packet.data)
                sources += [replace(one, path=path) for one in packet.sources]
            first = self._staffed(processes, None)
            try:
                return first.read(sources)
            except WorkerLostError:
                return self._staffed(processes, first).read(sources)

    def _staffed(
        self, processes: int, lost: WorkerSubprocess | None
    ) -> WorkerSubprocess:
        """Return the outpost, a new one when there is none but the ``lost`` one."""
        with self._lock:
            if self._outpost is None or self._outpost is lost:
                limits = replace(self._brief.limits, processes=processes)
                self._outpost = WorkerSubprocess(replace(self._brief, limits=limits))
            return self._outpost


def read_batch(batch: Batch, station: DaskWorkerState) -> bytes:
    """Read a batch on the worker that this runs on.

    What it gave stays pickled: distributed takes lists of many objects to pieces.
    """
    from distributed import get_worker

    worker = get_worker()
    return station.read(batch, worker.local_directory, worker.state.nthreads)


# Files made up into what is sent to a worker in one go.

# A batch is at most so many files, or bytes unless one file has more.
FILES, BYTES = 16, 8 * 2**20
# Of one archive so many files are read in one go.
_MEMBERS = 100


@dataclass(frozen=True, slots=True)
class Packet:
    """One file for a worker, its bytes unless it has a URL; and what to read of it."""

    sources: tuple[FileSource, ...]
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Batch:
    """What is sent in one go."""

    packets: tuple[Packet, ...]

    @property
    def sources(self) -> list[FileSource]:
        return [source for packet in self.packets for source in packet.sources]

    @property
    def size(self) -> int:
        return sum(len(packet.data) for packet in self.packets)

    def apart(self) -> list[Batch]:
        """Return each file as a batch of its own."""
        return [Batch((packet,)) for packet in self.packets]


def packets(sources: Sequence[FileSource], unfit: list[FileSource]) -> Iterator[Packet]:
    """Yield files as they are to be sent; add to ``unfit`` those that cannot be.

    A file is read when it is asked for, not before.
    """
    for _, group in groupby(sources, key=lambda source: source.origin):
        whole = list(group)
        for first in range(0, len(whole), _MEMBERS):
            own = tuple(whole[first : first + _MEMBERS])
            if own[0].url:
                yield Packet(own)
            elif (data := _bytes(own[0])) is None:
                unfit += own
            else:
                yield Packet(own, data)


def _bytes(source: FileSource) -> bytes | None:
    """Return what a file holds; None of one that is too large, or is no file."""
    try:
        state = source.path.stat()
        if not stat.S_ISREG(state.st_mode) or state.st_size > LARGEST:
            return None
        return source.path.read_bytes()
    except OSError:
        return None


def batches(packed: Iterable[Packet], files: int) -> Iterator[Batch]:
    """Put files together, at most ``files`` of them or as many as are not too large."""
    own: list[Packet] = []
    for packet in packed:
        own.append(packet)
        batch = Batch(tuple(own))
        if len(batch.sources) >= files or batch.size >= BYTES:
            yield batch
            own = []
    if own:
        yield Batch(tuple(own))


# What decides how a file is read: two machines that agree in it read it alike.

# What reads returns, and what is sent between machines as it is in memory.
_LIBRARIES = (
    "distributed",
    "msoffcrypto-tool",
    "olefile",
    "python-calamine",
    "xlrd",
)


@cache
def program() -> Mapping[str, str]:
    """Return what is at work here: each part's version, and the sum of our own."""
    own = hashlib.sha256()
    root = Path(__file__).parents[1]
    for path in sorted(root.rglob("*.py")):
        own.update(f"{path.relative_to(root).as_posix()}\n".encode())
        own.update(path.read_bytes())
    return {
        "ledgerbook": f"{_version('ledgerbook')}+{own.hexdigest()[:8]}",
        "Python": ".".join(platform.python_version_tuple()[:2]),
        **{name: _version(name) for name in _LIBRARIES},
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "?"


def differences(there: Mapping[str, str]) -> str:
    """Say in what another machine's program differs from ours; blank if in nothing."""
    return "、".join(
        f"{name} 本机是 {version}，那里是 {there.get(name, '没有')}"
        for name, version in program().items()
        if there.get(name) != version
    )


# Beyond one machine: the files of a run read by the workers of a Dask cluster.
#
# The only room that knows dask, distributed and fsspec, which are installed on demand:
# ``pip install .[cluster]``.
#
#     client    here: hands the files out, takes what they gave, puts it in order
#     station   on a cluster's worker: lays the files down for its outpost
#     outpost   beside that worker: the guarded processes of ``receiving.workers``

__all__ = ["find_urls", "read_files"]
