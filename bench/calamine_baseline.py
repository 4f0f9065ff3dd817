"""Copy the values of all returns into one workbook with calamine and XlsxWriter.

The fastest way known to move the same values; it checks nothing. `run.py` compares
``collect`` with it.
"""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path

from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

_HEADER_ROWS = 5


def main() -> None:
    """Read the folder given first, write the workbook given second."""
    workbook = Workbook(sys.argv[2], {"constant_memory": True})
    sheet, row = workbook.add_worksheet(), 0
    for path in sorted(Path(sys.argv[1]).glob("*.xlsx")):
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
        for values in rows[_HEADER_ROWS:]:
            for column, value in enumerate(values):
                is_date = isinstance(value, date | datetime)
                sheet.write(row, column, str(value) if is_date else value)
            row += 1
    workbook.close()


if __name__ == "__main__":
    main()
