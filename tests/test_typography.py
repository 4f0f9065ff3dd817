"""Row heights and widths: what Chinese text takes in a cell."""

from __future__ import annotations

from ledgerbook.sheets import typography as look


def test_wide_characters_take_twice_a_narrow_one() -> None:
    """A Chinese character is one em; a Latin one about half."""
    assert look.width_em("工作ab") == 2 + 2 * 0.55


def test_lines_wrap_by_width_and_break_at_line_ends() -> None:
    """30 Chinese characters in a column for 14 take three lines; breaks add lines."""
    assert look.line_count("字" * 30, 30) == 3
    assert look.line_count("一\n二\n\n四", 30) == 4


def test_height_follows_the_tallest_cell_up_to_excels_limit() -> None:
    """The tallest cell decides; no row is taller than Excel's 409 points."""
    assert look.row_height([("字", 30), ("字" * 30, 30)]) == 3 * 11 * 1.43 + 4
    assert look.row_height([("字" * 5000, 10)]) == 409
    assert look.row_height([("字", 30)], least=3) == look.row_height([("字" * 30, 30)])
