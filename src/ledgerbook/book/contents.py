"""Book → the rows of its sheets, before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from ledgerbook import forms, marks
from ledgerbook.book import history
from ledgerbook.book import layout as sheets
from ledgerbook.book.layout import Field, Layout
from ledgerbook.book.reference import reference_rows
from ledgerbook.days.deadlines import describe
from ledgerbook.model import Book, Form, Question, Role, Section, Task

Value = str | int | float | date | None


def contents(book: Book) -> Iterator[tuple[Layout, Iterable[Sequence[Value]]]]:
    """Yield every sheet that the office sees, in order, with the values of its rows."""
    yield (
        sheets.BASICS,
        [
            *(
                (label, getattr(book, attribute), use)
                for label, (attribute, use) in sheets.BASIC_ITEMS.items()
            ),
            (sheets.UNLOCK_LABEL, marks.sheet_password(book), sheets.UNLOCK_USE),
        ],
    )
    yield (
        sheets.SECTIONS,
        [_section_row(section, book) for section in book.sections],
    )
    yield sheets.ROUNDS, [(r.name, r.due, r.note) for r in book.rounds]
    yield sheets.TASKS, [_task_row(task, book.year) for task in book.tasks]
    yield _matrix_layout(book), [_matrix_row(task, book) for task in book.tasks]
    yield sheets.REGISTERS, [_register_row(form) for form in book.registers]
    yield (
        sheets.FIELDS,
        [
            (form.title, *_plain(forms.column_record(column, form)))
            for form in book.forms
            for column in form.columns
        ],
    )
    yield (
        sheets.CHOICES,
        [
            (form.title, *_plain(record))
            for form in book.forms
            for record in forms.choice_records(form)
        ],
    )
    codes = [task.code for task in book.tasks]
    yield sheets.QUESTIONS, [_question_row(one, codes) for one in book.questions]
    yield sheets.REFERENCE, reference_rows(book)
    if book.retired:
        yield sheets.RETIRED, history.retired_rows(book)
    if book.revisions:
        yield sheets.REVISIONS, history.revision_rows(book)


def _matrix_layout(book: Book) -> Layout:
    """Return the 分工 sheet: a column a section, and a hidden one for its parse."""
    shown = [
        Field(name, sheets.MATRIX_WIDTH, options=(*sheets.ROLE_SETS, sheets.NO_ROLE))
        for name in book.section_names
    ]
    parsed = [
        Field(sheets.BASELINE + name, sheets.MATRIX_WIDTH, locked=True, hidden=True)
        for name in book.section_names
    ]
    base = sheets.MATRIX
    return Layout(base.name, base.title, base.note, (*base.fields, *shown, *parsed))


def _plain(record: dict[str, object]) -> list[Value]:
    """Sheet values of a form record; enum members become plain words."""
    return [
        str(value)
        if isinstance(value, str)
        else value
        if isinstance(value, int | float)
        else None
        for value in record.values()
    ]


def _section_row(section: Section, book: Book) -> tuple[Value, ...]:
    titles = [f.title for f in book.registers if f.key in section.registers]
    whole = len(titles) > 1 and len(titles) == len(book.registers)
    owed = sheets.EVERY_REGISTER if whole else "、".join(titles)
    about = section.contact, section.phone, section.email, section.note
    return (section.name, *about, "、".join(section.aliases), owed)


def _register_row(form: Form) -> tuple[Value, ...]:
    told_by = "、".join(form.column(key).header for key in form.identity)
    return form.title, form.key, form.rows, told_by, form.purpose


def _task_row(task: Task, year: int) -> tuple[Value, ...]:
    return (
        task.code,
        task.number,
        task.requirement,
        task.point,
        task.measure,
        task.units,
        task.limit,
        task.due,
        describe(task.deadline, year),
        task.note,
    )


def _matrix_row(task: Task, book: Book) -> tuple[Value, ...]:
    made = {mine.section: mine.roles for mine in task.by_hand}
    shown: list[str] = []
    parsed: list[str] = []
    for name in book.section_names:
        held = {a.role for a in task.parsed if a.section == name}
        parsed.append("、".join(role for role in Role if role in held))
        own = made.get(name)
        shown.append(parsed[-1] if own is None else "、".join(own) or sheets.NO_ROLE)
    return (task.code, task.number, task.measure, task.units, *shown, *parsed)


def _question_row(question: Question, codes: Sequence[str]) -> tuple[Value, ...]:
    return (
        sheets.runs_text(question.tasks, codes),
        question.field,
        question.found,
        question.reason,
        question.advice,
        question.decision,
    )
