"""Fit the columns of printed tables to the width of an A4 page in landscape.

Widths are in characters, as Excel counts them. Columns that hardly say anything are narrow, and
what is lacking is taken from the widest ones.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from ledgerbook.excel.pagination import PAPER_WIDTH, convert_to_points
from ledgerbook.excel.portrait_page import MIN_PRINT_SIZE
from ledgerbook.excel.sheet_writer import display_text
from ledgerbook.excel.tables import TableColumn
from ledgerbook.model import Column

T = TypeVar("T")

# A column that is wider than this gives up room, down to this width.
_MIN_WIDE_WIDTH = 12.0
# A column in which nothing stands has room for its header in two lines, one with an answer in
# every tenth row or fewer for some more.
_BLANK_WIDTH, _SCARCE_WIDTH = 5.5, 9.0
_SCARCE_SHARE = 0.1
# A column is whole pixels wide, up to half a pixel more than its width says.
ROUNDING_POINTS = 0.375
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
    available_points = PAPER_WIDTH * font_size / MIN_PRINT_SIZE - len(columns) * ROUNDING_POINTS
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
        # Rounded down, so that they do not exceed the page together.
        replace(column, width=_round_down(column.width - room * share / points_per_character))
        for column, room in zip(columns, room_points, strict=True)
    )


def _round_down(width: float) -> float:
    # What 28.4 lacks of itself as a binary number must not cost it a tenth.
    return math.floor(round(width * 10, 6)) / 10


def narrow_blank_columns(
    columns: Sequence[TableColumn[T]], items: Sequence[T]
) -> tuple[TableColumn[T], ...]:
    """Narrow the columns that say nothing of any of ``items``, or of hardly any."""
    return tuple(_narrow_blank_column(column, items) for column in columns)


def _narrow_blank_column(column: TableColumn[T], items: Sequence[T]) -> TableColumn[T]:
    filled_count = sum(bool(display_text(column.get_value(item))) for item in items)
    if not items or filled_count > len(items) * _SCARCE_SHARE:
        return column
    max_width = _SCARCE_WIDTH if filled_count else _BLANK_WIDTH
    return replace(column, width=min(column.width, max_width))
