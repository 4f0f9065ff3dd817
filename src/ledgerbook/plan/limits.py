"""时限 → a deadline: a date, a rhythm, 长期, or none; never one that is not written.

What is written but cannot be told for certain is no deadline, and a doubt that the
office settles on 待确认. A day counts whole: 6月10日前 is due on 10 June. Of several
the last is meant: 11月中旬 is the 20th, 6月 and 6月底 the 30th, 全年 31 December.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, auto
from functools import lru_cache
from itertools import pairwise

from ledgerbook.days.deadlines import dues
from ledgerbook.model import (
    Deadline,
    Every,
    OnDate,
    Ongoing,
    Recurrence,
    Undated,
)
from ledgerbook.plan.limit_dates import Years, date_at
from ledgerbook.plan.limit_rhythms import rhythm_at
from ledgerbook.plan.limit_words import Mark, Said, plain


class Doubt(Enum):
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
    doubt: Doubt | None = None
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
        return Limit(Undated())
    if words in _BARE:
        return Limit(Recurrence(_BARE[words]))
    *found, rest = _marks(words, Years(year))
    if any(map(_lists, found, [*found[1:], rest])):
        return Limit(Undated(), Doubt.SEVERAL, (words,))
    unread = [one.text for one in found if one.said is Said.UNREAD]
    for said, doubt in (
        (Said.IMPOSSIBLE, Doubt.IMPOSSIBLE),
        (Said.UNSURE, Doubt.UNSURE),
    ):
        if wrong := tuple(one.text for one in found if one.said is said):
            return Limit(Undated(), doubt, wrong)
    if unread or any(
        _COUNTED.search(gap) for gap in (*(one.gap for one in found), rest.gap)
    ):
        return Limit(Undated(), Doubt.UNREAD)
    return _together(_of_one_span(found), year)


# A whole cell that names a period and nothing else.
_BARE = {"季度": Every.QUARTER, "月度": Every.MONTH, "季": Every.QUARTER}


def _lists(one: Mark, following: Mark) -> bool:
    """Whether a phrase ends or begins a list whose other parts it cannot read.

    一、三季度 and 每周一、三、五 are more than one.
    """
    before = one.said is not Said.UNREAD and _LIST_END.search(one.gap)
    after = one.said is Said.RHYTHM and _LIST_START.match(following.gap)
    return bool(before or after)


_LIST_END = re.compile(r"[\d一二三四上][、,和及与]$")
_LIST_START = re.compile(r"[、,和及与][一二三四五六日]")
_SINCE = re.compile(r"[自从]$")


def _of_one_span(found: Sequence[Mark]) -> tuple[Mark, ...]:
    """Take a date after 自, and the first of two that 至 joins, for a start."""
    read = [
        replace(one, said=Said.START)
        if one.said is Said.DATE and _SINCE.search(one.gap)
        else one
        for one in found
    ]
    for n in range(1, len(read)):
        one, before = read[n], read[n - 1]
        dates = {one.said, before.said} <= {Said.DATE, Said.START}
        if dates and before.said is Said.DATE and _JOINED.fullmatch(one.gap):
            read[n - 1] = replace(before, said=Said.START)
    return tuple(read)


def _together(found: Sequence[Mark], year: int) -> Limit:
    """Put the phrases of one limit together."""
    dates = [one for one in found if one.said is Said.DATE]
    rhythms = list(_rhythms(found))
    starts = [one.day for one in found if one.said is Said.START and one.day]
    clash = any(_clashes(one, dates, year) for one in rhythms)
    if len({one.day for one in dates}) > 1 or len(rhythms) > 1 or clash:
        named = (one.text for one in found if one.said in (Said.DATE, Said.RHYTHM))
        return Limit(Undated(), Doubt.SEVERAL, tuple(named))
    if rhythms:
        return Limit(replace(rhythms[0], since=max(starts, default=None)))
    if dates and dates[0].day:
        return _on(dates[0].day, found, starts, year)
    if any(one.said is Said.ONGOING for one in found):
        return Limit(Ongoing())
    if any(one.said is Said.HURRY for one in found):
        return Limit(Undated(), Doubt.HURRY)
    return Limit(Undated(), Doubt.UNREAD)


def _rhythms(found: Sequence[Mark]) -> Iterator[Recurrence]:
    """Yield the different rhythms; 每季度一次，全年四次 is one."""
    said = list(dict.fromkeys(one.rhythm for one in found if one.rhythm))
    finer = [one for one in said if one.every is not Every.YEAR]
    for one in said:
        plain_year = one == Recurrence(Every.YEAR, times=one.times)
        same = plain_year and any(_of_year(other) == one.times for other in finer)
        if not same:
            yield one


def _of_year(recurrence: Recurrence) -> int:
    return len(dues(replace(recurrence, since=None), _ANY_YEAR)) * recurrence.times


_ANY_YEAR = 2022


def _clashes(rhythm: Recurrence, dates: Sequence[Mark], year: int) -> bool:
    """Whether a date is said beside a rhythm that asks for something else.

    The end of the year says nothing new: 每季度一次，年底前完成.
    """
    own_month = rhythm.every is Every.YEAR and bool(rhythm.month or rhythm.day)
    return any(own_month or one.day != date(year, 12, 31) for one in dates)


def _on(day: date, found: Sequence[Mark], starts: Sequence[date], year: int) -> Limit:
    lasting = any(one.said is Said.ONGOING for one in found)
    deadline = OnDate(day, lasting)
    if any(start > day for start in starts):
        return Limit(Undated(), Doubt.SEVERAL, tuple(o.text for o in found if o.day))
    if day.year < year:
        return Limit(deadline, Doubt.PAST)
    return Limit(deadline, Doubt.SPAN if starts else None)


def mentions(text: str, year: int) -> tuple[str, ...]:
    """Return the phrases of a longer text that may well be time limits."""
    said: dict[str, None] = {}
    for one, following in pairwise(_marks(plain(text), Years(year))):
        before = _UNTIL.match(following.gap)
        if one.said is Said.RHYTHM:
            said[one.text] = None
        elif before and one.said in (Said.DATE, Said.UNSURE):
            said[f"{one.text}{before[0]}"] = None
    return tuple(said)


_UNTIL = re.compile(r"(?:之|以)?前|(?:完成|办结)")


# ── the phrases of a text ────────────────────────────────────────────────────────


def _marks(text: str, years: Years) -> Iterator[Mark]:
    """Yield the phrases one after another, then an empty one with what is left."""
    at = start = 0
    while at < len(text):
        mark, end = _at(text, at, years) or (None, at + 1)
        if mark:
            yield replace(mark, gap=text[start:at])
            start = end
        at = end
    yield Mark(Said.UNREAD, "", text[start:])


def _at(text: str, at: int, years: Years) -> tuple[Mark, int] | None:
    if found := rhythm_at(text, at):
        return found
    for pattern, said in _WORDS:
        if word := pattern.match(text, at):
            return Mark(said, word[0]), word.end()
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
        (_ONGOING, Said.ONGOING),
        (_HURRY, Said.HURRY),
        (_UNREAD, Said.UNREAD),
    )
)
