"""Where an item stands: its urgency on a day, a task's roll-up over its sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from ledgerbook.deadlines import (
    count_days_left,
    find_nearest_occurrence,
    find_occurrence_on,
    judge_urgency,
    list_occurrences,
)
from ledgerbook.merge.answers import SubmittedAnswer, TaskAnswers
from ledgerbook.model import Book, Choice, Form, Recurrence, Role, StatusCategory, Task
from ledgerbook.model.cycles import Occurrence, RecurrenceProgress
from ledgerbook.model.results import (
    NIL_RETURN,
    NO_RESPONSIBLE_SECTION,
    NOT_FILLED,
    AssignmentResult,
    TaskSummary,
    Urgency,
)

# Of several open or closed parts, the most urgent speaks for the whole.
_URGENCIES_BY_GRAVITY = (Urgency.OVERDUE, Urgency.DUE_SOON, Urgency.NONE)


def judge_row(row: AssignmentResult, today: date) -> AssignmentResult:
    """Say of a row how urgent it is, by the kind of its deadline.

    What recurs is judged by its turns: that one of them was done closes no other.
    """
    is_recurring = (
        row.recurrence_progress is not None and row.category is not StatusCategory.NOT_APPLICABLE
    )
    category = None if is_recurring else row.category
    return replace(
        row,
        urgency=judge_urgency(row.due, category, today),
        days_left=count_days_left(row.due, today),
    )


def _get_year_category(row: AssignmentResult) -> StatusCategory | None:
    """Return what a status means for the year: a quarter's 已完成 is not the whole."""
    if (
        row.category is StatusCategory.COMPLETED
        and row.recurrence_progress
        and not row.recurrence_progress.is_complete
    ):
        return StatusCategory.IN_PROGRESS
    return row.category


def select_deciding_rows(
    rows: Sequence[AssignmentResult],
) -> tuple[AssignmentResult, ...]:
    """Return the rows whose word decides: those who lead or implement.

    A task that is only supported or compiled is decided by all its rows.
    """
    deciding_rows = tuple(row for row in rows if {Role.LEAD, Role.IMPLEMENT} & set(row.roles))
    return deciding_rows or tuple(rows)


def summarize_task(task: Task, rows: Sequence[AssignmentResult], form: Form) -> TaskSummary:
    """Sum a task up. It is done only when all who implement it say so."""
    deciding_rows = select_deciding_rows(rows)
    category = _combine_categories([_get_year_category(row) for row in deciding_rows])
    if category is not None:
        status = _name_category(form, category)
    else:
        status = _name_missing_status({row.status for row in deciding_rows if row.category is None})
    highest_urgency = min(
        (row.urgency for row in deciding_rows),
        key=_URGENCIES_BY_GRAVITY.index,
        default=None,
    )
    cycles = [
        row.recurrence_progress
        for row in deciding_rows
        if row.recurrence_progress and row.category is not StatusCategory.NOT_APPLICABLE
    ]
    progress = combine_progress(cycles)
    return TaskSummary(
        task, tuple(rows), status, category, highest_urgency or Urgency.NONE, progress
    )


def _combine_categories(
    categories: Sequence[StatusCategory | None],
) -> StatusCategory | None:
    """Fold what the implementers say; None when nobody owing it has said anything."""
    required = [
        category for category in categories if category is not StatusCategory.NOT_APPLICABLE
    ]
    if categories and not required:
        return StatusCategory.NOT_APPLICABLE
    if set(required) <= {None}:
        return None
    if set(required) == {StatusCategory.COMPLETED}:
        return StatusCategory.COMPLETED
    if set(required) <= {StatusCategory.COMPLETED, StatusCategory.ONGOING}:
        return StatusCategory.ONGOING
    if set(required) <= {StatusCategory.NOT_STARTED, None}:
        return StatusCategory.NOT_STARTED
    return StatusCategory.IN_PROGRESS


def _name_missing_status(statuses: set[str]) -> str:
    """Say in one word how those stand that made no choice."""
    remaining = statuses - {NIL_RETURN} or statuses or {NO_RESPONSIBLE_SECTION}
    return remaining.pop() if len(remaining) == 1 else NOT_FILLED


def _name_category(form: Form, category: StatusCategory) -> str:
    """Call a meaning what the form's choices call it."""
    choices = form.get_choice_list(form.status_column).choices
    return next(
        (choice.value for choice in choices if choice.meaning is category),
        str(category),
    )


def find_status_choice(form: Form, answers: Mapping[str, str]) -> Choice | None:
    """Return the status choice among a row's texts, if one was made."""
    value = answers.get(form.status_column.key, "")
    return form.get_choice_list(form.status_column).find_choice(value)


# Which turns of a recurring duty the returns of all rounds report as done.
#
# A status is one word for a whole round, so an answer speaks for every turn since the
# round before, up to the one that it can have meant: no later than the turn its round
# asks about, than the day on which it says the work was done, than the day on which it
# was saved. 已完成 in spring closes nothing in autumn, and a quarter that is made up
# for late, on the form of that quarter, is closed all the same.

# The column that says on which day a task was done.
DONE_ON_COLUMN = "done_on"

_MET_CATEGORIES = (StatusCategory.COMPLETED, StatusCategory.ONGOING)


def compute_progress(
    book: Book, recurrence: Recurrence, task_answers: TaskAnswers, as_of: date
) -> RecurrenceProgress:
    """Say how the duty stands with one section, by all that it has answered."""
    occurrences = list_occurrences(recurrence, book.year)
    status = book.task_form.status_column
    choices = book.task_form.get_choice_list(status)
    statements: dict[int, tuple[int, StatusCategory | None]] = {}
    for submission in task_answers.cell(status.key).submissions if occurrences else ():
        choice = choices.find_choice(submission.answer.text)
        last_index = _find_last_occurrence(
            book, occurrences, submission, _find_done_date(task_answers, submission)
        )
        # What is said again of the same turn takes the place of what was said.
        statements[last_index] = (
            _find_first_occurrence(book, occurrences, submission),
            choice.meaning if choice else None,
        )
    spans = tuple(statements.items())
    met = frozenset(_expand_spans(spans, _MET_CATEGORIES))
    return RecurrenceProgress(
        occurrences=occurrences,
        times_per_period=recurrence.times_per_period,
        fulfilled=met,
        waived=frozenset(_expand_spans(spans, (StatusCategory.NOT_APPLICABLE,))) - met,
        latest_reported=max(statements, default=-1),
        as_of=as_of,
    )


def combine_progress(cycles: Sequence[RecurrenceProgress]) -> RecurrenceProgress | None:
    """Sum up a duty over its sections: a turn is met when all who owe it say so."""
    if not cycles:
        return None
    settled = [progress.fulfilled | progress.waived for progress in cycles]
    waived = frozenset.intersection(*(progress.waived for progress in cycles))
    return replace(
        cycles[0],
        fulfilled=frozenset.intersection(*settled) - waived,
        waived=waived,
        latest_reported=min(progress.latest_reported for progress in cycles),
    )


def _expand_spans(
    spans: Sequence[tuple[int, tuple[int, StatusCategory | None]]],
    categories: Sequence[StatusCategory],
) -> Iterator[int]:
    for last, (first, category) in spans:
        if category in categories:
            yield from range(min(first, last), last + 1)


def _find_last_occurrence(
    book: Book,
    occurrences: Sequence[Occurrence],
    submission: SubmittedAnswer,
    done_on: date | None,
) -> int:
    """Return the last turn that an answer speaks for."""
    due = next((round_.due for round_ in book.rounds if round_.name == submission.round), None)
    saved_on = submission.saved_at.date() if submission.saved_at else None
    if due:
        days = [find_occurrence_on(occurrences, day) for day in (done_on, saved_on) if day]
        return min([find_nearest_occurrence(occurrences, due), *days])
    if done_on:
        return find_occurrence_on(occurrences, done_on)
    return find_nearest_occurrence(occurrences, saved_on) if saved_on else 0


def _find_first_occurrence(
    book: Book, occurrences: Sequence[Occurrence], submission: SubmittedAnswer
) -> int:
    """Return the first turn that no earlier round has asked about."""
    names = [round_.name for round_ in book.rounds]
    earlier_rounds = (
        book.rounds[: names.index(submission.round)] if submission.round in names else ()
    )
    asked_indices = [
        find_nearest_occurrence(occurrences, round_.due) for round_ in earlier_rounds if round_.due
    ]
    return max(asked_indices, default=-1) + 1


def _find_done_date(task_answers: TaskAnswers, submission: SubmittedAnswer) -> date | None:
    """Return the day that the same file gives for the work."""
    source = (submission.answer.place.file, submission.round)
    days = [
        other.answer.value
        for other in task_answers.cell(DONE_ON_COLUMN).submissions
        if (other.answer.place.file, other.round) == source
    ]
    return next((day for day in reversed(days) if isinstance(day, date)), None)
