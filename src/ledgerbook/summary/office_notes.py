"""Read what the office has written into a summary, and draw its columns of the next one.

The office writes into three columns of 科室明细 (采用口径, 审核意见, 销号) and one of 冲突
(采用哪个). Its texts are kept by row code, so that rows may come, go and move between two
summaries. Texts of rows that no longer exist are kept on a sheet of their own, 留存意见.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeVar

from ledgerbook.errors import FileError
from ledgerbook.excel import styles
from ledgerbook.excel.sheet_parts import is_part_sheet, parse_part_count
from ledgerbook.excel.sheet_writer import SheetWriter
from ledgerbook.excel.tables import TableColumn, draw_filter_table
from ledgerbook.faults import is_raised_by_program
from ledgerbook.file_types import RefusedError, refuse_unsound_package
from ledgerbook.model.office_entries import (
    BLANK_TEXT,
    WITHDRAWN_TEXT,
    NoteItem,
    OfficeNote,
    name_choice_item,
)
from ledgerbook.model.results import Conflict
from ledgerbook.summary.sheet_values import load_sheet, open_summary
from ledgerbook.text import format_value, normalize_answer

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

# Cells as openpyxl streams them: they have a value and a format.
StreamedRow = Sequence[Any]
T = TypeVar("T")

REVIEW_HEADERS = (NoteItem.ADOPTED.value, NoteItem.REVIEW.value, NoteItem.ACCEPTED.value)
# Summaries of earlier program versions have only these.
_FIRST_HEADERS = REVIEW_HEADERS[:2]
CONFLICTS_SHEET = "冲突"
# What was written into the office's cells, and the fingerprints of the answers.
WRITTEN_SHEET = "_办理"
CONFLICT_HEADERS = ("栏目", "采用的内容", "未采用的内容", NoteItem.CHOSEN.value)
TAKEN, NOT_TAKEN = "采用的", "未采用的"
# What stands there where the answer of a later round holds instead of either.
OVERTAKEN = "后来另报"
FINGERPRINT_ITEM = "答复校验"
# Followed by the key of a column: an answer of a row with a conflict.
_ANSWER_PREFIX = "答复："
ORPHAN_NOTES_SHEET = "留存意见"
DETAIL_SHEET = "科室明细"
# Title and note stand above the header of every sheet of the summary.
_HEADER_SEARCH_ROWS = 12
# A row code as identity.make_row_code makes it.
_ROW_CODE_PATTERN = re.compile(r".+-[2-9A-HJ-NP-Z]{5}")


@dataclass(frozen=True, slots=True)
class OfficeNotes:
    """The office's texts by (row code, header)."""

    texts: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def get_text(self, code: str, header: str) -> str:
        return self.texts.get((code, header), "")

    def find_codes_outside(self, codes: Collection[str]) -> tuple[str, ...]:
        """Return the row codes that have texts but are not among ``codes``."""
        return tuple(sorted({code for code, _ in self.texts} - set(codes)))


@dataclass(frozen=True, slots=True)
class SummaryNotes(OfficeNotes):
    """The office's texts in a summary, those that were ``written`` into it, by (row code, item).

    ``fingerprints`` are those of the answers by row code. A choice on 冲突 is there as the text
    of the answer that is to hold; ``unread`` are words there that choose nothing. ``answers``
    are those of the rows with conflicts, by row code and column key.
    """

    written: Mapping[tuple[str, str], str] = field(default_factory=dict)
    fingerprints: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[tuple[str, str], str] = field(default_factory=dict)
    answers: Mapping[tuple[str, str], str] = field(default_factory=dict)


def read_office_notes(data: bytes, code_header: str) -> SummaryNotes:
    """Read the office's texts from an earlier summary.

    ``code_header`` is the header of the row codes. Raises FileError when the summary cannot
    be read: to replace it would lose the texts.
    """
    from openpyxl import load_workbook

    if _has_no_notes(data, code_header):
        return SummaryNotes()
    try:
        refuse_unsound_package(data)
        # Streamed: read whole, merged cells and styles of a long summary take a minute.
        workbook = load_workbook(io.BytesIO(data), data_only=True, read_only=True)
        sheets = [
            (sheet.title, _read_sheet_rows(sheet, is_whole=_is_read_whole(sheet.title)))
            for sheet in workbook.worksheets
        ]
    except Exception as error:
        if is_raised_by_program(error) and not isinstance(error, RefusedError):
            raise
        # openpyxl raises whatever its parsers raise.
        raise FileError(
            "原有的汇总文件打不开，里面可能有您写的审核意见，所以没有覆盖。请把它移到别处后再运行。",
            code="summary-unreadable",
        ) from error
    texts: dict[tuple[str, str], str] = {}
    written: dict[tuple[str, str], str] = {}
    unread: dict[tuple[str, str], str] = {}
    has_review_columns = False
    for title, rows in sheets:
        if title == WRITTEN_SHEET:
            written = dict(_iterate_written(rows))
        if is_part_sheet(title, CONFLICTS_SHEET):
            lines = list(_iterate_conflict_lines(rows, code_header))
            texts.update(_iterate_choices(lines))
            unread.update((line.key, line.choice) for line in lines if line.is_unread)
        is_note_sheet = title == ORPHAN_NOTES_SHEET or is_part_sheet(title, DETAIL_SHEET)
        columns = _find_note_columns(rows, code_header, is_note_sheet=is_note_sheet)
        if columns is None:
            continue
        has_review_columns = has_review_columns or title != ORPHAN_NOTES_SHEET
        texts.update(_iterate_notes(rows, columns))
    if not has_review_columns:
        raise _build_missing_columns_error()
    fingerprints = {
        code: written.pop((code, item)) for code, item in list(written) if item == FINGERPRINT_ITEM
    }
    answers = {
        (code, item.removeprefix(_ANSWER_PREFIX)): written.pop((code, item))
        for code, item in list(written)
        if item.startswith(_ANSWER_PREFIX)
    }
    return SummaryNotes(texts, written, fingerprints, unread, answers)


def _iterate_written(rows: Sequence[StreamedRow]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield what was written into the office's cells; a line that is not ours is left out."""
    for row in rows:
        code, item, text = (_get_text(row, column) for column in range(3))
        if code and item:
            yield (code, item), text


@dataclass(frozen=True, slots=True)
class _ConflictLine:
    """A line of 冲突 as it was read; ``choice`` is what stands under 采用哪个."""

    code: str
    header: str
    taken: str
    not_taken: str
    choice: str

    @property
    def key(self) -> tuple[str, str]:
        return self.code, name_choice_item(self.header)

    @property
    def is_unread(self) -> bool:
        return self.choice not in ("", TAKEN, NOT_TAKEN, OVERTAKEN)


def _iterate_conflict_lines(
    rows: Sequence[StreamedRow], code_header: str
) -> Iterator[_ConflictLine]:
    columns: list[int] = []
    headers = (code_header, *CONFLICT_HEADERS)
    for row in rows:
        if columns:
            line = _ConflictLine(*(_get_text(row, column).strip() for column in columns))
            if line.code:
                yield line
            continue
        texts = [_get_text(row, column).strip() for column in range(len(row))]
        if set(headers) <= set(texts):
            columns = [texts.index(header) for header in headers]


def _iterate_choices(lines: Sequence[_ConflictLine]) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the choices on 冲突: (row code, item) and the text of the answer that is to hold.

    A cell with three answers has two lines: what was chosen anew in one of them counts.
    """
    yield from ((line.key, line.taken) for line in lines if line.choice == TAKEN)
    yield from ((line.key, line.not_taken) for line in lines if line.choice == NOT_TAKEN)


def format_accepted(conflict: Conflict) -> str:
    """Return what the summary says now; 先填后空 where the section took its answer back."""
    if conflict.accepted:
        return conflict.accepted.text
    return WITHDRAWN_TEXT if conflict.is_withdrawal else BLANK_TEXT


def format_choice(conflict: Conflict, notes: Mapping[tuple[str, str], OfficeNote]) -> str:
    """Return what stands under 采用哪个: 采用的 where the office chose what holds now."""
    if conflict.later_round:
        return OVERTAKEN
    note = notes.get((conflict.subject.code, name_choice_item(conflict.header)))
    is_chosen = note and normalize_answer(note.text) == normalize_answer(format_accepted(conflict))
    return TAKEN if is_chosen else ""


def _has_no_notes(data: bytes, code_header: str) -> bool:
    """Whether the office's columns stand where we put them, all cells blank.

    A quick look that saves the thorough reading; False wherever it is not certain.
    """
    try:
        workbook = open_summary(data)
        if ORPHAN_NOTES_SHEET in workbook.sheet_names or _has_other_notes(workbook):
            return False
        detail_names = [name for name in workbook.sheet_names if is_part_sheet(name, DETAIL_SHEET)]
        part_counts = [
            _count_parts_if_blank(load_sheet(workbook, name).iter_rows(), code_header)
            for name in detail_names
        ]
    except RefusedError:
        return False
    return bool(part_counts) and set(part_counts) == {len(detail_names)}


def _has_other_notes(workbook: CalamineWorkbook) -> bool:
    """Whether texts of the office were written into the summary, or it has conflicts."""
    if WRITTEN_SHEET not in workbook.sheet_names:
        return True
    lines = load_sheet(workbook, WRITTEN_SHEET).to_python()
    if not all(_is_about_answers("".join(map(str, line[1:2]))) for line in lines):
        return True
    return any(
        _has_choice(load_sheet(workbook, name).to_python())
        for name in workbook.sheet_names
        if is_part_sheet(name, CONFLICTS_SHEET)
    )


def _is_about_answers(item: str) -> bool:
    return item == FINGERPRINT_ITEM or item.startswith(_ANSWER_PREFIX)


def _has_choice(lines: Sequence[Sequence[Any]]) -> bool:
    """Whether anything stands under 采用哪个."""
    column = None
    for line in lines:
        if column is None:
            column = line.index(NoteItem.CHOSEN) if NoteItem.CHOSEN in line else None
        elif str(line[column]).strip() not in ("", OVERTAKEN):
            return True
    return False


def name_answer_item(column: str) -> str:
    """Return the item under which the answer in the column with a key is written."""
    return f"{_ANSWER_PREFIX}{column}"


def _count_parts_if_blank(rows: Iterator[Sequence[Any]], code_header: str) -> int:
    """Return of how many sheets this one says it is; 0 where it may have texts."""
    top_rows = list(islice(rows, _HEADER_SEARCH_ROWS))
    for row_index, row in enumerate(top_rows):
        if {code_header, *REVIEW_HEADERS} <= set(row):
            note_columns = [row.index(header) for header in REVIEW_HEADERS]
            rows_below = chain(top_rows[row_index + 1 :], rows)
            if any(str(line[column]).strip() for line in rows_below for column in note_columns):
                return 0
            return max(
                parse_part_count(str(c)) for line in top_rows[:row_index] or [[""]] for c in line
            )
    return 0


def _is_read_whole(title: str) -> bool:
    return title == WRITTEN_SHEET or is_part_sheet(title, CONFLICTS_SHEET)


def _read_sheet_rows(sheet: Any, *, is_whole: bool) -> list[StreamedRow]:
    """Return a sheet's rows, or only the first of them where it has no texts."""
    # What the file says of the sheet's size may be wrong.
    sheet.reset_dimensions()
    rows: list[StreamedRow] = []
    for row in sheet.iter_rows():
        rows.append(row)
        has_top = len(rows) == _HEADER_SEARCH_ROWS and not is_whole
        if has_top and not any(map(_find_review_columns, rows)):
            break
    return rows


def _find_review_columns(row: StreamedRow) -> dict[str, int]:
    """Return the office's columns by header, from 0, if ``row`` is their header."""
    columns_by_header = {str(c.value).strip(): n for n, c in enumerate(row) if c.value}
    return {
        header: columns_by_header[header]
        for header in REVIEW_HEADERS
        if header in columns_by_header
    }


@dataclass(frozen=True, slots=True)
class _NoteColumns:
    """The columns of row codes and texts, and their header's row; from 0."""

    header_row: int
    code_column: int
    text_columns: Mapping[str, int]


def _find_note_columns(
    rows: Sequence[StreamedRow], code_header: str, *, is_note_sheet: bool
) -> _NoteColumns | None:
    """Return the office's columns, or None on a sheet that never had them.

    Raises FileError when a sheet with notes, ``is_note_sheet``, has only some of them: what
    stands there now may be the office's texts under another header. On other sheets a
    column of the form may have the same header as one of the office's.
    """
    for header_row, row in enumerate(rows[:_HEADER_SEARCH_ROWS]):
        text_columns = _find_review_columns(row)
        if not text_columns:
            continue
        code_columns = [n for n, c in enumerate(row) if str(c.value or "").strip() == code_header]
        code_column = (
            code_columns[-1] if code_columns else _guess_code_column(rows[header_row + 1 :])
        )
        if code_column is None or not text_columns.keys() >= set(_FIRST_HEADERS):
            if is_note_sheet:
                raise _build_missing_columns_error()
            continue
        return _NoteColumns(header_row, code_column, text_columns)
    return None


def _guess_code_column(rows: Sequence[StreamedRow]) -> int | None:
    """Return the column that holds row codes, whatever its header."""
    scores = Counter(
        column
        for row in rows
        for column, cell in enumerate(row)
        if isinstance(cell.value, str) and _ROW_CODE_PATTERN.fullmatch(cell.value.strip())
    )
    return max(scores, key=lambda c: (scores[c], -c), default=None)


def _build_missing_columns_error() -> FileError:
    return FileError(
        "原有的汇总文件里找不到“{}”或行码这几列（可能删去了，或改了列名），"
        "不能确定您写的意见属于哪一行，所以没有覆盖。"
        "请把列名改回原样，或把这个文件移到别处后再运行。".format("”“".join(_FIRST_HEADERS)),
        code="summary-columns",
    )


def _iterate_notes(
    rows: Sequence[StreamedRow], columns: _NoteColumns
) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the office's texts row by row."""
    for row in rows[columns.header_row + 1 :]:
        code = _get_text(row, columns.code_column).strip()
        for header, column in columns.text_columns.items():
            text = _get_text(row, column)
            if code and text.strip():
                yield (code, header), text


def _get_text(row: StreamedRow, column: int) -> str:
    """Return a cell's text as shown: Excel makes numbers of dates and percentages.

    A streamed row ends with the last cell that the file has of it.
    """
    if column >= len(row):
        return ""
    value = row[column].value
    if isinstance(value, int | float) and "%" in row[column].number_format:
        return f"{value * 100:.12g}%"
    return format_value(value)


def draw_orphan_notes(
    canvas: SheetWriter,
    office_notes: OfficeNotes,
    codes: Sequence[str],
    code_header: str,
) -> None:
    """Draw the texts of rows that are gone, in the shape that is read back."""
    canvas.set_columns((14, 60, 60, 8))
    canvas.write_title("已不在台账中的行的审核意见")
    canvas.write_note("这些行的任务或科室已从台账中去掉，综合科写过的意见留存在此。")
    header_row = canvas.row
    columns = (
        TableColumn(code_header, 14, str, "center"),
        *build_review_columns(office_notes, str, 60),
    )
    draw_filter_table(canvas, "kept_notes", columns, codes, styles.NOTE_SIZE)
    canvas.set_up_page_and_freeze(header_row=header_row, frozen_rows=header_row + 1)


def build_review_columns(
    office_notes: OfficeNotes, get_code: Callable[[T], str], width: float = 0
) -> tuple[TableColumn[T], ...]:
    """Return the office's own columns, for items whose row code is ``get_code``'s."""
    return tuple(
        TableColumn(
            header,
            width if header in _FIRST_HEADERS else ACCEPTED_WIDTH,
            _make_note_getter(office_notes, header, get_code),
            "left" if header in _FIRST_HEADERS else "center",
        )
        for header in REVIEW_HEADERS
    )


ACCEPTED_WIDTH = 6.0


def _make_note_getter(
    office_notes: OfficeNotes, header: str, get_code: Callable[[T], str]
) -> Callable[[T], str]:
    return lambda item: office_notes.get_text(get_code(item), header)
