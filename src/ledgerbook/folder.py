"""A folder of returned files → what each of them gave. One bad file harms no other."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from ledgerbook.errors import FileError, reason
from ledgerbook.gather import FileRead
from ledgerbook.issue import touched
from ledgerbook.issue.corrections import KIND as CORRECTION
from ledgerbook.ledger import FileReport, Verdict
from ledgerbook.model import Book, Form
from ledgerbook.problems import Place, Problem
from ledgerbook.returns import guard
from ledgerbook.returns.carried import carried
from ledgerbook.returns.identify import identify, kind_of
from ledgerbook.returns.package import RefusedError
from ledgerbook.returns.parse import Context, RowRead, parse_sheet
from ledgerbook.returns.raw import RawBook
from ledgerbook.returns.reader import read_workbook
from ledgerbook.returns.rows import Roster
from ledgerbook.returns.versions import brought_up, form_of, older_form

# Workbooks of ours that are no returns, by what their keywords call them.
_NOT_RETURNS = ("台账", "签发清单", "年度汇总")
TOO_MUCH = "内容过大，超出内存上限"
_SKIPS = ("file-skipped", "file-other-type", "file-not-return")


def find_files(paths: Sequence[Path]) -> dict[str, Path]:
    """List every file under ``paths`` by the name it is reported under.

    Raises FileError when a path does not exist or a folder cannot be read.
    """
    named: dict[str, Path] = {}
    seen: set[str] = set()
    # Sorted, so that names do not depend on the order in which folders were given.
    for path in sorted(paths, key=lambda p: (os.path.realpath(p), p)):
        if not path.exists():
            raise FileError(f"找不到“{path}”。请核对报送表所在的文件夹或文件名。")
        for file in _under(path):
            # Path.resolve raises on a link that leads to itself.
            resolved = os.path.realpath(file)
            if resolved in seen:
                continue
            seen.add(resolved)
            name = file.relative_to(path).as_posix() if path.is_dir() else file.name
            named[_unique(name, path, named)] = file
    return dict(sorted(named.items()))


def _under(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return

    def stop(error: OSError) -> None:
        # Path.rglob passes over a folder that it may not read, and says nothing.
        raise FileError(
            f"文件夹“{error.filename}”读不了（{reason(error)}）。"
            "请检查是否有权限打开它，再汇总一次。"
        ) from error

    # Links to folders are listed, not followed: they may lead round in a circle or to
    # the whole disk. Whatever is no file is told as a problem when it is to be read.
    found = (
        Path(folder, name)
        for folder, folders, names in os.walk(path, onerror=stop)
        for name in (*names, *folders)
        if name in names or _is_link(Path(folder, name))
    )
    yield from sorted(found)


def _is_link(path: Path) -> bool:
    # Path.is_symlink raises where a path is too long to be looked up.
    return os.path.islink(path)  # noqa: PTH114


def _unique(name: str, root: Path, taken: dict[str, Path]) -> str:
    """Tell files of one name in several folders apart by their folder."""
    if name not in taken:
        return name
    longer = f"{root.name}/{name}"
    number = 2
    while longer in taken:
        longer = f"{root.name}({number})/{name}"
        number += 1
    return longer


def read_file(name: str, path: Path, book: Book | None, as_of: date) -> FileRead:
    """Read one file from disk; what is wrong with it is part of the result."""
    try:
        if odd := _no_file(path):
            return _unread(name, odd)
        if path.stat().st_size > guard.LARGEST:
            return _read_head(name, path)
        data = path.read_bytes()
    except OSError as error:
        return _unread(name, reason(error))
    return read_return(name, data, book, as_of)


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


def _unread(name: str, detail: str) -> FileRead:
    problem = Problem("file-unreadable", Place(name), {"detail": detail})
    return _refused(FileReport(name, 0, "", Verdict.REJECTED), problem)


def _read_head(name: str, path: Path) -> FileRead:
    """Refuse a file too large to be a return without taking all of it into memory."""
    with path.open("rb") as stream:
        head = stream.read(guard.LARGEST + 1)
        stream.seek(0)
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        size = stream.tell()
    problem = guard.refuse(name, head, size)
    report = FileReport(name, size, sha256, Verdict.REJECTED)
    return _refused(report, problem) if problem else FileRead(report)


def _refused(report: FileReport, problem: Problem) -> FileRead:
    skipped = problem.code in _SKIPS
    verdict = Verdict.SKIPPED if skipped else Verdict.REJECTED
    noted = replace(report, verdict=verdict, note=problem.message)
    return FileRead(noted, problems=(problem,))


def read_return(name: str, data: bytes, book: Book | None, as_of: date) -> FileRead:
    """Read the bytes of one file: guard, read, identify, parse. Pure.

    Without a ``book`` the workbook is read by what it carries of the book itself.
    """
    report = FileReport(
        name, len(data), hashlib.sha256(data).hexdigest(), Verdict.REJECTED
    )
    problem = guard.refuse(name, data)
    if problem:
        return _refused(report, problem)
    try:
        raw = read_workbook(data)
        report = replace(report, saved_at=raw.saved_at)
        if kind := _no_return(raw, data):
            what = {"what": kind}
            return _refused(report, Problem("file-not-return", Place(name), what))
        if book is None:
            return _read_alone(report, raw, as_of)
        sent = replace(book, forms=(form_of(raw, book), *book.forms[1:]))
        return _read_workbook(report, raw, Roster.of(sent), book.form, as_of)
    except RefusedError as refused:
        code, detail = refused.code, refused.detail
    except MemoryError:
        code, detail = "file-unreadable", TOO_MUCH
    except Exception as error:  # noqa: BLE001  one bad file must not stop the others
        kind = type(error).__name__
        code, detail = "file-unreadable", f"程序没有料到的内容：{kind}"
    return _refused(report, Problem(code, Place(name), {"detail": detail}))


def _no_return(raw: RawBook, data: bytes) -> str:
    """Say what a workbook of ours is that is no return; blank for any other."""
    kind = kind_of(raw)
    # A correction nobody has opened yet says only what is known already.
    unopened = kind == CORRECTION and not touched(data)
    return kind if kind in _NOT_RETURNS or unopened else ""


def _read_alone(report: FileReport, raw: RawBook, as_of: date) -> FileRead:
    own = carried(raw)
    if own is None:
        return _refused(report, Problem("not-carried", Place(report.name)))
    read = _read_workbook(report, raw, own.roster, own.book.form, as_of)
    return replace(read, book=own.book)


def _read_workbook(
    report: FileReport, raw: RawBook, roster: Roster, now: Form, as_of: date
) -> FileRead:
    """Read what is known to be a workbook, by the book and form it was sent with."""
    book, then = roster.book, roster.book.form
    found = identify(report.name, raw, roster)
    rows: list[RowRead] = []
    problems = list(found.problems)
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
    rounds = [sheet.mark.round for sheet in found.sheets]
    report = replace(report, round=rounds[0] if rounds else "")
    nil = frozenset((s.mark.section, s.mark.round) for s in found.sheets if s.nil)
    speaking = {section for section, _ in nil}
    spoken = tuple(_without_silent(rows, problems, speaking))
    return FileRead(report, spoken, tuple(problems), found.found, nil=nil)


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
