"""Fill the registers of the annual report in an issued workbook, and collect it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any

from openpyxl import load_workbook

from ledgerbook.annual_report.figures import REPORT_REGISTERS
from ledgerbook.annual_report.report_checks import ReportFigures, compute_report_figures
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.forms import load_factory_forms
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.layout import FIRST_ROW
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book
from ledgerbook.model.results import Ledger
from tests.support.books import FINANCE, OFFICE, columns_of, make_book

DOCUMENTS, ENFORCEMENT, APPLICATIONS = (
    "normative_documents",
    "enforcement_and_fees",
    "applications",
)
Entry = Mapping[str, Any]


@cache
def make_register_book(year: int, rows: int = 40) -> Book:
    """Return a book of ``year`` in which one section keeps the three registers."""
    book = make_book()
    registers = tuple(
        replace(form, rows=rows) for form in load_factory_forms() if form.key in REPORT_REGISTERS
    )
    return replace(
        book,
        year=year,
        forms=(book.task_form, *registers),
        rounds=(replace(book.rounds[0], due=date(year, 12, 20)),),
        sections=tuple(
            replace(section, register_keys=REPORT_REGISTERS if section.name == OFFICE else ())
            for section in book.sections
        ),
    )


def keep_by_two(book: Book) -> Book:
    """Return ``book`` with a second section that keeps the registers too."""
    return replace(
        book,
        sections=tuple(
            replace(section, register_keys=REPORT_REGISTERS)
            if section.name in (OFFICE, FINANCE)
            else section
            for section in book.sections
        ),
    )


@cache
def _issue(book: Book, section: str) -> bytes:
    return build_section_workbook(book, book.rounds[0], [section], date(book.year, 6, 1))


def fill_registers(
    book: Book, entries: Mapping[str, Sequence[Entry]], section: str = OFFICE
) -> bytes:
    """Return what ``section`` was issued, with ``entries`` typed in by register and column key."""
    workbook = load_workbook(io.BytesIO(_issue(book, section)))
    for key, rows in entries.items():
        form = book.find_form(key)
        assert form is not None
        columns = columns_of(workbook[form.title])
        for number, entry in enumerate(rows, FIRST_ROW + 1):
            for column, value in entry.items():
                workbook[form.title].cell(number, columns[column]).value = value
    return serialize_workbook(workbook, datetime(book.year + 1, 1, 15, 9))  # noqa: DTZ001


def collect_registers(book: Book, as_of: date, **files: bytes) -> Ledger:
    """Return the ledger of returned files, by their names without ``.xlsx``."""
    context = ReadContext(book, as_of)
    contents = [read_return(f"{name}.xlsx", data, context) for name, data in files.items()]
    return merge_returns(book, contents, as_of)


def count_returned(
    entries: Mapping[str, Sequence[Entry]], year: int = 2022, rows: int = 20
) -> ReportFigures:
    """Return the figures of a filled, returned and collected workbook, on 31 January."""
    book = make_register_book(year, rows)
    data = fill_registers(book, entries)
    return compute_known_figures(collect_registers(book, date(year + 1, 1, 31), 报送=data))


def count_each(register: str, entries: Sequence[Entry]) -> list[ReportFigures]:
    """Return the figures that each entry gives alone, of one workbook that has them all."""
    book = make_register_book(2022)
    form = book.find_form(register)
    assert form is not None
    numbered = [{**entry, form.identity[0]: f"{n}号"} for n, entry in enumerate(entries, 1)]
    ledger = collect_registers(
        book, date(2023, 1, 31), 报送=fill_registers(book, {register: numbered})
    )
    assert len(ledger.register_entries) == len(entries)
    return [
        compute_known_figures(replace(ledger, register_entries=(entry,)))
        for entry in ledger.register_entries
    ]


def compute_known_figures(ledger: Ledger) -> ReportFigures:
    figures = compute_report_figures(ledger)
    assert figures is not None
    return figures
