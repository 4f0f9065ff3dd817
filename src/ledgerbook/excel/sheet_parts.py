"""A table longer than a sheet of Excel goes on from sheet to sheet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

# Excel ends at row 1,048,576; title, note and header stand above the rows.
MOST_ROWS = 1_048_576 - 3
_PARTS = re.compile(r"分成 (\d+) 张")


def shares(name: str, items: Sequence[T], most: int) -> dict[str, Sequence[T]]:
    """Share ``items`` among as many sheets, called after ``name``, as they need."""
    starts = range(0, max(1, len(items)), most)
    return {
        name if n == 1 else f"{name}({n})": items[start : start + most]
        for n, start in enumerate(starts, 1)
    }


def is_part(sheet: str, name: str) -> bool:
    """Whether a sheet is called as one of the parts of ``name``."""
    return re.fullmatch(rf"{re.escape(name)}(\([0-9]+\))?", sheet) is not None


def told(number: int, parts: int, rows: int) -> str:
    """Say on each sheet that it is one of several; nothing where it is the only one."""
    if parts == 1:
        return ""
    return (
        f"明细超过一张工作表的行数上限，分成 {parts} 张，这是第 {number} 张，"
        f"有 {rows} 行；各项统计都把几张加在一起。"
    )


def parts_told(text: str) -> int:
    """Return in how many parts a note says that its table is."""
    found = _PARTS.search(text)
    return int(found[1]) if found else 1
