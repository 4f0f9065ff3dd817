"""Numbers as they are shown: what each format code makes of a number, and where it says nothing.

That the texts are those of a real program is checked by tests/office/test_shown_text.py.
"""

from __future__ import annotations

import io

import pytest
import xlsxwriter
import xlwt

from ledgerbook.intake.formats.number_format import BUILT_IN_FORMATS, format_number
from ledgerbook.intake.formats.reader import read_workbook
from tests.support.returns import replace_parts
from tests.support.workbook_formats import make_ods, xls_bytes

DAY, MOMENT = 44834, 44834.4375


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (760, "General", "760"),
        (760, 'ge\\ner"al"', "760"),
        (0.1 + 0.2, "General", "0.3"),
        (1, "0.00%", "100.00%"),
        (0.985, "0%", "99%"),
        (760, "0000", "0760"),
        (13800138000, "000-0000-0000", "138-0013-8000"),
        (3, '0"件"', "3件"),
        (-3, "0_);(0)", "(3)"),
        (-3, '"第"0"号"', "-第3号"),
        (0, '0;-0;"无"', "无"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (-1234.5, BUILT_IN_FORMATS[44], " ￥-1,234.50 "),
        (12.345, "0.00", "12.35"),
        (1.5, "0.##", "1.5"),
        (12345, '0.0,"千"', "12.3千"),
        (-0.3, "0", "0"),
        (1000, "0.00E+00", "1.00E+03"),
        (9.996, "0.00E+00", "1.00E+01"),
        (123456, "##0.0E+0", "123.5E+3"),
        (0.75, "# ?/?", " 3/4"),
        (2.75, "# ??/16", "2 12/16"),
        (DAY, 'm"月"d"日"', "9月30日"),
        (DAY, "yyyy/m/d;@", "2022/9/30"),
        (DAY, '[DBNum1][$-804]yyyy"年"m"月"d"日";@', "二〇二二年九月三十日"),
        (DAY, "[$-804]aaaa;@", "星期五"),
        (DAY, "[$-409]d-mmm-yy;@", "30-Sep-22"),
        (MOMENT, "yyyy/m/d h:mm", "2022/9/30 10:30"),
        (MOMENT, '上午/下午h"时"mm"分";@', "上午10时30分"),
        (MOMENT, "mm:ss", "30:00"),
        (1.5, "[h]:mm", "36:00"),
    ],
)
def test_a_number_is_shown_by_its_format(value: float, code: str, text: str) -> None:
    assert format_number(value, code) == text


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (12345, "[DBNum2][$-804]General"),
        (12345, '0!.0,"万"'),
        (150, "[>=100]0;0.0"),
        (DAY, "[$-F800]dddd, mmmm dd, yyyy"),
        (DAY, 'ge"年"'),
        (9.3, "yyyy-mm-dd"),
        (-1, "h:mm"),
        (1e15, "0"),
        (1.005, "0%"),
        (1e-7, "General"),
        (0.9999999, "h:mm:ss"),
        (5, ";;;"),
        (5, "0;;;@;0"),
        (5, "kaput"),
        (5, '"0'),
        (5, "0.0.0"),
        (5, "?/?"),
        (5, "[h"),
        (2.75, "# ?/2"),
    ],
)
def test_nothing_is_guessed(value: float, code: str) -> None:
    """What programs show in different ways, or nobody can see, is not said."""
    assert format_number(value, code) is None


def write_numbers(cells: list[tuple[float, str]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as workbook:
        sheet = workbook.add_worksheet()
        for row, (value, code) in enumerate(cells):
            sheet.write_number(row, 0, value, workbook.add_format({"num_format": code}))
    return buffer.getvalue()


CELLS = [(1.0, "0.00%"), (760.0, "0000"), (DAY, 'm"月"d"日"'), (5.0, "[>1]0;0")]
SHOWN = ["100.00%", "0760", "9月30日", None]


def shown(data: bytes) -> list[str | None]:
    (sheet,) = read_workbook(data).sheets
    return [sheet.get_shown_text((row, 0)) for row in range(len(CELLS))]


def test_an_xlsx_tells_what_its_numbers_show() -> None:
    """Its styles are found, and read however plainly its sheet is written."""
    data = write_numbers(CELLS)
    assert shown(data) == SHOWN
    streamed = replace_parts(
        data, {"xl/worksheets/sheet1.xml": lambda xml: xml.replace(b"<c r", b"<c\nr")}
    )
    assert shown(streamed) == SHOWN


def test_an_xls_tells_what_its_numbers_show() -> None:
    """The formats of single numbers, and of several in one record."""
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("表")
    for row, (value, code) in enumerate(CELLS):
        sheet.write(row, 0, value, xlwt.easyxf(num_format_str=code))
        sheet.write(row, 1, row, xlwt.easyxf(num_format_str='0"件"'))
        sheet.write(row, 2, row + 0.5)
    data = xls_bytes(workbook)
    assert shown(data) == SHOWN
    (read,) = read_workbook(data).sheets
    assert [read.get_shown_text((2, column)) for column in (1, 2)] == ["2件", "2.5"]


def test_an_ods_tells_what_its_numbers_show() -> None:
    """The text of a cell is what its program showed."""
    cell = '<table:table-cell office:value-type="percentage" office:value="1">{}</table:table-cell>'
    cells = cell.format("<text:p>100.00%</text:p>") + cell.format("")
    row = f"<table:table-row>{cells}</table:table-row>"
    data = make_ods(f'<table:table table:name="表">{row}</table:table>')
    (sheet,) = read_workbook(data).sheets
    assert [sheet.get_shown_text((0, column)) for column in (0, 1)] == ["100.00%", None]


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/styles.xml", b"<cellXfs", b"<!DOCTYPE x><cellXfs"),
        ("xl/styles.xml", b'numFmtId="164"', b'numFmtId="x"'),
        ("xl/workbook.xml", b"<workbookPr", b'<workbookPr date1904="1"'),
    ],
)
def test_styles_that_cannot_be_read_tell_nothing(part: str, old: bytes, new: bytes) -> None:
    """The numbers themselves are read all the same."""
    data = replace_parts(write_numbers(CELLS), {part: lambda xml: xml.replace(old, new)})
    assert shown(data) == [None] * len(CELLS)
