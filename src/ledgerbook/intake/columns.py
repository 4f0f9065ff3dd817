"""Find the header of a sheet and which of its columns is which column of the form.

A column is recognised by the text of its header and by its key in the hidden row of
column keys that was issued with it, never by its position: senders insert, delete and
move columns. Where the two contradict each other, the column is ambiguous: its cells are
rejected, and a problem is reported. Rows and columns are 0-based.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ledgerbook.a1_references import CellPosition, format_cell_reference
from ledgerbook.intake.formats.raw_workbook import RawSheet, display_text, join_cell_texts
from ledgerbook.issue.layout import ROW_KEY
from ledgerbook.model import Form
from ledgerbook.model.problems import Place, Problem
from ledgerbook.text import normalize

# Cells that a row must share with a form to be its header: fewer may be chance, and a
# sheet of ours has more than a dozen.
_MIN_MATCHES = 3
# A cell of the hidden column of row keys: row code, ``#``, fingerprint of the text.
_ROW_KEY_PATTERN = re.compile(r"[^#]+#[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class ColumnIndex:
    """Where the columns of a form are on a sheet.

    ``positions`` maps a column's key to its 0-based column. ``key_row`` is the hidden row
    of column keys and ``row_key_column`` the hidden column of row keys, None where they
    are gone. ``ambiguous`` maps columns to the key they may have: two columns have the
    same key, or header and hidden key of one differ.
    """

    header_row: int
    key_row: int | None
    positions: Mapping[str, int]
    row_key_column: int | None
    ambiguous: Mapping[int, str]

    def map_answer_columns(self, form: Form) -> dict[str, int]:
        """Return the answer columns that were found, key → 0-based column."""
        return {
            column.key: self.positions[column.key]
            for column in form.answer_columns
            if column.key in self.positions
        }

    def map_official_columns(self, form: Form) -> dict[str, int]:
        """Return the columns of official text that were found, key → 0-based column."""
        return {
            column.key: self.positions[column.key]
            for column in form.official_columns
            if column.key in self.positions
        }

    @property
    def first_row(self) -> int:
        """The first row below header and column keys."""
        return max(self.header_row, self.key_row or 0) + 1

    @property
    def header_cells(self) -> set[CellPosition]:
        """The cells that were issued as headers and column keys."""
        used_columns = {*self.positions.values(), *self.ambiguous}
        cells = {(self.header_row, column) for column in used_columns}
        if self.key_row is not None:
            cells |= {(self.key_row, column) for column in used_columns}
            if self.row_key_column is not None:
                cells.add((self.key_row, self.row_key_column))
        return cells


def find_columns(sheet: RawSheet, form: Form) -> ColumnIndex | None:
    """Find the columns of ``form``; None when the sheet has neither its header nor its keys."""
    keys_by_header = {normalize(column.header): column.key for column in form.columns}
    known_keys = {column.key: column.key for column in form.columns} | {ROW_KEY: ROW_KEY}
    rows_by_text = _index_rows_by_text(sheet)
    matched_header_row = _find_best_row(
        rows_by_text, lambda text: normalize(text) in keys_by_header
    )
    key_row = _find_best_row(rows_by_text, lambda text: text in known_keys)
    if matched_header_row is None and key_row is None:
        return None
    by_header = _read_column_keys(
        sheet, matched_header_row, lambda text: keys_by_header.get(normalize(text))
    )
    by_key = _read_column_keys(sheet, key_row, known_keys.get)
    row_key_column = next((position for position, key in by_key.items() if key == ROW_KEY), None)
    if row_key_column is None:
        row_key_column = _find_row_key_column(sheet)
    positions, ambiguous = _combine_column_keys(by_header, by_key)
    header_row = matched_header_row if matched_header_row is not None else key_row or 0
    return ColumnIndex(header_row, key_row, positions, row_key_column, ambiguous)


def check_columns(
    file: str,
    sheet: RawSheet,
    columns: ColumnIndex,
    form: Form,
    section: str,
    rejected_cells: Collection[CellPosition],
) -> Iterator[Problem]:
    """Report answer columns that are missing, and ambiguous ones with their rejected cells."""
    known_keys = {*columns.positions, *columns.ambiguous.values()}
    for column in form.answer_columns:
        if column.key not in known_keys:
            place = Place(file, sheet.name)
            yield Problem("column-missing", place, {"header": column.header}, section)
    for position, key in columns.ambiguous.items():
        cells = sorted(cell for cell in rejected_cells if cell[1] == position)
        values = {
            "header": form.get_column(key).header,
            "raw": join_cell_texts(sheet, cells),
        }
        place = Place(file, sheet.name, format_cell_reference((columns.header_row, position)))
        yield Problem("column-repeated", place, values, section, len(cells))


def _find_row_key_column(sheet: RawSheet) -> int | None:
    """Return the column with most row keys in it, where its own key is gone."""
    scores = Counter(
        column
        for (_, column), value in sheet.cells.items()
        if isinstance(value, str) and _ROW_KEY_PATTERN.fullmatch(value)
    )
    return max(scores, key=lambda c: (scores[c], c), default=None)


def _index_rows_by_text(sheet: RawSheet) -> dict[str, list[int]]:
    """Return text → the rows that have a cell with it, a row once for each cell."""
    rows: dict[str, list[int]] = defaultdict(list)
    for (row, _), value in sheet.cells.items():
        if isinstance(value, str):
            rows[value].append(row)
    return rows


def _find_best_row(
    rows: Mapping[str, Sequence[int]], is_match: Callable[[str], bool]
) -> int | None:
    """Return the row with the most cells that match, the first of several; None if too few."""
    scores: Counter[int] = Counter()
    for text, row_indexes in rows.items():
        if is_match(text.strip()):
            scores.update(row_indexes)
    if not scores:
        return None
    best_score = max(scores.values())
    if best_score < _MIN_MATCHES:
        return None
    return min(row for row, score in scores.items() if score == best_score)


def _read_column_keys(
    sheet: RawSheet, row: int | None, find_key: Callable[[str], str | None]
) -> dict[int, str]:
    """Return column → the key that ``find_key`` gives for its text in ``row``."""
    if row is None:
        return {}
    keys = {
        column: find_key(display_text(value))
        for (cell_row, column), value in sheet.cells.items()
        if cell_row == row
    }
    return {column: key for column, key in sorted(keys.items()) if key}


def _combine_column_keys(
    by_header: Mapping[int, str], by_key: Mapping[int, str]
) -> tuple[dict[str, int], dict[int, str]]:
    """Return the positions that header and hidden key agree on, and the ambiguous columns."""
    columns_by_key: dict[str, list[int]] = {}
    ambiguous: dict[int, str] = {}
    for column in sorted({*by_header, *by_key}):
        header_key, hidden_key = by_header.get(column), by_key.get(column)
        if ROW_KEY in (header_key, hidden_key):
            continue
        if header_key and hidden_key and header_key != hidden_key:
            ambiguous[column] = header_key
        else:
            columns_by_key.setdefault(header_key or hidden_key or "", []).append(column)
    for key, columns in columns_by_key.items():
        if len(columns) > 1:
            ambiguous |= dict.fromkeys(columns, key)
    positions = {key: columns[0] for key, columns in columns_by_key.items() if len(columns) == 1}
    return positions, ambiguous
