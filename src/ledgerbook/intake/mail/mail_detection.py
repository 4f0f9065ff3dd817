"""Recognize a saved mail or a mailbox by how its text begins (RFC 5322)."""

from __future__ import annotations

import re

from ledgerbook.file_types import UTF8_BOM

# A header field with its folded lines (RFC 5322, section 2.2).
_HEADER_FIELD = re.compile(rb"([!-9;-~]{1,80}):[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*(?:\r?\n|\Z)")
# What programs write before a mail: in an mbox the sender (RFC 4155), in Apple's .emlx the
# length of the mail.
_MBOX_FROM_LINE = re.compile(rb"From [^\r\n]*\r?\n")
_EMLX_LENGTH_LINE = re.compile(rb"\d{1,10}[ \t]*\r?\n")
_NEXT_MBOX_MESSAGE = re.compile(rb"\n\r?\nFrom [^\r\n]*\r?\n")
# Apple writes a property list after the mail.
_PLIST, _PLIST_START = b"<plist", b"<?xml"
_HEAD_SIZE = 2**16
# A text with two of these header fields is a mail.
_TYPICAL_FIELDS = frozenset(
    b"bcc cc content-type date from message-id mime-version received reply-to "
    b"return-path sender subject to x-unsent".split()
)
_MIN_TYPICAL_FIELDS = 2
# The content of a signed mail may have this header field alone.
_MULTIPART_TYPE = re.compile(rb"content-type:\s*multipart/", re.IGNORECASE)


def is_mime(data: bytes) -> bool:
    """Return whether a file is a mail, by its first header fields."""
    head = data[:_HEAD_SIZE].removeprefix(UTF8_BOM).lstrip()
    envelope = _MBOX_FROM_LINE.match(head) or _EMLX_LENGTH_LINE.match(head)
    return bool(_MULTIPART_TYPE.match(head)) or _has_typical_fields(
        head, envelope.end() if envelope else 0
    )


def is_mailbox(data: bytes) -> bool:
    """Return whether a file is an mbox with more than one mail."""
    return data.startswith(b"From ") and any(
        _has_typical_fields(data, match.end()) for match in _NEXT_MBOX_MESSAGE.finditer(data)
    )


def strip_leading_bytes(data: bytes) -> bytes:
    """Return a mail without a byte order mark and without what .emlx adds to it."""
    data = data.removeprefix(UTF8_BOM).lstrip()
    length_line = _EMLX_LENGTH_LINE.match(data)
    if not length_line:
        return data
    # The length is wrong where line ends were changed in transit.
    end = data.rfind(_PLIST_START)
    return data[length_line.end() : end if _PLIST in data[end:] else None]


def _has_typical_fields(data: bytes, position: int) -> bool:
    field_names: set[bytes] = set()
    while field := _HEADER_FIELD.match(data, position):
        field_names.add(field[1].lower())
        position = field.end()
    return len(field_names & _TYPICAL_FIELDS) >= _MIN_TYPICAL_FIELDS
