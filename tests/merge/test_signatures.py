"""A row that was signed (审签) and changed afterwards is named; one that was signed anew is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book
from ledgerbook.model.form_columns import SIGNATURE_KEYS
from ledgerbook.model.office_entries import OfficeEntry
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import Ledger
from tests.support.books import AS_OF, FINANCE, SAVED_AT, fill, issued, make_book

# Workbooks are issued, filled and merged over and over.
pytestmark = pytest.mark.slow

BOOK = make_book()
DOING = {"status": "推进中", "result": "正在办。", "person": "张三", "phone": "0760-88000000"}
SIGNED_DAY, SIGNED_AGAIN = date(2022, 12, 1), date(2022, 12, 5)
SIGNED = {"signer": "李四", "signed_on": SIGNED_DAY}


def edited(
    data: bytes, answers: Mapping[str, Any], day: int = 0, task: str = "T01"
) -> tuple[str, bytes]:
    """Return name and contents of a file, edited from another and saved ``day`` days later."""
    return f"{day}.xlsx", fill(data, {task: answers}, SAVED_AT + timedelta(days=day))


def collected(*files: tuple[str, bytes], book: Book = BOOK) -> Ledger:
    reads = [read_return(name, data, ReadContext(book, AS_OF)) for name, data in files]
    ledger = merge_returns(book, reads, AS_OF)
    assert ledger.cell_balance.is_balanced, ledger.cell_balance.equation
    return ledger


def make_entry(column: str, value: str, day: date) -> OfficeEntry:
    place = Place("台账", "更正代填", "F4")
    return OfficeEntry(FINANCE, "年度", "tasks", "T01", column, value, "电话", day, "赵六", place)


def list_named(ledger: Ledger) -> list[Problem]:
    return [problem for problem in ledger.problems if problem.code == "signed-changed"]


@pytest.fixture(scope="module")
def signed() -> tuple[str, bytes]:
    """Give a return whose first task is answered and signed."""
    return edited(issued(BOOK, FINANCE), DOING | SIGNED)


def test_a_row_changed_after_it_was_signed_is_named(signed: tuple[str, bytes]) -> None:
    (problem,) = list_named(collected(signed, edited(signed[1], {"result": "又改了。"}, 1)))
    assert (problem.task, problem.section, problem.is_error) == ("T01", FINANCE, False)
    assert problem.place.file == "1.xlsx"
    assert problem.message == (
        "任务 1 由李四审签（2022-12-01）以后，“落实情况”又有改动，“审签人”、“审签日期”没有重新填"
        "（审签后改动）。"
    )


@pytest.mark.parametrize(
    "changes",
    [{"evidence": "会议纪要"}, {"result": None}, {"status": "已完成", "done_on": SIGNED_DAY}],
    ids=["filled", "cleared", "changed"],
)
def test_filling_and_clearing_a_cell_are_changes(
    signed: tuple[str, bytes], changes: dict[str, Any]
) -> None:
    (problem,) = list_named(collected(signed, edited(signed[1], changes, 1)))
    header = BOOK.task_form.get_column(next(iter(changes))).header
    assert f"“{header}”" in problem.values["columns"]
    assert problem.place.cell


@pytest.mark.parametrize("again", [{"signer": "王五"}, {"signed_on": SIGNED_AGAIN}])
@pytest.mark.parametrize("day", [1, 2], ids=["with the change", "in a later file"])
def test_a_row_that_is_signed_anew_is_not_named(
    signed: tuple[str, bytes], again: dict[str, Any], day: int
) -> None:
    change = {"result": "又改了。"}
    changed = edited(signed[1], change | again if day == 1 else change, 1)
    files = [signed, changed]
    if day == 2:
        files.append(edited(changed[1], again, 2))
    assert list_named(collected(*files)) == []


def test_a_row_is_not_named_that_nobody_changed_or_that_is_as_it_was(
    signed: tuple[str, bytes],
) -> None:
    other_task = edited(signed[1], DOING, 1, "T02")
    assert list_named(collected(signed, other_task)) == []
    changed = edited(signed[1], {"result": "又改了。"}, 1)
    day = (SAVED_AT + timedelta(days=2)).date()
    back = make_entry("result", "正在办。", day)
    book = replace(BOOK, office_entries=(back,))
    assert list_named(collected(signed, changed, book=book)) == []
    taken_back = edited(changed[1], dict.fromkeys(SIGNATURE_KEYS), 2)
    assert list_named(collected(signed, changed, taken_back)) == []


def test_a_change_by_the_office_counts_like_one_of_the_section(
    signed: tuple[str, bytes],
) -> None:
    day = (SAVED_AT + timedelta(days=1)).date()
    entry = make_entry("result", "办好了。", day)
    (problem,) = list_named(collected(signed, book=replace(BOOK, office_entries=(entry,))))
    assert problem.place.file == "台账（更正：电话；赵六）"
    signature = replace(entry, column="signed_on", value=SIGNED_AGAIN)
    book = replace(BOOK, office_entries=(entry, signature))
    assert list_named(collected(signed, book=book)) == []


def test_what_is_half_signed_is_named_in_whole_words(signed: tuple[str, bytes]) -> None:
    nameless = edited(signed[1], {"signer": None}, 1)
    (problem,) = list_named(collected(nameless, edited(nameless[1], {"note": "补充。"}, 2)))
    assert "由科室负责人审签（2022-12-01）以后" in problem.message
    undated = edited(signed[1], {"signed_on": None}, 1)
    (problem,) = list_named(collected(undated, edited(undated[1], {"note": "补充。"}, 2)))
    assert "由李四审签（没有填日期）以后" in problem.message


def test_a_form_without_the_two_columns_works_as_before() -> None:
    columns = tuple(c for c in BOOK.task_form.columns if c.key not in SIGNATURE_KEYS)
    old_form = replace(BOOK.task_form, columns=columns)
    old_book = replace(BOOK, forms=(old_form,))
    first = edited(issued(old_book, FINANCE), DOING)
    second = edited(first[1], {"result": "又改了。"}, 1)
    ledger = collected(first, second, book=old_book)
    (row,) = [row for row in ledger.assignment_results if row.answers]
    assert row.get_text("result") == "又改了。"
    assert [p.code for p in ledger.problems if p.task == "T01"] == []
    # The office adds the columns to 字段 later: the old returns are still read.
    new_book = replace(BOOK, issued_forms=(old_form, BOOK.task_form))
    signed = edited(issued(new_book, FINANCE), DOING | SIGNED, 2)
    assert list_named(collected(first, second, signed, book=new_book)) == []
