"""Outputs appear whole or not at all. The only module that creates files."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from ledgerbook.errors import FileError, reason


def write(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path``: temporary file, fsync, rename, fsync of the folder.

    Raises FileError, the old file untouched, when the folder cannot be made or
    written, the disk is full, or the file is held open by another program.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".ledgerbook-")
    except OSError as error:
        raise FileError(_sentence(path, error)) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(_mode(path))
        Path(name).replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise FileError(_sentence(path, error)) from error
    finally:
        with contextlib.suppress(OSError):
            Path(name).unlink(missing_ok=True)


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
