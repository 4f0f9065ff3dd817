"""Which turns of a recurring duty the returns of all rounds report as done.

A status is one word for a whole round, so an answer speaks for every turn since the
round before, up to the one that it can have meant: no later than the turn its round
asks about, than the day on which it says the work was done, than the day on which it
was saved. 已完成 in spring closes nothing in autumn, and a quarter that is made up for
late, on the form of that quarter, is closed all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from ledgerbook.days.cycles import Cycle
from ledgerbook.days.deadlines import Turn, nearest, turns_of, within
from ledgerbook.merging.gather import Given, Row
from ledgerbook.model import Book, Meaning, Recurrence

# The column that says on which day a task was done.
DONE_ON = "done_on"

_MET = (Meaning.DONE, Meaning.ONGOING)


def cycle(book: Book, recurrence: Recurrence, said: Row, as_of: date) -> Cycle:
    """Say how the duty stands with one section, by all that it has answered."""
    turns = turns_of(recurrence, book.year)
    status = book.form.status
    choices = book.form.choices_of(status)
    answers: dict[int, tuple[int, Meaning | None]] = {}
    for given in said.cell(status.key).given if turns else ():
        choice = choices.find(given.answer.text)
        last = _last(book, turns, given, _done_on(said, given))
        # What is said again of the same turn takes the place of what was said.
        answers[last] = _first(book, turns, given), choice.meaning if choice else None
    spoken = tuple(answers.items())
    met = frozenset(_spanned(spoken, _MET))
    return Cycle(
        turns=turns,
        times=recurrence.times,
        met=met,
        waived=frozenset(_spanned(spoken, (Meaning.EXEMPT,))) - met,
        latest=max(answers, default=-1),
        as_of=as_of,
    )


def together(cycles: Sequence[Cycle]) -> Cycle | None:
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
    spoken: Sequence[tuple[int, tuple[int, Meaning | None]]],
    meanings: Sequence[Meaning],
) -> Iterator[int]:
    for last, (first, meaning) in spoken:
        if meaning in meanings:
            yield from range(min(first, last), last + 1)


def _last(book: Book, turns: Sequence[Turn], given: Given, done_on: date | None) -> int:
    """Return the last turn that an answer speaks for."""
    due = next((r.due for r in book.rounds if r.name == given.round), None)
    saved = given.saved_at.date() if given.saved_at else None
    if due:
        days = [within(turns, day) for day in (done_on, saved) if day]
        return min([nearest(turns, due), *days])
    if done_on:
        return within(turns, done_on)
    return nearest(turns, saved) if saved else 0


def _first(book: Book, turns: Sequence[Turn], given: Given) -> int:
    """Return the first turn that no earlier round has asked about."""
    names = [a_round.name for a_round in book.rounds]
    before = book.rounds[: names.index(given.round)] if given.round in names else ()
    asked = [nearest(turns, a_round.due) for a_round in before if a_round.due]
    return max(asked, default=-1) + 1


def _done_on(said: Row, given: Given) -> date | None:
    """Return the day that the same file gives for the work."""
    source = (given.answer.place.file, given.round)
    days = [
        one.answer.value
        for one in said.cell(DONE_ON).given
        if (one.answer.place.file, one.round) == source
    ]
    return next((day for day in reversed(days) if isinstance(day, date)), None)
