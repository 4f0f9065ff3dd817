"""Read returns on an earlier version of a form, and move their answers to today's form.

The book records every version of a form that was issued. A return is read by the version
that it was issued on; its answers are then moved to the columns of the current form. An
answer that has no place there any more is rejected and reported, never dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from ledgerbook import forms, identity
from ledgerbook.intake.columns import find_columns
from ledgerbook.intake.file_content import EntryContent, RowContent
from ledgerbook.intake.formats.raw_workbook import RawWorkbook
from ledgerbook.intake.parse import describe_options
from ledgerbook.model import Book, Column, ColumnType, Filler, Form
from ledgerbook.model.form_columns import TEXT_TYPES
from ledgerbook.model.issued_values import RowTexts
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import Answer
from ledgerbook.text import format_value

RowOrEntry = TypeVar("RowOrEntry", RowContent, EntryContent)


def read_hidden_facts(workbook: RawWorkbook) -> dict[str, str]:
    """Return name → value of the facts on a workbook's hidden sheet.

    A value that was too long for one cell is joined from its pieces.
    """
    facts: dict[str, str] = {}
    for sheet in workbook.sheets:
        if sheet.name == identity.MARK_SHEET:
            for (row, column), name in sorted(sheet.cells.items()):
                if column == 0:
                    value = sheet.cells.get((row, 1), "")
                    facts[str(name)] = facts.get(str(name), "") + str(value)
    return facts


def find_form_version(workbook: RawWorkbook, book: Book, current_form: Form) -> Form:
    """Return the version of ``current_form`` that ``workbook`` was issued on.

    Its hidden sheet names the version; where that is gone or unknown, it is the version
    with most columns on its sheets.
    """
    versions = (
        current_form,
        *(
            version_form
            for version_form in reversed(book.issued_forms)
            if version_form != current_form
        ),
    )
    forms_by_version = {
        forms.compute_form_version(version_form): version_form
        for version_form in versions
        if version_form.key == current_form.key
    }
    fact_name = identity.VERSION_FACT
    if current_form.is_register:
        fact_name = identity.name_form_fact(identity.VERSION_FACT, current_form.key)
    issued_version = read_hidden_facts(workbook).get(fact_name, "")
    if issued_version in forms_by_version or len(forms_by_version) == 1:
        return forms_by_version.get(issued_version, current_form)
    return max(
        forms_by_version.values(),
        key=lambda form: _count_matching_columns(workbook, form),
    )


def _count_matching_columns(workbook: RawWorkbook, form: Form) -> int:
    column_indexes = (find_columns(sheet, form) for sheet in workbook.sheets)
    return sum(len(columns.positions) for columns in column_indexes if columns)


def report_older_form(file: str, issued_form: Form, current_form: Form) -> Iterator[Problem]:
    """Report that a return is on an older form, and which columns it could not have."""
    if _extract_visible_definition(issued_form) != _extract_visible_definition(current_form):
        issued_keys = {column.key for column in issued_form.columns}
        new_headers = [
            column.header for column in current_form.answer_columns if column.key not in issued_keys
        ]
        new_columns_text = (
            f"后来增加的栏目（{'、'.join(new_headers)}）没有内容。" if new_headers else ""
        )
        yield Problem("older-form", Place(file), {"new": new_columns_text})


def _extract_visible_definition(form: Form) -> tuple[object, ...]:
    """Return what a section sees of a form, without widths and prompts."""
    return tuple(
        (
            column.key,
            column.header,
            column.kind,
            column.filler,
            form.get_choice_list(column).values if column.kind is ColumnType.CHOICE else (),
        )
        for column in form.columns
    )


def migrate_row(
    row: RowOrEntry, issued_form: Form, current_form: Form
) -> tuple[RowOrEntry, tuple[Problem, ...]]:
    """Move a row's answers from the form it was issued on to the current form."""
    if issued_form == current_form:
        return row, ()
    moved_answers: dict[str, Answer] = {}
    problems: list[Problem] = []
    for key, answer in row.answers.items():
        migrated = _migrate_answer(answer, issued_form.get_column(key), issued_form, current_form)
        if migrated.value is not None:
            moved_answers[key] = replace(answer, value=migrated.value)
        if migrated.code:
            problems.append(_report_migration(migrated, issued_form.get_column(key), row, answer))
    current_keys = {column.key for column in current_form.answer_columns}
    places = {key: place for key, place in row.places.items() if key in current_keys}
    rejected_texts = {
        **row.rejected_texts,
        **{key: row.answers[key].text for key in row.answers.keys() - moved_answers.keys()},
    }
    migrated_row = replace(
        row,
        answers=moved_answers,
        places=places,
        rejected_texts={key: t for key, t in rejected_texts.items() if key in current_keys},
    )
    return migrated_row, tuple(problems)


def migrate_texts(rows: RowTexts, issued_form: Form, current_form: Form) -> RowTexts:
    """Move the values that a form was issued with to the current form, as answers are."""
    if issued_form == current_form:
        return rows
    columns = {column.key: column for column in issued_form.answer_columns}
    current_keys = {column.key for column in current_form.answer_columns}
    migrated: dict[str, dict[str, str]] = {}
    for row, cells in rows.items():
        for key, text in cells.items():
            if key in columns and key in current_keys:
                answer = Answer(text, text, Place())
                value = _migrate_answer(answer, columns[key], issued_form, current_form).value
                migrated.setdefault(row, {})[key] = text if value is None else format_value(value)
    return migrated


@dataclass(frozen=True, slots=True)
class _MigratedAnswer:
    """An answer on the current form; without ``value`` it is rejected.

    ``code`` is that of the problem to report, ``choice_text`` what its message quotes: the
    choice that it was read as, or all choices.
    """

    value: str | date | float | None
    code: str = ""
    choice_text: str = ""


def _migrate_answer(
    answer: Answer, issued_column: Column, issued_form: Form, current_form: Form
) -> _MigratedAnswer:
    """Move one answer; a choice that is gone becomes the one choice of the same meaning."""
    column = next(
        (
            candidate
            for candidate in current_form.answer_columns
            if candidate.key == issued_column.key
        ),
        None,
    )
    if column is None or column.filler is not Filler.SECTION:
        return _MigratedAnswer(None, "column-gone")
    if column.kind in TEXT_TYPES:
        return _MigratedAnswer(answer.text)
    if column.kind is not issued_column.kind:
        return _MigratedAnswer(None, "column-gone")
    if column.kind is not ColumnType.CHOICE:
        return _MigratedAnswer(answer.value)
    choices = current_form.get_choice_list(column)
    if choices.find_choice(answer.text):
        return _MigratedAnswer(answer.value)
    issued_choice = issued_form.get_choice_list(issued_column).find_choice(answer.text)
    issued_meaning = issued_choice.meaning if issued_choice else None
    same_meaning = [
        candidate
        for candidate in choices.choices
        if issued_meaning and candidate.meaning is issued_meaning
    ]
    if len(same_meaning) == 1:
        return _MigratedAnswer(same_meaning[0].value, "choice-read-as", same_meaning[0].value)
    return _MigratedAnswer(None, "choice-unknown", describe_options(answer.text, choices.values))


def _report_migration(
    migrated: _MigratedAnswer,
    column: Column,
    row: RowContent | EntryContent,
    answer: Answer,
) -> Problem:
    values = {
        "header": column.header,
        "raw": answer.raw,
        "value": migrated.choice_text,
        "options": migrated.choice_text,
    }
    return Problem(
        migrated.code,
        answer.place,
        values,
        row.section,
        rejected_cells=int(migrated.value is None),
        task=row.task if isinstance(row, RowContent) else "",
        column=column.key,
    )
