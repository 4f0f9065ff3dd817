"""Names that Windows, Excel and WPS accept, for files and sheets of a section."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

_NOT_IN_FILES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_NOT_IN_SHEETS = re.compile(r"[\\/:*?\[\]\x00-\x1f]")
# Names that Windows keeps for devices, whatever the extension and blanks before it.
_DEVICES = re.compile(
    r"(con|prn|aux|nul|(com|lpt)[\d¹²³]|conin\$|conout\$|clock\$)\s*(\..*)?",
    re.IGNORECASE,
)
# What the lock files of Excel and WPS begin with: collecting passes over such.
_LOCK = "~$"
_LONGEST_SHEET = 31
_LONGEST_FILE = 80
# Linux counts bytes, 255 to a name; the rest is for the extension.
_LONGEST_FILE_BYTES = 240


def file_names(names: Iterable[str]) -> dict[str, str]:
    """Give each name a file stem of its own, as like it as a file system allows."""
    return _distinct(names, _file_stem, _cut_file)


def sheet_names(names: Iterable[str]) -> dict[str, str]:
    """Give each name a sheet name of its own, at most 31 characters."""
    return _distinct(names, _sheet_name, _cut_sheet)


def _file_stem(name: str) -> str:
    # A Mac writes a letter and its accent as two characters; others take them as one.
    stem = _NOT_IN_FILES.sub("_", unicodedata.normalize("NFC", name)).strip(" .")
    odd = not stem or _DEVICES.fullmatch(stem) or stem.startswith(_LOCK)
    return f"_{stem}" if odd else stem


def _sheet_name(name: str) -> str:
    plain = _NOT_IN_SHEETS.sub("_", name).strip().strip("'")
    return f"_{plain}" if not plain or plain.casefold() == "history" else plain


def _cut_file(stem: str, tail: str) -> str:
    kept = stem[: _LONGEST_FILE - len(tail)]
    while len((kept + tail).encode(errors="replace")) > _LONGEST_FILE_BYTES:
        kept = kept[:-1]
    # Where it was cut there may be a blank or a dot, which Windows would drop.
    return (kept + tail).rstrip(" .")


def _cut_sheet(name: str, tail: str) -> str:
    return name[: _LONGEST_SHEET - len(tail)] + tail


def _distinct(
    names: Iterable[str], clean: Callable[[str], str], cut: Callable[[str, str], str]
) -> dict[str, str]:
    """Give each name its own; what differs by case alone is the same to Windows."""
    taken: set[str] = set()
    given: dict[str, str] = {}
    for name in names:
        stem = clean(name)
        candidate = cut(stem, "")
        number = 2
        while candidate.casefold() in taken:
            candidate = cut(stem, f"({number})")
            number += 1
        taken.add(candidate.casefold())
        given[name] = candidate
    return given
