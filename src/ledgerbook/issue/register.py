"""The computed cells of a register: when an entry is due, and how it stands.

As formulas, so that a section sees them while it types; :mod:`ledgerbook.duedates`
comes to the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ledgerbook import marks
from ledgerbook.duedates import PAUSED, SOON_DAYS, UNKNOWN, State, due, state
from ledgerbook.issue.canvas import SheetJob, Value
from ledgerbook.issue.rules import Grid, one_of
from ledgerbook.model import Column, DueRule, Form, Source
from ledgerbook.workdays import Calendar, calendar
from ledgerbook.xlsx import DATE_FORMAT, Maker, done

# What a computed cell may say besides a date.
TOLD = frozenset({*map(str, State), UNKNOWN, PAUSED})
# The name under which the working days stand on their hidden sheet.
DAYS = "workdays"


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


def due_formula(grid: Grid, rule: DueRule) -> str:
    """Return the formula of a limit for the grid's first row."""
    start = grid.cell(rule.start)
    if rule.restart:
        anew = grid.cell(rule.restart)
        start = f"IF(ISNUMBER({anew}),{anew},{start})"
    count = "+".join(
        [
            str(rule.days),
            *(
                f"IF({one_of(grid.cell(one.column), one.values)},{one.days},0)"
                for one in rule.extended
            ),
        ]
    )
    end = f"{_place(start, rule)}+{count}"
    stops, pauses = [], []
    for first, last in rule.paused:
        begun, over = grid.cell(first), grid.cell(last)
        since = _place(f"MAX({begun},{start})", rule)
        until = _place(f"MAX({over},{start})", rule)
        held = f"ISNUMBER({begun}),{since}<{end}"
        stops.append(f"IF(ISNUMBER({begun}),AND({held},NOT(ISNUMBER({over}))),FALSE)")
        within = f"IF({since}<{end},MAX(0,{until}-{since}),0)"
        pauses.append(f"+IF(ISNUMBER({begun}),{within},0)")
    last_place = f"{end}{''.join(pauses)}"
    day = f"INDEX({DAYS},{last_place})" if rule.working else last_place
    told = f'IF(OR({",".join(stops)}),"{PAUSED}",{day})' if stops else day
    return f'=IF(ISNUMBER({start}),IFERROR({told},"{UNKNOWN}"),"")'


def _place(day: str, rule: DueRule) -> str:
    return f"MATCH({day},{DAYS},1)" if rule.working else day


def alert_formula(grid: Grid) -> str:
    """Return the formula that says in words how an entry stands."""
    column = grid.form.due[0]
    cell, soon = grid.cell(column.key), f"TODAY()+{SOON_DAYS}"
    now = f'IF({cell}<TODAY(),"{State.OVERDUE}",IF({cell}<={soon},"{State.SOON}",""))'
    closed = column.due.closed if column.due else ""
    if closed:
        end = grid.cell(closed)
        judged = f'IF({end}<={cell},"{State.IN_TIME}","{State.TOO_LATE}")'
        now = f"IF(ISNUMBER({end}),{judged},{now})"
    return f'=IF(ISNUMBER({cell}),{now},"")'


def computed(
    job: SheetJob, grid: Grid, column: Column, said: Mapping[str, Value]
) -> tuple[str, Value]:
    """Return formula and present value of a computed cell, blank for any other."""
    days: Calendar = calendar(job.book.year)
    if column.due:
        return due_formula(grid, column.due), due(column.due, said, days).shown
    if column.source is Source.ALERT and grid.form.due:
        rule = grid.form.due[0].due
        if rule:
            limit = due(rule, said, days)
            return alert_formula(grid), str(state(rule, limit, said, job.issued_on))
    return "", ""


def pressing(grid: Grid, alert: State) -> str | None:
    """Return a formula: the entry of a row is overdue, or soon will be."""
    key = grid.source(Source.ALERT)
    return f'{grid.cell(key)}="{alert}"' if key and grid.form.due else None
