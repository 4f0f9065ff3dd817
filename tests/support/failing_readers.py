"""Readers that fail in every way a real one can; run inside worker processes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import FileSource, ReadContext, read_file


def by_name(source: FileSource, terms: ReadContext) -> FileContent:
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


def vanishing(source: FileSource, terms: ReadContext) -> FileContent:
    """Take the file away, then die."""
    source.path.unlink()
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def gated(source: FileSource, terms: ReadContext, *, gate: Path) -> FileContent:
    """Stop at the file called 停 until the gate is open; tell who stands there."""
    if Path(source.name).stem == "停":
        note = gate / f"{os.getpid()}.tmp"
        note.touch()
        note.rename(gate / f"{os.getpid()}.here")
        while not (gate / "open").exists():
            time.sleep(0.02)
    return read_file(source, terms)


def murderous(source: FileSource, terms: ReadContext) -> FileContent:
    """Kill the worker of a cluster whose outpost has the file called 毒 read."""
    import psutil

    if Path(source.name).stem == "毒":
        for process in psutil.Process().parents():
            if any("ledgerbook.intake.dask_backend" in word for word in process.cmdline()):
                process.parent().kill()
                time.sleep(60)
    return read_file(source, terms)
