"""Report how each section stands in the current round.

The results are 报送情况, a :class:`SectionReport` each, and a :class:`RegisterReport` for each
register of each section.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ledgerbook.intake.file_content import FileContent
from ledgerbook.merge.answers import AnswersByTask, TaskAnswers
from ledgerbook.merge.receipts import is_received_by
from ledgerbook.merge.round_scope import RoundScope, is_over
from ledgerbook.model import Book, Round, StatusCategory
from ledgerbook.model.problems import Problem
from ledgerbook.model.results import (
    AssignmentResult,
    RegisterEntry,
    RegisterReport,
    RowCounts,
    SectionReport,
    SubmissionStatus,
)


@dataclass(frozen=True, slots=True)
class _SectionReturn:
    """What a section has returned in one round: its files, oldest first.

    ``is_empty``: the files have no answers and no register entries. ``is_nil``: the last
    of them is a nil return (零报告).
    """

    files: tuple[FileContent, ...] = ()
    is_empty: bool = True
    is_nil: bool = False

    @property
    def saved_times(self) -> list[datetime]:
        """The times that are known, wrong clocks left out."""
        return [
            file.report.saved_at
            for file in self.files
            if file.report.saved_at and not file.report.has_doubtful_time
        ]

    def is_late(self, due: date | None) -> bool:
        """Return whether nothing was received by the due day.

        A correction that is sent or made later does not make a section late.
        """
        return (
            due is not None
            and bool(self.files)
            and not any(is_received_by(file.report, due) for file in self.files)
        )


_NOTHING_RETURNED = _SectionReturn()


def report_sections(
    book: Book,
    files: Sequence[FileContent],
    rows: Sequence[AssignmentResult],
    answers_by_task: AnswersByTask,
    problems: Sequence[Problem],
    scope: RoundScope,
    *,
    entry_sections: Collection[str] = (),
) -> Iterator[SectionReport]:
    """Yield a report on each section's returns in the current round, that of ``scope``.

    ``entry_sections`` are those whose registers say anything in it.
    """
    error_counts = Counter(
        problem.section for problem in problems if problem.is_error and not problem.is_program_fault
    )
    rows_by_section: dict[str, list[AssignmentResult]] = defaultdict(list)
    for row in rows:
        rows_by_section[row.section].append(row)
    not_read = find_sections_not_read(book, files)
    returns, rejected_names = index_returns(files), _index_rejected_files(files)
    round_ = scope.round
    for section in book.section_names:
        section_rows = rows_by_section[section]
        if not section_rows and not book.get_registers(section):
            continue
        section_return = returns.get((section, round_.name), _NOTHING_RETURNED)
        rejected_files = rejected_names[section]
        counts = _count_rows(
            book.task_form.status_column.key,
            section_return,
            {row.task.code: row for row in section_rows if row.roles},
            answers_by_task,
            scope,
        )
        if not section_return.files:
            status = _determine_absence(
                is_rejected=bool(rejected_files),
                is_read=section not in not_read,
                is_issued=section in scope.sections,
            )
        else:
            is_exempt = bool(section_rows) and all(
                row.category is StatusCategory.NOT_APPLICABLE for row in section_rows
            )
            status = _determine_status(
                section_return,
                counts,
                is_exempt=is_exempt,
                is_late=section_return.is_late(round_.due),
                has_new_entries=section in entry_sections,
            )
        yield SectionReport(
            section=section,
            status=status,
            due=round_.due,
            file_names=tuple(
                sorted({file.report.name for file in section_return.files} or rejected_files)
            ),
            saved_at=max(section_return.saved_times, default=None),
            row_count=len(section_rows),
            filled_row_count=sum(1 for row in section_rows if row.answers),
            error_count=error_counts[section],
            round=round_.name,
            counts=counts,
            is_late=section_return.is_late(round_.due),
        )


def report_registers(
    book: Book,
    files: Sequence[FileContent],
    entries: Sequence[RegisterEntry],
    section_reports: Sequence[SectionReport],
    current: Round,
    as_of: date,
) -> Iterator[RegisterReport]:
    """Yield for each register of each section whether it is in the returns.

    Entries unite over the rounds: until the due day of the ``current`` round is over, a register
    that came in an earlier one stands as it was.
    """
    returned = {
        (register.section, register.form, register.round)
        for file in files
        for register in file.registers
    }
    nil_returns = {pair for file in files for pair in file.nil_returns}
    entered = {(entry.section, entry.form.key) for entry in entries}
    statuses = {report.section: report.status for report in section_reports}
    rounds = [round_.name for round_ in book.rounds[: book.rounds.index(current) + 1]]
    is_current_over = is_over(current, as_of)
    for section in book.section_names:
        for form in book.get_registers(section):
            absence = statuses[section]
            if absence.has_arrived:
                # The sheet is not in the workbook, as when it was issued before the register.
                absence = SubmissionStatus.MISSING
            latest = next(
                (
                    name
                    for name in reversed(rounds)
                    if (section, form.key, name) in returned or (section, name) in nil_returns
                ),
                "",
            )
            is_awaited = absence is SubmissionStatus.MISSING and not is_current_over
            is_known = is_awaited or absence is SubmissionStatus.NOT_ISSUED
            if not latest or (latest != current.name and not is_known):
                yield RegisterReport(section, form.key, absence)
                continue
            status = _determine_register_status(
                has_entries=(
                    (section, form.key, latest) in returned and (section, form.key) in entered
                ),
                is_nil=(section, latest) in nil_returns,
            )
            is_carried = latest != current.name and is_awaited
            yield RegisterReport(section, form.key, status, latest if is_carried else "")


def _determine_register_status(*, has_entries: bool, is_nil: bool) -> SubmissionStatus:
    """Return the status of a register that was returned."""
    if has_entries:
        return SubmissionStatus.RETURNED
    return SubmissionStatus.NIL_RETURN if is_nil else SubmissionStatus.RETURNED_EMPTY


def _determine_absence(*, is_rejected: bool, is_read: bool, is_issued: bool) -> SubmissionStatus:
    """Return the status of a section of which nothing of the round could be used."""
    if not is_read:
        return SubmissionStatus.NOT_READ
    if is_rejected:
        return SubmissionStatus.NOT_ACCEPTED
    return SubmissionStatus.MISSING if is_issued else SubmissionStatus.NOT_ISSUED


def _determine_status(
    section_return: _SectionReturn,
    counts: RowCounts,
    *,
    is_exempt: bool,
    is_late: bool,
    has_new_entries: bool,
) -> SubmissionStatus:
    """Return the status of a section that returned something; the first that applies."""
    if section_return.is_empty and not section_return.is_nil:
        return SubmissionStatus.RETURNED_EMPTY
    if counts.refused:
        return SubmissionStatus.WRONGLY_FILLED
    if counts.blank and not section_return.is_nil:
        return SubmissionStatus.PARTIAL
    if is_late:
        return SubmissionStatus.LATE
    if section_return.is_nil or is_exempt:
        return SubmissionStatus.NIL_RETURN
    is_unchanged = counts.carried and not counts.said and not has_new_entries
    return SubmissionStatus.CARRIED if is_unchanged else SubmissionStatus.RETURNED


def _count_rows(
    status_key: str,
    section_return: _SectionReturn,
    rows: Mapping[str, AssignmentResult],
    answers_by_task: AnswersByTask,
    scope: RoundScope,
) -> RowCounts:
    """Count the rows asked of a section by what its returns of the round say of them.

    ``rows`` are those of the section by task code. A blank form leaves a row that an earlier
    round settled as it is (沿用): it needs no answer again. What a later plan has taken from the
    section is asked no more.
    """
    round_name = scope.round.name
    shown_rows = {
        (row.task, row.section)
        for file in section_return.files
        for row in file.rows
        if row.round == round_name and row.answers
    }
    counts: Counter[str] = Counter()
    for task, row in rows.items():
        if task not in scope.tasks.get(row.section, ()):
            continue
        answers = answers_by_task.get((task, row.section), TaskAnswers())
        if status_key in answers.rejected and section_return.files:
            counts["refused"] += 1
        elif _is_said(answers, round_name):
            counts["said"] += 1
        elif (task, row.section) in shown_rows or (section_return.files and _is_settled(row)):
            counts["carried"] += 1
        else:
            counts["blank"] += 1
    return RowCounts(**counts)


def _is_settled(row: AssignmentResult) -> bool:
    """Return whether a row is done or not the section's; no turn of a recurring duty is."""
    return row.recurrence_progress is None and row.category in (
        StatusCategory.COMPLETED,
        StatusCategory.NOT_APPLICABLE,
    )


def _is_said(answers: TaskAnswers, round_name: str) -> bool:
    """Return whether a row says anything in a round and is not blank."""
    is_filled = any(cell.current for cell in answers.cells.values())
    return is_filled and any(
        submission.round == round_name and submission.is_said
        for cell in answers.cells.values()
        for submission in cell.submissions
    )


def find_sections_not_read(book: Book, files: Sequence[FileContent]) -> frozenset[str]:
    """Return the sections of which a file, or possibly one, failed by the program's fault.

    Where a file does not show whose it is, it may be of any section.
    """
    sections = {problem.section for file in files if file.report.fault for problem in file.problems}
    return frozenset(book.section_names if "" in sections else sections)


def index_returns(files: Sequence[FileContent]) -> dict[tuple[str, str], _SectionReturn]:
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
