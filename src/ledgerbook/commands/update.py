"""A revised plan comes to a book on disk; the book as it was stays beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ledgerbook.errors import FileError, InputError
from ledgerbook.model import Book
from ledgerbook.storage import atomic
from ledgerbook.storage.folders import read_file_bytes
from ledgerbook.text import normalize

if TYPE_CHECKING:
    from ledgerbook.book import BookChanges, MatchOverrides


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """A book brought up to a revised plan, as ``changes`` tell.

    ``path`` and ``copy``, the book as it was, are None where nothing was written;
    ``sheets_only_in_copy`` names what the office has added to the book, which only the copy has;
    ``unchanged`` says that there was nothing to do.
    """

    book: Book
    changes: BookChanges
    cell_account: str
    path: Path | None = None
    copy: Path | None = None
    sheets_only_in_copy: tuple[str, ...] = ()
    unchanged: bool = False


def update(  # noqa: PLR0913  one argument an option of the command
    plan: Path,
    book_path: Path,
    *,
    day: date,
    agency: str = "",
    year: int | None = None,
    office: str = "",
    sections: Sequence[str] = (),
    units_column: str = "",
    split_items: bool = False,
    overrides: MatchOverrides | None = None,
    dry_run: bool = False,
) -> UpdateResult:
    """Bring an existing book up to a revised plan; the book as it was stays beside it.

    ``overrides`` is the office's word on which task is which, ``day`` the day that
    修订记录 notes. Raises InputError when the plan is not of the book's agency and
    year, or cannot be understood, FileError when the book cannot be read or written.
    """
    from ledgerbook.book import build_book_bytes, list_added_parts, read_book, update_book
    from ledgerbook.plan import read_plan

    book = read_book(book_path)
    parsed_plan = read_plan(plan, units_column=units_column, split_items=split_items)
    _require_same_ledger(
        book,
        agency=agency or parsed_plan.agency or book.agency,
        year=year or parsed_plan.year or book.year,
        office=office or book.office,
    )
    revised, changes = update_book(
        book, parsed_plan, day=day, sections=sections, overrides=overrides
    )
    result = UpdateResult(revised, changes, str(parsed_plan.cell_count))
    if dry_run or revised == book:
        return replace(result, unchanged=revised == book)
    data = build_book_bytes(revised)
    copy = _find_copy_path(book_path)
    atomic.check_writable([copy, book_path])
    atomic.write_file(copy, read_file_bytes(book_path, "台账"))
    try:
        atomic.write_file(book_path, data)
    except FileError:
        # The book is as it was: a copy of it would only be in the way.
        atomic.remove_file(copy)
        raise
    return replace(result, path=book_path, copy=copy, sheets_only_in_copy=list_added_parts(copy))


def _require_same_ledger(book: Book, *, agency: str, year: int, office: str) -> None:
    """Raise InputError for the plan of another agency or year."""
    differences = [
        f"{name}：方案是“{plan_value}”，台账是“{book_value}”。"
        for name, plan_value, book_value in (
            ("机关名称", agency, book.agency),
            ("年度", str(year), str(book.year)),
            ("综合协调科室", office, book.office),
        )
        if normalize(plan_value) != normalize(book_value)
    ]
    if differences:
        raise InputError(
            "这份方案和台账对不上，台账没有动。如果选错了文件，请换成本台账的修订方案；"
            "如果只是写法不同，请用 --agency、--year 照台账写明：",
            differences,
        )


# How a copy of the book as it was is called: 台账（更新前）, 台账（更新前2）.
COPY_MARK = "（更新前"


def _find_copy_path(path: Path) -> Path:
    """Name a file beside ``path`` for the book as it was; one that is not there yet."""
    for n in count(1):
        copy = path.with_name(f"{path.stem}{COPY_MARK}{n if n > 1 else ''}）{path.suffix}")
        if not copy.exists():
            return copy
    raise AssertionError
