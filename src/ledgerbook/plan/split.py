"""Cut the text of one item, up to the next number, into its cells.

After an item come its cell of 责任单位 and, where a new group begins, the headings of
the next. Nothing marks where one ends; the grammar of 责任单位 tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ledgerbook.plan.numerals import LEVEL_1, LEVEL_2, value
from ledgerbook.plan.units import is_units_cell, name_starts, named_sections

# The end of a sentence, closing quotes and brackets with it.
_SENTENCE_END = re.compile(r"[。!?\uff01\uff1f][”’」』)\uff09]*\s*")

# A name after one of these is part of the sentence: 报综合科, 由综合科牵头.
_GOVERNING = "由报与和及向请送经给对至为于在是的、"

_LONGEST_HEADING = 90
_LONGEST_RUN = 60


@dataclass(frozen=True, slots=True)
class Piece:
    """One item's own cells, and the ``heading`` that follows, unread."""

    measure: str
    units: str
    heading: str


def split_items(texts: Sequence[str]) -> tuple[Piece, ...]:
    """Cut every item of a plan; names learned where the cut is sure help elsewhere."""
    sure = [_after_sentence(text) for text in texts]
    names = named_sections(piece.units for piece in sure if piece)
    return tuple(
        piece or _at_name(text, names) or _without_units(text)
        for text, piece in zip(texts, sure, strict=True)
    )


def split_last(text: str, names: Sequence[str]) -> Piece:
    """Cut the last item off the page around it, which a paragraph's end may begin."""
    paragraphs = text.split("\n")
    grown = ["".join(paragraphs[: n + 1]) for n in range(len(paragraphs))]
    found = (_after_sentence(part) or _at_name(part, names) for part in grown)
    whole = next(filter(None, found), None)
    return whole or _run_on(grown[-1], names) or Piece(paragraphs[0], "", "")


def _after_sentence(text: str) -> Piece | None:
    """Cut where a cell of 责任单位 follows a whole sentence: the sure case."""
    for cut in _cuts(text):
        before = text[:cut].rstrip()
        start = max((e for e in _sentence_ends(before) if e < len(before)), default=0)
        if start and is_units_cell(before[start:]):
            return Piece(text[:start], before[start:], text[cut:])
    return None


def _run_on(text: str, names: Sequence[str]) -> Piece | None:
    """Cut after the last known units that begin a sentence; the page runs on."""
    for start in reversed(_sentence_ends(text)) if names else ():
        for end in range(min(len(text), start + _LONGEST_RUN), start, -1):
            if is_units_cell(text[start:end], names):
                return Piece(text[:start], text[start:end], text[end:])
    return None


def _at_name(text: str, names: Sequence[str]) -> Piece | None:
    """Cut before a known section, where the sentence has lost its full stop."""
    for cut in _cuts(text) if names else ():
        before = text[:cut].rstrip()
        for start in name_starts(before, names):
            governed = before[:start].rstrip().endswith(tuple(_GOVERNING))
            if start and not governed and is_units_cell(before[start:], names):
                return Piece(before[:start], before[start:], text[cut:])
    return None


def _without_units(text: str) -> Piece:
    """Cut before a heading that follows a whole sentence; there is no 责任单位."""
    cut = next(
        (
            cut
            for cut in _cuts(text)
            if len(text[:cut].rstrip()) in _sentence_ends(text[:cut].rstrip())
            and _could_be_heading(text, cut)
        ),
        len(text),
    )
    return Piece(text[:cut], "", text[cut:])


def _cuts(text: str) -> Iterator[int]:
    """Where a heading may begin, and the end of the text."""
    marks = {m.start() for level in (LEVEL_1, LEVEL_2) for m in level.finditer(text)}
    yield from sorted(marks)
    yield len(text)


def _sentence_ends(text: str) -> list[int]:
    return [found.end() for found in _SENTENCE_END.finditer(text)]


def _could_be_heading(text: str, cut: int) -> bool:
    """Whether what follows is one phrase, and not the last of a list (一)…(二)…"""
    after = text[cut:].rstrip()
    one_phrase = all(end == len(after) for end in _sentence_ends(after))
    point = LEVEL_2.match(after)
    listed = point is not None and any(
        value(earlier["ordinal"]) == value(point["ordinal"]) - 1
        for earlier in LEVEL_2.finditer(text, 0, cut)
    )
    return one_phrase and not listed and len(after) <= _LONGEST_HEADING
