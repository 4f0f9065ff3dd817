"""The office's own columns of the summary outlive the next collection."""

from __future__ import annotations

import dataclasses
import io
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledgerbook import commands, identity
from ledgerbook.book import build_book_bytes
from ledgerbook.errors import FileError
from ledgerbook.model import Book
from ledgerbook.summary import read_office_notes
from tests.support.books import AS_OF, DONE, OFFICE, fill, issued, make_book

# Whole jobs, through the disk and processes of their own.
pytestmark = pytest.mark.slow


def collected(folder: Path, book: Book) -> Path:
    """Collect what is in 收回 and return the summary's path."""
    (folder / "台账.xlsx").write_bytes(build_book_bytes(book))
    done = commands.collect(folder / "台账.xlsx", [folder / "收回"], folder / "汇总", as_of=AS_OF)
    return done.outputs[0]


@pytest.fixture
def folder(tmp_path: Path, book: Book) -> Path:
    """Give a folder with one return in 收回."""
    (tmp_path / "收回").mkdir()
    answers = {task.code: DONE for task in book.get_tasks(OFFICE)}
    data = fill(issued(book, OFFICE), answers)
    (tmp_path / "收回" / "综合科.xlsx").write_bytes(data)
    return tmp_path


def type_review(summary: Path, code: str, header: str, text: str) -> None:
    """Type a word of the office's beside the row of ``code``, and save."""
    workbook = load_workbook(summary)
    sheet = workbook["科室明细"]
    rows = list(sheet.iter_rows())
    head = next(row for row in rows if any(c.value == "行码" for c in row))
    columns = {cell.value: cell.column for cell in head}
    for row in rows[head[0].row :]:
        if row[columns["行码"] - 1].value == code:
            row[columns[header] - 1].value = text
    workbook.save(summary)


def test_words_survive_the_next_collection(folder: Path, book: Book) -> None:
    """What the office typed stands beside the same row after collecting again."""
    code = identity.make_row_code(book, book.tasks[2], OFFICE)
    summary = collected(folder, book)
    type_review(summary, code, "审核意见", "数字请再核。")
    type_review(summary, code, "采用口径", "采用第二句。")
    again = collected(folder, book)
    assert dict(read_office_notes(again.read_bytes(), "行码").texts) == {
        (code, "审核意见"): "数字请再核。",
        (code, "采用口径"): "采用第二句。",
    }


def rename_head(summary: Path, old: str, new: str | None) -> None:
    """Call a column of the detail something else."""
    workbook = load_workbook(summary)
    for row in workbook["科室明细"].iter_rows(max_row=6):
        for cell in row:
            if cell.value == old:
                cell.value = new
    workbook.save(summary)


@pytest.mark.parametrize("header", ["审核意见", "采用口径"])
@pytest.mark.parametrize("now", ["局办意见", None])
def test_words_under_another_name_are_not_overwritten(
    folder: Path, book: Book, header: str, now: str | None
) -> None:
    """A header that the office has changed must not cost what stands below it."""
    code = identity.make_row_code(book, book.tasks[2], OFFICE)
    summary = collected(folder, book)
    type_review(summary, code, header, "数字请再核。")
    rename_head(summary, header, now)
    before = summary.read_bytes()
    with pytest.raises(FileError, match="改了列名"):
        collected(folder, book)
    assert summary.read_bytes() == before


def test_codes_under_another_name_are_known_by_what_they_are(folder: Path, book: Book) -> None:
    """The form may have changed since: the row code is then called something else."""
    code = identity.make_row_code(book, book.tasks[2], OFFICE)
    summary = collected(folder, book)
    type_review(summary, code, "审核意见", "数字请再核。")
    rename_head(summary, "行码", "编码")
    again = collected(folder, book)
    assert read_office_notes(again.read_bytes(), "行码").get_text(code, "审核意见")


@pytest.mark.parametrize(
    ("typed", "look", "kept"),
    [
        (datetime(2022, 9, 30), "yyyy-m-d", "2022-09-30"),  # noqa: DTZ001
        (0.85, "0%", "85%"),
        (1, "0%", "100%"),
        (12.5, "0.00", "12.5"),
        (12, "General", "12"),
    ],
)
def test_what_became_a_number_is_kept_as_it_looked(
    folder: Path, book: Book, typed: object, look: str, kept: str
) -> None:
    """Excel makes a number of 85% as it is typed."""
    code = identity.make_row_code(book, book.tasks[2], OFFICE)
    summary = collected(folder, book)
    type_review(summary, code, "采用口径", "占位")
    workbook = load_workbook(summary)
    for row in workbook["科室明细"].iter_rows():
        for cell in row:
            if cell.value == "占位":
                cell.value, cell.number_format = typed, look
    workbook.save(summary)
    again = collected(folder, book).read_bytes()
    assert read_office_notes(again, "行码").get_text(code, "采用口径") == kept


def test_words_of_a_row_that_is_gone_are_kept_and_come_back(folder: Path, book: Book) -> None:
    """A task taken out of the book leaves its words on a sheet; it may return."""
    code = identity.make_row_code(book, book.tasks[3], "产业金融科")
    type_review(collected(folder, book), code, "审核意见", "等反馈。")
    without = make_book(tasks=book.tasks[:3])
    kept = load_workbook(collected(folder, without))["留存意见"]
    assert [c.value for c in kept[kept.max_row]] == [code, None, "等反馈。", None]
    assert "留存意见" not in load_workbook(collected(folder, book)).sheetnames
    summary = (folder / "汇总" / "2022年度汇总.xlsx").read_bytes()
    assert read_office_notes(summary, "行码").get_text(code, "审核意见") == "等反馈。"


def test_a_renamed_row_code_column_is_still_found(folder: Path, book: Book) -> None:
    """The office may call the row code something else in its form."""
    columns = tuple(
        dataclasses.replace(c, header="编码") if c.key == "row_code" else c
        for c in book.task_form.columns
    )
    other = make_book(forms=(dataclasses.replace(book.task_form, columns=columns),))
    summary = collected(folder, other)
    sheet = load_workbook(io.BytesIO(summary.read_bytes()))["科室明细"]
    heads = [str(c.value) for row in sheet.iter_rows(max_row=6) for c in row]
    assert {"编码", "审核意见", "采用口径"} <= set(heads)
    assert read_office_notes(summary.read_bytes(), "编码").texts == {}


def test_a_damaged_summary_is_not_overwritten(folder: Path, book: Book) -> None:
    """A summary that cannot be read may hold the office's words: it is kept beside the new one."""
    collected(folder, book).write_bytes(b"PK broken")
    summary = collected(folder, book)
    (kept,) = summary.parent.glob("*打不开*")
    assert kept.read_bytes() == b"PK broken"
    assert read_office_notes(summary.read_bytes(), "行码").texts == {}


def test_a_column_of_the_form_may_be_called_as_the_offices_own(folder: Path, book: Book) -> None:
    """A section's column 采用口径 is told apart from the office's, collection after collection."""
    form = book.task_form
    columns = tuple(
        dataclasses.replace(column, header="采用口径") if column.key == "result" else column
        for column in form.columns
    )
    changed = dataclasses.replace(
        book, forms=(dataclasses.replace(form, columns=columns), *book.registers)
    )
    code = identity.make_row_code(changed, changed.tasks[2], OFFICE)
    summary = collected(folder, changed)
    type_review(summary, code, "采用口径", "采用第二句。")
    again = collected(folder, changed)
    assert read_office_notes(again.read_bytes(), "行码").texts == {
        (code, "采用口径"): "采用第二句。"
    }
    headers = [c.value for row in load_workbook(again)["科室明细"].iter_rows() for c in row]
    assert "采用口径（科室填写）" in headers
