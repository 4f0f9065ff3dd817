"""A section cuts an answer and pastes it into another row: what LibreOffice makes of the sheet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ledgerbook.issue.layout import INFO_ROW
from ledgerbook.model import Book
from tests.office.calc import Calc
from tests.office.prints import row_fills
from tests.office.test_section_workbook import ROWS, at
from tests.support.books import OFFICE, issued
from tests.support.returns import answers, codes, collected


@pytest.fixture
def cut(book: Book, opened: Callable[[bytes], Calc]) -> Calc:
    """Open the workbook of 综合科, type status and result of row 1, cut and paste them on row 2."""
    sheet = opened(issued(book, OFFICE))
    assert sheet.type(ref=at(book, "status", 1), text="已完成")
    assert sheet.type(ref=at(book, "result", 1), text="已经办好。")
    first, last = at(book, "status", 1), at(book, "result", 1)
    sheet.dispatch(command=".uno:GoToCell", ToPoint=f"{first}:{last}")
    sheet.dispatch(command=".uno:Cut")
    sheet.dispatch(command=".uno:GoToCell", ToPoint=at(book, "status", 2))
    sheet.dispatch(command=".uno:Paste")
    return sheet


def test_words_and_figures_stay_with_their_rows(book: Book, cut: Calc) -> None:
    """The row that was cut is overdue again, and the one that was pasted on is done."""
    assert cut.text(ref=at(book, "status", 1)) == ""
    assert cut.text(ref=at(book, "status", 2)) == "已完成"
    assert cut.text(ref=at(book, "alert", 1)) == "逾期"
    assert cut.text(ref=at(book, "alert", 2)) == ""
    said = cut.text(ref=f"{at(book, 'status')[:-1]}{INFO_ROW + 1}")
    assert said == f"共 {ROWS} 项，已填 1 项，已完成 1 项，完成率 25%"
    assert cut.errors() == []


def test_colours_stay_with_their_rows(book: Book, cut: Calc, tmp_path: Path) -> None:
    """A conditional format that was moved judges the row where it is."""
    codes_shown = [cut.text(ref=at(book, "row_code", row)) for row in range(ROWS)]
    pdf = tmp_path / "剪切.pdf"
    cut.save(path=pdf)
    official = [row_fills(pdf, code)[0] for code in codes_shown]
    assert official[2] not in (official[0], official[1])


def test_a_drop_down_stays_where_it_is_pasted(book: Book, cut: Calc) -> None:
    """The one of the cell that was cut is gone: what is typed there is judged by collect."""
    choices = list(book.task_form.get_choice_list(book.task_form.status_column).values)
    assert cut.list_choices(ref=at(book, "status", 2)) == choices
    assert cut.validation(ref=at(book, "status", 1))["type"] == "ANY"


def test_collect_judges_what_no_drop_down_did(book: Book, cut: Calc, tmp_path: Path) -> None:
    """A word that is no choice, in the cell that has lost its drop-down, is a problem."""
    cut.put(ref=at(book, "status", 1), text="乱写")
    cut.save(path=tmp_path / "剪切.xlsx")
    ledger = collected((tmp_path / "剪切.xlsx").read_bytes(), book=book)
    assert "choice-unknown" in codes(ledger)
    told = [p.place.cell for p in ledger.problems if p.code == "choice-unknown"]
    assert told == [at(book, "status", 1)]
    assert any(row.get("status") == "已完成" for row in answers(ledger)[OFFICE].values())
