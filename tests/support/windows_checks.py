"""Check what only Windows does: outputs that are open, workers that die.

Started by .ci/try-windows with the Python of Windows, in an empty folder.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from ledgerbook.errors import FileError
from ledgerbook.intake.worker_pool import ReadLimits, read_files
from ledgerbook.storage import atomic
from tests.support.books import AS_OF, make_book
from tests.support.failing_readers import fail_by_name


def main() -> None:
    check_open_file(Path("open.xlsx"))
    check_dying_workers()


def check_open_file(path: Path) -> None:
    """Require that a file which is open, as in Excel, is named and left alone."""
    path.write_bytes(b"old")
    with open_as_excel(path):
        for write in (
            lambda: atomic.check_writable([path]),
            lambda: atomic.write_file(path, b"new"),
        ):
            said = catch_message(write)
            assert str(path) in said, said
            assert "关闭" in said, said
    assert path.read_bytes() == b"old"
    atomic.check_writable([path])
    atomic.write_file(path, b"new")
    assert list(Path().iterdir()) == [path]
    path.unlink()
    sys.stdout.write("an open output is refused and stays as it was\n")


def open_as_excel(path: Path) -> IO[bytes]:
    """Open ``path`` so that others may read it, and neither write nor replace it."""
    import _winapi
    import msvcrt

    read_write, share_read, open_existing = 0xC0000000, 1, 3
    handle = _winapi.CreateFile(str(path), read_write, share_read, 0, open_existing, 0, 0)
    return os.fdopen(msvcrt.open_osfhandle(handle, os.O_RDWR), "r+b")


def check_dying_workers() -> None:
    """Require that a worker which aborts, hangs or raises costs its own file only."""
    paths = {name: Path(f"{name}.xlsx") for name in ("first", "abort", "hang", "raise", "last")}
    for path in paths.values():
        path.write_bytes(b"")
    limits = ReadLimits(seconds=20, processes=2)
    start = time.monotonic()
    reads = read_files(
        {path.name: path for path in paths.values()},
        make_book(),
        AS_OF,
        limits=limits,
        reader=fail_by_name,
    )
    words = ("0 字节", "中途退出", "超过时间", "ZeroDivisionError", "0 字节")
    for name, read, word in zip(paths, reads, words, strict=True):
        assert word in read.problems[0].message, (name, read.problems)
    sys.stdout.write(
        f"workers that die cost their own file only ({time.monotonic() - start:.0f} s)\n"
    )


def catch_message(write: Callable[[], None]) -> str:
    """Return the message of the FileError that ``write`` must raise."""
    try:
        write()
    except FileError as error:
        return str(error)
    raise AssertionError("nothing was refused")


# Worker processes import this module again and must not run it.
if __name__ == "__main__":
    main()
