"""Represent what was read from one file: answers, attachments, and problems.

:mod:`~ledgerbook.intake.pipeline` makes these values in worker processes;
:mod:`ledgerbook.merge` merges those of all files into the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ledgerbook.a1_references import format_cell_reference
from ledgerbook.model import Book
from ledgerbook.model.issued_values import IssuedValues
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import Answer, Attachment, FileReport, UnplannedRow


@dataclass(frozen=True, slots=True)
class RowPlaces(Mapping[str, Place]):
    """The places of one row's cells by column key; ``row`` and ``columns`` are 0-based."""

    file: str
    sheet: str
    row: int
    columns: Mapping[str, int]

    def __getitem__(self, key: str) -> Place:
        return Place(self.file, self.sheet, format_cell_reference((self.row, self.columns[key])))

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return RowPlaces, (self.file, self.sheet, self.row, self.columns)


@dataclass(frozen=True, slots=True)
class RowContent:
    """One row of the sheet named ``sheet``, which answers for a task.

    ``task`` is the task's code. ``answers`` and ``places`` are by column key; a blank cell
    has a place and no answer. ``rejected_texts`` are what is in the cells that are on the
    problem list instead. A row that is rejected as a whole has no places.
    """

    task: str
    section: str
    round: str
    sheet: str
    answers: Mapping[str, Answer]
    places: RowPlaces | Mapping[str, Place]
    rejected_texts: Mapping[str, str]

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Pickle by position: it is shorter, and every row goes between processes."""
        fields = (
            self.task,
            self.section,
            self.round,
            self.sheet,
            self.answers,
            self.places,
            self.rejected_texts,
        )
        return RowContent, fields


@dataclass(frozen=True, slots=True)
class EntryContent:
    """One entry of a register: as :class:`RowContent`, with the 0-based ``row`` for a task.

    ``form`` is the register's key.
    """

    form: str
    section: str
    round: str
    sheet: str
    row: int
    answers: Mapping[str, Answer]
    places: RowPlaces | Mapping[str, Place]
    rejected_texts: Mapping[str, str]


@dataclass(frozen=True, slots=True, order=True)
class RegisterId:
    """A register that a section returned in a round; ``form`` is the register's key."""

    section: str
    round: str
    form: str


@dataclass(frozen=True, slots=True)
class FileContent:
    """All that was read from one file; the merge decides the status of its report.

    ``filled_count`` counts the cells that somebody filled. ``book`` is the one that the
    file carries, where it was read without another. ``nil_returns`` are the (section,
    round) of sheets on which the section ticked that it has nothing to report.
    ``registers`` are the registers that came back, also those without ``entries``.
    ``former_rows`` belong to nobody now (a retired task, a former section): they count in the
    figures of rounds that are over alone, and ``former_returns`` are the (section, round) that
    they and their sheets are of. ``unplanned_rows`` are work beyond the plan.
    ``is_unmodified`` means that nobody has saved the file since we made it; ``issued`` are
    the values it was issued with, None where it does not say. ``foreign_count`` counts the cells
    of sheets that are not ours, which are none of ``filled_count``.
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
    issued: IssuedValues | None = None
    former_rows: tuple[RowContent, ...] = ()
    former_returns: frozenset[tuple[str, str]] = frozenset()
    unplanned_rows: tuple[UnplannedRow, ...] = ()
    foreign_count: int = 0
