"""The columns of a plan's table, told by what their headers say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ledgerbook.plan.grid import Part
from ledgerbook.text import squash

# Keys are squashed: agencies stretch 责 任 单 位 with spaces or line breaks.
HEADERS: Mapping[str, Part] = MappingProxyType(
    {
        "序号": Part.NUMBER,
        "工作要求": Part.REQUIREMENT,
        "工作要点": Part.POINT,
        "计划措施": Part.MEASURE,
        "责任单位": Part.UNITS,
        "时限": Part.LIMIT,
        "时限要求": Part.LIMIT,
        "完成时限": Part.LIMIT,
        "完成期限": Part.LIMIT,
    }
)

# Without these a table says neither what is to be done nor by whom.
SOUGHT = "工作要求、工作要点、计划措施、责任单位"
_NEEDED = frozenset({Part.MEASURE, Part.UNITS})


def part_of(text: str) -> Part | None:
    return HEADERS.get(squash(text))


def make_a_plan(parts: Iterable[Part]) -> bool:
    """Whether columns of these ``parts`` are those of a plan."""
    return set(parts) >= _NEEDED


_ANY_HEADER = "|".join(
    r"\s*".join(header) for header in sorted(HEADERS, key=len, reverse=True)
)

# In a flat text the headers stand in a row with nothing between them.
_HEADER_ROW = re.compile(rf"(?:(?:{_ANY_HEADER})\s*){{2,}}")


def flat_headers(text: str) -> tuple[re.Match[str], ...]:
    """Find every header row of a plan in a text that has lost its cells."""
    rows = _HEADER_ROW.finditer(text)
    return tuple(row for row in rows if make_a_plan(parts_in(row[0])))


def parts_in(header_row: str) -> tuple[Part, ...]:
    """Name the columns of a header row written without any separators."""
    found = re.findall(_ANY_HEADER, header_row)
    return tuple(HEADERS[squash(header)] for header in found)
