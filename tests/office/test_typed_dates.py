"""Dates as they are typed into a real LibreOffice, and what is collected of them.

Whatever way a date is typed, it arrives as that day, or a problem shows what was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from xlsxwriter.utility import xl_rowcol_to_cell

from ledgerbook import identity
from ledgerbook.issue.layout import FIRST_ROW
from ledgerbook.model import Book, Role, Task
from ledgerbook.model.results import Ledger
from tests.office.calc import Calc
from tests.support.books import OFFICE, assign_all, issued, make_book
from tests.support.returns import collected

DAY = date(2022, 9, 30)
TAKEN, AS_TEXT, UNCLEAR, OUTSIDE = "", "date-read-as", "date-unclear", "date-outside"

# What is typed → what becomes of it in a cell that is a date's, and in one that is a
# text's. The day is taken in silence or with a notice; or the cell is held.
FORMS: Mapping[str, tuple[str, str]] = {
    "2022-9-30": (TAKEN, AS_TEXT),
    "2022-09-30": (TAKEN, AS_TEXT),
    "22-9-30": (TAKEN, AS_TEXT),
    "2022/9/30": (TAKEN, AS_TEXT),
    "2022.9.30": (TAKEN, AS_TEXT),
    "2022年9月30日": (TAKEN, AS_TEXT),
    "9月30日": (OUTSIDE, AS_TEXT),
    "9/30": (OUTSIDE, UNCLEAR),
    "9-30": (OUTSIDE, UNCLEAR),
    "9.30": (OUTSIDE, UNCLEAR),
    "20220930": (AS_TEXT, AS_TEXT),
    "２０２２/９/３０": (AS_TEXT, AS_TEXT),
    "2022。9。30": (AS_TEXT, AS_TEXT),
    "2022年9月30号": (AS_TEXT, AS_TEXT),
    "2022年9月": (UNCLEAR, UNCLEAR),
    "50%": (UNCLEAR, UNCLEAR),
    "2022-9-31": (UNCLEAR, UNCLEAR),
    "九月底": (UNCLEAR, UNCLEAR),
    "44834": (TAKEN, UNCLEAR),
}


def book_of(count: int) -> Book:
    """Return a book with as many tasks as there are dates to type."""
    tasks = tuple(
        Task(
            code=f"T{number:02d}",
            number=number,
            requirement="一、工作要求",
            point="（一）工作要点。",
            measure=f"第 {number} 项措施。",
            units="各科室",
            parsed_assignments=tuple(assign_all(Role.IMPLEMENT)),
        )
        for number in range(1, count + 1)
    )
    return make_book(tasks=tasks)


BOOK = book_of(len(FORMS))


@pytest.fixture(scope="module", params=["date", "text"])
def typed(
    calc: Calc, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> tuple[str, Ledger]:
    """Type every date into the column of dates, its check taken off."""
    path = tmp_path_factory.mktemp("日期") / "报回.xlsx"
    path.write_bytes(issued(BOOK, OFFICE))
    column = [c.key for c in BOOK.task_form.columns].index("done_on")
    refs = [xl_rowcol_to_cell(FIRST_ROW + n, column) for n in range(len(FORMS))]
    calc.open(path=path)
    assert not calc.unprotect(password=identity.derive_sheet_password(BOOK))
    calc.remove_validations(area=f"{refs[0]}:{refs[-1]}")
    if request.param == "text":
        calc.format_as_text(area=f"{refs[0]}:{refs[-1]}")
    for ref, text in zip(refs, FORMS, strict=True):
        assert calc.type(ref=ref, text=text), text
    calc.save(path=path)
    calc.close()
    return request.param, collected(path.read_bytes(), book=BOOK)


@pytest.mark.parametrize("number", range(len(FORMS)), ids=list(FORMS))
def test_a_typed_date_is_that_day_or_a_problem(typed: tuple[str, Ledger], number: int) -> None:
    kind, ledger = typed
    expected = list(FORMS.values())[number][kind == "text"]
    code = f"T{number + 1:02d}"
    (row,) = [r for r in ledger.assignment_results if (r.task.code, r.section) == (code, OFFICE)]
    said = [p.code for p in ledger.problems if (p.task, p.column) == (code, "done_on")]
    answer = row.answers.get("done_on")
    assert answer is None or answer.value == DAY
    assert said == ([expected] if expected else [])
    assert (answer is None) == (expected in (UNCLEAR, OUTSIDE))
    assert ledger.cell_balance.is_balanced
