"""Where a printed table turns its pages, so that what belongs together stays so."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# A4 landscape inside the margins that page_setup sets, in points.
PAPER_WIDTH = 297 / 25.4 * 72 - (0.5 + 0.5) * 72
PAPER_HEIGHT = 210 / 25.4 * 72 - (0.6 + 0.7) * 72
# The estimate of a page's height stays a little short of the page, never beyond it.
_PAGE_FILL = 0.96


def points(width: float) -> float:
    """Return the points taken by a column ``width`` characters wide."""
    return (7 * width + 5) * 0.75


def page_height(widths: Iterable[float]) -> float:
    """Return how many points of rows a page holds, printed one page wide."""
    scale = min(1.0, PAPER_WIDTH / sum(map(points, widths)))
    return PAPER_HEIGHT / scale * _PAGE_FILL


@dataclass(frozen=True, slots=True)
class Room:
    """Points to fill with rows: on the first page, and on each one after."""

    first: float = math.inf
    later: float = math.inf


# A page that begins in the middle of a part is as bad as so much of a page wasted.
_PARTED = 0.5


def page_turns(
    parts: Sequence[str], heights: Sequence[float], room: Room
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
