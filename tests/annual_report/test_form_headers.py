"""The report names the columns of the form as the office does."""

from __future__ import annotations

from dataclasses import replace

from ledgerbook.annual_report import build_draft
from ledgerbook.annual_report.report_template import build_report_context
from ledgerbook.model.results import Ledger
from tests.support.changed_forms import FUNDS, FUNDS_HEADER, change_form, rename_all
from tests.support.drafts import (
    FINANCE,
    OFFICE,
    join_open_points,
    make_full_answers,
    make_small_ledger,
    read_document,
)
from tests.support.ledgers import answer


def changed_ledger() -> Ledger:
    ledger = make_small_ledger(
        {**make_full_answers(), (1, OFFICE): {"status": "推进中", "reason": "没有人手。"}}
    )
    form = change_form(ledger.book.task_form)
    spent = {FUNDS: answer(20000.0, "1.xlsx")}
    summaries = tuple(
        replace(
            summary,
            assignment_results=tuple(
                replace(row, answers={**row.answers, **spent}) if row.task.number == 1 else row
                for row in summary.assignment_results
            ),
        )
        for summary in ledger.task_summaries
    )
    rows = tuple(row for summary in summaries for row in summary.assignment_results)
    book = replace(ledger.book, forms=(form,))
    return replace(ledger, book=book, task_summaries=summaries, assignment_results=rows)


def test_the_annex_has_the_answered_columns_that_the_office_added() -> None:
    """They stand last, the sections named; the office is asked whether they may go out."""
    made = build_draft(changed_ledger())
    *_, table = read_document(made).tables
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows[0] == [
        "序号",
        "工作要点和计划措施",
        "责任科室",
        "完成状态",
        "落实情况",
        FUNDS_HEADER,
    ]
    assert rows[2][-1] == f"{OFFICE}、{FINANCE}：20000"
    assert rows[3][-1] == ""
    assert sum(cell.width.mm for cell in table.rows[0].cells) < 157
    assert f"附件里列了本单位另设的栏目“{FUNDS_HEADER}”" in join_open_points(made)
    context = build_report_context(made)
    assert context["annex_added"] == [FUNDS_HEADER]
    assert context["annex"][0]["added"] == [rows[2][-1]]


def test_sentences_quote_the_headers_of_the_form() -> None:
    """A renamed column is called by its new name wherever a sentence names it."""
    asked_text = join_open_points(build_draft(changed_ledger()))
    assert "照 1 项任务的“滞后原因”写成" in asked_text
    ledger = make_small_ledger({(1, OFFICE): {"status": "推进中", "reason": "没有人手。"}})
    form = rename_all(ledger.book.task_form)
    made = build_draft(replace(ledger, book=replace(ledger.book, forms=(form,))))
    assert made.parts[0].lead.endswith("甲落实情况见附件。")
    assert made.parts[0].passages[0].missing == "【本节没有可以写入的甲落实情况，请补充。】"
    assert made.parts[4].passages[1].missing.startswith("【没有可以写入的甲下一步措施")
    asked_text = join_open_points(made)
    assert "没有可以写成成效的甲落实情况" in asked_text
    assert "甲完成状态“推进中”，没有填甲落实情况" in asked_text
    assert made.annex_headers.task == "甲工作要点和甲计划措施"
