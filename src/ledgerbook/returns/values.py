"""Raw cell values as the words a clerk would read off the screen."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache

from ledgerbook.returns.raw import Cell, Fault, RawSheet, Value
from ledgerbook.text import cell_text


def shown(value: Value | None) -> str:
    """Return what a cell shows, without rounding anything away."""
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, Fault):
        return value.text
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, datetime):
        bare = value.time() == time()
        return f"{value:%Y-%m-%d}" if bare else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    return str(value).strip()


def cell_name(cell: Cell) -> str:
    """Return ``J7`` for the 0-based (6, 9)."""
    row, column = cell
    return f"{_letters(column)}{row + 1}"


@lru_cache(maxsize=256)
def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def joined(sheet: RawSheet, cells: list[Cell]) -> str:
    """Return the text of ``cells`` with their names, for a problem's raw text.

    No more than a cell of the problem list can hold.
    """
    said = (f"{cell_name(c)}：{shown(sheet.cells[c])}" for c in cells)
    return cell_text("；".join(said))
