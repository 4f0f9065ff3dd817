"""The legal limits of what sections have entered: each record's, and who is late."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from ledgerbook.duedates import UNKNOWN, Due, State, due, state
from ledgerbook.ledger import Record
from ledgerbook.model import Book, Column
from ledgerbook.problems import Place, Problem
from ledgerbook.workdays import calendar


def limit_of(record: Record, column: Column, year: int) -> Due:
    """Compute the limit that ``column`` shows, in a book of ``year``."""
    return due(column.due, _said(record), calendar(year)) if column.due else Due()


def state_of(record: Record, year: int, as_of: date) -> State:
    """Say how a record stands towards its limit, the first if it has several."""
    first = next(iter(record.form.due), None)
    if first is None or first.due is None:
        return State.NONE
    return state(first.due, limit_of(record, first, year), _said(record), as_of)


def _said(record: Record) -> dict[str, object]:
    return {key: answer.value for key, answer in record.answers.items()}


def limit_problems(
    book: Book, records: Sequence[Record], as_of: date
) -> Iterator[Problem]:
    """Tell of open entries that are late, and of those whose limit is not known."""
    for record in records:
        for column in record.form.due:
            limit = limit_of(record, column, book.year)
            rule = column.due
            if rule is None or rule.closed in record.answers:
                continue
            place = record.places.get(rule.start, Place())
            told = "、".join(filter(None, map(record.text, record.form.identity)))
            values = {
                "title": record.form.title,
                "raw": told or "没有写明是哪一件",
                "header": column.header,
                "value": str(limit.shown),
            }
            code = ""
            if state(rule, limit, _said(record), as_of) is State.OVERDUE:
                code = "entry-overdue"
            elif limit.told == UNKNOWN:
                code = "entry-limit-unknown"
            if code:
                yield Problem(code, place, values, record.section, column=column.key)
