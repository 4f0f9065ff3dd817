"""What Excel cannot take is found when the book is read: sheet, cell and what to do."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook import forms
from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.book.schema import FIRST_DATA_ROW, HEADER_ROW
from ledgerbook.errors import InputError
from ledgerbook.issue.workbook import issue_round
from ledgerbook.model import Book, Form
from tests.support.books import ISSUED_ON, OFFICE, make_book

pytestmark = pytest.mark.slow

EMOJI = "😀"
TASKS = forms.load_factory_ledger()
REGISTER = next(form for form in forms.load_factory_forms() if form.key == "applications")


def book_of(*registers: Form) -> Book:
    base = make_book()
    keys = tuple(register.key for register in registers)
    sections = tuple(dataclasses.replace(one, register_keys=keys) for one in base.sections)
    return dataclasses.replace(base, sections=sections, forms=(TASKS, *registers))


def edited(folder: Path, book: Book, change: Callable[[Workbook], None]) -> Path:
    path = folder / "台账.xlsx"
    path.write_bytes(build_book_bytes(book))
    workbook = load_workbook(path)
    change(workbook)
    workbook.save(path)
    return path


def slips(folder: Path, book: Book, change: Callable[[Workbook], None]) -> tuple[str, ...]:
    with pytest.raises(InputError) as caught:
        read_book(edited(folder, book, change))
    return caught.value.slips


def put(sheet: Worksheet, header: str, value: str, row: int = FIRST_DATA_ROW) -> None:
    headers = [cell.value for cell in sheet[HEADER_ROW]]
    sheet.cell(row, headers.index(header) + 1, value)


def find_row(sheet: Worksheet, header: str, value: str) -> int:
    headers = [cell.value for cell in sheet[HEADER_ROW]]
    column = headers.index(header) + 1
    return next(r for r in range(FIRST_DATA_ROW, 999) if sheet.cell(r, column).value == value)


def test_texts_that_are_too_long_are_told_all_at_once(tmp_path: Path) -> None:
    """Header, prompt, choice and names: one sentence each, with its cell."""

    def change(workbook: Workbook) -> None:
        fields, choices = workbook["字段"], workbook["选项"]
        row = find_row(fields, "列名", "备注")
        put(fields, "列名", "长" * 300, row)
        put(fields, "填写提示", EMOJI * 130, row)
        put(choices, "选项", "*" * 130, find_row(choices, "选项", "不涉及"))
        put(workbook["批次"], "批次名称", "批" * 9_000)
        workbook["基本信息"]["B4"] = "局" * 9_000

    assert set(slips(tmp_path, book_of(), change)) >= {
        "工作表“字段”单元格 C21（列名）：列名不能超过 255 个字，现在有 300 个，请缩短。",
        "工作表“字段”单元格 K21（填写提示）："
        "填写提示不能超过 255 个字，现在有 260 个（一个表情符号算两个），请缩短。",
        "工作表“选项”单元格 C8（选项）："
        "选项有 130 个字，Excel 的公式里放不下，请缩短到 200 个字以内。",
        "工作表“批次”单元格 A4：批次名称不能超过 8191 个字，现在有 9000 个，请缩短。",
        "工作表“基本信息”单元格 B4：机关名称不能超过 8191 个字，现在有 9000 个，请缩短。",
    }


def test_a_section_with_an_endless_name(tmp_path: Path) -> None:
    """A name that would not fit the mark of a sheet is refused with its cell."""

    def change(workbook: Workbook) -> None:
        put(workbook["科室"], "科室名称", "长" * 9_000, FIRST_DATA_ROW + 20)

    assert slips(tmp_path, book_of(), change) == (
        "工作表“科室”单元格 A24：科室名称不能超过 8191 个字，现在有 9000 个，请缩短。",
    )


def test_a_column_key_with_a_hyphen_is_told(tmp_path: Path) -> None:
    """Keys of columns are small letters, digits and underscores."""

    def change(workbook: Workbook) -> None:
        fields = workbook["字段"]
        put(fields, "代号", "a-b", find_row(fields, "代号", "note"))

    assert slips(tmp_path, book_of(), change) == (
        "工作表“字段”单元格 B21（代号）：“a-b”只能用小写英文字母、数字和下划线，并以字母开头。",
    )


@pytest.mark.parametrize("key", ["a-b", "依申请（局）", "A b", EMOJI * 60, "R1C1"])
def test_any_other_key_of_a_register_is_read_and_issued(tmp_path: Path, key: str) -> None:
    """A register may have any key; its drop-downs get a name that Excel accepts."""
    path = tmp_path / "台账.xlsx"
    path.write_bytes(build_book_bytes(book_of(dataclasses.replace(REGISTER, key=key))))
    book = read_book(path)
    assert book.registers[0].key == key
    assert issue_round(book, book.rounds[0], ISSUED_ON)


@pytest.mark.parametrize("key", ["a|b", "a;b", "a\nb"])
def test_a_key_that_would_break_the_mark_is_told(tmp_path: Path, key: str) -> None:
    """The line with a sheet's mark is divided by bars."""

    def change(workbook: Workbook) -> None:
        put(workbook["登记簿"], "代号", key)

    said = slips(tmp_path, book_of(REGISTER), change)
    assert said == (
        "工作表“登记簿”单元格 B4：登记簿的代号或者表单的名称里不能有竖线、分号或换行，请改掉。",
    )


def test_a_title_with_a_bar_is_told_where_it_is_the_key(tmp_path: Path) -> None:
    """A register without a key is known by its title."""

    def change(workbook: Workbook) -> None:
        for name, header in (("登记簿", "登记簿"), ("字段", "表单"), ("选项", "表单")):
            for row in range(FIRST_DATA_ROW, workbook[name].max_row + 1):
                if workbook[name].cell(row, 1).value == REGISTER.title:
                    put(workbook[name], header, "甲|乙", row)
        put(workbook["登记簿"], "代号", "")
        for row in range(FIRST_DATA_ROW, FIRST_DATA_ROW + 3):
            put(workbook["科室"], "登记簿", "", row)

    said = slips(tmp_path, book_of(REGISTER), change)
    assert [one for one in said if "竖线" in one] == [
        "工作表“登记簿”单元格 A4：登记簿的代号或者表单的名称里不能有竖线、分号或换行，请改掉。"
    ]


def test_two_registers_with_one_key(tmp_path: Path) -> None:
    """Their returns could not be told apart."""
    other = dataclasses.replace(REGISTER, key="other", title="另一本")

    def change(workbook: Workbook) -> None:
        put(workbook["登记簿"], "代号", REGISTER.key, FIRST_DATA_ROW + 1)

    assert slips(tmp_path, book_of(REGISTER, other), change) == (
        "工作表“登记簿”单元格 B5：代号“applications”重复了，每张表单要不同，请改成别的。",
    )


def test_keys_whose_drop_downs_would_have_one_name(tmp_path: Path) -> None:
    """Keys a with suit_after_review and a_suit with after_review run into each other."""
    columns = tuple(
        dataclasses.replace(one, key="after_review") if one.key == "suit_after_review" else one
        for one in REGISTER.columns
    )
    other = dataclasses.replace(REGISTER, key="applications_suit", title="另一本", columns=columns)
    path = tmp_path / "台账.xlsx"
    path.write_bytes(build_book_bytes(book_of(REGISTER, other)))
    with pytest.raises(InputError) as caught:
        read_book(path)
    assert caught.value.slips == (
        "工作表“登记簿”单元格 B5：代号“applications_suit”和“applications”"
        "加上栏目的代号以后分不开，请把其中一本登记簿的代号改成别的。",
    )


@pytest.mark.parametrize("name", ["O'Brien科", EMOJI * 31, "TRUE", "填表说明", "长" * 300])
def test_a_section_may_be_called_anything_else(tmp_path: Path, name: str) -> None:
    """What the program can adapt by itself is no mistake of the book."""
    base = make_book()
    sections = (*base.sections, dataclasses.replace(base.sections[0], name=name))
    path = tmp_path / "台账.xlsx"
    path.write_bytes(build_book_bytes(dataclasses.replace(base, sections=sections)))
    book = read_book(path)
    assert book.section_names == (*base.section_names, name)
    assert OFFICE in book.section_names


def test_a_definition_in_a_file_is_checked_alike() -> None:
    """A TOML definition with a bar in its key is refused with one sentence."""
    from ledgerbook.storage.resources import find_resource

    text = find_resource("templates/task-ledger.toml").read_text("utf-8")
    with pytest.raises(InputError) as caught:
        forms.load_form(text.replace('key = "tasks"', 'key = "a|b"', 1))
    assert caught.value.slips == ("key：代号里不能有竖线、分号或换行，请改掉。",)


def test_headers_that_a_reader_takes_for_one_are_refused(tmp_path: Path) -> None:
    """Full width or a blank more is the same header on a returned sheet."""

    def change(workbook: Workbook) -> None:
        sheet = workbook["字段"]
        put(sheet, "列名", "ＡＢＣ", find_row(sheet, "列名", "佐证材料"))
        put(sheet, "列名", "A B C", find_row(sheet, "列名", "备注"))

    (slip,) = slips(tmp_path, book_of(), change)
    assert slip.endswith("（列名）：“A B C”重复了，每列要不同。")


@pytest.mark.parametrize("header", ["\u200b", "\u3000", ""])
def test_a_header_that_shows_nothing_is_refused(tmp_path: Path, header: str) -> None:
    """Nobody could name such a column."""

    def change(workbook: Workbook) -> None:
        put(workbook["字段"], "列名", header, find_row(workbook["字段"], "列名", "佐证材料"))

    (slip,) = slips(tmp_path, book_of(), change)
    assert slip.endswith("（列名）：不能空着，请填写。")


def test_a_column_added_without_a_key_is_told_what_one_is(tmp_path: Path) -> None:
    """A clerk who adds a column learns what 代号 is."""

    def change(workbook: Workbook) -> None:
        put(workbook["字段"], "代号", "", find_row(workbook["字段"], "列名", "佐证材料"))

    (slip,) = slips(tmp_path, book_of(), change)
    assert "（代号）：不能空着，请起一个英文代号，例如 funds；每列的代号要不同。" in slip


def test_a_drop_down_without_choices_is_told(tmp_path: Path) -> None:
    """The message names what is blank."""

    def change(workbook: Workbook) -> None:
        put(workbook["字段"], "类型", "下拉选项", find_row(workbook["字段"], "列名", "备注"))

    (slip,) = slips(tmp_path, book_of(), change)
    assert slip.endswith("选项组不能空着，请写“选项”表里的一个选项组。")


def test_names_that_excel_makes_values_of_are_read_as_shown(tmp_path: Path) -> None:
    """A section typed as TRUE, and one typed as a day, keep the name that Excel shows."""

    def change(workbook: Workbook) -> None:
        sheet = workbook["科室"]
        first_free = sheet.max_row + 1
        for row in range(FIRST_DATA_ROW, sheet.max_row + 1):
            if sheet.cell(row, 1).value is None:
                first_free = row
                break
        sheet.cell(first_free, 1, value=True)
        sheet.cell(first_free + 1, 1, datetime(2022, 3, 4))  # noqa: DTZ001

    book = read_book(edited(tmp_path, book_of(), change))
    assert book.section_names[-2:] == ("TRUE", "2022-03-04")
