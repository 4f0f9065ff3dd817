"""Define the layout of an issued sheet: the contract between ``issue`` and ``intake``.

Rows above the table, hidden keys, labels, and the texts of fixed and computed cells.
``issue`` writes them and ``intake`` recognises them; both import them from here. Nothing
here draws, so that ``intake`` does not load XlsxWriter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from ledgerbook.deadlines import find_asked_occurrence
from ledgerbook.identity import MARK_LABEL
from ledgerbook.model import (
    Book,
    ColumnSource,
    FixedDeadline,
    Form,
    OngoingDeadline,
    Recurrence,
    Round,
    Task,
)
from ledgerbook.model.results import DUE_SOON_DAYS
from ledgerbook.statutory_limits import CLOCK_PAUSED, NOT_COMPUTABLE, WRONGLY_FILLED, LimitStatus

# The rows of a sheet, 0-based; KEY_ROW is hidden and holds the keys of the columns.
TITLE_ROW, INFO_ROW, MARK_ROW, KEY_ROW, HEADER_ROW, FIRST_ROW = range(6)
# The key of the hidden column that repeats the row code, with a fingerprint of the text.
ROW_KEY = "_row"

# What 提醒 shows of a task that is neither overdue nor due soon.
DEADLINE_LABELS: Mapping[type, str] = MappingProxyType(
    {Recurrence: "定期", OngoingDeadline: "长期"}
)

CORRECTIONS_SHEET = "需要改正的地方"
# The columns of the list of corrections, and the 0-based row that names them.
CORRECTION_HEADERS = (
    "序号",
    "在哪张表的哪一格",
    "任务",
    "栏目",
    "原来填的内容",
    "有什么问题",
    "怎么改",
)
CORRECTION_HEADER_ROW = 2
INSTRUCTIONS_SHEET = "填表说明"
REGISTER_INSTRUCTIONS_SHEET = f"登记簿{INSTRUCTIONS_SHEET}"

# The beginnings of the lines above the table.
SECTION_LABEL, TASKS_LABEL, ENTRIES_LABEL = "填报科室：", "共 ", "已登记 "
# In the cell beside this label a section says that it has nothing to report (零报告).
NIL_LABEL = "无内容可报的，在右格选“是”→"
NIL_YES = "是"
TASK_LEGEND = (
    "白格由科室填写，灰格请勿改动；黄格是现在必须填的。"
    f"整行红色=逾期，橙色={DUE_SOON_DAYS}天内到期，绿色=已完成。"
)
REGISTER_LEGEND = "一行登记一件，接着往下填；灰格请勿改动；黄格是这一件还要填的。行不够可以插入行。"
# The texts of computed cells of a register that show no date.
COMPUTED_TEXTS = frozenset({*map(str, LimitStatus), NOT_COMPUTABLE, CLOCK_PAUSED, WRONGLY_FILLED})

AnswerValue = str | float | date
RowAnswers = Mapping[str, AnswerValue]
# A section's answers by task code, then column key.
PrefilledAnswers = Mapping[str, RowAnswers]


@dataclass(frozen=True, slots=True)
class SheetContent:
    """One sheet to draw: its section, round and form, and the ``name`` of the sheet.

    ``answers`` are those to start from, ``remarks`` say what is wrong with them, and
    ``comments`` what else is to be read at a cell. All are by row name (task code, or number
    of a register's row from "0" on), then column key.
    """

    book: Book
    round: Round
    section: str
    form: Form
    name: str
    issued_on: date
    answers: PrefilledAnswers = field(default_factory=dict)
    remarks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    comments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def tasks(self) -> tuple[Task, ...]:
        return self.book.get_tasks(self.section)

    @property
    def row_names(self) -> tuple[str, ...]:
        """The names of the sheet's rows: task codes, or numbers of a register's rows.

        Of a register this is the least number of rows; more may fill the last page.
        """
        if not self.form.is_register:
            return tuple(task.code for task in self.tasks)
        numbers = (int(number) for number in (*self.answers, *self.remarks))
        entry_count = max(numbers, default=-1) + 1
        return tuple(map(str, range(entry_count + self.form.rows)))

    def find_due_date(self, task: Task) -> date | None:
        """Return the day by which the round asks for ``task``, None without a deadline.

        Of a recurring task a round asks for one occurrence.
        """
        match task.deadline:
            case FixedDeadline(day):
                return day
            case Recurrence() as recurrence:
                year, round_due = self.book.year, self.round.due
                occurrence = find_asked_occurrence(recurrence, year, round_due, self.issued_on)
                return occurrence.due if occurrence else None
            case _:
                return None


def is_header_text(text: str, form: Form) -> bool:
    """Return whether ``text`` is one of those written above the header of an issued sheet."""
    labels = (TASKS_LABEL, ENTRIES_LABEL)
    prefixes = (SECTION_LABEL, MARK_LABEL, *labels, *(f'="{label}' for label in labels))
    texts = (TASK_LEGEND, REGISTER_LEGEND, NIL_LABEL)
    return text.startswith(prefixes) or text in texts or text.endswith(form.title)


def get_plan_values(content: SheetContent, task: Task) -> Mapping[ColumnSource, str | int | date]:
    """Return the values of the fixed cells of one row, except the row code."""
    return {
        ColumnSource.NUMBER: task.number,
        ColumnSource.REQUIREMENT: task.requirement,
        ColumnSource.KEY_POINT: task.point,
        ColumnSource.MEASURE: task.measure,
        ColumnSource.ROLES: "、".join(task.get_roles(content.section)),
        ColumnSource.DEADLINE_TEXT: task.deadline_text,
        ColumnSource.DUE_DATE: content.find_due_date(task) or "",
    }
