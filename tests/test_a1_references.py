"""A1 references and the 0-based positions that they stand for."""

from __future__ import annotations

import pytest

from ledgerbook import a1_references
from ledgerbook.a1_references import (
    MAX_COLUMNS,
    CellArea,
    CellPosition,
    format_area_reference,
    format_cell_reference,
    format_column_letters,
    parse_area_reference,
    parse_cell_reference,
    parse_column_letters,
    split_cell_reference,
)


def test_letters_of_every_column_are_read_back() -> None:
    """A is the first column, XFD the last one that Excel has."""
    letters = [format_column_letters(column) for column in range(MAX_COLUMNS)]
    assert letters[:2] + letters[25:28] + letters[-1:] == ["A", "B", "Z", "AA", "AB", "XFD"]
    assert [parse_column_letters(text) for text in letters] == list(range(MAX_COLUMNS))


def test_same_texts_as_xlsxwriter() -> None:
    """Formulas stay what they were when XlsxWriter wrote the references."""
    utility = pytest.importorskip("xlsxwriter.utility")
    for column in (0, 25, 26, 701, 702, MAX_COLUMNS - 1):
        assert format_column_letters(column) == utility.xl_col_to_name(column)
        for row_sign in (False, True):
            for column_sign in (False, True):
                assert format_cell_reference(
                    (6, column), absolute_row=row_sign, absolute_column=column_sign
                ) == utility.xl_rowcol_to_cell(6, column, row_sign, column_sign)


@pytest.mark.parametrize(
    ("reference", "position"),
    [("B7", (6, 1)), ("XFE1048577", (1_048_576, 16_384)), ("$B$7", None), ("B0", None)],
)
def test_a_relative_reference_has_no_limits(reference: str, position: CellPosition | None) -> None:
    """Whoever reads a sheet's XML tells what lies beyond from what is none."""
    assert split_cell_reference(reference) == position


def test_an_area_is_written_by_its_corners() -> None:
    """One cell is an area as well, or is written as the cell that it is."""
    assert format_area_reference((0, 0), (2, 2)) == "A1:C3"
    assert format_area_reference((0, 0), (2, 2), is_absolute=True) == "$A$1:$C$3"
    assert format_area_reference((6, 1), (6, 1)) == "B7:B7"
    assert format_area_reference((6, 1), (6, 1), shorten_single_cell=True) == "B7"


@pytest.mark.parametrize(
    ("reference", "area"),
    [
        ("A1", ((0, 0), (0, 0))),
        ("$B$7", ((6, 1), (6, 1))),
        ("A1:C3", ((0, 0), (2, 2))),
        ("C3:A1", ((0, 0), (2, 2))),
        ("XFD1048576", ((1_048_575, 16_383), (1_048_575, 16_383))),
        ("XFE1", None),
        ("A1048577", None),
        ("A0", None),
        ("A1:?", None),
        ("", None),
    ],
)
def test_an_area_is_read_from_its_corners(reference: str, area: CellArea | None) -> None:
    """Whichever is named first; one that no sheet can have is none."""
    assert parse_area_reference(reference) == area
    if area and ":" not in reference:
        assert parse_cell_reference(reference) == area[0]


def test_a_sheet_has_the_size_that_excel_gives_it() -> None:
    assert (a1_references.MAX_ROWS, a1_references.MAX_COLUMNS) == (2**20, 2**14)
