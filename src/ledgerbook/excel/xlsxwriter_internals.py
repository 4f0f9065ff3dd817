"""Write long tables fast, by private members of XlsxWriter. Only this module uses them.

XlsxWriter's public way to write a cell makes an object of each and looks at all of them
again when the workbook is closed; for a table of 100,000 rows that is most of the time
and memory of a run. Its ``constant_memory`` mode has neither Excel tables nor texts that
are stored once. :class:`StreamingWorksheet` therefore writes finished rows into a spool
file. Where an XlsxWriter lacks one of ``REQUIRED_MEMBERS``,
:class:`~ledgerbook.excel.table_worksheet.TableWorksheet` writes an equal sheet instead.
"""

from __future__ import annotations

import codecs
import tempfile
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from xlsxwriter.format import Format
from xlsxwriter.sharedstrings import SharedStringTable
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from ledgerbook.a1_references import format_area_reference, format_column_letters
from ledgerbook.excel.refusals import check_result
from ledgerbook.excel.table_worksheet import (
    EncodedCell,
    PlainValue,
    TableWorksheet,
    convert_to_serial,
)
from ledgerbook.text import fit_to_cell

# Class and private method.
REQUIRED_MEMBERS: tuple[tuple[type, str], ...] = (
    (Format, "_get_xf_index"),
    (SharedStringTable, "_get_shared_string_index"),
    (Worksheet, "_check_dimensions"),
    (Worksheet, "_prepare_formula"),
    (Worksheet, "_write_rows"),
    (Worksheet, "_xml_start_tag_unencoded"),
)
# Undocumented attributes of a worksheet.
REQUIRED_ATTRIBUTES = ("dim_rowmax", "fh", "hyperlinks", "str_table", "tables")

# The rows of a sheet stay in memory up to this size, then go to the disk.
_SPOOL_BYTES = 8 * 2**20
_CHUNK_BYTES = 2**16


def find_missing_members() -> tuple[str, ...]:
    """Return the private members that the installed XlsxWriter lacks."""
    worksheet = Worksheet()
    return (
        *(
            f"{owner.__name__}.{name}"
            for owner, name in REQUIRED_MEMBERS
            if not hasattr(owner, name)
        ),
        *(f"Worksheet.{name}" for name in REQUIRED_ATTRIBUTES if not hasattr(worksheet, name)),
    )


def choose_worksheet_class() -> type[TableWorksheet]:
    """Return the fast kind of worksheet where XlsxWriter allows it, else the plain one."""
    return TableWorksheet if find_missing_members() else StreamingWorksheet


class LockableWorkbook(Workbook):  # type: ignore[misc, unused-ignore]
    """A workbook whose sheets cannot be renamed, added, moved or deleted if it is locked.

    XlsxWriter has no public way to write that. An XlsxWriter without the overridden method
    would write a workbook that is not locked, and else the same.
    """

    is_locked = False

    def _write_workbook_pr(self) -> None:
        super()._write_workbook_pr()
        if self.is_locked:
            # ECMA-376 Part 1 §18.2.29; it follows workbookPr (§18.2.27).
            self._xml_empty_tag("workbookProtection", [("lockStructure", 1)])


class StreamingWorksheet(TableWorksheet):
    """A worksheet that spools appended rows as XML; its rows grow with what is typed.

    See :func:`~ledgerbook.excel.table_worksheet.remove_custom_heights` for the latter.
    """

    dim_rowmax: Any

    def __init__(self) -> None:
        super().__init__()
        # Made when the first rows are appended: many sheets have no long table.
        self._row_buffer: tempfile.SpooledTemporaryFile[bytes] | None = None
        self._last_regular_row = 0

    def begin_table(
        self,
        header_row: int,
        row_count: int,
        columns: Sequence[dict[str, Any]],
        name: str,
    ) -> None:
        # XlsxWriter notes every cell of a table, to find tables that overlap. It is given
        # one row only, and the full range is set afterwards.
        super().begin_table(header_row, 1, columns, name)
        last_cell = (header_row + row_count, len(columns) - 1)
        full_range = format_area_reference((header_row, 0), last_cell)
        self.tables[-1] |= dict.fromkeys(("range", "a_range", "autofilter"), full_range)

    def encode_cell(self, value: PlainValue, style: Format | None = None) -> EncodedCell:
        style_attribute = f' s="{style._get_xf_index()}"' if style else ""
        if value is None or value == "":
            return f"{style_attribute}/>"
        if isinstance(value, str):
            index = self.str_table._get_shared_string_index(fit_to_cell(value))
            return f'{style_attribute} t="s"><v>{index}</v></c>'
        if isinstance(value, date):
            value = convert_to_serial(value)
        return f"{style_attribute}><v>{value:.16g}</v></c>"

    def encode_formula(self, formula: str, current_value: PlainValue, style: Format) -> EncodedCell:
        style_attribute = f' s="{style._get_xf_index()}"'
        escaped_formula = escape(self._prepare_formula(formula))
        if isinstance(current_value, str):
            text = escape(current_value)
            return f'{style_attribute} t="str"><f>{escaped_formula}</f><v>{text}</v></c>'
        value = current_value or 0
        if isinstance(value, date):
            value = convert_to_serial(value)
        return f"{style_attribute}><f>{escaped_formula}</f><v>{value:.16g}</v></c>"

    def append_rows(
        self, first_row: int, heights: Sequence[float], columns: Sequence[Sequence[EncodedCell]]
    ) -> None:
        if not heights:
            return
        check_result(self._check_dimensions(first_row + len(heights) - 1, len(columns) - 1))
        if self._row_buffer is None:
            self._row_buffer = tempfile.SpooledTemporaryFile(_SPOOL_BYTES)  # noqa: SIM115
            self._last_regular_row = first_row - 1
        cell_template = "".join(
            f'<c r="{format_column_letters(column)}%d"%s' for column in range(len(columns))
        )
        row_template = f'<row r="%d" ht="%.16g">{cell_template}</row>'
        row_numbers = range(first_row + 1, first_row + 1 + len(heights))
        cell_arguments = [arguments for column in columns for arguments in (row_numbers, column)]
        row_lines = [
            row_template % row_arguments
            for row_arguments in zip(row_numbers, heights, *cell_arguments, strict=True)
        ]
        self._row_buffer.write("".join(row_lines).encode())

    def write_link(
        self, row: int, column: int, address: str, style: Format | None, text: str
    ) -> None:
        """Write a link with forward slashes, which a relation's target has as a URI.

        With the backslashes of XlsxWriter, WPS and LibreOffice on Linux find no file.
        """
        super().write_link(row, column, address, style, text)
        # Asking by [row] would make a row of links where XlsxWriter has refused this one.
        link = self.hyperlinks.get(row, {}).get(column)
        if link and address.startswith("external:"):
            link._relationship_link = link._relationship_link.replace("\\", "/")
            link._link = link._link.replace("\\", "/")

    def _prepare_formula(self, formula: str, *_: object) -> str:
        """Return a formula as XlsxWriter writes it: none of ours needs more than this.

        XlsxWriter looks for functions newer than Excel 2007 in each formula, which would
        cost more than all the rest.
        """
        return formula.removeprefix("=")

    def _xml_start_tag_unencoded(
        self, tag: str, attributes: list[tuple[str, Any]] | None = None
    ) -> None:
        remaining = [pair for pair in attributes or [] if pair[0] != "customHeight"]
        super()._xml_start_tag_unencoded(tag, remaining)

    def _write_rows(self) -> None:
        if self._row_buffer is None:
            super()._write_rows()
            return
        last_row = self.dim_rowmax
        self.dim_rowmax = self._last_regular_row
        super()._write_rows()
        self.dim_rowmax = last_row
        self._row_buffer.seek(0)
        chunks = iter(partial(self._row_buffer.read, _CHUNK_BYTES), b"")
        for chunk in codecs.iterdecode(chunks, "utf-8"):
            self.fh.write(chunk)
        self._row_buffer.close()
