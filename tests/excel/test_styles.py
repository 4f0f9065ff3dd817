"""Row heights and widths: what Chinese text takes in a cell."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from ledgerbook.book import build_book_bytes
from ledgerbook.excel import styles
from ledgerbook.issue.layout import HEADER_ROW
from ledgerbook.model import Book
from tests.support.books import OFFICE, issued, make_book


def test_wide_characters_take_twice_a_narrow_one() -> None:
    """A Chinese character is one em; a Latin one about half."""
    assert styles.measure_ems("工作ab") == 2 + 2 * 0.55


def test_lines_wrap_by_width_and_break_at_line_ends() -> None:
    """40 Chinese characters in a column for 16 take three lines; breaks add lines."""
    assert styles.count_lines("字" * 40, 30) == 3
    assert styles.count_lines("一\n二\n\n四", 30) == 4


def test_height_follows_the_tallest_cell_up_to_excels_limit() -> None:
    """The tallest cell decides; no row is taller than Excel's 409 points."""
    assert styles.compute_row_height([("字", 30), ("字" * 40, 30)]) == 3 * 11 * 1.43 + 4
    assert styles.compute_row_height([("字" * 5000, 10)]) == 409
    assert styles.compute_row_height([("字", 30)], min_lines=3) == styles.compute_row_height(
        [("字" * 40, 30)]
    )


@pytest.mark.parametrize("made", [lambda book: issued(book, OFFICE), build_book_bytes])
def test_every_font_says_what_may_stand_in_for_it(
    made: Callable[[Book], bytes],
) -> None:
    """Few offices have 方正小标宋 installed: serifs for serifs, and Chinese letters."""
    workbook = openpyxl.load_workbook(io.BytesIO(made(make_book())))
    told = {
        cell.font.name: (cell.font.family, cell.font.charset)
        for sheet in workbook.worksheets
        if sheet.sheet_state == "visible"
        for row in sheet.iter_rows()
        if not sheet.row_dimensions[row[0].row].hidden
        for cell in row
        if cell.value and not sheet.column_dimensions[cell.column_letter].hidden
    }
    assert told == {
        "方正小标宋简体": (1, 134),
        "黑体": (2, 134),
        "仿宋_GB2312": (1, 134),
    }


@pytest.mark.parametrize("made", [lambda book: issued(book, OFFICE), build_book_bytes])
def test_columns_are_measured_in_a_chinese_font(made: Callable[[Book], bytes]) -> None:
    """Excel counts their width in digits of the font of Normal, which is that of the office."""
    workbook = openpyxl.load_workbook(io.BytesIO(made(make_book())))
    (normal,) = (style for style in workbook._named_styles if style.name == "Normal")
    for font in (normal.font, workbook.create_sheet()["A1"].font):
        assert (font.name, font.size, font.charset, font.scheme) == ("宋体", 11, 134, None)


def test_a_number_has_room_in_its_column() -> None:
    """The date 2022-10-31 in 11 points takes 83 pixels, in 10 points 73.

    In the Normal font of the office or, where a sheet is copied to another workbook, in Calibri.
    """
    for size, pixels in ((11, 83), (10, 73)):
        width = styles.compute_number_width(10, size)
        assert styles.compute_column_pixels(width) >= 7 * width + 5 >= pixels


@pytest.mark.parametrize("made", [lambda book: issued(book, OFFICE), build_book_bytes])
def test_excel_does_not_compute_what_is_computed(made: Callable[[Book], bytes]) -> None:
    """Or it would ask on each closing whether to save what nobody has changed."""
    with zipfile.ZipFile(io.BytesIO(made(make_book()))) as package:
        (told,) = re.findall(r"<calcPr ([^>]*)/>", package.read("xl/workbook.xml").decode())
    assert 'calcId="191029"' in told
    assert 'fullCalcOnLoad="1"' not in told


def test_only_reminders_are_computed_each_day() -> None:
    """TODAY() makes Excel ask on closing; it stands in no other cell of a sheet."""
    workbook = openpyxl.load_workbook(io.BytesIO(issued(make_book(), OFFICE)))
    volatile = {
        (sheet.title, workbook.worksheets[0].cell(HEADER_ROW + 1, cell.column).value)
        for sheet in workbook.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if "TODAY(" in str(cell.value)
    }
    assert volatile == {(OFFICE, "提醒")}
