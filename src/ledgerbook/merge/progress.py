"""Report how far the sections have come, in the current round and in each round so far.

The results are 报送情况 (a :class:`SectionReport` each), 各批次进展 (a :class:`RoundReport`
each), and a :class:`RegisterReport` for each register of each section.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ledgerbook.intake.file_content import FileContent
from ledgerbook.merge import task_status
from ledgerbook.merge.answers import AnswersByTask
from ledgerbook.model import Book, Round, StatusCategory
from ledgerbook.model.problems import Problem
from ledgerbook.model.results import (
    AssignmentResult,
    RegisterEntry,
    RegisterReport,
    RoundReport,
    SectionReport,
    SubmissionStatus,
)


@dataclass(frozen=True, slots=True)
class _SectionReturn:
    """What a section has returned in one round: its files, oldest first.

    ``is_empty``: the files have no answers and no register entries. ``is_nil``: the last
    of them is a nil return (零报告).
    """

    files: tuple[FileContent, ...]
    is_empty: bool
    is_nil: bool

    @property
    def saved_times(self) -> list[datetime]:
        return [file.report.saved_at for file in self.files if file.report.saved_at]


def report_sections(
    book: Book,
    files: Sequence[FileContent],
    rows: Sequence[AssignmentResult],
    problems: Sequence[Problem],
) -> Iterator[SectionReport]:
    """Yield a report on each section's returns in the current round."""
    error_counts = Counter(
        problem.section for problem in problems if problem.is_error and not problem.is_program_fault
    )
    current_round = find_latest_round(book, files)
    rows_by_section: dict[str, list[AssignmentResult]] = defaultdict(list)
    for row in rows:
        rows_by_section[row.section].append(row)
    not_read = find_sections_not_read(book, files)
    returns, rejected_names = _index_returns(files), _index_rejected_files(files)
    nothing_returned = _SectionReturn((), is_empty=True, is_nil=False)
    for section in book.section_names:
        section_rows = rows_by_section[section]
        if not section_rows and not book.get_registers(section):
            continue
        section_return = returns.get((section, current_round.name), nothing_returned)
        rejected_files = rejected_names[section]
        file_names = {file.report.name for file in section_return.files} or rejected_files
        yield SectionReport(
            section=section,
            status=(
                SubmissionStatus.NOT_READ
                if section in not_read and not section_return.files
                else _determine_status(
                    section_return, current_round.due, section_rows, rejected_files
                )
            ),
            due=current_round.due,
            file_names=tuple(sorted(file_names)),
            saved_at=max(section_return.saved_times, default=None),
            row_count=len(section_rows),
            filled_row_count=sum(1 for row in section_rows if row.answers),
            error_count=error_counts[section],
            round=current_round.name,
        )


def report_registers(
    book: Book,
    files: Sequence[FileContent],
    entries: Sequence[RegisterEntry],
    section_reports: Sequence[SectionReport],
) -> Iterator[RegisterReport]:
    """Yield for each register of each section whether it is in the current round's returns."""
    round_ = find_latest_round(book, files).name
    returned = {
        (register.section, register.form)
        for file in files
        for register in file.registers
        if register.round == round_
    }
    nil_sections = {name for file in files for name, of in file.nil_returns if of == round_}
    entered = {(entry.section, entry.form.key) for entry in entries}
    statuses = {report.section: report.status for report in section_reports}
    for section in book.section_names:
        for form in book.get_registers(section):
            key = (section, form.key)
            if key in returned and key in entered:
                status = SubmissionStatus.RETURNED
            elif key in returned or (statuses[section].has_arrived and section in nil_sections):
                is_nil = section in nil_sections
                status = SubmissionStatus.NIL_RETURN if is_nil else SubmissionStatus.RETURNED_EMPTY
            elif statuses[section].has_arrived:
                # The sheet is not in the workbook, as when it was issued before the register.
                status = SubmissionStatus.MISSING
            else:
                status = statuses[section]
            yield RegisterReport(section, form.key, status)


def find_sections_not_read(book: Book, files: Sequence[FileContent]) -> frozenset[str]:
    """Return the sections of which a file, or possibly one, failed by the program's fault.

    Where a file does not show whose it is, it may be of any section.
    """
    sections = {problem.section for file in files if file.report.fault for problem in file.problems}
    return frozenset(book.section_names if "" in sections else sections)


def find_latest_round(book: Book, files: Sequence[FileContent]) -> Round:
    """Return the latest round of which anything was returned, else the first round."""
    round_names = {row.round for file in files for row in file.rows}
    round_names |= {round_ for file in files for _, round_ in file.nil_returns}
    round_names |= {register.round for file in files for register in file.registers}
    returned_rounds = [round_ for round_ in book.rounds if round_.name in round_names]
    return returned_rounds[-1] if returned_rounds else book.rounds[0]


def _index_returns(files: Sequence[FileContent]) -> dict[tuple[str, str], _SectionReturn]:
    """Return what was returned by section and round; ``files`` come oldest first.

    A register counts as returned even without entries.
    """
    files_by_return: defaultdict[tuple[str, str], list[FileContent]] = defaultdict(list)
    answered_returns: set[tuple[str, str]] = set()
    for file in files:
        row_keys = {(row.section, row.round) for row in file.rows}
        register_keys = {(register.section, register.round) for register in file.registers}
        keys = row_keys | register_keys | set(file.nil_returns)
        for key in keys:
            files_by_return[key].append(file)
        answered_returns |= {
            (row.section, row.round) for row in file.rows if row.answers or row.rejected_texts
        }
        answered_returns |= {(entry.section, entry.round) for entry in file.entries} & keys
    return {
        key: _SectionReturn(
            tuple(section_files),
            is_empty=key not in answered_returns,
            is_nil=key not in answered_returns and key in section_files[-1].nil_returns,
        )
        for key, section_files in files_by_return.items()
    }


def _index_rejected_files(files: Sequence[FileContent]) -> defaultdict[str, set[str]]:
    """Return by section the names of the files of which nothing could be used."""
    names_by_section: defaultdict[str, set[str]] = defaultdict(set)
    for file in files:
        used_sections = {row.section for row in file.rows}
        used_sections |= {register.section for register in file.registers}
        for problem in file.problems:
            if problem.is_error and problem.section not in used_sections:
                names_by_section[problem.section].add(file.report.name)
    return names_by_section


def _determine_status(
    section_return: _SectionReturn,
    due: date | None,
    rows: Sequence[AssignmentResult],
    rejected_files: Collection[str],
) -> SubmissionStatus:
    """Return the submission status of a section.

    It is late only if all its files of the round were saved after the due date: a
    correction sent later does not make it late.
    """
    if not section_return.files:
        return SubmissionStatus.NOT_ACCEPTED if rejected_files else SubmissionStatus.MISSING
    if section_return.is_empty and not section_return.is_nil:
        return SubmissionStatus.RETURNED_EMPTY
    if (
        due
        and all(saved_time.date() > due for saved_time in section_return.saved_times)
        and _has_all_times(section_return)
    ):
        return SubmissionStatus.LATE
    is_exempt = rows and all(row.category is StatusCategory.NOT_APPLICABLE for row in rows)
    is_nil = section_return.is_nil or is_exempt
    return SubmissionStatus.NIL_RETURN if is_nil else SubmissionStatus.RETURNED


def _has_all_times(section_return: _SectionReturn) -> bool:
    return len(section_return.saved_times) == len(section_return.files)


def report_rounds(
    book: Book,
    files: Sequence[FileContent],
    rows: Sequence[AssignmentResult],
    answers_by_task: AnswersByTask,
) -> Iterator[RoundReport]:
    """Yield for each round so far who returned, and how the rows stood at its end."""
    responsible_sections = {row.section for row in rows}
    owing_sections = [name for name in book.section_names if name in responsible_sections]
    returns = _index_returns(files)
    last_position = book.rounds.index(find_latest_round(book, files))
    not_read = find_sections_not_read(book, files)
    rounds = book.rounds[: last_position + 1]
    counts_by_round = _count_categories(book, rounds, rows, answers_by_task)
    for round_, category_counts in zip(rounds, counts_by_round, strict=True):
        returned = dict.fromkeys(
            section for section in owing_sections if (section, round_.name) in returns
        )
        yield RoundReport(
            round=round_.name,
            due=round_.due,
            returned_sections=tuple(returned),
            missing_sections=tuple(
                section
                for section in owing_sections
                if section not in returned and not (section in not_read and round_ == rounds[-1])
            ),
            row_count=len(rows),
            category_counts={category: category_counts[category] for category in StatusCategory},
        )


def _count_categories(
    book: Book,
    rounds: Sequence[Round],
    rows: Sequence[AssignmentResult],
    answers_by_task: AnswersByTask,
) -> list[Counter[StatusCategory | None]]:
    """Count for each of ``rounds`` the categories of the rows' statuses at its end.

    What a row has not been answered since stays as it was.
    """
    key = book.task_form.status_column.key
    counts_by_round: list[Counter[StatusCategory | None]] = [Counter() for _ in rounds]
    for row in rows:
        task_answers = answers_by_task.get((row.task.code, row.section))
        submissions = task_answers.cell(key).submissions if task_answers else []
        # Within a round the last one counts.
        answers = {submission.round: submission.answer for submission in submissions}
        category = None
        for round_, category_counts in zip(rounds, counts_by_round, strict=True):
            if round_.name in answers:
                answer = answers[round_.name]
                texts = {key: answer.text} if answer else {}
                choice = task_status.find_status_choice(book.task_form, texts)
                category = choice.meaning if choice else None
            category_counts[category] += 1
    return counts_by_round
