"""The draft as Word reads it: typography, tables, comments, the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from docx.oxml.ns import qn
from docx.shared import Mm

from ledgerbook.annual_report import (
    AdoptedWording,
    ReportDraft,
    build_draft,
    published_tables,
    write_draft,
)
from ledgerbook.annual_report.content import HEADINGS
from tests.support.drafts import (
    FINANCE,
    OFFICE,
    make_draft,
    make_full_answers,
    make_small_ledger,
    read_document,
)
from tests.support.register_year import make_ledger, make_year

# They write and read whole reports.
pytestmark = pytest.mark.slow


@cache
def unanswered() -> Any:
    return read_document(make_draft({}))


@cache
def answered() -> Any:
    return read_document(make_draft(make_full_answers()))


def cells(table: Any) -> list[list[str]]:
    """Return the text of every cell, merged ones at each place they cover."""
    return [[cell.text for cell in row.cells] for row in table.rows]


def styled(document: Any, style: str) -> list[str]:
    return [p.text for p in document.paragraphs if p.style.name == style]


def parts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        names = [n for n in package.namelist() if n.endswith((".xml", ".rels"))]
        return {name: package.read(name).decode() for name in names}


def test_headings_and_text() -> None:
    """Title, the six headings and the topics stand in their styles, in order."""
    document = answered()
    assert styled(document, "Title") == [
        "某市金融工作局\n2022年政府信息公开工作年度报告",
        "2022年政务公开工作要点落实情况表",
    ]
    assert styled(document, "Heading 1") == list(HEADINGS)
    assert styled(document, "Heading 2")[:5] == [
        "（一）主动公开",
        "（二）依申请公开",
        "（三）政府信息管理",
        "（四）平台建设",
        "（五）监督保障",
    ]
    body = styled(document, "公文正文")
    assert "综合科第1件办好了。金融发展科第1件办好了。" in body


def test_questions_stand_on_a_page_of_their_own_at_the_top() -> None:
    document = unanswered()
    first, *_ = document.paragraphs
    assert first.text == "起草说明（定稿前删去“起草说明”这一部分）"
    numbered = styled(document, "起草说明")
    assert numbered[0].startswith("1．\t综合科（承担 2 项任务）没有报送")
    # The last of them ends the section: cut off, nothing of it stays behind.
    broken = [p for p in document.paragraphs if p._p.find(f".//{qn('w:sectPr')}") is not None]
    assert [p.text for p in broken] == [numbered[-1]]


def test_every_sentence_has_a_comment_with_its_source() -> None:
    made = make_draft(make_full_answers())
    document = answered()
    said = [comment.text for comment in document.comments]
    assert said == [sentence.source_text for sentence in made.sentences]
    assert "工作表“台账” 单元格 J7" in said[0]
    marked = {
        run.text
        for p in document.paragraphs
        for run in p.runs
        if run._r.getprevious() is not None
        and run._r.getprevious().tag == qn("w:commentRangeStart")
    }
    assert marked == {sentence.text[:-1] for sentence in made.sentences}


def test_an_answer_of_several_lines_keeps_them() -> None:
    """Each line is a paragraph, the comment over all of them."""
    answers = make_full_answers()
    answers[1, OFFICE]["result"] = "第一条\n\n第二条"
    made = make_draft(answers)
    document = read_document(made)
    body = styled(document, "公文正文")
    at = body.index("第一条")
    assert body[at + 1].startswith("第二条。")
    assert len(list(document.comments)) == len(made.sentences)


def test_the_tables_are_the_official_ones() -> None:
    """Merged heads and labels as published; every figure in its own place."""
    made = build_draft(make_ledger(make_year()))
    two, three, four, _ = read_document(made).tables
    applied = cells(three)
    assert len(applied) == 28
    assert applied[0][3:] == ["申请人情况"] * 7
    assert applied[2][3:] == [*published_tables.APPLICANTS, published_tables.TOTAL]
    grid = made.parts[2].table
    assert grid is not None
    # (七)总计 stands before 四 in both.
    assert [row[3:] for row in applied[3:]] == [list(v) for _, *v in grid.figure_lines]
    assert {row[0] for row in applied[5:27]} == {published_tables.HANDLED_HEADING}
    assert applied[7][:3] == [
        published_tables.HANDLED_HEADING,
        "（三）不予公开",
        "1.属于国家秘密",
    ]
    assert cells(two)[0] == ["第二十条第（一）项"] * 4
    assert cells(two)[-1] == ["行政事业性收费", *["0.3"] * 3]
    assert cells(four)[1][5:] == ["未经复议直接起诉"] * 5 + ["复议后起诉"] * 5
    four_grid = made.parts[3].table
    assert four_grid is not None
    assert cells(four)[3] == [value for _, *line in four_grid.figure_lines for value in line]
    two_grid = made.parts[1].table
    assert two_grid is not None
    told = {row[0]: row[1:] for row in cells(two)}
    for line, *values in two_grid.figure_lines:
        assert told[line] == (values if len(values) > 1 else values * 3)


def test_heads_repeat_and_rows_stay_whole() -> None:
    _, three, _, annex = answered().tables

    def rows_with(table: Any, tag: str) -> int:
        return sum(row._tr.find(f".//{qn(tag)}") is not None for row in table.rows)

    assert rows_with(three, "w:tblHeader") == 3
    assert rows_with(three, "w:cantSplit") == len(three.rows)
    assert rows_with(annex, "w:tblHeader") == 1


def test_blank_figures_and_brackets_are_marked() -> None:
    document = answered()
    two = document.tables[0]
    shaded = two._tbl.findall(f".//{qn('w:shd')}")
    assert len(shaded) == 10
    asked = [r.text for p in document.paragraphs for r in p.runs if r.style.name == "待补"]
    assert len(asked) == 6
    assert all(text.startswith("【") for text in asked)


def test_the_annex_lists_every_task() -> None:
    *_, annex = answered().tables
    rows = cells(annex)
    assert rows[0] == ["序号", "工作要点和计划措施", "责任科室", "完成状态", "落实情况"]
    assert rows[1] == ["一、优化政务公开工作基础"] * 5
    assert rows[2] == [
        "1",
        "（一）深化集中公开。\n做好政策解读。",
        "各科室",
        "已完成",
        "综合科：综合科第1件办好了。\n金融发展科：金融发展科第1件办好了。",
    ]
    assert rows[3][1] == "规范依申请公开办理。"


def test_a_table_at_the_end_calls_for_no_page_more() -> None:
    """Word puts a line after the last table: it is one point high."""
    last = unanswered().paragraphs[-1]
    assert (last.text, last.style.name) == ("", "文末")


# ── typography ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("style", "font", "size", "align"),
    [
        ("Title", "方正小标宋简体", 22, "center"),
        ("Heading 1", "黑体", 16, "both"),
        ("Heading 2", "楷体_GB2312", 16, "both"),
        ("公文正文", "仿宋_GB2312", 16, "both"),
        ("单页码", "宋体", 14, "right"),
        ("双页码", "宋体", 14, "left"),
    ],
)
def test_styles_follow_the_standard(style: str, font: str, size: int, align: str) -> None:
    """The font is named for Chinese and Latin alike; sizes are those of GB/T 9704."""
    own = unanswered().styles[style].element
    fonts = own.rPr.find(qn("w:rFonts"))
    named = {fonts.get(qn(f"w:{a}")) for a in ("ascii", "hAnsi", "eastAsia", "cs")}
    assert named == {font}
    # A theme's font would overrule the one that is named.
    assert len(fonts.attrib) == 4
    assert own.rPr.find(qn("w:sz")).get(qn("w:val")) == str(size * 2)
    assert own.rPr.find(qn("w:b")).get(qn("w:val")) == "0"
    assert own.pPr.find(qn("w:jc")).get(qn("w:val")) == align


def test_the_page_is_that_of_an_official_document() -> None:
    """A4, 37/35/28/26 mm, 22 lines of text, two characters of indent."""
    document = unanswered()
    for section in document.sections:
        assert round(section.page_height / Mm(1)) == 297
        edges = (
            section.top_margin,
            section.bottom_margin,
            section.left_margin,
            section.right_margin,
        )
        assert [round(edge / Mm(1)) for edge in edges] == [37, 35, 28, 26]
    body = document.styles["公文正文"].element.pPr
    line = int(body.find(qn("w:spacing")).get(qn("w:line")))
    section = document.sections[1]
    text = section.page_height - section.top_margin - section.bottom_margin
    assert text // 635 // line == 22
    assert body.find(qn("w:ind")).get(qn("w:firstLineChars")) == "200"


def test_pages_are_numbered_from_the_report_on() -> None:
    """— 1 —: odd pages right, even pages left, none on the notes."""
    document = unanswered()
    notes, report = document.sections
    assert document.settings.odd_and_even_pages_header_footer
    assert [f.paragraphs[0].text for f in (notes.footer, notes.even_page_footer)] == [
        "",
        "",
    ]
    for footer, style in (
        (report.footer, "单页码"),
        (report.even_page_footer, "双页码"),
    ):
        (paragraph,) = footer.paragraphs
        assert paragraph.style.name == style
        texts = [t.text for t in paragraph._p.iter(qn("w:t"))]
        assert texts == ["— ", "1", " —"]
        (field,) = paragraph._p.findall(qn("w:fldSimple"))
        assert field.get(qn("w:instr")) == "PAGE"
    own = [child.tag for child in report._sectPr]
    # Word calls a file damaged whose elements are out of order.
    assert own.index(qn("w:pgMar")) + 1 == own.index(qn("w:pgNumType"))


def test_the_same_draft_gives_the_same_bytes() -> None:
    """No clock is in the file: neither the zip's, nor Word's, nor the comments'."""
    made = make_draft(make_full_answers())
    first, second = write_draft(made), write_draft(make_draft(make_full_answers()))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        assert {part.date_time[:3] for part in package.infolist()} == {(1980, 1, 1)}
    told = re.findall(r"20\d\d-\d\d-\d\dT", "".join(parts(first).values()))
    assert set(told) == {"2022-12-31T"}
    document = read_document(made)
    core = document.core_properties
    assert (core.title, core.author) == (made.title, "某市金融工作局")
    assert core.comments == ""


# ── hostile text ─────────────────────────────────────────────────────────────────

HOSTILE = (
    "=cmd|'/c calc'!A0",
    "甲\x00\x07\x1b乙\ufffe",
    "孤\ud800立",
    "<w:p/>]]>&amp;",
    "{{ 7 * 7 }}{% for %}",
    "左\tr右",
    "_x0041_",
    "表情😀",
    "】」”。",
    "\n\n",
    "长" * 40_000,
)


def hostile(text: str) -> ReportDraft:
    answers = make_full_answers()
    answers[1, OFFICE] = {
        "status": "推进中",
        "result": text,
        "reason": text,
        "next_step": text,
    }
    ledger = make_small_ledger(answers)
    code = next(row.code for row in ledger.assignment_results if row.section == FINANCE)
    return build_draft(ledger, {code: AdoptedWording(text)})


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_arrives_as_text(text: str) -> None:
    """Whatever a section typed is in the draft, bar what no XML can hold."""
    kept = "".join(c for c in text if c == "\t" or (c >= " " and c not in "\ufffe\ud800"))
    document = read_document(hostile(text))
    body = "".join(p.text for p in document.paragraphs).replace("\ufffd", "")
    assert not kept or body.count(kept) == 3
    annex = "".join(cells(document.tables[-1])[2]).replace("\ufffd", "")
    assert kept in annex


def test_names_of_the_agency_and_sections_may_be_anything() -> None:
    ledger = make_small_ledger(make_full_answers())
    book = replace(ledger.book, agency="局\x00\n" + "长" * 300)
    document = read_document(build_draft(replace(ledger, book=book)))
    assert len(document.core_properties.title) == 255
