"""Recover the table of a plan from flat text, as sites show or scans give it.

Cells run into each other, lines are wrapped anywhere, page markers and repeated
headers cut sentences in two. What survives is the order of the cells and the plan's
own numbering; the grid is rebuilt from these.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ledgerbook.errors import InputError
from ledgerbook.plan.chain import Chain, find_chain
from ledgerbook.plan.columns import flat_headers, parts_in
from ledgerbook.plan.grid import Cell, Column, Doubt, Grid, Part, Source
from ledgerbook.plan.numerals import LEVEL_1, LEVEL_2
from ledgerbook.plan.split import Piece, split_items, split_last
from ledgerbook.plan.units import named_sections, units_wording
from ledgerbook.plan.wording import narrow

PARTS = (Part.REQUIREMENT, Part.POINT, Part.MEASURE, Part.UNITS)
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


def source_from_text(text: str) -> Source:
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


def _source(titles: tuple[str, ...], flow: str, chain: Chain) -> Source:
    starts = chain.starts
    ends = [*(start.start for start in starts[1:]), len(flow)]
    texts = [flow[s.end : e] for s, e in zip(starts, ends, strict=True)]
    pieces = _pieces(texts)
    leads = [flow[: starts[0].start], *(piece.heading for piece in pieces[:-1])]
    headings = [_headings(lead.strip()) for lead in leads]
    marks = [flow[s.start : s.end] for s in starts]
    cells = [
        Cell(text, row, column)
        for row, (heading, mark, piece) in enumerate(
            zip(headings, marks, pieces, strict=True)
        )
        for column, text in enumerate(
            (*heading, mark + piece.measure, piece.units or None)
        )
        if text is not None
    ]
    doubts = (*_doubled(leads, headings), *_unsure(chain.unsure))
    columns = tuple(map(Column, PARTS))
    return Source(titles, columns, Grid(tuple(cells)), doubts)


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


def _doubled(leads: Sequence[str], headings: Sequence[_Headings]) -> Iterator[Doubt]:
    """Headings cut in two only because the same words stand there twice."""
    begins = [row for row, heading in enumerate(headings) if any(heading)]
    for row, after in pairwise([*begins, len(leads)]):
        requirement, point = headings[row]
        if requirement and point and not LEVEL_2.match(point):
            yield Doubt(
                rows=tuple(range(row, after)),
                part=Part.POINT,
                found=leads[row],
                reason="文字稿中同样的字连写了两遍，看来是“工作要求”和“工作要点”两格内容相同，"
                "已按两格分开。",
                advice="请对照原文件核对这两格；不对时在“任务”表中改正。",
            )


def _unsure(numbers: Sequence[int]) -> Iterator[Doubt]:
    for number in numbers:
        yield Doubt(
            rows=(number - 1,),
            part=Part.NUMBER,
            found=f"{number}.",
            reason=f"文字稿中不止一处像第 {number} 项的开头，取了最前面的一处。",
            advice="请对照原文件核对这一项和前一项的“计划措施”；不对时在“任务”表中改正。",
        )
