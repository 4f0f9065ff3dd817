"""Figures of entries at the turn of the year, from filled and returned workbooks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ledgerbook.annual_report import published_tables
from ledgerbook.annual_report.published_tables import TableCell
from ledgerbook.annual_report.report_checks import (
    Agreement,
    ReportFigures,
    describe_doubtful_entry,
)
from tests.support.books import FINANCE, OFFICE
from tests.support.register_returns import (
    APPLICATIONS,
    DOCUMENTS,
    ENFORCEMENT,
    Entry,
    collect_registers,
    compute_known_figures,
    count_each,
    count_returned,
    fill_registers,
    keep_by_two,
    make_register_book,
)

# Workbooks are issued, filled and merged over and over.
pytestmark = pytest.mark.slow

ISSUED, REPEALED, VALID = (
    TableCell("表二", "行政规范性文件", column)
    for column in (
        published_tables.ISSUED_COUNT,
        published_tables.REPEALED_COUNT,
        published_tables.VALID_COUNT,
    )
)


def document(signed: date | None, repealed: date | None = None, **more: Any) -> Entry:
    return {
        "name": "某办法",
        "doc_no": "某金发〔2022〕1号",
        "doc_type": "行政规范性文件",
        "signed_on": signed,
        "repealed_on": repealed,
        "validity": "已废止" if repealed else "现行有效",
        **more,
    }


def application(received: date | None, replied: date | None = None, **more: Any) -> Entry:
    return {
        "number": "1号",
        "received_on": received,
        "carried_over": "否",
        "applicant": "王某",
        "applicant_type": "自然人",
        "content": "某信息",
        "replied_on": replied,
        "outcome": "（一）予以公开" if replied else None,
        **more,
    }


def decisions(period: str, quantity: float, **more: Any) -> Entry:
    item = {"item": "行政许可", "name": "设立审批"}
    return {**item, "period": period, "quantity": quantity, **more}


def list_documents(found: ReportFigures) -> list[int]:
    return [int(found.figures[cell]) for cell in (ISSUED, REPEALED, VALID)]


def list_applications(found: ReportFigures) -> list[int]:
    """Return lines 一, 二, 三（七） and 四."""
    lines = (
        published_tables.RECEIVED_LINE,
        published_tables.CARRIED_OVER_LINE,
        published_tables.HANDLED_TOTAL_LINE,
        published_tables.CARRIED_FORWARD_LINE,
    )
    return [int(found.figures[TableCell("表三", line, "总计")]) for line in lines]


def get_decisions(found: ReportFigures, line: str = "行政许可") -> float:
    return float(found.figures[TableCell("表二", line, published_tables.DECISION_COUNT)])


def tell(found: ReportFigures) -> list[str]:
    return [describe_doubtful_entry(doubtful) for doubtful in found.doubtful_entries]


def list_broken(found: ReportFigures) -> Iterator[int]:
    for checked in found.checked_identities:
        if checked.agreement is Agreement.BROKEN:
            yield checked.identity.number


OLD = date(2019, 3, 1)


PLACED_DOCUMENTS = [
    (document(OLD), [0, 0, 1]),
    (document(OLD, date(2022, 12, 31)), [0, 1, 0]),
    (document(OLD, date(2023, 1, 1)), [0, 0, 1]),
    (document(OLD, date(2023, 1, 9)), [0, 0, 1]),
    # Repealed in January, and the word is still that of December.
    (document(OLD, date(2023, 1, 9), validity="现行有效"), [0, 0, 1]),
    (document(OLD, date(2021, 12, 31)), [0, 0, 0]),
    (document(date(2023, 1, 5)), [0, 0, 0]),
    (document(date(2022, 1, 1)), [1, 0, 1]),
    (document(date(2022, 12, 31), date(2023, 1, 20)), [1, 0, 1]),
    (document(date(2022, 2, 1), date(2022, 11, 1)), [1, 1, 0]),
    (document(date(2022, 2, 1), date(2022, 11, 1), validity="已失效"), [1, 1, 0]),
]


def test_documents_are_those_in_force_on_the_last_day() -> None:
    """What was made or repealed in January changes nothing of the year before."""
    counted = count_each(DOCUMENTS, [entry for entry, _ in PLACED_DOCUMENTS])
    for (entry, figures), found in zip(PLACED_DOCUMENTS, counted, strict=True):
        assert (list_documents(found), tell(found)) == (figures, []), entry


DOUBTFUL_DOCUMENTS = [
    (document(None), "成文日期"),
    (document(date(2023, 11, 5)), "成文日期"),
    (document(OLD, validity="已废止"), "废止日期"),
    (document(OLD, date(2018, 3, 1)), "废止日期"),
    (document(OLD, date(2023, 11, 9)), "废止日期"),
    (document(OLD, date(2022, 5, 1), validity="现行有效"), "有效性"),
    (document(OLD, validity=None), "有效性"),
    (document(OLD, validity="废止了"), "有效性"),
    (document(OLD, validity="现行有效", repealed_on="五月"), "废止日期"),
]


def test_a_document_that_cannot_be_placed_is_a_doubt() -> None:
    """It is in no figure, and named with section, file and cell."""
    counted = count_each(DOCUMENTS, [entry for entry, _ in DOUBTFUL_DOCUMENTS])
    for n, ((entry, header), found) in enumerate(zip(DOUBTFUL_DOCUMENTS, counted, strict=True), 1):
        (sentence,) = tell(found)
        assert list_documents(found) == [0, 0, 0], entry
        assert sentence.startswith(f"规范性文件台账，{OFFICE}，{n}号：“{header}”")
        assert "没有计入年报。（文件“报送.xlsx” 工作表“规范性文件台账” 单元格 " in sentence


def test_another_document_is_no_doubt_of_the_table() -> None:
    """Table 2 counts 规章 and 行政规范性文件 alone."""
    found = count_returned({DOCUMENTS: [document(None, doc_type="其他文件")]})
    assert tell(found) == []


PLACED_APPLICATIONS = [
    (application(date(2022, 3, 1)), [1, 0, 0, 1]),
    (application(date(2022, 3, 1), date(2022, 3, 9)), [1, 0, 1, 0]),
    (application(date(2022, 12, 28), date(2022, 12, 31)), [1, 0, 1, 0]),
    (application(date(2022, 12, 28), date(2023, 1, 1)), [1, 0, 0, 1]),
    # Received in January: in no line, answered or not.
    (application(date(2023, 1, 4)), [0, 0, 0, 0]),
    (application(date(2023, 1, 4), date(2023, 1, 20)), [0, 0, 0, 0]),
    (application(date(2021, 12, 20), carried_over="是"), [0, 1, 0, 1]),
    (application(date(2021, 12, 20), date(2022, 1, 1), carried_over="是"), [0, 1, 1, 0]),
    (application(date(2021, 12, 20), date(2023, 1, 9), carried_over="是"), [0, 1, 0, 1]),
    # The mark tells without the day, and the day without the mark.
    (application(None, date(2022, 1, 9), carried_over="是"), [0, 1, 1, 0]),
    (application(date(2022, 3, 1), carried_over=None), [1, 0, 0, 1]),
    (application(date(2021, 12, 20), carried_over=None), [0, 1, 0, 1]),
    # Answered in January without an outcome yet: carried forward all the same.
    (application(date(2022, 12, 28), date(2023, 1, 9), outcome=None), [1, 0, 0, 1]),
]


def test_applications_stand_as_on_the_last_day() -> None:
    counted = count_each(APPLICATIONS, [entry for entry, _ in PLACED_APPLICATIONS])
    for (entry, figures), found in zip(PLACED_APPLICATIONS, counted, strict=True):
        assert (list_applications(found), tell(found)) == (figures, []), entry
        assert list(list_broken(found)) == []


DOUBTFUL_APPLICATIONS = [
    # An outcome without a day.
    (application(date(2022, 12, 28), outcome="（一）予以公开"), "答复日期"),
    # Answered the year before, whatever the mark.
    (application(date(2021, 12, 20), date(2021, 12, 30), carried_over="是"), "答复日期"),
    (application(None, date(2021, 12, 30), carried_over="是"), "答复日期"),
    (application(date(2021, 12, 20), date(2021, 12, 30)), "答复日期"),
    (application(date(2021, 12, 20)), "是否上年结转"),
    (application(date(2022, 3, 1), carried_over="是"), "是否上年结转"),
    (application(date(2023, 1, 5), carried_over="是"), "是否上年结转"),
    (application(None), "收到日期"),
    (application(None, carried_over=None), "收到日期"),
    (application(None, received_on="三月"), "收到日期"),
    (application(date(2022, 3, 1), replied_on="四月", outcome="（一）予以公开"), "答复日期"),
    (application(date(2022, 3, 1), date(2022, 2, 1)), "答复日期"),
    (application(date(2022, 3, 1), date(2022, 3, 9), outcome=None), "办理结果"),
    (application(date(2022, 3, 1), date(2022, 3, 9), outcome="办结"), "办理结果"),
    # The year is mistyped: neither can have happened by then.
    (application(date(2023, 11, 3)), "收到日期"),
    (application(date(2022, 11, 3), date(2023, 11, 9)), "答复日期"),
]


def test_an_application_that_cannot_be_placed_is_a_doubt() -> None:
    """It is in no line, so that the sums of the table hold."""
    counted = count_each(APPLICATIONS, [entry for entry, _ in DOUBTFUL_APPLICATIONS])
    for n, ((entry, header), found) in enumerate(
        zip(DOUBTFUL_APPLICATIONS, counted, strict=True), 1
    ):
        (sentence,) = tell(found)
        assert f"，{OFFICE}，{n}号：“{header}”" in sentence, entry
        assert list_applications(found) == [0, 0, 0, 0]
        assert list(list_broken(found)) == []


REVIEWED = [
    (application(date(2022, 3, 1), date(2022, 3, 9)), 1, 0),
    (application(date(2023, 1, 4), date(2023, 1, 9)), 0, 0),
    # Nobody can know of which year the review of an earlier answer is.
    (application(date(2021, 3, 1), date(2021, 3, 9)), 0, 2),
]


def test_reviews_are_of_applications_of_the_year() -> None:
    entries = [{**entry, "review": "结果维持"} for entry, *_ in REVIEWED]
    counted = count_each(APPLICATIONS, entries)
    for (_, count, doubts), found in zip(REVIEWED, counted, strict=True):
        assert found.figures[TableCell("表四", "行政复议", "总计")] == count
        assert len(tell(found)) == doubts
        assert all("表四没有计入" in sentence for sentence in tell(found)[1:])


@pytest.mark.parametrize(
    ("rows", "figure", "doubtful"),
    [
        ([decisions("2022年上半年", 10), decisions("2022年全年", 25)], 25, ["2022年上半年"]),
        ([decisions("1—6月", 10), decisions("7-12月", 15)], 25, []),
        ([decisions("2021年", 7), decisions("2022年", 5)], 5, ["2021年"]),
        ([decisions("2022年", 5), decisions("2023年1月", 1)], 5, []),
        ([decisions("2022年", 5), decisions("2023年11月", 1)], 5, ["2023年11月"]),
        ([decisions("2021年12月至2022年1月", 7)], 0, ["2021年12月至2022年1月"]),
        ([decisions("本期", 7)], 0, ["本期"]),
        # Neither contains the other.
        ([decisions("1—6月", 10), decisions("4—9月", 9)], 0, ["1—6月", "4—9月"]),
        ([decisions("全年", 10), decisions("1—12月", 9)], 0, ["1—12月", "全年"]),
        # The whole year, told by quarters as well, and what has another name.
        (
            [
                *(decisions(f"第{n}季度", 2) for n in "一二三四"),
                decisions("2022年度", 8),
                decisions("2022年度", 3, name="变更审批"),
            ],
            11,
            ["第一季度", "第三季度", "第二季度", "第四季度"],
        ),
        # A row that does not say which approvals may be the sum of them.
        ([decisions("全年", 25, name=None), decisions("上半年", 10)], 25, ["上半年"]),
    ],
)
def test_a_time_is_counted_once(rows: list[Entry], figure: int, doubtful: list[str]) -> None:
    found = count_returned({ENFORCEMENT: rows})
    assert get_decisions(found) == figure
    periods = sorted(one.entry.get_text("period") for one in found.doubtful_entries)
    assert periods == sorted(doubtful)
    assert all(one.column == "period" for one in found.doubtful_entries)


def test_an_overlap_names_the_other_row() -> None:
    found = count_returned({ENFORCEMENT: [decisions("上半年", 10), decisions("2022年", 25)]})
    assert tell(found) == [
        "行政执法和收费登记，综合科，行政许可、设立审批、上半年：“统计期”是“上半年”。"
        "与综合科同一事项的“2022年”（行政执法和收费登记 C7）时间重叠，没有另外计入年报。"
        "（文件“报送.xlsx” 工作表“行政执法和收费登记” 单元格 C6）"
    ]


def test_two_sections_may_have_decided_the_same() -> None:
    """Each may count its own: both count, and both are named."""
    book = keep_by_two(make_register_book(2022, 20))
    files = {
        section: fill_registers(book, {ENFORCEMENT: [decisions(period, 10)]}, section)
        for section, period in ((OFFICE, "上半年"), (FINANCE, "全年"))
    }
    ledger = collect_registers(book, date(2023, 1, 31), **files)
    found = compute_known_figures(ledger)
    assert get_decisions(found) == 20
    assert [one.entry.section for one in found.doubtful_entries] == [OFFICE, FINANCE]
    assert all("两处都计入了" in one.reason for one in found.doubtful_entries)


def test_a_form_without_the_day_leaves_its_figures_blank() -> None:
    """The office may take a mark away from 字段: what it told is not guessed."""
    book = make_register_book(2022, 20)
    forms = tuple(
        replace(
            form,
            columns=tuple(
                replace(column, period=None) if column.key == "repealed_on" else column
                for column in form.columns
            ),
        )
        for form in book.forms
    )
    changed = replace(book, forms=forms)
    data = fill_registers(changed, {DOCUMENTS: [document(date(2022, 3, 1))]})
    found = compute_known_figures(collect_registers(changed, date(2023, 1, 31), 报送=data))
    assert found.figures[ISSUED] == 1
    assert not {REPEALED, VALID} & found.figures.keys()
