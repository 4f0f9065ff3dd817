"""What is not ours is named and never copied; what may be ours is carried whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.forms import load_factory_forms
from ledgerbook.intake.foreign_sheets import describe_look
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.issue.layout import TASK_LEGEND
from ledgerbook.model import Form
from ledgerbook.model.results import FileStatus, Ledger
from tests.support.books import FINANCE, edit, make_book
from tests.support.returns import answered, codes, collected, signed

MEASURE = make_book().tasks[0].measure
ALL = sum(len(cells) for cells in signed(FINANCE).values())
PERSONS = [
    ["序号", "姓名", "身份证号", "联系电话", "备注"],
    *([n, f"甲某{n}", f"44010619900101{n:03d}X", f"1380013{n:04d}", "在岗"] for n in range(40)),
]
FORMS = load_factory_forms()
Rows = Sequence[Sequence[Any]]


def make_workbook(**sheets: Rows) -> bytes:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return serialize_workbook(workbook)


def add_sheet(name: str, rows: Rows) -> Callable[..., None]:
    def change(sheet: Worksheet, columns: object, row_numbers: object) -> None:
        added = sheet.parent.create_sheet(name)
        for row in rows:
            added.append(list(row))

    return change


def list_texts(ledger: Ledger) -> str:
    """Return all that the problems and files of a ledger say."""
    return "\n".join(
        (
            *(f"{p.message}{p.advice}{p.raw}{p.values}" for p in ledger.problems),
            *(file.note for file in ledger.file_reports),
        )
    )


# --- a whole workbook ---


def test_a_workbook_without_any_sign_is_named_and_not_copied() -> None:
    """One line: its sheets and their size, bytes, digest, what it looks like, what to do."""
    data = make_workbook(人员=PERSONS, 说明=[["另外的话"]])
    ledger = collected(answered(FINANCE), data)
    (problem,) = ledger.problems
    assert (problem.code, problem.is_error, problem.place.sheet) == ("foreign-unnamed", False, "")
    assert "“人员”（41 行 5 列，205 格）、“说明”（1 行 1 列，1 格）" in problem.message
    assert f"{len(data)} 字节" in problem.message
    assert hashlib.sha256(data).hexdigest() in problem.message
    assert "登记表" in problem.message
    assert "发出的原表" in problem.advice
    assert "“佐证材料”" in problem.advice
    for word in ("甲某7", "身份证号", "010X", "13800130007", "另外的话", "在岗"):
        assert word not in list_texts(ledger)
    (_, report) = ledger.file_reports
    assert (report.status, report.note) == (FileStatus.SKIPPED, problem.message)


def test_foreign_cells_are_counted_apart() -> None:
    """The equation speaks of answers alone; a sentence behind it of the rest."""
    alone = collected(answered(FINANCE)).cell_balance
    beside = collected(answered(FINANCE), make_workbook(人员=PERSONS)).cell_balance
    assert (beside.equation, beside.is_balanced) == (alone.equation, True)
    assert (alone.foreign, beside.foreign, alone.foreign_text) == (0, 205, "")
    assert "205" in beside.foreign_text


def test_only_the_first_of_many_sheets_are_named() -> None:
    """A hundred sheets do not make the line long."""
    data = make_workbook(**{f"第{n}张": [["价格", n]] for n in range(100)})
    (problem,) = collected(data).problems
    assert "等 100 张" in problem.message
    assert "第7张" not in problem.message


@pytest.mark.parametrize(
    "rows",
    [
        [["序号", "工作任务", "完成状态", "落实情况"], [1, "改写的话", "已完成", "办好"]],
        [["甲", MEASURE, "办好"]],
        [["甲", "办好"], [f" {MEASURE[:4]} {MEASURE[4:]}"]],
        [[TASK_LEGEND], ["甲", "办好"]],
        [["办好", "T01-ABCDE#0123abcd"]],
    ],
    ids=["headers", "a text", "a text with blanks", "the legend", "a row key"],
)
def test_what_may_be_ours_is_carried_whole(rows: Rows) -> None:
    """A copy of our form without marks: every cell is on the list."""
    ledger = collected(make_workbook(表=rows))
    (problem,) = ledger.problems
    assert (problem.code, problem.is_error) == ("not-ours", True)
    assert problem.rejected_cells == ledger.cell_balance.received > 0
    assert "办好" in problem.raw
    assert (ledger.cell_balance.foreign, ledger.cell_balance.is_balanced) == (0, True)


@pytest.mark.parametrize(
    "header",
    [
        ["序号", "姓名", "身份证号", "联系电话", "备注"],
        ["序号", "申请人", "责任人", "联系电话", "完成日期", "备注"],
        ["序号", "完成状态", "姓名", "备注"],
        ["姓名", "行码", "落实情况"],
        ["name", "status", "phone", "note"],
    ],
)
def test_headers_that_any_table_may_have_are_no_sign(header: list[str]) -> None:
    """Names, numbers, telephones; and a single header of ours, by chance."""
    rows = [header, *([f"甲某{n}"] * len(header) for n in range(9))]
    ledger = collected(make_workbook(表=rows))
    assert codes(ledger) == ["foreign-workbook"]
    assert "甲某" not in list_texts(ledger)


# --- a sheet in a workbook of ours ---


def test_a_table_of_persons_in_a_return_is_named_and_not_copied() -> None:
    """The answers count, the section is told, and the names stay where they are."""
    ledger = collected(edit(answered(FINANCE), add_sheet("人员名单", PERSONS)))
    (problem,) = ledger.problems
    assert (problem.code, problem.is_error, problem.section) == ("foreign-sheet", True, FINANCE)
    assert (problem.place.sheet, problem.rejected_cells) == ("人员名单", 0)
    assert "41 行 5 列，205 格" in problem.message
    assert "甲某" not in list_texts(ledger)
    balance = ledger.cell_balance
    assert (balance.accepted, balance.rejected, balance.foreign) == (ALL, 0, 205)
    assert balance.is_balanced


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["情况特殊，暂缓办理"], [12]], "stray"),
        ([["张某", "44010619900101123X"]], "foreign-sheet"),
        ([["张某"], ["13800138000"]], "foreign-sheet"),
        ([["张某", "男", "科员"]], "foreign-sheet"),
        ([[f"张某{n}"] for n in range(13)], "foreign-sheet"),
        ([["序号", "落实情况", "备注"], [1, "办好", ""]], "stray"),
        ([[MEASURE, "办好", "x"]], "stray"),
    ],
    ids=["a note", "identity", "telephone", "a row", "a list", "one header", "a text of a task"],
)
def test_what_a_section_writes_on_a_sheet_of_its_own(rows: Rows, expected: str) -> None:
    """A note, and what has a sign of ours, is carried; a table without is named."""
    ledger = collected(edit(answered(FINANCE), add_sheet("Sheet2", rows)))
    assert {problem.code for problem in ledger.problems if problem.place.sheet} >= {expected}
    told = list_texts(ledger)
    assert ("张某" in told) is False
    assert ("办好" in told or "情况特殊" in told) is (expected == "stray")
    assert ledger.cell_balance.is_balanced


def test_persons_beside_a_copy_without_marks_are_not_copied() -> None:
    """What one sheet shows makes the workbook ours, and no other sheet."""
    copy = [["序号", "计划措施", "完成状态", "落实情况"], [1, MEASURE, "已完成", "办好"]]
    ledger = collected(make_workbook(表=copy, 人员=PERSONS))
    assert codes(ledger) == ["foreign-sheet", "not-ours"]
    assert "甲某" not in list_texts(ledger)
    assert (ledger.cell_balance.rejected, ledger.cell_balance.foreign) == (2, 205)
    assert ledger.cell_balance.is_balanced


@pytest.mark.parametrize(
    ("name", "rows", "look"),
    [
        ("佐证1.xlsx", [["姓名"]], "佐证材料"),
        ("表.xlsx", [["", "身份证号"]], "登记表"),
        ("表.xlsx", [["规格", "单价"]], "价目表"),
        ("表.xlsx", [["本月合计"]], "统计表"),
        ("表.xlsx", [["x"]], "其他表格"),
    ],
)
def test_what_a_workbook_looks_like(name: str, rows: Rows, look: str) -> None:
    """By its name and first rows, in a word."""
    sheets = read_workbook(make_workbook(S=rows), ()).sheets
    assert describe_look((name,), sheets) == look


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.key)
def test_the_headers_of_every_form_are_a_sign(form: Form) -> None:
    """A register of ours, copied without its marks, is carried whole."""
    rows = [[column.header for column in form.columns], ["办好"] * len(form.columns)]
    ledger = collected(make_workbook(表=rows), book=make_book(forms=FORMS))
    assert codes(ledger) == ["not-ours"]
