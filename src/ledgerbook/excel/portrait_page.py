"""Fit a sheet onto A4 in portrait, on one page where its type stays legible.

Heights and sizes are in points, widths of columns in characters.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ledgerbook.excel.pagination import FOOT_MARGIN, SIDE_MARGIN, TOP_MARGIN, convert_to_points

# Type smaller than this on paper is hard to read.
MIN_PRINT_SIZE = 8.0
PORTRAIT_WIDTH = 210 / 25.4 * 72 - 2 * SIDE_MARGIN * 72
_PORTRAIT_HEIGHT = 297 / 25.4 * 72 - (TOP_MARGIN + FOOT_MARGIN) * 72
# Rows are a little higher in some programs, so that a page is not filled to its edge.
_PAGE_FILL = 0.97


def compute_width_of_points(points: float) -> float:
    """Return the width in characters of a column that is at most ``points`` wide."""
    points_per_character = convert_to_points(1) - convert_to_points(0)
    return math.floor((points - convert_to_points(0)) / points_per_character * 10) / 10


@dataclass(frozen=True, slots=True)
class PortraitFit:
    """How a sheet is printed: whether on one page, else at which scale, in per cent.

    ``page_height`` is how many points of rows a page holds at that scale.
    """

    is_one_page: bool
    percent: int
    page_height: float


def fit_portrait(widths: Sequence[float], height: float, font_size: float) -> PortraitFit:
    """Choose how to print rows of ``height`` in all, the smallest type being ``font_size``.

    It is one page where that leaves the type at MIN_PRINT_SIZE, else as many as are needed.
    """
    width_scale = min(1.0, PORTRAIT_WIDTH / sum(map(convert_to_points, widths)))
    available = _PORTRAIT_HEIGHT * _PAGE_FILL
    one_page_scale = min(width_scale, available / height)
    # Type that is too small on one page anyway is as small on several.
    is_one_page = one_page_scale >= min(width_scale, MIN_PRINT_SIZE / font_size)
    percent = math.floor((one_page_scale if is_one_page else width_scale) * 100)
    return PortraitFit(is_one_page, percent, available * 100 / percent)
