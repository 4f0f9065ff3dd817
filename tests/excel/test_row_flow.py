"""The rules inside the summary: counting formulas, labels, long text over rows."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbook.excel.formulas import LabelMatch, build_count_formula
from ledgerbook.excel.pagination import PageSpace
from ledgerbook.excel.row_flow import FlowColumns, split_into_rows
from ledgerbook.summary import write_summary
from ledgerbook.summary.labels import format_by_section, format_responsible_units
from tests.support import ledgers as make
from tests.support.summary_reading import openpyxl_grid, read_table


def test_plain_labels_are_counted_with_countifs() -> None:
    """What a clerk sees in the cell is the formula a clerk knows."""
    both = (
        LabelMatch("甲!A1:A9", "$A3", "综合科"),
        LabelMatch("甲!C1:C9", "B$2", "已完成"),
    )
    assert build_count_formula(both) == "=COUNTIFS(甲!A1:A9,$A3,甲!C1:C9,B$2)"


@pytest.mark.parametrize(
    "label", ["*", "综合?科", "~", ">5", "12", "", "=A1", "综合A科", "TRUE", "长" * 201]
)
def test_labels_that_could_be_misread_are_compared_exactly(label: str) -> None:
    """A pattern, number, comparison, letter case or overlong text is no criterion."""
    doubtful = (
        LabelMatch("甲!A1:A9", "$A3", label),
        LabelMatch("甲!C1:C9", "B$2", "已完成"),
    )
    assert build_count_formula(doubtful) == "=SUMPRODUCT(1*EXACT(甲!A1:A9,$A3)*EXACT(甲!C1:C9,B$2))"


def test_sections_that_say_the_same_share_a_paragraph() -> None:
    """Each text stands once, under all who said it; silence has no paragraph."""
    sections = ("甲科", "乙科", "丙科", "丁科")
    book = make.book(sections, [make.task(1, sections)])
    same = {"note": "同上"}
    answers: make.Answers = {(1, "甲科"): same, (1, "乙科"): {"note": "另行报送"}}
    of = make.ledger(book, {**answers, (1, "丙科"): same})
    assert format_by_section(of.assignment_results, lambda r: r.get_text("note")) == (
        "【甲科、丙科】同上\n【乙科】另行报送"
    )


def test_units_are_the_plans_words_or_else_the_offices_decision() -> None:
    """A task without 责任单位 in the plan shows to whom the office gave it."""
    assert format_responsible_units(make.task(1, ("甲科", "乙科"), units="各科室")) == "各科室"
    assert format_responsible_units(make.task(1, ("甲科", "乙科"), units=" ")) == "落实：甲科、乙科"


def test_longest_overdue_comes_first_whatever_its_number() -> None:
    """逾期临期 is sorted by days, not by the plan's numbers."""
    days = (date(2022, 10, 9), date(2022, 9, 30), date(2022, 10, 8), date(2022, 3, 1))
    tasks = [make.task(n, ("甲科",), due=day) for n, day in enumerate(days, 1)]
    data = write_summary(make.ledger(make.book(("甲科",), tasks), {}))
    found = read_table(openpyxl_grid(data, "逾期临期"), "序号")
    assert [(row["任务序号"], row["逾期/剩余天数"]) for row in found] == [
        (4, "已逾期 221 天"),
        (2, "已逾期 8 天"),
        (3, "还剩 0 天"),
        (1, "还剩 1 天"),
    ]


def test_blank_headings_are_not_merged() -> None:
    """Two tasks without 工作要求 need not share one: the plan does not say."""
    tasks = [make.task(n, ("甲科",), requirement="", point="") for n in (1, 2)]
    data = write_summary(make.ledger(make.book(("甲科",), tasks), {}))
    sheet = openpyxl.load_workbook(io.BytesIO(data))["年度汇总"]
    boxes = sorted(str(box) for box in sheet.merged_cells.ranges)
    assert boxes == ["A1:O1", "A2:O2"]


GRID = FlowColumns(widths=(5.0, 10.0, 30.0), is_merged=(False, True, False), size=10)
lines = st.text("长文字,abc 。\n", max_size=900)


@given(st.lists(st.tuples(st.integers(1, 99), st.sampled_from("甲乙"), lines)))
def test_flowing_text_loses_nothing_and_fits_its_rows(
    items: list[tuple[int, str, str]],
) -> None:
    """Put together again, the pieces are the text; each row is as high as it needs."""
    parts = split_into_rows(items, GRID, PageSpace(300, 500))
    for index, item in enumerate(items):
        pieces = [str(part.values[2]) for part in parts if part.item_index == index]
        assert "".join(pieces).replace("\n", "") == item[2].replace("\n", "")
    for part in parts:
        assert GRID.compute_height(part.values) == part.height <= 409


@given(st.lists(st.tuples(st.integers(1, 99), st.sampled_from("甲乙"), lines)))
def test_flowing_rows_fill_pages_and_never_overflow_them(
    items: list[tuple[int, str, str]],
) -> None:
    """No page is given more rows than it holds, and a heading opens each page."""
    room = PageSpace(300, 500)
    used, page = 0.0, room.first
    for part in split_into_rows(items, GRID, room):
        if part.new_page:
            used, page = 0.0, room.later
            assert part.values[1]
            assert not any(part.joins)
        used += part.height
        assert used <= page
