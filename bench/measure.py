"""Run commands and measure them whole: CPU time and memory of every process that they start."""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_SECONDS_BETWEEN_SAMPLES = 0.05


@dataclass(frozen=True)
class Command:
    """What to run. ``expected`` must be in what it prints, or it has not done its work.

    The commands of one measurement share the folder ``out``, emptied before each run.
    """

    arguments: Sequence[str]
    expected: str = ""


@dataclass(frozen=True)
class Cost:
    """Seconds of CPU time (user and system) and by the clock, and MiB at the peak.

    All processes of the command together, also those that outlive the one that started
    them. A page that several processes share is counted once.
    """

    cpu: float
    wall: float
    memory: float


def measure(commands: Mapping[str, Command], out: Path, turns: int) -> dict[str, Cost]:
    """Run all commands in turn, ``turns`` times; return median times and highest peak of each."""
    costs: dict[str, list[Cost]] = {label: [] for label in commands}
    for _ in range(turns):
        for label, command in commands.items():
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir()
            costs[label].append(run(command))
    return {
        label: Cost(
            statistics.median(cost.cpu for cost in label_costs),
            statistics.median(cost.wall for cost in label_costs),
            max(cost.memory for cost in label_costs),
        )
        for label, label_costs in costs.items()
    }


def run(command: Command) -> Cost:
    """Run a command and wait until no process of it is left.

    Exit code 1 of ledgerbook means problems that need someone; SystemExit is raised for
    any other than 0 and 1. This process may have no other children meanwhile.
    """
    _adopt_orphans()
    monitor = _MemoryMonitor()
    monitor.start()
    cpu, start = _get_cpu_of_children(), time.perf_counter()
    with tempfile.TemporaryFile("w+") as printed:
        # Not a pipe, which would be open until the last of its processes ends.
        process = subprocess.Popen(command.arguments, stdout=printed, stderr=subprocess.STDOUT)
        code = process.wait()
        wall = time.perf_counter() - start
        _wait_for_orphans()
        printed.seek(0)
        output = printed.read()
    cpu = _get_cpu_of_children() - cpu
    monitor.stopped.set()
    monitor.join()
    if code not in (0, 1) or command.expected not in output:
        raise SystemExit(f"{command} ended with {code} and printed:\n{output[:2000]}")
    return Cost(cpu, wall, monitor.peak)


def _adopt_orphans() -> None:
    """Make this process the parent of each descendant whose own parent ends (Linux only)."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def _wait_for_orphans() -> None:
    while True:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _get_cpu_of_children() -> float:
    """Return the seconds of CPU time of all descendants that have been waited for."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class _MemoryMonitor(threading.Thread):
    """Records the highest sum of memory over the descendants of this process, in MiB."""

    def __init__(self) -> None:
        super().__init__()
        self.stopped = threading.Event()
        self.peak = 0.0

    def run(self) -> None:
        while not self.stopped.wait(_SECONDS_BETWEEN_SAMPLES):
            self.peak = max(self.peak, sum(map(_read_memory, _iter_descendants(os.getpid()))))


def _iter_descendants(pid: int) -> Iterator[int]:
    # Every thread has its own list of children.
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, _read_proc(listed).split()):
            yield child
            yield from _iter_descendants(child)


def _read_memory(pid: int) -> float:
    """Return the proportional set size of a process in MiB, 0 if it has ended."""
    sizes = [
        line.split()[1]
        for line in _read_proc(Path(f"/proc/{pid}/smaps_rollup")).splitlines()
        if line.startswith("Pss:")
    ]
    return float(sizes[0]) / 1024 if sizes else 0.0


def _read_proc(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        # The process has ended.
        return ""
