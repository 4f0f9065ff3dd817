"""零报告: a section that says there is nothing to report has not sent nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ledgerbook.model.results import FileStatus, Ledger, SubmissionStatus
from tests.support.books import DONE, FINANCE, SAVED_AT, fill, make_book
from tests.support.returns import codes, collected, sent, signed, tick, whole


def standing(ledger: Ledger, section: str = FINANCE) -> SubmissionStatus:
    return next(s.status for s in ledger.section_reports if s.section == section)


def statuses(ledger: Ledger, section: str = FINANCE) -> set[str]:
    return {row.status for row in ledger.assignment_results if row.section == section}


@pytest.mark.parametrize("value", ["是", "√", " 是 ", True, 1])
def test_a_ticked_return_is_a_nil_return(value: Any) -> None:
    """Nothing is asked of it but what it says."""
    ledger = collected(tick(sent(FINANCE), value))
    assert standing(ledger) is SubmissionStatus.NIL_RETURN
    assert statuses(ledger) == {"零报告"}
    assert codes(ledger) == []
    assert ledger.file_reports[0].status is FileStatus.ACCEPTED
    assert ledger.cell_balance.is_balanced


def test_not_concerned_throughout_is_a_nil_return() -> None:
    """不涉及 everywhere says the same, task by task."""
    tasks = make_book().get_tasks(FINANCE)
    none = fill(sent(FINANCE), {task.code: {"status": "不涉及"} for task in tasks})
    ledger = collected(none)
    assert standing(ledger) is SubmissionStatus.NIL_RETURN
    assert statuses(ledger) == {"不涉及"}


def test_anything_but_yes_is_held() -> None:
    """A word beside the label is no tick, and is not lost."""
    ledger = collected(tick(sent(FINANCE), "另行补报"))
    assert standing(ledger) is SubmissionStatus.RETURNED_EMPTY
    assert codes(ledger) == ["nothing-filled", "stray"]
    assert "另行补报" in next(p.raw for p in ledger.problems if p.code == "stray")
    assert ledger.cell_balance.is_balanced


def test_a_tick_over_answers_is_pointed_out() -> None:
    """The answers count, and somebody is told to ask."""
    answered = fill(sent(FINANCE), {"T01": DONE})
    ledger = collected(tick(answered))
    assert standing(ledger) is SubmissionStatus.PARTIAL
    assert "nil-denied" in codes(ledger)
    assert statuses(ledger) == {"已完成", "未填"}
    both = collected(answered, tick(sent(FINANCE), day=1))
    assert standing(both) is SubmissionStatus.PARTIAL
    assert "nil-denied" in codes(both)


def test_a_later_return_takes_the_tick_back() -> None:
    """Who ticks first and reports later has reported."""
    later = fill(sent(FINANCE), {"T01": DONE}, SAVED_AT + timedelta(days=1))
    ledger = collected(tick(sent(FINANCE)), later)
    assert standing(ledger) is SubmissionStatus.PARTIAL


def test_one_sheet_of_the_master_may_be_ticked() -> None:
    """In the whole 总台账 a tick speaks for its own sheet only."""
    book = make_book()
    index = book.section_names.index(FINANCE)
    ledger = collected(tick(whole(), sheet=index))
    standings = {s.section: s.status for s in ledger.section_reports}
    assert standings.pop(FINANCE) is SubmissionStatus.NIL_RETURN
    assert set(standings.values()) == {SubmissionStatus.MISSING}


def test_the_tick_stands_beside_answers_without_harm() -> None:
    """The cell takes nothing from what is filled below it."""
    ledger = collected(fill(sent(FINANCE), signed(FINANCE)))
    assert codes(ledger) == []
