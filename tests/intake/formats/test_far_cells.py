"""A cell that somebody filled far away from the table costs only itself."""

from __future__ import annotations

import pytest

from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats.raw_workbook import CellError
from ledgerbook.intake.formats.reader import read_workbook
from tests.intake.formats.test_blank_cells import append_rows
from tests.support.books import FINANCE
from tests.support.returns import (
    SHEET,
    STRINGS,
    answered,
    answers,
    collected,
    inline_cell,
    plain,
    replace_parts,
    sheet_xml,
    strings_xml,
)

FAR = '<row r="1048576">{}</row>'


def test_a_far_cell_is_told_and_the_answers_are_read() -> None:
    """The last row of a sheet is where Ctrl+↓ ends."""
    usual = answered(FINANCE)
    ledger = collected(append_rows(usual, FAR.format(inline_cell("A1048576", "误填"))))
    assert answers(ledger) == answers(collected(usual))
    (told,) = [problem for problem in ledger.problems if problem.code == "stray"]
    assert (told.place.cell, told.rejected_cells) == ("A1048576", 1)
    assert "误填" in told.message
    assert ledger.cell_balance.is_balanced


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_far_cells_of_every_type_are_read(prefix: str) -> None:
    """Below and beside; the cells in between stay where they are."""
    rows = (
        f'<row r="1">{inline_cell("A1", "甲")}<c r="XFD1" t="s"><v>0</v></c></row>'
        f'<row r="30">{inline_cell("B30", "乙")}</row>'
        + FAR.format(
            '<c r="A1048576"><v>7</v></c><c r="B1048576" t="e"><v>#REF!</v></c>'
            '<c r="C1048576"><f>A1</f></c><c r="D1048576" t="b"><v>1</v></c>'
            '<c r="E1048576" t="s"/><c r="F1048576" s="0"/>'
        )
    )
    xml = sheet_xml(rows)
    if prefix:
        for tag in ("worksheet", "sheetData", "row", "c", "is", "t", "v", "f"):
            for start in ("<", "</"):
                for end in (" ", ">", "/"):
                    old, new = f"{start}{tag}{end}", f"{start}{prefix}{tag}{end}"
                    xml = xml.replace(old.encode(), new.encode())
        xml = xml.replace(b"xmlns=", b"xmlns:x=")
    changes = {SHEET: xml, STRINGS: strings_xml("<si><t>丙</t></si>")}
    (sheet,) = read_workbook(replace_parts(plain(), changes)).sheets
    assert sheet.cells == {
        (0, 0): "甲",
        (0, 16_383): "丙",
        (29, 1): "乙",
        (1_048_575, 0): 7.0,
        (1_048_575, 1): CellError("#REF!"),
        (1_048_575, 2): CellError("=A1"),
        (1_048_575, 3): True,
    }


def test_many_far_cells_are_refused_with_the_last_row_named() -> None:
    """A sheet filled all over is no mistake in a cell."""
    rows = "".join(
        f'<row r="{row}">{inline_cell(f"Z{row}", "x")}</row>' for row in range(9, 900_000, 9_000)
    )
    with pytest.raises(RefusedError, match="一直到第 198009 行、第 26 列"):
        read_workbook(replace_parts(plain(), {SHEET: sheet_xml(rows)}))
