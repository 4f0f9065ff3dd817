"""One sheet being drawn: whose it is, what it starts from, where its parts stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from ledgerbook.deadlines import asked
from ledgerbook.issue.rules import Grid
from ledgerbook.model import Book, Form, OnDate, Recurrence, Round, Task
from ledgerbook.xlsx import Maker, done

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

TITLE_ROW, INFO_ROW, MARK_ROW, KEY_ROW, HEAD_ROW, FIRST_ROW = range(6)
ROW_KEY = "_row"
Value = str | float | date
Answers = Mapping[str, Value]
# A section's answers by task code, then column key.
Given = Mapping[str, Answers]


@dataclass(frozen=True, slots=True)
class SheetJob:
    """One sheet to draw: whose it is, in which round, under which name.

    ``answers`` to start from and ``remarks`` on what is wrong with them are given by
    task code, or by the number of a register's row as text, then column key.
    """

    book: Book
    round: Round
    section: str
    form: Form
    name: str
    issued_on: date
    answers: Given = field(default_factory=dict)
    remarks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def tasks(self) -> tuple[Task, ...]:
        return self.book.tasks_of(self.section)

    @property
    def rows(self) -> tuple[str, ...]:
        """What stands in the sheet's rows: task codes, or a register's row numbers."""
        if not self.form.is_register:
            return tuple(task.code for task in self.tasks)
        given = (int(number) for number in (*self.answers, *self.remarks))
        last = max(given, default=-1) + 1
        return tuple(map(str, range(last + self.form.rows)))

    def due(self, task: Task) -> date | None:
        """Return the day by which the round asks for ``task``, if it has one.

        Of a recurring duty a round asks for one turn.
        """
        match task.deadline:
            case OnDate(day):
                return day
            case Recurrence() as rhythm:
                year, due = self.book.year, self.round.due
                turn = asked(rhythm, year, due, self.issued_on)
                return turn.due if turn else None
            case _:
                return None


@dataclass(frozen=True, slots=True)
class Canvas:
    """A sheet being drawn, and all that its cells depend on."""

    maker: Maker
    sheet: Worksheet
    job: SheetJob
    grid: Grid

    @property
    def form(self) -> Form:
        return self.job.form

    @property
    def last_column(self) -> int:
        return len(self.form.columns) - 1

    @property
    def last_row(self) -> int:
        return FIRST_ROW + max(1, len(self.job.rows)) - 1

    def band(self, row: int, columns: tuple[int, int], style: Format) -> None:
        """Merge the cells of ``row`` from one column to another, inclusive."""
        first, last = columns
        if first < last:
            done(self.sheet.merge_range(row, first, row, last, "", style))
