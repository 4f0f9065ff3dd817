"""What the office types into the summary itself, carried over to the next one.

Keyed by row code: rows may come, go and move between two collections, and no word of
the office's is lost. What belongs to no row any more is kept on a sheet of its own.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from ledgerbook import typography as look
from ledgerbook.errors import FileError
from ledgerbook.summary.sheet import Canvas
from ledgerbook.summary.table import Field, draw_filter_table

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

T = TypeVar("T")

HEADERS = ("审核意见", "采用口径")
SHEET = "留存意见"
# Title and note stand above the header of every sheet of the summary.
_HEAD_WITHIN = 12


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
    for sheet in workbook.worksheets:
        said.update(_sheet_words(sheet, key))
    return Reviews(said)


def _sheet_words(sheet: Worksheet, key: str) -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the words of any sheet that has row codes and the office's columns."""
    rows = sheet.iter_rows(values_only=True)
    columns: dict[str, int] = {}
    for number, row in enumerate(rows):
        if not columns and number < _HEAD_WITHIN:
            heads = {str(value).strip(): n for n, value in enumerate(row) if value}
            if key in heads and set(HEADERS) & set(heads):
                columns = heads
            continue
        if not columns:
            return
        code = row[columns[key]]
        for header in HEADERS:
            text = row[columns[header]] if header in columns else None
            if code and text is not None and str(text).strip():
                yield (str(code).strip(), header), str(text)


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
