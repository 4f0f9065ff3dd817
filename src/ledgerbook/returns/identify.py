"""RawBook → which sheet answers for whom, and what each of its cells counts as.

Everything is decided by votes of the marks that were issued: the visible line, the
hidden sheet and the keywords, and the row codes. Votes that disagree hold the cells
for a person. Positions, file names and sheet names do not vote.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledgerbook import marks
from ledgerbook.issue.corrections import SHEET as CORRECTIONS
from ledgerbook.issue.guide import NAME as GUIDE
from ledgerbook.issue.guide import REGISTERS as REGISTER_GUIDE
from ledgerbook.issue.register import TOLD
from ledgerbook.marks import Mark
from ledgerbook.model import Book
from ledgerbook.problems.catalogue import Place, Problem
from ledgerbook.returns.case import Case, Return, ReturnRegister, ReturnSheet
from ledgerbook.returns.columns import Columns, column_problems, find_columns
from ledgerbook.returns.election import elect_register, elect_sheet
from ledgerbook.returns.raw import Cell, RawBook, RawSheet
from ledgerbook.returns.roster import Roster
from ledgerbook.returns.rows import FoundRows, SectionSheet, find_rows, read_ballots
from ledgerbook.returns.values import cell_name, joined

_OWN_SHEETS = (marks.MARK_SHEET, marks.LIST_SHEET, marks.WORKDAY_SHEET)
# All that can be said of a sheet which nothing connects with any ledger.
_STRANGE = {"stray", "not-ours"}


def identify(file: str, raw: RawBook, roster: Roster) -> Return:
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
        return Return((), (problem,), count)
    if not known and not any(part.problems for part in parts):
        return Return((), (Problem("form-missing", Place(file)),))
    return Return(
        tuple(sheet for part in parts for sheet in part.sheets),
        tuple(problem for part in parts for problem in part.problems),
        sum(part.found for part in parts),
        tuple(one for part in parts for one in part.registers),
    )


def _case(file: str, sheet: RawSheet, claims: tuple[Mark, ...], roster: Roster) -> Case:
    """Find out which form a sheet shows: by its own line, else by its columns."""
    line = _line_of(sheet)
    said = roster.book.form_called(line.form) if line else None
    forms = (said,) if said else roster.book.forms
    shown = [(find_columns(sheet, form), form) for form in forms]
    best = max(shown, key=lambda one: len(one[0].index) if one[0] else -1)
    columns, form = best if best[0] else (None, roster.book.form)
    return Case(file, sheet, claims, line, roster, form, columns)


def kind_of(raw: RawBook) -> str:
    """Say what workbook of ours this is, such as 签发清单; blank if it is silent."""
    return marks.kind_of(raw.keywords)


def _claims(raw: RawBook) -> tuple[Mark, ...]:
    """Collect what the workbook as a whole says of itself, wherever it survived."""
    hidden = [s for s in raw.sheets if s.name == marks.MARK_SHEET]
    texts = raw.keywords.split(";")
    texts += [str(value) for sheet in hidden for value in sheet.cells.values()]
    found = [marks.read_line(text) for text in texts]
    return tuple(dict.fromkeys(mark for mark in found if mark))


def sent_unfillable(sheet: RawSheet, book: Book) -> bool:
    """Tell marks, choices and guide: they were sent with nothing in them to fill."""
    titles = {f"{form.title}{GUIDE}" for form in book.forms}
    titles |= {REGISTER_GUIDE, CORRECTIONS}
    return sheet.name in _OWN_SHEETS or sheet.text((0, 0)) in titles


def _identify_sheet(case: Case) -> Return:
    columns = case.columns
    if columns is None:
        return _strays(case, case.filled(()), case.section)
    if case.form.is_register:
        return _identify_register(case, columns)
    ballots = read_ballots(case.sheet, columns, case.book.form)
    mark = elect_sheet(case, ballots.values())
    if isinstance(mark, Return):
        return mark
    sheet = SectionSheet(case.file, case.sheet, columns, mark.section, case.roster)
    return _account(case, columns, mark, find_rows(sheet, ballots))


def _identify_register(case: Case, columns: Columns) -> Return:
    """Account for a register's sheet: whoever wrote a row, it is the section's."""
    mark = elect_register(case)
    if isinstance(mark, Return):
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
    return Return((), problems, len(filled), (one,))


def _issued(sheet: RawSheet, cell: Cell, columns: Columns, fixed: set[int]) -> bool:
    """Whether a fixed cell of a register says what we, or a formula, put there."""
    if cell[1] not in fixed or cell[0] < columns.first_row:
        return False
    value = sheet.cells[cell]
    return not isinstance(value, str) or value in TOLD


def _line_of(sheet: RawSheet) -> Mark | None:
    for value in sheet.cells.values():
        if isinstance(value, str) and (mark := marks.read_line(value)):
            return mark
    return None


def _account(case: Case, columns: Columns, mark: Mark, rows: FoundRows) -> Return:
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
    return Return((one,), problems, len(filled))


def _strays(case: Case, cells: Sequence[Cell], section: str) -> Return:
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
    return Return((), problems, len(cells))
