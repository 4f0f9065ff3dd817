"""The one seam to XlsxWriter: workbooks made in memory, same input same bytes.

XlsxWriter answers a mistake with a warning and a negative number; here either one
raises, so that no drop-down or colour is ever missing in silence.
"""

from __future__ import annotations

import codecs
import io
import tempfile
import warnings
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ledgerbook.a1_references import format_area_reference, format_column_letters
from ledgerbook.excel import styles as look
from ledgerbook.excel.pagination import FOOT_MARGIN, SIDE_MARGIN, SIGNED_FOOT_MARGIN, TOP_MARGIN
from ledgerbook.text import fit_to_cell

DATE_FORMAT = "yyyy-mm-dd"

_WORKBOOK_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_date_format": DATE_FORMAT,
}

# What a long sheet keeps in memory before it goes to the disk, and reads back at once.
_SPOOL_BYTES, _CHUNK_BYTES = 8 * 2**20, 2**16
_COLUMN_LETTERS = tuple(format_column_letters(n) for n in range(256))
_DAY_ZERO = date(1899, 12, 30)

# What a cell may hold that needs nothing but itself and a style.
PlainValue = str | float | date | None

_BASE_PROPERTIES = {
    "font_name": look.BODY_FONT,
    "font_charset": look.FONT_CHARSET,
    "font_size": look.BODY_SIZE,
    "valign": "vcenter",
    "text_wrap": True,
}

# The named looks of a cell; ``Maker.style`` adds what a single cell needs.
STYLE_PROPERTIES: dict[str, dict[str, Any]] = {
    "title": {
        "font_name": look.TITLE_FONT,
        "font_size": look.TITLE_SIZE,
        "align": "center",
    },
    "head": {
        "font_name": look.HEADER_FONT,
        "font_size": look.HEADER_SIZE,
        "align": "center",
        "border": 1,
        "border_color": look.BORDER_COLOR,
        "bg_color": look.HEADER_FILL,
    },
    "body": {"border": 1, "border_color": look.BORDER_COLOR},
    "locked": {
        "border": 1,
        "border_color": look.BORDER_COLOR,
        "bg_color": look.LOCKED_FILL,
    },
    "note": {"font_size": look.NOTE_SIZE, "font_color": look.GREY_TEXT_COLOR},
    "plain": {},
}


class AutoHeightWorksheet(Worksheet):  # type: ignore[misc, unused-ignore]
    """A worksheet whose rows still grow when a long answer is typed.

    XlsxWriter marks every height as custom, and a custom height never grows: the
    answer would be cut off. The height itself stays. Whatever text is written, a
    cell can hold it: XlsxWriter would write none of a text that is too long.
    """

    def write_string(
        self, row: int, col: int, string: str, cell_format: Format | None = None
    ) -> int:
        result: int = super().write_string(row, col, fit_to_cell(string), cell_format)
        return result

    def _prepare_formula(self, formula: str, *_: object) -> str:
        """Take a formula as it is: none of ours has a function newer than Excel 2007.

        XlsxWriter would look for thirty of them, which costs more than all the rest.
        """
        return formula.removeprefix("=")

    def _xml_start_tag_unencoded(
        self, tag: str, attributes: list[tuple[str, Any]] | None = None
    ) -> None:
        remaining = [pair for pair in attributes or [] if pair[0] != "customHeight"]
        super()._xml_start_tag_unencoded(tag, remaining)


class StreamingWorksheet(AutoHeightWorksheet):
    """A worksheet whose last rows, however many, are written down as they come.

    XlsxWriter keeps every cell as an object and looks at it anew when all is done,
    which takes most of a run's time and memory where a table is long. Its own way out,
    ``constant_memory``, has neither Excel tables nor texts that are stored once.
    """

    dim_rowmax: Any

    def __init__(self) -> None:
        super().__init__()
        self._row_buffer = tempfile.SpooledTemporaryFile(_SPOOL_BYTES)  # noqa: SIM115
        self._last_regular_row = 0

    def begin_table(
        self,
        header_row: int,
        row_count: int,
        columns: Sequence[dict[str, Any]],
        name: str,
    ) -> None:
        """Head an Excel table of so many ``row_count``, which are to be appended."""
        options = {"name": name, "style": None, "columns": columns}
        last_column = len(columns) - 1
        # Of each cell of a table it notes that no other table may have it.
        check_result(self.add_table(header_row, 0, header_row + 1, last_column, options))
        full_range = format_area_reference((header_row, 0), (header_row + row_count, last_column))
        self.tables[-1] |= dict.fromkeys(("range", "a_range", "autofilter"), full_range)

    def encode_cell(self, value: PlainValue, style: Format | None = None) -> str:
        """Return a cell for :meth:`append_rows`, which gives it its place.

        Dates are those that Excel knows, and numbers finite.
        """
        style_attribute = f' s="{style._get_xf_index()}"' if style else ""  # noqa: SLF001
        if value is None or value == "":
            return f"{style_attribute}/>"
        if isinstance(value, str):
            index = self.str_table._get_shared_string_index(fit_to_cell(value))  # noqa: SLF001
            return f'{style_attribute} t="s"><v>{index}</v></c>'
        if isinstance(value, date):
            value = _convert_to_serial(value)
        return f"{style_attribute}><v>{value:.16g}</v></c>"

    def encode_formula(self, formula: str, current_value: PlainValue, style: Format) -> str:
        """Return a cell that is computed, with what it comes to ``current_value``."""
        style_attribute = f' s="{style._get_xf_index()}"'  # noqa: SLF001
        escaped_formula = escape(self._prepare_formula(formula))
        if isinstance(current_value, str):
            text = escape(current_value)
            return f'{style_attribute} t="str"><f>{escaped_formula}</f><v>{text}</v></c>'
        value = current_value or 0
        if isinstance(value, date):
            value = _convert_to_serial(value)
        return f"{style_attribute}><f>{escaped_formula}</f><v>{value:.16g}</v></c>"

    def append_rows(
        self, first_row: int, heights: Sequence[float], columns: Sequence[Sequence[str]]
    ) -> None:
        """Write rows from ``first_row`` on, each column a list of cells from the top down.

        No other call may write below them.
        """
        if not heights:
            return
        if not self._row_buffer.tell():
            self._last_regular_row = first_row - 1
        cell_template = "".join(
            f'<c r="{letters}%d"%s' for letters in _COLUMN_LETTERS[: len(columns)]
        )
        row_template = f'<row r="%d" ht="%.16g">{cell_template}</row>'
        row_numbers = range(first_row + 1, first_row + 1 + len(heights))
        cell_arguments = [arguments for column in columns for arguments in (row_numbers, column)]
        row_lines = [
            row_template % row_arguments
            for row_arguments in zip(row_numbers, heights, *cell_arguments, strict=True)
        ]
        self._check_dimensions(first_row + len(heights) - 1, len(columns) - 1)
        self._row_buffer.write("".join(row_lines).encode())

    def _write_rows(self) -> None:
        last_row = self.dim_rowmax
        if self._row_buffer.tell():
            self.dim_rowmax = self._last_regular_row
        super()._write_rows()
        self.dim_rowmax = last_row
        self._row_buffer.seek(0)
        chunks = iter(partial(self._row_buffer.read, _CHUNK_BYTES), b"")
        for chunk in codecs.iterdecode(chunks, "utf-8"):
            self.fh.write(chunk)
        self._row_buffer.close()


def _convert_to_serial(day: date) -> float:
    """Return the number by which Excel knows a day or a moment."""
    if not isinstance(day, datetime):
        return (day - _DAY_ZERO).days
    elapsed = day.replace(tzinfo=None) - datetime.combine(_DAY_ZERO, time())
    return elapsed / timedelta(days=1)


class WorkbookWriter:
    """One xlsx workbook in the making; :meth:`finish` gives its bytes.

    The parts of a ``large`` one are put together on the disk.
    """

    def __init__(
        self, *, title: str, created: date, keywords: str = "", large: bool = False
    ) -> None:
        self._buffer = io.BytesIO()
        # In memory, a part with Chinese text in it takes four bytes a character.
        self.workbook = Workbook(self._buffer, _WORKBOOK_OPTIONS | {"in_memory": not large})
        self.workbook.set_properties(
            {
                "title": title,
                "author": "ledgerbook",
                "keywords": keywords,
                "created": datetime.combine(created, time(), UTC).replace(tzinfo=None),
            }
        )
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._formats_by_request: dict[tuple[Any, ...], Format] = {}

    def add_sheet(self, name: str) -> StreamingWorksheet:
        sheet: StreamingWorksheet = self.workbook.add_worksheet(
            name, worksheet_class=StreamingWorksheet
        )
        return sheet

    def get_format(self, name: str = "plain", **overrides: Any) -> Format:
        """Return the format of look ``name`` with ``overrides`` properties, made once."""
        request = (name, *overrides.items())
        if request not in self._formats_by_request:
            properties = {**_BASE_PROPERTIES, **STYLE_PROPERTIES[name], **overrides}
            properties["font_family"] = look.FONT_FAMILIES[properties["font_name"]]
            key = tuple(sorted(properties.items()))
            if key not in self._formats:
                self._formats[key] = self.workbook.add_format(properties)
            self._formats_by_request[request] = self._formats[key]
        return self._formats_by_request[request]

    def finish(self) -> bytes:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.workbook.close()
        return self._buffer.getvalue()


def check_result(result: object) -> None:
    """Insist that an XlsxWriter call did what it was asked.

    Raises RuntimeError on the negative numbers it returns instead of raising.
    """
    if isinstance(result, int) and result < 0:
        raise RuntimeError(f"XlsxWriter refused a call with code {result}")


# A footer as a whole may have 255 characters.
_MAX_FOOTER = 60
# Who signs what is printed; a full-width blank is as wide as a character.
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
    column_breaks: Sequence[int] = (),
    repeated_columns: int = 1,
) -> None:
    """Lay ``sheet`` out for A4: one page wide, header row (0-based) on each page.

    Each column of ``column_breaks`` begins a further page beside it, on which the first
    columns are ``repeated_columns``. ``footer`` stands at the foot on the left, under the line
    where it is ``signature``; a blank keeps a year at its beginning from being read as
    part of the font size.
    """
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.set_margins(
        SIDE_MARGIN,
        SIDE_MARGIN,
        TOP_MARGIN,
        SIGNED_FOOT_MARGIN if signature else FOOT_MARGIN,
    )
    sheet.fit_to_pages(1 + len(column_breaks), 0)
    if column_breaks:
        check_result(sheet.set_v_pagebreaks(list(column_breaks)))
        check_result(sheet.repeat_columns(0, repeated_columns - 1))
        sheet.print_across()
    sheet.repeat_rows(header_row)
    sheet.center_horizontally()
    # A full-width ＆ is no code: XlsxWriter takes even the doubled one for a picture's.
    left_text = fit_to_cell(footer).replace("&", "＆")
    left_text = left_text if len(left_text) <= _MAX_FOOTER else f"{left_text[:_MAX_FOOTER]}…"
    signature_text = f"&11{signature}\n" if signature else ""
    leading_break = "\n" if signature else ""
    center = f'{leading_break}&"宋体"&12— &P —'
    check_result(
        sheet.set_footer(f"&L{signature_text}&9 {left_text}&C{center}&R{leading_break}&9共 &N 页")
    )
