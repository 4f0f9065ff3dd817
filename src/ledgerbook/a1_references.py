"""Convert between cell positions and A1 references such as ``B7``, ``$B$7`` and ``A1:C3``.

A position is a 0-based (row, column) pair: ``B7`` is (6, 1). An area is its first and last
position, both inclusive. The grammar of references is that of ECMA-376 Part 1 §18.17.2.3.
https://ecma-international.org/publications-and-standards/standards/ecma-376/
"""

from __future__ import annotations

import re
from functools import lru_cache

CellPosition = tuple[int, int]
CellArea = tuple[CellPosition, CellPosition]

# The size of a worksheet (Excel 2007 and newer).
MAX_ROWS, MAX_COLUMNS = 1_048_576, 16_384

_LETTER_COUNT = 26
_RELATIVE_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_ANY_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")


@lru_cache(maxsize=1024)
def format_column_letters(column: int) -> str:
    """Return the letters of a 0-based column: ``A`` for 0, ``AA`` for 26."""
    letters = ""
    column += 1
    while column:
        column, remainder = divmod(column - 1, _LETTER_COUNT)
        letters = chr(ord("A") + remainder) + letters
    return letters


def format_cell_reference(
    position: CellPosition, *, absolute_row: bool = False, absolute_column: bool = False
) -> str:
    """Return ``J7`` for (6, 9); with absolute row and column ``$J$7``."""
    row, column = position
    column_sign = "$" if absolute_column else ""
    row_sign = "$" if absolute_row else ""
    return f"{column_sign}{format_column_letters(column)}{row_sign}{row + 1}"


def format_area_reference(
    first: CellPosition,
    last: CellPosition,
    *,
    is_absolute: bool = False,
    shorten_single_cell: bool = False,
) -> str:
    """Return ``A1:C3`` for (0, 0) and (2, 2); absolute ``$A$1:$C$3``.

    ``shorten_single_cell`` gives ``A1`` instead of ``A1:A1``.
    """
    corners = (first,) if shorten_single_cell and first == last else (first, last)
    return ":".join(
        format_cell_reference(corner, absolute_row=is_absolute, absolute_column=is_absolute)
        for corner in corners
    )


def parse_column_letters(letters: str) -> int:
    """Return the 0-based column of its letters A to Z; it may lie beyond a worksheet."""
    number = 0
    for letter in letters:
        number = number * _LETTER_COUNT + ord(letter) - ord("A") + 1
    return number - 1


def split_cell_reference(reference: str) -> CellPosition | None:
    """Return the position of a relative reference (``B7``), even beyond a worksheet's limits.

    None where the text is no such reference. Cells in the XML of a sheet are named so
    (ECMA-376 Part 1 §18.18.7, ST_CellRef).
    """
    match = _RELATIVE_REFERENCE.fullmatch(reference)
    return _convert_match_to_position(match) if match else None


def parse_cell_reference(reference: str) -> CellPosition | None:
    """Return the position of ``B7`` or ``$B$7``; None where no worksheet has such a cell."""
    match = _ANY_REFERENCE.fullmatch(reference)
    return find_position_on_sheet(*_convert_match_to_position(match)) if match else None


def parse_area_reference(reference: str) -> CellArea | None:
    """Return the area of ``A1:C3``, from whichever corners it is named; ``A1`` is one too."""
    first, _, last = reference.partition(":")
    corners = parse_cell_reference(first), parse_cell_reference(last or first)
    if corners[0] is None or corners[1] is None:
        return None
    (first_row, first_column), (last_row, last_column) = corners[0], corners[1]
    return (
        (min(first_row, last_row), min(first_column, last_column)),
        (max(first_row, last_row), max(first_column, last_column)),
    )


def find_position_on_sheet(row: int, column: int) -> CellPosition | None:
    """Return the position (row, column); None where no worksheet has such a cell."""
    is_inside = 0 <= row < MAX_ROWS and 0 <= column < MAX_COLUMNS
    return (row, column) if is_inside else None


def _convert_match_to_position(match: re.Match[str]) -> CellPosition:
    return int(match[2]) - 1, parse_column_letters(match[1])
