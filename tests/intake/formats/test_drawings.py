"""What is written over the cells is told alike from .xlsx, .xls and .ods."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Mapping
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats.raw_workbook import SheetAttachments
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.intake.formats.xls_pictures import PICTURE_RECORD_TYPES
from ledgerbook.intake.formats.xls_records import find_records
from ledgerbook.intake.formats.xls_shapes import OBJECT, TEXT, SheetShapes, read_shapes
from tests.support.returns import SHEET, plain, replace_parts
from tests.support.sheet_attachments import (
    IN_PACKAGE,
    make_anchor,
    make_drawing,
    make_relationships,
)
from tests.support.workbook_formats import make_ods

# --- .ods ---

FORMS = (
    '<office:forms xmlns:form="urn:oasis:names:tc:opendocument:xmlns:form:1.0"><form:form>'
    '<form:checkbox form:id="c1" form:label="同意" form:current-state="checked"/>'
    '<form:checkbox form:id="c2" form:label="不同意" form:state="checked"'
    ' form:current-state="unchecked"/>'
    '<form:radio form:id="r" form:label="已办" form:selected="true"/>'
    '<form:text form:id="t" form:value="旧" form:current-value="新写的"/>'
    '<form:listbox form:id="l"><form:option form:label="甲"/>'
    '<form:option form:label="乙" form:selected="true"/></form:listbox>'
    '<form:option form:label="丙"/><form:text form:id="blank"/></form:form></office:forms>'
)
CONTROLS = "".join(f'<draw:control draw:control="{name}"/>' for name in ("c1", "c2", "r", "t", "l"))


def read_ods(
    cell: str, shapes: str = "", before: str = "", parts: Mapping[str, bytes] | None = None
) -> SheetAttachments:
    """Read a sheet with one cell, in C2, and with shapes of its own."""
    row = f"<table:table-cell table:number-columns-repeated='2'/><table:table-cell>{cell}"
    table = (
        f"<table:table table:name='表'>{before}<table:shapes>{shapes}</table:shapes>"
        f"<table:table-row/><table:table-row>{row}</table:table-cell></table:table-row>"
        "</table:table>"
    )
    (sheet,) = read_workbook(make_ods(table, parts)).sheets
    return sheet.attachments


def test_texts_of_shapes_are_notes_of_their_cells() -> None:
    """A frame, a shape, a group; over a cell or over the sheet. Their text is no cell's."""
    cell = (
        "<draw:frame><draw:text-box><text:p>第一行</text:p><text:p>第二行</text:p></draw:text-box>"
        "</draw:frame><draw:custom-shape><text:p>形状</text:p></draw:custom-shape>"
        "<draw:line><text:p/></draw:line><text:p>格子</text:p>"
    )
    group = (
        "<draw:g><draw:rect><text:p>甲</text:p></draw:rect>"
        "<draw:ellipse><text:p>乙</text:p></draw:ellipse></draw:g>"
    )
    assert dict(read_ods(cell, group).notes) == {
        (0, 0): "（文本框）甲\n乙",
        (1, 2): "（文本框）第一行\n第二行\n（文本框）形状",
    }


def test_form_controls_say_what_was_chosen() -> None:
    """What a control holds now counts, not what it began with; a blank one says nothing."""
    assert dict(read_ods(CONTROLS, '<draw:control draw:control="blank"/>', FORMS).notes) == {
        (1, 2): "（勾选框，已勾选）同意\n（勾选框，未勾选）不同意\n（单选框，已选中）已办\n"
        "（文本框）新写的\n（文本框）乙"
    }


def test_charts_and_embedded_files_are_counted() -> None:
    """What is inside is not read, and that is told."""
    cell = "".join(
        f'<draw:frame><draw:object xlink:href="./{name}"/></draw:frame>' for name in ("图", "件")
    )
    unread = read_ods(cell, parts={"图/content.xml": b"<office:chart/>"}).unread
    assert unread == ("图表等图形 1 个", "嵌入的文件 1 个")


# --- .xlsx ---

VML = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"'
    ' xmlns:o="urn:schemas-microsoft-com:office:office">{}</xml>'
)


def make_vml_shape(number: str, kind: str, text: str, facts: str = "") -> str:
    return (
        f'<v:shape id="{number}"><v:textbox><div>{text}</div></v:textbox>'
        f'<x:ClientData ObjectType="{kind}"><x:Anchor>2, 0, 4, 0, 3, 9, 5, 9</x:Anchor>{facts}'
        "</x:ClientData></v:shape>"
    )


def read_controls(vml: str, controls: str = "", drawn: str = "") -> SheetAttachments:
    """Read a sheet with a VML drawing; control 1025 is ticked and control 1026 is not."""
    parts: dict[str, bytes | Callable[[bytes], bytes]] = {
        "xl/drawings/vmlDrawing1.vml": VML.format(vml).encode(),
        "xl/drawings/drawing1.xml": make_drawing(drawn),
        "xl/ctrlProps/1.xml": b'<f objectType="CheckBox" checked="Checked"/>',
        "xl/ctrlProps/2.xml": b'<f objectType="Radio"/>',
        "xl/worksheets/_rels/sheet1.xml.rels": make_relationships(
            ("v", "vmlDrawing", "../drawings/vmlDrawing1.vml"),
            ("d", "drawing", "../drawings/drawing1.xml"),
            ("c1", "ctrlProp", "../ctrlProps/1.xml"),
            ("c2", "ctrlProp", "../ctrlProps/2.xml"),
            ("c3", "ctrlProp", "../ctrlProps/3.xml"),
        ),
        SHEET: lambda xml: xml.replace(
            b"</worksheet>", f'<c xmlns:r="{IN_PACKAGE}">{controls}</c></worksheet>'.encode()
        ),
    }
    (sheet,) = read_workbook(replace_parts(plain(), parts)).sheets
    return sheet.attachments


ONE, TWO, LOST = (
    f'<control shapeId="{1024 + n}" r:id="c{n}" name="Check Box {n}"/>' for n in (1, 2, 3)
)
DRAWN = make_anchor(
    (6, 1),
    '<xdr:sp><xdr:nvSpPr><xdr:cNvPr id="1025"/></xdr:nvSpPr>'
    "<xdr:txBody><a:p><a:r><a:t>同意</a:t></a:r></a:p></xdr:txBody></xdr:sp>",
)
ON = "<x:Checked>1</x:Checked>"


def test_a_control_is_told_once_wherever_it_is_kept() -> None:
    """The part of its own has the state; the VML has what the drawing lacks, or all."""
    shapes = make_vml_shape("_x0000_s1025", "Checkbox", "同意") + make_vml_shape(
        "_x0000_s1026", "Radio", "已办"
    )
    assert dict(read_controls(shapes, ONE + TWO, DRAWN).notes) == {
        (4, 2): "（单选框，未选中）已办",
        (6, 1): "（勾选框，已勾选）同意",
    }
    old = make_vml_shape("a", "Checkbox", "甲", ON) + make_vml_shape("b", "Checkbox", "乙")
    note = make_vml_shape("c", "Note", "批注") + make_vml_shape("d", "Button", "按钮")
    assert dict(read_controls(old + note).notes) == {
        (4, 2): "（勾选框，已勾选）甲\n（勾选框，未勾选）乙"
    }


def test_controls_and_signature_lines_that_cannot_be_read_are_told() -> None:
    """A state that is not in the file, and a line on which somebody signs."""
    assert read_controls("", LOST).unread == ("控件（不在文件里）",)
    assert read_controls("<v:shape><o:signatureline/></v:shape>").unread == ("签名行 1 个",)


# --- .xls, from records laid out by hand ---


def pack(kind: int, data: bytes, flags: int = 0) -> bytes:
    return struct.pack("<HHI", flags, kind, len(data)) + data


def make_shape(row: int, column: int, *, has_text: bool = True, anchored: bool = True) -> bytes:
    anchor = pack(0xF010, struct.pack("<9H", 0, column, 0, row, 0, 0, 0, 0, 0))
    parts = (anchor if anchored else b"") + pack(0xF011, b"")
    return pack(0xF004, parts + (pack(0xF00D, b"") if has_text else b""), 0xF)


def make_record(kind: int, *chunks: bytes) -> bytes:
    first, *rest = chunks
    return (
        struct.pack("<HH", kind, len(first))
        + first
        + b"".join(struct.pack("<HH", 0x003C, len(chunk)) + chunk for chunk in rest)
    )


def make_object(kind: int, *subrecords: tuple[int, bytes]) -> bytes:
    parts = ((0x15, struct.pack("<HH14x", kind, 1)), *subrecords, (0, b""))
    return make_record(
        OBJECT, b"".join(struct.pack("<HH", sub, len(data)) + data for sub, data in parts)
    )


def make_text(text: str, *chunks: bytes, rest: bytes = b"") -> bytes:
    """Return a TxO with its text in ``chunks``, by default in one of UTF-16."""
    head = struct.pack("<HH6xHH4x", 0x12, 0, len(text), 16)
    pieces = chunks or (b"\1" + text.encode("utf-16-le"),)
    return make_record(TEXT, head, *pieces, bytes(16), *([rest] if rest else []))


def read_sheet(drawing: list[bytes], *others: bytes) -> SheetShapes:
    """Read a sheet whose shapes are ``drawing``, each followed by one of ``others``."""
    begin, end = make_record(0x0809, bytes(16)), make_record(0x000A, b"")
    body = b"".join(
        chain.from_iterable(
            (make_record(0x00EC, shape) if shape else b"", other)
            for shape, other in zip([*drawing, *[b""] * len(others)], others, strict=False)
        )
    )
    sheet = make_record(0x0085, struct.pack("<IBBH", len(begin) + 12 + len(end), 0, 0, 0))
    stream = begin + sheet + end + begin + body + end
    records = find_records(stream, (*PICTURE_RECORD_TYPES, OBJECT, TEXT))
    (found,) = records.list_by_worksheet(0x00EC, OBJECT, TEXT)
    return read_shapes(found)


def test_a_text_box_is_a_note_of_its_cell() -> None:
    """A shape in a group is at the cell of the group; the note of a cell is told elsewhere."""
    drawing = [
        make_shape(4, 2),
        b"",
        make_shape(6, 1, has_text=False) + make_shape(0, 0, anchored=False),
    ]
    found = read_sheet(
        drawing,
        make_object(0x06),
        make_text("框里的话"),
        make_object(0x00),
        make_object(0x02),
        make_text("组里的话"),
    )
    assert found.notes == (((4, 2), "（文本框）框里的话"), ((6, 1), "（文本框）组里的话"))
    note = read_sheet([make_shape(1, 1)], make_object(0x19), make_text("批注"))
    assert note == SheetShapes()


def test_a_long_text_goes_on_in_further_records() -> None:
    """Each says anew whether a letter takes one byte; what follows belongs to the drawing."""
    text = "长" * 4000 + "abc"
    chunks = (b"\1" + ("长" * 4000).encode("utf-16-le"), b"\0abc")
    found = read_sheet(
        [make_shape(1, 1)],
        make_object(0x06),
        make_text(text, *chunks, rest=make_shape(7, 3)),
        make_object(0x06),
        make_text("后面的"),
    )
    assert found.notes == (((1, 1), f"（文本框）{text}"), ((7, 3), "（文本框）后面的"))


def test_a_ticked_box_is_told_from_one_that_is_not() -> None:
    """Excel and LibreOffice keep the state in different places."""
    ticked, blank = struct.pack("<4H", 1, 0, 0, 0), bytes(8)
    found = read_sheet(
        [make_shape(n, 0) for n in range(6)],
        make_object(0x0B, (0x12, ticked)),
        make_text("甲"),
        make_object(0x0B, (0x0A, ticked), (0x12, blank)),
        make_text("乙"),
        make_object(0x0C, (0x0A, ticked)),
        make_text("丙"),
    )
    assert [text for _, text in found.notes[:3]] == [
        "（勾选框，已勾选）甲",
        "（勾选框，未勾选）乙",
        "（单选框，已选中）丙",
    ]


def test_what_has_no_text_is_counted_in_xls() -> None:
    """Charts, embedded files, controls of other programs, and objects of an older layout."""
    flags = (0x08, struct.pack("<H", 0x0010))
    objects = (
        make_object(0x05),
        make_object(0x08, (0x09, b"ab")),
        make_object(0x08, flags, (0x09, b"ab")),
        make_record(OBJECT, bytes(40)),
        make_object(0x02),
    )
    found = read_sheet([make_shape(n, 0, has_text=False) for n in range(5)], *objects)
    assert found == SheetShapes((), ("图表等图形 2 个", "嵌入的文件 1 个", "控件 1 个"))


def test_a_text_whose_shape_is_lost_is_kept() -> None:
    """It was written, and is told of at the first cell."""
    assert read_sheet([], make_text("话")).notes == (((0, 0), "（文本框）话"),)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_damaged_records_raise_nothing(seed: int) -> None:
    """Bytes changed or cut anywhere: notes or none, and an end."""
    rng = random.Random(seed)  # noqa: S311  no secret
    parts = [make_object(0x0B, (0x12, bytes(8))), make_text("话" * 9), make_object(0x05)]
    damaged = []
    for part in (*parts, *parts):
        data = bytearray(part)
        for _ in range(rng.randint(0, 4)):
            data[rng.randrange(4, len(data))] = rng.randrange(256)
        damaged.append(bytes(data))
    shapes = [bytearray(make_shape(n, n)) for n in range(4)]
    for shape in shapes:
        shape[rng.randrange(len(shape))] = rng.randrange(256)
    read_sheet([bytes(shape) for shape in shapes], *damaged)


def test_containers_in_containers_are_not_followed_for_ever() -> None:
    """A drawing of nothing but open containers costs no more than its size."""
    deep = struct.pack("<HHI", 0xF, 0xF003, 2**31) * 200_000
    assert read_sheet([], make_record(0x00EC, deep[:8000])) == SheetShapes()


def test_a_refused_file_is_no_other_error() -> None:
    """Half an .ods."""
    with pytest.raises(RefusedError):
        read_workbook(make_ods("")[:-30])
