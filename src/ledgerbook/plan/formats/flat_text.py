"""Rebuild the table of a plan from text without cells.

:func:`read_flat_table` reads a table whose cells run into each other, as text layers of
scans and previews of document sites give it. Lines are wrapped anywhere, and page
markers and repeated headers divide sentences. Only the order of the cells and the
plan's numbering survive, so this is done in three steps: remove page markers and
headers; find the places where the items 1, 2, 3, … begin; split the text of each item
into text, 责任单位 and the headings of the next item.

``reader`` tries it after the readers of tables with cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, count, pairwise

from ledgerbook.errors import InputError
from ledgerbook.plan.grid import CellGrid, ColumnRole, Inference, PlanCell, PlanColumn, PlanTable
from ledgerbook.plan.header_meaning import find_flat_headers, parse_flat_header
from ledgerbook.plan.number_marks import (
    LEVEL_1_MARK,
    LEVEL_2_MARK,
    NumberMark,
    find_number_marks,
    parse_ordinal,
)
from ledgerbook.plan.responsible_units import (
    NAME_LAST_CHARACTERS,
    clean_units_text,
    find_name_starts,
    is_units_cell,
    list_named_sections,
)
from ledgerbook.plan.text_repair import narrow_characters

_FLAT_TABLE_ROLES = (
    ColumnRole.REQUIREMENT,
    ColumnRole.POINT,
    ColumnRole.MEASURE,
    ColumnRole.UNITS,
)
_EXPECTED_HEADERS = "、".join(_FLAT_TABLE_ROLES)

# Texts at which the page of a document site continues after the document.
_SITE_FOOTER = re.compile(
    r"^\s*(?:展开阅读全文|阅读全文|相关资源|相关推荐|猜你喜欢|相关搜索|相关文档|当前位置"
    r"|备案号|版权所有|免责声明|打印本页|关闭窗口|分享到|上一篇|下一篇|附件下载)",
    re.MULTILINE,
)

# A preview begins each of its pages with "1、", "2、", …; reflowed text may have lost the
# line break before the marker, or even the space. The most certain pattern comes first.
_PAGE_MARKERS = (
    re.compile(r"(?:\A|\n+)(?P<page>\d{1,3})、\s*"),
    re.compile(r"(?:\A|\s+)(?P<page>\d{1,3})、\s*"),
    re.compile(r"(?<![\d第])(?P<page>\d{1,3})、\s*"),
)
_DOTTED_ITEM = re.compile(r"(?<!\d)2\.(?!\d)")


def read_flat_table(text: str) -> PlanTable:
    """Return the table of the plan in a text without cells.

    Raises InputError when it has no header of a plan, its columns are not the four of
    ``_FLAT_TABLE_ROLES``, or the numbers of its items are not consecutive.
    """
    body = _remove_page_markers(_normalize_lines(narrow_characters(text)))
    headers = find_flat_headers(body)
    if not headers:
        raise InputError(
            f"文件里没有找到分工方案：没有写着“{_EXPECTED_HEADERS}”的表头。"
            "请核对是不是选错了文件，或文字没有复制完整。",
            code="plan-missing",
        )
    if any(parse_flat_header(header[0]) != _FLAT_TABLE_ROLES for header in headers):
        raise InputError(
            f"文字稿的表头不是“{_EXPECTED_HEADERS}”这四列，纯文字里分不清各格的界线。"
            "请改用含有这张表的 .docx 文件。",
            code="plan-missing",
        )
    table_text = _join_table_text(body, headers)
    chain = _find_item_chain(table_text)
    _check_chain_complete(chain)
    return _build_flat_table(_list_flat_titles(body[: headers[0].start()]), table_text, chain)


# --- The text of the table, without pages and headers ---


def _normalize_lines(text: str) -> str:
    r"""Return ``text`` with single spaces, single blank lines and ``\n`` as line end."""
    lines = "\n".join(" ".join(line.split()) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines)


def _remove_page_markers(text: str) -> str:
    """Remove the page markers of a preview, joining the sentences that they divide."""
    marker_chains = (_find_page_markers(text, pattern) for pattern in _PAGE_MARKERS)
    markers = next((chain for chain in marker_chains if len(chain) > 1), [])
    joined_text, position = "", 0
    for marker in markers:
        # The text before the first page is the site's own, a paragraph for itself.
        joined_text += text[position : marker.start()] + ("\n\n" if marker["page"] == "1" else "")
        position = marker.end()
    return joined_text + text[position:]


def _find_page_markers(text: str, pattern: re.Pattern[str]) -> list[re.Match[str]]:
    """Return the consecutive page markers 1、 2、 3、 … that match ``pattern``.

    The first must come before the table, or the markers may be the numbers of items. If
    the items are numbered 1. 2. 3. this cannot be, so the marker 1、 may be missing.
    """
    first_header_start = next((header.start() for header in find_flat_headers(text)), len(text))
    next_page = 1
    if not any(
        int(marker["page"]) == 1 for marker in pattern.finditer(text, 0, first_header_start)
    ):
        next_page = 2 if _DOTTED_ITEM.search(text) else 0
    markers: list[re.Match[str]] = []
    for marker in pattern.finditer(text):
        if int(marker["page"]) == next_page:
            markers.append(marker)
            next_page += 1
    return markers


def _join_table_text(body: str, headers: Sequence[re.Match[str]]) -> str:
    """Return the text below the first header without repeated headers and line wraps.

    A line end remains only where there was a blank line: the site's own text may begin
    after it.
    """
    ends = [*(header.start() for header in headers[1:]), len(body)]
    site_text = "".join(body[header.end() : end] for header, end in zip(headers, ends, strict=True))
    footer = _SITE_FOOTER.search(site_text)
    table_text = site_text[: footer.start()] if footer else site_text
    return "\n".join(clean_units_text(paragraph) for paragraph in table_text.strip().split("\n\n"))


def _list_flat_titles(text_before: str) -> tuple[str, ...]:
    """Return the lines that may be the title, the most likely first.

    These are the line before the table, the paragraph that it ends, then the others.
    """
    lines = [line.strip() for line in text_before.splitlines() if line.strip()][::-1]
    last_paragraph = text_before.strip().split("\n\n")[-1]
    return (*lines[:1], last_paragraph, *lines[1:])


# --- The grid ---

# 工作要求 and 工作要点 of an item; None where the one above continues.
_HeadingPair = tuple[str | None, str | None]
_MAX_LEAD_LENGTH = 200
_REPEATED_WORDS = re.compile(r"(?P<words>.{2,}?)\s*(?P<again>(?P=words)[。.]?)\s*\Z")


def _check_chain_complete(chain: _ItemChain) -> None:
    """Raise InputError if a later number shows that an item is missing, or there is none."""
    last_number = len(chain.starts)
    if chain.stray_start:
        numbers_text = f"找到了第 1 至 {last_number} 项" if last_number else "没有找到第 1 项"
        raise InputError(
            f"分工方案的任务序号不连续：{numbers_text}，"
            f"接下来却是第 {chain.stray_start.number} 项，"
            f"缺第 {last_number + 1} 项。请对照原文，在文字稿中补上缺的序号"
            f"（如“{last_number + 1}.”）后重试。",
            code="plan-incomplete",
        )
    if not last_number:
        raise InputError(
            "表头下面没有找到任务：任务要从“1.”开始连续编号。请核对文字是否复制完整。",
            code="plan-missing",
        )


def _build_flat_table(titles: tuple[str, ...], table_text: str, chain: _ItemChain) -> PlanTable:
    """Return the grid with one row for each item.

    The text before an item's number, up to the units of the item above, holds its new
    headings, if any. A heading that continues has no cell.
    """
    starts = chain.starts
    ends = [*(start.start for start in starts[1:]), len(table_text)]
    item_texts = [table_text[start.end : end] for start, end in zip(starts, ends, strict=True)]
    split_cells = _split_item_texts(item_texts)
    leads = [
        table_text[: starts[0].start],
        *(item_cells.next_heading for item_cells in split_cells[:-1]),
    ]
    headings = [_split_headings(lead.strip()) for lead in leads]
    number_marks = [table_text[start.start : start.end] for start in starts]
    cells = [
        PlanCell(text, row, column)
        for row, (heading, number_text, item_cells) in enumerate(
            zip(headings, number_marks, split_cells, strict=True)
        )
        for column, text in enumerate(
            (*heading, number_text + item_cells.measure, item_cells.units or None)
        )
        if text is not None
    ]
    inferences = (
        *_infer_repeated_headings(leads, headings),
        *_infer_uncertain_starts(chain.uncertain_numbers),
    )
    columns = tuple(map(PlanColumn, _FLAT_TABLE_ROLES))
    return PlanTable(titles, columns, CellGrid(tuple(cells)), inferences)


def _split_item_texts(texts: Sequence[str]) -> tuple[_ItemCells, ...]:
    split_cells = _split_item_cells([text.replace("\n", "") for text in texts[:-1]])
    section_names = list_named_sections(item_cells.units for item_cells in split_cells)
    return (*split_cells, _split_last_item(texts[-1], section_names))


def _split_headings(lead: str) -> _HeadingPair:
    """Split the text before an item into 工作要求 and 工作要点.

    The latter begins at （一）, or where the words of the former are repeated.
    """
    requirement_start = LEVEL_1_MARK.match(lead)
    if requirement_start is None:
        return None, lead or None
    point_start = LEVEL_2_MARK.search(lead, requirement_start.end())
    repeated = _REPEATED_WORDS.match(lead[:_MAX_LEAD_LENGTH], requirement_start.end())
    cut_position = (
        point_start.start() if point_start else repeated.start("again") if repeated else len(lead)
    )
    return lead[:cut_position], lead[cut_position:] or None


def _infer_repeated_headings(
    leads: Sequence[str], headings: Sequence[_HeadingPair]
) -> Iterator[Inference]:
    """Yield the headings that were split only because their words are repeated."""
    heading_rows = [row for row, heading in enumerate(headings) if any(heading)]
    for row, next_row in pairwise([*heading_rows, len(leads)]):
        requirement, point = headings[row]
        if requirement and point and not LEVEL_2_MARK.match(point):
            yield Inference(
                rows=tuple(range(row, next_row)),
                role=ColumnRole.POINT,
                quoted_text=leads[row],
                reason="文字稿中同样的字连写了两遍，看来是“工作要求”和“工作要点”两格内容相同，"
                "已按两格分开。",
                advice="请对照原文件核对这两格；不对时在“任务”表中改正。",
            )


def _infer_uncertain_starts(numbers: Sequence[int]) -> Iterator[Inference]:
    """Yield an inference for each item that may begin at several places."""
    for number in numbers:
        yield Inference(
            rows=(number - 1,),
            role=ColumnRole.NUMBER,
            quoted_text=f"{number}.",
            reason=f"文字稿中不止一处像第 {number} 项的开头，取了最前面的一处。",
            advice="请对照原文件核对这一项和前一项的“计划措施”；不对时在“任务”表中改正。",
        )


# --- Where the items begin ---
#
# No single number in a text is certainly that of an item (2022年, 听取1次, “1+1+9”), but the
# items' numbers are consecutive. Every place that may be the start of item n gets a
# weight by its form, and the chain 1, 2, 3, … with the greatest total weight is chosen.

# What precedes an item: the end of a sentence, or a cell of 责任单位.
_ITEM_BOUNDARY = re.compile(
    rf"(?:[。!?\uff01\uff1f][”’」)\uff09]*|[{NAME_LAST_CHARACTERS}]|落实|配合|牵头|汇总|负责)\s*\Z"
)
_MAX_BOUNDARY_LENGTH = 8

# A number with its dot may be an item's anywhere; one that a scan has damaged only after a
# boundary.
_EXACT_WEIGHT = 3
_BOUNDARY_WEIGHT = 2
_WEAK_WEIGHT = -1

# How many numbers beyond the end of the chain are searched for a later item.
_MAX_NUMBER_GAP = 12


@dataclass(frozen=True, slots=True)
class _ItemStart:
    """A place where item ``number`` may begin.

    ``start`` and ``end`` are the offsets of the number's mark. ``is_exact`` means that it
    is printed as digits and dot, ``is_bounded`` that a boundary precedes it.
    """

    number: int
    start: int
    end: int
    is_exact: bool
    is_bounded: bool

    @property
    def weight(self) -> int:
        """How likely it is that an item begins here; the greater, the more likely."""
        if not (self.is_exact or self.is_bounded):
            return _WEAK_WEIGHT
        return _EXACT_WEIGHT * self.is_exact + _BOUNDARY_WEIGHT * self.is_bounded


# The places where each item may begin, in the order of the text.
_StartsByNumber = Mapping[int, Sequence[_ItemStart]]


@dataclass(frozen=True, slots=True)
class _ItemChain:
    """The starts of the items 1, 2, 3, … in a text.

    ``uncertain_numbers`` are the items with another start of the same weight between
    their neighbours. ``stray_start`` is the certain start of a later item after the
    chain's end, which shows that an item between them was not found.
    """

    starts: tuple[_ItemStart, ...]
    uncertain_numbers: tuple[int, ...] = ()
    stray_start: _ItemStart | None = None


@dataclass(frozen=True, slots=True)
class _ChainLink:
    """The heaviest chain that ends at ``start``; ``weight`` is its total."""

    start: _ItemStart
    weight: int
    previous: _ChainLink | None


def _find_item_chain(text: str) -> _ItemChain:
    """Return the chain of consecutive item numbers with the greatest total weight."""
    starts_by_number = {
        number: [start for mark in marks if (start := _make_item_start(text, mark))]
        for number, marks in find_number_marks(text).items()
    }
    links_by_number = tuple(_build_links(starts_by_number))
    best_link = max(
        (link for number_links in links_by_number for link in number_links),
        key=_get_link_weight,
        default=None,
    )
    starts = tuple(_trace_back_starts(best_link))[::-1]
    stray_start = _find_stray_start(
        starts_by_number, len(starts) + 1, starts[-1].end if starts else 0
    )
    return _ItemChain(starts, _list_uncertain_numbers(links_by_number, starts), stray_start)


def _get_link_weight(link: _ChainLink) -> int:
    return link.weight


def _build_links(starts_by_number: _StartsByNumber) -> Iterator[tuple[_ChainLink, ...]]:
    """Yield for each number from 1 on the heaviest chain to each of its possible starts."""
    number_links = tuple(
        _ChainLink(start, start.weight, None) for start in starts_by_number.get(1, ())
    )
    for number in count(2):
        if not number_links:
            return
        yield number_links
        number_links = tuple(_extend_chains(number_links, starts_by_number.get(number, ())))


def _extend_chains(
    previous_links: Sequence[_ChainLink], starts: Sequence[_ItemStart]
) -> Iterator[_ChainLink]:
    """Add each of ``starts`` to the heaviest chain before it, if there is any.

    Both are in the order of the text.
    """
    best_link: _ChainLink | None = None
    position = 0
    for start in starts:
        while position < len(previous_links) and previous_links[position].start.end <= start.start:
            link = previous_links[position]
            if best_link is None or link.weight > best_link.weight:
                best_link = link
            position += 1
        if best_link:
            yield _ChainLink(start, best_link.weight + start.weight, best_link)


def _trace_back_starts(link: _ChainLink | None) -> Iterator[_ItemStart]:
    while link:
        yield link.start
        link = link.previous


def _list_uncertain_numbers(
    links_by_number: tuple[tuple[_ChainLink, ...], ...], starts: tuple[_ItemStart, ...]
) -> tuple[int, ...]:
    """Return the numbers with another start of equal weight between their neighbours."""
    return tuple(
        chosen.number
        for chosen, following, rivals in zip(
            starts, (*starts[1:], None), links_by_number, strict=False
        )
        if any(
            rival.start is not chosen
            and rival.start.weight == chosen.weight
            and (chosen.number == 1 or rival.start.start >= starts[chosen.number - 2].end)
            and (following is None or rival.start.end <= following.start)
            for rival in rivals
        )
    )


def _find_stray_start(
    starts_by_number: _StartsByNumber, missing_number: int, position: int
) -> _ItemStart | None:
    """Return a certain start of an item after the missing one, or None."""
    later_starts = (
        start
        for number in range(missing_number + 1, missing_number + _MAX_NUMBER_GAP)
        for start in starts_by_number.get(number, ())
        if start.is_exact and start.is_bounded and start.start >= position
    )
    return next(later_starts, None)


def _make_item_start(text: str, mark: NumberMark) -> _ItemStart | None:
    """Return the item that may begin with ``mark``.

    A number of lookalikes (``l.`` for ``1.``) needs a boundary before it.
    """
    has_exact_digits = mark.digits == str(mark.number)
    is_exact = has_exact_digits and mark.dot in (".", "\uff0e")
    is_bounded = _has_boundary(text[max(0, mark.start - _MAX_BOUNDARY_LENGTH) : mark.start])
    if not (has_exact_digits or is_bounded):
        return None
    return _ItemStart(mark.number, mark.start, mark.end, is_exact, is_bounded)


def _has_boundary(text_before: str) -> bool:
    return not text_before.strip() or _ITEM_BOUNDARY.search(text_before) is not None


# --- The cells of one item ---
#
# An item is followed by its 责任单位 and, where a new group begins, by the headings of the
# next item, without separators. The grammar of 责任单位 decides where the cells end.

# The end of a sentence with its closing quotes and brackets.
_SENTENCE_END = re.compile(r"[。!?\uff01\uff1f][”’」』)\uff09]*\s*")

# A name after one of these belongs to the sentence: 报综合科, 由综合科牵头.
_GOVERNING_CHARACTERS = tuple("由报与和及向请送经给对至为于在是的、")

_MAX_HEADING_LENGTH = 90
_MAX_UNITS_LENGTH = 60
# The units of the last item stand in one of its first paragraphs.
_MAX_LAST_PARAGRAPHS = 50


@dataclass(frozen=True, slots=True)
class _ItemCells:
    """The cells of one item; ``next_heading`` is the text before the next item's number."""

    measure: str
    units: str
    next_heading: str


def _split_item_cells(texts: Sequence[str]) -> tuple[_ItemCells, ...]:
    """Split the texts of items into their cells.

    The names of sections in items with a certain split are used to split the others.
    """
    certain_cells = [_split_after_sentence(text) for text in texts]
    section_names = list_named_sections(
        item_cells.units for item_cells in certain_cells if item_cells
    )
    return tuple(
        item_cells or _split_at_section_name(text, section_names) or _split_at_heading(text)
        for text, item_cells in zip(texts, certain_cells, strict=True)
    )


def _split_last_item(text: str, section_names: Sequence[str]) -> _ItemCells:
    """Split the last item, whose text may be followed by the site's own paragraphs."""
    paragraphs = text.split("\n")
    prefixes = list(accumulate(paragraphs[:_MAX_LAST_PARAGRAPHS]))
    attempts = (
        _split_after_sentence(prefix) or _split_at_section_name(prefix, section_names)
        for prefix in prefixes
    )
    item_cells = next(filter(None, attempts), None)
    return (
        item_cells
        or _split_at_last_units("".join(paragraphs), section_names)
        or _ItemCells(paragraphs[0], "", "")
    )


def _split_after_sentence(text: str) -> _ItemCells | None:
    """Split where 责任单位 follow a complete sentence: the certain case."""
    for cut in _list_cut_positions(text):
        text_before = text[:cut].rstrip()
        start = max(
            (end for end in _find_sentence_ends(text_before) if end < len(text_before)),
            default=0,
        )
        if start and is_units_cell(text_before[start:]):
            return _ItemCells(text[:start], text_before[start:], text[cut:])
    return None


def _split_at_last_units(text: str, section_names: Sequence[str]) -> _ItemCells | None:
    """Split at the last known units that follow a sentence; the site's text comes after."""
    for start in reversed(_find_sentence_ends(text)) if section_names else ():
        for end in range(min(len(text), start + _MAX_UNITS_LENGTH), start, -1):
            if is_units_cell(text[start:end], section_names):
                return _ItemCells(text[:start], text[start:end], text[end:])
    return None


def _split_at_section_name(text: str, section_names: Sequence[str]) -> _ItemCells | None:
    """Split before a known section where the sentence has lost its full stop."""
    for cut in _list_cut_positions(text) if section_names else ():
        text_before = text[:cut].rstrip()
        for start in find_name_starts(text_before, section_names):
            is_governed = text_before[:start].rstrip().endswith(_GOVERNING_CHARACTERS)
            if start and not is_governed and is_units_cell(text_before[start:], section_names):
                return _ItemCells(text_before[:start], text_before[start:], text[cut:])
    return None


def _split_at_heading(text: str) -> _ItemCells:
    """Split before a heading that follows a complete sentence, without any units."""
    cut = next(
        (
            cut
            for cut in _list_cut_positions(text)
            if len(text[:cut].rstrip()) in _find_sentence_ends(text[:cut].rstrip())
            and _can_begin_heading(text, cut)
        ),
        len(text),
    )
    return _ItemCells(text[:cut], "", text[cut:])


def _list_cut_positions(text: str) -> Iterator[int]:
    """Yield the offsets where a heading may begin, then the end of the text."""
    heading_starts = {
        match.start()
        for pattern in (LEVEL_1_MARK, LEVEL_2_MARK)
        for match in pattern.finditer(text)
    }
    yield from sorted(heading_starts)
    yield len(text)


def _find_sentence_ends(text: str) -> list[int]:
    return [match.end() for match in _SENTENCE_END.finditer(text)]


def _can_begin_heading(text: str, cut: int) -> bool:
    """Return whether the rest is one phrase, and not the end of a list （一）…（二）…."""
    text_after = text[cut:].rstrip()
    is_single_phrase = all(end == len(text_after) for end in _find_sentence_ends(text_after))
    point_match = LEVEL_2_MARK.match(text_after)
    is_list_member = point_match is not None and any(
        parse_ordinal(earlier_match["ordinal"]) == parse_ordinal(point_match["ordinal"]) - 1
        for earlier_match in LEVEL_2_MARK.finditer(text, 0, cut)
    )
    return is_single_phrase and not is_list_member and len(text_after) <= _MAX_HEADING_LENGTH
