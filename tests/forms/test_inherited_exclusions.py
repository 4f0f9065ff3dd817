"""何时不填 of a book that was made before there was such a column: the factory's holds."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook import forms
from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.model import Form
from tests.support.books import make_book

HEADER_ROW = 3


def read_old_book(folder: Path, change: Callable[[Worksheet, Worksheet], None]) -> Form:
    """Read a book whose sheets 字段 and 选项 were changed by ``change``."""
    workbook = load_workbook(io.BytesIO(build_book_bytes(make_book())))
    change(workbook["字段"], workbook["选项"])
    path = folder / "台账.xlsx"
    workbook.save(path)
    return read_book(path).task_form


def find_cell(sheet: Worksheet, header: str, **known: str) -> tuple[int, int]:
    """Return row and column of ``header`` in the row where ``known`` headers have these values."""
    headers = [cell.value for cell in sheet[HEADER_ROW]]
    row = next(
        row
        for row in range(HEADER_ROW + 1, sheet.max_row + 1)
        if all(sheet.cell(row, headers.index(h) + 1).value == v for h, v in known.items())
    )
    return row, headers.index(header) + 1


def drop_column(fields: Worksheet) -> None:
    fields.delete_cols([cell.value for cell in fields[HEADER_ROW]].index("何时不填") + 1)


def list_exclusions(form: Form) -> dict[str, tuple[str, ...]]:
    return {c.key: c.excluded[0].values for c in form.columns if c.excluded}


FACTORY = {
    "done_on": ("未启动", "推进中", "不涉及"),
    "result": ("未启动", "不涉及"),
    "reason": ("已完成", "不涉及"),
}


def test_a_book_of_before_has_those_of_the_factory(tmp_path: Path) -> None:
    form = read_old_book(tmp_path, lambda fields, _: drop_column(fields))
    assert list_exclusions(form) == FACTORY
    assert form == forms.load_factory_ledger()


def test_a_renamed_status_is_known_by_its_meaning(tmp_path: Path) -> None:
    def change(fields: Worksheet, choices: Worksheet) -> None:
        drop_column(fields)
        choices.cell(*find_cell(choices, "选项", 选项="未启动")).value = "没有动"

    assert list_exclusions(read_old_book(tmp_path, change)) == {
        **FACTORY,
        "done_on": ("没有动", "推进中", "不涉及"),
        "result": ("没有动", "不涉及"),
    }


@pytest.mark.parametrize(
    ("required", "left"),
    [("始终", {"done_on", "reason"}), ("完成状态=未启动/不涉及", {"done_on", "reason"})],
)
def test_what_the_book_requires_is_not_excluded(
    tmp_path: Path, required: str, left: set[str]
) -> None:
    def change(fields: Worksheet, choices: Worksheet) -> None:
        drop_column(fields)
        cell = find_cell(fields, "何时必填", 代号="result")
        fields.cell(*cell).value = required

    assert list_exclusions(read_old_book(tmp_path, change)).keys() == left


def test_what_the_office_clears_excludes_nothing(tmp_path: Path) -> None:
    def change(fields: Worksheet, choices: Worksheet) -> None:
        for key in FACTORY:
            fields.cell(*find_cell(fields, "何时不填", 代号=key)).value = None

    assert list_exclusions(read_old_book(tmp_path, change)) == {}
