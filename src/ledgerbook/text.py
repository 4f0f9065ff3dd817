"""Normalize, clean, limit and format texts; format the values of cells as text.

Every room uses these functions. They are pure, and none of them knows a form or a
file format, except for Excel's limit of a cell and the escapes of its XML parts.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from functools import lru_cache

# The encodings of a text file from Windows or WPS, in the order in which to try them.
ENCODINGS = ("utf-8-sig", "gb18030")

# The most characters, in UTF-16 units, that a cell holds; Excel reports a workbook
# with a longer cell as damaged.
# https://support.microsoft.com/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3
CELL_LIMIT = 32_767
TRUNCATION_MARK = "……（以下从略，全文见原表）"

_WHITE_SPACE = re.compile(r"\s+")
# Zero-width spaces, joiners and direction marks: invisible, but not white space.
_FORMAT_CATEGORY = "Cf"
# What people see nothing of, by names that a clerk can look up.
_FORM_CHOOSERS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_UNSEEN_NAMES = {
    "零宽字符": "\u034f\u115f\u1160\u180e\u200b\u200c\u2060-\u2064\u206a-\u206f\u3164\uffa0"
    "\U000e0001-\U000e007f",
    "零宽连字符": "\u200d",
    "软连字符": "\xad",
    "文件开头的标记（BOM）": "\ufeff",
    "字形选择符": _FORM_CHOOSERS,
}
_UNSEEN = re.compile(f"[{''.join(_UNSEEN_NAMES.values())}]")
# In free texts some are seen by what they make of their neighbours: emoji, rare forms of a
# character.
_UNSEEN_IN_TEXT = re.compile(
    f"[{_UNSEEN_NAMES['零宽字符']}\xad\ufeff]|(?<![\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d"
)
# Marks that change the direction in which text is read: Chinese has no use for them, and what
# stands between them is seen in another order than it is stored
# (https://www.unicode.org/reports/tr9/, explicit and implicit formatting characters).
_DIRECTION_MARKS = r"\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069"
# All but tab and line feed that XML 1.0 §2.2 does not allow, and the controls that it does:
# DEL and U+0080 to U+009F, with which a terminal can be commanded.
_CONTROL_CHARACTERS = re.compile(
    rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_DIRECTION_MARKS}\ufffe\uffff]"
)
# The same, and line ends of every kind.
_UNSAFE_IN_TERMINAL = re.compile(rf"[\x00-\x1f\x7f-\x9f\u2028\u2029{_DIRECTION_MARKS}]+")
# The same in JSON, where line feeds stand between its parts.
_UNSAFE_IN_JSON = re.compile(rf"[\x7f-\x9f\u2028\u2029{_DIRECTION_MARKS}]")
# How a workbook writes a character that XML cannot contain, such as ``_x000D_``
# (ECMA-376 Part 1 §22.9.2.19, ST_Xstring).
_OOXML_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")

# --- dates that are none ---

_TYPED_DAY = re.compile(
    r"(?:(?P<y>[12]\d{3}|\d{2})[-/.年])?(?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})[日号]?"
)


def explain_date(text: str) -> str:
    """Return why ``text`` names no day, as a clause; blank where nothing can be said."""
    typed = normalize(text)
    if match := _TYPED_DAY.fullmatch(typed):
        year, month, day = (int(match[key] or 0) for key in "ymd")
        if not 1 <= month <= _MONTHS:
            return f"没有 {month} 月"
        # Without a year, 29 February may be right.
        full_year = year + 2000 if year < _FIRST_FULL_YEAR else year
        last_day = monthrange(full_year if match["y"] else _LEAP_YEAR, month)[1]
        if not 1 <= day <= last_day:
            year_text = f"{full_year} 年 " if match["y"] and month == _FEBRUARY else ""
            return f"{year_text}{month} 月没有 {day} 日"
    elif re.search("[上中下]旬|月(?:份|[初中底末])?$|(?:季度|年)[初中底末]?$", typed):
        return "要写到哪一天"
    return ""


_MONTHS, _FEBRUARY, _FIRST_FULL_YEAR, _LEAP_YEAR = 12, 2, 100, 2000

# --- comparison ---


def normalize(text: str) -> str:
    """Return ``text`` for comparison: in Unicode form NFKC, without any white space."""
    return _normalize_cached(text) if len(text) < _MAX_CACHED_LENGTH else _normalize_uncached(text)


def _normalize_uncached(text: str) -> str:
    return _WHITE_SPACE.sub("", unicodedata.normalize("NFKC", text))


# The words of plans and forms recur in every file; long answers do not.
_MAX_CACHED_LENGTH = 300
_normalize_cached = lru_cache(maxsize=4096)(_normalize_uncached)


def is_blank(text: str) -> bool:
    """Return whether a cell with ``text`` looks blank, and so is no answer."""
    if text[:1].isalnum():
        return False
    return all(
        character.isspace() or unicodedata.category(character) == _FORMAT_CATEGORY
        for character in text
    )


# --- characters ---


def normalize_line_ends(text: str) -> str:
    r"""Return ``text`` with every line end as ``\n``."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def normalize_answer(text: str) -> str:
    """Return a text as answers are compared: one kind of line end, no blanks around it."""
    return normalize_line_ends(text).strip()


def strip_controls(text: str) -> tuple[str, int]:
    r"""Return ``text`` without control characters and direction marks, and how many there were.

    Line ends become ``\n``; tabs and line feeds stay.
    """
    if text.isprintable():
        return text, 0
    return _CONTROL_CHARACTERS.subn("", normalize_line_ends(text))


def strip_unseen(text: str, *, keeps_forms: bool) -> tuple[str, str]:
    """Return ``text`` without characters that nobody sees, and the names of those it had.

    They arrive with what is copied from web pages and chats. Where ``keeps_forms``, those stay
    that choose the form of the character before them. White space at the ends goes too.
    """
    if text.isascii():
        return text, ""
    pattern = _UNSEEN_IN_TEXT if keeps_forms else _UNSEEN
    found = set(pattern.findall(text))
    if not found:
        return text, ""
    names = (name for name, characters in _UNSEEN_NAMES.items() if _has_any(found, characters))
    return pattern.sub("", text).strip(), "、".join(names)


def _has_any(found: Iterable[str], characters: str) -> bool:
    return any(re.match(f"[{characters}]", character) for character in found)


def make_storable(text: str) -> str:
    """Return ``text`` without the characters that XML cannot contain, whatever its length."""
    clean = strip_controls(text)[0]
    # A file name that is no valid UTF-8 arrives with lone surrogates.
    return clean.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


# A resident identity number (GB 11643): area, day of birth, serial number, check character.
_IDENTITY_NUMBER = re.compile(
    r"(?<!\d)\d{6}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"
)
IDENTITY_NUMBER_OMITTED = "（身份证号，未抄录）"


def omit_identity_numbers(text: str) -> str:
    """Return ``text`` without identity numbers, which are never copied out of a return."""
    return _IDENTITY_NUMBER.sub(IDENTITY_NUMBER_OMITTED, text)


_SENTENCE_ENDS = ("。", "！", "？", "。”", "。）")


def end_sentence(text: str) -> str:
    """Return ``text`` with a full stop, unless it ends with a mark of its own.

    It may end with what somebody wrote, and another sentence may follow.
    """
    text = text.rstrip()
    return text if text.endswith(_SENTENCE_ENDS) else f"{text}。"


def make_single_line(text: str) -> str:
    """Return ``text`` fit for one line of a terminal.

    A file name may contain characters that move the cursor, change colours or turn the
    reading direction.
    """
    return _UNSAFE_IN_TERMINAL.sub(" ", text)


def escape_unsafe(json_text: str) -> str:
    r"""Return JSON with what could command a terminal as ``\u`` escapes, and its line feeds."""
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", json_text)


def escape_ooxml(text: str) -> str:
    """Return ``text`` with the underscore escaped of what looks like an OOXML escape."""
    return _OOXML_ESCAPE.sub(r"_x005F_x\1_", text)


def unescape_ooxml(text: str) -> str:
    """Return the text that ``text``, from the XML of a workbook, stands for."""
    return _OOXML_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)


# --- length ---


def count_utf16_units(text: str) -> int:
    """Return the length of ``text`` as Excel counts it: an emoji is two characters."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def fit_to_cell(text: str) -> str:
    """Return ``text`` as a cell can hold it; a text cut short ends in ``TRUNCATION_MARK``."""
    if len(text) <= CELL_LIMIT // 2 and text.isprintable():
        return text
    storable_text = make_storable(text)
    if count_utf16_units(storable_text) <= CELL_LIMIT:
        return storable_text
    max_bytes = 2 * (CELL_LIMIT - count_utf16_units(TRUNCATION_MARK))
    return (
        storable_text.encode("utf-16-le")[:max_bytes].decode("utf-16-le", "ignore")
        + TRUNCATION_MARK
    )


# --- values ---


def format_value(value: object) -> str:
    """Return the text that a reader sees for the value of a cell.

    ``None`` is blank; a boolean is TRUE or FALSE, as in Excel; a number has at most 15
    significant digits, which is all that Excel keeps; a date is written 2022-06-30,
    followed by the time of day unless that is midnight.
    """
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case float():
            return f"{value:.15g}"
        case datetime() if value.time() != time():
            return f"{value.date()} {value:%H:%M:%S}"
        case datetime():
            return value.date().isoformat()
        case _:
            return str(value)


def format_chinese_date(day: date) -> str:
    """Return ``day`` as 2022年6月30日."""
    return f"{day.year}年{day.month}月{day.day}日"


def make_distinct_names(
    names: Iterable[str],
    clean: Callable[[str], str],
    truncate: Callable[[str, str], str],
    reserved: Iterable[str] = (),
) -> dict[str, str]:
    """Return a name for each of ``names`` that differs from all others in more than case.

    ``clean`` makes a name valid; ``truncate`` cuts it to length so that a suffix such as
    ``(2)``, by which equal names differ, has room. ``reserved`` are further names that
    none may equal.
    """
    used_names = {name.casefold() for name in reserved}
    distinct_names: dict[str, str] = {}
    # Of many equal names, the next one need not try the numbers of those before it.
    next_numbers: dict[str, int] = {}
    for name in names:
        cleaned = clean(name)
        base = candidate = truncate(cleaned, "")
        number = next_numbers.get(base, 2)
        while candidate.casefold() in used_names:
            candidate = truncate(cleaned, f"({number})")
            number += 1
        next_numbers[base] = number
        used_names.add(candidate.casefold())
        distinct_names[name] = candidate
    return distinct_names
