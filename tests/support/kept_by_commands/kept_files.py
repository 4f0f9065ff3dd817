"""Store a file in the folder of the kept outputs, once by its hash."""

import hashlib
import os
from pathlib import Path


def find_kept_path(folder: Path, data: bytes) -> Path:
    """Return where ``data`` is stored."""
    suffix = "docx" if b"word/document.xml" in data else "xlsx"
    return folder / f"{hashlib.sha256(data).hexdigest()[:16]}.{suffix}"


def keep_file(folder: Path, data: bytes) -> None:
    """Store ``data`` whole, whatever other processes store at the same time."""
    path = find_kept_path(folder, data)
    if not path.exists():
        part = path.with_name(f"{path.name}.{os.getpid()}")
        part.write_bytes(data)
        part.replace(path)
