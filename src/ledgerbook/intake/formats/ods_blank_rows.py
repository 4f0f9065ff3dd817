"""Join the blank rows of an .ods that are there for their format alone.

Where each of 65,000 bordered rows has a style of its own, a program cannot write them as one
repeated row. They say nothing, and to parse each would take seconds: so a run of them becomes
one repeated row, and their styles are cut out, before any parser sees the part.
"""

from __future__ import annotations

import re

# Fewer rows than this are parsed as quickly as they are joined.
_MIN_ROWS = 2_000
_TABLE_NAMESPACE = b'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
_ROW_END = b"</table:table-row>"
_BLANK_ROWS = re.compile(
    rb"(?:<table:table-row(?: table:(?:style-name|number-rows-repeated)"
    rb'="[^"<>&]*+")*+>(?:<table:table-cell(?: table:(?:style-name|number-columns-repeated)'
    rb'="[^"<>&]*+")*+ ?/>)*+</table:table-row>\s*+){2,}+'
)
_REPEATS = re.compile(rb' table:number-rows-repeated="([1-9][0-9]{0,6})"')
# What a style says of a sheet that is hidden, or of text that is struck through.
_TELLING_STYLE = re.compile(rb'text-line-through-(?:style|type)="(?!none")|table:display="false"')
_STYLES_START, _STYLES_END = b"<office:automatic-styles>", b"</office:automatic-styles>"


def join_blank_rows(xml: bytes) -> bytes:
    """Return the content part of an .ods with one repeated row for each run of blank rows.

    Parts with few rows, or that are not plainly written, are returned as they are.
    """
    is_plain = b"<!" not in xml and xml.count(b"xmlns:table=") == xml.count(_TABLE_NAMESPACE) == 1
    if xml.count(_ROW_END) < _MIN_ROWS or not is_plain:
        return xml
    before, _, after = xml.partition(_STYLES_START)
    styles, _, content = after.partition(_STYLES_END)
    if _TELLING_STYLE.search(styles):
        content = b""
    return _BLANK_ROWS.sub(_join_rows, before + content if content else xml)


def _join_rows(run: re.Match[bytes]) -> bytes:
    repeats = [int(number) for number in _REPEATS.findall(run[0])]
    if len(repeats) != run[0].count(b"number-rows-repeated"):
        return run[0]
    row_count = run[0].count(_ROW_END) - len(repeats) + sum(repeats)
    return (
        b'<table:table-row table:number-rows-repeated="%d"><table:table-cell/></table:table-row>'
        % row_count
    )
