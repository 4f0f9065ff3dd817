"""Find what the office typed into a summary since it was written, for 办理记录 of the book.

A summary carries on a very hidden sheet what was written into the office's cells, and a
fingerprint of each row's answers. So an older summary never overwrites newer words: only
what differs from what was written there was typed there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from ledgerbook import identity
from ledgerbook.excel.workbook_writer import WorkbookWriter, check_result
from ledgerbook.model import Book
from ledgerbook.model.office_entries import (
    BLANK_TEXT,
    BLANK_TEXTS,
    NoteItem,
    OfficeNote,
    name_choice_item,
)
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import AssignmentResult, Ledger
from ledgerbook.summary.office_notes import (
    CONFLICTS_SHEET,
    DETAIL_SHEET,
    FINGERPRINT_ITEM,
    ORPHAN_NOTES_SHEET,
    REVIEW_HEADERS,
    WRITTEN_SHEET,
    SummaryNotes,
    format_choice,
    name_answer_item,
)
from ledgerbook.text import fit_to_cell


@dataclass(frozen=True, slots=True)
class OverruledNote:
    """A text that was ``typed`` into a summary after another one, ``held``, came into the book."""

    code: str
    item: str
    typed: str
    held: str


@dataclass(frozen=True, slots=True)
class UnreadNote:
    """A word that was ``typed`` where only certain ones can be chosen."""

    code: str
    item: str
    typed: str


@dataclass(frozen=True, slots=True)
class Harvest:
    """The notes to append to the book, and the texts that newer ones in the book overrule.

    ``unread`` change nothing.
    """

    notes: tuple[OfficeNote, ...] = ()
    overruled: tuple[OverruledNote, ...] = ()
    unread: tuple[UnreadNote, ...] = ()


def harvest_notes(book: Book, read: SummaryNotes, day: date) -> Harvest:
    """Return what was typed into a summary and is not in ``book`` yet.

    A text that the book has never had is new in any case: the book may be an older copy.
    """
    read = _rename_codes(book, read)
    newest = {(note.code, note.item): note.text for note in book.office_notes}
    notes: list[OfficeNote] = []
    overruled: list[OverruledNote] = []
    unread = [UnreadNote(code, item, typed) for (code, item), typed in read.unread.items()]
    for key in sorted({*read.texts, *read.written}):
        code, item = key
        now, written, held = read.texts.get(key, ""), read.written.get(key, ""), newest.get(key)
        if now == (held or "") or (held is not None and now == written):
            continue
        if key in read.unread and key not in read.texts:
            continue
        if held is not None and held != written:
            overruled.append(OverruledNote(code, item, now, held))
            continue
        if held is None and not now:
            continue
        notes.append(OfficeNote(day, code, item, now, read.fingerprints.get(code, "")))
    return Harvest(tuple(_apply_choices(book, read, notes)), tuple(overruled), tuple(unread))


def _apply_choices(
    book: Book, read: SummaryNotes, notes: Sequence[OfficeNote]
) -> Iterator[OfficeNote]:
    """Yield ``notes`` with the fingerprints of the answers as the choices among them leave these.

    Who adopts a wording and chooses an answer of the row at once has seen both.
    """
    columns = {column.header: column.key for column in book.task_form.answer_columns}
    answers: dict[str, dict[str, str]] = defaultdict(dict)
    for (code, column), text in read.answers.items():
        answers[code][column] = text
    chosen_codes = set()
    for note in notes:
        column = columns.get(note.chosen_header, "")
        if column and note.text and note.code in answers:
            chosen_codes.add(note.code)
            answers[note.code][column] = "" if note.text in BLANK_TEXTS else note.text
    for note in notes:
        if note.code in chosen_codes:
            texts = {column: text for column, text in answers[note.code].items() if text}
            yield replace(note, fingerprint=identity.compute_row_fingerprint(texts))
        else:
            yield note


def _rename_codes(book: Book, read: SummaryNotes) -> SummaryNotes:
    """Return what was read with the rows of renamed sections under their present codes."""
    if not book.former_names or not (read.texts or read.written or read.unread):
        return read
    former_codes = identity.map_former_codes(book)
    find_code = partial(identity.find_present_code, book, former_codes=former_codes)
    return SummaryNotes(
        {(find_code(code), item): text for (code, item), text in read.texts.items()},
        {(find_code(code), item): text for (code, item), text in read.written.items()},
        {find_code(code): fingerprint for code, fingerprint in read.fingerprints.items()},
        {(find_code(code), item): text for (code, item), text in read.unread.items()},
        {(find_code(code), column): text for (code, column), text in read.answers.items()},
    )


def describe_overruled_notes(
    ledger: Ledger, overruled: Sequence[OverruledNote], copy: Path
) -> tuple[Problem, ...]:
    """Return a notice of each text that was not taken over; ``copy`` is the summary with it."""
    rows = {row.code: row for row in ledger.assignment_results} if overruled else {}
    return tuple(_describe_overruled_note(note, rows.get(note.code), copy) for note in overruled)


def _describe_overruled_note(
    note: OverruledNote, row: AssignmentResult | None, copy: Path
) -> Problem:
    choice, _, column = note.item.partition("：")
    sheet = DETAIL_SHEET if row else ORPHAN_NOTES_SHEET
    place = Place(copy.name, CONFLICTS_SHEET if choice == NoteItem.CHOSEN else sheet)
    values = {
        "sheet": place.sheet,
        "row": row.label if row else note.code,
        "header": f"{choice}（{column}）" if column else choice,
        "typed": note.typed or BLANK_TEXT,
        "held": note.held or BLANK_TEXT,
        "copy": copy.name,
    }
    section, task = (row.section, row.task.code) if row else ("", "")
    return Problem("note-overruled", place, values, section, task=task)


def describe_unread_notes(ledger: Ledger, unread: Sequence[UnreadNote]) -> tuple[Problem, ...]:
    """Return a notice of each word that chooses nothing."""
    rows = {row.code: row for row in ledger.assignment_results} if unread else {}
    return tuple(_describe_unread_note(note, rows.get(note.code)) for note in unread)


def _describe_unread_note(note: UnreadNote, row: AssignmentResult | None) -> Problem:
    choice, _, column = note.item.partition("：")
    values = {
        "row": row.label if row else note.code,
        "header": f"{choice}（{column}）",
        "typed": note.typed,
    }
    section, task = (row.section, row.task.code) if row else ("", "")
    return Problem("note-unread", Place(sheet=CONFLICTS_SHEET), values, section, task=task)


def list_review_texts(book: Book) -> dict[tuple[str, str], str]:
    """Return what stands in the office's columns, by row code and header."""
    return {
        key: note.text for key, note in book.map_office_notes().items() if key[1] in REVIEW_HEADERS
    }


def write_written_notes(writer: WorkbookWriter, ledger: Ledger, recorded: Book) -> None:
    """Write the very hidden sheet; ``recorded`` is the book as it is on the disk."""
    sheet = writer.add_sheet(WRITTEN_SHEET)
    sheet.very_hidden()
    for number, line in enumerate(_list_written_lines(ledger, recorded)):
        for column, text in enumerate(line):
            check_result(sheet.write_string(number, column, fit_to_cell(text)))


def _list_written_lines(ledger: Ledger, recorded: Book) -> Iterator[tuple[str, str, str]]:
    for row in ledger.assignment_results:
        if row.answers:
            yield row.code, FINGERPRINT_ITEM, identity.compute_row_fingerprint(row.texts)
    contradicted = {conflict.subject.code for conflict in ledger.conflicts}
    for row in ledger.assignment_results:
        if row.code in contradicted:
            for column, text in row.texts.items():
                yield row.code, name_answer_item(column), text
    notes = recorded.map_office_notes()
    # A choice that does not hold is not on 冲突: a blank cell does not end it.
    shown_choices = {
        (conflict.subject.code, name_choice_item(conflict.header))
        for conflict in ledger.conflicts
        if format_choice(conflict, notes)
    }
    for key, note in sorted(notes.items()):
        if key in shown_choices or not note.chosen_header:
            yield *key, note.text
