"""The things ledgerbook is about. Frozen values; nothing here reads or writes.

A *plan* of a bureau lists *tasks*; each task names the *sections* responsible, in
*roles*. The office keeps them in *the book*, issues *forms* to the sections in
*rounds*, and merges what returns.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Role(StrEnum):
    """What a section owes a task, in the order in which roles are shown."""

    LEAD = "牵头"
    IMPLEMENT = "落实"
    SUPPORT = "配合"
    COMPILE = "汇总"


@dataclass(frozen=True, slots=True)
class Assignment:
    section: str
    role: Role


@dataclass(frozen=True, slots=True)
class HandMade:
    """The office's own decision for one section and task; ``()`` means none."""

    section: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """``aliases`` are the short names by which a plan may call it.

    ``registers`` are the keys of the forms it fills besides the task ledger.
    """

    name: str
    contact: str = ""
    phone: str = ""
    email: str = ""
    note: str = ""
    aliases: tuple[str, ...] = ()
    registers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Round:
    """One time of asking; ``due`` is the day by which returns are owed, if set."""

    name: str
    due: date | None = None
    note: str = ""


class Every(StrEnum):
    """How often a duty recurs."""

    WEEK = "周"
    MONTH = "月"
    TWO_MONTHS = "两个月"
    QUARTER = "季度"
    HALF_YEAR = "半年"
    YEAR = "年"


@dataclass(frozen=True, slots=True)
class OnDate:
    """Due once; ``lasting`` where the work goes on after that day."""

    day: date
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Due ``times`` times a period, by ``day`` of its ``month``; 0 stands for the last.

    ``month`` counts from the first of the period; one beyond it is the month after it.
    A week has no months, and its days count from Monday. What would fall due before
    ``since`` is not owed.
    """

    every: Every
    month: int = 0
    day: int = 0
    times: int = 1
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Ongoing:
    """Work without an end: never overdue."""


@dataclass(frozen=True, slots=True)
class Undated:
    """No time limit, or none that can be told from the words."""


Deadline = OnDate | Recurrence | Ongoing | Undated


@dataclass(frozen=True, slots=True)
class Task:
    """One numbered item of the plan.

    ``code`` never changes, even when a revised plan renumbers the item; ``units``
    and ``limit`` are the plan's own words. ``parsed`` is what ``units`` says, and
    ``by_hand`` overrules it; ``understood`` is what ``limit`` says, and ``due``, a date
    that the office has typed, overrules it. ``note`` is what the plan's other columns
    say.
    """

    code: str
    number: int
    requirement: str
    point: str
    measure: str
    units: str
    limit: str = ""
    due: date | None = None
    parsed: tuple[Assignment, ...] = ()
    by_hand: tuple[HandMade, ...] = ()
    note: str = ""
    # It follows from ``limit`` and the year: two tasks never differ by it alone.
    understood: Deadline = field(default=Undated(), compare=False)

    @property
    def deadline(self) -> Deadline:
        """When the task is due, the office's own date first."""
        return OnDate(self.due) if self.due else self.understood

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """Who owes what, the office's corrections applied."""
        overruled = {mine.section for mine in self.by_hand}
        kept = [a for a in self.parsed if a.section not in overruled]
        made = [Assignment(m.section, role) for m in self.by_hand for role in m.roles]
        return (*kept, *made)

    def roles_of(self, section: str) -> tuple[Role, ...]:
        held = {a.role for a in self.assignments if a.section == section}
        return tuple(role for role in Role if role in held)


@dataclass(frozen=True, slots=True)
class Question:
    """Something the plan leaves open, for the office to settle (待确认).

    ``field`` is the header of the column concerned on the 任务 sheet; ``tasks`` the
    task codes, empty when the whole book is meant. ``decision`` is the office's.
    """

    tasks: tuple[str, ...]
    field: str
    found: str
    reason: str
    advice: str
    decision: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """What the plan itself said of a task when it was last read.

    Where the book says otherwise, the office has corrected it.
    """

    code: str
    requirement: str
    point: str
    measure: str
    units: str
    limit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """One thing that a revised plan changed; blank ``code`` for the book as a whole.

    ``number`` is the task's after the change, ``field`` a header of the 任务 sheet or
    :func:`roles_field` of a section.
    """

    day: date
    code: str
    number: int
    kind: str
    field: str
    old: str
    new: str


class Kind(StrEnum):
    """What a column of a form may hold."""

    TEXT = "文本"
    LONG = "长文本"
    CHOICE = "下拉选项"
    DATE = "日期"
    NUMBER = "数字"
    PHONE = "电话"


class Filler(StrEnum):
    """Who writes a column: fixed on issue and locked, or left to the section."""

    OFFICIAL = "固定内容"
    SECTION = "科室填写"


class Source(StrEnum):
    """Where an official column takes its text from."""

    NUMBER = "序号"
    ROW_CODE = "行码"
    REQUIREMENT = "工作要求"
    POINT = "工作要点"
    MEASURE = "计划措施"
    ROLES = "本科室职责"
    LIMIT = "时限"
    DUE = "完成期限"
    ALERT = "到期提醒"
    LEGAL_DUE = "法定期限"


def roles_field(section: str) -> str:
    """Name what ``section`` owes a task, as a field that a revision may change."""
    return f"{Source.ROLES}（{section}）"


class Meaning(StrEnum):
    """What a status choice means to the figures, whatever the office calls it."""

    TODO = "未开始"
    DOING = "进行中"
    DONE = "已完成"
    ONGOING = "长期"
    EXEMPT = "不涉及"

    @property
    def closed(self) -> bool:
        """Whether a task so marked can no longer become overdue."""
        return self in (Meaning.DONE, Meaning.ONGOING, Meaning.EXEMPT)


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    meaning: Meaning | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ChoiceList:
    name: str
    choices: tuple[Choice, ...]

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(choice.value for choice in self.choices)

    def find(self, value: str) -> Choice | None:
        return next((c for c in self.choices if c.value == value), None)


class When(StrEnum):
    """The kinds of condition under which a column must be filled."""

    ALWAYS = "始终"
    OVERDUE = "逾期"
    EQUALS = "等于"


@dataclass(frozen=True, slots=True)
class Condition:
    """``EQUALS`` holds when the cell of ``column`` (a key) is one of ``values``."""

    when: When
    column: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extension:
    """``days`` more where the cell of ``column`` (a key) is one of ``values``."""

    column: str
    values: tuple[str, ...]
    days: int


@dataclass(frozen=True, slots=True)
class DueRule:
    """When an entry of a register is due: ``days`` after the date in ``start``.

    The day itself does not count. Days are working days, or else calendar days; those
    of ``paused``, pairs of date columns, are not counted. ``closed`` is the date
    column that ends the wait. All columns are named by their keys.
    """

    start: str
    days: int
    working: bool = True
    extended: tuple[Extension, ...] = ()
    paused: tuple[tuple[str, str], ...] = ()
    closed: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a form.

    ``width`` is in characters as Excel counts them; ``max_length`` in characters.
    ``not_before`` is the key of a column whose value this one may not fall short of;
    ``due`` the rule by which a 法定期限 is computed.
    """

    key: str
    header: str
    kind: Kind
    filler: Filler
    width: float
    source: Source | None = None
    choices: str = ""
    max_length: int | None = None
    required: tuple[Condition, ...] = ()
    prompt: str = ""
    example: str = ""
    not_before: str = ""
    due: DueRule | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """What sections fill: its columns and their choice lists.

    The rows of the task ledger are the book's tasks. Any other form is a register:
    it is issued with so many blank ``rows``, and the columns of ``identity`` (keys)
    tell whether two entries are of one thing. ``purpose`` says what it is kept for.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    choice_lists: tuple[ChoiceList, ...] = ()
    rows: int = 0
    identity: tuple[str, ...] = ()
    purpose: str = ""

    @property
    def is_register(self) -> bool:
        return self.rows > 0

    @property
    def due(self) -> tuple[Column, ...]:
        """The columns that show when an entry is due."""
        return tuple(c for c in self.columns if c.due)

    @property
    def official(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.filler is Filler.OFFICIAL)

    @property
    def answers(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.filler is Filler.SECTION)

    def column(self, key: str) -> Column:
        return next(c for c in self.columns if c.key == key)

    def choices_of(self, column: Column) -> ChoiceList:
        return next(c for c in self.choice_lists if c.name == column.choices)

    @property
    def status(self) -> Column:
        """The column whose choices carry meanings: where an item stands."""
        return next(
            column
            for column in self.answers
            if column.kind is Kind.CHOICE
            and any(c.meaning for c in self.choices_of(column).choices)
        )


_REGISTERS_FROM, _REGISTERS_AHEAD = 1980, 30


@dataclass(frozen=True, slots=True)
class Book:
    """All that the office keeps: the workbook 台账.xlsx as one value.

    ``key`` signs the marks on issued workbooks (hex); it never leaves the book.
    ``issued`` are the forms as they have been sent out, every version, oldest first.
    ``retired`` are tasks that a revised plan has dropped: nobody owes them any more,
    but they are known, since answers may still come. ``origins`` are the plan's own
    words for every task that came from one; ``revisions`` what revised plans changed.
    """

    agency: str
    year: int
    office: str
    plan_title: str
    book_id: str
    key: str = field(repr=False)
    sections: tuple[Section, ...]
    rounds: tuple[Round, ...]
    tasks: tuple[Task, ...]
    forms: tuple[Form, ...]
    questions: tuple[Question, ...] = ()
    issued: tuple[Form, ...] = ()
    retired: tuple[Task, ...] = ()
    origins: tuple[Origin, ...] = ()
    revisions: tuple[Revision, ...] = ()

    @property
    def section_names(self) -> tuple[str, ...]:
        return tuple(section.name for section in self.sections)

    @property
    def form(self) -> Form:
        """The task ledger itself (重点任务台账), always the first form."""
        return self.forms[0]

    @property
    def registers(self) -> tuple[Form, ...]:
        return self.forms[1:]

    def registers_of(self, section: str) -> tuple[Form, ...]:
        """Return the registers that a section fills, in the book's order."""
        owed = {key for s in self.sections if s.name == section for key in s.registers}
        return tuple(form for form in self.registers if form.key in owed)

    def form_called(self, key: str) -> Form | None:
        return next((form for form in self.forms if form.key == key), None)

    @property
    def date_window(self) -> tuple[date, date]:
        """The first and last day that an answer of this year can plausibly name.

        The year itself, and on to 31 March, by which a government's annual report
        must be out (政府信息公开条例第49条).
        """
        return date(self.year, 1, 1), date(self.year + 1, 3, 31)

    @property
    def register_window(self) -> tuple[date, date]:
        """The first and last day that a register can plausibly name.

        A register looks back on documents long in force, and ahead to when they end.
        """
        return date(_REGISTERS_FROM, 1, 1), date(self.year + _REGISTERS_AHEAD, 12, 31)

    def tasks_of(self, section: str) -> tuple[Task, ...]:
        return tuple(task for task in self.tasks if task.roles_of(section))
