"""Scan the part of a worksheet before it is read: check its limits, list its cells.

The reader of values (calamine) gives error values and formulas without a result as blank, and
aborts on absurd references. Every filled cell that is listed here must be among the values.
The elements are those of ECMA-376 Part 1 §18.3.1.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ledgerbook.a1_references import (
    MAX_COLUMNS,
    CellArea,
    CellPosition,
    parse_area_reference,
    parse_column_letters,
    split_cell_reference,
)
from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats import fast_xml
from ledgerbook.intake.formats.untrusted_xml import (
    Extent,
    SharedStrings,
    check_position,
    parse_whole_number,
    stream_part,
)
from ledgerbook.intake.formats.xlsx_strikes import (
    STRIKE_NAME,
    RunCollector,
    Strikes,
    TextRun,
    leave_out_struck,
)
from ledgerbook.text import is_blank, unescape_ooxml

# Far more cells than a 总台账 of all sections has.
MAX_FILLED_CELLS = 200_000
MAX_LINKS = 2_000
MAX_MERGES = 50_000
_NO_STRIKES = Strikes()
# A row or column that somebody has drawn together to nothing is hidden as well.
_HIDDEN_ATTRIBUTE = re.compile(rb"""\s(?:hidden=["'](?:1|true)|(?:ht|width)=["']0(?:\.0+)?)["']""")
_ROW_OR_COLUMN = re.compile(rb"<(?:[^<>\s/:]+:)?(?:row|col)\s")
_MAX_TAG_BYTES = 1_000
_NUMBER_ATTRIBUTE = re.compile(rb"""\s(r|min|max)=["']([0-9]{1,9})["']""")
_INDEX_DIGITS = re.compile(r"[0-9]{1,9}")
# The start of formulas that may show a picture (WPS) or a link.
_PICTURE_OR_LINK_FORMULA = re.compile(r"=?\s*(?:(?:_xlfn\.)?DISPIMG|HYPERLINK)\(", re.IGNORECASE)


@dataclass(slots=True)
class SheetLinks:
    """What the part of a sheet refers to beside values.

    ``links`` are the attributes of hyperlink elements, ``formulas`` those that may show a
    picture or a link, ``rich_values`` the numbers of the value metadata of cells (attribute
    ``vm``), ``embedded_objects`` the shape ids of embedded files, ``controls`` shape id →
    relationship id of form controls.
    """

    merges: list[CellArea] = field(default_factory=list)
    has_more_merges: bool = False
    links: list[Mapping[str, str]] = field(default_factory=list)
    formulas: dict[CellPosition, str] = field(default_factory=dict)
    rich_values: dict[CellPosition, str] = field(default_factory=dict)
    embedded_objects: set[str] = field(default_factory=set)
    controls: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class CellInventory:
    """The cells in the XML of a sheet.

    Every cell that is not blank is in ``filled``, in ``errors`` (with the error value) or in
    ``uncached`` (with a formula that has no result). ``iso_dates`` are cells of dates as ISO
    8601 text, ``zero_formulas`` those filled cells whose formula has the result 0, and
    ``has_computed_formula`` says whether another formula has a result other than that.
    ``numbers`` are the texts of numbers and the numbers of their styles. The others are those
    of :class:`~ledgerbook.intake.formats.raw_workbook.RawSheet`.
    """

    filled: set[CellPosition] = field(default_factory=set)
    errors: dict[CellPosition, str] = field(default_factory=dict)
    uncached: dict[CellPosition, str] = field(default_factory=dict)
    iso_dates: set[CellPosition] = field(default_factory=set)
    zero_formulas: dict[CellPosition, str] = field(default_factory=dict)
    has_computed_formula: bool = False
    numbers: dict[CellPosition, tuple[str, str]] = field(default_factory=dict)
    sheet_links: SheetLinks = field(default_factory=SheetLinks)
    struck: dict[CellPosition, str] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.filled) + len(self.errors) + len(self.uncached)


def scan_sheet(
    xml: bytes,
    strings: SharedStrings,
    max_cells: int = MAX_FILLED_CELLS,
    strikes: Strikes = _NO_STRIKES,
) -> CellInventory:
    """List the cells of a worksheet part. Raises RefusedError for a DTD or beyond the limits."""
    counter = _CellCounter(strings, max_cells, strikes)
    counter.inventory.hidden_rows, counter.inventory.hidden_columns = _find_hidden(xml)
    # The plain way marks no cell as struck.
    has_struck_style = 0 in strikes.styles or any(b's="%d"' % s in xml for s in strikes.styles)
    extracted = None if has_struck_style else fast_xml.extract_cells(xml)
    if extracted:
        cells, xml = extracted
        _count_cells(cells, counter)
    scanner = _SheetScanner(counter, has_strikes=bool(strikes.styles) or STRIKE_NAME in xml)
    stream_part(
        xml,
        scanner.start_element,
        scanner.end_element,
        scanner.add_text,
        on_other_markup=scanner.refuse_divided_value,
    )
    return counter.inventory


def _find_hidden(xml: bytes) -> tuple[frozenset[int], frozenset[int]]:
    """Return the 0-based rows and columns of a worksheet part that are hidden."""
    rows: set[int] = set()
    columns: set[int] = set()
    for match in _HIDDEN_ATTRIBUTE.finditer(xml):
        start = xml.rfind(b"<", max(match.start() - _MAX_TAG_BYTES, 0), match.start())
        tag = xml[start : xml.find(b">", match.end(), match.end() + _MAX_TAG_BYTES)]
        if not _ROW_OR_COLUMN.match(tag):
            continue
        numbers = {key: int(digits) for key, digits in _NUMBER_ATTRIBUTE.findall(tag)}
        if b"r" in numbers:
            rows.add(numbers[b"r"] - 1)
        elif b"min" in numbers and b"max" in numbers:
            columns.update(range(numbers[b"min"] - 1, min(numbers[b"max"], MAX_COLUMNS)))
    return frozenset(rows), frozenset(columns)


def check_cell_count(
    inventories: Iterable[CellInventory], max_cells: int = MAX_FILLED_CELLS
) -> None:
    """Raise RefusedError when the sheets of a workbook have too many cells together."""
    if sum(map(len, inventories)) > max_cells:
        raise _make_size_error(max_cells)


def _make_size_error(max_cells: int) -> RefusedError:
    return RefusedError("file-too-large", f"填写的单元格超过 {max_cells} 个")


def _make_duplicate_error() -> RefusedError:
    return RefusedError("file-suspect", "同一个单元格的内容写了两次")


def _count_cells(cells: Iterable[tuple[str, ...]], counter: _CellCounter) -> None:
    """Count the cells that fast_xml extracted from a plainly written part."""
    columns = _ColumnNumbers()
    strings: list[tuple[CellPosition, str]] = []
    last_row = last_column = last_blank_row = 0
    for letters, digits, style, cell_type, formula, value_tag, value in cells:
        row, column = int(digits) - 1, columns[letters]
        if cell_type in ("", "n") and not (formula or value_tag):
            last_blank_row = max(last_blank_row, row)
            continue
        last_row, last_column = max(last_row, row), max(last_column, column)
        cell = row, column
        if cell_type == "s" and value and not formula:
            strings.append((cell, value))
        elif value_tag or formula or cell_type == "e":
            counter.count_cell(
                cell,
                cell_type or "n",
                fast_xml.read_element_text(formula) if formula else None,
                fast_xml.resolve_entities(value) if value_tag else None,
                style=style,
            )
    counter.count_strings(strings)
    counter.extent.include_cell(last_row, last_column)
    check_position(last_blank_row, max(columns.values(), default=0))


class _ColumnNumbers(dict[str, int]):
    """A cache: letters of a column → its 0-based number."""

    def __missing__(self, letters: str) -> int:
        number = self[letters] = parse_column_letters(letters)
        return number


class _CellCounter:
    """Builds the inventory of a sheet, cell by cell."""

    def __init__(self, strings: SharedStrings, max_cells: int, strikes: Strikes) -> None:
        self.inventory = CellInventory()
        self.strikes = strikes
        self._max_cells = max_cells
        self.extent = Extent()
        self._strings = strings
        self._counted_cells: set[CellPosition] = set()

    def count_strings(self, cells: Sequence[tuple[CellPosition, str]]) -> None:
        """Count cells that refer to shared strings and have no formula."""
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
        if self.strikes.rich_strings:
            for cell, index in cells:
                runs = self.strikes.rich_strings.get(int(index), ())
                self.mark_struck(cell, runs, is_cell_struck=False)

    def mark_struck(
        self, cell: CellPosition, runs: Sequence[TextRun], *, is_cell_struck: bool
    ) -> None:
        """Note what is left of a cell where some of it is struck through."""
        remainder = leave_out_struck(runs, is_cell_struck=is_cell_struck)
        if remainder is not None:
            self.inventory.struck[cell] = remainder

    def count_cell(
        self,
        cell: CellPosition,
        cell_type: str,
        formula: str | None,
        value: str | None,
        text: str = "",
        style: str = "",
    ) -> None:
        """Count a cell of the type ``cell_type`` (attribute ``t``) and a ``style`` (``s``).

        ``formula`` and ``value`` are None where the cell has no such element; ``text`` is the
        inline string of a cell without a value.
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
            if cell_type == "n":
                inventory.numbers[cell] = content, style
            if content == "0" and formula is not None:
                inventory.zero_formulas[cell] = f"={formula}"
            elif formula is not None:
                inventory.has_computed_formula = True
        self._add_unique_cell(cell)

    def _add_unique_cell(self, cell: CellPosition) -> None:
        """Count a cell. Raises RefusedError for a duplicate: programs differ on which they show."""
        if cell in self._counted_cells:
            raise _make_duplicate_error()
        self._counted_cells.add(cell)
        if len(self._counted_cells) > self._max_cells:
            raise _make_size_error(self._max_cells)

    def _is_blank(self, cell_type: str, content: str) -> bool:
        """Return whether a cell shows nothing.

        Raises RefusedError for a shared string that does not exist: the reader would give the
        first string instead.
        """
        if not content or cell_type != "s" or is_blank(content):
            return is_blank(unescape_ooxml(content))
        if not _INDEX_DIGITS.fullmatch(content) or int(content) >= self._strings.count:
            raise RefusedError("file-damaged", "单元格引用的文字不存在")
        return int(content) in self._strings.blank_indexes


class _SheetScanner:
    """Counts the cells and collects the links while the part is streamed.

    The runs of inline strings are looked at where it ``has_strikes``.
    """

    def __init__(self, counter: _CellCounter, *, has_strikes: bool) -> None:
        self._counter = counter
        self._has_strikes = has_strikes or counter.strikes != _NO_STRIKES
        self._sheet_links = counter.inventory.sheet_links
        self._row = self._column = -1
        self._cell_type = self._style = ""
        self._runs: RunCollector | None = None
        self._open_tags: list[str] = []
        self._pieces: dict[str, list[str]] = {}
        self._has_content = False

    def start_element(self, name: str, attrs: Mapping[str, str]) -> None:
        self.refuse_divided_value()
        if name == "row":
            self._row = parse_whole_number(attrs["r"]) - 1 if "r" in attrs else self._row + 1
            self._column = -1
        elif name == "c":
            self._start_cell(attrs)
        elif name in ("f", "v", "is"):
            self._start_content(name)
        elif name in ("mergeCell", "hyperlink", "oleObject", "control"):
            self._add_link(name, attrs)
        elif self._runs is not None:
            self._runs.start_element(name, attrs)
        self._open_tags.append(name)

    def _start_cell(self, attrs: Mapping[str, str]) -> None:
        self._row, self._column = self._locate_cell(attrs.get("r", ""))
        self._cell_type, self._style = attrs.get("t", "n"), attrs.get("s", "")
        self._pieces = {}
        self._has_content = False
        if attrs.get("vm", "0") != "0":
            self._sheet_links.rich_values[self._row, self._column] = attrs["vm"]

    def _start_content(self, name: str) -> None:
        """Begin a formula, a value or an inline string."""
        if name != "f" and self._open_tags[-1:] == ["c"]:
            if self._has_content:
                raise _make_duplicate_error()
            self._has_content = True
        if name == "is":
            self._runs = RunCollector() if self._has_strikes else None
        else:
            # A shared formula may have neither a text of its own nor a result.
            self._pieces.setdefault(name, [])

    def _add_link(self, name: str, attrs: Mapping[str, str]) -> None:
        """Add what stands below the cells and refers to some of them."""
        links = self._sheet_links
        attributes = {key.rpartition(" ")[2]: text for key, text in attrs.items()}
        if name == "mergeCell":
            self._add_merge(attrs.get("ref", ""))
        elif name == "hyperlink" and len(links.links) <= MAX_LINKS:
            links.links.append(attributes)
        elif name == "oleObject" and len(links.embedded_objects) < MAX_LINKS:
            links.embedded_objects.add(attrs.get("shapeId", ""))
        elif name == "control" and len(links.controls) < MAX_LINKS:
            links.controls[attributes.get("shapeId", "")] = attributes.get("id", "")

    def refuse_divided_value(self) -> None:
        """Raise RefusedError for markup in a value: the reader of values gives a part of it."""
        if self._open_tags[-2:] == ["c", "v"]:
            raise RefusedError("file-suspect", "单元格的内容中间夹着别的代码")

    def add_text(self, data: str) -> None:
        # Phonetic runs (rPh) repeat how a string is read; they are not its text.
        if self._open_tags and "rPh" not in self._open_tags[-3:]:
            self._pieces.setdefault(self._open_tags[-1], []).append(data)
            if self._runs is not None and self._open_tags[-1] == "t":
                self._runs.add_text(data)

    def end_element(self, name: str) -> None:
        self._open_tags.pop()
        # A cell that has a format alone takes no room in the reader of values.
        if name == "c" and (self._pieces or self._cell_type != "n"):
            self._counter.extent.include_cell(self._row, self._column)
            self._counter.count_cell(
                (self._row, self._column),
                self._cell_type,
                self._join_pieces("f"),
                self._join_pieces("v"),
                self._join_pieces("t") or "",
                self._style,
            )
            if self._has_strikes:
                self._mark_struck()
                self._runs = None

    def _mark_struck(self) -> None:
        strikes = self._counter.strikes
        runs: Sequence[TextRun] = self._runs.runs if self._runs else ()
        index = self._join_pieces("v") or ""
        if self._cell_type == "s" and _INDEX_DIGITS.fullmatch(index):
            runs = strikes.rich_strings.get(int(index), ())
        self._counter.mark_struck(
            (self._row, self._column),
            runs,
            is_cell_struck=parse_whole_number(self._style or "0") in strikes.styles,
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
        check_position(row, column)
        return row, column

    def _add_merge(self, reference: str) -> None:
        area, sheet_links = parse_area_reference(reference), self._sheet_links
        if area is None or area[0] == area[1]:
            return
        sheet_links.has_more_merges = len(sheet_links.merges) >= MAX_MERGES
        if not sheet_links.has_more_merges:
            sheet_links.merges.append(area)


def _parse_number(text: str) -> float:
    """Return the number that a text is; 0 for any other text, which calamine refuses."""
    try:
        return float(text)
    except ValueError:
        return 0.0
