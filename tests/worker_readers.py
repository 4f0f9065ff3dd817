"""Readers that fail in every way a real one can; run inside worker processes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from ledgerbook.gather import FileRead
from ledgerbook.receive import Source, Terms, read_file


def by_name(source: Source, terms: Terms) -> FileRead:
    """Do what the file's name says, or read it."""
    deed = Path(source.name).stem
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
    return read_file(source, terms)


def vanishing(source: Source, terms: Terms) -> FileRead:
    """Take the file away, then die."""
    source.path.unlink()
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError
