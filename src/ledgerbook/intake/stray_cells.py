"""Report the cells that belong to no row or column of a form.

A column of the section's own is one problem, whatever its length; what stands elsewhere beside
the table is one problem a row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ledgerbook.a1_references import (
    CellPosition,
    format_area_reference,
    format_cell_reference,
    format_column_letters,
)
from ledgerbook.intake.columns import ColumnIndex
from ledgerbook.intake.formats.raw_workbook import RawSheet, display_text, join_cell_texts
from ledgerbook.model.problems import Place, Problem
from ledgerbook.text import CELL_LIMIT, fit_to_cell, omit_identity_numbers

# The room for a reference and the marks around it, before each text of a problem.
_REFERENCE_LENGTH = 20


def report_stray_cells(
    file: str,
    sheet: RawSheet,
    cells: Sequence[CellPosition],
    section: str,
    columns: ColumnIndex | None = None,
) -> Iterator[Problem]:
    """Report ``cells``; without ``columns``, those of the form on the sheet, row by row."""
    own_columns = _find_own_columns(cells, columns) if columns else set()
    in_columns = sorted(
        (cell for cell in cells if cell[1] in own_columns), key=lambda cell: (cell[1], cell[0])
    )
    for column, column_cells in groupby(in_columns, key=lambda cell: cell[1]):
        header_row = columns.header_row if columns else 0
        header = display_text(sheet.cells.get((header_row, column)))
        for piece in _split_to_fit(sheet, column_cells):
            values = {
                "header": header or f"{format_column_letters(column)} 列",
                "count": str(len(piece)),
                "raw": _join_column_texts(sheet, piece),
            }
            place = Place(file, sheet.name, _format_range(piece))
            yield Problem("stray-column", place, values, section, len(piece))
    in_rows = sorted(cell for cell in cells if cell[1] not in own_columns)
    for _, row_cells in groupby(in_rows, key=lambda cell: cell[0]):
        for piece in _split_to_fit(sheet, row_cells):
            place = Place(file, sheet.name, format_cell_reference(piece[0]))
            values = {"raw": join_cell_texts(sheet, piece)}
            yield Problem("stray", place, values, section, len(piece))


def _find_own_columns(cells: Sequence[CellPosition], columns: ColumnIndex) -> set[int]:
    """Return the columns beside those of the form that have several cells from the header on."""
    form_columns = {*columns.positions.values(), *columns.ambiguous, columns.row_key_column}
    heights = Counter(
        column for row, column in cells if row >= columns.header_row and column not in form_columns
    )
    return {column for column, height in heights.items() if height > 1}


def _join_column_texts(sheet: RawSheet, cells: Sequence[CellPosition]) -> str:
    """Return the texts of a column from above, one that is repeated below itself once."""
    numbered = enumerate(cells)
    runs = groupby(
        numbered, lambda item: (display_text(sheet.cells[item[1]]), item[1][0] - item[0])
    )
    quoted = (f"{_format_range([cell for _, cell in run])}：{text}" for (text, _), run in runs)
    return fit_to_cell(omit_identity_numbers("；".join(quoted)))


def _format_range(cells: Sequence[CellPosition]) -> str:
    return format_area_reference(cells[0], cells[-1], shorten_single_cell=True)


def _split_to_fit(sheet: RawSheet, cells: Iterable[CellPosition]) -> Iterator[list[CellPosition]]:
    """Divide ``cells`` so that the texts of each piece fit into one cell of the problem list."""
    piece: list[CellPosition] = []
    length = 0
    for cell in cells:
        # A character may take two of the units in which the limit counts.
        needed = 2 * len(display_text(sheet.cells[cell])) + _REFERENCE_LENGTH
        if piece and length + needed > CELL_LIMIT:
            yield piece
            piece, length = [], 0
        piece.append(cell)
        length += needed
    if piece:
        yield piece
