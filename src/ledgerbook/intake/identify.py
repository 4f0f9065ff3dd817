"""Identify the sheets of a workbook: whose each is, on which form, and what its cells are.

What counts are the marks that were issued with it, all of them together: see
:mod:`~ledgerbook.intake.claims`. Names of files and sheets, and positions, never decide:
these are what people change first. Sheets whose marks contradict each other are rejected and
listed as a problem for a person to decide.

Every filled cell that we did not issue ourselves is accounted for exactly once: it is an
answer, or it is on a problem (``Problem.rejected_cells`` counts it). The sums are compared
later, so that no answer can get lost.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

from ledgerbook import identity
from ledgerbook.a1_references import CellPosition
from ledgerbook.identity import SheetMark
from ledgerbook.intake import status_synonyms
from ledgerbook.intake.claims import (
    Claim,
    Decision,
    Owner,
    WorkbookMarks,
    collect_claims,
    collect_workbook_marks,
    decide,
    describe_owners,
    find_visible_lines,
    settle_owner,
)
from ledgerbook.intake.columns import ColumnIndex, check_columns, find_columns
from ledgerbook.intake.foreign_sheets import list_foreign_sheets, report_foreign_sheet
from ledgerbook.intake.formats.raw_workbook import (
    CellError,
    RawSheet,
    RawWorkbook,
    display_text,
    join_cell_texts,
)
from ledgerbook.intake.official_cells import report_official_changes
from ledgerbook.intake.row_matching import (
    IssuedRows,
    MatchedRow,
    MatchedRows,
    RowEvidence,
    SectionSheet,
    collect_evidence,
    match_rows,
)
from ledgerbook.intake.stray_cells import report_stray_cells
from ledgerbook.intake.unplanned_rows import find_unplanned_rows, report_unplanned_rows
from ledgerbook.issue.instruction_texts import compose_instructions_title
from ledgerbook.issue.layout import (
    COMPUTED_TEXTS,
    CORRECTIONS_SHEET,
    NIL_LABEL,
    REGISTER_INSTRUCTIONS_SHEET,
    SECTION_LABEL,
    is_header_text,
)
from ledgerbook.model import Book, Form, Task
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import UnplannedRow
from ledgerbook.text import normalize

_ISSUED_HELPER_SHEETS = (
    identity.MARK_SHEET,
    identity.CHOICES_SHEET,
    identity.WORKDAY_SHEET,
)
# Problems of a sheet that no mark connects with any book.
_UNRELATED_CODES = {"stray", "not-ours"}


@dataclass(frozen=True, slots=True)
class ReturnSheet:
    """A sheet of the task ledger that answers for the section of ``mark``.

    ``doubtful_tasks`` are tasks of the section whose rows were rejected; ``is_nil_return``
    says whether the section ticked that it has nothing to report. ``other_owner`` is whom the
    marks of the workbook name instead, in words; blank where they do not.
    """

    raw: RawSheet
    mark: SheetMark
    form: Form
    columns: ColumnIndex
    rows: tuple[MatchedRow, ...]
    doubtful_tasks: tuple[Task, ...] = ()
    is_nil_return: bool = False
    other_owner: str = ""


@dataclass(frozen=True, slots=True)
class ReturnRegister:
    """A sheet of a register; ``rows`` are the 0-based rows that have entries."""

    raw: RawSheet
    mark: SheetMark
    form: Form
    columns: ColumnIndex
    rows: tuple[int, ...]


SheetT = TypeVar("SheetT", ReturnSheet, ReturnRegister)


@dataclass(frozen=True, slots=True)
class Identification:
    """What a workbook or a sheet was identified as.

    ``filled_count`` counts the cells that somebody filled, answers and rejected ones.
    ``former_sheets`` have rows that belong to nobody now: those of retired tasks and of former
    sections. Their cells are rejected; the figures of a round that is over still count them.
    ``foreign_sheets`` show no sign of ours: their cells are none of ``filled_count``.
    ``is_foreign``: no sheet of the workbook does.
    """

    sheets: tuple[ReturnSheet, ...] = ()
    problems: tuple[Problem, ...] = ()
    filled_count: int = 0
    registers: tuple[ReturnRegister, ...] = ()
    former_sheets: tuple[ReturnSheet | ReturnRegister, ...] = ()
    unplanned_rows: tuple[UnplannedRow, ...] = ()
    foreign_sheets: tuple[RawSheet, ...] = ()
    is_foreign: bool = False


@dataclass(frozen=True, slots=True)
class SheetCandidate:
    """A sheet that is to be identified, with what is known of it before.

    ``registered`` is whose its file is by 收件登记. ``columns`` is None where the sheet shows
    no form.
    """

    file: str
    sheet: RawSheet
    workbook_marks: WorkbookMarks
    registered: Owner
    issued_rows: IssuedRows
    form: Form
    columns: ColumnIndex | None

    @property
    def book(self) -> Book:
        return self.issued_rows.book

    @property
    def nil_return_cell(self) -> CellPosition | None:
        """The ticked cell beside the label of the nil return; None if it is not ticked.

        A tick that is struck through is withdrawn.
        """
        first_row = self.columns.first_row if self.columns else 0
        label = normalize(NIL_LABEL)
        columns_by_row: dict[int, list[int]] = {}
        cells_above = [cell for cell in self.sheet.cells if cell[0] < first_row]
        for row, column in sorted(cells_above):
            columns_by_row.setdefault(row, []).append(column)
        for row, column in cells_above:
            if normalize(display_text(self.sheet.cells[row, column])) == label:
                columns = columns_by_row[row]
                cell = (row, columns[min(bisect_right(columns, column), len(columns) - 1)])
                is_ticked = (
                    normalize(display_text(self.sheet.cells[cell])) in status_synonyms.TICK_TEXTS
                )
                if is_ticked and cell not in self.sheet.struck:
                    return cell
        return None

    @property
    def _uncomputed_figures_cell(self) -> CellPosition | None:
        """The formula beside the section's line, without its text; None if it has one.

        LibreOffice writes 0 into an .xls where it has not computed the formula; a formula that
        cannot be computed is an error. What we issued as a formula is no answer.
        """
        first_row = self.columns.first_row if self.columns else 0
        above = [cell for cell in sorted(self.sheet.cells) if cell[0] < first_row]
        for cell, beside in pairwise(above):
            value = self.sheet.cells[beside]
            is_figures = cell[0] == beside[0] and self.sheet.get_text(cell).startswith(
                SECTION_LABEL
            )
            if is_figures and (isinstance(value, CellError) or value == 0):
                return beside
        return None

    def list_filled_cells(self, issued_indexes: Container[int]) -> list[CellPosition]:
        """List the cells that somebody filled, that is all that we did not issue.

        In the rows of ``issued_indexes`` the cells of official columns were issued.
        """
        if self.columns is None:
            return sorted(self.sheet.cells)
        columns, form, first_row = self.columns, self.form, self.columns.first_row
        official_columns = {
            *columns.map_official_columns(form).values(),
            columns.row_key_column,
        }
        header_cells = columns.header_cells | {self.nil_return_cell, self._uncomputed_figures_cell}
        return sorted(
            cell
            for cell, value in self.sheet.cells.items()
            if cell not in header_cells
            and not (cell[0] in issued_indexes and cell[1] in official_columns)
            and not (cell[0] < first_row and is_header_text(display_text(value), form))
        )

    def reject_sheet(self, code: str, values: Mapping[str, str] | None = None) -> Identification:
        """Reject all filled cells of the sheet with one problem."""
        last_row = max(row for row, _ in self.sheet.cells)
        first_row = self.columns.first_row if self.columns else last_row
        cells = self.list_filled_cells(range(first_row, last_row + 1))
        message_values = {**(values or {}), "raw": join_cell_texts(self.sheet, cells)}
        place = Place(self.file, self.sheet.name)
        problem = Problem(code, place, message_values, self.workbook_marks.section, len(cells))
        return Identification((), (problem,), len(cells))


def identify_workbook(
    file: str, workbook: RawWorkbook, issued_rows: IssuedRows, registered: Owner
) -> Identification:
    """Identify all sheets of a workbook, and account for their filled cells.

    A workbook that may be ours, without any mark or row of ours, gets one problem for all its
    sheets.
    ``registered`` is whose the file is by 收件登记.
    """
    book = issued_rows.book
    workbook_marks = collect_workbook_marks(workbook, book, issued_rows.is_genuine)
    is_marked = workbook_marks.is_marked
    sheets = [sheet for sheet in workbook.sheets if not is_unfillable_sheet(sheet, book)]
    foreign_sheets = list_foreign_sheets(sheets, issued_rows, is_marked=is_marked)
    if not is_marked and len(foreign_sheets) == len(workbook.sheets):
        return Identification(foreign_sheets=foreign_sheets, is_foreign=True)
    foreign_sheets = tuple(sheet for sheet in foreign_sheets if sheet.cells)
    foreign_ids = {id(sheet) for sheet in foreign_sheets}
    foreign_problems = tuple(
        report_foreign_sheet(file, sheet, workbook_marks.section) for sheet in foreign_sheets
    )
    identified_sheets = [
        _identify_sheet(_build_candidate(file, sheet, workbook_marks, registered, issued_rows))
        for sheet in sheets
        if sheet.cells and id(sheet) not in foreign_ids
    ]
    problem_codes = {
        problem.code for identified in identified_sheets for problem in identified.problems
    }
    has_return = any(identified.sheets or identified.registers for identified in identified_sheets)
    if not is_marked and not has_return and problem_codes <= _UNRELATED_CODES:
        filled_count = sum(identified.filled_count for identified in identified_sheets)
        values = {
            "raw": "\n".join(
                sheet_problem.raw
                for identified in identified_sheets
                for sheet_problem in identified.problems
            )
        }
        problem = Problem("not-ours", Place(file), values, rejected_cells=filled_count)
        return Identification(
            (), (problem, *foreign_problems), filled_count, foreign_sheets=foreign_sheets
        )
    if not has_return and not foreign_sheets and not problem_codes:
        return Identification((), (Problem("form-missing", Place(file)),))
    return_sheets = sort_repeated_sheets(
        [sheet for identified in identified_sheets for sheet in identified.sheets]
    )
    registers = sort_repeated_sheets(
        [register for identified in identified_sheets for register in identified.registers]
    )
    return Identification(
        return_sheets,
        (
            *(problem for identified in identified_sheets for problem in identified.problems),
            *_report_repeated_sheets(file, return_sheets),
            *_report_repeated_sheets(file, registers),
            *foreign_problems,
        ),
        sum(identified.filled_count for identified in identified_sheets),
        registers,
        tuple(sheet for identified in identified_sheets for sheet in identified.former_sheets),
        tuple(row for identified in identified_sheets for row in identified.unplanned_rows),
        foreign_sheets,
    )


# --- several sheets of one form ---


def sort_repeated_sheets(sheets: Sequence[SheetT]) -> tuple[SheetT, ...]:
    """Return ``sheets`` with those of one section, round and form together, and sorted.

    The one that counts comes last: a filled one before a blank one, a visible one before a
    hidden one, one of the issued name before a copy, one of a shorter name (a copy's name is
    longer), then the first tab.
    """
    return tuple(sheet for group in _group_sheets(sheets) for sheet in group)


def _group_sheets(sheets: Sequence[SheetT]) -> Iterator[list[SheetT]]:
    groups: dict[tuple[str, str, str], list[SheetT]] = {}
    for sheet in sheets:
        key = (sheet.mark.section, sheet.mark.round, sheet.form.key)
        groups.setdefault(key, []).append(sheet)
    for group in groups.values():
        ranked = sorted(enumerate(group), key=lambda tab: (*_rank_sheet(tab[1]), -tab[0]))
        yield [sheet for _, sheet in ranked]


def _rank_sheet(sheet: ReturnSheet | ReturnRegister) -> tuple[bool, bool, bool, int]:
    name = sheet.raw.name
    issued_name = sheet.form.title if sheet.form.is_register else sheet.mark.section
    return has_answers(sheet), not sheet.raw.is_hidden, name == issued_name, -len(name)


def _report_repeated_sheets(file: str, sheets: Sequence[SheetT]) -> Iterator[Problem]:
    """Report filled sheets of a form of which the file has another sheet that counts.

    One that counts though it is hidden, because no other is visible, is reported too.
    """
    for *others, counting in _group_sheets(sheets):
        if counting.raw.is_hidden and has_answers(counting):
            place = Place(file, counting.raw.name)
            yield Problem("hidden-answers", place, {"places": "整张"}, counting.mark.section)
        for other in others:
            if has_answers(other):
                values = {
                    "section": other.mark.section,
                    "title": other.form.title,
                    "sheet": counting.raw.name,
                    "other": other.raw.name,
                    "state": "（隐藏）" if other.raw.is_hidden else "",
                }
                place = Place(file, other.raw.name)
                yield Problem("sheet-repeated", place, values, other.mark.section)


def has_answers(sheet: ReturnSheet | ReturnRegister) -> bool:
    """Return whether a matched row or an entry of the sheet is filled."""
    if isinstance(sheet, ReturnRegister):
        return bool(sheet.rows)
    columns = sheet.columns.map_answer_columns(sheet.form).values()
    return any((row.index, column) in sheet.raw.cells for row in sheet.rows for column in columns)


def _build_candidate(
    file: str,
    sheet: RawSheet,
    workbook_marks: WorkbookMarks,
    registered: Owner,
    issued_rows: IssuedRows,
) -> SheetCandidate:
    """Find the form that a sheet is on: by its visible line, else by its columns."""
    lines = find_visible_lines(sheet)
    marked_form = issued_rows.book.find_form(lines[0].mark.form) if lines else None
    forms = (marked_form,) if marked_form else issued_rows.book.forms
    matches = [(find_columns(sheet, form), form) for form in forms]
    best_match = max(matches, key=lambda match: len(match[0].positions) if match[0] else -1)
    columns, form = best_match if best_match[0] else (None, issued_rows.book.task_form)
    return SheetCandidate(file, sheet, workbook_marks, registered, issued_rows, form, columns)


def is_unfillable_sheet(sheet: RawSheet, book: Book) -> bool:
    """Whether a sheet was issued with nothing to fill in, such as 填表说明."""
    titles = {compose_instructions_title(form) for form in book.forms}
    titles |= {REGISTER_INSTRUCTIONS_SHEET, CORRECTIONS_SHEET}
    return sheet.name in _ISSUED_HELPER_SHEETS or sheet.get_text((0, 0)) in titles


def select_return_sheets(workbook: RawWorkbook, issued_rows: IssuedRows) -> RawWorkbook | None:
    """Return a workbook of another kind with none but the sheets of returns in it.

    A sheet of a return has a genuine line above a table of its form. A line elsewhere is
    quoted, as on 问题清单. None where there is no such sheet.
    """
    marks = collect_workbook_marks(workbook, issued_rows.book, issued_rows.is_genuine)
    candidates = (
        _build_candidate("", sheet, marks, Owner("", ""), issued_rows)
        for sheet in workbook.sheets
        if any(issued_rows.is_genuine(line.mark) for line in find_visible_lines(sheet))
    )
    return_sheets = tuple(
        candidate.sheet
        for candidate in candidates
        if (columns := candidate.columns)
        and any(
            line.cell[0] < columns.first_row and issued_rows.is_genuine(line.mark)
            for line in find_visible_lines(candidate.sheet)
        )
    )
    if not return_sheets:
        return None
    fixed_sheets = (
        sheet for sheet in workbook.sheets if is_unfillable_sheet(sheet, issued_rows.book)
    )
    return replace(workbook, sheets=(*return_sheets, *fixed_sheets))


def _identify_sheet(candidate: SheetCandidate) -> Identification:
    """Identify one sheet, and account for its cells."""
    columns = candidate.columns
    if columns is None:
        cells = candidate.list_filled_cells(())
        section = candidate.workbook_marks.section
        strays = report_stray_cells(candidate.file, candidate.sheet, cells, section)
        return Identification((), tuple(strays), len(cells))
    if candidate.form.is_register:
        return _identify_register(candidate, columns)
    evidence = collect_evidence(candidate.sheet, columns, candidate.book.task_form)
    found = find_sheet_owner(candidate, evidence)
    if isinstance(found, Identification):
        return found
    mark = found.mark
    sheet = SectionSheet(
        candidate.file, candidate.sheet, columns, mark.section, candidate.issued_rows
    )
    rows = match_rows(sheet, evidence)
    if mark.section in candidate.book.former_sections:
        all_rows = (*rows.matched, *rows.retired)
        return _reject_former_sheet(
            candidate, ReturnSheet(candidate.sheet, mark, candidate.form, columns, all_rows)
        )
    official_problems = tuple(report_official_changes(sheet, rows.matched, evidence))
    return _account_for_cells(candidate, sheet, found, rows, official_problems)


def _identify_register(candidate: SheetCandidate, columns: ColumnIndex) -> Identification:
    """Identify the sheet of a register, and account for its cells.

    Rows of a register have no codes: all of them are entries of the sheet's section.
    """
    found = find_sheet_owner(candidate, {})
    if isinstance(found, Identification):
        return found
    mark = found.mark
    form, sheet = candidate.form, candidate.sheet
    if mark.section in candidate.book.former_sections:
        return _reject_former_sheet(candidate, ReturnRegister(sheet, mark, form, columns, ()))
    answer_columns = set(columns.map_answer_columns(form).values())
    official_columns = set(columns.map_official_columns(form).values())
    filled_cells = [
        cell
        for cell in candidate.list_filled_cells(())
        if not _is_issued_value(sheet, cell, columns, official_columns)
    ]
    entry_cells = {
        cell for cell in filled_cells if cell[0] >= columns.first_row and cell[1] in answer_columns
    }
    ambiguous_cells = {cell for cell in filled_cells if cell[1] in columns.ambiguous}
    expected_cells = entry_cells | ambiguous_cells
    stray_cells = [cell for cell in filled_cells if cell not in expected_cells]
    problems = (
        *check_columns(candidate.file, sheet, columns, form, mark.section, ambiguous_cells),
        *report_stray_cells(candidate.file, sheet, stray_cells, mark.section, columns),
    )
    rows = tuple(sorted({row for row, _ in entry_cells}))
    register = ReturnRegister(sheet, mark, form, columns, rows)
    return Identification((), problems, len(filled_cells), (register,))


def _reject_former_sheet(
    candidate: SheetCandidate, former_sheet: ReturnSheet | ReturnRegister
) -> Identification:
    """Reject a sheet whose section is not in the book any more, and keep its rows apart."""
    rejection = candidate.reject_sheet("unknown-section", {"found": former_sheet.mark.section})
    return replace(rejection, former_sheets=(former_sheet,))


def _is_issued_value(
    sheet: RawSheet,
    cell: CellPosition,
    columns: ColumnIndex,
    official_columns: set[int],
) -> bool:
    """Whether a cell of a computed column has a value that we or a formula put there."""
    if cell[1] not in official_columns or cell[0] < columns.first_row:
        return False
    value = sheet.cells[cell]
    return not isinstance(value, str) or value in COMPUTED_TEXTS


def _account_for_cells(
    candidate: SheetCandidate,
    section_sheet: SectionSheet,
    found: SheetOwner,
    rows: MatchedRows,
    official_problems: Sequence[Problem],
) -> Identification:
    """Divide the filled cells of an identified sheet into answers, rejected and stray ones.

    The official cells into which somebody wrote are on ``official_problems``.
    """
    form, sheet, mark = candidate.book.task_form, candidate.sheet, found.mark
    columns = section_sheet.columns
    answer_columns = set(columns.map_answer_columns(form).values())
    matched_indexes = {row.index for row in rows.matched}
    # What the copy of a row repeats in the hidden column was typed by nobody.
    filled_cells = [
        cell
        for cell in candidate.list_filled_cells(rows.issued_indexes)
        if not (cell[0] in rows.copied_indexes and cell[1] == columns.row_key_column)
    ]
    ambiguous_cells = {
        cell
        for cell in filled_cells
        if cell[1] in columns.ambiguous and cell not in rows.rejected_cells
    }
    answer_cells = {
        cell for cell in filled_cells if cell[0] in matched_indexes and cell[1] in answer_columns
    }
    expected_cells = answer_cells | rows.rejected_cells | ambiguous_cells
    stray_cells = [cell for cell in filled_cells if cell not in expected_cells]
    unplanned_rows = find_unplanned_rows(section_sheet, mark.round, stray_cells)
    form_columns = set(columns.positions.values())
    stray_cells = [
        cell for cell in stray_cells if not (cell[0] in unplanned_rows and cell[1] in form_columns)
    ]
    problems = (
        *check_columns(candidate.file, sheet, columns, form, mark.section, ambiguous_cells),
        *rows.problems,
        *official_problems,
        *report_unplanned_rows(unplanned_rows),
        *report_stray_cells(candidate.file, sheet, stray_cells, mark.section, columns),
    )
    is_nil_return = candidate.nil_return_cell is not None
    return_sheet = ReturnSheet(
        sheet,
        mark,
        form,
        columns,
        rows.matched,
        rows.doubtful_tasks,
        is_nil_return,
        found.other_owner,
    )
    retired_sheet = replace(return_sheet, rows=rows.retired, doubtful_tasks=())
    former_sheets = (retired_sheet,) if rows.retired else ()
    filled_count = len(filled_cells) + sum(p.rejected_cells for p in official_problems)
    return Identification(
        (return_sheet,),
        problems,
        filled_count,
        former_sheets=former_sheets,
        unplanned_rows=tuple(unplanned_rows.values()),
    )


# --- whose sheet it is ---


@dataclass(frozen=True, slots=True)
class SheetOwner:
    """The owner of a sheet as an unsigned mark, and ``other_owner`` of :class:`ReturnSheet`."""

    mark: SheetMark
    other_owner: str


def find_sheet_owner(
    candidate: SheetCandidate, evidence: Mapping[int, RowEvidence]
) -> SheetOwner | Identification:
    """Return the sheet's section and round, or reject the sheet.

    ``evidence`` are the clues of its rows by 0-based row; rows of a register have none.
    """
    book, sheet = candidate.book, candidate.sheet
    claims = collect_claims(sheet, evidence, candidate.workbook_marks, candidate.issued_rows)
    decision = decide(claims)
    if decision is Decision.NOT_OURS:
        return candidate.reject_sheet("not-ours")
    if decision is Decision.OTHER_BOOK:
        return candidate.reject_sheet("other-book", {"found": claims.foreign_owner})
    owner: Owner | None = Owner(claims.owner.section, claims.round)
    if decision is Decision.HELD:
        owner = settle_owner(claims, candidate.registered)
    if owner is None:
        return candidate.reject_sheet("marks-disagree", {"detail": claims.describe()})
    if owner.section not in book.section_names and owner.section not in book.former_sections:
        return candidate.reject_sheet("unknown-section", {"found": owner.section})
    round_name = _choose_round(owner.round, candidate)
    if not round_name:
        found = owner.round or "（识别码已被删去）"
        return candidate.reject_sheet("unknown-round", {"found": found})
    is_elsewhere = claims.workbook in (Claim.OTHER_SECTION, Claim.OTHER_BOOK)
    other_owner = describe_owners(claims.workbook_marks.owners) if is_elsewhere else ""
    mark = SheetMark(book.book_id, round_name, owner.section, candidate.form.key)
    return SheetOwner(mark, other_owner)


def _choose_round(claimed_round: str, candidate: SheetCandidate) -> str:
    """Return the round of a sheet; blank if it is not known.

    Where no mark names one, a book of a single round leaves no doubt; 收件登记 names it else.
    """
    names = [round_.name for round_ in candidate.book.rounds]
    if not claimed_round and len(names) == 1:
        return names[0]
    return claimed_round if claimed_round in names else candidate.registered.round
