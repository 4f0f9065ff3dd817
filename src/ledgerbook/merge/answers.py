"""All that was said of each cell, in order: what counts, what lost, what stood before.

The order in which files are given does not matter. Within a round the answer saved
later counts, unless the office prefers a file; a later round's answer follows an
earlier one's. A blank never takes the place of an answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ledgerbook.intake.results import FileRead
from ledgerbook.model import Book
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import (
    Answer,
    AnswerSubject,
    CellBalance,
    Conflict,
    EarlierAnswer,
    FileReport,
)


@dataclass(frozen=True, slots=True)
class SubmittedAnswer:
    """One answer, in which round it was given and when its file was saved."""

    answer: Answer
    round: str
    saved_at: datetime | None


@dataclass(slots=True)
class AnswerCell:
    """The answers given for one cell; the last one counts."""

    given: list[SubmittedAnswer] = field(default_factory=list)

    @property
    def taken(self) -> SubmittedAnswer | None:
        return self.given[-1] if self.given else None

    def aside(self) -> Iterator[SubmittedAnswer]:
        """Yield the answers that lost within the round of the one taken."""
        return self._others(of_its_round=True)

    def earlier(self) -> Iterator[SubmittedAnswer]:
        """Yield what was answered in earlier rounds and is no longer said."""
        return self._others(of_its_round=False)

    def _others(self, *, of_its_round: bool) -> Iterator[SubmittedAnswer]:
        """Leave out what says the same again, in one round, as one already told."""
        if len(self.given) < 2:  # noqa: PLR2004  nothing has been said but what counts
            return
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
class TaskAnswers:
    """What all returns said of one section's task.

    ``held`` are the cells of which nothing that can be used has been said since.
    """

    cells: dict[str, AnswerCell] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)

    def give(self, key: str, given: SubmittedAnswer) -> None:
        self.cells.setdefault(key, AnswerCell()).given.append(given)

    def cell(self, key: str) -> AnswerCell:
        return self.cells.get(key) or AnswerCell()


# By task code and section.
Gathered = Mapping[tuple[str, str], TaskAnswers]


def gather(
    book: Book, files: Sequence[FileRead], preferred: Collection[str] = ()
) -> Gathered:
    """Bring together what ``files``, oldest first, say of each row.

    Within a round, the ``preferred`` files have the last word.
    """
    gathered: dict[tuple[str, str], TaskAnswers] = defaultdict(TaskAnswers)
    weight = weighing(book, preferred)
    said = [(file.report, read) for file in files for read in file.rows]
    said.sort(key=lambda s: weight(s[1].round, s[0]))
    for report, read in said:
        row = gathered[read.task, read.section]
        row.places = {**row.places, **read.places} if row.places else read.places
        row.held = (row.held - read.answers.keys()) | read.held
        for key, answer in read.answers.items():
            given = SubmittedAnswer(answer, read.round, report.saved_at)
            row.give(key, given)
    return dict(gathered)


def weighing(
    book: Book, preferred: Collection[str]
) -> Callable[[str, FileReport], tuple[int, bool]]:
    """Return how much an answer of a round and file counts: the last has the word."""
    number = {a_round.name: n for n, a_round in enumerate(book.rounds)}
    return lambda a_round, file: (number.get(a_round, -1), file.name in preferred)


@dataclass(frozen=True, slots=True)
class AnswerHistory:
    """All that was said of one cell, and what it is about; ``column`` is a header."""

    section: str
    subject: AnswerSubject
    column: str
    cell: AnswerCell


def conflicts(cells: Iterable[AnswerHistory]) -> Iterator[Conflict]:
    """Yield every answer that differs from the one taken in the same round."""
    for one in cells:
        for aside in one.cell.aside():
            if taken := one.cell.taken:
                yield Conflict(
                    one.section,
                    one.subject,
                    one.column,
                    taken.answer,
                    taken.saved_at,
                    aside.answer,
                    aside.saved_at,
                )


def history(cells: Iterable[AnswerHistory]) -> Iterator[EarlierAnswer]:
    """Yield what earlier rounds said otherwise: progress, and no contradiction."""
    for one in cells:
        for before in one.cell.earlier():
            if taken := one.cell.taken:
                yield EarlierAnswer(
                    one.section,
                    one.subject,
                    one.column,
                    before.round,
                    before.answer,
                    before.saved_at,
                    taken.round,
                    taken.answer,
                )


def cells_said(book: Book, gathered: Gathered) -> Iterator[AnswerHistory]:
    """Yield the cells of the task ledger that were answered more than once.

    They come in the book's order.
    """
    for task in book.tasks:
        subject = AnswerSubject(task.number, task.measure)
        for section in book.section_names:
            row = gathered.get((task.code, section))
            for column in book.form.answers if row else ():
                cell = row.cells.get(column.key) if row else None
                if cell and len(cell.given) > 1:
                    yield AnswerHistory(section, subject, column.header, cell)


def count(
    files: Sequence[FileRead],
    gathered: Iterable[TaskAnswers],
    kept: int,
    problems: Sequence[Problem],
) -> CellBalance:
    """Count where every cell that was found has gone; ``kept`` are in the summary."""
    cells = [cell for row in gathered for cell in row.cells.values()]
    several = [cell for cell in cells if len(cell.given) > 1]
    aside = sum(len(list(cell.aside())) for cell in several)
    earlier = sum(len(list(cell.earlier())) for cell in several)
    given = sum(len(cell.given) for cell in cells)
    return CellBalance(
        found=sum(file.found for file in files),
        kept=kept,
        repeated=given - kept - aside - earlier,
        aside=aside,
        earlier=earlier,
        held=sum(problem.cells for problem in problems),
    )
