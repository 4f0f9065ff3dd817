"""Save files so that the same content always gives the same bytes."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openpyxl import Workbook


_ZIP_EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001  the earliest time a zip can note
_ZIP_ENTRY_TIME = (1980, 1, 1, 0, 0, 0)


class _DeterministicZip(zipfile.ZipFile):
    """A zip whose entries all bear one time, whatever the clock says."""

    def writestr(self, zinfo_or_arcname: Any, data: Any, *_: Any, **__: Any) -> None:
        entry = zipfile.ZipInfo(str(zinfo_or_arcname), _ZIP_ENTRY_TIME)
        super().writestr(entry, data, zipfile.ZIP_DEFLATED)

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        self.writestr(arcname, Path(filename).read_bytes())


def serialize_workbook(workbook: Workbook, saved_at: datetime = _ZIP_EPOCH) -> bytes:
    """Return ``workbook`` as an .xlsx file that says it was saved at ``saved_at``."""
    from openpyxl.writer.excel import ExcelWriter

    workbook.properties.created = workbook.properties.modified = saved_at
    buffer = io.BytesIO()
    archive = _DeterministicZip(buffer, "w", zipfile.ZIP_DEFLATED)
    ExcelWriter(workbook, archive).save()
    return buffer.getvalue()


def normalize_zip(data: bytes) -> bytes:
    """Return a zip with the same parts in the same order, and no times."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        _DeterministicZip(buffer, "w") as target,
    ):
        for name in source.namelist():
            target.writestr(name, source.read(name))
    return buffer.getvalue()
