"""The numbering of a plan: 一、 and (一) before headings, 1. before items.

Scans misread all of them, so each is matched by the look of its characters; what a
mark must be follows from its place in the sequence, which the callers know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

_DIGITS = "一二三四五六七八九"

# Characters that scans put for a digit, the digit itself first.
LOOKALIKES: Mapping[str, str] = MappingProxyType(
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

# 一 is a single stroke, which scans take for one of the dashes.
_STROKES = "-\u2014\u2013\u2015\u30fc"
_ORDINAL = rf"[{_DIGITS}十]{{1,3}}|[{_STROKES}]"

# What follows the dot of an item's number: no decimals, though perhaps a date.
NOT_DECIMAL = r"(?!\d(?!\d{3}年|\d?月))"

LEVEL_1_MARK = re.compile(rf"(?P<ordinal>{_ORDINAL})\s*[、,.\uff0c\uff0e]")
LEVEL_2_MARK = re.compile(
    r"[(\[\uff08\u3014\u3010]\s*"
    rf"(?P<ordinal>{_ORDINAL})"
    r"\s*[)\]\uff09\u3015\u3011]\s*[、.]?"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: ``level`` 1 for 一、 and 2 for (一); ``ordinal`` 0 if it has none."""

    level: int
    ordinal: int
    text: str

    def __str__(self) -> str:
        return format_mark(self.level, self.ordinal) + self.text


def format_mark(level: int, ordinal: int) -> str:
    """Write the numeral of a heading as an official document does."""
    if not ordinal:
        return ""
    numeral = _format_numeral(ordinal)
    return f"{numeral}、" if level == 1 else f"\uff08{numeral}\uff09"


def parse_heading(text: str, level: int) -> Heading:
    """Read a heading of ``level``; one without a numeral is all words."""
    match = (LEVEL_1_MARK if level == 1 else LEVEL_2_MARK).match(text)
    if match is None:
        return Heading(level, 0, text.strip())
    return Heading(level, parse_ordinal(match["ordinal"]), text[match.end() :].strip())


def parse_ordinal(ordinal: str) -> int:
    """Read 一 to 九十九, a misread stroke included."""
    if ordinal in _STROKES:
        return 1
    tens, ten, ones = ordinal.rpartition("十")
    return (10 * (_parse_digit(tens) or 1) if ten else 0) + _parse_digit(ones)


def _parse_digit(character: str) -> int:
    return _DIGITS.index(character[0]) + 1 if character else 0


def _format_numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    tens_text = ("" if tens == 1 else _DIGITS[tens - 1]) + "十" if tens else ""
    return tens_text + (_DIGITS[ones - 1] if ones else "")


# After a number these make it a quantity or a date, never the number of an item.
_COUNTERS = "年月日时分秒次个件项号条款级类种届期章节篇人名家位天周季度万亿元倍页册批轮%"

_NUMBER_DOT = r"[.、,\uff0c\uff0e]"


def compile_number_mark(number: int) -> re.Pattern[str]:
    """Match the mark of item ``number``, however a scan may have spelled it.

    The dot may be lost, or be one with a final 1 ("L" for "1.").
    """
    digit_pattern = r"\s?".join(f"[{re.escape(LOOKALIKES[digit])}]" for digit in str(number))
    return re.compile(
        r"(?<![0-9A-Za-z./+\u2014第-])"
        rf"(?P<digits>{digit_pattern})\s?(?:(?P<dot>{_NUMBER_DOT})|(?![{_COUNTERS}]))"
        r"(?![0-9A-Za-z])\s*"
    )
