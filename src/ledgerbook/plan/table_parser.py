"""The tables of a file → the one table of its plan, header off, pages joined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from ledgerbook.errors import InputError
from ledgerbook.plan.cell_classifier import is_heading, likeness
from ledgerbook.plan.grid import (
    CellGrid,
    ColumnRole,
    Inference,
    Pages,
    PlanCell,
    PlanColumn,
    PlanSource,
)
from ledgerbook.plan.header_detection import (
    SOUGHT,
    HeaderLayout,
    Sort,
    find_header,
    guess_columns,
    has_strange_head,
    header_of,
    is_person,
)
from ledgerbook.text import squash

_MOST_TOLD = 4
_TITLE_ROWS = 5
# Characters that only headers in traditional script have.
_TRADITIONAL = re.compile("[責負單務時項點實員]")


@dataclass(frozen=True, slots=True)
class _Segment:
    """The rows of a table below one header; ``above`` are the texts over it."""

    layout: HeaderLayout
    grid: CellGrid
    first: int
    after: int
    above: tuple[str, ...] = ()
    headers: int = 0


def assemble(pages: Pages, units_column: str = "") -> PlanSource:
    """Find the plan among the tables. Raises InputError when none is one."""
    segments = tuple(_segments(pages.tables, units_column))
    if not segments:
        if _is_traditional(pages.tables):
            raise no_plan(pages.tables)
        segments = tuple(_guessed(pages.tables))
    if not segments:
        raise no_plan(pages.tables)
    if units_column and not any(
        _is_units_column(column, units_column)
        for segment in segments
        for column in segment.layout.columns
    ):
        raise _no_such_column(units_column, segments[0].layout)
    columns = _united(segments)
    above = tuple(text for segment in segments for text in segment.above)
    return PlanSource(
        titles=(*pages.titles, *above, *(["".join(above)] if len(above) > 1 else [])),
        columns=columns,
        grid=_joined(segments, columns),
        doubts=tuple(_doubts(segments[0].layout, units_column)),
        pages=tuple(_bases(segments)),
        headers=sum(segment.headers for segment in segments),
        above=above,
        others=sum(
            not any(segment.grid is table for segment in segments)
            for table in pages.tables
        ),
    )


def has_plan(pages: Pages, units_column: str = "", *, guess: bool = True) -> bool:
    """Whether one of the tables is a plan's."""
    found = next(_segments(pages.tables, units_column), None)
    return bool(found) or (guess and next(_guessed(pages.tables), None) is not None)


def no_plan(tables: Sequence[CellGrid], pictures: int = 0) -> InputError:
    """Say what was looked for, and what was there instead."""
    if _is_traditional(tables):
        return InputError(
            "方案是繁体字的，表头认不出来。请先转换成简体"
            "（Word、WPS 的“审阅”菜单里有“繁转简”），另存后重试。"
        )
    heads = [
        "、".join(" ".join(cell.text.split())[:12] for cell in row[:8])
        for table in tables
        if (row := _first_row(table))
    ]
    told = "”“".join(heads[:_MOST_TOLD])
    seen = (
        f"文件里有 {len(heads)} 张表，第一行写的是“{told}”，都不是。"
        if heads
        else "文件里一张表也没有。"
    )
    scanned = (
        f"文件里有 {pictures} 张图片，图片里的文字读不到；"
        "方案如果是扫描件，要先识别成文字。"
        if pictures
        else ""
    )
    return InputError(
        f"没有找到分工方案：要找的是一张表，{SOUGHT}。{seen}{scanned}"
        "请核对是不是选错了文件，或表格有没有复制完整。"
    )


def _is_traditional(tables: Sequence[CellGrid]) -> bool:
    """Whether it is the script that keeps a header from being known."""
    heads = (cell.text for table in tables for cell in _first_row(table))
    return any(map(_TRADITIONAL.search, heads))


def _first_row(table: CellGrid) -> Sequence[PlanCell]:
    """Return the row that looks like the header: the first of several cells."""
    rows = [
        row for n in range(min(table.height, _TITLE_ROWS)) if (row := table.begun(n))
    ]
    return next((row for row in rows if len(row) > 1), rows[0] if rows else ())


def _is_units_column(column: PlanColumn, name: str) -> bool:
    plain = squash(column.header)
    wanted = squash(name)
    return column.part is ColumnRole.UNITS and (
        wanted == plain or wanted in plain.replace("）", "（").split("（")
    )


def _no_such_column(name: str, layout: HeaderLayout) -> InputError:
    names = "、".join(column.header for column in layout.columns if column.header)
    return InputError(
        f"方案的表格里没有“{name}”这一栏。现有的栏目：{names}。"
        "请在 --units-column 后面照原样写其中一个。"
    )


# ── cutting tables at their headers ──────────────────────────────────────────────


def _segments(tables: Sequence[CellGrid], units_column: str) -> Iterator[_Segment]:
    """Cut tables at their headers, which pages repeat.

    A table without a header continues the plan when it is as wide; else it is
    another table.
    """
    known: HeaderLayout | None = None
    for table in tables:
        own = list(_headers(table, known, units_column))
        if not own:
            if known and _continues(table, known):
                yield _Segment(known, table, 0, table.height)
            continue
        top = own[0].first
        goes_on = known is not None and _goes_on(table, top)
        if goes_on:
            yield _Segment(own[0], table, 0, top)
        ends = [*(layout.first for layout in own[1:]), table.height]
        for layout, end in zip(own, ends, strict=True):
            first = layout.first == top and not goes_on
            above = _texts_above(table, top) if first else ()
            rows = range(layout.first, layout.body)
            headers = sum(len(table.begun(row)) for row in rows)
            yield _Segment(layout, table, layout.body, end, above, headers)
            known = layout


def _headers(
    table: CellGrid, known: HeaderLayout | None, units_column: str
) -> Iterator[HeaderLayout]:
    """Find the headers of a table: its own, and those that pages repeat in it."""
    row = 0
    while row < table.height:
        layout = find_header(table, row, units_column)
        if layout and (known is None or _is_header_only(table, layout, known)):
            yield layout
            known = layout
            row = layout.body
        else:
            row += 1


def _is_header_only(table: CellGrid, layout: HeaderLayout, known: HeaderLayout) -> bool:
    return all(
        squash(cell.text) in known.texts or header_of(cell.text)
        for row in range(layout.first, layout.body)
        for cell in table.begun(row)
    )


def _continues(table: CellGrid, known: HeaderLayout) -> bool:
    return table.width == known.width and not has_strange_head(table)


def _goes_on(table: CellGrid, top: int) -> bool:
    """Whether what stands over a later header is of the plan, and no title."""
    rows = [table.begun(row) for row in range(top)]
    return any(len(row) > 1 or is_heading(row[0].text) for row in rows if row)


def _guessed(tables: Sequence[CellGrid]) -> Iterator[_Segment]:
    known: HeaderLayout | None = None
    for table in tables:
        if known is None:
            known = guess_columns(table)
            if known:
                yield _Segment(known, table, 0, table.height)
        elif table.width == known.width:
            yield _Segment(known, table, 0, table.height)


def _texts_above(grid: CellGrid, row: int) -> tuple[str, ...]:
    return tuple(cell.text for r in range(row) for cell in grid.begun(r))


# ── one grid of all pages ────────────────────────────────────────────────────────


def _united(segments: Sequence[_Segment]) -> tuple[PlanColumn, ...]:
    """List the columns of all segments, each once, as the first of them has them."""
    columns: list[PlanColumn] = []
    for segment in segments:
        own = _distinct(segment.layout.columns)
        columns += [column for column in own if _place(column, columns) is None]
    return tuple(columns)


def _distinct(columns: Sequence[PlanColumn]) -> list[PlanColumn]:
    """Tell apart the columns of one table that are called the same."""
    told: list[PlanColumn] = []
    for column in columns:
        same = sum(_same(column, other) for other in columns[: len(told)])
        header = f"{column.header}（{same + 1}）" if same else column.header
        told.append(replace(column, header=header))
    return told


def _same(one: PlanColumn, other: PlanColumn) -> bool:
    many = one.part in (ColumnRole.NOTE, ColumnRole.UNITS)
    return one.part is other.part and (not many or one.header == other.header)


def _place(column: PlanColumn, columns: Sequence[PlanColumn]) -> int | None:
    return next((i for i, known in enumerate(columns) if _same(column, known)), None)


def _bases(segments: Sequence[_Segment]) -> Iterator[int]:
    base = 0
    for segment in segments:
        yield base
        base += segment.after - segment.first


def _joined(segments: Sequence[_Segment], columns: Sequence[PlanColumn]) -> CellGrid:
    """Put the segments under each other, one column a part.

    A merge ends with its segment; the blank cell that a page break leaves at the top
    of the next is left out, so that what stands above goes on.
    """
    cells: list[PlanCell] = []
    for segment, base in zip(segments, _bases(segments), strict=True):
        rows = range(segment.first, segment.after)
        grid = realigned(segment.grid, segment.layout, rows)
        own = _distinct(segment.layout.columns)
        in_order = [_place(column, columns) for column in own]
        same = in_order == list(range(len(columns)))
        for place, at in enumerate(in_order):
            runs = _runs(segment, grid, place)
            if base and runs and not runs[0].filled:
                runs = runs[1:]
            for cell in runs:
                whole = cell.columns == len(own)
                wide = len(columns) if whole else cell.columns if same else 1
                column = 0 if whole or at is None else at
                cells.append(
                    replace(cell, row=base + cell.row, column=column, columns=wide)
                )
    return CellGrid(tuple(cells))


def _runs(segment: _Segment, grid: CellGrid, place: int) -> list[PlanCell]:
    """Return the cells of one column, rows counted from the segment's first.

    Where a header stands over several columns (a number of its own), their texts are
    joined; a cell that reaches over several columns begins in the first.
    """
    ranges = segment.layout.ranges
    start, end = ranges[place].first, ranges[place].after
    runs: list[PlanCell] = []
    last: tuple[PlanCell, ...] = ()
    for row in range(segment.first, segment.after):
        here = (grid.at(row, column) for column in range(start, end))
        group = tuple(dict.fromkeys(c for c in here if c and c.column >= start))
        if group and group == last:
            runs[-1] = replace(runs[-1], rows=runs[-1].rows + 1)
        elif group:
            reach = max(cell.column + cell.columns for cell in group)
            wide = sum(start <= one.first < reach for one in ranges)
            runs.append(
                PlanCell(
                    "".join(cell.text for cell in group),
                    row - segment.first,
                    place,
                    columns=max(wide, 1),
                    made_of=sum(cell.filled for cell in group),
                )
            )
        last = group
    return runs


def _doubts(layout: HeaderLayout, units_column: str) -> Iterator[Inference]:
    """Say what was decided about the columns, where it could be otherwise."""
    if layout.guessed:
        told = "，".join(
            f"第{n}栏是“{column.part}”" for n, column in enumerate(layout.columns, 1)
        )
        yield Inference(
            rows=(),
            part=ColumnRole.MEASURE,
            found="没有表头",
            reason=f"方案的表格没有表头，各栏是按内容判断的：{told}。",
            advice="请对照原文件核对；不对时请在表格上面补一行表头，再重新建台账。",
        )
    units = [c.header for c in layout.columns if c.part is ColumnRole.UNITS]
    spare = [
        c.header for c in layout.columns if c.part is ColumnRole.NOTE and _names(c)
    ]
    if spare and not units_column:
        yield Inference(
            rows=(),
            part=ColumnRole.UNITS,
            found="、".join((*units, *spare)),
            reason=f"方案有几栏单位，以“{'”“'.join(units)}”为责任单位，"
            f"“{'”“'.join(spare)}”记在备注里。",
            advice="不对时请用 --units-column 写明以哪一栏为准，再重新建台账。",
        )
    persons = [name for name in units if is_person(name)]
    if persons and not units_column:
        yield Inference(
            rows=(),
            part=ColumnRole.UNITS,
            found="、".join(persons),
            reason=f"方案没有责任单位一栏，取了“{persons[0]}”一栏。",
            advice="请核对；不对时在“任务”表中改正“责任单位”。",
        )


def _names(column: PlanColumn) -> bool:
    header = header_of(column.header)
    return header is not None and header.sort is Sort.UNITS


# Rows with fewer cells than the table has columns, put right by what they read as.

_MOST_PLACES = 14
_FEWEST_PUSHED = 2
# How much likelier the cells of a row must be elsewhere before they are moved.
_FAR_BETTER = 4.0


def realigned(grid: CellGrid, layout: HeaderLayout, rows: range) -> CellGrid:
    """Put the cells of short rows where they belong, told by what they read as.

    A saved page or a pasted text leaves out the cells that were merged with those
    above.
    """
    width = len(layout.ranges)
    if width > _MOST_PLACES or any(r.after - r.first > 1 for r in layout.ranges):
        return grid
    moved: dict[PlanCell, PlanCell | None] = {}
    for row in rows:
        moved |= _moved(grid, layout, row)
    if not moved:
        return grid
    now = (moved.get(cell, cell) for cell in grid.cells)
    return CellGrid(tuple(cell for cell in now if cell))


def _moved(
    grid: CellGrid, layout: HeaderLayout, row: int
) -> dict[PlanCell, PlanCell | None]:
    """Return what the cells of a row become; a blank that is in the way, nothing."""
    cells = [cell for cell in grid.across(row) if cell.row == row]
    reached = len(grid.across(row)) > len(cells)
    if reached or any(cell.columns > 1 for cell in cells):
        return {}
    if pushed := _pushed_left(cells, layout):
        blanks = (cell for cell in cells if not cell.filled)
        return {**dict.fromkeys(blanks), **_put(pushed, layout)}
    width = len(layout.ranges)
    if not 0 < len(cells) < width or grid.at(row, layout.width - 1):
        return {}
    if len(cells) == 1:
        return {cells[0]: replace(cells[0], columns=width)}
    places = align([cell.text for cell in cells], layout.columns)
    return _put(zip(cells, places, strict=True), layout)


def _put(
    pairs: Iterable[tuple[PlanCell, int]], layout: HeaderLayout
) -> dict[PlanCell, PlanCell | None]:
    """Put each cell into the column that it belongs in."""
    return {
        cell: replace(cell, column=layout.ranges[place].first) for cell, place in pairs
    }


def _pushed_left(
    cells: Sequence[PlanCell], layout: HeaderLayout
) -> Sequence[tuple[PlanCell, int]] | None:
    """Return the cells of a row that fit far better some places further right.

    A pasted row may be filled up with blanks at its end where a cell that was merged
    with the one above is left out at its beginning.
    """
    own = [cell for cell in cells if cell.filled]
    leftmost = [cell.column for cell in own] == list(range(len(own)))
    if not leftmost or not _FEWEST_PUSHED <= len(own) < len(layout.ranges):
        return None
    texts, columns = [cell.text for cell in own], layout.columns
    if len(cells) < len(columns) or [r.first for r in layout.ranges] != list(
        range(len(columns))
    ):
        return None
    places = align(texts, columns)
    gain = _likely(texts, places, columns) - _likely(texts, range(len(own)), columns)
    return list(zip(own, places, strict=True)) if gain > _FAR_BETTER else None


def _likely(
    texts: Sequence[str], places: Iterable[int], columns: Sequence[PlanColumn]
) -> float:
    pairs = zip(texts, places, strict=True)
    return sum(likeness(text, columns[place].part) for text, place in pairs)


def align(texts: Sequence[str], columns: Sequence[PlanColumn]) -> tuple[int, ...]:
    """Return the columns that ``texts``, in their order, most likely stand in."""

    def fit(places: tuple[int, ...]) -> float:
        pairs = zip(texts, places, strict=True)
        # Of equals the rightmost: merged cells are mostly on the left.
        return sum(likeness(t, columns[p].part) + p / 1000 for t, p in pairs)

    return max(combinations(range(len(columns)), len(texts)), key=fit)
