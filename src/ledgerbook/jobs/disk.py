"""What several jobs read from the disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from ledgerbook.errors import FileError, InputError, reason
from ledgerbook.gather import FileRead
from ledgerbook.model import Book


def read_returns(
    files: Mapping[str, Path], book: Book, as_of: date, passwords: Sequence[str]
) -> list[FileRead]:
    """Read what came back; a workbook that is as we sent it is no return."""
    from ledgerbook.receive import returned
    from ledgerbook.workers import read_files

    return [returned(r) for r in read_files(files, book, as_of, passwords=passwords)]


def old_bytes(path: Path) -> bytes:
    """Read a file that is about to be replaced, for what somebody may have put in."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(
            f"原有的“{path}”读不了（{reason(error)}），没有覆盖。"
        ) from error


def preferred(
    wanted: Sequence[str], files: Mapping[str, Path], reads: Sequence[FileRead]
) -> frozenset[str]:
    """Return the reported names of ``wanted`` files. Raises InputError for no file."""
    by_path = {path.resolve(): name for name, path in files.items()}
    names = {read.report.name for read in reads}
    found = {
        one: one if one in names else by_path.get(Path(one).resolve()) for one in wanted
    }
    unknown = [one for one, name in found.items() if name is None]
    if unknown:
        raise InputError(
            f"要优先采用的文件“{'”“'.join(unknown)}”不在这次读的文件里。"
            "请照“报送情况”表里的文件名写，或写出文件的完整路径。"
        )
    return frozenset(name for name in found.values() if name)
