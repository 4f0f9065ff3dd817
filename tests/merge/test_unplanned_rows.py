"""Rows that a section adds to its table are work beyond the plan: told, kept and counted."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook.merge.personal_data import omit_personal_data
from ledgerbook.model.results import Ledger
from ledgerbook.summary.workbook import UNPLANNED_SHEET, write_summary
from tests.support.books import FINANCE, SAVED_AT, edit
from tests.support.returns import answered, answers, codes, collected

Rows = Mapping[int, Mapping[str, str]]


def add_rows(rows: Rows, day: int = 0) -> bytes:
    """Return a return with ``rows`` below its table: distance from the last row → texts by key."""

    def change(sheet: Worksheet, columns: Mapping[str, int], code_rows: Mapping[str, int]) -> None:
        for distance, texts in rows.items():
            for key, text in texts.items():
                sheet.cell(max(code_rows.values()) + distance, columns[key]).value = text

    return edit(answered(FINANCE), change, SAVED_AT + timedelta(days=day))


OWN = {"measure": "接待来访", "status": "已完成", "result": "接待 12 人次", "person": "王五"}
NEXT = {"requirement": "另外的工作", "result": "报送信息 3 条"}


def collect_own(*files: bytes) -> Ledger:
    ledger = collected(*files)
    assert ledger.cell_balance.is_balanced
    assert answers(ledger) == answers(collected(answered(FINANCE)))
    return ledger


def test_rows_beyond_the_plan_are_told_once_and_kept() -> None:
    """Their cells are counted, as neither answers nor rejected ones."""
    ledger = collect_own(add_rows({1: OWN, 2: NEXT}))
    assert [dict(row.texts) for row in ledger.unplanned_rows] == [OWN, NEXT]
    assert {(row.section, row.round) for row in ledger.unplanned_rows} == {(FINANCE, "年度")}
    (problem,) = [p for p in ledger.problems if p.code == "row-unplanned"]
    assert not problem.is_error
    assert problem.values["count"] == "2"
    balance = ledger.cell_balance
    assert (balance.unplanned, balance.rejected) == (len(OWN) + len(NEXT), 0)
    assert "列入计划外工作 6 个" in balance.equation


def test_they_have_a_sheet_of_their_own() -> None:
    """With all that is in them, and where they stand."""
    ledger = collect_own(add_rows({1: OWN, 2: NEXT}))
    sheet = load_workbook(io.BytesIO(write_summary(ledger)))[UNPLANNED_SHEET]
    lines = [[str(value) for value in row if value] for row in sheet.values]
    (line,) = [line for line in lines if "接待来访" in line]
    assert {FINANCE, *OWN.values()} <= set(line)
    assert any("另外的工作" in line and "报送信息 3 条" in line for line in lines)
    plain = load_workbook(io.BytesIO(write_summary(collected(answered(FINANCE)))))
    assert UNPLANNED_SHEET not in plain.sheetnames


def test_the_same_row_in_two_files_is_kept_once() -> None:
    """One that has changed stands as each file has it."""
    changed = {**OWN, "result": "接待 15 人次"}
    ledger = collect_own(add_rows({1: OWN}), add_rows({1: OWN, 2: changed}, day=1))
    assert [row.texts["result"] for row in ledger.unplanned_rows] == [
        OWN["result"],
        changed["result"],
    ]
    assert {row.place.file for row in ledger.unplanned_rows} == {"2.xlsx"}


def test_a_copied_row_with_a_text_of_its_own_is_work_beyond_the_plan() -> None:
    """The row that it was copied from keeps its answers."""

    def change(sheet: Worksheet, columns: Mapping[str, int], code_rows: Mapping[str, int]) -> None:
        for column in columns.values():
            value = sheet.cell(code_rows["T01"], column).value
            is_formula = str(value).startswith("=")
            sheet.cell(max(code_rows.values()) + 1, column).value = None if is_formula else value
        for key, text in OWN.items():
            sheet.cell(max(code_rows.values()) + 1, columns[key]).value = text

    ledger = collect_own(edit(answered(FINANCE), change, SAVED_AT))
    (row,) = ledger.unplanned_rows
    assert dict(row.texts).items() >= OWN.items()
    assert codes(ledger) == ["row-unplanned"]


@pytest.mark.parametrize(
    "texts",
    [{"measure": "以上情况属实。"}, {"result": "落实情况写在这里"}, {"note": "联系人王五"}],
)
def test_a_note_below_the_table_is_no_work(texts: Mapping[str, str]) -> None:
    """It must be looked at, as before."""
    ledger = collect_own(add_rows({2: texts}))
    assert ledger.unplanned_rows == ()
    assert codes(ledger) == ["stray"]


def test_a_wrong_code_is_no_work_beyond_the_plan() -> None:
    """The row may be one of the plan."""
    ledger = collect_own(add_rows({1: {**OWN, "row_code": "T99-ABCDE"}}))
    assert (ledger.unplanned_rows, codes(ledger)) == ((), ["row-unknown"])


def test_personal_data_in_them_is_omitted() -> None:
    """As everywhere in the summary that is circulated."""
    own = {**OWN, "phone": "13800000000"}
    ledger = omit_personal_data(collect_own(add_rows({1: own})))
    assert "13800000000" not in str(ledger.unplanned_rows)
    assert ledger.omitted
    assert ledger.omitted.unplanned == 1
