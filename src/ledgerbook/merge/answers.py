"""Gather all answers given for each cell and decide which of them counts.

The order in which files are given does not matter. Within a round the answer saved
last counts, unless the office prefers a file (``--prefer``); an answer of a later round
replaces that of an earlier one. A blank cell never replaces an answer. What was
replaced is reported: within a round as a conflict (冲突), else as an earlier answer
(历次填报).
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
    """One answer with the round it was given in and the time its file was saved."""

    answer: Answer
    round: str
    saved_at: datetime | None


@dataclass(slots=True)
class AnswerCell:
    """The answers given for one cell, oldest first; the last one counts."""

    submissions: list[SubmittedAnswer] = field(default_factory=list)

    @property
    def current(self) -> SubmittedAnswer | None:
        return self.submissions[-1] if self.submissions else None

    def find_overruled(self) -> Iterator[SubmittedAnswer]:
        """Yield the answers that differ from the current one in the same round."""
        return self._find_superseded(same_round=True)

    def find_earlier(self) -> Iterator[SubmittedAnswer]:
        """Yield the answers of earlier rounds that differ from the current one."""
        return self._find_superseded(same_round=False)

    def _find_superseded(self, *, same_round: bool) -> Iterator[SubmittedAnswer]:
        """Yield replaced answers, newest first, each text once a round."""
        if len(self.submissions) < 2:  # noqa: PLR2004  a single answer replaces nothing
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
    """The answers of all returns for one task and section, by column key.

    ``places`` are the cells of the newest file. ``rejected`` are the keys of cells that
    could not be read and have not been answered usably since.
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
    """Return the answers of ``files``, which come oldest first, by task and section.

    Within a round, answers of the ``preferred`` files are added last and so count.
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
    """Return a sort key for answers by round and file; the highest one counts."""
    round_order = {round_.name: position for position, round_ in enumerate(book.rounds)}
    return lambda round_, file: (round_order.get(round_, -1), file.name in preferred)


@dataclass(frozen=True, slots=True)
class AnswerHistory:
    """All answers for one cell and what they are about; ``column`` is a header."""

    section: str
    subject: AnswerSubject
    column: str
    cell: AnswerCell


def find_conflicts(cells: Iterable[AnswerHistory]) -> Iterator[Conflict]:
    """Yield every answer that differs from the one that counts, within one round."""
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
    """Yield answers of earlier rounds that a later round has replaced by others."""
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

    They come in the order of the book's tasks, sections and columns.
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
    """Count what became of every answer cell that was found in the files.

    ``summary_count`` is the number of answers that the summary shows.
    """
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
