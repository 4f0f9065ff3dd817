"""Build the command for files that were dropped on a batch file beside the book.

On Windows clerks drag files onto the batch files of :mod:`ledgerbook.storage.launchers`,
which call the hidden command ``drop``. This module also places the batch files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path

from ledgerbook.commands.diagnose import DIAGNOSIS_NAME
from ledgerbook.commands.inputs import read_existing_bytes
from ledgerbook.commands.workspace import (
    ISSUED_FOLDER,
    REMINDERS_FOLDER,
    RETURNED_FOLDER,
    SUMMARY_FOLDER,
    FolderBooks,
    explain_book_choice,
    find_books,
    find_current_round,
    read_workspace,
)
from ledgerbook.errors import FileError, InputError
from ledgerbook.storage import atomic
from ledgerbook.storage.file_names import is_leftover, number_file_name
from ledgerbook.storage.launchers import is_unmodified, make_launchers


@dataclass(frozen=True, slots=True)
class LauncherPlacement:
    """The batch files beside a book.

    ``installed`` are up to date; ``edited`` were changed by somebody and not overwritten.
    """

    installed: tuple[Path, ...]
    edited: tuple[Path, ...]


def place_launchers(folder: Path) -> LauncherPlacement:
    """Write the batch files into the folder of a book. Raises FileError."""
    installed, edited = [], []
    for launcher in make_launchers():
        path = folder / launcher.name
        old_data = read_existing_bytes(path) if path.exists() else None
        if old_data is not None and not is_unmodified(old_data):
            edited.append(path)
        else:
            if old_data != launcher.data:
                atomic.write_file(path, launcher.data)
            installed.append(path)
    return LauncherPlacement(tuple(installed), tuple(edited))


@dataclass(frozen=True, slots=True)
class DropCommand:
    """A command to run: its arguments without the program name.

    ``copied`` are the files that were copied into 收回 for it; ``note`` is a sentence to
    print before it runs.
    """

    arguments: tuple[str, ...]
    copied: tuple[Path, ...] = ()
    note: str = ""


def build_drop_command(job: str, dropped: Sequence[Path], folder: Path, today: date) -> DropCommand:
    """Build the command for ``dropped`` on the batch file of ``job`` in ``folder``.

    ``job`` is "check", "collect", "diagnose", "generate" or "remind". A book among the dropped
    files is used instead of the one in ``folder``. Raises InputError when there is not exactly
    one book (``check`` and ``diagnose`` work without), or nothing to work on.
    """
    from ledgerbook.book import is_book

    books = [path for path in dropped if path.is_file() and is_book(path)]
    other_files = [path for path in dropped if path not in books]
    if job == "check":
        return _build_check_command(other_files, books or list(find_books(folder).books), folder)
    if job == "diagnose":
        return _build_diagnose_command(dropped, list(find_books(folder).books), folder)
    book = _require_one_book(FolderBooks(tuple(books), ()) if books else find_books(folder))
    if job == "collect":
        return _build_collect_command(book, other_files)
    if job == "remind":
        output = str(book.parent / REMINDERS_FOLDER)
        returns = str(book.parent / RETURNED_FOLDER)
        return DropCommand(("remind", str(book), returns, "-o", output))
    return _build_generate_command(book, other_files, today)


def _require_one_book(folder_books: FolderBooks) -> Path:
    """Return the only book. Raises InputError."""
    if len(folder_books.books) == 1:
        return folder_books.books[0]
    raise InputError(
        "\n".join(explain_book_choice(folder_books.books, folder_books.broken)), code="book-missing"
    )


def _build_check_command(files: Sequence[Path], books: Sequence[Path], folder: Path) -> DropCommand:
    """Build ``check``, by the book if there is exactly one; sections have none."""
    returns = folder / RETURNED_FOLDER
    targets = files or ([returns] if returns.is_dir() else [])
    if not targets:
        raise InputError("没有可检查的表。请把填好的表拖到这个图标上。", code="returns-missing")
    book_option = ("--book", str(books[0])) if len(books) == 1 else ()
    return DropCommand(("check", *map(str, targets), *book_option))


def _build_diagnose_command(
    dropped: Sequence[Path], books: Sequence[Path], folder: Path
) -> DropCommand:
    """Build ``diagnose`` of what was dropped, else of 收回; 诊断.zip goes beside the book."""
    returns = folder / RETURNED_FOLDER
    paths = [*books, *(dropped or [returns] * returns.is_dir())]
    if not paths:
        raise InputError(
            "没有可诊断的文件。请把程序读不了的文件拖到这个图标上。", code="returns-missing"
        )
    return DropCommand(("diagnose", *map(str, paths), "-o", str(folder / DIAGNOSIS_NAME)))


def _build_generate_command(book: Path, earlier: Sequence[Path], today: date) -> DropCommand:
    """Build ``generate`` of the current round.

    It is prefilled from the dropped returns, or from 收回 after the first round.
    """
    status = read_workspace(book)
    round_ = find_current_round(status, today)
    returns = book.parent / RETURNED_FOLDER
    if not earlier and status.return_count and round_ != status.rounds[0].round:
        earlier = [returns]
    from_options = [argument for path in earlier for argument in ("--from", str(path))]
    output = str(book.parent / ISSUED_FOLDER)
    arguments = ("generate", str(book), "--round", round_.name, "-o", output)
    return DropCommand((*arguments, *from_options), note=f"生成“{round_.name}”批次的表。")


def _build_collect_command(book: Path, dropped: Sequence[Path]) -> DropCommand:
    """Build ``collect`` of 收回, after copying the dropped files into it.

    They are copied because every run collects the whole folder: the summary of a later
    run would lack a file that is not in it. If a folder was dropped, only what was
    dropped is collected.
    """
    returns, output = book.parent / RETURNED_FOLDER, str(book.parent / SUMMARY_FOLDER)
    if any(path.is_dir() for path in dropped):
        note = f"只汇总拖上来的文件夹和文件，不算“{RETURNED_FOLDER}”文件夹里的。"
        arguments = ("collect", str(book), *map(str, dropped), "-o", output)
        return DropCommand(arguments, note=note)
    copied = tuple(_copy_into_returns(dropped, returns))
    if not returns.is_dir():
        raise InputError(
            f"没有可汇总的表。请把收回的表拖到这个图标上，"
            f"或者放进台账旁边的“{RETURNED_FOLDER}”文件夹再双击。",
            code="returns-missing",
            path=returns,
        )
    return DropCommand(("collect", str(book), str(returns), "-o", output), copied)


def _copy_into_returns(files: Sequence[Path], returns: Path) -> Iterator[Path]:
    """Copy files into 收回 under free names, and yield the copies.

    Files that are there already, or are leftovers of an office program, are not copied.
    """
    real_folder = os.path.realpath(returns)
    for path in files:
        is_inside = os.path.realpath(path).startswith(real_folder + os.sep)
        if is_inside or is_leftover(path.name):
            continue
        if not path.exists():
            raise FileError(
                f"找不到“{path}”。请核对文件名和所在文件夹。", code="file-missing", path=path
            )
        data = read_existing_bytes(path)
        target = _find_free_path(returns, path, data)
        if target is not None:
            atomic.write_file(target, data)
            yield target


def _find_free_path(returns: Path, path: Path, data: bytes) -> Path | None:
    """Return a free path in 收回 for a file; None when a file with its data is there."""
    for n in count(1):
        target = returns / number_file_name(path.name, n)
        if not target.exists():
            return target
        if target.is_file() and read_existing_bytes(target) == data:
            return None
    raise AssertionError
