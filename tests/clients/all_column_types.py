"""A section's answers of every kind, as a program writes them and as a hand types them.

Each kind is apt to be changed by some program on its way through a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook.forms import load_factory_ledger
from ledgerbook.model import Book, Column, ColumnType, Form
from tests.support.books import OFFICE, edit, issued, make_book

Value = str | float | date
Answers = Mapping[str, Mapping[str, Value]]
"""Task code → column key → answer."""


def _form() -> Form:
    """Return the usual form with a column of numbers, which it has none of."""
    form = load_factory_ledger()
    count = Column("count", "办件数量", ColumnType.NUMBER, form.status_column.filler, 8)
    return replace(form, columns=(*form.columns, count))


BOOK: Book = make_book(forms=(_form(),))

ANSWERS: Answers = {
    "T01": {
        "status": "已完成",
        "done_on": date(2022, 9, 30),
        "result": "一、清理规范性文件１２件，全部标注有效性。\n"
        "二、更新目录 3 次：\n\n（一）“立、改、废”同步公开；\n（二）😀👍🎉 上线。\n"
        * 8
        + "三、完。",
        "evidence": "中金〔2022〕15号、https://example.org/a?b=1&c=<2>",
        "next_step": "“常态化”——每月一次；A<B&C>D；50%　完成",
        "person": "=甲+乙",
        "phone": "076088000000",
        "note": "见  表 2，𠮷野家",
        "count": 12.0,
    },
    "T02": {
        "status": "推进中",
        "result": "底数已摸清，共 1,234 件。",
        "reason": "=HYPERLINK(系统升级)，数据尚未迁移",
        "next_step": "@11月底前完成",
        "person": "欧阳 某某",
        "phone": "０７６０－８８００００００",
        "note": "+1 项，-2 项",
        "count": 1234567.89,
    },
    "T03": {"status": "不涉及", "note": 2022.0, "count": 0.0},
    "T05": {
        "status": "长期推进",
        "done_on": date(2022, 12, 1),
        "result": "长期坚持。" * 350,
        "person": "007",
        "phone": "1-2-3-4-5",
        "note": "1/2",
        "count": 0.1 + 0.2,
    },
}
COUNT = sum(len(cells) for cells in ANSWERS.values())


def each() -> Iterator[tuple[str, str, Value]]:
    """Yield task code, column key and answer of every cell."""
    for code, cells in ANSWERS.items():
        for key, value in cells.items():
            yield code, key, value


def blank() -> bytes:
    """Return the section's workbook as it was sent."""
    return issued(BOOK, OFFICE)


def filled() -> bytes:
    """Return it with the answers, each of them what it looks like: a text is a text."""

    def change(sheet: Worksheet, columns: Mapping[str, int], rows: Mapping[str, int]) -> None:
        for code, key, value in each():
            cell = sheet.cell(rows[code], columns[key], value)
            if isinstance(value, str):
                cell.data_type = "s"

    return edit(blank(), change)
