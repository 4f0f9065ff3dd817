"""Choose where the pages of a printed table begin, downwards and sideways.

Pages are landscape, A4 unless said otherwise. Widths of columns are in characters, as Excel
counts them; heights of rows and spaces are in points. Rows and columns are 0-based.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from ledgerbook.excel.styles import compute_column_pixels
from ledgerbook.model import PaperSize

# Margins in inches. A line to be signed at the foot of the page needs more.
SIDE_MARGIN, TOP_MARGIN = 0.25, 0.6
FOOT_MARGIN, SIGNED_FOOT_MARGIN = 0.7, 0.9
# Height and width of the paper upright, in millimetres (ISO 216).
_PAPER_SIZES = {PaperSize.A4: (297, 210), PaperSize.A3: (420, 297)}
_POINTS_PER_MM = 72 / 25.4
# The estimate of a page's height must not exceed the page, so it is a little less.
_PAGE_FILL = 0.96
# A printer's measures differ a little from those of the screen; at this share of the width that
# the page has, the last column does not slip onto a page of its own.
_WIDTH_FILL = 0.97
# Text of 11 points printed at a smaller scale is hard to read.
_MIN_SCALE = 0.55


def compute_paper_width(paper: PaperSize) -> float:
    """Return the width that a table may take between the side margins, in points."""
    return (_PAPER_SIZES[paper][0] * _POINTS_PER_MM - 2 * SIDE_MARGIN * 72) * _WIDTH_FILL


PAPER_WIDTH = compute_paper_width(PaperSize.A4)


def convert_to_points(width: float) -> float:
    """Return the width in points of a column that is ``width`` characters wide."""
    return compute_column_pixels(width) * 0.75


def find_column_breaks(widths: Sequence[float], paper: PaperSize = PaperSize.A4) -> tuple[int, ...]:
    """Return the columns that begin a further page; none if one page holds them all.

    A table too wide to be legible on one page is divided into pages of similar width. The
    first column is printed again on each of them.
    """
    column_starts = [0.0, *accumulate(map(convert_to_points, widths))]
    page_count = math.ceil(column_starts[-1] * _MIN_SCALE / compute_paper_width(paper))
    if len(widths) == 1:
        return ()
    even_starts = (column_starts[-1] * page / page_count for page in range(1, page_count))
    return tuple(dict.fromkeys(_find_nearest_column(column_starts, start) for start in even_starts))


def _find_nearest_column(starts: Sequence[float], start: float) -> int:
    """Return the column, other than the first, that begins nearest to ``start``."""
    return min(range(1, len(starts) - 1), key=lambda column: abs(starts[column] - start))


def find_columns_above(
    widths: Sequence[float], repeated: int = 1, paper: PaperSize = PaperSize.A4
) -> tuple[int, int]:
    """Return the first and the last column for a title or a note above a table.

    It is printed once: it does not cross the edge of a page, and avoids the ``repeated``
    first columns.
    """
    breaks = find_column_breaks(widths, paper)
    if not breaks:
        return 0, len(widths) - 1
    last_column = breaks[0] - 1
    return min(repeated, last_column), last_column


def compute_page_height(
    widths: Sequence[float], foot_margin: float = FOOT_MARGIN, paper: PaperSize = PaperSize.A4
) -> float:
    """Return how many points of rows a page holds when the table is fitted to its width.

    ``foot_margin`` is the margin at the foot of the page, in inches.
    """
    height = _PAPER_SIZES[paper][1] * _POINTS_PER_MM - (TOP_MARGIN + foot_margin) * 72
    # A sheet that Excel itself fits to the page takes the whole width, and so a larger scale.
    scale = min(1.0, _compute_fitting_scale(widths, paper) / _WIDTH_FILL)
    return height / scale * _PAGE_FILL


@dataclass(frozen=True, slots=True)
class PageLayout:
    """How a table is divided into pages.

    Each column of ``column_breaks`` begins a further page beside the first, on which the
    first ``repeated_columns`` columns are repeated. Without a ``print_scale``, in percent, the
    table is fitted to the width of one page.
    """

    paper: PaperSize = PaperSize.A4
    column_breaks: tuple[int, ...] = ()
    repeated_columns: int = 1
    print_scale: int | None = None


def lay_out_pages(
    widths: Sequence[float],
    *,
    has_row_breaks: bool = False,
    repeated_columns: int = 1,
    paper: PaperSize = PaperSize.A4,
) -> PageLayout:
    """Return how a table with columns of ``widths`` is printed.

    With page breaks of any kind the scale is computed: Excel ignores the breaks of a sheet
    that it is told to fit to the page.
    """
    column_breaks = find_column_breaks(widths, paper)
    if not has_row_breaks and not column_breaks:
        return PageLayout(paper)
    scale = min(1.0, _compute_fitting_scale(widths, paper, repeated_columns))
    percentage = max(_LEAST_PERCENTAGE, math.floor(scale * 100))
    return PageLayout(paper, column_breaks, repeated_columns, percentage)


# ECMA-376 Part 1 §18.3.1.63.
_LEAST_PERCENTAGE = 10


def _compute_fitting_scale(widths: Sequence[float], paper: PaperSize, repeated: int = 1) -> float:
    """Return the scale at which the widest page is as wide as the paper."""
    breaks = find_column_breaks(widths, paper)
    pages = [widths[first:end] for first, end in pairwise((0, *breaks, len(widths)))]
    # From the second page on, the first columns are printed before the others.
    printed_pages = [pages[0], *((*widths[:repeated], *page) for page in pages[1:])]
    widest_page = max(sum(map(convert_to_points, page)) for page in printed_pages)
    return compute_paper_width(paper) / widest_page


@dataclass(frozen=True, slots=True)
class PageSpace:
    """How many points of rows fit on the first page and on each later one."""

    first: float = math.inf
    later: float = math.inf


# A page break inside a part costs as much as this share of an empty page.
_SPLIT_COST = 0.5


def find_row_breaks(
    parts: Sequence[str], heights: Sequence[float], space: PageSpace
) -> tuple[int, ...]:
    """Return the rows before which to begin a page, each the first of a part.

    ``parts`` names for each row the part that it belongs to; ``heights`` are in points.
    The breaks chosen have the least total cost of pages and of parts divided. A break
    inside a part is not returned: the printing program makes it by itself.
    """
    row_count = len(parts)
    part_starts = [
        row_number
        for row_number in range(1, row_count)
        if parts[row_number] != parts[row_number - 1]
    ]
    starting_rows = set(part_starts)
    costs, next_rows = [0.0] * (row_count + 1), [row_count] * (row_count + 1)
    for row in reversed(range(row_count)):
        page_end = _find_page_end(heights, row, space.later if row else space.first)
        first, last = bisect_right(part_starts, row), bisect_left(part_starts, page_end)
        ends = [page_end, *part_starts[first:last]]
        splits_part = {end: end < row_count and end not in starting_rows for end in ends}
        next_rows[row] = min(ends, key=lambda end: costs[end] + _SPLIT_COST * splits_part[end])
        costs[row] = 1 + costs[next_rows[row]] + _SPLIT_COST * splits_part[next_rows[row]]
    return tuple(
        row_number for row_number in _iter_page_starts(next_rows) if row_number in starting_rows
    )


def compute_remaining_space(heights: Sequence[float], space: PageSpace) -> float:
    """Return how many points are free on the last page, rows broken only where they must."""
    row, remaining = 0, space.first
    while row < len(heights):
        end = _find_page_end(heights, row, space.later if row else space.first)
        remaining = (space.later if row else space.first) - sum(heights[row:end])
        row = end
    return max(0.0, remaining)


def _find_page_end(heights: Sequence[float], row: int, space: float) -> int:
    """Return the row after the last one that fits on a page that begins with ``row``."""
    end = row + 1
    remaining = space - heights[row]
    while end < len(heights) and heights[end] <= remaining:
        remaining -= heights[end]
        end += 1
    return end


def _iter_page_starts(next_rows: Sequence[int]) -> Iterator[int]:
    row = 0
    while row < len(next_rows) - 1:
        row = next_rows[row]
        yield row
