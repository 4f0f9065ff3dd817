"""How a duty that recurs stands: which turns are met, missed, still to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One turn of a recurring duty, as an office calls it; ``due`` may be later."""

    name: str
    last: date
    due: date

    @property
    def over(self) -> date:
        """The last day that still belongs to this turn rather than to the next."""
        return max(self.last, self.due)

    def __str__(self) -> str:
        return f"{self.name}（截止 {self.due}）"


@dataclass(frozen=True, slots=True)
class RecurrenceProgress:
    """How a recurring duty stands ``as_of`` a day, its turns told by their place.

    ``met`` are reported as done, ``waived`` as none of the section's business;
    ``latest`` is the last that anything was said of, -1 for none.
    """

    turns: tuple[Occurrence, ...]
    times: int
    met: frozenset[int]
    waived: frozenset[int]
    latest: int
    as_of: date

    @property
    def total(self) -> int:
        """How many times the year asks for."""
        return (len(self.turns) - len(self.waived)) * self.times

    @property
    def owed(self) -> int:
        """How many times have fallen due, today's included."""
        due = (n for n, turn in enumerate(self.turns) if turn.due <= self.as_of)
        return len([n for n in due if n not in self.waived]) * self.times

    @property
    def done(self) -> int:
        return len(self.met) * self.times

    @property
    def whole(self) -> bool:
        """Whether nothing more is owed this year."""
        return len(self.met | self.waived) == len(self.turns)

    @property
    def missed(self) -> tuple[Occurrence, ...]:
        """The turns whose day is over and that nobody has reported as done."""
        return tuple(turn for turn in self._open() if turn.due < self.as_of)

    @property
    def coming(self) -> Occurrence | None:
        """The next turn that is still to be done."""
        return next((turn for turn in self._open() if turn.due >= self.as_of), None)

    @property
    def pressing(self) -> Occurrence | None:
        """The turn by whose day it is judged: the oldest missed, else the next."""
        return next(iter(self.missed), self.coming)

    @property
    def unsaid(self) -> bool:
        """Whether no word has come of any turn that was missed."""
        said = self.turns[: self.latest + 1]
        return not any(turn in said for turn in self.missed)

    def _open(self) -> list[Occurrence]:
        settled = self.met | self.waived
        return [turn for n, turn in enumerate(self.turns) if n not in settled]
