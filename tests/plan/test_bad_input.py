"""Files with no plan in them: one plain sentence each, and never a traceback."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import xlsxwriter
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from ledgerbook.errors import FileError, InputError
from ledgerbook.plan import read_plan
from ledgerbook.plan.extract import extract_plan
from ledgerbook.plan.formats.docx import read_docx_document
from ledgerbook.plan.table_parser import assemble_plan_table
from tests.plan.layouts import (
    Renderer,
    comma,
    docx,
    html,
    one_a_line,
    pipes,
    read,
    tabs,
    xls,
    xlsx,
)
from tests.support.returns import replace_parts

PLAN = Path(__file__).parents[2] / "examples" / "zhongshan-2022" / "plan.docx"
SIZE = PLAN.stat().st_size


def _document(*rows: tuple[str, ...]) -> bytes:
    document = Document()
    document.add_paragraph("关于开会的通知")
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for row, texts in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _package(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return buffer.getvalue()


def _with_document(change: Callable[[bytes], bytes]) -> bytes:
    with zipfile.ZipFile(PLAN) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["word/document.xml"] = change(parts["word/document.xml"])
    return _package(parts)


def _with_pictures() -> bytes:
    with zipfile.ZipFile(io.BytesIO(_document())) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    return _package({**parts, "word/media/1.png": b"a", "word/media/2.jpeg": b"b"})


def _dtd(xml: bytes) -> bytes:
    head, _, rest = xml.partition(b"?>")
    return head + b'?><!DOCTYPE d SYSTEM "d.dtd">' + rest


SOUGHT = (
    "没有找到分工方案：要找的是一张表，表头要写明做什么"
    "（如“工作任务”“工作要点”“具体要求”“计划措施”）"
    "和由谁做（如“责任单位”“责任科室”“牵头单位”）。"
)
CHECK = "请核对是不是选错了文件，或表格有没有复制完整。"
LOOKED_FOR = SOUGHT.partition("：")[2]
NOT_TEXT = (
    "文件不是 .docx，也不是能读懂的文字文件（UTF-8 或 GB18030 编码）。"
    f"{LOOKED_FOR}"
    "请用 Word 或 WPS 把方案另存为 .docx 后重试。"
)
DAMAGED = (
    "这个 .docx 文件已经损坏或设了密码，打不开。"
    "请用 Word 或 WPS 打开确认，另存为新的 .docx 后重试。"
)
BROKEN = "文件已经损坏，打不开。请用 Word 或 WPS 打开确认，另存为新的 .docx 后重试。"
OLD = (
    f"这个旧格式的文件已经损坏，或者不是 .doc、.wps、.xls、.et，读不了。{LOOKED_FOR}"
    "请用 Word 或 WPS 把方案另存为 .docx 后重试。"
)
PICTURE = (
    f"这是一张图片。{LOOKED_FOR}请先用 WPS 等软件把图片识别成文字，或找到原来的 .docx 后重试。"
)
ARCHIVE = f"这是压缩包，没有读里面的文件。{LOOKED_FOR}请解压后把里面的方案文件拿出来重试。"
PDF = (
    "这个 PDF 已经损坏，读不出来。"
    "请找方案的 Word 文件（.docx、.doc），或用 WPS 等软件转换成 .docx 后重试。"
)

CASES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "文件是空的。请换用有内容的方案文件。"),
    "blank": (b" \r\n\n", "文件是空的。请换用有内容的方案文件。"),
    "random bytes": (bytes(range(255, -1, -1)) * 16, NOT_TEXT),
    "control characters": (b"plan\x00\x01\x02", NOT_TEXT),
    "PDF": (b"%PDF-1.7\n...", PDF),
    "old .doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), OLD),
    "picture": (b"\x89PNG\r\n\x1a\n", PICTURE),
    "photograph": (b"\xff\xd8\xff\xe0" + bytes(90), PICTURE),
    "bitmap": (b"BM" + bytes(90), PICTURE),
    "fax": (b"II*\x00" + bytes(90), PICTURE),
    "text that begins like a bitmap": (
        b"BMW 320i",
        f"{SOUGHT}文件里一张表也没有。{CHECK}",
    ),
    "RTF": (
        b"{\\rtf1 x}",
        f"这是 RTF 文件，读不了。{LOOKED_FOR}请用 Word 或 WPS 把方案另存为 .docx 后重试。",
    ),
    "rar": (b"Rar!\x1a\x07\x01\x00", ARCHIVE),
    "presentation": (
        _package({"ppt/presentation.xml": b"<a/>"}),
        f"这是演示文稿，里面的表读不了。{LOOKED_FOR}请把方案的表格放进 .docx 后重试。",
    ),
    "ofd": (
        _package({"OFD.xml": b"<a/>"}),
        f"这是 OFD 版式文件，读不了。{LOOKED_FOR}请用阅读软件转换成 .docx 后重试。",
    ),
    "document of pictures": (
        _with_pictures(),
        f"{SOUGHT}文件里一张表也没有。文件里有 2 张图片，图片里的文字读不到；"
        f"方案如果是扫描件，要先识别成文字。{CHECK}",
    ),
    "a novel": (
        "第一章\n\n　　他走进了山里。\n1. 带了一把伞。\n2. 还有书。".encode(),
        f"{SOUGHT}文件里一张表也没有。{CHECK}",
    ),
    "a pay list under its title": (
        "2023年6月工资表\n姓名,部门,合计\n张某,财务科,5\n".encode("gb18030"),
        f"{SOUGHT}文件里有 1 张表，第一行写的是“姓名、部门、合计”，都不是。{CHECK}",
    ),
    "workbook": (
        _package({"xl/workbook.xml": b"<a/>"}),
        "这个 .xlsx 文件已经损坏或设了密码，打不开。"
        "请用 Excel 或 WPS 打开确认，另存为新的 .xlsx 后重试。",
    ),
    "other archive": (_package({"a.txt": b"a"}), ARCHIVE),
    "text without a plan": (
        "关于开会的通知\n请各科室按时参加。".encode(),
        f"{SOUGHT}文件里一张表也没有。{CHECK}",
    ),
    "text with a header alone": (
        "工作要求工作要点计划措施责任单位".encode(),
        "表头下面没有找到任务：任务要从“1.”开始连续编号。请核对文字是否复制完整。",
    ),
    "document without a table": (
        _document(),
        f"{SOUGHT}文件里一张表也没有。{CHECK}",
    ),
    "document with another table": (
        _document(("姓名", "责任单位"), ("张某", "综合科")),
        f"{SOUGHT}文件里有 1 张表，第一行写的是“姓名、责任单位”，都不是。{CHECK}",
    ),
    "document with a header alone": (
        _document(("计划措施", "责任单位")),
        "分工方案的表格里只有表头，没有任务。请核对文件是否完整，或换一份完整的方案。",
    ),
    "truncated document": (PLAN.read_bytes()[:9000], BROKEN),
    "garbled document": (_with_document(lambda xml: xml[:-50]), DAMAGED),
    "package without its parts": (_package({"word/document.xml": b"<a/>"}), DAMAGED),
    "document with a DTD": (
        _with_document(_dtd),
        "这个 .docx 文件里有正常文档不该有的内容（DTD 声明），没有打开。"
        "请用 Word 或 WPS 把方案另存为新的 .docx 后重试。",
    ),
    "zip bomb": (
        _with_document(lambda xml: xml + bytes(65 * 1024 * 1024)),
        "这个 .docx 文件解压后大得不正常，没有打开。"
        "请用 Word 或 WPS 把方案另存为新的 .docx 后重试。",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_no_plan(tmp_path: Path, case: str) -> None:
    """Each kind of wrong file gets one message: the file, what is wrong, what to do."""
    data, message = CASES[case]
    path = tmp_path / "方案.bin"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_plan(path)
    assert str(caught.value) == f"“方案.bin”：{message}"


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is a FileError that names it."""
    path = tmp_path / "方案.docx"
    with pytest.raises(FileError) as caught:
        read_plan(path)
    assert str(caught.value) == f"找不到“{path}”。请核对文件名和所在文件夹。"


def test_folder(tmp_path: Path) -> None:
    """A folder is a FileError that says so."""
    with pytest.raises(FileError) as caught:
        read_plan(tmp_path)
    assert str(caught.value) == f"“{tmp_path}”是文件夹。请写明方案文件的名字。"


def test_huge_file(tmp_path: Path) -> None:
    """A file too large to be a plan is refused before it is read."""
    path = tmp_path / "方案.txt"
    with path.open("wb") as stream:
        stream.truncate(33 * 1024 * 1024)
    with pytest.raises(InputError) as caught:
        read_plan(path)
    assert str(caught.value) == (
        "“方案.txt”：文件超过 32 MB，不像分工方案。请核对是不是选错了文件。"
    )


def test_a_document_with_a_workbook_in_it(tmp_path: Path) -> None:
    """A damaged old document that holds a workbook's name inside is no workbook."""
    path = tmp_path / "方案.doc"
    inside = "Workbook".encode("utf-16-le")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + inside)
    with pytest.raises(InputError) as caught:
        read_plan(path)
    assert str(caught.value) == f"“方案.doc”：{OLD}"


OTHER_TABLES: dict[str, tuple[tuple[str, ...], ...]] = {
    "duties": (
        ("序号", "科室", "工作职责", "联系电话"),
        ("1", "办公室", "负责文电、会务、机要、档案等工作。", "123"),
        ("2", "法规科", "负责规范性文件的合法性审查。", "345"),
    ),
    "a meeting": (
        ("时间", "地点", "会议内容", "参加单位"),
        ("3月1日", "三楼", "讨论方案", "各科室"),
        ("3月2日", "二楼", "培训", "办公室"),
    ),
    "telephones": (("科室", "姓名", "电话"), ("办公室", "张某", "123456")),
    "purchases": (
        ("序号", "物品名称", "数量", "采购部门", "备注"),
        ("1", "打印纸", "5", "办公室", ""),
        ("2", "墨盒", "2", "法规科", ""),
    ),
    "a budget": (
        ("项目", "预算数", "决算数", "说明"),
        ("基本支出", "100", "98", "人员经费"),
        ("项目支出", "50", "49", "专项"),
    ),
}


@pytest.mark.parametrize("name", OTHER_TABLES)
@pytest.mark.parametrize("render", [docx, xlsx, xls, html, comma, tabs, pipes])
def test_a_table_of_something_else(name: str, render: Renderer) -> None:
    """A table that is no plan is refused: what was sought, and what was there."""
    table = OTHER_TABLES[name]
    with pytest.raises(InputError) as caught:
        read(render([], [table]))
    assert str(caught.value).startswith(f"“方案”：{SOUGHT}文件里有 ")
    assert "、".join(table[0]) in str(caught.value)


def test_a_column_that_is_not_there() -> None:
    """--units-column must name a column; the message lists those there are."""
    table = [["序号", "工作任务", "责任科室"], ["1", "公开预算。", "财务科"]]
    with pytest.raises(InputError) as caught:
        read(docx([], [table]), units_column="负责处室")
    assert str(caught.value) == (
        "“方案”：方案的表格里没有“负责处室”这一栏。现有的栏目：序号、工作任务、责任科室。"
        "请在 units_column= 后面照原样写其中一个。"
    )


def test_a_sheet_of_billions_of_places() -> None:
    """Two cells in far corners are refused before room is made for all between."""
    book = Workbook()
    assert book.active
    book.active["A1"] = "序号"
    book.active["XFD1048576"] = "责任单位"
    stream = io.BytesIO()
    book.save(stream)
    with pytest.raises(InputError, match="大得不像分工方案"):
        read(stream.getvalue())


_TABLE = [
    ["序号", "工作任务", "责任科室", "完成时限"],
    ["一、公开", "<", "<", "<"],
    ["1", "公开预算。", "财务科", "年底前"],
    ["2", "公开决算。", "财务科、办公室", "9月底前"],
]


@cache
def _rendered(render: Renderer) -> bytes:
    """Render the table once: a workbook notes the time at which it was made."""
    return render(["某局2023年工作分工方案"], [_TABLE])


_KINDS = [docx, xlsx, xls, html, comma, tabs, pipes, one_a_line]


@pytest.mark.parametrize("render", _KINDS, ids=lambda render: str(render.__name__))
@given(data=st.data())
def test_any_file_cut_or_garbled_anywhere(render: Renderer, data: st.DataObject) -> None:
    """A file damaged at any place gives a plan or an InputError, nothing else."""
    whole = bytearray(_rendered(render))
    places = st.integers(0, len(whole) - 1)
    for at, byte in data.draw(st.dictionaries(places, st.integers(0, 255), max_size=6)).items():
        whole[at] = byte
    length = data.draw(st.just(len(whole)) | places)
    with contextlib.suppress(InputError):
        plan = read(bytes(whole[:length]))
        assert plan.cell_count.is_balanced


_BITS = (
    "序号",
    "工作任务",
    "责任单位",
    "时限",
    "一、",
    "(一)",
    "1.",
    "2",
    "综合科",
    "做事。",
)
_GLUE = ("|", "\t", ",", "\n", " ", "", "<td>", "<tr>", "<table>", "</table>", '"')


@given(st.lists(st.sampled_from(_BITS + _GLUE), max_size=60).map("".join))
def test_any_text_is_a_plan_or_one_message(text: str) -> None:
    """However the words of a plan are strewn, reading ends in one of the two."""
    with contextlib.suppress(InputError):
        plan = read(text.encode())
        assert plan.cell_count.is_balanced
        assert [item.number for item in plan.items] == [n for n, _ in enumerate(plan.items, 1)]


@given(
    spoilt=st.dictionaries(st.integers(0, SIZE - 1), st.integers(0, 255), max_size=5),
    length=st.just(SIZE) | st.integers(0, SIZE),
)
def test_documents_cut_or_garbled_anywhere(spoilt: dict[int, int], length: int) -> None:
    """A document damaged at any place gives a plan or an InputError, nothing else."""
    data = bytearray(PLAN.read_bytes())
    for at, byte in spoilt.items():
        data[at] = byte
    with contextlib.suppress(InputError):
        extract_plan(assemble_plan_table(read_docx_document(bytes(data[:length]))))


LONG_LIST = [["姓名", "部门", "实发工资"], *([f"张{n}", "财务科", "4000"] for n in range(5_400))]
LONG = (
    "大得不像分工方案（超过 5000 行或 200 列）。"
    "请核对是不是选错了文件；确是方案的，请只留任务的行和栏，另存成新文件后重试。"
)
LONG_NAME = "第一行是“姓名、部门、实发工资”的表格"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("render", "name"),
    [
        (xlsx, "工作表“Sheet”"),
        (xls, "工作表“表0”"),
        (docx, LONG_NAME),
        (html, LONG_NAME),
        (comma, LONG_NAME),
        (tabs, LONG_NAME),
        (pipes, LONG_NAME),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_list_longer_than_any_plan_is_refused(render: Renderer, name: str) -> None:
    with pytest.raises(InputError) as caught:
        read(render([], [LONG_LIST]))
    assert str(caught.value) == f"“方案”：{name}{LONG}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("render", "name"),
    [(xlsx, "工作表“Sheet”"), (xls, "工作表“表0”"), (docx, LONG_NAME), (html, LONG_NAME)],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_list_beside_a_plan_is_named(render: Renderer, name: str) -> None:
    """The plan is read; what was not read, and why, is said."""
    plan = read(render([], [LONG_LIST, _TABLE]))
    assert [item.units for item in plan.items] == ["财务科", "财务科、办公室"]
    assert str(plan.cell_count).endswith(
        f"{name}大得不像分工方案（超过 5000 行或 200 列），没有读；"
        "里面要是也有任务，请只留任务的行和栏，另存后重试。"
    )


def test_a_long_list_between_other_tables_is_named_where_there_is_no_plan() -> None:
    with pytest.raises(InputError, match=r"^“方案”：工作表“Sheet1”大得不像分工方案"):
        read(xlsx([], [LONG_LIST[:9], LONG_LIST]))


def test_formulas_that_show_nothing_do_not_make_a_plan_too_long() -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (["计划措施", "责任单位", ""], ["更新公开目录。", "综合科", ""]):
        sheet.append(row)
    for row_number in range(2, 5_400):
        sheet.cell(row_number, 3, '=IF(A1="x",1,"")')
    buffer = io.BytesIO()
    workbook.save(buffer)
    assert [item.units for item in read(buffer.getvalue()).items] == ["综合科"]


@pytest.mark.parametrize("text", ["", " \n"])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_blank_texts_do_not_make_a_plan_too_long(text: str, part: str) -> None:
    """What is left where formulas that showed nothing were pasted as values."""
    buffer = io.BytesIO()
    # With little memory, texts stand in the cells.
    options = {"constant_memory": "sheet" in part}
    with xlsxwriter.Workbook(buffer, options) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["计划措施", "责任单位", "空"])
        sheet.write_row(1, 0, ["更新公开目录。", "综合科", "空"])
        for row in range(2, 5_400):
            sheet.write_string(row, 2, "空")
    blank = f'<t xml:space="preserve">{text}</t>'.encode()
    data = replace_parts(
        buffer.getvalue(), {part: lambda xml: xml.replace("<t>空</t>".encode(), blank)}
    )
    assert [item.units for item in read(data).items] == ["综合科"]
