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

from ledgerbook.excel.workbook_writer import WorkbookWriter, check_result
from ledgerbook.export import STATUS_CLASSES, classify_status
from ledgerbook.model.results import Ledger
from ledgerbook.summary.detail import build_detail_headers
from ledgerbook.summary.labels import list_status_labels
from ledgerbook.summary.lists import DIGEST_HEADER, FILE_HEADER, SUBMISSIONS_SHEET
from ledgerbook.text import fit_to_cell

FACTS_SHEET = "_汇总"

_FORMAT_NAME = "ledgerbook-summary"
FORMAT_VERSION = f"{_FORMAT_NAME}/1"

_FORMAT_KEY, _NAME_KEY, _YEAR_KEY, _DAY_KEY, _ROW_COUNT_KEY = (
    "格式",
    "名称",
    "年度",
    "汇总日期",
    "明细行数",
)
_LEVEL_KEY, _UNIT_KEY, _SECTION_KEY, _COLUMN_KEY, _STATUS_KEY, _MISSING_KEY = (
    "层级",
    "单位",
    "科室",
    "栏目",
    "状态",
    "未报单位",
)
_COUNT_KEY, _BALANCE_KEY = "计数", "核对"
_MERGED_LEVEL = "合并"


class UnknownFormatError(Exception):
    """The facts are written in a way that this version does not know."""


@dataclass(frozen=True, slots=True)
class UnitFact:
    """One unit (a bureau) within a summary; ``path`` is below the summary's own name.

    It is blank where the summary is that of one unit. ``problem_count`` are those that the
    unit itself had still to settle.
    """

    path: str
    book_id: str
    as_of: date
    row_count: int
    problem_count: int = 0


@dataclass(frozen=True, slots=True)
class SectionFact:
    """Where a section of ``unit`` (a path) stands with its returns."""

    unit: str
    section: str
    status: str
    rows: int = 0


@dataclass(frozen=True, slots=True)
class SummaryFacts:
    """All that a summary says of itself.

    ``columns`` are the headers by key, ``statuses`` the class that each status counts
    as, ``status_counts`` how many rows stood in it when the summary was made,
    ``received_count`` and ``accounted_count`` its own conservation count,
    ``missing_units`` units that had not reported.
    """

    name: str
    year: int
    as_of: date
    row_count: int
    is_merged: bool = False
    units: tuple[UnitFact, ...] = ()
    sections: tuple[SectionFact, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    status_counts: Mapping[str, int] = field(default_factory=dict)
    missing_units: tuple[str, ...] = ()
    received_count: int = 0
    accounted_count: int = 0


def format_fact_lines(facts: SummaryFacts) -> Iterator[tuple[str, ...]]:
    """Yield the lines of the hidden sheet."""
    yield _FORMAT_KEY, FORMAT_VERSION
    yield _NAME_KEY, facts.name
    yield _LEVEL_KEY, _MERGED_LEVEL if facts.is_merged else _UNIT_KEY
    yield _YEAR_KEY, str(facts.year)
    yield _DAY_KEY, facts.as_of.isoformat()
    yield _ROW_COUNT_KEY, str(facts.row_count)
    yield _BALANCE_KEY, str(facts.received_count), str(facts.accounted_count)
    for unit in facts.units:
        day = unit.as_of.isoformat()
        yield (
            _UNIT_KEY,
            unit.path,
            unit.book_id,
            day,
            str(unit.row_count),
            str(unit.problem_count),
        )
    for section in facts.sections:
        yield (
            _SECTION_KEY,
            section.unit,
            section.section,
            section.status,
            str(section.rows),
        )
    for key, header in facts.columns.items():
        yield _COLUMN_KEY, key, header
    for status, status_class in facts.statuses.items():
        yield _STATUS_KEY, status, status_class
    for status, count in facts.status_counts.items():
        yield _COUNT_KEY, status, str(count)
    for path in facts.missing_units:
        yield _MISSING_KEY, path


def build_storable_lines(facts: SummaryFacts) -> list[tuple[str, ...]]:
    """Return the lines as cells can hold them."""
    return [tuple(fit_to_cell(text) for text in line) for line in format_fact_lines(facts)]


def parse_facts(grid: Iterable[Sequence[str]]) -> SummaryFacts:
    """Read the hidden sheet's lines.

    Raises UnknownFormatError for a format of another version, ValueError when what is
    needed is not there.
    """
    lines_by_key: dict[str, list[tuple[str, ...]]] = {}
    for line in grid:
        if line:
            lines_by_key.setdefault(line[0], []).append((*line[1:], *[""] * 5))
    format_version = _get_first_value(lines_by_key, _FORMAT_KEY)
    if format_version != FORMAT_VERSION:
        if format_version.startswith(_FORMAT_NAME):
            raise UnknownFormatError(format_version)
        raise ValueError("no format is told")
    return SummaryFacts(
        name=_get_first_value(lines_by_key, _NAME_KEY),
        year=int(_get_first_value(lines_by_key, _YEAR_KEY)),
        as_of=date.fromisoformat(_get_first_value(lines_by_key, _DAY_KEY)),
        row_count=int(_get_first_value(lines_by_key, _ROW_COUNT_KEY)),
        is_merged=_get_first_value(lines_by_key, _LEVEL_KEY) == _MERGED_LEVEL,
        units=tuple(
            UnitFact(a, b, date.fromisoformat(c), int(d), int(e or 0))
            for a, b, c, d, e, *_ in lines_by_key.get(_UNIT_KEY, ())
        ),
        sections=tuple(
            SectionFact(a, b, c, int(d or 0))
            for a, b, c, d, *_ in lines_by_key.get(_SECTION_KEY, ())
        ),
        columns={a: b for a, b, *_ in lines_by_key.get(_COLUMN_KEY, ())},
        statuses={a: b for a, b, *_ in lines_by_key.get(_STATUS_KEY, ())},
        status_counts={a: int(b) for a, b, *_ in lines_by_key.get(_COUNT_KEY, ())},
        missing_units=tuple(a for a, *_ in lines_by_key.get(_MISSING_KEY, ())),
        received_count=int(_get_first_value(lines_by_key, _BALANCE_KEY) or 0),
        accounted_count=int((lines_by_key.get(_BALANCE_KEY) or [("", "0")])[0][1] or 0),
    )


def _get_first_value(lines_by_key: Mapping[str, list[tuple[str, ...]]], key: str) -> str:
    lines = lines_by_key.get(key)
    return lines[0][0] if lines else ""


# The very hidden sheet by which the level above knows a summary and reads it.
#
# The office's own folder is looked at by it as well, without reading the rows.


def build_summary_facts(ledger: Ledger) -> SummaryFacts:
    """Return what the summary of ``ledger`` says of itself."""
    book = ledger.book
    error_count = sum(problem.is_error for problem in ledger.problems)
    statuses = {s.text: classify_status(s.text, s.meaning) for s in list_status_labels(ledger)}
    counts = Counter(row.status for row in ledger.assignment_results)
    return SummaryFacts(
        name=book.agency,
        year=book.year,
        as_of=ledger.as_of,
        row_count=len(ledger.assignment_results),
        units=(
            UnitFact(
                "",
                book.book_id,
                ledger.as_of,
                len(ledger.assignment_results),
                error_count,
            ),
        ),
        sections=tuple(
            SectionFact("", report.section, report.status.value, report.row_count)
            for report in ledger.section_reports
        ),
        columns=build_detail_headers(ledger),
        statuses=dict(sorted(statuses.items(), key=lambda s: STATUS_CLASSES.index(s[1]))),
        status_counts=dict(sorted(counts.items())),
        received_count=ledger.cell_balance.received,
        accounted_count=ledger.cell_balance.accounted_for,
    )


@dataclass(frozen=True, slots=True)
class SummaryMetadata:
    """What a summary says of itself, and of which files: name → SHA-256."""

    facts: SummaryFacts | None = None
    files: Mapping[str, str] = field(default_factory=dict)


def read_summary_metadata(path: Path) -> SummaryMetadata:
    """Look at a summary on the disk; one that cannot be read tells nothing."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(path) as workbook:
            grids = {
                name: workbook.get_sheet_by_name(name).to_python()
                for name in (FACTS_SHEET, SUBMISSIONS_SHEET)
                if name in workbook.sheet_names
            }
        facts = parse_facts(_convert_cells_to_text(grids.get(FACTS_SHEET, ())))
    except (CalamineError, UnknownFormatError, ValueError, OSError):
        return SummaryMetadata()
    return SummaryMetadata(facts, _find_file_digests(grids.get(SUBMISSIONS_SHEET, ())))


def _convert_cells_to_text(grid: Iterable[Sequence[Any]]) -> list[list[str]]:
    return [[str(cell) for cell in line] for line in grid]


def _find_file_digests(grid: Iterable[Sequence[Any]]) -> dict[str, str]:
    """Find the files in 报送情况, by the header of their table."""
    digests: dict[str, str] = {}
    columns: tuple[int, int] | None = None
    for line in _convert_cells_to_text(grid):
        if {FILE_HEADER, DIGEST_HEADER} <= set(line):
            columns = line.index(FILE_HEADER), line.index(DIGEST_HEADER)
        elif columns and line[columns[0]]:
            digests[line[columns[0]]] = line[columns[1]]
    return digests


def write_facts(writer: WorkbookWriter, facts: SummaryFacts) -> None:
    """Put ``facts`` on a very hidden sheet, every one as text."""
    sheet = writer.add_sheet(FACTS_SHEET)
    sheet.very_hidden()
    for row, line in enumerate(build_storable_lines(facts)):
        for column, text in enumerate(line):
            check_result(sheet.write_string(row, column, text))
