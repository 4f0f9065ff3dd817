"""What a plan was understood to say, for the terminal, before anything is done with it.

Every character has a width there: a Chinese one takes two places. The long texts stand
last in their lines, so that what a terminal counts differently pushes nothing aside.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import TYPE_CHECKING

from ledgerbook.book.update import FieldChange, TaskChange, TaskChangeKind
from ledgerbook.model import Book, ColumnSource, Question, Role, Task
from ledgerbook.text import one_line

if TYPE_CHECKING:
    from ledgerbook.commands import InitResult, UpdateResult


EVERYONE, NOBODY = "全部", "未分"
_CUT = ".."
_LEAST, _WIDEST_LIMIT = 24, 16
# Around a changed piece so much of the text is shown.
_AROUND = 8
_SHORT = 16

# ── widths ───────────────────────────────────────────────────────────────────────


def places(text: str) -> int:
    """Return how many places of a terminal ``text`` takes."""
    return sum(map(_place, text))


def _place(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, width: int) -> str:
    """Return ``text`` on one line of at most ``width`` places."""
    plain = one_line(text)
    if places(plain) <= width:
        return plain
    kept, room = "", width - len(_CUT)
    for character in plain:
        room -= _place(character)
        if room < 0:
            break
        kept += character
    return kept + _CUT


def padded(text: str, width: int) -> str:
    return text + " " * max(0, width - places(text))


# ── the table of tasks ───────────────────────────────────────────────────────────


def task_lines(
    book: Book, width: int, marks: Mapping[str, str] | None = None
) -> Iterator[str]:
    """List the tasks: number, who does what, until when, and what.

    ``marks`` by task code stand in front, where there are any.
    """
    heads = ("变动", "序号", "责任单位", "时限", "工作要点、计划措施")
    rows = [
        (
            (marks or {}).get(task.code, ""),
            str(task.number),
            cut(roles_text(task, book), max(_LEAST, width // 4)),
            cut(_limit(task), _WIDEST_LIMIT),
        )
        for task in book.tasks
    ]
    first = 0 if marks is not None else 1
    widths = [
        max(places(text) for text in column)
        for column in list(zip(heads, *rows, strict=False))[first:]
    ]
    room = max(_LEAST, width - sum(widths) - 2 * len(widths))

    def line(cells: Sequence[str], text: str) -> str:
        fitted = map(padded, cells[first:], widths)
        return "  ".join((*fitted, cut(text, room))).rstrip()

    yield line(heads[:-1], heads[-1])
    yield "-" * min(width, sum(widths) + 2 * len(widths) + room)
    listed = zip(book.tasks, rows, strict=True)
    for heading, group in groupby(listed, lambda pair: _heading(pair[0])):
        if heading:
            yield cut(f"〔{heading}〕", width)
        for task, cells in group:
            yield line(cells, task.measure)


def _heading(task: Task) -> str:
    return " ".join(dict.fromkeys(filter(None, (task.requirement, task.point))))


def _limit(task: Task) -> str:
    due = f"{task.due:%Y-%m-%d}" if task.due else ""
    return due or task.limit or "-"


def roles_text(task: Task, book: Book) -> str:
    """Say who does what: 综合科 牵头，全部 落实."""
    held = {
        role: [name for name in book.section_names if role in task.roles_of(name)]
        for role in Role
    }
    parts = [
        f"{EVERYONE if _is_all(names, book) else '、'.join(names)} {role}"
        for role, names in held.items()
        if names
    ]
    return "，".join(parts) or NOBODY


def _is_all(names: Sequence[str], book: Book) -> bool:
    return len(names) == len(book.sections) > 1


# ── a new book ───────────────────────────────────────────────────────────────────


def started_lines(started: InitResult, width: int) -> Iterator[str]:
    """Tell what became of a plan."""
    book = started.book
    yield (
        f"{book.agency}{book.year}年：读出 {len(book.tasks)} 项任务，"
        f"{len(book.sections)} 个科室（{'、'.join(book.section_names)}）。"
    )
    yield from task_lines(book, width)
    yield started.counted
    yield from question_lines(book.questions, book)
    if started.path:
        yield f"台账已建好：{started.path}"
    else:
        yield "这是试运行，没有写任何文件。"


def question_lines(questions: Sequence[Question], book: Book) -> Iterator[str]:
    """List what the office must settle, the tasks by number."""
    if not questions:
        return
    yield f"有 {len(questions)} 件事需要确认，都列在台账的“待确认”表里："
    numbers = {task.code: task.number for task in book.tasks}
    for one in questions:
        told = _runs([numbers[code] for code in one.tasks if code in numbers])
        which = f"第 {told} 项" if told and len(told) <= _LONG_RUN else ""
        yield one_line(f"  · {which}{one.field}：{one.reason}{one.advice}")


_LONG_RUN = 40


def _runs(numbers: Iterable[int]) -> str:
    """Write numbers shortly: 1、3 至 7."""
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


# ── a revised plan ───────────────────────────────────────────────────────────────

_SHOWN = (
    TaskChangeKind.ADDED,
    TaskChangeKind.BACK,
    TaskChangeKind.REMOVED,
    TaskChangeKind.CHANGED,
    TaskChangeKind.SAME,
)
_NAMES = ("新增", "恢复", "删去", "修改", "不变")


def updated_lines(updated: UpdateResult, width: int) -> Iterator[str]:
    """Tell what a revised plan changes in the book."""
    book, changes = updated.book, updated.changes
    added, back, gone, changed, same = map(changes.of, _SHOWN)
    parts = zip(_NAMES, (added, back, gone, changed, same), strict=True)
    counts = "，".join(f"{name} {len(ones)} 项" for name, ones in parts if ones)
    yield f"{book.agency}{book.year}年：新方案与台账相比，{counts}。"
    yield from task_lines(
        book, width, {one.task.code: _mark(one) for one in changes.tasks}
    )
    if changes.title:
        yield f"分工方案名称：“{changes.title.old}” → “{changes.title.new}”"
    if changes.sections:
        yield f"新增的科室：{'、'.join(changes.sections)}。"
    yield from _listed("新增", "", added, width)
    yield from _listed("恢复", "（以前删去，现在又有了）", back, width)
    yield from _listed("删去", "（不再发给科室，也不计入汇总）", gone, width)
    if changed:
        yield f"修改 {len(changed)} 项："
        for one in changed:
            yield from _changed(one)
    moved = [one for one in changes.tasks if one.moved]
    if moved:
        told = "、".join(_moves([(one.old_number, one.task.number) for one in moved]))
        yield f"序号变了 {len(moved)} 项（行码不变）：{told}。"
    yield updated.counted
    yield from question_lines(book.questions, book)
    kept = sum(one.old_number > 0 for one in changes.tasks) - len(gone)
    if len(gone) > kept:
        yield (
            f"注意：台账原有的 {kept + len(gone)} 项任务，大半（{len(gone)} 项）"
            "在新方案里找不到。请核对是不是选错了文件，"
            "或者漏写了建台账时用过的 --split-items、--units-column。"
        )
    yield from _ending(updated)


def _moves(moves: Iterable[tuple[int, int]]) -> Iterator[str]:
    """Write old and new numbers shortly: 4至8→3至7."""
    runs: list[list[tuple[int, int]]] = []
    for old, new in sorted(moves):
        if runs and (old - 1, new - 1) == runs[-1][-1]:
            runs[-1].append((old, new))
        else:
            runs.append([(old, new)])
    for run in runs:
        (first, new), (last, end) = run[0], run[-1]
        one = first == last
        yield f"{first}→{new}" if one else f"{first}至{last}→{new}至{end}"


def _mark(one: TaskChange) -> str:
    return "" if one.fate is TaskChangeKind.SAME else str(one.fate)


def _listed(
    title: str, note: str, ones: Sequence[TaskChange], width: int
) -> Iterator[str]:
    if ones:
        yield f"{title} {len(ones)} 项{note}："
    for one in ones:
        before = "原" if one.fate is TaskChangeKind.REMOVED else ""
        which = f"  {before}第 {one.task.number} 项（{one.task.code}）"
        yield which + cut(one.task.measure, max(_LEAST, width - places(which)))


def _changed(one: TaskChange) -> Iterator[str]:
    before = f"原第 {one.old_number} 项，" if one.moved else ""
    yield f"  第 {one.task.number} 项（{before}{one.task.code}）"
    units = any(field.field == "责任单位" for field in one.fields)
    for field in one.fields:
        if not (units and field.field.startswith(ColumnSource.ROLES)):
            yield one_line(f"    {field.field}：{_old_and_new(field)}")


def _old_and_new(field: FieldChange) -> str:
    if max(len(field.old), len(field.new)) <= _SHORT or not (field.old and field.new):
        return f"{field.old or '（空白）'} → {field.new or '（空白）'}"
    return difference(field.old, field.new)


def difference(old: str, new: str) -> str:
    """Show the pieces that changed, each with a little of what stands around it."""
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    codes = matcher.get_opcodes()
    shown = ""
    for n, (kind, start, end, at, to) in enumerate(codes):
        text = old[start:end]
        if kind != "equal":
            shown += f"【{text or '＋'}→{new[at:to] or '删'}】"
        elif len(text) <= 2 * _AROUND:
            shown += text
        else:
            head = text[:_AROUND] if n else ""
            tail = text[-_AROUND:] if n < len(codes) - 1 else ""
            shown += f"{head}..{tail}"
    return shown


def _ending(updated: UpdateResult) -> Iterator[str]:
    if updated.path:
        yield f"台账已更新：{updated.path}"
        yield f"更新前的台账另存为：{updated.copy}"
        if updated.left:
            yield (
                f"提示：您自己加的{'、'.join(updated.left)}没有带到新台账，"
                "在更新前的台账里。"
            )
    elif updated.unchanged:
        yield "方案没有变化，台账没有动。"
    else:
        yield "这是试运行，没有写任何文件。"
