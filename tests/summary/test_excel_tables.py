"""Power Query finds every list of the summary: an Excel table under a fixed name."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook.export import name_register_tables
from ledgerbook.model import Form
from ledgerbook.model.results import Conflict
from ledgerbook.rollup import write_rollup
from ledgerbook.summary import write_summary
from tests.support.excel_rules import is_valid_defined_name
from tests.support.rollups import make_three_summaries, roll_up_files
from tests.support.whole_year import make_whole_year

# They write whole summaries.
pytestmark = pytest.mark.slow

SUMMARY_TABLES = {
    "科室明细": ["tasks"],
    "逾期临期": ["urgent"],
    "报送情况": ["sections", "files"],
    "问题清单": ["problems"],
    "冲突": ["conflicts"],
    "各批次进展": ["rounds"],
    "历次填报": ["history"],
    "计划外工作": ["unplanned"],
    "附件清单": ["attachments"],
    "依申请公开办理台账": ["register_applications"],
}
ROLLUP_TABLES = {
    "各单位明细": ["tasks"],
    "未报送": ["missing"],
    "逾期清单": ["overdue"],
    "问题清单": ["problems"],
    "文件清单": ["files"],
}


def name_tables(data: bytes) -> dict[str, list[str]]:
    book = load_workbook(io.BytesIO(data))
    return {sheet.title: list(sheet.tables) for sheet in book.worksheets if sheet.tables}


@pytest.fixture(scope="module")
def rollup() -> bytes:
    return write_rollup(roll_up_files(make_three_summaries()))


def test_every_list_is_a_table_of_a_fixed_name(rollup: bytes) -> None:
    """Only the printed tables with merged cells, and the overview, are none."""
    assert name_tables(write_summary(make_whole_year())) == SUMMARY_TABLES
    assert name_tables(rollup) == ROLLUP_TABLES


def test_a_list_without_lines_is_a_table_all_the_same(rollup: bytes) -> None:
    """A query does not break in a year without problems."""
    ledger = replace(make_whole_year(), problems=(), conflicts=(), file_reports=())
    data = write_summary(ledger)
    assert name_tables(data) == SUMMARY_TABLES
    sheet = load_workbook(io.BytesIO(data))["冲突"]
    assert sheet.tables["conflicts"].ref == "A3:K4"
    assert {cell.value for cell in sheet[4]} == {None}
    assert sheet["A5"].value == "没有相互矛盾的报送内容。"


def test_the_page_names_every_table() -> None:
    """Those that only some summaries have as well."""
    page = (Path(__file__).parents[2] / "docs" / "data-tables.md").read_text("utf-8")
    section = page.partition("\n## 年度汇总里的 Excel 表格\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    told = {name for line in rows for name in re.findall("`(.+?)`", line)}
    names = {
        n for tables in (SUMMARY_TABLES, ROLLUP_TABLES) for row in tables.values() for n in row
    }
    assert told == names | {"tasks_2", "tasks_3", "register_", "kept_notes"}


def list_sheets(*workbooks: bytes) -> Iterator[Worksheet]:
    for data in workbooks:
        yield from load_workbook(io.BytesIO(data)).worksheets


def test_tables_are_as_excel_wants_them(rollup: bytes) -> None:
    """Headers are texts, distinct, equal to the cells; no cell is merged; there is a row."""
    empty = replace(make_whole_year(), problems=(), conflicts=())
    long = replace(make_whole_year(), conflicts=tuple(map(lengthen, make_whole_year().conflicts)))
    for sheet in list_sheets(*map(write_summary, (make_whole_year(), empty, long)), rollup):
        for table in sheet.tables.values():
            first_column, first_row, last_column, last_row = range_boundaries(table.ref)
            cells = [sheet.cell(first_row, n).value for n in range(first_column, last_column + 1)]
            assert cells == [column.name for column in table.tableColumns]
            assert len({str(cell).lower() for cell in cells}) == len(cells)
            assert last_row > first_row
            assert is_valid_defined_name(table.name)
            assert table.name == table.displayName
            assert re.fullmatch("[a-z][a-z0-9_]+", table.name)
            assert not any(
                merged.min_row <= last_row and merged.max_row >= first_row
                for merged in sheet.merged_cells.ranges
            )
            assert table.autoFilter.ref == table.ref


def lengthen(conflict: Conflict) -> Conflict:
    """Return a conflict whose texts take more than one row of a sheet."""
    answer = replace(conflict.overruled, value="很长的一句话。" * 500)
    return replace(conflict, overruled=answer)


def test_a_row_that_continues_another_says_of_which() -> None:
    """A query can join the rows of one number again."""
    ledger = make_whole_year()
    long = replace(ledger, conflicts=tuple(map(lengthen, ledger.conflicts)))
    sheet = load_workbook(io.BytesIO(write_summary(long)))["冲突"]
    _, first_row, _, last_row = range_boundaries(sheet.tables["conflicts"].ref)
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(first_row + 1, last_row)]
    texts: dict[object, str] = {}
    for row in rows:
        texts[row[0]] = texts.get(row[0], "") + str(row[7])
    assert len(rows) > len(texts) == len(ledger.conflicts)
    assert set(texts.values()) == {"很长的一句话。" * 500}


def make_form(key: str) -> Form:
    return Form(key, key, (), rows=1)


def test_names_of_registers_are_ascii_and_distinct() -> None:
    """Whatever the key of a register is, and if two of them differ in case or length alone."""
    long = "字" * 9000
    keys = ("messages", "留言", "A", "a", "u0041", "u0041_2", f"{long}一", f"{long}二", "a b")
    names = name_register_tables([make_form(key) for key in keys])
    assert names["messages"] == "register_messages"
    assert names["留言"] == "register_u7559u8a00"
    assert list(names) == list(keys)
    assert len(set(names.values())) == len(keys)
    assert all(re.fullmatch("register_[a-z0-9_]{1,62}", name) for name in names.values())
