"""Write worksheets with long tables, by XlsxWriter's public interface alone.

:class:`TableWorksheet` is what ``issue``, ``summary`` and ``rollup`` draw on.
:class:`ledgerbook.excel.xlsxwriter_internals.StreamingWorksheet` writes an equal sheet
in a fraction of the time and memory; :class:`~ledgerbook.excel.workbook_writer.WorkbookWriter`
uses it wherever the installed XlsxWriter has the private members that it needs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ledgerbook.excel.deterministic_zip import rewrite_parts
from ledgerbook.excel.limits import MAX_LINK, MAX_LINKS
from ledgerbook.excel.refusals import check_result
from ledgerbook.text import count_utf16_units, fit_to_cell

# A value that a cell holds without anything but a style.
PlainValue = str | float | date | None
# The format of a cell, opaque to those who draw.
CellFormat: TypeAlias = Format

_SHEET_PARTS = "xl/worksheets/"
_CUSTOM_HEIGHT = re.compile(rb'(<(?:row|sheetFormatPr) [^>]*?) customHeight="1"')


@dataclass(frozen=True, slots=True)
class PendingCell:
    """A cell that has no place yet: a value, or a formula and what it comes to now."""

    value: PlainValue
    style: CellFormat | None = None
    formula: str = ""


# What ``encode_cell`` and ``encode_formula`` return and ``append_rows`` accepts: only the
# worksheet that made it knows what it is.
EncodedCell = PendingCell | str


class TableWorksheet(Worksheet):  # type: ignore[misc, unused-ignore]
    """A worksheet that takes Excel tables as columns of encoded cells.

    Texts longer than a cell holds are cut with a mark; XlsxWriter would write nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self._link_count = 0

    def write_string(
        self, row: int, col: int, string: str, cell_format: Format | None = None
    ) -> int:
        result: int = super().write_string(row, col, fit_to_cell(string), cell_format)
        return result

    def write_link(
        self, row: int, column: int, address: str, style: Format | None, text: str
    ) -> None:
        """Write ``text`` with a link to ``address``, such as ``external:附件/a.pdf``.

        Where the address is too long, or the sheet has as many links as Excel allows, the
        text alone is written.
        """
        if count_utf16_units(address) > MAX_LINK or self._link_count >= MAX_LINKS:
            check_result(self.write_string(row, column, text, style))
            return
        self._link_count += 1
        check_result(self.write_url(row, column, address, style, fit_to_cell(text)))

    def begin_table(
        self,
        header_row: int,
        row_count: int,
        columns: Sequence[dict[str, Any]],
        name: str,
    ) -> None:
        """Write the header of an Excel table whose ``row_count`` rows are to be appended.

        ``header_row`` is 0-based; the table begins in the first column. ``columns`` are
        XlsxWriter's options of each column, ``name`` is the table's defined name.
        """
        options = {"name": name, "style": None, "columns": columns}
        cell_range = (header_row, 0, header_row + row_count, len(columns) - 1)
        check_result(self.add_table(*cell_range, options))

    def encode_cell(self, value: PlainValue, style: Format | None = None) -> EncodedCell:
        """Return a cell for :meth:`append_rows`, which gives it its place.

        Dates must be 1900-03-01 or later, numbers finite.
        """
        return PendingCell(value, style)

    def encode_formula(self, formula: str, current_value: PlainValue, style: Format) -> EncodedCell:
        """Return a cell with a formula and ``current_value``, what it comes to now."""
        return PendingCell(current_value, style, formula)

    def append_rows(
        self, first_row: int, heights: Sequence[float], columns: Sequence[Sequence[EncodedCell]]
    ) -> None:
        """Write rows from ``first_row`` (0-based) on, their ``heights`` in points.

        XlsxWriter rounds heights to whole pixels, which is what Excel does on screen.
        Each of ``columns`` holds the cells of one column from the top down. No other call
        may write cells below ``first_row`` afterwards.
        """
        for row, height in enumerate(heights, first_row):
            check_result(self.set_row(row, height))
        for column, cells in enumerate(columns):
            for row, cell in enumerate(cells, first_row):
                self._write_pending_cell(row, column, cell)

    def _write_pending_cell(self, row: int, column: int, cell: EncodedCell) -> None:
        if isinstance(cell, str):
            raise TypeError("the cell was encoded by another kind of worksheet")
        value, style = cell.value, cell.style
        if isinstance(value, datetime):
            value = value.replace(tzinfo=None)
        if cell.formula:
            result = self.write_formula(row, column, cell.formula, style, _plain_result(value))
        elif value is None or value == "":
            result = self.write_blank(row, column, None, style)
        elif isinstance(value, str):
            result = self.write_string(row, column, value, style)
        elif isinstance(value, date):
            result = self.write_datetime(row, column, value, style)
        else:
            result = self.write_number(row, column, value, style)
        check_result(result)


def _plain_result(value: PlainValue) -> str | float:
    if isinstance(value, date):
        return convert_to_serial(value)
    return value if isinstance(value, str) else value or 0


def convert_to_serial(day: date) -> float:
    """Return the serial number by which Excel stores a day or a moment.

    Day 1 is 1900-01-01, and Excel counts a 29 February 1900 that did not exist; from
    1900-03-01 on the number is the count of days since 1899-12-30
    (ECMA-376 Part 1 §18.17.4.1).
    """
    if not isinstance(day, datetime):
        return (day - _DAY_ZERO.date()).days
    return (day.replace(tzinfo=None) - _DAY_ZERO) / _ONE_DAY


_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  Excel knows no time zones
_ONE_DAY = datetime(1899, 12, 31) - _DAY_ZERO  # noqa: DTZ001


def remove_custom_heights(data: bytes) -> bytes:
    """Return a workbook whose rows still grow when a long answer is typed.

    XlsxWriter marks the height of every row as custom, and Excel never changes a custom
    height: the answer would be cut off on screen and in print. The height itself stays.
    """
    return rewrite_parts(
        data,
        lambda name, part: (
            _CUSTOM_HEIGHT.sub(rb"\1", part) if name.startswith(_SHEET_PARTS) else part
        ),
    )
