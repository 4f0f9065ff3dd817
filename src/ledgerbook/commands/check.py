"""What a filled workbook would give, told before it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ledgerbook.errors import InputError
from ledgerbook.intake.results import FileRead
from ledgerbook.merge.ledger import merge
from ledgerbook.model import Book
from ledgerbook.model.problems import Problem
from ledgerbook.model.results import FileReport
from ledgerbook.parallel import Progress, silent
from ledgerbook.storage.folders import find_files


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one file would give if it were collected now."""

    report: FileReport
    problems: tuple[Problem, ...]
    rows: int
    filled: int


def check(
    files: Sequence[Path],
    *,
    as_of: date,
    book_path: Path | None = None,
    passwords: Sequence[str] = (),
    told: Progress = silent,
) -> tuple[CheckResult, ...]:
    """Check filled workbooks before they are sent, each for itself.

    They are checked by the book where one is given, else by what they carry of it.
    ``told`` hears how many are read, of how many known of.
    Raises InputError or FileError when the files or the book cannot be used.
    """
    from ledgerbook.book import read_book
    from ledgerbook.intake.worker_pool import read_files

    book = read_book(book_path) if book_path else None
    found = find_files(files)
    if not found:
        names = "”“".join(map(str, files))
        raise InputError(f"“{names}”里没有文件，没有可检查的表。请放进填好的表再检查。")
    reads = read_files(found, book, as_of, passwords=passwords, told=told)
    return tuple(_checked(read, book or read.book, as_of) for read in reads)


def _checked(read: FileRead, book: Book | None, as_of: date) -> CheckResult:
    if book is None:
        return CheckResult(read.report, read.problems, 0, 0)
    ledger = merge(book, [read], as_of)
    (report,) = ledger.files
    own = [row for row in ledger.rows if row.section in report.sections]
    filled = sum(1 for row in own if row.answers)
    return CheckResult(report, ledger.problems, len(own), filled)
