"""The look of an official document in Word: page, fonts and paragraph styles.

GB/T 9704-2012: A4 with margins of 37, 35, 28 and 26 mm; 22 lines a page of 28
characters; title 小标宋 二号, text 仿宋 三号, headings 黑体 and 楷体 三号; page numbers
宋体 四号 between dashes. Fonts are named, never embedded.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from docx import Document
from docx.document import Document as Doc
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm
from docx.text.paragraph import Paragraph

from ledgerbook.excel import styles as look
from ledgerbook.excel.deterministic_zip import same_zip

BODY_FONT, HEAD_FONT, TITLE_FONT = look.BODY_FONT, look.HEAD_FONT, look.TITLE_FONT
KAI, SONG = "楷体_GB2312", "宋体"

# A page of 225 mm holds 22 lines of 28.95 pt; 29 would be a hair too much.
LINE = 28.95
# 28 characters of 16 pt are 2 mm wider than a line: each is drawn so much narrower, in
# percent. Less space between them would do, but costs LibreOffice the stop of a line.
_NARROW = 98
ASKED = "待补"
TITLE, HEADING_1, HEADING_2, BODY = "Title", "Heading 1", "Heading 2", "公文正文"
ANNEX, NOTES_TITLE, NOTE, CASE = "附件标识", "起草说明标题", "起草说明", "起草说明明细"
END = "文末"  # Word ends no document with a table, and this calls for no new page
NOTES_LEAD = "起草说明开头"
ADDRESSEE, SIGNED = "主送机关", "落款"
ODD_PAGE, EVEN_PAGE = "单页码", "双页码"
# Styles that Word has names of its own for, by the id that comments refer to.
_COMMENT = {"annotation text": "CommentText"}
# What stands in where a font is not installed.
_STAND_INS = {BODY_FONT: "仿宋", KAI: "楷体", TITLE_FONT: "华文中宋"}
# Tables and the size of their type; each has a style for heads, words and figures.
TABLES: Mapping[str, float] = {"表二": 12, "表三": 9, "表四": 10.5, "附件表": 10.5}
HEAD, LABEL, FIGURE = "表头", "文字", "数字"


@dataclass(frozen=True, slots=True)
class _Look:
    """One paragraph style. Lengths in points, ``indent`` of the first line in em."""

    font: str = BODY_FONT
    size: float = 16
    align: str = "both"
    line: float = LINE
    indent: float = 0
    left: float = 0
    right: float = 0
    before: float = 0
    after: float = 0
    scale: int = 100
    keep: bool = False
    level: int | None = None
    new_page: bool = False


def _table_looks() -> dict[str, _Look]:
    looks = {}
    for table, size in TABLES.items():
        keep = table != "附件表"
        line = round(size * 1.3, 1)
        for kind, font, align in (
            (HEAD, HEAD_FONT, "center"),
            (LABEL, BODY_FONT, "left"),
            (FIGURE, BODY_FONT, "center"),
        ):
            looks[table + kind] = _Look(font, size, align, line, keep=keep)
    return looks


_LOOKS: Mapping[str, _Look] = {
    "Normal": _Look(scale=_NARROW),
    TITLE: _Look(TITLE_FONT, 22, "center", 36, after=LINE),
    HEADING_1: _Look(HEAD_FONT, indent=2, keep=True, level=0),
    HEADING_2: _Look(KAI, indent=2, keep=True, level=1),
    BODY: _Look(indent=2, scale=_NARROW),
    ADDRESSEE: _Look(align="left"),
    # Four characters in from the right: where the day of an unsealed paper stands.
    SIGNED: _Look(align="right", right=64),
    ANNEX: _Look(HEAD_FONT, align="left", new_page=True),
    NOTES_TITLE: _Look(HEAD_FONT, 18, "center", 30, after=10),
    NOTES_LEAD: _Look(size=12, line=18, indent=2),
    NOTE: _Look(size=12, line=18, left=28, indent=-28 / 12, before=3),
    CASE: _Look(size=10.5, line=15, left=38.5, indent=-1),
    # One character in from the edge of the text, on the outer side of the sheet.
    ODD_PAGE: _Look(SONG, 14, "right", 18, right=14),
    EVEN_PAGE: _Look(SONG, 14, "left", 18, left=14),
    END: _Look(size=1, line=1),
    "annotation text": _Look(SONG, 10.5, "left", 14),
    **_table_looks(),
}


def dress(document: Doc) -> None:
    """Set page and styles of a new document."""
    for name, one in _LOOKS.items():
        _style(document, name, one)
    asked: Any = document.styles.add_style(ASKED, WD_STYLE_TYPE.CHARACTER)
    asked.element.get_or_add_rPr().append(shade(look.ASK_FILL))
    _name_fonts(document)
    document.settings.odd_and_even_pages_header_footer = True


def _name_fonts(document: Doc) -> None:
    """Tell which font stands in for one that is missing, as far as Word asks."""
    related = document.part.rels.values()
    (part,) = (
        r.target_part for r in related if r.reltype == RELATIONSHIP_TYPE.FONT_TABLE
    )
    table: Any = parse_xml(part.blob)
    for font, other in _STAND_INS.items():
        named = element("w:font", name=font)
        named.append(element("w:altName", val=other))
        table.append(named)
    part._blob = serialize_part_xml(table)


def lay_out(section: Section) -> None:
    """Give a section the page of an official document."""
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    # The number stands 7 mm below the text.
    section.header_distance, section.footer_distance = Mm(15), Mm(21.5)
    for grid in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(grid)


def shade(colour: str) -> Any:
    return element("w:shd", val="clear", color="auto", fill=colour.removeprefix("#"))


def element(tag: str, **attributes: object) -> Any:
    """Make an element of WordprocessingML."""
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    return made


def _style(document: Doc, name: str, one: _Look) -> None:
    styles: Any = document.styles
    known = name in styles
    style = styles[name] if known else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    if not known:
        style.quick_style = True
    own = style.element
    own.set(qn("w:styleId"), _COMMENT.get(name, own.get(qn("w:styleId"))))
    # The built-in look (colours, theme fonts, rules) gives way whole.
    for tag in ("w:pPr", "w:rPr"):
        for old in own.findall(qn(tag)):
            own.remove(old)
    _paragraph(own.get_or_add_pPr(), one)
    _run(own.get_or_add_rPr(), one)


def _paragraph(into: Any, one: _Look) -> None:
    """Say how paragraphs stand; Word wants these in the order of its schema."""
    if one.keep:
        into.append(element("w:keepNext"))
    if one.new_page:
        into.append(element("w:pageBreakBefore"))
    into.append(element("w:widowControl", val=0))
    # No stop hangs out of the line: the type area has straight edges.
    into.append(element("w:overflowPunct", val=0))
    # No gaps between Chinese and figures: an official line is an even grid.
    into.append(element("w:autoSpaceDE", val=0))
    into.append(element("w:autoSpaceDN", val=0))
    into.append(
        element(
            "w:spacing",
            before=_twips(one.before),
            after=_twips(one.after),
            line=_twips(one.line),
            lineRule="exact",
        )
    )
    # An indent in characters follows the type; the one in points is for programs
    # that know no other.
    first = "firstLine" if one.indent >= 0 else "hanging"
    indent = {
        "left": _twips(one.left),
        "right": _twips(one.right),
        f"{first}Chars": round(abs(one.indent) * 100),
        first: _twips(abs(one.indent) * one.size),
    }
    into.append(element("w:ind", **indent))
    into.append(element("w:jc", val=one.align))
    if one.level is not None:
        into.append(element("w:outlineLvl", val=one.level))


def _run(into: Any, one: _Look) -> None:
    font = one.font
    into.append(element("w:rFonts", ascii=font, eastAsia=font, hAnsi=font, cs=font))
    into.append(element("w:b", val=0))
    into.append(element("w:color", val="000000"))
    into.append(element("w:w", val=one.scale))
    into.append(element("w:sz", val=round(one.size * 2)))
    into.append(element("w:szCs", val=round(one.size * 2)))
    into.append(element("w:lang", val="en-US", eastAsia="zh-CN"))


def _twips(points: float) -> int:
    return round(points * 20)


# A document as official paper: dressed, numbered, and saved without a clock.

# Parts of python-docx's blank document that say something untrue or unneeded of ours.
_STRIPPED = ("/thumbnail", "/stylesWithEffects", "/customXml")
_TITLE_LIMIT = 255


def blank() -> Doc:
    """Return an empty document in the styles of an official one."""
    document = Document()
    for rels in (document.part.rels, document.part.package.rels):
        for key in [k for k, r in rels.items() if r.reltype.endswith(_STRIPPED)]:
            del rels[key]
    # A hundred table styles that nothing here uses, ten times the size of the rest.
    styles_part: Any = document.styles.element
    for style in styles_part.findall(qn("w:style")):
        if style.get(qn("w:type")) == "table" and not style.get(qn("w:default")):
            styles_part.remove(style)
    dress(document)
    return document


def number_pages(section: Section) -> None:
    """Give pages their numbers: odd ones on the right, even ones on the left."""
    for footer, style in (
        (section.footer, ODD_PAGE),
        (section.even_page_footer, EVEN_PAGE),
    ):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style = style
        paragraph.add_run("— ")
        _page_number(paragraph)
        paragraph.add_run(" —")


def _page_number(paragraph: Paragraph) -> None:
    field: Any = element("w:fldSimple", instr="PAGE")
    paragraph._p.append(field)
    inner = Paragraph(paragraph._p, paragraph._parent).add_run("1")._r
    field.append(inner)


def finished(
    document: Doc, title: str, author: str, day: date, keywords: str = ""
) -> bytes:
    """Return the document, all that Word notes of a file being fixed."""
    core = document.core_properties
    core.title = title[:_TITLE_LIMIT]
    core.author = core.last_modified_by = author[:_TITLE_LIMIT]
    core.comments = core.subject = core.category = ""
    core.language = "zh-CN"
    for comment in document.comments:
        comment._comment_elm.date = datetime(day.year, day.month, day.day)  # noqa: DTZ001
    return dated(document, day, keywords)


def dated(document: Doc, day: date, keywords: str) -> bytes:
    """Return the document as it was made on ``day``: the same parts, the same bytes."""
    core = document.core_properties
    core.keywords = keywords
    core.created = core.modified = datetime(day.year, day.month, day.day)  # noqa: DTZ001
    buffer = io.BytesIO()
    document.save(buffer)
    return same_zip(buffer.getvalue())
