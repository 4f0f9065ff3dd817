"""Sort the rows of a plan's table into headings, items, continuations and remarks.

:func:`scan_rows` goes down the rows of a :class:`PlanTable` once and returns an
:class:`ItemDraft` for each item, with the headings in force (see ``headings``). Rows
that continue an item are added to it. A row that is none of these is not dropped: it
becomes an :class:`Inference`, which the office sees as a question. Every filled cell is
counted under the :class:`CellDisposition` that it got.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ledgerbook.plan.cell_classifier import (
    is_heading,
    is_number,
    is_ordinal,
    is_remark,
)
from ledgerbook.plan.grid import CellDisposition, ColumnRole, Inference, PlanCell, PlanTable
from ledgerbook.plan.headings import PART_HEADING, HeadingState, find_heading_level, prepend_ordinal
from ledgerbook.plan.text_repair import format_official
from ledgerbook.plan.trailing_units import has_trailing_units
from ledgerbook.text import normalize

_MAX_HEADING_LENGTH = 80
_SENTENCE_ENDS = tuple("。;\uff1b!\uff01?\uff1f)\uff09”")

_SINGLE_COLUMN_ROLES = (
    ColumnRole.NUMBER,
    ColumnRole.REQUIREMENT,
    ColumnRole.POINT,
    ColumnRole.MEASURE,
)
# A heading in two cells, its numeral and its words.
_SPLIT_HEADING_ROLES = (ColumnRole.NUMBER, ColumnRole.MEASURE)
_TITLE_ROLES = frozenset({ColumnRole.REQUIREMENT, ColumnRole.POINT})
_ITEM_START_ROLES = frozenset({ColumnRole.NUMBER, ColumnRole.POINT, ColumnRole.MEASURE})

# Reason and advice of the inferences about rows, as the office reads them.
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
_PARENT_CELLS = (
    "表格里的这一行是下面几项任务的总标题，它自己的这几格没有分给下面的任务。",
    "请对照原文件核对；下面的任务也该有的，请在“任务”表中补上。",
)
_CONTINUED_ITEM = (
    "表格里的这一行没有写任务内容，看来是上一项的续行，已并入上一项。",
    "请对照原文件核对上一项；不对时在“任务”表中改正。",
)
_CUT_BY_PAGE_BREAK = (
    "这一行接在换页处，没有序号和责任单位，看来是上一项被分页截断，已接到上一项后面。",
    "请对照原文件核对上一项的“计划措施”；不对时在“任务”表中改正。",
)


@dataclass(slots=True)
class ItemDraft:
    """An item while its rows are being read, with its texts as the plan has them.

    ``row`` is the first row of the item in ``PlanTable.grid``; ``number_row`` is the top
    row of the cell with its number, or -1. ``units`` are pairs of column and text, one
    for each cell; an item of several rows may have several ``units`` and
    ``deadline_texts``. ``notes`` are the texts of other columns by column.
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
    """The result of scanning a table.

    ``cell_counts`` is the number of filled cells of the file by disposition.
    """

    items: list[ItemDraft] = field(default_factory=list)
    inferences: list[Inference] = field(default_factory=list)
    cell_counts: Counter[CellDisposition] = field(default_factory=Counter)


_CellsByRole = Mapping[ColumnRole, PlanCell]


def scan_rows(table: PlanTable) -> ScannedRows:
    """Return the items of a table, what was inferred about its rows, and cell counts."""
    return _RowScanner(table).result


class _RowScanner:
    """The state of one pass down the rows of a table; ``result`` is complete when it is made."""

    def __init__(self, table: PlanTable) -> None:
        self.table = table
        self.grid = table.grid
        self.page_start_rows = frozenset(table.page_start_rows)
        self.result = ScannedRows()
        self.heading_state = HeadingState(table.roles)
        # Heading rows without an item below them so far, by level.
        self.unused_headings: dict[int, tuple[int, Sequence[PlanCell]]] = {}
        # Rows with a text in a heading column only; they are headings if an item follows.
        self.pending_titles: list[tuple[int, PlanCell]] = []
        self.has_numbers = self._has_numbered_items()
        self.heading_columns = frozenset(
            column
            for role in (ColumnRole.REQUIREMENT, ColumnRole.POINT)
            for column in table.list_columns_with_role(role)
            if self._has_only_headings(column)
        )
        for row in range(self.grid.height):
            self._scan_row(row)
        for column, cell in self.pending_titles:
            self._ask_about_cells(column, [cell], _NO_TASK_UNDER)
        self._ask_about_unused_headings(1)

    def _has_numbered_items(self) -> bool:
        """Return whether the column 序号 has numbers such as 1, 2, 3.

        If so, 一 and 二 in that column number headings, not items.
        """
        number_columns = tuple(self.table.list_columns_with_role(ColumnRole.NUMBER))
        cells = (
            self.grid.get_cell(row, column)
            for row in range(self.grid.height)
            for column in number_columns
        )
        return any(cell and is_number(cell.text) for cell in cells)

    def _has_only_headings(self, column: int) -> bool:
        """Return whether all texts of a column begin with 一、 or （一）."""
        cells = (self.grid.get_cell(row, column) for row in range(self.grid.height))
        texts = [
            cell.text.strip() for cell in cells if cell and cell.is_filled and cell.column_span == 1
        ]
        return all(map(is_heading, texts))

    # --- One row ---

    def _scan_row(self, row: int) -> None:
        """Process a row as blank, a heading, a remark or (part of) an item."""
        starting_cells = self.grid.list_starting_cells(row)
        cells_by_role = self._map_cells_by_role(row)
        if not starting_cells:
            self.heading_state.update_from_cells(cells_by_role)
        elif heading := self._parse_heading_row(row, starting_cells):
            self._set_heading(*heading, row, starting_cells)
        elif self._is_remark_row(starting_cells):
            self._ask_about_cells(row, starting_cells, _REMARK_ROW)
        else:
            self._scan_item_row(row, starting_cells, cells_by_role)

    def _map_cells_by_role(self, row: int) -> dict[ColumnRole, PlanCell]:
        """Return the cells of the columns 序号, 工作要求, 工作要点 and 计划措施 by role.

        A cell that spans 计划措施 and other columns counts as 计划措施 only.
        """
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

    # --- Headings ---

    def _parse_heading_row(
        self, row: int, starting_cells: Sequence[PlanCell]
    ) -> tuple[int, str] | None:
        """Return the level (1 or 2) and text of a heading row; None for any other row."""
        texts = [_join_cell_lines(cell) for cell in starting_cells]
        if self._is_parent_row(row, starting_cells):
            level = 2 if self.heading_state.is_under_numbered_heading else 1
            return level, texts[1]
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
            # Alone in a heading column it is that column's heading, not a heading row.
            return None if is_in_heading_column else (find_heading_level(text), text)
        is_item_text = text.endswith("。") or re.match(r"\d", text)
        if self._is_whole_row(cell) and not is_item_text:
            return (2 if self.heading_state.is_under_numbered_heading else 1), text
        return None

    def _is_parent_row(self, row: int, starting_cells: Sequence[PlanCell]) -> bool:
        """Return whether a row is item 1 of which the next rows are the parts 1.1, 1.2.

        Its text is their heading.
        """
        below = self.grid.list_starting_cells(row + 1)
        if len(starting_cells) < len(_SPLIT_HEADING_ROLES) or not below:
            return False
        roles = (self._get_cell_role(cell) for cell in (*starting_cells[:2], below[0]))
        if tuple(roles) != (*_SPLIT_HEADING_ROLES, ColumnRole.NUMBER):
            return False
        number, first_part = (normalize(cell.text) for cell in (starting_cells[0], below[0]))
        return (
            is_number(number)
            and first_part.startswith((f"{number.rstrip('.、')}.1", f"{number.rstrip('.、')}-1"))
            and is_number(first_part)
        )

    def _is_split_heading(self, starting_cells: Sequence[PlanCell]) -> bool:
        """Return whether a row is a heading whose numeral is in the column 序号."""
        return (
            self.has_numbers
            and len(starting_cells) == len(_SPLIT_HEADING_ROLES)
            and self._get_cell_role(starting_cells[0]) is ColumnRole.NUMBER
            and is_ordinal(_join_cell_lines(starting_cells[0]))
            and not self._has_units_or_deadline(starting_cells)
        )

    def _is_beside_spanning_cell(self, row: int) -> bool:
        """Return whether a filled cell from a row above reaches into ``row``."""
        return any(cell.row < row and cell.is_filled for cell in self.grid.list_cells(row))

    def _can_be_heading(self, cell: PlanCell) -> bool:
        """Return whether the only cell of a row may be a heading, by its text."""
        text = _join_cell_lines(cell)
        is_outline_item = cell.column_span == 1 and ColumnRole.UNITS not in self.table.roles
        return not (
            len(format_official(text)) > _MAX_HEADING_LENGTH
            or (is_outline_item and has_trailing_units(cell.text, explicit=True))
            or is_remark(text)
            or is_number(text)
        )

    def _is_whole_row(self, cell: PlanCell) -> bool:
        """Return whether a cell spans the row or begins it in the column 序号.

        Sheets without merged cells have their headings in the column 序号.
        """
        is_wide = cell.column_span >= max(2, len(self.table.columns) - 1)
        return is_wide or (self.has_numbers and self._get_cell_role(cell) is ColumnRole.NUMBER)

    def _get_cell_role(self, cell: PlanCell) -> ColumnRole:
        return self.table.roles[cell.column]

    def _has_units_or_deadline(self, starting_cells: Sequence[PlanCell]) -> bool:
        """Return whether a row has units or a deadline, which a heading never has."""
        roles = {self._get_cell_role(cell) for cell in starting_cells}
        return bool(roles & {ColumnRole.UNITS, ColumnRole.DEADLINE})

    def _set_heading(
        self, level: int, text: str, row: int, starting_cells: Sequence[PlanCell]
    ) -> None:
        """Start a heading row, and ask about those it replaces that got no item."""
        self._ask_about_unused_headings(level)
        heading_cells = [
            cell
            for cell in starting_cells
            if self._get_cell_role(cell) in _SINGLE_COLUMN_ROLES or len(starting_cells) == 1
        ]
        if other_cells := [cell for cell in starting_cells if cell not in heading_cells]:
            self._ask_about_cells(row, other_cells, _PARENT_CELLS)
        self.unused_headings[level] = (row, heading_cells)
        self.heading_state.start_row_heading(level, text)

    def _ask_about_unused_headings(self, level: int) -> None:
        """Ask about the heading rows of ``level`` and below it that have no item."""
        for unused_level in sorted(self.unused_headings):
            if unused_level >= level:
                self._ask_about_cells(*self.unused_headings.pop(unused_level), _NO_TASK_UNDER)

    # --- Items ---

    def _scan_item_row(
        self,
        row: int,
        starting_cells: Sequence[PlanCell],
        cells_by_role: dict[ColumnRole, PlanCell],
    ) -> None:
        """Begin an item with this row, or add the row to the item above."""
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
        """Return the text of a heading column as the item's own, since it has no other."""
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
        """Process a row without a text: a heading, a continuation, or a question."""
        if filled_roles & _TITLE_ROLES:
            for cell in starting_cells:
                if self._get_cell_role(cell) in _TITLE_ROLES:
                    self.pending_titles.append((row, cell))
                else:
                    self._ask_about_cells(row, [cell], _NO_MEASURE)
        elif self.result.items and ColumnRole.NUMBER not in filled_roles:
            self._add_row_cells(row, starting_cells)
            self._add_inference(self.result.items[-1].row, starting_cells, _CONTINUED_ITEM)
        else:
            self._ask_about_cells(row, starting_cells, _NO_MEASURE)

    def _count_headings(self, requirement: str, point: str) -> None:
        """Count the headings that a new item stands under, now that they have an item."""
        for _, cells in self.unused_headings.values():
            self._count_cells(CellDisposition.HEADING, cells)
        self.unused_headings.clear()
        heading_text = normalize(format_official(requirement + point))
        for row, cell in self.pending_titles:
            if normalize(format_official(cell.text)) in heading_text:
                self._count_cells(CellDisposition.HEADING, [cell])
            else:
                self._ask_about_cells(row, [cell], _NO_TASK_UNDER)
        self.pending_titles.clear()

    def _is_cut_by_page_break(self, row: int, filled_roles: set[ColumnRole], text: str) -> bool:
        """Return whether a row is the second half of one that a page break divided.

        It is the first row of a page and has a text only, and the text of the last item
        does not end like a sentence.
        """
        items = self.result.items
        if row not in self.page_start_rows or not items or not items[-1].number:
            return False
        previous_measure = items[-1].measure.strip()
        has_only_measure = filled_roles <= {ColumnRole.MEASURE}
        return (
            has_only_measure
            and not previous_measure.endswith(_SENTENCE_ENDS)
            and not is_number(text[:2])
        )

    def _append_measure(self, starting_cells: Sequence[PlanCell], text: str) -> None:
        """Join the second half of a divided row to the last item."""
        self.result.items[-1].measure += text
        self._count_cells(CellDisposition.TASK, starting_cells)
        self._add_inference(self.result.items[-1].row, starting_cells, _CUT_BY_PAGE_BREAK)

    def _add_row_cells(self, row: int, starting_cells: Sequence[PlanCell]) -> None:
        """Add the units, deadlines and notes in ``row`` to the last item.

        On the first row of the item, cells that reach into it from above count too.
        """
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
        """Return whether a cell spans 计划措施, so that it is the item's text only."""
        spanned_roles = self.table.roles[cell.column : cell.column + cell.column_span]
        return cell.column_span > 1 and ColumnRole.MEASURE in spanned_roles

    # --- Remarks, questions and counts ---

    def _is_remark_row(self, starting_cells: Sequence[PlanCell]) -> bool:
        """Return whether a row is a total, a note or a signature."""
        is_task = len(starting_cells) > len(_SPLIT_HEADING_ROLES) and self._has_units_or_deadline(
            starting_cells
        )
        return is_remark(starting_cells[0].text) and not is_task

    def _ask_about_cells(
        self, row: int, cells: Sequence[PlanCell], explanation: tuple[str, str]
    ) -> None:
        """Turn cells that are no part of any item into a question."""
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
