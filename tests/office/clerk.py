"""What a clerk does with an open section workbook: find the cell, type the answer."""

from __future__ import annotations

from collections.abc import Mapping

from xlsxwriter.utility import xl_rowcol_to_cell

from calc import Calc
from ledgerbook.issue.canvas import KEY_ROW

Answers = Mapping[str, Mapping[str, str]]
"""Task code → column key → text."""


def type_in(calc: Calc, answers: Answers, sheet: int = 0) -> None:
    """Type ``answers`` into their cells, one after the other; all must be taken."""
    grid = calc.values(sheet=sheet)
    keys = grid[KEY_ROW]
    codes = [str(row[keys.index("row_code")]).partition("-")[0] for row in grid]
    for code, cells in answers.items():
        for key, text in cells.items():
            ref = xl_rowcol_to_cell(codes.index(code), keys.index(key))
            assert calc.type(ref=ref, text=text, sheet=sheet), (ref, text)
