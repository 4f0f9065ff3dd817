"""Define how each figure of tables 2 to 4 is counted from the registers.

A count names a register and the conditions that an entry must meet. It is defined once:
the summary writes it as a COUNTIFS formula over the register's sheet, and
:func:`compute_figure` computes the same in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from ledgerbook.annual_report import published_tables
from ledgerbook.annual_report.published_tables import TableCell
from ledgerbook.model.results import RegisterEntry
from ledgerbook.period import Period, Standing

# The registers that the report is counted from, and their columns, by key: headers and
# titles are the office's to change.
DOCUMENTS, ENFORCEMENT = "normative_documents", "enforcement_and_fees"
APPLICATIONS = "applications"
REPORT_REGISTERS = (DOCUMENTS, ENFORCEMENT, APPLICATIONS)


class RequestedValue(Enum):
    """What a condition asks of a cell, or of the period of an entry."""

    IS = auto()
    FILLED = auto()
    STANDING = auto()


@dataclass(frozen=True, slots=True)
class CountCondition:
    """``column`` is a key, that of the period is :data:`PERIOD_COLUMN`."""

    column: str
    requested: RequestedValue
    value: str = ""

    def is_met(self, entry: RegisterEntry, period: Period) -> bool:
        if self.requested is RequestedValue.STANDING:
            return self.value in period.standings
        if self.requested is RequestedValue.IS:
            return entry.get_text(self.column) == self.value
        return self.column in entry.answers


# Under this key the sheet of a register shows how each entry belongs to the year. No column
# of a form has such a key.
PERIOD_COLUMN = "年度判定"
Conditions = tuple[CountCondition, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """The number of entries of ``register`` that meet all conditions.

    With ``total_column``, the numbers in that column are added up instead.
    """

    register: str
    conditions: Conditions
    total_column: str = ""

    @property
    def columns(self) -> frozenset[str]:
        """The keys of all columns of the form that are looked at."""
        condition_columns = {condition.column for condition in self.conditions}
        return frozenset({*condition_columns, self.total_column} - {"", PERIOD_COLUMN})

    @property
    def standings(self) -> frozenset[Standing]:
        """The standings that are asked for."""
        return frozenset(
            Standing(condition.value)
            for condition in self.conditions
            if condition.requested is RequestedValue.STANDING
        )


def _ask_standing(standing: Standing) -> CountCondition:
    return CountCondition(PERIOD_COLUMN, RequestedValue.STANDING, standing)


# Table 2: line → what is counted under each of its columns.
_DOCUMENT_STANDINGS = {
    published_tables.ISSUED_COUNT: Standing.ISSUED,
    published_tables.REPEALED_COUNT: Standing.REPEALED,
    published_tables.VALID_COUNT: Standing.IN_FORCE,
}
_TOTAL_COLUMNS = {
    published_tables.DECISION_COUNT: "quantity",
    published_tables.FEE_AMOUNT: "amount",
}
# Table 4: which column of an application says how it was contested.
CONTEST_COLUMNS = {
    published_tables.REVIEW: "review",
    published_tables.LAWSUIT: "suit",
    published_tables.LAWSUIT_AFTER_REVIEW: "suit_after_review",
}
# Table 3: the lines that count all that stand so; any other line is an outcome.
_LINE_STANDINGS = {
    published_tables.RECEIVED_LINE: Standing.NEW,
    published_tables.CARRIED_OVER_LINE: Standing.CARRIED_OVER,
    published_tables.HANDLED_TOTAL_LINE: Standing.HANDLED,
    published_tables.CARRIED_FORWARD_LINE: Standing.OPEN,
}


def build_counts() -> dict[TableCell, Count]:
    """Return how every figure of the three tables is counted."""
    return {cell: _COUNT_BUILDERS[cell.table](cell) for cell in published_tables.list_cells()}


def _build_disclosure_count(cell: TableCell) -> Count:
    if cell.column in _TOTAL_COLUMNS:
        item = CountCondition("item", RequestedValue.IS, cell.line)
        conditions = (item, _ask_standing(Standing.COUNTED))
        return Count(ENFORCEMENT, conditions, _TOTAL_COLUMNS[cell.column])
    doc_type = CountCondition("doc_type", RequestedValue.IS, cell.line)
    return Count(DOCUMENTS, (doc_type, _ask_standing(_DOCUMENT_STANDINGS[cell.column])))


def _build_application_count(cell: TableCell) -> Count:
    conditions: Conditions = ()
    if cell.column != published_tables.TOTAL:
        conditions += (CountCondition("applicant_type", RequestedValue.IS, cell.column),)
    if cell.line not in _LINE_STANDINGS:
        conditions += (CountCondition("outcome", RequestedValue.IS, cell.line),)
    standing = _LINE_STANDINGS.get(cell.line, Standing.HANDLED)
    return Count(APPLICATIONS, (*conditions, _ask_standing(standing)))


def _build_contest_count(cell: TableCell) -> Count:
    column = CONTEST_COLUMNS[cell.line]
    result = CountCondition(column, RequestedValue.IS, cell.column)
    if cell.column == published_tables.TOTAL:
        result = CountCondition(column, RequestedValue.FILLED)
    return Count(APPLICATIONS, (result, _ask_standing(Standing.COUNTED)))


_COUNT_BUILDERS: Mapping[str, Callable[[TableCell], Count]] = {
    published_tables.DISCLOSURE_TABLE: _build_disclosure_count,
    published_tables.APPLICATION_TABLE: _build_application_count,
    published_tables.CONTEST_TABLE: _build_contest_count,
}


def compute_figure(
    count: Count, entries: Sequence[RegisterEntry], periods: Sequence[Period]
) -> Decimal:
    """Compute a count over ``entries`` of all registers and their periods, as the formula does."""
    return sum(
        (
            _get_amount(entry, count)
            for entry, period in zip(entries, periods, strict=True)
            if entry.form.key == count.register
            and all(condition.is_met(entry, period) for condition in count.conditions)
        ),
        Decimal(),
    )


def _get_amount(entry: RegisterEntry, count: Count) -> Decimal:
    if not count.total_column:
        return Decimal(1)
    answer = entry.answers.get(count.total_column)
    value = answer.value if answer else 0
    # Through text: a binary fraction is not what the section has typed.
    return Decimal(str(value)) if isinstance(value, int | float) else Decimal()
