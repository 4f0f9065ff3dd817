"""Any plan, in any layout, is read back: the same tasks, and no cell lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbook.plan import PlanItem
from tests.plan.layouts import (
    Renderer,
    assert_conserved,
    comma,
    docx,
    html,
    markdown,
    one_a_line,
    pipes,
    read,
    tabs,
    xls,
    xlsx,
)

# They write plans in every layout and read them back.
pytestmark = pytest.mark.slow

TITLE = "某市某局2023年政务公开重点任务分工方案"
_NUMERALS = "一二三四五六七八九"
_PHRASES = (
    "推进政策解读",
    "公开2022年度报告",
    "完善审查制度",
    "至少听取1次汇报",
    "规范使用系统",
    "回应群众关切，及时答复",
    "部署“1+1+9”工作",
)
_UNITS = (
    "综合科",
    "各科室",
    "金融发展科、产业金融科",
    "综合科牵头，各科室按职责落实",
    "办公室",
    "党政办、财政所",
)
_LIMITS = ("年底前", "6月10日前", "每季度", "长期", "2023年11月底前")
_NOTES = ("正在办理", "见附件", "重点")
_HEADERS = {
    "number": ("序号", "编 号"),
    "requirement": ("工作要求", "任务类别"),
    "point": ("工作要点", "重点任务"),
    "measure": ("具体要求", "计划措施", "主要内容"),
    "units": ("责任单位", "责任科室（单位）", "负责\n处室"),
    "limit": ("完成时限", "时限要求", "时间节点"),
    "note": ("备注", "完成情况"),
}


@dataclass(frozen=True)
class Shape:
    """How a table is laid out, apart from the kind of file."""

    across: bool  # headings as rows, or as cells merged downwards
    number: str  # "column", "text", "group", "none"
    limits: bool
    notes: bool
    merged: bool  # equal units below each other are one cell


# Without merged cells a blank means the cell above; without blanks nothing can.
_SPANS, _FLAT, _BARE = (docx, xlsx, xls, html), (comma, tabs, markdown), (pipes,)


@st.composite
def _plans(draw: st.DrawFn) -> tuple[tuple[PlanItem, ...], Shape, dict[str, str]]:
    shape = Shape(
        across=draw(st.booleans()),
        number=draw(st.sampled_from(["column", "column", "text", "group", "none"])),
        limits=draw(st.booleans()),
        notes=draw(st.booleans()),
        merged=draw(st.booleans()),
    )
    headers = {name: draw(st.sampled_from(texts)) for name, texts in _HEADERS.items()}
    phrase = st.lists(st.sampled_from(_PHRASES), min_size=1, max_size=3).map("，".join)
    items: list[PlanItem] = []
    for first in _NUMERALS[: draw(st.integers(1, 3))]:
        requirement = f"{first}、{draw(phrase)}"
        for second in _NUMERALS[: draw(st.integers(1, 2))]:
            point = f"（{second}）{draw(phrase)}"
            for _ in range(draw(st.integers(1, 3))):
                note = draw(st.sampled_from(_NOTES)) if shape.notes else ""
                items.append(
                    PlanItem(
                        len(items) + 1,
                        requirement,
                        point,
                        f"{draw(phrase)}{draw(st.sampled_from('。 '))}".strip(),
                        draw(st.sampled_from(_UNITS)),
                        draw(st.sampled_from(_LIMITS)) if shape.limits else "",
                        f"{headers['note']}：{note}" if note else "",
                    )
                )
    return tuple(items), shape, headers


def _rows(
    items: Sequence[PlanItem], shape: Shape, headers: dict[str, str], *, merges: bool
) -> list[list[str]]:
    """Draw the table of a plan."""
    names = ["number"] if shape.number in ("column", "group") else []
    names += ["measure", "units"] if shape.across else _HEADED
    names += ["limit"] if shape.limits else []
    names += ["note"] if shape.notes else []
    rows = [[headers[name] for name in names]]
    requirement = point = ""
    units = ""
    in_group = 0
    for item in items:
        begins = item.requirement != requirement
        new_point = begins or item.point != point
        in_group = 1 if new_point else in_group + 1
        if shape.across:
            if begins:
                rows.append([item.requirement] + ["<"] * (len(names) - 1))
            if new_point:
                rows.append([item.point] + ["<"] * (len(names) - 1))
        same = shape.merged and merges and not new_point and item.units == units
        mark = f"{item.number}." if shape.number == "text" else ""
        texts = {
            "number": str(in_group if shape.number == "group" else item.number),
            "requirement": item.requirement if begins else "^",
            "point": item.point if new_point else "^",
            "measure": mark + item.measure,
            "units": "^" if same else item.units,
            "limit": item.deadline_text,
            "note": item.notes.partition("：")[2],
        }
        rows.append([texts[name] for name in names])
        requirement, point, units = item.requirement, item.point, item.units
    return rows


_HEADED = ["requirement", "point", "measure", "units"]


def _number_questions(items: Sequence[PlanItem], shape: Shape) -> int:
    groups = len([1 for _ in groupby(items, lambda item: (item.requirement, item.point))])
    restarts = shape.number == "group" and groups > 1
    return int(restarts or shape.number == "none")


@pytest.mark.parametrize(
    "render", [*_SPANS, *_FLAT, *_BARE], ids=lambda render: str(render.__name__)
)
@given(data=st.data())
def test_any_plan_in_any_layout(render: Renderer, data: st.DataObject) -> None:
    """Merged or blank or missing cells: the tasks are the same."""
    items, shape, headers = data.draw(_plans())
    rows = _rows(items, shape, headers, merges=render in _SPANS)
    plan = read(render([TITLE], [rows]))
    assert plan.items == items
    assert (plan.title, plan.agency, plan.year) == (TITLE, "某市某局", 2023)
    numbers = [q for q in plan.questions if q.field == "序号"]
    assert len(numbers) == _number_questions(items, shape)
    titled = render in (xlsx, xls)
    assert_conserved(plan, [[TITLE], *rows] if titled else rows)


@given(data=st.data())
def test_any_plan_with_one_cell_a_line(data: st.DataObject) -> None:
    """Nothing but the order of the lines is left, and the numbers."""
    items, shape, headers = data.draw(_plans())
    headers = {name: text.replace("\n", "") for name, text in headers.items()}
    rows = _rows(items, shape, headers, merges=False)
    plan = read(one_a_line([TITLE], [rows]))
    assert plan.items == items
    assert_conserved(plan, rows)


@given(data=st.data(), cuts=st.sets(st.integers(1, 20), max_size=3))
def test_any_plan_broken_over_pages(data: st.DataObject, cuts: set[int]) -> None:
    """A table cut anywhere between rows, with its header again or not, is one."""
    items, shape, headers = data.draw(_plans())
    rows = _rows(items, shape, headers, merges=False)
    again = data.draw(st.booleans())
    pages: list[list[list[str]]] = [[rows[0]]]
    for n, row in enumerate(rows[1:], 1):
        first = n > 1 and n in cuts
        if first:
            pages.append([rows[0]] if again else [])
        # A cell merged with one on the page before is blank.
        blank = not pages[-1] or pages[-1] == [rows[0]]
        pages[-1].append(["" if blank and text == "^" else text for text in row])
    plan = read(docx([TITLE], pages))
    assert plan.items == items
    assert_conserved(plan, *pages)
