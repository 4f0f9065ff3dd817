"""The figures of the overview, counted here once more.

They stand in the workbook as the cached values of its formulas: a viewer that does
not calculate shows them, and one that does must come to the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ledgerbook.ledger import Ledger, LedgerRow, Outcome, Urgency
from ledgerbook.model import Meaning
from ledgerbook.summary.labels import (
    StatusLabel,
    requirements_of,
    sections_of,
    status_labels,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an overview table; ``rate`` is None when nothing is to be done."""

    label: str
    total: int
    statuses: tuple[int, ...]
    overdue: int
    soon: int
    rate: float | None

    @property
    def counts(self) -> tuple[int, ...]:
        return (self.total, *self.statuses, self.overdue, self.soon)


@dataclass(frozen=True, slots=True)
class Figures:
    """All that the overview tells: over tasks, over rows, and the rows by two keys."""

    statuses: tuple[StatusLabel, ...]
    tasks: Line
    rows: Line
    by_section: tuple[Line, ...]
    by_requirement: tuple[Line, ...]
    sections_returned: int
    sections: int


def count_up(ledger: Ledger) -> Figures:
    """Count the ledger by status and urgency."""
    statuses = status_labels(ledger)
    rows = ledger.rows
    (tasks,) = _lines([""] * len(ledger.outcomes), ledger.outcomes, ("",), statuses)
    (total,) = _lines([""] * len(rows), rows, ("",), statuses)
    sections = [row.section for row in rows]
    requirements = [row.task.requirement for row in rows]
    standings = [report.standing for report in ledger.sections]
    return Figures(
        statuses=statuses,
        tasks=tasks,
        rows=total,
        by_section=_lines(sections, rows, sections_of(ledger), statuses),
        by_requirement=_lines(requirements, rows, requirements_of(ledger), statuses),
        sections_returned=sum(s.arrived for s in standings),
        sections=len(standings),
    )


def _lines(
    keys: Sequence[str],
    items: Sequence[LedgerRow | Outcome],
    labels: tuple[str, ...],
    statuses: tuple[StatusLabel, ...],
) -> tuple[Line, ...]:
    """Count ``items`` by the label each has in ``keys``, one line a label."""
    texts = [status.text for status in statuses]
    by_status = Counter(zip(keys, (item.status for item in items), strict=True))
    by_urgency = Counter(zip(keys, (item.urgency for item in items), strict=True))
    return tuple(
        _line(
            label,
            tuple(by_status[label, text] for text in texts),
            (by_urgency[label, Urgency.OVERDUE], by_urgency[label, Urgency.SOON]),
            statuses,
        )
        for label in labels
    )


def _line(
    label: str,
    counts: tuple[int, ...],
    urgent: tuple[int, int],
    statuses: Sequence[StatusLabel],
) -> Line:
    return Line(label, sum(counts), counts, *urgent, _rate(counts, statuses))


def _rate(counts: Sequence[int], statuses: Sequence[StatusLabel]) -> float | None:
    """Return 已完成 ÷ (总数 − 不涉及)."""
    with_meaning = list(zip(counts, statuses, strict=True))
    done = sum(n for n, s in with_meaning if s.meaning is Meaning.DONE)
    exempt = sum(n for n, s in with_meaning if s.meaning is Meaning.EXEMPT)
    base = sum(counts) - exempt
    return done / base if base else None
