"""A revised plan comes to a book on disk; the book as it was stays beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ledgerbook.commands.inputs import bytes_of_book
from ledgerbook.errors import FileError, InputError
from ledgerbook.model import Book
from ledgerbook.storage import atomic
from ledgerbook.text import squash

if TYPE_CHECKING:
    from ledgerbook.book import Changes, MatchOverrides


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """A book brought up to a revised plan, as ``changes`` tell.

    ``path`` and ``copy``, the book as it was, are None where nothing was written;
    ``left`` names what the office has added to the book, which only the copy has;
    ``unchanged`` says that there was nothing to do.
    """

    book: Book
    changes: Changes
    counted: str
    path: Path | None = None
    copy: Path | None = None
    left: tuple[str, ...] = ()
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
    said: MatchOverrides | None = None,
    dry_run: bool = False,
) -> UpdateResult:
    """Bring an existing book up to a revised plan; the book as it was stays beside it.

    ``said`` is the office's word on which task is which, ``day`` the day that
    修订记录 notes. Raises InputError when the plan is not of the book's agency and
    year, or cannot be understood, FileError when the book cannot be read or written.
    """
    from ledgerbook.book import book_bytes, read_book, strangers, updated_book
    from ledgerbook.plan import read_plan

    book = read_book(book_path)
    read = read_plan(plan, units_column=units_column, split_items=split_items)
    _same_ledger(
        book,
        agency=agency or read.agency or book.agency,
        year=year or read.year or book.year,
        office=office or book.office,
    )
    revised, changes = updated_book(book, read, day=day, sections=sections, said=said)
    done = UpdateResult(revised, changes, str(read.counted))
    if dry_run or revised == book:
        return replace(done, unchanged=revised == book)
    data = book_bytes(revised)
    copy = _copy_of(book_path)
    atomic.ready([copy, book_path])
    atomic.write(copy, bytes_of_book(book_path))
    try:
        atomic.write(book_path, data)
    except FileError:
        # The book is as it was: a copy of it would only be in the way.
        atomic.remove(copy)
        raise
    return replace(done, path=book_path, copy=copy, left=strangers(copy))


def _same_ledger(book: Book, *, agency: str, year: int, office: str) -> None:
    """Raise InputError for the plan of another agency or year."""
    differs = [
        f"{name}：方案是“{theirs}”，台账是“{mine}”。"
        for name, theirs, mine in (
            ("机关名称", agency, book.agency),
            ("年度", str(year), str(book.year)),
            ("综合协调科室", office, book.office),
        )
        if squash(theirs) != squash(mine)
    ]
    if differs:
        raise InputError(
            "这份方案和台账对不上，台账没有动。如果选错了文件，请换成本台账的修订方案；"
            "如果只是写法不同，请用 --agency、--year 照台账写明：",
            differs,
        )


# How a copy of the book as it was is called: 台账（更新前）, 台账（更新前2）.
BEFORE = "（更新前"


def _copy_of(path: Path) -> Path:
    """Name a file beside ``path`` for the book as it was; one that is not there yet."""
    for n in count(1):
        copy = path.with_name(f"{path.stem}{BEFORE}{n if n > 1 else ''}）{path.suffix}")
        if not copy.exists():
            return copy
    raise AssertionError
