"""Gather all answers given for each cell and decide which of them counts.

The rules are those of :mod:`ledgerbook.merge.statements`: what a returned row says or clears
against what it began from. The order of the sheets is total and does not depend on the order
in which files are read: by round, then preferred files (``--prefer``) last, then by age.
What was replaced is reported: as a conflict (冲突) where the author had not seen it, as an
earlier answer (历次填报) where it was changed knowingly or in a later round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Generic, TypeVar

from ledgerbook import identity
from ledgerbook.intake.file_content import EntryContent, FileContent, RowContent
from ledgerbook.merge.receipts import find_received_on
from ledgerbook.merge.statements import (
    Cells,
    HeldCell,
    HeldRows,
    SheetTexts,
    Statement,
    find_changes_since_signed,
    merge_sheets,
)
from ledgerbook.model import Book, Form
from ledgerbook.model.form_columns import SIGNATURE_KEYS
from ledgerbook.model.issued_values import IssueRecord, RowTexts
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import (
    Answer,
    AnswerSubject,
    CellBalance,
    Conflict,
    EarlierAnswer,
    FileReport,
    UnplannedRow,
)
from ledgerbook.text import normalize_answer

R = TypeVar("R", bound=Hashable)


@dataclass(frozen=True, slots=True)
class SubmittedAnswer:
    """What a file says of one cell; ``answer`` is None where it clears it.

    ``is_said`` is False for a value that the form was issued with and that stands untouched
    (沿用). ``received_on`` is the day on which the file came, None where nothing says so.
    """

    answer: Answer | None
    round: str
    file: str
    saved_at: datetime | None
    is_said: bool = True
    received_on: date | None = None


@dataclass(frozen=True, slots=True)
class ReplacedAnswer:
    """An answer that held until ``by`` replaced it; ``was_seen`` by the author of that.

    ``is_by_office``: the office replaced or cleared it in its book.
    """

    old: SubmittedAnswer
    by: SubmittedAnswer
    was_seen: bool
    is_by_office: bool = False

    @property
    def is_conflict(self) -> bool:
        """Whether two statements of one round contradict each other, or one was taken back."""
        if self.was_seen:
            # The office decides for good: it has nothing to choose from afterwards.
            return self.by.answer is None and not self.is_by_office
        return self.old.round == self.by.round


@dataclass(slots=True)
class AnswerCell:
    """All that was said of one cell, oldest first, and what holds; None where it is blank.

    ``repeated`` are the answers that a later file gave again while they held.
    """

    submissions: list[SubmittedAnswer] = field(default_factory=list)
    replaced: list[ReplacedAnswer] = field(default_factory=list)
    repeated: list[SubmittedAnswer] = field(default_factory=list)
    current: SubmittedAnswer | None = None

    @property
    def replaced_for_good(self) -> list[ReplacedAnswer]:
        """What was replaced and does not hold again, each once.

        The office may choose it back, and another file of the round may say the same.
        """
        if not self.replaced:
            return []
        by_old = {id(item.old.answer): item for item in self.replaced}
        return [item for item in by_old.values() if not self._holds_again(item.old)]

    def _holds_again(self, old: SubmittedAnswer) -> bool:
        now = self.current
        if now is None or old.answer is now.answer:
            return now is not None
        return old.round == now.round and _get_compared_text(old) == _get_compared_text(now)

    def count_repeated(self) -> int:
        """Return how many answers that were said are neither what holds nor replaced for good."""
        if not (self.repeated or self.replaced):
            return 0
        listed = {id(item.old.answer) for item in self.replaced_for_good}
        if self.current:
            listed.add(id(self.current.answer))
        given = (*self.repeated, *(item.old for item in self.replaced))
        said = {id(submission.answer) for submission in given if submission.is_said}
        return len(said - listed)


def _get_compared_text(submission: SubmittedAnswer | None) -> str:
    """Return the text by which an answer is compared; blank where there is none."""
    answer = submission.answer if submission else None
    return _normalize_text(answer.text) if answer else ""


def _normalize_text(text: str) -> str:
    return normalize_answer(text) or text


@dataclass(slots=True)
class TaskAnswers:
    """The answers of all returns for one task and section, by column key.

    ``places`` are the cells of the newest file, ``newest_answers`` what it shows. ``rejected``
    are the keys of cells that could not be read and have not been answered usably since;
    ``newest_files`` are the names of the files that said, cleared or spoilt a cell last.
    ``repeated_refusals`` are file and key of unreadable cells that were so in the file it was
    made of. ``shown_in`` are the numbers of the sheets that show the row, oldest first;
    ``missing_from`` is the file that lacks it though it was made of one that had it.
    ``changed_since_signed`` are the keys of the cells that are not as they were when the row
    was signed (审签).
    """

    cells: dict[str, AnswerCell] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    newest_answers: Mapping[str, Answer] = field(default_factory=dict)
    rejected: set[str] = field(default_factory=set)
    repeated_refusals: set[tuple[str, str]] = field(default_factory=set)
    newest_files: dict[str, str] = field(default_factory=dict)
    shown_in: list[int] = field(default_factory=list)
    missing_from: str = ""
    changed_since_signed: frozenset[str] = frozenset()

    def cell(self, key: str) -> AnswerCell:
        return self.cells.get(key) or AnswerCell()

    def ensure_cell(self, key: str) -> AnswerCell:
        """Return the cell of column ``key``, a new one where there is none yet."""
        cell = self.cells.get(key)
        if cell is None:
            cell = self.cells[key] = AnswerCell()
        return cell

    @property
    def current(self) -> dict[str, Answer]:
        """The answers that hold, by column key."""
        return {
            key: cell.current.answer
            for key, cell in self.cells.items()
            if cell.current and cell.current.answer
        }


# By task code and section.
AnswersByTask = Mapping[tuple[str, str], TaskAnswers]


@dataclass(slots=True)
class ReturnedSheet(Generic[R]):
    """The rows of one sheet of one file, by task code or entry key.

    ``issued`` are the texts with which they were issued, ``position`` is that of the round
    in the book. A sheet that ``is_patch`` stands for what the office says in its book; one
    that only chooses among the answers that were there (采用哪个) has the ``chosen`` cell as it
    held before.
    """

    report: FileReport
    round: str
    issued: Mapping[R, Cells]
    position: int
    rows: dict[R, RowContent] | dict[R, EntryContent]
    is_patch: bool = False
    chosen: HeldCell | None = None

    def submit(self, answer: Answer | None, *, is_said: bool = True) -> SubmittedAnswer:
        return SubmittedAnswer(
            answer,
            self.round,
            self.report.name,
            self.report.saved_at,
            # To choose what was only issued does not say it.
            is_said and (self.chosen is None or self.chosen.is_said),
            find_received_on(self.report),
        )


@dataclass(slots=True)
class CellCounts:
    """How many cells of the returned sheets say nothing.

    They are ``as_issued``, or as in the earlier file that theirs began from. ``office`` are the
    cells that the office typed in its book.
    """

    as_issued: int = 0
    as_in_base: int = 0
    office: int = 0

    def add(self, held: HeldRows[R], sheets: Sequence[ReturnedSheet[R]]) -> None:
        self.office += sum(
            len(statement.said)
            for statement in held.statements
            if sheets[statement.sheet].is_patch and not sheets[statement.sheet].chosen
        )
        self.as_issued += held.unchanged[True]
        self.as_in_base += held.unchanged[False]


def gather_answers(
    book: Book,
    files: Sequence[FileContent],
    counts: CellCounts,
    preferred: Collection[str] = (),
    add_patches: Callable[[Book, str, Sequence[ReturnedSheet[str]]], list[ReturnedSheet[str]]] = (
        lambda _book, _section, sheets: list(sheets)
    ),
) -> AnswersByTask:
    """Return the answers of ``files``, which come oldest first, by task and section.

    Within a round the ``preferred`` files are taken last; ``add_patches`` puts what the
    office says among the sheets of a section. Cells that say nothing are added to ``counts``.
    """
    answers_by_task: dict[tuple[str, str], TaskAnswers] = {}
    sheets_by_section = list_task_sheets(book, files, preferred)
    for section in dict.fromkeys((*sheets_by_section, *(e.section for e in book.office_entries))):
        sheets = add_patches(book, section, sheets_by_section.get(section, []))
        merged = merge_returned_sheets(book.task_form, sheets, counts)
        for task, answers in merged.items():
            answers_by_task[task, section] = answers
    return answers_by_task


def list_task_sheets(
    book: Book,
    files: Sequence[FileContent],
    preferred: Collection[str] = (),
    *,
    has_former_rows: bool = False,
) -> dict[str, list[ReturnedSheet[str]]]:
    """Return the sheets of each section in their total order; ``files`` come oldest first.

    With ``has_former_rows`` the rows that belong to nobody now are among theirs.
    """
    key, positions, issues = (
        book.task_form.key,
        map_round_positions(book),
        book.map_newest_issues(),
    )
    sheets: dict[str, list[ReturnedSheet[str]]] = defaultdict(list)
    for file in files:
        rows_by_sheet: dict[tuple[str, str, str], dict[str, RowContent]] = {}
        for row in (*file.rows, *file.former_rows) if has_former_rows else file.rows:
            name = (row.section, row.round, row.sheet)
            rows = rows_by_sheet.get(name)
            if rows is None or row.task in rows:
                rows = rows_by_sheet[name] = {}
                issued = get_issued_texts(file, issues, (row.round, row.section, key))
                position = positions.get(row.round, -1)
                sheets[row.section].append(
                    ReturnedSheet(file.report, row.round, issued, position, rows)
                )
            rows[row.task] = row
    for section_sheets in sheets.values():
        sort_sheets(section_sheets, preferred)
    return sheets


def sort_sheets(sheets: list[ReturnedSheet[R]], preferred: Collection[str]) -> None:
    """Sort sheets, which come oldest first, by round; in a round preferred files come last."""
    sheets.sort(key=lambda sheet: (sheet.position, sheet.report.name in preferred))


def map_round_positions(book: Book) -> dict[str, int]:
    """Return the position of each round in the book, by name."""
    return {round_.name: position for position, round_ in enumerate(book.rounds)}


IssuesByForm = Mapping[tuple[str, str, str], IssueRecord]


def get_issued_texts(
    file: FileContent, issues: IssuesByForm, issue_key: tuple[str, str, str]
) -> RowTexts:
    """Return the values that a form of ``file`` was issued with.

    ``issue_key`` is its round, section and form key. Where the file does not say, they are
    those of the newest of the recorded ``issues``; where there is none, it was blank.
    """
    round_, section, form = issue_key
    if file.issued and file.issued.round == round_:
        return file.issued.get_texts(section, form)
    record = issues.get(issue_key)
    return record.texts if record else {}


def keeps_form_rules(form: Form, cells: Cells) -> bool:
    """Return whether no filled cell of a row is one that another excludes."""
    return not any(
        cells.get(condition.column) in condition.values
        for column in form.answer_columns
        if column.key in cells
        for condition in column.excluded
    )


def merge_form_sheets(form: Form, sheets: Sequence[ReturnedSheet[R]]) -> HeldRows[R]:
    """Return what holds after the sheets of one section and form, which come oldest first."""
    signature = () if form.is_register else SIGNATURE_KEYS
    texts = [make_sheet_texts(sheet) for sheet in sheets]
    return merge_sheets(texts, partial(keeps_form_rules, form), signature=signature)


def merge_returned_sheets(
    form: Form, sheets: Sequence[ReturnedSheet[R]], counts: CellCounts
) -> dict[R, TaskAnswers]:
    """Merge the sheets of one section and form, oldest first, into answers by row."""
    held = merge_form_sheets(form, sheets)
    counts.add(held, sheets)
    answers_by_row: dict[R, TaskAnswers] = defaultdict(TaskAnswers)
    for index, sheet in enumerate(sheets):
        for row, content in () if sheet.is_patch else sheet.rows.items():
            answers = answers_by_row[row]
            answers.shown_in.append(index)
            answers.newest_answers = content.answers
            answers.places = (
                {**answers.places, **content.places} if answers.places else content.places
            )
    for row, index in held.missing.items():
        if row in answers_by_row:
            answers_by_row[row].missing_from = sheets[index].report.name
    for row, changed in find_changes_since_signed(held, SIGNATURE_KEYS):
        answers_by_row[row].changed_since_signed = changed
    _add_history(answers_by_row, sheets, held)
    _add_held_cells(answers_by_row, sheets, held)
    return answers_by_row


def _add_held_cells(
    answers_by_row: Mapping[R, TaskAnswers],
    sheets: Sequence[ReturnedSheet[R]],
    held: HeldRows[R],
) -> None:
    """Add what holds, and what a later sheet says again."""
    for row, held_cells in held.rows.items():
        answers = answers_by_row[row]
        for column, held_cell in held_cells.items():
            cell = answers.ensure_cell(column)
            answer = sheets[held_cell.sheet].rows[row].answers[column]
            last = cell.submissions[-1] if cell.submissions else None
            cell.current = (
                last
                if last and last.answer is answer and last.is_said == held_cell.is_said
                else _submit_held(sheets, row, column, held_cell)
            )
    for row, column, held_cell in held.repeated:
        cell = answers_by_row[row].ensure_cell(column)
        cell.repeated.append(_submit_held(sheets, row, column, held_cell))
    for row, index in held.carried.items():
        for column, answer in sheets[index].rows[row].answers.items():
            submission = sheets[index].submit(answer, is_said=False)
            cell = answers_by_row[row].ensure_cell(column)
            cell.submissions.append(submission)
            cell.current = submission


def make_sheet_texts(sheet: ReturnedSheet[R]) -> SheetTexts[R]:
    """Return the texts of a returned sheet, by which it is merged."""
    shown: dict[R, dict[str, str]] = {}
    refused: dict[R, frozenset[str]] = {}
    for row, content in sheet.rows.items():
        if sheet.is_patch:
            shown[row] = dict.fromkeys(content.places, "")
        # A row that was rejected as a whole says nothing.
        if content.places:
            shown.setdefault(row, {}).update(
                (key, _normalize_text(answer.text)) for key, answer in content.answers.items()
            )
        if content.rejected_texts:
            refused[row] = frozenset(content.rejected_texts)
            shown.setdefault(row, {}).update(
                (key, text) for key, text in content.rejected_texts.items() if text
            )
    file = f"{sheet.report.name}\n{sheet.round}"
    return SheetTexts(shown, sheet.issued, refused, sheet.position, sheet.is_patch, file)


def _add_history(
    answers_by_row: Mapping[R, TaskAnswers],
    sheets: Sequence[ReturnedSheet[R]],
    held: HeldRows[R],
) -> None:
    """Add what each sheet states, oldest first, and what was replaced."""
    dropped: dict[tuple[int, R], list[str]] = defaultdict(list)
    for replaced in held.replaced:
        old = _submit_held(sheets, replaced.row, replaced.column, replaced.old)
        by_sheet = sheets[replaced.by]
        answer = by_sheet.rows[replaced.row].answers[replaced.column] if replaced.new_text else None
        cell = answers_by_row[replaced.row].ensure_cell(replaced.column)
        # A choice of the office leaves two contradictory answers a conflict.
        was_seen = replaced.was_seen and by_sheet.chosen is None
        cell.replaced.append(
            ReplacedAnswer(old, by_sheet.submit(answer), was_seen, is_by_office=by_sheet.is_patch)
        )
        if answer is None:
            dropped[replaced.by, replaced.row].append(replaced.column)
    stated = {(statement.sheet, statement.row): statement for statement in held.statements}
    for index, sheet in enumerate(sheets):
        for row, content in sheet.rows.items():
            answers = answers_by_row[row]
            if statement := stated.get((index, row)):
                _add_statement(answers, sheet, content, statement)
            for column in dropped.get((index, row), ()):
                answers.ensure_cell(column).submissions.append(sheet.submit(None))
            refused = set(content.rejected_texts)
            if refused and (base := held.bases[index]) is not None:
                repeated = _find_repeated_refusals(content, sheets[base].rows.get(row))
                answers.repeated_refusals |= {(sheet.report.name, key) for key in repeated}
                refused -= repeated
            answers.rejected |= refused
            answers.newest_files.update(dict.fromkeys(refused, sheet.report.name))


def _find_repeated_refusals(
    content: RowContent | EntryContent, base: RowContent | EntryContent | None
) -> set[str]:
    """Return the columns whose unreadable texts stand in the base too: the row says nothing."""
    base_texts = base.rejected_texts if base else {}
    return {
        key for key, text in content.rejected_texts.items() if text and base_texts.get(key) == text
    }


def _add_statement(
    answers: TaskAnswers,
    sheet: ReturnedSheet[R],
    content: RowContent | EntryContent,
    statement: Statement[R],
) -> None:
    """Add what one row says to the answers of its task or entry."""
    for column, answer in content.answers.items():
        if column in statement.said or column in statement.affirmed:
            answers.ensure_cell(column).submissions.append(sheet.submit(answer))
    answers.rejected -= statement.stated
    answers.newest_files.update(dict.fromkeys(statement.stated, sheet.report.name))


def _submit_held(
    sheets: Sequence[ReturnedSheet[R]], row: R, column: str, cell: HeldCell
) -> SubmittedAnswer:
    sheet = sheets[cell.sheet]
    return sheet.submit(sheet.rows[row].answers[column], is_said=cell.is_said)


# --- what was replaced ---


@dataclass(frozen=True, slots=True)
class AnswerHistory:
    """All answers for one cell and what they are about; ``column`` is a header."""

    section: str
    subject: AnswerSubject
    column: str
    cell: AnswerCell


def find_conflicts(cells: Iterable[AnswerHistory]) -> Iterator[Conflict]:
    """Yield every answer that was contradicted unseen within a round, or taken back."""
    for history in cells:
        for replaced in reversed(history.cell.replaced_for_good):
            if replaced.is_conflict and replaced.old.answer:
                newest = history.cell.current or history.cell.replaced[-1].by
                is_overtaken = newest.round != replaced.by.round
                holding = replaced.by if is_overtaken else history.cell.current or replaced.by
                yield Conflict(
                    history.section,
                    history.subject,
                    history.column,
                    holding.answer,
                    holding.file,
                    holding.saved_at,
                    replaced.old.answer,
                    replaced.old.saved_at,
                    is_withdrawal=replaced.was_seen,
                    round=replaced.by.round,
                    later_round=newest.round if is_overtaken else "",
                )


def find_earlier_answers(cells: Iterable[AnswerHistory]) -> Iterator[EarlierAnswer]:
    """Yield answers that were changed knowingly, or in a later round."""
    for history in cells:
        for replaced in reversed(history.cell.replaced_for_good):
            if not replaced.is_conflict and replaced.old.answer:
                holding = history.cell.current or history.cell.replaced[-1].by
                yield EarlierAnswer(
                    history.section,
                    history.subject,
                    history.column,
                    replaced.old.round,
                    replaced.old.answer,
                    replaced.old.saved_at,
                    holding.round,
                    holding.answer,
                    holding.file,
                )


def collect_histories(book: Book, answers_by_task: AnswersByTask) -> Iterator[AnswerHistory]:
    """Yield the cells of the task ledger in which an answer was replaced.

    They come in the order of the book's tasks, sections and columns.
    """
    changed_rows = {
        row
        for row, task_answers in answers_by_task.items()
        if any(cell.replaced for cell in task_answers.cells.values())
    }
    for task in book.tasks if changed_rows else ():
        for section in book.section_names:
            if (task.code, section) not in changed_rows:
                continue
            code = identity.make_row_code(book, task, section)
            subject = AnswerSubject(task.number, task.measure, code)
            cells = answers_by_task[task.code, section].cells
            for column in book.task_form.answer_columns:
                cell = cells.get(column.key)
                if cell and cell.replaced:
                    yield AnswerHistory(section, subject, column.header, cell)


def count_cells(
    files: Sequence[FileContent],
    all_answers: Iterable[TaskAnswers],
    counts: CellCounts,
    summary_count: int,
    problems: Sequence[Problem],
    unplanned_rows: Sequence[UnplannedRow] = (),
) -> CellBalance:
    """Count what became of every answer cell that was found in the files.

    ``summary_count`` is the number of answers that the summary shows; those that were only
    issued are among ``counts``.
    """
    cells = [cell for task_answers in all_answers for cell in task_answers.cells.values()]
    carried_count = sum(1 for cell in cells if cell.current and not cell.current.is_said)
    replaced = [item for cell in cells for item in cell.replaced_for_good if item.old.is_said]
    overruled_count = sum(item.is_conflict for item in replaced)
    return CellBalance(
        received=sum(file.filled_count for file in files) + counts.office,
        office=counts.office,
        accepted=summary_count - carried_count,
        repeated=counts.as_in_base + sum(cell.count_repeated() for cell in cells),
        as_issued=counts.as_issued,
        overruled=overruled_count,
        earlier=len(replaced) - overruled_count,
        rejected=sum(problem.rejected_cells for problem in problems),
        unplanned=sum(len(row.texts) for row in unplanned_rows),
        foreign=sum(file.foreign_count for file in files),
    )
