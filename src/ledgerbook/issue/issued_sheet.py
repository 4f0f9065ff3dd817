"""Hold one issued sheet while it is drawn: worksheet, content, positions and formats."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ledgerbook.excel.workbook_writer import DATE_FORMAT, WorkbookWriter, check_result
from ledgerbook.issue.data_validation import FormGrid
from ledgerbook.issue.layout import FIRST_ROW, SheetContent
from ledgerbook.model import Column, ColumnType, Filler, Form
from ledgerbook.text import count_utf16_units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledgerbook.excel.table_worksheet import CellFormat, EncodedCell, TableWorksheet


@dataclass(frozen=True, slots=True)
class IssuedSheet:
    """A sheet being drawn. Rows and columns are 0-based.

    ``row_names`` are the names of the rows of the table, see
    :attr:`~ledgerbook.issue.layout.SheetContent.row_names`.
    """

    writer: WorkbookWriter
    worksheet: TableWorksheet
    content: SheetContent
    grid: FormGrid
    row_names: tuple[str, ...]
    _styles: dict[str, CellFormat] = field(init=False, default_factory=dict)

    @property
    def form(self) -> Form:
        return self.content.form

    @property
    def last_column(self) -> int:
        return len(self.form.columns) - 1

    @property
    def last_row(self) -> int:
        return FIRST_ROW + max(1, len(self.row_names)) - 1

    def merge_cells(self, row: int, columns: tuple[int, int], style: CellFormat) -> None:
        """Merge the cells of ``row`` from one column to another, inclusive."""
        first, last = columns
        if first < last:
            check_result(self.worksheet.merge_range(row, first, row, last, "", style))

    def get_style(self, column: Column) -> CellFormat:
        """Return the format of a column's cells."""
        if column.key not in self._styles:
            self._styles[column.key] = self.make_style(column, {})
        return self._styles[column.key]

    def choose_style(self, column: Column, value: object) -> CellFormat:
        """Return the format of a cell with ``value``: a very long text is never in text format."""
        is_long = isinstance(value, str) and count_utf16_units(value) > _MAX_SHOWN_AS_TEXT
        if is_long and _is_issued_as_text(column):
            return self.make_style(column, {"num_format": _GENERAL_FORMAT})
        return self.get_style(column)

    def make_style(self, column: Column, overrides: Mapping[str, Any]) -> CellFormat:
        """Return the format of a single cell: that of its column with ``overrides``."""
        base = "body" if column.filler is Filler.SECTION else "locked"
        return self.writer.get_format(base, **{**_build_cell_properties(column), **overrides})

    def append_rows(self, rows: Sequence[tuple[float, Sequence[EncodedCell]]]) -> None:
        """Write the rows of the table, each its height and its cells."""
        heights = [height for height, _ in rows]
        if self.content.remarks or self.content.comments:
            # XlsxWriter places a comment by the heights of the rows above it.
            for row, height in enumerate(heights, FIRST_ROW):
                self.worksheet.set_row(row, height)
        cells = list(zip(*(cells for _, cells in rows), strict=True))
        self.worksheet.append_rows(FIRST_ROW, heights, cells)


_TEXT_FORMAT, _GENERAL_FORMAT = "@", "General"
# Excel of before 2010 shows a longer text as #### in a cell of the text format.
_MAX_SHOWN_AS_TEXT = 255
_MAX_NARROW_WIDTH = 20


def _is_issued_as_text(column: Column) -> bool:
    """Return whether the cells of a column keep what is typed, such as 0760, 1-2 or 100%.

    The text format does. In a narrow column (documents, reasons, notes) few texts are so long
    that an old Excel would not show them. A wide one may take a whole report and is left General:
    a text that some cannot see weighs more than a number that is collected as it was shown, and
    told.
    """
    is_narrow = column.kind is ColumnType.LONG_TEXT and column.width <= _MAX_NARROW_WIDTH
    return column.source is None and (
        column.kind in (ColumnType.TEXT, ColumnType.PHONE) or is_narrow
    )


def _build_cell_properties(column: Column) -> dict[str, Any]:
    """Return the properties of the format that a column's type needs."""
    properties: dict[str, Any] = {"locked": column.filler is Filler.OFFICIAL}
    if column.kind is ColumnType.DATE:
        properties |= {"num_format": DATE_FORMAT, "align": "center"}
    elif _is_issued_as_text(column):
        properties |= {"num_format": _TEXT_FORMAT}
    elif column.kind is not ColumnType.LONG_TEXT:
        properties |= {"align": "center"}
    return properties
