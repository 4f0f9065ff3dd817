"""What runs on a Dask worker: files that have come over the wire, and their reading."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

from distributed import get_worker

from ledgerbook.cluster.outpost import Outpost, OutpostLostError
from ledgerbook.cluster.packing import Batch
from ledgerbook.cluster.program import program
from ledgerbook.receiving.reading import Source
from ledgerbook.receiving.workers import Brief


class OtherProgramError(Exception):
    """A worker runs another program than the client; it says which."""


class Station:
    """The brief that a worker holds, and the outpost that it has for it.

    The cluster keeps it as long as the client that made it asks for files, and lets
    go of it then; sent from worker to worker, each makes its own.
    """

    def __init__(self, brief: Brief, clients: Mapping[str, str]) -> None:
        self._brief = brief
        self._clients = clients
        self._lock = Lock()
        self._outpost: Outpost | None = None

    def __reduce__(self) -> Any:
        return Station, (self._brief, self._clients)

    def read(self, batch: Batch, folder: str, processes: int) -> bytes:
        """Lay the files of a batch down in ``folder``; return what they gave."""
        if self._clients != program():
            raise OtherProgramError(dict(program()))
        with tempfile.TemporaryDirectory(
            prefix="ledgerbook-", dir=folder, ignore_cleanup_errors=True
        ) as own:
            sources: list[Source] = []
            for number, packet in enumerate(batch.packets):
                path = Path(own, str(number))
                if not packet.sources[0].url:
                    path.write_bytes(packet.data)
                sources += [replace(one, path=path) for one in packet.sources]
            first = self._staffed(processes, None)
            try:
                return first.read(sources)
            except OutpostLostError:
                return self._staffed(processes, first).read(sources)

    def _staffed(self, processes: int, lost: Outpost | None) -> Outpost:
        """Return the outpost, a new one when there is none but the ``lost`` one."""
        with self._lock:
            if self._outpost is None or self._outpost is lost:
                limits = replace(self._brief.limits, processes=processes)
                self._outpost = Outpost(replace(self._brief, limits=limits))
            return self._outpost


def read_batch(batch: Batch, station: Station) -> bytes:
    """Read a batch on the worker that this runs on.

    What it gave stays pickled: distributed takes lists of many objects to pieces.
    """
    worker = get_worker()
    return station.read(batch, worker.local_directory, worker.state.nthreads)
