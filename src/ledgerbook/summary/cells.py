"""What one cell may hold and how it is shown: text stays text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ledgerbook import typography as look
from ledgerbook.ledger import Urgency
from ledgerbook.model import Meaning
from ledgerbook.xlsx import DATE_FORMAT, done


@dataclass(frozen=True, slots=True)
class Link:
    """A file beside the workbook, shown as its path and opened by a click."""

    path: str

    def __str__(self) -> str:
        return self.path


Value = str | int | float | date | datetime | Link | None

MOMENT_FORMAT = "yyyy-mm-dd hh:mm"

# Excel has no dates before this one.
_FIRST_DAY = date(1900, 3, 1)


class Tint(StrEnum):
    """A colour with a meaning; the words in the cell say the same."""

    NONE = ""
    RED = "red"
    AMBER = "amber"
    GREEN = "green"


TINTS: dict[Tint, dict[str, Any]] = {
    Tint.NONE: {},
    Tint.RED: {"bg_color": look.RED_FILL, "font_color": look.RED_INK},
    Tint.AMBER: {"bg_color": look.AMBER_FILL, "font_color": look.AMBER_INK},
    Tint.GREEN: {"bg_color": look.GREEN_FILL, "font_color": look.GREEN_INK},
}

_BY_URGENCY = {Urgency.OVERDUE: Tint.RED, Urgency.SOON: Tint.AMBER}


def tint_of(urgency: Urgency, meaning: Meaning | None) -> Tint:
    """Say how an item is coloured: pressing before done."""
    plain = Tint.GREEN if meaning is Meaning.DONE else Tint.NONE
    return _BY_URGENCY.get(urgency, plain)


def shown(value: Value) -> str:
    """Return the text a reader sees for ``value``."""
    match value:
        case None:
            return ""
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
        case float():
            return f"{value:.15g}"
        case _:
            return str(value)


def number_format(value: Value) -> dict[str, Any]:
    """Return the style properties that ``value`` needs for its kind."""
    match value:
        case datetime():
            return {"num_format": MOMENT_FORMAT}
        case date():
            return {"num_format": DATE_FORMAT}
        case Link():
            return {"font_color": look.LINK_INK, "underline": 1}
        case _:
            return {}


def write_cell(
    sheet: Worksheet, row: int, column: int, value: Value, style: Format
) -> None:
    """Write ``value`` with its own type; a text is never taken for a formula."""
    match value:
        case None | "":
            done(sheet.write_blank(row, column, None, style))
        case datetime():
            naive = value.replace(tzinfo=None)
            done(sheet.write_datetime(row, column, naive, style))
        case date() if value >= _FIRST_DAY:
            done(sheet.write_datetime(row, column, value, style))
        case int() | float() if math.isfinite(value):
            done(sheet.write_number(row, column, value, style))
        case Link():
            done(sheet.write_url(row, column, f"external:{value}", style, str(value)))
        case _:
            done(sheet.write_string(row, column, shown(value), style))
