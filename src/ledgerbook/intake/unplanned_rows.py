"""Find the rows that a section added to its table: work beyond the plan (计划外工作).

Such a row has no row code. It says in an official column what was done, and answers in at
least one column, as the rows of the plan do; a note below the table does not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import chain, groupby

from ledgerbook.a1_references import CellPosition
from ledgerbook.intake.formats.raw_workbook import display_text
from ledgerbook.intake.row_matching import IssuedRows, SectionSheet
from ledgerbook.model import ColumnSource
from ledgerbook.model.problems import Problem
from ledgerbook.model.results import UnplannedRow
from ledgerbook.text import fit_to_cell, normalize

_TEXT_SOURCES = (ColumnSource.REQUIREMENT, ColumnSource.KEY_POINT, ColumnSource.MEASURE)


def find_unplanned_rows(
    sheet: SectionSheet, round_: str, stray_cells: Collection[CellPosition]
) -> dict[int, UnplannedRow]:
    """Return the rows of ``stray_cells`` that are work beyond the plan, by 0-based row."""
    columns, form = sheet.columns, sheet.form
    keys = {position: key for key, position in columns.positions.items()}
    answer_columns = set(columns.map_answer_columns(form).values())
    text_columns = {
        columns.positions[column.key]: column.source
        for column in form.official_columns
        if column.source in _TEXT_SOURCES and column.key in columns.positions
    }
    in_rows = sorted(
        cell for cell in stray_cells if cell[0] >= columns.first_row and cell[1] in keys
    )
    texts_by_row = {
        index: {cell[1]: display_text(sheet.raw.cells[cell]) for cell in cells}
        for index, cells in groupby(in_rows, key=lambda cell: cell[0])
    }
    candidates = {
        index: texts
        for index, texts in texts_by_row.items()
        if texts.keys() & answer_columns and texts.keys() & text_columns.keys()
    }
    planned_texts = _collect_planned_texts(sheet.issued_rows) if candidates else frozenset()
    return {
        index: UnplannedRow(
            sheet.section,
            round_,
            sheet.locate_cell((index, min(texts))),
            {keys[column]: fit_to_cell(text) for column, text in texts.items()},
        )
        for index, texts in candidates.items()
        if _is_of_ones_own(
            {source: texts[column] for column, source in text_columns.items() if column in texts},
            planned_texts,
        )
    }


def _collect_planned_texts(issued_rows: IssuedRows) -> frozenset[str]:
    """Return the normalized texts of the plan, and of its earlier wordings."""
    book = issued_rows.book
    texts = (
        normalize(text)
        for task in (*book.tasks, *book.retired_tasks)
        for text in (task.requirement, task.point, task.measure)
    )
    return frozenset(chain(texts, *issued_rows.earlier_wordings.values()))


def _is_of_ones_own(texts: Mapping[ColumnSource, str], planned_texts: Collection[str]) -> bool:
    """Whether ``texts`` say what the plan does not have: no measure of it, and another text."""
    own_sources = {source for source, text in texts.items() if normalize(text) not in planned_texts}
    has_other_measure = ColumnSource.MEASURE in own_sources
    return has_other_measure or bool(own_sources and ColumnSource.MEASURE not in texts)


def report_unplanned_rows(rows: Mapping[int, UnplannedRow]) -> list[Problem]:
    """Tell once of the rows of a sheet that are work beyond the plan."""
    if not rows:
        return []
    first = next(iter(rows.values()))
    numbers = "、".join(str(index + 1) for index in rows)
    values = {"rows": numbers, "count": str(len(rows))}
    return [Problem("row-unplanned", first.place, values, first.section)]
