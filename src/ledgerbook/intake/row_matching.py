"""Match the rows of a section's sheet with the tasks of the book.

Three clues name the task of a row: its visible code, the hidden row key, which repeats
the code, and the official text. Rows whose clues contradict each other are rejected and
listed as a problem for a person to decide; the position of a row never counts. Row
indexes are 0-based.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from ledgerbook import identity
from ledgerbook.a1_references import CellPosition, format_cell_reference
from ledgerbook.deadlines import list_due_dates
from ledgerbook.identity import RowOwner, SheetMark
from ledgerbook.intake.columns import ColumnIndex
from ledgerbook.intake.formats.raw_workbook import RawSheet, display_text, join_cell_texts
from ledgerbook.issue.layout import SheetContent, get_plan_values
from ledgerbook.model import (
    Book,
    ColumnSource,
    Form,
    Recurrence,
    Task,
    format_roles_field,
)
from ledgerbook.model.problems import Place, Problem
from ledgerbook.text import normalize

# Problems of rejected rows that we issued: their official cells were not filled by anybody.
_ISSUED_ROW_CODES = ("row-votes", "row-elsewhere", "row-retired")


class KeyWithheldError(Exception):
    """Only whoever has the key of the book can tell whether a mark is genuine."""


@dataclass(frozen=True, slots=True)
class IssuedRows:
    """All rows that the book can issue, and how to recognise them.

    ``row_codes`` maps task code and section to row code, ``by_code`` row code to its
    owner, ``by_text`` the fingerprint of an official text to its tasks. ``signed_marks``
    are the genuine sheet marks where the key of the book is unknown; where it is withheld
    (:meth:`withhold_key`), any other mark of the book is for whoever has the key to judge.
    ``retired_codes`` are the codes of tasks that a revised plan has dropped, or that were deleted.
    ``earlier_wordings`` maps task code and header to the normalized texts of earlier plans.
    """

    book: Book
    row_codes: Mapping[tuple[str, str], str]
    by_code: Mapping[str, RowOwner]
    by_text: Mapping[str, tuple[Task, ...]]
    signed_marks: frozenset[SheetMark] | None = None
    retired_codes: frozenset[str] = frozenset()
    earlier_wordings: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    is_key_withheld: bool = False

    @classmethod
    def from_book(
        cls,
        book: Book,
        issued_codes: Mapping[tuple[str, str], str] | None = None,
        signed_marks: frozenset[SheetMark] | None = None,
    ) -> IssuedRows:
        """List the rows of ``book``: every section with every task, assigned or not.

        Where the key of the book is unknown, ``issued_codes`` gives the row codes by task
        code and section.
        """
        tasks = (*book.tasks, *book.retired_tasks)
        by_code = (
            identity.map_row_owners(book)
            if issued_codes is None
            else {
                issued_codes[task.code, section]: RowOwner(task, section)
                for task in tasks
                for section in book.section_names
                if (task.code, section) in issued_codes
            }
        )
        row_codes = {(owner.task.code, owner.section): code for code, owner in by_code.items()}
        by_text: dict[str, tuple[Task, ...]] = {}
        for task in tasks:
            fingerprint = identity.compute_fingerprint(task.measure)
            by_text[fingerprint] = (*by_text.get(fingerprint, ()), task)
        gone = (*book.retired_tasks, *book.list_deleted_tasks())
        retired_codes = frozenset(task.code for task in gone)
        return cls(
            book,
            row_codes,
            by_code,
            by_text,
            signed_marks,
            retired_codes,
            _collect_earlier_wordings(book),
        )

    def withhold_key(self) -> IssuedRows:
        """Return what reads the same returns without the key, and whatever else none needs."""
        book = self.book
        return replace(
            self,
            book=replace(
                book,
                key="",
                sections=tuple(
                    replace(section, contact="", phone="", email="", note="")
                    for section in book.sections
                ),
                questions=(),
                original_wordings=(),
                reference_figures=(),
                office_entries=(),
                office_notes=(),
                reminders=(),
            ),
            signed_marks=frozenset(
                identity.sign_sheet(book, round_.name, section, form.key)
                for round_ in book.rounds
                for section in (*book.section_names, *book.former_names, *book.former_sections)
                for form in book.forms
            ),
            is_key_withheld=True,
        )

    def is_genuine(self, mark: SheetMark) -> bool:
        """Whether the book has signed this mark. Raises KeyWithheldError."""
        if self.signed_marks is None:
            return identity.is_genuine(mark, self.book)
        if replace(mark, check=mark.check.upper()) in self.signed_marks:
            return True
        if self.is_key_withheld and mark.book_id == self.book.book_id:
            raise KeyWithheldError
        return False

    def list_occurrence_days(self, task: Task) -> frozenset[str]:
        """Return all due dates of a recurring task as texts; empty for other tasks."""
        recurrence = task.deadline
        if not isinstance(recurrence, Recurrence):
            return frozenset()
        return frozenset(map(str, list_due_dates(recurrence, self.book.year)))

    def is_other_right_value(
        self, text: str, task: Task, source: ColumnSource, section: str
    ) -> bool:
        """Whether ``text`` is right in a column though it is not the book's.

        Another due date of a recurring task is, and the row code under a former name of the
        section.
        """
        if source is ColumnSource.DUE_DATE:
            return text in self.list_occurrence_days(task)
        owner = self.by_code.get(_normalize_code(text)) if source is ColumnSource.ROW_CODE else None
        return owner is not None and (owner.task.code, owner.section) == (task.code, section)

    def is_earlier_wording(self, text: str, task: Task, source: ColumnSource, section: str) -> bool:
        """Whether 修订记录 has ``text`` as an earlier value of a column of the row."""
        names = (section, *self.book.list_former_names(section))
        fields = map(format_roles_field, names) if source is ColumnSource.ROLES else (str(source),)
        return any(
            normalize(text) in self.earlier_wordings.get((task.code, field_name), ())
            for field_name in fields
        )

    def get_official_values(self, task: Task, section: str) -> Mapping[ColumnSource, str]:
        """Return the texts of the official cells of a row, as the book has them."""
        form, round_ = self.book.task_form, self.book.rounds[0]
        content = SheetContent(self.book, round_, section, form, "", date.min)
        values = {source: str(value) for source, value in get_plan_values(content, task).items()}
        return {**values, ColumnSource.ROW_CODE: self.row_codes[task.code, section]}


def _collect_earlier_wordings(book: Book) -> dict[tuple[str, str], frozenset[str]]:
    """Return the normalized earlier texts by task code and header, from 修订记录."""
    wordings: dict[tuple[str, str], frozenset[str]] = {}
    for revision in book.revisions:
        task_field = revision.code, revision.field
        wordings[task_field] = wordings.get(task_field, frozenset()) | {normalize(revision.old)}
    return wordings


@dataclass(frozen=True, slots=True)
class MatchedRow:
    """A row that was matched with one task; ``index`` is its 0-based row on the sheet."""

    index: int
    task: Task


@dataclass(frozen=True, slots=True)
class MatchedRows:
    """The rows of a sheet, matched or rejected; ``rejected_cells`` are on ``problems``.

    ``retired`` are those rejected rows that answer for a task which a revised plan dropped.
    ``issued_indexes`` are the rows that we issued, also rejected ones: their official
    cells were not filled by anybody. ``copied_indexes`` are the rows made of a copy of another,
    with a text of the section's own. ``doubtful_tasks`` are tasks whose rows were rejected.
    """

    matched: tuple[MatchedRow, ...]
    retired: tuple[MatchedRow, ...]
    issued_indexes: frozenset[int]
    copied_indexes: frozenset[int]
    doubtful_tasks: tuple[Task, ...]
    rejected_cells: frozenset[CellPosition]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class RowEvidence:
    """The clues of one row to its task.

    ``visible_code`` and ``hidden_code`` are row codes, blank where they are gone;
    ``issued_fingerprint`` is that of the official text when it was issued.
    """

    visible_code: str
    hidden_code: str
    issued_fingerprint: str
    task_text: str


@dataclass(frozen=True, slots=True)
class _RowMatch:
    """The task of a row, or the problem ``code`` why it is rejected.

    With a task, ``code`` is that of a notice. ``candidates`` are the tasks that a rejected
    row may be, a ``retired_task`` is the one it is; ``detail`` goes into the message.
    """

    task: Task | None = None
    code: str = ""
    detail: str = ""
    candidates: tuple[Task, ...] = ()
    retired_task: Task | None = None


@dataclass(frozen=True, slots=True)
class SectionSheet:
    """A sheet of the task ledger whose section is known."""

    file: str
    raw: RawSheet
    columns: ColumnIndex
    section: str
    issued_rows: IssuedRows

    @property
    def form(self) -> Form:
        return self.issued_rows.book.task_form

    def locate_cell(self, cell: CellPosition) -> Place:
        return Place(self.file, self.raw.name, format_cell_reference(cell))


def match_rows(sheet: SectionSheet, evidence: Mapping[int, RowEvidence]) -> MatchedRows:
    """Match each filled row below the header with a task, or reject it with a problem."""
    matched: list[MatchedRow] = []
    retired: list[MatchedRow] = []
    issued_indexes: set[int] = set()
    doubtful_tasks: list[Task] = []
    rejected_cells: set[CellPosition] = set()
    problems: list[Problem] = []
    columns = sheet.columns
    official_columns = set(columns.map_official_columns(sheet.form).values()) | {
        columns.row_key_column
    }
    for index, cells in _group_cells_by_row(sheet.raw, columns.first_row):
        row_evidence = evidence[index]
        row_match = match_row(row_evidence, sheet.section, sheet.issued_rows)
        place = sheet.locate_cell((index, cells[0][1]))
        if row_match.task:
            matched.append(MatchedRow(index, row_match.task))
            issued_indexes.add(index)
            problems += _report_match_notice(place, row_match, sheet.section)
            continue
        if not row_match.code:
            # It has no clue at all, and is outside the form.
            continue
        if row_match.retired_task:
            retired.append(MatchedRow(index, row_match.retired_task))
        answer_cells = cells
        if row_match.code in _ISSUED_ROW_CODES:
            issued_indexes.add(index)
            answer_cells = [cell for cell in cells if cell[1] not in official_columns]
        rejected_cells.update(answer_cells)
        doubtful_tasks += row_match.candidates if answer_cells else ()
        if answer_cells:
            problems.append(_reject_row(sheet, place, answer_cells, row_match))
    copied_indexes = set(_find_rewritten_copies(matched, evidence, sheet.issued_rows))
    issued_indexes -= copied_indexes
    matched = [row for row in matched if row.index not in copied_indexes]
    unique_rows, repeated = _reject_contradicting_rows(sheet, matched)
    for row, problem, cells in repeated:
        doubtful_tasks.append(row.task)
        rejected_cells.update(cells)
        problems.append(problem)
    return MatchedRows(
        unique_rows,
        tuple(retired),
        frozenset(issued_indexes),
        frozenset(copied_indexes),
        tuple(dict.fromkeys(doubtful_tasks)),
        frozenset(rejected_cells),
        tuple(problems),
    )


def collect_evidence(sheet: RawSheet, columns: ColumnIndex, form: Form) -> dict[int, RowEvidence]:
    """Return the clues of each filled row below the header, by 0-based row."""
    positions = {
        form_column.source: columns.positions.get(form_column.key)
        for form_column in form.official_columns
    }
    code_column = positions.get(ColumnSource.ROW_CODE)
    measure_column = positions.get(ColumnSource.MEASURE)

    def read_cell_text(row: int, column: int | None) -> str:
        return "" if column is None else display_text(sheet.cells.get((row, column)))

    def read_row_evidence(row: int) -> RowEvidence:
        hidden, _, fingerprint = read_cell_text(row, columns.row_key_column).partition("#")
        visible = _normalize_code(read_cell_text(row, code_column))
        return RowEvidence(
            visible,
            _normalize_code(hidden),
            fingerprint,
            read_cell_text(row, measure_column),
        )

    first_row = columns.first_row
    rows = {row for row, _ in sheet.cells if row >= first_row}
    return {row: read_row_evidence(row) for row in sorted(rows)}


def match_row(evidence: RowEvidence, section: str, issued_rows: IssuedRows) -> _RowMatch:
    """Match one row; reject it when its clues contradict each other or name nothing.

    Without any code, a text that only one task of the section has is enough.
    """
    visible_owner = issued_rows.by_code.get(evidence.visible_code)
    hidden_owner = issued_rows.by_code.get(evidence.hidden_code)
    same_text_tasks = (
        issued_rows.by_text.get(identity.compute_fingerprint(evidence.task_text), ())
        if evidence.task_text
        else ()
    )
    if visible_owner and hidden_owner and visible_owner != hidden_owner:
        detail = (
            f"行码指第 {visible_owner.task.number} 项，隐藏标识指第 {hidden_owner.task.number} 项"
        )
        candidates = tuple(
            row_owner.task
            for row_owner in (visible_owner, hidden_owner)
            if row_owner.section == section
        )
        return _RowMatch(code="row-votes", detail=detail, candidates=candidates)
    owner = visible_owner or hidden_owner
    if owner is None:
        # An unknown code may be of another year's book, whose text can be the same.
        any_code = evidence.visible_code or evidence.hidden_code
        assigned_tasks = [
            task for task in same_text_tasks if task.get_roles(section) and not any_code
        ]
        if len(assigned_tasks) == 1:
            return _match_task(assigned_tasks[0], issued_rows, "row-by-text")
        return _RowMatch(code="row-unknown" if any_code else "")
    if owner.section != section:
        return _RowMatch(code="row-elsewhere", detail=owner.section)
    if same_text_tasks and owner.task not in same_text_tasks:
        detail = f"行码指第 {owner.task.number} 项，文字是第 {same_text_tasks[0].number} 项"
        return _RowMatch(code="row-votes", detail=detail, candidates=(owner.task,))
    if evidence.visible_code and not visible_owner and not same_text_tasks:
        detail = "行码和任务文字都被改过"
        return _RowMatch(code="row-votes", detail=detail, candidates=(owner.task,))
    return _match_task(owner.task, issued_rows)


def _match_task(task: Task, issued_rows: IssuedRows, code: str = "") -> _RowMatch:
    """Match a row with ``task``, or reject it where a revised plan has dropped the task."""
    if task.code in issued_rows.retired_codes:
        detail = f"原第 {task.number} 项，编码 {task.code}"
        return _RowMatch(code="row-retired", detail=detail, retired_task=task)
    return _RowMatch(task=task, code=code)


def _find_rewritten_copies(
    rows: Sequence[MatchedRow], evidence: Mapping[int, RowEvidence], issued_rows: IssuedRows
) -> Iterator[int]:
    """Yield the rows that are copies of another, in which the task's text was replaced.

    The other must still have the text of the task.
    """
    rows_by_task: dict[str, list[MatchedRow]] = {}
    for row in rows:
        rows_by_task.setdefault(row.task.code, []).append(row)
    for same_rows in rows_by_task.values():
        if len(same_rows) > 1:
            own = [row.index for row in same_rows if _has_own_text(row, evidence, issued_rows)]
            yield from own if len(own) < len(same_rows) else ()


def _has_own_text(
    row: MatchedRow, evidence: Mapping[int, RowEvidence], issued_rows: IssuedRows
) -> bool:
    """Whether the text of a row is neither that of its task, now or before, nor has it in it."""
    task, clues = row.task, evidence[row.index]
    text = normalize(clues.task_text)
    earlier = issued_rows.earlier_wordings.get((task.code, str(ColumnSource.MEASURE)), ())
    is_known = (
        normalize(task.measure) in text
        or text in earlier
        or identity.compute_fingerprint(clues.task_text) == clues.issued_fingerprint
    )
    return bool(text) and not is_known


def _normalize_code(code: str) -> str:
    return unicodedata.normalize("NFKC", code).strip().upper()


def _group_cells_by_row(
    sheet: RawSheet, first_row: int
) -> Iterator[tuple[int, list[CellPosition]]]:
    """Yield each filled row from ``first_row`` on, with its cells from left to right."""
    rows: dict[int, list[CellPosition]] = {}
    for cell in sorted(sheet.cells):
        if cell[0] >= first_row:
            rows.setdefault(cell[0], []).append(cell)
    yield from sorted(rows.items())


def _report_match_notice(place: Place, row_match: _RowMatch, section: str) -> Iterator[Problem]:
    """Report a row that was matched by its text only."""
    if row_match.task and row_match.code:
        values = {"number": str(row_match.task.number)}
        yield Problem(row_match.code, place, values, section)


def _reject_row(
    sheet: SectionSheet, place: Place, cells: list[CellPosition], row_match: _RowMatch
) -> Problem:
    """Return the problem of a row that was rejected for its clues."""
    values = {
        "count": str(len(cells)),
        "raw": join_cell_texts(sheet.raw, cells),
        "detail": row_match.detail,
        "section": sheet.section,
        "owner": row_match.detail,
    }
    return Problem(row_match.code, place, values, sheet.section, len(cells))


def _reject_contradicting_rows(
    sheet: SectionSheet, rows: Sequence[MatchedRow]
) -> tuple[tuple[MatchedRow, ...], list[tuple[MatchedRow, Problem, list[CellPosition]]]]:
    """Reject rows that answer differently for one task; blank copies are no contradiction.

    Return the other rows, and each rejected row with its problem and its filled cells.
    """
    raw_sheet = sheet.raw
    answer_columns = sheet.columns.map_answer_columns(sheet.form).values()
    filled_cells = {
        r: [(r, c) for c in answer_columns if (r, c) in raw_sheet.cells]
        for r in (row.index for row in rows)
    }
    unique_rows: list[MatchedRow] = []
    repeated: list[tuple[MatchedRow, Problem, list[CellPosition]]] = []
    answered_rows: dict[str, list[int]] = {}
    for row in rows:
        if filled_cells[row.index]:
            answered_rows.setdefault(row.task.code, []).append(row.index)
    contradicting_codes = {
        code
        for code, row_indexes in answered_rows.items()
        if len({_list_answers(raw_sheet, filled_cells[index]) for index in row_indexes}) > 1
    }
    for row in rows:
        if row.task.code not in contradicting_codes or not filled_cells[row.index]:
            unique_rows.append(row)
            continue
        values = {
            "number": str(row.task.number),
            "times": str(len(answered_rows[row.task.code])),
            "raw": join_cell_texts(raw_sheet, filled_cells[row.index]),
        }
        cells = filled_cells[row.index]
        place = sheet.locate_cell(cells[0])
        problem = Problem("row-repeated", place, values, sheet.section, len(cells))
        repeated.append((row, problem, cells))
    return tuple(unique_rows), repeated


def _list_answers(sheet: RawSheet, cells: Sequence[CellPosition]) -> tuple[tuple[int, str], ...]:
    """Return the column and text of each of ``cells``."""
    return tuple((column, display_text(sheet.cells[row, column])) for row, column in cells)
