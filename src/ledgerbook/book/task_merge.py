"""One task of the book and one item of a revised plan: whose words stand?

Where the book still says what the plan said before, the plan's new words do. Where the
office has corrected it and the plan has not changed, the correction stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledgerbook.model import OriginalWording, Task
from ledgerbook.plan import PlanItem
from ledgerbook.text import normalize


@dataclass(frozen=True, slots=True)
class WordingConflict:
    """A cell of item ``number`` where book and plan differ, and the office must look.

    ``keeps_book_text`` says that the book's words stand; else the plan's do, and
    ``book_text`` would be lost.
    """

    number: int
    field: str
    book_text: str
    keeps_book_text: bool


@dataclass(frozen=True, slots=True)
class MergedItem:
    item: PlanItem
    conflicts: tuple[WordingConflict, ...] = ()


# Attribute of a task, an origin and an item → header on the 任务 sheet.
_MERGED_ATTRIBUTES = {
    "requirement": "工作要求",
    "point": "工作要点",
    "measure": "计划措施",
    "units": "责任单位",
    "deadline_text": "时限",
}


def make_original_wording(code: str, item: PlanItem) -> OriginalWording:
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
    """Merge what the plan says now with the book, by what the plan said before."""
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
    """Return whose words stand, and whether a clash kept the book's."""
    if normalize(plan_text) == normalize(book_text):
        return plan_text, None
    if original_text is None:
        # An earlier book does not know who wrote it; a blank takes nothing away.
        return (plan_text, None) if plan_text else (book_text, True)
    if normalize(book_text) == normalize(original_text):
        return plan_text, None
    if normalize(plan_text) == normalize(original_text):
        return book_text, None
    if not plan_text:
        return book_text, True
    return plan_text, False if book_text else None


def _merge_notes(plan_notes: str, book_notes: str, original_notes: str) -> str:
    """Put the plan's notes first, then those of the office, none twice."""
    lines = plan_notes.splitlines()
    known_lines = {normalize(line) for line in (*lines, *original_notes.splitlines())}
    office_lines = [line for line in book_notes.splitlines() if normalize(line) not in known_lines]
    return "\n".join((*lines, *office_lines))


def collect_conflicts(
    merged_items: Sequence[MergedItem],
) -> tuple[WordingConflict, ...]:
    return tuple(conflict for merged_item in merged_items for conflict in merged_item.conflicts)
