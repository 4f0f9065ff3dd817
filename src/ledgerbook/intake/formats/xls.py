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
from functools import cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ledgerbook.a1_references import CellArea, CellPosition
from ledgerbook.file_types import WORKBOOK_STREAMS, RefusedError, open_ole
from ledgerbook.intake.formats import xls_pictures, xls_shapes
from ledgerbook.intake.formats.drawing_notes import join_notes
from ledgerbook.intake.formats.number_format import BUILT_IN_FORMATS, format_number
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
# Fonts, rows and columns, of which all that is read here are flags ([MS-XLS] 2.4.122, 2.4.221
# and 2.4.53).
_FONT, _ROW, _COLUMNS = 0x0031, 0x0208, 0x007D
_STRUCK_OUT, _HIDDEN_ROW, _HIDDEN_COLUMN = 0x0008, 0x20, 0x0001
# The upper byte of a row's height without its flag; what is drawn together to nothing is hidden
# too. There may be many rows: no function is called for each.
_HIGH_BITS_OF_HEIGHT = 0x7F
_RECORD_TYPES = (_MERGED_CELLS, _FONT, _ROW, _COLUMNS)
_AREA = struct.Struct("<4H")
# The records of cells with numbers: FORMULA, NUMBER, RK, and MULRK for several in a row, which
# all begin with row, column and cell format ([MS-XLS] 2.4.127, .180, .220, .175).
_NUMBER_RECORDS, _MULTIPLE_NUMBERS = (0x0006, 0x0203, 0x027E), 0x00BD
_CELL = struct.Struct("<3H")
_MULTIPLE_NUMBER_BYTES = 6
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
        record_types = (
            *xls_pictures.PICTURE_RECORD_TYPES,
            xls_shapes.OBJECT,
            xls_shapes.TEXT,
            *_RECORD_TYPES,
        )
        records = find_records(stream, record_types)
        has_strikes = any(
            int.from_bytes(font.data[2:4], "little") & _STRUCK_OUT
            for font in records.records
            if font.record_type == _FONT
        )
        workbook = _open_workbook(stream, has_formats=has_strikes)
        sheets = tuple(_iter_sheets(workbook, records, stream, has_strikes=has_strikes))
        keywords, saved_at = _read_properties(ole)
    return RawWorkbook(sheets, keywords, saved_at)


def _open_workbook(stream: bytes, *, has_formats: bool) -> Any:
    import xlrd

    try:
        # Without a logfile xlrd prints its warnings to standard output. With its formats it
        # keeps every blank cell that has one, and there may be a million: they are read where
        # a font strikes text through alone.
        return xlrd.open_workbook(
            file_contents=stream,
            logfile=io.StringIO(),
            ragged_rows=True,
            formatting_info=has_formats,
        )
    except MemoryError:
        raise
    except Exception as error:
        raise RefusedError("file-damaged", "表格内容不完整") from error


def _iter_sheets(
    workbook: Any, records: XlsRecords, stream: bytes, *, has_strikes: bool
) -> Iterator[RawSheet]:
    """Yield the worksheets; ``records`` are those of drawings and of _RECORD_TYPES."""
    read_all_formats = cache(partial(_read_cell_formats, stream))

    def read_formats(number: int) -> Mapping[CellPosition, int]:
        formats = read_all_formats()
        return formats[number] if number < len(formats) else {}

    names: set[str] = set()
    pictures_by_sheet = xls_pictures.read_pictures(records)
    records_by_type = {kind: records.list_by_worksheet(kind) for kind in _RECORD_TYPES}
    shape_records_by_sheet = records.list_by_worksheet(
        xls_pictures.DRAWING, xls_shapes.OBJECT, xls_shapes.TEXT
    )
    for number, sheet in enumerate(workbook.sheets()):
        has_records = number < len(records.worksheet_starts)
        pictures = pictures_by_sheet[number] if has_records else []
        merge_records, rows, columns = (
            records_by_type[kind][number] if has_records else []
            for kind in (_MERGED_CELLS, _ROW, _COLUMNS)
        )
        shapes = xls_shapes.read_shapes(shape_records_by_sheet[number] if has_records else ())
        if sheet.name in names:
            raise RefusedError("file-suspect", "有两张同名的工作表")
        names.add(sheet.name)
        cells = {
            (r, c): value
            for r in range(sheet.nrows)
            for c in range(sheet.row_len(r))
            if (value := _convert_cell(sheet.cell(r, c), workbook.datemode)) is not None
        }
        merges = tuple(area for record in merge_records for area in _iter_areas(record.data))
        attachments = _collect_attachments(sheet, cells, pictures, merges, shapes)
        get_shown_text = partial(_get_shown_text, workbook, sheet, partial(read_formats, number))
        yield RawSheet(
            sheet.name,
            cells,
            attachments,
            is_hidden=bool(sheet.visibility),
            struck=dict(_iter_struck(workbook, sheet, cells)) if has_strikes else {},
            hidden_rows=frozenset(
                _read_number(row.chunks[0], 0)
                for row in rows
                if row.chunks[0][12] & _HIDDEN_ROW
                or not (row.chunks[0][6] | row.chunks[0][7] & _HIGH_BITS_OF_HEIGHT)
            ),
            hidden_columns=frozenset(
                column
                for data in (record.data for record in columns)
                if _read_number(data, 8) & _HIDDEN_COLUMN or not _read_number(data, 4)
                for column in range(_read_number(data, 0), min(_read_number(data, 2), 255) + 1)
            ),
            get_shown_text=get_shown_text,
        )


def _read_number(data: bytes, offset: int) -> int:
    return int.from_bytes(data[offset : offset + 2], "little")


def _iter_struck(
    workbook: Any, sheet: Any, cells: Mapping[CellPosition, RawValue]
) -> Iterator[tuple[CellPosition, str]]:
    """Yield each cell with text that is struck through, and what is left of it."""

    def is_struck(font: int) -> bool:
        return font < len(workbook.font_list) and bool(workbook.font_list[font].struck_out)

    for cell, value in cells.items():
        font = workbook.xf_list[sheet.cell_xf_index(*cell)].font_index
        if not isinstance(value, str):
            if is_struck(font):
                yield cell, ""
            continue
        # Offset and font of each run; what stands before the first has the font of the cell.
        text = sheet.cell_value(*cell)
        runs = [(0, font), *sheet.rich_text_runlist_map.get(cell, ()), (len(text), font)]
        kept = "".join(
            text[start:end]
            for (start, run_font), (end, _) in pairwise(runs)
            if not is_struck(run_font)
        )
        if kept != text:
            yield cell, normalize_line_ends(kept)


def _get_shown_text(
    workbook: Any,
    sheet: Any,
    read_formats: Callable[[], Mapping[CellPosition, int]],
    cell: CellPosition,
) -> str | None:
    """Return what a number shows by its format; None where that is not known."""
    value, formats = sheet.cell(*cell), read_formats()
    index = formats.get(cell, len(workbook.xf_list))
    if value.ctype not in _NUMBER_TYPES or workbook.datemode or index >= len(workbook.xf_list):
        return None
    number = workbook.xf_list[index].format_key
    own_codes = (one.format_str for one in workbook.format_list if one.format_key == number)
    return format_number(value.value, next(own_codes, BUILT_IN_FORMATS.get(number, "")))


def _read_cell_formats(stream: bytes) -> Sequence[Mapping[CellPosition, int]]:
    """Return for each worksheet position → number of the cell format, of cells with numbers."""
    found = find_records(stream, (*_NUMBER_RECORDS, _MULTIPLE_NUMBERS))
    formats_by_start: dict[int, dict[CellPosition, int]] = {}
    for record in found.records:
        formats = formats_by_start.setdefault(record.sheet_start, {})
        if len(record.data) < _CELL.size:
            continue
        row, column, index = _CELL.unpack_from(record.data)
        if record.record_type != _MULTIPLE_NUMBERS:
            formats[row, column] = index
            continue
        for offset in range(_CELL.size - 2, len(record.data) - _MULTIPLE_NUMBER_BYTES, 6):
            (index,) = struct.unpack_from("<H", record.data, offset)
            formats[row, column] = index
            column += 1
    return [formats_by_start.get(start, {}) for start in found.worksheet_starts]


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


# The cell types of xlrd below that are numbers.
_NUMBER_TYPES = (2, 3)
# xlrd's cell types; empty (0) and blank (6) cells have no value.
_VALUE_CONVERTERS: Mapping[int, Callable[[Any, int], RawValue | None]] = {
    1: _convert_text,
    2: _convert_number,
    3: _convert_date,
    4: _convert_boolean,
    5: _convert_error,
}


def _iter_areas(merged_cells: bytes) -> Iterator[CellArea]:
    """Yield the areas of a record of merged cells: a count, then the edges of each."""
    areas = memoryview(merged_cells)[2:]
    for top, bottom, left, right in _AREA.iter_unpack(areas[: len(areas) // 8 * 8]):
        yield (top, left), (bottom, right)


def _collect_attachments(
    sheet: Any,
    cells: Mapping[CellPosition, RawValue],
    pictures: Sequence[Picture],
    merges: tuple[CellArea, ...],
    shapes: xls_shapes.SheetShapes,
) -> SheetAttachments:
    unread = list(shapes.unread)
    notes = [
        (cell, normalize_line_ends(note.text))
        for cell, note in sheet.cell_note_map.items()
        if not is_blank(note.text)
    ]
    notes += shapes.notes
    links = {
        cell: str(link.url_or_path)
        for cell, link in sheet.hyperlink_map.items()
        if link.type == "url" and str(link.url_or_path) != cells.get(cell)
    }
    notes_by_cell = join_notes(notes, unread)
    return SheetAttachments(notes_by_cell, links, tuple(pictures), merges, tuple(unread))


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
