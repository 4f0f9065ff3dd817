"""Track the headings that apply to each row of a plan's table.

A heading (一、… or （一）…) is either a row of its own above the items, or a cell in the
column 工作要求 or 工作要点 to their left. ``row_scanner`` feeds a :class:`HeadingState`
from the top row down and asks it for the 工作要求 and 工作要点 of each item.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ledgerbook.chinese_numerals import ORDINAL_CHARACTERS
from ledgerbook.plan.cell_classifier import is_heading
from ledgerbook.plan.grid import CellGrid, ColumnRole, PlanCell
from ledgerbook.plan.number_marks import LEVEL_1_MARK, LEVEL_2_MARK, parse_heading
from ledgerbook.plan.text_repair import format_official
from ledgerbook.plan.trailing_units import parse_heading_units
from ledgerbook.text import normalize

PART_HEADING = re.compile(rf"第[{ORDINAL_CHARACTERS}]{{1,3}}(?:部分|章|节|类|项)")
HEADING_SEPARATOR = "\u3000"


class HeadingState:
    """The 工作要求 and 工作要点 in force at the row that was processed last."""

    def __init__(self, roles: Sequence[ColumnRole]) -> None:
        self._has_point_column = ColumnRole.POINT in roles
        self._row_headings = {1: "", 2: ""}
        self._requirement = self._point = ""

    @property
    def is_under_numbered_heading(self) -> bool:
        """Whether the heading row of level 1 in force begins with a numeral (一、 or 第一部分)."""
        top_heading = self._row_headings[1]
        return bool(LEVEL_1_MARK.match(top_heading) or PART_HEADING.match(top_heading))

    def start_row_heading(self, level: int, text: str) -> None:
        """Set the heading of ``level`` (1 or 2) from a row of its own."""
        self._row_headings[level] = _normalize_heading(text, level)
        if level == 1:
            self._row_headings[2] = self._requirement = ""
        self._point = ""

    def update_from_cells(self, cells_by_role: Mapping[ColumnRole, PlanCell]) -> None:
        """Update the headings from the cells of the row's heading columns.

        A heading applies until the next one. Points that start again at （一） begin a
        new group; if no heading names that group, its 工作要求 is blank rather than that
        of the group before.
        """
        requirement_cell = cells_by_role.get(ColumnRole.REQUIREMENT)
        point_cell = cells_by_role.get(ColumnRole.POINT)
        new_point = _read_cell_heading(point_cell, 2)
        new_requirement = _read_cell_heading(requirement_cell, 1)
        if new_requirement and new_requirement != self._requirement:
            if self.is_under_numbered_heading and LEVEL_1_MARK.match(new_requirement):
                # Heading rows and heading cells continue one numbering, so the cell
                # 二、 ends the group of the row 一、.
                self._row_headings = {1: "", 2: ""}
            self._requirement, self._point = new_requirement, new_point
            return
        restarts = (
            new_point != self._point
            and parse_heading(self._point, 2).ordinal > 0
            and parse_heading(new_point, 2).ordinal == 1
        )
        if restarts or _is_spanning_blank(requirement_cell):
            self._requirement = new_requirement
        if new_point or restarts or _is_spanning_blank(point_cell):
            self._point = new_point

    def drop_heading(self, role: ColumnRole) -> None:
        """Clear the heading of ``role``: its text turned out to be an item's."""
        if role is ColumnRole.POINT:
            self._point = ""
        else:
            self._requirement = ""

    def get_headings(self) -> tuple[str, str]:
        """Return 工作要求 and 工作要点 of the current row.

        Several headings in force are joined, the broader first: heading rows come
        before heading cells.
        """
        top_heading, sub_heading = self._row_headings[1], self._row_headings[2]
        if not self._has_point_column:
            requirement = HEADING_SEPARATOR.join(filter(None, (top_heading, self._requirement)))
            return requirement, sub_heading
        if sub_heading and not self._point and not self._requirement:
            return top_heading, sub_heading
        broader_headings = (top_heading, sub_heading, self._requirement)
        return HEADING_SEPARATOR.join(filter(None, broader_headings)), self._point


def find_heading_level(text: str) -> int:
    """Return 2 for a heading that begins with （一） or any other bracket, else 1."""
    stripped = text.strip()
    return 2 if LEVEL_2_MARK.match(stripped) or stripped[:1] in "(\uff08" else 1


def prepend_ordinal(ordinal: str, heading: str) -> str:
    """Join a numeral from a cell of its own and the heading: 一 and 深化公开 → 一、深化公开."""
    stripped_ordinal = normalize(ordinal).rstrip(".、")
    separator = "" if stripped_ordinal.startswith("(") else "、"
    return f"{stripped_ordinal}{separator}{heading}"


def add_heading_rows(grid: CellGrid, lines_above: Sequence[str]) -> CellGrid:
    """Add the headings that stand between two tables as rows at the top of the lower one.

    They are the last of ``lines_above`` that are headings, or sections as headings.
    """
    headings: list[str] = []
    for line in filter(None, (line.strip() for line in reversed(lines_above))):
        if not (is_heading(line) or PART_HEADING.match(line) or parse_heading_units(line)):
            break
        headings.insert(0, line)
    moved_cells = (replace(cell, row=cell.row + len(headings)) for cell in grid.cells)
    heading_cells = (
        PlanCell(text, row, 0, 1, max(grid.width, 1)) for row, text in enumerate(headings)
    )
    return CellGrid((*heading_cells, *moved_cells)) if headings else grid


def _normalize_heading(text: str, level: int) -> str:
    return str(parse_heading(format_official(text), level))


def _read_cell_heading(cell: PlanCell | None, level: int) -> str:
    return _normalize_heading(cell.text, level) if cell else ""


def _is_spanning_blank(cell: PlanCell | None) -> bool:
    """Return whether an empty merged cell marks its rows as having no heading."""
    return cell is not None and cell.row_span > 1 and not cell.text.strip()
