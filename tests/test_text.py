"""Values as text, and the length of a text as Excel counts it."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from ledgerbook.text import count_utf16_units, format_value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (" 已完成 ", " 已完成 "),
        (True, "TRUE"),
        (False, "FALSE"),
        (3, "3"),
        (3.0, "3"),
        (0.1 + 0.2, "0.3"),
        (date(2022, 6, 30), "2022-06-30"),
        (date(22, 6, 30), "0022-06-30"),
        (datetime(2022, 6, 30), "2022-06-30"),  # noqa: DTZ001  cells carry no zone
        (datetime(2022, 6, 30, 9, 5, 0, 7), "2022-06-30 09:05:00"),  # noqa: DTZ001  likewise
        (time(9, 5), "09:05:00"),
    ],
)
def test_values_are_written_as_excel_shows_them(value: object, text: str) -> None:
    """One function writes the values of cells, for reading and for every output."""
    assert format_value(value) == text


def test_an_emoji_counts_as_two_characters() -> None:
    """Excel's limits are in UTF-16 units; a lone surrogate of a file name counts too."""
    assert count_utf16_units("abc") == 3
    assert count_utf16_units("公开") == 2
    assert count_utf16_units("📎") == 2
    assert count_utf16_units("\udc80") == 1
