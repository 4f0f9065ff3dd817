"""Take the few cells that are far away from all others out of a worksheet part.

The reader of values fills the area from A1 to the last cell. A single one that somebody filled
by mistake in row 1,048,576 would take more memory than a worker has. Such cells are read in a
sheet of their own, so that the answers are read and nothing is lost.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ledgerbook.a1_references import CellPosition, parse_cell_reference
from ledgerbook.intake.formats.raw_workbook import RawValue
from ledgerbook.intake.formats.untrusted_xml import MAX_SHEET_AREA

# More of them are no mistake, but a sheet too wide to be read.
_MAX_FAR_CELLS = 20
_SHEET_DATA = re.compile(rb"<((?:\w+:)?)sheetData>(.*)</\1sheetData>", re.DOTALL)
# A cell that has a type or content: one with a format alone has no extent.
_CELL = re.compile(
    rb'<(?P<prefix>(?:\w+:)?)c\s[^<>]*?\br="(?P<ref>[A-Z]{1,3}[0-9]{1,7})"'
    rb"(?P<rest>[^<>]*?)(?:/>|>(?P<content>.*?)</(?P=prefix)c>)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class SeparatedSheet:
    """A worksheet part without its far cells, and one with them alone.

    In the latter the cells are one below the other in column A, in the order of ``positions``.
    """

    near: bytes
    far: bytes
    positions: tuple[CellPosition, ...]

    def restore(self, cells: Mapping[CellPosition, RawValue]) -> dict[CellPosition, RawValue]:
        """Return the values that were read from ``far``, by the places of their cells."""
        return {self.positions[row]: value for (row, _), value in cells.items()}


def separate_far_cells(xml: bytes) -> SeparatedSheet | None:
    """Separate the far cells of a part; None where there are too many, or none that are plain."""
    data = _SHEET_DATA.search(xml)
    cells = {
        position: match
        for match in _CELL.finditer(xml, *data.span(2) if data else (0, 0))
        if (match["content"] or b" t=" in match[0])
        and (position := parse_cell_reference(match["ref"].decode()))
    }
    far = sorted(_choose_far_cells(cells.keys()))
    if not data or not far or not all(_is_in_its_row(xml, cells[position]) for position in far):
        return None
    rows = []
    for number, position in enumerate(far, 1):
        match, row = cells[position], b"%srow" % data[1]
        cell = match[0].replace(b'r="%b"' % match["ref"], b'r="A%d"' % number, 1)
        rows.append(b'<%b r="%d">%b</%b>' % (row, number, cell, row))
    start, end = data.span(2)
    far_spans = {cells[position].span() for position in far}
    near = _CELL.sub(lambda match: b"" if match.span() in far_spans else match[0], xml)
    return SeparatedSheet(near, xml[:start] + b"".join(rows) + xml[end:], tuple(far))


def _is_in_its_row(xml: bytes, cell: re.Match[bytes]) -> bool:
    """Return whether a cell is in the row that it names: nobody knows what a program shows else."""
    start = xml.rfind(b"<%brow " % cell["prefix"], 0, cell.start())
    number = cell["ref"].lstrip(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return start >= 0 and b' r="%b"' % number in xml[start : xml.find(b">", start)]


def _choose_far_cells(cells: Collection[CellPosition]) -> frozenset[CellPosition]:
    """Return the outermost of ``cells`` beyond MAX_SHEET_AREA; none where they are too many."""
    near = set(cells)
    while _measure_area(near) > MAX_SHEET_AREA:
        last = [max(cell[axis] for cell in near) for axis in (0, 1)]
        # The last row or the last column, whichever leaves the smaller area.
        near = min(
            ({cell for cell in near if cell[axis] < last[axis]} for axis in (0, 1)),
            key=_measure_area,
        )
        if len(cells) - len(near) > _MAX_FAR_CELLS:
            return frozenset()
    return frozenset(cells) - near


def _measure_area(cells: Collection[CellPosition]) -> int:
    """Return the number of cells from A1 to the last row and column of ``cells``."""
    rows, columns = (max((cell[axis] for cell in cells), default=-1) + 1 for axis in (0, 1))
    return rows * columns
