"""A year of two rounds through the commands, on real files."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.cli.app import main
from ledgerbook.commands import collect, generate, roll_up
from ledgerbook.model import Assignment, Role, Round, Section
from ledgerbook.model.results import FileStatus, RoundReport
from tests.support.books import FINANCE, fill, make_book

pytestmark = pytest.mark.slow

ROUNDS = (Round("第一季度", date(2022, 3, 31)), Round("第二季度", date(2022, 6, 30)))
DOING = {"status": "推进中", "result": "正在办。"}
SUMMARY = "2022年度汇总.xlsx"


def _start(folder: Path) -> Path:
    """Write a book, issue the first round and return one section's workbook of it."""
    book = folder / "台账.xlsx"
    book.write_bytes(build_book_bytes(make_book(rounds=ROUNDS)))
    assert generate(book, folder / "发出", issued_on=date(2022, 3, 1)).round == ROUNDS[0]
    _return(folder, "第一季度", datetime(2022, 3, 20, 1))  # noqa: DTZ001  as Excel notes it
    return book


def _return(folder: Path, round_name: str, saved_at: datetime) -> None:
    sent = (folder / "发出" / round_name / f"{FINANCE}.xlsx").read_bytes()
    answers = {task.code: DOING for task in make_book().get_tasks(FINANCE)}
    (folder / "收回").mkdir(exist_ok=True)
    (folder / "收回" / f"{round_name}.xlsx").write_bytes(fill(sent, answers, saved_at))


def _collect_first_round(folder: Path, day: date) -> RoundReport:
    result = collect(folder / "台账.xlsx", folder / "收回", folder / "汇总", as_of=day)
    return result.ledger.round_reports[0]


def test_a_round_that_is_over_keeps_its_figures_and_its_summary(tmp_path: Path) -> None:
    """A section of September and a second round change nothing of the first."""
    book = _start(tmp_path)
    before = _collect_first_round(tmp_path, date(2022, 4, 1))
    kept = tmp_path / "汇总" / "历次" / "第一季度.xlsx"
    data = kept.read_bytes()
    assert data == (tmp_path / "汇总" / SUMMARY).read_bytes()
    grown = read_book(book)
    tasks = tuple(
        replace(
            task, parsed_assignments=(*task.parsed_assignments, Assignment("数据科", Role.LEAD))
        )
        for task in grown.tasks
    )
    sections = (*grown.sections, Section("数据科"))
    book.write_bytes(build_book_bytes(replace(grown, tasks=tasks, sections=sections)))
    after = _collect_first_round(tmp_path, date(2022, 6, 1))
    assert (after.at_due, after.with_late) == (before.at_due, before.with_late)
    # Nobody said which round: never silently the next one.
    assert generate(book, tmp_path / "发出2", issued_on=date(2022, 6, 1)).round == ROUNDS[0]
    generate(book, tmp_path / "发出", round_name="第二季度", issued_on=date(2022, 6, 2))
    data = kept.read_bytes()
    last = _collect_first_round(tmp_path, date(2022, 6, 10))
    assert last.at_due == before.at_due
    assert kept.read_bytes() == data
    assert (
        kept.with_name("第二季度.xlsx").read_bytes() == (tmp_path / "汇总" / SUMMARY).read_bytes()
    )


def test_kept_summaries_are_read_by_nobody(tmp_path: Path) -> None:
    """Nor as returns, where the output lies among them, nor as the summary of a unit."""
    book = _start(tmp_path)
    runs = [
        collect(book, tmp_path / "收回", tmp_path / "收回", as_of=date(2022, 4, 1))
        for _ in range(2)
    ]
    assert runs[0].ledger.file_reports == runs[1].ledger.file_reports
    assert [report.name for report in runs[1].ledger.file_reports] == ["第一季度.xlsx"]
    result = roll_up(tmp_path / "收回", tmp_path / "上级", as_of=date(2022, 4, 1))
    assert [
        report.name for report in result.rollup.files if report.status is FileStatus.SKIPPED
    ] == ["历次/第一季度.xlsx"]
    assert len(result.rollup.units) == 1


def test_an_issued_round_is_owed_by_everybody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once the second round is out, who answered the first is told 未报送 once, and no more."""
    book = _start(tmp_path)
    generate(book, tmp_path / "发出", round_name="第二季度", issued_on=date(2022, 6, 1))
    arguments = ["collect", str(book), str(tmp_path / "收回"), "-o", str(tmp_path / "汇总")]
    with pytest.raises(SystemExit):
        main([*arguments, "--as-of", "2022-12-01", "--json"])
    data = json.loads(capsys.readouterr().out)
    assert {one["standing"] for one in data["sections"]} == {"未报送"}
    assert [one["code"] for one in data["problems"] if one["level"] == "须处理"] == []
    assert [one["at_due"] is None for one in data["rounds"]] == [False, False]
