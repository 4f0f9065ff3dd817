"""When an entry of a register is due, and whether it was done in time. Pure.

The same as the formulas of an issued sheet come to: both look days up in one list of
working days, and what the list does not reach is not told.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import dropwhile, takewhile

import chinese_calendar

from ledgerbook.model import DueRule

# What stands in place of a day: the calendar does not reach so far; the limit stands
# still until others have answered; what it is computed from cannot be.
UNKNOWN, PAUSED, MISTAKEN = "无法计算", "暂停计时", "填写有误"
# A limit that is so many days away is pressing.
SOON_DAYS = 5
# A place beyond all days, where a pause ends that is still open.
FAR = 10_000_000


class State(StrEnum):
    """How an entry stands towards its limit; blank while there is time."""

    NONE = ""
    IN_TIME = "按期"
    TOO_LATE = "超期"
    OVERDUE = "逾期"
    SOON = "临期"


# Of several limits of one entry, the one to act on first speaks.
_GRAVEST = (State.OVERDUE, State.SOON, State.TOO_LATE, State.IN_TIME, State.NONE)


class Unread:
    """Stands for what somebody wrote into a cell and nobody could read."""


UNREAD = Unread()


@dataclass(frozen=True, slots=True)
class Due:
    """The last day of a limit, or else ``told`` why there is none."""

    day: date | None = None
    told: str = ""

    @property
    def shown(self) -> date | str:
        return self.day or self.told


Said = Mapping[str, object]


def due(rule: DueRule, said: Said, days: Calendar) -> Due:
    """Compute the limit of an entry that says ``said`` (column key → value).

    Without a first day there is none. Of the days after it the last of the limit is
    the n-th that lies in no pause: a pause has the days after its first date, up to
    its last. One that begins when the limit is over puts nothing off; one that is
    still open makes the limit stand still.
    """
    if mistaken(rule, said):
        return Due(told=MISTAKEN)
    start = _date(said, rule.restart) or _date(said, rule.start)
    if start is None:
        return Due()
    ruler = _Ruler(days if rule.working else None)
    pauses = sorted(_pauses(rule, said, start, ruler))
    day = ruler.day(_end(rule, said, ruler.place(start), pauses))
    if day and ruler.reaches(start):
        return Due(day)
    waiting = any(until == FAR for _, until in pauses)
    return Due(told=PAUSED if waiting else UNKNOWN)


def mistaken(rule: DueRule, said: Said) -> str:
    """Name the column that keeps a limit from being computed, if there is one.

    What is written there could not be read, or a pause ends before it begins.
    """
    pairs = (key for pair in rule.paused for key in pair)
    for key in filter(None, (rule.start, rule.restart, *pairs)):
        if said.get(key) not in (None, "") and _date(said, key) is None:
            return key
    for one in rule.extended:
        if said.get(one.column) is UNREAD:
            return one.column
    for first, last in rule.paused:
        begun, over = _date(said, first), _date(said, last)
        if over and not begun:
            return first
        if over and begun and over < begun:
            return last
    return ""


def _pauses(
    rule: DueRule, said: Said, start: date, ruler: _Ruler
) -> Iterator[tuple[int, int]]:
    """Yield where each pause begins and ends, no earlier than ``start``."""
    for first, last in rule.paused:
        begun, over = _date(said, first), _date(said, last)
        if begun:
            until = ruler.place(max(over, start)) if over else FAR
            yield ruler.place(max(begun, start)), until


def _end(
    rule: DueRule, said: Said, start: int, pauses: Collection[tuple[int, int]]
) -> int:
    """Count on from ``start``, past each of ``pauses`` that begins before the end."""
    end = start + rule.days
    end += sum(e.days for e in rule.extended if said.get(e.column) in e.values)
    past = start
    for since, until in pauses:
        if since < end:
            end += max(0, until - max(since, past))
            past = max(past, until)
    return end


def state(rule: DueRule, limit: Due, said: Said, as_of: date) -> State:
    """Say how an entry stands on ``as_of``; what has no limit stands nowhere.

    Nor does what no column closes: nobody could say that it was done.
    """
    closed = _date(said, rule.closed)
    unsaid = said.get(rule.closed) in (None, "")
    if limit.day is None or not rule.closed or not (closed or unsaid):
        return State.NONE
    if closed:
        return State.IN_TIME if closed <= limit.day else State.TOO_LATE
    left = (limit.day - as_of).days
    if left < 0:
        return State.OVERDUE
    return State.SOON if left <= SOON_DAYS else State.NONE


def gravest(states: Iterable[State]) -> State:
    """Return what to tell of an entry with several limits."""
    return min(states, key=_GRAVEST.index, default=State.NONE)


@dataclass(frozen=True, slots=True)
class _Ruler:
    """Days as places on a line: in a list of working days, or any day by itself."""

    days: Calendar | None

    def reaches(self, day: date) -> bool:
        return self.days is None or self.place(day) > 0

    def place(self, day: date) -> int:
        return day.toordinal() if self.days is None else bisect_right(self.days, day)

    def day(self, place: int) -> date | None:
        if self.days is None:
            return date.fromordinal(place) if place < FAR else None
        return self.days[place - 1] if place <= len(self.days) else None


def _date(said: Said, key: str) -> date | None:
    value = said.get(key)
    return value if isinstance(value, date) else None


# Working days of China, weekends worked for a holiday among them.
#
# The one seam to chinesecalendar. It holds what the State Council announces every
# autumn for the year to come: whole years from 2004 on (release 1.11: to 2026), and it
# raises NotImplementedError for any other. A year that it lacks is never guessed at.

# So many years before and after its own does a book of a year look back and ahead.
_BEFORE, _AFTER = 4, 1
# The notice for the next year may still free a weekday from this day of December on,
# or have a weekend worked: that for 2019 moved 29 and 31 December 2018.
_UNSETTLED = (12, 29)

Calendar = tuple[date, ...]


@lru_cache(maxsize=8)
def calendar(year: int) -> Calendar:
    """List the working days around ``year`` in order, as far as they are settled.

    The years are consecutive: none is left out between two that are known.
    """
    around = range(year - _BEFORE, year + _AFTER + 1)
    known = takewhile(_is_known, dropwhile(lambda each: not _is_known(each), around))
    return tuple(day for each in known for day in _of_year(each))


def _is_known(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def _of_year(year: int) -> list[date]:
    first, next_year = date(year, 1, 1), date(year + 1, 1, 1)
    end = next_year if _is_known(year + 1) else date(year, *_UNSETTLED)
    days = (first + timedelta(n) for n in range((end - first).days))
    return [day for day in days if chinese_calendar.is_workday(day)]
