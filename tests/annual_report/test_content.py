"""What the draft says: nothing but what came back, in its topic, with its source."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from ledgerbook.annual_report import (
    AdoptedWording,
    build_draft,
    describe_draft,
    published_tables,
    table_layouts,
)
from ledgerbook.annual_report.published_tables import TableCell
from ledgerbook.annual_report.report_checks import compute_report_figures
from ledgerbook.annual_report.sentences import TOPICS, classify_topic, end_sentence
from ledgerbook.book import create_book
from ledgerbook.cli.render import describe_ledger
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import AnswerSubject, Conflict, Ledger, SubmissionStatus
from ledgerbook.plan import read_plan
from ledgerbook.summary import write_summary
from tests.support.drafts import (
    DONE,
    FINANCE,
    OFFICE,
    YEAR_END,
    join_open_points,
    list_topic_paragraphs,
    make_draft,
    make_full_answers,
    make_small_ledger,
)
from tests.support.ledgers import book as plain_book
from tests.support.ledgers import ledger as merged
from tests.support.ledgers import task
from tests.support.register_year import FORMS, make_ledger, make_year, year_book

PLAN = Path(__file__).parents[2] / "examples" / "zhongshan-2022" / "plan.docx"
# Read off the real plan by hand.
REAL = {
    "主动公开": {3, 6, 7, 8, 9, 10, 11, 12, 13, 14},
    "依申请公开": {4},
    "政府信息管理": {1, 2, 18, 19, 20},
    "平台建设": {15, 16, 17, 21},
    "监督保障": {5, 22, 23, 24, 25},
}


def test_the_real_plan_falls_into_the_five_topics() -> None:
    """Every task of the real plan goes where a person would put it."""
    tasks = create_book(read_plan(PLAN)).tasks
    found = {name: {t.number for t in tasks if classify_topic(t) == name} for name in TOPICS}
    assert found == REAL


def test_six_parts_in_the_official_words() -> None:
    made = make_draft(make_full_answers())
    assert [part.heading for part in made.parts] == [
        "一、总体情况",
        "二、主动公开政府信息情况",
        "三、收到和处理政府信息公开申请情况",
        "四、政府信息公开行政复议、行政诉讼情况",
        "五、存在的主要问题及改进情况",
        "六、其他需要报告的事项",
    ]
    assert made.title == "某市金融工作局2022年政府信息公开工作年度报告"
    assert [one.heading for one in made.parts[0].passages] == [
        "（一）主动公开",
        "（二）依申请公开",
        "（三）政府信息管理",
        "（四）平台建设",
        "（五）监督保障",
    ]
    assert "2022年1月1日起至2022年12月31日" in made.opening


def test_a_paragraph_a_task_a_sentence_a_section() -> None:
    """What sections wrote stands under the topic of the task, unchanged, traced."""
    made = make_draft(make_full_answers())
    assert list_topic_paragraphs(made, "（一）主动公开") == [
        "综合科第1件办好了。金融发展科第1件办好了。"
    ]
    assert list_topic_paragraphs(made, "（二）依申请公开") == [
        "综合科第2件办好了。金融发展科第2件办好了。"
    ]
    assert [one.source_text for one in made.sentences[:2]] == [
        "综合科，第1项，批次“年度”（文件“综合科.xlsx” 工作表“台账” 单元格 J7）。",
        "金融发展科，第1项，批次“年度”（文件“金融发展科.xlsx” 工作表“台账” 单元格 J7）。",
    ]


def test_the_same_words_are_said_once() -> None:
    """Where sections answer in the same words, one sentence names them all."""
    answers = make_full_answers()
    for section in (OFFICE, FINANCE):
        answers[1, section]["result"] = "已经 办好"
    made = make_draft(answers)
    assert list_topic_paragraphs(made, "（一）主动公开") == ["已经 办好。"]
    assert [trace.section for trace in made.sentences[0].sources] == [OFFICE, FINANCE]
    assert made.annex[0].result == "综合科、金融发展科：已经 办好"


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("已完成", True),
        ("长期推进", True),
        ("推进中", True),
        ("未启动", False),
        ("不涉及", False),
        ("", False),
    ],
)
def test_only_what_was_done_is_told_as_done(status: str, *, told: bool) -> None:
    """A row that is not begun, not theirs or without status is no achievement."""
    answers = make_full_answers()
    answers[1, OFFICE] = {"result": "甲。"} | ({"status": status} if status else {})
    made = make_draft(answers)
    assert ("甲。" in "".join(list_topic_paragraphs(made, "（一）主动公开"))) is told
    listed = "第1项（综合科）：" in join_open_points(made)
    assert listed is (status in ("未启动", ""))
    assert "甲。" in made.annex[0].result


def test_what_is_overdue_is_not_told_as_achieved() -> None:
    """An overdue row is asked about, and its words stand on the annex only."""
    answers = make_full_answers()
    answers[1, OFFICE] = {"status": "推进中", "result": "做了一半"}
    made = make_draft(answers, due=date(2022, 11, 30))
    assert list_topic_paragraphs(made, "（一）主动公开") == ["金融发展科第1件办好了。"]
    assert (
        "第1项（综合科）：完成状态“推进中”，已逾期（期限 2022-11-30），"
        "报来的落实情况没有写入第一部分。"
    ) in join_open_points(made)
    assert made.has_errors


def test_the_office_has_the_last_word() -> None:
    """An adopted wording replaces the section's, even of a row that is overdue."""
    answers = make_full_answers()
    answers[1, OFFICE] = {"status": "推进中", "result": "做了一半"}
    ledger = make_small_ledger(answers, due=date(2022, 11, 30))
    code = ledger.assignment_results[0].code
    wordings = {code: "审定的口径。", "T99-AAAAA": "别的"}
    made = build_draft(ledger, {key: AdoptedWording(text) for key, text in wordings.items()})
    told = made.sentences[0]
    assert told.text == "审定的口径。"
    assert told.source_text == (
        "采用口径：综合科，第1项，批次“年度”"
        "（文件“综合科.xlsx” 工作表“台账” 单元格 J7）。科室原话：做了一半"
    )
    assert "审定的口径。" in made.annex[0].result
    assert "第1项（综合科）：" not in join_open_points(made)
    assert "有 1 条“采用口径”所在的行已不在台账中，没有用上：T99-AAAAA。" in join_open_points(made)


def test_a_topic_with_nothing_says_so() -> None:
    """Nothing is made up where nobody reported: a bracket asks, and is listed."""
    made = make_draft(make_full_answers())
    empty = made.parts[0].passages[3]
    assert (empty.paragraphs, empty.missing[0]) == ((), "【")
    assert "“一、总体情况”的“（三）政府信息管理”“（四）平台建设”“（五）监督保障”" in (
        join_open_points(made)
    )


def test_part_five_comes_from_reasons_and_next_steps() -> None:
    answers = make_full_answers()
    answers[1, OFFICE] |= {"status": "推进中", "reason": "人手不足", "next_step": "年内补齐；"}
    answers[2, FINANCE] = {"status": "不涉及", "reason": "没有这项业务"}
    made = make_draft(answers)
    assert list_topic_paragraphs(made, "（一）存在的主要问题") == ["人手不足。"]
    assert list_topic_paragraphs(made, "（二）改进情况") == ["年内补齐；"]
    assert made.parts[5].missing.startswith("【本年度收取信息处理费的情况没有登记")


def test_who_has_not_reported_comes_first() -> None:
    answers = {key: one for key, one in make_full_answers().items() if key[1] == OFFICE}
    made = make_draft(answers)
    first = made.open_points[0]
    assert (first.text, first.is_error) == (
        "金融发展科（承担 2 项任务）没有报送，初稿里没有它的内容。",
        True,
    )


def test_what_they_owe_that_is_overdue_is_counted() -> None:
    answers = {key: one for key, one in make_full_answers().items() if key[1] == OFFICE}
    made = make_draft(answers, due=date(2022, 11, 30))
    assert made.open_points[0].text == (
        "金融发展科（承担 2 项任务，其中 1 项已逾期）没有报送，初稿里没有它的内容。"
    )


def test_what_no_word_decides_is_placed_and_asked() -> None:
    ledger = make_small_ledger(make_full_answers())
    odd = task(1, (OFFICE,), requirement="甲", point="乙", measure="办好其他事项。")
    outcome = replace(ledger.task_summaries[0], task=odd)
    made = build_draft(replace(ledger, task_summaries=(outcome, *ledger.task_summaries[1:])))
    assert classify_topic(odd) is None
    assert len(list_topic_paragraphs(made, "（一）主动公开")) == 1
    assert "第1项：办好其他事项。" in join_open_points(made)


def test_the_tone_of_a_section_and_open_problems_are_pointed_out() -> None:
    answers = make_full_answers()
    answers[1, FINANCE]["result"] = "我科办了 3 件。"
    problem = Problem("file-empty", Place("甲.xlsx"))
    made = build_draft(replace(make_small_ledger(answers), problems=(problem,)))
    assert "请改成本机关的口吻：第1项（金融发展科）。" in join_open_points(made)
    assert "收回的表里有 1 个须处理的问题" in join_open_points(made)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("办好", "办好。"),
        ("办好。", "办好。"),
        ("他说“好。”", "他说“好。”"),
        ("（见附件）", "（见附件）。"),
        ("好！", "好！"),
        ("）", "）。"),
    ],
)
def test_a_sentence_ends(text: str, expected: str) -> None:
    assert end_sentence(text) == expected


# ── tables ───────────────────────────────────────────────────────────────────────


def test_every_figure_stands_in_its_line() -> None:
    """The tables hold what the registers come to, figure by figure."""
    ledger = make_ledger(make_year())
    figures = compute_report_figures(ledger).figures  # type: ignore[union-attr]
    made = build_draft(ledger)
    grid2, grid3, grid4 = (part.table for part in made.parts[1:4])
    assert grid2 is not None
    assert grid3 is not None
    assert grid4 is not None
    columns = (*published_tables.APPLICANTS, published_tables.TOTAL)
    for line, *values in grid3.figure_lines:
        expected = [
            figures[TableCell(published_tables.APPLICATION_TABLE, line, one)] for one in columns
        ]
        assert [Decimal(value) for value in values] == expected
    assert [len(grid.figure_lines) for grid in (grid2, grid3, grid4)] == [6, 25, 3]
    assert grid2.figure_lines[-1] == ("行政事业性收费", "0.3")
    assert grid2.figure_lines[2] == ("行政许可", "15")
    assert sum(grid.missing_count for grid in (grid2, grid3, grid4)) == 0
    shown = [box.text for box in grid3.boxes if box.kind is table_layouts.BoxKind.FIGURE]
    assert len(shown) == 175


def test_what_no_register_tells_stays_blank_and_is_asked() -> None:
    made = build_draft(
        make_ledger(
            {"applications": make_year()["applications"]},
            year_book([FORMS["applications"]]),
        )
    )
    grid = made.parts[1].table
    assert grid is not None
    assert (grid.missing_count, grid.figure_count) == (10, 10)
    assert "表二 10 格中有 10 格没有登记簿可以算出，已留空并标黄" in join_open_points(made)
    assert "表三" not in join_open_points(made)


def set_statuses(ledger: Ledger, **statuses: SubmissionStatus) -> Ledger:
    """Return ``ledger`` with other statuses of registers, by section or register."""
    reports = [
        replace(report, status=statuses.get(report.form, statuses.get(report.section, one)))
        for report in ledger.register_reports
        for one in [report.status]
    ]
    return replace(ledger, register_reports=tuple(reports))


def test_a_register_that_nobody_has_returned_gives_no_noughts() -> None:
    rows = {**make_year(), "applications": []}
    ledger = set_statuses(make_ledger(rows), applications=SubmissionStatus.MISSING)
    made = build_draft(ledger)
    grid2, grid3, grid4 = (part.table for part in made.parts[1:4])
    assert [grid and grid.missing_count for grid in (grid2, grid3, grid4)] == [0, 175, 15]
    assert "表二至表四的 200 格填了 10 格" in "".join(describe_draft(made))
    point = next(one for one in made.open_points if one.text.startswith("表三、表四由"))
    assert point.text == (
        "表三、表四由“依申请公开办理台账”算出，承担登记的综合科、金融发展科还没有报送，"
        "还算不出来，有关的格已留空并标黄，不要填 0，不能定稿。"
    )
    assert point.is_error
    assert "没有登记簿可以算出" not in join_open_points(made)
    (line,) = [one for one in describe_ledger(ledger) if "年度报告" in one]
    assert "已按登记簿算出" not in line
    assert "还不全（表三、表四的“依申请公开办理台账”，综合科、金融发展科还没有报送）" in line
    sheet = load_workbook(io.BytesIO(write_summary(ledger)))["年报表三"]
    assert sheet["D5"].value is None
    texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert any("综合科、金融发展科还没有报送，有关的格留空标黄" in text for text in texts)


def test_what_one_section_still_owes_is_not_all() -> None:
    for status, words in (
        (SubmissionStatus.MISSING, "还没有报送"),
        (SubmissionStatus.NOT_ACCEPTED, "报来的表没能汇入"),
        (SubmissionStatus.NOT_READ, "的表程序没能读（程序有错，不是表的问题）"),
    ):
        made = build_draft(set_statuses(make_ledger(make_year()), **{OFFICE: status}))
        assert sum(part.table.missing_count for part in made.parts if part.table) == 0
        assert (
            "表三、表四由“依申请公开办理台账”算出，承担登记的"
            f"{OFFICE}{words}，现在的数不是全部，不能定稿。"
        ) in join_open_points(made)


def test_a_register_that_came_back_empty_is_to_be_verified() -> None:
    rows = {**make_year(), "applications": []}
    ledger = set_statuses(make_ledger(rows), applications=SubmissionStatus.RETURNED_EMPTY)
    told = "“依申请公开办理台账”报来的表里一条登记也没有，又没有勾选“无内容可报”"
    assert told in join_open_points(build_draft(ledger))
    nil = set_statuses(ledger, applications=SubmissionStatus.NIL_RETURN)
    assert told not in join_open_points(build_draft(nil))


def test_a_figure_of_nothing_is_zero() -> None:
    """A register that is kept and empty gives 0, as the report is filled."""
    made = build_draft(make_ledger({"applications": []}))
    grid = made.parts[2].table
    assert grid is not None
    assert {value for _, *values in grid.figure_lines for value in values} == {"0"}


def test_no_register_at_all() -> None:
    made = make_draft(make_full_answers())
    assert [part.table.missing_count for part in made.parts if part.table] == [
        10,
        175,
        15,
    ]
    assert "第二、三、四部分的表全部留空" in join_open_points(made)


def test_what_does_not_add_up_is_asked() -> None:
    """Broken identities with both sides, and every doubtful entry with its cell."""
    rows = make_year()
    rows["applications"][0]["applicant_type"] = "公民"
    rows["enforcement_and_fees"][0]["quantity"] = 2.5
    made = build_draft(make_ledger(rows))
    text = join_open_points(made)
    assert "总计＝六类申请人之和，左边是 " in text
    assert "申请人类型不是表三的六类之一" in text
    assert "单元格 C7" in text
    assert "表二“行政许可”“本年处理决定数量”：5.5。" in text


def test_what_differs_from_last_year_is_asked() -> None:
    """With both figures, to be explained or mended; the report may still go out."""
    reference = dict.fromkeys(published_tables.REFERENCE_CELLS, 999)
    made = build_draft(make_ledger(make_year(), year_book(reference=reference)))
    (question,) = [q for q in made.open_points if "与上年年报或公开目录相比" in q.text]
    told = question.details
    assert question.text.startswith(f"与上年年报或公开目录相比，有 {len(told)} 处对不上")
    assert not question.is_error
    assert any(
        line.startswith("表三“总计”：上年结转＝上年年报的结转下年度，左边是 ")
        and line.endswith("，右边是 999。")
        for line in told
    )


def test_tasks_of_nobody_and_sections_of_no_task_are_told() -> None:
    tasks = (task(1, (OFFICE,)), task(2, ()))
    made = build_draft(merged(plain_book((OFFICE, FINANCE), tasks), {}, as_of=YEAR_END))
    text = join_open_points(made)
    assert "第 2 项任务没有责任科室，没有人填报落实情况。" in text
    assert f"{FINANCE}（承担" not in text


def test_a_form_without_results_is_asked_about() -> None:
    """The office took 落实情况 out of the form: there is nothing to tell."""
    ledger = make_small_ledger({(1, OFFICE): DONE})
    form = ledger.book.task_form
    bare = replace(form, columns=tuple(c for c in form.columns if c.key != "result"))
    made = build_draft(replace(ledger, book=replace(ledger.book, forms=(bare,))))
    assert "没有落实情况这一栏，第一部分无从写起" in join_open_points(made)


def test_answers_that_contradict_each_other_are_told() -> None:
    ledger = make_small_ledger(make_full_answers())
    subject, answer = (
        AnswerSubject(1, "做好政策解读。"),
        ledger.assignment_results[0].answers["result"],
    )
    conflict = Conflict(OFFICE, subject, "落实情况", answer, "", None, answer, None)
    made = build_draft(replace(ledger, conflicts=(conflict,)))
    assert "有 1 处前后不一致的答复" in join_open_points(made)


@pytest.mark.parametrize(
    "layout",
    [
        table_layouts.build_disclosure_table,
        table_layouts.build_application_table,
        table_layouts.build_contest_table,
    ],
)
def test_the_boxes_of_a_table_cover_it_once(layout: object) -> None:
    """No box lies over another and none is missing."""
    assert callable(layout)
    grid = layout({})
    covered = [
        (row, column)
        for box in grid.boxes
        for row in range(box.row, box.row + box.rows)
        for column in range(box.column, box.column + box.columns)
    ]
    every = [(r, c) for r in range(grid.row_count) for c in range(len(grid.widths))]
    assert sorted(covered) == every
    assert sum(grid.widths) == pytest.approx(156, abs=0.5)


def test_a_year_in_order_asks_for_nothing_grave() -> None:
    """With every topic told and every register whole, the report could go out."""
    book = year_book(reference=dict.fromkeys(published_tables.REFERENCE_CELLS, 0))
    measures = ("解读", "依申请公开", "保密审查", "政府网站", "听取汇报")
    tasks = [task(n, (OFFICE,), measure=one) for n, one in enumerate(measures, 1)]
    answers = {(n, OFFICE): {**DONE, "result": "好。"} for n in range(1, 6)}
    answers[1, OFFICE] |= {"status": "推进中", "reason": "少", "next_step": "加"}
    whole = merged(plain_book((OFFICE,), tasks), answers, as_of=date(2022, 12, 31))
    forms = (whole.book.task_form, *book.registers)
    registered = replace(
        whole.book,
        forms=forms,
        sections=book.sections[:1],
        reference_figures=book.reference_figures,
    )
    made = build_draft(replace(whole, book=registered))
    assert [q.text for q in made.open_points if q.is_error] == []
    assert not made.has_errors
    assert "信息处理费" in join_open_points(made)
