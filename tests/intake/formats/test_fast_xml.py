"""What is read at once is what the streaming parser reads, whatever is done to it."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats import fast_xml
from ledgerbook.intake.formats.untrusted_xml import SharedStrings, scan_shared_strings
from ledgerbook.intake.formats.xlsx_scan import scan_sheet
from ledgerbook.issue.workbook import build_section_workbook
from tests.support.books import ISSUED_ON, make_book

# Nothing in it is shown, and no program but ours writes one there.
_ASIDE = b"<!--  -->"


@cache
def parts() -> dict[str, bytes]:
    book = make_book()
    data = build_section_workbook(book, book.rounds[0], ["综合科"], ISSUED_ON)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


SHEET = "xl/worksheets/sheet1.xml"
TEXTS = "xl/sharedStrings.xml"


def streamed(xml: bytes) -> bytes:
    """Put something into a part for which it has to be streamed."""
    return xml.replace(b"</sheetData>", b"</sheetData>" + _ASIDE, 1).replace(
        b"</sst>", _ASIDE + b"</sst>", 1
    )


def outcome(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except RefusedError as refused:
        return refused.code


def inventory(xml: bytes) -> Any:
    return outcome(lambda: scan_sheet(xml, SharedStrings(10_000, frozenset({3, 5}))))


def test_what_we_issue_is_written_plainly() -> None:
    for name, part in parts().items():
        if name.startswith("xl/worksheets/sheet"):
            assert fast_xml.extract_cells(part), name
            assert fast_xml.extract_cells(streamed(part)) is None
            assert inventory(part) == inventory(streamed(part)), name
    assert fast_xml.extract_strings(parts()[TEXTS])
    assert scan_shared_strings(parts()[TEXTS]) == scan_shared_strings(streamed(parts()[TEXTS]))


BODY = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>{}</sheetData>"
    '<mergeCells count="1"><mergeCell ref="A1:B2"/></mergeCells></worksheet>'
)


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>3</v></c><c r="B1" t="s"><v>4</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>99999</v></c></row>',
        '<row r="1"><c r="A1"><f>1+1</f></c><c r="B1"><f>B2</f><v></v></c></row>',
        '<row r="1"><c r="A1" t="str"><f>B1&amp;""</f><v></v></c></row>',
        '<row r="1"><c r="A1" t="str"><f>B1&amp;""</f></c></row>',
        '<row r="1"><c r="A1"><f t="shared" si="0"/></c></row>',
        '<row r="1"><c r="A1"><f>B1</f><v>0</v></c></row>',
        '<row r="1"><c r="A1" t="e"><v>#N/A</v></c><c r="B1" t="e"/></row>',
        '<row r="1"><c r="A1"><v>1e999</v></c><c r="B1"><v>nan</v></c></row>',
        '<row r="1"><c r="A1" t="d"><v>2022-09-01</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="A1"/><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="XFE1"><v>1</v></c></row>',
        '<row r="9999999"><c r="A9999999"/></row>',
        '<row r="1048576"><c r="A1048576"/><c r="J1"/></row>',
        '<row r="1"><c r="A1"><f>HYPERLINK("http://x","y")</f><v>y</v></c></row>',
        '<row r="1"/><row r="2"></row>',
        '<row r="1"><c r="A1" t="str"><v>  </v></c></row>',
        '<row r="1"><c r="A1" t="str"><v>_x0020_</v></c></row>',
        "",
    ],
)
def test_every_kind_of_cell_counts_alike(rows: str) -> None:
    part = BODY.format(rows).encode()
    assert fast_xml.extract_cells(part) is not None
    assert inventory(part) == inventory(streamed(part))


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c>',
        '<c r="A1"><v>1</v></c>',
        '<row r="1"><row r="2"/></row>',
        '<row r="1"><c><v>1</v></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>',
        '<row r="1"><c r="A1" vm="1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>&#49;</v></c></row>',
        '<row r="1"><c r="A1"><v>1<!-- --></v></c></row>',
        '<row r="1"><c r="A1"><v><![CDATA[1]]></v></c></row>',
        '<row r="1"><c r="A1"><v>1\x01</v></c></row>',
        '<row r="1" ht="a>b"><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><f ref="a>b">1</f></c></row>',
    ],
)
def test_what_is_written_in_another_way_is_left_to_the_parser(rows: str) -> None:
    assert fast_xml.extract_cells(BODY.format(rows).encode()) is None


def test_types_are_never_declared_unseen() -> None:
    """In another encoding the declaration would look like something else."""
    part = BODY.format('<row r="1"><c r="A1"><v>1</v></c></row>')
    declared = f"<!DOCTYPE x>{part}"
    for text, encoding in (
        (declared, "utf-8"),
        (f"<?xml version='1.0' encoding='utf-16'?>{declared}", "utf-16"),
        (f'<?xml version="1.0" encoding="cp037"?>{part}', "utf-8"),
    ):
        assert fast_xml.extract_cells(text.encode(encoding)) is None


_TAG = re.compile(rb"<[^<>]*>")


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_changed_part_reads_alike(data: st.DataObject) -> None:
    """Tags moved, dropped, doubled, characters changed: both ways say the same."""
    name = data.draw(st.sampled_from((SHEET, TEXTS)))
    xml = parts()[name]
    tags = list(_TAG.finditer(xml))
    for _ in range(data.draw(st.integers(1, 3))):
        one, other = (data.draw(st.sampled_from(tags)) for _ in range(2))
        start, end = one.span()
        put = data.draw(
            st.sampled_from((b"", other[0], one[0] * 2, one[0][:-1], b"<v>", b"&lt;", b"&", b" "))
        )
        xml = xml[:start] + put + xml[end:]
    read = inventory if name == SHEET else lambda xml: outcome(lambda: scan_shared_strings(xml))
    if b"</sheetData>" in xml or b"</sst>" in xml:
        assert read(xml) == read(streamed(xml))
