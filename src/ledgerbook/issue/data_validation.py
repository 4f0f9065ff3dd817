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

from ledgerbook.a1_references import (
    format_area_reference,
    format_cell_reference,
    format_column_letters,
)
from ledgerbook.excel.limits import (
    MAX_FORMULA_TEXT,
    MAX_INPUT_TITLE,
    truncate,
    truncate_with_ellipsis,
)
from ledgerbook.excel.table_worksheet import convert_to_serial
from ledgerbook.issue.hidden_sheets import build_choices_name
from ledgerbook.issue.layout import AnswerValue
from ledgerbook.model import (
    Column,
    ColumnSource,
    ColumnType,
    Condition,
    ConditionKind,
    Filler,
    Form,
    StatusCategory,
)
from ledgerbook.model.cell_rules import (
    LEAST_NUMBER,
    NUMBER_TYPES,
    describe_number,
    get_length_range,
)
from ledgerbook.model.results import DUE_SOON_DAYS
from ledgerbook.text import count_utf16_units

_ERROR_TITLE = "填写有误"
# A message may have 255 characters; two headers or a header and an example fit beside its
# own words.
_MAX_QUOTED = 60


@dataclass(frozen=True, slots=True)
class FormGrid:
    """The position of a form's table on a sheet.

    ``columns`` maps column keys to 0-based sheet columns; ``first_row`` is the first row
    of data, 0-based. ``is_for_cells`` says that formulas are for cells of the table itself.

    No reference leads to an answer cell alone: when a section cuts the cell and pastes it
    elsewhere, Excel would let the reference follow it, and make #REF! of one to the cell below
    the paste. A range changes only when one of its ends is cut, and here the ends are locked.
    """

    form: Form
    columns: Mapping[str, int]
    first_row: int
    is_for_cells: bool = False

    def reference_cell(self, key: str) -> str:
        """Return a reference to the cell of column ``key`` in the first row.

        An official cell is ``$I6``. An answer cell is a part of its row,
        ``INDEX($A6:$T6,1,10)``; for a formula in that row, which would be in the range itself, it
        is a part of its column, ``INDEX($J:$J,ROW())``: not in conditional formats, where Excel
        evaluates ROW as an array. Where the first cell of the row is none of ours, the range
        begins in the column header.
        """
        column = self.columns[key]
        if self.form.get_column(key).filler is Filler.OFFICIAL:
            return format_cell_reference((self.first_row, column), absolute_column=True)
        if self.is_for_cells:
            letters = format_column_letters(column)
            return f"INDEX(${letters}:${letters},ROW())"
        is_first_locked = self.form.columns[0].filler is Filler.OFFICIAL
        first = (self.first_row, 0) if is_first_locked else (self.first_row - 1, 0)
        corners = (
            format_cell_reference(first, absolute_column=True, absolute_row=not is_first_locked),
            format_cell_reference((self.first_row, self._hidden_column), absolute_column=True),
        )
        area = ":".join(corners)
        row = "1" if is_first_locked else f"ROWS({area})"
        return f"INDEX({area},{row},{column + 1})"

    def reference_area(self, key: str, rows: int) -> str:
        """Return a reference to the first ``rows`` cells of a column, as ``$J$5:$J$10``.

        It begins in the header and ends in the blank cell below, which are locked.
        """
        column = self.columns[key]
        first, last = (self.first_row - 1, column), (self.first_row + rows, column)
        return format_area_reference(first, last, is_absolute=True)

    @property
    def _hidden_column(self) -> int:
        """The column beside the table, whose cells are locked."""
        return len(self.form.columns)

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

    ``window`` is the first and the last date allowed. Beside a cell a prompt is shown only
    where one must write, sometimes at least: elsewhere it would cover the cells below. All are in
    填表说明. None where nothing is checked and no prompt is shown.
    """
    check = _build_check(grid, column, window)
    shows_prompt = column.prompt and column.required and column.kind is not ColumnType.CHOICE
    if check is None and not shows_prompt:
        return None
    options: dict[str, Any] = {"validate": "any", **(check or {})}
    if check:
        options |= {"error_title": _ERROR_TITLE}
    if shows_prompt:
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
            "criteria": "between",
            # A blank cell counts as nothing: it forbids no date at all.
            "minimum": f"=MAX({grid.reference_cell(earlier_column.key)},{_write_day(earliest)})",
            "maximum": f"={_write_day(latest)}",
            "error_message": f"“{header}”要填日期，不能早于“{earlier_header}”，"
            f"并在 {earliest} 至 {latest} 之间。",
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
    if column.kind in NUMBER_TYPES:
        return {
            "validate": "integer" if column.kind is ColumnType.WHOLE_NUMBER else "decimal",
            "criteria": ">=",
            "value": LEAST_NUMBER,
            "error_message": f"“{header}”只填数字（{describe_number(column)}），不带单位。",
        }
    lengths = get_length_range(column)
    return _build_length_check(column, *lengths) if lengths else None


def _write_day(day: date) -> str:
    return f"DATE({day.year},{day.month},{day.day})"


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


def build_unchanged_test(cell: str, original: AnswerValue) -> str:
    """Return the formula that tests whether ``cell`` still holds ``original``, which is no blank.

    Of a text too long for a formula, the beginning and the length are compared.
    """
    if isinstance(original, date):
        return f"{cell}={convert_to_serial(original):.15g}"
    if isinstance(original, float):
        return f"{cell}={original:.15g}"
    text = str(original)
    if count_utf16_units(text) <= MAX_FORMULA_TEXT:
        return build_match_test(f'{cell}&""', [text])
    beginning = text[: MAX_FORMULA_TEXT // 2]
    length = count_utf16_units(beginning)
    is_alike = build_match_test(f"LEFT({cell},{length})", [beginning])
    return f"AND(LEN({cell})={count_utf16_units(text)},{is_alike})"


def build_invalid_test(grid: FormGrid, column: Column, window: tuple[date, date]) -> str:
    """Return the formula that tests whether a cell holds what its data validation refuses.

    A blank is never refused. ``window`` is the first and the last date allowed.
    """
    cell = grid.reference_cell(column.key)
    earliest, latest = window
    if column.kind is ColumnType.CHOICE:
        test = f"ISNA(MATCH({cell},{build_choices_name(grid.form, column.key)},0))"
    elif column.kind is ColumnType.DATE:
        earlier = (column.not_before,) if column.not_before else ()
        starts = ",".join((_write_day(earliest), *map(grid.reference_cell, earlier)))
        test = f"NOT(AND(ISNUMBER({cell}),{cell}>=MAX({starts}),{cell}<{_write_day(latest)}+1))"
    elif column.kind in NUMBER_TYPES:
        test = f"NOT(AND(ISNUMBER({cell}),{cell}>={LEAST_NUMBER}))"
    elif lengths := get_length_range(column):
        test = f"OR(LEN({cell})<{lengths[0]},LEN({cell})>{lengths[1]})"
    else:
        return "FALSE"
    return f"AND(LEN({cell})>0,{test})"


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
