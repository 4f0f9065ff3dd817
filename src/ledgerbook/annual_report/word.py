"""Draft → .docx: the report as Word shows it, each sentence's source in a comment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docx.document import Document as Doc
from docx.enum.section import WD_SECTION
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from ledgerbook.annual_report.draft import (
    AnnexItem,
    Passage,
    ReportDraft,
    ReportPart,
    Sentence,
)
from ledgerbook.annual_report.grids import Ink, TableBox, TableLayout
from ledgerbook.excel import styles as look
from ledgerbook.text import chinese_date
from ledgerbook.word import styles
from ledgerbook.word.styles import blank, finished, number_pages

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


def write_draft(draft: ReportDraft) -> bytes:
    """Write the report in the official typography; the same draft, the same bytes."""
    document = blank()
    notes, report = _sections(document, draft)
    for section in (notes, report):
        styles.lay_out(section)
    _number_pages(notes, report)
    _write_report(document, draft)
    return finished(document, draft.title, draft.agency, draft.as_of)


def _sections(document: Doc, draft: ReportDraft) -> tuple[Section, Section]:
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


def _write_notes(document: Doc, draft: ReportDraft) -> None:
    document.add_paragraph(NOTES, styles.NOTES_TITLE)
    asked = "下列事项请逐条处理。" if draft.questions else "没有需要处理的事项。"
    day = chinese_date(draft.as_of)
    for words in (_NOTES_FROM.format(day=day), _NOTES_TRACES, asked):
        document.add_paragraph(words, styles.NOTES_LEAD)
    for number, question in enumerate(draft.questions, 1):
        document.add_paragraph(f"{number}．\t{question.text}", styles.NOTE)
        for case in question.details:
            document.add_paragraph(f"—{case}", styles.CASE)


def _write_report(document: Doc, draft: ReportDraft) -> None:
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


def _write_part(document: Doc, part: ReportPart) -> None:
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


# Tables of the report in Word: merged boxes, heads on every page, whole rows.

_TWIPS_A_MM = 56.7
# Around the words of a cell, in mm: most of a narrow column must stay for them.
_PADDING = {"top": 0.4, "left": 0.6, "bottom": 0.4, "right": 0.6}
_LEAST_HEIGHTS = {"表二": 9.0, "表三": 5.8, "表四": 10.0, "附件表": 8.0}
_KINDS = {
    Ink.HEAD: styles.HEAD,
    Ink.LABEL: styles.LABEL,
    Ink.FIGURE: styles.FIGURE,
    Ink.ASKED: styles.FIGURE,
}
# Table 2 centres the names of its lines, and table 3 those of its groups.
_CENTERED = "表二"

ANNEX = "附件表"
ANNEX_HEADERS = ("序号", "工作要点和计划措施", "责任科室", "完成状态", "落实情况")
_ANNEX_WIDTHS = (9.0, 53.0, 22.0, 16.4, 55.6)
_ANNEX_KINDS = (styles.FIGURE, styles.LABEL, styles.FIGURE, styles.FIGURE, styles.LABEL)
NO_REQUIREMENT = "【原文未列工作要求】"
# A row with more characters than this may fill a page: it must be free to break.
_WHOLE = 500


@dataclass(frozen=True, slots=True)
class _Made:
    """A cell as it is written; ``down`` are the rows it spans, 0 one spanned over."""

    text: str
    style: str
    columns: int = 1
    down: int = 1
    asked: bool = False


def draw_grid(document: Doc, grid: TableLayout) -> None:
    """Draw an official table where the document ends."""
    table = _table(document, grid.widths)
    last: list[Paragraph] = []
    for row in range(grid.height):
        cells = [_cell(grid, box, row) for box in _boxes(grid, row)]
        head = row < grid.heads
        last = _row(document, table, grid.table, grid.widths, cells, head=head)
    # The last row must not hold on to what follows the table.
    for paragraph in last:
        paragraph.paragraph_format.keep_with_next = False


def _boxes(grid: TableLayout, row: int) -> list[TableBox]:
    here = [box for box in grid.boxes if box.row <= row < box.row + box.rows]
    return sorted(here, key=lambda box: box.column)


def _cell(grid: TableLayout, box: TableBox, row: int) -> _Made:
    kind = _KINDS[box.ink]
    if box.ink is Ink.LABEL and (grid.table == _CENTERED or box.rows > 1):
        kind = styles.FIGURE
    down = box.rows if row == box.row else 0
    asked = box.ink is Ink.ASKED
    return _Made(box.text, grid.table + kind, box.columns, down, asked)


def draw_annex(document: Doc, items: Sequence[AnnexItem]) -> None:
    """Draw how every task of the plan stands, under its requirements."""
    table = _table(document, _ANNEX_WIDTHS)
    heads = [_Made(header, ANNEX + styles.HEAD) for header in ANNEX_HEADERS]
    _row(document, table, ANNEX, _ANNEX_WIDTHS, heads, head=True)
    headed = any(item.requirement for item in items)
    before: AnnexItem | None = None
    for item in items:
        if headed and (before is None or before.requirement != item.requirement):
            _band(document, table, item.requirement)
            before = None
        cells = [
            _Made(text, ANNEX + kind, asked=item.pending and header == "完成状态")
            for text, kind, header in zip(
                _annex_texts(item, before), _ANNEX_KINDS, ANNEX_HEADERS, strict=True
            )
        ]
        whole = sum(len(cell.text) for cell in cells) < _WHOLE
        _row(document, table, ANNEX, _ANNEX_WIDTHS, cells, whole=whole)
        before = item


def _annex_texts(item: AnnexItem, before: AnnexItem | None) -> tuple[str, ...]:
    """Return a row's words; a point stands only over the first task of it."""
    point = "" if before and before.point == item.point else item.point
    asked = "\n".join(filter(None, (point, item.measure)))
    return str(item.number), asked, item.units, item.status, item.result


def _band(document: Doc, table: Any, requirement: str) -> None:
    text = requirement or NO_REQUIREMENT
    style, span = ANNEX + styles.HEAD, len(_ANNEX_WIDTHS)
    cell = _Made(text, style, span, asked=not requirement)
    tied = _row(document, table, ANNEX, _ANNEX_WIDTHS, [cell])
    for paragraph in tied:
        paragraph.paragraph_format.keep_with_next = True


# ── WordprocessingML ─────────────────────────────────────────────────────────────


def _table(document: Doc, widths: Sequence[float]) -> Any:
    """Start a table with thin black lines, its columns as wide as told."""
    made = styles.element
    properties = made("w:tblPr")
    properties.append(made("w:tblW", w=_twips(sum(widths)), type="dxa"))
    properties.append(made("w:jc", val="center"))
    borders = made("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        borders.append(made(f"w:{side}", val="single", sz=4, space=0, color="000000"))
    properties.append(borders)
    properties.append(made("w:tblLayout", type="fixed"))
    margins = made("w:tblCellMar")
    for side, padding in _PADDING.items():
        margins.append(made(f"w:{side}", w=_twips(padding), type="dxa"))
    properties.append(margins)
    grid = made("w:tblGrid")
    for width in widths:
        grid.append(made("w:gridCol", w=_twips(width)))
    table = made("w:tbl")
    table.append(properties)
    table.append(grid)
    body = document._body._element
    body.insert(len(body) - 1, table)  # the section's properties stay the last
    return table


def _row(
    document: Doc,
    table: Any,
    name: str,
    widths: Sequence[float],
    cells: Sequence[_Made],
    *,
    head: bool = False,
    whole: bool = True,
) -> list[Paragraph]:
    made = styles.element
    properties = made("w:trPr")
    if whole:
        properties.append(made("w:cantSplit"))
    height = _twips(_LEAST_HEIGHTS[name])
    properties.append(made("w:trHeight", val=height, hRule="atLeast"))
    if head:
        properties.append(made("w:tblHeader"))
    row = made("w:tr")
    row.append(properties)
    table.append(row)
    paragraphs: list[Paragraph] = []
    at = 0
    for cell in cells:
        width = sum(widths[at : at + cell.columns])
        paragraphs += _fill(document, row, cell, width)
        at += cell.columns
    return paragraphs


def _fill(document: Doc, row: Any, cell: _Made, width: float) -> list[Paragraph]:
    """Add a cell to a row, a paragraph a line of its text."""
    made = styles.element
    properties = made("w:tcPr")
    properties.append(made("w:tcW", w=_twips(width), type="dxa"))
    if cell.columns > 1:
        properties.append(made("w:gridSpan", val=cell.columns))
    if cell.down != 1:
        merge = {"val": "restart"} if cell.down else {}
        properties.append(made("w:vMerge", **merge))
    if cell.asked:
        properties.append(styles.shade(look.ASK_FILL))
    properties.append(made("w:vAlign", val="center"))
    box = made("w:tc")
    box.append(properties)
    row.append(box)
    lines = cell.text.split("\n") if cell.down else [""]
    paragraphs = []
    for line in lines:
        inner = made("w:p")
        box.append(inner)
        paragraph = Paragraph(inner, document._body)
        # By its id, which is its name: to look up a name takes longer than all else.
        inner.style = cell.style
        if line:
            paragraph.add_run(line)
        paragraphs.append(paragraph)
    return paragraphs


def _twips(mm: float) -> int:
    return round(mm * _TWIPS_A_MM)
