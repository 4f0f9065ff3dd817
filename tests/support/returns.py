"""Make returns and collect them: for tests of intake and merge."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.intake.formats.raw_workbook import RawWorkbook
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.layout import INFO_ROW, NIL_LABEL, ROW_KEY
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book
from ledgerbook.model.results import Ledger
from tests.support.books import (
    AS_OF,
    SAVED_AT,
    columns_of,
    edit,
    fill,
    issued,
    make_book,
    rows_of,
)

# Columns whose answers name their own section, task and column, so that a misplaced one is seen.
_SIGNED = ("result", "evidence", "reason", "person", "note")


@cache
def sent(section: str) -> bytes:
    """Return the workbook that is issued to a section of the book of ``make_book``; cached."""
    return issued(make_book(), section)


@cache
def whole() -> bytes:
    """Return the 总台账 of the book of ``make_book``: a sheet for each section."""
    book = make_book()
    names = book.section_names
    return build_section_workbook(book, book.rounds[0], names, AS_OF, "总台账")


def signed(section: str, book: Book | None = None) -> dict[str, dict[str, Any]]:
    """Return answers to every task of ``section``; each text names its section, task and column."""
    tasks = (book or make_book()).get_tasks(section)
    return {
        task.code: {
            "status": "推进中",
            **{key: f"{section}·{task.code}·{key}" for key in _SIGNED},
        }
        for task in tasks
    }


@cache
def answered(section: str) -> bytes:
    """Return a section's workbook with all answers of ``signed`` filled in."""
    return fill(sent(section), signed(section))


def fill_whole(*sections: str) -> bytes:
    """Return 总台账 with all answers of ``signed`` on the sheets of ``sections``."""
    workbook = load_workbook(io.BytesIO(whole()))
    for section in sections:
        sheet = workbook[section]
        columns, rows = columns_of(sheet), rows_of(sheet)
        for code, cells in signed(section).items():
            for key, value in cells.items():
                sheet.cell(rows[code], columns[key]).value = value
    return serialize_workbook(workbook)


def collected(*files: bytes, book: Book | None = None) -> Ledger:
    """Collect files under the names 1.xlsx, 2.xlsx, …"""
    book = book or make_book()
    names = (f"{n}.xlsx" for n in range(1, len(files) + 1))
    reads = [
        read_return(n, data, ReadContext(book, AS_OF)) for n, data in zip(names, files, strict=True)
    ]
    return merge_returns(book, reads, AS_OF)


def answers(ledger: Ledger) -> dict[str, dict[str, dict[str, str]]]:
    """Return all accepted answers: section → task code → column key → text."""
    texts_by_section: dict[str, dict[str, dict[str, str]]] = {}
    for row in ledger.assignment_results:
        if row.answers:
            texts = {key: answer.text for key, answer in row.answers.items()}
            texts_by_section.setdefault(row.section, {})[row.task.code] = texts
    return texts_by_section


def codes(ledger: Ledger) -> list[str]:
    """Return the codes of all problems but those of saved times.

    Other programs note the time at which a test had them save, years after those of the books.
    """
    of_times = ("saved-time-doubtful", "receipt-day-unknown")
    return sorted(p.code for p in ledger.problems if p.code not in of_times)


def find_misplaced(ledger: Ledger) -> list[str]:
    """Return the answers of ``signed`` that are in a wrong section, task or column."""
    return [
        answer.text
        for row in ledger.assignment_results
        for key, answer in row.answers.items()
        if "·" in answer.text and answer.text != f"{row.section}·{row.task.code}·{key}"
    ]


def collect_codes(*files: bytes, book: Book | None = None) -> tuple[list[str], int]:
    """Collect ``files``; return the problem codes and the number of accepted answers.

    Fails when an answer is in a wrong place or the cell balance does not balance.
    """
    ledger = collected(*files, book=book)
    assert find_misplaced(ledger) == []
    assert ledger.cell_balance.is_balanced, ledger.cell_balance
    return codes(ledger), ledger.cell_balance.accepted


def replace_parts(
    data: bytes, changes: Mapping[str, Callable[[bytes], bytes] | bytes | None]
) -> bytes:
    """Return the package with parts changed, added or (``None``) left out."""
    source = zipfile.ZipFile(io.BytesIO(data))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        names = source.namelist()
        for name in [*names, *(n for n in changes if n not in names)]:
            change = changes.get(name, lambda old: old)
            if change is not None:
                new_part = change(source.read(name)) if callable(change) else change
                target.writestr(name, new_part)
    return buffer.getvalue()


def copy_visible_cells(source: Worksheet, first: int = 1) -> bytes:
    """Return a new workbook into which a sheet's visible cells from row ``first`` are pasted."""
    workbook = Workbook()
    target = workbook.active
    assert target is not None
    hidden = {n for n, row in source.row_dimensions.items() if row.hidden}
    visible_rows = [n for n in range(first, source.max_row + 1) if n not in hidden]
    row_key_column = columns_of(source)[ROW_KEY] - 1
    for row, old_row in enumerate(visible_rows, 1):
        for column in range(1, row_key_column + 1):
            cell = source.cell(old_row, column)
            copied_cell = target.cell(row, column, cell.value)
            copied_cell.number_format = cell.number_format
    return serialize_workbook(workbook)


NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheet_xml(rows: str, before: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}'
        f'<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData></worksheet>'
    ).encode()


def strings_xml(items: str, count: str = "1") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>'
        f'<sst xmlns="{NAMESPACE}" count="{count}">{items}</sst>'
    ).encode()


SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"


@cache
def plain() -> bytes:
    """Return a workbook made by openpyxl: one sheet, one text."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet["A1"] = "文字"
    return serialize_workbook(workbook)


def read_rows(rows: str, **more: Any) -> RawWorkbook:
    """Read a workbook whose only sheet has the XML ``rows``."""
    return read_workbook(replace_parts(plain(), {SHEET: sheet_xml(rows, **more)}))


def inline_cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def without_sheets(data: bytes, *names: str) -> bytes:
    """Return the workbook without the named sheets."""
    workbook = load_workbook(io.BytesIO(data))
    for name in names:
        del workbook[name]
    return serialize_workbook(workbook)


def tick(data: bytes, value: Any = "是", *, sheet: int = 0, day: int = 0) -> bytes:
    """Fill ``value`` into the cell beside the label of 零报告."""

    def change(page: Worksheet, columns: Mapping[str, int], rows: Mapping[str, int]) -> None:
        page = page.parent.worksheets[sheet]
        label = next(c for c in page[INFO_ROW + 1] if c.value == NIL_LABEL)
        page.cell(label.row, columns["signed_on"]).value = value

    return edit(data, change, SAVED_AT + timedelta(days=day))
