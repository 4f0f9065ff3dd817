"""Read a table of a PDF that has no rules, by the alignment of its texts.

The header is the first line with several headers of a plan side by side. Its columns are
the spans that texts leave free between them all the way down; a row begins where the
distance between lines is greater than within a row, or with a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ledgerbook.plan.cell_classifier import is_number
from ledgerbook.plan.formats.pdf_lines import DividedLine, TextLine, join_lines
from ledgerbook.plan.grid import CellGrid, PlanCell
from ledgerbook.plan.header_meaning import parse_header

_MIN_HEADERS = 2
# By how much the distance between two rows exceeds that between two lines of a row.
_ROW_DISTANCE = 1.2

# Left and right end of a column.
_Column = tuple[float, float]


def split_aligned_table(
    lines: Sequence[DividedLine],
) -> tuple[Sequence[DividedLine], CellGrid | None]:
    """Return the lines above the table among ``lines``, and the table; None if there is none.

    The lines are those of one page; the table reaches to the end of the page.
    """
    start = next((index for index, line in enumerate(lines) if _is_header(line)), None)
    if start is None:
        return lines, None
    body = lines[start:]
    columns = _find_columns(body)
    if len(columns) != len(body[0].parts):
        return lines, None
    return lines[:start], _build_grid(body, columns)


def _is_header(line: DividedLine) -> bool:
    headers = [part for part in line.parts if parse_header(part.text)]
    return len(headers) >= _MIN_HEADERS and len(line.parts) <= len(headers) + 1


def _find_columns(lines: Sequence[DividedLine]) -> list[_Column]:
    """Return the spans of x that texts cover, but for lines of one text (headings)."""
    parts = [part for line in lines if len(line.parts) > 1 for part in line.parts]
    columns: list[_Column] = []
    for part in sorted(parts, key=_get_left):
        if columns and part.left < columns[-1][1]:
            columns[-1] = columns[-1][0], max(columns[-1][1], part.right)
        else:
            columns.append((part.left, part.right))
    return columns


def _get_left(line: TextLine) -> float:
    return line.left


def _build_grid(lines: Sequence[DividedLine], columns: Sequence[_Column]) -> CellGrid:
    cells: list[PlanCell] = []
    for row, group in enumerate(_group_rows(lines, columns)):
        if _spans_columns(group[0], columns):
            text = "".join(line.whole.text for line in group)
            cells.append(PlanCell(text, row, 0, 1, len(columns)))
            continue
        for index, (left, right) in enumerate(columns):
            parts = [part for line in group for part in line.parts if _is_within(part, left, right)]
            cells.append(PlanCell("\n".join(join_lines(parts, left, right)), row, index))
    return CellGrid(tuple(cells))


def _is_within(part: TextLine, left: float, right: float) -> bool:
    return left <= (part.left + part.right) / 2 <= right


def _spans_columns(line: DividedLine, columns: Sequence[_Column]) -> bool:
    """Return whether a line is a heading across several columns."""
    covered = [
        index
        for index, (left, right) in enumerate(columns)
        if line.whole.left < right and line.whole.right > left
    ]
    return len(line.parts) == 1 and len(covered) > 1


def _group_rows(
    lines: Sequence[DividedLine], columns: Sequence[_Column]
) -> Iterator[list[DividedLine]]:
    """Yield the lines of each row of the table; the header is the first."""
    distances = [below.whole.top - above.whole.top for above, below in pairwise(lines[1:])]
    least = min(distances, default=0.0) * _ROW_DISTANCE
    is_spaced = any(distance > least for distance in distances) and any(
        distance <= least for distance in distances
    )
    group = [lines[0]]
    for index, line in enumerate(lines[1:]):
        is_new = (
            index == 0
            or _spans_columns(line, columns)
            or _spans_columns(group[-1], columns)
            or (distances[index - 1] > least if is_spaced else _begins_row(line, columns))
        )
        if is_new:
            yield group
            group = []
        group.append(line)
    yield group


def _begins_row(line: DividedLine, columns: Sequence[_Column]) -> bool:
    """Return whether the first column has a number, or a text where all have one."""
    first = line.parts[0]
    is_first_column = _is_within(first, *columns[0])
    return is_first_column and (is_number(first.text) or len(line.parts) == len(columns))
