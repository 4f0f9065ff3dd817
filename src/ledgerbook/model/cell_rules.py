"""What a cell of a column may contain: one definition for the issued sheet and for the collector.

The sheet checks it by data validation (:mod:`ledgerbook.issue.data_validation`), the collector
when it parses a return, since a pasted value passes the validation by.
"""

from __future__ import annotations

from ledgerbook.model.forms import Column, ColumnType

LEAST_NUMBER = 0
NUMBER_TYPES = frozenset({ColumnType.NUMBER, ColumnType.WHOLE_NUMBER})
_PHONE_LENGTHS = (7, 20)


def get_length_range(column: Column) -> tuple[int, int] | None:
    """Return the fewest and the most characters of a text; None where any number will do."""
    least, most = _PHONE_LENGTHS if column.kind is ColumnType.PHONE else (0, None)
    most = column.max_length or most
    return None if most is None else (least, most)


def is_within_length(column: Column, text: str) -> bool:
    lengths = get_length_range(column)
    return lengths is None or lengths[0] <= len(text) <= lengths[1]


def describe_number(column: Column) -> str:
    """Return what number ``column`` asks for, in a few words."""
    kind = "整数" if column.kind is ColumnType.WHOLE_NUMBER else "数"
    return f"不小于 {LEAST_NUMBER} 的{kind}"


def is_number_allowed(column: Column, value: float) -> bool:
    is_whole = column.kind is not ColumnType.WHOLE_NUMBER or value % 1 == 0
    return value >= LEAST_NUMBER and is_whole
