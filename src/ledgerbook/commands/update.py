"""Implement ``init --update``: update the book on disk by a revised plan.

The previous book is saved beside it as 台账（更新前）.xlsx.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ledgerbook.commands.arguments import (
    StrPath,
    check_flags,
    check_texts,
    check_type,
    to_day,
    to_optional_number,
    to_path,
    to_texts,
)
from ledgerbook.commands.inputs import refuse_own_file
from ledgerbook.errors import FileError, InputError, name_option
from ledgerbook.model import Book
from ledgerbook.storage import atomic
from ledgerbook.storage.folders import read_file_bytes
from ledgerbook.storage.run_lock import hold_run_lock
from ledgerbook.text import normalize

if TYPE_CHECKING:
    from ledgerbook.book import BookChanges, MatchOverrides


# In the names of copies of the previous book: 台账（更新前）, 台账（更新前2）.
COPY_MARK = "（更新前"


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """The updated book and its changes.

    ``cell_account`` is a sentence that says what was done with the cells of the plan.
    ``path`` and ``copy``, the path of the previous book, are None when nothing was written.
    ``sheets_only_in_copy`` describes sheets and columns that the office had added and that
    only the copy has. ``unchanged`` means that the plan changes nothing.
    """

    book: Book
    changes: BookChanges
    cell_account: str
    path: Path | None = None
    copy: Path | None = None
    sheets_only_in_copy: tuple[str, ...] = ()
    unchanged: bool = False


def update(  # noqa: PLR0913  one argument an option of the command
    plan: StrPath,
    book_path: StrPath,
    *,
    day: date,
    agency: str = "",
    year: int | None = None,
    office: str = "",
    sections: str | Iterable[str] = (),
    units_column: str = "",
    split_items: bool = False,
    overrides: MatchOverrides | None = None,
    dry_run: bool = False,
) -> UpdateResult:
    """Update an existing book by a revised plan, and save the previous book beside it.

    ``day`` is the date in 修订记录. ``agency``, ``year`` and ``office`` replace what the plan
    says; ``overrides`` are the office's decisions about which item of the plan is which
    task; the other arguments are as in ``init``.
    Raises InputError when the plan is not of the book's agency and year, or cannot be
    understood, and FileError when the book cannot be read or written.
    """
    from ledgerbook.book import build_book_bytes, list_added_parts, read_book, update_book
    from ledgerbook.plan import read_plan

    plan, book_path, day = (
        to_path("plan", plan),
        to_path("book_path", book_path),
        to_day("day", day),
    )
    year, sections = to_optional_number("year", year), to_texts("sections", sections)
    check_texts(agency=agency, office=office, units_column=units_column)
    check_flags(split_items=split_items, dry_run=dry_run)
    _check_overrides(overrides)
    with nullcontext() if dry_run else hold_run_lock(book_path.parent):
        version = atomic.read_version(book_path)
        book = read_book(book_path)
        refuse_own_file(plan)
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
        atomic.refuse_changed({book_path: version})
        atomic.write_file(copy, read_file_bytes(book_path, "台账"))
        try:
            atomic.write_file(book_path, data, version)
        except FileError:
            # The book has not changed, so the copy is not needed.
            atomic.remove_file(copy)
            raise
        return replace(
            result, path=book_path, copy=copy, sheets_only_in_copy=list_added_parts(copy)
        )


def _check_overrides(overrides: MatchOverrides | None) -> None:
    """Check the type of the decisions and of each entry of theirs."""
    from ledgerbook.book import MatchOverrides

    if overrides is None:
        return
    check_type("overrides", overrides, MatchOverrides)
    check_type("overrides.codes_by_number", overrides.codes_by_number, Mapping)
    for number, code in overrides.codes_by_number.items():
        check_type("a key of overrides.codes_by_number", number, int)
        check_type("a value of overrides.codes_by_number", code, str)
    for number in overrides.new_numbers:
        check_type("an item of overrides.new_numbers", number, int)


def _require_same_ledger(book: Book, *, agency: str, year: int, office: str) -> None:
    """Raise InputError for a plan of another agency, year or coordinating office."""
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
            f"如果只是写法不同，请用 {name_option('--agency', 'agency=')}、"
            f"{name_option('--year', 'year=')} 照台账写明：",
            differences,
            code="plan-of-another-book",
        )


def _find_copy_path(path: Path) -> Path:
    """Return a path beside ``path`` for the previous book, where no file is yet."""
    for n in count(1):
        copy = path.with_name(f"{path.stem}{COPY_MARK}{n if n > 1 else ''}）{path.suffix}")
        if not copy.exists():
            return copy
    raise AssertionError
