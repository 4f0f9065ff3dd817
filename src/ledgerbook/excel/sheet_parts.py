"""A table longer than a sheet of Excel goes on from sheet to sheet."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

# Excel ends at row 1,048,576; title, note and header stand above the rows.
MAX_TABLE_ROWS = 1_048_576 - 3
_PART_COUNT = re.compile(r"分成 (\d+) 张")


def split_into_sheets(name: str, items: Sequence[T], max_rows: int) -> dict[str, Sequence[T]]:
    """Share ``items`` among as many sheets, called after ``name``, as they need."""
    starts = range(0, max(1, len(items)), max_rows)
    return {
        name if number == 1 else f"{name}({number})": items[start : start + max_rows]
        for number, start in enumerate(starts, 1)
    }


def is_part_sheet(sheet: str, name: str) -> bool:
    """Whether a sheet is called as one of the parts of ``name``."""
    return re.fullmatch(rf"{re.escape(name)}(\([0-9]+\))?", sheet) is not None


def describe_part(number: int, part_count: int, row_count: int) -> str:
    """Say on each sheet that it is one of several; nothing where it is the only one."""
    if part_count == 1:
        return ""
    return (
        f"明细超过一张工作表的行数上限，分成 {part_count} 张，这是第 {number} 张，"
        f"有 {row_count} 行；各项统计都把几张加在一起。"
    )


def parse_part_count(text: str) -> int:
    """Return in how many parts a note says that its table is."""
    match = _PART_COUNT.search(text)
    return int(match[1]) if match else 1
