"""The pictures of an .xls, from records laid out by hand."""

from __future__ import annotations

import random
import struct
import zlib

import pytest

from ledgerbook.intake.formats.raw_workbook import Picture
from ledgerbook.intake.formats.xls_pictures import PICTURE_RECORD_TYPES, read_pictures
from ledgerbook.intake.formats.xls_records import find_records

PNG, JPEG, EMF = 0xF01E, 0xF01D, 0xF01A
BEGIN, END = struct.pack("<HH", 0x0809, 0), struct.pack("<HH", 0x000A, 0)


def drawn(kind: int, data: bytes, flags: int = 0) -> bytes:
    return struct.pack("<HHI", flags, kind, len(data)) + data


def record(kind: int, data: bytes, most: int = 8224) -> bytes:
    """Write a record of the stream, and what does not fit into records after it."""
    first, rest = data[:most], data[most:]
    told = struct.pack("<HH", kind, len(first)) + first
    return told + (record(0x003C, rest, most) if rest else b"")


def entry(kind: int, data: bytes, flags: int = 0) -> bytes:
    return drawn(0xF007, bytes(36) + drawn(kind, data, flags))


def shape(number: int, row: int, column: int) -> bytes:
    shown = struct.pack("<HI", 0x4104, number)
    anchor = struct.pack("<9H", 0, column, 0, row, 0, 0, 0, 0, 0)
    parts = drawn(0xF00B, shown, 1 << 4) + drawn(0xF010, anchor)
    return drawn(0xF004, parts, 0xF)


def stream(entries: bytes, *drawings: bytes) -> bytes:
    """Return a workbook's stream with a worksheet for each drawing."""
    store = drawn(0xF000, drawn(0xF001, entries, 0xF), 0xF)
    bodies = [BEGIN + record(0x00EC, drawn(0xF002, d, 0xF)) + END for d in drawings]
    head = len(BEGIN) + 12 * len(drawings) + len(record(0x00EB, store)) + len(END)
    starts = [head + sum(map(len, bodies[:n])) for n in range(len(bodies))]
    sheets = (record(0x0085, struct.pack("<IBBH", at, 0, 0, 0)) for at in starts)
    body = b"".join(sheets) + record(0x00EB, store) + END
    return BEGIN + body + b"".join(bodies)


def find_pictures(data: bytes) -> list[list[Picture]]:
    return read_pictures(find_records(data, PICTURE_RECORD_TYPES))


def test_pictures_hang_where_their_shapes_stand() -> None:
    """By number, whatever sheet shows them; a large one is cut over records."""
    noise = random.Random(1).randbytes(20_000)  # noqa: S311  no secret
    entries = entry(PNG, bytes(17) + noise) + entry(JPEG, bytes(33) + b"J", 1 << 4)
    found = find_pictures(stream(entries, shape(2, 4, 2), shape(1, 9, 0) + shape(2, 0, 3)))
    assert found == [
        [Picture((4, 2), "2.jpg", b"J")],
        [Picture((9, 0), "1.png", noise), Picture((0, 3), "2.jpg", b"J")],
    ]


def test_a_packed_drawing_is_unpacked() -> None:
    """Metafiles are kept compressed."""
    data = bytes(16 + 34) + zlib.compress(b"lines")
    found = find_pictures(stream(entry(EMF, data), shape(1, 1, 1)))
    assert found == [[Picture((1, 1), "1.emf", b"lines")]]


def test_a_picture_that_no_shape_shows_is_not_lost() -> None:
    """It is told of at the first cell."""
    found = find_pictures(stream(entry(PNG, bytes(17) + b"P"), shape(7, 1, 1), b""))
    assert found == [[Picture((0, 0), "1.png", b"P")], []]


@pytest.mark.parametrize("seed", range(30))
def test_garbled_records_are_no_crash(seed: int) -> None:
    """Whatever the bytes, there are pictures or none."""
    rng = random.Random(seed)  # noqa: S311  no secret
    entries = entry(PNG, bytes(17) + b"P") + entry(EMF, bytes(80))
    data = bytearray(stream(entries, shape(1, 1, 1), shape(2, 2, 2)))
    for _ in range(20):
        data[rng.randrange(len(data))] = rng.randrange(256)
    assert sum(map(len, find_pictures(bytes(data)))) <= 4
