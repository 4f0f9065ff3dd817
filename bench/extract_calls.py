"""List the XlsxWriter calls that write a given workbook again.

`xlsxwriter_baseline.py` makes these calls, so that only the writing is measured.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils import column_index_from_string

Call = tuple[str, tuple[Any, ...], dict[str, Any]]


def main() -> None:
    """Read the workbook given first, write its calls into the file given second."""
    workbook = load_workbook(sys.argv[1])
    formats: list[dict[str, Any]] = []
    sheets = [
        (sheet.title, sheet.sheet_state, list_calls(sheet, formats))
        for sheet in workbook.worksheets
    ]
    names = [(name, f"={entry.attr_text}") for name, entry in workbook.defined_names.items()]
    extracted = {"formats": formats, "sheets": sheets, "names": names}
    Path(sys.argv[2]).write_bytes(pickle.dumps(extracted))


def list_calls(sheet: Any, formats: list[dict[str, Any]]) -> list[Call]:
    """Return the calls on an XlsxWriter worksheet.

    A cell format is a set with its index in ``formats``: a set is no other argument.
    """
    return [
        *_list_sizes(sheet),
        *_list_cells(sheet, formats),
        *_list_rules(sheet),
        *_list_page_setup(sheet),
    ]


def _list_sizes(sheet: Any) -> Iterator[Call]:
    for letters, size in sheet.column_dimensions.items():
        column = column_index_from_string(letters) - 1
        yield "set_column", (column, column, size.width), {}
    for number, row in sheet.row_dimensions.items():
        if row.height:
            yield "set_row", (number - 1, row.height), {}


def _list_cells(sheet: Any, formats: list[dict[str, Any]]) -> Iterator[Call]:
    for area in sheet.merged_cells.ranges:
        box = (area.min_row - 1, area.min_col - 1, area.max_row - 1, area.max_col - 1)
        cell_format = _index_format(sheet.cell(area.min_row, area.min_col), formats)
        yield "merge_range", (*box, ""), {"cell_format": cell_format}
    for row in sheet.iter_rows():
        yield from (
            _make_write_call(cell, formats) for cell in row if not isinstance(cell, MergedCell)
        )


def _list_rules(sheet: Any) -> Iterator[Call]:
    for check in sheet.data_validations.dataValidation:
        for area in check.sqref.ranges:
            yield "data_validation", (area.coord, _build_validation(check)), {}
    for area in sheet.conditional_formatting:
        for rule in area.rules:
            options = {"type": "formula", "criteria": f"={rule.formula[0]}"}
            yield "conditional_format", (str(area.sqref), options), {}


def _list_page_setup(sheet: Any) -> Iterator[Call]:
    if sheet.auto_filter.ref:
        yield "autofilter", (sheet.auto_filter.ref,), {}
    if sheet.protection.sheet:
        yield "protect", ("123456",), {}
    if sheet.freeze_panes:
        yield "freeze_panes", (sheet.freeze_panes,), {}
    yield from (("set_landscape", (), {}), ("set_paper", (9,), {}))
    yield from (("fit_to_pages", (1, 0), {}), ("repeat_rows", (4,), {}))


_WRITE_METHODS = {
    "n": "write_number",
    "s": "write_string",
    "f": "write_formula",
    "d": "write_datetime",
}


def _make_write_call(cell: Cell, formats: list[dict[str, Any]]) -> Call:
    position = (cell.row - 1, cell.column - 1)
    keywords = {"cell_format": _index_format(cell, formats)}
    if cell.value is None:
        return "write_blank", (*position, None), keywords
    return _WRITE_METHODS[cell.data_type], (*position, cell.value), keywords


def _index_format(cell: Any, formats: list[dict[str, Any]]) -> set[int]:
    """Return a set with the index of a cell's format in ``formats``, added if new."""
    fill = cell.fill.fgColor.rgb if cell.fill.fill_type else ""
    properties: dict[str, Any] = {
        "font_name": cell.font.name,
        "font_size": cell.font.sz,
        "bold": bool(cell.font.b),
        "text_wrap": bool(cell.alignment.wrap_text),
        "num_format": cell.number_format,
        "locked": bool(cell.protection.locked),
        "border": 1 if cell.border.left.style else 0,
    }
    properties |= {"align": cell.alignment.horizontal} if cell.alignment.horizontal else {}
    properties |= {"valign": "vcenter"} if cell.alignment.vertical else {}
    properties |= {"bg_color": f"#{fill[2:]}"} if fill else {}
    if properties not in formats:
        formats.append(properties)
    return {formats.index(properties)}


_VALIDATION_TYPES = {"textLength": "length", "whole": "integer"}
_CRITERIA = {
    "between": "between",
    "notBetween": "not between",
    "lessThanOrEqual": "<=",
    "greaterThanOrEqual": ">=",
    "lessThan": "<",
    "greaterThan": ">",
    "equal": "==",
    "notEqual": "!=",
}


def _build_validation(check: Any) -> dict[str, Any]:
    options: dict[str, Any] = {
        "validate": _VALIDATION_TYPES.get(check.type, check.type),
        "input_message": check.prompt,
        "error_message": check.error,
    }
    if check.type == "list":
        source = check.formula1
        is_text = source.startswith('"')
        return options | {"source": source[1:-1].split(",") if is_text else f"={source}"}
    if check.type == "custom":
        return options | {"value": f"={check.formula1}"}
    options["criteria"] = _CRITERIA[check.operator or "between"]
    if check.operator in (None, "between", "notBetween"):
        ends = {"minimum": check.formula1, "maximum": check.formula2}
        return options | {name: f"={value}" for name, value in ends.items()}
    return options | {"value": f"={check.formula1}"}


if __name__ == "__main__":
    main()
