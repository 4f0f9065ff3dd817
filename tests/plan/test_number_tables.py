"""A table of numbers is no plan, and is refused in time that grows as its rows do."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from openpyxl import Workbook

from ledgerbook.errors import InputError
from ledgerbook.plan import read_plan
from ledgerbook.plan.grid import MAX_ROWS
from tests.test_growth import count_calls


def refuse_numbers(path: Path, rows: int) -> int:
    """Return how many functions are called to refuse a table of ``rows`` rows."""
    workbook = Workbook()
    for row in range(rows):
        workbook.worksheets[0].append([row * 2, row * 2 + 1])
    buffer = io.BytesIO()
    workbook.save(buffer)
    path.write_bytes(buffer.getvalue())

    def read() -> None:
        with pytest.raises(InputError, match="没有找到分工方案"):
            read_plan(path)

    return count_calls(read)


@pytest.mark.slow
def test_twice_the_rows_cost_twice_as_much(tmp_path: Path) -> None:
    refuse_numbers(tmp_path / "a.xlsx", 10)  # what is loaded once is no part of the cost
    half, whole = (refuse_numbers(tmp_path / "a.xlsx", MAX_ROWS // part) for part in (2, 1))
    assert whole < 2.2 * half
