"""What is open on a day: one answer, with the rows behind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from ledgerbook import forms
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.merge.open_matters import SectionMatters, list_open_matters, list_section_matters
from ledgerbook.model import Question, Round, Section
from ledgerbook.model.office_entries import OfficeNote
from ledgerbook.model.problems import Place
from ledgerbook.model.results import Answer, Ledger, RegisterEntry, SubmissionStatus
from ledgerbook.statutory_limits import LimitStatus
from tests.forms.test_registers import DEFINITION
from tests.support.books import AS_OF, DONE, FINANCE, INDUSTRY, OFFICE, fill, issued, make_book
from tests.support.returns import collected


def test_what_is_open_is_told_with_the_rows_behind_it() -> None:
    """Rows by the day that is asked for; sections, problems and questions as they stand."""
    asked = Question((), "科室", "", "说不清", "请写明")
    decided = Question((), "科室", "", "说不清", "请写明", decision="已办")
    book = make_book(questions=(asked, decided))
    data = fill(issued(book, FINANCE), {"T01": {"status": "推进中"}, "T02": {"status": "推进中"}})
    ledger = merge_returns(book, [read_return("a.xlsx", data, ReadContext(book, AS_OF))], AS_OF)
    matters = list_open_matters(ledger, AS_OF)
    assert matters.questions == (asked,)
    assert [report.section for report in matters.missing] == [OFFICE, INDUSTRY]
    assert sum(len(group.problems) for group in matters.problems) == sum(
        problem.is_error for problem in ledger.problems
    )
    overdue = [(row.task.code, row.section) for row in matters.overdue]
    assert ("T02", FINANCE) in overdue
    assert list_open_matters(ledger, date(2022, 3, 1)).overdue == ()
    days = [row.days_left or 0 for row in matters.overdue]
    assert days == sorted(days)


# -- what is open of one section ------------------------------------------------------


def by_section(ledger: Ledger, soon_days: int = 15) -> dict[str, SectionMatters]:
    found = list_section_matters(ledger, ledger.as_of, soon_days)
    return {one.report.section: one for one in found}


def done(section: str, **more: Any) -> bytes:
    book = make_book()
    answers = {task.code: {**DONE, **more} for task in book.get_tasks(section)}
    return fill(issued(book, section), answers)


def test_a_section_that_has_done_all_has_no_open_matters() -> None:
    """And the parts of the others are what is open as a whole."""
    ledger = collected(done(OFFICE), fill(issued(make_book(), FINANCE), {"T01": DONE}))
    found = by_section(ledger)
    assert list(found) == [FINANCE, INDUSTRY]
    assert (found[FINANCE].is_missing, found[INDUSTRY].is_missing) == (False, True)
    whole = list_open_matters(ledger, AS_OF)
    assert sum(len(one.overdue) for one in found.values()) == len(whole.overdue) == 2
    assert tuple(group for one in found.values() for group in one.problems) == whole.problems
    assert [row.task.code for row in found[INDUSTRY].overdue] == ["T02"]


@pytest.mark.parametrize(
    ("soon_days", "codes"), [(0, []), (10, []), (11, ["T03"]), (15, ["T03"]), (400, ["T03"])]
)
def test_due_soon_is_what_falls_due_within_the_days_asked_for(
    soon_days: int, codes: list[str]
) -> None:
    """T03 of the office is due on 31 December, eleven days after the day of the collection."""
    answers = {task.code: DONE for task in make_book().get_tasks(OFFICE)}
    doing = {"status": "推进中", "result": "正在办。", "reason": "等批复。", "next_step": "催。"}
    ledger = collected(fill(issued(make_book(), OFFICE), {**answers, "T03": doing}))
    found = by_section(ledger, soon_days)
    assert (
        [row.task.code for row in found[OFFICE].due_soon] == codes
        if codes
        else (OFFICE not in found or not found[OFFICE].due_soon)
    )


def test_a_return_is_missing_when_its_day_is_near() -> None:
    """A round that is due in a month is nobody's reminder yet; one without a day always is."""
    for due, is_missing in ((date(2023, 1, 20), False), (date(2023, 1, 4), True), (None, True)):
        book = make_book(rounds=(Round("年度", due),), tasks=make_book().tasks[:1])
        found = by_section(collected(book=book))
        assert [one.is_missing for one in found.values()] == [True] * 3 * is_missing


def test_what_the_program_could_not_read_is_nobody_s_matter() -> None:
    ledger = collected()
    reports = tuple(
        replace(report, status=SubmissionStatus.NOT_READ) if report.section == FINANCE else report
        for report in ledger.section_reports
    )
    assert list(by_section(replace(ledger, section_reports=reports))) == [OFFICE, INDUSTRY]


def make_entry(number: str, received_on: date, **cells: date | str) -> RegisterEntry:
    form = forms.load_form(DEFINITION)
    place = Place("a.xlsx", form.title, "B6")
    values = {"number": number, "received_on": received_on, **cells}
    answers = {key: Answer(value, str(value), place) for key, value in values.items()}
    return RegisterEntry(form, OFFICE, answers, dict.fromkeys(values, place))


def test_statutory_limits_run_by_section() -> None:
    """Those that are over or end within the days asked for, the first first; closed ones not."""
    entries = (
        make_entry("3", date(2022, 12, 8)),
        make_entry("2", AS_OF - timedelta(days=25)),
        make_entry("1", date(2022, 10, 10)),
        make_entry("0", date(2022, 10, 10), answered_on=date(2022, 12, 1)),
    )
    ledger = replace(collected(done(OFFICE)), register_entries=entries)
    limits = by_section(ledger)[OFFICE].limits
    # 20 working days from 2022-10-10 and from 2022-11-25.
    assert [(one.entry.get_text("number"), one.due, one.status) for one in limits] == [
        ("1", date(2022, 11, 7), LimitStatus.OVERDUE),
        ("2", date(2022, 12, 23), LimitStatus.SOON),
    ]
    numbers = [one.entry.get_text("number") for one in by_section(ledger, 30)[OFFICE].limits]
    assert numbers == ["1", "2", "3"]


def test_a_register_that_did_not_come_with_the_return_is_missing() -> None:
    """The form was issued before the section had the register."""
    form = forms.load_form(DEFINITION)
    old = make_book()
    book = make_book(
        forms=(*old.forms, form),
        sections=(Section(OFFICE, register_keys=(form.key,)), *old.sections[1:]),
    )
    found = by_section(collected(done(OFFICE), book=book))
    assert (found[OFFICE].is_missing, found[OFFICE].missing_registers) == (False, (form.title,))
    assert found[FINANCE].missing_registers == ()


def test_a_comment_that_nobody_has_acted_on_is_open() -> None:
    """Also of a section that has not returned the round."""
    ledger = collected(done(OFFICE))
    row = next(row for row in ledger.assignment_results if row.section == OFFICE)
    note = OfficeNote(AS_OF, row.code, "审核意见", "请补充数字。")
    commented = replace(ledger, book=replace(ledger.book, office_notes=(note,)))
    assert by_section(commented)[OFFICE].comments == ((row, note),)
    assert OFFICE not in by_section(ledger)
