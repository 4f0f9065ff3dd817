"""One returned file → what it gave: from disk or an archive, guarded, read, understood.

Whatever is wrong with a file is part of the result: it harms no other.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial
from pathlib import Path
from typing import BinaryIO

from ledgerbook.errors import describe_os_error
from ledgerbook.file_types import ZIP_SIGNATURE, RefusedError
from ledgerbook.identity import is_draft, is_modified
from ledgerbook.intake import archives, file_check
from ledgerbook.intake.embedded_book import read_embedded_book
from ledgerbook.intake.file_content import EntryContent, FileContent, RegisterId, RowContent
from ledgerbook.intake.form_versions import find_form_version, migrate_row, report_older_form
from ledgerbook.intake.formats.raw_workbook import RawWorkbook
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.intake.identify import Identification, identify_workbook, read_workbook_kind
from ledgerbook.intake.mail import message, triage
from ledgerbook.intake.parse import ParseContext, parse_register, parse_sheet
from ledgerbook.intake.row_matching import IssuedRows
from ledgerbook.intake.sheet_attachments import collect_attachments, report_unread_attachments
from ledgerbook.issue.layout import CORRECTIONS_KIND as CORRECTION
from ledgerbook.model import Book, Form
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import FileReport, FileStatus

# Workbooks of ours that are no returns, by what their keywords call them.
_NON_RETURN_KINDS = ("台账", "签发清单", "年度汇总", "合并汇总")
MEMORY_LIMIT_EXCEEDED = "内容过大，超出内存上限"
_SKIPPED_CODES = (
    "file-skipped",
    "file-other-type",
    "file-not-return",
    "file-as-sent",
    "file-archive-read",
    "file-mail-read",
    "file-mail-formless",
)

FileOrigin = tuple[Path, str]


@dataclass(frozen=True, slots=True)
class FileSource:
    """Where a file is: on disk, or within an archive there, by indexes inward.

    What stands at a ``url`` is copied to ``path`` before it is read.
    """

    name: str
    path: Path
    member_indexes: tuple[int, ...] = ()
    url: str = ""

    @property
    def origin(self) -> FileOrigin:
        """The file itself, whatever is meant within it."""
        return self.path, self.url


@dataclass(frozen=True, slots=True, eq=False)
class ReadContext:
    """What every file of a run is read by: the book, or what each carries of it.

    One is like no other: what is worked out of a book once serves all files.
    ``workbook_reader`` makes something of workbooks that are no returns but summaries.
    """

    book: Book | None
    as_of: date
    passwords: tuple[str, ...] = ()
    workbook_reader: Callable[[FileReport, bytes, ReadContext], FileContent] | None = None


@dataclass(frozen=True, slots=True)
class ArchiveRead(FileContent):
    """What an archive gave: nothing itself, but files that are to be read in turn."""

    members: tuple[archives.ArchiveMember, ...] = ()


def read_file(source: FileSource, context: ReadContext) -> FileContent:
    """Read one file. What is wrong with it is part of the result."""
    try:
        if source.member_indexes:
            return _read_member(source, context)
        if detail := _explain_non_file(source.path):
            return refuse_unreadable(source.name, detail)
        if source.path.stat().st_size > file_check.MAX_FILE_SIZE:
            return _read_large(source, context)
        data = source.path.read_bytes()
    except OSError as error:
        return refuse_unreadable(source.name, describe_os_error(error))
    return read_return(source.name, data, context)


def _explain_non_file(path: Path) -> str:
    """Say what stands at ``path`` if it is no file: to read a pipe is to wait for ever.

    Raises OSError when nothing stands there.
    """
    if path.is_file():
        return ""
    if path.is_symlink():
        return "这是指向别处的链接，没有跟着去读"
    path.stat()
    return "这不是普通的文件"


def refuse_unreadable(name: str, detail: str) -> FileContent:
    """Refuse a file of which nothing is known but its name."""
    problem = Problem("file-unreadable", Place(name), {"detail": detail})
    return _refuse(FileReport(name, 0, "", FileStatus.REJECTED), problem)


def _read_member(source: FileSource, context: ReadContext) -> FileContent:
    name, path, member_indexes = source.name, source.path, source.member_indexes
    try:
        extracted = archives.extract_member(
            path, member_indexes, context.passwords, file_check.MAX_FILE_SIZE
        )
    except RefusedError as refusal:
        is_leftover = file_check.is_leftover(name)
        code = "file-skipped" if is_leftover else refusal.code
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
    """Read a file too large to be a return without taking all of it into memory."""
    with source.path.open("rb") as stream:
        head = stream.read(file_check.MAX_FILE_SIZE + 1)
        stream.seek(0)
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        size = stream.tell()
    report = FileReport(source.name, size, sha256, FileStatus.REJECTED)
    # A mail may well end in a zip, and is none.
    is_zip = head.startswith(ZIP_SIGNATURE) and archives.is_archive(source.path)
    if is_zip and size <= archives.MAX_ARCHIVE_BYTES:
        return _read_guarded(report, lambda: _list_archive(report, source.path, context))
    return refuse_too_large(report, head)


def refuse_too_large(report: FileReport, head: bytes) -> FileContent:
    """Refuse a file for its size, or for what its beginning says."""
    problem = file_check.find_file_problem(report.name, head, report.size)
    return _refuse(report, problem) if problem else FileContent(report)


def _refuse(report: FileReport, problem: Problem) -> FileContent:
    is_skipped = problem.code in _SKIPPED_CODES
    status = FileStatus.SKIPPED if is_skipped else FileStatus.REJECTED
    updated_report = replace(report, status=status, note=problem.message)
    return FileContent(updated_report, problems=(problem,))


def read_return(name: str, data: bytes, context: ReadContext, depth: int = 0) -> FileContent:
    """Read the bytes of one file: guard, read, identify, parse. Pure.

    Of an archive, in which it is ``depth`` deep itself, the files are only listed.
    """
    report = FileReport(name, len(data), hashlib.sha256(data).hexdigest(), FileStatus.REJECTED)
    problem = file_check.find_file_problem(name, data)
    if problem:
        return _refuse(report, problem)
    archive_source = io.BytesIO(data)
    if is_draft(data):
        values = {"what": "邮件草稿"}
        return _refuse(report, Problem("file-not-return", Place(name), values))
    if message.is_mail(data):
        classify = partial(triage.classify_mail, data, depth)
        return _read_guarded(
            report,
            lambda: _list_archive(report, archive_source, context, depth, classify),
        )
    if data.startswith(ZIP_SIGNATURE) and archives.is_archive(archive_source):
        return _read_guarded(report, lambda: _list_archive(report, archive_source, context, depth))
    reader = context.workbook_reader or _read_workbook
    return _read_guarded(report, lambda: reader(report, data, context))


def _read_guarded(report: FileReport, read: Callable[[], FileContent]) -> FileContent:
    """Turn whatever may happen while reading into a problem of the file."""
    try:
        return read()
    except RefusedError as refusal:
        code, detail = refusal.code, refusal.detail
    except MemoryError:
        code, detail = "file-unreadable", MEMORY_LIMIT_EXCEEDED
    except Exception as error:  # noqa: BLE001  one bad file must not stop the others
        error_name = type(error).__name__
        code, detail = "file-unreadable", f"程序没有料到的内容：{error_name}"
    return _refuse(report, Problem(code, Place(report.name), {"detail": detail}))


def _list_archive(
    report: FileReport,
    archive_source: Path | BinaryIO,
    context: ReadContext,
    depth: int = 0,
    classify: Callable[[], str] = lambda: "file-archive-read",
) -> FileContent:
    """List what is in an archive or a mail, and what is ``classify`` of it.

    Raises RefusedError.
    """
    code = classify()
    if depth > archives.MAX_DEPTH:
        raise RefusedError("file-archive-deep", str(archives.MAX_DEPTH))
    members = archives.list_members(archive_source, context.passwords)
    values = {"count": str(len(members))}
    listing = _refuse(report, Problem(code, Place(report.name), values))
    return ArchiveRead(listing.report, problems=listing.problems, members=members)


def refuse_crowded_archive(archive_read: FileContent) -> FileContent:
    """Refuse an archive after all, for what it would add to the one that it is in."""
    detail = "连同外层压缩包，里面的文件过多或解开后过大"
    problem = Problem("file-suspect", Place(archive_read.report.name), {"detail": detail})
    return _refuse(archive_read.report, problem)


def _read_workbook(report: FileReport, data: bytes, context: ReadContext) -> FileContent:
    """Read what can only be a workbook. Raises RefusedError."""
    raw = read_workbook(data, context.passwords)
    report = replace(report, saved_at=raw.saved_at)
    if kind := _find_non_return_kind(raw, data):
        values = {"what": kind}
        return _refuse(report, Problem("file-not-return", Place(report.name), values))
    book = context.book
    if book is None:
        return _read_without_book(report, raw, context.as_of)
    forms = tuple(find_form_version(raw, book, form) for form in book.forms)
    issued_rows = _list_issued_rows(context)
    if forms != book.forms:
        issued_rows = replace(issued_rows, book=replace(book, forms=forms))
    file_read = _interpret_workbook(report, raw, issued_rows, book.forms, context.as_of)
    return replace(file_read, is_unmodified=not is_modified(data))


@lru_cache(maxsize=2)
def _list_issued_rows(context: ReadContext) -> IssuedRows:
    """List the rows of the book, which are many, once for all files."""
    if context.book is None:
        raise ValueError("there is no book to list the rows of")
    return IssuedRows.from_book(context.book)


def refuse_as_sent(file_read: FileContent) -> FileContent:
    """Take a workbook that is as we sent it for no return.

    What it was filled with beforehand, the section has not said again.
    """
    if not file_read.is_unmodified:
        return file_read
    report = replace(file_read.report, round="")
    return _refuse(report, Problem("file-as-sent", Place(report.name)))


def _find_non_return_kind(raw: RawWorkbook, data: bytes) -> str:
    """Say what a workbook of ours is that is no return; blank for any other."""
    kind = read_workbook_kind(raw)
    # A correction nobody has opened yet says only what is known already.
    is_unopened = kind == CORRECTION and not is_modified(data)
    return kind if kind in _NON_RETURN_KINDS or is_unopened else ""


def _read_without_book(report: FileReport, raw: RawWorkbook, as_of: date) -> FileContent:
    embedded = read_embedded_book(raw)
    if embedded is None:
        return _refuse(report, Problem("not-carried", Place(report.name)))
    file_read = _interpret_workbook(report, raw, embedded.issued_rows, embedded.book.forms, as_of)
    return replace(file_read, book=embedded.book)


def _interpret_workbook(
    report: FileReport,
    raw: RawWorkbook,
    issued_rows: IssuedRows,
    forms: Sequence[Form],
    as_of: date,
) -> FileContent:
    """Understand a workbook by the book and the forms that it was sent with.

    ``forms`` are those of today.
    """
    book, sent_form, current_form = (
        issued_rows.book,
        issued_rows.book.task_form,
        forms[0],
    )
    identified = identify_workbook(report.name, raw, issued_rows)
    attached_files = collect_attachments(report.name, raw, identified, book)
    rows: list[RowContent] = []
    problems = [
        *identified.problems,
        *report_unread_attachments(report.name, raw, identified),
    ]
    if identified.sheets:
        problems += report_older_form(report.name, sent_form, current_form)
    for sheet in identified.sheets:
        context = ParseContext(sheet.form, book.year, book.date_window, as_of)
        sheet_rows, sheet_problems = parse_sheet(report.name, sheet, context)
        problems += sheet_problems
        for row in sheet_rows:
            migrated, migration_problems = migrate_row(row, sent_form, current_form)
            rows.append(migrated)
            problems += migration_problems
    entries, entry_problems = _read_registers(report.name, identified, book, forms)
    problems += entry_problems
    rounds = [sheet.mark.round for sheet in identified.sheets]
    rounds += [register.mark.round for register in identified.registers]
    report = replace(report, round=rounds[0] if rounds else "")
    nil_returns = frozenset(
        (sheet.mark.section, sheet.mark.round) for sheet in identified.sheets if sheet.is_nil_return
    )
    nil_sections = {section for section, _ in nil_returns}
    returned_rows = tuple(_drop_silent_sections(rows, problems, nil_sections))
    return FileContent(
        report,
        returned_rows,
        tuple(problems),
        identified.filled_count,
        attached_files,
        nil_returns=nil_returns,
        entries=entries,
        registers=frozenset(
            RegisterId(register.mark.section, register.mark.round, register.form.key)
            for register in identified.registers
        ),
    )


def _read_registers(
    name: str, identified: Identification, book: Book, forms: Sequence[Form]
) -> tuple[tuple[EntryContent, ...], list[Problem]]:
    """Read the registers of a workbook, brought up to the forms of today."""
    current_forms = {form.key: form for form in forms}
    window = book.register_window
    entries: list[EntryContent] = []
    problems: list[Problem] = []
    for register in identified.registers:
        # A register names days to come: when a document ends, when a meeting will be.
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


def _drop_silent_sections(
    rows: Sequence[RowContent],
    problems: Sequence[Problem],
    nil_sections: Collection[str],
) -> Iterator[RowContent]:
    """Leave out sections that say nothing in a workbook where others do.

    The whole 总台账 has a sheet for each section: returned by one of them, it is no
    return of the rest. A section's own workbook counts even when it is blank.
    """
    has_one_section = len({row.section for row in rows}) == 1
    answering_sections = {
        *nil_sections,
        *(row.section for row in rows if row.answers or row.rejected_keys),
    }
    answering_sections |= {problem.section for problem in problems if problem.rejected_cells}
    for row in rows:
        if has_one_section or row.section in answering_sections:
            yield row
