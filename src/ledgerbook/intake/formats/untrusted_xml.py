"""Stream the XML parts of untrusted workbooks with expat: no DTDs, within limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from ledgerbook.a1_references import find_position_on_sheet
from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats import fast_xml
from ledgerbook.text import is_blank, unescape_ooxml

# The area from A1 to the last cell of a sheet. A reader that fills it with empty cells still
# fits into memory.
MAX_SHEET_AREA = 5_000_000
_MAX_STRINGS = 2_000_000
_INCOMPLETE = "表格内容不完整"


@dataclass(frozen=True, slots=True)
class SharedStrings:
    """The number of shared strings, and the indexes of those that are blank."""

    count: int = 0
    blank_indexes: frozenset[int] = frozenset()


def scan_shared_strings(xml: bytes) -> SharedStrings:
    """Scan the part of shared strings, b"" where there is none.

    Raises RefusedError for a DTD or an absurd count.
    """
    if not xml:
        return SharedStrings()
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
    on_other_markup: Callable[[], None] | None = None,
) -> None:
    """Call back for the elements and texts of a part. Raises RefusedError.

    ``on_other_markup`` is called for comments, processing instructions and CDATA sections.

    ``shorten_name`` turns the name of an element, "namespace name", into the name that
    ``on_start`` and ``on_end`` receive: by default the local name. The names of attributes
    stay as expat gives them. What the callbacks raise is raised.
    """
    short_names = _ShortNames(shorten_name)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attrs: on_start(short_names[name], attrs)
    parser.EndElementHandler = lambda name: on_end(short_names[name])
    parser.CharacterDataHandler = on_text
    parser.StartDoctypeDeclHandler = _refuse_dtd
    if on_other_markup:
        parser.CommentHandler = lambda _: on_other_markup()
        parser.ProcessingInstructionHandler = lambda *_: on_other_markup()
        parser.StartCdataSectionHandler = on_other_markup
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        if _is_of_callback(error):
            raise
        # Invalid XML, and encodings that Python does not know.
        raise RefusedError("file-damaged", _INCOMPLETE) from error


def _is_of_callback(error: BaseException) -> bool:
    """Return whether an error comes from a callback, and thus is a fault of the program.

    Some of Python's encodings are written in Python: their frames are no callback's.
    """
    traceback = error.__traceback__ and error.__traceback__.tb_next
    while traceback:
        # The frames that expat adds itself have no module.
        module = traceback.tb_frame.f_globals.get("__name__", "")
        if module and not module.startswith("encodings"):
            return True
        traceback = traceback.tb_next
    return False


def parse_whole_number(text: str) -> int:
    """Return the number that an attribute must be. Raises RefusedError for any other text."""
    try:
        return int(text)
    except ValueError as error:
        raise RefusedError("file-damaged", _INCOMPLETE) from error


class _ShortNames(dict[str, str]):
    """A cache of the shortened names of elements."""

    def __init__(self, shorten_name: Callable[[str], str]) -> None:
        self._shorten_name = shorten_name

    def __missing__(self, name: str) -> str:
        if len(self) > _MAX_CACHED_NAMES:
            return self._shorten_name(name)
        short_name = self[name] = self._shorten_name(name)
        return short_name


# A hostile part may have as many names as elements.
_MAX_CACHED_NAMES = 1000


def _refuse_dtd(*_: Any) -> None:
    raise RefusedError("file-suspect", "内部含有文档类型声明")


def _is_blank_text(xml_text: str) -> bool:
    """Return whether a text is blank once the escapes of OOXML are resolved."""
    return is_blank(unescape_ooxml(xml_text))


def check_position(row: int, column: int) -> None:
    """Raise RefusedError for a cell that no sheet has."""
    if find_position_on_sheet(row, column) is None:
        raise RefusedError("file-suspect", "单元格编号超出范围")


class FarCellError(RefusedError):
    """The cells of a sheet reach too far; it names the last row and column."""


class Extent:
    """The extent of a sheet's cells, which must stay within MAX_SHEET_AREA."""

    def __init__(self) -> None:
        self._last_cell = (0, 0)

    def include_cell(self, row: int, column: int) -> None:
        """Extend to one more cell. Raises FarCellError beyond the limits."""
        check_position(row, column)
        last_row, last_column = self._last_cell
        last_row, last_column = max(last_row, row), max(last_column, column)
        self._last_cell = last_row, last_column
        if (last_row + 1) * (last_column + 1) > MAX_SHEET_AREA:
            detail = (
                f"内容铺得过开，一直到第 {last_row + 1} 行、第 {last_column + 1} 列，可能是误填"
            )
            raise FarCellError("file-suspect", detail)


class _StringScanner:
    """Counts shared strings while their part is streamed."""

    def __init__(self) -> None:
        self.blank_indexes: set[int] = set()
        self.count = 0
        self._open_tags: list[str] = []
        self._has_text = False

    def start_element(self, name: str, attrs: Mapping[str, str]) -> None:
        if name == "sst":
            counts = (attrs.get(key) or "0" for key in ("count", "uniqueCount"))
            if max(map(parse_whole_number, counts)) > _MAX_STRINGS:
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
