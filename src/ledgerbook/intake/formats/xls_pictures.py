"""Read the pictures of an .xls and the cells that they are placed at ([MS-ODRAW]).

The bytes of all pictures are in the drawing group of the workbook, their placement in the
drawing of each sheet; both are trees of OfficeArt records. A picture without a known place is
put at A1 of the first sheet: it was sent, and must not be lost.
https://learn.microsoft.com/openspecs/office_file_formats/ms-odraw/
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from ledgerbook.a1_references import CellPosition
from ledgerbook.intake.formats.raw_workbook import Picture
from ledgerbook.intake.formats.xls_records import XlsRecords

# The types of BIFF records that hold pictures ([MS-XLS]): MsoDrawingGroup, MsoDrawing.
_DRAWING_GROUP, DRAWING = 0x00EB, 0x00EC
PICTURE_RECORD_TYPES = (_DRAWING_GROUP, DRAWING)
# Types of OfficeArt records ([MS-ODRAW]): FBSE, SpContainer, FOPT, client anchor, data, text.
_CONTAINER_VERSION = 0xF
_BLIP_STORE_ENTRY, _SHAPE_CONTAINER = 0xF007, 0xF004
_SHAPE_PROPERTIES, _CLIENT_ANCHOR = 0xF00B, 0xF010
_CLIENT_DATA, _CLIENT_TEXT_BOX = 0xF011, 0xF00D
# Groups of shapes are in groups; nobody draws deeper.
_MAX_DEPTH = 32
_ENTRY_HEADER_SIZE, _NAME_LENGTH_OFFSET = 36, 33
# The property pib: the number of the picture that a shape shows.
_BLIP_PROPERTY = 0x0104
_PROPERTY_ID_MASK = 0x3FFF
_UID_SIZE, _METAFILE_HEADER_SIZE = 16, 34
_BLIP_EXTENSIONS = {
    0xF01A: "emf",
    0xF01B: "wmf",
    0xF01C: "pict",
    0xF01D: "jpg",
    0xF01E: "png",
    0xF01F: "bmp",
    0xF029: "tif",
    0xF02A: "jpg",
}
_COMPRESSED_EXTENSIONS = ("emf", "wmf", "pict")
_MAX_PICTURE_BYTES = 50 * 2**20
# The bytes of an anchor that give its top left corner.
_CORNER_BYTES = 8
_FIRST_CELL = (0, 0)


@dataclass(frozen=True, slots=True)
class _Record:
    """An OfficeArt record; ``flags`` are its version (4 bits) and instance (12 bits)."""

    kind: int
    flags: int
    data: memoryview

    @property
    def children(self) -> list[_Record]:
        return list(_iter_records(self.data))


def read_pictures(records: XlsRecords) -> list[list[Picture]]:
    """Return the pictures of each worksheet, in the order of the worksheets.

    ``records`` are those of PICTURE_RECORD_TYPES, and maybe others.
    """
    drawing_group = records.join_data(_DRAWING_GROUP)
    drawings = [
        b"".join(record.data for record in sheet_records)
        for sheet_records in records.list_by_worksheet(DRAWING)
    ]
    stored_pictures = [
        _parse_picture(entry, number)
        for number, entry in enumerate(_find_records(drawing_group, _BLIP_STORE_ENTRY), 1)
    ]
    pictures_by_sheet: list[list[Picture]] = []
    used_numbers: set[int] = set()
    for drawing in drawings:
        placements = [
            (shape.cell, shape.picture_number)
            for shape in iter_shapes(drawing)
            if 0 < shape.picture_number <= len(stored_pictures)
        ]
        used_numbers |= {number for _, number in placements}
        pictures_by_sheet.append(
            [
                Picture(cell, *picture)
                for cell, number in placements
                if (picture := stored_pictures[number - 1])
            ]
        )
    unplaced = [
        picture
        for number, picture in enumerate(stored_pictures, 1)
        if picture and number not in used_numbers
    ]
    if pictures_by_sheet:
        pictures_by_sheet[0] += [Picture(_FIRST_CELL, *picture) for picture in unplaced]
    return pictures_by_sheet


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape of a drawing: its cell, the number of its picture (0 for none), what it has.

    A shape in a group is at the cell of the group.
    """

    cell: CellPosition
    picture_number: int
    has_client_data: bool
    has_text_box: bool


def iter_shapes(drawing: bytes) -> Iterator[Shape]:
    """Yield the shapes of a sheet's drawing in their order."""
    cell = _FIRST_CELL
    for shape in _find_records(drawing, _SHAPE_CONTAINER):
        records = {record.kind: record for record in shape.children}
        properties, anchor = records.get(_SHAPE_PROPERTIES), records.get(_CLIENT_ANCHOR)
        if anchor and len(anchor.data) >= _CORNER_BYTES:
            cell = _parse_corner(anchor.data)
        number = _find_picture_number(properties) if properties else 0
        yield Shape(cell, number, _CLIENT_DATA in records, _CLIENT_TEXT_BOX in records)


def _iter_records(data: memoryview) -> Iterator[_Record]:
    offset = 0
    while offset + 8 <= len(data):
        flags, kind, size = struct.unpack_from("<HHI", data, offset)
        yield _Record(kind, flags, data[offset + 8 : offset + 8 + size])
        offset += 8 + size


def _find_records(data: bytes, kind: int) -> Iterator[_Record]:
    """Yield every record of a kind in its order, at any depth of containers that is usual."""
    pending = [_iter_records(memoryview(data))]
    while pending:
        record = next(pending[-1], None)
        if record is None:
            pending.pop()
        elif record.kind == kind:
            yield record
        elif record.flags & 0xF == _CONTAINER_VERSION and len(pending) < _MAX_DEPTH:
            pending.append(_iter_records(record.data))


def _parse_corner(anchor: memoryview) -> CellPosition:
    _, column, _, row = struct.unpack_from("<HHHH", anchor)
    return row, column


def _find_picture_number(properties: _Record) -> int:
    """Return the number of the picture that a shape shows; 0 where it shows none."""
    for offset in range(0, min((properties.flags >> 4) * 6, len(properties.data) - 5), 6):
        property_id, value = struct.unpack_from("<HI", properties.data, offset)
        if property_id & _PROPERTY_ID_MASK == _BLIP_PROPERTY:
            return int(value)
    return 0


def _parse_picture(entry: _Record, number: int) -> tuple[str, bytes] | None:
    """Return the name and bytes of a stored picture; None where the entry has none."""
    if len(entry.data) <= _ENTRY_HEADER_SIZE:
        return None
    header_size = _ENTRY_HEADER_SIZE + entry.data[_NAME_LENGTH_OFFSET]
    blip = next(_iter_records(entry.data[header_size:]), None)
    if blip is None or blip.kind not in _BLIP_EXTENSIONS:
        return None
    extension = _BLIP_EXTENSIONS[blip.kind]
    uids_size = _UID_SIZE * (2 if (blip.flags >> 4) & 1 else 1)
    if extension in _COMPRESSED_EXTENSIONS:
        try:
            data = zlib.decompressobj().decompress(
                blip.data[uids_size + _METAFILE_HEADER_SIZE :], _MAX_PICTURE_BYTES
            )
        except zlib.error:
            data = bytes(blip.data)
    else:
        data = bytes(blip.data[uids_size + 1 :])
    return f"{number}.{extension}", data
