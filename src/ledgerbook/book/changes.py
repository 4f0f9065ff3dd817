"""What a revised plan changes in the book: values, for the screen and 修订记录."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ledgerbook.model import Revision, Source, Task, roles_field

NO_ROLES = "（不承担）"


class Fate(StrEnum):
    """What became of a task."""

    ADDED = "新增"
    BACK = "恢复"
    CHANGED = "修改"
    SAME = "不变"
    REMOVED = "删除"


@dataclass(frozen=True, slots=True)
class FieldChange:
    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class TaskChange:
    """One task; ``old_number`` is 0 for a new one. ``task`` is as it is now."""

    fate: Fate
    task: Task
    old_number: int = 0
    fields: tuple[FieldChange, ...] = ()

    @property
    def moved(self) -> bool:
        return bool(self.old_number) and self.old_number != self.task.number


@dataclass(frozen=True, slots=True)
class Changes:
    """All that an update did; ``sections`` are new ones, ``title`` of the plan."""

    tasks: tuple[TaskChange, ...]
    sections: tuple[str, ...] = ()
    title: FieldChange | None = None

    def of(self, fate: Fate) -> tuple[TaskChange, ...]:
        return tuple(one for one in self.tasks if one.fate is fate)


_FIELDS: Mapping[str, Callable[[Task], str]] = {
    Source.REQUIREMENT: lambda task: task.requirement,
    Source.POINT: lambda task: task.point,
    Source.MEASURE: lambda task: task.measure,
    "责任单位": lambda task: task.units,
    Source.LIMIT: lambda task: task.limit,
    "备注": lambda task: task.note,
}


def field_changes(
    old: Task, new: Task, sections: Sequence[str]
) -> tuple[FieldChange, ...]:
    """List what of a task is not as it was; its number is told apart."""
    texts = [(field, read(old), read(new)) for field, read in _FIELDS.items()]
    roles = [
        (roles_field(name), _roles(old, name), _roles(new, name)) for name in sections
    ]
    return tuple(FieldChange(*one) for one in (*texts, *roles) if one[1] != one[2])


def _roles(task: Task, section: str) -> str:
    return "、".join(task.roles_of(section)) or NO_ROLES


def revisions(changes: Changes, day: date) -> Iterator[Revision]:
    """Write the changes down, a line each."""
    if changes.title:
        title = changes.title
        yield Revision(day, "", 0, "修改", title.field, title.old, title.new)
    for name in changes.sections:
        yield Revision(day, "", 0, "新增", "科室", "", name)
    for one in changes.tasks:
        task = one.task
        facts = day, task.code, task.number, str(one.fate)
        if one.fate in (Fate.ADDED, Fate.BACK):
            yield Revision(*facts, Source.MEASURE, "", task.measure)
        elif one.fate is Fate.REMOVED:
            yield Revision(*facts, Source.MEASURE, task.measure, "")
        changed = day, task.code, task.number, "修改"
        if one.moved:
            old, new = str(one.old_number), str(task.number)
            yield Revision(*changed, Source.NUMBER, old, new)
        for field in one.fields:
            yield Revision(*changed, field.field, field.old, field.new)
