"""Judge how each section and each task stands: red, amber or green, and for what reasons.

The reasons are the open matters that 总览, 逾期临期 and 催办 count; nothing is judged anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ledgerbook.merge.open_matters import RunningLimit, SectionMatters
from ledgerbook.model.results import (
    NO_RESPONSIBLE_SECTION,
    NOT_FILLED,
    NOT_ISSUED,
    NOT_READ,
    WRONGLY_FILLED,
    RowKey,
    SectionReport,
    SubmissionStatus,
    TaskSummary,
    Urgency,
)
from ledgerbook.statutory_limits import LimitStatus


class Light(StrEnum):
    """How a section or task stands, the gravest first; NONE where nobody can know."""

    RED = "红"
    AMBER = "黄"
    GREEN = "绿"
    NONE = "未判"


_GRAVITY = tuple(Light)
_UNKNOWN_STATUSES = frozenset({NOT_READ, NOT_ISSUED})
_BLANK_STATUSES = frozenset({NOT_FILLED, WRONGLY_FILLED})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a light is what it is, in a few words."""

    light: Light
    text: str


def choose_light(reasons: Iterable[Reason]) -> Light:
    """Return the gravest light of the reasons; green without any."""
    return min((reason.light for reason in reasons), key=_GRAVITY.index, default=Light.GREEN)


def judge_section(
    report: SectionReport,
    matters: SectionMatters | None,
    limits: Sequence[RunningLimit],
    day: date,
) -> tuple[Reason, ...]:
    """Return how a section stands; ``matters`` is None where it has nothing to act on."""
    reasons = (*_list_matter_reasons(matters, day), *_list_limit_reasons(limits))
    if report.status is SubmissionStatus.PARTIAL:
        reasons += (Reason(Light.AMBER, report.standing),)
    if report.status is SubmissionStatus.NOT_READ:
        return (*reasons, Reason(Light.NONE, "程序没能读它的表，不知道办了没有"))
    if report.status is SubmissionStatus.NOT_ISSUED and not reasons:
        return (Reason(Light.NONE, "这一批次没有给它下发"),)
    return reasons


def _list_matter_reasons(matters: SectionMatters | None, day: date) -> Iterator[Reason]:
    if matters is None:
        return
    report = matters.report
    problem_count = sum(len(group.problems) for group in matters.problems)
    if matters.is_missing:
        is_late = report.due is not None and report.due < day
        found = "交来的表没能汇入" if report.status is SubmissionStatus.NOT_ACCEPTED else "没有报送"
        time = f"，应报日期 {report.due}" if report.due else ""
        yield Reason(Light.RED if is_late else Light.AMBER, f"{found}{time}")
    counted = (
        (Light.RED, "逾期 {} 件", len(matters.overdue)),
        (Light.AMBER, "临期 {} 件", len(matters.due_soon)),
        (Light.AMBER, "要改正的有 {} 处", problem_count),
        (Light.AMBER, "审核意见没有照着改的有 {} 条", len(matters.comments)),
    )
    for light, text, count in counted:
        if count:
            yield Reason(light, text.format(count))
    if matters.missing_registers:
        yield Reason(Light.AMBER, f"没有交的登记簿：{'、'.join(matters.missing_registers)}")


def _list_limit_reasons(limits: Sequence[RunningLimit]) -> Iterator[Reason]:
    for light, status, text in (
        (Light.RED, LimitStatus.OVERDUE, "超过法定期限 {} 件"),
        (Light.AMBER, LimitStatus.SOON, "法定期限快到 {} 件"),
    ):
        count = sum(limit.status is status for limit in limits)
        if count:
            yield Reason(light, text.format(count))


def judge_task(
    summary: TaskSummary, error_counts: Mapping[RowKey, int], missing: Collection[str]
) -> tuple[Reason, ...]:
    """Return how a task stands.

    It is red where 年度汇总 has it overdue: a row of a section that only supports it, and is
    overdue, makes it amber. ``error_counts`` are the problems that must be corrected, by row;
    ``missing`` the sections whose return is due and has not come.
    """
    rows = summary.assignment_results
    if rows and all(row.status in _UNKNOWN_STATUSES for row in rows):
        return (Reason(Light.NONE, "没有下发，或者程序没能读"),)
    return tuple(_list_task_reasons(summary, error_counts, missing))


def _list_task_reasons(
    summary: TaskSummary, error_counts: Mapping[RowKey, int], missing: Collection[str]
) -> Iterator[Reason]:
    rows = summary.assignment_results
    if summary.status == NO_RESPONSIBLE_SECTION:
        yield Reason(Light.AMBER, "没有责任科室")
    overdue_count = sum(row.urgency is Urgency.OVERDUE for row in rows)
    if summary.urgency is Urgency.OVERDUE:
        yield Reason(Light.RED, f"逾期 {overdue_count} 件")
    elif overdue_count:
        yield Reason(Light.AMBER, f"配合的科室逾期 {overdue_count} 件")
    absent = [row.section for row in rows if row.section in missing]
    blank = [
        row.section for row in rows if row.status in _BLANK_STATUSES and row.section not in missing
    ]
    counted = (
        ("临期 {} 件", sum(row.urgency is Urgency.DUE_SOON for row in rows)),
        (
            "要改正的有 {} 处",
            sum(error_counts.get((summary.task.code, r.section), 0) for r in rows),
        ),
        ("没有报送的科室 {} 个", len(absent)),
        ("没有填明完成状态的科室 {} 个", len(blank)),
    )
    for text, count in counted:
        if count:
            yield Reason(Light.AMBER, text.format(count))
