"""The very hidden sheet by which the level above knows a summary and reads it.

The office's own folder is looked at by it as well, without reading the rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledgerbook.detail.schema import CLASSES, class_of
from ledgerbook.ledger import Ledger
from ledgerbook.sheets.xlsx import Maker, done
from ledgerbook.summary import levels
from ledgerbook.summary.detail import headers
from ledgerbook.summary.labels import status_labels
from ledgerbook.summary.levels import Facts, SectionFact, UnitFact
from ledgerbook.summary.submissions import DIGEST, FILE, SHEET


def facts_of(ledger: Ledger) -> Facts:
    """Return what the summary of ``ledger`` says of itself."""
    book = ledger.book
    grave = sum(problem.grave for problem in ledger.problems)
    statuses = {s.text: class_of(s.text, s.meaning) for s in status_labels(ledger)}
    counts = Counter(row.status for row in ledger.rows)
    return Facts(
        name=book.agency,
        year=book.year,
        as_of=ledger.as_of,
        rows=len(ledger.rows),
        units=(UnitFact("", book.book_id, ledger.as_of, len(ledger.rows), grave),),
        sections=tuple(
            SectionFact("", one.section, one.standing.value, one.rows)
            for one in ledger.sections
        ),
        columns=headers(ledger),
        statuses=dict(sorted(statuses.items(), key=lambda s: CLASSES.index(s[1]))),
        counts=dict(sorted(counts.items())),
        found=ledger.tally.found,
        accounted=ledger.tally.accounted,
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What a summary says of itself, and of which files: name → SHA-256."""

    facts: Facts | None = None
    files: Mapping[str, str] = field(default_factory=dict)


def told_by(path: Path) -> Told:
    """Look at a summary on the disk; one that cannot be read tells nothing."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(path) as workbook:
            grids = {
                name: workbook.get_sheet_by_name(name).to_python()
                for name in (levels.SHEET, SHEET)
                if name in workbook.sheet_names
            }
        facts = levels.read(_texts(grids.get(levels.SHEET, ())))
    except (CalamineError, levels.UnknownFormatError, ValueError, OSError):
        return Told()
    return Told(facts, _files(grids.get(SHEET, ())))


def _texts(grid: Iterable[Sequence[Any]]) -> list[list[str]]:
    return [[str(cell) for cell in line] for line in grid]


def _files(grid: Iterable[Sequence[Any]]) -> dict[str, str]:
    """Find the files in 报送情况, by the header of their table."""
    found: dict[str, str] = {}
    places: tuple[int, int] | None = None
    for line in _texts(grid):
        if {FILE, DIGEST} <= set(line):
            places = line.index(FILE), line.index(DIGEST)
        elif places and line[places[0]]:
            found[line[places[0]]] = line[places[1]]
    return found


def draw_facts(maker: Maker, facts: Facts) -> None:
    """Put ``facts`` on a very hidden sheet, every one as text."""
    sheet = maker.sheet(levels.SHEET)
    sheet.very_hidden()
    for row, line in enumerate(levels.storable(facts)):
        for column, text in enumerate(line):
            done(sheet.write_string(row, column, text))
