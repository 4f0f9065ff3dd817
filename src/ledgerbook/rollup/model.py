"""What many summaries amount to one level up: frozen values, nothing done yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ledgerbook.detail.schema import DetailRow
from ledgerbook.ledger import FileReport, Standing
from ledgerbook.problems.catalogue import Problem
from ledgerbook.returns.reads import FileRead
from ledgerbook.summary.levels import Facts, SectionFact


@dataclass(frozen=True, slots=True)
class SummaryRead(FileRead):
    """What one file gave, were it a summary; ``found`` counts rows of its detail.

    ``detail`` are its rows by the path that each unit has within the file.
    """

    facts: Facts | None = None
    detail: tuple[DetailRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit (a bureau) as it stands in the roll-up; ``path`` such as 市/局.

    ``as_of`` is the day of its own summary, ``unsettled`` the problems that it had
    still to settle then, ``problems`` those of reading it here.
    """

    path: str
    file: str
    as_of: date
    book_id: str
    rows: tuple[DetailRow, ...]
    sections: tuple[SectionFact, ...]
    unsettled: int = 0
    problems: int = 0

    @property
    def tasks(self) -> int:
        """How many tasks the rows are of: the section's part of a code left off."""
        return len({row.text("row_code").rpartition("-")[0] for row in self.rows})

    @property
    def missing(self) -> tuple[SectionFact, ...]:
        """The sections of which nothing is in its summary."""
        return tuple(one for one in self.sections if one.standing in ABSENT)


# The standings of which nothing is in a summary.
ABSENT = frozenset(one.value for one in Standing if not one.arrived)


@dataclass(frozen=True, slots=True)
class Missing:
    """Who has not reported: a unit, or one section of a unit that has."""

    unit: str
    section: str
    why: str


@dataclass(frozen=True, slots=True)
class Rollup:
    """The summaries of many units, merged. Units and rows stand in order of path.

    ``found`` are all rows of all details. Each is among ``units`` or held by one of
    ``problems``. ``listed`` tells whether a list of who should report was given.
    ``rejudged`` counts rows that have become overdue since their own summary.
    """

    name: str
    year: int
    as_of: date
    units: tuple[Unit, ...]
    files: tuple[FileReport, ...]
    problems: tuple[Problem, ...]
    missing: tuple[Missing, ...]
    found: int
    listed: bool = False
    rejudged: int = 0
    statuses: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[DetailRow, ...]:
        return tuple(row for unit in self.units for row in unit.rows)

    @property
    def merged(self) -> int:
        return sum(len(unit.rows) for unit in self.units)

    @property
    def held(self) -> int:
        return sum(problem.cells for problem in self.problems)

    @property
    def balanced(self) -> bool:
        """Whether every row that was found is here or on the list of problems."""
        return self.found == self.merged + self.held

    @property
    def needs_someone(self) -> bool:
        return (
            not self.balanced
            or bool(self.missing)
            or any(problem.grave for problem in self.problems)
        )
