"""What a section's sheet looks like on paper: it is to be signed."""

from __future__ import annotations

import io

import openpyxl

from factory import FINANCE, issued, make_book


def test_the_sheet_is_to_be_signed_on_paper() -> None:
    book = openpyxl.load_workbook(io.BytesIO(issued(make_book(), FINANCE)))
    left = book.worksheets[0].oddFooter.left.text
    assert [word for word in ("填报人", "审核人", "日期") if word not in left] == []
    assert FINANCE in left
    others = [sheet.oddFooter.left.text or "" for sheet in book.worksheets[1:]]
    assert [text for text in others if "填报人" in text] == []
