"""Draft → .docx: the report as Word shows it, each sentence's source in a comment."""

from __future__ import annotations

from typing import Any

from docx.document import Document as Doc
from docx.enum.section import WD_SECTION
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from ledgerbook.draft import styles
from ledgerbook.draft.paper import blank, finished, number_pages
from ledgerbook.draft.pieces import Draft, Part, Passage, Sentence
from ledgerbook.draft.tables import draw_annex, draw_grid
from ledgerbook.text import chinese_date

NOTES = "起草说明（定稿前删去本页）"
_NOTES_FROM = (
    "本初稿按{day}的汇总生成，只写科室报来的内容和登记簿算出的数字，没有添加别的内容。"
)
_NOTES_TRACES = (
    "每句话出自哪个科室、哪项任务、哪个文件的哪个单元格，见右侧批注；"
    "黄底的文字和空格要补充。"
)
# Who speaks in the comments.
_AUTHOR, _INITIALS = "台账", "账"
_NO_ANNEX = "台账中没有任务。"


def write_draft(draft: Draft) -> bytes:
    """Write the report in the official typography; the same draft, the same bytes."""
    document = blank()
    notes, report = _sections(document, draft)
    for section in (notes, report):
        styles.lay_out(section)
    _number_pages(notes, report)
    _write_report(document, draft)
    return finished(document, draft.title, draft.agency, draft.as_of)


def _sections(document: Doc, draft: Draft) -> tuple[Section, Section]:
    """Write the notes, which have a section to themselves: they can be cut off."""
    _write_notes(document, draft)
    document.add_section(WD_SECTION.NEW_PAGE)
    # The break is made in a paragraph of its own, which may run over to a new page.
    *_, last, alone = document.paragraphs
    break_: Any = alone._p.get_or_add_pPr().find(qn("w:sectPr"))
    last._p.get_or_add_pPr().append(break_)
    alone._p.getparent().remove(alone._p)
    notes, report = document.sections
    return notes, report


def _write_notes(document: Doc, draft: Draft) -> None:
    document.add_paragraph(NOTES, styles.NOTES_TITLE)
    asked = "下列事项请逐条处理。" if draft.questions else "没有需要处理的事项。"
    day = chinese_date(draft.as_of)
    for words in (_NOTES_FROM.format(day=day), _NOTES_TRACES, asked):
        document.add_paragraph(words, styles.NOTES_LEAD)
    for number, question in enumerate(draft.questions, 1):
        document.add_paragraph(f"{number}．\t{question.text}", styles.NOTE)
        for case in question.details:
            document.add_paragraph(f"—{case}", styles.CASE)


def _write_report(document: Doc, draft: Draft) -> None:
    title = document.add_paragraph(style=styles.TITLE)
    first, second = draft.titles
    title.add_run(first).add_break()
    title.add_run(second)
    document.add_paragraph(draft.opening, styles.BODY)
    after_table = False
    for part in draft.parts:
        heading = document.add_paragraph(part.heading, styles.HEADING_1)
        if after_table:
            heading.paragraph_format.space_before = Pt(styles.LINE / 2)
        if part.table:
            heading.paragraph_format.space_after = Pt(6)
        _write_part(document, part)
        after_table = part.table is not None
    # Never alone on a page.
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    named = document.add_paragraph(f"附件：{draft.annex_title}", styles.BODY)
    named.paragraph_format.space_before = Pt(styles.LINE)
    document.add_paragraph("附件", styles.ANNEX)
    document.add_paragraph(draft.annex_title, styles.TITLE)
    if draft.annex:
        draw_annex(document, draft.annex)
        document.add_paragraph(style=styles.END)
    else:
        document.add_paragraph(_NO_ANNEX, styles.BODY)


def _write_part(document: Doc, part: Part) -> None:
    if part.lead:
        document.add_paragraph(part.lead, styles.BODY)
    for passage in part.passages:
        _write_passage(document, passage)
    if part.table:
        draw_grid(document, part.table)
    if part.missing:
        _ask(document, part.missing)


def _write_passage(document: Doc, passage: Passage) -> None:
    document.add_paragraph(passage.heading, styles.HEADING_2)
    for sentences in passage.paragraphs:
        paragraph = document.add_paragraph(style=styles.BODY)
        for sentence in sentences:
            paragraph = _say(document, paragraph, sentence)
    if not passage.paragraphs:
        _ask(document, passage.missing)


def _say(document: Doc, paragraph: Paragraph, sentence: Sentence) -> Paragraph:
    """Write a sentence, its source beside it; return the paragraph it ends in."""
    # The comment ends before the stop: its mark must not be pushed to a line alone.
    text, stop = sentence.text[:-1], sentence.text[-1:]
    first, *rest = text.split("\n")
    runs = [paragraph.add_run(first)]
    for line in rest:
        paragraph = document.add_paragraph(style=styles.BODY)
        runs.append(paragraph.add_run(line))
    paragraph.add_run(stop)
    document.add_comment(runs, sentence.source, _AUTHOR, _INITIALS)
    return paragraph


def _ask(document: Doc, words: str) -> None:
    paragraph = document.add_paragraph(style=styles.BODY)
    paragraph.add_run(words, styles.ASKED)


def _number_pages(notes: Section, report: Section) -> None:
    """Give the report numbers from 1.

    The notes have no numbers: the report must not change when they are cut off.
    """
    for footer in (notes.footer, notes.even_page_footer):
        footer.is_linked_to_previous = False
    margins = report._sectPr.find(qn("w:pgMar"))
    margins.addnext(styles.element("w:pgNumType", start=1))
    number_pages(report)
