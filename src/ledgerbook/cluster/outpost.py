"""A program that guards the reading beside a Dask worker, and ends when that does.

Dask's workers are mostly daemonic processes, which may have no children. So each
starts this one, no child of multiprocessing's, which has them instead. They talk in
pickles through pipes; nobody else holds an end of these.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import weakref
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from threading import Lock, Thread
from typing import IO

from ledgerbook.cluster.urls import Fetched, fetch
from ledgerbook.ledger import FileReport, Verdict
from ledgerbook.receiving.reading import Origin, Source, too_large, unreadable
from ledgerbook.receiving.workers import Brief, Crew, reading
from ledgerbook.returns.reads import FileRead

# A return is small, but a bureau's photographs may come over a slow line.
_FETCHING = 300.0
_ENDING = 10.0
# No module of its own is run: every process that it starts would import that again.
_PROGRAM = "from ledgerbook.cluster.outpost import main; main()"


class OutpostLostError(Exception):
    """The outpost has ended before it gave its answer."""


class Outpost:
    """A running outpost, seen from the worker; it ends when nobody holds this."""

    def __init__(self, brief: Brief) -> None:
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

    def read(self, sources: Sequence[Source]) -> bytes:
        """Return what the files gave, pickled still. Raises OutpostLostError."""
        with self._mail.lock:
            if self._mail.over:
                raise OutpostLostError
            number = next(self._mail.numbers)
            answer = self._mail.waiting[number] = Future()
            try:
                self._send((number, tuple(sources)))
            except OSError as error:
                raise OutpostLostError from error
        try:
            # Its readers have their limits; this is for what none of us has foreseen.
            return answer.result(_FETCHING + len(sources) * self._patience)
        except TimeoutError as error:
            self._process.kill()
            raise OutpostLostError from error

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
        answer.set_exception(OutpostLostError())
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


def read_all(crew: Crew, sources: Sequence[Source]) -> Iterator[FileRead]:
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


def _refused(source: Source, fetched: dict[Origin, Fetched]) -> FileRead | None:
    one = fetched.get(source.origin, Fetched())
    if one.lost:
        return unreadable(source.name, one.lost)
    if one.size:
        report = FileReport(source.name, one.size, "", Verdict.REJECTED)
        return too_large(report, one.head)
    return None


def main() -> None:
    """Read what is asked for, until nobody can ask any more."""
    asked, answers = _own_pipes()
    brief: Brief = pickle.load(asked)  # noqa: S301  from the worker that started us
    lock = Lock()

    def answer(crew: Crew, number: int, sources: Sequence[Source]) -> None:
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
