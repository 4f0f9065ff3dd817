"""Say what is open on a day: the one answer that every list and alert shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ledgerbook.issue.review_comments import count_unsent_comments
from ledgerbook.merge import task_status
from ledgerbook.model import Question
from ledgerbook.model.problems import Problem, ProblemGroup, group_problems
from ledgerbook.model.results import AssignmentResult, Conflict, Ledger, SectionReport, Urgency


@dataclass(frozen=True, slots=True)
class OpenMatters:
    """What somebody must act on, each with the rows behind it.

    ``overdue`` and ``due_soon`` are rows, the most pressing first; ``missing`` the sections
    of which a return is due; ``problems`` those that a section must correct (what the program
    could not read is none of them), ``office_problems`` those that the coordinating office
    itself has to verify, by their matter; ``unsent_comments`` the numbers of 审核意见 by
    section, where no 退回修改 lists them; ``conflicts`` the contradicting answers without those
    that were taken back, or that a later round has overtaken; ``questions`` of the book have
    no decision yet.
    """

    overdue: tuple[AssignmentResult, ...]
    due_soon: tuple[AssignmentResult, ...]
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


def list_open_matters(ledger: Ledger, day: date) -> OpenMatters:
    """Return what is open in ``ledger`` on ``day``."""
    rows = list(_judge_rows(ledger, day))
    return OpenMatters(
        overdue=_select_rows(rows, Urgency.OVERDUE),
        due_soon=_select_rows(rows, Urgency.DUE_SOON),
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


def _judge_rows(ledger: Ledger, day: date) -> Iterator[AssignmentResult]:
    for row in ledger.assignment_results:
        yield row if day == ledger.as_of else task_status.judge_row_on(row, day)


def _select_rows(
    rows: Sequence[AssignmentResult], urgency: Urgency
) -> tuple[AssignmentResult, ...]:
    """Return the rows of one urgency, the longest overdue or the first due first."""
    chosen = (row for row in rows if row.urgency is urgency)
    return tuple(sorted(chosen, key=lambda row: row.days_left or 0))
