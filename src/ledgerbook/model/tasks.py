"""Define what a plan contains: tasks, roles of sections, deadlines and open questions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Role(StrEnum):
    """The part that a section has in a task, in the order in which roles are shown."""

    LEAD = "牵头"
    IMPLEMENT = "落实"
    SUPPORT = "配合"
    COMPILE = "汇总"


@dataclass(frozen=True, slots=True)
class Assignment:
    """One role of one section in a task."""

    section: str
    role: Role


@dataclass(frozen=True, slots=True)
class AssignmentOverride:
    """The roles of a section in a task as decided by the office; ``()`` means none."""

    section: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the agency and its contact person.

    ``aliases`` are other names that a plan may use for it; ``register_keys`` are the keys
    of the registers that it fills besides the task ledger.
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
    """One issue of forms to the sections; ``due`` is the day by which to return them."""

    name: str
    due: date | None = None
    note: str = ""


class Interval(StrEnum):
    """The length of the periods of a recurring duty."""

    WEEK = "周"
    MONTH = "月"
    TWO_MONTHS = "两个月"
    QUARTER = "季度"
    HALF_YEAR = "半年"
    YEAR = "年"


@dataclass(frozen=True, slots=True)
class FixedDeadline:
    """Due once, on ``day``; ``continues_after`` if the work goes on afterwards."""

    day: date
    continues_after: bool = False


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Due ``times_per_period`` times in each period, by ``day`` of its ``month``.

    Both are 1-based, and 0 stands for the last. ``month`` counts within the period; a
    number one higher than the period has months is the month after it. For weeks
    ``month`` is 0 and ``day`` counts from Monday. Occurrences due before ``since`` are
    left out.
    """

    interval: Interval
    month: int = 0
    day: int = 0
    times_per_period: int = 1
    since: date | None = None


@dataclass(frozen=True, slots=True)
class OngoingDeadline:
    """Ongoing work without a due date: it is never overdue."""


@dataclass(frozen=True, slots=True)
class NoDeadline:
    """No deadline, or a deadline text from which none can be derived."""


Deadline = FixedDeadline | Recurrence | OngoingDeadline | NoDeadline


@dataclass(frozen=True, slots=True)
class Task:
    """One numbered item of the plan.

    ``code`` never changes, even when a revised plan renumbers the item. ``units``
    (责任单位) and ``deadline_text`` (时限) are texts of the plan; ``parsed_assignments``
    and ``parsed_deadline`` are what they mean. The office's ``assignment_overrides`` and
    its date ``due`` take precedence over them. ``note`` is the text of the plan's other
    columns.
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
    # Derived from ``deadline_text`` and the year: two tasks never differ by it alone.
    parsed_deadline: Deadline = field(default=NoDeadline(), compare=False)
    # Derived in ``__post_init__``: the deadline that applies.
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
        """The assignments of the plan with the office's overrides applied."""
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
        """Return the roles of ``section`` in the order of :class:`Role`."""
        return self._roles_by_section.get(section, ())


@dataclass(frozen=True, slots=True)
class Question:
    """An open question (待确认): something in the plan that the office must decide.

    ``field`` is the header of the column concerned on the sheet 任务; ``task_codes`` is
    empty for a question about the whole book. ``decision`` is what the office typed.
    """

    task_codes: tuple[str, ...]
    field: str
    current_value: str
    reason: str
    advice: str
    decision: str = ""


@dataclass(frozen=True, slots=True)
class OriginalWording:
    """The texts of a task in the plan when it was last read.

    Where the book has other texts, the office has corrected them.
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
    """One change that a revised plan made; ``code`` is blank for the whole book.

    ``number`` is the number of the task after the change; ``field`` is a header of the
    sheet 任务 or :func:`ledgerbook.model.format_roles_field` of a section.
    """

    day: date
    code: str
    number: int
    kind: str
    field: str
    old: str
    new: str
