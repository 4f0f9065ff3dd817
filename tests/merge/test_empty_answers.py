"""Words without content: a problem where an answer is required, and no sentence of the draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from ledgerbook import forms
from ledgerbook.annual_report import build_draft
from ledgerbook.model import Book, Choice, ChoiceList
from ledgerbook.model.forms import EMPTY_ANSWERS_LIST
from ledgerbook.model.problems import Problem
from ledgerbook.model.results import Ledger
from tests.support.books import DONE, FINANCE, edit, fill, issued, make_book
from tests.support.returns import answers, codes, collected, sent, signed


def collect_row(book: Book | None = None, **cells: object) -> Ledger:
    """Collect a return whose T01 is done, with other ``cells``; T02 is in progress and overdue."""
    said = {**signed(FINANCE), "T01": {**DONE, **cells}}
    data = sent(FINANCE) if book is None else issued(book, FINANCE)
    return collected(fill(data, said), book=book)


def find(ledger: Ledger, code: str) -> list[Problem]:
    return [problem for problem in ledger.problems if problem.code == code]


@pytest.mark.parametrize(
    "text",
    [
        "见附件",
        "详见附件1",
        "见附表二。",
        "见佐证材料 3-1",
        "详见纸质材料。",
        "略",
        "已阅",
        "按计划推进",
        "无",
        "／",
        "-",
        "——",
        "N/A",
    ],
)
def test_a_word_without_content_is_no_result(text: str) -> None:
    """It stays where the section wrote it, and the section is asked."""
    ledger = collect_row(result=text)
    assert codes(ledger) == ["empty-answer"]
    (problem,) = ledger.problems
    assert (problem.place.cell, problem.raw, problem.is_error) == ("L6", text, True)
    assert answers(ledger)[FINANCE]["T01"]["result"] == text


@pytest.mark.parametrize("text", ["见附件 3 所列 12 件，均已公开。", "无新增，清理 3 件。"])
def test_a_sentence_with_such_a_word_is_content(text: str) -> None:
    assert codes(collect_row(result=text)) == []


def test_where_no_answer_is_required_such_a_word_is_told_of_nobody() -> None:
    assert codes(collect_row(evidence="见附件", next_step="无", note="/")) == []


@pytest.mark.parametrize(("text", "found"), [("无", []), ("略", ["empty-answer"])])
def test_nothing_is_a_sound_answer_where_the_status_asks_for_no_result(
    text: str, found: list[str]
) -> None:
    """An overdue task has to give a reason: 无 is one, 略 is none."""
    said = {**signed(FINANCE), "T02": {"status": "推进中", "result": "在办。", "reason": text}}
    assert codes(collected(fill(sent(FINANCE), said))) == found


def test_nothing_beside_a_status_that_excludes_a_result_contradicts_nothing() -> None:
    assert codes(collect_row(status="不涉及", done_on=None, result="无")) == []
    assert codes(collect_row(status="不涉及", done_on=None, result="办了 3 件")) == [
        "excluded-filled"
    ]


def test_the_office_may_add_words() -> None:
    form = make_book().task_form
    words = form.choice_lists[-1]
    assert words.name == EMPTY_ANSWERS_LIST
    added = ChoiceList(EMPTY_ANSWERS_LIST, (*words.choices, Choice("如期开展")))
    book = make_book(forms=(replace(form, choice_lists=(*form.choice_lists[:-1], added)),))
    assert codes(collect_row(result="如期开展。")) == []
    assert codes(collect_row(book, result="如期开展。")) == ["empty-answer"]


def test_a_form_of_before_has_the_words_of_the_factory() -> None:
    form = make_book().task_form
    old = replace(form, choice_lists=form.choice_lists[:-1])
    assert not old.is_empty_answer("同上")
    assert forms.inherit_empty_answers(old) == form
    assert forms.compute_form_version(old) == forms.compute_form_version(form)


# -- 同上 ----------------------------------------------------------------------------


def collect_dittos(*results: str) -> Ledger:
    """Collect a return with ``results`` one below the other, all of tasks that are done."""

    def change(sheet: Worksheet, columns: Mapping[str, int], rows: Mapping[str, int]) -> None:
        for row, result in zip(sorted(rows.values()), results, strict=False):
            sheet.cell(row, columns["result"]).value = result

    said = {task: dict(DONE) for task in signed(FINANCE)}
    return collected(edit(fill(sent(FINANCE), said), change))


def test_what_stands_above_is_quoted_and_not_taken() -> None:
    ledger = collect_dittos("公开 12 件。", "同上", "〃", "公开 3 件。")
    problems = find(ledger, "ditto")
    assert codes(ledger) == ["ditto", "ditto"]
    assert [problem.place.cell for problem in problems] == ["L7", "L8"]
    for problem in problems:
        assert "L6 写的是“公开 12 件。”，没有照抄过来。" in problem.message
    assert answers(ledger)[FINANCE]["T02"]["result"] == "同上"


def test_the_header_is_nothing_to_repeat() -> None:
    (problem,) = find(collect_dittos("同上", "甲", "乙", "丙"), "ditto")
    assert "写的是" not in problem.message


def test_a_status_that_says_ditto_is_held() -> None:
    said: dict[str, dict[str, object]] = {**signed(FINANCE), "T02": {"status": "同上"}}
    ledger = collected(fill(sent(FINANCE), said))
    (problem,) = find(ledger, "ditto")
    assert (problem.rejected_cells, ledger.cell_balance.is_balanced) == (1, True)
    assert "写的是“推进中”" in problem.message


# -- the draft of the annual report --------------------------------------------------


def test_the_draft_prints_none_and_names_each() -> None:
    said = {
        "T01": {**DONE, "result": "见附件"},
        "T02": {"status": "推进中", "result": "/", "reason": "无", "next_step": "略"},
        "T04": {**DONE, "result": "同上"},
        "T05": {**DONE, "result": "公开 12 件"},
    }
    draft = build_draft(collected(fill(sent(FINANCE), said)))
    texts = [sentence.text for part in draft.parts for sentence in part.sentences]
    assert [text for text in texts if text in ("见附件。", "/。", "无。", "略。", "同上。")] == []
    assert "公开 12 件。" in texts
    gaps = [detail for point in draft.open_points for detail in point.details]
    for number, text in ((1, "见附件"), (4, "同上")):
        assert any(f"{number}" in gap and f"填的是“{text}”，没有内容" in gap for gap in gaps)
