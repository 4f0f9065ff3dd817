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
NO_DECIMAL = r"(?!\d(?!\d{3}年|\d?月))"

LEVEL_1 = re.compile(rf"(?P<ordinal>{_ORDINAL})\s*[、,.\uff0c\uff0e]")
LEVEL_2 = re.compile(
    r"[(\[\uff08\u3014\u3010]\s*"
    rf"(?P<ordinal>{_ORDINAL})"
    r"\s*[)\]\uff09\u3015\u3011]\s*[、.]?"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading: ``level`` 1 for 一、 and 2 for (一); ``ordinal`` 0 if it has none."""

    level: int
    ordinal: int
    words: str

    def __str__(self) -> str:
        return mark(self.level, self.ordinal) + self.words


def mark(level: int, ordinal: int) -> str:
    """Write the numeral of a heading as an official document does."""
    if not ordinal:
        return ""
    numeral = _numeral(ordinal)
    return f"{numeral}、" if level == 1 else f"\uff08{numeral}\uff09"


def read_heading(text: str, level: int) -> Heading:
    """Read a heading of ``level``; one without a numeral is all words."""
    found = (LEVEL_1 if level == 1 else LEVEL_2).match(text)
    if found is None:
        return Heading(level, 0, text.strip())
    return Heading(level, value(found["ordinal"]), text[found.end() :].strip())


def value(ordinal: str) -> int:
    """Read 一 to 九十九, a misread stroke included."""
    if ordinal in _STROKES:
        return 1
    tens, ten, ones = ordinal.rpartition("十")
    return (10 * (_digit(tens) or 1) if ten else 0) + _digit(ones)


def _digit(character: str) -> int:
    return _DIGITS.index(character[0]) + 1 if character else 0


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    front = ("" if tens == 1 else _DIGITS[tens - 1]) + "十" if tens else ""
    return front + (_DIGITS[ones - 1] if ones else "")


# After a number these make it a quantity or a date, never the number of an item.
_COUNTED = "年月日时分秒次个件项号条款级类种届期章节篇人名家位天周季度万亿元倍页册批轮%"

_DOT = r"[.、,\uff0c\uff0e]"


def number_mark(number: int) -> re.Pattern[str]:
    """Match the mark of item ``number``, however a scan may have spelled it.

    The dot may be lost, or be one with a final 1 ("L" for "1.").
    """
    looks = r"\s?".join(f"[{re.escape(LOOKALIKES[d])}]" for d in str(number))
    return re.compile(
        r"(?<![0-9A-Za-z./+\u2014第-])"
        rf"(?P<digits>{looks})\s?(?:(?P<dot>{_DOT})|(?![{_COUNTED}]))"
        r"(?![0-9A-Za-z])\s*"
    )
