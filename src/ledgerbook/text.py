"""Small rules for Chinese text, shared by every room that reads or shows it."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def squash(text: str) -> str:
    """Fold ``text`` for comparison: NFKC, no white space at all."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text))


def without_controls(text: str) -> tuple[str, int]:
    r"""Return ``text`` fit for a cell and how many control characters it lost.

    Line ends become ``\n``; tabs and line feeds stay.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.subn("", lines)


def chinese_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
