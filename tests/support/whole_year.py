"""Collect returns of which each list of the summary has a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache

from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book, Round
from ledgerbook.model.results import Ledger
from tests.support.books import DONE, FINANCE, ISSUED_ON, OFFICE, edit, fill
from tests.support.register_returns import APPLICATIONS, fill_registers, make_register_book
from tests.support.sheet_attachments import attach

ROUNDS = (Round("上半年", date(2022, 6, 30)), Round("年度", date(2022, 12, 15)))
LAST_DAY = date(2022, 12, 20)
APPLICATION = {
    "number": "2022-1",
    "applicant": "王某",
    "applicant_type": "自然人",
    "received_on": date(2022, 11, 1),
    "carried_over": "否",
    "content": "某项目的资料",
}


def _issue(book: Book, section: str, round_number: int) -> bytes:
    return build_section_workbook(book, book.rounds[round_number], [section], ISSUED_ON)


def _add_row(sheet: Worksheet, columns: Mapping[str, int], rows: Mapping[str, int]) -> None:
    for key, text in {"measure": "接待来访", "status": "已完成", "result": "接待 12 人"}.items():
        sheet.cell(max(rows.values()) + 1, columns[key]).value = text


@cache
def make_whole_year() -> Ledger:
    """Two rounds, contradictory files, a note, a row beyond the plan, a register, a bad file."""
    book = replace(make_register_book(2022), rounds=ROUNDS)
    office = {**DONE, "phone": "0760-88310001", "note": "@备注"}
    finance = _issue(book, FINANCE, 1)
    files = {
        "上半年.xlsx": fill(_issue(book, FINANCE, 0), {"T01": {"status": "推进中"}}),
        "年度.xlsx": attach(
            edit(fill(finance, {"T01": {**DONE, "reason": "@SUM(1)"}}), _add_row),
            notes={"M6": "请看附件。"},
        ),
        "综合科.xlsx": fill(_issue(book, OFFICE, 1), {"T01": office}),
        "综合科2.xlsx": fill(
            _issue(book, OFFICE, 1), {"T01": {"status": "推进中", "result": "另一种说法。"}}
        ),
        "登记簿.xlsx": fill_registers(book, {APPLICATIONS: [APPLICATION]}),
        "坏.xlsx": b"",
    }
    context = ReadContext(book, LAST_DAY)
    contents = [read_return(name, data, context) for name, data in files.items()]
    return merge_returns(book, contents, LAST_DAY)
