"""Write the same workbooks with XlsxWriter alone, its calls known beforehand.

`extract_calls.py` has written the calls; option ``in_memory``, one process.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook


def main() -> None:
    """Write, with the calls in the file given first, into the folder given second.

    The third argument is the number of sections.
    """
    extracted = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301  our own
    folder, count = Path(sys.argv[2]), int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    template_section = extracted["sheets"][0][0]
    sections = [f"第{n:05d}科" for n in range(1, count + 1)]
    for section in sections:
        renamed = [(extracted["sheets"], template_section, section)]
        write_workbook(folder / f"{section}.xlsx", extracted, renamed)
    # The master workbook: the section's sheet for each section, the other sheets once.
    section_sheet, *other_sheets = extracted["sheets"]
    parts = [([section_sheet], template_section, section) for section in sections]
    parts.append((other_sheets, template_section, template_section))
    write_workbook(folder / "总台账.xlsx", extracted, parts)


def write_workbook(path: Path, extracted: dict[str, Any], parts: list[Any]) -> None:
    """Write one workbook. A part is (sheets, old section name, new section name)."""
    workbook = Workbook(path, {"in_memory": True})
    formats = [workbook.add_format(properties) for properties in extracted["formats"]]
    for sheets, old, new in parts:
        for title, state, calls in sheets:
            sheet = workbook.add_worksheet(title.replace(old, new))
            if state != "visible":
                sheet.hide()
            for method, arguments, keywords in calls:
                renamed = [_replace_name(argument, old, new) for argument in arguments]
                cell_formats = {key: formats[min(index)] for key, index in keywords.items()}
                getattr(sheet, method)(*renamed, **cell_formats)
    for name, formula in extracted["names"]:
        workbook.define_name(name, formula)
    workbook.close()


def _replace_name(value: Any, old: str, new: str) -> Any:
    return value.replace(old, new) if isinstance(value, str) and old in value else value


if __name__ == "__main__":
    main()
