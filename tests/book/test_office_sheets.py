"""收件登记, 更正代填 and 办理记录: what the office types there is read, and mistakes are told."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from ledgerbook import identity
from ledgerbook.book import (
    append_issue_records,
    append_office_notes,
    build_book_bytes,
    list_issue_records,
    read_book,
)
from ledgerbook.book.schema import FIRST_DATA_ROW
from ledgerbook.errors import InputError
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.forms import load_factory_forms
from ledgerbook.model import Assignment, Book, Role, Section
from ledgerbook.model.issued_values import IssuedValues
from ledgerbook.model.office_entries import FileRegistration, OfficeEntry, OfficeNote
from tests.support.books import FINANCE, ISSUED_ON, OFFICE, SAVED_AT, make_book

pytestmark = pytest.mark.slow

REGISTERS = load_factory_forms()[1:]
BOOK = make_book(
    forms=(*make_book().forms, *REGISTERS),
    sections=(
        Section(OFFICE, register_keys=(REGISTERS[0].key,)),
        *make_book().sections[1:],
    ),
)
CODE = identity.make_row_code(BOOK, BOOK.tasks[0], FINANCE)
DAY = date(2022, 12, 20)
GROUND = "12月20日电话，李四报"


def typed(
    folder: Path, lines: Mapping[str, Sequence[Sequence[Any]]], data: bytes | None = None
) -> Path:
    """Return the path of a book into whose sheets the office has typed ``lines``."""
    workbook = load_workbook(io.BytesIO(data or build_book_bytes(BOOK)))
    for name, rows in lines.items():
        for number, row in enumerate(rows, FIRST_DATA_ROW):
            for column, value in enumerate(row, 1):
                workbook[name].cell(number, column, value)
    path = folder / "台账.xlsx"
    path.write_bytes(serialize_workbook(workbook, SAVED_AT))
    return path


def list_mistakes(folder: Path, sheet: str, *row: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_book(typed(folder, {sheet: [row]}))
    return list(caught.value.slips)


LINES = {
    "收件登记": [
        ("甲/报表.xlsx", "", FINANCE, "年度", DAY, "", "补报"),
        ("", "AB12CD34", "", "", None, "是", "作废"),
    ],
    "更正代填": [
        ("", "年度", "", CODE, "完成状态", "已完成", GROUND, DAY, "王五"),
        (FINANCE, "年度", "重点任务台账", CODE, "完成日期", "2022-11-30", GROUND, DAY),
        (FINANCE, "年度", "", CODE, "备注", "清空", GROUND, DAY),
    ],
}


def test_what_the_office_types_is_read(tmp_path: Path) -> None:
    """By row code and header; a date may be typed as text, and 清空 clears."""
    book = read_book(typed(tmp_path, LINES))
    assert book.registrations == (
        FileRegistration("甲/报表.xlsx", "", FINANCE, "年度", DAY, note="补报"),
        FileRegistration("", "ab12cd34", is_left_out=True, note="作废"),
    )
    assert book.office_entries == tuple(
        OfficeEntry(FINANCE, "年度", "tasks", "T01", column, value, GROUND, DAY, by)
        for column, value, by in (
            ("status", "已完成", "王五"),
            ("done_on", date(2022, 11, 30), ""),
            ("note", None, ""),
        )
    )
    assert book.office_entries[0].place.cell == "F4"
    # What a revised plan writes anew says the same.
    path = tmp_path / "新.xlsx"
    path.write_bytes(build_book_bytes(book))
    assert read_book(path) == book


@pytest.mark.parametrize(
    ("row", "mistake"),
    [
        (("", "", "", "", None, "是"), "单元格 A4：没有写是哪个文件"),
        (("", "12xy"), "单元格 B4：“12xy”不是校验值"),
        (("a.xlsx", "", "没有科"), "单元格 C4：“没有科”不在“科室”表中"),
        (("a.xlsx", "", "", "冬季"), "单元格 D4：“冬季”不在“批次”表中"),
        (("a.xlsx", "", "", "", "昨天"), "单元格 E4：“昨天”是文字，不是日期"),
        (("a.xlsx", "", "", "", date(2021, 12, 31)), "单元格 E4：“2021-12-31”不像是这一年的日期"),
        (("a.xlsx", "", "", "", None, "要"), "单元格 F4：“要”看不懂"),
    ],
)
def test_a_wrong_registration_is_told(tmp_path: Path, row: Sequence[Any], mistake: str) -> None:
    (told,) = list_mistakes(tmp_path, "收件登记", *row)
    assert told.startswith(f"工作表“收件登记”{mistake}")


GOOD = (FINANCE, "年度", "", CODE, "完成状态", "已完成", GROUND, DAY)


@pytest.mark.parametrize(
    ("column", "value", "mistake"),
    [
        (0, "没有科", "单元格 A4：“没有科”不在“科室”表中"),
        (0, OFFICE, f"单元格 D4：行码“{CODE}”是“{FINANCE}”的，不是“{OFFICE}”的"),
        (1, "", "单元格 B4：“批次”不能空着"),
        (2, "没有的表", "单元格 C4：没有叫“没有的表”的表"),
        (3, "T99-XXXXX", "单元格 D4：没有行码“T99-XXXXX”"),
        (4, "计划措施", "单元格 E4：“计划措施”不是“重点任务台账”里科室填写的栏目"),
        (5, "基本完成", "单元格 F4：“基本完成”不能填在“完成状态”里，它只能填这些：未启动"),
        (5, "", "单元格 F4：“内容”不能空着"),
        (6, "", "单元格 G4：“依据”不能空着"),
        (7, None, "单元格 H4：“日期”不能空着"),
        (7, date(1999, 3, 30), "单元格 H4：“1999-03-30”不像是这一年的日期"),
        (7, date(2024, 1, 1), "单元格 H4：“2024-01-01”不像是这一年的日期"),
    ],
)
def test_a_wrong_entry_is_told(tmp_path: Path, column: int, value: Any, mistake: str) -> None:
    told = list_mistakes(tmp_path, "更正代填", *GOOD[:column], value, *GOOD[column + 1 :])
    assert any(one.startswith(f"工作表“更正代填”{mistake}") for one in told), told


@pytest.mark.parametrize(
    ("header", "value", "mistake"),
    [
        ("完成日期", "九月底", "它要填日期"),
        ("完成日期", "2012-9-30", "日期应当在 2022-01-01 至 2023-03-31 之间"),
        ("责任人", "名" * 21, "它有 21 字，最多 20 字"),
    ],
)
def test_a_value_that_the_column_cannot_hold_is_told(
    tmp_path: Path, header: str, value: str, mistake: str
) -> None:
    (told,) = list_mistakes(tmp_path, "更正代填", *GOOD[:4], header, value, *GOOD[6:])
    assert mistake in told


def test_the_row_code_of_a_section_that_is_gone_says_what_to_do(tmp_path: Path) -> None:
    """It may have been renamed: the former name as 简称 of the new one makes the code right."""
    records = list_issue_records(BOOK, IssuedValues("年度", ISSUED_ON, {}))
    tasks = tuple(
        replace(task, units=OFFICE, parsed_assignments=(Assignment(OFFICE, Role.LEAD),))
        for task in BOOK.tasks
    )
    sections = tuple(section for section in BOOK.sections if section.name != FINANCE)
    book = replace(BOOK, tasks=tasks, sections=sections, issue_records=records)
    lines = {"更正代填": [(OFFICE, *GOOD[1:])]}
    with pytest.raises(InputError) as caught:
        read_book(typed(tmp_path, lines, build_book_bytes(book)))
    (mistake,) = caught.value.slips
    assert f"行码“{CODE}”是“{FINANCE}”的，不是“{OFFICE}”的，请核对。科室改了名的" in mistake
    assert mistake.endswith(f"“简称”里写上“{FINANCE}”。")


def test_an_entry_of_a_register_names_its_identity(tmp_path: Path) -> None:
    form = REGISTERS[0]
    identity_text = "、".join(str(n) for n in range(len(form.identity)))
    column = form.answer_columns[0]
    row = (OFFICE, "年度", form.title, identity_text, column.header, "清空", GROUND, DAY)
    (entry,) = read_book(typed(tmp_path, {"更正代填": [row]})).office_entries
    assert (entry.form, entry.row, entry.column) == (form.key, identity_text, column.key)
    told = list_mistakes(tmp_path, "更正代填", *row[:3], f"{identity_text}、多", *row[4:])
    assert "看不出是" in told[0]


def test_notes_are_appended_and_the_newest_holds(tmp_path: Path) -> None:
    """A blank one ends an earlier one; a line that somebody damaged is told."""
    notes = [
        OfficeNote(DAY, CODE, "采用口径", "一_x0041_\n二"),
        OfficeNote(DAY, CODE, "销号", "是", "1a2b3c"),
        OfficeNote(DAY, CODE, "采用口径", ""),
    ]
    data = build_book_bytes(BOOK)
    for note in notes:
        data = append_office_notes(data, BOOK, [note])
    path = tmp_path / "台账.xlsx"
    path.write_bytes(data)
    book = read_book(path)
    assert list(book.office_notes) == notes
    assert book.map_office_notes() == {(CODE, "销号"): notes[1]}
    with pytest.raises(InputError) as caught:
        read_book(typed(tmp_path, {"办理记录": [("昨天",)]}, data))
    assert caught.value.slips[0].startswith("工作表“办理记录”单元格 A4")


def test_people_see_what_a_note_is_about(tmp_path: Path) -> None:
    """Section and task or entry in words; the codes are hidden."""
    form = REGISTERS[0]
    entry = identity.make_entry_code(form.key, OFFICE, "办字〔2022〕1号")
    notes = [
        OfficeNote(DAY, CODE, "采用口径", "按季度推进。", "1a2b3c"),
        OfficeNote(DAY, entry, "采用哪个：文号", "办字〔2022〕1号"),
        OfficeNote(DAY, "T99-AAAAA", "审核意见", "再核。"),
    ]
    data = append_office_notes(build_book_bytes(BOOK), BOOK, notes)
    path = tmp_path / "台账.xlsx"
    path.write_bytes(data)
    for book_data in (data, build_book_bytes(read_book(path))):
        sheet = load_workbook(io.BytesIO(book_data))["办理记录"]
        hidden = [sheet.column_dimensions[cell.column_letter].hidden for cell in sheet[3]]
        assert hidden == [False] * 5 + [True] * 2
        day = DAY.isoformat()
        assert [[cell.value for cell in row] for row in sheet.iter_rows(4, 6)] == [
            [day, FINANCE, "任务 1", "采用口径", "按季度推进。", CODE, "1a2b3c"],
            [
                day,
                OFFICE,
                f"{form.title}：办字〔2022〕1号",
                "采用哪个：文号",
                "办字〔2022〕1号",
                entry,
                None,
            ],
            [day, None, "T99-AAAAA", "审核意见", "再核。", "T99-AAAAA", None],
        ]


def test_notes_of_a_book_of_the_old_layout_go_on(tmp_path: Path) -> None:
    """Cells go where its headers are; what it has no column for is left out."""
    note = OfficeNote(DAY, CODE, "采用口径", "按季度推进。", "1a2b3c")
    path = tmp_path / "台账.xlsx"
    for headers in (("日期", "行码", "项目", "内容", "答复校验"), ("日期", "行码", "项目", "内容")):
        workbook = load_workbook(io.BytesIO(build_book_bytes(BOOK)))
        sheet = workbook["办理记录"]
        sheet.delete_cols(1, sheet.max_column)
        for column, header in enumerate(headers, 1):
            sheet.cell(3, column).value = header
        data = serialize_workbook(workbook, SAVED_AT)
        for _ in range(2):
            data = append_office_notes(data, BOOK, [note])
        path.write_bytes(data)
        kept = note if "答复校验" in headers else replace(note, fingerprint="")
        assert read_book(path).office_notes == (kept, kept)
        path.write_bytes(build_book_bytes(read_book(path)))
        assert read_book(path).office_notes == (kept, kept)


def test_a_line_is_cleared_without_its_hidden_cells(tmp_path: Path) -> None:
    note = OfficeNote(DAY, CODE, "采用口径", "按季度推进。")
    data = append_office_notes(build_book_bytes(BOOK), BOOK, [note, note])
    workbook = load_workbook(io.BytesIO(data))
    for column in "ABCDE":
        workbook["办理记录"][f"{column}4"] = None
    path = tmp_path / "台账.xlsx"
    path.write_bytes(serialize_workbook(workbook, SAVED_AT))
    assert read_book(path).office_notes == (note,)


def test_an_old_book_gets_the_sheets_and_their_lists(tmp_path: Path) -> None:
    """When something is recorded; the office may type in those that are its own."""
    workbook = load_workbook(io.BytesIO(build_book_bytes(BOOK)))
    names = ["收件登记", "更正代填", "签发记录", "办理记录", "催办记录"]
    for name in names:
        del workbook[name]
    old = serialize_workbook(workbook, SAVED_AT)
    records = list_issue_records(BOOK, IssuedValues("年度", ISSUED_ON, {}))
    data = append_issue_records(old, BOOK, records)
    again = load_workbook(io.BytesIO(data))
    assert again.sheetnames[-5:] == names
    assert [again[name].protection.sheet for name in names] == [False, False, True, True, True]
    rules = again["更正代填"].data_validations.dataValidation
    assert [str(rule.sqref)[:2] for rule in rules] == ["A4", "B4", "C4", "E4"]
    book: Book = read_book(typed(tmp_path, LINES, data))
    assert len(book.office_entries) == 3
