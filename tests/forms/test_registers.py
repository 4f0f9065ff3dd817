"""Registers as definitions, in files and in the book: rows, identity, limits."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from ledgerbook import forms
from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.book.schema import DUE_RULE_EXAMPLE
from ledgerbook.errors import InputError
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.forms.due_rules import DueRuleError, format_rule, parse_rule
from ledgerbook.model import Book, Column, ColumnType, DueRule, Extension, Filler, Section
from tests.support.books import FINANCE, INDUSTRY, OFFICE, make_book

DEFINITION = """
key = "requests"
title = "申请台账"
rows = 20
identity = ["number"]
purpose = "收到一件登记一件。"

[[columns]]
key = "number"
header = "编号"
kind = "文本"
filler = "科室填写"
width = 12
required = "始终"

[[columns]]
key = "received_on"
header = "收到日期"
kind = "日期"
filler = "科室填写"
width = 12

[[columns]]
key = "due"
header = "答复期限"
kind = "日期"
filler = "固定内容"
source = "法定期限"
due = "收到日期+20个工作日；是否延期=是时再加20个工作日；以答复日期为办结"
width = 12

[[columns]]
key = "answered_on"
header = "答复日期"
kind = "日期"
filler = "科室填写"
not_before = "收到日期"
width = 12

[[columns]]
key = "extended"
header = "是否延期"
kind = "下拉选项"
choices = "是否"
filler = "科室填写"
width = 8

[[choices]]
list = "是否"
value = "是"

[[choices]]
list = "是否"
value = "否"
"""
RULE = DueRule(
    "received_on",
    20,
    extended=(Extension("extended", ("是",), 20),),
    closed="answered_on",
)


def with_registers() -> Book:
    return make_book(
        forms=(forms.load_factory_ledger(), forms.load_form(DEFINITION)),
        sections=(
            Section(OFFICE, register_keys=("requests",)),
            Section(FINANCE),
            Section(INDUSTRY),
        ),
    )


def test_a_definition_says_all_of_a_register() -> None:
    """Rows, what tells entries apart, when one is due, what may not come before."""
    form = forms.load_form(DEFINITION)
    assert (form.is_register, form.rows, form.identity) == (True, 20, ("number",))
    assert form.get_column("due").due == RULE
    assert form.get_column("answered_on").not_before == "received_on"
    assert not forms.load_factory_ledger().is_register


def test_a_register_is_carried_whole() -> None:
    """What an issued workbook takes along is the definition, to the letter."""
    form = forms.load_form(DEFINITION)
    again = forms.deserialize_form(forms.serialize_form(form))
    assert again == form
    assert forms.compute_form_version(form) == forms.compute_form_version(again)


def test_every_register_that_comes_along_is_sound() -> None:
    """Their keys and titles are told apart, and their sheets can be named."""
    registers = forms.load_factory_forms()[1:]
    assert registers
    assert all(form.is_register for form in registers)
    assert len({form.key for form in registers}) == len(registers)
    assert len({form.title for form in registers}) == len(registers)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"法定期限"', '"工作要求"', "登记簿的列不能取自“工作要求”"),
        ("收到日期+20个工作日；", "收件日期+20个工作日；", "没有“收件日期”这一栏"),
        ("收到日期+20个工作日；", "编号+20个工作日；", "“编号”不是日期栏"),
        ("收到日期+20个工作日；", "二十个工作日；", "“二十个工作日”看不懂"),
        ("再加20个工作日", "再加20天", "要么都算工作日"),
        ("是否延期=是时", "编号=是时", "“编号”不是下拉选项"),
        ("以答复日期为办结", "办结看答复日期", "“办结看答复日期”看不懂"),
        ('not_before = "收到日期"', 'not_before = "编号"', "“编号”要是同一张表里"),
        ('identity = ["number"]', 'identity = ["due"]', "识别栏目“due”不在"),
    ],
)
def test_a_slip_in_a_definition_is_told(old: str, new: str, said: str) -> None:
    """In words that name the column."""
    assert old in DEFINITION
    with pytest.raises(InputError) as caught:
        forms.load_form(DEFINITION.replace(old, new))
    assert said in str(caught.value)


# -- rules ----------------------------------------------------------------------------


def column(key: str, header: str, kind: ColumnType = ColumnType.DATE) -> Column:
    return Column(key, header, kind, Filler.SECTION, 10)


COLUMNS = [
    column("a", "收到日期"),
    column("b", "征求意见开始日期"),
    column("c", "征求意见结束日期"),
    column("d", "答复日期"),
    column("e", "是否延期", ColumnType.CHOICE),
]
KEYS = st.sampled_from("abcd")


@given(
    st.builds(
        DueRule,
        start=KEYS,
        days=st.integers(1, 999),
        working=st.booleans(),
        extended=st.lists(
            st.builds(
                Extension,
                column=st.just("e"),
                values=st.lists(st.sampled_from(("是", "已告知", "第二次")), min_size=1).map(tuple),
                days=st.integers(0, 999),
            ),
            max_size=2,
        ).map(tuple),
        paused=st.lists(st.tuples(KEYS, KEYS), max_size=2).map(tuple),
        closed=st.sampled_from(["", *"abcd"]),
    )
)
def test_a_rule_written_is_read_again(rule: DueRule) -> None:
    """The words in the book say all that the rule says."""
    text = format_rule(rule, {c.key: c.header for c in COLUMNS})
    assert parse_rule(text, {c.header: c for c in COLUMNS}) == rule


@given(st.text(alphabet="收到日期+20个工作日；;=是时再加扣除至以为办结 ", max_size=40))
def test_any_words_are_a_rule_or_a_plain_complaint(text: str) -> None:
    """Nothing the office types breaks the reading of its book."""
    with suppress(DueRuleError):
        parse_rule(text, {c.header: c for c in COLUMNS})


def test_the_office_is_shown_how_to_write_a_rule() -> None:
    """What the 字段 sheet gives as an example is a rule that can be read."""
    names = ["收到日期", "补正到日期", "征求意见开始", "征求意见结束", "答复日期"]
    columns = [column(f"c{n}", name) for n, name in enumerate(names)]
    columns.append(column("e", "是否延期", ColumnType.CHOICE))
    rule = parse_rule(DUE_RULE_EXAMPLE, {c.header: c for c in columns})
    assert (rule.restart, rule.paused, rule.closed) == ("c1", (("c2", "c3"),), "c4")
    fields = load_workbook(io.BytesIO(build_book_bytes(with_registers())))["字段"]
    prompts = [rule.prompt or "" for rule in fields.data_validations.dataValidation]
    (shown,) = [prompt for prompt in prompts if DUE_RULE_EXAMPLE in prompt]
    # Excel shows no more than so many characters.
    assert len(shown) <= 255


# -- in the book ----------------------------------------------------------------------


def saved(folder: Path, data: bytes) -> Path:
    path = folder / "台账.xlsx"
    path.write_bytes(data)
    return path


def test_the_book_keeps_registers_and_who_fills_them(tmp_path: Path) -> None:
    """字段, 选项, 登记簿 and 科室 say it, and are read back."""
    book = with_registers()
    again = read_book(saved(tmp_path, build_book_bytes(book)))
    assert again.forms == book.forms
    assert [s.register_keys for s in again.sections] == [("requests",), (), ()]
    assert [f.key for f in again.get_registers(OFFICE)] == ["requests"]
    assert again.get_registers(FINANCE) == ()


def changed(folder: Path, sheet: str, cell: str, value: object) -> Path:
    workbook = load_workbook(io.BytesIO(build_book_bytes(with_registers())))
    workbook[sheet][cell] = value
    return saved(folder, serialize_workbook(workbook))


def test_every_register_in_one_word(tmp_path: Path) -> None:
    """The office need not list them."""
    book = read_book(changed(tmp_path, "科室", "G5", "全部"))
    assert [s.register_keys for s in book.sections] == [
        ("requests",),
        ("requests",),
        (),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sheet", "cell", "value", "said"),
    [
        ("科室", "G5", "别的台账", "单元格 G5：“别的台账”不在“登记簿”表中"),
        ("登记簿", "A4", "别的台账", "“别的台账”在“字段”表里一个栏目也没有"),
        ("登记簿", "A4", "别的台账", "“申请台账”没有列在“登记簿”表里"),
        ("登记簿", "C4", "许多", "单元格 C4：要填 1 到 2000 之间的整数"),
        ("登记簿", "D4", "文号", "单元格 D4：“文号”不是这本登记簿的栏目"),
    ],
)
def test_slips_of_the_office_are_told_by_cell(
    tmp_path: Path, sheet: str, cell: str, value: str, said: str
) -> None:
    """As everywhere in the book."""
    with pytest.raises(InputError) as caught:
        read_book(changed(tmp_path, sheet, cell, value))
    assert said in str(caught.value)


def test_a_book_from_before_there_were_registers(tmp_path: Path) -> None:
    """It has no sheet and no columns for them, and is read all the same."""
    book = make_book()
    workbook = load_workbook(io.BytesIO(build_book_bytes(book)))
    del workbook["登记簿"]
    workbook["科室"].delete_cols(6, 2)
    fields = workbook["字段"]
    headers = [cell.value for cell in fields[3]]
    fields.delete_cols(headers.index("不早于") + 1, 2)
    again = read_book(saved(tmp_path, serialize_workbook(workbook)))
    assert again.forms == book.forms
    assert again.sections == book.sections
