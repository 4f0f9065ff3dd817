"""The figures of a round: what it asks is what was issued, and its due day stands still."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time

import pytest

from ledgerbook import identity
from ledgerbook.book import list_issue_records
from ledgerbook.cli.render import describe_ledger
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.baseline import make_issued_values
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.merge.round_scope import build_scopes, find_current_round
from ledgerbook.model import Assignment, Book, Role, Round, Section, StatusCategory
from ledgerbook.model.office_entries import OfficeEntry, OfficeNote
from ledgerbook.model.problems import group_problems
from ledgerbook.model.results import Ledger, RoundFigures, SectionReport, SubmissionStatus
from tests.support.books import FINANCE, INDUSTRY, OFFICE, fill, make_book

ROUNDS = (
    Round("第一季度", date(2022, 3, 31)),
    Round("第二季度", date(2022, 6, 30)),
    Round("第三季度", date(2022, 9, 30)),
)
Q1, Q2, Q3 = ROUNDS
ISSUED = {Q1: date(2022, 3, 1), Q2: date(2022, 6, 1), Q3: date(2022, 9, 1)}
NEW = "数据科"
DONE = {"status": "已完成", "done_on": date(2022, 3, 1), "result": "办好了。"}
DOING = {"status": "推进中", "result": "正在办。"}
Prefilled = Mapping[tuple[str, str], Mapping[str, Mapping[str, object]]]


def issue(
    book: Book, round_: Round, prefilled: Prefilled | None = None, day: date | None = None
) -> Book:
    """Return the book once it has recorded that ``round_`` was issued."""
    values = make_issued_values(round_.name, day or ISSUED[round_], prefilled or {})
    records = list_issue_records(book, values)
    return replace(book, issue_records=(*book.issue_records, *records))


def send(
    book: Book,
    round_: Round,
    section: str,
    answers: Mapping[str, Mapping[str, object]],
    day: date,
    prefilled: Prefilled | None = None,
) -> FileContent:
    """Return a section's workbook of a round, filled and saved on ``day``, as it is read."""
    sent = build_section_workbook(book, round_, [section], ISSUED[round_], prefilled=prefilled)
    data = fill(sent, answers, datetime.combine(day, time(1)))
    name = f"{round_.name}{section}{day}.xlsx"
    return read_return(name, data, ReadContext(book, date(2022, 12, 1)))


def add_section(book: Book) -> Book:
    """Return the book with a further section, which has three tasks."""
    tasks = tuple(
        replace(task, parsed_assignments=(*task.parsed_assignments, Assignment(NEW, Role.SUPPORT)))
        if number < 3
        else task
        for number, task in enumerate(book.tasks)
    )
    return replace(book, sections=(*book.sections, Section(NEW)), tasks=tasks)


def report(ledger: Ledger, section: str) -> SectionReport:
    return next(one for one in ledger.section_reports if one.section == section)


def collect(book: Book, files: Sequence[FileContent], day: date = date(2022, 10, 1)) -> Ledger:
    return merge_returns(book, files, day)


BOOK = issue(make_book(rounds=ROUNDS), Q1)


@pytest.fixture(scope="module")
def first() -> FileContent:
    return send(BOOK, Q1, FINANCE, {"T01": DONE, "T02": DOING}, date(2022, 3, 20))


def test_a_section_added_later_changes_no_earlier_round(first: FileContent) -> None:
    """Who is there from September on owed nothing in March, and is not said to be missing."""
    before = collect(BOOK, [first]).round_reports[0]
    later = collect(add_section(BOOK), [first])
    assert later.round_reports[0].at_due == before.at_due
    assert later.round_reports[0].with_late == before.with_late
    assert later.round_reports[0].not_issued_sections == (NEW,)
    assert report(later, NEW).status is SubmissionStatus.NOT_ISSUED
    assert report(collect(issue(add_section(BOOK), Q2), [first]), NEW).status is (
        SubmissionStatus.MISSING
    )
    lines = list(describe_ledger(later))
    assert lines[1] == "“第一季度”这一批次，未报送的科室：综合科、产业金融科。"
    assert f"这一批次还没有发过表的科室（不算未报）：{NEW}。" in lines


def test_without_a_record_the_book_is_asked(first: FileContent) -> None:
    """A round that was issued before the program kept records has the tasks of the book."""
    book = replace(BOOK, issue_records=())
    grown = collect(add_section(book), [first]).round_reports[0].with_late
    assert grown.row_count == collect(book, [first]).round_reports[0].with_late.row_count + 3
    assert NEW in grown.missing_sections


def test_an_issued_round_without_a_return_is_the_current_one(first: FileContent) -> None:
    """Once Q2 is out, everybody owes it; before its day of issue nobody does."""
    book = issue(BOOK, Q2)
    assert find_current_round(book, [first], date(2022, 5, 31)) == Q1
    assert find_current_round(book, [first], date(2022, 6, 1)) == Q2
    ledger = collect(book, [first], date(2022, 6, 5))
    assert {one.status for one in ledger.section_reports} == {SubmissionStatus.MISSING}
    assert [one.at_due is None for one in ledger.round_reports] == [False, True]


def test_a_late_return_counts_with_the_late_ones_only(first: FileContent) -> None:
    """截止 stays at what had come by the day; 含补报 has all."""
    late = send(BOOK, Q1, OFFICE, {"T01": DONE}, date(2022, 4, 2))
    correction = send(BOOK, Q1, FINANCE, {"T02": DONE}, date(2022, 4, 3))
    (one,) = collect(BOOK, [first, late, correction]).round_reports
    assert one.at_due == collect(BOOK, [first]).round_reports[0].at_due
    assert one.at_due
    assert one.at_due.missing_sections == (OFFICE, INDUSTRY)
    assert one.at_due.rows_by_category[StatusCategory.COMPLETED] == (("T01", FINANCE),)
    assert one.with_late.returned_sections == (OFFICE, FINANCE)
    assert set(one.with_late.rows_by_category[StatusCategory.COMPLETED]) == {
        ("T01", OFFICE),
        ("T01", FINANCE),
        ("T02", FINANCE),
    }


def test_what_is_left_as_issued_counts_from_its_own_round_on() -> None:
    """A prefilled status that Q1 left alone is Q1's, whatever Q2 says of the row."""
    prefilled = {(FINANCE, BOOK.task_form.key): {"T01": {"status": "推进中"}}}
    book = issue(issue(make_book(rounds=ROUNDS), Q1, prefilled), Q2, prefilled)
    untouched = send(book, Q1, FINANCE, {"T02": DOING}, date(2022, 3, 20), prefilled)
    changed = send(book, Q2, FINANCE, {"T01": DONE}, date(2022, 6, 20), prefilled)
    before = collect(book, [untouched]).round_reports[0]
    after = collect(book, [untouched, changed]).round_reports[0]
    assert (after.at_due, after.with_late) == (before.at_due, before.with_late)
    assert before.with_late.count(StatusCategory.IN_PROGRESS) == 2


def enter(round_: Round, day: date, task: str = "T02", status: str = "已完成") -> OfficeEntry:
    """Return a status that the office typed for the finance section (更正代填)."""
    form = BOOK.task_form
    return OfficeEntry(
        FINANCE, round_.name, form.key, task, form.status_column.key, status, "电话", day
    )


def count_completed(ledger: Ledger) -> list[tuple[int, int]]:
    """Return for each round that is over how many rows were 已完成: 截止, 含补报."""
    key = StatusCategory.COMPLETED
    return [
        (one.at_due.count(key), one.with_late.count(key))
        for one in ledger.round_reports
        if one.at_due
    ]


@pytest.mark.parametrize(
    ("round_", "day", "expected"),
    [
        # T01 is 已完成 in the file of the first quarter, T02 by telephone.
        pytest.param(Q1, date(2022, 3, 31), [(2, 2), (2, 2)], id="on the due day"),
        pytest.param(Q1, date(2022, 4, 1), [(1, 2), (2, 2)], id="after it"),
        pytest.param(Q1, date(2022, 7, 1), [(1, 2), (1, 2)], id="after the next round"),
        pytest.param(Q2, date(2022, 6, 30), [(1, 1), (2, 2)], id="of the next round"),
    ],
)
def test_what_the_office_enters_counts_from_its_day_and_round(
    first: FileContent, round_: Round, day: date, expected: list[tuple[int, int]]
) -> None:
    """It is received on its day: 截止 counts it until the due day, 含补报 at any time."""
    book = replace(issue(BOOK, Q2), office_entries=(enter(round_, day),))
    assert count_completed(collect(book, [first])) == expected


def test_what_the_office_enters_needs_no_file() -> None:
    """A section that sent nothing is missing all the same."""
    book = replace(BOOK, office_entries=(enter(Q1, date(2022, 3, 20)),))
    (one,) = collect(book, []).round_reports
    assert one.at_due
    assert one.at_due.rows_by_category[StatusCategory.COMPLETED] == (("T02", FINANCE),)
    assert FINANCE in one.at_due.missing_sections


def test_an_entry_of_a_task_that_has_left_the_book_counts_on() -> None:
    """A revised plan drops the task; the round that is over asked for it."""
    book = replace(BOOK, office_entries=(enter(Q1, date(2022, 3, 20)),))
    left = [task for task in book.tasks if task.code == "T02"]
    kept = tuple(task for task in book.tasks if task.code != "T02")
    later = replace(book, tasks=kept, retired_tasks=tuple(left))
    assert collect(later, []).round_reports == collect(book, []).round_reports


def test_an_entry_that_the_next_form_was_issued_with_counts_on() -> None:
    """The second quarter's form came back with it, untouched: it is not what Q1 said."""
    said = {"T01": DONE, "T02": DOING}
    first = send(BOOK, Q1, FINANCE, said, date(2022, 3, 20))
    prefilled = {(FINANCE, BOOK.task_form.key): {"T01": DONE, "T02": DONE}}
    book = replace(issue(BOOK, Q2, prefilled), office_entries=(enter(Q1, date(2022, 4, 1)),))
    second = send(book, Q2, FINANCE, {"T04": DOING}, date(2022, 6, 20), prefilled)
    assert count_completed(collect(book, [first, second])) == [(1, 2), (2, 2)]


def test_a_choice_between_two_answers_counts_from_its_day(first: FileContent) -> None:
    """采用哪个 of October leaves 截止 as it was."""
    other = send(BOOK, Q1, FINANCE, {"T01": DOING}, date(2022, 3, 25))
    assert count_completed(collect(BOOK, [first, other])) == [(0, 0)]
    code = identity.make_row_code(BOOK, BOOK.tasks[0], FINANCE)
    note = OfficeNote(date(2022, 10, 1), code, "采用哪个：完成状态", "已完成")
    book = replace(BOOK, office_notes=(note,))
    assert count_completed(collect(book, [first, other])) == [(0, 1)]


def test_answers_that_stand_untouched_are_shown_apart() -> None:
    """更新 1，沿用 1, and of a form sent back as it came: 已报送（全部沿用）."""
    codes = [task.code for task in BOOK.get_tasks(FINANCE)]
    prefilled = {(FINANCE, BOOK.task_form.key): dict.fromkeys(codes, DOING)}
    book = issue(BOOK, Q2, prefilled)
    touched = send(book, Q2, FINANCE, {"T01": DONE}, date(2022, 6, 20), prefilled)
    untouched = send(book, Q2, FINANCE, {}, date(2022, 6, 20), prefilled)
    counts = report(collect(book, [touched]), FINANCE).counts
    assert (counts.said, counts.carried, counts.total) == (1, 3, 4)
    assert report(collect(book, [touched]), FINANCE).standing == "已报送"
    assert report(collect(book, [untouched]), FINANCE).standing == "已报送（全部沿用）"


def list_due_figures(ledger: Ledger) -> list[RoundFigures | None]:
    return [one.at_due for one in ledger.round_reports]


@pytest.mark.slow
def test_figures_of_the_due_day_outlive_all_later_events() -> None:
    """Whatever is added after Q2 is over, Q1 and Q2 keep their 截止 figures (12 random years)."""
    for seed in range(12):
        chance = random.Random(seed)  # noqa: S311  any answers will do
        book = issue(issue(make_book(rounds=ROUNDS), Q1), Q2)
        files = [_send_any(chance, book, round_, after=0) for round_ in (Q1, Q1, Q2, Q2, Q2)]
        before = list_due_figures(merge_returns(book, files, date(2022, 7, 1)))
        assert None not in before
        for change in chance.sample((_add_task, add_section, lambda one: issue(one, Q3)), 3):
            book = change(book)
            late = [_send_any(chance, book, round_, after=1) for round_ in (Q1, Q2, Q3)]
            files = chance.sample([*files, *late], len(files) + 3)
            later = merge_returns(book, files, date(2022, 9, 1))
            assert list_due_figures(later)[:2] == before, seed


def _add_task(book: Book) -> Book:
    task = book.tasks[0]
    return replace(book, tasks=(*book.tasks, replace(task, code="T99", number=99)))


def _send_any(chance: random.Random, book: Book, round_: Round, *, after: int) -> FileContent:
    """Return a random return: in time for its round or not, or (``after``) later than Q2."""
    section = chance.choice((OFFICE, FINANCE, INDUSTRY))
    rows = chance.sample([task.code for task in book.get_tasks(section)], 2)
    answers = {code: chance.choice((DONE, DOING, {"status": "未启动"})) for code in rows}
    days = (date(2022, 7, 2), date(2022, 8, 9)) if after else (date(2022, 3, 9), date(2022, 6, 9))
    return send(book, round_, section, answers, chance.choice(days))


def test_scopes_know_what_was_issued_until_a_day() -> None:
    """Issued again with a task more: the due day keeps the first, the round has the newest."""
    book = issue(_add_task(BOOK), Q1, day=date(2022, 5, 1))
    scopes = build_scopes(book, date(2022, 6, 1))
    assert "T99" in scopes.current[Q1.name].tasks[OFFICE]
    assert "T99" not in scopes.at_due[Q1.name].tasks[OFFICE]
    assert (
        build_scopes(book, date(2022, 4, 1)).current[Q1.name]
        == build_scopes(BOOK, date(2022, 4, 1)).current[Q1.name]
    )


# -- judged in its own round ----------------------------------------------------------


def test_rows_of_an_earlier_round_are_judged_by_its_day() -> None:
    """Answered in March, due in October, silent since: told 未报送 once, and nothing else."""
    book = BOOK
    overdue_later = [task.code for task in book.get_tasks(FINANCE) if task.due]
    assert overdue_later
    answers = {task.code: DOING for task in book.get_tasks(FINANCE)}
    early = send(book, Q1, FINANCE, answers, date(2022, 3, 20))
    silent = collect(issue(issue(book, Q2), Q3), [early], date(2022, 12, 1))
    assert [problem.code for problem in silent.problems if problem.is_error] == []
    assert report(silent, FINANCE).status is SubmissionStatus.MISSING
    last = Round("年度", date(2022, 11, 30))
    year = issue(replace(book, rounds=(*ROUNDS, last)), last, day=date(2022, 11, 1))
    sent = build_section_workbook(year, last, [FINANCE], date(2022, 11, 1))
    data = fill(sent, answers, datetime(2022, 11, 20, 1))  # noqa: DTZ001  as Excel notes it
    late = read_return("年度.xlsx", data, ReadContext(year, date(2022, 12, 1)))
    judged = collect(year, [early, late], date(2022, 12, 1))
    messages = [problem.message for problem in judged.problems if problem.is_error]
    assert len(messages) == len(overdue_later)
    assert all("已超过完成期限" in message for message in messages)


def test_like_problems_of_a_section_are_one_line() -> None:
    """Three tasks that lack the same cells: told once, with their numbers and cells."""
    answers = {task.code: {"status": "推进中"} for task in BOOK.get_tasks(FINANCE)}
    ledger = collect(BOOK, [send(BOOK, Q1, FINANCE, answers, date(2022, 3, 20))], date(2022, 4, 1))
    errors = [problem for problem in ledger.problems if problem.is_error]
    (group,) = group_problems(errors)
    assert len(errors) == len(group.problems) == 4
    assert group.cells == "L6、L7、L8、L9"
    assert group.short_message == (
        "任务 1、2、4、5：“完成状态”填了“推进中”，“落实情况”是必填项，但没有填。"
    )
    (line,) = [line for line in describe_ledger(ledger) if line.startswith("  ·")]
    assert group.short_message in line
