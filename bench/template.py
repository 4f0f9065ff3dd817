"""What a user would write instead: openpyxl opens a template, fills it, saves it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from openpyxl import load_workbook


def main() -> None:
    """Fill the template named first for so many sections into the folder named second.

    And the whole ledger: of each section's sheet a copy, without rules or drop-downs,
    which openpyxl does not copy.
    """
    template, folder, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    first = template.stem
    names = [f"第{n:05d}科" for n in range(1, count + 1)]
    for name in names:
        book = load_workbook(template)
        fill(book.worksheets[0], first, name)
        book.save(folder / f"{name}.xlsx")
    book = load_workbook(template)
    for name in names:
        fill(book.copy_worksheet(book[first]), first, name)
    del book[first]
    book.save(folder / "总台账.xlsx")


def fill(sheet: Any, first: str, name: str) -> None:
    """Write one section's name for another's."""
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and first in cell.value:
                cell.value = cell.value.replace(first, name)
    sheet.title = name


if __name__ == "__main__":
    main()
