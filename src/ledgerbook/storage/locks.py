"""Find out whether another program has a file open, and which.

Excel, Word, WPS and LibreOffice put a lock file beside a document while they have it
open.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from ledgerbook.storage.file_names import OFFICE_LOCK_PREFIX

# Pattern of the lock file's name, the program, and how many first characters of the
# document's name Word leaves out.
_LOCK_PATTERNS: Sequence[tuple[str, str, int]] = (
    (f"{OFFICE_LOCK_PREFIX}{{}}", "Excel 或 WPS", 0),
    (f"{OFFICE_LOCK_PREFIX}{{}}", "Word 或 WPS", 1),
    (f"{OFFICE_LOCK_PREFIX}{{}}", "Word 或 WPS", 2),
    (".~{}", "WPS", 0),
    (".~lock.{}#", "LibreOffice", 0),
)
_WORD_SUFFIXES = {".docx", ".doc"}


def find_lock(path: Path) -> tuple[Path, str] | None:
    """Return the lock file beside ``path`` and the name of the program that makes such."""
    for lock, program in _list_candidates(path):
        if lock.exists():
            return lock, program
    return None


def _list_candidates(path: Path) -> Iterator[tuple[Path, str]]:
    """Yield each path where a lock file of ``path`` may be, with its program."""
    is_word = path.suffix.lower() in _WORD_SUFFIXES
    for pattern, program, skipped_letters in _LOCK_PATTERNS:
        if skipped_letters and not is_word:
            continue
        program_name = program.replace("Excel", "Word") if is_word else program
        yield path.with_name(pattern.format(path.name[skipped_letters:])), program_name


def is_open(path: Path) -> bool:
    """Whether another program has ``path`` open, so that it must not be replaced.

    Windows refuses to open such a file for writing, so that lock files, which a crashed
    program may have left, are ignored there. Elsewhere only the lock file shows it; if
    we replaced the file, the program would overwrite ours when the user saves.
    """
    if not path.is_file():
        return False
    if os.name == "nt":
        return _is_write_refused(path)
    return find_lock(path) is not None


def _is_write_refused(path: Path) -> bool:
    if not path.stat().st_mode & 0o200:
        return False  # A read-only file is reported when it is written.
    try:
        with path.open("r+b"):
            return False
    except PermissionError:
        return True
    except OSError:
        return False


def describe_open_file(path: Path) -> str:
    """Return a clause that says which program has ``path`` open, and what to do."""
    lock_and_program = find_lock(path)
    if lock_and_program is None:
        return f"“{path}”正在别的程序（多半是 Excel 或 WPS）中打开"
    lock, program = lock_and_program
    if os.name == "nt":
        return f"“{path}”正在 {program} 中打开"
    return f"“{path}”正在 {program} 中打开（确实没有人打开的，请删去旁边的“{lock.name}”）"
