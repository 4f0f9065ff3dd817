"""Read an .xls or .et (WPS) into a RawWorkbook.

The workbook is one stream of BIFF records ([MS-XLS]) in an OLE container, its document
properties another ([MS-OLEPS]). A formula of this format always has the value that it showed
when the file was saved.
https://learn.microsoft.com/openspecs/office_file_formats/ms-xls/
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ledgerbook.a1_references import CellArea, CellPosition
from ledgerbook.file_types import WORKBOOK_STREAMS, RefusedError, open_ole
from ledgerbook.intake.formats import xls_pictures
from ledgerbook.intake.formats.raw_workbook import (
    CellError,
    Picture,
    RawSheet,
    RawValue,
    RawWorkbook,
    SheetAttachments,
    convert_to_beijing_time,
)
from ledgerbook.intake.formats.xls_records import XlsRecords, find_records
from ledgerbook.text import is_blank, normalize_line_ends

if TYPE_CHECKING:
    from olefile import OleFileIO


# The type of the record of merged cells ([MS-XLS] 2.4.168), and an area in it.
_MERGED_CELLS = 0x00E5
_AREA = struct.Struct("<4H")
# Code pages of document properties for which Python has another name than cp and the number.
_CODE_PAGES = {1200: "utf-16-le", 65001: "utf-8"}
_DEFAULT_CODE_PAGE = 1252


def holds_workbook(ole: OleFileIO) -> bool:
    """Return whether an OLE container has the stream of a workbook."""
    return any(ole.exists(name) for name in WORKBOOK_STREAMS)


def read_workbook_stream(ole: OleFileIO) -> bytes:
    """Return the stream of the workbook. Raises RefusedError."""
    name = next((name for name in WORKBOOK_STREAMS if ole.exists(name)), "")
    try:
        return bytes(ole.openstream(name).read())
    except MemoryError:
        raise
    except Exception as error:
        raise RefusedError("file-damaged", "表格内容不完整") from error


def read_xls(data: bytes) -> RawWorkbook:
    """Read an .xls that is not encrypted. Raises RefusedError."""
    with open_ole(data) as ole:
        stream = read_workbook_stream(ole)
        records = find_records(stream, (*xls_pictures.PICTURE_RECORD_TYPES, _MERGED_CELLS))
        sheets = tuple(_iter_sheets(_open_workbook(stream), records))
        keywords, saved_at = _read_properties(ole)
    return RawWorkbook(sheets, keywords, saved_at)


def _open_workbook(stream: bytes) -> Any:
    import xlrd

    try:
        # Without a logfile xlrd prints its warnings to standard output. With its formats it
        # would keep every blank cell that has one, and there may be a million.
        return xlrd.open_workbook(
            file_contents=stream,
            logfile=io.StringIO(),
            ragged_rows=True,
        )
    except MemoryError:
        raise
    except Exception as error:
        raise RefusedError("file-damaged", "表格内容不完整") from error


def _iter_sheets(workbook: Any, records: XlsRecords) -> Iterator[RawSheet]:
    """Yield the worksheets; ``records`` are those of the pictures and the merged areas."""
    names: set[str] = set()
    pictures_by_sheet = xls_pictures.read_pictures(records)
    merge_records_by_sheet = records.list_by_worksheet(_MERGED_CELLS)
    for number, sheet in enumerate(workbook.sheets()):
        has_records = number < len(records.worksheet_starts)
        pictures = pictures_by_sheet[number] if has_records else []
        merge_records = merge_records_by_sheet[number] if has_records else []
        if sheet.name in names:
            raise RefusedError("file-suspect", "有两张同名的工作表")
        names.add(sheet.name)
        cells = {
            (r, c): value
            for r in range(sheet.nrows)
            for c in range(sheet.row_len(r))
            if (value := _convert_cell(sheet.cell(r, c), workbook.datemode)) is not None
        }
        merges = tuple(area for data in merge_records for area in _iter_areas(data))
        attachments = _collect_attachments(sheet, cells, pictures, merges)
        yield RawSheet(sheet.name, cells, attachments, is_hidden=bool(sheet.visibility))


def _convert_cell(cell: Any, date_mode: int) -> RawValue | None:
    convert_value = _VALUE_CONVERTERS.get(cell.ctype)
    return convert_value(cell.value, date_mode) if convert_value else None


def _convert_text(value: Any, date_mode: int) -> RawValue | None:
    text = normalize_line_ends(value)
    return None if is_blank(text) else text


def _convert_number(value: Any, date_mode: int) -> RawValue:
    return float(value)


def _convert_date(value: Any, date_mode: int) -> RawValue:
    """Return the date, date and time, or time of day that a serial number stands for."""
    from xlrd.xldate import xldate_as_datetime

    try:
        moment: datetime = xldate_as_datetime(value, date_mode)
    except (ValueError, OverflowError):
        return float(value)
    if 0 <= value < 1:
        return moment.time()
    is_midnight = moment == datetime.combine(moment, datetime.min.time())
    return date(moment.year, moment.month, moment.day) if is_midnight else moment


def _convert_boolean(value: Any, date_mode: int) -> RawValue:
    return bool(value)


def _convert_error(value: Any, date_mode: int) -> RawValue:
    from xlrd import error_text_from_code

    return CellError(error_text_from_code.get(value, "错误值"))


# xlrd's cell types; empty (0) and blank (6) cells have no value.
_VALUE_CONVERTERS: Mapping[int, Callable[[Any, int], RawValue | None]] = {
    1: _convert_text,
    2: _convert_number,
    3: _convert_date,
    4: _convert_boolean,
    5: _convert_error,
}


def _iter_areas(merged_cells: bytearray) -> Iterator[CellArea]:
    """Yield the areas of a record of merged cells: a count, then the edges of each."""
    areas = memoryview(merged_cells)[2:]
    for top, bottom, left, right in _AREA.iter_unpack(areas[: len(areas) // 8 * 8]):
        yield (top, left), (bottom, right)


def _collect_attachments(
    sheet: Any,
    cells: Mapping[CellPosition, RawValue],
    pictures: Sequence[Picture],
    merges: tuple[CellArea, ...],
) -> SheetAttachments:
    notes = {
        cell: normalize_line_ends(note.text)
        for cell, note in sheet.cell_note_map.items()
        if not is_blank(note.text)
    }
    links = {
        cell: str(link.url_or_path)
        for cell, link in sheet.hyperlink_map.items()
        if link.type == "url" and str(link.url_or_path) != cells.get(cell)
    }
    return SheetAttachments(notes, links, tuple(pictures), merges)


def _read_properties(ole: OleFileIO) -> tuple[str, datetime | None]:
    """Return keywords and the time of the last save; many files lack both."""
    try:
        properties = ole.get_metadata()
        code_page = (properties.codepage or _DEFAULT_CODE_PAGE) & 0xFFFF
        encoding = _CODE_PAGES.get(code_page, f"cp{code_page}")
        raw_keywords = properties.keywords or b""
        keyword_list = raw_keywords if isinstance(raw_keywords, list) else [raw_keywords]
        keywords = ";".join(
            keyword.decode(encoding, "replace").rstrip("\0") for keyword in keyword_list
        )
        saved_at = properties.last_saved_time
        return keywords, convert_to_beijing_time(saved_at) if saved_at else None
    except Exception:  # noqa: BLE001  a workbook with damaged properties is still read
        return "", None
