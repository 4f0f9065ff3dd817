"""Small rules for Chinese text, shared by every room that reads or shows it."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache

# Characters that show nothing, beside white space: zero-width spaces, joiners, marks.
_UNSEEN = "Cf"


def plain_ends(text: str) -> str:
    """Return ``text`` with line ends of one kind."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def says_nothing(text: str) -> bool:
    """Whether a cell with ``text`` looks blank: it must never count as an answer."""
    if text[:1].isalnum():
        return False
    return all(c.isspace() or unicodedata.category(c) == _UNSEEN for c in text)


_SPACE = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")

# Controls and line ends of every kind, and what turns the reading direction.
_UNRULY = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")
# How a workbook's part writes a character that XML cannot hold, such as ``_x000D_``.
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")

# A text from Windows or WPS is in one of these, to be tried in this order.
ENCODINGS = ("utf-8-sig", "gb18030")

CUT_MARK = "……（以下从略，全文见原表）"
# Excel counts UTF-16 units, and calls a workbook with a longer cell damaged.
CELL_LIMIT = 32_767


def squash(text: str) -> str:
    """Fold ``text`` for comparison: NFKC, no white space at all."""
    return _squashed_before(text) if len(text) < _SHORT else _squashed(text)


def _squashed(text: str) -> str:
    return _SPACE.sub("", unicodedata.normalize("NFKC", text))


# The words of plans and forms come again in every file; long answers do not.
_SHORT = 300
_squashed_before = lru_cache(maxsize=4096)(_squashed)


def without_controls(text: str) -> tuple[str, int]:
    r"""Return ``text`` fit for a cell and how many control characters it lost.

    Line ends become ``\n``; tabs and line feeds stay.
    """
    if text.isprintable():
        return text, 0
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.subn("", lines)


def storable(text: str) -> str:
    """Return ``text`` without what no XML can hold, whatever its length."""
    clean = without_controls(text)[0]
    # A file name that is no valid UTF-8 arrives with lone surrogates.
    return clean.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def cell_text(text: str) -> str:
    """Return ``text`` as a cell can hold it; what is cut off is said to be."""
    if len(text) <= CELL_LIMIT // 2 and text.isprintable():
        return text
    clean = storable(text)
    if _units(clean) <= CELL_LIMIT:
        return clean
    room = 2 * (CELL_LIMIT - _units(CUT_MARK))
    return clean.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + CUT_MARK


def one_line(text: str) -> str:
    """Return ``text`` fit for one line of a terminal.

    A file's name may move the cursor, change colours or turn the reading direction.
    """
    return _UNRULY.sub(" ", text)


def escaped(text: str) -> str:
    """Write ``text`` so that no reader takes a part of it for an escape."""
    return _ESCAPE.sub(r"_x005F_x\1_", text)


def unescaped(text: str) -> str:
    """Read ``text`` as it stands in a workbook's part."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def chinese_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
