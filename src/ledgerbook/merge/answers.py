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

from ledgerbook.intake.file_content import FileContent
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

    submissions: list[SubmittedAnswer] = field(default_factory=list)

    @property
    def current(self) -> SubmittedAnswer | None:
        return self.submissions[-1] if self.submissions else None

    def find_overruled(self) -> Iterator[SubmittedAnswer]:
        """Yield the answers that lost within the round of the one taken."""
        return self._find_superseded(same_round=True)

    def find_earlier(self) -> Iterator[SubmittedAnswer]:
        """Yield what was answered in earlier rounds and is no longer said."""
        return self._find_superseded(same_round=False)

    def _find_superseded(self, *, same_round: bool) -> Iterator[SubmittedAnswer]:
        """Leave out what says the same again, in one round, as one already told."""
        if len(self.submissions) < 2:  # noqa: PLR2004  nothing has been said but what counts
            return
        current = self.current
        yielded_statements: set[tuple[str, str]] = set()
        for submission in reversed(self.submissions):
            statement = (submission.round, submission.answer.text)
            if (
                current is None
                or submission.answer.text == current.answer.text
                or (submission.round == current.round) is not same_round
                or statement in yielded_statements
            ):
                continue
            yielded_statements.add(statement)
            yield submission


@dataclass(slots=True)
class TaskAnswers:
    """What all returns said of one section's task.

    ``rejected`` are the cells of which nothing that can be used has been said since.
    """

    cells: dict[str, AnswerCell] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    rejected: set[str] = field(default_factory=set)

    def add(self, key: str, submission: SubmittedAnswer) -> None:
        self.cells.setdefault(key, AnswerCell()).submissions.append(submission)

    def cell(self, key: str) -> AnswerCell:
        return self.cells.get(key) or AnswerCell()


# By task code and section.
AnswersByTask = Mapping[tuple[str, str], TaskAnswers]


def gather_answers(
    book: Book, files: Sequence[FileContent], preferred: Collection[str] = ()
) -> AnswersByTask:
    """Bring together what ``files``, oldest first, say of each row.

    Within a round, the ``preferred`` files have the last word.
    """
    answers_by_task: dict[tuple[str, str], TaskAnswers] = defaultdict(TaskAnswers)
    get_priority = make_priority(book, preferred)
    row_reads = [(file.report, row_read) for file in files for row_read in file.rows]
    row_reads.sort(key=lambda item: get_priority(item[1].round, item[0]))
    for report, row_read in row_reads:
        task_answers = answers_by_task[row_read.task, row_read.section]
        task_answers.places = (
            {**task_answers.places, **row_read.places} if task_answers.places else row_read.places
        )
        task_answers.rejected = (
            task_answers.rejected - row_read.answers.keys()
        ) | row_read.rejected_keys
        for key, answer in row_read.answers.items():
            submission = SubmittedAnswer(answer, row_read.round, report.saved_at)
            task_answers.add(key, submission)
    return dict(answers_by_task)


def make_priority(
    book: Book, preferred: Collection[str]
) -> Callable[[str, FileReport], tuple[int, bool]]:
    """Return how much an answer of a round and file counts: the last has the word."""
    round_order = {round_.name: position for position, round_ in enumerate(book.rounds)}
    return lambda round_, file: (round_order.get(round_, -1), file.name in preferred)


@dataclass(frozen=True, slots=True)
class AnswerHistory:
    """All that was said of one cell, and what it is about; ``column`` is a header."""

    section: str
    subject: AnswerSubject
    column: str
    cell: AnswerCell


def find_conflicts(cells: Iterable[AnswerHistory]) -> Iterator[Conflict]:
    """Yield every answer that differs from the one taken in the same round."""
    for answer_history in cells:
        for overruled in answer_history.cell.find_overruled():
            if current := answer_history.cell.current:
                yield Conflict(
                    answer_history.section,
                    answer_history.subject,
                    answer_history.column,
                    current.answer,
                    current.saved_at,
                    overruled.answer,
                    overruled.saved_at,
                )


def find_earlier_answers(cells: Iterable[AnswerHistory]) -> Iterator[EarlierAnswer]:
    """Yield what earlier rounds said otherwise: progress, and no contradiction."""
    for answer_history in cells:
        for earlier in answer_history.cell.find_earlier():
            if current := answer_history.cell.current:
                yield EarlierAnswer(
                    answer_history.section,
                    answer_history.subject,
                    answer_history.column,
                    earlier.round,
                    earlier.answer,
                    earlier.saved_at,
                    current.round,
                    current.answer,
                )


def collect_histories(book: Book, answers_by_task: AnswersByTask) -> Iterator[AnswerHistory]:
    """Yield the cells of the task ledger that were answered more than once.

    They come in the book's order.
    """
    for task in book.tasks:
        subject = AnswerSubject(task.number, task.measure)
        for section in book.section_names:
            task_answers = answers_by_task.get((task.code, section))
            for column in book.task_form.answer_columns if task_answers else ():
                cell = task_answers.cells.get(column.key) if task_answers else None
                if cell and len(cell.submissions) > 1:
                    yield AnswerHistory(section, subject, column.header, cell)


def count_cells(
    files: Sequence[FileContent],
    all_answers: Iterable[TaskAnswers],
    summary_count: int,
    problems: Sequence[Problem],
) -> CellBalance:
    """Count where every cell that was found has gone; ``summary_count`` are in the summary."""
    cells = [cell for task_answers in all_answers for cell in task_answers.cells.values()]
    contested_cells = [cell for cell in cells if len(cell.submissions) > 1]
    overruled_count = sum(len(list(cell.find_overruled())) for cell in contested_cells)
    earlier_count = sum(len(list(cell.find_earlier())) for cell in contested_cells)
    submission_count = sum(len(cell.submissions) for cell in cells)
    return CellBalance(
        received=sum(file.filled_count for file in files),
        accepted=summary_count,
        repeated=submission_count - summary_count - overruled_count - earlier_count,
        overruled=overruled_count,
        earlier=earlier_count,
        rejected=sum(problem.rejected_cells for problem in problems),
    )
