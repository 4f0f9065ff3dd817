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
from ledgerbook.annual_report.published_tables import Spot
from ledgerbook.model.results import Record

# The registers that the report is counted from, and their columns, by key: headers and
# titles are the office's to change.
DOCUMENTS, ENFORCEMENT = "normative_documents", "enforcement_and_fees"

APPLICATIONS = "applications"

REGISTERS = (DOCUMENTS, ENFORCEMENT, APPLICATIONS)


class Asked(Enum):
    """What a condition asks of a cell. A blank one is neither in nor after a year."""

    IS = auto()
    FILLED = auto()
    BLANK = auto()
    IN_YEAR = auto()
    AFTER_YEAR = auto()


@dataclass(frozen=True, slots=True)
class Condition:
    column: str
    asked: Asked
    value: str = ""

    def met(self, record: Record, year: int) -> bool:
        answer = record.answers.get(self.column)
        if self.asked is Asked.IS:
            return record.text(self.column) == self.value
        if self.asked in (Asked.FILLED, Asked.BLANK):
            return (answer is not None) is (self.asked is Asked.FILLED)
        day = answer.value if answer else None
        if not isinstance(day, date):
            return False
        return day.year == year if self.asked is Asked.IN_YEAR else day.year > year


Conditions = tuple[Condition, ...]


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
    published_tables.MADE: Condition("signed_on", Asked.IN_YEAR),
    published_tables.REPEALED: Condition("repealed_on", Asked.IN_YEAR),
    published_tables.VALID: Condition("validity", Asked.IS, "现行有效"),
}

_TOTALS = {published_tables.DECIDED: "quantity", published_tables.CHARGED: "amount"}

# Table 4: which column of an application says how it was contested.
_CONTEST_COLUMNS = {
    published_tables.REVIEW: "review",
    published_tables.SUIT: "suit",
    published_tables.SUIT_AFTER: "suit_after_review",
}

_NEW = Condition("carried_over", Asked.IS, "否")

_OLD = Condition("carried_over", Asked.IS, "是")

_RECEIVED = Condition("received_on", Asked.IN_YEAR)

_CLOSED, _OPEN = Condition("outcome", Asked.FILLED), Condition("outcome", Asked.BLANK)

# What is answered after the year's end still counts as carried over to the next.
_TOO_LATE = Condition("replied_on", Asked.AFTER_YEAR)


def counts() -> dict[Spot, Count]:
    """Say of every figure of the three tables how it is counted."""
    return {spot: _COUNTED[spot.table](spot) for spot in published_tables.spots()}


def _disclosed(spot: Spot) -> Count:
    if spot.column in _TOTALS:
        item = Condition("item", Asked.IS, spot.line)
        return Count(ENFORCEMENT, ((item,),), total=_TOTALS[spot.column])
    kind = Condition("doc_type", Asked.IS, spot.line)
    return Count(DOCUMENTS, ((kind, _DOCUMENT_COLUMNS[spot.column]),))


def _applied(spot: Spot) -> Count:
    who: Conditions = ()
    if spot.column != published_tables.TOTAL:
        who = (Condition("applicant_type", Asked.IS, spot.column),)
    if spot.line == published_tables.RECEIVED:
        return Count(APPLICATIONS, ((*who, _NEW, _RECEIVED),))
    if spot.line == published_tables.CARRIED:
        return Count(APPLICATIONS, ((*who, _OLD),))
    if spot.line == published_tables.FORWARD:
        late = (*who, _CLOSED, _TOO_LATE)
        return Count(APPLICATIONS, ((*who, _OPEN), late))
    closed = _CLOSED
    if spot.line != published_tables.HANDLED_TOTAL:
        closed = Condition("outcome", Asked.IS, spot.line)
    return Count(APPLICATIONS, ((*who, closed),), ((*who, closed, _TOO_LATE),))


def _contested(spot: Spot) -> Count:
    column = _CONTEST_COLUMNS[spot.line]
    if spot.column == published_tables.TOTAL:
        return Count(APPLICATIONS, ((Condition(column, Asked.FILLED),),))
    return Count(APPLICATIONS, ((Condition(column, Asked.IS, spot.column),),))


_COUNTED: Mapping[str, Callable[[Spot], Count]] = {
    published_tables.DISCLOSED: _disclosed,
    published_tables.APPLIED: _applied,
    published_tables.CONTESTED: _contested,
}


def figure(count: Count, records: Sequence[Record], year: int) -> Decimal:
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


def _all(conditions: Conditions, record: Record, year: int) -> bool:
    return all(condition.met(record, year) for condition in conditions)


def _worth(record: Record, count: Count) -> Decimal:
    if not count.total:
        return Decimal(1)
    answer = record.answers.get(count.total)
    value = answer.value if answer else 0
    # Through text: a binary fraction is not what the section has typed.
    return Decimal(str(value)) if isinstance(value, int | float) else Decimal()
