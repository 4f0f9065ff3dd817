"""Put the characters of a PDF's page together to lines, and lines to paragraphs.

A PDF has characters with their places and nothing else. All lengths are points, x from the
left edge of a page and y from its top. A line that was wrapped, as the next word had no room,
is told from the end of a paragraph by the room that is left in it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ledgerbook.plan.cell_classifier import ITEM_NUMBER, is_heading
from ledgerbook.plan.formats.outline import PAGE_NUMBER
from ledgerbook.plan.header_meaning import parse_header
from ledgerbook.plan.trailing_units import has_only_labels

# A character as pdfplumber gives it: its text, x0, x1, top, bottom and size.
Character = Mapping[str, Any]

# Shares of a character's size: a gap between two Latin words, and between two columns.
_WORD_GAP, _COLUMN_GAP = 0.2, 1.0
# How much wider than its ink a place for a character may be (character grids of WPS).
_GRID_SLACK = 1.15
_CENTRED_SLACK = 0.6
# No line begins with a character of the first kind, and none ends with one of the second;
# programs differ on quotation marks (Unicode UAX 14).
_QUOTES = "“”‘’\"'"
_CLOSING = "。，、；：！？）》〉」』】〕…—%.,;:!?)]}" + _QUOTES
_OPENING = "（《〈「『【〔([{" + _QUOTES
_PARAGRAPH_ENDS = tuple("。；;：:！!？?）)")
_BREAKABLE_ENDS = tuple("。；;）)")
_LATIN = re.compile(r"[0-9A-Za-z]")
_DIGITS = re.compile(r"\d+")
# A line on this share of the pages belongs to the pages, not to the text.
_MIN_REPEATED_SHARE, _MIN_REPEATED_PAGES = 0.5, 3
_SAME_HEIGHT = 4
# Fewer lines end together by chance; a full line ends before the margin by less than this.
_MIN_FULL_LINES, _MAX_RAGGED = 3, 3


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text, or the part of it in one cell.

    ``size`` is the size of its characters, ``first_word_width`` the width of what a line
    break cannot divide at its beginning.
    """

    text: str
    left: float
    right: float
    top: float
    bottom: float
    size: float
    first_word_width: float


@dataclass(frozen=True, slots=True)
class DividedLine:
    """A line outside the ruled tables of a page, whole and divided at its wide gaps."""

    whole: TextLine
    parts: tuple[TextLine, ...]


def group_lines(characters: Iterable[Character]) -> list[TextLine]:
    """Return the lines of characters, from the top."""
    return [_build_line(row) for row in _group_rows(characters) if _has_text(row)]


def group_divided_lines(characters: Iterable[Character]) -> list[DividedLine]:
    """Return the lines of characters, from the top, with their parts."""
    return [
        DividedLine(_build_line(row), tuple(map(_build_line, _split_row(row))))
        for row in _group_rows(characters)
        if _has_text(row)
    ]


def _has_text(row: Sequence[Character]) -> bool:
    return any(character["text"].strip() for character in row)


def _group_rows(characters: Iterable[Character]) -> Iterator[list[Character]]:
    """Yield the characters of each line, from the left.

    A character belongs to a line if its middle is at the height of the line's first one.
    """
    row: list[Character] = []
    for character in sorted(characters, key=_get_middle):
        if row and _get_middle(character) >= row[0]["bottom"]:
            yield sorted(row, key=_get_left)
            row = []
        row.append(character)
    if row:
        yield sorted(row, key=_get_left)


def _get_middle(character: Character) -> float:
    return float(character["top"] + character["bottom"]) / 2


def _get_left(character: Character) -> float:
    return float(character["x0"])


def _split_row(row: Sequence[Character]) -> Iterator[list[Character]]:
    """Yield the parts of a line between its wide gaps."""
    inked = [character for character in row if character["text"].strip()]
    part = [inked[0]]
    for previous, character in pairwise(inked):
        if character["x0"] - previous["x1"] > _COLUMN_GAP * character["size"]:
            yield part
            part = []
        part.append(character)
    yield part


def _build_line(row: Sequence[Character]) -> TextLine:
    inked = [character for character in row if character["text"].strip()]
    text = inked[0]["text"]
    spaces = {index for index, character in enumerate(row) if not character["text"].strip()}
    indexes = [index for index in range(len(row)) if index not in spaces]
    for (place, previous), (next_place, character) in pairwise(zip(indexes, inked, strict=True)):
        has_space = next_place - place > 1 or _is_word_gap(previous, character)
        text += (" " if has_space else "") + character["text"]
    return TextLine(
        text=text,
        left=inked[0]["x0"],
        right=inked[-1]["x1"],
        top=min(character["top"] for character in inked),
        bottom=max(character["bottom"] for character in inked),
        size=max(character["size"] for character in inked),
        first_word_width=_measure_first_word(inked),
    )


def _is_word_gap(previous: Character, character: Character) -> bool:
    gap = character["x0"] - previous["x1"]
    is_latin = _is_latin(previous["text"]) and _is_latin(character["text"])
    return bool(gap > (_WORD_GAP if is_latin else _COLUMN_GAP) * character["size"])


def _is_latin(text: str) -> bool:
    return _LATIN.match(text) is not None


def _measure_first_word(inked: Sequence[Character]) -> float:
    """Return the width of the characters at the beginning that stay together."""
    end = 0
    while end + 1 < len(inked) and _stay_together(inked[end], inked[end + 1]):
        end += 1
    return float(inked[end]["x1"] - inked[0]["x0"])


def _stay_together(previous: Character, character: Character) -> bool:
    return (
        previous["text"] in _OPENING
        or character["text"] in _CLOSING
        or (
            previous["text"].isascii()
            and character["text"].isascii()
            and not _is_word_gap(previous, character)
        )
    )


# --- Paragraphs ---


def is_wrapped(line: TextLine, following: TextLine, left: float, right: float) -> bool:
    """Return whether ``line`` ended because the first word of ``following`` had no room.

    Text may stand between ``left`` and ``right``. In a centred line the room is on both
    sides.
    """
    if _begins_paragraph(line, following, left):
        return False
    left_room, right_room = line.left - left, right - line.right
    is_centred = abs(left_room - right_room) < _CENTRED_SLACK * line.size
    room = left_room + right_room if is_centred else right_room
    return room < _GRID_SLACK * following.first_word_width


def _begins_paragraph(line: TextLine, following: TextLine, left: float) -> bool:
    """Return whether ``following`` begins a paragraph even below a full line.

    It begins with a label (责任单位：), or after the end of a sentence with a number or indented.
    """
    if has_only_labels(following.text):
        return True
    is_marked = ITEM_NUMBER.match(following.text) or is_heading(following.text)
    is_indented = following.left - left > following.size
    return line.text.endswith(_PARAGRAPH_ENDS) and bool(is_marked or is_indented)


def join_lines(lines: Sequence[TextLine], left: float, right: float) -> list[str]:
    """Return the paragraphs that the lines between ``left`` and ``right`` make up."""
    paragraphs = [lines[0].text] if lines else []
    for line, following in pairwise(lines):
        # A line break more after the end of a sentence or a bracket changes no task; one less
        # makes one unit of two: 信息中心（李四）, 办公室.
        may_end = line.text.endswith(_BREAKABLE_ENDS)
        if may_end or not is_wrapped(line, following, left, right):
            paragraphs.append(following.text)
            continue
        is_between_words = _is_latin(line.text[-1]) and _is_latin(following.text)
        paragraphs[-1] += (" " if is_between_words else "") + following.text
    return paragraphs


def find_margins(lines: Sequence[TextLine], page_width: float) -> tuple[float, float]:
    """Return between which places the lines outside tables stand.

    Where no lines end together at the right, they have another margin as wide as the left.
    """
    if not lines:
        return 0, page_width
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    size = max(line.size for line in lines)
    full_count = sum(right - line.right < size for line in lines)
    opposite = page_width - left
    is_margin = full_count >= _MIN_FULL_LINES or opposite - right < _MAX_RAGGED * size
    return left, right if is_margin else opposite


def find_page_furniture(pages: Sequence[Sequence[DividedLine]]) -> frozenset[DividedLine]:
    """Return the page numbers, and the lines that many pages have at the same height.

    A repeated header of a table is none of them.
    """
    places = Counter(_describe_place(line) for page in pages for line in page)
    least = max(_MIN_REPEATED_PAGES, _MIN_REPEATED_SHARE * len(pages))
    return frozenset(
        line
        for page in pages
        for index, line in enumerate(page)
        if (
            places[_describe_place(line)] >= least
            and not any(parse_header(part.text) for part in line.parts)
        )
        or (index in (0, len(page) - 1) and PAGE_NUMBER.fullmatch(line.whole.text))
    )


def _describe_place(line: DividedLine) -> tuple[str, int]:
    return _DIGITS.sub("0", line.whole.text), round(line.whole.top / _SAME_HEIGHT)
