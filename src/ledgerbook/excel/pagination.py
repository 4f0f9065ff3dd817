"""Where a printed table turns its pages, downwards and sideways."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

# Margins, in inches: at each side, at the top, and at the foot, where a line to be
# signed needs more.
SIDE, TOP, FOOT, SIGNED_FOOT = 0.5, 0.6, 0.7, 0.9
# A4 landscape between the margins of its sides, and below that of its top, in points.
PAPER_WIDTH = 297 / 25.4 * 72 - 2 * SIDE * 72
_PAPER_HEIGHT = 210 / 25.4 * 72 - TOP * 72
# The estimate of a page's height stays a little short of the page, never beyond it.
_PAGE_FILL = 0.96


def points(width: float) -> float:
    """Return the points taken by a column ``width`` characters wide."""
    return (7 * width + 5) * 0.75


# Text of 11 points that is printed smaller than this cannot be read with ease.
_LEAST_SCALE = 0.55


def turns_across(widths: Sequence[float]) -> tuple[int, ...]:
    """Return the columns that begin a further page, none where one holds them all.

    A table too wide to be read on one page is parted into pages of like width; from
    each on the left the first column is to be repeated.
    """
    starts = [0.0, *accumulate(map(points, widths))]
    pages = math.ceil(starts[-1] * _LEAST_SCALE / PAPER_WIDTH)
    if len(widths) == 1:
        return ()
    evenly = (starts[-1] * n / pages for n in range(1, pages))
    return tuple(dict.fromkeys(_nearest(starts, start) for start in evenly))


def _nearest(starts: Sequence[float], start: float) -> int:
    """Return the column within the table that begins nearest to ``start``."""
    return min(range(1, len(starts) - 1), key=lambda n: abs(starts[n] - start))


def columns_above(widths: Sequence[float], repeated: int = 1) -> tuple[int, int]:
    """Return the first and last column for what is to stand above a table.

    It is printed once: neither parted by a page's edge nor in columns ``repeated``.
    """
    turns = turns_across(widths)
    if not turns:
        return 0, len(widths) - 1
    last = turns[0] - 1
    return min(repeated, last), last


def page_height(widths: Sequence[float], foot: float = FOOT) -> float:
    """Return how many points of rows a page holds, the table fitted to its width.

    ``foot`` is the margin at the foot of the page, in inches.
    """
    turns = turns_across(widths)
    pages = [widths[a:b] for a, b in pairwise((0, *turns, len(widths)))]
    # From the second page on, the first column stands before the others.
    shown = [pages[0], *((widths[0], *page) for page in pages[1:])]
    widest = max(sum(map(points, page)) for page in shown)
    scale = min(1.0, PAPER_WIDTH / widest)
    return (_PAPER_HEIGHT - foot * 72) / scale * _PAGE_FILL


@dataclass(frozen=True, slots=True)
class PageSpace:
    """Points to fill with rows: on the first page, and on each one after."""

    first: float = math.inf
    later: float = math.inf


# A page that begins in the middle of a part is as bad as so much of a page wasted.
_PARTED = 0.5


def page_turns(
    parts: Sequence[str], heights: Sequence[float], room: PageSpace
) -> tuple[int, ...]:
    """Return the rows that are to begin a page, each the first of a part.

    ``parts`` names what each row belongs to, ``heights`` is in points. Of all ways to
    turn the pages the one is taken that parts least and spends least paper; where it
    turns a page within a part, that is left to the program that prints.
    """
    rows = len(parts)
    begins = [n for n in range(1, rows) if parts[n] != parts[n - 1]]
    costs, nexts = [0.0] * (rows + 1), [rows] * (rows + 1)
    for row in reversed(range(rows)):
        full = _full(heights, row, room.later if row else room.first)
        ends = [full, *(n for n in begins if row < n < full)]
        parted = {end: end < rows and end not in begins for end in ends}
        nexts[row] = min(ends, key=lambda end: costs[end] + _PARTED * parted[end])
        costs[row] = 1 + costs[nexts[row]] + _PARTED * parted[nexts[row]]
    return tuple(n for n in _followed(nexts) if n in begins)


def room_left(heights: Sequence[float], room: PageSpace) -> float:
    """Return how many points of the last page are below the rows, all as they come."""
    row, left = 0, room.first
    while row < len(heights):
        end = _full(heights, row, room.later if row else room.first)
        left = (room.later if row else room.first) - sum(heights[row:end])
        row = end
    return max(0.0, left)


def _full(heights: Sequence[float], row: int, room: float) -> int:
    """Return the row after the last that a page holds which begins with ``row``."""
    end = row + 1
    left = room - heights[row]
    while end < len(heights) and heights[end] <= left:
        left -= heights[end]
        end += 1
    return end


def _followed(nexts: Sequence[int]) -> Iterator[int]:
    row = 0
    while row < len(nexts) - 1:
        row = nexts[row]
        yield row
