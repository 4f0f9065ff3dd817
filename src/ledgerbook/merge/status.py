"""Where an item stands: its urgency on a day, a task's roll-up over its sections."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from ledgerbook.deadlines import nearest, turns_of, within
from ledgerbook.merge.answers import SubmittedAnswer, TaskAnswers
from ledgerbook.model import Book, Choice, Form, Recurrence, Role, StatusCategory, Task
from ledgerbook.model.cycles import Occurrence, RecurrenceProgress
from ledgerbook.model.results import (
    DUE_SOON_DAYS,
    NIL,
    NOBODY,
    NOT_FILLED,
    AssignmentResult,
    TaskSummary,
    Urgency,
)

# Of several open or closed parts, the most urgent speaks for the whole.
_URGENCIES = (Urgency.OVERDUE, Urgency.SOON, Urgency.NONE)


def days_left(due: date | None, today: date) -> int | None:
    return None if due is None else (due - today).days


def urgency(due: date | None, meaning: StatusCategory | None, today: date) -> Urgency:
    """Judge one item: only a date makes it late, and a closed one never is."""
    days = days_left(due, today)
    if days is None or (meaning and meaning.closed):
        return Urgency.NONE
    if days < 0:
        return Urgency.OVERDUE
    return Urgency.SOON if days <= DUE_SOON_DAYS else Urgency.NONE


def judged(row: AssignmentResult, today: date) -> AssignmentResult:
    """Say of a row how urgent it is, by the kind of its deadline.

    What recurs is judged by its turns: that one of them was done closes no other.
    """
    turns = row.cycle is not None and row.meaning is not StatusCategory.EXEMPT
    said = None if turns else row.meaning
    return replace(
        row,
        urgency=urgency(row.due, said, today),
        days=days_left(row.due, today),
    )


def _of_the_year(row: AssignmentResult) -> StatusCategory | None:
    """Return what a status means for the year: a quarter's 已完成 is not the whole."""
    if row.meaning is StatusCategory.DONE and row.cycle and not row.cycle.whole:
        return StatusCategory.DOING
    return row.meaning


def implementers(rows: Sequence[AssignmentResult]) -> tuple[AssignmentResult, ...]:
    """Return the rows whose word decides: those who lead or implement.

    A task that is only supported or compiled is decided by all its rows.
    """
    deciding = tuple(r for r in rows if {Role.LEAD, Role.IMPLEMENT} & set(r.roles))
    return deciding or tuple(rows)


def roll_up(task: Task, rows: Sequence[AssignmentResult], form: Form) -> TaskSummary:
    """Sum a task up. It is done only when all who implement it say so."""
    deciding = implementers(rows)
    meaning = _together([_of_the_year(row) for row in deciding])
    if meaning is not None:
        status = _name(form, meaning)
    else:
        status = _unsaid({row.status for row in deciding if row.meaning is None})
    most = min((row.urgency for row in deciding), key=_URGENCIES.index, default=None)
    owing = [
        r.cycle for r in deciding if r.cycle and r.meaning is not StatusCategory.EXEMPT
    ]
    turns = together(owing)
    return TaskSummary(task, tuple(rows), status, meaning, most or Urgency.NONE, turns)


def _together(meanings: Sequence[StatusCategory | None]) -> StatusCategory | None:
    """Fold what the implementers say; None when nobody owing it has said anything."""
    owed = [meaning for meaning in meanings if meaning is not StatusCategory.EXEMPT]
    if meanings and not owed:
        return StatusCategory.EXEMPT
    if set(owed) <= {None}:
        return None
    if set(owed) == {StatusCategory.DONE}:
        return StatusCategory.DONE
    if set(owed) <= {StatusCategory.DONE, StatusCategory.ONGOING}:
        return StatusCategory.ONGOING
    if set(owed) <= {StatusCategory.TODO, None}:
        return StatusCategory.TODO
    return StatusCategory.DOING


def _unsaid(statuses: set[str]) -> str:
    """Say in one word how those stand that made no choice."""
    owed = statuses - {NIL} or statuses or {NOBODY}
    return owed.pop() if len(owed) == 1 else NOT_FILLED


def _name(form: Form, meaning: StatusCategory) -> str:
    """Call a meaning what the form's choices call it."""
    choices = form.choices_of(form.status).choices
    return next((c.value for c in choices if c.meaning is meaning), str(meaning))


def choice_of(form: Form, answers: Mapping[str, str]) -> Choice | None:
    """Return the status choice among a row's texts, if one was made."""
    value = answers.get(form.status.key, "")
    return form.choices_of(form.status).find(value)


# Which turns of a recurring duty the returns of all rounds report as done.
#
# A status is one word for a whole round, so an answer speaks for every turn since the
# round before, up to the one that it can have meant: no later than the turn its round
# asks about, than the day on which it says the work was done, than the day on which it
# was saved. 已完成 in spring closes nothing in autumn, and a quarter that is made up
# for late, on the form of that quarter, is closed all the same.

# The column that says on which day a task was done.
DONE_ON = "done_on"

_MET = (StatusCategory.DONE, StatusCategory.ONGOING)


def cycle(
    book: Book, recurrence: Recurrence, said: TaskAnswers, as_of: date
) -> RecurrenceProgress:
    """Say how the duty stands with one section, by all that it has answered."""
    turns = turns_of(recurrence, book.year)
    status = book.form.status
    choices = book.form.choices_of(status)
    answers: dict[int, tuple[int, StatusCategory | None]] = {}
    for given in said.cell(status.key).given if turns else ():
        choice = choices.find(given.answer.text)
        last = _last(book, turns, given, _done_on(said, given))
        # What is said again of the same turn takes the place of what was said.
        answers[last] = _first(book, turns, given), choice.meaning if choice else None
    spoken = tuple(answers.items())
    met = frozenset(_spanned(spoken, _MET))
    return RecurrenceProgress(
        turns=turns,
        times=recurrence.times,
        met=met,
        waived=frozenset(_spanned(spoken, (StatusCategory.EXEMPT,))) - met,
        latest=max(answers, default=-1),
        as_of=as_of,
    )


def together(cycles: Sequence[RecurrenceProgress]) -> RecurrenceProgress | None:
    """Sum up a duty over its sections: a turn is met when all who owe it say so."""
    if not cycles:
        return None
    settled = [one.met | one.waived for one in cycles]
    waived = frozenset.intersection(*(one.waived for one in cycles))
    return replace(
        cycles[0],
        met=frozenset.intersection(*settled) - waived,
        waived=waived,
        latest=min(one.latest for one in cycles),
    )


def _spanned(
    spoken: Sequence[tuple[int, tuple[int, StatusCategory | None]]],
    meanings: Sequence[StatusCategory],
) -> Iterator[int]:
    for last, (first, meaning) in spoken:
        if meaning in meanings:
            yield from range(min(first, last), last + 1)


def _last(
    book: Book,
    turns: Sequence[Occurrence],
    given: SubmittedAnswer,
    done_on: date | None,
) -> int:
    """Return the last turn that an answer speaks for."""
    due = next((r.due for r in book.rounds if r.name == given.round), None)
    saved = given.saved_at.date() if given.saved_at else None
    if due:
        days = [within(turns, day) for day in (done_on, saved) if day]
        return min([nearest(turns, due), *days])
    if done_on:
        return within(turns, done_on)
    return nearest(turns, saved) if saved else 0


def _first(book: Book, turns: Sequence[Occurrence], given: SubmittedAnswer) -> int:
    """Return the first turn that no earlier round has asked about."""
    names = [a_round.name for a_round in book.rounds]
    before = book.rounds[: names.index(given.round)] if given.round in names else ()
    asked = [nearest(turns, a_round.due) for a_round in before if a_round.due]
    return max(asked, default=-1) + 1


def _done_on(said: TaskAnswers, given: SubmittedAnswer) -> date | None:
    """Return the day that the same file gives for the work."""
    source = (given.answer.place.file, given.round)
    days = [
        one.answer.value
        for one in said.cell(DONE_ON).given
        if (one.answer.place.file, one.round) == source
    ]
    return next((day for day in reversed(days) if isinstance(day, date)), None)
