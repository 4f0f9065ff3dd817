"""What a section's sheet looks like on paper: where pages turn, where it is signed."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook.excel.pagination import (
    PAPER_WIDTH,
    SIGNED_FOOT_MARGIN,
    PageSpace,
    compute_page_height,
    compute_remaining_space,
    convert_to_points,
    find_column_breaks,
    find_columns_above,
    find_row_breaks,
)
from ledgerbook.forms import load_factory_forms, load_factory_ledger
from ledgerbook.issue.layout import FIRST_ROW, HEADER_ROW
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.model import Form, PaperSize
from tests.support.books import FINANCE, ISSUED_ON, issued, make_book
from tests.support.printed_pages import compute_printed_scale, find_smallest_print, list_page_widths

# Workbooks are issued, filled and merged over and over.
pytestmark = pytest.mark.slow

PAGE = PageSpace(100.0, 100.0)
ROWS = st.lists(st.tuples(st.sampled_from("一二三"), st.floats(5, 90)), max_size=30)


def test_a_part_that_would_be_parted_begins_a_page() -> None:
    """Of three parts the second does not fit below the first: it begins a page."""
    parts = ["一", "一", "二", "二", "三"]
    assert find_row_breaks(parts, [30, 30, 30, 30, 30], PAGE) == (2,)


def test_what_fits_on_a_page_stays_on_it() -> None:
    assert find_row_breaks(["一", "二", "三"], [30, 30, 30], PAGE) == ()


def test_no_page_is_spent_only_to_keep_one_part_whole() -> None:
    """Kept whole, the second part would make three pages of what fits on two."""
    parts = ["一", "二", "二", "三", "三"]
    assert find_row_breaks(parts, [70, 30, 40, 30, 30], PAGE) == ()


def test_a_part_longer_than_a_page_goes_on_where_it_is() -> None:
    assert find_row_breaks(["一", *["二"] * 4], [60, *[30] * 4], PAGE) == ()


def test_the_first_page_holds_less() -> None:
    assert find_row_breaks(["一", "二", "二"], [40, 25, 25], PAGE) == ()
    assert find_row_breaks(["一", "二", "二"], [40, 25, 25], PageSpace(80.0, 100.0)) == (1,)


def test_a_row_higher_than_a_page_ends_nothing() -> None:
    assert find_row_breaks(["一", "二"], [500, 30], PAGE) == (1,)
    assert find_row_breaks([], [], PAGE) == ()


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
    turned = find_row_breaks(parts, heights, PAGE)
    whole = {n for n in range(1, len(rows)) if parts[n] != parts[n - 1]} | {0}
    assert set(turned) <= whole - {0}

    def cost(begins: list[int]) -> float:
        return len(begins) + 0.5 * len(set(begins) - whole)

    assert cost(_pages(heights, turned)) <= cost(_pages(heights, ()))


@given(ROWS)
def test_what_is_left_of_the_last_page_is_below_its_rows(
    rows: list[tuple[str, float]],
) -> None:
    heights = [height for _, height in rows]
    left = compute_remaining_space(heights, PAGE)
    last = heights[_pages(heights, ())[-1] :] if heights else []
    assert left == pytest.approx(100 - sum(last))


WIDTHS = st.lists(st.floats(5, 255), min_size=1, max_size=80)


@example([11.0, 255.0])
@example([255.0] * 3)
@given(WIDTHS)
def test_a_table_too_wide_to_read_goes_on_beside(widths: list[float]) -> None:
    """No page is blank; one alone is taken where its print is large enough."""
    turns = find_column_breaks(widths)
    assert list(turns) == sorted(set(turns) - {0, len(widths)})
    wide = list(map(convert_to_points, widths))
    small = PAPER_WIDTH / sum(wide) < 0.55
    assert bool(turns) == (small and len(widths) > 1)
    pages = [wide[a:b] for a, b in zip((0, *turns), (*turns, None), strict=True)]
    even = sum(wide) / len(pages) + max(wide) + 1
    assert all(sum(page) <= even for page in pages)


@given(WIDTHS)
def test_what_stands_above_a_table_is_on_its_first_page(widths: list[float]) -> None:
    for repeated in (1, 2):
        first, last = find_columns_above(widths, repeated)
        assert 0 <= first <= last < len(widths)
        assert first <= repeated
    assert last < next(iter(find_column_breaks(widths)), len(widths))


def _sheet(form: Form) -> Worksheet:
    """Issue a register alone to one section and read its sheet."""
    book = make_book(forms=(load_factory_ledger(), form))
    sections = tuple(replace(s, register_keys=(form.key,)) for s in book.sections)
    book = replace(book, sections=sections)
    data = build_section_workbook(book, book.rounds[0], [FINANCE], ISSUED_ON)
    return openpyxl.load_workbook(io.BytesIO(data))[form.title]


REGISTERS = {form.title: form for form in load_factory_forms()[1:]}


def test_a_wide_register_is_printed_on_two_pages_side_by_side() -> None:
    """Each begins with the entry's number; what stands above is on the first only."""
    form = REGISTERS["依申请公开办理台账"]
    sheet = _sheet(form)
    assert len(list_page_widths(sheet)) == 2
    assert compute_printed_scale(sheet) > 0.8
    assert sheet.page_setup.pageOrder == "overThenDown"
    assert [one.id for one in sheet.col_breaks.brk] == [12]
    assert sheet.print_title_cols == "$A:$A"
    above = [
        cell.coordinate
        for row in sheet.iter_rows(max_row=HEADER_ROW)
        for cell in row
        if cell.value is not None and not sheet.row_dimensions[cell.row].hidden
    ]
    assert above
    assert [at for at in above if not "B" <= at[0] <= "L" or at[1].isalpha()] == []
    merged = [(area.min_col, area.max_col) for area in sheet.merged_cells.ranges]
    assert min(first for first, _ in merged) == 2
    assert max(last for _, last in merged) == 12


def test_a_register_that_one_page_holds_is_printed_on_one() -> None:
    sheet = _sheet(REGISTERS["规范性文件台账"])
    assert (len(list_page_widths(sheet)), sheet.print_title_cols) == (1, None)
    assert sheet["A1"].value.endswith("规范性文件台账")


@pytest.mark.parametrize("title", REGISTERS)
def test_blank_rows_fill_the_last_page_of_a_register(title: str) -> None:
    """At least as many as the office wants, and no room for one more."""
    form = REGISTERS[title]
    sheet = _sheet(form)
    heights = [sheet.row_dimensions[n].height for n in range(1, sheet.max_row + 1)]
    # The row of keys is hidden.
    above = sum(heights[:3]) + heights[HEADER_ROW]
    room = compute_page_height([c.width for c in form.columns], SIGNED_FOOT_MARGIN)
    rows = heights[FIRST_ROW:]
    assert len(rows) >= form.rows
    assert _last_page(rows, PageSpace(room - above, room - heights[HEADER_ROW])) < 30


def _last_page(heights: Sequence[float], room: PageSpace) -> float:
    """Return what is left of the last page, in a plain way."""
    left = room.first
    for height in heights:
        left = (left if height <= left else room.later) - height
    return left


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


@pytest.mark.parametrize("paper", PaperSize)
def test_the_task_ledger_is_printed_in_letters_that_can_be_read(paper: PaperSize) -> None:
    """All of it on one page in width, 8 points on A4 at least; 落实情况 has most room."""
    book = replace(make_book(), paper=paper)
    sheet = openpyxl.load_workbook(io.BytesIO(issued(book, FINANCE))).worksheets[0]
    assert int(sheet.page_setup.paperSize) == {PaperSize.A4: 9, PaperSize.A3: 8}[paper]
    assert len(list_page_widths(sheet)) == 1
    assert find_smallest_print(sheet) >= {PaperSize.A4: 8, PaperSize.A3: 11}[paper]
    widths = {column.key: column.width for column in book.task_form.columns}
    assert max(widths, key=widths.__getitem__) == "result"


def test_on_larger_paper_pages_turn_elsewhere() -> None:
    """A wide register that takes two pages of A4 is printed on one of A3."""
    form = REGISTERS["依申请公开办理台账"]
    widths = [column.width for column in form.columns]
    assert find_column_breaks(widths)
    assert find_column_breaks(widths, PaperSize.A3) == ()
    assert compute_page_height(widths, paper=PaperSize.A3) > compute_page_height(widths)


def test_the_sheet_is_to_be_signed_on_paper() -> None:
    book = openpyxl.load_workbook(io.BytesIO(issued(make_book(), FINANCE)))
    left = book.worksheets[0].oddFooter.left.text
    assert [word for word in ("填报人", "审核人", "日期") if word not in left] == []
    assert FINANCE in left
    # Two lines at the foot take more room than one.
    assert book.worksheets[0].page_margins.bottom == 0.9
    others = [sheet.oddFooter.left.text or "" for sheet in book.worksheets[1:]]
    assert [text for text in others if "填报人" in text] == []
