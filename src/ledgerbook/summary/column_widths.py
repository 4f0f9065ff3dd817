"""Fit the columns of printed tables to the width of an A4 page in landscape.

Widths are in characters, as Excel counts them. The tables of the factory form fit as
they are; columns that an office adds take their room from the widest ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from ledgerbook.excel.pagination import PAPER_WIDTH, convert_to_points
from ledgerbook.excel.tables import TableColumn
from ledgerbook.model import Column

T = TypeVar("T")

# Type smaller than this on paper, in points, is avoided while there is room to take.
_MIN_PRINT_SIZE = 7.0
# A column that is wider than this gives up room, down to this width.
_MIN_WIDE_WIDTH = 20.0
# The width of an added column: whatever the form says, within these.
_MIN_ANSWER_WIDTH, _MAX_ANSWER_WIDTH = 8.0, 18.0
# Room for the section's name before each answer: 【综合科】20000.
_MIN_QUOTED_WIDTH = 13.0


def choose_answer_width(column: Column, *, is_quoted: bool = False) -> float:
    """Return the width of an answer column for which a table has no width of its own.

    The answers are ``is_quoted`` where each stands after the name of its section.
    """
    min_width = _MIN_QUOTED_WIDTH if is_quoted else _MIN_ANSWER_WIDTH
    return min(_MAX_ANSWER_WIDTH, max(min_width, column.width))


def fit_to_page(columns: Sequence[TableColumn[T]], font_size: float) -> tuple[TableColumn[T], ...]:
    """Narrow the widest columns until text of ``font_size`` points prints legibly.

    Columns that fit are returned as they are. Where narrowing does not suffice, the
    sheet is printed smaller or over several pages (:func:`find_column_breaks`).
    """
    available_points = PAPER_WIDTH * font_size / _MIN_PRINT_SIZE
    excess_points = sum(convert_to_points(column.width) for column in columns) - available_points
    room_points = [
        max(0.0, convert_to_points(column.width) - convert_to_points(_MIN_WIDE_WIDTH))
        for column in columns
    ]
    if excess_points <= 0 or not any(room_points):
        return tuple(columns)
    share = min(1.0, excess_points / sum(room_points))
    points_per_character = convert_to_points(1) - convert_to_points(0)
    return tuple(
        replace(column, width=round(column.width - room * share / points_per_character, 1))
        for column, room in zip(columns, room_points, strict=True)
    )
