"""A small writer of OLE containers, and of mails as Outlook saves them (.msg)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

SECTOR, MINI, CUTOFF = 512, 64, 4096
FREE, END, FAT_SECTOR, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
STORAGE, STREAM, ROOT = 1, 2, 5

# A storage maps names to streams (bytes) and to storages.
Tree = Mapping[str, Any]


def container(tree: Tree) -> bytes:
    """Return the bytes of an OLE container (version 3) that holds ``tree``."""
    entries: list[list[Any]] = [["Root Entry", ROOT, NONE, NONE, b""]]
    _enter(entries, 0, tree)
    minis, sectors = bytearray(), bytearray()
    mini_fat: list[int] = []
    fat: list[int] = []
    starts: list[tuple[int, int]] = []
    for _, kind, _, _, data in entries:
        if kind != STREAM or not data:
            starts.append((END, 0))
        elif len(data) < CUTOFF:
            starts.append((_chain(minis, mini_fat, data, MINI), len(data)))
        else:
            starts.append((_chain(sectors, fat, data, SECTOR), len(data)))
    starts[0] = (_chain(sectors, fat, bytes(minis), SECTOR), len(minis))
    packed = struct.pack(f"<{len(mini_fat)}I", *mini_fat)
    packed += b"\xff" * (-len(packed) % SECTOR)
    mini_fat_at = _chain(sectors, fat, packed, SECTOR)
    directory = b"".join(
        _entry(*entry[:4], *start) for entry, start in zip(entries, starts, strict=True)
    )
    directory_at = _chain(sectors, fat, directory, SECTOR)
    count = 1
    while count * SECTOR // 4 < len(fat) + count:
        count += 1
    at = range(len(fat), len(fat) + count)
    fat += [FAT_SECTOR] * count
    fat += [FREE] * (count * SECTOR // 4 - len(fat))
    sectors += struct.pack(f"<{len(fat)}I", *fat)
    head = struct.pack(
        "<8s16sHHHHH6xIIIIIIIII",
        *(bytes.fromhex("d0cf11e0a1b11ae1"), bytes(16), 0x3E, 3, 0xFFFE, 9, 6, 0),
        *(count, directory_at, 0, CUTOFF, mini_fat_at, len(packed) // SECTOR, END, 0),
    )
    head += struct.pack("<109I", *at, *[FREE] * (109 - count))
    return head + bytes(sectors)


def _enter(entries: list[list[Any]], parent: int, tree: Tree) -> None:
    """Enter the children of a storage, each to the right of the one before."""
    before = NONE
    # By length and then by letters: the order that the format asks for.
    for name in sorted(tree, key=lambda n: (len(n), n.upper())):
        held = tree[name]
        at = len(entries)
        if before == NONE:
            entries[parent][3] = at
        else:
            entries[before][2] = at
        is_stream = isinstance(held, bytes)
        kind = STREAM if is_stream else STORAGE
        entries.append([name, kind, NONE, NONE, held if is_stream else b""])
        if not is_stream:
            _enter(entries, at, held)
        before = at


def _chain(into: bytearray, fat: list[int], data: bytes, size: int) -> int:
    """Append ``data`` in sectors of ``size``; return the first one's number."""
    count = -(-len(data) // size)
    if not count:
        return END
    first = len(fat)
    into += data + bytes(count * size - len(data))
    fat += [*range(first + 1, first + count), END]
    return first


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    told = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16xI16xIII",
        *(told, len(told), kind, 1, NONE, right, child, 0, start, size, 0),
    )


def outlook(*attached: Tree, subject: str = "报送", html: str = "") -> bytes:
    """Return a mail as Outlook saves it."""
    return container(message(*attached, subject=subject, html=html))


def message(*attached: Tree, subject: str = "报送", html: str = "") -> dict[str, Any]:
    named = {f"__attach_version1.0_#{n:08X}": one for n, one in enumerate(attached)}
    return {
        "__properties_version1.0": bytes(20) + struct.pack("<I8x", len(attached)),
        "__substg1.0_001A001F": "IPM.Note".encode("utf-16-le"),
        "__substg1.0_0037001F": subject.encode("utf-16-le"),
        **({"__substg1.0_10130102": html.encode()} if html else {}),
        **named,
    }


def attachment(
    name: str,
    data: bytes,
    *,
    encoding: str = "",
    kind: str = "",
    content_id: str = "",
    hidden: bool = False,
) -> dict[str, bytes]:
    """Return an attachment; ``encoding`` is that of an old Outlook's names."""
    form, told = ("001E", encoding) if encoding else ("001F", "utf-16-le")
    facts = struct.pack("<IIII", 0x7FFE000B, 6, int(hidden), 0)
    texts = {"3707": name, "370E": kind, "3712": content_id}
    return {
        "__properties_version1.0": bytes(8) + facts,
        "__substg1.0_37010102": data,
        **{
            f"__substg1.0_{number}{form}": text.encode(told)
            for number, text in texts.items()
            if text
        },
    }


def mail_within(inner: Tree, name: str = "") -> dict[str, Any]:
    """Return an attachment that is itself a mail."""
    return {
        "__properties_version1.0": bytes(8),
        "__substg1.0_3701000D": inner,
        "__substg1.0_3001001F": name.encode("utf-16-le"),
    }
