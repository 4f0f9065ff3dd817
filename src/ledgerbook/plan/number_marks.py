"""Match and write the numbering marks of a plan: 一、 and (一) of headings, 1. of items.

Scans misread the characters of a mark, so the patterns accept look-alikes too. Which
mark must stand at a place follows from the sequence, which only the callers know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
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

_NUMBER_DOT = r"[.、,\uff0c\uff0e]"


def compile_number_mark(number: int) -> re.Pattern[str]:
    """Return a pattern that matches the mark of item ``number``, misread or not.

    The dot may be lost, or merged with a final 1 ("L" for "1.").
    """
    digit_pattern = r"\s?".join(f"[{re.escape(_LOOKALIKES[digit])}]" for digit in str(number))
    return re.compile(
        r"(?<![0-9A-Za-z./+\u2014第-])"
        rf"(?P<digits>{digit_pattern})\s?(?:(?P<dot>{_NUMBER_DOT})|(?![{_COUNTERS}]))"
        r"(?![0-9A-Za-z])\s*"
    )
