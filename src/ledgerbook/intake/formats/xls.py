"""An .xls → RawBook. WPS's .et is one too, and either may stand under any name.

The workbook is one stream in an OLE container, its properties another. In this format
a formula always carries the value it showed when the file was saved.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ledgerbook.file_types import STREAMS, RefusedError, container
from ledgerbook.intake.formats import xls_pictures
from ledgerbook.intake.formats.raw_workbook import (
    Cell,
    CellError,
    Picture,
    RawSheet,
    RawWorkbook,
    SheetAttachments,
    Value,
    in_beijing,
)
from ledgerbook.text import plain_ends, says_nothing

if TYPE_CHECKING:
    from olefile import OleFileIO


# How a file says in which code page its keywords are, where Python calls it otherwise.
_CODE_PAGES = {1200: "utf-16-le", 65001: "utf-8"}
_NO_PAGE = 1252


def holds_workbook(ole: OleFileIO) -> bool:
    return any(ole.exists(name) for name in STREAMS)


def stream_of(ole: OleFileIO) -> bytes:
    """Return the stream that is the workbook. Raises RefusedError."""
    name = next((name for name in STREAMS if ole.exists(name)), "")
    try:
        return bytes(ole.openstream(name).read())
    except MemoryError:
        raise
    except Exception as error:
        raise RefusedError("file-damaged", "表格内容不完整") from error


def read_xls(data: bytes) -> RawWorkbook:
    """Read an .xls that has no password. Raises RefusedError."""
    with container(data) as ole:
        stream = stream_of(ole)
        sheets = tuple(_sheets(_workbook(stream), xls_pictures.pictures(stream)))
        keywords, saved_at = _facts(ole)
    return RawWorkbook(sheets, keywords, saved_at)


def _workbook(stream: bytes) -> Any:
    import xlrd

    try:
        # What it has to say it would say on the clerk's screen.
        return xlrd.open_workbook(
            file_contents=stream,
            logfile=io.StringIO(),
            formatting_info=True,
            ragged_rows=True,
        )
    except MemoryError:
        raise
    except Exception as error:
        raise RefusedError("file-damaged", "表格内容不完整") from error


def _sheets(book: Any, hung: list[list[Picture]]) -> Iterator[RawSheet]:
    names: set[str] = set()
    for number, sheet in enumerate(book.sheets()):
        pictures = hung[number] if number < len(hung) else []
        if sheet.name in names:
            raise RefusedError("file-suspect", "有两张同名的工作表")
        names.add(sheet.name)
        cells = {
            (r, c): value
            for r in range(sheet.nrows)
            for c in range(sheet.row_len(r))
            if (value := _value(sheet.cell(r, c), book.datemode)) is not None
        }
        yield RawSheet(sheet.name, cells, _extras(sheet, cells, pictures))


def _value(cell: Any, date_mode: int) -> Value | None:
    read = _VALUES.get(cell.ctype)
    return read(cell.value, date_mode) if read else None


def _text(value: Any, date_mode: int) -> Value | None:
    text = plain_ends(value)
    return None if says_nothing(text) else text


def _number(value: Any, date_mode: int) -> Value:
    return float(value)


def _moment(value: Any, date_mode: int) -> Value:
    """Return the day, moment or time of day that a number was shown as."""
    from xlrd.xldate import xldate_as_datetime

    try:
        moment: datetime = xldate_as_datetime(value, date_mode)
    except (ValueError, OverflowError):
        return float(value)
    if 0 <= value < 1:
        return moment.time()
    midnight = moment == datetime.combine(moment, datetime.min.time())
    return date(moment.year, moment.month, moment.day) if midnight else moment


def _flag(value: Any, date_mode: int) -> Value:
    return bool(value)


def _fault(value: Any, date_mode: int) -> Value:
    from xlrd import error_text_from_code

    return CellError(error_text_from_code.get(value, "错误值"))


# xlrd's kinds of cells; empty and blank ones hold nothing.
_VALUES: Mapping[int, Callable[[Any, int], Value | None]] = {
    1: _text,
    2: _number,
    3: _moment,
    4: _flag,
    5: _fault,
}


def _extras(
    sheet: Any, cells: Mapping[Cell, Value], pictures: Sequence[Picture]
) -> SheetAttachments:
    notes = {
        cell: plain_ends(note.text)
        for cell, note in sheet.cell_note_map.items()
        if not says_nothing(note.text)
    }
    links = {
        cell: str(link.url_or_path)
        for cell, link in sheet.hyperlink_map.items()
        if link.type == "url" and str(link.url_or_path) != cells.get(cell)
    }
    merges = tuple(
        ((top, left), (bottom - 1, right - 1))
        for top, bottom, left, right in sheet.merged_cells
    )
    return SheetAttachments(notes, links, tuple(pictures), merges)


def _facts(ole: OleFileIO) -> tuple[str, datetime | None]:
    """Return keywords and last-saved time; both are missing in many files."""
    try:
        facts = ole.get_metadata()
        page = (facts.codepage or _NO_PAGE) & 0xFFFF
        encoding = _CODE_PAGES.get(page, f"cp{page}")
        words = facts.keywords or b""
        listed = words if isinstance(words, list) else [words]
        text = ";".join(w.decode(encoding, "replace").rstrip("\0") for w in listed)
        saved = facts.last_saved_time
        return text, in_beijing(saved) if saved else None
    except Exception:  # noqa: BLE001  properties that are garbled cost only themselves
        return "", None
