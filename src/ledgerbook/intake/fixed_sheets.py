"""Find what somebody wrote on the sheets of a return that have nothing to fill in.

These are 填表说明, 登记簿填表说明, 需要改正的地方 and the hidden sheets. What is not what we issued
is somebody's word and is reported, wherever it stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from ledgerbook import identity
from ledgerbook.a1_references import CellPosition
from ledgerbook.intake.claims import find_marked_section
from ledgerbook.intake.formats.raw_workbook import RawSheet, RawWorkbook, display_text
from ledgerbook.intake.identify import Identification, is_unfillable_sheet
from ledgerbook.intake.row_matching import IssuedRows, KeyWithheldError
from ledgerbook.intake.stray_cells import report_stray_cells
from ledgerbook.issue.baseline import SIGNATURE_FACT, VALUES_FACT
from ledgerbook.issue.fixed_texts import (
    TEXTS_FACT,
    TEXTS_SIGNATURE_FACT,
    FixedTexts,
    list_fixed_texts,
    read_text_facts,
)
from ledgerbook.issue.layout import CORRECTION_HEADER_ROW, CORRECTION_HEADERS, CORRECTIONS_SHEET

# A register's fact has the key of its form behind the name.
_FACT_NAMES = {
    identity.FORMAT_FACT,
    identity.AGENCY_FACT,
    identity.YEAR_FACT,
    identity.MARK_LABEL,
    identity.VERSION_FACT,
    identity.DEFINITION_FACT,
    identity.ROWS_FACT,
    VALUES_FACT,
    SIGNATURE_FACT,
    TEXTS_FACT,
    TEXTS_SIGNATURE_FACT,
}


def report_foreign_texts(
    file: str, workbook: RawWorkbook, facts: Mapping[str, str], issued_rows: IssuedRows
) -> Identification:
    """Report what was not issued on the sheets that have nothing to fill in.

    ``facts`` are those of the hidden sheet; the book of ``issued_rows`` has the versions of the
    forms that the workbook was issued on. Raises KeyWithheldError where only the signed record
    of the workbook can tell.
    """
    book = issued_rows.book
    sheets = [sheet for sheet in workbook.sheets if is_unfillable_sheet(sheet, book)]
    is_key_withheld = issued_rows.is_key_withheld
    issued_texts = (None if is_key_withheld else read_text_facts(facts, book)) or {}
    if not any(_list_foreign_cells(sheet, issued_texts) for sheet in sheets):
        return Identification()
    # No record, or one of another workbook: what the book would issue today is ours as well.
    todays_texts = list_fixed_texts(book, book.task_form, book.registers, book.rounds)
    known_texts = {
        key: issued_texts.get(key, Counter()) | todays_texts.get(key, Counter())
        for key in {*issued_texts, *todays_texts}
    }
    foreign_cells = [
        (sheet, cells) for sheet in sheets if (cells := _list_foreign_cells(sheet, known_texts))
    ]
    has_corrections = any(sheet.get_text((0, 0)) == CORRECTIONS_SHEET for sheet in sheets)
    if is_key_withheld and (foreign_cells or has_corrections):
        raise KeyWithheldError
    section = find_marked_section(workbook, issued_rows) if foreign_cells else ""
    problems = tuple(
        problem
        for sheet, cells in foreign_cells
        for problem in report_stray_cells(file, sheet, cells, section)
    )
    return Identification((), problems, sum(len(cells) for _, cells in foreign_cells))


def _list_foreign_cells(sheet: RawSheet, issued_texts: FixedTexts) -> list[CellPosition]:
    match sheet.name:
        case identity.MARK_SHEET:
            return _list_beside_facts(sheet)
        case identity.WORKDAY_SHEET:
            # Days count for the formulas of the sheets alone: no word can be among them.
            return sorted(
                cell
                for cell, value in sheet.cells.items()
                if cell[1] != 0 or isinstance(value, str)
            )
        case identity.CHOICES_SHEET as key:
            pass
        case _:
            key = sheet.get_text((0, 0))
    if key not in issued_texts and key == CORRECTIONS_SHEET:
        return _list_beside_corrections(sheet)
    return _list_unissued_texts(sheet, issued_texts.get(key, Counter()))


def _list_unissued_texts(sheet: RawSheet, issued: Counter[str]) -> list[CellPosition]:
    """List the cells whose text was not issued, or not as often.

    Where a text stands does not count: to insert a line says nothing.
    """
    left = Counter(issued)
    cells: list[CellPosition] = []
    for cell in sorted(sheet.cells):
        fingerprint = identity.compute_fingerprint(display_text(sheet.cells[cell]))
        if left[fingerprint]:
            left[fingerprint] -= 1
        else:
            cells.append(cell)
    return cells


def _list_beside_facts(sheet: RawSheet) -> list[CellPosition]:
    """List the cells of the sheet of marks that are neither a fact's name nor its value."""
    fact_rows = {row for row, column in sheet.cells if column == 0 and _is_fact(sheet, row)}
    return sorted(cell for cell in sheet.cells if cell[0] not in fact_rows or cell[1] > 1)


def _is_fact(sheet: RawSheet, row: int) -> bool:
    name, _, _ = sheet.get_text((row, 0)).partition(" ")
    return name in _FACT_NAMES


def _list_beside_corrections(sheet: RawSheet) -> list[CellPosition]:
    """List the cells beside and below a list of corrections of which no texts are known.

    A workbook of an earlier version carries none; what was changed within is not seen.
    """
    return sorted(
        (row, column)
        for row, column in sheet.cells
        if column >= len(CORRECTION_HEADERS)
        or not (row <= CORRECTION_HEADER_ROW or sheet.get_text((row, 0)).isdecimal())
    )
