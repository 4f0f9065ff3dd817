"""Parse the span of time that a figure counts (统计期): 上半年, 2022年1—6月, 第一季度.

Only what can mean one span is parsed; for anything else there is None.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from ledgerbook.chinese_numerals import DIGITS, ZEROS, convert_numeral
from ledgerbook.text import normalize


@dataclass(frozen=True, slots=True)
class CountedTime:
    """The first and the last day of what a figure counts."""

    first: date
    last: date

    def overlaps(self, other: CountedTime) -> bool:
        return self.first <= other.last and other.first <= self.last

    def exceeds(self, other: CountedTime) -> bool:
        """Return whether it contains ``other``, and more."""
        return self != other and self.first <= other.first and other.last <= self.last


_NUMERAL = re.compile(rf"[{DIGITS}{ZEROS}十]+")
# What is written in another way, and how it is read, in the order in which it is replaced.
_SPELLINGS = tuple(
    (re.compile(pattern), spelling)
    for pattern, spelling in (
        (r"([12]\d{3})([-/.])(\d{1,2})\2(\d{1,2})日?(?![\d月])", r"\1年\3月\4日"),
        (r"([12]\d{3})[-/.](\d{1,2})(?!\d)月?", r"\1年\2月"),
        (r"前(\d{1,2})个?(月|季度)", r"1\2-\1\2"),
        (r"截[至止]到?", "1月-"),
    )
)
_BARE_NUMBER = re.compile(r"(?:[12]\d{3}年)?第?\d{1,2}")
_RANGE_MARK = re.compile("[-—–―~至到]+")
_POINT = re.compile(
    r"(?:(?P<year>[12]\d{3})年?|(?P<this_year>本年|当年|今年|全年)|(?P<last_year>上年|去年))?"
    r"(?:(?P<month>\d{1,2})月(?:(?P<day>\d{1,2})[日号]|份?[底末]?)"
    r"|第?(?P<quarter>[1-4])季度?|Q(?P<q>[1-4])|(?P<half>[上下])半年|全年|整年|年)?度?",
    re.IGNORECASE,
)
_MONTHS, _MONTHS_OF_QUARTER, _MONTHS_OF_HALF = 12, 3, 6


def parse_counted_time(text: str, year: int) -> CountedTime | None:
    """Parse a span of time; one that names no year is of ``year``."""
    typed = _NUMERAL.sub(lambda match: convert_numeral(match[0]), normalize(text))
    for pattern, spelling in _SPELLINGS:
        typed = pattern.sub(spelling, typed)
    first_text, *others = _RANGE_MARK.split(typed)
    last_text = others[-1] if others else first_text
    if len(others) > 1 or not first_text or not last_text:
        return None
    # In 1—6月 and 2022.1—6 one number alone has its unit from the other.
    unit = next((unit for unit in ("季度", "月") if unit in typed), "")
    first_text, last_text = (
        f"{part}{unit}" if _BARE_NUMBER.fullmatch(part) else part
        for part in (first_text, last_text)
    )
    first_point, last_point = _POINT.fullmatch(first_text), _POINT.fullmatch(last_text)
    if first_point is None or last_point is None:
        return None
    first_year, last_year = _find_year(first_point, year), _find_year(last_point, year)
    try:
        first, _ = _find_days(first_point, first_year or last_year or year)
        _, last = _find_days(last_point, last_year or first_year or year)
    except ValueError:
        return None
    return CountedTime(first, last) if first <= last else None


def _find_year(point: re.Match[str], year: int) -> int | None:
    """Return the year that ``point`` names; None where it names none."""
    if point["year"]:
        return int(point["year"])
    return year if point["this_year"] else year - 1 if point["last_year"] else None


def _find_days(point: re.Match[str], year: int) -> tuple[date, date]:
    """Return the first and the last day of ``point``. Raises ValueError where there is none."""
    first_month, last_month = 1, _MONTHS
    if point["month"]:
        first_month = last_month = int(point["month"])
    elif quarter := point["quarter"] or point["q"]:
        last_month = _MONTHS_OF_QUARTER * int(quarter)
        first_month = last_month - _MONTHS_OF_QUARTER + 1
    elif point["half"]:
        last_month = _MONTHS_OF_HALF if point["half"] == "上" else _MONTHS
        first_month = last_month - _MONTHS_OF_HALF + 1
    if point["day"]:
        return (date(year, first_month, int(point["day"])),) * 2
    return date(year, first_month, 1), date(year, last_month, monthrange(year, last_month)[1])
