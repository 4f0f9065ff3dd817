"""What a workbook of any format holds once read: cells, and what hangs on them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache

from ledgerbook import identity
from ledgerbook.text import cell_text


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that shows no usable value: an error, or a formula never calculated.

    ``code`` names the problem to report.
    """

    text: str
    code: str = "cell-error"


Value = str | float | bool | date | datetime | time | timedelta | CellError
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
class SheetAttachments:
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
    extras: SheetAttachments = field(default_factory=SheetAttachments)

    def text(self, cell: Cell) -> str:
        value = self.cells.get(cell)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class RawWorkbook:
    """A returned workbook; ``saved_at`` is in Beijing time, without a zone."""

    sheets: tuple[RawSheet, ...]
    keywords: str = ""
    saved_at: datetime | None = None


# Keywords and last-saved time: what a workbook of any format notes of itself.

# Where every office and section sits: saved times are told in its time.
BEIJING = timezone(timedelta(hours=8))

# LibreOffice takes keywords apart at every semicolon, and saves them as a list: with
# blanks between them in an .xlsx, commas in an .xls.
_LISTED = re.compile(rf"[\s,;]+(?=kind=|识别码|book=|round=|{identity.SEAL}=)")


def keywords_of(words: str) -> str:
    """Return keywords as they were issued, however a program has listed them."""
    return _LISTED.sub(";", words)


def moment_of(text: str) -> datetime | None:
    """Return a noted time in Beijing time; one that notes no zone is so already."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return in_beijing(moment) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None


def in_beijing(moment: datetime) -> datetime:
    """Return a moment, of UTC where it says no zone, in Beijing time without one."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(BEIJING).replace(tzinfo=None)


# Raw cell values as the words a clerk would read off the screen.


def shown(value: Value | None) -> str:
    """Return what a cell shows, without rounding anything away."""
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, CellError):
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
