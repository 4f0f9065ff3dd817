"""Implement ``remind``: letters and mail drafts for the sections that lag, a list, a briefing.

They go into a folder of the day. The book records who was reminded of what.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ledgerbook.commands.arguments import (
    StrPath,
    check_callback,
    check_flags,
    to_day,
    to_number,
    to_optional_path,
    to_path,
    to_path_texts,
    to_paths,
    to_texts,
)
from ledgerbook.commands.inputs import is_edited, merge_files, read_current_book, require_paths
from ledgerbook.issue.cover_note import CoverNote
from ledgerbook.merge.personal_data import omit_personal_data
from ledgerbook.model.office_entries import ReminderRecord
from ledgerbook.model.results import DUE_SOON_DAYS, Ledger, SubmissionStatus
from ledgerbook.parallel import ProgressCallback, no_progress
from ledgerbook.storage import atomic
from ledgerbook.storage.file_names import make_file_names
from ledgerbook.storage.folders import read_file_bytes
from ledgerbook.storage.run_lock import hold_run_lock

if TYPE_CHECKING:
    from ledgerbook.reminders.attachments import ReminderWorkbook
    from ledgerbook.reminders.matters import Reminder


@dataclass(frozen=True, slots=True)
class RemindResult:
    """The sections that were reminded, and the files written for them (none in a dry run).

    ``unaddressed_sections`` have a mail draft without an address; the workbooks of
    ``withheld_sections`` have personal data, and are not attached but lie beside the draft;
    of ``not_read_sections`` the program could not read a file, so that nobody knows what is
    open. ``edited_files`` were changed by somebody and not overwritten; ``removed_files`` are
    those of an earlier run of the day for sections with nothing open any more.
    """

    ledger: Ledger
    reminders: tuple[Reminder, ...]
    files: tuple[Path, ...] = ()
    unaddressed_sections: tuple[str, ...] = ()
    withheld_sections: tuple[str, ...] = ()
    not_read_sections: tuple[str, ...] = ()
    edited_files: tuple[Path, ...] = ()
    removed_files: tuple[Path, ...] = ()


def remind(  # noqa: PLR0913  one argument an option of the command
    book_path: StrPath,
    returns: StrPath | Iterable[StrPath],
    output: StrPath,
    *,
    as_of: date,
    within: int = DUE_SOON_DAYS,
    prefer: StrPath | Iterable[StrPath] = (),
    passwords: str | Iterable[str] = (),
    template: StrPath | None = None,
    personal_data: bool = False,
    dry_run: bool = False,
    on_progress: ProgressCallback = no_progress,
) -> RemindResult:
    """Write a letter and a mail draft for each section that lags into ``output``/<day>.

    A list for the office and a briefing on all sections go with them.

    A section lags that has not returned what is due, has something overdue, due ``within`` so
    many days or to be corrected; limits of registers count too. ``prefer`` and ``passwords``
    are as in ``collect``; ``template`` is a .docx template of the office for the letters. A
    workbook with personal data is attached to a mail only with ``personal_data``.
    Raises InputError for a book with mistakes, an invalid e-mail address or a template that
    cannot be filled, FileError when the book, a folder or the output cannot be used, and
    ProgramFaultError when the program failed on every file it should have read.
    """
    from ledgerbook.book import check_email_addresses
    from ledgerbook.reminders.matters import list_reminders

    book_path, returns = to_path("book_path", book_path), to_paths("returns", returns)
    require_paths("returns", returns)
    output, as_of = to_path("output", output), to_day("as_of", as_of)
    within = to_number("within", within)
    prefer, passwords = to_path_texts("prefer", prefer), to_texts("passwords", passwords)
    template = to_optional_path("template", template)
    check_flags(personal_data=personal_data, dry_run=dry_run)
    check_callback("on_progress", on_progress)
    with nullcontext() if dry_run else hold_run_lock(book_path.parent):
        book, version = read_current_book(book_path, is_read_only=dry_run)
        check_email_addresses(book_path)
        template_data = read_file_bytes(template, "模板", "没有写催办通知") if template else b""
        ledger = merge_files(
            book,
            returns,
            as_of,
            "remind",
            prefer=prefer,
            passwords=passwords,
            on_progress=on_progress,
        )
        not_read = tuple(
            report.section
            for report in ledger.section_reports
            if report.status is SubmissionStatus.NOT_READ
        )
        # What goes out quotes no personal data.
        reminders = list_reminders(omit_personal_data(ledger), within)
        if dry_run:
            return RemindResult(ledger, reminders, not_read_sections=not_read)
        outgoing = _build_files(
            ledger,
            reminders,
            within,
            (template_data, str(template)) if template else None,
            personal_data=personal_data,
        )
        folder = output / as_of.isoformat()
        paths = {folder / name: data for name, data in outgoing.files.items()}
        edited = tuple(path for path in paths if is_edited(path))
        to_write = {path: data for path, data in paths.items() if path not in edited}
        removed = tuple(_find_stale_files(folder, paths))
        atomic.refuse_links(output, paths)
        atomic.check_writable([*to_write, *removed])
        atomic.refuse_changed({book_path: version})
        _record_reminders(book_path, version, ledger, reminders)
        for path in removed:
            atomic.remove_file(path)
        atomic.write_files(to_write)
    return RemindResult(
        ledger,
        reminders,
        tuple(to_write),
        outgoing.unaddressed_sections,
        outgoing.withheld_sections,
        not_read,
        edited,
        removed,
    )


@dataclass(frozen=True, slots=True)
class _ReminderFiles:
    """All files of a run by name, built but not yet written."""

    files: Mapping[str, bytes]
    unaddressed_sections: tuple[str, ...]
    withheld_sections: tuple[str, ...]


def _build_files(
    ledger: Ledger,
    reminders: Sequence[Reminder],
    within: int,
    template: tuple[bytes, str] | None,
    *,
    personal_data: bool,
) -> _ReminderFiles:
    from ledgerbook.identity import OutputKind, seal_package
    from ledgerbook.reminders.attachments import (
        PLAIN_REQUEST,
        WITHHELD_REQUEST,
        build_attachments,
    )
    from ledgerbook.reminders.briefing import compose_briefing
    from ledgerbook.reminders.briefing_document import write_briefing
    from ledgerbook.reminders.letter import ReminderNote, fill_reminder, write_reminder
    from ledgerbook.reminders.mail_draft import build_reminder_draft
    from ledgerbook.reminders.matters import list_reminders
    from ledgerbook.reminders.office_list import write_reminder_list
    from ledgerbook.summary import build_summary_filename

    book = ledger.book
    sections = {section.name: section for section in book.sections}
    rounds = {round_.name: round_ for round_ in book.rounds}
    stems = make_file_names([OutputKind.REMINDER_LIST, OutputKind.BRIEFING, *book.section_names])
    attachments: dict[str, ReminderWorkbook] = dict(build_attachments(ledger, reminders, stems))
    files: dict[str, bytes] = {}
    unaddressed, withheld = [], []
    for reminder in reminders:
        name = reminder.section
        cover = CoverNote(book, rounds[reminder.round], ledger.as_of)
        attachment = attachments.get(name)
        request = attachment.request if attachment else PLAIN_REQUEST.format(office=book.office)
        note = ReminderNote(cover, reminder, request)
        letter = fill_reminder(note, template) if template else write_reminder(note)
        files[f"{stems[name]}.docx"] = seal_package(letter, book.key)
        file = attachment.file if attachment else None
        if attachment and attachment.is_personal and not personal_data:
            files[attachment.file.name] = attachment.file.data
            request = WITHHELD_REQUEST.format(office=book.office)
            note, file = ReminderNote(cover, reminder, request), None
            withheld.append(name)
        draft = build_reminder_draft(note, sections[name], stems[name], file)
        files[draft.name] = draft.data
        if not draft.to:
            unaddressed.append(name)
    # The office's own list has all.
    list_data = write_reminder_list(ledger, list_reminders(ledger, within))
    files[f"{OutputKind.REMINDER_LIST}.xlsx"] = list_data
    briefing = write_briefing(compose_briefing(ledger, reminders, build_summary_filename(book)))
    files[f"{OutputKind.BRIEFING}.docx"] = seal_package(briefing, book.key)
    return _ReminderFiles(files, tuple(unaddressed), tuple(withheld))


def _find_stale_files(folder: Path, current: Iterable[Path]) -> Iterator[Path]:
    """Yield what an earlier run of the day has written and this one does not, if unchanged."""
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.is_file() and path not in current and not is_edited(path):
            yield path


def _record_reminders(
    path: Path, version: str, ledger: Ledger, reminders: Sequence[Reminder]
) -> None:
    """Record in the book who is reminded of what, and the versions of the forms that go out."""
    from ledgerbook.book import append_reminders, record_issued_forms

    book, data = ledger.book, read_file_bytes(path, "台账")
    records = [
        ReminderRecord(reminder.day, reminder.section, reminder.round, reminder.summary)
        for reminder in reminders
    ]
    if not records:
        return
    updated = append_reminders(record_issued_forms(data, book) or data, book, records)
    if updated != data:
        atomic.check_writable([path])
        atomic.write_file(path, updated, version)
