"""Read an .xlsx or .xlsm (ECMA-376 Part 1, SpreadsheetML) into a RawWorkbook.

Values come from calamine. What it does not give (error values, formulas without a result,
document properties) comes from the parts of the package, and an inventory of the cells in the
XML (xlsx_scan) makes sure that no value is lost.
"""

from __future__ import annotations

import io
import posixpath
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
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
from ledgerbook.intake.formats.untrusted_xml import FarCellError
from ledgerbook.intake.formats.xlsx_attachments import add_attachments
from ledgerbook.intake.formats.xlsx_blank_cells import remove_blank_cells
from ledgerbook.intake.formats.xlsx_far_cells import separate_far_cells
from ledgerbook.intake.formats.xlsx_scan import (
    MAX_FILLED_CELLS,
    CellInventory,
    check_cell_count,
    scan_sheet,
)
from ledgerbook.intake.formats.xlsx_strikes import read_strikes
from ledgerbook.intake.formats.xlsx_styles import make_text_getters
from ledgerbook.text import is_blank, normalize_line_ends

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_STYLES_PART = "xl/styles.xml"
_SHARED_STRINGS_STEM = "sharedstrings"
_PROPERTIES_PARTS, _CALC_CHAIN_PART = (
    ("docprops/app.xml", "docprops/custom.xml"),
    "xl/calcchain.xml",
)
# The name of the property that WPS writes its version into.
_WPS_PROPERTY = b'"KSOProductBuildVer"'
# The start of a part's name → the problem to report.
_OTHER_PACKAGE_CODES = (
    ("word/", "file-document"),
    ("ppt/", "file-other-type"),
    ("xl/workbook.bin", "file-old-format"),
)


def read_xlsx(data: bytes, original: Package, max_cells: int = MAX_FILLED_CELLS) -> RawWorkbook:
    """Read the .xlsx in ``data``, whose parts are ``original``, of at most ``max_cells`` cells.

    Raises RefusedError when it is damaged, suspicious, too large or no workbook.
    """
    package = dict(ooxml_package.recode_to_utf8(original))
    workbook_part = ooxml_package.find_workbook_part(package)
    if workbook_part is None:
        raise _make_no_workbook_error(package)
    parts_by_sheet = _map_sheet_parts(package, workbook_part)
    package |= {part: remove_blank_cells(package[part]) for part in parts_by_sheet.values()}
    read_package = partial(_read_package, data, original, workbook_part, parts_by_sheet, max_cells)
    try:
        return read_package(package)
    except FarCellError:
        separated = {
            name: sheet
            for name, part in parts_by_sheet.items()
            if (sheet := separate_far_cells(package[part]))
        }
        if not separated:
            raise
    workbook, far_workbook = (
        read_package(package | {parts_by_sheet[name]: part for name, part in parts})
        for parts in (
            [(name, sheet.near) for name, sheet in separated.items()],
            [(name, sheet.far) for name, sheet in separated.items()],
        )
    )
    sheets = tuple(
        replace(sheet, cells={**sheet.cells, **separated[sheet.name].restore(far_sheet.cells)})
        if sheet.name in separated
        else sheet
        for sheet, far_sheet in zip(workbook.sheets, far_workbook.sheets, strict=True)
    )
    return replace(workbook, sheets=sheets)


def _read_package(
    data: bytes,
    original: Package,
    workbook_part: str,
    parts_by_sheet: Mapping[str, str],
    max_cells: int,
    package: dict[str, bytes],
) -> RawWorkbook:
    """Read the sheets ``parts_by_sheet`` of a package, whose parts were made plain."""
    strings_xml = _find_shared_strings(package)
    strings = untrusted_xml.scan_shared_strings(strings_xml)
    strikes = read_strikes(
        package.get(ooxml_package.find_part(package, _STYLES_PART), b""), strings_xml
    )
    inventories = {
        name: scan_sheet(package[part], strings, max_cells, strikes)
        for name, part in parts_by_sheet.items()
    }
    check_cell_count(inventories.values(), max_cells)
    if _has_uncomputed_formulas(package, inventories.values()):
        for inventory in inventories.values():
            inventory.uncached |= inventory.zero_formulas
    rows_by_sheet = _read_values(
        ooxml_package.normalize_package(data, original, package, workbook_part),
        tuple(parts_by_sheet),
    )
    hidden_names = _list_hidden_sheets(package[workbook_part])
    text_getters = make_text_getters(package, workbook_part, inventories)
    sheets = tuple(
        add_attachments(
            replace(
                _build_sheet(name, rows_by_sheet.get(name, []), inventory),
                is_hidden=name in hidden_names,
                get_shown_text=text_getters[name],
            ),
            package,
            parts_by_sheet[name],
            inventory.sheet_links,
        )
        for name, inventory in inventories.items()
    )
    keywords, saved_at = _parse_core_properties(ooxml_package.read_core_properties(package))
    return RawWorkbook(sheets, keywords, saved_at, _list_unread_sheets(package, workbook_part))


def _has_uncomputed_formulas(package: Package, inventories: Iterable[CellInventory]) -> bool:
    """Return whether results of formulas were written without computing them.

    XlsxWriter (also used by pandas) and its kin in other languages write 0 as the result of
    every formula, and name Excel 2007 as the application. But Excel itself also writes the
    calculation chain; WPS, which writes none and may keep the name of Excel, writes a property
    of its own. Where another version of Excel is named, or none, one result that is not 0 shows
    that the program computes.
    """
    names = {name.casefold(): name for name in package}
    app, custom = (package.get(names.get(name, ""), b"") for name in _PROPERTIES_PARTS)
    if b">Microsoft Excel<" not in app or _CALC_CHAIN_PART in names or _WPS_PROPERTY in custom:
        return False
    is_excel_2007 = b"<AppVersion>12." in app
    return is_excel_2007 or not any(one.has_computed_formula for one in inventories)


def _find_shared_strings(package: Package) -> bytes:
    names = [name for name in package if _SHARED_STRINGS_STEM in posixpath.basename(name).lower()]
    if len(names) > 1:
        raise RefusedError("file-suspect", "内部有两份文字表")
    return package[names[0]] if names else b""


def _map_sheet_parts(package: Package, workbook_part: str) -> dict[str, str]:
    """Return sheet name → part name, by the relationships of the workbook.

    Chart sheets and the like are left out. Raises RefusedError when two sheets have one name or
    one part, or when a part is missing: values would be lost without notice.
    """
    parts_by_sheet: dict[str, str] = {}
    for name, kind, part in _iter_sheets(package, workbook_part):
        if kind != ooxml_package.WORKSHEET_TYPE:
            continue
        if name in parts_by_sheet:
            raise RefusedError("file-suspect", "有两张同名的工作表")
        if part in parts_by_sheet.values():
            raise RefusedError("file-suspect", "有两张工作表共用一份内容")
        if part not in package:
            raise RefusedError("file-damaged", f"工作表“{name}”的内容不见了")
        parts_by_sheet[name] = part
    return parts_by_sheet


def _list_unread_sheets(package: Package, workbook_part: str) -> dict[str, str]:
    """Return the names of macro sheets and dialogs, each with the word for its kind."""
    kinds = ooxml_package.OTHER_SHEET_TYPES
    sheets = _iter_sheets(package, workbook_part)
    return {name: kinds[kind] for name, kind, _ in sheets if kind in kinds}


def _iter_sheets(package: Package, workbook_part: str) -> Iterator[tuple[str, str, str]]:
    """Yield name, kind and part of every sheet that the workbook lists."""
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
        yield sheet.get("name", ""), kind, part


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
    return RawSheet(
        name,
        cells,
        struck=inventory.struck,
        hidden_rows=inventory.hidden_rows,
        hidden_columns=inventory.hidden_columns,
    )


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
