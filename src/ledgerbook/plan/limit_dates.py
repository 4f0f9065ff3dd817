"""6月底前, 2022.6.30, 11月中旬, 三季度末, 年内: phrases that give a date."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from ledgerbook.plan.limit_words import DAY_PART, THIRDS, VAGUE, Mark, Said


@dataclass(slots=True)
class Years:
    """The plan's year, and the one that was named last in the text."""

    plan: int
    named: int | None = None


_RELATED = r"今年|本年度|本年|当年|明年|次年|翌年|下一?年|去年|上年"
_YEAR = (
    r"(?:(?P<year>(?<!\d)(?:19|20)\d\d)年?(?:度|年)?"
    rf"|(?P<short>(?<!\d)\d\d)年(?=\d{{1,2}}月)|(?P<rel>{_RELATED}))"
)
_WHOLE_YEAR = (
    r"(?:(?P<year>(?<!\d)(?:19|20)\d\d)(?:年(?:度|年)?|(?=[底末]))"
    rf"|(?P<short>(?<!\d)\d\d)年(?=年?[底末])|(?P<rel>{_RELATED}))"
)
_RELATIVE: Mapping[str, int] = MappingProxyType(
    {"明年": 1, "次年": 1, "翌年": 1, "下年": 1, "下一年": 1, "去年": -1, "上年": -1}
)
_BEFORE = re.compile(r"(?:之|以)?前")
_STARTING = re.compile(r"(?:之|以)?后|起|开始|启动")
_ABOUT = re.compile(r"左右|前后|上下")


def _year_of(found: re.Match[str], years: Years) -> int:
    groups = found.groupdict()
    if groups.get("year"):
        years.named = int(groups["year"])
    elif groups.get("short"):
        years.named = years.plan // 100 * 100 + int(groups["short"])
    elif groups.get("rel"):
        years.named = years.plan + _RELATIVE.get(groups["rel"], 0)
    return years.named or years.plan


def _dated(
    found: re.Match[str], year: int, month: int, day: int, *, open_: bool = False
) -> Mark:
    """Make the mark of a date; day 0 is the month's last.

    ``open_`` says that only a month or more was named, so that 前 leaves open which
    end of it is meant.
    """
    rest = found.string[found.end() :]
    try:
        when = date(year, month, day or monthrange(year, month)[1])
    except (ValueError, IndexError):
        return Mark(Said.IMPOSSIBLE, found[0])
    vague = _BEFORE.match(rest) or VAGUE.match(rest)
    if _ABOUT.match(rest) or (open_ and vague):
        said = Said.UNSURE
    elif _STARTING.match(rest):
        said = Said.START
        when = when.replace(day=1) if open_ or not day else when
    else:
        said = Said.DATE
    return Mark(said, found[0], day=when)


def _full(found: re.Match[str], years: Years) -> Mark:
    years.named = int(found["y"])
    return _dated(found, years.named, int(found["m"]), int(found["d"]))


def _year_month(found: re.Match[str], years: Years) -> Mark:
    years.named = int(found["y"])
    return _dated(found, years.named, int(found["m"]), 0, open_=True)


def _month_day(found: re.Match[str], years: Years) -> Mark:
    year = years.named or years.plan
    return _dated(found, year, int(found["m"]), int(found["d"]))


def _month(found: re.Match[str], years: Years) -> Mark:
    day = _day_of(found)
    named = bool(found["day"] or found["end"] or found["third"])
    if found["day"] and not day:
        return Mark(Said.IMPOSSIBLE, found[0])
    year = _year_of(found, years)
    return _dated(found, year, int(found["m"]), day, open_=not named)


def _day_of(found: re.Match[str]) -> int:
    """Return the day that a phrase names; 0 for the month's last."""
    if found["day"]:
        return int(found["day"])
    return THIRDS[found["third"]] if found["third"] else 0


def _range_start(found: re.Match[str], years: Years) -> Mark:
    year, month = _year_of(found, years), int(found["m"])
    try:
        when = date(year, month, int(found["d"] or 1))
    except ValueError:
        return Mark(Said.IMPOSSIBLE, found[0])
    return Mark(Said.START, found[0], day=when)


def _day_range(found: re.Match[str], years: Years) -> Mark:
    year = _year_of(found, years)
    return _dated(found, year, int(found["m"]), int(found["d"]))


def _half(found: re.Match[str], years: Years) -> Mark:
    month = 6 if found["half"] == "上" else 12
    return _dated(found, _year_of(found, years), month, 0, open_=not found["end"])


def _quarter(found: re.Match[str], years: Years) -> Mark:
    month = 3 * int(found["q"] or found["upto"] or found["roman"])
    return _dated(found, _year_of(found, years), month, 0, open_=not found["end"])


def _end_of_year(found: re.Match[str], years: Years) -> Mark:
    return _dated(found, _year_of(found, years), 12, 0, open_=not found["end"])


# ── the phrases ──────────────────────────────────────────────────────────────────

_Maker = Callable[[re.Match[str], Years], Mark]
_RANGE = r"[-—–―~至到]"
_SLASHED = (
    r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<by>[-./])(?P<m>\d{1,2})(?P=by)"
    r"(?P<d>\d{1,2})(?!\d)[日号]?"
)
_SLASHED_MONTH = (
    r"(?<!\d)(?P<y>(?:19|20)\d\d)[-./](?P<m>\d{1,2})(?![\d年./-])月?[底末]?"
)
_DAYS = (
    rf"{_YEAR}?(?P<m>(?<!\d)\d{{1,2}})月\d{{1,2}}[日号]?{_RANGE}(?P<d>\d{{1,2}})[日号]"
)
_MONTHS = (
    rf"{_YEAR}?(?P<m>(?<![\d.])\d{{1,2}})(?:月份?)?(?:(?P<d>\d{{1,2}})[日号])?{_RANGE}"
    rf"(?={_YEAR.replace('?P<', '?P<to_')}?\d{{1,2}}月)"
)
_DOTTED = (
    r"(?<![\d.])(?P<m>\d{1,2})[./](?P<d>\d{1,2})(?![\d.])"
    r"(?=[日号]|之?前|以前|[底止]|完成|$)"
)
_QUARTERS = (
    rf"{_YEAR}?(?:第?(?P<q>(?<!\d)[1-4])季度?|[Qq](?P<roman>[1-4])(?!\d)"
    r"|前(?P<upto>[1-3])个?季度)(?P<end>[底末])?"
)

# The first that fits a place is the one that counts.
_PHRASES: tuple[tuple[re.Pattern[str], _Maker], ...] = tuple(
    (re.compile(pattern), make)
    for pattern, make in (
        (_SLASHED, _full),
        (r"(?<!\d)(?P<y>20\d\d)(?P<m>\d\d)(?P<d>\d\d)(?!\d)", _full),
        (_SLASHED_MONTH, _year_month),
        (_DAYS, _day_range),
        (_MONTHS, _range_start),
        (rf"{_YEAR}?的?(?P<m>(?<![\d.])\d{{1,2}})月份?{DAY_PART}?", _month),
        (_DOTTED, _month_day),
        (rf"{_YEAR}?(?P<half>[上下])半年(?P<end>[底末])?", _half),
        (_QUARTERS, _quarter),
        (rf"{_WHOLE_YEAR}(?P<end>年?[底末终]|全年|年?内)?", _end_of_year),
        (r"(?<!半)(?P<end>年[底末终]|年度?内|岁末|全年)", _end_of_year),
    )
)


def date_at(text: str, at: int, years: Years) -> tuple[Mark, int] | None:
    """Read the date that stands at a place of the text, and say where it ends."""
    for pattern, make in _PHRASES:
        if found := pattern.match(text, at):
            return make(found, years), found.end()
    return None
