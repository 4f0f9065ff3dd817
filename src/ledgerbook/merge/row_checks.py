"""Check merged rows of the task ledger as a whole.

Each check is a function of one shape, from a row, the form and the day to problems;
:data:`ROW_CHECKS` lists them. A new check is a new function in that list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from ledgerbook.intake.status_synonyms import is_ditto
from ledgerbook.model import (
    ColumnSource,
    Condition,
    ConditionKind,
    FixedDeadline,
    Form,
    StatusCategory,
)
from ledgerbook.model.form_columns import TEXT_TYPES, get_official_header
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import Answer, AssignmentResult, Urgency


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """A merged row with the places of its cells in the return.

    ``rejected`` are the keys of cells that could not be read. ``newest_answers`` are those
    that the newest file shows, where that is known.
    """

    row: AssignmentResult
    places: Mapping[str, Place]
    rejected: frozenset[str]
    newest_answers: Mapping[str, Answer] = field(default_factory=dict)


RowCheck = Callable[[ReturnedRow, Form, date], Iterator[Problem]]


def check_required_cells(returned: ReturnedRow, form: Form, today: date) -> Iterator[Problem]:
    """Report the cells that the form requires for this row and that are blank, as one problem.

    Nothing is reported of cells that have a problem already: those that could not be read,
    those of a missing column, and those whose condition depends on a status that could not
    be read (a status of an earlier round does not stand in for it).
    """
    row = returned.row
    keys_by_reason: dict[str, list[str]] = {}
    for column in form.answer_columns:
        key = column.key
        if key in row.answers or key in returned.rejected or key not in returned.places:
            continue
        conditions = (
            condition
            for condition in column.required
            if _find_basis_column(condition, form) not in returned.rejected
        )
        file = returned.places[key].file
        reasons = (
            _explain_requirement(condition, row, form)
            if _shows_basis(condition, returned, form)
            else _explain_for_file(condition, row, form, file)
            for condition in conditions
        )
        if reason := next(filter(None, reasons), ""):
            keys_by_reason.setdefault(reason, []).append(key)
    keys = [key for reason_keys in keys_by_reason.values() for key in reason_keys]
    if keys:
        gaps = "；".join(
            f"{reason}，{_quote_headers(form, reason_keys)}是必填项"
            for reason, reason_keys in keys_by_reason.items()
        )
        headers = _quote_headers(form, keys)
        yield Problem(
            "required-missing",
            returned.places[keys[0]],
            {"number": str(row.task.number), "gaps": gaps, "headers": headers},
            row.section,
            task=row.task.code,
            column=keys[0],
            more_columns=tuple(keys[1:]),
        )


def _quote_headers(form: Form, keys: Iterable[str]) -> str:
    return "、".join(f"“{form.get_column(key).header}”" for key in keys)


def _find_basis_column(condition: Condition, form: Form) -> str:
    """Return the key of the column whose answer decides a condition; blank for none."""
    return form.status_column.key if condition.when is ConditionKind.OVERDUE else condition.column


def _explain_requirement(condition: Condition, row: AssignmentResult, form: Form) -> str:
    """Return why a condition holds for ``row``; blank where it does not."""
    if condition.when is ConditionKind.ALWAYS:
        return "每项任务都要报"
    if condition.when is ConditionKind.OVERDUE:
        is_open = row.category is not None and not row.category.is_closed
        return _describe_lateness(row, form) if is_open and row.urgency is Urgency.OVERDUE else ""
    answer_text = row.get_text(condition.column)
    if answer_text not in condition.values:
        return ""
    return f"“{form.get_column(condition.column).header}”填了“{answer_text}”"


def _describe_lateness(row: AssignmentResult, form: Form) -> str:
    occurrence = row.recurrence_progress.most_urgent_occurrence if row.recurrence_progress else None
    if occurrence:
        return f"{occurrence}已经过期"
    return f"已超过{get_official_header(form, ColumnSource.DUE_DATE)} {row.due}"


def _shows_basis(condition: Condition, returned: ReturnedRow, form: Form) -> bool:
    """Return whether the newest file shows the answer that decides, whoever gave it first."""
    basis = _find_basis_column(condition, form)
    shown = returned.newest_answers.get(basis)
    return shown is not None and shown.text == returned.row.get_text(basis)


def _explain_for_file(condition: Condition, row: AssignmentResult, form: Form, file: str) -> str:
    """Return why ``condition`` holds for a cell of ``file``; blank where it does not.

    The problem names ``file``: an answer that stands in another is given with its place.
    """
    reason = _explain_requirement(condition, row, form)
    basis = row.answers.get(_find_basis_column(condition, form))
    is_quoted = condition.when is not ConditionKind.OVERDUE
    if not reason or not is_quoted or basis is None or basis.place.file == file:
        return reason
    return f"{reason}（{basis.place.short_text}）"


def check_excluded_cells(returned: ReturnedRow, form: Form, today: date) -> Iterator[Problem]:
    """Report filled cells that another cell of the row says must be blank (何时不填).

    Which of the two is wrong only the section knows, so it is a notice. Nothing is reported
    where the other cell could not be read, nor of 无.
    """
    row = returned.row
    for column in form.answer_columns:
        answer = row.answers.get(column.key)
        if answer is None or form.is_empty_answer(answer.text):
            continue
        reasons = (
            _explain_for_file(condition, row, form, answer.place.file)
            for condition in column.excluded
            if condition.column not in returned.rejected
        )
        reason = next(filter(None, reasons), "")
        if reason:
            values = {
                "number": str(row.task.number),
                "why": reason,
                "header": column.header,
                "raw": answer.text,
            }
            yield Problem(
                "excluded-filled",
                answer.place,
                values,
                row.section,
                task=row.task.code,
                column=column.key,
            )


def check_empty_answers(returned: ReturnedRow, form: Form, today: date) -> Iterator[Problem]:
    """Report texts such as 见附件 where the form requires an answer.

    Of 同上 it has been said already, with what stands above it.
    """
    row = returned.row
    for column in form.answer_columns:
        answer = row.answers.get(column.key)
        if column.kind not in TEXT_TYPES or answer is None or is_ditto(answer.text):
            continue
        is_empty = any(
            form.is_empty_answer(answer.text, condition)
            and _explain_requirement(condition, row, form)
            for condition in column.required
        )
        if is_empty:
            values = {"header": column.header, "raw": answer.text}
            yield Problem(
                "empty-answer",
                answer.place,
                values,
                row.section,
                task=row.task.code,
                column=column.key,
            )


def check_ongoing_past_due(returned: ReturnedRow, form: Form, today: date) -> Iterator[Problem]:
    """Report an ongoing status (长期) of a task whose due date is past.

    Such a task would never show as overdue. Where the plan itself says that the work goes
    on after the date, the status is right.
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


ROW_CHECKS: tuple[RowCheck, ...] = (
    check_required_cells,
    check_excluded_cells,
    check_empty_answers,
    check_ongoing_past_due,
)
