"""Recognise the header of a plan's table and assign a role to each column.

:func:`parse_header` interprets one header text (责任科室 → units, 完成时限 → deadline); all
synonyms are patterns at the top of this module. :func:`find_header` tests whether a row
of a table is the header of a plan and returns a :class:`HeaderLayout`, the role of every
column. :func:`guess_columns` assigns roles by content where a table has no header.
``formats.flat_text`` uses :func:`find_flat_headers` for text that has lost its cells.

A plan is a table that says what is to be done and by whom; ``table_parser`` searches the
tables of a file for one.
"""

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
    score_fit_to_column,
)
from ledgerbook.plan.grid import CellGrid, ColumnRole, PlanCell, PlanColumn
from ledgerbook.text import normalize

# --- The meaning of one header text ---
#
# A header is compared without spaces, line breaks and bracketed additions, so 责 任 单 位,
# 责任单位（科室） and 责任单位 are equal.


class HeaderKind(Enum):
    """What a column contains by its header.

    TEXT columns become 工作要求, 工作要点 and 计划措施 in the order of their TextBreadth.
    PERSON columns name persons (责任人) and serve as units only if there are no others.
    """

    NUMBER = auto()
    TEXT = auto()
    UNITS = auto()
    PERSON = auto()
    DEADLINE = auto()
    NOTE = auto()


class TextBreadth(Enum):
    """How broad the texts of a column are, the broadest first.

    类别 is a CATEGORY, 工作任务 a TASK, 具体要求 a DETAIL. A GOAL (工作目标) is only used as
    an item's text if the table has no other text column.
    """

    CATEGORY = 1
    TASK = 2
    DETAIL = 3
    GOAL = 4


@dataclass(frozen=True, slots=True)
class HeaderMeaning:
    """The meaning of a header.

    ``breadth`` counts for TEXT only. ``unit_role`` is the verb (牵头 or 配合) of a UNITS
    header, or blank; ``is_superior`` marks units above the agency (市里落实单位).
    """

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

# parse_header tries these in this order, and the first that matches decides. NUMBER, PERSON,
# UNITS and DEADLINE must match the whole header; most of the others match anywhere in it.
_NUMBER_HEADER = re.compile(r"(?:任务|项目|工作|条目)?(?:序号|编号|项次|项号|序次)|序|号|NO\.?|#")
_PERSON_HEADER = re.compile(
    rf"{_PERSON_PREFIX}?(?:责任人|负责人|负责同志|领导|人员|联系人|经办人|人)(?:员)?"
    rf"|(?:{_PERSON_PREFIX})(?:人|领导|人员)(?:{_CONJUNCTION}(?:{_PERSON_PREFIX})(?:人|领导|人员))*|责任到人"
)
_UNITS_HEADER = re.compile(
    rf"{_LEVEL_PREFIX}?(?:局内|内部)?(?:具体|第一|主要)?(?:{_RESPONSIBILITY_WORDS})"
    rf"(?:{_CONJUNCTION}(?:{_RESPONSIBILITY_WORDS}))*(?:{_LEVEL_PREFIX})?(?:{_OFFICE_WORDS})"
    rf"(?:{_CONJUNCTION}?(?:{_PERSON_PREFIX}|{_RESPONSIBILITY_WORDS})?(?:{_OFFICE_WORDS}|人员|人|领导))*"
    rf"(?:{_CONJUNCTION}(?:完成|办结)?(?:时限|时间|期限)(?:要求)?)?"
    r"|责任分工|职责分工|分工|责任落实|单位分工|部门分工|科室分工|牵头|主办|责任归属"
    rf"|(?:{_OFFICE_WORDS})(?:名称)?|(?:{_OFFICE_WORDS}){_CONJUNCTION}(?:{_OFFICE_WORDS})|谁来做|由谁负责"
)
_DEADLINE_HEADER = re.compile(
    r"(?!.*(?:报送|填报|更新|启动|开始|实际|发布))"
    r".*(?:时限|期限|完成时间|时间节点|时间要求|时间安排|时间进度|办结时间|截止|截至"
    r"|完成日期|节点|进度安排|进度要求|完成时段|计划时间|推进时间|落实时间|实施时间"
    r"|工作时间|起止时间|整改时间|公开时间)(?:.*)|时间|工期|日期"
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
_NOTE_HEADER = re.compile(
    r".*(?:备注|说明|情况|进展|进度|电话|联系|依据|来源|渠道|方式|形式|成果|考核|分值"
    r"|得分|评分|资金|状态|是否|频次|报送|更新|签字|签收|佐证|材料|问题|效果|成效"
    r"|填报|指标值|权重|评价|季度|月份|计划数|办法|平台|载体|范围|对象|主体|时间)"
)
_TASK_HEADER = re.compile(
    r".*(?:任务|要点|工作要求|重点|事项|项目|目标|指标|工作名称|计划|做什么)|工作|内容|要求|题目"
)
_BARE_OFFICE_HEADER = re.compile(rf"(?:{_OFFICE_WORDS})(?:名称)?")
# What a plan must have, for messages to the office.
PLAN_TABLE_DESCRIPTION = (
    "表头要写明做什么（如“工作任务”“工作要点”“具体要求”“计划措施”）"
    "和由谁做（如“责任单位”“责任科室”“牵头单位”）"
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
    """Return the meaning of a header text, or None if it is not a known header.

    ``parent`` is the header above it in a header of two rows (责任单位 over 牵头).
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
    """Return whether a header is about progress or form (任务完成情况), not about a task."""
    return re.search(r"情况|进展|进度|成效|方式|形式|电话", header) is not None


def _parse_subheader(header: str, parent_header: str) -> HeaderMeaning | None:
    """Interpret a header below another: 牵头 under 责任单位, 一季度 under 完成情况.

    The upper header decides unless the lower one has a clear meaning of its own. None
    means that the upper header is unknown and so is the lower.
    """
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
    unit_roles = [verb for pattern, verb in _UNIT_ROLE_PATTERNS if pattern.search(header)]
    return HeaderMeaning(
        HeaderKind.UNITS,
        # 牵头及配合单位 implies no role.
        unit_role=unit_roles[0] if len(unit_roles) == 1 else "",
        is_superior=_SUPERIOR_LEVEL.match(header) is not None,
    )


def is_responsible_person(text: str) -> bool:
    """Return whether a header names the persons responsible for a task: 责任人, 包保领导."""
    meaning = parse_header(text)
    is_responsible = re.search(r"责任|负责|牵头|包保", text) is not None
    return meaning is not None and meaning.kind is HeaderKind.PERSON and is_responsible


def _is_bare_office_header(text: str) -> bool:
    """Return whether a header is only 科室 or 部门, which tables of other things have too."""
    return _BARE_OFFICE_HEADER.fullmatch(normalize(text)) is not None


# --- Headers of a flat text: 工作要求工作要点计划措施责任单位 without separators ---

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
    """Return every header row of a plan in a text that has lost its cells."""
    rows = _FLAT_HEADER_ROW.finditer(text)
    return tuple(row for row in rows if set(parse_flat_header(row[0])) >= _REQUIRED_FLAT_ROLES)


def parse_flat_header(header_row: str) -> tuple[ColumnRole, ...]:
    """Return the column roles of a header row that is written without separators."""
    headers: Iterable[str] = re.findall(_FLAT_HEADER_PATTERN, header_row)
    return tuple(_FLAT_HEADER_ROLES[normalize(header)] for header in headers)


# --- The header rows of a table ---

_MAX_HEADER_ROWS = 3
# Trying all placements of headers over columns grows exponentially with the columns.
_MAX_FITTED_COLUMNS = 14
_MIN_TABLE_SIZE = 2
# Headers in the second row of a header.
_SUBHEADER = re.compile(
    r"牵头.*|配合.*|主办.*|协办.*|责任.*|落实.*|[第]?[一二三四1-4]季度|[上下]半年|\d{1,2}月"
    r"|开始.*|结束.*|完成.*|启动.*|单位|科室|部门|处室|一级|二级|三级|姓名|电话|时间"
)
_MAJORITY_SHARE = 0.6
_MAX_FOREIGN_HEADER_LENGTH = 8
_MIN_MEASURE_LENGTH = 5

_TEXT_ROLES = (ColumnRole.REQUIREMENT, ColumnRole.POINT, ColumnRole.MEASURE)
_ROLE_BY_KIND = {
    HeaderKind.NUMBER: ColumnRole.NUMBER,
    HeaderKind.UNITS: ColumnRole.UNITS,
    HeaderKind.DEADLINE: ColumnRole.DEADLINE,
    HeaderKind.TEXT: ColumnRole.MEASURE,
}


@dataclass(frozen=True, slots=True)
class ColumnRange:
    """A column of a plan and the table's columns that its header covers.

    They are ``start`` up to, but not including, ``stop``.
    """

    column: PlanColumn
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class HeaderLayout:
    """The columns of a table as its header names them.

    The header begins at ``header_row``, and ``body_row`` is the first row below it.
    ``width`` is the number of the table's columns, ``header_texts`` the normalised texts
    of the header rows. ``is_guessed`` means that the table has no header and the columns
    were found by content.
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
    """The header texts above one range of columns, the topmost first.

    A header of two rows has two texts: 责任单位, 牵头科室.
    """

    texts: tuple[str, ...]
    start: int
    stop: int

    @property
    def meaning(self) -> HeaderMeaning | None:
        """The meaning of the lowest text, else of all texts joined, else of the one above."""
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
        """The texts as one header: 责任单位（牵头科室）."""
        texts = [normalize(text) for text in self.texts]
        return texts[0] + "".join(f"（{text}）" for text in texts[1:]) if texts else ""


def find_header(
    grid: CellGrid, row: int, units_column: str = "", earlier: HeaderLayout | None = None
) -> HeaderLayout | None:
    """Interpret ``row`` as the first header row of a plan; None if it is not one.

    ``earlier`` is a header further up in the same table: where it is repeated its columns
    mean the same, and are not judged again by all that is below.

    At least half of its texts must be known headers, and they must say what is to be
    done and by whom. ``units_column`` is the header of the column to read as 责任单位.
    """
    if not _can_be_header(grid, row):
        return None
    header_height = _count_header_rows(grid, row)
    leaves = _list_leaves(grid, row, header_height)
    understood_leaves = [(leaf, meaning) for leaf in leaves if (meaning := leaf.meaning)]
    if len(understood_leaves) * 2 < sum(bool(leaf.texts) for leaf in leaves):
        return None
    body_row = row + header_height
    if earlier and _repeats_header(leaves, earlier):
        return replace(earlier, header_row=row, body_row=body_row)
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


def _repeats_header(leaves: Sequence[_HeaderLeaf], earlier: HeaderLayout) -> bool:
    texts = tuple(normalize(text) for leaf in leaves for text in leaf.texts)
    spans = [(leaf.start, leaf.stop) for leaf in leaves]
    return texts == earlier.header_texts and spans == [
        (column_range.start, column_range.stop) for column_range in earlier.ranges
    ]


def _can_be_header(grid: CellGrid, row: int) -> bool:
    cells = grid.list_starting_cells(row)
    return sum(parse_header(cell.text) is not None for cell in cells) > 1


def _count_header_rows(grid: CellGrid, row: int) -> int:
    """Return the number of header rows: by merged cells, or by subheaders in the next row."""
    cells = [cell for cell in grid.list_starting_cells(row) if parse_header(cell.text)]
    merged_rows = min(max(cell.row_span for cell in cells), _MAX_HEADER_ROWS)
    if merged_rows > 1:
        return merged_rows
    cells_below = grid.list_starting_cells(row + 1)
    subheaders = [cell for cell in cells_below if _SUBHEADER.fullmatch(normalize(cell.text))]
    is_wide = any(cell.column_span > 1 for cell in cells) or len(cells) < grid.width
    return 2 if is_wide and len(subheaders) > 1 and len(subheaders) == len(cells_below) else 1


def _list_leaves(grid: CellGrid, row: int, height: int) -> list[_HeaderLeaf]:
    """Return the leaves of a header of ``height`` rows, covering all columns."""
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
    """Move headers over the columns that they name, where the header row is too short.

    Numbers often have a column without a header, and in a pasted or saved table all
    headers then start one column too far to the left. Every placement of the headers in
    their order is rated by the content of the columns, and the best is returned.
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


def _score_fit(texts: Sequence[str], meaning: HeaderMeaning | None) -> float:
    """Return how well the texts of a column fit the meaning of a header, on average."""
    role = _ROLE_BY_KIND.get(meaning.kind) if meaning else None
    filled_texts = [text for text in texts if text.strip()]
    if role is None or not filled_texts:
        return 0
    return sum(score_fit_to_column(text, role) for text in filled_texts) / len(filled_texts)


def _infer_meaning(grid: CellGrid, leaf: _HeaderLeaf, body_row: int) -> HeaderMeaning:
    """Return the meaning of a leaf; of an unnamed column by its content, else NOTE."""
    if meaning := leaf.meaning:
        return meaning
    if not leaf.texts:
        texts = _list_column_texts(grid, leaf.start, leaf.stop, body_row)
        if compute_share(texts, ColumnRole.NUMBER) > _MAJORITY_SHARE:
            return HeaderMeaning(HeaderKind.NUMBER)
    return HeaderMeaning(HeaderKind.NOTE)


def _list_column_texts(grid: CellGrid, start: int, stop: int, body_row: int) -> list[str]:
    """Return the filled texts below the header in a range of columns, no wider cells."""
    cells = {
        cell: None
        for row in range(body_row, grid.height)
        for column in range(start, stop)
        if (cell := grid.get_cell(row, column)) and cell.column >= start
    }
    return [
        cell.text for cell in cells if cell.is_filled and cell.column + cell.column_span <= stop
    ]


# --- Whether a header is a plan's, and the role of each column ---

_LeafMeanings = Sequence[tuple[_HeaderLeaf, HeaderMeaning]]


def _is_plan_header(
    grid: CellGrid, leaves: _LeafMeanings, body_row: int, units_column: str
) -> bool:
    """Return whether a table says what is to be done and by whom.

    The units may be in a column or at the end of the texts.
    """
    text_leaves = _select_leaves(HeaderKind.TEXT, leaves)
    units_leaves = _select_leaves(HeaderKind.UNITS, leaves)
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
    """Return whether the only units are participants (参加单位), as in a list of meetings."""
    unit_roles = {meaning.unit_role for _, meaning in leaves if meaning.kind is HeaderKind.UNITS}
    return unit_roles == {"配合"}


def _has_units_column(leaves: _LeafMeanings, units_column: str) -> bool:
    """Return whether a column is certainly 责任单位, by its header or by ``units_column``."""
    if any(
        not _is_bare_office_header(leaf.full_name)
        for leaf in _select_leaves(HeaderKind.UNITS, leaves)
    ):
        return True
    return bool(units_column) and any(_is_named(leaf, units_column) for leaf, _ in leaves)


def _ends_with_units(grid: CellGrid, text_leaves: Sequence[_HeaderLeaf], body_row: int) -> bool:
    """Return whether the tasks' texts end with the units responsible.

    At least half of them must, or one cell that spans several columns, under a label or
    with a verb.
    """
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
    return normalize(name) in map(normalize, (leaf.full_name, *leaf.texts))


def _make_columns(leaves: _LeafMeanings, units_column: str) -> list[PlanColumn]:
    """Return a column for each leaf; number and deadline columns after the first are notes."""
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
    """Return the indexes of the columns to read as 责任单位.

    These are the named column, else all columns of units in this agency, else those of
    units above it, else the last column of persons.
    """
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
    """Assign 工作要求, 工作要点 and 计划措施 to the text columns by breadth, finest last.

    The finest column is always 计划措施. Of more than three, the two broadest and the
    finest are used; the others become notes.
    """
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


# --- Tables without a header ---


def guess_columns(grid: CellGrid) -> HeaderLayout | None:
    """Assign roles to the columns of a table without a header by their content.

    Returns None unless a column of units and one of texts are found, or if the table
    seems to have the header of something else.
    """
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
    if _is_mostly_digits(column_texts[measure_columns[-1]]):
        return None
    text_columns = measure_columns[-len(_TEXT_ROLES) :]
    for index, role in zip(text_columns, _TEXT_ROLES[-len(text_columns) :], strict=True):
        roles[index] = role
    for index in measure_columns[: -len(_TEXT_ROLES)]:
        roles[index] = ColumnRole.NOTE
    for single_role in (ColumnRole.NUMBER, ColumnRole.DEADLINE):
        for index in [i for i, role in enumerate(roles) if role is single_role][1:]:
            roles[index] = ColumnRole.NOTE
    # A column of notes has no header to be named by in PlanItem.notes.
    columns = (
        PlanColumn(role, f"第{i}栏" if role is ColumnRole.NOTE else "")
        for i, role in enumerate(roles, 1)
    )
    ranges = (ColumnRange(column, i, i + 1) for i, column in enumerate(columns))
    return HeaderLayout(tuple(ranges), 0, 0, grid.width, is_guessed=True)


def _is_mostly_digits(texts: Sequence[str]) -> bool:
    """Return whether a column has numbers, such as those of identity cards, and no measures."""
    numeric_count = sum(
        sum(character.isdigit() for character in text) > len(text) / 2 for text in texts
    )
    return numeric_count > _MAJORITY_SHARE * len(texts)


def _guess_role(texts: Sequence[str]) -> ColumnRole:
    if not texts:
        return ColumnRole.NOTE
    for role in (ColumnRole.NUMBER, ColumnRole.UNITS, ColumnRole.DEADLINE):
        if compute_share(texts, role) > _MAJORITY_SHARE:
            return role
    average_length = sum(len(normalize(text)) for text in texts) / len(texts)
    return ColumnRole.MEASURE if average_length >= _MIN_MEASURE_LENGTH else ColumnRole.NOTE


def has_foreign_header(grid: CellGrid) -> bool:
    """Return whether the first row looks like a header, though not that of a plan."""
    cells = grid.list_starting_cells(0)
    if len(cells) < grid.width:
        return False
    return all(
        len(normalize(cell.text)) <= _MAX_FOREIGN_HEADER_LENGTH
        and (parse_header(cell.text) or not _is_plan_content(cell.text))
        for cell in cells
    )


def _is_plan_content(text: str) -> bool:
    """Return whether ``text`` is the content of a plan's cell rather than a header."""
    is_sentence = text.rstrip().endswith(("。", "；"))
    return is_sentence or is_number(text) or is_units_text(text) or is_deadline_text(text)
