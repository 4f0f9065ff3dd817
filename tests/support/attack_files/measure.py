"""A reader that notes what each file cost; runs inside worker processes."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import FileSource, ReadContext, read_file

NOTES = "用时"


def note_of(folder: Path, name: str) -> Path:
    """Return where the cost of ``name`` is noted: beside the folder of returns."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
    return folder.parent / NOTES / digest


def measured(source: FileSource, terms: ReadContext) -> FileContent:
    """Read a file as collect does; note the seconds and the process's peak."""
    start = time.monotonic()
    read = read_file(source, terms)
    cost = {"seconds": time.monotonic() - start, "peak": _peak()}
    folder = next(above for above in source.path.parents if (above.parent / NOTES).is_dir())
    note_of(folder, source.name).write_text(json.dumps(cost))
    return read


def _peak() -> int:
    """Return the most address space this process has used, in KiB, if it is told."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    lines = status.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmPeak"))
