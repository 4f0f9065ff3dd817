"""Make a grid of a table that a PDF draws with rules.

pdfplumber finds the cells between the rules of a page; a place that they leave out has none.
``pdf_page_breaks`` joins the tables of pages.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ledgerbook.plan.formats.pdf_lines import (
    Character,
    TextLine,
    group_lines,
    join_lines,
)
from ledgerbook.plan.grid import CellGrid, PlanCell
from ledgerbook.text import normalize

# Left, top, right and bottom of a cell.
Box = tuple[float, float, float, float]

# Rules nearer than this are one: double rules, and rules that miss each other.
_RULE_WIDTH = 4.0
_MAX_PADDING = 8.0


@dataclass(frozen=True, slots=True)
class RuledCell:
    """A cell with its place in the rows and columns of its table, 0-based.

    Its text may stand between ``left`` and ``right``.
    """

    row: int
    column: int
    row_span: int
    column_span: int
    lines: tuple[TextLine, ...]
    left: float
    right: float

    @property
    def text(self) -> str:
        return "\n".join(join_lines(self.lines, self.left, self.right))

    @property
    def last_row(self) -> int:
        return self.row + self.row_span - 1


@dataclass(frozen=True, slots=True)
class RuledTable:
    """A table between rules, of one page or joined of several.

    ``rules`` are the places of its upright rules from the left; column ``i`` is between
    ``rules[i]`` and ``rules[i + 1]``.
    """

    rules: tuple[float, ...]
    height: int
    cells: tuple[RuledCell, ...]
    # Derived from the cells once.
    _cell_by_place: dict[tuple[int, int], RuledCell] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        for cell in self.cells:
            for row in range(cell.row, cell.row + cell.row_span):
                for column in range(cell.column, cell.column + cell.column_span):
                    self._cell_by_place[row, column] = cell

    def get_cell(self, row: int, column: int) -> RuledCell | None:
        """Return the cell that covers a place, or None."""
        return self._cell_by_place.get((row, column))

    def list_texts(self, row: int) -> list[str]:
        """Return the texts of the cells that begin in a row, without white space."""
        return [normalize(cell.text) for cell in self.cells if cell.row == row]


def build_ruled_table(boxes: Sequence[Box], characters: Iterable[Character]) -> RuledTable:
    """Return the table of the cells ``boxes`` of a page, with its characters in them."""
    columns = _cluster(edge for box in boxes for edge in (box[0], box[2]))
    rows = _cluster(edge for box in boxes for edge in (box[1], box[3]))
    ranges = {(_find_range(box, rows, columns)): box for box in boxes}
    places = {
        (row, column): cell_range
        for cell_range in ranges
        for row in range(cell_range[0], cell_range[2])
        for column in range(cell_range[1], cell_range[3])
    }
    contents: dict[tuple[int, int, int, int], list[Character]] = {key: [] for key in ranges}
    for character in characters:
        row = bisect_right(rows, (character["top"] + character["bottom"]) / 2) - 1
        column = bisect_right(columns, (character["x0"] + character["x1"]) / 2) - 1
        if (row, column) in places:
            contents[places[row, column]].append(character)
    lines = {cell_range: group_lines(content) for cell_range, content in contents.items()}
    padding = _find_padding([(ranges[key], line) for key in ranges for line in lines[key]])
    cells = [
        RuledCell(
            top,
            left,
            bottom - top,
            right - left,
            tuple(lines[top, left, bottom, right]),
            columns[left] + padding,
            columns[right] - padding,
        )
        for top, left, bottom, right in sorted(ranges)
        if bottom > top and right > left
    ]
    return RuledTable(tuple(columns), len(rows) - 1, tuple(cells))


def _cluster(edges: Iterable[float]) -> list[float]:
    """Return the edges in ascending order, those near each other as one."""
    clustered: list[float] = []
    for edge in sorted(edges):
        if not clustered or edge - clustered[-1] > _RULE_WIDTH:
            clustered.append(edge)
    return clustered


def _find_range(
    box: Box, rows: Sequence[float], columns: Sequence[float]
) -> tuple[int, int, int, int]:
    """Return first row and column of a cell, and the row and column after its last."""
    left, top, right, bottom = box
    return (
        bisect_right(rows, top) - 1,
        bisect_right(columns, left) - 1,
        bisect_right(rows, bottom) - 1,
        bisect_right(columns, right) - 1,
    )


def _find_padding(lines: Iterable[tuple[Box, TextLine]]) -> float:
    """Return the room between a rule and the text, the least that any line has."""
    rooms = [min(line.left - box[0], box[2] - line.right) for box, line in lines]
    return min(max(min(rooms, default=0), 0), _MAX_PADDING)


def build_grid(table: RuledTable) -> CellGrid:
    """Return the cells of a table as those of any other file."""
    return CellGrid(
        tuple(
            PlanCell(cell.text, cell.row, cell.column, cell.row_span, cell.column_span)
            for cell in table.cells
        )
    )
