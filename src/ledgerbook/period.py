"""Tell in which capacities an entry of a register belongs to a year.

This is the only place that knows: the figures of the annual report, their doubts and the
sheets of the registers ask here. Which column tells what is data of the forms (年度判定,
:class:`ledgerbook.model.PeriodRole`). A year is judged as on its 31 December; an entry that
cannot be placed is in no capacity and has a doubt.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import chain, product

from ledgerbook.counted_time import CountedTime, parse_counted_time
from ledgerbook.model import Form, PeriodRole
from ledgerbook.model.results import RegisterEntry
from ledgerbook.text import normalize

# The choices that mean something here, of 上年结转 and 有效性.
_YES, _NO, _VALID = "是", "否", "现行有效"


class Standing(StrEnum):
    """A capacity in which an entry belongs to a year; COUNTED is every entry that does."""

    COUNTED = "计入"
    NEW = "本年新收"
    CARRIED_OVER = "上年结转"
    HANDLED = "本年办结"
    OPEN = "结转下年"
    ISSUED = "本年制发"
    REPEALED = "本年废止"
    IN_FORCE = "年末有效"


# What a form must have a column for, that a standing can be told.
_NEEDED_ROLES: Mapping[Standing, frozenset[PeriodRole]] = {
    Standing.COUNTED: frozenset(),
    Standing.NEW: frozenset({PeriodRole.RECEIVED}),
    Standing.CARRIED_OVER: frozenset({PeriodRole.RECEIVED}),
    Standing.HANDLED: frozenset({PeriodRole.RECEIVED, PeriodRole.HANDLED}),
    Standing.OPEN: frozenset({PeriodRole.RECEIVED, PeriodRole.HANDLED}),
    Standing.ISSUED: frozenset({PeriodRole.ISSUED}),
    Standing.REPEALED: frozenset({PeriodRole.ISSUED, PeriodRole.REPEALED}),
    Standing.IN_FORCE: frozenset({PeriodRole.ISSUED, PeriodRole.REPEALED}),
}


def can_tell(form: Form, standing: Standing) -> bool:
    """Return whether ``form`` has the columns by which ``standing`` is told."""
    roles = form.period_columns.keys()
    return bool(roles & _KINDS.keys()) and _NEEDED_ROLES[standing] <= roles


@dataclass(frozen=True, slots=True)
class PeriodDoubt:
    """The key of a cell, and why it leaves open to which year its entry belongs."""

    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Period:
    """How an entry belongs to a year; not at all where there is neither standing nor doubt."""

    standings: frozenset[Standing] = frozenset()
    doubt: PeriodDoubt | None = None

    def __str__(self) -> str:
        """Return the words in the register's sheet, over which the figures are counted."""
        if not self.standings:
            return "待核实" if self.doubt else "不属本年"
        names = "、".join(one for one in Standing if one in self.standings - {Standing.COUNTED})
        return f"{Standing.COUNTED}：{names}" if names else Standing.COUNTED


def find_periods(entries: Sequence[RegisterEntry], year: int, as_of: date) -> tuple[Period, ...]:
    """Return how each entry belongs to ``year``, as is known on ``as_of``."""
    periods = [_find_period(entry, year, as_of) for entry in entries]
    for index, doubt, is_counted in _find_overlaps(entries, periods, year):
        standings = periods[index].standings if is_counted else frozenset()
        periods[index] = Period(standings, doubt)
    return tuple(periods)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What an entry says, by role; a blank text or None where it says nothing."""

    entry: RegisterEntry
    keys: Mapping[PeriodRole, str]
    year: int
    as_of: date

    def get_text(self, role: PeriodRole) -> str:
        return self.entry.get_text(self.keys.get(role, ""))

    def get_day(self, role: PeriodRole) -> date | None:
        answer = self.entry.answers.get(self.keys.get(role, ""))
        return answer.value if answer and isinstance(answer.value, date) else None

    def is_unread(self, role: PeriodRole) -> bool:
        """Return whether its cell is filled and could not be read."""
        key = self.keys.get(role)
        return key in self.entry.rejected_columns and key not in self.entry.answers

    def is_asked(self, role: PeriodRole) -> bool:
        return role in self.keys

    def is_before_year(self, role: PeriodRole) -> bool:
        day = self.get_day(role)
        return day is not None and day.year < self.year

    def is_by_year_end(self, role: PeriodRole) -> bool:
        day = self.get_day(role)
        return day is not None and day.year <= self.year

    def is_after_year(self, role: PeriodRole) -> bool:
        day = self.get_day(role)
        return day is not None and day.year > self.year

    def is_in_year(self, role: PeriodRole) -> bool:
        day = self.get_day(role)
        return day is not None and day.year == self.year

    def is_future(self, role: PeriodRole) -> bool:
        day = self.get_day(role)
        return day is not None and day > self.as_of

    def is_reversed(self, first: PeriodRole, last: PeriodRole) -> bool:
        first_day, last_day = self.get_day(first), self.get_day(last)
        return first_day is not None and last_day is not None and last_day < first_day

    def find_counted_time(self) -> CountedTime | None:
        text = self.get_text(PeriodRole.PERIOD)
        return parse_counted_time(text, self.year) if text else None


def _find_period(entry: RegisterEntry, year: int, as_of: date) -> Period:
    columns = entry.form.period_columns
    kind = next((kind for role, kind in _KINDS.items() if role in columns), None)
    if kind is None or not entry.answers:
        return Period()
    facts = _Facts(entry, {role: column.key for role, column in columns.items()}, year, as_of)
    if kind.is_of_next_year(facts):
        return Period()
    for rule in kind.doubt_rules:
        if facts.is_asked(rule.role) and rule.is_doubtful(facts):
            headers = {role.name: f"“{columns[role].header}”" for role in columns}
            names = {role.name: f"“{role}”" for role in PeriodRole} | headers
            reason = rule.reason.format(**names, year=year, next=year + 1)
            return Period(doubt=PeriodDoubt(columns[rule.role].key, reason))
    standings = frozenset(kind.list_standings(facts))
    return Period(standings | {Standing.COUNTED} if standings else standings)


@dataclass(frozen=True, slots=True)
class _PeriodRule:
    """When the cell of ``role`` leaves the year open, and why, with headers by the role's name."""

    role: PeriodRole
    is_doubtful: Callable[[_Facts], bool]
    reason: str


@dataclass(frozen=True, slots=True)
class _Kind:
    """How registers of one kind are judged: the first doubt holds, else the standings."""

    is_of_next_year: Callable[[_Facts], bool]
    doubt_rules: tuple[_PeriodRule, ...]
    list_standings: Callable[[_Facts], Iterator[Standing]]


_NOT_COUNTED = "没有计入年报"


def _make_day_rules(role: PeriodRole, *, is_past: bool = True) -> tuple[_PeriodRule, ...]:
    unread = _PeriodRule(
        role, lambda facts: facts.is_unread(role), f"不知道属于哪一年，{_NOT_COUNTED}"
    )
    future = _PeriodRule(
        role, lambda facts: facts.is_future(role), f"晚于汇总的日期，{_NOT_COUNTED}"
    )
    return (unread, future) if is_past else (unread,)


# --- matters: received and handled ---


def _list_matter_standings(facts: _Facts) -> Iterator[Standing]:
    is_new = facts.is_in_year(PeriodRole.RECEIVED)
    yield Standing.NEW if is_new else Standing.CARRIED_OVER
    yield Standing.HANDLED if facts.is_by_year_end(PeriodRole.HANDLED) else Standing.OPEN


def _is_marked(facts: _Facts, word: str) -> bool:
    return facts.get_text(PeriodRole.CARRIED_OVER) == word


_MATTER = _Kind(
    is_of_next_year=lambda facts: (
        facts.is_after_year(PeriodRole.RECEIVED)
        and not facts.is_future(PeriodRole.RECEIVED)
        and not _is_marked(facts, _YES)
    ),
    doubt_rules=(
        *_make_day_rules(PeriodRole.RECEIVED),
        _PeriodRule(
            PeriodRole.RECEIVED,
            lambda facts: not facts.get_day(PeriodRole.RECEIVED) and not _is_marked(facts, _YES),
            f"没有{{RECEIVED}}，不知道是哪一年收到的，{_NOT_COUNTED}",
        ),
        _PeriodRule(
            PeriodRole.CARRIED_OVER,
            lambda facts: (
                _is_marked(facts, _YES)
                and facts.get_day(PeriodRole.RECEIVED) is not None
                and not facts.is_before_year(PeriodRole.RECEIVED)
            ),
            f"{{RECEIVED}}不在 {{year}} 年以前，{{CARRIED_OVER}}却是“{_YES}”，{_NOT_COUNTED}",
        ),
        *_make_day_rules(PeriodRole.HANDLED),
        _PeriodRule(
            PeriodRole.HANDLED,
            lambda facts: facts.is_reversed(PeriodRole.RECEIVED, PeriodRole.HANDLED),
            f"早于{{RECEIVED}}，{_NOT_COUNTED}",
        ),
        _PeriodRule(
            PeriodRole.HANDLED,
            lambda facts: facts.is_before_year(PeriodRole.HANDLED),
            f"{{year}} 年以前已经办结，不是 {{year}} 年办理的，{_NOT_COUNTED}",
        ),
        _PeriodRule(
            PeriodRole.CARRIED_OVER,
            lambda facts: _is_marked(facts, _NO) and facts.is_before_year(PeriodRole.RECEIVED),
            f"{{RECEIVED}}不在本年度，又不是上年结转，{_NOT_COUNTED}",
        ),
        _PeriodRule(
            PeriodRole.OUTCOME,
            lambda facts: (
                facts.is_unread(PeriodRole.OUTCOME) and not facts.is_after_year(PeriodRole.HANDLED)
            ),
            f"不知道是怎样办结的，{_NOT_COUNTED}",
        ),
        _PeriodRule(
            PeriodRole.HANDLED,
            lambda facts: (
                bool(facts.get_text(PeriodRole.OUTCOME))
                and facts.get_day(PeriodRole.HANDLED) is None
            ),
            f"有{{OUTCOME}}，没有{{HANDLED}}，不知道是哪一年办结的，{_NOT_COUNTED}",
        ),
        _PeriodRule(
            PeriodRole.OUTCOME,
            lambda facts: (
                facts.is_by_year_end(PeriodRole.HANDLED) and not facts.get_text(PeriodRole.OUTCOME)
            ),
            f"有{{HANDLED}}，没有{{OUTCOME}}，{_NOT_COUNTED}",
        ),
    ),
    list_standings=_list_matter_standings,
)

# --- documents: issued and repealed ---


def _list_document_standings(facts: _Facts) -> Iterator[Standing]:
    if facts.is_in_year(PeriodRole.ISSUED):
        yield Standing.ISSUED
    if facts.is_in_year(PeriodRole.REPEALED):
        yield Standing.REPEALED
    if not facts.is_by_year_end(PeriodRole.REPEALED):
        yield Standing.IN_FORCE


def _is_said_repealed(facts: _Facts) -> bool:
    return facts.get_text(PeriodRole.VALIDITY) not in ("", _VALID)


_DOCUMENT = _Kind(
    is_of_next_year=lambda facts: (
        facts.is_after_year(PeriodRole.ISSUED) and not facts.is_future(PeriodRole.ISSUED)
    ),
    doubt_rules=(
        *_make_day_rules(PeriodRole.ISSUED),
        _PeriodRule(
            PeriodRole.ISSUED,
            lambda facts: facts.get_day(PeriodRole.ISSUED) is None,
            f"没有{{ISSUED}}，不知道是哪一年制发的，{_NOT_COUNTED}",
        ),
        # A day that is still to come may have been announced.
        *_make_day_rules(PeriodRole.REPEALED, is_past=False),
        _PeriodRule(
            PeriodRole.REPEALED,
            lambda facts: facts.is_reversed(PeriodRole.ISSUED, PeriodRole.REPEALED),
            f"早于{{ISSUED}}，{_NOT_COUNTED}",
        ),
        _PeriodRule(
            PeriodRole.REPEALED,
            lambda facts: _is_said_repealed(facts) and facts.get_day(PeriodRole.REPEALED) is None,
            f"没有{{REPEALED}}，不知道年末是不是有效，{_NOT_COUNTED}",
        ),
        _PeriodRule(
            PeriodRole.REPEALED,
            lambda facts: _is_said_repealed(facts) and facts.is_future(PeriodRole.REPEALED),
            f"晚于汇总的日期，{{VALIDITY}}却已经不是“{_VALID}”，{_NOT_COUNTED}",
        ),
        _PeriodRule(
            PeriodRole.VALIDITY,
            lambda facts: (
                not facts.get_text(PeriodRole.VALIDITY)
                and (
                    facts.is_unread(PeriodRole.VALIDITY)
                    or facts.get_day(PeriodRole.REPEALED) is None
                )
            ),
            f"不知道年末是不是有效，{_NOT_COUNTED}",
        ),
        _PeriodRule(
            PeriodRole.VALIDITY,
            lambda facts: (
                facts.get_text(PeriodRole.VALIDITY) == _VALID
                and facts.is_by_year_end(PeriodRole.REPEALED)
                and not facts.is_future(PeriodRole.REPEALED)
            ),
            f"有{{REPEALED}}，{{VALIDITY}}却是“{_VALID}”，{_NOT_COUNTED}",
        ),
    ),
    list_standings=_list_document_standings,
)

# --- figures that count a span of time ---


def _is_counted_in_part(facts: _Facts) -> bool:
    time = facts.find_counted_time()
    return time is None or not time.first.year == time.last.year == facts.year


_FIGURE = _Kind(
    is_of_next_year=lambda facts: (
        (time := facts.find_counted_time()) is not None
        and time.first.year > facts.year
        and time.first <= facts.as_of
    ),
    doubt_rules=(
        _PeriodRule(
            PeriodRole.PERIOD,
            lambda facts: facts.find_counted_time() is None,
            f"看不出是哪一段时间（要写成上半年、1—6月、{{year}}年的样子），{_NOT_COUNTED}",
        ),
        _PeriodRule(
            PeriodRole.PERIOD, _is_counted_in_part, f"不全在 {{year}} 年以内，{_NOT_COUNTED}"
        ),
    ),
    list_standings=lambda _: iter((Standing.COUNTED,)),
)

# The kind of a register, by the column that one of that kind must have.
_KINDS = {
    PeriodRole.RECEIVED: _MATTER,
    PeriodRole.ISSUED: _DOCUMENT,
    PeriodRole.PERIOD: _FIGURE,
}


@dataclass(frozen=True, slots=True)
class _Figure:
    """A counted entry, its position, what it is a figure of, and the time that it counts."""

    index: int
    entry: RegisterEntry
    column: str
    subject: tuple[str, ...]
    time: CountedTime

    @property
    def is_named(self) -> bool:
        return all(self.subject)

    @property
    def description(self) -> str:
        place = self.entry.places[self.column]
        text = self.entry.get_text(self.column)
        return f"{self.entry.section}同一事项的“{text}”（{place.sheet} {place.cell}）"

    def list_variants(self) -> Iterator[tuple[str, ...]]:
        """Yield its subject, and each in which some columns are blank."""
        yield from product(*(dict.fromkeys((text, "")) for text in self.subject))


def _find_overlaps(
    entries: Sequence[RegisterEntry], periods: Sequence[Period], year: int
) -> Iterator[tuple[int, PeriodDoubt, bool]]:
    """Yield figures of which others count a part too: position, doubt, and whether it counts.

    They are of one subject where they agree in all other columns of the register's identity, or
    a section left one blank. The figure that contains all the others of its section stays.
    """
    figures = list(_list_figures(entries, periods, year))
    # The longest first: that is the one to name.
    figures.sort(key=lambda figure: (figure.time.first - figure.time.last, figure.index))
    by_subject: dict[tuple[str, ...], list[_Figure]] = defaultdict(list)
    by_variant: dict[tuple[str, ...], list[_Figure]] = defaultdict(list)
    for figure in figures:
        by_subject[figure.subject].append(figure)
        for variant in figure.list_variants():
            by_variant[variant].append(figure)
    for figure in figures:
        variants = [by_subject[variant] for variant in figure.list_variants()]
        candidates = chain(*variants, by_variant[figure.subject])
        others = (
            other
            for other in candidates
            if other.index != figure.index and other.time.overlaps(figure.time)
        )
        yield from _judge_overlaps(figure, others)


def _list_figures(
    entries: Sequence[RegisterEntry], periods: Sequence[Period], year: int
) -> Iterator[_Figure]:
    for index, (entry, period) in enumerate(zip(entries, periods, strict=True)):
        column = entry.form.period_columns.get(PeriodRole.PERIOD)
        if column and period.standings:
            time = parse_counted_time(entry.get_text(column.key), year)
            keys = [key for key in entry.form.identity if key != column.key]
            subject = entry.form.key, *(normalize(entry.get_text(key)) for key in keys)
            if time:
                yield _Figure(index, entry, column.key, subject, time)


def _judge_overlaps(
    figure: _Figure, others: Iterable[_Figure]
) -> Iterator[tuple[int, PeriodDoubt, bool]]:
    named_elsewhere = None
    for other in others:
        if other.entry.section != figure.entry.section:
            # Of two sections it is one subject only where both name it.
            named_elsewhere = named_elsewhere or (other if other.is_named else None)
        elif not figure.time.exceeds(other.time):
            reason = f"与{other.description}时间重叠，没有另外计入年报"
            yield figure.index, PeriodDoubt(figure.column, reason), False
            return
    if named_elsewhere and figure.is_named:
        reason = f"与{named_elsewhere.description}时间重叠，两处都计入了，请核对是不是重复"
        yield figure.index, PeriodDoubt(figure.column, reason), True
