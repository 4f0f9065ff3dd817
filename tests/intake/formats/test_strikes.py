"""Text that is struck through is not read: in part it is left out, wholly it is a question."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest
import xlwt
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook.a1_references import CellPosition
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.intake.formats.raw_workbook import RawSheet
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.model.results import Ledger
from tests.support.books import DONE, FINANCE, edit, fill
from tests.support.returns import (
    SHEET,
    STRINGS,
    answers,
    codes,
    collected,
    inline_cell,
    plain,
    replace_parts,
    sent,
    sheet_xml,
    signed,
    strings_xml,
)
from tests.support.workbook_formats import make_ods, xls_bytes

STRUCK = InlineFont(strike=True)
RUNS = "<r><t>已清理</t></r><r><rPr><strike/></rPr><t>5</t></r><r><rPr/><t>9 件</t></r>"


def only_sheet(data: bytes) -> RawSheet:
    (sheet,) = read_workbook(data).sheets
    return sheet


def write_styled(values: Mapping[str, object]) -> bytes:
    """Return a workbook with ``values`` in cells whose font is struck through."""
    workbook = load_workbook(io.BytesIO(plain()))
    sheet = workbook.worksheets[0]
    for reference, value in values.items():
        sheet[reference].value = value
        sheet[reference].font = Font(strike=True)
    return serialize_workbook(workbook)


@pytest.mark.parametrize(
    "parts",
    [
        {
            SHEET: sheet_xml('<row r="1"><c r="A1" t="s"><v>0</v></c></row>'),
            STRINGS: strings_xml(f"<si>{RUNS}</si>"),
        },
        {SHEET: sheet_xml(f'<row r="1"><c r="A1" t="inlineStr"><is>{RUNS}</is></c></row>')},
    ],
    ids=["shared", "inline"],
)
def test_a_struck_run_is_left_out(parts: Mapping[str, bytes]) -> None:
    sheet = only_sheet(replace_parts(plain(), parts))
    assert sheet.cells == {(0, 0): "已清理59 件"}
    assert sheet.struck == {(0, 0): "已清理9 件"}


@pytest.mark.parametrize("value", ["0", "false"])
def test_a_strike_that_is_switched_off_strikes_nothing(value: str) -> None:
    runs = RUNS.replace("<strike/>", f'<strike val="{value}"/>')
    parts = {SHEET: sheet_xml(f'<row r="1"><c r="A1" t="inlineStr"><is>{runs}</is></c></row>')}
    assert only_sheet(replace_parts(plain(), parts)).struck == {}


def test_a_cell_is_struck_by_its_font() -> None:
    """Texts and numbers alike; what has no struck font beside them is as it was."""
    sheet = only_sheet(write_styled({"B1": "不要的", "C1": 12}))
    assert sheet.struck == {(0, 1): "", (0, 2): ""}


def test_a_run_with_its_own_font_is_not_struck_by_the_cells() -> None:
    runs = CellRichText("不要的", TextBlock(InlineFont(b=True), "要的"))
    assert only_sheet(write_styled({"B1": runs})).struck == {(0, 1): "要的"}


def test_a_struck_style_that_no_cell_has_changes_nothing() -> None:
    data = write_styled({"B1": "不要的"})
    cells = sheet_xml(f'<row r="1">{inline_cell("A1", "文字")}</row>')
    assert only_sheet(replace_parts(data, {SHEET: cells})).struck == {}


def test_an_xls_says_the_same() -> None:
    workbook = xlwt.Workbook()
    page = workbook.add_sheet("表")
    struck = xlwt.easyxf("font: struck_out on")
    page.write(0, 0, "整格", struck)
    page.write(0, 1, 12, struck)
    page.write_rich_text(0, 2, ["已清理", ("5", struck.font), ("9 件", xlwt.Font())])
    page.write(0, 3, "照旧")
    found = only_sheet(xls_bytes(workbook))
    assert found.struck == {(0, 0): "", (0, 1): "", (0, 2): "已清理9 件"}
    assert found.cells[0, 2] == "已清理59 件"


STYLES = (
    "<office:automatic-styles>"
    '<style:style style:name="T1" style:family="text">'
    '<style:text-properties style:text-line-through-style="solid"/></style:style>'
    '<style:style style:name="T2" style:family="text">'
    '<style:text-properties style:text-line-through-style="none"/></style:style>'
    '<style:style style:name="ce1" style:family="table-cell" style:parent-style-name="删去"/>'
    "</office:automatic-styles>"
)
NAMED_STYLES = (
    '<office:document-styles xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"><office:styles>'
    '<style:style style:name="删去" style:family="table-cell">'
    '<style:text-properties style:text-line-through-type="single"/></style:style>'
    "</office:styles></office:document-styles>"
)


def read_ods_cells(cells: str, columns: str = "") -> Mapping[CellPosition, str]:
    table = (
        f'<table:table table:name="表">{columns}<table:table-row>{cells}</table:table-row>'
        "</table:table>"
    )
    data = make_ods(table, {"styles.xml": NAMED_STYLES.encode()}, styles=STYLES)
    return only_sheet(data).struck


@pytest.mark.parametrize(
    ("attrs", "inside", "left"),
    [
        ("", '已清理<text:span text:style-name="T1">5</text:span>9 件', "已清理9 件"),
        ('table:style-name="ce1"', "整格", ""),
        ('table:style-name="ce1"', '<text:span text:style-name="T1">整格</text:span>', ""),
        ("", '已清理<text:span text:style-name="T2">5</text:span>9 件', None),
    ],
)
def test_an_ods_says_the_same(attrs: str, inside: str, left: str | None) -> None:
    cell = f'<table:table-cell {attrs} office:value-type="string"><text:p>{inside}</text:p>'
    expected = {} if left is None else {(0, 0): left}
    assert read_ods_cells(f"{cell}</table:table-cell>") == expected


def test_a_cell_of_an_ods_has_the_style_of_its_column() -> None:
    cell = '<table:table-cell office:value-type="float" office:value="3"/>'
    columns = '<table:table-column/><table:table-column table:default-cell-style-name="ce1"/>'
    assert read_ods_cells(cell * 2, columns) == {(0, 1): ""}


# -- a return ------------------------------------------------------------------------


def strike(result: object, *struck_keys: str) -> Ledger:
    """Collect a return of which ``struck_keys`` of T01 are struck, and ``result`` is written."""

    def change(sheet: Worksheet, columns: Mapping[str, int], rows: Mapping[str, int]) -> None:
        sheet.cell(rows["T01"], columns["result"]).value = result
        for key in struck_keys:
            sheet.cell(rows["T01"], columns[key]).font = Font(strike=True)

    said = {**signed(FINANCE), "T01": dict(DONE)}
    workbook = load_workbook(io.BytesIO(fill(sent(FINANCE), said)))
    assert isinstance(workbook, Workbook)
    return collected(edit(serialize_workbook(workbook), change))


def test_what_is_struck_in_a_return_is_told() -> None:
    ledger = strike(CellRichText("已清理", TextBlock(STRUCK, "5"), TextBlock(InlineFont(), "9 件")))
    assert answers(ledger)[FINANCE]["T01"]["result"] == "已清理9 件"
    assert codes(ledger) == ["text-struck"]
    (problem,) = ledger.problems
    assert problem.place.cell == "L6"
    assert problem.values["value"] == "已清理9 件"
    assert problem.raw == "已清理59 件"


def test_a_cell_that_is_struck_wholly_is_no_answer_and_is_asked() -> None:
    ledger = strike("已清理", "result", "done_on", "status")
    assert codes(ledger) == ["cell-struck"] * 3
    assert [problem.raw for problem in ledger.problems] == ["已完成", "2022-09-30", "已清理"]
    assert answers(ledger)[FINANCE].get("T01", {}).keys().isdisjoint({"status", "result"})
    assert ledger.cell_balance.is_balanced
    assert ledger.cell_balance.rejected == 3


# -- hidden rows and columns ---------------------------------------------------------


def test_answers_in_hidden_rows_and_columns_are_told_once() -> None:
    def change(sheet: Worksheet, columns: Mapping[str, int], rows: Mapping[str, int]) -> None:
        sheet.row_dimensions[rows["T01"]].hidden = True
        letter = sheet.cell(rows["T01"], columns["person"]).column_letter
        sheet.column_dimensions[letter].hidden = True

    ledger = collected(edit(fill(sent(FINANCE), signed(FINANCE)), change))
    assert codes(ledger) == ["hidden-answers"]
    (problem,) = ledger.problems
    assert problem.message.startswith("这张表里第 6 行、“责任人”这一列是隐藏的")
    assert answers(ledger)[FINANCE].keys() == signed(FINANCE).keys()


def test_an_xls_and_an_ods_tell_what_is_hidden() -> None:
    workbook = xlwt.Workbook()
    page = workbook.add_sheet("表")
    page.write(3, 0, "字")
    page.row(3).hidden = True
    page.col(2).hidden = True
    table = (
        '<table:table table:name="表"><table:table-column table:number-columns-repeated="2"/>'
        '<table:table-column table:visibility="collapse"/>'
        '<table:table-row table:number-rows-repeated="3"/>'
        '<table:table-row table:visibility="filter"><table:table-cell'
        ' office:value-type="string"><text:p>字</text:p></table:table-cell></table:table-row>'
        "</table:table>"
    )
    for found in (only_sheet(xls_bytes(workbook)), only_sheet(make_ods(table))):
        assert (found.hidden_rows, found.hidden_columns) == ({3}, {2})


def test_rows_and_columns_without_any_height_or_width_are_hidden() -> None:
    """Drawn together with the mouse, until nothing of them is seen."""
    cells = (
        '<cols><col min="2" max="2" width="0" customWidth="1"/></cols><sheetData>'
        f'<row r="3" ht="0" customHeight="1">{inline_cell("A3", "字")}</row>'
        f'<row r="4" ht="0.75" customHeight="1">{inline_cell("A4", "字")}</row></sheetData>'
    )
    xml = sheet_xml("").replace(b"<sheetData></sheetData>", cells.encode())
    workbook = xlwt.Workbook()
    page = workbook.add_sheet("表")
    page.write(2, 0, "字")
    page.row(2).height, page.row(2).height_mismatch = 0, True
    page.col(1).width = 0
    for found in (
        only_sheet(replace_parts(plain(), {SHEET: xml})),
        only_sheet(xls_bytes(workbook)),
    ):
        assert (found.hidden_rows, found.hidden_columns) == ({2}, {1})


def test_what_a_cell_says_hides_nothing() -> None:
    """Text that looks like the attribute of a row, also where there is much of it."""
    words = 'hidden="1" r="1" ' * 50_000
    cells = f'<row r="1">{inline_cell("A1", words[:30_000])}{inline_cell("B1", words)}</row>'
    found = only_sheet(replace_parts(plain(), {SHEET: sheet_xml(cells)}))
    assert (found.hidden_rows, found.hidden_columns) == (set(), set())
