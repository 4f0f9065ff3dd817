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
# The status of a row whose status cell was filled with what cannot be read.
WRONGLY_FILLED = "填写有误"
# The status of a task that no section is responsible for.
NO_RESPONSIBLE_SECTION = "无责任科室"
# The status where what the section sent could not be read by a fault of the program.
NOT_READ = "程序没能读"
# The status of a row that the current round did not ask for.
NOT_ISSUED = "未下发"
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
    """Whether a row or task that is not closed is overdue or due soon, or was done late."""

    OVERDUE = "逾期"
    DUE_SOON = "临期"
    DONE_LATE = "超期完成"
    NONE = ""


@dataclass(frozen=True, slots=True)
class AssignmentResult:
    """The answers of one section to one task: a row of the summary.

    ``code`` is the row code. ``answers`` are by column key. ``status`` is the choice made,
    or 未填 (returned, but blank), 填写有误, 零报告, 未报送 or 未下发; ``category`` is what the
    choice counts as. ``days_left`` counts from the day of the collection to the due date,
    negative when it is past. ``recurrence_progress`` is set for a recurring task.
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
    def label(self) -> str:
        """The row in words, for messages."""
        return f"任务 {self.task.number}（{self.section}，{self.code}）"

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


@dataclass(frozen=True, slots=True)
class UnplannedRow:
    """A row that a section added to its table: work beyond the plan (计划外工作).

    ``texts`` are what its cells show, by column key; ``place`` is its first cell.
    """

    section: str
    round: str
    place: Place
    texts: dict[str, str]


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
    gives the day on which the file came, that is ``received_on``, and ``saved_at`` its evening;
    ``has_registered_round`` where it says for which round the file counts.
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
    has_registered_round: bool = False


class SubmissionStatus(StrEnum):
    """How a section stands in the current round (报送状态).

    NOT_READ: by a fault of the program a file could not be read that is the section's, or
    of which nobody can say whose it is. NOT_ISSUED: the round was not issued to the section.
    CARRIED: it returned what it was issued with, and changed nothing.
    """

    RETURNED = "已报送"
    CARRIED = "已报送（全部沿用）"
    PARTIAL = "部分填报"
    WRONGLY_FILLED = WRONGLY_FILLED
    LATE = "迟报"
    NIL_RETURN = "零报告"
    RETURNED_EMPTY = "已报送（无内容）"
    NOT_ACCEPTED = "报来未汇入"
    MISSING = "未报送"
    NOT_READ = NOT_READ
    NOT_ISSUED = NOT_ISSUED

    @property
    def is_absent(self) -> bool:
        """Whether a return is due of which the summary includes nothing."""
        return self in (
            SubmissionStatus.NOT_ACCEPTED,
            SubmissionStatus.MISSING,
            SubmissionStatus.NOT_READ,
        )

    @property
    def has_arrived(self) -> bool:
        """Whether the summary includes a return of the section."""
        return not self.is_absent and self is not SubmissionStatus.NOT_ISSUED


@dataclass(frozen=True, slots=True)
class RowCounts:
    """The rows that a round asks of a section, by what its returns of the round say of them.

    ``said`` are answered anew, ``carried`` left as they were issued, or blank where an earlier
    round settled them (沿用), ``refused`` have a status that cannot be read, ``blank`` are the
    rest.
    """

    said: int = 0
    carried: int = 0
    refused: int = 0
    blank: int = 0

    @property
    def total(self) -> int:
        return self.said + self.carried + self.refused + self.blank

    @property
    def answered(self) -> int:
        return self.said + self.carried


@dataclass(frozen=True, slots=True)
class SectionReport:
    """The submission of one section in ``round``.

    ``file_names`` are the files that its answers come from, ``saved_at`` the time of the
    newest. ``filled_row_count`` counts the rows with any answer of any round, ``counts`` those
    of this one; ``error_count`` the problems that somebody must correct. ``is_late``: its
    first return of the round was received after the due day.
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
    counts: RowCounts = RowCounts()
    is_late: bool = False

    @property
    def standing(self) -> str:
        """The status with what belongs to it: 部分填报（9/24），迟报."""
        text = str(self.status)
        if self.status is SubmissionStatus.PARTIAL:
            text += f"（{self.counts.answered}/{self.counts.total}）"
        has_other_word = self.is_late and self.status is not SubmissionStatus.LATE
        return f"{text}，{SubmissionStatus.LATE}" if has_other_word else text


# The code of a task and the name of a section.
RowKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class RoundFigures:
    """How far a round has come: who returned, and its rows by the category of their status.

    None is the category of the rows without a status. ``late_rows`` are those completed after
    their due date.
    """

    returned_sections: tuple[str, ...]
    missing_sections: tuple[str, ...]
    rows_by_category: Mapping[StatusCategory | None, tuple[RowKey, ...]]
    late_rows: tuple[RowKey, ...] = ()

    def count(self, category: StatusCategory | None) -> int:
        return len(self.rows_by_category.get(category, ()))

    @property
    def row_count(self) -> int:
        return sum(len(rows) for rows in self.rows_by_category.values())

    @property
    def category_counts(self) -> dict[StatusCategory, int]:
        return {category: self.count(category) for category in StatusCategory}

    @property
    def completion_rate(self) -> float | None:
        """The share of completed rows (完成率); None where no row has to be completed."""
        required_count = self.row_count - self.count(StatusCategory.NOT_APPLICABLE)
        return self.count(StatusCategory.COMPLETED) / required_count if required_count else None


@dataclass(frozen=True, slots=True)
class RegisterReport:
    """Whether ``section``, which keeps a register, has returned it in the current round.

    ``form`` is the register's key. RETURNED_EMPTY: it came back without an entry, and
    nobody ticked that there is nothing to report; NIL_RETURN: somebody did. While the current
    round's return may still come, or was not asked for, the status is that of the latest round
    with one; ``carried_round`` is that round where the current one's is still to come (沿用).
    """

    section: str
    form: str
    status: SubmissionStatus
    carried_round: str = ""


@dataclass(frozen=True, slots=True)
class RoundReport:
    """One round with its two figures.

    ``at_due`` (截止) counts what was received by the due day and never changes afterwards;
    None while that day is not over, or without one. ``with_late`` (含补报) counts all that
    was returned. ``not_issued_sections`` have tasks in the book and were issued nothing in
    the round.
    """

    round: str
    due: date | None
    at_due: RoundFigures | None
    with_late: RoundFigures
    not_issued_sections: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerSubject:
    """What an answer is about: a task, or an entry of a register (without a number).

    ``code`` is the row code of a task's row, or by what the office's choices know an entry;
    ``form`` is the key of the register, blank for a task.
    """

    task_number: int | None
    label: str
    code: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two different answers to one cell in ``round``, of which one is in the summary.

    ``header`` is the header of the column. ``accepted`` is None where the cell is blank now:
    the file ``accepted_file`` cleared it. ``is_withdrawal``: whoever did so had the old
    answer before him (先填后空). ``later_round`` is the round whose answer holds by now
    instead of either; blank where there is none.
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
    round: str = ""
    later_round: str = ""


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """An answer of ``round`` that was changed knowingly, or in a later round.

    ``current_answer``, of ``current_round``, holds now; None where the cell is blank.
    ``current_file`` says so: a file, or the book of the office.
    """

    section: str
    subject: AnswerSubject
    header: str
    round: str
    answer: Answer
    saved_at: datetime | None
    current_round: str
    current_answer: Answer | None
    current_file: str


@dataclass(frozen=True, slots=True)
class CellBalance:
    """The number of answer cells of all files, and where each of them is.

    ``accepted`` cells are in the summary, ``repeated`` ones repeat what another file says,
    and ``as_issued`` ones say nothing: they are as the form was issued. ``overruled`` cells
    are on the sheet 冲突, ``earlier`` ones on 历次填报, and ``rejected`` ones with their
    text on 问题清单, ``unplanned`` ones on 计划外工作. The sum must equal ``received``, among
    which are the ``office`` ones that were typed in the book. ``foreign`` cells, of sheets that
    are not ours, are none of them.
    """

    received: int
    accepted: int
    repeated: int
    overruled: int
    rejected: int
    earlier: int = 0
    as_issued: int = 0
    office: int = 0
    unplanned: int = 0
    foreign: int = 0

    @property
    def buckets(self) -> tuple[tuple[str, int], ...]:
        """Where the cells are, and how many; what only some returns have is left out at 0."""
        all_buckets = (
            ("汇入汇总", self.accepted, True),
            ("内容相同的重复", self.repeated, True),
            ("与下发时相同", self.as_issued, False),
            ("列入冲突", self.overruled, True),
            ("改过的旧内容", self.earlier, False),
            ("列入计划外工作", self.unplanned, False),
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
    def foreign_text(self) -> str:
        """How many cells are no answers, in a sentence; blank if there are none."""
        if not self.foreign:
            return ""
        return (
            f"另有 {self.foreign} 个单元格在不是本工具发出的表里：没有抄进来，不是填报，不算在内。"
        )

    @property
    def is_balanced(self) -> bool:
        return self.received == self.accounted_for


@dataclass(frozen=True, slots=True)
class OmittedContents:
    """How many contents a ledger lacks because they are, or may be, personal data (个人信息).

    ``answers`` are cells of the marked columns, ``conflicts`` and ``earlier`` lines on 冲突 and
    历次填报, ``unplanned`` cells on 计划外工作, ``problems`` those on 问题清单, ``attachments``
    notes, links and names of pictures.
    """

    answers: int = 0
    conflicts: int = 0
    earlier: int = 0
    problems: int = 0
    attachments: int = 0
    unplanned: int = 0


@dataclass(frozen=True, slots=True)
class Ledger:
    """The merged returns of a folder, on the day ``as_of``.

    ``assignment_results`` and ``task_summaries`` are in the order of the plan.
    ``attachments`` contains equal ones once; ``repeated_attachments`` counts the others.
    ``omitted`` is set where the contents of personal columns are left out
    (:func:`ledgerbook.merge.personal_data.omit_personal_data`).
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
    omitted: OmittedContents | None = None
    unplanned_rows: tuple[UnplannedRow, ...] = ()

    @property
    def needs_attention(self) -> bool:
        """Whether anything must be corrected or is still missing."""
        return (
            not self.cell_balance.is_balanced
            or any(not conflict.is_withdrawal for conflict in self.conflicts)
            or any(problem.is_error for problem in self.problems)
            or any(report.status.is_absent for report in self.section_reports)
        )
