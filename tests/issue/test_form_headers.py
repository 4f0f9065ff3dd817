"""What a section reads of its form is named as the office has named it."""

from __future__ import annotations

import io
import math
import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from ledgerbook.deadlines import judge_urgency
from ledgerbook.forms import load_factory_ledger
from ledgerbook.issue.corrections import build_corrections
from ledgerbook.issue.data_validation import FormGrid, build_due_soon_test, build_overdue_test
from ledgerbook.issue.layout import CORRECTIONS_SHEET, INSTRUCTIONS_SHEET
from ledgerbook.model.results import DUE_SOON_DAYS, Urgency
from tests.support.books import FINANCE, fill, issued, make_book
from tests.support.changed_forms import (
    FUNDS,
    FUNDS_HEADER,
    NEW_HEADER,
    OLD_HEADER,
    change_form,
    rename_all,
)
from tests.support.returns import collected

BOOK = make_book(forms=(change_form(load_factory_ledger()),))


def sheet_texts(data: bytes, name: str) -> list[str]:
    sheet = load_workbook(io.BytesIO(data))[name]
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]


def test_the_instructions_ask_for_what_the_form_asks_for() -> None:
    """The columns that an overdue task needs are named; where there are none, none is."""
    told = "".join(sheet_texts(issued(BOOK, FINANCE), INSTRUCTIONS_SHEET))
    assert f"还没有完成，要写明{NEW_HEADER}；" in told
    assert OLD_HEADER not in told
    form = load_factory_ledger()
    columns = tuple(replace(column, required=()) for column in form.columns)
    book = make_book(forms=(replace(form, columns=columns),))
    told = "".join(sheet_texts(issued(book, FINANCE), INSTRUCTIONS_SHEET))
    assert "整行变红表示已过完成期限还没有完成；橙色" in told
    renamed = make_book(forms=(rename_all(form),))
    told = "".join(sheet_texts(issued(renamed, FINANCE), INSTRUCTIONS_SHEET))
    assert "“甲提醒”一栏也写着" in told
    assert "已过甲完成期限还没有完成，要写明甲未完成原因" in told


def test_corrections_name_columns_as_the_form_does() -> None:
    """The list and the sheet of 退回修改 have the renamed and the added column."""
    wrong = {"T02": {"status": "未启动", FUNDS: "两万"}}
    (file,) = build_corrections(collected(fill(issued(BOOK, FINANCE), wrong), book=BOOK))
    listed = sheet_texts(file.data, CORRECTIONS_SHEET)
    assert {NEW_HEADER, FUNDS_HEADER} <= set(listed)
    drawn = sheet_texts(file.data, FINANCE)
    assert {NEW_HEADER, FUNDS_HEADER} <= set(drawn)
    assert OLD_HEADER not in drawn


# --- the formula of an issued sheet and judge_urgency ---

TODAY = date(2022, 10, 1)


BLANK = math.nan


def compute_test(formula: str, cells: dict[str, Any]) -> bool:
    """Compute a test of an issued sheet as Excel does.

    Dates are day numbers; a blank cell is ``BLANK``, which is no number and equals nothing.
    """
    parts = re.split(r'("(?:[^"]|"")*")', formula)
    for position in range(0, len(parts), 2):
        code = re.sub(
            r"INDEX\([^()]*\)|\$[A-Z]+\d+", lambda cell: f"cells[{cell[0]!r}]", parts[position]
        )
        parts[position] = re.sub(r"(?<![<>])=", "==", code)
    names = {
        "AND": lambda *tests: all(tests),
        "OR": lambda *tests: any(tests),
        "NOT": lambda test: not test,
        "ISNUMBER": lambda value: isinstance(value, int),
        "TODAY": TODAY.toordinal,
        "FALSE": False,
        "cells": cells,
    }
    return bool(eval("".join(parts), {"__builtins__": {}}, names))  # noqa: S307  our own formula


@pytest.mark.parametrize("days", [None, -400, -1, 0, 1, DUE_SOON_DAYS, DUE_SOON_DAYS + 1, 99])
def test_the_formula_judges_as_the_program_does(days: int | None) -> None:
    """For every status and day the sheet says overdue or due soon when the summary does."""
    form = load_factory_ledger()
    columns = {column.key: position for position, column in enumerate(form.columns)}
    grid = FormGrid(form, columns, 5)
    due = None if days is None else TODAY + timedelta(days=days)
    choices = form.get_choice_list(form.status_column).choices
    for status, category in [("", None), *((c.value, c.meaning) for c in choices)]:
        cells = {
            grid.reference_cell("due"): due.toordinal() if due else BLANK,
            grid.reference_cell("status"): status or BLANK,
        }
        urgency = judge_urgency(due, category, TODAY)
        overdue_test, due_soon_test = build_overdue_test(grid), build_due_soon_test(grid)
        assert overdue_test is not None
        assert due_soon_test is not None
        assert compute_test(overdue_test, cells) is (urgency is Urgency.OVERDUE)
        assert compute_test(due_soon_test, cells) is (urgency is Urgency.DUE_SOON)
