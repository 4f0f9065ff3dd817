"""Parts that nobody vouches for, streamed by expat: no declarations, bounds kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from ledgerbook.a1_references import MAX_COLUMNS, MAX_ROWS
from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats import fast_xml
from ledgerbook.text import is_blank, unescape_ooxml

MAX_SHEET_AREA = 5_000_000
_MAX_STRINGS = 2_000_000


@dataclass(frozen=True, slots=True)
class SharedStrings:
    """The shared strings: how many there are, and which of them show nothing."""

    count: int = 0
    blank_indexes: frozenset[int] = frozenset()


def scan_shared_strings(xml: bytes) -> SharedStrings:
    """Count the shared strings. Raises RefusedError on DTDs or absurd counts."""
    scanner = _StringScanner()
    texts: list[str] = []
    if extracted := fast_xml.extract_strings(xml):
        texts, xml = extracted
    stream_part(xml, scanner.start_element, scanner.end_element, scanner.add_text)
    blank_indexes = {index for index, text in enumerate(texts) if _is_blank_text(text)}
    return SharedStrings(
        scanner.count + len(texts), frozenset(scanner.blank_indexes | blank_indexes)
    )


def stream_part(
    xml: bytes,
    on_start: Callable[[str, Mapping[str, str]], None],
    on_end: Callable[[str], None],
    on_text: Callable[[str], None],
    shorten_name: Callable[[str], str] = lambda name: name.rpartition(" ")[2],
) -> None:
    """Stream a part that nobody vouches for. Raises RefusedError.

    ``shorten_name`` makes "namespace name" the name that an element is known by.
    """
    short_names = _ShortNames(shorten_name)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attrs: on_start(short_names[name], attrs)
    parser.EndElementHandler = lambda name: on_end(short_names[name])
    parser.CharacterDataHandler = on_text
    parser.StartDoctypeDeclHandler = _refuse_dtd
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        # Beside bad XML: numbers that are none, encodings that Python refuses.
        raise RefusedError("file-damaged", "表格内容不完整") from error


class _ShortNames(dict[str, str]):
    """What elements are known by, worked out once for each."""

    def __init__(self, shorten_name: Callable[[str], str]) -> None:
        self._shorten_name = shorten_name

    def __missing__(self, name: str) -> str:
        if len(self) > _MAX_CACHED_NAMES:
            return self._shorten_name(name)
        short_name = self[name] = self._shorten_name(name)
        return short_name


# A part made to harm may have as many names as elements.
_MAX_CACHED_NAMES = 1000


def _refuse_dtd(*_: Any) -> None:
    raise RefusedError("file-suspect", "内部含有文档类型声明")


def _is_blank_text(xml_text: str) -> bool:
    """Whether a text as it stands in a part says nothing."""
    return is_blank(unescape_ooxml(xml_text))


class Extent:
    """How far a sheet's cells reach; an absurd reach is refused."""

    def __init__(self) -> None:
        self._last_cell = (0, 0)

    def include_cell(self, row: int, column: int) -> None:
        """Note one more cell. Raises RefusedError."""
        if not (0 <= row < MAX_ROWS and 0 <= column < MAX_COLUMNS):
            raise RefusedError("file-suspect", "单元格编号超出范围")
        self._last_cell = (
            max(self._last_cell[0], row),
            max(self._last_cell[1], column),
        )
        if (self._last_cell[0] + 1) * (self._last_cell[1] + 1) > MAX_SHEET_AREA:
            raise RefusedError("file-suspect", "内容铺得过开，可能在很远的位置误填了内容")


class _StringScanner:
    def __init__(self) -> None:
        self.blank_indexes: set[int] = set()
        self.count = 0
        self._open_tags: list[str] = []
        self._has_text = False

    def start_element(self, name: str, attrs: Mapping[str, str]) -> None:
        if name == "sst":
            counts = (attrs.get(key) or "0" for key in ("count", "uniqueCount"))
            if max(map(int, counts)) > _MAX_STRINGS:
                raise RefusedError("file-suspect", "文字数量的声明不正常")
        if name == "si":
            self._has_text = False
        self._open_tags.append(name)

    def add_text(self, data: str) -> None:
        if self._open_tags[-1] == "t" and "rPh" not in self._open_tags:
            self._has_text = self._has_text or not _is_blank_text(data)

    def end_element(self, name: str) -> None:
        self._open_tags.pop()
        if name == "si":
            if not self._has_text:
                self.blank_indexes.add(self.count)
            self.count += 1
