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
# The first line of a mail draft of ours.
_LINE = re.compile(rb"X-Ledgerbook-Draft: ([0-9a-f]+)\r\n")


def sealed(data: bytes) -> bytes:
    """Return a workbook or a document of ours with its seal among the keywords."""
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


def sealed_text(data: bytes) -> bytes:
    """Return a mail draft of ours with its seal before it."""
    return f"X-Ledgerbook-Draft: {_digest(data)}\r\n".encode() + data


def is_draft(data: bytes) -> bool:
    """Whether this is a mail draft of ours as we wrote it, and no mail yet."""
    found = _LINE.match(data)
    return found is not None and found[1].decode() == _digest(data[found.end() :])


def touched(data: bytes) -> bool:
    """Whether somebody has saved what we issued since we wrote it.

    What cannot be read at all counts as touched.
    """
    if is_draft(data):
        return False
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
    return _digest(repr(parts).encode())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_DIGITS]
