"""List the files under the folders that a user names, and read them.

A file is reported under its path relative to the folder that was named, with ``/``
between its parts; these names are the keys of the mappings here.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ledgerbook.errors import FileError, describe_os_error
from ledgerbook.storage.file_names import prefix_duplicate_name
from ledgerbook.text import ENCODINGS

# Bytes of a file that is read as a whole, an archive of returns included.
MAX_READABLE_BYTES = 500 * 2**20


@dataclass(frozen=True, slots=True, order=True)
class Url:
    """The address of a file or folder that is not on a disk of this machine."""

    text: str

    def __str__(self) -> str:
        return self.text


def find_files(paths: Sequence[Path]) -> dict[str, Path]:
    """Return every file under ``paths``, reported name → path, sorted by name.

    A file that is reached in two ways is listed once. A link is listed and not followed,
    unless it is one of ``paths``. Raises FileError when a path does not exist or a folder
    cannot be read.
    """
    files_by_name: dict[str, Path] = {}
    seen_paths: set[str] = set()
    # Sorted, so that names do not depend on the order in which folders were given.
    for path in sorted(paths, key=lambda p: (os.path.realpath(p), p)):
        if not path.exists():
            raise FileError(
                f"找不到“{path}”。请核对报送表所在的文件夹或文件名。",
                code="file-missing",
                path=path,
            )
        for file in _list_files(path):
            # Path.resolve raises on a link that leads to itself.
            parent = os.path.realpath(file if file == path else file.parent)
            resolved = parent if file == path else os.path.join(parent, file.name)  # noqa: PTH118
            if resolved in seen_paths:
                continue
            seen_paths.add(resolved)
            name = file.name if file == path else file.relative_to(path).as_posix()
            location = Path(resolved) if file == path and is_link(file) else file
            files_by_name[prefix_duplicate_name(name, path, files_by_name)] = location
    return dict(sorted(files_by_name.items()))


def _list_files(path: Path) -> Iterator[Path]:
    """Yield ``path`` itself, or all files below it in sorted order."""
    if not path.is_dir():
        yield path
        return

    def raise_unreadable(error: OSError) -> None:
        # Path.rglob skips a folder that it may not read without an error.
        raise FileError(
            f"文件夹“{error.filename}”读不了（{describe_os_error(error)}）。"
            "请检查是否有权限打开它，再汇总一次。",
            code="file-unreadable",
            path=Path(error.filename),
        ) from error

    # Links to folders are listed, not followed: they may lead in a circle or to the
    # whole disk. They are reported as a problem when they are to be read.
    paths: list[Path] = []
    for folder, folders, names in os.walk(path, onerror=raise_unreadable):
        links = [name for name in folders if is_link(Path(folder, name))]
        paths += (Path(folder, name) for name in (*names, *links))
        # Before Python 3.12, os.walk follows junctions.
        folders[:] = [name for name in folders if name not in links]
    yield from sorted(paths)


def is_link(path: Path) -> bool:
    """Whether ``path`` is a link, or on Windows a junction, and so leads to another place."""
    try:
        status = os.lstat(path)
    except (OSError, ValueError):  # Path.is_symlink raises where a path is too long
        return False
    junction = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None)
    return stat.S_ISLNK(status.st_mode) or (
        junction is not None and getattr(status, "st_reparse_tag", 0) == junction
    )


def read_password_file(path: Path) -> tuple[str, ...]:
    """Return the passwords in a text file, one a line; blank lines are none. Raises FileError."""
    # It may be a pipe: it is the user's own.
    data = read_file_bytes(path, "密码文件", may_be_pipe=True)
    for encoding in ENCODINGS:
        try:
            return tuple(line for line in data.decode(encoding).splitlines() if line)
        except UnicodeDecodeError:
            continue
    raise FileError(
        f"密码文件“{path}”不是文本文件。请用记事本写，一行一个密码。",
        code="file-unreadable",
        path=path,
    )


def is_readable_whole(path: Path) -> bool:
    """Whether ``path`` is a regular file that fits into memory.

    Reading a pipe that somebody has laid there would never end. Raises OSError.
    """
    status = path.stat()
    return stat.S_ISREG(status.st_mode) and status.st_size <= MAX_READABLE_BYTES


def read_file_bytes(
    path: Path, document: str, consequence: str = "", *, may_be_pipe: bool = False
) -> bytes:
    """Return what is in the file. Raises FileError.

    The message names the ``document``, such as 台账, and the ``consequence``, such as
    没有覆盖: 台账“…”读不了（没有权限），没有覆盖。
    """
    error: OSError | None = None
    try:
        if may_be_pipe or path.is_dir() or is_readable_whole(path):
            return path.read_bytes()
        reason = f"它不是普通的文件，或者超过 {MAX_READABLE_BYTES // 2**20} MB"
    except OSError as os_error:
        error, reason = os_error, describe_os_error(os_error)
    raise FileError(
        f"{document}“{path}”读不了（{reason}）{'，' if consequence else ''}{consequence}。",
        code="file-unreadable",
        path=path,
    ) from error
