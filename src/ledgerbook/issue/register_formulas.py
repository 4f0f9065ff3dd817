"""Build the formulas of legal limits on an issued register, and their current values.

The formulas give what :mod:`ledgerbook.statutory_limits` computes, so that a section sees
the due date while it fills its sheet. They use only functions that Excel, WPS and
LibreOffice all have, and no array formulas. Working days are looked up in a hidden list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ledgerbook import identity
from ledgerbook.a1_references import format_area_reference
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
    select_most_urgent,
)

# The defined name of the list of working days on their hidden sheet.
WORKDAYS_NAME = "workdays"


def build_due_formula(grid: FormGrid, rule: DueRule) -> str:
    """Return the formula of a due date for the first row of ``grid``.

    A place is a position in the list of working days, or a day itself where the rule
    counts calendar days. MATCH finds the place of the last working day that is not after
    a given day; the n-th working day after that day is n places further.
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
    """The places of days: positions in the list of working days, or days themselves."""

    grid: FormGrid
    rule: DueRule

    @property
    def start(self) -> str:
        """The cell with the day from which the limit runs; a restart takes precedence."""
        start = self.grid.reference_cell(self.rule.start)
        if not self.rule.restart:
            return start
        restart = self.grid.reference_cell(self.rule.restart)
        return f"IF(ISNUMBER({restart}),{restart},{start})"

    def locate_day(self, cell: str = "") -> str:
        """Return the place of the day in ``cell``, but not before the start; or the start's."""
        day = f"MAX({cell},{self.start})" if cell else self.start
        return f"MATCH({day},{WORKDAYS_NAME},1)" if self.rule.working else f"INT({day})"


@dataclass(frozen=True, slots=True)
class _Pause:
    """A period that does not count. Of a blank one, both places are that of the start."""

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
        """The test whether the pause has begun and has no end yet."""
        return f"AND(ISNUMBER({self.start_cell}),NOT(ISNUMBER({self.end_cell})))"

    @property
    def is_mistaken(self) -> str:
        """The test whether it ends before it begins, or without having begun."""
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
    """Return the terms to add to ``end``, for each pause that begins before the end.

    Of two pauses either may come first, and days in both are counted once.
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
            raise ValueError(f"a rule has {len(pauses)} pauses, at most two are supported")


def _build_text_length(grid: FormGrid, rule: DueRule) -> str:
    """Return the formula of the number of characters that are text instead of dates."""
    pairs = (key for pair in rule.paused for key in pair)
    keys = dict.fromkeys(filter(None, (rule.start, rule.restart, *pairs)))
    cells = (grid.reference_cell(key) for key in keys)
    return "+".join(f"ISTEXT({cell})*LEN(TRIM({cell}))" for cell in cells)


def _combine_tests(tests: Sequence[str]) -> str:
    return f"OR({','.join(tests)})" if tests else "FALSE"


def build_alert_formula(grid: FormGrid) -> str:
    """Return the formula of the alert (逾期, 临期, 超期, 按期); blank without limits."""
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
        formula = (
            f'IF({_combine_tests(list(_build_alert_conditions(grid, alert)))},"{alert}",{formula})'
        )
    return f"={formula}"


def build_alert_test(grid: FormGrid, alert: LimitStatus) -> str | None:
    """Return the formula that tests for one state of an entry; None without limits."""
    tests = _build_alert_conditions(grid, alert)
    return _combine_tests(tests) if tests else None


def _list_limit_cells(grid: FormGrid) -> list[tuple[str, str]]:
    """Return the cell of each due date, and of the date that closes it."""
    return [
        (grid.reference_cell(column.key), grid.reference_cell(column.due.closed))
        for column in grid.form.due_columns
        if column.due and column.due.closed
    ]


def _build_alert_conditions(grid: FormGrid, alert: LimitStatus) -> list[str]:
    return [
        f"AND(ISNUMBER({due_cell}),{_ALERT_TESTS[alert].format(due=due_cell, end=closing_cell)})"
        for due_cell, closing_cell in _list_limit_cells(grid)
    ]


_OPEN_TEST = "LEN(TRIM({end}))=0"
# A closing date may have a time of day; a text instead of a date closes nothing.
_ALERT_TESTS = {
    LimitStatus.OVERDUE: f"{{due}}<TODAY(),{_OPEN_TEST}",
    LimitStatus.SOON: f"{{due}}>=TODAY(),{{due}}<=TODAY()+{SOON_DAYS},{_OPEN_TEST}",
    LimitStatus.CLOSED_LATE: "ISNUMBER({end}),{end}>=N({due})+1",
    LimitStatus.IN_TIME: "ISNUMBER({end}),{end}<N({due})+1",
}


def add_workday_sheet(writer: WorkbookWriter, year: int, registers: Sequence[Form]) -> None:
    """Add a hidden sheet with the working days around ``year``, if a limit needs them.

    No function of Excel knows weekends that are working days (调休), so the formulas look
    days up in a list of all working days.
    """
    days = list_working_days(year)
    rules = [column.due for form in registers for column in form.due_columns]
    if not any(rule and rule.working for rule in rules):
        return
    worksheet = writer.add_sheet(identity.WORKDAY_SHEET)
    worksheet.hide()
    style = writer.get_format("plain", num_format=DATE_FORMAT)
    check_result(worksheet.set_column(0, 0, 12))
    for row, day in enumerate(days):
        check_result(worksheet.write_datetime(row, 0, day, style))
    # Of a year without known working days the list is blank, and nothing is found in it.
    last = (max(len(days) - 1, 0), 0)
    area = format_area_reference((0, 0), last, is_absolute=True)
    writer.define_name(WORKDAYS_NAME, identity.WORKDAY_SHEET, area)


def compute_cell(
    content: SheetContent,
    grid: FormGrid,
    column: Column,
    answers: Mapping[str, AnswerValue],
) -> tuple[str, AnswerValue]:
    """Return formula and current value of a computed cell; two blanks for any other."""
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
        return build_alert_formula(grid), str(select_most_urgent(states))
    return "", ""
