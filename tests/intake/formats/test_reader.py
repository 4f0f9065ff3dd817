"""Scan and reader: every value as it stands, or the file refused; nothing lost."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime

import pytest
from openpyxl import Workbook

from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats import xlsx
from ledgerbook.intake.formats.raw_workbook import CellError, RawWorkbook
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.intake.formats.untrusted_xml import SharedStrings
from ledgerbook.intake.formats.xlsx_scan import scan_sheet
from tests.support.returns import (
    NAMESPACE,
    SHEET,
    STRINGS,
    inline_cell,
    plain,
    read_rows,
    replace_parts,
    sheet_xml,
    strings_xml,
)

MANY = 4_294_967_295


def refusal(read: Callable[[], RawWorkbook]) -> tuple[str, str]:
    with pytest.raises(RefusedError) as caught:
        read()
    return caught.value.code, caught.value.detail


def cells(rows: str, strings: bytes | None = None) -> dict[tuple[int, int], object]:
    changes = {SHEET: sheet_xml(rows)} | ({STRINGS: strings} if strings else {})
    (sheet,) = read_workbook(replace_parts(plain(), changes)).sheets
    return dict(sheet.cells)


def test_reads_words_numbers_and_dates_where_they_stand() -> None:
    """Cells keep their positions however far from A1 the sheet begins."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet["C5"] = "文字"
    sheet["D5"] = 1.5
    sheet["E5"] = datetime(2022, 9, 30, 8, 30)  # noqa: DTZ001  as Excel notes it
    sheet["F5"] = True
    (read,) = read_workbook(serialize_workbook(workbook)).sheets
    assert read.cells == {
        (4, 2): "文字",
        (4, 3): 1.5,
        (4, 4): datetime(2022, 9, 30, 8, 30),  # noqa: DTZ001  as Excel notes it
        (4, 5): True,
    }


def test_an_error_cell_is_a_fault_with_its_text() -> None:
    """The reader shows #N/A as blank; the scan keeps it from vanishing."""
    assert cells('<row r="1"><c r="A1" t="e"><v>#N/A</v></c></row>') == {(0, 0): CellError("#N/A")}


def test_a_formula_never_calculated_is_a_fault() -> None:
    """A formula without a cached value has no value to take."""
    assert cells('<row r="1"><c r="A1"><f>1+1</f></c></row>') == {(0, 0): CellError("=1+1")}


def test_a_filled_down_formula_never_calculated_is_a_fault() -> None:
    """A shared formula has no text of its own, and is still not blank."""
    assert cells('<row r="1"><c r="A1"><f t="shared" si="0"/></c></row>') == {
        (0, 0): CellError("=")
    }


def test_a_formula_that_came_to_an_empty_text_is_blank() -> None:
    """It was calculated, and shows nothing: a fault would be told of a blank cell."""
    assert cells('<row r="1"><c r="A1" t="str"><f>""</f><v></v></c></row>') == {}
    never = '<row r="1"><c r="A1" t="str"><f>""</f></c></row>'
    assert cells(never) == {(0, 0): CellError('=""')}


def test_a_calculated_formula_gives_its_value() -> None:
    """What a formula showed when it was saved is its value."""
    assert cells('<row r="1"><c r="A1" t="str"><f>A2</f><v>好</v></c></row>') == {(0, 0): "好"}


@pytest.mark.parametrize("text", [" ", "\t\n", "\u3000", "\u00a0", "\u200b", "\ufeff", "_x000D_"])
def test_a_cell_that_shows_nothing_is_blank(text: str) -> None:
    """White space of any width is no answer, inline or shared."""
    assert cells(f'<row r="1">{inline_cell("A1", text)}{inline_cell("B1", "x")}</row>') == {
        (0, 1): "x"
    }
    item = f'<si><t xml:space="preserve">{text}</t></si>'
    shared = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    assert cells(shared, strings_xml(item)) == {}


def test_how_a_word_is_pronounced_is_not_part_of_it() -> None:
    """Phonetic runs, which Excel adds to some words, are left out."""
    run = '<t>东</t><rPh sb="0" eb="1"><t>dong</t></rPh>'
    shared = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    assert cells(shared, strings_xml(f"<si>{run}</si>")) == {(0, 0): "东"}
    inlined = f'<row r="1"><c r="A1" t="inlineStr"><is>{run}</is></c></row>'
    assert cells(inlined) == {(0, 0): "东"}
    assert cells(inlined.replace("东", " ")) == {}


def test_rich_text_is_one_text() -> None:
    """Runs of different looks are joined as they are read."""
    runs = "<r><t>已经</t></r><r><rPr><b/></rPr><t>办好</t></r>"
    shared = '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
    assert cells(shared, strings_xml(f"<si>{runs}</si>")) == {(0, 0): "已经办好"}


def test_cells_without_references_follow_each_other() -> None:
    """Some programs leave references out; position then counts."""
    rows = "<row><c><v>1</v></c></row><row><c><v>2</v></c><c><v>3</v></c></row>"
    assert cells(rows) == {(0, 0): 1.0, (1, 0): 2.0, (1, 1): 3.0}


def test_what_the_reader_does_not_deliver_is_not_lost_in_silence() -> None:
    """The inventory counts the cells; a reader that gives fewer gets the file refused."""
    inventory = scan_sheet(sheet_xml(f'<row r="1">{inline_cell("B1", "x")}</row>'), SharedStrings())
    with pytest.raises(RefusedError, match=r"^有 1 个单元格读不出来$"):
        xlsx._build_sheet("表", [["x"]], inventory)


@pytest.mark.parametrize(
    ("rows", "code", "detail"),
    [
        (inline_cell("A1", "x") + inline_cell("XFD1048576", "y"), "file-suspect", "铺得过开"),
        (inline_cell("XFE1", "x"), "file-suspect", "单元格编号超出范围"),
        (inline_cell("A1048577", "x"), "file-suspect", "单元格编号超出范围"),
        (inline_cell("A0", "x"), "file-suspect", "单元格编号不正常"),
        (inline_cell("甲1", "x"), "file-suspect", "单元格编号不正常"),
        ("<c><v>1", "file-damaged", "表格内容不完整"),
    ],
)
def test_refuses_references_that_would_end_the_reader(rows: str, code: str, detail: str) -> None:
    """One cell at the far corner of a sheet would abort the process."""
    found = refusal(lambda: read_rows(f'<row r="1">{rows}</row>'))
    assert found[0] == code
    assert detail in found[1]


def test_refuses_a_row_number_that_is_none() -> None:
    """A row called "abc" is damage, not a crash."""
    assert refusal(lambda: read_rows('<row r="abc"><c><v>1</v></c></row>')) == (
        "file-damaged",
        "表格内容不完整",
    )


@pytest.mark.parametrize("encoding", ["gbk", "no-such-encoding"])
def test_refuses_encodings_that_xml_readers_do_not_share(encoding: str) -> None:
    """A sheet that claims another encoding is refused, not a crash."""
    xml = sheet_xml("").replace(b"UTF-8", encoding.encode())
    assert refusal(lambda: read_workbook(replace_parts(plain(), {SHEET: xml}))) == (
        "file-damaged",
        "表格内容不完整",
    )


@pytest.mark.parametrize("part", [SHEET, STRINGS])
def test_refuses_document_types(part: str) -> None:
    """A document type declaration is how entity bombs begin."""
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaa"><!ENTITY b "&a;&a;">]>'

    def declared(xml: bytes) -> bytes:
        first = xml.index(b"?>") + 2 if xml.startswith(b"<?xml") else 0
        return xml[:first] + bomb + xml[first:]

    sound = replace_parts(plain(), {STRINGS: strings_xml("<si><t>a</t></si>")})
    assert refusal(lambda: read_workbook(replace_parts(sound, {part: declared}))) == (
        "file-suspect",
        "内部含有文档类型声明",
    )


def test_refuses_a_document_type_in_the_list_of_sheets() -> None:
    """The workbook's own part is guarded as the sheets are."""
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaa">]><workbook/>'
    data = replace_parts(plain(), {"xl/workbook.xml": bomb})
    assert refusal(lambda: read_workbook(data)) == (
        "file-damaged",
        "工作簿的目录不完整",
    )


@pytest.mark.parametrize("head", [f'count="{MANY}"', f'uniqueCount="{MANY}"', f'count="1{MANY}"'])
def test_refuses_absurd_counts_of_strings(head: str) -> None:
    """A declared count makes the reader ask for that much memory."""
    xml = f'<sst xmlns="{NAMESPACE}" {head}><si><t>a</t></si></sst>'.encode()
    assert refusal(lambda: read_workbook(replace_parts(plain(), {STRINGS: xml}))) == (
        "file-suspect",
        "文字数量的声明不正常",
    )


def test_refuses_a_count_that_is_no_number() -> None:
    """A count called "abc" is damage, not a crash."""
    xml = strings_xml("<si><t>a</t></si>", "abc")
    assert refusal(lambda: read_workbook(replace_parts(plain(), {STRINGS: xml}))) == (
        "file-damaged",
        "表格内容不完整",
    )


def test_refuses_a_workbook_that_lists_a_sheet_it_lacks() -> None:
    """A sheet whose part is gone may have held answers."""
    assert refusal(lambda: read_workbook(replace_parts(plain(), {SHEET: None}))) == (
        "file-damaged",
        "工作表“Sheet”的内容不见了",
    )


def test_refuses_two_sheets_of_one_name() -> None:
    """Of two sheets called the same, one would be lost."""

    def doubled(xml: bytes) -> bytes:
        start, end = xml.index(b"<sheet "), xml.index(b"</sheets>")
        return xml[:end] + xml[start:end] + xml[end:]

    data = replace_parts(plain(), {"xl/workbook.xml": doubled})
    assert refusal(lambda: read_workbook(data)) == (
        "file-suspect",
        "有两张同名的工作表",
    )


def test_refuses_two_tables_of_strings() -> None:
    """Programs would differ on which of the two holds the words."""
    more = {STRINGS: strings_xml(""), "other/sharedStrings.xml": strings_xml("")}
    data = replace_parts(plain(), more)
    assert refusal(lambda: read_workbook(data)) == ("file-suspect", "内部有两份文字表")


def test_passes_over_a_chart_sheet() -> None:
    """A sheet that is one chart holds no cells; the others are read."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet["A1"] = "文字"
    workbook.create_chartsheet("图")
    (read,) = read_workbook(serialize_workbook(workbook)).sheets
    assert dict(read.cells) == {(0, 0): "文字"}


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("word/document.xml", "file-document"),
        ("ppt/presentation.xml", "file-other-type"),
        ("xl/workbook.bin", "file-old-format"),
    ],
)
def test_tells_other_documents_from_workbooks(part: str, code: str) -> None:
    """A .docx kept beside the returns, or an .xlsb, is named as what it is."""
    data = replace_parts(plain(), {"xl/workbook.xml": None, part: b"<x/>"})
    assert refusal(lambda: read_workbook(data))[0] == code


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("OFD.xml", "file-ofd"),
        ("Index/Document.iwa", "file-old-format"),
        ("META-INF/container.xml", "file-other-type"),
        ("mimetype", "file-other-type"),
        ("财务科.xlsx", "file-archive"),
    ],
)
def test_tells_zips_of_other_kinds(part: str, code: str) -> None:
    """A sealed .ofd, a book, a plain archive: each is what its entries say."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(part, b"x")
    assert refusal(lambda: read_workbook(buffer.getvalue()))[0] == code


def test_a_package_that_is_nothing_known_says_so() -> None:
    """A package of the right kind without a workbook cannot be read."""
    data = replace_parts(plain(), {"xl/workbook.xml": None})
    assert refusal(lambda: read_workbook(data)) == (
        "file-unreadable",
        "里面没有工作簿，可能不是 Excel 表格",
    )


@pytest.mark.parametrize(
    ("noted", "read"),
    [
        ("2022-12-10T01:30:00Z", datetime(2022, 12, 10, 9, 30)),  # noqa: DTZ001
        ("2022-12-10T09:30:00+08:00", datetime(2022, 12, 10, 9, 30)),  # noqa: DTZ001
        ("2022-12-10T09:30:00", datetime(2022, 12, 10, 9, 30)),  # noqa: DTZ001
        ("昨天", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_reads_when_it_was_saved(noted: str, read: datetime | None) -> None:
    """The time noted inside is in Beijing time; an odd one counts as none."""
    core = (
        '<cp:coreProperties xmlns:cp="c" xmlns:dcterms="d">'
        f"<dcterms:modified>{noted}</dcterms:modified></cp:coreProperties>"
    )
    data = replace_parts(plain(), {"docProps/core.xml": core.encode()})
    assert read_workbook(data).saved_at == read


@pytest.mark.parametrize("between", [";", "; ", ", ", " "])
def test_keywords_are_one_however_a_program_lists_them(between: str) -> None:
    """LibreOffice takes them apart, and puts them together in its own way."""
    parts = ("ledgerbook", "kind=报送表", "识别码：2022-A|年度|甲 乙科|t|X")
    core = f'<p xmlns:cp="c"><cp:keywords>{between.join(parts)}</cp:keywords></p>'
    data = replace_parts(plain(), {"docProps/core.xml": core.encode()})
    assert read_workbook(data).keywords == ";".join(parts)


def test_a_workbook_without_properties_is_read() -> None:
    """Properties that are gone or garbled cost nothing but themselves."""
    for core in (None, b"<broken", b'<?xml version="1.0" encoding="unknown"?><p/>'):
        book = read_workbook(replace_parts(plain(), {"docProps/core.xml": core}))
        assert (len(book.sheets), book.keywords, book.saved_at) == (1, "", None)


_EXCEL, _EXCEL_2007 = (
    f"<P><Application>Microsoft Excel</Application>{version}</P>"
    for version in ("<AppVersion>16.0300</AppVersion>", "<AppVersion>12.0000</AppVersion>")
)
_BY_WPS = {
    "docProps/custom.xml": b'<P><property name="KSOProductBuildVer">'
    b"<vt:lpwstr>2052-12.1.0.1</vt:lpwstr></property></P>"
}
_NO_RESULT = CellError("=甲+乙")


@pytest.mark.parametrize(
    ("program", "more", "other", "value"),
    [
        (_EXCEL_2007, {}, "0", _NO_RESULT),
        (_EXCEL_2007, {}, "7", _NO_RESULT),  # given by the script: we give some, too
        (_EXCEL_2007, _BY_WPS, "0", 0.0),
        (_EXCEL, {}, "0", _NO_RESULT),
        (_EXCEL, {}, "7", 0.0),
        (_EXCEL, {"xl/calcChain.xml": b"<calcChain/>"}, "0", 0.0),
        (_EXCEL, {"docProps/custom.xml": b"<P/>"}, "0", _NO_RESULT),
        (_EXCEL.replace("AppVersion", "Version"), {}, "0", _NO_RESULT),
        (_EXCEL.replace("AppVersion", "Version"), _BY_WPS, "0", 0.0),
        ("<P><Application>LibreOffice/7.4.7.2</Application></P>", {}, "0", 0.0),
        ("<P><Application>WPS 表格</Application></P>", {}, "0", 0.0),
    ],
)
def test_a_zero_that_nothing_computed_is_no_result(
    program: str, more: dict[str, bytes], other: str, value: object
) -> None:
    """XlsxWriter gives every formula 0 and calls itself Excel, which keeps a chain; so may WPS."""
    rows = (
        '<row r="1"><c r="A1"><f>甲+乙</f><v>0</v></c></row>'
        f'<row r="2"><c r="A2"><f>甲</f><v>{other}</v></c></row>'
    )
    parts = {"docProps/app.xml": program.encode(), **more}
    data = replace_parts(plain(), {SHEET: sheet_xml(rows), **parts})
    assert read_workbook(data).sheets[0].cells[0, 0] == value


def test_counts_what_stands_in_a_sheet() -> None:
    """The inventory tells filled cells from errors and uncached formulas."""
    rows = (
        f'<row r="2">{inline_cell("B2", "x")}<c r="C2"><v>0</v></c><c r="D2"/>'
        '<c r="E2" t="e"><v>#REF!</v></c><c r="F2"><f>A1</f><v/></c></row>'
    )
    inventory = scan_sheet(sheet_xml(rows), SharedStrings())
    assert inventory.filled == {(1, 1), (1, 2)}
    assert inventory.errors == {(1, 4): "#REF!"}
    assert inventory.uncached == {(1, 5): "=A1"}
