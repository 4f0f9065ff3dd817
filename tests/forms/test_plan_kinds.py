"""The ledger has the name and the words of its kind of plan, and the plan's other columns."""

from __future__ import annotations

import pytest

from ledgerbook.forms import (
    PlanKind,
    add_plan_columns,
    build_column_record,
    find_plan_kind,
    list_plan_kinds,
    load_factory_ledger,
    load_ledger_of_kind,
)
from ledgerbook.model import ColumnSource, Task
from ledgerbook.model.form_columns import get_plan_text


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("某局2022年政务公开工作要点分工方案", "政务公开"),
        ("某局关于政务公开问题整改的分工方案", "政务公开"),
        ("某县委巡察反馈意见整改工作清单", "整改"),
        ("某市2023年政府工作报告重点任务分解表", "政府工作报告"),
        ("某区2021年重大民生实事项目责任分解表", "民生实事"),
        ("某局2024年督办台账", "督办"),
        ("某县2023年乡村振兴重点任务分工", "其他"),
    ],
)
def test_the_title_says_the_kind(title: str, name: str) -> None:
    assert find_plan_kind(title).name == name


@pytest.mark.parametrize("kind", list_plan_kinds(), ids=lambda kind: kind.name)
def test_the_words_of_a_kind_change_nothing_else(kind: PlanKind) -> None:
    """Keys, types, meanings and conditions are those of the factory ledger, in other words."""
    factory = load_factory_ledger()
    form = load_ledger_of_kind(kind)
    assert [column.key for column in form.columns] == [column.key for column in factory.columns]
    for column, original in zip(form.columns, factory.columns, strict=True):
        assert (column.kind, column.filler, column.source) == (
            original.kind,
            original.filler,
            original.source,
        )
        for conditions, originals in (
            (column.required, original.required),
            (column.excluded, original.excluded),
        ):
            assert [(one.when, one.column) for one in conditions] == [
                (one.when, one.column) for one in originals
            ]
    meanings = [
        [choice.meaning for choice in one.choice_lists[0].choices] for one in (form, factory)
    ]
    assert meanings[0] == meanings[1]


def test_the_words_of_a_rectification_plan() -> None:
    """整改时限 and 销号 are its words, in headers, choices, conditions and prompts."""
    form = load_ledger_of_kind(find_plan_kind("", "整改"))
    assert form.title == "整改台账"
    headers = {column.key: column.header for column in form.columns}
    assert (headers["limit"], headers["measure"]) == ("整改时限", "整改措施")
    statuses = [choice.value for choice in form.choice_lists[0].choices]
    assert "已整改待销号" in statuses
    done_on = build_column_record(form.get_column("done_on"), form)
    assert done_on["required"] == "整改状态=已整改待销号"
    assert "已整改待销号的任务" in str(done_on["prompt"])


def test_the_other_columns_of_a_plan_are_official_columns() -> None:
    """Under the plan's own headers, behind the limit; more than eight stay in 备注 alone."""
    notes = [
        "牵头领导：甲\n序时进度（一季度）：招标\n完成50%",
        "牵头领导：乙\n备注：重点",
        "\n".join(f"第{n}栏：x" for n in range(10)),
    ]
    form = add_plan_columns(load_factory_ledger(), notes)
    added = [column for column in form.columns if column.source is ColumnSource.PLAN_COLUMN]
    assert [column.header for column in added] == [
        "牵头领导",
        "序时进度（一季度）",
        "备注（方案）",
        *(f"第{n}栏" for n in range(5)),
    ]
    keys = [column.key for column in form.columns]
    assert keys[keys.index("limit") + 1 :][:3] == ["plan_1", "plan_2", "plan_3"]
    first, second = (Task("T01", 1, "", "", "做事。", "", note=note) for note in notes[:2])
    assert [get_plan_text(first, column) for column in added[:3]] == ["甲", "招标\n完成50%", ""]
    assert [get_plan_text(second, column) for column in added[:3]] == ["乙", "", "重点"]


def test_a_plan_without_other_columns_has_the_form_of_its_kind() -> None:
    assert add_plan_columns(load_factory_ledger(), ["", "没有栏名的话。"]) == load_factory_ledger()
