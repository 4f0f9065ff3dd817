"""What was dropped on a batch file beside the book, as the command that is meant."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path

from ledgerbook.commands.inputs import old_bytes
from ledgerbook.commands.workspace import (
    ISSUED,
    RETURNED,
    SUMMARY,
    Around,
    look,
    look_around,
    not_one_book,
    round_now,
)
from ledgerbook.errors import FileError, InputError
from ledgerbook.storage import atomic
from ledgerbook.storage.launchers import launchers, untouched


@dataclass(frozen=True, slots=True)
class Placed:
    """Batch files that were written, and those left since somebody has changed them."""

    written: tuple[Path, ...]
    left: tuple[Path, ...]


def place_launchers(folder: Path) -> Placed:
    """Put the batch files beside a book. Raises FileError."""
    written, left = [], []
    for one in launchers():
        path = folder / one.name
        old = old_bytes(path) if path.exists() else None
        if old is not None and not untouched(old):
            left.append(path)
        else:
            if old != one.data:
                atomic.write(path, one.data)
            written.append(path)
    return Placed(tuple(written), tuple(left))


@dataclass(frozen=True, slots=True)
class Meant:
    """The words of a command, and the files put into 收回 for it."""

    words: tuple[str, ...]
    taken: tuple[Path, ...] = ()
    # What the office should know before it is done.
    note: str = ""


def meant(job: str, dropped: Sequence[Path], folder: Path, today: date) -> Meant:
    """Make a command of what was dropped on the batch file of ``job`` in ``folder``.

    A book among it is the one to use. Raises InputError where there is none or more
    than one, and where there is nothing to work on.
    """
    from ledgerbook.book import is_book

    books = [path for path in dropped if path.is_file() and is_book(path)]
    others = [path for path in dropped if path not in books]
    if job == "check":
        return _check(others, books or list(look_around(folder).books), folder)
    book = _one(Around(tuple(books), ()) if books else look_around(folder))
    if job == "collect":
        return _collect(book, others)
    return _generate(book, others, today)


def _one(around: Around) -> Path:
    if len(around.books) == 1:
        return around.books[0]
    raise InputError("\n".join(not_one_book(around.books, around.broken)))


def _check(files: Sequence[Path], books: Sequence[Path], folder: Path) -> Meant:
    """Check by the book where there is one; a section has none."""
    returns = folder / RETURNED
    what = files or ([returns] if returns.is_dir() else [])
    if not what:
        raise InputError("没有可检查的表。请把填好的表拖到这个图标上。")
    by = ("--book", str(books[0])) if len(books) == 1 else ()
    return Meant(("check", *map(str, what), *by))


def _generate(book: Path, earlier: Sequence[Path], today: date) -> Meant:
    """Issue a round, filled with what was dropped or has come back so far."""
    found = look(book)
    chosen = round_now(found, today)
    returns = book.parent / RETURNED
    if not earlier and found.returned and chosen != found.rounds[0].round:
        earlier = [returns]
    filled = [word for path in earlier for word in ("--from", str(path))]
    out = str(book.parent / ISSUED)
    words = ("generate", str(book), "--round", chosen.name, "-o", out)
    return Meant((*words, *filled), note=f"生成“{chosen.name}”批次的表。")


def _collect(book: Path, dropped: Sequence[Path]) -> Meant:
    """Collect 收回, with the files that were dropped in it; of folders, those.

    What counts is what lies in the folder: a file that was collected once and then
    not again would be gone from the summary.
    """
    returns, out = book.parent / RETURNED, str(book.parent / SUMMARY)
    if any(path.is_dir() for path in dropped):
        note = f"只汇总拖上来的文件夹和文件，不算“{RETURNED}”文件夹里的。"
        words = ("collect", str(book), *map(str, dropped), "-o", out)
        return Meant(words, note=note)
    taken = tuple(_take_in(dropped, returns))
    if not returns.is_dir():
        raise InputError(
            f"没有可汇总的表。请把收回的表拖到这个图标上，"
            f"或者放进台账旁边的“{RETURNED}”文件夹再双击。"
        )
    return Meant(("collect", str(book), str(returns), "-o", out), taken)


def _take_in(files: Sequence[Path], returns: Path) -> Iterator[Path]:
    """Copy files into 收回, but for those that are there; nothing is written over."""
    from ledgerbook.intake.file_check import leftover

    home = os.path.realpath(returns)
    for path in files:
        there = os.path.realpath(path).startswith(home + os.sep)
        if there or leftover(path.name):
            continue
        if not path.exists():
            raise FileError(f"找不到“{path}”。请核对文件名和所在文件夹。")
        data = old_bytes(path)
        target = _free(returns, path, data)
        if target is not None:
            atomic.write(target, data)
            yield target


def _free(returns: Path, path: Path, data: bytes) -> Path | None:
    """Return a name that is not taken; None where the very file is there already."""
    for n in count(1):
        target = returns / (path.name if n == 1 else f"{path.stem}({n}){path.suffix}")
        if not target.exists():
            return target
        if target.is_file() and old_bytes(target) == data:
            return None
    raise AssertionError
