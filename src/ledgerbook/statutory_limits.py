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
NOT_COMPUTABLE, CLOCK_PAUSED, WRONGLY_FILLED = "无法计算", "暂停计时", "填写有误"
# A limit that is so many days away is pressing.
SOON_DAYS = 5
# A place beyond all days, where a pause ends that is still open.
OPEN_END = 10_000_000


class LimitStatus(StrEnum):
    """How an entry stands towards its limit; blank while there is time."""

    NONE = ""
    IN_TIME = "按期"
    CLOSED_LATE = "超期"
    OVERDUE = "逾期"
    SOON = "临期"


# Of several limits of one entry, the one to act on first speaks.
_STATUSES_BY_GRAVITY = (
    LimitStatus.OVERDUE,
    LimitStatus.SOON,
    LimitStatus.CLOSED_LATE,
    LimitStatus.IN_TIME,
    LimitStatus.NONE,
)


class UnreadableValue:
    """Stands for what somebody wrote into a cell and nobody could read."""


UNREADABLE = UnreadableValue()


@dataclass(frozen=True, slots=True)
class DueDate:
    """The last day of a limit, or else ``reason`` why there is none."""

    day: date | None = None
    reason: str = ""

    @property
    def display_value(self) -> date | str:
        return self.day or self.reason


EntryValues = Mapping[str, object]


def compute_due_date(rule: DueRule, values: EntryValues, working_days: WorkingDays) -> DueDate:
    """Compute the limit of an entry that says ``values`` (column key → value).

    Without a first day there is none. Of the days after it the last of the limit is
    the n-th that lies in no pause: a pause has the days after its first date, up to
    its last. One that begins when the limit is over puts nothing off; one that is
    still open makes the limit stand still.
    """
    if find_mistaken_column(rule, values):
        return DueDate(reason=WRONGLY_FILLED)
    start = _get_date(values, rule.restart) or _get_date(values, rule.start)
    if start is None:
        return DueDate()
    day_scale = _DayScale(working_days if rule.working else None)
    pauses = sorted(_find_pauses(rule, values, start, day_scale))
    day = day_scale.find_day(_compute_end(rule, values, day_scale.find_position(start), pauses))
    if day and day_scale.covers(start):
        return DueDate(day)
    is_paused = any(until == OPEN_END for _, until in pauses)
    return DueDate(reason=CLOCK_PAUSED if is_paused else NOT_COMPUTABLE)


def find_mistaken_column(rule: DueRule, values: EntryValues) -> str:
    """Name the column that keeps a limit from being computed, if there is one.

    What is written there could not be read, or a pause ends before it begins.
    """
    pairs = (key for pair in rule.paused for key in pair)
    for key in filter(None, (rule.start, rule.restart, *pairs)):
        if values.get(key) not in (None, "") and _get_date(values, key) is None:
            return key
    for extension in rule.extended:
        if values.get(extension.column) is UNREADABLE:
            return extension.column
    for start_key, end_key in rule.paused:
        pause_start, pause_end = (
            _get_date(values, start_key),
            _get_date(values, end_key),
        )
        if pause_end and not pause_start:
            return start_key
        if pause_end and pause_start and pause_end < pause_start:
            return end_key
    return ""


def _find_pauses(
    rule: DueRule, values: EntryValues, start: date, day_scale: _DayScale
) -> Iterator[tuple[int, int]]:
    """Yield where each pause begins and ends, no earlier than ``start``."""
    for start_key, end_key in rule.paused:
        pause_start, pause_end = (
            _get_date(values, start_key),
            _get_date(values, end_key),
        )
        if pause_start:
            until = day_scale.find_position(max(pause_end, start)) if pause_end else OPEN_END
            yield day_scale.find_position(max(pause_start, start)), until


def _compute_end(
    rule: DueRule, values: EntryValues, start: int, pauses: Collection[tuple[int, int]]
) -> int:
    """Count on from ``start``, past each of ``pauses`` that begins before the end."""
    end = start + rule.days
    end += sum(
        extension.days
        for extension in rule.extended
        if values.get(extension.column) in extension.values
    )
    counted_until = start
    for pause_start, pause_end in pauses:
        if pause_start < end:
            end += max(0, pause_end - max(pause_start, counted_until))
            counted_until = max(counted_until, pause_end)
    return end


def compute_status(
    rule: DueRule, due_date: DueDate, values: EntryValues, as_of: date
) -> LimitStatus:
    """Say how an entry stands on ``as_of``; what has no limit stands nowhere.

    Nor does what no column closes: nobody could say that it was done.
    """
    closed_on = _get_date(values, rule.closed)
    is_open = values.get(rule.closed) in (None, "")
    if due_date.day is None or not rule.closed or not (closed_on or is_open):
        return LimitStatus.NONE
    if closed_on:
        return LimitStatus.IN_TIME if closed_on <= due_date.day else LimitStatus.CLOSED_LATE
    days_left = (due_date.day - as_of).days
    if days_left < 0:
        return LimitStatus.OVERDUE
    return LimitStatus.SOON if days_left <= SOON_DAYS else LimitStatus.NONE


def select_gravest(statuses: Iterable[LimitStatus]) -> LimitStatus:
    """Return what to tell of an entry with several limits."""
    return min(statuses, key=_STATUSES_BY_GRAVITY.index, default=LimitStatus.NONE)


@dataclass(frozen=True, slots=True)
class _DayScale:
    """Days as places on a line: in a list of working days, or any day by itself."""

    working_days: WorkingDays | None

    def covers(self, day: date) -> bool:
        return self.working_days is None or self.find_position(day) > 0

    def find_position(self, day: date) -> int:
        return (
            day.toordinal() if self.working_days is None else bisect_right(self.working_days, day)
        )

    def find_day(self, position: int) -> date | None:
        if self.working_days is None:
            return date.fromordinal(position) if position < OPEN_END else None
        return self.working_days[position - 1] if position <= len(self.working_days) else None


def _get_date(values: EntryValues, key: str) -> date | None:
    value = values.get(key)
    return value if isinstance(value, date) else None


# Working days of China, weekends worked for a holiday among them.
#
# The one seam to chinesecalendar. It holds what the State Council announces every
# autumn for the year to come: whole years from 2004 on (release 1.11: to 2026), and it
# raises NotImplementedError for any other. A year that it lacks is never guessed at.

# So many years before and after its own does a book of a year look back and ahead.
_YEARS_BEFORE, _YEARS_AFTER = 4, 1
# The notice for the next year may still free a weekday from this day of December on,
# or have a weekend worked: that for 2019 moved 29 and 31 December 2018.
_UNSETTLED_FROM = (12, 29)

WorkingDays = tuple[date, ...]


@lru_cache(maxsize=8)
def list_working_days(year: int) -> WorkingDays:
    """List the working days around ``year`` in order, as far as they are settled.

    The years are consecutive: none is left out between two that are known.
    """
    years = range(year - _YEARS_BEFORE, year + _YEARS_AFTER + 1)
    covered_years = takewhile(
        _has_holiday_calendar,
        dropwhile(lambda covered_year: not _has_holiday_calendar(covered_year), years),
    )
    return tuple(
        day for covered_year in covered_years for day in _list_working_days_of_year(covered_year)
    )


def _has_holiday_calendar(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def _list_working_days_of_year(year: int) -> list[date]:
    first_day, next_year = date(year, 1, 1), date(year + 1, 1, 1)
    end = next_year if _has_holiday_calendar(year + 1) else date(year, *_UNSETTLED_FROM)
    days = (first_day + timedelta(n) for n in range((end - first_day).days))
    return [day for day in days if chinese_calendar.is_workday(day)]
