"""What Excel itself checks and colours while a section fills its sheet.

Each rule is derived from the form's definition, so that what Excel refuses and what
the collection reports are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from ledgerbook.issue.hidden_sheets import choice_name
from ledgerbook.model import (
    Column,
    ColumnSource,
    ColumnType,
    Condition,
    ConditionKind,
    Form,
    StatusCategory,
)
from ledgerbook.model.results import DUE_SOON_DAYS

_ERROR_TITLE = "填写有误"
_LONGEST_TITLE = 32
_LONGEST_PHONE = 20


@dataclass(frozen=True, slots=True)
class FormGrid:
    """Where a form stands on a sheet: column key → index, first data row (0-based)."""

    form: Form
    columns: Mapping[str, int]
    first_row: int

    def cell(self, key: str) -> str:
        """Return a reference to ``key``'s cell that holds for every row, as ``$I6``."""
        return f"${xl_col_to_name(self.columns[key])}{self.first_row + 1}"

    def area(self, key: str, rows: int) -> str:
        letter = xl_col_to_name(self.columns[key])
        return f"${letter}${self.first_row + 1}:${letter}${self.first_row + rows}"

    def source(self, source: ColumnSource) -> str | None:
        """Return the key of the column that shows ``source``, if the form has one."""
        return next((c.key for c in self.form.columns if c.source is source), None)


def validation(
    grid: FormGrid, column: Column, window: tuple[date, date]
) -> dict[str, Any] | None:
    """Return XlsxWriter's options for the checks of one answer column."""
    rule = _check(grid, column, window)
    if rule is None and not column.prompt:
        return None
    options: dict[str, Any] = {"validate": "any", **(rule or {})}
    if rule:
        options |= {"error_title": _ERROR_TITLE}
    if column.prompt:
        options["input_title"] = column.header[:_LONGEST_TITLE]
        options["input_message"] = column.prompt
    return options


def _check(
    grid: FormGrid, column: Column, window: tuple[date, date]
) -> dict[str, Any] | None:
    first, last = window
    if column.kind is ColumnType.CHOICE:
        return {
            "validate": "list",
            "source": f"={choice_name(grid.form, column.key)}",
            "error_message": f"“{column.header}”只能从下拉框中选择一项，不能自己输入。",
        }
    if column.kind is ColumnType.DATE and column.not_before:
        other = grid.form.column(column.not_before)
        return {
            "validate": "date",
            "criteria": ">=",
            # A blank cell counts as nothing: it forbids no date at all.
            "value": f"={grid.cell(other.key)}",
            "error_message": f"“{column.header}”要填日期，不能早于“{other.header}”。",
        }
    if column.kind is ColumnType.DATE:
        return {
            "validate": "date",
            "criteria": "between",
            "minimum": first,
            "maximum": last,
            "error_message": f"“{column.header}”要填日期，"
            f"例如 {column.example or first}，并在 {first} 至 {last} 之间。",
        }
    if column.kind is ColumnType.NUMBER:
        return {
            "validate": "decimal",
            "criteria": ">=",
            "value": 0,
            "error_message": f"“{column.header}”只填数字，不带单位，不能小于 0。",
        }
    if column.kind is ColumnType.PHONE:
        return _length(column, 7, column.max_length or _LONGEST_PHONE)
    if column.max_length:
        return _length(column, 0, column.max_length)
    return None


def _length(column: Column, least: int, most: int) -> dict[str, Any]:
    span = f"应填 {least} 至 {most} 个字" if least else f"最多填 {most} 个字"
    return {
        "validate": "length",
        "criteria": "between",
        "minimum": least,
        "maximum": most,
        "error_message": f"“{column.header}”{span}，现在的内容不符合，请修改。",
    }


def closed(grid: FormGrid) -> str:
    """Return a formula: the item can no longer become overdue."""
    status = grid.form.status
    choices = grid.form.choices_of(status).choices
    values = [c.value for c in choices if c.meaning and c.meaning.closed]
    return one_of(grid.cell(status.key), values)


def done(grid: FormGrid) -> str:
    status = grid.form.status
    choices = grid.form.choices_of(status).choices
    return one_of(
        grid.cell(status.key),
        [c.value for c in choices if c.meaning is StatusCategory.DONE],
    )


def overdue(grid: FormGrid) -> str | None:
    """Return a formula on TODAY(), or None where the form shows no due date."""
    due = grid.source(ColumnSource.DUE)
    if due is None:
        return None
    cell = grid.cell(due)
    return f"AND(ISNUMBER({cell}),{cell}<TODAY(),NOT({closed(grid)}))"


def due_soon(grid: FormGrid) -> str | None:
    due = grid.source(ColumnSource.DUE)
    if due is None:
        return None
    cell = grid.cell(due)
    return (
        f"AND(ISNUMBER({cell}),{cell}>=TODAY(),{cell}<=TODAY()+{DUE_SOON_DAYS},"
        f"NOT({closed(grid)}))"
    )


def required(grid: FormGrid, column: Column) -> str | None:
    """Return a formula: the cell of ``column`` must be filled now and is not.

    A blank row of a register asks for nothing.
    """
    cases = list(_cases(grid, column.required))
    if not cases:
        return None
    blank = f"LEN(TRIM({grid.cell(column.key)}))=0"
    begun = f",{entered(grid)}" if grid.form.is_register else ""
    return f"AND({blank}{begun},OR({','.join(cases)}))"


def entered(grid: FormGrid) -> str:
    """Return a formula: something has been written into the row."""
    cells = ",".join(grid.cell(column.key) for column in grid.form.answers)
    return f"COUNTA({cells})>0"


def _cases(grid: FormGrid, conditions: tuple[Condition, ...]) -> Iterator[str]:
    for condition in conditions:
        if condition.when is ConditionKind.ALWAYS:
            yield "TRUE"
        elif condition.when is ConditionKind.EQUALS:
            yield one_of(grid.cell(condition.column), condition.values)
        elif late := overdue(grid):
            yield late


def one_of(cell: str, values: list[str] | tuple[str, ...]) -> str:
    """Return a formula: ``cell`` says one of ``values``."""
    quoted = (value.replace('"', '""') for value in values)
    tests = [f'{cell}="{value}"' for value in quoted]
    return f"OR({','.join(tests)})" if tests else "FALSE"
