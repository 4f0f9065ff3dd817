"""What one cell may hold and how it is shown: text stays text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ledgerbook.ledger import FileReport, Urgency, Verdict
from ledgerbook.model import Meaning
from ledgerbook.problems.catalogue import Problem
from ledgerbook.sheets import typography as look
from ledgerbook.sheets.xlsx import DATE_FORMAT, Plain, done


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


_BY_VERDICT = {
    Verdict.REJECTED: Tint.RED,
    Verdict.PARTLY: Tint.AMBER,
    Verdict.WITH_PROBLEMS: Tint.AMBER,
}


def tint_of_file(report: FileReport) -> Tint:
    """Say how a file is coloured, by what became of it."""
    return _BY_VERDICT.get(report.verdict, Tint.NONE)


def tint_of_problem(problem: Problem) -> Tint:
    """Say how a problem is coloured: red where somebody must act."""
    return Tint.RED if problem.grave else Tint.NONE


def shown(value: Value) -> str:
    """Return the text a reader sees for ``value``."""
    if isinstance(value, str):
        return value
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


_FORMATS: Mapping[type, Mapping[str, Any]] = {
    datetime: {"num_format": MOMENT_FORMAT},
    date: {"num_format": DATE_FORMAT},
    Link: {"font_color": look.LINK_INK, "underline": 1},
}


def number_format(kind: type) -> Mapping[str, Any]:
    """Return the style properties that a value needs for its kind."""
    return _FORMATS.get(kind, {})


def plain(value: Value) -> Plain:
    """Return ``value`` as a long sheet can hold it: itself, or else as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, date) and _day_of(value) < _FIRST_DAY:
        return shown(value)
    if isinstance(value, float) and not math.isfinite(value):
        return shown(value)
    return shown(value) if isinstance(value, Link) else value


def _day_of(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


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
