"""One sheet being drawn: whose it is, what it starts from, where its parts stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from ledgerbook.deadlines import asked
from ledgerbook.excel.writer import DATE_FORMAT, WorkbookWriter, done
from ledgerbook.issue.validation import FormGrid
from ledgerbook.model import (
    Book,
    Column,
    ColumnType,
    Filler,
    FixedDeadline,
    Form,
    Recurrence,
    Round,
    Task,
)
from ledgerbook.model.results import AssignmentResult, Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.format import Format

    from ledgerbook.excel.writer import StreamingWorksheet


TITLE_ROW, INFO_ROW, MARK_ROW, KEY_ROW, HEAD_ROW, FIRST_ROW = range(6)
ROW_KEY = "_row"
Value = str | float | date
Answers = Mapping[str, Value]
# A section's answers by task code, then column key.
Given = Mapping[str, Answers]


@dataclass(frozen=True, slots=True)
class SheetContent:
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
        """What stands in the sheet's rows: task codes, or a register's row numbers.

        Of a register these are the fewest there may be.
        """
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
            case FixedDeadline(day):
                return day
            case Recurrence() as rhythm:
                year, due = self.book.year, self.round.due
                turn = asked(rhythm, year, due, self.issued_on)
                return turn.due if turn else None
            case _:
                return None


@dataclass(frozen=True, slots=True)
class IssuedSheet:
    """A sheet being drawn, and all that its cells depend on."""

    maker: WorkbookWriter
    sheet: StreamingWorksheet
    job: SheetContent
    grid: FormGrid
    rows: tuple[str, ...]
    _styles: dict[str, Format] = field(init=False, default_factory=dict)

    @property
    def form(self) -> Form:
        return self.job.form

    @property
    def last_column(self) -> int:
        return len(self.form.columns) - 1

    @property
    def last_row(self) -> int:
        return FIRST_ROW + max(1, len(self.rows)) - 1

    def band(self, row: int, columns: tuple[int, int], style: Format) -> None:
        """Merge the cells of ``row`` from one column to another, inclusive."""
        first, last = columns
        if first < last:
            done(self.sheet.merge_range(row, first, row, last, "", style))

    def style_of(self, column: Column) -> Format:
        """Return the look of a column's cells."""
        if column.key not in self._styles:
            self._styles[column.key] = self.remarked(column, {})
        return self._styles[column.key]

    def remarked(self, column: Column, more: Mapping[str, Any]) -> Format:
        """Return the look of a single cell that has ``more`` than its column."""
        base = "body" if column.filler is Filler.SECTION else "locked"
        return self.maker.style(base, **_asked(column), **more)

    def append(self, rows: Sequence[tuple[float, Sequence[str]]]) -> None:
        """Write the rows of the table, each its height and its cells."""
        heights = [height for height, _ in rows]
        if self.job.remarks:
            # Where a remark hangs is reckoned from the heights of the rows above it.
            for row, height in enumerate(heights, FIRST_ROW):
                self.sheet.set_row(row, height)
        cells = list(zip(*(cells for _, cells in rows), strict=True))
        self.sheet.append_rows(FIRST_ROW, heights, cells)


def _asked(column: Column) -> dict[str, Any]:
    """Return what a column's kind asks of its cells' format."""
    properties: dict[str, Any] = {"locked": column.filler is Filler.OFFICIAL}
    if column.kind is ColumnType.DATE:
        properties |= {"num_format": DATE_FORMAT, "align": "center"}
    elif column.kind in (ColumnType.TEXT, ColumnType.PHONE) and column.source is None:
        # Text format keeps the leading zero of a telephone number. Long answers do
        # without: Excel shows a text cell of over 255 characters as ####.
        properties |= {"num_format": "@"}
    elif column.kind is not ColumnType.LONG:
        properties |= {"align": "center"}
    return properties


# Which answers of before a new sheet starts from.


def of_last_time(
    ledger: Ledger, row: AssignmentResult, a_round: Round, key: str
) -> bool:
    """Whether an answer was about an earlier turn than the one asked about now.

    The first quarter's 已完成 must not come back, unread, as the second's. Who is
    responsible stays.
    """
    rhythm, cycle = row.task.deadline, row.cycle
    if not isinstance(rhythm, Recurrence) or cycle is None or cycle.latest < 0:
        return False
    turn = asked(rhythm, ledger.book.year, a_round.due, ledger.as_of)
    later = turn is not None and cycle.turns.index(turn) > cycle.latest
    return later and ledger.book.form.column(key).kind not in (
        ColumnType.TEXT,
        ColumnType.PHONE,
    )
