"""The look of an official form: fonts by name, sizes, colours, and row heights.

Fonts follow GB/T 9704-2012 (标题小标宋, 正文仿宋, 一级标题黑体). They are named, never
embedded, so heights leave room for whatever font stands in for them.
"""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import accumulate

TITLE_FONT = "方正小标宋简体"
HEAD_FONT = "黑体"
BODY_FONT = "仿宋_GB2312"
# By these a program chooses what stands in for a font that is not installed: of the
# families 1 has serifs and 2 has none; the character set is that of GB 2312.
FAMILIES = {TITLE_FONT: 1, HEAD_FONT: 2, BODY_FONT: 1}
CHARSET = 134

TITLE_SIZE = 20
HEAD_SIZE = 11
BODY_SIZE = 11
NOTE_SIZE = 10

# Fill and text colours. Each keeps its meaning in a grey print through the words
# beside it; a colour is never the only signal.
INK = "#000000"
GREY_INK = "#595959"
LINE = "#7F7F7F"
HEAD_FILL = "#D9E2F3"
LOCKED_FILL = "#F2F2F2"
RED_FILL, RED_INK = "#FFC7CE", "#9C0006"
AMBER_FILL, AMBER_INK = "#FFEB9C", "#7F6000"
GREEN_FILL, GREEN_INK = "#C6EFCE", "#006100"
LINK_INK = "#0563C1"
ASK_FILL = "#FFF2CC"

_TALLEST = 409.0
# How high a line is by its size, and what a row takes beside its lines, in points.
_LEADING, _PADDING = 1.43, 4
_NARROW_EM = 0.55


class _Widths(dict[str, int]):
    """The width of characters in hundredths of an em, looked up once for each."""

    def __missing__(self, character: str) -> int:
        wide = unicodedata.east_asian_width(character) in "WFA"
        self[character] = _EM if wide else round(_EM * _NARROW_EM)
        return self[character]


_EM = 100
_WIDTHS = _Widths()


def width_em(text: str) -> float:
    """Width of one line in em: 1 for a full-width character, about half otherwise."""
    return sum(map(_WIDTHS.__getitem__, text)) / _EM


def wrapped(line: str, ems: int) -> Iterator[str]:
    """Break a line into pieces at most ``ems`` wide; nothing is lost.

    A character that is wider stands alone; a line feed takes no room.
    """
    if len(line) <= ems:
        yield line
        return
    ends = list(accumulate(map(_WIDTHS.__getitem__, line)))
    start = used = 0
    while start < len(line):
        end = max(start + 1, bisect_right(ends, used + ems * _EM, lo=start))
        if line[end:] == "\n":
            end += 1
        yield line[start:end]
        start, used = end, ends[end - 1]


def ems_per_line(width: float, size: float = BODY_SIZE) -> int:
    """How many full-width characters fit a column ``width`` characters wide."""
    return max(1, math.floor((7 * width - 4) / (size * 96 / 72)))


def line_count(text: str, width: float, size: float = BODY_SIZE) -> int:
    """How many lines ``text`` takes, wrapped in a column ``width`` characters wide."""
    return line_counter(width, size)(text)


@lru_cache(maxsize=256)
def line_counter(width: float, size: float = BODY_SIZE) -> Callable[[str], int]:
    """Return what counts the lines of texts in a column ``width`` characters wide."""
    per_line = ems_per_line(width, size)
    # Beyond the tallest row nothing matters; a very long text is not measured whole.
    most = math.ceil((_TALLEST / size + 2) * per_line / _NARROW_EM)

    # In a long table the official words come again in many rows, one below the other.
    @lru_cache(maxsize=64)
    def measured(text: str) -> int:
        paragraphs = text[:most].split("\n")
        return sum(
            max(1, math.ceil(width_em(p) / per_line)) if len(p) > per_line else 1
            for p in paragraphs
        )

    def lines(text: str) -> int:
        # No character is wider than an em.
        if len(text) <= per_line and "\n" not in text:
            return 1
        return measured(text)

    return lines


def row_height(
    cells: Iterable[tuple[str, float]], size: float = BODY_SIZE, least: int = 1
) -> float:
    """Height in points of a row whose ``cells`` are (text, column width) pairs.

    ``least`` is a minimum number of lines; Excel's own limit of 409 pt is kept.
    """
    lines = max((line_count(text, width, size) for text, width in cells), default=1)
    return lines_height(max(lines, least), size)


def lines_height(lines: int, size: float = BODY_SIZE) -> float:
    """Height in points of a row with so many lines; Excel's own limit is kept."""
    return min(_TALLEST, round(lines * size * _LEADING + _PADDING, 2))


def lines_within(size: float, points: float = _TALLEST) -> int:
    """How many lines a row ``points`` high holds; without, the tallest there is."""
    return math.floor((points - _PADDING) / (size * _LEADING))
