"""Legal limits as formulas, which come to what ``statutory_limits`` computes.

No function is used that one of Excel, WPS and LibreOffice lacks, nor any that takes a
list into one cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledgerbook import identity
from ledgerbook.excel.workbook_writer import DATE_FORMAT, WorkbookWriter, check_result
from ledgerbook.issue.data_validation import FormGrid, build_match_test
from ledgerbook.issue.layout import AnswerValue, SheetContent
from ledgerbook.model import Column, ColumnSource, DueRule, Form
from ledgerbook.statutory_limits import (
    CLOCK_PAUSED,
    NOT_COMPUTABLE,
    OPEN_END,
    SOON_DAYS,
    WRONGLY_FILLED,
    LimitStatus,
    compute_due_date,
    compute_status,
    list_working_days,
    select_gravest,
)

# The name under which the working days stand on their hidden sheet.
WORKDAYS_NAME = "workdays"


def build_due_formula(grid: FormGrid, rule: DueRule) -> str:
    """Return the formula of a limit for the grid's first row.

    MATCH finds the place of the last working day that is not after a day, so that the
    n-th working day after it stands n places on.
    """
    places = _DayPlaces(grid, rule)
    pauses = [_Pause(places, *pair) for pair in rule.paused]
    end_place = places.locate_day() + _build_day_count(grid, rule)
    end_place += "".join(f"+{term}" for term in _build_pause_terms(end_place, pauses))
    is_paused = _combine_tests([pause.is_open for pause in pauses])
    if rule.working:
        no_date_text = f'IF({is_paused},"{CLOCK_PAUSED}","{NOT_COMPUTABLE}")'
        day_formula = f"IFERROR(INDEX({WORKDAYS_NAME},{end_place}),{no_date_text})"
    else:
        day_formula = (
            f'IF({end_place}<{OPEN_END // 2},{end_place},"{CLOCK_PAUSED}")' if pauses else end_place
        )
    has_text = f"{_build_text_length(grid, rule)}>0"
    is_mistaken = _combine_tests([has_text, *(pause.is_mistaken for pause in pauses)])
    return f'=IF({is_mistaken},"{WRONGLY_FILLED}",IF(ISNUMBER({places.start}),{day_formula},""))'


@dataclass(frozen=True, slots=True)
class _DayPlaces:
    """Days as places on a line: in the list of working days, or any day by itself."""

    grid: FormGrid
    rule: DueRule

    @property
    def start(self) -> str:
        start = self.grid.reference_cell(self.rule.start)
        if not self.rule.restart:
            return start
        restart = self.grid.reference_cell(self.rule.restart)
        return f"IF(ISNUMBER({restart}),{restart},{start})"

    def locate_day(self, cell: str = "") -> str:
        """Return the place of the start, or of a later day in ``cell``."""
        day = f"MAX({cell},{self.start})" if cell else self.start
        return f"MATCH({day},{WORKDAYS_NAME},1)" if self.rule.working else f"INT({day})"


@dataclass(frozen=True, slots=True)
class _Pause:
    """A pause: of a blank one, ``start_place`` and ``end_place`` are both the start's place."""

    places: _DayPlaces
    start_key: str
    end_key: str

    @property
    def start_cell(self) -> str:
        return self.places.grid.reference_cell(self.start_key)

    @property
    def end_cell(self) -> str:
        return self.places.grid.reference_cell(self.end_key)

    @property
    def is_open(self) -> str:
        return f"AND(ISNUMBER({self.start_cell}),NOT(ISNUMBER({self.end_cell})))"

    @property
    def is_mistaken(self) -> str:
        """Whether it ends before it begins, or without having begun."""
        is_reversed = f"OR(NOT(ISNUMBER({self.start_cell})),{self.end_cell}<{self.start_cell})"
        return f"AND(ISNUMBER({self.end_cell}),{is_reversed})"

    @property
    def start_place(self) -> str:
        return self.places.locate_day(self.start_cell)

    @property
    def end_place(self) -> str:
        return f"IF({self.is_open},{OPEN_END},{self.places.locate_day(self.end_cell)})"

    @property
    def length(self) -> str:
        return f"MAX(0,{self.end_place}-{self.start_place})"


def _build_day_count(grid: FormGrid, rule: DueRule) -> str:
    extension_terms = (
        f"+IF({build_match_test(grid.reference_cell(extension.column), extension.values)}"
        f",{extension.days},0)"
        for extension in rule.extended
    )
    return f"+{rule.days}{''.join(extension_terms)}"


def _build_pause_terms(end: str, pauses: Sequence[_Pause]) -> list[str]:
    """Return what the pauses add to ``end``, each only if it begins before the end.

    Of two, either may come first, and days that lie in both count once.
    """
    match pauses:
        case []:
            return []
        case [pause]:
            return [f"IF({pause.start_place}<{end},{pause.length},0)"]
        case [pause, other_pause]:
            overlap = (
                f"MAX(0,MIN({pause.end_place},{other_pause.end_place}"
                f")-MAX({pause.start_place},{other_pause.start_place}))"
            )
            union = f"{pause.length}+{other_pause.length}-{overlap}"
            if_pause_counts, if_other_counts = (
                f"IF({candidate.start_place}<{end}+{included.length},{union},{included.length})"
                for included, candidate in ((pause, other_pause), (other_pause, pause))
            )
            otherwise = f"IF({other_pause.start_place}<{end},{if_other_counts},0)"
            return [f"IF({pause.start_place}<{end},{if_pause_counts},{otherwise})"]
        case _:
            raise ValueError(f"a rule has {len(pauses)} pauses, two at most are told")


def _build_text_length(grid: FormGrid, rule: DueRule) -> str:
    """Return a formula: how many characters of text stand where dates should."""
    pairs = (key for pair in rule.paused for key in pair)
    keys = dict.fromkeys(filter(None, (rule.start, rule.restart, *pairs)))
    cells = (grid.reference_cell(key) for key in keys)
    return "+".join(f"ISTEXT({cell})*LEN(TRIM({cell}))" for cell in cells)


def _combine_tests(tests: Sequence[str]) -> str:
    return f"OR({','.join(tests)})" if tests else "FALSE"


def build_alert_formula(grid: FormGrid) -> str:
    """Return the formula that says in words how an entry stands; "" without limits."""
    if not _list_limit_cells(grid):
        return ""
    states = (
        LimitStatus.OVERDUE,
        LimitStatus.SOON,
        LimitStatus.CLOSED_LATE,
        LimitStatus.IN_TIME,
    )
    formula = '""'
    for alert in reversed(states):
        formula = f'IF({_combine_tests(list(_build_alert_tests(grid, alert)))},"{alert}",{formula})'
    return f"={formula}"


def build_alert_test(grid: FormGrid, alert: LimitStatus) -> str | None:
    """Return a formula: the entry of a row is overdue, or soon will be."""
    tests = _build_alert_tests(grid, alert)
    return _combine_tests(tests) if tests else None


def _list_limit_cells(grid: FormGrid) -> list[tuple[str, str]]:
    """Return the cell of each limit, and of the date that closes it."""
    return [
        (grid.reference_cell(column.key), grid.reference_cell(column.due.closed))
        for column in grid.form.due_columns
        if column.due and column.due.closed
    ]


def _build_alert_tests(grid: FormGrid, alert: LimitStatus) -> list[str]:
    return [
        f"AND(ISNUMBER({due_cell}),{_ALERT_TESTS[alert].format(due=due_cell, end=closing_cell)})"
        for due_cell, closing_cell in _list_limit_cells(grid)
    ]


_OPEN_TEST = "LEN(TRIM({end}))=0"
# A closing date may have a time of day; what is no date closes nothing.
_ALERT_TESTS = {
    LimitStatus.OVERDUE: f"{{due}}<TODAY(),{_OPEN_TEST}",
    LimitStatus.SOON: f"{{due}}>=TODAY(),{{due}}<=TODAY()+{SOON_DAYS},{_OPEN_TEST}",
    LimitStatus.CLOSED_LATE: "ISNUMBER({end}),{end}>=N({due})+1",
    LimitStatus.IN_TIME: "ISNUMBER({end}),{end}<N({due})+1",
}


def add_workday_sheet(writer: WorkbookWriter, year: int, registers: Sequence[Form]) -> None:
    """Put the working days around ``year`` on a hidden sheet, where a limit needs them.

    No function of Excel knows of weekends that are worked; looking a day up in a list
    of all working days does, in every office program.
    """
    days = list_working_days(year)
    rules = [column.due for form in registers for column in form.due_columns]
    if not days or not any(rule and rule.working for rule in rules):
        return
    worksheet = writer.add_sheet(identity.WORKDAY_SHEET)
    worksheet.hide()
    style = writer.get_format("plain", num_format=DATE_FORMAT)
    check_result(worksheet.set_column(0, 0, 12))
    for row, day in enumerate(days):
        check_result(worksheet.write_datetime(row, 0, day, style))
    writer.define_name(WORKDAYS_NAME, identity.WORKDAY_SHEET, f"$A$1:$A${len(days)}")


def compute_cell(
    content: SheetContent,
    grid: FormGrid,
    column: Column,
    answers: Mapping[str, AnswerValue],
) -> tuple[str, AnswerValue]:
    """Return formula and present value of a computed cell, blank for any other."""
    days, form = list_working_days(content.book.year), grid.form
    if column.due:
        return build_due_formula(grid, column.due), compute_due_date(
            column.due, answers, days
        ).display_value
    if column.source is ColumnSource.DUE_ALERT:
        rules = [limit_column.due for limit_column in form.due_columns if limit_column.due]
        states = [
            compute_status(rule, compute_due_date(rule, answers, days), answers, content.issued_on)
            for rule in rules
        ]
        return build_alert_formula(grid), str(select_gravest(states))
    return "", ""
