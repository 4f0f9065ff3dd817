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
from typing import TYPE_CHECKING, TypeVar

from ledgerbook import typography as look
from ledgerbook.errors import FileError
from ledgerbook.summary.sheet import Canvas
from ledgerbook.summary.table import Field, draw_filter_table

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

T = TypeVar("T")

HEADERS = ("审核意见", "采用口径")
SHEET = "留存意见"
# Title and note stand above the header of every sheet of the summary.
_HEAD_WITHIN = 12
# A row code as marks.row_code makes it, whatever its column is called now.
_CODE = re.compile(r".+-[2-9A-HJ-NP-Z]{5}")


@dataclass(frozen=True, slots=True)
class Reviews:
    """The office's words by (row code, header)."""

    said: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def text(self, code: str, header: str) -> str:
        return self.said.get((code, header), "")

    def beyond(self, codes: Collection[str]) -> tuple[str, ...]:
        """Return the row codes that have words but are not among ``codes``."""
        return tuple(sorted({code for code, _ in self.said} - set(codes)))


def read_reviews(data: bytes, key: str) -> Reviews:
    """Read the office's words from an earlier summary; ``key`` heads the row codes.

    Raises FileError when it cannot be read: to write over it would lose them.
    """
    from openpyxl import load_workbook

    try:
        workbook = load_workbook(io.BytesIO(data), data_only=True)
    except Exception as error:
        # openpyxl raises whatever its parsers raise.
        raise FileError(
            "原有的汇总文件打不开，里面可能有您写的审核意见，所以没有覆盖。"
            "请把它移到别处后再运行。"
        ) from error
    said: dict[tuple[str, str], str] = {}
    found = False
    for sheet in workbook.worksheets:
        columns = _columns(sheet, key)
        if columns is None:
            continue
        found = found or sheet.title != SHEET
        said.update(_sheet_words(sheet, columns))
    if not found:
        raise _unknown()
    return Reviews(said)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where the row codes and the office's words stand, below which row; from 1."""

    head: int
    code: int
    words: Mapping[str, int]


def _columns(sheet: Worksheet, key: str) -> _Columns | None:
    """Find the office's columns; None on a sheet that never had them.

    Raises FileError when some of them are not to be found: what stands there now may
    be the office's words under another name.
    """
    for row in sheet.iter_rows(max_row=_HEAD_WITHIN):
        heads = {str(c.value).strip(): c.column or 0 for c in row if c.value}
        words = {header: heads[header] for header in HEADERS if header in heads}
        if not words:
            continue
        head = row[0].row or 0
        code = heads.get(key) or _coded(sheet, head)
        if not code or len(words) < len(HEADERS):
            raise _unknown()
        return _Columns(head, code, words)
    return None


def _coded(sheet: Worksheet, head: int) -> int:
    """Return the column of row codes by what it holds, its header having changed."""
    scores = Counter(
        cell.column or 0
        for row in sheet.iter_rows(min_row=head + 1)
        for cell in row
        if isinstance(cell.value, str) and _CODE.fullmatch(cell.value.strip())
    )
    return max(scores, key=lambda c: (scores[c], -c), default=0)


def _unknown() -> FileError:
    return FileError(
        "原有的汇总文件里找不到“{}”或行码这几列（可能删去了，或改了列名），"
        "不能确定您写的意见属于哪一行，所以没有覆盖。"
        "请把列名改回原样，或把这个文件移到别处后再运行。".format("”“".join(HEADERS))
    )


def _sheet_words(
    sheet: Worksheet, columns: _Columns
) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the office's words, row by row."""
    for row in sheet.iter_rows(min_row=columns.head + 1):
        code = row[columns.code - 1].value
        for header, column in columns.words.items():
            text = _text(row[column - 1])
            if code and text.strip():
                yield (str(code).strip(), header), text


def _text(cell: Cell | MergedCell) -> str:
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


def draw_kept(canvas: Canvas, reviews: Reviews, codes: Sequence[str], key: str) -> None:
    """Draw the words of rows that are gone, in the shape that is read back."""
    canvas.columns((14, 60, 60))
    canvas.title("已不在台账中的行的审核意见")
    canvas.note("这些行的任务或科室已从台账中去掉，综合科写过的意见留存在此。")
    head = canvas.row
    fields = (Field(key, 14, str, "center"), *review_fields(reviews, str, 60))
    draw_filter_table(canvas, "留存意见表", fields, codes, look.NOTE_SIZE)
    canvas.frame(head_row=head, frozen=head + 1)


def review_fields(
    reviews: Reviews, code: Callable[[T], str], width: float = 0
) -> tuple[Field[T], ...]:
    """Return the office's own columns, for rows that ``code`` names."""
    return tuple(
        Field(header, width, _word(reviews, header, code)) for header in HEADERS
    )


def _word(
    reviews: Reviews, header: str, code: Callable[[T], str]
) -> Callable[[T], str]:
    return lambda item: reviews.text(code(item), header)
