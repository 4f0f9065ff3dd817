"""Small rules for Chinese text, shared by every room that reads or shows it."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import lru_cache

# Characters that show nothing, beside white space: zero-width spaces, joiners, marks.
_FORMAT_CATEGORY = "Cf"


def normalize_line_ends(text: str) -> str:
    """Return ``text`` with line ends of one kind."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def is_blank(text: str) -> bool:
    """Whether a cell with ``text`` looks blank: it must never count as an answer."""
    if text[:1].isalnum():
        return False
    return all(
        character.isspace() or unicodedata.category(character) == _FORMAT_CATEGORY
        for character in text
    )


_WHITE_SPACE = re.compile(r"\s+")
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")

# Controls and line ends of every kind, and what turns the reading direction.
_UNSAFE_IN_TERMINAL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")
# How a workbook's part writes a character that XML cannot hold, such as ``_x000D_``.
_OOXML_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")

# A text from Windows or WPS is in one of these, to be tried in this order.
ENCODINGS = ("utf-8-sig", "gb18030")

TRUNCATION_MARK = "……（以下从略，全文见原表）"
# Excel counts UTF-16 units, and calls a workbook with a longer cell damaged.
CELL_LIMIT = 32_767


def normalize(text: str) -> str:
    """Fold ``text`` for comparison: NFKC, no white space at all."""
    return _normalize_cached(text) if len(text) < _MAX_CACHED_LENGTH else _normalize_uncached(text)


def _normalize_uncached(text: str) -> str:
    return _WHITE_SPACE.sub("", unicodedata.normalize("NFKC", text))


# The words of plans and forms come again in every file; long answers do not.
_MAX_CACHED_LENGTH = 300
_normalize_cached = lru_cache(maxsize=4096)(_normalize_uncached)


def strip_controls(text: str) -> tuple[str, int]:
    r"""Return ``text`` fit for a cell and how many control characters it lost.

    Line ends become ``\n``; tabs and line feeds stay.
    """
    if text.isprintable():
        return text, 0
    normalized = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL_CHARACTERS.subn("", normalized)


def make_storable(text: str) -> str:
    """Return ``text`` without what no XML can hold, whatever its length."""
    clean = strip_controls(text)[0]
    # A file name that is no valid UTF-8 arrives with lone surrogates.
    return clean.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def fit_to_cell(text: str) -> str:
    """Return ``text`` as a cell can hold it; what is cut off is said to be."""
    if len(text) <= CELL_LIMIT // 2 and text.isprintable():
        return text
    storable_text = make_storable(text)
    if utf16_length(storable_text) <= CELL_LIMIT:
        return storable_text
    max_bytes = 2 * (CELL_LIMIT - utf16_length(TRUNCATION_MARK))
    return (
        storable_text.encode("utf-16-le")[:max_bytes].decode("utf-16-le", "ignore")
        + TRUNCATION_MARK
    )


def make_single_line(text: str) -> str:
    """Return ``text`` fit for one line of a terminal.

    A file's name may move the cursor, change colours or turn the reading direction.
    """
    return _UNSAFE_IN_TERMINAL.sub(" ", text)


def escape_ooxml(text: str) -> str:
    """Write ``text`` so that no reader takes a part of it for an escape."""
    return _OOXML_ESCAPE.sub(r"_x005F_x\1_", text)


def unescape_ooxml(text: str) -> str:
    """Read ``text`` as it stands in a workbook's part."""
    return _OOXML_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)


def utf16_length(text: str) -> int:
    """Return the number of UTF-16 code units of ``text``: Excel counts characters so."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def format_chinese_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
