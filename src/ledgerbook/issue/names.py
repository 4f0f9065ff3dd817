"""Names that Windows, Excel and WPS accept, for files and sheets of a section."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_NOT_IN_FILES = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_NOT_IN_SHEETS = re.compile(r"[\\/:*?\[\]\x00-\x1f]")
# Names that Windows keeps for devices, whatever the extension.
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST_SHEET = 31
_LONGEST_FILE = 80


def file_names(names: Iterable[str]) -> dict[str, str]:
    """Give each name a file stem of its own, as like it as a file system allows."""
    return _distinct(names, _file_stem, _LONGEST_FILE)


def sheet_names(names: Iterable[str]) -> dict[str, str]:
    """Give each name a sheet name of its own, at most 31 characters."""
    return _distinct(names, _sheet_name, _LONGEST_SHEET)


def _file_stem(name: str) -> str:
    stem = _NOT_IN_FILES.sub("_", name).strip(" .")
    return f"_{stem}" if not stem or _DEVICES.fullmatch(stem) else stem


def _sheet_name(name: str) -> str:
    plain = _NOT_IN_SHEETS.sub("_", name).strip().strip("'")
    return f"_{plain}" if not plain or plain.casefold() == "history" else plain


def _distinct(
    names: Iterable[str], clean: Callable[[str], str], longest: int
) -> dict[str, str]:
    taken: set[str] = set()
    given: dict[str, str] = {}
    for name in names:
        stem = candidate = clean(name)[:longest]
        number = 2
        while candidate.casefold() in taken:
            tail = f"({number})"
            candidate = stem[: longest - len(tail)] + tail
            number += 1
        taken.add(candidate.casefold())
        given[name] = candidate
    return given
