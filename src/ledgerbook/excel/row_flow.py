"""Split the items of a table into sheet rows, where a text is too long for one row.

Excel shows no row taller than 409 points. An item whose text does not fit one row is
continued in the next, and an item that reaches the foot of the page is continued at the
top of the next page. Used by :func:`ledgerbook.excel.tables.draw_table`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from ledgerbook.excel import styles
from ledgerbook.excel.pagination import PageSpace
from ledgerbook.excel.sheet_writer import WritableValue, display_text

CONTINUED_LABEL = "（续）"

_PARAGRAPH = re.compile(r"[^\n]*\n|[^\n]+")

# One line is left free: real fonts break a line a little sooner than the estimate.
_SPARE_LINES = 1
_MAX_ROW_HEIGHT = 409.0 - 6.0
# Fewer lines than this are not worth starting at the foot of a page.
_MIN_LINES = 6
# A row is cut at the end of a paragraph if that fills at least this share of it.
_PARAGRAPH_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class FlowColumns:
    """The columns of a table: widths in characters, font size in points.

    ``is_merged`` says in which columns equal neighbours are merged; those of a column are
    merged only where the merged columns before it are merged too.
    """

    widths: tuple[float, ...]
    is_merged: tuple[bool, ...]
    size: float

    def count_lines(self, column: int, value: WritableValue) -> int:
        """Return how many lines ``value`` takes in a column (0-based)."""
        return styles.count_lines(display_text(value), self.widths[column], self.size)

    def count_window_characters(self, column: int) -> int:
        """Return how many characters of a text decide how a row is cut in a column.

        Beside those that are measured, each line may have a line end.
        """
        return 2 * styles.count_measured_characters(self.widths[column], self.size)

    def compute_height(self, values: Sequence[WritableValue]) -> float:
        """Return the height in points of a row with ``values``."""
        cells = (
            (display_text(value), width) for value, width in zip(values, self.widths, strict=True)
        )
        return styles.compute_row_height(cells, self.size)

    def compute_capacity(self, points: float) -> int:
        """Return how many lines a row of ``points`` holds, at least one."""
        return max(1, styles.count_lines_within(self.size, points) - _SPARE_LINES)


@dataclass(frozen=True, slots=True)
class RowPart:
    """One sheet row: all of an item, or a piece of it.

    ``joins`` says which cells are merged with the cell above; ``height`` is in points;
    ``new_page`` says whether a page begins with the row.
    """

    item_index: int
    values: tuple[WritableValue, ...]
    joins: tuple[bool, ...]
    height: float
    new_page: bool = False


def split_into_rows(
    items: Sequence[tuple[WritableValue, ...]],
    columns: FlowColumns,
    space: PageSpace | None = None,
) -> tuple[RowPart, ...]:
    """Return the sheet rows of ``items``, none taller than Excel can show.

    Without ``space``, pages are not considered.
    """
    space = space or PageSpace()
    parts: list[RowPart] = []
    remaining = space.first
    for item_index, values in enumerate(items):
        for part in _split_item(item_index, values, columns, PageSpace(remaining, space.later)):
            remaining = (space.later if part.new_page else remaining) - part.height
            parts.append(_join_cells(part, parts[-1], items, columns) if parts else part)
    return tuple(parts)


def _split_item(
    item_index: int,
    values: tuple[WritableValue, ...],
    columns: FlowColumns,
    space: PageSpace,
) -> Iterator[RowPart]:
    """Yield the rows of one item; each fits the page and Excel's tallest row."""
    no_joins = tuple(False for _ in values)
    # A long text is read through a window, since to copy its rest for each row, and to
    # measure that, would take time in proportion to the square of its length.
    remaining_texts = [
        _RemainingText(value, columns.count_window_characters(column))
        for column, value in enumerate(values)
    ]
    remaining_height, is_first = space.first, True
    while is_first or any(text.has_more for text in remaining_texts):
        remaining_values = [text.read_window() for text in remaining_texts]
        line_counts = [
            columns.count_lines(column, value) for column, value in enumerate(remaining_values)
        ]
        height = styles.compute_lines_height(max(line_counts, default=1), columns.size)
        starts_page = _starts_new_page(columns, height, remaining_height, space.later)
        if starts_page:
            remaining_height = space.later
        max_lines = columns.compute_capacity(min(remaining_height, _MAX_ROW_HEIGHT))
        fits_whole = height <= remaining_height and height < _MAX_ROW_HEIGHT
        cuts = [
            (value, len(display_text(value)))
            if fits_whole or line_counts[column] <= max_lines
            else _cut_text(value, max_lines, column, columns)
            for column, value in enumerate(remaining_values)
        ]
        head_values = tuple(value for value, _ in cuts)
        if starts_page and not is_first:
            head_values = _repeat_headings(head_values, values, columns, max_lines)
        part = RowPart(
            item_index,
            head_values,
            no_joins,
            columns.compute_height(head_values),
            starts_page,
        )
        yield part
        remaining_height -= part.height
        for text, (_, length) in zip(remaining_texts, cuts, strict=True):
            text.skip(length)
        is_first = False


def _starts_new_page(
    columns: FlowColumns, height: float, remaining: float, page_points: float
) -> bool:
    """Return whether the row begins a new page instead of being cut at the foot of this one.

    A row that fits on a page is never cut.
    """
    if height <= remaining or remaining >= page_points:
        return False
    return (
        height <= min(page_points, _MAX_ROW_HEIGHT)
        or columns.compute_capacity(remaining) < _MIN_LINES
    )


@dataclass(slots=True)
class _RemainingText:
    """What the rows so far have left of a value; one that is no text is read whole.

    ``window`` is the number of characters that may decide a row.
    """

    value: WritableValue
    window: int
    _offset: int = 0

    @property
    def has_more(self) -> bool:
        return self._offset < len(display_text(self.value))

    def read_window(self) -> WritableValue:
        if isinstance(self.value, str):
            return self.value[self._offset : self._offset + self.window]
        return self.value

    def skip(self, length: int) -> None:
        if isinstance(self.value, str):
            self._offset += length
        else:
            self.value = ""


def _cut_text(
    value: WritableValue, max_lines: int, column: int, columns: FlowColumns
) -> tuple[WritableValue, int]:
    """Cut a text after ``max_lines`` lines, or a little sooner where a paragraph ends.

    Return what stands before the cut, and its length with the line end after it.
    """
    if not isinstance(value, str):
        return value, len(display_text(value))
    max_ems = styles.compute_ems_per_line(columns.widths[column], columns.size)
    wrapped_lines = list(islice(_wrap_paragraphs(value, max_ems), max_lines))
    paragraph_ends = [
        line_number for line_number, line in enumerate(wrapped_lines, 1) if line.endswith("\n")
    ]
    if paragraph_ends and paragraph_ends[-1] >= max_lines * _PARAGRAPH_SHARE:
        wrapped_lines = wrapped_lines[: paragraph_ends[-1]]
    head = "".join(wrapped_lines)
    return head.removesuffix("\n"), len(head)


def _wrap_paragraphs(text: str, max_ems: int) -> Iterator[str]:
    """Yield the lines of ``text``, each at most ``max_ems`` wide; joined they are the text."""
    for paragraph in _PARAGRAPH.finditer(text):
        yield from styles.wrap_line(paragraph[0], max_ems)


def _repeat_headings(
    head_values: tuple[WritableValue, ...],
    values: tuple[WritableValue, ...],
    columns: FlowColumns,
    max_lines: int,
) -> tuple[WritableValue, ...]:
    """Return the values of a row at the top of a page, with the headings of its item again.

    The first value is marked as continued; merged columns repeat their whole text.
    """
    numbered_heading = f"{display_text(values[0])}\n{CONTINUED_LABEL}"
    repeated_values = [
        old if is_merged and columns.count_lines(column, old) <= max_lines else new
        for column, (new, old, is_merged) in enumerate(
            zip(head_values, values, columns.is_merged, strict=True)
        )
    ]
    return (numbered_heading, *repeated_values[1:])


def _join_cells(
    part: RowPart,
    above: RowPart,
    items: Sequence[tuple[WritableValue, ...]],
    columns: FlowColumns,
) -> RowPart:
    """Return ``part`` with the cells marked that are merged with those of the row above."""
    if part.new_page:
        return part
    if part.item_index == above.item_index:
        return replace(part, joins=tuple(not display_text(value) for value in part.values))
    values, values_above = items[part.item_index], items[above.item_index]
    joins: list[bool] = []
    is_equal = True
    for column, is_merged in enumerate(columns.is_merged):
        if is_merged:
            is_equal = is_equal and values[column] == values_above[column]
            # Empty headings are not merged: the plan gives none, not the same one.
            joins.append(is_equal and bool(display_text(values[column])))
        else:
            joins.append(False)
    return replace(part, joins=tuple(joins))
