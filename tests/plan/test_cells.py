"""Cells of plans that are no plain text: numbers, days, what a page hides."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, time
from typing import Any

import pytest
import xlwt
from openpyxl import Workbook

from ledgerbook.errors import InputError
from ledgerbook.plan.formats import html
from ledgerbook.plan.grid import PlanDocument
from tests.plan.layouts import read

TITLE = "东湖区民政局2023年政务公开工作要点分工方案"
ROWS: Sequence[Sequence[Any]] = (
    (TITLE,),
    ("序号", "工作任务", "责任科室", "完成时限", "是否重点", "分值", "检查时间"),
    (1.0, "公布救助名单。", "救助科", date(2023, 6, 30), True, 1.5, time(9, 30)),
    (2.0, "公布低保标准。", "救助科", "年底前", False, 2.0, "#N/A"),
    (" ", " "),
)
_STYLES = {date: "yyyy-mm-dd", time: "hh:mm"}
# What a .xls calls the error #N/A.
_NOT_THERE = 0x2A


def xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for r, row in enumerate(ROWS):
        for c, value in enumerate(row):
            if value == "#N/A":
                sheet.row(r).set_cell_error(c, _NOT_THERE)
            else:
                shown = _STYLES.get(type(value), "General")
                sheet.write(r, c, value, xlwt.easyxf(num_format_str=shown))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def xlsx() -> bytes:
    book = Workbook()
    for row in ROWS:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize("made", [xls, xlsx])
def test_values_are_read_as_the_sheet_shows_them(made: Callable[[], bytes]) -> None:
    """A day is a day, a time of day no day of 1899, an error says nothing."""
    first, second = read(made()).items
    assert (first.number, first.deadline_text) == (1, "2023年6月30日")
    assert first.notes == "是否重点：是\n分值：1.5\n检查时间：09:30"
    assert (second.deadline_text, second.notes) == ("年底前", "是否重点：否\n分值：2")


def page(*rows: str) -> bytes:
    head = "<tr><td>序号</td><td>工作任务</td><td hidden>旧</td><td>责任科室</td></tr>"
    table = "".join((head, *rows))
    return f"<html><body><p>{TITLE}</p><table>{table}</table></body></html>".encode()


def test_what_a_page_hides_is_not_in_the_plan() -> None:
    """Hidden cells, rows and words, and scripts, are nothing that a reader saw."""
    plan = read(
        page(
            "<tr><td>1</td><td>公布<script>x</script>救助<i hidden>不</i>名单。</td>"
            '<td style="display: none">旧</td><td>救助科</td></tr>',
            '<tr style="display:none"><td>9</td><td>藏</td><td>藏科</td></tr>',
        )
    )
    (item,) = plan.items
    assert (item.measure, item.units) == ("公布救助名单。", "救助科")


def test_cells_that_overlap_lose_nothing() -> None:
    """One that reaches where another is already is taken for a cell of its own."""
    plan = read(
        page(
            "<tr><td>1</td><td rowspan=2>公布救助名单。</td><td>救助科</td></tr>",
            "<tr><td colspan=3>2公布低保标准。</td></tr>",
            "<tr><td>3</td><td>公布慈善名单。</td><td>慈善科</td></tr>",
        )
    )
    told = [one.measure for one in plan.items] + [q.current_value for q in plan.questions]
    assert any("低保标准" in text for text in told)
    assert [plan.items[0].measure, plan.items[-1].measure] == [
        "公布救助名单。",
        "公布慈善名单。",
    ]


def test_a_saved_page_without_a_page_in_it_is_no_plan() -> None:
    letter = (
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\n只有文字\r\n--b--\r\n"
    )
    with pytest.raises(InputError, match="没有找到分工方案"):
        read(letter.encode())


def test_a_page_of_nothing_holds_nothing() -> None:
    assert html.read_html_document("") == PlanDocument(())
    assert html.extract_page_text("") == ""
    assert html.extract_page_text("<p>公开<br>名单</p>") == "公开\n名单"


@pytest.mark.parametrize(
    ("number", "asked"),
    [
        *((one, False) for one in ("①", "(1)", "1.", "1、", "一", "（一）")),
        ("第一项", True),
        ("A1", True),
    ],
)
def test_numbers_are_read_in_whatever_way_they_are_written(number: str, *, asked: bool) -> None:
    """What cannot be told for sure is asked about, and the order kept."""
    plan = read(
        page(
            f"<tr><td>{number}</td><td>公布救助名单。</td><td>救助科</td></tr>",
            "<tr><td>2</td><td>公布低保标准。</td><td>救助科</td></tr>",
        )
    )
    assert [one.measure for one in plan.items] == ["公布救助名单。", "公布低保标准。"]
    assert any(q.field == "序号" for q in plan.questions) is asked
