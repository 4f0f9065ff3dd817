"""Choose from a ledger what 看板 shows; every figure is one that the summary has too.

All texts are those of a ledger without personal data. Days are ISO dates as texts, blank
where there is none. Of a large ledger only open rows are listed; its figures are whole.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from ledgerbook.board.lights import Light, choose_light, judge_section, judge_task
from ledgerbook.excel.limits import truncate_with_ellipsis
from ledgerbook.merge.open_matters import (
    OpenMatters,
    RunningLimit,
    SectionMatters,
    find_running_limits,
    list_open_matters,
    list_section_matters,
)
from ledgerbook.merge.personal_data import omit_personal_data
from ledgerbook.merge.register_entries import compute_entry_status
from ledgerbook.model import Column, StatusCategory
from ledgerbook.model.problems import Place, ProblemGroup
from ledgerbook.model.results import (
    AssignmentResult,
    Ledger,
    RoundFigures,
    RoundReport,
    RowKey,
    TaskSummary,
    Urgency,
)
from ledgerbook.statutory_limits import LimitStatus
from ledgerbook.summary.labels import format_missed_occurrences
from ledgerbook.summary.overview import (
    OverviewFigures,
    OverviewLine,
    count_overview_figures,
    find_unread_sections,
)

# More rows, or problems, make a page that a telephone opens slowly.
MAX_ROWS, MAX_PROBLEMS = 5_000, 1_000
# In UTF-16 units; the whole text is in the summary, and in the cell that is named beside it.
_MAX_TEXT, _MAX_SENTENCE = 1_000, 400

_RETURNED, _RETURNED_LATE, _MISSING, _NOT_ISSUED = "按期报送", "补报", "没有报送", "没有下发"
_RETURNED_SO_FAR, _AWAITED = "已报送", "还没有报"


class PlacedAnswer(NamedTuple):
    """One answer: the number of its column and of its file, counted from 0, and its place."""

    column: int
    text: str
    file: int
    sheet: str
    cell: str


@dataclass(frozen=True, slots=True)
class RowLine:
    """One task of one section (科室任务); ``time`` says how far its due day is."""

    code: str
    section: str
    roles: str
    status: str
    urgency: str
    due: str
    time: str
    answers: tuple[PlacedAnswer, ...]


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task with the rows of its sections that are listed.

    ``requirement`` is the number, from 0, of its line in the figures by requirement.
    """

    number: int
    requirement: int
    point: str
    measure: str
    status: str
    urgency: str
    due: str
    light: Light
    reasons: tuple[str, ...]
    rows: tuple[RowLine, ...]


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """Like problems of one section that must be corrected, and where they are."""

    section: str
    file: str
    sheet: str
    cell: str
    message: str
    advice: str
    count: int


@dataclass(frozen=True, slots=True)
class SectionLine:
    """One section: its light, its return of the current round, its figures of 总览.

    ``rounds`` say by round whether it returned; ``has_rate`` is false where nothing of its
    tasks could be read.
    """

    name: str
    light: Light
    reasons: tuple[str, ...]
    standing: str
    files: tuple[str, ...]
    figures: OverviewLine
    rounds: tuple[tuple[str, str], ...]
    has_rate: bool


@dataclass(frozen=True, slots=True)
class RoundTally:
    """How far a round has come: sections that returned, and rows that are completed."""

    returned: int
    asked: int
    missing: tuple[str, ...]
    completed: int
    rows: int
    rate: float | None


@dataclass(frozen=True, slots=True)
class RoundProgress:
    """One round by its due day, None while that is not over, and with late returns."""

    name: str
    due: str
    at_due: RoundTally | None
    with_late: RoundTally


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """A register and how many of its entries stand how against their statutory limits."""

    title: str
    entries: int
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A statutory limit of an open entry that is over, or soon over."""

    section: str
    register: str
    entry: str
    limit: str
    due: str
    status: str
    time: str
    file: str
    sheet: str
    cell: str


@dataclass(frozen=True, slots=True)
class Board:
    """All that 看板 shows; ``columns`` and ``files`` are those that answers refer to.

    ``row_note`` and ``problem_note`` say what is not listed, blank where everything is.
    """

    agency: str
    year: int
    day: str
    round: str
    round_due: str
    figures: OverviewFigures
    urgencies: tuple[str, ...]
    sections: tuple[SectionLine, ...]
    rounds: tuple[RoundProgress, ...]
    registers: tuple[RegisterLine, ...]
    limits: tuple[LimitLine, ...]
    tasks: tuple[TaskLine, ...]
    problems: tuple[ProblemLine, ...]
    problem_count: int
    columns: tuple[str, ...]
    files: tuple[str, ...]
    row_note: str
    problem_note: str


def build_board(ledger: Ledger, max_rows: int = MAX_ROWS) -> Board:
    """Return what 看板 shows of a ledger, without personal data."""
    book, day = ledger.book, ledger.as_of
    # Of the whole ledger: whether a section acted on a comment is seen by all of its answers.
    section_matters = {one.report.section: one for one in list_section_matters(ledger, day)}
    reduced = omit_personal_data(ledger)
    figures, matters = count_overview_figures(reduced), list_open_matters(reduced, day)
    limits = sorted(find_running_limits(reduced, day), key=lambda limit: limit.due)
    missing = frozenset(name for name, one in section_matters.items() if one.is_missing)
    errors = _count_errors(matters)
    listed = _choose_rows(reduced, matters, errors, max_rows)
    requirements = {line.label: number for number, line in enumerate(figures.by_requirement)}
    builder = _TaskLineBuilder(reduced, errors, missing, listed, requirements)
    current = reduced.section_reports[0] if reduced.section_reports else None
    return Board(
        agency=book.agency,
        year=book.year,
        day=day.isoformat(),
        round=current.round if current and len(book.rounds) > 1 else "",
        round_due=_format_day(current.due) if current else "",
        figures=figures,
        urgencies=tuple(urgency for urgency in Urgency if urgency),
        sections=tuple(_list_sections(reduced, figures, section_matters, limits)),
        rounds=tuple(map(_make_round_progress, reduced.round_reports)),
        registers=tuple(_count_registers(reduced)),
        limits=tuple(_make_limit_line(limit, day) for limit in limits),
        tasks=builder.build_lines(),
        problems=tuple(map(_make_problem_line, matters.problems[:MAX_PROBLEMS])),
        problem_count=sum(len(group.problems) for group in matters.problems),
        columns=tuple(column.header for column in builder.columns),
        files=tuple(builder.files),
        row_note=_explain_rows(reduced, listed),
        problem_note=_explain_problems(matters.problems),
    )


def _format_day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _format_days(days: int) -> str:
    return f"已逾期 {-days} 天" if days < 0 else f"还剩 {days} 天" if days else "今天到期"


def _shorten(text: str, limit: int = _MAX_TEXT) -> str:
    # No character is more than two units: most texts need not be measured.
    return text if 2 * len(text) <= limit else truncate_with_ellipsis(text, limit)


# --- which rows ---


def _choose_rows(
    ledger: Ledger, matters: OpenMatters, errors: Mapping[RowKey, int], max_rows: int
) -> frozenset[str] | None:
    """Return the codes of the rows that are listed; None for all of them.

    Of too many these are the overdue ones, those due soon and those with something to be
    corrected, the most pressing first.
    """
    rows = ledger.assignment_results
    if len(rows) <= max_rows:
        return None
    wrong = (row for row in rows if (row.task.code, row.section) in errors)
    codes = dict.fromkeys(row.code for row in (*matters.overdue, *matters.due_soon, *wrong))
    return frozenset(list(codes)[:max_rows])


def _count_errors(matters: OpenMatters) -> Mapping[RowKey, int]:
    """Return how many problems must be corrected in each row that has any."""
    return Counter(
        (problem.task, problem.section)
        for group in matters.problems
        for problem in group.problems
        if problem.task
    )


def _explain_rows(ledger: Ledger, listed: frozenset[str] | None) -> str:
    if listed is None:
        return ""
    return (
        f"科室任务共 {len(ledger.assignment_results)} 件，太多了，没有全部列出。各项数字照全部算，"
        f"下面只列逾期、临期和填的内容要改正的 {len(listed)} 件。"
        "其余的在年度汇总的“科室明细”里。"
    )


def _explain_problems(groups: Sequence[ProblemGroup]) -> str:
    if len(groups) <= MAX_PROBLEMS:
        return ""
    return (
        f"要改正的共有 {len(groups)} 条，只列前 {MAX_PROBLEMS} 条，其余的在年度汇总的“问题清单”里。"
    )


# --- tasks ---


@dataclass(slots=True)
class _TaskLineBuilder:
    """Builds the lines of tasks; ``files`` numbers the files that their answers name.

    ``missing`` are the sections whose return is due, and has not come; ``requirements``
    number the requirements.
    """

    ledger: Ledger
    error_counts: Mapping[RowKey, int]
    missing: frozenset[str]
    listed: frozenset[str] | None
    requirements: Mapping[str, int]
    columns: tuple[Column, ...] = ()
    files: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        form = self.ledger.book.task_form
        self.columns = tuple(c for c in form.answer_columns if not c.is_personal)

    def build_lines(self) -> tuple[TaskLine, ...]:
        lines = map(self._build_line, self.ledger.task_summaries)
        return tuple(line for line in lines if line.rows or self.listed is None)

    def _build_line(self, summary: TaskSummary) -> TaskLine:
        task = summary.task
        reasons = judge_task(summary, self.error_counts, self.missing)
        return TaskLine(
            number=task.number,
            requirement=self.requirements[task.requirement],
            point=_shorten(task.point),
            measure=_shorten(task.measure),
            status=summary.status,
            urgency=summary.urgency,
            due=_format_day(summary.due),
            light=choose_light(reasons),
            reasons=tuple(reason.text for reason in reasons),
            rows=tuple(
                self._build_row(row)
                for row in summary.assignment_results
                if self.listed is None or row.code in self.listed
            ),
        )

    def _build_row(self, row: AssignmentResult) -> RowLine:
        return RowLine(
            code=row.code,
            section=row.section,
            roles="、".join(row.roles),
            status=row.status,
            urgency=row.urgency,
            due=_format_day(row.due),
            time=_describe_time(row),
            answers=tuple(self._list_cells(row)),
        )

    def _list_cells(self, row: AssignmentResult) -> Iterator[PlacedAnswer]:
        for number, column in enumerate(self.columns):
            if answer := row.answers.get(column.key):
                place = answer.place
                file = self.files.setdefault(place.file, len(self.files))
                yield PlacedAnswer(number, _shorten(answer.text), file, place.sheet, place.cell)


def _describe_time(row: AssignmentResult) -> str:
    """Return how far the due day is of a row that is overdue or due soon."""
    if row.days_left is None or row.urgency not in (Urgency.OVERDUE, Urgency.DUE_SOON):
        return ""
    cycle = row.recurrence_progress
    missed = format_missed_occurrences(cycle) if cycle else ""
    return "，".join(filter(None, (_format_days(row.days_left), missed)))


# --- sections and rounds ---


def _list_sections(
    ledger: Ledger,
    figures: OverviewFigures,
    matters: Mapping[str, SectionMatters],
    limits: Iterable[RunningLimit],
) -> Iterator[SectionLine]:
    day = ledger.as_of
    reports = {report.section: report for report in ledger.section_reports}
    unread = find_unread_sections(ledger)
    round_states = _list_round_states(ledger.round_reports)
    limits_by_section: dict[str, list[RunningLimit]] = defaultdict(list)
    for limit in limits:
        limits_by_section[limit.entry.section].append(limit)
    for line in figures.by_section:
        name, report = line.label, reports.get(line.label)
        reasons = (
            judge_section(report, matters.get(name), limits_by_section[name], day) if report else ()
        )
        yield SectionLine(
            name=name,
            light=choose_light(reasons) if report else Light.NONE,
            reasons=tuple(reason.text for reason in reasons),
            standing=report.standing if report else "",
            files=report.file_names if report else (),
            figures=line,
            rounds=tuple(round_states.get(name, ())),
            has_rate=name not in unread,
        )


def _list_round_states(reports: Iterable[RoundReport]) -> Mapping[str, list[tuple[str, str]]]:
    """Return by section each round with how the section returned in it."""
    states: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for report in reports:
        at_due, whole = report.at_due, report.with_late
        in_time = set(at_due.returned_sections if at_due else whole.returned_sections)
        for section in whole.returned_sections:
            returned = _RETURNED if at_due else _RETURNED_SO_FAR
            state = returned if section in in_time else _RETURNED_LATE
            states[section].append((report.round, state))
        for section in whole.missing_sections:
            states[section].append((report.round, _MISSING if at_due else _AWAITED))
        for section in report.not_issued_sections:
            states[section].append((report.round, _NOT_ISSUED))
    return states


def _make_round_progress(report: RoundReport) -> RoundProgress:
    at_due = _make_tally(report.at_due) if report.at_due else None
    return RoundProgress(
        report.round, _format_day(report.due), at_due, _make_tally(report.with_late)
    )


def _make_tally(figures: RoundFigures) -> RoundTally:
    returned, missing = figures.returned_sections, figures.missing_sections
    return RoundTally(
        returned=len(returned),
        asked=len(returned) + len(missing),
        missing=missing,
        completed=figures.count(StatusCategory.COMPLETED),
        rows=figures.row_count,
        rate=figures.completion_rate,
    )


# --- registers and problems ---


def _count_registers(ledger: Ledger) -> Iterator[RegisterLine]:
    year, day = ledger.book.year, ledger.as_of
    for form in ledger.book.registers:
        entries = [entry for entry in ledger.register_entries if entry.form.key == form.key]
        if not entries:
            continue
        statuses = Counter(
            compute_entry_status(entry, year, day) for entry in entries if form.due_columns
        )
        counts = ((status, statuses[status]) for status in LimitStatus if status)
        yield RegisterLine(
            form.title, len(entries), tuple((str(s), n) for s, n in counts if form.due_columns)
        )


def _make_limit_line(limit: RunningLimit, day: date) -> LimitLine:
    entry, rule = limit.entry, limit.column.due
    place = entry.places.get(rule.start, Place()) if rule else Place()
    name = "、".join(filter(None, map(entry.get_text, entry.form.identity)))
    return LimitLine(
        section=entry.section,
        register=entry.form.title,
        entry=_shorten(name, _MAX_SENTENCE),
        limit=limit.column.header,
        due=limit.due.isoformat(),
        status=limit.status,
        time=_format_days((limit.due - day).days),
        file=place.file,
        sheet=place.sheet,
        cell=place.cell,
    )


def _make_problem_line(group: ProblemGroup) -> ProblemLine:
    place = group.place
    return ProblemLine(
        section=group.first.section,
        file=place.file,
        sheet=place.sheet,
        cell=place.cell,
        message=_shorten(group.short_message, _MAX_SENTENCE),
        advice=_shorten(group.first.advice, _MAX_SENTENCE),
        count=len(group.problems),
    )
