"""Draw the lists of a roll-up: 各单位明细, 未报送, 逾期清单, 问题清单, 文件清单.

The columns of the rows are those of the roll-up (:attr:`Rollup.columns`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ledgerbook.excel import styles
from ledgerbook.excel.sheet_parts import describe_part, name_table_part, split_into_sheets
from ledgerbook.excel.sheet_writer import (
    SheetWriter,
    Tint,
    WritableValue,
    choose_file_tint,
    choose_problem_tint,
    choose_tint,
    display_text,
)
from ledgerbook.excel.tables import TableColumn, draw_filter_table, no_tint
from ledgerbook.export import (
    ADDED_PREFIX,
    DONE_CLASS,
    DetailRow,
    ExportColumn,
    ExportType,
)
from ledgerbook.model import StatusCategory
from ledgerbook.model.form_columns import name_task_number
from ledgerbook.model.messages import INSTALLER
from ledgerbook.model.problems import Problem
from ledgerbook.model.results import FileReport, Urgency
from ledgerbook.rollup.merge import MissingSubmission, Rollup
from ledgerbook.summary.column_widths import fit_to_page
from ledgerbook.summary.lists import NumberedItem, draw_list, get_number, number_items
from ledgerbook.text import format_chinese_date

T = TypeVar("T")

DETAIL_SHEET, OVERDUE_SHEET = "各单位明细", "逾期清单"
_FONT_SIZE = 9.0
# Lines that fit the tallest row Excel can show.
_MAX_LINES = styles.count_lines_within(_FONT_SIZE)


@dataclass(frozen=True, slots=True)
class DetailRanges:
    """The cells of one sheet of 各单位明细 that the overview counts."""

    units: str
    sections: str
    classes: str
    urgencies: str


# --- 各单位明细 ---

_COUNTED_KEYS = ("unit", "section", "status_class", "urgency")
_TINTED_KEYS = ("status", "urgency")


def _build_detail_column(spec: ExportColumn) -> TableColumn[DetailRow]:
    is_centered = spec.type is not ExportType.TEXT or spec.width < 10  # noqa: PLR2004
    tint = _choose_detail_row_tint if spec.key in _TINTED_KEYS else no_tint
    align = "center" if is_centered else "left"
    return TableColumn(spec.header, spec.width, _make_row_value_getter(spec.key), align, tint)


def _make_row_value_getter(key: str) -> Callable[[DetailRow], WritableValue]:
    return lambda row: row.get_value(key)


def _choose_detail_row_tint(row: DetailRow) -> Tint:
    is_completed = row.status_class == DONE_CLASS
    return choose_tint(row.urgency, StatusCategory.COMPLETED if is_completed else None)


def draw_rollup_detail(
    canvases: Sequence[SheetWriter], rollup: Rollup, max_rows: int
) -> tuple[DetailRanges, ...]:
    """Draw the detail, ``max_rows`` rows a sheet; return the ranges for the overview."""
    all_columns = tuple(map(_build_detail_column, rollup.columns))
    keys = [column.key for column in rollup.columns]
    # The first, up to the place, make up the printed page.
    printed_count = 1 + keys.index("place")
    printed_columns = fit_to_page(all_columns[:printed_count], _FONT_SIZE)
    columns = (*printed_columns, *all_columns[printed_count:])
    widths = [column.width for column in columns]
    note = (
        f"共 {rollup.merged_row_count} 行，一个科室承担一项任务为一行；可用表头的箭头筛选。"
        f"“判定”按 {format_chinese_date(rollup.as_of)} 判断。"
    ) + _describe_tall_cells(columns[:printed_count], rollup.rows)
    ranges: list[DetailRanges] = []
    row_shares = split_into_sheets(DETAIL_SHEET, rollup.rows, max_rows).values()
    for part_number, (canvas, rows) in enumerate(zip(canvases, row_shares, strict=True), 1):
        canvas.set_columns(widths[:printed_count], widths[printed_count:])
        canvas.write_title(f"{rollup.year}年重点任务各单位明细")
        canvas.write_note(note + describe_part(part_number, len(canvases), len(rows)))
        header_row = canvas.row
        name = name_table_part("tasks", part_number)
        area = draw_filter_table(canvas, name, columns, rows, _FONT_SIZE)
        canvas.set_up_page_and_freeze(header_row=header_row, frozen_rows=header_row + 1)
        canvas.print_columns_of_page()
        ranges.append(
            DetailRanges(*(area.format_column_range(keys.index(key)) for key in _COUNTED_KEYS))
        )
    return tuple(ranges)


def _describe_tall_cells(columns: Sequence[TableColumn[T]], items: Sequence[T]) -> str:
    """Return a sentence with the number of cells that no row shows whole, or blank."""
    tall_count = sum(
        styles.count_lines(text, column.width, _FONT_SIZE) > _MAX_LINES
        for column in columns
        for text in (display_text(column.get_value(item)) for item in items)
        # A shorter one cannot take so many lines.
        if len(text) > _MAX_LINES
    )
    if not tall_count:
        return ""
    return f"有 {tall_count} 个单元格内容较长，行高有限，打印不全：点开单元格可看全文。"


# --- 未报送 ---

_MISSING_COLUMNS: tuple[TableColumn[NumberedItem[MissingSubmission]], ...] = (
    TableColumn("序号", 6, get_number, "center"),
    TableColumn("单位", 40, lambda i: i[1].unit),
    TableColumn("科室", 26, lambda i: i[1].section or "（整个单位）"),
    TableColumn("情况", 40, lambda i: i[1].reason, get_tint=lambda _: Tint.RED),
)


def draw_missing(canvas: SheetWriter, rollup: Rollup) -> None:
    """Draw the list of units and sections that have not reported."""
    unit_count = sum(not submission.section for submission in rollup.missing)
    section_count = len(rollup.missing) - unit_count
    note = f"没有报来的单位 {unit_count} 个；报来的单位中，没有报送的科室 {section_count} 个。"
    if not rollup.has_expected_list:
        note += "没有给出应报单位的名单（--expect），不知道还有哪些单位应报而没有报。"
    items = number_items(rollup.missing)
    draw_list(
        canvas, ("未报送清单", note), _MISSING_COLUMNS, items, "都已报送。", table_name="missing"
    )


# --- 逾期清单 ---


# The answers that the list shows by their keys in the schema, with their widths; columns
# that all units have added follow.
_OVERDUE_ANSWER_WIDTHS = {"reason": 22.0, "next_step": 22.0, "person": 9.0, "phone": 14.0}


def _build_overdue_columns(
    rollup: Rollup, overdue_rows: Sequence[NumberedItem[DetailRow]]
) -> tuple[TableColumn[NumberedItem[DetailRow]], ...]:
    headers = {column.key: column.header for column in rollup.columns}

    def build_column(
        key: str, width: float, align: str = "left"
    ) -> TableColumn[NumberedItem[DetailRow]]:
        return TableColumn(headers[key], width, lambda item: item[1].get_value(key), align)

    def count_days_overdue(item: NumberedItem[DetailRow]) -> WritableValue:
        due = item[1].due
        return (rollup.as_of - due).days if due and due < rollup.as_of else None

    added_columns = [c for c in rollup.columns if c.key.startswith(ADDED_PREFIX)]
    if any(row.get_value("other") for _, row in overdue_rows):
        added_columns.append(next(c for c in rollup.columns if c.key == "other"))
    return fit_to_page(
        (
            TableColumn("序号", 5, get_number, "center"),
            build_column("unit", 16),
            build_column("section", 11, "center"),
            replace(
                build_column("number", 6, "center"), header=name_task_number(headers["number"])
            ),
            build_column("measure", 38),
            build_column("due", 11.5, "center"),
            TableColumn("逾期天数", 7, count_days_overdue, "center", lambda _: Tint.OVERDUE),
            build_column("status", 9, "center"),
            *(
                build_column(key, width)
                for key, width in _OVERDUE_ANSWER_WIDTHS.items()
                if key in headers
            ),
            *(build_column(column.key, column.width) for column in added_columns),
        ),
        _FONT_SIZE,
    )


def list_overdue_rows(rollup: Rollup) -> list[NumberedItem[DetailRow]]:
    """Return the numbered overdue rows, the longest overdue first."""
    overdue_rows = [row for row in rollup.rows if row.urgency == Urgency.OVERDUE.value]
    overdue_rows.sort(key=lambda row: (row.due is None, row.due or rollup.as_of, row.unit))
    return number_items(overdue_rows)


def draw_overdue(canvases: Sequence[SheetWriter], rollup: Rollup, max_rows: int) -> None:
    """Draw the overdue rows, ``max_rows`` rows a sheet."""
    overdue_rows = list_overdue_rows(rollup)
    columns = _build_overdue_columns(rollup, overdue_rows)
    note = f"按 {format_chinese_date(rollup.as_of)} 判断，逾期 {len(overdue_rows)} 件。"
    if rollup.rejudged_count:
        note += (
            f"其中和临期的合计有 {rollup.rejudged_count} 件，是各单位汇总以后才到日子的，"
            "请向单位核实是否已经办好。"
        )
    note += _describe_tall_cells(columns, overdue_rows)
    row_shares = split_into_sheets(OVERDUE_SHEET, overdue_rows, max_rows).values()
    for part_number, (canvas, rows) in enumerate(zip(canvases, row_shares, strict=True), 1):
        canvas.set_columns([column.width for column in columns])
        canvas.write_title(OVERDUE_SHEET)
        canvas.write_note(note + describe_part(part_number, len(canvases), len(rows)))
        header_row = canvas.row
        name = name_table_part("overdue", part_number)
        draw_filter_table(canvas, name, columns, rows, _FONT_SIZE)
        canvas.set_up_page_and_freeze(header_row=header_row, frozen_rows=header_row + 1)


# --- 问题清单 ---


_PROBLEM_COLUMNS: tuple[TableColumn[NumberedItem[Problem]], ...] = (
    TableColumn("序号", 5, get_number, "center"),
    TableColumn(
        "级别",
        8,
        lambda i: i[1].severity.value,
        "center",
        lambda i: choose_problem_tint(i[1]),
    ),
    TableColumn("文件", 26, lambda i: i[1].place.file),
    TableColumn("工作表", 12, lambda i: i[1].place.sheet),
    TableColumn("单元格", 8, lambda i: i[1].place.cell, "center"),
    TableColumn("问题", 46, lambda i: i[1].short_message),
    TableColumn("没有并入的行数", 9, lambda i: i[1].rejected_cells or None, "center"),
    TableColumn("原填内容", 28, lambda i: i[1].raw),
    TableColumn("处理办法", 34, lambda i: i[1].advice),
)


def draw_rollup_problems(canvas: SheetWriter, rollup: Rollup) -> None:
    error_count = sum(problem.is_error for problem in rollup.problems)
    notice_count = len(rollup.problems) - error_count
    note = f"共 {len(rollup.problems)} 条，其中须处理 {error_count} 条，提示 {notice_count} 条。"
    title_and_note = ("问题清单", note)
    draw_list(
        canvas,
        title_and_note,
        _PROBLEM_COLUMNS,
        number_items(rollup.problems),
        "没有发现问题。",
        table_name="problems",
    )


# --- 文件清单 ---

_FILE_COLUMNS: tuple[TableColumn[NumberedItem[FileReport]], ...] = (
    TableColumn("序号", 5, get_number, "center"),
    TableColumn("文件", 30, lambda i: i[1].name),
    TableColumn(
        "处理结果",
        13,
        lambda i: i[1].status.value,
        "center",
        lambda i: choose_file_tint(i[1]),
    ),
    TableColumn("单位", 26, lambda i: "\n".join(i[1].sections)),
    TableColumn("保存时间", 18.5, lambda i: i[1].saved_at, "center"),
    TableColumn("大小（字节）", 11, lambda i: i[1].size, "center"),
    TableColumn("并入行数", 9, lambda i: i[1].cell_count, "center"),
    TableColumn("说明", 28, lambda i: i[1].note),
    # For programs, so that it is not printed.
    TableColumn("SHA-256", 70, lambda i: i[1].sha256),
)


def format_row_balance(rollup: Rollup) -> str:
    """Return sentences that account for every row of every summary."""
    conclusion = (
        "两者一致，一行不少。"
        if rollup.is_balanced
        else f"两者不一致，汇总可能有遗漏，请勿使用本汇总，并联系{INSTALLER}。"
    )
    return (
        f"各份汇总的明细共 {rollup.detail_row_count} 行。其中：并入 {rollup.merged_row_count} 行，"
        f"列入“问题清单”没有并入 {rollup.rejected_row_count} 行，"
        f"合计 {rollup.merged_row_count + rollup.rejected_row_count} 行，{conclusion}"
    )


def draw_files(canvas: SheetWriter, rollup: Rollup) -> None:
    title_and_note = (
        f"文件清单（共 {len(rollup.files)} 个）",
        format_row_balance(rollup),
    )
    draw_list(
        canvas,
        title_and_note,
        _FILE_COLUMNS,
        number_items(rollup.files),
        "没有收到任何文件。",
        unprinted_count=1,
        table_name="files",
    )
