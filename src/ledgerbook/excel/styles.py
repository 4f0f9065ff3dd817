"""Define fonts, sizes and colours of official forms; measure texts and row heights.

Fonts follow GB/T 9704-2012 (标题小标宋, 正文仿宋, 一级标题黑体). They are named, never
embedded, so heights leave room for whatever font replaces them. Widths of columns are in
characters as Excel counts them, in digits of the workbook's Normal font, heights and font
sizes in points, lengths of text in em (the width of a Chinese character).
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
# The font of the style Normal, by whose digits Excel measures every column. It is that of
# Chinese Excel and WPS, so a column is as wide in any other workbook of the office.
NORMAL_FONT = "宋体"
# By these a program chooses a replacement for a font that is not installed: family 1 has
# serifs, family 2 has none; the character set is GB 2312 (ECMA-376 Part 1 §18.8.18,
# §18.4.1).
FONT_FAMILIES = {TITLE_FONT: 1, HEADER_FONT: 2, BODY_FONT: 1, NORMAL_FONT: 1}
FONT_CHARSET = 134

TITLE_SIZE = 20
HEADER_SIZE = 11
BODY_SIZE = 11
NOTE_SIZE = 10
NORMAL_SIZE = 11
# At 96 dpi a digit of the Normal font is so many pixels wide, the padding of a column so many
# (ECMA-376 Part 1 §18.3.1.13), and its blank rows are so many pixels high.
DIGIT_PIXELS, COLUMN_PADDING = 8, 5
NORMAL_ROW_PIXELS = 18

# Fill and text colours. A colour is never the only signal: words beside it say the same,
# so that nothing is lost in a black-and-white print.
TEXT_COLOR = "#000000"
GREY_TEXT_COLOR = "#595959"
BORDER_COLOR = "#7F7F7F"
HEADER_FILL = "#D9E2F3"
LOCKED_FILL = "#F2F2F2"
RED_FILL, RED_TEXT_COLOR = "#FFC7CE", "#9C0006"
AMBER_FILL, AMBER_TEXT_COLOR = "#FFEB9C", "#7F6000"
GREEN_FILL, GREEN_TEXT_COLOR = "#C6EFCE", "#006100"
# Overdue and due soon, in every workbook; elsewhere red and amber mark problems.
OVERDUE_FILL, OVERDUE_TEXT_COLOR = RED_FILL, RED_TEXT_COLOR
DUE_SOON_FILL, DUE_SOON_TEXT_COLOR = AMBER_FILL, AMBER_TEXT_COLOR
# A cell that a section has to correct, and nothing else: seen on rows of every other colour.
CORRECTION_FILL, CORRECTION_TEXT_COLOR = "#D9B3FF", "#3F0071"
LINK_COLOR = "#0563C1"
REQUIRED_FILL = "#FFF2CC"

MAX_ROW_HEIGHT = 409.0
# The height of a line as a multiple of the font size, and the padding of a row in points.
_LEADING, _PADDING = 1.43, 4
_NARROW_EM = 0.55


class _CharacterWidths(dict[str, int]):
    """The widths of characters in hundredths of an em, each computed once."""

    def __missing__(self, character: str) -> int:
        is_wide = unicodedata.east_asian_width(character) in "WFA"
        self[character] = _UNITS_PER_EM if is_wide else round(_UNITS_PER_EM * _NARROW_EM)
        return self[character]


_UNITS_PER_EM = 100
_CHARACTER_WIDTHS = _CharacterWidths()


def measure_ems(text: str) -> float:
    """Return the width of a line in em: 1 for a wide character, about half for others.

    Wide characters are those of East Asian Width W, F and A
    (https://www.unicode.org/reports/tr11/).
    """
    return sum(map(_CHARACTER_WIDTHS.__getitem__, text)) / _UNITS_PER_EM


def wrap_line(line: str, max_ems: int) -> Iterator[str]:
    """Yield the pieces of a line, each at most ``max_ems`` wide; joined they are the line.

    A character wider than that is a piece of its own; a line feed has no width.
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


def compute_column_pixels(width: float) -> float:
    """Return the width at 96 dpi of a column ``width`` characters wide, its padding included."""
    return DIGIT_PIXELS * width + COLUMN_PADDING


# In a workbook whose Normal font is Calibri, a digit is this wide. Copied there, a sheet keeps
# the widths of its columns in characters.
_CALIBRI_DIGIT_PIXELS = 7
# What Excel leaves free beside a number, in pixels.
_NUMBER_PADDING = 3


def compute_number_width(characters: int, size: float = BODY_SIZE) -> float:
    """Return the width of a column that shows a number or date of so many characters.

    Where a column is narrower than its number, Excel shows ########. In the Chinese fonts a
    digit is half an em wide, in whole pixels.
    """
    digit_pixels = math.ceil(round(size * 96 / 72) / 2)
    pixels = characters * digit_pixels + _NUMBER_PADDING - COLUMN_PADDING
    return math.ceil(pixels / _CALIBRI_DIGIT_PIXELS * 10) / 10


def compute_ems_per_line(width: float, size: float = BODY_SIZE) -> int:
    """Return how many full-width characters fit a column ``width`` characters wide."""
    return max(1, math.floor((DIGIT_PIXELS * width - 4) / (size * 96 / 72)))


def count_lines(text: str, width: float, size: float = BODY_SIZE) -> int:
    """Return how many lines ``text`` takes, wrapped in a column ``width`` characters wide."""
    return make_line_counter(width, size)(text)


def count_measured_characters(width: float, size: float = BODY_SIZE) -> int:
    """Return how many characters of a text decide its height in a column ``width`` wide.

    No row is taller than the tallest, so a very long text need not be measured whole.
    """
    per_line = compute_ems_per_line(width, size)
    return math.ceil((MAX_ROW_HEIGHT / size + 2) * per_line / _NARROW_EM)


@lru_cache(maxsize=256)
def make_line_counter(width: float, size: float = BODY_SIZE) -> Callable[[str], int]:
    """Return a function that counts the lines of texts in a column ``width`` wide."""
    per_line = compute_ems_per_line(width, size)
    max_characters = count_measured_characters(width, size)

    # In a long table the same official text stands in many rows, one below the other.
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
    """Return the height in points of a row whose ``cells`` are (text, column width) pairs.

    The row has room for at least ``min_lines`` lines, and is at most 409 points high,
    Excel's own limit.
    """
    line_total = max((count_lines(text, width, size) for text, width in cells), default=1)
    return compute_lines_height(max(line_total, min_lines), size)


def compute_lines_height(lines: int, size: float = BODY_SIZE) -> float:
    """Return the height in points of a row with so many lines, at most Excel's limit."""
    return min(MAX_ROW_HEIGHT, round(lines * size * _LEADING + _PADDING, 2))


def count_lines_within(size: float, points: float = MAX_ROW_HEIGHT) -> int:
    """Return how many lines fit a row ``points`` high, by default the tallest row."""
    return math.floor((points - _PADDING) / (size * _LEADING))
