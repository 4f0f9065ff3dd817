"""Read an .ods (OpenDocument 1.3 part 3) into a RawWorkbook, streaming its content part.

Rows and cells can be repeated by a number, so that a short file may stand for millions of
cells: blank cells are skipped, filled ones are counted against a limit.
https://docs.oasis-open.org/office/OpenDocument/v1.3/
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from ledgerbook.a1_references import CellArea, CellPosition
from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats import untrusted_xml
from ledgerbook.intake.formats.ods_blank_rows import join_blank_rows
from ledgerbook.intake.formats.raw_workbook import (
    CellError,
    Picture,
    RawSheet,
    RawValue,
    RawWorkbook,
    SheetAttachments,
    parse_beijing_time,
)
from ledgerbook.text import is_blank

CONTENT_PART, MANIFEST_PART = "content.xml", "META-INF/manifest.xml"
_META_PART, _MIMETYPE_PART = "meta.xml", "mimetype"
_SPREADSHEET_MIMETYPE = b"application/vnd.oasis.opendocument.spreadsheet"
# Namespaces whose prefix is not the second last part of their name.
_NAMESPACE_PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://www.w3.org/1999/xlink": "xlink",
    "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0": "draw",
}
# The limit on filled cells that a workbook may add by repeating others.
MAX_REPEATED_CELLS = 200_000

# The limit on blanks for one element: no cell holds more characters.
_MAX_SPACES = 32_767
# The cell of a picture that is anchored to its sheet and not to a cell.
_FIRST_CELL = (0, 0)

_CELL_TAGS = ("table:table-cell", "table:covered-table-cell")
_COLUMNS_REPEATED = "table:number-columns-repeated"
# The attributes of a cell that is there for its format alone.
_FORMAT_ATTRIBUTES = {"table:style-name", _COLUMNS_REPEATED}
# Elements in a cell whose text is not the text of the cell.
_ANNOTATION_TAG, _RUBY_TAG = "office:annotation", "text:ruby-text"
_NON_TEXT_PREFIXES = (
    _ANNOTATION_TAG,
    _RUBY_TAG,
    "text:note",
    "draw:",
    "dr3d:",
    "form:",
)
# Placeholders for white space elements while the white space of the file is collapsed.
_SPACE_PLACEHOLDERS = {"text:s": "\x01", "text:tab": "\x02", "text:line-break": "\x03"}
_PLACEHOLDER_SPACES = str.maketrans({"\x01": " ", "\x02": "\t", "\x03": "\n"})
_LINE_INDENT = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")
_ERROR_TEXT = re.compile(r"#[A-Z][A-Z0-9/_]*[!?]?|#N/A|Err:\d{3}")
_ISO_DURATION = re.compile(r"(-?)P(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:[.,]\d+)?S)?)")
_ONE_DAY = timedelta(days=1)


def read_ods(package: Mapping[str, bytes]) -> RawWorkbook:
    """Read an .ods from its parts by name. Raises RefusedError."""
    if b"encryption-data" in package.get(MANIFEST_PART, b""):
        raise RefusedError("file-locked", "")
    if CONTENT_PART not in package:
        if _SPREADSHEET_MIMETYPE in package.get(_MIMETYPE_PART, b""):
            raise RefusedError("file-damaged", "里面的内容不见了")
        raise RefusedError("file-other-type", "")
    handler = _ContentHandler(package)
    untrusted_xml.stream_part(
        join_blank_rows(package[CONTENT_PART]),
        handler.start_element,
        handler.end_element,
        handler.add_text,
        _abbreviate_name,
    )
    if not handler.is_spreadsheet:
        raise RefusedError("file-other-type", "")
    keywords, saved_at = _parse_metadata(package.get(_META_PART, b""))
    return RawWorkbook(tuple(handler.sheets), keywords, saved_at)


@lru_cache(1000)
def _abbreviate_name(name: str) -> str:
    """Return the usual prefixed name, as ``table:table-row``, for "namespace name"."""
    namespace, _, local_name = name.rpartition(" ")
    if namespace not in _NAMESPACE_PREFIXES and ":" not in namespace:
        return local_name
    return f"{_NAMESPACE_PREFIXES.get(namespace) or namespace.split(':')[-2]}:{local_name}"


@dataclass(slots=True)
class _CellElement:
    """A cell while it is read: its attributes, and the texts and links in it."""

    attrs: Mapping[str, str]
    paragraphs: list[str] = field(default_factory=list)
    note_lines: list[str] = field(default_factory=list)
    link: str = ""
    picture_hrefs: list[str] = field(default_factory=list)

    @property
    def has_format_alone(self) -> bool:
        """Whether nothing is in the cell: no value, text, note, link, picture or merge."""
        return self.attrs.keys() <= _FORMAT_ATTRIBUTES and not (
            self.paragraphs or self.note_lines or self.link or self.picture_hrefs
        )

    def read_count(self, name: str) -> int:
        """Return an attribute that counts repeats or spans; at least 1."""
        return max(untrusted_xml.parse_whole_number(self.attrs.get(name) or "1"), 1)

    @property
    def value(self) -> RawValue | None:
        """The value of the cell; None where it is blank."""
        kind = self.attrs.get("office:value-type", "")
        text = self.attrs.get("office:string-value") or "\n".join(self.paragraphs)
        formula = self.attrs.get("table:formula", "")
        visible_text = "\n".join(self.paragraphs)
        if self.attrs.get("calcext:value-type") == "error":
            return CellError(visible_text or "错误值")
        if formula and (kind in ("", "string")):
            if _ERROR_TEXT.fullmatch(text):
                return CellError(text)
            if not kind and not self.paragraphs:
                return CellError(formula[formula.find("=") :])
        parse_value = _VALUE_PARSERS.get(kind)
        value = parse_value(self.attrs) if parse_value else None
        if value is not None:
            return value
        return None if is_blank(text) else text


class _ContentHandler:
    """Builds the sheets while the content part is streamed."""

    def __init__(self, package: Mapping[str, bytes]) -> None:
        self.is_spreadsheet = False
        self.sheets: list[RawSheet] = []
        self._package = package
        self._repeated_count = 0
        self._open_tags: list[str] = []
        self._sheet: _SheetBuilder | None = None
        self._cell: _CellElement | None = None
        # The style being read, and the styles whose sheets are not shown.
        self._style = ""
        self._hidden_styles: set[str] = set()
        # The depth of the element of the open cell, and the text of its open paragraphs.
        self._cell_depth = 0
        self._open_paragraphs: list[list[str]] = []

    def start_element(self, name: str, attrs: Mapping[str, str]) -> None:
        attrs = {_abbreviate_name(key): value for key, value in attrs.items()}
        self._open_tags.append(name)
        if self._cell is not None:
            self._start_in_cell(name, attrs, self._cell)
        elif name == "office:spreadsheet":
            self.is_spreadsheet = True
        elif name == "style:style":
            self._style = attrs.get("style:name", "")
        elif name == "style:table-properties" and attrs.get("table:display") == "false":
            self._hidden_styles.add(self._style)
        elif self._sheet is None and name == "table:table":
            is_hidden = attrs.get("table:style-name") in self._hidden_styles
            self._sheet = _SheetBuilder(
                attrs.get("table:name", ""), self._package, is_hidden=is_hidden
            )
        elif self._sheet is not None:
            self._start_in_sheet(name, attrs, self._sheet)

    def _start_in_sheet(self, name: str, attrs: Mapping[str, str], sheet: _SheetBuilder) -> None:
        if "table:shapes" in self._open_tags:
            if name == "draw:image":
                sheet.add_picture(_FIRST_CELL, attrs.get("xlink:href", ""))
        elif name == "table:table-source":
            # The copy of a linked file's table is not a sheet of this file.
            self._sheet = None
        elif name == "table:table-row":
            sheet.begin_row(_CellElement(attrs).read_count("table:number-rows-repeated"))
        elif name in _CELL_TAGS:
            self._cell, self._cell_depth = _CellElement(attrs), len(self._open_tags)

    def _start_in_cell(self, name: str, attrs: Mapping[str, str], cell: _CellElement) -> None:
        if name == "text:p":
            self._open_paragraphs.append([])
        elif name in _SPACE_PLACEHOLDERS and self._open_paragraphs:
            count = untrusted_xml.parse_whole_number(attrs.get("text:c") or "1")
            count = min(count, _MAX_SPACES)
            self._open_paragraphs[-1].append(_SPACE_PLACEHOLDERS[name] * count)
        elif name == "text:a" and not self._non_text_tag:
            cell.link = cell.link or attrs.get("xlink:href", "")
        elif name == "draw:image":
            cell.picture_hrefs.append(attrs.get("xlink:href", ""))

    @property
    def _non_text_tag(self) -> str:
        """The open element within the cell whose text is not the cell's; "" for none."""
        tags_in_cell = self._open_tags[self._cell_depth :]
        return next((name for name in tags_in_cell if name.startswith(_NON_TEXT_PREFIXES)), "")

    def add_text(self, data: str) -> None:
        if self._open_paragraphs and _RUBY_TAG not in self._open_tags[self._cell_depth :]:
            self._open_paragraphs[-1].append(data)

    def end_element(self, name: str) -> None:
        if name == "text:p" and self._cell is not None and self._open_paragraphs:
            self._add_paragraph(self._cell, "".join(self._open_paragraphs.pop()))
        depth = len(self._open_tags)
        self._open_tags.pop()
        if self._sheet is None:
            return
        if self._cell is not None:
            if depth == self._cell_depth:
                self._sheet.add_cell(self._cell)
                self._cell = None
        elif "table:shapes" in self._open_tags:
            return
        elif name == "table:table-row":
            self._repeated_count += self._sheet.end_row(MAX_REPEATED_CELLS - self._repeated_count)
        elif name == "table:table":
            self._finish_sheet(self._sheet)
            self._sheet = None

    def _add_paragraph(self, cell: _CellElement, text: str) -> None:
        line = _LINE_INDENT.sub(" ", text).strip(" ").translate(_PLACEHOLDER_SPACES)
        if self._non_text_tag == _ANNOTATION_TAG:
            cell.note_lines.append(line)
        elif not self._non_text_tag:
            cell.paragraphs.append(line)

    def _finish_sheet(self, sheet: _SheetBuilder) -> None:
        if any(sheet.name == earlier_sheet.name for earlier_sheet in self.sheets):
            raise RefusedError("file-suspect", "有两张同名的工作表")
        self.sheets.append(sheet.raw_sheet)


class _SheetBuilder:
    """A sheet to which rows and cells are added in their order."""

    def __init__(self, name: str, package: Mapping[str, bytes], *, is_hidden: bool) -> None:
        self.name = name
        self._is_hidden = is_hidden
        self._package = package
        self._extent = untrusted_xml.Extent()
        self._cells: dict[CellPosition, RawValue] = {}
        self._notes: dict[CellPosition, str] = {}
        self._links: dict[CellPosition, str] = {}
        self._pictures: list[Picture] = []
        self._merges: list[CellArea] = []
        self._row = self._next_row = self._column = 0
        self._row_values: list[tuple[int, int, RawValue]] = []

    @property
    def raw_sheet(self) -> RawSheet:
        attachments = SheetAttachments(
            self._notes, self._links, tuple(self._pictures), tuple(self._merges)
        )
        return RawSheet(self.name, self._cells, attachments, self._is_hidden)

    def begin_row(self, repeat_count: int) -> None:
        self._row, self._column = self._next_row, 0
        self._next_row += repeat_count
        self._row_values = []

    def add_cell(self, cell: _CellElement) -> None:
        """Add the next cell of the row with its note, link, merge and pictures."""
        position = self._row, self._column
        repeat_count = cell.read_count(_COLUMNS_REPEATED)
        self._column += repeat_count
        if cell.has_format_alone:
            return
        value = cell.value
        if value is not None:
            self._row_values.append((position[1], repeat_count, value))
        note = "\n".join(cell.note_lines)
        if not is_blank(note):
            self._notes[position] = note
        if cell.link and cell.link != value:
            self._links[position] = cell.link
        row_span = cell.read_count("table:number-rows-spanned")
        column_span = cell.read_count("table:number-columns-spanned")
        if row_span * column_span > untrusted_xml.MAX_SHEET_AREA:
            raise RefusedError("file-suspect", "合并的区域过大")
        if (row_span, column_span) != (1, 1):
            self._merges.append(
                (position, (position[0] + row_span - 1, position[1] + column_span - 1))
            )
        for href in cell.picture_hrefs:
            self.add_picture(position, href)

    def add_picture(self, position: CellPosition, href: str) -> None:
        part_name = posixpath.normpath(href)
        if part_name in self._package:
            self._pictures.append(Picture(position, part_name, self._package[part_name]))

    def end_row(self, remaining: int) -> int:
        """Write the row as often as it is repeated; return the number of cells so added.

        Raises RefusedError when the repeats add more than ``remaining`` cells.
        """
        repeat_count = self._next_row - self._row
        cell_count = sum(width for _, width, _ in self._row_values)
        extra_count = cell_count * repeat_count - len(self._row_values)
        if extra_count > remaining:
            raise RefusedError("file-suspect", "同一内容重复的次数过多")
        for first_column, width, value in self._row_values:
            self._extent.include_cell(self._next_row - 1, first_column + width - 1)
            for row in range(self._row, self._next_row):
                for column in range(first_column, first_column + width):
                    self._cells[row, column] = value
        return extra_count


def _parse_float(attrs: Mapping[str, str]) -> RawValue | None:
    try:
        return float(attrs.get("office:value", ""))
    except ValueError:
        return None


def _parse_date(attrs: Mapping[str, str]) -> RawValue | None:
    moment = _parse_moment(attrs.get("office:date-value", ""))
    if moment is None or moment.time() != time():
        return moment
    return date(moment.year, moment.month, moment.day)


def _parse_time(attrs: Mapping[str, str]) -> RawValue | None:
    match = _ISO_DURATION.fullmatch(attrs.get("office:time-value", ""))
    if not match:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    try:
        duration = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None
    if match.group(1) or duration >= _ONE_DAY:
        return -duration if match.group(1) else duration
    return (datetime.combine(date.min, time()) + duration).time()


def _parse_boolean(attrs: Mapping[str, str]) -> RawValue | None:
    return {"true": True, "false": False}.get(attrs.get("office:boolean-value", ""))


# The office:value-type of a cell → its parser. Cells of other types have the text they show.
_VALUE_PARSERS: Mapping[str, Callable[[Mapping[str, str]], RawValue | None]] = {
    "float": _parse_float,
    "percentage": _parse_float,
    "currency": _parse_float,
    "date": _parse_date,
    "time": _parse_time,
    "boolean": _parse_boolean,
}


def _parse_moment(text: str) -> datetime | None:
    """Parse an ISO 8601 date or time as local time, and ignore its zone."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def _parse_metadata(xml: bytes) -> tuple[str, datetime | None]:
    """Return keywords and the time of the last save; many files lack both."""
    texts_by_tag: dict[str, list[str]] = {}
    open_tags: list[str] = []

    def add_text(data: str) -> None:
        texts_by_tag.setdefault(open_tags[-1], []).append(data)

    def end_element(name: str) -> None:
        texts_by_tag.setdefault(open_tags.pop(), []).append("\0")

    try:
        untrusted_xml.stream_part(
            xml,
            lambda name, _: open_tags.append(name),
            end_element,
            add_text,
            _abbreviate_name,
        )
    except RefusedError:
        return "", None
    # Every text ends with NUL, so that several elements of one name can be told apart.
    keywords, saved_times = (
        "".join(texts_by_tag.get(name, [])).rstrip("\0").split("\0")
        for name in ("meta:keyword", "dc:date")
    )
    return ";".join(keywords), parse_beijing_time(saved_times[-1])
