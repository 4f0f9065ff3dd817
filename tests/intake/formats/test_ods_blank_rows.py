"""Blank rows of an .ods, each with a style of its own, are joined and change nothing."""

from __future__ import annotations

import pytest

from ledgerbook.intake.formats.ods import read_ods
from ledgerbook.intake.formats.ods_blank_rows import join_blank_rows

_NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
    for prefix in ("office", "table", "text", "style")
)
ROWS = 2_500


def _write_row(cells: str, attributes: str = "") -> str:
    return f"<table:table-row{attributes}>{cells}</table:table-row>"


def _write_cell(text: str) -> str:
    return (
        f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
    )


def _write_content(rows: str) -> bytes:
    styles = "".join(f'<style:style style:name="ce{n}"/>' for n in range(ROWS))
    return (
        f'<?xml version="1.0"?><office:document-content {_NAMESPACES}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f'<office:body><office:spreadsheet><table:table table:name="表">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    ).encode()


_BORDERED = "".join(
    _write_row(
        f'<table:table-cell table:style-name="ce{n}" table:number-columns-repeated="8"/>'
        f'<table:table-cell table:style-name="ce{n}"/>',
        ' table:style-name="ro1"' + ' table:number-rows-repeated="3"' * (n % 100 == 0),
    )
    for n in range(ROWS)
)
# The number of rows that these stand for.
_BORDERED_COUNT = ROWS + 2 * ROWS // 100


def test_what_is_filled_below_stays_in_its_row() -> None:
    """A run of blank rows is one row, repeated as often as there were rows."""
    filled = _write_row(f'<table:table-cell table:style-name="ce1"/>{_write_cell("完")}')
    content = _write_content(_BORDERED + filled + _BORDERED + filled)
    joined = join_blank_rows(content)
    assert len(joined) < len(content) / 100
    assert joined.count(b"<table:table-row") == 4
    sheet = read_ods({"content.xml": content}).sheets[0]
    assert sheet.cells == {(_BORDERED_COUNT, 1): "完", (2 * _BORDERED_COUNT + 1, 1): "完"}


@pytest.mark.parametrize(
    "content",
    [
        _write_content(_BORDERED[: len(_BORDERED) // 2]),
        _write_content(f"<!-- {_BORDERED} -->"),
        _write_content(_BORDERED).replace(b"table:1.0", b"table:2.0"),
        _write_content(_BORDERED.replace('"3"', '"x"')).replace(b"automatic-", b"other-"),
    ],
    ids=["few", "a comment", "another namespace", "no numbers"],
)
def test_what_is_not_plainly_written_stays(content: bytes) -> None:
    assert join_blank_rows(content).count(b"ce1234") == content.count(b"ce1234")
