"""One task of the book and one item of a revised plan: whose words stand?

Where the book still says what the plan said before, the plan's new words do. Where the
office has corrected it and the plan has not changed, the correction stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledgerbook.model import OriginalWording, Task
from ledgerbook.plan import PlanItem
from ledgerbook.text import squash


@dataclass(frozen=True, slots=True)
class Clash:
    """A cell of item ``number`` where book and plan differ, and the office must look.

    ``kept`` says that the book's words stand; else the plan's do, and ``mine`` would
    be lost.
    """

    number: int
    field: str
    mine: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Merged:
    item: PlanItem
    clashes: tuple[Clash, ...] = ()


# Attribute of a task, an origin and an item → header on the 任务 sheet.
_CELLS = {
    "requirement": "工作要求",
    "point": "工作要点",
    "measure": "计划措施",
    "units": "责任单位",
    "limit": "时限",
}


def origin_of(code: str, item: PlanItem) -> OriginalWording:
    return OriginalWording(
        code,
        item.requirement,
        item.point,
        item.measure,
        item.units,
        item.limit,
        item.notes,
    )


def merged(item: PlanItem, task: Task, origin: OriginalWording | None) -> Merged:
    """Merge what the plan says now with the book, by what the plan said before."""
    texts: dict[str, str] = {}
    clashes: list[Clash] = []
    for name, field in _CELLS.items():
        theirs, mine = getattr(item, name), getattr(task, name)
        base = None if origin is None else getattr(origin, name)
        texts[name], kept = _settle(theirs, mine, base)
        if kept is not None:
            clashes.append(Clash(item.number, field, mine, kept))
    said = "" if origin is None else origin.note
    notes = _notes(item.notes, task.note, said)
    return Merged(PlanItem(item.number, **texts, notes=notes), tuple(clashes))


def _settle(theirs: str, mine: str, base: str | None) -> tuple[str, bool | None]:
    """Return whose words stand, and whether a clash kept the book's."""
    if squash(theirs) == squash(mine):
        return theirs, None
    if base is None:
        # An earlier book does not know who wrote it; a blank takes nothing away.
        return (theirs, None) if theirs else (mine, True)
    if squash(mine) == squash(base):
        return theirs, None
    if squash(theirs) == squash(base):
        return mine, None
    if not theirs:
        return mine, True
    return theirs, False if mine else None


def _notes(theirs: str, mine: str, base: str) -> str:
    """Put the plan's notes first, then those of the office, none twice."""
    lines = theirs.splitlines()
    known = {squash(line) for line in (*lines, *base.splitlines())}
    own = [line for line in mine.splitlines() if squash(line) not in known]
    return "\n".join((*lines, *own))


def clashes_of(merges: Sequence[Merged]) -> tuple[Clash, ...]:
    return tuple(clash for one in merges for clash in one.clashes)
