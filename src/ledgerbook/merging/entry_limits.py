"""The legal limits of what sections have entered: each record's, and who is late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from ledgerbook.days.duedates import (
    MISTAKEN,
    UNKNOWN,
    UNREAD,
    Due,
    State,
    due,
    gravest,
    mistaken,
    state,
)
from ledgerbook.days.workdays import calendar
from ledgerbook.ledger import Record
from ledgerbook.model import Book, Column, DueRule
from ledgerbook.problems.catalogue import Place, Problem


def limit_of(record: Record, column: Column, year: int) -> Due:
    """Compute the limit that ``column`` shows, in a book of ``year``."""
    return due(column.due, _said(record), calendar(year)) if column.due else Due()


def state_by(record: Record, column: Column, year: int, as_of: date) -> State:
    """Say how a record stands towards the limit in ``column``."""
    if column.due is None:
        return State.NONE
    return state(column.due, limit_of(record, column, year), _said(record), as_of)


def state_of(record: Record, year: int, as_of: date) -> State:
    """Say how a record stands; of several limits the gravest."""
    return gravest(state_by(record, c, year, as_of) for c in record.form.due)


def _said(record: Record) -> dict[str, object]:
    said: dict[str, object] = dict.fromkeys(record.held, UNREAD)
    return said | {key: answer.value for key, answer in record.answers.items()}


def limit_problems(
    book: Book, records: Sequence[Record], as_of: date
) -> Iterator[Problem]:
    """Tell of entries that are late and open, and of limits that cannot be told."""
    for record in records:
        for column in record.form.due:
            rule = column.due
            if rule is None:
                continue
            limit = limit_of(record, column, book.year)
            if limit.told == MISTAKEN:
                yield from _mistaken(record, column, rule)
            elif rule.closed in record.answers:
                continue
            elif limit.told == UNKNOWN:
                why = {"detail": _reach(book.year)}
                yield _problem("entry-limit-unknown", record, column, rule.start, why)
            elif state_by(record, column, book.year, as_of) is State.OVERDUE:
                value = {"value": str(limit.shown)}
                yield _problem("entry-overdue", record, column, rule.start, value)


def _mistaken(record: Record, column: Column, rule: DueRule) -> Iterator[Problem]:
    """Tell of a pause that cannot be, unless its cells have been told of already."""
    key = mistaken(rule, _said(record))
    pair = next((pair for pair in rule.paused if key in pair), None)
    if pair is None or key in record.held:
        return
    first, last = pair
    order = record.form.column(last).not_before == first
    if order and first in record.answers:
        return
    headers = {
        "first": record.form.column(first).header,
        "last": record.form.column(last).header,
    }
    yield _problem("entry-limit-mistaken", record, column, key, headers)


def _reach(year: int) -> str:
    """Say of which years it is known when people work."""
    days = calendar(year)
    if not days:
        return "没有用得上的放假安排"
    first, last = days[0].year, days[-1].year
    return f"要用到的日子超出了已有的放假安排（{first} 年至 {last} 年）"


def _problem(
    code: str, record: Record, column: Column, key: str, more: dict[str, str]
) -> Problem:
    """Tell of the limit in ``column``, at the cell of ``key`` that it comes from."""
    told = "、".join(filter(None, map(record.text, record.form.identity)))
    values = {
        "title": record.form.title,
        "raw": told or "没有写明是哪一件",
        "header": column.header,
        **more,
    }
    place = record.places.get(key, Place())
    return Problem(code, place, values, record.section, column=key)
