"""What a deadline means on the calendar: its turns, their days, what comes next.

Pure; the words of a plan become deadlines in :mod:`ledgerbook.plan.deadline_parser`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

from ledgerbook.model import (
    Deadline,
    FixedDeadline,
    Interval,
    NoDeadline,
    OngoingDeadline,
    Recurrence,
)
from ledgerbook.model.cycles import Occurrence
from ledgerbook.text import chinese_date

# How many months a period has; a week has none.
MONTHS: Mapping[Interval, int] = MappingProxyType(
    {
        Interval.WEEK: 0,
        Interval.MONTH: 1,
        Interval.TWO_MONTHS: 2,
        Interval.QUARTER: 3,
        Interval.HALF_YEAR: 6,
        Interval.YEAR: 12,
    }
)
_DAYS_OF_WEEK = 7
_MONTHS_OF_YEAR = 12


@lru_cache(maxsize=1024)
def turns_of(recurrence: Recurrence, year: int) -> tuple[Occurrence, ...]:
    """Return the turns of ``year``, in order; none that fell due before it began."""
    since = recurrence.since or date.min
    made = _weeks if recurrence.every is Interval.WEEK else _months
    return tuple(one for one in made(recurrence, year) if one.due >= since)


def dues(recurrence: Recurrence, year: int) -> tuple[date, ...]:
    """Return every day of ``year`` on which a turn falls due."""
    return tuple(turn.due for turn in turns_of(recurrence, year))


def total(recurrence: Recurrence, year: int) -> int:
    """Return how many times the year asks for."""
    return len(turns_of(recurrence, year)) * recurrence.times


def nearest(turns: Sequence[Occurrence], day: date) -> int:
    """Return which turn a report owed by ``day`` is about.

    Offices ask for the first quarter by 25 March or by 10 April: it is the one whose
    due day is nearest, and of two as near the one that is over.
    """
    return min(range(len(turns)), key=lambda n: (abs(turns[n].due - day), n))


def within(turns: Sequence[Occurrence], day: date) -> int:
    """Return the turn that ``day`` lies in; after the last it is the last."""
    found = (n for n, turn in enumerate(turns) if turn.over >= day)
    return next(found, len(turns) - 1)


def asked(
    recurrence: Recurrence, year: int, round_due: date | None, day: date
) -> Occurrence | None:
    """Return the turn that a round asks about which is issued on ``day``.

    Without a date of its own it asks about the one that falls due next.
    """
    turns = turns_of(recurrence, year)
    if not turns:
        return None
    if round_due:
        return turns[nearest(turns, round_due)]
    return next((turn for turn in turns if turn.due >= day), turns[-1])


# ── in words ─────────────────────────────────────────────────────────────────────


def describe(deadline: Deadline, year: int) -> str:
    """Say in a few words how a deadline was understood."""
    match deadline:
        case FixedDeadline(day, lasting):
            return chinese_date(day) + ("，之后长期" if lasting else "")
        case Recurrence():
            return f"{_rhythm(deadline)}，全年 {total(deadline, year)} 次"
        case OngoingDeadline():
            return "长期"
        case NoDeadline():
            return "未写明"


def _rhythm(recurrence: Recurrence) -> str:
    words = f"每{recurrence.every}{_until(recurrence)}"
    if recurrence.since:
        words = f"{chinese_date(recurrence.since)}起{words}"
    return words if recurrence.times == 1 else f"{words}{recurrence.times}次"


def _until(recurrence: Recurrence) -> str:
    month, day, length = recurrence.month, recurrence.day, MONTHS[recurrence.every]
    if not length:
        return f"{_WEEKDAYS[day - 1]}前" if day else ""
    if not month and not day:
        return ""
    if month > length:
        named = "结束后次月"
    elif recurrence.every is Interval.YEAR:
        named = f"{month or length}月"
    elif length == 1:
        named = ""
    else:
        named = f"第{_NUMERALS[(month or length) - 1]}个月"
    return f"{named}{day}日前" if day else f"{named}底前"


_NUMERALS = "一二三四五六"
_WEEKDAYS = "一二三四五六日"

# ── the turns of a year ──────────────────────────────────────────────────────────


def _weeks(recurrence: Recurrence, year: int) -> Iterator[Occurrence]:
    weekday = recurrence.day or _DAYS_OF_WEEK
    due = date(year, 1, 1)
    due += timedelta(days=(weekday - due.isoweekday()) % _DAYS_OF_WEEK)
    number = 1
    while due.year == year:
        last = due + timedelta(days=_DAYS_OF_WEEK - weekday)
        yield Occurrence(f"第{number}周", last, due)
        due += timedelta(days=_DAYS_OF_WEEK)
        number += 1


def _months(recurrence: Recurrence, year: int) -> Iterator[Occurrence]:
    length = MONTHS[recurrence.every]
    for number, before in enumerate(range(0, _MONTHS_OF_YEAR, length)):
        last = _day(year, before + length, 0)
        due = _day(year, before + (recurrence.month or length), recurrence.day)
        yield Occurrence(_named(recurrence.every, number), last, due)


def _day(year: int, month: int, day: int) -> date:
    """Return a day of a month counted from January; 0 or too late is its last."""
    years, rest = divmod(month - 1, _MONTHS_OF_YEAR)
    last = monthrange(year + years, rest + 1)[1]
    return date(year + years, rest + 1, min(day or last, last))


def _named(every: Interval, number: int) -> str:
    match every:
        case Interval.MONTH:
            return f"{number + 1}月"
        case Interval.TWO_MONTHS:
            return f"{2 * number + 1}至{2 * number + 2}月"
        case Interval.QUARTER:
            return f"第{_NUMERALS[number]}季度"
        case Interval.HALF_YEAR:
            return ("上半年", "下半年")[number]
        case _:
            return "全年"
