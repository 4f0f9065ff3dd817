"""Compare collecting on one machine with collecting on a Dask cluster that loses a worker.

Prints both times and whether the outputs are equal byte for byte. Environment
variables: SECTIONS, TURNS and ROWS (how many sections send how many returns of how
many rows), WORKERS (worker processes, all on this machine).
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

import dask
from distributed import LocalCluster
from distributed.diagnostics.plugin import SchedulerPlugin
from make_returns import AS_OF, write_returns

SECTIONS = int(os.environ.get("SECTIONS", "500"))
TURNS = int(os.environ.get("TURNS", "2"))
ROWS = int(os.environ.get("ROWS", "2"))
WORKERS = int(os.environ.get("WORKERS", "2"))
# Log messages of distributed about the end of the worker and what was done about it.
_LOGGED_WORDS = ("killed", "worker", "recomputed", "failed")


class WorkerKiller(SchedulerPlugin):
    """Kills a worker that is reading, once ``batches`` batches have been read."""

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
        self.add_line(
            f"kill -9 {nanny.pid}: {nanny.worker_address}, "
            f"{len(state.processing)} batches given to it are not read yet"
        )
        os.kill(nanny.pid, signal.SIGKILL)

    def add_line(self, text: str) -> None:
        self.log.append(f"{time.strftime('%H:%M:%S')}  {text}")


class LogCollector(logging.Handler):
    """Adds what distributed logs about the killed worker to the killer's log."""

    def __init__(self, killer: WorkerKiller) -> None:
        super().__init__(logging.INFO)
        self._killer = killer

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if self._killer.log and any(word in message for word in _LOGGED_WORDS):
            self._killer.add_line(f"{record.name}: {message[:300]}")


def collect(folder: Path, output: Path, *options: str) -> float:
    """Run `ledgerbook collect` as a process; return the seconds it took."""
    arguments = [f"{folder / '台账.xlsx'}", f"{folder / '收回'}", "-o", f"{output}"]
    command = [sys.executable, "-m", "ledgerbook", "collect", *arguments, *options]
    start = time.perf_counter()
    process = subprocess.run(
        [*command, "--as-of", AS_OF.isoformat()], stdout=subprocess.DEVNULL, check=False
    )
    if process.returncode not in (0, 1):
        raise SystemExit(f"{command} ended with {process.returncode}")
    return time.perf_counter() - start


def read_outputs(folder: Path) -> Mapping[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def compare(folder: Path) -> None:
    write_returns(folder, SECTIONS, ROWS, TURNS)
    (folder / "收回" / "坏.xlsx").write_bytes(b"PK\x03\x04")
    seconds = {"one machine": collect(folder, folder / "一")}
    with (
        dask.config.set({"distributed.worker.daemon": False}),
        LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=":0") as cluster,
    ):
        killer = WorkerKiller(cluster, batches=max(1, SECTIONS * TURNS // 16 // 3))
        collector = LogCollector(killer)
        loggers = [logging.getLogger(f"distributed.{part}") for part in ("scheduler", "nanny")]
        for logger in loggers:
            logger.addHandler(collector)
            logger.setLevel(logging.INFO)
        cluster.scheduler.add_plugin(killer)
        option = ("--scheduler", cluster.scheduler_address)
        seconds["cluster, a worker killed"] = collect(folder, folder / "二", *option)
        for logger in loggers:
            logger.removeHandler(collector)
    print(f"{SECTIONS * TURNS} returns x {ROWS} rows, {WORKERS} workers, {os.cpu_count()} cores")
    for label, elapsed in seconds.items():
        print(f"{label:26} {elapsed:8.1f} s")
    local, clustered = read_outputs(folder / "一"), read_outputs(folder / "二")
    verdict = "equal" if local == clustered else "NOT equal"
    size = sum(map(len, local.values()))
    print(f"{verdict}, byte for byte: {len(local)} files of {size / 2**20:.1f} MiB")
    print("\n".join(killer.log) or "no worker was killed")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        compare(Path(name))


if __name__ == "__main__":
    main()
