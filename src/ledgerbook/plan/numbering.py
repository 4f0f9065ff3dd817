"""The numbers that a plan prints before its items, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import pairwise

from ledgerbook.plan.cell_classifier import is_ordinal
from ledgerbook.plan.numerals import NO_DECIMAL, number_mark, value
from ledgerbook.plan.rows import ItemDraft
from ledgerbook.plan.text_repair import narrow
from ledgerbook.text import squash

_LEAST = 0.5
_CIRCLED = 0x2460
# A number as printed: with its dot, or in brackets; ① stands alone.
_PRINTED = re.compile(
    rf"\s*(?:(?P<dotted>\d{{1,3}})\s*[.、\uff0e]{NO_DECIMAL}"
    r"|[(\uff08](?P<bracketed>\d{1,3})[)\uff09]|(?P<circled>[\u2460-\u2473])"
    r"|[(\uff08](?P<ordinal>[一二三四五六七八九十]{1,3})[)\uff09]、?)\s*"
)
# Inside a cell an item begins a line, or follows the end of a sentence.
_INNER = re.compile(
    r"(?:(?<=\n)|(?<=[。;\uff1b:\uff1a])|(?<=[。;\uff1b:\uff1a] ))\s*"
    rf"(?:(?P<dotted>\d{{1,3}})\s*[.、\uff0e]{NO_DECIMAL}"
    r"|[(\uff08](?P<bracketed>\d{1,3})[)\uff09]|(?P<circled>[\u2460-\u2473]))\s*"
)


class NumberingOrder(Enum):
    """How the items are numbered: 1 to n, again from 1 in each group, or not so."""

    CONTINUOUS = auto()
    RESTARTING = auto()
    BROKEN = auto()
    ABSENT = auto()


@dataclass(frozen=True, slots=True)
class Numbers:
    """The items without their numbers.

    ``printed`` are the numbers as found, blank where there is none; ``several`` the
    indices of items whose one cell holds a numbered list of them.
    """

    rows: tuple[ItemDraft, ...]
    order: NumberingOrder
    printed: tuple[str, ...]
    several: tuple[int, ...] = ()


def split_rows(rows: Sequence[ItemDraft]) -> tuple[ItemDraft, ...]:
    """Make an item of each numbered one in a cell that holds several."""
    return tuple(
        replace(row, measure=text, number="" if len(texts) > 1 else row.number)
        for row in rows
        for texts in (items_in(row.measure),)
        for text in texts
    )


def items_in(text: str) -> tuple[str, ...]:
    """Cut a cell that begins with one number and goes on with the next."""
    first = _PRINTED.match(text)
    if first is None:
        return (text,)
    starts, expected = [first.start()], _value(first) + 1
    kind = first.lastgroup
    for inner in _INNER.finditer(text, first.end()):
        if inner.lastgroup == kind and _value(inner) == expected:
            starts.append(inner.start())
            expected += 1
    ends = [*starts[1:], len(text)]
    return tuple(text[s:e].strip() for s, e in zip(starts, ends, strict=True))


def read_numbers(rows: Sequence[ItemDraft]) -> Numbers:
    """Take the numbers off the items, and say how they run."""
    counts = [len(items_in(row.measure)) for row in rows]
    several = tuple(i for i, count in enumerate(counts) if count > 1)
    if any(row.number.strip() for row in rows):
        values = _values(rows)
        shown = tuple(
            str(number or row.number.strip())
            for number, row in zip(values, rows, strict=True)
        )
        steps = [int(not merged) for merged in (*_merged(rows)[1:], False)]
        order = _order(values, steps) if any(values) else NumberingOrder.BROKEN
        return Numbers(tuple(rows), order, shown, several)
    texts, values = _off(rows, counts)
    kept = tuple(
        replace(row, measure=text) for row, text in zip(rows, texts, strict=True)
    )
    shown = tuple(str(number or "") for number in values)
    return Numbers(kept, _order(values, counts), shown, several)


def _merged(rows: Sequence[ItemDraft]) -> list[bool]:
    """Tell which rows share the number's cell with the row above.

    One without a number does so too, if it shares its title.
    """
    return [False] * bool(rows) + [
        row.number_row == above.number_row
        if row.number.strip()
        else bool(row.point) and row.point == above.point
        for above, row in pairwise(rows)
    ]


def _values(rows: Sequence[ItemDraft]) -> tuple[int | None, ...]:
    """Read a column of numbers; a cell merged over several items numbers each."""
    values: list[int | None] = []
    expected = 1
    for row, merged in zip(rows, _merged(rows), strict=True):
        number = values[-1] if merged else _value_of(row.number, expected)
        values.append(number)
        expected = (number or expected - 1) + 1
    return tuple(values)


def _value_of(text: str, expected: int) -> int | None:
    plain = squash(narrow(text)).strip("().、")
    if not plain:
        return None
    for number in (expected, 1):
        if number_mark(number).fullmatch(f"{plain}."):
            return number
    if is_ordinal(plain):
        return value(plain)
    digits = re.match(r"\d{1,3}\Z", plain)
    return int(plain) if digits else None


def _off(
    rows: Sequence[ItemDraft], counts: Sequence[int]
) -> tuple[list[str], tuple[int | None, ...]]:
    """Take the numbers off the front of the texts, unless too few have one."""
    texts = [row.measure for row in rows]
    found: list[tuple[int, int] | None] = []
    expected = 1
    for text, count in zip(texts, counts, strict=True):
        mark = _mark(text, expected)
        found.append(mark)
        expected = (mark[0] if mark else expected - 1) + count
    marked = sum(one is not None for one in found)
    lists = sum(count > 1 for count in counts)
    # Cells that each begin a list at 1 are not numbered themselves.
    own_lists = lists and all(m and m[0] == 1 for m in found) and len(rows) > 1
    if marked < _LEAST * len(rows) or own_lists:
        return texts, (None,) * len(rows)
    bare = [
        text[one[1] :] if one and count == 1 else text
        for text, one, count in zip(texts, found, counts, strict=True)
    ]
    return bare, tuple(one[0] if one else None for one in found)


def _mark(text: str, expected: int) -> tuple[int, int] | None:
    """Return the number that begins ``text`` and where it ends."""
    lead = len(text) - len(text.lstrip())
    plain = narrow(text)
    for number in (expected, 1):
        found = number_mark(number).match(plain, lead)
        # 1.1 is the number of a part, 1. that of an item.
        part = found and not found["dot"] and plain[found.end() :][:1] == "."
        sure = found and (found["dot"] or found["digits"] != "1" or number == expected)
        if found and sure and not part:
            return number, found.end()
    found = _PRINTED.match(plain)
    return (_value(found), found.end()) if found else None


def _value(found: re.Match[str]) -> int:
    groups = found.groupdict()
    if circled := groups["circled"]:
        return ord(circled) - _CIRCLED + 1
    if ordinal := groups.get("ordinal"):
        return value(ordinal)
    return int(found["dotted"] or found["bracketed"])


def _order(printed: Sequence[int | None], steps: Sequence[int]) -> NumberingOrder:
    """Say how numbers run that each go up by the step of the one before."""
    if not any(printed):
        return NumberingOrder.ABSENT
    order, expected = NumberingOrder.CONTINUOUS, 1
    for place, (number, step) in enumerate(zip(printed, steps, strict=True)):
        if number is None:
            return NumberingOrder.BROKEN
        if number == 1 and expected != 1 and place:
            order = NumberingOrder.RESTARTING
        elif number != expected:
            return NumberingOrder.BROKEN
        expected = number + step
    return order
