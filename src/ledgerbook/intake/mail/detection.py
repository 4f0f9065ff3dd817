"""How a saved mail begins: whether a file is one, or a whole mailbox, and where."""

from __future__ import annotations

import re

# Fields, each with its name, that may run on over several lines.
_FIELD = re.compile(rb"([!-9;-~]{1,80}):[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*(?:\r?\n|\Z)")
# What programs write before it: a mailbox (mbox) who it is from, Apple (.emlx) how
# long it is.
_FROM = re.compile(rb"From [^\r\n]*\r?\n")
_LENGTH = re.compile(rb"\d{1,10}[ \t]*\r?\n")
_NEXT = re.compile(rb"\n\r?\nFrom [^\r\n]*\r?\n")
# What Apple writes after it.
_LIST, _LIST_START = b"<plist", b"<?xml"
_HEAD = 2**16
_BOM = b"\xef\xbb\xbf"
# Two of these, and it is a mail.
_TELLING = frozenset(
    b"bcc cc content-type date from message-id mime-version received reply-to "
    b"return-path sender subject to x-unsent".split()
)
_ENOUGH = 2
# What a signed mail has in it begins with what kind it is, and may say no more.
_WHOLE = re.compile(rb"content-type:\s*multipart/", re.IGNORECASE)


def is_mime(data: bytes) -> bool:
    """Whether a file is a mail, by how it begins."""
    head = data[:_HEAD].removeprefix(_BOM).lstrip()
    start = _FROM.match(head) or _LENGTH.match(head)
    return bool(_WHOLE.match(head)) or _has_fields(head, start.end() if start else 0)


def is_mailbox(data: bytes) -> bool:
    """Whether a file has several mails in it, one after the other."""
    return data.startswith(b"From ") and any(
        _has_fields(data, one.end()) for one in _NEXT.finditer(data)
    )


def bare(data: bytes) -> bytes:
    """Return a mail without what programs wrote before and after it."""
    data = data.removeprefix(_BOM).lstrip()
    start = _LENGTH.match(data)
    if not start:
        return data
    # The length is not relied on: line ends may have been changed on the way.
    end = data.rfind(_LIST_START)
    return data[start.end() : end if _LIST in data[end:] else None]


def _has_fields(data: bytes, at: int) -> bool:
    told: set[bytes] = set()
    while field := _FIELD.match(data, at):
        told.add(field[1].lower())
        at = field.end()
    return len(told & _TELLING) >= _ENOUGH
