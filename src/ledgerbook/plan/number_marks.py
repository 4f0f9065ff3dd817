"""Match and write the numbering marks of a plan: 一、 and (一) of headings, 1. of items.

Scans misread the characters of a mark, so the patterns accept look-alikes too. Which
mark must stand at a place follows from the sequence, which only the callers know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ledgerbook.chinese_numerals import ORDINAL_CHARACTERS, format_numeral, parse_numeral

# Digit → the characters that scans put for it, the digit itself first.
_LOOKALIKES: Mapping[str, str] = MappingProxyType(
    {
        "0": "0OoQD",
        "1": "1IlLi|!丨",
        "2": "2Zz",
        "3": "3",
        "4": "4",
        "5": "5Ss",
        "6": "6bG",
        "7": "7",
        "8": "8B",
        "9": "9gq",
    }
)

# 一 is a single stroke, for which scans put one of the dashes.
_STROKES = "-\u2014\u2013\u2015\u30fc"
_ORDINAL = rf"[{ORDINAL_CHARACTERS}]{{1,3}}|[{_STROKES}]"

# What may follow the dot of an item's number: not the digits of a decimal fraction,
# but the year or month of a date may.
NOT_DECIMAL = r"(?!\d(?!\d{3}年|\d?月))"

LEVEL_1_MARK = re.compile(rf"(?P<ordinal>{_ORDINAL})\s*[、,.\uff0c\uff0e]")
LEVEL_2_MARK = re.compile(
    r"[(\[\uff08\u3014\u3010]\s*"
    rf"(?P<ordinal>{_ORDINAL})"
    r"\s*[)\]\uff09\u3015\u3011]\s*[、.]?"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a plan.

    ``level`` is 1 for 一、 and 2 for (一); ``ordinal`` is 0 for a heading without number.
    """

    level: int
    ordinal: int
    text: str

    def __str__(self) -> str:
        return format_mark(self.level, self.ordinal) + self.text


def format_mark(level: int, ordinal: int) -> str:
    """Return the mark of a heading as an official document prints it: 一、 or （一）.

    See GB/T 9704-2012, 7.3.3. Blank for ordinal 0.
    """
    if not ordinal:
        return ""
    numeral = format_numeral(ordinal)
    return f"{numeral}、" if level == 1 else f"\uff08{numeral}\uff09"


def parse_heading(text: str, level: int) -> Heading:
    """Split a heading of ``level`` into ordinal and text; ordinal 0 where it has no mark."""
    match = (LEVEL_1_MARK if level == 1 else LEVEL_2_MARK).match(text)
    if match is None:
        return Heading(level, 0, text.strip())
    return Heading(level, parse_ordinal(match["ordinal"]), text[match.end() :].strip())


def parse_ordinal(ordinal: str) -> int:
    """Return the number of the ordinal 一 to 九十九; a dash is a misread 一."""
    return 1 if ordinal in _STROKES else parse_numeral(ordinal)


# A number before one of these is a quantity or a date, never the number of an item.
_COUNTERS = "年月日时分秒次个件项号条款级类种届期章节篇人名家位天周季度万亿元倍页册批轮%"

# The number of a part of an item: 1.1 or 1.1.1, no decimal fraction before a counter.
PART_NUMBER = (
    rf"\d{{1,2}}(?:\.\d{{1,2}}){{1,2}}(?:[.、\uff0e]|(?=[\s\u4e00-\u9fff]))(?![\d{_COUNTERS}])"
)

# A number that only a space separates from its text.
SPACED_NUMBER = rf"\d{{1,2}}[ \u3000]+(?=[\u4e00-\u9fff])(?![{_COUNTERS}])"

_NUMBER_DOT = r"[.、,\uff0c\uff0e]"
_BEFORE_MARK = r"(?<![0-9A-Za-z./+\u2014第-])"
_AFTER_DIGITS = rf"\s?(?:(?P<dot>{_NUMBER_DOT})|(?![{_COUNTERS}]))(?![0-9A-Za-z])\s*"


@dataclass(frozen=True, slots=True)
class NumberMark:
    """The mark of item ``number``, misread or not.

    ``start`` and ``end`` are offsets; ``digits`` and ``dot`` are as printed. The dot may be
    lost, and then ``dot`` is blank, or merged with a final 1 ("L" for "1.").
    """

    number: int
    start: int
    end: int
    digits: str
    dot: str


_DIGIT_BY_LOOKALIKE = {
    character: digit for digit, characters in _LOOKALIKES.items() for character in characters
}
# No plan has more items.
_MAX_DIGITS = 6
_ANY_DIGIT = f"[{re.escape(''.join(_DIGIT_BY_LOOKALIKE))}]"
_DIGIT_RUN = re.compile(rf"{_BEFORE_MARK}{_ANY_DIGIT}(?:\s?{_ANY_DIGIT}){{0,{_MAX_DIGITS - 1}}}")
_AFTER_DIGITS_PATTERN = re.compile(_AFTER_DIGITS)


def find_number_marks(text: str) -> dict[int, list[NumberMark]]:
    """Return the marks in ``text`` by number, those of one number in order and apart.

    Every number is found at once: to search the text for each would take too long.
    """
    marks: dict[int, list[NumberMark]] = {}
    position = 0
    while run := _DIGIT_RUN.search(text, position):
        position = run.start() + 1
        for mark in _iter_marks_in_run(text, run):
            previous_marks = marks.setdefault(mark.number, [])
            if not previous_marks or previous_marks[-1].end <= mark.start:
                previous_marks.append(mark)
    return marks


def match_number_mark(text: str, number: int, offset: int = 0) -> NumberMark | None:
    """Return the mark of item ``number`` at ``offset``, or None."""
    run = _DIGIT_RUN.match(text, offset)
    marks = _iter_marks_in_run(text, run) if run else ()
    return next((mark for mark in marks if mark.number == number), None)


def _iter_marks_in_run(text: str, run: re.Match[str]) -> Iterator[NumberMark]:
    """Yield the marks that begin with the run's first digit: 1, 12 and 123 of 123."""
    number, start = 0, run.start()
    for last in range(*run.span()):
        if text[last] not in _DIGIT_BY_LOOKALIKE:
            continue
        number = 10 * number + int(_DIGIT_BY_LOOKALIKE[text[last]])
        if not number:
            return
        if match := _AFTER_DIGITS_PATTERN.match(text, last + 1):
            digits = text[start : last + 1]
            yield NumberMark(number, start, match.end(), digits, match["dot"] or "")
