"""Draw a sheet from the top down: titles, notes, boxes and single cells of any value.

``summary`` and ``rollup`` draw all their sheets with :class:`SheetWriter`;
:func:`write_cell` writes one value with its own type, so that text is never taken for a
formula. Rows and columns are 0-based, widths in characters, heights in points.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from ledgerbook.excel import styles
from ledgerbook.excel.pagination import (
    PageLayout,
    compute_page_height,
    find_columns_above,
    lay_out_pages,
)
from ledgerbook.excel.portrait_page import PortraitFit
from ledgerbook.excel.table_worksheet import CellFormat, EncodedCell, PlainValue, TableWorksheet
from ledgerbook.excel.workbook_writer import DATE_FORMAT, WorkbookWriter, check_result, set_up_page
from ledgerbook.model import StatusCategory
from ledgerbook.model.problems import Problem
from ledgerbook.model.results import FileReport, FileStatus, Urgency
from ledgerbook.text import format_value

_HEADING_SIZE = 12
# The padding that a merged cell has gained for each column, in characters.
_PADDING_WIDTH = styles.COLUMN_PADDING / styles.DIGIT_PIXELS
# A block too high for any page begins where at least this share of a page is free.
_MIN_BLOCK_SHARE = 1 / 3

# First row, first column, last row, last column.
CellRange = tuple[int, int, int, int]


class SheetWriter:
    """One sheet in the making; ``row`` is the next row to draw."""

    def __init__(self, workbook_writer: WorkbookWriter, name: str, footer: str = "") -> None:
        self.name = name
        self.sheet = workbook_writer.add_sheet(name)
        self.workbook_writer = workbook_writer
        self.widths: tuple[float, ...] = ()
        self._unprinted_widths: tuple[float, ...] = ()
        self._repeated_columns = 1
        self.heights: list[float] = []
        self._footer = footer
        self._has_row_breaks = False

    @property
    def row(self) -> int:
        return len(self.heights)

    @property
    def page_height(self) -> float:
        """How many points of rows a printed page holds."""
        return compute_page_height(self.widths)

    @property
    def _title_width(self) -> float:
        """The width of a line above a table, in characters."""
        first, last = find_columns_above(self.widths, self._repeated_columns)
        return self.compute_span_width(first, last - first + 1)

    def compute_span_width(self, first: int, count: int) -> float:
        """Return the width of ``count`` columns merged, in characters."""
        widths = (*self.widths, *self._unprinted_widths)
        return sum(widths[first : first + count]) + (count - 1) * _PADDING_WIDTH

    def set_columns(
        self,
        widths: Sequence[float],
        unprinted_widths: Sequence[float] = (),
        repeated_columns: int = 1,
    ) -> None:
        """Set the widths of the sheet's columns, in characters.

        Columns of ``unprinted_widths`` follow on the right of those that are printed. The
        first ``repeated_columns`` are repeated on each page where one page is too narrow.
        """
        self.widths, self._repeated_columns = tuple(widths), repeated_columns
        self._unprinted_widths = tuple(unprinted_widths)
        for index, width in enumerate((*widths, *unprinted_widths)):
            check_result(self.sheet.set_column(index, index, width))

    def set_up_page_and_freeze(
        self,
        *,
        header_row: int,
        frozen_rows: int,
        frozen_columns: int = 0,
        is_one_page: bool = False,
    ) -> None:
        """Set the sheet up for print and screen.

        The first ``frozen_rows`` and ``frozen_columns`` do not scroll. Page breaks must be
        inserted before. A sheet that ``is_one_page`` is made to fit it.
        """
        layout = (
            PageLayout()
            if is_one_page
            else lay_out_pages(
                self.widths,
                has_row_breaks=self._has_row_breaks,
                repeated_columns=self._repeated_columns,
            )
        )
        set_up_page(self.sheet, header_row=header_row, footer=self._footer, layout=layout)
        if is_one_page:
            self.sheet.fit_to_pages(1, 1)
        check_result(self.sheet.freeze_panes(frozen_rows, frozen_columns))
        self.sheet.hide_gridlines(2)

    def print_columns_of_page(self) -> None:
        """Print the rows drawn so far, without the unprinted columns on the right."""
        last_column = len(self.widths) - 1
        check_result(self.sheet.print_area(0, 0, self.row - 1, last_column))

    def set_up_portrait_page(
        self, fit: PortraitFit, block_rows: Sequence[int], repeated_row: int
    ) -> None:
        """Print the sheet upright; called last, after :meth:`set_up_page_and_freeze`.

        Where it takes several pages, a block that begins at one of ``block_rows`` is not
        parted, and ``repeated_row`` is on each page.
        """
        self.sheet.set_portrait()
        if fit.is_one_page:
            self.sheet.fit_to_pages(1, 1)
            return
        # Excel ignores page breaks of a sheet that is fitted to pages.
        self.sheet.set_print_scale(fit.percent)
        self.keep_blocks_together(block_rows, repeated_row, fit.page_height)

    def keep_blocks_together(
        self, starts: Sequence[int], repeated_row: int = 0, page_height: float = 0
    ) -> None:
        """Begin a new page before each block of rows that does not fit on the current one.

        ``starts`` are the first rows of the blocks; ``repeated_row`` is printed on each
        page. A block too high for any page begins where a third of a page is free. A page
        holds ``page_height`` points of rows, by default as many as in landscape.
        """
        page_points, repeated_height = page_height or self.page_height, self.heights[repeated_row]
        breaks: list[int] = []
        used_height = sum(self.heights[: starts[0]])
        for start, end in pairwise((*starts, self.row)):
            block_height = sum(self.heights[start:end])
            needed_height = (
                block_height
                if block_height <= page_points - repeated_height
                else page_points * _MIN_BLOCK_SHARE
            )
            if used_height + needed_height > page_points:
                breaks.append(start)
                used_height = repeated_height
            used_height += block_height
            while used_height > page_points:
                used_height += repeated_height - page_points
        self.insert_page_breaks(breaks)

    def insert_page_breaks(self, rows: Sequence[int]) -> None:
        """Begin a new page before each of ``rows``."""
        if rows:
            self._has_row_breaks = True
            check_result(self.sheet.set_h_pagebreaks(list(rows)))

    def get_style(self, name: str = "body", **properties: Any) -> Any:
        """Return the format of look ``name`` with further ``properties``."""
        return self.workbook_writer.get_format(name, **properties)

    def write_range(self, cell_range: CellRange, value: WritableValue, style: Any) -> None:
        """Write ``value`` into one cell or, merged, into a box of them."""
        first_row, first_column, last_row, last_column = cell_range
        if (first_row, first_column) != (last_row, last_column):
            check_result(self.sheet.merge_range(*cell_range, "", style))
        write_cell(self.sheet, first_row, first_column, value, style)

    def write_formula(
        self, cell_range: CellRange, formula: str, value: str | float, style: Any
    ) -> None:
        """Write ``formula`` into a box, with ``value`` as its stored result."""
        self.write_range(cell_range, None, style)
        check_result(self.sheet.write_formula(cell_range[0], cell_range[1], formula, style, value))

    def finish_row(self, height: float) -> None:
        """Finish the row at ``height`` points, or Excel's greatest, and go to the next."""
        height = min(height, styles.MAX_ROW_HEIGHT)
        check_result(self.sheet.set_row(self.row, height))
        self.heights.append(height)

    def append_rows(
        self, heights: Sequence[float], columns: Sequence[Sequence[EncodedCell]]
    ) -> None:
        """Append encoded rows of a long table; nothing else may be written below them."""
        self.sheet.append_rows(self.row, heights, columns)
        self.heights += heights

    def write_title(self, text: str) -> None:
        """Write the title of the sheet, as high as it needs."""
        height = styles.compute_row_height([(text, self._title_width)], styles.TITLE_SIZE)
        self.write_full_width_line(text, max(38.0, height), self.get_style("title"))

    def write_note(self, text: str, **properties: Any) -> None:
        """Write a small grey line, as high as it needs."""
        height = styles.compute_row_height([(text, self._title_width)], styles.NOTE_SIZE)
        self.write_full_width_line(text, height, self.get_style("note", **properties))

    def write_heading(self, text: str) -> None:
        """Write the heading of a block."""
        style = self.get_style("plain", font_name=styles.HEADER_FONT, font_size=_HEADING_SIZE)
        self.write_full_width_line(text, 24, style)

    def write_bordered_line(self, text: str) -> None:
        """Write a bordered line in place of the rows of an empty table."""
        self.write_full_width_line(text, 30, self.get_style(align="center"))

    def write_full_width_line(self, text: str, height: float, style: Any) -> None:
        """Write ``text`` over the whole width of the first page."""
        first, last = find_columns_above(self.widths, self._repeated_columns)
        self.write_range((self.row, first, self.row, last), text, style)
        self.finish_row(height)


# --- the values of single cells ---


@dataclass(frozen=True, slots=True)
class FileLink:
    """A file beside the workbook, shown as its path and opened by a click."""

    path: str

    def __str__(self) -> str:
        return self.path


WritableValue = str | int | float | date | datetime | FileLink | None

DATETIME_FORMAT = "yyyy-mm-dd hh:mm"

# Dates before this one are written as text: Excel counts a 29 February 1900 that did not
# exist (ECMA-376 Part 1 §18.17.4.1).
_FIRST_EXCEL_DAY = date(1900, 3, 1)


class Tint(StrEnum):
    """A colour with a meaning; words in the row say the same."""

    NONE = ""
    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    OVERDUE = "overdue"
    DUE_SOON = "due soon"


TINT_PROPERTIES: dict[Tint, dict[str, Any]] = {
    Tint.NONE: {},
    Tint.RED: {"bg_color": styles.RED_FILL, "font_color": styles.RED_TEXT_COLOR},
    Tint.AMBER: {"bg_color": styles.AMBER_FILL, "font_color": styles.AMBER_TEXT_COLOR},
    Tint.GREEN: {"bg_color": styles.GREEN_FILL, "font_color": styles.GREEN_TEXT_COLOR},
    Tint.OVERDUE: {"bg_color": styles.OVERDUE_FILL, "font_color": styles.OVERDUE_TEXT_COLOR},
    Tint.DUE_SOON: {"bg_color": styles.DUE_SOON_FILL, "font_color": styles.DUE_SOON_TEXT_COLOR},
}

_TINT_BY_URGENCY: dict[str, Tint] = {
    Urgency.OVERDUE: Tint.OVERDUE,
    Urgency.DUE_SOON: Tint.DUE_SOON,
    Urgency.DONE_LATE: Tint.AMBER,
}


def choose_tint(urgency: str, category: StatusCategory | None) -> Tint:
    """Return the colour of an item; urgency takes precedence over completion."""
    default_tint = Tint.GREEN if category is StatusCategory.COMPLETED else Tint.NONE
    return _TINT_BY_URGENCY.get(urgency, default_tint)


_TINT_BY_FILE_STATUS = {
    FileStatus.REJECTED: Tint.RED,
    FileStatus.PARTIALLY_ACCEPTED: Tint.AMBER,
    FileStatus.ACCEPTED_WITH_PROBLEMS: Tint.AMBER,
    FileStatus.NOT_READ: Tint.AMBER,
}


def choose_file_tint(report: FileReport) -> Tint:
    """Return the colour of a file by its status."""
    return _TINT_BY_FILE_STATUS.get(report.status, Tint.NONE)


def choose_problem_tint(problem: Problem) -> Tint:
    """Return the colour of a problem: red where somebody must act."""
    return Tint.RED if problem.is_error else Tint.NONE


def display_text(value: WritableValue) -> str:
    """Return the text a reader sees for ``value``; a time as ``DATETIME_FORMAT`` shows it."""
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else format_value(value)


_PROPERTIES_BY_TYPE: Mapping[type, Mapping[str, Any]] = {
    datetime: {"num_format": DATETIME_FORMAT},
    date: {"num_format": DATE_FORMAT},
    FileLink: {"font_color": styles.LINK_COLOR, "underline": 1},
}


def get_format_for_type(value_type: type) -> Mapping[str, Any]:
    """Return the format properties that values of a type need."""
    return _PROPERTIES_BY_TYPE.get(value_type, {})


def convert_to_plain(value: WritableValue) -> PlainValue:
    """Return ``value`` for a cell of a long table; as text if Excel has no such value."""
    if isinstance(value, str):
        return value
    if isinstance(value, date) and _drop_time(value) < _FIRST_EXCEL_DAY:
        return display_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return display_text(value)
    return display_text(value) if isinstance(value, FileLink) else value


def _drop_time(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def write_cell(
    sheet: TableWorksheet, row: int, column: int, value: WritableValue, style: CellFormat
) -> None:
    """Write ``value`` with its own type; a text is never taken for a formula."""
    match value:
        case None | "":
            check_result(sheet.write_blank(row, column, None, style))
        case datetime():
            naive = value.replace(tzinfo=None)
            check_result(sheet.write_datetime(row, column, naive, style))
        case date() if value >= _FIRST_EXCEL_DAY:
            check_result(sheet.write_datetime(row, column, value, style))
        case int() | float() if math.isfinite(value):
            check_result(sheet.write_number(row, column, value, style))
        case FileLink():
            sheet.write_link(row, column, f"external:{value}", style, str(value))
        case _:
            check_result(sheet.write_string(row, column, display_text(value), style))
