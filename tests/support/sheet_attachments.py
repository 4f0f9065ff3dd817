"""Add notes, links and pictures to the first sheet of a workbook by writing its parts."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

from ledgerbook.text import escape_ooxml
from tests.support.returns import NAMESPACE, replace_parts

PNG = b"\x89PNG\r\n\x1a\n"
IN_PACKAGE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_SPREADSHEET = f"{_DRAWING}/spreadsheetDrawing"
_MAIN = f"{_DRAWING}/main"

# The elements before which <hyperlinks> must be (ECMA-376 Part 1, 18.3.1.99).
_FOLLOWING_ELEMENT = re.compile(rb"<(drawing|legacyDrawing|tableParts|extLst)\b|</worksheet>")


def make_relationships(*relationships: tuple[str, str, str]) -> bytes:
    """Return a relationships part from (id, last word of the type, target).

    A target that begins with ``!`` is external.
    """
    elements = (
        "".join(map(_make_relationship, *zip(*relationships, strict=True))) if relationships else ""
    )
    return f'<Relationships xmlns="{_RELATIONSHIPS}">{elements}</Relationships>'.encode()


def _escape_attribute(text: str) -> str:
    return escape(text, {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


def _make_relationship(name: str, kind: str, target: str) -> str:
    target_mode = ' TargetMode="External"' if target.startswith("!") else ""
    address = _escape_attribute(target.removeprefix("!"))
    attributes = f'Id="{name}" Type="{IN_PACKAGE}/{kind}" Target="{address}"'
    return f"<Relationship {attributes}{target_mode}/>"


def make_comments(notes: Mapping[str, str], author: str = "李某") -> bytes:
    elements = "".join(
        f'<comment ref="{cell}" authorId="0">'
        f'<text><r><t xml:space="preserve">{escape(escape_ooxml(text))}</t></r></text>'
        "</comment>"
        for cell, text in notes.items()
    )
    return (
        f'<comments xmlns="{NAMESPACE}">'
        f"<authors><author>{escape(author)}</author></authors>"
        f"<commentList>{elements}</commentList></comments>"
    ).encode()


def make_picture(name: str) -> str:
    return f'<xdr:pic><xdr:blipFill><a:blip r:embed="{name}"/></xdr:blipFill></xdr:pic>'


def make_anchor(cell: tuple[int, int], content: str) -> str:
    row, column = cell
    return (
        f"<xdr:oneCellAnchor><xdr:from><xdr:col>{column}</xdr:col>"
        f"<xdr:row>{row}</xdr:row></xdr:from>{content}</xdr:oneCellAnchor>"
    )


def make_drawing(*anchors: str) -> bytes:
    namespaces = f'xmlns:xdr="{_SPREADSHEET}" xmlns:a="{_MAIN}" xmlns:r="{IN_PACKAGE}"'
    return f"<xdr:wsDr {namespaces}>{''.join(anchors)}</xdr:wsDr>".encode()


def attach(
    data: bytes,
    *,
    notes: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
    pictures: Mapping[tuple[int, int], bytes] | None = None,
    parts: Mapping[str, bytes] | None = None,
    related: tuple[tuple[str, str, str], ...] = (),
) -> bytes:
    """Add notes and links by cell name, pictures by 0-based row and column.

    A link that begins with # leads within the workbook. ``parts`` are added to the
    package, ``related`` to the relationships of the sheet.
    """
    relationships, new_parts = [*related], dict(parts or {})
    if notes:
        relationships.append(("n1", "comments", "../comments9.xml"))
        new_parts["xl/comments9.xml"] = make_comments(notes)
    hyperlinks = []
    for number, (cell, target) in enumerate((links or {}).items()):
        if target.startswith("#"):
            hyperlinks.append(
                f'<hyperlink ref="{cell}" location="{_escape_attribute(target[1:])}"/>'
            )
        else:
            relationships.append((f"l{number}", "hyperlink", f"!{target}"))
            hyperlinks.append(f'<hyperlink ref="{cell}" r:id="l{number}"/>')
    if pictures:
        relationships.append(("d1", "drawing", "../drawings/drawing9.xml"))
        names = [f"p{number}" for number in range(len(pictures))]
        anchors = (make_anchor(c, make_picture(n)) for c, n in zip(pictures, names, strict=True))
        new_parts["xl/drawings/drawing9.xml"] = make_drawing(*anchors)
        images = [(n, "image", f"../media/{n}.png") for n in names]
        new_parts["xl/drawings/_rels/drawing9.xml.rels"] = make_relationships(*images)
        for name, picture in zip(names, pictures.values(), strict=True):
            new_parts[f"xl/media/{name}.png"] = picture
    links_xml = f'<hyperlinks xmlns:r="{IN_PACKAGE}">{"".join(hyperlinks)}</hyperlinks>'
    if hyperlinks:
        new_parts["xl/worksheets/sheet1.xml"] = _insert_element(data, links_xml.encode())
    new_parts["xl/worksheets/_rels/sheet1.xml.rels"] = make_relationships(*relationships)
    return replace_parts(data, new_parts)


def _insert_element(data: bytes, element: bytes) -> bytes:
    """Return the XML of the first sheet with an element inserted where the schema allows it."""
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    match = _FOLLOWING_ELEMENT.search(sheet)
    assert match
    return sheet[: match.start()] + element + sheet[match.start() :]
