"""Write PDFs of a few hundred bytes: texts and rules at given places.

The font is not embedded: the characters of a text are named by their UCS-2 codes, by the
predefined CMap UniGB-UCS2-H (ISO 32000-1, 9.7.5.2), and each is as wide as it is high.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

# The size of a page of A4 in points.
WIDTH, HEIGHT = 595, 842
# A rule and a text: places in points from the left and top edge of the page.
Rule = tuple[float, float, float, float]


@dataclass(frozen=True)
class Text:
    """A text with the left and top of its first character; all are ``size`` wide and high."""

    text: str
    left: float
    top: float
    size: float = 10


@dataclass(frozen=True)
class Page:
    texts: Sequence[Text] = ()
    rules: Sequence[Rule] = ()
    has_picture: bool = False


def write_pdf(pages: Sequence[Page], *, has_encoding: bool = True) -> bytes:
    """Return the bytes of a PDF with these pages.

    Without an encoding, the codes of characters are places in a font, and say nothing else.
    """
    encoding, ordering = ("UniGB-UCS2-H", "GB1") if has_encoding else ("Identity-H", "Identity")
    first_page = 6
    kids = " ".join(f"{first_page + 2 * index} 0 R" for index in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {len(pages)}/Kids[{kids}]>>".encode(),
        f"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/{encoding}"
        "/DescendantFonts[4 0 R]>>".encode(),
        "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light"
        f"/CIDSystemInfo<</Registry(Adobe)/Ordering({ordering})/Supplement 2>>"
        "/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Ascent 880/Descent -120"
        "/FontBBox[0 -120 1000 880]/Flags 4/StemV 80/ItalicAngle 0/CapHeight 880>>"
        "/DW 1000>>".encode(),
        b"<</Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8"
        b"/ColorSpace/DeviceGray/Length 1>>stream\n\0\nendstream",
    ]
    for index, page in enumerate(pages):
        content = _write_content(page)
        objects += [
            (
                f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {WIDTH} {HEIGHT}]"
                f"/Contents {first_page + 2 * index + 1} 0 R"
                "/Resources<</Font<</F 3 0 R>>/XObject<</I 5 0 R>>>>>>"
            ).encode(),
            b"<</Length %d>>stream\n%b\nendstream" % (len(content), content),
        ]
    return _write_objects(objects)


def _write_content(page: Page) -> bytes:
    lines = [
        f"{left} {HEIGHT - top} m {right} {HEIGHT - bottom} l S"
        for left, top, right, bottom in page.rules
    ]
    lines += [
        f"BT /F {text.size} Tf {text.left} {HEIGHT - text.top - 0.88 * text.size:.2f} Td "
        f"<{text.text.encode('utf-16-be').hex()}> Tj ET"
        for text in page.texts
    ]
    lines += [f"q {WIDTH} 0 0 {HEIGHT} 0 0 cm /I Do Q"] * page.has_picture
    return "\n".join(lines).encode()


def _write_objects(objects: Iterable[bytes]) -> bytes:
    """Return a file of numbered objects with its table of their places."""
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(places) + 1
    trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n%b" % (count, table) + trailer


def draw_table(
    rows: Sequence[Sequence[str]], widths: Sequence[float], left: float, top: float
) -> Page:
    """Return a page with a table: a rule around each cell, lines 12 points apart.

    Texts are wrapped where the room of their cell ends; ``^`` is a cell merged with the one
    above, ``<`` with the one to its left.
    """
    edges = [left + sum(widths[:index]) for index in range(len(widths) + 1)]
    texts: list[Text] = []
    rules: list[Rule] = []
    for row in (_wrap_row(row, widths) for row in rows):
        height = 12 * max(cell.count("\n") + 1 for cell in row) + 6
        for index, cell in enumerate(row):
            if cell != "^":
                rules.append((edges[index], top, edges[index + 1], top))
            if cell != "<":
                rules.append((edges[index], top, edges[index], top + height))
            if cell not in ("^", "<"):
                texts += [
                    Text(line, edges[index] + 3, top + 3 + 12 * number)
                    for number, line in enumerate(cell.split("\n"))
                    if line
                ]
        rules.append((edges[-1], top, edges[-1], top + height))
        top += height
    rules.append((edges[0], top, edges[-1], top))
    return Page(texts, rules)


def _wrap_row(row: Sequence[str], widths: Sequence[float]) -> list[str]:
    """Return the texts of a row with a line break wherever a line has no more room."""
    wrapped: list[str] = []
    for index, cell in enumerate(row):
        span = 1 + len(list(takewhile("<".__eq__, row[index + 1 :])))
        length = int(sum(widths[index : index + span]) - 6) // 10
        lines = cell.split("\n")
        wrapped.append("\n".join("\n".join(_cut(line, length)) for line in lines))
    return wrapped


def _cut(line: str, length: int) -> list[str]:
    """Return the pieces of a line, none of which begins with a mark of punctuation."""
    pieces: list[str] = []
    while len(line) > length:
        end = length - (line[length] in "，。、；：")
        pieces.append(line[:end])
        line = line[end:]
    return [*pieces, line]
