"""A detail longer than a sheet goes on from sheet to sheet; all of it is counted."""

from __future__ import annotations

import io
from collections import Counter
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from ledgerbook.excel.sheet_parts import MAX_TABLE_ROWS, is_part_sheet, split_into_sheets
from ledgerbook.model.results import Ledger
from ledgerbook.summary import read_office_notes, write_summary
from tests.support import ledgers as make
from tests.support.summary_reading import (
    Grid,
    calamine_grid,
    openpyxl_grid,
    read_table,
    recalculate,
)

# They write long sheets and read them again.
pytestmark = pytest.mark.slow

SECTIONS = ("综合科", "金融发展科", "产业金融科", "Office *")
PARTS = ["科室明细", "科室明细(2)", "科室明细(3)"]
MOST = 20


def ledger() -> Ledger:
    """Make 48 rows: every section in every part, with statuses unevenly spread."""
    tasks = [
        make.task(n, SECTIONS, requirement=f"第{n % 3}项要求", due=date(2022, 9 + n % 3, 30))
        for n in range(1, 13)
    ]
    choices = ("未启动", "推进中", "已完成", "长期推进", "不涉及")
    answers: make.Answers = {
        (n, name): {"status": choices[(n * n + at) % 5], "result": f"{n} {name}"}
        for n in range(1, 13)
        for at, name in enumerate(SECTIONS[:-1])
    }
    return make.ledger(make.book(SECTIONS, tasks), answers)


@pytest.fixture(scope="module")
def split() -> bytes:
    return write_summary(ledger(), max_rows=MOST)


def detail(data: bytes) -> list[dict[str, object]]:
    """Return the rows of all parts, as calamine sees them."""
    return [row for part in PARTS for row in read_table(calamine_grid(data, part), "科室")]


def table(grid: Grid, title: str) -> dict[object, dict[object, object]]:
    """Return a table of 总览 by the first cell of its lines."""
    head = next(i for i, row in enumerate(grid) if row[0] == title)
    lines: dict[object, dict[object, object]] = {}
    for row in grid[head + 1 :]:
        lines[row[0]] = dict(zip(grid[head], row, strict=True))
        if row[0] in ("合计", "科室任务（件）"):
            break
    return lines


def check_counts(data: bytes, overview: Grid) -> None:
    """Every figure of 总览 is what counting the rows of all parts comes to."""
    rows = detail(data)
    by_section = table(overview, "科室")
    for kind, header in (("科室", "科室"), ("工作要求", "工作要求")):
        lines = table(overview, kind)
        totals = Counter(row[header] for row in rows)
        statuses = Counter((row[header], row["完成状态"]) for row in rows)
        late = Counter(row[header] for row in rows if row["判定"] == "逾期")
        assert {k: v["总数"] for k, v in lines.items() if k != "合计"} == totals
        for label, line in lines.items():
            if label == "合计":
                continue
            for status in ("已完成", "未启动", "未报送"):
                assert line[status] == statuses[label, status], (label, status)
            assert line["逾期"] == late[label]
    assert by_section["合计"]["总数"] == len(rows)
    whole = table(overview, "统计口径")["科室任务（件）"]
    assert whole["总数"] == len(rows) == 48
    assert whole["已完成"] == sum(row["完成状态"] == "已完成" for row in rows)


def test_rows_go_on_from_sheet_to_sheet_in_order(split: bytes) -> None:
    """Together the parts have every row of the unsplit detail, in its order."""
    names = openpyxl.load_workbook(io.BytesIO(split)).sheetnames
    assert names[2:5] == PARTS
    whole = write_summary(ledger())
    assert detail(split) == read_table(calamine_grid(whole, "科室明细"), "科室")
    sizes = [len(read_table(openpyxl_grid(split, p), "科室")) for p in PARTS]
    assert sizes == [20, 20, 8]


def test_each_sheet_says_that_it_is_a_part(split: bytes) -> None:
    """A reader of one sheet learns that there are others, and how many rows it has."""
    for n, (part, rows) in enumerate(zip(PARTS, (20, 20, 8), strict=True), 1):
        note = str(openpyxl_grid(split, part)[1][0])
        assert f"分成 3 张，这是第 {n} 张，有 {rows} 行" in note
        assert "共 48 行" in note
    assert "分成" not in str(openpyxl_grid(write_summary(ledger()), PARTS[0])[1][0])


def test_every_formula_counts_every_part(split: bytes) -> None:
    """The formulas name all parts, and their values are the counts over all of them."""
    formulas = openpyxl_grid(split, "总览", formulas=True)
    counting = [str(cell) for row in formulas for cell in row if "'科室明细" in str(cell)]
    assert len(counting) > 50
    assert all(f"'{part}'!" in one for one in counting for part in PARTS)
    check_counts(split, openpyxl_grid(split, "总览"))


@pytest.mark.office
def test_libreoffice_counts_every_part(split: bytes, tmp_path: Path) -> None:
    """Computed afresh, the formulas come to the same counts over all parts."""
    check_counts(split, openpyxl_grid(recalculate(split, tmp_path), "总览"))


def test_the_parts_have_excel_tables_of_their_own(split: bytes) -> None:
    """Excel calls a workbook damaged where two tables bear one name."""
    book = openpyxl.load_workbook(io.BytesIO(split))
    tables = [t for part in PARTS for t in book[part].tables.values()]
    assert [t.displayName for t in tables] == ["tasks", "tasks_2", "tasks_3"]
    assert len({t.id for t in tables}) == 3


@pytest.mark.parametrize("name", ["科室明细(3)", "改了名"])
def test_words_on_a_later_part_are_kept(split: bytes, name: str) -> None:
    """The office's words survive wherever they stand, even on a sheet renamed since."""
    book = openpyxl.load_workbook(io.BytesIO(split))
    sheet = book["科室明细(3)"]
    head = next(row for row in sheet.iter_rows() if row[0].value == "科室")
    at = {cell.value: cell.column for cell in head}
    code = sheet.cell(head[0].row + 1, at["行码"]).value
    sheet.cell(head[0].row + 1, at["审核意见"]).value = "请核实。"
    sheet.title = name
    buffer = io.BytesIO()
    book.save(buffer)
    said = read_office_notes(buffer.getvalue(), "行码").texts
    assert said == {(code, "审核意见"): "请核实。"}
    assert read_office_notes(split, "行码").texts == {}


def test_sharing_loses_nothing_at_the_edges() -> None:
    """No sheet is left empty, none is too long, a table of no rows has one sheet."""
    for count in range(9):
        shared = list(split_into_sheets("表", range(count), 3).values())
        assert [n for part in shared for n in part] == list(range(count))
        assert all(0 < len(part) <= 3 for part in shared) or count == 0
    assert list(split_into_sheets("表", [], 3)) == ["表"]
    assert MAX_TABLE_ROWS + 3 == 2**20
    assert not is_part_sheet("科室明细二", "科室明细")
