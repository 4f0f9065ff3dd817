"""Find out which section sent a document in place of the form that it was to fill.

Such a reply is not read, but somebody must act on it: the name of its file says whose it is,
or else its text, as far as that is easily had.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from ledgerbook.file_types import (
    DOCUMENT_STREAM,
    OLE_SIGNATURE,
    ZIP_SIGNATURE,
    RefusedError,
    open_ole,
    read_parts,
)
from ledgerbook.intake.name_check import find_named_section
from ledgerbook.model import Book

# Problems of files that are documents and may be a section's reply.
DOCUMENT_CODES = ("file-document", "file-pdf")

# A reply names its section at the head or at the foot; bytes of its text to look at there.
_SEARCHED_BYTES = 2**18
_TAG = re.compile(rb"<[^>]*>")
# The parts with the text of a .docx and of an .odt.
_TEXT_PARTS = ("word/document.xml", "content.xml")


def find_replying_section(file: str, data: bytes, book: Book) -> str:
    """Return the only section that a document is of; blank where that cannot be told."""
    if section := find_named_section(PurePosixPath(file).stem, book):
        return section
    return find_named_section(_read_text(data), book)


def _read_text(data: bytes) -> str:
    """Return the beginning and the end of the text of a Word document or an .odt."""
    try:
        if data.startswith(ZIP_SIGNATURE):
            package = read_parts(data)
            text_parts = (package[name] for name in _TEXT_PARTS if name in package)
            # A name may be divided by tags.
            text = _TAG.sub(b"", next(text_parts, b""))
            return _take_ends(text).decode("utf-8", "ignore")
        if data.startswith(OLE_SIGNATURE):
            with open_ole(data) as ole:
                text = bytes(ole.openstream(DOCUMENT_STREAM).read())
            # Chinese text is in UTF-16, which begins at an even place ([MS-DOC] 2.8.25).
            return _take_ends(text).decode("utf-16-le", "ignore")
    except (RefusedError, OSError):
        return ""
    return ""


def _take_ends(text: bytes) -> bytes:
    if len(text) <= 2 * _SEARCHED_BYTES:
        return text
    return text[:_SEARCHED_BYTES] + text[-_SEARCHED_BYTES:]
