"""Read the sheets of a workbook (.xlsx, .xls, .et) with their merged cells.

.xlsx (ECMA-376 Part 1 §18) is read with calamine, .xls and WPS's .et ([MS-XLS],
https://learn.microsoft.com/openspecs/office_file_formats/ms-xls/) with xlrd. Each sheet
that is not hidden becomes one CellGrid, values as text. The names of the sheets serve
as possible titles.
"""

from __future__ import annotations

import contextlib
import io
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from xml.parsers import expat

from defusedxml.ElementTree import fromstring

from ledgerbook.a1_references import CellPosition, split_cell_reference
from ledgerbook.file_types import (
    EXCEL_DOCUMENT,
    check_package,
    make_damaged_error,
    make_locked_error,
)
from ledgerbook.plan.grid import (
    MAX_COLUMNS,
    MAX_ROWS,
    CellGrid,
    PlanCell,
    PlanDocument,
    make_large_table_error,
)

# The limit on the places between the filled cells of a sheet.
_MAX_SPANNED_CELLS = 4_000_000
# The namespace of a relationship's name differs between the two kinds of OOXML.
_RELATIONSHIP_ID = re.compile(r"\{[^}]*/relationships\}id")

# A place is (row, column), 0-based; a merged range its first and last place.
_Place = tuple[int, int]
_MergedRange = tuple[_Place, _Place]
# Name, values, merged ranges and hidden rows of a sheet.
_SheetValues = tuple[str, list[list[Any]], tuple[_MergedRange, ...], frozenset[int]]


def read_xlsx_document(data: bytes) -> PlanDocument:
    """Return the worksheets of an .xlsx that are not hidden, one table each.

    Raises InputError when the file is damaged or encrypted.
    """
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    measures = _measure_sheets(check_package(data, EXCEL_DOCUMENT))
    large_names = {name for name, measure in measures.items() if measure.is_too_large}
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        visible_names = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible
        ]
        sheets = [
            workbook.get_sheet_by_name(name) for name in visible_names if name not in large_names
        ]
        sheet_values = [
            (
                sheet.name,
                sheet.to_python(skip_empty_area=False),
                tuple(sheet.merged_cell_ranges or ()),
                frozenset(measures[sheet.name].hidden_rows if sheet.name in measures else ()),
            )
            for sheet in sheets
        ]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        # A panic in Rust is raised as a BaseException that is no Exception.
        raise make_damaged_error(EXCEL_DOCUMENT) from error
    return _build_excel_document(
        sheet_values, [name for name in visible_names if name in large_names]
    )


def read_xls_document(data: bytes) -> PlanDocument:
    """Return the sheets of an .xls or .et that are not hidden, one table each.

    Read with xlrd, because a damaged container can end the process in calamine. Raises
    InputError when the file is damaged or encrypted.
    """
    import xlrd

    try:
        workbook = xlrd.open_workbook(
            file_contents=data,
            logfile=io.StringIO(),
            formatting_info=True,
            ragged_rows=True,
        )
        sheets = [sheet for sheet in workbook.sheets() if not sheet.visibility]
        large_names = [sheet.name for sheet in sheets if _count_xls_rows(sheet) > MAX_ROWS]
        sheet_values = [
            (
                sheet.name,
                [
                    [
                        _convert_xls_value(sheet.cell(row, column), workbook)
                        for column in range(sheet.row_len(row))
                    ]
                    for row in range(sheet.nrows)
                ],
                tuple(
                    ((top, left), (bottom - 1, right - 1))
                    for top, bottom, left, right in sheet.merged_cells
                ),
                frozenset(row for row, info in sheet.rowinfo_map.items() if info.hidden),
            )
            for sheet in sheets
            if sheet.name not in large_names
        ]
    except Exception as error:
        # xlrd raises exceptions of many classes on damaged records, and says no more than
        # this of the password that [MS-XLS] §2.4.117 FilePass announces.
        if isinstance(error, xlrd.XLRDError) and "encrypted" in str(error):
            raise make_locked_error() from error
        raise make_damaged_error(EXCEL_DOCUMENT) from error
    return _build_excel_document(sheet_values, large_names)


def _count_xls_rows(sheet: Any) -> int:
    """Return how many rows there are down to the last filled one."""
    return next(
        (
            row + 1
            for row in range(sheet.nrows - 1, -1, -1)
            if any(str(value).strip() for value in sheet.row_values(row))
        ),
        0,
    )


def _convert_xls_value(cell: Any, workbook: Any) -> Any:
    """Return the value of an xlrd cell as str, float, bool, datetime or time."""
    from xlrd import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_ERROR
    from xlrd.xldate import xldate_as_datetime

    if cell.ctype == XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == XL_CELL_ERROR:
        return ""
    if cell.ctype == XL_CELL_DATE:
        moment = xldate_as_datetime(cell.value, workbook.datemode)
        # A serial number below 1 has no date, only a time.
        return moment.time() if cell.value < 1 else moment
    return cell.value


def _build_excel_document(
    sheets: Sequence[_SheetValues], large_names: Iterable[str]
) -> PlanDocument:
    """Return the document of the sheets; ``large_names`` are those that were not read."""
    grids: list[CellGrid] = []
    unread_names = list(large_names)
    for name, rows, merged_ranges, hidden_rows in sheets:
        trimmed_rows = _trim_rows(rows)
        if trimmed_rows is None:
            unread_names.append(name)
        else:
            grids.append(_build_sheet_grid(trimmed_rows, merged_ranges).hide_rows(hidden_rows))
    names = tuple(name for name, *_ in sheets)
    return PlanDocument(
        tuple(grid for grid in grids if grid.filled_count),
        names,
        unread_tables=tuple(f"工作表“{name}”" for name in unread_names),
    )


def _measure_sheets(parts: Mapping[str, bytes]) -> dict[str, _SheetMeasure]:
    """Return the measure of each sheet; calamine must not read those that are too large.

    Calamine allocates every place between the filled cells: two in far corners would need
    gigabytes. A list of wages is recognised as soon as it has shown more filled rows than a
    plan may have.
    """
    part_by_name = _find_sheet_parts(parts)
    has_text = _list_filled_strings(parts)
    measure_by_part = {
        part_name: _measure_sheet(part, has_text)
        for part_name, part in parts.items()
        if part_name in part_by_name.values() or "worksheets/" in part_name
    }
    # Whether calamine would read such a part as a sheet is unknown.
    if nameless_parts := {
        part_name
        for part_name, measure in measure_by_part.items()
        if measure.is_too_large and part_name not in part_by_name.values()
    }:
        raise make_large_table_error(
            [f"工作表“{part_name.rpartition('/')[2]}”" for part_name in sorted(nameless_parts)]
        )
    return {
        name: measure_by_part[part_name]
        for name, part_name in part_by_name.items()
        if part_name in measure_by_part
    }


def _find_sheet_parts(parts: Mapping[str, bytes]) -> Mapping[str, str]:
    """Return the part of each sheet by its name (ECMA-376 Part 1 §18.2.19)."""
    targets = {
        element.get("Id"): posixpath.normpath(posixpath.join("/xl", element.get("Target") or ""))
        for element in _iterate_elements(parts, "xl/_rels/workbook.xml.rels")
    }
    return {
        element.get("name") or "": targets[relationship].lstrip("/")
        for element in _iterate_elements(parts, "xl/workbook.xml")
        if element.tag.endswith("}sheet")
        for key, relationship in element.items()
        if _RELATIONSHIP_ID.fullmatch(key) and relationship in targets
    }


def _iterate_elements(parts: Mapping[str, bytes], part_name: str) -> Iterator[Any]:
    yield from fromstring(parts.get(part_name, b"<none/>"), forbid_dtd=True).iter()


def _list_filled_strings(parts: Mapping[str, bytes]) -> list[bool]:
    """Return of each shared string whether it is more than blank; phonetic runs count too."""
    return [
        bool("".join(element.itertext()).strip())
        for element in _iterate_elements(parts, "xl/sharedStrings.xml")
        if element.tag.endswith("}si")
    ]


class _SheetMeasure:
    """Counts the filled rows and columns of a worksheet part while expat reads it.

    Cells are ``c`` elements with a reference ``r`` (ECMA-376 Part 1 §18.3.1.4), with any
    prefix of a namespace; ``hidden_rows`` are the 0-based numbers of the ``row`` elements
    that are hidden (§18.3.1.73). ``has_text`` says of each shared string whether it is not blank.
    """

    def __init__(self, has_text: Sequence[bool]) -> None:
        self._has_text = has_text
        self._is_shared = False
        self._texts: list[str] = []
        self._position: CellPosition | None = None
        self._has_content = self._has_formula = False
        self._last_row = self._last_column = 0
        self._filled_rows: set[int] = set()
        self._row = -1
        self.hidden_rows: set[int] = set()

    @property
    def is_too_large(self) -> bool:
        return (
            len(self._filled_rows) > MAX_ROWS
            or self._last_row * self._last_column > _MAX_SPANNED_CELLS
        )

    def start_element(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c" or name.endswith(":c"):
            self._position = split_cell_reference(attributes.get("r", ""))
            self._has_content = self._has_formula = False
            self._is_shared = attributes.get("t") == "s"
            self._texts = []
        elif name == "row" or name.endswith(":row"):
            # The number may be left out, and then the row follows the one before.
            number = attributes.get("r", "")
            self._row = int(number) - 1 if number.isdecimal() else self._row + 1
            if attributes.get("hidden") in ("1", "true"):
                self.hidden_rows.add(self._row)
        else:
            self._has_content = True
            self._has_formula = self._has_formula or name == "f" or name.endswith(":f")

    def end_element(self, name: str) -> None:
        if not (name == "c" or name.endswith(":c")):
            return
        if not self._position or not self._has_content:
            return
        row, column = self._position
        self._last_row = max(self._last_row, row + 1)
        self._last_column = max(self._last_column, column + 1)
        # A formula may show nothing, and rows of these or of blank texts at the end do not count.
        if not self._has_formula and self._shows_text():
            self._filled_rows.add(row)
        if self.is_too_large:
            raise _LargeSheetError

    def add_text(self, text: str) -> None:
        self._texts.append(text)

    def _shows_text(self) -> bool:
        text = "".join(self._texts).strip()
        if not self._is_shared:
            return bool(text)
        return text.isdecimal() and int(text) < len(self._has_text) and self._has_text[int(text)]


class _LargeSheetError(Exception):
    """A sheet is larger than a plan."""


def _measure_sheet(part: bytes, has_text: Sequence[bool]) -> _SheetMeasure:
    """Return the measure of a worksheet part, which is known to be well formed."""
    measure = _SheetMeasure(has_text)
    parser = expat.ParserCreate()
    parser.StartElementHandler = measure.start_element
    parser.EndElementHandler = measure.end_element
    parser.CharacterDataHandler = measure.add_text
    with contextlib.suppress(_LargeSheetError):
        parser.Parse(part, True)
    return measure


def _trim_rows(rows: list[list[Any]]) -> list[list[Any]] | None:
    """Remove the empty rows and columns at the end, and make all rows equally long.

    Returns None when what remains is larger than a plan can be.
    """
    while rows and not any(str(value).strip() for value in rows[-1]):
        rows.pop()
    width = max((_find_used_width(row) for row in rows), default=0)
    if len(rows) > MAX_ROWS or width > MAX_COLUMNS:
        return None
    return [[*row[:width], *[""] * (width - len(row))] for row in rows]


def _find_used_width(row: list[Any]) -> int:
    return max(
        (column_number for column_number, value in enumerate(row, 1) if str(value).strip()),
        default=0,
    )


def _build_sheet_grid(rows: list[list[Any]], merged_ranges: tuple[_MergedRange, ...]) -> CellGrid:
    """Return the cells of a sheet without the empty places that merged cells cover."""
    width = max(map(len, rows), default=0)
    spans = {
        first_place: _measure_merged_range(first_place, last_place, rows)
        for first_place, last_place in merged_ranges
        if first_place[0] < len(rows) and first_place[1] < width
    }
    hidden_places = {
        (row + r, column + c)
        for (row, column), (row_span, column_span) in spans.items()
        for r in range(row_span)
        for c in range(column_span)
        if r or c
    }
    # Some programs leave a value in a covered place. Excel hides it, but it is not lost here.
    hidden_places = {(r, c) for r, c in hidden_places if not _format_cell_value(rows[r][c])}
    return CellGrid(tuple(_build_sheet_cells(rows, width, spans, hidden_places)))


def _measure_merged_range(
    first_place: _Place, last_place: _Place, rows: list[list[Any]]
) -> tuple[int, int]:
    """Return how many rows and columns a merged range spans within the sheet's rows."""
    last_row = min(last_place[0], len(rows) - 1)
    last_column = min(last_place[1], len(rows[0]) - 1 if rows else 0)
    return max(last_row - first_place[0] + 1, 1), max(last_column - first_place[1] + 1, 1)


def _build_sheet_cells(
    rows: list[list[Any]],
    width: int,
    spans: dict[_Place, tuple[int, int]],
    hidden_places: set[_Place],
) -> Iterator[PlanCell]:
    for row_index, row in enumerate(rows):
        for column in range(width):
            if (row_index, column) not in hidden_places:
                row_span, column_span = spans.get((row_index, column), (1, 1))
                value = row[column] if column < len(row) else ""
                yield PlanCell(_format_cell_value(value), row_index, column, row_span, column_span)


def _format_cell_value(value: Any) -> str:
    """Return a value as text the way a Chinese Excel displays it: 1.0 as 1, dates in 年月日."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:g}"
    if isinstance(value, datetime | date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value).replace("\r\n", "\n").replace("\r", "\n").strip()
