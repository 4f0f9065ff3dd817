"""Make summaries of invented bureaus and roll them up."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook import identity
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.model import Book
from ledgerbook.model.results import Ledger
from ledgerbook.rollup import Rollup, RollupRequest, roll_up
from ledgerbook.rollup.summary_reader import read_summary_bytes
from ledgerbook.summary import write_summary
from tests.support.books import AS_OF, DONE, SECTIONS, fill, issued, make_book
from tests.support.returns import collected

DETAIL, FACTS = "科室明细", "_汇总"
EDU, HEALTH, CIVIL = "市教育局", "市卫生局", "市民政局"


def make_bureau_book(agency: str, key: str = "a1", year: int = 2022) -> Book:
    secret = key * 32
    return make_book(
        agency=agency,
        year=year,
        key=secret,
        book_id=identity.make_book_id(year, secret),
    )


@cache
def make_ledger(agency: str, key: str = "a1", year: int = 2022, done: int = 2) -> Ledger:
    """Return a bureau's ledger: two sections returned, with ``done`` completed tasks each.

    Every answer names its bureau, so that a misplaced one is seen.
    """
    book = make_bureau_book(agency, key, year)
    files = [
        fill(
            issued(book, section),
            {
                task.code: {**DONE, "result": f"{agency}·{section}·{task.code}"}
                for task in book.get_tasks(section)[:done]
            },
        )
        for section in SECTIONS[:2]
    ]
    return collected(*files, book=book)


@cache
def make_summary(
    agency: str,
    key: str = "a1",
    year: int = 2022,
    done: int = 2,
    as_of: date = AS_OF,
) -> bytes:
    return write_summary(replace(make_ledger(agency, key, year, done), as_of=as_of))


def make_three_summaries() -> dict[str, bytes]:
    return {
        "1.xlsx": make_summary(EDU, "a1"),
        "2.xlsx": make_summary(HEALTH, "b1", done=3),
        "3.xlsx": make_summary(CIVIL, "c1", done=1),
    }


def roll_up_files(files: Mapping[str, bytes], as_of: date = AS_OF, **options: Any) -> Rollup:
    """Read files as summaries and roll them up."""
    context = ReadContext(None, as_of, workbook_reader=read_summary_bytes)
    reads = [read_return(name, data, context) for name, data in files.items()]
    rollup = roll_up(reads, RollupRequest(as_of, **options))
    assert rollup.is_balanced, (
        rollup.detail_row_count,
        rollup.merged_row_count,
        rollup.rejected_row_count,
    )
    return rollup


def list_problems(rollup: Rollup) -> list[tuple[str, str]]:
    """Return the code and the file of every problem."""
    return [(problem.code, problem.place.file) for problem in rollup.problems]


def get_results(rollup: Rollup) -> dict[tuple[str, str], str]:
    """Return the 落实情况 of every row by unit and row code."""
    return {
        (row.unit, row.get_text("row_code")): row.get_text("result")
        for row in rollup.rows
        if row.get_text("result")
    }


def change_summary(data: bytes, change: Callable[[Workbook], None]) -> bytes:
    """Return a summary changed with openpyxl."""
    workbook = load_workbook(io.BytesIO(data))
    change(workbook)
    return serialize_workbook(workbook)


def find_header(sheet: Worksheet) -> tuple[int, dict[str, int]]:
    """Return the header's row number and header → column number, both from 1."""
    row = next(r for r in sheet.iter_rows() if any(c.value == "行码" for c in r))
    return row[0].row, {str(cell.value): cell.column for cell in row}


def type_value(header: str, value: Any, row: int = 1, sheet: str = DETAIL) -> Any:
    """Return a change that writes a value ``row`` rows below a header of the detail."""

    def change(workbook: Workbook) -> None:
        top, columns = find_header(workbook[sheet])
        workbook[sheet].cell(top + row, columns[header]).value = value

    return change


ROWS = len(make_ledger(EDU).assignment_results)
