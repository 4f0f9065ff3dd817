"""A plan that is no table: numbered paragraphs, each with its units at the end.

Such as 一、加强公开 and below it 1.公开规范性文件。(责任单位:法规科).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from ledgerbook.plan.content import is_heading
from ledgerbook.plan.grid import Cell, Column, Grid, Part, Source
from ledgerbook.plan.numerals import LEVEL_2, NO_DECIMAL
from ledgerbook.plan.tails import cut_tail, has_labels, has_tail

_FEWEST = 2
_BRACKET = re.compile(r"[(\uff08][^()\uff08\uff09]{2,200}[)\uff09][。;\uff1b]?")
_NUMBERED = re.compile(
    rf"\s*(?:\d{{1,3}}\s*[.、\uff0e]{NO_DECIMAL}|[(\uff08]\d{{1,3}}[)\uff09])"
)


def source_from_lines(lines: Sequence[str]) -> Source | None:
    """Return the paragraphs as a table of one column; None if they are no plan.

    What stands before the first heading or item, and after the last, is the letter
    around the plan.
    """
    pieces = [
        (n, piece)
        for n, text in enumerate(_paragraphs(lines))
        for piece in _pieces(text)
    ]
    paragraphs = [piece for _, piece in pieces]
    ends = [n for n, text in enumerate(paragraphs) if has_tail(text, said=True)]
    if len(ends) < _FEWEST:
        return None
    own = [n for n, text in enumerate(paragraphs) if _begins(text)]
    first, last = min((*own, *ends)), max((*own, *ends))
    # What goes on in the last paragraph is of the plan, whoever is to do it.
    beyond = (n for n in range(last, len(pieces)) if pieces[n][0] != pieces[last][0])
    body = paragraphs[first : next(beyond, len(pieces))]
    before = paragraphs[:first]
    cells = [cell for row, text in enumerate(body) for cell in _cells(text, row)]
    pointed = any(c.column == 0 and c.columns == 1 for c in cells)
    if not pointed:
        cells = [replace(cell, column=0, columns=1) for cell in cells]
    parts = (Part.POINT, Part.MEASURE) if pointed else (Part.MEASURE,)
    return Source(
        titles=(*before[::-1], *map("".join, pairwise(before))),
        columns=tuple(map(Column, parts)),
        grid=Grid(tuple(cells)),
    )


def _cells(text: str, row: int) -> Iterator[Cell]:
    """Cut (一) and its first sentence off the item that follows on the same line."""
    lead = LEVEL_2.match(text)
    stop = text.find("。") + 1
    if not lead or not has_tail(text, said=True):
        wide = 2 if is_heading(text) else 1
        yield Cell(text, row, 2 - wide, 1, wide)
    elif stop and cut_tail(text[stop:]).text:
        yield Cell(text[:stop], row, 0)
        yield Cell(text[stop:], row, 1)
    else:
        # The one sentence is both: what heads the item, and the item.
        yield Cell(cut_tail(text).text, row, 0)
        yield Cell(text[lead.end() :], row, 1)


def _pieces(text: str) -> Iterator[str]:
    """Cut a paragraph after each bracket that says who does what stands before it."""
    start = 0
    for bracket in _BRACKET.finditer(text):
        piece = text[start : bracket.end()]
        if has_tail(piece, said=True):
            yield piece.strip()
            start = bracket.end()
    if text[start:].strip(" \u3000。\n"):
        yield text[start:].strip()


def _paragraphs(lines: Sequence[str]) -> list[str]:
    """Join to each paragraph the line below it that says only who and when."""
    joined: list[str] = []
    for line in (line.strip() for line in lines):
        if line and joined and has_labels(line):
            joined[-1] += f"\n{line}"
        elif line:
            joined.append(line)
    return joined


def _begins(text: str) -> bool:
    return is_heading(text) or _NUMBERED.match(text) is not None
