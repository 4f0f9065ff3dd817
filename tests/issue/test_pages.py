"""What a section's sheet looks like on paper: where pages turn, where it is signed."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from factory import FINANCE, issued, make_book
from ledgerbook.sheets.pages import Room, page_turns

PAGE = Room(100.0, 100.0)
ROWS = st.lists(st.tuples(st.sampled_from("一二三"), st.floats(5, 90)), max_size=30)


def test_a_part_that_would_be_parted_begins_a_page() -> None:
    """Of three parts the second does not fit below the first: it begins a page."""
    parts = ["一", "一", "二", "二", "三"]
    assert page_turns(parts, [30, 30, 30, 30, 30], PAGE) == (2,)


def test_what_fits_on_a_page_stays_on_it() -> None:
    assert page_turns(["一", "二", "三"], [30, 30, 30], PAGE) == ()


def test_no_page_is_spent_only_to_keep_one_part_whole() -> None:
    """Kept whole, the second part would make three pages of what fits on two."""
    parts = ["一", "二", "二", "三", "三"]
    assert page_turns(parts, [70, 30, 40, 30, 30], PAGE) == ()


def test_a_part_longer_than_a_page_goes_on_where_it_is() -> None:
    assert page_turns(["一", *["二"] * 4], [60, *[30] * 4], PAGE) == ()


def test_the_first_page_holds_less() -> None:
    assert page_turns(["一", "二", "二"], [40, 25, 25], PAGE) == ()
    assert page_turns(["一", "二", "二"], [40, 25, 25], Room(80.0, 100.0)) == (1,)


def test_a_row_higher_than_a_page_ends_nothing() -> None:
    assert page_turns(["一", "二"], [500, 30], PAGE) == (1,)
    assert page_turns([], [], PAGE) == ()


def _pages(heights: list[float], turned: tuple[int, ...]) -> list[int]:
    """Return the rows that begin a page, some ``turned`` by hand, in a plain way."""
    begins, left = [0], PAGE.later
    for row, height in enumerate(heights):
        if row and (row in turned or height > left):
            begins.append(row)
            left = PAGE.later
        left -= height
    return begins


@given(ROWS)
def test_turning_pages_costs_no_more_than_it_is_worth(
    rows: list[tuple[str, float]],
) -> None:
    """Pages and parted parts, of which two weigh as much as a page, never get more."""
    parts, heights = [part for part, _ in rows], [height for _, height in rows]
    turned = page_turns(parts, heights, PAGE)
    whole = {n for n in range(1, len(rows)) if parts[n] != parts[n - 1]} | {0}
    assert set(turned) <= whole - {0}

    def cost(begins: list[int]) -> float:
        return len(begins) + 0.5 * len(set(begins) - whole)

    assert cost(_pages(heights, turned)) <= cost(_pages(heights, ()))


def test_a_sheet_turns_its_pages_between_requirements() -> None:
    """The 工作要求 that would be parted begins a page, the row without one does not."""
    few = make_book().tasks
    told = ["一、基础", "一、基础", "", "二、平台", "二、平台", "二、平台", "二、平台"]
    tasks = tuple(
        replace(
            few[n % len(few)],
            code=f"T{n:02d}",
            requirement=requirement,
            measure="按照要求全面规范行政法规、规章及规范性文件的公开。" * 8,
        )
        for n, requirement in enumerate(told, 1)
    )
    book = openpyxl.load_workbook(io.BytesIO(issued(make_book(tasks=tasks), FINANCE)))
    sheet = book.worksheets[0]
    rows = {str(row[1].value)[:3]: row[0].row for row in sheet.iter_rows(min_row=6)}
    assert [one.id for one in sheet.row_breaks.brk] == [rows["T04"] - 1]


def test_the_sheet_is_to_be_signed_on_paper() -> None:
    book = openpyxl.load_workbook(io.BytesIO(issued(make_book(), FINANCE)))
    left = book.worksheets[0].oddFooter.left.text
    assert [word for word in ("填报人", "审核人", "日期") if word not in left] == []
    assert FINANCE in left
    others = [sheet.oddFooter.left.text or "" for sheet in book.worksheets[1:]]
    assert [text for text in others if "填报人" in text] == []
