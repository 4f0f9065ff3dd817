"""The registers that come with the tool: sound, in the law's words, there and back."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook.annual_report import published_tables
from ledgerbook.annual_report.figures import RequestedValue, build_counts
from ledgerbook.book import build_book_bytes, create_book, read_book
from ledgerbook.excel import styles
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.forms import load_factory_forms
from ledgerbook.forms.due_rules import format_rule, parse_rule
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.layout import FIRST_ROW
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book, Column, ColumnType, Form
from ledgerbook.model.cell_rules import NUMBER_TYPES
from ledgerbook.model.results import Ledger
from ledgerbook.period import can_tell
from ledgerbook.plan import read_plan
from ledgerbook.summary import write_summary
from tests.support.books import (
    AS_OF,
    ISSUED_ON,
    KEY,
    OFFICE,
    SAVED_AT,
    columns_of,
    make_book,
)
from tests.support.printed_pages import compute_printed_scale, list_page_widths

# They take every register through a whole round.
pytestmark = pytest.mark.slow

PLAN = Path(__file__).parents[2] / "examples" / "zhongshan-2022" / "plan.txt"
REGISTERS = {form.title: form for form in load_factory_forms()[1:]}
TITLES = [
    "规范性文件台账",
    "主动公开目录更新登记",
    "依申请公开办理台账",
    "行政执法和收费登记",
    "惠企政策公开登记",
    "政策解读台账",
    "重大决策征求意见台账",
    "实施后评估台账",
    "留言办理台账",
    "舆情回应台账",
    "网站与新媒体巡检台账",
    "保密审查台账",
    "三审三校登记",
    "政府公报刊登台账",
    "会议与保障台账",
]


def test_every_register_of_the_plan_is_there() -> None:
    """In the order of the plan's items, each under a key and a title of its own."""
    assert list(REGISTERS) == TITLES
    assert len({form.key for form in REGISTERS.values()}) == len(TITLES)
    assert all(len(title) <= 31 and not set(title) & set("[]:*?/\\") for title in TITLES)


# As 国办公开办函〔2021〕30号 prints them, written out once more: a slip in the
# code's own table would otherwise agree with itself.
APPLICANTS = ["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他"]
OUTCOMES = [
    "（一）予以公开",
    "（二）部分公开",
    "（三）不予公开：1.属于国家秘密",
    "（三）不予公开：2.其他法律行政法规禁止公开",
    "（三）不予公开：3.危及“三安全一稳定”",
    "（三）不予公开：4.保护第三方合法权益",
    "（三）不予公开：5.属于三类内部事务信息",
    "（三）不予公开：6.属于四类过程性信息",
    "（三）不予公开：7.属于行政执法案卷",
    "（三）不予公开：8.属于行政查询事项",
    "（四）无法提供：1.本机关不掌握相关政府信息",
    "（四）无法提供：2.没有现成信息需要另行制作",
    "（四）无法提供：3.补正后申请内容仍不明确",
    "（五）不予处理：1.信访举报投诉类申请",
    "（五）不予处理：2.重复申请",
    "（五）不予处理：3.要求提供公开出版物",
    "（五）不予处理：4.无正当理由大量反复申请",
    "（五）不予处理：5.要求行政机关确认或重新出具已获取信息",
    "（六）其他处理：1.申请人无正当理由逾期不补正、行政机关不再处理其政府信息公开申请",
    "（六）其他处理：2.申请人逾期未按收费通知要求缴纳费用、行政机关不再处理其政府信息公开申请",
    "（六）其他处理：3.其他",
]
CONTESTED = ["结果维持", "结果纠正", "其他结果", "尚未审结"]
ENFORCED = ["行政许可", "行政处罚", "行政强制", "行政事业性收费"]


def offered(title: str) -> dict[str, list[str]]:
    form = REGISTERS[title]
    return {c.key: list(form.get_choice_list(c).values) for c in form.columns if c.choices}


def test_the_words_of_tables_two_to_four_are_exact() -> None:
    """What a section chooses is what the report counts, in the words of the law."""
    applications = offered("依申请公开办理台账")
    assert applications["applicant_type"] == APPLICANTS == list(published_tables.APPLICANTS)
    assert applications["outcome"] == OUTCOMES == list(published_tables.HANDLING_RESULT_LINES)
    for key in ("review", "suit", "suit_after_review"):
        assert applications[key] == CONTESTED
    assert offered("行政执法和收费登记")["item"] == ENFORCED
    assert offered("规范性文件台账")["doc_type"][:2] == ["规章", "行政规范性文件"]


LIMITS = {
    (form.title, column.key): (form, column.due)
    for form in REGISTERS.values()
    for column in form.columns
    if column.due
}


def test_only_limits_that_the_law_sets_are_computed() -> None:
    """Elsewhere none was found, and the tool makes none up."""
    assert set(LIMITS) == {
        ("规范性文件台账", "publish_by"),
        ("主动公开目录更新登记", "publish_by"),
        ("依申请公开办理台账", "reply_by"),
    }


@pytest.mark.parametrize("where", LIMITS)
def test_a_limit_is_read_back_as_it_is_written(where: tuple[str, str]) -> None:
    """The words in the book say all that the rule says."""
    form, rule = LIMITS[where]
    assert rule is not None
    text = format_rule(rule, {c.key: c.header for c in form.columns})
    assert parse_rule(text, {c.header: c for c in form.columns}) == rule


def test_every_figure_of_the_report_can_be_counted() -> None:
    """The columns and the choices that the tables are counted by are there."""
    forms = {form.key: form for form in REGISTERS.values()}
    for spot, count in build_counts().items():
        form = forms[count.register]
        assert count.columns <= {column.key for column in form.columns}, spot
        assert all(can_tell(form, standing) for standing in count.standings), spot
        for condition in count.conditions:
            if condition.requested is RequestedValue.IS:
                column = form.get_column(condition.column)
                assert condition.value in form.get_choice_list(column).values, spot


@pytest.mark.parametrize("title", TITLES)
def test_a_sheet_can_be_read_in_print(title: str) -> None:
    """In letters of 8 points at least, the long one on two pages side by side."""
    form = REGISTERS[title]
    data = build_section_workbook(keeping(form), make_book().rounds[0], [OFFICE], ISSUED_ON)
    sheet = load_workbook(io.BytesIO(data))[form.title]
    assert len(list_page_widths(sheet)) == (2 if form.key == "applications" else 1)
    assert styles.BODY_SIZE * compute_printed_scale(sheet) >= 8
    assert len(form.purpose) > 10


@pytest.mark.parametrize("title", TITLES)
def test_a_unit_in_brackets_is_never_parted(title: str) -> None:
    """A header such as 数量（件） has one line: parted, it would end in a bracket."""
    units = [c for c in REGISTERS[title].columns if "（" in c.header]
    size = styles.HEADER_SIZE
    parted = [c.header for c in units if styles.count_lines(c.header, c.width, size) > 1]
    assert parted == []


def keeping(form: Form) -> Book:
    """Return a book in which one section keeps ``form``."""
    book = make_book()
    return replace(
        book,
        forms=(book.task_form, form),
        sections=tuple(
            replace(one, register_keys=(form.key,) if one.name == OFFICE else ())
            for one in book.sections
        ),
    )


def value_for(column: Column, form: Form, day: date) -> Any:
    if column.kind is ColumnType.CHOICE:
        return form.get_choice_list(column).values[-1]
    if column.kind is ColumnType.DATE:
        return day
    return 3 if column.kind in NUMBER_TYPES else f"{column.header}的内容"


def full_entry(form: Form) -> Mapping[str, Any]:
    """Fill every column, each date a day later than the one before it."""
    first = date(2022, 3, 1)
    return {
        column.key: value_for(column, form, first + timedelta(n))
        for n, column in enumerate(form.answer_columns)
    }


def collected(form: Form, *entries: Mapping[str, Any]) -> Ledger:
    book = keeping(form)
    data = build_section_workbook(book, book.rounds[0], [OFFICE], ISSUED_ON)
    workbook = load_workbook(io.BytesIO(data))
    sheet = workbook[form.title]
    columns = columns_of(sheet)
    for n, entry in enumerate(entries, FIRST_ROW + 1):
        for key, value in entry.items():
            sheet.cell(n, columns[key]).value = value
    sent = serialize_workbook(workbook, SAVED_AT)
    return merge_returns(book, [read_return("报送.xlsx", sent, ReadContext(book, AS_OF))], AS_OF)


@pytest.mark.parametrize("title", TITLES)
def test_a_full_entry_comes_back(title: str) -> None:
    """Issued, filled, collected and shown: nothing wrong, nothing lost."""
    form = REGISTERS[title]
    entry = full_entry(form)
    ledger = collected(form, entry)
    (record,) = ledger.register_entries
    assert {key: answer.value for key, answer in record.answers.items()} == entry
    told = [p for p in ledger.problems if p.place.sheet == title]
    assert [problem.message for problem in told] == []
    assert ledger.cell_balance.is_balanced
    shown = load_workbook(io.BytesIO(write_summary(ledger)))[title]
    texts = {cell.value for row in shown.iter_rows() for cell in row}
    assert {value for value in entry.values() if isinstance(value, str)} <= texts


def summary_sheet(form: Form, *entries: Mapping[str, Any]) -> Worksheet:
    ledger = collected(form, *entries)
    return load_workbook(io.BytesIO(write_summary(ledger)))[form.title]


def summary_widths(form: Form, *entries: Mapping[str, Any]) -> list[float]:
    sheet = summary_sheet(form, *entries)
    told = sheet.column_dimensions.values()
    widths = {n: d.width for d in told for n in range(d.min, d.max + 1)}
    return [widths[n] for n in range(1, sheet.max_column + 1)]


def test_a_wide_register_is_summed_up_in_columns_that_fit() -> None:
    """Blank columns give way, so that the rest can be read on one page."""
    form = REGISTERS["依申请公开办理台账"]
    begun = {key: full_entry(form)[key] for key in ("number", "received_on", "applicant")}
    _, *own, _ = summary_widths(form, begun)
    assert sum(own) < 0.75 * sum(c.width for c in form.columns)
    assert min(own) > 5.5
    assert max(own) < 15


def test_a_full_wide_register_is_summed_up_on_two_pages_side_by_side() -> None:
    """Section and number on each; what stands above on the first alone."""
    form = REGISTERS["依申请公开办理台账"]
    sheet = summary_sheet(form, full_entry(form))
    assert (len(list_page_widths(sheet)), sheet.print_title_cols) == (2, "$A:$B")
    assert compute_printed_scale(sheet) > 0.6
    (turn,) = (one.id for one in sheet.col_breaks.brk)
    above = [cell for row in sheet.iter_rows(max_row=2) for cell in row if cell.value]
    assert {cell.column for cell in above} == {3}
    assert max(area.max_col for area in sheet.merged_cells.ranges) == turn


def test_a_narrow_register_keeps_its_columns() -> None:
    form = REGISTERS["行政执法和收费登记"]
    _, *own, _, _ = summary_widths(form, full_entry(form))
    told = [column.width for column in form.columns]
    assert [round(width) for width in own] == [round(width + 0.7) for width in told]


def test_the_guide_tells_of_every_register_in_one_table(
    everything: tuple[Book, bytes],
) -> None:
    """Its header is on each page; a register begins with what it is for."""
    sheet = load_workbook(io.BytesIO(everything[1]))["登记簿填表说明"]
    lines = [[str(cell.value or "") for cell in row] for row in sheet.iter_rows()]
    (head,) = [n for n, line in enumerate(lines, 1) if line[0] == "栏目"]
    assert sheet.print_title_rows == f"${head}:${head}"
    bands = [line[0] for line in lines[head:] if not any(line[1:])]
    assert bands == [f"{form.title}：{form.purpose}" for form in REGISTERS.values()]
    begun = {n for n, line in enumerate(lines, 1) if line[0] in bands}
    breaks = {one.id + 1 for one in sheet.row_breaks.brk}
    assert breaks
    assert breaks <= begun


@pytest.mark.parametrize("title", TITLES)
def test_an_entry_without_what_it_must_say_is_told(title: str) -> None:
    """Only one cell is filled: each that is always asked for is named."""
    form = REGISTERS[title]
    spare = next(c for c in form.answer_columns if not c.required)
    value = full_entry(form)[spare.key]
    ledger = collected(form, {spare.key: value})
    lacking = {problem.column for problem in ledger.problems if problem.code == "entry-incomplete"}
    asked = {c.key for c in form.answer_columns if any(w.when == "始终" for w in c.required)}
    assert lacking >= asked
    assert asked


# -- all of them in one workbook ------------------------------------------------------


@pytest.fixture(scope="module")
def everything() -> tuple[Book, bytes]:
    """Return a book of all registers, and what a section that keeps all is sent."""
    book = make_book(forms=load_factory_forms())
    keys = tuple(form.key for form in book.registers)
    sections = (replace(s, register_keys=keys if s.name == OFFICE else ()) for s in book.sections)
    book = replace(book, sections=tuple(sections))
    return book, build_section_workbook(book, book.rounds[0], [OFFICE], ISSUED_ON)


def test_every_choice_is_offered_whole(everything: tuple[Book, bytes]) -> None:
    """From cells, not from a list of 255 characters that commas would part."""
    workbook = load_workbook(io.BytesIO(everything[1]))
    for form in REGISTERS.values():
        sheet = workbook[form.title]
        columns = columns_of(sheet)
        rules = {
            one.formula1: one.sqref
            for one in sheet.data_validations.dataValidation
            if one.type == "list" and not str(one.formula1).startswith('"')
        }
        asked = [c for c in form.answer_columns if c.kind is ColumnType.CHOICE]
        assert len(rules) == len(asked)
        for column in asked:
            name = f"choices_{form.key}_{column.key}"
            first = sheet.cell(FIRST_ROW + 1, columns[column.key]).coordinate
            assert first in rules[name]
            ((title, area),) = workbook.defined_names[name].destinations
            cells = [cell.value for (cell,) in workbook[title][area]]
            assert cells == list(form.get_choice_list(column).values)


def out_of_order(form: Form) -> list[dict[str, Any]]:
    """Make an entry for each column that may not come before another, and has."""
    entries = []
    for n, column in enumerate(c for c in form.answer_columns if c.not_before):
        entry = dict(full_entry(form))
        other = entry[column.not_before]
        one = timedelta(1) if column.kind is ColumnType.DATE else 1
        named = (form.get_column(key) for key in form.identity)
        same = {c.key: f"{n}号" for c in named if c.kind in (ColumnType.TEXT, ColumnType.LONG_TEXT)}
        entries.append({**entry, column.key: other - one, **same})
    return entries


def test_what_comes_before_its_time_is_told(everything: tuple[Book, bytes]) -> None:
    """Each column that may not precede another, once; and nothing else is told."""
    book, data = everything
    workbook = load_workbook(io.BytesIO(data))
    expected = set()
    for form in REGISTERS.values():
        sheet = workbook[form.title]
        columns = columns_of(sheet)
        ordered = [c.key for c in form.answer_columns if c.not_before]
        for row, entry in enumerate(out_of_order(form), FIRST_ROW + 1):
            for key, value in entry.items():
                sheet.cell(row, columns[key]).value = value
            key = ordered[row - FIRST_ROW - 1]
            cell = sheet.cell(row, columns[key]).coordinate
            expected.add((form.title, cell, "entry-order"))
    sent = serialize_workbook(workbook, SAVED_AT)
    ledger = merge_returns(book, [read_return("报送.xlsx", sent, ReadContext(book, AS_OF))], AS_OF)
    told = {
        (problem.place.sheet, problem.place.cell, problem.code)
        for problem in ledger.problems
        if problem.place.sheet in REGISTERS and problem.is_error
    }
    assert len(expected) > 20
    assert told == expected
    assert ledger.cell_balance.is_balanced


def filled(
    everything: tuple[Book, bytes],
    entries: Mapping[str, Mapping[str, Any]],
    name: str,
) -> FileContent:
    """Enter one row in each register; a longer ``name`` is a later return."""
    book, data = everything
    workbook = load_workbook(io.BytesIO(data))
    for title, entry in entries.items():
        columns = columns_of(workbook[title])
        for key, value in entry.items():
            workbook[title].cell(FIRST_ROW + 1, columns[key]).value = value
    workbook.properties.lastModifiedBy = name
    saved_at = SAVED_AT + timedelta(len(name))
    return read_return(
        f"{name}.xlsx", serialize_workbook(workbook, saved_at), ReadContext(book, AS_OF)
    )


def test_an_entry_gone_on_with_stays_one(everything: tuple[Book, bytes]) -> None:
    """What is filled in later completes the row; it makes no second record."""
    whole = {form.title: full_entry(form) for form in REGISTERS.values()}
    begun = {
        form.title: {
            column.key: whole[form.title][column.key]
            for column in form.answer_columns
            if column.key in form.identity or column.key == form.answer_columns[0].key
        }
        for form in REGISTERS.values()
    }
    reads = [filled(everything, begun, "一"), filled(everything, whole, "一二")]
    ledger = merge_returns(everything[0], reads, AS_OF)
    assert [record.form.title for record in ledger.register_entries] == TITLES
    codes = {problem.code for problem in ledger.problems}
    assert not codes & {"entry-left-out", "entry-repeated"}
    assert ledger.cell_balance.is_balanced


@pytest.mark.parametrize(
    ("title", "said", "asked"),
    [
        ("规范性文件台账", {"validity": "已失效"}, "repealed_on"),
        ("依申请公开办理台账", {"extended": "已延期并告知"}, "extension_told_on"),
        ("行政执法和收费登记", {"item": "行政强制"}, "quantity"),
        ("行政执法和收费登记", {"item": "行政事业性收费"}, "amount"),
        ("重大决策征求意见台账", {"is_shortened": "是"}, "shortened"),
        ("保密审查台账", {"opinion": "不予公开"}, "reason"),
        ("三审三校登记", {"wording": "修改后通过"}, "note"),
    ],
)
def test_a_choice_asks_for_what_goes_with_it(title: str, said: dict[str, Any], asked: str) -> None:
    """And no longer when another is chosen."""
    form = REGISTERS[title]
    entry = {k: v for k, v in full_entry(form).items() if k != asked} | said
    mild = {c.key: form.get_choice_list(c).values[0] for c in form.answer_columns if c.choices} | {
        "extended": "否",
        "is_shortened": "否",
    }
    if asked == "amount":
        mild["item"] = "行政许可"
    elif asked == "quantity":
        mild["item"] = "行政事业性收费"
    other = {**entry, **{k: v for k, v in mild.items() if k in entry}}

    def lacking(one: Mapping[str, Any]) -> list[str]:
        found = collected(form, one).problems
        return [p.column for p in found if p.code == "entry-incomplete"]

    assert lacking(entry) == [asked]
    assert lacking(other) == []


def test_a_new_book_lists_every_register_and_gives_none_out(tmp_path: Path) -> None:
    """Who keeps which is the office's to say."""
    plan = read_plan(PLAN)
    path = tmp_path / "台账.xlsx"
    path.write_bytes(build_book_bytes(create_book(plan, key=KEY)))
    sheet = load_workbook(path)["登记簿"]
    cells = [row[0] for row in sheet.iter_rows(values_only=True)]
    assert [title for title in cells if title in TITLES] == TITLES
    book = read_book(path)
    assert [form.title for form in book.registers] == TITLES
    assert all(section.register_keys == () for section in book.sections)
