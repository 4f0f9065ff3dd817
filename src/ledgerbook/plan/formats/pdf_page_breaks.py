"""Make one table of those that a PDF has on consecutive pages.

Where a page ends within a table, the program that printed it has repeated the header, may have
broken a row, has left a merged cell blank on the next page, and may have broken its text too.
All that is undone here. What tells a broken row from a new one is the habits of the table's
columns: whether they have numbers, whether their texts end like sentences, whether they are
ever blank or merged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ledgerbook.plan.cell_classifier import ITEM_NUMBER, is_heading, is_number
from ledgerbook.plan.formats.pdf_lines import is_wrapped
from ledgerbook.plan.formats.pdf_tables import RuledCell, RuledTable

# The same column may be drawn a little further left or right on another page.
_PAGE_SHIFT = 4.0
_SENTENCE_ENDS = tuple("。;；!！?？")
# The repeated header begins with one of the first rows: a title above it is not repeated.
_MAX_TITLE_ROWS = 4
# What most cells of a column have in common; fewer cells say nothing about it.
_MOST, _MIN_CELLS = 0.7, 3


@dataclass(frozen=True, slots=True)
class _ColumnHabits:
    """What the cells of a column have in common, but for those that a page end has changed."""

    is_number_column: bool
    begins_with_numbers: bool
    ends_like_sentences: bool
    is_never_blank: bool
    is_ever_merged: bool


# The last cell of a column on a page, and its first on the next.
_Pair = tuple[RuledCell, RuledCell]


def continues_table(table: RuledTable, following: RuledTable) -> bool:
    """Return whether the first table of a page may continue the last one of the page before."""
    ends = ((table.rules[0], following.rules[0]), (table.rules[-1], following.rules[-1]))
    fewer, more = sorted((table.rules, following.rules), key=len)
    return all(abs(end - other) <= _PAGE_SHIFT for end, other in ends) and all(
        min(abs(rule - other) for other in more) <= _PAGE_SHIFT for rule in fewer
    )


def join_pages(pages: Sequence[RuledTable]) -> RuledTable:
    """Return one table of those on consecutive pages, each of which continues the one before."""
    if len(pages) == 1:
        return pages[0]
    rules = max((page.rules for page in pages), key=len)
    first, *others = (_place_in_columns(page, rules) for page in pages)
    bodies = (_drop_rows(page, _count_repeated_rows(first, page)) for page in others)
    parts = [first, *(body for body in bodies if body.height)]
    habits = [_find_habits(parts, column) for column in range(len(rules) - 1)]
    cells = {(cell.row, cell.column): cell for cell in first.cells}
    height = first.height
    for upper, lower in pairwise(parts):
        height = _append(cells, height, upper, lower, habits)
    return RuledTable(rules, height, tuple(cells[place] for place in sorted(cells)))


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


def _count_repeated_rows(first: RuledTable, page: RuledTable) -> int:
    """Return how many rows at the top of ``page`` repeat the header of ``first``."""
    for start in range(min(_MAX_TITLE_ROWS, first.height)):
        count = 0
        while (
            start + count < min(first.height, start + _MAX_TITLE_ROWS)
            and count < page.height
            and any(first.list_texts(start + count))
            and first.list_texts(start + count) == page.list_texts(count)
        ):
            count += 1
        if count:
            return count
    return 0


def _drop_rows(table: RuledTable, count: int) -> RuledTable:
    cells = tuple(replace(cell, row=cell.row - count) for cell in table.cells if cell.row >= count)
    return RuledTable(table.rules, table.height - count, cells)


def _find_habits(parts: Sequence[RuledTable], column: int) -> _ColumnHabits:
    begun = list(_list_begun_cells(parts, column))
    filled = [cell for cell, _ in begun if cell.lines]
    ended = [cell for cell, is_last in begun if cell.lines and not is_last]
    return _ColumnHabits(
        is_number_column=_are_most([is_number(cell.text) for cell in filled], min_count=1),
        begins_with_numbers=_are_most([_has_number(cell) for cell in filled]),
        ends_like_sentences=_are_most([cell.text.endswith(_SENTENCE_ENDS) for cell in ended]),
        is_never_blank=all(cell.lines or is_last for cell, is_last in begun),
        is_ever_merged=any(
            cell.row_span > 1 and (cell.column, cell.column_span) == (column, 1)
            for part in parts
            for cell in part.cells
        ),
    )


def _list_begun_cells(parts: Sequence[RuledTable], column: int) -> Iterator[tuple[RuledCell, bool]]:
    """Yield the cells of a column but for the header and those at the top of a page.

    With each stands whether a page ends with it, so that its text may end on the next.
    """
    for part in parts:
        for cell in part.cells:
            if cell.row and (cell.column, cell.column_span) == (column, 1):
                yield cell, part is not parts[-1] and cell.last_row == part.height - 1


def _are_most(flags: Sequence[bool], min_count: int = _MIN_CELLS) -> bool:
    return len(flags) >= min_count and sum(flags) >= _MOST * len(flags)


def _has_number(cell: RuledCell) -> bool:
    return is_number(cell.text) or ITEM_NUMBER.match(cell.text) is not None


# --- One page end ---


def _append(
    cells: dict[tuple[int, int], RuledCell],
    height: int,
    upper: RuledTable,
    lower: RuledTable,
    habits: Sequence[_ColumnHabits],
) -> int:
    """Add the page ``lower`` below ``upper`` to the joined ``cells``; return their new height."""
    tops = {column: cell for (_, column), cell in cells.items() if cell.last_row == height - 1}
    pairs = [
        (tops[cell.column], cell) for cell in lower.cells if cell.row == 0 and cell.column in tops
    ]
    is_broken = _is_broken_row(pairs, lower, habits)
    begins_item = any(_has_number(cell) for _, cell in pairs)
    start = height - is_broken
    for cell in lower.cells:
        above = tops.get(cell.column)
        placed = replace(cell, row=cell.row + start)
        if cell.row or not above:
            cells[placed.row, placed.column] = placed
        elif is_broken or _continues_cell(
            (above, cell), habits[cell.column], begins_item=begins_item
        ):
            cells[above.row, above.column] = replace(
                above,
                row_span=placed.last_row - above.row + 1,
                lines=above.lines + cell.lines,
            )
        elif cell.lines or begins_item or not habits[cell.column].is_never_blank:
            cells[placed.row, placed.column] = placed
        # What is left is unknown: blank, or merged with the cell above.
    return start + lower.height


def _continues_cell(pair: _Pair, habits: _ColumnHabits, *, begins_item: bool) -> bool:
    """Return whether a cell at the top of a page, in a row of its own, is the rest of another.

    A merged cell is blank on the next page, or its text goes on there, or begins there where
    there was no room for it above.
    """
    above, cell = pair
    if not _is_same_column(above, cell):
        return False
    is_merged = above.row_span > 1 or cell.row_span > 1
    may_be_merged = habits.is_ever_merged and habits.is_never_blank
    if not cell.lines:
        return bool(above.lines) and (is_merged or (begins_item and may_be_merged))
    if not above.lines:
        return may_be_merged
    return is_merged and _is_broken_text(above, cell)


def _is_same_column(above: RuledCell, cell: RuledCell) -> bool:
    return (above.column, above.column_span) == (cell.column, cell.column_span)


def _is_broken_row(
    pairs: Sequence[_Pair], lower: RuledTable, habits: Sequence[_ColumnHabits]
) -> bool:
    """Return whether the first row of a page is the rest of the last row of the page before.

    In a column of numbers it has none. Elsewhere some text goes on in the middle of a
    sentence or of a line, and none begins below another that had ended. A text in the middle
    of its cell may stand on either page alone.
    """
    is_whole = len(pairs) == sum(cell.row == 0 for cell in lower.cells)
    if not pairs or not is_whole or not all(_is_same_column(*pair) for pair in pairs):
        return False
    for above, cell in pairs:
        if habits[cell.column].is_number_column and above.lines:
            is_merged = cell.row_span > 1 or above.row_span > 1
            return not cell.lines and not is_merged and any(other.lines for _, other in pairs)
    if any(_has_number(cell) for above, cell in pairs if above.lines):
        return False
    if _is_part_of_row(pairs, habits):
        return True
    texts = [
        _is_broken_text(above, cell) or _lacks_end(above, habits[cell.column])
        for above, cell in pairs
        if above.lines and cell.lines
    ]
    return bool(texts) and all(texts)


def _is_part_of_row(pairs: Sequence[_Pair], habits: Sequence[_ColumnHabits]) -> bool:
    """Return whether a row has one text, and lacks what all other rows have.

    That is a text in a column without blank and merged cells, or a number before its own.
    """
    filled = [(above, cell) for above, cell in pairs if cell.lines]
    if len(filled) != 1 or not filled[0][0].lines:
        return False
    return habits[filled[0][1].column].begins_with_numbers or any(
        habits[cell.column].is_never_blank and not habits[cell.column].is_ever_merged
        for _, cell in pairs
        if not cell.lines
    )


def _lacks_end(above: RuledCell, habits: _ColumnHabits) -> bool:
    """Return whether a text does not end like a sentence, though most of its column do."""
    return habits.ends_like_sentences and not above.text.endswith(_SENTENCE_ENDS)


def _is_broken_text(above: RuledCell, cell: RuledCell) -> bool:
    """Return whether the text of ``above`` goes on in ``cell`` in the middle of a line."""
    last, first = above.lines[-1], cell.lines[0]
    begins_anew = ITEM_NUMBER.match(first.text) or is_heading(first.text)
    ends = last.text.endswith(_SENTENCE_ENDS)
    return not begins_anew and not ends and is_wrapped(last, first, above.left, above.right)
