"""Identify the sheets of a workbook: whose each is, on which form, and what its cells are.

What counts are the marks that were issued with it: the visible line of a sheet, the
hidden sheet and the core keywords of the workbook, and the codes of the rows. Names of
files and sheets, and positions, never count: these are what people change first. Sheets
whose marks contradict each other are rejected and listed as a problem for a person to
decide.

Every filled cell that we did not issue ourselves is accounted for exactly once: it is an
answer, or it is on a problem (``Problem.rejected_cells`` counts it). The sums are compared
later, so that no answer can get lost.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ledgerbook import identity
from ledgerbook.a1_references import CellPosition, format_cell_reference
from ledgerbook.identity import SheetMark
from ledgerbook.intake import status_synonyms
from ledgerbook.intake.columns import ColumnIndex, check_columns, find_columns
from ledgerbook.intake.formats.raw_workbook import (
    RawSheet,
    RawWorkbook,
    display_text,
    join_cell_texts,
)
from ledgerbook.intake.row_matching import (
    IssuedRows,
    MatchedRow,
    MatchedRows,
    RowEvidence,
    SectionSheet,
    collect_evidence,
    match_rows,
)
from ledgerbook.issue.layout import (
    COMPUTED_TEXTS,
    CORRECTIONS_SHEET,
    INSTRUCTIONS_SHEET,
    NIL_LABEL,
    REGISTER_INSTRUCTIONS_SHEET,
    is_header_text,
)
from ledgerbook.model import Book, Form, Task
from ledgerbook.model.problems import Place, Problem
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
    says whether the section ticked that it has nothing to report.
    """

    raw: RawSheet
    mark: SheetMark
    form: Form
    columns: ColumnIndex
    rows: tuple[MatchedRow, ...]
    doubtful_tasks: tuple[Task, ...] = ()
    is_nil_return: bool = False


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
    """

    sheets: tuple[ReturnSheet, ...] = ()
    problems: tuple[Problem, ...] = ()
    filled_count: int = 0
    registers: tuple[ReturnRegister, ...] = ()
    former_sheets: tuple[ReturnSheet | ReturnRegister, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetCandidate:
    """A sheet that is to be identified, with what is known of it before.

    ``visible_mark`` is the mark on the sheet itself, ``workbook_marks`` are those of its
    workbook. ``columns`` is None where the sheet shows no form.
    """

    file: str
    sheet: RawSheet
    workbook_marks: tuple[SheetMark, ...]
    visible_mark: SheetMark | None
    issued_rows: IssuedRows
    form: Form
    columns: ColumnIndex | None

    @property
    def book(self) -> Book:
        return self.issued_rows.book

    @property
    def genuine_marks(self) -> tuple[SheetMark, ...]:
        """The marks of the workbook that our book has signed."""
        return tuple(
            resolve_mark(mark, self.book)
            for mark in self.workbook_marks
            if self.issued_rows.is_genuine(mark)
        )

    @property
    def workbook_section(self) -> str:
        """The only section that the workbook's genuine marks name; blank if not one."""
        sections = {mark.section for mark in self.genuine_marks}
        return sections.pop() if len(sections) == 1 else ""

    @property
    def nil_return_cell(self) -> CellPosition | None:
        """The ticked cell beside the label of the nil return; None if it is not ticked."""
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
                if normalize(display_text(self.sheet.cells[cell])) in status_synonyms.TICK_TEXTS:
                    return cell
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
        header_cells = columns.header_cells | {self.nil_return_cell}
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
        problem = Problem(code, place, message_values, self.workbook_section, len(cells))
        return Identification((), (problem,), len(cells))


def identify_workbook(file: str, workbook: RawWorkbook, issued_rows: IssuedRows) -> Identification:
    """Identify all sheets of a workbook, and account for their filled cells.

    A workbook without any mark or row of ours gets one problem for all its sheets.
    """
    workbook_marks = _collect_workbook_marks(workbook)
    book = issued_rows.book
    identified_sheets = [
        _identify_sheet(_build_candidate(file, sheet, workbook_marks, issued_rows))
        for sheet in workbook.sheets
        if sheet.cells and not is_unfillable_sheet(sheet, book)
    ]
    problem_codes = {
        problem.code for identified in identified_sheets for problem in identified.problems
    }
    has_return = any(identified.sheets or identified.registers for identified in identified_sheets)
    if not workbook_marks and not has_return and problem_codes <= _UNRELATED_CODES:
        filled_count = sum(identified.filled_count for identified in identified_sheets)
        values = {
            "raw": "\n".join(
                sheet_problem.raw
                for identified in identified_sheets
                for sheet_problem in identified.problems
            )
        }
        problem = Problem("not-ours", Place(file), values, rejected_cells=filled_count)
        return Identification((), (problem,), filled_count)
    if not has_return and not any(identified.problems for identified in identified_sheets):
        return Identification((), (Problem("form-missing", Place(file)),))
    sheets = sort_repeated_sheets(
        [sheet for identified in identified_sheets for sheet in identified.sheets]
    )
    registers = sort_repeated_sheets(
        [register for identified in identified_sheets for register in identified.registers]
    )
    return Identification(
        sheets,
        (
            *(problem for identified in identified_sheets for problem in identified.problems),
            *_report_repeated_sheets(file, sheets),
            *_report_repeated_sheets(file, registers),
        ),
        sum(identified.filled_count for identified in identified_sheets),
        registers,
        tuple(sheet for identified in identified_sheets for sheet in identified.former_sheets),
    )


# --- several sheets of one form ---


def sort_repeated_sheets(sheets: Sequence[SheetT]) -> tuple[SheetT, ...]:
    """Return ``sheets`` with those of one section, round and form together, and sorted.

    The one that counts comes last: a visible one before a hidden one, one of the issued name
    before a copy, one of a shorter name (a copy's name is longer), then the first tab.
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


def _rank_sheet(sheet: ReturnSheet | ReturnRegister) -> tuple[bool, bool, int]:
    name = sheet.raw.name
    issued_name = sheet.form.title if sheet.form.is_register else sheet.mark.section
    return not sheet.raw.is_hidden, name == issued_name, -len(name)


def _report_repeated_sheets(file: str, sheets: Sequence[SheetT]) -> Iterator[Problem]:
    """Report filled sheets of a form of which the file has another sheet that counts."""
    for *others, counting in _group_sheets(sheets):
        for other in others:
            if _has_answers(other):
                values = {
                    "section": other.mark.section,
                    "title": other.form.title,
                    "sheet": counting.raw.name,
                    "other": other.raw.name,
                    "state": "（隐藏）" if other.raw.is_hidden else "",
                }
                place = Place(file, other.raw.name)
                yield Problem("sheet-repeated", place, values, other.mark.section)


def _has_answers(sheet: ReturnSheet | ReturnRegister) -> bool:
    if isinstance(sheet, ReturnRegister):
        return bool(sheet.rows)
    columns = sheet.columns.map_answer_columns(sheet.form).values()
    return any((row.index, column) in sheet.raw.cells for row in sheet.rows for column in columns)


def _build_candidate(
    file: str,
    sheet: RawSheet,
    workbook_marks: tuple[SheetMark, ...],
    issued_rows: IssuedRows,
) -> SheetCandidate:
    """Find the form that a sheet is on: by its visible line, else by its columns."""
    visible_mark = _find_visible_mark(sheet)
    marked_form = issued_rows.book.find_form(visible_mark.form) if visible_mark else None
    forms = (marked_form,) if marked_form else issued_rows.book.forms
    matches = [(find_columns(sheet, form), form) for form in forms]
    best_match = max(matches, key=lambda match: len(match[0].positions) if match[0] else -1)
    columns, form = best_match if best_match[0] else (None, issued_rows.book.task_form)
    return SheetCandidate(file, sheet, workbook_marks, visible_mark, issued_rows, form, columns)


def _collect_workbook_marks(workbook: RawWorkbook) -> tuple[SheetMark, ...]:
    """Collect the marks of the workbook from its hidden sheet and its core keywords."""
    mark_sheets = [
        raw_sheet for raw_sheet in workbook.sheets if raw_sheet.name == identity.MARK_SHEET
    ]
    texts = workbook.keywords.split(";")
    texts += [str(value) for sheet in mark_sheets for value in sheet.cells.values()]
    marks = [identity.parse_mark_line(text) for text in texts]
    return tuple(dict.fromkeys(mark for mark in marks if mark))


def find_marked_section(workbook: RawWorkbook, book: Book) -> str:
    """Return the only section that the workbook's genuine marks name; blank if not one."""
    sections = {
        book.resolve_section(mark.section)
        for mark in _collect_workbook_marks(workbook)
        if identity.is_genuine(mark, book)
    }
    return sections.pop() if len(sections) == 1 else ""


def is_unfillable_sheet(sheet: RawSheet, book: Book) -> bool:
    """Whether a sheet was issued with nothing to fill in, such as 填表说明."""
    titles = {f"{form.title}{INSTRUCTIONS_SHEET}" for form in book.forms}
    titles |= {REGISTER_INSTRUCTIONS_SHEET, CORRECTIONS_SHEET}
    return sheet.name in _ISSUED_HELPER_SHEETS or sheet.get_text((0, 0)) in titles


def _identify_sheet(candidate: SheetCandidate) -> Identification:
    """Identify one sheet, and account for its cells."""
    columns = candidate.columns
    if columns is None:
        return _report_stray_cells(
            candidate, candidate.list_filled_cells(()), candidate.workbook_section
        )
    if candidate.form.is_register:
        return _identify_register(candidate, columns)
    evidence = collect_evidence(candidate.sheet, columns, candidate.book.task_form)
    mark = find_sheet_owner(candidate, evidence.values())
    if isinstance(mark, Identification):
        return mark
    sheet = SectionSheet(
        candidate.file, candidate.sheet, columns, mark.section, candidate.issued_rows
    )
    rows = match_rows(sheet, evidence)
    if mark.section in candidate.book.former_sections:
        all_rows = (*rows.matched, *rows.retired)
        return _reject_former_sheet(
            candidate, ReturnSheet(candidate.sheet, mark, candidate.form, columns, all_rows)
        )
    return _account_for_cells(candidate, columns, mark, rows)


def _identify_register(candidate: SheetCandidate, columns: ColumnIndex) -> Identification:
    """Identify the sheet of a register, and account for its cells.

    Rows of a register have no codes: all of them are entries of the sheet's section.
    """
    mark = find_register_owner(candidate)
    if isinstance(mark, Identification):
        return mark
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
    stray_report = _report_stray_cells(candidate, stray_cells, mark.section)
    problems = (
        *check_columns(candidate.file, sheet, columns, form, mark.section, ambiguous_cells),
        *stray_report.problems,
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


def _find_visible_mark(sheet: RawSheet) -> SheetMark | None:
    """Return the first mark in a cell of the sheet."""
    for value in sheet.cells.values():
        if isinstance(value, str) and (mark := identity.parse_mark_line(value)):
            return mark
    return None


def _account_for_cells(
    candidate: SheetCandidate, columns: ColumnIndex, mark: SheetMark, rows: MatchedRows
) -> Identification:
    """Divide the filled cells of an identified sheet into answers, rejected and stray ones."""
    form, sheet = candidate.book.task_form, candidate.sheet
    answer_columns = set(columns.map_answer_columns(form).values())
    matched_indexes = {row.index for row in rows.matched}
    filled_cells = candidate.list_filled_cells(rows.issued_indexes)
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
    stray_report = _report_stray_cells(candidate, stray_cells, mark.section)
    problems = (
        *check_columns(candidate.file, sheet, columns, form, mark.section, ambiguous_cells),
        *rows.problems,
        *stray_report.problems,
    )
    is_nil_return = candidate.nil_return_cell is not None
    return_sheet = ReturnSheet(
        sheet, mark, form, columns, rows.matched, rows.doubtful_tasks, is_nil_return
    )
    retired_sheet = replace(return_sheet, rows=rows.retired, doubtful_tasks=())
    former_sheets = (retired_sheet,) if rows.retired else ()
    return Identification((return_sheet,), problems, len(filled_cells), former_sheets=former_sheets)


def _report_stray_cells(
    candidate: SheetCandidate, cells: Sequence[CellPosition], section: str
) -> Identification:
    """Report cells that belong to no row or column of the form, one problem a row."""
    rows: dict[int, list[CellPosition]] = {}
    for cell in cells:
        rows.setdefault(cell[0], []).append(cell)
    problems = tuple(
        Problem(
            "stray",
            Place(candidate.file, candidate.sheet.name, format_cell_reference(row[0])),
            {"raw": join_cell_texts(candidate.sheet, row)},
            section,
            len(row),
        )
        for row in rows.values()
    )
    return Identification((), problems, len(cells))


# --- whose sheet it is ---


def find_sheet_owner(
    candidate: SheetCandidate, evidence: Iterable[RowEvidence]
) -> SheetMark | Identification:
    """Return the mark of the sheet's section and round, or reject the sheet.

    The visible line decides, then the codes of the rows. The marks of the workbook count
    only where the sheet has neither, for sheets are copied from workbook to workbook.
    """
    mark, owners = candidate.visible_mark, _find_row_owners(candidate, evidence)
    if mark:
        if rejection := _reject_foreign_mark(candidate, mark):
            return rejection
        mark = resolve_mark(mark, candidate.book)
    genuine_marks = candidate.genuine_marks
    rounds = {genuine_mark.round for genuine_mark in genuine_marks}
    if mark is None and len(owners) == 1 and len(rounds) <= 1:
        rounds = rounds or {round_.name for round_ in candidate.book.rounds}
        if len(rounds) > 1:
            return candidate.reject_sheet("unknown-round", {"found": "（识别码已被删去）"})
        (owner,), (round_,) = owners, rounds
        mark = identity.sign_sheet(candidate.book, round_, owner, candidate.book.task_form.key)
    if mark is None and not owners and len(genuine_marks) == 1:
        (mark,) = genuine_marks
    if mark is None:
        return _reject_unmarked(candidate, owners)
    workbook_sections = {genuine_mark.section for genuine_mark in genuine_marks}
    if owners and mark.section not in owners and mark.section not in workbook_sections:
        owner_names = "、".join(sorted(owners))
        detail = f"识别码是“{mark.section}”，各行却是“{owner_names}”的"
        return candidate.reject_sheet("marks-disagree", {"detail": detail})
    return _require_known_mark(candidate, mark)


def find_register_owner(candidate: SheetCandidate) -> SheetMark | Identification:
    """Return the mark of a register: its visible line, else the workbook's; or reject it."""
    mark = candidate.visible_mark
    if mark is None:
        section_rounds = {
            (genuine_mark.section, genuine_mark.round) for genuine_mark in candidate.genuine_marks
        }
        if len(section_rounds) != 1:
            return _reject_unmarked(candidate, set())
        ((section, round_),) = section_rounds
        return SheetMark(candidate.book.book_id, round_, section, candidate.form.key)
    return _reject_foreign_mark(candidate, mark) or _require_known_mark(
        candidate, resolve_mark(mark, candidate.book)
    )


def _reject_foreign_mark(candidate: SheetCandidate, mark: SheetMark) -> Identification | None:
    """Reject a sheet whose visible line is of another book, or was altered."""
    if mark.book_id != candidate.book.book_id:
        return _reject_other_book(candidate, mark)
    if not candidate.issued_rows.is_genuine(mark):
        return candidate.reject_sheet("marks-disagree", {"detail": "识别码被改动过"})
    return None


def _reject_other_book(candidate: SheetCandidate, mark: SheetMark) -> Identification:
    mark_text = f"编号 {mark.book_id}，{mark.section}，{mark.round}"
    return candidate.reject_sheet("other-book", {"found": mark_text})


def resolve_mark(mark: SheetMark, book: Book) -> SheetMark:
    """Return a genuine mark with the present name of its section."""
    return replace(mark, section=book.resolve_section(mark.section))


def _require_known_mark(candidate: SheetCandidate, mark: SheetMark) -> SheetMark | Identification:
    """Return ``mark``, or reject the sheet where the book has no such section or round."""
    book = candidate.book
    if mark.section not in book.section_names and mark.section not in book.former_sections:
        return candidate.reject_sheet("unknown-section", {"found": mark.section})
    if mark.round not in {round_.name for round_ in book.rounds}:
        return candidate.reject_sheet("unknown-round", {"found": mark.round})
    return mark


def _reject_unmarked(candidate: SheetCandidate, owners: set[str]) -> Identification:
    """Reject a sheet that no mark gives to one section."""
    foreign_marks = [
        mark for mark in candidate.workbook_marks if mark.book_id != candidate.book.book_id
    ]
    if foreign_marks:
        return _reject_other_book(candidate, foreign_marks[0])
    if owners:
        owner_names = "、".join(sorted(owners))
        return candidate.reject_sheet("marks-disagree", {"detail": f"各行分属“{owner_names}”"})
    return candidate.reject_sheet("not-ours")


def _find_row_owners(candidate: SheetCandidate, evidence: Iterable[RowEvidence]) -> set[str]:
    """Return the sections whose row codes are on the sheet."""
    sections = set()
    for row_evidence in evidence:
        for code in (row_evidence.visible_code, row_evidence.hidden_code):
            if owner := candidate.issued_rows.by_code.get(code):
                sections.add(owner.section)
    return sections
