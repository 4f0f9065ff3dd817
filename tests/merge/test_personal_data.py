"""No message quotes personal data once that is left out of a ledger."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import date

import pytest

from ledgerbook import forms
from ledgerbook.merge.personal_data import OMITTED_TEXT, blank_note, blank_problem
from ledgerbook.model import Book
from ledgerbook.model.messages import MESSAGE_CATALOGUE
from ledgerbook.model.office_entries import OfficeNote, name_choice_item
from ledgerbook.model.problems import Place, Problem
from tests.support.books import make_book
from tests.support.visits_form import VISITS

PLANTED = "欧阳某某13900000000"
# Placeholders of which none is ever what a section typed into a column of text.
PLAIN = set(
    """
    allowed cells columns copy count day detail due due_header evidence example extent file first
    found gaps header headers how item last later length limit looks names new newer number numbers
    options owner pictures places reason round rows saved section sections sha256 sheet sheets
    signature size source state status times title today why
    """.split()  # noqa: SIM905  as a list it would take a screen
)
# What is no quotation in some codes: a header or section, a computed day, the code of a task.
PLAIN_IN_CODE = {
    *((c, "other") for c in ("sheet-repeated", "entry-excluded", "entry-order", "entry-shared")),
    ("entry-overdue", "value"),
    ("office-entry-unused", "row"),
    ("number-in-text", "kind"),
}


def make_visits_book() -> Book:
    book = make_book()
    return replace(book, forms=(book.task_form, forms.load_form(VISITS)))


def list_quotations() -> list[tuple[str, str]]:
    """Return each code of a return's problem with each placeholder that may quote a section."""
    quotations = []
    for code, template in MESSAGE_CATALOGUE.items():
        parts = string.Formatter().parse(template.message + template.advice)
        names = {name for _, name, _, _ in parts if name} - PLAIN
        if not code.startswith(("summary-", "file-")):
            quotations += [(code, name) for name in sorted(names)]
    return [quotation for quotation in quotations if quotation not in PLAIN_IN_CODE]


@pytest.mark.parametrize(("code", "name"), list_quotations())
def test_no_code_quotes_a_personal_column(code: str, name: str) -> None:
    """A placeholder that is new must be left out too, or be among PLAIN."""
    header = "采用哪个（来访人）" if code.startswith("note-") else "来访人"
    parts = MESSAGE_CATALOGUE[code]
    names = [n for _, n, _, _ in string.Formatter().parse(parts.message + parts.advice) if n]
    values = dict.fromkeys(names, "无") | {"title": "来访登记", "header": header, name: PLANTED}
    problem = Problem(code, Place("a.xlsx"), values)
    if name == "signer":
        marked = make_book().task_form
        columns = (replace(c, is_personal=c.key == "signer") for c in marked.columns)
        book = make_book(forms=(replace(marked, columns=tuple(columns)),))
        problem = replace(problem, task="T01", column="signed_on")
    else:
        book = make_visits_book()
    blank = blank_problem(problem, book)
    assert PLANTED in problem.message + problem.advice + problem.raw
    assert PLANTED not in str(blank.values) + blank.message + blank.advice + blank.raw
    assert OMITTED_TEXT in blank.message + blank.advice + blank.raw


def test_other_columns_are_quoted_still() -> None:
    """Whoever receives the list is to understand what is wrong with what he may see."""
    values = {"header": "来访事项", "raw": "甲楼", "length": "9", "limit": "5"}
    for problem in (
        Problem("too-long", Place("a.xlsx"), values, column="matter"),
        Problem(
            "too-long", Place("a.xlsx"), values | {"header": "备注"}, task="T01", column="note"
        ),
    ):
        assert blank_problem(problem, make_visits_book()) == problem


def test_a_column_that_is_gone_is_not_known() -> None:
    """Nobody can say any more whether it was marked."""
    problem = Problem(
        "column-gone", Place("a.xlsx"), {"header": "住址", "raw": PLANTED}, column="x"
    )
    assert blank_problem(problem, make_visits_book()).raw == OMITTED_TEXT


def test_a_choice_loses_its_text_and_the_name_of_the_entry() -> None:
    book, day = make_visits_book(), date(2022, 6, 1)
    note = OfficeNote(day, f"visits·综合科·{PLANTED}", name_choice_item("来访人"), PLANTED)
    assert PLANTED not in str(blank_note(note, book))
    of_task = OfficeNote(day, "T01-ABCDE", name_choice_item("备注"), "照旧")
    assert blank_note(of_task, book) == of_task
