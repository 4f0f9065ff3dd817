"""The list of units that should report: a text, one name a line, or a workbook."""

from __future__ import annotations

from pathlib import Path

from ledgerbook.errors import FileError, InputError, reason
from ledgerbook.file_types import SIGNATURE, RefusedError
from ledgerbook.intake import file_check
from ledgerbook.intake.formats.raw_workbook import RawSheet, shown
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.text import ENCODINGS, squash

# What the column of names may be headed; without such a header it is the first column.
_HEADERS = frozenset(
    ("单位", "单位名称", "应报单位", "名称", "机关", "机关名称", "部门")
)
_HEAD_WITHIN = 12


def read_expected(path: Path) -> tuple[str, ...]:
    """Read the names. Raises FileError or InputError when there are none to be read."""
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= file_check.LARGEST else b""
    except OSError as error:
        raise FileError(f"应报单位名单“{path}”读不了（{reason(error)}）。") from error
    if data.startswith((b"PK", SIGNATURE)):
        names = _of_workbook(path, data)
    else:
        names = _of_text(path, data)
    if not names:
        raise InputError(
            f"应报单位名单“{path}”里一个单位也没有读出来。"
            "请写成文本文件，一行一个单位；或者写在 Excel 表的第一列。"
        )
    return names


def _of_text(path: Path, data: bytes) -> tuple[str, ...]:
    for encoding in ENCODINGS:
        try:
            lines = data.decode(encoding).splitlines()
        except UnicodeDecodeError:
            continue
        # A line that begins with # is a remark.
        return _told([one for one in lines if not one.lstrip().startswith("#")])
    raise InputError(
        f"应报单位名单“{path}”不是文本，也不是 Excel 表，读不出来。"
        "请写成文本文件，一行一个单位。"
    )


def _of_workbook(path: Path, data: bytes) -> tuple[str, ...]:
    try:
        sheets = read_workbook(data).sheets
    except RefusedError as error:
        raise InputError(
            f"应报单位名单“{path}”打不开。"
            "请另存为 .xlsx，或写成文本文件，一行一个单位。"
        ) from error
    return _told(_column(sheets[0])) if sheets else ()


def _column(sheet: RawSheet) -> list[str]:
    cells = {cell: shown(value) for cell, value in sorted(sheet.cells.items())}
    heads = [c for c, t in cells.items() if c[0] < _HEAD_WITHIN and t in _HEADERS]
    head = heads[0] if heads else (-1, min((c for _, c in cells), default=0))
    return [
        t for (row, column), t in cells.items() if column == head[1] and row > head[0]
    ]


def _told(names: list[str]) -> tuple[str, ...]:
    return tuple(
        {squash(name): name.strip() for name in names if name.strip()}.values()
    )
