"""A seal on what we send: whether anybody has saved a workbook since we wrote it.

Neither times nor names of users tell: Gnumeric, SheetJS and exceljs keep both as they
were. What every program writes anew is the content, and of that the seal is made.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile

from ledgerbook import marks

_CORE = "docProps/core.xml"
_SEAL = re.compile(rf";{marks.SEAL}=([0-9a-f]+)</cp:keywords>")
_END = "</cp:keywords>"
_DIGITS = 16


def sealed(data: bytes) -> bytes:
    """Return a workbook of ours with its seal among the keywords."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package,
    ):
        seal = f";{marks.SEAL}={_content(source)}{_END}"
        for entry in source.infolist():
            part = source.read(entry)
            if entry.filename == _CORE:
                part = part.decode().replace(_END, seal).encode()
            package.writestr(entry, part, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def touched(data: bytes) -> bool:
    """Whether somebody has saved an issued workbook since we wrote it.

    What cannot be read at all counts as touched.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            found = _SEAL.search(package.read(_CORE).decode())
            return not found or found[1] != _content(package)
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError):
        return True


def _content(package: zipfile.ZipFile) -> str:
    """Return a print of all parts but the one that bears the seal."""
    parts = sorted(
        (entry.filename, entry.CRC, entry.file_size)
        for entry in package.infolist()
        if entry.filename != _CORE
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:_DIGITS]
