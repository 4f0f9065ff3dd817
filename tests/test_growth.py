"""Nothing costs more than its input: ten times the rows, ten times the calls, no more.

Calls are counted, not seconds, so that a busy machine changes no result. What runs within
one call of C, such as a union of sets, is not seen here; the bench measures it.
"""

from __future__ import annotations

import dataclasses
import io
import sys
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import load_workbook

from ledgerbook.book import build_book_bytes
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.forms import load_factory_forms
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.layout import FIRST_ROW
from ledgerbook.issue.workbook import build_section_workbook, issue_round
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Assignment, Book, Role, Section, Task
from ledgerbook.summary import write_summary
from tests.plan.layouts import comma, read
from tests.support.books import AS_OF, DONE, ISSUED_ON, OFFICE, SAVED_AT, fill, issued, make_book

pytestmark = pytest.mark.slow

SMALL, LARGE = 30, 300
# Ten times the input, and a little for what grows in steps.
MAX_GROWTH = 11.0


def count_calls(run: Callable[[], object]) -> int:
    """Return how many functions ``run`` calls, those of C included."""
    calls = 0

    def profile(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        run()
    finally:
        sys.setprofile(None)
    return calls


def make_long_book(tasks: int, sections: int = 1) -> Book:
    names = [OFFICE, *(f"第{n}科" for n in range(1, sections))]
    assignments = tuple(Assignment(name, Role.IMPLEMENT) for name in names)
    return make_book(
        sections=tuple(Section(name) for name in names),
        tasks=tuple(
            Task(
                code=f"T{n:04d}",
                number=n,
                requirement="一、优化政务公开工作基础",
                point="（一）深化集中公开。",
                measure=f"第{n}项：更新主动公开目录。",
                units="各科室",
                parsed_assignments=assignments,
            )
            for n in range(1, tasks + 1)
        ),
    )


def read_long(data: bytes, book: Book) -> FileContent:
    return read_return("a.xlsx", data, ReadContext(book, AS_OF))


def make_section_of(rows: int) -> Callable[[], object]:
    """Read the return of a section with so many tasks, all answered."""
    book = make_long_book(rows)
    data = fill(issued(book, OFFICE), {task.code: DONE for task in book.tasks})
    return lambda: read_long(data, book)


def change_sheet(data: bytes, sheet: int, change: Callable[[Any], None]) -> bytes:
    workbook = load_workbook(io.BytesIO(data))
    change(workbook.worksheets[sheet])
    return serialize_workbook(workbook, SAVED_AT)


def make_register_of(rows: int) -> Callable[[], object]:
    """Read a register with so many entries."""
    register = next(form for form in load_factory_forms() if form.key == "applications")
    book = make_book()
    book = dataclasses.replace(
        book,
        forms=(*book.forms, register),
        sections=tuple(
            dataclasses.replace(section, register_keys=(register.key,)) for section in book.sections
        ),
    )

    def enter(sheet: Any) -> None:
        for row in range(FIRST_ROW + 1, FIRST_ROW + 1 + rows):
            for column in range(2, 8):
                sheet.cell(row, column, f"第{row}件第{column}栏")

    data = build_section_workbook(book, book.rounds[0], [OFFICE], ISSUED_ON)
    changed = change_sheet(data, 1, enter)
    return lambda: read_long(changed, book)


def make_repeats_of(rows: int) -> Callable[[], object]:
    """Read a sheet on which one row was filled down so many times."""
    book = make_book()

    def fill_down(sheet: Any) -> None:
        source = [cell.value for cell in sheet[FIRST_ROW + 1]]
        for row in range(FIRST_ROW + 10, FIRST_ROW + 10 + rows):
            for column, value in enumerate(source, 1):
                sheet.cell(row, column, value)
            sheet.cell(row, 12, f"第{row}次填写")

    data = change_sheet(fill(issued(book, OFFICE), {"T01": DONE}), 0, fill_down)
    return lambda: read_long(data, book)


def make_strays_of(rows: int) -> Callable[[], object]:
    """Read a sheet with so many rows written below its table."""
    book = make_book()

    def scribble(sheet: Any) -> None:
        for row in range(FIRST_ROW + 20, FIRST_ROW + 20 + rows):
            sheet.cell(row, 12, f"随手写的第{row}行")

    data = change_sheet(fill(issued(book, OFFICE), {"T01": DONE}), 0, scribble)
    return lambda: read_long(data, book)


def make_files_of(files: int) -> Callable[[], object]:
    """Merge so many returns of one section, each with another answer."""
    book = make_book()
    reads = [
        read_return(
            f"{n}.xlsx",
            fill(issued(book, OFFICE), {"T01": {**DONE, "result": f"第{n}次的结果。"}}),
            ReadContext(book, AS_OF),
        )
        for n in range(files)
    ]
    return lambda: merge_returns(book, reads, AS_OF)


def make_summary_of(tasks: int) -> Callable[[], object]:
    """Write the summary of so many tasks of two sections."""
    book = make_long_book(tasks, sections=2)
    data = fill(issued(book, OFFICE), {task.code: DONE for task in book.tasks})
    ledger = merge_returns(book, [read_long(data, book)], AS_OF)
    return lambda: write_summary(ledger)


def make_plan_of(rows: int) -> Callable[[], object]:
    """Read a plan with so many tasks."""
    table = [
        ["序号", "工作要求", "计划措施", "责任单位"],
        *([str(n), "一、优化基础", f"第{n}项：更新目录。", "综合科"] for n in range(1, rows + 1)),
    ]
    data = comma(["某市某局2022年政务公开工作要点分工方案"], [table])
    return lambda: read(data)


def make_issue_of(tasks: int) -> Callable[[], object]:
    """Issue the workbook of a section with so many tasks."""
    book = make_long_book(tasks)
    return lambda: issued(book, OFFICE)


def make_round_of(sections: int) -> Callable[[], object]:
    """Issue a round to so many sections."""
    book = make_long_book(2, sections)
    return lambda: issue_round(book, book.rounds[0], ISSUED_ON)


def make_book_bytes_of(tasks: int) -> Callable[[], object]:
    """Write the book of so many tasks."""
    book = make_long_book(tasks)
    return lambda: build_book_bytes(book)


CASES = (
    make_issue_of,
    make_round_of,
    make_book_bytes_of,
    make_section_of,
    make_register_of,
    make_repeats_of,
    make_strays_of,
    make_files_of,
    make_summary_of,
    make_plan_of,
)


@pytest.mark.parametrize("make_case", CASES, ids=lambda case: case.__name__)
def test_ten_times_the_input_costs_ten_times_the_calls(
    make_case: Callable[[int], Callable[[], object]],
) -> None:
    """No limit and no command hides a loop within a loop."""
    small, large = make_case(SMALL), make_case(LARGE)
    large()  # what is computed once and kept, such as patterns, is no part of the growth
    growth = count_calls(large) / count_calls(small)
    assert growth < MAX_GROWTH
