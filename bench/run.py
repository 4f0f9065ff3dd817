"""Measure side by side in one run: whole processes, interleaved, with peak memory.

Run by `make bench`. SECTIONS says how many returns, TURNS how often each is measured,
SIZES for how many returns the cost of one is compared.
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
    """Run a command to its end; 1 is how ours says that something is to be settled."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        watch = _Watch(process.pid)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    watch.over.set()
    watch.join()
    if process.returncode not in (0, 1):
        raise SystemExit(f"{command} ended with {process.returncode}")
    return Cost(seconds, max(usage.ru_maxrss / 1024, watch.peak))


class _Watch(threading.Thread):
    """Looks at the processes of a session's tree, as those of a pool are no children.

    Linux alone keeps each process's own peak; elsewhere there is the command's only.
    """

    def __init__(self, pid: int) -> None:
        super().__init__()
        self._pid = pid
        self.over = threading.Event()
        self.peak = 0.0

    def run(self) -> None:
        while not self.over.wait(0.05):
            self.peak = max([self.peak, *map(_peak, _below(self._pid))])


def _below(pid: int) -> Iterable[int]:
    yield pid
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return
    for child in told.split():
        yield from _below(int(child))


def _peak(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    told = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return float(told[0]) / 1024 if told else 0.0


def measured(commands: Mapping[str, Sequence[str]], out: Path) -> Mapping[str, Cost]:
    """Run every command in turn, and all again; take the middle of each one's times."""
    costs: dict[str, list[Cost]] = {what: [] for what in commands}
    for _ in range(TURNS):
        for what, command in commands.items():
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir()
            costs[what].append(run(command))
    return {
        what: Cost(
            statistics.median(cost.seconds for cost in own),
            max(cost.peak for cost in own),
        )
        for what, own in costs.items()
    }


def made(folder: Path, sections: int) -> Path:
    """Make a book and as many returns as wanted."""
    run([PYTHON, f"{HERE / 'made.py'}", f"{folder}", str(sections)])
    return folder


def collecting(folder: Path, out: Path) -> Mapping[str, Sequence[str]]:
    back, target = f"{folder / '收回'}", f"{out / 'o.xlsx'}"
    return {
        "collect": (*TOOL, "collect", f"{folder / '台账.xlsx'}", back, "-o", f"{out}"),
        "pandas": (PYTHON, f"{HERE / 'usual.py'}", back, target),
        "floor": (PYTHON, f"{HERE / 'floor.py'}", back, target),
    }


def generating(folder: Path, out: Path, sections: int) -> Mapping[str, Sequence[str]]:
    book, sample, recipe = folder / "台账.xlsx", folder / "发出", folder / "recipe"
    run([*TOOL, "generate", f"{book}", "-o", f"{sample}"])
    template = next(sample.glob("*/第00001科.xlsx"))
    run([PYTHON, f"{HERE / 'recipe.py'}", f"{template}", f"{recipe}"])
    others = (f"{out}", str(sections))
    ours = (*TOOL, "generate", f"{book}", "-o", f"{out}")
    bare = (PYTHON, f"{HERE / 'bare.py'}", f"{recipe}", *others)
    filled = (PYTHON, f"{HERE / 'template.py'}", f"{template}", *others)
    return {
        "generate": ours,
        "generate, one core": (*ONE_CORE, *ours),
        "bare XlsxWriter": (*ONE_CORE, *bare),
        "openpyxl template": filled,
    }


def starting(folder: Path, out: Path) -> Mapping[str, Sequence[str]]:
    return {
        "--help": (*TOOL, "--help"),
        "import click": (PYTHON, "-c", "import click"),
        "empty Python": (PYTHON, "-c", "pass"),
        "collect of 8": collecting(folder, out)["collect"],
        "import pandas, xlsxwriter": (PYTHON, "-c", "import pandas, xlsxwriter"),
    }


def show(title: str, costs: Mapping[str, Cost]) -> None:
    print(f"\n{title}\n")
    print("| whole process | seconds | MiB, largest process |\n|---|---|---|")
    for what, cost in costs.items():
        print(f"| {what} | {cost.seconds:.2f} | {cost.peak:.0f} |")
    print()


def ratio(costs: Mapping[str, Cost], one: str, other: str, goal: str) -> None:
    found = costs[one].seconds / costs[other].seconds
    print(f"- {one} / {other}: {found:.2f} (wanted {goal})", flush=True)


def main() -> None:
    versions = ", ".join(
        f"{name} {metadata.version(name)}"
        for name in ("openpyxl", "XlsxWriter", "pandas", "python-calamine", "click")
    )
    print(f"Python {sys.version.split()[0]}, {versions}, {os.cpu_count()} cores,")
    print(f"median of {TURNS} turns, every command of a table in each turn.")
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        out, folder = home / "out", made(home / "many", SECTIONS)
        costs = measured(collecting(folder, out), out)
        show(f"## collect: {SECTIONS} returns × 30 rows", costs)
        ratio(costs, "collect", "floor", "≤ 2.0")
        ratio(costs, "pandas", "collect", "≥ 8")
        costs = measured(generating(folder, out, SECTIONS), out)
        show(f"## generate: {SECTIONS} section workbooks, and the whole ledger", costs)
        ratio(costs, "generate, one core", "bare XlsxWriter", "≤ 1.4")
        ratio(costs, "generate, one core", "generate", "≥ 1.6")
        ratio(costs, "openpyxl template", "generate", "≥ 3")
        costs = measured(starting(made(home / "8", 8), out), out)
        show("## starting", costs)
        ratio(costs, "--help", "import click", "≤ 2")
        ratio(costs, "collect of 8", "import pandas, xlsxwriter", "≤ 3")
        sizes = {str(n): made(home / f"size{n}", n) for n in SIZES}
        commands = {n: collecting(where, out)["collect"] for n, where in sizes.items()}
        costs = measured(commands, out)
        show("## collect, by how many returns", costs)
        for size, cost in costs.items():
            print(f"- {size}: {cost.seconds / int(size) * 1000:.1f} ms a return")


if __name__ == "__main__":
    main()
