"""Build the rules by which Excel checks and colours an issued sheet while it is filled.

Data validation and conditional formatting are derived from the definition of the form,
so that Excel refuses what ``collect`` would report. Formulas are for the first row of the
table, with relative row numbers; texts shown by Excel keep to its limits
(:mod:`ledgerbook.excel.limits`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledgerbook.a1_references import format_area_reference, format_cell_reference
from ledgerbook.excel.limits import MAX_INPUT_TITLE, truncate, truncate_with_ellipsis
from ledgerbook.issue.hidden_sheets import build_choices_name
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
_MAX_PHONE_LENGTH = 20
# A message may have 255 characters; two headers or a header and an example fit beside its
# own words.
_MAX_QUOTED = 60


@dataclass(frozen=True, slots=True)
class FormGrid:
    """The position of a form's table on a sheet.

    ``columns`` maps column keys to 0-based sheet columns; ``first_row`` is the first row
    of data, 0-based.
    """

    form: Form
    columns: Mapping[str, int]
    first_row: int

    def reference_cell(self, key: str) -> str:
        """Return a reference to the cell of column ``key`` in the first row, as ``$I6``."""
        position = self.first_row, self.columns[key]
        return format_cell_reference(position, absolute_column=True)

    def reference_area(self, key: str, rows: int) -> str:
        """Return a reference to the first ``rows`` cells of a column, as ``$I$6:$I$9``."""
        column = self.columns[key]
        first, last = (self.first_row, column), (self.first_row + rows - 1, column)
        return format_area_reference(first, last, is_absolute=True)

    def find_source_key(self, source: ColumnSource) -> str | None:
        """Return the key of the column that shows ``source``, None if the form has none."""
        return next(
            (column.key for column in self.form.columns if column.source is source),
            None,
        )


def build_validation(
    grid: FormGrid, column: Column, window: tuple[date, date]
) -> dict[str, Any] | None:
    """Return XlsxWriter's options for the data validation of one answer column.

    ``window`` is the first and the last date allowed. None where nothing is checked and
    the column has no prompt.
    """
    check = _build_check(grid, column, window)
    if check is None and not column.prompt:
        return None
    options: dict[str, Any] = {"validate": "any", **(check or {})}
    if check:
        options |= {"error_title": _ERROR_TITLE}
    if column.prompt:
        options["input_title"] = truncate(column.header, MAX_INPUT_TITLE)
        options["input_message"] = column.prompt
    return options


def _build_check(
    grid: FormGrid, column: Column, window: tuple[date, date]
) -> dict[str, Any] | None:
    earliest, latest = window
    header = truncate_with_ellipsis(column.header, _MAX_QUOTED)
    if column.kind is ColumnType.CHOICE:
        return {
            "validate": "list",
            "source": f"={build_choices_name(grid.form, column.key)}",
            "error_message": f"“{header}”只能从下拉框中选择一项，不能自己输入。",
        }
    if column.kind is ColumnType.DATE and column.not_before:
        earlier_column = grid.form.get_column(column.not_before)
        earlier_header = truncate_with_ellipsis(earlier_column.header, _MAX_QUOTED)
        return {
            "validate": "date",
            "criteria": ">=",
            # A blank cell counts as nothing: it forbids no date at all.
            "value": f"={grid.reference_cell(earlier_column.key)}",
            "error_message": f"“{header}”要填日期，不能早于“{earlier_header}”。",
        }
    if column.kind is ColumnType.DATE:
        example = truncate_with_ellipsis(column.example, _MAX_QUOTED) or earliest
        return {
            "validate": "date",
            "criteria": "between",
            "minimum": earliest,
            "maximum": latest,
            "error_message": f"“{header}”要填日期，"
            f"例如 {example}，并在 {earliest} 至 {latest} 之间。",
        }
    if column.kind is ColumnType.NUMBER:
        return {
            "validate": "decimal",
            "criteria": ">=",
            "value": 0,
            "error_message": f"“{header}”只填数字，不带单位，不能小于 0。",
        }
    if column.kind is ColumnType.PHONE:
        return _build_length_check(column, 7, column.max_length or _MAX_PHONE_LENGTH)
    if column.max_length:
        return _build_length_check(column, 0, column.max_length)
    return None


def _build_length_check(column: Column, minimum: int, maximum: int) -> dict[str, Any]:
    header = truncate_with_ellipsis(column.header, _MAX_QUOTED)
    length_text = f"应填 {minimum} 至 {maximum} 个字" if minimum else f"最多填 {maximum} 个字"
    return {
        "validate": "length",
        "criteria": "between",
        "minimum": minimum,
        "maximum": maximum,
        "error_message": f"“{header}”{length_text}，现在的内容不符合，请修改。",
    }


def build_closed_test(grid: FormGrid) -> str:
    """Return the formula that tests whether the item can no longer become overdue."""
    status = grid.form.status_column
    choices = grid.form.get_choice_list(status).choices
    values = [choice.value for choice in choices if choice.meaning and choice.meaning.is_closed]
    return build_match_test(grid.reference_cell(status.key), values)


def build_done_test(grid: FormGrid) -> str:
    """Return the formula that tests whether the item is completed."""
    status = grid.form.status_column
    choices = grid.form.get_choice_list(status).choices
    return build_match_test(
        grid.reference_cell(status.key),
        [choice.value for choice in choices if choice.meaning is StatusCategory.COMPLETED],
    )


def build_overdue_test(grid: FormGrid) -> str | None:
    """Return the formula that tests whether the item is overdue today.

    None where the form shows no due date.
    """
    due_key = grid.find_source_key(ColumnSource.DUE_DATE)
    if due_key is None:
        return None
    cell = grid.reference_cell(due_key)
    return f"AND(ISNUMBER({cell}),{cell}<TODAY(),NOT({build_closed_test(grid)}))"


def build_due_soon_test(grid: FormGrid) -> str | None:
    """Return the formula that tests whether the item is due within a few days.

    None where the form shows no due date.
    """
    due_key = grid.find_source_key(ColumnSource.DUE_DATE)
    if due_key is None:
        return None
    cell = grid.reference_cell(due_key)
    return (
        f"AND(ISNUMBER({cell}),{cell}>=TODAY(),{cell}<=TODAY()+{DUE_SOON_DAYS},"
        f"NOT({build_closed_test(grid)}))"
    )


def build_required_test(grid: FormGrid, column: Column) -> str | None:
    """Return the formula that tests whether ``column`` must be filled now and is blank.

    Nothing is required in a blank row of a register. None where it is never required.
    """
    condition_tests = list(_build_condition_tests(grid, column.required))
    if not condition_tests:
        return None
    blank_test = f"LEN(TRIM({grid.reference_cell(column.key)}))=0"
    entered_test = f",{build_entered_test(grid)}" if grid.form.is_register else ""
    return f"AND({blank_test}{entered_test},OR({','.join(condition_tests)}))"


def build_entered_test(grid: FormGrid) -> str:
    """Return the formula that tests whether any answer cell of the row is filled."""
    cells = ",".join(grid.reference_cell(column.key) for column in grid.form.answer_columns)
    return f"COUNTA({cells})>0"


def _build_condition_tests(grid: FormGrid, conditions: tuple[Condition, ...]) -> Iterator[str]:
    for condition in conditions:
        if condition.when is ConditionKind.ALWAYS:
            yield "TRUE"
        elif condition.when is ConditionKind.EQUALS:
            yield build_match_test(grid.reference_cell(condition.column), condition.values)
        elif overdue_test := build_overdue_test(grid):
            yield overdue_test


def build_match_test(cell: str, values: list[str] | tuple[str, ...]) -> str:
    """Return the formula that tests whether ``cell`` is equal to one of ``values``."""
    quoted = (value.replace('"', '""') for value in values)
    tests = [f'{cell}="{value}"' for value in quoted]
    return f"OR({','.join(tests)})" if tests else "FALSE"
