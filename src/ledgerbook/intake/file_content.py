"""What one file gave: the answers of its rows and entries, and all that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledgerbook.model import Book
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import Answer, Attachment, FileReport


@dataclass(frozen=True, slots=True)
class RowContent:
    """One row of one return: its answers by column key, and where each would stand.

    ``task`` is the task's code. ``rejected_keys`` are the keys whose cells went to the problem
    list instead. A row that is held as a whole has no places.
    """

    task: str
    section: str
    round: str
    answers: Mapping[str, Answer]
    places: Mapping[str, Place]
    rejected_keys: frozenset[str]

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Travel light: what is said here goes from process to process."""
        identity_fields = self.task, self.section, self.round
        return RowContent, (
            *identity_fields,
            self.answers,
            self.places,
            self.rejected_keys,
        )


@dataclass(frozen=True, slots=True)
class EntryContent:
    """One row of a register: as RowRead, but for a task; ``row`` is from 0."""

    form: str
    section: str
    round: str
    row: int
    answers: Mapping[str, Answer]
    places: Mapping[str, Place]
    rejected_keys: frozenset[str]


@dataclass(frozen=True, slots=True, order=True)
class RegisterId:
    """A register that a section keeps, come back in a round; ``form`` is its key."""

    section: str
    round: str
    form: str


@dataclass(frozen=True, slots=True)
class FileContent:
    """All that one file gave; its report's verdict is settled by the merge.

    ``book`` is the one the file itself carries, where it was read without another.
    ``nil_returns`` are the (section, round) of sheets whose section ticked that it has
    nothing to report. ``entries`` are those of its registers, and ``registers`` says
    which of them came back, blank ones too. ``is_unmodified`` means that nobody has saved
    it since we made it.
    """

    report: FileReport
    rows: tuple[RowContent, ...] = ()
    problems: tuple[Problem, ...] = ()
    filled_count: int = 0
    attachments: tuple[Attachment, ...] = ()
    book: Book | None = None
    nil_returns: frozenset[tuple[str, str]] = frozenset()
    entries: tuple[EntryContent, ...] = ()
    registers: frozenset[RegisterId] = frozenset()
    is_unmodified: bool = False
