"""Read the bytes of a returned workbook into a RawWorkbook, in whichever format they are.

The format is recognized by the bytes, never by the file's name. A workbook with a password is
decrypted first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ledgerbook.file_types import (
    DOCUMENT_STREAM,
    ENCRYPTED_STREAM,
    OLE_SIGNATURE,
    RefusedError,
    ZipKind,
    classify_zip,
    open_ole,
    read_parts,
)
from ledgerbook.intake.formats import encryption, xls
from ledgerbook.intake.formats.ods import read_ods
from ledgerbook.intake.formats.raw_workbook import RawWorkbook, normalize_keywords
from ledgerbook.intake.formats.xlsx import read_xlsx
from ledgerbook.intake.formats.xlsx_scan import MAX_FILLED_CELLS

# The stream of another document in an OLE container → the problem to report.
_OTHER_DOCUMENT_CODES = {DOCUMENT_STREAM: "file-document", "PowerPoint Document": "file-other-type"}


def read_workbook(
    data: bytes, passwords: Sequence[str] = (), max_cells: int = MAX_FILLED_CELLS
) -> RawWorkbook:
    """Read a workbook of at most ``max_cells`` cells.

    ``passwords`` are tried on a workbook that is encrypted. Raises RefusedError when the file
    is damaged, suspicious, too large or no workbook.
    """
    read_format = _read_container if data.startswith(OLE_SIGNATURE) else _read_zip
    workbook = read_format(data, passwords, max_cells)
    return replace(workbook, keywords=normalize_keywords(workbook.keywords))


def _read_container(data: bytes, passwords: Sequence[str], max_cells: int) -> RawWorkbook:
    with open_ole(data) as ole:
        if ole.exists(ENCRYPTED_STREAM):
            return _read_zip(
                encryption.decrypt_workbook(data, ole, passwords), passwords, max_cells
            )
        if not xls.holds_workbook(ole):
            codes = (code for name, code in _OTHER_DOCUMENT_CODES.items() if ole.exists(name))
            raise RefusedError(next(codes, "file-old-format"), "")
        if encryption.is_encrypted_xls(xls.read_workbook_stream(ole)):
            data = encryption.decrypt_workbook(data, ole, passwords)
    return xls.read_xls(data)


def _read_zip(data: bytes, _: Sequence[str], max_cells: int) -> RawWorkbook:
    package = read_parts(data)
    kind = classify_zip(package)
    if kind is ZipKind.OOXML:
        return read_xlsx(data, package, max_cells)
    if kind is ZipKind.ODF:
        return read_ods(package)
    raise RefusedError("file-archive" if kind is ZipKind.ARCHIVE else kind.value, "")
