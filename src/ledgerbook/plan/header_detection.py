"""Recognise the header of a plan's table and assign a role to each column.

:func:`find_header` tests whether a row of a table is the header of a plan and returns a
:class:`HeaderLayout`, the role of every column; what one header text means says
``header_meaning``. :func:`guess_columns` assigns roles by content where a table has no
header.

A plan is a table that says what is to be done and by whom; ``table_parser`` searches the
tables of a file for one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from ledgerbook.plan.cell_classifier import (
    compute_share,
    is_deadline_text,
    is_number,
    is_units_text,
    score_fit_to_column,
)
from ledgerbook.plan.grid import CellGrid, ColumnRole, PlanCell, PlanColumn
from ledgerbook.plan.header_meaning import (
    HeaderKind,
    HeaderMeaning,
    TextBreadth,
    is_bare_office_header,
    is_foreign_header,
    is_responsible_person,
    is_schedule_header,
    parse_header,
)
from ledgerbook.plan.trailing_units import has_trailing_units, parse_heading_units
from ledgerbook.text import normalize

# --- The header rows of a table ---

_MAX_HEADER_ROWS = 3
# Trying all placements of headers over columns grows exponentially with the columns.
_MAX_FITTED_COLUMNS = 14
_MIN_TABLE_SIZE = 2
# Headers in the second row of a header.
_SUBHEADER = re.compile(
    r"牵头.*|配合.*|主办.*|协办.*|责任.*|落实.*|[第]?[一二三四1-4]季度.*|[上下]半年.*"
    r"|(?:\d{1,2}|[一二三四五六七八九十]{1,2})月份?|起|止|起始.*|截止.*|计划.*|实际.*"
    r"|开始.*|结束.*|完成.*|启动.*|单位|科室|部门|处室|一级.*|二级.*|三级.*|姓名|职务|电话|时间"
)
_MAJORITY_SHARE = 0.6
_MAX_FOREIGN_HEADER_LENGTH = 12
_MIN_MEASURE_LENGTH = 5
_MIN_TASK_LENGTH = 8

_TEXT_ROLES = (ColumnRole.REQUIREMENT, ColumnRole.POINT, ColumnRole.MEASURE)
_SIDE_BREADTHS = (TextBreadth.PROBLEM, TextBreadth.GOAL)
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
    were found by content, ``inferred_task_header`` names the one column that was.
    """

    ranges: tuple[ColumnRange, ...]
    header_row: int
    body_row: int
    width: int
    header_texts: tuple[str, ...] = ()
    is_guessed: bool = False
    inferred_task_header: str = ""

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


_LeafMeanings = Sequence[tuple[_HeaderLeaf, HeaderMeaning]]


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
    leaf_meanings = _find_schedule(
        grid, [(leaf, _infer_meaning(grid, leaf, body_row)) for leaf in leaves], body_row
    )
    unknown_task_leaf = _find_unknown_task_leaf(grid, leaf_meanings, body_row)
    leaf_meanings = [
        (leaf, HeaderMeaning(HeaderKind.TEXT) if leaf is unknown_task_leaf else meaning)
        for leaf, meaning in leaf_meanings
    ]
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
        inferred_task_header=unknown_task_leaf.full_name if unknown_task_leaf else "",
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


def _find_schedule(grid: CellGrid, leaves: _LeafMeanings, body_row: int) -> _LeafMeanings:
    """Give the kind DEADLINE to a column such as 序时进度 that has the dates of its table.

    Its header alone does not say so: most of its texts must name a time, and there must
    be neither a column of deadlines nor lack of another text.
    """
    kinds = [meaning.kind for _, meaning in leaves]
    for index, (leaf, _) in enumerate(leaves):
        other_kinds = {*kinds[:index], *kinds[index + 1 :]}
        if (
            HeaderKind.DEADLINE not in kinds
            and HeaderKind.TEXT in other_kinds
            and is_schedule_header(leaf.full_name)
            and compute_share(
                _list_column_texts(grid, leaf.start, leaf.stop, body_row), ColumnRole.DEADLINE
            )
            > _MAJORITY_SHARE
        ):
            schedule = (leaf, HeaderMeaning(HeaderKind.DEADLINE))
            return [*leaves[:index], schedule, *leaves[index + 1 :]]
    return leaves


def _find_unknown_task_leaf(
    grid: CellGrid, leaves: _LeafMeanings, body_row: int
) -> _HeaderLeaf | None:
    """Return the column of tasks of a plan in which no header says that it is one.

    A table with units and deadlines is a plan; its tasks are the longest sentences under a
    header that is unknown.
    """
    kinds = {meaning.kind for _, meaning in leaves}
    if HeaderKind.TEXT in kinds or not kinds >= {HeaderKind.UNITS, HeaderKind.DEADLINE}:
        return None
    texts_by_leaf = {
        leaf: _list_column_texts(grid, leaf.start, leaf.stop, body_row)
        for leaf, _ in leaves
        if leaf.texts and not leaf.meaning
    }
    length_by_leaf = {
        leaf: sum(map(len, texts)) / len(texts) for leaf, texts in texts_by_leaf.items() if texts
    }
    longest = max(length_by_leaf, key=lambda leaf: length_by_leaf[leaf], default=None)
    return longest if longest and length_by_leaf[longest] >= _MIN_TASK_LENGTH else None


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


def _is_plan_header(
    grid: CellGrid, leaves: _LeafMeanings, body_row: int, units_column: str
) -> bool:
    """Return whether a table says what is to be done and by whom.

    The units may be in a column, at the end of the texts or in rows that head them.
    """
    text_leaves = _select_leaves(HeaderKind.TEXT, leaves)
    units_leaves = _select_leaves(HeaderKind.UNITS, leaves)
    if not text_leaves or _is_meeting_header(leaves) or _has_foreign_leaves(leaves):
        return False
    if _has_units_column(leaves, units_column):
        return True
    kinds = {meaning.kind for _, meaning in leaves}
    if units_leaves:
        return HeaderKind.DEADLINE in kinds or any("任务" in leaf.full_name for leaf in text_leaves)
    if any(is_responsible_person(leaf.full_name) for leaf, _ in leaves):
        return bool(kinds & {HeaderKind.DEADLINE, HeaderKind.NUMBER})
    return _ends_with_units(grid, text_leaves, body_row) or (
        bool(kinds & {HeaderKind.DEADLINE, HeaderKind.NUMBER}) and _has_section_headings(grid)
    )


def _select_leaves(kind: HeaderKind, leaves: _LeafMeanings) -> list[_HeaderLeaf]:
    return [leaf for leaf, meaning in leaves if meaning.kind is kind]


def _is_meeting_header(leaves: _LeafMeanings) -> bool:
    """Return whether the only units are participants (参加单位), as in a list of meetings."""
    unit_roles = {meaning.unit_role for _, meaning in leaves if meaning.kind is HeaderKind.UNITS}
    return unit_roles == {"配合"}


def _has_foreign_leaves(leaves: _LeafMeanings) -> bool:
    """Return whether several headers are those of a catalogue, a price list or a register."""
    texts = [leaf.texts[-1] for leaf, _ in leaves if leaf.texts]
    return sum(map(is_foreign_header, texts)) > 1


def _has_units_column(leaves: _LeafMeanings, units_column: str) -> bool:
    """Return whether a column is certainly 责任单位, by its header or by ``units_column``."""
    if any(
        not is_bare_office_header(leaf.full_name)
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


def _has_section_headings(grid: CellGrid) -> bool:
    """Return whether most rows of one cell are sections, which head their tasks."""
    rows = (grid.list_starting_cells(row) for row in range(grid.height))
    texts = [row[0].text for row in rows if len(row) == 1 and row[0].column == 0]
    sections = [text for text in texts if parse_heading_units(text)]
    return bool(sections) and len(sections) * 2 >= len(texts)


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
        index for index in text_indexes if leaves[index][1].breadth not in _SIDE_BREADTHS
    ]
    # 存在问题 after the task is to be reported on; before it, it is what the task answers.
    problem_indexes = [
        index
        for index in text_indexes
        if leaves[index][1].breadth is TextBreadth.PROBLEM
        and index < max(task_indexes, default=index + 1)
    ]
    task_indexes = [*problem_indexes, *task_indexes] or text_indexes
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
    if min(grid.height, grid.width) < _MIN_TABLE_SIZE or grid.width > _MAX_FITTED_COLUMNS:
        return None
    column_texts = [_list_column_texts(grid, column, column + 1, 0) for column in range(grid.width)]
    roles: list[ColumnRole] = [_guess_role(texts) for texts in column_texts]
    if ColumnRole.UNITS not in roles or ColumnRole.MEASURE not in roles:
        return None
    has_units = any(
        role is ColumnRole.UNITS and _count_filled_rows(grid, column) > 1
        for column, role in enumerate(roles)
    )
    if not has_units or has_foreign_header(grid, dict(enumerate(roles)), grid.width // 2 + 1):
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


def _count_filled_rows(grid: CellGrid, column: int) -> int:
    cells = (grid.get_cell(row, column) for row in range(grid.height))
    return sum(cell is not None and cell.is_filled for cell in cells)


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


def has_foreign_header(grid: CellGrid, roles: Mapping[int, ColumnRole], min_width: int) -> bool:
    """Return whether the first row of several cells is a header, though not that of a plan.

    ``roles`` are those that the columns have by the rows below. A row of short texts that
    cover ``min_width`` columns is a header if none of them is a number, units or a deadline
    where these stand below it.
    """
    rows = map(grid.list_starting_cells, range(min(grid.height, _MAX_HEADER_ROWS + 1)))
    cells = next((row for row in rows if len(row) > 1), ())
    if sum(cell.column_span for cell in cells) < min_width:
        return False
    return all(
        len(normalize(cell.text)) <= _MAX_FOREIGN_HEADER_LENGTH
        and (parse_header(cell.text) or not _is_content(cell.text, roles.get(cell.column)))
        for cell in cells
    )


def _is_content(text: str, role: ColumnRole | None) -> bool:
    """Return whether ``text`` is the content of a plan's cell rather than a header."""
    if text.rstrip().endswith(("。", "；")) or is_number(text) or is_deadline_text(text):
        return True
    return role is ColumnRole.UNITS and is_units_text(text) and not text.endswith("单位")
