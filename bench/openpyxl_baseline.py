"""Fill a template for each section with openpyxl, as a user would write it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from openpyxl import load_workbook


def main() -> None:
    """Fill the template given first into the folder given second, as many times as given third.

    Then the master workbook: a copy of each section's sheet, without conditional
    formats and drop-downs, which openpyxl does not copy.
    """
    template, folder, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    template_section = template.stem
    sections = [f"第{n:05d}科" for n in range(1, count + 1)]
    for section in sections:
        workbook = load_workbook(template)
        replace_name(workbook.worksheets[0], template_section, section)
        workbook.save(folder / f"{section}.xlsx")
    master = load_workbook(template)
    for section in sections:
        replace_name(master.copy_worksheet(master[template_section]), template_section, section)
    del master[template_section]
    master.save(folder / "总台账.xlsx")


def replace_name(sheet: Any, old: str, new: str) -> None:
    """Replace a section's name in all cells and in the sheet's name."""
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and old in cell.value:
                cell.value = cell.value.replace(old, new)
    sheet.title = new


if __name__ == "__main__":
    main()
