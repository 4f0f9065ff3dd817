"""What a plan asks for: tasks, who owes them, by when, and what is left open."""

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


class Interval(StrEnum):
    """How often a duty recurs."""

    WEEK = "周"
    MONTH = "月"
    TWO_MONTHS = "两个月"
    QUARTER = "季度"
    HALF_YEAR = "半年"
    YEAR = "年"


@dataclass(frozen=True, slots=True)
class FixedDeadline:
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

    every: Interval
    month: int = 0
    day: int = 0
    times: int = 1
    since: date | None = None


@dataclass(frozen=True, slots=True)
class OngoingDeadline:
    """Work without an end: never overdue."""


@dataclass(frozen=True, slots=True)
class NoDeadline:
    """No time limit, or none that can be told from the words."""


Deadline = FixedDeadline | Recurrence | OngoingDeadline | NoDeadline


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
    understood: Deadline = field(default=NoDeadline(), compare=False)
    # When the task is due, the office's own date first.
    deadline: Deadline = field(init=False, repr=False, compare=False)
    _roles: dict[str, tuple[Role, ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        deadline = FixedDeadline(self.due) if self.due else self.understood
        object.__setattr__(self, "deadline", deadline)
        held: dict[str, set[Role]] = {}
        for one in self.assignments:
            held.setdefault(one.section, set()).add(one.role)
        for section, roles in held.items():
            self._roles[section] = tuple(role for role in Role if role in roles)

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """Who owes what, the office's corrections applied."""
        overruled = {mine.section for mine in self.by_hand}
        kept = [a for a in self.parsed if a.section not in overruled]
        made = [Assignment(m.section, role) for m in self.by_hand for role in m.roles]
        return (*kept, *made)

    def roles_of(self, section: str) -> tuple[Role, ...]:
        return self._roles.get(section, ())


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
class OriginalWording:
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
