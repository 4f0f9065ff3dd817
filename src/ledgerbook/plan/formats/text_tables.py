"""Read a table pasted as text: `a | b | c`, tabs between cells, or .csv."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ledgerbook.plan.cell_classifier import (
    ITEM,
    is_aside,
    is_heading,
    is_number,
    likeness,
)
from ledgerbook.plan.grid import CellGrid, ColumnRole, Pages, PlanCell, PlanColumn
from ledgerbook.plan.header_detection import Sort, find_header, header_of
from ledgerbook.plan.numerals import LEVEL_1, LEVEL_2

_MOST_ROWS = 5000
_MOST_COLUMNS = 60
# The line under the header of a markdown table, and lines drawn between rows.
_RULE = re.compile(r"[\s|+:=\-\u2014\u2500-\u257f]+")
_PIPES = str.maketrans({"\uff5c": "|", "│": "|", "┃": "|", "￨": "|"})
_UNFINISHED = ("、", ",", "\uff0c", "和", "及", "(", "\uff08")
_MARKUP = re.compile(r"</?(?:br|p|b|strong)\s*/?>|\*\*", re.IGNORECASE)


@dataclass(slots=True)
class _TextTable:
    rows: list[list[str]] = field(default_factory=list)

    @property
    def width(self) -> int:
        return max(map(len, self.rows), default=0)


def tables_in(text: str) -> Iterator[Pages]:
    """Yield what ``text`` holds when it is read in each way that a table is pasted."""
    plain = text.translate(_PIPES)
    for separator in "\t|":
        if separator in plain:
            yield _pages(plain, separator)
    for separator in ",;":
        if separator in text:
            yield _pages_of_csv(text, separator)


def _pages(text: str, separator: str) -> Pages:
    """Read rows of one line each; a quoted or unfinished cell goes on in the next."""
    before: list[str] = []
    if separator == "\t" and '"' in text:
        # As a spreadsheet puts cells with line breaks on the clipboard.
        return _pages_of_csv(text, separator)
    table = _TextTable()
    loose: list[str] = []
    framed = _is_framed(text, separator)
    for line in text.splitlines():
        stripped = line.strip() if separator == "|" else line.strip(" \r\n\u3000")
        if not stripped.strip() or (separator == "|" and _RULE.fullmatch(stripped)):
            continue
        if separator not in stripped:
            (loose if table.rows else before).append(stripped.strip())
            continue
        _settle(table, loose)
        _add(table, _cells(stripped, separator, framed=framed))
    _settle(table, [line for line in loose if is_heading(line)], last=True)
    return _made(table, before)


def _is_framed(text: str, separator: str) -> bool:
    """Whether rows begin and end with a separator, and not with empty cells."""
    lines = [s for line in text.splitlines() if separator in (s := line.strip())]
    framed = sum(s.startswith(separator) and s.endswith(separator) for s in lines)
    return separator == "|" and framed * 2 > len(lines)


def _cells(line: str, separator: str, *, framed: bool) -> list[str]:
    if framed:
        line = line.removeprefix(separator).removesuffix(separator)
    return [_MARKUP.sub(_break, cell).strip() for cell in line.split(separator)]


def _break(markup: re.Match[str]) -> str:
    return "\n" if markup[0].lower().startswith(("<br", "<p")) else ""


def _add(table: _TextTable, cells: list[str]) -> None:
    """Add a row; one that ended in the middle of a cell goes on with this line."""
    last = table.rows[-1] if table.rows else []
    together = len(last) + len(cells) - 1
    if last and last[-1].endswith(_UNFINISHED) and together <= len(table.rows[0]):
        last[-1] += cells[0]
        last.extend(cells[1:])
    else:
        table.rows.append(cells)


def _settle(table: _TextTable, loose: list[str], *, last: bool = False) -> None:
    """Place lines without separators: headings of their own, or more of a cell."""
    for line in loose:
        row = table.rows[-1]
        whole = len(row) >= len(table.rows[0])
        if is_heading(line) or (whole and not last and len(row) > 1):
            table.rows.append([line])
        else:
            row[-1] += f"\n{line}"
    loose.clear()


def _pages_of_csv(text: str, separator: str) -> Pages:
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        read = csv.reader(lines, delimiter=separator)
        rows = [
            [cell.strip() for cell in row] for row in read if any(map(str.strip, row))
        ]
    except csv.Error:
        return Pages(())
    if not _is_even(rows):
        return Pages(())
    width = max((_filled(row) for row in rows), default=0)
    return _made(_TextTable([row[:width] for row in rows]), [])


def _is_even(rows: Sequence[Sequence[str]]) -> bool:
    """Whether most rows have the same number of cells: the commas of prose do not."""
    counts = Counter(map(len, rows))
    return not counts or max(counts.values()) * 2 > len(rows) > 1


def _filled(row: Sequence[str]) -> int:
    return max((n for n, cell in enumerate(row, 1) if cell), default=0)


def _made(table: _TextTable, before: list[str]) -> Pages:
    while table.rows and sum(map(bool, table.rows[0])) == 1:
        before.append("".join(table.rows.pop(0)))
    if not 1 < table.width <= _MOST_COLUMNS or len(table.rows) > _MOST_ROWS:
        return Pages(())
    cells = (
        PlanCell(text, r, c)
        for r, row in enumerate(table.rows)
        for c, text in enumerate(row)
    )
    titles = tuple(reversed(before))
    return Pages((CellGrid(tuple(cells)),), (*titles, "".join(before[-2:])))


# Read a table pasted with one cell a line, with or without `|` between.
#
# Nothing says where a row ends, and empty cells leave no line. What the lines read as
# tells their columns: the likeliest way through them all is found.

_MOST_LINES = 5000
_MOST_HEADERS = 14
_FEWEST_HEADERS = 2
_FEWEST_NUMBERS = 3
_NUMBERS = PlanColumn(ColumnRole.NUMBER)
# What leaving a cell out costs, by its column; and what going on with one does.
_GAP = {
    ColumnRole.NUMBER: 2.5,
    ColumnRole.NOTE: 0.3,
    ColumnRole.LIMIT: 0.8,
    ColumnRole.UNITS: 2.0,
}
_GAP_TEXT = 1.0
_UNNUMBERED = 4.0
_GO_ON, _GO_ON_BROKEN = 2.5, 0.2
_TITLE_ENDS = re.compile(r"(?:方案|清单|分解表|分工表|一览表|台账|通知)$")
_BARE = re.compile(r"^[\s|]+|[\s|]+$")
_BROKEN_OFF = re.compile(r"[、,\uff0c和及]$")
# Where the page around a table begins again.
_FURNITURE = re.compile(
    r"(?:展开阅读全文|阅读全文|相关|猜你喜欢|当前位置|备案号|版权所有|打印本页|关闭窗口|分享到"
    r"|上一篇|下一篇|附件下载|扫一扫|主办单位[:\uff1a]|网站地图)"
)


@dataclass(frozen=True, slots=True)
class _AlignmentStep:
    """The best way to a line in ``column``; None is a heading over the whole row."""

    score: float
    column: int | None
    joined: bool
    before: _AlignmentStep | None


def pages_from_lines(text: str) -> Pages:
    """Return the table whose headers stand on lines of their own, if there is one."""
    lines = [bare for line in text.splitlines() if (bare := _BARE.sub("", line))]
    found = _find_headers(lines) if len(lines) <= _MOST_LINES else None
    if found is None:
        return Pages(())
    first, after = found
    headers = lines[first:after]
    columns = _columns_of(headers)
    body = list(_own_lines(lines[after:], headers))
    if not columns or not body:
        return Pages(())
    placed, way = max(
        ((some, _way(body, some)) for some in _ways_to_number(columns, body)),
        key=lambda one: one[1][-1].score,
    )
    named = [c for c, column in enumerate(placed) if column != _NUMBERS]
    cells = [PlanCell(text, 0, c) for c, text in zip(named, headers, strict=True)]
    cells += _placed(body, placed, way)
    titles = lines[:first][::-1]
    return Pages((CellGrid(tuple(cells)),), (*titles, "".join(lines[:first][-2:])))


def _find_headers(lines: Sequence[str]) -> tuple[int, int] | None:
    """Find the first run of lines that are the headers of a plan."""
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and end - at < _MOST_HEADERS and _heads(lines[end]):
            end += 1
        if end - at >= _FEWEST_HEADERS and _columns_of(lines[at:end]):
            return at, end
        at = max(end, at + 1)
    return None


def _heads(line: str) -> bool:
    """Whether a line may head a column, and is not the last of the plan's title."""
    return header_of(line) is not None and not _TITLE_ENDS.search(line)


def _columns_of(headers: Sequence[str]) -> tuple[PlanColumn, ...]:
    sorts = {header.sort for text in headers if (header := header_of(text))}
    if not sorts >= {Sort.TEXT, Sort.UNITS}:
        return ()
    grid = CellGrid(tuple(PlanCell(text, 0, c) for c, text in enumerate(headers)))
    layout = find_header(grid, 0)
    return layout.columns if layout else ()


def _ways_to_number(
    columns: Sequence[PlanColumn], lines: Sequence[str]
) -> Iterator[Sequence[PlanColumn]]:
    """Yield the columns, with one for numbers put in wherever that could stand.

    A number often stands in a cell of its own under no header.
    """
    numbers = sum(map(is_number, lines))
    if numbers < _FEWEST_NUMBERS or ColumnRole.NUMBER in {c.part for c in columns}:
        yield columns
        return
    for place in range(len(columns) + 1):
        yield (*columns[:place], _NUMBERS, *columns[place:])


def _own_lines(lines: Sequence[str], headers: Sequence[str]) -> Iterator[str]:
    """Yield the table's lines, repeated headers left out, up to the page around."""
    at = 0
    while at < len(lines):
        if list(lines[at : at + len(headers)]) == list(headers):
            at += len(headers)
            continue
        if _FURNITURE.match(lines[at]):
            return
        yield lines[at]
        at += 1


# ── the likeliest way ────────────────────────────────────────────────────────────


def _placed(
    lines: Sequence[str], columns: Sequence[PlanColumn], way: Sequence[_AlignmentStep]
) -> Iterator[PlanCell]:
    row = 0
    last: PlanCell | None = None
    before = len(columns)
    for text, step in zip(lines, way, strict=True):
        place = -1 if step.column is None else step.column
        if step.joined and last:
            last = PlanCell(f"{last.text}\n{text}", last.row, last.column)
            before = place
            continue
        if last:
            yield last
        if place <= before or before < 0:
            row += 1
        wide = len(columns) if step.column is None else 1
        last = PlanCell(text, row, max(place, 0), 1, wide)
        before = len(columns) if step.column is None else place
    if last:
        yield last


def _way(lines: Sequence[str], columns: Sequence[PlanColumn]) -> list[_AlignmentStep]:
    steps: list[_AlignmentStep] = []
    strict = _strict(lines, columns)
    for previous, text in zip(("", *lines), lines, strict=False):
        broken = _BROKEN_OFF.search(previous) is not None
        # Of equals the rightmost: merged cells are mostly on the left.
        looks = [
            _look(text, column.part, strict) + place / 1000
            for place, column in enumerate(columns)
        ]
        here = [
            _best(steps, place, look, columns, joins=_joins(text, broken=broken))
            for place, look in enumerate(looks)
        ]
        if is_heading(text) or is_aside(text):
            here.append(_heading(steps, columns))
        steps = here
    best = max(steps, key=lambda step: step.score - _ended(columns, step.column))
    way = [best]
    while way[-1].before:
        way.append(way[-1].before)
    return way[::-1]


def _strict(
    lines: Sequence[str], columns: Sequence[PlanColumn]
) -> Mapping[ColumnRole, re.Pattern[str]]:
    """Return how the cells of some columns are numbered, if they are.

    Headings are where the table has columns for both, and such lines; items where
    their numbers stand before the texts.
    """
    parts = {column.part for column in columns}
    items = sum(ITEM.match(line) is not None for line in lines)
    own = items >= _FEWEST_NUMBERS and ColumnRole.NUMBER not in parts
    found = {ColumnRole.MEASURE: ITEM} if own else {}
    levels = {ColumnRole.REQUIREMENT: LEVEL_1, ColumnRole.POINT: LEVEL_2}
    if parts >= levels.keys():
        found |= {p: one for p, one in levels.items() if any(map(one.match, lines))}
    return found


def _look(
    text: str, part: ColumnRole, strict: Mapping[ColumnRole, re.Pattern[str]]
) -> float:
    level = strict.get(part)
    plain = level is not None and not level.match(text)
    return likeness(text, part) - (_UNNUMBERED if plain else 0)


def _score(step: _AlignmentStep) -> float:
    return step.score


def _best(
    steps: Sequence[_AlignmentStep],
    place: int,
    look: float,
    columns: Sequence[PlanColumn],
    *,
    joins: float | None,
) -> _AlignmentStep:
    """Find the best way to a line in column ``place``.

    ``joins`` is what it costs to go on with the cell above; None if that cannot be.
    """
    if not steps:
        return _AlignmentStep(
            look - _skipped(columns, 0, place), place, joined=False, before=None
        )
    ways = [
        _AlignmentStep(
            step.score + look - _cost(columns, step.column, place),
            place,
            joined=False,
            before=step,
        )
        for step in steps
    ]
    ways += [
        _AlignmentStep(step.score + look / 2 - joins, place, joined=True, before=step)
        for step in steps
        if joins is not None
        and step.column == place
        and columns[place].part is not ColumnRole.NUMBER
    ]
    return max(ways, key=_score)


def _joins(text: str, *, broken: bool) -> float | None:
    if is_number(text) or is_heading(text) or is_aside(text):
        return None
    return _GO_ON_BROKEN if broken else _GO_ON


def _heading(
    steps: Sequence[_AlignmentStep], columns: Sequence[PlanColumn]
) -> _AlignmentStep:
    # A column of headings would be likelier still.
    look = 3 if any(c.part is ColumnRole.REQUIREMENT for c in columns) else 4
    if not steps:
        return _AlignmentStep(look, None, joined=False, before=None)
    ways = (
        _AlignmentStep(
            s.score + look - _ended(columns, s.column), None, joined=False, before=s
        )
        for s in steps
    )
    return max(ways, key=_score)


def _cost(columns: Sequence[PlanColumn], before: int | None, place: int) -> float:
    """Say what the empty cells between two lines cost."""
    if before is not None and place > before:
        return _skipped(columns, before + 1, place)
    return _ended(columns, before) + _skipped(columns, 0, place)


def _ended(columns: Sequence[PlanColumn], before: int | None) -> float:
    return 0 if before is None else _skipped(columns, before + 1, len(columns))


def _skipped(columns: Sequence[PlanColumn], first: int, after: int) -> float:
    return sum(_GAP.get(column.part, _GAP_TEXT) for column in columns[first:after])
