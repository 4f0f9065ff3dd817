"""Read the sheets of a workbook (.xlsx, .xls, .et): values and merged cells."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from defusedxml.ElementTree import fromstring

from ledgerbook.errors import InputError
from ledgerbook.file_types import EXCEL, damaged, guard
from ledgerbook.plan.grid import CellGrid, Pages, PlanCell

_MOST_ROWS = 5000
_MOST_COLUMNS = 200
_MOST_PLACES = 4_000_000
_PLACE = re.compile(r"(?P<column>[A-Z]{1,3})(?P<row>[0-9]{1,7})")


def pages_from_xlsx(data: bytes) -> Pages:
    """Return the sheets that are not hidden, one table each. Raises InputError."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    guard(data, EXCEL)
    _check_reach(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.typ is SheetTypeEnum.WorkSheet
            and sheet.visible is SheetVisibleEnum.Visible
        ]
        sheets = [book.get_sheet_by_name(name) for name in names]
        tables = [
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
        # A Rust panic arrives as a BaseException that is not an Exception.
        raise damaged(EXCEL) from error
    return _pages(tables)


def pages_from_xls(data: bytes) -> Pages:
    """Return the sheets of an .xls or .et. Raises InputError.

    Not with calamine: a damaged container can end the whole program there.
    """
    import xlrd

    try:
        book = xlrd.open_workbook(
            file_contents=data,
            logfile=io.StringIO(),
            formatting_info=True,
            ragged_rows=True,
        )
        tables = [
            (
                sheet.name,
                [
                    [_of_xls(sheet.cell(r, c), book) for c in range(sheet.row_len(r))]
                    for r in range(sheet.nrows)
                ],
                tuple(
                    ((top, left), (bottom - 1, right - 1))
                    for top, bottom, left, right in sheet.merged_cells
                ),
            )
            for sheet in book.sheets()
            if not sheet.visibility
        ]
    except Exception as error:
        # xlrd raises whatever a damaged record leads to.
        raise damaged(EXCEL) from error
    return _pages(tables)


def _of_xls(cell: Any, book: Any) -> Any:
    """Return the value of xlrd's cell: a text, a number, a day, a truth or nothing."""
    from xlrd import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_ERROR
    from xlrd.xldate import xldate_as_datetime

    if cell.ctype == XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == XL_CELL_ERROR:
        return ""
    if cell.ctype == XL_CELL_DATE:
        when = xldate_as_datetime(cell.value, book.datemode)
        # Below one, the number is a time of no day.
        return when.time() if cell.value < 1 else when
    return cell.value


_Merge = tuple[tuple[int, int], tuple[int, int]]
_Sheet = tuple[str, list[list[Any]], tuple[_Merge, ...]]


def _pages(tables: Sequence[_Sheet]) -> Pages:
    grids = [_grid(_rows(name, rows), merges) for name, rows, merges in tables]
    names = tuple(name for name, _, _ in tables)
    return Pages(tuple(grid for grid in grids if grid.filled), names)


def _check_reach(data: bytes) -> None:
    """Refuse a sheet whose filled cells span more places than a plan can.

    The program that reads them makes room for every place between.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            if "worksheets/" in name and name.endswith(".xml"):
                last_row = last_column = 0
                for cell in fromstring(package.read(name), forbid_dtd=True).iter():
                    place = _PLACE.fullmatch(cell.get("r") or "")
                    if place and len(cell):
                        last_row = max(last_row, int(place["row"]))
                        last_column = max(last_column, _column(place["column"]))
                if last_row * last_column > _MOST_PLACES:
                    raise _too_large(name.rpartition("/")[2])


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _rows(name: str, rows: list[list[Any]]) -> list[list[Any]]:
    """Cut off the empty rows and columns; bring all rows to one width."""
    while rows and not any(str(value).strip() for value in rows[-1]):
        rows.pop()
    width = max((_filled(row) for row in rows), default=0)
    if len(rows) > _MOST_ROWS or width > _MOST_COLUMNS:
        raise _too_large(name)
    return [[*row[:width], *[""] * (width - len(row))] for row in rows]


def _filled(row: list[Any]) -> int:
    return max((n for n, value in enumerate(row, 1) if str(value).strip()), default=0)


def _too_large(name: str) -> InputError:
    return InputError(
        f"工作表“{name}”大得不像分工方案（超过 {_MOST_ROWS} 行或 {_MOST_COLUMNS} 列）。"
        "请核对是不是选错了文件；确是方案的，请把表格复制到一个新的工作簿后重试。"
    )


def _grid(rows: list[list[Any]], merges: tuple[_Merge, ...]) -> CellGrid:
    """Lay out a sheet's cells; what a merge hides behind its first cell is left out."""
    width = max(map(len, rows), default=0)
    spans = {
        start: _span(start, end, rows)
        for start, end in merges
        if start[0] < len(rows) and start[1] < width
    }
    hidden = {
        (row + r, column + c)
        for (row, column), (height, across) in spans.items()
        for r in range(height)
        for c in range(across)
        if r or c
    }
    # A value that some program left behind a merge is not shown, but it is there.
    hidden = {(r, c) for r, c in hidden if not _text(rows[r][c])}
    return CellGrid(tuple(_cells(rows, width, spans, hidden)))


def _span(
    start: tuple[int, int], end: tuple[int, int], rows: list[list[Any]]
) -> tuple[int, int]:
    last_row = min(end[0], len(rows) - 1)
    last_column = min(end[1], len(rows[0]) - 1 if rows else 0)
    return max(last_row - start[0] + 1, 1), max(last_column - start[1] + 1, 1)


def _cells(
    rows: list[list[Any]],
    width: int,
    spans: dict[tuple[int, int], tuple[int, int]],
    hidden: set[tuple[int, int]],
) -> Iterator[PlanCell]:
    for r, row in enumerate(rows):
        for c in range(width):
            if (r, c) not in hidden:
                height, across = spans.get((r, c), (1, 1))
                value = row[c] if c < len(row) else ""
                yield PlanCell(_text(value), r, c, height, across)


def _text(value: Any) -> str:
    """Write a value as the sheet shows it in Chinese; 1.0 is the number 1."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:g}"
    if isinstance(value, datetime | date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value).replace("\r\n", "\n").replace("\r", "\n").strip()
