"""Names that Windows, Excel and WPS accept, for files and sheets of a section."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

_FORBIDDEN_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_FORBIDDEN_IN_SHEET_NAMES = re.compile(r"[\\/:*?\[\]\x00-\x1f]")
# Names that Windows keeps for devices, whatever the extension and blanks before it.
_DEVICE_NAME = re.compile(
    r"(con|prn|aux|nul|(com|lpt)[\d¹²³]|conin\$|conout\$|clock\$)\s*(\..*)?",
    re.IGNORECASE,
)
# What the lock files of Excel and WPS begin with: collecting passes over such.
_LOCK_FILE_PREFIX = "~$"
_MAX_SHEET_NAME = 31
_MAX_FILE_STEM = 80
# Linux counts bytes, 255 to a name; the rest is for the extension.
_MAX_FILE_STEM_BYTES = 240


def make_file_names(names: Iterable[str]) -> dict[str, str]:
    """Give each name a file stem of its own, as like it as a file system allows."""
    return _make_distinct(names, _clean_file_stem, _truncate_file_stem)


def make_sheet_names(names: Iterable[str]) -> dict[str, str]:
    """Give each name a sheet name of its own, at most 31 characters."""
    return _make_distinct(names, _clean_sheet_name, _truncate_sheet_name)


def _clean_file_stem(name: str) -> str:
    # A Mac writes a letter and its accent as two characters; others take them as one.
    stem = _FORBIDDEN_IN_FILE_NAMES.sub("_", unicodedata.normalize("NFC", name)).strip(" .")
    is_reserved = not stem or _DEVICE_NAME.fullmatch(stem) or stem.startswith(_LOCK_FILE_PREFIX)
    return f"_{stem}" if is_reserved else stem


def _clean_sheet_name(name: str) -> str:
    cleaned = _FORBIDDEN_IN_SHEET_NAMES.sub("_", name).strip().strip("'")
    return f"_{cleaned}" if not cleaned or cleaned.casefold() == "history" else cleaned


def _truncate_file_stem(stem: str, suffix: str) -> str:
    truncated = stem[: _MAX_FILE_STEM - len(suffix)]
    while len((truncated + suffix).encode(errors="replace")) > _MAX_FILE_STEM_BYTES:
        truncated = truncated[:-1]
    # Where it was cut there may be a blank or a dot, which Windows would drop.
    return (truncated + suffix).rstrip(" .")


def _truncate_sheet_name(name: str, suffix: str) -> str:
    return name[: _MAX_SHEET_NAME - len(suffix)] + suffix


def _make_distinct(
    names: Iterable[str],
    clean: Callable[[str], str],
    truncate: Callable[[str, str], str],
) -> dict[str, str]:
    """Give each name its own; what differs by case alone is the same to Windows."""
    used_names: set[str] = set()
    distinct_names: dict[str, str] = {}
    for name in names:
        stem = clean(name)
        candidate = truncate(stem, "")
        number = 2
        while candidate.casefold() in used_names:
            candidate = truncate(stem, f"({number})")
            number += 1
        used_names.add(candidate.casefold())
        distinct_names[name] = candidate
    return distinct_names
