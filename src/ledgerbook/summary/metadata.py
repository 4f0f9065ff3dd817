"""Write and read the facts that a summary states for the level above it.

They stand on a very hidden sheet, all of them as text, which survives every program
that saves the file. The rows themselves are read from the visible sheets, since what the
office sees is what counts; the facts say whose summary it is, of which day, and what each
column and status means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from ledgerbook.excel.workbook_writer import WorkbookWriter, check_result
from ledgerbook.export import STATUS_CLASSES, classify_status, list_personal_export_keys
from ledgerbook.file_types import RefusedError
from ledgerbook.merge.office_entries import find_changed_rows
from ledgerbook.merge.open_matters import OpenCounts, count_open_matters, list_open_matters
from ledgerbook.model.office_entries import NoteItem
from ledgerbook.model.results import FileStatus, Ledger
from ledgerbook.summary.detail import build_detail_headers
from ledgerbook.summary.labels import list_status_labels
from ledgerbook.summary.lists import DIGEST_HEADER, FILE_HEADER, SUBMISSIONS_SHEET
from ledgerbook.summary.sheet_values import load_sheet, open_summary
from ledgerbook.text import fit_to_cell

FACTS_SHEET = "_汇总"

_FORMAT_NAME = "ledgerbook-summary"
FORMAT_VERSION = f"{_FORMAT_NAME}/1"

_FORMAT_KEY = "格式"
_NAME_KEY = "名称"
_YEAR_KEY = "年度"
_DAY_KEY = "汇总日期"
_ROW_COUNT_KEY = "明细行数"
_LEVEL_KEY = "层级"
_UNIT_KEY = "单位"
_SECTION_KEY = "科室"
_COLUMN_KEY = "栏目"
_STATUS_KEY = "状态"
_MISSING_KEY = "未报单位"
_COUNT_KEY = "计数"
_BALANCE_KEY = "核对"
_CHANGED_KEY = "口径待核"
_OPEN_KEY = "未办"
_PERSONAL_KEY = "个人信息"
_LACKS_PERSONAL_DATA = "未列出"
_HAS_PERSONAL_DATA = "列出"
_MERGED_LEVEL = "合并"


# What the factory form marks, by the keys of the detail.
FACTORY_PERSONAL_KEYS = ("phone",)


class UnknownFormatError(Exception):
    """The facts are written in a format of another version."""


@dataclass(frozen=True, slots=True)
class UnitFact:
    """One unit (a bureau) of a summary; ``path`` is its path below the summary's name.

    It is blank where the summary is that of one unit. ``problem_count`` is the number of
    problems that the unit itself had still to settle.
    """

    path: str
    book_id: str
    as_of: date
    row_count: int
    problem_count: int = 0


@dataclass(frozen=True, slots=True)
class SectionFact:
    """The submission status of a section of ``unit`` (a path)."""

    unit: str
    section: str
    status: str
    rows: int = 0


@dataclass(frozen=True, slots=True)
class SummaryFacts:
    """All facts of a summary.

    ``columns`` are the headers of the detail by key, ``statuses`` the class that each status
    counts as, ``status_counts`` the rows of each status when the summary was made,
    ``received_count`` and ``accounted_count`` its own count of answer cells,
    ``missing_units`` the units that had not reported, ``changed_rows`` the rows (unit and row
    code) whose answers changed after their wording was adopted (采用口径). ``open_counts`` say
    what was open in the summary of one unit; None where it does not say so. ``personal_keys``
    are the keys among ``columns`` of what is personal data (个人信息), where nothing is said those
    of the factory form; the summary may lack their contents (``lacks_personal_data``).
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
    changed_rows: tuple[tuple[str, str], ...] = ()
    open_counts: OpenCounts | None = None
    personal_keys: tuple[str, ...] = FACTORY_PERSONAL_KEYS
    lacks_personal_data: bool = False


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
    for unit_path, code in facts.changed_rows:
        yield _CHANGED_KEY, unit_path, code
    for kind, count in asdict(facts.open_counts).items() if facts.open_counts else ():
        yield _OPEN_KEY, kind, str(count)
    personal_word = _LACKS_PERSONAL_DATA if facts.lacks_personal_data else _HAS_PERSONAL_DATA
    yield _PERSONAL_KEY, personal_word, *facts.personal_keys


def build_storable_lines(facts: SummaryFacts) -> list[tuple[str, ...]]:
    """Return the lines shortened to what cells can hold."""
    return [tuple(fit_to_cell(text) for text in line) for line in format_fact_lines(facts)]


def parse_facts(grid: Iterable[Sequence[str]]) -> SummaryFacts:
    """Parse the lines of the hidden sheet.

    Raises UnknownFormatError for a format of another version, ValueError when a necessary
    fact is missing.
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
    personal_line = (lines_by_key.get(_PERSONAL_KEY) or [("", *FACTORY_PERSONAL_KEYS)])[0]
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
        changed_rows=tuple((a, b) for a, b, *_ in lines_by_key.get(_CHANGED_KEY, ())),
        open_counts=_parse_open_counts(lines_by_key.get(_OPEN_KEY, ())),
        personal_keys=tuple(filter(None, personal_line[1:])),
        lacks_personal_data=personal_line[0] == _LACKS_PERSONAL_DATA,
    )


def _parse_open_counts(lines: Sequence[tuple[str, ...]]) -> OpenCounts | None:
    kinds = {one.name for one in fields(OpenCounts)}
    counts = {kind: int(count) for kind, count, *_ in lines if kind in kinds}
    return OpenCounts(**counts) if counts else None


def _get_first_value(lines_by_key: Mapping[str, list[tuple[str, ...]]], key: str) -> str:
    lines = lines_by_key.get(key)
    return lines[0][0] if lines else ""


# --- the facts of a ledger, and of a summary on disk ---


def build_summary_facts(ledger: Ledger) -> SummaryFacts:
    """Return the facts of the summary of ``ledger``."""
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
        changed_rows=tuple(
            ("", row.code)
            for row, _ in find_changed_rows(book, ledger.assignment_results, NoteItem.ADOPTED)
        ),
        open_counts=count_open_matters(list_open_matters(ledger, ledger.as_of)),
        personal_keys=list_personal_export_keys(book.task_form),
    )


@dataclass(frozen=True, slots=True)
class SummaryMetadata:
    """The facts of a summary, and its files: name → SHA-256.

    ``rejected_files`` are the names of those of which nothing could be used.
    """

    facts: SummaryFacts | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    rejected_files: tuple[str, ...] = ()


def read_summary_metadata(path: Path) -> SummaryMetadata:
    """Read the metadata of a summary on disk; blank where it cannot be read."""
    try:
        workbook = open_summary(path.read_bytes())
        grids = {
            name: load_sheet(workbook, name).to_python()
            for name in (FACTS_SHEET, SUBMISSIONS_SHEET)
            if name in workbook.sheet_names
        }
    except (RefusedError, OSError):
        return SummaryMetadata()
    try:
        facts = parse_facts(_convert_cells_to_text(grids.get(FACTS_SHEET, ())))
    except (UnknownFormatError, ValueError):
        return SummaryMetadata()
    files = _find_files(grids.get(SUBMISSIONS_SHEET, ()))
    return SummaryMetadata(
        facts,
        {name: digest for name, (digest, _) in files.items()},
        tuple(name for name, (_, status) in files.items() if status == FileStatus.REJECTED),
    )


def _convert_cells_to_text(grid: Iterable[Sequence[Any]]) -> list[list[str]]:
    return [[str(cell) for cell in line] for line in grid]


def _find_files(grid: Iterable[Sequence[Any]]) -> dict[str, tuple[str, str]]:
    """Return digest and status of the files in 报送情况, found by the table's headers."""
    files: dict[str, tuple[str, str]] = {}
    columns: tuple[int, int] | None = None
    for line in _convert_cells_to_text(grid):
        if {FILE_HEADER, DIGEST_HEADER} <= set(line):
            columns = line.index(FILE_HEADER), line.index(DIGEST_HEADER)
        elif columns and line[columns[0]]:
            # The status of a file stands right of its name.
            status = "".join(line[columns[0] + 1 : columns[0] + 2])
            files[line[columns[0]]] = (line[columns[1]], status)
    return files


def write_facts(writer: WorkbookWriter, facts: SummaryFacts) -> None:
    """Write ``facts`` on a very hidden sheet, all as text."""
    sheet = writer.add_sheet(FACTS_SHEET)
    sheet.very_hidden()
    for row, line in enumerate(build_storable_lines(facts)):
        for column, text in enumerate(line):
            check_result(sheet.write_string(row, column, text))
