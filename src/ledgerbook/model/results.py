"""Define the result of a collection: the ledger, its rows, files, sections and conflicts.

:mod:`ledgerbook.merge.ledger` makes these values; the annual summary and all other
outputs show them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ledgerbook.faults import ProgramFault
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

# A task due within this many days is 临期.
DUE_SOON_DAYS = 15

# The status of a row for which the section chose none.
NOT_FILLED = "未填"
NOT_RETURNED = "未报送"
NIL_RETURN = "零报告"
# The status of a task that no section is responsible for.
NO_RESPONSIBLE_SECTION = "无责任科室"
# The status where what the section sent could not be read by a fault of the program.
NOT_READ = "程序没能读"
# A file that contains no time of saving counts as older than any that does.
EARLIEST_TIME = datetime(1900, 1, 1)  # noqa: DTZ001  saved times carry no zone


@dataclass(frozen=True, slots=True)
class Answer:
    """The parsed value of a filled cell; ``raw`` is what the sender typed."""

    value: str | date | float
    raw: str
    place: Place

    @property
    def text(self) -> str:
        """The value as text."""
        return format_value(self.value)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Pickle the fields alone, without their names: there are very many answers."""
        return Answer, (self.value, self.raw, self.place)


class AttachmentKind(StrEnum):
    """What may be attached to a cell beside its text."""

    PICTURE = "图片"
    NOTE = "批注"
    LINK = "链接"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture, note or link that a section put on its sheet.

    ``task`` (code) and ``column`` (key) are blank unless it is on an answer cell.
    ``text`` is the text of the note, the target of the link or the name of the picture;
    ``data`` are the bytes of the picture, ``saved_path`` its file, relative to the folder
    of the summary.
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
    """Whether a row or task that is not closed is overdue or due soon."""

    OVERDUE = "逾期"
    DUE_SOON = "临期"
    NONE = ""


@dataclass(frozen=True, slots=True)
class AssignmentResult:
    """The answers of one section to one task: a row of the summary.

    ``code`` is the row code. ``answers`` are by column key. ``status`` is the choice made,
    or 未填 (returned, but blank), 零报告 or 未报送; ``category`` is what the choice counts
    as. ``days_left`` counts from the day of the collection to the due date, negative when
    it is past. ``recurrence_progress`` is set for a recurring task.
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
        """The due date; of a recurring task that of the most urgent occurrence."""
        return _find_due_date(self.task, self.recurrence_progress)

    @property
    def texts(self) -> dict[str, str]:
        """The answers as texts, by column key."""
        return {key: answer.text for key, answer in self.answers.items()}

    def get_text(self, key: str) -> str:
        answer = self.answers.get(key)
        return answer.text if answer else ""


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """One task over all its sections: the combined status and the rows it comes from."""

    task: Task
    assignment_results: tuple[AssignmentResult, ...]
    status: str
    category: StatusCategory | None
    urgency: Urgency
    recurrence_progress: RecurrenceProgress | None = None

    @property
    def due(self) -> date | None:
        """The due date; of a recurring task that of the most urgent occurrence."""
        return _find_due_date(self.task, self.recurrence_progress)


def _find_due_date(task: Task, recurrence_progress: RecurrenceProgress | None) -> date | None:
    """Return the date of a fixed deadline, or that of the most urgent occurrence."""
    if isinstance(task.deadline, FixedDeadline):
        return task.deadline.day
    occurrence = recurrence_progress.most_urgent_occurrence if recurrence_progress else None
    return occurrence.due if occurrence else None


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One entry of a section in a register, with its newest answers.

    ``answers`` and ``places`` are by column key; ``rejected_columns`` are the keys of the
    columns whose contents could not be read.
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
        """Return whether ``condition`` is met, so that its column must be filled."""
        if condition.when is ConditionKind.ALWAYS:
            return True
        answer_text = self.get_text(condition.column)
        return condition.when is ConditionKind.EQUALS and answer_text in condition.values


class FileStatus(StrEnum):
    """What the collection did with a file."""

    ACCEPTED = "接收"
    ACCEPTED_WITH_PROBLEMS = "接收但有问题"
    PARTIALLY_ACCEPTED = "部分接收"
    REJECTED = "退回"
    SKIPPED = "跳过"
    LEFT_OUT = "不采用"
    NOT_READ = "程序没能读（不是表的问题）"


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file of the folder, as listed in 报送情况.

    ``name`` is relative to the folder, ``size`` in bytes; ``saved_at`` is the time of
    saving that the file itself contains, and ``cell_count`` the number of its answer cells.
    ``fault`` is what went wrong in the program while it read the file. A file that
    ``has_doubtful_time`` was saved by a wrong clock: ``saved_at`` says nothing. Where 收件登记
    gives the day on which the file came, that is ``received_on``, and ``saved_at`` its evening.
    """

    name: str
    size: int
    sha256: str
    status: FileStatus
    sections: tuple[str, ...] = ()
    round: str = ""
    saved_at: datetime | None = None
    cell_count: int = 0
    note: str = ""
    fault: ProgramFault | None = None
    has_doubtful_time: bool = False
    received_on: date | None = None


class SubmissionStatus(StrEnum):
    """Whether a section has returned its form.

    NOT_READ: by a fault of the program a file could not be read that is the section's, or
    of which nobody can say whose it is.
    """

    RETURNED = "已报送"
    LATE = "迟报"
    NIL_RETURN = "零报告"
    RETURNED_EMPTY = "已报送（无内容）"
    NOT_ACCEPTED = "报来未汇入"
    MISSING = "未报送"
    NOT_READ = NOT_READ

    @property
    def has_arrived(self) -> bool:
        """Whether the summary includes a return of the section."""
        return self not in (
            SubmissionStatus.NOT_ACCEPTED,
            SubmissionStatus.MISSING,
            SubmissionStatus.NOT_READ,
        )


@dataclass(frozen=True, slots=True)
class SectionReport:
    """The submission of one section in ``round``.

    ``file_names`` are the files that its answers come from, ``saved_at`` the time of the
    newest. ``filled_row_count`` counts the rows with any answer, ``error_count`` the
    problems that somebody must correct.
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
class RegisterReport:
    """Whether ``section``, which keeps a register, has returned it in the current round.

    ``form`` is the register's key. RETURNED_EMPTY: it came back without an entry, and
    nobody ticked that there is nothing to report; NIL_RETURN: somebody did.
    """

    section: str
    form: str
    status: SubmissionStatus


@dataclass(frozen=True, slots=True)
class RoundReport:
    """One round at its end: who returned, and the categories of its ``row_count`` rows."""

    round: str
    due: date | None
    returned_sections: tuple[str, ...]
    missing_sections: tuple[str, ...]
    row_count: int
    category_counts: Mapping[StatusCategory, int]


@dataclass(frozen=True, slots=True)
class AnswerSubject:
    """What an answer is about: a task, or an entry of a register (without a number).

    ``code`` is the row code of a task's row.
    """

    task_number: int | None
    label: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two different answers to one cell in one round, of which one is in the summary.

    ``header`` is the header of the column. ``accepted`` is None where the cell is blank now:
    the file ``accepted_file`` cleared it. ``is_withdrawal``: whoever did so had the old
    answer before him (先填后空).
    """

    section: str
    subject: AnswerSubject
    header: str
    accepted: Answer | None
    accepted_file: str
    accepted_saved_at: datetime | None
    overruled: Answer
    overruled_saved_at: datetime | None
    is_withdrawal: bool = False


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """An answer of ``round`` that its section changed knowingly, or in a later round.

    ``current_answer``, of ``current_round``, holds now; None where the cell is blank.
    """

    section: str
    subject: AnswerSubject
    header: str
    round: str
    answer: Answer
    saved_at: datetime | None
    current_round: str
    current_answer: Answer | None


@dataclass(frozen=True, slots=True)
class CellBalance:
    """The number of answer cells of all files, and where each of them is.

    ``accepted`` cells are in the summary, ``repeated`` ones repeat what another file says,
    and ``as_issued`` ones say nothing: they are as the form was issued. ``overruled`` cells
    are on the sheet 冲突, ``earlier`` ones on 历次填报, and ``rejected`` ones with their
    text on 问题清单. The sum must equal ``received``, among which are the ``office`` ones that
    were typed in the book.
    """

    received: int
    accepted: int
    repeated: int
    overruled: int
    rejected: int
    earlier: int = 0
    as_issued: int = 0
    office: int = 0

    @property
    def buckets(self) -> tuple[tuple[str, int], ...]:
        """Where the cells are, and how many; what only some returns have is left out at 0."""
        all_buckets = (
            ("汇入汇总", self.accepted, True),
            ("内容相同的重复", self.repeated, True),
            ("与下发时相同", self.as_issued, False),
            ("列入冲突", self.overruled, True),
            ("改过的旧内容", self.earlier, False),
            ("列入问题清单", self.rejected, True),
        )
        return tuple((name, count) for name, count, is_shown in all_buckets if count or is_shown)

    @property
    def accounted_for(self) -> int:
        """The number of cells that are somewhere in the summary."""
        return sum(count for _, count in self.buckets)

    @property
    def equation(self) -> str:
        """The account in words: all cells received, and where each of them is."""
        parts = " + ".join(f"{name} {count} 个" for name, count in self.buckets)
        office = f"（其中综合科更正代填 {self.office} 个）" if self.office else ""
        return f"收到填写的单元格 {self.received} 个{office} = {parts}"

    @property
    def is_balanced(self) -> bool:
        return self.received == self.accounted_for


@dataclass(frozen=True, slots=True)
class Ledger:
    """The merged returns of a folder, on the day ``as_of``.

    ``assignment_results`` and ``task_summaries`` are in the order of the plan.
    ``attachments`` contains equal ones once; ``repeated_attachments`` counts the others.
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
    register_reports: tuple[RegisterReport, ...] = ()

    @property
    def needs_attention(self) -> bool:
        """Whether anything must be corrected or is still missing."""
        return (
            not self.cell_balance.is_balanced
            or any(not conflict.is_withdrawal for conflict in self.conflicts)
            or any(problem.is_error for problem in self.problems)
            or any(not report.status.has_arrived for report in self.section_reports)
        )
