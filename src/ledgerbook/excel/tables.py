"""Draw tables: a table is a list of columns, each with a header and a function of an item.

:func:`draw_table` draws a printed table with merged cells and texts over several rows,
or a list that is an Excel table too, :func:`draw_filter_table` an Excel table whose rows
are never continued. Readers sort and filter Excel tables, and programs find them by name.
Rows and columns are 0-based, widths in characters, font sizes in points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, repeat
from typing import Any, Generic, TypeVar

from ledgerbook.a1_references import format_area_reference
from ledgerbook.excel import styles
from ledgerbook.excel.limits import MAX_HEADER, truncate
from ledgerbook.excel.names import encode_defined_name, quote_sheet_name
from ledgerbook.excel.pagination import PageSpace
from ledgerbook.excel.row_flow import FlowColumns, RowPart, split_into_rows
from ledgerbook.excel.sheet_writer import (
    TINT_PROPERTIES,
    SheetWriter,
    Tint,
    WritableValue,
    convert_to_plain,
    display_text,
    get_format_for_type,
)
from ledgerbook.excel.table_worksheet import EncodedCell
from ledgerbook.text import fit_to_cell

T = TypeVar("T")

# The font of headers is bolder than that of cells; this leaves room so that none is cut off.
_HEADER_STRETCH = 1.1
_FILTER_BUTTON = "▼"


def no_tint(_: object) -> Tint:
    return Tint.NONE


@dataclass(frozen=True, slots=True)
class TableColumn(Generic[T]):
    """One column of a table: its header, its width, and what it shows of an item.

    ``is_merged`` says whether equal neighbours down the column are merged; ``span`` is
    how many sheet columns it takes.
    """

    header: str
    width: float
    get_value: Callable[[T], WritableValue]
    align: str = "left"
    get_tint: Callable[[T], Tint] = no_tint
    is_merged: bool = False
    span: int = 1


@dataclass(frozen=True, slots=True)
class TableArea:
    """Where the rows of a drawn table are, for formulas that count over them."""

    sheet: str
    first_row: int
    last_row: int

    def format_column_range(self, index: int) -> str:
        first, last = (self.first_row, index), (self.last_row, index)
        area = format_area_reference(first, last, is_absolute=True, shorten_single_cell=True)
        return f"{quote_sheet_name(self.sheet)}!{area}"


def draw_table(
    writer: SheetWriter,
    columns: Sequence[TableColumn[T]],
    items: Sequence[T],
    *,
    empty_text: str,
    is_paged: bool = False,
    table_name: str = "",
) -> TableArea:
    """Draw a table of ``items``; a text too long for one row is continued in the next.

    A table that ``is_paged`` chooses its page breaks itself, and repeats merged headings
    at the top of each page. Without items, the sentence ``empty_text`` is drawn. With a
    ``table_name`` it is an Excel table too, by which other programs find the rows: no cell
    is merged, a row that continues another repeats its first value, and without items there
    is one blank row.
    """
    header_row, size = writer.row, styles.NOTE_SIZE
    headers = [column.header for column in columns]
    if table_name:
        headers = make_unique_headers(headers)
    spans = [(header, column.span) for header, column in zip(headers, columns, strict=True)]
    draw_header_row(writer, spans, size, has_filter=bool(table_name))
    first_row = writer.row
    if not items:
        if table_name:
            _begin_excel_table(writer, table_name, header_row, 1, headers, size)
            _draw_blank_row(writer, len(columns), size)
        writer.write_bordered_line(empty_text)
        return TableArea(writer.name, first_row, first_row)
    widths = tuple(
        writer.compute_span_width(start, column.span)
        for start, column in zip(_find_first_columns(columns), columns, strict=True)
    )
    flow_columns = FlowColumns(widths, tuple(column.is_merged for column in columns), size)
    rows = [tuple(column.get_value(item) for column in columns) for item in items]
    row_parts = split_into_rows(
        rows,
        flow_columns,
        _compute_page_space(writer, header_row) if is_paged else None,
    )
    if table_name:
        row_parts = tuple(_separate_parts(row_parts, rows))
        _begin_excel_table(writer, table_name, header_row, len(row_parts), headers, size)
    for column_index in range(len(columns)):
        _draw_column(writer, columns, column_index, items, row_parts, size)
    writer.insert_page_breaks(
        [first_row + offset for offset, row_part in enumerate(row_parts) if row_part.new_page]
    )
    for row_part in row_parts:
        writer.finish_row(row_part.height)
    return TableArea(writer.name, first_row, writer.row - 1)


def _separate_parts(
    row_parts: Sequence[RowPart], rows: Sequence[tuple[WritableValue, ...]]
) -> Iterator[RowPart]:
    """Yield the rows of an Excel table, which has no merged cells: each says what it is of."""
    for part in row_parts:
        values = (rows[part.item_index][0], *part.values[1:])
        yield replace(part, values=values, joins=(False,) * len(values))


# What is left of a row that only has to be there: an Excel table has at least one.
_BLANK_ROW_HEIGHT = 6.0


def _draw_blank_row(writer: SheetWriter, column_count: int, size: float) -> None:
    style = writer.get_style(font_size=size)
    for column in range(column_count):
        writer.write_range((writer.row, column, writer.row, column), None, style)
    writer.finish_row(_BLANK_ROW_HEIGHT)


def _begin_excel_table(
    writer: SheetWriter,
    name: str,
    header_row: int,
    row_count: int,
    headers: Sequence[str],
    size: float,
) -> None:
    """Make ``row_count`` rows under a header an Excel table that readers sort and filter."""
    style = writer.get_style("head", font_size=size)
    options = [{"header": header, "header_format": style} for header in headers]
    writer.sheet.begin_table(header_row, row_count, options, encode_defined_name(name))


def draw_header_row(
    writer: SheetWriter,
    headers: Sequence[tuple[str, int]],
    size: float,
    *,
    has_filter: bool = False,
) -> None:
    """Draw a header row of pairs: text, number of sheet columns.

    A header that ``has_filter`` has room for the arrow by which readers sort and filter.
    """
    style = writer.get_style("head", font_size=size)
    column = 0
    cells: list[tuple[str, float]] = []
    for header, span in headers:
        writer.write_range((writer.row, column, writer.row, column + span - 1), header, style)
        shown = header + _FILTER_BUTTON if has_filter else header
        cells.append((shown, writer.compute_span_width(column, span)))
        column += span
    writer.finish_row(styles.compute_row_height(cells, size * _HEADER_STRETCH) + 4)


def compute_usual_length(texts: Counter[str]) -> float:
    """Return the length in em that nine tenths of ``texts`` do not exceed."""
    lengths = Counter[float]()
    for text, count in texts.items():
        lengths[styles.measure_ems(text)] += count
    remaining = texts.total() * 9 // 10
    for length in sorted(lengths):
        remaining -= lengths[length]
        if remaining < 0:
            return length
    return 0.0


def compute_column_width(length: float, size: float) -> float:
    """Return the width, in characters, of a column for one line of ``length`` em."""
    return length * size * 96 / 72 / styles.DIGIT_PIXELS + 1


def draw_filter_table(
    writer: SheetWriter,
    table_name: str,
    columns: Sequence[TableColumn[T]],
    items: Sequence[T],
    size: float,
) -> TableArea:
    """Draw an Excel table with one row for each item, which readers can sort and filter."""
    header_row, last_row = writer.row, writer.row + max(1, len(items))
    headers_shown = make_unique_headers([column.header for column in columns])
    _begin_excel_table(writer, table_name, header_row, last_row - header_row, headers_shown, size)
    headers = [(column.header + _FILTER_BUTTON, column.width) for column in columns]
    writer.finish_row(styles.compute_row_height(headers, size * _HEADER_STRETCH) + 4)
    cell_styles = _CellStyles(writer, size)
    for start in range(0, len(items), _BATCH_ROWS):
        batch = items[start : start + _BATCH_ROWS]
        encoded_columns = [
            _ColumnEncoder(writer, column, cell_styles).encode_items(batch) for column in columns
        ]
        rows = zip(*(lines for _, lines in encoded_columns), strict=True)
        heights = [styles.compute_lines_height(max(row), size) for row in rows]
        writer.append_rows(heights, [cells for cells, _ in encoded_columns])
    return TableArea(writer.name, header_row + 1, last_row)


# How many rows of a long table are in memory at once.
_BATCH_ROWS = 2_000


class _ColumnEncoder(dict[tuple[WritableValue, Tint], tuple[EncodedCell, int]], Generic[T]):
    """Encodes one column of a piece of a long table, each value and tint only once.

    Maps a value and its tint to the encoded cell and the number of lines it takes.
    """

    def __init__(
        self, writer: SheetWriter, column: TableColumn[T], cell_styles: _CellStyles
    ) -> None:
        self._sheet = writer.sheet
        self._column = column
        self._cell_styles = cell_styles
        self._count_lines = styles.make_line_counter(column.width, cell_styles.size)

    def encode_items(self, items: Sequence[T]) -> tuple[tuple[EncodedCell, ...], tuple[int, ...]]:
        """Return the cells and the lines of ``items``, from the top down."""
        values = [self._column.get_value(item) for item in items]
        keys = zip(values, self._get_tints(items, values), strict=True)
        encoded = [self[key] for key in keys]
        cells, lines = zip(*encoded, strict=True)
        return cells, lines

    def _get_tints(self, items: Sequence[T], values: Sequence[WritableValue]) -> Iterable[Tint]:
        get_tint = self._column.get_tint
        if get_tint is no_tint:
            return repeat(Tint.NONE, len(items))
        return [
            get_tint(item) if display_text(value) else Tint.NONE
            for item, value in zip(items, values, strict=True)
        ]

    def __missing__(self, key: tuple[WritableValue, Tint]) -> tuple[EncodedCell, int]:
        value, tint = key
        style = self._cell_styles[self._column.align, tint, type(value)]
        cell = self._sheet.encode_cell(convert_to_plain(value), style)
        self[key] = cell, self._count_lines(display_text(value))
        return self[key]


class _CellStyles(dict[tuple[str, Tint, type], Any]):
    """The formats of a table's cells by alignment, tint and type, each looked up once."""

    def __init__(self, writer: SheetWriter, size: float) -> None:
        self._writer = writer
        self.size = size

    def get_style(self, column: TableColumn[T], item: T, value: WritableValue) -> Any:
        """Return the format of the cell that shows ``value`` of ``item``."""
        tint = column.get_tint(item) if display_text(value) else Tint.NONE
        return self[column.align, tint, type(value)]

    def __missing__(self, key: tuple[str, Tint, type]) -> Any:
        align, tint, value_type = key
        properties = {"font_size": self.size, "align": align}
        style = self._writer.get_style(
            "body",
            **properties,
            **get_format_for_type(value_type),
            **TINT_PROPERTIES[tint],
        )
        self[key] = style
        return style


def _draw_column(
    writer: SheetWriter,
    columns: Sequence[TableColumn[T]],
    column_index: int,
    items: Sequence[T],
    row_parts: Sequence[RowPart],
    size: float,
) -> None:
    """Write one column from the top down, cells to be merged as one box."""
    column = columns[column_index]
    first_column = _find_first_columns(columns)[column_index]
    cell_styles = _CellStyles(writer, size)
    last_column = first_column + column.span - 1
    top_offsets = [
        offset for offset, row_part in enumerate(row_parts) if not row_part.joins[column_index]
    ]
    for top, next_top in zip(top_offsets, [*top_offsets[1:], len(row_parts)], strict=True):
        row_part = row_parts[top]
        value = row_part.values[column_index]
        style = cell_styles.get_style(column, items[row_part.item_index], value)
        cell_range = (
            writer.row + top,
            first_column,
            writer.row + next_top - 1,
            last_column,
        )
        writer.write_range(cell_range, value, style)


def _compute_page_space(writer: SheetWriter, header_row: int) -> PageSpace:
    """Return the space of the pages less what is above the table and what is repeated."""
    page_points = writer.page_height
    return PageSpace(page_points - sum(writer.heights), page_points - writer.heights[header_row])


def _find_first_columns(columns: Sequence[TableColumn[T]]) -> tuple[int, ...]:
    """Return the sheet column in which each table column begins."""
    return tuple(accumulate((column.span for column in columns[:-1]), initial=0))


# Leaves room for a number.
_MAX_BASE_HEADER = MAX_HEADER - 10


def make_unique_headers(headers: Sequence[str]) -> list[str]:
    """Return headers that differ and are short enough for an Excel table."""
    unique_headers: list[str] = []
    used_names: set[str] = set()
    for header in headers:
        base = truncate(" ".join(fit_to_cell(header).split()), _MAX_BASE_HEADER) or "栏"
        name, number = base, 1
        while name.lower() in used_names:
            number += 1
            name = f"{base}({number})"
        unique_headers.append(name)
        used_names.add(name.lower())
    return unique_headers
