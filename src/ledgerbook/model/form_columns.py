"""Choose which columns of the task form a table shows, in which order, under which header.

Every output that shows the task form (年度汇总, 逾期临期, 科室明细, the exports, the
annex of the annual report) selects its columns here, so that a header which the office
renames is renamed in each of them, and a column which it adds is shown in each of them.
An output names the factory columns that it leaves out or joins by their keys; all other
answer columns of the form follow in the form's order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from itertools import takewhile

from ledgerbook.model.cell_rules import NUMBER_TYPES
from ledgerbook.model.forms import Column, ColumnSource, ColumnType, ConditionKind, Form
from ledgerbook.model.results import AssignmentResult
from ledgerbook.model.tasks import Task

ColumnValue = str | int | float | date | None

# The values of official columns that are the same for all sections of a task.
TASK_VALUES: Mapping[ColumnSource, Callable[[Task], str | int]] = {
    ColumnSource.NUMBER: lambda task: task.number,
    ColumnSource.REQUIREMENT: lambda task: task.requirement,
    ColumnSource.KEY_POINT: lambda task: task.point,
    ColumnSource.MEASURE: lambda task: task.measure,
    ColumnSource.DEADLINE_TEXT: lambda task: task.deadline_text,
}
# The values of official columns that depend on the section too.
_ROW_VALUES: Mapping[ColumnSource, Callable[[AssignmentResult], ColumnValue]] = {
    ColumnSource.ROW_CODE: lambda row: row.code,
    ColumnSource.ROLES: lambda row: "、".join(row.roles),
    ColumnSource.DUE_DATE: lambda row: row.due,
}
# How a line of 备注 begins that has the text of a column of the plan.
PLAN_LABEL = re.compile(r"([^：。；，\n]{1,30})：")
# The keys of the columns in which the head of a section signs a row. A form of before has
# neither; what is signed is every other answer of the row.
SIGNER, SIGNED_ON = "signer", "signed_on"
SIGNATURE_KEYS = frozenset({SIGNER, SIGNED_ON})
# How the factory form heads its answer columns, by key, and the official columns whose
# header is not the name of their source. They head what a form no longer has.
FACTORY_ANSWER_HEADERS: Mapping[str, str] = {
    "status": "完成状态",
    "done_on": "完成日期",
    "result": "落实情况",
    "evidence": "佐证材料",
    "reason": "未完成原因",
    "next_step": "下一步措施",
    "person": "责任人",
    "phone": "联系电话",
    "note": "备注",
    SIGNER: "审签人",
    SIGNED_ON: "审签日期",
}
_FACTORY_OFFICIAL_HEADERS = {ColumnSource.DUE_ALERT: "提醒"}
# Columns that take any text.
TEXT_TYPES = (ColumnType.TEXT, ColumnType.LONG_TEXT, ColumnType.PHONE)
# Columns whose short values stand in the middle of the cell.
CENTERED_TYPES = frozenset({ColumnType.CHOICE, ColumnType.DATE, *NUMBER_TYPES})


def get_plan_text(task: Task, column: Column) -> str:
    """Return what the plan says in the column of its own that ``column`` shows.

    ``column.example`` is the header that it has in the plan; 备注 of the task has a line
    ``header：text`` for it, and perhaps further lines before that of the next column.
    """
    start = f"{column.example}："
    lines = iter(task.note.split("\n"))
    first = next((line for line in lines if line.startswith(start)), None)
    if first is None:
        return ""
    further = takewhile(lambda line: PLAN_LABEL.match(line) is None, lines)
    return "\n".join((first.removeprefix(start), *further))


def get_official_value(row: AssignmentResult, column: Column) -> ColumnValue:
    """Return what an official column shows of ``row``; blank where it shows nothing."""
    source = column.source
    if source is None:
        return ""
    if source is ColumnSource.PLAN_COLUMN:
        return get_plan_text(row.task, column)
    if source in TASK_VALUES:
        return TASK_VALUES[source](row.task)
    return _ROW_VALUES[source](row) if source in _ROW_VALUES else ""


def get_answer_value(row: AssignmentResult, column: Column) -> ColumnValue:
    """Return the section's answer with its own type; blank where there is none."""
    return row.answers[column.key].value if column.key in row.answers else ""


def get_alignment(column: Column) -> str:
    """Return how the values of ``column`` are aligned in a cell."""
    return "center" if column.kind in CENTERED_TYPES else "left"


def find_status_column(form: Form) -> Column | None:
    """Return the status column, or None when the office took it out of the form."""
    try:
        return form.status_column
    except LookupError:
        return None


def get_status_header(form: Form) -> str:
    """Return the header of the column that says where an item stands."""
    column = find_status_column(form)
    return column.header if column else FACTORY_ANSWER_HEADERS["status"]


def get_official_header(form: Form, source: ColumnSource) -> str:
    """Return the header of the column that shows ``source``, else the factory's."""
    headers = (column.header for column in form.official_columns if column.source is source)
    return next(headers, _FACTORY_OFFICIAL_HEADERS.get(source, source.value))


def get_answer_header(form: Form, key: str) -> str:
    """Return the header of the answer column ``key``, else the factory's."""
    headers = (column.header for column in form.answer_columns if column.key == key)
    return next(headers, FACTORY_ANSWER_HEADERS[key])


def list_overdue_headers(form: Form) -> tuple[str, ...]:
    """Return the headers of the columns that must be filled once a task is overdue."""
    return tuple(
        column.header
        for column in form.answer_columns
        if any(condition.when is ConditionKind.OVERDUE for condition in column.required)
    )


def list_added_columns(form: Form) -> tuple[Column, ...]:
    """Return the answer columns that the factory form does not have, in the form's order."""
    status = find_status_column(form)
    return tuple(
        column
        for column in form.answer_columns
        if column.key not in FACTORY_ANSWER_HEADERS and column is not status
    )


def group_answer_columns(
    form: Form, *, omitted: Collection[str] = (), joined: Sequence[tuple[str, ...]] = ()
) -> tuple[tuple[Column, ...], ...]:
    """Return the answer columns of a table in the form's order, each as a group.

    The status column is not among them: every table shows it beside the urgency. Columns
    whose keys are ``omitted`` are left out. Those of one tuple of ``joined`` share one
    group, which stands where the first of them stands in the form; any other is a group
    by itself.
    """
    status = find_status_column(form)
    groups: dict[tuple[str, ...], list[Column]] = {}
    for column in form.answer_columns:
        if column.key not in omitted and column is not status:
            keys = next((keys for keys in joined if column.key in keys), (column.key,))
            groups.setdefault(keys, []).append(column)
    return tuple(tuple(columns) for columns in groups.values())


def join_contact_headers(columns: Sequence[Column]) -> str:
    """Head a column that joins a person and the telephone: 责任人及电话."""
    first, *others = (column.header for column in columns)
    return "及".join((first, *(header.removeprefix("联系") for header in others)))


def name_task_number(number_header: str) -> str:
    """Head the task's number in a list that numbers its own lines as well: 任务序号."""
    return number_header if number_header.startswith("任务") else f"任务{number_header}"
