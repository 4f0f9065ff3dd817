"""Write an issued workbook as .xls or .ods, or encrypt it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import xlwt
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell

_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "meta", "style")
) + (
    ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink"'
    ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:'
    'calcext:1.0"'
)


def as_xls(data: bytes, *, date_1904: bool = False) -> bytes:
    """Return an issued workbook saved as .xls; formulas are left out."""
    source = load_workbook(io.BytesIO(data))
    target = xlwt.Workbook(encoding="utf-8")
    target.dates_1904 = date_1904
    for sheet in source.worksheets:
        copy = target.add_sheet(sheet.title)
        for cell in _iter_values(sheet.iter_rows()):
            copy.write(cell.row - 1, cell.column - 1, cell.value, _choose_style(cell.value))
        for area in sheet.merged_cells.ranges:
            left, top, right, bottom = area.bounds
            copy.merge(top - 1, bottom - 1, left - 1, right - 1)
    return xls_bytes(target)


def _choose_style(value: object) -> xlwt.XFStyle:
    number_format = "yyyy-mm-dd" if isinstance(value, date) else "General"
    return xlwt.easyxf(num_format_str=number_format)


def xls_bytes(workbook: Any) -> bytes:
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def as_ods(data: bytes) -> bytes:
    """Return an issued workbook saved as .ods; formulas are left out."""
    source = load_workbook(io.BytesIO(data))
    tables = "".join(
        f"<table:table table:name={quoteattr(sheet.title)}>"
        + "".join(_make_ods_row(row) for row in sheet.iter_rows())
        + "</table:table>"
        for sheet in source.worksheets
    )
    words = "".join(
        f"<meta:keyword>{escape(word)}</meta:keyword>"
        for word in str(source.properties.keywords).split(";")
    )
    saved = source.properties.modified
    assert saved is not None
    return make_ods(
        tables, {"meta.xml": make_ods_metadata(f"{words}<dc:date>{saved.isoformat()}</dc:date>")}
    )


def _make_ods_row(cells: Iterable[Any]) -> str:
    inside = "".join(_make_ods_cell(one.value) for one in cells)
    return f"<table:table-row>{inside}</table:table-row>"


def _make_ods_cell(value: Any) -> str:
    if value is None or str(value).startswith("="):
        return "<table:table-cell/>"
    if isinstance(value, datetime):
        day = f"{value:%Y-%m-%d}"
        kind = f'office:value-type="date" office:date-value="{day}"'
        return f"<table:table-cell {kind}><text:p>{day}</text:p></table:table-cell>"
    if isinstance(value, int | float):
        kind = f'office:value-type="float" office:value="{value}"'
        return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'


def make_ods(
    tables: str, more: Mapping[str, bytes] | None = None, head: str = "", styles: str = ""
) -> bytes:
    """Return an .ods file with the given ``table:table`` elements and automatic styles."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}'
        f"<office:document-content {_NAMESPACES}>{styles}<office:body><office:spreadsheet>"
        f"{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped({"mimetype": _ODS.encode(), "content.xml": content.encode(), **(more or {})})


def make_ods_metadata(facts: str) -> bytes:
    return (
        f"<office:document-meta {_NAMESPACES}><office:meta>{facts}</office:meta>"
        "</office:document-meta>"
    ).encode()


def zipped(entries: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def encrypt(data: bytes, password: str) -> bytes:
    """Return a workbook that opens with a password only."""
    buffer = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, buffer)
    return buffer.getvalue()


def _iter_values(rows: Iterable[tuple[Any, ...]]) -> Iterable[Cell]:
    return (
        cell
        for row in rows
        for cell in row
        if cell.value is not None and not str(cell.value).startswith("=")
    )
