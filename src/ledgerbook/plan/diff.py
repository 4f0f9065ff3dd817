"""Match the tasks of a revised plan with those of the book by their texts, one to one.

Equal texts are matched first, then the most similar ones (rapidfuzz scores from 0 to
100). A match of uncertain texts is marked LIKELY, and pairs that are too different to
match but may belong together are returned as possible matches, so that the office is
asked about both.

A text is scored against the tasks that share most groups of characters with it, not against
all: ten times the tasks cost ten times as much.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from itertools import chain

from rapidfuzz import fuzz

from ledgerbook.chinese_numerals import ORDINAL_CHARACTERS
from ledgerbook.text import normalize

# Thresholds of the score. Different tasks of one real plan score up to 41, reworded
# ones 65 and more.
_SAME_SCORE, _LIKELY_SCORE, _POSSIBLE_SCORE = 80.0, 62.0, 45.0
# Texts shorter than this need a higher score: a single character can make another task
# (预算, 决算).
_SHORT_LENGTH, _SHORT_SAME_SCORE = 10, 95.0
# A match is uncertain if another one has a rank at most this much lower.
_RIVAL_MARGIN = 6.0
# The score of a text within a longer one from which it was split off.
_CONTAINED_SCORE = 88.0
# The minimum length of such a text, in characters.
_MIN_CONTAINED_LENGTH = 6
# What equal units, headings and numbers add to a score, and what a retired task loses.
_UNITS_WEIGHT, _HEADING_WEIGHT, _NUMBER_WEIGHT, _RETIRED_WEIGHT = 4.0, 2.0, 1.0, -3.0
# How many tasks one is compared with. Where there are no more, it is compared with all.
_MAX_CANDIDATES = 50
# What more tasks share does not tell them apart.
_MAX_SHARING = 200
_MAX_CONTEXT_WEIGHT = _UNITS_WEIGHT + _HEADING_WEIGHT + _NUMBER_WEIGHT
_LEADING_ORDINAL = re.compile(
    rf"^(?:[\d{ORDINAL_CHARACTERS}]{{1,3}}[.、\uff0e]|\([\d{ORDINAL_CHARACTERS}]{{1,3}}\))+"
)


@dataclass(frozen=True, slots=True)
class TaskIdentity:
    """The properties by which tasks are matched.

    ``retired`` tasks were dropped by an earlier revision; ``earlier_texts`` are texts of
    ``measure`` in earlier plans.
    """

    number: int
    measure: str
    heading: str = ""
    units: str = ""
    retired: bool = False
    earlier_texts: tuple[str, ...] = ()


class MatchCertainty(Enum):
    """How certain it is that two tasks are the same."""

    SAME = auto()
    LIKELY = auto()


class UnmatchedReason(Enum):
    """Why a task without a match may still belong to another.

    POSSIBLE: the two are somewhat similar. SPLIT: the new task may be a part of the old
    one. MERGED: the old task may have become a part of the new one.
    """

    POSSIBLE = auto()
    SPLIT = auto()
    MERGED = auto()


@dataclass(frozen=True, slots=True)
class TaskMatch:
    """A match; ``old`` and ``new`` are indices into the arguments of ``match_tasks``."""

    old: int
    new: int
    score: float
    certainty: MatchCertainty


@dataclass(frozen=True, slots=True)
class PossibleMatch:
    """Two tasks that were not matched but may belong together."""

    old: int
    new: int
    score: float
    reason: UnmatchedReason


@dataclass(frozen=True, slots=True)
class PlanComparison:
    """The matches in the order of the new plan, and the possible ones."""

    matches: tuple[TaskMatch, ...]
    possible_matches: tuple[PossibleMatch, ...]


@dataclass(frozen=True, slots=True)
class _Similarity:
    """Two similar tasks; ``rank`` is the score of their texts plus that of the context."""

    old: int
    new: int
    text_score: float
    rank: float
    is_short: bool

    @property
    def is_same(self) -> bool:
        return self.text_score >= (_SHORT_SAME_SCORE if self.is_short else _SAME_SCORE)


@dataclass(slots=True)
class _UnmatchedTasks:
    """The indices of the tasks not matched yet."""

    old: set[int]
    new: set[int]

    def remove_pair(self, old: int, new: int) -> None:
        self.old.discard(old)
        self.new.discard(new)


def match_tasks(
    old: Sequence[TaskIdentity],
    new: Sequence[TaskIdentity],
    *,
    fixed: Mapping[int, int] | None = None,
    without_match: Collection[int] = (),
) -> PlanComparison:
    """Match the tasks of the book, ``old``, with those of a plan, ``new``, one to one.

    The office's decisions apply first: ``fixed`` maps indices in ``new`` to indices in
    ``old``, ``without_match`` are indices in ``new`` that match nothing. The result does
    not depend on the order of the tasks.
    """
    fixed_pairs = dict(fixed or {})
    matches = [
        TaskMatch(old_index, new_index, 100.0, MatchCertainty.SAME)
        for new_index, old_index in fixed_pairs.items()
    ]
    unmatched = _UnmatchedTasks(
        set(range(len(old))) - set(fixed_pairs.values()),
        set(range(len(new))) - set(fixed_pairs) - set(without_match),
    )
    matches += _match_equal_texts(old, new, unmatched, lambda item: (item.measure,))
    matches += _match_equal_texts(old, new, unmatched, lambda item: item.earlier_texts)
    similarities = sorted(
        _score_similarities(old, new, unmatched),
        key=lambda item: _get_sort_key(item, old, new),
        reverse=True,
    )
    matches += _match_similar_texts([item for item in similarities if _is_acceptable(item, old)])
    settled = set(fixed_pairs) | set(without_match)
    return PlanComparison(
        tuple(sorted(matches, key=lambda task_match: task_match.new)),
        tuple(_find_possible_matches(old, new, matches, similarities, settled)),
    )


@lru_cache(20_000)
def _normalize_task_text(text: str) -> str:
    """Return ``text`` for comparison: without ordinal, white space and full stop."""
    return _LEADING_ORDINAL.sub("", normalize(text)).rstrip("。.;,")


class _CandidateIndex:
    """Finds the tasks that share most features with another one.

    What many tasks share tells little: of these only the nearest in number are taken, and
    after all others.
    """

    def __init__(
        self,
        tasks: Sequence[TaskIdentity],
        indices: Iterable[int],
        list_features: Callable[[TaskIdentity], Collection[str]],
    ) -> None:
        def get_order(index: int) -> tuple[int, bool, str]:
            return tasks[index].number, tasks[index].retired, tasks[index].measure

        self._indices = sorted(indices, key=get_order)
        self._numbers = [tasks[index].number for index in self._indices]
        self._list_features = list_features
        self._positions: dict[str, list[int]] = defaultdict(list)
        if len(self._indices) > _MAX_CANDIDATES:
            for position, index in enumerate(self._indices):
                for feature in list_features(tasks[index]):
                    self._positions[feature].append(position)

    def find(self, task: TaskIdentity) -> Iterable[int]:
        """Return the indices of at most ``_MAX_CANDIDATES`` tasks."""
        if len(self._indices) <= _MAX_CANDIDATES:
            return self._indices
        shared_counts: Counter[int] = Counter()
        counts_nearby: Counter[int] = Counter()
        own_position = bisect(self._numbers, task.number)
        # In a fixed order, which decides between equal counts.
        for feature in sorted(self._list_features(task)):
            positions = self._positions.get(feature, [])
            if len(positions) <= _MAX_SHARING:
                shared_counts.update(positions)
            else:
                start = max(bisect(positions, own_position) - _MAX_CANDIDATES // 2, 0)
                counts_nearby.update(positions[start : start + _MAX_CANDIDATES])
        candidates = dict.fromkeys(
            position
            for counts in (shared_counts, counts_nearby)
            for position, _ in counts.most_common(_MAX_CANDIDATES)
        )
        return [self._indices[position] for position in list(candidates)[:_MAX_CANDIDATES]]


def _list_character_groups(text: str) -> Collection[str]:
    """Return each two and each four neighbouring characters, and shorter ones at the end."""
    return {text[start : start + length] for length in (2, 4) for start in range(len(text))}


def _list_text_features(task: TaskIdentity) -> Collection[str]:
    return _list_character_groups(_get_comparison_text(task))


def _list_context_features(task: TaskIdentity) -> Collection[str]:
    """Return what counts between equal texts: each alone, all together, and none of it."""
    units, heading = normalize(task.units), _normalize_task_text(task.heading)
    number = str(task.number)
    return {
        "",
        f"units {units}",
        f"heading {heading}",
        f"number {number}",
        f"both {units} {heading}",
    }


def _weigh_context(old_task: TaskIdentity, new_task: TaskIdentity) -> float:
    """Return what units, heading and number add to the score of two texts.

    It decides only between texts that are about equally similar.
    """
    return (
        _UNITS_WEIGHT
        * (bool(old_task.units) and normalize(old_task.units) == normalize(new_task.units))
        + _HEADING_WEIGHT
        * (
            bool(old_task.heading)
            and _normalize_task_text(old_task.heading) == _normalize_task_text(new_task.heading)
        )
        + _NUMBER_WEIGHT * (old_task.number == new_task.number)
        + _RETIRED_WEIGHT * old_task.retired
    )


def _match_equal_texts(
    old: Sequence[TaskIdentity],
    new: Sequence[TaskIdentity],
    unmatched: _UnmatchedTasks,
    get_texts: Callable[[TaskIdentity], Sequence[str]],
) -> Iterator[TaskMatch]:
    """Match equal texts; among several, those with the most similar context, then in order.

    If one side has more of them, the match is only LIKELY.
    """
    groups: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for index in sorted(unmatched.old, key=lambda task_index: old[task_index].number):
        for text in dict.fromkeys(map(_normalize_task_text, get_texts(old[index]))):
            groups[text][0].append(index)
    for index in sorted(unmatched.new, key=lambda task_index: new[task_index].number):
        groups[_normalize_task_text(new[index].measure)][1].append(index)
    for text, (old_indices, new_indices) in groups.items():
        if not (text and old_indices and new_indices):
            continue
        live_count = sum(not old[task_index].retired for task_index in old_indices)
        candidates = _CandidateIndex(old, old_indices, _list_context_features)
        old_positions = {task_index: position for position, task_index in enumerate(old_indices)}
        ranked = sorted(
            (
                -_weigh_context(old[old_index], new[new_index]),
                abs(old_positions[old_index] - new_position),
                old_positions[old_index],
                new_position,
                old_index,
                new_index,
            )
            for new_position, new_index in enumerate(new_indices)
            for old_index in candidates.find(new[new_index])
        )
        pairs = [(old_index, new_index) for *_, old_index, new_index in ranked]
        certainty = (
            MatchCertainty.SAME if live_count in (0, len(new_indices)) else MatchCertainty.LIKELY
        )
        for old_index, new_index in chain(
            pairs, _pair_rest(old, old_indices, new_indices, unmatched)
        ):
            if old_index in unmatched.old and new_index in unmatched.new:
                unmatched.remove_pair(old_index, new_index)
                yield TaskMatch(old_index, new_index, 100.0, certainty)


def _pair_rest(
    old: Sequence[TaskIdentity],
    old_indices: Iterable[int],
    new_indices: Iterable[int],
    unmatched: _UnmatchedTasks,
) -> Iterator[tuple[int, int]]:
    """Yield those of many equal tasks in order that were not candidates for each other."""
    rest = [index for index in old_indices if index in unmatched.old]
    rest.sort(key=lambda index: old[index].retired)
    yield from zip(rest, [index for index in new_indices if index in unmatched.new], strict=False)


def _score_similarities(
    old: Sequence[TaskIdentity], new: Sequence[TaskIdentity], unmatched: _UnmatchedTasks
) -> Iterator[_Similarity]:
    """Yield the pairs of unmatched tasks that are at least possible matches."""
    candidates = _CandidateIndex(old, unmatched.old, _list_text_features)
    for new_index in unmatched.new:
        new_text = _get_comparison_text(new[new_index])
        for old_index in candidates.find(new[new_index]):
            old_text = _get_comparison_text(old[old_index])
            score = fuzz.ratio(
                old_text, new_text, score_cutoff=_POSSIBLE_SCORE - _MAX_CONTEXT_WEIGHT
            )
            rank = score + _weigh_context(old[old_index], new[new_index]) if score else 0
            if rank >= _POSSIBLE_SCORE:
                is_short = min(len(old_text), len(new_text)) < _SHORT_LENGTH
                yield _Similarity(old_index, new_index, score, rank, is_short)


def _get_comparison_text(task: TaskIdentity) -> str:
    """Return the text by which a task is compared: its measure, or else its heading."""
    return _normalize_task_text(task.measure) or _normalize_task_text(task.heading)


def _get_sort_key(
    similarity: _Similarity, old: Sequence[TaskIdentity], new: Sequence[TaskIdentity]
) -> tuple[float, int, int, int]:
    """Return the key by which similarities are sorted: rank, then a fixed order."""
    old_task, new_task = old[similarity.old], new[similarity.new]
    return (
        similarity.rank,
        -abs(old_task.number - new_task.number),
        -old_task.number,
        -new_task.number,
    )


def _is_acceptable(similarity: _Similarity, old: Sequence[TaskIdentity]) -> bool:
    """Return whether two tasks may be matched; a retired one only by an equal text."""
    return similarity.rank >= _LIKELY_SCORE and not old[similarity.old].retired


def _match_similar_texts(similarities: Sequence[_Similarity]) -> Iterator[TaskMatch]:
    """Match the most similar pairs first, then exchange partners where the sum of ranks grows."""
    table = _SimilarityTable(similarities)
    new_by_old: dict[int, int] = {}
    old_by_new: dict[int, int] = {}
    for similarity in similarities:
        if similarity.old not in new_by_old and similarity.new not in old_by_new:
            new_by_old[similarity.old] = similarity.new
            old_by_new[similarity.new] = similarity.old
    pending = list(new_by_old)
    while pending:
        old = pending.pop()
        improvements = (
            change
            for change, gain in _find_alternatives(old, new_by_old, old_by_new, table)
            if gain > 0 and _is_safe_change(change, new_by_old, table)
        )
        # Each change increases the sum of ranks, so the loop ends.
        if change := next(improvements, None):
            new_by_old |= change
            # The new tasks of a change take the places of each other or of none.
            old_by_new |= {new_index: old_index for old_index, new_index in change.items()}
            pending += change
    for old_index, new_index in new_by_old.items():
        similarity = table.by_pair[old_index, new_index]
        is_certain = similarity.is_same and not _has_rival(
            similarity, new_by_old, old_by_new, table
        )
        yield TaskMatch(
            old_index,
            new_index,
            similarity.text_score,
            MatchCertainty.SAME if is_certain else MatchCertainty.LIKELY,
        )


class _SimilarityTable:
    """The acceptable similarities, by indices; candidates are in descending rank."""

    def __init__(self, similarities: Sequence[_Similarity]) -> None:
        self.by_pair = {(similarity.old, similarity.new): similarity for similarity in similarities}
        self.candidates_of_old: dict[int, list[int]] = defaultdict(list)
        self.candidates_of_new: dict[int, list[int]] = defaultdict(list)
        for similarity in similarities:
            self.candidates_of_old[similarity.old].append(similarity.new)
            self.candidates_of_new[similarity.new].append(similarity.old)

    def get_rank(self, old: int, new: int) -> float:
        return self.by_pair[old, new].rank


def _is_safe_change(
    change: Mapping[int, int], new_by_old: Mapping[int, int], table: _SimilarityTable
) -> bool:
    """Return whether ``change`` (old → new) breaks no pair that is certainly the same.

    A certain pair may give way to pairs that are all certain.
    """
    broken_pairs = [table.by_pair[old, new_by_old[old]] for old in change if old in new_by_old]
    new_pairs = [table.by_pair[pair] for pair in change.items()]
    return all(similarity.is_same for similarity in new_pairs) or not any(
        similarity.is_same for similarity in broken_pairs
    )


def _find_alternatives(
    old: int,
    new_by_old: Mapping[int, int],
    old_by_new: Mapping[int, int],
    table: _SimilarityTable,
) -> Iterator[tuple[dict[int, int], float]]:
    """Yield changes (old → new) to the pair of ``old``, with the gain in the sum of ranks.

    ``old`` may exchange partners with another pair, or both tasks of the pair may get
    unmatched partners.
    """
    new = new_by_old[old]
    for other_new in table.candidates_of_old[old]:
        partner = old_by_new.get(other_new)
        lost_rank = table.get_rank(old, new) + (
            0 if partner is None else table.get_rank(partner, other_new)
        )
        for other_old in table.candidates_of_new[new] if partner is None else [partner]:
            is_free = partner is not None or other_old not in new_by_old
            if other_new != new and is_free and (other_old, new) in table.by_pair:
                gain = table.get_rank(old, other_new) + table.get_rank(other_old, new) - lost_rank
                yield {old: other_new, other_old: new}, gain


def _has_rival(
    similarity: _Similarity,
    new_by_old: Mapping[int, int],
    old_by_new: Mapping[int, int],
    table: _SimilarityTable,
) -> bool:
    """Return whether another partner for one of the two would be nearly as good."""
    unmatched_ranks = [
        *(
            table.get_rank(similarity.old, new_index)
            for new_index in table.candidates_of_old[similarity.old]
            if new_index not in old_by_new
        ),
        *(
            table.get_rank(old_index, similarity.new)
            for old_index in table.candidates_of_new[similarity.new]
            if old_index not in new_by_old
        ),
    ]
    gains = (gain for _, gain in _find_alternatives(similarity.old, new_by_old, old_by_new, table))
    return max(unmatched_ranks, default=0) > similarity.rank - _RIVAL_MARGIN or any(
        gain > -_RIVAL_MARGIN for gain in gains
    )


def _find_possible_matches(
    old: Sequence[TaskIdentity],
    new: Sequence[TaskIdentity],
    matches: Sequence[TaskMatch],
    similarities: Sequence[_Similarity],
    settled: Collection[int],
) -> Iterator[PossibleMatch]:
    """Yield the pairs that may belong together, at most one for each unmatched task.

    ``settled`` are the indices in ``new`` that the office has decided about.
    """
    new_by_old = {task_match.old: task_match.new for task_match in matches}
    old_by_new = {task_match.new: task_match.old for task_match in matches}
    reported: set[int] = set()
    for similarity in similarities:
        if (
            similarity.old not in new_by_old
            and similarity.new not in old_by_new
            and similarity.new not in reported
        ):
            reported.add(similarity.new)
            yield PossibleMatch(
                similarity.old,
                similarity.new,
                similarity.text_score,
                UnmatchedReason.POSSIBLE,
            )
    parts = [
        new_index
        for new_index in range(len(new))
        if new_index not in old_by_new and new_index not in reported and new_index not in settled
    ]
    for new_index, old_index, score in _find_wholes(new, parts, old, new_by_old):
        yield PossibleMatch(old_index, new_index, score, UnmatchedReason.SPLIT)
    parts = [
        old_index
        for old_index in range(len(old))
        if old_index not in new_by_old and not old[old_index].retired
    ]
    for old_index, new_index, score in _find_wholes(old, parts, new, old_by_new):
        yield PossibleMatch(old_index, new_index, score, UnmatchedReason.MERGED)


def _find_wholes(
    tasks: Sequence[TaskIdentity],
    parts: Iterable[int],
    others: Sequence[TaskIdentity],
    wholes: Iterable[int],
) -> Iterator[tuple[int, int, float]]:
    """Yield (part, whole, score) for the parts, of ``tasks``, whose text is within another's.

    ``wholes`` are the indices in ``others`` that are tried.
    """
    candidates = _CandidateIndex(others, wholes, _list_measure_features)
    for part in parts:
        scores = (
            (_score_containment(tasks[part], others[whole]), whole)
            for whole in candidates.find(tasks[part])
        )
        score, whole = max(scores, default=(0.0, 0))
        if score:
            yield part, whole, score


def _list_measure_features(task: TaskIdentity) -> Collection[str]:
    return _list_character_groups(_normalize_task_text(task.measure))


def _score_containment(part: TaskIdentity, whole: TaskIdentity) -> float:
    """Return the score of the text of ``part`` within the longer one of ``whole``.

    0 if it is too low for a part.
    """
    shorter = _normalize_task_text(part.measure)
    longer = _normalize_task_text(whole.measure)
    if not _MIN_CONTAINED_LENGTH <= len(shorter) < len(longer):
        return 0.0
    return fuzz.partial_ratio(shorter, longer, score_cutoff=_CONTAINED_SCORE)
