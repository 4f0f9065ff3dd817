"""Make .xlsx workbooks in memory: the only way to XlsxWriter, same input, same bytes.

``issue``, ``summary`` and ``rollup`` make a :class:`WorkbookWriter`, add sheets to it, draw
on them and call :meth:`WorkbookWriter.finish`, all inside :func:`report_refusals`. Every
result of an XlsxWriter call passes :func:`check_result`, so that no drop-down and no
colour is missing without a message.
"""

from __future__ import annotations

import io
import os
import warnings
from contextlib import ExitStack
from datetime import UTC, date, datetime, time
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ledgerbook.excel import styles
from ledgerbook.excel.deterministic_zip import remove_windows_traces
from ledgerbook.excel.limits import MAX_HEADER_FOOTER, MAX_PROPERTY, fit_keywords, truncate
from ledgerbook.excel.names import quote_sheet_name
from ledgerbook.excel.pagination import (
    FOOT_MARGIN,
    SIDE_MARGIN,
    SIGNED_FOOT_MARGIN,
    TOP_MARGIN,
    PageLayout,
)
from ledgerbook.excel.refusals import RefusedContentError, check_result, report_refusals
from ledgerbook.excel.table_worksheet import TableWorksheet, remove_custom_heights
from ledgerbook.excel.xlsxwriter_internals import LockableWorkbook, choose_worksheet_class
from ledgerbook.model import PaperSize
from ledgerbook.temporary_folder import make_temporary_folder
from ledgerbook.text import count_utf16_units, fit_to_cell

__all__ = [
    "DATE_FORMAT",
    "SIGNATURE_LINE",
    "RefusedContentError",
    "WorkbookWriter",
    "check_result",
    "report_refusals",
    "set_up_page",
]

DATE_FORMAT = "yyyy-mm-dd"
# The calculation engine of Excel since 2016. What an older one has computed, Excel computes
# anew (ECMA-376 Part 1 §18.2.2, calcId).
CALCULATION_ID = 191029

_WORKBOOK_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_date_format": DATE_FORMAT,
    # The pixels of a column that nobody set, by which XlsxWriter knows the width of a digit.
    "default_column_width": 72,
    "default_row_height": styles.NORMAL_ROW_PIXELS,
}

_NORMAL_PROPERTIES = {
    "font_name": styles.NORMAL_FONT,
    "font_size": styles.NORMAL_SIZE,
    "font_family": styles.FONT_FAMILIES[styles.NORMAL_FONT],
    "font_charset": styles.FONT_CHARSET,
    # Excel would take the font of the theme instead, which is Calibri.
    "font_scheme": "none",
}

_BASE_PROPERTIES = {
    "font_name": styles.BODY_FONT,
    "font_charset": styles.FONT_CHARSET,
    "font_size": styles.BODY_SIZE,
    "valign": "vcenter",
    "text_wrap": True,
}

# The named looks of a cell; ``WorkbookWriter.get_format`` adds what a single cell needs.
STYLE_PROPERTIES: dict[str, dict[str, Any]] = {
    "title": {
        "font_name": styles.TITLE_FONT,
        "font_size": styles.TITLE_SIZE,
        "align": "center",
    },
    "head": {
        "font_name": styles.HEADER_FONT,
        "font_size": styles.HEADER_SIZE,
        "align": "center",
        "border": 1,
        "border_color": styles.BORDER_COLOR,
        "bg_color": styles.HEADER_FILL,
    },
    "body": {"border": 1, "border_color": styles.BORDER_COLOR},
    "locked": {
        "border": 1,
        "border_color": styles.BORDER_COLOR,
        "bg_color": styles.LOCKED_FILL,
    },
    "note": {"font_size": styles.NOTE_SIZE, "font_color": styles.GREY_TEXT_COLOR},
    "plain": {},
}


class WorkbookWriter:
    """One .xlsx workbook in the making; :meth:`finish` returns its bytes.

    The parts of a ``large`` workbook are put together in temporary files: in memory, a
    part with Chinese text takes four bytes a character. The sheets of one that ``is_locked``
    keep their names and places; there is no password.
    """

    def __init__(
        self,
        *,
        title: str,
        created: date,
        keywords: str = "",
        large: bool = False,
        is_locked: bool = False,
    ) -> None:
        self._buffer = io.BytesIO()
        self._is_large = large
        options = _WORKBOOK_OPTIONS | {
            "in_memory": not large,
            # XlsxWriter writes into this one.
            "default_format_properties": dict(_NORMAL_PROPERTIES),
        }
        self.workbook = LockableWorkbook(self._buffer, options)
        self.workbook.is_locked = is_locked
        # The stored results are right: Excel need not compute them when it opens the file, and
        # does not ask on closing whether to save what it has computed.
        self.workbook.set_calc_mode("auto", CALCULATION_ID)
        self.workbook.calc_on_load = False
        self.workbook.set_properties(
            {
                "title": truncate(title, MAX_PROPERTY),
                "author": "ledgerbook",
                "keywords": fit_keywords(keywords),
                "created": datetime.combine(created, time(), UTC).replace(tzinfo=None),
            }
        )
        self._worksheet_class = choose_worksheet_class()
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._formats_by_request: dict[tuple[Any, ...], Format] = {}
        self._defined_names: set[str] = set()

    def add_sheet(self, name: str) -> TableWorksheet:
        """Add a sheet after the others; ``name`` must be one that Excel accepts."""
        sheet: TableWorksheet = self.workbook.add_worksheet(
            name, worksheet_class=self._worksheet_class
        )
        return sheet

    def define_name(self, name: str, sheet_name: str, cells: str) -> None:
        """Define ``name`` for ``cells`` of a sheet, such as ``$A$2:$A$9``.

        Raises RefusedContentError for a name that Excel does not accept, or that is
        defined already (Excel ignores case in it).
        """
        if name.casefold() in self._defined_names:
            raise RefusedContentError(
                f"名称“{name}”在工作簿里重复了，请改动登记簿或栏目的代号。",
                code="content-refused",
                values={"name": name},
            )
        self._defined_names.add(name.casefold())
        check_result(self.workbook.define_name(name, f"={quote_sheet_name(sheet_name)}!{cells}"))

    def get_format(self, name: str = "plain", **overrides: Any) -> Format:
        """Return the format of look ``name`` with the properties ``overrides``.

        Every format is made once, so that the file has no two that are equal.
        """
        request = (name, *overrides.items())
        if request not in self._formats_by_request:
            properties = {**_BASE_PROPERTIES, **STYLE_PROPERTIES[name], **overrides}
            properties["font_family"] = styles.FONT_FAMILIES[properties["font_name"]]
            key = tuple(sorted(properties.items()))
            if key not in self._formats:
                self._formats[key] = self.workbook.add_format(properties)
            self._formats_by_request[request] = self._formats[key]
        return self._formats_by_request[request]

    def make_conditional_format(self, fill: str, text_color: str) -> Format:
        """Return what a rule of conditional formatting changes: two colours and no more."""
        return self.workbook.add_format({"bg_color": fill, "font_color": text_color})

    def make_correction_format(self) -> Format:
        """Return what marks a cell to correct, by a rule of conditional formatting."""
        return self.workbook.add_format(
            {
                "bg_color": styles.CORRECTION_FILL,
                "font_color": styles.CORRECTION_TEXT_COLOR,
                "bold": True,
                "border": 1,
                "border_color": styles.CORRECTION_TEXT_COLOR,
            }
        )

    def finish(self) -> bytes:
        """Close the workbook and return its bytes."""
        with warnings.catch_warnings(), ExitStack() as stack:
            warnings.simplefilter("error")
            if self._is_large:
                self.workbook.tmpdir = str(stack.enter_context(make_temporary_folder()))
            self.workbook.close()
        data = self._buffer.getvalue()
        if os.name == "nt":
            data = remove_windows_traces(data)
        return remove_custom_heights(data) if self._worksheet_class is TableWorksheet else data


# --- page layout ---

# ECMA-376 Part 1 §18.3.1.63.
_PAPER_CODES = {PaperSize.A3: 8, PaperSize.A4: 9}
_ONE_PAGE_WIDE = PageLayout()
_MAX_FOOTER_TEXT = 60
# Who signs what is printed; a full-width blank is as wide as a Chinese character.
_WIDE_BLANK, _NARROW_BLANK = "\u3000" * 6, "\u3000" * 2
SIGNATURE_LINE = (
    f"填报人：{_WIDE_BLANK}审核人：{_WIDE_BLANK}日期：{_NARROW_BLANK}"
    f"年{_NARROW_BLANK}月{_NARROW_BLANK}日"
)


def set_up_page(
    sheet: Worksheet,
    *,
    header_row: int,
    footer: str = "",
    signature: str = "",
    layout: PageLayout = _ONE_PAGE_WIDE,
) -> None:
    """Lay ``sheet`` out for paper in landscape, with ``header_row`` (0-based) on each page.

    ``footer`` stands at the foot on the left, below the line ``signature`` if there is
    one. Without a print scale in ``layout`` the sheet is one page wide, however wide its
    columns are made.
    """
    sheet.set_paper(_PAPER_CODES[layout.paper])
    sheet.set_landscape()
    sheet.set_margins(
        SIDE_MARGIN,
        SIDE_MARGIN,
        TOP_MARGIN,
        SIGNED_FOOT_MARGIN if signature else FOOT_MARGIN,
    )
    if layout.print_scale:
        sheet.set_print_scale(layout.print_scale)
    else:
        sheet.fit_to_pages(1, 0)
    if layout.column_breaks:
        check_result(sheet.set_v_pagebreaks(list(layout.column_breaks)))
        check_result(sheet.repeat_columns(0, layout.repeated_columns - 1))
        sheet.print_across()
    sheet.repeat_rows(header_row)
    sheet.center_horizontally()
    check_result(sheet.set_footer(_compose_footer(footer, signature)))


def _compose_footer(footer: str, signature: str) -> str:
    """Return the footer with its codes (ECMA-376 Part 1 §18.3.1.46)."""
    # "&" begins a code, and XlsxWriter takes even "&&" for the code of a picture; a
    # full-width ＆ is no code.
    text = fit_to_cell(footer).replace("&", "＆")
    text = text if len(text) <= _MAX_FOOTER_TEXT else f"{text[:_MAX_FOOTER_TEXT]}…"
    signature_line = f"&11{signature}\n" if signature else ""
    leading_break = "\n" if signature else ""
    # The blank before the text keeps a year at its beginning out of the font size.
    center_and_right = f'&C{leading_break}&"宋体"&12— &P —&R{leading_break}&9共 &N 页'
    left = f"&L{signature_line}&9 "
    available = MAX_HEADER_FOOTER - count_utf16_units(left + center_and_right)
    return f"{left}{truncate(text, available)}{center_and_right}"
