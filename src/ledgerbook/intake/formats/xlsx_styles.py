"""Read what the number formats of an .xlsx make of its numbers (ECMA-376 Part 1 §18.8).

The part of the styles is parsed when the first number of a workbook is asked for, and never in
the many workbooks whose answers are texts and whose dates are dates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial

from ledgerbook.a1_references import CellPosition
from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats import ooxml_package, untrusted_xml
from ledgerbook.intake.formats.number_format import BUILT_IN_FORMATS, GENERAL, format_number
from ledgerbook.intake.formats.ooxml_package import Package
from ledgerbook.intake.formats.xlsx_scan import CellInventory

_STYLES_TYPE = "styles"
# More than Excel allows a workbook.
_MAX_STYLES = 70_000
# Workbooks that count days from 1904 are so rare that their numbers are not read as shown.
_COUNTS_FROM_1904 = (b'date1904="1"', b'date1904="true"')

TextGetter = Callable[[CellPosition], str | None]


def make_text_getters(
    package: Package, workbook_part: str, inventories: Mapping[str, CellInventory]
) -> Mapping[str, TextGetter]:
    """Return sheet name → the function that tells what its cells with numbers show."""
    read_codes = cache(partial(_read_format_codes, package, workbook_part))
    return {
        name: partial(_get_shown_text, inventory.numbers, read_codes)
        for name, inventory in inventories.items()
    }


def _get_shown_text(
    numbers: Mapping[CellPosition, tuple[str, str]],
    read_codes: Callable[[], Sequence[str]],
    cell: CellPosition,
) -> str | None:
    if cell not in numbers:
        return None
    content, style = numbers[cell]
    codes, index = read_codes(), int(style) if style.isdecimal() else 0
    try:
        return format_number(float(content), codes[index]) if index < len(codes) else None
    except ValueError:
        return None


def _read_format_codes(package: Package, workbook_part: str) -> Sequence[str]:
    """Return the code of each cell format; none where the styles cannot be read."""
    if any(flag in package[workbook_part] for flag in _COUNTS_FROM_1904):
        return ()
    part = next(
        (
            relationship.target
            for relationship in ooxml_package.read_relationships(package, workbook_part)
            if relationship.kind == _STYLES_TYPE
        ),
        "",
    )
    codes = dict(BUILT_IN_FORMATS)
    numbers: list[int] = []
    open_tags: list[str] = []

    def start_element(name: str, attrs: Mapping[str, str]) -> None:
        if name == "numFmt" and len(codes) < _MAX_STYLES:
            number = untrusted_xml.parse_whole_number(attrs.get("numFmtId", "0"))
            codes[number] = attrs.get("formatCode", "")
        elif name == "xf" and open_tags[-1:] == ["cellXfs"] and len(numbers) < _MAX_STYLES:
            numbers.append(untrusted_xml.parse_whole_number(attrs.get("numFmtId", "0")))
        open_tags.append(name)

    def end_element(name: str) -> None:
        open_tags.pop()

    try:
        untrusted_xml.stream_part(
            package.get(part, b""), start_element, end_element, lambda _: None
        )
    except RefusedError:
        return ()
    return tuple(codes.get(number, "") for number in numbers) or (GENERAL,)
