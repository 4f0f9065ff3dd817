"""Chinese numerals and the numbers they stand for."""

from __future__ import annotations

import pytest

from ledgerbook.chinese_numerals import (
    convert_digits,
    convert_numeral,
    format_numeral,
    parse_numeral,
)


def test_numerals_round_trip() -> None:
    """Every number below 100 is parsed from what it is written as."""
    assert [format_numeral(number) for number in (1, 10, 12, 30, 45)] == [
        "一",
        "十",
        "十二",
        "三十",
        "四十五",
    ]
    for number in range(1, 100):
        assert parse_numeral(format_numeral(number)) == number
        assert convert_numeral(format_numeral(number)) == str(number)


@pytest.mark.parametrize("text", ["十十", "十十十", "一二三", "十一十"])
def test_no_numeral_raises_no_error(text: str) -> None:
    """A plan may contain any characters; the caller sees a number that does not fit."""
    assert parse_numeral(text) > 0


def test_years_are_converted_digit_by_digit() -> None:
    """The zero of a year is written in several ways, and misread in more."""
    for year in ("二〇二二", "二零二二", "二○二二", "二O二二", "二o二二", "2022"):
        assert convert_digits(year) == "2022"
        assert convert_numeral(year) == "2022"
    assert convert_numeral("两") == "2"
    assert convert_numeral("二十十") == "二十十"
