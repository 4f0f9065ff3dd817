"""A mail as most programs save it (.eml, MIME) → what is attached to it.

Names are written in every way that mail programs know: by RFC 2231, by RFC 2047 where
it has no place, or as bare bytes in GBK or UTF-8.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from email import message_from_bytes
from email.errors import CloseBoundaryNotFoundDefect, MessageError
from email.header import decode_header
from email.message import Message
from email.policy import Compat32
from functools import partial
from pathlib import PurePath
from string import ascii_letters, digits
from urllib.parse import unquote

from ledgerbook.file_types import SIGNATURE, RefusedError
from ledgerbook.intake.mail.attachment import (
    LOCKED_KINDS,
    EmailAttachment,
    is_locked,
    locked,
    sound_or_refused,
)
from ledgerbook.intake.mail.cloud_links import linked
from ledgerbook.intake.mail.detection import bare, is_mime
from ledgerbook.text import one_line

# No name is as long, and reading one takes time that grows with its square.
_FIELD_LIMIT = 2**13

# Code pages under which Chinese programs write more than the page has.
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "cp936": "gb18030"}
_PICTURES = {".bmp", ".emf", ".gif", ".jpeg", ".jpg", ".png", ".wmz"}
_CITATION = re.compile(rb"cid:([^\"'\s>)]+)", re.IGNORECASE)
# How a workbook begins when it is packed, whether the mail says that it is or not.
_PACKED = ("UEsDB", "0M8R4KGx")
_BOOKS = (b"PK\x03\x04", SIGNATURE)
_BROKEN = "邮件的结构不完整"
# What programs add of their own; nobody has attached it.
_ADDED = re.compile(r"ATT\d{5,}\.(html?|txt)", re.IGNORECASE)
_SIGNATURES = ("application/pkcs7-signature", "application/x-pkcs7-signature")
_PGP = ("application/pgp-signature", "application/pgp-encrypted")
_SKIPPED = (*_SIGNATURES, *_PGP)
# What postmen report; all else of the kind is a mail within the mail.
_REPORTS = (
    "message/delivery-status",
    "message/disposition-notification",
    "message/feedback-report",
)
# A part that only says where its contents are.
_ELSEWHERE = "message/external-body"
_SUBJECT = 40
NAMELESS, SUBJECTLESS = "附件", "转发的邮件"
LINKED = "超大附件"


class _Lenient(Compat32):
    """Takes fields as they come, in whatever bytes they are."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, readable(value[:_FIELD_LIMIT].encode("utf-8", "surrogateescape"))


def attached(data: bytes, deepest: int) -> Iterator[EmailAttachment]:
    """Yield what is attached, also to mails within, by name. Raises RefusedError."""
    try:
        mail = message_from_bytes(bare(data), policy=_Lenient())
        found = list(_within(mail, (), deepest))
    except RecursionError as error:
        raise RefusedError("file-suspect", "邮件里层层相套，过深") from error
    except (MessageError, UnicodeError, ValueError) as error:
        raise RefusedError("file-mail-damaged", _BROKEN) from error
    yield from found


def readable(raw: bytes, charset: str = "") -> str:
    """Decode what should be in ``charset``, or else in one that Chinese text is in."""
    known = _WIDER.get(charset.lower(), charset)
    for encoding in filter(None, (known, "utf-8", "gb18030")):
        try:
            return raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("utf-8", "replace")


def cited(html: bytes) -> frozenset[str]:
    """Return the ids of what a page shows of the things attached."""
    return frozenset(unquote(one.decode("latin-1")) for one in _CITATION.findall(html))


def is_picture(kind: str, name: str) -> bool:
    return kind.startswith("image/") or PurePath(name).suffix.lower() in _PICTURES


def _within(
    mail: Message, names: tuple[str, ...], deepest: int
) -> Iterator[EmailAttachment]:
    """Yield what is attached to one mail, which is attached to those of ``names``."""
    if len(names) > deepest:
        raise RefusedError("file-mail-deep", str(deepest))
    if any(isinstance(one, CloseBoundaryNotFoundDefect) for one in mail.defects):
        # Whole attachments may be missing.
        raise RefusedError("file-mail-damaged", "邮件不完整，后面的内容缺了")
    leaves = list(_leaves(mail))
    pages = [_bytes(one) for one in leaves if one.get_content_type() == "text/html"]
    shown = cited(b"\n".join(pages))
    # Excel and WPS save a workbook as a page that is built like a mail.
    is_page = "Content-Location" in mail or any(
        "Content-Location" in one for one in leaves
    )
    if is_page and not any(_name(one) for one in leaves):
        raise RefusedError("file-html", "")
    for one in leaves:
        kind = one.get_content_type()
        if kind == _ELSEWHERE:
            yield EmailAttachment((*names, _name(one)), b"", code="file-mail-linked")
        elif one.get_content_maintype() == "message" and kind not in _REPORTS:
            yield from _mail_within(one, names, deepest)
        elif _counts(one, kind, shown):
            yield _part(one, names)
    yield from _told_of(leaves, names)


def _told_of(
    leaves: Sequence[Message], names: tuple[str, ...]
) -> Iterator[EmailAttachment]:
    """Yield what is not attached, but stands in the text of a mail, or is linked."""
    texts = [one for one in leaves if _is_text(one) and not _name(one)]
    for one in texts:
        yield from written_in(_bytes(one), names)
    if linked(map(_text, texts)):
        yield EmailAttachment((*names, LINKED), b"", code="file-mail-linked")


def written_in(text: bytes, names: tuple[str, ...]) -> Iterator[EmailAttachment]:
    """Yield the files that stand in the text of a mail itself."""
    for name, data in files(text):
        part = EmailAttachment((*names, one_line(readable(name)).strip()), data)
        yield locked(part) if is_locked(part) else part


def _part(one: Message, names: tuple[str, ...]) -> EmailAttachment:
    part = EmailAttachment((*names, _name(one)), _bytes(one), one.get_content_type())
    if is_locked(part):
        return locked(part)
    # Some services attach a page that only links to the file.
    is_link = part.kind == "text/html" and linked([_text(one)])
    return replace(part, code="file-mail-linked") if is_link else part


def _leaves(part: Message) -> Iterator[Message]:
    """Yield the parts of a mail that have none themselves; a mail within is one."""
    kind = part.get_content_type()
    if part.get_content_maintype() == "message" or kind in LOCKED_KINDS:
        yield part
    elif part.is_multipart():
        for one in _parts(part):
            yield from _leaves(one)
    else:
        yield part
    if part.get_content_maintype() == "multipart" and not part.is_multipart():
        raise RefusedError("file-mail-damaged", _BROKEN)
    packed = _encoding(part) == "base64" and not _name(part)
    if any(
        torn(text, packed) or (_is_text(part) and holds_book(text))
        for text in _loose(part)
    ):
        raise RefusedError("file-mail-damaged", _BROKEN)


def _loose(part: Message) -> Iterator[str]:
    """Yield the text in which nothing should be that begins a part."""
    yield from filter(None, (part.preamble, part.epilogue))
    payload = part.get_payload()
    if isinstance(payload, str) and (_packed(part, payload) or not _name(part)):
        yield payload


def _counts(part: Message, kind: str, shown: frozenset[str]) -> bool:
    """Whether a part is attached, and not the mail's text or what is seen in it."""
    name = _name(part)
    if kind in _SKIPPED or kind in _REPORTS or _ADDED.fullmatch(name):
        return False
    placed = part.get_content_disposition()
    if _is_text(part):
        named = bool(name) or placed == "attachment"
        return named or _bytes(part).startswith(_BOOKS)
    if is_picture(kind, name) and not _bytes(part).startswith(_BOOKS):
        known = str(part.get("Content-ID", "")).strip(" <>")
        return known not in shown and (bool(name) or placed == "attachment")
    return True


def _mail_within(
    part: Message, names: tuple[str, ...], deepest: int
) -> Iterator[EmailAttachment]:
    inner = next(iter(_parts(part)), None)
    if inner is None:
        return
    if _encoding(part) == "base64" and not inner.keys():
        # Not allowed, and done all the same.
        packed = unpacked(str(inner.get_payload()))
        if not is_mime(packed):
            yield EmailAttachment(
                (*names, _name(part)), b"", "", "file-mail-damaged", _BROKEN
            )
        else:
            yield EmailAttachment((*names, _name(part)), packed)
        return
    subject = plain(str(inner.get("Subject", "")))[:_SUBJECT] or _name(part)
    below = (*names, subject or SUBJECTLESS)
    yield from sound_or_refused(below, partial(_within, inner, below, deepest))


def _is_text(part: Message) -> bool:
    return part.get_content_maintype() == "text"


def _text(part: Message) -> str:
    return readable(_bytes(part), part.get_content_charset() or "")


def _encoding(part: Message) -> str:
    return str(part.get("Content-Transfer-Encoding", "")).strip().lower()


def _parts(part: Message) -> Sequence[Message]:
    found = part.get_payload()
    return (
        [one for one in found if isinstance(one, Message)]
        if isinstance(found, list)
        else []
    )


def _packed(part: Message, text: str) -> bool:
    return _encoding(part) == "base64" or text.lstrip().startswith(_PACKED)


def _bytes(part: Message) -> bytes:
    text = part.get_payload()
    if isinstance(text, str) and _packed(part, text):
        return unpacked(text)
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _name(part: Message) -> str:
    """Return the file name of a part, blank where it has none."""
    for field, key in (("content-disposition", "filename"), ("content-type", "name")):
        told = part.get_param(key, header=field)
        if isinstance(told, tuple):
            charset, _, text = told
            found = one_line(readable(text.encode("latin-1", "replace"), charset or ""))
        else:
            found = plain(told or "")
        if found.strip():
            return found.strip()
    return ""


def plain(text: str) -> str:
    """Return a field as it was meant: words encoded by RFC 2047 decoded."""
    try:
        pieces = decode_header(text)
    except MessageError:
        pieces = [(text, None)]
    words = (
        piece
        if isinstance(piece, str)
        else readable(piece, charset)
        if charset
        else piece.decode("raw-unicode-escape", "replace")
        for piece, charset in pieces
    )
    return " ".join(one_line("".join(words)).split())


# Bytes that a mail carries as letters (base64), also where the rules were not kept.

_ALPHABET = f"{ascii_letters}{digits}+/".encode()
_FOREIGN = bytes(byte for byte in range(256) if byte not in _ALPHABET)
# Four letters are three bytes; a single one left over is none at all.
_GROUP = 4


def unpacked(text: str) -> bytes:
    """Return the bytes of packed text: all there are, where it is cut or not filled up.

    Filling ends it: what stands after that is a footer, and none of it.
    """
    body, _, _ = text.partition("=")
    letters = body.encode("ascii", "ignore").translate(None, _FOREIGN)
    whole = letters[:-1] if len(letters) % _GROUP == 1 else letters
    return base64.b64decode(whole + b"=" * (-len(whole) % _GROUP))


# Files that an old program wrote into the text of a mail (uuencode).

# How a file begins, and its lines, each of which says by its first letter how many
# bytes it has. Without such a line after it, it is but a word in the text.
_FILE = re.compile(
    rb"^begin [0-7]{3,4} ([^\r\n]+)\r?\n((?:[ -`]{1,90}(?:\r?\n|\Z))++)", re.MULTILINE
)
_BYTES = 0x3F


def files(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and the bytes of each file; of one cut short, what there is."""
    for found in _FILE.finditer(text):
        lines = found[2].splitlines()
        yield found[1], b"".join(_line(line) for line in lines)


def _line(line: bytes) -> bytes:
    """Return the bytes of a line; programs add a sum to it, or leave out its blanks."""
    count = (line[0] - ord(" ")) & _BYTES
    letters = 1 + -(-count // 3) * 4
    try:
        return binascii.a2b_uu(line[:letters])
    except binascii.Error:
        return b""


# Whether parts of a mail ran into each other: the line between them was damaged.
#
# Then one of them stands within the text of another, and would be lost in silence. But
# text may also quote how a part begins, and programs add footers to what is packed.

# A field of a part, and what shows that it is one: the line between parts before it, a
# file's name in it, or packed lines after it.
_FIELD = re.compile(
    "^content-(type|disposition|transfer-encoding):", re.IGNORECASE | re.MULTILINE
)
_AFTER_EDGE = re.compile(
    r"^--[!-~]{1,80}[ \t]*\r?\n(?:[!-9;-~]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){0,9}?"
    "content-(type|disposition|transfer-encoding):",
    re.IGNORECASE | re.MULTILINE,
)
_NAMED = re.compile(
    r"^content-(type|disposition):[^\r\n]*(\r?\n[ \t][^\r\n]*)*name[*\d]*=",
    re.IGNORECASE | re.MULTILINE,
)
_LONG = re.compile(r"^[A-Za-z0-9+/]{50,}={0,2}[ \t]*\r?$", re.MULTILINE)
# How a workbook begins when it is packed, at the start of a line.
_BOOK = re.compile(r"^(UEsDB|0M8R4KGx)[A-Za-z0-9+/]{40}", re.MULTILINE)
# Packed lines, as many as there are: what stands after them is a footer.
_LINES = re.compile(r"\s*(?:[A-Za-z0-9+/=]+[ \t]*(?:[\r\n]\s*|\Z))*+")


def torn(text: str, packed: bool) -> bool:
    """Whether there is something in a text that was a part of its own.

    Of ``packed`` text, also what is foreign to it tells of damage.
    """
    return _holds_part(text) or (packed and bool(_LONG.search(text, _end(text))))


def holds_book(text: str) -> bool:
    """Whether a workbook ran into a text, without what says that it is one.

    A file that is itself packed so may well have another in it.
    """
    whole = text.lstrip()
    return not _BOOK.match(whole) and bool(_BOOK.search(whole))


def _holds_part(text: str) -> bool:
    field = _FIELD.search(text)
    return field is not None and bool(
        _AFTER_EDGE.search(text)
        or _NAMED.search(text)
        or _LONG.search(text, field.end())
    )


def _end(text: str) -> int:
    """Return where packed lines end."""
    lines = _LINES.match(text)
    return lines.end() if lines else 0
