"""Blank cells that have a format alone: they change no value, and cost next to nothing."""

from __future__ import annotations

import pytest
import xlwt

from ledgerbook.file_types import read_parts
from ledgerbook.intake.formats.raw_workbook import RawSheet
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.intake.formats.xlsx_blank_cells import remove_blank_cells
from tests.support.books import FINANCE
from tests.support.returns import SHEET, answered, inline_cell, plain, replace_parts, sheet_xml
from tests.support.workbook_formats import make_ods, xls_bytes
from tests.test_growth import count_calls

ROWS, LETTERS = 1_000, "ABCDEFGHIJKL"
FIRST_SHEET = "xl/worksheets/sheet1.xml"
# How programs write a row of blank cells with borders: Excel and WPS, LibreOffice, openpyxl.
ROW_SPELLINGS = (
    ('<row r="{row}" spans="1:12" s="5" customFormat="1" ht="15">{cells}</row>', ' s="5"/>'),
    ('<row r="{row}" spans="1:12">{cells}</row>', ' s="5"/>'),
    ('<row r="{row}" customFormat="false" ht="12.8" hidden="false">{cells}</row>', ' s="5"/>'),
    ('<row r="{row}">{cells}</row>', ' s="5" t="n" />'),
)


def make_blank_rows(row_spelling: str, cell_end: str, first: int = 200) -> str:
    return "".join(
        row_spelling.format(
            row=row, cells="".join(f'<c r="{letter}{row}"{cell_end}' for letter in LETTERS)
        )
        for row in range(first, first + ROWS)
    )


def append_rows(data: bytes, rows: str) -> bytes:
    """Return a workbook with rows at the end of its first sheet."""
    end = b"</sheetData>"
    return replace_parts(data, {FIRST_SHEET: lambda xml: xml.replace(end, rows.encode() + end)})


@pytest.mark.parametrize(("row_spelling", "cell_end"), ROW_SPELLINGS)
def test_blank_rows_are_cut_out_of_a_sheet(row_spelling: str, cell_end: str) -> None:
    """What is left is the sheet without them, so that they cost no more than a search."""
    data = answered(FINANCE)
    bordered = append_rows(data, make_blank_rows(row_spelling, cell_end))
    usual = remove_blank_cells(read_parts(data)[FIRST_SHEET])
    assert remove_blank_cells(read_parts(bordered)[FIRST_SHEET]) == usual
    assert read_workbook(bordered) == read_workbook(data)


def test_a_value_among_blank_cells_is_kept() -> None:
    """Somebody wrote below the borders; that is told, and nothing moves."""
    blanks = make_blank_rows(*ROW_SPELLINGS[0])
    text = inline_cell("C350", "写在下面")
    rows = blanks.replace('<c r="C350" s="5"/>', text)
    sheet = read_workbook(append_rows(answered(FINANCE), rows)).sheets[0]
    usual = read_workbook(answered(FINANCE)).sheets[0]
    assert sheet.cells == {**usual.cells, (349, 2): "写在下面"}


@pytest.mark.parametrize(
    "more",
    [
        '<row r="6000"><c r="A6000" s="5"/><c><v>7</v></c></row>',
        '<row><c r="A1200" s="5"/><c r="B1200"><v>7</v></c></row>',
        '<row r="6000"><c r="B6000" t="str"><v><![CDATA[<c r="A1" s="5"/>]]></v></c></row>',
    ],
)
def test_where_cells_depend_on_those_before_them_all_are_kept(more: str) -> None:
    """A cell or row without a reference follows the one before it, be it blank."""
    xml = sheet_xml(make_blank_rows(*ROW_SPELLINGS[0]) + more)
    assert remove_blank_cells(xml) == xml


def test_a_cell_of_another_type_is_left_to_the_scan() -> None:
    """An error without a text is no blank cell."""
    rows = make_blank_rows(*ROW_SPELLINGS[0]).replace(
        '<c r="C350" s="5"/>', '<c r="C350" s="5" t="e"/>'
    )
    sheet = read_workbook(replace_parts(plain(), {SHEET: sheet_xml(rows)})).sheets[0]
    assert list(sheet.cells) == [(349, 2)]


@pytest.mark.parametrize("spelling", ['<c r="{}" s="5"/>', '<c s="5" r="{}"/>'])
def test_a_blank_cell_at_the_far_corner_is_no_content(spelling: str) -> None:
    """A format is there, and nothing that would have to be read."""
    far = f'<row r="1048576">{spelling.format("XFD1048576")}</row>'
    xml = sheet_xml(f'<row r="1">{inline_cell("A1", "x")}</row>{far}')
    assert read_workbook(replace_parts(plain(), {SHEET: xml})).sheets[0].cells == {(0, 0): "x"}


def make_xls(blank_rows: int) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    sheet.write_merge(1, 2, 3, 5, "合并")
    borders = xlwt.easyxf("borders: left thin, right thin, top thin, bottom thin")
    for row in range(10, 10 + blank_rows):
        for column in range(12):
            sheet.write(row, column, None, borders)
    sheet.write(10 + ROWS, 2, "写在下面")
    return xls_bytes(book)


def make_styled_ods(blank_rows: int) -> bytes:
    cells = '<table:table-cell table:style-name="ce1"/>' * 12
    text = '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="{blank_rows}">{cells}</table:table-row>'
    last = f"<table:table-row>{text}</table:table-row>"
    return make_ods(f'<table:table table:name="表">{row if blank_rows else ""}{last}</table:table>')


def test_blank_cells_of_an_xls_are_not_kept() -> None:
    """The text below them is, and so is the merged area above."""
    bordered, usual = make_xls(ROWS), make_xls(0)
    assert read_workbook(bordered).sheets == read_workbook(usual).sheets
    (sheet,) = read_workbook(bordered).sheets
    assert sheet.cells == {(1, 3): "合并", (10 + ROWS, 2): "写在下面"}
    assert sheet.attachments.merges == (((1, 3), (2, 5)),)


def read_sheets(data: bytes) -> tuple[RawSheet, ...]:
    return read_workbook(data).sheets


@pytest.mark.parametrize(
    ("bordered", "usual"),
    [
        (append_rows(answered(FINANCE), make_blank_rows(*ROW_SPELLINGS[0])), answered(FINANCE)),
        (make_xls(ROWS), make_xls(0)),
        (make_styled_ods(65_537), make_styled_ods(1)),
    ],
    ids=["xlsx", "xls", "ods"],
)
def test_blank_cells_cost_next_to_nothing(bordered: bytes, usual: bytes) -> None:
    """No function is called for each of them; for a row of an .xls, some are."""
    read_sheets(usual)  # what is loaded once is no part of the cost
    calls = count_calls(lambda: read_sheets(bordered)) - count_calls(lambda: read_sheets(usual))
    assert calls < ROWS * len(LETTERS)
