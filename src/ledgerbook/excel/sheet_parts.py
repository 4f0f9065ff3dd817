"""Divide a table that is longer than an Excel sheet among several sheets.

The parts are called ``科室明细``, ``科室明细(2)`` and so on; each says how many there are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from ledgerbook.a1_references import MAX_ROWS

T = TypeVar("T")

# Title, note and header stand above the rows.
MAX_TABLE_ROWS = MAX_ROWS - 3
_PART_COUNT = re.compile(r"分成 (\d+) 张")


def split_into_sheets(name: str, items: Sequence[T], max_rows: int) -> dict[str, Sequence[T]]:
    """Return for each sheet name the ``items`` on it, at most ``max_rows`` each."""
    starts = range(0, max(1, len(items)), max_rows)
    return {
        name if number == 1 else f"{name}({number})": items[start : start + max_rows]
        for number, start in enumerate(starts, 1)
    }


def name_table_part(name: str, number: int) -> str:
    """Return the name of the Excel table on a part: ``tasks``, ``tasks_2`` and so on."""
    return name if number == 1 else f"{name}_{number}"


def is_part_sheet(sheet: str, name: str) -> bool:
    """Return whether ``sheet`` is the name of one of the parts of ``name``."""
    return re.fullmatch(rf"{re.escape(name)}(\([0-9]+\))?", sheet) is not None


def describe_part(number: int, part_count: int, row_count: int) -> str:
    """Return the note of a sheet that is one of several parts; blank for a single part."""
    if part_count == 1:
        return ""
    return (
        f"明细超过一张工作表的行数上限，分成 {part_count} 张，这是第 {number} 张，"
        f"有 {row_count} 行；各项统计都把几张加在一起。"
    )


def parse_part_count(text: str) -> int:
    """Return the number of parts that a note of :func:`describe_part` states, else 1."""
    match = _PART_COUNT.search(text)
    return int(match[1]) if match else 1
