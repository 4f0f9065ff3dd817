"""What hangs on an .xlsx's cells: read from parts laid out by hand, or said lost."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ledgerbook.intake.formats import drawing_notes, xlsx_attachments
from ledgerbook.intake.formats.raw_workbook import CellError, Picture, RawSheet, SheetAttachments
from ledgerbook.intake.formats.reader import read_workbook
from tests.support.returns import NAMESPACE, SHEET, plain, replace_parts, sheet_xml
from tests.support.sheet_attachments import (
    IN_PACKAGE,
    PNG,
    attach,
    make_anchor,
    make_comments,
    make_drawing,
    make_picture,
    make_relationships,
)

THREADED = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
DRAWN = "xl/drawings/drawing1.xml"
RELATED = "xl/drawings/_rels/drawing1.xml.rels"


def read(data: bytes) -> RawSheet:
    (sheet,) = read_workbook(data).sheets
    return sheet


def hanging(data: bytes) -> SheetAttachments:
    return read(data).attachments


def drawn(*anchors: str, images: Mapping[str, bytes]) -> bytes:
    """Return a workbook with a drawing whose relations are r1, r2, … in order."""
    names = [(f"r{n}", "image", f"../media/{i}") for n, i in enumerate(images, 1)]
    parts = {f"xl/media/{name}": data for name, data in images.items()}
    return attach(
        plain(),
        parts={DRAWN: make_drawing(*anchors), RELATED: make_relationships(*names), **parts},
        related=(("d", "drawing", "../drawings/drawing1.xml"),),
    )


# -- notes ----------------------------------------------------------------------------


def test_notes_stand_at_their_cells() -> None:
    """Runs make one text; a cell may have a note and no value."""
    found = hanging(attach(plain(), notes={"A1": "第一行\n第二行", "$C$5": " 甲 "}))
    assert found.notes == {(0, 0): "第一行\n第二行", (4, 2): "甲"}


def test_a_conversation_is_told_once() -> None:
    """Excel keeps it twice: for itself, and as a note for old programs."""
    told = (
        f'<ThreadedComments xmlns="{THREADED}">'
        '<threadedComment ref="A1"><text>补上了吗</text></threadedComment>'
        '<threadedComment ref="A1"><text>补上了</text></threadedComment>'
        "</ThreadedComments>"
    ).encode()
    data = attach(
        plain(),
        parts={
            "xl/comments1.xml": make_comments({"A1": "[话题] 补上了吗"}, author="tc={1}"),
            "xl/threadedComments/t1.xml": told,
        },
        related=(
            ("n", "comments", "../comments1.xml"),
            ("t", "threadedComment", "../threadedComments/t1.xml"),
        ),
    )
    assert hanging(data).notes == {(0, 0): "补上了吗\n补上了"}


def test_a_text_box_is_a_note() -> None:
    """What is written over the cells is told at the cell beneath."""
    words = "<xdr:sp><a:p><a:r><a:t>见附</a:t></a:r></a:p><a:p><a:t>件</a:t></a:p></xdr:sp>"
    found = hanging(drawn(make_anchor((3, 1), words), images={}))
    assert found.notes == {(3, 1): "（文本框）见附\n件"}


def test_too_many_or_too_long_notes_are_said_to_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is left out is counted."""
    monkeypatch.setattr(drawing_notes, "MAX_LINKS", 2)
    monkeypatch.setattr(drawing_notes, "CELL_LIMIT", 20)
    found = hanging(attach(plain(), notes={"A1": "甲" * 30, "A2": "乙", "A3": "丙"}))
    assert found.notes == {
        (0, 0): f"{'甲' * 6}……（以下从略，全文见原表）",
        (1, 0): "乙",
    }
    assert found.unread == ("批注 3 条（只取前 2 条）", "批注 1 条过长（只取前 20 字）")


# -- links ----------------------------------------------------------------------------


def test_links_tell_more_than_the_text_they_stand_on() -> None:
    """An address typed as text links to itself: that is nothing new."""
    shown = "<row r='1'>" + "".join(
        f"<c r='{cell}' t='inlineStr'><is><t>{text}</t></is></c>"
        for cell, text in (
            ("A1", "看这里"),
            ("B1", "https://example.org/a b/"),
            ("C1", "li@example.org"),
            ("D1", "见表"),
        )
    )
    data = replace_parts(plain(), {SHEET: sheet_xml(f"{shown}</row>")})
    targets = {
        "A1": "http://example.org/x?a=1&b=2",
        "B1": "https://example.org/a%20b",
        "C1": "mailto:li@example.org",
        "D1": "#表2!A1",
        "E1": "file:///C:/证明.pdf",
    }
    assert hanging(attach(data, links=targets)).links == {
        (0, 0): "http://example.org/x?a=1&b=2",
        (0, 3): "#表2!A1",
        (0, 4): "file:///C:/证明.pdf",
    }


def test_a_link_by_formula_is_one_too() -> None:
    """HYPERLINK shows its second argument and hides the first."""
    row = (
        '<row r="2"><c r="B2" t="str"><f>HYPERLINK("http://example.org/""x","点我")</f>'
        "<v>点我</v></c></row>"
    )
    sheet = read(replace_parts(plain(), {SHEET: sheet_xml(row)}))
    assert sheet.cells == {(1, 1): "点我"}
    assert sheet.attachments.links == {(1, 1): 'http://example.org/"x'}


# -- pictures -------------------------------------------------------------------------


def test_pictures_stand_where_their_corner_is() -> None:
    """Each at its anchor; one without an anchor's cell at A1."""
    nowhere = f"<xdr:absoluteAnchor>{make_picture('r2')}</xdr:absoluteAnchor>"
    data = drawn(
        make_anchor((5, 9), make_picture("r1")), nowhere, images={"a.png": b"A", "b.jpg": b"B"}
    )
    assert hanging(data).pictures == (
        Picture((5, 9), "a.png", b"A"),
        Picture((0, 0), "b.jpg", b"B"),
    )


def test_what_is_drawn_and_cannot_be_carried_is_counted() -> None:
    """A chart, a picture that is only linked, one whose part is gone."""
    data = drawn(
        make_anchor((1, 1), "<xdr:graphicFrame/>"),
        make_anchor((1, 2), '<xdr:pic><a:blip r:link="r9"/></xdr:pic>'),
        make_anchor((1, 3), make_picture("r7")),
        images={},
    )
    assert hanging(data).unread == (
        "图片 2 张（内容不在文件里）",
        "图表等图形 1 个",
    )


def test_a_picture_offered_in_two_versions_is_one() -> None:
    """Programs write it for old readers and for new ones, at the same place."""
    both = (
        '<mc:AlternateContent xmlns:mc="x"><mc:Choice>'
        f"{make_anchor((2, 3), make_picture('r1'))}</mc:Choice><mc:Fallback>"
        f"{make_anchor((2, 3), make_picture('r1'))}</mc:Fallback></mc:AlternateContent>"
    )
    data = drawn(both, images={"a.png": b"A"})
    assert hanging(data).pictures == (Picture((2, 3), "a.png", b"A"),)


def test_more_pictures_than_anybody_sends_are_said_to_be_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(xlsx_attachments, "MAX_LINKS", 2)
    many = (make_anchor((n, 1), make_picture("r1")) for n in range(5))
    found = hanging(drawn(*many, images={"a.png": b"A"}))
    assert found.unread == ("图片（只取前 2 张）",)
    assert 0 < len(found.pictures) < 5


@pytest.mark.parametrize(
    ("part", "data"),
    [(DRAWN, b"<broken"), (DRAWN, None), (RELATED, b"<broken")],
    ids=["broken", "gone", "relations broken"],
)
def test_a_broken_drawing_takes_nothing_along(part: str, data: bytes | None) -> None:
    """The words in the cells, and the notes, are read all the same."""
    good = drawn(make_anchor((1, 1), make_picture("r1")), images={"a.png": b"A"})
    sheet = read(replace_parts(good, {part: data}))
    assert sheet.cells == {(0, 0): "文字"}
    assert len(sheet.attachments.unread) == 1
    assert sheet.attachments.unread[0].startswith("图片（")


WPS_CELL = '<c r="A1" t="str"><f>_xlfn.DISPIMG("ID_1",1)</f><v>=DISPIMG("ID_1",1)</v></c>'
WPS_IMAGES = (
    '<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"'
    ' xmlns:xdr="x" xmlns:a="a" xmlns:r="' + IN_PACKAGE + '"><etc:cellImage><xdr:pic>'
    '<xdr:nvPicPr><xdr:cNvPr id="2" name="ID_1"/></xdr:nvPicPr><xdr:blipFill>'
    '<a:blip r:embed="r1"/></xdr:blipFill></xdr:pic></etc:cellImage></etc:cellImages>'
).encode()


def in_cell(**changes: bytes | None) -> bytes:
    parts: dict[str, bytes | None] = {
        SHEET: sheet_xml(f'<row r="1">{WPS_CELL}</row>'),
        "xl/cellimages.xml": WPS_IMAGES,
        "xl/_rels/cellimages.xml.rels": make_relationships(("r1", "image", "media/i.png")),
        "xl/media/i.png": PNG,
    }
    return replace_parts(plain(), {**parts, **changes})  # type: ignore[arg-type]


def test_a_picture_that_wps_puts_into_a_cell() -> None:
    """It is a picture, and the cell says so instead of its formula."""
    sheet = read(in_cell())
    assert sheet.cells == {(0, 0): "（图片）i.png"}
    assert sheet.attachments.pictures == (Picture((0, 0), "i.png", PNG),)


def test_a_picture_that_another_program_has_lost() -> None:
    """Programs that do not know it keep the formula and drop the picture."""
    sheet = read(in_cell(**{"xl/cellimages.xml": None}))
    fault = CellError('=_xlfn.DISPIMG("ID_1",1)', "picture-missing")
    assert sheet.cells == {(0, 0): fault}
    assert sheet.attachments.pictures == ()


RICH = "http://schemas.microsoft.com/office/spreadsheetml/2017/richdata"
METADATA, VALUE, SHAPE, TARGETS, IMAGE = (
    "xl/metadata.xml",
    "xl/richData/rdrichvalue.xml",
    "xl/richData/rdrichvaluestructure.xml",
    "xl/richData/richValueRel.xml",
    "xl/media/i.png",
)
RICH_PARTS = {
    METADATA: f'<metadata xmlns="{NAMESPACE}" xmlns:xlrd="{RICH}">'
    '<metadataTypes count="1"><metadataType name="XLRICHVALUE"/></metadataTypes>'
    '<futureMetadata name="XLRICHVALUE" count="1"><bk><extLst><ext>'
    '<xlrd:rvb i="0"/></ext></extLst></bk></futureMetadata>'
    '<valueMetadata count="1"><bk><rc t="1" v="0"/></bk></valueMetadata></metadata>',
    SHAPE: f'<rvStructures xmlns="{RICH}"><s t="_localImage">'
    '<k n="_rvRel:LocalImageIdentifier" t="i"/><k n="CalcOrigin" t="i"/>'
    "</s></rvStructures>",
    VALUE: f'<rvData xmlns="{RICH}"><rv s="0"><v>0</v><v>5</v></rv></rvData>',
    TARGETS: f'<richValueRels xmlns="{RICH}2" xmlns:r="{IN_PACKAGE}">'
    '<rel r:id="r1"/></richValueRels>',
}


def in_excels_cell(changed: str = "", old: str = "", new: str = "") -> RawSheet:
    """Read a picture in a cell; something in one of its parts may be changed."""
    told = {n: t.replace(old, new) if n == changed else t for n, t in RICH_PARTS.items()}
    parts: dict[str, bytes | None] = {
        SHEET: sheet_xml('<row r="3"><c r="B3" t="e" vm="1"><v>#VALUE!</v></c></row>'),
        "xl/richData/_rels/richValueRel.xml.rels": make_relationships(
            ("r1", "image", "../media/i.png")
        ),
        IMAGE: PNG,
        **{name: text.encode() for name, text in told.items()},
    }
    if changed and not old:
        parts[changed] = None
    return read(replace_parts(plain(), parts))


def test_a_picture_that_excel_puts_into_a_cell() -> None:
    """Excel leads from the cell's vm over four tables to the picture."""
    sheet = in_excels_cell()
    assert sheet.cells == {(2, 1): "（图片）i.png"}
    assert sheet.attachments.pictures == (Picture((2, 1), "i.png", PNG),)


@pytest.mark.parametrize(
    ("changed", "old", "new"),
    [
        (METADATA, "", ""),
        (METADATA, 't="1"', 't="2"'),
        (METADATA, '<rc t="1" v="0"/>', ""),
        (METADATA, 'xlrd:rvb i="0"', 'xlrd:rvb i="7"'),
        (METADATA, '<xlrd:rvb i="0"/>', ""),
        (SHAPE, "", ""),
        (SHAPE, "_rvRel:LocalImageIdentifier", "Text"),
        (VALUE, "", ""),
        (VALUE, '<rv s="0">', '<rv s="x">'),
        (VALUE, "<v>0</v>", "<v>3</v>"),
        (TARGETS, "", ""),
        (TARGETS, 'r:id="r1"', 'r:id="r9"'),
        (IMAGE, "", ""),
    ],
)
def test_a_way_to_the_picture_that_is_broken_is_told(changed: str, old: str, new: str) -> None:
    """Wherever the chain is torn: the cell says a picture is missing, or its error."""
    sheet = in_excels_cell(changed, old, new)
    fault = sheet.cells[2, 1]
    assert isinstance(fault, CellError)
    assert fault.text == "#VALUE!"
    assert sheet.attachments.pictures == ()


# -- areas and objects ----------------------------------------------------------------


def test_merged_areas_are_told_by_their_corners() -> None:
    """Whichever corners the file names; one cell alone is none."""
    merges = (
        '<mergeCells><mergeCell ref="A1:B2"/><mergeCell ref="D9:C3"/>'
        '<mergeCell ref="F1:F1"/></mergeCells>'
    )
    sheet = sheet_xml("").replace(b"</sheetData>", f"</sheetData>{merges}".encode())
    found = hanging(replace_parts(plain(), {SHEET: sheet}))
    assert found.merges == (((0, 0), (1, 1)), ((2, 2), (8, 3)))


def test_embedded_files_are_counted() -> None:
    """They are not carried, and that is said."""
    objects = '<oleObjects><oleObject shapeId="1"/><oleObject shapeId="2"/></oleObjects>'
    sheet = sheet_xml("").replace(b"</sheetData>", f"</sheetData>{objects}".encode())
    found = hanging(replace_parts(plain(), {SHEET: sheet}))
    assert found.unread == ("嵌入的文件 2 个",)
