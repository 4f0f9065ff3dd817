"""A look round the office's folder; nothing is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ledgerbook.disk import held
from ledgerbook.disk.folder import find_files
from ledgerbook.errors import FileError, reason
from ledgerbook.issue.names import file_names
from ledgerbook.jobs.desk import ISSUED, RETURNED, SUMMARY, Desk, RoundSeen, SummarySeen
from ledgerbook.jobs.updating import BEFORE
from ledgerbook.ledger import Standing
from ledgerbook.model import Book
from ledgerbook.text import cell_text

_SHEETS = {".xlsx", ".xlsm"}
# What WPS may make of a book, and what the office calls it.
_OTHER_SHEETS, _BOOK_WORD = {".xls", ".et", ".ods"}, "台账"
_PLANS = {".docx", ".xlsx", ".xls", ".txt", ".html", ".csv"}
_PLAN_WORDS = ("方案", "要点", "分工")


@dataclass(frozen=True, slots=True)
class Around:
    """The books in a folder, by name; ``plans`` may be what to start one from.

    ``broken`` are called as books are, and cannot be read as one.
    """

    books: tuple[Path, ...]
    plans: tuple[Path, ...]
    broken: tuple[Path, ...] = ()


def look_around(folder: Path) -> Around:
    """Find the books of a folder by what is in them. Raises FileError.

    A copy that an update has put aside does not count beside its book.
    """
    from ledgerbook.book import is_book

    files = [path for path in _files(folder) if not _is_lock(path)]
    books = [p for p in files if p.suffix.lower() in _SHEETS and is_book(p)]
    stems = {path.stem for path in books}
    now = [p for p in books if p.stem.partition(BEFORE)[0] not in stems - {p.stem}]
    plans = [
        path
        for path in files
        if path.suffix.lower() in _PLANS
        and path not in books
        and any(word in path.name for word in _PLAN_WORDS)
    ]
    broken = [path for path in files if path not in books and _is_broken(path)]
    return Around(tuple(now), tuple(plans), tuple(broken))


def _is_broken(path: Path) -> bool:
    from ledgerbook.book import is_workbook

    kind = path.suffix.lower()
    if not path.name.startswith(_BOOK_WORD):
        return False
    return kind in _OTHER_SHEETS or (kind in _SHEETS and not is_workbook(path))


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise FileError(f"文件夹“{folder}”读不了（{reason(error)}）。") from error


def _is_lock(path: Path) -> bool:
    return path.name.startswith(("~$", "."))


def look(book_path: Path) -> Desk:
    """See how far a book's year has come, by what lies beside it.

    Raises InputError or FileError when the book must be put right first.
    """
    from ledgerbook.book import read_book
    from ledgerbook.draft import draft_name

    book = read_book(book_path)
    folder = book_path.parent
    returns = folder / RETURNED
    files = _returns(returns) if returns.is_dir() else None
    lock = held.lock_of(book_path)
    draft = draft_name(book)
    return Desk(
        book_path.name,
        book,
        tuple(_rounds(book, folder / ISSUED)),
        None if files is None else len(files),
        _summary(book, book_path, files or {}),
        draft if (folder / draft).exists() else "",
        lock[1] if lock else "",
    )


def _rounds(book: Book, folder: Path) -> Iterator[RoundSeen]:
    stems = set(file_names(book.section_names).values())
    for one in book.rounds:
        there = folder / file_names([one.name])[one.name]
        found = there.glob("*.xlsx") if there.is_dir() else ()
        yield RoundSeen(one, sum(path.stem in stems for path in found))


def _returns(folder: Path) -> dict[str, Path]:
    from ledgerbook.returns.guard import leftover

    found = find_files([folder])
    return {name: path for name, path in found.items() if not leftover(name)}


def _summary(
    book: Book, book_path: Path, returns: Mapping[str, Path]
) -> SummarySeen | None:
    from ledgerbook.summary import summary_name, told_by

    path = book_path.parent / SUMMARY / summary_name(book)
    if not path.is_file():
        return None
    told = told_by(path)
    # Dates tell little: a copied file keeps its own, and the office saves its remarks
    # in the summary. What is in the files tells.
    known = set(told.files.values()) - {""}
    fresh = sum(
        _digest(file) not in known and told.files.get(cell_text(name)) != ""
        for name, file in returns.items()
    )
    return SummarySeen(
        f"{SUMMARY}/{path.name}",
        told.facts.as_of if told.facts else None,
        tuple(
            one.section
            for one in (told.facts.sections if told.facts else ())
            if one.standing == Standing.MISSING
        ),
        fresh,
        book_path.stat().st_mtime > path.stat().st_mtime,
    )


def _digest(path: Path) -> str:
    """Return what is in a file as 报送情况 has it; one that cannot be read is new."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
