"""Bytes of a returned workbook → RawBook, by what they are and not by their name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ledgerbook.file_types import (
    SIGNATURE,
    RefusedError,
    ZipKind,
    container,
    kind_of,
    parts,
)
from ledgerbook.intake.formats import encryption, xls
from ledgerbook.intake.formats.ods import read_ods
from ledgerbook.intake.formats.raw_workbook import RawWorkbook, keywords_of
from ledgerbook.intake.formats.xlsx import read_xlsx
from ledgerbook.intake.formats.xlsx_scan import FILLED

# Other documents that are kept in a container of the same kind.
_NO_BOOKS = ("WordDocument", "PowerPoint Document")


def read_workbook(
    data: bytes, passwords: Sequence[str] = (), most: int = FILLED
) -> RawWorkbook:
    """Read a workbook. Raises RefusedError when damaged, suspicious or none at all.

    One of more than ``most`` cells is not read.
    """
    read = _read_container if data.startswith(SIGNATURE) else _read_zip
    book = read(data, passwords, most)
    return replace(book, keywords=keywords_of(book.keywords))


def _read_container(data: bytes, passwords: Sequence[str], most: int) -> RawWorkbook:
    with container(data) as ole:
        if ole.exists(encryption.PACKAGE):
            return _read_zip(encryption.unlocked(data, ole, passwords), passwords, most)
        if not xls.holds_workbook(ole):
            other = any(ole.exists(name) for name in _NO_BOOKS)
            raise RefusedError("file-other-type" if other else "file-old-format", "")
        if encryption.locked_book(xls.stream_of(ole)):
            data = encryption.unlocked(data, ole, passwords)
    return xls.read_xls(data)


def _read_zip(data: bytes, _: Sequence[str], most: int) -> RawWorkbook:
    package = parts(data)
    kind = kind_of(package)
    if kind is ZipKind.OOXML:
        return read_xlsx(data, package, most)
    if kind is ZipKind.ODF:
        return read_ods(package)
    raise RefusedError("file-archive" if kind is ZipKind.ARCHIVE else kind.value, "")
