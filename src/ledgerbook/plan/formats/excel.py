"""Read the sheets of a workbook (.xlsx, .xls, .et) with their merged cells.

.xlsx (ECMA-376 Part 1 §18) is read with calamine, .xls and WPS's .et ([MS-XLS],
https://learn.microsoft.com/openspecs/office_file_formats/ms-xls/) with xlrd. Each sheet
that is not hidden becomes one CellGrid, values as text. The names of the sheets serve
as possible titles.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from defusedxml.ElementTree import fromstring, iterparse

from ledgerbook.a1_references import split_cell_reference
from ledgerbook.errors import InputError
from ledgerbook.file_types import EXCEL_DOCUMENT, check_package, make_damaged_error
from ledgerbook.plan.grid import MAX_ROWS, CellGrid, PlanCell, PlanDocument

# Limits of a sheet that may be a plan.
_MAX_COLUMNS = 200
_MAX_SPANNED_CELLS = 4_000_000

# A place is (row, column), 0-based; a merged range its first and last place.
_Place = tuple[int, int]
_MergedRange = tuple[_Place, _Place]
_SheetValues = tuple[str, list[list[Any]], tuple[_MergedRange, ...]]


def read_xlsx_document(data: bytes) -> PlanDocument:
    """Return the worksheets of an .xlsx that are not hidden, one table each.

    Raises InputError when the file is damaged or encrypted, or a sheet is far too large.
    """
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    _check_used_range(check_package(data, EXCEL_DOCUMENT))
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        visible_names = [
            sheet.name
            for sheet in workbook.sheets_metadata
            if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible
        ]
        sheets = [workbook.get_sheet_by_name(name) for name in visible_names]
        sheet_values = [
            (
                sheet.name,
                sheet.to_python(skip_empty_area=False),
                tuple(sheet.merged_cell_ranges or ()),
            )
            for sheet in sheets
        ]
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        # A panic in Rust is raised as a BaseException that is no Exception.
        raise make_damaged_error(EXCEL_DOCUMENT) from error
    return _build_excel_document(sheet_values)


def read_xls_document(data: bytes) -> PlanDocument:
    """Return the sheets of an .xls or .et that are not hidden, one table each.

    Read with xlrd, because a damaged container can end the process in calamine. Raises
    InputError when the file is damaged or encrypted, or a sheet is far too large.
    """
    import xlrd

    try:
        workbook = xlrd.open_workbook(
            file_contents=data,
            logfile=io.StringIO(),
            formatting_info=True,
            ragged_rows=True,
        )
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
            )
            for sheet in workbook.sheets()
            if not sheet.visibility
        ]
    except Exception as error:
        # xlrd raises exceptions of many classes on damaged records.
        raise make_damaged_error(EXCEL_DOCUMENT) from error
    return _build_excel_document(sheet_values)


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


def _build_excel_document(sheets: Sequence[_SheetValues]) -> PlanDocument:
    grids = [
        _build_sheet_grid(_trim_rows(name, rows), merged_ranges)
        for name, rows, merged_ranges in sheets
    ]
    names = tuple(name for name, _, _ in sheets)
    return PlanDocument(tuple(grid for grid in grids if grid.filled_count), names)


def _check_used_range(parts: Mapping[str, bytes]) -> None:
    """Refuse a sheet whose filled cells span more places than a plan can.

    Calamine allocates every place between them: two cells in far corners would need
    gigabytes. Cells are ``c`` elements with a reference ``r`` (ECMA-376 Part 1 §18.3.1.4).
    The only sheet of a workbook, such as a list of wages, is refused as soon as it has shown
    more filled rows than a plan may have.
    """
    sheet_parts = {
        part_name: part
        for part_name, part in parts.items()
        if "worksheets/" in part_name and part_name.endswith(".xml")
    }
    only_name = _find_only_sheet_name(parts) if len(sheet_parts) == 1 else ""
    for part_name, part in sheet_parts.items():
        last_row = last_column = 0
        filled_rows: set[int] = set()
        for _, cell in iterparse(io.BytesIO(part), forbid_dtd=True):
            position = split_cell_reference(cell.get("r") or "")
            if position and len(cell):
                last_row = max(last_row, position[0] + 1)
                last_column = max(last_column, position[1] + 1)
                # A formula may show nothing, and rows of these at the end do not count.
                if not any(child.tag.endswith("}f") for child in cell):
                    filled_rows.add(position[0])
                if only_name and len(filled_rows) > MAX_ROWS:
                    raise _make_too_large_error(only_name)
        if last_row * last_column > _MAX_SPANNED_CELLS:
            raise _make_too_large_error(part_name.rpartition("/")[2])


def _find_only_sheet_name(parts: Mapping[str, bytes]) -> str:
    """Return the name of the sheet of a workbook that lists just one, else a blank text."""
    names = [
        element.get("name") or ""
        for element in fromstring(parts.get("xl/workbook.xml", b"<none/>"), forbid_dtd=True).iter()
        if element.tag.endswith("}sheet")
    ]
    return names[0] if len(names) == 1 else ""


def _trim_rows(name: str, rows: list[list[Any]]) -> list[list[Any]]:
    """Remove the empty rows and columns at the end, and make all rows equally long.

    Raises InputError when what remains is larger than a plan can be.
    """
    while rows and not any(str(value).strip() for value in rows[-1]):
        rows.pop()
    width = max((_find_used_width(row) for row in rows), default=0)
    if len(rows) > MAX_ROWS or width > _MAX_COLUMNS:
        raise _make_too_large_error(name)
    return [[*row[:width], *[""] * (width - len(row))] for row in rows]


def _find_used_width(row: list[Any]) -> int:
    return max(
        (column_number for column_number, value in enumerate(row, 1) if str(value).strip()),
        default=0,
    )


def _make_too_large_error(name: str) -> InputError:
    return InputError(
        f"工作表“{name}”大得不像分工方案（超过 {MAX_ROWS} 行或 {_MAX_COLUMNS} 列）。"
        "请核对是不是选错了文件；确是方案的，请把表格复制到一个新的工作簿后重试。",
        code="plan-missing",
        values={"sheet": name},
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
