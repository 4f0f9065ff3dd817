"""Lock an open file by means of the system, which releases the lock however a process ends."""

from __future__ import annotations

import sys
from typing import IO


def acquire_lock(file: IO[bytes], position: int = 0) -> None:
    """Lock ``file`` for as long as it is open. Raises OSError when another process has it.

    On Windows one byte is locked, the one at ``position``, which nobody else can read then.
    """
    if sys.platform == "win32":
        import msvcrt

        file.seek(position)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
