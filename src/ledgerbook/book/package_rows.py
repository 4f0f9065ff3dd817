"""Append rows to a sheet of the book, or add a sheet, without loading and saving the file.

The office adds colours, notes and pictures to its book, which openpyxl would lose. So the
XML of one sheet is extended (ECMA-376 Part 1 §18.3.1.80 sheetData), and every other part of
the package keeps its bytes.
"""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from openpyxl import load_workbook

from ledgerbook.a1_references import MAX_COLUMNS, format_cell_reference, format_column_letters
from ledgerbook.book.lines import index_columns
from ledgerbook.book.schema import FIRST_DATA_ROW, HEADER_ROW, BookSheet
from ledgerbook.errors import InputError
from ledgerbook.file_types import RefusedError, ZipReader, open_zip, parse_xml, replace_parts
from ledgerbook.text import escape_ooxml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

CellValue = str | int | None
# The cells of a row by the header of their column.
CellsByHeader = Mapping[str, CellValue]

_ROW_TAG = re.compile(rb'<(?:\w+:)?row\b[^>]*\sr="(\d+)"')
_SHEET_DATA_END = re.compile(rb"</((?:\w+:)?)sheetData\s*>|<((?:\w+:)?)sheetData\s*/>")
_CELL_TAG = re.compile(rb"<(?:\w+:)?c\b([^>]*)>")
_REFERENCE, _STYLE = re.compile(rb'\sr="([A-Z]+)\d+"'), re.compile(rb'\ss="(\d+)"')


def append_rows(book_data: bytes, sheet: str, rows: Sequence[Sequence[CellValue]]) -> bytes:
    """Return the bytes of the book with ``rows`` appended to the sheet named ``sheet``.

    Each row is a sequence of cells from column A on; None is a blank cell. The cells get the
    styles of the last row; a last row that is blank is replaced. Raises InputError when
    the sheet cannot be found or read.
    """
    with open_book_package(book_data, sheet) as package:
        part = find_sheet_part(package, sheet)
        content = package.read(part)
        return replace_parts(book_data, {part: _append_to_sheet_data(content, sheet, rows)})


def append_lines(book_data: bytes, sheet: str, lines: Sequence[CellsByHeader]) -> bytes:
    """Return the bytes of the book with ``lines`` appended to a sheet with a header.

    The columns are found by their headers, for their order differs in books of earlier
    versions; a cell whose column the sheet does not have is left out. Otherwise as
    :func:`append_rows`.
    """
    columns = _read_columns(book_data, sheet)
    return append_rows(book_data, sheet, [_arrange_cells(line, columns) for line in lines])


def _read_columns(book_data: bytes, sheet: str) -> dict[str, int]:
    """Return header → 1-based column of a sheet. Raises InputError."""
    try:
        # Streamed, so that the rows below the header are not parsed.
        workbook = load_workbook(io.BytesIO(book_data), read_only=True)
        rows = workbook[sheet].iter_rows(HEADER_ROW, HEADER_ROW, max_col=MAX_COLUMNS)
        return index_columns(next(rows, ()))
    except Exception as error:
        # openpyxl lets the exceptions of all its parsers through.
        raise build_unreadable_error(sheet) from error


def _arrange_cells(line: CellsByHeader, columns: Mapping[str, int]) -> list[CellValue]:
    """Return the cells of a line from column A on, as OOXML wants their texts."""
    cells: list[CellValue] = [None] * max(columns.values(), default=0)
    for header, value in line.items():
        if header in columns:
            cells[columns[header] - 1] = escape_ooxml(value) if isinstance(value, str) else value
    return cells


@contextmanager
def open_book_package(book_data: bytes, sheet: str) -> Iterator[ZipReader]:
    """Open the book's package. Raises InputError, here and in the block, where it is damaged."""
    try:
        with open_zip(book_data) as package:
            yield package
    except RefusedError as error:
        raise build_unreadable_error(sheet) from error


def find_sheet_part(package: ZipReader, sheet: str) -> str:
    """Return the name of the package part that holds a sheet."""
    targets_by_id = {
        relationship.get("Id"): relationship.get("Target") or ""
        for relationship in parse_xml(package.read("xl/_rels/workbook.xml.rels"))
    }
    for element in _iter_sheet_elements(package, sheet):
        relationship_id = next((v for k, v in element.items() if k.endswith("}id")), "")
        target = targets_by_id.get(relationship_id, "").replace("\\", "/")
        return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    raise build_unreadable_error(sheet)


def _iter_sheet_elements(package: ZipReader, sheet: str) -> Iterator[Element]:
    """Yield the elements of the workbook part that name a sheet ``sheet``."""
    for element in parse_xml(package.read("xl/workbook.xml")).iter():
        if element.tag.endswith("}sheet") and element.get("name") == sheet:
            yield element


def build_unreadable_error(sheet: str) -> InputError:
    return InputError(
        f"台账里的工作表“{sheet}”读不出来，没法把这次的记录写进去。"
        "请用 Excel 或 WPS 打开台账、另存为 .xlsx 后再运行。",
        code="book-invalid",
    )


def _append_to_sheet_data(xml: bytes, sheet: str, rows: Sequence[Sequence[CellValue]]) -> bytes:
    """Append ``rows`` to the ``sheetData`` of a worksheet part, with the prefix it uses."""
    end = _SHEET_DATA_END.search(xml)
    if end is None:
        raise build_unreadable_error(sheet)
    prefix = (end[1] or end[2] or b"").decode()
    tags = list(_ROW_TAG.finditer(xml))
    last = max((int(tag[1]) for tag in tags), default=0)
    last_row = xml[tags[-1].start() : end.start()] if tags else b""
    styles = _list_styles(last_row)
    start = end.start()
    if last_row and not re.search(rb"<(?:\w+:)?(?:v|is|f)\b", last_row) and styles:
        start, last = tags[-1].start(), last - 1
    new_rows = "".join(
        _make_row_xml(prefix, last + offset, row, styles) for offset, row in enumerate(rows, 1)
    ).encode()
    if end[0].endswith(b"/>"):
        new_rows = f"<{prefix}sheetData>".encode() + new_rows
    closing_tag = f"</{prefix}sheetData>".encode()
    return xml[:start] + new_rows + closing_tag + xml[end.end() :]


def _list_styles(row_xml: bytes) -> dict[str, str]:
    """Return the style index of each cell of a row, by column letters."""
    styles: dict[str, str] = {}
    for tag in _CELL_TAG.finditer(row_xml):
        reference, style = _REFERENCE.search(tag[1]), _STYLE.search(tag[1])
        if reference and style:
            styles[reference[1].decode()] = style[1].decode()
    return styles


def _make_row_xml(
    prefix: str, number: int, values: Sequence[CellValue], styles: dict[str, str]
) -> str:
    cells = "".join(
        _make_cell_xml(prefix, format_cell_reference((number - 1, column)), value, styles)
        for column, value in enumerate(values)
    )
    return f'<{prefix}row r="{number}">{cells}</{prefix}row>'


def _make_cell_xml(prefix: str, reference: str, value: CellValue, styles: dict[str, str]) -> str:
    style = styles.get(reference.rstrip("0123456789"), "")
    start = f'<{prefix}c r="{reference}"' + (f' s="{style}"' if style else "")
    if value is None:
        return f"{start}/>" if style else ""
    if isinstance(value, int):
        return f"{start}><{prefix}v>{value}</{prefix}v></{prefix}c>"
    return (
        f'{start} t="inlineStr"><{prefix}is>'
        f'<{prefix}t xml:space="preserve">{escape(str(value))}</{prefix}t>'
        f"</{prefix}is></{prefix}c>"
    )


# --- a sheet that a book of an earlier program version does not have ---

_SHEETS_END = re.compile(rb"</(?:\w+:)?sheets\s*>")
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_SHEET_RELATIONSHIP = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
)
_SPREADSHEET_NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONSHIP_NAMESPACE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def add_missing_sheets(book_data: bytes, layouts: Iterable[BookSheet]) -> bytes:
    """Return the bytes of the book with those of ``layouts`` that it lacks, as last sheets.

    They have title, note, header and drop-downs, but no styles of their own; one whose
    columns are all locked is protected. Raises InputError when the package cannot be read.
    """
    for layout in layouts:
        if not _has_sheet(book_data, layout.name):
            book_data = _add_sheet(book_data, layout)
    return book_data


def _has_sheet(book_data: bytes, sheet: str) -> bool:
    with open_book_package(book_data, sheet) as package:
        return any(True for _ in _iter_sheet_elements(package, sheet))


def _add_sheet(book_data: bytes, layout: BookSheet) -> bytes:
    with open_book_package(book_data, layout.name) as package:
        workbook = package.read("xl/workbook.xml")
        relationships = package.read("xl/_rels/workbook.xml.rels")
        types = package.read("[Content_Types].xml")
        names = set(package.list_names())
    end = _SHEETS_END.search(workbook)
    if end is None or b"</" not in relationships or b"</" not in types:
        raise build_unreadable_error(layout.name)
    number = 1 + max(map(int, re.findall(rb'\ssheetId="(\d+)"', workbook)), default=0)
    part = next(
        name
        for count in range(number, number + len(names) + 1)
        if (name := f"xl/worksheets/sheet{count}.xml") not in names
    )
    sheet_tag = (
        f'<sheet xmlns="{_SPREADSHEET_NAMESPACE}" xmlns:r="{_RELATIONSHIP_NAMESPACE}"'
        f' name="{escape(layout.name)}" sheetId="{number}" r:id="ledgerbook{number}"/>'
    )
    relationship = (
        f'<Relationship Id="ledgerbook{number}" Type="{_SHEET_RELATIONSHIP}" Target="/{part}"/>'
    )
    override = f'<Override PartName="/{part}" ContentType="{_SHEET_TYPE}"/>'
    changes = {
        "xl/workbook.xml": workbook[: end.start()] + sheet_tag.encode() + workbook[end.start() :],
        "xl/_rels/workbook.xml.rels": _insert_last(relationships, relationship),
        "[Content_Types].xml": _insert_last(types, override),
        part: _make_sheet_xml(layout).encode(),
    }
    return replace_parts(book_data, changes)


def _insert_last(xml: bytes, element: str) -> bytes:
    """Return the part with ``element`` as the last child of its root."""
    position = xml.rindex(b"</")
    return xml[:position] + element.encode() + xml[position:]


def _make_sheet_xml(layout: BookSheet) -> str:
    lines = ((layout.title,), (layout.note,), tuple(column.header for column in layout.columns))
    rows = "".join(_make_row_xml("", number, line, {}) for number, line in enumerate(lines, 1))
    widths = "".join(
        f'<col min="{number}" max="{number}" width="{column.width}" customWidth="1"'
        + (' hidden="1"/>' if column.is_hidden else "/>")
        for number, column in enumerate(layout.columns, 1)
    )
    is_locked = all(column.is_locked for column in layout.columns)
    protection = '<sheetProtection sheet="1"/>' if is_locked else ""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{_SPREADSHEET_NAMESPACE}"><cols>{widths}</cols>'
        f"<sheetData>{rows}</sheetData>{protection}{_make_lists_xml(layout)}</worksheet>"
    )


def _make_lists_xml(layout: BookSheet) -> str:
    """Return the drop-down lists of a sheet (ECMA-376 Part 1 §18.3.1.33 dataValidations)."""
    last = FIRST_DATA_ROW + layout.spare_rows - 1
    rules = []
    for position, column in enumerate(layout.columns):
        letter = format_column_letters(position)
        formula = column.list_formula or (column.options and f'"{",".join(column.options)}"')
        if formula:
            rules.append(
                f'<dataValidation type="list" allowBlank="1" sqref="{letter}{FIRST_DATA_ROW}:'
                f'{letter}{last}"><formula1>{escape(formula)}</formula1></dataValidation>'
            )
    if not rules:
        return ""
    return f'<dataValidations count="{len(rules)}">{"".join(rules)}</dataValidations>'
