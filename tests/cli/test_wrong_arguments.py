"""What a clerk gives by mistake or writes in another way: another file, another form of a date."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import click
import pytest
from openpyxl import Workbook

from ledgerbook.cli.app import main
from ledgerbook.cli.i18n import DayParam
from ledgerbook.issue.cover_note import CoverNote
from ledgerbook.issue.cover_note_document import write_notice
from ledgerbook.rollup.workbook import write_rollup
from ledgerbook.summary.workbook import write_upload_summary
from tests.support.books import AS_OF, FINANCE, issued, make_book
from tests.support.rollups import EDU, make_ledger, make_summary, roll_up_files


def write_other_workbook() -> bytes:
    buffer = io.BytesIO()
    Workbook().save(buffer)
    return buffer.getvalue()


def write_sample_notice() -> bytes:
    book = make_book()
    return write_notice(CoverNote(book, book.rounds[0], AS_OF))


# What the file is, with what is said of it.
OTHER_FILES: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "年度汇总.xlsx": (lambda: make_summary(EDU), "是年度汇总，不是台账。"),
    "上报汇总.xlsx": (lambda: write_upload_summary(make_ledger(EDU)), "是上报汇总，不是台账。"),
    "合并汇总.xlsx": (
        lambda: write_rollup(roll_up_files({"1.xlsx": make_summary(EDU)})),
        "是合并汇总，不是台账。",
    ),
    "报送表.xlsx": (lambda: issued(make_book(), FINANCE), "是报送表，不是台账。"),
    "填报通知.docx": (write_sample_notice, "是填报通知，不是台账。"),
    "别的表.xlsx": (write_other_workbook, "不是台账，里面没有台账的工作表。"),
}
# Every command that takes the book, with {} in its place.
BOOK_COMMANDS = (
    "generate {} -o 发出",
    "collect {} 收回 -o 汇总",
    "remind {} 收回 -o 催办",
    "report {} 收回 -o 初稿.docx",
    "check 收回 --book {}",
    "init 方案.txt --update -o {}",
)


def run(capsys: pytest.CaptureFixture[str], words: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as caught:
        main(words.split())
    said = capsys.readouterr()
    assert said.out == ""
    return int(str(caught.value.code)), said.err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with one return."""
    (tmp_path / "收回").mkdir()
    (tmp_path / "收回" / "甲.xlsx").write_bytes(issued(make_book(), FINANCE))
    (tmp_path / "方案.txt").write_text("1. 做好公开。责任单位：综合科\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", OTHER_FILES)
def test_another_file_in_place_of_the_book(
    capsys: pytest.CaptureFixture[str], folder: Path, name: str
) -> None:
    """One sentence on what it is and what to choose, not a list of all that a book has."""
    write, said = OTHER_FILES[name]
    (folder / name).write_bytes(write())
    sentence = f"“{name}”{said}请选台账，它是建台账时生成的那份表，一般叫“台账.xlsx”。\n"
    assert run(capsys, f"collect {name} 收回 -o 汇总") == (2, sentence)
    assert sorted(path.name for path in folder.iterdir()) == sorted(("收回", "方案.txt", name))


@pytest.mark.parametrize("command", BOOK_COMMANDS)
def test_every_command_says_so(
    capsys: pytest.CaptureFixture[str], folder: Path, command: str
) -> None:
    (folder / "汇总.xlsx").write_bytes(make_summary(EDU))
    code, said = run(capsys, command.format("汇总.xlsx"))
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith("“汇总.xlsx”是年度汇总，不是台账。")


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01",
        "2026-3-1",
        "2026/3/1",
        "2026.3.1",
        "2026年3月1日",
        "2026 年 3 月 1 号",
        "二〇二六年三月一日",
        "２０２６．３．１",
        "20260301",
        "26.3.1",
        "2026年3月1日 星期日",
    ],
)
def test_a_day_is_taken_as_cells_take_it(text: str) -> None:
    assert DayParam().convert(text, None, None) == date(2026, 3, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "今天",
        "3月1日",
        "2月29日",
        "2026年3月",
        "3.1",
        "2026-2-29",
        "2026年3月1日 星期一",
        "1/3/2026",
    ],
)
def test_what_may_be_several_days_is_none(text: str) -> None:
    """Without a year too: in January 12月31日 would be next December."""
    with pytest.raises(click.BadParameter) as caught:
        DayParam().convert(text, None, None)
    assert str(caught.value) == (
        f"“{text}”不是能确定的日期，请写出年月日，像 2022-12-31 或 2022年12月31日"
    )
