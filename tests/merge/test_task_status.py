"""Where an item stands: urgent by its date, done only when all who owe it say so."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ledgerbook.deadlines import count_days_left, judge_urgency
from ledgerbook.merge import task_status as standing
from ledgerbook.model import Role, StatusCategory
from ledgerbook.model.results import AssignmentResult, TaskSummary, Urgency
from tests.support.books import make_book

BOOK = make_book()
TODAY = date(2022, 10, 1)
LEAD, IMPLEMENT = Role.LEAD, Role.IMPLEMENT
DONE, DOING, TODO = (
    StatusCategory.COMPLETED,
    StatusCategory.IN_PROGRESS,
    StatusCategory.NOT_STARTED,
)
ONGOING, EXEMPT = StatusCategory.ONGOING, StatusCategory.NOT_APPLICABLE


def row(
    meaning: StatusCategory | None,
    *roles: Role,
    status: str = "未报送",
    urgency: Urgency = Urgency.NONE,
) -> AssignmentResult:
    task = BOOK.tasks[0]
    said = status if meaning is None else str(meaning)
    held = roles or (IMPLEMENT,)
    return AssignmentResult("", task, "科", held, {}, said, meaning, urgency, None)


def summed(*rows: AssignmentResult) -> TaskSummary:
    return standing.summarize_task(BOOK.tasks[0], rows, BOOK.task_form)


@pytest.mark.parametrize(
    ("days", "urgency"),
    [
        (-1, Urgency.OVERDUE),
        (0, Urgency.DUE_SOON),
        (15, Urgency.DUE_SOON),
        (16, Urgency.NONE),
    ],
)
def test_a_date_makes_an_open_item_urgent(days: int, urgency: Urgency) -> None:
    """Past its day it is overdue; within fifteen days it is due soon."""
    due = TODAY + timedelta(days=days)
    for meaning in (None, TODO, DOING):
        assert judge_urgency(due, meaning, TODAY) is urgency
    assert count_days_left(due, TODAY) == days


@pytest.mark.parametrize(
    ("days", "meaning", "urgency"),
    [
        (0, DONE, Urgency.NONE),
        (1, DONE, Urgency.DONE_LATE),
        (1, ONGOING, Urgency.NONE),
        (1, EXEMPT, Urgency.NONE),
        (1, DOING, Urgency.OVERDUE),
        (None, DONE, Urgency.NONE),
    ],
)
def test_what_was_completed_after_its_day_was_done_late(
    days: int | None, meaning: StatusCategory, urgency: Urgency
) -> None:
    """The date of completion decides, and only of what is completed."""
    due = TODAY - timedelta(days=9)
    done_on = None if days is None else due + timedelta(days=days)
    assert judge_urgency(due, meaning, TODAY, done_on) is urgency


def test_a_closed_item_or_one_without_a_date_is_never_urgent() -> None:
    """Done, long-term and exempt items, and those without a date, press nobody."""
    past = TODAY - timedelta(days=99)
    for meaning in (DONE, ONGOING, EXEMPT):
        assert judge_urgency(past, meaning, TODAY) is Urgency.NONE
    assert judge_urgency(None, TODO, TODAY) is Urgency.NONE
    assert count_days_left(None, TODAY) is None


@pytest.mark.parametrize(
    ("said", "together"),
    [
        ((DONE, DONE), "已完成"),
        ((DONE, DOING), "推进中"),
        ((DONE, TODO), "推进中"),
        ((DONE, None), "推进中"),
        ((DONE, ONGOING), "长期推进"),
        ((ONGOING, None), "推进中"),
        ((DONE, EXEMPT), "已完成"),
        ((DOING, EXEMPT), "推进中"),
        ((EXEMPT, EXEMPT), "不涉及"),
        ((TODO, TODO), "未启动"),
        ((TODO, None), "未启动"),
        ((TODO, EXEMPT), "未启动"),
        ((EXEMPT, None), "未报送"),
        ((None, None), "未报送"),
    ],
)
def test_a_task_is_done_only_when_all_who_owe_it_say_so(
    said: tuple[StatusCategory | None, ...], together: str
) -> None:
    """The roll-up never says more than the least advanced; the exempt do not count."""
    assert summed(*map(row, said)).status == together
    assert summed(*map(row, reversed(said))).status == together


def test_one_who_returned_without_a_word_makes_it_unfilled() -> None:
    """未填 and 未报送 together are 未填: somebody has the form in hand."""
    assert summed(row(None), row(None, status="未填")).status == "未填"


def test_support_and_compiling_hold_nothing_up() -> None:
    """Only those who lead or implement decide, on status and on urgency."""
    helper = row(TODO, Role.SUPPORT, urgency=Urgency.OVERDUE)
    compiler = row(None, Role.COMPILE)
    outcome = summed(row(DONE, LEAD), row(DONE), helper, compiler)
    assert (outcome.status, outcome.urgency) == ("已完成", Urgency.NONE)
    assert len(outcome.assignment_results) == 4
    assert summed(row(TODO, LEAD, Role.COMPILE), row(DONE)).status == "推进中"


def test_a_task_that_is_only_supported_is_decided_by_all() -> None:
    """Where nobody leads or implements, everyone's word counts."""
    helpers = row(DONE, Role.SUPPORT), row(TODO, Role.COMPILE)
    assert summed(*helpers).status == "推进中"


def test_the_most_urgent_part_speaks_for_the_task() -> None:
    """One overdue section makes the task overdue."""
    parts = [row(DOING, urgency=u) for u in (Urgency.DUE_SOON, Urgency.OVERDUE)]
    assert summed(*parts).urgency is Urgency.OVERDUE


def test_a_status_is_found_among_the_answers() -> None:
    """The status column's text names the choice; another word names none."""
    choice = standing.find_status_choice(BOOK.task_form, {"status": "已完成"})
    assert choice is not None
    assert choice.meaning is DONE
    assert standing.find_status_choice(BOOK.task_form, {"status": "完了"}) is None
    assert standing.find_status_choice(BOOK.task_form, {}) is None
