"""Read one returned file: check, read, identify and parse it.

:func:`read_file` reads a file from disk or from an archive there, :func:`read_return` its
bytes. The steps are: refuse by the first bytes (:mod:`~ledgerbook.intake.file_check`);
list the members of an archive or a mail, which the caller reads in turn; read the
workbook (:mod:`~ledgerbook.intake.formats.reader`); choose the version of the form
(:mod:`~ledgerbook.intake.form_versions`); identify sheets and rows
(:mod:`~ledgerbook.intake.identify`); parse the answers (:mod:`~ledgerbook.intake.parse`).
Whatever is wrong with a file is part of its result: it neither stops the run nor changes
what another file gives. This module runs in worker processes
(:mod:`~ledgerbook.intake.worker_pool`).
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import BinaryIO

from ledgerbook.errors import describe_os_error
from ledgerbook.faults import describe_fault
from ledgerbook.file_types import ZIP_SIGNATURE, RefusedError, is_archive
from ledgerbook.identity import (
    OutputKind,
    find_non_return_kind,
    is_modified,
    parse_kind,
    read_output_kind,
)
from ledgerbook.intake import archives, file_check
from ledgerbook.intake.claims import find_marked_section, find_registered_owner
from ledgerbook.intake.document_replies import DOCUMENT_CODES, find_replying_section
from ledgerbook.intake.embedded_book import read_embedded_book
from ledgerbook.intake.file_content import EntryContent, FileContent, RegisterId, RowContent
from ledgerbook.intake.fixed_sheets import report_foreign_texts
from ledgerbook.intake.foreign_sheets import report_foreign_workbook
from ledgerbook.intake.form_versions import (
    find_form_version,
    migrate_row,
    migrate_texts,
    read_hidden_facts,
    report_older_form,
)
from ledgerbook.intake.formats.raw_workbook import RawSheet, RawWorkbook
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.intake.identify import (
    Identification,
    ReturnSheet,
    identify_workbook,
    is_unfillable_sheet,
    select_return_sheets,
)
from ledgerbook.intake.mail import mail_notice, message
from ledgerbook.intake.name_check import report_other_names
from ledgerbook.intake.parse import ParseContext, parse_register, parse_sheet
from ledgerbook.intake.row_matching import IssuedRows, KeyWithheldError
from ledgerbook.intake.sheet_attachments import (
    collect_attachments,
    collect_pictures,
    report_unread_attachments,
)
from ledgerbook.issue.baseline import read_value_facts
from ledgerbook.limited_process import EndCause
from ledgerbook.model import Book, Form
from ledgerbook.model.issued_values import IssuedValues, RowTexts
from ledgerbook.model.messages import OWN_CHANGED_CODE
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import FileReport, FileStatus
from ledgerbook.storage.file_names import is_leftover
from ledgerbook.storage.folders import is_link
from ledgerbook.text import normalize_answer

# Problems of files that are no returns: they are skipped, and nobody must do anything.
_SKIPPED_CODES = (
    "file-skipped",
    "file-other-type",
    "file-not-return",
    "file-as-sent",
    "file-archive-read",
    "file-mail-read",
    "file-mail-formless",
)

# Path and URL of a file on disk, whatever member of it is read.
FileOrigin = tuple[Path, str]


@dataclass(frozen=True, slots=True)
class FileSource:
    """Where a file is: on disk, or in an archive there, by member indexes inward.

    ``name`` is the name under which it is reported. A file at a ``url`` is copied to
    ``path`` before it is read.
    """

    name: str
    path: Path
    member_indexes: tuple[int, ...] = ()
    url: str = ""

    @property
    def origin(self) -> FileOrigin:
        """The file on disk that this is, or is a member of."""
        return self.path, self.url


@dataclass(frozen=True, slots=True, eq=False)
class ReadContext:
    """What all files of a run are read with.

    Without a ``book`` each file is read by the extract that it carries. ``as_of`` is the
    day that stands for today. ``workbook_reader`` replaces the reading of returns where
    the workbooks are others, such as the summaries of a roll-up. ``issued_rows`` are those of
    the book where they cannot be derived from it, because its key is withheld. Compared and
    hashed by identity, so that what is derived from its book can be cached.
    """

    book: Book | None
    as_of: date
    passwords: tuple[str, ...] = ()
    workbook_reader: Callable[[FileReport, bytes, ReadContext], FileContent] | None = None
    issued_rows: IssuedRows | None = None


@dataclass(frozen=True, slots=True)
class ArchiveRead(FileContent):
    """The result for an archive or a mail: the ``members`` that are to be read in turn."""

    members: tuple[archives.ArchiveMember, ...] = ()


def read_file(source: FileSource, context: ReadContext) -> FileContent:
    """Read one file on disk or in an archive. Raises nothing for what is wrong with it."""
    try:
        if source.member_indexes:
            return _read_member(source, context)
        if is_link(source.path):
            return refuse_link(source.name)
        if not source.path.is_file():
            source.path.stat()
            # Reading a pipe would never end.
            return refuse_unreadable(source.name, "这不是普通的文件")
        if source.path.stat().st_size > file_check.MAX_FILE_SIZE:
            return _read_large(source, context)
        data = source.path.read_bytes()
    except OSError as error:
        return refuse_unreadable(source.name, describe_os_error(error))
    return read_return(source.name, data, context)


def refuse_link(name: str) -> FileContent:
    """Return the result for a link, which may lead to what the sender may not read."""
    return _refuse(FileReport(name, 0, "", FileStatus.REJECTED), Problem("file-link", Place(name)))


def refuse_unreadable(name: str, detail: str) -> FileContent:
    """Return the result for a file that cannot be read at all, for the reason ``detail``."""
    problem = Problem("file-unreadable", Place(name), {"detail": detail})
    return _refuse(FileReport(name, 0, "", FileStatus.REJECTED), problem)


def _read_member(source: FileSource, context: ReadContext) -> FileContent:
    """Read one member of an archive on disk."""
    name, path, member_indexes = source.name, source.path, source.member_indexes
    try:
        extracted = archives.extract_member(
            path, member_indexes, context.passwords, file_check.MAX_FILE_SIZE
        )
    except RefusedError as refusal:
        code = "file-skipped" if is_leftover(name) else refusal.code
        report = FileReport(
            name,
            archives.read_declared_size(path, member_indexes),
            "",
            FileStatus.REJECTED,
        )
        return _refuse(report, Problem(code, Place(name), {"detail": refusal.detail}))
    if extracted.size > file_check.MAX_FILE_SIZE:
        report = FileReport(name, extracted.size, extracted.sha256, FileStatus.REJECTED)
        return refuse_too_large(report, extracted.data)
    return read_return(name, extracted.data, context, depth=len(member_indexes))


def _read_large(source: FileSource, context: ReadContext) -> FileContent:
    """Read a file that is too large to be a return, and may be an archive of returns."""
    with source.path.open("rb") as stream:
        head = stream.read(file_check.MAX_FILE_SIZE + 1)
        stream.seek(0)
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        size = stream.tell()
    report = FileReport(source.name, size, sha256, FileStatus.REJECTED)
    # A mail may end in a zip; ``is_archive`` alone would take it for one.
    is_zip = head.startswith(ZIP_SIGNATURE) and is_archive(source.path)
    if is_zip and size <= archives.MAX_ARCHIVE_BYTES:
        return _read_guarded(report, lambda: _list_archive(report, source.path, context))
    return refuse_too_large(report, head)


def refuse_too_large(report: FileReport, head: bytes) -> FileContent:
    """Return the result for a file too large to be read; ``head`` is its beginning."""
    problem = file_check.find_file_problem(report.name, head, report.size)
    return _refuse(report, problem) if problem else FileContent(report)


def _refuse(report: FileReport, problem: Problem) -> FileContent:
    """Return the result for a file that is skipped or rejected for ``problem``."""
    is_skipped = problem.code in _SKIPPED_CODES
    status = FileStatus.SKIPPED if is_skipped else FileStatus.REJECTED
    updated_report = replace(report, status=status, note=problem.message)
    return FileContent(updated_report, problems=(problem,))


def read_return(name: str, data: bytes, context: ReadContext, depth: int = 0) -> FileContent:
    """Read the bytes of one file. Raises nothing for what is wrong with it.

    A document that came in place of a form is put down to the section that it names.

    The members of an archive or a mail are listed, not read. ``depth`` is the number of
    archives that the file itself is in.
    """
    content = _read_bytes(name, data, context, depth)
    if context.book and any(problem.code in DOCUMENT_CODES for problem in content.problems):
        section = find_replying_section(name, data, context.book)
        problems = tuple(replace(problem, section=section) for problem in content.problems)
        return replace(content, problems=problems)
    return content


def _read_bytes(name: str, data: bytes, context: ReadContext, depth: int) -> FileContent:
    """Read the bytes of one file by what it is."""
    report = FileReport(name, len(data), hashlib.sha256(data).hexdigest(), FileStatus.REJECTED)
    problem = file_check.find_file_problem(name, data)
    if problem:
        return _refuse(report, problem)
    archive_source = io.BytesIO(data)
    if message.is_mail(data):
        classify = partial(mail_notice.choose_mail_code, data, depth)
        return _read_guarded(
            report,
            lambda: _list_archive(report, archive_source, context, depth, classify),
        )
    if data.startswith(ZIP_SIGNATURE) and is_archive(archive_source):
        return _read_guarded(report, lambda: _list_archive(report, archive_source, context, depth))
    reader = context.workbook_reader or _read_workbook
    return _read_guarded(report, lambda: reader(report, data, context))


def _read_guarded(report: FileReport, read: Callable[[], FileContent]) -> FileContent:
    """Call ``read``, and turn whatever it raises into a problem of the file."""
    try:
        return read()
    except RefusedError as refusal:
        code, detail = refusal.code, refusal.detail
        if code == "file-cut" and not file_check.has_table_name(report.name):
            code = "file-damaged"
    except MemoryError:
        code, detail = "file-unreadable", str(EndCause.MEMORY)
    except Exception as error:  # noqa: BLE001  one bad file must not stop the others
        return report_fault(report, error)
    return _refuse(report, Problem(code, Place(report.name), {"detail": detail}))


def report_fault(report: FileReport, error: Exception, section: str = "") -> FileContent:
    """Return the result for a file on which the program itself failed, with ``error``.

    ``section`` is whose file it is, blank where that is not known.
    """
    fault = describe_fault(error)
    values = {"detail": fault.error_type}
    problem = Problem("program-fault", Place(report.name), values, section)
    updated_report = replace(report, status=FileStatus.NOT_READ, note=problem.message, fault=fault)
    return FileContent(updated_report, problems=(problem,))


def _list_archive(
    report: FileReport,
    archive_source: Path | BinaryIO,
    context: ReadContext,
    depth: int = 0,
    classify: Callable[[], str] = lambda: "file-archive-read",
) -> FileContent:
    """List the members of an archive or a mail. Raises RefusedError.

    ``classify`` returns the code of the notice to report; it may raise RefusedError too.
    """
    code = classify()
    if depth > archives.MAX_DEPTH:
        raise RefusedError("file-archive-deep", str(archives.MAX_DEPTH))
    members = archives.list_members(archive_source, context.passwords)
    values = {"count": str(len(members))}
    listing = _refuse(report, Problem(code, Place(report.name), values))
    return ArchiveRead(listing.report, problems=listing.problems, members=members)


def refuse_crowded_archive(archive_read: FileContent) -> FileContent:
    """Refuse a listed archive that, with the archives around it, has too many members."""
    detail = "连同外层压缩包，里面的文件过多或解开后过大"
    problem = Problem("file-suspect", Place(archive_read.report.name), {"detail": detail})
    return _refuse(archive_read.report, problem)


def _read_workbook(report: FileReport, data: bytes, context: ReadContext) -> FileContent:
    """Read a workbook as a return. Raises RefusedError."""
    book = context.book
    try:
        raw = read_workbook(data, context.passwords)
    except RefusedError as error:
        if error.code in DOCUMENT_CODES and _is_intact(data, book):
            values = {"what": read_output_kind(data)}
            return _refuse(report, Problem("file-not-return", Place(report.name), values))
        raise
    report = replace(report, saved_at=raw.saved_at)
    is_intact = _is_intact(data, book)
    kind = find_non_return_kind(raw.keywords, is_intact=is_intact)
    if kind and (is_intact or book is None):
        return _refuse(report, Problem("file-not-return", Place(report.name), {"what": kind}))
    if book is None:
        return _read_without_book(report, raw, context.as_of)
    try:
        if kind:
            return _read_changed_output(report, raw, context, kind)
        file_read = _interpret_by_book(report, raw, context, book)
    except (RefusedError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001  a fault of ours, and known whose file it struck
        return report_fault(report, error, find_marked_section(raw, _list_issued_rows(context)))
    return replace(file_read, is_unmodified=is_intact)


def _is_intact(data: bytes, book: Book | None) -> bool:
    """Return whether nobody has saved the file of ours since. Raises KeyWithheldError."""
    key = book.key if book else ""
    is_intact = not is_modified(data, key)
    if is_intact and book and not key:
        # Who has no key cannot tell whether it has signed the seal.
        raise KeyWithheldError
    return is_intact


def _interpret_by_book(
    report: FileReport, raw: RawWorkbook, context: ReadContext, book: Book
) -> FileContent:
    forms = tuple(find_form_version(raw, book, form) for form in book.forms)
    issued_rows = _list_issued_rows(context)
    if forms != book.forms:
        issued_rows = replace(issued_rows, book=replace(book, forms=forms))
    return _interpret_workbook(report, raw, issued_rows, book.forms, context.as_of)


def _read_changed_output(
    report: FileReport, raw: RawWorkbook, context: ReadContext, kind: str
) -> FileContent:
    """Read the sheets of returns in a workbook of ours that is none and was changed.

    What else was changed is not read, and is reported. The book itself is changed all the time,
    and no key signs a roll-up.
    """
    issued_rows = _list_issued_rows(context)
    is_unsigned_kind = kind in {OutputKind.BOOK, OutputKind.ROLLUP}
    code = "file-not-return" if is_unsigned_kind else OWN_CHANGED_CODE
    return_sheets = select_return_sheets(raw, issued_rows)
    sheets = return_sheets.sheets if return_sheets else ()
    form_sheets = [one for one in sheets if not is_unfillable_sheet(one, issued_rows.book)]
    names = "”“".join(sheet.name for sheet in form_sheets)
    read_text = f"其中“{names}”是报送表，照常读取。" if names else ""
    values = {"what": kind, "cells": "", "read": read_text}
    problem = Problem(code, Place(report.name), values)
    if return_sheets is None:
        return _refuse(report, problem)
    file_read = _interpret_by_book(report, return_sheets, context, issued_rows.book)
    return replace(file_read, problems=(problem, *file_read.problems))


@lru_cache(maxsize=2)
def _list_issued_rows(context: ReadContext) -> IssuedRows:
    """Return the issued rows of the book; cached, for there are many."""
    if context.book is None:
        raise ValueError("there is no book to list the rows of")
    return context.issued_rows or IssuedRows.from_book(context.book)


def refuse_as_sent(file_read: FileContent) -> FileContent:
    """Skip a workbook that nobody has saved since it was issued.

    The answers it was prefilled with are no statements of the section.
    """
    if not file_read.is_unmodified:
        return file_read
    report = replace(file_read.report, round="")
    return _refuse(report, Problem("file-as-sent", Place(report.name)))


def _read_without_book(report: FileReport, raw: RawWorkbook, as_of: date) -> FileContent:
    """Read a workbook by the extract of the book that it carries."""
    embedded = read_embedded_book(raw)
    if embedded is None:
        code = "not-carried" if parse_kind(raw.keywords) else "not-issued"
        return _refuse(report, Problem(code, Place(report.name)))
    file_read = _interpret_workbook(report, raw, embedded.issued_rows, embedded.book.forms, as_of)
    return replace(file_read, book=embedded.book)


def _interpret_workbook(
    report: FileReport,
    raw: RawWorkbook,
    issued_rows: IssuedRows,
    forms: Sequence[Form],
    as_of: date,
) -> FileContent:
    """Identify and parse a workbook; move its answers to the current ``forms``.

    The book of ``issued_rows`` has the versions of the forms that it was issued on.
    """
    book = issued_rows.book
    issued_form = book.task_form
    current_form = forms[0]
    facts = read_hidden_facts(raw)
    registered = find_registered_owner(book, report.name, report.sha256)
    identified = identify_workbook(report.name, raw, issued_rows, registered)
    if identified.is_foreign:
        return _name_foreign_workbook(report, raw, identified, book)
    foreign = report_foreign_texts(report.name, raw, facts, issued_rows)
    attached_files = collect_attachments(report.name, raw, identified, book)
    rows: list[RowContent] = []
    problems = [
        *identified.problems,
        *foreign.problems,
        *report_unread_attachments(report.name, raw, identified),
    ]
    if identified.sheets:
        problems += report_older_form(report.name, issued_form, current_form)
    context = ParseContext(issued_form, book.year, book.date_window, as_of)
    for sheet in identified.sheets:
        sheet_rows, sheet_problems = parse_sheet(report.name, sheet, context)
        problems += sheet_problems
        for row in sheet_rows:
            migrated, migration_problems = migrate_row(row, issued_form, current_form)
            rows.append(migrated)
            problems += migration_problems
    # Their cells have been rejected: what is wrong with each of them is nobody's matter.
    former_rows = [
        migrate_row(row, issued_form, current_form)[0]
        for sheet in identified.former_sheets
        if isinstance(sheet, ReturnSheet)
        for row in parse_sheet(report.name, sheet, context)[0]
    ]
    entries, entry_problems = _read_registers(report.name, identified, book, forms)
    problems += entry_problems
    rounds = [sheet.mark.round for sheet in identified.sheets]
    rounds += [register.mark.round for register in identified.registers]
    report = replace(report, round=rounds[0] if rounds else "")
    nil_returns = frozenset(
        (sheet.mark.section, sheet.mark.round) for sheet in identified.sheets if sheet.is_nil_return
    )
    nil_sections = {section for section, _ in nil_returns}
    issued = _read_issued_values(facts, book, forms)
    silent_sections = _find_silent_sections(
        [*rows, *former_rows], problems, nil_sections, issued, book
    )
    problems += report_other_names(report.name, identified, book, registered, silent_sections)
    silent_cells = sum(len(row.answers) for row in rows if row.section in silent_sections)
    former_marks = [sheet.mark for sheet in identified.former_sheets]
    return FileContent(
        report,
        tuple(row for row in rows if row.section not in silent_sections),
        tuple(problems),
        identified.filled_count + foreign.filled_count - silent_cells,
        attached_files,
        nil_returns=nil_returns,
        entries=entries,
        registers=frozenset(
            RegisterId(register.mark.section, register.mark.round, register.form.key)
            for register in identified.registers
        ),
        issued=issued,
        former_rows=tuple(row for row in former_rows if row.section not in silent_sections),
        former_returns=frozenset(
            (mark.section, mark.round)
            for mark in former_marks
            if mark.section not in silent_sections
        ),
        unplanned_rows=identified.unplanned_rows,
        foreign_count=_count_cells(identified.foreign_sheets),
    )


def _name_foreign_workbook(
    report: FileReport, raw: RawWorkbook, identified: Identification, book: Book
) -> FileContent:
    """Return the result for a workbook that is not ours: what it is, and none of its cells.

    Its pictures go along, for a return may name it as evidence.
    """
    problem = report_foreign_workbook(report, raw.sheets, book.task_form)
    return FileContent(
        replace(report, status=FileStatus.SKIPPED, note=problem.message),
        problems=(problem,),
        attachments=collect_pictures(report.name, raw),
        foreign_count=_count_cells(identified.foreign_sheets),
    )


def _count_cells(sheets: Sequence[RawSheet]) -> int:
    return sum(len(sheet.cells) for sheet in sheets)


def _read_issued_values(
    facts: Mapping[str, str], book: Book, forms: Sequence[Form]
) -> IssuedValues | None:
    """Return the values that a workbook was issued with, moved to the current ``forms``."""
    values = read_value_facts(facts, book)
    if values is None:
        return None
    current_forms = {form.key: form for form in forms}
    texts = {
        (book.resolve_section(section), key): migrate_texts(rows, form, current_forms[key])
        for (section, key), rows in values.texts.items()
        if key in current_forms and (form := book.find_form(key))
    }
    return replace(values, texts=texts)


def _read_registers(
    name: str, identified: Identification, book: Book, forms: Sequence[Form]
) -> tuple[tuple[EntryContent, ...], list[Problem]]:
    """Parse the registers of a workbook; move their entries to the current ``forms``."""
    current_forms = {form.key: form for form in forms}
    window = book.register_window
    entries: list[EntryContent] = []
    problems: list[Problem] = []
    for register in identified.registers:
        # A register has dates in the future, such as the expiry of a document.
        context = ParseContext(register.form, book.year, window, window[1])
        register_entries, register_problems = parse_register(name, register, context)
        problems += [
            *report_older_form(name, register.form, current_forms[register.form.key]),
            *register_problems,
        ]
        for entry in register_entries:
            migrated, migration_problems = migrate_row(
                entry, register.form, current_forms[register.form.key]
            )
            entries.append(migrated)
            problems += migration_problems
    return tuple(entries), problems


def _find_silent_sections(
    rows: Sequence[RowContent],
    problems: Sequence[Problem],
    nil_sections: Collection[str],
    issued: IssuedValues | None,
    book: Book,
) -> set[str]:
    """Return the sections whose ``rows`` say nothing, beside one that does.

    总台账 has a sheet for each section: returned by one of them, it is no return of the
    others, whose sheets are as they were issued. A section's own workbook is a return even
    when nothing was changed in it.
    """
    sections = {row.section for row in rows}
    if len(sections) == 1:
        return set()
    answering_sections = {*nil_sections, *(row.section for row in rows if row.rejected_texts)}
    answering_sections |= {
        problem.section
        for problem in problems
        if problem.rejected_cells or problem.code == "row-unplanned"
    }
    form_key, records = book.task_form.key, book.map_newest_issues()
    for row in rows:
        record = records.get((row.round, row.section, form_key))
        texts = record.texts if record else {}
        if issued and issued.round == row.round:
            texts = issued.get_texts(row.section, form_key)
        if not _is_as_issued(row, texts):
            answering_sections.add(row.section)
    return sections - answering_sections


def _is_as_issued(row: RowContent, texts: RowTexts) -> bool:
    """Return whether a row shows the ``texts`` it was issued with, blank cells included."""
    shown = {key: normalize_answer(answer.text) for key, answer in row.answers.items()}
    return shown == dict(texts.get(row.task, {}))
