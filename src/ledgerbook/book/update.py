"""A revised plan comes to a book that the office has worked in.

What the plan says anew is taken over; what the office has decided stays: row codes,
assignments made by hand, dates, corrected texts, tasks of its own. A task that the plan
has dropped is retired, not forgotten. Wherever it could be otherwise, 待确认 asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import count

from ledgerbook.book.create import new_book
from ledgerbook.book.reconcile import Revised, questions_of
from ledgerbook.book.task_merge import Merged, clashes_of, merged, origin_of
from ledgerbook.errors import InputError
from ledgerbook.model import (
    Book,
    ColumnSource,
    Revision,
    Role,
    Section,
    Task,
    roles_field,
)
from ledgerbook.plan import Matching, Plan, PlanItem, TaskIdentity, match, task_code


@dataclass(frozen=True, slots=True)
class MatchOverrides:
    """What the office says of the match: number → code, and numbers of new tasks."""

    same: Mapping[int, str]
    new: Collection[int] = ()


def updated_book(
    book: Book,
    plan: Plan,
    *,
    day: date,
    sections: Sequence[str] = (),
    said: MatchOverrides | None = None,
) -> tuple[Book, Changes]:
    """Bring ``book`` up to a revised ``plan``, and tell what changed.

    Raises InputError when ``said`` names what is not there.
    """
    known = (*book.tasks, *book.retired)
    found = _matched(book, plan.items, said or MatchOverrides({}))
    before = {pair.new: known[pair.old] for pair in found.pairs}
    origins = {origin.code: origin for origin in book.origins}
    merges = [
        merged(item, old, origins.get(old.code))
        if (old := before.get(place))
        else Merged(item)
        for place, item in enumerate(plan.items)
    ]
    fresh = _fresh(book, replace(plan, items=tuple(m.item for m in merges)), sections)
    revised = _with_tasks(book, fresh, before)
    changes = Changes(
        tasks=tuple(_changes(book, revised)),
        sections=tuple(s.name for s in revised.sections[len(book.sections) :]),
        title=_title(book, revised),
    )
    asked = Revised(book, revised, fresh, known, found, clashes_of(merges))
    codes = [task.code for task in revised.tasks]
    read = {
        code: origin_of(code, item)
        for code, item in zip(codes, plan.items, strict=False)
    }
    return (
        replace(
            revised,
            questions=questions_of(asked),
            origins=tuple({**origins, **read}.values()),
            revisions=(*book.revisions, *revisions(changes, day)),
        ),
        changes,
    )


def _fresh(book: Book, plan: Plan, sections: Sequence[str]) -> Book:
    """Make the book that the plan alone would give this agency."""
    return new_book(
        plan,
        agency=book.agency,
        year=book.year,
        office=book.office,
        sections=(*book.section_names, *sections),
        aliases={alias: s.name for s in book.sections for alias in s.aliases},
        key=book.key,
    )


# ── which is which ───────────────────────────────────────────────────────────────


def _matched(book: Book, items: Sequence[PlanItem], said: MatchOverrides) -> Matching:
    codes = [task.code for task in (*book.tasks, *book.retired)]
    numbers = [item.number for item in items]
    _check(said, numbers, codes)
    return match(
        [
            *(_entry(task, book, retired=False) for task in book.tasks),
            *(_entry(task, book, retired=True) for task in book.retired),
        ],
        [
            TaskIdentity(i.number, i.measure, i.point or i.requirement, i.units)
            for i in items
        ],
        fixed={numbers.index(n): codes.index(code) for n, code in said.same.items()},
        apart=[numbers.index(n) for n in said.new],
    )


def _entry(task: Task, book: Book, *, retired: bool) -> TaskIdentity:
    heading = task.point or task.requirement
    earlier = tuple(
        one.old
        for one in book.revisions
        if (one.code, one.field) == (task.code, ColumnSource.MEASURE) and one.old
    )
    return TaskIdentity(
        task.number, task.measure, heading, task.units, retired, earlier
    )


def _check(said: MatchOverrides, numbers: Sequence[int], codes: Sequence[str]) -> None:
    wrong = [
        *(f"新方案没有第 {n} 项" for n in (*said.same, *said.new) if n not in numbers),
        *(f"台账里没有编码“{c}”" for c in said.same.values() if c not in codes),
        *(f"第 {n} 项不能又是原有的、又是新增的" for n in said.same if n in said.new),
    ]
    if len(set(said.same.values())) < len(said.same):
        wrong.append("一个编码只能对应一项任务")
    if wrong:
        raise InputError(
            f"--same 或 --new 写得不对：{'；'.join(wrong)}。"
            "请照试运行（--dry-run）列出的序号和编码写，例如 --same 12=T09。"
        )


# ── the tasks ────────────────────────────────────────────────────────────────────


def _with_tasks(book: Book, fresh: Book, before: Mapping[int, Task]) -> Book:
    """Return the book with the plan's tasks, then the office's own."""
    added = [s for s in fresh.sections if s.name not in book.section_names]
    sections = (*book.sections, *(Section(one.name) for one in added))
    names = [section.name for section in sections]
    free = _free_codes(book)
    tasks = [
        _carried(task, before.get(place), names, free)
        for place, task in enumerate(fresh.tasks)
    ]
    matched = {task.code for task in before.values()}
    own = [task for task in book.tasks if _is_own(task, book, matched)]
    last = max(task.number for task in tasks)
    tasks += [replace(task, number=n) for n, task in enumerate(own, last + 1)]
    live = {task.code for task in tasks}
    return replace(
        book,
        plan_title=fresh.plan_title or book.plan_title,
        sections=sections,
        tasks=tuple(tasks),
        retired=tuple(
            _retired(task)
            for task in (*book.tasks, *book.retired)
            if task.code not in live
        ),
    )


def _retired(task: Task) -> Task:
    """Keep of a dropped task what 已删任务 keeps: its words, and the office's."""
    return Task(
        code=task.code,
        number=task.number,
        requirement=task.requirement,
        point=task.point,
        measure=task.measure,
        units=task.units,
        limit=task.limit,
        due=task.due,
        by_hand=task.by_hand,
        note=task.note,
    )


def _is_own(task: Task, book: Book, matched: Collection[str]) -> bool:
    """Whether the office has added a task, and no plan ever had it."""
    planned = {origin.code for origin in book.origins}
    return bool(planned) and task.code not in planned | set(matched)


def _free_codes(book: Book) -> Iterator[str]:
    """Yield codes that no task of the book has ever had."""
    used = {
        *(task.code for task in (*book.tasks, *book.retired)),
        *(origin.code for origin in book.origins),
        *(revision.code for revision in book.revisions),
    }
    numbers = (int(n[0]) for code in used for n in [re.findall(r"\d+", code)] if n)
    return map(task_code, count(max(numbers, default=0) + 1))


def _carried(
    task: Task, old: Task | None, names: Sequence[str], free: Iterator[str]
) -> Task:
    """Return a task of the plan with all that the office has decided about it."""
    roles = list(Role)
    parsed = tuple(
        sorted(task.parsed, key=lambda a: (names.index(a.section), roles.index(a.role)))
    )
    fresh = replace(task, parsed=parsed)
    if old is None:
        return replace(fresh, code=next(free))
    # What the plan says by now need not be said by hand.
    by_hand = tuple(
        mine
        for mine in old.by_hand
        if not mine.roles or mine.roles != fresh.roles_of(mine.section)
    )
    return replace(fresh, code=old.code, due=old.due, by_hand=by_hand)


# ── what changed ─────────────────────────────────────────────────────────────────


def _changes(book: Book, revised: Book) -> Iterator[TaskChange]:
    live = {task.code: task for task in book.tasks}
    gone = {task.code: task for task in book.retired}
    # A new section joins 各科室 everywhere; that is told once, with the section.
    names = book.section_names
    for task in revised.tasks:
        old = live.get(task.code) or gone.get(task.code)
        if old is None:
            yield TaskChange(TaskChangeKind.ADDED, task)
            continue
        fields = field_changes(old, task, names)
        fate = TaskChangeKind.CHANGED if fields else TaskChangeKind.SAME
        if task.code in gone:
            fate = TaskChangeKind.BACK
        yield TaskChange(fate, task, old.number, fields)
    for task in revised.retired:
        if task.code in live:
            yield TaskChange(TaskChangeKind.REMOVED, task, task.number)


def _title(book: Book, revised: Book) -> FieldChange | None:
    old, new = book.plan_title, revised.plan_title
    return FieldChange("分工方案名称", old, new) if old != new else None


# What a revised plan changes in the book: values, for the screen and 修订记录.

NO_ROLES = "（不承担）"


class TaskChangeKind(StrEnum):
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

    fate: TaskChangeKind
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

    def of(self, fate: TaskChangeKind) -> tuple[TaskChange, ...]:
        return tuple(one for one in self.tasks if one.fate is fate)


_FIELDS: Mapping[str, Callable[[Task], str]] = {
    ColumnSource.REQUIREMENT: lambda task: task.requirement,
    ColumnSource.POINT: lambda task: task.point,
    ColumnSource.MEASURE: lambda task: task.measure,
    "责任单位": lambda task: task.units,
    ColumnSource.LIMIT: lambda task: task.limit,
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
        if one.fate in (TaskChangeKind.ADDED, TaskChangeKind.BACK):
            yield Revision(*facts, ColumnSource.MEASURE, "", task.measure)
        elif one.fate is TaskChangeKind.REMOVED:
            yield Revision(*facts, ColumnSource.MEASURE, task.measure, "")
        changed = day, task.code, task.number, "修改"
        if one.moved:
            old, new = str(one.old_number), str(task.number)
            yield Revision(*changed, ColumnSource.NUMBER, old, new)
        for field in one.fields:
            yield Revision(*changed, field.field, field.old, field.new)
