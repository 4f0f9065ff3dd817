"""A sheet drawn from the top down: the one pen that all sheets share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ledgerbook.excel import styles as look
from ledgerbook.excel.pagination import columns_above, page_height, turns_across
from ledgerbook.excel.writer import DATE_FORMAT, Plain, WorkbookWriter, done, page_setup
from ledgerbook.model import StatusCategory
from ledgerbook.model.problems import Problem
from ledgerbook.model.results import FileReport, FileStatus, Urgency

_HEADING_SIZE = 12
# So much of a page is room enough to begin a block that no page can hold.
_GOOD_PART = 1 / 3

Box = tuple[int, int, int, int]


class SheetWriter:
    """One sheet in the making; ``row`` is where the next line is drawn."""

    def __init__(self, maker: WorkbookWriter, name: str, footer: str = "") -> None:
        self.name = name
        self.sheet = maker.sheet(name)
        self.maker = maker
        self.widths: tuple[float, ...] = ()
        self._repeated = 1
        self.heights: list[float] = []
        self._footer = footer

    @property
    def row(self) -> int:
        return len(self.heights)

    @property
    def page_height(self) -> float:
        """How many points of rows a printed page holds."""
        return page_height(self.widths)

    @property
    def _width_above(self) -> float:
        """The width of a line above a table, in characters."""
        first, last = columns_above(self.widths, self._repeated)
        return self.span_width(first, last - first + 1)

    def span_width(self, first: int, count: int) -> float:
        """Return the width of ``count`` columns merged, in characters."""
        return sum(self.widths[first : first + count]) + 5 / 7 * (count - 1)

    def columns(
        self,
        widths: Sequence[float],
        unprinted: Sequence[float] = (),
        repeated: int = 1,
    ) -> None:
        """Fix the widths of the sheet's columns, in characters.

        To the right of those that are printed stand the ``unprinted``; so many are
        ``repeated`` on each page, where one cannot hold them all.
        """
        self.widths, self._repeated = tuple(widths), repeated
        for index, width in enumerate((*widths, *unprinted)):
            done(self.sheet.set_column(index, index, width))

    def frame(self, *, head_row: int, frozen: int) -> None:
        """Set the sheet up for print and screen; ``frozen`` rows stay in sight."""
        page_setup(
            self.sheet,
            head_row=head_row,
            footer=self._footer,
            across=turns_across(self.widths),
            repeated=self._repeated,
        )
        done(self.sheet.freeze_panes(frozen, 0))
        self.sheet.hide_gridlines(2)

    def keep_together(self, starts: Sequence[int], repeated: int = 0) -> None:
        """Turn the page before a block of rows that this one cannot hold whole.

        ``starts`` are the blocks' first rows; row ``repeated`` stands on each page. A
        block that no page can hold begins where there is room for a good part of it.
        """
        page, again = self.page_height, self.heights[repeated]
        breaks: list[int] = []
        used = sum(self.heights[: starts[0]])
        for start, end in pairwise((*starts, self.row)):
            block = sum(self.heights[start:end])
            least = block if block <= page - again else page * _GOOD_PART
            if used + least > page:
                breaks.append(start)
                used = again
            used += block
            while used > page:
                used += again - page
        self.turn_pages(breaks)

    def turn_pages(self, rows: Sequence[int]) -> None:
        """Begin a new page before each of ``rows``."""
        if rows:
            done(self.sheet.set_h_pagebreaks(list(rows)))

    def style(self, name: str = "body", **more: Any) -> Any:
        return self.maker.style(name, **more)

    def put(self, box: Box, value: Value, style: Any) -> None:
        """Write ``value`` into one cell or, merged, into a box of them."""
        first_row, first_column, last_row, last_column = box
        if (first_row, first_column) != (last_row, last_column):
            done(self.sheet.merge_range(*box, "", style))
        write_cell(self.sheet, first_row, first_column, value, style)

    def compute(self, box: Box, formula: str, value: str | float, style: Any) -> None:
        """Write ``formula`` into a box, with the ``value`` it must come to."""
        self.put(box, None, style)
        done(self.sheet.write_formula(box[0], box[1], formula, style, value))

    def advance(self, height: float) -> None:
        """Finish the row at ``height`` points and go to the next."""
        done(self.sheet.set_row(self.row, height))
        self.heights.append(height)

    def append(
        self, heights: Sequence[float], columns: Sequence[Sequence[str]]
    ) -> None:
        """Write rows of a long table; below them, only such rows may be written."""
        self.sheet.append_rows(self.row, heights, columns)
        self.heights += heights

    def title(self, text: str) -> None:
        height = look.row_height([(text, self._width_above)], look.TITLE_SIZE)
        self.line(text, max(38.0, height), self.style("title"))

    def note(self, text: str, **more: Any) -> None:
        """Write a small grey line, as high as it needs."""
        height = look.row_height([(text, self._width_above)], look.NOTE_SIZE)
        self.line(text, height, self.style("note", **more))

    def heading(self, text: str) -> None:
        style = self.style("plain", font_name=look.HEAD_FONT, font_size=_HEADING_SIZE)
        self.line(text, 24, style)

    def sentence(self, text: str) -> None:
        """Write a bordered line where a table would have had its rows."""
        self.line(text, 30, self.style(align="center"))

    def line(self, text: str, height: float, style: Any) -> None:
        """Write ``text`` over the whole width of the first page."""
        first, last = columns_above(self.widths, self._repeated)
        self.put((self.row, first, self.row, last), text, style)
        self.advance(height)


# What one cell may hold and how it is shown: text stays text.


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file beside the workbook, shown as its path and opened by a click."""

    path: str

    def __str__(self) -> str:
        return self.path


Value = str | int | float | date | datetime | FileLink | None

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


def tint_of(urgency: Urgency, meaning: StatusCategory | None) -> Tint:
    """Say how an item is coloured: pressing before done."""
    plain = Tint.GREEN if meaning is StatusCategory.DONE else Tint.NONE
    return _BY_URGENCY.get(urgency, plain)


_BY_VERDICT = {
    FileStatus.REJECTED: Tint.RED,
    FileStatus.PARTLY: Tint.AMBER,
    FileStatus.WITH_PROBLEMS: Tint.AMBER,
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
    FileLink: {"font_color": look.LINK_INK, "underline": 1},
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
    return shown(value) if isinstance(value, FileLink) else value


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
        case FileLink():
            done(sheet.write_url(row, column, f"external:{value}", style, str(value)))
        case _:
            done(sheet.write_string(row, column, shown(value), style))
