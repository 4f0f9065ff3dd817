"""Registers of all files → records: the same thing once, the newest word of each cell.

A register comes back whole each time. Two rows are of one record where the columns of
the form's identity say the same; where those are blank, or the form has none, only
where all cells do. What a newer file leaves out stays: it may have been lost.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ledgerbook.intake.results import EntryRead, FileRead
from ledgerbook.merge.answers import (
    AnswerHistory,
    SubmittedAnswer,
    TaskAnswers,
    weighing,
)
from ledgerbook.model import Book, Column, DueRule, Form
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import AnswerSubject, RegisterEntry
from ledgerbook.statutory_limits import (
    MISTAKEN,
    UNKNOWN,
    UNREAD,
    Due,
    State,
    calendar,
    due,
    gravest,
    mistaken,
    state,
)
from ledgerbook.text import squash


@dataclass(frozen=True, slots=True)
class Key:
    """Which record of whose register; ``nth`` of those alike within one file."""

    form: str
    section: str
    said: tuple[str, ...]
    nth: int


Records = Mapping[Key, TaskAnswers]


def gather_entries(
    book: Book, files: Sequence[FileRead], preferred: Collection[str] = ()
) -> Records:
    """Bring together what ``files``, oldest first, say of each record."""
    weight = weighing(book, preferred)
    said = [
        (file.report, key, entry)
        for file in files
        for key, entry in _keyed(book, file.entries)
    ]
    said.sort(key=lambda s: weight(s[2].round, s[0]))
    records: dict[Key, TaskAnswers] = defaultdict(TaskAnswers)
    for report, key, entry in said:
        row = records[key]
        row.places = {**row.places, **entry.places}
        row.held |= entry.held
        for name, answer in entry.answers.items():
            given = SubmittedAnswer(answer, entry.round, report.saved_at)
            row.give(name, given)
    return dict(records)


def _keyed(book: Book, entries: Sequence[EntryRead]) -> Iterator[tuple[Key, EntryRead]]:
    seen: Counter[Key] = Counter()
    for entry in entries:
        form = book.form_called(entry.form)
        if form is None:
            continue
        plain = Key(entry.form, entry.section, _identity(form, entry), 0)
        yield Key(plain.form, plain.section, plain.said, seen[plain]), entry
        seen[plain] += 1


def _identity(form: Form, entry: EntryRead) -> tuple[str, ...]:
    named = [_said(entry, key) for key in form.identity]
    if any(named):
        return tuple(named)
    return tuple(f"{c.key}={_said(entry, c.key)}" for c in form.answers)


def _said(entry: EntryRead, key: str) -> str:
    answer = entry.answers.get(key)
    return squash(answer.text) if answer else ""


def records_of(book: Book, gathered: Records) -> Iterator[RegisterEntry]:
    """Yield the records, by form and section in the book's order, then as entered."""
    kept: dict[tuple[str, str], list[TaskAnswers]] = defaultdict(list)
    for key, row in gathered.items():
        kept[key.form, key.section].append(row)
    for form in book.registers:
        for section in book.section_names:
            for row in kept[form.key, section]:
                taken = {k: c.taken for k, c in row.cells.items()}
                answers = {k: g.answer for k, g in taken.items() if g}
                held = frozenset(row.held - answers.keys())
                yield RegisterEntry(form, section, answers, row.places, held)


def entries_said(book: Book, gathered: Records) -> Iterator[AnswerHistory]:
    """Yield the cells of all registers."""
    for key, row in gathered.items():
        form = book.form_called(key.form)
        if form is None:
            continue
        taken = (row.cell(name).taken for name in form.identity or row.cells)
        words = "、".join(given.answer.text for given in taken if given)
        subject = AnswerSubject(None, f"{form.title}：{words}")
        for column in form.answers:
            if column.key in row.cells:
                cell = row.cells[column.key]
                yield AnswerHistory(key.section, subject, column.header, cell)


def entry_problems(
    book: Book, files: Sequence[FileRead], gathered: Records
) -> Iterator[Problem]:
    """Check every record: what it lacks, what contradicts itself, what comes twice."""
    records = list(records_of(book, gathered))
    held = {
        (place.file, place.sheet, place.cell)
        for row in gathered.values()
        for name, place in row.places.items()
        if name in row.held
    }
    for record in records:
        yield from _required(record, held)
        yield from _out_of_order(record)
    yield from _repeated(book, gathered)
    yield from _shared(records)
    yield from _left_out(book, files, gathered)


def _required(
    record: RegisterEntry, held: Collection[tuple[str, str, str]]
) -> Iterator[Problem]:
    for column in record.form.answers:
        place = record.places.get(column.key)
        if place is None or column.key in record.answers:
            continue
        if (place.file, place.sheet, place.cell) in held:
            continue
        if any(record.meets(condition) for condition in column.required):
            values = {"header": column.header, "title": record.form.title}
            yield _problem("entry-incomplete", record, column.key, place, values)


def _out_of_order(record: RegisterEntry) -> Iterator[Problem]:
    """Compare the cells that may not come before others."""
    for column in record.form.answers:
        own, other = (
            record.answers.get(column.key),
            record.answers.get(column.not_before),
        )
        if own is None or other is None:
            continue
        if type(own.value) is type(other.value) and own.value < other.value:  # type: ignore[operator]
            values = {
                "header": column.header,
                "raw": own.text,
                "other": record.form.column(column.not_before).header,
                "value": other.text,
            }
            yield _problem("entry-order", record, column.key, own.place, values)


def _repeated(book: Book, gathered: Records) -> Iterator[Problem]:
    """Point out rows of one file that name the same thing."""
    for key, row in gathered.items():
        form = book.form_called(key.form)
        if form and key.nth and form.identity:
            place = next(iter(row.places.values()), Place())
            told = "、".join(filter(None, key.said))
            values = {"title": form.title, "raw": told}
            yield Problem("entry-repeated", place, values, key.section)


def _shared(records: Sequence[RegisterEntry]) -> Iterator[Problem]:
    """Point out what two sections have entered, by the columns of identity."""
    owners: dict[tuple[str, ...], dict[str, RegisterEntry]] = defaultdict(dict)
    for record in records:
        named = [record.text(key) for key in record.form.identity]
        if any(named):
            about = (record.form.key, *map(squash, named))
            owners[about].setdefault(record.section, record)
    for same in owners.values():
        first, *others = same.values()
        for record in others:
            key = record.form.identity[0]
            values = {
                "title": record.form.title,
                "raw": "、".join(filter(None, map(record.text, record.form.identity))),
                "other": first.section,
            }
            place = record.places.get(key, Place())
            yield _problem("entry-shared", record, key, place, values)


def _left_out(
    book: Book, files: Sequence[FileRead], gathered: Records
) -> Iterator[Problem]:
    """Tell of records that a newer file of the section no longer has."""
    newest = {
        (kept.section, kept.form): file.report.name
        for file in files
        for kept in sorted(file.registers)
    }
    for key, row in gathered.items():
        name = newest.get((key.section, key.form), "")
        form = book.form_called(key.form)
        places = {place.file for place in row.places.values()}
        if form and name and row.cells and name not in places:
            first = next(iter(row.places.values()))
            said = "；".join(
                cell.taken.answer.text for cell in row.cells.values() if cell.taken
            )
            values = {"title": form.title, "raw": said, "newer": name}
            yield Problem("entry-left-out", first, values, key.section)


def _problem(
    code: str,
    record: RegisterEntry,
    column: str,
    place: Place,
    values: Mapping[str, str],
) -> Problem:
    return Problem(code, place, values, record.section, column=column)


# The legal limits of what sections have entered: each record's, and who is late.


def limit_of(record: RegisterEntry, column: Column, year: int) -> Due:
    """Compute the limit that ``column`` shows, in a book of ``year``."""
    return (
        due(column.due, _limit_values(record), calendar(year)) if column.due else Due()
    )


def state_by(record: RegisterEntry, column: Column, year: int, as_of: date) -> State:
    """Say how a record stands towards the limit in ``column``."""
    if column.due is None:
        return State.NONE
    return state(
        column.due, limit_of(record, column, year), _limit_values(record), as_of
    )


def state_of(record: RegisterEntry, year: int, as_of: date) -> State:
    """Say how a record stands; of several limits the gravest."""
    return gravest(state_by(record, c, year, as_of) for c in record.form.due)


def _limit_values(record: RegisterEntry) -> dict[str, object]:
    said: dict[str, object] = dict.fromkeys(record.held, UNREAD)
    return said | {key: answer.value for key, answer in record.answers.items()}


def limit_problems(
    book: Book, records: Sequence[RegisterEntry], as_of: date
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
                yield _limit_problem(
                    "entry-limit-unknown", record, column, rule.start, why
                )
            elif state_by(record, column, book.year, as_of) is State.OVERDUE:
                value = {"value": str(limit.shown)}
                yield _limit_problem("entry-overdue", record, column, rule.start, value)


def _mistaken(
    record: RegisterEntry, column: Column, rule: DueRule
) -> Iterator[Problem]:
    """Tell of a pause that cannot be, unless its cells have been told of already."""
    key = mistaken(rule, _limit_values(record))
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
    yield _limit_problem("entry-limit-mistaken", record, column, key, headers)


def _reach(year: int) -> str:
    """Say of which years it is known when people work."""
    days = calendar(year)
    if not days:
        return "没有用得上的放假安排"
    first, last = days[0].year, days[-1].year
    return f"要用到的日子超出了已有的放假安排（{first} 年至 {last} 年）"


def _limit_problem(
    code: str, record: RegisterEntry, column: Column, key: str, more: dict[str, str]
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
