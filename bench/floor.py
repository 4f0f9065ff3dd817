"""The floor: the values of the same files by calamine, the same rows by XlsxWriter."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path

from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

_HEAD = 5


def main() -> None:
    """Read the folder named first, write the workbook named second."""
    workbook = Workbook(sys.argv[2], {"constant_memory": True})
    sheet, row = workbook.add_worksheet(), 0
    for path in sorted(Path(sys.argv[1]).glob("*.xlsx")):
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        for values in rows[_HEAD:]:
            for column, value in enumerate(values):
                plain = str(value) if isinstance(value, date | datetime) else value
                sheet.write(row, column, plain)
            row += 1
    workbook.close()


if __name__ == "__main__":
    main()
