"""Draw 科室明细: a row for each task and section with every column of the form.

The sheet is an Excel table to sort and filter. What the office reads side by side stands first:
the task, which does not scroll, the answers, and its own three columns (采用口径, 审核意见,
销号); the book keeps what is written there. As many columns as a page holds in legible type are
printed; the others stand on the right of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TypeVar

from ledgerbook.excel import styles
from ledgerbook.excel.pagination import PAPER_WIDTH, convert_to_points
from ledgerbook.excel.portrait_page import MIN_PRINT_SIZE
from ledgerbook.excel.sheet_parts import describe_part, name_table_part, split_into_sheets
from ledgerbook.excel.sheet_writer import (
    SheetWriter,
    Tint,
    WritableValue,
    choose_tint,
    display_text,
)
from ledgerbook.excel.tables import (
    TableColumn,
    compute_column_width,
    compute_usual_length,
    draw_filter_table,
    make_unique_headers,
)
from ledgerbook.excel.workbook_writer import check_result
from ledgerbook.export import ADDED_PREFIX, find_schema_key
from ledgerbook.merge.attachments import describe_counts
from ledgerbook.model import Column, ColumnSource, ColumnType, Filler, Form
from ledgerbook.model.form_columns import (
    find_status_column,
    get_alignment,
    get_answer_value,
    get_official_value,
)
from ledgerbook.model.office_entries import ACCEPTED_CHOICES, NoteItem
from ledgerbook.model.results import AssignmentResult, Attachment, Ledger
from ledgerbook.summary.column_widths import ROUNDING_POINTS
from ledgerbook.summary.labels import (
    describe_blank_columns,
    format_missed_occurrences,
    format_occurrence_counts,
)
from ledgerbook.summary.office_notes import (
    ACCEPTED_WIDTH,
    DETAIL_SHEET,
    REVIEW_HEADERS,
    OfficeNotes,
    build_review_columns,
)

_T = TypeVar("_T")
_FONT_SIZE = 9.0
# How many points wide a table is whose type is legible on one page.
_PAGE_POINTS = PAPER_WIDTH * _FONT_SIZE / MIN_PRINT_SIZE
# The room that each of the long texts of a page has at least, in characters.
_MIN_LONG_WIDTH = 14.0

# The narrowest a column of a kind may be, in characters.
_MIN_WIDTHS: Mapping[ColumnType, float] = {
    ColumnType.TEXT: 5.5,
    ColumnType.LONG_TEXT: 6.5,
    ColumnType.CHOICE: 7.5,
    ColumnType.DATE: 10,
    ColumnType.NUMBER: 5,
    ColumnType.WHOLE_NUMBER: 5,
    ColumnType.PHONE: 8,
}
# Where nothing was said yet there is room for the header alone.
_BLANK_WIDTH = 5.5
# What hangs on a row; 附件清单 tells more.
ATTACHMENTS_HEADER = "附件"
_MAX_SHORT_WIDTH, _MAX_WIDTH = 10.5, 60.0
# Of a long text that is not printed.
_UNPRINTED_LONG_WIDTH = 18.0
# Of the task's text, which does not scroll: what the sections say has the rest of the page.
_TASK_TEXT_WIDTH = 30.0
_REVIEW_WIDTH = 12.0
_REVIEW_POINTS = 2 * convert_to_points(_REVIEW_WIDTH) + convert_to_points(ACCEPTED_WIDTH)

# Lines that fit the tallest row Excel can show.
_MAX_LINES = styles.count_lines_within(_FONT_SIZE)


@dataclass(frozen=True, slots=True)
class RowRanges:
    """The cells of one sheet of the detail that the overview counts."""

    sections: str
    requirements: str
    statuses: str
    urgencies: str


class _ColumnGroup(IntEnum):
    """What a column is for, in the order of the sheet."""

    TASK = 1
    STANDING = 2
    REVIEWED = 3
    ANSWER = 4
    REFERENCE = 5


@dataclass(frozen=True, slots=True)
class _DetailColumn:
    """A column of the sheet; ``name`` is its key in :func:`build_detail_headers`.

    Columns of the same ``group`` stand side by side, in the order of the form.
    """

    name: str
    column_type: ColumnType
    table_column: TableColumn[AssignmentResult]
    group: _ColumnGroup


def draw_detail(
    canvases: Sequence[SheetWriter],
    ledger: Ledger,
    office_notes: OfficeNotes,
    max_rows: int,
) -> tuple[RowRanges, ...]:
    """Draw the filterable table of every task and section, ``max_rows`` rows a sheet."""
    columns = _list_columns(ledger)
    column_lengths = _ColumnLengths(columns, ledger.assignment_results)
    printed_count = _count_printed_columns(columns, column_lengths)
    widths = _compute_widths(columns, column_lengths, printed_count)
    drawn_columns = tuple(
        replace(c.table_column, width=w) for c, w in zip(columns, widths, strict=True)
    )
    review_columns = build_review_columns(office_notes, _get_row_code, _REVIEW_WIDTH)
    table_columns = _insert_review(columns, drawn_columns, review_columns)
    table_widths = [column.width for column in table_columns]
    printed_total = printed_count + len(review_columns)
    names = _insert_review(columns, [c.name for c in columns], REVIEW_HEADERS)
    note = describe_blank_columns(ledger, ledger.book.task_form) + _build_detail_note(
        len(ledger.assignment_results), column_lengths.count_tall_cells(widths)
    )
    ranges: list[RowRanges] = []
    row_shares = split_into_sheets(DETAIL_SHEET, ledger.assignment_results, max_rows).values()
    for part_number, (canvas, rows) in enumerate(zip(canvases, row_shares, strict=True), 1):
        canvas.set_columns(table_widths[:printed_total], table_widths[printed_total:])
        canvas.write_title(f"{ledger.book.year}年重点任务科室明细")
        canvas.write_note(note + describe_part(part_number, len(canvases), len(rows)))
        header_row = canvas.row
        name = name_table_part("tasks", part_number)
        area = draw_filter_table(canvas, name, table_columns, rows, _FONT_SIZE)
        canvas.set_up_page_and_freeze(
            header_row=header_row,
            frozen_rows=header_row + 1,
            frozen_columns=sum(column.group is _ColumnGroup.TASK for column in columns),
        )
        canvas.print_columns_of_page()
        _add_accepted_choice(canvas, header_row + 1, names.index(NoteItem.ACCEPTED.value))
        ranges_by_name = {name: area.format_column_range(i) for i, name in enumerate(names)}
        counted = ("section", "requirement", "status", "urgency")
        ranges.append(RowRanges(*(ranges_by_name[name] for name in counted)))
    return tuple(ranges)


# The answers that the office reviews: its own columns stand beside them.
_REVIEWED_KEYS = ("done_on", "result")
_GROUPS_BY_SOURCE: Mapping[ColumnSource | None, _ColumnGroup] = {
    ColumnSource.NUMBER: _ColumnGroup.TASK,
    ColumnSource.MEASURE: _ColumnGroup.TASK,
    ColumnSource.DUE_DATE: _ColumnGroup.STANDING,
}


def _choose_group(column: Column) -> _ColumnGroup:
    if column.filler is Filler.OFFICIAL:
        return _GROUPS_BY_SOURCE.get(column.source, _ColumnGroup.REFERENCE)
    return _ColumnGroup.REVIEWED if column.key in _REVIEWED_KEYS else _ColumnGroup.ANSWER


def _is_reviewed(column: _DetailColumn) -> bool:
    return column.group is _ColumnGroup.REVIEWED


def _insert_review(
    columns: Sequence[_DetailColumn], items: Sequence[_T], review: Sequence[_T]
) -> tuple[_T, ...]:
    """Return what stands for ``columns``, with what stands for the office's among it."""
    positions = [n for n, column in enumerate(columns, 1) if _is_reviewed(column)]
    position = max(positions)
    return (*items[:position], *review, *items[position:])


def _add_accepted_choice(canvas: SheetWriter, first_row: int, column: int) -> None:
    """Add the drop-down of 销号 to its column, from the 0-based ``first_row`` on."""
    rule = {"validate": "list", "source": list(ACCEPTED_CHOICES)}
    last_row = max(first_row, canvas.row - 1)
    check_result(canvas.sheet.data_validation(first_row, column, last_row, column, rule))


def build_detail_headers(ledger: Ledger) -> dict[str, str]:
    """Return the sheet's headers by the keys of the common schema.

    A column that the schema does not know is there under a key of its own.
    """
    columns = _list_columns(ledger)
    headers = [column.table_column.header for column in columns]
    titles = make_unique_headers(_insert_review(columns, headers, REVIEW_HEADERS))
    review_names = [_REVIEW_NAMES[header] for header in REVIEW_HEADERS]
    column_names = _insert_review(columns, [column.name for column in columns], review_names)
    schema_keys = {
        f"{ADDED_PREFIX}{c.key}": find_schema_key(c) for c in ledger.book.task_form.columns
    }
    return {
        schema_keys.get(name) or _SCHEMA_KEYS.get(name, name): title
        for name, title in zip(column_names, titles, strict=True)
    }


_REVIEW_NAMES = {
    NoteItem.ADOPTED.value: "adopted",
    NoteItem.REVIEW.value: "review",
    NoteItem.ACCEPTED.value: "accepted",
}
# What the sheet's own columns are called in the common schema.
_SCHEMA_KEYS = {"files": "source"}


def _list_columns(ledger: Ledger) -> tuple[_DetailColumn, ...]:
    """Return the columns of this ledger's detail, without the office's own."""
    columns = _list_form_columns(ledger.book.task_form)
    if any(row.recurrence_progress for row in ledger.assignment_results):
        columns = (*columns, _OCCURRENCES_COLUMN)
    if any(attachment.task for attachment in ledger.attachments):
        columns = (*columns, _build_attachments_column(ledger))
    return tuple(sorted(columns, key=lambda column: column.group))


def _list_form_columns(form: Form) -> tuple[_DetailColumn, ...]:
    """Return every column of the form, and the computed ones.

    Section, requirement, status and urgency are there whatever the office has removed from
    the form: the overview counts over them.
    """
    status_column = find_status_column(form)
    # 判定 says as of the day of collection what the alert says as of today.
    columns = [c for c in form.columns if c.source is not ColumnSource.DUE_ALERT]
    form_columns = tuple(_build_form_column(column, status_column) for column in columns)
    column_names = {column.name for column in form_columns}
    missing_columns = tuple(
        column for column in _COUNTED_COLUMNS if column.name not in column_names
    )
    return (_SECTION_COLUMN, *form_columns, *missing_columns, *_COMPUTED_COLUMNS)


def _build_form_column(column: Column, status: Column | None) -> _DetailColumn:
    align = get_alignment(column)
    # The office's own columns are found by their headers when the summary is read again.
    header = f"{column.header}（科室填写）" if column.header in REVIEW_HEADERS else column.header
    if column is status:
        table_column = TableColumn(header, 0, _get_row_status, align, _choose_row_tint)
        return _DetailColumn("status", column.kind, table_column, _ColumnGroup.REVIEWED)
    is_requirement = column.source is ColumnSource.REQUIREMENT
    name = "requirement" if is_requirement else f"{ADDED_PREFIX}{column.key}"
    return _DetailColumn(
        name,
        column.kind,
        TableColumn(header, 0, _make_value_getter(column), align),
        _choose_group(column),
    )


def _make_value_getter(column: Column) -> Callable[[AssignmentResult], WritableValue]:
    if column.filler is Filler.OFFICIAL:
        return lambda row: get_official_value(row, column)
    return lambda row: get_answer_value(row, column)


class _ColumnLengths:
    """The lengths of the texts of each column, measured once."""

    def __init__(self, columns: Sequence[_DetailColumn], rows: Sequence[AssignmentResult]) -> None:
        self.usual_lengths: list[float] = []
        self.mean_lengths: list[float] = []
        self._long_texts: list[Counter[str]] = []
        for column in columns:
            texts = Counter(display_text(column.table_column.get_value(row)) for row in rows)
            # Where nothing was said, no room is needed.
            del texts[""]
            self.usual_lengths.append(compute_usual_length(texts))
            total = sum(len(text) * count for text, count in texts.items())
            self.mean_lengths.append(total / (texts.total() or 1))
            # A shorter one cannot take more lines than a row can show.
            long_counts = {text: count for text, count in texts.items() if len(text) > _MAX_LINES}
            self._long_texts.append(Counter(long_counts))

    def count_tall_cells(self, widths: Sequence[float]) -> int:
        """Count the cells that no row can show whole."""
        return sum(
            count
            for texts, width in zip(self._long_texts, widths, strict=True)
            for text, count in texts.items()
            if styles.count_lines(text, width, _FONT_SIZE) > _MAX_LINES
        )


def _count_printed_columns(columns: Sequence[_DetailColumn], column_lengths: _ColumnLengths) -> int:
    """Return how many of the first columns a page holds beside the office's own.

    Those that the office reviews are among them, however many there are.
    """
    last_reviewed = max(n for n, column in enumerate(columns) if _is_reviewed(column))
    used_points = _REVIEW_POINTS
    for count, column in enumerate(columns):
        length = column_lengths.usual_lengths[count]
        min_width = _compute_min_width(column, length)
        if column.column_type is ColumnType.LONG_TEXT and length:
            is_task = column.group is _ColumnGroup.TASK
            min_width = _TASK_TEXT_WIDTH if is_task else _MIN_LONG_WIDTH
        used_points += convert_to_points(min_width)
        if used_points > _PAGE_POINTS and count > last_reviewed:
            return count
    return len(columns)


def _compute_widths(
    columns: Sequence[_DetailColumn], column_lengths: _ColumnLengths, printed_count: int
) -> tuple[float, ...]:
    """Return column widths with which the first ``printed_count`` fit one legible page.

    Short columns get what they need. The printed columns of long texts share the rest in
    proportion to the mean length of their texts, so that no row is taller than necessary.
    """
    lengths = column_lengths.mean_lengths
    widths = [
        _compute_min_width(column, length)
        for column, length in zip(columns, column_lengths.usual_lengths, strict=True)
    ]
    long_columns = [
        i for i, c in enumerate(columns) if c.column_type is ColumnType.LONG_TEXT and lengths[i]
    ]
    for i in long_columns:
        if columns[i].group is _ColumnGroup.TASK:
            widths[i] = _TASK_TEXT_WIDTH
        elif i >= printed_count:
            widths[i] = _UNPRINTED_LONG_WIDTH
    used_points = _REVIEW_POINTS + sum(map(convert_to_points, widths[:printed_count]))
    used_points += ROUNDING_POINTS * (printed_count + len(REVIEW_HEADERS))
    points_per_character = convert_to_points(1) - convert_to_points(0)
    room = max(0.0, _PAGE_POINTS - used_points) / points_per_character
    growing = [
        i for i in long_columns if i < printed_count and columns[i].group is not _ColumnGroup.TASK
    ]
    while growing:
        share = (room + sum(widths[i] for i in growing)) / sum(lengths[i] for i in growing)
        wider = [i for i in growing if share * lengths[i] >= widths[i]]
        if wider == growing:
            for i in growing:
                widths[i] = share * lengths[i]
            break
        # The others keep their least width.
        growing = wider
    # Rounded down, so that they do not exceed the page together.
    return tuple(math.floor(min(_MAX_WIDTH, width) * 10) / 10 for width in widths)


def _compute_min_width(column: _DetailColumn, length: float) -> float:
    """Return the least width of a column in which texts are usually ``length`` em long."""
    min_width = _MIN_WIDTHS[column.column_type]
    if not length:
        return min(_BLANK_WIDTH, min_width)
    if column.column_type is ColumnType.LONG_TEXT:
        return min_width
    return min(_MAX_SHORT_WIDTH, max(min_width, compute_column_width(length, _FONT_SIZE)))


def _build_detail_note(row_count: int, tall_count: int) -> str:
    text = (
        f"共 {row_count} 行，一个科室承担一项任务为一行；可用表头的箭头筛选。"
        f"{'、'.join(REVIEW_HEADERS)}三栏供综合科填写，下次汇总时收进台账“办理记录”。"
        "打印时只印左边一页宽的各栏，其余的在屏幕上看。"
    )
    if not tall_count:
        return text
    return (
        f"{text}有 {tall_count} 个单元格内容较长，行高有限，本表打印不全："
        "点开单元格可看全文，打印请用“年度汇总”。"
    )


def _build_attachments_column(ledger: Ledger) -> _DetailColumn:
    attachments_by_row: dict[tuple[str, str], list[Attachment]] = {}
    for attachment in ledger.attachments:
        attachments_by_row.setdefault((attachment.section, attachment.task), []).append(attachment)

    def summarize_attachments(row: AssignmentResult) -> str:
        return describe_counts(attachments_by_row.get((row.section, row.task.code), ()))

    return _DetailColumn(
        "attached",
        ColumnType.TEXT,
        TableColumn(ATTACHMENTS_HEADER, 0, summarize_attachments),
        _ColumnGroup.REFERENCE,
    )


def _list_source_files(row: AssignmentResult) -> str:
    file_names = (answer.place.file for answer in row.answers.values())
    return "\n".join(dict.fromkeys(filter(None, file_names)))


def _choose_row_tint(row: AssignmentResult) -> Tint:
    return choose_tint(row.urgency, row.category)


def _get_row_code(row: AssignmentResult) -> str:
    return row.code


def _get_row_status(row: AssignmentResult) -> str:
    return row.status


_SECTION_COLUMN = _DetailColumn(
    "section",
    ColumnType.TEXT,
    TableColumn("科室", 0, lambda r: r.section, "center"),
    _ColumnGroup.TASK,
)
_COUNTED_COLUMNS = (
    _DetailColumn(
        "requirement",
        ColumnType.LONG_TEXT,
        TableColumn("工作要求", 0, lambda r: r.task.requirement),
        _ColumnGroup.REFERENCE,
    ),
    _DetailColumn(
        "status",
        ColumnType.CHOICE,
        TableColumn("完成状态", 0, _get_row_status, "center", _choose_row_tint),
        _ColumnGroup.REVIEWED,
    ),
)


def _format_occurrences(row: AssignmentResult) -> str:
    cycle = row.recurrence_progress
    if cycle is None:
        return ""
    return "；".join(
        filter(None, (format_occurrence_counts(cycle), format_missed_occurrences(cycle)))
    )


# Only where some task recurs; elsewhere it would be blank.
_OCCURRENCES_COLUMN = _DetailColumn(
    "turns",
    ColumnType.LONG_TEXT,
    TableColumn("定期任务进度", 0, _format_occurrences),
    _ColumnGroup.REFERENCE,
)
_COMPUTED_COLUMNS = (
    _DetailColumn(
        "urgency",
        ColumnType.TEXT,
        TableColumn("判定", 0, lambda r: r.urgency.value, "center", _choose_row_tint),
        _ColumnGroup.STANDING,
    ),
    _DetailColumn(
        "days",
        ColumnType.NUMBER,
        TableColumn("剩余天数", 0, lambda r: r.days_left, "center"),
        _ColumnGroup.REFERENCE,
    ),
    _DetailColumn(
        "files",
        ColumnType.LONG_TEXT,
        TableColumn("来源文件", 0, _list_source_files),
        _ColumnGroup.REFERENCE,
    ),
)
