"""An .ods of any program: the answers of the .xlsx that it was made from."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache

import pytest

from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats import ods as opendocument
from ledgerbook.intake.formats.raw_workbook import CellError, Picture, RawSheet
from ledgerbook.intake.formats.reader import read_workbook
from tests.support.books import DONE, FINANCE, fill
from tests.support.returns import answers, codes, collected, sent, signed
from tests.support.workbook_formats import as_ods, make_ods, make_ods_metadata, zipped


@cache
def filled() -> bytes:
    said = signed(FINANCE)
    said["T01"] = {**DONE, "result": "第一行\n第二行", "phone": "0755"}
    return fill(sent(FINANCE), said)


def sheet(rows: str, **more: str) -> RawSheet:
    (read,) = read_workbook(make_ods(table(rows), **more)).sheets
    return read


def table(rows: str, name: str = "表") -> str:
    return f'<table:table table:name="{name}">{rows}</table:table>'


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def cell(inside: str = "", **attrs: str) -> str:
    """Write a cell; ``office_value`` stands for office:value and so on."""
    said = " ".join(
        f'{key.replace("_", ":", 1).replace("_", "-")}="{value}"' for key, value in attrs.items()
    )
    return f"<table:table-cell {said}>{inside}</table:table-cell>"


def text(*lines: str, **attrs: str) -> str:
    paragraphs = "".join(f"<text:p>{line}</text:p>" for line in lines)
    return cell(paragraphs, office_value_type="string", **attrs)


def refusal(data: bytes) -> tuple[str, str]:
    with pytest.raises(RefusedError) as caught:
        read_workbook(data)
    return caught.value.code, caught.value.detail


def test_gives_the_answers_of_the_workbook_it_was() -> None:
    """Saved as .ods and sent back: the same answers, time and problems."""
    found, usual = collected(as_ods(filled())), collected(filled())
    assert answers(found) == answers(usual)
    assert codes(found) == codes(usual)
    assert found.cell_balance == usual.cell_balance
    assert found.cell_balance.accepted > 15


def test_reads_values_of_every_kind() -> None:
    """Each value is taken from what the cell says of it, not from what it shows."""
    shown = "<text:p>随便</text:p>"
    cells = (
        text("a", "b"),
        cell(shown, office_value_type="float", office_value="1.5"),
        cell(shown, office_value_type="percentage", office_value="0.5"),
        cell(shown, office_value_type="currency", office_value="3"),
        cell(shown, office_value_type="date", office_date_value="2022-09-30"),
        cell(shown, office_value_type="date", office_date_value="2022-09-30T08:30:00"),
        cell(shown, office_value_type="time", office_time_value="PT08H30M00S"),
        cell(shown, office_value_type="time", office_time_value="PT30H00M00.5S"),
        cell(shown, office_value_type="boolean", office_boolean_value="true"),
        cell(shown, office_value_type="string", office_string_value="真"),
        cell(shown),
        cell(shown, office_value_type="date", office_date_value="很久以前"),
    )
    moment = datetime(2022, 9, 30, 8, 30)  # noqa: DTZ001  as a cell shows it
    values = (
        *("a\nb", 1.5, 0.5, 3.0, date(2022, 9, 30), moment, time(8, 30)),
        *(timedelta(hours=30), True, "真", "随便", "随便"),
    )
    assert sheet(row(*cells)).cells == {(0, n): v for n, v in enumerate(values)}


@pytest.mark.parametrize(
    ("inside", "read"),
    [
        ("a<text:s/>b", "a b"),
        ('a<text:s text:c="3"/>b', "a   b"),
        ("a<text:tab/>b<text:line-break/>c", "a\tb\nc"),
        ("a\n      b", "a b"),
        ("a  b", "a  b"),
        ("<text:span>a<text:span>b</text:span></text:span>c", "abc"),
        ('<text:a xlink:href="http://x/">a</text:a>', "a"),
        (
            "<text:ruby><text:ruby-base>东</text:ruby-base>"
            "<text:ruby-text>dong</text:ruby-text></text:ruby>",
            "东",
        ),
        (
            "a<draw:frame><draw:text-box><text:p>旁</text:p></draw:text-box></draw:frame>b",
            "ab",
        ),
        (
            "a</text:p><draw:custom-shape><text:p>旁</text:p></draw:custom-shape><text:p>b",
            "a\nb",
        ),
        ("a&lt;b&#x4e2d;", "a<b中"),
    ],
)
def test_reads_a_paragraph_as_it_shows(inside: str, read: str) -> None:
    """Blanks, tabs, breaks and spans become text; what hangs beside it does not."""
    assert sheet(row(text(inside))).cells == {(0, 0): read}


def test_a_note_is_no_part_of_the_text() -> None:
    """A note hangs on its cell, blank or not, its author and date left out."""
    note = (
        "<office:annotation><dc:creator>李</dc:creator><dc:date>2022-01-01</dc:date>"
        "<text:p>一</text:p><text:p>二</text:p></office:annotation>"
    )
    cells = row(cell(f"{note}<text:p>a</text:p>", office_value_type="string"), cell(note))
    read = sheet(cells)
    assert read.cells == {(0, 0): "a"}
    assert read.attachments.notes == {(0, 0): "一\n二", (0, 1): "一\n二"}


def test_tells_links_that_differ_from_the_text() -> None:
    """A link that says itself is no news."""
    link = '<text:a xlink:href="{}">http://a/</text:a>'
    read = sheet(row(text(link.format("http://a/")), text(link.format("http://b/"))))
    assert read.attachments.links == {(0, 1): "http://b/"}


def test_tells_merged_areas_and_keeps_what_they_cover() -> None:
    """What lies under a merged area was typed by somebody."""
    span = {"table_number_columns_spanned": "2", "table_number_rows_spanned": "2"}
    covered = "<table:covered-table-cell><text:p>下</text:p></table:covered-table-cell>"
    read = sheet(row(text("上", **span), covered) + row(covered))
    assert read.attachments.merges == (((0, 0), (1, 1)),)
    assert read.cells == {(0, 0): "上", (0, 1): "下", (1, 0): "下"}


def test_keeps_pictures_with_their_cell() -> None:
    """A picture in a cell, or one that floats over the sheet."""
    frame = '<draw:frame><draw:image xlink:href="{}"/></draw:frame>'
    shapes = f"<table:shapes>{frame.format('Pictures/b.png')}</table:shapes>"
    rows = table(shapes + row(cell(), cell(frame.format("./Pictures/a.png"))))
    data = make_ods(rows, {"Pictures/a.png": b"A", "Pictures/b.png": b"B"})
    assert read_workbook(data).sheets[0].attachments.pictures == (
        Picture((0, 0), "Pictures/b.png", b"B"),
        Picture((0, 1), "Pictures/a.png", b"A"),
    )


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        (
            text("#DIV/0!", table_formula="of:=1/0", calcext_value_type="error"),
            "#DIV/0!",
        ),
        (text("Err:502", table_formula="of:=X()"), "Err:502"),
        (text("#N/A", table_formula="of:=NA()", office_string_value="#N/A"), "#N/A"),
        (cell(table_formula="of:=[.A1]+1"), "=[.A1]+1"),
    ],
)
def test_a_formula_without_a_usable_value_is_a_fault(written: str, fault: str) -> None:
    """Errors and formulas never calculated do not pass for blanks or texts."""
    assert sheet(row(written)).cells == {(0, 0): CellError(fault)}


def test_a_formula_that_shows_nothing_is_blank() -> None:
    """A formula may well come to an empty text."""
    blank = cell("<text:p/>", table_formula="of:=T()")
    assert sheet(row(blank, text("#重要"))).cells == {(0, 1): "#重要"}


def test_repeats_are_written_out() -> None:
    """Cells and rows that stand for several of the same."""
    twice = {"table_number_columns_repeated": "2"}
    rows = row(cell(**twice), text("a", **twice), text("b"))
    more = row(text("c"), more='table:number-rows-repeated="3"')
    assert sheet(rows + more).cells == {
        **dict.fromkeys([(0, 2), (0, 3)], "a"),
        (0, 4): "b",
        **dict.fromkeys([(1, 0), (2, 0), (3, 0)], "c"),
    }


def test_blank_repeats_cost_nothing() -> None:
    """Programs fill the sheet up to its end with blank cells."""
    blank = cell(table_number_columns_repeated="16384")
    rows = row(text("a")) + row(blank, more='table:number-rows-repeated="1048575"')
    assert sheet(rows).cells == {(0, 0): "a"}


@pytest.mark.parametrize(
    ("rows", "code", "detail"),
    [
        (
            row(
                text("a", table_number_columns_repeated="16384"),
                more='table:number-rows-repeated="1000000"',
            ),
            "file-suspect",
            "同一内容重复的次数过多",
        ),
        (
            row(text("a")) + row(more='table:number-rows-repeated="1048576"') + row(text("b")),
            "file-suspect",
            "单元格编号超出范围",
        ),
        (
            row(text("a"))
            + row(more='table:number-rows-repeated="1000000"')
            + row(cell(table_number_columns_repeated="99"), text("b")),
            "file-suspect",
            "内容铺得过开",
        ),
        (
            row(text("a", table_number_rows_spanned="99999999")),
            "file-suspect",
            "合并的区域过大",
        ),
        (row(cell(table_number_columns_repeated="很多")), "file-damaged", "不完整"),
        ("<table:table-row>", "file-damaged", "不完整"),
    ],
)
def test_refuses_what_would_explode(rows: str, code: str, detail: str) -> None:
    """A short file may stand for millions of cells."""
    found = refusal(make_ods(table(rows)))
    assert found[0] == code
    assert detail in found[1]


def test_the_repeats_of_all_sheets_count_together() -> None:
    """Many sheets that each repeat a little are as large as one."""
    rows = row(text("a"), more=f'table:number-rows-repeated="{50_001}"')
    tables = "".join(table(rows, f"表{n}") for n in range(5))
    assert opendocument.MAX_REPEATED_CELLS < 5 * 50_000
    assert refusal(make_ods(tables)) == ("file-suspect", "同一内容重复的次数过多")


def test_refuses_document_types() -> None:
    """A document type declaration is how entity bombs begin."""
    bomb = '<!DOCTYPE x [<!ENTITY a "aaa">]>'
    assert refusal(make_ods(table(""), head=bomb)) == (
        "file-suspect",
        "内部含有文档类型声明",
    )


def test_refuses_two_sheets_of_one_name() -> None:
    """Of two sheets called the same, one would be lost."""
    assert refusal(make_ods(table("") + table(""))) == ("file-suspect", "有两张同名的工作表")


def test_leaves_out_what_is_remembered_of_other_files() -> None:
    """The copy of a linked file is no sheet of this one."""
    other = table("<table:table-source/>" + row(text("旧")), "'file:///x'#表")
    read = read_workbook(make_ods(other + table(row(text("新")))))
    assert [(one.name, dict(one.cells)) for one in read.sheets] == [("表", {(0, 0): "新"})]


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ({"mimetype": b"application/epub+zip"}, "file-other-type"),
        (
            {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"},
            "file-damaged",
        ),
        (
            {"mimetype": b"x", "META-INF/manifest.xml": b"<m:encryption-data/>"},
            "file-locked",
        ),
        (
            {
                "mimetype": b"application/vnd.oasis.opendocument.text",
                "content.xml": b"<office/>",
            },
            "file-document",
        ),
    ],
)
def test_tells_what_is_no_spreadsheet(entries: dict[str, bytes], code: str) -> None:
    """A book, a letter, a file with a password: each is named as what it is."""
    assert refusal(zipped(entries))[0] == code


@pytest.mark.parametrize(
    ("facts", "keywords", "saved"),
    [
        (
            "<meta:keyword>a</meta:keyword><meta:keyword>b</meta:keyword>"
            "<dc:date>2022-12-10T01:30:00Z</dc:date>",
            "a;b",
            datetime(2022, 12, 10, 9, 30),  # noqa: DTZ001
        ),
        ("<dc:date>昨天</dc:date>", "", None),
        ("<broken", "", None),
    ],
)
def test_reads_keywords_and_time(facts: str, keywords: str, saved: datetime | None) -> None:
    """Facts that are gone or garbled cost nothing but themselves."""
    book = read_workbook(make_ods(table(""), {"meta.xml": make_ods_metadata(facts)}))
    assert (book.keywords, book.saved_at) == (keywords, saved)
