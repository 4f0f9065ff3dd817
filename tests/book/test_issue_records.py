"""签发记录: what was issued is in the book, whoever has opened it since."""

from __future__ import annotations

import io
from datetime import date
from itertools import zip_longest
from pathlib import Path

from openpyxl import load_workbook

from ledgerbook.book import append_issue_records, build_book_bytes, list_issue_records, read_book
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.model import Book
from ledgerbook.model.issued_values import IssuedValues
from tests.support.books import FINANCE, ISSUED_ON, OFFICE, SAVED_AT, make_book

BOOK = make_book()
TEXTS = {"T01": {"status": "推进中", "result": "第一行\n_x0041_ 第二行 " + "长" * 40_000}}
VALUES = IssuedValues("年度", ISSUED_ON, {(FINANCE, BOOK.task_form.key): TEXTS})


def read_back(data: bytes, tmp_path: Path) -> Book:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(data)
    return read_book(path)


def test_what_was_issued_is_read_back(tmp_path: Path) -> None:
    """One record a section and form, its values whole however long they are."""
    records = list_issue_records(BOOK, VALUES)
    data = append_issue_records(build_book_bytes(BOOK), BOOK, records)
    book = read_back(data, tmp_path)
    assert book.issue_records == records
    record = book.map_newest_issues()["年度", FINANCE, BOOK.task_form.key]
    assert record.texts == TEXTS
    assert record.task_codes == ("T01", "T02", "T04", "T05")
    # The office's program saves the sheet, and a plan's revision writes the book anew.
    saved = serialize_workbook(load_workbook(io.BytesIO(data)), SAVED_AT)
    assert read_back(saved, tmp_path).issue_records == records
    assert read_back(build_book_bytes(book), tmp_path).issue_records == records


def test_an_issue_again_is_kept_beside_the_first_and_an_equal_one_is_not(tmp_path: Path) -> None:
    records = list_issue_records(BOOK, VALUES)
    data = append_issue_records(build_book_bytes(BOOK), BOOK, records)
    book = read_back(data, tmp_path)
    assert append_issue_records(data, book, records) == data
    later = list_issue_records(book, IssuedValues("年度", date(2022, 7, 1), {}))
    again = read_back(append_issue_records(data, book, later), tmp_path)
    assert again.issue_records == (*records, *later)
    assert again.map_newest_issues()["年度", OFFICE, "tasks"].issued_on == date(2022, 7, 1)


def test_a_book_of_an_earlier_version_gets_the_sheet(tmp_path: Path) -> None:
    workbook = load_workbook(io.BytesIO(build_book_bytes(BOOK)))
    del workbook["签发记录"]
    old = serialize_workbook(workbook, SAVED_AT)
    assert read_back(old, tmp_path).issue_records == ()
    records = list_issue_records(BOOK, VALUES)
    data = append_issue_records(old, BOOK, records)
    assert read_back(data, tmp_path).issue_records == records
    sheet = load_workbook(io.BytesIO(data))["签发记录"]
    assert sheet.protection.sheet
    assert [cell.value for cell in sheet[3]][:2] == ["批次", "科室"]
    hidden = [sheet.column_dimensions[cell.column_letter].hidden for cell in sheet[3]]
    assert hidden == [False] * 6 + [True] * 6


def test_a_damaged_record_is_left_out(tmp_path: Path) -> None:
    records = list_issue_records(BOOK, VALUES)
    data = append_issue_records(build_book_bytes(BOOK), BOOK, records)
    workbook = load_workbook(io.BytesIO(data))
    workbook["签发记录"]["D4"] = "昨天"
    damaged = serialize_workbook(workbook, SAVED_AT)
    assert len(read_back(damaged, tmp_path).issue_records) == len(records) - 1


# The columns of 签发记录 in books of earlier versions, in their order there.
OLD_HEADERS = (
    "批次",
    "科室",
    "表",
    "表的代号",
    "签发日期",
    "表单版本",
    "续",
    "行码",
    "下发时的值",
)


def make_old_book() -> bytes:
    """Return a book whose 签发记录 has the columns of an earlier version."""
    workbook = load_workbook(io.BytesIO(build_book_bytes(BOOK)))
    sheet = workbook["签发记录"]
    for cell, header in zip_longest(sheet[3], OLD_HEADERS):
        cell.value = header
    return serialize_workbook(workbook, SAVED_AT)


def test_a_book_of_the_old_layout_goes_on(tmp_path: Path) -> None:
    """Cells go where its headers are; an update writes the new layout."""
    records = list_issue_records(BOOK, VALUES)
    old = make_old_book()
    assert read_back(old, tmp_path).issue_records == ()
    data = append_issue_records(old, BOOK, records)
    book = read_back(data, tmp_path)
    assert book.issue_records == records
    sheet = load_workbook(io.BytesIO(data))["签发记录"]
    assert [cell.value for cell in sheet[4]][:6] == [
        "年度",
        OFFICE,
        "重点任务台账",
        "tasks",
        "2022-06-01",
        records[0].version,
    ]
    later = list_issue_records(book, IssuedValues("年度", date(2022, 7, 1), {}))
    again = read_back(append_issue_records(data, book, later), tmp_path)
    assert again.issue_records == (*records, *later)
    updated = build_book_bytes(again)
    assert read_back(updated, tmp_path).issue_records == (*records, *later)
    assert load_workbook(io.BytesIO(updated))["签发记录"]["D4"].value == "2022-06-01"


def test_people_see_what_was_issued_and_no_codes(tmp_path: Path) -> None:
    """The columns for the program come last, hidden and not printed."""
    records = list_issue_records(BOOK, VALUES)
    data = append_issue_records(build_book_bytes(BOOK), BOOK, records)
    for book_data in (data, build_book_bytes(read_back(data, tmp_path))):
        sheet = load_workbook(io.BytesIO(book_data))["签发记录"]
        headers = [cell.value for cell in sheet[3]]
        assert headers[:6] == ["批次", "科室", "表", "签发日期", "任务数", "已带上次内容的格数"]
        hidden = [sheet.column_dimensions[cell.column_letter].hidden for cell in sheet[3]]
        assert hidden == [False] * 6 + [True] * 6
        # Hidden columns are not printed, and lines that are appended are.
        assert not sheet.print_area
        lines = [[cell.value for cell in row[:6]] for row in sheet.iter_rows(5, 6)]
        # The values of the second section need two lines.
        assert lines == [
            ["年度", FINANCE, "重点任务台账", "2022-06-01", 4, 2],
            ["年度", FINANCE, "重点任务台账（续）", "2022-06-01", None, None],
        ]
