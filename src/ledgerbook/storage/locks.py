"""Which program has a file open, by the little file that it lays beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

# What the lock file is called, and whose it is. Word leaves out the first letters of
# a long name.
_LOCKS: Sequence[tuple[str, str, int]] = (
    ("~${}", "Excel 或 WPS", 0),
    ("~${}", "Word 或 WPS", 1),
    ("~${}", "Word 或 WPS", 2),
    (".~{}", "WPS", 0),
    (".~lock.{}#", "LibreOffice", 0),
)
_TEXTS = {".docx", ".doc"}


def lock_of(path: Path) -> tuple[Path, str] | None:
    """Return the lock file beside ``path``, and the program that lays such down."""
    for lock, program in _candidates(path):
        if lock.exists():
            return lock, program
    return None


def _candidates(path: Path) -> Iterator[tuple[Path, str]]:
    text = path.suffix.lower() in _TEXTS
    for pattern, program, letters in _LOCKS:
        if letters and not text:
            continue
        plain = program.replace("Excel", "Word") if text else program
        yield path.with_name(pattern.format(path.name[letters:])), plain


def is_open(path: Path) -> bool:
    """Whether another program has ``path`` open, so that it must not be replaced.

    Windows refuses to open such a file for writing, whatever lies beside it: a lock
    that a crashed program has left means nothing there. Elsewhere nothing but the lock
    tells, and what is then saved in the program would take the place of our file.
    """
    if not path.is_file():
        return False
    if os.name == "nt":
        return _refused(path)
    return lock_of(path) is not None


def _refused(path: Path) -> bool:
    if not path.stat().st_mode & 0o200:
        return False  # read-only, which is another matter
    try:
        with path.open("r+b"):
            return False
    except PermissionError:
        return True
    except OSError:
        return False


def told(path: Path) -> str:
    """Say of an open file which program has it, and what to do."""
    found = lock_of(path)
    if found is None:
        return f"“{path}”正在别的程序（多半是 Excel 或 WPS）中打开"
    lock, program = found
    if os.name == "nt":
        return f"“{path}”正在 {program} 中打开"
    return (
        f"“{path}”正在 {program} 中打开（确实没有人打开的，请删去旁边的“{lock.name}”）"
    )
