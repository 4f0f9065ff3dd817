"""Write files so that each appears whole or not at all.

Every output of every command is written here. A file is written under a temporary name
in the folder of its target, flushed to the disk, and then renamed over the target: until
then the old file is untouched. Whatever fails is raised as
:class:`~ledgerbook.errors.FileError` with a sentence for the clerk.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType

from ledgerbook.errors import FileError, describe_os_error
from ledgerbook.storage import locks
from ledgerbook.storage.file_names import (
    TEMPORARY_NAME_LENGTH,
    is_temporary_name,
    make_temporary_name,
)
from ledgerbook.storage.folders import is_link

# Seconds after which a temporary file must be of a run that was killed.
_STALE_SECONDS = 3600
# Seconds to wait before each retry: on Windows a virus scanner may have a new file open
# for a moment.
_RETRY_PAUSES = (0.05, 0.1, 0.2, 0.4) if os.name == "nt" else ()
# Characters in a path of a file and of a folder on a Windows without long paths:
# https://learn.microsoft.com/windows/win32/fileio/maximum-file-path-limitation
_MAX_PATH = 259
_MAX_FOLDER_PATH = 247
_NO_VERSIONS: Mapping[Path, str] = MappingProxyType({})
# A new file that only we may read, and no link; on Windows, without other ends of lines.
_NEW_FILE_FLAGS = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def check_writable(paths: Iterable[Path]) -> None:
    """Raise FileError if one of ``paths`` is open in another program or too long.

    To be called before the first of several files is written that belong together: else
    some of them would be new and some old. The message names all files that are open.
    """
    targets = tuple(paths)
    for path in targets:
        _check_path_length(path)
    if open_paths := tuple(path for path in targets if locks.is_open(path)):
        open_files = map(locks.describe_open_file, open_paths)
        raise FileError(
            f"{'；'.join(open_files)}，写不进去。请关闭它，再运行一次；现在什么都没有改动。",
            code="file-open",
            path=open_paths[0],
            values={"paths": open_paths},
        )


def refuse_links(folder: Path, paths: Iterable[Path]) -> None:
    """Raise FileError if one of ``paths``, or a folder between it and ``folder``, is a link.

    To be called before anything there is read or written: a link that somebody has laid
    there would lead both to another place. ``folder`` itself may be one: the user named it.
    """
    parts = {
        part
        for path in paths
        for part in (path, *path.parents)
        if part != folder and part.is_relative_to(folder)
    }
    if links := sorted(part for part in parts if is_link(part)):
        names = "”“".join(os.fspath(link) for link in links)
        raise FileError(
            f"“{names}”是指向别处的链接，结果不能经过它写到别的地方去。"
            "请核对是谁放的，把它移走，再运行一次；现在什么都没有改动。",
            code="output-link",
            path=links[0],
            values={"paths": tuple(links)},
        )


def compute_version(data: bytes | None) -> str:
    """Return by what the content of a file is told from any other; blank where there is none."""
    return "" if data is None else hashlib.sha256(data).hexdigest()


def read_version(path: Path) -> str:
    """Return the version of the file that is at ``path`` now. Raises FileError."""
    try:
        return compute_version(path.read_bytes() if path.is_file() else None)
    except OSError as error:
        raise FileError(
            f"“{path}”读不了（{describe_os_error(error)}），没有覆盖。",
            code="file-unreadable",
            path=path,
        ) from error


def refuse_changed(versions: Mapping[Path, str]) -> None:
    """Raise FileError where a file, path → version as it was read, is no longer that one.

    To be called before the first file is written: else what somebody has saved during the
    run would be lost, or the outputs would say what no longer holds.
    """
    changed = [path for path, version in versions.items() if read_version(path) != version]
    if changed:
        raise _make_changed_error(changed, "现在什么都没有改动。")


def _make_changed_error(paths: Sequence[Path], consequence: str) -> FileError:
    names = "”“".join(os.fspath(path) for path in paths)
    return FileError(
        f"“{names}”在程序运行期间被人改过，不能再按原来读到的内容去覆盖，{consequence}"
        "请等对方存好，再运行一次，就会按新的内容来。",
        code="file-changed",
        path=paths[0],
        values={"paths": tuple(paths)},
    )


def create_file(path: Path, data: bytes, *, is_for_owner: bool = False) -> bool:
    """Write a new file; return False, and write nothing, where there is one already.

    Of two runs at once one alone gets True. A file that ``is_for_owner`` may be read by its
    owner alone, unless it lies in a folder that is shared: there somebody means others to have
    it. Raises FileError as :func:`write_file` does.
    """
    try:
        _write_file(path, data, _link_to_new_name, is_new_folder=True, is_for_owner=is_for_owner)
    except _NameTakenError:
        return False
    return True


class _NameTakenError(Exception):
    """A new file cannot have its name, for another has it."""


def list_written_files() -> tuple[Path, ...]:
    """Return the files that this process has written and that are still there, oldest first.

    For the message about a fault of the program, which must not say that nothing was written.
    """
    return tuple(path for path in dict.fromkeys(_written_files) if path.exists())


# The one thing that is kept between calls; no result depends on it.
_written_files: list[Path] = []


def write_file(path: Path, data: bytes | Iterable[bytes], version: str | None = None) -> None:
    """Write ``data``, whole or in chunks, to ``path``; make its folder if there is none.

    ``version`` is that of the file when it was read. Raises FileError, and leaves the old
    file as it was, when that is another by now, the folder cannot be made or written to, the
    disk is full, or another program has the file open.
    """
    write_files({path: data}, {} if version is None else {path: version})


def write_files(
    files: Mapping[Path, bytes | Iterable[bytes]], versions: Mapping[Path, str] = _NO_VERSIONS
) -> None:
    """Write each of ``files``, path → data, in their order as :func:`write_file` does.

    ``versions`` are those of files that were read. Raises FileError at the first that cannot
    be written; those before it stay written.
    """
    folders: set[Path] = set()
    try:
        for path, data in files.items():
            rename = partial(_replace_file, version=versions.get(path))
            _write_file(path, data, rename, is_new_folder=path.parent not in folders)
            folders.add(path.parent)
    finally:
        # The new files are in place already: a failure here must not be reported.
        for folder in folders:
            with contextlib.suppress(OSError):
                _sync_folder(folder)


def _write_file(
    path: Path,
    data: bytes | Iterable[bytes],
    rename: Callable[[Path, Path], None],
    *,
    is_new_folder: bool,
    is_for_owner: bool = False,
) -> None:
    """Write ``data`` to a temporary file, and ``rename`` it to ``path``."""
    _check_path_length(path)
    try:
        if is_new_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
            _remove_stale_files(path.parent)
        temporary = path.with_name(make_temporary_name())
        handle = os.open(temporary, _NEW_FILE_FLAGS, 0o600)
        try:
            _write_data(handle, data)
            _set_mode(temporary, path, is_for_owner=is_for_owner)
            rename(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
    except OSError as error:
        raise FileError(
            _format_write_error(path, error), code="file-unwritable", path=path
        ) from error
    _written_files.append(path)


def _replace_file(temporary: Path, path: Path, version: str | None) -> None:
    """Rename ``temporary`` to ``path``, whose file must be of ``version`` unless that is None."""
    if version is not None and read_version(path) != version:
        raise _make_changed_error([path], "这个文件没有改动。")
    _rename_with_retries(temporary, path)


def _link_to_new_name(temporary: Path, path: Path) -> None:
    """Give ``temporary`` the name ``path``. Raises _NameTakenError."""
    try:
        if os.name == "nt":
            temporary.rename(path)  # Windows refuses a name that is taken.
        elif _has_linked(temporary, path):
            temporary.unlink()
        else:
            # A disk without hard links: the name is taken first, and then replaced.
            os.close(os.open(path, _NEW_FILE_FLAGS, 0o600))
            temporary.replace(path)
    except FileExistsError as error:
        raise _NameTakenError from error


def _has_linked(temporary: Path, path: Path) -> bool:
    """Give the file a second name; return False where the disk cannot."""
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:
        return False
    return True


def remove_file(path: Path) -> None:
    """Remove a file that is out of date, if it is there. Raises FileError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise FileError(
            f"文件“{path}”已经没有用了，但是删不掉（{describe_os_error(error)}）。"
            "它可能正在 Excel 或 WPS 中打开。请关闭它，再运行一次。",
            code="file-unwritable",
            path=path,
        ) from error


def is_too_long(path: str) -> bool:
    """Whether ``path`` or its temporary file is too long for a Windows without long paths."""
    folder = max(path.rfind("\\"), path.rfind("/"), 0)
    return (
        len(path) > _MAX_PATH
        or folder > _MAX_FOLDER_PATH
        or folder + 1 + TEMPORARY_NAME_LENGTH > _MAX_PATH
    )


def _check_path_length(path: Path) -> None:
    """Raise FileError for a path that is too long for this computer."""
    if os.name == "nt" and not _has_long_paths():
        full_path = os.path.abspath(path)  # noqa: PTH100  Path.resolve opens what it names
        if is_too_long(full_path):
            raise FileError(format_too_long(path, full_path), code="path-too-long", path=path)


def format_too_long(path: Path, full_path: str) -> str:
    """Return the message for a path that :func:`is_too_long`."""
    return (
        f"“{path.name}”的完整路径有 {len(full_path)} 个字，超过 Windows 的上限"
        f"（{_MAX_PATH} 个），写不进去。请换一个路径短一些的文件夹，"
        "例如 D:\\台账，再运行一次。"
    )


def _has_long_paths() -> bool:
    """Whether long paths are enabled in the registry of this Windows."""
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
    """Rename ``temporary`` to ``path``; on Windows try again while access is denied."""
    for pause in _RETRY_PAUSES:
        try:
            temporary.replace(path)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    temporary.replace(path)


def _remove_stale_files(folder: Path) -> None:
    """Remove temporary files of runs that were killed; those of running ones are younger."""
    for path in filter(lambda path: is_temporary_name(path.name), folder.iterdir()):
        with contextlib.suppress(OSError):
            if time.time() - path.lstat().st_mtime > _STALE_SECONDS:
                path.unlink()


def _write_data(handle: int, data: bytes | Iterable[bytes]) -> None:
    with os.fdopen(handle, "wb") as stream:
        for chunk in (data,) if isinstance(data, bytes) else data:
            stream.write(chunk)
        stream.flush()
        os.fsync(stream.fileno())


def _set_mode(temporary: Path, path: Path, *, is_for_owner: bool) -> None:
    """Set the permissions; some network disks have none, which must not stop a run."""
    # On Windows the folder gives them. The one mode there, read-only, would keep the
    # temporary file from being removed when its target cannot be replaced.
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        temporary.chmod(_choose_mode(path, is_for_owner=is_for_owner))


def _choose_mode(path: Path, *, is_for_owner: bool) -> int:
    """Return the permissions of the old file, or those of a new one."""
    if path.exists():
        return path.stat().st_mode & 0o777
    if is_for_owner and not _is_shared(path.parent):
        return 0o600
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _is_shared(folder: Path) -> bool:
    """Whether others may write into a folder, or its files belong to the folder's group."""
    return bool(folder.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH | stat.S_ISGID))


def _sync_folder(folder: Path) -> None:
    """Flush the folder's list of names to the disk, so that a rename survives a crash."""
    # Windows cannot open a folder.
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
            f"{locks.describe_open_file(path)}，写不进去。请关闭它，再运行一次；这个文件没有改动。"
        )
    if isinstance(error, PermissionError):
        return (
            f"文件“{path}”写不进去。它可能正在 Excel 或 WPS 中打开，"
            "或者所在文件夹是只读的。请关闭该文件或换一个文件夹后重试；这个文件没有改动。"
        )
    return (
        f"文件“{path}”写不进去（{describe_os_error(error)}）。"
        "请检查磁盘空间和文件夹后重试；这个文件没有改动。"
    )
