"""Every table of the summary is headed as the form is, with the columns it has."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from ledgerbook.excel.pagination import PAPER_WIDTH, convert_to_points
from ledgerbook.excel.tables import TableColumn
from ledgerbook.model import Column, ColumnType, Filler, Form
from ledgerbook.model.form_columns import (
    FACTORY_ANSWER_HEADERS,
    group_answer_columns,
    join_contact_headers,
)
from ledgerbook.model.results import AnswerSubject, Conflict, Ledger
from ledgerbook.summary import write_summary
from ledgerbook.summary.column_widths import fit_to_page, narrow_blank_columns
from tests.support import ledgers as make
from tests.support.changed_forms import (
    FUNDS_HEADER,
    NEW_HEADER,
    OLD_HEADER,
    STARTED_HEADER,
    change_form,
    rename_all,
)
from tests.support.summary_reading import calamine_grid, list_texts, openpyxl_grid, read_table

SECTIONS = ("综合科", "金融发展科")
TABLES = {"年度汇总": "序号", "逾期临期": "序号", "科室明细": "科室"}
ANSWERS: make.Answers = {
    (1, "综合科"): {
        "status": "推进中",
        "reason": "系统升级延期。",
        "funds": 20000.0,
        "started": date(2022, 3, 1),
        "person": "张三",
        "phone": "0760-88310001",
    },
    (1, "金融发展科"): {"status": "未启动", "funds": 1.5},
}


def ledger_with(form: Form) -> Ledger:
    task = make.task(1, SECTIONS, due=date(2022, 9, 30))
    conflict = Conflict(
        section="综合科",
        subject=AnswerSubject(1, task.measure),
        header=NEW_HEADER,
        accepted=make.answer("甲", "a.xlsx"),
        accepted_file="a.xlsx",
        accepted_saved_at=None,
        overruled=make.answer("乙", "b.xlsx"),
        overruled_saved_at=None,
    )
    return make.ledger(make.book(SECTIONS, [task], form), ANSWERS, conflicts=[conflict])


def headers(data: bytes, sheet: str, first: str) -> list[str]:
    (head, *_) = [row for row in openpyxl_grid(data, sheet) if row[0] == first]
    return [str(cell) for cell in head if cell is not None]


@pytest.fixture(scope="module")
def changed() -> bytes:
    return write_summary(ledger_with(change_form(make.form())))


@pytest.mark.parametrize("sheet", TABLES)
@pytest.mark.parametrize("read", [openpyxl_grid, calamine_grid])
def test_renamed_and_added_columns_are_on_every_table(
    changed: bytes, sheet: str, read: Any
) -> None:
    (first, *_) = read_table(read(changed, sheet), TABLES[sheet])
    assert OLD_HEADER not in first
    assert "系统升级延期。" in str(first[NEW_HEADER])
    assert "20000" in str(first[FUNDS_HEADER])
    started = first[STARTED_HEADER]
    assert "2022-03-01" in (f"{started:%Y-%m-%d}" if isinstance(started, date) else str(started))
    names = list(first)
    assert names.index(FUNDS_HEADER) == names.index(NEW_HEADER) + 1
    assert names.index(STARTED_HEADER) < names.index(NEW_HEADER)


def test_the_task_table_quotes_each_section_in_an_added_column(changed: bytes) -> None:
    (line,) = read_table(openpyxl_grid(changed, "年度汇总"), "序号")
    assert line[FUNDS_HEADER] == "【综合科】20000\n【金融发展科】1.5"


def test_lists_show_numbers_and_dates_as_such(changed: bytes) -> None:
    first, second = read_table(openpyxl_grid(changed, "逾期临期"), "序号")
    assert (first[FUNDS_HEADER], second[FUNDS_HEADER]) == (20000, 1.5)
    assert first[STARTED_HEADER] == datetime(2022, 3, 1)  # noqa: DTZ001  as read from a cell


def test_no_table_keeps_a_header_of_the_factory() -> None:
    """With every header renamed, none of the old ones heads a table or titles a chart."""
    data = write_summary(ledger_with(rename_all(make.form())))
    for sheet, first in {**TABLES, "冲突": "序号"}.items():
        own = {"序号", "科室", "判定"}
        first = "甲序号" if sheet == "年度汇总" else first  # noqa: PLW2901
        found = set(headers(data, sheet, first)) - own
        assert not found & {*FACTORY_ANSWER_HEADERS.values(), "计划措施", "任务序号", "完成期限"}
    assert "三、各项甲工作要求落实情况（科室任务，件）" in list_texts(openpyxl_grid(data, "总览"))
    assert headers(data, "年度汇总", "甲序号")[-2] == "甲责任人及甲联系电话"
    assert "甲计划措施或登记内容" in headers(data, "冲突", "序号")


def test_a_column_taken_out_of_the_form_is_on_no_table() -> None:
    form = make.form()
    kept = [c for c in form.columns if c.key not in ("evidence", "reason", "phone", "result")]
    data = write_summary(ledger_with(Form("tasks", "台账", tuple(kept), form.choice_lists)))
    found = headers(data, "年度汇总", "序号")
    assert found[9:] == ["落实情况", "下一步措施", "责任人", "备注"]
    assert headers(data, "逾期临期", "序号")[8:] == ["下一步措施", "责任人"]


def test_groups_follow_the_form() -> None:
    """Joined columns stand where the first of them stands; the status in none."""
    form = change_form(make.form())
    groups = group_answer_columns(form, omitted=("note",), joined=(("done_on", "result"),))
    assert [[column.key for column in group] for group in groups] == [
        ["started"],
        ["done_on", "result"],
        ["evidence"],
        ["reason"],
        ["funds"],
        ["next_step"],
        ["person"],
        ["phone"],
    ]


def test_contacts_are_headed_in_short() -> None:
    person, phone = (
        Column("", header, ColumnType.TEXT, Filler.SECTION, 9) for header in ("责任人", "联系电话")
    )
    assert join_contact_headers([person, phone]) == "责任人及电话"
    assert join_contact_headers([phone]) == "联系电话"


def test_added_columns_take_their_room_from_the_widest() -> None:
    """Columns that fit stay as they are; more of them still fit the page in type of 8 pt."""

    def build(*widths: float) -> list[TableColumn[object]]:
        return [TableColumn("", width, str) for width in widths]

    usual = build(25, 32, *[10] * 12)
    assert list(fit_to_page(usual, 10)) == usual
    fitted = fit_to_page([*usual, *build(15, 20)], 10)
    total = sum(convert_to_points(column.width) for column in fitted)
    assert PAPER_WIDTH * 10 / 8 - 10 < total <= PAPER_WIDTH * 10 / 8
    assert [column.width for column in fitted[2:-2]] == [8] * 12
    assert 12 < fitted[-2].width < 15 < fitted[-1].width < 20
    # With many more, the widest have no more room to give.
    assert [c.width for c in fit_to_page([*usual, *build(*[15] * 9)], 10)[:2]] == [12, 12]


def test_columns_that_say_hardly_anything_are_narrow() -> None:
    columns: list[TableColumn[int]] = [
        TableColumn("甲", 20, lambda n: n),
        TableColumn("乙", 20, lambda n: "" if n else "有"),
        TableColumn("丙", 20, lambda _: ""),
    ]
    assert [c.width for c in narrow_blank_columns(columns, range(20))] == [20, 9, 5.5]
    # Of nothing at all, nothing is known of the columns either.
    assert [c.width for c in narrow_blank_columns(columns, ())] == [20, 20, 20]
