"""The registers that come with the tool: sound, in the law's words, there and back."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook

from factory import AS_OF, ISSUED_ON, OFFICE, SAVED_AT, columns_of, make_book
from ledgerbook.annual import tables
from ledgerbook.annual.counting import Asked, counts
from ledgerbook.forms import factory_forms
from ledgerbook.issue import section_workbook
from ledgerbook.issue.canvas import FIRST_ROW
from ledgerbook.ledger import Ledger
from ledgerbook.merge import merge
from ledgerbook.model import Book, Column, Form, Kind
from ledgerbook.receive import Terms, read_return
from ledgerbook.summary import write_summary
from ledgerbook.timeless import to_bytes

REGISTERS = {form.title: form for form in factory_forms()[1:]}
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
    assert all(
        len(title) <= 31 and not set(title) & set("[]:*?/\\") for title in TITLES
    )


def test_the_words_of_tables_three_and_four_are_exact() -> None:
    """What a section chooses is what the report counts."""
    form = REGISTERS["依申请公开办理台账"]
    offered = {c.key: form.choices_of(c).values for c in form.columns if c.choices}
    assert offered["applicant_type"] == tables.APPLICANTS
    assert offered["outcome"] == tables.OUTCOME_LINES
    for key in ("review", "suit", "suit_after_review"):
        assert offered[key] == ("结果维持", "结果纠正", "其他结果", "尚未审结")


def test_every_figure_of_the_report_can_be_counted() -> None:
    """The columns and the choices that the tables are counted by are there."""
    forms = {form.key: form for form in REGISTERS.values()}
    for spot, count in counts().items():
        form = forms[count.register]
        assert count.columns <= {column.key for column in form.columns}, spot
        for condition in (c for group in (*count.added, *count.taken) for c in group):
            column = form.column(condition.column)
            if condition.asked is Asked.IS:
                assert condition.value in form.choices_of(column).values, spot
            elif condition.asked in (Asked.IN_YEAR, Asked.AFTER_YEAR):
                assert column.kind is Kind.DATE, spot


@pytest.mark.parametrize("title", TITLES)
def test_a_sheet_can_be_read_in_print(title: str) -> None:
    """No wider than paper that is still legible allows; the long one apart."""
    form = REGISTERS[title]
    most = 275 if form.key == "applications" else 190
    assert sum(column.width for column in form.columns) <= most
    assert len(form.purpose) > 10


def keeping(form: Form) -> Book:
    """Return a book in which one section keeps ``form``."""
    book = make_book()
    return replace(
        book,
        forms=(book.form, form),
        sections=tuple(
            replace(one, registers=(form.key,) if one.name == OFFICE else ())
            for one in book.sections
        ),
    )


def value_for(column: Column, form: Form, day: date) -> Any:
    if column.kind is Kind.CHOICE:
        return form.choices_of(column).values[-1]
    if column.kind is Kind.DATE:
        return day
    return 3 if column.kind is Kind.NUMBER else f"{column.header}的内容"


def full_entry(form: Form) -> Mapping[str, Any]:
    """Fill every column, each date a day later than the one before it."""
    first = date(2022, 3, 1)
    return {
        column.key: value_for(column, form, first + timedelta(n))
        for n, column in enumerate(form.answers)
    }


def collected(form: Form, *entries: Mapping[str, Any]) -> Ledger:
    book = keeping(form)
    data = section_workbook(book, book.rounds[0], [OFFICE], ISSUED_ON)
    workbook = load_workbook(io.BytesIO(data))
    sheet = workbook[form.title]
    columns = columns_of(sheet)
    for n, entry in enumerate(entries, FIRST_ROW + 1):
        for key, value in entry.items():
            sheet.cell(n, columns[key]).value = value
    sent = to_bytes(workbook, SAVED_AT)
    return merge(book, [read_return("报送.xlsx", sent, Terms(book, AS_OF))], AS_OF)


@pytest.mark.parametrize("title", TITLES)
def test_a_full_entry_comes_back(title: str) -> None:
    """Issued, filled, collected and shown: nothing wrong, nothing lost."""
    form = REGISTERS[title]
    entry = full_entry(form)
    ledger = collected(form, entry)
    (record,) = ledger.records
    assert {key: answer.value for key, answer in record.answers.items()} == entry
    told = [p for p in ledger.problems if p.place.sheet == title]
    assert [problem.message for problem in told] == []
    assert ledger.tally.balanced
    shown = load_workbook(io.BytesIO(write_summary(ledger)))[title]
    texts = {cell.value for row in shown.iter_rows() for cell in row}
    assert {value for value in entry.values() if isinstance(value, str)} <= texts


@pytest.mark.parametrize("title", TITLES)
def test_an_entry_without_what_it_must_say_is_told(title: str) -> None:
    """Only one cell is filled: each that is always asked for is named."""
    form = REGISTERS[title]
    spare = next(c for c in form.answers if not c.required)
    value = full_entry(form)[spare.key]
    ledger = collected(form, {spare.key: value})
    lacking = {
        problem.column
        for problem in ledger.problems
        if problem.code == "entry-incomplete"
    }
    asked = {c.key for c in form.answers if any(w.when == "始终" for w in c.required)}
    assert lacking >= asked
    assert asked
