"""Registers over the rounds of a year: entries unite, and what came once is known."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time

import pytest
from openpyxl import load_workbook

from ledgerbook.annual_report.content import build_draft
from ledgerbook.cli.render import describe_ledger
from ledgerbook.excel.deterministic_zip import serialize_workbook
from ledgerbook.intake.file_content import FileContent
from ledgerbook.intake.pipeline import ReadContext, read_return
from ledgerbook.issue.layout import FIRST_ROW
from ledgerbook.issue.workbook import build_section_workbook
from ledgerbook.merge.ledger import merge_returns
from ledgerbook.model import Book, Round
from ledgerbook.model.results import Ledger, SubmissionStatus
from ledgerbook.summary import write_summary
from tests.merge.test_round_figures import Q1, Q2, ROUNDS, issue
from tests.support.books import FINANCE, OFFICE, columns_of, rows_of
from tests.support.register_year import APPLICATIONS, DOCUMENTS, year_book
from tests.support.summary_reading import calamine_grid, list_texts

# They fill and collect whole workbooks.
pytestmark = pytest.mark.slow

BOOK = replace(year_book((APPLICATIONS, DOCUMENTS)), rounds=ROUNDS)
FIRST_DAY, NEXT_DAY = date(2022, 3, 20), date(2022, 6, 20)
BEFORE_DUE, AFTER_DUE = date(2022, 6, 25), date(2022, 7, 1)
ENTRY = {
    "number": "1号",
    "received_on": date(2022, 3, 1),
    "applicant_type": "自然人",
    "carried_over": "否",
}


def send(
    book: Book, round_: Round, section: str, day: date, *, is_nil: bool = False
) -> FileContent:
    """Return a section's workbook with one task answered and one application entered."""
    sent = build_section_workbook(book, round_, [section], day)
    workbook = load_workbook(io.BytesIO(sent))
    sheet = workbook[section]
    sheet.cell(min(rows_of(sheet).values()), columns_of(sheet)["status"]).value = "推进中"
    register = workbook[APPLICATIONS.title]
    for key, value in {} if is_nil else ENTRY.items():
        register.cell(FIRST_ROW + 1, columns_of(register)[key]).value = value
    workbook.properties.lastModifiedBy = "李某"
    data = serialize_workbook(workbook, datetime.combine(day, time(1)))
    name = f"{round_.name}{section}.xlsx"
    return read_return(name, data, ReadContext(book, date(2022, 12, 1)))


def issue_rounds(*rounds: Round) -> Book:
    book = BOOK
    for round_ in rounds:
        book = issue(book, round_)
    return book


def list_standings(ledger: Ledger) -> list[tuple[str, str, SubmissionStatus, str]]:
    return [(r.section, r.form, r.status, r.carried_round) for r in ledger.register_reports]


@pytest.fixture(scope="module")
def first_round() -> list[FileContent]:
    book = issue_rounds(Q1)
    return [send(book, Q1, OFFICE, FIRST_DAY), send(book, Q1, FINANCE, FIRST_DAY, is_nil=True)]


def collect(files: Sequence[FileContent], day: date, *rounds: Round) -> Ledger:
    return merge_returns(issue_rounds(*rounds), files, day)


def read_overview(ledger: Ledger) -> str:
    return "\n".join(list_texts(calamine_grid(write_summary(ledger), "总览")))


def test_a_register_of_an_earlier_round_stands_until_the_due_day(
    first_round: list[FileContent],
) -> None:
    """Of each the round that it came in; the tables are computed, and say up to which round."""
    ledger = collect(first_round, BEFORE_DUE, Q1, Q2)
    assert {report.status for report in ledger.section_reports} == {SubmissionStatus.MISSING}
    empty, entered = SubmissionStatus.RETURNED_EMPTY, SubmissionStatus.RETURNED
    assert list_standings(ledger) == [
        (OFFICE, "applications", entered, "第一季度"),
        (OFFICE, "normative_documents", empty, "第一季度"),
        (FINANCE, "applications", empty, "第一季度"),
        (FINANCE, "normative_documents", empty, "第一季度"),
    ]
    (line,) = [one for one in describe_ledger(ledger) if "年度报告" in one]
    assert line.startswith(
        "年度报告表二至表四已按登记簿算出（截至“第一季度”报的；"
        "综合科、金融发展科还没有报“第二季度”）：勾稽不符 0 处"
    )
    overview = read_overview(ledger)
    assert "不知道" not in overview
    assert "已报送的科室都没有登记，不单列工作表：规范性文件台账。" in overview
    texts = list_texts(calamine_grid(write_summary(ledger), "年报表三"))
    assert (
        "“依申请公开办理台账”按截至“第一季度”报的登记计算（综合科、金融发展科报到“第一季度”），"
        "“第二季度”（应报 2022-06-30）的还没有收齐；收到以后请再汇总一次。"
    ) in texts
    assert not any("现在的数不是全部" in text for text in texts)
    (note,) = [text for text in texts_of(ledger, APPLICATIONS.title) if text.startswith("共 1 条")]
    assert note == (
        "共 1 条。报了、没有登记的科室：金融发展科。"
        "本批次还没有收到、沿用以前批次报的：综合科（第一季度）、金融发展科（第一季度）。"
    )
    points = [
        point for point in build_draft(ledger).open_points if "按截至“第一季度”" in point.text
    ]
    assert [point.is_error for point in points] == [False, False]


def texts_of(ledger: Ledger, sheet: str) -> list[str]:
    return list_texts(calamine_grid(write_summary(ledger), sheet))


def test_after_the_due_day_a_register_that_did_not_come_is_told(
    first_round: list[FileContent],
) -> None:
    ledger = collect(first_round, AFTER_DUE, Q1, Q2)
    assert {report.status for report in ledger.register_reports} == {SubmissionStatus.MISSING}
    assert not any(report.carried_round for report in ledger.register_reports)
    (line,) = [one for one in describe_ledger(ledger) if "年度报告" in one]
    assert line.startswith("年度报告表二至表四还不全")
    assert "还不知道有没有登记的" in read_overview(ledger)


def test_only_those_who_have_not_returned_are_carried(first_round: list[FileContent]) -> None:
    second = send(issue_rounds(Q1, Q2), Q2, FINANCE, NEXT_DAY)
    ledger = collect([*first_round, second], BEFORE_DUE, Q1, Q2)
    assert [(r.section, r.carried_round) for r in ledger.register_reports] == [
        (OFFICE, "第一季度"),
        (OFFICE, "第一季度"),
        (FINANCE, ""),
        (FINANCE, ""),
    ]
    assert len(ledger.register_entries) == 2


def test_a_register_that_never_came_is_not_known(first_round: list[FileContent]) -> None:
    ledger = collect(first_round[:1], BEFORE_DUE, Q1, Q2)
    assert [report.status for report in ledger.register_reports if report.section == FINANCE] == [
        SubmissionStatus.MISSING
    ] * 2
    (line,) = [one for one in describe_ledger(ledger) if "年度报告" in one]
    assert line.startswith("年度报告表二至表四还不全")
    assert "规范性文件台账（金融发展科）" in read_overview(ledger)


def test_the_overview_names_the_round_and_what_rests_on_earlier_ones(
    first_round: list[FileContent],
) -> None:
    """The sentence only where a section has answered an earlier round and not this one."""
    texts = texts_of(collect(first_round, BEFORE_DUE, Q1, Q2), "总览")
    label = texts.index("报送科室（第二季度，应报 2022-06-30）")
    assert texts[label + 1 :].count("0/3") == 1
    assert (
        "有 2 个科室还没有报“第二季度”：除报送科室数以外，各项数字里它们的情况是以前批次报的。"
    ) in texts
    before = texts_of(collect(first_round, FIRST_DAY, Q1), "总览")
    assert "报送科室（第一季度，应报 2022-03-31）" in before
    assert not any("以前批次报的" in text for text in before)
