"""Each private member of XlsxWriter that speed needs, and the plain path without them."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet as ReadSheet
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.sharedstrings import SharedStringTable
from xlsxwriter.worksheet import Worksheet

from ledgerbook.excel import xlsxwriter_internals
from ledgerbook.excel.table_worksheet import TableWorksheet
from ledgerbook.excel.workbook_writer import WorkbookWriter
from ledgerbook.excel.xlsxwriter_internals import (
    REQUIRED_ATTRIBUTES,
    REQUIRED_MEMBERS,
    StreamingWorksheet,
    choose_worksheet_class,
    find_missing_members,
)
from ledgerbook.summary import write_summary
from tests.support import ledgers
from tests.support.books import OFFICE, issued, make_book


@pytest.mark.parametrize(("owner", "name"), REQUIRED_MEMBERS)
def test_each_private_method_is_there(owner: type, name: str) -> None:
    """A new XlsxWriter without one of them is noticed here first."""
    assert callable(getattr(owner, name))


@pytest.mark.parametrize("name", REQUIRED_ATTRIBUTES)
def test_each_undocumented_attribute_is_there(name: str) -> None:
    """A worksheet has them from the beginning."""
    assert hasattr(Worksheet(), name)


def test_the_fast_worksheet_is_used() -> None:
    """The installed XlsxWriter lacks nothing."""
    assert find_missing_members() == ()
    assert choose_worksheet_class() is StreamingWorksheet


def test_format_index_is_the_style_of_a_cell() -> None:
    """``Format._get_xf_index`` is what a cell's ``s`` attribute refers to."""
    buffer = io.BytesIO()
    workbook = Workbook(buffer)
    bold = workbook.add_format({"bold": True})
    workbook.add_worksheet().write_string(0, 0, "字", bold)
    index = bold._get_xf_index()
    workbook.close()
    assert f'<c r="A1" s="{index}" t="s">' in part(buffer.getvalue(), "xl/worksheets/sheet1.xml")


def test_shared_strings_are_numbered_from_zero() -> None:
    """``SharedStringTable._get_shared_string_index`` gives equal texts one number."""
    table = SharedStringTable()
    assert [table._get_shared_string_index(text) for text in "甲乙甲"] == [0, 1, 0]


def test_dimensions_are_noted() -> None:
    """``_check_dimensions`` sets ``dim_rowmax`` and refuses what is outside a sheet."""
    sheet = Worksheet()
    assert sheet._check_dimensions(7, 2) == 0
    assert sheet.dim_rowmax == 7
    assert sheet._check_dimensions(1_048_576, 0) == -1


def test_prepare_formula_only_removes_the_sign() -> None:
    """Our short cut gives what XlsxWriter gives for functions of Excel 2007."""
    formula = '=IF(COUNTIF($A$1:$A$9,"=甲")>0,SUMPRODUCT(1*EXACT(A1:A2,B1)),"")'
    assert StreamingWorksheet()._prepare_formula(formula) == Worksheet()._prepare_formula(formula)


def test_start_tags_lose_custom_heights_alone() -> None:
    """``_xml_start_tag_unencoded`` writes every tag of a sheet; ``fh`` receives it."""
    sheet = StreamingWorksheet()
    sheet.fh = io.StringIO()
    sheet._xml_start_tag_unencoded("row", [("r", 1), ("ht", 30), ("customHeight", 1)])
    assert sheet.fh.getvalue() == '<row r="1" ht="30">'


def test_rows_are_written_at_their_place() -> None:
    """``_write_rows`` writes what XlsxWriter has, and the spooled rows after it."""
    writer = WorkbookWriter(title="题", created=date(2022, 6, 1))
    sheet = writer.add_sheet("表")
    sheet.write_string(0, 0, "头")
    sheet.append_rows(1, [30.0], [[sheet.encode_cell("身")]])
    rows = re.findall(r'<row r="(\d)"', part(writer.finish(), "xl/worksheets/sheet1.xml"))
    assert rows == ["1", "2"]


def test_the_range_of_a_table_is_set_afterwards() -> None:
    """``tables`` is a list of dictionaries with the three ranges that we set."""
    writer = WorkbookWriter(title="题", created=date(2022, 6, 1))
    sheet = writer.add_sheet("表")
    sheet.begin_table(0, 9, [{"header": "甲"}, {"header": "乙"}], "明细")
    assert [sheet.tables[-1][key] for key in ("range", "a_range", "autofilter")] == ["A1:B10"] * 3


def test_a_cell_of_the_fast_path_is_refused_by_the_plain_one() -> None:
    """Encoded cells belong to the worksheet that made them."""
    with pytest.raises(TypeError):
        TableWorksheet().append_rows(0, [30.0], [[' t="s"><v>0</v></c>']])


@pytest.fixture
def _without_internals(monkeypatch: pytest.MonkeyPatch) -> None:
    members = (*REQUIRED_MEMBERS, (Format, "_gone_in_a_later_version"))
    monkeypatch.setattr(xlsxwriter_internals, "REQUIRED_MEMBERS", members)
    assert find_missing_members() == ("Format._gone_in_a_later_version",)


def draw_all_kinds() -> bytes:
    """Return a workbook with a table that has every kind of cell."""
    writer = WorkbookWriter(title="题", created=date(2022, 6, 1))
    sheet, style = writer.add_sheet("表"), writer.get_format("body")
    sheet.set_column(0, 5, 12)
    day_style = writer.get_format("body", num_format="yyyy-mm-dd")
    sheet.write_string(0, 0, "题")
    sheet.set_row(0, 36)
    sheet.begin_table(1, 3, [{"header": "甲"}, {"header": "乙"}, {"header": "丙"}], "明细")
    sheet.append_rows(
        2,
        [30.0, 40.5, 50.0],
        [
            [sheet.encode_cell("长" * 40_000, style), sheet.encode_cell(""), sheet.encode_cell(3)],
            [
                sheet.encode_cell(date(2022, 9, 30), day_style),
                sheet.encode_cell(datetime(2022, 9, 30, 12, 0), day_style),  # noqa: DTZ001
                sheet.encode_cell(None, style),
            ],
            [
                sheet.encode_formula("=1+1", 2, style),
                sheet.encode_formula('="<甲>"', "<甲>", style),
                sheet.encode_formula("=TODAY()", date(2022, 9, 30), day_style),
            ],
        ],
    )
    return writer.finish()


def issue_workbook() -> bytes:
    return issued(make_book(), OFFICE)


def make_summary() -> bytes:
    tasks = [ledgers.task(number, ("甲科", "乙科")) for number in range(1, 6)]
    book = ledgers.book(("甲科", "乙科"), tasks)
    return write_summary(ledgers.ledger(book, {(1, "甲科"): {"note": "同上"}}))


@pytest.mark.parametrize("make", [draw_all_kinds, issue_workbook, make_summary])
def test_the_plain_path_gives_an_equal_workbook(
    make: object, request: pytest.FixtureRequest
) -> None:
    """Values, formulas, styles, heights, tables and rules are the same without internals."""
    assert callable(make)
    fast = make()
    request.getfixturevalue("_without_internals")
    plain = make()
    assert fast != plain
    for formulas in (True, False):
        workbooks = [
            openpyxl.load_workbook(io.BytesIO(d), data_only=formulas) for d in (fast, plain)
        ]
        assert workbooks[0].sheetnames == workbooks[1].sheetnames
        for sheets in zip(*(workbook.worksheets for workbook in workbooks), strict=True):
            one, other = map(describe, sheets)
            # XlsxWriter rounds heights to whole pixels of 0.75 points.
            assert one.pop("heights") == pytest.approx(other.pop("heights"), abs=0.375)
            assert one == other
    for name in zipfile.ZipFile(io.BytesIO(plain)).namelist():
        if name.startswith("xl/worksheets/sheet"):
            assert "customHeight" not in part(plain, name)


def describe(sheet: ReadSheet) -> dict[str, Any]:
    cells = {
        cell.coordinate: (cell.value, cell.number_format, cell.font.name, cell.fill.fgColor.rgb)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None or cell.has_style
    }
    return {
        "cells": cells,
        "heights": {n: one.height for n, one in sheet.row_dimensions.items() if one.height},
        "widths": {letter: one.width for letter, one in sheet.column_dimensions.items()},
        "merged": sorted(map(str, sheet.merged_cells.ranges)),
        "tables": dict(sheet.tables.items()),
        "validations": [
            (rule.type, str(rule.sqref), rule.formula1)
            for rule in sheet.data_validations.dataValidation
        ],
        "rules": [str(one.sqref) for one in sheet.conditional_formatting],
        "protected": sheet.protection.sheet,
    }


def part(data: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(data)).read(name).decode()
