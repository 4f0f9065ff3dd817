"""Where a table's header is, and which columns it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import combinations
from types import MappingProxyType

from ledgerbook.chinese_numerals import ORDINAL_CHARACTERS
from ledgerbook.plan.cell_classifier import (
    compute_share,
    has_trailing_units,
    is_deadline_text,
    is_number,
    is_units_text,
    score_likeness,
)
from ledgerbook.plan.grid import CellGrid, ColumnRole, PlanCell, PlanColumn
from ledgerbook.text import normalize

# The columns of a plan's table, told by what their headers mean.
#
# A header is read without spaces, line breaks and bracketed additions, so 责 任 单 位,
# 责任单位(科室) and 责任单位 are one.


class HeaderKind(Enum):
    """What kind of thing a header names; texts become parts by their rank."""

    NUMBER = auto()
    TEXT = auto()
    UNITS = auto()
    PERSON = auto()
    DEADLINE = auto()
    NOTE = auto()


class TextBreadth(Enum):
    """How broad a text is: 类别, then 工作任务, then 具体要求; last 工作目标."""

    CATEGORY = 1
    TASK = 2
    DETAIL = 3
    GOAL = 4


@dataclass(frozen=True, slots=True)
class HeaderMeaning:
    """A header's meaning; ``is_superior`` are units above the agency (市里落实单位)."""

    kind: HeaderKind
    breadth: TextBreadth = TextBreadth.TASK
    unit_role: str = ""
    is_superior: bool = False


_MAX_HEADER_LENGTH = 18
_BRACKETED_ADDITION = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】|〔[^〕]*〕")
_RESPONSIBILITY_WORDS = (
    "责任|负责|牵头|主办|承办|落实|配合|协办|协助|协同|参与|参加|会办|实施|主责|主管"
    "|执行|承担|完成|办理|分管|归口|主体|责任主体|工作责任"
)
_OFFICE_WORDS = (
    "单位|科室|部门|处室|股室|科组|处科室|科|处|股|室|机构|主体|站所|站办所|所站|办公室"
    "|院系|学院|系部|年级|村社区|村居|村|社区|大队|中队|局办|委办局|岗位|组室|班子"
)
_CONJUNCTION = r"(?:及|和|或|与|、|/|,|以及)"
_LEVEL_PREFIX = (
    r"(?:市里|市级|市直|市|省级|省|区级|区直|区|县级|县直|县|国家|中央|上级|局内|局|委内"
    r"|办内|厅内|院内|校内|镇内|镇级|镇|街道|内部|机关|本局|本委|本办|我局|我委|本单位|各)"
)
_PERSON_PREFIX = r"(?:责任|负责|分管|牵头|包保|主管|联系|经办|具体|直接|第一|主要|填报)"

# Read in this order: the first that fits says what a header means.
_NUMBER_HEADER = re.compile(r"(?:任务|项目|工作|条目)?(?:序号|编号|项次|项号|序次)|序|号|NO\.?|#")
_UNITS_HEADER = re.compile(
    rf"{_LEVEL_PREFIX}?(?:局内|内部)?(?:具体|第一|主要)?(?:{_RESPONSIBILITY_WORDS})"
    rf"(?:{_CONJUNCTION}(?:{_RESPONSIBILITY_WORDS}))*(?:{_LEVEL_PREFIX})?(?:{_OFFICE_WORDS})"
    rf"(?:{_CONJUNCTION}?(?:{_PERSON_PREFIX}|{_RESPONSIBILITY_WORDS})?(?:{_OFFICE_WORDS}|人员|人|领导))*"
    rf"(?:{_CONJUNCTION}(?:完成|办结)?(?:时限|时间|期限)(?:要求)?)?"
    r"|责任分工|职责分工|分工|责任落实|单位分工|部门分工|科室分工|牵头|主办|责任归属"
    rf"|(?:{_OFFICE_WORDS})(?:名称)?|(?:{_OFFICE_WORDS}){_CONJUNCTION}(?:{_OFFICE_WORDS})|谁来做|由谁负责"
)
_BARE_OFFICE_HEADER = re.compile(rf"(?:{_OFFICE_WORDS})(?:名称)?")
_PERSON_HEADER = re.compile(
    rf"{_PERSON_PREFIX}?(?:责任人|负责人|负责同志|领导|人员|联系人|经办人|人)(?:员)?"
    rf"|(?:{_PERSON_PREFIX})(?:人|领导|人员)(?:{_CONJUNCTION}(?:{_PERSON_PREFIX})(?:人|领导|人员))*|责任到人"
)
_DEADLINE_HEADER = re.compile(
    r"(?!.*(?:报送|填报|更新|启动|开始|实际|发布))"
    r".*(?:时限|期限|完成时间|时间节点|时间要求|时间安排|时间进度|办结时间|截止|截至"
    r"|完成日期|节点|进度安排|进度要求|完成时段|计划时间|推进时间|落实时间|实施时间"
    r"|工作时间|起止时间|整改时间|公开时间)(?:.*)|时间|工期|日期"
)
_NOTE_HEADER = re.compile(
    r".*(?:备注|说明|情况|进展|进度|电话|联系|依据|来源|渠道|方式|形式|成果|考核|分值"
    r"|得分|评分|资金|状态|是否|频次|报送|更新|签字|签收|佐证|材料|问题|效果|成效"
    r"|填报|指标值|权重|评价|季度|月份|计划数|办法|平台|载体|范围|对象|主体|时间)"
)
_GOAL_HEADER = re.compile(
    r".*(?:工作目标|预期|目标值|目标要求|工作标准|质量标准|完成标准|达到|验收|考核标准)"
)
_DETAIL_HEADER = re.compile(
    r".*(?:具体|内容|措施|举措|细化|做法|步骤|分解|任务要求|标准|行动|路径)|任务描述"
    r"|.+要求(?<!工作要求)"
)
_CATEGORY_HEADER = re.compile(
    r".*(?:类别|分类|类型|大类|领域|板块|方面|一级|维度|专题|篇章|模块|版块)|总体要求"
)
_TASK_HEADER = re.compile(
    r".*(?:任务|要点|工作要求|重点|事项|项目|目标|指标|工作名称|计划|做什么)|工作|内容|要求|题目"
)
_UNIT_ROLE_PATTERNS = (
    (re.compile(r"牵头|主办|主责|统筹"), "牵头"),
    (re.compile(r"配合|协办|协助|协同|参与|参加|会办"), "配合"),
)
_SUPERIOR_LEVEL = re.compile(
    r"(?:市里|市级|市直|市|省级|省|区级|区直|区|县级|县直|县|国家|中央|上级)"
)
_NOT_A_HEADER = re.compile(rf"[。;!?:]|^(?:各|相关|有关|其他|\d)|^[{ORDINAL_CHARACTERS}]+[、.]")


def parse_header(text: str, parent: str = "") -> HeaderMeaning | None:
    """Say what a header means, or None if it means nothing here.

    ``parent`` is the header above it, of which it is a part (责任单位 over 牵头).
    """
    normalized = normalize(text)
    without_brackets = _BRACKETED_ADDITION.sub("", normalized) or normalized
    if not 0 < len(without_brackets) <= _MAX_HEADER_LENGTH or _NOT_A_HEADER.search(
        without_brackets
    ):
        return None
    parent_header = normalize(parent)
    if parent_header and (meaning := _parse_subheader(without_brackets, parent_header)):
        return meaning
    if _NUMBER_HEADER.fullmatch(without_brackets.upper()):
        return HeaderMeaning(HeaderKind.NUMBER)
    if _PERSON_HEADER.fullmatch(without_brackets):
        return HeaderMeaning(HeaderKind.PERSON)
    if _UNITS_HEADER.fullmatch(without_brackets):
        return _make_units_meaning(normalized)
    if _DEADLINE_HEADER.fullmatch(without_brackets):
        return HeaderMeaning(HeaderKind.DEADLINE)
    for pattern, breadth in (
        (_GOAL_HEADER, TextBreadth.GOAL),
        (_DETAIL_HEADER, TextBreadth.DETAIL),
        (_CATEGORY_HEADER, TextBreadth.CATEGORY),
    ):
        if pattern.match(without_brackets) and not _is_progress_header(without_brackets):
            return HeaderMeaning(HeaderKind.TEXT, breadth)
    if _NOTE_HEADER.match(without_brackets):
        return HeaderMeaning(HeaderKind.NOTE)
    return HeaderMeaning(HeaderKind.TEXT) if _TASK_HEADER.match(without_brackets) else None


def _is_progress_header(header: str) -> bool:
    return re.search(r"情况|进展|进度|成效|方式|形式|电话", header) is not None


def _parse_subheader(header: str, parent_header: str) -> HeaderMeaning | None:
    """Read a header under another: 牵头 under 责任单位, 一季度 under 完成情况."""
    parent_meaning = parse_header(parent_header)
    meaning = parse_header(header)
    if parent_meaning is None or (
        meaning and meaning.kind is not HeaderKind.NOTE and meaning != parent_meaning
    ):
        return meaning
    if parent_meaning.kind is HeaderKind.UNITS:
        return _make_units_meaning(header)
    return parent_meaning


def _make_units_meaning(header: str) -> HeaderMeaning:
    unit_role = next(
        (role_verb for pattern, role_verb in _UNIT_ROLE_PATTERNS if pattern.search(header)),
        "",
    )
    has_every_role = all(pattern.search(header) for pattern, _ in _UNIT_ROLE_PATTERNS)
    return HeaderMeaning(
        HeaderKind.UNITS,
        unit_role="" if has_every_role else unit_role,
        is_superior=_SUPERIOR_LEVEL.match(header) is not None,
    )


def is_responsible_person(text: str) -> bool:
    """Whether a header is of the persons who answer for a task, and of no office."""
    meaning = parse_header(text)
    is_responsible = re.search(r"责任|负责|牵头|包保", text) is not None
    return meaning is not None and meaning.kind is HeaderKind.PERSON and is_responsible


def is_bare_office_header(text: str) -> bool:
    """Whether a header is only 科室 or 部门: of a plan's table, or of any other."""
    return _BARE_OFFICE_HEADER.fullmatch(normalize(text)) is not None


PLAN_TABLE_DESCRIPTION = (
    "表头要写明做什么（如“工作任务”“工作要点”“具体要求”“计划措施”）"
    "和由谁做（如“责任单位”“责任科室”“牵头单位”）"
)

# ── a flat text, where the headers stand in a row with nothing between them ───────

_FLAT_HEADER_ROLES: Mapping[str, ColumnRole] = MappingProxyType(
    {
        "序号": ColumnRole.NUMBER,
        "工作要求": ColumnRole.REQUIREMENT,
        "工作要点": ColumnRole.POINT,
        "计划措施": ColumnRole.MEASURE,
        "责任单位": ColumnRole.UNITS,
        "时限": ColumnRole.DEADLINE,
        "时限要求": ColumnRole.DEADLINE,
        "完成时限": ColumnRole.DEADLINE,
        "完成期限": ColumnRole.DEADLINE,
    }
)
_REQUIRED_FLAT_ROLES = frozenset({ColumnRole.MEASURE, ColumnRole.UNITS})
_FLAT_HEADER_PATTERN = "|".join(
    r"\s*".join(header) for header in sorted(_FLAT_HEADER_ROLES, key=len, reverse=True)
)
_FLAT_HEADER_ROW = re.compile(rf"(?:(?:{_FLAT_HEADER_PATTERN})\s*){{2,}}")


def find_flat_headers(text: str) -> tuple[re.Match[str], ...]:
    """Find every header row of a plan in a text that has lost its cells."""
    rows = _FLAT_HEADER_ROW.finditer(text)
    return tuple(row for row in rows if set(parse_flat_header(row[0])) >= _REQUIRED_FLAT_ROLES)


def parse_flat_header(header_row: str) -> tuple[ColumnRole, ...]:
    """Name the columns of a header row written without any separators."""
    headers: Iterable[str] = re.findall(_FLAT_HEADER_PATTERN, header_row)
    return tuple(_FLAT_HEADER_ROLES[normalize(header)] for header in headers)


_MAX_HEADER_ROWS = 3
_MAX_FITTED_COLUMNS = 14
_MIN_TABLE_SIZE = 2
# What a second row of headers may say under the first.
_SUBHEADER = re.compile(
    r"牵头.*|配合.*|主办.*|协办.*|责任.*|落实.*|[第]?[一二三四1-4]季度|[上下]半年|\d{1,2}月"
    r"|开始.*|结束.*|完成.*|启动.*|单位|科室|部门|处室|一级|二级|三级|姓名|电话|时间"
)
_MAJORITY_SHARE = 0.6
_MAX_HEAD_LENGTH = 8
_MIN_MEASURE_LENGTH = 5


@dataclass(frozen=True, slots=True)
class ColumnRange:
    """One column of a plan: the table's columns from ``start`` to before ``stop``."""

    column: PlanColumn
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class HeaderLayout:
    """What the columns of a table are. Its rows begin at ``body_row``, below the header.

    ``is_guessed`` says that there is no header; ``header_texts`` are those of the header row.
    """

    ranges: tuple[ColumnRange, ...]
    header_row: int
    body_row: int
    width: int
    header_texts: tuple[str, ...] = ()
    is_guessed: bool = False

    @property
    def columns(self) -> tuple[PlanColumn, ...]:
        return tuple(column_range.column for column_range in self.ranges)


@dataclass(frozen=True, slots=True)
class _HeaderLeaf:
    """The texts of a header over one range of columns, the topmost first."""

    texts: tuple[str, ...]
    start: int
    stop: int

    @property
    def meaning(self) -> HeaderMeaning | None:
        if not self.texts:
            return None
        *upper_texts, lowest_text = self.texts
        return (
            parse_header(lowest_text, upper_texts[-1] if upper_texts else "")
            or (parse_header("".join(self.texts)) if upper_texts else None)
            or (parse_header(upper_texts[-1]) if upper_texts else None)
        )

    @property
    def full_name(self) -> str:
        texts = [normalize(text) for text in self.texts]
        return texts[0] + "".join(f"（{text}）" for text in texts[1:]) if texts else ""


def find_header(grid: CellGrid, row: int, units_column: str = "") -> HeaderLayout | None:
    """Read ``row`` as the header of a plan's table; None if it is not one."""
    if not _can_be_header(grid, row):
        return None
    header_height = _count_header_rows(grid, row)
    leaves = _list_leaves(grid, row, header_height)
    understood_leaves = [(leaf, meaning) for leaf in leaves if (meaning := leaf.meaning)]
    if len(understood_leaves) * 2 < sum(bool(leaf.texts) for leaf in leaves):
        return None
    body_row = row + header_height
    leaves = _shift_headers(grid, leaves, body_row)
    leaf_meanings = [(leaf, _infer_meaning(grid, leaf, body_row)) for leaf in leaves]
    if not _is_plan_header(grid, leaf_meanings, body_row, units_column):
        return None
    columns = _make_columns(leaf_meanings, units_column)
    return HeaderLayout(
        tuple(
            ColumnRange(column, leaf.start, leaf.stop)
            for column, (leaf, _) in zip(columns, leaf_meanings, strict=True)
        ),
        row,
        body_row,
        grid.width,
        tuple(normalize(text) for leaf in leaves for text in leaf.texts),
    )


def _can_be_header(grid: CellGrid, row: int) -> bool:
    cells = grid.list_starting_cells(row)
    return len(cells) > 1 and sum(bool(parse_header(cell.text)) for cell in cells) > 1


def _count_header_rows(grid: CellGrid, row: int) -> int:
    """Return how many rows the header takes: merged over them, or with parts below."""
    cells = [cell for cell in grid.list_starting_cells(row) if parse_header(cell.text)]
    merged_rows = min(max(cell.row_span for cell in cells), _MAX_HEADER_ROWS)
    if merged_rows > 1:
        return merged_rows
    cells_below = grid.list_starting_cells(row + 1)
    subheaders = [cell for cell in cells_below if _SUBHEADER.fullmatch(normalize(cell.text))]
    is_wide = any(cell.column_span > 1 for cell in cells) or len(cells) < grid.width
    return 2 if is_wide and len(subheaders) > 1 and len(subheaders) == len(cells_below) else 1


def _list_leaves(grid: CellGrid, row: int, height: int) -> list[_HeaderLeaf]:
    leaves: list[_HeaderLeaf] = []
    previous_cells: tuple[PlanCell, ...] | None = None
    for column in range(grid.width):
        stacked_cells = [
            grid.get_cell(header_row, column) for header_row in range(row, row + height)
        ]
        cells = tuple(dict.fromkeys(cell for cell in stacked_cells if cell))
        if cells and cells == previous_cells:
            leaves[-1] = replace(leaves[-1], stop=column + 1)
        else:
            texts = tuple(cell.text for cell in cells if cell.is_filled)
            leaves.append(_HeaderLeaf(texts, column, column + 1))
        previous_cells = cells
    return leaves


def _shift_headers(grid: CellGrid, leaves: list[_HeaderLeaf], body_row: int) -> list[_HeaderLeaf]:
    """Put the headers over the columns they name, where there are too few of them.

    A number often stands in a column of its own that has no header; then all headers
    stand one place too far to the left.
    """
    header_width = max((leaf.stop for leaf in leaves if leaf.texts), default=0)
    named_leaves = [leaf for leaf in leaves if leaf.texts]
    unnamed_columns = range(header_width, grid.width)
    is_shifted = (
        bool(unnamed_columns)
        and all(leaf.stop - leaf.start == 1 for leaf in named_leaves)
        and len(named_leaves) == header_width
        and grid.width <= _MAX_FITTED_COLUMNS
        and all(grid.get_cell(body_row - 1, column) is None for column in unnamed_columns)
    )
    if not is_shifted:
        return leaves
    column_texts = [
        _list_column_texts(grid, column, column + 1, body_row) for column in range(grid.width)
    ]

    def score_columns(columns: tuple[int, ...]) -> float:
        leaf_columns = zip(named_leaves, columns, strict=True)
        score = sum(_score_fit(column_texts[column], leaf.meaning) for leaf, column in leaf_columns)
        unnamed_texts = [
            column_texts[column] for column in range(grid.width) if column not in columns
        ]
        return score + sum(compute_share(text, ColumnRole.NUMBER) for text in unnamed_texts)

    best_columns = max(combinations(range(grid.width), len(named_leaves)), key=score_columns)
    leaf_by_column = {
        column: replace(leaf, start=column, stop=column + 1)
        for column, leaf in zip(best_columns, named_leaves, strict=True)
    }
    return [
        leaf_by_column.get(column, _HeaderLeaf((), column, column + 1))
        for column in range(grid.width)
    ]


_ROLE_BY_KIND = {
    HeaderKind.NUMBER: ColumnRole.NUMBER,
    HeaderKind.UNITS: ColumnRole.UNITS,
    HeaderKind.DEADLINE: ColumnRole.DEADLINE,
    HeaderKind.TEXT: ColumnRole.MEASURE,
}


def _score_fit(texts: Sequence[str], meaning: HeaderMeaning | None) -> float:
    role = _ROLE_BY_KIND.get(meaning.kind) if meaning else None
    filled_texts = [text for text in texts if text.strip()]
    if role is None or not filled_texts:
        return 0
    return sum(score_likeness(text, role) for text in filled_texts) / len(filled_texts)


def _infer_meaning(grid: CellGrid, leaf: _HeaderLeaf, body_row: int) -> HeaderMeaning:
    """Return a leaf's meaning, by its content where its header says nothing."""
    if meaning := leaf.meaning:
        return meaning
    texts = _list_column_texts(grid, leaf.start, leaf.stop, body_row)
    if not leaf.texts and compute_share(texts, ColumnRole.NUMBER) > _MAJORITY_SHARE:
        return HeaderMeaning(HeaderKind.NUMBER)
    return HeaderMeaning(HeaderKind.NOTE)


def _list_column_texts(grid: CellGrid, start: int, stop: int, body_row: int) -> list[str]:
    cells = {
        cell: None
        for row in range(body_row, grid.height)
        for column in range(start, stop)
        if (cell := grid.get_cell(row, column)) and cell.column >= start
    }
    return [
        cell.text for cell in cells if cell.is_filled and cell.column + cell.column_span <= stop
    ]


# ── what makes a plan ────────────────────────────────────────────────────────────

_LeafMeanings = Sequence[tuple[_HeaderLeaf, HeaderMeaning]]


def _is_plan_header(
    grid: CellGrid, leaves: _LeafMeanings, body_row: int, units_column: str
) -> bool:
    """Whether a table says what is to be done, and by whom.

    The latter may stand in a column, or at the end of the texts.
    """
    text_leaves, units_leaves = (
        _select_leaves(HeaderKind.TEXT, leaves),
        _select_leaves(HeaderKind.UNITS, leaves),
    )
    if not text_leaves or _is_meeting_header(leaves):
        return False
    if _has_units_column(leaves, units_column):
        return True
    kinds = {meaning.kind for _, meaning in leaves}
    if units_leaves:
        return HeaderKind.DEADLINE in kinds or any("任务" in leaf.full_name for leaf in text_leaves)
    if any(is_responsible_person(leaf.full_name) for leaf, _ in leaves):
        return bool(kinds & {HeaderKind.DEADLINE, HeaderKind.NUMBER})
    return _ends_with_units(grid, text_leaves, body_row)


def _select_leaves(kind: HeaderKind, leaves: _LeafMeanings) -> list[_HeaderLeaf]:
    return [leaf for leaf, meaning in leaves if meaning.kind is kind]


def _is_meeting_header(leaves: _LeafMeanings) -> bool:
    """Whether all offices only take part (参加单位): no plan has that."""
    unit_roles = {meaning.unit_role for _, meaning in leaves if meaning.kind is HeaderKind.UNITS}
    return unit_roles == {"配合"}


def _has_units_column(leaves: _LeafMeanings, units_column: str) -> bool:
    """Whether a column is surely of who is responsible, by its name or as asked."""
    if any(
        not is_bare_office_header(leaf.full_name)
        for leaf in _select_leaves(HeaderKind.UNITS, leaves)
    ):
        return True
    is_chosen = bool(units_column)
    return is_chosen and any(_is_named(leaf, units_column) for leaf, _ in leaves)


def _ends_with_units(grid: CellGrid, text_leaves: Sequence[_HeaderLeaf], body_row: int) -> bool:
    """Whether the texts themselves say at their end who is responsible."""
    wide_cells = (cell for cell in grid.cells if cell.row >= body_row and cell.column_span > 1)
    if any(has_trailing_units(cell.text, explicit=True) for cell in wide_cells):
        return True
    task_texts = [
        text
        for leaf in text_leaves
        for text in _list_column_texts(grid, leaf.start, leaf.stop, body_row)
    ]
    return bool(task_texts) and sum(map(has_trailing_units, task_texts)) * 2 >= len(task_texts)


def _is_named(leaf: _HeaderLeaf, name: str) -> bool:
    normalized_name = normalize(name)
    return normalized_name in {
        normalize(leaf.full_name),
        *(normalize(text) for text in leaf.texts),
    }


def _make_columns(leaves: _LeafMeanings, units_column: str) -> list[PlanColumn]:
    units_indexes = _choose_units_columns(leaves, units_column)
    text_roles = _assign_text_roles(leaves)
    has_several_units = len(units_indexes) > 1
    columns: list[PlanColumn] = []
    has_number = False
    for index, (leaf, meaning) in enumerate(leaves):
        role = text_roles.get(index, ColumnRole.NOTE)
        unit_role = ""
        if index in units_indexes:
            role = ColumnRole.UNITS
            unit_role = meaning.unit_role or ("落实" if has_several_units else "")
        elif meaning.kind is HeaderKind.DEADLINE and ColumnRole.DEADLINE not in {
            column.role for column in columns
        }:
            role = ColumnRole.DEADLINE
        elif meaning.kind is HeaderKind.NUMBER and not has_number:
            role, has_number = ColumnRole.NUMBER, True
        columns.append(PlanColumn(role, leaf.full_name, unit_role))
    return columns


def _choose_units_columns(leaves: _LeafMeanings, units_column: str) -> set[int]:
    """Choose the columns that say who is responsible in this agency."""
    if units_column:
        named_indexes = {
            index for index, (leaf, _) in enumerate(leaves) if _is_named(leaf, units_column)
        }
        if named_indexes:
            return named_indexes
    units_meanings = {
        index: meaning
        for index, (_, meaning) in enumerate(leaves)
        if meaning.kind is HeaderKind.UNITS
    }
    agency_indexes = {index for index, meaning in units_meanings.items() if not meaning.is_superior}
    person_indexes = [
        index for index, (leaf, _) in enumerate(leaves) if is_responsible_person(leaf.full_name)
    ]
    return agency_indexes or set(units_meanings) or set(person_indexes[-1:])


def _assign_text_roles(leaves: _LeafMeanings) -> dict[int, ColumnRole]:
    """Share the three texts of a task out among the columns, the finest last."""
    text_indexes = [
        index for index, (_, meaning) in enumerate(leaves) if meaning.kind is HeaderKind.TEXT
    ]
    task_indexes = [
        index for index in text_indexes if leaves[index][1].breadth is not TextBreadth.GOAL
    ] or text_indexes
    has_details = any(leaves[index][1].breadth is TextBreadth.DETAIL for index in task_indexes)

    def rank_column(index: int) -> tuple[int, bool, int]:
        leaf, meaning = leaves[index]
        # 工作要求 over 工作要点 is the broader, wherever it stands.
        is_finer = not (has_details and leaf.full_name == "工作要求")
        return meaning.breadth.value, is_finer, index

    ordered_indexes = sorted(task_indexes, key=rank_column)
    if len(ordered_indexes) > len(_TEXT_ROLES):
        ordered_indexes = [*ordered_indexes[:2], ordered_indexes[-1]]
    return dict(zip(ordered_indexes, _TEXT_ROLES[-len(ordered_indexes) :], strict=True))


_TEXT_ROLES = (ColumnRole.REQUIREMENT, ColumnRole.POINT, ColumnRole.MEASURE)

# ── no header at all ─────────────────────────────────────────────────────────────


def guess_columns(grid: CellGrid) -> HeaderLayout | None:
    """Tell the columns of a table without a header by what its cells read as."""
    if (
        min(grid.height, grid.width) < _MIN_TABLE_SIZE
        or grid.width > _MAX_FITTED_COLUMNS
        or has_foreign_header(grid)
    ):
        return None
    column_texts = [_list_column_texts(grid, column, column + 1, 0) for column in range(grid.width)]
    roles: list[ColumnRole] = [_guess_role(texts) for texts in column_texts]
    if ColumnRole.UNITS not in roles or ColumnRole.MEASURE not in roles:
        return None
    measure_columns = [i for i, role in enumerate(roles) if role is ColumnRole.MEASURE]
    for index, role in zip(
        measure_columns[-3:], _TEXT_ROLES[-len(measure_columns[-3:]) :], strict=True
    ):
        roles[index] = role
    for index in measure_columns[:-3]:
        roles[index] = ColumnRole.NOTE
    for single_role in (ColumnRole.NUMBER, ColumnRole.DEADLINE):
        for index in [i for i, role in enumerate(roles) if role is single_role][1:]:
            roles[index] = ColumnRole.NOTE
    # What is kept as a note is told by where it stood.
    columns = (
        PlanColumn(role, f"第{i}栏" if role is ColumnRole.NOTE else "")
        for i, role in enumerate(roles, 1)
    )
    ranges = (ColumnRange(column, i, i + 1) for i, column in enumerate(columns))
    return HeaderLayout(tuple(ranges), 0, 0, grid.width, is_guessed=True)


def _guess_role(texts: Sequence[str]) -> ColumnRole:
    if not texts:
        return ColumnRole.NOTE
    for role in (ColumnRole.NUMBER, ColumnRole.UNITS, ColumnRole.DEADLINE):
        if compute_share(texts, role) > _MAJORITY_SHARE:
            return role
    average_length = sum(len(normalize(text)) for text in texts) / len(texts)
    return ColumnRole.MEASURE if average_length >= _MIN_MEASURE_LENGTH else ColumnRole.NOTE


def has_foreign_header(grid: CellGrid) -> bool:
    """Whether the first row looks like the header of a table of something else."""
    cells = grid.list_starting_cells(0)
    if len(cells) < grid.width:
        return False
    return all(
        len(normalize(cell.text)) <= _MAX_HEAD_LENGTH
        and (parse_header(cell.text) or not _is_plan_content(cell.text))
        for cell in cells
    )


def _is_plan_content(text: str) -> bool:
    """Whether ``text`` is what a plan says, and heads no column."""
    is_sentence = text.rstrip().endswith(("。", "；"))
    return is_sentence or is_number(text) or is_units_text(text) or is_deadline_text(text)
