"""check: the same judgement before sending as after, with or without the book."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook import commands
from ledgerbook.book import build_book_bytes
from ledgerbook.cli.app import main
from ledgerbook.identity import MARK_SHEET
from ledgerbook.issue.corrections import build_corrections
from ledgerbook.issue.layout import CORRECTIONS_SHEET, MARK_ROW
from ledgerbook.model.office_entries import FileRegistration, OfficeNote, name_choice_item
from tests.support.books import AS_OF, DONE, FINANCE, OFFICE, edit, fill, make_book
from tests.support.returns import answered, collected, sent, whole, without_sheets
from tests.support.workbook_formats import encrypt

# Whole jobs, through the disk and processes of their own.
pytestmark = pytest.mark.slow


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main([str(word) for word in words])
    said = capsys.readouterr()
    return int(str(caught.value.code)), said.out, said.err


@pytest.fixture
def book_path(tmp_path: Path) -> Path:
    path = tmp_path / "台账.xlsx"
    path.write_bytes(build_book_bytes(make_book()))
    return path


def put(folder: Path, data: bytes, name: str = "我的表.xlsx") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def complete() -> bytes:
    tasks = make_book().get_tasks(FINANCE)
    return fill(sent(FINANCE), {task.code: DONE for task in tasks})


def test_a_good_workbook_may_be_sent(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """One file, no book: exit 0 and a plain word."""
    code, said, _ = run(capsys, "check", put(tmp_path, complete()))
    assert (code, said) == (
        0,
        "我的表.xlsx：金融发展科，年度，4 项任务填了 4 项。\n  没有必须改的地方，可以报送。\n",
    )


def test_what_is_wrong_is_told_by_cell(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Sheet, cell, what and how; exit 1, and nothing is written."""
    bad = fill(complete(), {"T02": {"status": "差不多"}, "T04": {"status": "完成"}})
    code, said, _ = run(capsys, "check", put(tmp_path, bad), "--as-of", "2022-12-20")
    assert code == 1
    assert said == (
        "我的表.xlsx：金融发展科，年度，4 项任务填了 4 项。\n"
        "  须改 1 处：\n"
        "  · 工作表“金融发展科” 单元格 J7：“完成状态”填的是“差不多”，不在可选范围"
        "（未启动、推进中、已完成、长期推进、不涉及）内。请从下拉框中选择一项。\n"
        "  请留意 1 处：\n"
        "  · 工作表“金融发展科” 单元格 J8：“完成状态”填的是“完成”，"
        "已按“已完成”处理。如有不符，请改正后再报送。\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["我的表.xlsx"]


def test_what_the_office_says_of_other_files_is_not_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A choice among answers and a registration in its book need all returns."""
    note = OfficeNote(AS_OF, "T01-ABCDE", name_choice_item("落实情况"), "办了。")
    lines = (FileRegistration("别的.xlsx", is_left_out=True),)
    book = make_book(office_notes=(note,), registrations=lines)
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(book))
    file = put(tmp_path, complete())
    code, said, _ = run(capsys, "check", file, "--book", tmp_path / "台账.xlsx")
    assert (code, "请留意" in said) == (0, False), said


def test_a_folder_is_checked_file_by_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Each file has its own word, a broken one too."""
    put(tmp_path, complete(), "a.xlsx")
    put(tmp_path, b"", "b.xlsx")
    code, said, _ = run(capsys, "check", tmp_path)
    assert code == 1
    assert said.count("可以报送") == 1
    assert "b.xlsx：没有可以汇总的内容。" in said
    assert "文件是空的" in said


def test_a_file_that_is_not_there(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A wrong path is told, and is no verdict."""
    code, _, said = run(capsys, "check", tmp_path / "没有.xlsx")
    assert code == 2
    assert said.startswith("找不到")


def test_without_the_hidden_sheet_the_book_is_needed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, book_path: Path
) -> None:
    """The workbook alone no longer says what it is; the office's book does."""
    path = put(tmp_path, without_sheets(complete(), MARK_SHEET))
    code, said, _ = run(capsys, "check", path)
    assert code == 1
    assert "没法单独检查" in said
    code, said, _ = run(capsys, "check", path, "--book", book_path)
    assert code == 0
    assert "可以报送" in said


def test_a_foreign_workbook_is_told_to_be_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Nothing hidden has gone from it: it never was ours."""
    stream = io.BytesIO()
    Workbook().save(stream)
    code, said, _ = run(capsys, "check", put(tmp_path, stream.getvalue()))
    assert code == 1
    assert "这不是本工具发出的表（或识别信息被删了），没法检查。请用发出的原表填写。" in said


def test_a_file_that_was_cut_is_told_to_be_sent_again(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """An archive keeps its own words."""
    data = complete()[:5000]
    _, said, _ = run(capsys, "check", put(tmp_path, data))
    assert "文件不完整，打不开（多半是没有传完）。请科室把原来的文件再发一次" in said
    (tmp_path / "报送.zip").write_bytes(data)
    _, said, _ = run(capsys, "check", tmp_path / "报送.zip")
    assert "文件已损坏，打不开（压缩包不完整）" in said


def _forged() -> bytes:
    def change(sheet: Worksheet, columns: Mapping[str, int], rows: Mapping[str, int]) -> None:
        cell = sheet.cell(MARK_ROW + 1, 1)
        cell.value = str(cell.value).replace("年度", "季度")

    return edit(complete(), change)


def _swapped() -> bytes:
    def change(sheet: Worksheet, columns: Mapping[str, int], rows: Mapping[str, int]) -> None:
        one, other = sheet.cell(rows["T01"], 2), sheet.cell(rows["T02"], 2)
        one.value, other.value = other.value, one.value

    return edit(complete(), change)


def _corrected() -> bytes:
    bad = fill(sent(FINANCE), {"T01": {"status": "差不多"}})
    (back,) = build_corrections(collected(bad))
    return without_sheets(back.data, CORRECTIONS_SHEET)


RETURNS: Mapping[str, Any] = {
    "blank": lambda: sent(FINANCE),
    "signed": lambda: answered(OFFICE),
    "complete": complete,
    "half": lambda: fill(sent(FINANCE), {"T01": {"status": "已完成"}}),
    "odd dates": lambda: fill(sent(FINANCE), {"T01": {"done_on": "九月底"}}),
    "forged line": _forged,
    "swapped codes": _swapped,
    "master": whole,
    "correction": _corrected,
}


@pytest.mark.parametrize("make", RETURNS.values(), ids=RETURNS)
def test_the_same_is_found_with_the_book_and_without(
    make: Any, tmp_path: Path, book_path: Path
) -> None:
    """What a section is told before is what the office will be told after."""
    path = put(tmp_path, make())
    (alone,) = commands.check([path], as_of=AS_OF)
    (with_book,) = commands.check([path], as_of=AS_OF, book_path=book_path)
    assert alone.problems == with_book.problems
    assert alone == with_book


def test_a_locked_workbook_is_checked_with_its_password(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """As collect does; the password is shown nowhere."""
    path = put(tmp_path, encrypt(complete(), "密码123"))
    assert run(capsys, "check", path)[0] == 1
    code, said, _ = run(capsys, "check", path, "--password", "密码123")
    assert (code, "4 项任务填了 4 项" in said, "密码123" in said) == (0, True, False)
