"""What a clerk does with an open section workbook: find the cell, type the answer."""

from __future__ import annotations

from collections.abc import Mapping

from xlsxwriter.utility import xl_rowcol_to_cell

from ledgerbook.issue.layout import KEY_ROW
from tests.office.calc import Calc

Answers = Mapping[str, Mapping[str, str]]
"""Task code → column key → text, typed unless it is one of the kinds below."""


class Picked(str):
    """A line of the drop-down list, chosen with Alt+Down and the arrows."""

    __slots__ = ()


class Forced(str):
    """A text that is refused when it is typed, and pasted over the cell then."""

    __slots__ = ()


def type_in(calc: Calc, answers: Answers, sheet: int = 0) -> None:
    """Put ``answers`` into their cells, one after the other; all must be taken."""
    grid = calc.values(sheet=sheet)
    keys = grid[KEY_ROW]
    codes = [str(row[keys.index("row_code")]).partition("-")[0] for row in grid]
    for code, cells in answers.items():
        for key, text in cells.items():
            ref = xl_rowcol_to_cell(codes.index(code), keys.index(key))
            assert _enter(calc, ref, text, sheet), (ref, text)


def _enter(calc: Calc, ref: str, text: str, sheet: int) -> bool:
    """Enter one answer in its own way; return whether the cell took it."""
    asked = {"ref": ref, "text": str(text), "sheet": sheet}
    if isinstance(text, Picked):
        return bool(calc.choose(**asked))
    if isinstance(text, Forced):
        assert not calc.type(**asked), f"{ref} took {text}"
        return bool(calc.paste_over(**asked))
    return bool(calc.type(**asked))
