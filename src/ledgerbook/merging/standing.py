"""Where an item stands: its urgency on a day, a task's roll-up over its sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from ledgerbook.ledger import (
    DUE_SOON_DAYS,
    NIL,
    NOBODY,
    NOT_FILLED,
    LedgerRow,
    Outcome,
    Urgency,
)
from ledgerbook.merging import recurring
from ledgerbook.model import Choice, Form, Meaning, Role, Task

# Of several open or closed parts, the most urgent speaks for the whole.
_URGENCIES = (Urgency.OVERDUE, Urgency.SOON, Urgency.NONE)


def days_left(due: date | None, today: date) -> int | None:
    return None if due is None else (due - today).days


def urgency(due: date | None, meaning: Meaning | None, today: date) -> Urgency:
    """Judge one item: only a date makes it late, and a closed one never is."""
    days = days_left(due, today)
    if days is None or (meaning and meaning.closed):
        return Urgency.NONE
    if days < 0:
        return Urgency.OVERDUE
    return Urgency.SOON if days <= DUE_SOON_DAYS else Urgency.NONE


def judged(row: LedgerRow, today: date) -> LedgerRow:
    """Say of a row how urgent it is, by the kind of its deadline.

    What recurs is judged by its turns: that one of them was done closes no other.
    """
    turns = row.cycle is not None and row.meaning is not Meaning.EXEMPT
    said = None if turns else row.meaning
    return replace(
        row,
        urgency=urgency(row.due, said, today),
        days=days_left(row.due, today),
    )


def _of_the_year(row: LedgerRow) -> Meaning | None:
    """Return what a status means for the year: a quarter's 已完成 is not the whole."""
    if row.meaning is Meaning.DONE and row.cycle and not row.cycle.whole:
        return Meaning.DOING
    return row.meaning


def implementers(rows: Sequence[LedgerRow]) -> tuple[LedgerRow, ...]:
    """Return the rows whose word decides: those who lead or implement.

    A task that is only supported or compiled is decided by all its rows.
    """
    deciding = tuple(r for r in rows if {Role.LEAD, Role.IMPLEMENT} & set(r.roles))
    return deciding or tuple(rows)


def roll_up(task: Task, rows: Sequence[LedgerRow], form: Form) -> Outcome:
    """Sum a task up. It is done only when all who implement it say so."""
    deciding = implementers(rows)
    meaning = _together([_of_the_year(row) for row in deciding])
    if meaning is not None:
        status = _name(form, meaning)
    else:
        status = _unsaid({row.status for row in deciding if row.meaning is None})
    most = min((row.urgency for row in deciding), key=_URGENCIES.index, default=None)
    owing = [r.cycle for r in deciding if r.cycle and r.meaning is not Meaning.EXEMPT]
    turns = recurring.together(owing)
    return Outcome(task, tuple(rows), status, meaning, most or Urgency.NONE, turns)


def _together(meanings: Sequence[Meaning | None]) -> Meaning | None:
    """Fold what the implementers say; None when nobody owing it has said anything."""
    owed = [meaning for meaning in meanings if meaning is not Meaning.EXEMPT]
    if meanings and not owed:
        return Meaning.EXEMPT
    if set(owed) <= {None}:
        return None
    if set(owed) == {Meaning.DONE}:
        return Meaning.DONE
    if set(owed) <= {Meaning.DONE, Meaning.ONGOING}:
        return Meaning.ONGOING
    if set(owed) <= {Meaning.TODO, None}:
        return Meaning.TODO
    return Meaning.DOING


def _unsaid(statuses: set[str]) -> str:
    """Say in one word how those stand that made no choice."""
    owed = statuses - {NIL} or statuses or {NOBODY}
    return owed.pop() if len(owed) == 1 else NOT_FILLED


def _name(form: Form, meaning: Meaning) -> str:
    """Call a meaning what the form's choices call it."""
    choices = form.choices_of(form.status).choices
    return next((c.value for c in choices if c.meaning is meaning), str(meaning))


def choice_of(form: Form, answers: Mapping[str, str]) -> Choice | None:
    """Return the status choice among a row's texts, if one was made."""
    value = answers.get(form.status.key, "")
    return form.choices_of(form.status).find(value)
