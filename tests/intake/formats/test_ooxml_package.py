"""Parts of a workbook: their texts, and those too large to read."""

from __future__ import annotations

import pytest

from ledgerbook.intake.formats import ooxml_package
from ledgerbook.intake.formats.ooxml_package import UnreadablePartError


def test_readings_beside_a_text_are_no_text() -> None:
    """Japanese programs keep how a word is read beside it."""
    root = ooxml_package.parse_part(
        b"<si><t>\xe5\xb7\xa5</t><rPh><t>kou</t></rPh><r><t>\xe4\xbd\x9c</t></r></si>"
    )
    assert ooxml_package.collect_text(root) == "工作"


def test_a_part_without_end_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ooxml_package, "MAX_PARSED_BYTES", 8)
    with pytest.raises(UnreadablePartError, match="过大"):
        ooxml_package.parse_part(b"<a>12345</a>")
    with pytest.raises(UnreadablePartError, match="已损坏"):
        ooxml_package.parse_part(b"<a")
