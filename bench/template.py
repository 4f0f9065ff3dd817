"""What a user would write instead: openpyxl opens a template, fills it, saves it."""

from __future__ import annotations

import sys
from pathlib import Path

from openpyxl import load_workbook


def main() -> None:
    """Fill the template named first for so many sections into the folder named second.

    The whole ledger is left out, to its advantage: openpyxl would copy each sheet.
    """
    template, folder, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    first = template.stem
    for n in range(1, count + 1):
        name = f"第{n:05d}科"
        book = load_workbook(template)
        sheet = book.worksheets[0]
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and first in cell.value:
                    cell.value = cell.value.replace(first, name)
        sheet.title = name
        book.save(folder / f"{name}.xlsx")


if __name__ == "__main__":
    main()
