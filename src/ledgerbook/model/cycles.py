"""Define the occurrences of a recurring duty, and its progress over a year.

:mod:`ledgerbook.deadlines` computes the occurrences; :mod:`ledgerbook.merge.task_status`
derives from the answers which of them are fulfilled.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One occurrence of a recurring duty, such as 第一季度.

    ``period_end`` is the last day of the period; ``due`` may be before or after it.
    """

    name: str
    period_end: date
    due: date

    @property
    def last_day(self) -> date:
        """The last day that belongs to this occurrence rather than to the next."""
        return max(self.period_end, self.due)

    def __str__(self) -> str:
        return f"{self.name}（截止 {self.due}）"


@dataclass(frozen=True, slots=True)
class RecurrenceProgress:
    """The progress of a recurring duty on the day ``as_of``.

    ``fulfilled``, ``waived`` and ``latest_reported`` are indices into ``occurrences``:
    those reported as completed, those reported as 不涉及, and the last one that any
    answer is about (-1 for none). ``times_per_period`` is how often the duty must be
    done in each occurrence.
    """

    occurrences: tuple[Occurrence, ...]
    times_per_period: int
    fulfilled: frozenset[int]
    waived: frozenset[int]
    latest_reported: int
    as_of: date

    @property
    def total_count(self) -> int:
        """How many times the duty must be done in the year."""
        return (len(self.occurrences) - len(self.waived)) * self.times_per_period

    @property
    def due_count(self) -> int:
        """How many times the duty had to be done up to ``as_of``, that day included."""
        due_indices = [
            index
            for index, occurrence in enumerate(self.occurrences)
            if occurrence.due <= self.as_of and index not in self.waived
        ]
        return len(due_indices) * self.times_per_period

    @property
    def fulfilled_count(self) -> int:
        """How many times the duty was done."""
        return len(self.fulfilled) * self.times_per_period

    @property
    def is_complete(self) -> bool:
        """Whether every occurrence of the year is fulfilled or waived."""
        return len(self.fulfilled | self.waived) == len(self.occurrences)

    @property
    def missed_occurrences(self) -> tuple[Occurrence, ...]:
        """The occurrences whose due date is past and that are not closed."""
        return tuple(
            occurrence
            for occurrence in self._list_open_occurrences()
            if occurrence.due < self.as_of
        )

    @property
    def next_occurrence(self) -> Occurrence | None:
        """The next occurrence that is still to be done."""
        return next(
            (
                occurrence
                for occurrence in self._list_open_occurrences()
                if occurrence.due >= self.as_of
            ),
            None,
        )

    @property
    def most_urgent_occurrence(self) -> Occurrence | None:
        """The occurrence that decides about 逾期: the oldest missed, else the next."""
        return next(iter(self.missed_occurrences), self.next_occurrence)

    @property
    def is_unreported(self) -> bool:
        """Whether all missed occurrences are later than the last one reported."""
        reported = self.occurrences[: self.latest_reported + 1]
        return not any(occurrence in reported for occurrence in self.missed_occurrences)

    def _list_open_occurrences(self) -> list[Occurrence]:
        """Return the occurrences that are neither fulfilled nor waived."""
        closed_indices = self.fulfilled | self.waived
        return [
            occurrence
            for index, occurrence in enumerate(self.occurrences)
            if index not in closed_indices
        ]
