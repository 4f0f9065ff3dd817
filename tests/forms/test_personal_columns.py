"""个人信息: which columns of the factory forms are marked, and where the mark is read from."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledgerbook import forms
from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.errors import InputError
from ledgerbook.model import Form
from tests.support.books import make_book

pytestmark = pytest.mark.slow

# Decided one by one: docs/usage.md has the table with the reasons.
MARKED = {
    "tasks": ["phone"],
    "applications": ["applicant", "content"],
    "messages": ["topic", "result", "note"],
}


def list_marked(book_forms: tuple[Form, ...]) -> dict[str, list[str]]:
    marked = {form.key: [column.key for column in form.personal_columns] for form in book_forms}
    return {key: columns for key, columns in marked.items() if columns}


def save_book(folder: Path, change: str = "") -> Path:
    """Save a book with every factory form.

    ``change`` is "old" for a book of before, else what stands as the mark of telephones.
    """
    book = make_book()
    every_form = replace(book, forms=(book.task_form, *forms.load_factory_forms()[1:]))
    workbook = load_workbook(io.BytesIO(build_book_bytes(every_form)))
    sheet = workbook["字段"]
    headers = [cell.value for cell in sheet[3]]
    mark = headers.index("个人信息") + 1
    if change == "old":
        sheet.delete_cols(mark)
    elif change:
        for row in range(4, sheet.max_row + 1):
            if sheet.cell(row, headers.index("代号") + 1).value == "phone":
                sheet.cell(row, mark, change)
    path = folder / "台账.xlsx"
    workbook.save(path)
    return path


def test_the_factory_forms_mark_what_is_decided() -> None:
    assert list_marked(forms.load_factory_forms()) == MARKED


def test_the_book_keeps_the_marks(tmp_path: Path) -> None:
    """They are written to 字段 and read from it."""
    assert list_marked(read_book(save_book(tmp_path)).forms) == MARKED


def test_a_book_of_before_has_the_marks_of_the_factory(tmp_path: Path) -> None:
    """Where 字段 has no such column, key of form and column decide."""
    assert list_marked(read_book(save_book(tmp_path, "old")).forms) == MARKED


def test_what_the_office_clears_is_not_marked(tmp_path: Path) -> None:
    """A blank cell of a book that has the column is the office's decision."""
    path = save_book(tmp_path)
    workbook = load_workbook(path)
    sheet = workbook["字段"]
    mark = [cell.value for cell in sheet[3]].index("个人信息") + 1
    for row in range(4, sheet.max_row + 1):
        sheet.cell(row, mark).value = None
    workbook.save(path)
    assert list_marked(read_book(path).forms) == {}


def test_another_word_is_a_mistake(tmp_path: Path) -> None:
    """It names the cell, and what to write."""
    with pytest.raises(InputError, match=r"个人信息.*“对”看不懂.*写“是”"):
        read_book(save_book(tmp_path, "对"))


@pytest.mark.parametrize(
    ("key", "message"), [("alert", "不是科室填的"), ("done_on", "用来统计和算期限")]
)
def test_what_figures_need_cannot_be_marked(key: str, message: str) -> None:
    """Left out, they would change the figures of the reduced file."""
    text = (Path("templates") / "task-ledger.toml").read_text("utf-8")
    marked = text.replace(f'key = "{key}"\n', f'key = "{key}"\npersonal = "是"\n')
    with pytest.raises(InputError) as caught:
        forms.load_form(marked)
    assert message in str(caught.value.slips)


def test_the_mark_is_no_new_version_of_the_form() -> None:
    """A return on a form of before the mark is read as one on the same form."""
    form = forms.load_factory_ledger()
    text = (Path("templates") / "task-ledger.toml").read_text("utf-8")
    plain = forms.load_form(text.replace('personal = "是"\n', ""))
    assert not plain.personal_columns
    assert plain == form
    assert forms.compute_form_version(plain) == forms.compute_form_version(form)
