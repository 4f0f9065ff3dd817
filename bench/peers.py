"""What a user would write instead of ``collect``: all values in one table, in one workbook.

`run.py` starts ``python peers.py NAME FOLDER TARGET``. None of them checks anything.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

# The row, counted from 0, that has the headers of an issued sheet.
_HEADER_ROW = 4


def copy_values(paths: list[Path], target: str) -> int:
    """Copy the values with calamine and XlsxWriter: the least that the work can cost."""
    from python_calamine import CalamineWorkbook
    from xlsxwriter import Workbook

    workbook = Workbook(target, {"constant_memory": True})
    sheet, row = workbook.add_worksheet(), 0
    for path in paths:
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        for values in rows[_HEADER_ROW + 1 :]:
            for column, value in enumerate(values):
                sheet.write(row, column, str(value) if isinstance(value, date) else value)
            row += 1
    workbook.close()
    return row


def use_fastexcel(paths: list[Path], target: str) -> int:
    import fastexcel
    import polars as pl

    sheets = (fastexcel.read_excel(path).load_sheet(0, header_row=_HEADER_ROW) for path in paths)
    return _write_polars([sheet.to_polars() for sheet in sheets], target, pl)


def use_polars(paths: list[Path], target: str) -> int:
    import polars as pl

    options = {"header_row": _HEADER_ROW}
    return _write_polars([pl.read_excel(path, read_options=options) for path in paths], target, pl)


def _write_polars(frames: list[Any], target: str, pl: Any) -> int:
    # A column without any value has another type than elsewhere.
    frame = pl.concat(frames, how="vertical_relaxed")
    frame.write_excel(target)
    return len(frame)


def use_pandas(paths: list[Path], target: str, engine: Any) -> int:
    import pandas as pd

    frame = pd.concat([pd.read_excel(path, engine=engine, header=_HEADER_ROW) for path in paths])
    frame.to_excel(target, index=False)
    return len(frame)


FLOOR = "calamine + XlsxWriter"
PEERS: Mapping[str, Callable[[list[Path], str], int]] = {
    FLOOR: copy_values,
    "fastexcel + polars": use_fastexcel,
    "polars": use_polars,
    "pandas + calamine": lambda paths, target: use_pandas(paths, target, "calamine"),
    "pandas + openpyxl": lambda paths, target: use_pandas(paths, target, "openpyxl"),
}


def main() -> None:
    """Print how many rows were copied."""
    name, folder, target = sys.argv[1:]
    print(PEERS[name](sorted(Path(folder).rglob("*.xlsx")), target), "rows")


if __name__ == "__main__":
    main()
