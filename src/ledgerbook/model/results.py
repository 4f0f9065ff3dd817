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

DUE_SOON_DAYS = 15

# Where a row stands when the section made no choice.
NOT_FILLED = "未填"
NOT_RETURNED = "未报送"
NIL = "零报告"
# Where a task stands that no section is responsible for.
NOBODY = "无责任科室"


@dataclass(frozen=True, slots=True)
class Answer:
    """One filled cell, understood. ``raw`` is what the sender typed."""

    value: str | date | float
    raw: str
    place: Place

    @property
    def text(self) -> str:
        if isinstance(self.value, date):
            return f"{self.value:%Y-%m-%d}"
        if isinstance(self.value, float):
            return f"{self.value:.15g}"
        return self.value

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
    picture's bytes, ``stored`` its file, relative to the summary's folder.
    """

    kind: AttachmentKind
    place: Place
    section: str = ""
    task: str = ""
    column: str = ""
    text: str = ""
    data: bytes = b""
    stored: str = ""


class Urgency(StrEnum):
    OVERDUE = "逾期"
    SOON = "临期"
    NONE = ""


def _due(task: Task, cycle: RecurrenceProgress | None) -> date | None:
    """Return the day by which ``task`` is judged now, if it has one."""
    if isinstance(task.deadline, FixedDeadline):
        return task.deadline.day
    turn = cycle.pressing if cycle else None
    return turn.due if turn else None


@dataclass(frozen=True, slots=True)
class AssignmentResult:
    """One task as one section answers it.

    ``status`` is the choice made, or 未填 (returned, left blank), 零报告 or 未报送;
    ``days`` counts from the day of collection to the due date, negative when past.
    ``cycle`` is how it stands turn by turn where it recurs.
    """

    code: str
    task: Task
    section: str
    roles: tuple[Role, ...]
    answers: Mapping[str, Answer]
    status: str
    meaning: StatusCategory | None
    urgency: Urgency
    days: int | None
    cycle: RecurrenceProgress | None = None

    @property
    def due(self) -> date | None:
        """The day by which the row is judged; of several turns the pressing one's."""
        return _due(self.task, self.cycle)

    def text(self, key: str) -> str:
        answer = self.answers.get(key)
        return answer.text if answer else ""


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """One task over all its sections: its roll-up status and the rows behind it."""

    task: Task
    rows: tuple[AssignmentResult, ...]
    status: str
    meaning: StatusCategory | None
    urgency: Urgency
    cycle: RecurrenceProgress | None = None

    @property
    def due(self) -> date | None:
        """The day by which the task is judged; of several turns the pressing one's."""
        return _due(self.task, self.cycle)


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One thing that a section has entered in a register, its newest word of it.

    ``held`` are the columns (keys) of which nothing could be read.
    """

    form: Form
    section: str
    answers: Mapping[str, Answer]
    places: Mapping[str, Place]
    held: frozenset[str] = frozenset()

    def text(self, key: str) -> str:
        answer = self.answers.get(key)
        return answer.text if answer else ""

    def meets(self, condition: Condition) -> bool:
        """Whether ``condition`` makes a cell of this record due."""
        if condition.when is ConditionKind.ALWAYS:
            return True
        said = self.text(condition.column)
        return condition.when is ConditionKind.EQUALS and said in condition.values


class FileStatus(StrEnum):
    """What became of a file."""

    ACCEPTED = "接收"
    WITH_PROBLEMS = "接收但有问题"
    PARTLY = "部分接收"
    REJECTED = "退回"
    SKIPPED = "跳过"


# A file that notes no time counts as older than any that does.
LONG_AGO = datetime(1900, 1, 1)  # noqa: DTZ001  saved times carry no zone


@dataclass(frozen=True, slots=True)
class FileReport:
    """One file of the folder. ``saved_at`` is the time noted inside it, if any."""

    name: str
    size: int
    sha256: str
    verdict: FileStatus
    sections: tuple[str, ...] = ()
    round: str = ""
    saved_at: datetime | None = None
    cells: int = 0
    note: str = ""


class SubmissionStatus(StrEnum):
    """Whether a section has answered."""

    RETURNED = "已报送"
    LATE = "迟报"
    NIL = "零报告"
    NOTHING = "已报送（无内容）"
    HELD = "报来未汇入"
    MISSING = "未报送"

    @property
    def arrived(self) -> bool:
        """Whether there is anything of the section's in the summary."""
        return self not in (SubmissionStatus.HELD, SubmissionStatus.MISSING)


@dataclass(frozen=True, slots=True)
class SectionReport:
    """How far one section has come with ``round``.

    ``files`` are those its answers came from, ``filled`` its rows with any answer,
    ``problems`` those that somebody must settle.
    """

    section: str
    standing: SubmissionStatus
    due: date | None
    files: tuple[str, ...]
    saved_at: datetime | None
    rows: int
    filled: int
    problems: int
    round: str = ""


@dataclass(frozen=True, slots=True)
class RoundReport:
    """How one round went: who returned, and where the ``rows`` stood at its end."""

    round: str
    due: date | None
    returned: tuple[str, ...]
    missing: tuple[str, ...]
    rows: int
    meanings: Mapping[StatusCategory, int]


@dataclass(frozen=True, slots=True)
class AnswerSubject:
    """What an answer is about: a task, or a record of a register (without number)."""

    number: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two answers to one cell in one round: one taken, one aside.

    ``column`` is the header, here and in Earlier.
    """

    section: str
    subject: AnswerSubject
    column: str
    taken: Answer
    taken_saved: datetime | None
    aside: Answer
    aside_saved: datetime | None


@dataclass(frozen=True, slots=True)
class EarlierAnswer:
    """What ``round`` answered, and ``now`` the answer that has followed it since."""

    section: str
    subject: AnswerSubject
    column: str
    round: str
    answer: Answer
    saved_at: datetime | None
    now_round: str
    now: Answer


@dataclass(frozen=True, slots=True)
class CellBalance:
    """The conservation count, in answer cells of all files.

    ``repeated`` cells say the same as one kept; ``aside`` ones lost a conflict and
    stand on the 冲突 sheet, ``earlier`` ones on 历次填报; ``held`` ones stand on the
    问题清单 with their text.
    """

    found: int
    kept: int
    repeated: int
    aside: int
    held: int
    earlier: int = 0

    @property
    def accounted(self) -> int:
        return self.kept + self.repeated + self.aside + self.earlier + self.held

    @property
    def balanced(self) -> bool:
        return self.found == self.accounted


@dataclass(frozen=True, slots=True)
class Ledger:
    """A collection of returns, merged. Rows and outcomes stand in plan order.

    ``attachments`` are told once each; ``repeated`` counts those that came again.
    """

    book: Book
    as_of: date
    rows: tuple[AssignmentResult, ...]
    outcomes: tuple[TaskSummary, ...]
    files: tuple[FileReport, ...]
    sections: tuple[SectionReport, ...]
    problems: tuple[Problem, ...]
    conflicts: tuple[Conflict, ...]
    tally: CellBalance
    history: tuple[EarlierAnswer, ...] = ()
    rounds: tuple[RoundReport, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    repeated: int = 0
    records: tuple[RegisterEntry, ...] = ()

    @property
    def needs_someone(self) -> bool:
        """Whether anything must be put right or chased before the year can close."""
        return (
            not self.tally.balanced
            or bool(self.conflicts)
            or any(problem.grave for problem in self.problems)
            or any(not s.standing.arrived for s in self.sections)
        )
