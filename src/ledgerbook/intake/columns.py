"""Which column of a sheet holds what: header text and the hidden keys vote."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ledgerbook.intake.formats.raw_workbook import (
    Cell,
    RawSheet,
    cell_name,
    joined,
    shown,
)
from ledgerbook.issue.layout import ROW_KEY
from ledgerbook.model import Form
from ledgerbook.model.problems import Place, Problem
from ledgerbook.text import squash

# So few matching cells may be chance; a sheet of ours has more than a dozen.
_LEAST_MATCHES = 3
# What stands in the hidden key column of every row: its code and its text's print.
_ROW_MARK = re.compile(r"[^#]+#[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class ColumnIndex:
    """Where a form's columns stand: key → 0-based column, agreed by all votes.

    ``doubtful`` columns are claimed twice or called two different things.
    """

    head_row: int
    key_row: int | None
    index: Mapping[str, int]
    row_key: int | None
    doubtful: Mapping[int, str]

    def answers(self, form: Form) -> dict[str, int]:
        return {c.key: self.index[c.key] for c in form.answers if c.key in self.index}

    def officials(self, form: Form) -> dict[str, int]:
        return {c.key: self.index[c.key] for c in form.official if c.key in self.index}

    @property
    def first_row(self) -> int:
        return max(self.head_row, self.key_row or 0) + 1

    @property
    def header_cells(self) -> set[Cell]:
        """The cells that were issued as headers and keys."""
        used = {*self.index.values(), *self.doubtful}
        cells = {(self.head_row, column) for column in used}
        if self.key_row is not None:
            cells |= {(self.key_row, column) for column in used}
            if self.row_key is not None:
                cells.add((self.key_row, self.row_key))
        return cells


def find_columns(sheet: RawSheet, form: Form) -> ColumnIndex | None:
    """Find header and columns; None when the sheet shows no form of ours."""
    headers = {squash(column.header): column.key for column in form.columns}
    keys = {column.key: column.key for column in form.columns} | {ROW_KEY: ROW_KEY}
    rows = _rows_by_text(sheet)
    head = _best_row(rows, lambda text: squash(text) in headers)
    coded = _best_row(rows, lambda text: text in keys)
    if head is None and coded is None:
        return None
    by_header = _named(sheet, head, lambda text: headers.get(squash(text)))
    by_key = _named(sheet, coded, keys.get)
    row_key = next((c for c, key in by_key.items() if key == ROW_KEY), None)
    if row_key is None:
        row_key = _marked_column(sheet)
    index, doubtful = _elect(by_header, by_key)
    head_row = head if head is not None else coded or 0
    return ColumnIndex(head_row, coded, index, row_key, doubtful)


def column_problems(
    file: str,
    sheet: RawSheet,
    columns: ColumnIndex,
    form: Form,
    section: str,
    doubtful: Collection[Cell],
) -> Iterator[Problem]:
    """Report columns that are gone or told apart by nothing; they hold ``doubtful``."""
    settled = {*columns.index, *columns.doubtful.values()}
    for column in form.answers:
        if column.key not in settled:
            place = Place(file, sheet.name)
            yield Problem("column-missing", place, {"header": column.header}, section)
    for index, key in columns.doubtful.items():
        cells = sorted(cell for cell in doubtful if cell[1] == index)
        values = {"header": form.column(key).header, "raw": joined(sheet, cells)}
        place = Place(file, sheet.name, cell_name((columns.head_row, index)))
        yield Problem("column-repeated", place, values, section, len(cells))


def _marked_column(sheet: RawSheet) -> int | None:
    """Return the column of hidden row keys by what it holds, its head being gone."""
    scores = Counter(
        column
        for (_, column), value in sheet.cells.items()
        if isinstance(value, str) and _ROW_MARK.fullmatch(value)
    )
    return max(scores, key=lambda c: (scores[c], c), default=None)


def _rows_by_text(sheet: RawSheet) -> dict[str, list[int]]:
    """Return in which rows each text stands; most texts stand in many."""
    rows: dict[str, list[int]] = defaultdict(list)
    for (row, _), value in sheet.cells.items():
        if isinstance(value, str):
            rows[value].append(row)
    return rows


def _best_row(
    rows: Mapping[str, Sequence[int]], wanted: Callable[[str], bool]
) -> int | None:
    """Return the row with the most cells that are ``wanted``, if there are enough."""
    scores: Counter[int] = Counter()
    for text, where in rows.items():
        if wanted(text.strip()):
            scores.update(where)
    if not scores:
        return None
    best = max(scores.values())
    if best < _LEAST_MATCHES:
        return None
    return min(row for row, score in scores.items() if score == best)


def _named(
    sheet: RawSheet, row: int | None, name: Callable[[str], str | None]
) -> dict[int, str]:
    if row is None:
        return {}
    named = {
        column: name(shown(value))
        for (at, column), value in sheet.cells.items()
        if at == row
    }
    return {column: key for column, key in sorted(named.items()) if key}


def _elect(
    by_header: Mapping[int, str], by_key: Mapping[int, str]
) -> tuple[dict[str, int], dict[int, str]]:
    """Let both votes decide each column; disagreement and doubles are doubtful."""
    claims: dict[str, list[int]] = {}
    doubtful: dict[int, str] = {}
    for column in sorted({*by_header, *by_key}):
        said, meant = by_header.get(column), by_key.get(column)
        if ROW_KEY in (said, meant):
            continue
        if said and meant and said != meant:
            doubtful[column] = said
        else:
            claims.setdefault(said or meant or "", []).append(column)
    for key, columns in claims.items():
        if len(columns) > 1:
            doubtful |= dict.fromkeys(columns, key)
    index = {key: columns[0] for key, columns in claims.items() if len(columns) == 1}
    return index, doubtful
