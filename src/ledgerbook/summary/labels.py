"""The words by which the summary counts and shows: statuses, sections, requirements."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ledgerbook.model import Choice, Column, Form, Role, StatusCategory, Task
from ledgerbook.model.cycles import RecurrenceProgress
from ledgerbook.model.results import (
    NOT_FILLED,
    NOT_RETURNED,
    AssignmentResult,
    Ledger,
    TaskSummary,
)

NO_REQUIREMENT = "（原文未列工作要求）"


@dataclass(frozen=True, slots=True)
class StatusLabel:
    """A status as the office calls it, and what it means to the figures."""

    text: str
    meaning: StatusCategory | None


def status_column(form: Form) -> Column | None:
    """Return the status column, or None when the office took it out of the form."""
    try:
        return form.status
    except LookupError:
        return None


def status_labels(ledger: Ledger) -> tuple[StatusLabel, ...]:
    """Return every status in use, the form's own choices first and in their order.

    A status that is none of them (kept from an older form, say) has a column of its
    own, so that the columns always add up to the total.
    """
    form = ledger.book.form
    column = status_column(form)
    choices: tuple[Choice, ...] = form.choices_of(column).choices if column else ()
    labels = {c.value: StatusLabel(c.value, c.meaning) for c in choices}
    for text in (NOT_FILLED, NOT_RETURNED):
        labels.setdefault(text, StatusLabel(text, None))
    items: tuple[AssignmentResult | TaskSummary, ...] = (*ledger.rows, *ledger.outcomes)
    for item in items:
        labels.setdefault(item.status, StatusLabel(item.status, item.meaning))
    return tuple(labels.values())


def sections_of(ledger: Ledger) -> tuple[str, ...]:
    """Return the book's sections, then any other that a task names."""
    named = (*ledger.book.section_names, *(row.section for row in ledger.rows))
    return tuple(dict.fromkeys(named))


def requirements_of(ledger: Ledger) -> tuple[str, ...]:
    """Return the requirements of all tasks, in the plan's order."""
    items: tuple[AssignmentResult | TaskSummary, ...] = (*ledger.outcomes, *ledger.rows)
    return tuple(dict.fromkeys(item.task.requirement for item in items))


def units_text(task: Task) -> str:
    """Return the plan's words for who is responsible, or what the office decided."""
    if task.units.strip():
        return task.units
    held = {
        role: [a.section for a in task.assignments if a.role is role] for role in Role
    }
    return "；".join(f"{r}：{'、'.join(names)}" for r, names in held.items() if names)


def labelled(
    rows: Iterable[AssignmentResult], words: Callable[[AssignmentResult], str]
) -> str:
    """Put each section's words under its name, a paragraph each.

    Sections that say the very same share a paragraph; those that say nothing have
    none.
    """
    said: dict[str, list[str]] = {}
    for row in rows:
        said.setdefault(words(row), []).append(row.section)
    return "\n".join(
        f"【{'、'.join(names)}】{text}" for text, names in said.items() if text
    )


_MOST_NAMED = 2


def missed_text(cycle: RecurrenceProgress) -> str:
    """Name the turns of a recurring duty that are overdue: the oldest, if many."""
    missed = cycle.missed
    if not missed:
        return ""
    many = len(missed) > _MOST_NAMED
    named = f"{missed[0]}等 {len(missed)} 期" if many else "、".join(map(str, missed))
    return f"{named}{'未报' if cycle.unsaid else '未办结'}"


def turns_text(cycle: RecurrenceProgress) -> str:
    """Count the turns of a recurring duty: asked for, fallen due, done."""
    return f"应办{cycle.total}次，到期{cycle.owed}次，已办{cycle.done}次"
