"""Every row that a book can issue: whose each code is, and what its fixed cells say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from ledgerbook import marks
from ledgerbook.days.deadlines import dues
from ledgerbook.issue.canvas import SheetJob
from ledgerbook.issue.sheet import plan_values
from ledgerbook.marks import Mark
from ledgerbook.model import Book, Recurrence, Source, Task
from ledgerbook.text import squash


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose row a code stands for."""

    task: Task
    section: str


@dataclass(frozen=True, slots=True)
class Roster:
    """Every row that the book can issue, by code; every task by its text.

    ``signed`` are the sheets known to be genuine where the book's key is not at hand.
    ``retired`` are the codes of tasks that a revised plan has dropped; ``before`` is
    what cells of a task said under earlier plans, by task code and header.
    """

    book: Book
    codes: Mapping[tuple[str, str], str]
    by_code: Mapping[str, Owner]
    by_text: Mapping[str, tuple[Task, ...]]
    signed: frozenset[Mark] | None = None
    retired: frozenset[str] = frozenset()
    before: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        book: Book,
        codes: Mapping[tuple[str, str], str] | None = None,
        signed: frozenset[Mark] | None = None,
    ) -> Roster:
        """List the rows of ``book``: every section with every task.

        Rows not assigned any more are listed too: the code still tells whose they are.
        ``codes`` by task code and section stand in for those that only the key makes.
        """
        tasks = (*book.tasks, *book.retired)
        owners = [Owner(t, s) for t in tasks for s in book.section_names]
        known = codes or {
            (one.task.code, one.section): marks.row_code(book, one.task, one.section)
            for one in owners
        }
        by_code = {
            known[one.task.code, one.section]: one
            for one in owners
            if (one.task.code, one.section) in known
        }
        by_text: dict[str, tuple[Task, ...]] = {}
        for task in tasks:
            mark = marks.fingerprint(task.measure)
            by_text[mark] = (*by_text.get(mark, ()), task)
        retired = frozenset(task.code for task in book.retired)
        return cls(book, known, by_code, by_text, signed, retired, _before(book))

    def genuine(self, mark: Mark) -> bool:
        """Whether the book has made this mark."""
        if self.signed is None:
            return marks.genuine(mark, self.book)
        return replace(mark, check=mark.check.upper()) in self.signed

    def turns(self, task: Task) -> frozenset[str]:
        """Return the days by which some round asks for a recurring task."""
        rhythm = task.deadline
        if not isinstance(rhythm, Recurrence):
            return frozenset()
        return frozenset(map(str, dues(rhythm, self.book.year)))

    def issued(self, task: Task, section: str) -> Mapping[Source, str]:
        """Return what the fixed cells of a row say by the book."""
        form, a_round = self.book.form, self.book.rounds[0]
        job = SheetJob(self.book, a_round, section, form, "", date.min)
        said = {k: str(v) for k, v in plan_values(job, task).items()}
        return {**said, Source.ROW_CODE: self.codes[task.code, section]}


def _before(book: Book) -> dict[tuple[str, str], frozenset[str]]:
    said: dict[tuple[str, str], frozenset[str]] = {}
    for one in book.revisions:
        cell = one.code, one.field
        said[cell] = said.get(cell, frozenset()) | {squash(one.old)}
    return said
