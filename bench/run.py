"""Measure ledgerbook beside what a user would write instead, as whole processes.

Run by `make bench`. The commands of a table are run in turn, each several times, and
the median is printed with the peak memory. Environment variables: SECTIONS, the
number of returns; TURNS, how often each command is run; SIZES, the numbers of
returns for which the cost of one return is compared.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
SECTIONS = int(os.environ.get("SECTIONS", "200"))
TURNS = int(os.environ.get("TURNS", "3"))
SIZES = tuple(map(int, os.environ.get("SIZES", "100,1000").split(",")))
PYTHON = sys.executable
TOOL = (PYTHON, "-m", "ledgerbook")
ONE_CORE = ("taskset", "-c", "0")


@dataclass(frozen=True)
class Cost:
    """Wall seconds of a command, and MiB at the peak of its largest process."""

    seconds: float
    peak: float


def run(command: Sequence[str]) -> Cost:
    """Run a command to its end. Exit code 1 of ledgerbook means problems that need someone."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        monitor = _MemoryMonitor(process.pid)
        monitor.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    monitor.stopped.set()
    monitor.join()
    if process.returncode not in (0, 1):
        raise SystemExit(f"{command} ended with {process.returncode}")
    return Cost(seconds, max(usage.ru_maxrss / 1024, monitor.peak))


class _MemoryMonitor(threading.Thread):
    """Records the highest peak memory among a process and its descendants.

    `wait4` reports children only, not the workers of a pool below them. Works on Linux;
    elsewhere the peak stays 0.
    """

    def __init__(self, pid: int) -> None:
        super().__init__()
        self._pid = pid
        self.stopped = threading.Event()
        self.peak = 0.0

    def run(self) -> None:
        while not self.stopped.wait(0.05):
            self.peak = max([self.peak, *map(_read_peak, _iter_process_tree(self._pid))])


def _iter_process_tree(pid: int) -> Iterable[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return
    for child in children.split():
        yield from _iter_process_tree(int(child))


def _read_peak(pid: int) -> float:
    """Return the peak resident memory of a process in MiB, 0 if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    peaks = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return float(peaks[0]) / 1024 if peaks else 0.0


def measure(commands: Mapping[str, Sequence[str]], out: Path) -> Mapping[str, Cost]:
    """Run all commands in turn, TURNS times; return median time and highest peak of each."""
    costs: dict[str, list[Cost]] = {label: [] for label in commands}
    for _ in range(TURNS):
        for label, command in commands.items():
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir()
            costs[label].append(run(command))
    return {
        label: Cost(
            statistics.median(cost.seconds for cost in label_costs),
            max(cost.peak for cost in label_costs),
        )
        for label, label_costs in costs.items()
    }


def make_returns(folder: Path, sections: int) -> Path:
    """Make a book and a return for each of ``sections``; return the folder."""
    run([PYTHON, f"{HERE / 'make_returns.py'}", f"{folder}", str(sections)])
    return folder


def list_collect_commands(folder: Path, out: Path) -> Mapping[str, Sequence[str]]:
    returns, target = f"{folder / '收回'}", f"{out / 'o.xlsx'}"
    return {
        "collect": (*TOOL, "collect", f"{folder / '台账.xlsx'}", returns, "-o", f"{out}"),
        "pandas": (PYTHON, f"{HERE / 'pandas_baseline.py'}", returns, target),
        "calamine": (PYTHON, f"{HERE / 'calamine_baseline.py'}", returns, target),
    }


def list_generate_commands(folder: Path, out: Path, sections: int) -> Mapping[str, Sequence[str]]:
    book, sample, calls = folder / "台账.xlsx", folder / "发出", folder / "calls"
    run([*TOOL, "generate", f"{book}", "-o", f"{sample}"])
    template = next(sample.glob("*/第00001科.xlsx"))
    run([PYTHON, f"{HERE / 'extract_calls.py'}", f"{template}", f"{calls}"])
    target = (f"{out}", str(sections))
    generate = (*TOOL, "generate", f"{book}", "-o", f"{out}")
    xlsxwriter = (PYTHON, f"{HERE / 'xlsxwriter_baseline.py'}", f"{calls}", *target)
    openpyxl = (PYTHON, f"{HERE / 'openpyxl_baseline.py'}", f"{template}", *target)
    return {
        "generate": generate,
        "generate, one core": (*ONE_CORE, *generate),
        "bare XlsxWriter": (*ONE_CORE, *xlsxwriter),
        "openpyxl template": openpyxl,
    }


def list_start_commands(folder: Path, out: Path) -> Mapping[str, Sequence[str]]:
    return {
        "--help": (*TOOL, "--help"),
        "import click": (PYTHON, "-c", "import click"),
        "empty Python": (PYTHON, "-c", "pass"),
        "collect of 8": list_collect_commands(folder, out)["collect"],
        "import pandas, xlsxwriter": (PYTHON, "-c", "import pandas, xlsxwriter"),
    }


def print_table(title: str, costs: Mapping[str, Cost]) -> None:
    print(f"\n{title}\n")
    print("| whole process | seconds | MiB, largest process |\n|---|---|---|")
    for label, cost in costs.items():
        print(f"| {label} | {cost.seconds:.2f} | {cost.peak:.0f} |")
    print()


def print_ratio(costs: Mapping[str, Cost], first: str, second: str, goal: str) -> None:
    ratio = costs[first].seconds / costs[second].seconds
    print(f"- {first} / {second}: {ratio:.2f} (wanted {goal})", flush=True)


def main() -> None:
    versions = ", ".join(
        f"{name} {metadata.version(name)}"
        for name in ("openpyxl", "XlsxWriter", "pandas", "python-calamine", "click")
    )
    print(f"Python {sys.version.split()[0]}, {versions}, {os.cpu_count()} cores,")
    print(f"median of {TURNS} turns, every command of a table in each turn.")
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        out, folder = home / "out", make_returns(home / "many", SECTIONS)
        costs = measure(list_collect_commands(folder, out), out)
        print_table(f"## collect: {SECTIONS} returns × 30 rows", costs)
        print_ratio(costs, "collect", "calamine", "≤ 2.0")
        print_ratio(costs, "pandas", "collect", "≥ 8")
        costs = measure(list_generate_commands(folder, out, SECTIONS), out)
        print_table(f"## generate: {SECTIONS} section workbooks, and the master workbook", costs)
        print_ratio(costs, "generate, one core", "bare XlsxWriter", "≤ 1.4")
        print_ratio(costs, "generate, one core", "generate", "≥ 1.6")
        print_ratio(costs, "openpyxl template", "generate", "≥ 3")
        costs = measure(list_start_commands(make_returns(home / "8", 8), out), out)
        print_table("## starting", costs)
        print_ratio(costs, "--help", "import click", "≤ 2")
        print_ratio(costs, "collect of 8", "import pandas, xlsxwriter", "≤ 3")
        sizes = {str(size): make_returns(home / f"size{size}", size) for size in SIZES}
        commands = {
            size: list_collect_commands(folder, out)["collect"] for size, folder in sizes.items()
        }
        costs = measure(commands, out)
        print_table("## collect, by how many returns", costs)
        for size, cost in costs.items():
            print(f"- {size}: {cost.seconds / int(size) * 1000:.1f} ms a return")


if __name__ == "__main__":
    main()
