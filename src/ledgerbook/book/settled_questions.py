"""Find the questions of 待确认 that the office has settled on the other sheets.

Whoever fills in a due date on 任务 or chooses roles on 分工 has answered what 待确认 asks
about it, and need not write so a second time. A question counts as settled once that is
true of each of its tasks; its 处理结果 then says so, and is blank again where it no longer is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from ledgerbook.book.reconcile import is_update_question
from ledgerbook.book.schema import SETTLED_TEXT
from ledgerbook.model import Book, OriginalWording, Question, Task
from ledgerbook.plan import has_deadline_doubt, list_asked_names, parse_units

_BLANK_TEXT = "空白"


def settle_questions(book: Book) -> Book:
    """Return ``book`` with 处理结果 of what its other sheets have settled."""
    context = _Context(
        book,
        {task.code: task for task in book.tasks},
        {wording.code: wording for wording in book.original_wordings},
    )
    return replace(book, questions=tuple(_settle(question, context) for question in book.questions))


@dataclass(frozen=True, slots=True)
class _Context:
    """The book, its tasks by code and their texts in the plan by code."""

    book: Book
    tasks: Mapping[str, Task]
    wordings: Mapping[str, OriginalWording]


def _settle(question: Question, context: _Context) -> Question:
    if question.decision not in ("", SETTLED_TEXT) or is_update_question(question):
        return question
    decision = SETTLED_TEXT if _is_settled(question, context) else ""
    return question if decision == question.decision else replace(question, decision=decision)


def _is_settled(question: Question, context: _Context) -> bool:
    """Return whether the office has changed what is asked about, in all tasks concerned."""
    if is_settled_in_basics := _BASICS_RULES.get(question.field):
        return not question.task_codes and is_settled_in_basics(question, context.book)
    is_settled_in_task = _TASK_RULES.get(question.field)
    tasks = [context.tasks[code] for code in question.task_codes if code in context.tasks]
    return (
        is_settled_in_task is not None
        and bool(tasks)
        and all(is_settled_in_task(question, task, context) for task in tasks)
    )


def _is_requirement_settled(question: Question, task: Task, context: _Context) -> bool:
    return _is_text_settled(question, task, context, "requirement")


def _is_point_settled(question: Question, task: Task, context: _Context) -> bool:
    return _is_text_settled(question, task, context, "point")


def _is_text_settled(question: Question, task: Task, context: _Context, attribute: str) -> bool:
    """Return whether a text is filled in that was blank, or differs from the plan's."""
    text = getattr(task, attribute)
    wording = context.wordings.get(task.code)
    if question.current_value == _BLANK_TEXT:
        return bool(text)
    return wording is not None and text != getattr(wording, attribute)


def _is_due_date_settled(_question: Question, task: Task, _context: _Context) -> bool:
    return task.due is not None or bool(task.deadline_text)


def _is_deadline_settled(question: Question, task: Task, context: _Context) -> bool:
    """Return whether a due date is given, or a deadline text of which there is no doubt."""
    wording = context.wordings.get(task.code)
    is_new_text = wording is None or task.deadline_text != wording.deadline_text
    return task.due is not None or (
        bool(task.deadline_text)
        and is_new_text
        and not has_deadline_doubt(task.deadline_text, context.book.year)
    )


def _are_units_settled(question: Question, task: Task, context: _Context) -> bool:
    """Return whether roles are chosen on 分工, or the names asked about are gone or sections."""
    names = list_asked_names(question.field, question.reason)
    is_blank = question.current_value == _BLANK_TEXT
    if task.assignment_overrides and (names or is_blank):
        return True
    if is_blank:
        return _is_text_settled(question, task, context, "units")
    return bool(names) and not _find_open_names(task, context.book).intersection(names)


def _find_open_names(task: Task, book: Book) -> frozenset[str]:
    """Return the names in 责任单位 that are no section, or no particular one."""
    aliases = {alias: section.name for section in book.sections for alias in section.aliases}
    units = parse_units(task.units, book.section_names, aliases)
    return frozenset((*units.unknown_names, *units.vague_names))


def _is_office_settled(question: Question, book: Book) -> bool:
    return book.office != question.current_value


def _are_rounds_settled(_question: Question, book: Book) -> bool:
    return all(round_.due for round_ in book.rounds)


_TaskRule = Callable[[Question, Task, _Context], bool]
_BasicsRule = Callable[[Question, Book], bool]
# Header on 任务, or label of 基本信息 and 批次 → whether a question about it is settled.
_TASK_RULES: Mapping[str, _TaskRule] = MappingProxyType(
    {
        "工作要求": _is_requirement_settled,
        "工作要点": _is_point_settled,
        "责任单位": _are_units_settled,
        "时限": _is_deadline_settled,
        "完成期限": _is_due_date_settled,
    }
)
_BASICS_RULES: Mapping[str, _BasicsRule] = MappingProxyType(
    {"综合协调科室": _is_office_settled, "报送截止日期": _are_rounds_settled}
)
