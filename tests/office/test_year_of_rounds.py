"""A year of four rounds in which things change, lived in a real LibreOffice by key events.

The tables below were written before the year was run, by counting on paper what
:mod:`tests.office.year_of_rounds` types. Whoever changes what is typed counts again.

Rows (task, section) that the rounds ask for:

    综合科 T1 T2 T3 T5 · 法规科 T1 T2 T6 · 财务科 T1 T4 T6 · 宣传科 T5 T6    12 rows
    from September on: 信息科 T5 T6                                          14 rows

The collections, in the order of the year:

    due        12 April: three of the four files are there
    late       15 April: 宣传科 (saved on the 13th) and the correction of 法规科 (on the 14th)
    silent     12 July: nothing of 法规科
    telephone  14 July: 法规科 said two things on the 13th
    section    5 September: 信息科 is in the book; nothing has come since July
    third      12 October
    words      13 October: 采用口径 for one row, 销号 for two
    year       31 December
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from tests.office.calc import Calc
from tests.office.full_year import OVERVIEW_FIGURES, read_lines, read_lines_below, read_statuses
from tests.office.year_of_rounds import (
    ADOPTED,
    FINANCE,
    INFORMATION,
    LEGAL,
    OFFICE,
    PUBLICITY,
    YearOfRounds,
    find_line,
    run_year,
)

# The year is lived once, for all tests of this file.
pytestmark = pytest.mark.xdist_group("year-of-rounds")

# --- 各批次进展 ---

Figures = tuple[int, str, int, int, int, int, int, int, int, str]
_PROGRESS_HEADERS = (
    "已报科室数",
    "未报科室",
    "科室任务数",
    "未启动",
    "推进中",
    "已完成",
    "长期推进",
    "不涉及",
    "未填或未报",
    "完成率",
)
# Until 10 April. 未启动: 综合科 T5, 法规科 T6, 财务科 T4. 推进中: 综合科 T1 T2, 法规科 T2,
# 财务科 T1 T6. 已完成: 法规科 T1. 长期: 综合科 T3. Nothing of the 2 rows of 宣传科. 1/12.
FIRST_DUE: Figures = (3, "宣传科", 12, 3, 5, 1, 1, 0, 2, "8.3%")
# 宣传科 adds 未启动 T5 and 推进中 T6; 法规科 takes 已完成 of T1 back to 推进中. 0/12.
FIRST_LATE: Figures = (4, "无", 12, 4, 7, 0, 1, 0, 0, "0.0%")
# 未启动: 法规科 T6 (of April). 推进中: 综合科 T2 T5, 法规科 T1 T2 (of April), 财务科 T4 T6,
# 宣传科 T5 T6. 已完成: T1 of 综合科 and 财务科. 长期: 综合科 T3. 2/12.
SECOND_DUE: Figures = (3, "法规科", 12, 1, 8, 2, 1, 0, 0, "16.7%")
# On the 13th, after the due day, 法规科 says 推进中 of T6. It has sent nothing all the same.
SECOND_TELEPHONE: Figures = (3, "法规科", 12, 0, 9, 2, 1, 0, 0, "16.7%")
# 推进中: 综合科 T5, 法规科 T6 (by telephone, left as issued), 财务科 T4 T6, 宣传科 T6,
# 信息科 T6. 已完成: 综合科 T1 T2, 法规科 T1 T2, 财务科 T1, 宣传科 T5. 长期: 综合科 T3.
# 不涉及: 信息科 T5. 6/(14 - 1).
THIRD: Figures = (5, "无", 14, 0, 6, 6, 1, 1, 0, "46.2%")
# 推进中: 信息科 T6. 已完成: 综合科 T1 T2 T5, 法规科 T1 T2 T6, 财务科 T1 T4 T6, 宣传科 T5 T6.
# 长期: 综合科 T3. 不涉及: 信息科 T5. 11/13.
FOURTH: Figures = (5, "无", 14, 0, 1, 11, 1, 1, 0, "84.6%")

# After each collection: round → 截止, 含补报. All due days are over by then, so that the
# figures of 截止 are the same ever after.
PROGRESS: dict[str, dict[str, tuple[Figures, Figures]]] = {
    "due": {"第一季度": (FIRST_DUE, FIRST_DUE)},
    "late": {"第一季度": (FIRST_DUE, FIRST_LATE)},
    "silent": {
        "第一季度": (FIRST_DUE, FIRST_LATE),
        "第二季度": (SECOND_DUE, SECOND_DUE),
    },
    "telephone": {
        "第一季度": (FIRST_DUE, FIRST_LATE),
        "第二季度": (SECOND_DUE, SECOND_TELEPHONE),
    },
    "third": {
        "第一季度": (FIRST_DUE, FIRST_LATE),
        "第二季度": (SECOND_DUE, SECOND_TELEPHONE),
        "第三季度": (THIRD, THIRD),
    },
    "year": {
        "第一季度": (FIRST_DUE, FIRST_LATE),
        "第二季度": (SECOND_DUE, SECOND_TELEPHONE),
        "第三季度": (THIRD, THIRD),
        "年度": (FOURTH, FOURTH),
    },
}
PROGRESS["section"] = PROGRESS["telephone"]
PROGRESS["words"] = PROGRESS["third"]

# --- 报送情况 ---

RETURNED, CARRIED = "已报送", "已报送（全部沿用）"
MISSING, LATE, NOT_ISSUED = "未报送", "迟报", "未下发"
IN_JULY = {OFFICE: RETURNED, LEGAL: MISSING, FINANCE: RETURNED, PUBLICITY: RETURNED}
IN_OCTOBER = {
    OFFICE: RETURNED,
    LEGAL: RETURNED,
    FINANCE: CARRIED,
    PUBLICITY: RETURNED,
    INFORMATION: RETURNED,
}
STANDINGS = {
    "due": {OFFICE: RETURNED, LEGAL: RETURNED, FINANCE: RETURNED, PUBLICITY: MISSING},
    # The correction of the 14th does not make 法规科 late.
    "late": {OFFICE: RETURNED, LEGAL: RETURNED, FINANCE: RETURNED, PUBLICITY: LATE},
    "silent": IN_JULY,
    # What is said on the telephone is no return.
    "telephone": IN_JULY,
    "section": IN_JULY | {INFORMATION: NOT_ISSUED},
    "third": IN_OCTOBER,
    "words": IN_OCTOBER,
    "year": IN_OCTOBER | {FINANCE: RETURNED},
}

# 核对: 收到 = 汇入汇总 + 内容相同的重复 + 与下发时相同 + 列入冲突 + 改过的旧内容 + 列入问题清单.
# Filled cells of the files, by round; in brackets those left as issued:
#   第一季度  综合科 7, 法规科 8, 财务科 5; then 宣传科 3 and the correction 5, of which 4
#             repeat the file it was made of
#   第二季度  综合科 9 (4), 财务科 7 (2), 宣传科 4 (2); then 2 by telephone
#   第三季度  综合科 10 (7), 法规科 8 (2), 财务科 7 (7), 宣传科 5 (2), 信息科 4 (0)
#   年度      综合科 11 (6), 法规科 9 (6), 财务科 9 (3), 宣传科 6 (3), 信息科 6 (4)
# 列入冲突: the three cells that the correction clears. 改过的旧内容 (what a later answer has
# replaced): the correction 1 (status); 第二季度 3 + 3 + 1, by telephone 1 (status);
# 第三季度 2 + 4 + 0 + 2 + 0; 年度 4 + 2 + 4 + 2 + 0.
# 汇入汇总: of 综合科 7, 9, 10, 11 cells after each round, 法规科 8 and after the correction 5,
# by telephone 6, 8, 9; 财务科 5, 7, 7, 9; 宣传科 3, 4, 5, 6; 信息科 4, 6.
BALANCES = {
    "due": (20, 20, 0, 0, 0, 0, 0),
    "late": (28, 20, 4, 0, 3, 1, 0),
    "silent": (48, 25, 4, 8, 3, 8, 0),
    "telephone": (50, 26, 4, 8, 3, 9, 0),
    "third": (84, 34, 4, 26, 3, 17, 0),
    "year": (125, 41, 4, 48, 3, 29, 0),
}
BALANCES["section"] = BALANCES["telephone"]
BALANCES["words"] = BALANCES["third"]

# --- 总览 ---

# The line 合计 at the end of each round. T1 of 法规科 is overdue in July.
TOTALS = {
    "late": (12, 4, 7, 0, 1, 0, 0, 0, 0, 0, 0.0),
    "telephone": (12, 0, 9, 2, 1, 0, 0, 0, 1, 0, 2 / 12),
    "words": (14, 0, 6, 6, 1, 1, 0, 0, 0, 0, 6 / 13),
    "year": (14, 0, 1, 11, 1, 1, 0, 0, 1, 0, 11 / 13),
}
# At the end of the year: T6 of 信息科 is overdue; it only supports, so that the task is done.
OVERVIEW = {
    "统计口径": {
        "任务（项）": (6, 0, 0, 5, 1, 0, 0, 0, 0, 0, 5 / 6),
        "科室任务（件）": TOTALS["year"],
    },
    "科室": {
        OFFICE: (4, 0, 0, 3, 1, 0, 0, 0, 0, 0, 3 / 4),
        LEGAL: (3, 0, 0, 3, 0, 0, 0, 0, 0, 0, 3 / 3),
        FINANCE: (3, 0, 0, 3, 0, 0, 0, 0, 0, 0, 3 / 3),
        PUBLICITY: (2, 0, 0, 2, 0, 0, 0, 0, 0, 0, 2 / 2),
        INFORMATION: (2, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0 / 1),
        "合计": TOTALS["year"],
    },
    "工作要求": {
        "一、夯实基础": (6, 0, 0, 5, 1, 0, 0, 0, 0, 0, 5 / 6),
        "二、加强解读": (1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1 / 1),
        "三、强化保障": (7, 0, 1, 5, 0, 1, 0, 0, 1, 0, 5 / 6),
        "合计": TOTALS["year"],
    },
}


@pytest.fixture(scope="module")
def year(calc: Calc, tmp_path_factory: pytest.TempPathFactory) -> YearOfRounds:
    """Live the year through once."""
    one = YearOfRounds(tmp_path_factory.mktemp("分批次"), calc)
    run_year(one)
    return one


# --- what every collection says ---


@pytest.mark.parametrize("name", PROGRESS)
def test_each_round_is_counted_as_it_stood(year: YearOfRounds, name: str) -> None:
    """By its due day and with what came late; nothing later changes 截止 of a round."""
    found: dict[str, dict[str, tuple[Any, ...]]] = {}
    for line in read_lines(year.get_kept(name), "各批次进展", "批次"):
        if line.get("口径"):
            figures = tuple(line[header] for header in _PROGRESS_HEADERS)
            found.setdefault(line["批次"], {})[line["口径"]] = figures
    assert found == {
        round_: dict(zip(("截止", "含补报"), figures, strict=True))
        for round_, figures in PROGRESS[name].items()
    }


@pytest.mark.parametrize("name", STANDINGS)
def test_each_section_stands_as_it_returned(year: YearOfRounds, name: str) -> None:
    assert read_statuses(year.get_kept(name)) == STANDINGS[name]


@pytest.mark.parametrize("name", BALANCES)
def test_every_cell_is_accounted_for(year: YearOfRounds, name: str) -> None:
    """As many as counted by hand, wherever they are; the screen says the same."""
    ((text,),) = (
        [cell for cell in row if str(cell).startswith("收到填写的单元格")]
        for row in read_grid(year.get_kept(name), "报送情况")
        if str(row[0]).startswith("收到填写的单元格")
    )
    counts = {words: int(count) for words, count in re.findall(r"([^ =+（）]+) (\d+) 个", text)}
    buckets = (
        "收到填写的单元格",
        "汇入汇总",
        "内容相同的重复",
        "与下发时相同",
        "列入冲突",
        "改过的旧内容",
        "列入问题清单",
    )
    assert tuple(counts.get(bucket, 0) for bucket in buckets) == BALANCES[name]
    assert sum(BALANCES[name][1:]) == BALANCES[name][0]
    assert "两者一致" in text
    assert "一个不少" in year.outputs[name]


def test_nothing_is_to_be_put_right(year: YearOfRounds) -> None:
    """Nobody is asked anything row by row, not even of the section that is silent.

    The two notices are about the row that changed: it was struck off, and has a wording.
    """
    assert [name for name, said in year.outputs.items() if "须处理的问题 0 个" not in said] == []
    assert [
        (name, line["科室"])
        for name in year.outputs
        for line in read_lines(year.get_kept(name), "问题清单", "序号")
    ] == [("year", OFFICE), ("year", OFFICE)]


# --- what happens in the year ---


def test_what_is_cleared_is_withdrawn_and_told(year: YearOfRounds) -> None:
    """法规科 blanks cells in its own file: they are gone, and on 冲突."""
    before, after = (find_line(year.get_kept(name), LEGAL, 1) for name in ("due", "late"))
    headers = ("完成状态", "完成日期", "落实情况", "佐证材料")
    words = "本科室目录 9 项已公布。"
    assert [before[header] for header in headers] == [
        "已完成",
        date(2022, 3, 25),
        words,
        "某金法〔2022〕3号",
    ]
    assert [after[header] for header in headers] == ["推进中", "", words, ""]
    assert list_conflicts(year, "due") == []
    assert list_conflicts(year, "late") == [
        (LEGAL, 1, "完成日期", "（先填后空）", "2022-03-25"),
        (LEGAL, 1, "佐证材料", "（先填后空）", "某金法〔2022〕3号"),
        (LEGAL, 6, "备注", "（先填后空）", "待安排。"),
    ]
    assert list_history(year, "late") == [(LEGAL, 1, "完成状态", "已完成", "【第一季度】推进中")]
    # September gave another date: what was taken back in April stands on the list as it was.
    assert list_conflicts(year, "year") == [
        (LEGAL, 1, "完成日期", "（先填后空）", "2022-03-25"),
        (LEGAL, 1, "佐证材料", "（先填后空）", "某金法〔2022〕3号"),
        (LEGAL, 6, "备注", "（先填后空）", "待安排。"),
    ]


def test_a_silent_section_is_missing_once(year: YearOfRounds) -> None:
    assert "“第二季度”这一批次，未报送的科室：法规科。" in year.outputs["silent"]
    assert year.outputs["silent"].count(LEGAL) == 1
    # Its answers of April stand meanwhile.
    assert find_line(year.get_kept("silent"), LEGAL, 2)["落实情况"] == "已清理 20 件。"


def test_a_telephone_answer_shows_where_it_comes_from(year: YearOfRounds) -> None:
    """It holds until the section says otherwise: from July to December."""
    source = "台账（代填：7月13日电话，李四报；王五）"
    headers = ("完成状态", "落实情况", "来源文件")
    for name in ("telephone", "section", "third"):
        line = find_line(year.get_kept(name), LEGAL, 6)
        assert [line[header] for header in headers] == ["推进中", "解读提纲已拟好。", source]
    assert "解读提纲已拟好。" in read_task(year, "telephone", 6)["落实情况"]
    line = find_line(year.get_kept("year"), LEGAL, 6)
    said = ["已完成", "解读规章 4 件。", "年度 法规科.xlsx"]
    assert [line[header] for header in headers] == said
    assert (LEGAL, 6, "落实情况", "解读提纲已拟好。", "【年度】解读规章 4 件。") in list_history(
        year, "year"
    )


def test_a_section_of_september_changes_nothing_of_earlier_rounds(year: YearOfRounds) -> None:
    """Figures, 未报 and the rates of the chart are the same cells as before."""
    before, after = (
        [row for row in read_grid(year.get_kept(name), "各批次进展") if is_about_round(row)]
        for name in ("telephone", "section")
    )
    # Two lines of figures a round, and the line from which the chart is drawn.
    assert len(before) == 2 * (2 + 1)
    assert after == before
    assert "“第二季度”这一批次没有给信息科下发过表，不算未报。" in list_cells(
        year.get_kept("section"), "各批次进展"
    )
    # The second column of the other lines is the due day.
    rates = [rate for row in before if isinstance(row[1], float) for rate in row[1:3]]
    assert rates == pytest.approx([1 / 12, 0, 2 / 12, 2 / 12])


def test_what_the_office_types_is_harvested_and_shown(year: YearOfRounds) -> None:
    """The adopted wording replaces the section's own in the table of the year and the draft."""
    assert "写的 3 处，已经记进台账“台账.xlsx”的“办理记录”" in year.outputs["words"]
    own = ("全局目录 86 项已公布。", "全局目录 88 项已公布。")
    assert own[0] in read_task(year, "third", 1)["落实情况"]
    for name in ("words", "year"):
        lines = read_lines(year.get_kept(name), "科室明细", "科室")
        typed = {
            (line["科室"], line["序号"]): (line["采用口径"], line["销号"])
            for line in lines
            if line["采用口径"] or line["销号"]
        }
        assert typed == {(OFFICE, 1): (ADOPTED, "是"), (FINANCE, 1): ("", "是")}
        shown = read_task(year, name, 1)["落实情况"]
        assert (ADOPTED in shown, [one for one in own if one in shown]) == (True, [])
    draft = "\n".join(paragraph.text for paragraph in Document(str(year.draft)).paragraphs)
    assert (ADOPTED in draft, [one for one in own if one in draft]) == (True, [])


def test_a_row_that_changes_after_it_was_struck_off_is_named(year: YearOfRounds) -> None:
    """综合科 writes 88 instead of 86; the row of 财务科 stays as it was struck off.

    The office's wording of the row stands until the office changes it, which is told too.
    """
    lines = read_lines(year.get_kept("year"), "问题清单", "序号")
    assert {(line["级别"], line["文件"]) for line in lines} == {("提示", "年度 综合科.xlsx")}
    closed, adopted = sorted(line["问题"] for line in lines)
    assert closed.startswith("任务 1 在 2022-10-13 已经销号")
    assert "销号后改动" in closed
    assert adopted.startswith("任务 1 的采用口径是 2022-10-13 写的，之后科室又改了填报内容")
    assert find_line(year.get_kept("year"), OFFICE, 1)["落实情况"] == "全局目录 88 项已公布。"


# --- what LibreOffice counts ---


@pytest.mark.parametrize("name", TOTALS)
def test_libreoffice_counts_the_same(year: YearOfRounds, name: str, tmp_path: Path) -> None:
    """Recalculated, saved in LibreOffice and read with calamine: the figures of 总览."""
    recalculated = tmp_path / "重算.xlsx"
    year.calc.open(path=year.get_kept(name))
    year.calc.recalculate()
    assert year.calc.errors() == []
    year.calc.save(path=recalculated)
    year.calc.close()
    for path in (year.get_kept(name), recalculated):
        overview = read_figures(read_grid(path, "总览"))
        assert overview["科室"]["合计"] == pytest.approx(TOTALS[name])
        if name == "year":
            assert overview == {
                head: {label: pytest.approx(figures) for label, figures in lines.items()}
                for head, lines in OVERVIEW.items()
            }


# --- reading ---


def read_grid(path: Path, sheet: str) -> list[list[Any]]:
    return (
        CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    )


def list_cells(path: Path, sheet: str) -> str:
    """Return all filled cells of a sheet, a line each."""
    return "\n".join(str(cell) for row in read_grid(path, sheet) for cell in row if cell != "")


def read_figures(grid: Sequence[Sequence[Any]]) -> dict[str, dict[str, tuple[Any, ...]]]:
    """Return the tables of 总览 in the shape of ``OVERVIEW``."""
    return {
        head: {
            row[head]: tuple(row[name] for name in OVERVIEW_FIGURES)
            for row in read_lines_below(grid, head)
        }
        for head in OVERVIEW
    }


def read_task(year: YearOfRounds, name: str, number: int) -> Mapping[str, Any]:
    """Return the row of 年度汇总 of a task after a collection."""
    lines = read_lines(year.get_kept(name), "年度汇总", "序号")
    return next(line for line in lines if line["序号"] == number)


def list_conflicts(year: YearOfRounds, name: str) -> list[tuple[Any, ...]]:
    headers = ("科室", "任务序号", "栏目", "采用的内容", "未采用的内容")
    lines = read_lines(year.get_kept(name), "冲突", "序号")
    return [tuple(line[header] for header in headers) for line in lines]


def list_history(year: YearOfRounds, name: str) -> list[tuple[Any, ...]]:
    headers = ("科室", "任务序号", "栏目", "当时填的内容", "现在的内容")
    lines = read_lines(year.get_kept(name), "历次填报", "序号")
    return [tuple(line[header] for header in headers) for line in lines]


def is_about_round(row: Sequence[Any]) -> bool:
    """Whether a row of 各批次进展 is one of figures or rates of one round."""
    return row[0] in {"第一季度", "第二季度", "第三季度", "年度"}
