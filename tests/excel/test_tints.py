"""Overdue items have one colour, wherever they stand."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from ledgerbook.merge.ledger import merge_returns
from ledgerbook.summary import write_summary
from tests.support.books import AS_OF, OFFICE, issued, make_book

OVERDUE = "FFFFC7CE"


def test_overdue_has_one_colour_in_every_workbook() -> None:
    """The rule on a section's sheet, and the cells of the summary."""
    book = make_book()
    sheet = load_workbook(io.BytesIO(issued(book, OFFICE))).worksheets[0]
    rules = [rule for ranges in sheet.conditional_formatting for rule in ranges.rules]
    assert OVERDUE in {rule.dxf.fill.bgColor.rgb for rule in rules if rule.dxf.fill}
    summary = load_workbook(io.BytesIO(write_summary(merge_returns(book, [], AS_OF))))
    for name in ("年度汇总", "逾期临期", "科室明细"):
        cells = [cell for row in summary[name].iter_rows() for cell in row if cell.value == "逾期"]
        assert cells
        assert {cell.fill.fgColor.rgb for cell in cells} == {OVERDUE}, name
