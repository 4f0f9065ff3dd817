"""Names that may be one section, and 各科室 of an agency whose sections are unknown."""

from __future__ import annotations

import pytest

from ledgerbook.plan import PlanItem, ask_about_sections


def _items(*units: str) -> list[PlanItem]:
    return [PlanItem(number, "", "", "任务。", text) for number, text in enumerate(units, 1)]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("局办", "办公室"),
        ("法规科", "政策法规科"),
        ("规财股", "规划财务股"),
        ("党政办", "党政综合办公室"),
    ],
)
def test_one_section_under_two_names_is_asked_once(name: str, other: str) -> None:
    items = _items(name, f"{name}、人事科", other)
    (question,) = ask_about_sections(items, (name, "人事科", other))
    assert question.current_value == f"{name}、{other}"
    assert question.task_codes == ("T01", "T02", "T03")


@pytest.mark.parametrize(
    ("name", "other"),
    [("财务科", "人事科"), ("办公室", "县委农村工作领导小组办公室"), ("业务一科", "业务二科")],
)
def test_different_sections_are_not_asked_about(name: str, other: str) -> None:
    assert not list(ask_about_sections(_items(name, other), (name, other)))


def test_all_sections_of_an_unknown_list_are_asked_once() -> None:
    items = _items("各科室", "办公室牵头，各办（中心）配合")
    (question,) = ask_about_sections(items, ("办公室",))
    assert question.task_codes == ("T01", "T02")
    assert "只点名了1个科室" in question.reason
    assert not list(ask_about_sections(items, ("办公室", "法规科")))
