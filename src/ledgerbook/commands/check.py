"""Implement ``check``: find the problems of filled workbooks before they are returned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from ledgerbook.commands.arguments import (
    StrPath,
    check_callback,
    to_day,
    to_optional_path,
    to_paths,
    to_texts,
)
from ledgerbook.commands.inputs import refuse_program_faults, require_paths
from ledgerbook.errors import InputError
from ledgerbook.intake.file_content import FileContent
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book
from ledgerbook.model.problems import Problem
from ledgerbook.model.results import FileReport
from ledgerbook.parallel import ProgressCallback, no_progress
from ledgerbook.storage.folders import find_files


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one file as ``collect`` would have it.

    ``rows`` counts the task rows of the file's sections, ``filled_rows`` those with answers.
    """

    report: FileReport
    problems: tuple[Problem, ...]
    rows: int
    filled_rows: int


def check(
    files: StrPath | Iterable[StrPath],
    *,
    as_of: date,
    book_path: StrPath | None = None,
    passwords: str | Iterable[str] = (),
    on_progress: ProgressCallback = no_progress,
) -> tuple[CheckResult, ...]:
    """Check filled workbooks, each on its own.

    Without ``book_path`` a workbook is checked by the copy of its section's part of the
    book that it carries. ``passwords`` are tried on encrypted files. ``on_progress`` is
    called with the number of files read and the number known.
    Raises InputError or FileError when the files or the book cannot be used.
    """
    from ledgerbook.book import read_book
    from ledgerbook.intake.worker_pool import read_files

    files, book_path = to_paths("files", files), to_optional_path("book_path", book_path)
    require_paths("files", files)
    as_of, passwords = to_day("as_of", as_of), to_texts("passwords", passwords)
    check_callback("on_progress", on_progress)
    book = read_book(book_path) if book_path else None
    found_files = find_files(files)
    if not found_files:
        names = "”“".join(map(str, files))
        raise InputError(
            f"“{names}”里没有文件，没有可检查的表。请放进填好的表再检查。",
            code="returns-missing",
            values={"paths": files},
        )
    contents = read_files(found_files, book, as_of, passwords=passwords, on_progress=on_progress)
    refuse_program_faults(contents, "check")
    return tuple(_check_file(content, book or content.book, as_of) for content in contents)


def _check_file(content: FileContent, book: Book | None, as_of: date) -> CheckResult:
    """Merge one file alone; without a book there are only the problems of reading it."""
    if book is None:
        return CheckResult(content.report, content.problems, 0, 0)
    ledger = merge_returns(_keep_sections(book, content), [content], as_of)
    (report,) = ledger.file_reports
    section_rows = [row for row in ledger.assignment_results if row.section in report.sections]
    filled_rows = sum(1 for row in section_rows if row.answers)
    return CheckResult(report, ledger.problems, len(section_rows), filled_rows)


def _keep_sections(book: Book, content: FileContent) -> Book:
    """Return the book with the sections alone that a file is about, and with their tasks.

    To merge each of many files with the rows of all sections would take too long. What the
    office says of the returns and their answers is no matter of a single file.
    """
    names = {row.section for row in content.rows}
    names |= {register.section for register in content.registers}
    names |= {section for section, _ in content.nil_returns}
    names |= {problem.section for problem in content.problems}
    answered_codes = {row.task for row in content.rows}
    return replace(
        book,
        sections=tuple(section for section in book.sections if section.name in names),
        tasks=tuple(
            task
            for task in book.tasks
            if task.code in answered_codes or any(map(task.get_roles, names))
        ),
        registrations=(),
        office_entries=(),
        office_notes=(),
        reminders=(),
    )
