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
from xlsxwriter.utility import xl_col_to_name, xl_range
from xlsxwriter.worksheet import Worksheet

from ledgerbook.excel import styles as look
from ledgerbook.excel.pagination import FOOT, SIDE, SIGNED_FOOT, TOP
from ledgerbook.text import cell_text

DATE_FORMAT = "yyyy-mm-dd"

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_date_format": DATE_FORMAT,
}

# What a long sheet keeps in memory before it goes to the disk, and reads back at once.
_SPOOLED, _PIECE = 8 * 2**20, 2**16
_LETTERS = tuple(xl_col_to_name(n) for n in range(256))
_DAY_ZERO = date(1899, 12, 30)

# What a cell may hold that needs nothing but itself and a style.
Plain = str | float | date | None

_BASE = {
    "font_name": look.BODY_FONT,
    "font_charset": look.CHARSET,
    "font_size": look.BODY_SIZE,
    "valign": "vcenter",
    "text_wrap": True,
}

# The named looks of a cell; ``Maker.style`` adds what a single cell needs.
LOOKS: dict[str, dict[str, Any]] = {
    "title": {
        "font_name": look.TITLE_FONT,
        "font_size": look.TITLE_SIZE,
        "align": "center",
    },
    "head": {
        "font_name": look.HEAD_FONT,
        "font_size": look.HEAD_SIZE,
        "align": "center",
        "border": 1,
        "border_color": look.LINE,
        "bg_color": look.HEAD_FILL,
    },
    "body": {"border": 1, "border_color": look.LINE},
    "locked": {"border": 1, "border_color": look.LINE, "bg_color": look.LOCKED_FILL},
    "note": {"font_size": look.NOTE_SIZE, "font_color": look.GREY_INK},
    "plain": {},
}


class GrowingSheet(Worksheet):  # type: ignore[misc, unused-ignore]
    """A worksheet whose rows still grow when a long answer is typed.

    XlsxWriter marks every height as custom, and a custom height never grows: the
    answer would be cut off. The height itself stays. Whatever text is written, a
    cell can hold it: XlsxWriter would write none of a text that is too long.
    """

    def write_string(
        self, row: int, col: int, string: str, cell_format: Format | None = None
    ) -> int:
        result: int = super().write_string(row, col, cell_text(string), cell_format)
        return result

    def _prepare_formula(self, formula: str, *_: object) -> str:
        """Take a formula as it is: none of ours has a function newer than Excel 2007.

        XlsxWriter would look for thirty of them, which costs more than all the rest.
        """
        return formula.removeprefix("=")

    def _xml_start_tag_unencoded(
        self, tag: str, attributes: list[tuple[str, Any]] | None = None
    ) -> None:
        kept = [pair for pair in attributes or [] if pair[0] != "customHeight"]
        super()._xml_start_tag_unencoded(tag, kept)


class StreamingWorksheet(GrowingSheet):
    """A worksheet whose last rows, however many, are written down as they come.

    XlsxWriter keeps every cell as an object and looks at it anew when all is done,
    which takes most of a run's time and memory where a table is long. Its own way out,
    ``constant_memory``, has neither Excel tables nor texts that are stored once.
    """

    dim_rowmax: Any

    def __init__(self) -> None:
        super().__init__()
        self._long = tempfile.SpooledTemporaryFile(_SPOOLED)  # noqa: SIM115
        self._last_short = 0

    def begin_table(
        self, head: int, rows: int, columns: Sequence[dict[str, Any]], name: str
    ) -> None:
        """Head an Excel table of so many ``rows``, which are to be appended."""
        options = {"name": name, "style": None, "columns": columns}
        right = len(columns) - 1
        # Of each cell of a table it notes that no other table may have it.
        done(self.add_table(head, 0, head + 1, right, options))
        whole = xl_range(head, 0, head + rows, right)
        self.tables[-1] |= dict.fromkeys(("range", "a_range", "autofilter"), whole)

    def cell(self, value: Plain, style: Format | None = None) -> str:
        """Return a cell for :meth:`append_rows`, which gives it its place.

        Dates are those that Excel knows, and numbers finite.
        """
        styled = f' s="{style._get_xf_index()}"' if style else ""  # noqa: SLF001
        if value is None or value == "":
            return f"{styled}/>"
        if isinstance(value, str):
            index = self.str_table._get_shared_string_index(cell_text(value))  # noqa: SLF001
            return f'{styled} t="s"><v>{index}</v></c>'
        if isinstance(value, date):
            value = _serial(value)
        return f"{styled}><v>{value:.16g}</v></c>"

    def formula(self, formula: str, now: Plain, style: Format) -> str:
        """Return a cell that is computed, with what it comes to ``now``."""
        styled = f' s="{style._get_xf_index()}"'  # noqa: SLF001
        told = escape(self._prepare_formula(formula))
        if isinstance(now, str):
            return f'{styled} t="str"><f>{told}</f><v>{escape(now)}</v></c>'
        value = _serial(now) if isinstance(now, date) else now or 0
        return f"{styled}><f>{told}</f><v>{value:.16g}</v></c>"

    def append_rows(
        self, first: int, heights: Sequence[float], columns: Sequence[Sequence[str]]
    ) -> None:
        """Write rows from ``first`` on, each column a list of cells from the top down.

        No other call may write below them.
        """
        if not heights:
            return
        if not self._long.tell():
            self._last_short = first - 1
        cells = "".join(f'<c r="{letters}%d"%s' for letters in _LETTERS[: len(columns)])
        row = f'<row r="%d" ht="%.16g">{cells}</row>'
        numbers = range(first + 1, first + 1 + len(heights))
        between = [part for column in columns for part in (numbers, column)]
        lines = [row % told for told in zip(numbers, heights, *between, strict=True)]
        self._check_dimensions(first + len(heights) - 1, len(columns) - 1)
        self._long.write("".join(lines).encode())

    def _write_rows(self) -> None:
        last = self.dim_rowmax
        if self._long.tell():
            self.dim_rowmax = self._last_short
        super()._write_rows()
        self.dim_rowmax = last
        self._long.seek(0)
        pieces = iter(partial(self._long.read, _PIECE), b"")
        for piece in codecs.iterdecode(pieces, "utf-8"):
            self.fh.write(piece)
        self._long.close()


def _serial(day: date) -> float:
    """Return the number by which Excel knows a day or a moment."""
    if not isinstance(day, datetime):
        return (day - _DAY_ZERO).days
    since = day.replace(tzinfo=None) - datetime.combine(_DAY_ZERO, time())
    return since / timedelta(days=1)


class WorkbookWriter:
    """One xlsx workbook in the making; :meth:`finish` gives its bytes.

    The parts of a ``large`` one are put together on the disk.
    """

    def __init__(
        self, *, title: str, created: date, keywords: str = "", large: bool = False
    ) -> None:
        self._buffer = io.BytesIO()
        # In memory, a part with Chinese text in it takes four bytes a character.
        self.workbook = Workbook(self._buffer, _OPTIONS | {"in_memory": not large})
        self.workbook.set_properties(
            {
                "title": title,
                "author": "ledgerbook",
                "keywords": keywords,
                "created": datetime.combine(created, time(), UTC).replace(tzinfo=None),
            }
        )
        self._styles: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._asked: dict[tuple[Any, ...], Format] = {}

    def sheet(self, name: str) -> StreamingWorksheet:
        sheet: StreamingWorksheet = self.workbook.add_worksheet(
            name, worksheet_class=StreamingWorksheet
        )
        return sheet

    def style(self, name: str = "plain", **more: Any) -> Format:
        """Return the format of look ``name`` with ``more`` properties, made once."""
        asked = (name, *more.items())
        if asked not in self._asked:
            properties = {**_BASE, **LOOKS[name], **more}
            properties["font_family"] = look.FAMILIES[properties["font_name"]]
            key = tuple(sorted(properties.items()))
            if key not in self._styles:
                self._styles[key] = self.workbook.add_format(properties)
            self._asked[asked] = self._styles[key]
        return self._asked[asked]

    def finish(self) -> bytes:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            self.workbook.close()
        return self._buffer.getvalue()


def done(result: object) -> None:
    """Insist that an XlsxWriter call did what it was asked.

    Raises RuntimeError on the negative numbers it returns instead of raising.
    """
    if isinstance(result, int) and result < 0:
        raise RuntimeError(f"XlsxWriter refused a call with code {result}")


# A footer as a whole may have 255 characters.
_FOOTER = 60
# Who signs what is printed; a full-width blank is as wide as a character.
_WIDE, _NARROW = "\u3000" * 6, "\u3000" * 2
SIGNED = f"填报人：{_WIDE}审核人：{_WIDE}日期：{_NARROW}年{_NARROW}月{_NARROW}日"


def page_setup(
    sheet: Worksheet,
    *,
    head_row: int,
    footer: str = "",
    signed: str = "",
    across: Sequence[int] = (),
    repeated: int = 1,
) -> None:
    """Lay ``sheet`` out for A4: one page wide, header row (0-based) on each page.

    Each column of ``across`` begins a further page beside it, on which the first
    columns are ``repeated``. ``footer`` stands at the foot on the left, under the line
    where it is ``signed``; a blank keeps a year at its beginning from being read as
    part of the font size.
    """
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.set_margins(SIDE, SIDE, TOP, SIGNED_FOOT if signed else FOOT)
    sheet.fit_to_pages(1 + len(across), 0)
    if across:
        done(sheet.set_v_pagebreaks(list(across)))
        done(sheet.repeat_columns(0, repeated - 1))
        sheet.print_across()
    sheet.repeat_rows(head_row)
    sheet.center_horizontally()
    # A full-width ＆ is no code: XlsxWriter takes even the doubled one for a picture's.
    left = cell_text(footer).replace("&", "＆")
    left = left if len(left) <= _FOOTER else f"{left[:_FOOTER]}…"
    line = f"&11{signed}\n" if signed else ""
    above = "\n" if signed else ""
    center = f'{above}&"宋体"&12— &P —'
    done(sheet.set_footer(f"&L{line}&9 {left}&C{center}&R{above}&9共 &N 页"))
