"""How a saved mail begins: whether a file is one, or a whole mailbox, and where."""

from __future__ import annotations

import re

from ledgerbook.file_types import UTF8_BOM

# Fields, each with its name, that may run on over several lines.
_HEADER_FIELD = re.compile(rb"([!-9;-~]{1,80}):[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*(?:\r?\n|\Z)")
# What programs write before it: a mailbox (mbox) who it is from, Apple (.emlx) how
# long it is.
_MBOX_FROM_LINE = re.compile(rb"From [^\r\n]*\r?\n")
_EMLX_LENGTH_LINE = re.compile(rb"\d{1,10}[ \t]*\r?\n")
_NEXT_MBOX_MESSAGE = re.compile(rb"\n\r?\nFrom [^\r\n]*\r?\n")
# What Apple writes after it.
_PLIST, _PLIST_START = b"<plist", b"<?xml"
_HEAD_SIZE = 2**16
# Two of these, and it is a mail.
_TYPICAL_FIELDS = frozenset(
    b"bcc cc content-type date from message-id mime-version received reply-to "
    b"return-path sender subject to x-unsent".split()
)
_MIN_TYPICAL_FIELDS = 2
# What a signed mail has in it begins with what kind it is, and may say no more.
_MULTIPART_TYPE = re.compile(rb"content-type:\s*multipart/", re.IGNORECASE)


def is_mime(data: bytes) -> bool:
    """Whether a file is a mail, by how it begins."""
    head = data[:_HEAD_SIZE].removeprefix(UTF8_BOM).lstrip()
    envelope = _MBOX_FROM_LINE.match(head) or _EMLX_LENGTH_LINE.match(head)
    return bool(_MULTIPART_TYPE.match(head)) or _has_typical_fields(
        head, envelope.end() if envelope else 0
    )


def is_mailbox(data: bytes) -> bool:
    """Whether a file has several mails in it, one after the other."""
    return data.startswith(b"From ") and any(
        _has_typical_fields(data, match.end()) for match in _NEXT_MBOX_MESSAGE.finditer(data)
    )


def strip_envelope(data: bytes) -> bytes:
    """Return a mail without what programs wrote before and after it."""
    data = data.removeprefix(UTF8_BOM).lstrip()
    length_line = _EMLX_LENGTH_LINE.match(data)
    if not length_line:
        return data
    # The length is not relied on: line ends may have been changed on the way.
    end = data.rfind(_PLIST_START)
    return data[length_line.end() : end if _PLIST in data[end:] else None]


def _has_typical_fields(data: bytes, position: int) -> bool:
    field_names: set[bytes] = set()
    while field := _HEADER_FIELD.match(data, position):
        field_names.add(field[1].lower())
        position = field.end()
    return len(field_names & _TYPICAL_FIELDS) >= _MIN_TYPICAL_FIELDS
