"""A workbook that nobody has saved since it was sent is no return."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledgerbook import commands
from ledgerbook.book import build_book_bytes
from ledgerbook.model.results import FileStatus, Ledger, SubmissionStatus
from tests.support.books import AS_OF, DONE, FINANCE, ISSUED_ON, OFFICE, fill, make_book

# Whole jobs, through the disk and processes of their own.
pytestmark = pytest.mark.slow

NEXT = "发出/年度"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """Give a folder with a book, and a round sent to all sections."""
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(make_book()))
    commands.generate(tmp_path / "台账.xlsx", tmp_path / "发出", issued_on=ISSUED_ON)
    return tmp_path


def collected(office: Path, *folders: str) -> Ledger:
    returns = [office / name for name in folders]
    book, output = office / "台账.xlsx", office / "汇总"
    return commands.collect(book, returns, output, as_of=AS_OF).ledger


def returned(office: Path, section: str = OFFICE) -> Path:
    """Fill a section's workbook and put it into 收回."""
    answers = {task.code: DONE for task in make_book().get_tasks(section)}
    (office / "收回").mkdir(exist_ok=True)
    path = office / "收回" / "报送.xlsx"
    path.write_bytes(fill((office / NEXT / f"{section}.xlsx").read_bytes(), answers))
    return path


def test_the_folder_that_was_sent_out_is_not_what_came_back(office: Path) -> None:
    """Collecting one's whole working folder makes no section look as if it had sent."""
    returned(office)
    ledger = collected(office, "发出", "收回")
    standing = {one.section: one.status for one in ledger.section_reports}
    assert standing[OFFICE] is not SubmissionStatus.MISSING
    assert standing[FINANCE] is SubmissionStatus.MISSING
    skipped = {one.name for one in ledger.file_reports if one.status is FileStatus.SKIPPED}
    assert f"年度/{FINANCE}.xlsx" in skipped
    assert ledger.cell_balance.is_balanced


def test_what_we_filled_in_beforehand_is_not_said_again(office: Path) -> None:
    """Of a round that starts from earlier answers, only what was saved counts."""
    returned(office)
    commands.generate(
        office / "台账.xlsx",
        office / "再发",
        issued_on=ISSUED_ON,
        earlier=[office / "收回"],
    )
    ledger = collected(office, "再发")
    assert all(one.status is SubmissionStatus.MISSING for one in ledger.section_reports)
    assert not any(row.answers for row in ledger.assignment_results)
    codes = {problem.code for problem in ledger.problems}
    assert "file-as-sent" in codes


def test_saved_unchanged_it_is_a_return(office: Path) -> None:
    """Whoever opens it, finds nothing to add and saves, has reported."""
    path = office / NEXT / f"{FINANCE}.xlsx"
    workbook = load_workbook(path)
    (office / "收回").mkdir()
    workbook.save(office / "收回" / "报送.xlsx")
    ledger = collected(office, "收回")
    standing = {one.section: one.status for one in ledger.section_reports}
    assert standing[FINANCE] is not SubmissionStatus.MISSING


def test_it_can_still_be_checked(office: Path) -> None:
    """Before sending, what is still to be filled in is told of any workbook."""
    (checked,) = commands.check([office / NEXT / f"{OFFICE}.xlsx"], as_of=AS_OF)
    assert checked.rows == len(make_book().get_tasks(OFFICE))
    assert checked.filled_rows == 0


def test_collecting_where_the_returns_lie_changes_nothing(office: Path) -> None:
    """What a run has written there is no return of the next one, and not told of."""
    path = returned(office)
    workbook = load_workbook(path)
    sheet = workbook.worksheets[0]
    sheet.cell(7, sheet.max_column - 3).value = "=1/0"
    workbook.save(path)
    book, where = office / "台账.xlsx", office / "收回"
    first = commands.collect(book, [where], where, as_of=AS_OF)
    assert len(first.outputs) == 2, "the summary, and one workbook to be corrected"
    before = [out.read_bytes() for out in first.outputs]
    again = commands.collect(book, [where], where, as_of=AS_OF)
    assert [out.read_bytes() for out in again.outputs] == before
    assert len(again.ledger.file_reports) == 1
