"""What the office says in its book holds as the rules of time say: 收件登记, 更正代填, 采用哪个."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from ledgerbook import identity
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.merge.open_matters import list_open_matters
from ledgerbook.model import Book, Round
from ledgerbook.model.office_entries import FileRegistration, OfficeEntry, OfficeNote
from ledgerbook.model.problems import Place
from ledgerbook.model.results import FileStatus, Ledger
from ledgerbook.summary import write_summary
from tests.support.books import AS_OF, FINANCE, SAVED_AT, fill, issued, make_book

# Workbooks are issued, filled and merged over and over.
pytestmark = pytest.mark.slow

ROUNDS = (Round("第一季度", date(2022, 3, 31)), Round("年度", date(2022, 12, 15)))
BOOK = make_book(rounds=ROUNDS)
DOING = {"status": "推进中", "result": "正在办。"}
DONE = {"status": "已完成", "done_on": date(2022, 9, 30), "result": "办好了。"}
SAVED_DAY = SAVED_AT.date()


def returned(answers: Mapping[str, Any], *, a_round: int = 1, day: int = 0) -> bytes:
    book = replace(BOOK, rounds=(ROUNDS[a_round],))
    return fill(issued(book, FINANCE), {"T01": answers}, SAVED_AT + timedelta(days=day))


def again(data: bytes, answers: Mapping[str, Any], day: int) -> bytes:
    """Return a file edited from another one."""
    return fill(data, {"T01": answers}, SAVED_AT + timedelta(days=day))


def collected(files: Mapping[str, bytes], **changes: Any) -> Ledger:
    book = replace(BOOK, **changes)
    reads = [read_return(name, data, ReadContext(book, AS_OF)) for name, data in files.items()]
    ledger = merge_returns(book, reads, AS_OF)
    assert ledger.cell_balance.is_balanced, ledger.cell_balance.equation
    return ledger


def texts(ledger: Ledger) -> dict[str, str]:
    row = next(r for r in ledger.assignment_results if (r.section, r.task.code) == (FINANCE, "T01"))
    return {key: answer.text for key, answer in row.answers.items()}


def entry(column: str, value: Any, day: date, round_: str = "年度") -> OfficeEntry:
    place = Place("台账", "更正代填", "F4")
    return OfficeEntry(
        FINANCE, round_, "tasks", "T01", column, value, "电话，李四报", day, "王五", place
    )


# --- 更正代填 ---


def test_a_telephone_answer_counts_without_any_file() -> None:
    ledger = collected({}, office_entries=(entry("status", "推进中", SAVED_DAY),))
    assert texts(ledger) == {"status": "推进中"}
    row = next(r for r in ledger.assignment_results if r.answers)
    assert row.answers["status"].place == Place(
        "台账（代填：电话，李四报；王五）", "更正代填", "F4"
    )
    assert ledger.cell_balance.office == 1


def test_a_repair_holds_over_what_was_saved_until_its_evening() -> None:
    """What it replaces is told as a change; the rest of the row stays."""
    ledger = collected(
        {"1": returned(DOING)}, office_entries=(entry("result", "办了一半。", SAVED_DAY),)
    )
    assert texts(ledger) == {"status": "推进中", "result": "办了一半。"}
    (told,) = ledger.earlier_answers
    assert told.answer.text == "正在办。"
    assert told.current_answer
    assert told.current_answer.place.file == "台账（更正：电话，李四报；王五）"


def test_a_telephone_answer_of_a_later_round_is_no_repair() -> None:
    """What the section said in spring was right; in the round of the call it said nothing."""
    ledger = collected(
        {"1": returned(DOING, a_round=0)}, office_entries=(entry("status", "已完成", SAVED_DAY),)
    )
    row = next(r for r in ledger.assignment_results if r.answers)
    assert row.answers["status"].place.file == "台账（代填：电话，李四报；王五）"


def test_a_later_file_made_of_the_earlier_one_does_not_undo_a_repair() -> None:
    """It leaves the cell as it was; what it says anew replaces the office's words, told."""
    first = returned(DOING)
    repair = entry("result", "办了一半。", SAVED_DAY + timedelta(days=1))
    silent = again(first, {"note": "补充。"}, day=2)
    kept = collected({"1": first, "2": silent}, office_entries=(repair,))
    assert texts(kept) == {"status": "推进中", "result": "办了一半。", "note": "补充。"}
    spoken = again(first, {"result": "全办好了。"}, day=2)
    replaced = collected({"1": first, "2": spoken}, office_entries=(repair,))
    assert texts(replaced)["result"] == "全办好了。"
    assert [c.overruled.text for c in replaced.conflicts] == ["办了一半。"]


def test_a_conflict_of_an_earlier_round_is_overtaken_by_the_next() -> None:
    """It shows the two that contradicted each other, and leaves nothing to choose."""
    files = {
        "1": returned(DOING, a_round=0),
        "2": returned({"status": "未启动", "result": "补报内容。"}, a_round=0, day=1),
        "3": returned(DONE, day=30),
    }
    ledger = collected(files)
    assert texts(ledger)["result"] == "办好了。"
    (conflict,) = [c for c in ledger.conflicts if c.header == "落实情况"]
    assert (conflict.overruled.text, conflict.accepted and conflict.accepted.text) == (
        "正在办。",
        "补报内容。",
    )
    assert (conflict.round, conflict.later_round) == ("第一季度", "年度")
    assert not list_open_matters(ledger, AS_OF).conflicts
    sheet = load_workbook(io.BytesIO(write_summary(ledger)))["冲突"]
    shown = [str(cell.value) for line in sheet.iter_rows() for cell in line if cell.value]
    assert "后来另报" in shown
    assert not sheet.data_validations.dataValidation


def test_an_entry_of_an_earlier_day_yields_to_a_later_file() -> None:
    early = entry("result", "办了一半。", SAVED_DAY - timedelta(days=1))
    assert texts(collected({"1": returned(DOING)}, office_entries=(early,))) == {
        "status": "推进中",
        "result": "正在办。",
    }


def test_the_office_clears_a_cell() -> None:
    ledger = collected({"1": returned(DONE)}, office_entries=(entry("done_on", None, SAVED_DAY),))
    assert texts(ledger) == {"status": "已完成", "result": "办好了。"}
    # It knows what it clears: there is nothing to choose from.
    assert ledger.conflicts == ()
    (told,) = ledger.earlier_answers
    assert (told.answer.text, told.current_answer) == ("2022-09-30", None)
    sheet = load_workbook(io.BytesIO(write_summary(ledger)))["历次填报"]
    shown = [cell.value for line in sheet.iter_rows() for cell in line]
    assert "【年度】（空）由台账（更正：电话，李四报；王五）清空" in shown


def test_the_office_clears_what_cannot_be_read() -> None:
    files = {"1": returned({**DOING, "done_on": "三月"})}
    assert any(p.is_error for p in collected(files).problems if p.code == "date-unclear")
    ledger = collected(files, office_entries=(entry("done_on", None, SAVED_DAY),))
    (problem,) = [p for p in ledger.problems if p.code == "date-unclear"]
    assert not problem.is_error


def test_a_cell_required_by_an_answer_of_the_office_names_the_book() -> None:
    """In the file that is named stands another status."""
    silent = {"status": "未启动", "result": None, "reason": "等批复"}
    ledger = collected(
        {"1": returned(silent)}, office_entries=(entry("status", "推进中", SAVED_DAY),)
    )
    found = [p for p in ledger.problems if p.code == "required-missing"]
    assert [(p.place.file, p.place.cell, p.values["gaps"]) for p in found if p.task == "T01"] == [
        (
            "1",
            "L6",
            "“完成状态”填了“推进中”（台账（更正：电话，李四报；王五），工作表“更正代填”，F4），"
            "“落实情况”是必填项",
        )
    ]


def test_the_same_words_again_are_counted_as_repeated() -> None:
    ledger = collected(
        {"1": returned(DOING)}, office_entries=(entry("status", "推进中", SAVED_DAY),)
    )
    assert texts(ledger) == {"status": "推进中", "result": "正在办。"}


def test_a_spoilt_cell_that_the_office_repairs_is_settled() -> None:
    files = {"1": returned({**DOING, "status": "基本完成"})}
    assert any(p.is_error for p in collected(files).problems if p.code == "choice-unknown")
    ledger = collected(files, office_entries=(entry("status", "推进中", SAVED_DAY),))
    (problem,) = [p for p in ledger.problems if p.code == "choice-unknown"]
    assert not problem.is_error


def test_a_prefilled_row_keeps_its_other_cells() -> None:
    """The office answers one cell of a row that came back untouched (沿用)."""
    given = {(FINANCE, "tasks"): {"T01": DOING}}
    day = date(2022, 11, 1)
    sent = build_section_workbook(BOOK, ROUNDS[1], [FINANCE], day, prefilled=given)
    file = fill(sent, {"T02": DOING})
    ledger = collected({"1": file}, office_entries=(entry("status", "已完成", SAVED_DAY),))
    assert texts(ledger) == {"status": "已完成", "result": "正在办。"}


# --- 收件登记 ---


def test_a_file_that_is_left_out_gives_nothing_and_is_listed() -> None:
    line = FileRegistration("2", is_left_out=True, note="重复")
    ledger = collected({"1": returned(DOING), "2": returned(DONE, day=1)}, registrations=(line,))
    assert texts(ledger)["status"] == "推进中"
    report = next(r for r in ledger.file_reports if r.name == "2")
    assert (report.status, report.cell_count) == (FileStatus.LEFT_OUT, 0)
    assert report.note == "综合科在台账“收件登记”里写明不采用：重复"


def test_the_day_of_receipt_replaces_the_time_of_saving() -> None:
    """In the order of the files, and in whether a section was late."""
    files = {"1": returned(DOING), "2": returned(DONE, day=1)}
    assert texts(collected(files))["status"] == "已完成"
    swapped = (FileRegistration("1", received_on=SAVED_DAY + timedelta(days=3)),)
    assert texts(collected(files, registrations=swapped))["status"] == "推进中"
    late = {"1": returned(DOING, day=8)}

    def is_late(ledger: Ledger) -> bool:
        return next(r.is_late for r in ledger.section_reports if r.section == FINANCE)

    assert is_late(collected(late))
    in_time = (FileRegistration("1", received_on=date(2022, 12, 14)),)
    assert not is_late(collected(late, registrations=in_time))


def test_a_file_is_taken_as_that_of_another_round() -> None:
    """Found by its digest; it is still compared with what it was issued with."""
    files = {"1": returned(DONE), "2": returned(DOING, a_round=0, day=5)}
    assert texts(collected(files))["status"] == "已完成"
    digest = next(r.sha256 for r in collected(files).file_reports if r.name == "2")[:8]
    line = FileRegistration("", digest, round="年度")
    ledger = collected(files, registrations=(line,))
    assert texts(ledger)["status"] == "推进中"
    assert {r.round for r in ledger.file_reports} == {"年度"}


def test_a_registration_of_no_file_is_told() -> None:
    line = FileRegistration("没有.xlsx", round="年度", place=Place("台账", "收件登记", "A4"))
    ledger = collected({"1": returned(DOING)}, registrations=(line,))
    (problem,) = [p for p in ledger.problems if p.code == "registration-unused"]
    assert (problem.place.cell, problem.is_error) == ("A4", False)


def list_problems(ledger: Ledger, *codes: str) -> list[tuple[str, str, str]]:
    return [(p.code, p.place.cell, p.message) for p in ledger.problems if p.code in codes]


def test_a_day_of_receipt_that_is_still_to_come_decides_nothing() -> None:
    line = FileRegistration("1", received_on=AS_OF + timedelta(days=1), place=Place("", "", "A4"))
    files = {"1": returned(DOING), "2": returned(DONE, day=1)}
    ledger = collected(files, registrations=(line,))
    assert texts(ledger) == texts(collected(files))
    ((_, cell, message),) = list_problems(ledger, "registration-later")
    assert (cell, "“1”的收到日期 2022-12-21 晚于汇总日期 2022-12-20" in message) == ("A4", True)
    assert not list_problems(collected(files, registrations=()), "registration-later")


def test_of_two_lines_about_one_file_the_last_holds_and_both_are_named() -> None:
    """Unless they say the same, or each something of its own."""
    files = {"1": returned(DOING), "2": returned(DONE, day=1)}

    def register(**second: Any) -> Ledger:
        first = FileRegistration("1", received_on=SAVED_DAY, place=Place("台账", "收件登记", "A4"))
        last = FileRegistration("1", place=Place("台账", "收件登记", "A5"), **second)
        return collected(files, registrations=(first, last))

    ledger = register(received_on=SAVED_DAY + timedelta(days=3))
    assert texts(ledger)["status"] == "推进中"
    ((_, cells, message),) = list_problems(ledger, "registration-repeated")
    assert (cells, "（A4、A5）" in message, "（A5）为准" in message) == ("A4、A5", True, True)
    left_out = register(is_left_out=True)
    assert len(list_problems(left_out, "registration-repeated")) == 1
    assert next(r.status for r in left_out.file_reports) is FileStatus.LEFT_OUT
    for same in ({"received_on": SAVED_DAY}, {"round": "年度"}):
        assert not list_problems(register(**same), "registration-repeated")


# --- what the office wrote later, or nobody understands ---


def test_words_of_a_later_day_do_not_count_yet() -> None:
    """更正代填 and 办理记录 alike, told once; on their day they count."""
    today, tomorrow = AS_OF, AS_OF + timedelta(days=1)
    files = {"1": returned(DOING), "2": returned({"status": "未启动", "result": "办了。"}, day=1)}

    def collect_words(day: date) -> Ledger:
        return collected(
            files,
            office_entries=(entry("note", "补一句。", day),),
            office_notes=(choose("正在办。", day), replace(choose("好", day), item="审核意见")),
        )

    assert texts(collect_words(today)).items() >= {"note": "补一句。", "result": "正在办。"}.items()
    assert not list_problems(collect_words(today), "office-words-later")
    ledger = collect_words(tomorrow)
    assert texts(ledger) == texts(collected(files))
    assert ledger.book.map_office_notes() == {}
    ((_, _, message),) = list_problems(ledger, "office-words-later")
    assert message == (
        "台账里有 3 行（“更正代填” 1 行，“办理记录” 2 行）"
        "是汇总日期 2022-12-20 以后写的，这次没有算。"
    )


def test_a_note_with_an_unknown_item_is_told() -> None:
    place = Place("台账", "办理记录", "C5")
    unknown = replace(choose("x", SAVED_DAY), item="采用什么", place=place)
    ledger = collected({"1": returned(DOING)}, office_notes=(choose("正在办。", AS_OF), unknown))
    ((_, cell, message),) = list_problems(ledger, "note-item-unknown")
    assert (cell, "“采用什么”" in message) == ("C5", True)


# --- 采用哪个 ---


def choose(text: str, day: date, book: Book = BOOK) -> OfficeNote:
    code = identity.make_row_code(book, book.tasks[0], FINANCE)
    return OfficeNote(day, code, "采用哪个：落实情况", text)


def test_the_office_chooses_among_contradictory_answers() -> None:
    """The other one is on 冲突 then; a later statement overtakes the choice."""
    first, second = returned(DOING), returned({"status": "未启动", "result": "办了。"}, day=1)
    files = {"1": first, "2": second}
    assert texts(collected(files))["result"] == "办了。"
    note = choose("正在办。", SAVED_DAY + timedelta(days=2))
    ledger = collected(files, office_notes=(note,))
    assert texts(ledger)["result"] == "正在办。"
    assert [(c.header, c.accepted_file, c.overruled.text) for c in ledger.conflicts] == [
        ("完成状态", "2", "推进中"),
        ("落实情况", "1", "办了。"),
    ]
    later = {**files, "3": again(first, {"result": "真的办好了。"}, day=4)}
    overtaken = collected(later, office_notes=(note,))
    assert texts(overtaken)["result"] == "真的办好了。"
