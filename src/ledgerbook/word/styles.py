"""Define page, fonts and paragraph styles of an official document in Word, and save it.

The layout follows GB/T 9704-2012 (党政机关公文格式): A4 with margins of 37, 35, 28 and
26 mm; 22 lines a page of 28 characters; title 小标宋 二号, text 仿宋 三号, headings 黑体 and
楷体 三号; page numbers 宋体 四号 between dashes. Fonts are named, never embedded. Callers
(``annual_report``, ``word.letter``) begin with :func:`create_document` and end with
:func:`finish_document`; the same content and day give the same bytes.

Sizes are in points unless a name says otherwise. Elements are those of WordprocessingML
(ECMA-376 Part 1 §17).
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
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from ledgerbook.excel import styles as excel_styles
from ledgerbook.excel.deterministic_zip import normalize_zip
from ledgerbook.excel.limits import MAX_PROPERTY, fit_keywords

BODY_FONT = excel_styles.BODY_FONT
HEAD_FONT = excel_styles.HEADER_FONT
TITLE_FONT = excel_styles.TITLE_FONT
KAI_FONT, SONG_FONT = "楷体_GB2312", "宋体"

# A text area of 225 mm holds 22 lines of 28.95 pt; with 29 pt the last one would not fit.
LINE_HEIGHT = 28.95
# 28 characters of 16 pt are 2 mm wider than a line, so each is drawn narrower, in percent.
# With less space between characters instead, LibreOffice drops the full stop at a line's end.
_CHARACTER_SCALE = 98
PLACEHOLDER = "待补"
TITLE, HEADING_1, HEADING_2, BODY = "Title", "Heading 1", "Heading 2", "公文正文"
ANNEX = "附件标识"
NOTES_TITLE, NOTE, NOTE_DETAIL = "起草说明标题", "起草说明", "起草说明明细"
# Word needs a paragraph after the last table; this one is too small to begin a new page.
DOCUMENT_END = "文末"
NOTES_LEAD = "起草说明开头"
ADDRESSEE, SIGNATURE_STYLE = "主送机关", "落款"
ODD_PAGE, EVEN_PAGE = "单页码", "双页码"
# The ids of built-in styles, by their names; comments refer to the id.
_STYLE_IDS = {"annotation text": "CommentText"}
# What python-docx gives the mark of a comment, in points the size of Word's own.
_COMMENT_MARK, _COMMENT_MARK_ID, _COMMENT_MARK_SIZE = "annotation reference", "CommentReference", 8
# The font to use instead where one is not installed.
_FALLBACK_FONTS = {BODY_FONT: "仿宋", KAI_FONT: "楷体", TITLE_FONT: "华文中宋"}
# Tables and their font sizes; each has a style for header, text and figures.
TABLE_FONT_SIZES: Mapping[str, float] = {
    "表二": 12,
    "表三": 9,
    "表四": 10.5,
    "附件表": 10.5,
}
HEADER, LABEL, FIGURE = "表头", "文字", "数字"


@dataclass(frozen=True, slots=True)
class _ParagraphStyle:
    """One paragraph style.

    Lengths are in points, ``first_indent`` (of the first line) is in em, ``scale`` is the
    width of characters in percent, ``outline_level`` is 0-based.
    """

    font: str = BODY_FONT
    size: float = 16
    align: str = "both"
    line_height: float = LINE_HEIGHT
    first_indent: float = 0
    left_indent: float = 0
    right_indent: float = 0
    space_before: float = 0
    space_after: float = 0
    scale: int = 100
    keep_with_next: bool = False
    outline_level: int | None = None
    new_page: bool = False


def _build_table_styles() -> dict[str, _ParagraphStyle]:
    table_styles = {}
    for table, size in TABLE_FONT_SIZES.items():
        keep_with_next = table != "附件表"
        line_height = round(size * 1.3, 1)
        for kind, font, align in (
            (HEADER, HEAD_FONT, "center"),
            (LABEL, BODY_FONT, "left"),
            (FIGURE, BODY_FONT, "center"),
        ):
            table_styles[table + kind] = _ParagraphStyle(
                font, size, align, line_height, keep_with_next=keep_with_next
            )
    return table_styles


_PARAGRAPH_STYLES: Mapping[str, _ParagraphStyle] = {
    "Normal": _ParagraphStyle(scale=_CHARACTER_SCALE),
    TITLE: _ParagraphStyle(TITLE_FONT, 22, "center", 36, space_after=LINE_HEIGHT),
    HEADING_1: _ParagraphStyle(HEAD_FONT, first_indent=2, keep_with_next=True, outline_level=0),
    HEADING_2: _ParagraphStyle(KAI_FONT, first_indent=2, keep_with_next=True, outline_level=1),
    BODY: _ParagraphStyle(first_indent=2, scale=_CHARACTER_SCALE),
    ADDRESSEE: _ParagraphStyle(align="left"),
    # Four characters in from the right edge of the text.
    SIGNATURE_STYLE: _ParagraphStyle(align="right", right_indent=64),
    ANNEX: _ParagraphStyle(HEAD_FONT, align="left", new_page=True),
    NOTES_TITLE: _ParagraphStyle(HEAD_FONT, 18, "center", 30, space_after=10),
    NOTES_LEAD: _ParagraphStyle(size=12, line_height=18, first_indent=2),
    NOTE: _ParagraphStyle(
        size=12, line_height=18, left_indent=28, first_indent=-28 / 12, space_before=3
    ),
    NOTE_DETAIL: _ParagraphStyle(size=10.5, line_height=15, left_indent=38.5, first_indent=-1),
    # One character in from the outer edge of the text (GB/T 9704-2012 7.5).
    ODD_PAGE: _ParagraphStyle(SONG_FONT, 14, "right", 18, right_indent=14),
    EVEN_PAGE: _ParagraphStyle(SONG_FONT, 14, "left", 18, left_indent=14),
    DOCUMENT_END: _ParagraphStyle(size=1, line_height=1),
    "annotation text": _ParagraphStyle(SONG_FONT, 10.5, "left", 14),
    **_build_table_styles(),
}


def define_styles(document: Doc) -> None:
    """Define every style of ``document`` and let odd and even pages have footers of their own."""
    for name, definition in _PARAGRAPH_STYLES.items():
        _define_style(document, name, definition)
    placeholder: Any = document.styles.add_style(PLACEHOLDER, WD_STYLE_TYPE.CHARACTER)
    placeholder.element.get_or_add_rPr().append(create_shading(excel_styles.REQUIRED_FILL))
    _define_comment_mark(document)
    _add_fallback_fonts(document)
    document.settings.odd_and_even_pages_header_footer = True


def _add_fallback_fonts(document: Doc) -> None:
    """Add to the font table which font replaces one that is missing (§17.8.3.1, altName)."""
    relationships = document.part.rels.values()
    (part,) = (
        relationship.target_part
        for relationship in relationships
        if relationship.reltype == RELATIONSHIP_TYPE.FONT_TABLE
    )
    table: Any = parse_xml(part.blob)
    for font, fallback in _FALLBACK_FONTS.items():
        font_element = create_element("w:font", name=font)
        font_element.append(create_element("w:altName", val=fallback))
        table.append(font_element)
    part._blob = serialize_part_xml(table)


def set_page_layout(section: Section) -> None:
    """Set size and margins of the pages of ``section``."""
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    # The number stands 7 mm below the text.
    section.header_distance, section.footer_distance = Mm(15), Mm(21.5)
    for grid in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(grid)


def create_shading(colour: str) -> Any:
    """Return a ``w:shd`` element that fills with ``colour``, such as ``#FFF2CC``."""
    return create_element("w:shd", val="clear", color="auto", fill=colour.removeprefix("#"))


def create_element(tag: str, **attributes: object) -> Any:
    """Return an element of WordprocessingML, its attributes in the same namespace."""
    xml_element = OxmlElement(tag)
    for name, value in attributes.items():
        xml_element.set(qn(f"w:{name}"), str(value))
    return xml_element


def _define_comment_mark(document: Doc) -> None:
    """Define the style of the mark of a comment, which the blank document lacks."""
    style: Any = document.styles.add_style(_COMMENT_MARK, WD_STYLE_TYPE.CHARACTER)
    style.element.set(qn("w:styleId"), _COMMENT_MARK_ID)
    style.font.size = Pt(_COMMENT_MARK_SIZE)


def _define_style(document: Doc, name: str, definition: _ParagraphStyle) -> None:
    styles: Any = document.styles
    exists = name in styles
    style = styles[name] if exists else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    if not exists:
        style.quick_style = True
    style_element = style.element
    style_element.set(qn("w:styleId"), _STYLE_IDS.get(name, style_element.get(qn("w:styleId"))))
    # The built-in properties (colours, theme fonts, rules) are replaced completely.
    for tag in ("w:pPr", "w:rPr"):
        for properties in style_element.findall(qn(tag)):
            style_element.remove(properties)
    _add_paragraph_properties(style_element.get_or_add_pPr(), definition)
    _add_run_properties(style_element.get_or_add_rPr(), definition)


def _add_paragraph_properties(properties: Any, style: _ParagraphStyle) -> None:
    """Add the properties of a paragraph in the order that the schema requires (CT_PPr)."""
    if style.keep_with_next:
        properties.append(create_element("w:keepNext"))
    if style.new_page:
        properties.append(create_element("w:pageBreakBefore"))
    properties.append(create_element("w:widowControl", val=0))
    # No full stop hangs out of the line: the text area has straight edges.
    properties.append(create_element("w:overflowPunct", val=0))
    # No gaps between Chinese and figures, so that characters of all lines are aligned.
    properties.append(create_element("w:autoSpaceDE", val=0))
    properties.append(create_element("w:autoSpaceDN", val=0))
    properties.append(
        create_element(
            "w:spacing",
            before=_points_to_twips(style.space_before),
            after=_points_to_twips(style.space_after),
            line=_points_to_twips(style.line_height),
            lineRule="exact",
        )
    )
    # The indent in characters follows the font size; the one in points is for programs
    # that do not know the other.
    first_line = "firstLine" if style.first_indent >= 0 else "hanging"
    indent = {
        "left": _points_to_twips(style.left_indent),
        "right": _points_to_twips(style.right_indent),
        f"{first_line}Chars": round(abs(style.first_indent) * 100),
        first_line: _points_to_twips(abs(style.first_indent) * style.size),
    }
    properties.append(create_element("w:ind", **indent))
    properties.append(create_element("w:jc", val=style.align))
    if style.outline_level is not None:
        properties.append(create_element("w:outlineLvl", val=style.outline_level))


def _add_run_properties(properties: Any, style: _ParagraphStyle) -> None:
    font = style.font
    properties.append(create_element("w:rFonts", ascii=font, eastAsia=font, hAnsi=font, cs=font))
    properties.append(create_element("w:b", val=0))
    properties.append(create_element("w:color", val="000000"))
    properties.append(create_element("w:w", val=style.scale))
    properties.append(create_element("w:sz", val=round(style.size * 2)))
    properties.append(create_element("w:szCs", val=round(style.size * 2)))
    properties.append(create_element("w:lang", val="en-US", eastAsia="zh-CN"))


def _points_to_twips(points: float) -> int:
    return round(points * 20)


# --- making and saving a document ---

# Parts of python-docx's blank document that are untrue or not needed here.
_UNUSED_RELATIONSHIPS = ("/thumbnail", "/stylesWithEffects", "/customXml")


def create_document() -> Doc:
    """Return an empty document with the styles of an official one."""
    document = Document()
    for relationships in (document.part.rels, document.part.package.rels):
        for unused_id in [
            relationship_id
            for relationship_id, relationship in relationships.items()
            if relationship.reltype.endswith(_UNUSED_RELATIONSHIPS)
        ]:
            del relationships[unused_id]
    # Nothing here uses the hundred table styles, which are ten times the size of the rest.
    styles_element: Any = document.styles.element
    for style in styles_element.findall(qn("w:style")):
        if style.get(qn("w:type")) == "table" and not style.get(qn("w:default")):
            styles_element.remove(style)
    define_styles(document)
    return document


def add_page_numbers(section: Section) -> None:
    """Add page numbers: on the right of odd pages, on the left of even ones."""
    for footer, style in (
        (section.footer, ODD_PAGE),
        (section.even_page_footer, EVEN_PAGE),
    ):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style = style
        paragraph.add_run("— ")
        _add_page_field(paragraph)
        paragraph.add_run(" —")


def _add_page_field(paragraph: Paragraph) -> None:
    field: Any = create_element("w:fldSimple", instr="PAGE")
    paragraph._p.append(field)
    run = Paragraph(paragraph._p, paragraph._parent).add_run("1")._r
    field.append(run)


def finish_document(document: Doc, title: str, author: str, day: date, keywords: str = "") -> bytes:
    """Set the core properties and the times of comments to ``day``; return the bytes.

    Title and author are cut to the length that the file format allows.
    """
    properties = document.core_properties
    properties.title = title[:MAX_PROPERTY]
    properties.author = properties.last_modified_by = author[:MAX_PROPERTY]
    properties.comments = properties.subject = properties.category = ""
    properties.language = "zh-CN"
    for comment in document.comments:
        comment._comment_elm.date = datetime(day.year, day.month, day.day)  # noqa: DTZ001
    return save_document(document, day, keywords)


def save_document(document: Doc, day: date, keywords: str) -> bytes:
    """Return the bytes of a document created on ``day``: same content, same bytes."""
    properties = document.core_properties
    properties.keywords = fit_keywords(keywords)
    properties.created = properties.modified = datetime(day.year, day.month, day.day)  # noqa: DTZ001
    buffer = io.BytesIO()
    document.save(buffer)
    return normalize_zip(buffer.getvalue())
