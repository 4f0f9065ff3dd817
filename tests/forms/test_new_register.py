"""A register that the office thinks up: defined in the book, and nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledgerbook import commands
from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.book.schema import FIRST_DATA_ROW as BOOK_ROW
from ledgerbook.book.schema import HEADER_ROW
from ledgerbook.issue.layout import FIRST_ROW
from tests.support.books import AS_OF, FINANCE, ISSUED_ON, OFFICE, columns_of, make_book

# Whole jobs, through the disk and processes of their own.
pytestmark = pytest.mark.slow

TITLE = "窗口服务登记"
# 字段: 表单, then as headed; 选项 and 登记簿 likewise.
FIELDS = [
    {"代号": "day", "列名": "日期", "类型": "日期", "何时必填": "始终"},
    {"代号": "matter", "列名": "事项", "类型": "文本", "何时必填": "始终"},
    {"代号": "kind", "列名": "类别", "类型": "下拉选项", "选项组": "类别"},
    {"代号": "count", "列名": "件数", "类型": "数字"},
]


def add_row(path: Path, sheet: str, values: dict[str, object]) -> None:
    """Type a line below the last of a sheet of the book, as the office does."""
    workbook = load_workbook(path)
    page = workbook[sheet]
    heads = {cell.value: cell.column for cell in page[HEADER_ROW]}
    assert values.keys() <= heads.keys(), heads
    row = BOOK_ROW
    while page.cell(row, 1).value is not None:
        row += 1
    for header, value in values.items():
        page.cell(row, heads[header]).value = value
    workbook.save(path)


def test_a_register_typed_into_the_book_works_all_the_way(tmp_path: Path) -> None:
    """Issued to who keeps it, collected, and shown on a sheet of the summary."""
    path = tmp_path / "台账.xlsx"
    path.write_bytes(build_book_bytes(make_book()))
    row: dict[str, object] = {"登记簿": TITLE, "代号": "window", "空白行数": 5}
    add_row(path, "登记簿", {**row, "识别栏目": "日期、事项", "用途": "窗口办的事。"})
    for field in FIELDS:
        add_row(path, "字段", {"表单": TITLE, "填写人": "科室填写", "列宽": 14, **field})
    for value in ("咨询", "投诉"):
        add_row(path, "选项", {"表单": TITLE, "选项组": "类别", "选项": value})
    workbook = load_workbook(path)
    heads = {cell.value: cell.column for cell in workbook["科室"][HEADER_ROW]}
    workbook["科室"].cell(BOOK_ROW, heads["登记簿"]).value = TITLE
    workbook.save(path)
    book = read_book(path)
    keeper = book.section_names[0]
    assert [form.title for form in book.get_registers(keeper)] == [TITLE]

    commands.generate(path, tmp_path / "发出", issued_on=ISSUED_ON)
    sent = load_workbook(tmp_path / "发出" / "年度" / f"{keeper}.xlsx")
    sheet = sent[TITLE]
    columns = columns_of(sheet)
    said = {"day": date(2022, 3, 1), "matter": "开户咨询", "kind": "咨询", "count": 3}
    for key, value in said.items():
        sheet.cell(FIRST_ROW + 1, columns[key]).value = value
    (tmp_path / "收回").mkdir()
    sent.save(tmp_path / "收回" / "报回.xlsx")
    other = FINANCE if keeper == OFFICE else OFFICE
    assert TITLE not in load_workbook(tmp_path / "发出" / "年度" / f"{other}.xlsx").sheetnames

    done = commands.collect(path, [tmp_path / "收回"], tmp_path / "汇总", as_of=AS_OF)
    (record,) = done.ledger.register_entries
    assert {key: answer.value for key, answer in record.answers.items()} == said
    assert done.ledger.cell_balance.is_balanced
    shown = load_workbook(done.outputs[0])[TITLE]
    texts = {cell.value for row in shown.iter_rows() for cell in row}
    assert {"开户咨询", "咨询", 3, keeper} <= texts
