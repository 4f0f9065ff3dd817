"""Formulas of an issued sheet do not follow an answer that is cut and pasted elsewhere."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook.a1_references import parse_cell_reference
from ledgerbook.forms import load_factory_forms
from ledgerbook.issue.instruction_texts import list_instruction_texts
from ledgerbook.issue.layout import FIRST_ROW
from tests.support.books import OFFICE, issued, make_book
from tests.support.register_year import year_book

BOOK = make_book()
REFERENCE = re.compile(r"\$?[A-Z]{1,2}\$?[0-9]+(?::\$?[A-Z]{1,2}\$?[0-9]+)?")
QUOTED = re.compile(r'"[^"]*"')


def list_formulas(sheet: Worksheet) -> Iterator[str]:
    """Yield the formulas of cells, conditional formats and validations."""
    for row in sheet.iter_rows():
        yield from (str(cell.value) for cell in row if cell.data_type == "f")
    for area in sheet.conditional_formatting:
        yield from (text for rule in area.rules for text in rule.formula)
    for validation in sheet.data_validations.dataValidation:
        yield from filter(None, (validation.formula1, validation.formula2))


@pytest.mark.slow
def test_no_reference_ends_in_an_answer_cell() -> None:
    """Excel changes a reference when a cell at its end is cut, and makes #REF! of one pasted over.

    A range whose corners are locked, and a whole column, stay.
    """
    workbook = load_workbook(io.BytesIO(issued(year_book(load_factory_forms()[1:]), OFFICE)))
    formulas = 0
    for sheet in workbook.worksheets:
        for formula in list_formulas(sheet):
            for reference in REFERENCE.findall(QUOTED.sub("", formula)):
                formulas += 1
                for corner in reference.split(":"):
                    position = parse_cell_reference(corner)
                    assert position is not None
                    cell = sheet.cell(position[0] + 1, position[1] + 1)
                    assert position[0] < FIRST_ROW or cell.protection.locked, (sheet.title, formula)
    assert formulas > 1_000


def test_the_instructions_say_to_copy() -> None:
    """The drop-down goes with a cell that is cut, and no formula can prevent it."""
    texts = list_instruction_texts(BOOK, BOOK.task_form, BOOK.rounds[0])
    assert any("复制" in text and "不要剪切" in text for text in texts)
