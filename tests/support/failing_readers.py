"""Readers of returns that crash, hang or raise, to be run in worker processes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import FileSource, ReadContext, read_file


def fail_by_name(source: FileSource, context: ReadContext) -> FileContent:
    """Do what the file's name says: die, hang, compute, wait, take memory, raise; then read it."""
    action = Path(source.name).stem
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "abort":
        os.abort()
    elif action == "hang":
        time.sleep(60)
    elif action == "compute":
        while True:
            pass
    elif action == "wait":
        time.sleep(2.5)
    elif action == "eat":
        bytearray(2**32)
    elif action == "raise":
        raise ZeroDivisionError
    return read_file(source, context)


def delete_file_and_die(source: FileSource, context: ReadContext) -> FileContent:
    """Delete the file, then kill this process."""
    source.path.unlink()
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def wait_at_gate(source: FileSource, context: ReadContext, *, gate: Path) -> FileContent:
    """Wait at the file called 停 until ``gate``/open exists; write ``gate``/<pid>.here."""
    if Path(source.name).stem == "停":
        marker = gate / f"{os.getpid()}.tmp"
        marker.touch()
        marker.rename(gate / f"{os.getpid()}.here")
        while not (gate / "open").exists():
            time.sleep(0.02)
    return read_file(source, context)


def kill_dask_worker(source: FileSource, context: ReadContext) -> FileContent:
    """Kill the Dask worker whose process reads the file called 毒."""
    import psutil

    if Path(source.name).stem == "毒":
        # This process is a child of the fork server.
        main_process = psutil.Process().parents()[1]
        if any("spawn_main" in word for word in main_process.cmdline()):
            main_process.kill()
            time.sleep(60)
    return read_file(source, context)
