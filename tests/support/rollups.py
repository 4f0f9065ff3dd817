"""Summaries of made-up bureaus, and what rolling them up gives."""

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


def book_of(agency: str, key: str = "a1", year: int = 2022) -> Book:
    secret = key * 32
    return make_book(
        agency=agency,
        year=year,
        key=secret,
        book_id=identity.make_book_id(year, secret),
    )


@cache
def ledger_of(agency: str, key: str = "a1", year: int = 2022, done: int = 2) -> Ledger:
    """Collect a bureau's first two sections, ``done`` tasks of each completed.

    Every answer names its bureau: one in a wrong place gives itself away.
    """
    book = book_of(agency, key, year)
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
def summary_of(
    agency: str,
    key: str = "a1",
    year: int = 2022,
    done: int = 2,
    as_of: date = AS_OF,
) -> bytes:
    return write_summary(replace(ledger_of(agency, key, year, done), as_of=as_of))


def three() -> dict[str, bytes]:
    return {
        "1.xlsx": summary_of(EDU, "a1"),
        "2.xlsx": summary_of(HEALTH, "b1", done=3),
        "3.xlsx": summary_of(CIVIL, "c1", done=1),
    }


def rolled(files: Mapping[str, bytes], as_of: date = AS_OF, **asked: Any) -> Rollup:
    """Read files as summaries and roll them up."""
    terms = ReadContext(None, as_of, workbook_reader=read_summary_bytes)
    reads = [read_return(name, data, terms) for name, data in files.items()]
    made = roll_up(reads, RollupRequest(as_of, **asked))
    assert made.is_balanced, (
        made.detail_row_count,
        made.merged_row_count,
        made.rejected_row_count,
    )
    return made


def found(rollup: Rollup) -> list[tuple[str, str]]:
    """Return the code and the file of every problem."""
    return [(one.code, one.place.file) for one in rollup.problems]


def answers(rollup: Rollup) -> dict[tuple[str, str], str]:
    """Return every result by its unit and row code."""
    return {
        (row.unit, row.get_text("row_code")): row.get_text("result")
        for row in rollup.rows
        if row.get_text("result")
    }


def altered(data: bytes, change: Callable[[Workbook], None]) -> bytes:
    """Save a summary again after a change."""
    workbook = load_workbook(io.BytesIO(data))
    change(workbook)
    return serialize_workbook(workbook)


def heads(sheet: Worksheet) -> tuple[int, dict[str, int]]:
    """Return the row of the header and the columns by their headers, from 1."""
    row = next(r for r in sheet.iter_rows() if any(c.value == "行码" for c in r))
    return row[0].row, {str(cell.value): cell.column for cell in row}


def typed(header: str, value: Any, row: int = 1, sheet: str = DETAIL) -> Any:
    """Type a value under a header of the detail, ``row`` rows below it."""

    def change(workbook: Workbook) -> None:
        top, columns = heads(workbook[sheet])
        workbook[sheet].cell(top + row, columns[header]).value = value

    return change


ROWS = len(ledger_of(EDU).assignment_results)
