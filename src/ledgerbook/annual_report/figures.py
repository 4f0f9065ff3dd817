"""Define how each figure of tables 2 to 4 is counted from the registers.

A count names a register and the conditions that an entry must meet. It is defined once:
the summary writes it as a COUNTIFS formula over the register's sheet, and
:func:`compute_figure` computes the same in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum, auto

from ledgerbook.annual_report import published_tables
from ledgerbook.annual_report.published_tables import TableCell
from ledgerbook.model.results import RegisterEntry

# The registers that the report is counted from, and their columns, by key: headers and
# titles are the office's to change.
DOCUMENTS, ENFORCEMENT = "normative_documents", "enforcement_and_fees"
APPLICATIONS = "applications"
REPORT_REGISTERS = (DOCUMENTS, ENFORCEMENT, APPLICATIONS)


class RequestedValue(Enum):
    """What a condition asks of a cell. A blank cell is neither in nor after a year."""

    IS = auto()
    FILLED = auto()
    BLANK = auto()
    IN_YEAR = auto()
    AFTER_YEAR = auto()


@dataclass(frozen=True, slots=True)
class CountCondition:
    column: str
    requested: RequestedValue
    value: str = ""

    def is_met(self, entry: RegisterEntry, year: int) -> bool:
        answer = entry.answers.get(self.column)
        if self.requested is RequestedValue.IS:
            return entry.get_text(self.column) == self.value
        if self.requested in (RequestedValue.FILLED, RequestedValue.BLANK):
            return (answer is not None) is (self.requested is RequestedValue.FILLED)
        day = answer.value if answer else None
        if not isinstance(day, date):
            return False
        return day.year == year if self.requested is RequestedValue.IN_YEAR else day.year > year


Conditions = tuple[CountCondition, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """The number of entries of ``register`` that meet the conditions.

    An entry must meet all conditions of a group; each of ``added_groups`` is counted and
    added, each of ``subtracted_groups`` counted and subtracted. With ``total_column``, the
    numbers in that column are added up instead.
    """

    register: str
    added_groups: tuple[Conditions, ...]
    subtracted_groups: tuple[Conditions, ...] = ()
    total_column: str = ""

    @property
    def columns(self) -> frozenset[str]:
        """The keys of all columns that the conditions look at."""
        groups = (*self.added_groups, *self.subtracted_groups)
        condition_columns = {condition.column for group in groups for condition in group}
        return frozenset({*condition_columns, self.total_column} - {""})


# Table 2: line → what is counted under each of its columns.
_DOCUMENT_CONDITIONS = {
    published_tables.ISSUED_COUNT: CountCondition("signed_on", RequestedValue.IN_YEAR),
    published_tables.REPEALED_COUNT: CountCondition("repealed_on", RequestedValue.IN_YEAR),
    published_tables.VALID_COUNT: CountCondition("validity", RequestedValue.IS, "现行有效"),
}
_TOTAL_COLUMNS = {
    published_tables.DECISION_COUNT: "quantity",
    published_tables.FEE_AMOUNT: "amount",
}
# Table 4: which column of an application says how it was contested.
_CONTEST_COLUMNS = {
    published_tables.REVIEW: "review",
    published_tables.LAWSUIT: "suit",
    published_tables.LAWSUIT_AFTER_REVIEW: "suit_after_review",
}
_IS_NEW = CountCondition("carried_over", RequestedValue.IS, "否")
_IS_CARRIED_OVER = CountCondition("carried_over", RequestedValue.IS, "是")
_RECEIVED_IN_YEAR = CountCondition("received_on", RequestedValue.IN_YEAR)
_HAS_OUTCOME, _HAS_NO_OUTCOME = (
    CountCondition("outcome", RequestedValue.FILLED),
    CountCondition("outcome", RequestedValue.BLANK),
)
# What is answered after the year's end still counts as carried over to the next.
_REPLIED_AFTER_YEAR = CountCondition("replied_on", RequestedValue.AFTER_YEAR)


def build_counts() -> dict[TableCell, Count]:
    """Return how every figure of the three tables is counted."""
    return {cell: _COUNT_BUILDERS[cell.table](cell) for cell in published_tables.list_cells()}


def _build_disclosure_count(cell: TableCell) -> Count:
    if cell.column in _TOTAL_COLUMNS:
        item = CountCondition("item", RequestedValue.IS, cell.line)
        return Count(ENFORCEMENT, ((item,),), total_column=_TOTAL_COLUMNS[cell.column])
    doc_type = CountCondition("doc_type", RequestedValue.IS, cell.line)
    return Count(DOCUMENTS, ((doc_type, _DOCUMENT_CONDITIONS[cell.column]),))


def _build_application_count(cell: TableCell) -> Count:
    applicant: Conditions = ()
    if cell.column != published_tables.TOTAL:
        applicant = (CountCondition("applicant_type", RequestedValue.IS, cell.column),)
    if cell.line == published_tables.RECEIVED_LINE:
        return Count(APPLICATIONS, ((*applicant, _IS_NEW, _RECEIVED_IN_YEAR),))
    if cell.line == published_tables.CARRIED_OVER_LINE:
        return Count(APPLICATIONS, ((*applicant, _IS_CARRIED_OVER),))
    if cell.line == published_tables.CARRIED_FORWARD_LINE:
        replied_late = (*applicant, _HAS_OUTCOME, _REPLIED_AFTER_YEAR)
        return Count(APPLICATIONS, ((*applicant, _HAS_NO_OUTCOME), replied_late))
    outcome = _HAS_OUTCOME
    if cell.line != published_tables.HANDLED_TOTAL_LINE:
        outcome = CountCondition("outcome", RequestedValue.IS, cell.line)
    return Count(
        APPLICATIONS,
        ((*applicant, outcome),),
        ((*applicant, outcome, _REPLIED_AFTER_YEAR),),
    )


def _build_contest_count(cell: TableCell) -> Count:
    column = _CONTEST_COLUMNS[cell.line]
    if cell.column == published_tables.TOTAL:
        return Count(APPLICATIONS, ((CountCondition(column, RequestedValue.FILLED),),))
    return Count(APPLICATIONS, ((CountCondition(column, RequestedValue.IS, cell.column),),))


_COUNT_BUILDERS: Mapping[str, Callable[[TableCell], Count]] = {
    published_tables.DISCLOSURE_TABLE: _build_disclosure_count,
    published_tables.APPLICATION_TABLE: _build_application_count,
    published_tables.CONTEST_TABLE: _build_contest_count,
}


def compute_figure(count: Count, entries: Sequence[RegisterEntry], year: int) -> Decimal:
    """Compute a count over ``entries`` of all registers, as the formula does."""
    matching_entries = [
        entry for entry in entries if entry.form.key == count.register and entry.answers
    ]
    added, subtracted = (
        sum(
            (
                _get_amount(entry, count)
                for group in groups
                for entry in matching_entries
                if _meets_all_conditions(group, entry, year)
            ),
            Decimal(),
        )
        for groups in (count.added_groups, count.subtracted_groups)
    )
    return added - subtracted


def _meets_all_conditions(conditions: Conditions, entry: RegisterEntry, year: int) -> bool:
    return all(condition.is_met(entry, year) for condition in conditions)


def _get_amount(entry: RegisterEntry, count: Count) -> Decimal:
    if not count.total_column:
        return Decimal(1)
    answer = entry.answers.get(count.total_column)
    value = answer.value if answer else 0
    # Through text: a binary fraction is not what the section has typed.
    return Decimal(str(value)) if isinstance(value, int | float) else Decimal()
