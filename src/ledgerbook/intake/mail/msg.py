"""A mail as Outlook saves it (.msg) → what is attached to it.

An OLE container: a storage an attachment, a stream a property, named by its number and
type ([MS-OXMSG]). A mail attached to it is a storage of the same kind within.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ledgerbook.file_types import OLE_SIGNATURE, WORKBOOK_STREAMS, RefusedError, open_container
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
# Properties by number: long name, short name, what is shown.
_NAME_PROPERTIES = ("3707", "3704", "3001")
_MESSAGE_CLASS, _SUBJECT, _BODY, _MIME_TYPE, _CONTENT_ID, _DATA, _HTML = (
    *("001A", "0037", "1000", "370E"),
    *("3712", "3701", "1013"),
)
# A mail of this class is one that Outlook has not opened; how what is in it begins.
_SMIME_CLASS, _DER_START = "ipm.note.smime", b"0"
_HIDDEN_TAG, _METHOD_TAG = 0x7FFE000B, 0x37050003
# Methods by which only a place is kept; and where that place is written.
_LINK_METHODS, _LINK_PROPERTIES = (2, 3, 4, 7), ("370D", "3708")
# The facts of an attachment: a head, then records of 16 bytes.
_PROPERTIES_HEADER_SIZE, _PROPERTY_RECORD = 8, struct.Struct("<IIII")
# Where the facts of a mail say how many attachments it has.
_ATTACHMENT_COUNT = slice(20, 24)


def is_message(data: bytes) -> bool:
    """Whether an OLE container is a mail, and no workbook that has one in it."""
    if not data.startswith(OLE_SIGNATURE) or _PROPERTIES_SIGNATURE not in data:
        return False
    try:
        with open_container(data) as ole:
            return bool(ole.exists(_PROPERTIES_STREAM))
    except RefusedError:
        return False


def describe_damage(data: bytes) -> str:
    """Say what is wrong with a container that is called a mail, and is none."""
    try:
        open_container(data).close()
    except RefusedError:
        return "邮件不完整，后面的内容缺了"
    return "里面的内容不是邮件"


def read_attachments(data: bytes, max_depth: int) -> Iterator[EmailAttachment]:
    """Yield what is attached, also to mails within, by name. Raises RefusedError."""
    with open_container(data) as ole:
        try:
            attachments = list(_read_checked(ole, len(data), max_depth))
        except (RefusedError, MemoryError):
            raise
        except Exception as error:
            # olefile raises whatever it stumbles over in a damaged container.
            raise RefusedError("file-mail-damaged", "邮件的结构不完整") from error
    yield from attachments


def _read_checked(ole: OleFileIO, size: int, max_depth: int) -> Iterator[EmailAttachment]:
    # Streams that share their sectors would be a bomb.
    if sum(ole.get_size(path) for path in ole.listdir()) > size:
        raise RefusedError("file-suspect", "解开后过大")
    yield from _read_message(ole, (), (), max_depth)


def _read_message(
    ole: OleFileIO, storage: StoragePath, names: StoragePath, max_depth: int
) -> Iterator[EmailAttachment]:
    if len(names) > max_depth:
        raise RefusedError("file-mail-deep", str(max_depth))
    html_bytes, html_text = (
        _read_property(ole, storage, f"{_HTML}0102"),
        _read_text(ole, storage, _HTML),
    )
    cited_ids = find_cited_ids(html_bytes) | find_cited_ids(html_text.encode(errors="replace"))
    attachment_storages = _list_attachment_storages(ole, storage)
    if len(attachment_storages) < int.from_bytes(
        _read_properties(ole, storage)[_ATTACHMENT_COUNT], "little"
    ):
        raise RefusedError("file-mail-damaged", "邮件的结构不完整")
    for attachment_storage in attachment_storages:
        name = next(
            filter(
                None,
                (
                    _read_text(ole, attachment_storage, property_number)
                    for property_number in _NAME_PROPERTIES
                ),
            ),
            "",
        )
        content_type = _read_text(ole, attachment_storage, _MIME_TYPE)
        data_storage = (*attachment_storage, f"{_PROPERTY_PREFIX}{_DATA}000D")
        if ole.exists("/".join((*data_storage, _PROPERTIES_STREAM))):
            subject = _read_text(ole, data_storage, _SUBJECT) or name
            inner_names = (*names, subject)
            read_inner = partial(_read_message, ole, data_storage, inner_names, max_depth)
            yield from read_or_refuse(inner_names, read_inner)
        elif not (
            is_picture(content_type, name) and _is_shown_in_text(ole, attachment_storage, cited_ids)
        ):
            part = _read_attachment(
                ole,
                attachment_storage,
                EmailAttachment((*names, name), b"", content_type),
            )
            yield _mark_if_encrypted(part, _read_text(ole, storage, _MESSAGE_CLASS))
    body_text = _read_text(ole, storage, _BODY)
    yield from find_inline_files(body_text.encode("gb18030", "replace"), names)
    if has_cloud_link([decode_text(html_bytes), html_text, body_text]):
        yield EmailAttachment((*names, CLOUD_ATTACHMENT_NAME), b"", code="file-mail-linked")


def _read_attachment(
    ole: OleFileIO, storage: StoragePath, attachment: EmailAttachment
) -> EmailAttachment:
    """Return an attachment with its data, or with why it has none."""
    if data := _read_property(ole, storage, f"{_DATA}0102"):
        return replace(attachment, data=data)
    data_storage = (*storage, f"{_PROPERTY_PREFIX}{_DATA}000D")
    if ole.exists("/".join(data_storage)):
        data = extract_workbook(ole, data_storage)
        return replace(attachment, data=data, code="" if data else "file-mail-embedded")
    is_linked = _read_number_property(ole, storage, _METHOD_TAG) in _LINK_METHODS or any(
        _read_text(ole, storage, property_number) for property_number in _LINK_PROPERTIES
    )
    return replace(attachment, code="file-mail-linked") if is_linked else attachment


def _mark_if_encrypted(part: EmailAttachment, message_class: str) -> EmailAttachment:
    """Tell what is encrypted; what is only signed holds a mail that can be read."""
    is_smime = message_class.lower().startswith(_SMIME_CLASS) and part.data.startswith(_DER_START)
    is_unreadable = (is_smime or is_encrypted(part)) and not is_mime(part.data)
    return mark_encrypted(part) if is_unreadable else part


def _is_shown_in_text(ole: OleFileIO, storage: StoragePath, cited_ids: frozenset[str]) -> bool:
    """Whether an attachment is shown within the text of the mail."""
    return (
        bool(_read_number_property(ole, storage, _HIDDEN_TAG) & 1)
        or _read_text(ole, storage, _CONTENT_ID).strip("<>") in cited_ids
    )


def _list_attachment_storages(ole: OleFileIO, storage: StoragePath) -> list[StoragePath]:
    """List the storages of attachments, in order, that stand right in ``storage``."""
    paths = [tuple(path) for path in ole.listdir(streams=False, storages=True)]
    return sorted(
        path for path in paths if path[:-1] == storage and path[-1].startswith(_ATTACHMENT_PREFIX)
    )


def _read_text(ole: OleFileIO, storage: StoragePath, property_number: str) -> str:
    utf16_bytes = _read_property(ole, storage, f"{property_number}001F")
    text = utf16_bytes.decode("utf-16-le", "replace") or decode_text(
        _read_property(ole, storage, f"{property_number}001E")
    )
    return text.rstrip("\0")


def _read_property(ole: OleFileIO, storage: StoragePath, property_number: str) -> bytes:
    stream_name = "/".join((*storage, _PROPERTY_PREFIX + property_number))
    return bytes(ole.openstream(stream_name).read()) if ole.exists(stream_name) else b""


def _read_properties(ole: OleFileIO, storage: StoragePath) -> bytes:
    stream_name = "/".join((*storage, _PROPERTIES_STREAM))
    return bytes(ole.openstream(stream_name).read()) if ole.exists(stream_name) else b""


def _read_number_property(ole: OleFileIO, storage: StoragePath, property_tag: int) -> int:
    """Return a fact of an attachment that is a number; 0 where it is not told."""
    properties = _read_properties(ole, storage)[_PROPERTIES_HEADER_SIZE:]
    complete_records = properties[
        : len(properties) // _PROPERTY_RECORD.size * _PROPERTY_RECORD.size
    ]
    records = _PROPERTY_RECORD.iter_unpack(complete_records)
    return int(next((value for tag, _, value, _ in records if tag == property_tag), 0))


# A workbook embedded in the text of an Outlook mail → the file that it would be.
#
# There it is a storage of the mail's own container: a new workbook is a stream in it,
# an old one is the storage itself, and stands here in a container of its own
# ([MS-CFB]).

# Streams that are a whole file; only what may be a workbook is taken out of them.
_FILE_STREAMS = ("Package", "CONTENTS")
_WORKBOOK_SIGNATURES = (b"PK\x03\x04", OLE_SIGNATURE)

# Sectors of the newer size: then the head has room for all of the table.
_SECTOR_SIZE, _ENTRY_SIZE = 4096, 128
_FREE_SECTOR, _END_OF_CHAIN, _FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_HEADER_FAT_ENTRIES = 109

_STREAM_OBJECT, _ROOT_OBJECT = 2, 5


def extract_workbook(ole: OleFileIO, storage: tuple[str, ...]) -> bytes:
    """Return the workbook that the storage ``storage`` is; nothing where it is none."""
    stream_paths = {
        path[-1]: "/".join(path)
        for path in ole.listdir()
        if tuple(path[:-1]) == storage and len(path) > len(storage)
    }
    for name in _FILE_STREAMS:
        if name in stream_paths and (data := _read_stream(ole, stream_paths[name])).startswith(
            _WORKBOOK_SIGNATURES
        ):
            return data
    if any(name in stream_paths for name in WORKBOOK_STREAMS):
        return _build_container(
            {name: _read_stream(ole, path) for name, path in stream_paths.items()}
        )
    return b""


def _read_stream(ole: OleFileIO, path: str) -> bytes:
    return bytes(ole.openstream(path).read())


def _build_container(streams: Mapping[str, bytes]) -> bytes:
    """Return a container of these streams, all in sectors of the full size."""
    body = bytearray()
    fat: list[int] = []
    entries = [
        _pack_directory_entry("Root Entry", _ROOT_OBJECT, _FREE_SECTOR, 1, (_END_OF_CHAIN, 0))
    ]
    # Each to the right of the one before, in the order that the format asks for.
    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    for number, name in enumerate(names, 1):
        right_sibling = number + 1 if number < len(names) else _FREE_SECTOR
        first_sector = _append_chain(body, fat, streams[name])
        location = (first_sector, len(streams[name]))
        entries.append(
            _pack_directory_entry(name, _STREAM_OBJECT, right_sibling, _FREE_SECTOR, location)
        )
    directory_sector = _append_chain(body, fat, b"".join(entries))
    fat_sector_count = _count_fat_sectors(len(fat))
    fat_sectors = range(len(fat), len(fat) + fat_sector_count)
    fat += [_FAT_SECTOR] * fat_sector_count
    fat += [_FREE_SECTOR] * (fat_sector_count * _SECTOR_SIZE // 4 - len(fat))
    body += struct.pack(f"<{len(fat)}I", *fat)
    return _pack_header(directory_sector, fat_sectors) + bytes(body)


def _append_chain(body: bytearray, fat: list[int], data: bytes) -> int:
    """Append ``data`` in sectors; return the number of the first."""
    sector_count = -(-len(data) // _SECTOR_SIZE)
    if not sector_count:
        return _END_OF_CHAIN
    first_sector = len(fat)
    body += data.ljust(sector_count * _SECTOR_SIZE, b"\0")
    fat += [*range(first_sector + 1, first_sector + sector_count), _END_OF_CHAIN]
    return first_sector


def _count_fat_sectors(sector_count: int) -> int:
    """Return how many sectors the table takes, which has itself in it as well."""
    fat_sector_count = 1
    while fat_sector_count * _SECTOR_SIZE // 4 < sector_count + fat_sector_count:
        fat_sector_count += 1
    return fat_sector_count


def _pack_directory_entry(
    name: str,
    object_type: int,
    right_sibling: int,
    child: int,
    location: tuple[int, int],
) -> bytes:
    encoded_name = name.encode("utf-16-le") + b"\0\0"
    links = (object_type, 1, _FREE_SECTOR, right_sibling, child)
    return struct.pack("<64sHBBIII36xIQ", encoded_name, len(encoded_name), *links, *location)


def _pack_header(directory_sector: int, fat_sectors: Sequence[int]) -> bytes:
    # No stream is so small that it would be kept elsewhere.
    mini_stream_cutoff = 0
    fields = (
        len(fat_sectors),
        directory_sector,
        0,
        mini_stream_cutoff,
        _END_OF_CHAIN,
        0,
        _END_OF_CHAIN,
        0,
    )
    fat_entries = [
        *fat_sectors,
        *[_FREE_SECTOR] * (_HEADER_FAT_ENTRIES - len(fat_sectors)),
    ]
    header = struct.pack(
        "<8s16xHHHHH6xI8I109I",
        *(OLE_SIGNATURE, 0x3E, 4, 0xFFFE, 12, 6, 1),
        *fields,
        *fat_entries,
    )
    return header.ljust(_SECTOR_SIZE, b"\0")
