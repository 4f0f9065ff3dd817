"""A cluster beside one machine: the same files byte for byte, a worker killed midway.

SECTIONS, TURNS and ROWS say how many sections send how many returns of how many rows,
WORKERS how many workers there are, processes of this machine.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from distributed import LocalCluster
from distributed.diagnostics.plugin import SchedulerPlugin
from made import AS_OF, write_returns

SECTIONS = int(os.environ.get("SECTIONS", "500"))
TURNS = int(os.environ.get("TURNS", "2"))
ROWS = int(os.environ.get("ROWS", "2"))
WORKERS = int(os.environ.get("WORKERS", "2"))
# What distributed says that tells of the worker's end, and of what was done about it.
_TELLING = ("killed", "worker", "recomputed", "failed")


class Killer(SchedulerPlugin):
    """Kills a worker that is reading, once so many batches have been read."""

    def __init__(self, cluster: LocalCluster, batches: int) -> None:
        self._cluster = cluster
        self._batches = batches
        self.log: list[str] = []

    def transition(self, key: object, start: str, finish: str, *_: object, **__: object) -> None:
        if start != "processing" or finish != "memory":
            return
        self._batches -= str(key).startswith("read_batch")
        if self._batches or self.log:
            return
        nanny = next(iter(self._cluster.workers.values()))
        state = self._cluster.scheduler.workers[nanny.worker_address]
        self.note(
            f"kill -9 {nanny.pid}: {nanny.worker_address}, "
            f"{len(state.processing)} batches given to it are not read yet"
        )
        os.kill(nanny.pid, signal.SIGKILL)

    def note(self, words: str) -> None:
        self.log.append(f"{time.strftime('%H:%M:%S')}  {words}")


class Listener(logging.Handler):
    """Keeps what is said once the worker is dead."""

    def __init__(self, killer: Killer) -> None:
        super().__init__(logging.INFO)
        self._killer = killer

    def emit(self, record: logging.LogRecord) -> None:
        words = record.getMessage()
        if self._killer.log and any(one in words for one in _TELLING):
            self._killer.note(f"{record.name}: {words[:300]}")


def collect(folder: Path, output: Path, *more: str) -> float:
    """Run the command as a process of its own; return how long it took."""
    words = [f"{folder / '台账.xlsx'}", f"{folder / '收回'}", "-o", f"{output}"]
    command = [sys.executable, "-m", "ledgerbook", "collect", *words, *more]
    start = time.perf_counter()
    done = subprocess.run(
        [*command, "--as-of", AS_OF.isoformat()], stdout=subprocess.DEVNULL, check=False
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command} ended with {done.returncode}")
    return time.perf_counter() - start


def written(folder: Path) -> Mapping[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def compare(folder: Path) -> None:
    write_returns(folder, SECTIONS, ROWS, TURNS)
    (folder / "收回" / "坏.xlsx").write_bytes(b"PK\x03\x04")
    seconds = {"one machine": collect(folder, folder / "一")}
    with LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=":0") as cluster:
        killer = Killer(cluster, batches=max(1, SECTIONS * TURNS // 16 // 3))
        listener = Listener(killer)
        loggers = [logging.getLogger(f"distributed.{n}") for n in ("scheduler", "nanny")]
        for one in loggers:
            one.addHandler(listener)
            one.setLevel(logging.INFO)
        cluster.scheduler.add_plugin(killer)
        far = ("--scheduler", cluster.scheduler_address)
        seconds["cluster, a worker killed"] = collect(folder, folder / "二", *far)
        for one in loggers:
            one.removeHandler(listener)
    print(f"{SECTIONS * TURNS} returns x {ROWS} rows, {WORKERS} workers, {os.cpu_count()} cores")
    for what, taken in seconds.items():
        print(f"{what:26} {taken:8.1f} s")
    here, there = written(folder / "一"), written(folder / "二")
    same = "the same" if here == there else "NOT the same"
    size = sum(map(len, here.values()))
    print(f"{same}: {len(here)} files of {size / 2**20:.1f} MiB, byte for byte")
    print("\n".join(killer.log) or "nobody was killed")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        compare(Path(name))


if __name__ == "__main__":
    main()
