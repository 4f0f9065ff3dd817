"""What a workbook of ours holds, as plain calls, for others to write the same."""

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
    """Write the calls that make the workbook named first into the file named second."""
    book = load_workbook(sys.argv[1])
    looks: list[dict[str, Any]] = []
    sheets = [(s.title, s.sheet_state, calls_of(s, looks)) for s in book.worksheets]
    names = [(n, f"={d.attr_text}") for n, d in book.defined_names.items()]
    recipe = {"looks": looks, "sheets": sheets, "names": names}
    Path(sys.argv[2]).write_bytes(pickle.dumps(recipe))


def calls_of(sheet: Any, looks: list[dict[str, Any]]) -> list[Call]:
    """Return the calls on an XlsxWriter worksheet; a number in {} stands for a look."""
    return [*_sizes(sheet), *_cells(sheet, looks), *_rules(sheet), *_page(sheet)]


def _sizes(sheet: Any) -> Iterator[Call]:
    for letters, size in sheet.column_dimensions.items():
        n = column_index_from_string(letters) - 1
        yield "set_column", (n, n, size.width), {}
    for number, row in sheet.row_dimensions.items():
        if row.height:
            yield "set_row", (number - 1, row.height), {}


def _cells(sheet: Any, looks: list[dict[str, Any]]) -> Iterator[Call]:
    for area in sheet.merged_cells.ranges:
        box = (area.min_row - 1, area.min_col - 1, area.max_row - 1, area.max_col - 1)
        look = _look(sheet.cell(area.min_row, area.min_col), looks)
        yield "merge_range", (*box, ""), {"cell_format": look}
    for line in sheet.iter_rows():
        yield from (_write(c, looks) for c in line if not isinstance(c, MergedCell))


def _rules(sheet: Any) -> Iterator[Call]:
    for check in sheet.data_validations.dataValidation:
        for area in check.sqref.ranges:
            yield "data_validation", (area.coord, _validation(check)), {}
    for area in sheet.conditional_formatting:
        for rule in area.rules:
            told = {"type": "formula", "criteria": f"={rule.formula[0]}"}
            yield "conditional_format", (str(area.sqref), told), {}


def _page(sheet: Any) -> Iterator[Call]:
    if sheet.auto_filter.ref:
        yield "autofilter", (sheet.auto_filter.ref,), {}
    if sheet.protection.sheet:
        yield "protect", ("123456",), {}
    if sheet.freeze_panes:
        yield "freeze_panes", (sheet.freeze_panes,), {}
    yield from (("set_landscape", (), {}), ("set_paper", (9,), {}))
    yield from (("fit_to_pages", (1, 0), {}), ("repeat_rows", (4,), {}))


def _write(cell: Cell, looks: list[dict[str, Any]]) -> Call:
    at, look = (cell.row - 1, cell.column - 1), _look(cell, looks)
    names = {"n": "write_number", "s": "write_string", "f": "write_formula"}
    names["d"] = "write_datetime"
    if cell.value is None:
        return "write_blank", (*at, None), {"cell_format": look}
    return names[cell.data_type], (*at, cell.value), {"cell_format": look}


def _look(cell: Any, looks: list[dict[str, Any]]) -> set[int]:
    """Return the number of a look in ``looks``, in {} to know it from a value."""
    fill = cell.fill.fgColor.rgb if cell.fill.fill_type else ""
    told: dict[str, Any] = {
        "font_name": cell.font.name,
        "font_size": cell.font.sz,
        "bold": bool(cell.font.b),
        "text_wrap": bool(cell.alignment.wrap_text),
        "num_format": cell.number_format,
        "locked": bool(cell.protection.locked),
        "border": 1 if cell.border.left.style else 0,
    }
    told |= {"align": cell.alignment.horizontal} if cell.alignment.horizontal else {}
    told |= {"valign": "vcenter"} if cell.alignment.vertical else {}
    told |= {"bg_color": f"#{fill[2:]}"} if fill else {}
    if told not in looks:
        looks.append(told)
    return {looks.index(told)}


_KINDS = {"textLength": "length", "whole": "integer"}
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


def _validation(check: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "validate": _KINDS.get(check.type, check.type),
        "input_message": check.prompt,
        "error_message": check.error,
    }
    if check.type == "list":
        source = check.formula1
        is_text = source.startswith('"')
        return told | {"source": source[1:-1].split(",") if is_text else f"={source}"}
    if check.type == "custom":
        return told | {"value": f"={check.formula1}"}
    told["criteria"] = _CRITERIA[check.operator or "between"]
    if check.operator in (None, "between", "notBetween"):
        ends = {"minimum": check.formula1, "maximum": check.formula2}
        return told | {name: f"={value}" for name, value in ends.items()}
    return told | {"value": f"={check.formula1}"}


if __name__ == "__main__":
    main()
