"""What an issued workbook carries of the book, so that a section can check it alone.

Nothing of it is trusted by a collection, which goes by its own book.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledgerbook import forms, identity
from ledgerbook.identity import SheetMark
from ledgerbook.intake.form_versions import facts_of
from ledgerbook.intake.formats.raw_workbook import RawWorkbook
from ledgerbook.intake.rows import IssuedRows
from ledgerbook.model import Assignment, Book, Form, Role, Round, Section, Task
from ledgerbook.plan.deadline_parser import parse_limit


@dataclass(frozen=True, slots=True)
class EmbeddedBook:
    """As much of the book as a section needs, and the rows it was sent."""

    book: Book
    roster: IssuedRows


def carried(raw: RawWorkbook) -> EmbeddedBook | None:
    """Read the hidden sheet; None when it is gone or does not say enough."""
    facts = facts_of(raw)
    form = forms.from_json(facts.get(identity.DEFINITION, ""))
    signed = tuple(
        mark
        for sheet in raw.sheets
        if sheet.name == identity.MARK_SHEET
        for value in sheet.cells.values()
        if (mark := identity.read_line(str(value)))
    )
    if form is None or not signed:
        return None
    registers = tuple(_registers(facts, signed))
    try:
        told = json.loads(facts.get(identity.ROWS, ""))
        year = int(told["year"])
        tasks = tuple(_task(one, year) for one in told["tasks"])
        codes = {
            (str(one["code"]), str(section)): str(row["row"])
            for one in told["tasks"]
            for section, row in one["sections"].items()
        }
        book = Book(
            agency=str(told["agency"]),
            year=year,
            office=str(told["office"]),
            plan_title="",
            book_id=signed[0].book_id,
            key="",
            sections=tuple(
                Section(name, registers=tuple(form.key for form in registers))
                for name in dict.fromkeys(mark.section for mark in signed)
            ),
            rounds=(Round(signed[0].round, _date(told["due"])),),
            tasks=tasks,
            forms=(form, *registers),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return EmbeddedBook(
        book, IssuedRows.of(book, codes, frozenset(map(_plain, signed)))
    )


def _registers(facts: Mapping[str, str], signed: Sequence[SheetMark]) -> Iterator[Form]:
    for key in dict.fromkeys(mark.form for mark in signed):
        text = facts.get(identity.of_form(identity.DEFINITION, key), "")
        if form := forms.from_json(text):
            yield form


def _plain(mark: SheetMark) -> SheetMark:
    return SheetMark(
        mark.book_id, mark.round, mark.section, mark.form, mark.check.upper()
    )


def _task(told: Mapping[str, Any], year: int) -> Task:
    return Task(
        code=str(told["code"]),
        number=int(told["number"]),
        requirement=str(told["requirement"]),
        point=str(told["point"]),
        measure=str(told["measure"]),
        units="",
        limit=str(told["limit"]),
        due=_date(told["due"]),
        parsed=tuple(
            Assignment(str(section), Role(role))
            for section, row in told["sections"].items()
            for role in row["roles"]
        ),
        understood=parse_limit(str(told["limit"]), year),
    )


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
