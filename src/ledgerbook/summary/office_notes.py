"""What the office types into the summary itself, carried over to the next one.

Keyed by row code: rows may come, go and move between two collections, and no word of
the office's is lost. What belongs to no row any more is kept on a sheet of its own.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import chain, islice
from typing import Any, TypeVar

from ledgerbook.errors import FileError
from ledgerbook.excel import styles as look
from ledgerbook.excel.canvas import SheetWriter
from ledgerbook.excel.sheet_parts import is_part, parts_told
from ledgerbook.excel.tables import TableColumn, draw_filter_table

# Cells as openpyxl streams them: they have a value and a format.
Row = Sequence[Any]
T = TypeVar("T")

HEADERS = ("审核意见", "采用口径")
SHEET = "留存意见"
DETAIL = "科室明细"
# Title and note stand above the header of every sheet of the summary.
_HEAD_WITHIN = 12
# A row code as marks.row_code makes it, whatever its column is called now.
_CODE = re.compile(r".+-[2-9A-HJ-NP-Z]{5}")


@dataclass(frozen=True, slots=True)
class OfficeNotes:
    """The office's words by (row code, header)."""

    said: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def text(self, code: str, header: str) -> str:
        return self.said.get((code, header), "")

    def beyond(self, codes: Collection[str]) -> tuple[str, ...]:
        """Return the row codes that have words but are not among ``codes``."""
        return tuple(sorted({code for code, _ in self.said} - set(codes)))


def read_reviews(data: bytes, key: str) -> OfficeNotes:
    """Read the office's words from an earlier summary; ``key`` heads the row codes.

    Raises FileError when it cannot be read: to write over it would lose them.
    """
    from openpyxl import load_workbook

    if _is_untouched(data, key):
        return OfficeNotes()
    try:
        # Streamed: read whole, merged cells and styles of a long summary take a minute.
        workbook = load_workbook(io.BytesIO(data), data_only=True, read_only=True)
        sheets = [(sheet.title, _rows(sheet)) for sheet in workbook.worksheets]
    except Exception as error:
        # openpyxl raises whatever its parsers raise.
        raise FileError(
            "原有的汇总文件打不开，里面可能有您写的审核意见，所以没有覆盖。"
            "请把它移到别处后再运行。"
        ) from error
    said: dict[tuple[str, str], str] = {}
    found = False
    for title, rows in sheets:
        columns = _columns(rows, key)
        if columns is None:
            continue
        found = found or title != SHEET
        said.update(_sheet_words(rows, columns))
    if not found:
        raise _unknown()
    return OfficeNotes(said)


def _is_untouched(data: bytes, key: str) -> bool:
    """Whether all columns of the office's are where we put them, with nothing in them.

    A quick look that spares the thorough reading; where it is not sure, it says no.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        if SHEET in workbook.sheet_names:
            return False
        names = [name for name in workbook.sheet_names if is_part(name, DETAIL)]
        told = [
            _parts_if_blank(workbook.get_sheet_by_name(name).iter_rows(), key)
            for name in names
        ]
    except (CalamineError, ValueError, OSError):
        return False
    return bool(told) and set(told) == {len(names)}


def _parts_if_blank(rows: Iterator[Sequence[Any]], key: str) -> int:
    """Return of how many sheets this one says it is; 0 where words may stand on it."""
    head = list(islice(rows, _HEAD_WITHIN))
    for n, row in enumerate(head):
        if {key, *HEADERS} <= set(row):
            places = [row.index(header) for header in HEADERS]
            below = chain(head[n + 1 :], rows)
            if any(str(line[at]).strip() for line in below for at in places):
                return 0
            return max(parts_told(str(c)) for line in head[:n] or [[""]] for c in line)
    return 0


def _rows(sheet: Any) -> list[Row]:
    """Return a sheet's rows, if the office's words may stand on it, else its head."""
    # What the file says of the sheet's size may be wrong.
    sheet.reset_dimensions()
    rows: list[Row] = []
    for row in sheet.iter_rows():
        rows.append(row)
        if len(rows) == _HEAD_WITHIN and not any(map(_heads, rows)):
            break
    return rows


def _heads(row: Row) -> dict[str, int]:
    """Return the office's columns that a row heads, from 0."""
    heads = {str(c.value).strip(): n for n, c in enumerate(row) if c.value}
    return {header: heads[header] for header in HEADERS if header in heads}


@dataclass(frozen=True, slots=True)
class _NoteColumns:
    """Where the row codes and the office's words stand, below which row; from 0."""

    head: int
    code: int
    words: Mapping[str, int]


def _columns(rows: Sequence[Row], key: str) -> _NoteColumns | None:
    """Find the office's columns; None on a sheet that never had them.

    Raises FileError when some of them are not to be found: what stands there now may
    be the office's words under another name.
    """
    for head, row in enumerate(rows[:_HEAD_WITHIN]):
        words = _heads(row)
        if not words:
            continue
        called = [n for n, c in enumerate(row) if str(c.value or "").strip() == key]
        code = called[-1] if called else _coded(rows[head + 1 :])
        if code is None or len(words) < len(HEADERS):
            raise _unknown()
        return _NoteColumns(head, code, words)
    return None


def _coded(rows: Sequence[Row]) -> int | None:
    """Return the column of row codes by what it holds, its header having changed."""
    scores = Counter(
        column
        for row in rows
        for column, cell in enumerate(row)
        if isinstance(cell.value, str) and _CODE.fullmatch(cell.value.strip())
    )
    return max(scores, key=lambda c: (scores[c], -c), default=None)


def _unknown() -> FileError:
    return FileError(
        "原有的汇总文件里找不到“{}”或行码这几列（可能删去了，或改了列名），"
        "不能确定您写的意见属于哪一行，所以没有覆盖。"
        "请把列名改回原样，或把这个文件移到别处后再运行。".format("”“".join(HEADERS))
    )


def _sheet_words(
    rows: Sequence[Row], columns: _NoteColumns
) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the office's words, row by row."""
    for row in rows[columns.head + 1 :]:
        code = row[columns.code].value if columns.code < len(row) else None
        for header, column in columns.words.items():
            text = _text(row[column]) if column < len(row) else ""
            if code and text.strip():
                yield (str(code).strip(), header), text


def _text(cell: Any) -> str:
    """Return what a cell shows: Excel makes numbers of dates and percentages."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, datetime) and value.time() == time():
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) or (
        isinstance(value, int) and "%" in cell.number_format
    ):
        if "%" in cell.number_format:
            return f"{value * 100:.12g}%"
        return f"{value:.15g}"
    return str(value)


def draw_kept(
    canvas: SheetWriter, reviews: OfficeNotes, codes: Sequence[str], key: str
) -> None:
    """Draw the words of rows that are gone, in the shape that is read back."""
    canvas.columns((14, 60, 60))
    canvas.title("已不在台账中的行的审核意见")
    canvas.note("这些行的任务或科室已从台账中去掉，综合科写过的意见留存在此。")
    head = canvas.row
    fields = (TableColumn(key, 14, str, "center"), *review_fields(reviews, str, 60))
    draw_filter_table(canvas, "留存意见表", fields, codes, look.NOTE_SIZE)
    canvas.frame(head_row=head, frozen=head + 1)


def review_fields(
    reviews: OfficeNotes, code: Callable[[T], str], width: float = 0
) -> tuple[TableColumn[T], ...]:
    """Return the office's own columns, for rows that ``code`` names."""
    return tuple(
        TableColumn(header, width, _word(reviews, header, code)) for header in HEADERS
    )


def _word(
    reviews: OfficeNotes, header: str, code: Callable[[T], str]
) -> Callable[[T], str]:
    return lambda item: reviews.text(code(item), header)
