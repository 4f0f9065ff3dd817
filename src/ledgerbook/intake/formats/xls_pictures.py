"""The pictures of an .xls: their bytes stand in one place, where they hang in another.

Both are trees of the same records. A picture whose place cannot be made out is told
of at the first cell of the first sheet: it was sent, and must not be lost.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from ledgerbook.intake.formats.raw_workbook import Cell, Picture

# Records of the workbook's stream.
_BEGIN, _END, _SHEET = 0x0809, 0x000A, 0x0085
_SHEET_KIND = 5
_STORE, _DRAWING, _MORE = 0x00EB, 0x00EC, 0x003C
# Records of a drawing.
_CONTAINER = 0xF
_ENTRY, _SHAPE, _PROPERTIES, _ANCHOR = 0xF007, 0xF004, 0xF00B, 0xF010
_ENTRY_HEAD, _NAME_LENGTH = 36, 33
_PICTURE_OF = 0x0104
_ID = 0x3FFF
_SUM, _METAFILE_HEAD = 16, 34
_KINDS = {
    0xF01A: "emf",
    0xF01B: "wmf",
    0xF01C: "pict",
    0xF01D: "jpg",
    0xF01E: "png",
    0xF01F: "bmp",
    0xF029: "tif",
    0xF02A: "jpg",
}
_PACKED = ("emf", "wmf", "pict")
_LARGEST = 50 * 2**20
# As many bytes of an anchor tell where its upper left corner is.
_CORNER = 8
_FIRST = (0, 0)


@dataclass(frozen=True, slots=True)
class _Record:
    kind: int
    flags: int
    data: bytes

    @property
    def within(self) -> list[_Record]:
        return list(_tree(self.data))


def pictures(stream: bytes) -> list[list[Picture]]:
    """Return the pictures of each worksheet in turn."""
    store, sheets = _drawings(stream)
    kept = [_picture(entry, n) for n, entry in enumerate(_all(store, _ENTRY), 1)]
    found: list[list[Picture]] = []
    used: set[int] = set()
    for drawing in sheets:
        hung = [(at, n) for at, n in _hung(drawing) if 0 < n <= len(kept)]
        used |= {n for _, n in hung}
        found.append([Picture(at, *one) for at, n in hung if (one := kept[n - 1])])
    lost = [one for n, one in enumerate(kept, 1) if one and n not in used]
    if found:
        found[0] += [Picture(_FIRST, *one) for one in lost]
    return found


def _drawings(stream: bytes) -> tuple[bytes, list[bytes]]:
    """Return what holds the pictures, and what places them on each worksheet."""
    store = bytearray()
    placed: dict[int, bytearray] = {}
    worksheets: list[int] = []
    depth = start = at = 0
    last: bytearray | None = None
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        data = stream[at + 4 : at + 4 + size]
        if kind == _BEGIN:
            start = at if depth == 0 else start
            depth += 1
        elif kind == _END:
            depth -= 1
        elif kind == _SHEET and data[_SHEET_KIND : _SHEET_KIND + 1] == b"\0":
            worksheets.append(int.from_bytes(data[:4], "little"))
        if kind == _STORE:
            last = store
        elif kind == _DRAWING and depth == 1:
            last = placed.setdefault(start, bytearray())
        elif kind != _MORE:
            last = None
        if last is not None:
            last += data
        at += 4 + size
    return bytes(store), [bytes(placed.get(n, b"")) for n in worksheets]


def _tree(data: bytes) -> Iterator[_Record]:
    at = 0
    while at + 8 <= len(data):
        flags, kind, size = struct.unpack_from("<HHI", data, at)
        yield _Record(kind, flags, data[at + 8 : at + 8 + size])
        at += 8 + size


def _all(data: bytes, kind: int) -> Iterator[_Record]:
    """Yield every record of a kind, however deep in containers."""
    waiting = [data]
    while waiting:
        inner = []
        for record in _tree(waiting.pop()):
            if record.kind == kind:
                yield record
            elif record.flags & 0xF == _CONTAINER:
                inner.append(record.data)
        waiting += reversed(inner)


def _hung(drawing: bytes) -> Iterator[tuple[Cell, int]]:
    """Yield where pictures hang, and by which number they are kept."""
    for shape in _all(drawing, _SHAPE):
        parts = {part.kind: part for part in shape.within}
        number = _number(parts[_PROPERTIES]) if _PROPERTIES in parts else 0
        if number:
            anchor = parts[_ANCHOR].data if _ANCHOR in parts else b""
            yield _corner(anchor) if len(anchor) >= _CORNER else _FIRST, number


def _corner(anchor: bytes) -> Cell:
    _, column, _, row = struct.unpack_from("<HHHH", anchor)
    return row, column


def _number(properties: _Record) -> int:
    """Return the number of the picture that a shape shows; 0 for none."""
    for at in range(0, min((properties.flags >> 4) * 6, len(properties.data) - 5), 6):
        name, value = struct.unpack_from("<HI", properties.data, at)
        if name & _ID == _PICTURE_OF:
            return int(value)
    return 0


def _picture(entry: _Record, number: int) -> tuple[str, bytes] | None:
    """Return a kept picture's name and bytes; None where there is none in its place."""
    if len(entry.data) <= _ENTRY_HEAD:
        return None
    head = _ENTRY_HEAD + entry.data[_NAME_LENGTH]
    inside = next(_tree(entry.data[head:]), None)
    if inside is None or inside.kind not in _KINDS:
        return None
    kind = _KINDS[inside.kind]
    start = _SUM * (2 if (inside.flags >> 4) & 1 else 1)
    if kind in _PACKED:
        try:
            data = zlib.decompressobj().decompress(
                inside.data[start + _METAFILE_HEAD :], _LARGEST
            )
        except zlib.error:
            data = inside.data
    else:
        data = inside.data[start + 1 :]
    return f"{number}.{kind}", data
