"""Read an .ods (OpenDocument 1.3 part 3) into a RawWorkbook, streaming its content part.

Rows and cells can be repeated by a number, so that a short file may stand for millions of
cells: blank cells are skipped, filled ones are counted against a limit.
https://docs.oasis-open.org/office/OpenDocument/v1.3/
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from ledgerbook.a1_references import MAX_COLUMNS, CellArea, CellPosition
from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats import untrusted_xml
from ledgerbook.intake.formats.drawing_notes import (
    EMBEDDED_FILES,
    GRAPHICS,
    TEXT_BOX_LABEL,
    ControlKind,
    count_unread,
    describe_control,
    join_notes,
)
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
_META_PART, _MIMETYPE_PART, _STYLES_PART = "meta.xml", "mimetype", "styles.xml"
_TEXT_MIMETYPE = b"application/vnd.oasis.opendocument.text"
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
_DEFAULT_STYLE = "table:default-cell-style-name"
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
_SHAPE_PREFIXES = ("draw:", "dr3d:")
_SHAPES_TAG = "table:shapes"
_OBJECT_TAGS = ("draw:object", "draw:object-ole", "draw:plugin", "draw:applet")
# What the content of an embedded object has if it is a chart.
_CHART_ELEMENT = b"<office:chart"
_CONTROL_KINDS = {
    "form:checkbox": ControlKind.CHECK_BOX,
    "form:radio": ControlKind.RADIO_BUTTON,
}
_CONTROL_TAGS = (
    *_CONTROL_KINDS,
    "form:text",
    "form:textarea",
    "form:formatted-text",
    "form:combobox",
    "form:listbox",
    "form:option",
)
# Placeholders for white space elements while the white space of the file is collapsed.
_SPACE_PLACEHOLDERS = {"text:s": "\x01", "text:tab": "\x02", "text:line-break": "\x03"}
_PLACEHOLDER_SPACES = str.maketrans(
    {"\x01": " ", "\x02": "\t", "\x03": "\n", "\x04": None, "\x05": None}
)
# Placeholders before text that is struck through, and before text that is not.
_STRIKE_MARKS = {True: "\x04", False: "\x05"}
_STRUCK_TEXT = re.compile(r"\x04[^\x04\x05]*")
_LINE_INDENT = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")
# What every style is named by that says whether its text is struck through.
_STRIKE_NAME = b"text-line-through"
_STRIKE_ATTRIBUTES = ("style:text-line-through-style", "style:text-line-through-type")
_HIDDEN_STATES = ("collapse", "filter")
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
    if package.get(_MIMETYPE_PART, b"").startswith(_TEXT_MIMETYPE):
        raise RefusedError("file-document", "")
    struck_styles = _read_struck_styles(package.get(_STYLES_PART, b""))
    handler = _ContentHandler(package, struck_styles)
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


def _read_struck_styles(styles_xml: bytes) -> set[str]:
    """Return the named styles whose text is struck through."""
    if _STRIKE_NAME not in styles_xml:
        return set()
    styles = _StruckStyles(set())
    untrusted_xml.stream_part(
        styles_xml,
        lambda name, attrs: styles.start_element(
            name, {_abbreviate_name(key): value for key, value in attrs.items()}
        ),
        lambda _: None,
        lambda _: None,
        _abbreviate_name,
    )
    return styles.names


@dataclass(slots=True)
class _StruckStyles:
    """Collects in ``names`` the styles whose text is struck through, and those based on them."""

    names: set[str]
    style: str = ""

    def start_element(self, name: str, attrs: Mapping[str, str]) -> None:
        if name == "style:style":
            self.style = attrs.get("style:name", "")
            if attrs.get("style:parent-style-name") in self.names:
                self.names.add(self.style)
        elif name == "style:text-properties":
            lines = [attrs[key] for key in _STRIKE_ATTRIBUTES if key in attrs]
            if lines and "none" in lines:
                self.names.discard(self.style)
            elif lines:
                self.names.add(self.style)


@lru_cache(1000)
def _abbreviate_name(name: str) -> str:
    """Return the usual prefixed name, as ``table:table-row``, for "namespace name"."""
    namespace, _, local_name = name.rpartition(" ")
    if namespace not in _NAMESPACE_PREFIXES and ":" not in namespace:
        return local_name
    return f"{_NAMESPACE_PREFIXES.get(namespace) or namespace.split(':')[-2]}:{local_name}"


@dataclass(slots=True)
class _CellElement:
    """A cell while it is read: its attributes, and the texts and links in it.

    ``is_struck``: its style strikes its text through; ``kept_paragraphs`` are the paragraphs
    without the text that is struck through.
    """

    attrs: Mapping[str, str]
    is_struck: bool = False
    paragraphs: list[str] = field(default_factory=list)
    kept_paragraphs: list[str] = field(default_factory=list)
    note_lines: list[str] = field(default_factory=list)
    link: str = ""
    picture_hrefs: list[str] = field(default_factory=list)
    # The texts of shapes over the cell, each with its label, and the lines of the one being read.
    shape_texts: list[str] = field(default_factory=list)
    shape_lines: list[str] = field(default_factory=list)
    object_hrefs: list[str] = field(default_factory=list)

    @property
    def has_format_alone(self) -> bool:
        """Whether nothing is in the cell: no value, text, note, link, picture or merge."""
        return self.attrs.keys() <= _FORMAT_ATTRIBUTES and not (
            self.paragraphs
            or self.note_lines
            or self.link
            or self.picture_hrefs
            or self.shape_texts
            or self.object_hrefs
        )

    def finish_shape(self) -> None:
        """Take the lines that were read as the text of one shape."""
        text = "\n".join(self.shape_lines)
        self.shape_lines = []
        if not is_blank(text):
            self.shape_texts.append(f"{TEXT_BOX_LABEL}{text}")

    @property
    def remainder(self) -> str | None:
        """What is left without the text that is struck through; None where nothing is."""
        if self.kept_paragraphs != self.paragraphs:
            return "\n".join(self.kept_paragraphs)
        return "" if self.is_struck and not self.paragraphs else None

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


def _read_count(attrs: Mapping[str, str], name: str) -> int:
    """Return an attribute that counts repeats or spans; at least 1."""
    return max(untrusted_xml.parse_whole_number(attrs.get(name) or "1"), 1)


class _ContentHandler:
    """Builds the sheets while the content part is streamed."""

    def __init__(self, package: Mapping[str, bytes], struck_styles: set[str]) -> None:
        self.is_spreadsheet = False
        self.sheets: list[RawSheet] = []
        self._package = package
        self._repeated_count = 0
        self._open_tags: list[str] = []
        self._sheet: _SheetBuilder | None = None
        self._cell: _CellElement | None = None
        # The styles whose text is struck through, and those whose sheets are not shown.
        self._struck_styles = _StruckStyles(struck_styles)
        self._hidden_styles: set[str] = set()
        # The notes for the form controls of a sheet by their ids, and the id of the open one.
        self._control_texts: dict[str, str] = {}
        self._control_id = ""
        # The depth of the element of the open cell, and the text of its open paragraphs.
        self._cell_depth = 0
        self._open_paragraphs: list[list[str]] = []
        # Whether the text of the cell, and of each of its open spans, is struck through.
        self._open_strikes: list[bool] = []

    def start_element(self, name: str, attrs: Mapping[str, str]) -> None:
        attrs = {_abbreviate_name(key): value for key, value in attrs.items()}
        self._open_tags.append(name)
        if self._cell is not None:
            self._start_in_cell(name, attrs, self._cell)
        elif name == "office:spreadsheet":
            self.is_spreadsheet = True
        elif name.startswith("style:"):
            self._struck_styles.start_element(name, attrs)
            if name == "style:table-properties" and attrs.get("table:display") == "false":
                self._hidden_styles.add(self._struck_styles.style)
        elif self._sheet is None and name == "table:table":
            is_hidden = attrs.get("table:style-name") in self._hidden_styles
            self._sheet = _SheetBuilder(
                attrs.get("table:name", ""), self._package, is_hidden=is_hidden
            )
        elif self._sheet is not None:
            self._start_in_sheet(name, attrs, self._sheet)

    def _start_control(self, name: str, attrs: Mapping[str, str]) -> None:
        """Keep the note for a form control, until a shape shows where it stands."""
        if name == "form:option":
            is_chosen = "true" in (attrs.get("form:current-selected"), attrs.get("form:selected"))
            label = attrs.get("form:label", "") if is_chosen else ""
            so_far = self._control_texts.get(self._control_id, "")
            self._control_texts[self._control_id] = so_far + label
            return
        self._control_id = attrs.get("form:id", "")
        text = f"{TEXT_BOX_LABEL}{_get_current(attrs, 'value')}"
        if kind := _CONTROL_KINDS.get(name):
            states = _get_current(attrs, "state"), _get_current(attrs, "selected")
            is_on = states[0] == "checked" or states[1] == "true"
            text = describe_control(kind, attrs.get("form:label", ""), is_on=is_on)
        self._control_texts[self._control_id] = text

    def _start_in_sheet(self, name: str, attrs: Mapping[str, str], sheet: _SheetBuilder) -> None:
        if "office:forms" in self._open_tags:
            if name in _CONTROL_TAGS:
                self._start_control(name, attrs)
        elif name == "table:table-source":
            # The copy of a linked file's table is not a sheet of this file.
            self._sheet = None
        elif name == "table:table-row":
            sheet.begin_row(attrs)
        elif name in _CELL_TAGS or name == _SHAPES_TAG:
            style = attrs.get("table:style-name") or sheet.default_style
            is_struck = name in _CELL_TAGS and style in self._struck_styles.names
            self._cell = _CellElement(attrs, is_struck)
            self._cell_depth = len(self._open_tags)
            self._open_strikes = [is_struck]
        elif name == "table:table-column":
            sheet.add_column(attrs)

    def _start_in_cell(self, name: str, attrs: Mapping[str, str], cell: _CellElement) -> None:
        if name == "text:p":
            self._open_paragraphs.append([])
            self._mark_strike()
        elif name == "text:span":
            is_plain = attrs.get("text:style-name") not in self._struck_styles.names
            self._open_strikes.append(self._open_strikes[-1] if is_plain else True)
            self._mark_strike()
        elif name in _SPACE_PLACEHOLDERS and self._open_paragraphs:
            count = untrusted_xml.parse_whole_number(attrs.get("text:c") or "1")
            count = min(count, _MAX_SPACES)
            self._open_paragraphs[-1].append(_SPACE_PLACEHOLDERS[name] * count)
        elif name == "text:a" and not self._non_text_tag:
            cell.link = cell.link or attrs.get("xlink:href", "")
        elif name == "draw:image":
            cell.picture_hrefs.append(attrs.get("xlink:href", ""))
        elif name in _OBJECT_TAGS:
            cell.object_hrefs.append(attrs.get("xlink:href", ""))
        elif name == "draw:control":
            text = self._control_texts.get(attrs.get("draw:control", ""), "")
            cell.shape_texts += [text] if text not in ("", TEXT_BOX_LABEL) else []

    def _mark_strike(self) -> None:
        """Note in the text of the open paragraph whether what follows is struck through."""
        if self._open_paragraphs and self._struck_styles.names:
            self._open_paragraphs[-1].append(_STRIKE_MARKS[self._open_strikes[-1]])

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
        elif name == "text:span" and self._cell is not None:
            self._open_strikes.pop()
            self._mark_strike()
        depth = len(self._open_tags)
        self._open_tags.pop()
        if self._sheet is None:
            return
        if self._cell is not None:
            if depth == self._cell_depth + 1:
                self._cell.finish_shape()
            elif depth == self._cell_depth:
                add = self._sheet.add_shapes if name == _SHAPES_TAG else self._sheet.add_cell
                add(self._cell)
                self._cell = None
        elif name == "table:table-row":
            self._repeated_count += self._sheet.end_row(MAX_REPEATED_CELLS - self._repeated_count)
        elif name == "table:table":
            self._finish_sheet(self._sheet)
            self._sheet = None

    def _add_paragraph(self, cell: _CellElement, text: str) -> None:
        line, kept_line = (
            _LINE_INDENT.sub(" ", part).strip(" ").translate(_PLACEHOLDER_SPACES)
            for part in (text, _STRUCK_TEXT.sub("", text))
        )
        tag = self._non_text_tag
        if tag == _ANNOTATION_TAG:
            cell.note_lines.append(line)
        elif not tag:
            cell.paragraphs.append(line)
            cell.kept_paragraphs.append(kept_line)
        elif tag.startswith(_SHAPE_PREFIXES):
            cell.shape_lines.append(line)

    def _finish_sheet(self, sheet: _SheetBuilder) -> None:
        if any(sheet.name == earlier_sheet.name for earlier_sheet in self.sheets):
            raise RefusedError("file-suspect", "有两张同名的工作表")
        self.sheets.append(sheet.raw_sheet)


def _get_current(attrs: Mapping[str, str], name: str) -> str:
    """Return what a form control holds now, or what it began with."""
    return attrs.get(f"form:current-{name}", attrs.get(f"form:{name}", ""))


class _SheetBuilder:
    """A sheet to which rows and cells are added in their order."""

    def __init__(self, name: str, package: Mapping[str, bytes], *, is_hidden: bool) -> None:
        self.name = name
        self._is_hidden = is_hidden
        self._package = package
        self._extent = untrusted_xml.Extent()
        self._cells: dict[CellPosition, RawValue] = {}
        # What the cells show whose values are no texts.
        self._shown_texts: dict[CellPosition, str] = {}
        self._notes: list[tuple[CellPosition, str]] = []
        self._object_counts: Counter[str] = Counter()
        self._links: dict[CellPosition, str] = {}
        self._pictures: list[Picture] = []
        self._merges: list[CellArea] = []
        self._struck: dict[CellPosition, str] = {}
        # The first of the columns that are written as one, and their style.
        self._columns: list[tuple[int, str]] = []
        self._next_column = 0
        self._row_style = ""
        self._is_row_hidden = False
        self._hidden_rows: set[int] = set()
        self._hidden_columns: set[int] = set()
        self._row = self._next_row = self._column = 0
        self._row_values: list[tuple[int, int, RawValue, str | None, str]] = []

    @property
    def raw_sheet(self) -> RawSheet:
        unread = [
            line
            for name, number in self._object_counts.items()
            for line in count_unread(name, number)
        ]
        attachments = SheetAttachments(
            join_notes(self._notes, unread),
            self._links,
            tuple(self._pictures),
            tuple(self._merges),
            tuple(unread),
        )
        return RawSheet(
            self.name,
            self._cells,
            attachments,
            self._is_hidden,
            self._struck,
            frozenset(self._hidden_rows),
            frozenset(self._hidden_columns),
            self._shown_texts.get,
        )

    @property
    def default_style(self) -> str:
        """The style of the next cell where it has none of its own."""
        columns = (style for first, style in reversed(self._columns) if first <= self._column)
        return self._row_style or next(columns, "")

    def add_column(self, attrs: Mapping[str, str]) -> None:
        """Add the next column, or several."""
        first = self._next_column
        self._next_column += _read_count(attrs, _COLUMNS_REPEATED)
        self._columns.append((first, attrs.get(_DEFAULT_STYLE, "")))
        if attrs.get("table:visibility") in _HIDDEN_STATES:
            self._hidden_columns.update(range(first, min(self._next_column, MAX_COLUMNS)))

    def begin_row(self, attrs: Mapping[str, str]) -> None:
        self._row, self._column = self._next_row, 0
        self._next_row += _read_count(attrs, "table:number-rows-repeated")
        self._row_style = attrs.get(_DEFAULT_STYLE, "")
        self._is_row_hidden = attrs.get("table:visibility") in _HIDDEN_STATES
        self._row_values = []

    def add_cell(self, cell: _CellElement) -> None:
        """Add the next cell of the row with its note, link, merge and pictures."""
        position = self._row, self._column
        repeat_count = _read_count(cell.attrs, _COLUMNS_REPEATED)
        self._column += repeat_count
        if cell.has_format_alone:
            return
        value = cell.value
        if value is not None:
            shown_text = "" if isinstance(value, str) else "\n".join(cell.paragraphs)
            self._row_values.append((position[1], repeat_count, value, cell.remainder, shown_text))
        note = "\n".join(cell.note_lines)
        if not is_blank(note):
            self._notes.append((position, note))
        if cell.link and cell.link != value:
            self._links[position] = cell.link
        row_span = _read_count(cell.attrs, "table:number-rows-spanned")
        column_span = _read_count(cell.attrs, "table:number-columns-spanned")
        if row_span * column_span > untrusted_xml.MAX_SHEET_AREA:
            raise RefusedError("file-suspect", "合并的区域过大")
        if (row_span, column_span) != (1, 1):
            self._merges.append(
                (position, (position[0] + row_span - 1, position[1] + column_span - 1))
            )
        self._add_drawings(position, cell)

    def add_shapes(self, shapes: _CellElement) -> None:
        """Add the shapes that are over the sheet, and over none of its cells."""
        self._add_drawings(_FIRST_CELL, shapes)

    def _add_drawings(self, position: CellPosition, cell: _CellElement) -> None:
        self._notes += [(position, text) for text in cell.shape_texts]
        for href in cell.picture_hrefs:
            self._add_picture(position, href)
        for href in cell.object_hrefs:
            content = self._package.get(f"{posixpath.normpath(href)}/{CONTENT_PART}", b"")
            self._object_counts[GRAPHICS if _CHART_ELEMENT in content else EMBEDDED_FILES] += 1

    def _add_picture(self, position: CellPosition, href: str) -> None:
        part_name = posixpath.normpath(href)
        if part_name in self._package:
            self._pictures.append(Picture(position, part_name, self._package[part_name]))

    def end_row(self, remaining: int) -> int:
        """Write the row as often as it is repeated; return the number of cells so added.

        Raises RefusedError when the repeats add more than ``remaining`` cells.
        """
        repeat_count = self._next_row - self._row
        cell_count = sum(width for _, width, *_ in self._row_values)
        extra_count = cell_count * repeat_count - len(self._row_values)
        if extra_count > remaining:
            raise RefusedError("file-suspect", "同一内容重复的次数过多")
        if self._is_row_hidden and self._row_values:
            self._hidden_rows.update(range(self._row, self._next_row))
        for first_column, width, value, remainder, shown_text in self._row_values:
            self._extent.include_cell(self._next_row - 1, first_column + width - 1)
            for row in range(self._row, self._next_row):
                for column in range(first_column, first_column + width):
                    self._cells[row, column] = value
                    if remainder is not None:
                        self._struck[row, column] = remainder
                    if shown_text:
                        self._shown_texts[row, column] = shown_text
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
