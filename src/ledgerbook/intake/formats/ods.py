"""An .ods → RawBook, whichever program wrote it, in one stream over its content.

Rows and cells are repeated by a number, so that a short file can stand for millions
of cells: blank ones are passed over, filled ones counted.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from ledgerbook.file_types import RefusedError
from ledgerbook.intake.formats import untrusted_xml
from ledgerbook.intake.formats.raw_workbook import (
    Cell,
    CellError,
    Picture,
    RawSheet,
    RawWorkbook,
    SheetAttachments,
    Value,
    moment_of,
)
from ledgerbook.text import says_nothing

CONTENT, MANIFEST = "content.xml", "META-INF/manifest.xml"
_META, _TYPE = "meta.xml", "mimetype"
_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"
# Namespaces whose names do not say what they are called for short.
_FOREIGN = {
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://www.w3.org/1999/xlink": "xlink",
    "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0": "draw",
}
# As many filled cells as the repeats of a workbook may add up to.
REPEATS = 200_000

# As many blanks as one element may stand for: no cell holds more characters.
_MOST_SPACES = 32_767
# Where a picture stands that is fixed to its sheet and not to a cell.
_FIRST = (0, 0)

_CELLS = ("table:table-cell", "table:covered-table-cell")
# Within a cell, what stands in these is not the cell's text.
_NOTE, _RUBY = "office:annotation", "text:ruby-text"
_ASIDE = (_NOTE, _RUBY, "text:note", "draw:", "dr3d:", "form:")
# What stands for white space, until the white space of the file itself is settled.
_SPACES = {"text:s": "\x01", "text:tab": "\x02", "text:line-break": "\x03"}
_SPACE = str.maketrans({"\x01": " ", "\x02": "\t", "\x03": "\n"})
_INDENT = re.compile(r"[ \t]*[\r\n][ \t\r\n]*")
_ERROR = re.compile(r"#[A-Z][A-Z0-9/_]*[!?]?|#N/A|Err:\d{3}")
_DURATION = re.compile(r"(-?)P(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,]\d+)?S)?)")
_DAY = timedelta(days=1)


def read_ods(package: Mapping[str, bytes]) -> RawWorkbook:
    """Read an .ods by its parts. Raises RefusedError."""
    if b"encryption-data" in package.get(MANIFEST, b""):
        raise RefusedError("file-locked", "")
    if CONTENT not in package:
        if _SPREADSHEET in package.get(_TYPE, b""):
            raise RefusedError("file-damaged", "里面的内容不见了")
        raise RefusedError("file-other-type", "")
    reader = _Content(package)
    untrusted_xml.parse(
        package[CONTENT], reader.start, reader.end, reader.text, _called
    )
    if not reader.spreadsheet:
        raise RefusedError("file-other-type", "")
    keywords, saved_at = _facts(package.get(_META, b""))
    return RawWorkbook(tuple(reader.sheets), keywords, saved_at)


@lru_cache(1000)
def _called(name: str) -> str:
    """Return ``table:table-row`` for an element's full name."""
    space, _, local = name.rpartition(" ")
    if space not in _FOREIGN and ":" not in space:
        return local
    return f"{_FOREIGN.get(space) or space.split(':')[-2]}:{local}"


@dataclass(slots=True)
class _Cell:
    """One cell as it is read: what it says of itself, and the text it shows."""

    attrs: Mapping[str, str]
    paragraphs: list[str] = field(default_factory=list)
    note: list[str] = field(default_factory=list)
    link: str = ""
    pictures: list[str] = field(default_factory=list)

    def number(self, name: str, default: int = 1) -> int:
        return max(int(self.attrs.get(name) or default), 1)

    @property
    def value(self) -> Value | None:
        kind = self.attrs.get("office:value-type", "")
        text = self.attrs.get("office:string-value") or "\n".join(self.paragraphs)
        formula = self.attrs.get("table:formula", "")
        shown = "\n".join(self.paragraphs)
        if self.attrs.get("calcext:value-type") == "error":
            return CellError(shown or "错误值")
        if formula and (kind in ("", "string")):
            if _ERROR.fullmatch(text):
                return CellError(text)
            if not kind and not self.paragraphs:
                return CellError(formula[formula.find("=") :])
        read = _VALUES.get(kind)
        value = read(self.attrs) if read else None
        if value is not None:
            return value
        return None if says_nothing(text) else text


class _Content:
    """Hears what the content says, and keeps the sheets that it tells of."""

    def __init__(self, package: Mapping[str, bytes]) -> None:
        self.spreadsheet = False
        self.sheets: list[RawSheet] = []
        self._package = package
        self._repeats = 0
        self._stack: list[str] = []
        self._sheet: _Sheet | None = None
        self._cell: _Cell | None = None
        # How deep the cell stands that is being read, and its open paragraphs' text.
        self._depth = 0
        self._open: list[list[str]] = []

    def start(self, name: str, attrs: Mapping[str, str]) -> None:
        attrs = {_called(key): value for key, value in attrs.items()}
        self._stack.append(name)
        if self._cell is not None:
            self._inside(name, attrs, self._cell)
        elif name == "office:spreadsheet":
            self.spreadsheet = True
        elif self._sheet is None and name == "table:table":
            self._sheet = _Sheet(attrs.get("table:name", ""), self._package)
        elif self._sheet is not None:
            self._in_sheet(name, attrs, self._sheet)

    def _in_sheet(self, name: str, attrs: Mapping[str, str], sheet: _Sheet) -> None:
        if "table:shapes" in self._stack:
            if name == "draw:image":
                sheet.add_picture(_FIRST, attrs.get("xlink:href", ""))
        elif name == "table:table-source":
            # What a link to another file remembers of it; no sheet of this one.
            self._sheet = None
        elif name == "table:table-row":
            sheet.begin_row(_Cell(attrs).number("table:number-rows-repeated"))
        elif name in _CELLS:
            self._cell, self._depth = _Cell(attrs), len(self._stack)

    def _inside(self, name: str, attrs: Mapping[str, str], cell: _Cell) -> None:
        if name == "text:p":
            self._open.append([])
        elif name in _SPACES and self._open:
            count = min(int(attrs.get("text:c") or 1), _MOST_SPACES)
            self._open[-1].append(_SPACES[name] * count)
        elif name == "text:a" and not self._aside:
            cell.link = cell.link or attrs.get("xlink:href", "")
        elif name == "draw:image":
            cell.pictures.append(attrs.get("xlink:href", ""))

    @property
    def _aside(self) -> str:
        """What the parser is in, within a cell, that is no text of the cell."""
        inside = self._stack[self._depth :]
        return next((name for name in inside if name.startswith(_ASIDE)), "")

    def text(self, data: str) -> None:
        if self._open and _RUBY not in self._stack[self._depth :]:
            self._open[-1].append(data)

    def end(self, name: str) -> None:
        if name == "text:p" and self._cell is not None and self._open:
            self._paragraph(self._cell, "".join(self._open.pop()))
        depth = len(self._stack)
        self._stack.pop()
        if self._sheet is None:
            return
        if self._cell is not None:
            if depth == self._depth:
                self._sheet.add(self._cell)
                self._cell = None
        elif "table:shapes" in self._stack:
            return
        elif name == "table:table-row":
            self._repeats += self._sheet.end_row(REPEATS - self._repeats)
        elif name == "table:table":
            self._finish(self._sheet)
            self._sheet = None

    def _paragraph(self, cell: _Cell, text: str) -> None:
        line = _INDENT.sub(" ", text).strip(" ").translate(_SPACE)
        if self._aside == _NOTE:
            cell.note.append(line)
        elif not self._aside:
            cell.paragraphs.append(line)

    def _finish(self, sheet: _Sheet) -> None:
        if any(sheet.name == other.name for other in self.sheets):
            raise RefusedError("file-suspect", "有两张同名的工作表")
        self.sheets.append(sheet.raw)


class _Sheet:
    """One sheet as its rows arrive."""

    def __init__(self, name: str, package: Mapping[str, bytes]) -> None:
        self.name = name
        self._package = package
        self._extent = untrusted_xml.Extent()
        self._cells: dict[Cell, Value] = {}
        self._notes: dict[Cell, str] = {}
        self._links: dict[Cell, str] = {}
        self._pictures: list[Picture] = []
        self._merges: list[tuple[Cell, Cell]] = []
        self._row = self._next = self._column = 0
        self._values: list[tuple[int, int, Value]] = []

    @property
    def raw(self) -> RawSheet:
        extras = SheetAttachments(
            self._notes, self._links, tuple(self._pictures), tuple(self._merges)
        )
        return RawSheet(self.name, self._cells, extras)

    def begin_row(self, times: int) -> None:
        self._row, self._next, self._column = self._next, self._next + times, 0
        self._values = []

    def add(self, cell: _Cell) -> None:
        """Take the next cell of the row, and what hangs on it."""
        at, times = (
            (self._row, self._column),
            cell.number("table:number-columns-repeated"),
        )
        self._column += times
        value = cell.value
        if value is not None:
            self._values.append((at[1], times, value))
        note = "\n".join(cell.note)
        if not says_nothing(note):
            self._notes[at] = note
        if cell.link and cell.link != value:
            self._links[at] = cell.link
        down = cell.number("table:number-rows-spanned")
        right = cell.number("table:number-columns-spanned")
        if down * right > untrusted_xml.BOX:
            raise RefusedError("file-suspect", "合并的区域过大")
        if (down, right) != (1, 1):
            self._merges.append((at, (at[0] + down - 1, at[1] + right - 1)))
        for href in cell.pictures:
            self.add_picture(at, href)

    def add_picture(self, at: Cell, href: str) -> None:
        name = posixpath.normpath(href)
        if name in self._package:
            self._pictures.append(Picture(at, name, self._package[name]))

    def end_row(self, room: int) -> int:
        """Write the row out as often as it is repeated; return how many cells more.

        Raises RefusedError when they are more than ``room``.
        """
        times = self._next - self._row
        count = sum(wide for _, wide, _ in self._values)
        more = count * times - len(self._values)
        if more > room:
            raise RefusedError("file-suspect", "同一内容重复的次数过多")
        for left, wide, value in self._values:
            self._extent.take(self._next - 1, left + wide - 1)
            for row in range(self._row, self._next):
                for column in range(left, left + wide):
                    self._cells[row, column] = value
        return more


def _float(attrs: Mapping[str, str]) -> Value | None:
    try:
        return float(attrs.get("office:value", ""))
    except ValueError:
        return None


def _date(attrs: Mapping[str, str]) -> Value | None:
    moment = _moment(attrs.get("office:date-value", ""))
    if moment is None or moment.time() != time():
        return moment
    return date(moment.year, moment.month, moment.day)


def _time(attrs: Mapping[str, str]) -> Value | None:
    found = _DURATION.fullmatch(attrs.get("office:time-value", ""))
    if not found:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    try:
        length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None
    if found.group(1) or length >= _DAY:
        return -length if found.group(1) else length
    return (datetime.combine(date.min, time()) + length).time()


def _flag(attrs: Mapping[str, str]) -> Value | None:
    return {"true": True, "false": False}.get(attrs.get("office:boolean-value", ""))


# What a cell says its value is, beside a text; a text is what it shows.
_VALUES: Mapping[str, Callable[[Mapping[str, str]], Value | None]] = {
    "float": _float,
    "percentage": _float,
    "currency": _float,
    "date": _date,
    "time": _time,
    "boolean": _flag,
}


def _moment(text: str) -> datetime | None:
    """Read a date or moment as it stands on the wall, whatever zone it notes."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def _facts(xml: bytes) -> tuple[str, datetime | None]:
    """Return keywords and last-saved time; both are missing in many files."""
    found: dict[str, list[str]] = {}
    names: list[str] = []

    def text(data: str) -> None:
        found.setdefault(names[-1], []).append(data)

    def end(name: str) -> None:
        found.setdefault(names.pop(), []).append("\0")

    try:
        untrusted_xml.parse(xml, lambda name, _: names.append(name), end, text, _called)
    except RefusedError:
        return "", None
    keywords, saved = (
        "".join(found.get(name, [])).rstrip("\0").split("\0")
        for name in ("meta:keyword", "dc:date")
    )
    return ";".join(keywords), moment_of(saved[-1])
