"""Measure side by side in one run: whole processes, interleaved, with peak memory.

Run by `make bench`; SECTIONS and ROUNDS say how many returns and how many turns.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SECTIONS = int(os.environ.get("SECTIONS", "200"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))


@dataclass(frozen=True)
class Cost:
    """Wall seconds of a process, and the peak of it and its children in MiB."""

    seconds: float
    peak: float


def run(command: Sequence[str]) -> Cost:
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{command} ended with {process.returncode}")
    return Cost(time.perf_counter() - start, usage.ru_maxrss / 1024)


def commands(folder: Path) -> Mapping[str, list[str]]:
    book, returns, out = folder / "台账.xlsx", folder / "收回", folder / "汇总"
    tool, python = [sys.executable, "-m", "ledgerbook"], sys.executable
    return {
        "collect": [*tool, "collect", f"{book}", f"{returns}", "-o", f"{out}"],
        "pandas": [python, f"{HERE / 'usual.py'}", f"{returns}", f"{folder}/p.xlsx"],
        "floor": [python, f"{HERE / 'floor.py'}", f"{returns}", f"{folder}/f.xlsx"],
        "--help": [*tool, "--help"],
        "import click": [python, "-c", "import click"],
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = [sys.executable, f"{HERE / 'made.py'}", name, str(SECTIONS)]
        subprocess.run(made, check=True)
        costs: dict[str, list[Cost]] = {}
        for _ in range(ROUNDS):
            for what, command in commands(folder).items():
                shutil.rmtree(folder / "汇总", ignore_errors=True)
                costs.setdefault(what, []).append(run(command))
    print(f"{SECTIONS} returns x 30 rows, median of {ROUNDS}, {os.cpu_count()} cores")
    seconds = {w: statistics.median(c.seconds for c in own) for w, own in costs.items()}
    for what, own in costs.items():
        peak = max(cost.peak for cost in own)
        print(f"{what:14} {seconds[what]:8.2f} s   peak {peak:6.0f} MiB")
    print(f"collect / floor        {seconds['collect'] / seconds['floor']:6.2f}")
    print(f"pandas / collect       {seconds['pandas'] / seconds['collect']:6.2f}")
    print(f"--help / import click  {seconds['--help'] / seconds['import click']:6.2f}")


if __name__ == "__main__":
    main()
