"""Outputs appear whole or not at all. The only module that creates files."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from ledgerbook.errors import FileError, describe_os_error
from ledgerbook.storage import locks
from ledgerbook.storage.file_names import TEMPORARY_PREFIX

# A temporary file older than this many seconds is of a run that was killed.
_STALE_SECONDS = 3600
# On Windows a scanner of viruses may hold a new file for a moment; so many seconds
# each time.
_RETRY_PAUSES = (0.05, 0.1, 0.2, 0.4) if os.name == "nt" else ()
# A path may have so many characters on Windows, unless somebody has allowed more; that
# of a folder fewer. A temporary name adds so many to its folder's.
_MAX_PATH, _MAX_FOLDER_PATH, _TEMPORARY_NAME_LENGTH = (
    259,
    247,
    len(TEMPORARY_PREFIX) + 9,
)


def check_writable(paths: Iterable[Path]) -> None:
    """Make sure that none of ``paths``, about to be written, is open or out of reach.

    Where several belong together, this is asked before the first is written: else
    some would be new and some old. Raises FileError for all that are open at once.
    """
    targets = tuple(paths)
    for path in targets:
        _check_path_length(path)
    if open_files := [locks.describe_open_file(path) for path in targets if locks.is_open(path)]:
        raise FileError(
            f"{'；'.join(open_files)}，写不进去。请关闭它，再运行一次；现在什么都没有改动。"
        )


def write_file(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Put ``data`` at ``path``: temporary file, fsync, rename, fsync of the folder.

    What is too long for the memory comes in pieces.

    Raises FileError, the old file untouched, when the folder cannot be made or
    written, the disk is full, or the file is held open by another program.
    """
    write_files({path: data})


def write_files(files: Mapping[Path, bytes | Iterable[bytes]]) -> None:
    """Put each of ``files`` at its path, one after the other, as :func:`write` does.

    Raises FileError at the first that cannot be put there; those before it are.
    """
    folders: set[Path] = set()
    try:
        for path, data in files.items():
            _replace_file(path, data, is_new_folder=path.parent not in folders)
            folders.add(path.parent)
    finally:
        # From here on the new files are in place, and whole whatever happens.
        for folder in folders:
            with contextlib.suppress(OSError):
                _sync_folder(folder)


def _replace_file(path: Path, data: bytes | Iterable[bytes], *, is_new_folder: bool) -> None:
    _check_path_length(path)
    try:
        if is_new_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
            _remove_stale_files(path.parent)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=TEMPORARY_PREFIX)
        try:
            _write_data(handle, data)
            _set_mode(Path(name), path)
            _rename_with_retries(Path(name), path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise FileError(_format_write_error(path, error)) from error


def remove_file(path: Path) -> None:
    """Take a file away that is of no use any more. Raises FileError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(
            f"文件“{path}”已经没有用了，但是删不掉（{describe_os_error(error)}）。"
            "它可能正在 Excel 或 WPS 中打开。请关闭它，再运行一次。"
        ) from error


def is_too_long(path: str) -> bool:
    """Whether Windows, as it comes, has no room for ``path`` or for our way to it."""
    folder = max(path.rfind("\\"), path.rfind("/"), 0)
    return (
        len(path) > _MAX_PATH
        or folder > _MAX_FOLDER_PATH
        or folder + 1 + _TEMPORARY_NAME_LENGTH > _MAX_PATH
    )


def _check_path_length(path: Path) -> None:
    """Raise FileError for a path that is too long for this Windows."""
    if os.name == "nt" and not _has_long_paths():
        full_path = os.path.abspath(path)  # noqa: PTH100  Path.resolve opens what it names
        if is_too_long(full_path):
            raise FileError(format_too_long(path, full_path))


def format_too_long(path: Path, full_path: str) -> str:
    return (
        f"“{path.name}”的完整路径有 {len(full_path)} 个字，超过 Windows 的上限"
        f"（{_MAX_PATH} 个），写不进去。请换一个路径短一些的文件夹，"
        "例如 D:\\台账，再运行一次。"
    )


def _has_long_paths() -> bool:
    """Whether this Windows has been told to allow long paths."""
    if sys.platform != "win32":
        return True
    import winreg

    registry_path = r"SYSTEM\CurrentControlSet\Control\FileSystem"
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, registry_path) as key:
            return bool(winreg.QueryValueEx(key, "LongPathsEnabled")[0])
    except OSError:
        return False


def _rename_with_retries(temporary: Path, path: Path) -> None:
    """Put the new file in the old one's place, with a little patience."""
    for pause in _RETRY_PAUSES:
        try:
            temporary.replace(path)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    temporary.replace(path)


def _remove_stale_files(folder: Path) -> None:
    """Take away what killed runs left behind; that of a running one is younger."""
    for leftover in folder.glob(f"{TEMPORARY_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - leftover.stat().st_mtime > _STALE_SECONDS:
                leftover.unlink()


def _write_data(handle: int, data: bytes | Iterable[bytes]) -> None:
    with os.fdopen(handle, "wb") as stream:
        for chunk in (data,) if isinstance(data, bytes) else data:
            stream.write(chunk)
        stream.flush()
        os.fsync(stream.fileno())


def _set_mode(temporary: Path, path: Path) -> None:
    """Set the rights; some network disks know none, which must not stop a run."""
    with contextlib.suppress(OSError):
        temporary.chmod(_choose_mode(path))


def _choose_mode(path: Path) -> int:
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


def _format_write_error(path: Path, error: OSError) -> str:
    if isinstance(error, PermissionError) and path.is_file() and locks.find_lock(path):
        return (
            f"{locks.describe_open_file(path)}，写不进去。请关闭它，再运行一次，原有文件没有改动。"
        )
    if isinstance(error, PermissionError):
        return (
            f"文件“{path}”写不进去。它可能正在 Excel 或 WPS 中打开，"
            "或者所在文件夹是只读的。请关闭该文件或换一个文件夹后重试，原有文件没有改动。"
        )
    return (
        f"文件“{path}”写不进去（{describe_os_error(error)}）。"
        "请检查磁盘空间和文件夹后重试，原有文件没有改动。"
    )
