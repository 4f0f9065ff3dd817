"""Returns on forms of before a revision: each answer finds its task, or a notice."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook.book import MatchOverrides, create_book, update_book
from ledgerbook.issue.layout import ROW_KEY
from ledgerbook.model import Book
from ledgerbook.model.results import FileStatus
from ledgerbook.plan import Plan, PlanItem
from ledgerbook.summary import write_summary
from tests.support.books import (
    AS_OF,
    FINANCE,
    INDUSTRY,
    KEY,
    OFFICE,
    edit,
    fill,
    issued,
)
from tests.support.returns import answers, codes, collect_codes, collected, find_misplaced, signed

MEASURES = {
    "规范行政法规使用，统一参考行政法规库。": "各科室",
    "摸清规范性文件底数，健全动态更新机制。": "各科室落实，综合科汇总",
    "公开本部门年度预算，并在政府网站集中展示。": FINANCE,
    "公开本部门年度决算，并在政府网站集中展示。": "金融发展科、产业金融科",
    "认真做好省长留言、人民网留言的答复工作。": OFFICE,
}
FIRST, SECOND, BUDGET, ACCOUNTS, REPLY = MEASURES
SECTIONS = (OFFICE, FINANCE, INDUSTRY)
# Answers of a section to one task.
CELLS = 6


def plan(measures: dict[str, str]) -> Plan:
    items = tuple(
        PlanItem(number, "一、要求", "（一）要点", measure, units)
        for number, (measure, units) in enumerate(measures.items(), 1)
    )
    return Plan("某局2022年分工方案", "某局", 2022, items, ())


BOOK = create_book(plan(MEASURES), key=KEY)
# The first form of this year, filled in full by every section.
RETURNS = {name: fill(issued(BOOK, name), signed(name, BOOK)) for name in SECTIONS}


def revised(measures: dict[str, str], said: MatchOverrides | None = None) -> Book:
    return update_book(BOOK, plan(measures), day=date(2022, 7, 1), overrides=said)[0]


def test_old_answers_fit_after_a_revision() -> None:
    """Renumbered, swapped, reworded, added: every old answer is at its own task."""
    book = revised(
        {
            "开展政务公开培训。": OFFICE,
            REPLY: OFFICE,
            ACCOUNTS: "金融发展科、产业金融科",
            BUDGET.replace("集中", "统一"): FINANCE,
            SECOND: "各科室落实，综合科汇总",
            FIRST: "各科室",
        }
    )
    ledger = collected(*RETURNS.values(), book=book)
    assert find_misplaced(ledger) == []
    assert ledger.cell_balance.is_balanced
    assert answers(ledger)[FINANCE].keys() == {"T01", "T02", "T03", "T04"}
    assert ledger.cell_balance.accepted == ledger.cell_balance.received
    # The new task is owed, and one text is not the one that was answered.
    assert codes(ledger) == ["older-plan", "row-missing"]
    (older,) = (p for p in ledger.problems if p.code == "older-plan")
    assert older.message == (
        "这份表是方案修订以前发出的，第 4 项的固定内容与现在的台账不同，"
        "科室是按原来的文字填的。汇总以台账为准。"
    )


def test_an_answer_to_a_dropped_task_is_one_notice() -> None:
    """What was answered to a task that is gone is told in full, and in no other."""
    kept = {k: v for k, v in MEASURES.items() if k != BUDGET}
    ledger = collected(RETURNS[FINANCE], book=revised(kept))
    assert find_misplaced(ledger) == []
    assert ledger.cell_balance.is_balanced
    (gone,) = (p for p in ledger.problems if p.code == "row-retired")
    assert not gone.is_error
    assert gone.rejected_cells == CELLS == ledger.cell_balance.rejected
    assert gone.message.startswith(
        "这一行是台账里已经删去的任务（原第 3 项，编码 T03），"
        f"其中填写的 {CELLS} 个单元格没有汇入："
    )
    assert "金融发展科·T03·result" in gone.raw
    assert [file.status for file in ledger.file_reports] == [FileStatus.PARTIALLY_ACCEPTED]
    assert all(one.task.code != "T03" for one in ledger.task_summaries)
    assert write_summary(ledger)


def test_a_blank_row_of_a_dropped_task_is_no_problem() -> None:
    """Where nothing was answered, nothing is said."""
    kept = {k: v for k, v in MEASURES.items() if k != BUDGET}
    some = {c: a for c, a in signed(FINANCE, BOOK).items() if c != "T03"}
    returned = fill(issued(BOOK, FINANCE), some)
    assert collect_codes(returned, book=revised(kept)) == ([], 3 * CELLS)


def test_a_task_that_was_told_apart_keeps_its_answers_to_itself() -> None:
    """An office that says 'new' gets no old answer there, though texts are equal."""
    book = revised(MEASURES, MatchOverrides({}, (3,)))
    ledger = collected(RETURNS[FINANCE], book=book)
    assert ledger.cell_balance.is_balanced
    assert "T06" not in answers(ledger)[FINANCE]
    assert codes(ledger) == ["row-missing", "row-retired"]


def test_a_row_without_codes_of_a_dropped_task_is_held() -> None:
    """By its text alone a row is not given to anybody when its task is gone."""

    def lose_codes(sheet: Worksheet, columns: Mapping[str, int], rows: Mapping[str, int]) -> None:
        for row in rows.values():
            sheet.cell(row, columns["row_code"]).value = None
            sheet.cell(row, columns[ROW_KEY]).value = None

    kept = {k: v for k, v in MEASURES.items() if k != BUDGET}
    ledger = collected(edit(RETURNS[FINANCE], lose_codes), book=revised(kept))
    assert find_misplaced(ledger) == []
    assert ledger.cell_balance.is_balanced
    assert answers(ledger)[FINANCE].keys() == {"T01", "T02", "T04"}


def test_who_does_not_owe_a_task_any_more_has_still_answered() -> None:
    """A section relieved of a task has its answer shown, and is not asked again."""
    moved = {**MEASURES, BUDGET: INDUSTRY}
    ledger = collected(*RETURNS.values(), book=revised(moved))
    assert find_misplaced(ledger) == []
    assert ledger.cell_balance.accepted == ledger.cell_balance.received
    rows = {row.section: row.roles for row in ledger.assignment_results if row.task.code == "T03"}
    assert rows[FINANCE] == ()
    assert codes(ledger) == ["older-plan", "row-missing"]


def test_forms_of_before_and_after_together() -> None:
    """The next form has the same codes: old and new answers meet in one row."""
    book = revised({REPLY: OFFICE, **MEASURES, "开展政务公开培训。": "各科室"})
    later = [fill(issued(book, s), signed(s, book)) for s in SECTIONS]
    ledger = collected(*RETURNS.values(), *later, book=book)
    assert find_misplaced(ledger) == []
    assert ledger.cell_balance.is_balanced
    assert ledger.cell_balance.rejected == ledger.cell_balance.overruled == 0
    assert answers(ledger)[OFFICE].keys() == {"T01", "T02", "T05", "T06"}
    assert answers(ledger)[INDUSTRY].keys() == {"T01", "T02", "T04", "T06"}


measures = st.lists(
    st.tuples(
        st.sampled_from([*MEASURES, "开展政务公开培训。", "完善公报发布程序。"]),
        st.sampled_from(["", "", "", "及时", "并每月更新", "，报综合科汇总后公开"]),
        st.sampled_from([*dict.fromkeys(MEASURES.values())]),
    ),
    min_size=1,
    max_size=7,
    unique_by=lambda one: one[0],
)


@settings(deadline=None, max_examples=12)
@given(measures, measures)
def test_no_revision_puts_an_answer_in_a_wrong_place(
    first: list[tuple[str, str, str]], second: list[tuple[str, str, str]]
) -> None:
    """Through two revisions, old answers are at their own tasks or on the list."""
    book = BOOK
    for one in (first, second):
        texts = {f"{text}{end}": units for text, end, units in one}
        book, _ = update_book(book, plan(texts), day=AS_OF)
    ledger = collected(RETURNS[FINANCE], book=book)
    assert find_misplaced(ledger) == []
    assert ledger.cell_balance.is_balanced
    # A task that says what it said has its answers; a code that went to a similar
    # task in between speaks against the text, and a person decides.
    live = {task.code: task.measure for task in book.tasks}
    for old in BOOK.get_tasks(FINANCE):
        if live.get(old.code) == old.measure:
            assert old.code in answers(ledger)[FINANCE]
        elif old.measure in live.values():
            assert "row-votes" in codes(ledger)


def test_answers_are_found_by_an_older_book_too() -> None:
    """A book of before this was kept knows no origins, and does as well."""
    old = dataclasses.replace(BOOK, original_wordings=())
    kept = {REPLY: OFFICE, FIRST: "各科室", BUDGET: FINANCE}
    book, _ = update_book(old, plan(kept), day=AS_OF)
    ledger = collected(*RETURNS.values(), book=book)
    assert find_misplaced(ledger) == []
    assert ledger.cell_balance.is_balanced
