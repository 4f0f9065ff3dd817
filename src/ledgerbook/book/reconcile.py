"""Build the questions of the book (待确认) after an update by a revised plan.

Three kinds are merged: what the update itself leaves open, what the new plan leaves
open, and the questions of the old book with the decisions that the office has written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from ledgerbook.book.task_merge import WordingConflict
from ledgerbook.model import AssignmentOverride, Book, Question, Task
from ledgerbook.plan import (
    MatchCertainty,
    PlanComparison,
    PossibleMatch,
    TaskMatch,
    UnmatchedReason,
    list_asked_names,
)
from ledgerbook.text import normalize

_BLANK_TEXT = "空白"
# The reason of a question about an update begins so. Such a question stays in the book
# until the office has decided it, also through further updates.
_UPDATE_PREFIX = "修订："
_RERUN_HINT = "再更新一次"


@dataclass(frozen=True)
class UpdateContext:
    """The values that the questions depend on.

    ``plan_book`` is the book that the plan alone would give; its tasks come first, and in
    the same order, in ``new_book``. The indexes in ``matching`` refer to ``old_tasks``
    (the current and then the retired tasks of ``old_book``) and to the plan's tasks.
    """

    old_book: Book
    new_book: Book
    plan_book: Book
    old_tasks: tuple[Task, ...]
    matching: PlanComparison
    conflicts: tuple[WordingConflict, ...]

    @cached_property
    def tasks_by_code(self) -> dict[str, Task]:
        """The tasks of ``new_book`` by code."""
        return {task.code: task for task in self.new_book.tasks}

    @cached_property
    def tasks_by_number(self) -> dict[int, Task]:
        """The tasks of ``new_book`` by number, the first where a number is repeated."""
        return {task.number: task for task in reversed(self.new_book.tasks)}


def build_questions(context: UpdateContext) -> tuple[Question, ...]:
    """Return the questions of the updated book, those about the update first.

    A decision is copied from an old question with the same field, tasks and kind. Old
    questions that are not asked again stay when they are decided or about an update.
    """
    new_questions = [*_ask_update_questions(context), *_ask_plan_questions(context)]
    current_codes = {task.code for task in context.new_book.tasks}
    old_questions = [
        replace(question, task_codes=codes)
        for question in context.old_book.questions
        if question.decision or is_update_question(question)
        for codes in [tuple(code for code in question.task_codes if code in current_codes)]
        if codes or not question.task_codes
    ]
    answered_questions = {_get_question_key(question): question for question in old_questions}
    merged_questions = [
        replace(question, decision=answered_questions[_get_question_key(question)].decision)
        if _get_question_key(question) in answered_questions
        else question
        for question in new_questions
    ]
    merged_keys = {_get_question_key(question) for question in merged_questions}
    unasked_questions = [
        question for question in old_questions if _get_question_key(question) not in merged_keys
    ]
    # Questions about this update and about earlier ones come first.
    return tuple(
        sorted(
            (*unasked_questions, *merged_questions),
            key=lambda question: not is_update_question(question),
        )
    )


def is_update_question(question: Question) -> bool:
    """Return whether a question is about an update; the office alone decides it."""
    return question.reason.startswith(_UPDATE_PREFIX)


def _get_question_key(question: Question) -> tuple[str, frozenset[str], bool, tuple[str, ...]]:
    """Return what an old and a new question must share for the decision to be copied."""
    names = list_asked_names(question.field, question.reason)
    codes = frozenset(question.task_codes)
    return question.field, codes, is_update_question(question), names


# --- what the plan leaves open ---


def _ask_plan_questions(context: UpdateContext) -> Iterator[Question]:
    """Yield the plan's questions without the tasks whose cells the office has filled in."""
    task_pairs = {
        plan_task.code: (plan_task, task)
        for plan_task, task in zip(context.plan_book.tasks, context.new_book.tasks, strict=False)
    }
    for question in context.plan_book.questions:
        question_pairs = [task_pairs[code] for code in question.task_codes]
        open_codes = [
            task.code
            for plan_version, task in question_pairs
            if not _is_filled(question, plan_version, task)
        ]
        if question_pairs and not open_codes:
            continue
        yield replace(question, task_codes=tuple(open_codes))


def _is_filled(question: Question, plan_task: Task, task: Task) -> bool:
    """Return whether the office has filled in the cell that ``question`` is about."""
    return any(
        getattr(task, name)
        and (question.current_value == _BLANK_TEXT or not getattr(plan_task, name))
        for name in _ANSWERING_ATTRIBUTES.get(question.field, ())
    )


# Header of a cell that may be blank → attributes of Task; one that is filled answers.
_ANSWERING_ATTRIBUTES = {
    "工作要求": ("requirement",),
    "工作要点": ("point",),
    "责任单位": ("units",),
    "时限": ("deadline_text",),
    "完成期限": ("due", "deadline_text"),
}

# --- what the update leaves open ---


def _ask_update_questions(context: UpdateContext) -> Iterator[Question]:
    """Yield the questions about matches, wordings and overrides."""
    old_tasks_by_code = {task.code: task for task in context.old_book.tasks}
    for match in context.matching.matches:
        if match.certainty is MatchCertainty.LIKELY:
            yield _ask_likely_match(context, match)
    for possible_match in context.matching.possible_matches:
        yield _QUESTION_BUILDERS[possible_match.reason](context, possible_match)
    for conflict in context.conflicts:
        yield _ask_wording_conflict(context, conflict)
    for task in context.new_book.tasks:
        if old_task := old_tasks_by_code.get(task.code):
            yield from _ask_about_overrides(old_task, task)


def _ask_about_measure(old_task: Task, new_task: Task, *, reason: str, advice: str) -> Question:
    """Ask about the words of a task, and show those that it had before."""
    return Question(
        task_codes=(new_task.code,),
        field="计划措施",
        current_value=old_task.measure,
        reason=f"{_UPDATE_PREFIX}{reason}",
        advice=advice,
    )


def _ask_likely_match(context: UpdateContext, match: TaskMatch) -> Question:
    """Ask whether an item that was matched in spite of different words is the same task."""
    old_task = context.old_tasks[match.old]
    new_task = context.new_book.tasks[match.new]
    is_same_text = normalize(old_task.measure) == normalize(
        context.plan_book.tasks[match.new].measure
    )
    reason_text = (
        "原来有几项文字相同，项数变了，这一项"
        if is_same_text
        else f"文字改动较大（相似 {match.score:.0f}%），"
    )
    return _ask_about_measure(
        old_task,
        new_task,
        reason=f"{reason_text}看作原来的第 {old_task.number} 项，编码、分工和已报的内容都接着用。",
        advice=f"请对照原文；不是同一项的，加上 --new {new_task.number} {_RERUN_HINT}。",
    )


def _ask_possible_match(context: UpdateContext, possible_match: PossibleMatch) -> Question:
    """Ask whether an added and a removed task with similar words are the same task."""
    old_task = context.old_tasks[possible_match.old]
    new_task = context.new_book.tasks[possible_match.new]
    return _ask_about_measure(
        old_task,
        new_task,
        reason=f"这一项作为新增，"
        f"原来的第 {old_task.number} 项（编码 {old_task.code}）"
        f"作为删去；两者文字有些相像（{possible_match.score:.0f}%），可能是同一项。",
        advice=f"是同一项的，加上 --same {new_task.number}={old_task.code} {_RERUN_HINT}，"
        "编码、分工和已报的内容就接上了。",
    )


def _ask_split_task(context: UpdateContext, possible_match: PossibleMatch) -> Question:
    """Ask which part of a split task the answers given so far belong to."""
    old_task = context.old_tasks[possible_match.old]
    new_task = context.new_book.tasks[possible_match.new]
    main_task = context.tasks_by_code[old_task.code]
    return _ask_about_measure(
        old_task,
        new_task,
        reason=f"这一项看来是从原来的第 {old_task.number} 项"
        f"（编码 {old_task.code}）"
        f"拆出来的，作为新增；原来的编码和已报的内容跟着现在的第 {main_task.number} 项。",
        advice="请核对已报的内容属于哪一项；要跟着这一项的，"
        f"加上 --same {new_task.number}={old_task.code} {_RERUN_HINT}。",
    )


def _ask_merged_task(context: UpdateContext, possible_match: PossibleMatch) -> Question:
    """Ask for a check of a task that seems to be merged into another."""
    old_task = context.old_tasks[possible_match.old]
    new_task = context.new_book.tasks[possible_match.new]
    return _ask_about_measure(
        old_task,
        new_task,
        reason=f"原来的第 {old_task.number} 项"
        f"（编码 {old_task.code}）看来并入了这一项，"
        "作为删去；科室已报的那一行不计入汇总，列在“问题清单”。",
        advice="请核对；那一行的内容还要用的，请科室补到这一项里。",
    )


_QUESTION_BUILDERS = {
    UnmatchedReason.POSSIBLE: _ask_possible_match,
    UnmatchedReason.SPLIT: _ask_split_task,
    UnmatchedReason.MERGED: _ask_merged_task,
}


def _ask_wording_conflict(context: UpdateContext, conflict: WordingConflict) -> Question:
    """Ask for a check of a cell where the book and the plan contradict each other."""
    task = context.tasks_by_number[conflict.number]
    reason, advice = _CONFLICT_SENTENCES[conflict.keeps_book_text]
    return Question(
        task_codes=(task.code,),
        field=conflict.field,
        current_value=conflict.book_text,
        reason=f"{_UPDATE_PREFIX}{reason.format(conflict.field)}",
        advice=advice,
    )


_CONFLICT_SENTENCES: Mapping[bool, tuple[str, str]] = {
    True: (
        "新方案的“{}”是空白，台账里原有的内容没有动。",
        "请核对；方案确已取消的，请在“任务”表中清空。",
    ),
    False: (
        "“{}”您改过，新方案也改了，已按新方案；您原来写的列在“现状”里。",
        "请核对；要用您写的，请在“任务”表中改回。",
    ),
}


def _ask_about_overrides(old_task: Task, new_task: Task) -> Iterator[Question]:
    """Ask about assignments and due dates by hand whose 责任单位 or 时限 has changed."""
    if new_task.assignment_overrides and normalize(old_task.units) != normalize(new_task.units):
        yield Question(
            task_codes=(new_task.code,),
            field="责任单位",
            current_value=new_task.units or _BLANK_TEXT,
            reason=f"{_UPDATE_PREFIX}责任单位改了（原来是“{old_task.units or _BLANK_TEXT}”），"
            "您手工定的分工没有动："
            f"{'；'.join(map(_describe_override, new_task.assignment_overrides))}。",
            advice="请核对；不再适用的，请在“分工”表中改正。",
        )
    if new_task.due and normalize(old_task.deadline_text) != normalize(new_task.deadline_text):
        yield Question(
            task_codes=(new_task.code,),
            field="完成期限",
            current_value=f"{new_task.due:%Y-%m-%d}",
            reason=f"{_UPDATE_PREFIX}时限改了（原来是“{old_task.deadline_text or _BLANK_TEXT}”，"
            f"现在是“{new_task.deadline_text or _BLANK_TEXT}”），您填的完成期限没有动。",
            advice="请核对，需要时在“任务”表中改正“完成期限”。",
        )


def _describe_override(override: AssignmentOverride) -> str:
    return f"{override.section} {'、'.join(override.roles) or '不承担'}"
