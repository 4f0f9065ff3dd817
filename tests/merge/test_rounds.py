"""Several rounds in one year: the newest answer counts, the way there is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.prefill import prefill_answers
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Round, StatusCategory
from ledgerbook.model.results import Ledger
from tests.support.books import (
    AS_OF,
    FINANCE,
    INDUSTRY,
    OFFICE,
    SAVED_AT,
    fill,
    issued,
    make_book,
)
from tests.support.returns import tick

ROUNDS = (Round("第一季度", date(2022, 3, 31)), Round("上半年"), Round("年度"))
BOOK = make_book(rounds=ROUNDS)
DOING = {"status": "推进中", "result": "正在办。"}
DONE = {"status": "已完成", "done_on": date(2022, 9, 30), "result": "办好了。"}


def returned(
    a_round: int, answers: Mapping[str, Any], section: str = FINANCE, *, day: int = 0
) -> bytes:
    """Fill the first task of a section's workbook of one round."""
    sent = issued(replace(BOOK, rounds=(ROUNDS[a_round],)), section)
    return fill(sent, {"T01": answers}, SAVED_AT + timedelta(days=day))


def collected(files: Mapping[str, bytes], preferred: tuple[str, ...] = ()) -> Ledger:
    reads = [read_return(name, data, ReadContext(BOOK, AS_OF)) for name, data in files.items()]
    return merge_returns(BOOK, reads, AS_OF, preferred=preferred)


def texts(ledger: Ledger) -> dict[str, str]:
    row = next(r for r in ledger.assignment_results if (r.section, r.task.code) == (FINANCE, "T01"))
    return {key: answer.text for key, answer in row.answers.items()}


def test_progress_is_no_contradiction() -> None:
    """推进中 in spring and 已完成 in autumn is a year's way, not a conflict."""
    ledger = collected({"1": returned(0, DOING), "3": returned(2, DONE)})
    assert texts(ledger) == {
        "status": "已完成",
        "done_on": "2022-09-30",
        "result": "办好了。",
    }
    assert ledger.conflicts == ()
    assert [
        (e.round, e.header, e.answer.text, e.current_round, e.current_answer.text)
        for e in ledger.earlier_answers
    ] == [
        ("第一季度", "完成状态", "推进中", "年度", "已完成"),
        ("第一季度", "落实情况", "正在办。", "年度", "办好了。"),
    ]
    tally = ledger.cell_balance
    assert (tally.accepted, tally.earlier, tally.overruled, tally.repeated) == (
        3,
        2,
        0,
        0,
    )
    assert tally.is_balanced


def test_every_round_that_said_otherwise_is_kept() -> None:
    """What two rounds say alike is told once, as the later one's words."""
    ledger = collected(
        {
            "1": returned(0, {"result": "甲"}),
            "1b": returned(0, {"result": "甲"}, day=1),
            "2": returned(1, {"result": "甲"}),
            "3": returned(2, {"result": "乙"}),
        }
    )
    assert [(e.round, e.answer.text) for e in ledger.earlier_answers] == [("上半年", "甲")]
    assert ledger.cell_balance.repeated == 2
    assert ledger.cell_balance.is_balanced


def test_a_blank_in_a_later_round_keeps_the_earlier_answer() -> None:
    """Who leaves a cell blank in autumn has not taken the spring's words back."""
    ledger = collected({"1": returned(0, DOING), "3": returned(2, {"note": "见前"})})
    assert texts(ledger) == DOING | {"note": "见前"}
    assert ledger.earlier_answers == ()


def test_two_answers_in_one_round_are_still_a_conflict() -> None:
    """Only what differs within the round of the answer taken needs a decision."""
    ledger = collected(
        {
            "1": returned(0, DOING),
            "3a": returned(2, {"result": "旧"}),
            "3b": returned(2, {"result": "新"}, day=1),
        }
    )
    assert texts(ledger)["result"] == "新"
    assert [c.overruled.text for c in ledger.conflicts] == ["旧"]
    assert [e.answer.text for e in ledger.earlier_answers] == ["推进中", "正在办。"]
    assert ledger.cell_balance.is_balanced


def test_the_preferred_file_has_the_last_word_in_its_round() -> None:
    """--prefer overrules the clock, and never the round."""
    files = {
        "1": returned(0, {"result": "一季度"}, day=9),
        "3a": returned(2, {"result": "旧"}),
        "3b": returned(2, {"result": "新"}, day=1),
    }
    assert texts(collected(files))["result"] == "新"
    ledger = collected(files, ("3a",))
    assert texts(ledger)["result"] == "旧"
    assert [c.overruled.text for c in ledger.conflicts] == ["新"]
    assert texts(collected(files, ("1",)))["result"] == "新"
    assert ledger.cell_balance.is_balanced


def test_each_round_so_far_has_its_line() -> None:
    """Who returned in which round, and how things stood when it ended."""
    ledger = collected(
        {
            "1": returned(0, DOING),
            "1o": returned(0, {"status": "已完成"}, OFFICE),
            "2": returned(1, DONE),
        }
    )
    first, half = ledger.round_reports
    assert (first.round, first.due) == ("第一季度", date(2022, 3, 31))
    assert first.with_late.returned_sections == (OFFICE, FINANCE)
    assert first.with_late.missing_sections == (INDUSTRY,)
    assert (half.with_late.returned_sections, half.with_late.missing_sections) == (
        (FINANCE,),
        (OFFICE, INDUSTRY),
    )
    counts = [
        (
            r.with_late.count(StatusCategory.IN_PROGRESS),
            r.with_late.count(StatusCategory.COMPLETED),
        )
        for r in (first, half)
    ]
    assert counts == [(1, 1), (0, 2)]
    assert first.with_late.row_count == len(ledger.assignment_results)


def test_what_a_bad_answer_has_replaced_is_not_carried_on() -> None:
    """Sent again unread, an old 推进中 would pass for the correction of the bad one."""
    doing, odd = DOING | {"person": "李某"}, {"status": "差不多", "result": "快好了。"}
    files = {"1": returned(0, doing), "2": returned(1, odd, day=1)}
    mine = prefill_answers(collected(files), ROUNDS[2])[FINANCE, BOOK.task_form.key]
    assert mine["T01"] == {"result": "快好了。"}
    files["3"] = returned(1, {"status": "已完成", "done_on": date(2022, 6, 1)}, day=2)
    mine = prefill_answers(collected(files), ROUNDS[2])[FINANCE, BOOK.task_form.key]
    assert mine["T01"]["status"] == "已完成"


def test_nothing_to_report_takes_back_nothing() -> None:
    """零报告 of autumn says of a task told of in spring no more than was told then."""
    blank = issued(replace(BOOK, rounds=(ROUNDS[2],)), FINANCE)
    files = {"1": returned(0, {"result": "正在办。"}), "3": tick(blank, day=1)}
    ledger = collected(files)
    assert texts(ledger) == {"result": "正在办。"}
    statuses = {r.task.code: r.status for r in ledger.assignment_results if r.section == FINANCE}
    assert statuses.pop("T01") == "未填"
    assert set(statuses.values()) == {"零报告"}


def test_who_had_nothing_to_report_in_spring_has_not_filled_in_autumn() -> None:
    """What was answered later takes 零报告 of before back, for all the tasks."""
    blank = issued(replace(BOOK, rounds=(ROUNDS[0],)), FINANCE)
    files = {"1": tick(blank), "3": returned(2, DOING, day=1)}
    ledger = collected(files)
    statuses = {r.task.code: r.status for r in ledger.assignment_results if r.section == FINANCE}
    assert statuses.pop("T01") == "推进中"
    assert set(statuses.values()) == {"未填"}
