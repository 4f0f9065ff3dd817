"""年度汇总: the official table, one entry a task, each section quoted by name."""

from __future__ import annotations

from dataclasses import dataclass

from ledgerbook.excel.sheet_writer import SheetWriter, Tint, WritableValue, choose_tint
from ledgerbook.excel.tables import TableArea, TableColumn, draw_table
from ledgerbook.model import OngoingDeadline
from ledgerbook.model.results import AssignmentResult, Ledger, TaskSummary
from ledgerbook.summary.labels import (
    format_by_section,
    format_occurrence_counts,
    format_responsible_units,
)
from ledgerbook.text import format_chinese_date


@dataclass(frozen=True, slots=True)
class TaskRanges:
    """Where the tasks stand, for formulas: one number, status and urgency each."""

    numbers: str
    statuses: str
    urgencies: str


def _format_progress(row: AssignmentResult) -> str:
    done_on = row.get_text("done_on")
    date_note = f"（{done_on}）" if done_on else ""
    return f"{row.status}{date_note}。{row.get_text('result')}"


def _format_person(row: AssignmentResult) -> str:
    return "\n".join(filter(None, (row.get_text("person"), row.get_text("phone"))))


def _choose_task_tint(task_summary: TaskSummary) -> Tint:
    return choose_tint(task_summary.urgency, task_summary.category)


def _build_answers_column(key: str, header: str, width: float) -> TableColumn[TaskSummary]:
    return TableColumn(
        header,
        width,
        lambda o: format_by_section(o.assignment_results, lambda r: r.get_text(key)),
    )


def _format_due_date(task_summary: TaskSummary) -> WritableValue:
    """Show the day, or how often the task recurs and which turn is next."""
    cycle = task_summary.recurrence_progress
    if cycle is None:
        is_ongoing = isinstance(task_summary.task.deadline, OngoingDeadline)
        return "长期" if is_ongoing else task_summary.due
    occurrence = cycle.most_urgent_occurrence
    occurrence_text = f"{occurrence.name}\n{occurrence.due}\n" if occurrence else ""
    return occurrence_text + format_occurrence_counts(cycle).replace("，", "\n")


TASK_COLUMNS: tuple[TableColumn[TaskSummary], ...] = (
    TableColumn("序号", 5.5, lambda o: o.task.number, "center"),
    TableColumn("工作要求", 10, lambda o: o.task.requirement, is_merged=True),
    TableColumn("工作要点", 11.5, lambda o: o.task.point, is_merged=True),
    TableColumn("计划措施", 25, lambda o: o.task.measure),
    TableColumn("责任单位", 9, lambda o: format_responsible_units(o.task)),
    TableColumn("时限", 6, lambda o: o.task.deadline_text),
    TableColumn("完成期限", 10.5, _format_due_date, "center"),
    TableColumn("完成状态", 7.5, lambda o: o.status, "center", _choose_task_tint),
    TableColumn("判定", 4.5, lambda o: o.urgency.value, "center", _choose_task_tint),
    TableColumn(
        "落实情况",
        35.5,
        lambda o: format_by_section(o.assignment_results, _format_progress),
    ),
    _build_answers_column("evidence", "佐证材料", 12.5),
    _build_answers_column("reason", "未完成原因", 12),
    _build_answers_column("next_step", "下一步措施", 12),
    TableColumn(
        "责任人及电话",
        17.5,
        lambda o: format_by_section(o.assignment_results, _format_person),
    ),
    _build_answers_column("note", "备注", 7.5),
)


def draw_task_table(canvas: SheetWriter, ledger: Ledger) -> TaskRanges:
    """Draw the official table of the year."""
    book = ledger.book
    canvas.set_columns([column.width for column in TASK_COLUMNS])
    canvas.write_title(f"{book.agency}{book.year}年政务公开重点任务落实情况汇总表")
    canvas.write_note(f"汇总日期：{format_chinese_date(ledger.as_of)}", align="right")
    header_row = canvas.row
    area = draw_table(
        canvas,
        TASK_COLUMNS,
        ledger.task_summaries,
        empty_text="台账中没有任务。",
        is_paged=True,
    )
    canvas.set_up_sheet(header_row=header_row, frozen_rows=header_row + 1)
    return _build_task_ranges(area)


def _build_task_ranges(area: TableArea) -> TaskRanges:
    ranges_by_header = {
        column.header: area.format_column_range(index) for index, column in enumerate(TASK_COLUMNS)
    }
    return TaskRanges(
        ranges_by_header["序号"], ranges_by_header["完成状态"], ranges_by_header["判定"]
    )
