"""The briefing: ranks and ties, what is grave, and what is left out for one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from ledgerbook.model import Round
from ledgerbook.model.office_entries import ReminderRecord
from ledgerbook.model.results import NOT_READ, Ledger
from ledgerbook.reminders.briefing import Briefing, compose_briefing
from ledgerbook.reminders.briefing_document import choose_rows, write_briefing
from ledgerbook.reminders.matters import (
    LIMIT_PASSED,
    MISSING,
    OVERDUE,
    TO_CORRECT,
    Matter,
    MatterGroup,
    Reminder,
    list_reminders,
)
from tests.support.ledgers import AS_OF, book, ledger, task

DONE, DOING, EXEMPT = {"status": "已完成"}, {"status": "推进中"}, {"status": "不涉及"}
LONG = "党政办公室（政务公开和信息化建设管理科、行政审批服务协调指导科）"


def make_ledger(
    done: Sequence[int],
    *,
    tasks: int = 3,
    name: str = "科室",
    due: date | None = None,
    reminded: int = 0,
) -> Ledger:
    """Return a ledger of a section for each number in ``done``, of so many tasks completed.

    Below 0 nothing of it was returned. Each was reminded in ``reminded`` earlier weeks.
    """
    sections = [f"{name}{number}" for number in range(1, len(done) + 1)]
    items = [task(number, sections, due=due) for number in range(1, tasks + 1)] if sections else []
    answers = {
        (number, section): DONE if number <= count else DOING
        for section, count in zip(sections, done, strict=True)
        for number in range(1, tasks + 1)
        if count >= 0
    }
    records = tuple(
        ReminderRecord(AS_OF - timedelta(weeks=week), section, "年度", "逾期 1 件")
        for week in range(1, reminded + 1)
        for section in sections
    )
    return ledger(replace(book(sections, items), reminders=records), answers)


def compose(made: Ledger) -> Briefing:
    return compose_briefing(made, list_reminders(made, 15), "2022年度汇总.xlsx")


# Which ledgers a briefing must stand, by a name for each.
STRANGE_LEDGERS = {
    "none": make_ledger([]),
    "no tasks": make_ledger([0, 0], tasks=0),
    "one": make_ledger([1]),
    "no due dates": make_ledger([0, 1, 2, 3, -1]),
    "ten": make_ledger(range(-1, 9), tasks=8, due=date(2022, 9, 1), reminded=2),
    "forty": make_ledger([n % 5 - 1 for n in range(40)], due=date(2022, 9, 1), reminded=9),
    "forty long": make_ledger([n % 3 for n in range(40)], name=LONG, due=date(2022, 9, 1)),
    "thirty silent": make_ledger([-1] * 30, name=LONG, due=date(2022, 9, 1), reminded=40),
}


def test_equal_rates_share_a_rank() -> None:
    """And the next one has the rank that it would have without the tie."""
    ranking = compose(make_ledger([1, 3, 2, 2, 0])).ranking
    assert [(one.rank, one.section) for one in ranking] == [
        (1, "科室2"),
        (2, "科室3"),
        (2, "科室4"),
        (4, "科室1"),
        (5, "科室5"),
    ]


def test_rates_that_look_equal_have_one_rank() -> None:
    """2001 of 3002 and 2 of 3 are both shown as 66.7%."""
    made = make_ledger([2, 2], tasks=3)
    rows = [row for row in made.assignment_results if row.section == "科室1"]
    many = (*rows * 1000, *(row for row in made.assignment_results if row.section == "科室2"))
    lines = replace(made, assignment_results=(*many, rows[0], rows[-1]))
    first, second = compose(lines).ranking
    assert first.rate != second.rate
    assert (first.rank, second.rank) == (1, 1)


def test_a_section_with_nothing_to_do_has_no_rank() -> None:
    made = make_ledger([1, 2])
    exempt = tuple(
        replace(
            row, status="不涉及", category=made.book.task_form.choice_lists[0].choices[4].meaning
        )
        if row.section == "科室2"
        else row
        for row in made.assignment_results
    )
    briefing = compose(replace(made, assignment_results=exempt))
    assert [(one.rank, one.section) for one in briefing.ranking] == [(1, "科室1"), (None, "科室2")]
    assert briefing.comparison == ("有任务的只有科室1，不排名次。",)


def test_leaders_and_laggards_are_named_with_their_ties() -> None:
    full, *_, shortest = compose(make_ledger([3, 3, 1, 0])).comparison
    assert full == (
        "完成率并列最高的是科室1、科室2（100.0%），最低的是科室4（0.0%）。完成率相同的名次并列。"
    )
    assert shortest == (
        "完成率并列最高的是2 个科室（100.0%），最低的是1 个科室（0.0%）。完成率相同的名次并列。"
    )


def test_what_can_still_be_done_in_time_is_no_risk() -> None:
    """Due next week: in the figures, not among what is grave; overdue since yesterday: first."""
    soon = compose(make_ledger([0, 3], due=AS_OF + timedelta(days=7)))
    assert soon.risks == ()
    (overdue,) = compose(make_ledger([2, 3], due=AS_OF - timedelta(days=1))).risks
    assert overdue[0] == (
        "逾期最久的，是科室1的第 3 项“3.按要求落实第 3 项工作”，"
        "期限 2022年10月7日，已逾期 1 天，目前“推进中”。"
    )
    (tied,) = compose(make_ledger([2, 2], due=AS_OF - timedelta(days=1))).risks
    assert tied[0].endswith("目前“推进中”。同样久的还有 1 件。")


def remind_of(section: str, kind: str, *matters: Matter) -> Reminder:
    return Reminder(section, "年度", AS_OF, (MatterGroup(kind, "件", matters),))


def test_the_three_gravest_kinds_are_told() -> None:
    """The law before returns, these before what is overdue; each kind with its ties."""
    place = Matter("请改正。", "综合科 J7")
    late = Matter("登记一，已逾期 8 天。", "登记一", due=AS_OF - timedelta(days=8))
    missing = Matter("还没有收到。", "报送表", "应于2022年9月30日前交回", date(2022, 9, 30))
    reminders = [
        remind_of("科室1", TO_CORRECT, place, place),
        remind_of("科室2", TO_CORRECT, place, place),
        remind_of("科室3", TO_CORRECT, place),
        remind_of("科室3", MISSING, missing),
        remind_of("科室1", LIMIT_PASSED, late),
    ]
    briefing = compose_briefing(make_ledger([0, 0, 0]), reminders, "2022年度汇总.xlsx")
    assert [versions[0] for versions in briefing.risks] == [
        "超过法定期限最久的，是科室1的登记一，已逾期 8 天。",
        "没有报送或者没有报全的，是科室3，应于2022年9月30日前交回。",
        "需要改正最多的，是科室1、科室2，各 2 处。",
    ]
    more = [*reminders, remind_of("科室2", OVERDUE, late)]
    kinds = compose_briefing(make_ledger([0, 0, 0]), more, "2022年度汇总.xlsx").risks
    assert [versions[0][:4] for versions in kinds] == ["超过法定", "没有报送", "逾期最久"]


def test_the_round_is_named_where_there_are_several() -> None:
    made = make_ledger([1])
    assert compose(made).lead == "截至2022年10月8日，2022年重点任务台账的落实情况通报如下。"
    rounds = (Round("上半年"), Round("下半年"))
    reports = tuple(replace(one, round="上半年") for one in made.section_reports)
    both = replace(made, book=replace(made.book, rounds=rounds), section_reports=reports)
    assert "重点任务台账（上半年）的落实情况" in compose(both).lead


def test_a_section_that_the_program_could_not_read_is_not_ranked() -> None:
    """As on 总览: nothing is known of it."""
    made = make_ledger([1, 2])
    rows = tuple(
        replace(row, status=NOT_READ, category=None) if row.section == "科室1" else row
        for row in made.assignment_results
    )
    ranking = compose(replace(made, assignment_results=rows)).ranking
    assert [(one.rank, one.rate is None) for one in ranking] == [(1, False), (None, True)]


def test_the_most_reminded_come_first() -> None:
    """Days of the book before this one, and this day for who lags now."""
    made = make_ledger([3, -1, -1], reminded=1)
    more = ReminderRecord(AS_OF - timedelta(weeks=2), "科室3", "年度", "没有报送")
    later = ReminderRecord(AS_OF + timedelta(weeks=2), "科室1", "年度", "没有报送")
    records = (*made.book.reminders, more, later)
    pushed = compose(replace(made, book=replace(made.book, reminders=records))).pushed
    assert pushed[0] == (
        "本次催办 2 个科室。今年共催办 3 个科室 6 次：科室3 3 次（9月24日、10月1日、10月8日）；"
        "科室2 2 次（10月1日、10月8日）；科室1 1 次（10月1日）。"
    )
    assert pushed[-1] == "本次催办 2 个科室。今年共催办 3 个科室 6 次。"


def test_best_and_worst_are_shown_where_not_all_have_room() -> None:
    ranking = compose(make_ledger(range(9), tasks=8)).ranking
    names = [one if isinstance(one, int) else one.rank for one in choose_rows(ranking, 6)]
    assert names == [1, 2, 3, 4, 8, 9]
    assert choose_rows(ranking, 9) == ranking
    assert choose_rows(ranking, 2) == ()


@pytest.mark.parametrize("name", STRANGE_LEDGERS)
def test_the_same_ledger_gives_the_same_bytes(name: str) -> None:
    made = STRANGE_LEDGERS[name]
    assert write_briefing(compose(made)) == write_briefing(compose(made))
