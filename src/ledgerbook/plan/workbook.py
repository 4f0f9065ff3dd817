"""Read the sheets of a workbook (.xlsx, .xls, .et, .ods): values and merged cells."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from ledgerbook.errors import InputError
from ledgerbook.plan.grid import Cell, Grid, Pages
from ledgerbook.plan.package import EXCEL, damaged, guard

_MOST_ROWS = 5000
_MOST_COLUMNS = 200
_MOST_CELLS = 200_000


def pages_from_package(data: bytes) -> Pages:
    """Return the sheets of an .xlsx or .ods. Raises InputError."""
    guard(data, EXCEL)
    return pages_from_workbook(data)


def pages_from_workbook(data: bytes) -> Pages:
    """Return the sheets that are not hidden, one table each. Raises InputError."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

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
            (_rows(sheet), tuple(sheet.merged_cell_ranges or ())) for sheet in sheets
        ]
    except (InputError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        # A Rust panic arrives as a BaseException that is not an Exception.
        raise damaged(EXCEL) from error
    grids = [_grid(rows, merges) for rows, merges in tables]
    return Pages(tuple(grid for grid in grids if grid.filled), tuple(names))


def _rows(sheet: Any) -> list[list[Any]]:
    end = sheet.end or (0, 0)
    if end[0] > _MOST_ROWS * 20 or (end[0] + 1) * (end[1] + 1) > _MOST_CELLS * 20:
        raise _too_large(sheet.name)
    rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    while rows and not any(str(value).strip() for value in rows[-1]):
        rows.pop()
    width = max((_filled(row) for row in rows), default=0)
    if len(rows) > _MOST_ROWS or width > _MOST_COLUMNS:
        raise _too_large(sheet.name)
    return [row[:width] for row in rows]


def _filled(row: list[Any]) -> int:
    return max((n for n, value in enumerate(row, 1) if str(value).strip()), default=0)


def _too_large(name: str) -> InputError:
    return InputError(
        f"工作表“{name}”大得不像分工方案（超过 {_MOST_ROWS} 行或 {_MOST_COLUMNS} 列）。"
        "请核对是不是选错了文件；确是方案的，请把表格复制到一个新的工作簿后重试。"
    )


_Merge = tuple[tuple[int, int], tuple[int, int]]


def _grid(rows: list[list[Any]], merges: tuple[_Merge, ...]) -> Grid:
    """Lay out a sheet's cells; what a merge hides behind its first cell is left out."""
    width = max(map(len, rows), default=0)
    spans = {top_left: _span(top_left, end, rows) for top_left, end in merges}
    hidden = {
        (row + r, column + c)
        for (row, column), (height, across) in spans.items()
        for r in range(height)
        for c in range(across)
        if r or c
    }
    # A value that some program left behind a merge is not shown, but it is there.
    hidden = {(r, c) for r, c in hidden if not _text(rows[r][c])}
    return Grid(tuple(_cells(rows, width, spans, hidden)))


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
) -> Iterator[Cell]:
    for r, row in enumerate(rows):
        for c in range(width):
            if (r, c) not in hidden:
                height, across = spans.get((r, c), (1, 1))
                value = row[c] if c < len(row) else ""
                yield Cell(_text(value), r, c, height, across)


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
