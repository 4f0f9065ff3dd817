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

from ledgerbook.errors import reason
from ledgerbook.file_types import RefusedError
from ledgerbook.identity import is_draft, touched
from ledgerbook.intake import archives, file_check
from ledgerbook.intake.embedded_book import carried
from ledgerbook.intake.form_versions import brought_up, form_of, older_form
from ledgerbook.intake.formats.raw_workbook import RawWorkbook
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.intake.identify import IdentifiedSheet, identify, kind_of
from ledgerbook.intake.mail import message, triage
from ledgerbook.intake.parse import Context, parse_register, parse_sheet
from ledgerbook.intake.results import EntryRead, FileRead, Kept, RowRead
from ledgerbook.intake.rows import IssuedRows
from ledgerbook.intake.sheet_attachments import attachments, unread
from ledgerbook.issue.layout import CORRECTIONS_KIND as CORRECTION
from ledgerbook.model import Book, Form
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import FileReport, FileStatus

# Workbooks of ours that are no returns, by what their keywords call them.
_NOT_RETURNS = ("台账", "签发清单", "年度汇总", "合并汇总")
TOO_MUCH = "内容过大，超出内存上限"
_SKIPS = (
    "file-skipped",
    "file-other-type",
    "file-not-return",
    "file-as-sent",
    "file-archive-read",
    "file-mail-read",
    "file-mail-formless",
)

Origin = tuple[Path, str]


@dataclass(frozen=True, slots=True)
class FileSource:
    """Where a file is: on disk, or within an archive there, by indexes inward.

    What stands at a ``url`` is copied to ``path`` before it is read.
    """

    name: str
    path: Path
    inside: tuple[int, ...] = ()
    url: str = ""

    @property
    def origin(self) -> Origin:
        """The file itself, whatever is meant within it."""
        return self.path, self.url


@dataclass(frozen=True, slots=True, eq=False)
class ReadContext:
    """What every file of a run is read by: the book, or what each carries of it.

    One is like no other: what is worked out of a book once serves all files.
    ``understand`` makes something of workbooks that are no returns but summaries.
    """

    book: Book | None
    as_of: date
    passwords: tuple[str, ...] = ()
    understand: Callable[[FileReport, bytes, ReadContext], FileRead] | None = None


@dataclass(frozen=True, slots=True)
class ArchiveRead(FileRead):
    """What an archive gave: nothing itself, but files that are to be read in turn."""

    members: tuple[archives.Member, ...] = ()


def read_file(source: FileSource, terms: ReadContext) -> FileRead:
    """Read one file. What is wrong with it is part of the result."""
    try:
        if source.inside:
            return _read_member(source, terms)
        if odd := _no_file(source.path):
            return unreadable(source.name, odd)
        if source.path.stat().st_size > file_check.LARGEST:
            return _read_large(source, terms)
        data = source.path.read_bytes()
    except OSError as error:
        return unreadable(source.name, reason(error))
    return read_return(source.name, data, terms)


def _no_file(path: Path) -> str:
    """Say what stands at ``path`` if it is no file: to read a pipe is to wait for ever.

    Raises OSError when nothing stands there.
    """
    if path.is_file():
        return ""
    if path.is_symlink():
        return "这是指向别处的链接，没有跟着去读"
    path.stat()
    return "这不是普通的文件"


def unreadable(name: str, detail: str) -> FileRead:
    """Refuse a file of which nothing is known but its name."""
    problem = Problem("file-unreadable", Place(name), {"detail": detail})
    return _refused(FileReport(name, 0, "", FileStatus.REJECTED), problem)


def _read_member(source: FileSource, terms: ReadContext) -> FileRead:
    name, path, inside = source.name, source.path, source.inside
    try:
        taken = archives.take(path, inside, terms.passwords, file_check.LARGEST)
    except RefusedError as refused:
        leftover = file_check.leftover(name)
        code = "file-skipped" if leftover else refused.code
        report = FileReport(
            name, archives.size_of(path, inside), "", FileStatus.REJECTED
        )
        return _refused(report, Problem(code, Place(name), {"detail": refused.detail}))
    if taken.size > file_check.LARGEST:
        report = FileReport(name, taken.size, taken.sha256, FileStatus.REJECTED)
        return too_large(report, taken.data)
    return read_return(name, taken.data, terms, depth=len(inside))


def _read_large(source: FileSource, terms: ReadContext) -> FileRead:
    """Read a file too large to be a return without taking all of it into memory."""
    with source.path.open("rb") as stream:
        head = stream.read(file_check.LARGEST + 1)
        stream.seek(0)
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        size = stream.tell()
    report = FileReport(source.name, size, sha256, FileStatus.REJECTED)
    # A mail may well end in a zip, and is none.
    zipped = head.startswith(b"PK") and archives.is_archive(source.path)
    if zipped and size <= archives.LARGEST:
        return _guarded(report, lambda: _list(report, source.path, terms))
    return too_large(report, head)


def too_large(report: FileReport, head: bytes) -> FileRead:
    """Refuse a file for its size, or for what its beginning says."""
    problem = file_check.refuse(report.name, head, report.size)
    return _refused(report, problem) if problem else FileRead(report)


def _refused(report: FileReport, problem: Problem) -> FileRead:
    skipped = problem.code in _SKIPS
    verdict = FileStatus.SKIPPED if skipped else FileStatus.REJECTED
    noted = replace(report, verdict=verdict, note=problem.message)
    return FileRead(noted, problems=(problem,))


def read_return(name: str, data: bytes, terms: ReadContext, depth: int = 0) -> FileRead:
    """Read the bytes of one file: guard, read, identify, parse. Pure.

    Of an archive, in which it is ``depth`` deep itself, the files are only listed.
    """
    report = FileReport(
        name, len(data), hashlib.sha256(data).hexdigest(), FileStatus.REJECTED
    )
    problem = file_check.refuse(name, data)
    if problem:
        return _refused(report, problem)
    packed = io.BytesIO(data)
    if is_draft(data):
        what = {"what": "邮件草稿"}
        return _refused(report, Problem("file-not-return", Place(name), what))
    if message.is_mail(data):
        told = partial(triage.code_of, data, depth)
        return _guarded(report, lambda: _list(report, packed, terms, depth, told))
    if data.startswith(b"PK") and archives.is_archive(packed):
        return _guarded(report, lambda: _list(report, packed, terms, depth))
    read = terms.understand or _read_workbook
    return _guarded(report, lambda: read(report, data, terms))


def _guarded(report: FileReport, read: Callable[[], FileRead]) -> FileRead:
    """Turn whatever may happen while reading into a problem of the file."""
    try:
        return read()
    except RefusedError as refused:
        code, detail = refused.code, refused.detail
    except MemoryError:
        code, detail = "file-unreadable", TOO_MUCH
    except Exception as error:  # noqa: BLE001  one bad file must not stop the others
        kind = type(error).__name__
        code, detail = "file-unreadable", f"程序没有料到的内容：{kind}"
    return _refused(report, Problem(code, Place(report.name), {"detail": detail}))


def _list(
    report: FileReport,
    packed: Path | BinaryIO,
    terms: ReadContext,
    depth: int = 0,
    told: Callable[[], str] = lambda: "file-archive-read",
) -> FileRead:
    """List what is in an archive or a mail, and what is ``told`` of it.

    Raises RefusedError.
    """
    code = told()
    if depth > archives.DEPTH:
        raise RefusedError("file-archive-deep", str(archives.DEPTH))
    found = archives.members(packed, terms.passwords)
    values = {"count": str(len(found))}
    read = _refused(report, Problem(code, Place(report.name), values))
    return ArchiveRead(read.report, problems=read.problems, members=found)


def crowded(read: FileRead) -> FileRead:
    """Refuse an archive after all, for what it would add to the one that it is in."""
    detail = "连同外层压缩包，里面的文件过多或解开后过大"
    problem = Problem("file-suspect", Place(read.report.name), {"detail": detail})
    return _refused(read.report, problem)


def _read_workbook(report: FileReport, data: bytes, terms: ReadContext) -> FileRead:
    """Read what can only be a workbook. Raises RefusedError."""
    raw = read_workbook(data, terms.passwords)
    report = replace(report, saved_at=raw.saved_at)
    if kind := _no_return(raw, data):
        what = {"what": kind}
        return _refused(report, Problem("file-not-return", Place(report.name), what))
    book = terms.book
    if book is None:
        return _read_alone(report, raw, terms.as_of)
    forms = tuple(form_of(raw, book, form) for form in book.forms)
    roster = _roster(terms)
    if forms != book.forms:
        roster = replace(roster, book=replace(book, forms=forms))
    read = _understood(report, raw, roster, book.forms, terms.as_of)
    return replace(read, as_sent=not touched(data))


@lru_cache(maxsize=2)
def _roster(terms: ReadContext) -> IssuedRows:
    """List the rows of the book, which are many, once for all files."""
    if terms.book is None:
        raise ValueError("there is no book to list the rows of")
    return IssuedRows.of(terms.book)


def returned(read: FileRead) -> FileRead:
    """Take a workbook that is as we sent it for no return.

    What it was filled with beforehand, the section has not said again.
    """
    if not read.as_sent:
        return read
    report = replace(read.report, round="")
    return _refused(report, Problem("file-as-sent", Place(report.name)))


def _no_return(raw: RawWorkbook, data: bytes) -> str:
    """Say what a workbook of ours is that is no return; blank for any other."""
    kind = kind_of(raw)
    # A correction nobody has opened yet says only what is known already.
    unopened = kind == CORRECTION and not touched(data)
    return kind if kind in _NOT_RETURNS or unopened else ""


def _read_alone(report: FileReport, raw: RawWorkbook, as_of: date) -> FileRead:
    own = carried(raw)
    if own is None:
        return _refused(report, Problem("not-carried", Place(report.name)))
    read = _understood(report, raw, own.roster, own.book.forms, as_of)
    return replace(read, book=own.book)


def _understood(
    report: FileReport,
    raw: RawWorkbook,
    roster: IssuedRows,
    forms: Sequence[Form],
    as_of: date,
) -> FileRead:
    """Understand a workbook by the book and the forms that it was sent with.

    ``forms`` are those of today.
    """
    book, then, now = roster.book, roster.book.form, forms[0]
    found = identify(report.name, raw, roster)
    hanging = attachments(report.name, raw, found, book)
    rows: list[RowRead] = []
    problems = [*found.problems, *unread(report.name, raw, found)]
    if found.sheets:
        problems += older_form(report.name, then, now)
    for sheet in found.sheets:
        context = Context(sheet.form, book.year, book.date_window, as_of)
        read, wrong = parse_sheet(report.name, sheet, context)
        problems += wrong
        for row in read:
            moved, lost = brought_up(row, then, now)
            rows.append(moved)
            problems += lost
    entries, slips = _entries(report.name, found, book, forms)
    problems += slips
    rounds = [sheet.mark.round for sheet in found.sheets]
    rounds += [one.mark.round for one in found.registers]
    report = replace(report, round=rounds[0] if rounds else "")
    nil = frozenset((s.mark.section, s.mark.round) for s in found.sheets if s.nil)
    speaking = {section for section, _ in nil}
    spoken = tuple(_without_silent(rows, problems, speaking))
    return FileRead(
        report,
        spoken,
        tuple(problems),
        found.found,
        hanging,
        nil=nil,
        entries=entries,
        registers=frozenset(
            Kept(one.mark.section, one.mark.round, one.form.key)
            for one in found.registers
        ),
    )


def _entries(
    name: str, found: IdentifiedSheet, book: Book, forms: Sequence[Form]
) -> tuple[tuple[EntryRead, ...], list[Problem]]:
    """Read the registers of a workbook, brought up to the forms of today."""
    now = {form.key: form for form in forms}
    window = book.register_window
    entries: list[EntryRead] = []
    problems: list[Problem] = []
    for one in found.registers:
        # A register names days to come: when a document ends, when a meeting will be.
        context = Context(one.form, book.year, window, window[1])
        read, wrong = parse_register(name, one, context)
        problems += [*older_form(name, one.form, now[one.form.key]), *wrong]
        for entry in read:
            moved, lost = brought_up(entry, one.form, now[one.form.key])
            entries.append(moved)
            problems += lost
    return tuple(entries), problems


def _without_silent(
    rows: Sequence[RowRead], problems: Sequence[Problem], ticked: Collection[str]
) -> Iterator[RowRead]:
    """Leave out sections that say nothing in a workbook where others do.

    The whole 总台账 has a sheet for each section: returned by one of them, it is no
    return of the rest. A section's own workbook counts even when it is blank.
    """
    alone = len({row.section for row in rows}) == 1
    speaking = {*ticked, *(row.section for row in rows if row.answers or row.held)}
    speaking |= {problem.section for problem in problems if problem.cells}
    for row in rows:
        if alone or row.section in speaking:
            yield row
