"""Parts that belong to a sheet: found by its relations, parsed within limits.

Nothing here may cost a sender the answers: whatever is wrong is an ``UnreadError``,
and the caller goes on without the part.
"""

from __future__ import annotations

import re
from typing import Any

from ledgerbook.returns import relations
from ledgerbook.returns.package import RefusedError
from ledgerbook.returns.raw import COLUMNS, ROWS, Cell
from ledgerbook.returns.relations import Package, Relation, local

# Parsed, a part takes some twenty times its size in memory.
LARGEST = 16 * 2**20
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")


class UnreadError(Exception):
    """A part could not be read; the message, in Chinese, says why."""


def links(package: Package, part: str) -> tuple[Relation, ...]:
    """List the relations of ``part``. Raises UnreadError."""
    try:
        return tuple(relations.relations(package, part))
    except RefusedError as error:
        raise UnreadError("已损坏") from error


def xml(data: bytes) -> Any:
    """Parse a part, its root element returned. Raises UnreadError."""
    if len(data) > LARGEST:
        raise UnreadError("过大")
    try:
        return relations.xml(data)
    except RefusedError as error:
        raise UnreadError("已损坏") from error


def attribute(element: Any, name: str) -> str:
    """Return an attribute, whatever its namespace."""
    return next((v for k, v in element.items() if local(k) == name), "")


def texts(element: Any) -> str:
    """Return the text of all ``t`` below, without the reading given beside it."""
    aside = {t for e in element.iter() if local(e.tag) == "rPh" for t in e.iter()}
    return "".join(
        e.text or "" for e in element.iter() if local(e.tag) == "t" and e not in aside
    )


def cell_of(reference: str) -> Cell | None:
    """Return the 0-based cell that ``B7`` or ``$B$7`` names, if there is such a one."""
    found = _REFERENCE.fullmatch(reference)
    if not found:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return placed(int(found[2]) - 1, column - 1)


def placed(row: int, column: int) -> Cell | None:
    """Return the cell, if a sheet can have it."""
    inside = 0 <= row < ROWS and 0 <= column < COLUMNS
    return (row, column) if inside else None


def area_of(reference: str) -> tuple[Cell, Cell] | None:
    """Return first and last cell of ``A1:C3``; one cell is an area as well."""
    first, _, last = reference.partition(":")
    ends = cell_of(first), cell_of(last or first)
    if ends[0] is None or ends[1] is None:
        return None
    rows, columns = zip(*(end for end in ends if end), strict=True)
    return (min(rows), min(columns)), (max(rows), max(columns))
