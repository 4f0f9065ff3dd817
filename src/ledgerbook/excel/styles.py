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
HEADER_FONT = "黑体"
BODY_FONT = "仿宋_GB2312"
# By these a program chooses what stands in for a font that is not installed: of the
# families 1 has serifs and 2 has none; the character set is that of GB 2312.
FONT_FAMILIES = {TITLE_FONT: 1, HEADER_FONT: 2, BODY_FONT: 1}
FONT_CHARSET = 134

TITLE_SIZE = 20
HEADER_SIZE = 11
BODY_SIZE = 11
NOTE_SIZE = 10

# Fill and text colours. Each keeps its meaning in a grey print through the words
# beside it; a colour is never the only signal.
TEXT_COLOR = "#000000"
GREY_TEXT_COLOR = "#595959"
BORDER_COLOR = "#7F7F7F"
HEADER_FILL = "#D9E2F3"
LOCKED_FILL = "#F2F2F2"
RED_FILL, RED_TEXT_COLOR = "#FFC7CE", "#9C0006"
AMBER_FILL, AMBER_TEXT_COLOR = "#FFEB9C", "#7F6000"
GREEN_FILL, GREEN_TEXT_COLOR = "#C6EFCE", "#006100"
LINK_COLOR = "#0563C1"
REQUIRED_FILL = "#FFF2CC"

_MAX_ROW_HEIGHT = 409.0
# How high a line is by its size, and what a row takes beside its lines, in points.
_LEADING, _PADDING = 1.43, 4
_NARROW_EM = 0.55


class _CharacterWidths(dict[str, int]):
    """The width of characters in hundredths of an em, looked up once for each."""

    def __missing__(self, character: str) -> int:
        is_wide = unicodedata.east_asian_width(character) in "WFA"
        self[character] = _UNITS_PER_EM if is_wide else round(_UNITS_PER_EM * _NARROW_EM)
        return self[character]


_UNITS_PER_EM = 100
_CHARACTER_WIDTHS = _CharacterWidths()


def measure_ems(text: str) -> float:
    """Width of one line in em: 1 for a full-width character, about half otherwise."""
    return sum(map(_CHARACTER_WIDTHS.__getitem__, text)) / _UNITS_PER_EM


def wrap_line(line: str, max_ems: int) -> Iterator[str]:
    """Break a line into pieces at most ``max_ems`` wide; nothing is lost.

    A character that is wider stands alone; a line feed takes no room.
    """
    if len(line) <= max_ems:
        yield line
        return
    ends = list(accumulate(map(_CHARACTER_WIDTHS.__getitem__, line)))
    start = used_width = 0
    while start < len(line):
        end = max(
            start + 1,
            bisect_right(ends, used_width + max_ems * _UNITS_PER_EM, lo=start),
        )
        if line[end:] == "\n":
            end += 1
        yield line[start:end]
        start, used_width = end, ends[end - 1]


def compute_ems_per_line(width: float, size: float = BODY_SIZE) -> int:
    """How many full-width characters fit a column ``width`` characters wide."""
    return max(1, math.floor((7 * width - 4) / (size * 96 / 72)))


def count_lines(text: str, width: float, size: float = BODY_SIZE) -> int:
    """How many lines ``text`` takes, wrapped in a column ``width`` characters wide."""
    return make_line_counter(width, size)(text)


@lru_cache(maxsize=256)
def make_line_counter(width: float, size: float = BODY_SIZE) -> Callable[[str], int]:
    """Return what counts the lines of texts in a column ``width`` characters wide."""
    per_line = compute_ems_per_line(width, size)
    # Beyond the tallest row nothing matters; a very long text is not measured whole.
    max_characters = math.ceil((_MAX_ROW_HEIGHT / size + 2) * per_line / _NARROW_EM)

    # In a long table the official words come again in many rows, one below the other.
    @lru_cache(maxsize=64)
    def count_long_text(text: str) -> int:
        paragraphs = text[:max_characters].split("\n")
        return sum(
            max(1, math.ceil(measure_ems(paragraph) / per_line)) if len(paragraph) > per_line else 1
            for paragraph in paragraphs
        )

    def count_text_lines(text: str) -> int:
        # No character is wider than an em.
        if len(text) <= per_line and "\n" not in text:
            return 1
        return count_long_text(text)

    return count_text_lines


def compute_row_height(
    cells: Iterable[tuple[str, float]], size: float = BODY_SIZE, min_lines: int = 1
) -> float:
    """Height in points of a row whose ``cells`` are (text, column width) pairs.

    ``min_lines`` is a minimum number of lines; Excel's own limit of 409 pt is kept.
    """
    line_total = max((count_lines(text, width, size) for text, width in cells), default=1)
    return compute_lines_height(max(line_total, min_lines), size)


def compute_lines_height(lines: int, size: float = BODY_SIZE) -> float:
    """Height in points of a row with so many lines; Excel's own limit is kept."""
    return min(_MAX_ROW_HEIGHT, round(lines * size * _LEADING + _PADDING, 2))


def count_lines_within(size: float, points: float = _MAX_ROW_HEIGHT) -> int:
    """How many lines a row ``points`` high holds; without, the tallest there is."""
    return math.floor((points - _PADDING) / (size * _LEADING))
