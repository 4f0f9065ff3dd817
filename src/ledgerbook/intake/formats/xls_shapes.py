"""Read the text boxes, shapes and form controls of an .xls ([MS-XLS] 2.5.143 and 2.4.329).

The drawing of a sheet is a sequence of records: its OfficeArt shapes, cut into pieces, and after
each piece the Obj record that says what a shape is, or the TxO record with its text. The
n-th shape that has client data, or a text box, is that of the n-th such record.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ledgerbook.a1_references import CellPosition
from ledgerbook.intake.formats.drawing_notes import (
    CONTROLS,
    EMBEDDED_FILES,
    GRAPHICS,
    TEXT_BOX_LABEL,
    ControlKind,
    count_unread,
    describe_control,
)
from ledgerbook.intake.formats.xls_pictures import DRAWING, iter_shapes
from ledgerbook.intake.formats.xls_records import XlsRecord

OBJECT, TEXT = 0x005D, 0x01B6
# Sub-records of Obj: what it is (FtCmo), the state of a control (FtCblsData; LibreOffice writes
# it into FtCbls), a formula that leads to embedded data, and flags; a list box ends with one
# whose size is not to be trusted.
_COMMON, _CHECK_DATA, _CHECK_BOX, _PICTURE_FORMULA, _PICTURE_FLAGS, _LIST_DATA = (
    0x15,
    0x12,
    0x0A,
    0x09,
    0x08,
    0x13,
)
_IS_CONTROL_FLAG = 0x0010
_CHART_TYPE, _NOTE_TYPE = 0x05, 0x19
_CONTROL_KINDS = {0x0B: ControlKind.CHECK_BOX, 0x0C: ControlKind.RADIO_BUTTON}
_UNSIGNED = struct.Struct("<H")
# Where the numbers of letters and of bytes of their formats stand in a TxO.
_TEXT_LENGTH_OFFSET = 10
# A shape's text in one byte a letter is Latin; in two, UTF-16.
_IS_WIDE = 0x01


@dataclass(frozen=True, slots=True)
class _Object:
    """An Obj record: its type, the state of a control, and whether it has embedded data.

    A record of an older layout has type -1.
    """

    kind: int = -1
    state: int = 0
    is_embedded: bool = False
    is_control: bool = False


@dataclass(frozen=True, slots=True)
class SheetShapes:
    """The texts over a sheet by cell, each with its label, and what could not be read."""

    notes: tuple[tuple[CellPosition, str], ...] = ()
    unread: tuple[str, ...] = ()


def read_shapes(records: Sequence[XlsRecord]) -> SheetShapes:
    """Read the shapes of a sheet from its drawing, Obj and TxO records in their order."""
    drawing = bytearray()
    objects: list[_Object] = []
    texts: list[str] = []
    for record in records:
        if record.record_type == DRAWING:
            drawing += record.data
        elif record.record_type == OBJECT:
            objects.append(_parse_object(record.chunks[0]))
            drawing += b"".join(record.chunks[1:])
        elif record.record_type == TEXT:
            text, rest = _parse_text(record.chunks)
            texts.append(text)
            # What a drawing lacks room for goes on after the text.
            drawing += rest
    notes = tuple(_match_notes(bytes(drawing), iter(objects), iter(texts)))
    counts = Counter(_name_unread(one) for one in objects)
    unread = (
        line
        for name in (GRAPHICS, EMBEDDED_FILES, CONTROLS)
        for line in count_unread(name, counts[name])
    )
    return SheetShapes(notes, tuple(unread))


def _match_notes(
    drawing: bytes, objects: Iterator[_Object], texts: Iterator[str]
) -> Iterator[tuple[CellPosition, str]]:
    """Yield the note of each shape; a text whose shape is not found is at the first cell."""
    for shape in iter_shapes(drawing):
        item = next(objects, _Object()) if shape.has_client_data else _Object()
        text = next(texts, "") if shape.has_text_box else ""
        kind = _CONTROL_KINDS.get(item.kind)
        if kind:
            yield shape.cell, describe_control(kind, text, is_on=item.state == 1)
        # Notes of cells have records of their own.
        elif text.strip() and item.kind != _NOTE_TYPE:
            yield shape.cell, f"{TEXT_BOX_LABEL}{text}"
    yield from (((0, 0), f"{TEXT_BOX_LABEL}{text}") for text in texts if text.strip())


def _name_unread(item: _Object) -> str:
    """Return as what an object is counted that no note and no picture says; blank if not."""
    if item.is_control:
        return CONTROLS
    if item.is_embedded:
        return EMBEDDED_FILES
    return GRAPHICS if item.kind in (_CHART_TYPE, -1) else ""


def _parse_object(data: bytes) -> _Object:
    # The first two bytes of each sub-record, by its type.
    values: dict[int, int] = {}
    offset = 0
    while offset + 6 <= len(data):
        sub_type, size = struct.unpack_from("<HH", data, offset)
        value = _UNSIGNED.unpack_from(data, offset + 4)[0]
        if offset == 0 and sub_type != _COMMON:
            return _Object()
        if sub_type == _LIST_DATA:
            break
        values.setdefault(sub_type, value)
        offset += 4 + size
    return _Object(
        values.get(_COMMON, -1),
        values.get(_CHECK_DATA, values.get(_CHECK_BOX, 0)),
        _PICTURE_FORMULA in values,
        bool(values.get(_PICTURE_FLAGS, 0) & _IS_CONTROL_FLAG),
    )


def _parse_text(chunks: Sequence[bytes]) -> tuple[str, bytes]:
    """Return the text of a TxO and its continuations, and what follows that is not its own.

    Each continuation with text says anew how wide its letters are.
    """
    head, rest = chunks[0], iter(chunks[1:])
    if len(head) < _TEXT_LENGTH_OFFSET + 4:
        return "", b""
    length, format_size = struct.unpack_from("<HH", head, _TEXT_LENGTH_OFFSET)
    pieces: list[str] = []
    while length > 0 and (chunk := next(rest, None)) is not None:
        is_wide = chunk[:1] and chunk[0] & _IS_WIDE
        encoding = "utf-16-le" if is_wide else "latin-1"
        piece = chunk[1 : 1 + length * (2 if is_wide else 1)].decode(encoding, "replace")
        pieces.append(piece)
        length -= max(len(piece), 1)
    while format_size > 0 and (chunk := next(rest, None)) is not None:
        format_size -= len(chunk) or 1
    return "".join(pieces).replace("\r", "\n").strip("\0\n"), b"".join(rest)
