"""Draw 年度汇总: one line a task, what each section answered under the section's name.

The columns follow the task form: see :mod:`ledgerbook.model.form_columns`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ledgerbook.excel import styles
from ledgerbook.excel.sheet_writer import SheetWriter, Tint, WritableValue, choose_tint
from ledgerbook.excel.tables import TableColumn, draw_table
from ledgerbook.model import (
    Book,
    Column,
    ColumnSource,
    Form,
    OngoingDeadline,
    StatusCategory,
)
from ledgerbook.model.form_columns import (
    SIGNATURE_KEYS,
    TASK_VALUES,
    get_answer_header,
    get_official_header,
    get_status_header,
    group_answer_columns,
    join_contact_headers,
)
from ledgerbook.model.office_entries import NoteItem
from ledgerbook.model.results import AssignmentResult, Ledger, TaskSummary, Urgency
from ledgerbook.summary.column_widths import choose_answer_width, fit_to_page, narrow_blank_columns
from ledgerbook.summary.labels import (
    format_by_section,
    format_occurrence_counts,
    format_responsible_units,
)
from ledgerbook.text import format_chinese_date

# 落实情况 shows status, date and result in one cell, and 责任人及电话 two columns.
_PROGRESS_KEYS = ("done_on", "result")
_CONTACT_KEYS = ("person", "phone")
# The widest of all, and narrowed to what the others leave of the page.
_PROGRESS_WIDTH, _MEASURE_WIDTH, _CONTACT_WIDTH = 60.0, 40.0, 15.0
# In characters; an answer column that is not here has the width of the form.
_ANSWER_WIDTHS: Mapping[str, float] = {
    "evidence": 12.5,
    "reason": 12,
    "next_step": 12,
    "note": 7.5,
}


@dataclass(frozen=True, slots=True)
class TaskRanges:
    """The cells of the tasks' numbers, statuses and urgencies, for formulas."""

    numbers: str
    statuses: str
    urgencies: str


def draw_task_table(canvas: SheetWriter, ledger: Ledger) -> TaskRanges:
    """Draw the official table of the year; return the cells that the overview counts."""
    book = ledger.book
    leading_columns = _build_leading_columns(book.task_form)
    all_columns = [*leading_columns.values(), *_build_answer_columns(book)]
    columns = fit_to_page(
        narrow_blank_columns(all_columns, ledger.task_summaries), styles.NOTE_SIZE
    )
    canvas.set_columns([column.width for column in columns])
    canvas.write_title(f"{book.agency}{book.year}年{book.work_name}落实情况汇总表")
    canvas.write_note(f"汇总日期：{format_chinese_date(ledger.as_of)}", align="right")
    header_row = canvas.row
    area = draw_table(
        canvas,
        columns,
        ledger.task_summaries,
        empty_text="台账中没有任务。",
        is_paged=True,
    )
    canvas.set_up_page_and_freeze(header_row=header_row, frozen_rows=header_row + 1)
    names = list(leading_columns)
    return TaskRanges(
        *(area.format_column_range(names.index(name)) for name in ("number", "status", "urgency"))
    )


def _build_leading_columns(form: Form) -> dict[str, TableColumn[TaskSummary]]:
    """Return what the plan says and how the task stands, by names of our own."""

    def build_plan_column(
        source: ColumnSource, width: float, align: str = "left", *, is_merged: bool = False
    ) -> TableColumn[TaskSummary]:
        get_value = TASK_VALUES[source]
        header = get_official_header(form, source)
        return TableColumn(header, width, lambda o: get_value(o.task), align, is_merged=is_merged)

    due_header = get_official_header(form, ColumnSource.DUE_DATE)
    status_header = get_status_header(form)
    return {
        "number": build_plan_column(ColumnSource.NUMBER, 5.5, "center"),
        "requirement": build_plan_column(ColumnSource.REQUIREMENT, 10, is_merged=True),
        "point": build_plan_column(ColumnSource.KEY_POINT, 11.5, is_merged=True),
        "measure": build_plan_column(ColumnSource.MEASURE, _MEASURE_WIDTH),
        "units": TableColumn("责任单位", 9, lambda o: format_responsible_units(o.task)),
        "limit": build_plan_column(ColumnSource.DEADLINE_TEXT, 6),
        "due": TableColumn(due_header, 10.5, _format_due_date, "center"),
        "status": TableColumn(status_header, 7.5, lambda o: o.status, "center", _choose_task_tint),
        "urgency": TableColumn("判定", 4.5, lambda o: o.urgency.value, "center", _choose_task_tint),
    }


def _build_answer_columns(book: Book) -> list[TableColumn[TaskSummary]]:
    """Return the columns of what the sections answered.

    落实情况 is there whatever the form has: each section's status stands in it, and the
    wording that the office has adopted (采用口径) instead of the section's own.
    """
    form, notes = book.task_form, book.map_office_notes()

    def format_progress(row: AssignmentResult) -> str:
        note = notes.get((row.code, NoteItem.ADOPTED))
        return _format_progress(row, note.text if note else row.get_text("result"))

    progress_column = _build_by_section_column(
        get_answer_header(form, "result"), _PROGRESS_WIDTH, format_progress
    )
    columns: list[TableColumn[TaskSummary]] = []
    # Who signed within a section is shown row by row in 科室明细.
    groups = group_answer_columns(
        form, omitted=SIGNATURE_KEYS, joined=(_PROGRESS_KEYS, _CONTACT_KEYS)
    )
    for group in groups:
        first = group[0]
        if first.key in _PROGRESS_KEYS:
            columns.append(progress_column)
        elif first.key in _CONTACT_KEYS:
            header = join_contact_headers(group)
            columns.append(_build_by_section_column(header, _CONTACT_WIDTH, _format_contact))
        else:
            columns.append(_build_single_answer_column(first))
    return columns if progress_column in columns else [progress_column, *columns]


def _build_single_answer_column(column: Column) -> TableColumn[TaskSummary]:
    width = _ANSWER_WIDTHS.get(column.key) or choose_answer_width(column, is_quoted=True)
    return _build_by_section_column(column.header, width, lambda row: row.get_text(column.key))


def _build_by_section_column(
    header: str, width: float, get_text: Callable[[AssignmentResult], str]
) -> TableColumn[TaskSummary]:
    return TableColumn(header, width, lambda o: format_by_section(o.assignment_results, get_text))


def _format_progress(row: AssignmentResult, wording: str) -> str:
    """Return the status, when the task was done, and what was done.

    A date beside a status that excludes one is on 问题清单; here it would read as its day.
    """
    is_done = row.category in (StatusCategory.COMPLETED, StatusCategory.ONGOING)
    done_on = row.get_text("done_on") if is_done else ""
    late = Urgency.DONE_LATE.value if row.urgency is Urgency.DONE_LATE else ""
    notes = "，".join(filter(None, (done_on, late)))
    return f"{row.status}（{notes}）。{wording}" if notes else f"{row.status}。{wording}"


def _format_contact(row: AssignmentResult) -> str:
    return "\n".join(filter(None, map(row.get_text, _CONTACT_KEYS)))


def _choose_task_tint(task_summary: TaskSummary) -> Tint:
    return choose_tint(task_summary.urgency, task_summary.category)


def _format_due_date(task_summary: TaskSummary) -> WritableValue:
    """Return the due date; of a recurring task the next occurrence and the counts."""
    cycle = task_summary.recurrence_progress
    if cycle is None:
        is_ongoing = isinstance(task_summary.task.deadline, OngoingDeadline)
        return "长期" if is_ongoing else task_summary.due
    occurrence = cycle.most_urgent_occurrence
    occurrence_text = f"{occurrence.name}\n{occurrence.due}\n" if occurrence else ""
    return occurrence_text + format_occurrence_counts(cycle).replace("，", "\n")
