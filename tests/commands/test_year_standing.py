"""How sections and their rows stand over a year of rounds, on real files as in ``test_year``."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ledgerbook.book import build_book_bytes, read_book
from ledgerbook.model import Assignment, Role, Section
from ledgerbook.model.office_entries import FileRegistration, OfficeEntry
from ledgerbook.plan.deadline_parser import parse_deadline
from tests.commands.test_year import Q1, Q2, Office, Summary, make_year_book
from tests.support.books import FINANCE, INDUSTRY

pytestmark = pytest.mark.slow

NEW = "数据科"
DOING = {"status": "推进中", "result": "正在办。"}
DONE = {"status": "已完成", "done_on": date(2022, 3, 10), "result": "办好了。"}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """Return a folder with a book whose third task was due in February; the round is issued."""
    book = make_year_book()
    text = "2022年2月底前"
    third = replace(book.tasks[2], deadline_text=text, parsed_deadline=parse_deadline(text, 2022))
    tasks = (*book.tasks[:2], third, *book.tasks[3:])
    office = Office(tmp_path)
    office.book.write_bytes(build_book_bytes(replace(book, tasks=tasks)))
    office.returned.mkdir()
    office.generate(Q1)
    return office


def read_rows(summary: Summary, section: str) -> dict[str, tuple[str, str]]:
    """Return status and urgency of a section's rows by the number of the task."""
    lines = [one for one in summary.read_lines("科室明细", "科室") if one["科室"] == section]
    return {one["序号"]: (one["完成状态"], one["判定"]) for one in lines}


# --- what was not issued ---


def test_what_was_not_issued_is_not_missing(office: Office) -> None:
    """Neither the rows of a new section nor a task that a section got after its return."""
    answers = dict.fromkeys(range(1, 17), DOING)
    office.fill(office.get_form(Q1), "一.xlsx", "2022-03-20 09:00", answers)
    book = read_book(office.book)
    given = Assignment(NEW, Role.IMPLEMENT)
    tasks = [
        replace(
            task,
            units=f"{task.units}、{NEW}",
            parsed_assignments=(*task.parsed_assignments, given),
        )
        for task in book.tasks[:3]
    ]
    added = replace(book.tasks[3], code="T99", number=17, measure="新增的措施。")
    grown = replace(
        book,
        tasks=(*tasks, *book.tasks[3:], added),
        sections=(*book.sections, Section(NEW)),
    )
    office.book.write_bytes(build_book_bytes(grown))
    summary = office.collect(as_of="2022-04-20")
    assert summary.standings[NEW] == "未下发"
    assert read_rows(summary, NEW) == dict.fromkeys("123", ("未下发", ""))
    assert read_rows(summary, FINANCE)["17"] == ("未下发", "")
    assert read_rows(summary, INDUSTRY)["3"] == ("未报送", "逾期")
    assert not [text for _, _, text in summary.problems if "17" in text]
    # It owes what it was asked for: from its first issue.
    office.generate(Q2)
    summary = office.collect(as_of="2022-07-20")
    assert read_rows(summary, NEW)["3"] == ("未报送", "逾期")


# --- what an earlier round settled ---


def test_what_an_earlier_round_settled_needs_no_answer_again(tmp_path: Path) -> None:
    """On a blank form: 已完成 and 不涉及 are 沿用; 推进中 and the turn of a duty are asked."""
    book = make_year_book()
    first, *rest = book.tasks
    deadline = parse_deadline("每季度", 2022)
    quarterly = replace(first, deadline_text="每季度", parsed_deadline=deadline)
    office = Office(tmp_path)
    office.book.write_bytes(build_book_bytes(replace(book, tasks=(quarterly, *rest))))
    office.generate(Q1)
    none = {"status": "不涉及", "note": "没有这项业务"}
    answers = dict.fromkeys(range(1, 17), DONE) | {2: none, 3: DOING}
    office.fill(office.get_form(Q1), "一.xlsx", "2022-03-20 09:00", answers)
    office.generate(Q2)
    form = office.get_form(Q2)
    first_file = office.fill(form, "二.xlsx", "2022-06-20 09:00", {4: DONE | {"result": "又办。"}})
    summary = office.collect(as_of="2022-06-25")
    assert summary.standings[FINANCE] == "部分填报（14/16）"
    (line,) = (one for one in summary.read_lines("报送情况", "科室") if one["科室"] == FINANCE)
    assert line["本批次填报情况"] == "更新 1，沿用 13，未填 2"
    turn = {1: DONE | {"done_on": date(2022, 6, 10)}, 3: DOING | {"result": "还在办。"}}
    office.fill(first_file, "三.xlsx", "2022-06-21 09:00", turn)
    assert office.collect(as_of="2022-06-25").standings[FINANCE] == "已报送"


def test_what_is_settled_counts_only_for_who_returns(office: Office) -> None:
    answers = dict.fromkeys(range(1, 17), DONE)
    office.fill(office.get_form(Q1), "一.xlsx", "2022-03-20 09:00", answers)
    office.generate(Q2)
    summary = office.collect(as_of="2022-07-05")
    assert summary.standings[FINANCE] == "未报送"


# --- when a file came ---


def remove_saved_time(path: Path) -> None:
    """Leave out the times of a workbook, as some programs do that save it."""
    with zipfile.ZipFile(path) as archive:
        parts = {info: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(path, "w") as archive:
        for info, data in parts.items():
            archive.writestr(info, re.sub(rb"<dcterms:\w+ .*?</dcterms:\w+>", b"", data))


def get_late_notices(summary: Summary) -> list[tuple[str, str]]:
    """Return file and sentence of the notices that nothing tells when a file came."""
    return [(file, text) for _, file, text in summary.problems if "哪天收到的没有" in text]


@pytest.mark.parametrize("saved", ["2099-01-01 09:00", "2020-01-01 09:00", ""])
def test_a_time_that_cannot_be_right_makes_nobody_late(office: Office, saved: str) -> None:
    """Nor does one that is not there: it is asked, and 收件登记 decides."""
    path = office.fill(office.get_form(Q1), "一.xlsx", saved or "2022-03-20 09:00", {1: DOING})
    if not saved:
        remove_saved_time(path)
    summary = office.collect(as_of="2022-03-31")
    assert get_late_notices(summary) == []
    summary = office.collect(as_of="2022-04-05")
    assert summary.standings[FINANCE] == "部分填报（1/16）"
    assert get_late_notices(summary) == [
        (
            "一.xlsx",
            "这份表是哪天收到的没有可靠的记录，“第一季度”的应报日期是 2022-03-31，"
            "现在按按时报送算。",
        )
    ]
    at_due, _ = summary.read_lines("各批次进展", "批次")
    assert at_due["未报科室"] == INDUSTRY
    book = read_book(office.book)
    line = FileRegistration("一.xlsx", received_on=date(2022, 4, 2))
    office.book.write_bytes(build_book_bytes(replace(book, registrations=(line,))))
    summary = office.collect(as_of="2022-04-05")
    assert summary.standings[FINANCE] == "部分填报（1/16），迟报"
    assert get_late_notices(summary) == []


def test_the_office_corrects_a_file_of_a_wrong_clock(office: Office) -> None:
    """What it typed later holds over the file that says that it was saved in 2099."""
    office.fill(office.get_form(Q1), "一.xlsx", "2099-01-01 09:00", {1: DOING})
    book = read_book(office.book)
    entry = OfficeEntry(
        FINANCE, Q1, "tasks", "T01", "result", "改正的。", "电话", date(2022, 3, 28)
    )
    office.book.write_bytes(build_book_bytes(replace(book, office_entries=(entry,))))
    summary = office.collect(as_of="2022-04-05")
    assert summary.read_row(1)["落实情况"] == "改正的。"


def test_a_slow_clock_takes_no_turn_of_a_duty_back(tmp_path: Path) -> None:
    """Done in June by its date, whatever the clock of the file says."""
    book = make_year_book()
    first, *rest = book.tasks
    deadline = parse_deadline("每季度", 2022)
    quarterly = replace(first, deadline_text="每季度", parsed_deadline=deadline)
    office = Office(tmp_path)
    office.book.write_bytes(build_book_bytes(replace(book, tasks=(quarterly, *rest))))
    office.generate(Q1)
    office.fill(office.get_form(Q1), "一.xlsx", "2022-03-20 09:00", {1: DONE})
    office.generate(Q2)
    turn = DONE | {"done_on": date(2022, 6, 10)}
    office.fill(office.get_form(Q2), "二.xlsx", "2020-06-20 09:00", {1: turn})
    summary = office.collect(as_of="2022-07-05")
    assert not [one for one in summary.read_lines("逾期临期") if one["科室"] == FINANCE]
