"""Count how far each round came: on its due day, and with what was returned late.

The results are 各批次进展, a :class:`RoundReport` each. A round counts the rows that were
issued in it, as they stood after the returned sheets of that round and of those before it.
For the figures of the due day (截止) the sheets received by then are merged alone, so that
nothing that comes later can change them. What the office said of these rounds (更正代填,
采用哪个) is merged with the sheets; of 截止 what it said by the due day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from ledgerbook.deadlines import judge_urgency
from ledgerbook.intake.file_content import FileContent
from ledgerbook.merge import task_status
from ledgerbook.merge.answers import (
    ReturnedSheet,
    keeps_form_rules,
    list_task_sheets,
    make_sheet_texts,
)
from ledgerbook.merge.office_entries import add_task_patches
from ledgerbook.merge.progress import find_sections_not_read, index_returns
from ledgerbook.merge.receipts import is_received_by
from ledgerbook.merge.round_scope import RoundScope, RoundScopes, find_current_round
from ledgerbook.merge.statements import HeldRows, merge_sheets
from ledgerbook.model import Book, FixedDeadline, Form, StatusCategory
from ledgerbook.model.form_columns import SIGNATURE_KEYS
from ledgerbook.model.results import (
    Answer,
    FileReport,
    RoundFigures,
    RoundReport,
    RowKey,
    Urgency,
)


@dataclass(frozen=True, slots=True)
class _RowState:
    """The category of the status that holds of a row, and when the task was completed."""

    category: StatusCategory
    done_on: date | None = None


# By task code; rows without a status are left out.
RowStates = Mapping[str, _RowState]
_NO_STATES: RowStates = {}


def report_rounds(
    book: Book,
    files: Sequence[FileContent],
    as_of: date,
    scopes: RoundScopes,
    preferred: Collection[str] = (),
) -> Iterator[RoundReport]:
    """Yield a report of each round so far; ``files`` come oldest first."""
    rounds = book.rounds[: book.rounds.index(find_current_round(book, files, as_of)) + 1]
    # What has left the book counts in the rounds in which it was asked for.
    whole_book = replace(book, tasks=(*book.tasks, *book.retired_tasks))
    sheets = list_task_sheets(book, files, preferred, has_former_rows=True)
    histories = {
        section: _SectionHistory(whole_book, section, sheets.get(section, []))
        for section in dict.fromkeys((*sheets, *(e.section for e in book.office_entries)))
    }
    not_read = find_sections_not_read(book, files)
    returned_reports = _index_reports(files)
    for position, round_ in enumerate(rounds):
        scope, due_scope = scopes.current[round_.name], scopes.at_due.get(round_.name)
        returned = returned_reports[round_.name]
        excused = not_read if round_ == rounds[-1] else frozenset()
        due = round_.due
        at_due = None
        nil_sections = _find_nil_sections(files, round_.name)
        if due_scope and due:
            in_time = {
                section
                for section, reports in returned.items()
                if any(is_received_by(report, due) for report in reports)
            }
            extent = _limit_extent(whole_book, position, due)
            in_time_files = [file for file in files if is_received_by(file.report, due)]
            nil_in_time = nil_sections and _find_nil_sections(in_time_files, round_.name)
            at_due = _count_rows(due_scope, histories, extent, in_time, excused, nil_in_time)
        yield RoundReport(
            round_.name,
            due,
            at_due,
            _count_rows(
                scope,
                histories,
                _limit_extent(whole_book, position),
                returned.keys(),
                excused,
                nil_sections,
            ),
            list_not_issued_sections(book, scope),
        )


def _find_nil_sections(files: Sequence[FileContent], round_name: str) -> frozenset[str]:
    """Return the sections that ticked in a round that they have nothing to report (零报告)."""
    if not any(file.nil_returns for file in files):
        return frozenset()
    returns = index_returns(files).items()
    return frozenset(s for (s, name), one in returns if one.is_nil and name == round_name)


def _index_reports(files: Sequence[FileContent]) -> dict[str, dict[str, list[FileReport]]]:
    """Return the files that were returned, by round and section, former sections too."""
    reports: dict[str, dict[str, list[FileReport]]] = defaultdict(dict)
    for (section, round_), section_return in index_returns(files).items():
        reports[round_][section] = [file.report for file in section_return.files]
    for file in files:
        for section, round_ in file.former_returns:
            reports[round_].setdefault(section, []).append(file.report)
    return reports


def list_not_issued_sections(book: Book, scope: RoundScope) -> tuple[str, ...]:
    """Return the sections of the book with a task or register that a round was not issued to."""
    return tuple(
        section
        for section in book.section_names
        if section not in scope.sections
        and (book.get_tasks(section) or book.get_registers(section))
    )


@dataclass(frozen=True, slots=True)
class _Extent:
    """What figures count: rounds up to ``position``, and what was received until ``due``.

    Without ``due`` it counts whenever it was received. Of ``book`` what the office said
    counts; what it said of later rounds, or later, is left out of it.
    """

    position: int
    due: date | None
    book: Book


def _limit_extent(book: Book, position: int, due: date | None = None) -> _Extent:
    rounds = {round_.name for round_ in book.rounds[: position + 1]}
    last_day = due or date.max
    entries = tuple(
        entry for entry in book.office_entries if entry.round in rounds and entry.day <= last_day
    )
    notes = tuple(note for note in book.office_notes if note.day <= last_day)
    return _Extent(position, due, replace(book, office_entries=entries, office_notes=notes))


def _count_rows(
    scope: RoundScope,
    histories: Mapping[str, _SectionHistory],
    extent: _Extent,
    returned: Collection[str],
    excused: Collection[str],
    nil_sections: Collection[str],
) -> RoundFigures:
    """Return the figures of a round to an extent.

    Of ``nil_sections`` the rows that were never answered are 不涉及: the tick says so.
    """
    rows_by_category: dict[StatusCategory | None, list[RowKey]] = defaultdict(list)
    late_rows: list[RowKey] = []
    due_dates = {
        task.code: task.deadline.day
        for task in extent.book.tasks
        if isinstance(task.deadline, FixedDeadline)
    }
    for section, tasks in scope.tasks.items():
        history = histories.get(section)
        states = history.get_states(extent) if history else _NO_STATES
        blank_category = StatusCategory.NOT_APPLICABLE if section in nil_sections else None
        for task in tasks:
            state = states.get(task)
            rows_by_category[state.category if state else blank_category].append((task, section))
            if state and _is_late(state, due_dates.get(task)):
                late_rows.append((task, section))
    return RoundFigures(
        tuple(section for section in scope.sections if section in returned),
        tuple(
            section
            for section in scope.sections
            if section not in returned and section not in excused
        ),
        {category: tuple(rows) for category, rows in rows_by_category.items()},
        tuple(late_rows),
    )


def _is_late(state: _RowState, due: date | None) -> bool:
    urgency = judge_urgency(due, state.category, date.min, state.done_on)
    return urgency is Urgency.DONE_LATE


class _SectionHistory:
    """The returned sheets of one section in their total order, and what held after each round."""

    def __init__(self, book: Book, section: str, sheets: Sequence[ReturnedSheet[str]]) -> None:
        self._form = book.task_form
        self._section = section
        self._sheets = sheets
        self._has_patches = len(add_task_patches(book, section, sheets)) > len(sheets)
        self._after_rounds = {} if self._has_patches else _merge_by_round(self._form, sheets)
        # By the sheets that were merged: many rounds exclude the same ones, or none.
        self._merged: dict[tuple[int, ...], RowStates] = {}

    def get_states(self, extent: _Extent) -> RowStates:
        """Return what held after the sheets that ``extent`` has, and what the office said."""
        due = extent.due
        indexes = [i for i, sheet in enumerate(self._sheets) if sheet.position <= extent.position]
        chosen = tuple(
            i for i in indexes if due is None or is_received_by(self._sheets[i].report, due)
        )
        sheets = [self._sheets[i] for i in chosen]
        if self._has_patches:
            return self._merge(add_task_patches(extent.book, self._section, sheets))
        if len(chosen) == len(indexes) and chosen:
            return self._after_rounds[sheets[-1].position]
        if chosen not in self._merged:
            self._merged[chosen] = self._merge(sheets)
        return self._merged[chosen]

    def _merge(self, sheets: Sequence[ReturnedSheet[str]]) -> RowStates:
        if not sheets:
            return _NO_STATES
        return _merge_by_round(self._form, sheets)[sheets[-1].position]


def _merge_by_round(form: Form, sheets: Sequence[ReturnedSheet[str]]) -> dict[int, RowStates]:
    """Return what holds of the rows after the last sheet of each round, by its position."""
    if len(sheets) == 1:
        # Whatever its rows state, they hold as this one sheet shows them.
        (sheet,) = sheets
        return {sheet.position: dict(_find_shown_states(form, sheet))}
    after_rounds: dict[int, RowStates] = {}
    newest_sheets: dict[str, int] = {}

    def keep_states(index: int, held: HeldRows[str]) -> None:
        if not sheets[index].is_patch:
            shown = texts[index].shown
            newest_sheets.update((row, index) for row, cells in shown.items() if cells)
        position = sheets[index].position
        if index + 1 == len(sheets) or sheets[index + 1].position != position:
            after_rounds[position] = dict(_find_states(form, sheets, newest_sheets, held))

    texts = [make_sheet_texts(sheet) for sheet in sheets]
    merge_sheets(texts, partial(keeps_form_rules, form), keep_states, SIGNATURE_KEYS)
    return after_rounds


def _find_states(
    form: Form,
    sheets: Sequence[ReturnedSheet[str]],
    newest_sheets: Mapping[str, int],
    held: HeldRows[str],
) -> Iterator[tuple[str, _RowState]]:
    """Yield each row that has a status with what holds of it.

    A row that no sheet says anything of stands as the newest sheet shows it.
    """
    keys = (form.status_column.key, task_status.DONE_ON_COLUMN)
    for row in newest_sheets.keys() | held.rows.keys():
        answers: Mapping[str, Answer]
        if row in held.rows:
            answers = {
                key: sheets[cell.sheet].rows[row].answers[key]
                for key in keys
                if (cell := held.rows[row].get(key))
            }
        else:
            answers = sheets[newest_sheets[row]].rows[row].answers
        if state := _judge_state(form, answers):
            yield row, state


def _find_shown_states(form: Form, sheet: ReturnedSheet[str]) -> Iterator[tuple[str, _RowState]]:
    """Yield each row that has a status with what a sheet shows of it."""
    for row, content in sheet.rows.items():
        if state := _judge_state(form, content.answers):
            yield row, state


def _judge_state(form: Form, answers: Mapping[str, Answer]) -> _RowState | None:
    """Return what the answers of a row say of the task; None without a status."""
    status = answers.get(form.status_column.key)
    texts = {form.status_column.key: status.text} if status else {}
    choice = task_status.find_status_choice(form, texts)
    if choice is None or choice.meaning is None:
        return None
    return _RowState(choice.meaning, task_status.get_done_date(answers))
