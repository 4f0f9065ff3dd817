"""What a workbook of any format holds once read: cells, and what hangs on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that shows no usable value: an error, or a formula never calculated.

    ``code`` names the problem to report.
    """

    text: str
    code: str = "cell-error"


Value = str | float | bool | date | datetime | time | timedelta | Fault
Cell = tuple[int, int]
# What a sheet of Excel has.
ROWS, COLUMNS = 1_048_576, 16_384


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that stands at ``cell``; ``name`` is its part's name in the package."""

    cell: Cell
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Extras:
    """What hangs on a sheet's cells beside their values.

    ``notes`` are comments' texts, ``links`` targets that differ from the cell's own
    text, ``merges`` first and last cell of each merged area, inclusive. ``unread``
    names, in Chinese, what is there but could not be carried.
    """

    notes: Mapping[Cell, str] = field(default_factory=dict)
    links: Mapping[Cell, str] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    merges: tuple[tuple[Cell, Cell], ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One sheet: its non-empty cells by 0-based (row, column), and their extras."""

    name: str
    cells: Mapping[Cell, Value]
    extras: Extras = field(default_factory=Extras)

    def text(self, cell: Cell) -> str:
        value = self.cells.get(cell)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class RawBook:
    """A returned workbook; ``saved_at`` is in Beijing time, without a zone."""

    sheets: tuple[RawSheet, ...]
    keywords: str = ""
    saved_at: datetime | None = None
