"""What is open on a day: one answer, with the rows behind it."""

from __future__ import annotations

from datetime import date

from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.merge.open_matters import list_open_matters
from ledgerbook.model import Question
from tests.support.books import AS_OF, FINANCE, INDUSTRY, OFFICE, fill, issued, make_book


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
