"""One pass over a sheet's part before any reader: bounds, and a census of its cells.

The reader that gives the values shows an error cell and an uncached formula as blank,
and aborts on an absurd reference. What is counted here must be accounted for there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats import fast_xml
from ledgerbook.intake.formats.ooxml_package import area_of
from ledgerbook.intake.formats.raw_workbook import Cell
from ledgerbook.intake.formats.untrusted_xml import Extent, Strings, parse
from ledgerbook.text import says_nothing, unescaped

# Far more than a 总台账 of every section holds; a sheet of more cells is no return.
FILLED = 200_000
MOST_LINKS = 2_000
MOST_MERGES = 50_000
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_INDEX = re.compile(r"[0-9]{1,9}")
# Formulas that may show a picture of WPS, or a link.
_TELLING = re.compile(r"=?\s*(?:(?:_xlfn\.)?DISPIMG|HYPERLINK)\(", re.IGNORECASE)


@dataclass(slots=True)
class SheetLinks:
    """What a sheet's part says of what hangs on its cells.

    ``formulas`` are those that may show a picture or a link, ``rich`` cells whose value
    is described elsewhere, by number, ``objects`` the shapes of embedded files.
    """

    merges: list[tuple[Cell, Cell]] = field(default_factory=list)
    more_merges: bool = False
    links: list[Mapping[str, str]] = field(default_factory=list)
    formulas: dict[Cell, str] = field(default_factory=dict)
    rich: dict[Cell, str] = field(default_factory=dict)
    objects: set[str] = field(default_factory=set)


@dataclass(slots=True)
class CellInventory:
    """What a sheet's XML holds, 0-based: ``filled`` cells, ``errors``, ``uncached``.

    ``dated`` are cells that hold a date as ISO text, ``zeros`` formulas among the
    filled ones that come to 0.
    """

    filled: set[Cell] = field(default_factory=set)
    errors: dict[Cell, str] = field(default_factory=dict)
    uncached: dict[Cell, str] = field(default_factory=dict)
    dated: set[Cell] = field(default_factory=set)
    zeros: dict[Cell, str] = field(default_factory=dict)
    hanging: SheetLinks = field(default_factory=SheetLinks)

    def __len__(self) -> int:
        return len(self.filled) + len(self.errors) + len(self.uncached)


def scan_sheet(xml: bytes, strings: Strings, most: int = FILLED) -> CellInventory:
    """Count a worksheet part's cells. Raises RefusedError on DTDs or absurd bounds."""
    counter = _Counter(strings, most)
    written_plainly = fast_xml.cells(xml)
    if written_plainly:
        cells, xml = written_plainly
        _count(cells, counter)
    scanner = _SheetScanner(counter)
    parse(xml, scanner.start, scanner.end, scanner.text)
    return counter.census


def check_size(censuses: Iterable[CellInventory], most: int = FILLED) -> None:
    """Refuse a workbook of more cells than any of its kind can have."""
    if sum(map(len, censuses)) > most:
        raise _too_many(most)


def _too_many(most: int) -> RefusedError:
    return RefusedError("file-too-large", f"填写的单元格超过 {most} 个")


def _written_twice() -> RefusedError:
    return RefusedError("file-suspect", "同一个单元格的内容写了两次")


def _count(cells: Iterable[tuple[str, ...]], counter: _Counter) -> None:
    """Count cells as they stand in a part that is written plainly."""
    columns = _Columns()
    strings: list[tuple[Cell, str]] = []
    last = 0
    for letters, digits, kind, formula, tag, value in cells:
        row = int(digits)
        last = max(last, row)
        cell = row - 1, columns[letters]
        if kind == "s" and value and not formula:
            strings.append((cell, value))
        elif tag or formula or kind == "e":
            counter.take(
                cell,
                kind or "n",
                fast_xml.inside(formula) if formula else None,
                fast_xml.resolved(value) if tag else None,
            )
    counter.take_strings(strings)
    if last:
        counter.reach(last - 1, max(columns.values()))


class _Columns(dict[str, int]):
    """The numbers of columns by their letters, from 0."""

    def __missing__(self, letters: str) -> int:
        number = self[letters] = _column_number(letters)
        return number


class _Counter:
    """Puts every cell that a part shows where it belongs."""

    def __init__(self, strings: Strings, most: int) -> None:
        self.census = CellInventory()
        self._most = most
        self.reach = Extent().take
        self._strings = strings
        self._seen: set[Cell] = set()

    def take_strings(self, cells: Sequence[tuple[Cell, str]]) -> None:
        """Count cells that refer to shared strings, and have nothing else."""
        blank = {i for i in {index for _, index in cells} if self._blank("s", i)}
        shown = [cell for cell, index in cells if index not in blank]
        before = len(self._seen)
        self._seen.update(shown)
        if len(self._seen) < before + len(shown):
            raise _written_twice()
        if len(self._seen) > self._most:
            raise _too_many(self._most)
        self.census.filled.update(shown)

    def take(
        self,
        cell: Cell,
        kind: str,
        formula: str | None,
        value: str | None,
        text: str = "",
    ) -> None:
        """Count a cell of a ``kind``; what it has no element for is None.

        ``text`` is its own, for one that refers to no value.
        """
        census, shown = self.census, value or text
        if formula and _TELLING.match(formula):
            census.hanging.formulas[cell] = formula
        if kind == "d":
            census.dated.add(cell)
        if kind == "e":
            census.errors[cell] = shown or "错误值"
        elif not shown and formula is not None and not (kind == "str" and value == ""):
            census.uncached[cell] = f"={formula}"
        elif self._blank(kind, shown):
            return
        elif kind == "n" and not math.isfinite(_number(shown)):
            census.errors[cell] = shown
        else:
            census.filled.add(cell)
            if shown == "0" and formula is not None:
                census.zeros[cell] = f"={formula}"
        self._once(cell)

    def _once(self, cell: Cell) -> None:
        """Note a cell; of one written twice, programs differ on which they show."""
        if cell in self._seen:
            raise _written_twice()
        self._seen.add(cell)
        if len(self._seen) > self._most:
            raise _too_many(self._most)

    def _blank(self, kind: str, shown: str) -> bool:
        """Whether a cell shows nothing; a shared string that is not there is refused.

        The reader would give the first string instead: words that nobody wrote there.
        """
        if not shown or kind != "s" or says_nothing(shown):
            return says_nothing(unescaped(shown))
        if not _INDEX.fullmatch(shown) or int(shown) >= self._strings.count:
            raise RefusedError("file-damaged", "单元格引用的文字不存在")
        return int(shown) in self._strings.blank


class _SheetScanner:
    """Streams the part, or what is left of it without its cells."""

    def __init__(self, counter: _Counter) -> None:
        self._counter = counter
        self._hanging = counter.census.hanging
        self._row = self._column = -1
        self._kind = ""
        self._depth: list[str] = []
        self._pieces: dict[str, list[str]] = {}

    def start(self, name: str, attrs: Mapping[str, str]) -> None:
        if name == "row":
            self._row = int(attrs["r"]) - 1 if "r" in attrs else self._row + 1
            self._column = -1
        elif name == "c":
            self._row, self._column = self._place(attrs.get("r", ""))
            self._kind = attrs.get("t", "n")
            self._pieces = {}
            if attrs.get("vm", "0") != "0":
                self._hanging.rich[self._row, self._column] = attrs["vm"]
        elif name in ("f", "v"):
            # A shared formula may have no text of its own, and come to none.
            self._pieces.setdefault(name, [])
        elif name == "mergeCell":
            self._merge(attrs.get("ref", ""))
        elif name == "hyperlink" and len(self._hanging.links) <= MOST_LINKS:
            named = {key.rpartition(" ")[2]: text for key, text in attrs.items()}
            self._hanging.links.append(named)
        elif name == "oleObject" and len(self._hanging.objects) < MOST_LINKS:
            self._hanging.objects.add(attrs.get("shapeId", ""))
        self._depth.append(name)

    def text(self, data: str) -> None:
        # Phonetic runs (rPh) repeat a string's reading: they are not its text.
        if self._depth and "rPh" not in self._depth[-3:]:
            self._pieces.setdefault(self._depth[-1], []).append(data)

    def end(self, name: str) -> None:
        self._depth.pop()
        if name == "c":
            self._counter.take(
                (self._row, self._column),
                self._kind,
                self._joined("f"),
                self._joined("v"),
                self._joined("t") or "",
            )

    def _joined(self, name: str) -> str | None:
        return "".join(self._pieces[name]) if name in self._pieces else None

    def _place(self, reference: str) -> Cell:
        if not reference:
            row, column = self._row, self._column + 1
        else:
            found = _REFERENCE.fullmatch(reference)
            if not found:
                raise RefusedError("file-suspect", "单元格编号不正常")
            row, column = int(found.group(2)) - 1, _column_number(found.group(1))
        self._counter.reach(row, column)
        return row, column

    def _merge(self, reference: str) -> None:
        area, hanging = area_of(reference), self._hanging
        if area is None or area[0] == area[1]:
            return
        hanging.more_merges = len(hanging.merges) >= MOST_MERGES
        if not hanging.more_merges:
            hanging.merges.append(area)


def _number(text: str) -> float:
    """Read a number as a reader would; what is none is left for it to refuse."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
