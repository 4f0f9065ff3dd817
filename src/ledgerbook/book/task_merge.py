"""Merge the wording of a task in the book with the item of a revised plan, cell by cell.

This is a three-way merge whose base is the original wording of the earlier plan. A cell
that the office has not changed gets the plan's new text; a cell that the office has
corrected keeps the correction unless the plan has changed too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledgerbook.model import OriginalWording, Task
from ledgerbook.plan import PlanItem
from ledgerbook.text import normalize


@dataclass(frozen=True, slots=True)
class WordingConflict:
    """A cell of item ``number`` of the plan that the office must check after the merge.

    ``field`` is the header on the 任务 sheet. If ``keeps_book_text``, the plan's cell is
    blank and the book's text was used; otherwise the plan's text has replaced
    ``book_text``, which the office had changed.
    """

    number: int
    field: str
    book_text: str
    keeps_book_text: bool


@dataclass(frozen=True, slots=True)
class MergedItem:
    """An item of the plan with the merged texts."""

    item: PlanItem
    conflicts: tuple[WordingConflict, ...] = ()


# Attribute of Task, OriginalWording and PlanItem alike → header on the 任务 sheet.
_MERGED_ATTRIBUTES = {
    "requirement": "工作要求",
    "point": "工作要点",
    "measure": "计划措施",
    "units": "责任单位",
    "deadline_text": "时限",
}


def make_original_wording(code: str, item: PlanItem) -> OriginalWording:
    """Return the texts of a plan's item, to be recorded for the task ``code``."""
    return OriginalWording(
        code,
        item.requirement,
        item.point,
        item.measure,
        item.units,
        item.deadline_text,
        item.notes,
    )


def merge_item(item: PlanItem, task: Task, origin: OriginalWording | None) -> MergedItem:
    """Merge the texts of a plan's item and a task of the book.

    ``origin`` is the wording of the earlier plan, None where it is not known.
    """
    texts: dict[str, str] = {}
    conflicts: list[WordingConflict] = []
    for attribute, header in _MERGED_ATTRIBUTES.items():
        plan_text, book_text = getattr(item, attribute), getattr(task, attribute)
        original_text = None if origin is None else getattr(origin, attribute)
        texts[attribute], keeps_book_text = _choose_text(plan_text, book_text, original_text)
        if keeps_book_text is not None:
            conflicts.append(WordingConflict(item.number, header, book_text, keeps_book_text))
    original_notes = "" if origin is None else origin.note
    notes = _merge_notes(item.notes, task.note, original_notes)
    return MergedItem(PlanItem(item.number, **texts, notes=notes), tuple(conflicts))


def _choose_text(
    plan_text: str, book_text: str, original_text: str | None
) -> tuple[str, bool | None]:
    """Return the merged text, and ``keeps_book_text`` of the conflict or None without one."""
    if normalize(plan_text) == normalize(book_text):
        return plan_text, None
    if original_text is None:
        # It is not known whether plan or office wrote the book's text; a blank cell of
        # the plan does not delete it.
        return (plan_text, None) if plan_text else (book_text, True)
    if normalize(book_text) == normalize(original_text):
        return plan_text, None
    if normalize(plan_text) == normalize(original_text):
        return book_text, None
    if not plan_text:
        return book_text, True
    return plan_text, False if book_text else None


def _merge_notes(plan_notes: str, book_notes: str, original_notes: str) -> str:
    """Return the plan's lines, then the lines of the office, without doubles."""
    plan_lines = plan_notes.splitlines()
    all_plan_lines = {normalize(line) for line in (*plan_lines, *original_notes.splitlines())}
    office_lines = [
        line for line in book_notes.splitlines() if normalize(line) not in all_plan_lines
    ]
    return "\n".join((*plan_lines, *office_lines))


def collect_conflicts(merged_items: Sequence[MergedItem]) -> tuple[WordingConflict, ...]:
    """Return the conflicts of all items."""
    return tuple(conflict for merged_item in merged_items for conflict in merged_item.conflicts)
