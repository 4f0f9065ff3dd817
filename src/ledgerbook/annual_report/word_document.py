"""Write the draft as a Word document, the source of each sentence in a comment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from docx.document import Document as Doc
from docx.enum.section import WD_SECTION
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from ledgerbook.annual_report.draft import (
    AnnexHeaders,
    AnnexItem,
    Passage,
    ReportDraft,
    ReportPart,
    Sentence,
)
from ledgerbook.annual_report.table_layouts import BoxKind, TableBox, TableLayout
from ledgerbook.excel.styles import REQUIRED_FILL
from ledgerbook.text import format_chinese_date
from ledgerbook.word import styles
from ledgerbook.word.styles import add_page_numbers, create_document, finish_document
from ledgerbook.word.tables import WordCell, add_row, create_table

NOTES_HEADING = "起草说明（定稿前删去“起草说明”这一部分）"
_NOTES_ORIGIN = "本初稿按{day}的汇总生成，只写科室报来的内容和登记簿算出的数字，没有添加别的内容。"
_NOTES_SOURCES = (
    "每句话出自哪个科室、哪项任务、哪个文件的哪个单元格，见右侧批注；黄底的文字和空格要补充。"
)
# The author of the comments.
_AUTHOR, _INITIALS = "台账", "账"
_NO_ANNEX = "台账中没有任务。"


def write_draft(draft: ReportDraft) -> bytes:
    """Return the document in the official typography (GB/T 9704).

    The same draft always gives the same bytes.
    """
    document = create_document()
    notes, report = _create_sections(document, draft)
    for section in (notes, report):
        styles.set_page_layout(section)
    _number_report_pages(notes, report)
    _write_report(document, draft)
    # Of the day of the draft: the same draft, the same bytes.
    time = datetime(draft.as_of.year, draft.as_of.month, draft.as_of.day)  # noqa: DTZ001
    for comment in document.comments:
        comment._comment_elm.date = time
    return finish_document(document, draft.title, draft.agency, draft.as_of)


def _create_sections(document: Doc, draft: ReportDraft) -> tuple[Section, Section]:
    """Create two sections, of the notes and of the report, and write the notes.

    The notes can be cut off without changing the report.
    """
    _write_notes(document, draft)
    document.add_section(WD_SECTION.NEW_PAGE)
    # The break is made in a paragraph of its own, which may run over to a new page.
    *_, last_paragraph, break_paragraph = document.paragraphs
    section_properties: Any = break_paragraph._p.get_or_add_pPr().find(qn("w:sectPr"))
    last_paragraph._p.get_or_add_pPr().append(section_properties)
    break_paragraph._p.getparent().remove(break_paragraph._p)
    notes, report = document.sections
    return notes, report


def _write_notes(document: Doc, draft: ReportDraft) -> None:
    document.add_paragraph(NOTES_HEADING, styles.NOTES_TITLE)
    instruction = "下列事项请逐条处理。" if draft.open_points else "没有需要处理的事项。"
    day = format_chinese_date(draft.as_of)
    for text in (_NOTES_ORIGIN.format(day=day), _NOTES_SOURCES, instruction):
        document.add_paragraph(text, styles.NOTES_LEAD)
    for number, question in enumerate(draft.open_points, 1):
        document.add_paragraph(f"{number}．\t{question.text}", styles.NOTE)
        for detail in question.details:
            document.add_paragraph(f"—{detail}", styles.NOTE_DETAIL)


def _write_report(document: Doc, draft: ReportDraft) -> None:
    title = document.add_paragraph(style=styles.TITLE)
    first_line, second_line = draft.title_lines
    title.add_run(first_line).add_break()
    title.add_run(second_line)
    document.add_paragraph(draft.opening, styles.BODY)
    after_table = False
    for part in draft.parts:
        heading = document.add_paragraph(part.heading, styles.HEADING_1)
        if after_table:
            heading.paragraph_format.space_before = Pt(styles.LINE_HEIGHT / 2)
        if part.table:
            heading.paragraph_format.space_after = Pt(6)
        _write_part(document, part)
        after_table = part.table is not None
    # Never alone on a page.
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    annex_reference = document.add_paragraph(f"附件：{draft.annex_title}", styles.BODY)
    annex_reference.paragraph_format.space_before = Pt(styles.LINE_HEIGHT)
    document.add_paragraph("附件", styles.ANNEX)
    document.add_paragraph(draft.annex_title, styles.TITLE)
    if draft.annex:
        draw_annex(document, draft.annex_headers, draft.annex)
        document.add_paragraph(style=styles.DOCUMENT_END)
    else:
        document.add_paragraph(_NO_ANNEX, styles.BODY)


def _write_part(document: Doc, part: ReportPart) -> None:
    if part.lead:
        document.add_paragraph(part.lead, styles.BODY)
    for passage in part.passages:
        _write_passage(document, passage)
    if part.table:
        draw_report_table(document, part.table)
    if part.missing:
        _write_placeholder(document, part.missing)


def _write_passage(document: Doc, passage: Passage) -> None:
    document.add_paragraph(passage.heading, styles.HEADING_2)
    for sentences in passage.paragraphs:
        paragraph = document.add_paragraph(style=styles.BODY)
        for sentence in sentences:
            paragraph = _write_sentence(document, paragraph, sentence)
    if not passage.paragraphs:
        _write_placeholder(document, passage.missing)


def _write_sentence(document: Doc, paragraph: Paragraph, sentence: Sentence) -> Paragraph:
    """Write a sentence with its comment; return the paragraph it ends in."""
    # The comment ends before the stop: its mark must not be pushed to a line alone.
    text, stop = sentence.text[:-1], sentence.text[-1:]
    first, *more_lines = text.split("\n")
    runs = [paragraph.add_run(first)]
    for line in more_lines:
        paragraph = document.add_paragraph(style=styles.BODY)
        runs.append(paragraph.add_run(line))
    paragraph.add_run(stop)
    document.add_comment(runs, sentence.source_text, _AUTHOR, _INITIALS)
    return paragraph


def _write_placeholder(document: Doc, text: str) -> None:
    paragraph = document.add_paragraph(style=styles.BODY)
    paragraph.add_run(text, styles.PLACEHOLDER)


def _number_report_pages(notes: Section, report: Section) -> None:
    """Give the pages of the report numbers that begin with 1.

    The notes have no numbers, so that the report does not change when they are cut off.
    """
    for footer in (notes.footer, notes.even_page_footer):
        footer.is_linked_to_previous = False
    margins = report._sectPr.find(qn("w:pgMar"))
    margins.addnext(styles.create_element("w:pgNumType", start=1))
    add_page_numbers(report)


# Tables of the report: merged boxes, heads on every page, whole rows.

# In mm.
_MIN_ROW_HEIGHTS = {"表二": 9.0, "表三": 5.8, "表四": 10.0, "附件表": 8.0}
_BOX_STYLES = {
    BoxKind.HEADER: styles.HEADER,
    BoxKind.LABEL: styles.LABEL,
    BoxKind.FIGURE: styles.FIGURE,
    BoxKind.MISSING: styles.FIGURE,
}
# Table 2 centres the names of its lines, table 3 only those of its groups.
_CENTERED_LABELS_TABLE = "表二"

ANNEX_TABLE = "附件表"
# In mm: number, task, units, status, result. Added columns take their room from the
# task and the result.
_ANNEX_WIDTHS = (9.0, 53.0, 22.0, 16.4, 55.6)
_NARROWED_COLUMNS = (1, 4)
_ADDED_WIDTH, _MAX_ADDED_WIDTH_TOTAL = 18.0, 54.0
_ANNEX_STYLES = (
    styles.FIGURE,
    styles.LABEL,
    styles.FIGURE,
    styles.FIGURE,
    styles.LABEL,
)
_STATUS_POSITION = 3
NO_REQUIREMENT = "【原文未列工作要求】"
# A row with more characters than this may fill a page: it must be free to break.
_MAX_UNBROKEN_LENGTH = 500


def draw_report_table(document: Doc, layout: TableLayout) -> None:
    """Draw an official table at the end of the document."""
    table = create_table(document, layout.widths)
    height = _MIN_ROW_HEIGHTS[layout.table]
    last_paragraphs: list[Paragraph] = []
    for row in range(layout.row_count):
        cells = [_build_cell(layout, box, row) for box in _find_boxes(layout, row)]
        is_header = row < layout.header_rows
        last_paragraphs = add_row(
            document, table, layout.widths, cells, height, is_header=is_header
        )
    # The last row must not hold on to what follows the table.
    for paragraph in last_paragraphs:
        paragraph.paragraph_format.keep_with_next = False


def _find_boxes(layout: TableLayout, row: int) -> list[TableBox]:
    boxes = [box for box in layout.boxes if box.row <= row < box.row + box.rows]
    return sorted(boxes, key=lambda box: box.column)


def _build_cell(layout: TableLayout, box: TableBox, row: int) -> WordCell:
    style = _BOX_STYLES[box.kind]
    if box.kind is BoxKind.LABEL and (layout.table == _CENTERED_LABELS_TABLE or box.rows > 1):
        style = styles.FIGURE
    row_span = box.rows if row == box.row else 0
    fill = REQUIRED_FILL if box.kind is BoxKind.MISSING else ""
    return WordCell(box.text, layout.table + style, box.columns, row_span, fill)


def draw_annex(document: Doc, headers: AnnexHeaders, items: Sequence[AnnexItem]) -> None:
    """Draw the status of every task of the plan, grouped under its requirement."""
    widths = _compute_annex_widths(len(headers.added))
    table = create_table(document, widths)
    header_texts = (headers.number, headers.task, headers.units, headers.status, headers.result)
    header_cells = [
        WordCell(header, ANNEX_TABLE + styles.HEADER) for header in (*header_texts, *headers.added)
    ]
    height = _MIN_ROW_HEIGHTS[ANNEX_TABLE]
    add_row(document, table, widths, header_cells, height, is_header=True)
    has_requirements = any(item.requirement for item in items)
    previous: AnnexItem | None = None
    for item in items:
        if has_requirements and (previous is None or previous.requirement != item.requirement):
            _add_requirement_row(document, table, widths, item.requirement)
            previous = None
        texts = _list_annex_texts(item, previous)
        cell_styles = (*_ANNEX_STYLES, *(styles.LABEL for _ in headers.added))
        cells = [
            WordCell(
                text,
                ANNEX_TABLE + style,
                fill=REQUIRED_FILL if item.is_pending and position == _STATUS_POSITION else "",
            )
            for position, (text, style) in enumerate(zip(texts, cell_styles, strict=True))
        ]
        is_unbroken = sum(len(cell.text) for cell in cells) < _MAX_UNBROKEN_LENGTH
        add_row(document, table, widths, cells, height, is_unbroken=is_unbroken)
        previous = item


def _compute_annex_widths(added_count: int) -> tuple[float, ...]:
    """Return column widths in mm whose total does not depend on ``added_count``."""
    if not added_count:
        return _ANNEX_WIDTHS
    added_width = min(_ADDED_WIDTH, _MAX_ADDED_WIDTH_TOTAL / added_count)
    room = sum(_ANNEX_WIDTHS[position] for position in _NARROWED_COLUMNS)
    factor = 1 - added_width * added_count / room
    widths = (
        width * factor if position in _NARROWED_COLUMNS else width
        for position, width in enumerate(_ANNEX_WIDTHS)
    )
    return (*widths, *(added_width for _ in range(added_count)))


def _list_annex_texts(item: AnnexItem, previous: AnnexItem | None) -> tuple[str, ...]:
    """Return the cells of a row; a point is given only for the first of its tasks."""
    point = "" if previous and previous.point == item.point else item.point
    task_text = "\n".join(filter(None, (point, item.measure)))
    return str(item.number), task_text, item.units, item.status, item.result, *item.added


def _add_requirement_row(
    document: Doc, table: Any, widths: Sequence[float], requirement: str
) -> None:
    text = requirement or NO_REQUIREMENT
    style, span = ANNEX_TABLE + styles.HEADER, len(widths)
    cell = WordCell(text, style, span, fill="" if requirement else REQUIRED_FILL)
    paragraphs = add_row(document, table, widths, [cell], _MIN_ROW_HEIGHTS[ANNEX_TABLE])
    for paragraph in paragraphs:
        paragraph.paragraph_format.keep_with_next = True
