"""Which of several summaries of one unit is the one that counts. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from ledgerbook.detail.schema import SLASH, DetailRow
from ledgerbook.ledger import LONG_AGO
from ledgerbook.problems.catalogue import Place, Problem
from ledgerbook.rollup.model import SummaryRead
from ledgerbook.summary.levels import Facts, UnitFact
from ledgerbook.text import squash


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
