"""Read an .xlsx or .xlsm (ECMA-376 Part 1, SpreadsheetML) into a RawWorkbook.

Values come from calamine. What it does not give (error values, formulas without a result,
document properties) comes from the parts of the package, and an inventory of the cells in the
XML (xlsx_scan) makes sure that no value is lost.
"""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ledgerbook.a1_references import CellPosition
from ledgerbook.file_types import RefusedError, parse_xml
from ledgerbook.intake.formats import ooxml_package, untrusted_xml
from ledgerbook.intake.formats.ooxml_package import Package
from ledgerbook.intake.formats.raw_workbook import (
    CellError,
    RawSheet,
    RawValue,
    RawWorkbook,
    parse_beijing_time,
)
from ledgerbook.intake.formats.xlsx_attachments import add_attachments
from ledgerbook.intake.formats.xlsx_blank_cells import remove_blank_cells
from ledgerbook.intake.formats.xlsx_scan import (
    MAX_FILLED_CELLS,
    CellInventory,
    check_cell_count,
    scan_sheet,
)
from ledgerbook.text import is_blank, normalize_line_ends

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SHARED_STRINGS_STEM = "sharedstrings"
_APP_PROPERTIES_PART, _CALC_CHAIN_PART = "docprops/app.xml", "xl/calcchain.xml"
# The start of a part's name → the problem to report.
_OTHER_PACKAGE_CODES = (
    ("word/", "file-other-type"),
    ("ppt/", "file-other-type"),
    ("xl/workbook.bin", "file-old-format"),
)


def read_xlsx(data: bytes, original: Package, max_cells: int = MAX_FILLED_CELLS) -> RawWorkbook:
    """Read the .xlsx in ``data``, whose parts are ``original``, of at most ``max_cells`` cells.

    Raises RefusedError when it is damaged, suspicious, too large or no workbook.
    """
    package = ooxml_package.recode_to_utf8(original)
    workbook_part = ooxml_package.find_workbook_part(package)
    if workbook_part is None:
        raise _make_no_workbook_error(package)
    strings = _read_shared_strings(package)
    parts_by_sheet = _map_sheet_parts(package, workbook_part)
    package = {
        **package,
        **{part: remove_blank_cells(package[part]) for part in parts_by_sheet.values()},
    }
    inventories = {
        name: scan_sheet(package[part], strings, max_cells) for name, part in parts_by_sheet.items()
    }
    check_cell_count(inventories.values(), max_cells)
    if _has_uncomputed_formulas(package):
        for inventory in inventories.values():
            inventory.uncached |= inventory.zero_formulas
    rows_by_sheet = _read_values(
        ooxml_package.normalize_package(data, original, package, workbook_part),
        tuple(parts_by_sheet),
    )
    hidden_names = _list_hidden_sheets(package[workbook_part])
    sheets = tuple(
        add_attachments(
            replace(
                _build_sheet(name, rows_by_sheet.get(name, []), inventory),
                is_hidden=name in hidden_names,
            ),
            package,
            parts_by_sheet[name],
            inventory.sheet_links,
        )
        for name, inventory in inventories.items()
    )
    keywords, saved_at = _parse_core_properties(ooxml_package.read_core_properties(package))
    return RawWorkbook(sheets, keywords, saved_at)


def _has_uncomputed_formulas(package: Package) -> bool:
    """Return whether the results of the formulas were written without computing them.

    XlsxWriter (also used by pandas) writes 0 as the result of every formula and names Excel as
    the application; but Excel itself also writes the calculation chain.
    """
    names = {name.casefold(): name for name in package}
    app_properties = package.get(names.get(_APP_PROPERTIES_PART, ""), b"")
    return b">Microsoft Excel<" in app_properties and _CALC_CHAIN_PART not in names


def _read_shared_strings(package: Package) -> untrusted_xml.SharedStrings:
    names = [name for name in package if _SHARED_STRINGS_STEM in posixpath.basename(name).lower()]
    if len(names) > 1:
        raise RefusedError("file-suspect", "内部有两份文字表")
    return (
        untrusted_xml.scan_shared_strings(package[names[0]])
        if names
        else untrusted_xml.SharedStrings()
    )


def _map_sheet_parts(package: Package, workbook_part: str) -> dict[str, str]:
    """Return sheet name → part name, by the relationships of the workbook.

    Chart sheets are left out. Raises RefusedError when two sheets have one name or one part, or
    when a part is missing: values would be lost without notice.
    """
    parts_by_sheet: dict[str, str] = {}
    for name, part in _iter_worksheets(package, workbook_part):
        if name in parts_by_sheet:
            raise RefusedError("file-suspect", "有两张同名的工作表")
        if part in parts_by_sheet.values():
            raise RefusedError("file-suspect", "有两张工作表共用一份内容")
        if part not in package:
            raise RefusedError("file-damaged", f"工作表“{name}”的内容不见了")
        parts_by_sheet[name] = part
    return parts_by_sheet


def _iter_worksheets(package: Package, workbook_part: str) -> Iterator[tuple[str, str]]:
    """Yield the name and part of every worksheet that the workbook lists."""
    targets = {
        relationship.id: (relationship.kind, relationship.target)
        for relationship in ooxml_package.read_relationships(package, workbook_part)
    }
    for sheet in _list_sheet_elements(package[workbook_part]):
        relationship_id = next(
            (value for key, value in sheet.items() if ooxml_package.get_local_name(key) == "id"),
            "",
        )
        kind, part = targets.get(relationship_id, (ooxml_package.WORKSHEET_TYPE, ""))
        if kind == ooxml_package.WORKSHEET_TYPE:
            yield sheet.get("name", ""), part


def _list_sheet_elements(workbook_xml: bytes) -> list[Element]:
    """Return the elements by which the part of the workbook lists its sheets."""
    return [
        element
        for element in parse_xml(workbook_xml).iter()
        if ooxml_package.get_local_name(element.tag) == "sheet"
    ]


def _list_hidden_sheets(workbook_xml: bytes) -> frozenset[str]:
    """Return the names of the sheets that are hidden, or very hidden."""
    return frozenset(
        element.get("name", "")
        for element in _list_sheet_elements(workbook_xml)
        if element.get("state", "visible") != "visible"
    )


def _make_no_workbook_error(package: Package) -> RefusedError:
    """Return the refusal of a package without a workbook, by what else it is."""
    for prefix, code in _OTHER_PACKAGE_CODES:
        if any(name.startswith(prefix) for name in package):
            return RefusedError(code, "")
    return RefusedError("file-unreadable", "里面没有工作簿，可能不是 Excel 表格")


def _read_values(data: bytes, names: Sequence[str]) -> Mapping[str, list[list[Any]]]:
    """Return sheet name → its rows of values from A1 on, for the sheets ``names``."""
    from python_calamine import CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return {
            name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in names
        }
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        # A Rust panic arrives as a BaseException that is not an Exception.
        raise RefusedError("file-unreadable", "读表程序无法解析") from error


def _build_sheet(name: str, rows: list[list[Any]], inventory: CellInventory) -> RawSheet:
    cells: dict[CellPosition, RawValue] = {
        (r, c): normalize_line_ends(value) if isinstance(value, str) else value
        for r, row in enumerate(rows)
        for c, value in enumerate(row)
        if not isinstance(value, str) or (value and not is_blank(value))
    }
    cells |= {cell: _parse_iso_moment(cells[cell]) for cell in inventory.iso_dates if cell in cells}
    error_texts = {**inventory.errors, **inventory.uncached}
    cells |= {cell: CellError(text) for cell, text in error_texts.items()}
    unread_cells = {cell for cell in inventory.filled if cell not in cells}
    if unread_cells:
        raise RefusedError("file-unreadable", f"有 {len(unread_cells)} 个单元格读不出来")
    return RawSheet(name, cells)


def _parse_iso_moment(value: RawValue) -> RawValue:
    """Return the date and time of a cell whose type is ISO 8601 text (``t="d"``)."""
    if not isinstance(value, str):
        return value
    # Programs that write the zone Z here mean local time all the same.
    try:
        return datetime.fromisoformat(value.removesuffix("Z"))
    except ValueError:
        return value


def _parse_core_properties(xml: bytes) -> tuple[str, datetime | None]:
    """Return keywords and the time of the last save; many files lack both."""
    if not xml:
        return "", None
    try:
        properties = {
            ooxml_package.get_local_name(element.tag): element.text or ""
            for element in parse_xml(xml)
        }
    except RefusedError:
        return "", None
    return properties.get("keywords", ""), parse_beijing_time(properties.get("modified", ""))
