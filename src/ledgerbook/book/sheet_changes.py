"""Change cells of one sheet of the book, and add rows and columns to it, in its XML.

Everything that is not named stays as it is. The elements are those of ECMA-376 Part 1 §18.3.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ledgerbook.a1_references import (
    format_cell_reference,
    format_column_letters,
    parse_column_letters,
)
from ledgerbook.book.package_rows import build_unreadable_error, find_sheet_part, open_book_package
from ledgerbook.file_types import replace_parts

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

# Row and column of a cell, both from 1.
Position = tuple[int, int]

_RANGE = re.compile(r"([A-Z]+)(\d+):([A-Z]+)(\d+)")


@dataclass(frozen=True, slots=True)
class SheetChanges:
    """The new values of cells, and how new columns and rows look.

    A value "" makes a cell blank. ``model_columns`` maps each new column to the one whose
    styles, width and drop-downs it gets. Rows below ``last_row`` get the styles of that
    row; what holds down to it, such as a drop-down, holds down to the new last one.
    """

    cells: Mapping[Position, str | int]
    model_columns: Mapping[int, int] = field(default_factory=dict)
    last_row: int = 0


def change_sheet(book_data: bytes, sheet: str, changes: SheetChanges) -> bytes:
    """Return the bytes of the book with ``changes`` made to the sheet named ``sheet``.

    Raises InputError when the sheet cannot be found or read.
    """
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    with open_book_package(book_data, sheet) as package:
        part = find_sheet_part(package, sheet)
        try:
            root = etree.fromstring(package.read(part), parser)
        except etree.XMLSyntaxError as error:
            raise build_unreadable_error(sheet) from error
        worksheet = _Worksheet(root)
        worksheet.add_columns(changes.model_columns)
        worksheet.extend_rules(changes)
        for position in sorted(changes.cells):
            worksheet.set_cell(position, changes.cells[position], changes)
        xml = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        return replace_parts(book_data, {part: xml})


class _Worksheet:
    """The XML of a worksheet, with its rows by number and their cells by column."""

    def __init__(self, root: Element) -> None:
        self._root = root
        self._namespace = root.tag.partition("}")[0] + "}"
        data = root.find(f"{self._namespace}sheetData")
        if data is None:
            raise ValueError("a worksheet without sheetData")
        self._data = data
        self._rows = {int(row.get("r")): row for row in data}
        self._cells = {
            (number, _read_column(cell.get("r"))): cell
            for number, row in self._rows.items()
            for cell in row
        }

    def set_cell(self, position: Position, value: str | int, changes: SheetChanges) -> None:
        """Give a cell a value; a new one gets the style of its model."""
        cell = self._cells.get(position)
        if cell is None:
            cell = self._add_cell(position, changes)
        for child in list(cell):
            cell.remove(child)
        cell.attrib.pop("t", None)
        if isinstance(value, int):
            self._append(cell, "v").text = str(value)
        elif value:
            cell.set("t", "inlineStr")
            text = self._append(self._append(cell, "is"), "t")
            text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            text.text = value

    def add_columns(self, model_columns: Mapping[int, int]) -> None:
        """Give new columns the width of their models, and hide those whose model is hidden."""
        columns = self._root.find(f"{self._namespace}cols")
        if columns is None:
            return
        for column, model in model_columns.items():
            source = next((one for one in columns if _spans(one, model)), None)
            if source is not None and not any(_spans(one, column) for one in columns):
                copy = deepcopy(source)
                copy.set("min", str(column))
                copy.set("max", str(column))
                columns.append(copy)

    def extend_rules(self, changes: SheetChanges) -> None:
        """Let drop-downs and colours hold for new columns and rows too."""
        new_last = max((row for row, _ in changes.cells), default=0)
        for element in list(self._root.iter(f"{self._namespace}dataValidation")):
            ranges = (element.get("sqref") or "").split()
            element.set("sqref", " ".join(_extend_ranges(ranges, changes, new_last)))
        for element in list(self._root.iter(f"{self._namespace}conditionalFormatting")):
            ranges = (element.get("sqref") or "").split()
            rows_only = SheetChanges({}, {}, changes.last_row)
            element.set("sqref", " ".join(_extend_ranges(ranges, rows_only, new_last)))
            self._copy_colours(element, changes)

    def _copy_colours(self, element: Element, changes: SheetChanges) -> None:
        """Add the rule that compares a cell with a hidden one, for each pair of new columns."""
        pairs = len(changes.model_columns) // 2
        new_columns = sorted(changes.model_columns)
        match = _RANGE.fullmatch(element.get("sqref") or "")
        formula = element.find(f"{self._namespace}cfRule/{self._namespace}formula")
        if match is None or formula is None or not re.fullmatch(r"\w+<>\w+", formula.text or ""):
            return
        for shown, hidden in zip(new_columns[:pairs], new_columns[pairs:], strict=True):
            copy = deepcopy(element)
            letters = [format_column_letters(column - 1) for column in (shown, hidden)]
            first, last = match[2], match[4]
            copy.set("sqref", f"{letters[0]}{first}:{letters[0]}{last}")
            copied_formula = copy.find(f"{self._namespace}cfRule/{self._namespace}formula")
            copied_formula.text = f"{letters[0]}{first}<>{letters[1]}{first}"
            element.addnext(copy)

    def _add_cell(self, position: Position, changes: SheetChanges) -> Element:
        """Return a new blank cell, in order, with the style of its model."""
        number, column = position
        row = self._rows.get(number)
        if row is None:
            row = self._add_row(number)
        cell = row.makeelement(f"{self._namespace}c", {})
        cell.set("r", format_cell_reference((number - 1, column - 1)))
        model_row = min(number, changes.last_row) if changes.last_row else number
        model = self._cells.get((model_row, changes.model_columns.get(column, column)))
        if model is not None and model.get("s"):
            cell.set("s", model.get("s"))
        before = sum(_read_column(one.get("r")) < column for one in row)
        row.insert(before, cell)
        self._cells[position] = cell
        return cell

    def _add_row(self, number: int) -> Element:
        row = self._data.makeelement(f"{self._namespace}row", {"r": str(number)})
        self._data.insert(sum(one < number for one in self._rows), row)
        self._rows[number] = row
        return row

    def _append(self, parent: Element, name: str) -> Element:
        child = parent.makeelement(f"{self._namespace}{name}", {})
        parent.append(child)
        return child


def _extend_ranges(
    ranges: Iterable[str], changes: SheetChanges, new_last_row: int
) -> Iterator[str]:
    """Yield the ranges, longer by the new rows, and their copies in new columns."""
    for text in ranges:
        match = _RANGE.fullmatch(text)
        if match is None:
            yield text
            continue
        last = int(match[4])
        if last == changes.last_row:
            last = max(last, new_last_row)
        yield f"{match[1]}{match[2]}:{match[3]}{last}"
        if match[1] == match[3]:
            for column, model in changes.model_columns.items():
                if format_column_letters(model - 1) == match[1]:
                    letters = format_column_letters(column - 1)
                    yield f"{letters}{match[2]}:{letters}{last}"


def _spans(element: Element, column: int) -> bool:
    """Return whether a ``col`` element is about a column."""
    return int(element.get("min")) <= column <= int(element.get("max"))


def _read_column(reference: str) -> int:
    """Return the 1-based column of a reference such as C4."""
    return parse_column_letters(reference.rstrip("0123456789")) + 1
