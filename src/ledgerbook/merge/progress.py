"""Report how far the sections have come, in the current round and in each round so far.

The results are 报送情况 (a :class:`SectionReport` each) and 各批次进展 (a
:class:`RoundReport` each).
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
from ledgerbook.model.results import AssignmentResult, RoundReport, SectionReport, SubmissionStatus


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
    files_by_section = _group_files_by_section(files)
    not_read = find_sections_not_read(book, files)
    for section in book.section_names:
        section_rows = rows_by_section[section]
        if not section_rows and not book.get_registers(section):
            continue
        section_return = _find_section_return(files_by_section[section], section, current_round)
        rejected_files = _find_rejected_files(files_by_section[section], section)
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


def find_sections_not_read(book: Book, files: Sequence[FileContent]) -> frozenset[str]:
    """Return the sections of which a file, or possibly one, failed by the program's fault.

    Where a file does not show whose it is, it may be of any section.
    """
    sections = {problem.section for file in files if file.report.fault for problem in file.problems}
    return frozenset(book.section_names if "" in sections else sections)


def _group_files_by_section(
    files: Sequence[FileContent],
) -> defaultdict[str, list[FileContent]]:
    """Return for each section the files that concern it, in their order."""
    files_by_section: defaultdict[str, list[FileContent]] = defaultdict(list)
    for file in files:
        section_names = {row.section for row in file.rows}
        section_names |= {section for section, _ in file.nil_returns}
        section_names |= {register.section for register in file.registers}
        section_names |= {problem.section for problem in file.problems}
        for section in section_names:
            files_by_section[section].append(file)
    return files_by_section


def find_latest_round(book: Book, files: Sequence[FileContent]) -> Round:
    """Return the latest round of which anything was returned, else the first round."""
    round_names = {row.round for file in files for row in file.rows}
    round_names |= {round_ for file in files for _, round_ in file.nil_returns}
    round_names |= {register.round for file in files for register in file.registers}
    returned_rounds = [round_ for round_ in book.rounds if round_.name in round_names]
    return returned_rounds[-1] if returned_rounds else book.rounds[0]


def _find_section_return(
    files: Sequence[FileContent], section: str, round_: Round
) -> _SectionReturn:
    section_round = (section, round_.name)
    rows_by_file = {
        file.report.name: [row for row in file.rows if (row.section, row.round) == section_round]
        for file in files
    }
    section_files = tuple(
        file
        for file in files
        if rows_by_file[file.report.name]
        or section_round in file.nil_returns
        or _has_register(file, section_round)
    )
    has_entries = any(
        entry.section == section and entry.round == round_.name
        for file in section_files
        for entry in file.entries
    )
    has_answers = any(
        row.answers or row.rejected_keys for rows in rows_by_file.values() for row in rows
    )
    is_empty = not has_answers and not has_entries
    is_nil = is_empty and bool(section_files) and section_round in section_files[-1].nil_returns
    return _SectionReturn(section_files, is_empty, is_nil)


def _has_register(file: FileContent, section_round: tuple[str, str]) -> bool:
    """Whether a register of the section was returned, even one without entries."""
    return any((register.section, register.round) == section_round for register in file.registers)


def _find_rejected_files(files: Sequence[FileContent], section: str) -> set[str]:
    """Return the files of ``section`` of which nothing could be used."""
    return {
        file.report.name
        for file in files
        if any(problem.is_error and problem.section == section for problem in file.problems)
        and not any(row.section == section for row in file.rows)
        and not any(register.section == section for register in file.registers)
    }


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
    round_names = [round_.name for round_ in book.rounds]
    responsible_sections = {row.section for row in rows}
    owing_sections = [name for name in book.section_names if name in responsible_sections]
    files_by_section = _group_files_by_section(files)
    last_position = book.rounds.index(find_latest_round(book, files))
    not_read = find_sections_not_read(book, files)
    for position, round_ in enumerate(book.rounds[: last_position + 1]):
        returned = dict.fromkeys(
            section
            for section in owing_sections
            if _find_section_return(files_by_section[section], section, round_).files
        )
        rounds_so_far = frozenset(round_names[: position + 1])
        category_counts = Counter(
            _find_category_after(book, row, answers_by_task, rounds_so_far) for row in rows
        )
        yield RoundReport(
            round=round_.name,
            due=round_.due,
            returned_sections=tuple(returned),
            missing_sections=tuple(
                section
                for section in owing_sections
                if section not in returned
                and not (section in not_read and position == last_position)
            ),
            row_count=len(rows),
            category_counts={category: category_counts[category] for category in StatusCategory},
        )


def _find_category_after(
    book: Book,
    row: AssignmentResult,
    answers_by_task: AnswersByTask,
    rounds: Collection[str],
) -> StatusCategory | None:
    """Return the category of a row's status by the answers of ``rounds`` alone."""
    key = book.task_form.status_column.key
    task_answers = answers_by_task.get((row.task.code, row.section))
    submissions = task_answers.cell(key).submissions if task_answers else []
    texts = [submission.answer.text for submission in submissions if submission.round in rounds]
    choice = task_status.find_status_choice(book.task_form, {key: texts[-1]}) if texts else None
    return choice.meaning if choice else None
