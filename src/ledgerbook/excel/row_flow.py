"""Long text over several sheet rows: Excel cuts off what is taller than 409 points.

An item whose text does not fit one row goes on in the next, and an item that reaches
the foot of the page goes on at the top of the next page, as in a printed table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from ledgerbook.excel import styles as look
from ledgerbook.excel.canvas import Value, shown
from ledgerbook.excel.pagination import PageSpace

CONTINUED = "（续）"

_PARAGRAPH = re.compile(r"[^\n]*\n|[^\n]+")

# One line is kept in hand: real fonts break a line a little sooner than the estimate.
_SPARE = 1
_TALLEST = 409.0 - 6.0
# Fewer lines than this are not worth starting at the foot of a page.
_FEWEST = 6
# A paragraph's end is taken for the cut when the row is filled at least so far.
_PARAGRAPH_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class FlowColumns:
    """The columns that text flows through.

    ``merged`` says which columns join equal neighbours, each within the one before.
    """

    widths: tuple[float, ...]
    merged: tuple[bool, ...]
    size: float

    def lines(self, column: int, value: Value) -> int:
        return look.line_count(shown(value), self.widths[column], self.size)

    def height(self, values: Sequence[Value]) -> float:
        cells = ((shown(v), w) for v, w in zip(values, self.widths, strict=True))
        return look.row_height(cells, self.size)

    def capacity(self, points: float) -> int:
        return max(1, look.lines_within(self.size, points) - _SPARE)


@dataclass(frozen=True, slots=True)
class RowPart:
    """One sheet row: all of an item, or a piece of it.

    ``joins`` says which cells only carry on the cell above.
    """

    item: int
    values: tuple[Value, ...]
    joins: tuple[bool, ...]
    height: float
    new_page: bool = False


def flow(
    items: Sequence[tuple[Value, ...]], grid: FlowColumns, room: PageSpace | None = None
) -> tuple[RowPart, ...]:
    """Lay ``items`` out in sheet rows, none taller than Excel can show."""
    room = room or PageSpace()
    parts: list[RowPart] = []
    left = room.first
    for index, values in enumerate(items):
        for piece in _pieces(index, values, grid, PageSpace(left, room.later)):
            left = (room.later if piece.new_page else left) - piece.height
            parts.append(_joined(piece, parts[-1], items, grid) if parts else piece)
    return tuple(parts)


def _pieces(
    index: int, values: tuple[Value, ...], grid: FlowColumns, room: PageSpace
) -> Iterator[RowPart]:
    """Cut one item into rows that fit the page and Excel's tallest row."""
    nothing = tuple(False for _ in values)
    rest, left, first = values, room.first, True
    while first or any(shown(value) for value in rest):
        needed = [grid.lines(column, value) for column, value in enumerate(rest)]
        height = look.lines_height(max(needed, default=1), grid.size)
        turns = _turns_page(grid, height, left, room.later)
        if turns:
            left = room.later
        lines = grid.capacity(min(left, _TALLEST))
        whole = height <= left and height < _TALLEST
        cut = [
            (v, "")
            if whole or needed[column] <= lines
            else _cut(v, lines, column, grid)
            for column, v in enumerate(rest)
        ]
        head = tuple(v for v, _ in cut)
        if turns and not first:
            head = _repeated(head, values, grid, lines)
        part = RowPart(index, head, nothing, grid.height(head), turns)
        yield part
        left -= part.height
        rest, first = tuple(tail for _, tail in cut), False


def _turns_page(grid: FlowColumns, height: float, left: float, page: float) -> bool:
    """Whether the row goes to a new page rather than be cut at the foot of this one.

    A row that a page can hold is never cut: a head reads it in one glance.
    """
    if height <= left or left >= page:
        return False
    return height <= min(page, _TALLEST) or grid.capacity(left) < _FEWEST


def _cut(
    value: Value, lines: int, column: int, grid: FlowColumns
) -> tuple[Value, Value]:
    """Split a text after ``lines`` lines, or a little sooner where a paragraph ends."""
    if not isinstance(value, str):
        return value, ""
    ems = look.ems_per_line(grid.widths[column], grid.size)
    wrapped = list(islice(_wrap(value, ems), lines))
    ends = [n for n, line in enumerate(wrapped, 1) if line.endswith("\n")]
    if ends and ends[-1] >= lines * _PARAGRAPH_SHARE:
        wrapped = wrapped[: ends[-1]]
    head = "".join(wrapped)
    return head.removesuffix("\n"), value[len(head) :]


def _wrap(text: str, ems: int) -> Iterator[str]:
    """Break ``text`` into lines at most ``ems`` wide; nothing is lost."""
    for paragraph in _PARAGRAPH.finditer(text):
        yield from look.wrapped(paragraph[0], ems)


def _repeated(
    head: tuple[Value, ...], values: tuple[Value, ...], grid: FlowColumns, lines: int
) -> tuple[Value, ...]:
    """Say again, at the top of a page, which item the page goes on with."""
    number = f"{shown(values[0])}\n{CONTINUED}"
    again = [
        old if merged and grid.lines(column, old) <= lines else new
        for column, (new, old, merged) in enumerate(
            zip(head, values, grid.merged, strict=True)
        )
    ]
    return (number, *again[1:])


def _joined(
    part: RowPart, above: RowPart, items: Sequence[tuple[Value, ...]], grid: FlowColumns
) -> RowPart:
    """Join the cells of ``part`` that carry on those of the row ``above``."""
    if part.new_page:
        return part
    if part.item == above.item:
        return replace(part, joins=tuple(not shown(v) for v in part.values))
    mine, theirs = items[part.item], items[above.item]
    joins: list[bool] = []
    same = True
    for column, merged in enumerate(grid.merged):
        if merged:
            same = same and mine[column] == theirs[column]
            # An empty heading joins nothing: it only means that none was given.
            joins.append(same and bool(shown(mine[column])))
        else:
            joins.append(False)
    return replace(part, joins=tuple(joins))
