"""A whole year in a real LibreOffice: four rounds, one correction, one late section.

The office and its sections only press keys: they choose, type, paste and save with
Ctrl+S. The commands are run as the office runs them. Whatever the year comes to stands
in tables below, counted by hand from what :mod:`full_year` types.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from ledgerbook.forms import load_factory_ledger
from tests.office.calc import Calc
from tests.office.full_year import (
    ADOPTED,
    FINANCE,
    LEGAL,
    OFFICE,
    OVERVIEW_FIGURES,
    ROUND_SCRIPTS,
    SECTIONS,
    Year,
    read_lines,
    read_lines_below,
    read_statuses,
    run_year,
)

# The year is lived once, for all tests of this file.
pytestmark = pytest.mark.xdist_group("full-year")


@pytest.fixture(scope="module")
def year(calc: Calc, tmp_path_factory: pytest.TempPathFactory) -> Year:
    """Live the year through once."""
    one = Year(tmp_path_factory.mktemp("政务公开"), calc)
    run_year(one)
    return one


# -- what the year comes to ----------------------------------------------------------

ALL_ROWS = (13, 0, 1, 10, 1, 1, 0, 0, 2, 0, 10 / 12)
# 总览: of the 13 parts, 法规科 has not held its training (6), and nobody makes up for
# the first quarter of 财务科 (4). What is none of a section's business is not owed.
OVERVIEW = {
    "统计口径": {
        "任务（项）": (6, 0, 2, 3, 1, 0, 0, 0, 2, 0, 3 / 6),
        "科室任务（件）": ALL_ROWS,
    },
    "科室": {
        OFFICE: (5, 0, 0, 4, 1, 0, 0, 0, 0, 0, 4 / 5),
        LEGAL: (4, 0, 1, 3, 0, 0, 0, 0, 1, 0, 3 / 4),
        FINANCE: (4, 0, 0, 3, 0, 1, 0, 0, 1, 0, 3 / 3),
        "合计": ALL_ROWS,
    },
    "工作要求": {
        "一、夯实基础": (6, 0, 0, 5, 1, 0, 0, 0, 0, 0, 5 / 6),
        "二、加强解读": (4, 0, 0, 4, 0, 0, 0, 0, 1, 0, 4 / 4),
        "三、强化保障": (3, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1 / 2),
        "合计": ALL_ROWS,
    },
}
TILES = [6, 13, 10 / 12, 2, 0, "3/3"]
# 年度汇总: status, urgency.
TASKS = {
    1: ("已完成", ""),
    2: ("已完成", ""),
    3: ("长期推进", ""),
    4: ("推进中", "逾期"),
    5: ("已完成", ""),
    6: ("推进中", "逾期"),
}
# 各批次进展: 未启动, 推进中, 已完成, 长期推进, 不涉及, 未填或未报, 完成率.
PROGRESS = {
    "第一季度": (4, 5, 3, 1, 0, 0, "23.1%"),
    "第二季度": (4, 2, 6, 1, 0, 0, "46.2%"),
    "第三季度": (3, 1, 8, 1, 0, 0, "61.5%"),
    "第四季度": (0, 1, 10, 1, 1, 0, "83.3%"),
}
OVERDUE = [
    # What 财务科 wrote of the spring quarter is on 历次填报: its later row has no reason.
    (FINANCE, 4, date(2022, 3, 31), ""),
    (LEGAL, 6, date(2022, 11, 30), "讲师未到位，改在明年一月。"),
]


def test_every_figure_is_the_one_counted_by_hand(year: Year) -> None:
    """总览 by task, section and requirement, as calamine reads what we wrote."""
    grid = CalamineWorkbook.from_path(year.summary).get_sheet_by_name("总览")
    assert figures(grid.to_python(skip_empty_area=False)) == OVERVIEW


def test_libreoffice_counts_the_same(year: Year) -> None:
    """The same figures and tiles, computed afresh from the other sheets."""
    year.calc.open(path=year.summary)
    year.calc.recalculate()
    grid = year.calc.values()
    assert year.calc.errors() == []
    year.calc.close()
    assert figures(grid) == OVERVIEW
    tiles = next(row for row in grid if row[0] == TILES[0])
    assert [value for value in tiles if value != ""] == pytest.approx(TILES)


def figures(grid: Sequence[Sequence[Any]]) -> dict[str, dict[str, Any]]:
    """Return the tables of 总览 in the shape of ``OVERVIEW``, rates not to the bit."""
    found: dict[str, dict[str, Any]] = {}
    for head in OVERVIEW:
        rows = read_lines_below(grid, head)
        headers = (*OVERVIEW_FIGURES[:-1], "超期完成", OVERVIEW_FIGURES[-1])
        assert all(tuple(row)[1:] == headers for row in rows)
        # Every fixed date of this year was kept or is overdue still.
        assert all(row["超期完成"] == 0 for row in rows)
        found[head] = {
            row[head]: pytest.approx([row[name] for name in OVERVIEW_FIGURES]) for row in rows
        }
    return found


def test_every_task_is_summed_up_over_its_sections(year: Year) -> None:
    rows = read_lines(year.summary, "年度汇总", "序号")
    assert {row["序号"]: (row["完成状态"], row["判定"]) for row in rows} == TASKS


def test_what_is_overdue_is_told_with_its_reason(year: Year) -> None:
    """The quarter that was missed in spring is overdue still; a date put off is not."""
    rows = read_lines(year.summary, "逾期临期", "序号")
    assert [
        (row["科室"], row["任务序号"], row["完成期限"], row["未完成原因"]) for row in rows
    ] == OVERDUE


def test_each_round_is_counted_as_it_stood(year: Year) -> None:
    lines = read_lines(year.summary, "各批次进展", "批次")
    rows = [row for row in lines if row.get("口径") == "含补报"]
    columns = (*OVERVIEW_FIGURES[1:6], "未填或未报", "完成率")
    assert {row["批次"]: tuple(row[name] for name in columns) for row in rows} == PROGRESS
    assert [row["未报科室"] for row in rows] == ["无"] * 4
    assert [row["应报日期"] for row in rows] == [
        date(2022, 4, 10),
        date(2022, 7, 10),
        date(2022, 10, 10),
        date(2022, 12, 20),
    ]


def test_who_is_late_is_named_first_and_counted_then(year: Year) -> None:
    """财务科 is missing in October, late when its return comes, in time in December."""
    assert "未报送的科室：财务科。" in year.outputs["third"]
    assert year.statuses["third"] == {
        OFFICE: "已报送",
        LEGAL: "已报送",
        FINANCE: "未报送",
    }
    assert "未报送的科室：无。" in year.outputs["late"]
    assert year.statuses["late"] == {OFFICE: "已报送", LEGAL: "已报送", FINANCE: "迟报"}
    assert read_statuses(year.summary) == dict.fromkeys(SECTIONS, "已报送")


def test_the_one_mistake_is_told_and_settled(year: Year) -> None:
    """One cell is to be put right, once; corrected, nothing more is owed."""
    assert "须处理的问题 1 个" in year.outputs["second"]
    assert "“完成状态”填的是“已完成（待验收）”" in year.outputs["second"]
    for name in ("first", "corrected", "third", "late", "fourth"):
        assert "须处理的问题 0 个" in year.outputs[name]
    assert list((year.folder / "汇总" / "退回修改").iterdir()) == []


def test_every_collection_accounts_for_every_cell(year: Year) -> None:
    assert [name for name, said in year.outputs.items() if "一个不少" not in said] == []


# What is typed as a date → the day, by hand.
DAYS = {
    "2022-3-25": "2022-03-25",
    "2022/3/28": "2022-03-28",
    "2022年3月30日": "2022-03-30",
    "2022.6.28": "2022-06-28",
    "2022-06-24": "2022-06-24",
    "22-6-30": "2022-06-30",
    "20220620": "2022-06-20",
    "2022-6-27": "2022-06-27",
    "2022/9/26": "2022-09-26",
    "2022年9月28日": "2022-09-28",
    "2022-9-20": "2022-09-20",
    "2022.9.27": "2022-09-27",
    "22-9-30": "2022-09-30",
    "2022-12-12": "2022-12-12",
    "2022-11-18": "2022-11-18",
    "2022/12/13": "2022-12-13",
    "2022.12.15": "2022-12-15",
    "2022年12月9日": "2022-12-09",
}


def entered() -> Iterator[tuple[str, str, int, str, str]]:
    """Yield each answer of the year: round, section, task number, header, text."""
    headers = {column.key: column.header for column in load_factory_ledger().columns}
    for season in ROUND_SCRIPTS:
        for section, answers in season.answers.items():
            for code, cells in answers.items():
                for key, typed in cells.items():
                    text = DAYS[typed] if key == "done_on" else str(typed)
                    yield season.name, section, int(code[1:]), headers[key], text


def test_nothing_that_was_entered_is_lost(year: Year) -> None:
    """Each answer is in its own row and column, or told as of its round, or a problem.

    The wrong status is the one answer that is nowhere but on the list of problems.
    """
    now = {
        (row["科室"], row["序号"], header, str(value))
        for row in read_lines(year.summary, "科室明细", "科室")
        for header, value in row.items()
    }
    names = ("批次", "科室", "任务序号", "栏目", "当时填的内容")
    before = {
        tuple(row[name] for name in names) for row in read_lines(year.summary, "历次填报", "序号")
    }
    everything = list(entered())
    assert len(everything) == 28 + 15 + 17 + 21
    elsewhere = [one for one in everything if one not in before and one[1:] not in now]
    assert elsewhere == [("第二季度", LEGAL, 1, "完成状态", "已完成（待验收）")]


def test_what_was_odd_is_told_where_it_stands(year: Year) -> None:
    """A status that is none, a date that was a text, and the date put off since."""
    assert {
        (row["文件"], row["单元格"], row["原填内容"])
        for row in read_lines(year.summary, "问题清单", "序号")
    } == {
        ("第二季度 法规科.xlsx", "J6", "已完成（待验收）"),
        ("第二季度 法规科.xlsx", "K8", "20220620"),
        ("第一季度 财务科.xlsx", "H8", "2022-11-15"),
        ("第二季度 财务科.xlsx", "H8", "2022-11-15"),
    }


def test_the_words_of_the_office_are_kept(year: Year) -> None:
    """What it typed into the summary of July stands in that of December."""
    rows = read_lines(year.summary, "科室明细", "科室")
    words = {(row["科室"], row["序号"]): row["采用口径"] for row in rows}
    assert {at: said for at, said in words.items() if said} == {(OFFICE, 1): ADOPTED}
