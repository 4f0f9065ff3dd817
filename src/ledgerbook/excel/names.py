"""Make names that Windows, Excel and WPS accept: files, sheets, references, defined names.

Sections, forms and rounds are named freely in the book. File and sheet names made of them
are as like them as the program allows, and distinct: names that differ by case alone are
the same to Windows and to Excel. Limits of Excel are in :mod:`ledgerbook.excel.limits`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable

from ledgerbook.excel.limits import (
    MAX_DEFINED_NAME,
    MAX_SHEET_NAME,
    RESERVED_SHEET_NAMES,
    SHEET_NAME_FORBIDDEN_CHARACTERS,
    truncate,
)
from ledgerbook.text import utf16_length

_FORBIDDEN_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
# Besides what Excel forbids, the characters that XML cannot hold.
_FORBIDDEN_IN_SHEET_NAMES = re.compile(
    rf"[{re.escape(SHEET_NAME_FORBIDDEN_CHARACTERS)}\x00-\x1f\ufffe\uffff]"
)
# Names that Windows keeps for devices, whatever the extension and blanks before it
# (https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
_DEVICE_NAME = re.compile(
    r"(con|prn|aux|nul|(com|lpt)[\d¹²³]|conin\$|conout\$|clock\$)\s*(\..*)?",
    re.IGNORECASE,
)
# Lock files of Excel and WPS begin with this; ``collect`` passes over such files.
_LOCK_FILE_PREFIX = "~$"
_MAX_FILE_STEM = 80
# Linux allows 255 bytes for a name; the rest is for the extension.
_MAX_FILE_STEM_BYTES = 240

# --- files ---


def make_file_names(names: Iterable[str]) -> dict[str, str]:
    """Return for each name a distinct file stem, as like it as a file system allows."""
    return _make_distinct(names, _clean_file_stem, _truncate_file_stem, ())


def _clean_file_stem(name: str) -> str:
    # A Mac writes a letter and its accent as two characters, other systems as one.
    stem = _FORBIDDEN_IN_FILE_NAMES.sub("_", unicodedata.normalize("NFC", name)).strip(" .")
    is_reserved = not stem or _DEVICE_NAME.fullmatch(stem) or stem.startswith(_LOCK_FILE_PREFIX)
    return f"_{stem}" if is_reserved else stem


def _truncate_file_stem(stem: str, suffix: str) -> str:
    truncated = stem[: _MAX_FILE_STEM - len(suffix)]
    while len((truncated + suffix).encode(errors="replace")) > _MAX_FILE_STEM_BYTES:
        truncated = truncated[:-1]
    # The cut may leave a blank or a dot at the end, which Windows would drop.
    return (truncated + suffix).rstrip(" .")


# --- sheets ---


def make_sheet_names(names: Iterable[str], reserved: Iterable[str] = ()) -> dict[str, str]:
    """Return for each name a distinct sheet name that Excel accepts.

    Names too long are cut, forbidden characters become underscores, reserved words get an
    underscore before them. ``reserved`` are names of other sheets of the workbook, as
    they are; a name equal to one of them gets a number.
    """
    return _make_distinct(names, _clean_sheet_name, _truncate_sheet_name, reserved)


def _clean_sheet_name(name: str) -> str:
    cleaned = _FORBIDDEN_IN_SHEET_NAMES.sub("_", name).strip().strip("'")
    is_reserved = not cleaned or cleaned.casefold() in RESERVED_SHEET_NAMES
    return f"_{cleaned}" if is_reserved else cleaned


def _truncate_sheet_name(name: str, suffix: str) -> str:
    # The cut may leave an apostrophe at the end, which Excel forbids.
    return truncate(name, MAX_SHEET_NAME - len(suffix)).rstrip("'") + suffix


def _make_distinct(
    names: Iterable[str],
    clean: Callable[[str], str],
    truncate_name: Callable[[str, str], str],
    reserved: Iterable[str],
) -> dict[str, str]:
    """Return for each name its cleaned form, numbered where another has it already."""
    used_names = {name.casefold() for name in reserved}
    distinct_names: dict[str, str] = {}
    for name in names:
        cleaned = clean(name)
        candidate = truncate_name(cleaned, "")
        number = 2
        while candidate.casefold() in used_names:
            candidate = truncate_name(cleaned, f"({number})")
            number += 1
        used_names.add(candidate.casefold())
        distinct_names[name] = candidate
    return distinct_names


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
    if utf16_length(encoded) <= MAX_DEFINED_NAME:
        return encoded
    digest = hashlib.sha256(text.encode()).hexdigest()
    # Three dots in a row occur in no name that was not cut.
    return f"{truncate(encoded, MAX_DEFINED_NAME - len(digest) - 3)}...{digest}"


def _is_allowed_in_defined_name(character: str) -> bool:
    if character.isascii():
        return character == "_" or character.isdigit() or character.islower()
    is_letter = unicodedata.category(character).startswith("L") and character <= "\uffff"
    return is_letter and character == character.casefold()
