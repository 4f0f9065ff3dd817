"""Make one PlanTable of the tables of a file.

:func:`assemble_plan_table` finds the tables that are the plan's, removes their headers
(which pages repeat), joins them below each other and puts the cells of short rows into
the right columns. Used for every format that gives tables: documents, workbooks, web
pages and delimited text. A file without a plan ends in the InputError of
:func:`make_no_plan_error`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, groupby

from ledgerbook.errors import InputError, name_option
from ledgerbook.plan.cell_classifier import is_heading, score_fit_to_column
from ledgerbook.plan.grid import (
    NO_HEADER,
    CellGrid,
    ColumnRole,
    Inference,
    PlanCell,
    PlanColumn,
    PlanDocument,
    PlanTable,
    quote_row,
)
from ledgerbook.plan.header_detection import (
    HeaderLayout,
    find_header,
    guess_columns,
    has_foreign_header,
)
from ledgerbook.plan.header_meaning import (
    PLAN_TABLE_DESCRIPTION,
    HeaderKind,
    is_responsible_person,
    parse_header,
)
from ledgerbook.plan.trailing_units import parse_heading_units
from ledgerbook.text import normalize

_MAX_QUOTED_ROWS = 4
_MAX_TITLE_ROWS = 5
# Trying all placements of cells over columns grows exponentially with the columns.
_MAX_ALIGNED_COLUMNS = 14
_MIN_SHIFTED_CELLS = 2
# By how much the score of a row must improve before its cells are moved.
_MIN_SCORE_GAIN = 4.0
# Characters of headers that only traditional script has.
_TRADITIONAL_CHARACTER = re.compile("[責負單務時項點實員]")


@dataclass(frozen=True, slots=True)
class _TableSegment:
    """The rows ``start`` to before ``stop`` of a table, below one header.

    ``texts_above`` are the texts above the first header of the table, often the plan's
    title; ``header_cell_count`` is the number of filled cells in the header.
    """

    layout: HeaderLayout
    grid: CellGrid
    start: int
    stop: int
    texts_above: tuple[str, ...] = ()
    header_cell_count: int = 0


def assemble_plan_table(document: PlanDocument, units_column: str = "") -> PlanTable:
    """Return the plan among the tables of a document.

    ``units_column`` is the header of the column to read as 责任单位. Tables without a
    header are considered only if no table has one. Raises InputError if no table is a
    plan, or none of the plan's columns is called ``units_column``.
    """
    segments = tuple(_split_at_headers(document.tables, units_column))
    if not segments:
        if _is_traditional_script(document.tables):
            raise make_no_plan_error(document.tables)
        segments = tuple(_guess_segments(document.tables))
    if not segments:
        raise make_no_plan_error(document.tables)
    if units_column and not any(
        _is_units_column(column, units_column)
        for segment in segments
        for column in segment.layout.columns
    ):
        raise _make_missing_column_error(units_column, segments[0].layout)
    columns = _merge_columns(segments)
    hidden_cells = _list_hidden_cells(segments)
    texts_above = tuple(text for segment in segments for text in segment.texts_above)
    joined_texts_above = ("".join(texts_above),) if len(texts_above) > 1 else ()
    return PlanTable(
        titles=(*document.titles, *texts_above, *joined_texts_above),
        columns=columns,
        grid=_join_segments(segments, columns),
        inferences=(
            *_list_column_inferences(segments[0].layout, units_column),
            *_infer_hidden_rows(hidden_cells),
        ),
        page_start_rows=tuple(_list_start_rows(segments)),
        header_cell_count=sum(segment.header_cell_count for segment in segments),
        hidden_cell_count=len(hidden_cells),
        texts_above=texts_above,
        other_table_count=sum(
            not any(segment.grid is table for segment in segments) for table in document.tables
        ),
        unread_tables=document.unread_tables,
    )


def has_plan_table(
    document: PlanDocument, units_column: str = "", *, allow_guess: bool = True
) -> bool:
    """Return whether one of the tables is a plan.

    With ``allow_guess`` a table without a header counts too.
    """
    if any(_split_at_headers(document.tables, units_column)):
        return True
    return allow_guess and any(_guess_segments(document.tables))


def make_no_plan_error(tables: Sequence[CellGrid], picture_count: int = 0) -> InputError:
    """Return the error for a file without a plan: what was sought, what is there.

    ``picture_count`` is the number of pictures in the file, one of which may be the plan.
    """
    if _is_traditional_script(tables):
        return InputError(
            "方案是繁体字的，表头认不出来。请先转换成简体"
            "（Word、WPS 的“审阅”菜单里有“繁转简”），另存后重试。",
            code="plan-missing",
        )
    header_rows = [
        quote_row([cell.text for cell in row])
        for table in tables
        if (row := _find_header_like_row(table))
    ]
    quoted_rows = "”“".join(header_rows[:_MAX_QUOTED_ROWS])
    tables_text = (
        f"文件里有 {len(header_rows)} 张表，第一行写的是“{quoted_rows}”，都不是。"
        if header_rows
        else "文件里一张表也没有。"
    )
    pictures_text = (
        f"文件里有 {picture_count} 张图片，图片里的文字读不到；方案如果是扫描件，要先识别成文字。"
        if picture_count
        else ""
    )
    return InputError(
        f"没有找到分工方案：要找的是一张表，{PLAN_TABLE_DESCRIPTION}。{tables_text}{pictures_text}"
        "请核对是不是选错了文件，或表格有没有复制完整。",
        code="plan-missing",
    )


def _is_traditional_script(tables: Sequence[CellGrid]) -> bool:
    """Return whether headers are in traditional script, which parse_header does not know."""
    header_texts = (cell.text for table in tables for cell in _find_header_like_row(table))
    return any(map(_TRADITIONAL_CHARACTER.search, header_texts))


def _find_header_like_row(table: CellGrid) -> Sequence[PlanCell]:
    """Return the filled cells of the first row with several, else of the first row."""
    rows = [
        row
        for index in range(min(table.height, _MAX_TITLE_ROWS))
        if (row := table.list_starting_cells(index))
    ]
    return next((row for row in rows if len(row) > 1), rows[0] if rows else ())


def _is_units_column(column: PlanColumn, name: str) -> bool:
    """Return whether ``name`` is the header of a units column, or one row of that header."""
    header = normalize(column.header)
    normalized_name = normalize(name)
    return column.role is ColumnRole.UNITS and (
        normalized_name == header or normalized_name in header.replace("）", "（").split("（")
    )


def _make_missing_column_error(name: str, layout: HeaderLayout) -> InputError:
    columns = tuple(column.header for column in layout.columns if column.header)
    names = "、".join(columns)
    return InputError(
        f"方案的表格里没有“{name}”这一栏。现有的栏目：{names}。"
        f"请在 {name_option('--units-column', 'units_column=')} 后面照原样写其中一个。",
        code="column-unknown",
        values={"column": name, "columns": columns},
    )


# --- Splitting tables at their headers ---


def _split_at_headers(tables: Sequence[CellGrid], units_column: str) -> Iterator[_TableSegment]:
    """Yield the rows of the plan, split where a header is repeated.

    A table without a header continues the plan if it has as many columns; otherwise it
    is a table of something else and is skipped.
    """
    current_layout: HeaderLayout | None = None
    for table in tables:
        layouts = list(_find_headers(table, current_layout, units_column))
        if not layouts:
            if current_layout and _continues_plan(table, current_layout):
                yield _TableSegment(current_layout, table, 0, table.height)
            continue
        first_header_row = layouts[0].header_row
        plan_row = _find_plan_row_above(table, first_header_row, current_layout)
        if plan_row < first_header_row:
            yield _TableSegment(
                layouts[0], table, plan_row, first_header_row, _list_texts_above(table, plan_row)
            )
        ends = [*(layout.header_row for layout in layouts[1:]), table.height]
        for layout, end in zip(layouts, ends, strict=True):
            is_first = layout.header_row == first_header_row == plan_row
            texts_above = _list_texts_above(table, first_header_row) if is_first else ()
            header_rows = range(layout.header_row, layout.body_row)
            header_cell_count = sum(len(table.list_starting_cells(row)) for row in header_rows)
            yield _TableSegment(layout, table, layout.body_row, end, texts_above, header_cell_count)
            current_layout = layout


def _find_headers(
    table: CellGrid, current_layout: HeaderLayout | None, units_column: str
) -> Iterator[HeaderLayout]:
    """Yield the headers in a table, from the top."""
    row = 0
    layout_above: HeaderLayout | None = None
    while row < table.height:
        layout = find_header(table, row, units_column, layout_above)
        if layout and (current_layout is None or _has_only_headers(table, layout, current_layout)):
            yield layout
            current_layout = layout_above = layout
            row = layout.body_row
        else:
            row += 1


def _has_only_headers(table: CellGrid, layout: HeaderLayout, current_layout: HeaderLayout) -> bool:
    """Return whether all texts of a possible repeated header are headers.

    Otherwise it is a row of the plan that resembles one.
    """
    return all(
        normalize(cell.text) in current_layout.header_texts or parse_header(cell.text)
        for row in range(layout.header_row, layout.body_row)
        for cell in table.list_starting_cells(row)
    )


def _continues_plan(table: CellGrid, current_layout: HeaderLayout) -> bool:
    roles = {column_range.start: column_range.column.role for column_range in current_layout.ranges}
    return table.width == current_layout.width and not has_foreign_header(table, roles, table.width)


def _find_plan_row_above(
    table: CellGrid, header_row: int, current_layout: HeaderLayout | None
) -> int:
    """Return the first row above a header that is of the plan, or the header's own.

    Below an earlier table all rows may be; otherwise only the headings that stand
    directly above the header.
    """
    rows = [table.list_starting_cells(row) for row in range(header_row)]
    headings = [
        len(row) == 1 and bool(is_heading(row[0].text) or parse_heading_units(row[0].text))
        for row in rows
    ]
    if current_layout and (any(headings) or any(len(row) > 1 for row in rows)):
        return 0
    heading_count = next(
        (count for count, flag in enumerate(reversed(headings)) if not flag), header_row
    )
    return header_row - heading_count


def _guess_segments(tables: Sequence[CellGrid]) -> Iterator[_TableSegment]:
    """Yield the first table whose columns can be guessed, and later ones as wide."""
    layout: HeaderLayout | None = None
    for table in tables:
        if layout is None:
            layout = guess_columns(table)
            if layout:
                yield _TableSegment(layout, table, 0, table.height)
        elif table.width == layout.width:
            yield _TableSegment(layout, table, 0, table.height)


def _list_texts_above(grid: CellGrid, row: int) -> tuple[str, ...]:
    return tuple(
        cell.text for upper_row in range(row) for cell in grid.list_starting_cells(upper_row)
    )


# --- Joining the segments into one grid ---


def _merge_columns(segments: Sequence[_TableSegment]) -> tuple[PlanColumn, ...]:
    """Return the columns of all segments without repetition, in order of appearance."""
    columns: list[PlanColumn] = []
    for segment in segments:
        segment_columns = _number_same_headers(segment.layout.columns)
        columns += [
            column for column in segment_columns if _find_matching_column(column, columns) is None
        ]
    return tuple(columns)


def _number_same_headers(columns: Sequence[PlanColumn]) -> list[PlanColumn]:
    """Make equal headers of one table distinct by a number: 备注, 备注（2）."""
    distinct_columns: list[PlanColumn] = []
    for column in columns:
        same_count = sum(
            _is_same_column(column, other) for other in columns[: len(distinct_columns)]
        )
        header = f"{column.header}（{same_count + 1}）" if same_count else column.header
        distinct_columns.append(replace(column, header=header))
    return distinct_columns


def _is_same_column(column: PlanColumn, other: PlanColumn) -> bool:
    """Return whether two columns are one, by role; notes and units by header too."""
    can_repeat = column.role in (ColumnRole.NOTE, ColumnRole.UNITS)
    return column.role is other.role and (not can_repeat or column.header == other.header)


def _find_matching_column(column: PlanColumn, columns: Sequence[PlanColumn]) -> int | None:
    return next(
        (index for index, candidate in enumerate(columns) if _is_same_column(column, candidate)),
        None,
    )


def _list_start_rows(segments: Sequence[_TableSegment]) -> Iterator[int]:
    """Yield the row of the joined grid at which each segment begins."""
    start_row = 0
    for segment in segments:
        yield start_row
        start_row += segment.stop - segment.start


def _join_segments(segments: Sequence[_TableSegment], columns: Sequence[PlanColumn]) -> CellGrid:
    """Join the segments below each other into a grid with the given columns.

    A merged cell ends with its segment. A page break leaves a blank cell at the top of
    the next segment; it is omitted, so that the place is unknown and the cell above
    continues.
    """
    cells: list[PlanCell] = []
    for segment, start_row in zip(segments, _list_start_rows(segments), strict=True):
        rows = range(segment.start, segment.stop)
        grid = _realign_rows(segment.grid, segment.layout, rows)
        segment_columns = _number_same_headers(segment.layout.columns)
        target_columns = [_find_matching_column(column, columns) for column in segment_columns]
        is_same_order = target_columns == list(range(len(columns)))
        for source_column, target_column in enumerate(target_columns):
            column_cells = _join_column_cells(segment, grid, source_column)
            if start_row and column_cells and not column_cells[0].is_filled:
                column_cells = column_cells[1:]
            for cell in column_cells:
                is_whole_row = cell.column_span == len(segment_columns)
                column_span = (
                    len(columns) if is_whole_row else cell.column_span if is_same_order else 1
                )
                column = 0 if is_whole_row or target_column is None else target_column
                cells.append(
                    replace(
                        cell,
                        row=start_row + cell.row,
                        column=column,
                        column_span=column_span,
                    )
                )
    return CellGrid(tuple(cells))


def _join_column_cells(segment: _TableSegment, grid: CellGrid, index: int) -> list[PlanCell]:
    """Return the cells of one column of the plan, with rows relative to the segment.

    Where one header covers several columns of the table (number and text, for example),
    the texts of a row are joined. A cell that spans several columns of the plan is
    returned for the first of them only.
    """
    ranges = segment.layout.ranges
    start, end = ranges[index].start, ranges[index].stop
    column_cells: list[PlanCell] = []
    previous_group: tuple[PlanCell, ...] = ()
    for row in range(segment.start, segment.stop):
        row_cells = (grid.get_cell(row, column) for column in range(start, end))
        group = tuple(dict.fromkeys(cell for cell in row_cells if cell and cell.column >= start))
        if group and group == previous_group:
            column_cells[-1] = replace(column_cells[-1], row_span=column_cells[-1].row_span + 1)
        elif group:
            end_column = max(cell.column + cell.column_span for cell in group)
            column_span = sum(start <= column_range.start < end_column for column_range in ranges)
            column_cells.append(
                PlanCell(
                    "".join(cell.text for cell in group),
                    row - segment.start,
                    index,
                    column_span=max(column_span, 1),
                    source_cell_count=sum(cell.is_filled for cell in group),
                )
            )
        previous_group = group
    return column_cells


def _list_hidden_cells(segments: Sequence[_TableSegment]) -> tuple[PlanCell, ...]:
    grids = {id(segment.grid): segment.grid for segment in segments}
    return tuple(cell for grid in grids.values() for cell in grid.hidden_cells)


def _infer_hidden_rows(cells: Sequence[PlanCell]) -> Iterator[Inference]:
    """Yield one inference about all rows that the file hides."""
    if cells:
        rows = [" | ".join(cell.text for cell in row) for _, row in groupby(cells, _get_row)]
        yield Inference(
            rows=(),
            role=ColumnRole.MEASURE,
            quoted_text="；".join(" ".join(row.split()) for row in rows),
            reason=f"方案的表格里有 {len(rows)} 行是隐藏的，没有列为任务。",
            advice="请核对；也是任务的，请在原文件里取消隐藏这些行，再重新建台账。",
        )


def _get_row(cell: PlanCell) -> int:
    return cell.row


def _list_column_inferences(layout: HeaderLayout, units_column: str) -> Iterator[Inference]:
    """Yield the decisions about columns that the office should confirm."""
    if layout.is_guessed:
        roles_text = "，".join(
            f"第{number}栏是“{column.role}”" for number, column in enumerate(layout.columns, 1)
        )
        yield Inference(
            rows=(),
            role=ColumnRole.MEASURE,
            quoted_text=NO_HEADER,
            reason=f"方案的表格没有表头，各栏是按内容判断的：{roles_text}。",
            advice="请对照原文件核对；不对时请在表格上面补一行表头，再重新建台账。",
        )
    if layout.inferred_task_header:
        yield Inference(
            rows=(),
            role=ColumnRole.MEASURE,
            quoted_text=layout.inferred_task_header,
            reason=f"方案的表头没有写明哪一栏是任务，按内容取了“{layout.inferred_task_header}”一栏。",
            advice="请对照原文件核对；不对时请把任务那一栏的表头改成“工作任务”，再重新建台账。",
        )
    units_headers = [column.header for column in layout.columns if column.role is ColumnRole.UNITS]
    unused_headers = [
        column.header
        for column in layout.columns
        if column.role is ColumnRole.NOTE and _has_units_header(column)
    ]
    if unused_headers and not units_column:
        yield Inference(
            rows=(),
            role=ColumnRole.UNITS,
            quoted_text="、".join((*units_headers, *unused_headers)),
            reason=f"方案有几栏单位，以“{'”“'.join(units_headers)}”为责任单位，"
            f"“{'”“'.join(unused_headers)}”记在备注里。",
            advice="不对时请用 --units-column 写明以哪一栏为准，再重新建台账。",
        )
    person_headers = [header for header in units_headers if is_responsible_person(header)]
    if person_headers and not units_column:
        yield Inference(
            rows=(),
            role=ColumnRole.UNITS,
            quoted_text="、".join(person_headers),
            reason=f"方案没有责任单位一栏，取了“{person_headers[0]}”一栏。",
            advice="请核对；不对时在“任务”表中改正“责任单位”。",
        )


def _has_units_header(column: PlanColumn) -> bool:
    meaning = parse_header(column.header)
    return meaning is not None and meaning.kind is HeaderKind.UNITS


# --- Rows with fewer cells than columns ---


def _realign_rows(grid: CellGrid, layout: HeaderLayout, rows: range) -> CellGrid:
    """Move the cells of short rows into the columns that their texts fit best.

    A saved page or pasted text omits the cells that were merged with those above, so the
    remaining cells of the row start too far to the left.
    """
    width = len(layout.ranges)
    if width > _MAX_ALIGNED_COLUMNS or any(
        column_range.stop - column_range.start > 1 for column_range in layout.ranges
    ):
        return grid
    moved_cells: dict[PlanCell, PlanCell | None] = {}
    for row in rows:
        moved_cells |= _realign_row(grid, layout, row)
    if not moved_cells:
        return grid
    cells = (moved_cells.get(cell, cell) for cell in grid.cells)
    return CellGrid(tuple(cell for cell in cells if cell))


def _realign_row(grid: CellGrid, layout: HeaderLayout, row: int) -> dict[PlanCell, PlanCell | None]:
    """Return the new cell for each cell of a row to move, None for a blank to remove."""
    cells = [cell for cell in grid.list_cells(row) if cell.row == row]
    is_reached_from_above = len(grid.list_cells(row)) > len(cells)
    if is_reached_from_above or any(cell.column_span > 1 for cell in cells):
        return {}
    if shifted_cells := _shift_cells_right(cells, layout):
        blanks = (cell for cell in cells if not cell.is_filled)
        return {**dict.fromkeys(blanks), **_move_cells(shifted_cells, layout)}
    width = len(layout.ranges)
    if not 0 < len(cells) < width or grid.get_cell(row, layout.width - 1):
        return {}
    if len(cells) == 1:
        return {cells[0]: replace(cells[0], column_span=width)}
    column_indexes = _align_texts([cell.text for cell in cells], layout.columns)
    return _move_cells(zip(cells, column_indexes, strict=True), layout)


def _move_cells(
    cell_indexes: Iterable[tuple[PlanCell, int]], layout: HeaderLayout
) -> dict[PlanCell, PlanCell | None]:
    """Return each cell with its position changed to a column of the plan."""
    return {cell: replace(cell, column=layout.ranges[index].start) for cell, index in cell_indexes}


def _shift_cells_right(
    cells: Sequence[PlanCell], layout: HeaderLayout
) -> Sequence[tuple[PlanCell, int]] | None:
    """Return the cells of a row that fit much better further right, with their columns.

    Some programs omit a merged cell at the beginning of a row and add a blank at its
    end. None means that the row stays as it is.
    """
    columns = layout.columns
    filled_cells = [cell for cell in cells if cell.is_filled]
    is_leftmost = [cell.column for cell in filled_cells] == list(range(len(filled_cells)))
    if not is_leftmost or not _MIN_SHIFTED_CELLS <= len(filled_cells) < len(columns):
        return None
    range_starts = [column_range.start for column_range in layout.ranges]
    if len(cells) < len(columns) or range_starts != list(range(len(columns))):
        return None
    texts = [cell.text for cell in filled_cells]
    column_indexes = _align_texts(texts, columns)
    gain = _score_alignment(texts, column_indexes, columns) - _score_alignment(
        texts, range(len(filled_cells)), columns
    )
    return list(zip(filled_cells, column_indexes, strict=True)) if gain > _MIN_SCORE_GAIN else None


def _score_alignment(
    texts: Sequence[str], column_indexes: Iterable[int], columns: Sequence[PlanColumn]
) -> float:
    pairs = zip(texts, column_indexes, strict=True)
    return sum(score_fit_to_column(text, columns[index].role) for text, index in pairs)


def _align_texts(texts: Sequence[str], columns: Sequence[PlanColumn]) -> tuple[int, ...]:
    """Return the column indexes, in ascending order, that the texts of a row fit best."""

    def score_columns(column_indexes: tuple[int, ...]) -> float:
        pairs = zip(texts, column_indexes, strict=True)
        # Equal scores go to the right, since merged cells are mostly on the left.
        return sum(
            score_fit_to_column(text, columns[index].role) + index / 1000 for text, index in pairs
        )

    return max(combinations(range(len(columns)), len(texts)), key=score_columns)
