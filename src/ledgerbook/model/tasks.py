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
class AssignmentOverride:
    """The office's own decision for one section and task; ``()`` means none."""

    section: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """``aliases`` are the short names by which a plan may call it.

    ``register_keys`` are the keys of the forms it fills besides the task ledger.
    """

    name: str
    contact: str = ""
    phone: str = ""
    email: str = ""
    note: str = ""
    aliases: tuple[str, ...] = ()
    register_keys: tuple[str, ...] = ()


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
    """Due once; ``continues_after`` where the work goes on after that day."""

    day: date
    continues_after: bool = False


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Due ``times_per_period`` times a period, by ``day`` of its ``month``; 0 stands for the last.

    ``month`` counts from the first of the period; one beyond it is the month after it.
    A week has no months, and its days count from Monday. What would fall due before
    ``since`` is not owed.
    """

    interval: Interval
    month: int = 0
    day: int = 0
    times_per_period: int = 1
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

    ``code`` never changes, even when a revised plan renumbers the item; ``units`` and
    ``deadline_text`` are the plan's own words. ``parsed_assignments`` is what ``units``
    says, and ``assignment_overrides`` overrules it; ``parsed_deadline`` is what
    ``deadline_text`` says, and ``due``, a date that the office has typed, overrules it.
    ``note`` is what the plan's other columns say.
    """

    code: str
    number: int
    requirement: str
    point: str
    measure: str
    units: str
    deadline_text: str = ""
    due: date | None = None
    parsed_assignments: tuple[Assignment, ...] = ()
    assignment_overrides: tuple[AssignmentOverride, ...] = ()
    note: str = ""
    # It follows from ``limit`` and the year: two tasks never differ by it alone.
    parsed_deadline: Deadline = field(default=NoDeadline(), compare=False)
    # When the task is due, the office's own date first.
    deadline: Deadline = field(init=False, repr=False, compare=False)
    _roles_by_section: dict[str, tuple[Role, ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        deadline = FixedDeadline(self.due) if self.due else self.parsed_deadline
        object.__setattr__(self, "deadline", deadline)
        roles_by_section: dict[str, set[Role]] = {}
        for assignment in self.assignments:
            roles_by_section.setdefault(assignment.section, set()).add(assignment.role)
        for section, roles in roles_by_section.items():
            self._roles_by_section[section] = tuple(role for role in Role if role in roles)

    @property
    def assignments(self) -> tuple[Assignment, ...]:
        """Who owes what, the office's corrections applied."""
        overridden_sections = {override.section for override in self.assignment_overrides}
        remaining = [
            assignment
            for assignment in self.parsed_assignments
            if assignment.section not in overridden_sections
        ]
        overriding = [
            Assignment(override.section, role)
            for override in self.assignment_overrides
            for role in override.roles
        ]
        return (*remaining, *overriding)

    def get_roles(self, section: str) -> tuple[Role, ...]:
        return self._roles_by_section.get(section, ())


@dataclass(frozen=True, slots=True)
class Question:
    """Something the plan leaves open, for the office to settle (待确认).

    ``field`` is the header of the column concerned on the 任务 sheet; ``task_codes`` the
    task codes, empty when the whole book is meant. ``decision`` is the office's.
    """

    task_codes: tuple[str, ...]
    field: str
    current_value: str
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
    deadline_text: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """One thing that a revised plan changed; blank ``code`` for the book as a whole.

    ``number`` is the task's after the change, ``field`` a header of the 任务 sheet or
    :func:`format_roles_field` of a section.
    """

    day: date
    code: str
    number: int
    kind: str
    field: str
    old: str
    new: str
