"""Legal limits as formulas, which come to what ``statutory_limits`` computes.

No function is used that one of Excel, WPS and LibreOffice lacks, nor any that takes a
list into one cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledgerbook import identity
from ledgerbook.excel.writer import DATE_FORMAT, WorkbookWriter, done
from ledgerbook.issue.layout import SheetContent, Value
from ledgerbook.issue.validation import FormGrid, one_of
from ledgerbook.model import Column, ColumnSource, DueRule, Form
from ledgerbook.statutory_limits import (
    FAR,
    MISTAKEN,
    PAUSED,
    SOON_DAYS,
    UNKNOWN,
    State,
    calendar,
    due,
    gravest,
    state,
)

# The name under which the working days stand on their hidden sheet.
DAYS = "workdays"


def due_formula(grid: FormGrid, rule: DueRule) -> str:
    """Return the formula of a limit for the grid's first row.

    MATCH finds the place of the last working day that is not after a day, so that the
    n-th working day after it stands n places on.
    """
    line = _DayLine(grid, rule)
    pauses = [_Pause(line, *pair) for pair in rule.paused]
    end = line.place() + _count(grid, rule)
    end += "".join(f"+{extra}" for extra in _extra(end, pauses))
    waiting = _any([pause.open for pause in pauses])
    if rule.working:
        told = f'IF({waiting},"{PAUSED}","{UNKNOWN}")'
        day = f"IFERROR(INDEX({DAYS},{end}),{told})"
    else:
        day = f'IF({end}<{FAR // 2},{end},"{PAUSED}")' if pauses else end
    wrong = f"{_unread(grid, rule)}>0"
    mistaken = _any([wrong, *(pause.crossed for pause in pauses)])
    return f'=IF({mistaken},"{MISTAKEN}",IF(ISNUMBER({line.start}),{day},""))'


@dataclass(frozen=True, slots=True)
class _DayLine:
    """Days as places on a line: in the list of working days, or any day by itself."""

    grid: FormGrid
    rule: DueRule

    @property
    def start(self) -> str:
        start = self.grid.cell(self.rule.start)
        if not self.rule.restart:
            return start
        anew = self.grid.cell(self.rule.restart)
        return f"IF(ISNUMBER({anew}),{anew},{start})"

    def place(self, cell: str = "") -> str:
        """Return the place of the start, or of a later day in ``cell``."""
        day = f"MAX({cell},{self.start})" if cell else self.start
        return f"MATCH({day},{DAYS},1)" if self.rule.working else f"INT({day})"


@dataclass(frozen=True, slots=True)
class _Pause:
    """A pause: of a blank one, ``since`` and ``until`` are both the start's place."""

    line: _DayLine
    first: str
    last: str

    @property
    def begun(self) -> str:
        return self.line.grid.cell(self.first)

    @property
    def over(self) -> str:
        return self.line.grid.cell(self.last)

    @property
    def open(self) -> str:
        return f"AND(ISNUMBER({self.begun}),NOT(ISNUMBER({self.over})))"

    @property
    def crossed(self) -> str:
        """Whether it ends before it begins, or without having begun."""
        early = f"OR(NOT(ISNUMBER({self.begun})),{self.over}<{self.begun})"
        return f"AND(ISNUMBER({self.over}),{early})"

    @property
    def since(self) -> str:
        return self.line.place(self.begun)

    @property
    def until(self) -> str:
        return f"IF({self.open},{FAR},{self.line.place(self.over)})"

    @property
    def length(self) -> str:
        return f"MAX(0,{self.until}-{self.since})"


def _count(grid: FormGrid, rule: DueRule) -> str:
    cases = (
        f"+IF({one_of(grid.cell(one.column), one.values)},{one.days},0)"
        for one in rule.extended
    )
    return f"+{rule.days}{''.join(cases)}"


def _extra(end: str, pauses: Sequence[_Pause]) -> list[str]:
    """Return what the pauses add to ``end``, each only if it begins before the end.

    Of two, either may come first, and days that lie in both count once.
    """
    match pauses:
        case []:
            return []
        case [one]:
            return [f"IF({one.since}<{end},{one.length},0)"]
        case [one, other]:
            both = (
                f"MAX(0,MIN({one.until},{other.until})-MAX({one.since},{other.since}))"
            )
            union = f"{one.length}+{other.length}-{both}"
            first, second = (
                f"IF({b.since}<{end}+{a.length},{union},{a.length})"
                for a, b in ((one, other), (other, one))
            )
            later = f"IF({other.since}<{end},{second},0)"
            return [f"IF({one.since}<{end},{first},{later})"]
        case _:
            raise ValueError(f"a rule has {len(pauses)} pauses, two at most are told")


def _unread(grid: FormGrid, rule: DueRule) -> str:
    """Return a formula: how many characters of text stand where dates should."""
    pairs = (key for pair in rule.paused for key in pair)
    keys = dict.fromkeys(filter(None, (rule.start, rule.restart, *pairs)))
    cells = (grid.cell(key) for key in keys)
    return "+".join(f"ISTEXT({cell})*LEN(TRIM({cell}))" for cell in cells)


def _any(tests: Sequence[str]) -> str:
    return f"OR({','.join(tests)})" if tests else "FALSE"


def alert_formula(grid: FormGrid) -> str:
    """Return the formula that says in words how an entry stands; "" without limits."""
    if not _limits(grid):
        return ""
    states = (State.OVERDUE, State.SOON, State.TOO_LATE, State.IN_TIME)
    told = '""'
    for one in reversed(states):
        told = f'IF({_any(list(_tests(grid, one)))},"{one}",{told})'
    return f"={told}"


def pressing(grid: FormGrid, alert: State) -> str | None:
    """Return a formula: the entry of a row is overdue, or soon will be."""
    tests = _tests(grid, alert)
    return _any(tests) if tests else None


def _limits(grid: FormGrid) -> list[tuple[str, str]]:
    """Return the cell of each limit, and of the date that closes it."""
    return [
        (grid.cell(column.key), grid.cell(column.due.closed))
        for column in grid.form.due
        if column.due and column.due.closed
    ]


def _tests(grid: FormGrid, one: State) -> list[str]:
    return [
        f"AND(ISNUMBER({due}),{_TESTS[one].format(due=due, end=end)})"
        for due, end in _limits(grid)
    ]


_OPEN = "LEN(TRIM({end}))=0"
# A closing date may have a time of day; what is no date closes nothing.
_TESTS = {
    State.OVERDUE: f"{{due}}<TODAY(),{_OPEN}",
    State.SOON: f"{{due}}>=TODAY(),{{due}}<=TODAY()+{SOON_DAYS},{_OPEN}",
    State.TOO_LATE: "ISNUMBER({end}),{end}>=N({due})+1",
    State.IN_TIME: "ISNUMBER({end}),{end}<N({due})+1",
}


def add_workdays(maker: WorkbookWriter, year: int, registers: Sequence[Form]) -> None:
    """Put the working days around ``year`` on a hidden sheet, where a limit needs them.

    No function of Excel knows of weekends that are worked; looking a day up in a list
    of all working days does, in every office program.
    """
    days = calendar(year)
    rules = [column.due for form in registers for column in form.due]
    if not days or not any(rule and rule.working for rule in rules):
        return
    sheet = maker.sheet(identity.WORKDAY_SHEET)
    sheet.hide()
    style = maker.style("plain", num_format=DATE_FORMAT)
    done(sheet.set_column(0, 0, 12))
    for row, day in enumerate(days):
        done(sheet.write_datetime(row, 0, day, style))
    cells = f"='{identity.WORKDAY_SHEET}'!$A$1:$A${len(days)}"
    done(maker.workbook.define_name(DAYS, cells))


def computed(
    job: SheetContent, grid: FormGrid, column: Column, said: Mapping[str, Value]
) -> tuple[str, Value]:
    """Return formula and present value of a computed cell, blank for any other."""
    days, form = calendar(job.book.year), grid.form
    if column.due:
        return due_formula(grid, column.due), due(column.due, said, days).shown
    if column.source is ColumnSource.ALERT:
        rules = [one.due for one in form.due if one.due]
        states = [
            state(rule, due(rule, said, days), said, job.issued_on) for rule in rules
        ]
        return alert_formula(grid), str(gravest(states))
    return "", ""
