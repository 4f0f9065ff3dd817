"""Report the official cells of matched rows that are not as the book has them.

What the book itself has changed since the sheet was issued is nobody's doing. What somebody
wrote into such a cell, in place of its text or beside it, may be an answer: it is quoted, and
must be looked at. Any other difference is a notice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ledgerbook import identity
from ledgerbook.intake.formats.raw_workbook import RawValue, display_text
from ledgerbook.intake.row_matching import MatchedRow, RowEvidence, SectionSheet
from ledgerbook.issue.layout import DEADLINE_LABELS
from ledgerbook.model import Column, ColumnSource, ColumnType
from ledgerbook.model.form_columns import get_plan_text
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import Urgency
from ledgerbook.text import normalize

_OLDER_PLAN = "older-plan"

# Excel counts days from this one (1900 date system, ECMA-376 Part 1 §18.17.4.1) to
# 9999-12-31.
_DAY_ZERO = date(1899, 12, 30)
_LAST_DAY = 2_958_465

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# Of what was added, fewer letters than these are a slip and no answer.
_MIN_ADDED_LETTERS = 2
# The columns whose text, replaced as a whole, may be an answer; numbers, codes, days and roles
# are changed by sorting and by new plans.
_TEXT_SOURCES = (
    ColumnSource.REQUIREMENT,
    ColumnSource.KEY_POINT,
    ColumnSource.MEASURE,
    ColumnSource.DEADLINE_TEXT,
)


@dataclass(frozen=True, slots=True)
class _Difference:
    """An official cell that shows ``text``, and what the book has for it."""

    column: Column
    source: ColumnSource
    place: Place
    text: str
    official_text: str

    @property
    def may_be_deadline(self) -> bool:
        """Whether the cell may show a deadline that the book had before."""
        if self.source is ColumnSource.DUE_DATE:
            return not self.text or _ISO_DATE.fullmatch(self.text) is not None
        return self.source is ColumnSource.DEADLINE_TEXT


def report_official_changes(
    sheet: SectionSheet, rows: Sequence[MatchedRow], evidence: Mapping[int, RowEvidence]
) -> Iterator[Problem]:
    """Report the official cells of ``rows`` that differ from the book, with what is in them.

    ``evidence`` are the clues of all rows by 0-based row. Rows with the text of an earlier plan
    are one notice.
    """
    older_numbers: dict[str, None] = {}
    for row in rows:
        fingerprint = evidence[row.index].issued_fingerprint
        differences = list(_list_differences(sheet, row))
        has_book_measure = fingerprint == identity.compute_fingerprint(row.task.measure)
        deadline_sources = {one.source for one in differences if one.may_be_deadline}
        for one in differences:
            if sheet.issued_rows.is_earlier_wording(one.text, row.task, one.source, sheet.section):
                if one.source is not ColumnSource.NUMBER:
                    older_numbers[str(row.task.number)] = None
                continue
            # The task may have been reworded in the book since the sheet was issued.
            if (
                one.source is ColumnSource.MEASURE
                and identity.compute_fingerprint(one.text) == fingerprint
            ):
                continue
            # Of a deadline the office changes the text and the day together.
            is_by_office = one.may_be_deadline and deadline_sources != {one.source}
            is_as_issued = has_book_measure and not is_by_office
            yield from _report_difference(sheet, row, one, is_as_issued=is_as_issued)
    if older_numbers:
        values = {"numbers": "、".join(older_numbers)}
        yield Problem(_OLDER_PLAN, Place(sheet.file, sheet.raw.name), values, sheet.section)


def _list_differences(sheet: SectionSheet, row: MatchedRow) -> Iterator[_Difference]:
    task, issued_rows = row.task, sheet.issued_rows
    official_values = issued_rows.get_official_values(task, sheet.section)
    for column in sheet.form.official_columns:
        position, source = sheet.columns.positions.get(column.key), column.source
        if position is None or source is None:
            continue
        value = sheet.raw.cells.get((row.index, position))
        official_text = (
            get_plan_text(task, column)
            if source is ColumnSource.PLAN_COLUMN
            else official_values.get(source)
        )
        if official_text is None:
            official_text = _find_computed_text(value)
        if value == official_text:
            continue
        if isinstance(value, float) and column.kind is ColumnType.DATE:
            # Programs that drop number formats leave the number of the day.
            value = _convert_day_number(value)
        text = display_text(value)
        if normalize(text) == normalize(official_text):
            continue
        if not issued_rows.is_other_right_value(text, task, source, sheet.section):
            place = sheet.locate_cell((row.index, position))
            yield _Difference(column, source, place, text, official_text)


def _find_computed_text(value: RawValue | None) -> str:
    """Return what a cell with a formula of ours may show: blank where it is somebody's word."""
    is_computed = not isinstance(value, str) or value in (*Urgency, *DEADLINE_LABELS.values())
    return display_text(value) if is_computed else ""


def _report_difference(
    sheet: SectionSheet, row: MatchedRow, one: _Difference, *, is_as_issued: bool
) -> Iterator[Problem]:
    """Report one cell: as filled where somebody wrote into it, else as changed."""
    earlier = sheet.issued_rows.earlier_wordings.get((row.task.code, str(one.source)), ())
    known_texts = [text for text in (one.official_text, *earlier) if text]
    added = next(filter(None, (find_added_text(one.text, text) for text in known_texts)), "")
    is_replaced = is_as_issued and _is_replaced(one)
    if added or is_replaced:
        how = "原来的文字之外又写了内容" if added else "写的是别的内容"
        values = {"header": one.column.header, "how": how, "raw": added or one.text}
        yield Problem("official-filled", one.place, values, sheet.section, 1)
    elif one.text or one.source is ColumnSource.MEASURE:
        values = {"header": one.column.header, "raw": one.text or "（空白）"}
        yield Problem("official-changed", one.place, values, sheet.section)


def _is_replaced(one: _Difference) -> bool:
    """Whether most of an official text is gone, and something else is in its place."""
    text, official_text = normalize(one.text), normalize(one.official_text)
    if _count_letters(text) < _MIN_ADDED_LETTERS:
        return False
    if not official_text:
        return one.source is not ColumnSource.ROLES
    if one.source not in _TEXT_SOURCES:
        return False
    return 2 * sum(_count_shared_ends(text, official_text)) < len(official_text)


def find_added_text(text: str, official_text: str) -> str:
    """Return what ``text`` has besides the whole of ``official_text``; blank if nothing.

    White space and the width of letters do not count.
    """
    letters = [
        (letter, index) for index, character in enumerate(text) for letter in normalize(character)
    ]
    shown = "".join(letter for letter, _ in letters)
    official = normalize(official_text)
    start = shown.find(official)
    pieces: Sequence[tuple[int, int]]
    if start >= 0:
        pieces = (0, start), (start + len(official), len(shown))
    else:
        before, after = _count_shared_ends(shown, official)
        if before + after < len(official):
            return ""
        pieces = ((len(official) - after, len(shown) - after),)
    added = "\n".join(
        text[letters[first][1] : letters[last - 1][1] + 1].strip()
        for first, last in pieces
        if first < last
    )
    return added if _count_letters(added) >= _MIN_ADDED_LETTERS else ""


def _count_shared_ends(text: str, other: str) -> tuple[int, int]:
    """Return the lengths of what two texts begin and end with alike, never counted twice."""
    before = _count_shared_letters(text, other)
    return before, _count_shared_letters(text[before:][::-1], other[before:][::-1])


def _count_shared_letters(text: str, other: str) -> int:
    differing = (index for index, (a, b) in enumerate(zip(text, other, strict=False)) if a != b)
    return next(differing, min(len(text), len(other)))


def _count_letters(text: str) -> int:
    return sum(unicodedata.category(character)[0] in "LN" for character in text)


def _convert_day_number(number: float) -> date | float:
    """Return the day that Excel shows for a whole number; else the number itself."""
    if number.is_integer() and 0 < number <= _LAST_DAY:
        return _DAY_ZERO + timedelta(days=int(number))
    return number
