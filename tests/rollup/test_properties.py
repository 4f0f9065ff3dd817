"""Whatever the summaries: no row is lost, and the order of files does not matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from ledgerbook.export import STATUS_CLASSES, DetailRow
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.formats.raw_workbook import CellError, RawSheet, RawWorkbook
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import FileReport, FileStatus
from ledgerbook.rollup import RollupRequest, roll_up
from ledgerbook.rollup.merge import SummaryRead
from ledgerbook.rollup.summary_reader import read_summary_workbook
from ledgerbook.summary import metadata
from ledgerbook.summary.metadata import SectionFact, SummaryFacts, UnitFact
from tests.support.books import AS_OF
from tests.support.rollups import DETAIL, EDU, FACTS, ROWS, make_summary

_names = st.sampled_from(("甲局", "乙局", "丙局", "甲 局"))
_days = st.sampled_from((date(2022, 11, 1), AS_OF, date(2023, 1, 5)))
_NUMBERS = {"made": "9", "found": "7"}
_texts = st.text(alphabet="甲乙 ab/*=\n", max_size=5)


@st.composite
def rows(draw: st.DrawFn, unit: str) -> list[DetailRow]:
    """Draw a unit's rows, each with a code of its own."""
    made = draw(st.lists(st.sampled_from(("T01", "T02", "T03")), unique=True))
    return [
        DetailRow(
            {
                "unit": unit,
                "section": draw(st.sampled_from(("一科", "二科"))),
                "row_code": f"{code}-AAAAA",
                "status": draw(st.sampled_from(("办结", "在办", ""))),
                "status_class": draw(st.sampled_from(STATUS_CLASSES)),
                "due": draw(_days),
                "result": draw(_texts),
            }
        )
        for code in made
    ]


@st.composite
def reads(draw: st.DrawFn) -> list[FileContent]:
    """Draw files: summaries of units, of levels, and some that cannot be read."""
    made: list[FileContent] = []
    for n in range(draw(st.integers(0, 5))):
        name = f"{n}.xlsx"
        saved = draw(st.sampled_from((None, datetime(2022, 12, 1))))  # noqa: DTZ001
        report = FileReport(name, 1, f"{n:064}", FileStatus.ACCEPTED, saved_at=saved)
        if draw(st.integers(0, 5)) == 0:
            problem = Problem("file-empty", Place(name))
            made.append(FileContent(report, problems=(problem,)))
            continue
        merged = draw(st.booleans())
        paths = draw(st.lists(_names, unique=True, max_size=3)) if merged else [""]
        detail = [row for path in paths for row in draw(rows(path))]
        day = draw(_days)
        books = st.sampled_from(("", "A", "B"))
        facts = SummaryFacts(
            name=draw(_names | st.sampled_from(("", "x/y"))),
            year=draw(st.sampled_from((2022, 2022, 2021))),
            as_of=day,
            row_count=len(detail),
            is_merged=merged,
            # A unit of rows may be told of, or not; one may be told of without rows.
            units=tuple(
                UnitFact(path, draw(books), draw(_days), 0)
                for path in draw(st.lists(st.sampled_from([*paths, "丁局"])))
                if merged or not path
            ),
            missing_units=tuple(draw(st.lists(_names, max_size=1))),
        )
        held = draw(st.integers(0, 2))
        lost = (
            (Problem("summary-rows", Place(name), _NUMBERS, rejected_cells=held),) if held else ()
        )
        placed = tuple(
            replace(row, place=Place(name, "明细", f"A{at}")) for at, row in enumerate(detail, 4)
        )
        made.append(
            SummaryRead(
                report,
                problems=lost,
                filled_count=len(detail) + held,
                facts=facts,
                detail=placed,
            )
        )
    return made


@settings(max_examples=60, deadline=None)
@given(reads(), st.randoms(), st.none() | st.lists(_names, max_size=3))
def test_no_row_is_lost_and_order_does_not_matter(
    files: list[FileContent], dice: object, names: list[str] | None
) -> None:
    """Found = merged + held; each unit once; any order gives the very same value."""
    asked = RollupRequest(AS_OF, "某市", expected=None if names is None else tuple(names))
    made = roll_up(files, asked)
    assert made.is_balanced
    assert made.detail_row_count == sum(read.filled_count for read in files)
    assert {one.name for one in made.files} == {read.report.name for read in files}
    assert len({unit.path for unit in made.units}) == len(made.units)
    told = {
        (read.report.name, row.place.cell, row.get_text("result"))
        for read in files
        if isinstance(read, SummaryRead)
        for row in read.detail
    }
    here = [
        (unit.file, row.place.cell, row.get_text("result"))
        for unit in made.units
        for row in unit.rows
    ]
    assert len(here) == len(set(here))
    assert set(here) <= told
    assert all(row.unit == unit.path for unit in made.units for row in unit.rows)
    shuffled = list(files)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert roll_up(shuffled, asked) == made


@cache
def raw() -> RawWorkbook:
    return read_workbook(make_summary(EDU))


@cache
def detail_cells() -> tuple[tuple[int, int], ...]:
    return tuple(cell for s in raw().sheets if s.name == DETAIL for cell in s.cells)


_values = st.sampled_from(
    ("", "甲", "=1+1", "2022-13-45", "已完成", 7, 1.5, True, None, CellError("#REF!"))
) | st.dates().map(lambda day: datetime(day.year, day.month, day.day))  # noqa: DTZ001


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from((DETAIL, FACTS)), st.integers(0, 400), _values),
        max_size=6,
    )
)
def test_cells_changed_at_random_lose_no_row(
    changes: list[tuple[str, int, object]],
) -> None:
    """Every row of a summary altered anyhow is merged or held; nothing is raised."""
    book = raw()
    sheets: list[RawSheet] = []
    for sheet in book.sheets:
        cells = dict(sheet.cells)
        at = sorted(cells)
        for name, number, value in changes:
            if name == sheet.name:
                place = at[number % len(at)]
                if value is None:
                    cells.pop(place, None)
                else:
                    cells[place] = value  # type: ignore[assignment]
        sheets.append(replace(sheet, cells=cells))
    report = FileReport("1.xlsx", 1, "0" * 64, FileStatus.ACCEPTED)
    read = read_summary_workbook(report, replace(book, sheets=tuple(sheets)))
    made = roll_up([read], RollupRequest(AS_OF))
    assert made.is_balanced
    assert made.merged_row_count + made.rejected_row_count == made.detail_row_count
    if not any(name == FACTS for name, _, _ in changes):
        assert made.detail_row_count >= ROWS


_facts = st.builds(
    SummaryFacts,
    name=_texts.map(str.strip),
    year=st.integers(1900, 2100),
    as_of=st.dates(),
    row_count=st.integers(0, 99),
    is_merged=st.booleans(),
    units=st.lists(
        st.builds(UnitFact, _names, _names, st.dates(), st.integers(0, 9), st.integers(0, 9)),
        max_size=3,
    ).map(tuple),
    sections=st.lists(
        st.builds(SectionFact, _names, _names, _names, st.integers(0, 9)), max_size=3
    ).map(tuple),
    columns=st.dictionaries(_names, _names),
    statuses=st.dictionaries(_names, st.sampled_from(STATUS_CLASSES)),
    status_counts=st.dictionaries(_names, st.integers(0, 99)),
    missing_units=st.lists(_names).map(tuple),
    received_count=st.integers(0, 99),
    accounted_count=st.integers(0, 99),
)


@given(_facts)
def test_facts_are_read_as_they_were_told(facts: SummaryFacts) -> None:
    """The hidden sheet's lines, blank cells at their ends lost, give the same facts."""
    kept = [
        [*line[:1], *(cell for cell in line[1:])] for line in metadata.build_storable_lines(facts)
    ]
    for line in kept:
        while line and line[-1] == "":
            line.pop()
    assert metadata.parse_facts(kept) == facts
