"""Readers that fail in every way a real one can; run inside worker processes."""

from __future__ import annotations

import os
import signal
import time
from datetime import date
from pathlib import Path

from ledgerbook.folder import read_file
from ledgerbook.gather import FileRead
from ledgerbook.model import Book


def by_name(name: str, path: Path, book: Book, as_of: date) -> FileRead:
    """Do what the file's name says, or read it."""
    deed = Path(name).stem
    if deed == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif deed == "abort":
        os.abort()
    elif deed == "hang":
        time.sleep(60)
    elif deed == "eat":
        bytearray(2**32)
    elif deed == "raise":
        raise ZeroDivisionError
    return read_file(name, path, book, as_of)


def vanishing(name: str, path: Path, book: Book, as_of: date, **_: object) -> FileRead:
    """Take the file away, then die."""
    path.unlink()
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError
