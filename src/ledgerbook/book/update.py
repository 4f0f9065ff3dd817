"""Update a book by a revised plan.

The plan's items are matched with the tasks of the book. The book gets the plan's new
texts; what the office has decided stays: row codes, assignments by hand, dates, corrected
texts and tasks of its own. Tasks that the plan no longer has are retired. Doubtful cases
become questions (待确认), and all changes go to 修订记录.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import count

from ledgerbook.book.assignments import list_decided_names
from ledgerbook.book.create import create_book
from ledgerbook.book.reconcile import UpdateContext, build_questions
from ledgerbook.book.task_merge import (
    MergedItem,
    collect_conflicts,
    make_original_wording,
    merge_item,
)
from ledgerbook.errors import InputError, name_option
from ledgerbook.model import Book, ColumnSource, Revision, Role, Section, Task, format_roles_field
from ledgerbook.plan import (
    Plan,
    PlanComparison,
    PlanItem,
    TaskIdentity,
    format_task_code,
    match_tasks,
)


@dataclass(frozen=True, slots=True)
class MatchOverrides:
    """The office's decisions about which item of the plan is which task.

    ``codes_by_number`` maps the number of an item to the code of its task (--same);
    ``new_numbers`` are the numbers of items that are new tasks (--new).
    """

    codes_by_number: Mapping[int, str]
    new_numbers: Collection[int] = ()


class TaskChangeKind(StrEnum):
    """How an update changed a task; the values are words of 修订记录 and the screen."""

    ADDED = "新增"
    RESTORED = "恢复"
    CHANGED = "修改"
    UNCHANGED = "不变"
    REMOVED = "删除"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """The old and the new text of one field of a task, or of the plan's title."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class TaskChange:
    """One task after the update; ``old_number`` is its former number, 0 for a new task."""

    kind: TaskChangeKind
    task: Task
    old_number: int = 0
    field_changes: tuple[FieldChange, ...] = ()

    @property
    def is_renumbered(self) -> bool:
        return bool(self.old_number) and self.old_number != self.task.number


@dataclass(frozen=True, slots=True)
class BookChanges:
    """All changes of an update: tasks, names of new sections, the plan's title if changed."""

    tasks: tuple[TaskChange, ...]
    sections: tuple[str, ...] = ()
    title: FieldChange | None = None

    def filter_tasks(self, kind: TaskChangeKind) -> tuple[TaskChange, ...]:
        return tuple(change for change in self.tasks if change.kind is kind)


def update_book(
    book: Book,
    plan: Plan,
    *,
    day: date,
    sections: Sequence[str] = (),
    overrides: MatchOverrides | None = None,
) -> tuple[Book, BookChanges]:
    """Return the book updated by a revised ``plan``, and the changes.

    ``sections`` are further sections by name; ``day`` is the date in 修订记录.
    Raises InputError when ``overrides`` names an item or a task that does not exist.
    """
    old_tasks = (*book.tasks, *book.retired_tasks)
    matching = _match_items(book, plan.items, overrides or MatchOverrides({}))
    old_tasks_by_position = {pair.new: old_tasks[pair.old] for pair in matching.matches}
    origins = {origin.code: origin for origin in book.original_wordings}
    merged_items = [
        merge_item(item, old_task, origins.get(old_task.code))
        if (old_task := old_tasks_by_position.get(position))
        else MergedItem(item)
        for position, item in enumerate(plan.items)
    ]
    plan_book = _build_plan_book(
        book,
        replace(plan, items=tuple(merged_item.item for merged_item in merged_items)),
        sections,
    )
    new_state = _replace_tasks(book, plan_book, old_tasks_by_position)
    changes = BookChanges(
        tasks=tuple(_compare_tasks(book, new_state)),
        sections=tuple(section.name for section in new_state.sections[len(book.sections) :]),
        title=_compare_titles(book, new_state),
    )
    context = UpdateContext(
        book, new_state, plan_book, old_tasks, matching, collect_conflicts(merged_items)
    )
    plan_wordings = {
        task.code: make_original_wording(task.code, item)
        for task, item in zip(new_state.tasks, plan.items, strict=False)
    }
    updated_book = replace(
        new_state,
        questions=build_questions(context),
        original_wordings=tuple({**origins, **plan_wordings}.values()),
        revisions=(*book.revisions, *build_revisions(changes, day)),
    )
    return updated_book, changes


def _build_plan_book(book: Book, plan: Plan, sections: Sequence[str]) -> Book:
    """Return the book that the plan alone would give this agency."""
    return create_book(
        plan,
        agency=book.agency,
        year=book.year,
        office=book.office,
        sections=(*book.section_names, *sections),
        aliases={alias: section.name for section in book.sections for alias in section.aliases},
        key=book.key,
        decided_names=list_decided_names(book.questions),
    )


# --- matching items with tasks ---


def _match_items(
    book: Book, items: Sequence[PlanItem], overrides: MatchOverrides
) -> PlanComparison:
    """Match the items with the tasks of the book, the current and then the retired ones."""
    codes = [task.code for task in (*book.tasks, *book.retired_tasks)]
    numbers = [item.number for item in items]
    earlier_measures = _collect_earlier_measures(book)
    _check_overrides(overrides, numbers, codes)
    return match_tasks(
        [
            *(
                _make_task_identity(task, earlier_measures.get(task.code, ()), retired=is_retired)
                for is_retired, tasks in ((False, book.tasks), (True, book.retired_tasks))
                for task in tasks
            ),
        ],
        [
            TaskIdentity(item.number, item.measure, item.point or item.requirement, item.units)
            for item in items
        ],
        fixed={
            numbers.index(number): codes.index(code)
            for number, code in overrides.codes_by_number.items()
        },
        without_match=[numbers.index(number) for number in overrides.new_numbers],
    )


def _collect_earlier_measures(book: Book) -> dict[str, list[str]]:
    """Return by code of the task its measures before earlier revisions."""
    measures_by_code: dict[str, list[str]] = {}
    for revision in book.revisions:
        if revision.field == ColumnSource.MEASURE and revision.old:
            measures_by_code.setdefault(revision.code, []).append(revision.old)
    return measures_by_code


def _make_task_identity(
    task: Task, earlier_measures: Sequence[str], *, retired: bool
) -> TaskIdentity:
    """Return what a task is matched by, with its measures before earlier revisions."""
    heading = task.point or task.requirement
    return TaskIdentity(
        task.number, task.measure, heading, task.units, retired, tuple(earlier_measures)
    )


_EXAMPLE_OVERRIDE = name_option("--same 12=T09", "MatchOverrides({12: 'T09'})")


def _check_overrides(
    overrides: MatchOverrides, numbers: Sequence[int], codes: Sequence[str]
) -> None:
    """Raise InputError when ``overrides`` names an unknown item or task, or two for one."""
    mistakes = [
        *(
            f"新方案没有第 {number} 项"
            for number in (*overrides.codes_by_number, *overrides.new_numbers)
            if number not in numbers
        ),
        *(
            f"台账里没有编码“{code}”"
            for code in overrides.codes_by_number.values()
            if code not in codes
        ),
        *(
            f"第 {number} 项不能又是原有的、又是新增的"
            for number in overrides.codes_by_number
            if number in overrides.new_numbers
        ),
    ]
    if len(set(overrides.codes_by_number.values())) < len(overrides.codes_by_number):
        mistakes.append("一个编码只能对应一项任务")
    if mistakes:
        raise InputError(
            f"{name_option('--same 或 --new', 'overrides=')} 写得不对：{'；'.join(mistakes)}。"
            f"请照试运行（{name_option('--dry-run', 'dry_run=True')}）列出的序号和编码写，"
            f"例如 {_EXAMPLE_OVERRIDE}。",
            code="match-invalid",
            values={"mistakes": tuple(mistakes)},
        )


# --- tasks ---


def _replace_tasks(book: Book, plan_book: Book, old_tasks_by_position: Mapping[int, Task]) -> Book:
    """Return the book with the plan's tasks, then the tasks that the office has added."""
    old_names = set(book.section_names)
    new_sections = [section for section in plan_book.sections if section.name not in old_names]
    sections = (*book.sections, *(Section(section.name) for section in new_sections))
    section_order = {section.name: position for position, section in enumerate(sections)}
    free_codes = _iter_free_codes(book)
    tasks = [
        _carry_over_task(task, old_tasks_by_position.get(position), section_order, free_codes)
        for position, task in enumerate(plan_book.tasks)
    ]
    office_tasks = _list_office_tasks(book, {task.code for task in old_tasks_by_position.values()})
    last_number = max(task.number for task in tasks)
    tasks += [
        replace(task, number=number) for number, task in enumerate(office_tasks, last_number + 1)
    ]
    current_codes = {task.code for task in tasks}
    return replace(
        book,
        plan_title=plan_book.plan_title or book.plan_title,
        sections=sections,
        tasks=tuple(tasks),
        retired_tasks=tuple(
            _retire_task(task)
            for task in (*book.tasks, *book.retired_tasks)
            if task.code not in current_codes
        ),
    )


def _retire_task(task: Task) -> Task:
    """Return a removed task with those fields only that 已删任务 has columns for."""
    return Task(
        code=task.code,
        number=task.number,
        requirement=task.requirement,
        point=task.point,
        measure=task.measure,
        units=task.units,
        deadline_text=task.deadline_text,
        due=task.due,
        assignment_overrides=task.assignment_overrides,
        note=task.note,
    )


def _list_office_tasks(book: Book, matched_codes: Collection[str]) -> list[Task]:
    """Return the tasks that the office has added: no plan ever had them.

    None for a book of a program version that did not record original wordings.
    """
    if not book.original_wordings:
        return []
    planned_codes = {origin.code for origin in book.original_wordings} | set(matched_codes)
    return [task for task in book.tasks if task.code not in planned_codes]


def _iter_free_codes(book: Book) -> Iterator[str]:
    """Return an endless iterator of codes that no task of the book has ever had."""
    used_codes = {
        *(task.code for task in (*book.tasks, *book.retired_tasks)),
        *(origin.code for origin in book.original_wordings),
        *(revision.code for revision in book.revisions),
    }
    numbers = (
        int(digits[0]) for code in used_codes for digits in [re.findall(r"\d+", code)] if digits
    )
    return map(format_task_code, count(max(numbers, default=0) + 1))


def _carry_over_task(
    task: Task,
    old_task: Task | None,
    section_order: Mapping[str, int],
    free_codes: Iterator[str],
) -> Task:
    """Return a task of the plan with the code and the decisions of its old task.

    A task without an old one gets the next free code.
    """
    roles = list(Role)
    parsed = tuple(
        sorted(
            task.parsed_assignments,
            key=lambda assignment: (
                section_order[assignment.section],
                roles.index(assignment.role),
            ),
        )
    )
    plan_task = replace(task, parsed_assignments=parsed)
    if old_task is None:
        return replace(plan_task, code=next(free_codes))
    # An override that equals the plan's roles is no longer needed.
    by_hand = tuple(
        override
        for override in old_task.assignment_overrides
        if not override.roles or override.roles != plan_task.get_roles(override.section)
    )
    return replace(plan_task, code=old_task.code, due=old_task.due, assignment_overrides=by_hand)


# --- changes ---

NO_ROLES_TEXT = "（不承担）"

_FIELD_READERS: Mapping[str, Callable[[Task], str]] = {
    ColumnSource.REQUIREMENT: lambda task: task.requirement,
    ColumnSource.KEY_POINT: lambda task: task.point,
    ColumnSource.MEASURE: lambda task: task.measure,
    "责任单位": lambda task: task.units,
    ColumnSource.DEADLINE_TEXT: lambda task: task.deadline_text,
    "备注": lambda task: task.note,
}


def _compare_tasks(book: Book, new_book: Book) -> Iterator[TaskChange]:
    """Yield a change for every task of the new book, then for every removed task."""
    old_tasks = {task.code: task for task in book.tasks}
    retired_tasks = {task.code: task for task in book.retired_tasks}
    # A new section is part of 各科室 in many tasks. It is listed once, among the new
    # sections, and not as a change of each task.
    names = book.section_names
    for task in new_book.tasks:
        old_task = old_tasks.get(task.code) or retired_tasks.get(task.code)
        if old_task is None:
            yield TaskChange(TaskChangeKind.ADDED, task)
            continue
        fields = compare_fields(old_task, task, names)
        kind = TaskChangeKind.CHANGED if fields else TaskChangeKind.UNCHANGED
        if task.code in retired_tasks:
            kind = TaskChangeKind.RESTORED
        yield TaskChange(kind, task, old_task.number, fields)
    for task in new_book.retired_tasks:
        if task.code in old_tasks:
            yield TaskChange(TaskChangeKind.REMOVED, task, task.number)


def _compare_titles(book: Book, new_book: Book) -> FieldChange | None:
    old_title, new_title = book.plan_title, new_book.plan_title
    return FieldChange("分工方案名称", old_title, new_title) if old_title != new_title else None


def compare_fields(
    old_task: Task, new_task: Task, sections: Sequence[str]
) -> tuple[FieldChange, ...]:
    """Return the fields that differ between two states of a task, the number excepted.

    Roles are compared for each of ``sections``.
    """
    texts = [
        (field, get_field(old_task), get_field(new_task))
        for field, get_field in _FIELD_READERS.items()
    ]
    roles = [
        (format_roles_field(name), _format_roles(old_task, name), _format_roles(new_task, name))
        for name in sections
    ]
    return tuple(FieldChange(field, old, new) for field, old, new in (*texts, *roles) if old != new)


def _format_roles(task: Task, section: str) -> str:
    return "、".join(task.get_roles(section)) or NO_ROLES_TEXT


def build_revisions(changes: BookChanges, day: date) -> Iterator[Revision]:
    """Yield the rows of 修订记录 for the changes of one update."""
    if changes.title:
        title = changes.title
        yield Revision(day, "", 0, "修改", title.field, title.old, title.new)
    for name in changes.sections:
        yield Revision(day, "", 0, "新增", "科室", "", name)
    for change in changes.tasks:
        task = change.task
        change_facts = day, task.code, task.number, str(change.kind)
        if change.kind in (TaskChangeKind.ADDED, TaskChangeKind.RESTORED):
            yield Revision(*change_facts, ColumnSource.MEASURE, "", task.measure)
        elif change.kind is TaskChangeKind.REMOVED:
            yield Revision(*change_facts, ColumnSource.MEASURE, task.measure, "")
        changed_facts = day, task.code, task.number, "修改"
        if change.is_renumbered:
            old_number, new_number = str(change.old_number), str(task.number)
            yield Revision(*changed_facts, ColumnSource.NUMBER, old_number, new_number)
        for field_change in change.field_changes:
            yield Revision(*changed_facts, field_change.field, field_change.old, field_change.new)
