"""Write an official letter (GB/T 9704-2012), or fill the office's own template of it.

The notice of a round (填报通知) and the reminders (催办通知) are such letters: title,
addressee, paragraphs, and at the end who signs and when.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from ledgerbook.excel.styles import measure_ems
from ledgerbook.text import format_chinese_date
from ledgerbook.word import styles
from ledgerbook.word.styles import add_page_numbers, create_document, finish_document, save_document
from ledgerbook.word.template import render_template

LINES_PER_PAGE = 22
# 28, but for what may not begin or end a line, and for figures in a wider font.
_CHARACTERS_PER_LINE = 26
_TITLE_CHARACTERS_PER_LINE = 20
# The title is higher than a line, and has a blank one below it; the signature has one above.
_TITLE_LINE_SHARE = 36 / styles.LINE_HEIGHT
_BLANK_LINES, _DATE_LINES = 2, 1


@dataclass(frozen=True, slots=True)
class Letter:
    """An official letter; of each paragraph the style and the text.

    ``sender`` signs on ``day``; ``author`` and ``keywords`` are core properties of the file.
    """

    title: str
    addressee: str
    paragraphs: tuple[tuple[str, str], ...]
    sender: str
    day: date
    author: str
    keywords: str


def write_letter(letter: Letter) -> bytes:
    """Return the letter in official layout; the same letter gives the same bytes."""
    document = create_document()
    (section,) = document.sections
    styles.set_page_layout(section)
    add_page_numbers(section)
    document.add_paragraph(letter.title, styles.TITLE)
    document.add_paragraph(letter.addressee, styles.ADDRESSEE)
    for style, text in letter.paragraphs:
        # Set flush, a line before a long address or number would be stretched.
        document.add_paragraph(text, style).alignment = WD_ALIGN_PARAGRAPH.LEFT
    # The signature is never alone on a page.
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    signature = document.add_paragraph(letter.sender, styles.SIGNATURE_STYLE)
    signature.paragraph_format.space_before = Pt(styles.LINE_HEIGHT)
    signature.paragraph_format.keep_with_next = True
    document.add_paragraph(format_chinese_date(letter.day), styles.SIGNATURE_STYLE)
    return finish_document(document, letter.title, letter.author, letter.day, letter.keywords)


def fill_letter(
    context: Mapping[str, Any],
    template: tuple[bytes, str],
    chapter: str,
    day: date,
    keywords: str,
) -> bytes:
    """Return the office's own letter, filled with the values of ``context``.

    ``template`` are its bytes and its name. Raises InputError as
    :func:`ledgerbook.word.template.render_template` does.
    """
    data = render_template(context, *template, chapter)
    return save_document(Document(io.BytesIO(data)), day, keywords)


def count_letter_lines(letter: Letter) -> int:
    """Return how many lines of a page the letter takes; a page has ``LINES_PER_PAGE``."""
    title_lines = math.ceil(measure_ems(letter.title) / _TITLE_CHARACTERS_PER_LINE)
    # Paragraphs and signature are indented.
    texts = [letter.addressee, letter.sender, *(text for _, text in letter.paragraphs)]
    body_lines = sum(math.ceil((2 + measure_ems(text)) / _CHARACTERS_PER_LINE) for text in texts)
    return math.ceil(title_lines * _TITLE_LINE_SHARE) + body_lines + _DATE_LINES + _BLANK_LINES
