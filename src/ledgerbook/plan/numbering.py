"""Read the numbers that a plan prints before its items, and check their order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import pairwise

from ledgerbook.chinese_numerals import ORDINAL_CHARACTERS
from ledgerbook.plan.cell_classifier import is_ordinal
from ledgerbook.plan.number_marks import NOT_DECIMAL, PART_NUMBER, match_number_mark, parse_ordinal
from ledgerbook.plan.row_scanner import ItemDraft
from ledgerbook.plan.text_repair import narrow_characters
from ledgerbook.text import normalize

_MIN_NUMBERED_SHARE = 0.5
_CIRCLED_ONE = 0x2460
# A number as printed: with a dot, in brackets, or as ①.
_LEADING_NUMBER = re.compile(
    rf"\s*(?:(?P<dotted>\d{{1,3}})\s*[.、\uff0e]{NOT_DECIMAL}|(?P<part>{PART_NUMBER})"
    r"|[(\uff08](?P<bracketed>\d{1,3})[)\uff09]|(?P<circled>[\u2460-\u2473])"
    rf"|[(\uff08](?P<ordinal>[{ORDINAL_CHARACTERS}]{{1,3}})[)\uff09]、?)\s*"
)
# A number inside a cell: at the beginning of a line, or after the end of a sentence.
_INNER_NUMBER = re.compile(
    r"(?:(?<=\n)|(?<=[。;\uff1b:\uff1a])|(?<=[。;\uff1b:\uff1a] ))\s*"
    rf"(?:(?P<dotted>\d{{1,3}})\s*[.、\uff0e]{NOT_DECIMAL}"
    r"|[(\uff08](?P<bracketed>\d{1,3})[)\uff09]|(?P<circled>[\u2460-\u2473]))\s*"
)


class NumberingOrder(Enum):
    """How the items are numbered: 1 to n, from 1 in each group, otherwise, or not at all."""

    CONTINUOUS = auto()
    RESTARTING = auto()
    BROKEN = auto()
    ABSENT = auto()


@dataclass(frozen=True, slots=True)
class ItemNumbering:
    """The items with their numbers removed from the texts.

    ``printed_numbers`` are the numbers in the plan, blank for an item without one.
    ``multi_item_indices`` are the 0-based indices of the items whose cell contains a
    numbered list of several.
    """

    rows: tuple[ItemDraft, ...]
    order: NumberingOrder
    printed_numbers: tuple[str, ...]
    multi_item_indices: tuple[int, ...] = ()


def split_rows(rows: Sequence[ItemDraft]) -> tuple[ItemDraft, ...]:
    """Return ``rows`` with each cell that contains several numbered items as several rows."""
    return tuple(
        replace(row, measure=text, number="" if len(texts) > 1 else row.number)
        for row in rows
        for texts in (split_items(row.measure),)
        for text in texts
    )


# Points that are marked with words, or with marks that split_items does not take for items.
_INNER_MARK = re.compile(
    rf"(?:^|(?<=[\n。;；:：]))\s*(?:[{ORDINAL_CHARACTERS}]是|第[{ORDINAL_CHARACTERS}],|第[{ORDINAL_CHARACTERS}]，"
    r"|\d{1,2}[)）]|[(（]?\d{1,2}[)）.、．]|[①-⑳]"
    rf"|[(（][{ORDINAL_CHARACTERS}]{{1,3}}[)）])"
)
_MIN_POINTS = 2


def has_inner_marks(text: str) -> bool:
    """Return whether a text has marks of several points, whatever they look like."""
    return len(_INNER_MARK.findall(text)) >= _MIN_POINTS


def split_items(text: str) -> tuple[str, ...]:
    """Split a cell that begins with a number and continues with the next ones.

    All numbers of the cell must be of the kind of the first: dotted, bracketed or circled.
    """
    first_match = _LEADING_NUMBER.match(text)
    if first_match is None:
        return (text,)
    starts, expected = [first_match.start()], _read_matched_number(first_match) + 1
    kind = first_match.lastgroup
    for inner_match in _INNER_NUMBER.finditer(text, first_match.end()):
        if inner_match.lastgroup == kind and _read_matched_number(inner_match) == expected:
            starts.append(inner_match.start())
            expected += 1
    ends = [*starts[1:], len(text)]
    return tuple(text[start:end].strip() for start, end in zip(starts, ends, strict=True))


def read_numbering(rows: Sequence[ItemDraft]) -> ItemNumbering:
    """Return the items without their numbers, and how they are numbered.

    The numbers are those of the number column if any row has one, otherwise those at
    the beginning of the texts.
    """
    counts = [len(split_items(row.measure)) for row in rows]
    multi_item_indices = tuple(index for index, count in enumerate(counts) if count > 1)
    if any(row.number.strip() for row in rows):
        values = _read_number_column(rows)
        printed_numbers = tuple(
            str(number or row.number.strip()) for number, row in zip(values, rows, strict=True)
        )
        steps = [int(not is_merged) for is_merged in (*_find_merged_rows(rows)[1:], False)]
        if _are_part_numbers([row.number for row in rows]):
            order = NumberingOrder.CONTINUOUS
        else:
            order = _determine_order(values, steps) if any(values) else NumberingOrder.BROKEN
        return ItemNumbering(tuple(rows), order, printed_numbers, multi_item_indices)
    texts, values = _strip_numbers(rows, counts)
    rows_without_number = tuple(
        replace(row, measure=text) for row, text in zip(rows, texts, strict=True)
    )
    printed_numbers = tuple(str(number or "") for number in values)
    return ItemNumbering(
        rows_without_number,
        _determine_order(values, counts),
        printed_numbers,
        multi_item_indices,
    )


_NUMBER_IN_PARTS = re.compile(r"(\d{1,3})[-.](\d{1,3})\.?")


def _are_part_numbers(texts: Sequence[str]) -> bool:
    """Return whether the numbers are 1.1, 1.2, 2.1 and so on, without a gap."""
    expected = {(1, 1)}
    for text in texts:
        match = _NUMBER_IN_PARTS.fullmatch(normalize(narrow_characters(text)))
        if match is None or (found := (int(match[1]), int(match[2]))) not in expected:
            return False
        expected = {(found[0], found[1] + 1), (found[0] + 1, 1)}
    return True


def _find_merged_rows(rows: Sequence[ItemDraft]) -> list[bool]:
    """Return for each row whether it shares the number cell of the row above.

    A row without a number does, if it has the same key point.
    """
    return [False] * bool(rows) + [
        row.number_row == previous.number_row
        if row.number.strip()
        else bool(row.point) and row.point == previous.point
        for previous, row in pairwise(rows)
    ]


def _read_number_column(rows: Sequence[ItemDraft]) -> tuple[int | None, ...]:
    """Return the numbers of the column; a merged cell gives its number to each of its rows."""
    values: list[int | None] = []
    expected = 1
    for row, is_merged in zip(rows, _find_merged_rows(rows), strict=True):
        number = values[-1] if is_merged else _parse_number(row.number, expected)
        values.append(number)
        expected = (number or expected - 1) + 1
    return tuple(values)


def _parse_number(text: str, expected: int) -> int | None:
    """Return the number in a cell of the number column, read as ``expected`` if possible."""
    normalized = normalize(narrow_characters(text)).strip("().、")
    if not normalized:
        return None
    marked = f"{normalized}."
    for number in (expected, 1):
        mark = match_number_mark(marked, number)
        if mark and mark.end == len(marked):
            return number
    if is_ordinal(normalized):
        return parse_ordinal(normalized)
    digits = re.match(r"\d{1,3}\Z", normalized)
    return int(normalized) if digits else None


def _strip_numbers(
    rows: Sequence[ItemDraft], counts: Sequence[int]
) -> tuple[list[str], tuple[int | None, ...]]:
    """Remove the numbers from the beginning of the texts, unless too few have one.

    Return the texts and the numbers; ``counts`` are the numbers of items in each text.
    """
    texts = [row.measure for row in rows]
    marks: list[tuple[int, int] | None] = []
    expected = 1
    for text, count in zip(texts, counts, strict=True):
        mark = _match_number_mark(text, expected)
        marks.append(mark)
        expected = (mark[0] if mark else expected - 1) + count
    marked_count = sum(mark is not None for mark in marks)
    list_count = sum(count > 1 for count in counts)
    # If each cell has a list that begins at 1, the numbers are not those of the items.
    has_own_lists = list_count and all(mark and mark[0] == 1 for mark in marks) and len(rows) > 1
    if marked_count < _MIN_NUMBERED_SHARE * len(rows) or has_own_lists:
        return texts, (None,) * len(rows)
    bare_texts = [
        text[mark[1] :] if mark and count == 1 else text
        for text, mark, count in zip(texts, marks, counts, strict=True)
    ]
    return bare_texts, tuple(mark[0] if mark else None for mark in marks)


def _match_number_mark(text: str, expected: int) -> tuple[int, int] | None:
    """Return the number at the beginning of ``text`` and the index at which it ends."""
    offset = len(text) - len(text.lstrip())
    narrow_text = narrow_characters(text)
    for number in (expected, 1):
        mark = match_number_mark(narrow_text, number, offset)
        # 1.1 is the number of a subdivision, 1. that of an item.
        is_part_number = mark and not mark.dot and narrow_text[mark.end : mark.end + 1] == "."
        is_certain = mark and (mark.dot or mark.digits != "1" or number == expected)
        if mark and is_certain and not is_part_number:
            return number, mark.end
    match = _LEADING_NUMBER.match(narrow_text)
    return (_read_matched_number(match), match.end()) if match else None


def _read_matched_number(match: re.Match[str]) -> int:
    """Return the number that a match of one of the patterns above contains."""
    groups = match.groupdict()
    if circled := groups["circled"]:
        return ord(circled) - _CIRCLED_ONE + 1
    if ordinal := groups.get("ordinal"):
        return parse_ordinal(ordinal)
    if part := groups.get("part"):
        return int(re.findall(r"\d+", part)[-1])
    return int(match["dotted"] or match["bracketed"])


def _determine_order(printed: Sequence[int | None], steps: Sequence[int]) -> NumberingOrder:
    """Return the order of numbers that should each grow by the step of the one before.

    A step is above 1 for a cell with several items, and 0 for a merged cell.
    """
    if not any(printed):
        return NumberingOrder.ABSENT
    order, expected = NumberingOrder.CONTINUOUS, 1
    for position, (number, step) in enumerate(zip(printed, steps, strict=True)):
        if number is None:
            return NumberingOrder.BROKEN
        if number == 1 and expected != 1 and position:
            order = NumberingOrder.RESTARTING
        elif number != expected:
            return NumberingOrder.BROKEN
        expected = number + step
    return order
