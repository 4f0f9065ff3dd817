"""The headings that hold for a row: of rows above it, and of cells to its left."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ledgerbook.plan.grid import ColumnRole, PlanCell
from ledgerbook.plan.numerals import LEVEL_1, LEVEL_2, read_heading
from ledgerbook.plan.text_repair import official
from ledgerbook.text import squash

PART_HEADING = re.compile(r"第[一二三四五六七八九十]{1,3}(?:部分|章|节|类|项)")
_GAP = "\u3000"


class HeadingState:
    """What 工作要求 and 工作要点 are, going down a table."""

    def __init__(self, parts: Sequence[ColumnRole]) -> None:
        self._in_cells = ColumnRole.POINT in parts
        self._levels = {1: "", 2: ""}
        self._requirement = self._point = ""

    @property
    def under_numbered(self) -> bool:
        """Whether the rows stand under a heading with a numeral."""
        first = self._levels[1]
        return bool(LEVEL_1.match(first) or PART_HEADING.match(first))

    def set_row(self, level: int, text: str) -> None:
        """Begin a heading that is a row of its own."""
        self._levels[level] = _heading_text(text, level)
        if level == 1:
            self._levels[2] = self._requirement = ""
        self._point = ""

    def pass_row(self, here: Mapping[ColumnRole, PlanCell]) -> None:
        """Go on to a row with these cells of headings.

        A heading holds until the next. Points that start again at (一) begin a new
        group; where that has no heading of its own, its heading is lost and stays
        blank.
        """
        own_requirement, own_point = (
            here.get(ColumnRole.REQUIREMENT),
            here.get(ColumnRole.POINT),
        )
        new_point = _cell_heading(own_point, 2)
        new_requirement = _cell_heading(own_requirement, 1)
        if new_requirement and new_requirement != self._requirement:
            if self.under_numbered and LEVEL_1.match(new_requirement):
                # One is the successor of the other, whatever they stand in.
                self._levels = {1: "", 2: ""}
            self._requirement, self._point = new_requirement, new_point
            return
        restarts = (
            new_point != self._point
            and read_heading(self._point, 2).ordinal > 0
            and read_heading(new_point, 2).ordinal == 1
        )
        if restarts or _is_blank_on_purpose(own_requirement):
            self._requirement = new_requirement
        if new_point or restarts or _is_blank_on_purpose(own_point):
            self._point = new_point

    def drop(self, part: ColumnRole) -> None:
        """Forget a text that turned out to be no heading."""
        if part is ColumnRole.POINT:
            self._point = ""
        else:
            self._requirement = ""

    def headings(self) -> tuple[str, str]:
        """Return 工作要求 and 工作要点: headings of rows first, then of cells."""
        first, second = self._levels[1], self._levels[2]
        above = (first, second, self._requirement)
        if not self._in_cells:
            return _GAP.join(filter(None, (first, self._requirement))), second
        if second and not self._point and not self._requirement:
            return first, second
        return _GAP.join(filter(None, above)), self._point


def level_of(text: str) -> int:
    """Return 2 for (一), else 1."""
    plain = text.strip()
    return 2 if LEVEL_2.match(plain) or plain[:1] in "(\uff08" else 1


def with_ordinal(ordinal: str, words: str) -> str:
    """Put a numeral that stands in a cell of its own before its heading."""
    bare = squash(ordinal).rstrip(".、")
    return f"{bare}{words}" if bare.startswith("(") else f"{bare}、{words}"


def _heading_text(text: str, level: int) -> str:
    return str(read_heading(official(text), level))


def _cell_heading(cell: PlanCell | None, level: int) -> str:
    return _heading_text(cell.text, level) if cell else ""


def _is_blank_on_purpose(cell: PlanCell | None) -> bool:
    """Tell whether rows are said to have no heading: by one empty cell over them."""
    return cell is not None and cell.rows > 1 and not cell.text.strip()
