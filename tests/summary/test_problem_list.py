"""问题清单 is for people: it opens with what matters, and nothing is lost further down."""

from __future__ import annotations

from dataclasses import replace

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model.problems import MAX_LISTED, Place, Problem
from ledgerbook.model.results import Ledger
from ledgerbook.summary import write_summary
from tests.support.books import AS_OF, FINANCE, INDUSTRY, edit, fill, issued, make_book
from tests.support.summary_reading import calamine_grid

BOOK = make_book()


def list_problems(ledger: Ledger) -> list[list[str]]:
    """Return the rows of the sheet as texts."""
    grid = calamine_grid(write_summary(ledger), "问题清单")
    return [[str(cell) for cell in row] for row in grid]


def make_ledger(*problems: Problem) -> Ledger:
    data = fill(issued(BOOK, FINANCE), {"T01": {"status": "已完成", "done_on": "不详"}})
    ledger = merge_returns(BOOK, [read_return("a.xlsx", data, ReadContext(BOOK, AS_OF))], AS_OF)
    return replace(ledger, problems=(*ledger.problems, *problems))


def make_stray(row: int, text: str) -> Problem:
    place = Place("b.xlsx", "表", f"Z{row}")
    return Problem("stray", place, {"raw": f"Z{row}：{text}"}, INDUSTRY, 1)


def test_like_problems_are_one_row_with_their_cells() -> None:
    """Three rows of words beside the table: one line, each text with its cell."""
    rows = list_problems(make_ledger(*(make_stray(n, f"话{n}") for n in (7, 8, 9))))
    (row,) = [row for row in rows if "b.xlsx" in row]
    assert row[1:6] == ["须处理", INDUSTRY, "b.xlsx", "表", "Z7、Z8、Z9"]
    assert row[7] == "Z7：话7\nZ8：话8\nZ9：话9"
    assert not any(row[0].startswith("附：") for row in rows)


@pytest.mark.parametrize("count", [MAX_LISTED + 1, 3000])
def test_a_crowd_of_like_problems_hides_no_other(count: int) -> None:
    """One short row in the list; each of them with its cell and whole text below it."""
    crowd = [make_stray(n, f"话{n}") for n in range(1, count + 1)]
    rows = list_problems(make_ledger(*crowd, Problem("file-empty", Place("空.xlsx"))))
    start = next(at for at, row in enumerate(rows) if row[0].startswith("附："))
    assert start < 12
    listed, below = rows[:start], rows[start:]
    assert any("空.xlsx" in row for row in listed)
    (line,) = [row for row in listed if "b.xlsx" in row]
    assert line[5].endswith(f"等 {count} 处")
    assert max(len(cell) for row in listed for cell in row) < 400
    singles = [row for row in below if "b.xlsx" in row]
    assert [(row[0], row[5], row[7]) for row in singles] == [
        (line[0], f"Z{n}", f"Z{n}：话{n}") for n in range(1, count + 1)
    ]
    assert all(row[8] == f"见上面第 {float(line[0]):.0f} 条" for row in singles)


def test_a_long_text_stands_below_the_list() -> None:
    """A rejected sheet is one row of usual height; its whole text is at the end."""
    text = "很长的话。" * 2000
    rows = list_problems(make_ledger(make_stray(5, text), make_stray(9, "短")))
    start = next(at for at, row in enumerate(rows) if row[0].startswith("附："))
    assert max(len(cell) for row in rows[:start] for cell in row) < 400
    below = "".join(row[7] for row in rows[start + 2 :]).replace("Z9：短", "")
    assert below == f"Z5：{text}"


def test_a_section_stands_together_before_what_is_nobodys() -> None:
    """The grave ones first; of a section all, whatever file they are in."""

    def add_words(sheet: Worksheet, columns: object, rows: object) -> None:
        sheet["Z3"] = "表外的话"

    first = fill(issued(BOOK, FINANCE), {"T01": {"status": "已完成", "done_on": "不详"}})
    files = {
        "a.xlsx": edit(first, add_words),
        "b.xlsx": edit(fill(issued(BOOK, INDUSTRY), {"T01": {"status": "?"}}), add_words),
        "c.xlsx": edit(first, add_words),
        "0.xlsx": b"",
    }
    reads = [read_return(name, data, ReadContext(BOOK, AS_OF)) for name, data in files.items()]
    problems = merge_returns(BOOK, reads, AS_OF).problems
    graves = [problem for problem in problems if problem.is_error]
    assert list(problems[: len(graves)]) == graves
    sections = [problem.section for problem in graves]
    assert list(dict.fromkeys(sections)) == [FINANCE, INDUSTRY, ""]
    assert sections == sorted(sections, key=[FINANCE, INDUSTRY, ""].index)
    assert {problem.place.file for problem in graves} == set(files)
