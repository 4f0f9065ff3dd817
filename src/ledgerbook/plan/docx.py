"""Read the table of a plan from a .docx: the XML grid with its merged cells."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from ledgerbook.errors import InputError
from ledgerbook.plan.columns import SOUGHT, make_a_plan, part_of
from ledgerbook.plan.grid import Cell, Grid, Part, Source

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

# A plan of a few pages unpacks to less than one megabyte.
_MOST_BYTES = 64 * 1024 * 1024
_MOST_PARTS = 2000
# Word itself allows no more columns.
_MOST_COLUMNS = 63

# What zipfile and the XML parser raise on a package cut short, garbled or encrypted.
_BROKEN = (
    ParseError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)


def source_from_docx(data: bytes) -> Source:
    """Return the plan's table of a .docx.

    Raises InputError when the file is damaged or holds no such table.
    """
    _guard(data)
    body = _body(data)
    segments = tuple(_segments([_grid(table) for table in _tables(body)]))
    if not segments:
        raise InputError(
            f"这个 .docx 文件里没有分工方案的表格：没有哪张表的表头写着“{SOUGHT}”"
            "（至少要有“计划措施”和“责任单位”）。请核对是不是选错了文件。"
        )
    titles = (*_titles(body), *segments[0].above)
    return Source(titles, segments[0].parts, _joined(segments))


# ── the package ──────────────────────────────────────────────────────────────────


def _guard(data: bytes) -> None:
    """Refuse a package that is broken, or that would swell or expand when parsed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            size = sum(part.file_size for part in parts)
            if size > _MOST_BYTES or len(parts) > _MOST_PARTS:
                raise InputError(
                    "这个 .docx 文件解压后大得不正常，没有打开。"
                    "请用 Word 或 WPS 把方案另存为新的 .docx 后重试。"
                )
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    fromstring(package.read(part), forbid_dtd=True)
    except DefusedXmlException as error:
        raise InputError(
            "这个 .docx 文件里有正常文档不该有的内容（DTD 声明），没有打开。"
            "请用 Word 或 WPS 把方案另存为新的 .docx 后重试。"
        ) from error
    except _BROKEN as error:
        raise _damaged() from error


def _damaged() -> InputError:
    return InputError(
        "这个 .docx 文件已经损坏或设了密码，打不开。"
        "请用 Word 或 WPS 打开确认，另存为新的 .docx 后重试。"
    )


def _body(data: bytes) -> Any:
    from docx import Document

    try:
        return Document(io.BytesIO(data)).element.body
    except Exception as error:
        # python-docx raises whatever its parsers raise; the office needs one sentence.
        raise _damaged() from error


# ── tables ───────────────────────────────────────────────────────────────────────


def _tables(body: Any) -> Iterator[Any]:
    """Find the outermost tables, in content controls too."""
    return (t for t in body.iter(f"{_W}tbl") if not _inside(t, f"{_W}tbl"))


def _titles(body: Any) -> tuple[str, ...]:
    """List the paragraphs before the first table, the last first, then joined ones."""
    lines: list[str] = []
    for element in body.iter(f"{_W}p", f"{_W}tbl"):
        if element.tag == f"{_W}tbl":
            break
        lines.append(_text(element).strip())
    lines = [line for line in lines if line]
    pairs = (a + b for a, b in pairwise(lines))
    return (*lines[::-1], *pairs, "".join(lines))


def _grid(table: Any) -> Grid:
    """Lay out a table's cells; a vMerge that continues belongs to the cell above."""
    cells: list[Cell] = []
    above: dict[int, int] = {}
    rows = (r for r in table.iter(f"{_W}tr") if _owner(r, f"{_W}tbl") is table)
    for row, tr in enumerate(rows):
        merging: dict[int, int] = {}
        column = _number(tr, "trPr/gridBefore", default=0)
        for tc in (c for c in tr.iter(f"{_W}tc") if _owner(c, f"{_W}tr") is tr):
            span = _number(tc, "tcPr/gridSpan", default=1)
            merge = _child(tc, "tcPr/vMerge")
            if merge is not None and _continues(merge) and column in above:
                at = above[column]
                cells[at] = replace(cells[at], rows=cells[at].rows + 1)
            else:
                at = len(cells)
                cells.append(Cell(_text(tc), row, column, 1, span))
            if merge is not None:
                merging[column] = at
            column += span
        above = merging
    return Grid(tuple(cells))


def _continues(merge: Any) -> bool:
    return bool(merge.get(f"{_W}val", "continue") == "continue")


def _number(element: Any, path: str, default: int) -> int:
    found = _child(element, path)
    value = found.get(f"{_W}val", "") if found is not None else ""
    return min(int(value), _MOST_COLUMNS) if value.isdigit() else default


def _child(element: Any, path: str) -> Any:
    return element.find("/".join(_W + step for step in path.split("/")))


def _owner(element: Any, tag: str) -> Any:
    return next(element.iterancestors(tag), None)


def _inside(element: Any, *tags: str) -> bool:
    return next(element.iterancestors(*tags), None) is not None


def _text(element: Any) -> str:
    """Return the words that stand in a cell or paragraph, one line a paragraph."""
    lines = [""]
    for node in element.iter(f"{_W}p", f"{_W}t", f"{_W}br", f"{_W}cr", f"{_W}tab"):
        if node.tag == f"{_W}t":
            if not _inside(node, f"{_W}moveFrom", _FALLBACK):
                lines[-1] += node.text or ""
        elif node.tag == f"{_W}tab":
            lines[-1] += " "
        else:
            lines.append("")
    return "\n".join(lines).strip()


# ── one grid of all pages ────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which columns of a table hold which part: (first, after last) of each."""

    parts: tuple[Part, ...]
    ranges: tuple[tuple[int, int], ...]
    width: int


@dataclass(frozen=True, slots=True)
class _Segment:
    """The rows of a table below one header; ``above`` are the texts over it."""

    columns: _Columns
    grid: Grid
    first: int
    after: int
    above: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        return self.columns.parts


def _segments(grids: Sequence[Grid]) -> Iterator[_Segment]:
    """Cut tables at their headers, which pages repeat.

    A table without a header continues the plan when it is as wide; else it is
    another table.
    """
    columns: _Columns | None = None
    for grid in grids:
        headers = [(r, c) for r in range(grid.height) if (c := _header(grid, r))]
        own = [(header, found) for header, found in headers if _agree(columns, found)]
        if columns and not own and grid.width == columns.width:
            yield _Segment(columns, grid, 0, grid.height)
        ends = [*(row for row, _ in own), grid.height][1:]
        for (row, found), end in zip(own, ends, strict=True):
            above = () if columns else _texts_above(grid, row)
            columns = found
            yield _Segment(found, grid, row + 1, end, above)


def _agree(known: _Columns | None, found: _Columns) -> bool:
    return known is None or known.parts == found.parts


def _header(grid: Grid, row: int) -> _Columns | None:
    named = [
        (part, cell)
        for cell in _row(grid, row)
        if cell.row == row and (part := part_of(cell.text))
    ]
    parts = tuple(part for part, _ in named)
    if not make_a_plan(parts) or len(set(parts)) < len(parts):
        return None
    ranges = tuple((cell.column, cell.column + cell.columns) for _, cell in named)
    return _Columns(parts, ranges, grid.width)


def _row(grid: Grid, row: int) -> tuple[Cell, ...]:
    cells = (grid.at(row, column) for column in range(grid.width))
    return tuple(dict.fromkeys(cell for cell in cells if cell))


def _texts_above(grid: Grid, row: int) -> tuple[str, ...]:
    return tuple(cell.text for r in range(row) for cell in _row(grid, r) if cell.text)


def _joined(segments: Sequence[_Segment]) -> Grid:
    """Put the segments under each other, one column a part.

    A merge ends with its segment; the blank cell that a page break leaves at the top
    of the next is left out, so that what stands above goes on.
    """
    cells: list[Cell] = []
    base = 0
    for segment in segments:
        height = segment.after - segment.first
        for column, (start, end) in enumerate(segment.columns.ranges):
            runs = _runs(segment, start, end)
            top_blank = bool(base and runs and not runs[0].text.strip())
            cells += (
                replace(cell, row=base + cell.row, column=column)
                for cell in runs[1 if top_blank else 0 :]
            )
        base += height
    return Grid(tuple(cells))


def _runs(segment: _Segment, start: int, end: int) -> list[Cell]:
    """Return the cells of one part, rows counted from the segment's first.

    Where a header stands over several columns (a number of its own), their texts are
    joined; a cell that reaches over several parts belongs to the first.
    """
    runs: list[Cell] = []
    last: tuple[Cell, ...] = ()
    for row in range(segment.first, segment.after):
        here = (segment.grid.at(row, column) for column in range(start, end))
        group = tuple(dict.fromkeys(c for c in here if c and c.column >= start))
        if group and group == last:
            runs[-1] = replace(runs[-1], rows=runs[-1].rows + 1)
        elif group:
            text = "".join(cell.text for cell in group)
            runs.append(Cell(text, row - segment.first, start))
        last = group
    return runs
