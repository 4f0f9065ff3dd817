"""Tables of documents: merged cells, pages, and tables of something else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document
from docx.table import Table

from ledgerbook.plan import Plan, PlanItem, read_plan
from tests.plan.layouts import read

HEADERS = ("工作要求", "工作要点", "计划措施", "责任单位")
TITLE = "某市某局2023年政务公开工作要点分工方案"

DO, WRITE, SHOW = ITEMS = (
    PlanItem(1, "一、甲乙", "（一）丙丁。", "做事。", "综合科"),
    PlanItem(2, "一、甲乙", "（一）丙丁。", "写字。", "综合科"),
    PlanItem(3, "一、甲乙", "（二）戊己。", "公开。", "各科室"),
)


class Page:
    """A document in the making; tables are written as lines of ``a | b | c | d``.

    ``^`` is a cell merged with the one above, ``<`` with the one to its left.
    """

    def __init__(self, *titles: str) -> None:
        self.document = Document()
        for title in titles or (TITLE,):
            self.document.add_paragraph(title)

    def table(self, *lines: str) -> Page:
        rows = [[cell.strip() for cell in line.split("|")] for line in lines]
        table = self.document.add_table(len(rows), len(rows[0]))
        for r, row in enumerate(rows):
            for c, text in enumerate(row):
                self._put(table, r, c, text)
        return self

    def _put(self, table: Table, r: int, c: int, text: str) -> None:
        if text == "^":
            table.cell(r - 1, c).merge(table.cell(r, c))
        elif text == "<":
            table.cell(r, c - 1).merge(table.cell(r, c))
        else:
            table.cell(r, c).text = text.replace("\\n", "\n")

    def read(self, folder: Path) -> Plan:
        path = folder / "方案.docx"
        self.document.save(str(path))
        return read_plan(path)


HEAD = " | ".join(HEADERS)

LAYOUTS = {
    "cells merged downwards": [
        (
            HEAD,
            "一、甲乙 | (一)丙丁。 | 1.做事。 | 综合科",
            "^ | ^ | 2.写字。 | ^",
            "^ | (二)戊己。 | 3.公开。 | 各科室",
        )
    ],
    "nothing merged, headings once": [
        (
            HEAD,
            "一、甲乙 | (一)丙丁。 | 1.做事。 | 综合科",
            " | | 2.写字。 | 综合科",
            " | (二)戊己。 | 3.公开。 | 各科室",
        )
    ],
    "nothing merged, headings repeated": [
        (
            HEAD,
            "一、甲乙 | (一)丙丁。 | 1.做事。 | 综合科",
            "一、甲乙 | (一)丙丁。 | 2.写字。 | 综合科",
            "一、甲乙 | (二)戊己。 | 3.公开。 | 各科室",
        )
    ],
    "spaces and line breaks in cells": [
        (
            "工作\\n要求 | 工 作 要 点 | 计划措施 | 责任\\n单位",
            "一、 甲\\n乙 | （一）丙 丁。 | 1. 做\\n事。 | 综合\\n科",
            "^ | ^ | 2．写字。 | 综合科",
            "^ | (二) 戊己。 | 3、公开。 | 各科 室",
        )
    ],
    "a table a page, with headers": [
        (HEAD, "一、甲乙 | (一)丙丁。 | 1.做事。 | 综合科"),
        (
            HEAD,
            " | | 2.写字。 | 综合科",
            "^ | (二)戊己。 | 3.公开。 | 各科室",
        ),
    ],
    "a table a page, without headers": [
        (HEAD, "一、甲乙 | (一)丙丁。 | 1.做事。 | 综合科"),
        (" | | 2.写字。 | 综合科", " | (二)戊己。 | 3.公开。 | 各科室"),
    ],
    "headers repeated inside one table": [
        (
            HEAD,
            "一、甲乙 | (一)丙丁。 | 1.做事。 | 综合科",
            HEAD,
            " | | 2.写字。 | 综合科",
            " | (二)戊己。 | 3.公开。 | 各科室",
        )
    ],
    "columns in another order, and one more": [
        (
            "责任单位 | 计划措施 | 备注 | 工作要点 | 工作要求",
            "综合科 | 1.做事。 | | (一)丙丁。 | 一、甲乙",
            "综合科 | 2.写字。 | | ^ | ^",
            "各科室 | 3.公开。 | | (二)戊己。 | ^",
        )
    ],
    "numbers in a column of their own": [
        (
            "序号 | 工作要求 | 工作要点 | 计划措施 | 责任单位",
            "1 | 一、甲乙 | (一)丙丁。 | 做事。 | 综合科",
            "2 | ^ | ^ | 写字。 | 综合科",
            "3 | ^ | (二)戊己。 | 公开。 | 各科室",
        )
    ],
    "numbers under a header cell shared with the text": [
        (
            "工作要求 | 工作要点 | 计划措施 | < | 责任单位",
            "一、甲乙 | (一)丙丁。 | 1. | 做事。 | 综合科",
            "^ | ^ | 2. | 写字。 | 综合科",
            "^ | (二)戊己。 | 3. | 公开。 | 各科室",
        )
    ],
    "other tables around": [
        ("姓名 | 电话", "张某 | 123"),
        (
            HEAD,
            "一、甲乙 | (一)丙丁。 | 1.做事。 | 综合科",
            "^ | ^ | 2.写字。 | ^",
            "^ | (二)戊己。 | 3.公开。 | 各科室",
        ),
        ("日期 | 备注", "今天 | 无"),
    ],
    "the title in the table": [
        (
            f"{TITLE} | < | < | <",
            HEAD,
            "一、甲乙 | (一)丙丁。 | 1.做事。 | 综合科",
            "^ | ^ | 2.写字。 | 综合科",
            "^ | (二)戊己。 | 3.公开。 | 各科室",
        )
    ],
    "numbers as a scan misread them": [
        (
            HEAD,
            "一、甲乙 | (—)丙丁。 | L做事。 | 综合科",
            "^ | ^ | Z.写字。 | 综合科",
            "^ | (二)戊己。 | 3公开。 | 各科室",
        )
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(tmp_path: Path, layout: str) -> None:
    """The same three items are read from a table laid out in any of these ways."""
    titles = ("附件", "公开方式：主动") if layout == "the title in the table" else ()
    page = Page(*titles)
    for lines in LAYOUTS[layout]:
        page.table(*lines)
    plan = page.read(tmp_path)
    assert plan.items == ITEMS
    assert (plan.title, plan.agency, plan.year) == (TITLE, "某市某局", 2023)


def test_blank_unmerged_units_are_filled_with_a_question(tmp_path: Path) -> None:
    """A blank 责任单位 that is not merged takes the one above, and says so."""
    plan = (
        Page()
        .table(
            HEAD,
            "一、甲乙 | (一)丙丁。 | 1.做事。 | 综合科",
            "^ | ^ | 2.写字。 | ",
            "^ | (二)戊己。 | 3.公开。 | 各科室",
        )
        .read(tmp_path)
    )
    assert plan.items == ITEMS
    assert [(q.task_codes, q.field) for q in plan.questions] == [
        (("T02",), "责任单位"),
    ]


def test_merge_does_not_leak_into_the_next_table(tmp_path: Path) -> None:
    """A merged 责任单位 ends with its page unless the next begins with a blank."""
    plan = (
        Page()
        .table(
            HEAD,
            "一、甲乙 | (一)丙丁。 | 1.做事。 | 综合科",
            "^ | ^ | 2.写字。 | ^",
        )
        .table(HEAD, "二、庚辛 | (一)壬癸。 | 3.公开。 | ")
        .read(tmp_path)
    )
    assert plan.items == (
        DO,
        WRITE,
        PlanItem(3, "二、庚辛", "（一）壬癸。", "公开。", ""),
    )


def test_blank_requirement_after_a_page_break_is_not_filled(tmp_path: Path) -> None:
    """Points that start again at (一) on a new page have lost their 工作要求."""
    plan = (
        Page()
        .table(HEAD, "一、甲乙 | (一)丙丁。 | 1.做事。 | 综合科")
        .table(HEAD, " | (一)戊己。 | 2.公开。 | 各科室")
        .read(tmp_path)
    )
    assert [item.requirement for item in plan.items] == ["一、甲乙", ""]


def test_blank_merged_requirement_is_blank(tmp_path: Path) -> None:
    """An empty cell merged over rows means no heading, wherever the points stand."""
    plan = (
        Page()
        .table(
            HEAD,
            "一、甲乙 | (一)丙丁。 | 1.做事。 | 综合科",
            " | (二)戊己。 | 2.写字。 | 综合科",
            "^ | (三)庚辛。 | 3.公开。 | 各科室",
        )
        .read(tmp_path)
    )
    assert [item.requirement for item in plan.items] == ["一、甲乙", "", ""]


def test_limits_are_read_in_the_plans_own_words(tmp_path: Path) -> None:
    """A column of time limits is kept as written; only its blanks are asked about."""
    plan = (
        Page()
        .table(
            f"{HEAD} | 完成\\n时限",
            "一、甲乙 | (一)丙丁。 | 1.做事。 | 综合科 | 年底前",
            "^ | ^ | 2.写字。 | 综合科 | ^",
            "^ | (二)戊己。 | 3.公开。 | 各科室 | ",
        )
        .read(tmp_path)
    )
    assert [item.deadline_text for item in plan.items] == ["年底前", "年底前", ""]
    assert [(q.task_codes, q.reason) for q in plan.questions] == [
        (("T03",), "方案没有给这些任务写明时限。")
    ]


def test_items_without_numbers_are_numbered(tmp_path: Path) -> None:
    """Items that bear no number are counted: there is nothing to ask."""
    plan = (
        Page()
        .table(
            HEAD,
            "一、甲乙 | (一)丙丁。 | 做事。 | 综合科",
            "^ | ^ | 写字。 | 综合科",
            "^ | (二)戊己。 | 公开。 | 各科室",
        )
        .read(tmp_path)
    )
    assert plan.items == ITEMS
    assert not plan.questions


def test_a_gap_in_the_numbers_is_asked_about(tmp_path: Path) -> None:
    """Rows of a table are certain: a gap in their numbers is a question, no more."""
    plan = (
        Page()
        .table(
            HEAD,
            "一、甲乙 | (一)丙丁。 | 1.做事。 | 综合科",
            "^ | ^ | 3.写字。 | 综合科",
        )
        .read(tmp_path)
    )
    assert plan.items == (DO, WRITE)
    assert [(q.current_value, q.reason) for q in plan.questions if q.field == "序号"] == [
        (
            "1、3",
            "方案里的任务序号不连续（有跳号、重号或缺号），已按先后顺序重新编号。",
        )
    ]


def test_several_units_on_lines_of_their_own(tmp_path: Path) -> None:
    """Units written one a line stay apart on one line."""
    plan = (
        Page()
        .table(HEAD, "一、甲乙 | (一)丙丁。 | 1.做事。 | 综合科\\n法规科\\n配合")
        .read(tmp_path)
    )
    assert plan.items[0].units == "综合科 法规科配合"


def test_a_short_task_alone_on_the_last_page_is_a_task(tmp_path: Path) -> None:
    """Its words are as short as headers, but they are a sentence, units and a limit."""
    head = "具体要求 | 责任单位 | 完成时限"
    plan = (
        Page()
        .table(head, "推进政策解读。 | 综合科 | 年底前", "答复留言。 | 综合科 | 长期")
        .table("推进政策解读。 | 办公室 | 年底前")
        .read(tmp_path)
    )
    assert [item.units for item in plan.items] == ["综合科", "综合科", "办公室"]


def test_paragraphs_between_tables_are_headings() -> None:
    """Above the first table only those directly above it; other text stays outside."""
    document = Document()
    header = ("序号", "工作任务", "完成时限")
    for lines, row in (
        (
            ("某局2023年重点任务安排", "按照要求安排如下。", "一、办公室"),
            ("1", "修订制度。", "3月底前"),
        ),
        (("二、法规科",), ("2", "清理文件。", "6月底前")),
    ):
        for line in lines:
            document.add_paragraph(line)
        table = document.add_table(2, 3)
        for cells, texts in zip(table.rows, (header, row), strict=True):
            for cell, text in zip(cells.cells, texts, strict=True):
                cell.text = text
    buffer = io.BytesIO()
    document.save(buffer)
    plan = read(buffer.getvalue())
    assert [(item.requirement, item.measure, item.units) for item in plan.items] == [
        ("一、办公室", "修订制度。", "办公室"),
        ("二、法规科", "清理文件。", "法规科"),
    ]
    assert plan.cell_count.is_balanced
