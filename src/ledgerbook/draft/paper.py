"""A document as official paper: dressed, numbered, and saved without a clock."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

from docx import Document
from docx.document import Document as Doc
from docx.oxml.ns import qn
from docx.section import Section
from docx.text.paragraph import Paragraph

from ledgerbook.draft import styles
from ledgerbook.sheets.timeless import same_zip

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
    styles.dress(document)
    return document


def number_pages(section: Section) -> None:
    """Give pages their numbers: odd ones on the right, even ones on the left."""
    for footer, style in (
        (section.footer, styles.ODD_PAGE),
        (section.even_page_footer, styles.EVEN_PAGE),
    ):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.style = style
        paragraph.add_run("— ")
        _page_number(paragraph)
        paragraph.add_run(" —")


def _page_number(paragraph: Paragraph) -> None:
    field: Any = styles.element("w:fldSimple", instr="PAGE")
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
