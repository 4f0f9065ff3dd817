"""Limits on issued registers, in what comes back, and in what is told of it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from factory import AS_OF, ISSUED_ON, OFFICE, SAVED_AT, columns_of
from ledgerbook import marks
from ledgerbook.forms import factory_forms
from ledgerbook.issue import section_workbook
from ledgerbook.issue.canvas import FIRST_ROW
from ledgerbook.ledger import Ledger
from ledgerbook.merge import merge
from ledgerbook.model import Form
from ledgerbook.receive import Terms, read_return
from ledgerbook.report import as_dict, sentences
from ledgerbook.summary import write_summary
from ledgerbook.timeless import to_bytes
from ledgerbook.workdays import calendar
from test_factory_registers import keeping

APPLICATIONS = next(form for form in factory_forms() if form.key == "applications")
MEETINGS = next(form for form in factory_forms() if form.key == "meetings")
BOOK = keeping(APPLICATIONS)
WHOLE = {
    "number": "1号",
    "received_on": date(2022, 3, 1),
    "carried_over": "否",
    "applicant": "张某",
    "applicant_type": "自然人",
    "content": "某文件",
}
IN_TIME = {**WHOLE, "number": "2号", "replied_on": date(2022, 3, 29)}
TOO_LATE = {**WHOLE, "number": "3号", "replied_on": date(2022, 3, 30)}
PAUSED = {**WHOLE, "number": "4号", "asked_on": date(2022, 3, 7)}
BEYOND = {**WHOLE, "number": "5号", "received_on": date(2010, 3, 1)}
ENTRIES = [WHOLE, IN_TIME, TOO_LATE, PAUSED, BEYOND]


def sent(form: Form = APPLICATIONS, *entries: dict[str, Any]) -> bytes:
    book = keeping(form)
    given = {(OFFICE, form.key): {str(n): one for n, one in enumerate(entries)}}
    return section_workbook(book, book.rounds[0], [OFFICE], ISSUED_ON, given=given)


def column(data: bytes, key: str, *, values: bool) -> list[Any]:
    sheet = load_workbook(io.BytesIO(data), data_only=values)[APPLICATIONS.title]
    at = columns_of(sheet)[key]
    rows = range(FIRST_ROW + 1, FIRST_ROW + 1 + len(ENTRIES) + 1)
    return [sheet.cell(row, at).value for row in rows]


def test_an_issued_sheet_computes_and_shows_limits() -> None:
    """Each row by formula, with what it comes to; a blank row shows nothing."""
    data = sent(APPLICATIONS, *ENTRIES)
    assert column(data, "reply_by", values=True) == [
        *[datetime(2022, 3, 29)] * 3,  # noqa: DTZ001
        "暂停计时",
        "无法计算",
        None,
    ]
    shown = [str(value or "") for value in column(data, "alert", values=True)]
    assert shown == ["逾期", "按期", "超期", "", "", ""]
    assert all(
        str(formula).startswith("=IF(ISNUMBER(")
        for key in ("reply_by", "alert")
        for formula in column(data, key, values=False)
    )


def test_the_working_days_stand_on_a_hidden_sheet() -> None:
    """Only where a limit needs them."""
    workbook = load_workbook(io.BytesIO(sent()))
    sheet = workbook[marks.WORKDAY_SHEET]
    assert sheet.sheet_state == "hidden"
    days = tuple(cell.value.date() for (cell,) in sheet.iter_rows())
    assert days == calendar(2022)
    assert (
        marks.WORKDAY_SHEET not in load_workbook(io.BytesIO(sent(MEETINGS))).sheetnames
    )


def collected(as_of: date = AS_OF) -> Ledger:
    workbook = load_workbook(io.BytesIO(sent()))
    sheet = workbook[APPLICATIONS.title]
    columns = columns_of(sheet)
    for row, entry in enumerate(ENTRIES, FIRST_ROW + 1):
        for key, value in entry.items():
            sheet.cell(row, columns[key]).value = value
        # As an office program saves it, with what the formulas came to.
        sheet.cell(row, columns["reply_by"]).value = date(2022, 3, 29)
        sheet.cell(row, columns["alert"]).value = "逾期"
    data = to_bytes(workbook, SAVED_AT)
    return merge(BOOK, [read_return("报送.xlsx", data, Terms(BOOK, as_of))], as_of)


def test_computed_cells_are_no_answers() -> None:
    """What our own formulas say is neither taken nor told of."""
    ledger = collected()
    assert {key for record in ledger.records for key in record.answers}.isdisjoint(
        {"reply_by", "alert"}
    )
    codes = {p.code for p in ledger.problems if p.place.sheet == APPLICATIONS.title}
    assert codes == {"entry-overdue", "entry-limit-unknown"}
    assert ledger.tally.balanced


def test_who_is_late_is_told() -> None:
    """On the problem list with its place, on the screen by section, and as data."""
    ledger = collected()
    (late,) = [p for p in ledger.problems if p.code == "entry-overdue"]
    assert "“1号”已经过了“答复期限”（2022-03-29）" in late.message
    assert (late.section, late.place.sheet) == (OFFICE, APPLICATIONS.title)
    told = "\n".join(sentences(ledger))
    assert "按期 1 条、超期 1 条、逾期 1 条。逾期没有办结的科室：综合科 1 条。" in told
    (register,) = as_dict(ledger, [])["registers"]
    assert [(r["due"]["reply_by"], r["state"]) for r in register["records"]] == [
        ("2022-03-29", "逾期"),
        ("2022-03-29", "按期"),
        ("2022-03-29", "超期"),
        ("暂停计时", ""),
        ("无法计算", ""),
    ]


def test_nothing_is_late_before_its_day() -> None:
    assert "entry-overdue" not in {
        p.code for p in collected(date(2022, 3, 29)).problems
    }


def test_the_summary_shows_limits_in_words_and_colour() -> None:
    """The word stands beside the colour."""
    data = write_summary(collected())
    sheet = load_workbook(io.BytesIO(data))[APPLICATIONS.title]
    head = next(row for row in sheet.iter_rows() if row[0].value == "科室")
    at = {cell.value: cell.column for cell in head}
    rows = range(head[0].row + 1, head[0].row + 1 + len(ENTRIES))
    alerts = [sheet.cell(row, at["提醒"]) for row in rows]
    assert [cell.value or "" for cell in alerts] == ["逾期", "按期", "超期", "", ""]
    assert alerts[0].fill.fgColor.rgb == "FFFFC7CE"
    assert alerts[1].fill.fgColor.rgb != "FFFFC7CE"
    limits = [sheet.cell(row, at["答复期限"]).value for row in rows]
    assert limits[3:] == ["暂停计时", "无法计算"]


@pytest.mark.parametrize("key", ["reply_by", "alert"])
def test_a_word_typed_over_a_limit_is_told(key: str) -> None:
    """The cell is locked; who unlocks it and writes there is told."""
    workbook = load_workbook(io.BytesIO(sent()))
    sheet = workbook[APPLICATIONS.title]
    columns = columns_of(sheet)
    for name, value in WHOLE.items():
        sheet.cell(FIRST_ROW + 1, columns[name]).value = value
    sheet.cell(FIRST_ROW + 1, columns[key]).value = "另行商定"
    data = to_bytes(workbook, SAVED_AT)
    read = read_return("报送.xlsx", data, Terms(BOOK, AS_OF))
    ledger = merge(BOOK, [replace(read)], AS_OF)
    assert any("另行商定" in problem.raw for problem in ledger.problems)
    assert ledger.tally.balanced
