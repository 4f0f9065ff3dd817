"""Compute statutory time limits (法定期限) of register entries, in working or calendar days.

The rules come from the form (:class:`ledgerbook.model.DueRule`), such as the 20 working
days of 政府信息公开条例第33条. The formulas of an issued sheet
(:mod:`ledgerbook.issue.register_formulas`) compute the same: both look days up in one
list of working days, and a due date beyond the list is not computed. The second half of
the module builds that list.
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

# Texts shown in place of a due date: the list of working days ends before it; the
# limit is suspended until others have answered; the dates of the entry are mistaken.
NOT_COMPUTABLE, CLOCK_PAUSED, WRONGLY_FILLED = "无法计算", "暂停计时", "填写有误"
# A limit at most this many days ahead is shown as 临期.
SOON_DAYS = 5
# A position beyond all days: the end of a pause that has no end date.
OPEN_END = 10_000_000
# Days in ascending order.
WorkingDays = tuple[date, ...]
# Column key → value: a date, a text, ``UNREADABLE``, or ``None`` for a blank cell.
EntryValues = Mapping[str, object]


class LimitStatus(StrEnum):
    """Whether an entry was closed in time; blank while there is still time."""

    NONE = ""
    IN_TIME = "按期"
    CLOSED_LATE = "超期"
    OVERDUE = "逾期"
    SOON = "临期"


# The statuses by urgency, the one to act on first at the front.
_STATUSES_BY_URGENCY = (
    LimitStatus.OVERDUE,
    LimitStatus.SOON,
    LimitStatus.CLOSED_LATE,
    LimitStatus.IN_TIME,
    LimitStatus.NONE,
)


class UnreadableValue:
    """The type of ``UNREADABLE``: a cell was filled, and its text could not be read."""


UNREADABLE = UnreadableValue()


@dataclass(frozen=True, slots=True)
class DueDate:
    """The last day of a limit, or the ``reason`` why none is computed.

    Both are blank for an entry whose limit has not begun.
    """

    day: date | None = None
    reason: str = ""

    @property
    def display_value(self) -> date | str:
        """The date, or the reason, to be written into a cell."""
        return self.day or self.reason


def compute_due_date(rule: DueRule, values: EntryValues, working_days: WorkingDays) -> DueDate:
    """Compute the last day of the limit of an entry with ``values``.

    An entry without a start date has no limit. Otherwise the limit ends on the n-th
    day after the start that lies in no pause. A pause has the days after its first
    date, up to and including its last. A pause that begins after the limit has ended
    changes nothing; a pause without an end suspends the limit. ``working_days`` is
    used only by rules that count working days.
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
    """Return the key of the first column that prevents the computation, or a blank text.

    Its value could not be read, a pause has an end but no beginning, or a pause ends
    before it begins.
    """
    pairs = (key for pair in rule.paused for key in pair)
    for key in filter(None, (rule.start, rule.restart, *pairs)):
        if values.get(key) not in (None, "") and _get_date(values, key) is None:
            return key
    for extension in rule.extended:
        if values.get(extension.column) is UNREADABLE:
            return extension.column
    for start_key, end_key in rule.paused:
        pause_start, pause_end = _get_date(values, start_key), _get_date(values, end_key)
        if pause_end and not pause_start:
            return start_key
        if pause_end and pause_start and pause_end < pause_start:
            return end_key
    return ""


def _find_pauses(
    rule: DueRule, values: EntryValues, start: date, day_scale: _DayScale
) -> Iterator[tuple[int, int]]:
    """Yield the positions at which each pause begins and ends, none before ``start``."""
    for start_key, end_key in rule.paused:
        pause_start, pause_end = _get_date(values, start_key), _get_date(values, end_key)
        if pause_start:
            until = day_scale.find_position(max(pause_end, start)) if pause_end else OPEN_END
            yield day_scale.find_position(max(pause_start, start)), until


def _compute_end(
    rule: DueRule, values: EntryValues, start: int, pauses: Collection[tuple[int, int]]
) -> int:
    """Return the position of the last day of the limit that begins at ``start``.

    ``pauses``, in order, may overlap; each that begins before the end moves the end.
    """
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
    rule: DueRule,
    due_date: DueDate,
    values: EntryValues,
    as_of: date,
    soon_days: int = SOON_DAYS,
) -> LimitStatus:
    """Return the status of an entry on the day ``as_of``.

    It is ``NONE`` without a due date, for a rule without a closing column, and where
    the closing column holds something that is no date.
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
    return LimitStatus.SOON if days_left <= soon_days else LimitStatus.NONE


def select_most_urgent(statuses: Iterable[LimitStatus]) -> LimitStatus:
    """Return the most urgent status of an entry with several limits."""
    return min(statuses, key=_STATUSES_BY_URGENCY.index, default=LimitStatus.NONE)


@dataclass(frozen=True, slots=True)
class _DayScale:
    """A numbering of days: by position in the list of working days, or of calendar days."""

    working_days: WorkingDays | None

    def covers(self, day: date) -> bool:
        """Return whether the scale reaches back to ``day``."""
        return self.working_days is None or self.find_position(day) > 0

    def find_position(self, day: date) -> int:
        """Return the number of ``day``; a day off has that of the working day before it."""
        if self.working_days is None:
            return day.toordinal()
        return bisect_right(self.working_days, day)

    def find_day(self, position: int) -> date | None:
        """Return the day with the number ``position``, or ``None`` beyond the scale."""
        if self.working_days is None:
            return date.fromordinal(position) if position < OPEN_END else None
        return self.working_days[position - 1] if position <= len(self.working_days) else None


def _get_date(values: EntryValues, key: str) -> date | None:
    """Return the date in the column ``key``; ``None`` for anything else."""
    value = values.get(key)
    return value if isinstance(value, date) else None


# --- working days of China ---
#
# The package chinesecalendar (https://pypi.org/project/chinesecalendar/) contains the
# holidays, and the weekends worked instead, that the State Council announces every
# autumn for the next year: whole years from 2004 on (release 1.11: to 2026). It raises
# NotImplementedError for any other year, which is then left out and never estimated.

# How many years before and after its own year the list of a book covers.
_YEARS_BEFORE, _YEARS_AFTER = 4, 1
# Before the notice for the next year is out, December is settled up to this day only:
# the notice for 2019 changed 29 and 31 December 2018.
_UNSETTLED_FROM = (12, 29)


@lru_cache(maxsize=8)
def list_working_days(year: int) -> WorkingDays:
    """Return the working days around ``year`` in order, as far as they are settled.

    The years covered are consecutive.
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
    """Return whether chinesecalendar contains ``year``."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def _list_working_days_of_year(year: int) -> list[date]:
    """Return the settled working days of one year."""
    first_day, next_year = date(year, 1, 1), date(year + 1, 1, 1)
    end = next_year if _has_holiday_calendar(year + 1) else date(year, *_UNSETTLED_FROM)
    days = (first_day + timedelta(n) for n in range((end - first_day).days))
    return [day for day in days if chinese_calendar.is_workday(day)]
