"""What one file gave: the answers of its rows and entries, and all that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledgerbook.model import Book
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import Answer, Attachment, FileReport


@dataclass(frozen=True, slots=True)
class RowRead:
    """One row of one return: its answers by column key, and where each would stand.

    ``task`` is the task's code. ``held`` are the keys whose cells went to the problem
    list instead. A row that is held as a whole has no places.
    """

    task: str
    section: str
    round: str
    answers: Mapping[str, Answer]
    places: Mapping[str, Place]
    held: frozenset[str]

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Travel light: what is said here goes from process to process."""
        told = self.task, self.section, self.round
        return RowRead, (*told, self.answers, self.places, self.held)


@dataclass(frozen=True, slots=True)
class EntryRead:
    """One row of a register: as RowRead, but for a task; ``row`` is from 0."""

    form: str
    section: str
    round: str
    row: int
    answers: Mapping[str, Answer]
    places: Mapping[str, Place]
    held: frozenset[str]


@dataclass(frozen=True, slots=True, order=True)
class Kept:
    """A register that a section keeps, come back in a round; ``form`` is its key."""

    section: str
    round: str
    form: str


@dataclass(frozen=True, slots=True)
class FileRead:
    """All that one file gave; its report's verdict is settled by the merge.

    ``book`` is the one the file itself carries, where it was read without another.
    ``nil`` are the (section, round) of sheets whose section ticked that it has
    nothing to report. ``entries`` are those of its registers, and ``registers`` says
    which of them came back, blank ones too. ``as_sent`` means that nobody has saved
    it since we made it.
    """

    report: FileReport
    rows: tuple[RowRead, ...] = ()
    problems: tuple[Problem, ...] = ()
    found: int = 0
    attachments: tuple[Attachment, ...] = ()
    book: Book | None = None
    nil: frozenset[tuple[str, str]] = frozenset()
    entries: tuple[EntryRead, ...] = ()
    registers: frozenset[Kept] = frozenset()
    as_sent: bool = False
