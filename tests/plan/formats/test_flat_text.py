"""Flat text back to a table, whatever a scan or a web page did to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbook.errors import InputError
from ledgerbook.plan import PlanItem, read_plan
from ledgerbook.plan.extract import extract_plan
from ledgerbook.plan.formats.flat_text import read_flat_table
from ledgerbook.plan.number_marks import find_number_marks, match_number_mark

EXAMPLE = Path(__file__).parents[3] / "examples" / "zhongshan-2022" / "plan.txt"
HEADER = "工作要求工作要点计划措施责任单位"
SCANNED = EXAMPLE.read_text("utf-8")
ITEMS = read_plan(EXAMPLE).items


def items(text: str) -> tuple[PlanItem, ...]:
    return extract_plan(read_flat_table(text)).items


# ── the real text, damaged in other ways ─────────────────────────────────────────

OTHER_DAMAGE = {
    "all on one line": lambda t: re.sub(r"\s*\n\s*", " ", t),
    "no line ends at all": lambda t: t.replace("\n", ""),
    "Windows line ends": lambda t: t.replace("\n", "\r\n"),
    "full-width spaces": lambda t: t.replace(" ", "\u3000"),
    "full-width digits": lambda t: t.translate({ord("0") + n: 0xFF10 + n for n in range(10)}),
    "full-width punctuation": lambda t: t.translate({ord(c): ord(c) + 0xFEE0 for c in ",():;"}),
    "no page markers": lambda t: re.sub(r"\n\n\d、", "", t),
    "a line every 30 characters": lambda t: re.sub(r"([^\d\s、]{30})", r"\1\n", t),
    "a dash for 一": lambda t: t.replace("(一)", "(—)"),
    "other lookalikes": lambda t: (
        t.replace("2.摸", "Z.摸").replace("10.", "IO.").replace("25.", "2S.")
    ),
    "every dot after a sentence lost": lambda t: re.sub(
        r"(?<=[。科室实合])(\d+)\.(?=\D)", r"\1", t
    ),
    "no site around": lambda t: t[t.index(HEADER) - 25 : t.index("展开阅读全文")],
    "another site around": lambda t: t.replace("展开阅读全文", "点此下载本文"),
}


@pytest.mark.parametrize("damage", OTHER_DAMAGE)
def test_other_damage(damage: str) -> None:
    """The same plan, wrapped or scanned in another way, gives the same items."""
    assert items(OTHER_DAMAGE[damage](SCANNED)) == ITEMS


# ── small cases ──────────────────────────────────────────────────────────────────


def small(*cells: str) -> str:
    return f"某市某局2023年政务公开工作要点分工方案\n{HEADER}" + "".join(cells)


def test_limits_of_a_group_stop_a_merged_cell() -> None:
    """A blank 责任单位 is not filled from another group: it stays blank."""
    plan = extract_plan(
        read_flat_table(small("一、甲乙(一)丙丁。1.做这件事。综合科", "(二)戊己。2.做那件事。"))
    )
    assert [item.units for item in plan.items] == ["综合科", ""]
    assert [q.reason for q in plan.questions if q.field == "责任单位"] == [
        "第2项的“责任单位”是空白，上面也没有可以延续的单元格。"
    ]


def test_missing_agency_and_year_are_asked_for() -> None:
    """A title that names neither agency nor year leads to two questions."""
    plan = extract_plan(read_flat_table(f"工作要点分工方案\n{HEADER}1.做事。综合科"))
    assert [(q.field, q.reason, q.advice) for q in plan.questions[:2]] == [
        (
            "机关名称",
            "方案的标题里没有读到机关名称。",
            "请用 --agency 写明，或在“基本信息”表中填写。",
        ),
        (
            "年度",
            "方案的标题里没有读到年度。",
            "请用 --year 写明，或在“基本信息”表中填写。",
        ),
    ]


def test_skipped_point_is_asked_about() -> None:
    """(一) followed by (三) means that items may stand under a wrong heading."""
    plan = extract_plan(
        read_flat_table(
            small("一、甲乙(一)丙丁。1.做这件事。综合科", "(三)戊己。2.做那件事。综合科")
        )
    )
    assert [(q.task_codes, q.current_value) for q in plan.questions if q.field == "工作要点"] == [
        (("T01", "T02"), "（一）、（三）")
    ]


def test_a_list_inside_an_item_is_not_a_heading() -> None:
    """(一)(二) inside a measure stay there, though its units are missing."""
    text = small("一、甲乙(一)丙丁。1.要求如下:(一)先做。(二)后做。2.做那件事。综合科")
    assert items(text)[0].measure == "要求如下：（一）先做。（二）后做。"


def test_numbers_in_sentences_are_no_items() -> None:
    """Dates, counts and decimals never begin an item."""
    text = small(
        "一、甲乙(一)丙丁。1.在2022年听取2次汇报。2家单位参加,占3.5%。综合科",
        "2.完成“1+1+9”部署。综合科",
    )
    assert [item.measure for item in items(text)] == [
        "在2022年听取2次汇报。2家单位参加，占3.5%。",
        "完成“1+1+9”部署。",
    ]


def test_a_lost_number_stops_the_run() -> None:
    """Items are never put under a wrong number: the message names the missing one."""
    broken = SCANNED.replace("12.落实", "落实")
    with pytest.raises(InputError) as caught:
        items(broken)
    assert str(caught.value) == (
        "分工方案的任务序号不连续：找到了第 1 至 11 项，接下来却是第 13 项，"
        "缺第 12 项。请对照原文，在文字稿中补上缺的序号（如“12.”）后重试。"
    )


def test_other_columns_need_a_document() -> None:
    """Columns that flat text cannot tell apart are refused, not guessed."""
    with pytest.raises(InputError) as caught:
        items(SCANNED.replace(HEADER, f"{HEADER}完成时限"))
    assert str(caught.value) == (
        "文字稿的表头不是“工作要求、工作要点、计划措施、责任单位”这四列，"
        "纯文字里分不清各格的界线。请改用含有这张表的 .docx 文件。"
    )


# ── any plan ─────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Cells:
    """What stands in the text for one item: headings only where they begin."""

    requirement: str
    point: str
    mark: str
    measure: str
    units: str


_NUMERALS = "一二三四五六七八九"
_PHRASES = (
    "推进政策解读",
    "公开2022年度报告",
    "完善审查制度",
    "至少听取1次汇报",
    "规范使用系统",
    "回应群众关切",
    "部署“1+1+9”工作",
    "提高公开质量",
)
_UNITS = (
    "综合科",
    "各科室",
    "金融发展科、产业金融科",
    "综合科牵头，各科室按职责落实",
    "各科室按要求落实，综合科汇总。",
    "产业金融科按职能落实，综合科配合",
)
_DOUBLES = {"1": "L", "11": "IL", "10": "IO."}

_phrases = st.lists(st.sampled_from(_PHRASES), min_size=1, max_size=4)


@st.composite
def _plans(draw: st.DrawFn) -> tuple[tuple[PlanItem, ...], tuple[Cells, ...]]:
    """Draw the items of a plan, and the cells that a scan shows of them."""
    plan: list[PlanItem] = []
    cells: list[Cells] = []
    for level_1 in _NUMERALS[: draw(st.integers(1, 4))]:
        requirement = f"{level_1}、{'，'.join(draw(_phrases))}"
        for level_2 in _NUMERALS[: draw(st.integers(1, 3))]:
            point = f"（{level_2}）{''.join(draw(_phrases))}。"
            for n in range(draw(st.integers(1, 3))):
                item = PlanItem(
                    number=len(plan) + 1,
                    requirement=requirement,
                    point=point,
                    measure=f"{'，'.join(draw(_phrases))}。",
                    units=draw(st.sampled_from(_UNITS)),
                )
                merged = n > 0 and draw(st.integers(0, 5)) == 0
                item = replace(item, units=plan[-1].units) if merged else item
                begins = n == 0
                cells.append(
                    Cells(
                        requirement if begins and level_2 == "一" else "",
                        point if begins else "",
                        draw(_marks(item.number)),
                        item.measure,
                        "" if merged else item.units,
                    )
                )
                plan.append(item)
    return tuple(plan), tuple(cells)


def _marks(number: int) -> st.SearchStrategy[str]:
    spelled = [f"{number}.", f"{number}.", f"{number}"]
    return st.sampled_from([*spelled, _DOUBLES.get(str(number), f"{number}.")])


@st.composite
def _scans(draw: st.DrawFn, cells: tuple[Cells, ...]) -> str:
    """Draw the flat text of a scan: wraps, page markers and headers anywhere."""
    flow = ""
    for n, row in enumerate(cells):
        if n and draw(st.integers(0, 4)) == 0:
            flow += HEADER
        # A dot may be lost only where a sentence or a cell of units ends before it.
        mark = row.mark if flow and not row.requirement else f"{n + 1}."
        flow += row.requirement + row.point + mark + row.measure + row.units
    narrow = str.maketrans("，（）", ",()")
    flow = HEADER + (flow.translate(narrow) if draw(st.booleans()) else flow)
    safe = [at for at in range(1, len(flow)) if not (flow[at - 1].isascii() and flow[at].isascii())]
    at_random = st.lists(st.sampled_from(safe), unique=True)
    wraps = dict.fromkeys(draw(at_random), draw(st.sampled_from([" ", "\n", "\u3000"])))
    breaks = sorted(draw(st.lists(st.sampled_from(safe), max_size=6, unique=True)))
    pages = {at: f"\n\n{n}、" for n, at in enumerate(breaks, 2)}
    inserted = wraps | pages
    body = "".join(inserted.get(at, "") + c for at, c in enumerate(flow))
    return f"某某网 返回 下载\n\n1、某市某局2023年工作要点分工方案{body}\n\n展开阅读全文\n"


@given(st.data())
def test_any_plan_is_read_back(data: st.DataObject) -> None:
    """Any plan, however its text is wrapped, paged and numbered, is read back whole."""
    plan, cells = data.draw(_plans())
    text = data.draw(_scans(cells))
    assert items(text) == plan


@given(st.text(alphabet=f"{HEADER}一二(一)、。,.0123IL综合科各室落实牵头 \n做事"))
def test_any_text_is_a_plan_or_one_message(text: str) -> None:
    """Whatever stands under the header, reading ends in a plan or an InputError."""
    try:
        found = items(HEADER + text)
    except InputError:
        return
    assert [item.number for item in found] == list(range(1, len(found) + 1))


def test_every_reading_of_a_run_of_digits_is_found() -> None:
    """l2 may be 1 or 12; a number before 年 is none, nor is one inside another."""
    marks = find_number_marks("1.做。l2.做。2022年。13、做 1 2做")
    found = {number: [mark.digits for mark in places] for number, places in marks.items()}
    assert found == {1: ["1", "1"], 12: ["l2", "1 2"], 13: ["13"], 2: ["2"]}
    assert match_number_mark("第12项", 12, 1) is None
    mark = match_number_mark("12 .做", 12)
    assert mark
    assert (mark.end, mark.dot) == (4, ".")
