"""Limits in working days: known days by hand, limits by rule, formulas in words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbook.forms.due_rules import DueRuleError, format_rule, parse_rule
from ledgerbook.model import Column, ColumnType, DueRule, Extension, Filler
from ledgerbook.statutory_limits import (
    CLOCK_PAUSED,
    NOT_COMPUTABLE,
    UNREADABLE,
    WRONGLY_FILLED,
    DueDate,
    LimitStatus,
    compute_due_date,
    compute_status,
    list_working_days,
    select_most_urgent,
)

# What the State Council announced, by hand: the weekends that are worked.
WORKED = """
2021-02-07 2021-02-20 2021-04-25 2021-05-08 2021-09-18 2021-09-26 2021-10-09
2022-01-29 2022-01-30 2022-04-02 2022-04-24 2022-05-07 2022-10-08 2022-10-09
2023-01-28 2023-01-29 2023-04-23 2023-05-06 2023-06-25 2023-10-07 2023-10-08
2024-02-04 2024-02-18 2024-04-07 2024-04-28 2024-05-11 2024-09-14 2024-09-29 2024-10-12
2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11
2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10
"""
# The holidays of each year's notice, first and last day.
FREE = """
2021-01-01/01-03 2021-02-11/02-17 2021-04-03/04-05 2021-05-01/05-05 2021-06-12/06-14
2021-09-19/09-21 2021-10-01/10-07
2022-01-01/01-03 2022-01-31/02-06 2022-04-03/04-05 2022-04-30/05-04 2022-06-03/06-05
2022-09-10/09-12 2022-10-01/10-07 2022-12-31/12-31
2023-01-01/01-02 2023-01-21/01-27 2023-04-05/04-05 2023-04-29/05-03 2023-06-22/06-24
2023-09-29/10-06 2023-12-30/12-31
2024-01-01/01-01 2024-02-10/02-17 2024-04-04/04-06 2024-05-01/05-05 2024-06-10/06-10
2024-09-15/09-17 2024-10-01/10-07
2025-01-01/01-01 2025-01-28/02-04 2025-04-04/04-06 2025-05-01/05-05 2025-05-31/06-02
2025-10-01/10-08
2026-01-01/01-03 2026-02-15/02-23 2026-04-04/04-06 2026-05-01/05-05 2026-06-19/06-21
2026-09-25/09-27 2026-10-01/10-07
"""


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(n) for n in range((last - first).days + 1)]


@pytest.mark.parametrize("year", range(2021, 2027))
def test_the_working_days_are_those_of_the_notices(year: int) -> None:
    """Every day of six years, by hand: none more and none less."""
    worked = {date.fromisoformat(day) for day in WORKED.split()}
    spans = [one.split("/") for one in FREE.split()]
    free = {
        day
        for first, last in spans
        for day in days(date.fromisoformat(first), date.fromisoformat(f"{first[:4]}-{last}"))
    }
    settled = date(year, 12, 28)
    expected = [
        day
        for day in days(date(year, 1, 1), settled)
        if day in worked or (day.weekday() < 5 and day not in free)
    ]
    found = [d for d in list_working_days(year) if date(year, 1, 1) <= d <= settled]
    assert found == expected
    assert all(day.weekday() >= 5 for day in worked)


PLAIN = DueRule("received", 20, closed="replied")


def limit(start: str, rule: DueRule = PLAIN, year: int = 2022, **said: str) -> DueDate:
    values: dict[str, object] = {"received": date.fromisoformat(start)}
    values |= {
        key: date.fromisoformat(value) if value[:2] == "20" else value
        for key, value in said.items()
    }
    return compute_due_date(rule, values, list_working_days(year))


@pytest.mark.parametrize(
    ("start", "last"),
    [
        # 春节 2021: 8, 9, 10, 18, 19, 20(六), 22 … of February.
        ("2021-02-07", "2021-03-11"),
        # 春节 2022: 29 and 30 January are worked, 31 January to 6 February free.
        ("2022-01-28", "2022-03-02"),
        # 国庆 2022: 8 and 9 October are worked.
        ("2022-09-30", "2022-11-02"),
        # 中秋 and 国庆 2023 in one: 29 September to 6 October, 7 and 8 worked.
        ("2023-09-28", "2023-11-01"),
        ("2024-02-09", "2024-03-14"),
        ("2025-09-30", "2025-11-04"),
        ("2026-09-30", "2026-11-03"),
        # Received on a Sunday: the count begins on Monday.
        ("2022-06-12", "2022-07-08"),
        ("2022-06-10", "2022-07-08"),
    ],
)
def test_twenty_working_days(start: str, last: str) -> None:
    """The day itself does not count; holidays do not; worked weekends do."""
    found = limit(start, year=int(start[:4]))
    assert found == DueDate(date.fromisoformat(last))


def newest() -> int:
    """Return the last year that the calendar holds."""
    year = 2026
    while list_working_days(year)[-1].year > year:
        year += 1
    return year


def test_a_year_that_is_not_known_is_not_guessed() -> None:
    """Beyond what has been announced there is no limit, nor before the list."""
    last = list_working_days(newest())[-1]
    assert limit(last.isoformat(), year=last.year) == DueDate(reason=NOT_COMPUTABLE)
    assert limit("2010-03-01") == DueDate(reason=NOT_COMPUTABLE)
    assert list_working_days(2090) == ()
    assert limit("2090-03-01", year=2090) == DueDate(reason=NOT_COMPUTABLE)
    assert list_working_days(2003)[0].year == 2004


def test_a_book_of_a_year_not_announced_yet_knows_the_years_before() -> None:
    """What was received in the summer is due on a day that is known."""
    last = newest()
    assert list_working_days(last + 1)[-1] == list_working_days(last)[-1]
    assert limit(f"{last}-06-01", year=last + 1) == limit(f"{last}-06-01", year=last)
    assert limit(f"{last}-06-01", year=last + 1).day


def test_the_end_of_the_newest_year_is_not_settled() -> None:
    """The notice for 2019 had 29 December 2018 worked and 31 December free."""
    assert {date(2018, 12, 28), date(2018, 12, 29)} < set(list_working_days(2018))
    assert date(2018, 12, 31) not in list_working_days(2018)
    last = list_working_days(newest())[-1]
    assert last <= date(last.year, 12, 28)
    rule = DueRule("received", 1)
    assert limit(f"{last.year}-12-30", rule, last.year) == DueDate(reason=NOT_COMPUTABLE)


LAW = DueRule(
    "received",
    20,
    extended=(Extension("extended", ("已延期并告知",), 20),),
    paused=(("asked", "answered"),),
    closed="replied",
    restart="corrected",
)


def test_an_extension_doubles_the_limit() -> None:
    found = limit("2022-03-01", LAW, extended="已延期并告知")
    assert found == DueDate(date(2022, 4, 26))
    assert limit("2022-03-01", LAW, extended="否") == DueDate(date(2022, 3, 29))


def test_a_correction_begins_the_limit_anew() -> None:
    assert limit("2022-03-01", LAW, corrected="2022-03-10") == limit("2022-03-10")


def test_time_for_others_does_not_count() -> None:
    """Five working days of asking put the limit off by five."""
    found = limit("2022-03-01", LAW, asked="2022-03-07", answered="2022-03-14")
    assert found == DueDate(date(2022, 4, 6))


def test_while_others_are_asked_the_limit_stands_still() -> None:
    """Nothing is overdue then."""
    found = limit("2022-03-01", LAW, asked="2022-03-07")
    assert found == DueDate(reason=CLOCK_PAUSED)
    assert compute_status(LAW, found, {}, date(2022, 12, 1)) is LimitStatus.NONE


def test_asking_after_the_limit_puts_nothing_off() -> None:
    found = limit("2022-03-01", LAW, asked="2022-05-01", answered="2022-05-20")
    assert found == DueDate(date(2022, 3, 29))


def test_days_of_the_calendar() -> None:
    """A rule may count all days; then no calendar is needed."""
    rule = DueRule("received", 30, working=False)
    assert limit("2090-03-01", rule, year=2090) == DueDate(date(2090, 3, 31))


@pytest.mark.parametrize(
    ("replied", "as_of", "expected"),
    [
        ("2022-03-29", "2022-12-01", LimitStatus.IN_TIME),
        ("2022-03-30", "2022-12-01", LimitStatus.CLOSED_LATE),
        ("", "2022-03-23", LimitStatus.NONE),
        ("", "2022-03-24", LimitStatus.SOON),
        ("", "2022-03-29", LimitStatus.SOON),
        ("", "2022-03-30", LimitStatus.OVERDUE),
    ],
)
def test_how_an_entry_stands(replied: str, as_of: str, expected: LimitStatus) -> None:
    said: dict[str, object] = {"received": date(2022, 3, 1)}
    if replied:
        said["replied"] = date.fromisoformat(replied)
    found = compute_due_date(PLAIN, said, list_working_days(2022))
    assert compute_status(PLAIN, found, said, date.fromisoformat(as_of)) is expected


def test_without_a_first_day_there_is_no_limit() -> None:
    assert compute_due_date(PLAIN, {}, list_working_days(2022)) == DueDate()


TWICE = DueRule("received", 20, paused=(("a", "b"), ("c", "d")))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        # The same days in both, days in part the same, one within the other.
        ({"a": "03-07", "b": "03-14", "c": "03-07", "d": "03-14"}, "04-06"),
        ({"a": "03-07", "b": "03-10", "c": "03-09", "d": "03-14"}, "04-06"),
        ({"a": "03-07", "b": "03-14", "c": "03-08", "d": "03-09"}, "04-06"),
        # One after the other, told in either order.
        ({"a": "03-07", "b": "03-09", "c": "03-14", "d": "03-17"}, "04-06"),
        ({"c": "03-07", "d": "03-09", "a": "03-14", "b": "03-17"}, "04-06"),
        # The second begins in time only because of the first.
        ({"a": "03-07", "b": "03-14", "c": "03-31", "d": "04-01"}, "04-07"),
        ({"c": "03-07", "d": "03-14", "a": "03-31", "b": "04-01"}, "04-07"),
        ({"a": "03-07", "b": "03-14", "c": "04-06", "d": "04-11"}, "04-06"),
    ],
)
def test_two_pauses(said: dict[str, str], expected: str) -> None:
    """Days that lie in both are taken out once."""
    dates = {key: f"2022-{day}" for key, day in said.items()}
    assert limit("2022-03-01", TWICE, **dates) == DueDate(date.fromisoformat(f"2022-{expected}"))


def test_a_pause_that_opens_too_late_stops_nothing() -> None:
    """The limit was over before: it is known, however long they ask."""
    assert limit("2022-03-01", LAW, asked="2022-03-29") == DueDate(date(2022, 3, 29))
    assert limit("2022-03-01", LAW, asked="2022-03-28") == DueDate(reason=CLOCK_PAUSED)


@pytest.mark.parametrize(
    "said",
    [
        {"answered": date(2022, 3, 14)},
        {"asked": date(2022, 3, 14), "answered": date(2022, 3, 7)},
        {"received": "三月"},
        {"corrected": "10日"},
        {"asked": UNREADABLE},
        {"extended": UNREADABLE},
    ],
)
def test_what_cannot_be_is_not_computed_with(said: dict[str, object]) -> None:
    """A pause that ends before it begins, a date or a choice nobody can read."""
    found = compute_due_date(LAW, {"received": date(2022, 3, 1)} | said, list_working_days(2022))
    assert found == DueDate(reason=WRONGLY_FILLED)


def test_without_a_closing_column_nothing_is_late() -> None:
    """Nobody could say that it was done."""
    rule = DueRule("received", 20)
    assert (
        compute_status(rule, limit("2022-03-01", rule), {}, date(2022, 12, 1)) is LimitStatus.NONE
    )


def test_a_closing_date_that_nobody_can_read_leaves_open_how_it_stands() -> None:
    said = {"replied": UNREADABLE}
    assert compute_status(LAW, limit("2022-03-01"), said, date(2022, 12, 1)) is LimitStatus.NONE


def test_of_several_limits_the_one_to_act_on_speaks() -> None:
    assert (
        select_most_urgent([LimitStatus.IN_TIME, LimitStatus.CLOSED_LATE, LimitStatus.SOON])
        is LimitStatus.SOON
    )
    assert (
        select_most_urgent([LimitStatus.SOON, LimitStatus.OVERDUE, LimitStatus.NONE])
        is LimitStatus.OVERDUE
    )
    assert select_most_urgent([]) is LimitStatus.NONE


def test_a_rule_that_no_formula_could_follow_is_refused() -> None:
    """A third pause; no working day at all. None of the calendar's days is one."""
    columns = {name: Column(name, name, ColumnType.DATE, Filler.SECTION, 9) for name in "甲乙丙"}
    pause = "扣除甲至乙"
    assert len(parse_rule(f"甲+20个工作日；{pause}；{pause}", columns).paused) == 2
    with pytest.raises(DueRuleError, match="扣除的时间最多写 2 段"):
        parse_rule(f"甲+20个工作日；{pause}；{pause}；{pause}", columns)
    with pytest.raises(DueRuleError, match="至少要有 1 个"):
        parse_rule("甲+0个工作日", columns)
    assert parse_rule("甲+0天", columns).days == 0


DAYS = st.dates(date(2020, 1, 1), date(2023, 6, 30))


@given(DAYS, st.integers(1, 60))
def test_counting_day_by_day_comes_to_the_same(start: date, count: int) -> None:
    """Go forward a day at a time, and count those that are worked."""
    worked, day, left = set(list_working_days(2022)), start, count
    while left:
        day += timedelta(1)
        left -= day in worked
    assert compute_due_date(
        DueRule("received", count), {"received": start}, list_working_days(2022)
    ) == DueDate(day)


SPAN = st.tuples(st.dates(date(2021, 12, 1), date(2022, 5, 31)), st.integers(0, 40)).map(
    lambda span: (span[0], span[0] + timedelta(span[1]))
)


@given(
    start=st.dates(date(2022, 1, 1), date(2022, 3, 31)),
    count=st.integers(1, 45),
    spans=st.tuples(SPAN, SPAN),
    working=st.booleans(),
)
def test_pauses_leave_out_their_days(
    start: date, count: int, spans: tuple[tuple[date, date], ...], *, working: bool
) -> None:
    """Day by day: the n-th that is worked and in no pause, and that is all."""
    worked, day, left = set(list_working_days(2022)), start, count
    while left:
        day += timedelta(1)
        free = any(first < day <= last for first, last in spans)
        left -= (not working or day in worked) and not free
    (a, b), (c, d) = spans
    rule = DueRule("r", count, working, paused=(("a", "b"), ("c", "d")))
    said = {"r": start, "a": a, "b": b, "c": c, "d": d}
    assert compute_due_date(rule, said, list_working_days(2022)) == DueDate(day)


def test_the_rule_is_written_as_it_is_read() -> None:
    """The clause of a new beginning too."""
    columns = {
        name: Column(name, name, kind, Filler.SECTION, 9, choices=choices)
        for name, kind, choices in (
            ("收到日期", ColumnType.DATE, ""),
            ("补正到日期", ColumnType.DATE, ""),
            ("是否延期", ColumnType.CHOICE, "延期"),
            ("答复日期", ColumnType.DATE, ""),
        )
    }
    text = (
        "收到日期+20个工作日；是否延期=是时再加20个工作日；"
        "有补正到日期的从它重新算起；以答复日期为办结"
    )
    rule = parse_rule(text, columns)
    assert rule.restart == "补正到日期"
    assert format_rule(rule, {name: name for name in columns}) == text
