"""What a row as a whole must satisfy: asked for once, where it is to be written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Round
from ledgerbook.model.problems import Problem
from tests.support.books import (
    AS_OF,
    DONE,
    FINANCE,
    OFFICE,
    SAVED_AT,
    edit,
    fill,
    issued,
    make_book,
)

BOOK = make_book()
FULL = dict.fromkeys(("T01", "T02", "T04", "T05"), DONE)


def lacking(answers: dict[str, Any], as_of: date = AS_OF) -> list[Problem]:
    data = fill(
        issued(BOOK, FINANCE),
        {code: {**DONE, **answers.get(code, {})} for code in FULL},
    )
    read = read_return("a.xlsx", data, ReadContext(BOOK, as_of))
    return list(merge_returns(BOOK, [read], as_of).problems)


def test_a_done_task_needs_its_date_and_result() -> None:
    """已完成 asks for 完成日期 and 落实情况: one problem with both headers."""
    found = lacking({"T01": {"status": "已完成", "done_on": None, "result": None}})
    assert [(p.code, p.place.cell, p.message, p.advice) for p in found] == [
        (
            "required-missing",
            "K6",
            "任务 1：“完成状态”填了“已完成”，“完成日期”、“落实情况”是必填项，但没有填。",
            "请补填“完成日期”、“落实情况”。",
        ),
    ]
    assert (found[0].column, found[0].more_columns) == ("done_on", ("result",))


def test_a_task_in_hand_needs_a_result_but_no_date() -> None:
    """推进中 asks for 落实情况 only; 未启动 for nothing yet."""
    blank = {"done_on": None, "result": None}
    doing = lacking({"T01": {"status": "推进中", **blank}})
    assert [p.values["headers"] for p in doing] == ["“落实情况”"]
    assert lacking({"T01": {"status": "未启动", **blank}}) == []


def test_a_cell_that_the_status_excludes_is_pointed_out() -> None:
    """推进中 with 完成日期, 已完成 with 未完成原因: one of the two is wrong, who knows which."""
    (found,) = lacking({"T01": {"status": "推进中"}})
    assert (found.code, found.place.cell, found.is_error) == ("excluded-filled", "K6", False)
    assert found.message == (
        "任务 1：“完成状态”填了“推进中”，“完成日期”应当空着，却填了“2022-09-30”。"
    )
    assert found.advice == "请与填报科室核实这两格哪一格填错了。"
    (found,) = lacking({"T01": {"reason": "等批复"}})
    assert (found.code, found.place.cell) == ("excluded-filled", "N6")
    assert [p.code for p in lacking({"T01": {"status": "差不多"}})] == ["choice-unknown"]


def test_a_status_in_another_file_is_named_with_its_place() -> None:
    """The status of one file excludes what another file says: the section must find both."""
    doing = {"status": "推进中", "result": "在办。", "reason": "等批复"}
    first = fill(issued(BOOK, FINANCE), {**FULL, "T01": doing})
    later = fill(first, {"T01": DONE}, SAVED_AT + timedelta(days=1))
    reads = [
        read_return(name, data, ReadContext(BOOK, AS_OF))
        for name, data in (("甲.xlsx", first), ("乙.xlsx", later))
    ]
    problems = merge_returns(BOOK, reads, AS_OF).problems
    (found,) = [problem for problem in problems if problem.code == "excluded-filled"]
    assert (found.place.file, found.place.cell) == ("甲.xlsx", "N6")
    assert found.values["why"] == "“完成状态”填了“已完成”（乙.xlsx，工作表“金融发展科”，J6）"


def test_a_status_is_named_with_its_place_only_where_the_newest_file_does_not_show_it() -> None:
    """A fresh form adds to the row of another; a copy of that file shows the status itself."""
    first = fill(issued(BOOK, FINANCE), {**FULL, "T01": {"status": "推进中"}})
    note, later = {"T01": {"note": "另附。"}}, SAVED_AT + timedelta(days=1)
    for form, expected in (
        (issued(BOOK, FINANCE), "（甲.xlsx，工作表“金融发展科”，J6）"),
        (first, ""),
    ):
        reads = [
            read_return(name, data, ReadContext(BOOK, AS_OF))
            for name, data in (("甲.xlsx", first), ("乙.xlsx", fill(form, note, later)))
        ]
        problems = merge_returns(BOOK, reads, AS_OF).problems
        (found,) = [p for p in problems if p.code == "required-missing" and p.task == "T01"]
        assert found.place.file == "乙.xlsx"
        assert f"“完成状态”填了“推进中”{expected}，“落实情况”是必填项" in found.values["gaps"]


def test_an_overdue_task_needs_its_reason() -> None:
    """Past 31 October, an open task owes 未完成原因; before, it does not."""
    doing = {"status": "推进中", "done_on": None}
    (found,) = lacking({"T02": doing})
    assert found.message == ("任务 2：已超过完成期限 2022-10-31，“未完成原因”是必填项，但没有填。")
    assert lacking({"T02": {**doing, "reason": "等批复"}}) == []
    assert lacking({"T02": doing}, date(2022, 10, 31)) == []


def test_an_unfilled_row_is_asked_for_its_status_once() -> None:
    """A row without a word is one gap, overdue or not."""
    blank = dict.fromkeys(DONE)
    found = lacking({"T01": blank, "T02": blank})
    assert [(p.values["number"], p.values["headers"]) for p in found] == [
        ("1", "“完成状态”"),
        ("2", "“完成状态”"),
    ]
    assert found[0].values["gaps"] == "每项任务都要报，“完成状态”是必填项"


def test_a_held_cell_is_not_called_missing_as_well() -> None:
    """What was filled but cannot be read is one problem, not two."""
    found = lacking({"T01": {**DONE, "done_on": "九月底"}})
    assert [p.code for p in found] == ["date-unclear"]


def test_an_earlier_status_does_not_stand_in_for_one_that_cannot_be_read() -> None:
    """The status itself is to be put right; whether a reason is owed shows then."""
    book = make_book(rounds=(Round("上半年"), Round("年度")))

    def problems(*statuses: str) -> list[str]:
        files = [
            fill(
                issued(replace(book, rounds=(a_round,)), FINANCE),
                {**FULL, "T02": {"status": status, "result": "在办。"}},
                SAVED_AT + timedelta(days=n),
            )
            for n, (a_round, status) in enumerate(
                zip((*book.rounds, book.rounds[-1]), statuses, strict=False)
            )
        ]
        terms = ReadContext(book, AS_OF)
        reads = [read_return(f"{n}.xlsx", f, terms) for n, f in enumerate(files)]
        return [p.code for p in merge_returns(book, reads, AS_OF).problems if p.is_error]

    assert problems("推进中") == ["required-missing"]
    assert problems("推进中", "差不多") == ["choice-unknown"]
    assert problems("推进中", "差不多", "推进中") == ["required-missing"]
    assert problems("长期推进", "差不多") == ["choice-unknown"]


def test_a_deleted_column_is_not_called_missing_in_every_row() -> None:
    """A column that is gone is one problem of the sheet."""

    def change(sheet: Any, columns: Any, rows: Any) -> None:
        sheet.delete_cols(columns["result"])

    data = edit(fill(issued(BOOK, FINANCE), FULL), change)
    read = read_return("a.xlsx", data, ReadContext(BOOK, AS_OF))
    problems = merge_returns(BOOK, [read], AS_OF).problems
    assert [p.code for p in problems] == ["column-missing"]


def test_a_dated_task_called_long_term_is_pointed_out() -> None:
    """长期推进 would hide that its day has passed; before that day it is fine."""
    (found,) = lacking({"T02": {"status": "长期推进", "done_on": None}})
    assert (found.code, found.place.cell) == ("ongoing-past-due", "J7")
    assert found.message == ("任务 2：完成期限 2022-10-31 已过，但完成状态填的是“长期推进”。")
    assert lacking({"T01": {"status": "长期推进", "done_on": None}}) == []
    on_the_day = date(2022, 10, 31)
    assert lacking({"T02": {"status": "长期推进", "done_on": None}}, on_the_day) == []


def test_a_section_that_did_not_return_is_asked_for_nothing() -> None:
    """Silence is on 报送情况, and not on the list of problems row by row."""
    read = read_return("a.xlsx", fill(issued(BOOK, FINANCE), FULL), ReadContext(BOOK, AS_OF))
    ledger = merge_returns(BOOK, [read], AS_OF)
    assert [p for p in ledger.problems if p.section == OFFICE] == []
