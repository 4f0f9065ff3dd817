"""One pass over a sheet's part before any reader: bounds, and a census of its cells.

The reader that gives the values shows an error cell and an uncached formula as blank,
and aborts on an absurd reference. What is counted here must be accounted for there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ledgerbook.a1_references import (
    CellPosition,
    parse_area_reference,
    parse_column_letters,
    split_cell_reference,
)
from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats import fast_xml
from ledgerbook.intake.formats.untrusted_xml import Extent, SharedStrings, stream_part
from ledgerbook.text import is_blank, unescape_ooxml

# Far more than a 总台账 of every section holds; a sheet of more cells is no return.
MAX_FILLED_CELLS = 200_000
MAX_LINKS = 2_000
MAX_MERGES = 50_000
_INDEX_DIGITS = re.compile(r"[0-9]{1,9}")
# Formulas that may show a picture of WPS, or a link.
_PICTURE_OR_LINK_FORMULA = re.compile(r"=?\s*(?:(?:_xlfn\.)?DISPIMG|HYPERLINK)\(", re.IGNORECASE)


@dataclass(slots=True)
class SheetLinks:
    """What a sheet's part says of what hangs on its cells.

    ``formulas`` are those that may show a picture or a link, ``rich_values`` cells whose value
    is described elsewhere, by number, ``embedded_objects`` the shapes of embedded files.
    """

    merges: list[tuple[CellPosition, CellPosition]] = field(default_factory=list)
    has_more_merges: bool = False
    links: list[Mapping[str, str]] = field(default_factory=list)
    formulas: dict[CellPosition, str] = field(default_factory=dict)
    rich_values: dict[CellPosition, str] = field(default_factory=dict)
    embedded_objects: set[str] = field(default_factory=set)


@dataclass(slots=True)
class CellInventory:
    """What a sheet's XML holds, 0-based: ``filled`` cells, ``errors``, ``uncached``.

    ``iso_dates`` are cells that hold a date as ISO text, ``zero_formulas`` formulas among the
    filled ones that come to 0.
    """

    filled: set[CellPosition] = field(default_factory=set)
    errors: dict[CellPosition, str] = field(default_factory=dict)
    uncached: dict[CellPosition, str] = field(default_factory=dict)
    iso_dates: set[CellPosition] = field(default_factory=set)
    zero_formulas: dict[CellPosition, str] = field(default_factory=dict)
    sheet_links: SheetLinks = field(default_factory=SheetLinks)

    def __len__(self) -> int:
        return len(self.filled) + len(self.errors) + len(self.uncached)


def scan_sheet(
    xml: bytes, strings: SharedStrings, max_cells: int = MAX_FILLED_CELLS
) -> CellInventory:
    """Count a worksheet part's cells. Raises RefusedError on DTDs or absurd bounds."""
    counter = _CellCounter(strings, max_cells)
    extracted = fast_xml.extract_cells(xml)
    if extracted:
        cells, xml = extracted
        _count_cells(cells, counter)
    scanner = _SheetScanner(counter)
    stream_part(xml, scanner.start_element, scanner.end_element, scanner.add_text)
    return counter.inventory


def check_cell_count(
    inventories: Iterable[CellInventory], max_cells: int = MAX_FILLED_CELLS
) -> None:
    """Refuse a workbook of more cells than any of its kind can have."""
    if sum(map(len, inventories)) > max_cells:
        raise _make_size_error(max_cells)


def _make_size_error(max_cells: int) -> RefusedError:
    return RefusedError("file-too-large", f"填写的单元格超过 {max_cells} 个")


def _make_duplicate_error() -> RefusedError:
    return RefusedError("file-suspect", "同一个单元格的内容写了两次")


def _count_cells(cells: Iterable[tuple[str, ...]], counter: _CellCounter) -> None:
    """Count cells as they stand in a part that is written plainly."""
    columns = _ColumnNumbers()
    strings: list[tuple[CellPosition, str]] = []
    last_row = 0
    for letters, digits, cell_type, formula, value_tag, value in cells:
        row = int(digits)
        last_row = max(last_row, row)
        cell = row - 1, columns[letters]
        if cell_type == "s" and value and not formula:
            strings.append((cell, value))
        elif value_tag or formula or cell_type == "e":
            counter.count_cell(
                cell,
                cell_type or "n",
                fast_xml.read_element_text(formula) if formula else None,
                fast_xml.resolve_entities(value) if value_tag else None,
            )
    counter.count_strings(strings)
    if last_row:
        counter.check_bounds(last_row - 1, max(columns.values()))


class _ColumnNumbers(dict[str, int]):
    """The numbers of columns by their letters, from 0."""

    def __missing__(self, letters: str) -> int:
        number = self[letters] = parse_column_letters(letters)
        return number


class _CellCounter:
    """Puts every cell that a part shows where it belongs."""

    def __init__(self, strings: SharedStrings, max_cells: int) -> None:
        self.inventory = CellInventory()
        self._max_cells = max_cells
        self.check_bounds = Extent().include_cell
        self._strings = strings
        self._counted_cells: set[CellPosition] = set()

    def count_strings(self, cells: Sequence[tuple[CellPosition, str]]) -> None:
        """Count cells that refer to shared strings, and have nothing else."""
        blank_indexes = {
            string_index
            for string_index in {index for _, index in cells}
            if self._is_blank("s", string_index)
        }
        filled_cells = [cell for cell, index in cells if index not in blank_indexes]
        previous_count = len(self._counted_cells)
        self._counted_cells.update(filled_cells)
        if len(self._counted_cells) < previous_count + len(filled_cells):
            raise _make_duplicate_error()
        if len(self._counted_cells) > self._max_cells:
            raise _make_size_error(self._max_cells)
        self.inventory.filled.update(filled_cells)

    def count_cell(
        self,
        cell: CellPosition,
        cell_type: str,
        formula: str | None,
        value: str | None,
        text: str = "",
    ) -> None:
        """Count a cell of a ``cell_type``; what it has no element for is None.

        ``text`` is its own, for one that refers to no value.
        """
        inventory, content = self.inventory, value or text
        if formula and _PICTURE_OR_LINK_FORMULA.match(formula):
            inventory.sheet_links.formulas[cell] = formula
        if cell_type == "d":
            inventory.iso_dates.add(cell)
        if cell_type == "e":
            inventory.errors[cell] = content or "错误值"
        elif not content and formula is not None and not (cell_type == "str" and value == ""):
            inventory.uncached[cell] = f"={formula}"
        elif self._is_blank(cell_type, content):
            return
        elif cell_type == "n" and not math.isfinite(_parse_number(content)):
            inventory.errors[cell] = content
        else:
            inventory.filled.add(cell)
            if content == "0" and formula is not None:
                inventory.zero_formulas[cell] = f"={formula}"
        self._add_unique_cell(cell)

    def _add_unique_cell(self, cell: CellPosition) -> None:
        """Note a cell; of one written twice, programs differ on which they show."""
        if cell in self._counted_cells:
            raise _make_duplicate_error()
        self._counted_cells.add(cell)
        if len(self._counted_cells) > self._max_cells:
            raise _make_size_error(self._max_cells)

    def _is_blank(self, cell_type: str, content: str) -> bool:
        """Whether a cell shows nothing; a shared string that is not there is refused.

        The reader would give the first string instead: words that nobody wrote there.
        """
        if not content or cell_type != "s" or is_blank(content):
            return is_blank(unescape_ooxml(content))
        if not _INDEX_DIGITS.fullmatch(content) or int(content) >= self._strings.count:
            raise RefusedError("file-damaged", "单元格引用的文字不存在")
        return int(content) in self._strings.blank_indexes


class _SheetScanner:
    """Streams the part, or what is left of it without its cells."""

    def __init__(self, counter: _CellCounter) -> None:
        self._counter = counter
        self._sheet_links = counter.inventory.sheet_links
        self._row = self._column = -1
        self._cell_type = ""
        self._open_tags: list[str] = []
        self._pieces: dict[str, list[str]] = {}

    def start_element(self, name: str, attrs: Mapping[str, str]) -> None:
        if name == "row":
            self._row = int(attrs["r"]) - 1 if "r" in attrs else self._row + 1
            self._column = -1
        elif name == "c":
            self._row, self._column = self._locate_cell(attrs.get("r", ""))
            self._cell_type = attrs.get("t", "n")
            self._pieces = {}
            if attrs.get("vm", "0") != "0":
                self._sheet_links.rich_values[self._row, self._column] = attrs["vm"]
        elif name in ("f", "v"):
            # A shared formula may have no text of its own, and come to none.
            self._pieces.setdefault(name, [])
        elif name == "mergeCell":
            self._add_merge(attrs.get("ref", ""))
        elif name == "hyperlink" and len(self._sheet_links.links) <= MAX_LINKS:
            attributes = {key.rpartition(" ")[2]: text for key, text in attrs.items()}
            self._sheet_links.links.append(attributes)
        elif name == "oleObject" and len(self._sheet_links.embedded_objects) < MAX_LINKS:
            self._sheet_links.embedded_objects.add(attrs.get("shapeId", ""))
        self._open_tags.append(name)

    def add_text(self, data: str) -> None:
        # Phonetic runs (rPh) repeat a string's reading: they are not its text.
        if self._open_tags and "rPh" not in self._open_tags[-3:]:
            self._pieces.setdefault(self._open_tags[-1], []).append(data)

    def end_element(self, name: str) -> None:
        self._open_tags.pop()
        if name == "c":
            self._counter.count_cell(
                (self._row, self._column),
                self._cell_type,
                self._join_pieces("f"),
                self._join_pieces("v"),
                self._join_pieces("t") or "",
            )

    def _join_pieces(self, name: str) -> str | None:
        return "".join(self._pieces[name]) if name in self._pieces else None

    def _locate_cell(self, reference: str) -> CellPosition:
        if not reference:
            row, column = self._row, self._column + 1
        else:
            position = split_cell_reference(reference)
            if position is None:
                raise RefusedError("file-suspect", "单元格编号不正常")
            row, column = position
        self._counter.check_bounds(row, column)
        return row, column

    def _add_merge(self, reference: str) -> None:
        area, sheet_links = parse_area_reference(reference), self._sheet_links
        if area is None or area[0] == area[1]:
            return
        sheet_links.has_more_merges = len(sheet_links.merges) >= MAX_MERGES
        if not sheet_links.has_more_merges:
            sheet_links.merges.append(area)


def _parse_number(text: str) -> float:
    """Read a number as a reader would; what is none is left for it to refuse."""
    try:
        return float(text)
    except ValueError:
        return 0.0
