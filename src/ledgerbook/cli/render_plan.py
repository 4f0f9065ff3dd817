"""Describe for the terminal what was read from a plan: a table, questions and changes.

Widths are counted in terminal columns: a Chinese character takes two. The long texts are
last in their lines, because terminals do not agree about the width of some characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import TYPE_CHECKING

from ledgerbook.book.update import FieldChange, TaskChange, TaskChangeKind
from ledgerbook.commands.workspace import list_preparations
from ledgerbook.model import Book, ColumnSource, Question, Role, Task
from ledgerbook.text import make_single_line

if TYPE_CHECKING:
    from ledgerbook.commands import InitResult, UpdateResult


_ALL_SECTIONS = "全部"
_NO_SECTION = "未分"
_ELLIPSIS = ".."
# Widths in terminal columns.
_MIN_WIDTH = 24
_MAX_DEADLINE_WIDTH = 16
# Lengths in characters: unchanged text shown beside a change; texts shown in full; task
# numbers shown before a question.
_CONTEXT_LENGTH = 8
_SHORT_LENGTH = 16
_MAX_NUMBERS_LENGTH = 40

# --- widths ---


def measure_width(text: str) -> int:
    """Return the number of terminal columns that ``text`` takes."""
    return sum(map(_measure_character, text))


def _measure_character(character: str) -> int:
    """Return 0, 1 or 2 by the East Asian width (Unicode Standard Annex #11)."""
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def truncate_text(text: str, width: int) -> str:
    """Return ``text`` on one line, cut to at most ``width`` columns."""
    line = make_single_line(text)
    if measure_width(line) <= width:
        return line
    truncated, remaining = "", width - len(_ELLIPSIS)
    for character in line:
        remaining -= _measure_character(character)
        if remaining < 0:
            break
        truncated += character
    return truncated + _ELLIPSIS


def pad_text(text: str, width: int) -> str:
    """Return ``text`` filled with blanks to ``width`` columns."""
    return text + " " * max(0, width - measure_width(text))


# --- table of tasks ---


def list_task_lines(
    book: Book, width: int, marks: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Yield a table of the tasks: number, sections with roles, deadline and measure.

    ``marks``, by task code, are shown in a first column; None for a table without it.
    """
    headers = ("变动", "序号", "责任单位", "时限", "工作要点、计划措施")
    rows = [
        (
            (marks or {}).get(task.code, ""),
            str(task.number),
            truncate_text(format_roles(task, book), max(_MIN_WIDTH, width // 4)),
            truncate_text(_format_deadline(task), _MAX_DEADLINE_WIDTH),
        )
        for task in book.tasks
    ]
    first_column = 0 if marks is not None else 1
    widths = [
        max(measure_width(text) for text in column)
        for column in list(zip(headers, *rows, strict=False))[first_column:]
    ]
    text_width = max(_MIN_WIDTH, width - sum(widths) - 2 * len(widths))

    def format_line(cells: Sequence[str], text: str) -> str:
        padded_cells = map(pad_text, cells[first_column:], widths)
        return "  ".join((*padded_cells, truncate_text(text, text_width))).rstrip()

    yield format_line(headers[:-1], headers[-1])
    yield "-" * min(width, sum(widths) + 2 * len(widths) + text_width)
    task_rows = zip(book.tasks, rows, strict=True)
    for heading, group in groupby(task_rows, lambda pair: _build_heading(pair[0])):
        if heading:
            yield truncate_text(f"〔{heading}〕", width)
        for task, cells in group:
            yield format_line(cells, task.measure)


def _build_heading(task: Task) -> str:
    """Return requirement and point of a task, under which the table groups it."""
    return " ".join(dict.fromkeys(filter(None, (task.requirement, task.point))))


def _format_deadline(task: Task) -> str:
    due = f"{task.due:%Y-%m-%d}" if task.due else ""
    return due or task.deadline_text or "-"


def format_roles(task: Task, book: Book) -> str:
    """Return sections and roles of a task: 综合科 牵头，全部 落实."""
    sections_by_role = {
        role: [name for name in book.section_names if role in task.get_roles(name)] for role in Role
    }
    parts = [
        f"{_ALL_SECTIONS if _covers_all_sections(names, book) else '、'.join(names)} {role}"
        for role, names in sections_by_role.items()
        if names
    ]
    return "，".join(parts) or _NO_SECTION


def _covers_all_sections(names: Sequence[str], book: Book) -> bool:
    return len(names) == len(book.sections) > 1


# --- new book ---


def describe_new_book(result: InitResult, width: int) -> Iterator[str]:
    """Yield the lines that ``init`` prints about a new book; ``width`` of the terminal."""
    book = result.book
    yield (
        f"{book.agency}{book.year}年：读出 {len(book.tasks)} 项任务，"
        f"{len(book.sections)} 个科室（{'、'.join(book.section_names)}）。"
    )
    yield from list_task_lines(book, width)
    yield result.cell_account
    yield from describe_questions(book.questions, book)
    if result.path:
        yield f"台账已建好：{result.path}"
        yield from _describe_preparations(book)
    else:
        yield "这是试运行，没有写任何文件。"


def _describe_preparations(book: Book) -> Iterator[str]:
    """Yield what must be filled in before the forms of the first round are written."""
    if steps := list_preparations(book):
        yield "生成报送表之前，还要在台账里填好这些，再保存关闭："
        yield from (f"  · {step}" for step in steps)


def describe_questions(questions: Sequence[Question], book: Book) -> Iterator[str]:
    """Yield the open questions of the book, with the numbers of their tasks."""
    if not questions:
        return
    yield f"有 {len(questions)} 件事需要确认，都列在台账的“待确认”表里："
    numbers = {task.code: task.number for task in book.tasks}
    for question in questions:
        numbers_text = _format_number_runs(
            [numbers[code] for code in question.task_codes if code in numbers]
        )
        task_prefix = (
            f"第 {numbers_text} 项"
            if numbers_text and len(numbers_text) <= _MAX_NUMBERS_LENGTH
            else ""
        )
        yield make_single_line(
            f"  · {task_prefix}{question.field}：{question.reason}{question.advice}"
        )


def _format_number_runs(numbers: Iterable[int]) -> str:
    """Return numbers as short text: 1、3 至 7."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return "、".join(
        f"{run[0]} 至 {run[-1]}" if len(run) > 2 else "、".join(map(str, run))  # noqa: PLR2004
        for run in runs
    )


# --- updated book ---

_CHANGE_KINDS = (
    TaskChangeKind.ADDED,
    TaskChangeKind.RESTORED,
    TaskChangeKind.REMOVED,
    TaskChangeKind.CHANGED,
    TaskChangeKind.UNCHANGED,
)
_CHANGE_NAMES = ("新增", "恢复", "删去", "修改", "不变")


def describe_update(result: UpdateResult, width: int) -> Iterator[str]:
    """Yield the lines that ``init --update`` prints; ``width`` of the terminal."""
    book, changes = result.book, result.changes
    added, restored, removed, changed, unchanged = map(changes.filter_tasks, _CHANGE_KINDS)
    parts = zip(_CHANGE_NAMES, (added, restored, removed, changed, unchanged), strict=True)
    counts = "，".join(
        f"{name} {len(task_changes)} 项" for name, task_changes in parts if task_changes
    )
    yield f"{book.agency}{book.year}年：新方案与台账相比，{counts}。"
    yield from list_task_lines(
        book,
        width,
        {change.task.code: _format_change_mark(change) for change in changes.tasks},
    )
    if changes.title:
        yield f"分工方案名称：“{changes.title.old}” → “{changes.title.new}”"
    if changes.sections:
        yield f"新增的科室：{'、'.join(changes.sections)}。"
    yield from _list_changes("新增", "", added, width)
    yield from _list_changes("恢复", "（以前删去，现在又有了）", restored, width)
    yield from _list_changes("删去", "（不再发给科室，也不计入汇总）", removed, width)
    if changed:
        yield f"修改 {len(changed)} 项："
        for change in changed:
            yield from _describe_change(change)
    renumbered = [change for change in changes.tasks if change.is_renumbered]
    if renumbered:
        moves_text = "、".join(
            _format_number_moves([(change.old_number, change.task.number) for change in renumbered])
        )
        yield f"序号变了 {len(renumbered)} 项（行码不变）：{moves_text}。"
    yield result.cell_account
    yield from describe_questions(book.questions, book)
    remaining_count = sum(change.old_number > 0 for change in changes.tasks) - len(removed)
    if len(removed) > remaining_count:
        yield (
            f"注意：台账原有的 {remaining_count + len(removed)} 项任务，大半（{len(removed)} 项）"
            "在新方案里找不到。请核对是不是选错了文件，"
            "或者漏写了建台账时用过的 --split-items、--units-column。"
        )
    yield from _describe_ending(result)


def _format_number_moves(number_pairs: Iterable[tuple[int, int]]) -> Iterator[str]:
    """Yield pairs of old and new numbers as short texts: 4至8→3至7."""
    runs: list[list[tuple[int, int]]] = []
    for old, new in sorted(number_pairs):
        if runs and (old - 1, new - 1) == runs[-1][-1]:
            runs[-1].append((old, new))
        else:
            runs.append([(old, new)])
    for run in runs:
        (first, new), (last, end) = run[0], run[-1]
        is_single = first == last
        yield f"{first}→{new}" if is_single else f"{first}至{last}→{new}至{end}"


def _format_change_mark(change: TaskChange) -> str:
    return "" if change.kind is TaskChangeKind.UNCHANGED else str(change.kind)


def _list_changes(
    title: str, note: str, changes: Sequence[TaskChange], width: int
) -> Iterator[str]:
    """Yield one line for each added, restored or removed task, after a title."""
    if changes:
        yield f"{title} {len(changes)} 项{note}："
    for change in changes:
        old_prefix = "原" if change.kind is TaskChangeKind.REMOVED else ""
        task_prefix = f"  {old_prefix}第 {change.task.number} 项（{change.task.code}）"
        yield task_prefix + truncate_text(
            change.task.measure, max(_MIN_WIDTH, width - measure_width(task_prefix))
        )


def _describe_change(change: TaskChange) -> Iterator[str]:
    """Yield the changed fields of a task; changed 责任单位 implies the changed roles."""
    old_number_text = f"原第 {change.old_number} 项，" if change.is_renumbered else ""
    yield f"  第 {change.task.number} 项（{old_number_text}{change.task.code}）"
    has_units_change = any(field.field == "责任单位" for field in change.field_changes)
    for field in change.field_changes:
        if not (has_units_change and field.field.startswith(ColumnSource.ROLES)):
            yield make_single_line(f"    {field.field}：{_format_old_and_new(field)}")


def _format_old_and_new(field: FieldChange) -> str:
    if max(len(field.old), len(field.new)) <= _SHORT_LENGTH or not (field.old and field.new):
        return f"{field.old or '（空白）'} → {field.new or '（空白）'}"
    return format_difference(field.old, field.new)


def format_difference(old: str, new: str) -> str:
    """Return the changed parts as 【old→new】, with a few characters around each."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    opcodes = matcher.get_opcodes()
    result = ""
    for n, (operation, start, end, new_start, new_end) in enumerate(opcodes):
        text = old[start:end]
        if operation != "equal":
            result += f"【{text or '＋'}→{new[new_start:new_end] or '删'}】"
        elif len(text) <= 2 * _CONTEXT_LENGTH:
            result += text
        else:
            head = text[:_CONTEXT_LENGTH] if n else ""
            tail = text[-_CONTEXT_LENGTH:] if n < len(opcodes) - 1 else ""
            result += f"{head}..{tail}"
    return result


def _describe_ending(result: UpdateResult) -> Iterator[str]:
    """Yield what was written, or why nothing was."""
    if result.path:
        yield f"台账已更新：{result.path}"
        yield f"更新前的台账另存为：{result.copy}"
        if result.sheets_only_in_copy:
            yield (
                f"提示：您自己加的{'、'.join(result.sheets_only_in_copy)}没有带到新台账，"
                "在更新前的台账里。"
            )
    elif result.unchanged:
        yield "方案没有变化，台账没有动。"
    else:
        yield "这是试运行，没有写任何文件。"
