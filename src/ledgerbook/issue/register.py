"""The computed cells of a register: when an entry is due, and how it stands.

As formulas, so that a section sees them while it types, with what they come to now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ledgerbook import marks
from ledgerbook.days.duedates import (
    MISTAKEN,
    PAUSED,
    UNKNOWN,
    State,
    due,
    gravest,
    state,
)
from ledgerbook.days.workdays import calendar
from ledgerbook.issue.canvas import SheetJob, Value
from ledgerbook.issue.limits import DAYS, alert_formula, due_formula
from ledgerbook.issue.rules import Grid
from ledgerbook.model import Column, Form, Source
from ledgerbook.sheets.xlsx import DATE_FORMAT, Maker, done

# What a computed cell may say besides a date.
TOLD = frozenset({*map(str, State), UNKNOWN, PAUSED, MISTAKEN})


def add_workdays(maker: Maker, year: int, registers: Sequence[Form]) -> None:
    """Put the working days around ``year`` on a hidden sheet, where a limit needs them.

    No function of Excel knows of weekends that are worked; looking a day up in a list
    of all working days does, in every office program.
    """
    days = calendar(year)
    rules = [column.due for form in registers for column in form.due]
    if not days or not any(rule and rule.working for rule in rules):
        return
    sheet = maker.sheet(marks.WORKDAY_SHEET)
    sheet.hide()
    style = maker.style("plain", num_format=DATE_FORMAT)
    done(sheet.set_column(0, 0, 12))
    for row, day in enumerate(days):
        done(sheet.write_datetime(row, 0, day, style))
    cells = f"='{marks.WORKDAY_SHEET}'!$A$1:$A${len(days)}"
    done(maker.workbook.define_name(DAYS, cells))


def computed(
    job: SheetJob, grid: Grid, column: Column, said: Mapping[str, Value]
) -> tuple[str, Value]:
    """Return formula and present value of a computed cell, blank for any other."""
    days, form = calendar(job.book.year), grid.form
    if column.due:
        return due_formula(grid, column.due), due(column.due, said, days).shown
    if column.source is Source.ALERT:
        rules = [one.due for one in form.due if one.due]
        states = [
            state(rule, due(rule, said, days), said, job.issued_on) for rule in rules
        ]
        return alert_formula(grid), str(gravest(states))
    return "", ""
