"""A section gets a new name during the year, and the office changes its line of 科室 alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from ledgerbook import identity
from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.cli.app import main
from ledgerbook.commands import collect, generate, write_report
from ledgerbook.commands.workspace import read_workspace
from ledgerbook.errors import InputError
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.model import AssignmentOverride, Book, Question, Role, Round, Section
from ledgerbook.model.office_entries import FileRegistration, OfficeEntry, OfficeNote
from tests.support.books import FINANCE, INDUSTRY, OFFICE, SAVED_AT, fill, make_book

pytestmark = pytest.mark.slow

NEW_NAME = "产业发展科"
ROUNDS = (Round("第一季度", date(2022, 3, 31)), Round("第二季度", date(2022, 6, 30)))
DOING = {"status": "推进中", "result": "正在办。"}
DAY = date(2022, 4, 1)


def _build_book() -> Book:
    """Return a book that names INDUSTRY wherever a book can name a section."""
    book = make_book(rounds=ROUNDS)
    first, second, third, *others = book.tasks
    override = AssignmentOverride(INDUSTRY, (Role.SUPPORT,))
    vague = replace(third, units="有关科室", parsed_assignments=())
    asked = Question(
        (third.code,), "责任单位", "有关科室", "没有说明是哪些科室", "请写明", INDUSTRY
    )
    code = identity.make_row_code(book, first, INDUSTRY)
    return replace(
        book,
        office=INDUSTRY,
        tasks=(replace(first, assignment_overrides=(override,)), vague, *others),
        retired_tasks=(replace(second, assignment_overrides=(override,)),),
        questions=(asked,),
        registrations=(FileRegistration("电话.xlsx", section=INDUSTRY),),
        office_entries=(
            OfficeEntry(
                INDUSTRY, "第一季度", "tasks", first.code, "result", "代填的。", "电话", DAY
            ),
        ),
        office_notes=(OfficeNote(DAY, code, "采用口径", "按季度推进。"),),
    )


def _change_cells(path: Path, change: Callable[[Workbook], None]) -> None:
    workbook = load_workbook(path)
    change(workbook)
    path.write_bytes(serialize_workbook(workbook, SAVED_AT))


def _rename(path: Path, short_name: str = INDUSTRY) -> None:
    """Write the new name over the old one on 科室, and ``short_name`` beside it."""

    def change(workbook: Workbook) -> None:
        sheet = workbook["科室"]
        columns = {cell.value: cell.column for cell in sheet[3]}
        row = next(cell.row for cell in sheet["A"] if cell.value == INDUSTRY)
        sheet.cell(row, columns["科室名称"]).value = NEW_NAME
        sheet.cell(row, columns["简称"]).value = short_name

    _change_cells(path, change)


def _start(folder: Path) -> Path:
    """Issue the first round of a book; put one return of INDUSTRY and its summary there."""
    path = folder / "台账.xlsx"
    path.write_bytes(build_book_bytes(_build_book()))
    book = read_book(path)
    generate(path, folder / "发出", issued_on=date(2022, 3, 1))
    sent = (folder / "发出" / "第一季度" / f"{INDUSTRY}.xlsx").read_bytes()
    answers = {task.code: DOING for task in book.get_tasks(INDUSTRY)}
    (folder / "收回").mkdir()
    saved_at = datetime(2022, 3, 20, 1)  # noqa: DTZ001  as Excel notes it
    (folder / "收回" / "一.xlsx").write_bytes(fill(sent, answers, saved_at))
    collect(path, folder / "收回", folder / "汇总", as_of=DAY)
    return path


def test_every_message_says_what_to_do(tmp_path: Path) -> None:
    """Without the former name as 简称; the code of a row says it too."""
    path = _start(tmp_path)
    _rename(path, "")
    with pytest.raises(InputError) as caught:
        read_book(path)
    advice = f"科室改了名的，请在“科室”表新名称那一行的“简称”里写上“{INDUSTRY}”。"
    assert len(caught.value.slips) > 2
    assert [slip.count(advice) for slip in caught.value.slips] == [1] * len(caught.value.slips)


def test_what_the_book_says_of_the_former_name_is_the_renamed_section_s(tmp_path: Path) -> None:
    path = _start(tmp_path)
    before = read_book(path)
    _rename(path)
    book = read_book(path)
    assert book.office == NEW_NAME
    assert [(task.code, task.get_roles(NEW_NAME)) for task in book.tasks] == [
        (task.code, task.get_roles(INDUSTRY)) for task in before.tasks
    ]
    assert book.tasks[0].assignment_overrides == (AssignmentOverride(NEW_NAME, (Role.SUPPORT,)),)
    assert book.retired_tasks[0].assignment_overrides == book.tasks[0].assignment_overrides
    assert [one.section for one in (*book.registrations, *book.office_entries)] == [NEW_NAME] * 2
    code = identity.make_row_code(book, book.tasks[0], NEW_NAME)
    assert [note.code for note in book.office_notes] == [code]


def test_a_renamed_section_goes_on_through_the_year(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it returned counts without a word, its next form is issued, nothing is said twice."""
    path = _start(tmp_path)
    paths = path, tmp_path / "收回", tmp_path / "汇总"
    before = collect(*paths, as_of=DAY).ledger
    _rename(path)
    result = collect(*paths, as_of=DAY)
    assert [problem.code for problem in result.ledger.problems] == [
        problem.code for problem in before.problems
    ]
    assert "official-changed" not in {problem.code for problem in result.ledger.problems}
    # The summary that was replaced has the row codes of the former name.
    assert result.harvested == ()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main([])
    assert "第一季度：2022-03-31 截止" in (text := capsys.readouterr().out)
    assert "已生成 3 个科室的表" in text
    assert write_report(path, tmp_path / "收回", as_of=DAY).path.exists()
    generate(path, tmp_path / "发出", round_name="第二季度", issued_on=date(2022, 6, 1))
    assert (tmp_path / "发出" / "第二季度" / f"{NEW_NAME}.xlsx").exists()
    assert [status.issued_count for status in read_workspace(path).rounds] == [3, 3]
    last = collect(*paths, as_of=DAY).ledger
    assert last.round_reports[0].at_due == result.ledger.round_reports[0].at_due


def test_the_record_keeps_the_name_under_which_a_form_was_issued(tmp_path: Path) -> None:
    """Also when an update of the plan writes the book anew."""
    path = _start(tmp_path)
    _rename(path)
    generate(path, tmp_path / "发出", round_name="第二季度", issued_on=date(2022, 6, 1))
    path.write_bytes(build_book_bytes(read_book(path)))
    sheet = load_workbook(path)["签发记录"]
    names = [(row[0].value, row[1].value) for row in sheet.iter_rows(4) if row[0].value]
    assert [name for round_, name in names if round_ == "第一季度"] == [OFFICE, FINANCE, INDUSTRY]
    assert [name for round_, name in names if round_ == "第二季度"] == [OFFICE, FINANCE, NEW_NAME]
    assert {record.section for record in read_book(path).issue_records} == {
        OFFICE,
        FINANCE,
        NEW_NAME,
    }


def test_a_section_is_renamed_and_issued_the_round_again_on_one_day(tmp_path: Path) -> None:
    """By the days alone it would seem to have existed beside its former self."""
    path = _start(tmp_path)
    _rename(path)
    for _ in range(2):
        generate(path, tmp_path / "发出", issued_on=date(2022, 3, 1))
        path.write_bytes(build_book_bytes(read_book(path)))
    book = read_book(path)
    assert book.former_sections == frozenset()
    assert [record.issued_name for record in book.issue_records] == ["", "", INDUSTRY, ""]
    ledger = collect(path, tmp_path / "收回", tmp_path / "汇总", as_of=DAY).ledger
    assert not [problem for problem in ledger.problems if problem.is_error]
    assert [status.issued_count for status in read_workspace(path).rounds] == [3, 0]


def test_two_columns_of_one_section_are_told(tmp_path: Path) -> None:
    """A section that another has taken over keeps no column of its own on 分工."""
    path = tmp_path / "台账.xlsx"
    path.write_bytes(
        build_book_bytes(make_book(sections=(Section(OFFICE), Section(FINANCE), Section(INDUSTRY))))
    )

    def join(workbook: Workbook) -> None:
        sheet = workbook["科室"]
        columns = {cell.value: cell.column for cell in sheet[3]}
        row = next(cell.row for cell in sheet["A"] if cell.value == INDUSTRY)
        for cell in sheet[row]:
            cell.value = None
        sheet.cell(row - 1, columns["简称"]).value = INDUSTRY

    _change_cells(path, join)
    with pytest.raises(InputError) as caught:
        read_book(path)
    assert caught.value.slips == (
        f"工作表“分工”第 3 行：“{FINANCE}”和“{INDUSTRY}”是同一个科室，却各有一栏。请删去一栏。",
    )
