"""What a collection amounts to: each answer in its place, each file accounted for.

These are the values that :mod:`ledgerbook.merge.ledger` makes and the summary shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ledgerbook.model import (
    Book,
    Condition,
    ConditionKind,
    FixedDeadline,
    Form,
    Role,
    StatusCategory,
    Task,
)
from ledgerbook.model.cycles import RecurrenceProgress
from ledgerbook.model.problems import Place, Problem
from ledgerbook.text import format_value

DUE_SOON_DAYS = 15

# Where a row stands when the section made no choice.
NOT_FILLED = "未填"
NOT_RETURNED = "未报送"
NIL_RETURN = "零报告"
# Where a task stands that no section is responsible for.
NO_RESPONSIBLE_SECTION = "无责任科室"


@dataclass(frozen=True, slots=True)
class Answer:
    """One filled cell, understood. ``raw`` is what the sender typed."""

    value: str | date | float
    raw: str
    place: Place

    @property
    def text(self) -> str:
        return format_value(self.value)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Travel light: there are very many of these."""
        return Answer, (self.value, self.raw, self.place)


class AttachmentKind(StrEnum):
    """What may hang on a cell beside its text."""

    PICTURE = "图片"
    NOTE = "批注"
    LINK = "链接"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture, note or link that a section put on its sheet.

    ``task`` (code) and ``column`` (key) are blank where it hangs on no answer cell.
    ``text`` is the note, the link's target or the picture's name; ``data`` the
    picture's bytes, ``saved_path`` its file, relative to the summary's folder.
    """

    kind: AttachmentKind
    place: Place
    section: str = ""
    task: str = ""
    column: str = ""
    text: str = ""
    data: bytes = b""
    saved_path: str = ""


class Urgency(StrEnum):
    OVERDUE = "逾期"
    DUE_SOON = "临期"
    NONE = ""


def _find_due_date(task: Task, recurrence_progress: RecurrenceProgress | None) -> date | None:
    """Return the day by which ``task`` is judged now, if it has one."""
    if isinstance(task.deadline, FixedDeadline):
        return task.deadline.day
    occurrence = recurrence_progress.most_urgent_occurrence if recurrence_progress else None
    return occurrence.due if occurrence else None


@dataclass(frozen=True, slots=True)
class AssignmentResult:
    """One task as one section answers it.

    ``status`` is the choice made, or 未填 (returned, left blank), 零报告 or 未报送;
    ``days_left`` counts from the day of collection to the due date, negative when past.
    ``recurrence_progress`` is how it stands turn by turn where it recurs.
    """

    code: str
    task: Task
    section: str
    roles: tuple[Role, ...]
    answers: Mapping[str, Answer]
    status: str
    category: StatusCategory | None
    urgency: Urgency
    days_left: int | None
    recurrence_progress: RecurrenceProgress | None = None

    @property
    def due(self) -> date | None:
        """The day by which the row is judged; of several turns the pressing one's."""
        return _find_due_date(self.task, self.recurrence_progress)

    def get_text(self, key: str) -> str:
        answer = self.answers.get(key)
        return answer.text if answer else ""


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """One task over all its sections: its roll-up status and the rows behind it."""

    task: Task
    assignment_results: tuple[AssignmentResult, ...]
    status: str
    category: StatusCategory | None
    urgency: Urgency
    recurrence_progress: RecurrenceProgress | None = None

    @property
    def due(self) -> date | None:
        """The day by which the task is judged; of several turns the pressing one's."""
        return _find_due_date(self.task, self.recurrence_progress)


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One thing that a section has entered in a register, its newest word of it.

    ``rejected_columns`` are the columns (keys) of which nothing could be read.
    """

    form: Form
    section: str
    answers: Mapping[str, Answer]
    places: Mapping[str, Place]
    rejected_columns: frozenset[str] = frozenset()

    def get_text(self, key: str) -> str:
        answer = self.answers.get(key)
        return answer.text if answer else ""

    def meets_condition(self, condition: Condition) -> bool:
        """Whether ``condition`` makes a cell of this record due."""
        if condition.when is ConditionKind.ALWAYS:
            return True
        answer_text = self.get_text(condition.column)
        return condition.when is ConditionKind.EQUALS and answer_text in condition.values


class FileStatus(StrEnum):
    """What became of a file."""

    ACCEPTED = "接收"
    ACCEPTED_WITH_PROBLEMS = "接收但有问题"
    PARTIALLY_ACCEPTED = "部分接收"
    REJECTED = "退回"
    SKIPPED = "跳过"


# A file that notes no time counts as older than any that does.
EARLIEST_TIME = datetime(1900, 1, 1)  # noqa: DTZ001  saved times carry no zone


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file of the folder. ``saved_at`` is the time noted inside it, if any."""

    name: str
    size: int
    sha256: str
    status: FileStatus
    sections: tuple[str, ...] = ()
    round: str = ""
    saved_at: datetime | None = None
    cell_count: int = 0
    note: str = ""


class SubmissionStatus(StrEnum):
    """Whether a section has answered."""

    RETURNED = "已报送"
    LATE = "迟报"
    NIL_RETURN = "零报告"
    RETURNED_EMPTY = "已报送（无内容）"
    NOT_ACCEPTED = "报来未汇入"
    MISSING = "未报送"

    @property
    def has_arrived(self) -> bool:
        """Whether there is anything of the section's in the summary."""
        return self not in (SubmissionStatus.NOT_ACCEPTED, SubmissionStatus.MISSING)


@dataclass(frozen=True, slots=True)
class SectionReport:
    """How far one section has come with ``round``.

    ``file_names`` are those its answers came from, ``filled_row_count`` its rows with any answer,
    ``error_count`` those that somebody must settle.
    """

    section: str
    status: SubmissionStatus
    due: date | None
    file_names: tuple[str, ...]
    saved_at: datetime | None
    row_count: int
    filled_row_count: int
    error_count: int
    round: str = ""


@dataclass(frozen=True, slots=True)
class RoundReport:
    """How one round went: who returned, and where the ``row_count`` stood at its end."""

    round: str
    due: date | None
    returned_sections: tuple[str, ...]
    missing_sections: tuple[str, ...]
    row_count: int
    category_counts: Mapping[StatusCategory, int]


@dataclass(frozen=True, slots=True)
class AnswerSubject:
    """What an answer is about: a task, or a record of a register (without number)."""

    task_number: int | None
    label: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two answers to one cell in one round: one taken, one aside.

    ``header`` is the header, here and in Earlier.
    """

    section: str
    subject: AnswerSubject
    header: str
    accepted: Answer
    accepted_saved_at: datetime | None
    overruled: Answer
    overruled_saved_at: datetime | None


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """What ``round`` answered, and ``current_answer`` the answer that has followed it since."""

    section: str
    subject: AnswerSubject
    header: str
    round: str
    answer: Answer
    saved_at: datetime | None
    current_round: str
    current_answer: Answer


@dataclass(frozen=True, slots=True)
class CellBalance:
    """The conservation count, in answer cells of all files.

    ``repeated`` cells say the same as one kept; ``overruled`` ones lost a conflict and
    stand on the 冲突 sheet, ``earlier`` ones on 历次填报; ``rejected`` ones stand on the
    问题清单 with their text.
    """

    received: int
    accepted: int
    repeated: int
    overruled: int
    rejected: int
    earlier: int = 0

    @property
    def accounted_for(self) -> int:
        return self.accepted + self.repeated + self.overruled + self.earlier + self.rejected

    @property
    def is_balanced(self) -> bool:
        return self.received == self.accounted_for


@dataclass(frozen=True, slots=True)
class Ledger:
    """A collection of returns, merged. Rows and outcomes stand in plan order.

    ``attachments`` are told once each; ``repeated_attachments`` counts those that came again.
    """

    book: Book
    as_of: date
    assignment_results: tuple[AssignmentResult, ...]
    task_summaries: tuple[TaskSummary, ...]
    file_reports: tuple[FileReport, ...]
    section_reports: tuple[SectionReport, ...]
    problems: tuple[Problem, ...]
    conflicts: tuple[Conflict, ...]
    cell_balance: CellBalance
    earlier_answers: tuple[EarlierAnswer, ...] = ()
    round_reports: tuple[RoundReport, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    repeated_attachments: int = 0
    register_entries: tuple[RegisterEntry, ...] = ()

    @property
    def needs_attention(self) -> bool:
        """Whether anything must be put right or chased before the year can close."""
        return (
            not self.cell_balance.is_balanced
            or bool(self.conflicts)
            or any(problem.is_error for problem in self.problems)
            or any(not report.status.has_arrived for report in self.section_reports)
        )
