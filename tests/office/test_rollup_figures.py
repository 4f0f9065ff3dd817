"""The roll-up in LibreOffice: formulas that come to what we wrote down."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledgerbook.rollup import write_rollup
from tests.office.calc import Calc
from tests.support.rollups import make_summary, make_three_summaries, roll_up_files


@pytest.mark.parametrize("most", [1_000, 20])
def test_every_figure_of_a_roll_up_survives_a_recalculation(
    calc: Calc, tmp_path: Path, most: int
) -> None:
    """Whole or split over sheets: two levels, every formula computed afresh."""
    east = write_rollup(roll_up_files(make_three_summaries(), name="东区"))
    files = {"东区.xlsx": east, "财政.xlsx": make_summary("市财政局", "f1")}
    data = write_rollup(roll_up_files(files, date(2023, 1, 9), name="某市"), most)
    path = tmp_path / "合并.xlsx"
    path.write_bytes(data)
    values = load_workbook(io.BytesIO(data), data_only=True)
    written = {
        (sheet.title, cell.coordinate): values[sheet.title][cell.coordinate].value
        for sheet in load_workbook(io.BytesIO(data)).worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }
    names = calc.open(path=path)
    calc.recalculate()
    computed = {
        (name, ref): value
        for number, name in enumerate(names)
        for ref, value in calc.formulas(sheet=number).items()
    }
    calc.close()
    assert set(computed) == set(written)
    assert {
        at: (computed[at], value)
        for at, value in written.items()
        if computed[at] != pytest.approx(value)
    } == {}
    assert {sheet for sheet, _ in written} == {"总览", "分科室"}
