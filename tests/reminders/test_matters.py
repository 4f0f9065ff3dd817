"""What a reminder says of each matter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ledgerbook import forms
from ledgerbook.merge.personal_data import omit_personal_data
from ledgerbook.model import Interval, Recurrence
from ledgerbook.model.problems import Place
from ledgerbook.model.results import Answer, Ledger, RegisterEntry, SubmissionStatus
from ledgerbook.reminders.matters import Reminder, list_reminders
from tests.forms.test_registers import DEFINITION
from tests.support.books import AS_OF, DONE, OFFICE, fill, issued, make_book
from tests.support.returns import collected

APPLICANT = "欧阳甲八"


def remind(ledger: Ledger) -> Reminder:
    (found,) = (one for one in list_reminders(ledger, 15) if one.section == OFFICE)
    return found


def test_an_entry_known_by_an_applicant_is_named_by_its_place() -> None:
    """Outside the office nobody learns who has applied."""
    column = 'width = 12\nrequired = "始终"\n'
    form = forms.load_form(DEFINITION.replace(column, f'{column}personal = "是"\n', 1))
    place = Place("综合科.xlsx", form.title, "B6")
    answers = {
        "number": Answer(APPLICANT, APPLICANT, place),
        "received_on": Answer(date(2022, 10, 10), "2022-10-10", place),
    }
    entry = RegisterEntry(form, OFFICE, answers, dict.fromkeys(answers, place))
    data = fill(issued(make_book(), OFFICE), dict.fromkeys(("T01", "T02", "T03", "T05"), DONE))
    ledger = replace(collected(data), register_entries=(entry,))
    texts = [
        matter.text
        for reduced in (omit_personal_data(ledger), ledger)
        for group in remind(reduced).groups
        for matter in group.matters
    ]
    time = "答复期限 2022年11月7日，已逾期 43 天"
    assert texts == [
        f"申请台账（综合科.xlsx，工作表“申请台账”，B6），{time}。",
        f"申请台账“{APPLICANT}”，{time}。",
    ]


def test_a_recurring_duty_is_named_with_its_turns() -> None:
    """Which of them nobody has reported, and which comes next."""
    task = replace(make_book().tasks[2], due=None, parsed_deadline=Recurrence(Interval.QUARTER))
    book = make_book(tasks=(task,))
    (missing, overdue) = remind(collected(book=book)).groups
    assert missing.summary == "没有报送"
    assert [matter.short_text for matter in overdue.matters] == [
        "第 3 项（第一季度（截止 2022-03-31）等 3 期未报）"
    ]


def test_a_return_that_could_not_be_used_has_not_come() -> None:
    """The section is told why."""
    ledger = collected()
    reports = tuple(
        replace(one, status=SubmissionStatus.NOT_ACCEPTED) for one in ledger.section_reports
    )
    matter = remind(replace(ledger, section_reports=reports)).groups[0].matters[0]
    assert matter.text == (
        "“年度”的报送表，应于2022年12月15日前交回，已过 5 天，交来的表没能汇入，等于没有收到。"
    )
    assert (matter.due, AS_OF) == (date(2022, 12, 15), date(2022, 12, 20))
