"""What came back, and what became of it: for tests of the collecting rooms."""

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
)

# Answers that say where they belong: one in a wrong place gives itself away.
_SIGNED = ("result", "evidence", "reason", "person", "note")


@cache
def sent(section: str) -> bytes:
    """Return the workbook that a section of the usual book is sent, made once."""
    return issued(make_book(), section)


@cache
def whole() -> bytes:
    """Return the 总台账 of the usual book: a sheet for each section."""
    book = make_book()
    names = book.section_names
    return build_section_workbook(book, book.rounds[0], names, AS_OF, "总台账")


def signed(section: str, book: Book | None = None) -> dict[str, dict[str, Any]]:
    """Answers to every task of ``section``, each bearing the name of its place."""
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
    """Return a section's workbook, answered in full."""
    return fill(sent(section), signed(section))


def collected(*files: bytes, book: Book | None = None) -> Ledger:
    """Collect files, called 1.xlsx, 2.xlsx, …"""
    book = book or make_book()
    names = (f"{n}.xlsx" for n in range(1, len(files) + 1))
    reads = [
        read_return(n, data, ReadContext(book, AS_OF)) for n, data in zip(names, files, strict=True)
    ]
    return merge_returns(book, reads, AS_OF)


def answers(ledger: Ledger) -> dict[str, dict[str, dict[str, str]]]:
    """Return all answers taken: section → task code → column key → text."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for row in ledger.assignment_results:
        if row.answers:
            texts = {key: answer.text for key, answer in row.answers.items()}
            found.setdefault(row.section, {})[row.task.code] = texts
    return found


def codes(ledger: Ledger) -> list[str]:
    """Return the codes of all problems."""
    return sorted(p.code for p in ledger.problems)


def misplaced(ledger: Ledger) -> list[str]:
    """Return the signed answers that stand anywhere but where they belong."""
    return [
        answer.text
        for row in ledger.assignment_results
        for key, answer in row.answers.items()
        if "·" in answer.text and answer.text != f"{row.section}·{row.task.code}·{key}"
    ]


def gist(*files: bytes, book: Book | None = None) -> tuple[list[str], int]:
    """Collect ``files``; return the problem codes and how many answers were taken.

    Fails when an answer stands in a wrong place or a cell is unaccounted for.
    """
    ledger = collected(*files, book=book)
    assert misplaced(ledger) == []
    assert ledger.cell_balance.is_balanced, ledger.cell_balance
    return codes(ledger), ledger.cell_balance.accepted


def repacked(data: bytes, changes: Mapping[str, Callable[[bytes], bytes] | bytes | None]) -> bytes:
    """Return the package with parts changed, added or (``None``) left out."""
    source = zipfile.ZipFile(io.BytesIO(data))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        names = source.namelist()
        for name in [*names, *(n for n in changes if n not in names)]:
            change = changes.get(name, lambda old: old)
            if change is not None:
                fresh = change(source.read(name)) if callable(change) else change
                target.writestr(name, fresh)
    return buffer.getvalue()


def visible_copy(source: Worksheet, first: int = 1) -> bytes:
    """Paste a sheet's visible cells, from row ``first`` on, into a new workbook."""
    workbook = Workbook()
    target = workbook.active
    assert target is not None
    hidden = {n for n, row in source.row_dimensions.items() if row.hidden}
    down = [n for n in range(first, source.max_row + 1) if n not in hidden]
    last = columns_of(source)[ROW_KEY] - 1
    for row, old_row in enumerate(down, 1):
        for column in range(1, last + 1):
            old = source.cell(old_row, column)
            fresh = target.cell(row, column, old.value)
            fresh.number_format = old.number_format
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
    """Return a workbook of one sheet and one word, made by another program."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet["A1"] = "文字"
    return serialize_workbook(workbook)


def with_rows(rows: str, **more: Any) -> RawWorkbook:
    """Read a workbook whose only sheet holds ``rows``."""
    return read_workbook(repacked(plain(), {SHEET: sheet_xml(rows, **more)}))


def inline(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def without_sheets(data: bytes, *names: str) -> bytes:
    """Delete sheets, as one does who unhides them and wonders what they are for."""
    workbook = load_workbook(io.BytesIO(data))
    for name in names:
        del workbook[name]
    return serialize_workbook(workbook)


def tick(data: bytes, value: Any = "是", *, sheet: int = 0, day: int = 0) -> bytes:
    """Choose ``value`` in the cell beside the label."""

    def change(page: Worksheet, columns: Mapping[str, int], rows: Mapping[str, int]) -> None:
        page = page.parent.worksheets[sheet]
        label = next(c for c in page[INFO_ROW + 1] if c.value == NIL_LABEL)
        page.cell(label.row, columns["note"]).value = value

    return edit(data, change, SAVED_AT + timedelta(days=day))
