"""What a number shows, beside what a real LibreOffice shows; and what is typed, as it was seen."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import product
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from xlsxwriter.utility import xl_rowcol_to_cell

from ledgerbook.intake.formats.number_format import BUILT_IN_FORMATS, format_number
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.issue.layout import FIRST_ROW
from tests.office.calc import Calc
from tests.office.test_typed_dates import book_of
from tests.support.books import OFFICE, issued
from tests.support.returns import collected

# What the menus of Excel, WPS and LibreOffice offer for numbers, and for dates and times.
NUMBER_FORMATS = (
    *("General", "0", "0.0", "0.00", "0.000", "0_ ", "0.00_ ", "#,##0", "#,##0.00", "#,##0_ "),
    *("0.00_);(0.00)", "0.00_);[Red](0.00)", "0.00;[Red]0.00", "0.00_ ;[Red]-0.00 "),
    *("#,##0.00_);(#,##0.00)", "#,##0_);[Red](#,##0)", "0%", "0.0%", "0.00%"),
    *('"¥"#,##0.00;"¥"-#,##0.00', '"¥"#,##0;[Red]"¥"-#,##0', "¥#,##0.00;¥-#,##0.00"),
    *("[$¥-804]#,##0.00", "[$$-409]#,##0.00", '"US$"#,##0.00', "[$€-2] #,##0.00"),
    '_ "¥"* #,##0.00_ ;_ "¥"* -#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ ',
    '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ',
    '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ',
    *("0.00E+00", "##0.0E+0", "0E+00", "# ?/?", "# ??/??", "# ???/???"),
    *("# ?/2", "# ?/4", "# ?/8", "# ??/16", "# ?/10", "# ??/100"),
    *("@", "000000", "0000", "00", "000-0000-0000", "#", "#.##", "0.##", "#,##0.##"),
    *('0"件"', '#,##0"元"', '0.00"万元"', '"第"0"号"', '0;-0;"无"', "(0)", "0;(0)", "+0;-0;0"),
    *('0.0,"千"', "0.00,,", "0元", '"√";"×";"○"', 'General"件"'),
)
DATE_FORMATS = (
    *("yyyy/m/d;@", "yyyy-mm-dd", "yyyy-m-d", "yyyy/mm/dd", "yyyy.m.d", "yyyymmdd"),
    *('yyyy"年"m"月"d"日";@', 'yyyy"年"m"月";@', 'm"月"d"日";@', 'yyyy"年"mm"月"dd"日"'),
    '[DBNum1][$-804]yyyy"年"m"月"d"日";@',
    '[DBNum1][$-804]yyyy"年"m"月";@',
    '[DBNum1][$-804]m"月"d"日";@',
    *("[$-804]aaaa;@", "[$-804]aaa;@", '[$-804]yyyy"年"m"月"d"日"aaaa', "yyyy/m/d h:mm;@"),
    *("[$-409]yyyy/m/d h:mm AM/PM;@", "yy/m/d;@", "m/d;@", "m/d/yy;@", "mm/dd/yy;@"),
    *("[$-409]d-mmm;@", "[$-409]d-mmm-yy;@", "[$-409]dd-mmm-yy;@", "[$-409]mmm-yy;@"),
    *("[$-409]mmmm-yy;@", "[$-409]mmmmm;@", "[$-409]mmmmm-yy;@", "yyyy-mm-dd hh:mm:ss"),
    *("h:mm;@", "hh:mm", "[$-409]h:mm AM/PM;@", "h:mm:ss;@", "[$-409]h:mm:ss AM/PM;@"),
    *('h"时"mm"分";@', 'h"时"mm"分"ss"秒";@', "mm:ss.0;@", "mm:ss", "[h]:mm:ss;@", "[h]:mm"),
)
BUILT_IN_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
# What hangs on the computer, or is shown in different ways: a notice stands at the cell.
OTHER_FORMATS = (
    *("[DBNum1][$-804]General", "[DBNum2][$-804]General", "[DBNum1][$-804]h:mm", "[>=100]0;0.0"),
    *('0!.0,"万"', "[$-F800]dddd, mmmm dd, yyyy", "[$-F400]h:mm:ss AM/PM", "ge", "?/?"),
)
DAYS = st.integers(61, 49_000)  # to the year 2034
# LibreOffice cuts a time that is no binary fraction of a day to the second before, now and then.
MOMENTS = st.builds(lambda day, part: day + part / 128, DAYS, st.integers(0, 127))
NUMBERS = st.one_of(
    st.integers(-(10**9), 10**9),
    st.integers(-999, 999),
    st.decimals(-(10**6), 10**6, places=4).map(float),
    st.decimals(-10, 10, places=3).map(float),
    st.sampled_from([0, 1, 0.5, 0.005, 0.985, 1.005, 9.995, 99.995, 0.05, -0.004, 1e-5, 1e12]),
)
ROWS = 40
_LEAST_TAKEN = 0.5


def write_cells(values: list[float], codes: tuple[str | int, ...]) -> bytes:
    """Return a workbook with each value in each format: a row a value, a column a format."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as workbook:
        sheet = workbook.add_worksheet()
        for column, code in enumerate(codes):
            style = workbook.add_format({"num_format": code})
            for row, value in enumerate(values):
                sheet.write_number(row, column, value, style)
    return buffer.getvalue()


def show_cells(calc: Calc, data: bytes, folder: Path, kind: str) -> tuple[list[list[str]], bytes]:
    """Return what LibreOffice shows of a sheet, and the file that it saves."""
    source, saved, table = (folder / name for name in ("源.xlsx", f"存.{kind}", "表.csv"))
    for path in (saved, table):
        path.unlink(missing_ok=True)
    source.write_bytes(data)
    calc.open(path=source)
    calc.save(path=table)
    calc.save(path=saved)
    calc.close()
    with table.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.reader(lines)), saved.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_what_a_number_shows_is_what_libreoffice_shows(
    calc: Calc, tmp_path: Path, kind: str
) -> None:
    """For any value, in each format that is built in or on a menu; a sheet is asked at once."""

    @settings(max_examples=2, deadline=None, phases=[Phase.generate])
    @given(
        st.lists(NUMBERS, min_size=ROWS, max_size=ROWS, unique=True),
        st.lists(st.one_of(DAYS, MOMENTS), min_size=ROWS, max_size=ROWS, unique=True),
    )
    def check(numbers: list[float], moments: list[float]) -> None:
        compare_with_office(calc, tmp_path, kind, numbers, moments)

    check()


def compare_with_office(
    calc: Calc, folder: Path, kind: str, numbers: list[float], moments: list[float]
) -> None:
    # What 34, 35, 55 and 56 call the halves of a day hangs on the language of LibreOffice.
    built_in = BUILT_IN_FORMATS.keys() - {0, 34, 35, 55, 56}
    for values, codes in (
        (numbers, (*NUMBER_FORMATS, *sorted(built_in - BUILT_IN_DATES))),
        (moments, (*DATE_FORMATS, *sorted(built_in & BUILT_IN_DATES))),
    ):
        data = write_cells(values, codes)
        seen, saved = show_cells(calc, data, folder, kind)
        (sheet,), (again,) = read_workbook(data).sheets, read_workbook(saved).sheets
        taken = Counter[str | int]()
        different = []
        for (row, value), (column, code) in product(enumerate(values), enumerate(codes)):
            shown = seen[row][column].strip()
            text, saved_text = (one.get_shown_text((row, column)) for one in (sheet, again))
            taken[code] += text is not None
            if text is not None and text.strip() != shown:
                different.append((value, code, text, shown))
            if saved_text is not None and saved_text.strip() != shown:
                different.append((value, code, saved_text, shown))
        assert not different, "\n".join(map(str, different[:50]))
        # Hardly a value is left out in any of them.
        assert {code for code in codes if taken[code] < ROWS * _LEAST_TAKEN} == set()


@pytest.mark.parametrize("code", OTHER_FORMATS)
@given(st.one_of(NUMBERS, MOMENTS))
def test_nothing_is_said_of_other_formats(code: str, value: float) -> None:
    assert format_number(value, code) is None


TYPED = (
    *("100%", "98.5%", "1-2", "(3)", "0760", "1e3", "1E10", "'=x", "+86 760", "-5", "TRUE", "是"),
    *("12:30", "2022年9月", "9月30日", "2022-9-30", "3/4", "0 1/2", "1,234", "¥12", "$5", ".5"),
    *("123456789012345678", "13800138000", "'0760", "007", "１００％", "二〇二二", "1.10", "9.30"),
    *("（三）", "№5", "〔2022〕5号", "10:00-11:30"),
)
# What LibreOffice corrects while a text is typed.
CORRECTED = {"3/4": "¾", "0 1/2": "0 ½"}


@pytest.mark.slow
def test_awkward_texts_arrive_as_they_were_seen(calc: Calc, tmp_path: Path) -> None:
    """What is typed by keys arrives as typed in a narrow column, as shown in a wide one."""
    book = book_of(len(TYPED))
    path = tmp_path / "报回.xlsx"
    path.write_bytes(issued(book, OFFICE))
    keys = [column.key for column in book.task_form.columns]
    calc.open(path=path)
    seen: dict[tuple[str, str], str] = {}
    for row, text in enumerate(TYPED):
        for key in ("result", "evidence", "note"):
            cell = xl_rowcol_to_cell(FIRST_ROW + row, keys.index(key))
            assert calc.type(ref=cell, text=text), (text, key)
            seen[f"T{row + 1:02d}", key] = calc.text(ref=cell)
    calc.save(path=path)
    calc.close()
    ledger = collected(path.read_bytes(), book=book)
    rows = [row for row in ledger.assignment_results if row.section == OFFICE]
    taken = {
        (row.task.code, key): answer.text
        for row in rows
        for key, answer in row.answers.items()
        if key in ("result", "evidence", "note")
    }
    told = {(p.task, p.column): p.message for p in ledger.problems if p.code == "number-in-text"}
    # Programs write so long a number in different ways: the notice says so.
    unknown = {cell: message for cell, message in told.items() if "看不出" in message}
    assert len(unknown) == 1, unknown
    (long_number,) = unknown
    assert (seen.pop(long_number)[:7], taken.pop(long_number)[:7]) == ("1.23456", "1.23456")
    assert taken == seen
    for row, text in enumerate(TYPED):
        as_typed = (text, text.removeprefix("'"), CORRECTED.get(text, text))
        assert seen[f"T{row + 1:02d}", "note"] in as_typed
        assert seen[f"T{row + 1:02d}", "evidence"] in as_typed
    changed = {
        (f"T{row + 1:02d}", "result")
        for row, text in enumerate(TYPED)
        if text not in CORRECTED
        and seen.get((f"T{row + 1:02d}", "result")) not in (text, text.removeprefix("'"))
    }
    assert {cell: seen.get(cell) for cell in changed - told.keys()} == {}
    assert {key for _, key in told} == {"result"}
    assert ledger.cell_balance.is_balanced
