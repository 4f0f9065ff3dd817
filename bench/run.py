"""Measure ledgerbook beside what a user would write instead, as whole processes.

``make bench`` prints the tables of RESULTS.md; with ``--write`` they replace those in the
file, each part between its two comments. The commands of a table are run in turn, so that
whatever else the machine does falls on all of them alike. ``--quick`` takes two minutes;
the part ``large`` is measured only when it is named.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from importlib import metadata
from pathlib import Path

from clients import (
    has_exceljs,
    has_libreoffice,
    save_with_exceljs,
    save_with_libreoffice,
    write_typed_texts,
)
from make_returns import ANSWERS_OF_A_ROW, AS_OF, list_texts, write_returns, write_summaries
from measure import Command, Cost, measure, run
from peers import FLOOR, PEERS
from results_page import format_table, replace_part

HERE = Path(__file__).parent
PLAN = HERE.parent / "examples" / "zhongshan-2022" / "plan.docx"
LIBRARIES = ("openpyxl", "XlsxWriter", "python-calamine", "pandas", "polars", "fastexcel")
ROWS = 30
PYTHON = sys.executable
TOOL = (PYTHON, "-m", "ledgerbook")
AS_OF_DAY = ("--as-of", AS_OF.isoformat())
OURS, ISSUED = "ledgerbook", "as issued"
# What is measured with every kind of return and with the largest number of them.
PEERS_OF_ALL = (FLOOR, "pandas + calamine")
# The peak of what ends sooner was hardly ever seen.
LEAST_SECONDS_FOR_MEMORY = 0.25
MOST_SECTIONS = 1000
# LibreOffice takes a quarter of a second to save a file.
MOST_SAVED = 300


@dataclass(frozen=True)
class Extent:
    """How many returns or sections are measured, and how often each command is run."""

    returns: tuple[int, ...]
    returns_of_each_kind: tuple[int, ...]
    sections: tuple[int, ...]
    turns: int

    def get_turns(self, count: int) -> int:
        """Return 2 at most for a thousand returns, which take minutes and vary little."""
        return self.turns if count < MOST_SECTIONS else min(self.turns, 2)


FULL = Extent((8, 30, 300, 1000), (30, 300, 1000), (30, 300), turns=3)
QUICK = Extent((8, 30, 100), (30,), (30,), turns=1)

Costs = Mapping[str, Cost]


# -- collect ------------------------------------------------------------------------------


def measure_collect(home: Path, extent: Extent) -> Iterator[str]:
    costs: dict[tuple[str, int], Costs] = {}
    for count in sorted({*extent.returns, *extent.returns_of_each_kind}):
        for kind, folder in make_kinds(home / str(count), count, extent):
            peers = tuple(PEERS) if kind == ISSUED else PEERS_OF_ALL
            commands = list_collect_commands(home, folder, count, peers)
            costs[kind, count] = measure(commands, home / "out", extent.get_turns(count))
            report_progress(f"collect, {count} returns {kind}", costs[kind, count])
    by_count = {f"{count:,}": costs[ISSUED, count] for count in extent.returns}
    yield "CPU seconds, and how many times the floor:"
    yield format_cpu(by_count, FLOOR)
    yield "Seconds by the clock, and MiB of all processes together:"
    yield format_wall_and_memory(by_count)
    yield "Returns of four kinds, CPU seconds:"
    yield format_kinds(costs)


def make_kinds(folder: Path, count: int, extent: Extent) -> Iterator[tuple[str, Path]]:
    """Yield each kind of return with its folder: 台账.xlsx beside 收回."""
    issued = folder / "1"
    book = write_returns(issued, count, ROWS)
    yield ISSUED, issued
    if count not in extent.returns_of_each_kind:
        return
    kinds: dict[str, Callable[[Sequence[Path], Path], None]] = {}
    if count <= MOST_SAVED and has_libreoffice():
        kinds["saved by LibreOffice"] = save_with_libreoffice
    if count <= MOST_SAVED and has_exceljs():
        kinds["saved by exceljs"] = save_with_exceljs
    kinds["as WPS, Excel write"] = partial(write_typed_texts, answers=list_texts(book))
    for number, (kind, save) in enumerate(kinds.items(), 2):
        target = folder / str(number)
        (target / "收回").mkdir(parents=True)
        (target / "台账.xlsx").write_bytes((issued / "台账.xlsx").read_bytes())
        save(sorted((issued / "收回").iterdir()), target / "收回")
        yield kind, target


def list_collect_commands(
    home: Path, folder: Path, count: int, peers: Sequence[str]
) -> Mapping[str, Command]:
    """Return the commands by label. Each must have found every filled cell, or every row."""
    out, cells = home / "out", count * ROWS * ANSWERS_OF_A_ROW
    returns = f"{folder / '收回'}"
    book = f"{folder / '台账.xlsx'}"
    collect = (*TOOL, "collect", book, returns, "-o", f"{out}", *AS_OF_DAY)
    # Of several rounds, the last one is in the summary.
    in_summary = f" = 汇入汇总 {cells} 个" if count <= MOST_SECTIONS else ""
    script = (PYTHON, f"{HERE / 'peers.py'}")
    return {OURS: Command(collect, f"收到填写的单元格 {cells} 个{in_summary}")} | {
        peer: Command((*script, peer, returns, f"{out / 'o.xlsx'}"), f"{count * ROWS} rows")
        for peer in peers
    }


def measure_large(home: Path, extent: Extent) -> Iterator[str]:
    """Measure ten rounds of 1,000 sections, once."""
    write_returns(home / "large", MOST_SECTIONS, ROWS, rounds=10)
    commands = list_collect_commands(home, home / "large", 10 * MOST_SECTIONS, PEERS_OF_ALL)
    by_count = {"10,000": measure(commands, home / "out", 1)}
    yield "CPU seconds, and how many times the floor:"
    yield format_cpu(by_count, FLOOR)
    yield "Seconds by the clock, and MiB of all processes together:"
    yield format_wall_and_memory(by_count)


# -- the other commands -------------------------------------------------------------------


def measure_generate(home: Path, extent: Extent) -> Iterator[str]:
    by_count: dict[str, Costs] = {}
    for count in extent.sections:
        folder = home / f"generate{count}"
        write_returns(folder, count, ROWS)
        commands = list_generate_commands(folder, home / "out", count)
        by_count[f"{count:,}"] = measure(commands, home / "out", extent.turns)
        report_progress(f"generate, {count} sections", by_count[f"{count:,}"])
    yield "CPU seconds, and how many times bare XlsxWriter:"
    yield format_cpu(by_count, "bare XlsxWriter")
    yield "Seconds by the clock, and MiB of all processes together:"
    yield format_wall_and_memory(by_count)


def list_generate_commands(folder: Path, out: Path, sections: int) -> Mapping[str, Command]:
    book, sample, calls = folder / "台账.xlsx", folder / "发出", folder / "calls"
    run(Command((*TOOL, "generate", f"{book}", "-o", f"{sample}")))
    template = next(sample.glob("*/第00001科.xlsx"))
    run(Command((PYTHON, f"{HERE / 'extract_calls.py'}", f"{template}", f"{calls}")))
    target = (f"{out}", str(sections))
    return {
        OURS: Command((*TOOL, "generate", f"{book}", "-o", f"{out}")),
        "bare XlsxWriter": Command(
            (PYTHON, f"{HERE / 'xlsxwriter_baseline.py'}", f"{calls}", *target)
        ),
        "openpyxl, a template filled": Command(
            (PYTHON, f"{HERE / 'openpyxl_baseline.py'}", f"{template}", *target)
        ),
    }


def measure_commands(home: Path, extent: Extent) -> Iterator[str]:
    folder, summaries, out = home / "commands", home / "summaries", home / "out"
    write_returns(folder, 30, ROWS)
    write_summaries(summaries, bureaus=30, sections=10, rows=ROWS)
    book, returns = f"{folder / '台账.xlsx'}", folder / "收回"
    draft = ("-o", f"{out / '年报.docx'}")
    commands = {
        "`python -c pass`": (PYTHON, "-c", "pass"),
        "`ledgerbook --help`": (*TOOL, "--help"),
        "`init`: the plan of 25 tasks in `examples`": (
            *TOOL,
            "init",
            f"{PLAN}",
            "-o",
            f"{out / '台账.xlsx'}",
        ),
        f"`check`: one return of {ROWS} rows": (
            *TOOL,
            "check",
            f"{returns / '第00001科.xlsx'}",
            *AS_OF_DAY,
        ),
        f"`report`: 30 returns of {ROWS} rows": (
            *TOOL,
            "report",
            book,
            f"{returns}",
            *draft,
            *AS_OF_DAY,
        ),
        f"`rollup`: 30 summaries of {10 * ROWS} rows": (
            *TOOL,
            "rollup",
            f"{summaries}",
            "-o",
            f"{out}",
            *AS_OF_DAY,
        ),
    }
    costs = measure({label: Command(words) for label, words in commands.items()}, out, extent.turns)
    yield format_table(
        ("whole process", "CPU s", "s by the clock", "MiB"),
        (
            (label, f"{cost.cpu:.2f}", f"{cost.wall:.2f}", _format_memory(cost))
            for label, cost in costs.items()
        ),
    )


# -- tables -------------------------------------------------------------------------------


def format_cpu(by_count: Mapping[str, Costs], floor: str) -> str:
    return _format_matrix(
        by_count, lambda costs, label: _format_ratio(costs[label].cpu, costs[floor].cpu)
    )


def format_wall_and_memory(by_count: Mapping[str, Costs]) -> str:
    return _format_matrix(
        by_count,
        lambda costs, label: f"{costs[label].wall:.2f} s, {_format_memory(costs[label])} MiB",
    )


def _format_matrix(by_count: Mapping[str, Costs], format_cell: Callable[[Costs, str], str]) -> str:
    labels = next(iter(by_count.values()))
    return format_table(
        ("whole process", *by_count),
        ((label, *(format_cell(costs, label) for costs in by_count.values())) for label in labels),
    )


def format_kinds(costs: Mapping[tuple[str, int], Costs]) -> str:
    labels = (OURS, *PEERS_OF_ALL)
    kinds = list(dict.fromkeys(kind for kind, _ in costs))
    return format_table(
        ("returns", "how many", *labels, "ms a return"),
        (
            (
                kind,
                f"{count:,}",
                *(_format_ratio(of_all[label].cpu, of_all[FLOOR].cpu) for label in labels),
                f"{1000 * of_all[OURS].cpu / count:.1f}",
            )
            for (kind, count), of_all in sorted(
                costs.items(), key=lambda item: (kinds.index(item[0][0]), item[0][1])
            )
        ),
    )


def _format_memory(cost: Cost) -> str:
    return f"{cost.memory:.0f}" if cost.wall >= LEAST_SECONDS_FOR_MEMORY else "–"


def _format_ratio(cpu: float, floor: float) -> str:
    return f"{cpu:.2f} (×{cpu / floor:.1f})"


# -- the whole ----------------------------------------------------------------------------

PARTS: Mapping[str, Callable[[Path, Extent], Iterator[str]]] = {
    "collect": measure_collect,
    "generate": measure_generate,
    "commands": measure_commands,
    "large": measure_large,
}


def describe_run(turns: int) -> str:
    libraries = ", ".join(f"{name} {metadata.version(name)}" for name in LIBRARIES)
    load = os.getloadavg()[0]
    return (
        f"{date.today().isoformat()}, Python {sys.version.split()[0]}, {libraries}; "  # noqa: DTZ011
        f"{os.cpu_count()} cores, load {load:.1f} before the start; runs of each: {turns}, "
        f"of {MOST_SECTIONS:,} returns at most 2."
    )


def report_progress(title: str, costs: Costs) -> None:
    """Print CPU seconds as soon as they are known: a run takes minutes, and may be stopped."""
    figures = ", ".join(f"{label} {cost.cpu:.2f}" for label, cost in costs.items())
    print(f"{title}: {figures}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; default: all but large")
    parser.add_argument("--quick", action="store_true", help="fewer returns, one run of each")
    parser.add_argument("--turns", type=int, help=f"runs of each command; default: {FULL.turns}")
    parser.add_argument("--write", action="store_true", help="write the tables into RESULTS.md")
    options = parser.parse_args()
    if options.quick and options.write:
        parser.error("RESULTS.md has the figures of whole runs only")
    extent = QUICK if options.quick else FULL
    extent = replace(extent, turns=options.turns or extent.turns)
    for name in options.parts or [part for part in PARTS if part != "large"]:
        description = describe_run(1 if name == "large" else extent.turns)
        with tempfile.TemporaryDirectory() as home:
            text = "\n\n".join([description, *PARTS[name](Path(home), extent)])
        print(f"## {name}\n\n{text}\n", flush=True)
        if options.write:
            replace_part(name, text)


if __name__ == "__main__":
    main()
