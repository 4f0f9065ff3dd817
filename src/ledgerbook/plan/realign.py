"""Rows with fewer cells than the table has columns, put right by what they read as."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

from ledgerbook.plan.content import likeness
from ledgerbook.plan.grid import Cell, Column, Grid
from ledgerbook.plan.header import Layout

_MOST_PLACES = 14
_FEWEST_PUSHED = 2
# How much likelier the cells of a row must be elsewhere before they are moved.
_FAR_BETTER = 4.0


def realigned(grid: Grid, layout: Layout, rows: range) -> Grid:
    """Put the cells of short rows where they belong, told by what they read as.

    A saved page or a pasted text leaves out the cells that were merged with those
    above.
    """
    width = len(layout.ranges)
    if width > _MOST_PLACES or any(r.after - r.first > 1 for r in layout.ranges):
        return grid
    moved: dict[Cell, Cell | None] = {}
    for row in rows:
        moved |= _moved(grid, layout, row)
    if not moved:
        return grid
    now = (moved.get(cell, cell) for cell in grid.cells)
    return Grid(tuple(cell for cell in now if cell))


def _moved(grid: Grid, layout: Layout, row: int) -> dict[Cell, Cell | None]:
    """Return what the cells of a row become; a blank that is in the way, nothing."""
    cells = [cell for cell in grid.across(row) if cell.row == row]
    reached = len(grid.across(row)) > len(cells)
    if reached or any(cell.columns > 1 for cell in cells):
        return {}
    if pushed := _pushed_left(cells, layout):
        blanks = (cell for cell in cells if not cell.filled)
        return {**dict.fromkeys(blanks), **_put(pushed, layout)}
    width = len(layout.ranges)
    if not 0 < len(cells) < width or grid.at(row, layout.width - 1):
        return {}
    if len(cells) == 1:
        return {cells[0]: replace(cells[0], columns=width)}
    places = align([cell.text for cell in cells], layout.columns)
    return _put(zip(cells, places, strict=True), layout)


def _put(pairs: Iterable[tuple[Cell, int]], layout: Layout) -> dict[Cell, Cell | None]:
    """Put each cell into the column that it belongs in."""
    return {
        cell: replace(cell, column=layout.ranges[place].first) for cell, place in pairs
    }


def _pushed_left(
    cells: Sequence[Cell], layout: Layout
) -> Sequence[tuple[Cell, int]] | None:
    """Return the cells of a row that fit far better some places further right.

    A pasted row may be filled up with blanks at its end where a cell that was merged
    with the one above is left out at its beginning.
    """
    own = [cell for cell in cells if cell.filled]
    leftmost = [cell.column for cell in own] == list(range(len(own)))
    if not leftmost or not _FEWEST_PUSHED <= len(own) < len(layout.ranges):
        return None
    texts, columns = [cell.text for cell in own], layout.columns
    if len(cells) < len(columns) or [r.first for r in layout.ranges] != list(
        range(len(columns))
    ):
        return None
    places = align(texts, columns)
    gain = _likely(texts, places, columns) - _likely(texts, range(len(own)), columns)
    return list(zip(own, places, strict=True)) if gain > _FAR_BETTER else None


def _likely(
    texts: Sequence[str], places: Iterable[int], columns: Sequence[Column]
) -> float:
    pairs = zip(texts, places, strict=True)
    return sum(likeness(text, columns[place].part) for text, place in pairs)


def align(texts: Sequence[str], columns: Sequence[Column]) -> tuple[int, ...]:
    """Return the columns that ``texts``, in their order, most likely stand in."""

    def fit(places: tuple[int, ...]) -> float:
        pairs = zip(texts, places, strict=True)
        # Of equals the rightmost: merged cells are mostly on the left.
        return sum(likeness(t, columns[p].part) + p / 1000 for t, p in pairs)

    return max(combinations(range(len(columns)), len(texts)), key=fit)
