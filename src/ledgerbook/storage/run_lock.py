"""Keep two runs from writing beside one book at a time.

A run lays a lock file beside the book that names who runs, where and since when, and keeps it
locked by means of the system. On one computer the system's lock decides: it goes however the
process ends, so that the file of a killed run is taken over at once. On a shared folder the
lock of another computer may not be seen here: there the file counts until it is old.
"""

from __future__ import annotations

import contextlib
import errno
import getpass
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from ledgerbook.errors import FileError
from ledgerbook.storage.atomic import refuse_links
from ledgerbook.storage.file_names import RUN_LOCK_NAME
from ledgerbook.system_lock import acquire_lock

# Seconds after which the lock of another computer must be of a run that was killed.
_STALE_SECONDS = 6 * 3600
_FIRST_LINE = "ledgerbook 正在这个文件夹里运行，运行完会自己删去这个文件。"
_USER_LABEL, _HOST_LABEL, _TIME_LABEL = "用户：", "计算机：", "开始："
_MAX_BYTES = 4096
# Far behind the text, which others must be able to read.
_LOCK_POSITION = 2**30
_HELD_ERRORS = (errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK)
_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class RunHolder:
    """Who runs the program in a folder, as its lock file says; blank where it does not say."""

    user: str = ""
    host: str = ""
    since: str = ""


@contextmanager
def hold_run_lock(folder: Path) -> Iterator[None]:
    """Hold the lock of ``folder`` during the block. Raises FileError where another run has it.

    A folder that is not there, or in which nothing can be written, has no lock.
    """
    path = folder / RUN_LOCK_NAME
    refuse_links(folder, [path])
    lock = _take_lock(path)
    try:
        yield
    finally:
        if lock:
            _release_lock(path, lock)


def _take_lock(path: Path) -> IO[bytes] | None:
    """Return the lock file, open and locked, with our name in it; None where there can be none."""
    for _ in range(_ATTEMPTS):
        try:
            lock = _open_lock(path)
        except OSError as error:
            if path.exists():  # Another account's, or a folder of that name.
                raise _make_busy_error(path, RunHolder(), may_remove=True) from error
            return None
        try:
            is_ours = _try_lock(lock, path)
        except BaseException:
            lock.close()
            raise
        if is_ours:
            return lock
        # Its holder has removed it since we opened it.
        lock.close()
    raise _make_busy_error(path, RunHolder())


def _open_lock(path: Path) -> IO[bytes]:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path, flags, 0o666)
    # A second name may be that of a private file, which somebody has linked here.
    if hasattr(os, "fchmod") and os.fstat(handle).st_nlink == 1:
        with contextlib.suppress(OSError):
            # Whoever may write beside the book must be able to see whether it is locked.
            os.fchmod(handle, 0o666)
    return os.fdopen(handle, "r+b")


def _try_lock(lock: IO[bytes], path: Path) -> bool:
    """Lock the file and write our name; return False where it is no longer at ``path``."""
    is_locked = True
    try:
        acquire_lock(lock, _LOCK_POSITION)
    except OSError as error:
        if error.errno in _HELD_ERRORS:
            raise _make_busy_error(path, _read_holder(lock) or RunHolder()) from error
        is_locked = False  # A disk that has no locks.
    try:
        if not os.path.samestat(os.fstat(lock.fileno()), path.stat()):
            return False
    except FileNotFoundError:
        return False
    if os.fstat(lock.fileno()).st_size:
        holder = _read_holder(lock)
        is_here = is_locked and holder is not None and holder.host == platform.node()
        is_young = time.time() - os.fstat(lock.fileno()).st_mtime < _STALE_SECONDS
        # What is no lock of ours is never overwritten.
        if holder is None or (is_young and not is_here):
            raise _make_busy_error(path, holder or RunHolder(), may_remove=True)
    lock.seek(0)
    lock.truncate()
    lock.write(_format_lock().encode())
    lock.flush()
    return True


def _release_lock(path: Path, lock: IO[bytes]) -> None:
    """Remove the lock file. What cannot be removed is empty, and stops nobody."""
    with contextlib.suppress(OSError):
        lock.truncate(0)
    if os.name == "nt":  # Windows removes no open file.
        lock.close()
    with contextlib.suppress(OSError):
        path.unlink()
    lock.close()


def _format_lock() -> str:
    now = datetime.now().astimezone()
    lines = (
        _FIRST_LINE,
        f"{_USER_LABEL}{_get_user()}",
        f"{_HOST_LABEL}{platform.node()}",
        f"{_TIME_LABEL}{now:%Y-%m-%d %H:%M:%S}",
    )
    return "".join(f"{line}\n" for line in lines)


def _get_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        # A system on which nobody has named the account.
        return ""


def _read_holder(lock: IO[bytes]) -> RunHolder | None:
    """Return whom the lock file names; None for a file that is no lock of ours."""
    lock.seek(0)
    first_line, *lines = lock.read(_MAX_BYTES).decode(errors="replace").splitlines() or [""]
    if first_line != _FIRST_LINE:
        return None
    values = [
        next((line.removeprefix(label) for line in lines if line.startswith(label)), "")
        for label in (_USER_LABEL, _HOST_LABEL, _TIME_LABEL)
    ]
    return RunHolder(*values)


def _make_busy_error(path: Path, holder: RunHolder, *, may_remove: bool = False) -> FileError:
    user = f"“{holder.user}”" if holder.user else "有人"
    host = f"在计算机“{holder.host}”上" if holder.host else ""
    since = f"从 {holder.since} 起" if holder.since else ""
    hint = f"确实没有人在运行的，请删去“{path}”，再运行。" if may_remove else ""
    return FileError(
        f"{user}{host}{since}正在用本工具处理这本台账，两边同时写会互相覆盖，"
        f"所以这一次没有运行，什么都没有改动。请等那一次运行完，再来一次。{hint}",
        code="book-busy",
        path=path,
        values={"user": holder.user, "host": holder.host, "since": holder.since},
    )
