"""Make folders for temporary files, and remove those of runs that were killed.

Such a file may have in it what sections have answered. A folder is recognised by the lock
file in it, with a text of ours; the process that uses the folder holds the lock, which the
system releases however the process ends.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ledgerbook.system_lock import acquire_lock

_PREFIX = "ledgerbook-"
_LOCK_NAME = "ledgerbook.lock"
_LOCK_TEXT = b"temporary files of ledgerbook\n"
# Seconds within which a new folder may not yet have its lock.
_START_SECONDS = 60


@contextmanager
def make_temporary_folder(parent: Path | None = None) -> Iterator[Path]:
    """Yield a new folder that is removed afterwards; ``parent`` is the system's by default."""
    with suppress(OSError):
        _remove_stale_folders(parent or Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    try:
        with (folder / _LOCK_NAME).open("w+b") as lock:
            lock.write(_LOCK_TEXT)
            lock.flush()
            acquire_lock(lock)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_stale_folders(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if _is_stale(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_stale(folder: Path) -> bool:
    """Whether a folder is ours and no process uses it. Raises OSError where it cannot be told."""
    status = folder.lstat()
    if time.time() - status.st_mtime < _START_SECONDS:
        return False
    if hasattr(os, "getuid") and status.st_uid != os.getuid():
        return False
    lock_path = folder / _LOCK_NAME
    if folder.is_symlink() or lock_path.is_symlink() or not lock_path.is_file():
        return False
    with lock_path.open("r+b") as lock:
        if lock.read(len(_LOCK_TEXT) + 1) != _LOCK_TEXT:
            return False
        acquire_lock(lock)
    return True
