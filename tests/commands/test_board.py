"""``collect`` writes the board beside the summary, and is not disturbed by one among returns."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledgerbook.book import build_book_bytes
from ledgerbook.commands import collect
from ledgerbook.model.results import FileStatus
from tests.support.board_reading import list_line_figures, read_board, read_overview
from tests.support.books import AS_OF, DONE, FINANCE, OFFICE, fill, issued, make_book

pytestmark = pytest.mark.slow


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """Return a folder in which two sections have returned their forms."""
    book = make_book()
    (tmp_path / "收回").mkdir()
    (tmp_path / "台账.xlsx").write_bytes(build_book_bytes(book))
    wrong = {"status": "不知道"}
    for section, answer in ((OFFICE, DONE), (FINANCE, wrong)):
        answers = {task.code: answer for task in book.get_tasks(section)}
        returned = fill(issued(book, section), answers)
        (tmp_path / "收回" / f"{section}.xlsx").write_bytes(returned)
    return tmp_path


def test_the_board_has_the_figures_of_the_summary_beside_it(office: Path) -> None:
    result = collect(office / "台账.xlsx", office / "收回", office / "汇总", as_of=AS_OF)
    page, summary = office / "汇总" / "看板.html", office / "汇总" / "2022年度汇总.xlsx"
    assert page in result.outputs
    board, overview = read_board(page.read_bytes()), read_overview(summary.read_bytes())
    for line in board["figures"]["by_section"]:
        assert list_line_figures(board, line) == overview["科室"][line["label"]]
    assert board["problem_count"] == sum(problem.is_error for problem in result.ledger.problems)
    cells = {(one["file"], one["sheet"]) for one in board["problems"]}
    assert cells == {(f"{FINANCE}.xlsx", FINANCE)}
    before = page.read_bytes()
    collect(office / "台账.xlsx", office / "收回", office / "汇总", as_of=AS_OF)
    assert page.read_bytes() == before


def test_a_dry_run_writes_none(office: Path) -> None:
    collect(office / "台账.xlsx", office / "收回", office / "汇总", as_of=AS_OF, dry_run=True)
    assert not (office / "汇总").exists()


def test_a_board_among_the_returns_is_no_return(office: Path) -> None:
    """One of elsewhere is named and skipped; our own beside the summary is not even named."""
    first = collect(office / "台账.xlsx", office / "收回", office / "收回", as_of=AS_OF)
    (office / "收回" / "转发" / "看板(1).html").parent.mkdir()
    copy = office / "收回" / "转发" / "看板(1).html"
    copy.write_bytes((office / "收回" / "看板.html").read_bytes())
    again = collect(office / "台账.xlsx", office / "收回", office / "收回", as_of=AS_OF)
    added = [one for one in again.ledger.file_reports if one not in first.ledger.file_reports]
    assert [(one.name, one.status) for one in added] == [("转发/看板(1).html", FileStatus.SKIPPED)]
    assert "这是本工具生成的“看板”" in added[0].note
    errors = [[p for p in one.ledger.problems if p.is_error] for one in (first, again)]
    assert errors[0] == errors[1]
