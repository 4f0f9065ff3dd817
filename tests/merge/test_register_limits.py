"""Limits on issued registers, in what comes back, and in what is told of it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from ledgerbook import identity
from ledgerbook.cli.json_data import build_ledger_data
from ledgerbook.cli.render import describe_ledger
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.forms import load_factory_forms, load_form
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.corrections import build_corrections
from ledgerbook.issue.layout import FIRST_ROW
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Form
from ledgerbook.model.results import Ledger
from ledgerbook.statutory_limits import list_working_days
from ledgerbook.summary import write_summary
from tests.forms.test_factory_registers import keeping
from tests.support.books import AS_OF, ISSUED_ON, OFFICE, SAVED_AT, columns_of

# They issue, fill and sum up whole registers.
pytestmark = pytest.mark.slow

APPLICATIONS = next(form for form in load_factory_forms() if form.key == "applications")
MEETINGS = next(form for form in load_factory_forms() if form.key == "meetings")
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


def _date_column(name: str, header: str, more: str = "") -> str:
    return f"""
[[columns]]
key = "{name}"
header = "{header}"
kind = "日期"
width = 12
{more or 'filler = "科室填写"'}
"""


def _limit(name: str, header: str, rule: str) -> str:
    more = f'filler = "固定内容"\nsource = "法定期限"\ndue = "{rule}"'
    return _date_column(name, header, more)


# Two limits, one with two pauses and a new beginning, one in days of the calendar;
# a third that the office has not set; none of them said in words.
HEARINGS = load_form(
    """
key = "hearings"
title = "听证台账"
rows = 5
identity = ["number"]

[[columns]]
key = "number"
header = "编号"
kind = "文本"
filler = "科室填写"
width = 12

[[columns]]
key = "more"
header = "是否延期"
kind = "下拉选项"
choices = "是否"
filler = "科室填写"
width = 8

[[choices]]
list = "是否"
value = "是"

[[choices]]
list = "是否"
value = "否"
"""
    + _date_column("got", "收到日期")
    + _date_column("anew", "补正日期")
    + _date_column("a", "甲起")
    + _date_column("b", "甲止")
    + _date_column("c", "乙起")
    + _date_column("d", "乙止")
    + _date_column("told_on", "告知日期")
    + _date_column("done_on", "办结日期")
    + _limit(
        "by",
        "办结期限",
        "收到日期+20个工作日；是否延期=是时再加20个工作日；有补正日期的从它重新算起；"
        "扣除甲起至甲止；扣除乙起至乙止；以办结日期为办结",
    )
    + _limit("tell_by", "告知期限", "收到日期+30天；扣除甲起至甲止；以告知日期为办结")
    + _limit("open", "解读期限", "")
)


def sent(form: Form = APPLICATIONS, *entries: dict[str, Any]) -> bytes:
    book = keeping(form)
    given = {(OFFICE, form.key): {str(n): one for n, one in enumerate(entries)}}
    return build_section_workbook(book, book.rounds[0], [OFFICE], ISSUED_ON, prefilled=given)


def column(data: bytes, key: str, *, values: bool, count: int = len(ENTRIES) + 1) -> list[Any]:
    sheet = load_workbook(io.BytesIO(data), data_only=values)[APPLICATIONS.title]
    at = columns_of(sheet)[key]
    rows = range(FIRST_ROW + 1, FIRST_ROW + 1 + count)
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
        str(formula).startswith("=IF(OR(")
        for key in ("reply_by", "alert")
        for formula in column(data, key, values=False)
    )


def test_the_working_days_stand_on_a_hidden_sheet() -> None:
    """Only where a limit needs them."""
    workbook = load_workbook(io.BytesIO(sent()))
    sheet = workbook[identity.WORKDAY_SHEET]
    assert sheet.sheet_state == "hidden"
    days = tuple(cell.value.date() for (cell,) in sheet.iter_rows())
    assert days == list_working_days(2022)
    assert identity.WORKDAY_SHEET not in load_workbook(io.BytesIO(sent(MEETINGS))).sheetnames


def returned(form: Form, *entries: dict[str, Any]) -> Ledger:
    """Return what comes of a register that a section has filled and sent back."""
    book = keeping(form)
    workbook = load_workbook(io.BytesIO(sent(form)))
    sheet = workbook[form.title]
    columns = columns_of(sheet)
    for row, entry in enumerate(entries, FIRST_ROW + 1):
        for key, value in entry.items():
            sheet.cell(row, columns[key]).value = value
    data = serialize_workbook(workbook, SAVED_AT)
    ledger = merge_returns(book, [read_return("报送.xlsx", data, ReadContext(book, AS_OF))], AS_OF)
    assert ledger.cell_balance.is_balanced
    return ledger


def about_limits(ledger: Ledger) -> dict[str, str]:
    return {p.code: p.message for p in ledger.problems if p.code.startswith("entry-limit")}


def states(ledger: Ledger) -> list[tuple[dict[str, str], str]]:
    (register,) = build_ledger_data(ledger, [])["registers"]
    return [(one["due"], one["state"]) for one in register["records"]]


def test_a_limit_that_the_office_has_not_set_stays_blank() -> None:
    """The column is there to be given a rule; until then it says nothing."""
    data = sent(HEARINGS, {"number": "1号", "got": date(2022, 3, 1)})
    sheet = load_workbook(io.BytesIO(data))[HEARINGS.title]
    at = columns_of(sheet)
    assert sheet.cell(FIRST_ROW + 1, at["open"]).value is None
    assert sheet.cell(FIRST_ROW + 1, at["open"]).protection.locked
    assert str(sheet.cell(FIRST_ROW + 1, at["by"]).value).startswith("=IF(OR(")
    assert [column.key for column in HEARINGS.due_columns] == ["by", "tell_by"]


def test_of_two_limits_both_are_told_and_the_late_one_speaks() -> None:
    """Done within one, late for the other; the word needs no column of its own."""
    ledger = returned(
        HEARINGS,
        {"number": "1号", "got": date(2022, 3, 1), "done_on": date(2022, 3, 29)},
        {"number": "2号", "got": date(2022, 3, 1), "told_on": date(2022, 4, 1)},
    )
    assert states(ledger) == [
        ({"by": "2022-03-29", "tell_by": "2022-03-31"}, "逾期"),
        ({"by": "2022-03-29", "tell_by": "2022-03-31"}, "逾期"),
    ]
    late = [p.message for p in ledger.problems if p.code == "entry-overdue"]
    assert ["告知期限" in message for message in late] == [True, False]
    (register,) = build_ledger_data(ledger, [])["registers"]
    assert register["overdue"] == {OFFICE: 2}
    sheet = load_workbook(io.BytesIO(write_summary(ledger)))[HEARINGS.title]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    head = next(row for row in rows if row[0] == "科室")
    first = rows[rows.index(head) + 1]
    assert first[head.index("到期提醒")] == "逾期"
    cells = next(row for row in sheet.iter_rows() if row[1].value == "1号")
    red = "FFFFC7CE"
    assert cells[head.index("告知期限")].fill.fgColor.rgb == red
    assert cells[head.index("办结期限")].fill.fgColor.rgb != red


def test_a_limit_is_not_told_from_cells_that_nobody_could_read() -> None:
    """They are on the problem list already; that is enough of them."""
    ledger = returned(
        HEARINGS,
        {
            "number": "1号",
            "got": date(2022, 3, 1),
            "a": "三月初",
            "b": date(2022, 3, 9),
        },
        {"number": "2号", "got": date(2022, 3, 1), "more": "大概"},
        {"number": "3号", "got": "春天"},
        {"number": "4号", "got": date(2022, 3, 1), "done_on": "月底"},
    )
    assert [(due["by"], now) for due, now in states(ledger)] == [
        ("填写有误", ""),
        ("填写有误", "逾期"),
        ("填写有误", ""),
        ("2022-03-29", "逾期"),
    ]
    assert about_limits(ledger) == {}
    late = [p.message for p in ledger.problems if p.code == "entry-overdue"]
    assert all("告知期限" in message for message in late)


def test_a_pause_that_cannot_be_is_told_where_it_stands() -> None:
    """And marked in the workbook that goes back."""
    ledger = returned(HEARINGS, {"number": "1号", "got": date(2022, 3, 1), "d": date(2022, 3, 9)})
    (problem,) = [p for p in ledger.problems if p.code == "entry-limit-mistaken"]
    assert problem.message == (
        "听证台账里的“1号”算不出“办结期限”：“乙起”至“乙止”的起止日期缺了前一个，或者前后颠倒。"
    )
    assert problem.column == "c"
    (back,) = [one for one in build_corrections(ledger) if one.section == OFFICE]
    sheet = load_workbook(io.BytesIO(back.data))[HEARINGS.title]
    at = columns_of(sheet)
    assert sheet.cell(FIRST_ROW + 1, at["c"]).comment is not None
    assert sheet.cell(FIRST_ROW + 1, at["by"]).value is not None


def test_it_is_told_how_far_the_calendar_reaches() -> None:
    ledger = returned(HEARINGS, {"number": "1号", "got": date(2010, 3, 1)})
    assert about_limits(ledger)["entry-limit-unknown"] == (
        "听证台账里的“1号”算不出“办结期限”：要用到的日子超出了已有的放假安排（2018 年至 2023 年）。"
    )


def test_the_guide_tells_how_a_limit_is_computed() -> None:
    """In plain words, so that it can be checked by hand."""
    sheet = load_workbook(io.BytesIO(sent(HEARINGS)))["登记簿填表说明"]
    lines = [[str(cell.value or "") for cell in row] for row in sheet.iter_rows()]
    (told,) = [line for line in lines if line[0] == "告知期限"]
    assert told[1] == "自动算出"
    assert told[3] == (
        "不用填，自动算出：“收到日期”以后 30 天；“甲起”到“甲止”的时间不算；填了“告知日期”就算办结。"
    )
    assert any("暂停计时" in line[0] for line in lines)


def test_late_rows_are_red_without_a_column_of_words() -> None:
    """The colour follows from the limits themselves."""
    sheet = load_workbook(io.BytesIO(sent(HEARINGS)))[HEARINGS.title]
    rules = [
        rule.formula[0]
        for area in sheet.conditional_formatting
        for rule in area.rules
        if "TODAY()" in rule.formula[0]
    ]
    assert len(rules) == 2
    assert all("$K6" in rule and "$L6" in rule for rule in rules)


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
    data = serialize_workbook(workbook, SAVED_AT)
    return merge_returns(BOOK, [read_return("报送.xlsx", data, ReadContext(BOOK, as_of))], as_of)


def test_computed_cells_are_no_answers() -> None:
    """What our own formulas say is neither taken nor told of."""
    ledger = collected()
    assert {key for record in ledger.register_entries for key in record.answers}.isdisjoint(
        {"reply_by", "alert"}
    )
    codes = {p.code for p in ledger.problems if p.place.sheet == APPLICATIONS.title}
    assert codes == {"entry-overdue", "entry-limit-unknown"}
    assert ledger.cell_balance.is_balanced


def test_who_is_late_is_told() -> None:
    """On the problem list with its place, on the screen by section, and as data."""
    ledger = collected()
    (late,) = [p for p in ledger.problems if p.code == "entry-overdue"]
    assert "“1号”已经过了“答复期限”（2022-03-29）" in late.message
    assert (late.section, late.place.sheet) == (OFFICE, APPLICATIONS.title)
    told = "\n".join(describe_ledger(ledger))
    assert "按期 1 条、超期 1 条、逾期 1 条。逾期没有办结的科室：综合科 1 条。" in told
    (register,) = build_ledger_data(ledger, [])["registers"]
    assert [(r["due"]["reply_by"], r["state"]) for r in register["records"]] == [
        ("2022-03-29", "逾期"),
        ("2022-03-29", "按期"),
        ("2022-03-29", "超期"),
        ("暂停计时", ""),
        ("无法计算", ""),
    ]


def test_nothing_is_late_before_its_day() -> None:
    assert "entry-overdue" not in {p.code for p in collected(date(2022, 3, 29)).problems}


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
    data = serialize_workbook(workbook, SAVED_AT)
    read = read_return("报送.xlsx", data, ReadContext(BOOK, AS_OF))
    ledger = merge_returns(BOOK, [replace(read)], AS_OF)
    assert any("另行商定" in problem.raw for problem in ledger.problems)
    assert ledger.cell_balance.is_balanced
