"""A year of two rounds through the commands, on real files."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

import pytest

from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.cli.app import main
from ledgerbook.commands import collect, generate, roll_up
from ledgerbook.model import Assignment, Book, Role, Round, Section
from ledgerbook.model.office_entries import FileRegistration
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
    # Nor does a summary of a day of the first round.
    _return(tmp_path, "第一季度", datetime(2022, 4, 20, 1))  # noqa: DTZ001
    _collect_first_round(tmp_path, date(2022, 4, 30))
    assert (tmp_path / "汇总" / SUMMARY).read_bytes() != data
    assert kept.read_bytes() == data


def _change_book(folder: Path, change: Callable[[Book], Book]) -> None:
    book = folder / "台账.xlsx"
    book.write_bytes(build_book_bytes(change(read_book(book))))


def _retire_first_task(book: Book) -> Book:
    first, *others = book.tasks
    return replace(book, tasks=tuple(others), retired_tasks=(first,))


def _drop_section(book: Book) -> Book:
    tasks = tuple(
        replace(
            task,
            units="、".join(section.name for section in book.sections if section.name != FINANCE),
            parsed_assignments=tuple(a for a in task.parsed_assignments if a.section != FINANCE),
        )
        for task in book.tasks
    )
    sections = tuple(section for section in book.sections if section.name != FINANCE)
    return replace(book, tasks=tasks, sections=sections)


def _rename_section(book: Book, aliases: tuple[str, ...] = (FINANCE,)) -> Book:
    sections = tuple(
        Section("财税管理科", register_keys=section.register_keys, aliases=aliases)
        if section.name == FINANCE
        else section
        for section in book.sections
    )
    tasks = tuple(
        replace(
            task,
            units=task.units.replace(FINANCE, "财税管理科"),
            parsed_assignments=tuple(
                replace(a, section="财税管理科" if a.section == FINANCE else a.section)
                for a in task.parsed_assignments
            ),
        )
        for task in book.tasks
    )
    return replace(book, sections=sections, tasks=tasks)


def _delete_first_task(book: Book) -> Book:
    return replace(book, tasks=book.tasks[1:])


@pytest.mark.parametrize("change", [_retire_first_task, _delete_first_task, _drop_section])
def test_what_leaves_the_book_changes_no_figure_of_a_round_that_is_over(
    tmp_path: Path, change: Callable[[Book], Book]
) -> None:
    """Its answers are listed, and count in the round in which they were asked for alone."""
    _start(tmp_path)
    before = _collect_first_round(tmp_path, date(2022, 4, 1))
    _change_book(tmp_path, change)
    result = collect(
        tmp_path / "台账.xlsx", tmp_path / "收回", tmp_path / "汇总", as_of=date(2022, 6, 1)
    )
    after = result.ledger.round_reports[0]
    assert (after.at_due, after.with_late) == (before.at_due, before.with_late)
    balance = result.ledger.cell_balance
    assert balance.rejected in (len(DOING), len(DOING) * len(make_book().get_tasks(FINANCE)))
    assert balance.received == balance.accounted_for


def test_a_renamed_section_keeps_what_it_returned(tmp_path: Path) -> None:
    """Once its former name is a 简称; until then the problem says what to do."""
    _start(tmp_path)
    before = _collect_first_round(tmp_path, date(2022, 4, 1))
    assert before.at_due
    original = (tmp_path / "台账.xlsx").read_bytes()
    _change_book(tmp_path, partial(_rename_section, aliases=()))
    paths = (tmp_path / "台账.xlsx", tmp_path / "收回", tmp_path / "汇总")
    (problem,) = [p for p in collect(*paths, as_of=date(2022, 4, 1)).ledger.problems if p.is_error]
    assert problem.code == "unknown-section"
    assert f"“简称”里写上“{FINANCE}”" in problem.advice
    (tmp_path / "台账.xlsx").write_bytes(original)
    _change_book(tmp_path, _rename_section)
    # Written once more, the book has the records under the present name.
    _change_book(tmp_path, lambda book: book)
    result = collect(*paths, as_of=date(2022, 4, 1))
    after = result.ledger.round_reports[0]
    assert not [p for p in result.ledger.problems if p.is_error]
    assert after.at_due
    assert after.at_due.returned_sections == ("财税管理科",)
    assert after.at_due.category_counts == before.at_due.category_counts
    assert {row.get_text("result") for row in result.ledger.assignment_results if row.answers} == {
        DOING["result"]
    }


def test_a_section_that_became_part_of_another_is_not_renamed(tmp_path: Path) -> None:
    """Both were asked in the first round: their answers do not become one section's."""
    _start(tmp_path)
    before = _collect_first_round(tmp_path, date(2022, 4, 1))

    def join_sections(book: Book) -> Book:
        smaller = _drop_section(book)
        first, *others = smaller.sections
        return replace(smaller, sections=(replace(first, aliases=(FINANCE,)), *others))

    _change_book(tmp_path, join_sections)
    after = _collect_first_round(tmp_path, date(2022, 6, 1))
    assert (after.at_due, after.with_late) == (before.at_due, before.with_late)


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
    ] == ["看板.html", "历次/第一季度.xlsx"]
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


def test_an_old_form_saved_after_the_next_round_went_out_is_asked_about(tmp_path: Path) -> None:
    """One line of 收件登记 says which round it is of."""
    _start(tmp_path)
    paths = (tmp_path / "台账.xlsx", tmp_path / "收回", tmp_path / "汇总")
    generate(paths[0], tmp_path / "发出", round_name="第二季度", issued_on=date(2022, 6, 1))
    _return(tmp_path, "第一季度", datetime(2022, 6, 10, 1))  # noqa: DTZ001
    ledger = collect(*paths, as_of=date(2022, 6, 12)).ledger
    assert [p.code for p in ledger.problems if p.is_error] == ["round-passed"]
    assert "收件登记" in ledger.problems[0].advice
    assert [len(r.with_late.returned_sections) for r in ledger.round_reports] == [1, 0]
    for round_name, counts in (("第二季度", [0, 1]), ("第一季度", [1, 0])):
        line = FileRegistration("第一季度.xlsx", round=round_name)
        _change_book(tmp_path, lambda book, line=line: replace(book, registrations=(line,)))
        ledger = collect(*paths, as_of=date(2022, 6, 12)).ledger
        assert not [p for p in ledger.problems if p.is_error]
        assert [len(r.with_late.returned_sections) for r in ledger.round_reports] == counts
