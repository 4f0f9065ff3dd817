"""How large a sheet is printed, by what its file says of columns, scale and paper.

Excel's own rules: a column is as many pixels wide as its width has digits of the Normal font,
8 pixels each in 宋体 11; breaks count only where the sheet is not fitted to the page.
"""

from __future__ import annotations

from itertools import pairwise

from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

_POINTS_PER_CHARACTER = 8 * 0.75
# Longer side in millimetres, by the number of the paper (ECMA-376 Part 1 §18.3.1.63).
_PAPER_WIDTHS = {8: 420, 9: 297}


def compute_available_width(sheet: Worksheet) -> float:
    """Return the width between the margins of the sheet's paper in landscape, in points."""
    assert sheet.page_setup.orientation == "landscape"
    margins = sheet.page_margins.left + sheet.page_margins.right
    return (_PAPER_WIDTHS[int(sheet.page_setup.paperSize)] / 25.4 - margins) * 72


def list_page_widths(sheet: Worksheet) -> list[float]:
    """Return the unscaled widths of the pages side by side, in points."""
    area = sheet.print_area.rpartition("!")[2].replace("$", "")
    last = range_boundaries(area)[2] if area else sheet.max_column
    widths = {
        number: 0.0 if dimension.hidden else dimension.width * _POINTS_PER_CHARACTER
        for dimension in sheet.column_dimensions.values()
        for number in range(dimension.min, dimension.max + 1)
    }
    starts = [1, *(one.id + 1 for one in sheet.col_breaks.brk), last + 1]
    repeated = sheet.print_title_cols
    title_columns = range(1, range_boundaries(repeated)[2] + 1) if repeated else ()
    pages = [
        [*(title_columns if n else ()), *range(start, end)]
        for n, (start, end) in enumerate(pairwise(starts))
    ]
    return [sum(widths.get(column, 0.0) for column in page) for page in pages]


def compute_printed_scale(sheet: Worksheet) -> float:
    """Return the scale at which the sheet is printed; every page must hold its columns.

    A sheet with page breaks must have a scale of its own, any other is fitted to one page.
    """
    widest, available = max(list_page_widths(sheet)), compute_available_width(sheet)
    fit = sheet.sheet_properties.pageSetUpPr
    is_fitted = bool(fit and fit.fitToPage)
    has_breaks = bool(sheet.row_breaks.brk or sheet.col_breaks.brk)
    assert is_fitted is not has_breaks, f"{sheet.title}: Excel would ignore the page breaks"
    if is_fitted:
        assert (sheet.page_setup.fitToWidth or 1) == 1
        return min(1.0, available / widest)
    scale = int(sheet.page_setup.scale or 100) / 100
    assert widest * scale <= available, f"{sheet.title}: columns slip onto another page"
    return scale


def find_smallest_print(sheet: Worksheet) -> float:
    """Return the size in points of the smallest letters of the sheet on paper."""
    sizes = (cell.font.size for row in sheet.iter_rows() for cell in row if cell.value)
    return float(min(sizes)) * compute_printed_scale(sheet)
