"""Like problems are one line: each cell can be found, and the counts are right."""

from __future__ import annotations

import pytest

from ledgerbook.model.problems import MAX_LISTED, Place, Problem, group_problems

HEADER = {"header": "完成日期", "example": "2022-9-30"}


def unclear(cell: str, raw: str, reason: str = "", section: str = "甲科") -> Problem:
    values = {**HEADER, "raw": raw, "reason": reason}
    return Problem(
        "date-unclear", Place("a.xlsx", "表", cell), values, section, 1, "T01", "done_on"
    )


def test_one_kind_with_one_advice_is_one_line() -> None:
    """What was typed differs: each text stands with its cell, the message is that of the first."""
    problems = (unclear("K6", "九月底", "（要写到哪一天）"), unclear("K8", "不详"))
    (group,) = group_problems(problems)
    assert group.problems == problems
    assert (group.cells, group.raw) == ("K6、K8", "K6：九月底\nK8：不详")
    assert group.short_message == (
        "“完成日期”填的是“九月底”，不是能确定的日期（要写到哪一天）。"
        "（同类的共 2 处，内容不全相同。）"
    )


def test_one_text_that_is_wrong_for_several_reasons_is_not_said_to_differ() -> None:
    (group,) = group_problems([unclear("K6", "不详", "（甲）"), unclear("K8", "不详", "（乙）")])
    assert group.short_message.endswith("（同类的共 2 处。）")


def test_what_is_the_same_is_said_once() -> None:
    """Two cells with the same text: no cell before it, and no count behind the message."""
    (group,) = group_problems([unclear("K6", "不详"), unclear("K8", "不详")])
    assert (group.cells, group.raw) == ("K6、K8", "不详")
    assert "同类的" not in group.short_message


@pytest.mark.parametrize(
    ("raw", "end"),
    [
        ("J5：科长意见", "J5：科长意见。"),
        ("J5：已办结。", "已办结。"),
        ("长" * 61, "（全文见“原填内容”）。"),
    ],
)
def test_advice_never_runs_into_what_was_quoted(raw: str, end: str) -> None:
    """Quoted text that ends a message gets a full stop, unless it has one."""
    problem = Problem("stray", Place("a", "b", "J5"), {"raw": raw})
    assert problem.short_message.endswith(end)
    assert not problem.message.endswith("。。")


def test_what_a_cell_was_read_as_stands_behind_it() -> None:
    values = {"header": "完成日期"}
    problems = [
        Problem("date-read-as", Place("a", "b", "K6"), {**values, "raw": "9/1", "value": "9-1"}),
        Problem("date-read-as", Place("a", "b", "K7"), {**values, "raw": "9/2", "value": "9-2"}),
    ]
    (group,) = group_problems(problems)
    assert group.raw == "K6：9/1（9-1）\nK7：9/2（9-2）"


def test_quoted_cells_are_not_named_twice() -> None:
    """Words beside the table are quoted with their references already."""
    problems = [
        Problem("stray", Place("a", "b", "B2"), {"raw": "B2：甲；C2：乙"}),
        Problem("stray", Place("a", "b", "B4"), {"raw": "B4：丙"}),
    ]
    (group,) = group_problems(problems)
    assert group.raw == "B2：甲；C2：乙\nB4：丙"


def test_sections_sheets_columns_and_what_was_put_right_stay_apart() -> None:
    first = unclear("K6", "不详")
    others = [
        unclear("K6", "不详", section="乙科"),
        Problem(first.code, Place("a.xlsx", "另表", "K6"), first.values, "甲科"),
        Problem(first.code, first.place, {**first.values, "header": "日期"}, "甲科"),
        Problem(first.code, first.place, first.values, "甲科", corrected_by="b.xlsx"),
    ]
    assert len(group_problems([first, *others])) == 5


def test_whole_files_with_one_problem_are_one_line() -> None:
    problems = [Problem("file-empty", Place(f"{n}.xlsx")) for n in range(3)]
    (group,) = group_problems(problems)
    assert str(group.place) == "文件“0.xlsx、1.xlsx、2.xlsx”"


def test_a_line_names_no_more_cells_than_can_be_read() -> None:
    """Of a thousand cells the first ones, and how many there are."""
    (group,) = group_problems(unclear(f"K{n}", "不详") for n in range(1, 1001))
    assert group.cells.startswith("K1、K2、")
    assert group.cells.count("、") == MAX_LISTED - 1
    assert group.cells.endswith("等 1000 处")
    assert len(group.problems) == 1000
