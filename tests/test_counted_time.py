"""统计期 as clerks write it: read as one span of time, or not at all."""

from __future__ import annotations

from datetime import date

import pytest

from ledgerbook.counted_time import CountedTime, parse_counted_time

YEAR = (date(2022, 1, 1), date(2022, 12, 31))
FIRST_HALF = (date(2022, 1, 1), date(2022, 6, 30))


# How clerks write it → first and last day.
WHOLE_YEAR = """
    全年 2022年 2022 2022年度 二〇二二年 本年 1-12月 2022年全年 2022-01-01至2022-12-31 １—１２月
"""
HALF_YEAR = """
    上半年 2022年上半年 1—6月 1月至6月 一至六月 2022.1-6 2022.1-2022.6 2022年1~6月 前6个月 截至6月底
    1-2季度 第一至第二季度 1月1日-6月30日
"""
SPANS = {
    **dict.fromkeys(WHOLE_YEAR.split(), YEAR),
    **dict.fromkeys(HALF_YEAR.split(), FIRST_HALF),
    **dict.fromkeys(["第二季度", "二季度", "Q2", "2022Q2"], (date(2022, 4, 1), date(2022, 6, 30))),
    "下半年": (date(2022, 7, 1), date(2022, 12, 31)),
    "前三季度": (date(2022, 1, 1), date(2022, 9, 30)),
    "2月": (date(2022, 2, 1), date(2022, 2, 28)),
    "2024年2月": (date(2024, 2, 1), date(2024, 2, 29)),
    "2021年": (date(2021, 1, 1), date(2021, 12, 31)),
    "上年": (date(2021, 1, 1), date(2021, 12, 31)),
    "2021年12月至2022年1月": (date(2021, 12, 1), date(2022, 1, 31)),
}
UNCLEAR = """
    本期 第5季度 13月 2月30日 6-1月 12 若干 12月至次年1月 1、3月 全年（截至11月） 1-3-6月 至6月 —
"""


@pytest.mark.parametrize(("text", "span"), SPANS.items())
def test_what_means_one_span_is_read(text: str, span: tuple[date, date]) -> None:
    assert parse_counted_time(text, 2022) == CountedTime(*span)


@pytest.mark.parametrize("text", UNCLEAR.split())
def test_what_may_mean_something_else_is_not_read(text: str) -> None:
    """Nothing is guessed: the row is a doubt."""
    assert parse_counted_time(text, 2022) is None


def test_a_span_contains_and_overlaps() -> None:
    half, year = CountedTime(*FIRST_HALF), CountedTime(*YEAR)
    second = CountedTime(date(2022, 7, 1), date(2022, 12, 31))
    assert year.exceeds(half)
    assert not half.exceeds(year)
    assert not year.exceeds(year)
    assert year.overlaps(half)
    assert not half.overlaps(second)
