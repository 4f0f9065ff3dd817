"""Represent a workbook of any format as it was read: cells, notes, links, pictures, merges.

Also how the values, times and keywords of every format are brought to one form. Positions are
0-based (row, column) pairs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone

from ledgerbook import identity
from ledgerbook.a1_references import CellArea, CellPosition, format_cell_reference
from ledgerbook.text import fit_to_cell, format_value, omit_identity_numbers


@dataclass(frozen=True, slots=True)
class CellError:
    """A cell without a usable value: an error value, or a formula without a result.

    ``text`` is the error value or the formula; ``code`` names the problem to report.
    """

    text: str
    code: str = "cell-error"


RawValue = str | float | bool | date | datetime | time | timedelta | CellError


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture whose top left corner is in ``cell``; ``name`` is the file name of its part."""

    cell: CellPosition
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class SheetAttachments:
    """What a sheet has beside the values of its cells.

    ``notes`` are the texts of comments, ``links`` the targets that differ from the text of
    their cell, ``merges`` the merged areas. ``unread`` lists in Chinese what the sheet has but
    could not be read.
    """

    notes: Mapping[CellPosition, str] = field(default_factory=dict)
    links: Mapping[CellPosition, str] = field(default_factory=dict)
    pictures: tuple[Picture, ...] = ()
    merges: tuple[CellArea, ...] = ()
    unread: tuple[str, ...] = ()


def _know_no_shown_text(cell: CellPosition) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One sheet: its non-empty cells by position, and what else it has.

    ``is_hidden`` says whether somebody has to unhide it before it can be seen; so do
    ``hidden_rows`` and ``hidden_columns`` (0-based). ``struck`` are the cells with text that is
    struck through, each with what is left of it: "" where all is.
    ``get_shown_text`` returns what a cell whose value is no text showed by its number format,
    None where that is not known. It is called for few cells: what it needs is read then.
    """

    name: str
    cells: Mapping[CellPosition, RawValue]
    attachments: SheetAttachments = field(default_factory=SheetAttachments)
    is_hidden: bool = False
    struck: Mapping[CellPosition, str] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    get_shown_text: Callable[[CellPosition], str | None] = field(
        default=_know_no_shown_text, compare=False
    )

    def get_text(self, cell: CellPosition) -> str:
        """Return the value of a cell that is a text; "" for any other cell."""
        value = self.cells.get(cell)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class RawWorkbook:
    """A workbook as it was read.

    ``keywords`` are those of its document properties; ``saved_at`` is the time of the last
    save noted in it, in Beijing time without a zone. ``unread_sheets`` are the names of sheets
    that are no worksheets, and may have text all the same, with the Chinese word for their kind.
    """

    sheets: tuple[RawSheet, ...]
    keywords: str = ""
    saved_at: datetime | None = None
    unread_sheets: Mapping[str, str] = field(default_factory=dict)


# --- document properties ---

# The time zone of every office and section.
BEIJING_TIME = timezone(timedelta(hours=8))

# LibreOffice splits keywords at every semicolon and saves them as a list: separated by blanks
# in an .xlsx, by commas in an .xls.
_KEYWORD_SEPARATOR = re.compile(rf"[\s,;]+(?=kind=|识别码|book=|round=|{identity.SEAL_KEYWORD}=)")


def normalize_keywords(keywords: str) -> str:
    """Return keywords with the separators with which they were issued."""
    return _KEYWORD_SEPARATOR.sub(";", keywords)


def parse_beijing_time(text: str) -> datetime | None:
    """Return an ISO 8601 time in Beijing time without a zone; None where it is invalid.

    A time without a zone is in Beijing time already.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        return convert_to_beijing_time(moment) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None


def convert_to_beijing_time(moment: datetime) -> datetime:
    """Return a moment, in UTC where it has no zone, in Beijing time without a zone."""
    aware_moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware_moment.astimezone(BEIJING_TIME).replace(tzinfo=None)


# --- values as text ---


def display_text(value: RawValue | None) -> str:
    """Return a value as a clerk sees it in the cell, but without rounding."""
    if isinstance(value, str):
        return value.strip()
    return value.text if isinstance(value, CellError) else format_value(value)


def join_cell_texts(sheet: RawSheet, cells: list[CellPosition]) -> str:
    """Return the references and values of ``cells`` for a problem's raw text.

    The text is cut to what a cell of the problem list can hold. The cells are in no column of
    ours: identity numbers in them are somebody's data and no answer.
    """
    cell_texts = (
        f"{format_cell_reference(cell)}：{display_text(sheet.cells[cell])}" for cell in cells
    )
    return fit_to_cell(omit_identity_numbers("；".join(cell_texts)))
