"""Which row of a sheet is which task: code, hidden key and official text vote."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from ledgerbook import identity
from ledgerbook.a1_references import CellPosition, format_cell_reference
from ledgerbook.deadlines import list_due_dates
from ledgerbook.identity import SheetMark
from ledgerbook.intake.columns import ColumnIndex
from ledgerbook.intake.formats.raw_workbook import RawSheet, display_text, join_cell_texts
from ledgerbook.issue.layout import SheetContent, get_plan_values
from ledgerbook.model import (
    Book,
    ColumnSource,
    ColumnType,
    Form,
    Recurrence,
    Task,
    format_roles_field,
)
from ledgerbook.model.problems import Place, Problem
from ledgerbook.text import normalize

# Verdicts on rows whose fixed cells are ours, even though they are held.
_ISSUED_ROW_CODES = ("row-votes", "row-elsewhere", "row-retired")

_OLDER_PLAN = "older-plan"

# Days have numbers in Excel, which ends with the year 9999.
_DAY_ZERO, _LAST_DAY = date(1899, 12, 30), 2_958_465


@dataclass(frozen=True, slots=True)
class MatchedRow:
    """A row that all votes give to one task; ``index`` is 0-based."""

    index: int
    task: Task


@dataclass(frozen=True, slots=True)
class MatchedRows:
    """What the rows of a sheet turned out to be; ``rejected_cells`` cells are on problems.

    ``issued_indexes`` are the rows that we once sent, known or held: their fixed cells are
    ours. ``doubtful_tasks`` are the section's tasks whose rows are held.
    """

    matched: tuple[MatchedRow, ...]
    issued_indexes: frozenset[int]
    doubtful_tasks: tuple[Task, ...]
    rejected_cells: frozenset[CellPosition]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class RowEvidence:
    """The votes of one row. ``issued_fingerprint`` is the text's print when issued."""

    visible_code: str
    hidden_code: str
    issued_fingerprint: str
    task_text: str


@dataclass(frozen=True, slots=True)
class _RowMatch:
    """Whose row it is, or why it is held; ``candidates`` are the tasks it may be."""

    task: Task | None = None
    code: str = ""
    detail: str = ""
    candidates: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionSheet:
    """A sheet of the task ledger that is known to be a section's."""

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
    """Give each filled row below the header to a task, or hold it with a problem."""
    matched: list[MatchedRow] = []
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
            row = MatchedRow(index, row_match.task)
            matched.append(row)
            issued_indexes.add(index)
            problems += _report_match_notice(place, row_match, sheet.section)
            problems += _report_official_changes(sheet, row, row_evidence.issued_fingerprint)
            continue
        answer_cells = cells
        if row_match.code in _ISSUED_ROW_CODES:
            issued_indexes.add(index)
            answer_cells = [cell for cell in cells if cell[1] not in official_columns]
        rejected_cells.update(answer_cells)
        doubtful_tasks += row_match.candidates if answer_cells else ()
        if answer_cells:
            problems.append(_reject_row(sheet, place, answer_cells, row_match))
    unique_rows, repeated = _split_repeated_rows(sheet, matched)
    for row, problem, cells in repeated:
        doubtful_tasks.append(row.task)
        rejected_cells.update(cells)
        problems.append(problem)
    row_groups = (
        tuple(unique_rows),
        frozenset(issued_indexes),
        tuple(dict.fromkeys(doubtful_tasks)),
    )
    return MatchedRows(
        *row_groups,
        frozenset(rejected_cells),
        tuple(_combine_older_plan_notices(problems)),
    )


def collect_evidence(sheet: RawSheet, columns: ColumnIndex, form: Form) -> dict[int, RowEvidence]:
    """Collect what the own marks of each filled row below the header say."""
    positions = {
        form_column.source: columns.positions.get(form_column.key)
        for form_column in form.official_columns
    }
    code_column, measure_column = (
        positions.get(ColumnSource.ROW_CODE),
        positions.get(ColumnSource.MEASURE),
    )

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
    """Decide whose row it is. Votes that disagree hold the row."""
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
        # A code that the book does not know may come from another year's ledger,
        # whose text can well be the same.
        any_code = evidence.visible_code or evidence.hidden_code
        assigned_tasks = [
            task for task in same_text_tasks if task.get_roles(section) and not any_code
        ]
        if len(assigned_tasks) == 1:
            return _match_task(assigned_tasks[0], issued_rows, "row-by-text")
        return _RowMatch(code="row-unknown" if any_code else "")
    owner_task = (owner.task,)
    if owner.section != section:
        return _RowMatch(code="row-elsewhere", detail=owner.section)
    if same_text_tasks and owner.task not in same_text_tasks:
        detail = f"行码指第 {owner.task.number} 项，文字是第 {same_text_tasks[0].number} 项"
        return _RowMatch(code="row-votes", detail=detail, candidates=owner_task)
    if evidence.visible_code and not visible_owner and not same_text_tasks:
        detail = "行码和任务文字都被改过"
        return _RowMatch(code="row-votes", detail=detail, candidates=owner_task)
    return _match_task(owner.task, issued_rows)


def _match_task(task: Task, issued_rows: IssuedRows, code: str = "") -> _RowMatch:
    """Give a row to ``task``, unless a revised plan has dropped that."""
    if task.code in issued_rows.retired_codes:
        detail = f"原第 {task.number} 项，编码 {task.code}"
        return _RowMatch(code="row-retired", detail=detail)
    return _RowMatch(task=task, code=code)


def _normalize_code(code: str) -> str:
    return unicodedata.normalize("NFKC", code).strip().upper()


def _group_cells_by_row(
    sheet: RawSheet, first_row: int
) -> Iterator[tuple[int, list[CellPosition]]]:
    rows: dict[int, list[CellPosition]] = {}
    for cell in sorted(sheet.cells):
        if cell[0] >= first_row:
            rows.setdefault(cell[0], []).append(cell)
    yield from sorted(rows.items())


def _report_match_notice(place: Place, row_match: _RowMatch, section: str) -> Iterator[Problem]:
    """Say by what a row was known, when it was not by its marks."""
    if row_match.task and row_match.code:
        values = {"number": str(row_match.task.number)}
        yield Problem(row_match.code, place, values, section)


def _report_official_changes(
    sheet: SectionSheet, row: MatchedRow, issued_fingerprint: str
) -> Iterator[Problem]:
    """Say where a fixed cell is not what the book says: nobody's words get lost.

    ``issued_fingerprint`` is the print of the text that was issued.
    """
    task, section, issued_rows = row.task, sheet.section, sheet.issued_rows
    issued_values = issued_rows.get_official_values(task, section)
    for column in sheet.form.official_columns:
        position, source = sheet.columns.positions.get(column.key), column.source
        if position is None or source is None or source not in issued_values:
            continue
        value = sheet.raw.cells.get((row.index, position))
        if value == issued_values[source]:
            continue
        if isinstance(value, float) and column.kind is ColumnType.DATE:
            # A program that drops formats leaves the date's number.
            value = _convert_day_number(value)
        text = display_text(value)
        if normalize(text) == normalize(issued_values[source]):
            continue
        if source is ColumnSource.DUE_DATE and text in issued_rows.list_occurrence_days(task):
            continue
        if normalize(text) in issued_rows.earlier_wordings.get(
            (task.code, _get_field_name(source, section)), ()
        ):
            if source is not ColumnSource.NUMBER:
                values = {"numbers": str(task.number)}
                yield Problem(_OLDER_PLAN, Place(sheet.file, sheet.raw.name), values, section)
            continue
        # The task may have been reworded in the book since the sheet was issued.
        is_reworded = (
            source is ColumnSource.MEASURE
            and identity.compute_fingerprint(text) == issued_fingerprint
        )
        if not is_reworded and (text or source is ColumnSource.MEASURE):
            values = {"header": column.header, "raw": text or "（空白）"}
            place = sheet.locate_cell((row.index, position))
            yield Problem("official-changed", place, values, section)


def _get_field_name(source: ColumnSource, section: str) -> str:
    return format_roles_field(section) if source is ColumnSource.ROLES else str(source)


def _combine_older_plan_notices(problems: Sequence[Problem]) -> Iterator[Problem]:
    """Say once for a sheet that an earlier plan's words stand on it."""
    older_notices = [problem for problem in problems if problem.code == _OLDER_PLAN]
    numbers = dict.fromkeys(problem.values["numbers"] for problem in older_notices)
    for problem in older_notices[:1]:
        yield replace(problem, values={"numbers": "、".join(numbers)})
    yield from (problem for problem in problems if problem.code != _OLDER_PLAN)


def _convert_day_number(number: float) -> date | float:
    """Return the day that Excel shows for a whole number, if it shows one."""
    if number.is_integer() and 0 < number <= _LAST_DAY:
        return _DAY_ZERO + timedelta(days=int(number))
    return number


def _reject_row(
    sheet: SectionSheet, place: Place, cells: list[CellPosition], row_match: _RowMatch
) -> Problem:
    values = {
        "count": str(len(cells)),
        "raw": join_cell_texts(sheet.raw, cells),
        "detail": row_match.detail,
        "section": sheet.section,
        "owner": row_match.detail,
    }
    code = row_match.code or "stray"
    return Problem(code, place, values, sheet.section, len(cells))


def _split_repeated_rows(
    sheet: SectionSheet, rows: Sequence[MatchedRow]
) -> tuple[tuple[MatchedRow, ...], list[tuple[MatchedRow, Problem, list[CellPosition]]]]:
    """Hold rows that answer for one task differently; blank copies do no harm."""
    raw_sheet, answer_columns = (
        sheet.raw,
        sheet.columns.map_answer_columns(sheet.form).values(),
    )
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
    for row in rows:
        row_indexes = answered_rows.get(row.task.code, [])
        distinct_answers = {
            tuple((c, display_text(raw_sheet.cells[r, c])) for r, c in filled_cells[row_index])
            for row_index in row_indexes
        }
        if len(distinct_answers) <= 1 or not filled_cells[row.index]:
            unique_rows.append(row)
            continue
        values = {
            "number": str(row.task.number),
            "times": str(len(row_indexes)),
            "raw": join_cell_texts(raw_sheet, filled_cells[row.index]),
        }
        cells = filled_cells[row.index]
        place = sheet.locate_cell(cells[0])
        problem = Problem("row-repeated", place, values, sheet.section, len(cells))
        repeated.append((row, problem, cells))
    return tuple(unique_rows), repeated


# Every row that a book can issue: whose each code is, and what its fixed cells say.


@dataclass(frozen=True, slots=True)
class RowOwner:
    """Whose row a code stands for."""

    task: Task
    section: str


@dataclass(frozen=True, slots=True)
class IssuedRows:
    """Every row that the book can issue, by code; every task by its text.

    ``signed_marks`` are the sheets known to be genuine where the book's key is not at
    hand. ``retired_codes`` are the codes of tasks that a revised plan has dropped;
    ``earlier_wordings`` is what cells of a task said under earlier plans, by task code
    and header.
    """

    book: Book
    row_codes: Mapping[tuple[str, str], str]
    by_code: Mapping[str, RowOwner]
    by_text: Mapping[str, tuple[Task, ...]]
    signed_marks: frozenset[SheetMark] | None = None
    retired_codes: frozenset[str] = frozenset()
    earlier_wordings: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    @classmethod
    def from_book(
        cls,
        book: Book,
        given_codes: Mapping[tuple[str, str], str] | None = None,
        signed_marks: frozenset[SheetMark] | None = None,
    ) -> IssuedRows:
        """List the rows of ``book``: every section with every task.

        Rows not assigned any more are listed too: the code still tells whose they are.
        ``row_codes`` by task code and section stand in for those that only the key makes.
        """
        tasks = (*book.tasks, *book.retired_tasks)
        owners = [
            RowOwner(owned_task, section) for owned_task in tasks for section in book.section_names
        ]
        row_codes = given_codes or {
            (owner.task.code, owner.section): identity.make_row_code(
                book, owner.task, owner.section
            )
            for owner in owners
        }
        by_code = {
            row_codes[owner.task.code, owner.section]: owner
            for owner in owners
            if (owner.task.code, owner.section) in row_codes
        }
        by_text: dict[str, tuple[Task, ...]] = {}
        for task in tasks:
            fingerprint = identity.compute_fingerprint(task.measure)
            by_text[fingerprint] = (*by_text.get(fingerprint, ()), task)
        retired_codes = frozenset(task.code for task in book.retired_tasks)
        return cls(
            book,
            row_codes,
            by_code,
            by_text,
            signed_marks,
            retired_codes,
            _collect_earlier_wordings(book),
        )

    def is_genuine(self, mark: SheetMark) -> bool:
        """Whether the book has made this mark."""
        if self.signed_marks is None:
            return identity.is_genuine(mark, self.book)
        return replace(mark, check=mark.check.upper()) in self.signed_marks

    def list_occurrence_days(self, task: Task) -> frozenset[str]:
        """Return the days by which some round asks for a recurring task."""
        recurrence = task.deadline
        if not isinstance(recurrence, Recurrence):
            return frozenset()
        return frozenset(map(str, list_due_dates(recurrence, self.book.year)))

    def get_official_values(self, task: Task, section: str) -> Mapping[ColumnSource, str]:
        """Return what the fixed cells of a row say by the book."""
        form, round_ = self.book.task_form, self.book.rounds[0]
        content = SheetContent(self.book, round_, section, form, "", date.min)
        values = {source: str(value) for source, value in get_plan_values(content, task).items()}
        return {**values, ColumnSource.ROW_CODE: self.row_codes[task.code, section]}


def _collect_earlier_wordings(book: Book) -> dict[tuple[str, str], frozenset[str]]:
    wordings: dict[tuple[str, str], frozenset[str]] = {}
    for revision in book.revisions:
        task_field = revision.code, revision.field
        wordings[task_field] = wordings.get(task_field, frozenset()) | {normalize(revision.old)}
    return wordings
