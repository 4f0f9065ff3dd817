"""What an issued sheet refuses to take, the collector finds in a return; and nothing else.

A value that is pasted passes the validation of a sheet by. The rules of the sheet are read from
the issued workbook and applied here, for every type of column.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils.datetime import from_excel
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.forms import load_factory_forms
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.layout import FIRST_ROW
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book, Column, ColumnType, Form
from tests.support.books import AS_OF, ISSUED_ON, OFFICE, SAVED_AT, columns_of, make_book

pytestmark = pytest.mark.slow

# What the collector says where a sheet would refuse. A number that it does not take has no
# order either.
REFUSALS = {
    "choice-unknown",
    "date-outside",
    "date-unclear",
    "entry-order",
    "number-outside",
    "number-unclear",
    "phone-doubtful",
    "too-long",
}
VALUES: dict[ColumnType, list[Any]] = {
    ColumnType.NUMBER: [-2, -0.5, 0, 2.5, 3, 10_000_000, "三"],
    ColumnType.WHOLE_NUMBER: [-2, -0.5, 0, 2.5, 3, 10_000_000, "三"],
    ColumnType.CHOICE: ["没有这一项", "其它的"],
    ColumnType.PHONE: ["12345", "123456", "1234567", "0760-88000001", "8" * 20, "8" * 21, "8" * 30],
}
EDGES = [date(1948, 12, 31), date(1949, 1, 1), date(1999, 12, 31), date(2000, 1, 1)]
LATE = [date(year, *day) for year in range(2049, 2056) for day in ((1, 1), (12, 31))]


def list_forms() -> list[Form]:
    """Return the factory's registers, one of them with the types that none of them has."""
    first, *others = load_factory_forms()[1:]
    note = first.columns[-1]
    added = (
        replace(note, key="phone", header="电话", kind=ColumnType.PHONE),
        replace(note, key="short", header="简称", kind=ColumnType.TEXT, max_length=6),
    )
    return [replace(first, columns=(*first.columns, *added)), *others]


@cache
def make_whole_book() -> Book:
    book, registers = make_book(), tuple(list_forms())
    keys = tuple(form.key for form in registers)
    return replace(
        book,
        forms=(book.task_form, *registers),
        sections=tuple(
            replace(section, register_keys=keys if section.name == OFFICE else ())
            for section in book.sections
        ),
    )


@cache
def issue_whole_book() -> bytes:
    book = make_whole_book()
    return build_section_workbook(book, book.rounds[0], [OFFICE], ISSUED_ON)


def list_values(form: Form, column: Column) -> list[Any]:
    if column.kind is ColumnType.DATE:
        return ["不是日期", *EDGES, *LATE]
    values = list(VALUES.get(column.kind, ["字", "字" * 6, "字" * 7]))
    if column.kind is ColumnType.CHOICE:
        values += form.get_choice_list(column).values
    return values


def find_rule(sheet: Worksheet, cell: str) -> DataValidation | None:
    rules = sheet.data_validations.dataValidation
    return next((rule for rule in rules if cell in rule.sqref), None)


def is_refused(rule: DataValidation | None, value: Any, choices: tuple[str, ...]) -> bool:
    """Apply a rule as Excel does where all other cells of the row are blank."""
    if rule is None or rule.type is None:
        return False
    if rule.type == "list":
        return value not in choices
    if rule.type == "textLength":
        return not float(rule.formula1) <= len(str(value)) <= float(rule.formula2)
    if rule.type == "date":
        if not isinstance(value, date):
            return True
        first, last = evaluate_day(rule.formula1), evaluate_day(rule.formula2)
        return not first <= value <= last
    if isinstance(value, str):
        return True
    is_fraction = rule.type == "whole" and value % 1 != 0
    assert rule.operator == "greaterThanOrEqual"
    return is_fraction or value < float(rule.formula1)


def evaluate_day(formula: str) -> date:
    """Return the day of a serial number, or of ``MAX(INDEX(…),DATE(…))`` with a blank cell."""
    pattern = r"(?:MAX\(INDEX\(.*\),)?DATE\((\d+),(\d+),(\d+)\)\)?"
    if match := re.fullmatch(pattern, formula):
        year, month, day = map(int, match.groups())
        return date(year, month, day)
    serial = from_excel(float(formula))
    assert isinstance(serial, datetime)
    return serial.date()


def fill_column(form: Form, column: Column) -> Iterator[tuple[Any, bool, list[str]]]:
    """Paste values into a column, one a row; yield each, and what sheet and collector say."""
    book, workbook = make_whole_book(), load_workbook(io.BytesIO(issue_whole_book()))
    sheet = workbook[form.title]
    position = columns_of(sheet)[column.key]
    choices = form.get_choice_list(column).values if column.choices else ()
    values = list_values(form, column)[: form.rows]
    cells = [sheet.cell(FIRST_ROW + 1 + n, position) for n in range(len(values))]
    refused = [
        is_refused(find_rule(sheet, cell.coordinate), value, choices)
        for cell, value in zip(cells, values, strict=True)
    ]
    for cell, value in zip(cells, values, strict=True):
        cell.value = value
    data = serialize_workbook(workbook, SAVED_AT)
    ledger = merge_returns(book, [read_return("报送.xlsx", data, ReadContext(book, AS_OF))], AS_OF)
    codes: dict[str, list[str]] = {}
    for problem in ledger.problems:
        if problem.place.sheet == form.title:
            codes.setdefault(problem.place.cell, []).append(problem.code)
    for cell, value, is_bad in zip(cells, values, refused, strict=True):
        yield value, is_bad, codes.get(cell.coordinate, [])


# A column of each type, with and without an earlier day, a limit, a rule of 年度判定.
COLUMNS = {
    f"{form.title} {column.header}": (form, column)
    for form in list_forms()
    for column in form.answer_columns
    if column.kind in (ColumnType.NUMBER, ColumnType.WHOLE_NUMBER)
    or column.key in ("signed_on", "repealed_on", "validity", "phone", "short", "doc_type")
}


@pytest.mark.parametrize("name", COLUMNS)
def test_the_collector_finds_what_the_sheet_refuses(name: str) -> None:
    form, column = COLUMNS[name]
    for value, is_bad, codes in fill_column(form, column):
        assert bool(REFUSALS & set(codes)) is is_bad, (value, codes)


def test_a_negative_number_is_named_at_its_cell() -> None:
    """And it is in no figure: the cell is held back."""
    form = next(one for one in list_forms() if one.key == "enforcement_and_fees")
    found = {v: codes for v, _, codes in fill_column(form, form.get_column("quantity"))}
    assert "number-outside" in found[-2]
    assert "number-outside" in found[2.5]
    assert not REFUSALS & set(found[0])
