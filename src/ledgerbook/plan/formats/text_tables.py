"""Read tables that were pasted or saved as text.

:func:`read_delimited_documents` reads rows with a separator between cells: pipes as in
Markdown (https://github.github.com/gfm/#tables-extension-), tabs as from the clipboard
of a spreadsheet, and .csv (https://www.rfc-editor.org/rfc/rfc4180) with commas or
semicolons. :func:`read_line_document` reads text with every cell on a line of its own
and no mark between rows: the columns of the lines are found by dynamic programming.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise

from ledgerbook.plan.cell_classifier import (
    ITEM_NUMBER,
    is_heading,
    is_number,
    is_remark,
    score_fit_to_column,
)
from ledgerbook.plan.grid import (
    MAX_ROWS,
    CellGrid,
    ColumnRole,
    PlanCell,
    PlanColumn,
    PlanDocument,
    name_table,
)
from ledgerbook.plan.header_detection import find_header
from ledgerbook.plan.header_meaning import HeaderKind, parse_header
from ledgerbook.plan.number_marks import LEVEL_1_MARK, LEVEL_2_MARK

_MAX_COLUMNS = 60
# Rows of a title above a table do not count as its rows.
_MAX_READ_ROWS = MAX_ROWS + 20
# The line below the header of a Markdown table, and lines drawn between rows.
_RULE_LINE = re.compile(r"[\s|+:=\-\u2014\u2500-\u257f]+")
_PIPE_VARIANTS = str.maketrans({"\uff5c": "|", "│": "|", "┃": "|", "￨": "|"})
_UNFINISHED_ENDS = ("、", ",", "\uff0c", "和", "及", "(", "\uff08")
_CELL_MARKUP = re.compile(r"</?(?:br|p|b|strong)\s*/?>|\*\*", re.IGNORECASE)


@dataclass(slots=True)
class _TextTable:
    """The rows of a table while its lines are being read."""

    rows: list[list[str]] = field(default_factory=list)

    @property
    def width(self) -> int:
        return max(map(len, self.rows), default=0)


def read_delimited_documents(text: str) -> Iterator[PlanDocument]:
    """Yield the document that ``text`` contains for each separator that occurs in it."""
    piped_text = text.translate(_PIPE_VARIANTS)
    for separator in "\t|":
        if separator in piped_text:
            yield _read_delimited_lines(piped_text, separator)
    for separator in ",;":
        if separator in text:
            yield _read_csv_document(text, separator)


def _read_delimited_lines(text: str, separator: str) -> PlanDocument:
    """Read rows of one line each, joining lines that end inside a cell."""
    if separator == "\t" and '"' in text:
        # A spreadsheet quotes cells with line breaks on the clipboard.
        return _read_csv_document(text, separator)
    lines_before: list[str] = []
    table = _TextTable()
    loose_lines: list[str] = []
    is_framed = _has_framed_rows(text, separator)
    for line in text.splitlines():
        stripped = line.strip() if separator == "|" else line.strip(" \r\n\u3000")
        if not stripped.strip() or (separator == "|" and _RULE_LINE.fullmatch(stripped)):
            continue
        if len(table.rows) > _MAX_READ_ROWS:
            break
        if separator not in stripped:
            (loose_lines if table.rows else lines_before).append(stripped.strip())
            continue
        _add_loose_lines(table, loose_lines)
        _add_text_row(table, _split_line(stripped, separator, is_framed=is_framed))
    _add_loose_lines(table, [line for line in loose_lines if is_heading(line)], at_end=True)
    return _build_text_document(table, lines_before)


def _has_framed_rows(text: str, separator: str) -> bool:
    """Return whether most rows are framed by pipes, which are then no empty cells."""
    lines = [stripped for line in text.splitlines() if separator in (stripped := line.strip())]
    framed_count = sum(
        stripped.startswith(separator) and stripped.endswith(separator) for stripped in lines
    )
    return separator == "|" and framed_count * 2 > len(lines)


def _split_line(line: str, separator: str, *, is_framed: bool) -> list[str]:
    if is_framed:
        line = line.removeprefix(separator).removesuffix(separator)
    return [_CELL_MARKUP.sub(_replace_markup, cell).strip() for cell in line.split(separator)]


def _replace_markup(markup: re.Match[str]) -> str:
    return "\n" if markup[0].lower().startswith(("<br", "<p")) else ""


def _add_text_row(table: _TextTable, cells: list[str]) -> None:
    """Add a row, or continue the last one if it ends in the middle of a cell."""
    last_row = table.rows[-1] if table.rows else []
    joined_width = len(last_row) + len(cells) - 1
    if last_row and last_row[-1].endswith(_UNFINISHED_ENDS) and joined_width <= len(table.rows[0]):
        last_row[-1] += cells[0]
        last_row.extend(cells[1:])
    else:
        table.rows.append(cells)


def _add_loose_lines(table: _TextTable, loose_lines: list[str], *, at_end: bool = False) -> None:
    """Add lines without separators: as heading rows, or to the last cell of the row above.

    ``loose_lines`` is empty afterwards.
    """
    cell_lines: list[str] = []
    for line in loose_lines:
        row = table.rows[-1]
        is_complete = len(row) >= len(table.rows[0])
        if is_heading(line) or (is_complete and not at_end and len(row) > 1):
            _continue_last_cell(row, cell_lines)
            table.rows.append([line])
        else:
            cell_lines.append(line)
    _continue_last_cell(table.rows[-1] if table.rows else [], cell_lines)
    loose_lines.clear()


def _continue_last_cell(row: list[str], lines: list[str]) -> None:
    """Append ``lines``, which is empty afterwards, to the last cell of ``row``."""
    if lines:
        row[-1] = "\n".join((row[-1], *lines))
        lines.clear()


def _read_csv_document(text: str, separator: str) -> PlanDocument:
    """Read quoted cells; the document is empty if the separator is just punctuation."""
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        reader = csv.reader(lines, delimiter=separator)
        filled_rows = (row for row in reader if any(map(str.strip, row)))
        rows = [[cell.strip() for cell in row] for row in islice(filled_rows, _MAX_READ_ROWS)]
    except csv.Error:
        return PlanDocument(())
    if not _has_even_rows(rows):
        return PlanDocument(())
    width = max((_find_row_width(row) for row in rows), default=0)
    return _build_text_document(_TextTable([row[:width] for row in rows]), [])


def _has_even_rows(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether most rows have the same number of cells, unlike prose with commas."""
    width_counts = Counter(map(len, rows))
    return not width_counts or max(width_counts.values()) * 2 > len(rows) > 1


def _has_wide_rows(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether most rows have the same number of cells and more than one."""
    width, count = Counter(map(len, rows)).most_common(1)[0]
    return width > 1 and count * 2 > len(rows)


def _find_row_width(row: Sequence[str]) -> int:
    return max((column_number for column_number, cell in enumerate(row, 1) if cell), default=0)


def _build_text_document(table: _TextTable, lines_before: list[str]) -> PlanDocument:
    """Return the document of a table; rows of one cell at its top are possible titles."""
    while table.rows and sum(map(bool, table.rows[0])) == 1:
        lines_before.append("".join(table.rows.pop(0)))
    if len(table.rows) > MAX_ROWS and _has_wide_rows(table.rows):
        return PlanDocument((), unread_tables=(name_table(table.rows[0]),))
    if not 1 < table.width <= _MAX_COLUMNS or len(table.rows) > MAX_ROWS:
        return PlanDocument(())
    cells = (
        PlanCell(text, row_index, column)
        for row_index, row in enumerate(table.rows)
        for column, text in enumerate(row)
    )
    titles = tuple(reversed(lines_before))
    return PlanDocument((CellGrid(tuple(cells)),), (*titles, "".join(lines_before[-2:])))


# --- One cell a line ---
#
# Nothing marks the end of a row, and empty cells leave no line. Every line gets a score
# for every column (score_likeness) and every omitted cell a cost; the sequence of columns
# with the best total is found line by line (Viterbi algorithm).

_MAX_LINES = 5000
_MAX_HEADERS = 14
_MIN_HEADERS = 2
_MIN_NUMBERS = 3
_NUMBER_COLUMN = PlanColumn(ColumnRole.NUMBER)
# The cost of an omitted cell by its column, and of joining a line to the cell above.
_GAP_COSTS = {
    ColumnRole.NUMBER: 2.5,
    ColumnRole.NOTE: 0.3,
    ColumnRole.DEADLINE: 0.8,
    ColumnRole.UNITS: 2.0,
}
_TEXT_GAP_COST = 1.0
_UNNUMBERED_PENALTY = 4.0
_JOIN_COST = 2.5
_BROKEN_JOIN_COST = 0.2
_TITLE_ENDS = re.compile(r"(?:方案|清单|分解表|分工表|一览表|台账|通知)$")
_LINE_FRAME = re.compile(r"^[\s|]+|[\s|]+$")
_BROKEN_END = re.compile(r"[、,\uff0c和及]$")
# Texts at which the page of a site continues after the table.
_SITE_FOOTER = re.compile(
    r"(?:展开阅读全文|阅读全文|相关|猜你喜欢|当前位置|备案号|版权所有|打印本页|关闭窗口|分享到"
    r"|上一篇|下一篇|附件下载|扫一扫|主办单位[:\uff1a]|网站地图)"
)


@dataclass(frozen=True, slots=True)
class _AlignmentStep:
    """The best assignment of all lines up to one, which is in ``column``.

    ``column`` is None for a heading that is a row of its own. ``joins_previous`` means
    that the line continues the cell of the line above.
    """

    score: float
    column: int | None
    joins_previous: bool
    previous: _AlignmentStep | None


def read_cell_per_line_document(text: str) -> PlanDocument:
    """Return the table whose headers and cells each have a line of their own.

    The document is empty if no lines are the headers of a plan. A pipe at either end of
    a line is ignored.
    """
    lines = [stripped for line in text.splitlines() if (stripped := _LINE_FRAME.sub("", line))]
    header_range = _find_header_lines(lines) if len(lines) <= _MAX_LINES else None
    if header_range is None:
        return _read_numbered_lines(lines)
    start, stop = header_range
    headers = lines[start:stop]
    columns = _parse_header_lines(headers)
    body = list(_list_table_lines(lines[stop:], headers))
    if not columns or not body:
        return PlanDocument(())
    numbered_columns, steps = max(
        (
            (candidate, _align_lines(body, candidate))
            for candidate in _insert_number_column(columns, body)
        ),
        key=lambda alignment: alignment[1][-1].score,
    )
    header_indexes = [
        index for index, column in enumerate(numbered_columns) if column != _NUMBER_COLUMN
    ]
    cells = [PlanCell(text, 0, index) for index, text in zip(header_indexes, headers, strict=True)]
    cells += _build_aligned_cells(body, numbered_columns, steps)
    titles = lines[:start][::-1]
    return PlanDocument((CellGrid(tuple(cells)),), (*titles, "".join(lines[:start][-2:])))


def _read_numbered_lines(lines: Sequence[str]) -> PlanDocument:
    """Return the table of lines without headers, in which a number begins each row.

    The numbers must be 1, 2, 3, …, each a line of its own, and the rows of one width.
    """
    starts: list[int] = []
    for index, line in enumerate(lines):
        if line.rstrip(".、") == str(len(starts) + 1):
            starts.append(index)
    rows = [lines[start:stop] for start, stop in pairwise([*starts, len(lines)])]
    width = len(rows[0]) if rows else 0
    has_even_rows = all(len(row) == width for row in rows[:-1])
    if len(rows) < _MIN_NUMBERS or not has_even_rows or len(rows[-1]) < width:
        return PlanDocument(())
    # What follows the last row is a row of its own, about which the office is asked.
    rows[-1:] = [rows[-1][:width], *([line] for line in rows[-1][width:])]
    cells = (
        PlanCell(text, row, column, 1, width if len(texts) == 1 else 1)
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
    )
    titles = lines[: starts[0]][::-1]
    return PlanDocument((CellGrid(tuple(cells)),), tuple(titles))


def _find_header_lines(lines: Sequence[str]) -> tuple[int, int] | None:
    """Return the range of the first consecutive lines that are the headers of a plan."""
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and end - start < _MAX_HEADERS and _can_head_column(lines[end]):
            end += 1
        if end - start >= _MIN_HEADERS and _parse_header_lines(lines[start:end]):
            return start, end
        start = max(end, start + 1)
    return None


def _can_head_column(line: str) -> bool:
    """Return whether a line may be a header and is not the last line of a title."""
    return parse_header(line) is not None and not _TITLE_ENDS.search(line)


def _parse_header_lines(headers: Sequence[str]) -> tuple[PlanColumn, ...]:
    """Return the columns that header lines name; empty if they are not a plan's."""
    kinds = {meaning.kind for text in headers if (meaning := parse_header(text))}
    if not kinds >= {HeaderKind.TEXT, HeaderKind.UNITS}:
        return ()
    grid = CellGrid(tuple(PlanCell(text, 0, column) for column, text in enumerate(headers)))
    layout = find_header(grid, 0)
    return layout.columns if layout else ()


def _insert_number_column(
    columns: Sequence[PlanColumn], lines: Sequence[str]
) -> Iterator[Sequence[PlanColumn]]:
    """Yield the columns with a number column inserted at every possible place.

    Numbers often have a column without a header. The columns are yielded unchanged if
    one of them is 序号 or the text has too few numbers.
    """
    number_count = sum(map(is_number, lines))
    if number_count < _MIN_NUMBERS or ColumnRole.NUMBER in {column.role for column in columns}:
        yield columns
        return
    for index in range(len(columns) + 1):
        yield (*columns[:index], _NUMBER_COLUMN, *columns[index:])


def _list_table_lines(lines: Sequence[str], headers: Sequence[str]) -> Iterator[str]:
    """Yield the lines below the header up to the site's footer, without repeated headers."""
    position = 0
    while position < len(lines):
        if list(lines[position : position + len(headers)]) == list(headers):
            position += len(headers)
            continue
        if _SITE_FOOTER.match(lines[position]):
            return
        yield lines[position]
        position += 1


def _build_aligned_cells(
    lines: Sequence[str], columns: Sequence[PlanColumn], steps: Sequence[_AlignmentStep]
) -> Iterator[PlanCell]:
    """Yield the cells of the body; a new row begins wherever the column does not increase."""
    row = 0
    last_cell: PlanCell | None = None
    previous_column = len(columns)
    for text, step in zip(lines, steps, strict=True):
        column = -1 if step.column is None else step.column
        if step.joins_previous and last_cell:
            last_cell = PlanCell(f"{last_cell.text}\n{text}", last_cell.row, last_cell.column)
            previous_column = column
            continue
        if last_cell:
            yield last_cell
        if column <= previous_column or previous_column < 0:
            row += 1
        column_span = len(columns) if step.column is None else 1
        last_cell = PlanCell(text, row, max(column, 0), 1, column_span)
        previous_column = len(columns) if step.column is None else column
    if last_cell:
        yield last_cell


def _align_lines(lines: Sequence[str], columns: Sequence[PlanColumn]) -> list[_AlignmentStep]:
    """Return the best column for each line, taking all lines together."""
    steps: list[_AlignmentStep] = []
    number_patterns = _find_number_patterns(lines, columns)
    for previous_text, text in zip(("", *lines), lines, strict=False):
        is_broken = _BROKEN_END.search(previous_text) is not None
        # Equal scores go to the right, since merged cells are mostly on the left.
        scores = [
            _score_line(text, column.role, number_patterns) + index / 1000
            for index, column in enumerate(columns)
        ]
        next_steps = [
            _choose_best_step(
                steps,
                index,
                score,
                columns,
                join_cost=_compute_join_cost(text, is_broken=is_broken),
            )
            for index, score in enumerate(scores)
        ]
        if is_heading(text) or is_remark(text):
            next_steps.append(_make_heading_step(steps, columns))
        steps = next_steps
    best_step = max(
        steps, key=lambda step: step.score - _compute_row_end_cost(columns, step.column)
    )
    best_path = [best_step]
    while best_path[-1].previous:
        best_path.append(best_path[-1].previous)
    return best_path[::-1]


def _find_number_patterns(
    lines: Sequence[str], columns: Sequence[PlanColumn]
) -> Mapping[ColumnRole, re.Pattern[str]]:
    """Return the number patterns that the cells of some columns begin with.

    计划措施 has one if items are numbered in their text; 工作要求 and 工作要点 if the table
    has both columns and lines that begin with 一、 or （一）.
    """
    roles = {column.role for column in columns}
    item_count = sum(ITEM_NUMBER.match(line) is not None for line in lines)
    has_item_numbers = item_count >= _MIN_NUMBERS and ColumnRole.NUMBER not in roles
    patterns = {ColumnRole.MEASURE: ITEM_NUMBER} if has_item_numbers else {}
    heading_patterns = {
        ColumnRole.REQUIREMENT: LEVEL_1_MARK,
        ColumnRole.POINT: LEVEL_2_MARK,
    }
    if roles >= heading_patterns.keys():
        patterns |= {
            role: pattern
            for role, pattern in heading_patterns.items()
            if any(map(pattern.match, lines))
        }
    return patterns


def _score_line(
    text: str, role: ColumnRole, number_patterns: Mapping[ColumnRole, re.Pattern[str]]
) -> float:
    pattern = number_patterns.get(role)
    is_unnumbered = pattern is not None and not pattern.match(text)
    return score_fit_to_column(text, role) - (_UNNUMBERED_PENALTY if is_unnumbered else 0)


def _get_step_score(step: _AlignmentStep) -> float:
    return step.score


def _choose_best_step(
    steps: Sequence[_AlignmentStep],
    index: int,
    score: float,
    columns: Sequence[PlanColumn],
    *,
    join_cost: float | None,
) -> _AlignmentStep:
    """Return the best step to a line in column ``index``.

    ``steps`` are the possible steps of the line above. ``join_cost`` is the cost of
    joining the line to the cell above, None if it cannot be joined.
    """
    if not steps:
        return _AlignmentStep(
            score - _compute_skip_cost(columns, 0, index),
            index,
            joins_previous=False,
            previous=None,
        )
    candidates = [
        _AlignmentStep(
            step.score + score - _compute_gap_cost(columns, step.column, index),
            index,
            joins_previous=False,
            previous=step,
        )
        for step in steps
    ]
    candidates += [
        _AlignmentStep(
            step.score + score / 2 - join_cost,
            index,
            joins_previous=True,
            previous=step,
        )
        for step in steps
        if join_cost is not None
        and step.column == index
        and columns[index].role is not ColumnRole.NUMBER
    ]
    return max(candidates, key=_get_step_score)


def _compute_join_cost(text: str, *, is_broken: bool) -> float | None:
    """Return the cost of joining ``text`` to the cell above; None if it cannot be joined.

    ``is_broken`` means that the line above ends in the middle of a phrase.
    """
    if is_number(text) or is_heading(text) or is_remark(text):
        return None
    return _BROKEN_JOIN_COST if is_broken else _JOIN_COST


def _make_heading_step(
    steps: Sequence[_AlignmentStep], columns: Sequence[PlanColumn]
) -> _AlignmentStep:
    """Return the best step to a line that is a heading row."""
    # With a column for headings, the heading is more likely in that column.
    score = 3 if any(column.role is ColumnRole.REQUIREMENT for column in columns) else 4
    if not steps:
        return _AlignmentStep(score, None, joins_previous=False, previous=None)
    candidates = (
        _AlignmentStep(
            step.score + score - _compute_row_end_cost(columns, step.column),
            None,
            joins_previous=False,
            previous=step,
        )
        for step in steps
    )
    return max(candidates, key=_get_step_score)


def _compute_gap_cost(
    columns: Sequence[PlanColumn], previous_index: int | None, index: int
) -> float:
    """Return the cost of the cells omitted between two lines."""
    if previous_index is not None and index > previous_index:
        return _compute_skip_cost(columns, previous_index + 1, index)
    return _compute_row_end_cost(columns, previous_index) + _compute_skip_cost(columns, 0, index)


def _compute_row_end_cost(columns: Sequence[PlanColumn], previous_index: int | None) -> float:
    """Return the cost of the cells omitted between a line and the end of its row."""
    if previous_index is None:
        return 0
    return _compute_skip_cost(columns, previous_index + 1, len(columns))


def _compute_skip_cost(columns: Sequence[PlanColumn], start: int, stop: int) -> float:
    """Return the cost of omitting the cells from column ``start`` to before ``stop``."""
    return sum(_GAP_COSTS.get(column.role, _TEXT_GAP_COST) for column in columns[start:stop])
