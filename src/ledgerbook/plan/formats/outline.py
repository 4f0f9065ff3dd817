"""Read a plan that never was a table: numbered paragraphs.

Each has its units at its end, or its heading is a section:

    一、加强公开
    1.公开规范性文件。（责任单位：法规科；完成时限：6月底前）
    2.公开财务信息。
    责任单位：财务科
    完成时限：年底前

:func:`read_outline_table` returns them as a PlanTable. Lines that a PDF has wrapped are
joined first, and its page numbers removed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from ledgerbook.plan.cell_classifier import is_remark
from ledgerbook.plan.grid import CellGrid, ColumnRole, PlanCell, PlanColumn, PlanTable
from ledgerbook.plan.headings import PART_HEADING
from ledgerbook.plan.number_marks import (
    LEVEL_1_MARK,
    LEVEL_2_MARK,
    NOT_DECIMAL,
    PART_NUMBER,
    SPACED_NUMBER,
)
from ledgerbook.plan.trailing_units import (
    has_only_labels,
    has_trailing_units,
    may_have_units,
    parse_heading_units,
    split_trailing_units,
)

_MIN_UNITS_PARAGRAPHS = 2
_BRACKETED_TEXT = re.compile(r"[(\uff08][^()\uff08\uff09]{2,300}[)\uff09][。;\uff1b]?")
# The marks of headings and items, the broadest first; the index is the rank.
_MARKS = (
    re.compile(rf"{PART_HEADING.pattern}|{LEVEL_1_MARK.pattern}"),
    LEVEL_2_MARK,
    re.compile(rf"\d{{1,3}}\s*[.、\uff0e]{NOT_DECIMAL}|{SPACED_NUMBER}"),
    re.compile(rf"{PART_NUMBER}|[(\uff08]\d{{1,3}}[)\uff09]"),
    re.compile(r"[\u2460-\u2473]"),
)
_ITEM_RANK = 2
_MAX_HEADING_LENGTH = 60
_MAX_LINE_LENGTH = 20
# The label of what is done about the problem that the paragraph above it names.
_MEASURE_LABEL = re.compile(
    r"(?:整改|工作|具体|落实|主要|推进|改进)?(?:措施|举措|内容|任务)[:\uff1a]\s*"
)
# A paragraph within the plan that is no item stands in the last column.
_COLUMNS = (
    PlanColumn(ColumnRole.POINT),
    PlanColumn(ColumnRole.MEASURE),
    PlanColumn(ColumnRole.NOTE, "正文"),
)
# The line that is the number of a page: 3, - 3 -, 3/9, 第 3 页 共 9 页.
PAGE_NUMBER = re.compile(
    r"[-\u2014\u2013\s\u00b7]*(?:第\s*)?\d{1,3}(?:\s*[/\uff0f]\s*\d{1,3}|\s*页(?:[,\uff0c]?\s*共\s*\d{1,3}\s*页)?)?"
    r"[-\u2014\u2013\s\u00b7]*"
)
_LINE_ENDS = tuple("。;\uff1b:\uff1a!\uff01?\uff1f)\uff09")
# Lines of one width show that a text was wrapped; a paragraph has any length.
_MIN_WRAPPED_LINES = 3
_MIN_WRAPPED_WIDTH = 40
_WIDTH_TOLERANCE = 4
_MAX_BRACKET_LENGTH = 300


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """A paragraph of an outline, or the part of one up to a bracket of units.

    ``rank`` is the index of its mark in ``_MARKS``, None for a text without one;
    ``source`` is the number of the paragraph in the file.
    """

    text: str
    rank: int | None
    source: int
    has_units: bool


def read_outline_table(lines: Sequence[str]) -> PlanTable | None:
    """Return numbered paragraphs as a table; None if they are no plan.

    Text before the first heading or item and after the last is taken as the letter around
    the plan. The table has the column 计划措施, before it 工作要点 if a paragraph has the
    form （一）heading。item, and after it one for paragraphs that are no item.
    """
    # Thousands of lines of something else need not be taken apart.
    if not may_have_units("\n".join(lines)) and not any(map(parse_heading_units, lines)):
        return None
    joined_lines = _join_label_lines(_join_wrapped_lines(lines))
    paragraphs = _read_units_at_ends(joined_lines) or _read_sections(joined_lines)
    if not paragraphs:
        return None
    first, stop = _find_body(paragraphs)
    texts_before = [paragraph.text for paragraph in paragraphs[:first]]
    body = _join_continuations(paragraphs[first:stop])
    has_points = any(paragraph.rank == 1 and paragraph.has_units for paragraph in body)
    columns = _COLUMNS if has_points else _COLUMNS[1:]
    neighbours = zip((None, *body), body, (*body[1:], None), strict=False)
    cells = (
        cell
        for row, (previous, paragraph, following) in enumerate(neighbours)
        for cell in _make_cells(previous, paragraph, following, row, len(columns))
    )
    return PlanTable(
        titles=(*texts_before[::-1], *map("".join, pairwise(texts_before))),
        columns=columns,
        grid=CellGrid(tuple(cells)),
    )


# --- Which paragraphs have units ---


def _read_units_at_ends(lines: Sequence[str]) -> list[_Paragraph]:
    """Return the paragraphs of a plan whose items end with their units, else none.

    At least two must have them under a label or with a verb, or most items in a bracket.
    """
    paragraphs = [
        _Paragraph(piece, _find_rank(piece), source, has_trailing_units(piece))
        for source, text in enumerate(lines)
        for piece in _split_at_unit_brackets(text)
    ]
    explicit_count = sum(
        paragraph.has_units and has_trailing_units(paragraph.text, explicit=True)
        for paragraph in paragraphs
    )
    if explicit_count >= _MIN_UNITS_PARAGRAPHS:
        return paragraphs
    items = [paragraph for paragraph in paragraphs if (paragraph.rank or 0) >= _ITEM_RANK]
    units_count = sum(item.has_units for item in items)
    is_plan = units_count >= _MIN_UNITS_PARAGRAPHS and units_count * 2 >= len(items)
    return paragraphs if is_plan else []


def _read_sections(lines: Sequence[str]) -> list[_Paragraph]:
    """Return the paragraphs of a plan whose headings are sections, else none.

    At least two must be, and at least half of the headings.
    """
    paragraphs = [
        _Paragraph(text, 0 if is_section else _find_rank(text), source, has_units=False)
        for source, text in enumerate(lines)
        for is_section in (bool(parse_heading_units(text)),)
    ]
    headings = [paragraph for paragraph in paragraphs if paragraph.rank == 0]
    sections = [heading for heading in headings if parse_heading_units(heading.text)]
    has_items = any((paragraph.rank or 0) >= _ITEM_RANK for paragraph in paragraphs)
    is_plan = len(sections) >= _MIN_UNITS_PARAGRAPHS and len(sections) * 2 >= len(headings)
    return paragraphs if is_plan and has_items else []


def _find_rank(text: str) -> int | None:
    return next((rank for rank, mark in enumerate(_MARKS) if mark.match(text)), None)


def _find_body(paragraphs: Sequence[_Paragraph]) -> tuple[int, int]:
    """Return the range from the first heading or item to the last.

    A piece after the last units in the same paragraph still belongs to the plan.
    """
    indexes = [
        index
        for index, paragraph in enumerate(paragraphs)
        if paragraph.rank is not None or paragraph.has_units
    ]
    last_source = paragraphs[indexes[-1]].source
    stop = next(
        (
            index
            for index in range(indexes[-1], len(paragraphs))
            if paragraphs[index].source != last_source
        ),
        len(paragraphs),
    )
    return indexes[0], stop


# --- The cells of the table ---


def _join_continuations(paragraphs: Sequence[_Paragraph]) -> list[_Paragraph]:
    """Join paragraphs to the item above that has no units yet.

    They have no mark, or the item is a list of measures under one label.
    """
    joined: list[_Paragraph] = []
    for paragraph in paragraphs:
        previous = joined[-1] if joined else None
        if previous and _continues_item(paragraph, previous):
            text = f"{previous.text}\n{paragraph.text}"
            joined[-1] = replace(previous, text=text, has_units=paragraph.has_units)
        else:
            joined.append(paragraph)
    return joined


def _continues_item(paragraph: _Paragraph, previous: _Paragraph) -> bool:
    if previous.has_units or previous.rank in (0, 1) or paragraph.rank in (0, 1):
        return False
    if _MEASURE_LABEL.match(previous.text):
        return True
    if paragraph.rank is not None or _MEASURE_LABEL.match(paragraph.text):
        return False
    is_heading_line = previous.rank is None and _is_short_line(previous.text)
    return not is_heading_line and not is_remark(paragraph.text)


def _make_cells(
    previous: _Paragraph | None,
    paragraph: _Paragraph,
    following: _Paragraph | None,
    row: int,
    width: int,
) -> Iterator[PlanCell]:
    """Yield the cells of a paragraph: a heading, an item, both, or neither of them."""
    text, measure_column = paragraph.text, width - 2
    if paragraph.rank == 1 and paragraph.has_units:
        yield from _split_point_paragraph(text, row)
    elif paragraph.rank in (0, 1) and not paragraph.has_units:
        yield PlanCell(text, row, 0, 1, width)
    elif _is_parent(paragraph, following):
        yield PlanCell(text[len(_get_mark(paragraph)) :].rstrip("。"), row, 0, 1, width)
    elif paragraph.rank is None and not paragraph.has_units:
        yield PlanCell(text, row, width - 1)
    elif previous and _is_parent(previous, paragraph) and _MEASURE_LABEL.match(text):
        # The label is no part of the task, and the number is that of its problem.
        text = _get_mark(previous) + _MEASURE_LABEL.sub("", text, count=1)
        yield PlanCell(text, row, measure_column)
    else:
        yield PlanCell(text, row, measure_column)


def _get_mark(paragraph: _Paragraph) -> str:
    mark = None if paragraph.rank is None else _MARKS[paragraph.rank].match(paragraph.text)
    return mark[0] if mark else ""


def _is_parent(paragraph: _Paragraph, following: _Paragraph | None) -> bool:
    """Return whether a paragraph without units heads those below it.

    It is 1.建设系统 above 1.1 or (1), a problem above its measures, or a short line.
    """
    if paragraph.has_units or following is None or not following.has_units:
        return False
    if len(paragraph.text) > _MAX_HEADING_LENGTH:
        return False
    if paragraph.rank is None:
        return _is_short_line(paragraph.text)
    is_deeper = (following.rank or 0) > paragraph.rank
    return is_deeper or _MEASURE_LABEL.match(following.text) is not None


def _is_short_line(text: str) -> bool:
    return len(text) <= _MAX_LINE_LENGTH and not text.endswith(_LINE_ENDS)


def _split_point_paragraph(text: str, row: int) -> Iterator[PlanCell]:
    """Split a heading （一）… off the item that follows it in the same paragraph."""
    sentence_end = text.find("。") + 1
    mark = LEVEL_2_MARK.match(text)
    if sentence_end and split_trailing_units(text[sentence_end:]).text:
        yield PlanCell(text[:sentence_end], row, 0)
        yield PlanCell(text[sentence_end:], row, 1)
    else:
        # The only sentence serves as heading and as item.
        yield PlanCell(split_trailing_units(text).text, row, 0)
        yield PlanCell(text[mark.end() if mark else 0 :], row, 1)


# --- From lines to paragraphs ---


def _split_at_unit_brackets(text: str) -> Iterator[str]:
    """Yield the parts of a paragraph, each ending with a bracket of units, if it has any."""
    start = 0
    for bracket in _BRACKETED_TEXT.finditer(text):
        piece = text[start : bracket.end()]
        if has_trailing_units(piece, explicit=True):
            yield piece.strip()
            start = bracket.end()
    if text[start:].strip(" \u3000。\n"):
        yield text[start:].strip()


def _join_label_lines(lines: Sequence[str]) -> list[str]:
    """Join lines that consist of labels (责任单位：…) to the paragraph above."""
    paragraphs: list[str] = []
    for line in lines:
        if paragraphs and has_only_labels(line):
            paragraphs[-1] += f"\n{line}"
        else:
            paragraphs.append(line)
    return paragraphs


def _join_wrapped_lines(lines: Sequence[str]) -> list[str]:
    """Return the filled lines without page numbers, those joined that a page has wrapped.

    A text is wrapped if several lines have the same width and hardly any is wider.
    """
    filled_lines = [stripped for line in lines if (stripped := line.strip())]
    kept_lines = [line for line in filled_lines if not PAGE_NUMBER.fullmatch(line)]
    width = _find_wrapped_width(kept_lines)
    joined: list[str] = []
    is_open = False
    for line in kept_lines:
        is_label = has_only_labels(line)
        is_continued = bool(joined) and (
            _has_open_bracket(joined[-1]) or (is_open and not is_label)
        )
        if is_continued and _find_rank(line) is None:
            joined[-1] += line
        else:
            joined.append(line)
        is_open = bool(width) and _measure(line) >= width and not line.endswith(_LINE_ENDS)
    return joined


def _has_open_bracket(text: str) -> bool:
    """Return whether the last bracket of ``text`` is not closed yet."""
    narrow = text[-_MAX_BRACKET_LENGTH:].replace("\uff08", "(").replace("\uff09", ")")
    return narrow.rfind("(") > narrow.rfind(")")


def _find_wrapped_width(lines: Sequence[str]) -> int:
    """Return the least width of a full line, or 0 if the lines are not wrapped."""
    widths = sorted(map(_measure, lines), reverse=True)
    if len(widths) < _MIN_WRAPPED_LINES or widths[0] < _MIN_WRAPPED_WIDTH:
        return 0
    least = widths[0] - _WIDTH_TOLERANCE
    return least if widths[_MIN_WRAPPED_LINES - 1] >= least else 0


def _measure(line: str) -> int:
    """Return the width of a line in half characters."""
    return sum(1 if character.isascii() else 2 for character in line)
