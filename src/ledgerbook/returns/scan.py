"""One pass of expat over a sheet before any reader: bounds, and a census of its cells.

The reader that gives the values shows an error cell and an uncached formula as blank,
and aborts on an absurd reference. What is counted here must be accounted for there.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from ledgerbook.returns.package import RefusedError
from ledgerbook.text import unescaped

_ROWS, _COLUMNS = 1_048_576, 16_384
BOX = 5_000_000
_STRINGS = 2_000_000
# Far more than a 总台账 of every section holds; a sheet of more cells is no return.
FILLED = 200_000
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")

_INDEX = re.compile(r"[0-9]{1,9}")

# Characters that show nothing, beside white space: zero-width spaces, joiners, marks.
_UNSEEN = "Cf"

Cell = tuple[int, int]


def says_nothing(text: str) -> bool:
    """Whether a cell with ``text`` looks blank: it must never count as an answer."""
    return all(c.isspace() or unicodedata.category(c) == _UNSEEN for c in text)


def plain_ends(text: str) -> str:
    """Return ``text`` with line ends of one kind."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@dataclass(slots=True)
class Census:
    """What a sheet's XML holds, 0-based: ``filled`` cells, ``errors``, ``uncached``.

    ``dated`` are cells that hold a date as ISO text, ``zeros`` formulas among the
    filled ones that come to 0.
    """

    filled: set[Cell] = field(default_factory=set)
    errors: dict[Cell, str] = field(default_factory=dict)
    uncached: dict[Cell, str] = field(default_factory=dict)
    dated: set[Cell] = field(default_factory=set)
    zeros: dict[Cell, str] = field(default_factory=dict)

    def __contains__(self, cell: Cell) -> bool:
        return any(cell in found for found in (self.filled, self.errors, self.uncached))

    def __len__(self) -> int:
        return len(self.filled) + len(self.errors) + len(self.uncached)


@dataclass(frozen=True, slots=True)
class Strings:
    """The shared strings: how many there are, and which of them show nothing."""

    count: int = 0
    blank: frozenset[int] = frozenset()


def scan_sheet(xml: bytes, strings: Strings) -> Census:
    """Count a worksheet part's cells. Raises RefusedError on DTDs or absurd bounds."""
    census = Census()
    scanner = _SheetScanner(census, strings)
    parse(xml, scanner.start, scanner.end, scanner.text)
    return census


def scan_strings(xml: bytes) -> Strings:
    """Count the shared strings. Raises RefusedError on DTDs or absurd counts."""
    scanner = _StringScanner()
    parse(xml, scanner.start, scanner.end, scanner.text)
    return Strings(scanner.count, frozenset(scanner.blank))


def check_size(censuses: Iterable[Census]) -> None:
    """Refuse a workbook of more cells than any return can have."""
    if sum(map(len, censuses)) > FILLED:
        raise _too_many()


def _too_many() -> RefusedError:
    return RefusedError("file-too-large", f"填写的单元格超过 {FILLED} 个")


def parse(
    xml: bytes,
    start: Callable[[str, Mapping[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None],
    called: Callable[[str], str] = lambda name: name.rpartition(" ")[2],
) -> None:
    """Stream a part that nobody vouches for. Raises RefusedError.

    ``called`` makes "namespace name" the name that an element is known by.
    """
    names = _Names(called)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attrs: start(names[name], attrs)
    parser.EndElementHandler = lambda name: end(names[name])
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_dtd
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        # Beside bad XML: numbers that are none, encodings that Python refuses.
        raise RefusedError("file-damaged", "表格内容不完整") from error


class _Names(dict[str, str]):
    """What elements are known by, worked out once for each."""

    def __init__(self, called: Callable[[str], str]) -> None:
        self._called = called

    def __missing__(self, name: str) -> str:
        if len(self) > _MOST_NAMES:
            return self._called(name)
        known = self[name] = self._called(name)
        return known


# A part made to harm may have as many names as elements.
_MOST_NAMES = 1000


def _refuse_dtd(*_: Any) -> None:
    raise RefusedError("file-suspect", "内部含有文档类型声明")


def _blank(xml_text: str) -> bool:
    """Whether a text as it stands in a part says nothing."""
    return says_nothing(unescaped(xml_text))


class Extent:
    """How far a sheet's cells reach; an absurd reach is refused."""

    def __init__(self) -> None:
        self._last = (0, 0)

    def take(self, row: int, column: int) -> None:
        """Note one more cell. Raises RefusedError."""
        if not (0 <= row < _ROWS and 0 <= column < _COLUMNS):
            raise RefusedError("file-suspect", "单元格编号超出范围")
        self._last = (max(self._last[0], row), max(self._last[1], column))
        if (self._last[0] + 1) * (self._last[1] + 1) > BOX:
            raise RefusedError(
                "file-suspect", "内容铺得过开，可能在很远的位置误填了内容"
            )


class _SheetScanner:
    def __init__(self, census: Census, strings: Strings) -> None:
        self._census = census
        self._strings = strings
        self._row = self._column = -1
        self._extent = Extent()
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
        elif name in ("f", "v"):
            # A shared formula may have no text of its own, and come to none.
            self._pieces.setdefault(name, [])
        self._depth.append(name)

    def text(self, data: str) -> None:
        # Phonetic runs (rPh) repeat a string's reading: they are not its text.
        if self._depth and "rPh" not in self._depth[-3:]:
            self._pieces.setdefault(self._depth[-1], []).append(data)

    def end(self, name: str) -> None:
        self._depth.pop()
        if name == "c":
            self._close()

    def _place(self, reference: str) -> Cell:
        if not reference:
            row, column = self._row, self._column + 1
        else:
            found = _REFERENCE.fullmatch(reference)
            if not found:
                raise RefusedError("file-suspect", "单元格编号不正常")
            row, column = int(found.group(2)) - 1, _column_number(found.group(1))
        self._extent.take(row, column)
        return row, column

    def _close(self) -> None:
        cell, census = (self._row, self._column), self._census
        shown = "".join(self._pieces.get("v", [])) or "".join(self._pieces.get("t", []))
        if self._kind == "d":
            census.dated.add(cell)
        if self._kind == "e":
            self._once(census.errors, cell, shown or "错误值")
        elif not shown and self._kind == "str" and "v" in self._pieces:
            return
        elif not shown and "f" in self._pieces:
            self._once(census.uncached, cell, "=" + "".join(self._pieces["f"]))
        elif _blank(shown) or (self._kind == "s" and self._blank_string(shown)):
            return
        elif self._kind == "n" and not math.isfinite(_number(shown)):
            self._once(census.errors, cell, shown)
        else:
            self._once(census.filled, cell, shown)
            if shown == "0" and "f" in self._pieces:
                census.zeros[cell] = "=" + "".join(self._pieces["f"])
        if len(census) > FILLED:
            raise _too_many()

    def _once(self, kept: set[Cell] | dict[Cell, str], cell: Cell, text: str) -> None:
        """Keep a cell; of one written twice, programs differ on which they show."""
        if cell in self._census:
            raise RefusedError("file-suspect", "同一个单元格的内容写了两次")
        if isinstance(kept, dict):
            kept[cell] = text
        else:
            kept.add(cell)

    def _blank_string(self, index: str) -> bool:
        """Whether the shared string shows nothing; one that is not there is refused.

        The reader would give the first string instead: words that nobody wrote there.
        """
        if not _INDEX.fullmatch(index) or int(index) >= self._strings.count:
            raise RefusedError("file-damaged", "单元格引用的文字不存在")
        return int(index) in self._strings.blank


def _number(text: str) -> float:
    """Read a number as a reader would; what is none is left for it to refuse."""
    try:
        return float(text)
    except ValueError:
        return 0.0


class _StringScanner:
    def __init__(self) -> None:
        self.blank: set[int] = set()
        self.count = 0
        self._depth: list[str] = []
        self._seen = False

    def start(self, name: str, attrs: Mapping[str, str]) -> None:
        if name == "sst":
            counts = (attrs.get(key) or "0" for key in ("count", "uniqueCount"))
            if max(map(int, counts)) > _STRINGS:
                raise RefusedError("file-suspect", "文字数量的声明不正常")
        if name == "si":
            self._seen = False
        self._depth.append(name)

    def text(self, data: str) -> None:
        if self._depth[-1] == "t" and "rPh" not in self._depth:
            self._seen = self._seen or not _blank(data)

    def end(self, name: str) -> None:
        self._depth.pop()
        if name == "si":
            if not self._seen:
                self.blank.add(self.count)
            self.count += 1


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
