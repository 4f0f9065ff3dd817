"""A return on a form that the office has changed since is read by the form as sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ledgerbook.identity import MARK_SHEET
from ledgerbook.model import Book, Column, ColumnType, Form
from ledgerbook.model.results import Ledger
from tests.support.books import DONE, FINANCE, fill, issued, make_book
from tests.support.returns import answers, codes, collected, without_sheets

OLD = make_book()
SAID = {**DONE, "evidence": "公告三份", "note": "无"}


def now(form: Form) -> Book:
    """Return the book as the office has it today, the old form remembered."""
    return replace(OLD, forms=(form,), issued_forms=(OLD.task_form, form))


def with_column(name: str, **changes: Any) -> Form:
    columns = [replace(c, **changes) if c.key == name else c for c in OLD.task_form.columns]
    return replace(OLD.task_form, columns=tuple(columns))


def without(key: str) -> Form:
    columns = tuple(c for c in OLD.task_form.columns if c.key != key)
    return replace(OLD.task_form, columns=columns)


def returned(book: Book, data: bytes | None = None) -> Ledger:
    ledger = collected(data or filled(), book=book)
    assert ledger.cell_balance.is_balanced
    return ledger


def filled() -> bytes:
    return fill(issued(OLD, FINANCE), {"T01": SAID})


def said(ledger: Ledger) -> dict[str, str]:
    return answers(ledger)[FINANCE]["T01"]


def test_a_renamed_column_is_found_under_its_old_name() -> None:
    """The header in the return is the one that was sent."""
    ledger = returned(now(with_column("result", header="落实成效")))
    assert said(ledger)["result"] == DONE["result"]
    assert "older-form" in codes(ledger)
    assert "column-repeated" not in codes(ledger)


def test_a_column_taken_away_keeps_its_words_on_the_problem_list() -> None:
    """What has no place any more is held, with its text."""
    ledger = returned(now(without("evidence")))
    assert "evidence" not in said(ledger)
    (gone,) = [p for p in ledger.problems if p.code == "column-gone"]
    assert (gone.raw, gone.rejected_cells, gone.place.cell) == ("公告三份", 1, "M6")


def test_a_column_added_since_is_not_asked_for() -> None:
    """Its absence is told once, and is no missing column."""
    extra = Column(
        "link",
        "公开网址",
        OLD.task_form.get_column("note").kind,
        OLD.task_form.get_column("note").filler,
        12,
    )
    ledger = returned(now(replace(OLD.task_form, columns=(*OLD.task_form.columns, extra))))
    (older,) = [p for p in ledger.problems if p.code == "older-form"]
    assert "公开网址" in older.message
    assert "column-missing" not in codes(ledger)


def test_a_renamed_choice_is_taken_by_its_meaning() -> None:
    """已完成 may be called 办结 today; a choice that means nothing else now is held."""
    (statuses,) = [c for c in OLD.task_form.choice_lists if c.find_choice("已完成")]
    renamed = replace(
        statuses,
        choices=tuple(
            replace(c, value="办结") if c.value == "已完成" else c for c in statuses.choices
        ),
    )
    rest = [c for c in OLD.task_form.choice_lists if c is not statuses]
    lists = (renamed, *rest)
    ledger = returned(now(replace(OLD.task_form, choice_lists=lists)))
    assert said(ledger)["status"] == "办结"
    assert "choice-read-as" in codes(ledger)
    fewer = replace(statuses, choices=tuple(c for c in statuses.choices if c.value != "已完成"))
    lists = (fewer, *rest)
    ledger = returned(now(replace(OLD.task_form, choice_lists=lists)))
    assert "status" not in said(ledger)
    assert "choice-unknown" in codes(ledger)


def test_a_column_of_another_kind_takes_only_what_fits() -> None:
    """A date can be shown as text; a text is no date."""
    ledger = returned(now(with_column("done_on", kind=ColumnType.TEXT)))
    assert said(ledger)["done_on"] == "2022-09-30"
    ledger = returned(now(with_column("note", kind=ColumnType.DATE)))
    assert "column-gone" in codes(ledger)


@pytest.mark.parametrize("width", [20.0])
def test_a_change_nobody_sees_is_not_told(width: float) -> None:
    """A wider column is no other form to the sender."""
    ledger = returned(now(with_column("note", width=width)))
    assert codes(ledger) == codes(returned(OLD))


def test_without_its_hidden_sheet_the_likest_form_is_taken() -> None:
    """The columns themselves say which form it was."""
    book = now(with_column("result", key="effect", header="落实成效"))
    ledger = returned(book, without_sheets(filled(), MARK_SHEET))
    assert {"older-form", "column-gone"} <= set(codes(ledger))
    assert "stray" not in codes(ledger)


def test_a_return_on_todays_form_hears_nothing_of_it() -> None:
    """Only an older form is told of."""
    book = now(with_column("result", header="落实成效"))
    ledger = returned(book, fill(issued(book, FINANCE), {"T01": SAID}))
    assert "older-form" not in codes(ledger)
    assert said(ledger)["result"] == DONE["result"]
