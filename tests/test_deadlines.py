"""What a rhythm asks of a year: when turns fall due, what is owed, what is next."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbook.deadlines import (
    MONTHS_PER_INTERVAL,
    count_times,
    describe_deadline,
    find_asked_occurrence,
    find_occurrence_on,
    list_due_dates,
    list_occurrences,
)
from ledgerbook.model import (
    Deadline,
    FixedDeadline,
    Interval,
    NoDeadline,
    OngoingDeadline,
    Recurrence,
)
from ledgerbook.model.cycles import RecurrenceProgress

QUARTERLY = Recurrence(Interval.QUARTER)
MONTHLY = Recurrence(Interval.MONTH, day=10)


def days(*texts: str) -> tuple[date, ...]:
    return tuple(date.fromisoformat(f"2022-{text}") for text in texts)


def owed(recurrence: Recurrence, year: int, as_of: date) -> int:
    """Return what the cycle of a duty says of which nothing was reported."""
    turns = list_occurrences(recurrence, year)
    return RecurrenceProgress(
        turns, recurrence.times_per_period, frozenset(), frozenset(), -1, as_of
    ).due_count


@pytest.mark.parametrize(
    ("recurrence", "expected"),
    [
        (QUARTERLY, days("03-31", "06-30", "09-30", "12-31")),
        (Recurrence(Interval.HALF_YEAR), days("06-30", "12-31")),
        (Recurrence(Interval.YEAR, times_per_period=2), days("12-31")),
        (Recurrence(Interval.YEAR, 6), days("06-30")),
        (Recurrence(Interval.YEAR, 1, 31), days("01-31")),
        (Recurrence(Interval.QUARTER, 1, 10), days("01-10", "04-10", "07-10", "10-10")),
        (
            Recurrence(Interval.TWO_MONTHS, day=30),
            days("02-28", "04-30", "06-30", "08-30", "10-30", "12-30"),
        ),
        (
            Recurrence(Interval.QUARTER, 4, 10),
            (*days("04-10", "07-10", "10-10"), date(2023, 1, 10)),
        ),
        (
            Recurrence(Interval.MONTH, day=10, since=date(2022, 10, 11)),
            days("11-10", "12-10"),
        ),
    ],
)
def test_due_days(recurrence: Recurrence, expected: tuple[date, ...]) -> None:
    """Every turn falls due on its own day; one after the period reaches the next."""
    assert list_due_dates(recurrence, 2022) == expected


def test_weeks_have_the_day_that_was_named() -> None:
    """每周五前 is due on every Friday of the year, 每周 on every Sunday."""
    fridays = list_due_dates(Recurrence(Interval.WEEK, day=5), 2022)
    assert (fridays[0], len(fridays)) == (date(2022, 1, 7), 52)
    assert {day.isoweekday() for day in fridays} == {5}
    assert {day.isoweekday() for day in list_due_dates(Recurrence(Interval.WEEK), 2022)} == {7}


def test_names() -> None:
    """A turn is called what the office calls it."""
    assert str(list_occurrences(QUARTERLY, 2022)[1]) == "第二季度（截止 2022-06-30）"
    names = {every: list_occurrences(Recurrence(every), 2022)[-1].name for every in Interval}
    assert names == {
        Interval.WEEK: "第52周",
        Interval.MONTH: "12月",
        Interval.TWO_MONTHS: "11至12月",
        Interval.QUARTER: "第四季度",
        Interval.HALF_YEAR: "下半年",
        Interval.YEAR: "全年",
    }


@pytest.mark.parametrize(
    ("deadline", "words"),
    [
        (FixedDeadline(date(2022, 6, 30)), "2022年6月30日"),
        (
            FixedDeadline(date(2022, 6, 30), continues_after=True),
            "2022年6月30日，之后长期",
        ),
        (OngoingDeadline(), "长期"),
        (NoDeadline(), "未写明"),
        (Recurrence(Interval.WEEK), "每周，全年 52 次"),
        (Recurrence(Interval.WEEK, day=1), "每周一前，全年 52 次"),
        (Recurrence(Interval.WEEK, day=7), "每周日前，全年 52 次"),
        (Recurrence(Interval.MONTH), "每月，全年 12 次"),
        (MONTHLY, "每月10日前，全年 12 次"),
        (Recurrence(Interval.MONTH, 2, 5), "每月结束后次月5日前，全年 12 次"),
        (Recurrence(Interval.TWO_MONTHS, 1, 5), "每两个月第一个月5日前，全年 6 次"),
        (Recurrence(Interval.QUARTER, 2), "每季度第二个月底前，全年 4 次"),
        (Recurrence(Interval.QUARTER, day=20), "每季度第三个月20日前，全年 4 次"),
        (Recurrence(Interval.QUARTER, 3, 20), "每季度第三个月20日前，全年 4 次"),
        (Recurrence(Interval.QUARTER, 4, 10), "每季度结束后次月10日前，全年 4 次"),
        (Recurrence(Interval.HALF_YEAR, 6, 15), "每半年第六个月15日前，全年 2 次"),
        (Recurrence(Interval.YEAR, 12, 5), "每年12月5日前，全年 1 次"),
        (Recurrence(Interval.YEAR, day=5), "每年12月5日前，全年 1 次"),
        (Recurrence(Interval.YEAR, 6), "每年6月底前，全年 1 次"),
        (Recurrence(Interval.YEAR, times_per_period=2), "每年2次，全年 2 次"),
        (
            Recurrence(Interval.QUARTER, since=date(2022, 7, 1)),
            "2022年7月1日起每季度，全年 2 次",
        ),
    ],
)
def test_a_deadline_is_told_in_words(deadline: Deadline, words: str) -> None:
    """So that whoever knows the plan sees whether it was understood."""
    assert describe_deadline(deadline, 2022) == words


def test_a_week_lasts_until_its_sunday_whatever_day_is_asked_for() -> None:
    first, *_, last = list_occurrences(Recurrence(Interval.WEEK, day=5), 2022)
    assert (first.due, first.period_end, first.last_day) == (
        date(2022, 1, 7),
        date(2022, 1, 9),
        date(2022, 1, 9),
    )
    assert (last.due, last.period_end) == (date(2022, 12, 30), date(2023, 1, 1))


@pytest.mark.parametrize("weekday", range(1, 8))
def test_every_day_of_the_week_can_be_asked_for(weekday: int) -> None:
    """In a year that begins on a Sunday: its first day may be due already."""
    weekly = Recurrence(Interval.WEEK, day=weekday)
    first = list_occurrences(weekly, 2023)[0]
    assert first.due == date(2023, 1, 1 + weekday % 7)
    assert (first.period_end.isoweekday(), (first.period_end - first.due).days) == (
        7,
        7 - weekday,
    )
    assert describe_deadline(weekly, 2023).startswith(f"每周{'一二三四五六日'[weekday - 1]}前")


def test_the_day_that_is_named_is_within() -> None:
    """A duty since its due day is owed then; a round on the day asks about it."""
    since = Recurrence(Interval.QUARTER, since=date(2022, 6, 30))
    assert list_due_dates(since, 2022) == days("06-30", "09-30", "12-31")
    found = find_asked_occurrence(QUARTERLY, 2022, None, date(2022, 6, 30))
    assert found is not None
    assert found.name == "第二季度"


def test_what_is_due_in_the_next_year_is_due_in_that_year() -> None:
    assert list_due_dates(Recurrence(Interval.YEAR, 13, 10), 2023) == (date(2024, 1, 10),)


def test_a_period_lasts_until_the_end_of_its_last_month() -> None:
    """In a leap year too, and whenever it falls due."""
    lasts = [
        turn.period_end for turn in list_occurrences(Recurrence(Interval.TWO_MONTHS, 3, 5), 2024)
    ]
    assert lasts == [
        date(2024, month, day)
        for month, day in ((2, 29), (4, 30), (6, 30), (8, 31), (10, 31), (12, 31))
    ]


def test_a_round_after_the_last_turn_asks_about_it() -> None:
    """And about none where the duty begins only later."""
    found = find_asked_occurrence(QUARTERLY, 2022, None, date(2023, 1, 5))
    assert found is not None
    assert found.name == "第四季度"
    later = Recurrence(Interval.QUARTER, since=date(2023, 1, 1))
    assert find_asked_occurrence(later, 2022, date(2022, 6, 30), date(2022, 6, 1)) is None


def test_what_is_owed() -> None:
    """A turn counts as owed from its due day on."""
    assert owed(QUARTERLY, 2022, date(2022, 6, 29)) == 1
    assert owed(QUARTERLY, 2022, date(2022, 6, 30)) == 2
    twice = Recurrence(Interval.YEAR, times_per_period=2)
    assert (owed(twice, 2022, date(2022, 12, 30)), count_times(twice, 2022)) == (0, 2)
    assert owed(twice, 2022, date(2022, 12, 31)) == 2


@pytest.mark.parametrize(
    ("recurrence", "round_due", "turn"),
    [
        (QUARTERLY, date(2022, 3, 25), "第一季度"),
        (QUARTERLY, date(2022, 4, 10), "第一季度"),
        (QUARTERLY, date(2022, 7, 10), "第二季度"),
        (QUARTERLY, date(2022, 12, 15), "第四季度"),
        (QUARTERLY, date(2023, 1, 10), "第四季度"),
        (Recurrence(Interval.HALF_YEAR), date(2022, 7, 15), "上半年"),
        (Recurrence(Interval.YEAR), date(2022, 4, 10), "全年"),
        (MONTHLY, date(2022, 4, 10), "4月"),
        (QUARTERLY, None, "第二季度"),
    ],
)
def test_which_turn_a_round_asks_about(
    recurrence: Recurrence, round_due: date | None, turn: str
) -> None:
    """The one that falls due nearest to its date; without one, the next to come."""
    found = find_asked_occurrence(recurrence, 2022, round_due, date(2022, 4, 1))
    assert found is not None
    assert found.name == turn


def test_a_day_lies_in_its_turn() -> None:
    """A report for the quarter, sent within ten days after it, is still its own."""
    turns = list_occurrences(QUARTERLY, 2022)
    later = list_occurrences(Recurrence(Interval.QUARTER, 4, 10), 2022)
    assert find_occurrence_on(turns, date(2022, 4, 1)) == 1
    assert find_occurrence_on(turns, date(2022, 3, 31)) == 0
    assert find_occurrence_on(later, date(2022, 4, 1)) == 0
    assert find_occurrence_on(turns, date(2023, 2, 1)) == 3
    monthly = list_occurrences(MONTHLY, 2022)
    assert find_occurrence_on(monthly, date(2022, 5, 15)) == 4


recurrences = st.builds(
    lambda every, month, day, times: Recurrence(
        every,
        min(month, MONTHS_PER_INTERVAL[every] + 1),
        min(day, 31 if MONTHS_PER_INTERVAL[every] else 7),
        times,
    ),
    st.sampled_from(Interval),
    st.integers(0, 13),
    st.integers(0, 31),
    st.integers(1, 5),
)
moments = st.dates(date(2021, 6, 1), date(2023, 6, 1))


@given(recurrence=recurrences, day=moments, later=st.integers(0, 60))
def test_a_year_goes_on(recurrence: Recurrence, day: date, later: int) -> None:
    """Due days rise, the next is never past, and what is owed never shrinks."""
    days_due = list_due_dates(recurrence, 2022)
    assert list(days_due) == sorted(set(days_due))
    before = owed(recurrence, 2022, day)
    assert before <= owed(recurrence, 2022, day + timedelta(days=later))
    assert owed(recurrence, 2022, date(2024, 1, 1)) == count_times(recurrence, 2022)
