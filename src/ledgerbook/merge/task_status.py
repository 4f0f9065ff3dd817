"""Determine the status of rows and tasks, and the progress of recurring tasks.

A row is a task as one section answers it. :func:`judge_row` sets its urgency,
:func:`summarize_task` derives a task's status from its rows, and
:func:`compute_progress` says which occurrences of a recurring task have been done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from ledgerbook.deadlines import (
    count_days_left,
    find_nearest_occurrence,
    find_occurrence_on,
    judge_urgency,
    list_occurrences,
)
from ledgerbook.merge.answers import SubmittedAnswer, TaskAnswers
from ledgerbook.model import Book, Choice, Form, Recurrence, Role, Round, StatusCategory, Task
from ledgerbook.model.cycles import Occurrence, RecurrenceProgress
from ledgerbook.model.results import (
    DUE_SOON_DAYS,
    NIL_RETURN,
    NO_RESPONSIBLE_SECTION,
    NOT_FILLED,
    NOT_ISSUED,
    NOT_READ,
    Answer,
    AssignmentResult,
    TaskSummary,
    Urgency,
)

# A task is as urgent as its most urgent row; the gravest comes first.
_URGENCIES_BY_GRAVITY = (Urgency.OVERDUE, Urgency.DUE_SOON, Urgency.DONE_LATE, Urgency.NONE)
# The key of the column with the completion date (完成日期).
DONE_ON_COLUMN = "done_on"


def judge_row(
    row: AssignmentResult, today: date, soon_days: int = DUE_SOON_DAYS
) -> AssignmentResult:
    """Return ``row`` with its urgency and days left on ``today``.

    A recurring task is judged by its occurrences: a status of 已完成 means that one of them
    was done, so it does not close the others. What the program could not read is not said to be
    overdue: the section may have done it.
    """
    days_left = count_days_left(row.due, today)
    if row.status == NOT_READ:
        return replace(row, days_left=days_left)
    is_recurring = (
        row.recurrence_progress is not None and row.category is not StatusCategory.NOT_APPLICABLE
    )
    category = None if is_recurring else row.category
    return replace(
        row,
        urgency=judge_urgency(row.due, category, today, get_done_date(row.answers), soon_days),
        days_left=days_left,
    )


def get_done_date(answers: Mapping[str, Answer]) -> date | None:
    """Return the completion date among the answers of a row."""
    answer = answers.get(DONE_ON_COLUMN)
    return answer.value if answer and isinstance(answer.value, date) else None


def judge_row_on(
    row: AssignmentResult, day: date, soon_days: int = DUE_SOON_DAYS
) -> AssignmentResult:
    """Return a row of any day as it is judged on ``day``, its occurrences included."""
    progress = row.recurrence_progress
    if progress:
        row = replace(row, recurrence_progress=replace(progress, as_of=day))
    return judge_row(row, day, soon_days)


def _get_year_category(row: AssignmentResult) -> StatusCategory | None:
    """Return what a status means for the whole year.

    已完成 of a recurring task is 进行中 until all occurrences are done.
    """
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
    """Return the rows that decide a task's status: of those who lead or implement.

    Where all sections only support or compile, all rows decide.
    """
    deciding_rows = tuple(row for row in rows if {Role.LEAD, Role.IMPLEMENT} & set(row.roles))
    return deciding_rows or tuple(rows)


def summarize_task(task: Task, rows: Sequence[AssignmentResult], form: Form) -> TaskSummary:
    """Return the summary of a task over its rows.

    It is completed only when every section that leads or implements it has completed it.
    """
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
    """Return the category of a task from those of its deciding rows.

    None where no section that owes it has chosen a status.
    """
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
    """Return one status for rows without a choice: 未填, 未报送, 零报告 …

    Those that a round asked for come before those that it did not.
    """
    remaining = statuses - {NIL_RETURN, NOT_ISSUED} or statuses or {NO_RESPONSIBLE_SECTION}
    return remaining.pop() if len(remaining) == 1 else NOT_FILLED


def _name_category(form: Form, category: StatusCategory) -> str:
    """Return the form's own choice for a category: 推进中 for 进行中."""
    choices = form.get_choice_list(form.status_column).choices
    return next(
        (choice.value for choice in choices if choice.meaning is category),
        str(category),
    )


def find_status_choice(form: Form, answers: Mapping[str, str]) -> Choice | None:
    """Return the status choice among a row's texts (by column key), if one was made."""
    value = answers.get(form.status_column.key, "")
    return form.get_choice_list(form.status_column).find_choice(value)


# --- recurring tasks: which occurrences have been done, by the returns of all rounds ---
#
# A status is given once a round, so an answer covers every occurrence since the round
# before, up to the last one it can mean: the one its round asks about, or an earlier one
# if the completion date or the day of saving lies before. 已完成 in spring closes nothing
# in autumn; a quarter that is reported late, on the form of that quarter, is closed.

_MET_CATEGORIES = (StatusCategory.COMPLETED, StatusCategory.ONGOING)


def compute_progress(
    book: Book,
    recurrence: Recurrence,
    task_answers: TaskAnswers,
    as_of: date,
    owed_since: date = date.min,
) -> RecurrenceProgress:
    """Return the progress of a recurring task by all answers of one section.

    Occurrences that were due before the section was first asked, ``owed_since``, are waived.
    """
    occurrences = list_occurrences(recurrence, book.year)
    status = book.task_form.status_column
    choices = book.task_form.get_choice_list(status)
    statements: dict[int, tuple[int, StatusCategory | None]] = {}
    asked_by_round = _map_asked_occurrences(book.rounds, recurrence, book.year)
    done_dates = _collect_done_dates(task_answers)
    for submission in task_answers.cell(status.key).submissions if occurrences else ():
        answer = submission.answer
        choice = choices.find_choice(answer.text) if answer else None
        asked = asked_by_round.get(submission.round, _AskedOccurrences())
        last_index = _find_last_occurrence(
            occurrences, submission, asked, done_dates.get(_get_source(submission))
        )
        # A later answer about the same occurrence replaces the earlier one, and with it what
        # that said of the occurrences before.
        first, _ = statements.get(last_index, (asked.first, None))
        category = choice.meaning if choice else None
        statements[last_index] = min(first, asked.first), category
    spans = tuple(statements.items())
    met = frozenset(_list_occurrences_in_spans(spans, _MET_CATEGORIES))
    waived = set(_list_occurrences_in_spans(spans, (StatusCategory.NOT_APPLICABLE,)))
    waived |= {i for i, occurrence in enumerate(occurrences) if occurrence.due < owed_since}
    return RecurrenceProgress(
        occurrences=occurrences,
        times_per_period=recurrence.times_per_period,
        fulfilled=met,
        waived=frozenset(waived - met),
        latest_reported=max(statements, default=-1),
        as_of=as_of,
    )


def combine_progress(cycles: Sequence[RecurrenceProgress]) -> RecurrenceProgress | None:
    """Return the progress over several sections.

    An occurrence is done when every section that owes it has done it.
    """
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


def _list_occurrences_in_spans(
    spans: Sequence[tuple[int, tuple[int, StatusCategory | None]]],
    categories: Sequence[StatusCategory],
) -> Iterator[int]:
    for last, (first, category) in spans:
        if category in categories:
            yield from range(min(first, last), last + 1)


@dataclass(frozen=True, slots=True)
class _AskedOccurrences:
    """The indexes of the occurrences that a round asks about.

    ``nearest`` is that nearest to the round's due date, None without one; ``first`` is the
    first that no earlier round has asked about.
    """

    first: int = 0
    nearest: int | None = None


@lru_cache(maxsize=64)
def _map_asked_occurrences(
    rounds: tuple[Round, ...], recurrence: Recurrence, year: int
) -> Mapping[str, _AskedOccurrences]:
    """Return by name of the round which occurrences it asks about."""
    occurrences = list_occurrences(recurrence, year)
    asked_by_round: dict[str, _AskedOccurrences] = {}
    first = 0
    for round_ in rounds if occurrences else ():
        nearest = find_nearest_occurrence(occurrences, round_.due) if round_.due else None
        asked_by_round[round_.name] = _AskedOccurrences(first, nearest)
        if nearest is not None:
            first = max(first, nearest + 1)
    return asked_by_round


def _find_last_occurrence(
    occurrences: Sequence[Occurrence],
    submission: SubmittedAnswer,
    asked: _AskedOccurrences,
    done_on: date | None,
) -> int:
    """Return the index of the last occurrence that an answer covers."""
    received_on = submission.received_on
    if asked.nearest is not None:
        days = [find_occurrence_on(occurrences, day) for day in (done_on, received_on) if day]
        return min([asked.nearest, *days])
    if done_on:
        return find_occurrence_on(occurrences, done_on)
    return find_nearest_occurrence(occurrences, received_on) if received_on else 0


def _get_source(submission: SubmittedAnswer) -> tuple[str, str]:
    """Return the file and the round that an answer came with."""
    return submission.file, submission.round


def _collect_done_dates(task_answers: TaskAnswers) -> dict[tuple[str, str], date]:
    """Return the completion date that each file gives in each round."""
    return {
        _get_source(submission): submission.answer.value
        for submission in task_answers.cell(DONE_ON_COLUMN).submissions
        if submission.answer and isinstance(submission.answer.value, date)
    }
