"""The draft of the annual report over a year: it quotes what holds, and tells truly what it has.

Real files as in ``test_year``: issued, filled and saved, sent back; the draft is read as a
Word document.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook

from ledgerbook.book import build_book_bytes
from ledgerbook.plan.deadline_parser import parse_deadline
from tests.commands.test_year import Q1, Q2, Office, make_year_book, run
from tests.support.books import FINANCE, INDUSTRY

pytestmark = pytest.mark.slow

REASONS, NEXT_STEPS = "（一）存在的主要问题", "（二）改进情况"
DOING: Mapping[str, Any] = {
    "status": "推进中",
    "result": "已办3件。",
    "reason": "系统没有上线。",
    "next_step": "下半年上线。",
}
DONE: Mapping[str, Any] = {"status": "已完成", "done_on": date(2022, 6, 10), "result": "办好了。"}


@pytest.fixture(scope="module")
def issued_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder whose first task recurs every quarter; the first round is issued."""
    folder = tmp_path_factory.mktemp("office")
    book = make_year_book()
    first, *rest = book.tasks
    deadline = parse_deadline("每季度", 2022)
    quarterly = replace(first, deadline_text="每季度", parsed_deadline=deadline)
    book = replace(book, tasks=(quarterly, *rest))
    (folder / "台账.xlsx").write_bytes(build_book_bytes(book))
    (folder / "收回").mkdir()
    Office(folder).generate(Q1)
    return folder


@pytest.fixture
def office(issued_once: Path, tmp_path: Path) -> Office:
    shutil.copytree(issued_once, tmp_path / "office")
    return Office(tmp_path / "office")


def draft(office: Office, *words: str, as_of: str = "2022-12-20") -> list[str]:
    """Return all paragraphs of the draft, those of 起草说明 first."""
    path = office.folder / "初稿.docx"
    target = ("-o", str(path), "--as-of", as_of, "--overwrite")
    code, printed = run("report", str(office.book), str(office.returned), *target, *words)
    assert code in (0, 1), printed
    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for paragraph in document.paragraphs] + cells


def list_below(paragraphs: list[str], heading: str) -> list[str]:
    """Return the paragraphs of the report between ``heading`` and the next one."""
    start = len(paragraphs) - paragraphs[::-1].index(heading)
    end = next(i for i in range(start, len(paragraphs)) if paragraphs[i][:1] in "（六")
    return paragraphs[start:end]


def list_points(paragraphs: list[str], word: str) -> list[str]:
    return [text for text in paragraphs[: paragraphs.index(REASONS)] if word in text]


def test_the_reason_of_a_task_that_was_finished_since_is_not_quoted(office: Office) -> None:
    """Finished in June, it is no problem of the year; what is left out is named."""
    unlike = DOING | {"reason": "人手不足。", "next_step": "增加人手。"}
    office.fill(office.get_form(Q1), "一.xlsx", "2022-03-20 09:00", {2: DOING, 3: unlike})
    office.generate(Q2, office.returned)
    office.fill(office.get_form(Q2), "二.xlsx", "2022-06-20 09:00", {2: DONE})
    paragraphs = draft(office)
    assert list_below(paragraphs, REASONS) == ["人手不足。"]
    assert list_below(paragraphs, NEXT_STEPS) == ["增加人手。"]
    named = list_points(paragraphs, "没有写入第五部分")
    assert [text.split("，")[1] for text in named] == [
        f"填的“{header}”没有写入第五部分：第2项（{FINANCE}）。"
        for header in ("未完成原因", "下一步措施")
    ]
    assert "办好了。" in paragraphs


def test_the_reason_of_a_missed_turn_is_quoted_though_the_newest_is_done(office: Office) -> None:
    """已完成 of the second quarter does not finish the first, which is overdue."""
    office.fill(office.get_form(Q1), "一.xlsx", "2022-03-20 09:00", {2: DOING | {"reason": "无"}})
    office.generate(Q2)
    late = DONE | {"reason": "一季度因疫情没有办。"}
    office.fill(office.get_form(Q2), "二.xlsx", "2022-06-20 09:00", {1: late})
    paragraphs = draft(office, as_of="2022-07-05")
    assert list_below(paragraphs, REASONS)[0] == "一季度因疫情没有办。"


def test_a_section_that_is_quoted_is_not_said_to_be_absent(office: Office) -> None:
    """Silent in the second round, it is quoted with what it said in the first."""
    office.fill(office.get_form(Q1), "一.xlsx", "2022-03-20 09:00", {2: DOING})
    office.generate(Q2)
    form = office.get_form(Q2, INDUSTRY)
    office.fill(form, "二.xlsx", "2022-06-20 09:00", {2: DONE}, section=INDUSTRY)
    paragraphs = draft(office, as_of="2022-07-05")
    (point,) = list_points(paragraphs, "没有报送")
    assert point.endswith(
        f"{FINANCE}（承担 16 项任务，其中 1 项已逾期）上半年没有报送，"
        "初稿用的是它第一季度报的内容，请核实现在是否仍然如此。"
    )
    assert not list_points(paragraphs, "初稿里没有它的内容")
    assert "系统没有上线。" in paragraphs


def test_a_section_that_only_the_annex_has_is_told_so(office: Office) -> None:
    """What is not begun is no result: it stands on the annex alone."""
    answers = {2: {"status": "未启动", "result": "等文件。"}}
    office.fill(office.get_form(Q1), "一.xlsx", "2022-03-20 09:00", answers)
    office.generate(Q2)
    paragraphs = draft(office, as_of="2022-07-05")
    silent, nothing = list_points(paragraphs, "没有报送")
    assert "上半年没有报送，正文里没有写它的内容，附件和各表里只有它以前报的。" in silent
    assert f"{INDUSTRY}（承担 16 项任务，其中 1 项已逾期）没有报送，初稿里没有" in nothing


def test_a_section_that_only_the_office_words_is_told_so(office: Office) -> None:
    """It sent nothing; what the draft says of it is 采用口径."""
    summary = office.collect(as_of="2022-03-25")
    type_wording(office, "综合科写的。")
    office.collect(as_of="2022-03-26")
    assert summary.standings[FINANCE] == "未报送"
    (point, _) = list_points(draft(office, as_of="2022-04-05"), "没有报送")
    assert "第一季度没有报送，初稿用的是综合科的采用口径，" in point


def test_words_that_were_taken_back_are_nowhere(office: Office) -> None:
    """The second file is made of the first; three of its cells were emptied."""
    other = DOING | {"result": "办了5件。", "reason": "缺人。", "next_step": "补人。"}
    answers = {2: DOING, 3: other, 4: other, 5: other}
    first = office.fill(office.get_form(Q1), "一.xlsx", "2022-03-20 09:00", answers)
    assert "系统没有上线。" in draft(office, as_of="2022-04-05")
    blank = dict.fromkeys(("result", "reason", "next_step"))
    office.fill(first, "二.xlsx", "2022-03-21 09:00", {2: blank})
    paragraphs = draft(office, as_of="2022-04-05")
    assert "缺人。" in paragraphs
    for text in ("已办3件", "系统没有上线", "下半年上线"):
        assert not [one for one in paragraphs if text in one]


def type_wording(office: Office, text: str, task: str = "2") -> None:
    """Type 采用口径 beside a task of the finance section, as the office does."""
    path = office.folder / "汇总" / "2022年度汇总.xlsx"
    workbook = load_workbook(path)
    rows = list(workbook["科室明细"].iter_rows())
    header = next(row for row in rows if row[0].value == "科室")
    columns = {cell.value: cell.column - 1 for cell in header}
    (line,) = (
        row
        for row in rows
        if (row[columns["科室"]].value, str(row[columns["序号"]].value)) == (FINANCE, task)
    )
    line[columns["采用口径"]].value = text
    workbook.save(path)


@pytest.mark.parametrize("is_harvested", [True, False])
def test_a_wording_whose_answer_has_changed_stays_and_is_named(
    office: Office, *, is_harvested: bool
) -> None:
    """Wherever it is read: from the book, or from the summary it was typed into."""
    form = office.get_form(Q1)
    first = office.fill(form, "一.xlsx", "2022-03-20 09:00", {2: DOING, 3: DOING})
    office.collect(as_of="2022-03-25")
    type_wording(office, "系统建设有序推进。")
    if is_harvested:
        office.collect(as_of="2022-03-25")
    words = [] if is_harvested else ["--summary", str(office.folder / "汇总/2022年度汇总.xlsx")]
    paragraphs = draft(office, *words, as_of="2022-03-25")
    assert not list_points(paragraphs, "又有改动")
    office.fill(first, "二.xlsx", "2022-03-26 09:00", {2: {"result": "全部办完。"}})
    paragraphs = draft(office, *words, as_of="2022-04-05")
    assert "系统建设有序推进。" in "".join(paragraphs)
    (point,) = list_points(paragraphs, "又有改动")
    assert point.endswith(f"初稿仍用原来的口径，请核对：第2项（{FINANCE}）。")
