"""Outputs appear whole or not at all. The only module that creates files."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from ledgerbook.errors import FileError, reason

# What the name of a file begins with while it is being written.
PREFIX = ".ledgerbook-"
# A temporary file older than this many seconds is of a run that was killed.
_STALE = 3600


def write(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Put ``data`` at ``path``: temporary file, fsync, rename, fsync of the folder.

    What is too long for the memory comes in pieces.

    Raises FileError, the old file untouched, when the folder cannot be made or
    written, the disk is full, or the file is held open by another program.
    """
    write_all({path: data})


def write_all(files: Mapping[Path, bytes | Iterable[bytes]]) -> None:
    """Put each of ``files`` at its path, one after the other, as :func:`write` does.

    Raises FileError at the first that cannot be put there; those before it are.
    """
    folders: set[Path] = set()
    try:
        for path, data in files.items():
            _put(path, data, fresh=path.parent not in folders)
            folders.add(path.parent)
    finally:
        # From here on the new files are in place, and whole whatever happens.
        for folder in folders:
            with contextlib.suppress(OSError):
                _sync_folder(folder)


def _put(path: Path, data: bytes | Iterable[bytes], *, fresh: bool) -> None:
    try:
        if fresh:
            path.parent.mkdir(parents=True, exist_ok=True)
            _sweep(path.parent)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=PREFIX)
        try:
            _fill(handle, data)
            _allow(Path(name), path)
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise FileError(_sentence(path, error)) from error


def remove(path: Path) -> None:
    """Take a file away that is of no use any more. Raises FileError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(
            f"文件“{path}”已经没有用了，但是删不掉（{reason(error)}）。"
            "它可能正在 Excel 或 WPS 中打开。请关闭它，再运行一次。"
        ) from error


def _sweep(folder: Path) -> None:
    """Take away what killed runs left behind; that of a running one is younger."""
    for left in folder.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _STALE:
                left.unlink()


def _fill(handle: int, data: bytes | Iterable[bytes]) -> None:
    with os.fdopen(handle, "wb") as stream:
        for piece in (data,) if isinstance(data, bytes) else data:
            stream.write(piece)
        stream.flush()
        os.fsync(stream.fileno())


def _allow(temporary: Path, path: Path) -> None:
    """Set the rights; some network disks know none, which must not stop a run."""
    with contextlib.suppress(OSError):
        temporary.chmod(_mode(path))


def _mode(path: Path) -> int:
    """Give the rights the old file had, or those any new file would get."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable; Windows cannot open a folder, and need not."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sentence(path: Path, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return (
            f"文件“{path}”写不进去。它可能正在 Excel 或 WPS 中打开，"
            "或者所在文件夹是只读的。请关闭该文件或换一个文件夹后重试，原有文件没有改动。"
        )
    return (
        f"文件“{path}”写不进去（{reason(error)}）。"
        "请检查磁盘空间和文件夹后重试，原有文件没有改动。"
    )
