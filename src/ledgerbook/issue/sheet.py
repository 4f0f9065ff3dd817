"""Draws one section's sheet of a form: what is fixed, what to fill, what is checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from xlsxwriter.utility import xl_rowcol_to_cell

from ledgerbook import identity
from ledgerbook.excel import styles as look
from ledgerbook.excel.pagination import turns_across
from ledgerbook.excel.writer import SIGNED, WorkbookWriter, done, page_setup
from ledgerbook.issue import validation
from ledgerbook.issue.canvas import IssuedSheet
from ledgerbook.issue.layout import (
    FIRST_ROW,
    HEAD_ROW,
    KEY_ROW,
    ROW_KEY,
    SheetContent,
    Value,
    plan_values,
)
from ledgerbook.issue.register_formulas import computed, pressing
from ledgerbook.issue.sheet_header import (
    LEAST_LINES,
    draw_top,
    entry_height,
    head_height,
    rows_of,
    task_turns,
)
from ledgerbook.issue.validation import FormGrid
from ledgerbook.model import (
    Column,
    ColumnSource,
    Filler,
    Form,
    OngoingDeadline,
    Recurrence,
    Task,
)
from ledgerbook.model.results import DUE_SOON_DAYS
from ledgerbook.statutory_limits import State

# A row of the table: its height in points, and its cells.
Row = tuple[float, list[str]]

_PROTECTION = {
    "select_locked_cells": True,
    "select_unlocked_cells": True,
    "format_columns": True,
    "format_rows": True,
    "autofilter": True,
    # Sorting would part answers from their rows; pictures may be pasted as evidence.
    "sort": False,
    "objects": True,
}


def draw(maker: WorkbookWriter, job: SheetContent) -> None:
    """Add the sheet that ``job`` describes to the workbook."""
    sheet = maker.sheet(job.name)
    columns = {column.key: n for n, column in enumerate(job.form.columns)}
    grid = FormGrid(job.form, columns, FIRST_ROW)
    canvas = IssuedSheet(maker, sheet, job, grid, rows_of(job))
    _columns(canvas)
    draw_top(canvas)
    _header(canvas)
    if job.form.is_register:
        rows = [
            _entry_row(canvas, row, n) for row, n in enumerate(canvas.rows, FIRST_ROW)
        ]
    else:
        rows = [_task_row(canvas, row, t) for row, t in enumerate(job.tasks, FIRST_ROW)]
    canvas.append(rows)
    if not job.form.is_register:
        turns = task_turns(job, [height for height, _ in rows])
        done(sheet.set_h_pagebreaks([FIRST_ROW + turn for turn in turns]))
    if canvas.rows:
        _checks(canvas)
        _colours(canvas)
    done(sheet.autofilter(HEAD_ROW, 0, canvas.last_row, canvas.last_column))
    sheet.freeze_panes(FIRST_ROW, _frozen(job.form))
    done(sheet.print_area(0, 0, canvas.last_row, canvas.last_column))
    footer = f"{job.section} {job.round.name}"
    across = turns_across([column.width for column in job.form.columns])
    page_setup(sheet, head_row=HEAD_ROW, footer=footer, signed=SIGNED, across=across)
    more = {"insert_rows": True} if job.form.is_register else {}
    sheet.protect(identity.sheet_password(job.book), _PROTECTION | more)


def _columns(canvas: IssuedSheet) -> None:
    for n, column in enumerate(canvas.form.columns):
        done(canvas.sheet.set_column(n, n, column.width))
    beyond = canvas.last_column + 1
    done(canvas.sheet.set_column(beyond, beyond, 20, None, {"hidden": 1}))


def _frozen(form: Form) -> int:
    """Keep the columns up to the row code in view; the rest must be free to scroll."""
    if form.is_register:
        return 1
    sources = [column.source for column in form.columns]
    return sources.index(ColumnSource.ROW_CODE) + 1


def _header(canvas: IssuedSheet) -> None:
    sheet = canvas.sheet
    for n, column in enumerate(canvas.form.columns):
        style = canvas.maker.style("head", bg_color=_HEAD_FILLS[column.filler])
        done(sheet.write_string(HEAD_ROW, n, column.header, style))
        done(sheet.write_string(KEY_ROW, n, column.key))
    done(sheet.write_string(KEY_ROW, canvas.last_column + 1, ROW_KEY))
    sheet.set_row(KEY_ROW, None, None, {"hidden": 1})
    sheet.set_row(HEAD_ROW, head_height(canvas.form))


_HEAD_FILLS = {Filler.OFFICIAL: "#D9D9D9", Filler.SECTION: look.HEAD_FILL}


def official_values(
    job: SheetContent, task: Task
) -> Mapping[ColumnSource, str | int | date]:
    """Return what the fixed cells of one row say; blank where the plan is silent."""
    code = identity.row_code(job.book, task, job.section)
    return {**plan_values(job, task), ColumnSource.ROW_CODE: code}


def _task_row(canvas: IssuedSheet, row: int, task: Task) -> Row:
    values = official_values(canvas.job, task)
    given = canvas.job.answers.get(task.code, {})
    cells: list[str] = []
    shown: list[tuple[str, float]] = []
    for n, column in enumerate(canvas.form.columns):
        if column.source is ColumnSource.ALERT:
            style = canvas.style_of(column)
            cells.append(canvas.sheet.formula(*_alert(canvas, row, task), style))
            continue
        value = values[column.source] if column.source else given.get(column.key, "")
        cells.append(_cell_of(canvas, (row, n), column, value, task.code))
        shown.append((str(value), column.width))
    mark = f"{values[ColumnSource.ROW_CODE]}#{identity.fingerprint(task.measure)}"
    cells.append(canvas.sheet.cell(mark))
    return look.row_height(shown, least=LEAST_LINES), cells


def _entry_row(canvas: IssuedSheet, row: int, number: str) -> Row:
    """Draw a row of a register: blank, or what was entered so far."""
    given = canvas.job.answers.get(number, {})
    here = dataclasses.replace(canvas.grid, first_row=row)
    cells: list[str] = []
    for n, column in enumerate(canvas.form.columns):
        value = given.get(column.key, "")
        if column.source is ColumnSource.NUMBER:
            value = row - FIRST_ROW + 1
        formula, now = computed(canvas.job, here, column, given)
        if formula:
            style = canvas.style_of(column)
            cells.append(canvas.sheet.formula(formula, now, style))
            continue
        cells.append(_cell_of(canvas, (row, n), column, value, number))
    return entry_height(canvas.form, given), cells


def _cell_of(
    canvas: IssuedSheet, cell: tuple[int, int], column: Column, value: Value, name: str
) -> str:
    """Return one cell, remarked upon where something in it is wrong."""
    remark = canvas.job.remarks.get(name, {}).get(column.key)
    if not remark:
        return canvas.sheet.cell(value, canvas.style_of(column))
    note = {"author": canvas.job.book.office, **_NOTE}
    done(canvas.sheet.write_comment(*cell, identity.remark(remark), note))
    return canvas.sheet.cell(value, canvas.remarked(column, _REMARKED))


_REMARKED = {"bg_color": look.RED_FILL, "bold": True}
_NOTE = {"x_scale": 2, "y_scale": 1.5, "font_size": 10}


def _alert(canvas: IssuedSheet, row: int, task: Task) -> tuple[str, str]:
    """Say 逾期 or 临期 in words, so that the row's colour is not the only signal.

    Else say 定期 or 长期: such a task has another day next time, or none at all.
    """
    here = dataclasses.replace(canvas.grid, first_row=row)
    late, soon = validation.overdue(here), validation.due_soon(here)
    kind = _KINDS.get(type(task.deadline), "")
    formula = f'=IF({late},"逾期",IF({soon},"临期","{kind}"))' if late else f'="{kind}"'
    return formula, _alert_now(canvas.job, task) or kind


# What the alert says of a task that is not pressing now.
_KINDS: Mapping[type, str] = MappingProxyType(
    {Recurrence: "定期", OngoingDeadline: "长期"}
)


def _alert_now(job: SheetContent, task: Task) -> str:
    status = job.form.status
    said = str(job.answers.get(task.code, {}).get(status.key, ""))
    choice = job.form.choices_of(status).find(said)
    closed = choice is not None and choice.meaning is not None and choice.meaning.closed
    due = job.due(task)
    left = (due - job.issued_on).days if due and not closed else None
    if left is None or left > DUE_SOON_DAYS:
        return ""
    return "逾期" if left < 0 else "临期"


def _checks(canvas: IssuedSheet) -> None:
    book, form = canvas.job.book, canvas.form
    window = book.register_window if form.is_register else book.date_window
    for column in canvas.form.answers:
        options = validation.validation(canvas.grid, column, window)
        if options:
            n = canvas.grid.columns[column.key]
            area = (FIRST_ROW, n, canvas.last_row, n)
            done(canvas.sheet.data_validation(*area, options))


def _colours(canvas: IssuedSheet) -> None:
    """Colour by rule; where two apply, the first one painted wins."""
    grid = canvas.grid
    _paint_remarks(canvas)
    for column in canvas.form.answers:
        n = grid.columns[column.key]
        area = (FIRST_ROW, n, canvas.last_row, n)
        _paint(canvas, area, validation.required(grid, column), look.ASK_FILL, look.INK)
    rows = (FIRST_ROW, 0, canvas.last_row, canvas.last_column)
    if canvas.form.is_register:
        late, soon = pressing(grid, State.OVERDUE), pressing(grid, State.SOON)
        _paint(canvas, rows, late, look.RED_FILL, look.RED_INK)
        _paint(canvas, rows, soon, look.AMBER_FILL, look.AMBER_INK)
        return
    _paint(canvas, rows, validation.overdue(grid), look.RED_FILL, look.RED_INK)
    _paint(canvas, rows, validation.due_soon(grid), look.AMBER_FILL, look.AMBER_INK)
    _paint(canvas, rows, validation.done(grid), look.GREEN_FILL, look.GREEN_INK)


def _paint_remarks(canvas: IssuedSheet) -> None:
    """Keep a cell to be corrected red, whatever its row, until it is changed."""
    for row, name in enumerate(canvas.rows, FIRST_ROW):
        given = canvas.job.answers.get(name, {})
        for key in canvas.job.remarks.get(name, {}):
            n = canvas.grid.columns[key]
            was = str(given.get(key, ""))
            cell = xl_rowcol_to_cell(row, n)
            same = (
                validation.one_of(f'{cell}&""', [was])
                if len(was) < _QUOTABLE
                else "TRUE"
            )
            _paint(canvas, (row, n, row, n), same, look.RED_FILL, look.RED_INK)


# A formula may quote a text of at most 255 characters.
_QUOTABLE = 250


def _paint(
    canvas: IssuedSheet,
    area: tuple[int, int, int, int],
    formula: str | None,
    fill: str,
    ink: str,
) -> None:
    if formula is None:
        return
    style = canvas.maker.workbook.add_format({"bg_color": fill, "font_color": ink})
    options = {"type": "formula", "criteria": f"={formula}", "format": style}
    done(canvas.sheet.conditional_format(*area, options))
