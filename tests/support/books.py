"""Make books, issued workbooks and filled returns with the program's own code."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook import identity
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.forms import load_factory_ledger
from ledgerbook.issue.layout import FIRST_ROW, KEY_ROW, ROW_KEY
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.model import Assignment, Book, Role, Round, Section, Task

KEY = "ab" * 32
AS_OF = date(2022, 12, 20)
ISSUED_ON = date(2022, 6, 1)
SAVED_AT = datetime(2022, 12, 10, 9, 30)  # noqa: DTZ001  as Excel notes it

OFFICE, FINANCE, INDUSTRY = "综合科", "金融发展科", "产业金融科"
SECTIONS = (OFFICE, FINANCE, INDUSTRY)


def assign_all(role: Role) -> list[Assignment]:
    return [Assignment(section, role) for section in SECTIONS]


def _make_tasks() -> Iterator[Task]:
    """Yield five tasks that cover the ways of assigning work; two have a due date."""
    rows: tuple[tuple[str, str, date | None, list[Assignment]], ...] = (
        ("规范行政法规使用。", "各科室", None, assign_all(Role.IMPLEMENT)),
        (
            "摸清规范性文件底数。",
            "各科室按要求落实，综合科汇总。",
            date(2022, 10, 31),
            [*assign_all(Role.IMPLEMENT), Assignment(OFFICE, Role.COMPILE)],
        ),
        (
            "规范使用依申请公开系统。",
            OFFICE,
            date(2022, 12, 31),
            [Assignment(OFFICE, Role.IMPLEMENT)],
        ),
        (
            "加大纾困帮扶政策的公开力度。",
            "金融发展科、产业金融科",
            None,
            [Assignment(FINANCE, Role.IMPLEMENT), Assignment(INDUSTRY, Role.IMPLEMENT)],
        ),
        (
            "聚焦中心工作及时回应社会关注。",
            "综合科牵头，各科室按职责落实",
            None,
            [Assignment(OFFICE, Role.LEAD), *assign_all(Role.IMPLEMENT)],
        ),
    )
    for number, (measure, units, due, parsed) in enumerate(rows, 1):
        ordered = sorted(
            parsed, key=lambda a: (SECTIONS.index(a.section), list(Role).index(a.role))
        )
        yield Task(
            code=f"T{number:02d}",
            number=number,
            requirement="一、优化政务公开工作基础" if number < 4 else "",
            point="（一）深化集中公开。" if number < 3 else "（二）加强公开。",
            measure=measure,
            units=units,
            due=due,
            parsed_assignments=tuple(ordered),
        )


def make_book(**changes: Any) -> Book:
    """Return a small book of three sections and five tasks."""
    facts: dict[str, Any] = {
        "agency": "某市金融工作局",
        "year": 2022,
        "office": OFFICE,
        "plan_title": "某市金融工作局2022年政务公开工作要点分工方案",
        "book_id": identity.make_book_id(2022, KEY),
        "key": KEY,
        "sections": tuple(Section(name) for name in SECTIONS),
        "rounds": (Round("年度", date(2022, 12, 15)),),
        "tasks": tuple(_make_tasks()),
        "forms": (load_factory_ledger(),),
    }
    return Book(**{**facts, **changes})


def issued(book: Book, section: str) -> bytes:
    """Return the workbook that is issued to one section."""
    return build_section_workbook(book, book.rounds[0], [section], ISSUED_ON)


Change = Callable[[Worksheet, Mapping[str, int], Mapping[str, int]], None]


def edit(data: bytes, change: Change, saved_at: datetime = SAVED_AT) -> bytes:
    """Open an issued workbook with openpyxl, change its first sheet, save it.

    ``change`` is called with the sheet, a mapping from column key to column number and
    one from task code to row number; both count from 1.
    """
    workbook = load_workbook(io.BytesIO(data))
    sheet = workbook.worksheets[0]
    change(sheet, columns_of(sheet), rows_of(sheet))
    workbook.properties.lastModifiedBy = "李某"
    return serialize_workbook(workbook, saved_at)


def fill(
    data: bytes,
    answers: Mapping[str, Mapping[str, Any]],
    saved_at: datetime = SAVED_AT,
) -> bytes:
    """Return an issued workbook with ``answers``: task code → column key → value."""

    def change(sheet: Worksheet, columns: Mapping[str, int], rows: Mapping[str, int]) -> None:
        for code, cells in answers.items():
            for key, value in cells.items():
                sheet.cell(rows[code], columns[key]).value = value

    return edit(data, change, saved_at)


def columns_of(sheet: Worksheet) -> dict[str, int]:
    cells = sheet[KEY_ROW + 1]
    return {str(cell.value): cell.column for cell in cells if cell.value}


def rows_of(sheet: Worksheet) -> dict[str, int]:
    column = columns_of(sheet)[ROW_KEY]
    return {
        str(sheet.cell(row, column).value).partition("-")[0]: row
        for row in range(FIRST_ROW + 1, sheet.max_row + 1)
        if sheet.cell(row, column).value
    }


DONE = {"status": "已完成", "done_on": date(2022, 9, 30), "result": "已经办好。"}
