"""催办记录: whom the office reminded, read back as it was written."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledgerbook.book import append_reminders, build_book_bytes, read_book
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.model import Section
from ledgerbook.model.office_entries import ReminderRecord
from tests.support.books import AS_OF, FINANCE, INDUSTRY, OFFICE, SAVED_AT, make_book

# Workbooks are issued, filled and merged over and over.
pytestmark = pytest.mark.slow

BOOK = make_book()
FIRST = ReminderRecord(date(2022, 12, 13), FINANCE, "年度", "未报送，逾期 1 件")
SECOND = ReminderRecord(AS_OF, FINANCE, "年度", "未报送")


def read(folder: Path, data: bytes) -> tuple[ReminderRecord, ...]:
    path = folder / "台账.xlsx"
    path.write_bytes(data)
    return read_book(path).reminders


def test_reminders_are_kept_in_order_and_through_a_new_book(tmp_path: Path) -> None:
    """Appended to the sheet, and written again with the whole book."""
    data = append_reminders(build_book_bytes(BOOK), BOOK, [FIRST])
    assert read(tmp_path, data) == (FIRST,)
    book = read_book(tmp_path / "台账.xlsx")
    assert read(tmp_path, append_reminders(data, book, [SECOND])) == (FIRST, SECOND)
    assert read(tmp_path, build_book_bytes(replace(BOOK, reminders=(FIRST, SECOND)))) == (
        FIRST,
        SECOND,
    )


def test_a_day_has_one_line_for_a_section_and_round() -> None:
    """Whatever was open by then: the first letter of the day was the reminder."""
    book = replace(BOOK, reminders=(FIRST,))
    data = build_book_bytes(book)
    again = replace(FIRST, matters="逾期 1 件")
    assert append_reminders(data, book, [again]) == data
    sheet = load_workbook(
        io.BytesIO(append_reminders(data, book, [again, SECOND, replace(again, round="补报")]))
    )["催办记录"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(4)] == [
        ["2022-12-13", FINANCE, "年度", "未报送，逾期 1 件"],
        ["2022-12-20", FINANCE, "年度", "未报送"],
        ["2022-12-13", FINANCE, "补报", "逾期 1 件"],
    ]


def test_a_renamed_section_was_reminded_under_its_former_name(tmp_path: Path) -> None:
    renamed = replace(
        BOOK, sections=(Section(OFFICE), Section("财务科", aliases=(FINANCE,)), Section(INDUSTRY))
    )
    data = build_book_bytes(replace(renamed, reminders=(FIRST,)))
    assert read(tmp_path, data) == (replace(FIRST, section="财务科"),)


def test_a_damaged_line_and_a_missing_sheet_stop_nothing(tmp_path: Path) -> None:
    workbook = load_workbook(io.BytesIO(build_book_bytes(replace(BOOK, reminders=(FIRST, SECOND)))))
    workbook["催办记录"]["A4"] = "某天"
    assert read(tmp_path, serialize_workbook(workbook, SAVED_AT)) == (SECOND,)
    del workbook["催办记录"]
    old = serialize_workbook(workbook, SAVED_AT)
    assert read(tmp_path, old) == ()
    assert read(tmp_path, append_reminders(old, BOOK, [FIRST])) == (FIRST,)
