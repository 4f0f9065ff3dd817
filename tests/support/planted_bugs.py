"""Run a copy of the program with a bug planted in it, as a clerk would: in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

TREE = Path(__file__).parents[2]

# The line of the parser after which a cell is at hand, and lines that fail on it.
_PARSER = "intake/parse.py"
_CELL_AT_HAND = "        place = parsed.places[key]\n"
# Its message quotes the cell, as KeyError does.
FAIL_ON_ALL = (_PARSER, _CELL_AT_HAND, "        {}[raw]\n")


def fail_on(text: str) -> tuple[str, str, str]:
    """Return a bug that strikes at the cell with ``text`` alone."""
    return _PARSER, _CELL_AT_HAND, f"        {{}}[raw] if raw == {text!r} else None\n"


# Before anybody knows whose file it is.
FAIL_IN_READER = (
    "intake/formats/reader.py",
    "    package = read_parts(data)\n",
    '    {}["密文"] if b"xl/media" in data else None\n',
)
# Called by expat, amid errors that only a damaged file raises.
FAIL_IN_SCANNER = (
    "intake/formats/xlsx_scan.py",
    "    def end_element(self, name: str) -> None:\n",
    "        {}[name]\n",
)
FAIL_IN_MERGE = (
    "merge/ledger.py",
    "    ordered = sort_by_age(book, settle_foreign_workbooks(book, registered), as_of)\n",
    "    {}[book.key]\n",
)
# When the summary is written already.
FAIL_AFTER_SUMMARY = (
    "commands/collect.py",
    "        _write_corrections(corrections)\n",
    "        {}[target]\n",
)
FAIL_IN_ROLLUP = (
    "rollup/summary_reader.py",
    "    raw = read_workbook(data, context.passwords, MAX_CELLS)\n",
    "    {}[report.name]\n",
)


@dataclass(frozen=True, slots=True)
class Program:
    """A copy of the program; commands run in ``folder``."""

    source: Path
    folder: Path

    def run(self, *words: object, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ledgerbook", *map(str, words)],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.source), "PYTHONUTF8": "1", **variables},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )


def plant(target: Path, folder: Path, bug: tuple[str, str, str]) -> Program:
    """Copy the program into ``target`` with ``bug``: module, line, lines to add after it."""
    source = target / "src"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(TREE / "src" / "ledgerbook", source / "ledgerbook", ignore=ignored)
    shutil.copytree(TREE / "templates", target / "templates")
    name, line, added = bug
    module = source / "ledgerbook" / name
    text = module.read_text("utf-8")
    assert text.count(line) == 1
    module.write_text(text.replace(line, line + added), "utf-8")
    return Program(source, folder)
