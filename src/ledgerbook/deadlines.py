"""Compute the due dates of a deadline, and describe a deadline in Chinese.

A recurring deadline has *occurrences*, one for each week, month, quarter and so on of
the year, each with its own due date. All functions are pure. The texts of a plan are
parsed into deadlines by :mod:`ledgerbook.plan.deadline_parser`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType

from ledgerbook.chinese_numerals import format_numeral
from ledgerbook.model import (
    Deadline,
    FixedDeadline,
    Interval,
    NoDeadline,
    OngoingDeadline,
    Recurrence,
    StatusCategory,
)
from ledgerbook.model.cycles import Occurrence
from ledgerbook.model.results import DUE_SOON_DAYS, Urgency
from ledgerbook.text import format_chinese_date

# The length of each interval in months; 0 for a week.
MONTHS_PER_INTERVAL: Mapping[Interval, int] = MappingProxyType(
    {
        Interval.WEEK: 0,
        Interval.MONTH: 1,
        Interval.TWO_MONTHS: 2,
        Interval.QUARTER: 3,
        Interval.HALF_YEAR: 6,
        Interval.YEAR: 12,
    }
)
# The days of the week as 周一, 周二 … name them, from Monday.
WEEKDAYS = "一二三四五六日"
_DAYS_PER_WEEK = 7
_MONTHS_PER_YEAR = 12


@lru_cache(maxsize=1024)
def list_occurrences(recurrence: Recurrence, year: int) -> tuple[Occurrence, ...]:
    """Return the occurrences of ``year`` in order, without those due before ``since``."""
    since = recurrence.since or date.min
    generate = _generate_weekly if recurrence.interval is Interval.WEEK else _generate_by_months
    return tuple(occurrence for occurrence in generate(recurrence, year) if occurrence.due >= since)


def list_due_dates(recurrence: Recurrence, year: int) -> tuple[date, ...]:
    """Return the due dates of all occurrences of ``year``, in order."""
    return tuple(occurrence.due for occurrence in list_occurrences(recurrence, year))


def count_times(recurrence: Recurrence, year: int) -> int:
    """Return how many times the duty must be done in ``year``."""
    return len(list_occurrences(recurrence, year)) * recurrence.times_per_period


def find_nearest_occurrence(occurrences: Sequence[Occurrence], day: date) -> int:
    """Return the index of the occurrence that a report due on ``day`` is about.

    It is the one whose due date is nearest, since offices ask for the first quarter by
    25 March or by 10 April; of two equally near the earlier one.
    """
    return min(
        range(len(occurrences)),
        key=lambda index: (abs(occurrences[index].due - day), index),
    )


def find_occurrence_on(occurrences: Sequence[Occurrence], day: date) -> int:
    """Return the index of the occurrence that ``day`` lies in; the last one's after all."""
    indices = (index for index, occurrence in enumerate(occurrences) if occurrence.last_day >= day)
    return next(indices, len(occurrences) - 1)


def find_asked_occurrence(
    recurrence: Recurrence, year: int, round_due: date | None, day: date
) -> Occurrence | None:
    """Return the occurrence that a round issued on ``day`` asks about.

    It is the one nearest to ``round_due``, or for a round without a due date the next
    one due. ``None`` where ``year`` has no occurrences.
    """
    occurrences = list_occurrences(recurrence, year)
    if not occurrences:
        return None
    if round_due:
        return occurrences[find_nearest_occurrence(occurrences, round_due)]
    return next(
        (occurrence for occurrence in occurrences if occurrence.due >= day),
        occurrences[-1],
    )


# --- how urgent an item is on a day ---


def count_days_left(due: date | None, today: date) -> int | None:
    """Return the days from ``today`` to the due date, negative when it is past."""
    return None if due is None else (due - today).days


def judge_urgency(
    due: date | None,
    category: StatusCategory | None,
    today: date,
    done_on: date | None = None,
    soon_days: int = DUE_SOON_DAYS,
) -> Urgency:
    """Return how urgent an item with this due date and status is on the day ``today``.

    One that falls due within ``soon_days`` is due soon.

    This is the only place where the program decides what is overdue (逾期), due soon (临期)
    or, by the day ``done_on`` of its completion, done late (超期完成). The formulas of
    :mod:`ledgerbook.issue.data_validation` decide the first two again in Excel; a test
    compares them.
    """
    days = count_days_left(due, today)
    if due and done_on and category is StatusCategory.COMPLETED and done_on > due:
        return Urgency.DONE_LATE
    if days is None or (category and category.is_closed):
        return Urgency.NONE
    if days < 0:
        return Urgency.OVERDUE
    return Urgency.DUE_SOON if days <= soon_days else Urgency.NONE


# --- descriptions in Chinese ---


def describe_deadline(deadline: Deadline, year: int) -> str:
    """Return in a few Chinese words how a deadline was understood."""
    match deadline:
        case FixedDeadline(day, lasting):
            return format_chinese_date(day) + ("，之后长期" if lasting else "")
        case Recurrence():
            return f"{_describe_recurrence(deadline)}，全年 {count_times(deadline, year)} 次"
        case OngoingDeadline():
            return "长期"
        case NoDeadline():
            return "未写明"


def _describe_recurrence(recurrence: Recurrence) -> str:
    """Return words such as 每季度第二个月10日前2次."""
    words = f"每{recurrence.interval}{_describe_due_day(recurrence)}"
    if recurrence.since:
        words = f"{format_chinese_date(recurrence.since)}起{words}"
    return words if recurrence.times_per_period == 1 else f"{words}{recurrence.times_per_period}次"


def _describe_due_day(recurrence: Recurrence) -> str:
    """Return words such as 第二个月10日前; blank for the end of the period."""
    month, day = recurrence.month, recurrence.day
    length = MONTHS_PER_INTERVAL[recurrence.interval]
    if not length:
        return f"{WEEKDAYS[day - 1]}前" if day else ""
    if not month and not day:
        return ""
    if month > length:
        month_text = "结束后次月"
    elif recurrence.interval is Interval.YEAR:
        month_text = f"{month or length}月"
    elif length == 1:
        month_text = ""
    else:
        month_text = f"第{format_numeral(month or length)}个月"
    return f"{month_text}{day}日前" if day else f"{month_text}底前"


# --- the occurrences of a year ---


def _generate_weekly(recurrence: Recurrence, year: int) -> Iterator[Occurrence]:
    """Yield the weeks whose due date is in ``year``, numbered from 1."""
    weekday = recurrence.day or _DAYS_PER_WEEK
    due = date(year, 1, 1)
    due += timedelta(days=(weekday - due.isoweekday()) % _DAYS_PER_WEEK)
    number = 1
    while due.year == year:
        week_end = due + timedelta(days=_DAYS_PER_WEEK - weekday)
        yield Occurrence(f"第{number}周", week_end, due)
        due += timedelta(days=_DAYS_PER_WEEK)
        number += 1


def _generate_by_months(recurrence: Recurrence, year: int) -> Iterator[Occurrence]:
    """Yield the periods of ``year``; a due date may be in the next year."""
    length = MONTHS_PER_INTERVAL[recurrence.interval]
    for number, months_before in enumerate(range(0, _MONTHS_PER_YEAR, length)):
        period_end = _clamp_day_to_month(year, months_before + length, 0)
        due = _clamp_day_to_month(
            year, months_before + (recurrence.month or length), recurrence.day
        )
        yield Occurrence(_name_period(recurrence.interval, number), period_end, due)


def _clamp_day_to_month(year: int, month: int, day: int) -> date:
    """Return ``day`` of the month ``month``, counted from January of ``year``.

    ``month`` may exceed 12; a ``day`` of 0 or beyond the month's end is its last day.
    """
    years, month_index = divmod(month - 1, _MONTHS_PER_YEAR)
    last_day = monthrange(year + years, month_index + 1)[1]
    return date(year + years, month_index + 1, min(day or last_day, last_day))


def _name_period(interval: Interval, number: int) -> str:
    """Return the name of the period with the 0-based ``number`` in its year."""
    match interval:
        case Interval.MONTH:
            return f"{number + 1}月"
        case Interval.TWO_MONTHS:
            return f"{2 * number + 1}至{2 * number + 2}月"
        case Interval.QUARTER:
            return f"第{format_numeral(number + 1)}季度"
        case Interval.HALF_YEAR:
            return ("上半年", "下半年")[number]
        case _:
            return "全年"
