"""How a duty that recurs stands: which turns are met, missed, still to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One turn of a recurring duty, as an office calls it; ``due`` may be later."""

    name: str
    period_end: date
    due: date

    @property
    def last_day(self) -> date:
        """The last day that still belongs to this turn rather than to the next."""
        return max(self.period_end, self.due)

    def __str__(self) -> str:
        return f"{self.name}（截止 {self.due}）"


@dataclass(frozen=True, slots=True)
class RecurrenceProgress:
    """How a recurring duty stands ``as_of`` a day, its turns told by their place.

    ``fulfilled`` are reported as done, ``waived`` as none of the section's business;
    ``latest_reported`` is the last that anything was said of, -1 for none.
    """

    occurrences: tuple[Occurrence, ...]
    times_per_period: int
    fulfilled: frozenset[int]
    waived: frozenset[int]
    latest_reported: int
    as_of: date

    @property
    def total_count(self) -> int:
        """How many times the year asks for."""
        return (len(self.occurrences) - len(self.waived)) * self.times_per_period

    @property
    def due_count(self) -> int:
        """How many times have fallen due, today's included."""
        due_indices = (
            index
            for index, occurrence in enumerate(self.occurrences)
            if occurrence.due <= self.as_of
        )
        return (
            len([index for index in due_indices if index not in self.waived])
            * self.times_per_period
        )

    @property
    def fulfilled_count(self) -> int:
        return len(self.fulfilled) * self.times_per_period

    @property
    def is_complete(self) -> bool:
        """Whether nothing more is owed this year."""
        return len(self.fulfilled | self.waived) == len(self.occurrences)

    @property
    def missed_occurrences(self) -> tuple[Occurrence, ...]:
        """The turns whose day is over and that nobody has reported as done."""
        return tuple(
            occurrence
            for occurrence in self._list_open_occurrences()
            if occurrence.due < self.as_of
        )

    @property
    def next_occurrence(self) -> Occurrence | None:
        """The next turn that is still to be done."""
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
        """The turn by whose day it is judged: the oldest missed, else the next."""
        return next(iter(self.missed_occurrences), self.next_occurrence)

    @property
    def is_unreported(self) -> bool:
        """Whether no word has come of any turn that was missed."""
        reported = self.occurrences[: self.latest_reported + 1]
        return not any(occurrence in reported for occurrence in self.missed_occurrences)

    def _list_open_occurrences(self) -> list[Occurrence]:
        closed_indices = self.fulfilled | self.waived
        return [
            occurrence
            for index, occurrence in enumerate(self.occurrences)
            if index not in closed_indices
        ]
