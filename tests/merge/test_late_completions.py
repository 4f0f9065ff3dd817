"""超期完成: told and counted wherever 逾期 is."""

from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import load_workbook

from ledgerbook.annual_report import build_draft
from ledgerbook.cli.json_data import build_ledger_data
from ledgerbook.cli.render import describe_ledger
from ledgerbook.merge.open_matters import list_open_matters
from ledgerbook.model import StatusCategory
from ledgerbook.model.results import Ledger, Urgency
from ledgerbook.summary import write_summary
from tests.support.books import FINANCE, fill, make_book
from tests.support.returns import collected, sent, signed, tick

# Due on 2022-10-31.
LATE = {"status": "已完成", "done_on": date(2022, 11, 9), "result": "办好了。"}


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return collected(fill(sent(FINANCE), {**signed(FINANCE), "T02": LATE}))


def test_the_row_and_its_task_say_so(ledger: Ledger) -> None:
    late = [row for row in ledger.assignment_results if row.urgency is Urgency.DONE_LATE]
    assert [(row.task.code, row.section) for row in late] == [("T02", FINANCE)]
    assert list_open_matters(ledger, ledger.as_of).done_late == tuple(late)


def test_it_is_told_on_the_terminal_and_to_programs(ledger: Ledger) -> None:
    assert any("超期完成 1 件" in line for line in describe_ledger(ledger))
    data = build_ledger_data(ledger, ())
    (round_,) = data["rounds"]
    assert (round_["done_late"], round_["at_due"]["done_late"]) == (1, 1)


def test_the_round_counts_it_among_what_is_done(ledger: Ledger) -> None:
    (report,) = ledger.round_reports
    assert report.with_late.late_rows == (("T02", FINANCE),)
    assert report.at_due
    assert report.at_due.late_rows == report.with_late.late_rows


def test_the_summary_counts_and_lists_it(ledger: Ledger) -> None:
    workbook = load_workbook(io.BytesIO(write_summary(ledger)))
    (row,) = [
        [cell.value for cell in cells]
        for cells in workbook["逾期临期"].iter_rows()
        if any(cell.value == "超期完成" for cell in cells)
    ]
    assert "2022-11-09 完成，超期 9 天" in row
    overview = [[cell.value for cell in cells] for cells in workbook["总览"].iter_rows()]
    assert any("超期完成" in line for line in overview)
    texts = [str(cell.value) for cells in workbook["年度汇总"].iter_rows() for cell in cells]
    assert any("已完成（2022-11-09，超期完成）。办好了。" in text for text in texts)


def test_the_notes_of_the_draft_name_it() -> None:
    book = make_book()
    said = {name: {**signed(name), "T02": LATE} for name in book.section_names}
    draft = build_draft(collected(*(fill(sent(name), said[name]) for name in said)))
    assert any("第 2 项任务是过了完成期限才完成的" in p.text for p in draft.open_points)


def test_a_date_beside_a_status_that_excludes_one_is_not_printed_as_its_day() -> None:
    said = {**signed(FINANCE), "T02": {**LATE, "status": "未启动"}}
    data = write_summary(collected(fill(sent(FINANCE), said)))
    sheet = load_workbook(io.BytesIO(data))["年度汇总"]
    texts = [str(cell.value) for cells in sheet.iter_rows() for cell in cells]
    assert not any("未启动（" in text for text in texts)


# -- a nil return --------------------------------------------------------------------


def test_a_nil_return_says_that_nothing_concerns_the_section() -> None:
    """In 各批次进展 its rows are 不涉及, and not unanswered; another section's are."""
    (report,) = collected(tick(sent(FINANCE))).round_reports
    rows = report.with_late.rows_by_category[StatusCategory.NOT_APPLICABLE]
    assert {section for _, section in rows} == {FINANCE}
    assert FINANCE not in {section for _, section in report.with_late.rows_by_category[None]}
    assert report.at_due == report.with_late


def test_an_answered_row_is_no_nil_return() -> None:
    said = {"T01": {"status": "推进中", "result": "在办。"}}
    (report,) = collected(tick(fill(sent(FINANCE), said))).round_reports
    assert report.with_late.count(StatusCategory.NOT_APPLICABLE) == 0
