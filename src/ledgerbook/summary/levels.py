"""What a summary tells the level above: facts on a very hidden sheet, all of them text.

The rows themselves are read from the visible sheets, since what the office sees is
what counts. Here stands what those cannot say: whose summary it is, of which day, what
each column and status means. Text survives every program that saves the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ledgerbook.text import cell_text

SHEET = "_汇总"
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
