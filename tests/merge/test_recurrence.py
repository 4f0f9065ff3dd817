"""Each kind of time limit through a year: issued, filled, collected, what is late."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from ledgerbook import commands
from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.book.schema import HEADER_ROW
from ledgerbook.cli import json_data, render
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book, Interval, Recurrence, Round
from ledgerbook.model.cycles import RecurrenceProgress
from ledgerbook.model.issued_values import IssueRecord
from ledgerbook.model.results import AssignmentResult, Ledger, Urgency
from ledgerbook.summary import write_summary
from tests.support.books import columns_of, fill, rows_of
from tests.support.deadline_book import ROUNDS, SECTION, issue_sheet, make_deadline_book

# Workbooks are issued, filled and merged over and over.
pytestmark = pytest.mark.slow


def moment(day: date) -> datetime:
    return datetime.combine(day, time(9, 30))


def done(day: date | None = None) -> dict[str, Any]:
    said: dict[str, Any] = {"status": "已完成", "result": "做了。"}
    return said | ({"done_on": day} if day else {})


Sent = tuple[int, str, Mapping[str, Any], date]


def collected(of: Book, as_of: date, *sent: Sent, section: str = SECTION) -> Ledger:
    """Collect filled workbooks: (round, task code, answers, day saved)."""
    reads = []
    for n, (number, code, answers, saved) in enumerate(sent):
        data = issue_sheet(of, of.rounds[number], saved, section)
        filled = fill(data, {code: answers}, moment(saved))
        reads.append(read_return(f"{n}.xlsx", filled, ReadContext(of, as_of)))
    return merge_returns(of, reads, as_of)


def row(ledger: Ledger, code: str) -> AssignmentResult:
    return next(r for r in ledger.assignment_results if r.task.code == code)


def quarterly(ledger: Ledger) -> RecurrenceProgress:
    cycle = row(ledger, "T02").recurrence_progress
    assert cycle is not None
    return cycle


def missed(ledger: Ledger) -> list[str]:
    return [turn.name for turn in quarterly(ledger).missed_occurrences]


@pytest.mark.parametrize(
    ("as_of", "late"),
    [
        (date(2022, 3, 31), set()),
        (date(2022, 4, 1), {"T02"}),
        (date(2022, 6, 30), {"T02"}),
        (date(2022, 7, 1), {"T01", "T02", "T05"}),
        (date(2022, 12, 31), {"T01", "T02", "T05"}),
        (date(2023, 1, 1), {"T01", "T02", "T05", "T06"}),
    ],
)
def test_what_nobody_answers_is_late_by_its_kind(as_of: date, late: set[str]) -> None:
    """A date, a quarter, a year pass; what is ongoing or has no limit is never late."""
    ledger = merge_returns(make_deadline_book(), [], as_of)
    assert {r.task.code for r in ledger.assignment_results if r.urgency is Urgency.OVERDUE} == late


def test_a_quarter_done_closes_no_other() -> None:
    """已完成 in the first quarter leaves the second to be done, and then overdue."""
    sent = (0, "T02", done(date(2022, 3, 20)), date(2022, 4, 8))
    spring = collected(make_deadline_book(), date(2022, 4, 9), sent)
    assert missed(spring) == []
    assert row(spring, "T02").urgency is Urgency.NONE
    soon = collected(make_deadline_book(), date(2022, 6, 20), sent)
    assert (row(soon, "T02").urgency, row(soon, "T02").days_left) == (
        Urgency.DUE_SOON,
        10,
    )
    late = collected(make_deadline_book(), date(2022, 7, 15), sent)
    assert missed(late) == ["第二季度"]
    assert (row(late, "T02").urgency, row(late, "T02").days_left) == (
        Urgency.OVERDUE,
        -15,
    )
    assert (quarterly(late).due_count, quarterly(late).fulfilled_count) == (2, 1)
    assert [p for p in late.problems if p.task == "T02"] == []
    outcome = late.task_summaries[1]
    assert (outcome.status, outcome.urgency) == ("推进中", Urgency.OVERDUE)


def test_every_quarter_done_is_the_year_done() -> None:
    """Four rounds that say so make the task done; nothing is late in January."""
    days = (date(2022, 3, 20), date(2022, 6, 20), date(2022, 9, 20), date(2022, 12, 20))
    sent = [(n, "T02", done(day), day) for n, day in enumerate(days)]
    ledger = collected(make_deadline_book(), date(2023, 1, 20), *sent)
    assert missed(ledger) == []
    assert quarterly(ledger).is_complete
    assert (ledger.task_summaries[1].status, row(ledger, "T02").urgency) == (
        "已完成",
        Urgency.NONE,
    )


def test_a_quarter_in_the_middle_is_missed_by_name() -> None:
    """The round that was not answered leaves its own quarter open for good."""
    sent = [
        (0, "T02", done(), date(2022, 4, 8)),
        (2, "T02", done(date(2022, 9, 20)), date(2022, 9, 30)),
    ]
    ledger = collected(make_deadline_book(), date(2022, 10, 20), *sent)
    assert missed(ledger) == ["第二季度"]
    # Made up for in autumn, on the form of the second quarter.
    late = (1, "T02", done(date(2022, 10, 21)), date(2022, 10, 22))
    assert missed(collected(make_deadline_book(), date(2022, 10, 23), *sent, late)) == []


def test_an_old_date_in_a_new_round_is_an_old_answer() -> None:
    """What was done in March is not done again because July's form repeats it."""
    sent = (1, "T02", done(date(2022, 3, 20)), date(2022, 7, 8))
    assert missed(collected(make_deadline_book(), date(2022, 7, 15), sent)) == ["第二季度"]


def test_work_under_way_meets_no_turn() -> None:
    """推进中 is an answer, and the quarter is late all the same."""
    sent = (1, "T02", {"status": "推进中", "result": "在办。"}, date(2022, 7, 8))
    ledger = collected(make_deadline_book(), date(2022, 7, 15), sent)
    assert missed(ledger) == ["第一季度", "第二季度"]
    (problem,) = [p for p in ledger.problems if p.task == "T02"]
    assert "第一季度（截止 2022-03-31）已经过期" in problem.message


def test_a_quarter_that_asks_nothing_of_a_section() -> None:
    """不涉及 settles what it was said of, and counts as neither owed nor done."""
    sent = (0, "T02", {"status": "不涉及"}, date(2022, 4, 8))
    cycle = quarterly(collected(make_deadline_book(), date(2022, 4, 20), sent))
    assert (
        cycle.total_count,
        cycle.due_count,
        cycle.fulfilled_count,
        cycle.missed_occurrences,
    ) == (3, 0, 0, ())


def test_one_round_a_year_speaks_for_all_that_is_over() -> None:
    """Where nothing was asked before, 已完成 stands for the year up to its date."""
    once = make_deadline_book((Round("年度", date(2022, 12, 25)),))
    whole = (0, "T02", done(date(2022, 12, 20)), date(2022, 12, 21))
    assert missed(collected(once, date(2023, 1, 10), whole)) == []
    part = (0, "T02", done(date(2022, 5, 20)), date(2022, 12, 21))
    assert missed(collected(once, date(2023, 1, 10), part)) == ["第三季度", "第四季度"]


def test_a_round_without_a_date_goes_by_what_the_file_says() -> None:
    """The day of the work, else the day of saving, tells which turn was meant."""
    undated = make_deadline_book((Round("年度"),))
    dated = (0, "T02", done(date(2022, 2, 1)), date(2022, 8, 1))
    assert missed(collected(undated, date(2022, 8, 2), dated)) == ["第二季度"]
    saved = (0, "T02", done(), date(2022, 4, 8))
    assert missed(collected(undated, date(2022, 8, 2), saved)) == ["第二季度"]


def test_a_later_word_on_one_turn_counts() -> None:
    """Who takes 已完成 back for a quarter has not done it."""
    sent = [
        (0, "T02", done(), date(2022, 4, 8)),
        (0, "T02", {"status": "推进中", "result": "还没有。"}, date(2022, 4, 9)),
    ]
    assert missed(collected(make_deadline_book(), date(2022, 4, 20), *sent)) == ["第一季度"]


def test_the_same_answer_again_takes_nothing_back() -> None:
    """Repeated on the next round's form, it says no more and no less than it did."""
    rounds = (Round("第一次", date(2022, 10, 15)), Round("第二次", date(2022, 11, 20)))
    answers = done(date(2022, 9, 28))
    first = (0, "T02", answers, date(2022, 10, 10))
    again = (1, "T02", answers, date(2022, 11, 18))
    ledger = collected(make_deadline_book(rounds), date(2022, 11, 26), first, again)
    assert (missed(ledger), quarterly(ledger).fulfilled_count) == ([], 3)


def test_a_section_owes_no_turn_before_it_was_asked() -> None:
    """One that comes in September does not owe spring; who was asked in spring does."""
    two = make_deadline_book(ROUNDS, SECTION, "法规科")
    records = tuple(
        IssueRecord(round_.name, section, "tasks", day, "", row_codes=("T02-ABCDE",))
        for section, round_, day in (
            (SECTION, ROUNDS[0], date(2022, 3, 1)),
            ("法规科", ROUNDS[2], date(2022, 9, 5)),
        )
    )
    ledger = merge_returns(replace(two, issue_records=records), [], date(2022, 10, 20))
    owed = {
        r.section: [turn.name for turn in r.recurrence_progress.missed_occurrences]
        for r in ledger.assignment_results
        if r.task.code == "T02" and r.recurrence_progress
    }
    assert owed == {SECTION: ["第一季度", "第二季度", "第三季度"], "法规科": ["第三季度"]}


def test_every_section_owes_its_turns() -> None:
    """The task's turn is met when all its sections say so; each row stands alone."""
    two = make_deadline_book(ROUNDS, SECTION, "法规科")
    sent = (0, "T02", done(date(2022, 3, 20)), date(2022, 4, 8))
    ledger = collected(two, date(2022, 4, 20), sent)
    rows = [r for r in ledger.assignment_results if r.task.code == "T02"]
    assert [r.urgency for r in rows] == [Urgency.NONE, Urgency.OVERDUE]
    outcome = ledger.task_summaries[1]
    assert outcome.recurrence_progress is not None
    assert (outcome.recurrence_progress.fulfilled_count, outcome.urgency) == (
        0,
        Urgency.OVERDUE,
    )


def test_long_term_after_its_date_is_as_planned() -> None:
    """6月底前完成，持续推进 may be called 长期推进 in July; a plain date may not."""
    july = date(2022, 7, 15)
    said = {"status": "长期推进", "result": "一直在做。"}
    for code, codes in (("T05", []), ("T01", ["ongoing-past-due"])):
        ledger = collected(make_deadline_book(), july, (1, code, said, date(2022, 7, 8)))
        found = [p.code for p in ledger.problems if p.task == code]
        assert found == codes
        assert row(ledger, code).urgency is Urgency.NONE


# ── what is issued ───────────────────────────────────────────────────────────────


def shown(data: bytes, key: str) -> dict[str, Any]:
    """Return one column of an issued sheet as its formulas were cached."""
    filled = load_workbook(io.BytesIO(data), data_only=True).worksheets[0]
    marked = load_workbook(io.BytesIO(data)).worksheets[0]
    column = columns_of(marked)[key]
    return {c: filled.cell(r, column).value for c, r in rows_of(marked).items()}


def test_each_round_asks_for_its_own_turn() -> None:
    """完成期限 is the date, the turn's, or blank; 提醒 says what kind of task it is."""
    of = make_deadline_book()
    due = [shown(issue_sheet(of, r, date(2022, 3, 1)), "due")["T02"] for r in ROUNDS]
    assert [d.date().isoformat() for d in due] == [
        "2022-03-31",
        "2022-06-30",
        "2022-09-30",
        "2022-12-31",
    ]
    first = issue_sheet(of, ROUNDS[0], date(2022, 3, 1))
    dates = shown(first, "due")
    assert {c for c, d in dates.items() if d} == {"T01", "T02", "T05", "T06"}
    assert shown(first, "alert") == {
        "T01": None,
        "T02": "定期",
        "T03": "长期",
        "T04": None,
        "T05": None,
        "T06": "定期",
    }
    assert shown(issue_sheet(of, ROUNDS[0], date(2022, 4, 5)), "alert")["T02"] == "逾期"


def test_a_turn_on_the_sheet_is_no_change_of_ours() -> None:
    """Any turn on a sheet is the book's own, also once the round's date was moved."""
    of = make_deadline_book()
    data = fill(issue_sheet(of, ROUNDS[1], date(2022, 7, 1)), {"T02": done()})
    moved = replace(of, rounds=(ROUNDS[0], Round("第二季度", date(2022, 9, 25))))
    for reader in (of, moved):
        read = read_return("a.xlsx", data, ReadContext(reader, date(2022, 12, 20)))
        assert [p.code for p in read.problems] == []


def test_a_typed_date_overrules_the_plan() -> None:
    """完成期限 in the book makes the task due on that day, and once."""
    of = make_deadline_book()
    typed = replace(of.tasks[1], due=date(2022, 5, 31))
    of = replace(of, tasks=(of.tasks[0], typed, *of.tasks[2:]))
    assert not isinstance(typed.deadline, Recurrence)
    ledger = merge_returns(of, [], date(2022, 6, 10))
    assert (row(ledger, "T02").recurrence_progress, row(ledger, "T02").days_left) == (
        None,
        -10,
    )


@pytest.mark.slow
def test_the_next_round_starts_without_last_times_answers(tmp_path: Path) -> None:
    """The quarter's answer does not come back as the next one's; the person does."""
    path, out, back = tmp_path / "台账.xlsx", tmp_path / "发出", tmp_path / "收回"
    path.write_bytes(build_book_bytes(make_deadline_book()))
    commands.generate(path, out, round_name="第一季度", issued_on=date(2022, 3, 1))
    answers = done(date(2022, 3, 20)) | {"person": "张三"}
    sent = (out / "第一季度" / f"{SECTION}.xlsx").read_bytes()
    back.mkdir()
    (back / "一季度.xlsx").write_bytes(
        fill(sent, {"T02": answers, "T01": answers}, moment(date(2022, 4, 1)))
    )
    for name, kept in (("第一季度", "已完成"), ("第二季度", None)):
        folder = tmp_path / name
        commands.generate(path, folder, round_name=name, issued_on=date(2022, 4, 5), earlier=[back])
        data = (folder / name / f"{SECTION}.xlsx").read_bytes()
        assert shown(data, "status")["T02"] == kept
        assert shown(data, "person")["T02"] == "张三"
        assert shown(data, "status")["T01"] == "已完成"


def test_a_section_checks_its_turn_without_the_book(tmp_path: Path) -> None:
    """The sheet alone says which turn it asks for; nothing of ours looks changed."""
    data = issue_sheet(make_deadline_book(), ROUNDS[1], date(2022, 6, 1))
    said = {code: done(date(2022, 6, 20)) for code in ("T01", "T02", "T03", "T04")}
    path = tmp_path / "第二季度.xlsx"
    path.write_bytes(fill(data, said | {"T05": done(), "T06": done()}))
    (checked,) = commands.check([path], as_of=date(2022, 6, 25))
    assert {p.column for p in checked.problems} == {"done_on"}


def test_a_book_without_the_column_of_readings(tmp_path: Path) -> None:
    """An earlier book has no 时限读作; its limits are read all the same."""
    workbook = load_workbook(io.BytesIO(build_book_bytes(make_deadline_book())))
    of_tasks = workbook["任务"]
    heads = [cell.value for cell in of_tasks[HEADER_ROW]]
    of_tasks.cell(HEADER_ROW + 4, heads.index("时限") + 1).value = "每半年"
    of_tasks.delete_cols(heads.index("时限读作") + 1)
    path = tmp_path / "台账.xlsx"
    workbook.save(path)
    read = [task.deadline for task in read_book(path).tasks]
    assert read[:3] == [task.deadline for task in make_deadline_book().tasks[:3]]
    assert read[3] == Recurrence(Interval.HALF_YEAR)


# ── the summary ──────────────────────────────────────────────────────────────────


def cells(ledger: Ledger, name: str) -> list[list[str]]:
    workbook = load_workbook(io.BytesIO(write_summary(ledger)), data_only=True)
    return [
        [str(value) for value in line if value is not None]
        for line in workbook[name].iter_rows(values_only=True)
    ]


def test_the_summary_names_the_turn() -> None:
    """The clerk sees which quarter is missing, until when it was due, and the count."""
    sent = (0, "T02", done(date(2022, 3, 20)), date(2022, 4, 8))
    ledger = collected(make_deadline_book(), date(2022, 7, 15), sent)
    assert "第二季度\n2022-06-30\n应办4次\n到期2次\n已办1次" in cells(ledger, "年度汇总")[4]
    (late,) = [r for r in cells(ledger, "逾期临期") if "做好第 2 件事。" in r]
    assert "已逾期 15 天\n第二季度（截止 2022-06-30）未报" in late
    assert "已完成\n（第一季度）" in late
    detail = next(r for r in cells(ledger, "科室明细") if "做好第 2 件事。" in r)
    assert "应办4次，到期2次，已办1次；第二季度（截止 2022-06-30）未报" in detail
    told = json_data.build_ledger_data(ledger, ())["tasks"][1]
    assert told["recurring"] == {
        "total": 4,
        "owed": 2,
        "done": 1,
        "missed": ["第二季度"],
        "next_due": "2022-09-30",
    }
    assert (told["deadline"], told["due"]) == ("每季度，全年 4 次", "2022-06-30")


def test_the_overview_explains_a_turn_that_is_done_beside_one_that_is_not() -> None:
    """Such a row counts in the rate of completion and as overdue, and neither is silent."""
    sent = (0, "T02", done(date(2022, 3, 20)), date(2022, 4, 8))
    ledger = collected(make_deadline_book(), date(2022, 7, 15), sent)
    (explained,) = [text for line in cells(ledger, "总览") for text in line if "按次考核" in text]
    assert "有 1 件最近一次办了、以前有一次没有办，既算完成，也算逾期。" in explained
    in_time = collected(make_deadline_book(), date(2022, 4, 15), sent)
    assert not any("既算完成" in text for line in cells(in_time, "总览") for text in line)


def test_a_task_late_three_times_is_one_late_task() -> None:
    """Figures count tasks, not turns."""
    ledger = merge_returns(make_deadline_book(), [], date(2022, 10, 8))
    late = [r for r in ledger.assignment_results if r.urgency is Urgency.OVERDUE]
    assert len([r for r in late if r.task.code == "T02"]) == 1
    assert any("逾期 3 件" in line for line in render.describe_ledger(ledger))


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(
    sent=st.lists(
        st.tuples(
            st.integers(0, 3),
            st.sampled_from(["已完成", "推进中", "长期推进", "不涉及"]),
            st.none() | st.dates(date(2022, 1, 1), date(2022, 12, 31)),
            st.dates(date(2022, 1, 1), date(2023, 1, 31)),
        ),
        max_size=3,
    ),
    later=st.integers(0, 90),
)
def test_what_is_late_stays_late(
    sent: list[tuple[int, str, date | None, date]], later: int
) -> None:
    """Time alone closes no turn, and an answer of a round none that comes after it."""
    returns: list[Sent] = [
        (n, "T02", {"status": status} | ({"done_on": day} if day else {}), saved)
        for n, status, day, saved in sent
    ]
    as_of = date(2022, 10, 20)
    now = quarterly(collected(make_deadline_book(), as_of, *returns))
    then = quarterly(collected(make_deadline_book(), as_of + timedelta(days=later), *returns))
    assert set(now.missed_occurrences) <= set(then.missed_occurrences)
    assert now.fulfilled_count <= now.total_count
    assert now.due_count <= then.due_count
    assert max(now.fulfilled, default=-1) <= max((n for n, *_ in sent), default=-1)
