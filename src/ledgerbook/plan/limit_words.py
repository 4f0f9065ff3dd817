"""What a phrase of a time limit may say, and the text made plain to find it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from types import MappingProxyType

from ledgerbook.model import Recurrence
from ledgerbook.text import squash


class Said(Enum):
    """What a phrase says."""

    DATE = auto()
    START = auto()
    RHYTHM = auto()
    ONGOING = auto()
    # Hurry, or a wish, without a date.
    HURRY = auto()
    # A date that no calendar has.
    IMPOSSIBLE = auto()
    # A month before which, or at the start of which: its first day or its last?
    UNSURE = auto()
    # Known to be a limit that only somebody with the facts can date.
    UNREAD = auto()


@dataclass(frozen=True, slots=True)
class Mark:
    """One phrase; ``text`` as it stands, ``gap`` what stands before it unread."""

    said: Said
    text: str
    gap: str = ""
    day: date | None = None
    rhythm: Recurrence | None = None


_TIME = re.compile(r"(?<=\d)[ T]+\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?!\d)")
_NUMERAL = re.compile(
    r"(?<![统同唯任专万单某])[〇○零一二三四五六七八九十两oO]*[〇○零一二三四五六七八九十两]"
    r"(?=年|月|日|号|次|个|季|天|周|旬|[-—–―~至到][〇○零一二三四五六七八九十两]+[年月日号次])"
)
_DIGITS: Mapping[str, str] = MappingProxyType(
    {
        **{numeral: str(n) for n, numeral in enumerate("零一二三四五六七八九")},
        **dict.fromkeys("〇○oO", "0"),
        "两": "2",
    }
)


def plain(text: str) -> str:
    """Return ``text`` without spaces, its figures all of one kind."""
    folded = squash(_TIME.sub("", text))
    return _NUMERAL.sub(lambda found: _figures(found[0]), folded)


def _figures(numeral: str) -> str:
    """Write 二〇二二, 十二 or 三十 in figures."""
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return "".join(_DIGITS[one] for one in numeral)
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return numeral
    return str(int(_DIGITS.get(tens, "1")) * 10 + int(_DIGITS.get(ones, "0")))


# The last day of the first, second and last ten of a month; 0 is the month's own.
THIRDS: Mapping[str, int] = MappingProxyType({"上": 10, "中": 20, "下": 0})
DAY_PART = (
    r"(?:(?P<day>(?<!\d)\d{1,2})(?:日|号|(?=之?前|以前|止))"
    r"|(?P<end>月?[底末](?!月))|(?P<third>[上中下])旬)"
)
# The start or the middle of a month is no day; 上旬 and 中旬 have a last one.
VAGUE = re.compile(r"初|中(?!旬)")
