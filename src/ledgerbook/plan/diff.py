"""Which task of a revised plan is which task of the book: by text, one to one.

Equal texts come first, then the most alike. What is too little alike to be taken for
the same, and what could as well be another, is told, never decided in silence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from rapidfuzz import fuzz

from ledgerbook.text import squash

# Of 100. Different tasks of one real plan reach 41, reworded ones 65 and more.
_SAME, _LIKELY, _MAYBE = 80.0, 62.0, 45.0
# In a short text a single character makes another task (预算, 决算).
_SHORT, _SHORT_SAME = 10, 95.0
# Another task within so many points might be meant as well.
_NEAR = 6.0
# How much of the shorter text stands in the longer when one was split off it.
_WITHIN = 88.0
_UNITS, _HEADING, _NUMBER, _RETIRED = 4.0, 2.0, 1.0, -3.0
_MOST_CONTEXT = _UNITS + _HEADING + _NUMBER

_ORDINAL = re.compile(
    r"^(?:[\d一二三四五六七八九十]{1,3}[.、\uff0e]|\([\d一二三四五六七八九十]{1,3}\))+"
)


@dataclass(frozen=True, slots=True)
class TaskIdentity:
    """What tells one task from another; a ``retired`` one was dropped earlier.

    ``earlier`` are texts that it had in earlier plans.
    """

    number: int
    measure: str
    heading: str = ""
    units: str = ""
    retired: bool = False
    earlier: tuple[str, ...] = ()


class SimilarTask(Enum):
    """How sure it is that two are the same."""

    SAME = auto()
    LIKELY = auto()


class UnmatchedReason(Enum):
    """Why a new task is doubtful that was matched with none, or an old one gone."""

    MAYBE = auto()
    SPLIT = auto()
    MERGED = auto()


@dataclass(frozen=True, slots=True)
class TaskMatch:
    """``old`` and ``new`` are places in what was matched; ``likeness`` is of 100."""

    old: int
    new: int
    likeness: float
    kin: SimilarTask


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Two that were kept apart, and might belong together."""

    old: int
    new: int
    likeness: float
    doubt: UnmatchedReason


@dataclass(frozen=True, slots=True)
class Matching:
    pairs: tuple[TaskMatch, ...]
    suspicions: tuple[Suspicion, ...]


@dataclass(frozen=True, slots=True)
class _Likeness:
    old: int
    new: int
    text: float
    rank: float
    short: bool

    @property
    def same(self) -> bool:
        return self.text >= (_SHORT_SAME if self.short else _SAME)


def match(
    old: Sequence[TaskIdentity],
    new: Sequence[TaskIdentity],
    *,
    fixed: Mapping[int, int] | None = None,
    apart: Collection[int] = (),
) -> Matching:
    """Pair the tasks of the book with those of a plan, each at most once.

    The office's word comes first: ``fixed`` are places in ``new`` and the places in
    ``old`` they belong to, ``apart`` those in ``new`` that belong to none. The order
    in which tasks are listed does not matter.
    """
    said = dict(fixed or {})
    pairs = [
        TaskMatch(at, place, 100.0, SimilarTask.SAME) for place, at in said.items()
    ]
    free = _Free(
        set(range(len(old))) - set(said.values()),
        set(range(len(new))) - set(said) - set(apart),
    )
    pairs += _equal(old, new, free, lambda one: (one.measure,))
    pairs += _equal(old, new, free, lambda one: one.earlier)
    likes = sorted(
        _likenesses(old, new, free), key=lambda one: _order(one, old, new), reverse=True
    )
    pairs += _alike([one for one in likes if _will_do(one, old)])
    settled = set(said) | set(apart)
    return Matching(
        tuple(sorted(pairs, key=lambda pair: pair.new)),
        tuple(_suspicions(old, new, pairs, likes, settled)),
    )


@dataclass(slots=True)
class _Free:
    """Those not matched yet."""

    old: set[int]
    new: set[int]

    def take(self, old: int, new: int) -> None:
        self.old.discard(old)
        self.new.discard(new)


def plain(text: str) -> str:
    """Fold a text for comparison: no ordinal, no spaces, no full stop at the end."""
    return _ORDINAL.sub("", squash(text)).rstrip("。.;,")


def _context(one: TaskIdentity, other: TaskIdentity) -> float:
    """Weigh what may break a tie between texts, and no more than that."""
    return (
        _UNITS * (bool(one.units) and squash(one.units) == squash(other.units))
        + _HEADING * (bool(one.heading) and plain(one.heading) == plain(other.heading))
        + _NUMBER * (one.number == other.number)
        + _RETIRED * one.retired
    )


def _equal(
    old: Sequence[TaskIdentity],
    new: Sequence[TaskIdentity],
    free: _Free,
    texts_of: Callable[[TaskIdentity], Sequence[str]],
) -> Iterator[TaskMatch]:
    """Pair equal texts; of several equal ones those alike in all else, then in order.

    Where there are more on one side, which of them is gone is doubtful.
    """
    groups: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for place in sorted(free.old, key=lambda at: old[at].number):
        for text in dict.fromkeys(map(plain, texts_of(old[place]))):
            groups[text][0].append(place)
    for place in sorted(free.new, key=lambda at: new[at].number):
        groups[plain(new[place].measure)][1].append(place)
    for text, (olds, news) in groups.items():
        if not (text and olds and news):
            continue
        live = sum(not old[at].retired for at in olds)
        ranked = sorted(
            (
                (-_context(old[a], new[b]), abs(a_n - b_n), a_n, b_n, a, b)
                for a_n, a in enumerate(olds)
                for b_n, b in enumerate(news)
            ),
        )
        kin = SimilarTask.SAME if live in (0, len(news)) else SimilarTask.LIKELY
        for *_, a, b in ranked:
            if a in free.old and b in free.new:
                free.take(a, b)
                yield TaskMatch(a, b, 100.0, kin)


def _likenesses(
    old: Sequence[TaskIdentity], new: Sequence[TaskIdentity], free: _Free
) -> Iterator[_Likeness]:
    olds = {at: _text(old[at]) for at in free.old}
    news = {at: _text(new[at]) for at in free.new}
    for a, mine in olds.items():
        for b, other in news.items():
            score = fuzz.ratio(mine, other, score_cutoff=_MAYBE - _MOST_CONTEXT)
            rank = score + _context(old[a], new[b])
            if score and rank >= _MAYBE:
                short = min(len(mine), len(other)) < _SHORT
                yield _Likeness(a, b, score, rank, short)


def _text(one: TaskIdentity) -> str:
    return plain(one.measure) or plain(one.heading)


def _order(
    one: _Likeness, old: Sequence[TaskIdentity], new: Sequence[TaskIdentity]
) -> tuple[float, int, int, int]:
    a, b = old[one.old], new[one.new]
    return one.rank, -abs(a.number - b.number), -a.number, -b.number


def _will_do(one: _Likeness, old: Sequence[TaskIdentity]) -> bool:
    """Whether two may be paired; a retired task comes back by its very words only."""
    return one.rank >= _LIKELY and not old[one.old].retired


class _Likes:
    """The likenesses that will do, by place."""

    def __init__(self, likes: Sequence[_Likeness]) -> None:
        self.at = {(one.old, one.new): one for one in likes}
        self.of_old: dict[int, list[int]] = defaultdict(list)
        self.of_new: dict[int, list[int]] = defaultdict(list)
        for one in likes:
            self.of_old[one.old].append(one.new)
            self.of_new[one.new].append(one.old)

    def rank(self, old: int, new: int) -> float:
        return self.at[old, new].rank


def _alike(likes: Sequence[_Likeness]) -> Iterator[TaskMatch]:
    """Pair the most alike first, then better what a wider view betters."""
    table = _Likes(likes)
    taken: dict[int, int] = {}
    placed: dict[int, int] = {}
    for one in likes:
        if one.old not in taken and one.new not in placed:
            taken[one.old], placed[one.new] = one.new, one.old
    waiting = list(taken)
    while waiting:
        old = waiting.pop()
        better = (
            change
            for change, gain in _others(old, taken, placed, table)
            if gain > 0 and _may_change(change, taken, table)
        )
        change = next(better, {})
        # A change makes more alike than before, so this comes to an end.
        taken |= change
        placed = {b: a for a, b in taken.items()} if change else placed
        waiting += change
    for a, b in taken.items():
        one = table.at[a, b]
        sure = one.same and not _has_rival(one, taken, placed, table)
        yield TaskMatch(
            a, b, one.text, SimilarTask.SAME if sure else SimilarTask.LIKELY
        )


def _may_change(
    change: Mapping[int, int], taken: Mapping[int, int], table: _Likes
) -> bool:
    """More pairs are not better: a sure one makes way for sure ones only."""
    broken = [table.at[old, taken[old]] for old in change if old in taken]
    made = [table.at[pair] for pair in change.items()]
    return all(one.same for one in made) or not any(one.same for one in broken)


def _others(
    old: int, taken: Mapping[int, int], placed: Mapping[int, int], table: _Likes
) -> Iterator[tuple[dict[int, int], float]]:
    """Yield other ways for one pair, and how much more alike all would be.

    The old one may change partners with another pair, or with two yet alone.
    """
    new = taken[old]
    for b in table.of_old[old]:
        theirs = placed.get(b)
        lost = table.rank(old, new) + (0 if theirs is None else table.rank(theirs, b))
        for first in table.of_new[new] if theirs is None else [theirs]:
            free = theirs is not None or first not in taken
            if b != new and free and (first, new) in table.at:
                gain = table.rank(old, b) + table.rank(first, new) - lost
                yield {old: b, first: new}, gain


def _has_rival(
    one: _Likeness, taken: Mapping[int, int], placed: Mapping[int, int], table: _Likes
) -> bool:
    """Whether all would be nearly as much alike with another partner for one."""
    alone = [
        *(table.rank(one.old, b) for b in table.of_old[one.old] if b not in placed),
        *(table.rank(a, one.new) for a in table.of_new[one.new] if a not in taken),
    ]
    gains = (gain for _, gain in _others(one.old, taken, placed, table))
    return max(alone, default=0) > one.rank - _NEAR or any(g > -_NEAR for g in gains)


def _suspicions(
    old: Sequence[TaskIdentity],
    new: Sequence[TaskIdentity],
    pairs: Sequence[TaskMatch],
    likes: Sequence[_Likeness],
    settled: Collection[int],
) -> Iterator[Suspicion]:
    """Tell what was kept apart though it may belong together, once for each."""
    kept, placed = {p.old: p.new for p in pairs}, {p.new: p.old for p in pairs}
    told: set[int] = set()
    for one in likes:
        if one.old not in kept and one.new not in placed and one.new not in told:
            told.add(one.new)
            yield Suspicion(one.old, one.new, one.text, UnmatchedReason.MAYBE)
    for b in range(len(new)):
        if b not in placed and b not in told and b not in settled:
            parts = ((_within(new[b], old[a]), a) for a in kept)
            most, a = max(parts, default=(0.0, 0))
            if most >= _WITHIN:
                yield Suspicion(a, b, most, UnmatchedReason.SPLIT)
    for a in range(len(old)):
        if a not in kept and not old[a].retired:
            parts = ((_within(old[a], new[b]), b) for b in placed)
            most, b = max(parts, default=(0.0, 0))
            if most >= _WITHIN:
                yield Suspicion(a, b, most, UnmatchedReason.MERGED)


def _within(part: TaskIdentity, whole: TaskIdentity) -> float:
    """Say how much of a shorter text stands in a longer one."""
    shorter, longer = plain(part.measure), plain(whole.measure)
    if not _FEWEST <= len(shorter) < len(longer):
        return 0.0
    return fuzz.partial_ratio(shorter, longer)


_FEWEST = 6
