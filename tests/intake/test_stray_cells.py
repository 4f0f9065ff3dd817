"""What stands beside the table is on the problem list: a column of one's own once."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook.issue.layout import FIRST_ROW, HEADER_ROW, INFO_ROW
from ledgerbook.model.problems import Problem
from ledgerbook.text import CELL_LIMIT, IDENTITY_NUMBER_OMITTED
from tests.support.books import DONE, FINANCE, edit, fill, issued, make_book
from tests.support.returns import answers, collected

BOOK = make_book()
FIRST = FIRST_ROW + 1
FILLED = fill(issued(BOOK, FINANCE), {"T01": DONE})
OWN = "V"


def collect_with(cells: Mapping[str, str]) -> list[Problem]:
    """Collect a return into which ``cells`` were typed besides; the cells must balance."""

    def change(sheet: Worksheet, _columns: Mapping[str, int], _rows: Mapping[str, int]) -> None:
        for reference, text in cells.items():
            sheet[reference] = text

    ledger = collected(edit(FILLED, change), book=BOOK)
    balance = ledger.cell_balance
    assert balance.is_balanced
    assert answers(ledger)[FINANCE]["T01"]["result"] == DONE["result"]
    strays = [p for p in ledger.problems if p.code in ("stray", "stray-column")]
    assert sum(p.rejected_cells for p in strays) == balance.rejected == len(cells)
    return strays


def test_a_column_of_ones_own_is_one_problem() -> None:
    """Its header, the range and each text once are told, however many rows it has."""
    cells = {
        f"{OWN}{HEADER_ROW + 1}": "科长意见",
        f"{OWN}{FIRST}": "同意",
        f"{OWN}{FIRST + 1}": "同意",
    }
    (problem,) = collect_with({**cells, f"{OWN}{FIRST + 3}": "再核"})
    assert (problem.code, problem.section, problem.is_error) == ("stray-column", FINANCE, True)
    assert problem.place.cell == f"{OWN}{HEADER_ROW + 1}:{OWN}{FIRST + 3}"
    assert problem.values["header"] == "科长意见"
    area = f"{OWN}{FIRST}:{OWN}{FIRST + 1}"
    assert problem.raw == (f"{OWN}{HEADER_ROW + 1}：科长意见；{area}：同意；{OWN}{FIRST + 3}：再核")
    assert problem.place.row_number == HEADER_ROW + 1


def test_a_column_without_a_header_is_named_by_its_letter() -> None:
    """There is nothing else to call it by."""
    (problem,) = collect_with({f"{OWN}{FIRST}": "同意", f"{OWN}{FIRST + 1}": "不同意"})
    assert problem.values["header"] == f"{OWN} 列"


@pytest.mark.parametrize("value", [0, "#NAME?"])
def test_an_uncomputed_formula_of_the_head_is_no_answer(value: float | str) -> None:
    """LibreOffice leaves 0 in an .xls; a formula that cannot be computed leaves an error."""

    def change(sheet: Worksheet, _columns: Mapping[str, int], _rows: Mapping[str, int]) -> None:
        (figures,) = (c for c in sheet[INFO_ROW + 1] if str(c.value).startswith('="'))
        figures.value = value

    ledger = collected(edit(FILLED, change), book=BOOK)
    assert [p.code for p in ledger.problems if p.code == "stray"] == []
    assert ledger.cell_balance.is_balanced


def test_identity_numbers_beside_the_table_are_not_copied() -> None:
    """Neither of a column nor of a single cell; other long numbers are."""
    number, other = "44200019900101002X", "202212150000000001"
    cells = {f"{OWN}{FIRST}": number, f"{OWN}{FIRST + 1}": other, "W2": f"张三 {number}"}
    problems = collect_with(cells)
    texts = "".join(problem.raw + problem.message for problem in problems)
    assert (number in texts, other in texts) == (False, True)
    assert texts.count(IDENTITY_NUMBER_OMITTED) == 2 * 2


def test_a_long_column_is_divided_and_nothing_of_it_cut() -> None:
    """A cell of the problem list holds no more than one of the sender's."""
    texts = {f"{OWN}{FIRST + n}": f"{n}" + "长" * 9_000 for n in range(4)}
    problems = collect_with(texts)
    assert len(problems) > 1
    assert all(len(problem.raw) <= CELL_LIMIT for problem in problems)
    quoted = "".join(problem.raw for problem in problems)
    assert all(text in quoted for text in texts.values())


def test_one_word_beside_the_table_and_a_row_below_it_are_told_by_row() -> None:
    """One cell is no column."""
    below = {f"A{FIRST + 90}": "以上", f"C{FIRST + 90}": "请审"}
    problems = collect_with({f"{OWN}{FIRST}": "（见附件）", **below})
    assert [(p.code, p.place.cell) for p in problems] == [
        ("stray", f"{OWN}{FIRST}"),
        ("stray", f"A{FIRST + 90}"),
    ]
