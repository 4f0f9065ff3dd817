"""Recover the table of a plan from flat text, as sites show or scans give it.

Cells run into each other, lines are wrapped anywhere, page markers and repeated
headers cut sentences in two. What survives is the order of the cells and the plan's
own numbering; the grid is rebuilt from these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, pairwise

from ledgerbook.errors import InputError
from ledgerbook.plan.cell_classifier import cut_tail, has_labels, has_tail, is_heading
from ledgerbook.plan.grid import (
    CellGrid,
    ColumnRole,
    Inference,
    PlanCell,
    PlanColumn,
    PlanSource,
)
from ledgerbook.plan.header_detection import flat_headers, parts_in
from ledgerbook.plan.numerals import LEVEL_1, LEVEL_2, NO_DECIMAL, number_mark, value
from ledgerbook.plan.responsible_units import (
    NAME_ENDS,
    is_units_cell,
    name_starts,
    named_sections,
    units_wording,
)
from ledgerbook.plan.text_repair import narrow

PARTS = (ColumnRole.REQUIREMENT, ColumnRole.POINT, ColumnRole.MEASURE, ColumnRole.UNITS)
_HEADERS = "、".join(PARTS)

# Where the page around a document begins again, whatever the site.
_FURNITURE = re.compile(
    r"^\s*(?:展开阅读全文|阅读全文|相关资源|相关推荐|猜你喜欢|相关搜索|相关文档|当前位置"
    r"|备案号|版权所有|免责声明|打印本页|关闭窗口|分享到|上一篇|下一篇|附件下载)",
    re.MULTILINE,
)

# A preview begins each of its chunks with "1、", "2、", …; reflowed text may have
# lost the line break before it, or even the space. The surest look comes first.
_PAGE_MARKERS = (
    re.compile(r"(?:\A|\n+)(?P<page>\d{1,3})、\s*"),
    re.compile(r"(?:\A|\s+)(?P<page>\d{1,3})、\s*"),
    re.compile(r"(?<![\d第])(?P<page>\d{1,3})、\s*"),
)
_DOTTED_ITEM = re.compile(r"(?<!\d)2\.(?!\d)")


def source_from_text(text: str) -> PlanSource:
    """Rebuild the grid of the plan in ``text``.

    Raises InputError when there is no plan in it, or its numbering is broken.
    """
    body = _without_page_markers(_plain_lines(narrow(text)))
    headers = flat_headers(body)
    if not headers:
        raise InputError(
            f"文件里没有找到分工方案：没有写着“{_HEADERS}”的表头。"
            "请核对是不是选错了文件，或文字没有复制完整。"
        )
    if any(parts_in(header[0]) != PARTS for header in headers):
        raise InputError(
            f"文字稿的表头不是“{_HEADERS}”这四列，纯文字里分不清各格的界线。"
            "请改用含有这张表的 .docx 文件。"
        )
    flow = _flow(body, headers)
    chain = find_chain(flow)
    _insist_on_whole(chain)
    return _source(_titles(body[: headers[0].start()]), flow, chain)


# ── one flow of text ─────────────────────────────────────────────────────────────


def _plain_lines(text: str) -> str:
    r"""Single spaces, no more than one blank line, ``\n`` for any line end."""
    lines = "\n".join(" ".join(line.split()) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines)


def _without_page_markers(text: str) -> str:
    """Join what the markers of a preview's pages have cut in two."""
    chains = (_marker_chain(text, pattern) for pattern in _PAGE_MARKERS)
    markers = next((chain for chain in chains if len(chain) > 1), [])
    joined, at = "", 0
    for marker in markers:
        # Before the first page there is only the site's own text.
        joined += text[at : marker.start()] + ("\n\n" if marker["page"] == "1" else "")
        at = marker.end()
    return joined + text[at:]


def _marker_chain(text: str, pattern: re.Pattern[str]) -> list[re.Match[str]]:
    """Find the markers 1、2、3、…, of which the first stands before the table.

    Otherwise they may be the items' own numbers, unless those are dotted; then the
    first marker may have been cut off with the page around.
    """
    first_header = next((h.start() for h in flat_headers(text)), len(text))
    page = 1
    if not any(int(m["page"]) == 1 for m in pattern.finditer(text, 0, first_header)):
        page = 2 if _DOTTED_ITEM.search(text) else 0
    chain: list[re.Match[str]] = []
    for marker in pattern.finditer(text):
        if int(marker["page"]) == page:
            chain.append(marker)
            page += 1
    return chain


def _flow(body: str, headers: Sequence[re.Match[str]]) -> str:
    """Everything under the first header, all headers and wraps taken out.

    One line break stays for each blank line: the page around may begin there.
    """
    ends = [*(header.start() for header in headers[1:]), len(body)]
    table = "".join(
        body[header.end() : end] for header, end in zip(headers, ends, strict=True)
    )
    furniture = _FURNITURE.search(table)
    own = table[: furniture.start()] if furniture else table
    return "\n".join(units_wording(p) for p in own.strip().split("\n\n"))


def _titles(before: str) -> tuple[str, ...]:
    """List the lines before the table, the nearest first, then wrapped ones joined."""
    lines = [line.strip() for line in before.splitlines() if line.strip()][::-1]
    last_paragraph = before.strip().split("\n\n")[-1]
    return (*lines[:1], last_paragraph, *lines[1:])


# ── the grid ─────────────────────────────────────────────────────────────────────


def _insist_on_whole(chain: Chain) -> None:
    last = len(chain.starts)
    if chain.stray:
        found = f"找到了第 1 至 {last} 项" if last else "没有找到第 1 项"
        raise InputError(
            f"分工方案的任务序号不连续：{found}，接下来却是第 {chain.stray.number} 项，"
            f"缺第 {last + 1} 项。请对照原文，在文字稿中补上缺的序号"
            f"（如“{last + 1}.”）后重试。"
        )
    if not last:
        raise InputError(
            "表头下面没有找到任务：任务要从“1.”开始连续编号。请核对文字是否复制完整。"
        )


def _source(titles: tuple[str, ...], flow: str, chain: Chain) -> PlanSource:
    starts = chain.starts
    ends = [*(start.start for start in starts[1:]), len(flow)]
    texts = [flow[s.end : e] for s, e in zip(starts, ends, strict=True)]
    pieces = _pieces(texts)
    leads = [flow[: starts[0].start], *(piece.heading for piece in pieces[:-1])]
    headings = [_headings(lead.strip()) for lead in leads]
    marks = [flow[s.start : s.end] for s in starts]
    cells = [
        PlanCell(text, row, column)
        for row, (heading, mark, piece) in enumerate(
            zip(headings, marks, pieces, strict=True)
        )
        for column, text in enumerate(
            (*heading, mark + piece.measure, piece.units or None)
        )
        if text is not None
    ]
    doubts = (*_doubled(leads, headings), *_unsure(chain.unsure))
    columns = tuple(map(PlanColumn, PARTS))
    return PlanSource(titles, columns, CellGrid(tuple(cells)), doubts)


def _pieces(texts: Sequence[str]) -> tuple[Piece, ...]:
    pieces = split_items([text.replace("\n", "") for text in texts[:-1]])
    names = named_sections(piece.units for piece in pieces)
    return (*pieces, split_last(texts[-1], names))


_Headings = tuple[str | None, str | None]
_LONGEST_LEAD = 200
_TWICE = re.compile(r"(?P<words>.{2,}?)\s*(?P<again>(?P=words)[。.]?)\s*\Z")


def _headings(lead: str) -> _Headings:
    """Cut what precedes an item into 工作要求 and 工作要点."""
    first = LEVEL_1.match(lead)
    if first is None:
        return None, lead or None
    second = LEVEL_2.search(lead, first.end())
    twice = _TWICE.match(lead[:_LONGEST_LEAD], first.end())
    cut = second.start() if second else twice.start("again") if twice else len(lead)
    return lead[:cut], lead[cut:] or None


def _doubled(
    leads: Sequence[str], headings: Sequence[_Headings]
) -> Iterator[Inference]:
    """Headings cut in two only because the same words stand there twice."""
    begins = [row for row, heading in enumerate(headings) if any(heading)]
    for row, after in pairwise([*begins, len(leads)]):
        requirement, point = headings[row]
        if requirement and point and not LEVEL_2.match(point):
            yield Inference(
                rows=tuple(range(row, after)),
                part=ColumnRole.POINT,
                found=leads[row],
                reason="文字稿中同样的字连写了两遍，看来是“工作要求”和“工作要点”两格内容相同，"
                "已按两格分开。",
                advice="请对照原文件核对这两格；不对时在“任务”表中改正。",
            )


def _unsure(numbers: Sequence[int]) -> Iterator[Inference]:
    for number in numbers:
        yield Inference(
            rows=(number - 1,),
            part=ColumnRole.NUMBER,
            found=f"{number}.",
            reason=f"文字稿中不止一处像第 {number} 项的开头，取了最前面的一处。",
            advice="请对照原文件核对这一项和前一项的“计划措施”；不对时在“任务”表中改正。",
        )


# Find where the items of a flat text begin: the chain 1, 2, 3, … through it.
#
# No single number in a text can be trusted (2022年, 听取1次, “1+1+9”), but the items'
# numbers are consecutive. Every place that may be the start of item n is weighed by its
# looks, and the heaviest chain of consecutive numbers wins.

# What stands before an item: the end of a sentence, or a cell of 责任单位.
_BOUNDARY = re.compile(
    rf"(?:[。!?\uff01\uff1f][”’」)\uff09]*|[{NAME_ENDS}]|落实|配合|牵头|汇总|负责)\s*\Z"
)
_BOUNDARY_LENGTH = 8

# A number as printed, dot and all, may stand anywhere; one that a scan has damaged
# needs a boundary before it to count for anything.
_EXACT, _AT_BOUNDARY, _WEAK = 3, 2, -1

# How far beyond a broken chain a lone number still counts as one of ours.
_REACH = 12


@dataclass(frozen=True, slots=True)
class Start:
    """A place where item ``number`` may begin; its text starts at ``end``."""

    number: int
    start: int
    end: int
    exact: bool
    bounded: bool

    @property
    def weight(self) -> int:
        if not (self.exact or self.bounded):
            return _WEAK
        return _EXACT * self.exact + _AT_BOUNDARY * self.bounded


@dataclass(frozen=True, slots=True)
class Chain:
    """The items' starts in order; ``unsure`` are those with an equal rival.

    ``stray`` is a later number that proves the chain broken, if there is one.
    """

    starts: tuple[Start, ...]
    unsure: tuple[int, ...] = ()
    stray: Start | None = None


@dataclass(frozen=True, slots=True)
class _ChainLink:
    start: Start
    weight: int
    previous: _ChainLink | None


def find_chain(text: str) -> Chain:
    """Return the heaviest chain of consecutive item numbers in ``text``."""
    links = tuple(_links(text))
    best = max((link for row in links for link in row), key=_weight, default=None)
    starts = tuple(_back(best))[::-1]
    stray = _stray(text, len(starts) + 1, starts[-1].end if starts else 0)
    return Chain(starts, _is_unsure_start(links, starts), stray)


def _weight(link: _ChainLink) -> int:
    return link.weight


def _links(text: str) -> Iterator[tuple[_ChainLink, ...]]:
    """Give, for each number from 1 on, the best chains that end in its places."""
    row: tuple[_ChainLink, ...] = ()
    for number in count(1):
        row = tuple(link for s in candidates(text, number) if (link := _extend(row, s)))
        if not row:
            return
        yield row


def _extend(row: tuple[_ChainLink, ...], start: Start) -> _ChainLink | None:
    if start.number == 1:
        return _ChainLink(start, start.weight, None)
    before = (link for link in row if link.start.end <= start.start)
    best = max(before, key=_weight, default=None)
    return best and _ChainLink(start, best.weight + start.weight, best)


def _back(link: _ChainLink | None) -> Iterator[Start]:
    while link:
        yield link.start
        link = link.previous


def _is_unsure_start(
    links: tuple[tuple[_ChainLink, ...], ...], starts: tuple[Start, ...]
) -> tuple[int, ...]:
    """Name the numbers with a second place, as good, between their neighbours."""
    return tuple(
        here.number
        for here, after, row in zip(starts, (*starts[1:], None), links, strict=False)
        if any(
            rival.start is not here
            and rival.start.weight == here.weight
            and (here.number == 1 or rival.start.start >= starts[here.number - 2].end)
            and (after is None or rival.start.end <= after.start)
            for rival in row
        )
    )


def _stray(text: str, missing: int, after: int) -> Start | None:
    later = (
        start
        for number in range(missing + 1, missing + _REACH)
        for start in candidates(text, number)
        if start.exact and start.bounded and start.start >= after
    )
    return next(later, None)


def candidates(text: str, number: int) -> Iterator[Start]:
    for found in number_mark(number).finditer(text):
        printed = found["digits"] == str(number) and found["dot"] in (".", "\uff0e")
        bounded = _is_boundary(
            text[max(0, found.start() - _BOUNDARY_LENGTH) : found.start()]
        )
        if found["digits"] == str(number) or bounded:
            yield Start(number, found.start(), found.end(), printed, bounded)


def _is_boundary(before: str) -> bool:
    return not before.strip() or _BOUNDARY.search(before) is not None


# Cut the text of one item, up to the next number, into its cells.
#
# After an item come its cell of 责任单位 and, where a new group begins, the headings of
# the next. Nothing marks where one ends; the grammar of 责任单位 tells.

# The end of a sentence, closing quotes and brackets with it.
_SENTENCE_END = re.compile(r"[。!?\uff01\uff1f][”’」』)\uff09]*\s*")

# A name after one of these is part of the sentence: 报综合科, 由综合科牵头.
_GOVERNING = "由报与和及向请送经给对至为于在是的、"

_LONGEST_HEADING = 90
_LONGEST_RUN = 60


@dataclass(frozen=True, slots=True)
class Piece:
    """One item's own cells, and the ``heading`` that follows, unread."""

    measure: str
    units: str
    heading: str


def split_items(texts: Sequence[str]) -> tuple[Piece, ...]:
    """Cut every item of a plan; names learned where the cut is sure help elsewhere."""
    sure = [_after_sentence(text) for text in texts]
    names = named_sections(piece.units for piece in sure if piece)
    return tuple(
        piece or _at_name(text, names) or _without_units(text)
        for text, piece in zip(texts, sure, strict=True)
    )


def split_last(text: str, names: Sequence[str]) -> Piece:
    """Cut the last item off the page around it, which a paragraph's end may begin."""
    paragraphs = text.split("\n")
    grown = ["".join(paragraphs[: n + 1]) for n in range(len(paragraphs))]
    found = (_after_sentence(part) or _at_name(part, names) for part in grown)
    whole = next(filter(None, found), None)
    return whole or _run_on(grown[-1], names) or Piece(paragraphs[0], "", "")


def _after_sentence(text: str) -> Piece | None:
    """Cut where a cell of 责任单位 follows a whole sentence: the sure case."""
    for cut in _cuts(text):
        before = text[:cut].rstrip()
        start = max((e for e in _sentence_ends(before) if e < len(before)), default=0)
        if start and is_units_cell(before[start:]):
            return Piece(text[:start], before[start:], text[cut:])
    return None


def _run_on(text: str, names: Sequence[str]) -> Piece | None:
    """Cut after the last known units that begin a sentence; the page runs on."""
    for start in reversed(_sentence_ends(text)) if names else ():
        for end in range(min(len(text), start + _LONGEST_RUN), start, -1):
            if is_units_cell(text[start:end], names):
                return Piece(text[:start], text[start:end], text[end:])
    return None


def _at_name(text: str, names: Sequence[str]) -> Piece | None:
    """Cut before a known section, where the sentence has lost its full stop."""
    for cut in _cuts(text) if names else ():
        before = text[:cut].rstrip()
        for start in name_starts(before, names):
            governed = before[:start].rstrip().endswith(tuple(_GOVERNING))
            if start and not governed and is_units_cell(before[start:], names):
                return Piece(before[:start], before[start:], text[cut:])
    return None


def _without_units(text: str) -> Piece:
    """Cut before a heading that follows a whole sentence; there is no 责任单位."""
    cut = next(
        (
            cut
            for cut in _cuts(text)
            if len(text[:cut].rstrip()) in _sentence_ends(text[:cut].rstrip())
            and _could_be_heading(text, cut)
        ),
        len(text),
    )
    return Piece(text[:cut], "", text[cut:])


def _cuts(text: str) -> Iterator[int]:
    """Where a heading may begin, and the end of the text."""
    marks = {m.start() for level in (LEVEL_1, LEVEL_2) for m in level.finditer(text)}
    yield from sorted(marks)
    yield len(text)


def _sentence_ends(text: str) -> list[int]:
    return [found.end() for found in _SENTENCE_END.finditer(text)]


def _could_be_heading(text: str, cut: int) -> bool:
    """Whether what follows is one phrase, and not the last of a list (一)…(二)…"""
    after = text[cut:].rstrip()
    one_phrase = all(end == len(after) for end in _sentence_ends(after))
    point = LEVEL_2.match(after)
    listed = point is not None and any(
        value(earlier["ordinal"]) == value(point["ordinal"]) - 1
        for earlier in LEVEL_2.finditer(text, 0, cut)
    )
    return one_phrase and not listed and len(after) <= _LONGEST_HEADING


# A plan that is no table: numbered paragraphs, each with its units at the end.
#
# Such as 一、加强公开 and below it 1.公开规范性文件。(责任单位:法规科).

_FEWEST = 2
_BRACKET = re.compile(r"[(\uff08][^()\uff08\uff09]{2,200}[)\uff09][。;\uff1b]?")
_NUMBERED = re.compile(
    rf"\s*(?:\d{{1,3}}\s*[.、\uff0e]{NO_DECIMAL}|[(\uff08]\d{{1,3}}[)\uff09])"
)


def source_from_lines(lines: Sequence[str]) -> PlanSource | None:
    """Return the paragraphs as a table of one column; None if they are no plan.

    What stands before the first heading or item, and after the last, is the letter
    around the plan.
    """
    pieces = [
        (n, piece)
        for n, text in enumerate(_paragraphs(lines))
        for piece in _outline_pieces(text)
    ]
    paragraphs = [piece for _, piece in pieces]
    ends = [n for n, text in enumerate(paragraphs) if has_tail(text, said=True)]
    if len(ends) < _FEWEST:
        return None
    own = [n for n, text in enumerate(paragraphs) if _begins(text)]
    first, last = min((*own, *ends)), max((*own, *ends))
    # What goes on in the last paragraph is of the plan, whoever is to do it.
    beyond = (n for n in range(last, len(pieces)) if pieces[n][0] != pieces[last][0])
    body = paragraphs[first : next(beyond, len(pieces))]
    before = paragraphs[:first]
    cells = [cell for row, text in enumerate(body) for cell in _cells(text, row)]
    pointed = any(c.column == 0 and c.columns == 1 for c in cells)
    if not pointed:
        cells = [replace(cell, column=0, columns=1) for cell in cells]
    parts = (ColumnRole.POINT, ColumnRole.MEASURE) if pointed else (ColumnRole.MEASURE,)
    return PlanSource(
        titles=(*before[::-1], *map("".join, pairwise(before))),
        columns=tuple(map(PlanColumn, parts)),
        grid=CellGrid(tuple(cells)),
    )


def _cells(text: str, row: int) -> Iterator[PlanCell]:
    """Cut (一) and its first sentence off the item that follows on the same line."""
    lead = LEVEL_2.match(text)
    stop = text.find("。") + 1
    if not lead or not has_tail(text, said=True):
        wide = 2 if is_heading(text) else 1
        yield PlanCell(text, row, 2 - wide, 1, wide)
    elif stop and cut_tail(text[stop:]).text:
        yield PlanCell(text[:stop], row, 0)
        yield PlanCell(text[stop:], row, 1)
    else:
        # The one sentence is both: what heads the item, and the item.
        yield PlanCell(cut_tail(text).text, row, 0)
        yield PlanCell(text[lead.end() :], row, 1)


def _outline_pieces(text: str) -> Iterator[str]:
    """Cut a paragraph after each bracket that says who does what stands before it."""
    start = 0
    for bracket in _BRACKET.finditer(text):
        piece = text[start : bracket.end()]
        if has_tail(piece, said=True):
            yield piece.strip()
            start = bracket.end()
    if text[start:].strip(" \u3000。\n"):
        yield text[start:].strip()


def _paragraphs(lines: Sequence[str]) -> list[str]:
    """Join to each paragraph the line below it that says only who and when."""
    joined: list[str] = []
    for line in (line.strip() for line in lines):
        if line and joined and has_labels(line):
            joined[-1] += f"\n{line}"
        elif line:
            joined.append(line)
    return joined


def _begins(text: str) -> bool:
    return is_heading(text) or _NUMBERED.match(text) is not None
