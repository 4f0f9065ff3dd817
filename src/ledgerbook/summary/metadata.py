"""What a summary tells the level above: facts on a very hidden sheet, all of them text.

The rows themselves are read from the visible sheets, since what the office sees is
what counts. Here stands what those cannot say: whose summary it is, of which day, what
each column and status means. Text survives every program that saves the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ledgerbook.excel.writer import WorkbookWriter, done
from ledgerbook.export import CLASSES, class_of
from ledgerbook.model.results import Ledger
from ledgerbook.summary.detail import headers
from ledgerbook.summary.labels import status_labels
from ledgerbook.summary.lists import DIGEST, FILE, SHEET
from ledgerbook.text import cell_text

FACTS_SHEET = "_汇总"

_KIND = "ledgerbook-summary"
FORMAT = f"{_KIND}/1"

_FORMAT, _NAME, _YEAR, _DAY, _ROWS = "格式", "名称", "年度", "汇总日期", "明细行数"
_LEVEL, _UNIT, _SECTION, _COLUMN, _STATUS, _MISSING = (
    "层级",
    "单位",
    "科室",
    "栏目",
    "状态",
    "未报单位",
)
_COUNT, _TALLY = "计数", "核对"
_MERGED = "合并"


class UnknownFormatError(Exception):
    """The facts are written in a way that this version does not know."""


@dataclass(frozen=True, slots=True)
class UnitFact:
    """One unit (a bureau) within a summary; ``path`` is below the summary's own name.

    It is blank where the summary is that of one unit. ``problems`` are those that the
    unit itself had still to settle.
    """

    path: str
    book_id: str
    as_of: date
    rows: int
    problems: int = 0


@dataclass(frozen=True, slots=True)
class SectionFact:
    """Where a section of ``unit`` (a path) stands with its returns."""

    unit: str
    section: str
    standing: str
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a summary says of itself.

    ``columns`` are the headers by key, ``statuses`` the class that each status counts
    as, ``counts`` how many rows stood in it when the summary was made, ``found`` and
    ``accounted`` its own conservation count, ``missing`` units that had not reported.
    """

    name: str
    year: int
    as_of: date
    rows: int
    merged: bool = False
    units: tuple[UnitFact, ...] = ()
    sections: tuple[SectionFact, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    found: int = 0
    accounted: int = 0


def lines(facts: Facts) -> Iterator[tuple[str, ...]]:
    """Yield the lines of the hidden sheet."""
    yield _FORMAT, FORMAT
    yield _NAME, facts.name
    yield _LEVEL, _MERGED if facts.merged else _UNIT
    yield _YEAR, str(facts.year)
    yield _DAY, facts.as_of.isoformat()
    yield _ROWS, str(facts.rows)
    yield _TALLY, str(facts.found), str(facts.accounted)
    for one in facts.units:
        day = one.as_of.isoformat()
        yield _UNIT, one.path, one.book_id, day, str(one.rows), str(one.problems)
    for part in facts.sections:
        yield _SECTION, part.unit, part.section, part.standing, str(part.rows)
    for key, header in facts.columns.items():
        yield _COLUMN, key, header
    for status, kind in facts.statuses.items():
        yield _STATUS, status, kind
    for status, count in facts.counts.items():
        yield _COUNT, status, str(count)
    for path in facts.missing:
        yield _MISSING, path


def storable(facts: Facts) -> list[tuple[str, ...]]:
    """Return the lines as cells can hold them."""
    return [tuple(cell_text(text) for text in line) for line in lines(facts)]


def read(grid: Iterable[Sequence[str]]) -> Facts:
    """Read the hidden sheet's lines.

    Raises UnknownFormatError for a format of another version, ValueError when what is
    needed is not there.
    """
    found: dict[str, list[tuple[str, ...]]] = {}
    for line in grid:
        if line:
            found.setdefault(line[0], []).append((*line[1:], *[""] * 5))
    said = _first(found, _FORMAT)
    if said != FORMAT:
        if said.startswith(_KIND):
            raise UnknownFormatError(said)
        raise ValueError("no format is told")
    return Facts(
        name=_first(found, _NAME),
        year=int(_first(found, _YEAR)),
        as_of=date.fromisoformat(_first(found, _DAY)),
        rows=int(_first(found, _ROWS)),
        merged=_first(found, _LEVEL) == _MERGED,
        units=tuple(
            UnitFact(a, b, date.fromisoformat(c), int(d), int(e or 0))
            for a, b, c, d, e, *_ in found.get(_UNIT, ())
        ),
        sections=tuple(
            SectionFact(a, b, c, int(d or 0))
            for a, b, c, d, *_ in found.get(_SECTION, ())
        ),
        columns={a: b for a, b, *_ in found.get(_COLUMN, ())},
        statuses={a: b for a, b, *_ in found.get(_STATUS, ())},
        counts={a: int(b) for a, b, *_ in found.get(_COUNT, ())},
        missing=tuple(a for a, *_ in found.get(_MISSING, ())),
        found=int(_first(found, _TALLY) or 0),
        accounted=int((found.get(_TALLY) or [("", "0")])[0][1] or 0),
    )


def _first(found: Mapping[str, list[tuple[str, ...]]], name: str) -> str:
    rows = found.get(name)
    return rows[0][0] if rows else ""


# The very hidden sheet by which the level above knows a summary and reads it.
#
# The office's own folder is looked at by it as well, without reading the rows.


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
class SummaryMetadata:
    """What a summary says of itself, and of which files: name → SHA-256."""

    facts: Facts | None = None
    files: Mapping[str, str] = field(default_factory=dict)


def told_by(path: Path) -> SummaryMetadata:
    """Look at a summary on the disk; one that cannot be read tells nothing."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(path) as workbook:
            grids = {
                name: workbook.get_sheet_by_name(name).to_python()
                for name in (FACTS_SHEET, SHEET)
                if name in workbook.sheet_names
            }
        facts = read(_texts(grids.get(FACTS_SHEET, ())))
    except (CalamineError, UnknownFormatError, ValueError, OSError):
        return SummaryMetadata()
    return SummaryMetadata(facts, _files(grids.get(SHEET, ())))


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


def draw_facts(maker: WorkbookWriter, facts: Facts) -> None:
    """Put ``facts`` on a very hidden sheet, every one as text."""
    sheet = maker.sheet(FACTS_SHEET)
    sheet.very_hidden()
    for row, line in enumerate(storable(facts)):
        for column, text in enumerate(line):
            done(sheet.write_string(row, column, text))
