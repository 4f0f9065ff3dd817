"""Select the answers of earlier rounds that a new sheet starts from."""

from __future__ import annotations

from collections.abc import Mapping

from ledgerbook.deadlines import find_asked_occurrence
from ledgerbook.issue.layout import PrefilledAnswers, RowAnswers
from ledgerbook.model import Book, ColumnType, Recurrence, Round
from ledgerbook.model.form_columns import SIGNATURE_KEYS
from ledgerbook.model.results import AssignmentResult, Ledger


def is_of_earlier_occurrence(
    ledger: Ledger, row: AssignmentResult, round_: Round, key: str
) -> bool:
    """Return whether an answer is about an earlier occurrence than the one asked for now.

    The first quarter's 已完成 must not be returned, unread, as the second quarter's. Names
    and telephone numbers stay.
    """
    recurrence, cycle = row.task.deadline, row.recurrence_progress
    if not isinstance(recurrence, Recurrence) or cycle is None or cycle.latest_reported < 0:
        return False
    occurrence = find_asked_occurrence(recurrence, ledger.book.year, round_.due, ledger.as_of)
    is_later = (
        occurrence is not None and cycle.occurrences.index(occurrence) > cycle.latest_reported
    )
    return is_later and ledger.book.task_form.get_column(key).kind not in (
        ColumnType.TEXT,
        ColumnType.PHONE,
    )


def prefill_answers(ledger: Ledger, round_: Round) -> dict[tuple[str, str], PrefilledAnswers]:
    """Return the answers of each section so far, to start its next sheets from.

    They are by section and form key, then row name (task code, or number of a register's
    entry from "0" on), then column key. Who has signed an earlier sheet has not signed this
    one: signatures are not among them.
    """
    # Where a newer value was rejected, the accepted one is not the section's latest answer.
    rejected = (
        problem for problem in ledger.problems if problem.is_error and problem.rejected_cells
    )
    unread = {(problem.section, problem.task, problem.column) for problem in rejected}
    prefilled: dict[tuple[str, str], dict[str, RowAnswers]] = {}
    for row in ledger.assignment_results:
        answers = {
            key: answer.value
            for key, answer in row.answers.items()
            if key not in SIGNATURE_KEYS
            and (row.section, row.task.code, key) not in unread
            and not is_of_earlier_occurrence(ledger, row, round_, key)
        }
        form_answers = prefilled.setdefault((row.section, ledger.book.task_form.key), {})
        form_answers[row.task.code] = answers
    for entry in ledger.register_entries:
        answers = {key: answer.value for key, answer in entry.answers.items()}
        form_answers = prefilled.setdefault((entry.section, entry.form.key), {})
        form_answers[str(len(form_answers))] = answers
    return dict(prefilled)


def find_personal_sections(
    book: Book, prefilled: Mapping[tuple[str, str], PrefilledAnswers]
) -> tuple[str, ...]:
    """Return the sections whose registers hold personal data, such as names of applicants.

    The telephone numbers of its own people in the task ledger are no reason not to mail a
    section its workbook.
    """
    keys = {form.key: [c.key for c in form.personal_columns] for form in book.registers}
    found = {
        section
        for (section, form), rows in prefilled.items()
        if any(answers.get(key) for answers in rows.values() for key in keys.get(form, ()))
    }
    return tuple(name for name in book.section_names if name in found)
