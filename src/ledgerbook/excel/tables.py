"""Tables as data: a column is a Field, and one function draws them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Generic, TypeVar

from xlsxwriter.utility import xl_range_abs

from ledgerbook.excel import styles as look
from ledgerbook.excel.canvas import (
    TINTS,
    SheetWriter,
    Tint,
    Value,
    number_format,
    plain,
    shown,
)
from ledgerbook.excel.pagination import PageSpace
from ledgerbook.excel.row_flow import FlowColumns, RowPart, flow
from ledgerbook.text import cell_text

T = TypeVar("T")

# Head type is bolder than body type; with room to spare no header is cut off.
_HEAD_STRETCH = 1.1
_FILTER_BUTTON = "▼"


def untinted(_: object) -> Tint:
    return Tint.NONE


@dataclass(frozen=True, slots=True)
class TableColumn(Generic[T]):
    """One column of a table: how it is headed, how wide, what it shows of an item.

    ``merged`` joins equal neighbours down the column; ``span`` is in sheet columns.
    """

    header: str
    width: float
    show: Callable[[T], Value]
    align: str = "left"
    tint: Callable[[T], Tint] = untinted
    merged: bool = False
    span: int = 1


@dataclass(frozen=True, slots=True)
class TableArea:
    """The rows of a table once drawn, for formulas that count over them."""

    sheet: str
    first: int
    last: int

    def column(self, index: int) -> str:
        return f"'{self.sheet}'!{xl_range_abs(self.first, index, self.last, index)}"


def draw_table(
    canvas: SheetWriter,
    fields: Sequence[TableColumn[T]],
    items: Sequence[T],
    *,
    empty: str,
    paged: bool = False,
) -> TableArea:
    """Draw a table of ``items``; a text too long for one row goes on in the next.

    A ``paged`` table turns its pages itself, so that a merged heading is said again
    at the top of each. The sentence ``empty`` stands in for rows there are not.
    """
    head, size = canvas.row, look.NOTE_SIZE
    draw_head(canvas, [(f.header, f.span) for f in fields], size)
    first = canvas.row
    if not items:
        canvas.sentence(empty)
        return TableArea(canvas.name, first, first)
    widths = tuple(
        canvas.span_width(start, field.span)
        for start, field in zip(_starts(fields), fields, strict=True)
    )
    grid = FlowColumns(widths, tuple(f.merged for f in fields), size)
    rows = [tuple(field.show(item) for field in fields) for item in items]
    parts = flow(rows, grid, _room(canvas, head) if paged else None)
    for column in range(len(fields)):
        _draw_column(canvas, fields, column, items, parts, size)
    canvas.turn_pages([first + i for i, part in enumerate(parts) if part.new_page])
    for part in parts:
        canvas.advance(part.height)
    return TableArea(canvas.name, first, canvas.row - 1)


def draw_head(
    canvas: SheetWriter, headers: Sequence[tuple[str, int]], size: float
) -> None:
    """Draw a header row of (text, columns spanned)."""
    style, column = canvas.style("head", font_size=size), 0
    cells: list[tuple[str, float]] = []
    for header, span in headers:
        canvas.put((canvas.row, column, canvas.row, column + span - 1), header, style)
        cells.append((header, canvas.span_width(column, span)))
        column += span
    canvas.advance(look.row_height(cells, size * _HEAD_STRETCH) + 4)


def usual_length(texts: Counter[str]) -> float:
    """Return how long, in em, all but the longest tenth of ``texts`` are."""
    lengths = Counter[float]()
    for text, n in texts.items():
        lengths[look.width_em(text)] += n
    sought = texts.total() * 9 // 10
    for length in sorted(lengths):
        sought -= lengths[length]
        if sought < 0:
            return length
    return 0.0


def width_of(length: float, size: float) -> float:
    """Return how wide a column is, in characters, for one line ``length`` em long."""
    return length * size * 96 / 72 / 7 + 1


def draw_filter_table(
    canvas: SheetWriter,
    name: str,
    fields: Sequence[TableColumn[T]],
    items: Sequence[T],
    size: float,
) -> TableArea:
    """Draw an Excel table, one row an item, that readers can sort and filter."""
    head_style = canvas.style("head", font_size=size)
    head, last = canvas.row, canvas.row + max(1, len(items))
    columns = [
        {"header": header, "header_format": head_style}
        for header in unlike([field.header for field in fields])
    ]
    canvas.sheet.begin_table(head, last - head, columns, name)
    headers = [(f.header + _FILTER_BUTTON, f.width) for f in fields]
    canvas.advance(look.row_height(headers, size * _HEAD_STRETCH) + 4)
    styles = _Styles(canvas, size)
    for start in range(0, len(items), _PIECE):
        piece = items[start : start + _PIECE]
        drawn = [_LongColumn(canvas, field, styles).drawn(piece) for field in fields]
        rows = zip(*(lines for _, lines in drawn), strict=True)
        heights = [look.lines_height(max(row), size) for row in rows]
        canvas.append(heights, [cells for cells, _ in drawn])
    return TableArea(canvas.name, head + 1, last)


# So many rows of a long table are in memory at once.
_PIECE = 2_000


class _LongColumn(dict[tuple[Value, Tint], tuple[str, int]], Generic[T]):
    """One column of a piece of a long table; what comes again is made once.

    Kept for each value and its tint are the cell and how many lines it takes.
    """

    def __init__(
        self, canvas: SheetWriter, field: TableColumn[T], styles: _Styles
    ) -> None:
        self._sheet = canvas.sheet
        self._field = field
        self._styles = styles
        self._count = look.line_counter(field.width, styles.size)

    def drawn(self, items: Sequence[T]) -> tuple[tuple[str, ...], tuple[int, ...]]:
        """Return the cells and the lines of ``items``, from the top down."""
        values = [self._field.show(item) for item in items]
        keys = zip(values, self._tints(items, values), strict=True)
        cells = [self[key] for key in keys]
        made, lines = zip(*cells, strict=True)
        return made, lines

    def _tints(self, items: Sequence[T], values: Sequence[Value]) -> Iterable[Tint]:
        tint = self._field.tint
        if tint is untinted:
            return repeat(Tint.NONE, len(items))
        return [
            tint(item) if shown(value) else Tint.NONE
            for item, value in zip(items, values, strict=True)
        ]

    def __missing__(self, key: tuple[Value, Tint]) -> tuple[str, int]:
        value, tint = key
        style = self._styles[self._field.align, tint, type(value)]
        cell = self._sheet.cell(plain(value), style)
        self[key] = cell, self._count(shown(value))
        return self[key]


class _Styles(dict[tuple[str, Tint, type], Any]):
    """The styles of a table's cells, each looked up once."""

    def __init__(self, canvas: SheetWriter, size: float) -> None:
        self._canvas = canvas
        self.size = size

    def of(self, field: TableColumn[T], item: T, value: Value) -> Any:
        tint = field.tint(item) if shown(value) else Tint.NONE
        return self[field.align, tint, type(value)]

    def __missing__(self, key: tuple[str, Tint, type]) -> Any:
        align, tint, kind = key
        more = {"font_size": self.size, "align": align}
        style = self._canvas.style("body", **more, **number_format(kind), **TINTS[tint])
        self[key] = style
        return style


def _draw_column(
    canvas: SheetWriter,
    fields: Sequence[TableColumn[T]],
    column: int,
    items: Sequence[T],
    parts: Sequence[RowPart],
    size: float,
) -> None:
    """Write one column downwards, joined cells as one merged box."""
    field, left = fields[column], _starts(fields)[column]
    styles = _Styles(canvas, size)
    right = left + field.span - 1
    tops = [i for i, part in enumerate(parts) if not part.joins[column]]
    for top, below in zip(tops, [*tops[1:], len(parts)], strict=True):
        part = parts[top]
        value = part.values[column]
        style = styles.of(field, items[part.item], value)
        box = (canvas.row + top, left, canvas.row + below - 1, right)
        canvas.put(box, value, style)


def _room(canvas: SheetWriter, head: int) -> PageSpace:
    """Return what the pages hold after what stands above and what is repeated."""
    page = canvas.page_height
    return PageSpace(page - sum(canvas.heights), page - canvas.heights[head])


def _starts(fields: Sequence[TableColumn[T]]) -> tuple[int, ...]:
    """Return the sheet column in which each field begins."""
    return tuple(sum(f.span for f in fields[:i]) for i in range(len(fields)))


def unlike(headers: Sequence[str]) -> list[str]:
    """Make ``headers`` fit for an Excel table, which refuses two that are alike."""
    made: list[str] = []
    for header in headers:
        base = " ".join(cell_text(header).split())[:200] or "栏"
        name, number = base, 1
        while name.lower() in {other.lower() for other in made}:
            number += 1
            name = f"{base}({number})"
        made.append(name)
    return made
