"""From real key events to the collection's answers, and nothing lost between."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.utils.datetime import to_excel
from python_calamine import CalamineWorkbook

from ledgerbook.book import build_book_bytes, read_book, record_issued_forms
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.formats.raw_workbook import BEIJING_TIME, display_text
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.layout import FIRST_ROW
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.model import Book
from tests.office.calc import Calc
from tests.office.clerk import Answers, type_in
from tests.support.books import AS_OF, FINANCE, INDUSTRY, ISSUED_ON, OFFICE, issued

# Task code → column key → what is typed. Every answer column, and what is apt to be
# changed on its way: a leading zero, inner blanks, formula-like and very long text.
TYPED: Answers = {
    "T01": {
        "status": "已完成",
        "done_on": "2022-9-30",
        "result": "清理规范性文件 12 件，全部标注有效性。" * 10,
        "evidence": "中金〔2022〕15号、https://example.org/a?b=1&c=<2>",
        "next_step": "“常态化”——每月一次；A<B&C>D",
        "person": "张三",
        "phone": "076088000000",
        "note": "见 表 2",
    },
    "T02": {
        "status": "推进中",
        "result": "底数已摸清，共 1,234 件。",
        "reason": "系统升级延期，数据尚未迁移。",
        "next_step": "11月底前完成。",
        "person": "欧阳 某某",
        "phone": "0760-88000000",
    },
    "T03": {"status": "不涉及", "note": "2022"},
    "T05": {"status": "长期推进", "result": "长期坚持。", "person": "007"},
}


def answers_of(read: FileContent, section: str) -> dict[str, dict[str, str]]:
    """Return what was read, in the shape of what was typed."""
    return {
        row.task: {key: answer.text for key, answer in row.answers.items()}
        for row in read.rows
        if row.section == section and row.answers
    }


def expected(answers: Answers) -> dict[str, dict[str, str]]:
    """Return ``answers`` with the date in its one form."""
    return {
        code: {k: v.replace("2022-9-30", "2022-09-30") for k, v in cells.items()}
        for code, cells in answers.items()
    }


def test_the_book_remembers_what_was_sent_after_the_office_saved_it(
    book: Book, calc: Calc, tmp_path: Path
) -> None:
    """The office works in the book with its own program, which rewrites every part."""
    path, resaved = tmp_path / "台账.xlsx", tmp_path / "存过.xlsx"
    path.write_bytes(build_book_bytes(book))
    calc.open(path=path)
    calc.save(path=resaved)
    calc.close()
    noted = record_issued_forms(resaved.read_bytes(), book)
    assert noted
    path.write_bytes(noted)
    assert read_book(path).issued_forms == book.forms


@pytest.fixture(scope="module")
def saved(book: Book, calc: Calc, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Type everything once and save it: suffix → file."""
    folder = tmp_path_factory.mktemp("报回")
    blank = folder / "空表.xlsx"
    blank.write_bytes(issued(book, OFFICE))
    calc.open(path=blank)
    type_in(calc, TYPED)
    paths = {suffix: folder / f"报回{suffix}" for suffix in (".xlsx", ".ods", ".xls")}
    for path in paths.values():
        calc.save(path=path)
    calc.close()
    return paths


def test_what_is_typed_is_what_is_collected(book: Book, saved: Mapping[str, Path]) -> None:
    """Each typed answer arrives in its row and column, with nothing to complain of."""
    read = read_return("报回.xlsx", saved[".xlsx"].read_bytes(), ReadContext(book, AS_OF))
    assert [problem.message for problem in read.problems] == []
    assert answers_of(read, OFFICE) == expected(TYPED)
    assert read.filled_count == sum(len(cells) for cells in TYPED.values())


@pytest.mark.parametrize("suffix", [".xlsx", ".xls"])
def test_the_time_of_saving_is_known(book: Book, saved: Mapping[str, Path], suffix: str) -> None:
    """LibreOffice notes when it saved: that decides which of two answers is newer.

    In an .ods it notes the time on the wall, which here need not be Beijing's.
    """
    read = read_return("报回.xlsx", saved[suffix].read_bytes(), ReadContext(book, AS_OF))
    assert read.report.saved_at is not None
    now = datetime.now(tz=BEIJING_TIME).replace(tzinfo=None)
    assert abs(now - read.report.saved_at) < timedelta(minutes=10)


def test_saving_twice_changes_nothing(
    book: Book, calc: Calc, saved: Mapping[str, Path], tmp_path: Path
) -> None:
    """A workbook opened and saved again by a second person says the same."""
    calc.open(path=saved[".xlsx"])
    again = tmp_path / "再存.xlsx"
    calc.save(path=again)
    read = read_return("再存.xlsx", again.read_bytes(), ReadContext(book, AS_OF))
    assert [problem.message for problem in read.problems] == []
    assert answers_of(read, OFFICE) == expected(TYPED)


@pytest.mark.parametrize("suffix", [".xls", ".ods"])
def test_another_format_gives_the_same(book: Book, saved: Mapping[str, Path], suffix: str) -> None:
    """A return saved as .xls or .ods gives what the .xlsx gives, under any name."""
    data = saved[suffix].read_bytes()
    read = read_return("报回.xlsx", data, ReadContext(book, AS_OF))
    assert [problem.message for problem in read.problems] == []
    assert answers_of(read, OFFICE) == expected(TYPED)
    assert read.filled_count == sum(len(cells) for cells in TYPED.values())
    usual = read_workbook(saved[".xlsx"].read_bytes())
    found = read_workbook(data)
    assert found.keywords == usual.keywords
    assert [one.name for one in found.sheets] == [one.name for one in usual.sheets]
    for one, other in zip(found.sheets, usual.sheets, strict=True):
        assert {c: display_text(v) for c, v in one.cells.items()} == {
            c: display_text(v) for c, v in other.cells.items()
        }
        assert one.attachments.merges or one.name.startswith("_")


@pytest.mark.parametrize("suffix", [".xls", ".ods"])
def test_a_password_opens_what_the_office_locked(
    book: Book, calc: Calc, saved: Mapping[str, Path], tmp_path: Path, suffix: str
) -> None:
    """Locked by a real office: the password opens it, or the way out is told."""
    calc.open(path=saved[".xlsx"])
    path = tmp_path / f"加密{suffix}"
    calc.save(path=path, password="secret-1")  # noqa: S106  of this test alone
    calc.close()
    data = path.read_bytes()
    for passwords in ((), ("wrong",)):
        read = read_return(path.name, data, ReadContext(book, AS_OF, passwords))
        code = "file-locked" if suffix == ".ods" else "file-password"
        assert [problem.code for problem in read.problems] == [code]
    if suffix != ".ods":
        words = ("wrong", "secret-1")
        read = read_return(path.name, data, ReadContext(book, AS_OF, words))
        assert answers_of(read, OFFICE) == expected(TYPED)


def test_sections_in_one_workbook_stay_apart(
    book: Book, opened: Callable[[bytes], Calc], tmp_path: Path
) -> None:
    """Answers typed on the second sheet of a workbook are those of its section."""
    sections = [FINANCE, INDUSTRY]
    calc = opened(build_section_workbook(book, book.rounds[0], sections, ISSUED_ON))
    theirs = {"T04": {"status": "推进中", "result": "产业金融科的话。"}}
    ours = {"T04": {"status": "已完成", "done_on": "2022-9-30", "result": "本科的话。"}}
    type_in(calc, ours, sheet=0)
    type_in(calc, theirs, sheet=1)
    path = tmp_path / "两科.xlsx"
    calc.save(path=path)
    read = read_return("两科.xlsx", path.read_bytes(), ReadContext(book, AS_OF))
    assert [problem.message for problem in read.problems] == []
    assert answers_of(read, FINANCE) == expected(ours)
    assert answers_of(read, INDUSTRY) == theirs


def test_three_readers_see_the_same(calc: Calc, saved: Mapping[str, Path]) -> None:
    """LibreOffice, openpyxl and calamine agree on every cell of every sheet."""
    path = saved[".xlsx"]
    data = path.read_bytes()
    names = calc.open(path=path)
    theirs = load_workbook(io.BytesIO(data), data_only=True)
    others = CalamineWorkbook.from_path(path)
    assert names == theirs.sheetnames == others.sheet_names
    for number, name in enumerate(names):
        shown = filled(calc.values(sheet=number))
        rows = [list(row) for row in theirs[name].iter_rows(values_only=True)]
        assert filled(rows) == shown
        rows = others.get_sheet_by_name(name).to_python(skip_empty_area=False)
        assert filled(rows) == shown
        assert len(shown) > FIRST_ROW


def filled(rows: list[list[object]]) -> dict[tuple[int, int], str | float]:
    """Return the cells that say something, by place; a date as its number."""
    return {
        (r, c): plain(value)
        for r, row in enumerate(rows)
        for c, value in enumerate(row)
        if value not in (None, "")
    }


def plain(value: object) -> str | float:
    if isinstance(value, date):
        return float(to_excel(value))
    return float(value) if isinstance(value, int) else value
