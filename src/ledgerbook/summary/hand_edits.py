"""Find what somebody typed into a summary outside of the office's own columns.

Such texts are not read back: the summary is made anew from the book and the returns. So
that nothing is lost, ``collect`` keeps a copy of the file and names the cells.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import zip_longest
from typing import Any

from ledgerbook.a1_references import format_cell_reference
from ledgerbook.errors import FileError
from ledgerbook.faults import is_raised_by_program
from ledgerbook.file_types import RefusedError, open_zip, refuse_unsound_package
from ledgerbook.model.office_entries import NoteItem
from ledgerbook.summary.office_notes import ORPHAN_NOTES_SHEET, REVIEW_HEADERS
from ledgerbook.text import format_value, normalize_answer

_CORE_PROPERTIES = "docProps/core.xml"
_MAX_PROPERTIES_BYTES = 2**20
_TIME_PATTERN = re.compile(r"<dcterms:(created|modified)\b[^>]*>([^<]*)<")
_OFFICE_HEADERS = {*REVIEW_HEADERS, NoteItem.CHOSEN.value}


def was_saved_since(data: bytes) -> bool:
    """Return whether a program has saved a summary since it was written.

    We write the time of the last change as that of the making (ECMA-376 Part 2 §11.1).
    """
    try:
        with open_zip(data) as package:
            properties = package.read(_CORE_PROPERTIES, _MAX_PROPERTIES_BYTES)
    except RefusedError:
        return True
    times = dict(_TIME_PATTERN.findall(properties.decode("utf-8", "replace")))
    return not times or times.get("created") != times.get("modified")


def find_hand_edits(data: bytes, written: bytes) -> tuple[str, ...]:
    """Return the cells ("年度汇总 C7") of a summary that differ from what was ``written``.

    The office's own columns, hidden sheets and formulas are left out. Raises FileError for a
    workbook that cannot be read.
    """
    now, before = _read_sheets(data), _read_sheets(written)
    edits: list[str] = []
    for name, rows in now.items():
        edits += _compare_rows(name, rows, before.get(name, []))
    edits += [name for name in before if name not in now]
    return tuple(edits)


def _read_sheets(data: bytes) -> Mapping[str, list[tuple[Any, ...]]]:
    """Return the values of the visible sheets, formulas as they are written."""
    from openpyxl import load_workbook

    try:
        refuse_unsound_package(data)
        workbook = load_workbook(io.BytesIO(data), read_only=True)
        return {
            sheet.title: list(sheet.iter_rows(values_only=True))
            for sheet in workbook.worksheets
            if sheet.sheet_state == "visible" and sheet.title != ORPHAN_NOTES_SHEET
        }
    except Exception as error:
        if is_raised_by_program(error) and not isinstance(error, RefusedError):
            raise
        # openpyxl raises whatever its parsers raise.
        raise FileError("原有的汇总文件打不开，没有覆盖。", code="summary-unreadable") from error


def _compare_rows(
    name: str, rows: list[tuple[Any, ...]], before: list[tuple[Any, ...]]
) -> Iterator[str]:
    office_columns: Collection[int] = ()
    for number, (row, old_row) in enumerate(zip_longest(rows, before, fillvalue=())):
        if headers := {n for n, value in enumerate(old_row) if value in _OFFICE_HEADERS}:
            office_columns = headers
        for column, (value, old) in enumerate(zip_longest(row, old_row)):
            # What stands beside no row of ours in the office's columns is read by nobody.
            is_edited = column not in office_columns or not any(old_row)
            if is_edited and _to_text(value) != _to_text(old):
                yield f"{name} {format_cell_reference((number, column))}"


def _to_text(value: Any) -> str:
    text = normalize_answer(format_value(value))
    return "" if text.startswith("=") else text
