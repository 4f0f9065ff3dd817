"""The one seam to XlsxWriter: workbooks made in memory, same input same bytes.

XlsxWriter answers a mistake with a warning and a negative number; here either one
raises, so that no drop-down or colour is ever missing in silence.
"""

from __future__ import annotations

import io
import warnings
from datetime import UTC, date, datetime, time
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from ledgerbook import typography as look
from ledgerbook.text import cell_text

DATE_FORMAT = "yyyy-mm-dd"

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_date_format": DATE_FORMAT,
}

_BASE = {
    "font_name": look.BODY_FONT,
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

    def _xml_start_tag_unencoded(
        self, tag: str, attributes: list[tuple[str, Any]] | None = None
    ) -> None:
        kept = [pair for pair in attributes or [] if pair[0] != "customHeight"]
        super()._xml_start_tag_unencoded(tag, kept)


class Maker:
    """One xlsx workbook in the making; :meth:`finish` gives its bytes."""

    def __init__(self, *, title: str, created: date, keywords: str = "") -> None:
        self._buffer = io.BytesIO()
        self.workbook = Workbook(self._buffer, _OPTIONS)
        self.workbook.set_properties(
            {
                "title": title,
                "author": "ledgerbook",
                "keywords": keywords,
                "created": datetime.combine(created, time(), UTC).replace(tzinfo=None),
            }
        )
        self._styles: dict[tuple[tuple[str, Any], ...], Format] = {}

    def sheet(self, name: str) -> Worksheet:
        return self.workbook.add_worksheet(name, worksheet_class=GrowingSheet)

    def style(self, name: str = "plain", **more: Any) -> Format:
        """Return the format of look ``name`` with ``more`` properties, made once."""
        properties = {**_BASE, **LOOKS[name], **more}
        key = tuple(sorted(properties.items()))
        if key not in self._styles:
            self._styles[key] = self.workbook.add_format(properties)
        return self._styles[key]

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


def page_setup(
    sheet: Worksheet, *, head_row: int, footer: str = "", landscape: bool = True
) -> None:
    """Lay ``sheet`` out for A4: one page wide, header row (0-based) on each page.

    ``footer`` stands at the foot on the left; a blank keeps a year at its beginning
    from being read as part of the font size before it.
    """
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head_row)
    sheet.center_horizontally()
    # A full-width ＆ is no code: XlsxWriter takes even the doubled one for a picture's.
    left = cell_text(footer).replace("&", "＆")
    left = left if len(left) <= _FOOTER else f"{left[:_FOOTER]}…"
    done(sheet.set_footer(f'&L&9 {left}&C&"宋体"&12— &P —&R&9共 &N 页'))
