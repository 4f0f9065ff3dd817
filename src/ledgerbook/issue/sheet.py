"""Draw one section's sheet of a form: fixed cells, answer cells, checks and colours.

The layout is that of :mod:`ledgerbook.issue.layout`. Rows and columns are 0-based.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date

from ledgerbook import identity
from ledgerbook.deadlines import judge_urgency
from ledgerbook.excel import styles
from ledgerbook.excel.pagination import lay_out_pages
from ledgerbook.excel.refusals import check_formula
from ledgerbook.excel.table_worksheet import EncodedCell
from ledgerbook.excel.workbook_writer import (
    SIGNATURE_LINE,
    WorkbookWriter,
    check_result,
    set_up_page,
)
from ledgerbook.issue import data_validation
from ledgerbook.issue.data_validation import FormGrid
from ledgerbook.issue.issued_sheet import IssuedSheet
from ledgerbook.issue.layout import (
    DEADLINE_LABELS,
    FIRST_ROW,
    HEADER_ROW,
    KEY_ROW,
    ROW_KEY,
    AnswerValue,
    RowAnswers,
    SheetContent,
    get_plan_values,
)
from ledgerbook.issue.register_formulas import build_alert_test, compute_cell
from ledgerbook.issue.sheet_header import (
    MIN_LINES,
    choose_page_breaks,
    draw_header,
    list_row_names,
    measure_column_header,
    measure_entry_row,
)
from ledgerbook.model import Column, ColumnSource, ConditionKind, Filler, Form, Task
from ledgerbook.model.form_columns import get_plan_text
from ledgerbook.statutory_limits import LimitStatus

# A row of the table: its height in points, and its encoded cells.
IssuedRow = tuple[float, list[EncodedCell]]

_PROTECTION = {
    "select_locked_cells": True,
    "select_unlocked_cells": True,
    "format_columns": True,
    "format_rows": True,
    "autofilter": True,
    # Sorting would separate answers from their rows; pictures may be pasted as evidence.
    "sort": False,
    "objects": True,
}


def draw_sheet(writer: WorkbookWriter, content: SheetContent) -> None:
    """Add the sheet that ``content`` describes to the workbook."""
    worksheet = writer.add_sheet(content.name)
    columns = {column.key: position for position, column in enumerate(content.form.columns)}
    grid = FormGrid(content.form, columns, FIRST_ROW)
    sheet = IssuedSheet(writer, worksheet, content, grid, list_row_names(content))
    _set_column_widths(sheet)
    draw_header(sheet)
    _write_column_header(sheet)
    if content.form.is_register:
        rows = [
            _build_entry_row(sheet, row, position)
            for row, position in enumerate(sheet.row_names, FIRST_ROW)
        ]
    else:
        rows = [
            _build_issued_task_row(sheet, row, task)
            for row, task in enumerate(content.tasks, FIRST_ROW)
        ]
    sheet.append_rows(rows)
    row_breaks = (
        ()
        if content.form.is_register
        else choose_page_breaks(content, [height for height, _ in rows])
    )
    check_result(worksheet.set_h_pagebreaks([FIRST_ROW + row_break for row_break in row_breaks]))
    if sheet.row_names:
        _add_validations(sheet)
        _add_colours(sheet)
    check_result(worksheet.autofilter(HEADER_ROW, 0, sheet.last_row, sheet.last_column))
    worksheet.freeze_panes(FIRST_ROW, _count_frozen_columns(content.form))
    check_result(worksheet.print_area(0, 0, sheet.last_row, sheet.last_column))
    footer = f"{content.section} {content.round.name}"
    widths, paper = [column.width for column in content.form.columns], content.book.paper
    set_up_page(
        worksheet,
        header_row=HEADER_ROW,
        footer=footer,
        signature=SIGNATURE_LINE,
        layout=lay_out_pages(widths, has_row_breaks=bool(row_breaks), paper=paper),
    )
    register_options = {"insert_rows": True} if content.form.is_register else {}
    worksheet.protect(identity.derive_sheet_password(content.book), _PROTECTION | register_options)


def _set_column_widths(sheet: IssuedSheet) -> None:
    for position, column in enumerate(sheet.form.columns):
        check_result(sheet.worksheet.set_column(position, position, column.width))
    hidden_column = sheet.last_column + 1
    check_result(sheet.worksheet.set_column(hidden_column, hidden_column, 20, None, {"hidden": 1}))


def _count_frozen_columns(form: Form) -> int:
    """Return how many columns on the left do not scroll: up to the row code."""
    if form.is_register:
        return 1
    sources = [column.source for column in form.columns]
    return sources.index(ColumnSource.ROW_CODE) + 1


def _write_column_header(sheet: IssuedSheet) -> None:
    worksheet = sheet.worksheet
    for position, column in enumerate(sheet.form.columns):
        style = sheet.writer.get_format("head", bg_color=_HEADER_FILLS[column.filler])
        check_result(worksheet.write_string(HEADER_ROW, position, column.header, style))
        check_result(worksheet.write_string(KEY_ROW, position, column.key))
    check_result(worksheet.write_string(KEY_ROW, sheet.last_column + 1, ROW_KEY))
    worksheet.set_row(KEY_ROW, None, None, {"hidden": 1})
    worksheet.set_row(HEADER_ROW, measure_column_header(sheet.form))


_HEADER_FILLS = {Filler.OFFICIAL: "#D9D9D9", Filler.SECTION: styles.HEADER_FILL}


def get_official_values(
    content: SheetContent, task: Task
) -> Mapping[ColumnSource, str | int | date]:
    """Return the values of the fixed cells of one row; blank where the plan has none."""
    code = identity.make_row_code(content.book, task, content.section)
    return {**get_plan_values(content, task), ColumnSource.ROW_CODE: code}


def _build_issued_task_row(sheet: IssuedSheet, row: int, task: Task) -> IssuedRow:
    values = get_official_values(sheet.content, task)
    answers = sheet.content.answers.get(task.code, {})
    cells: list[EncodedCell] = []
    cell_texts: list[tuple[str, float]] = []
    for position, column in enumerate(sheet.form.columns):
        if column.source is ColumnSource.DUE_ALERT:
            style = sheet.get_style(column)
            cells.append(sheet.worksheet.encode_formula(*_build_alert(sheet, row, task), style))
            continue
        if column.source is ColumnSource.PLAN_COLUMN:
            value: AnswerValue = get_plan_text(task, column)
        else:
            value = values[column.source] if column.source else answers.get(column.key, "")
        cells.append(_format_cell(sheet, (row, position), column, value, task.code))
        cell_texts.append((str(value), column.width))
    row_key = f"{values[ColumnSource.ROW_CODE]}#{identity.compute_fingerprint(task.measure)}"
    cells.append(sheet.worksheet.encode_cell(row_key))
    return styles.compute_row_height(cell_texts, min_lines=MIN_LINES), cells


def _build_entry_row(sheet: IssuedSheet, row: int, number: str) -> IssuedRow:
    """Return a row of a register: blank, or with the answers to start from."""
    answers = sheet.content.answers.get(number, {})
    row_grid = dataclasses.replace(sheet.grid, first_row=row, is_for_cells=True)
    cells: list[EncodedCell] = []
    for position, column in enumerate(sheet.form.columns):
        value = answers.get(column.key, "")
        if column.source is ColumnSource.NUMBER:
            value = row - FIRST_ROW + 1
        formula, current_value = compute_cell(sheet.content, row_grid, column, answers)
        if formula:
            style = sheet.get_style(column)
            cells.append(sheet.worksheet.encode_formula(formula, current_value, style))
            continue
        cells.append(_format_cell(sheet, (row, position), column, value, number))
    return measure_entry_row(sheet.form, answers), cells


def _format_cell(
    sheet: IssuedSheet,
    cell: tuple[int, int],
    column: Column,
    value: AnswerValue,
    row_name: str,
) -> EncodedCell:
    """Return one encoded cell; with a note if there is a remark or a comment."""
    notes = (
        one.get(row_name, {}).get(column.key, "")
        for one in (sheet.content.remarks, sheet.content.comments)
    )
    if text := "\n".join(filter(None, notes)):
        comment_options = {"author": sheet.content.book.office, **_COMMENT_OPTIONS}
        check_result(
            sheet.worksheet.write_comment(*cell, identity.sign_remark(text), comment_options)
        )
    return sheet.worksheet.encode_cell(value, sheet.choose_style(column, value))


_COMMENT_OPTIONS = {"x_scale": 2, "y_scale": 1.5, "font_size": 10}


def _build_alert(sheet: IssuedSheet, row: int, task: Task) -> tuple[str, str]:
    """Return formula and current value of the alert of one task: 逾期 or 临期.

    The words are there so that the row's colour is not the only signal. A task that is
    neither shows 定期 if it recurs and 长期 if it has no deadline.
    """
    row_grid = dataclasses.replace(sheet.grid, first_row=row, is_for_cells=True)
    overdue_test = data_validation.build_overdue_test(row_grid)
    due_soon_test = data_validation.build_due_soon_test(row_grid)
    deadline_label = DEADLINE_LABELS.get(type(task.deadline), "")
    formula = (
        f'=IF({overdue_test},"逾期",IF({due_soon_test},"临期","{deadline_label}"))'
        if overdue_test
        else f'="{deadline_label}"'
    )
    return formula, _compute_alert(sheet.content, task) or deadline_label


def _compute_alert(content: SheetContent, task: Task) -> str:
    status = content.form.status_column
    status_text = str(content.answers.get(task.code, {}).get(status.key, ""))
    choice = content.form.get_choice_list(status).find_choice(status_text)
    category = choice.meaning if choice else None
    return judge_urgency(content.find_due_date(task), category, content.issued_on).value


def _add_validations(sheet: IssuedSheet) -> None:
    book, form = sheet.content.book, sheet.form
    window = book.register_window if form.is_register else book.date_window
    for column in sheet.form.answer_columns:
        options = data_validation.build_validation(sheet.grid, column, window)
        if options:
            position = sheet.grid.columns[column.key]
            area = (FIRST_ROW, position, sheet.last_row, position)
            check_result(sheet.worksheet.data_validation(*area, options))


def _add_colours(sheet: IssuedSheet) -> None:
    """Add conditional formatting; where two rules apply, the first one added wins."""
    grid = sheet.grid
    _paint_remarks(sheet)
    for column in sheet.form.answer_columns:
        position = grid.columns[column.key]
        area = (FIRST_ROW, position, sheet.last_row, position)
        _paint(
            sheet,
            area,
            data_validation.build_required_test(grid, column),
            styles.REQUIRED_FILL,
            styles.TEXT_COLOR,
        )
    rows = (FIRST_ROW, 0, sheet.last_row, sheet.last_column)
    if sheet.form.is_register:
        overdue_test = build_alert_test(grid, LimitStatus.OVERDUE)
        due_soon_test = build_alert_test(grid, LimitStatus.SOON)
        _paint(sheet, rows, overdue_test, styles.OVERDUE_FILL, styles.OVERDUE_TEXT_COLOR)
        _paint(sheet, rows, due_soon_test, styles.DUE_SOON_FILL, styles.DUE_SOON_TEXT_COLOR)
        return
    _paint(
        sheet,
        rows,
        data_validation.build_overdue_test(grid),
        styles.OVERDUE_FILL,
        styles.OVERDUE_TEXT_COLOR,
    )
    _paint(
        sheet,
        rows,
        data_validation.build_due_soon_test(grid),
        styles.DUE_SOON_FILL,
        styles.DUE_SOON_TEXT_COLOR,
    )
    _paint(
        sheet,
        rows,
        data_validation.build_done_test(grid),
        styles.GREEN_FILL,
        styles.GREEN_TEXT_COLOR,
    )


def _paint_remarks(sheet: IssuedSheet) -> None:
    """Mark each cell to be corrected until it is right; the first rules of all.

    Cells with one remark are wrong together: changing one of them unmarks them all.
    """
    style = sheet.writer.make_correction_format()
    for row, row_name in enumerate(sheet.row_names, FIRST_ROW):
        remarks = sheet.content.remarks.get(row_name, {})
        grid = dataclasses.replace(sheet.grid, first_row=row)
        answers = sheet.content.answers.get(row_name, {})
        for key, remark in remarks.items():
            position = sheet.grid.columns[key]
            group = [other for other in remarks if remarks[other] == remark]
            formula = _build_wrong_test(sheet.content, grid, key, group, answers)
            check_formula(formula)
            options = {"type": "formula", "criteria": f"={formula}", "format": style}
            area = (row, position, row, position)
            check_result(
                sheet.worksheet.conditional_format(*area, options | {"stop_if_true": True})
            )


def _build_wrong_test(
    content: SheetContent, grid: FormGrid, key: str, group: Sequence[str], answers: RowAnswers
) -> str:
    """Return the formula that tests whether a cell is still to be corrected.

    ``group`` are the columns that are wrong together, ``answers`` those of the row as they
    came. A blank cell is wrong while it is required; another until one of the group is
    changed, and while it holds what the sheet refuses.
    """
    book, column = content.book, grid.form.get_column(key)
    window = book.register_window if grid.form.is_register else book.date_window
    invalid_test = data_validation.build_invalid_test(grid, column, window)
    if answers.get(key, "") == "":
        is_required = any(
            condition.when is not ConditionKind.EQUALS
            or str(answers.get(condition.column, "")) in condition.values
            for condition in column.required
        )
        required_test = data_validation.build_required_test(grid, column) if is_required else None
        blank_test = f"LEN(TRIM({grid.reference_cell(key)}))=0"
        return f"OR({required_test or blank_test},{invalid_test})"
    unchanged_tests = (
        data_validation.build_unchanged_test(grid.reference_cell(other), answers[other])
        for other in group
        if answers.get(other, "") != ""
    )
    return f"OR(AND({','.join(unchanged_tests)}),{invalid_test})"


def _paint(
    sheet: IssuedSheet,
    area: tuple[int, int, int, int],
    formula: str | None,
    fill: str,
    ink: str,
) -> None:
    if formula is None:
        return
    check_formula(formula)
    style = sheet.writer.make_conditional_format(fill, ink)
    options = {"type": "formula", "criteria": f"={formula}", "format": style}
    check_result(sheet.worksheet.conditional_format(*area, options))
