"""A sheet drawn from the top down: the one pen that all sheets share."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ledgerbook.sheets import typography as look
from ledgerbook.sheets.pages import columns_above, page_height, turns_across
from ledgerbook.sheets.xlsx import Maker, done, page_setup
from ledgerbook.summary.cells import Value, write_cell

_HEADING_SIZE = 12
# So much of a page is room enough to begin a block that no page can hold.
_GOOD_PART = 1 / 3

Box = tuple[int, int, int, int]


class Canvas:
    """One sheet in the making; ``row`` is where the next line is drawn."""

    def __init__(self, maker: Maker, name: str, footer: str = "") -> None:
        self.name = name
        self.sheet = maker.sheet(name)
        self.maker = maker
        self.widths: tuple[float, ...] = ()
        self._repeated = 1
        self.heights: list[float] = []
        self._footer = footer

    @property
    def row(self) -> int:
        return len(self.heights)

    @property
    def page_height(self) -> float:
        """How many points of rows a printed page holds."""
        return page_height(self.widths)

    @property
    def _width_above(self) -> float:
        """The width of a line above a table, in characters."""
        first, last = columns_above(self.widths, self._repeated)
        return self.span_width(first, last - first + 1)

    def span_width(self, first: int, count: int) -> float:
        """Return the width of ``count`` columns merged, in characters."""
        return sum(self.widths[first : first + count]) + 5 / 7 * (count - 1)

    def columns(
        self,
        widths: Sequence[float],
        unprinted: Sequence[float] = (),
        repeated: int = 1,
    ) -> None:
        """Fix the widths of the sheet's columns, in characters.

        To the right of those that are printed stand the ``unprinted``; so many are
        ``repeated`` on each page, where one cannot hold them all.
        """
        self.widths, self._repeated = tuple(widths), repeated
        for index, width in enumerate((*widths, *unprinted)):
            done(self.sheet.set_column(index, index, width))

    def frame(self, *, head_row: int, frozen: int) -> None:
        """Set the sheet up for print and screen; ``frozen`` rows stay in sight."""
        page_setup(
            self.sheet,
            head_row=head_row,
            footer=self._footer,
            across=turns_across(self.widths),
            repeated=self._repeated,
        )
        done(self.sheet.freeze_panes(frozen, 0))
        self.sheet.hide_gridlines(2)

    def keep_together(self, starts: Sequence[int], repeated: int = 0) -> None:
        """Turn the page before a block of rows that this one cannot hold whole.

        ``starts`` are the blocks' first rows; row ``repeated`` stands on each page. A
        block that no page can hold begins where there is room for a good part of it.
        """
        page, again = self.page_height, self.heights[repeated]
        breaks: list[int] = []
        used = sum(self.heights[: starts[0]])
        for start, end in pairwise((*starts, self.row)):
            block = sum(self.heights[start:end])
            least = block if block <= page - again else page * _GOOD_PART
            if used + least > page:
                breaks.append(start)
                used = again
            used += block
            while used > page:
                used += again - page
        self.turn_pages(breaks)

    def turn_pages(self, rows: Sequence[int]) -> None:
        """Begin a new page before each of ``rows``."""
        if rows:
            done(self.sheet.set_h_pagebreaks(list(rows)))

    def style(self, name: str = "body", **more: Any) -> Any:
        return self.maker.style(name, **more)

    def put(self, box: Box, value: Value, style: Any) -> None:
        """Write ``value`` into one cell or, merged, into a box of them."""
        first_row, first_column, last_row, last_column = box
        if (first_row, first_column) != (last_row, last_column):
            done(self.sheet.merge_range(*box, "", style))
        write_cell(self.sheet, first_row, first_column, value, style)

    def compute(self, box: Box, formula: str, value: str | float, style: Any) -> None:
        """Write ``formula`` into a box, with the ``value`` it must come to."""
        self.put(box, None, style)
        done(self.sheet.write_formula(box[0], box[1], formula, style, value))

    def advance(self, height: float) -> None:
        """Finish the row at ``height`` points and go to the next."""
        done(self.sheet.set_row(self.row, height))
        self.heights.append(height)

    def append(
        self, heights: Sequence[float], columns: Sequence[Sequence[str]]
    ) -> None:
        """Write rows of a long table; below them, only such rows may be written."""
        self.sheet.append_rows(self.row, heights, columns)
        self.heights += heights

    def title(self, text: str) -> None:
        height = look.row_height([(text, self._width_above)], look.TITLE_SIZE)
        self.line(text, max(38.0, height), self.style("title"))

    def note(self, text: str, **more: Any) -> None:
        """Write a small grey line, as high as it needs."""
        height = look.row_height([(text, self._width_above)], look.NOTE_SIZE)
        self.line(text, height, self.style("note", **more))

    def heading(self, text: str) -> None:
        style = self.style("plain", font_name=look.HEAD_FONT, font_size=_HEADING_SIZE)
        self.line(text, 24, style)

    def sentence(self, text: str) -> None:
        """Write a bordered line where a table would have had its rows."""
        self.line(text, 30, self.style(align="center"))

    def line(self, text: str, height: float, style: Any) -> None:
        """Write ``text`` over the whole width of the first page."""
        first, last = columns_above(self.widths, self._repeated)
        self.put((self.row, first, self.row, last), text, style)
        self.advance(height)
