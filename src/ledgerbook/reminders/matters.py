"""Say in words what one section must act on, kind by kind.

Letters, mails, the list and 催办记录 all show these. They quote what the ledger has: of one
without personal data they have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from ledgerbook.excel.limits import truncate_with_ellipsis
from ledgerbook.merge.open_matters import RunningLimit, SectionMatters, list_section_matters
from ledgerbook.model.office_entries import OfficeNote, ReminderRecord
from ledgerbook.model.problems import ProblemGroup
from ledgerbook.model.results import AssignmentResult, Ledger, SubmissionStatus
from ledgerbook.statutory_limits import LimitStatus
from ledgerbook.summary.labels import format_missed_occurrences
from ledgerbook.text import format_chinese_date, make_single_line

# Kinds of matters; what is due soon is named with its number of days.
MISSING, OVERDUE, TO_CORRECT, LIMIT_PASSED = "没有报送", "逾期", "需要改正", "超过法定期限"
# In UTF-16 units: the section knows its tasks, and a letter has one page.
_MAX_MEASURE, _MAX_SENTENCE, _MAX_NAME = 40, 400, 30


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing that a section must act on.

    ``text`` says it in a sentence; ``name`` is what it is about and ``time`` how it stands, in
    a few words. ``row`` is that of its task, if it is about one; ``due`` the day by which it is,
    or was, to be done.
    """

    text: str
    name: str
    time: str = ""
    due: date | None = None
    row: AssignmentResult | None = None

    @property
    def short_text(self) -> str:
        """Name and time: 第 7 项（期限 2022年10月31日，已逾期 50 天）."""
        return f"{self.name}（{self.time}）" if self.time else self.name


@dataclass(frozen=True, slots=True)
class MatterGroup:
    """All matters of one kind, counted in ``unit``; those of a blank unit are not counted."""

    kind: str
    unit: str
    matters: tuple[Matter, ...]

    @property
    def summary(self) -> str:
        """Kind and number, as in 逾期 3 件."""
        return f"{self.kind} {len(self.matters)} {self.unit}" if self.unit else self.kind


@dataclass(frozen=True, slots=True)
class Reminder:
    """What one section is reminded of on ``day``, and on which days it was before.

    ``is_owed``: the current round asks something of it, so that it can be sent a form.
    """

    section: str
    round: str
    day: date
    groups: tuple[MatterGroup, ...]
    earlier: tuple[date, ...] = ()
    is_owed: bool = True

    @property
    def summary(self) -> str:
        return "，".join(group.summary for group in self.groups)


def list_reminders(ledger: Ledger, soon_days: int) -> tuple[Reminder, ...]:
    """Return a reminder for each section that has something to act on, and for no other."""
    day = ledger.as_of
    return tuple(
        Reminder(
            section=matters.report.section,
            round=matters.report.round,
            day=day,
            groups=tuple(_list_groups(matters, day, soon_days)),
            earlier=_list_earlier_days(ledger.book.reminders, matters.report.section, day),
            is_owed=matters.report.status is not SubmissionStatus.NOT_ISSUED,
        )
        for matters in list_section_matters(ledger, day, soon_days)
    )


def _list_earlier_days(
    records: Iterable[ReminderRecord], section: str, day: date
) -> tuple[date, ...]:
    days = {record.day for record in records if record.section == section and record.day < day}
    return tuple(sorted(days))


def _list_groups(matters: SectionMatters, day: date, soon_days: int) -> Iterator[MatterGroup]:
    running = {
        status: [limit for limit in matters.limits if limit.status is status]
        for status in (LimitStatus.OVERDUE, LimitStatus.SOON)
    }
    # Counted and listed as in 退回修改.
    corrections = [part for group in matters.problems for part in group.split()]
    soon = f"{soon_days} 天内到期"
    for kind, unit, described in (
        (MISSING, "", _describe_missing(matters, day)),
        (OVERDUE, "件", map(_describe_row, matters.overdue)),
        (soon, "件", map(_describe_row, matters.due_soon)),
        (TO_CORRECT, "处", map(_describe_problems, corrections)),
        ("审核意见", "条", map(_describe_comment, matters.comments)),
        (LIMIT_PASSED, "件", _describe_limits(running[LimitStatus.OVERDUE], day)),
        (f"法定期限 {soon}", "件", _describe_limits(running[LimitStatus.SOON], day)),
    ):
        if found := tuple(described):
            yield MatterGroup(kind, unit, found)


def _describe_missing(matters: SectionMatters, day: date) -> Iterator[Matter]:
    report = matters.report
    time = f"应于{format_chinese_date(report.due)}前交回" if report.due else ""
    if report.due and report.due < day:
        time += f"，已过 {(day - report.due).days} 天"
    not_accepted = report.status is SubmissionStatus.NOT_ACCEPTED
    if matters.is_missing:
        found = "交来的表没能汇入，等于没有收到" if not_accepted else "还没有收到"
        yield _make_matter(f"“{report.round}”的报送表", time, f"，{found}", report.due)
    for title in matters.missing_registers:
        yield _make_matter(f"登记簿“{title}”", time, "，交来的表里没有", report.due)


def _make_matter(name: str, time: str, found: str, due: date | None) -> Matter:
    text = f"{name}，{time}" if time else name
    return Matter(make_single_line(f"{text}{found}。"), make_single_line(name), time, due)


def _describe_row(row: AssignmentResult) -> Matter:
    measure = truncate_with_ellipsis(make_single_line(row.task.measure).rstrip("。"), _MAX_MEASURE)
    cycle = row.recurrence_progress
    occurrences = format_missed_occurrences(cycle) if cycle else ""
    time = occurrences or (_describe_time("期限", row.due, row.days_left or 0) if row.due else "")
    name = f"第 {row.task.number} 项"
    return Matter(f"{name}“{measure}”，{time}，目前“{row.status}”。", name, time, row.due, row)


def _describe_problems(group: ProblemGroup) -> Matter:
    text = make_single_line(f"{group.place}：{group.short_message}{group.first.advice}")
    place = make_single_line(" ".join(filter(None, (group.place.sheet, group.cells))))
    name = truncate_with_ellipsis(place or group.place.file, _MAX_NAME)
    return Matter(truncate_with_ellipsis(text, _MAX_SENTENCE), name)


def _describe_comment(comment: tuple[AssignmentResult, OfficeNote]) -> Matter:
    row, note = comment
    text = truncate_with_ellipsis(make_single_line(note.text), _MAX_SENTENCE)
    name = f"第 {row.task.number} 项"
    return Matter(f"{name}：{text}", name, row=row)


def _describe_limits(limits: Iterable[RunningLimit], day: date) -> Iterator[Matter]:
    for limit in limits:
        entry, rule = limit.entry, limit.column.due
        identity = "、".join(filter(None, map(entry.get_text, entry.form.identity)))
        place = entry.places.get(rule.start) if rule else None
        # An applicant's name is no name of an entry outside the office.
        label = f"“{identity}”" if identity else f"（{place.short_text}）" if place else ""
        time = _describe_time(limit.column.header, limit.due, (limit.due - day).days)
        yield _make_matter(f"{entry.form.title}{label}", time, "", limit.due)


def _describe_time(label: str, due: date, days_left: int) -> str:
    words = (
        f"已逾期 {-days_left} 天"
        if days_left < 0
        else f"还有 {days_left} 天"
        if days_left
        else "今天到期"
    )
    return f"{label} {format_chinese_date(due)}，{words}"
