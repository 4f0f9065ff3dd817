"""A circulated summary that somebody changed lies among the returns."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledgerbook import commands
from ledgerbook.book import build_book_bytes
from ledgerbook.model.problems import Problem
from ledgerbook.model.results import FileReport, FileStatus
from tests.support.books import AS_OF, make_book
from tests.support.returns import answered

# Whole jobs, through the disk and processes of their own.
pytestmark = pytest.mark.slow

WORDS = "这个数不对，应为 12 件。"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """Give a folder with a book, a return and the summary of it."""
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(make_book()))
    (tmp_path / "收回").mkdir()
    (tmp_path / "收回" / "综合科.xlsx").write_bytes(answered("综合科"))
    commands.collect(tmp_path / "台账.xlsx", [tmp_path / "收回"], tmp_path / "汇总", as_of=AS_OF)
    return tmp_path


def write_words(source: Path, target: Path) -> None:
    workbook = load_workbook(source)
    workbook["总览"]["H40"] = WORDS
    workbook["年度汇总"]["B4"] = WORDS
    workbook.save(target)


def find_reports(office: Path, *folders: str) -> tuple[list[Problem], list[FileReport]]:
    returns = [office / folder for folder in folders]
    ledger = commands.collect(office / "台账.xlsx", returns, office / "汇总", as_of=AS_OF).ledger
    problems = [one for one in ledger.problems if one.code == "file-own-changed"]
    files = {one.place.file for one in problems}
    return problems, [one for one in ledger.file_reports if one.name in files]


def test_its_changed_cells_are_named(office: Path) -> None:
    """A section returns the summary that it was sent, with its own words in it."""
    write_words(office / "汇总" / "2022年度汇总.xlsx", office / "收回" / "核对意见.xlsx")
    (problem,), (report,) = find_reports(office, "收回")
    assert "改动没有汇入：总览 H40、年度汇总 B4。" in problem.message
    assert problem.is_error
    assert (report.status, report.note) == (FileStatus.REJECTED, problem.message)


def test_as_it_was_sent_it_is_skipped(office: Path) -> None:
    """It has its seal."""
    data = (office / "汇总" / "2022年度汇总.xlsx").read_bytes()
    (office / "收回" / "汇总.xlsx").write_bytes(data)
    assert find_reports(office, "收回") == ([], [])


def test_the_summary_of_the_office_itself_is_no_return(office: Path) -> None:
    """What the office types there, and the copies that we keep of it, are told elsewhere."""
    path = office / "汇总" / "2022年度汇总.xlsx"
    write_words(path, path)
    assert find_reports(office, "收回", "汇总") == ([], [])
    assert [one for one in (office / "汇总").iterdir() if "有人改过" in one.name]
    assert find_reports(office, "收回", "汇总") == ([], [])


def test_one_without_personal_data_is_compared_with_its_own_kind(office: Path) -> None:
    """The full summary differs from it in more than what somebody changed."""
    output = office / "汇总"
    commands.collect(office / "台账.xlsx", [office / "收回"], output, as_of=AS_OF, for_upload=True)
    write_words(output / "2022上报汇总.xlsx", office / "收回" / "核对意见.xlsx")
    (problem,), _ = find_reports(office, "收回")
    assert "改动没有汇入：总览 H40、年度汇总 B4。" in problem.message


def test_of_a_dispatch_list_no_cells_of_a_summary_are_named(office: Path) -> None:
    commands.generate(office / "台账.xlsx", office / "发出", issued_on=AS_OF)
    workbook = load_workbook(next((office / "发出").rglob("签发清单.xlsx")))
    workbook.worksheets[0]["B5"] = WORDS
    workbook.save(office / "收回" / "签收.xlsx")
    (problem,), _ = find_reports(office, "收回")
    assert "改动没有汇入。" in problem.message
