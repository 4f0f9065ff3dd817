"""Any plan, of any kind, is read back; and no cell of any table leaves without a fate."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerbook.errors import InputError
from ledgerbook.plan import PlanItem
from tests.plan.layouts import (
    Renderer,
    assert_conserved,
    comma,
    docx,
    docx_lines,
    html,
    read,
    tabs,
    xls,
    xlsx,
)

# They write plans of every kind in every layout and read them back.
pytestmark = pytest.mark.slow

TITLE = "某市某局2023年重点任务分工方案"
_TASKS = ("清理往来款项。", "修订管理制度，印发执行。", "新建学校2所。", "开展专项检查；建立台账。")
_PROBLEMS = ("制度执行不严。", "账目不清楚。", "学习不够深入。")
_UNITS = (
    "办公室",
    "财务科",
    "规划科",
    "机关党委",
    "人事科",
    "市财政局",
    "县委农村工作领导小组办公室",
)
_LIMITS = ("6月底前", "2023年9月30日前", "长期坚持", "每季度")
_PERSONS = ("张某", "李某某", "王某")

# Kind → headers of heading, measure, units, limit and note, each as several agencies write it.
_HEADERS = {
    "rectification": (
        ("反馈问题", "存在问题", "审计发现问题", "隐患描述"),
        ("整改措施", "整改措施（具体）", "整改内容"),
        ("整改责任单位", "责任科室", "整改牵头单位"),
        ("整改时限", "整改期限", "限期"),
        ("整改责任人", "责任领导", "是否销号", "整改完成情况"),
    ),
    "supervision": (
        ("事项类别", "工作领域"),
        ("督办事项", "重点工作", "民生实事"),
        ("承办单位", "经办科室", "责任专班", "责任办（中心）"),
        ("办理时限", "办结时限", "完成季度"),
        ("事项来源", "交办时间", "包保领导", "办理进展"),
    ),
}


def _items(kind: str) -> st.SearchStrategy[tuple[list[PlanItem], tuple[str, ...]]]:
    @st.composite
    def draw_items(draw: st.DrawFn) -> tuple[list[PlanItem], tuple[str, ...]]:
        headers = tuple(draw(st.sampled_from(texts)) for texts in _HEADERS[kind])
        items: list[PlanItem] = []
        for problem in draw(st.lists(st.sampled_from(_PROBLEMS), min_size=1, unique=True)):
            for _ in range(draw(st.integers(1, 2))):
                units = draw(st.lists(st.sampled_from(_UNITS), min_size=1, max_size=3, unique=True))
                verb = "牵头" if "牵头" in headers[2] else ""
                note = draw(st.sampled_from(_PERSONS))
                items.append(
                    PlanItem(
                        len(items) + 1,
                        "",
                        problem,
                        draw(st.sampled_from(_TASKS)),
                        "、".join(units) + verb,
                        draw(st.sampled_from(_LIMITS)),
                        f"{headers[4]}：{note}",
                    )
                )
        return items, headers

    return draw_items()


@pytest.mark.parametrize("render", [docx, xlsx, xls, html, comma, tabs])
@pytest.mark.parametrize("kind", _HEADERS)
@given(data=st.data())
def test_any_plan_of_a_kind(kind: str, render: Renderer, data: st.DataObject) -> None:
    """Headers of any known parts: the same tasks under the same problems."""
    items, headers = data.draw(_items(kind))
    rows = [["序号", *headers]]
    for _, group in groupby(items, lambda item: item.point):
        for place, item in enumerate(group):
            units = item.units.removesuffix("牵头")
            heading = "^" if place else item.point
            note = item.notes.partition("：")[2]
            rows.append([str(item.number), heading, item.measure, units, item.deadline_text, note])
    plan = read(render([TITLE], [rows]))
    assert list(plan.items) == items
    assert_conserved(plan, [[TITLE], *rows] if render in (xlsx, xls) else rows)


# How an outline says who and when: the tail of a paragraph, and what is read of it.
_TAILS = {
    "labels in a bracket": ("（责任单位：{units}；完成时限：{limit}）", "{units}"),
    "verbs in a bracket": ("（{units}按职责分工负责，{limit}）", "{units}按职责分工负责"),
    "lines of labels": ("\n责任领导：某某\n责任单位：{units}\n整改时限：{limit}", "{units}"),
}


@pytest.mark.parametrize("name", _TAILS)
@pytest.mark.parametrize("is_document", [False, True])
@pytest.mark.parametrize("has_parts", [False, True])
@given(data=st.data())
def test_any_outline(name: str, is_document: bool, has_parts: bool, data: st.DataObject) -> None:
    """Numbered paragraphs under headings, or parts under numbered paragraphs."""
    tail, read_units = _TAILS[name]
    items: list[PlanItem] = []
    lines = [TITLE]
    for group in range(data.draw(st.integers(1, 3))):
        heading = f"{'一二三'[group]}、{data.draw(st.sampled_from(('强化管理', '服务群众')))}"
        lines.append(f"{group + 1}.{heading[2:]}" if has_parts else heading)
        for part in range(data.draw(st.integers(1 + (group == 0), 3))):
            units = data.draw(
                st.lists(st.sampled_from(_UNITS), min_size=1, max_size=3, unique=True)
            )
            limit = data.draw(st.sampled_from(_LIMITS))
            task = data.draw(st.sampled_from(_TASKS))
            words = {"units": "、".join(units), "limit": limit}
            mark = f"{group + 1}.{part + 1}" if has_parts else f"{len(items) + 1}."
            lines += f"{mark}{task}{tail.format(**words)}".split("\n")
            items.append(
                PlanItem(
                    len(items) + 1,
                    heading[2:] if has_parts else heading,
                    "",
                    task,
                    read_units.format(**words),
                    limit,
                    "责任领导：某某" if "责任领导" in tail else "",
                )
            )
    plan = read(docx_lines(lines) if is_document else "\n".join(lines).encode())
    assert list(plan.items) == items


# Any texts at all in any cells below a header: each has a fate.
_CELLS = st.just("") | st.sampled_from(
    (
        "",
        "",
        *_TASKS,
        *_UNITS,
        *_LIMITS,
        "一、强化管理",
        "（一）服务群众",
        "1",
        "2.1",
        "合计",
        "备注：略",
        "甲",
    )
)


@pytest.mark.parametrize("render", [docx, xlsx, html, tabs])
@given(rows=st.lists(st.lists(_CELLS, min_size=6, max_size=6), min_size=1, max_size=6))
def test_no_cell_leaves_without_a_fate(render: Renderer, rows: Sequence[list[str]]) -> None:
    table = [["序号", "存在问题", "整改措施", "责任科室", "整改时限", "整改情况"], *rows]
    with suppress(InputError):
        plan = read(render([TITLE], [table]))
        assert_conserved(plan, [[TITLE], *table] if render is xlsx else table)
