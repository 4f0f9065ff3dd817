"""Where a table's header is, and which columns it names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from ledgerbook.plan.columns import (
    Header,
    Rank,
    Sort,
    header_of,
    is_bare_office,
    is_person,
)
from ledgerbook.plan.content import is_limit, is_number, is_units, likeness, share
from ledgerbook.plan.grid import Cell, Column, Grid, Part
from ledgerbook.plan.tails import has_tail
from ledgerbook.text import squash

_MOST_ROWS = 3
_WIDEST_FIT = 14
_SMALLEST = 2
# What a second row of headers may say under the first.
_SUB = re.compile(
    r"牵头.*|配合.*|主办.*|协办.*|责任.*|落实.*|[第]?[一二三四1-4]季度|[上下]半年|\d{1,2}月"
    r"|开始.*|结束.*|完成.*|启动.*|单位|科室|部门|处室|一级|二级|三级|姓名|电话|时间"
)
_MOST_OF = 0.6
_LONG_TEXT = 8
_LEAST_TEXT = 5


@dataclass(frozen=True, slots=True)
class Range:
    """One column of a plan: the table's columns from ``first`` to before ``after``."""

    column: Column
    first: int
    after: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What the columns of a table are. Its rows begin at ``body``, below the header.

    ``guessed`` says that there is no header; ``texts`` are those of the header row.
    """

    ranges: tuple[Range, ...]
    first: int
    body: int
    width: int
    texts: tuple[str, ...] = ()
    guessed: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(one.column for one in self.ranges)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """The texts of a header over one range of columns, the topmost first."""

    texts: tuple[str, ...]
    first: int
    after: int

    @property
    def header(self) -> Header | None:
        if not self.texts:
            return None
        *above, last = self.texts
        return (
            header_of(last, above[-1] if above else "")
            or (header_of("".join(self.texts)) if above else None)
            or (header_of(above[-1]) if above else None)
        )

    @property
    def name(self) -> str:
        texts = [squash(text) for text in self.texts]
        return texts[0] + "".join(f"（{text}）" for text in texts[1:]) if texts else ""


def find_header(grid: Grid, row: int, units_column: str = "") -> Layout | None:
    """Read ``row`` as the header of a plan's table; None if it is not one."""
    if not _may_be_header(grid, row):
        return None
    height = _height(grid, row)
    leaves = _leaves(grid, row, height)
    named = [(leaf, header) for leaf in leaves if (header := leaf.header)]
    if len(named) * 2 < sum(bool(leaf.texts) for leaf in leaves):
        return None
    below = row + height
    leaves = _fitted(grid, leaves, below)
    sorted_ = [(leaf, _sort(grid, leaf, below)) for leaf in leaves]
    if not _is_a_plan(grid, sorted_, below, units_column):
        return None
    columns = _columns(sorted_, units_column)
    return Layout(
        tuple(
            Range(column, leaf.first, leaf.after)
            for column, (leaf, _) in zip(columns, sorted_, strict=True)
        ),
        row,
        below,
        grid.width,
        tuple(squash(t) for leaf in leaves for t in leaf.texts),
    )


def _may_be_header(grid: Grid, row: int) -> bool:
    cells = grid.begun(row)
    return len(cells) > 1 and sum(bool(header_of(c.text)) for c in cells) > 1


def _height(grid: Grid, row: int) -> int:
    """Return how many rows the header takes: merged over them, or with parts below."""
    cells = [cell for cell in grid.begun(row) if header_of(cell.text)]
    merged = min(max(cell.rows for cell in cells), _MOST_ROWS)
    if merged > 1:
        return merged
    below = grid.begun(row + 1)
    parts = [cell for cell in below if _SUB.fullmatch(squash(cell.text))]
    wide = any(cell.columns > 1 for cell in cells) or len(cells) < grid.width
    return 2 if wide and len(parts) > 1 and len(parts) == len(below) else 1


def _leaves(grid: Grid, row: int, height: int) -> list[_Leaf]:
    leaves: list[_Leaf] = []
    last: tuple[Cell, ...] | None = None
    for column in range(grid.width):
        stack = [grid.at(r, column) for r in range(row, row + height)]
        cells = tuple(dict.fromkeys(cell for cell in stack if cell))
        if cells and cells == last:
            leaves[-1] = replace(leaves[-1], after=column + 1)
        else:
            texts = tuple(cell.text for cell in cells if cell.filled)
            leaves.append(_Leaf(texts, column, column + 1))
        last = cells
    return leaves


def _fitted(grid: Grid, leaves: list[_Leaf], body: int) -> list[_Leaf]:
    """Put the headers over the columns they name, where there are too few of them.

    A number often stands in a column of its own that has no header; then all headers
    stand one place too far to the left.
    """
    last = max((leaf.after for leaf in leaves if leaf.texts), default=0)
    own = [leaf for leaf in leaves if leaf.texts]
    lost = range(last, grid.width)
    shifted = (
        bool(lost)
        and all(leaf.after - leaf.first == 1 for leaf in own)
        and len(own) == last
        and grid.width <= _WIDEST_FIT
        and all(grid.at(body - 1, column) is None for column in lost)
    )
    if not shifted:
        return leaves
    texts = [_texts(grid, column, column + 1, body) for column in range(grid.width)]

    def fit(places: tuple[int, ...]) -> float:
        named = zip(own, places, strict=True)
        score = sum(_fit(texts[place], leaf.header) for leaf, place in named)
        spare = [texts[c] for c in range(grid.width) if c not in places]
        return score + sum(share(text, Part.NUMBER) for text in spare)

    best = max(combinations(range(grid.width), len(own)), key=fit)
    named = {
        p: replace(leaf, first=p, after=p + 1)
        for p, leaf in zip(best, own, strict=True)
    }
    return [named.get(c, _Leaf((), c, c + 1)) for c in range(grid.width)]


_LOOKS = {
    Sort.NUMBER: Part.NUMBER,
    Sort.UNITS: Part.UNITS,
    Sort.LIMIT: Part.LIMIT,
    Sort.TEXT: Part.MEASURE,
}


def _fit(texts: Sequence[str], header: Header | None) -> float:
    part = _LOOKS.get(header.sort) if header else None
    filled = [text for text in texts if text.strip()]
    if part is None or not filled:
        return 0
    return sum(likeness(text, part) for text in filled) / len(filled)


def _sort(grid: Grid, leaf: _Leaf, body: int) -> Header:
    """Return a leaf's meaning, by its content where its header says nothing."""
    if header := leaf.header:
        return header
    texts = _texts(grid, leaf.first, leaf.after, body)
    if not leaf.texts and share(texts, Part.NUMBER) > _MOST_OF:
        return Header(Sort.NUMBER)
    return Header(Sort.NOTE)


def _texts(grid: Grid, first: int, after: int, body: int) -> list[str]:
    cells = {
        cell: None
        for row in range(body, grid.height)
        for column in range(first, after)
        if (cell := grid.at(row, column)) and cell.column >= first
    }
    return [c.text for c in cells if c.filled and c.column + c.columns <= after]


# ── what makes a plan ────────────────────────────────────────────────────────────

_Sorted = Sequence[tuple[_Leaf, Header]]


def _is_a_plan(grid: Grid, leaves: _Sorted, body: int, units_column: str) -> bool:
    """Whether a table says what is to be done, and by whom.

    The latter may stand in a column, or at the end of the texts.
    """
    texts, offices = _of(Sort.TEXT, leaves), _of(Sort.UNITS, leaves)
    if not texts or _is_of_a_meeting(leaves):
        return False
    if _has_column_of_units(leaves, units_column):
        return True
    sorts = {header.sort for _, header in leaves}
    if offices:
        return Sort.LIMIT in sorts or any("任务" in leaf.name for leaf in texts)
    if any(is_person(leaf.name) for leaf, _ in leaves):
        return bool(sorts & {Sort.LIMIT, Sort.NUMBER})
    return _ends_with_units(grid, texts, body)


def _of(sort: Sort, leaves: _Sorted) -> list[_Leaf]:
    return [leaf for leaf, header in leaves if header.sort is sort]


def _is_of_a_meeting(leaves: _Sorted) -> bool:
    """Whether all offices only take part (参加单位): no plan has that."""
    roles = {header.role for _, header in leaves if header.sort is Sort.UNITS}
    return roles == {"配合"}


def _has_column_of_units(leaves: _Sorted, units_column: str) -> bool:
    """Whether a column is surely of who is responsible, by its name or as asked."""
    if any(not is_bare_office(leaf.name) for leaf in _of(Sort.UNITS, leaves)):
        return True
    asked = bool(units_column)
    return asked and any(_is_called(leaf, units_column) for leaf, _ in leaves)


def _ends_with_units(grid: Grid, texts: Sequence[_Leaf], body: int) -> bool:
    """Whether the texts themselves say at their end who is responsible."""
    wide = (c for c in grid.cells if c.row >= body and c.columns > 1)
    if any(has_tail(cell.text, said=True) for cell in wide):
        return True
    cells = [t for leaf in texts for t in _texts(grid, leaf.first, leaf.after, body)]
    return bool(cells) and sum(map(has_tail, cells)) * 2 >= len(cells)


def _is_called(leaf: _Leaf, name: str) -> bool:
    wanted = squash(name)
    return wanted in {squash(leaf.name), *(squash(text) for text in leaf.texts)}


def _columns(leaves: _Sorted, units_column: str) -> list[Column]:
    units = _counted_units(leaves, units_column)
    texts = _text_parts(leaves)
    several = len(units) > 1
    columns: list[Column] = []
    numbered = False
    for place, (leaf, header) in enumerate(leaves):
        part = texts.get(place, Part.NOTE)
        role = ""
        if place in units:
            part = Part.UNITS
            role = header.role or ("落实" if several else "")
        elif header.sort is Sort.LIMIT and Part.LIMIT not in {c.part for c in columns}:
            part = Part.LIMIT
        elif header.sort is Sort.NUMBER and not numbered:
            part, numbered = Part.NUMBER, True
        columns.append(Column(part, leaf.name, role))
    return columns


def _counted_units(leaves: _Sorted, wanted: str) -> set[int]:
    """Choose the columns that say who is responsible in this agency."""
    if wanted:
        named = {i for i, (leaf, _) in enumerate(leaves) if _is_called(leaf, wanted)}
        if named:
            return named
    found = {i: h for i, (_, h) in enumerate(leaves) if h.sort is Sort.UNITS}
    inner = {i for i, header in found.items() if not header.upper}
    people = [i for i, (leaf, _) in enumerate(leaves) if is_person(leaf.name)]
    return inner or set(found) or set(people[-1:])


def _text_parts(leaves: _Sorted) -> dict[int, Part]:
    """Share the three texts of a task out among the columns, the finest last."""
    texts = [i for i, (_, header) in enumerate(leaves) if header.sort is Sort.TEXT]
    kept = [i for i in texts if leaves[i][1].rank is not Rank.ASIDE] or texts
    detailed = any(leaves[i][1].rank is Rank.DETAIL for i in kept)

    def breadth(place: int) -> tuple[int, bool, int]:
        leaf, header = leaves[place]
        # 工作要求 over 工作要点 is the broader, wherever it stands.
        late = not (detailed and leaf.name == "工作要求")
        return header.rank.value, late, place

    ordered = sorted(kept, key=breadth)
    if len(ordered) > len(_TEXTS):
        ordered = [*ordered[:2], ordered[-1]]
    return dict(zip(ordered, _TEXTS[-len(ordered) :], strict=True))


_TEXTS = (Part.REQUIREMENT, Part.POINT, Part.MEASURE)


# ── no header at all ─────────────────────────────────────────────────────────────


def guess_columns(grid: Grid) -> Layout | None:
    """Tell the columns of a table without a header by what its cells read as."""
    if (
        min(grid.height, grid.width) < _SMALLEST
        or grid.width > _WIDEST_FIT
        or has_strange_head(grid)
    ):
        return None
    texts = [_texts(grid, column, column + 1, 0) for column in range(grid.width)]
    parts: list[Part] = [_look(cells) for cells in texts]
    if Part.UNITS not in parts or Part.MEASURE not in parts:
        return None
    prose = [i for i, part in enumerate(parts) if part is Part.MEASURE]
    for place, part in zip(prose[-3:], _TEXTS[-len(prose[-3:]) :], strict=True):
        parts[place] = part
    for place in prose[:-3]:
        parts[place] = Part.NOTE
    for once in (Part.NUMBER, Part.LIMIT):
        for place in [i for i, part in enumerate(parts) if part is once][1:]:
            parts[place] = Part.NOTE
    # What is kept as a note is told by where it stood.
    columns = (
        Column(part, f"第{i}栏" if part is Part.NOTE else "")
        for i, part in enumerate(parts, 1)
    )
    ranges = (Range(column, i, i + 1) for i, column in enumerate(columns))
    return Layout(tuple(ranges), 0, 0, grid.width, guessed=True)


def _look(texts: Sequence[str]) -> Part:
    if not texts:
        return Part.NOTE
    for part in (Part.NUMBER, Part.UNITS, Part.LIMIT):
        if share(texts, part) > _MOST_OF:
            return part
    average = sum(len(squash(text)) for text in texts) / len(texts)
    return Part.MEASURE if average >= _LEAST_TEXT else Part.NOTE


def has_strange_head(grid: Grid) -> bool:
    """Whether the first row looks like the header of a table of something else."""
    cells = grid.begun(0)
    if len(cells) < grid.width:
        return False
    return all(
        len(squash(c.text)) <= _LONG_TEXT
        and (header_of(c.text) or not _is_content(c.text))
        for c in cells
    )


def _is_content(text: str) -> bool:
    """Whether ``text`` is what a plan says, and heads no column."""
    sentence = text.rstrip().endswith(("。", "；"))
    return sentence or is_number(text) or is_units(text) or is_limit(text)
