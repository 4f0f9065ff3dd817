"""Units and limits at the end of a task's text, cut off or left where they are."""

from __future__ import annotations

import pytest

from ledgerbook.plan.trailing_units import (
    TrailingUnits,
    has_only_labels,
    parse_labelled_units,
    split_trailing_units,
)


@pytest.mark.parametrize(
    ("text", "tail"),
    [
        (
            "公开名单。责任单位：救助科；完成时限：6月底前",
            TrailingUnits("公开名单。", "救助科", "6月底前"),
        ),
        ("公开名单。\n责任单位：救助科", TrailingUnits("公开名单。", "救助科")),
        ("公开名单（救助科、慈善科）", TrailingUnits("公开名单", "救助科、慈善科")),
        (
            "公开名单（牵头单位：救助科；配合单位：慈善科）。",
            TrailingUnits("公开名单。", "救助科牵头，慈善科配合"),
        ),
        # A label with nothing after it names nobody.
        (
            "公开名单。牵头单位：；配合单位：慈善科",
            TrailingUnits("公开名单。", "慈善科配合"),
        ),
    ],
)
def test_units_at_the_end_are_cut_off(text: str, tail: TrailingUnits) -> None:
    assert split_trailing_units(text) == tail


@pytest.mark.parametrize(
    "text",
    [
        "公开名单",
        "公开名单）",
        "公开名单（见附件）",
        "公开（责任单位：救助科）名单",
        "公开名单（责任单位：救助科",
        # It begins neither a line nor a sentence.
        "说明责任单位：另定",
        # When, but not who.
        "公开名单。完成时限：6月底前",
        f"公开名单（{'救助科、' * 100}慈善科）",
    ],
)
def test_what_is_no_tail_stays_in_the_text(text: str) -> None:
    assert split_trailing_units(text) == TrailingUnits(text)


def test_a_cell_of_labels_alone_tells_who_and_when() -> None:
    assert has_only_labels("（责任单位：救助科，完成时限：年底前）")
    labelled = TrailingUnits("", "救助科", "年底前")
    assert parse_labelled_units("责任单位：救助科，完成时限：年底前") == labelled
    assert not has_only_labels("公开名单。责任单位：救助科")
    assert parse_labelled_units("完成时限：年底前") is None
