"""Read the list of units that should report (``--expect``): a text or a workbook.

A text has one name a line.
"""

from __future__ import annotations

from pathlib import Path

from ledgerbook.errors import InputError
from ledgerbook.file_types import OLE_SIGNATURE, ZIP_SIGNATURE, RefusedError
from ledgerbook.intake import file_check
from ledgerbook.intake.formats.raw_workbook import RawSheet, display_text
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.text import ENCODINGS, normalize

# What the column of names may be headed; without such a header it is the first column.
_UNIT_HEADERS = frozenset(("单位", "单位名称", "应报单位", "名称", "机关", "机关名称", "部门"))
_HEADER_SEARCH_ROWS = 12


def read_expected_units(path: Path, data: bytes) -> tuple[str, ...]:
    """Read the names in ``data``, the content of ``path``. Raises InputError without any."""
    if len(data) > file_check.MAX_FILE_SIZE:
        names: tuple[str, ...] = ()
    elif data.startswith((ZIP_SIGNATURE, OLE_SIGNATURE)):
        names = _read_workbook_names(path, data)
    else:
        names = _read_text_names(path, data)
    if not names:
        raise InputError(
            f"应报单位名单“{path}”里一个单位也没有读出来。"
            "请写成文本文件，一行一个单位；或者写在 Excel 表的第一列。",
            code="units-unreadable",
            path=path,
        )
    return names


def _read_text_names(path: Path, data: bytes) -> tuple[str, ...]:
    for encoding in ENCODINGS:
        try:
            lines = data.decode(encoding).splitlines()
        except UnicodeDecodeError:
            continue
        # A line that begins with # is a remark.
        return _remove_duplicate_names(
            [line for line in lines if not line.lstrip().startswith("#")]
        )
    raise InputError(
        f"应报单位名单“{path}”不是文本，也不是 Excel 表，读不出来。请写成文本文件，一行一个单位。",
        code="units-unreadable",
        path=path,
    )


def _read_workbook_names(path: Path, data: bytes) -> tuple[str, ...]:
    try:
        sheets = read_workbook(data).sheets
    except RefusedError as error:
        raise InputError(
            f"应报单位名单“{path}”打不开。请另存为 .xlsx，或写成文本文件，一行一个单位。",
            code="units-unreadable",
            path=path,
        ) from error
    return _remove_duplicate_names(_read_name_column(sheets[0])) if sheets else ()


def _read_name_column(sheet: RawSheet) -> list[str]:
    cells = {cell: display_text(value) for cell, value in sorted(sheet.cells.items())}
    header_cells = [
        c for c, text in cells.items() if c[0] < _HEADER_SEARCH_ROWS and text in _UNIT_HEADERS
    ]
    header_cell = header_cells[0] if header_cells else (-1, min((c for _, c in cells), default=0))
    return [
        text
        for (row, column), text in cells.items()
        if column == header_cell[1] and row > header_cell[0]
    ]


def _remove_duplicate_names(names: list[str]) -> tuple[str, ...]:
    return tuple({normalize(name): name.strip() for name in names if name.strip()}.values())
