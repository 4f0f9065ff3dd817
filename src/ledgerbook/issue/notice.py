"""Cover → 填报通知.docx: what goes out with the workbooks of a round.

An office's own template may take the place of our layout. It is a Word document with
names in double braces:

    {{ agency }} {{ office }} {{ year }} {{ form }} {{ round }} {{ plan }} {{ title }}
    {{ due }} {{ contact }} {{ phone }} {{ email }} {{ day }}
    {%p for one in sections %} {{ one }}     {%p for step in steps %} {{ step }}
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

from docx import Document
from docx.shared import Pt

from ledgerbook import identity
from ledgerbook.issue.email_drafts import STEPS, CoverNote
from ledgerbook.text import chinese_date
from ledgerbook.word import styles
from ledgerbook.word.styles import blank, dated, finished, number_pages
from ledgerbook.word.template import fill

KIND = "填报通知"
_CHAPTER = "发表"
_FILES = (
    "每个科室一份报送表，文件名就是科室名称，已列出本科室的任务；"
    "要填登记簿的，登记簿在同一个文件里。"
)


def write_notice(cover: CoverNote) -> bytes:
    """Write the note in the official typography; the same cover, the same bytes."""
    document = blank()
    (section,) = document.sections
    styles.lay_out(section)
    number_pages(section)
    document.add_paragraph(cover.title, styles.TITLE)
    document.add_paragraph("各科室：", styles.ADDRESSEE)
    for style, text in _body(cover):
        document.add_paragraph(text, style)
    # Who signs never stands alone on a page.
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    signed = document.add_paragraph(cover.sender, styles.SIGNED)
    signed.paragraph_format.space_before = Pt(styles.LINE)
    signed.paragraph_format.keep_with_next = True
    document.add_paragraph(cover.day, styles.SIGNED)
    book = cover.book
    return finished(document, cover.title, book.agency, cover.issued_on, _words(cover))


def fill_notice(cover: CoverNote, template: bytes, name: str) -> bytes:
    """Fill the office's template. Raises InputError as ``fill`` does."""
    data = fill(context(cover), template, name, _CHAPTER)
    return dated(Document(io.BytesIO(data)), cover.issued_on, _words(cover))


def context(cover: CoverNote) -> dict[str, Any]:
    """Return everything that a template may name."""
    book, told = cover.book, dict(cover.contact)
    due: date | None = cover.round.due
    return {
        "agency": book.agency,
        "office": book.office,
        "year": book.year,
        "form": book.form.title,
        "round": cover.round.name,
        "plan": book.plan_title,
        "title": cover.title,
        "due": chinese_date(due) if due else "另行通知",
        "contact": told["联系人"],
        "phone": told["电话"],
        "email": told["电子邮箱"],
        "day": cover.day,
        "sections": list(book.section_names),
        "steps": list(STEPS),
    }


def _body(cover: CoverNote) -> Iterator[tuple[str, str]]:
    yield styles.BODY, f"{cover.basis}，现将{cover.what}发给你们，请认真填报。"
    yield styles.HEADING_1, "一、填什么"
    yield styles.BODY, _FILES
    yield styles.HEADING_1, "二、怎么填"
    for number, step in zip(_NUMBERS, STEPS, strict=False):
        yield styles.BODY, f"（{number}）{step}"
    yield styles.HEADING_1, "三、交到哪里"
    reach = f"{cover.reach}。" if cover.reach else ""
    yield styles.BODY, f"{cover.due}。{reach}"


_NUMBERS = "一二三四五六七八九十"


def _words(cover: CoverNote) -> str:
    facts = (f"book={cover.book.book_id}", f"round={cover.round.name}")
    return identity.keywords(KIND, *facts)
