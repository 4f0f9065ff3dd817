"""Read the tables and lines of a PDF that has a text layer (ISO 32000-1, 9.10).

pdfplumber gives the characters of each page with their places, and the cells between the
rules. Tables are read by their rules (``pdf_tables``), where there are none by alignment
(``pdf_alignment``); all other text becomes paragraphs (``pdf_lines``). A file that runs
within a file (scripts, attachments) is neither run nor read. The library works in a process
of its own within limits, since a PDF from outside may have it compute for ever.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any

from ledgerbook.errors import InputError
from ledgerbook.limited_process import ProcessEndedError, call_in_limited_process
from ledgerbook.plan.formats.components import check_component
from ledgerbook.plan.formats.docx import list_titles
from ledgerbook.plan.formats.pdf_alignment import Column, split_aligned_table
from ledgerbook.plan.formats.pdf_lines import (
    DividedLine,
    TextLine,
    find_margins,
    find_page_furniture,
    group_divided_lines,
    join_lines,
)
from ledgerbook.plan.formats.pdf_page_breaks import continues_table, join_pages
from ledgerbook.plan.formats.pdf_tables import RuledTable, build_grid, build_ruled_table
from ledgerbook.plan.grid import MAX_ROWS, CellGrid, PlanDocument, name_table
from ledgerbook.plan.headings import add_heading_rows

_MAX_PAGES = 300
# A page number on a scanned page is no text of its own.
_MIN_PAGE_CHARACTERS = 10
# What pdfminer writes for a character of a font that does not say which it is.
_UNKNOWN_CHARACTER = "(cid:"
_MAX_UNKNOWN_SHARE = 0.05
# A filled area wider and higher than this is a background and no rule.
_MAX_RULE_WIDTH = 4.0

_FIND_ADVICE = "请找方案的 Word 文件（.docx、.doc），或用 WPS 等软件转换成 .docx 后重试。"


class _PdfRefusal(StrEnum):
    """Why a PDF was not read; the value is what the office is told."""

    LOCKED = "这个 PDF 设了打开密码，读不了。请去掉密码，另存后重试。"
    DAMAGED = f"这个 PDF 已经损坏，读不出来。{_FIND_ADVICE}"
    LONG = f"这个 PDF 超过 {_MAX_PAGES} 页，不像分工方案。请核对是不是选错了文件。"
    SCANNED = (
        "这个 PDF 是扫描件，里面只有图片，没有文字，读不了。"
        "请找方案的 Word 文件（.docx、.doc）；实在没有的，先用 WPS 等软件识别成文字，"
        "对照原件校对后存成 .docx，或把表格照着打成 .docx、.xlsx，再重试。"
    )
    GARBLED = f"这个 PDF 里的文字没有编码，只能看，读不出来。{_FIND_ADVICE}"


@dataclass(frozen=True, slots=True)
class PdfContent:
    """What a PDF has: its tables and paragraphs, and which pages are pictures without text.

    ``picture_pages`` count from 1.
    """

    document: PlanDocument
    picture_pages: tuple[int, ...] = ()


def read_pdf(data: bytes) -> PdfContent:
    """Return the content of a PDF with a text layer.

    Raises InputError when the component for it is not installed, and when the PDF is
    scanned, damaged, has a password or exceeds the limits of a process.
    """
    check_component("pdfplumber", " PDF ")
    try:
        content = call_in_limited_process(read_pages, data)
    except ProcessEndedError as error:
        raise _make_error(f"这个 PDF 读不出来：{error.cause}。{_FIND_ADVICE}") from error
    if isinstance(content, PdfContent):
        return content
    raise _make_error(content)


def _make_error(message: str) -> InputError:
    return InputError(message, code="document-unreadable")


# --- In the process of its own ---


@dataclass(frozen=True, slots=True)
class _Page:
    """What one page has, from the top: its ruled tables, and the lines outside them."""

    tables: tuple[tuple[float, RuledTable], ...]
    lines: tuple[DividedLine, ...]
    width: float
    character_count: int
    unknown_count: int
    has_pictures: bool


def read_pages(data: bytes) -> PdfContent | str:
    """Return the content of a PDF, or the sentence by which it is refused.

    What the library raises on a damaged file has no common class.
    """
    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect

    try:
        with pdfplumber.open(io.BytesIO(data)) as pdf:
            if len(pdf.pages) > _MAX_PAGES:
                return _PdfRefusal.LONG
            pages = [_read_page(page) for page in pdf.pages]
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001
        causes = (error, error.__cause__, *error.args)
        is_locked = any(isinstance(cause, PDFPasswordIncorrect) for cause in causes)
        return _PdfRefusal.LOCKED if is_locked else _PdfRefusal.DAMAGED
    if not pages:
        return _PdfRefusal.DAMAGED
    character_count = sum(page.character_count for page in pages)
    if character_count < _MIN_PAGE_CHARACTERS * len(pages):
        return _PdfRefusal.SCANNED
    if sum(page.unknown_count for page in pages) > _MAX_UNKNOWN_SHARE * character_count:
        return _PdfRefusal.GARBLED
    picture_pages = (
        number
        for number, page in enumerate(pages, 1)
        if page.has_pictures and page.character_count < _MIN_PAGE_CHARACTERS
    )
    return PdfContent(_build_document(pages), tuple(picture_pages))


def _read_page(page: Any) -> _Page:
    """Return the tables and lines of a page, and forget what the library keeps of it."""
    ruled_page = page.filter(_is_no_background).dedupe_chars()
    characters = [character for character in ruled_page.chars if character["upright"]]
    tables = [table for table in ruled_page.find_tables() if len(table.cells) > 1]
    ruled_tables = []
    for table in tables:
        inside = [character for character in characters if _is_inside(character, table.bbox)]
        characters = [
            character for character in characters if not _is_inside(character, table.bbox)
        ]
        ruled_tables.append((table.bbox[1], build_ruled_table(table.cells, inside)))
    texts = [character["text"] for character in page.chars if character["text"].strip()]
    content = _Page(
        tables=tuple(ruled_tables),
        lines=tuple(group_divided_lines(characters)),
        width=page.width,
        character_count=len(texts),
        unknown_count=sum(text.startswith(_UNKNOWN_CHARACTER) for text in texts),
        has_pictures=bool(page.images),
    )
    page.close()
    return content


def _is_no_background(item: dict[str, Any]) -> bool:
    return not (
        item["object_type"] == "rect"
        and not item["stroke"]
        and min(item["width"], item["height"]) > _MAX_RULE_WIDTH
    )


def _is_inside(character: dict[str, Any], box: tuple[float, float, float, float]) -> bool:
    left, top, right, bottom = box
    x = (character["x0"] + character["x1"]) / 2
    y = (character["top"] + character["bottom"]) / 2
    return bool(left <= x <= right and top <= y <= bottom)


# A line outside tables, a table without rules, or a table with rules and its pages.
_Block = DividedLine | CellGrid | tuple[RuledTable, ...]


def _build_document(pages: Sequence[_Page]) -> PlanDocument:
    """Return the tables and paragraphs of all pages, tables over several pages as one."""
    furniture = find_page_furniture([page.lines for page in pages])
    page_blocks: list[list[_Block]] = []
    columns: Sequence[Column] = ()
    for page in pages:
        listed, columns = _list_blocks(page, furniture, columns)
        page_blocks.append(listed)
    blocks = _join_blocks(page_blocks)
    lines = [block.whole for block in blocks if isinstance(block, DividedLine)]
    left, right = find_margins(lines, max(page.width for page in pages))
    tables: list[CellGrid] = []
    unread_tables: list[str] = []
    lines_above: list[TextLine] = []
    titles: list[str] | None = None
    for block in blocks:
        if isinstance(block, DividedLine):
            lines_above.append(block.whole)
            continue
        texts_above = join_lines(lines_above, left, right)
        titles = texts_above if titles is None else titles
        lines_above = []
        grid = block if isinstance(block, CellGrid) else build_grid(join_pages(block))
        if grid.height > MAX_ROWS:
            unread_tables.append(name_table([cell.text for cell in grid.cells if not cell.row]))
        else:
            tables.append(add_heading_rows(grid, texts_above))
    paragraphs = join_lines(lines, left, right)
    return PlanDocument(
        tuple(tables),
        list_titles(paragraphs if titles is None else titles),
        tuple(paragraphs),
        tuple(unread_tables),
    )


def _list_blocks(
    page: _Page, furniture: frozenset[DividedLine], columns: Sequence[Column]
) -> tuple[list[_Block], Sequence[Column]]:
    """Return the tables and lines of a page from the top, without what all pages have.

    ``columns`` are those of a table without rules that the page may continue; with the
    blocks are those that the next page may continue.
    """
    lines: Sequence[DividedLine] = [line for line in page.lines if line not in furniture]
    if not page.tables:
        lines, grid, columns = split_aligned_table(lines, columns)
        return [*lines, *([grid] if grid else [])], columns
    placed: Iterator[tuple[float, _Block]] = chain(
        ((top, (table,)) for top, table in page.tables),
        ((line.whole.top, line) for line in lines),
    )
    return [block for _, block in sorted(placed, key=_get_top)], ()


def _get_top(placed: tuple[float, _Block]) -> float:
    return placed[0]


def _join_blocks(pages: Sequence[Sequence[_Block]]) -> list[_Block]:
    """Return the blocks of all pages, a table with those that continue it on the next."""
    blocks: list[_Block] = []
    for page in pages:
        for index, block in enumerate(page):
            last = blocks[-1] if blocks else None
            if (
                index == 0
                and isinstance(last, tuple)
                and isinstance(block, tuple)
                and continues_table(last[-1], block[0])
            ):
                blocks[-1] = last + block
            else:
                blocks.append(block)
    return blocks
