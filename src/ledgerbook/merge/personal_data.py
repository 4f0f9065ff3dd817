"""Leave the contents of personal columns (个人信息) out of a ledger.

What is written from such a ledger carries none of them: not as answers, and not as
quotations in problems, conflicts, earlier answers or attachments. Columns, rows, statuses
and figures stay as they are: no figure is computed from what may be marked as personal.
Where nobody can know of which column a quotation is, it is left out too; and so are the
grounds of 更正代填, in which the office writes who said what, with a telephone number perhaps.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ledgerbook.model import Book, Column, Form
from ledgerbook.model.form_columns import SIGNER
from ledgerbook.model.office_entries import ENTRIES_SHEET, OfficeNote
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import (
    Answer,
    AnswerSubject,
    AssignmentResult,
    Attachment,
    Conflict,
    EarlierAnswer,
    FileReport,
    Ledger,
    OmittedContents,
    RegisterEntry,
)

# Stands where a content is left out of a sentence or list; a cell of a table stays blank.
OMITTED_TEXT = "（个人信息，未列出）"

# How an answer of the office names its source, with the grounds: see merge.office_entries.
_OFFICE_SOURCE = re.compile("(台账（(?:更正|代填))：.*）")
# The placeholders of messages that quote what somebody typed.
_QUOTING_VALUES = (
    *("raw", "value", "text", "now", "typed", "held", "above", "stored", "reading"),
    SIGNER,
)
# Problems that name an entry of a register by its identity, whatever their column is.
_IDENTITY_CODES = frozenset(
    {
        "entry-repeated",
        "entry-shared",
        "entry-overdue",
        "entry-limit-unknown",
        "entry-limit-mistaken",
    }
)
# Problems of what the office chose among the answers to one cell.
_NOTE_CODES = frozenset({"note-overruled", "note-unread"})
_CHOICE_CODES = frozenset({"choice-unused", "choice-overtaken"}) | _NOTE_CODES
# Problems that quote all answers of an entry, and of the one that it resembles.
_WHOLE_ENTRY_VALUES = {"entry-similar": ("raw", "other"), "entry-left-out": ("raw", "row")}


def list_personal_headers(forms: Iterable[Form]) -> tuple[str, ...]:
    """Return the headers of the personal columns, each with the title of its form."""
    return tuple(
        f"{form.title}的{'、'.join(column.header for column in form.personal_columns)}"
        for form in forms
        if form.personal_columns
    )


def omit_personal_data(ledger: Ledger) -> Ledger:
    """Return the ledger without the contents of personal columns, and how many those are."""
    book = ledger.book
    if ledger.omitted or not any(form.personal_columns for form in book.forms):
        return replace(ledger, omitted=ledger.omitted or OmittedContents())
    task_keys = {column.key for column in book.task_form.personal_columns}
    rows = tuple(_blank_row(row, task_keys) for row in ledger.assignment_results)
    # The summaries have the same rows.
    blank_rows = {
        id(row): blank for row, blank in zip(ledger.assignment_results, rows, strict=True)
    }
    entries = tuple(map(_blank_entry, ledger.register_entries))
    problems = tuple(blank_problem(problem, book) for problem in ledger.problems)
    conflicts = tuple(_blank_conflict(conflict, book) for conflict in ledger.conflicts)
    earlier = tuple(_blank_earlier(answer, book) for answer in ledger.earlier_answers)
    attachments = tuple(_blank_attachment(one, book) for one in ledger.attachments)
    return replace(
        ledger,
        assignment_results=rows,
        task_summaries=tuple(
            replace(
                summary,
                assignment_results=tuple(
                    blank_rows.get(id(row)) or _blank_row(row, task_keys)
                    for row in summary.assignment_results
                ),
            )
            for summary in ledger.task_summaries
        ),
        section_reports=tuple(
            replace(report, file_names=tuple(map(hide_grounds, report.file_names)))
            for report in ledger.section_reports
        ),
        file_reports=_blank_notes(ledger.file_reports, ledger.problems, problems),
        problems=problems,
        conflicts=conflicts,
        earlier_answers=earlier,
        attachments=attachments,
        register_entries=entries,
        unplanned_rows=tuple(
            replace(
                row, texts=row.texts | dict.fromkeys(task_keys & row.texts.keys(), OMITTED_TEXT)
            )
            for row in ledger.unplanned_rows
        ),
        omitted=OmittedContents(
            answers=sum(_count_filled(row.answers, task_keys) for row in ledger.assignment_results)
            + sum(
                _count_filled(entry.answers, _list_keys(entry.form))
                for entry in ledger.register_entries
            ),
            conflicts=_count_changed(ledger.conflicts, conflicts),
            earlier=_count_changed(ledger.earlier_answers, earlier),
            unplanned=sum(len(task_keys & row.texts.keys()) for row in ledger.unplanned_rows),
            problems=_count_changed(ledger.problems, problems),
            attachments=_count_changed(ledger.attachments, attachments),
        ),
    )


def _list_keys(form: Form) -> frozenset[str]:
    return frozenset(column.key for column in form.personal_columns)


def _count_filled(answers: Mapping[str, Answer], keys: Collection[str]) -> int:
    return sum(key in answers for key in keys)


def _count_changed(before: Sequence[object], after: Sequence[object]) -> int:
    return sum(old != new for old, new in zip(before, after, strict=True))


# --- answers ---


def _blank_answers(answers: Mapping[str, Answer], keys: Collection[str]) -> Mapping[str, Answer]:
    """Return the answers with those of ``keys`` blank; where they stood is kept."""
    has_grounds = any(answer.place.sheet == ENTRIES_SHEET for answer in answers.values())
    if not has_grounds and not _count_filled(answers, keys):
        return answers
    return {
        key: Answer("", "", _cite_place(answer.place)) if key in keys else _cite_answer(answer)
        for key, answer in answers.items()
    }


def _cite_answer(answer: Answer) -> Answer:
    """Return the answer without the grounds of the office."""
    if answer.place.sheet != ENTRIES_SHEET:
        return answer
    return replace(answer, place=_cite_place(answer.place))


def _cite_place(place: Place) -> Place:
    file = hide_grounds(place.file)
    return place if file == place.file else replace(place, file=file)


def hide_grounds(source: str) -> str:
    """Return the source of an answer, as a list shows it, without the grounds of the office."""
    return _OFFICE_SOURCE.sub(r"\1）", source)


def _blank_row(row: AssignmentResult, keys: Collection[str]) -> AssignmentResult:
    answers = _blank_answers(row.answers, keys)
    return row if answers is row.answers else replace(row, answers=answers)


def _blank_entry(entry: RegisterEntry) -> RegisterEntry:
    answers = _blank_answers(entry.answers, _list_keys(entry.form))
    if answers is entry.answers:
        return entry
    places = {key: _cite_place(place) for key, place in entry.places.items()}
    return replace(entry, answers=answers, places=places)


# --- conflicts and earlier answers ---


def _blank_conflict(conflict: Conflict, book: Book) -> Conflict:
    subject = _blank_subject(conflict.subject, book)
    is_personal = _is_personal_header(conflict.header, _find_subject_forms(subject, book))
    cite = _hide_answer if is_personal else _cite_answer
    return replace(
        conflict,
        subject=subject,
        accepted=conflict.accepted and cite(conflict.accepted),
        accepted_file=hide_grounds(conflict.accepted_file),
        overruled=cite(conflict.overruled),
    )


def _blank_earlier(earlier: EarlierAnswer, book: Book) -> EarlierAnswer:
    subject = _blank_subject(earlier.subject, book)
    is_personal = _is_personal_header(earlier.header, _find_subject_forms(subject, book))
    cite = _hide_answer if is_personal else _cite_answer
    return replace(
        earlier,
        subject=subject,
        answer=cite(earlier.answer),
        current_answer=earlier.current_answer and cite(earlier.current_answer),
    )


def _hide_answer(answer: Answer) -> Answer:
    return Answer(OMITTED_TEXT, OMITTED_TEXT, _cite_place(answer.place))


def _find_subject_forms(subject: AnswerSubject, book: Book) -> tuple[Form, ...]:
    """Return the form that a subject belongs to; all, where nobody can know."""
    if subject.task_number is not None:
        return (book.task_form,)
    form = book.find_form(subject.form)
    return (form,) if form else book.forms


def _blank_subject(subject: AnswerSubject, book: Book) -> AnswerSubject:
    """Return the subject without an entry's code, and without a name of personal data.

    The code of an entry is made of its identity or, where that is blank, of all its cells.
    """
    if subject.task_number is not None:
        return subject
    forms = _find_subject_forms(subject, book)
    if not any(form.personal_columns for form in forms):
        return subject
    is_named_personally = any(_has_personal_identity(form) for form in forms)
    title = subject.label.partition("：")[0]
    label = f"{title}：{OMITTED_TEXT}" if is_named_personally else subject.label
    return replace(subject, label=label, code="")


def _has_personal_identity(form: Form) -> bool:
    """Return whether an entry is named by personal data: without an identity by all cells."""
    keys = _list_keys(form)
    return bool(keys & set(form.identity)) or bool(keys and not form.identity)


def _is_personal_header(header: str, forms: Sequence[Form]) -> bool:
    return any(column.header == header for form in forms for column in form.personal_columns)


# --- problems ---


def blank_problem(problem: Problem, book: Book) -> Problem:
    """Return the problem without the quotations that are, or may be, personal data."""
    hidden = [key for key in _list_hidden_values(problem, book) if problem.values.get(key)]
    values = {**problem.values, **dict.fromkeys(hidden, OMITTED_TEXT)}
    if "file" in values:
        values["file"] = hide_grounds(values["file"])
    return replace(problem, values=values, place=_cite_place(problem.place))


def _list_hidden_values(problem: Problem, book: Book) -> Iterator[str]:
    """Yield the placeholders whose values must not be shown."""
    forms = _find_problem_forms(problem, book)
    if problem.code in _IDENTITY_CODES:
        if any(_has_personal_identity(form) for form in forms):
            yield "raw"
    elif problem.code in _WHOLE_ENTRY_VALUES:
        if any(form.personal_columns for form in forms):
            yield from _WHOLE_ENTRY_VALUES[problem.code]
    elif problem.code in _NOTE_CODES:
        # Only a choice quotes a section; it names the column in brackets.
        header = problem.values["header"]
        if any(header.endswith(f"（{c.header}）") for form in forms for c in form.personal_columns):
            yield from _QUOTING_VALUES
    elif _may_quote_personal_data(problem, forms):
        yield from _QUOTING_VALUES
    # A choice of the office names an entry by its identity.
    if problem.code in _CHOICE_CODES and not problem.task:
        yield "row"


def _find_problem_forms(problem: Problem, book: Book) -> tuple[Form, ...]:
    """Return the forms of which a problem may be: one, where that is known."""
    if problem.task:
        return (book.task_form,)
    title = problem.values.get("title", "")
    return tuple(form for form in book.forms if form.title == title) or book.forms


def _may_quote_personal_data(problem: Problem, forms: Sequence[Form]) -> bool:
    """Return whether a quotation is of a personal column, or of nobody knows which."""
    headers = {problem.values[key] for key in ("header", "other") if key in problem.values}
    keys = {key for key in (problem.column, *problem.more_columns) if key}
    keys |= {SIGNER} & problem.values.keys()
    columns = [
        column
        for form in forms
        for column in form.columns
        if column.key in keys or column.header in headers
    ]
    is_known = bool(columns) and (not problem.column or _has_column(columns, problem.column))
    return not is_known or any(column.is_personal for column in columns)


def _has_column(columns: Iterable[Column], key: str) -> bool:
    return any(column.key == key for column in columns)


def _blank_notes(
    reports: Iterable[FileReport], before: Iterable[Problem], after: Iterable[Problem]
) -> tuple[FileReport, ...]:
    """Return the reports of files whose note is the sentence of a problem, as that is now."""
    sentences = {
        old.message: new.message for old, new in zip(before, after, strict=True) if old != new
    }
    return tuple(
        replace(report, note=sentences[report.note]) if report.note in sentences else report
        for report in reports
    )


def blank_note(note: OfficeNote, book: Book) -> OfficeNote:
    """Return the note of the office without the personal answer that it chose.

    The code of a register's entry is made of its answers, and left out where it has any.
    """
    if not note.chosen_header:
        return note
    is_personal = _is_personal_header(note.chosen_header, book.forms)
    is_entry = any(note.code.startswith(f"{form.key}·") for form in book.registers)
    return replace(
        note, text=OMITTED_TEXT if is_personal else note.text, code="" if is_entry else note.code
    )


# --- attachments ---


def _blank_attachment(attachment: Attachment, book: Book) -> Attachment:
    """Return the attachment without its text, unless it is on a column that is not personal."""
    columns = [c for c in book.task_form.columns if c.key == attachment.column]
    is_clean = bool(attachment.task and columns) and not columns[0].is_personal
    return attachment if is_clean else replace(attachment, text=OMITTED_TEXT, data=b"")
