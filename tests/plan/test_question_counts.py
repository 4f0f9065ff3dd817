"""Like questions are one, and a plan with very many has been misread."""

from __future__ import annotations

from ledgerbook.book import create_book
from ledgerbook.model import Question
from ledgerbook.plan import Plan, PlanItem
from ledgerbook.plan.grid import ColumnRole, Inference
from ledgerbook.plan.questions import ask_about_blank_units, ask_about_inferences
from tests.plan.layouts import read, xlsx

HEADERS = ["序号", "工作任务", "责任科室"]


def make_items(*units: str) -> tuple[PlanItem, ...]:
    return tuple(PlanItem(n, "", "", f"做第{n}件事。", text) for n, text in enumerate(units, 1))


def test_like_inferences_are_one_question() -> None:
    """With all places and texts: 106 rows of one kind are one sentence."""
    inferences = [
        Inference((row,), ColumnRole.NUMBER, f"第{row}行", "没有列为任务。", "请核对。")
        for row in range(106)
    ]
    other = Inference((3,), ColumnRole.UNITS, "甲", "没有列为任务。", "请核对。")
    question, about_other = ask_about_inferences((*inferences, other), range(106))
    assert question.task_codes == tuple(f"T{n:02d}" for n in range(1, 107))
    assert question.current_value.count("；") == 105
    assert question.reason == "这样的有 106 处：没有列为任务。"
    assert (about_other.task_codes, about_other.reason) == (("T04",), "没有列为任务。")


def test_blank_units_are_one_question_of_each_kind() -> None:
    """Those taken from above, and those that nobody has."""
    items = make_items("综合科", "综合科", "", "", "综合科")
    from_above, blank = ask_about_blank_units(items, (2, 5))
    assert (from_above.task_codes, blank.task_codes) == (("T02", "T05"), ("T03", "T04"))
    assert "第2、5项的“责任单位”是空白" in from_above.reason
    assert from_above.reason.endswith("已填入上一项的“综合科”。")
    assert blank.reason.startswith("第3、4项的“责任单位”是空白")


def test_very_many_questions_mean_that_the_table_was_misread() -> None:
    """It is said before them; thirty are not too many."""
    for count, is_said in ((30, False), (31, True)):
        asked = tuple(
            Question((), "工作要点", str(n), "没有读懂。", "请核对。") for n in range(count)
        )
        plan = Plan("某局2022年分工方案", "某局", 2022, make_items("综合科"), asked)
        first, *rest = create_book(plan, office="综合科").questions
        assert ("多半是方案的表格没有读对" in first.reason) is is_said
        assert len(rest) == count - (not is_said)


def test_cells_that_could_not_be_split_are_named() -> None:
    """Who asks for --split-items is told where nothing, or not everything, was split."""
    rows = [
        HEADERS,
        ["1", "1.做好公开。2.做好解读。", "办公室"],
        ["2", "加强培训：一是新人。二是旧人。", "法规科"],
    ]
    plan = read(xlsx([], [rows]), split_items=True)
    assert [item.measure for item in plan.items] == [
        "1.做好公开。",
        "2.做好解读。",
        "加强培训：一是新人。二是旧人。",
    ]
    (question,) = (one for one in plan.questions if one.field == "计划措施")
    assert (question.task_codes, question.current_value) == (("T03",), "没有拆开")
    plan = read(xlsx([], [[HEADERS, ["1", "做好公开。", "办公室"]]]), split_items=True)
    (question,) = (one for one in plan.questions if one.field == "计划措施")
    assert "没有可拆的" in question.reason
