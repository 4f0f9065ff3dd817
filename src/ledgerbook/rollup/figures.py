"""The figures of a roll-up, by unit and by section: what its formulas must come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ledgerbook.detail.schema import CLASSES, DONE, EXEMPT, OTHER, DetailRow
from ledgerbook.ledger import NIL, NOT_FILLED, Urgency
from ledgerbook.rollup.model import Rollup

URGENCIES = (Urgency.OVERDUE.value, Urgency.SOON.value)
# Shown only where some row is so classed.
_RARE = frozenset((NOT_FILLED, NIL, OTHER))


@dataclass(frozen=True, slots=True)
class Counts:
    """How some rows stand: their number, and how many by class and by urgency."""

    total: int
    by_class: tuple[int, ...]
    by_urgency: tuple[int, ...]
    rate: float | None

    @property
    def all(self) -> tuple[int, ...]:
        return (self.total, *self.by_class, *self.by_urgency)


def classes_of(rollup: Rollup) -> tuple[str, ...]:
    """Return the classes that have a column: all of them always add up to the total."""
    used = {row.kind for row in rollup.rows}
    return tuple(one for one in CLASSES if one in used or one not in _RARE)


def count(rows: Sequence[DetailRow], classes: Sequence[str]) -> Counts:
    kinds = Counter(row.kind for row in rows)
    urgent = Counter(row.urgency for row in rows)
    base = len(rows) - kinds[EXEMPT]
    return Counts(
        len(rows),
        tuple(kinds[one] for one in classes),
        tuple(urgent[one] for one in URGENCIES),
        kinds[DONE] / base if base else None,
    )
