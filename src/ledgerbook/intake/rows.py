"""Which row of a sheet is which task: code, hidden key and official text vote."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from ledgerbook import identity
from ledgerbook.deadlines import dues
from ledgerbook.identity import SheetMark
from ledgerbook.intake.columns import ColumnIndex
from ledgerbook.intake.formats.raw_workbook import (
    Cell,
    RawSheet,
    cell_name,
    joined,
    shown,
)
from ledgerbook.issue.layout import SheetContent, plan_values
from ledgerbook.model import (
    Book,
    ColumnSource,
    ColumnType,
    Form,
    Recurrence,
    Task,
    roles_field,
)
from ledgerbook.model.problems import Place, Problem
from ledgerbook.text import squash

# Verdicts on rows whose fixed cells are ours, even though they are held.
_ONCE_ISSUED = ("row-votes", "row-elsewhere", "row-retired")

_OLDER = "older-plan"

# Days have numbers in Excel, which ends with the year 9999.
_DAY_ZERO, _LAST_DAY = date(1899, 12, 30), 2_958_465


@dataclass(frozen=True, slots=True)
class MatchedRow:
    """A row that all votes give to one task; ``index`` is 0-based."""

    index: int
    task: Task


@dataclass(frozen=True, slots=True)
class MatchedRows:
    """What the rows of a sheet turned out to be; ``held`` cells are on problems.

    ``issued`` are the rows that we once sent, known or held: their fixed cells are
    ours. ``doubted`` are the section's tasks whose rows are held.
    """

    known: tuple[MatchedRow, ...]
    issued: frozenset[int]
    doubted: tuple[Task, ...]
    held: frozenset[Cell]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class RowEvidence:
    """The votes of one row. ``hidden_print`` is the text's print when issued."""

    visible: str
    hidden: str
    hidden_print: str
    text: str


@dataclass(frozen=True, slots=True)
class _RowMatch:
    """Whose row it is, or why it is held; ``between`` are the tasks it may be."""

    task: Task | None = None
    code: str = ""
    detail: str = ""
    between: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionSheet:
    """A sheet of the task ledger that is known to be a section's."""

    file: str
    raw: RawSheet
    columns: ColumnIndex
    section: str
    roster: IssuedRows

    @property
    def form(self) -> Form:
        return self.roster.book.form

    def place(self, cell: Cell) -> Place:
        return Place(self.file, self.raw.name, cell_name(cell))


def find_rows(sheet: SectionSheet, ballots: Mapping[int, RowEvidence]) -> MatchedRows:
    """Give each filled row below the header to a task, or hold it with a problem."""
    known: list[MatchedRow] = []
    issued: set[int] = set()
    doubted: list[Task] = []
    held: set[Cell] = set()
    problems: list[Problem] = []
    columns = sheet.columns
    fixed = set(columns.officials(sheet.form).values()) | {columns.row_key}
    for index, cells in _rows(sheet.raw, columns.first_row):
        ballot = ballots[index]
        verdict = elect(ballot, sheet.section, sheet.roster)
        where = sheet.place((index, cells[0][1]))
        if verdict.task:
            row = MatchedRow(index, verdict.task)
            known.append(row)
            issued.add(index)
            problems += _noted(where, verdict, sheet.section)
            problems += _changed(sheet, row, ballot.hidden_print)
            continue
        own = cells
        if verdict.code in _ONCE_ISSUED:
            issued.add(index)
            own = [c for c in cells if c[1] not in fixed]
        held.update(own)
        doubted += verdict.between if own else ()
        if own:
            problems.append(_held(sheet, where, own, verdict))
    kept, repeated = _without_repeats(sheet, known)
    for row, problem, cells in repeated:
        doubted.append(row.task)
        held.update(cells)
        problems.append(problem)
    found = tuple(kept), frozenset(issued), tuple(dict.fromkeys(doubted))
    return MatchedRows(*found, frozenset(held), tuple(_once(problems)))


def read_ballots(
    sheet: RawSheet, columns: ColumnIndex, form: Form
) -> dict[int, RowEvidence]:
    """Collect what the own marks of each filled row below the header say."""
    at = {c.source: columns.index.get(c.key) for c in form.official}
    code, measure = at.get(ColumnSource.ROW_CODE), at.get(ColumnSource.MEASURE)

    def text(row: int, column: int | None) -> str:
        return "" if column is None else shown(sheet.cells.get((row, column)))

    def ballot(row: int) -> RowEvidence:
        hidden, _, printed = text(row, columns.row_key).partition("#")
        visible = _tidy(text(row, code))
        return RowEvidence(visible, _tidy(hidden), printed, text(row, measure))

    first = columns.first_row
    rows = {row for row, _ in sheet.cells if row >= first}
    return {row: ballot(row) for row in sorted(rows)}


def elect(ballot: RowEvidence, section: str, roster: IssuedRows) -> _RowMatch:
    """Decide whose row it is. Votes that disagree hold the row."""
    seen = roster.by_code.get(ballot.visible)
    meant = roster.by_code.get(ballot.hidden)
    alike = (
        roster.by_text.get(identity.fingerprint(ballot.text), ()) if ballot.text else ()
    )
    if seen and meant and seen != meant:
        detail = f"行码指第 {seen.task.number} 项，隐藏标识指第 {meant.task.number} 项"
        both = tuple(o.task for o in (seen, meant) if o.section == section)
        return _RowMatch(code="row-votes", detail=detail, between=both)
    owner = seen or meant
    if owner is None:
        # A code that the book does not know may come from another year's ledger,
        # whose text can well be the same.
        marked = ballot.visible or ballot.hidden
        mine = [task for task in alike if task.roles_of(section) and not marked]
        if len(mine) == 1:
            return _of(mine[0], roster, "row-by-text")
        return _RowMatch(code="row-unknown" if marked else "")
    either = (owner.task,)
    if owner.section != section:
        return _RowMatch(code="row-elsewhere", detail=owner.section)
    if alike and owner.task not in alike:
        detail = f"行码指第 {owner.task.number} 项，文字是第 {alike[0].number} 项"
        return _RowMatch(code="row-votes", detail=detail, between=either)
    if ballot.visible and not seen and not alike:
        detail = "行码和任务文字都被改过"
        return _RowMatch(code="row-votes", detail=detail, between=either)
    return _of(owner.task, roster)


def _of(task: Task, roster: IssuedRows, code: str = "") -> _RowMatch:
    """Give a row to ``task``, unless a revised plan has dropped that."""
    if task.code in roster.retired:
        detail = f"原第 {task.number} 项，编码 {task.code}"
        return _RowMatch(code="row-retired", detail=detail)
    return _RowMatch(task=task, code=code)


def _tidy(code: str) -> str:
    return unicodedata.normalize("NFKC", code).strip().upper()


def _rows(sheet: RawSheet, first: int) -> Iterator[tuple[int, list[Cell]]]:
    rows: dict[int, list[Cell]] = {}
    for cell in sorted(sheet.cells):
        if cell[0] >= first:
            rows.setdefault(cell[0], []).append(cell)
    yield from sorted(rows.items())


def _noted(where: Place, verdict: _RowMatch, section: str) -> Iterator[Problem]:
    """Say by what a row was known, when it was not by its marks."""
    if verdict.task and verdict.code:
        values = {"number": str(verdict.task.number)}
        yield Problem(verdict.code, where, values, section)


def _changed(sheet: SectionSheet, row: MatchedRow, printed: str) -> Iterator[Problem]:
    """Say where a fixed cell is not what the book says: nobody's words get lost.

    ``printed`` is the print of the text that was issued.
    """
    task, section, roster = row.task, sheet.section, sheet.roster
    said = roster.issued(task, section)
    for column in sheet.form.official:
        at, source = sheet.columns.index.get(column.key), column.source
        if at is None or source is None or source not in said:
            continue
        value = sheet.raw.cells.get((row.index, at))
        if value == said[source]:
            continue
        if isinstance(value, float) and column.kind is ColumnType.DATE:
            # A program that drops formats leaves the date's number.
            value = _day(value)
        text = shown(value)
        if squash(text) == squash(said[source]):
            continue
        if source is ColumnSource.DUE and text in roster.turns(task):
            continue
        if squash(text) in roster.before.get((task.code, _header(source, section)), ()):
            if source is not ColumnSource.NUMBER:
                values = {"numbers": str(task.number)}
                yield Problem(
                    _OLDER, Place(sheet.file, sheet.raw.name), values, section
                )
            continue
        # The task may have been reworded in the book since the sheet was issued.
        reworded = (
            source is ColumnSource.MEASURE and identity.fingerprint(text) == printed
        )
        if not reworded and (text or source is ColumnSource.MEASURE):
            values = {"header": column.header, "raw": text or "（空白）"}
            place = sheet.place((row.index, at))
            yield Problem("official-changed", place, values, section)


def _header(source: ColumnSource, section: str) -> str:
    return roles_field(section) if source is ColumnSource.ROLES else str(source)


def _once(problems: Sequence[Problem]) -> Iterator[Problem]:
    """Say once for a sheet that an earlier plan's words stand on it."""
    older = [problem for problem in problems if problem.code == _OLDER]
    numbers = dict.fromkeys(problem.values["numbers"] for problem in older)
    for problem in older[:1]:
        yield replace(problem, values={"numbers": "、".join(numbers)})
    yield from (problem for problem in problems if problem.code != _OLDER)


def _day(number: float) -> date | float:
    """Return the day that Excel shows for a whole number, if it shows one."""
    if number.is_integer() and 0 < number <= _LAST_DAY:
        return _DAY_ZERO + timedelta(days=int(number))
    return number


def _held(
    sheet: SectionSheet, where: Place, cells: list[Cell], verdict: _RowMatch
) -> Problem:
    values = {
        "count": str(len(cells)),
        "raw": joined(sheet.raw, cells),
        "detail": verdict.detail,
        "section": sheet.section,
        "owner": verdict.detail,
    }
    code = verdict.code or "stray"
    return Problem(code, where, values, sheet.section, len(cells))


def _without_repeats(
    sheet: SectionSheet, rows: Sequence[MatchedRow]
) -> tuple[tuple[MatchedRow, ...], list[tuple[MatchedRow, Problem, list[Cell]]]]:
    """Hold rows that answer for one task differently; blank copies do no harm."""
    raw, answer_columns = sheet.raw, sheet.columns.answers(sheet.form).values()
    filled = {
        r: [(r, c) for c in answer_columns if (r, c) in raw.cells]
        for r in (row.index for row in rows)
    }
    kept: list[MatchedRow] = []
    repeated: list[tuple[MatchedRow, Problem, list[Cell]]] = []
    answering: dict[str, list[int]] = {}
    for row in rows:
        if filled[row.index]:
            answering.setdefault(row.task.code, []).append(row.index)
    for row in rows:
        same = answering.get(row.task.code, [])
        said = {
            tuple((c, shown(raw.cells[r, c])) for r, c in filled[one]) for one in same
        }
        if len(said) <= 1 or not filled[row.index]:
            kept.append(row)
            continue
        values = {
            "number": str(row.task.number),
            "times": str(len(same)),
            "raw": joined(raw, filled[row.index]),
        }
        cells = filled[row.index]
        place = sheet.place(cells[0])
        problem = Problem("row-repeated", place, values, sheet.section, len(cells))
        repeated.append((row, problem, cells))
    return tuple(kept), repeated


# Every row that a book can issue: whose each code is, and what its fixed cells say.


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose row a code stands for."""

    task: Task
    section: str


@dataclass(frozen=True, slots=True)
class IssuedRows:
    """Every row that the book can issue, by code; every task by its text.

    ``signed`` are the sheets known to be genuine where the book's key is not at hand.
    ``retired`` are the codes of tasks that a revised plan has dropped; ``before`` is
    what cells of a task said under earlier plans, by task code and header.
    """

    book: Book
    codes: Mapping[tuple[str, str], str]
    by_code: Mapping[str, Owner]
    by_text: Mapping[str, tuple[Task, ...]]
    signed: frozenset[SheetMark] | None = None
    retired: frozenset[str] = frozenset()
    before: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        book: Book,
        codes: Mapping[tuple[str, str], str] | None = None,
        signed: frozenset[SheetMark] | None = None,
    ) -> IssuedRows:
        """List the rows of ``book``: every section with every task.

        Rows not assigned any more are listed too: the code still tells whose they are.
        ``codes`` by task code and section stand in for those that only the key makes.
        """
        tasks = (*book.tasks, *book.retired)
        owners = [Owner(t, s) for t in tasks for s in book.section_names]
        known = codes or {
            (one.task.code, one.section): identity.row_code(book, one.task, one.section)
            for one in owners
        }
        by_code = {
            known[one.task.code, one.section]: one
            for one in owners
            if (one.task.code, one.section) in known
        }
        by_text: dict[str, tuple[Task, ...]] = {}
        for task in tasks:
            mark = identity.fingerprint(task.measure)
            by_text[mark] = (*by_text.get(mark, ()), task)
        retired = frozenset(task.code for task in book.retired)
        return cls(book, known, by_code, by_text, signed, retired, _before(book))

    def genuine(self, mark: SheetMark) -> bool:
        """Whether the book has made this mark."""
        if self.signed is None:
            return identity.genuine(mark, self.book)
        return replace(mark, check=mark.check.upper()) in self.signed

    def turns(self, task: Task) -> frozenset[str]:
        """Return the days by which some round asks for a recurring task."""
        rhythm = task.deadline
        if not isinstance(rhythm, Recurrence):
            return frozenset()
        return frozenset(map(str, dues(rhythm, self.book.year)))

    def issued(self, task: Task, section: str) -> Mapping[ColumnSource, str]:
        """Return what the fixed cells of a row say by the book."""
        form, a_round = self.book.form, self.book.rounds[0]
        job = SheetContent(self.book, a_round, section, form, "", date.min)
        said = {k: str(v) for k, v in plan_values(job, task).items()}
        return {**said, ColumnSource.ROW_CODE: self.codes[task.code, section]}


def _before(book: Book) -> dict[tuple[str, str], frozenset[str]]:
    said: dict[tuple[str, str], frozenset[str]] = {}
    for one in book.revisions:
        cell = one.code, one.field
        said[cell] = said.get(cell, frozenset()) | {squash(one.old)}
    return said
