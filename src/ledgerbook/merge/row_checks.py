"""What a row as a whole must satisfy. One check, one function of one shape.

A check gets a merged row and yields problems; :data:`ROW_CHECKS` is the suite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ledgerbook.model import (
    Condition,
    ConditionKind,
    FixedDeadline,
    Form,
    StatusCategory,
)
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import AssignmentResult, Urgency


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """A merged row, where its cells stand in the return, and which cells are held."""

    row: AssignmentResult
    places: Mapping[str, Place]
    held: frozenset[str]


Check = Callable[[ReturnedRow, Form, date], Iterator[Problem]]


def required_cells(returned: ReturnedRow, form: Form, today: date) -> Iterator[Problem]:
    """Ask for what a status makes due: an annual report needs dates and results.

    A cell that is filled but held already has a problem of its own, and so has a
    column that is gone. A row without any answer asks for nothing but its status, else
    one gap would be reported twice; so it does where the status cannot be read, which
    an earlier round's does not stand in for.
    """
    row = returned.row
    for column in form.answers:
        key = column.key
        if key in row.answers or key in returned.held or key not in returned.places:
            continue
        told = (c for c in column.required if _rests_on(c, form) not in returned.held)
        reason = next((r for c in told if (r := _due_now(c, row, form))), "")
        if reason:
            place = returned.places[key]
            values = {
                "number": str(row.task.number),
                "why": reason,
                "header": column.header,
            }
            yield Problem(
                "required-missing",
                place,
                values,
                row.section,
                task=row.task.code,
                column=key,
            )


def _rests_on(condition: Condition, form: Form) -> str:
    """Return the key of the column by whose answer a condition is judged, if any."""
    return (
        form.status.key if condition.when is ConditionKind.OVERDUE else condition.column
    )


def _due_now(condition: Condition, row: AssignmentResult, form: Form) -> str:
    """Return why a condition holds for ``row``, or nothing."""
    if condition.when is ConditionKind.ALWAYS:
        return "每项任务都要报"
    if condition.when is ConditionKind.OVERDUE:
        open_ = row.meaning is not None and not row.meaning.closed
        return _late(row) if open_ and row.urgency is Urgency.OVERDUE else ""
    said = row.text(condition.column)
    if said not in condition.values:
        return ""
    return f"{form.column(condition.column).header}填了“{said}”"


def _late(row: AssignmentResult) -> str:
    turn = row.cycle.pressing if row.cycle else None
    return f"{turn}已经过期" if turn else f"已超过完成期限 {row.due}"


def ongoing_past_due(
    returned: ReturnedRow, form: Form, today: date
) -> Iterator[Problem]:
    """Point out a dated task called long-term: it would never show as overdue.

    One that the plan itself wants to go on after its date is rightly called so.
    """
    row = returned.row
    limit = row.task.deadline
    if not isinstance(limit, FixedDeadline) or limit.lasting:
        return
    if form.status.key in returned.held:
        return
    if row.meaning is StatusCategory.ONGOING and limit.day < today:
        place = returned.places.get(form.status.key, Place())
        values = {
            "number": str(row.task.number),
            "due": str(limit.day),
            "value": row.status,
        }
        yield Problem(
            "ongoing-past-due",
            place,
            values,
            row.section,
            task=row.task.code,
            column=form.status.key,
        )


ROW_CHECKS: tuple[Check, ...] = (required_cells, ongoing_past_due)
