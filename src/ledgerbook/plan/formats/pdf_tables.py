"""Make one grid of a table that a PDF draws with rules, page by page.

pdfplumber finds the cells between the rules of a page. Where the table continues on the next
page, four things have been done to it by the program that printed it, and are undone here:
the header is repeated, a row may be broken, a merged cell is blank on the next page, and its
text may be broken too.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from ledgerbook.plan.cell_classifier import ITEM_NUMBER, is_heading, is_number
from ledgerbook.plan.formats.pdf_lines import (
    Character,
    TextLine,
    group_lines,
    is_wrapped,
    join_lines,
)
from ledgerbook.plan.grid import CellGrid, PlanCell
from ledgerbook.text import normalize

# Left, top, right and bottom of a cell.
Box = tuple[float, float, float, float]

# Rules nearer than this are one: double rules, and rules that miss each other.
_RULE_WIDTH = 4.0
# The same column may be drawn a little further left or right on another page.
_PAGE_SHIFT = 4.0
_MAX_PADDING = 8.0
_SENTENCE_ENDS = tuple("。;；!！?？")
# The repeated header begins with one of the first rows: a title above it is not repeated.
_MAX_TITLE_ROWS = 4
_MIN_NUMBERED_SHARE = 0.6
_MIN_SENTENCE_SHARE, _MIN_SENTENCES = 0.8, 3


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


# --- Joining the pages ---


def continues_table(table: RuledTable, following: RuledTable) -> bool:
    """Return whether the first table of a page may continue the last one of the page before."""
    ends = ((table.rules[0], following.rules[0]), (table.rules[-1], following.rules[-1]))
    fewer, more = sorted((table.rules, following.rules), key=len)
    return all(abs(end - other) <= _PAGE_SHIFT for end, other in ends) and all(
        min(abs(rule - other) for other in more) <= _PAGE_SHIFT for rule in fewer
    )


def join_pages(table: RuledTable, following: RuledTable) -> RuledTable:
    """Return one table of a table and its continuation on the next page."""
    rules = max(table.rules, following.rules, key=len)
    upper, lower = _place_in_columns(table, rules), _place_in_columns(following, rules)
    lower = _drop_rows(lower, _count_repeated_rows(upper, lower))
    if not lower.height:
        return upper
    is_broken = _is_broken_row(upper, lower)
    begins_item = any(cell.row == 0 and _has_number(cell) for cell in lower.cells)
    start = upper.height - is_broken
    cells = {(cell.row, cell.column): cell for cell in upper.cells}
    for cell in lower.cells:
        above = upper.get_cell(upper.height - 1, cell.column)
        placed = replace(cell, row=cell.row + start)
        if cell.row or not above:
            cells[placed.row, placed.column] = placed
        elif is_broken or _continues_cell(above, cell, upper, begins_item=begins_item):
            cells[above.row, above.column] = replace(
                above,
                row_span=placed.last_row - above.row + 1,
                lines=above.lines + cell.lines,
            )
        elif cell.lines or not _is_always_filled(upper, cell.column):
            cells[placed.row, placed.column] = placed
        # What is left is unknown: blank, or merged with the cell above.
    return RuledTable(rules, start + lower.height, tuple(cells[place] for place in sorted(cells)))


def _place_in_columns(table: RuledTable, rules: tuple[float, ...]) -> RuledTable:
    """Return a table with the columns between ``rules``, which may be more than its own."""
    indexes = [_find_nearest(rules, rule) for rule in table.rules]
    cells = tuple(
        replace(
            cell,
            column=indexes[cell.column],
            column_span=indexes[cell.column + cell.column_span] - indexes[cell.column],
        )
        for cell in table.cells
    )
    return RuledTable(rules, table.height, cells)


def _find_nearest(rules: Sequence[float], rule: float) -> int:
    distances = [abs(other - rule) for other in rules]
    return distances.index(min(distances))


def _count_repeated_rows(upper: RuledTable, lower: RuledTable) -> int:
    """Return how many rows at the top of ``lower`` repeat the header of ``upper``."""
    for start in range(min(_MAX_TITLE_ROWS, upper.height)):
        count = 0
        while (
            start + count < min(upper.height, start + _MAX_TITLE_ROWS)
            and count < lower.height
            and any(upper.list_texts(start + count))
            and upper.list_texts(start + count) == lower.list_texts(count)
        ):
            count += 1
        if count:
            return count
    return 0


def _drop_rows(table: RuledTable, count: int) -> RuledTable:
    cells = tuple(replace(cell, row=cell.row - count) for cell in table.cells if cell.row >= count)
    return RuledTable(table.rules, table.height - count, cells)


def _continues_cell(
    above: RuledCell, cell: RuledCell, upper: RuledTable, *, begins_item: bool
) -> bool:
    """Return whether a cell at the top of a page, in a row of its own, is the rest of ``above``."""
    if not _is_same_column(above, cell):
        return False
    is_merged = above.row_span > 1 or cell.row_span > 1
    if cell.lines:
        return is_merged and _is_broken_text(above, cell)
    may_be_merged = begins_item and _is_always_filled(upper, cell.column)
    return bool(above.lines) and (is_merged or may_be_merged)


def _is_same_column(above: RuledCell, cell: RuledCell) -> bool:
    return (above.column, above.column_span) == (cell.column, cell.column_span)


def _has_number(cell: RuledCell) -> bool:
    return is_number(cell.text) or ITEM_NUMBER.match(cell.text) is not None


def _is_always_filled(table: RuledTable, column: int) -> bool:
    return all(cell.lines for cell in table.cells if cell.column == column)


def _is_broken_row(upper: RuledTable, lower: RuledTable) -> bool:
    """Return whether the first row of a page is the rest of the last row of the page before.

    In a column of numbers it has none. Elsewhere some text goes on in the middle of a
    sentence and of a line, and none begins below another that had ended. A text in the middle
    of its cell may stand on either page alone.
    """
    pairs = [
        (above, cell)
        for cell in lower.cells
        if cell.row == 0
        for above in (upper.get_cell(upper.height - 1, cell.column),)
        if above
    ]
    if not pairs or not all(_is_same_column(above, cell) for above, cell in pairs):
        return False
    for above, cell in pairs:
        if is_number(above.text) and _is_number_column(upper, cell.column):
            if cell.lines or cell.row_span > 1 or above.row_span > 1:
                return False
            return any(other.lines for _, other in pairs)
    texts = [
        _is_broken_text(above, cell) or _lacks_end(above, cell, upper)
        for above, cell in pairs
        if above.lines and cell.lines
    ]
    return bool(texts) and all(texts)


def _lacks_end(above: RuledCell, cell: RuledCell, table: RuledTable) -> bool:
    """Return whether a text does not end like a sentence, though most of its column do."""
    others = [
        other.lines[-1].text.endswith(_SENTENCE_ENDS)
        for other in table.cells
        if other.column == above.column and other is not above and other.lines
    ]
    return (
        not _has_number(cell)
        and not above.lines[-1].text.endswith(_SENTENCE_ENDS)
        and sum(others) >= max(_MIN_SENTENCE_SHARE * (len(others) - 1), _MIN_SENTENCES)
    )


def _is_number_column(table: RuledTable, column: int) -> bool:
    texts = [cell.text for cell in table.cells if cell.column == column and cell.column_span == 1]
    return sum(map(is_number, texts)) >= _MIN_NUMBERED_SHARE * max(len(texts) - 1, 1)


def _is_broken_text(above: RuledCell, cell: RuledCell) -> bool:
    """Return whether the text of ``above`` goes on in ``cell`` in the middle of a line."""
    if not above.lines or not cell.lines:
        return False
    last, first = above.lines[-1], cell.lines[0]
    begins_anew = ITEM_NUMBER.match(first.text) or is_heading(first.text)
    ends = last.text.endswith(_SENTENCE_ENDS)
    return not begins_anew and not ends and is_wrapped(last, first, above.left, above.right)


def build_grid(table: RuledTable) -> CellGrid:
    """Return the cells of a table as those of any other file."""
    return CellGrid(
        tuple(
            PlanCell(cell.text, cell.row, cell.column, cell.row_span, cell.column_span)
            for cell in table.cells
        )
    )
