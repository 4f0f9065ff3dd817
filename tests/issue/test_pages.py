"""What a section's sheet looks like on paper: where pages turn, where it is signed."""

from __future__ import annotations

import io

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from factory import FINANCE, issued, make_book
from ledgerbook.issue.sheet import new_pages

PAGE = 100.0


def test_a_part_that_would_be_parted_begins_a_page() -> None:
    """Of three parts the second does not fit below the first: it begins a page."""
    parts = ["一", "一", "二", "二", "三"]
    assert new_pages(parts, [30, 30, 30, 30, 30], PAGE, PAGE) == [2]


def test_no_page_is_turned_while_half_of_it_is_blank() -> None:
    assert new_pages(["一", "二", "二"], [40, 40, 40], PAGE, PAGE) == []


def test_a_part_longer_than_a_page_goes_on_where_it_is() -> None:
    assert new_pages(["一", *["二"] * 5], [60, *[30] * 5], PAGE, PAGE) == []


def test_the_first_page_holds_less() -> None:
    assert new_pages(["一", "二"], [50, 45], PAGE, PAGE) == []
    assert new_pages(["一", "二"], [50, 45], 80.0, PAGE) == [1]


@given(st.lists(st.tuples(st.sampled_from("一二三"), st.floats(5, 90)), max_size=30))
def test_pages_turn_only_where_a_part_begins_and_half_is_filled(
    rows: list[tuple[str, float]],
) -> None:
    parts, heights = [part for part, _ in rows], [height for _, height in rows]
    breaks = new_pages(parts, heights, PAGE, PAGE)
    assert breaks == sorted(set(breaks))
    for at in breaks:
        assert at > 0
        assert parts[at] != parts[at - 1]


def test_the_sheet_is_to_be_signed_on_paper() -> None:
    book = openpyxl.load_workbook(io.BytesIO(issued(make_book(), FINANCE)))
    left = book.worksheets[0].oddFooter.left.text
    assert [word for word in ("填报人", "审核人", "日期") if word not in left] == []
    assert FINANCE in left
    others = [sheet.oddFooter.left.text or "" for sheet in book.worksheets[1:]]
    assert [text for text in others if "填报人" in text] == []
