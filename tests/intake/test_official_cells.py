"""What is written into official cells is quoted and counted; what the book changed is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook.intake.official_cells import find_added_text
from ledgerbook.model import Book, FixedDeadline, NoDeadline
from ledgerbook.model.problems import Problem
from ledgerbook.text import normalize
from tests.support.books import FINANCE, edit, issued, make_book
from tests.support.returns import answered, collected

BOOK = make_book()


def collect_official(
    cells: Mapping[str, object], task: str = "T01", book: Book = BOOK, data: bytes = b""
) -> list[Problem]:
    """Return the problems of official cells, once ``cells`` were typed over those of a task.

    ``{}`` in a text stands for what was in the cell. The cells must balance.
    """

    def change(sheet: Worksheet, columns: Mapping[str, int], rows: Mapping[str, int]) -> None:
        for key, value in cells.items():
            cell = sheet.cell(rows[task], columns[key])
            is_text = isinstance(value, str)
            cell.value = value.format(cell.value or "") if is_text else value

    ledger = collected(edit(data or answered(FINANCE), change), book=book)
    problems = [p for p in ledger.problems if p.code.startswith("official-")]
    filled = [problem for problem in problems if problem.code == "official-filled"]
    balance = ledger.cell_balance
    assert balance.is_balanced
    assert balance.rejected == len(filled) == sum(p.is_error for p in problems)
    return problems


FILLED = [
    ("measure", "{}\n（落实情况：已更新3处）", "（落实情况：已更新3处）"),
    ("measure", "已办结。{}", "已办结。"),
    ("measure", "T01 已经全部完成，共三次。", "T01 已经全部完成，共三次。"),
    ("limit", "已于6月完成", "已于6月完成"),
    ("limit", "{} 已完成", "已完成"),
    ("due", "已经报送", "已经报送"),
    ("alert", "不是逾期，已报", "不是逾期，已报"),
    ("point", "{}（见附件）", "（见附件）"),
    ("roles", "{}，由张三办", "，由张三办"),
    ("number", "{}（已完成）", "（已完成）"),
]


@pytest.mark.parametrize(("key", "typed", "quoted"), FILLED)
def test_what_is_written_into_an_official_cell_must_be_looked_at(
    key: str, typed: str, quoted: str
) -> None:
    """The part that was added alone is quoted, and the cell is counted."""
    (problem,) = collect_official({key: typed})
    assert (problem.code, problem.raw, problem.section) == ("official-filled", quoted, FINANCE)


def test_several_cells_of_a_row_are_each_quoted() -> None:
    """One does not make the others look like the book's doing."""
    problems = collect_official({"measure": "{}\n已办三次", "limit": "已于6月完成", "due": "报了"})
    assert [(p.code, p.raw) for p in problems] == [
        ("official-filled", "已办三次"),
        ("official-filled", "已于6月完成"),
        ("official-filled", "报了"),
    ]


@pytest.mark.parametrize("typed", ["{}。", "{} ", " {}"])
def test_a_slip_is_no_answer(typed: str) -> None:
    """A full stop more is at most a changed text."""
    assert [p.code for p in collect_official({"measure": typed})] in ([], ["official-changed"])


def test_what_the_office_has_changed_since_is_no_answer() -> None:
    """A deadline that the book took away, or gave, stands on the forms as it was issued."""
    day = FixedDeadline(date(2022, 6, 30))
    early = replace(BOOK.tasks[0], deadline_text="2022年6月底前", parsed_deadline=day)
    late = replace(BOOK.tasks[0], deadline_text="长期坚持", parsed_deadline=NoDeadline())
    for before, after in ((early, late), (late, early)):
        books = [replace(BOOK, tasks=(task, *BOOK.tasks[1:])) for task in (before, after)]
        problems = collect_official({}, book=books[1], data=issued(books[0], FINANCE))
        assert {p.code for p in problems} == {"official-changed"}


@given(st.text("文字。 a１", min_size=1), st.text("新1"), st.text("新1"))
def test_an_official_text_with_more_around_it_gives_the_rest(
    official: str, before: str, after: str
) -> None:
    """White space and widths aside, what is added and the official text are the whole."""
    added = find_added_text(f"{before}{official}{after}", official)
    rest = normalize(before + after)
    assert normalize(added) == (rest if len(rest) > 1 else "") or normalize(official) in rest
