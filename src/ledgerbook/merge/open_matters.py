"""Say what is open on a day: the one answer that every list, alert and reminder shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from ledgerbook.issue.review_comments import count_unsent_comments, find_open_comments
from ledgerbook.merge import task_status
from ledgerbook.merge.register_entries import compute_column_status, compute_entry_due_date
from ledgerbook.model import Column, Question
from ledgerbook.model.office_entries import OfficeNote
from ledgerbook.model.problems import Problem, ProblemGroup, group_problems
from ledgerbook.model.results import (
    DUE_SOON_DAYS,
    AssignmentResult,
    Conflict,
    Ledger,
    RegisterEntry,
    SectionReport,
    SubmissionStatus,
    Urgency,
)
from ledgerbook.statutory_limits import SOON_DAYS, LimitStatus

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OpenMatters:
    """What somebody must act on, each with the rows behind it.

    ``overdue`` and ``due_soon`` are rows, the most pressing first, and ``done_late`` those in
    which nothing can be done any more; ``missing`` the sections
    of which a return is due; ``problems`` those that a section must correct (what the program
    could not read is none of them), ``office_problems`` those that the coordinating office
    itself has to verify, by their matter; ``unsent_comments`` the numbers of 审核意见 by
    section, where no 退回修改 lists them; ``conflicts`` the contradicting answers without those
    that were taken back, or that a later round has overtaken; ``questions`` of the book have
    no decision yet.
    """

    overdue: tuple[AssignmentResult, ...]
    due_soon: tuple[AssignmentResult, ...]
    done_late: tuple[AssignmentResult, ...]
    missing: tuple[SectionReport, ...]
    problems: tuple[ProblemGroup, ...]
    office_problems: Mapping[str, tuple[ProblemGroup, ...]]
    unsent_comments: Mapping[str, int]
    conflicts: tuple[Conflict, ...]
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class OpenCounts:
    """How many there are of each kind of open matter."""

    missing: int = 0
    overdue: int = 0
    problems: int = 0
    conflicts: int = 0
    questions: int = 0


def count_open_matters(matters: OpenMatters) -> OpenCounts:
    """Return the numbers by which somebody sees how much is still open."""
    return OpenCounts(
        missing=len(matters.missing),
        overdue=len(matters.overdue),
        problems=sum(len(group.problems) for group in matters.problems),
        conflicts=len(matters.conflicts),
        questions=len(matters.questions),
    )


def list_open_matters(ledger: Ledger, day: date, soon_days: int = DUE_SOON_DAYS) -> OpenMatters:
    """Return what is open in ``ledger`` on ``day``; due soon is what is due in ``soon_days``."""
    rows = list(_judge_rows(ledger, day, soon_days))
    return OpenMatters(
        overdue=_select_rows(rows, Urgency.OVERDUE),
        due_soon=_select_rows(rows, Urgency.DUE_SOON),
        done_late=_select_rows(rows, Urgency.DONE_LATE),
        missing=tuple(report for report in ledger.section_reports if report.status.is_absent),
        problems=group_problems(
            problem
            for problem in ledger.problems
            if problem.is_error and not problem.is_program_fault
        ),
        office_problems=_group_office_problems(ledger.problems),
        unsent_comments=count_unsent_comments(ledger),
        conflicts=tuple(
            one for one in ledger.conflicts if not (one.is_withdrawal or one.later_round)
        ),
        questions=tuple(one for one in ledger.book.questions if not one.decision),
    )


def _group_office_problems(
    problems: Sequence[Problem],
) -> Mapping[str, tuple[ProblemGroup, ...]]:
    matters = dict.fromkeys(problem.office_matter for problem in problems if problem.office_matter)
    return {
        matter: group_problems(problem for problem in problems if problem.office_matter == matter)
        for matter in matters
    }


def _judge_rows(ledger: Ledger, day: date, soon_days: int) -> Iterator[AssignmentResult]:
    for row in ledger.assignment_results:
        # A row that was not judged is one that no round has asked for.
        is_judged = day == ledger.as_of and (soon_days == DUE_SOON_DAYS or row.days_left is None)
        yield row if is_judged else task_status.judge_row_on(row, day, soon_days)


def _select_rows(
    rows: Sequence[AssignmentResult], urgency: Urgency
) -> tuple[AssignmentResult, ...]:
    """Return the rows of one urgency, the longest overdue or the first due first."""
    chosen = (row for row in rows if row.urgency is urgency)
    return tuple(sorted(chosen, key=lambda row: row.days_left or 0))


# --- what is open of one section ---


@dataclass(frozen=True, slots=True)
class RunningLimit:
    """A statutory limit, shown in ``column``, of an entry that is not closed.

    It is overdue, or due soon.
    """

    entry: RegisterEntry
    column: Column
    due: date
    status: LimitStatus


@dataclass(frozen=True, slots=True)
class SectionMatters:
    """What one section must act on: its part of :class:`OpenMatters`, and what is its alone.

    ``is_missing``: its return is due; ``missing_registers`` are the titles of those that did not
    come with it. ``comments`` are rows with a 审核意见 that it has not acted on, ``limits``
    the statutory limits in its registers, those first that end first.
    """

    report: SectionReport
    is_missing: bool
    missing_registers: tuple[str, ...]
    overdue: tuple[AssignmentResult, ...]
    due_soon: tuple[AssignmentResult, ...]
    problems: tuple[ProblemGroup, ...]
    comments: tuple[tuple[AssignmentResult, OfficeNote], ...]
    limits: tuple[RunningLimit, ...]

    @property
    def is_open(self) -> bool:
        """Whether there is anything to act on."""
        return self.is_missing or any(
            (
                self.missing_registers,
                self.overdue,
                self.due_soon,
                self.problems,
                self.comments,
                self.limits,
            )
        )


def list_section_matters(
    ledger: Ledger, day: date, soon_days: int = DUE_SOON_DAYS
) -> tuple[SectionMatters, ...]:
    """Return what each section must act on, in the order of the book; none where it is nothing.

    Of a section whose file the program could not read nothing is known: it may have done
    everything. A return is missing from ``soon_days`` before its due day on.
    """
    matters = list_open_matters(ledger, day, soon_days)
    titles = {form.key: form.title for form in ledger.book.registers}
    overdue = _group_by_section(matters.overdue, lambda row: row.section)
    due_soon = _group_by_section(matters.due_soon, lambda row: row.section)
    problems = _group_by_section(matters.problems, lambda group: group.first.section)
    comments = _group_by_section(
        find_open_comments(ledger.book, ledger.assignment_results), lambda pair: pair[0].section
    )
    limits = _group_by_section(
        sorted(find_running_limits(ledger, day, soon_days), key=lambda limit: limit.due),
        lambda limit: limit.entry.section,
    )
    absent = _group_by_section(
        (one for one in ledger.register_reports if one.status is SubmissionStatus.MISSING),
        lambda report: report.section,
    )
    sections = []
    for report in ledger.section_reports:
        name = report.section
        is_due = report.due is None or (report.due - day).days <= soon_days
        sections.append(
            SectionMatters(
                report,
                is_missing=report.status.is_absent and is_due,
                missing_registers=tuple(
                    titles[one.form]
                    for one in absent.get(name, ())
                    if report.status.has_arrived and is_due
                ),
                overdue=overdue.get(name, ()),
                due_soon=due_soon.get(name, ()),
                problems=problems.get(name, ()),
                comments=comments.get(name, ()),
                limits=limits.get(name, ()),
            )
        )
    return tuple(
        one
        for one in sections
        if one.is_open and one.report.status is not SubmissionStatus.NOT_READ
    )


def _group_by_section(
    items: Iterable[T], get_section: Callable[[T], str]
) -> dict[str, tuple[T, ...]]:
    groups: defaultdict[str, list[T]] = defaultdict(list)
    for item in items:
        groups[get_section(item)].append(item)
    return {section: tuple(group) for section, group in groups.items()}


def find_running_limits(
    ledger: Ledger, day: date, soon_days: int = SOON_DAYS
) -> Iterator[RunningLimit]:
    """Yield the statutory limits of open entries that are over, or end within ``soon_days``.

    By default those that the registers of the summary colour.
    """
    year = ledger.book.year
    for entry in ledger.register_entries:
        for column in entry.form.due_columns:
            status = compute_column_status(entry, column, year, day, soon_days)
            due = compute_entry_due_date(entry, column, year).day
            if due and status in (LimitStatus.OVERDUE, LimitStatus.SOON):
                yield RunningLimit(entry, column, due, status)
