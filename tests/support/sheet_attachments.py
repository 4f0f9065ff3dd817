"""Notes, links and pictures put on the first sheet of a workbook, part by part."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

from ledgerbook.text import escape_ooxml
from tests.support.returns import NAMESPACE, repacked

PNG = b"\x89PNG\r\n\x1a\n"
IN_PACKAGE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATION = "http://schemas.openxmlformats.org/package/2006/relationships"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_SPREADSHEET = f"{_DRAWING}/spreadsheetDrawing"
_MAIN = f"{_DRAWING}/main"

# What of a sheet must stand before what.
_LATER = re.compile(rb"<(drawing|legacyDrawing|tableParts|extLst)\b|</worksheet>")


def relations(*lines: tuple[str, str, str]) -> bytes:
    """Write a relations part of (id, type's last word, target); ``!`` is outside."""
    told = "".join(map(_relation, *zip(*lines, strict=True))) if lines else ""
    return f'<Relationships xmlns="{_RELATION}">{told}</Relationships>'.encode()


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


def _relation(name: str, kind: str, target: str) -> str:
    outside = ' TargetMode="External"' if target.startswith("!") else ""
    plain = _attribute(target.removeprefix("!"))
    said = f'Id="{name}" Type="{IN_PACKAGE}/{kind}" Target="{plain}"'
    return f"<Relationship {said}{outside}/>"


def comments(notes: Mapping[str, str], author: str = "李某") -> bytes:
    told = "".join(
        f'<comment ref="{cell}" authorId="0">'
        f'<text><r><t xml:space="preserve">{escape(escape_ooxml(text))}</t></r></text>'
        "</comment>"
        for cell, text in notes.items()
    )
    return (
        f'<comments xmlns="{NAMESPACE}">'
        f"<authors><author>{escape(author)}</author></authors>"
        f"<commentList>{told}</commentList></comments>"
    ).encode()


def blip(name: str) -> str:
    return f'<xdr:pic><xdr:blipFill><a:blip r:embed="{name}"/></xdr:blipFill></xdr:pic>'


def anchored(cell: tuple[int, int], inside: str) -> str:
    row, column = cell
    return (
        f"<xdr:oneCellAnchor><xdr:from><xdr:col>{column}</xdr:col>"
        f"<xdr:row>{row}</xdr:row></xdr:from>{inside}</xdr:oneCellAnchor>"
    )


def drawing(*anchors: str) -> bytes:
    spaces = f'xmlns:xdr="{_SPREADSHEET}" xmlns:a="{_MAIN}" xmlns:r="{IN_PACKAGE}"'
    return f"<xdr:wsDr {spaces}>{''.join(anchors)}</xdr:wsDr>".encode()


def hung(
    data: bytes,
    *,
    notes: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
    pictures: Mapping[tuple[int, int], bytes] | None = None,
    parts: Mapping[str, bytes] | None = None,
    related: tuple[tuple[str, str, str], ...] = (),
) -> bytes:
    """Hang things on the first sheet: by cell name, pictures by 0-based row and column.

    A link that begins with # leads within the workbook. ``parts`` are added as they
    are, and ``related`` to the sheet.
    """
    lines, more = [*related], dict(parts or {})
    if notes:
        lines.append(("n1", "comments", "../comments9.xml"))
        more["xl/comments9.xml"] = comments(notes)
    told = []
    for number, (cell, target) in enumerate((links or {}).items()):
        if target.startswith("#"):
            told.append(f'<hyperlink ref="{cell}" location="{_attribute(target[1:])}"/>')
        else:
            lines.append((f"l{number}", "hyperlink", f"!{target}"))
            told.append(f'<hyperlink ref="{cell}" r:id="l{number}"/>')
    if pictures:
        lines.append(("d1", "drawing", "../drawings/drawing9.xml"))
        names = [f"p{number}" for number in range(len(pictures))]
        anchors = (anchored(c, blip(n)) for c, n in zip(pictures, names, strict=True))
        more["xl/drawings/drawing9.xml"] = drawing(*anchors)
        images = [(n, "image", f"../media/{n}.png") for n in names]
        more["xl/drawings/_rels/drawing9.xml.rels"] = relations(*images)
        for name, picture in zip(names, pictures.values(), strict=True):
            more[f"xl/media/{name}.png"] = picture
    links_xml = f'<hyperlinks xmlns:r="{IN_PACKAGE}">{"".join(told)}</hyperlinks>'
    if told:
        more["xl/worksheets/sheet1.xml"] = _with(data, links_xml.encode())
    more["xl/worksheets/_rels/sheet1.xml.rels"] = relations(*lines)
    return repacked(data, more)


def _with(data: bytes, element: bytes) -> bytes:
    """Put an element near the end of the first sheet, where the schema may have it."""
    sheet = zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    found = _LATER.search(sheet)
    assert found
    return sheet[: found.start()] + element + sheet[found.start() :]
