"""RawBook → which sheet answers for whom, and what each of its cells counts as.

Everything is decided by votes of the marks that were issued: the visible line, the
hidden sheet and the keywords, and the row codes. Votes that disagree hold the cells
for a person. Positions, file names and sheet names do not vote.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ledgerbook import identity
from ledgerbook.identity import SheetMark
from ledgerbook.intake import synonyms
from ledgerbook.intake.columns import ColumnIndex, column_problems, find_columns
from ledgerbook.intake.formats.raw_workbook import (
    Cell,
    RawSheet,
    RawWorkbook,
    cell_name,
    joined,
    shown,
)
from ledgerbook.intake.rows import (
    IssuedRows,
    MatchedRow,
    MatchedRows,
    RowEvidence,
    SectionSheet,
    find_rows,
    read_ballots,
)
from ledgerbook.issue.layout import COMPUTED_TEXTS, NIL_LABEL, is_issued_above
from ledgerbook.issue.layout import CORRECTIONS_SHEET as CORRECTIONS
from ledgerbook.issue.layout import INSTRUCTIONS_SHEET as GUIDE
from ledgerbook.issue.layout import REGISTER_INSTRUCTIONS_SHEET as REGISTER_GUIDE
from ledgerbook.model import Book, Form, Task
from ledgerbook.model.problems import Place, Problem
from ledgerbook.text import squash

_OWN_SHEETS = (identity.MARK_SHEET, identity.LIST_SHEET, identity.WORKDAY_SHEET)
# All that can be said of a sheet which nothing connects with any ledger.
_STRANGE = {"stray", "not-ours"}


def identify(file: str, raw: RawWorkbook, roster: IssuedRows) -> IdentifiedSheet:
    """Find out what ``raw`` answers for. What is wrong comes back as problems."""
    claims, book = _claims(raw), roster.book
    parts = [
        _identify_sheet(_case(file, sheet, claims, roster))
        for sheet in raw.sheets
        if sheet.cells and not sent_unfillable(sheet, book)
    ]
    said = {problem.code for part in parts for problem in part.problems}
    known = any(part.sheets or part.registers for part in parts)
    if not claims and not known and said <= _STRANGE:
        count = sum(part.found for part in parts)
        told = {"raw": "\n".join(p.raw for part in parts for p in part.problems)}
        problem = Problem("not-ours", Place(file), told, cells=count)
        return IdentifiedSheet((), (problem,), count)
    if not known and not any(part.problems for part in parts):
        return IdentifiedSheet((), (Problem("form-missing", Place(file)),))
    return IdentifiedSheet(
        tuple(sheet for part in parts for sheet in part.sheets),
        tuple(problem for part in parts for problem in part.problems),
        sum(part.found for part in parts),
        tuple(one for part in parts for one in part.registers),
    )


def _case(
    file: str, sheet: RawSheet, claims: tuple[SheetMark, ...], roster: IssuedRows
) -> SheetCandidate:
    """Find out which form a sheet shows: by its own line, else by its columns."""
    line = _line_of(sheet)
    said = roster.book.form_called(line.form) if line else None
    forms = (said,) if said else roster.book.forms
    shown = [(find_columns(sheet, form), form) for form in forms]
    best = max(shown, key=lambda one: len(one[0].index) if one[0] else -1)
    columns, form = best if best[0] else (None, roster.book.form)
    return SheetCandidate(file, sheet, claims, line, roster, form, columns)


def kind_of(raw: RawWorkbook) -> str:
    """Say what workbook of ours this is, such as 签发清单; blank if it is silent."""
    return identity.kind_of(raw.keywords)


def _claims(raw: RawWorkbook) -> tuple[SheetMark, ...]:
    """Collect what the workbook as a whole says of itself, wherever it survived."""
    hidden = [s for s in raw.sheets if s.name == identity.MARK_SHEET]
    texts = raw.keywords.split(";")
    texts += [str(value) for sheet in hidden for value in sheet.cells.values()]
    found = [identity.read_line(text) for text in texts]
    return tuple(dict.fromkeys(mark for mark in found if mark))


def sent_unfillable(sheet: RawSheet, book: Book) -> bool:
    """Tell marks, choices and guide: they were sent with nothing in them to fill."""
    titles = {f"{form.title}{GUIDE}" for form in book.forms}
    titles |= {REGISTER_GUIDE, CORRECTIONS}
    return sheet.name in _OWN_SHEETS or sheet.text((0, 0)) in titles


def _identify_sheet(case: SheetCandidate) -> IdentifiedSheet:
    columns = case.columns
    if columns is None:
        return _strays(case, case.filled(()), case.section)
    if case.form.is_register:
        return _identify_register(case, columns)
    ballots = read_ballots(case.sheet, columns, case.book.form)
    mark = elect_sheet(case, ballots.values())
    if isinstance(mark, IdentifiedSheet):
        return mark
    sheet = SectionSheet(case.file, case.sheet, columns, mark.section, case.roster)
    return _account(case, columns, mark, find_rows(sheet, ballots))


def _identify_register(case: SheetCandidate, columns: ColumnIndex) -> IdentifiedSheet:
    """Account for a register's sheet: whoever wrote a row, it is the section's."""
    mark = elect_register(case)
    if isinstance(mark, IdentifiedSheet):
        return mark
    form, sheet = case.form, case.sheet
    answers = set(columns.answers(form).values())
    fixed = set(columns.officials(form).values())
    filled = [c for c in case.filled(()) if not _issued(sheet, c, columns, fixed)]
    entered = {c for c in filled if c[0] >= columns.first_row and c[1] in answers}
    doubtful = {c for c in filled if c[1] in columns.doubtful}
    strays = _strays(
        case, [c for c in filled if c not in entered | doubtful], mark.section
    )
    problems = (
        *column_problems(case.file, sheet, columns, form, mark.section, doubtful),
        *strays.problems,
    )
    rows = tuple(sorted({row for row, _ in entered}))
    one = ReturnRegister(sheet, mark, form, columns, rows)
    return IdentifiedSheet((), problems, len(filled), (one,))


def _issued(sheet: RawSheet, cell: Cell, columns: ColumnIndex, fixed: set[int]) -> bool:
    """Whether a fixed cell of a register says what we, or a formula, put there."""
    if cell[1] not in fixed or cell[0] < columns.first_row:
        return False
    value = sheet.cells[cell]
    return not isinstance(value, str) or value in COMPUTED_TEXTS


def _line_of(sheet: RawSheet) -> SheetMark | None:
    for value in sheet.cells.values():
        if isinstance(value, str) and (mark := identity.read_line(value)):
            return mark
    return None


def _account(
    case: SheetCandidate, columns: ColumnIndex, mark: SheetMark, rows: MatchedRows
) -> IdentifiedSheet:
    """Account for every cell of an identified sheet: issued, answer, held or stray."""
    form, sheet = case.book.form, case.sheet
    answers = set(columns.answers(form).values())
    known = {row.index for row in rows.known}
    filled = case.filled(rows.issued)
    doubtful = {c for c in filled if c[1] in columns.doubtful and c not in rows.held}
    answered = {c for c in filled if c[0] in known and c[1] in answers}
    stray = [c for c in filled if c not in answered | rows.held | doubtful]
    strays = _strays(case, stray, mark.section)
    problems = (
        *column_problems(case.file, sheet, columns, form, mark.section, doubtful),
        *rows.problems,
        *strays.problems,
    )
    nil = case.tick is not None
    one = ReturnSheet(sheet, mark, form, columns, rows.known, rows.doubted, nil)
    return IdentifiedSheet((one,), problems, len(filled))


def _strays(
    case: SheetCandidate, cells: Sequence[Cell], section: str
) -> IdentifiedSheet:
    """Report cells outside the form, a problem for each row of them."""
    rows: dict[int, list[Cell]] = {}
    for cell in cells:
        rows.setdefault(cell[0], []).append(cell)
    problems = tuple(
        Problem(
            "stray",
            Place(case.file, case.sheet.name, cell_name(row[0])),
            {"raw": joined(case.sheet, row)},
            section,
            len(row),
        )
        for row in rows.values()
    )
    return IdentifiedSheet((), problems, len(cells))


# A sheet to identify, and what it is found to be.


@dataclass(frozen=True, slots=True)
class ReturnSheet:
    """One sheet that answers for a section; ``rows`` are its recognised rows.

    ``doubted`` are tasks of the section whose rows are held for a person, ``nil``
    whether the section ticked that it has nothing to report.
    """

    raw: RawSheet
    mark: SheetMark
    form: Form
    columns: ColumnIndex
    rows: tuple[MatchedRow, ...]
    doubted: tuple[Task, ...] = ()
    nil: bool = False


@dataclass(frozen=True, slots=True)
class ReturnRegister:
    """A sheet on which a section keeps a register; ``rows`` are those with entries."""

    raw: RawSheet
    mark: SheetMark
    form: Form
    columns: ColumnIndex
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class IdentifiedSheet:
    """A workbook identified. ``found`` counts every cell that somebody filled."""

    sheets: tuple[ReturnSheet, ...] = ()
    problems: tuple[Problem, ...] = ()
    found: int = 0
    registers: tuple[ReturnRegister, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetCandidate:
    """One sheet to identify, with all that its workbook says.

    ``line`` is the mark on the sheet itself, ``claims`` are those of the workbook.
    """

    file: str
    sheet: RawSheet
    claims: tuple[SheetMark, ...]
    line: SheetMark | None
    roster: IssuedRows
    form: Form
    columns: ColumnIndex | None

    @property
    def book(self) -> Book:
        return self.roster.book

    @property
    def genuine(self) -> tuple[SheetMark, ...]:
        """What the workbook says of itself and our book has signed."""
        return tuple(claim for claim in self.claims if self.roster.genuine(claim))

    @property
    def section(self) -> str:
        """Whose workbook this is, if it says so of one section only."""
        named = {claim.section for claim in self.genuine}
        return named.pop() if len(named) == 1 else ""

    @property
    def tick(self) -> Cell | None:
        """The cell that says, beside its label, that there is nothing to report."""
        first = self.columns.first_row if self.columns else 0
        label = squash(NIL_LABEL)
        above = [cell for cell in self.sheet.cells if cell[0] < first]
        for row, column in above:
            if squash(shown(self.sheet.cells[row, column])) == label:
                beside = (c for r, c in self.sheet.cells if r == row and c > column)
                cell = (row, min(beside, default=column))
                if squash(shown(self.sheet.cells[cell])) in synonyms.YES:
                    return cell
        return None

    def filled(self, issued_rows: Container[int]) -> list[Cell]:
        """List the cells that we did not send.

        In ``issued_rows`` we sent the fixed ones.
        """
        if self.columns is None:
            return sorted(self.sheet.cells)
        columns, form, first = self.columns, self.form, self.columns.first_row
        fixed = {*columns.officials(form).values(), columns.row_key}
        heads = columns.header_cells | {self.tick}
        return sorted(
            cell
            for cell, value in self.sheet.cells.items()
            if cell not in heads
            and not (cell[0] in issued_rows and cell[1] in fixed)
            and not (cell[0] < first and is_issued_above(shown(value), form))
        )

    def whole(
        self, code: str, values: Mapping[str, str] | None = None
    ) -> IdentifiedSheet:
        """Hold every filled cell of the sheet on one problem."""
        last = max(row for row, _ in self.sheet.cells)
        first = self.columns.first_row if self.columns else last
        cells = self.filled(range(first, last + 1))
        told = {**(values or {}), "raw": joined(self.sheet, cells)}
        place = Place(self.file, self.sheet.name)
        held = Problem(code, place, told, self.section, len(cells))
        return IdentifiedSheet((), (held,), len(cells))


# Whose sheet it is: its own line, the workbook's marks and the row codes vote.
#
# Votes that disagree hold the whole sheet for a person.


def elect_sheet(
    case: SheetCandidate, ballots: Iterable[RowEvidence]
) -> SheetMark | IdentifiedSheet:
    """Decide whose sheet it is, or hold it whole.

    The sheet's own line and the owners of its rows speak for the sheet; the marks of
    the workbook speak only where the sheet says nothing, for sheets get moved.
    """
    line, owners = case.line, _owners(case, ballots)
    if line and (held := _not_ours(case, line)):
        return held
    genuine = case.genuine
    rounds = {c.round for c in genuine}
    if line is None and len(owners) == 1 and len(rounds) <= 1:
        rounds = rounds or {a_round.name for a_round in case.book.rounds}
        if len(rounds) > 1:
            return case.whole("unknown-round", {"found": "（识别码已被删去）"})
        (owner,), (a_round,) = owners, rounds
        line = identity.sheet_mark(case.book, a_round, owner, case.book.form.key)
    if line is None and not owners and len(genuine) == 1:
        (line,) = genuine
    if line is None:
        return _unmarked(case, owners)
    whole = {c.section for c in genuine}
    if owners and line.section not in owners and line.section not in whole:
        said = "、".join(sorted(owners))
        detail = f"识别码是“{line.section}”，各行却是“{said}”的"
        return case.whole("marks-disagree", {"detail": detail})
    return _known(case, line)


def elect_register(case: SheetCandidate) -> SheetMark | IdentifiedSheet:
    """Decide whose register it is: by its line, else by what the workbook says."""
    line = case.line
    if line is None:
        said = {(c.section, c.round) for c in case.genuine}
        if len(said) != 1:
            return _unmarked(case, set())
        ((section, a_round),) = said
        return SheetMark(case.book.book_id, a_round, section, case.form.key)
    return _not_ours(case, line) or _known(case, line)


def _not_ours(case: SheetCandidate, line: SheetMark) -> IdentifiedSheet | None:
    """Hold a sheet whose own line another book has made, or nobody."""
    if line.book_id != case.book.book_id:
        return _other_book(case, line)
    if not case.roster.genuine(line):
        return case.whole("marks-disagree", {"detail": "识别码被改动过"})
    return None


def _other_book(case: SheetCandidate, mark: SheetMark) -> IdentifiedSheet:
    found = f"编号 {mark.book_id}，{mark.section}，{mark.round}"
    return case.whole("other-book", {"found": found})


def _known(case: SheetCandidate, line: SheetMark) -> SheetMark | IdentifiedSheet:
    """Insist that the book still has the section and the round of a mark."""
    if line.section not in case.book.section_names:
        return case.whole("unknown-section", {"found": line.section})
    if line.round not in {r.name for r in case.book.rounds}:
        return case.whole("unknown-round", {"found": line.round})
    return line


def _unmarked(case: SheetCandidate, owners: set[str]) -> IdentifiedSheet:
    foreign = [c for c in case.claims if c.book_id != case.book.book_id]
    if foreign:
        return _other_book(case, foreign[0])
    if owners:
        said = "、".join(sorted(owners))
        return case.whole("marks-disagree", {"detail": f"各行分属“{said}”"})
    return case.whole("not-ours")


def _owners(case: SheetCandidate, ballots: Iterable[RowEvidence]) -> set[str]:
    """Return the sections whose codes stand in the rows."""
    found = set()
    for ballot in ballots:
        for code in (ballot.visible, ballot.hidden):
            if owner := case.roster.by_code.get(code):
                found.add(owner.section)
    return found
