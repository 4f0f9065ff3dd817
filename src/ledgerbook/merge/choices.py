"""Apply and check what the office chose among contradictory answers (采用哪个).

A choice is merged as a sheet of its own that states the one cell. A later statement
overtakes it; where that happened, or no answer is the chosen one, the office is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from ledgerbook.intake.file_content import EntryContent, RowContent
from ledgerbook.merge.answers import (
    AnswerCell,
    AnswersByTask,
    R,
    ReturnedSheet,
    TaskAnswers,
    merge_form_sheets,
)
from ledgerbook.merge.patches import DatedSheet, count_received
from ledgerbook.merge.register_entries import AnswersByEntry, make_entry_code
from ledgerbook.merge.statements import HeldCell, HeldRows
from ledgerbook.model import Book, Form
from ledgerbook.model.office_entries import (
    BLANK_TEXT,
    BLANK_TEXTS,
    BOOK_NAME,
    NOTES_SHEET,
    OfficeNote,
)
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import AssignmentResult
from ledgerbook.text import normalize_answer


def list_choices(book: Book) -> list[OfficeNote]:
    """Return the choices of the office that it has not ended."""
    return [note for note in book.map_office_notes().values() if note.chosen_header and note.text]


def list_choice_sheets(
    choices: Sequence[OfficeNote],
    form: Form,
    rows_by_code: Mapping[str, R],
    sheets: Sequence[ReturnedSheet[R]],
) -> Iterator[DatedSheet[R]]:
    """Yield a sheet for each choice among the answers that were there on its day."""
    columns = {column.header: column.key for column in form.answer_columns}
    # By the number of sheets that were there.
    held_then: dict[int, HeldRows[R]] = {}
    for note in choices:
        row, column = rows_by_code.get(note.code), columns.get(note.chosen_header)
        if row is not None and column:
            count = count_received(sheets, note.day)
            if count not in held_then:
                held_then[count] = merge_form_sheets(form, sheets[:count])
            if cell := _find_chosen_cell(note.text, row, column, held_then[count]):
                yield note.day, _make_choice_sheet(row, column, cell, sheets[cell.sheet])


def _find_chosen_cell(text: str, row: R, column: str, held: HeldRows[R]) -> HeldCell | None:
    """Return the newest cell that held the chosen answer, or holds it.

    A sheet may show an answer that it does not say, as the copy that it is of another one.
    """
    now = held.rows.get(row, {}).get(column)
    replaced = (item.old for item in held.replaced if (item.row, item.column) == (row, column))
    cells = [*replaced, *([now] if now else [])]
    chosen = (cell for cell in reversed(cells) if cell.text == normalize_answer(text))
    return next(chosen, None)


def _make_choice_sheet(
    row: R, column: str, cell: HeldCell, sheet: ReturnedSheet[R]
) -> ReturnedSheet[R]:
    """Return ``sheet`` with the chosen cell and nothing else on it."""
    answer = sheet.rows[row].answers[column]
    content = replace(
        sheet.rows[row],
        answers={column: answer},
        places={column: answer.place},
        rejected_texts={},
    )
    rows = cast("dict[R, RowContent] | dict[R, EntryContent]", {row: content})
    return replace(sheet, rows=rows, is_patch=True, chosen=cell)


# --- choices that do not hold ---


@dataclass(frozen=True, slots=True)
class _ChosenRow:
    """The row of a choice: its name in words, its form and its answers."""

    name: str
    form: Form
    answers: TaskAnswers
    section: str = ""
    task: str = ""

    def find_cell(self, header: str) -> AnswerCell | None:
        keys = (column.key for column in self.form.answer_columns if column.header == header)
        key = next(keys, None)
        return self.answers.cell(key) if key else None


def check_choices(
    book: Book,
    rows: Sequence[AssignmentResult],
    answers_by_task: AnswersByTask,
    answers_by_entry: AnswersByEntry,
) -> Iterator[Problem]:
    """Report the choices that do not hold, and why."""
    choices = list_choices(book)
    if not choices:
        return
    chosen_rows = dict(_iterate_rows(book, rows, answers_by_task, answers_by_entry))
    for note in choices:
        row = chosen_rows.get(note.code)
        cell = row.find_cell(note.chosen_header) if row else None
        place = Place(BOOK_NAME, NOTES_SHEET)
        values = {
            "row": row.name if row else note.code,
            "header": note.chosen_header,
            "day": note.day.isoformat(),
            "text": note.text,
        }
        section, task = (row.section, row.task) if row else ("", "")
        if cell is None or not _was_given(cell, note.text):
            yield Problem("choice-unused", place, values, section, task=task)
        elif not _is_held(cell, note.text):
            values |= {"now": _get_text(cell) or BLANK_TEXT, "file": _name_source(cell)}
            yield Problem("choice-overtaken", place, values, section, task=task)


def _iterate_rows(
    book: Book,
    rows: Sequence[AssignmentResult],
    answers_by_task: AnswersByTask,
    answers_by_entry: AnswersByEntry,
) -> Iterator[tuple[str, _ChosenRow]]:
    """Yield all rows that have answers, with the codes by which choices know them."""
    for row in rows:
        answers = answers_by_task.get((row.task.code, row.section))
        if answers:
            values = (row.label, book.task_form, answers, row.section, row.task.code)
            yield row.code, _ChosenRow(*values)
    for key, answers in answers_by_entry.items():
        form = book.find_form(key.form)
        if form:
            name = f"{form.title}“{key.identity_text}”（{key.section}）"
            yield make_entry_code(key), _ChosenRow(name, form, answers, key.section)


def _get_text(cell: AnswerCell) -> str:
    return cell.current.answer.text if cell.current and cell.current.answer else ""


def _is_held(cell: AnswerCell, text: str) -> bool:
    now = _get_text(cell)
    return normalize_answer(now) == normalize_answer(text) or (not now and text in BLANK_TEXTS)


def _was_given(cell: AnswerCell, text: str) -> bool:
    """Return whether anybody ever gave the chosen answer; blank is one where it is chosen."""
    given = [cell.current, *cell.submissions, *(item.old for item in cell.replaced)]
    texts = {normalize_answer(one.answer.text) for one in given if one and one.answer}
    return text in BLANK_TEXTS or normalize_answer(text) in texts


def _name_source(cell: AnswerCell) -> str:
    """Return the file that says what holds now, or cleared the cell."""
    return cell.current.file if cell.current else cell.replaced[-1].by.file
