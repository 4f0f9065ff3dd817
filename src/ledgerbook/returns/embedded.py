"""A workbook embedded in the text of an Outlook mail → the file that it would be.

There it is a storage of the mail's own container: a new workbook is a stream in it, an
old one is the storage itself, and stands here in a container of its own ([MS-CFB]).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ledgerbook.returns.biff import SIGNATURE, STREAMS

if TYPE_CHECKING:
    from olefile import OleFileIO

# Streams that are a whole file; only what may be a workbook is taken out of them.
_WHOLE = ("Package", "CONTENTS")
_FILES = (b"PK\x03\x04", SIGNATURE)

# Sectors of the newer size: then the head has room for all of the table.
_SECTOR, _ENTRY = 4096, 128
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_IN_HEAD = 109
_STREAM, _ROOT = 2, 5


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
        entries.append(_entry(name, _STREAM, after, _FREE, sized))
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
