"""Two sheets of one form in one file: one is taken whole, what the other has is told."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
from openpyxl import load_workbook

from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.model.results import Ledger
from tests.support.books import FINANCE, SAVED_AT, columns_of, rows_of
from tests.support.returns import answers, codes, collected, sent

COUNTS = {"status": "推进中", "result": "要的"}
OTHER = {"status": "已完成", "done_on": "2022-09-01", "result": "旧稿", "note": "旧的备注"}
Cells = Mapping[str, Mapping[str, str]]


def collect_copies(
    counting: Cells, other: Cells, name: str, *, hidden: bool = False, first: bool = False
) -> Ledger:
    """Collect a file with the sheet as issued and a copy of it under ``name``."""
    workbook = load_workbook(io.BytesIO(sent(FINANCE)))
    issued_sheet = workbook[FINANCE]
    copied = workbook.copy_worksheet(issued_sheet)
    copied.title = name
    copied.sheet_state = "hidden" if hidden else "visible"
    for sheet, said in ((issued_sheet, counting), (copied, other)):
        rows, columns = rows_of(sheet), columns_of(sheet)
        for task, cells in said.items():
            for key, value in cells.items():
                sheet.cell(rows[task], columns[key]).value = value
    if first:
        workbook.move_sheet(copied, -len(workbook.sheetnames))
    ledger = collected(serialize_workbook(workbook, SAVED_AT))
    assert ledger.cell_balance.is_balanced, ledger.cell_balance
    return ledger


@pytest.mark.parametrize("said", [COUNTS, {"next_step": "要的"}], ids=["otherwise", "elsewhere"])
@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize(
    ("name", "hidden"),
    [("旧稿", True), (f"{FINANCE} (2)", False), (f"{FINANCE}_2", False), (f"{FINANCE}(2)", False)],
)
def test_no_row_is_mixed_of_two_sheets(
    name: str, hidden: bool, first: bool, said: Mapping[str, str]
) -> None:
    """However little the two have in common, and wherever the copy's tab stands."""
    ledger = collect_copies({"T01": said}, {"T01": OTHER}, name, hidden=hidden, first=first)
    assert answers(ledger) == {FINANCE: {"T01": said}}
    assert "sheet-repeated" in codes(ledger)
    told = [one.overruled.text for one in ledger.conflicts]
    told += [one.answer.text for one in ledger.earlier_answers]
    assert sorted(told) == sorted(OTHER.values())


def test_a_row_that_the_copy_alone_has_is_told_and_not_taken() -> None:
    ledger = collect_copies({"T01": COUNTS}, {"T02": OTHER}, f"{FINANCE} (2)")
    assert answers(ledger) == {FINANCE: {"T01": COUNTS}}
    assert {one.overruled.text for one in ledger.conflicts} == set(OTHER.values())


@pytest.mark.parametrize("hidden", [False, True])
def test_a_filled_copy_counts_where_the_issued_sheet_is_blank(hidden: bool) -> None:
    ledger = collect_copies({}, {"T01": COUNTS}, f"{FINANCE} (2)", hidden=hidden)
    assert answers(ledger) == {FINANCE: {"T01": COUNTS}}
    assert ledger.conflicts == ()
    assert ("hidden-answers" in codes(ledger)) is hidden
