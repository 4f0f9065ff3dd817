"""采用哪个: the chosen answer holds until a later statement; what does not hold is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgerbook.intake.file_content import FileContent, RowContent
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model.issued_values import IssuedValues
from ledgerbook.model.office_entries import OfficeNote, name_choice_item
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import Answer, FileReport, FileStatus, Ledger
from tests.merge.test_office_entries import (
    BOOK,
    DOING,
    DONE,
    SAVED_DAY,
    again,
    choose,
    collected,
    entry,
    returned,
    texts,
)
from tests.merge.test_register_entries import BOOK as REGISTER_BOOK
from tests.merge.test_register_entries import ONE, TWO, filled, records, sent
from tests.merge.test_register_entries import collected as collected_entries
from tests.support.books import AS_OF, FINANCE, ISSUED_ON, OFFICE, SAVED_AT

# Workbooks are issued, filled and merged over and over.
pytestmark = pytest.mark.slow

LATER = SAVED_DAY + timedelta(days=2)
FIRST = returned(DOING)
SECOND = returned({"status": "未启动", "result": "办了。"}, day=1)
FILES = {"1": FIRST, "2": SECOND}


def notices(ledger: Ledger) -> list[Problem]:
    return [p for p in ledger.problems if p.code.startswith(("choice-over", "choice-unused"))]


def chosen(note: OfficeNote, files: dict[str, bytes] = FILES, **changes: Any) -> Ledger:
    return collected(files, office_notes=(note,), **changes)


def test_a_choice_that_holds_is_not_told() -> None:
    ledger = chosen(choose("正在办。", LATER))
    assert texts(ledger)["result"] == "正在办。"
    assert notices(ledger) == []


def test_a_choice_that_a_later_statement_has_overtaken_is_told() -> None:
    files = {**FILES, "3": again(FIRST, {"result": "真的办好了。"}, day=4)}
    note = choose("正在办。", LATER)
    (told,) = notices(chosen(note, files))
    assert (told.section, told.task, told.is_error) == (FINANCE, "T01", False)
    assert told.message == (
        f"任务 1（{FINANCE}，{note.code}）的“落实情况”，2022-12-12 在“冲突”里选定的是“正在办。”；"
        "后来“3”又填报了这一栏，现在采用的是“真的办好了。”，原来选定的不再起作用。"
    )


def test_a_choice_is_overtaken_by_a_cell_that_was_cleared() -> None:
    files = {**FILES, "3": again(FIRST, {"result": None}, day=4)}
    (told,) = notices(chosen(choose("正在办。", LATER), files))
    assert told.code == "choice-overtaken"
    assert "后来“3”又填报了这一栏，现在采用的是“（空）”" in told.message


@pytest.mark.parametrize(
    "changes",
    [{"text": "没人说过。"}, {"item": name_choice_item("没有的栏")}, {"code": "T77-ABCDE"}],
)
def test_a_choice_of_no_answer_is_told(changes: dict[str, str]) -> None:
    """No such answer, no such column, no such row."""
    item, code = name_choice_item("落实情况"), choose("", LATER).code
    note = OfficeNote(LATER, **{"code": code, "item": item, "text": "正在办。", **changes})
    (told,) = notices(chosen(note))
    assert told.code == "choice-unused"
    assert note.text in told.message
    assert note.chosen_header in told.message


def test_a_blank_that_is_chosen_holds_until_somebody_answers() -> None:
    """Of an answer that was taken back, 冲突 shows 先填后空."""
    first = returned(DONE)
    files = {"1": first, "2": again(first, {"result": None}, day=1)}
    note = choose("（先填后空）", LATER)
    assert notices(chosen(note, files)) == []
    answered = {**files, "3": again(files["2"], {"result": "又办了。"}, day=4)}
    (told,) = notices(chosen(note, answered))
    assert told.code == "choice-overtaken"


def test_words_of_the_office_itself_may_be_chosen() -> None:
    """A file replaced what was typed in 更正代填; the office insists."""
    repair = entry("result", "办了一半。", SAVED_DAY)
    ledger = chosen(choose("办了一半。", LATER), office_entries=(repair,))
    assert texts(ledger)["result"] == "办了一半。"
    assert notices(ledger) == []


def test_a_row_with_an_unusable_cell_may_be_chosen_from() -> None:
    """The chosen answer holds, and nothing else of its row."""
    files = {"1": returned({**DONE, "status": "基本完成"}), "2": SECOND}
    ledger = chosen(choose("办好了。", LATER), files)
    assert (texts(ledger)["result"], texts(ledger)["status"]) == ("办好了。", "未启动")


def test_an_entry_of_a_task_that_is_gone_is_told() -> None:
    gone = entry("result", "办了一半。", SAVED_DAY)
    tasks = {"tasks": BOOK.tasks[1:], "retired_tasks": BOOK.tasks[:1]}
    ledger = collected({}, office_entries=(gone,), **tasks)
    (told,) = [p for p in ledger.problems if p.code == "office-entry-unused"]
    assert (told.place.sheet, told.place.cell, told.section) == ("更正代填", "F4", FINANCE)
    assert choose("", LATER).code in told.message


def test_of_a_file_and_its_copies_the_one_that_said_it_is_chosen() -> None:
    """A copy shows the answer and says nothing of it: it is not chosen a second time."""
    files = {"1": FIRST, "2": again(FIRST, {"note": "补充。"}, day=1)}
    files["3"] = returned({"status": "推进中", "result": "另有人说。"}, day=2)
    ledger = chosen(choose("正在办。", SAVED_DAY + timedelta(days=3)), files)
    assert texts(ledger)["result"] == "正在办。"
    assert [c.overruled.text for c in ledger.conflicts if c.header == "落实情况"] == ["另有人说。"]


def test_a_chosen_answer_that_another_file_gives_too_is_no_conflict() -> None:
    """Neither with itself, nor counted twice."""
    files = {**FILES, "3": returned({"status": "未启动", "result": "正在办。"}, day=4)}
    ledger = chosen(choose("正在办。", LATER), files)
    assert [c.overruled.text for c in ledger.conflicts if c.header == "落实情况"] == ["办了。"]


# --- random files, some begun from others, and a choice ---

Cells = dict[tuple[str, str], str]
_TEXTS = {"status": ["推进中", "未启动"], "result": ["甲。", "乙。"], "note": ["甲。", "乙。"]}
_CELLS = [(task, column) for task in ("T01", "T02") for column in _TEXTS]


@st.composite
def some_files(draw: st.DrawFn) -> list[FileContent]:
    edits = st.fixed_dictionaries(
        {}, optional={cell: st.sampled_from(["", *_TEXTS[cell[1]]]) for cell in _CELLS}
    )
    issued = {cell: text for cell, text in draw(edits).items() if text and draw(st.booleans())}
    shown: list[Cells] = []
    for _ in range(draw(st.integers(2, 6))):
        origin = draw(st.integers(-1, len(shown) - 1))
        shown.append({**(shown[origin] if origin >= 0 else issued), **draw(edits)})
    return [make_content(number, cells, issued) for number, cells in enumerate(shown)]


def make_content(number: int, cells: Cells, issued: Cells) -> FileContent:
    saved_at = SAVED_AT + timedelta(days=number)
    report = FileReport(f"{number}.xlsx", 1, f"{number}", FileStatus.ACCEPTED, saved_at=saved_at)
    rows = []
    issued_rows: dict[str, dict[str, str]] = {}
    for task in ("T01", "T02"):
        answers = {}
        for column in _TEXTS:
            text = cells.get((task, column))
            if text:
                answers[column] = Answer(text, text, Place(report.name, FINANCE, task + column))
        places = {column: Place(report.name, FINANCE, task + column) for column in _TEXTS}
        rows.append(RowContent(task, FINANCE, "年度", FINANCE, answers, places, {}))
        issued_rows[task] = {c: text for (t, c), text in issued.items() if t == task}
    values = IssuedValues("年度", ISSUED_ON, {(FINANCE, BOOK.task_form.key): issued_rows})
    filled = sum(len(row.answers) for row in rows)
    return FileContent(report, tuple(rows), filled_count=filled, issued=values)


def check_ledger(ledger: Ledger) -> None:
    assert ledger.cell_balance.is_balanced, ledger.cell_balance.equation
    for conflict in ledger.conflicts:
        assert not conflict.accepted or conflict.accepted.text != conflict.overruled.text


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(some_files(), st.data())
def test_whatever_is_chosen_holds_and_every_cell_is_counted_once(
    files: list[FileContent], data: st.DataObject
) -> None:
    day_count = data.draw(st.integers(1, len(files)))
    before = merge_returns(BOOK, files[:day_count], AS_OF)
    check_ledger(before)
    check_ledger(merge_returns(BOOK, files, AS_OF))
    if not before.conflicts:
        return
    conflict = data.draw(st.sampled_from(before.conflicts))
    code, item = conflict.subject.code, name_choice_item(conflict.header)
    day = SAVED_DAY + timedelta(days=day_count - 1)
    book = replace(BOOK, office_notes=(OfficeNote(day, code, item, conflict.overruled.text),))
    after = merge_returns(book, files[:day_count], AS_OF)
    check_ledger(after)
    row = next(row for row in after.assignment_results if row.code == code)
    column = next(c for c in BOOK.task_form.answer_columns if c.header == conflict.header)
    assert row.answers[column.key].text == conflict.overruled.text
    assert notices(after) == []
    # Whatever comes later.
    check_ledger(merge_returns(book, files, AS_OF))


# --- registers ---


def test_the_office_chooses_among_contradictory_answers_of_an_entry() -> None:
    """Those of two files of which the later did not begin from the earlier."""
    one = filled(sent(), [ONE, TWO])
    two = filled(sent(), [{**ONE, "extended": "是"}], SAVED_AT + timedelta(days=1))
    (conflict,) = collected_entries(one, two).conflicts
    assert conflict.subject.code == f"requests·{OFFICE}·1号"
    assert (conflict.header, conflict.overruled.text) == ("是否延期", "否")
    note = OfficeNote(LATER, conflict.subject.code, name_choice_item("是否延期"), "否")
    ledger = collected_entries(one, two, book=replace(REGISTER_BOOK, office_notes=(note,)))
    extended = {r["number"]: r.get("extended") for r in records(ledger)}
    assert extended == {"1号": "否", "2号": None}
    assert [c.overruled.text for c in ledger.conflicts] == ["是"]
    assert notices(ledger) == []
    unknown = replace(note, text="不知道")
    book = replace(REGISTER_BOOK, office_notes=(unknown,))
    (told,) = notices(collected_entries(one, two, book=book))
    assert told.message.startswith(f"申请台账“1号”（{OFFICE}）的“是否延期”，2022-12-12 在")
