"""Read the sheets of the book as lines that know the cell of each value.

A line maps headers to values, so that the office may move columns; its
:meth:`SheetLine.describe_cell` names the cell in the message about a mistake. The check
of the e-mail addresses on 科室 is here too.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from openpyxl import load_workbook

from ledgerbook.a1_references import format_cell_reference
from ledgerbook.book import schema
from ledgerbook.book.schema import HEADER_ROW, BookSheet
from ledgerbook.errors import FileError, InputError
from ledgerbook.file_types import refuse_unsound_package
from ledgerbook.issue.cover_note import parse_addresses
from ledgerbook.text import explain_date, format_value, strip_controls, unescape_ooxml

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet


def advise_on_renaming(name: str) -> str:
    """Return the end of every message about a section ``name`` that is not on 科室."""
    return f"科室改了名的，请在“科室”表新名称那一行的“简称”里写上“{name}”。"


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One filled row of a sheet: values by header.

    ``row`` and the numbers in ``columns``, by header, are 1-based as in openpyxl.
    """

    sheet: str
    row: int
    values: Mapping[str, object]
    columns: Mapping[str, int]

    def describe_cell(self, header: str) -> str:
        """Return sheet and cell in Chinese, for a message."""
        return f"工作表“{self.sheet}”单元格 {self.get_cell(header)}"

    def get_cell(self, header: str) -> str:
        """Return the reference of a cell, such as F4."""
        return format_cell_reference((self.row - 1, self.columns[header] - 1))

    def get_text(self, header: str) -> str:
        """Return a value as stripped text; blank for an empty cell or a missing column."""
        value = self.values.get(header)
        if value is None:
            return ""
        if isinstance(value, float) and value.is_integer():
            return str(int(value))
        if isinstance(value, bool | date):
            # As Excel shows it: a name or a choice typed as TRUE or 2022-1-1 is one of these.
            return format_value(value)
        return _decode_cell_text(value)


def _decode_cell_text(value: object) -> str:
    """Return a text as Excel shows it: openpyxl does not decode escapes such as _x000D_.

    See ECMA-376 Part 1 §22.9.2.19 (ST_Xstring).
    """
    return strip_controls(unescape_ooxml(str(value)))[0].strip()


def read_date(line: SheetLine, header: str, errors: list[str]) -> date | None:
    """Return the date of a cell, None for a blank one; other values are mistakes."""
    value = line.values.get(header)
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    kind_text = "文字" if isinstance(value, str) else "数字"
    reason = explain_date(line.get_text(header)) if isinstance(value, str) else ""
    reason_text = f"（{reason}）" if reason else ""
    errors.append(
        f"{line.describe_cell(header)}：“{line.get_text(header)}”是{kind_text}，不是日期{reason_text}。"
        "请清空这个格子，再按 2022-11-30 的样子输入。"
    )
    return None


_SEPARATORS = re.compile("[、,\uff0c;\uff1b\\n]")


def split_names(text: str) -> tuple[str, ...]:
    """Split a cell into names at 、, commas, semicolons and line breaks, without doubles."""
    parts = (part.strip() for part in _SEPARATORS.split(text))
    return tuple(dict.fromkeys(filter(None, parts)))


def open_book(path: Path) -> Workbook:
    """Open the book with the values of formulas. Raises FileError."""
    if not path.is_file():
        raise FileError(
            f"找不到台账文件“{path}”。请核对文件名和所在文件夹。", code="file-missing", path=path
        )
    try:
        data = path.read_bytes()
        refuse_unsound_package(data)
        return load_workbook(io.BytesIO(data), data_only=True)
    except PermissionError as error:
        raise FileError(
            f"没有权限读取“{path}”，请检查文件权限。", code="file-unreadable", path=path
        ) from error
    except Exception as error:
        # openpyxl lets the exceptions of all its parsers through.
        raise _make_unreadable_error(path) from error


def _make_unreadable_error(path: Path) -> FileError:
    return FileError(
        f"“{path}”打不开，它不是 .xlsx 格式的台账，或者已经损坏、设了密码。"
        "请在 Excel 或 WPS 里取消密码、另存为 .xlsx 后再运行；损坏的请从备份恢复。",
        code="file-unreadable",
        path=path,
    )


def read_sheet_lines(
    workbook: Workbook, layout: BookSheet, errors: list[str]
) -> tuple[SheetLine, ...]:
    """Read the filled rows of one sheet; report a missing sheet or column in ``errors``."""
    if layout.name not in workbook.sheetnames:
        if not layout.is_optional:
            errors.append(f"少了工作表“{layout.name}”。请从备份中恢复，不要改名或删除。")
        return ()
    sheet = workbook[layout.name]
    columns = index_columns(sheet[HEADER_ROW])
    errors.extend(
        f"工作表“{layout.name}”第 {HEADER_ROW} 行少了“{field.header}”这一列，"
        "可能被删除或改了名，请恢复。"
        for field in layout.columns
        if field.header not in columns and not field.is_optional
    )
    return tuple(_iter_lines(sheet, columns))


def index_columns(header_cells: Iterable[Cell | MergedCell]) -> dict[str, int]:
    """Return header → 1-based column; of equal headers the first counts."""
    columns: dict[str, int] = {}
    for cell in header_cells:
        if cell.value is not None and cell.column is not None:
            columns.setdefault(_decode_cell_text(cell.value), cell.column)
    return columns


def _iter_lines(sheet: Worksheet, columns: Mapping[str, int]) -> Iterator[SheetLine]:
    """Yield the rows below the header that have a text in some column."""
    for row in range(HEADER_ROW + 1, sheet.max_row + 1):
        values = {header: sheet.cell(row, column).value for header, column in columns.items()}
        line = SheetLine(sheet.title, row, values, columns)
        if any(line.get_text(header) for header in values):
            yield line


# --- e-mail addresses ---

_EMAIL_HEADER = "电子邮箱"


def check_email_addresses(path: Path) -> None:
    """Check the column 电子邮箱 of the 科室 sheet.

    Raises InputError that names every cell with something that is not an address.
    Only the command that writes mail drafts calls it; all others accept such a book.
    """
    errors: list[str] = []
    for line in read_sheet_lines(open_book(path), schema.SECTIONS, errors):
        _, invalid_addresses = parse_addresses(line.get_text(_EMAIL_HEADER))
        errors.extend(
            f"{line.describe_cell(_EMAIL_HEADER)}：“{address}”不是电子邮箱地址。"
            "请改成 name@example.cn 的样子，有几个的用分号隔开；没有的空着。"
            for address in invalid_addresses
        )
    if errors:
        raise InputError(
            f"台账“{path.name}”的“科室”表有 {len(errors)} 处电子邮箱要先改正，改好保存后再运行：",
            errors,
            code="address-invalid",
            path=path,
        )
