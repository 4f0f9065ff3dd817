"""Bytes of a returned workbook → RawBook, by what they are and not by their name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ledgerbook.returns import biff, locks
from ledgerbook.returns.census import FILLED
from ledgerbook.returns.facts import keywords_of
from ledgerbook.returns.ooxml import read_xlsx
from ledgerbook.returns.opendocument import read_ods
from ledgerbook.returns.package import Kind, RefusedError, kind_of, parts
from ledgerbook.returns.raw import RawBook

# Other documents that are kept in a container of the same kind.
_NO_BOOKS = ("WordDocument", "PowerPoint Document")


def read_workbook(
    data: bytes, passwords: Sequence[str] = (), most: int = FILLED
) -> RawBook:
    """Read a workbook. Raises RefusedError when damaged, suspicious or none at all.

    One of more than ``most`` cells is not read.
    """
    read = _read_container if data.startswith(biff.SIGNATURE) else _read_zip
    book = read(data, passwords, most)
    return replace(book, keywords=keywords_of(book.keywords))


def _read_container(data: bytes, passwords: Sequence[str], most: int) -> RawBook:
    with biff.container(data) as ole:
        if ole.exists(locks.PACKAGE):
            return _read_zip(locks.unlocked(data, ole, passwords), passwords, most)
        if not biff.holds_workbook(ole):
            other = any(ole.exists(name) for name in _NO_BOOKS)
            raise RefusedError("file-other-type" if other else "file-old-format", "")
        if locks.locked_book(biff.stream_of(ole)):
            data = locks.unlocked(data, ole, passwords)
    return biff.read_xls(data)


def _read_zip(data: bytes, _: Sequence[str], most: int) -> RawBook:
    package = parts(data)
    kind = kind_of(package)
    if kind is Kind.OOXML:
        return read_xlsx(data, package, most)
    if kind is Kind.ODF:
        return read_ods(package)
    raise RefusedError("file-archive" if kind is Kind.ARCHIVE else kind.value, "")
