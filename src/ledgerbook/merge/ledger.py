"""Merge what the returned files contain into the ledger of the year.

:func:`merge_returns` is called by ``collect``. The ledger has a result for every task
of every section, a report on every file and section, every problem, and the count of
all answer cells. The result does not depend on the order of the files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ledgerbook import identity
from ledgerbook.intake.document_replies import DOCUMENT_CODES
from ledgerbook.intake.file_content import FileContent
from ledgerbook.merge import task_status
from ledgerbook.merge.answers import (
    AnswersByTask,
    CellCounts,
    TaskAnswers,
    collect_histories,
    count_cells,
    find_conflicts,
    find_earlier_answers,
    gather_answers,
)
from ledgerbook.merge.attachments import merge_attachments
from ledgerbook.merge.choices import check_choices
from ledgerbook.merge.foreign_workbooks import settle_foreign_workbooks
from ledgerbook.merge.office_entries import (
    add_entry_patches,
    add_task_patches,
    apply_registrations,
    check_changed_rows,
    check_later_words,
    check_office_entries,
    check_office_notes,
    check_struck_entries,
    leave_out_later_words,
)
from ledgerbook.merge.progress import (
    find_sections_not_read,
    report_registers,
    report_sections,
)
from ledgerbook.merge.receipts import map_judging_days, report_unknown_receipts
from ledgerbook.merge.register_entries import (
    build_entries,
    check_entries,
    check_limits,
    collect_entry_histories,
    find_speaking_sections,
    gather_entries,
)
from ledgerbook.merge.round_figures import report_rounds
from ledgerbook.merge.round_scope import (
    RoundScopes,
    build_scopes,
    find_current_round,
    map_later_issues,
)
from ledgerbook.merge.row_checks import ROW_CHECKS, ReturnedRow
from ledgerbook.merge.saved_times import sort_by_age
from ledgerbook.merge.signatures import check_signed_rows
from ledgerbook.merge.unplanned_rows import merge_unplanned_rows
from ledgerbook.model import Book, Recurrence, Task
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import (
    NIL_RETURN,
    NOT_FILLED,
    NOT_ISSUED,
    NOT_READ,
    NOT_RETURNED,
    WRONGLY_FILLED,
    AssignmentResult,
    FileReport,
    FileStatus,
    Ledger,
    RowKey,
    TaskSummary,
    Urgency,
)


def merge_returns(
    book: Book,
    files: Sequence[FileContent],
    as_of: date,
    *,
    preferred: Collection[str] = (),
) -> Ledger:
    """Merge ``files`` into the ledger of ``book`` as of the day ``as_of``.

    ``preferred`` are names of files whose answers count whatever was saved later in
    the same round. What the office wrote after that day is left out.
    """
    later_words = tuple(check_later_words(book, as_of))
    book = leave_out_later_words(book, as_of)
    registered, registration_problems = apply_registrations(book, files, as_of)
    ordered = sort_by_age(book, settle_foreign_workbooks(book, registered), as_of)
    counts = CellCounts()
    answers_by_task = gather_answers(book, ordered, counts, preferred, add_task_patches)
    answers_by_entry = gather_entries(book, ordered, counts, preferred, add_entry_patches)
    register_entries = tuple(build_entries(book, answers_by_entry))
    blank_statuses = _choose_unanswered_statuses(ordered, answers_by_task)
    not_read = dict.fromkeys(find_sections_not_read(book, ordered), NOT_READ)
    current_round = find_current_round(book, ordered, as_of)
    scopes = build_scopes(book, as_of)
    scope = scopes.current[current_round.name]
    asked = _AskedRows(
        frozenset(scope.row_keys),
        scopes.collect_row_keys(current_round),
        map_later_issues(book, as_of),
    )
    statuses = {**not_read, **blank_statuses}
    rows = tuple(_build_rows(book, answers_by_task, statuses, asked, as_of))
    judging_days = map_judging_days(book, ordered, current_round, as_of)
    problems = (
        *registration_problems,
        *report_unknown_receipts(book, ordered, as_of),
        *_mark_settled_problems(ordered, answers_by_task),
        *_check_missing_rows(book, ordered, answers_by_task, scopes),
        *_check_blank_returns(book, ordered, blank_statuses),
        *_check_nil_returns(ordered),
        *_check_rows(book, rows, answers_by_task, blank_statuses, judging_days, as_of),
        *check_signed_rows(book.task_form, rows, answers_by_task),
        *check_changed_rows(book, rows, answers_by_task),
        *later_words,
        *check_office_entries(book),
        *check_struck_entries(book, answers_by_entry),
        *check_office_notes(book),
        *check_choices(book, rows, answers_by_task, answers_by_entry),
        *check_entries(book, answers_by_entry),
        *check_limits(book, register_entries, as_of),
    )
    summary_count = sum(len(row.answers) for row in rows)
    summary_count += sum(len(record.answers) for record in register_entries)
    histories = (
        *collect_histories(book, answers_by_task),
        *collect_entry_histories(book, answers_by_entry),
    )
    sorted_problems = tuple(sorted(problems, key=_make_problem_key(book)))
    attachments, repeated = merge_attachments(book, ordered)
    unplanned_rows, repeated_cells = merge_unplanned_rows(book, ordered)
    counts.as_in_base += repeated_cells
    section_reports = tuple(
        report_sections(
            book,
            ordered,
            rows,
            answers_by_task,
            sorted_problems,
            scope,
            entry_sections=find_speaking_sections(answers_by_entry, scope.round.name),
        )
    )
    return Ledger(
        book=book,
        as_of=as_of,
        assignment_results=rows,
        task_summaries=tuple(_summarize_tasks(book, rows)),
        file_reports=tuple(
            sorted(_judge_files(ordered, sorted_problems), key=lambda report: report.name)
        ),
        section_reports=section_reports,
        problems=sorted_problems,
        conflicts=tuple(find_conflicts(histories)),
        cell_balance=count_cells(
            ordered,
            (*answers_by_task.values(), *answers_by_entry.values()),
            counts,
            summary_count,
            sorted_problems,
            unplanned_rows,
        ),
        earlier_answers=tuple(find_earlier_answers(histories)),
        round_reports=tuple(report_rounds(book, ordered, as_of, scopes, preferred)),
        attachments=attachments,
        repeated_attachments=repeated,
        register_entries=register_entries,
        unplanned_rows=unplanned_rows,
        register_reports=tuple(
            report_registers(
                book, ordered, register_entries, section_reports, current_round, as_of
            ),
        ),
    )


# --- sections that say nothing ---


def _choose_unanswered_statuses(
    files: Sequence[FileContent], answers_by_task: AnswersByTask
) -> dict[str, str]:
    """Return for every section that has returned the status of rows without a choice.

    The status is blank where the section's returns contain no answer at all.
    """
    file_order = {file.report.name: position for position, file in enumerate(files)}
    answered_rounds = _find_answered_rounds(files)
    nil_order = {
        section: file_order[file.report.name]
        for file in files
        for section, round_ in file.nil_returns
        if (section, round_) not in answered_rounds
    }
    row_order = {row.section: file_order[file.report.name] for file in files for row in file.rows}
    filled_sections = {
        section for (_, section), row in answers_by_task.items() if _has_any_answer(row)
    }
    blank_statuses = {
        section: NOT_FILLED if section in filled_sections else "" for section in row_order
    }
    nil_sections = [
        section for section, position in nil_order.items() if position >= row_order.get(section, -1)
    ]
    return blank_statuses | dict.fromkeys(nil_sections, NIL_RETURN)


def _find_answered_rounds(files: Sequence[FileContent]) -> set[tuple[str, str]]:
    """Return the pairs of section and round in which a file shows any answer."""
    return {(row.section, row.round) for file in files for row in file.rows if row.answers}


def _has_any_answer(row: TaskAnswers) -> bool:
    return bool(row.rejected or any(cell.current for cell in row.cells.values()))


def _check_blank_returns(
    book: Book, files: Sequence[FileContent], blank_statuses: Mapping[str, str]
) -> Iterator[Problem]:
    """Report a return without a single answer once, instead of row by row."""
    newest_files = {row.section: file for file in files for row in file.rows}
    for section, file in newest_files.items():
        if not blank_statuses[section]:
            values = {"section": section, "status": book.task_form.status_column.header}
            yield Problem("nothing-filled", Place(file.report.name), values, section)


def _check_nil_returns(files: Sequence[FileContent]) -> Iterator[Problem]:
    """Report a section that ticks 无内容可报 and answers in the same round."""
    answered_rounds = _find_answered_rounds(files)
    for file in files:
        for section, round_ in sorted(file.nil_returns):
            if (section, round_) in answered_rounds:
                values = {"section": section, "round": round_}
                yield Problem("nil-denied", Place(file.report.name), values, section)


# --- rows ---


@dataclass(frozen=True, slots=True)
class _AskedRows:
    """The rows that the current round asks for, and those that it or an earlier one does.

    ``first_days`` are the days on which rows were issued that the first issue did not have.
    """

    now: Collection[RowKey]
    ever: Collection[RowKey]
    first_days: Mapping[RowKey, date]


def _build_rows(
    book: Book,
    answers_by_task: AnswersByTask,
    blank_statuses: Mapping[str, str],
    asked: _AskedRows,
    as_of: date,
) -> Iterator[AssignmentResult]:
    """Yield a row for each task of each section, with its urgency.

    A row of which nothing came and that the current round did not ask for is 未下发; one that
    no round has asked for is not overdue: the section was told nothing of it.
    """
    for task in book.tasks:
        for section in book.section_names:
            key = (task.code, section)
            task_answers = answers_by_task.get(key)
            if task_answers is None and not task.get_roles(section):
                continue
            blank_status = (
                (blank_statuses[section] or NOT_FILLED) if section in blank_statuses else ""
            )
            if task_answers is None and key not in asked.now and blank_status != NOT_READ:
                blank_status = NOT_ISSUED
            row = _build_row(book, task, section, task_answers or TaskAnswers(), blank_status)
            if isinstance(task.deadline, Recurrence):
                progress = task_status.compute_progress(
                    book,
                    task.deadline,
                    task_answers or TaskAnswers(),
                    as_of,
                    asked.first_days.get(key, date.min),
                )
                row = replace(row, recurrence_progress=progress)
            is_known = task_answers is not None or key in asked.ever
            yield task_status.judge_row(row, as_of) if is_known else row


def _build_row(
    book: Book,
    task: Task,
    section: str,
    task_answers: TaskAnswers,
    blank_status: str,
) -> AssignmentResult:
    current = task_answers.current
    answers = {
        column.key: current[column.key]
        for column in book.task_form.answer_columns
        if column.key in current
    }
    choice = task_status.find_status_choice(
        book.task_form, {key: answer.text for key, answer in answers.items()}
    )
    category = choice.meaning if choice else None
    if blank_status and book.task_form.status_column.key in task_answers.rejected:
        blank_status = WRONGLY_FILLED
    elif blank_status == NIL_RETURN and _has_any_answer(task_answers):
        blank_status = NOT_FILLED
    return AssignmentResult(
        code=identity.make_row_code(book, task, section),
        task=task,
        section=section,
        roles=task.get_roles(section),
        answers=answers,
        status=choice.value if choice else blank_status or NOT_RETURNED,
        category=category,
        urgency=Urgency.NONE,
        days_left=None,
    )


def _summarize_tasks(book: Book, rows: Sequence[AssignmentResult]) -> Iterator[TaskSummary]:
    rows_by_task: dict[str, list[AssignmentResult]] = defaultdict(list)
    for row in rows:
        rows_by_task[row.task.code].append(row)
    for task in book.tasks:
        yield task_status.summarize_task(task, rows_by_task[task.code], book.task_form)


def _check_rows(
    book: Book,
    rows: Sequence[AssignmentResult],
    answers_by_task: AnswersByTask,
    blank_statuses: Mapping[str, str],
    judging_days: Mapping[RowKey, date],
    as_of: date,
) -> Iterator[Problem]:
    """Yield the problems of all returned rows, each judged by its own day.

    Rows of blank returns and of nil returns are not checked: one problem says it all.
    """
    for row in rows:
        task_answers = answers_by_task.get((row.task.code, row.section))
        if task_answers is None or not blank_statuses.get(row.section) or row.status == NIL_RETURN:
            continue
        day = judging_days[row.task.code, row.section]
        returned_row = ReturnedRow(
            row if day == as_of else task_status.judge_row_on(row, day),
            task_answers.places,
            frozenset(task_answers.rejected),
            task_answers.newest_answers,
        )
        for check in ROW_CHECKS:
            yield from check(returned_row, book.task_form, day)


def _check_missing_rows(
    book: Book, files: Sequence[FileContent], answers_by_task: AnswersByTask, scopes: RoundScopes
) -> Iterator[Problem]:
    """Report tasks whose row is missing from a section's return though its round asks for it."""
    newest = {row.section: (file.report.name, row.round) for file in files for row in file.rows}
    for section, (name, round_) in newest.items():
        scope = scopes.current.get(round_)
        asked = scope.tasks.get(section, ()) if scope else ()
        for task in book.get_tasks(section):
            if task.code in asked and (task.code, section) not in answers_by_task:
                values = {"number": str(task.number)}
                yield Problem("row-missing", Place(name), values, section)


# --- problems and verdicts ---


def _mark_settled_problems(
    files: Sequence[FileContent], answers_by_task: AnswersByTask
) -> Iterator[Problem]:
    """Yield all problems, with the file that has put each of them right, if any.

    A problem of a cell is settled by a newer answer to that cell; any other problem by a
    newer return of the section that does not have it.
    """
    file_order = {file.report.name: position for position, file in enumerate(files)}
    newest_files = {section: file for file in files for section in _list_returning_sections(file)}
    remaining_problems = {
        file.report.name: {(problem.code, problem.section) for problem in file.problems}
        for file in newest_files.values()
    }
    for file in files:
        for problem in file.problems:
            newest_file = newest_files.get(problem.section)
            newest_name = newest_file.report.name if newest_file else ""
            better_file = (
                _find_better_file(
                    problem, newest_name, remaining_problems[newest_name], answers_by_task
                )
                if newest_name
                else ""
            )
            # What the office typed last stands after all files.
            newest = file_order.get(better_file, len(files) if better_file else -1)
            is_newer = newest > file_order[file.report.name] or _is_repeated_and_settled(
                problem, answers_by_task
            )
            yield replace(problem, corrected_by=better_file) if is_newer else problem


def _is_repeated_and_settled(problem: Problem, answers_by_task: AnswersByTask) -> bool:
    """Whether a cell that was copied unreadable from an earlier file has been put right since."""
    answers = answers_by_task.get((problem.task, problem.section))
    if answers is None or problem.column in answers.rejected:
        return False
    return (problem.place.file, problem.column) in answers.repeated_refusals


def _list_returning_sections(file: FileContent) -> set[str]:
    """Return the sections whose rows or registers a file contains."""
    return {row.section for row in file.rows} | {register.section for register in file.registers}


def _find_better_file(
    problem: Problem,
    newest_name: str,
    remaining_problems: Collection[tuple[str, str]],
    answers_by_task: AnswersByTask,
) -> str:
    """Return the name of the file that may have put ``problem`` right.

    ``newest_name`` is that of the section's newest file, ``remaining_problems`` are the codes
    and sections of the problems that it still has.
    """
    # What the program could not read, no later return can have put right; nor is it known when
    # a document was written.
    is_unread = problem.is_program_fault or problem.code in DOCUMENT_CODES
    if not problem.is_error or is_unread:
        return ""
    if problem.task:
        task_answers = answers_by_task.get((problem.task, problem.section), TaskAnswers())
        return task_answers.newest_files.get(problem.column, "")
    is_repeated = (problem.code, problem.section) in remaining_problems
    return "" if is_repeated else newest_name


def _make_problem_key(book: Book) -> Callable[[Problem], tuple[object, ...]]:
    """Return the order of problems: the grave ones, then what the office has to verify.

    Those of a section stand together, before those of files of which nobody knows whose they are.
    """
    sections = {name: position for position, name in enumerate(book.section_names)}

    def get_problem_key(problem: Problem) -> tuple[object, ...]:
        place, section = problem.place, problem.section
        return (
            not problem.is_error,
            not problem.office_matter,
            sections.get(section, len(sections)),
            not section,
            section,
            place.file,
            place.sheet,
            place.row_number,
            f"{place.cell}{problem.code}{problem.message}",
        )

    return get_problem_key


def _judge_files(files: Sequence[FileContent], problems: Sequence[Problem]) -> Iterator[FileReport]:
    """Yield the report of each file with its status, now that all problems are known."""
    problems_by_file: dict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        problems_by_file[problem.place.file].append(problem)
    return (_judge_file(file, problems_by_file[file.report.name]) for file in files)


def _judge_file(file: FileContent, problems: Sequence[Problem]) -> FileReport:
    report = file.report
    errors = [problem for problem in problems if problem.is_error]
    if report.status in (FileStatus.SKIPPED, FileStatus.NOT_READ, FileStatus.LEFT_OUT):
        return report
    if not file.rows and not file.registers:
        note = problems[0].message if problems else "没有可汇总的行。"
        return replace(report, status=FileStatus.REJECTED, note=note)
    section_names = [row.section for row in file.rows]
    section_names += sorted(register.section for register in file.registers)
    sections = tuple(dict.fromkeys(section_names))
    cell_count = sum(len(row.answers) for row in file.rows)
    cell_count += sum(len(entry.answers) for entry in file.entries)
    rejected_count = sum(problem.rejected_cells for problem in problems)
    file_status = (
        FileStatus.PARTIALLY_ACCEPTED
        if rejected_count
        else FileStatus.ACCEPTED_WITH_PROBLEMS
        if errors
        else FileStatus.ACCEPTED
    )
    note = f"有 {len(errors)} 处须处理" if errors else ""
    if report.received_on:
        note = "；".join(filter(None, (f"收到日期照“收件登记”：{report.received_on}", note)))
    return replace(report, status=file_status, sections=sections, cell_count=cell_count, note=note)
