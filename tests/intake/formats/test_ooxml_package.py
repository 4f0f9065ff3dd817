"""What the parts of a workbook refer to: cells, areas, and parts too large to read."""

from __future__ import annotations

import pytest

from ledgerbook.intake.formats import ooxml_package
from ledgerbook.intake.formats.ooxml_package import UnreadablePartError


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
def test_an_area_is_told_by_its_corners(
    reference: str, area: tuple[tuple[int, int], tuple[int, int]] | None
) -> None:
    """Whichever is named first; one that no sheet can have is none."""
    assert ooxml_package.parse_area_reference(reference) == area


def test_readings_beside_a_text_are_no_text() -> None:
    """Japanese programs keep how a word is read beside it."""
    root = ooxml_package.parse_part(
        b"<si><t>\xe5\xb7\xa5</t><rPh><t>kou</t></rPh><r><t>\xe4\xbd\x9c</t></r></si>"
    )
    assert ooxml_package.collect_text(root) == "工作"


def test_a_part_without_end_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ooxml_package, "MAX_PART_BYTES", 8)
    with pytest.raises(UnreadablePartError, match="过大"):
        ooxml_package.parse_part(b"<a>12345</a>")
    with pytest.raises(UnreadablePartError, match="已损坏"):
        ooxml_package.parse_part(b"<a")
