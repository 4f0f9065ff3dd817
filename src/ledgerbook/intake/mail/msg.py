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

from ledgerbook.file_types import SIGNATURE, STREAMS, RefusedError, container
from ledgerbook.intake.mail.attachment import (
    EmailAttachment,
    is_locked,
    locked,
    sound_or_refused,
)
from ledgerbook.intake.mail.cloud_links import linked
from ledgerbook.intake.mail.detection import is_mime
from ledgerbook.intake.mail.mime import LINKED, cited, is_picture, readable, written_in

if TYPE_CHECKING:
    from olefile import OleFileIO


Trail = tuple[str, ...]

_FACTS = "__properties_version1.0"
_MARK = _FACTS.encode("utf-16-le")
_ATTACHMENT = "__attach_version1.0_"
_STREAM = "__substg1.0_"
# Properties by number: long name, short name, what is shown.
_NAMES = ("3707", "3704", "3001")
_CLASS, _SUBJECT, _BODY, _MIME, _CONTENT_ID, _DATA, _HTML = (
    *("001A", "0037", "1000", "370E"),
    *("3712", "3701", "1013"),
)
# A mail of this class is one that Outlook has not opened; how what is in it begins.
_SEALED, _DER = "ipm.note.smime", b"0"
_HIDDEN, _METHOD = 0x7FFE000B, 0x37050003
# Methods by which only a place is kept; and where that place is written.
_LINKS, _PLACES = (2, 3, 4, 7), ("370D", "3708")
# The facts of an attachment: a head, then records of 16 bytes.
_HEAD, _RECORD = 8, struct.Struct("<IIII")
# Where the facts of a mail say how many attachments it has.
_COUNT = slice(20, 24)


def is_message(data: bytes) -> bool:
    """Whether an OLE container is a mail, and no workbook that has one in it."""
    if not data.startswith(SIGNATURE) or _MARK not in data:
        return False
    try:
        with container(data) as ole:
            return bool(ole.exists(_FACTS))
    except RefusedError:
        return False


def fault(data: bytes) -> str:
    """Say what is wrong with a container that is called a mail, and is none."""
    try:
        container(data).close()
    except RefusedError:
        return "邮件不完整，后面的内容缺了"
    return "里面的内容不是邮件"


def attached(data: bytes, deepest: int) -> Iterator[EmailAttachment]:
    """Yield what is attached, also to mails within, by name. Raises RefusedError."""
    with container(data) as ole:
        try:
            found = list(_checked(ole, len(data), deepest))
        except (RefusedError, MemoryError):
            raise
        except Exception as error:
            # olefile raises whatever it stumbles over in a damaged container.
            raise RefusedError("file-mail-damaged", "邮件的结构不完整") from error
    yield from found


def _checked(ole: OleFileIO, size: int, deepest: int) -> Iterator[EmailAttachment]:
    # Streams that share their sectors would be a bomb.
    if sum(ole.get_size(path) for path in ole.listdir()) > size:
        raise RefusedError("file-suspect", "解开后过大")
    yield from _attached(ole, (), (), deepest)


def _attached(
    ole: OleFileIO, at: Trail, names: Trail, deepest: int
) -> Iterator[EmailAttachment]:
    if len(names) > deepest:
        raise RefusedError("file-mail-deep", str(deepest))
    page, text = _bytes(ole, at, f"{_HTML}0102"), _text(ole, at, _HTML)
    shown = cited(page) | cited(text.encode(errors="replace"))
    storages = _storages(ole, at)
    if len(storages) < int.from_bytes(_facts(ole, at)[_COUNT], "little"):
        raise RefusedError("file-mail-damaged", "邮件的结构不完整")
    for one in storages:
        name = next(filter(None, (_text(ole, one, number) for number in _NAMES)), "")
        kind = _text(ole, one, _MIME)
        body = (*one, f"{_STREAM}{_DATA}000D")
        if ole.exists("/".join((*body, _FACTS))):
            subject = _text(ole, body, _SUBJECT) or name
            below = (*names, subject)
            inner = partial(_attached, ole, body, below, deepest)
            yield from sound_or_refused(below, inner)
        elif not (is_picture(kind, name) and _in_text(ole, one, shown)):
            part = _part(ole, one, EmailAttachment((*names, name), b"", kind))
            yield _unsealed(part, _text(ole, at, _CLASS))
    words = _text(ole, at, _BODY)
    yield from written_in(words.encode("gb18030", "replace"), names)
    if linked([readable(page), text, words]):
        yield EmailAttachment((*names, LINKED), b"", code="file-mail-linked")


def _part(ole: OleFileIO, at: Trail, bare: EmailAttachment) -> EmailAttachment:
    """Return an attachment with its data, or with why it has none."""
    if data := _bytes(ole, at, f"{_DATA}0102"):
        return replace(bare, data=data)
    storage = (*at, f"{_STREAM}{_DATA}000D")
    if ole.exists("/".join(storage)):
        data = workbook(ole, storage)
        return replace(bare, data=data, code="" if data else "file-mail-embedded")
    elsewhere = _fact(ole, at, _METHOD) in _LINKS or any(
        _text(ole, at, number) for number in _PLACES
    )
    return replace(bare, code="file-mail-linked") if elsewhere else bare


def _unsealed(part: EmailAttachment, told: str) -> EmailAttachment:
    """Tell what is encrypted; what is only signed holds a mail that can be read."""
    sealed = told.lower().startswith(_SEALED) and part.data.startswith(_DER)
    shut = (sealed or is_locked(part)) and not is_mime(part.data)
    return locked(part) if shut else part


def _in_text(ole: OleFileIO, at: Trail, shown: frozenset[str]) -> bool:
    """Whether an attachment is shown within the text of the mail."""
    return (
        bool(_fact(ole, at, _HIDDEN) & 1)
        or _text(ole, at, _CONTENT_ID).strip("<>") in shown
    )


def _storages(ole: OleFileIO, at: Trail) -> list[Trail]:
    """List the storages of attachments, in order, that stand right in ``at``."""
    found = [tuple(path) for path in ole.listdir(streams=False, storages=True)]
    return sorted(
        path for path in found if path[:-1] == at and path[-1].startswith(_ATTACHMENT)
    )


def _text(ole: OleFileIO, at: Trail, number: str) -> str:
    wide = _bytes(ole, at, f"{number}001F")
    plain = wide.decode("utf-16-le", "replace") or readable(
        _bytes(ole, at, f"{number}001E")
    )
    return plain.rstrip("\0")


def _bytes(ole: OleFileIO, at: Trail, number: str) -> bytes:
    name = "/".join((*at, _STREAM + number))
    return bytes(ole.openstream(name).read()) if ole.exists(name) else b""


def _facts(ole: OleFileIO, at: Trail) -> bytes:
    name = "/".join((*at, _FACTS))
    return bytes(ole.openstream(name).read()) if ole.exists(name) else b""


def _fact(ole: OleFileIO, at: Trail, number: int) -> int:
    """Return a fact of an attachment that is a number; 0 where it is not told."""
    facts = _facts(ole, at)[_HEAD:]
    whole = facts[: len(facts) // _RECORD.size * _RECORD.size]
    records = _RECORD.iter_unpack(whole)
    return int(next((value for tag, _, value, _ in records if tag == number), 0))


# A workbook embedded in the text of an Outlook mail → the file that it would be.
#
# There it is a storage of the mail's own container: a new workbook is a stream in it,
# an old one is the storage itself, and stands here in a container of its own
# ([MS-CFB]).

# Streams that are a whole file; only what may be a workbook is taken out of them.
_WHOLE = ("Package", "CONTENTS")
_FILES = (b"PK\x03\x04", SIGNATURE)

# Sectors of the newer size: then the head has room for all of the table.
_SECTOR, _ENTRY = 4096, 128
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_IN_HEAD = 109

_WORKBOOK_STREAM, _ROOT = 2, 5


def workbook(ole: OleFileIO, at: tuple[str, ...]) -> bytes:
    """Return the workbook that the storage ``at`` is; nothing where it is none."""
    held = {
        path[-1]: "/".join(path)
        for path in ole.listdir()
        if tuple(path[:-1]) == at and len(path) > len(at)
    }
    for name in _WHOLE:
        if name in held and (data := _read(ole, held[name])).startswith(_FILES):
            return data
    if any(name in held for name in STREAMS):
        return _container({name: _read(ole, path) for name, path in held.items()})
    return b""


def _read(ole: OleFileIO, path: str) -> bytes:
    return bytes(ole.openstream(path).read())


def _container(streams: Mapping[str, bytes]) -> bytes:
    """Return a container of these streams, all in sectors of the full size."""
    body = bytearray()
    table: list[int] = []
    entries = [_entry("Root Entry", _ROOT, _FREE, 1, (_END, 0))]
    # Each to the right of the one before, in the order that the format asks for.
    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    for number, name in enumerate(names, 1):
        after = number + 1 if number < len(names) else _FREE
        start = _chain(body, table, streams[name])
        sized = (start, len(streams[name]))
        entries.append(_entry(name, _WORKBOOK_STREAM, after, _FREE, sized))
    directory = _chain(body, table, b"".join(entries))
    count = _tables(len(table))
    at = range(len(table), len(table) + count)
    table += [_TABLE] * count
    table += [_FREE] * (count * _SECTOR // 4 - len(table))
    body += struct.pack(f"<{len(table)}I", *table)
    return _head(directory, at) + bytes(body)


def _chain(body: bytearray, table: list[int], data: bytes) -> int:
    """Append ``data`` in sectors; return the number of the first."""
    count = -(-len(data) // _SECTOR)
    if not count:
        return _END
    first = len(table)
    body += data.ljust(count * _SECTOR, b"\0")
    table += [*range(first + 1, first + count), _END]
    return first


def _tables(sectors: int) -> int:
    """Return how many sectors the table takes, which has itself in it as well."""
    count = 1
    while count * _SECTOR // 4 < sectors + count:
        count += 1
    return count


def _entry(
    name: str, kind: int, right: int, child: int, sized: tuple[int, int]
) -> bytes:
    told = name.encode("utf-16-le") + b"\0\0"
    links = (kind, 1, _FREE, right, child)
    return struct.pack("<64sHBBIII36xIQ", told, len(told), *links, *sized)


def _head(directory: int, tables: Sequence[int]) -> bytes:
    # No stream is so small that it would be kept elsewhere.
    smallest = 0
    facts = (len(tables), directory, 0, smallest, _END, 0, _END, 0)
    listed = [*tables, *[_FREE] * (_IN_HEAD - len(tables))]
    head = struct.pack(
        "<8s16xHHHHH6xI8I109I",
        *(SIGNATURE, 0x3E, 4, 0xFFFE, 12, 6, 1),
        *facts,
        *listed,
    )
    return head.ljust(_SECTOR, b"\0")
