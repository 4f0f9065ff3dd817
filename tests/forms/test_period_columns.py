"""年度判定: which columns of the factory forms tell a year, and where that is read from."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledgerbook import forms
from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.errors import InputError
from ledgerbook.model import Book, Form
from ledgerbook.storage.resources import find_resource
from tests.support.books import make_book

pytestmark = pytest.mark.slow

MARKED = {
    "normative_documents": {
        "signed_on": "制发日",
        "validity": "有效性",
        "repealed_on": "失效日",
    },
    "applications": {
        "received_on": "收到日",
        "carried_over": "上年结转",
        "replied_on": "办结日",
        "outcome": "办理结果",
    },
    "enforcement_and_fees": {"period": "统计期"},
}


def list_marked(book_forms: tuple[Form, ...]) -> dict[str, dict[str, str]]:
    marked = {
        form.key: {column.key: str(role) for role, column in form.period_columns.items()}
        for form in book_forms
    }
    return {key: columns for key, columns in marked.items() if columns}


def change_book(folder: Path, **marks: str) -> Path:
    """Save a book with every factory form and other marks, by column key; "" for no mark at all."""
    book = make_book()
    every_form = replace(book, forms=(book.task_form, *forms.load_factory_forms()[1:]))
    workbook = load_workbook(io.BytesIO(build_book_bytes(every_form)))
    sheet = workbook["字段"]
    headers = [cell.value for cell in sheet[3]]
    key, mark = headers.index("代号") + 1, headers.index("年度判定") + 1
    for row in range(4, sheet.max_row + 1):
        if (changed := marks.get(str(sheet.cell(row, key).value))) is not None:
            sheet.cell(row, mark).value = changed or None
    if marks.get("all") == "":
        sheet.delete_cols(mark)
    path = folder / "台账.xlsx"
    workbook.save(path)
    return path


def read_changed(folder: Path, **marks: str) -> Book:
    return read_book(change_book(folder, **marks))


def test_the_book_keeps_the_marks(tmp_path: Path) -> None:
    """They are those of the factory, written to 字段 and read from it."""
    assert list_marked(forms.load_factory_forms()) == MARKED
    assert list_marked(read_changed(tmp_path).forms) == MARKED


def test_a_book_of_before_has_the_marks_of_the_factory(tmp_path: Path) -> None:
    """Where 字段 has no such column, form, key and type of a column decide."""
    assert list_marked(read_changed(tmp_path, all="").forms) == MARKED


def test_what_the_office_clears_is_not_marked(tmp_path: Path) -> None:
    marked = list_marked(read_changed(tmp_path, repealed_on="").forms)
    assert "repealed_on" not in marked["normative_documents"]


@pytest.mark.parametrize(
    ("marks", "message"),
    [
        ({"name": "收到日期"}, "“收到日期”不在可选范围"),
        ({"doc_no": "制发日"}, "要由类型是“日期”的一栏来说"),
        ({"publish_by": "失效日"}, "固定内容的列不是科室填的"),
        ({"published_on": "制发日"}, "“制发日”重复了"),
    ],
)
def test_a_mark_that_cannot_tell_is_a_mistake(
    tmp_path: Path, marks: dict[str, str], message: str
) -> None:
    """It names the cell."""
    with pytest.raises(InputError, match=rf"“字段”单元格 Q\d+（年度判定）：.*{message}"):
        read_changed(tmp_path, **marks)


def test_a_mark_makes_no_new_version() -> None:
    """It changes nothing in how a return is filled or read."""
    form = forms.load_factory_forms()[1]
    plain = replace(form, columns=tuple(replace(c, period=None) for c in form.columns))
    assert plain.period_columns == {}
    assert plain == form
    assert forms.compute_form_version(plain) == forms.compute_form_version(form)


@pytest.mark.parametrize("key", ["name", "period"])
def test_what_tells_a_figure_is_no_personal_data(key: str) -> None:
    """The summary without personal data has the figures of the full one."""
    text = find_resource("templates/registers/05-enforcement-and-fees.toml").read_text("utf-8")
    head = f'key = "{key}"\nheader'
    with pytest.raises(InputError, match="按这一栏判定，不能标为个人信息"):
        forms.load_form(text.replace(head, f'personal = "是"\n{head}'))
