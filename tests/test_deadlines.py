"""What a rhythm asks of a year: when turns fall due, what is owed, what is next."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbook.days.deadlines import (
    MONTHS,
    asked,
    dues,
    next_due,
    owed,
    periods,
    total,
    within,
)
from ledgerbook.model import Every, Recurrence

QUARTERLY = Recurrence(Every.QUARTER)
MONTHLY = Recurrence(Every.MONTH, day=10)


def days(*texts: str) -> tuple[date, ...]:
    return tuple(date.fromisoformat(f"2022-{text}") for text in texts)


@pytest.mark.parametrize(
    ("recurrence", "expected"),
    [
        (QUARTERLY, days("03-31", "06-30", "09-30", "12-31")),
        (Recurrence(Every.HALF_YEAR), days("06-30", "12-31")),
        (Recurrence(Every.YEAR, times=2), days("12-31")),
        (Recurrence(Every.YEAR, 6), days("06-30")),
        (Recurrence(Every.YEAR, 1, 31), days("01-31")),
        (Recurrence(Every.QUARTER, 1, 10), days("01-10", "04-10", "07-10", "10-10")),
        (
            Recurrence(Every.TWO_MONTHS, day=30),
            days("02-28", "04-30", "06-30", "08-30", "10-30", "12-30"),
        ),
        (
            Recurrence(Every.QUARTER, 4, 10),
            (*days("04-10", "07-10", "10-10"), date(2023, 1, 10)),
        ),
        (
            Recurrence(Every.MONTH, day=10, since=date(2022, 10, 11)),
            days("11-10", "12-10"),
        ),
    ],
)
def test_due_days(recurrence: Recurrence, expected: tuple[date, ...]) -> None:
    """Every turn falls due on its own day; one after the period reaches the next."""
    assert dues(recurrence, 2022) == expected


def test_weeks_have_the_day_that_was_named() -> None:
    """每周五前 is due on every Friday of the year, 每周 on every Sunday."""
    fridays = dues(Recurrence(Every.WEEK, day=5), 2022)
    assert (fridays[0], len(fridays)) == (date(2022, 1, 7), 52)
    assert {day.isoweekday() for day in fridays} == {5}
    assert {day.isoweekday() for day in dues(Recurrence(Every.WEEK), 2022)} == {7}


def test_names() -> None:
    """A turn is called what the office calls it."""
    assert str(periods(QUARTERLY, 2022)[1]) == "第二季度（截止 2022-06-30）"
    names = {every: periods(Recurrence(every), 2022)[-1].name for every in Every}
    assert names == {
        Every.WEEK: "第52周",
        Every.MONTH: "12月",
        Every.TWO_MONTHS: "11至12月",
        Every.QUARTER: "第四季度",
        Every.HALF_YEAR: "下半年",
        Every.YEAR: "全年",
    }


def test_the_next_one_and_what_is_owed() -> None:
    """A turn counts as owed from its due day on, and as next until that day is over."""
    assert next_due(QUARTERLY, 2022, date(2022, 6, 30)) == date(2022, 6, 30)
    assert next_due(QUARTERLY, 2022, date(2022, 7, 1)) == date(2022, 9, 30)
    assert next_due(QUARTERLY, 2022, date(2023, 1, 1)) is None
    assert owed(QUARTERLY, 2022, date(2022, 6, 29)) == 1
    assert owed(QUARTERLY, 2022, date(2022, 6, 30)) == 2
    twice = Recurrence(Every.YEAR, times=2)
    assert (owed(twice, 2022, date(2022, 12, 30)), total(twice, 2022)) == (0, 2)
    assert owed(twice, 2022, date(2022, 12, 31)) == 2


@pytest.mark.parametrize(
    ("recurrence", "round_due", "turn"),
    [
        (QUARTERLY, date(2022, 3, 25), "第一季度"),
        (QUARTERLY, date(2022, 4, 10), "第一季度"),
        (QUARTERLY, date(2022, 7, 10), "第二季度"),
        (QUARTERLY, date(2022, 12, 15), "第四季度"),
        (QUARTERLY, date(2023, 1, 10), "第四季度"),
        (Recurrence(Every.HALF_YEAR), date(2022, 7, 15), "上半年"),
        (Recurrence(Every.YEAR), date(2022, 4, 10), "全年"),
        (MONTHLY, date(2022, 4, 10), "4月"),
        (QUARTERLY, None, "第二季度"),
    ],
)
def test_which_turn_a_round_asks_about(
    recurrence: Recurrence, round_due: date | None, turn: str
) -> None:
    """The one that falls due nearest to its date; without one, the next to come."""
    found = asked(recurrence, 2022, round_due, date(2022, 4, 1))
    assert found is not None
    assert found.name == turn


def test_a_day_lies_in_its_turn() -> None:
    """A report for the quarter, sent within ten days after it, is still its own."""
    turns = periods(QUARTERLY, 2022)
    later = periods(Recurrence(Every.QUARTER, 4, 10), 2022)
    assert within(turns, date(2022, 4, 1)) == 1
    assert within(later, date(2022, 4, 1)) == 0
    assert within(turns, date(2023, 2, 1)) == 3
    monthly = periods(MONTHLY, 2022)
    assert within(monthly, date(2022, 5, 15)) == 4


recurrences = st.builds(
    lambda every, month, day, times: Recurrence(
        every,
        min(month, MONTHS[every] + 1),
        min(day, 31 if MONTHS[every] else 7),
        times,
    ),
    st.sampled_from(Every),
    st.integers(0, 13),
    st.integers(0, 31),
    st.integers(1, 5),
)
moments = st.dates(date(2021, 6, 1), date(2023, 6, 1))


@given(recurrence=recurrences, day=moments, later=st.integers(0, 60))
def test_a_year_goes_on(recurrence: Recurrence, day: date, later: int) -> None:
    """Due days rise, the next is never past, and what is owed never shrinks."""
    days_due = dues(recurrence, 2022)
    assert list(days_due) == sorted(set(days_due))
    coming = next_due(recurrence, 2022, day)
    assert coming is None or coming >= day
    before = owed(recurrence, 2022, day)
    assert before <= owed(recurrence, 2022, day + timedelta(days=later))
    assert owed(recurrence, 2022, date(2024, 1, 1)) == total(recurrence, 2022)
