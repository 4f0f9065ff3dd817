"""Write compound files ([MS-CFB]) and mails in Outlook's format .msg ([MS-OXMSG])."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

SECTOR, MINI, CUTOFF = 512, 64, 4096
FREE, END, FAT_SECTOR, NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
STORAGE, STREAM, ROOT = 1, 2, 5

# A storage maps names to streams (bytes) and to storages.
Tree = Mapping[str, Any]


def build_container(tree: Tree) -> bytes:
    """Return a compound file, version 3, with the storages and streams of ``tree``."""
    entries: list[list[Any]] = [["Root Entry", ROOT, NONE, NONE, b""]]
    _add_entries(entries, 0, tree)
    minis, sectors = bytearray(), bytearray()
    mini_fat: list[int] = []
    fat: list[int] = []
    starts: list[tuple[int, int]] = []
    for _, kind, _, _, data in entries:
        if kind != STREAM or not data:
            starts.append((END, 0))
        elif len(data) < CUTOFF:
            starts.append((_append_chain(minis, mini_fat, data, MINI), len(data)))
        else:
            starts.append((_append_chain(sectors, fat, data, SECTOR), len(data)))
    starts[0] = (_append_chain(sectors, fat, bytes(minis), SECTOR), len(minis))
    packed = struct.pack(f"<{len(mini_fat)}I", *mini_fat)
    packed += b"\xff" * (-len(packed) % SECTOR)
    mini_fat_start = _append_chain(sectors, fat, packed, SECTOR)
    directory = b"".join(
        _pack_entry(*entry[:4], *start) for entry, start in zip(entries, starts, strict=True)
    )
    directory_start = _append_chain(sectors, fat, directory, SECTOR)
    count = 1
    while count * SECTOR // 4 < len(fat) + count:
        count += 1
    fat_sectors = range(len(fat), len(fat) + count)
    fat += [FAT_SECTOR] * count
    fat += [FREE] * (count * SECTOR // 4 - len(fat))
    sectors += struct.pack(f"<{len(fat)}I", *fat)
    header = struct.pack(
        "<8s16sHHHHH6xIIIIIIIII",
        *(bytes.fromhex("d0cf11e0a1b11ae1"), bytes(16), 0x3E, 3, 0xFFFE, 9, 6, 0),
        *(count, directory_start, 0, CUTOFF, mini_fat_start, len(packed) // SECTOR, END, 0),
    )
    header += struct.pack("<109I", *fat_sectors, *[FREE] * (109 - count))
    return header + bytes(sectors)


def _add_entries(entries: list[list[Any]], parent: int, tree: Tree) -> None:
    """Append the directory entries of a storage's children, each the right sibling of the last."""
    previous = NONE
    # [MS-CFB] 2.6.4: siblings are ordered by length, then by upper-case name.
    for name in sorted(tree, key=lambda n: (len(n), n.upper())):
        content = tree[name]
        index = len(entries)
        if previous == NONE:
            entries[parent][3] = index
        else:
            entries[previous][2] = index
        is_stream = isinstance(content, bytes)
        kind = STREAM if is_stream else STORAGE
        entries.append([name, kind, NONE, NONE, content if is_stream else b""])
        if not is_stream:
            _add_entries(entries, index, content)
        previous = index


def _append_chain(target: bytearray, fat: list[int], data: bytes, size: int) -> int:
    """Append ``data`` in sectors of ``size`` bytes; return the number of the first sector."""
    count = -(-len(data) // size)
    if not count:
        return END
    first = len(fat)
    target += data + bytes(count * size - len(data))
    fat += [*range(first + 1, first + count), END]
    return first


def _pack_entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    encoded_name = name.encode("utf-16-le") + b"\0\0"
    return struct.pack(
        "<64sHBBIII16xI16xIII",
        *(encoded_name, len(encoded_name), kind, 1, NONE, right, child, 0, start, size, 0),
    )


def build_msg(*attached: Tree, subject: str = "报送", html: str = "") -> bytes:
    """Return a mail in Outlook's format .msg."""
    return build_container(make_message(*attached, subject=subject, html=html))


def make_message(*attached: Tree, subject: str = "报送", html: str = "") -> dict[str, Any]:
    named = {f"__attach_version1.0_#{n:08X}": one for n, one in enumerate(attached)}
    return {
        "__properties_version1.0": bytes(20) + struct.pack("<I8x", len(attached)),
        "__substg1.0_001A001F": "IPM.Note".encode("utf-16-le"),
        "__substg1.0_0037001F": subject.encode("utf-16-le"),
        **({"__substg1.0_10130102": html.encode()} if html else {}),
        **named,
    }


def make_attachment(
    name: str,
    data: bytes,
    *,
    encoding: str = "",
    kind: str = "",
    content_id: str = "",
    hidden: bool = False,
) -> dict[str, bytes]:
    """Return the streams of an attachment; with ``encoding``, names are 8-bit as in old Outlook."""
    type_code, charset = ("001E", encoding) if encoding else ("001F", "utf-16-le")
    properties = struct.pack("<IIII", 0x7FFE000B, 6, int(hidden), 0)
    texts = {"3707": name, "370E": kind, "3712": content_id}
    return {
        "__properties_version1.0": bytes(8) + properties,
        "__substg1.0_37010102": data,
        **{
            f"__substg1.0_{number}{type_code}": text.encode(charset)
            for number, text in texts.items()
            if text
        },
    }


def make_embedded_message(inner: Tree, name: str = "") -> dict[str, Any]:
    """Return the streams of an attachment that is itself a mail."""
    return {
        "__properties_version1.0": bytes(8),
        "__substg1.0_3701000D": inner,
        "__substg1.0_3001001F": name.encode("utf-16-le"),
    }
