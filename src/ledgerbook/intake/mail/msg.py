"""Read the attachments of a mail that Outlook saved (.msg).

A .msg file is a compound file (OLE container, [MS-CFB]) laid out by [MS-OXMSG]: every
attachment is a storage, every property a stream that is named by the property's number and
type. A mail attached to the mail is a storage with the same layout. The numbers are those
of [MS-OXPROPS].
https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxmsg/
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ledgerbook.faults import is_raised_by_program
from ledgerbook.file_types import (
    OLE_SIGNATURE,
    WORKBOOK_SIGNATURES,
    WORKBOOK_STREAMS,
    RefusedError,
    open_ole,
)
from ledgerbook.intake.mail.attachment import (
    EmailAttachment,
    is_encrypted,
    mark_encrypted,
    read_or_refuse,
)
from ledgerbook.intake.mail.cloud_links import has_cloud_link
from ledgerbook.intake.mail.mail_detection import is_mime
from ledgerbook.intake.mail.mime import (
    CLOUD_ATTACHMENT_NAME,
    decode_text,
    find_cited_ids,
    find_inline_files,
    is_picture,
)

if TYPE_CHECKING:
    from olefile import OleFileIO


StoragePath = tuple[str, ...]

_PROPERTIES_STREAM = "__properties_version1.0"
_PROPERTIES_SIGNATURE = _PROPERTIES_STREAM.encode("utf-16-le")
_ATTACHMENT_PREFIX = "__attach_version1.0_"
_PROPERTY_PREFIX = "__substg1.0_"
# Property types at the end of a stream's name.
_STRING8_TYPE, _UNICODE_TYPE, _BINARY_TYPE, _OBJECT_TYPE = "001E", "001F", "0102", "000D"
# Numbers of properties. An attachment's name: long file name, 8.3 name, display name.
_NAME_PROPERTIES = ("3707", "3704", "3001")
_MESSAGE_CLASS, _SUBJECT, _BODY, _HTML = "001A", "0037", "1000", "1013"
_MIME_TYPE, _CONTENT_ID, _DATA = "370E", "3712", "3701"
# PidTagAttachmentHidden and PidTagAttachMethod, each with its type.
_HIDDEN_TAG, _METHOD_TAG = 0x7FFE000B, 0x37050003
# Attach methods that store only a path or an address, and the properties that hold it.
_LINK_METHODS, _LINK_PROPERTIES = (2, 3, 4, 7), ("370D", "3708")
# A signed or encrypted mail that Outlook has not opened; its content is DER (ITU-T X.690).
_SMIME_CLASS, _DER_START = "ipm.note.smime", b"0"
# The properties stream of an attachment: a header, then records of 16 bytes (2.4).
_PROPERTIES_HEADER_SIZE, _PROPERTY_RECORD = 8, struct.Struct("<IIII")
# The number of attachments in the header of a mail's properties stream.
_ATTACHMENT_COUNT = slice(20, 24)
# Streams of an embedded object that are a complete file.
_FILE_STREAMS = ("Package", "CONTENTS")
# Offsets in the header and in a directory entry of a compound file ([MS-CFB] 2.2, 2.6.1).
_SECTOR_SHIFT_OFFSET, _DIRECTORY_SECTOR_OFFSET, _CHILD_OFFSET = 30, 48, 76
_NUMBER_SIZE = 4
# Each embedded .xls is passed on in a copy of the whole container.
_MAX_TOTAL_BYTES = 2**28


def is_message(data: bytes) -> bool:
    """Return whether an OLE container is a mail, and not a workbook that contains one."""
    if not data.startswith(OLE_SIGNATURE) or _PROPERTIES_SIGNATURE not in data:
        return False
    try:
        with open_ole(data) as ole:
            return bool(ole.exists(_PROPERTIES_STREAM))
    except RefusedError:
        return False


def describe_damage(data: bytes) -> str:
    """Return, in Chinese, why a container with the name of a mail is not a mail."""
    try:
        open_ole(data).close()
    except RefusedError:
        return "邮件不完整，后面的内容缺了"
    return "里面的内容不是邮件"


def read_attachments(data: bytes, max_depth: int) -> Iterator[EmailAttachment]:
    """Yield the attachments, also those of attached mails. Raises RefusedError."""
    with open_ole(data) as ole:
        try:
            attachments = _read_within_limits(ole, len(data), max_depth)
        except (RefusedError, MemoryError):
            raise
        except Exception as error:
            if is_raised_by_program(error):
                raise
            # olefile raises errors of any kind on a damaged container.
            raise RefusedError("file-mail-damaged", "邮件的结构不完整") from error
    yield from attachments


def _read_within_limits(ole: OleFileIO, size: int, max_depth: int) -> list[EmailAttachment]:
    # Streams that share sectors would multiply the size of the file.
    if sum(ole.get_size(path) for path in ole.listdir()) > size:
        raise RefusedError("file-suspect", "解开后过大")
    attachments: list[EmailAttachment] = []
    total = 0
    for attachment in _read_message(ole, (), (), max_depth):
        total += len(attachment.data)
        if total > _MAX_TOTAL_BYTES:
            raise RefusedError("file-suspect", "解开后过大")
        attachments.append(attachment)
    return attachments


def _read_message(
    ole: OleFileIO, storage: StoragePath, names: StoragePath, max_depth: int
) -> Iterator[EmailAttachment]:
    """Yield the attachments of the mail at ``storage``, which the mails ``names`` enclose."""
    if len(names) > max_depth:
        raise RefusedError("file-mail-deep", str(max_depth))
    html_bytes = _read_property(ole, storage, _HTML, _BINARY_TYPE)
    html_text = _read_text(ole, storage, _HTML)
    cited_ids = find_cited_ids(html_bytes) | find_cited_ids(html_text.encode(errors="replace"))
    attachment_storages = _list_attachment_storages(ole, storage)
    properties = _read_stream(ole, (*storage, _PROPERTIES_STREAM))
    if len(attachment_storages) < int.from_bytes(properties[_ATTACHMENT_COUNT], "little"):
        raise RefusedError("file-mail-damaged", "邮件的结构不完整")
    for attachment_storage in attachment_storages:
        property_texts = (_read_text(ole, attachment_storage, n) for n in _NAME_PROPERTIES)
        name = next(filter(None, property_texts), "")
        content_type = _read_text(ole, attachment_storage, _MIME_TYPE)
        object_storage = _get_object_storage(attachment_storage)
        if _is_stream(ole, (*object_storage, _PROPERTIES_STREAM)):
            subject = _read_text(ole, object_storage, _SUBJECT) or name
            inner_names = (*names, subject)
            read_inner = partial(_read_message, ole, object_storage, inner_names, max_depth)
            yield from read_or_refuse(inner_names, read_inner)
        elif not (
            is_picture(content_type, name) and _is_shown_in_text(ole, attachment_storage, cited_ids)
        ):
            attachment = EmailAttachment((*names, name), b"", content_type)
            attachment = _read_attachment(ole, attachment_storage, attachment)
            yield _mark_if_encrypted(attachment, _read_text(ole, storage, _MESSAGE_CLASS))
    body_text = _read_text(ole, storage, _BODY)
    yield from find_inline_files(body_text.encode("gb18030", "replace"), names)
    if has_cloud_link([decode_text(html_bytes), html_text, body_text]):
        yield EmailAttachment((*names, CLOUD_ATTACHMENT_NAME), b"", code="file-mail-linked")


def _read_attachment(
    ole: OleFileIO, storage: StoragePath, attachment: EmailAttachment
) -> EmailAttachment:
    """Return ``attachment`` with its data, or with the problem code that explains its lack."""
    if data := _read_property(ole, storage, _DATA, _BINARY_TYPE):
        return replace(attachment, data=data)
    object_storage = _get_object_storage(storage)
    if ole.exists("/".join(object_storage)):
        data = _extract_embedded_workbook(ole, object_storage)
        return replace(attachment, data=data, code="" if data else "file-mail-embedded")
    is_linked = _read_number_property(ole, storage, _METHOD_TAG) in _LINK_METHODS or any(
        _read_text(ole, storage, property_number) for property_number in _LINK_PROPERTIES
    )
    return replace(attachment, code="file-mail-linked") if is_linked else attachment


def _extract_embedded_workbook(ole: OleFileIO, storage: StoragePath) -> bytes:
    """Return the workbook that is embedded in the text of the mail; b"" where it is none.

    Such an object is a storage ([MS-OXMSG] 2.2.2.2): an .xlsx is one stream in it, an .xls
    is the storage itself.
    """
    for name in _FILE_STREAMS:
        stream = _read_stream(ole, (*storage, name))
        if stream.startswith(WORKBOOK_SIGNATURES):
            return stream
    is_xls = any(_is_stream(ole, (*storage, name)) for name in WORKBOOK_STREAMS)
    return _change_root(ole, storage) if is_xls else b""


def _change_root(ole: OleFileIO, storage: StoragePath) -> bytes:
    """Return the container with the contents of ``storage`` as those of its root.

    Only the root's reference to its first child is changed: the reader of .xls files looks
    for the workbook's streams and its properties in the root.
    """
    entry = ole.root
    for name in storage:
        entry = entry.kids_dict[name.lower()]
    data = bytearray(ole.fp.getvalue())
    (sector_shift,) = struct.unpack_from("<H", data, _SECTOR_SHIFT_OFFSET)
    (directory_sector,) = struct.unpack_from("<I", data, _DIRECTORY_SECTOR_OFFSET)
    root_offset = (directory_sector + 1) << sector_shift
    if root_offset + _CHILD_OFFSET + _NUMBER_SIZE > len(data):
        raise RefusedError("file-mail-damaged", "邮件的结构不完整")
    struct.pack_into("<I", data, root_offset + _CHILD_OFFSET, entry.sid_child)
    return bytes(data)


def _mark_if_encrypted(attachment: EmailAttachment, message_class: str) -> EmailAttachment:
    """Return ``attachment`` marked if it is encrypted, and not just signed."""
    is_smime = message_class.lower().startswith(_SMIME_CLASS) and attachment.data.startswith(
        _DER_START
    )
    is_unreadable = (is_smime or is_encrypted(attachment)) and not is_mime(attachment.data)
    return mark_encrypted(attachment) if is_unreadable else attachment


def _is_shown_in_text(ole: OleFileIO, storage: StoragePath, cited_ids: frozenset[str]) -> bool:
    """Return whether an attachment is shown within the text of the mail."""
    return (
        bool(_read_number_property(ole, storage, _HIDDEN_TAG) & 1)
        or _read_text(ole, storage, _CONTENT_ID).strip("<>") in cited_ids
    )


def _list_attachment_storages(ole: OleFileIO, storage: StoragePath) -> list[StoragePath]:
    """List the storages of the attachments directly below ``storage``, in order."""
    paths = [tuple(path) for path in ole.listdir(streams=False, storages=True)]
    return sorted(
        path for path in paths if path[:-1] == storage and path[-1].startswith(_ATTACHMENT_PREFIX)
    )


def _get_object_storage(attachment_storage: StoragePath) -> StoragePath:
    """Return where an attachment stores a mail or an object instead of plain data."""
    return (*attachment_storage, f"{_PROPERTY_PREFIX}{_DATA}{_OBJECT_TYPE}")


def _read_text(ole: OleFileIO, storage: StoragePath, property_number: str) -> str:
    utf16_bytes = _read_property(ole, storage, property_number, _UNICODE_TYPE)
    text = utf16_bytes.decode("utf-16-le", "replace") or decode_text(
        _read_property(ole, storage, property_number, _STRING8_TYPE)
    )
    return text.rstrip("\0")


def _read_property(
    ole: OleFileIO, storage: StoragePath, property_number: str, property_type: str
) -> bytes:
    return _read_stream(ole, (*storage, _PROPERTY_PREFIX + property_number + property_type))


def _read_number_property(ole: OleFileIO, storage: StoragePath, property_tag: int) -> int:
    """Return an attachment's property that is a number; 0 where it is missing."""
    stream = _read_stream(ole, (*storage, _PROPERTIES_STREAM))
    records_size = max(len(stream) - _PROPERTIES_HEADER_SIZE, 0)
    records_end = len(stream) - records_size % _PROPERTY_RECORD.size
    records = _PROPERTY_RECORD.iter_unpack(stream[_PROPERTIES_HEADER_SIZE:records_end])
    return int(next((value for tag, _, value, _ in records if tag == property_tag), 0))


def _read_stream(ole: OleFileIO, path: StoragePath) -> bytes:
    """Return the stream at ``path``; b"" where there is none."""
    return bytes(ole.openstream("/".join(path)).read()) if _is_stream(ole, path) else b""


def _is_stream(ole: OleFileIO, path: StoragePath) -> bool:
    from olefile import STGTY_STREAM

    return bool(ole.get_type("/".join(path)) == STGTY_STREAM)
