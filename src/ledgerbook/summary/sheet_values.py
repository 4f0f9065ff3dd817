"""Read the values of a summary on disk with calamine, which is quick, behind the limits of intake.

Anybody may have replaced the file, and it is read in the program itself: whatever is wrong
with it raises RefusedError.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ledgerbook.file_types import RefusedError, read_parts

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

# Calamine allocates every place between the first and the last cell, 32 bytes each.
_MAX_AREA = 2**25
_ROW_NUMBER = re.compile(rb'<(?:\w+:)?row\b[^>]*?\sr="(\d+)"')
_TWO_LETTERS, _THREE_LETTERS = re.compile(rb'\sr="[A-Z]{2}\d'), re.compile(rb'\sr="[A-Z]{3}\d')
_COLUMNS_OF_ONE_LETTER, _COLUMNS_OF_TWO_LETTERS = 26, 26 + 26**2


def open_summary(data: bytes) -> CalamineWorkbook:
    """Open a summary. Raises RefusedError."""
    from python_calamine import CalamineWorkbook

    for name, part in read_parts(data).items():
        if "worksheets/" in name.casefold() and _is_too_large(part):
            raise RefusedError("file-suspect", "单元格编号超出范围")
    with _refuse_damage():
        return CalamineWorkbook.from_filelike(io.BytesIO(data))


def load_sheet(workbook: CalamineWorkbook, name: str) -> CalamineSheet:
    """Return a sheet with its values. Raises RefusedError."""
    with _refuse_damage():
        return workbook.get_sheet_by_name(name)


def _is_too_large(sheet_xml: bytes) -> bool:
    """Whether the cells of a sheet may lie so far apart that its area does not fit into memory."""
    if _THREE_LETTERS.search(sheet_xml):
        return True
    is_wide = _TWO_LETTERS.search(sheet_xml) is not None
    last_row = max((int(number) for number in _ROW_NUMBER.findall(sheet_xml)), default=0)
    return last_row * (_COLUMNS_OF_TWO_LETTERS if is_wide else _COLUMNS_OF_ONE_LETTER) > _MAX_AREA


@contextmanager
def _refuse_damage() -> Iterator[None]:
    """Turn whatever calamine raises into RefusedError; nothing but its calls may stand inside."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        # A panic in Rust is raised as a BaseException that is no Exception.
        raise RefusedError("file-damaged", "读表程序无法解析") from error
