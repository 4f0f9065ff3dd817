"""Returns on a form that the office has changed since: read by the form as it was sent.

The answers then move to the columns of today. What has no place there any more is
held for a person, never dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from ledgerbook import forms, identity
from ledgerbook.intake.columns import find_columns
from ledgerbook.intake.formats.raw_workbook import RawWorkbook
from ledgerbook.intake.results import EntryRead, RowRead
from ledgerbook.model import Book, Column, ColumnType, Filler, Form
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import Answer

_TEXTS = (ColumnType.TEXT, ColumnType.LONG, ColumnType.PHONE)


def facts_of(raw: RawWorkbook) -> dict[str, str]:
    """Return what the hidden sheet of a workbook says; pieces of one fact joined."""
    facts: dict[str, str] = {}
    for sheet in raw.sheets:
        if sheet.name == identity.MARK_SHEET:
            for (row, column), name in sorted(sheet.cells.items()):
                if column == 0:
                    value = sheet.cells.get((row, 1), "")
                    facts[str(name)] = facts.get(str(name), "") + str(value)
    return facts


def form_of(raw: RawWorkbook, book: Book, now: Form) -> Form:
    """Return the version of ``now`` that ``raw`` was issued on, if it is remembered.

    The workbook's own word decides; where its hidden sheet is gone, the version whose
    columns its sheets show best.
    """
    versions = (now, *(f for f in reversed(book.issued) if f != now))
    known = {forms.version(f): f for f in versions if f.key == now.key}
    fact = identity.VERSION
    if now.is_register:
        fact = identity.of_form(identity.VERSION, now.key)
    said = facts_of(raw).get(fact, "")
    if said in known or len(known) == 1:
        return known.get(said, now)
    return max(known.values(), key=lambda form: _likeness(raw, form))


def _likeness(raw: RawWorkbook, form: Form) -> int:
    found = (find_columns(sheet, form) for sheet in raw.sheets)
    return sum(len(columns.index) for columns in found if columns)


def older_form(file: str, then: Form, now: Form) -> Iterator[Problem]:
    """Say that a return is on an older form, and which columns it could not have."""
    if _essence(then) != _essence(now):
        had = {column.key for column in then.columns}
        new = [column.header for column in now.answers if column.key not in had]
        told = f"后来增加的栏目（{'、'.join(new)}）没有内容。" if new else ""
        yield Problem("older-form", Place(file), {"new": told})


def _essence(form: Form) -> tuple[object, ...]:
    """Return what a section notices of a form; widths and prompts matter little."""
    return tuple(
        (
            column.key,
            column.header,
            column.kind,
            column.filler,
            form.choices_of(column).values if column.kind is ColumnType.CHOICE else (),
        )
        for column in form.columns
    )


Read = TypeVar("Read", RowRead, EntryRead)


def brought_up(read: Read, then: Form, now: Form) -> tuple[Read, tuple[Problem, ...]]:
    """Move a row's answers from the form it was sent on to the form of today."""
    if then == now:
        return read, ()
    moved: dict[str, Answer] = {}
    problems: list[Problem] = []
    for key, answer in read.answers.items():
        said = _moved(answer, then.column(key), then, now)
        if said.value is not None:
            moved[key] = replace(answer, value=said.value)
        if said.code:
            problems.append(_told(said, then.column(key), read, answer))
    own = {column.key for column in now.answers}
    places = {key: place for key, place in read.places.items() if key in own}
    held = read.held | (read.answers.keys() - moved.keys())
    kept = replace(read, answers=moved, places=places, held=frozenset(held & own))
    return kept, tuple(problems)


@dataclass(frozen=True, slots=True)
class _Moved:
    """What an answer says on the form of today; no value means that it is held."""

    value: str | date | float | None
    code: str = ""
    more: str = ""


def _moved(answer: Answer, was: Column, then: Form, now: Form) -> _Moved:
    column = next((c for c in now.answers if c.key == was.key), None)
    if column is None or column.filler is not Filler.SECTION:
        return _Moved(None, "column-gone")
    if column.kind in _TEXTS:
        return _Moved(answer.text)
    if column.kind is not was.kind:
        return _Moved(None, "column-gone")
    if column.kind is not ColumnType.CHOICE:
        return _Moved(answer.value)
    choices = now.choices_of(column)
    if choices.find(answer.text):
        return _Moved(answer.value)
    old = then.choices_of(was).find(answer.text)
    means = old.meaning if old else None
    meant = [c for c in choices.choices if means and c.meaning is means]
    if len(meant) == 1:
        return _Moved(meant[0].value, "choice-read-as", meant[0].value)
    return _Moved(None, "choice-unknown", "、".join(choices.values))


def _told(
    said: _Moved, column: Column, read: RowRead | EntryRead, answer: Answer
) -> Problem:
    values = {
        "header": column.header,
        "raw": answer.raw,
        "value": said.more,
        "options": said.more,
    }
    return Problem(
        said.code,
        answer.place,
        values,
        read.section,
        cells=int(said.value is None),
        task=read.task if isinstance(read, RowRead) else "",
        column=column.key,
    )
