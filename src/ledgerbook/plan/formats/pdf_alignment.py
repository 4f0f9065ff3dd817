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
Column = tuple[float, float]


def split_aligned_table(
    lines: Sequence[DividedLine], columns_above: Sequence[Column] = ()
) -> tuple[Sequence[DividedLine], CellGrid | None, Sequence[Column]]:
    """Return the lines above the table among ``lines``, the table, and its columns.

    The lines are those of one page; the table reaches to the end of the page. Without a
    header, the page continues a table of ``columns_above`` if its texts stand in them. None
    means that there is no table.
    """
    start = next((index for index, line in enumerate(lines) if _is_header(line)), None)
    if start is not None:
        body = lines[start:]
        columns = _find_columns(body)
        if len(columns) == len(body[0].parts):
            return lines[:start], _build_grid(body, columns, has_header=True), columns
    elif columns_above and _fits_columns(lines, columns_above):
        return [], _build_grid(lines, columns_above, has_header=False), columns_above
    return lines, None, ()


def _fits_columns(lines: Sequence[DividedLine], columns: Sequence[Column]) -> bool:
    """Return whether the lines of several texts have each in one column of its own."""
    rows = [
        [
            next((index for index, ends in enumerate(columns) if _is_within(part, *ends)), None)
            for part in line.parts
        ]
        for line in lines
        if len(line.parts) > 1
    ]
    return bool(rows) and all(None not in row and len(set(row)) == len(row) for row in rows)


def _is_header(line: DividedLine) -> bool:
    headers = [part for part in line.parts if parse_header(part.text)]
    return len(headers) >= _MIN_HEADERS and len(line.parts) <= len(headers) + 1


def _find_columns(lines: Sequence[DividedLine]) -> list[Column]:
    """Return the spans of x that texts cover, but for lines of one text (headings)."""
    parts = [part for line in lines if len(line.parts) > 1 for part in line.parts]
    columns: list[Column] = []
    for part in sorted(parts, key=_get_left):
        if columns and part.left < columns[-1][1]:
            columns[-1] = columns[-1][0], max(columns[-1][1], part.right)
        else:
            columns.append((part.left, part.right))
    return columns


def _get_left(line: TextLine) -> float:
    return line.left


def _build_grid(
    lines: Sequence[DividedLine], columns: Sequence[Column], *, has_header: bool
) -> CellGrid:
    cells: list[PlanCell] = []
    header, body = (lines[:1], lines[1:]) if has_header else ([], lines)
    groups = [list(header)] if header else []
    for row, group in enumerate([*groups, *_group_rows(body, columns)]):
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


def _spans_columns(line: DividedLine, columns: Sequence[Column]) -> bool:
    """Return whether a line is a heading across several columns."""
    covered = [
        index
        for index, (left, right) in enumerate(columns)
        if line.whole.left < right and line.whole.right > left
    ]
    return len(line.parts) == 1 and len(covered) > 1


def _group_rows(
    lines: Sequence[DividedLine], columns: Sequence[Column]
) -> Iterator[list[DividedLine]]:
    """Yield the lines of each row below the header."""
    distances = [below.whole.top - above.whole.top for above, below in pairwise(lines)]
    least = min(distances, default=0.0) * _ROW_DISTANCE
    is_spaced = any(distance > least for distance in distances) and any(
        distance <= least for distance in distances
    )
    group: list[DividedLine] = []
    for line, distance in zip(lines, [0.0, *distances], strict=False):
        is_new = group and (
            _spans_columns(line, columns)
            or _spans_columns(group[-1], columns)
            or (distance > least if is_spaced else _begins_row(line, columns))
        )
        if is_new:
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _begins_row(line: DividedLine, columns: Sequence[Column]) -> bool:
    """Return whether the first column has a number, or a text where all have one."""
    first = line.parts[0]
    is_first_column = _is_within(first, *columns[0])
    return is_first_column and (is_number(first.text) or len(line.parts) == len(columns))
