"""How each figure is counted from the registers: said once, for Python and for Excel.

A count names a register and the conditions that an entry must meet; the summary writes
it as a COUNTIFS over the register's sheet, and :func:`figure` comes to the same.
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
REGISTERS = (DOCUMENTS, ENFORCEMENT, APPLICATIONS)


class RequestedValue(Enum):
    """What a condition asks of a cell. A blank one is neither in nor after a year."""

    IS = auto()
    FILLED = auto()
    BLANK = auto()
    IN_YEAR = auto()
    AFTER_YEAR = auto()


@dataclass(frozen=True, slots=True)
class CountCondition:
    column: str
    asked: RequestedValue
    value: str = ""

    def met(self, record: RegisterEntry, year: int) -> bool:
        answer = record.answers.get(self.column)
        if self.asked is RequestedValue.IS:
            return record.text(self.column) == self.value
        if self.asked in (RequestedValue.FILLED, RequestedValue.BLANK):
            return (answer is not None) is (self.asked is RequestedValue.FILLED)
        day = answer.value if answer else None
        if not isinstance(day, date):
            return False
        return (
            day.year == year
            if self.asked is RequestedValue.IN_YEAR
            else day.year > year
        )


Conditions = tuple[CountCondition, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """How many entries of ``register`` meet all of ``added``'s groups of conditions.

    Each group is counted by itself; those of ``taken`` are counted off again. With
    ``total``, the numbers in that column are added up instead.
    """

    register: str
    added: tuple[Conditions, ...]
    taken: tuple[Conditions, ...] = ()
    total: str = ""

    @property
    def columns(self) -> frozenset[str]:
        """The keys of all columns that are looked at."""
        groups = (*self.added, *self.taken)
        asked = {condition.column for group in groups for condition in group}
        return frozenset({*asked, self.total} - {""})


# Table 2: line → what is counted under each of its columns.
_DOCUMENT_COLUMNS = {
    published_tables.MADE: CountCondition("signed_on", RequestedValue.IN_YEAR),
    published_tables.REPEALED: CountCondition("repealed_on", RequestedValue.IN_YEAR),
    published_tables.VALID: CountCondition("validity", RequestedValue.IS, "现行有效"),
}
_TOTALS = {published_tables.DECIDED: "quantity", published_tables.CHARGED: "amount"}
# Table 4: which column of an application says how it was contested.
_CONTEST_COLUMNS = {
    published_tables.REVIEW: "review",
    published_tables.SUIT: "suit",
    published_tables.SUIT_AFTER: "suit_after_review",
}
_NEW = CountCondition("carried_over", RequestedValue.IS, "否")
_OLD = CountCondition("carried_over", RequestedValue.IS, "是")
_RECEIVED = CountCondition("received_on", RequestedValue.IN_YEAR)
_CLOSED, _OPEN = (
    CountCondition("outcome", RequestedValue.FILLED),
    CountCondition("outcome", RequestedValue.BLANK),
)
# What is answered after the year's end still counts as carried over to the next.
_TOO_LATE = CountCondition("replied_on", RequestedValue.AFTER_YEAR)


def counts() -> dict[TableCell, Count]:
    """Say of every figure of the three tables how it is counted."""
    return {spot: _COUNTED[spot.table](spot) for spot in published_tables.spots()}


def _disclosed(spot: TableCell) -> Count:
    if spot.column in _TOTALS:
        item = CountCondition("item", RequestedValue.IS, spot.line)
        return Count(ENFORCEMENT, ((item,),), total=_TOTALS[spot.column])
    kind = CountCondition("doc_type", RequestedValue.IS, spot.line)
    return Count(DOCUMENTS, ((kind, _DOCUMENT_COLUMNS[spot.column]),))


def _applied(spot: TableCell) -> Count:
    who: Conditions = ()
    if spot.column != published_tables.TOTAL:
        who = (CountCondition("applicant_type", RequestedValue.IS, spot.column),)
    if spot.line == published_tables.RECEIVED:
        return Count(APPLICATIONS, ((*who, _NEW, _RECEIVED),))
    if spot.line == published_tables.CARRIED:
        return Count(APPLICATIONS, ((*who, _OLD),))
    if spot.line == published_tables.FORWARD:
        late = (*who, _CLOSED, _TOO_LATE)
        return Count(APPLICATIONS, ((*who, _OPEN), late))
    closed = _CLOSED
    if spot.line != published_tables.HANDLED_TOTAL:
        closed = CountCondition("outcome", RequestedValue.IS, spot.line)
    return Count(APPLICATIONS, ((*who, closed),), ((*who, closed, _TOO_LATE),))


def _contested(spot: TableCell) -> Count:
    column = _CONTEST_COLUMNS[spot.line]
    if spot.column == published_tables.TOTAL:
        return Count(APPLICATIONS, ((CountCondition(column, RequestedValue.FILLED),),))
    return Count(
        APPLICATIONS, ((CountCondition(column, RequestedValue.IS, spot.column),),)
    )


_COUNTED: Mapping[str, Callable[[TableCell], Count]] = {
    published_tables.DISCLOSED: _disclosed,
    published_tables.APPLIED: _applied,
    published_tables.CONTESTED: _contested,
}


def figure(count: Count, records: Sequence[RegisterEntry], year: int) -> Decimal:
    """Count ``records``, those of all registers, as the report's formula does."""
    own = [one for one in records if one.form.key == count.register and one.answers]
    added, taken = (
        sum(
            (
                _worth(one, count)
                for group in groups
                for one in own
                if _all(group, one, year)
            ),
            Decimal(),
        )
        for groups in (count.added, count.taken)
    )
    return added - taken


def _all(conditions: Conditions, record: RegisterEntry, year: int) -> bool:
    return all(condition.met(record, year) for condition in conditions)


def _worth(record: RegisterEntry, count: Count) -> Decimal:
    if not count.total:
        return Decimal(1)
    answer = record.answers.get(count.total)
    value = answer.value if answer else 0
    # Through text: a binary fraction is not what the section has typed.
    return Decimal(str(value)) if isinstance(value, int | float) else Decimal()
