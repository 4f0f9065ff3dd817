"""Fill an open section workbook as a clerk does: find each cell, type the answer."""

from __future__ import annotations

from collections.abc import Mapping

from xlsxwriter.utility import xl_rowcol_to_cell

from ledgerbook.issue.layout import KEY_ROW
from tests.office.calc import Calc

Answers = Mapping[str, Mapping[str, str]]
"""Task code → column key → text. A plain text is typed; see the classes below."""


class Picked(str):
    """A choice of the drop-down list, chosen with Alt+Down and the arrow keys."""

    __slots__ = ()


class Forced(str):
    """A text that the validation refuses when it is typed, so that it is pasted over the cell."""

    __slots__ = ()


class Blank(str):
    """No text: the cell is cleared with the Delete key."""

    __slots__ = ()


def type_in(calc: Calc, answers: Answers, sheet: int = 0) -> None:
    """Enter ``answers`` one after the other; fails if a cell does not accept its answer."""
    grid = calc.values(sheet=sheet)
    keys = grid[KEY_ROW]
    codes = [str(row[keys.index("row_code")]).partition("-")[0] for row in grid]
    for code, cells in answers.items():
        for key, text in cells.items():
            ref = xl_rowcol_to_cell(codes.index(code), keys.index(key))
            assert _enter(calc, ref, text, sheet), (ref, text)


def _enter(calc: Calc, ref: str, text: str, sheet: int) -> bool:
    """Enter one answer by its class; return whether the cell accepted it."""
    arguments = {"ref": ref, "text": str(text), "sheet": sheet}
    if isinstance(text, Blank):
        return bool(calc.clear(ref=ref, sheet=sheet))
    if isinstance(text, Picked):
        return bool(calc.choose(**arguments))
    if isinstance(text, Forced):
        assert not calc.type(**arguments), f"{ref} accepted {text}"
        return bool(calc.paste_over(**arguments))
    return bool(calc.type(**arguments))
