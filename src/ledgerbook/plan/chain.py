"""Find where the items of a flat text begin: the chain 1, 2, 3, … through it.

No single number in a text can be trusted (2022年, 听取1次, “1+1+9”), but the items'
numbers are consecutive. Every place that may be the start of item n is weighed by its
looks, and the heaviest chain of consecutive numbers wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from ledgerbook.plan.numerals import number_mark
from ledgerbook.plan.unit_tokens import NAME_ENDS

# What stands before an item: the end of a sentence, or a cell of 责任单位.
_BOUNDARY = re.compile(
    rf"(?:[。!?\uff01\uff1f][”’」)\uff09]*|[{NAME_ENDS}]|落实|配合|牵头|汇总|负责)\s*\Z"
)
_BOUNDARY_LENGTH = 8

# A number as printed, dot and all, may stand anywhere; one that a scan has damaged
# needs a boundary before it to count for anything.
_EXACT, _AT_BOUNDARY, _WEAK = 3, 2, -1

# How far beyond a broken chain a lone number still counts as one of ours.
_REACH = 12


@dataclass(frozen=True, slots=True)
class Start:
    """A place where item ``number`` may begin; its text starts at ``end``."""

    number: int
    start: int
    end: int
    exact: bool
    bounded: bool

    @property
    def weight(self) -> int:
        if not (self.exact or self.bounded):
            return _WEAK
        return _EXACT * self.exact + _AT_BOUNDARY * self.bounded


@dataclass(frozen=True, slots=True)
class Chain:
    """The items' starts in order; ``unsure`` are those with an equal rival.

    ``stray`` is a later number that proves the chain broken, if there is one.
    """

    starts: tuple[Start, ...]
    unsure: tuple[int, ...] = ()
    stray: Start | None = None


@dataclass(frozen=True, slots=True)
class _Link:
    start: Start
    weight: int
    previous: _Link | None


def find_chain(text: str) -> Chain:
    """Return the heaviest chain of consecutive item numbers in ``text``."""
    links = tuple(_links(text))
    best = max((link for row in links for link in row), key=_weight, default=None)
    starts = tuple(_back(best))[::-1]
    stray = _stray(text, len(starts) + 1, starts[-1].end if starts else 0)
    return Chain(starts, _unsure(links, starts), stray)


def _weight(link: _Link) -> int:
    return link.weight


def _links(text: str) -> Iterator[tuple[_Link, ...]]:
    """Give, for each number from 1 on, the best chains that end in its places."""
    row: tuple[_Link, ...] = ()
    for number in count(1):
        row = tuple(link for s in candidates(text, number) if (link := _extend(row, s)))
        if not row:
            return
        yield row


def _extend(row: tuple[_Link, ...], start: Start) -> _Link | None:
    if start.number == 1:
        return _Link(start, start.weight, None)
    before = (link for link in row if link.start.end <= start.start)
    best = max(before, key=_weight, default=None)
    return best and _Link(start, best.weight + start.weight, best)


def _back(link: _Link | None) -> Iterator[Start]:
    while link:
        yield link.start
        link = link.previous


def _unsure(
    links: tuple[tuple[_Link, ...], ...], starts: tuple[Start, ...]
) -> tuple[int, ...]:
    """Name the numbers with a second place, as good, between their neighbours."""
    return tuple(
        here.number
        for here, after, row in zip(starts, (*starts[1:], None), links, strict=False)
        if any(
            rival.start is not here
            and rival.start.weight == here.weight
            and (here.number == 1 or rival.start.start >= starts[here.number - 2].end)
            and (after is None or rival.start.end <= after.start)
            for rival in row
        )
    )


def _stray(text: str, missing: int, after: int) -> Start | None:
    later = (
        start
        for number in range(missing + 1, missing + _REACH)
        for start in candidates(text, number)
        if start.exact and start.bounded and start.start >= after
    )
    return next(later, None)


def candidates(text: str, number: int) -> Iterator[Start]:
    for found in number_mark(number).finditer(text):
        printed = found["digits"] == str(number) and found["dot"] in (".", "\uff0e")
        bounded = _is_boundary(
            text[max(0, found.start() - _BOUNDARY_LENGTH) : found.start()]
        )
        if found["digits"] == str(number) or bounded:
            yield Start(number, found.start(), found.end(), printed, bounded)


def _is_boundary(before: str) -> bool:
    return not before.strip() or _BOUNDARY.search(before) is not None
