"""Summaries of many units → one roll-up: every row in its place, once. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from ledgerbook.export import CLASSES, CLOSED, OTHER, SLASH, DetailRow, place_of
from ledgerbook.intake.results import FileRead
from ledgerbook.merge.status import urgency
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import (
    LONG_AGO,
    FileReport,
    FileStatus,
    SubmissionStatus,
    Urgency,
)
from ledgerbook.summary.metadata import Facts, SectionFact, UnitFact
from ledgerbook.text import squash


@dataclass(frozen=True, slots=True)
class RollupRequest:
    """What a roll-up is asked to be: ``year`` 0 for that of most summaries.

    ``expected`` are the units that should report; None where nobody says.
    """

    as_of: date
    name: str = ""
    year: int = 0
    expected: tuple[str, ...] | None = None


def roll_up(reads: Sequence[FileRead], asked: RollupRequest) -> Rollup:
    """Merge what the files gave; their order does not matter."""
    reads = [
        replace(read, problems=tuple(map(put, read.problems)))
        for read in sorted(reads, key=lambda read: read.report.name)
    ]
    told = [read for read in reads if isinstance(read, SummaryRead) and read.facts]
    year = asked.year or _year(told)
    known, of_other_years = _of_year(told, year)
    newest_ones, aside = newest(known)
    taken = in_order(newest_ones, asked.expected or ())
    units = [_unit(one, asked.as_of) for one in taken]
    listed = asked.expected is not None
    problems = [
        *(problem for read in reads for problem in read.problems),
        *of_other_years,
        *aside,
        *(_unlisted(units, asked.expected or ()) if listed else ()),
    ]
    placed = tuple(sorted(problems, key=_order))
    return Rollup(
        name=asked.name,
        year=year,
        as_of=asked.as_of,
        units=tuple(_with_problems(units, placed)),
        files=_files(reads, placed, units),
        problems=placed,
        missing=tuple(_missing(units, told, taken, asked.expected)),
        found=sum(read.found for read in reads),
        listed=listed,
        rejudged=_rejudged(taken, units),
        statuses=_statuses(taken),
    )


def _of_year(
    told: Sequence[SummaryRead], year: int
) -> tuple[list[Candidate], list[Problem]]:
    """Part the units of ``year`` from the summaries of other years."""
    known: list[Candidate] = []
    problems: list[Problem] = []
    for read in told:
        if read.facts and read.facts.year != year:
            problems.append(_other_year(read, read.facts, year))
        else:
            known += candidates(read)
    return known, problems


def _with_problems(
    units: Sequence[Unit], problems: Sequence[Problem]
) -> Iterator[Unit]:
    """Count for a unit what is wrong with its file, where that is of it alone."""
    graves = Counter(p.place.file for p in problems if p.grave)
    shared = Counter(unit.file for unit in units)
    for unit in units:
        alone = shared[unit.file] == 1
        yield replace(unit, problems=graves[unit.file]) if alone else unit


def _rejudged(taken: Sequence[Candidate], units: Sequence[Unit]) -> int:
    """Count the rows whose day has come since their own summary."""
    return sum(
        before.urgency != after.urgency
        for one, unit in zip(taken, units, strict=True)
        for before, after in zip(one.rows, unit.rows, strict=True)
    )


# What we export ourselves, beside a summary.
_EXPORTED = re.compile(r"年度汇总(（合并）)?明细\.(csv|parquet)$")


def put(problem: Problem) -> Problem:
    """Say what is wrong with a file as a matter of summaries, not of returns."""
    if not problem.code.startswith("file-") or problem.code == "file-archive-read":
        return problem
    if _EXPORTED.search(problem.place.file):
        return replace(problem, code="summary-export", values={})
    code = "summary-unread" if problem.grave else "summary-skipped"
    return replace(problem, code=code, values={"what": problem.message})


def _year(told: Sequence[SummaryRead]) -> int:
    """Return the year that most summaries are of; of several the latest."""
    counts = Counter(read.facts.year for read in told if read.facts)
    return max(counts, key=lambda year: (counts[year], year), default=0)


def _other_year(read: SummaryRead, facts: Facts, year: int) -> Problem:
    count = len(read.detail)
    values = {"found": str(facts.year), "year": str(year), "count": str(count)}
    return Problem("summary-year", Place(read.report.name), values, cells=count)


# -- units and their rows -------------------------------------------------------------


def _unit(one: Candidate, as_of: date) -> Unit:
    name = one.read.report.name
    rows = tuple(_row(row, one, as_of) for row in one.rows)
    sections = tuple(
        replace(part, unit=one.path)
        for part in one.facts.sections
        if not one.facts.merged or part.unit == one.fact.path
    )
    fact = one.fact
    return Unit(one.path, name, fact.as_of, fact.book_id, rows, sections, fact.problems)


def _row(row: DetailRow, one: Candidate, as_of: date) -> DetailRow:
    came = [one.read.report.name]
    came += [" ".join(row.text("source").split("\n"))] if row.text("source") else []
    return _judged(
        row.but(
            unit=one.path,
            source=" ← ".join(came),
            place=place_of(row.place),
        ),
        one.fact.as_of,
        as_of,
    )


def _judged(row: DetailRow, before: date, as_of: date) -> DetailRow:
    """Judge a row anew where its day has come since its own summary.

    What a summary calls overdue stays so, and what it calls closed is never late.
    """
    overdue = row.urgency == Urgency.OVERDUE.value
    if as_of <= before or overdue or row.kind in CLOSED or row.due is None:
        return row
    now = urgency(row.due, None, as_of)
    return row if now is Urgency.NONE else row.but(urgency=now.value)


def _statuses(taken: Sequence[Candidate]) -> dict[str, str]:
    """Return the class of every status in use, by its words.

    Blank where units class the same words in different ways: then each row tells.
    """
    found: dict[str, set[str]] = {}
    for one in taken:
        for row in one.rows:
            found.setdefault(row.text("status"), set()).add(row.kind or OTHER)
    single = {s: min(k) if len(k) == 1 else "" for s, k in found.items()}
    order = ("", *CLASSES)
    return dict(sorted(single.items(), key=lambda s: (order.index(s[1]), s[0])))


# -- who is not there -----------------------------------------------------------------


def _unlisted(units: Sequence[Unit], expected: Sequence[str]) -> Iterator[Problem]:
    wanted = {squash(name) for name in expected}
    for unit in units:
        levels = {squash(part) for part in unit.path.split(SLASH)}
        if not wanted & (names(unit.path) | levels):
            yield Problem("summary-unlisted", Place(unit.file), {"unit": unit.path})


_NO_FILE = "没有收到它的汇总"
_BELOW = "下级汇总里注明没有报来"


def _missing(
    units: Sequence[Unit],
    told: Sequence[SummaryRead],
    taken: Sequence[Candidate],
    expected: Sequence[str] | None,
) -> Iterator[Missing]:
    """Yield who should have reported and has not: units first, then sections."""
    here = {name for unit in units for name in names(unit.path)}
    # A level is there when any of its units is.
    here |= {squash(part) for unit in units for part in unit.path.split(SLASH)[:-1]}
    named: set[str] = set()
    for name in expected or ():
        if squash(name) not in here and squash(name) not in named:
            named.add(squash(name))
            yield Missing(name.strip(), "", _NO_FILE)
    used = {id(one.read) for one in taken}
    for read in told:
        for path in read.facts.missing if read.facts and id(read) in used else ():
            whole = joined(read.facts, path) if read.facts else path
            if squash(whole) not in here | named and not names(whole) & here:
                named.add(squash(whole))
                yield Missing(whole, "", _BELOW)
    for unit in units:
        for part in unit.missing:
            yield Missing(unit.path, part.section, part.standing)


# -- files ----------------------------------------------------------------------------


def _order(problem: Problem) -> tuple[bool, str, str, int, str]:
    place = problem.place
    digits = "".join(c for c in place.cell if c.isdigit())
    return (
        not problem.grave,
        place.file,
        place.sheet,
        int(digits or 0),
        f"{place.cell}{problem.code}{problem.message}",
    )


def _files(
    reads: Sequence[FileRead], problems: Sequence[Problem], units: Sequence[Unit]
) -> tuple[FileReport, ...]:
    """Give every file its verdict: what of it is here, and what is not."""
    return tuple(_report(read, problems, units) for read in reads)


def _report(
    read: FileRead, problems: Sequence[Problem], units: Sequence[Unit]
) -> FileReport:
    report = read.report
    own = [p for p in problems if p.place.file == report.name]
    if not isinstance(read, SummaryRead) or read.facts is None:
        return _no_summary(report, own)
    mine = [unit for unit in units if unit.file == report.name]
    held = sum(problem.cells for problem in own)
    grave = sum(problem.grave for problem in own)
    if not mine:
        verdict = FileStatus.REJECTED if grave else FileStatus.SKIPPED
    elif held:
        verdict = FileStatus.PARTLY
    else:
        verdict = FileStatus.WITH_PROBLEMS if grave else FileStatus.ACCEPTED
    notes = [f"有 {grave} 处须处理"] if grave else []
    notes += [f"{held} 行没有并入"] if held else []
    return replace(
        report,
        verdict=verdict,
        sections=tuple(unit.path for unit in mine),
        cells=sum(len(unit.rows) for unit in mine),
        note="，".join(notes),
    )


def _no_summary(report: FileReport, own: Sequence[Problem]) -> FileReport:
    """Say of a file that is no summary whether that matters."""
    if not own:
        return report
    grave = any(problem.grave for problem in own)
    verdict = FileStatus.REJECTED if grave else FileStatus.SKIPPED
    return replace(report, verdict=verdict, note=own[0].message)


def section_lines(unit: Unit) -> tuple[SectionFact, ...]:
    """Return every section of a unit, told or only met in its rows, in order."""
    known = {part.section: part for part in unit.sections}
    counts = Counter(row.section for row in unit.rows)
    for row in unit.rows:
        known.setdefault(row.section, SectionFact(unit.path, row.section, ""))
    return tuple(replace(part, rows=counts[name]) for name, part in known.items())


def facts_of(rollup: Rollup, columns: Mapping[str, str]) -> Facts:
    """Return what the roll-up says of itself to the level above it."""
    counts = Counter(row.text("status") for row in rollup.rows)
    return Facts(
        name=rollup.name,
        year=rollup.year,
        as_of=rollup.as_of,
        rows=rollup.merged,
        merged=True,
        units=tuple(
            UnitFact(u.path, u.book_id, u.as_of, len(u.rows), u.unsettled + u.problems)
            for u in rollup.units
        ),
        sections=tuple(part for unit in rollup.units for part in section_lines(unit)),
        columns=columns,
        statuses=rollup.statuses,
        counts=dict(sorted(counts.items())),
        missing=tuple(one.unit for one in rollup.missing if not one.section),
        found=rollup.found,
        accounted=rollup.merged + rollup.held,
    )


# Which of several summaries of one unit is the one that counts. Pure.


@dataclass(frozen=True, slots=True)
class Candidate:
    """One unit as one file tells of it; ``path`` is its path from here on."""

    path: str
    fact: UnitFact
    read: SummaryRead
    facts: Facts
    rows: tuple[DetailRow, ...]

    @property
    def age(self) -> tuple[date, datetime, bool, str, str]:
        report = self.read.report
        saved = report.saved_at or LONG_AGO
        # Of what is equally new, the one that came through the level between.
        through = SLASH in self.path
        return self.fact.as_of, saved, through, report.sha256, report.name

    @property
    def content(self) -> list[Mapping[str, object]]:
        return [_own(row) for row in self.rows]


# What differs by the way that a row came.
_OF_THE_WAY = ("unit", "source", "place")


def _own(row: DetailRow) -> Mapping[str, object]:
    return {k: v for k, v in row.values.items() if k not in _OF_THE_WAY}


def candidates(read: SummaryRead) -> Iterator[Candidate]:
    """Yield the units of one file, every row under one of them."""
    facts = read.facts
    if facts is None:
        return
    by_unit: dict[str, list[DetailRow]] = {}
    for row in read.detail:
        by_unit.setdefault(row.unit if facts.merged else "", []).append(row)
    known = {fact.path: fact for fact in facts.units}
    if not facts.merged:
        known = {"": next(iter(facts.units), UnitFact("", "", facts.as_of, 0))}
    for path in sorted({*known, *by_unit}):
        rows = by_unit.get(path, [])
        fact = known.get(path) or UnitFact(path, "", facts.as_of, len(rows))
        yield Candidate(joined(facts, path), fact, read, facts, tuple(rows))


def joined(facts: Facts, path: str) -> str:
    """Return the path of a unit one level up."""
    name = facts.name.strip()
    if not facts.merged:
        # A name must not look like a path.
        return name.replace(SLASH, "\uff0f") or _NAMELESS
    return SLASH.join(filter(None, (name.replace(SLASH, "\uff0f"), path)))


_NAMELESS = "（未写明单位）"


def newest(told: Sequence[Candidate]) -> tuple[list[Candidate], list[Problem]]:
    """Take each unit once, by its newest summary; list the others.

    A unit is known by its path; and by its book together with its own name, since it
    may have come both directly and through the level between.
    """
    taken: list[Candidate] = []
    problems: list[Problem] = []
    known: dict[str, Candidate] = {}
    books: dict[str, Candidate] = {}
    for one in sorted(told, key=lambda c: c.age, reverse=True):
        book = one.fact.book_id
        marks = [f"path:{squash(one.path)}"]
        marks += [f"book:{book}:{last_name(one.path)}"] if book else []
        winner = next((known[mark] for mark in marks if mark in known), None)
        if winner is not None:
            problems.append(_aside(one, winner))
            continue
        taken.append(one)
        known |= dict.fromkeys(marks, one)
        if book and book in books:
            other = books[book]
            values = {"unit": one.path, "other": other.path}
            place = Place(one.read.report.name)
            problems.append(Problem("summary-same-book", place, values))
        books.setdefault(book, one)
    return taken, problems


def _aside(one: Candidate, winner: Candidate) -> Problem:
    books = {one.fact.book_id, winner.fact.book_id} - {""}
    if one.content == winner.content:
        code = "summary-again"
    elif len(books) > 1:
        code = "summary-namesake"
    elif one.fact.as_of < winner.fact.as_of:
        code = "summary-superseded"
    else:
        code = "summary-twice"
    values = {
        "unit": one.path,
        "newer": winner.read.report.name,
        "count": str(len(one.rows)),
    }
    place = Place(one.read.report.name)
    return Problem(code, place, values, cells=len(one.rows))


def names(path: str) -> set[str]:
    """Return what a unit may be called on a list: its path, or its last name."""
    return {squash(path), last_name(path)}


def last_name(path: str) -> str:
    return squash(path.rpartition(SLASH)[2])


def in_order(taken: Sequence[Candidate], expected: Sequence[str]) -> list[Candidate]:
    """Put units in the order of the list, then by path; those of a level together."""
    places = {squash(name): n for n, name in enumerate(expected)}

    def place(*called: str) -> int:
        return min(
            (places.get(squash(name), len(places)) for name in called), default=0
        )

    def top(path: str) -> str:
        return path.partition(SLASH)[0]

    levels: dict[str, int] = {}
    for one in taken:
        at = place(*names(one.path), top(one.path))
        levels[top(one.path)] = min(at, levels.get(top(one.path), at))
    return sorted(
        taken,
        key=lambda c: (
            levels[top(c.path)],
            top(c.path),
            place(*names(c.path)),
            c.path,
        ),
    )


# What many summaries amount to one level up: frozen values, nothing done yet.


@dataclass(frozen=True, slots=True)
class SummaryRead(FileRead):
    """What one file gave, were it a summary; ``found`` counts rows of its detail.

    ``detail`` are its rows by the path that each unit has within the file.
    """

    facts: Facts | None = None
    detail: tuple[DetailRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit (a bureau) as it stands in the roll-up; ``path`` such as 市/局.

    ``as_of`` is the day of its own summary, ``unsettled`` the problems that it had
    still to settle then, ``problems`` those of reading it here.
    """

    path: str
    file: str
    as_of: date
    book_id: str
    rows: tuple[DetailRow, ...]
    sections: tuple[SectionFact, ...]
    unsettled: int = 0
    problems: int = 0

    @property
    def tasks(self) -> int:
        """How many tasks the rows are of: the section's part of a code left off."""
        return len({row.text("row_code").rpartition("-")[0] for row in self.rows})

    @property
    def missing(self) -> tuple[SectionFact, ...]:
        """The sections of which nothing is in its summary."""
        return tuple(one for one in self.sections if one.standing in ABSENT)


# The standings of which nothing is in a summary.
ABSENT = frozenset(one.value for one in SubmissionStatus if not one.arrived)


@dataclass(frozen=True, slots=True)
class Missing:
    """Who has not reported: a unit, or one section of a unit that has."""

    unit: str
    section: str
    why: str


@dataclass(frozen=True, slots=True)
class Rollup:
    """The summaries of many units, merged. Units and rows stand in order of path.

    ``found`` are all rows of all details. Each is among ``units`` or held by one of
    ``problems``. ``listed`` tells whether a list of who should report was given.
    ``rejudged`` counts rows that have become overdue since their own summary.
    """

    name: str
    year: int
    as_of: date
    units: tuple[Unit, ...]
    files: tuple[FileReport, ...]
    problems: tuple[Problem, ...]
    missing: tuple[Missing, ...]
    found: int
    listed: bool = False
    rejudged: int = 0
    statuses: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> tuple[DetailRow, ...]:
        return tuple(row for unit in self.units for row in unit.rows)

    @property
    def merged(self) -> int:
        return sum(len(unit.rows) for unit in self.units)

    @property
    def held(self) -> int:
        return sum(problem.cells for problem in self.problems)

    @property
    def balanced(self) -> bool:
        """Whether every row that was found is here or on the list of problems."""
        return self.found == self.merged + self.held

    @property
    def needs_someone(self) -> bool:
        return (
            not self.balanced
            or bool(self.missing)
            or any(problem.grave for problem in self.problems)
        )
