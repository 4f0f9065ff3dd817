"""Make names that Excel and WPS accept: sheets, references to them, defined names.

Sections, forms and rounds are named freely in the book. Sheet names made of them are as
like them as Excel allows, and distinct: names that differ by case alone are the same to
Excel. Limits of Excel are in :mod:`ledgerbook.excel.limits`; names of files have rules of
their own: :mod:`ledgerbook.storage.file_names`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable

from ledgerbook.excel.limits import (
    MAX_DEFINED_NAME,
    MAX_SHEET_NAME,
    RESERVED_SHEET_NAMES,
    SHEET_NAME_FORBIDDEN_CHARACTERS,
    truncate,
)
from ledgerbook.text import count_utf16_units, make_distinct_names

# Besides what Excel forbids, the characters that XML cannot hold.
_FORBIDDEN_IN_SHEET_NAMES = re.compile(
    rf"[{re.escape(SHEET_NAME_FORBIDDEN_CHARACTERS)}\x00-\x1f\ufffe\uffff]"
)

# How Excel writes characters that XML cannot hold (ECMA-376 Part 1 §22.9.2.19): a name that
# looks so would be read as another one.
_ESCAPE_LOOKALIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

# --- sheets ---


def make_sheet_names(names: Iterable[str], reserved: Iterable[str] = ()) -> dict[str, str]:
    """Return for each name a distinct sheet name that Excel accepts.

    Names too long are cut, forbidden characters become underscores, reserved words get an
    underscore before them. ``reserved`` are names of other sheets of the workbook, as
    they are; a name equal to one of them gets a number.
    """
    return make_distinct_names(names, _clean_sheet_name, _truncate_sheet_name, reserved)


def _clean_sheet_name(name: str) -> str:
    cleaned = _FORBIDDEN_IN_SHEET_NAMES.sub("_", name).strip().strip("'")
    cleaned = _ESCAPE_LOOKALIKE.sub("\N{FULLWIDTH LOW LINE}", cleaned)
    is_reserved = not cleaned or cleaned.casefold() in RESERVED_SHEET_NAMES
    return f"_{cleaned}" if is_reserved else cleaned


def _truncate_sheet_name(name: str, suffix: str) -> str:
    # The cut may leave an apostrophe at the end, which Excel forbids.
    return truncate(name, MAX_SHEET_NAME - len(suffix)).rstrip("'") + suffix


# --- references and defined names ---


def quote_sheet_name(name: str) -> str:
    """Return a sheet's name as it stands before the ``!`` of a reference: ``'O''Brien科'``."""
    return "'" + name.replace("'", "''") + "'"


def build_internal_link(sheet_name: str, cell: str) -> str:
    """Return XlsxWriter's address of a link to a cell of the same workbook."""
    return f"internal:{quote_sheet_name(sheet_name)}!{cell}"


def encode_defined_name(text: str) -> str:
    """Return ``text`` as a defined name or the name of a table; different texts stay different.

    Excel ignores case in such names and allows few characters. Letters without upper
    case (small letters, Chinese characters), digits and underscores stay; any other
    character becomes its code point in hexadecimal between dots: ``a-b`` → ``a.2d.b``.
    ``text`` must begin with a letter.
    """
    encoded = "".join(
        character if _is_allowed_in_defined_name(character) else f".{ord(character):x}."
        for character in text
    )
    if count_utf16_units(encoded) <= MAX_DEFINED_NAME:
        return encoded
    digest = hashlib.sha256(text.encode()).hexdigest()
    # Three dots in a row occur in no name that was not cut.
    return f"{truncate(encoded, MAX_DEFINED_NAME - len(digest) - 3)}...{digest}"


def _is_allowed_in_defined_name(character: str) -> bool:
    if character.isascii():
        return character == "_" or character.isdigit() or character.islower()
    is_letter = unicodedata.category(character).startswith("L") and character <= "\uffff"
    return is_letter and character == character.casefold()
