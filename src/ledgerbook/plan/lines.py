"""Read a table pasted with one cell a line, with or without `|` between.

Nothing says where a row ends, and empty cells leave no line. What the lines read as
tells their columns: the likeliest way through them all is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ledgerbook.plan.columns import Sort, header_of
from ledgerbook.plan.content import ITEM, is_aside, is_heading, is_number, likeness
from ledgerbook.plan.grid import Cell, Column, Grid, Pages, Part
from ledgerbook.plan.header import find_header
from ledgerbook.plan.numerals import LEVEL_1, LEVEL_2

_MOST_LINES = 5000
_MOST_HEADERS = 14
_FEWEST_HEADERS = 2
_FEWEST_NUMBERS = 3
_NUMBERS = Column(Part.NUMBER)
# What leaving a cell out costs, by its column; and what going on with one does.
_GAP = {Part.NUMBER: 2.5, Part.NOTE: 0.3, Part.LIMIT: 0.8, Part.UNITS: 2.0}
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
class _Step:
    """The best way to a line in ``column``; None is a heading over the whole row."""

    score: float
    column: int | None
    joined: bool
    before: _Step | None


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
    cells = [Cell(text, 0, c) for c, text in zip(named, headers, strict=True)]
    cells += _placed(body, placed, way)
    titles = lines[:first][::-1]
    return Pages((Grid(tuple(cells)),), (*titles, "".join(lines[:first][-2:])))


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


def _columns_of(headers: Sequence[str]) -> tuple[Column, ...]:
    sorts = {header.sort for text in headers if (header := header_of(text))}
    if not sorts >= {Sort.TEXT, Sort.UNITS}:
        return ()
    grid = Grid(tuple(Cell(text, 0, c) for c, text in enumerate(headers)))
    layout = find_header(grid, 0)
    return layout.columns if layout else ()


def _ways_to_number(
    columns: Sequence[Column], lines: Sequence[str]
) -> Iterator[Sequence[Column]]:
    """Yield the columns, with one for numbers put in wherever that could stand.

    A number often stands in a cell of its own under no header.
    """
    numbers = sum(map(is_number, lines))
    if numbers < _FEWEST_NUMBERS or Part.NUMBER in {c.part for c in columns}:
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
    lines: Sequence[str], columns: Sequence[Column], way: Sequence[_Step]
) -> Iterator[Cell]:
    row = 0
    last: Cell | None = None
    before = len(columns)
    for text, step in zip(lines, way, strict=True):
        place = -1 if step.column is None else step.column
        if step.joined and last:
            last = Cell(f"{last.text}\n{text}", last.row, last.column)
            before = place
            continue
        if last:
            yield last
        if place <= before or before < 0:
            row += 1
        wide = len(columns) if step.column is None else 1
        last = Cell(text, row, max(place, 0), 1, wide)
        before = len(columns) if step.column is None else place
    if last:
        yield last


def _way(lines: Sequence[str], columns: Sequence[Column]) -> list[_Step]:
    steps: list[_Step] = []
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
    lines: Sequence[str], columns: Sequence[Column]
) -> Mapping[Part, re.Pattern[str]]:
    """Return how the cells of some columns are numbered, if they are.

    Headings are where the table has columns for both, and such lines; items where
    their numbers stand before the texts.
    """
    parts = {column.part for column in columns}
    items = sum(ITEM.match(line) is not None for line in lines)
    own = items >= _FEWEST_NUMBERS and Part.NUMBER not in parts
    found = {Part.MEASURE: ITEM} if own else {}
    levels = {Part.REQUIREMENT: LEVEL_1, Part.POINT: LEVEL_2}
    if parts >= levels.keys():
        found |= {p: one for p, one in levels.items() if any(map(one.match, lines))}
    return found


def _look(text: str, part: Part, strict: Mapping[Part, re.Pattern[str]]) -> float:
    level = strict.get(part)
    plain = level is not None and not level.match(text)
    return likeness(text, part) - (_UNNUMBERED if plain else 0)


def _score(step: _Step) -> float:
    return step.score


def _best(
    steps: Sequence[_Step],
    place: int,
    look: float,
    columns: Sequence[Column],
    *,
    joins: float | None,
) -> _Step:
    """Find the best way to a line in column ``place``.

    ``joins`` is what it costs to go on with the cell above; None if that cannot be.
    """
    if not steps:
        return _Step(
            look - _skipped(columns, 0, place), place, joined=False, before=None
        )
    ways = [
        _Step(
            step.score + look - _cost(columns, step.column, place),
            place,
            joined=False,
            before=step,
        )
        for step in steps
    ]
    ways += [
        _Step(step.score + look / 2 - joins, place, joined=True, before=step)
        for step in steps
        if joins is not None
        and step.column == place
        and columns[place].part is not Part.NUMBER
    ]
    return max(ways, key=_score)


def _joins(text: str, *, broken: bool) -> float | None:
    if is_number(text) or is_heading(text) or is_aside(text):
        return None
    return _GO_ON_BROKEN if broken else _GO_ON


def _heading(steps: Sequence[_Step], columns: Sequence[Column]) -> _Step:
    # A column of headings would be likelier still.
    look = 3 if any(c.part is Part.REQUIREMENT for c in columns) else 4
    if not steps:
        return _Step(look, None, joined=False, before=None)
    ways = (
        _Step(s.score + look - _ended(columns, s.column), None, joined=False, before=s)
        for s in steps
    )
    return max(ways, key=_score)


def _cost(columns: Sequence[Column], before: int | None, place: int) -> float:
    """Say what the empty cells between two lines cost."""
    if before is not None and place > before:
        return _skipped(columns, before + 1, place)
    return _ended(columns, before) + _skipped(columns, 0, place)


def _ended(columns: Sequence[Column], before: int | None) -> float:
    return 0 if before is None else _skipped(columns, before + 1, len(columns))


def _skipped(columns: Sequence[Column], first: int, after: int) -> float:
    return sum(_GAP.get(column.part, _GAP_TEXT) for column in columns[first:after])
