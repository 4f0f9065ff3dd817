"""Where a table's header is, and which columns it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import combinations
from types import MappingProxyType

from ledgerbook.plan.cell_classifier import (
    has_tail,
    is_limit,
    is_number,
    is_units,
    likeness,
    share,
)
from ledgerbook.plan.grid import CellGrid, ColumnRole, PlanCell, PlanColumn
from ledgerbook.text import squash

# The columns of a plan's table, told by what their headers mean.
#
# A header is read without spaces, line breaks and bracketed additions, so 责 任 单 位,
# 责任单位(科室) and 责任单位 are one.


class Sort(Enum):
    """What kind of thing a header names; texts become parts by their rank."""

    NUMBER = auto()
    TEXT = auto()
    UNITS = auto()
    PERSON = auto()
    LIMIT = auto()
    NOTE = auto()


class Rank(Enum):
    """How broad a text is: 类别, then 工作任务, then 具体要求; last 工作目标."""

    CLASS = 1
    TASK = 2
    DETAIL = 3
    ASIDE = 4


@dataclass(frozen=True, slots=True)
class Header:
    """A header's meaning; ``upper`` are units above the agency (市里落实单位)."""

    sort: Sort
    rank: Rank = Rank.TASK
    role: str = ""
    upper: bool = False


_LONGEST = 18
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】|〔[^〕]*〕")
_DOING = (
    "责任|负责|牵头|主办|承办|落实|配合|协办|协助|协同|参与|参加|会办|实施|主责|主管"
    "|执行|承担|完成|办理|分管|归口|主体|责任主体|工作责任"
)
_OFFICES = (
    "单位|科室|部门|处室|股室|科组|处科室|科|处|股|室|机构|主体|站所|站办所|所站|办公室"
    "|院系|学院|系部|年级|村社区|村居|村|社区|大队|中队|局办|委办局|岗位|组室|班子"
)
_ANY = r"(?:及|和|或|与|、|/|,|以及)"
_WHERE = (
    r"(?:市里|市级|市直|市|省级|省|区级|区直|区|县级|县直|县|国家|中央|上级|局内|局|委内"
    r"|办内|厅内|院内|校内|镇内|镇级|镇|街道|内部|机关|本局|本委|本办|我局|我委|本单位|各)"
)
_PEOPLE = r"(?:责任|负责|分管|牵头|包保|主管|联系|经办|具体|直接|第一|主要|填报)"

# Read in this order: the first that fits says what a header means.
_NUMBERED = re.compile(
    r"(?:任务|项目|工作|条目)?(?:序号|编号|项次|项号|序次)|序|号|NO\.?|#"
)
_UNITS = re.compile(
    rf"{_WHERE}?(?:局内|内部)?(?:具体|第一|主要)?(?:{_DOING})"
    rf"(?:{_ANY}(?:{_DOING}))*(?:{_WHERE})?(?:{_OFFICES})"
    rf"(?:{_ANY}?(?:{_PEOPLE}|{_DOING})?(?:{_OFFICES}|人员|人|领导))*"
    rf"(?:{_ANY}(?:完成|办结)?(?:时限|时间|期限)(?:要求)?)?"
    r"|责任分工|职责分工|分工|责任落实|单位分工|部门分工|科室分工|牵头|主办|责任归属"
    rf"|(?:{_OFFICES})(?:名称)?|(?:{_OFFICES}){_ANY}(?:{_OFFICES})|谁来做|由谁负责"
)
_BARE_OFFICE = re.compile(rf"(?:{_OFFICES})(?:名称)?")
_PERSON = re.compile(
    rf"{_PEOPLE}?(?:责任人|负责人|负责同志|领导|人员|联系人|经办人|人)(?:员)?"
    rf"|(?:{_PEOPLE})(?:人|领导|人员)(?:{_ANY}(?:{_PEOPLE})(?:人|领导|人员))*|责任到人"
)
_LIMITED = re.compile(
    r"(?!.*(?:报送|填报|更新|启动|开始|实际|发布))"
    r".*(?:时限|期限|完成时间|时间节点|时间要求|时间安排|时间进度|办结时间|截止|截至"
    r"|完成日期|节点|进度安排|进度要求|完成时段|计划时间|推进时间|落实时间|实施时间"
    r"|工作时间|起止时间|整改时间|公开时间)(?:.*)|时间|工期|日期"
)
_NOTED = re.compile(
    r".*(?:备注|说明|情况|进展|进度|电话|联系|依据|来源|渠道|方式|形式|成果|考核|分值"
    r"|得分|评分|资金|状态|是否|频次|报送|更新|签字|签收|佐证|材料|问题|效果|成效"
    r"|填报|指标值|权重|评价|季度|月份|计划数|办法|平台|载体|范围|对象|主体|时间)"
)
_ASIDE = re.compile(
    r".*(?:工作目标|预期|目标值|目标要求|工作标准|质量标准|完成标准|达到|验收|考核标准)"
)
_DETAILED = re.compile(
    r".*(?:具体|内容|措施|举措|细化|做法|步骤|分解|任务要求|标准|行动|路径)|任务描述"
    r"|.+要求(?<!工作要求)"
)
_CLASSED = re.compile(
    r".*(?:类别|分类|类型|大类|领域|板块|方面|一级|维度|专题|篇章|模块|版块)|总体要求"
)
_TASKED = re.compile(
    r".*(?:任务|要点|工作要求|重点|事项|项目|目标|指标|工作名称|计划|做什么)|工作|内容|要求|题目"
)
_ROLES = (
    (re.compile(r"牵头|主办|主责|统筹"), "牵头"),
    (re.compile(r"配合|协办|协助|协同|参与|参加|会办"), "配合"),
)
_UPPER = re.compile(
    r"(?:市里|市级|市直|市|省级|省|区级|区直|区|县级|县直|县|国家|中央|上级)"
)
_NOT_A_HEADER = re.compile(
    r"[。;!?:]|^(?:各|相关|有关|其他|\d)|^[一二三四五六七八九十]+[、.]"
)


def header_of(text: str, parent: str = "") -> Header | None:
    """Say what a header means, or None if it means nothing here.

    ``parent`` is the header above it, of which it is a part (责任单位 over 牵头).
    """
    whole = squash(text)
    bare = _BRACKETED.sub("", whole) or whole
    if not 0 < len(bare) <= _LONGEST or _NOT_A_HEADER.search(bare):
        return None
    above = squash(parent)
    if above and (found := _under(bare, above)):
        return found
    if _NUMBERED.fullmatch(bare.upper()):
        return Header(Sort.NUMBER)
    if _PERSON.fullmatch(bare):
        return Header(Sort.PERSON)
    if _UNITS.fullmatch(bare):
        return _units(whole)
    if _LIMITED.fullmatch(bare):
        return Header(Sort.LIMIT)
    for pattern, rank in (
        (_ASIDE, Rank.ASIDE),
        (_DETAILED, Rank.DETAIL),
        (_CLASSED, Rank.CLASS),
    ):
        if pattern.match(bare) and not _about_progress(bare):
            return Header(Sort.TEXT, rank)
    if _NOTED.match(bare):
        return Header(Sort.NOTE)
    return Header(Sort.TEXT) if _TASKED.match(bare) else None


def _about_progress(header: str) -> bool:
    return re.search(r"情况|进展|进度|成效|方式|形式|电话", header) is not None


def _under(bare: str, above: str) -> Header | None:
    """Read a header under another: 牵头 under 责任单位, 一季度 under 完成情况."""
    parent = header_of(above)
    own = header_of(bare)
    if parent is None or (own and own.sort is not Sort.NOTE and own != parent):
        return own
    if parent.sort is Sort.UNITS:
        return _units(bare)
    return parent


def _units(header: str) -> Header:
    role = next((verb for pattern, verb in _ROLES if pattern.search(header)), "")
    both = all(pattern.search(header) for pattern, _ in _ROLES)
    return Header(
        Sort.UNITS,
        role="" if both else role,
        upper=_UPPER.match(header) is not None,
    )


def is_person(text: str) -> bool:
    """Whether a header is of the persons who answer for a task, and of no office."""
    header = header_of(text)
    responsible = re.search(r"责任|负责|牵头|包保", text) is not None
    return header is not None and header.sort is Sort.PERSON and responsible


def is_bare_office(text: str) -> bool:
    """Whether a header is only 科室 or 部门: of a plan's table, or of any other."""
    return _BARE_OFFICE.fullmatch(squash(text)) is not None


SOUGHT = (
    "表头要写明做什么（如“工作任务”“工作要点”“具体要求”“计划措施”）"
    "和由谁做（如“责任单位”“责任科室”“牵头单位”）"
)

# ── a flat text, where the headers stand in a row with nothing between them ───────

_FLAT: Mapping[str, ColumnRole] = MappingProxyType(
    {
        "序号": ColumnRole.NUMBER,
        "工作要求": ColumnRole.REQUIREMENT,
        "工作要点": ColumnRole.POINT,
        "计划措施": ColumnRole.MEASURE,
        "责任单位": ColumnRole.UNITS,
        "时限": ColumnRole.LIMIT,
        "时限要求": ColumnRole.LIMIT,
        "完成时限": ColumnRole.LIMIT,
        "完成期限": ColumnRole.LIMIT,
    }
)
_FLAT_NEEDED = frozenset({ColumnRole.MEASURE, ColumnRole.UNITS})
_ANY_FLAT = "|".join(
    r"\s*".join(header) for header in sorted(_FLAT, key=len, reverse=True)
)
_FLAT_ROW = re.compile(rf"(?:(?:{_ANY_FLAT})\s*){{2,}}")


def flat_headers(text: str) -> tuple[re.Match[str], ...]:
    """Find every header row of a plan in a text that has lost its cells."""
    rows = _FLAT_ROW.finditer(text)
    return tuple(row for row in rows if set(parts_in(row[0])) >= _FLAT_NEEDED)


def parts_in(header_row: str) -> tuple[ColumnRole, ...]:
    """Name the columns of a header row written without any separators."""
    found: Iterable[str] = re.findall(_ANY_FLAT, header_row)
    return tuple(_FLAT[squash(header)] for header in found)


_MOST_ROWS = 3
_WIDEST_FIT = 14
_SMALLEST = 2
# What a second row of headers may say under the first.
_SUB = re.compile(
    r"牵头.*|配合.*|主办.*|协办.*|责任.*|落实.*|[第]?[一二三四1-4]季度|[上下]半年|\d{1,2}月"
    r"|开始.*|结束.*|完成.*|启动.*|单位|科室|部门|处室|一级|二级|三级|姓名|电话|时间"
)
_MOST_OF = 0.6
_LONG_TEXT = 8
_LEAST_TEXT = 5


@dataclass(frozen=True, slots=True)
class Range:
    """One column of a plan: the table's columns from ``first`` to before ``after``."""

    column: PlanColumn
    first: int
    after: int


@dataclass(frozen=True, slots=True)
class HeaderLayout:
    """What the columns of a table are. Its rows begin at ``body``, below the header.

    ``guessed`` says that there is no header; ``texts`` are those of the header row.
    """

    ranges: tuple[Range, ...]
    first: int
    body: int
    width: int
    texts: tuple[str, ...] = ()
    guessed: bool = False

    @property
    def columns(self) -> tuple[PlanColumn, ...]:
        return tuple(one.column for one in self.ranges)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """The texts of a header over one range of columns, the topmost first."""

    texts: tuple[str, ...]
    first: int
    after: int

    @property
    def header(self) -> Header | None:
        if not self.texts:
            return None
        *above, last = self.texts
        return (
            header_of(last, above[-1] if above else "")
            or (header_of("".join(self.texts)) if above else None)
            or (header_of(above[-1]) if above else None)
        )

    @property
    def name(self) -> str:
        texts = [squash(text) for text in self.texts]
        return texts[0] + "".join(f"（{text}）" for text in texts[1:]) if texts else ""


def find_header(
    grid: CellGrid, row: int, units_column: str = ""
) -> HeaderLayout | None:
    """Read ``row`` as the header of a plan's table; None if it is not one."""
    if not _may_be_header(grid, row):
        return None
    height = _height(grid, row)
    leaves = _leaves(grid, row, height)
    named = [(leaf, header) for leaf in leaves if (header := leaf.header)]
    if len(named) * 2 < sum(bool(leaf.texts) for leaf in leaves):
        return None
    below = row + height
    leaves = _fitted(grid, leaves, below)
    sorted_ = [(leaf, _sort(grid, leaf, below)) for leaf in leaves]
    if not _is_a_plan(grid, sorted_, below, units_column):
        return None
    columns = _columns(sorted_, units_column)
    return HeaderLayout(
        tuple(
            Range(column, leaf.first, leaf.after)
            for column, (leaf, _) in zip(columns, sorted_, strict=True)
        ),
        row,
        below,
        grid.width,
        tuple(squash(t) for leaf in leaves for t in leaf.texts),
    )


def _may_be_header(grid: CellGrid, row: int) -> bool:
    cells = grid.begun(row)
    return len(cells) > 1 and sum(bool(header_of(c.text)) for c in cells) > 1


def _height(grid: CellGrid, row: int) -> int:
    """Return how many rows the header takes: merged over them, or with parts below."""
    cells = [cell for cell in grid.begun(row) if header_of(cell.text)]
    merged = min(max(cell.rows for cell in cells), _MOST_ROWS)
    if merged > 1:
        return merged
    below = grid.begun(row + 1)
    parts = [cell for cell in below if _SUB.fullmatch(squash(cell.text))]
    wide = any(cell.columns > 1 for cell in cells) or len(cells) < grid.width
    return 2 if wide and len(parts) > 1 and len(parts) == len(below) else 1


def _leaves(grid: CellGrid, row: int, height: int) -> list[_Leaf]:
    leaves: list[_Leaf] = []
    last: tuple[PlanCell, ...] | None = None
    for column in range(grid.width):
        stack = [grid.at(r, column) for r in range(row, row + height)]
        cells = tuple(dict.fromkeys(cell for cell in stack if cell))
        if cells and cells == last:
            leaves[-1] = replace(leaves[-1], after=column + 1)
        else:
            texts = tuple(cell.text for cell in cells if cell.filled)
            leaves.append(_Leaf(texts, column, column + 1))
        last = cells
    return leaves


def _fitted(grid: CellGrid, leaves: list[_Leaf], body: int) -> list[_Leaf]:
    """Put the headers over the columns they name, where there are too few of them.

    A number often stands in a column of its own that has no header; then all headers
    stand one place too far to the left.
    """
    last = max((leaf.after for leaf in leaves if leaf.texts), default=0)
    own = [leaf for leaf in leaves if leaf.texts]
    lost = range(last, grid.width)
    shifted = (
        bool(lost)
        and all(leaf.after - leaf.first == 1 for leaf in own)
        and len(own) == last
        and grid.width <= _WIDEST_FIT
        and all(grid.at(body - 1, column) is None for column in lost)
    )
    if not shifted:
        return leaves
    texts = [_texts(grid, column, column + 1, body) for column in range(grid.width)]

    def fit(places: tuple[int, ...]) -> float:
        named = zip(own, places, strict=True)
        score = sum(_fit(texts[place], leaf.header) for leaf, place in named)
        spare = [texts[c] for c in range(grid.width) if c not in places]
        return score + sum(share(text, ColumnRole.NUMBER) for text in spare)

    best = max(combinations(range(grid.width), len(own)), key=fit)
    named = {
        p: replace(leaf, first=p, after=p + 1)
        for p, leaf in zip(best, own, strict=True)
    }
    return [named.get(c, _Leaf((), c, c + 1)) for c in range(grid.width)]


_LOOKS = {
    Sort.NUMBER: ColumnRole.NUMBER,
    Sort.UNITS: ColumnRole.UNITS,
    Sort.LIMIT: ColumnRole.LIMIT,
    Sort.TEXT: ColumnRole.MEASURE,
}


def _fit(texts: Sequence[str], header: Header | None) -> float:
    part = _LOOKS.get(header.sort) if header else None
    filled = [text for text in texts if text.strip()]
    if part is None or not filled:
        return 0
    return sum(likeness(text, part) for text in filled) / len(filled)


def _sort(grid: CellGrid, leaf: _Leaf, body: int) -> Header:
    """Return a leaf's meaning, by its content where its header says nothing."""
    if header := leaf.header:
        return header
    texts = _texts(grid, leaf.first, leaf.after, body)
    if not leaf.texts and share(texts, ColumnRole.NUMBER) > _MOST_OF:
        return Header(Sort.NUMBER)
    return Header(Sort.NOTE)


def _texts(grid: CellGrid, first: int, after: int, body: int) -> list[str]:
    cells = {
        cell: None
        for row in range(body, grid.height)
        for column in range(first, after)
        if (cell := grid.at(row, column)) and cell.column >= first
    }
    return [c.text for c in cells if c.filled and c.column + c.columns <= after]


# ── what makes a plan ────────────────────────────────────────────────────────────

_Sorted = Sequence[tuple[_Leaf, Header]]


def _is_a_plan(grid: CellGrid, leaves: _Sorted, body: int, units_column: str) -> bool:
    """Whether a table says what is to be done, and by whom.

    The latter may stand in a column, or at the end of the texts.
    """
    texts, offices = _of(Sort.TEXT, leaves), _of(Sort.UNITS, leaves)
    if not texts or _is_of_a_meeting(leaves):
        return False
    if _has_column_of_units(leaves, units_column):
        return True
    sorts = {header.sort for _, header in leaves}
    if offices:
        return Sort.LIMIT in sorts or any("任务" in leaf.name for leaf in texts)
    if any(is_person(leaf.name) for leaf, _ in leaves):
        return bool(sorts & {Sort.LIMIT, Sort.NUMBER})
    return _ends_with_units(grid, texts, body)


def _of(sort: Sort, leaves: _Sorted) -> list[_Leaf]:
    return [leaf for leaf, header in leaves if header.sort is sort]


def _is_of_a_meeting(leaves: _Sorted) -> bool:
    """Whether all offices only take part (参加单位): no plan has that."""
    roles = {header.role for _, header in leaves if header.sort is Sort.UNITS}
    return roles == {"配合"}


def _has_column_of_units(leaves: _Sorted, units_column: str) -> bool:
    """Whether a column is surely of who is responsible, by its name or as asked."""
    if any(not is_bare_office(leaf.name) for leaf in _of(Sort.UNITS, leaves)):
        return True
    asked = bool(units_column)
    return asked and any(_is_called(leaf, units_column) for leaf, _ in leaves)


def _ends_with_units(grid: CellGrid, texts: Sequence[_Leaf], body: int) -> bool:
    """Whether the texts themselves say at their end who is responsible."""
    wide = (c for c in grid.cells if c.row >= body and c.columns > 1)
    if any(has_tail(cell.text, said=True) for cell in wide):
        return True
    cells = [t for leaf in texts for t in _texts(grid, leaf.first, leaf.after, body)]
    return bool(cells) and sum(map(has_tail, cells)) * 2 >= len(cells)


def _is_called(leaf: _Leaf, name: str) -> bool:
    wanted = squash(name)
    return wanted in {squash(leaf.name), *(squash(text) for text in leaf.texts)}


def _columns(leaves: _Sorted, units_column: str) -> list[PlanColumn]:
    units = _counted_units(leaves, units_column)
    texts = _text_parts(leaves)
    several = len(units) > 1
    columns: list[PlanColumn] = []
    numbered = False
    for place, (leaf, header) in enumerate(leaves):
        part = texts.get(place, ColumnRole.NOTE)
        role = ""
        if place in units:
            part = ColumnRole.UNITS
            role = header.role or ("落实" if several else "")
        elif header.sort is Sort.LIMIT and ColumnRole.LIMIT not in {
            c.part for c in columns
        }:
            part = ColumnRole.LIMIT
        elif header.sort is Sort.NUMBER and not numbered:
            part, numbered = ColumnRole.NUMBER, True
        columns.append(PlanColumn(part, leaf.name, role))
    return columns


def _counted_units(leaves: _Sorted, wanted: str) -> set[int]:
    """Choose the columns that say who is responsible in this agency."""
    if wanted:
        named = {i for i, (leaf, _) in enumerate(leaves) if _is_called(leaf, wanted)}
        if named:
            return named
    found = {i: h for i, (_, h) in enumerate(leaves) if h.sort is Sort.UNITS}
    inner = {i for i, header in found.items() if not header.upper}
    people = [i for i, (leaf, _) in enumerate(leaves) if is_person(leaf.name)]
    return inner or set(found) or set(people[-1:])


def _text_parts(leaves: _Sorted) -> dict[int, ColumnRole]:
    """Share the three texts of a task out among the columns, the finest last."""
    texts = [i for i, (_, header) in enumerate(leaves) if header.sort is Sort.TEXT]
    kept = [i for i in texts if leaves[i][1].rank is not Rank.ASIDE] or texts
    detailed = any(leaves[i][1].rank is Rank.DETAIL for i in kept)

    def breadth(place: int) -> tuple[int, bool, int]:
        leaf, header = leaves[place]
        # 工作要求 over 工作要点 is the broader, wherever it stands.
        late = not (detailed and leaf.name == "工作要求")
        return header.rank.value, late, place

    ordered = sorted(kept, key=breadth)
    if len(ordered) > len(_TEXTS):
        ordered = [*ordered[:2], ordered[-1]]
    return dict(zip(ordered, _TEXTS[-len(ordered) :], strict=True))


_TEXTS = (ColumnRole.REQUIREMENT, ColumnRole.POINT, ColumnRole.MEASURE)

# ── no header at all ─────────────────────────────────────────────────────────────


def guess_columns(grid: CellGrid) -> HeaderLayout | None:
    """Tell the columns of a table without a header by what its cells read as."""
    if (
        min(grid.height, grid.width) < _SMALLEST
        or grid.width > _WIDEST_FIT
        or has_strange_head(grid)
    ):
        return None
    texts = [_texts(grid, column, column + 1, 0) for column in range(grid.width)]
    parts: list[ColumnRole] = [_look(cells) for cells in texts]
    if ColumnRole.UNITS not in parts or ColumnRole.MEASURE not in parts:
        return None
    prose = [i for i, part in enumerate(parts) if part is ColumnRole.MEASURE]
    for place, part in zip(prose[-3:], _TEXTS[-len(prose[-3:]) :], strict=True):
        parts[place] = part
    for place in prose[:-3]:
        parts[place] = ColumnRole.NOTE
    for once in (ColumnRole.NUMBER, ColumnRole.LIMIT):
        for place in [i for i, part in enumerate(parts) if part is once][1:]:
            parts[place] = ColumnRole.NOTE
    # What is kept as a note is told by where it stood.
    columns = (
        PlanColumn(part, f"第{i}栏" if part is ColumnRole.NOTE else "")
        for i, part in enumerate(parts, 1)
    )
    ranges = (Range(column, i, i + 1) for i, column in enumerate(columns))
    return HeaderLayout(tuple(ranges), 0, 0, grid.width, guessed=True)


def _look(texts: Sequence[str]) -> ColumnRole:
    if not texts:
        return ColumnRole.NOTE
    for part in (ColumnRole.NUMBER, ColumnRole.UNITS, ColumnRole.LIMIT):
        if share(texts, part) > _MOST_OF:
            return part
    average = sum(len(squash(text)) for text in texts) / len(texts)
    return ColumnRole.MEASURE if average >= _LEAST_TEXT else ColumnRole.NOTE


def has_strange_head(grid: CellGrid) -> bool:
    """Whether the first row looks like the header of a table of something else."""
    cells = grid.begun(0)
    if len(cells) < grid.width:
        return False
    return all(
        len(squash(c.text)) <= _LONG_TEXT
        and (header_of(c.text) or not _is_content(c.text))
        for c in cells
    )


def _is_content(text: str) -> bool:
    """Whether ``text`` is what a plan says, and heads no column."""
    sentence = text.rstrip().endswith(("。", "；"))
    return sentence or is_number(text) or is_units(text) or is_limit(text)
