"""Write 填报通知.docx, the notice that goes out with the workbooks of a round.

An office may use its own template instead of our layout: a Word document with names in
double braces (see :mod:`ledgerbook.word.template`):

    {{ agency }} {{ office }} {{ year }} {{ form }} {{ round }} {{ plan }} {{ title }}
    {{ due }} {{ contact }} {{ phone }} {{ email }} {{ day }}
    {%p for one in sections %} {{ one }}     {%p for step in steps %} {{ step }}
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from ledgerbook import identity
from ledgerbook.chinese_numerals import format_numeral
from ledgerbook.issue.cover_note import CoverNote
from ledgerbook.text import format_chinese_date
from ledgerbook.word import styles
from ledgerbook.word.letter import Letter, fill_letter, write_letter

_MANUAL_CHAPTER = "发表"
_FILES_SENTENCE = (
    "每个科室一份报送表，文件名就是科室名称，已列出本科室的任务；"
    "要填登记簿的，登记簿在同一个文件里。"
)


def write_notice(cover: CoverNote) -> bytes:
    """Return the notice in official layout (GB/T 9704-2012); same cover note, same bytes."""
    return write_letter(
        Letter(
            cover.title,
            "各科室：",
            tuple(_compose_paragraphs(cover)),
            cover.sender,
            cover.issued_on,
            cover.book.agency,
            _build_notice_keywords(cover),
        )
    )


def fill_notice(cover: CoverNote, template: bytes, name: str) -> bytes:
    """Return the office's template, filled. Raises InputError as :func:`fill_letter` does."""
    context, keywords = build_notice_context(cover), _build_notice_keywords(cover)
    return fill_letter(context, (template, name), _MANUAL_CHAPTER, cover.issued_on, keywords)


def build_notice_context(cover: CoverNote) -> dict[str, Any]:
    """Return the values of all names that a template may use."""
    book, contact_details = cover.book, dict(cover.contact_details)
    due: date | None = cover.round.due
    return {
        "agency": book.agency,
        "office": book.office,
        "year": book.year,
        "form": book.task_form.title,
        "round": cover.round.name,
        "plan": book.plan_title,
        "title": cover.title,
        "due": format_chinese_date(due) if due else "另行通知",
        "contact": contact_details["联系人"],
        "phone": contact_details["电话"],
        "email": contact_details["电子邮箱"],
        "day": cover.issue_date_text,
        "sections": list(book.section_names),
        "steps": list(cover.filling_steps),
    }


def _compose_paragraphs(cover: CoverNote) -> Iterator[tuple[str, str]]:
    yield styles.BODY, f"{cover.basis}，现将{cover.subject}发给你们，请认真填报。"
    yield styles.HEADING_1, "一、填什么"
    yield styles.BODY, _FILES_SENTENCE
    yield styles.HEADING_1, "二、怎么填"
    for number, step in enumerate(cover.filling_steps, 1):
        yield styles.BODY, f"（{format_numeral(number)}）{step}"
    yield styles.HEADING_1, "三、交到哪里"
    yield styles.BODY, f"{cover.due_sentence}。"
    if cover.contact_sentence:
        yield styles.BODY, f"{cover.contact_sentence}。"


def _build_notice_keywords(cover: CoverNote) -> str:
    facts = (f"book={cover.book.book_id}", f"round={cover.round.name}")
    return identity.format_keywords(identity.OutputKind.NOTICE, *facts)
