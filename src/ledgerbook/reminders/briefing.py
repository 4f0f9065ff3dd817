"""Compose the briefing (通报): how far all sections are, who lags, what is grave, who was reminded.

Every figure is one of 年度汇总 of the same returns: of 总览 (:mod:`ledgerbook.summary.overview`),
of 问题清单, or the number of 逾期 on the sheets of registers. Nothing quotes personal data: what is
said of single matters comes from reminders that have none.

A text that may be shortened is a tuple of versions, from the most words to the fewest.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ledgerbook.excel.limits import truncate_with_ellipsis
from ledgerbook.merge.register_entries import compute_entry_status
from ledgerbook.model import Book, StatusCategory
from ledgerbook.model.results import Ledger, Urgency
from ledgerbook.reminders.matters import (
    LIMIT_PASSED,
    MISSING,
    OVERDUE,
    TO_CORRECT,
    Matter,
    Reminder,
)
from ledgerbook.statutory_limits import LimitStatus
from ledgerbook.summary.labels import StatusLabel, format_rate, round_rate
from ledgerbook.summary.overview import (
    OverviewFigures,
    count_by_meaning,
    count_overview_figures,
    find_unread_sections,
)
from ledgerbook.text import format_chinese_date, make_single_line

_MAX_RISKS = 3
# How many names or days a text has, version by version; None is all.
_NAMED_COUNTS = (None, 5, 3, 1, 0)
# In UTF-16 units.
_MAX_NAME, _MAX_TITLE = 16, 40

Versions = tuple[str, ...]
# A matter with the section that must act on it.
_SectionMatter = tuple[str, Matter]


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A figure in large type, with its label and unit."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class RankedSection:
    """How far one section is.

    ``rank`` is None where there is no ``rate`` (完成率); sections of which equal rates are shown
    share a rank. ``completed``, ``total`` and ``overdue`` count its rows.
    """

    rank: int | None
    section: str
    rate: float | None
    completed: int
    total: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Briefing:
    """The contents of the briefing; ``ranking`` has the best section first."""

    book: Book
    day: date
    title: str
    lead: str
    figures: tuple[KeyFigure, ...]
    ranking: tuple[RankedSection, ...]
    comparison: Versions
    risks: tuple[Versions, ...]
    pushed: Versions
    sources: str


def compose_briefing(ledger: Ledger, reminders: Sequence[Reminder], summary_name: str) -> Briefing:
    """Return the briefing on the day of ``ledger``.

    ``reminders`` are those of the day, without personal data; ``summary_name`` is the name of
    the file of 年度汇总.
    """
    book, figures = ledger.book, count_overview_figures(ledger)
    ranking = tuple(_rank_sections(ledger, figures))
    form_title = truncate_with_ellipsis(make_single_line(book.task_form.title), _MAX_TITLE)
    subject = f"{book.year}年{form_title}"
    day = format_chinese_date(ledger.as_of)
    return Briefing(
        book=book,
        day=ledger.as_of,
        title=f"关于{subject}落实情况的通报",
        lead=f"截至{day}，{subject}{_name_round(ledger)}的落实情况通报如下。",
        figures=tuple(_list_key_figures(ledger, figures)),
        ranking=ranking,
        comparison=_compare_sections([one for one in ranking if one.rank]),
        risks=tuple(_find_risks(reminders))[:_MAX_RISKS],
        pushed=_describe_reminding(ledger, reminders),
        sources=(
            f"数据来源：{day}的“{summary_name}”，“总览”“问题清单”和各登记簿；"
            "催办次数见台账“催办记录”。完成率和名次按科室任务计算，"
            f"“{_join_labels(figures.statuses, StatusCategory.NOT_APPLICABLE)}”的不算；"
            "法定逾期，是登记簿里超过法定期限、还没有办结的。"
        ),
    )


def _name_round(ledger: Ledger) -> str:
    """Return the current round in brackets; blank where the year has one round only."""
    if len(ledger.book.rounds) == 1 or not ledger.section_reports:
        return ""
    return f"（{ledger.section_reports[0].round}）"


def _join_labels(statuses: Sequence[StatusLabel], meaning: StatusCategory) -> str:
    return "、".join(s.text for s in statuses if s.meaning is meaning) or str(meaning.value)


# --- figures ---


def _list_key_figures(ledger: Ledger, figures: OverviewFigures) -> Iterator[KeyFigure]:
    statuses, rows, tasks = figures.statuses, figures.rows, figures.tasks
    for label, line in (("任务完成（项）", tasks), ("科室任务完成（件）", rows)):
        completed = count_by_meaning(line.statuses, statuses, StatusCategory.COMPLETED)
        yield KeyFigure(label, f"{completed}/{line.total}")
    yield KeyFigure("完成率", format_rate(rows.rate))
    returned, asked = figures.returned_section_count, figures.section_count
    yield KeyFigure("报送科室（个）", f"{returned}/{asked}")
    yield KeyFigure("未报送科室（个）", str(asked - returned))
    urgencies = (urgency for urgency in Urgency if urgency is not Urgency.NONE)
    for urgency, count in zip(urgencies, rows.by_urgency, strict=True):
        yield KeyFigure(f"{urgency}（件）", str(count))
    yield KeyFigure("须处理问题（个）", str(sum(one.is_error for one in ledger.problems)))
    states = (
        compute_entry_status(entry, ledger.book.year, ledger.as_of)
        for entry in ledger.register_entries
    )
    yield KeyFigure("法定逾期（条）", str(sum(one is LimitStatus.OVERDUE for one in states)))


def _rank_sections(ledger: Ledger, figures: OverviewFigures) -> Iterator[RankedSection]:
    """Yield the sections with tasks, the highest rate first, those without a rate last."""
    unread = find_unread_sections(ledger)
    lines = [line for line in figures.by_section if line.total]
    # As they are shown: two that look equal must not have different ranks.
    rates = [
        -1 if line.rate is None or line.label in unread else round_rate(line.rate) for line in lines
    ]
    ranks: dict[int, int] = {}
    for position, rate in enumerate(sorted(rates, reverse=True), 1):
        ranks.setdefault(rate, position)
    for rate, line in sorted(zip(rates, lines, strict=True), key=lambda pair: -pair[0]):
        has_rate = rate >= 0
        yield RankedSection(
            rank=ranks[rate] if has_rate else None,
            section=make_single_line(line.label),
            rate=line.rate if has_rate else None,
            completed=count_by_meaning(line.statuses, figures.statuses, StatusCategory.COMPLETED),
            total=line.total,
            overdue=line.by_urgency[0],
        )


# --- sentences ---


def _compare_sections(rated: Sequence[RankedSection]) -> Versions:
    """Say which sections lead and which lag; ``rated`` have a rank, the best first."""
    if not rated:
        return ("没有可以计算完成率的任务，不排名次。",)
    best, worst = rated[0], rated[-1]
    if len(rated) == 1:
        return (f"有任务的只有{shorten(best.section)}，不排名次。",)
    if best.rank == worst.rank:
        return (f"{len(rated)} 个科室的完成率都是 {format_rate(best.rate)}，不分先后。",)
    first = [one.section for one in rated if one.rank == best.rank]
    last = [one.section for one in rated if one.rank == worst.rank]
    ties = "完成率相同的名次并列。" if len({one.rank for one in rated}) < len(rated) else ""
    return tuple(
        f"完成率{_name_tied('最高', first, count)}（{format_rate(best.rate)}），"
        f"{_name_tied('最低', last, count)}（{format_rate(worst.rate)}）。{ties}"
        for count in _NAMED_COUNTS
    )


def _name_tied(place: str, sections: Sequence[str], count: int | None) -> str:
    """Name the sections that share the first or the last place."""
    tied = "并列" if len(sections) > 1 else ""
    return f"{tied}{place}的是{_name_some(sections, count)}"


def _name_some(sections: Sequence[str], count: int | None) -> str:
    """Name the first ``count`` sections (None: all of them), and say how many there are."""
    named = "、".join(map(shorten, sections if count is None else sections[:count]))
    if count is None or len(sections) <= count:
        return named
    return f"{named}等 {len(sections)} 个科室" if named else f"{len(sections)} 个科室"


def shorten(section: str) -> str:
    """Return the name of a section in one line, cut where it is longer than names are."""
    return truncate_with_ellipsis(make_single_line(section), _MAX_NAME)


def _find_risks(reminders: Sequence[Reminder]) -> Iterator[Versions]:
    """Yield the gravest matter of each kind, the gravest kind first."""
    found: defaultdict[str, list[_SectionMatter]] = defaultdict(list)
    for reminder in reminders:
        for group in reminder.groups:
            # What can still be done in time is no risk.
            found[group.kind] += [
                (reminder.section, matter)
                for matter in group.matters
                if matter.due is None or matter.due < reminder.day
            ]
    for kind, describe in _RISKS.items():
        if matters := found.get(kind):
            yield describe(kind, matters)


def _describe_oldest(kind: str, found: Sequence[_SectionMatter]) -> Versions:
    """Name the matter that is overdue for the longest time."""
    oldest = min(matter.due or date.max for _, matter in found)
    pressing = [one for one in found if one[1].due == oldest]
    section, matter = (pressing or found)[0]
    others = len(pressing) - 1
    ties = f"同样久的还有 {others} 件。" if others > 0 else ""
    subject = f"{kind}最久的，是{shorten(section)}的"
    return (
        f"{subject}{matter.text}{ties}",
        f"{subject}{matter.short_text}。{ties}",
        f"{subject}{matter.name}。{ties}",
        f"{kind}最久的，是{shorten(section)}的一件。{ties}",
    )


def _describe_absent(kind: str, found: Sequence[_SectionMatter]) -> Versions:
    """Name the sections of which a return, or a register, is missing."""
    sections = list(dict.fromkeys(section for section, _ in found))
    time = found[0][1].time
    return tuple(
        f"{kind}或者没有报全的，是{_name_some(sections, count)}{f'，{time}' if time else ''}。"
        for count in _NAMED_COUNTS
    )


def _describe_most(kind: str, found: Sequence[_SectionMatter]) -> Versions:
    """Name the section with the most matters of a kind."""
    counts = Counter(section for section, _ in found)
    most = max(counts.values())
    sections = [section for section, count in counts.items() if count == most]
    each = "各 " if len(sections) > 1 else ""
    return tuple(
        f"{kind}最多的，是{_name_some(sections, count)}，{each}{most} 处。"
        for count in _NAMED_COUNTS
    )


# What the law counts comes first, then what nobody knows, then what is late.
_RISKS: Mapping[str, Callable[[str, Sequence[_SectionMatter]], Versions]] = {
    LIMIT_PASSED: _describe_oldest,
    MISSING: _describe_absent,
    OVERDUE: _describe_oldest,
    TO_CORRECT: _describe_most,
}


def _describe_reminding(ledger: Ledger, reminders: Sequence[Reminder]) -> Versions:
    """Say who was reminded, when and how often, this day included.

    The book has the days before, and this day where the program runs a second time.
    """
    today = ledger.as_of
    records = ledger.book.reminders
    pairs = {(one.section, one.day) for one in records if one.day <= today}
    pairs |= {(one.section, today) for one in reminders}
    days: defaultdict[str, list[date]] = defaultdict(list)
    for section, day in sorted(pairs, key=lambda pair: pair[1]):
        days[section].append(day)
    now = f"本次催办 {len(reminders)} 个科室。" if reminders else "本次没有要催办的科室。"
    if not days:
        return (f"{now}今年还没有催办过。",)
    order = {name: position for position, name in enumerate(ledger.book.section_names)}
    sections = sorted(days, key=lambda name: (-len(days[name]), order.get(name, len(order)), name))
    total = f"{now}今年共催办 {len(sections)} 个科室 {len(pairs)} 次"
    with_all_days = (f"{_count_days(name, days)}（{_list_days(days[name])}）" for name in sections)
    with_last_day = [
        f"{_count_days(name, days)}（最近{_list_days(days[name][-1:])}）" for name in sections
    ]
    return (
        f"{total}：{'；'.join(with_all_days)}。",
        *(
            f"{total}：{'；'.join(with_last_day[:count])}"
            f"{f'；其余 {len(sections) - count} 个科室略' if count < len(sections) else ''}。"
            for count in (len(sections), *filter(None, _NAMED_COUNTS))
        ),
        f"{total}。",
    )


def _count_days(section: str, days: Mapping[str, Sequence[date]]) -> str:
    return f"{shorten(section)} {len(days[section])} 次"


def _list_days(days: Sequence[date]) -> str:
    return "、".join(f"{day.month}月{day.day}日" for day in days)
