"""Read a summary's workbook: its facts, the rows of its detail, and its problems.

The file is untrusted: it is checked and read like a return, in a worker process. Rows
are read from the visible sheets, whose columns are found by the headers that the hidden
sheet of facts states (:mod:`ledgerbook.summary.metadata`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import partial
from typing import ClassVar

from ledgerbook.a1_references import format_cell_reference
from ledgerbook.export import (
    ADDED_PREFIX,
    COLUMNS_BY_KEY,
    OTHER_CLASS,
    SCHEMA,
    STATUS_CLASSES,
    DetailRow,
    ExportType,
    ExportValue,
)
from ledgerbook.identity import SUMMARY_KINDS, OutputKind, parse_kind
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.formats.raw_workbook import (
    CellError,
    RawSheet,
    RawValue,
    RawWorkbook,
    display_text,
)
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.intake.pipeline import FileSource, ReadContext, read_file
from ledgerbook.intake.status_synonyms import STATUS_SYNONYMS
from ledgerbook.merge.personal_data import hide_grounds
from ledgerbook.model import StatusCategory
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import NIL_RETURN, NOT_FILLED, NOT_RETURNED, FileReport, FileStatus
from ledgerbook.rollup.merge import SummaryRead
from ledgerbook.summary import metadata
from ledgerbook.summary.metadata import SectionFact, SummaryFacts, UnitFact, UnknownFormatError
from ledgerbook.text import fit_to_cell, normalize

# A summary of a whole level has far more cells than any return.
MAX_CELLS = 4_000_000
DETAIL_SHEET = "科室明细"


def read_summary(
    source: FileSource, context: ReadContext, *, personal_data: bool = False
) -> FileContent:
    """Read one file that should be a summary; problems are part of the result.

    Without ``personal_data`` the cells of personal columns are not even looked at.
    """
    reader = partial(read_summary_bytes, personal_data=personal_data)
    return read_file(source, replace(context, workbook_reader=reader))


def read_summary_bytes(
    report: FileReport, data: bytes, context: ReadContext, *, personal_data: bool = False
) -> FileContent:
    """Read a file that is known to be a workbook. Raises RefusedError."""
    raw = read_workbook(data, context.passwords, MAX_CELLS)
    updated_report = replace(report, saved_at=raw.saved_at)
    return read_summary_workbook(updated_report, raw, personal_data=personal_data)


def read_summary_workbook(
    report: FileReport, raw: RawWorkbook, *, personal_data: bool = False
) -> SummaryRead:
    """Return the facts, rows and problems of a workbook."""
    facts_sheet = next((s for s in raw.sheets if s.name == metadata.FACTS_SHEET), None)
    kind = parse_kind(raw.keywords)
    if facts_sheet is None and kind == OutputKind.CORRECTIONS:
        problem = Problem("summary-correction", Place(report.name))
        skipped_report = replace(report, status=FileStatus.SKIPPED, note=problem.message)
        return SummaryRead(skipped_report, problems=(problem,))
    if facts_sheet is None and kind not in SUMMARY_KINDS:
        return _reject_summary(report, "summary-none")
    problems: list[Problem] = []
    facts: SummaryFacts | None = None
    try:
        facts = metadata.parse_facts(_build_text_grid(facts_sheet)) if facts_sheet else None
    except UnknownFormatError as error:
        return _reject_summary(report, "summary-newer", {"found": str(error)})
    except ValueError:
        facts = None
    if facts is None:
        problems.append(Problem("summary-older", Place(report.name)))
    columns = facts.columns if facts and facts.columns else FACTORY_HEADERS
    personal_keys = facts.personal_keys if facts else metadata.FACTORY_PERSONAL_KEYS
    tables = find_detail_tables(raw, columns)
    if not personal_data:
        tables = tuple(omit_personal_cells(table, personal_keys) for table in tables)
    if facts is None:
        facts = guess_facts(raw, sum(len(table.lines) for table in tables))
    if facts is None:
        row_count = sum(len(table.lines) for table in tables)
        values = {"count": str(row_count)}
        return _reject_summary(report, "summary-unnamed", values, row_count)
    if not tables:
        values = {
            "sheet": DETAIL_SHEET,
            "headers": "、".join(columns.get(key, key) for key in DetailTable.REQUIRED_KEYS),
            "count": str(facts.row_count),
        }
        return _reject_summary(report, "summary-no-detail", values, facts.row_count)
    return _build_summary_read(report, facts, tables, problems)


def _build_summary_read(
    report: FileReport,
    facts: SummaryFacts,
    tables: Sequence[DetailTable],
    problems: list[Problem],
) -> SummaryRead:
    # Anybody may have written the hidden sheet: a class that there is none of is none.
    class_by_status = {
        status: status_class
        for status, status_class in facts.statuses.items()
        if status_class in ("", *STATUS_CLASSES)
    }
    statuses = class_by_status or FACTORY_STATUSES
    rows, row_problems = read_detail_rows(
        report.name, tables, facts.columns or FACTORY_HEADERS, statuses
    )
    line_count = sum(len(table.lines) for table in tables)
    problems += row_problems
    problems += _find_changes(report.name, facts, line_count, rows)
    return SummaryRead(
        report,
        problems=tuple(problems),
        filled_count=max(line_count, facts.row_count),
        facts=facts,
        detail=tuple(rows),
    )


def _find_changes(
    filename: str, facts: SummaryFacts, line_count: int, rows: Sequence[DetailRow]
) -> Iterator[Problem]:
    """Report what has been changed in a summary since it was made.

    Rows that were removed are counted as rejected: nobody knows what they said.
    """
    place = Place(filename)
    if facts.received_count != facts.accounted_count:
        values = {
            "found": str(facts.received_count),
            "accounted": str(facts.accounted_count),
        }
        yield Problem("summary-unbalanced", place, values)
    status_counts = Counter(row.get_text("status") for row in rows)
    if line_count != facts.row_count:
        values = {"made": str(facts.row_count), "found": str(line_count)}
        missing_count = max(0, facts.row_count - line_count)
        yield Problem("summary-rows", place, values, rejected_cells=missing_count)
    elif facts.status_counts and status_counts != facts.status_counts:
        changes = [
            f"{status or '空白'} {facts.status_counts.get(status, 0)}→{status_counts[status]}"
            for status in sorted({*facts.status_counts, *status_counts})
            if facts.status_counts.get(status, 0) != status_counts[status]
        ]
        status_header = facts.columns.get("status") or FACTORY_HEADERS["status"]
        values = {"header": status_header, "detail": "，".join(changes)}
        yield Problem("summary-edited", place, values)


def _reject_summary(
    report: FileReport,
    code: str,
    values: Mapping[str, str] | None = None,
    row_count: int = 0,
) -> SummaryRead:
    problem = Problem(code, Place(report.name), values or {}, rejected_cells=row_count)
    rejected_report = replace(report, status=FileStatus.REJECTED, note=problem.message)
    return SummaryRead(rejected_report, problems=(problem,), filled_count=row_count)


def _build_text_grid(sheet: RawSheet) -> list[list[str]]:
    """Return the cells of the hidden sheet as rows of text."""
    lines: dict[int, dict[int, str]] = {}
    for (row, column), value in sheet.cells.items():
        lines.setdefault(row, {})[column] = display_text(value)
    return [
        [line.get(column, "") for column in range(max(line) + 1)]
        for _, line in sorted(lines.items())
    ]


# --- the detail: its sheets are found by their headers ---

# Title and note stand above the header; the office may have put in some lines more.
_HEADER_SEARCH_ROWS = 12
# Not read: the class is determined anew, and the days left depend on the day.
_IGNORED_KEYS = frozenset(("status_class", "days"))
# What a problem quotes of a row.
_MAX_QUOTE_LENGTH = 200

LineCells = Mapping[int, RawValue]


@dataclass(frozen=True, slots=True)
class DetailTable:
    """The detail on one sheet.

    ``columns`` are column indexes (from 0) by key, ``lines`` the cells below the header by
    row; ``other_headers`` are the headers of columns without a key, by column index.
    """

    REQUIRED_KEYS: ClassVar[tuple[str, ...]] = ("section", "row_code", "status")

    sheet: str
    columns: Mapping[str, int]
    other_headers: Mapping[int, str]
    lines: Mapping[int, LineCells]


def find_detail_tables(raw: RawWorkbook, columns: Mapping[str, str]) -> tuple[DetailTable, ...]:
    """Return the detail of every sheet that has one; ``columns`` are headers by key.

    A long detail continues from sheet to sheet.
    """
    tables = (_find_detail_table(sheet, columns) for sheet in raw.sheets)
    return tuple(table for table in tables if table)


def omit_personal_cells(table: DetailTable, personal_keys: Collection[str]) -> DetailTable:
    """Return the table without the cells of personal columns and the grounds of 更正代填."""
    omitted = {column for key, column in table.columns.items() if key in personal_keys}
    source = table.columns.get("source")

    def omit_cells(line: LineCells) -> LineCells:
        cells = {column: value for column, value in line.items() if column not in omitted}
        if source is not None and isinstance(text := cells.get(source), str):
            cells[source] = hide_grounds(text)
        return cells

    lines = {row: omit_cells(line) for row, line in table.lines.items()}
    return replace(table, lines=lines)


def _find_detail_table(sheet: RawSheet, columns: Mapping[str, str]) -> DetailTable | None:
    lines: dict[int, dict[int, RawValue]] = {}
    for (row, column), value in sheet.cells.items():
        lines.setdefault(row, {})[column] = value
    keys_by_header = {normalize(header): key for key, header in columns.items()}
    for header_row in sorted(lines)[:_HEADER_SEARCH_ROWS]:
        titles = {n: normalize(display_text(v)) for n, v in lines[header_row].items()}
        columns_by_key: dict[str, int] = {}
        for title_column in sorted(titles):
            if titles[title_column] in keys_by_header:
                columns_by_key.setdefault(keys_by_header[titles[title_column]], title_column)
        if not set(DetailTable.REQUIRED_KEYS) <= set(columns_by_key):
            continue
        other_headers = {
            n: display_text(lines[header_row][n])
            for n in titles
            if n not in columns_by_key.values()
        }
        lines_below = {n: lines[n] for n in sorted(lines) if n > header_row}
        return DetailTable(sheet.name, columns_by_key, other_headers, lines_below)
    return None


def read_detail_rows(
    file: str,
    tables: Sequence[DetailTable],
    columns: Mapping[str, str],
    statuses: Mapping[str, str],
) -> tuple[list[DetailRow], list[Problem]]:
    """Read every line of the detail: it becomes a row, or a problem counts it."""
    problems: list[Problem] = []
    rows: list[DetailRow] = []
    for table in tables:
        for key, header in columns.items():
            if key not in table.columns:
                place = Place(file, table.sheet)
                problems.append(Problem("summary-column", place, {"header": header}))
        reader = _DetailReader(file, table, columns, statuses)
        for row_index, line in table.lines.items():
            row, row_problems = reader.read_row(row_index, line)
            problems += row_problems
            if row:
                rows.append(row)
    unique_rows, duplicate_problems = _drop_duplicate_rows(rows)
    return unique_rows, [*problems, *duplicate_problems]


@dataclass(frozen=True, slots=True)
class _DetailReader:
    file: str
    table: DetailTable
    columns: Mapping[str, str]
    statuses: Mapping[str, str]

    def read_row(self, row_index: int, line: LineCells) -> tuple[DetailRow | None, list[Problem]]:
        place = Place(self.file, self.table.sheet, format_cell_reference((row_index, 0)))
        if rejection := self._find_rejection(row_index, line, place):
            return None, [rejection]
        values: dict[str, ExportValue] = {}
        problems: list[Problem] = []
        for key, column in self.table.columns.items():
            value = line.get(column)
            if value is not None and key.startswith(ADDED_PREFIX):
                values[f"{ADDED_PREFIX}{self.columns[key]}"] = _convert_added_column_cell(value)
            if value is None or key in _IGNORED_KEYS or key not in COLUMNS_BY_KEY:
                continue
            typed_value, code = _convert_value(COLUMNS_BY_KEY[key].type, value)
            if typed_value not in (None, ""):
                values[key] = typed_value
            if code:
                cell_place = Place(
                    self.file, self.table.sheet, format_cell_reference((row_index, column))
                )
                message_values = {
                    "header": self.columns[key],
                    "raw": display_text(value),
                }
                problems.append(Problem(code, cell_place, message_values))
        if other_text := self._format_other_cells(line, values):
            values["other"] = other_text
        status = str(values.get("status", ""))
        status_class = self._classify_status(line, status)
        if not status_class:
            cell_place = Place(
                self.file,
                self.table.sheet,
                format_cell_reference((row_index, self.table.columns["status"])),
            )
            message_values = {"header": self.columns["status"], "raw": status}
            problems.append(Problem("summary-status", cell_place, message_values))
        values["status_class"] = status_class or OTHER_CLASS
        return DetailRow(values, place), problems

    def _classify_status(self, line: LineCells, status: str) -> str:
        """Return the class of a status; where the facts leave it open, that of the row."""
        status_class = self.statuses.get(status)
        column = self.table.columns.get("status_class", -1)
        row_class = display_text(line.get(column)) if status_class == "" else ""
        return row_class if row_class in STATUS_CLASSES else status_class or ""

    def _find_rejection(self, row_index: int, line: LineCells, place: Place) -> Problem | None:
        """Return why a line cannot be a row, or None where it can."""
        raw = fit_to_cell("；".join(display_text(v) for v in line.values()))[:_MAX_QUOTE_LENGTH]
        for key in DetailTable.REQUIRED_KEYS:
            column = self.table.columns[key]
            value = line.get(column)
            header = self.columns[key]
            if isinstance(value, CellError):
                cell_place = Place(
                    self.file, self.table.sheet, format_cell_reference((row_index, column))
                )
                message_values = {"header": header, "raw": value.text}
                return Problem("summary-row-error", cell_place, message_values, rejected_cells=1)
            if key != "status" and not display_text(value):
                message_values = {"lack": f"“{header}”", "raw": raw}
                return Problem("summary-row", place, message_values, rejected_cells=1)
        return None

    def _format_other_cells(self, line: LineCells, values: Mapping[str, ExportValue]) -> str:
        """Return the cells of columns that the schema lacks as “栏名：内容” lines."""
        unknown_headers = {
            column: self.columns[key]
            for key, column in self.table.columns.items()
            if key not in COLUMNS_BY_KEY
            and key not in _IGNORED_KEYS
            and not key.startswith(ADDED_PREFIX)
        }
        titles = dict(sorted({**self.table.other_headers, **unknown_headers}.items()))
        texts = [f"{title}：{display_text(line[n])}" for n, title in titles.items() if n in line]
        # Cells beyond the last header have none to be named by.
        named_columns = {*titles, *self.table.columns.values()}
        texts += [display_text(value) for n, value in line.items() if n not in named_columns]
        existing_text = str(values.get("other", ""))
        return fit_to_cell("\n".join(filter(None, (existing_text, *texts))))


def _convert_value(value_type: ExportType, value: RawValue) -> tuple[ExportValue, str]:
    """Return a cell as the type of its column, and the code of what is wrong with it."""
    if isinstance(value, CellError):
        return None, "summary-cell"
    if value_type is ExportType.DATE:
        if isinstance(value, datetime):
            return value.date(), ""
        if isinstance(value, date):
            return value, ""
        try:
            return date.fromisoformat(display_text(value)), ""
        except ValueError:
            return None, "summary-date"
    if value_type is ExportType.NUMBER:
        text = display_text(value)
        return (int(text), "") if text.isdecimal() else (None, "summary-number")
    return display_text(value), ""


def _convert_added_column_cell(value: RawValue) -> ExportValue:
    """Return a cell of a column that the unit added: a number, a date or a text."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return display_text(value)


def _drop_duplicate_rows(
    rows: Sequence[DetailRow],
) -> tuple[list[DetailRow], list[Problem]]:
    """Return the rows without duplicates, and the problems of those left out.

    Of rows with one code one is returned if all say the same, else none.
    """
    groups: dict[tuple[str, str], list[DetailRow]] = {}
    for row in rows:
        groups.setdefault((row.unit, row.get_text("row_code")), []).append(row)
    unique_rows: list[DetailRow] = []
    problems: list[Problem] = []
    for group in groups.values():
        is_identical = all(row.values == group[0].values for row in group[1:])
        rejected_rows = group[1:] if is_identical else group
        if is_identical:
            unique_rows.append(group[0])
        problems += _report_duplicates(rejected_rows, len(group), is_identical=is_identical)
    return unique_rows, problems


def _report_duplicates(
    rejected_rows: Sequence[DetailRow], repeat_count: int, *, is_identical: bool
) -> Iterator[Problem]:
    code = "summary-row-again" if is_identical else "summary-row-twice"
    for row in rejected_rows:
        values = {
            "row_code": row.get_text("row_code"),
            "times": str(repeat_count),
            "raw": "；".join(str(v) for v in row.values.values())[:_MAX_QUOTE_LENGTH],
        }
        section = row.section
        yield Problem(code, row.place, values, section=section, rejected_cells=1)


# --- summaries of versions that stated no facts: what the visible sheets show ---

_OVERVIEW_SHEET, _SUBMISSIONS_SHEET = "总览", "报送情况"
_TITLE_PATTERN = re.compile(r"(.+?)(\d{4})年.+?落实情况汇总")
_DATE_PATTERN = re.compile(r"汇总日期：(\d{4})年(\d{1,2})月(\d{1,2})日")
_BOOK_ID_PATTERN = re.compile(r"book=([^;\s]+)")

_FACTS_SEARCH_ROWS = 12

# How the factory form heads what it has of the schema; those summaries had no 销号 yet.
_ABSENT_KEYS = ("unit", "status_class", "other", "place", "accepted")
FACTORY_HEADERS: Mapping[str, str] = {
    **{s.key: s.header for s in SCHEMA if s.key not in _ABSENT_KEYS},
    "days": "剩余天数",
}
# The choices of the factory form, and what people write for them.
FACTORY_STATUSES: Mapping[str, str] = {
    **{text: str(meaning) for text, meaning in STATUS_SYNONYMS.items()},
    **{kind: kind for kind in STATUS_CLASSES},
    "未启动": str(StatusCategory.NOT_STARTED),
    "推进中": str(StatusCategory.IN_PROGRESS),
    "已完成": str(StatusCategory.COMPLETED),
    "长期推进": str(StatusCategory.ONGOING),
    "不涉及": str(StatusCategory.NOT_APPLICABLE),
    NOT_FILLED: NOT_FILLED,
    NIL_RETURN: NIL_RETURN,
    NOT_RETURNED: NOT_RETURNED,
}


def guess_facts(raw: RawWorkbook, row_count: int) -> SummaryFacts | None:
    """Return the facts that the visible sheets show, or None where they show too little."""
    overview_sheet = next((s for s in raw.sheets if s.name == _OVERVIEW_SHEET), None)
    if overview_sheet is None:
        return None
    texts = [
        display_text(v) for (row, _), v in overview_sheet.cells.items() if row < _FACTS_SEARCH_ROWS
    ]
    title_match = next(filter(None, map(_TITLE_PATTERN.fullmatch, texts)), None)
    date_match = next(filter(None, map(_DATE_PATTERN.fullmatch, texts)), None)
    if title_match is None or date_match is None:
        return None
    try:
        as_of = date(*map(int, date_match.groups()))
    except ValueError:
        return None
    book_match = _BOOK_ID_PATTERN.search(raw.keywords)
    submissions_sheet = next((s for s in raw.sheets if s.name == _SUBMISSIONS_SHEET), None)
    return SummaryFacts(
        name=title_match[1],
        year=int(title_match[2]),
        as_of=as_of,
        row_count=row_count,
        units=(UnitFact("", book_match[1] if book_match else "", as_of, row_count),),
        sections=_read_sections(submissions_sheet) if submissions_sheet else (),
    )


def _read_sections(sheet: RawSheet) -> tuple[SectionFact, ...]:
    """Read the submission status of each section from the first table of 报送情况."""
    columns_by_row: dict[int, dict[str, int]] = {}
    for (row, column), value in sheet.cells.items():
        if row < _FACTS_SEARCH_ROWS:
            columns_by_row.setdefault(row, {})[display_text(value)] = column
    # A table of files stands below; it has sections as well, but no standings.
    header_rows = (
        n for n in sorted(columns_by_row) if {"科室", "报送状态"} <= columns_by_row[n].keys()
    )
    header_row = next(header_rows, None)
    if header_row is None:
        return ()
    section_column = columns_by_row[header_row]["科室"]
    status_column = columns_by_row[header_row]["报送状态"]
    sections: list[SectionFact] = []
    row = header_row + 1
    while name := display_text(sheet.cells.get((row, section_column))):
        if (row, status_column) not in sheet.cells:
            break
        status_text = display_text(sheet.cells[row, status_column])
        sections.append(SectionFact("", name, status_text))
        row += 1
    return tuple(sections)
