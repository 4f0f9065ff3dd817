"""The headings that hold for a row: of rows above it, and of cells to its left."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ledgerbook.chinese_numerals import ORDINAL_CHARACTERS
from ledgerbook.plan.grid import ColumnRole, PlanCell
from ledgerbook.plan.number_marks import LEVEL_1_MARK, LEVEL_2_MARK, parse_heading
from ledgerbook.plan.text_repair import format_official
from ledgerbook.text import normalize

PART_HEADING = re.compile(rf"第[{ORDINAL_CHARACTERS}]{{1,3}}(?:部分|章|节|类|项)")
_HEADING_SEPARATOR = "\u3000"


class HeadingState:
    """What 工作要求 and 工作要点 are, going down a table."""

    def __init__(self, roles: Sequence[ColumnRole]) -> None:
        self._has_point_column = ColumnRole.POINT in roles
        self._row_headings = {1: "", 2: ""}
        self._requirement = self._point = ""

    @property
    def is_under_numbered(self) -> bool:
        """Whether the rows stand under a heading with a numeral."""
        top_heading = self._row_headings[1]
        return bool(LEVEL_1_MARK.match(top_heading) or PART_HEADING.match(top_heading))

    def start_row_heading(self, level: int, text: str) -> None:
        """Begin a heading that is a row of its own."""
        self._row_headings[level] = _normalize_heading(text, level)
        if level == 1:
            self._row_headings[2] = self._requirement = ""
        self._point = ""

    def update_from_cells(self, cells_by_role: Mapping[ColumnRole, PlanCell]) -> None:
        """Go on to a row with these cells of headings.

        A heading holds until the next. Points that start again at (一) begin a new
        group; where that has no heading of its own, its heading is lost and stays
        blank.
        """
        requirement_cell, point_cell = (
            cells_by_role.get(ColumnRole.REQUIREMENT),
            cells_by_role.get(ColumnRole.POINT),
        )
        new_point = _read_cell_heading(point_cell, 2)
        new_requirement = _read_cell_heading(requirement_cell, 1)
        if new_requirement and new_requirement != self._requirement:
            if self.is_under_numbered and LEVEL_1_MARK.match(new_requirement):
                # One is the successor of the other, whatever they stand in.
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
        """Forget a text that turned out to be no heading."""
        if role is ColumnRole.POINT:
            self._point = ""
        else:
            self._requirement = ""

    def get_headings(self) -> tuple[str, str]:
        """Return 工作要求 and 工作要点: headings of rows first, then of cells."""
        top_heading, sub_heading = self._row_headings[1], self._row_headings[2]
        broader_headings = (top_heading, sub_heading, self._requirement)
        if not self._has_point_column:
            return _HEADING_SEPARATOR.join(
                filter(None, (top_heading, self._requirement))
            ), sub_heading
        if sub_heading and not self._point and not self._requirement:
            return top_heading, sub_heading
        return _HEADING_SEPARATOR.join(filter(None, broader_headings)), self._point


def find_heading_level(text: str) -> int:
    """Return 2 for (一), else 1."""
    stripped = text.strip()
    return 2 if LEVEL_2_MARK.match(stripped) or stripped[:1] in "(\uff08" else 1


def prepend_ordinal(ordinal: str, heading: str) -> str:
    """Put a numeral that stands in a cell of its own before its heading."""
    stripped_ordinal = normalize(ordinal).rstrip(".、")
    return (
        f"{stripped_ordinal}{heading}"
        if stripped_ordinal.startswith("(")
        else f"{stripped_ordinal}、{heading}"
    )


def _normalize_heading(text: str, level: int) -> str:
    return str(parse_heading(format_official(text), level))


def _read_cell_heading(cell: PlanCell | None, level: int) -> str:
    return _normalize_heading(cell.text, level) if cell else ""


def _is_spanning_blank(cell: PlanCell | None) -> bool:
    """Tell whether rows are said to have no heading: by one empty cell over them."""
    return cell is not None and cell.row_span > 1 and not cell.text.strip()
