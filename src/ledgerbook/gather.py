"""All that was said of each cell, in order: what counts, what lost, what stood before.

The order in which files are given does not matter. Within a round the answer saved
later counts, unless the office prefers a file; a later round's answer follows an
earlier one's. A blank never takes the place of an answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ledgerbook.ledger import (
    Answer,
    Attachment,
    Conflict,
    Earlier,
    FileReport,
    LedgerRow,
    Tally,
)
from ledgerbook.model import Book, Column, Task
from ledgerbook.problems import Place, Problem
from ledgerbook.returns.parse import EntryRead, RowRead


@dataclass(frozen=True, slots=True)
class FileRead:
    """All that one file gave; its report's verdict is settled by the merge.

    ``book`` is the one the file itself carries, where it was read without another.
    ``nil`` are the (section, round) of sheets whose section ticked that it has
    nothing to report. ``entries`` are those of its registers, and ``registers`` the
    (section, round, form key) of every one that came back, blank ones too.
    """

    report: FileReport
    rows: tuple[RowRead, ...] = ()
    problems: tuple[Problem, ...] = ()
    found: int = 0
    attachments: tuple[Attachment, ...] = ()
    book: Book | None = None
    nil: frozenset[tuple[str, str]] = frozenset()
    entries: tuple[EntryRead, ...] = ()
    registers: frozenset[tuple[str, str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Given:
    """One answer, in which round it was given and when its file was saved."""

    answer: Answer
    round: str
    saved_at: datetime | None


@dataclass(slots=True)
class Cell:
    """The answers given for one cell; the last one counts."""

    given: list[Given] = field(default_factory=list)

    @property
    def taken(self) -> Given | None:
        return self.given[-1] if self.given else None

    def aside(self) -> Iterator[Given]:
        """Yield the answers that lost within the round of the one taken."""
        return self._others(of_its_round=True)

    def earlier(self) -> Iterator[Given]:
        """Yield what was answered in earlier rounds and is no longer said."""
        return self._others(of_its_round=False)

    def _others(self, *, of_its_round: bool) -> Iterator[Given]:
        """Leave out what says the same again, in one round, as one already told."""
        taken = self.taken
        seen: set[tuple[str, str]] = set()
        for one in reversed(self.given):
            said = (one.round, one.answer.text)
            if (
                taken is None
                or one.answer.text == taken.answer.text
                or (one.round == taken.round) is not of_its_round
                or said in seen
            ):
                continue
            seen.add(said)
            yield one


@dataclass(slots=True)
class Row:
    """What all returns said of one section's task."""

    cells: dict[str, Cell] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)

    def cell(self, key: str) -> Cell:
        return self.cells.get(key) or Cell()


# By task code and section.
Gathered = Mapping[tuple[str, str], Row]


def gather(
    book: Book, files: Sequence[FileRead], preferred: Collection[str] = ()
) -> Gathered:
    """Bring together what ``files``, oldest first, say of each row.

    Within a round, the ``preferred`` files have the last word.
    """
    gathered: dict[tuple[str, str], Row] = defaultdict(Row)
    number = {a_round.name: n for n, a_round in enumerate(book.rounds)}
    said = [(file.report, read) for file in files for read in file.rows]
    said.sort(key=lambda s: (number.get(s[1].round, -1), s[0].name in preferred))
    for report, read in said:
        row = gathered[read.task.code, read.section]
        row.places |= read.places
        row.held |= read.held
        for key, answer in read.answers.items():
            given = Given(answer, read.round, report.saved_at)
            row.cells.setdefault(key, Cell()).given.append(given)
    return dict(gathered)


def conflicts(book: Book, gathered: Gathered) -> Iterator[Conflict]:
    """Yield every answer that differs from the one taken in the same round."""
    for section, task, column, cell in _cells(book, gathered):
        for one in cell.aside():
            if taken := cell.taken:
                yield Conflict(
                    section,
                    task,
                    column.header,
                    taken.answer,
                    taken.saved_at,
                    one.answer,
                    one.saved_at,
                )


def history(book: Book, gathered: Gathered) -> Iterator[Earlier]:
    """Yield what earlier rounds said otherwise: progress, and no contradiction."""
    for section, task, column, cell in _cells(book, gathered):
        for one in cell.earlier():
            if taken := cell.taken:
                yield Earlier(
                    section,
                    task,
                    column.header,
                    one.round,
                    one.answer,
                    one.saved_at,
                    taken.round,
                    taken.answer,
                )


def _cells(book: Book, gathered: Gathered) -> Iterator[tuple[str, Task, Column, Cell]]:
    for task in book.tasks:
        for section in book.section_names:
            row = gathered.get((task.code, section))
            for column in book.form.answers if row else ():
                if row and column.key in row.cells:
                    yield section, task, column, row.cells[column.key]


def count(
    files: Sequence[FileRead],
    gathered: Gathered,
    rows: Sequence[LedgerRow],
    problems: Sequence[Problem],
) -> Tally:
    """Count where every cell that was found has gone."""
    cells = [cell for row in gathered.values() for cell in row.cells.values()]
    kept = sum(len(row.answers) for row in rows)
    aside = sum(len(list(cell.aside())) for cell in cells)
    earlier = sum(len(list(cell.earlier())) for cell in cells)
    given = sum(len(cell.given) for cell in cells)
    return Tally(
        found=sum(file.found for file in files),
        kept=kept,
        repeated=given - kept - aside - earlier,
        aside=aside,
        earlier=earlier,
        held=sum(problem.cells for problem in problems),
    )
