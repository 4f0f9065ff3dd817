"""Read a summary back with openpyxl and with calamine."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import openpyxl
import python_calamine

from tests.support.requirements import need_program

Grid = list[list[object]]


def openpyxl_grid(data: bytes, sheet: str, *, formulas: bool = False) -> Grid:
    """Read a sheet with openpyxl: cached values, or the formulas."""
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=not formulas)
    return [list(row) for row in book[sheet].iter_rows(values_only=True)]


def calamine_grid(data: bytes, sheet: str) -> Grid:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def read_table(grid: Grid, first_header: str) -> list[dict[str, object]]:
    """Return the rows under the header row that begins with ``first_header``."""
    header_index = next(i for i, row in enumerate(grid) if row[0] == first_header)
    rows: list[dict[str, object]] = []
    for row in grid[header_index + 1 :]:
        if row[0] in (None, "") or row[1] in (None, ""):
            break  # the table has ended: what follows is a blank or a heading
        rows.append(dict(zip(map(str, grid[header_index]), row, strict=True)))
    return rows


def list_texts(grid: Grid) -> list[str]:
    return [str(cell) for row in grid for cell in row if cell not in (None, "")]


def recalculate(data: bytes, folder: Path) -> bytes:
    """Return the workbook as LibreOffice saves it after computing every formula."""
    need_program("soffice")
    source = folder / "年度汇总.xlsx"
    source.write_bytes(_without_cached_values(data))
    command = [
        "soffice",
        f"-env:UserInstallation=file://{folder}/profile",
        "--headless",
        "--convert-to",
        "xlsx:Calc MS Excel 2007 XML",
        "--outdir",
        str(folder / "saved"),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return (folder / "saved" / source.name).read_bytes()


def _without_cached_values(data: bytes) -> bytes:
    """Return the workbook without cached values: openpyxl does not write them."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
