"""What a row as a whole must satisfy. One check, one function of one shape.

A check gets a merged row and yields problems; :data:`ROW_CHECKS` is the suite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from ledgerbook.model import (
    ColumnSource,
    Condition,
    ConditionKind,
    FixedDeadline,
    Form,
    StatusCategory,
)
from ledgerbook.model.form_columns import get_official_header
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import AssignmentResult, Urgency


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """A merged row, where its cells stand in the return, and which cells are held."""

    row: AssignmentResult
    places: Mapping[str, Place]
    rejected: frozenset[str]


RowCheck = Callable[[ReturnedRow, Form, date], Iterator[Problem]]


def check_required_cells(returned: ReturnedRow, form: Form, today: date) -> Iterator[Problem]:
    """Ask for what a status makes due: an annual report needs dates and results.

    A cell that is filled but held already has a problem of its own, and so has a
    column that is gone. A row without any answer asks for nothing but its status, else
    one gap would be reported twice; so it does where the status cannot be read, which
    an earlier round's does not stand in for.
    """
    row = returned.row
    for column in form.answer_columns:
        key = column.key
        if key in row.answers or key in returned.rejected or key not in returned.places:
            continue
        conditions = (
            condition
            for condition in column.required
            if _find_basis_column(condition, form) not in returned.rejected
        )
        reason = next(
            (
                explanation
                for condition in conditions
                if (explanation := _explain_requirement(condition, row, form))
            ),
            "",
        )
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


def _find_basis_column(condition: Condition, form: Form) -> str:
    """Return the key of the column by whose answer a condition is judged, if any."""
    return form.status_column.key if condition.when is ConditionKind.OVERDUE else condition.column


def _explain_requirement(condition: Condition, row: AssignmentResult, form: Form) -> str:
    """Return why a condition holds for ``row``, or nothing."""
    if condition.when is ConditionKind.ALWAYS:
        return "每项任务都要报"
    if condition.when is ConditionKind.OVERDUE:
        is_open = row.category is not None and not row.category.is_closed
        return _describe_lateness(row, form) if is_open and row.urgency is Urgency.OVERDUE else ""
    answer_text = row.get_text(condition.column)
    if answer_text not in condition.values:
        return ""
    return f"{form.get_column(condition.column).header}填了“{answer_text}”"


def _describe_lateness(row: AssignmentResult, form: Form) -> str:
    occurrence = row.recurrence_progress.most_urgent_occurrence if row.recurrence_progress else None
    if occurrence:
        return f"{occurrence}已经过期"
    return f"已超过{get_official_header(form, ColumnSource.DUE_DATE)} {row.due}"


def check_ongoing_past_due(returned: ReturnedRow, form: Form, today: date) -> Iterator[Problem]:
    """Point out a dated task called long-term: it would never show as overdue.

    One that the plan itself wants to go on after its date is rightly called so.
    """
    row = returned.row
    deadline = row.task.deadline
    if not isinstance(deadline, FixedDeadline) or deadline.continues_after:
        return
    if form.status_column.key in returned.rejected:
        return
    if row.category is StatusCategory.ONGOING and deadline.day < today:
        place = returned.places.get(form.status_column.key, Place())
        values = {
            "number": str(row.task.number),
            "due_header": get_official_header(form, ColumnSource.DUE_DATE),
            "due": str(deadline.day),
            "header": form.status_column.header,
            "value": row.status,
        }
        yield Problem(
            "ongoing-past-due",
            place,
            values,
            row.section,
            task=row.task.code,
            column=form.status_column.key,
        )


ROW_CHECKS: tuple[RowCheck, ...] = (check_required_cells, check_ongoing_past_due)
