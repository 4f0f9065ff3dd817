"""Read the extract of the book that an issued workbook carries on its hidden sheet.

``ledgerbook check`` uses it where a section has no book: form, tasks, row codes and
sheet marks of what was issued. ``collect`` never does: it relies on its own book alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ledgerbook import forms, identity
from ledgerbook.identity import SheetMark
from ledgerbook.intake.form_versions import read_hidden_facts
from ledgerbook.intake.formats.raw_workbook import RawWorkbook
from ledgerbook.intake.row_matching import IssuedRows
from ledgerbook.model import Assignment, Book, Form, Role, Round, Section, Task
from ledgerbook.plan.deadline_parser import parse_deadline

# The years of which a book can be.
_YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True)
class EmbeddedBook:
    """The part of the book that a workbook carries, and the rows that were issued in it."""

    book: Book
    issued_rows: IssuedRows


def read_embedded_book(workbook: RawWorkbook) -> EmbeddedBook | None:
    """Return what the hidden sheet carries; None when it is missing or incomplete."""
    facts = read_hidden_facts(workbook)
    form = forms.deserialize_form(facts.get(identity.DEFINITION_FACT, ""))
    signed_marks = tuple(
        mark
        for sheet in workbook.sheets
        if sheet.name == identity.MARK_SHEET
        for value in sheet.cells.values()
        if (mark := identity.parse_mark_line(str(value)))
    )
    if form is None or not signed_marks:
        return None
    extract = _parse_extract(facts.get(identity.ROWS_FACT, ""))
    if extract is None:
        return None
    registers = tuple(_read_register_forms(facts, signed_marks))
    book = Book(
        agency=extract.agency,
        year=extract.year,
        office=extract.office,
        plan_title="",
        book_id=signed_marks[0].book_id,
        key="",
        sections=tuple(
            Section(name, register_keys=tuple(form.key for form in registers))
            for name in dict.fromkeys(mark.section for mark in signed_marks)
        ),
        rounds=(Round(signed_marks[0].round, extract.due),),
        # The limit is parsed here: whatever it says, to read it is our work.
        tasks=tuple(
            replace(task, parsed_deadline=parse_deadline(task.deadline_text, extract.year))
            for task in extract.tasks
        ),
        forms=(form, *registers),
    )
    return EmbeddedBook(
        book,
        IssuedRows.from_book(
            book, extract.row_codes, frozenset(map(_normalize_mark, signed_marks))
        ),
    )


@dataclass(frozen=True, slots=True)
class _Extract:
    """What the hidden sheet says of the book; ``row_codes`` are by task code and section."""

    agency: str
    year: int
    office: str
    due: date | None
    tasks: tuple[Task, ...]
    row_codes: Mapping[tuple[str, str], str]


def _parse_extract(text: str) -> _Extract | None:
    """Return what the JSON text on the hidden sheet says; None when it is damaged."""
    try:
        data = json.loads(text)
        year = int(data["year"])
        if year not in _YEARS:
            return None
        return _Extract(
            agency=str(data["agency"]),
            year=year,
            office=str(data["office"]),
            due=_parse_iso_date(data["due"]),
            tasks=tuple(map(_build_task, data["tasks"])),
            row_codes={
                (str(task_data["code"]), str(section)): str(assignment_data["row"])
                for task_data in data["tasks"]
                for section, assignment_data in task_data["sections"].items()
            },
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # Whatever is missing, or of another type, in an object that anybody may have written.
        return None


def _read_register_forms(
    facts: Mapping[str, str], signed_marks: Sequence[SheetMark]
) -> Iterator[Form]:
    """Yield the form of each register that a signed mark names."""
    for key in dict.fromkeys(mark.form for mark in signed_marks):
        text = facts.get(identity.name_form_fact(identity.DEFINITION_FACT, key), "")
        if form := forms.deserialize_form(text):
            yield form


def _normalize_mark(mark: SheetMark) -> SheetMark:
    """Return ``mark`` with the check code in capitals, as issued."""
    return SheetMark(mark.book_id, mark.round, mark.section, mark.form, mark.check.upper())


def _build_task(task_data: Mapping[str, Any]) -> Task:
    """Build a task from its JSON object on the hidden sheet, its limit not yet parsed."""
    return Task(
        code=str(task_data["code"]),
        number=int(task_data["number"]),
        requirement=str(task_data["requirement"]),
        point=str(task_data["point"]),
        measure=str(task_data["measure"]),
        units="",
        deadline_text=str(task_data["limit"]),
        due=_parse_iso_date(task_data["due"]),
        parsed_assignments=tuple(
            Assignment(str(section), Role(role))
            for section, assignment_data in task_data["sections"].items()
            for role in assignment_data["roles"]
        ),
    )


def _parse_iso_date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
