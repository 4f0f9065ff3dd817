"""Make names of sheets that Excel and WPS accept."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ledgerbook.text import make_distinct_names

_FORBIDDEN_IN_SHEET_NAMES = re.compile(r"[\\/:*?\[\]\x00-\x1f]")
_MAX_SHEET_NAME = 31


def make_sheet_names(names: Iterable[str]) -> dict[str, str]:
    """Give each name a sheet name of its own, at most 31 characters."""
    return make_distinct_names(names, _clean_sheet_name, _truncate_sheet_name)


def _clean_sheet_name(name: str) -> str:
    cleaned = _FORBIDDEN_IN_SHEET_NAMES.sub("_", name).strip().strip("'")
    return f"_{cleaned}" if not cleaned or cleaned.casefold() == "history" else cleaned


def _truncate_sheet_name(name: str, suffix: str) -> str:
    return name[: _MAX_SHEET_NAME - len(suffix)] + suffix
