"""时限 → a deadline: a date, a rhythm, 长期, or none; never one that is not written.

What is written but cannot be told for certain is no deadline, and a doubt that the
office settles on 待确认. A day counts whole: 6月10日前 is due on 10 June. Of several
the last is meant: 11月中旬 is the 20th, 6月 and 6月底 the 30th, 全年 31 December.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, auto
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType

from ledgerbook.deadlines import MONTHS, dues
from ledgerbook.model import (
    Deadline,
    FixedDeadline,
    Interval,
    NoDeadline,
    OngoingDeadline,
    Recurrence,
)
from ledgerbook.text import squash

# What a phrase of a time limit may say, and the text made plain to find it.


class PhraseKind(Enum):
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
class Phrase:
    """One phrase; ``text`` as it stands, ``gap`` what stands before it unread."""

    said: PhraseKind
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


class DeadlineDoubt(Enum):
    """What the office is asked about a limit."""

    UNREAD = auto()
    HURRY = auto()
    IMPOSSIBLE = auto()
    UNSURE = auto()
    SEVERAL = auto()
    SPAN = auto()
    PAST = auto()


@dataclass(frozen=True, slots=True)
class Limit:
    """What a limit says; ``about`` are the words that a doubt is about."""

    deadline: Deadline
    doubt: DeadlineDoubt | None = None
    about: tuple[str, ...] = ()


_STOPS = "。.;,、"
# How a blank is crossed out.
_NOTHING = re.compile(r"[-—–/\\、。.无]*")
# A number of days or months that no phrase has taken: it counts from something else.
_COUNTED = re.compile(r"\d个?(?:年|月|日|号|天|周|星期|小时|季)|[日周月年]后")
_JOINED = re.compile(r"(?:[-—–―~]+|至|到)")


def parse_limit(text: str, year: int) -> Deadline:
    """Return the deadline that ``text`` gives in a plan for ``year``; never raises."""
    return read_limit(text, year).deadline


@lru_cache(maxsize=4096)
def read_limit(text: str, year: int) -> Limit:
    """Return what ``text`` says, and what of it is in doubt."""
    words = plain(text).strip(_STOPS)
    if _NOTHING.fullmatch(words):
        return Limit(NoDeadline())
    if words in _BARE:
        return Limit(Recurrence(_BARE[words]))
    *found, rest = _marks(words, Years(year))
    if any(map(_lists, found, [*found[1:], rest])):
        return Limit(NoDeadline(), DeadlineDoubt.SEVERAL, (words,))
    unread = [one.text for one in found if one.said is PhraseKind.UNREAD]
    for said, doubt in (
        (PhraseKind.IMPOSSIBLE, DeadlineDoubt.IMPOSSIBLE),
        (PhraseKind.UNSURE, DeadlineDoubt.UNSURE),
    ):
        if wrong := tuple(one.text for one in found if one.said is said):
            return Limit(NoDeadline(), doubt, wrong)
    if unread or any(
        _COUNTED.search(gap) for gap in (*(one.gap for one in found), rest.gap)
    ):
        return Limit(NoDeadline(), DeadlineDoubt.UNREAD)
    return _together(_of_one_span(found), year)


# A whole cell that names a period and nothing else.
_BARE = {"季度": Interval.QUARTER, "月度": Interval.MONTH, "季": Interval.QUARTER}


def _lists(one: Phrase, following: Phrase) -> bool:
    """Whether a phrase ends or begins a list whose other parts it cannot read.

    一、三季度 and 每周一、三、五 are more than one.
    """
    before = one.said is not PhraseKind.UNREAD and _LIST_END.search(one.gap)
    after = one.said is PhraseKind.RHYTHM and _LIST_START.match(following.gap)
    return bool(before or after)


_LIST_END = re.compile(r"[\d一二三四上][、,和及与]$")
_LIST_START = re.compile(r"[、,和及与][一二三四五六日]")
_SINCE = re.compile(r"[自从]$")


def _of_one_span(found: Sequence[Phrase]) -> tuple[Phrase, ...]:
    """Take a date after 自, and the first of two that 至 joins, for a start."""
    read = [
        replace(one, said=PhraseKind.START)
        if one.said is PhraseKind.DATE and _SINCE.search(one.gap)
        else one
        for one in found
    ]
    for n in range(1, len(read)):
        one, before = read[n], read[n - 1]
        dates = {one.said, before.said} <= {PhraseKind.DATE, PhraseKind.START}
        if dates and before.said is PhraseKind.DATE and _JOINED.fullmatch(one.gap):
            read[n - 1] = replace(before, said=PhraseKind.START)
    return tuple(read)


def _together(found: Sequence[Phrase], year: int) -> Limit:
    """Put the phrases of one limit together."""
    dates = [one for one in found if one.said is PhraseKind.DATE]
    rhythms = list(_rhythms(found))
    starts = [one.day for one in found if one.said is PhraseKind.START and one.day]
    clash = any(_clashes(one, dates, year) for one in rhythms)
    if len({one.day for one in dates}) > 1 or len(rhythms) > 1 or clash:
        named = (
            one.text
            for one in found
            if one.said in (PhraseKind.DATE, PhraseKind.RHYTHM)
        )
        return Limit(NoDeadline(), DeadlineDoubt.SEVERAL, tuple(named))
    if rhythms:
        return Limit(replace(rhythms[0], since=max(starts, default=None)))
    if dates and dates[0].day:
        return _on(dates[0].day, found, starts, year)
    if any(one.said is PhraseKind.ONGOING for one in found):
        return Limit(OngoingDeadline())
    if any(one.said is PhraseKind.HURRY for one in found):
        return Limit(NoDeadline(), DeadlineDoubt.HURRY)
    return Limit(NoDeadline(), DeadlineDoubt.UNREAD)


def _rhythms(found: Sequence[Phrase]) -> Iterator[Recurrence]:
    """Yield the different rhythms; 每季度一次，全年四次 is one."""
    said = list(dict.fromkeys(one.rhythm for one in found if one.rhythm))
    finer = [one for one in said if one.every is not Interval.YEAR]
    for one in said:
        plain_year = one == Recurrence(Interval.YEAR, times=one.times)
        same = plain_year and any(_of_year(other) == one.times for other in finer)
        if not same:
            yield one


def _of_year(recurrence: Recurrence) -> int:
    return len(dues(replace(recurrence, since=None), _ANY_YEAR)) * recurrence.times


_ANY_YEAR = 2022


def _clashes(rhythm: Recurrence, dates: Sequence[Phrase], year: int) -> bool:
    """Whether a date is said beside a rhythm that asks for something else.

    The end of the year says nothing new: 每季度一次，年底前完成.
    """
    own_month = rhythm.every is Interval.YEAR and bool(rhythm.month or rhythm.day)
    return any(own_month or one.day != date(year, 12, 31) for one in dates)


def _on(day: date, found: Sequence[Phrase], starts: Sequence[date], year: int) -> Limit:
    lasting = any(one.said is PhraseKind.ONGOING for one in found)
    deadline = FixedDeadline(day, lasting)
    if any(start > day for start in starts):
        return Limit(
            NoDeadline(), DeadlineDoubt.SEVERAL, tuple(o.text for o in found if o.day)
        )
    if day.year < year:
        return Limit(deadline, DeadlineDoubt.PAST)
    return Limit(deadline, DeadlineDoubt.SPAN if starts else None)


def mentions(text: str, year: int) -> tuple[str, ...]:
    """Return the phrases of a longer text that may well be time limits."""
    said: dict[str, None] = {}
    for one, following in pairwise(_marks(plain(text), Years(year))):
        before = _UNTIL.match(following.gap)
        if one.said is PhraseKind.RHYTHM:
            said[one.text] = None
        elif before and one.said in (PhraseKind.DATE, PhraseKind.UNSURE):
            said[f"{one.text}{before[0]}"] = None
    return tuple(said)


_UNTIL = re.compile(r"(?:之|以)?前|(?:完成|办结)")

# ── the phrases of a text ────────────────────────────────────────────────────────


def _marks(text: str, years: Years) -> Iterator[Phrase]:
    """Yield the phrases one after another, then an empty one with what is left."""
    at = start = 0
    while at < len(text):
        mark, end = _at(text, at, years) or (None, at + 1)
        if mark:
            yield replace(mark, gap=text[start:at])
            start = end
        at = end
    yield Phrase(PhraseKind.UNREAD, "", text[start:])


def _at(text: str, at: int, years: Years) -> tuple[Phrase, int] | None:
    if found := rhythm_at(text, at):
        return found
    for pattern, said in _WORDS:
        if word := pattern.match(text, at):
            return Phrase(said, word[0]), word.end()
    return date_at(text, at, years)


_ONGOING = (
    r"长期|常态化?|持续(?![到至])|常年|始终|不间断|日常|随时|实时|贯穿全年|经常"
    r"|全年(?:持续|推进|开展|坚持|实施|抓好|落实)|每[日天]|逐日|每个?工作日(?!内)"
    r"|动态(?:更新|调整|管理)"
)
_HURRY = (
    r"立即|即时|立行立改|即知即改|马上|尽快|尽早|适时|及时|按时|按期|限期|不定期|定期|近期"
    r"|按要求|按上级要求|按规定|按计划|按进度|按通知|视情况?|待定|另行通知"
    r"|根据(?:需要|工作|实际|上级)[^,;。]*"
)
_UNREAD = (
    r"\d*个?工作日|[春国中]秋?[节庆]节?前?"
    r"|(?<!\d)\d{1,3}(?:个月|年|日|天|周|个?小时)(?:之?内|以内)"
    r"|\d+个?(?:小时|星期)|次月|下个?月|本月|当月|半年内|上下半年|年初|年中|月初|月中"
    r"|(?<![\d月])\d{1,2}[日号](?=之?前|以前)"
)
_WORDS = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (_ONGOING, PhraseKind.ONGOING),
        (_HURRY, PhraseKind.HURRY),
        (_UNREAD, PhraseKind.UNREAD),
    )
)

# 6月底前, 2022.6.30, 11月中旬, 三季度末, 年内: phrases that give a date.


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
) -> Phrase:
    """Make the mark of a date; day 0 is the month's last.

    ``open_`` says that only a month or more was named, so that 前 leaves open which
    end of it is meant.
    """
    rest = found.string[found.end() :]
    try:
        when = date(year, month, day or monthrange(year, month)[1])
    except (ValueError, IndexError):
        return Phrase(PhraseKind.IMPOSSIBLE, found[0])
    vague = _BEFORE.match(rest) or VAGUE.match(rest)
    if _ABOUT.match(rest) or (open_ and vague):
        said = PhraseKind.UNSURE
    elif _STARTING.match(rest):
        said = PhraseKind.START
        when = when.replace(day=1) if open_ or not day else when
    else:
        said = PhraseKind.DATE
    return Phrase(said, found[0], day=when)


def _full(found: re.Match[str], years: Years) -> Phrase:
    years.named = int(found["y"])
    return _dated(found, years.named, int(found["m"]), int(found["d"]))


def _year_month(found: re.Match[str], years: Years) -> Phrase:
    years.named = int(found["y"])
    return _dated(found, years.named, int(found["m"]), 0, open_=True)


def _month_day(found: re.Match[str], years: Years) -> Phrase:
    year = years.named or years.plan
    return _dated(found, year, int(found["m"]), int(found["d"]))


def _month(found: re.Match[str], years: Years) -> Phrase:
    day = _day_of(found)
    named = bool(found["day"] or found["end"] or found["third"])
    if found["day"] and not day:
        return Phrase(PhraseKind.IMPOSSIBLE, found[0])
    year = _year_of(found, years)
    return _dated(found, year, int(found["m"]), day, open_=not named)


def _day_of(found: re.Match[str]) -> int:
    """Return the day that a phrase names; 0 for the month's last."""
    if found["day"]:
        return int(found["day"])
    return THIRDS[found["third"]] if found["third"] else 0


def _range_start(found: re.Match[str], years: Years) -> Phrase:
    year, month = _year_of(found, years), int(found["m"])
    try:
        when = date(year, month, int(found["d"] or 1))
    except ValueError:
        return Phrase(PhraseKind.IMPOSSIBLE, found[0])
    return Phrase(PhraseKind.START, found[0], day=when)


def _day_range(found: re.Match[str], years: Years) -> Phrase:
    year = _year_of(found, years)
    return _dated(found, year, int(found["m"]), int(found["d"]))


def _half(found: re.Match[str], years: Years) -> Phrase:
    month = 6 if found["half"] == "上" else 12
    return _dated(found, _year_of(found, years), month, 0, open_=not found["end"])


def _quarter(found: re.Match[str], years: Years) -> Phrase:
    month = 3 * int(found["q"] or found["upto"] or found["roman"])
    return _dated(found, _year_of(found, years), month, 0, open_=not found["end"])


def _end_of_year(found: re.Match[str], years: Years) -> Phrase:
    return _dated(found, _year_of(found, years), 12, 0, open_=not found["end"])


# ── the phrases ──────────────────────────────────────────────────────────────────

_Maker = Callable[[re.Match[str], Years], Phrase]
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


def date_at(text: str, at: int, years: Years) -> tuple[Phrase, int] | None:
    """Read the date that stands at a place of the text, and say where it ends."""
    for pattern, make in _PHRASES:
        if found := pattern.match(text, at):
            return make(found, years), found.end()
    return None


# 每季度, 按月, 每月10日前, 每年至少1次: phrases that say how often.

_UNITS: Mapping[str, Interval] = MappingProxyType(
    {
        "周": Interval.WEEK,
        "星期": Interval.WEEK,
        "礼拜": Interval.WEEK,
        "月": Interval.MONTH,
        "月度": Interval.MONTH,
        "1个月": Interval.MONTH,
        "2个月": Interval.TWO_MONTHS,
        "2月": Interval.TWO_MONTHS,
        "双月": Interval.TWO_MONTHS,
        "3个月": Interval.QUARTER,
        "季": Interval.QUARTER,
        "季度": Interval.QUARTER,
        "6个月": Interval.HALF_YEAR,
        "半年": Interval.HALF_YEAR,
        "半年度": Interval.HALF_YEAR,
        "12个月": Interval.YEAR,
        "年": Interval.YEAR,
        "年度": Interval.YEAR,
    }
)
_UNIT = (
    r"(?P<unit>星期|礼拜|周|双月|(?:12|[1236])个月|2月|月度?|季度?|半年度?|年度?)"
    r"(?![个半期边龄])"
)
_TIMES = r"(?:[^\d;。,、(]{0,16}?(?P<times>\d{1,2})(?:[-~至到]\d{1,2})?次(?:以上)?)?"
_IN_MONTH = rf"(?:{DAY_PART})?"
_LAG = r"(?:(?:结束|终了)后?|后)(?:的?(?P<lag>\d{1,2})[日天](?:之?内|以内))"
_DETAILS: Mapping[Interval, str] = MappingProxyType(
    {
        Interval.WEEK: r"(?:的?(?P<weekday>[一二三四五六日天])(?!次))?",
        Interval.MONTH: (
            rf"(?:{_LAG}|(?:(?:结束)?后?的?(?P<following>次月|下个?月))?的?{_IN_MONTH})"
        ),
        Interval.YEAR: (
            rf"(?:的?(?P<m>\d{{1,2}})月份?{_IN_MONTH}|年?[底末]"
            r"|第?(?P<q>[1-4])季度[末底]?|(?P<half>[上下])半年)?"
        ),
    }
)
_WITHIN_PERIOD = (
    rf"(?:{_LAG}"
    r"|的?(?:(?P<following>(?:结束)?后?的?次月|(?:结束)?后?的?下个?月)"
    r"|(?P<first>首个?月|第?1个月|第1月|头1?个月)|第?(?P<nth>[2-6])个月|第(?P<nth2>[2-6])月"
    rf"|(?P<final>最后1?个?月|末个?月|末月))份?{_IN_MONTH}"
    r"|(?P<close>[末底]))?"
)
_RHYTHM = re.compile(rf"(?:每|逐|各|按)(?:隔)?(?:1(?!\d|个月|2))?个?{_UNIT}")
_HIDDEN_RHYTHM = re.compile(r"(?P<unit>季度|季)(?=[末底](?!\d))")
_DETAIL = {
    every: re.compile(
        _DETAILS.get(every, _WITHIN_PERIOD) + r"(?:之前|以前|前|内)?" + _TIMES
    )
    for every in Interval
}

# 一年一次, 4次/年, 全年不少于4次.
_TIMES_PATTERN = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![\d第])1个?(?P<unit>年|月|季度|季|周)[^\d;。,、月季年]{0,8}(?P<times>\d{1,2})次",
        r"(?P<times>\d{1,2})次[/每](?P<unit>年|月|季度|季|周|半年)",
        r"(?:全年|年度?内|本?年度|今年内?|本年)(?![底末])[^\d;。,、每按]{0,12}?(?P<times>\d{1,2})次",
    )
)


def rhythm_at(text: str, at: int) -> tuple[Phrase, int] | None:
    """Read 每季度首月10日前 and the like at a place of the text; say where it ends."""
    for pattern in _TIMES_PATTERN:
        if counted := pattern.match(text, at):
            unit = counted.groupdict().get("unit") or "年"
            said = {"times": counted["times"]}
            end = counted.end()
            return _mark(_UNITS[unit], said, counted[0], text[end:]), end
    found = _RHYTHM.match(text, at)
    if found is None and not (at and text[at - 1].isdigit()):
        found = _HIDDEN_RHYTHM.match(text, at)
    detail = _DETAIL[_UNITS[found["unit"]]].match(text, found.end()) if found else None
    if found is None or detail is None:
        return None
    said = {name: words for name, words in detail.groupdict().items() if words}
    words = text[at : detail.end()]
    return _mark(_UNITS[found["unit"]], said, words, text[detail.end() :]), detail.end()


def _mark(every: Interval, said: Mapping[str, str], words: str, rest: str) -> Phrase:
    rhythm = _recurrence(every, said)
    if rhythm is None:
        return Phrase(PhraseKind.IMPOSSIBLE, words)
    unsure = VAGUE.match(rest) is not None
    return Phrase(
        PhraseKind.UNSURE if unsure else PhraseKind.RHYTHM, words, rhythm=rhythm
    )


_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_WEEKDAYS = {name: n for n, name in enumerate("一二三四五六日", 1)} | {"天": 7}


def _recurrence(every: Interval, said: Mapping[str, str]) -> Recurrence | None:
    """Put together what was said of a period; None for a day that there is not."""
    month, day = _month_of(every, said), _day_in_period(said)
    longest = max(_LONGEST)
    if every is Interval.YEAR and month and "lag" not in said:
        longest = _LONGEST[month - 1] if month <= len(_LONGEST) else 0
    times = int(said.get("times", 1))
    numbers = (int(said[name]) for name in ("day", "lag", "m", "times") if name in said)
    if day > longest or not all(numbers):
        return None
    return Recurrence(every, month, day, times)


def _day_in_period(said: Mapping[str, str]) -> int:
    if "third" in said:
        return THIRDS[said["third"]]
    if "weekday" in said:
        return _WEEKDAYS[said["weekday"]]
    return int(said.get("day") or said.get("lag") or 0)


def _month_of(every: Interval, said: Mapping[str, str]) -> int:
    """Return which month of a period is meant; 0 for its last."""
    if "following" in said or "lag" in said:
        return MONTHS[every] + 1
    if "first" in said:
        return 1
    if "q" in said:
        return 3 * int(said["q"])
    if said.get("half") == "上":
        return 6
    number = int(said.get("nth") or said.get("nth2") or said.get("m") or 0)
    return 0 if number == MONTHS[every] != MONTHS[Interval.YEAR] else number
