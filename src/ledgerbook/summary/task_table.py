"""年度汇总: the official table, one entry a task, each section quoted by name."""

from __future__ import annotations

from dataclasses import dataclass

from ledgerbook.excel.canvas import SheetWriter, Tint, Value, tint_of
from ledgerbook.excel.tables import TableArea, TableColumn, draw_table
from ledgerbook.model import OngoingDeadline
from ledgerbook.model.results import AssignmentResult, Ledger, TaskSummary
from ledgerbook.summary.labels import labelled, turns_text, units_text
from ledgerbook.text import chinese_date


@dataclass(frozen=True, slots=True)
class TaskRanges:
    """Where the tasks stand, for formulas: one number, status and urgency each."""

    numbers: str
    statuses: str
    urgencies: str


def _progress(row: AssignmentResult) -> str:
    done_on = row.text("done_on")
    when = f"（{done_on}）" if done_on else ""
    return f"{row.status}{when}。{row.text('result')}"


def _person(row: AssignmentResult) -> str:
    return "\n".join(filter(None, (row.text("person"), row.text("phone"))))


def _tint(outcome: TaskSummary) -> Tint:
    return tint_of(outcome.urgency, outcome.meaning)


def _answers(key: str, header: str, width: float) -> TableColumn[TaskSummary]:
    return TableColumn(header, width, lambda o: labelled(o.rows, lambda r: r.text(key)))


def _due(outcome: TaskSummary) -> Value:
    """Show the day, or how often the task recurs and which turn is next."""
    cycle = outcome.cycle
    if cycle is None:
        ongoing = isinstance(outcome.task.deadline, OngoingDeadline)
        return "长期" if ongoing else outcome.due
    turn = cycle.pressing
    shown = f"{turn.name}\n{turn.due}\n" if turn else ""
    return shown + turns_text(cycle).replace("，", "\n")


FIELDS: tuple[TableColumn[TaskSummary], ...] = (
    TableColumn("序号", 5.5, lambda o: o.task.number, "center"),
    TableColumn("工作要求", 10, lambda o: o.task.requirement, merged=True),
    TableColumn("工作要点", 11.5, lambda o: o.task.point, merged=True),
    TableColumn("计划措施", 25, lambda o: o.task.measure),
    TableColumn("责任单位", 9, lambda o: units_text(o.task)),
    TableColumn("时限", 6, lambda o: o.task.limit),
    TableColumn("完成期限", 10.5, _due, "center"),
    TableColumn("完成状态", 7.5, lambda o: o.status, "center", _tint),
    TableColumn("判定", 4.5, lambda o: o.urgency.value, "center", _tint),
    TableColumn("落实情况", 35.5, lambda o: labelled(o.rows, _progress)),
    _answers("evidence", "佐证材料", 12.5),
    _answers("reason", "未完成原因", 12),
    _answers("next_step", "下一步措施", 12),
    TableColumn("责任人及电话", 17.5, lambda o: labelled(o.rows, _person)),
    _answers("note", "备注", 7.5),
)


def draw_annual(canvas: SheetWriter, ledger: Ledger) -> TaskRanges:
    """Draw the official table of the year."""
    book = ledger.book
    canvas.columns([field.width for field in FIELDS])
    canvas.title(f"{book.agency}{book.year}年政务公开重点任务落实情况汇总表")
    canvas.note(f"汇总日期：{chinese_date(ledger.as_of)}", align="right")
    head = canvas.row
    area = draw_table(
        canvas, FIELDS, ledger.outcomes, empty="台账中没有任务。", paged=True
    )
    canvas.frame(head_row=head, frozen=head + 1)
    return _ranges(area)


def _ranges(area: TableArea) -> TaskRanges:
    at = {field.header: area.column(index) for index, field in enumerate(FIELDS)}
    return TaskRanges(at["序号"], at["完成状态"], at["判定"])
