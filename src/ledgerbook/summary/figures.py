"""The figures of the overview, counted here once more with pandas.

They stand in the workbook as the cached values of its formulas: a viewer that does
not calculate shows them, and one that does must come to the same.
"""

from __future__ import annotations

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
    import pandas as pd  # here, since only a summary should wait for it

    frame = pd.DataFrame(
        {
            "key": list(keys),
            "status": [item.status for item in items],
            "urgency": [item.urgency.value for item in items],
        },
        dtype=object,
    )
    texts = [status.text for status in statuses]
    urgencies = [Urgency.OVERDUE.value, Urgency.SOON.value]
    by_status = pd.crosstab(frame["key"], frame["status"])
    by_urgency = pd.crosstab(frame["key"], frame["urgency"])
    by_status = by_status.reindex(index=list(labels), columns=texts, fill_value=0)
    by_urgency = by_urgency.reindex(index=list(labels), columns=urgencies, fill_value=0)
    counted = zip(
        labels,
        by_status.to_numpy().tolist(),
        by_urgency.to_numpy().tolist(),
        strict=True,
    )
    return tuple(
        Line(label, sum(row), tuple(row), overdue, soon, _rate(row, statuses))
        for label, row, (overdue, soon) in counted
    )


def _rate(counts: Sequence[int], statuses: Sequence[StatusLabel]) -> float | None:
    """Return 已完成 ÷ (总数 − 不涉及)."""
    with_meaning = list(zip(counts, statuses, strict=True))
    done = sum(n for n, s in with_meaning if s.meaning is Meaning.DONE)
    exempt = sum(n for n, s in with_meaning if s.meaning is Meaning.EXEMPT)
    base = sum(counts) - exempt
    return done / base if base else None
