"""The book remembers every form that was sent out, and nothing else in it changes."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledgerbook import commands, forms, identity
from ledgerbook.book import build_book_bytes, read_book, record_issued_forms
from ledgerbook.book.form_tables import widen_columns
from ledgerbook.errors import InputError
from ledgerbook.forms import load_factory_forms
from ledgerbook.model import Book, ColumnType, Form
from ledgerbook.model.form_columns import SIGNATURE_KEYS
from tests.support.books import ISSUED_ON, make_book
from tests.support.changed_forms import FIRST_VERSION, set_first_widths

BOOK = make_book()


def changed(form: Form) -> Form:
    """Rename a column, as the office does in the 字段 sheet."""
    columns = tuple(replace(c, header="落实成效") if c.key == "result" else c for c in form.columns)
    return replace(form, columns=columns)


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def reread(data: bytes, folder: Path) -> Book:
    path = folder / "台账.xlsx"
    path.write_bytes(data)
    return read_book(path)


@pytest.mark.parametrize("form", load_factory_forms(), ids=lambda form: form.key)
def test_a_form_survives_its_json(form: Form) -> None:
    """What a workbook carries is the form itself, and keeps its version."""
    again = forms.deserialize_form(forms.serialize_form(form))
    assert again == form
    assert again is not None
    assert forms.compute_form_version(again) == forms.compute_form_version(form)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": 1}', "null", '{"columns":3}'])
def test_a_damaged_form_is_none(text: str) -> None:
    """Nothing half-read passes for a form."""
    assert forms.deserialize_form(text) is None


def test_the_book_remembers_what_was_sent(tmp_path: Path) -> None:
    """Each new version is added once, in the order sent."""
    first = record_issued_forms(build_book_bytes(BOOK), BOOK)
    assert first
    book = reread(first, tmp_path)
    assert book.issued_forms == BOOK.forms
    assert record_issued_forms(first, book) is None
    newer = replace(book, forms=(changed(book.task_form),))
    second = record_issued_forms(build_book_bytes(newer), newer)
    assert second
    assert reread(second, tmp_path).issued_forms == (*BOOK.forms, newer.task_form)


def test_only_the_hidden_sheet_changes() -> None:
    """The office's own work in the book stays byte for byte."""
    data = build_book_bytes(BOOK)
    noted = record_issued_forms(data, BOOK)
    assert noted
    before, after = parts(data), parts(noted)
    assert list(before) == list(after)
    assert len([name for name in before if before[name] != after[name]]) == 1
    assert load_workbook(io.BytesIO(noted))[identity.MARK_SHEET].sheet_state == "veryHidden"


def test_a_prefixed_sheet_is_written_in_its_own_words(tmp_path: Path) -> None:
    """Some programs write every element with a prefix."""
    data = build_book_bytes(BOOK)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        for name, content in parts(data).items():
            written = content
            if b"<sheetData" in content:
                text = re.sub(r"<(/?)(?=\w)", r"<\1x:", content.decode())
                written = text.replace("xmlns=", "xmlns:x=", 1).encode()
            package.writestr(name, written)
    noted = record_issued_forms(made.getvalue(), BOOK)
    assert noted
    sheet = load_workbook(io.BytesIO(noted))[identity.MARK_SHEET]
    assert str(sheet.cell(sheet.max_row, 1).value).startswith("已发出的表单 ")


def test_a_book_without_its_hidden_sheet_says_so() -> None:
    """Nothing is sent out that the book cannot remember."""
    workbook = load_workbook(io.BytesIO(build_book_bytes(BOOK)))
    del workbook[identity.MARK_SHEET]
    made = io.BytesIO()
    workbook.save(made)
    with pytest.raises(InputError, match="没法把这次的记录写进去"):
        record_issued_forms(made.getvalue(), BOOK)


def test_generate_notes_the_form_in_the_book(tmp_path: Path) -> None:
    """The book on disk knows the form after the first round, and changes no more."""
    path = tmp_path / "台账.xlsx"
    path.write_bytes(build_book_bytes(BOOK))
    commands.generate(path, tmp_path / "发出", issued_on=ISSUED_ON)
    assert read_book(path).issued_forms == BOOK.forms
    once = path.read_bytes()
    commands.generate(path, tmp_path / "发出", issued_on=ISSUED_ON)
    assert path.read_bytes() == once


def test_a_book_without_the_column_of_exclusions_keeps_the_version_of_its_form(
    tmp_path: Path,
) -> None:
    """A book of an earlier version has no 何时不填 and no columns to sign.

    What it issued is known by its version.
    """
    workbook = load_workbook(io.BytesIO(build_book_bytes(BOOK)))
    sheet = workbook["字段"]
    (header,) = [cell for row in sheet.iter_rows() for cell in row if cell.value == "何时不填"]
    sheet.delete_cols(header.column)
    lines = [row for row in sheet.iter_rows() if row[0].value == BOOK.task_form.title]
    first = min(row[1].row for row in lines if row[1].value in SIGNATURE_KEYS)
    sheet.delete_rows(first, len(SIGNATURE_KEYS))
    path = tmp_path / "台账.xlsx"
    workbook.save(path)
    old_form = set_first_widths(read_book(path).task_form)
    assert forms.compute_form_version(old_form) == FIRST_VERSION
    path.write_bytes(build_book_bytes(BOOK))
    assert read_book(path).task_form == BOOK.task_form


def test_a_column_of_dates_is_as_wide_as_a_date() -> None:
    """A narrow one of an older book is widened, but not in a form that was issued."""
    old = set_first_widths(BOOK.task_form)
    told = {column.key: column.width for column in old.columns}
    widths = {column.key: column.width for column in widen_columns(old).columns}
    dates = {column.key for column in old.columns if column.kind is ColumnType.DATE}
    assert {key for key, width in widths.items() if width != told[key]} <= dates
    # Ten digits of 8 pixels and 3 pixels of room, where a character is 7 pixels wide.
    assert all(83 <= 7 * widths[key] + 5 < 84 for key in dates)
    assert forms.deserialize_form(forms.serialize_form(old)) == old
    assert [form for form in load_factory_forms() if widen_columns(form) != form] == []
