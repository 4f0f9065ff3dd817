"""Bytes of a returned workbook → RawBook, by what they are and not by their name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ledgerbook.file_types import (
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

# Other documents that are kept in a container of the same kind.
_OTHER_DOCUMENT_STREAMS = ("WordDocument", "PowerPoint Document")


def read_workbook(
    data: bytes, passwords: Sequence[str] = (), max_cells: int = MAX_FILLED_CELLS
) -> RawWorkbook:
    """Read a workbook. Raises RefusedError when damaged, suspicious or none at all.

    One of more than ``max_cells`` cells is not read.
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
            is_other_document = any(ole.exists(name) for name in _OTHER_DOCUMENT_STREAMS)
            raise RefusedError("file-other-type" if is_other_document else "file-old-format", "")
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
