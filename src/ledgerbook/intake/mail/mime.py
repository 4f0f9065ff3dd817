"""Read the attachments of a mail in MIME (.eml, .emlx, .mbox with one mail).

MIME is defined by RFC 2045 (transfer encodings) and RFC 2046 (multipart). Mail programs write
file names by RFC 2231, by RFC 2047 although that does not allow it in parameters, or as bare
bytes in GBK or UTF-8; all of these are decoded. The module also reads files in uuencode that
stand in the text of a mail, and refuses a mail whose boundaries are damaged, because one of
its attachments would be lost.
https://www.rfc-editor.org/rfc/rfc2045 https://www.rfc-editor.org/rfc/rfc2046
https://www.rfc-editor.org/rfc/rfc2047 https://www.rfc-editor.org/rfc/rfc2231
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

from ledgerbook.faults import is_raised_by_program
from ledgerbook.file_types import WORKBOOK_BASE64_PREFIXES, WORKBOOK_SIGNATURES, RefusedError
from ledgerbook.intake.mail.attachment import (
    ENCRYPTED_TYPES,
    EmailAttachment,
    is_encrypted,
    mark_encrypted,
    read_or_refuse,
)
from ledgerbook.intake.mail.cloud_links import has_cloud_link
from ledgerbook.intake.mail.mail_detection import is_mime, strip_leading_bytes
from ledgerbook.text import make_single_line

# No file name is as long; the time to parse a header field grows with its square.
_MAX_FIELD_LENGTH = 2**13

# Chinese programs name these charsets and write characters that only GB 18030 has.
_WIDER_CHARSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
}
_PICTURE_SUFFIXES = {".bmp", ".emf", ".gif", ".jpeg", ".jpg", ".png", ".wmz"}
_CONTENT_ID_LINK = re.compile(rb"cid:([^\"'\s>)]+)", re.IGNORECASE)
_STRUCTURE_DAMAGED = "邮件的结构不完整"
# Outlook names text parts so when it converts a mail; nobody attached them.
_GENERATED_NAME = re.compile(r"ATT\d{5,}\.(html?|txt)", re.IGNORECASE)
_SMIME_SIGNATURE_TYPES = (
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
)
_PGP_TYPES = ("application/pgp-signature", "application/pgp-encrypted")
_SKIPPED_TYPES = (*_SMIME_SIGNATURE_TYPES, *_PGP_TYPES)
# Reports of mail servers (RFC 3464, 8098, 5965); any other message/ type is an attached mail.
_REPORT_TYPES = (
    "message/delivery-status",
    "message/disposition-notification",
    "message/feedback-report",
)
# A part that only gives the address of its content (RFC 2046, section 5.2.3).
_EXTERNAL_BODY_TYPE = "message/external-body"
_MAX_SUBJECT_LENGTH = 40
UNNAMED_ATTACHMENT, UNTITLED_MAIL = "附件", "转发的邮件"
CLOUD_ATTACHMENT_NAME = "超大附件"


class _LenientPolicy(Compat32):
    """Decodes header fields that contain bytes outside ASCII."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, decode_text(value[:_MAX_FIELD_LENGTH].encode("utf-8", "surrogateescape"))


def read_attachments(data: bytes, max_depth: int) -> Iterator[EmailAttachment]:
    """Yield the attachments, also those of attached mails. Raises RefusedError."""
    try:
        mail = message_from_bytes(strip_leading_bytes(data), policy=_LenientPolicy())
        attachments = list(_read_message(mail, (), max_depth))
    except RecursionError as error:
        raise RefusedError("file-suspect", "邮件里层层相套，过深") from error
    except (MessageError, UnicodeError, ValueError) as error:
        if is_raised_by_program(error):
            raise
        raise RefusedError("file-mail-damaged", _STRUCTURE_DAMAGED) from error
    yield from attachments


def decode_text(raw: bytes, charset: str = "") -> str:
    """Decode text from ``charset``, or else from UTF-8 or GB 18030."""
    wider_charset = _WIDER_CHARSETS.get(charset.lower(), charset)
    for encoding in filter(None, (wider_charset, "utf-8", "gb18030")):
        try:
            return raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return raw.decode("utf-8", "replace")


def find_cited_ids(html: bytes) -> frozenset[str]:
    """Return the Content-IDs that an HTML text refers to by cid: URLs (RFC 2392)."""
    return frozenset(
        unquote(content_id.decode("latin-1")) for content_id in _CONTENT_ID_LINK.findall(html)
    )


def is_picture(content_type: str, name: str) -> bool:
    return content_type.startswith("image/") or PurePath(name).suffix.lower() in _PICTURE_SUFFIXES


def _read_message(
    mail: Message, names: tuple[str, ...], max_depth: int
) -> Iterator[EmailAttachment]:
    """Yield the attachments of one mail, which the mails ``names`` enclose."""
    if len(names) > max_depth:
        raise RefusedError("file-mail-deep", str(max_depth))
    if any(isinstance(defect, CloseBoundaryNotFoundDefect) for defect in mail.defects):
        # The mail was cut off: attachments may be missing.
        raise RefusedError("file-mail-damaged", "邮件不完整，后面的内容缺了")
    leaves = list(_iterate_leaves(mail))
    html_pages = [
        _decode_part_bytes(leaf) for leaf in leaves if leaf.get_content_type() == "text/html"
    ]
    cited_ids = find_cited_ids(b"\n".join(html_pages))
    # Excel and WPS save a workbook as a web page in MIME (MHTML, RFC 2557).
    is_page = "Content-Location" in mail or any("Content-Location" in leaf for leaf in leaves)
    if is_page and not any(_get_file_name(leaf) for leaf in leaves):
        raise RefusedError("file-html", "")
    for leaf in leaves:
        content_type = leaf.get_content_type()
        if content_type == _EXTERNAL_BODY_TYPE:
            yield EmailAttachment((*names, _get_file_name(leaf)), b"", code="file-mail-linked")
        elif leaf.get_content_maintype() == "message" and content_type not in _REPORT_TYPES:
            yield from _read_enclosed_mail(leaf, names, max_depth)
        elif _is_attachment(leaf, content_type, cited_ids):
            yield _make_attachment(leaf, names)
    yield from _find_unattached_files(leaves, names)


def _find_unattached_files(
    leaves: Sequence[Message], names: tuple[str, ...]
) -> Iterator[EmailAttachment]:
    """Yield files that are in the text of a mail, or that the text links to."""
    text_parts = [part for part in leaves if _is_text(part) and not _get_file_name(part)]
    for part in text_parts:
        yield from find_inline_files(_decode_part_bytes(part), names)
    if has_cloud_link(map(_decode_part_text, text_parts)):
        yield EmailAttachment((*names, CLOUD_ATTACHMENT_NAME), b"", code="file-mail-linked")


def find_inline_files(text: bytes, names: tuple[str, ...]) -> Iterator[EmailAttachment]:
    """Yield the files that the text of a mail contains in uuencode."""
    for name, data in find_uuencoded_files(text):
        attachment = EmailAttachment((*names, make_single_line(decode_text(name)).strip()), data)
        yield mark_encrypted(attachment) if is_encrypted(attachment) else attachment


def _make_attachment(part: Message, names: tuple[str, ...]) -> EmailAttachment:
    attachment = EmailAttachment(
        (*names, _get_file_name(part)),
        _decode_part_bytes(part),
        part.get_content_type(),
    )
    if is_encrypted(attachment):
        return mark_encrypted(attachment)
    # Some mail services attach a web page that links to the file.
    is_link = attachment.content_type == "text/html" and has_cloud_link([_decode_part_text(part)])
    return replace(attachment, code="file-mail-linked") if is_link else attachment


def _iterate_leaves(part: Message) -> Iterator[Message]:
    """Yield the parts of a mail that have no parts of their own, or are attached mails.

    Raises RefusedError where a boundary is damaged.
    """
    content_type = part.get_content_type()
    if part.get_content_maintype() == "message" or content_type in ENCRYPTED_TYPES:
        yield part
    elif part.is_multipart():
        for child in _list_subparts(part):
            yield from _iterate_leaves(child)
    else:
        yield part
    if part.get_content_maintype() == "multipart" and not part.is_multipart():
        raise RefusedError("file-mail-damaged", _STRUCTURE_DAMAGED)
    is_base64 = _get_transfer_encoding(part) == "base64" and not _get_file_name(part)
    if any(
        has_damaged_boundary(text, is_base64) or (_is_text(part) and has_embedded_workbook(text))
        for text in _iterate_loose_text(part)
    ):
        raise RefusedError("file-mail-damaged", _STRUCTURE_DAMAGED)


def _iterate_loose_text(part: Message) -> Iterator[str]:
    """Yield the texts in which no part of the mail may begin."""
    yield from filter(None, (part.preamble, part.epilogue))
    payload = part.get_payload()
    if isinstance(payload, str) and (_is_base64(part, payload) or not _get_file_name(part)):
        yield payload


def _is_attachment(part: Message, content_type: str, cited_ids: frozenset[str]) -> bool:
    """Return whether a part is an attachment, not the mail's text or a picture shown in it."""
    name = _get_file_name(part)
    if (
        content_type in _SKIPPED_TYPES
        or content_type in _REPORT_TYPES
        or _GENERATED_NAME.fullmatch(name)
    ):
        return False
    disposition = part.get_content_disposition()
    if _is_text(part):
        is_named = bool(name) or disposition == "attachment"
        return is_named or _decode_part_bytes(part).startswith(WORKBOOK_SIGNATURES)
    if is_picture(content_type, name) and not _decode_part_bytes(part).startswith(
        WORKBOOK_SIGNATURES
    ):
        content_id = str(part.get("Content-ID", "")).strip(" <>")
        return content_id not in cited_ids and (bool(name) or disposition == "attachment")
    return True


def _read_enclosed_mail(
    part: Message, names: tuple[str, ...], max_depth: int
) -> Iterator[EmailAttachment]:
    """Yield the attachments of an attached mail (message/rfc822)."""
    inner_mail = next(iter(_list_subparts(part)), None)
    if inner_mail is None:
        return
    if _get_transfer_encoding(part) == "base64" and not inner_mail.keys():
        # RFC 2046, section 5.2.1 forbids base64 here; some programs use it.
        decoded = decode_lenient_base64(str(inner_mail.get_payload()))
        if not is_mime(decoded):
            yield EmailAttachment(
                (*names, _get_file_name(part)),
                b"",
                code="file-mail-damaged",
                detail=_STRUCTURE_DAMAGED,
            )
        else:
            yield EmailAttachment((*names, _get_file_name(part)), decoded)
        return
    subject = decode_header_field(str(inner_mail.get("Subject", "")))[:_MAX_SUBJECT_LENGTH]
    inner_names = (*names, subject or _get_file_name(part) or UNTITLED_MAIL)
    yield from read_or_refuse(
        inner_names, partial(_read_message, inner_mail, inner_names, max_depth)
    )


def _is_text(part: Message) -> bool:
    return part.get_content_maintype() == "text"


def _decode_part_text(part: Message) -> str:
    return decode_text(_decode_part_bytes(part), part.get_content_charset() or "")


def _get_transfer_encoding(part: Message) -> str:
    return str(part.get("Content-Transfer-Encoding", "")).strip().lower()


def _list_subparts(part: Message) -> Sequence[Message]:
    payload = part.get_payload()
    return (
        [subpart for subpart in payload if isinstance(subpart, Message)]
        if isinstance(payload, list)
        else []
    )


def _is_base64(part: Message, text: str) -> bool:
    return _get_transfer_encoding(part) == "base64" or text.lstrip().startswith(
        WORKBOOK_BASE64_PREFIXES
    )


def _decode_part_bytes(part: Message) -> bytes:
    text = part.get_payload()
    if isinstance(text, str) and _is_base64(part, text):
        return decode_lenient_base64(text)
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else b""


def _get_file_name(part: Message) -> str:
    """Return the file name of a part; "" where it has none."""
    for field, key in (("content-disposition", "filename"), ("content-type", "name")):
        parameter = part.get_param(key, header=field)
        if isinstance(parameter, tuple):
            charset, _, text = parameter
            file_name = make_single_line(
                decode_text(text.encode("latin-1", "replace"), charset or "")
            )
        else:
            file_name = decode_header_field(parameter or "")
        if file_name.strip():
            return file_name.strip()
    return ""


def decode_header_field(text: str) -> str:
    """Return a header field with its encoded words (RFC 2047) decoded."""
    try:
        fragments = decode_header(text)
    except MessageError:
        fragments = [(text, None)]
    decoded_fragments = (
        fragment
        if isinstance(fragment, str)
        else decode_text(fragment, charset)
        if charset
        else fragment.decode("raw-unicode-escape", "replace")
        for fragment, charset in fragments
    )
    return " ".join(make_single_line("".join(decoded_fragments)).split())


# --- base64 (RFC 4648), also where it breaks the rules ---

_BASE64_ALPHABET = f"{ascii_letters}{digits}+/".encode()
_NON_BASE64_BYTES = bytes(byte for byte in range(256) if byte not in _BASE64_ALPHABET)
# Four characters encode three bytes; a single character left over encodes nothing.
_BASE64_GROUP = 4


def decode_lenient_base64(text: str) -> bytes:
    """Return the bytes of base64 text, even if it is cut off or lacks its padding.

    Padding ends the data: programs append footers after it.
    """
    body, _, _ = text.partition("=")
    symbols = body.encode("ascii", "ignore").translate(None, _NON_BASE64_BYTES)
    complete_symbols = symbols[:-1] if len(symbols) % _BASE64_GROUP == 1 else symbols
    return base64.b64decode(complete_symbols + b"=" * (-len(complete_symbols) % _BASE64_GROUP))


# --- uuencode (POSIX), which old programs write into the text of a mail ---

# The begin line, and the lines of data, each with its number of bytes in its first character.
# A begin line without such lines is ordinary text.
_UUENCODED_FILE = re.compile(
    rb"^begin [0-7]{3,4} ([^\r\n]+)\r?\n((?:[ -`]{1,90}(?:\r?\n|\Z))++)", re.MULTILINE
)
_LINE_LENGTH_MASK = 0x3F


def find_uuencoded_files(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and the bytes of each file, also of one that is cut off."""
    for match in _UUENCODED_FILE.finditer(text):
        lines = match[2].splitlines()
        yield match[1], b"".join(_decode_uuencoded_line(line) for line in lines)


def _decode_uuencoded_line(line: bytes) -> bytes:
    """Return the bytes of a line; programs append a checksum, or drop trailing blanks."""
    byte_count = (line[0] - ord(" ")) & _LINE_LENGTH_MASK
    line_length = 1 + -(-byte_count // 3) * 4
    try:
        return binascii.a2b_uu(line[:line_length])
    except binascii.Error:
        return b""


# --- damaged boundaries ---
#
# Where a boundary between two parts (RFC 2046, section 5.1.1) is damaged, the second part is
# text within the first and would be lost without notice. But text may also quote the header
# of a part, and programs append footers to base64.

# A header field of a part, and what proves that it is one: a boundary before it, a file name
# in it, or lines of base64 after it.
_PART_FIELD = re.compile(
    "^content-(type|disposition|transfer-encoding):", re.IGNORECASE | re.MULTILINE
)
_FIELD_AFTER_BOUNDARY = re.compile(
    r"^--[!-~]{1,80}[ \t]*\r?\n(?:[!-9;-~]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*){0,9}?"
    "content-(type|disposition|transfer-encoding):",
    re.IGNORECASE | re.MULTILINE,
)
_FIELD_WITH_NAME = re.compile(
    r"^content-(type|disposition):[^\r\n]*(\r?\n[ \t][^\r\n]*)*name[*\d]*=",
    re.IGNORECASE | re.MULTILINE,
)
_BASE64_LINE = re.compile(r"^[A-Za-z0-9+/]{50,}={0,2}[ \t]*\r?$", re.MULTILINE)
# The first line of a workbook in base64.
_WORKBOOK_BASE64 = re.compile(
    rf"^({'|'.join(WORKBOOK_BASE64_PREFIXES)})[A-Za-z0-9+/]{{40}}", re.MULTILINE
)
# All lines of base64 at the start of a text; what follows them is a footer.
_BASE64_LINES = re.compile(r"\s*(?:[A-Za-z0-9+/=]+[ \t]*(?:[\r\n]\s*|\Z))*+")


def has_damaged_boundary(text: str, is_base64: bool) -> bool:
    """Return whether a text contains what was a part of its own.

    In text that ``is_base64``, base64 lines after other text are also a sign of damage.
    """
    return _has_embedded_part(text) or (
        is_base64 and bool(_BASE64_LINE.search(text, _find_base64_end(text)))
    )


def has_embedded_workbook(text: str) -> bool:
    """Return whether a text contains a workbook in base64 without the header of its part.

    A text that begins with a workbook in base64 is that workbook.
    """
    stripped = text.lstrip()
    return not _WORKBOOK_BASE64.match(stripped) and bool(_WORKBOOK_BASE64.search(stripped))


def _has_embedded_part(text: str) -> bool:
    field = _PART_FIELD.search(text)
    return field is not None and bool(
        _FIELD_AFTER_BOUNDARY.search(text)
        or _FIELD_WITH_NAME.search(text)
        or _BASE64_LINE.search(text, field.end())
    )


def _find_base64_end(text: str) -> int:
    """Return the position after the lines of base64 at the start of a text."""
    match = _BASE64_LINES.match(text)
    return match.end() if match else 0
