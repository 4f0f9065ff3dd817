"""Parts that nobody vouches for, streamed by expat: no declarations, bounds kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats import fast_xml
from ledgerbook.intake.formats.raw_workbook import COLUMNS, ROWS
from ledgerbook.text import says_nothing, unescaped

BOX = 5_000_000
_STRINGS = 2_000_000


@dataclass(frozen=True, slots=True)
class Strings:
    """The shared strings: how many there are, and which of them show nothing."""

    count: int = 0
    blank: frozenset[int] = frozenset()


def scan_strings(xml: bytes) -> Strings:
    """Count the shared strings. Raises RefusedError on DTDs or absurd counts."""
    scanner = _StringScanner()
    texts: list[str] = []
    if written_plainly := fast_xml.strings(xml):
        texts, xml = written_plainly
    parse(xml, scanner.start, scanner.end, scanner.text)
    blank = {n for n, text in enumerate(texts) if _blank(text)}
    return Strings(scanner.count + len(texts), frozenset(scanner.blank | blank))


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
        if not (0 <= row < ROWS and 0 <= column < COLUMNS):
            raise RefusedError("file-suspect", "单元格编号超出范围")
        self._last = (max(self._last[0], row), max(self._last[1], column))
        if (self._last[0] + 1) * (self._last[1] + 1) > BOX:
            raise RefusedError(
                "file-suspect", "内容铺得过开，可能在很远的位置误填了内容"
            )


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
