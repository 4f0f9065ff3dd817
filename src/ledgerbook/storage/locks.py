"""Which program has a file open, by the little file that it lays beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

# What the lock file is called, and whose it is. Word leaves out the first letters of
# a long name.
_LOCK_PATTERNS: Sequence[tuple[str, str, int]] = (
    ("~${}", "Excel 或 WPS", 0),
    ("~${}", "Word 或 WPS", 1),
    ("~${}", "Word 或 WPS", 2),
    (".~{}", "WPS", 0),
    (".~lock.{}#", "LibreOffice", 0),
)
_WORD_SUFFIXES = {".docx", ".doc"}


def find_lock(path: Path) -> tuple[Path, str] | None:
    """Return the lock file beside ``path``, and the program that lays such down."""
    for lock, program in _list_candidates(path):
        if lock.exists():
            return lock, program
    return None


def _list_candidates(path: Path) -> Iterator[tuple[Path, str]]:
    is_word = path.suffix.lower() in _WORD_SUFFIXES
    for pattern, program, skipped_letters in _LOCK_PATTERNS:
        if skipped_letters and not is_word:
            continue
        program_name = program.replace("Excel", "Word") if is_word else program
        yield path.with_name(pattern.format(path.name[skipped_letters:])), program_name


def is_open(path: Path) -> bool:
    """Whether another program has ``path`` open, so that it must not be replaced.

    Windows refuses to open such a file for writing, whatever lies beside it: a lock
    that a crashed program has left means nothing there. Elsewhere nothing but the lock
    tells, and what is then saved in the program would take the place of our file.
    """
    if not path.is_file():
        return False
    if os.name == "nt":
        return _is_write_refused(path)
    return find_lock(path) is not None


def _is_write_refused(path: Path) -> bool:
    if not path.stat().st_mode & 0o200:
        return False  # read-only, which is another matter
    try:
        with path.open("r+b"):
            return False
    except PermissionError:
        return True
    except OSError:
        return False


def describe_open_file(path: Path) -> str:
    """Say of an open file which program has it, and what to do."""
    lock_and_program = find_lock(path)
    if lock_and_program is None:
        return f"“{path}”正在别的程序（多半是 Excel 或 WPS）中打开"
    lock, program = lock_and_program
    if os.name == "nt":
        return f"“{path}”正在 {program} 中打开"
    return f"“{path}”正在 {program} 中打开（确实没有人打开的，请删去旁边的“{lock.name}”）"
