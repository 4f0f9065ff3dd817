"""Apply what the office says in its book: 收件登记 to the files, 更正代填 to the answers.

An entry of 更正代填 is merged as a sheet of its own that states its one cell (see
``is_patch`` in :mod:`ledgerbook.merge.statements`). It comes after everything that was
received until the evening of its day, whatever the round; a choice among contradictory
answers (采用哪个, see :mod:`ledgerbook.merge.choices`) comes after the entries of its day.
In a register it may also correct the key of an entry (see
:mod:`ledgerbook.merge.corrected_keys`), or strike the entry.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import TypeVar, cast

from ledgerbook import identity
from ledgerbook.intake.file_content import EntryContent, FileContent, RegisterId, RowContent
from ledgerbook.merge.answers import (
    AnswersByTask,
    R,
    ReturnedSheet,
    TaskAnswers,
    map_round_positions,
)
from ledgerbook.merge.choices import list_choice_sheets, list_choices
from ledgerbook.merge.corrected_keys import map_corrected_keys, rekey_sheets, split_identity
from ledgerbook.merge.patches import DatedSheet, count_received, insert_patches
from ledgerbook.merge.register_entries import AnswersByEntry, EntryKey, make_entry_code
from ledgerbook.model import Book, Form
from ledgerbook.model.office_entries import (
    BOOK_NAME,
    ENTRIES_SHEET,
    NOTES_SHEET,
    FileRegistration,
    NoteItem,
    OfficeEntry,
    OfficeNote,
)
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import (
    EARLIEST_TIME,
    Answer,
    AssignmentResult,
    FileReport,
    FileStatus,
)
from ledgerbook.text import format_value, make_single_line

CellValue = str | date | float | None
_T = TypeVar("_T", RowContent, EntryContent, RegisterId)

# --- 收件登记 ---


def apply_registrations(
    book: Book, files: Sequence[FileContent], as_of: date
) -> tuple[list[FileContent], list[Problem]]:
    """Return the files as 收件登记 says that they count, and what is wrong with its lines."""
    used: set[Place] = set()
    registered: list[FileContent] = []
    problems: list[Problem] = []
    for file in files:
        lines = [
            line
            for line in book.registrations
            if line.is_about(file.report.name, file.report.sha256)
        ]
        if lines:
            used.update(line.place for line in lines)
            problems += _check_lines(file, lines, as_of)
            file = _apply_registration(_combine_lines(lines, as_of), file)  # noqa: PLW2901
        registered.append(file)
    problems += [
        Problem("registration-unused", line.place, {"file": line.file or line.digest})
        for line in book.registrations
        if line.place not in used
    ]
    return registered, problems


def _combine_lines(lines: Sequence[FileRegistration], as_of: date) -> FileRegistration:
    """Return what the lines about one file say together: of two different words the last."""
    combined = lines[-1]
    for line in reversed(lines):
        received_on = None if line.received_on and line.received_on > as_of else line.received_on
        combined = replace(
            combined,
            section=combined.section or line.section,
            round=combined.round or line.round,
            received_on=received_on if line is lines[-1] else combined.received_on or received_on,
        )
    return combined


def _check_lines(
    file: FileContent, lines: Sequence[FileRegistration], as_of: date
) -> Iterator[Problem]:
    """Report lines about one file that contradict each other, and days that are still to come."""
    name = file.report.name
    said: list[Collection[object]] = [
        {line.section for line in lines if line.section},
        {line.round for line in lines if line.round},
        {line.received_on for line in lines if line.received_on},
        {line.is_left_out for line in lines},
    ]
    if any(len(words) > 1 for words in said):
        cells = "、".join(line.place.cell for line in lines)
        last = lines[-1].place
        values = {"file": name, "cells": cells, "last": last.cell}
        yield Problem("registration-repeated", replace(last, cell=cells), values)
    for line in lines:
        if line.received_on and line.received_on > as_of:
            values = {"file": name, "day": str(line.received_on), "today": str(as_of)}
            yield Problem("registration-later", line.place, values)


def _apply_registration(line: FileRegistration, file: FileContent) -> FileContent:
    report = file.report
    if line.is_left_out:
        note = "综合科在台账“收件登记”里写明不采用" + (f"：{line.note}" if line.note else "。")
        return FileContent(replace(report, status=FileStatus.LEFT_OUT, note=note, cell_count=0))
    if line.received_on:
        report = replace(
            report,
            saved_at=_choose_received_time(line.received_on, report.saved_at),
            received_on=line.received_on,
        )
    if line.round:
        report = replace(report, round=line.round, has_registered_round=True)
    issued = file.issued
    return replace(
        file,
        report=report,
        rows=tuple(_readdress(line, row) for row in file.rows),
        entries=tuple(_readdress(line, entry) for entry in file.entries),
        registers=frozenset(_readdress(line, register) for register in file.registers),
        nil_returns=_readdress_pairs(line, file.nil_returns),
        former_rows=tuple(_readdress(line, row) for row in file.former_rows),
        former_returns=_readdress_pairs(line, file.former_returns),
        problems=tuple(
            replace(problem, section=line.section) if line.section else problem
            for problem in file.problems
        ),
        # It is still compared with what it was issued with.
        issued=replace(issued, round=line.round) if issued and line.round else issued,
    )


def _choose_received_time(received_on: date, saved_at: datetime | None) -> datetime:
    """Return the time that counts: that of saving where it is of the same day."""
    if saved_at and saved_at.date() == received_on:
        return saved_at
    return datetime.combine(received_on, time(23, 59))


def _readdress(line: FileRegistration, item: _T) -> _T:
    return replace(item, section=line.section or item.section, round=line.round or item.round)


def _readdress_pairs(
    line: FileRegistration, pairs: frozenset[tuple[str, str]]
) -> frozenset[tuple[str, str]]:
    return frozenset((line.section or section, line.round or round_) for section, round_ in pairs)


# --- what was written after the day of the summary ---


def leave_out_later_words(book: Book, as_of: date) -> Book:
    """Return ``book`` without what the office wrote into 更正代填 and 办理记录 after ``as_of``."""
    entries = tuple(entry for entry in book.office_entries if entry.day <= as_of)
    notes = tuple(note for note in book.office_notes if note.day <= as_of)
    if (len(entries), len(notes)) == (len(book.office_entries), len(book.office_notes)):
        return book
    return replace(book, office_entries=entries, office_notes=notes)


def check_later_words(book: Book, as_of: date) -> Iterator[Problem]:
    """Report once what :func:`leave_out_later_words` leaves out."""
    counts = {
        ENTRIES_SHEET: sum(entry.day > as_of for entry in book.office_entries),
        NOTES_SHEET: sum(note.day > as_of for note in book.office_notes),
    }
    sheets = "，".join(f"“{sheet}” {count} 行" for sheet, count in counts.items() if count)
    if sheets:
        values = {"count": str(sum(counts.values())), "sheets": sheets, "today": str(as_of)}
        yield Problem("office-words-later", Place(BOOK_NAME), values)


# --- 更正代填 and 采用哪个 ---


def add_task_patches(
    book: Book, section: str, sheets: Sequence[ReturnedSheet[str]]
) -> list[ReturnedSheet[str]]:
    """Return the sheets of a section, in their total order, with the office's among them."""
    tasks = {task.code for task in book.tasks}
    form = book.task_form
    entries: list[DatedSheet[str]] = [
        (entry.day, _make_entry_sheet(book, entry, entry.row, sheets, {entry.column: entry.value}))
        for entry in book.office_entries
        if (entry.section, entry.form) == (section, form.key) and entry.row in tasks
    ]
    patched = insert_patches(sheets, entries)
    choices = list_choices(book)
    if not choices:
        return patched
    codes = {identity.make_row_code(book, task, section): task.code for task in book.tasks}
    return insert_patches(patched, list_choice_sheets(choices, form, codes, patched))


def add_entry_patches(
    book: Book, register: tuple[str, str], sheets: Sequence[ReturnedSheet[EntryKey]]
) -> list[ReturnedSheet[EntryKey]]:
    """Return the sheets of a section and register (a key) with the office's among them."""
    section, form_key = register
    form = book.find_form(form_key)
    if form is None:
        return list(sheets)
    entries = [entry for entry in book.office_entries if (entry.section, entry.form) == register]
    corrected = map_corrected_keys(form, entries, sheets)
    rekeyed = rekey_sheets(sheets, corrected)
    keys = {key: None for sheet in rekeyed for key in sheet.rows}
    by_identity = {key.identity_text: key for key in reversed(list(keys))}
    patches: list[DatedSheet[EntryKey]] = []
    struck: set[EntryKey] = set()
    for entry in sorted(entries, key=lambda entry: entry.day):
        written = split_identity(entry.row)
        known = corrected.get(written)
        # Written after the correction, the old values may be those of a new entry.
        is_reused = known and entry.day > known.day and "、".join(written) in by_identity
        values = known.values if known and not is_reused else written
        new_key = EntryKey(form_key, section, values, 0)
        key = by_identity.setdefault(new_key.identity_text, new_key)
        earlier = rekeyed[: count_received(rekeyed, entry.day)]
        cells: dict[str, CellValue] = {entry.column: entry.value}
        if is_striking(entry, form):
            cells = {column.key: None for column in form.answer_columns}
            struck.add(key)
        elif key in struck or not any(key in sheet.rows for sheet in earlier):
            texts = known.typed_texts if known and not is_reused else entry.row.split("、")
            cells = {**dict(zip(form.identity, texts, strict=False)), **cells}
            struck.discard(key)
        patches.append((entry.day, _make_entry_sheet(book, entry, key, rekeyed, cells)))
    patched = insert_patches(rekeyed, patches)
    choices = list_choices(book)
    if not choices:
        return patched
    codes = {make_entry_code(key): key for key in (*keys, *by_identity.values())}
    return insert_patches(patched, list_choice_sheets(choices, form, codes, patched))


def is_striking(entry: OfficeEntry, form: Form) -> bool:
    """Return whether an entry of 更正代填 strikes the whole entry of a register.

    It clears a column by which the entry is known (识别栏目).
    """
    return entry.value is None and entry.column in form.identity


def check_struck_entries(book: Book, answers_by_entry: AnswersByEntry) -> Iterator[Problem]:
    """Report the lines of 更正代填 that strike an entry which no file has, or has again since."""
    for entry in book.office_entries:
        form = book.find_form(entry.form)
        if form and is_striking(entry, form):
            key = EntryKey(entry.form, entry.section, split_identity(entry.row), 0)
            answers = answers_by_entry.get(key)
            if answers is None:
                continue
            values = {"title": form.title, "raw": entry.row, "day": entry.day.isoformat()}
            places = [answer.place for answer in answers.current.values()]
            newer = next((place.file for place in places if place.sheet != ENTRIES_SHEET), "")
            if not answers.cells:
                yield Problem("office-strike-unused", entry.place, values, entry.section)
            elif newer:
                values["file"] = newer
                yield Problem("office-strike-overtaken", entry.place, values, entry.section)


def check_office_entries(book: Book) -> Iterator[Problem]:
    """Report the entries of 更正代填 for tasks that are no longer in the book."""
    tasks = {task.code for task in book.tasks}
    retired = {task.code: task for task in book.retired_tasks}
    for entry in book.office_entries:
        if entry.form == book.task_form.key and entry.row not in tasks:
            task = retired.get(entry.row)
            code = identity.make_row_code(book, task, entry.section) if task else entry.row
            values = {"row": code, "header": book.task_form.get_column(entry.column).header}
            yield Problem("office-entry-unused", entry.place, values, entry.section)


def check_office_notes(book: Book) -> Iterator[Problem]:
    """Report the lines of 办理记录 with an item that the program does not know."""
    for note in book.office_notes:
        if not note.is_known:
            yield Problem("note-item-unknown", note.place, {"item": note.item})


def _make_entry_sheet(
    book: Book,
    entry: OfficeEntry,
    row: R,
    sheets: Sequence[ReturnedSheet[R]],
    cells: Mapping[str, CellValue],
) -> ReturnedSheet[R]:
    """Return the sheet of one entry: 更正 where the section had answered in its round, else 代填.

    ``cells`` are what it states, by column key; those without a value are cleared.
    """
    earlier = sheets[: count_received(sheets, entry.day)]
    is_repair = any(
        entry.column in sheet.rows[row].answers
        for sheet in earlier
        if row in sheet.rows and sheet.round == entry.round
    )
    details = "；".join(filter(None, (entry.ground, entry.by)))
    source = make_single_line(f"台账（{'更正' if is_repair else '代填'}：{details}）")
    place = replace(entry.place, file=source)
    content = RowContent(
        task=entry.row,
        section=entry.section,
        round=entry.round,
        sheet=place.sheet,
        answers={
            key: Answer(value, format_value(value), place)
            for key, value in cells.items()
            if value is not None
        },
        places=dict.fromkeys(cells, place),
        rejected_texts={},
    )
    saved_at = datetime.combine(entry.day, time(23, 59))
    report = FileReport(source, 0, "", FileStatus.ACCEPTED, saved_at=saved_at)
    position = map_round_positions(book).get(entry.round, -1)
    rows = cast("dict[R, RowContent]", {row: content})
    return ReturnedSheet(report, entry.round, {}, position, rows, is_patch=True)


# --- 销号 and 采用口径 ---

_CHANGE_CODES = {NoteItem.ACCEPTED: "closed-changed", NoteItem.ADOPTED: "adopted-changed"}


def find_changed_rows(
    book: Book, rows: Iterable[AssignmentResult], item: NoteItem
) -> Iterator[tuple[AssignmentResult, OfficeNote]]:
    """Yield the rows whose answers have changed since the office typed a note, with the note."""
    notes = book.map_office_notes()
    for row in rows:
        note = notes.get((row.code, item))
        fingerprint = note.fingerprint if note else ""
        if note and fingerprint not in ("", identity.compute_row_fingerprint(row.texts)):
            yield row, note


def check_changed_rows(
    book: Book, rows: Sequence[AssignmentResult], answers_by_task: AnswersByTask
) -> Iterator[Problem]:
    """Report rows that changed after the office struck them off, or adopted a wording.

    The place is that of the newest answer that holds: what changed last.
    """
    for item, code in _CHANGE_CODES.items():
        for row, note in find_changed_rows(book, rows, item):
            place = _find_newest_place(row, answers_by_task)
            values = {"number": str(row.task.number), "day": note.day.isoformat()}
            yield Problem(code, place, values, row.section, task=row.task.code)


def _find_newest_place(row: AssignmentResult, answers_by_task: AnswersByTask) -> Place:
    answers = answers_by_task.get((row.task.code, row.section), TaskAnswers())
    times = {
        key: cell.current.saved_at or EARLIEST_TIME
        for key in row.answers
        if (cell := answers.cell(key)).current
    }
    newest = max(times, key=times.__getitem__, default=None)
    return row.answers[newest].place if newest else Place()
