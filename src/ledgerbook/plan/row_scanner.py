"""The rows of a plan's table: headings, items, their continuations, and the rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ledgerbook.plan.cell_classifier import (
    has_trailing_units,
    is_heading,
    is_number,
    is_ordinal,
    is_remark,
)
from ledgerbook.plan.grid import CellDisposition, ColumnRole, Inference, PlanCell, PlanTable
from ledgerbook.plan.headings import PART_HEADING, HeadingState, find_heading_level, prepend_ordinal
from ledgerbook.plan.text_repair import format_official
from ledgerbook.text import normalize

_MAX_HEADING_LENGTH = 80
_SENTENCE_ENDS = tuple("。;\uff1b!\uff01?\uff1f)\uff09”")


@dataclass(slots=True)
class ItemDraft:
    """One item in the making, its texts as the plan has them.

    Several ``units`` and ``deadline_texts`` are of rows that belong together; each of the
    ``units`` comes with its column. ``number_row`` is where the number's cell begins.
    """

    row: int
    number: str
    requirement: str
    point: str
    measure: str
    number_row: int = -1
    units: list[tuple[int, str]] = field(default_factory=list)
    deadline_texts: list[str] = field(default_factory=list)
    notes: dict[int, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class ScannedRows:
    """What the rows of a table hold; ``cell_counts`` counts the cells by their fate."""

    items: list[ItemDraft] = field(default_factory=list)
    inferences: list[Inference] = field(default_factory=list)
    cell_counts: Counter[CellDisposition] = field(default_factory=Counter)


_CellsByRole = Mapping[ColumnRole, PlanCell]


def read_rows(table: PlanTable) -> ScannedRows:
    return _RowScanner(table).result


class _RowScanner:
    """One pass down the table, headings carried along."""

    def __init__(self, table: PlanTable) -> None:
        self.table = table
        self.grid = table.grid
        self.result = ScannedRows()
        self.heading_state = HeadingState(table.roles)
        # Rows of headings that have no item under them yet, by their level.
        self.unused_headings: dict[int, tuple[int, Sequence[PlanCell]]] = {}
        # Texts that stand alone in a heading column: headings, once an item is there.
        self.pending_titles: list[tuple[int, PlanCell]] = []
        self.has_numbers = self._has_numbered_items()
        self.heading_columns = frozenset(
            column
            for role in (ColumnRole.REQUIREMENT, ColumnRole.POINT)
            for column in table.find_columns(role)
            if self._has_only_headings(column)
        )
        for row in range(self.grid.height):
            self._scan_row(row)
        for column, cell in self.pending_titles:
            self._question_cells(column, [cell], _NO_TASK_UNDER)
        self._question_unused_headings(1)

    def _has_numbered_items(self) -> bool:
        """Whether the items are numbered 1, 2, 3; then 一 and 二 number headings."""
        number_columns = tuple(self.table.find_columns(ColumnRole.NUMBER))
        cells = (
            self.grid.get_cell(row, column)
            for row in range(self.grid.height)
            for column in number_columns
        )
        return any(cell and is_number(cell.text) for cell in cells)

    def _has_only_headings(self, column: int) -> bool:
        """Whether all that a column says is numbered 一 or (一)."""
        cells = (self.grid.get_cell(row, column) for row in range(self.grid.height))
        texts = [
            cell.text.strip() for cell in cells if cell and cell.is_filled and cell.column_span == 1
        ]
        return all(map(is_heading, texts))

    # ── one row ──────────────────────────────────────────────────────────────────

    def _scan_row(self, row: int) -> None:
        starting_cells = self.grid.list_starting_cells(row)
        cells_by_role = self._map_cells_by_role(row)
        if not starting_cells:
            self.heading_state.update_from_cells(cells_by_role)
        elif heading := self._parse_heading_row(row, starting_cells):
            self._set_heading(*heading, row, starting_cells)
        elif self._is_remark_row(starting_cells):
            self._question_cells(row, starting_cells, _REMARK_ROW)
        else:
            self._scan_item_row(row, starting_cells, cells_by_role)

    def _map_cells_by_role(self, row: int) -> dict[ColumnRole, PlanCell]:
        """Return the cell of each text column; a wide one belongs to the narrowest."""
        cells_by_role: dict[ColumnRole, PlanCell] = {}
        for column, role in enumerate(self.table.roles):
            if (cell := self.grid.get_cell(row, column)) and role in _SINGLE_COLUMN_ROLES:
                cells_by_role[role] = cell
        measure_cell = cells_by_role.get(ColumnRole.MEASURE)
        if measure_cell and measure_cell.column_span > 1:
            cells_by_role = {
                role: cell
                for role, cell in cells_by_role.items()
                if cell is not measure_cell or role is ColumnRole.MEASURE
            }
        return cells_by_role

    # ── headings ─────────────────────────────────────────────────────────────────

    def _parse_heading_row(
        self, row: int, starting_cells: Sequence[PlanCell]
    ) -> tuple[int, str] | None:
        """Return level and text of a row that is a heading."""
        texts = [_join_cell_lines(cell) for cell in starting_cells]
        if self._is_split_heading(starting_cells):
            return find_heading_level(texts[0]), prepend_ordinal(*texts)
        if (
            len(starting_cells) != 1
            or self._is_beside_spanning_cell(row)
            or not self._can_be_heading(*starting_cells)
        ):
            return None
        (cell,), (text,) = starting_cells, texts
        if is_heading(text) or PART_HEADING.match(text):
            is_in_heading_column = cell.column_span == 1 and cell.column in self.heading_columns
            # In a column of headings it is one of those; alone in another, a row's.
            return None if is_in_heading_column else (find_heading_level(text), text)
        is_item_text = text.endswith("。") or re.match(r"\d", text)
        if self._is_whole_row(cell) and not is_item_text:
            return (2 if self.heading_state.is_under_numbered else 1), text
        return None

    def _is_split_heading(self, starting_cells: Sequence[PlanCell]) -> bool:
        """Whether a row is a heading whose numeral has a cell of its own."""
        return (
            self.has_numbers
            and len(starting_cells) == len(_SPLIT_HEADING_ROLES)
            and self._get_cell_role(starting_cells[0]) is ColumnRole.NUMBER
            and is_ordinal(_join_cell_lines(starting_cells[0]))
            and not self._has_units_or_deadline(starting_cells)
        )

    def _is_beside_spanning_cell(self, row: int) -> bool:
        """Whether a row stands beside a cell that reaches down from above."""
        return any(cell.row < row and cell.is_filled for cell in self.grid.list_cells(row))

    def _can_be_heading(self, cell: PlanCell) -> bool:
        """Whether what stands alone in a row may be a heading at all."""
        text, is_only_column = _join_cell_lines(cell), len(self.table.columns) == 1
        return not (
            len(format_official(text)) > _MAX_HEADING_LENGTH
            or (is_only_column and has_trailing_units(cell.text, explicit=True))
            or is_remark(text)
            or is_number(text)
        )

    def _is_whole_row(self, cell: PlanCell) -> bool:
        """Whether a cell takes up a row: it is as wide, or in the numbers' column.

        The latter is how a sheet without merged cells has its headings.
        """
        is_wide = cell.column_span >= max(2, len(self.table.columns) - 1)
        return is_wide or (self.has_numbers and self._get_cell_role(cell) is ColumnRole.NUMBER)

    def _get_cell_role(self, cell: PlanCell) -> ColumnRole:
        return self.table.roles[cell.column]

    def _has_units_or_deadline(self, starting_cells: Sequence[PlanCell]) -> bool:
        """Whether a row says who or when: then it is no heading."""
        roles = {self._get_cell_role(cell) for cell in starting_cells}
        return bool(roles & {ColumnRole.UNITS, ColumnRole.DEADLINE})

    def _set_heading(
        self, level: int, text: str, row: int, starting_cells: Sequence[PlanCell]
    ) -> None:
        self._question_unused_headings(level)
        self.unused_headings[level] = (row, starting_cells)
        self.heading_state.start_row_heading(level, text)

    def _question_unused_headings(self, level: int) -> None:
        """Ask about the headings from ``level`` on that have no item under them."""
        for unused_level in sorted(self.unused_headings):
            if unused_level >= level:
                self._question_cells(*self.unused_headings.pop(unused_level), _NO_TASK_UNDER)

    # ── items ────────────────────────────────────────────────────────────────────

    def _scan_item_row(
        self,
        row: int,
        starting_cells: Sequence[PlanCell],
        cells_by_role: dict[ColumnRole, PlanCell],
    ) -> None:
        self.heading_state.update_from_cells(cells_by_role)
        filled_roles = {
            role for role, cell in cells_by_role.items() if cell.row == row and cell.is_filled
        }
        measure = cells_by_role.get(ColumnRole.MEASURE)
        text = measure.text if measure else ""
        if not text.strip():
            if not filled_roles & _TITLE_ROLES or (
                filled_roles <= _TITLE_ROLES and not self._has_units_or_deadline(starting_cells)
            ):
                self._add_row_without_measure(row, starting_cells, filled_roles)
                return
            text = self._use_title_as_measure(filled_roles, cells_by_role)
        elif not filled_roles & _ITEM_START_ROLES and self.result.items:
            self._add_row_cells(row, starting_cells)
            return
        elif self._is_cut_by_page_break(row, filled_roles, text):
            self._append_measure(starting_cells, text)
            return
        number = cells_by_role.get(ColumnRole.NUMBER)
        requirement, point = self.heading_state.get_headings()
        self._count_headings(requirement, point)
        self.result.items.append(
            ItemDraft(
                row,
                number.text if number else "",
                requirement,
                point,
                text,
                number.row if number else -1,
            )
        )
        self._add_row_cells(row, starting_cells)

    def _use_title_as_measure(
        self, filled_roles: set[ColumnRole], cells_by_role: _CellsByRole
    ) -> str:
        """Take a task's title for its text where it has no other."""
        role = ColumnRole.POINT if ColumnRole.POINT in filled_roles else ColumnRole.REQUIREMENT
        text = cells_by_role[role].text
        self.heading_state.drop_heading(role)
        return text

    def _add_row_without_measure(
        self,
        row: int,
        starting_cells: Sequence[PlanCell],
        filled_roles: set[ColumnRole],
    ) -> None:
        """Keep what a row without a text says: a heading, more of the item above."""
        if filled_roles & _TITLE_ROLES:
            for cell in starting_cells:
                if self._get_cell_role(cell) in _TITLE_ROLES:
                    self.pending_titles.append((row, cell))
                else:
                    self._question_cells(row, [cell], _NO_MEASURE)
        elif self.result.items and ColumnRole.NUMBER not in filled_roles:
            self._add_row_cells(row, starting_cells)
            self._add_inference(self.result.items[-1].row, starting_cells, _CONTINUED_ITEM)
        else:
            self._question_cells(row, starting_cells, _NO_MEASURE)

    def _count_headings(self, requirement: str, point: str) -> None:
        """Count the headings that stand over an item now."""
        for _, cells in self.unused_headings.values():
            self._count_cells(CellDisposition.HEADING, cells)
        self.unused_headings.clear()
        heading_text = normalize(format_official(requirement + point))
        for row, cell in self.pending_titles:
            if normalize(format_official(cell.text)) in heading_text:
                self._count_cells(CellDisposition.HEADING, [cell])
            else:
                self._question_cells(row, [cell], _NO_TASK_UNDER)
        self.pending_titles.clear()

    def _is_cut_by_page_break(self, row: int, filled_roles: set[ColumnRole], text: str) -> bool:
        """Whether a page break has cut a row in two: no number, no end before it."""
        items = self.result.items
        if row not in self.table.page_start_rows or not items or not items[-1].number:
            return False
        previous_measure = items[-1].measure.strip()
        has_only_measure = filled_roles <= {ColumnRole.MEASURE}
        return (
            has_only_measure
            and not previous_measure.endswith(_SENTENCE_ENDS)
            and not is_number(text[:2])
        )

    def _append_measure(self, starting_cells: Sequence[PlanCell], text: str) -> None:
        self.result.items[-1].measure += text
        self._count_cells(CellDisposition.TASK, starting_cells)
        self._add_inference(self.result.items[-1].row, starting_cells, _CUT_BY_PAGE_BREAK)

    def _add_row_cells(self, row: int, starting_cells: Sequence[PlanCell]) -> None:
        """Give the last item the units, limits and notes that stand in ``row``."""
        item = self.result.items[-1]
        is_new_item = item.row == row
        for column, role in enumerate(self.table.roles):
            cell = self.grid.get_cell(row, column)
            if not cell or not cell.is_filled or (cell.row != row and not is_new_item):
                continue
            if role is ColumnRole.UNITS and (column, cell.text) not in item.units:
                if cell.column == column or self._get_cell_role(cell) is not ColumnRole.UNITS:
                    self._add_units(item, column, cell)
            elif role is ColumnRole.DEADLINE and cell.text not in item.deadline_texts:
                if cell.column == column:
                    item.deadline_texts.append(cell.text)
            elif role is ColumnRole.NOTE and cell.column == column:
                texts = item.notes.setdefault(column, [])
                if cell.text not in texts:
                    texts.append(cell.text)
        for cell in starting_cells:
            is_note = self._get_cell_role(cell) is ColumnRole.NOTE and not self._is_wide_measure(
                cell
            )
            self._count_cells(CellDisposition.NOTE if is_note else CellDisposition.TASK, [cell])

    def _add_units(self, item: ItemDraft, column: int, cell: PlanCell) -> None:
        if not self._is_wide_measure(cell):
            item.units.append((column, cell.text))

    def _is_wide_measure(self, cell: PlanCell) -> bool:
        """Whether a wide cell is a task's text, and not its units or a note."""
        spanned_roles = self.table.roles[cell.column : cell.column + cell.column_span]
        return cell.column_span > 1 and ColumnRole.MEASURE in spanned_roles

    # ── the rest ─────────────────────────────────────────────────────────────────

    def _is_remark_row(self, starting_cells: Sequence[PlanCell]) -> bool:
        """Whether a row is a total, a note or a signature below the items."""
        is_task = len(starting_cells) > len(_SPLIT_HEADING_ROLES) and self._has_units_or_deadline(
            starting_cells
        )
        return is_remark(starting_cells[0].text) and not is_task

    def _question_cells(
        self, row: int, cells: Sequence[PlanCell], explanation: tuple[str, str]
    ) -> None:
        self._count_cells(CellDisposition.OPEN_QUESTION, cells)
        self._add_inference(row, cells, explanation)

    def _add_inference(
        self, row: int, cells: Sequence[PlanCell], explanation: tuple[str, str]
    ) -> None:
        quoted_text = " | ".join(map(_join_cell_lines, cells))
        reason, advice = explanation
        role = self._get_cell_role(cells[0])
        self.result.inferences.append(Inference((row,), role, quoted_text, reason, advice))

    def _count_cells(self, disposition: CellDisposition, cells: Sequence[PlanCell]) -> None:
        self.result.cell_counts[disposition] += sum(cell.source_cell_count for cell in cells)


def _join_cell_lines(cell: PlanCell) -> str:
    return " ".join(cell.text.split())


_SINGLE_COLUMN_ROLES = (
    ColumnRole.NUMBER,
    ColumnRole.REQUIREMENT,
    ColumnRole.POINT,
    ColumnRole.MEASURE,
)
# A heading in two cells: its numeral and its words.
_SPLIT_HEADING_ROLES = (ColumnRole.NUMBER, ColumnRole.MEASURE)
_TITLE_ROLES = frozenset({ColumnRole.REQUIREMENT, ColumnRole.POINT})
_ITEM_START_ROLES = frozenset({ColumnRole.NUMBER, ColumnRole.POINT, ColumnRole.MEASURE})

_REMARK_ROW = (
    "表格里的这一行看来是合计、注释或落款，没有列为任务。",
    "请核对；确是任务的，请在“任务”表中补上一行。",
)
_NO_MEASURE = (
    "表格里的这一行没有写任务内容，没有列为任务。",
    "请对照原文件核对；确是任务的，请在“任务”表中补上一行。",
)
_NO_TASK_UNDER = (
    "表格里的这个标题下面没有任务，没有列入。",
    "请对照原文件核对；它本身是任务的，请在“任务”表中补上一行。",
)
_CONTINUED_ITEM = (
    "表格里的这一行没有写任务内容，看来是上一项的续行，已并入上一项。",
    "请对照原文件核对上一项；不对时在“任务”表中改正。",
)
_CUT_BY_PAGE_BREAK = (
    "这一行接在换页处，没有序号和责任单位，看来是上一项被分页截断，已接到上一项后面。",
    "请对照原文件核对上一项的“计划措施”；不对时在“任务”表中改正。",
)
