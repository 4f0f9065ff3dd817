"""Write zip packages (.xlsx, .docx) so that the same content always gives the same bytes.

Used for workbooks made with openpyxl and documents made with python-docx, which write the
time of the clock into the package. XlsxWriter needs it on Windows only.
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openpyxl import Workbook


# The earliest time that a zip entry can state (APPNOTE.TXT §4.4.6, MS-DOS format).
_ZIP_EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001
_ZIP_ENTRY_TIME = (1980, 1, 1, 0, 0, 0)
# "Version made by" Unix, and the mode of a temporary file there (APPNOTE.TXT §4.4.2,
# §4.4.15): what ``zipfile`` writes depends on the system.
_MADE_BY_UNIX = 3
_UNIX_FILE_MODE = stat.S_IFREG | 0o600
_TEXT_PARTS = (".xml", ".rels", ".vml")


class _DeterministicZip(zipfile.ZipFile):
    """A zip file whose entries all have the same fixed time, on every system."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        entry = zipfile.ZipInfo(str(zinfo_or_arcname), _ZIP_ENTRY_TIME)
        entry.create_system = _MADE_BY_UNIX
        super().writestr(entry, data, zipfile.ZIP_DEFLATED)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        self.writestr(arcname, Path(filename).read_bytes())


def serialize_workbook(workbook: Workbook, saved_at: datetime = _ZIP_EPOCH) -> bytes:
    """Return ``workbook`` as an .xlsx file created and last saved at ``saved_at``."""
    from openpyxl.writer.excel import ExcelWriter

    workbook.properties.created = workbook.properties.modified = saved_at
    buffer = io.BytesIO()
    archive = _DeterministicZip(buffer, "w", zipfile.ZIP_DEFLATED)
    ExcelWriter(workbook, archive).save()
    return buffer.getvalue()


def normalize_zip(data: bytes) -> bytes:
    """Return a zip with the same parts in the same order, all with the same fixed time."""
    return rewrite_parts(data, lambda _, part: part)


def rewrite_parts(data: bytes, rewrite: Callable[[str, bytes], bytes]) -> bytes:
    """Return a normalized zip whose parts are what ``rewrite`` makes of name and content."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        _DeterministicZip(buffer, "w") as target,
    ):
        for name in source.namelist():
            target.writestr(name, rewrite(name, source.read(name)))
    return buffer.getvalue()


def remove_windows_traces(data: bytes) -> bytes:
    """Return a workbook of XlsxWriter that was made on Windows as Linux makes the same.

    There each part that went through a temporary file has CR LF at the ends of lines and
    the mode that Windows gives a file; elsewhere XlsxWriter writes no CR as such.
    """
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            part = source.read(entry)
            if entry.filename.endswith(_TEXT_PARTS):
                part = part.replace(b"\r\n", b"\n")
            entry.create_system = _MADE_BY_UNIX
            if stat.S_ISREG(entry.external_attr >> 16):
                entry.external_attr = _UNIX_FILE_MODE << 16
            target.writestr(entry, part)
    return buffer.getvalue()
