"""What a workbook of any format holds once read: cells, and what hangs on them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone

from ledgerbook import identity
from ledgerbook.a1_references import CellPosition, format_cell_reference
from ledgerbook.text import fit_to_cell


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell that shows no usable value: an error, or a formula never calculated.

    ``code`` names the problem to report.
    """

    text: str
    code: str = "cell-error"


RawValue = str | float | bool | date | datetime | time | timedelta | CellError


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that stands at ``cell``; ``name`` is its part's name in the package."""

    cell: CellPosition
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class SheetAttachments:
    """What hangs on a sheet's cells beside their values.

    ``notes`` are comments' texts, ``links`` targets that differ from the cell's own
    text, ``merges`` first and last cell of each merged area, inclusive. ``unread``
    names, in Chinese, what is there but could not be carried.
    """

    notes: Mapping[CellPosition, str] = field(default_factory=dict)
    links: Mapping[CellPosition, str] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    merges: tuple[tuple[CellPosition, CellPosition], ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One sheet: its non-empty cells by 0-based (row, column), and their extras."""

    name: str
    cells: Mapping[CellPosition, RawValue]
    attachments: SheetAttachments = field(default_factory=SheetAttachments)

    def get_text(self, cell: CellPosition) -> str:
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
BEIJING_TIME = timezone(timedelta(hours=8))

# LibreOffice takes keywords apart at every semicolon, and saves them as a list: with
# blanks between them in an .xlsx, commas in an .xls.
_KEYWORD_SEPARATOR = re.compile(rf"[\s,;]+(?=kind=|识别码|book=|round=|{identity.SEAL_KEYWORD}=)")


def normalize_keywords(keywords: str) -> str:
    """Return keywords as they were issued, however a program has listed them."""
    return _KEYWORD_SEPARATOR.sub(";", keywords)


def parse_beijing_time(text: str) -> datetime | None:
    """Return a noted time in Beijing time; one that notes no zone is so already."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return convert_to_beijing_time(moment) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None


def convert_to_beijing_time(moment: datetime) -> datetime:
    """Return a moment, of UTC where it says no zone, in Beijing time without one."""
    aware_moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware_moment.astimezone(BEIJING_TIME).replace(tzinfo=None)


# Raw cell values as the words a clerk would read off the screen.


def display_text(value: RawValue | None) -> str:
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
        is_midnight = value.time() == time()
        return f"{value:%Y-%m-%d}" if is_midnight else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    return str(value).strip()


def join_cell_texts(sheet: RawSheet, cells: list[CellPosition]) -> str:
    """Return the text of ``cells`` with their names, for a problem's raw text.

    No more than a cell of the problem list can hold.
    """
    cell_texts = (
        f"{format_cell_reference(cell)}：{display_text(sheet.cells[cell])}" for cell in cells
    )
    return fit_to_cell("；".join(cell_texts))
