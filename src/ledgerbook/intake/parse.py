"""Cells of known rows → Answers and Problems. Nothing doubtful becomes an answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from ledgerbook.intake import synonyms
from ledgerbook.intake.formats.raw_workbook import (
    Cell,
    CellError,
    Value,
    cell_name,
    shown,
)
from ledgerbook.intake.identify import ReturnRegister, ReturnSheet
from ledgerbook.intake.results import EntryRead, RowRead
from ledgerbook.model import Choice, Column, ColumnType, Form
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import Answer
from ledgerbook.text import CELL_LIMIT, cell_text, squash, without_controls

# The closed list of ways in which a date may be typed as text.
_DATE_TEXTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<y>[1-9]\d{3}|\d{2})[-/.年。](?P<m>\d{1,2})[-/.月。](?P<d>\d{1,2})[日号]?",
        r"(?P<y>[1-9]\d{3})(?P<m>\d{2})(?P<d>\d{2})",
        r"(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]?",
    )
)
_CENTURY, _TWO_DIGITS = 2000, 100
_PHONE = re.compile(r"[\d\-+()、,;/ 转]{5,}")
# Programs that save as .xls in an old way cut a text off here, in silence.
_CUT_AT = 255
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class Context:
    """What the meaning of a cell depends on, besides the cell."""

    form: Form
    year: int
    window: tuple[date, date]
    today: date


@dataclass(frozen=True, slots=True)
class RowPlaces(Mapping[str, Place]):
    """Where each column of one row stands, by key; ``row`` and columns from 0."""

    file: str
    sheet: str
    row: int
    columns: Mapping[str, int]

    def __getitem__(self, key: str) -> Place:
        return Place(self.file, self.sheet, cell_name((self.row, self.columns[key])))

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return RowPlaces, (self.file, self.sheet, self.row, self.columns)


@dataclass(frozen=True, slots=True)
class _Read:
    """What became of one cell; no value means that it is held."""

    value: str | date | float | None
    code: str = ""
    values: Mapping[str, str] | None = None


def parse_sheet(
    file: str, sheet: ReturnSheet, context: Context
) -> tuple[tuple[RowRead, ...], tuple[Problem, ...]]:
    """Read every answer cell of a sheet's known rows."""
    rows: list[RowRead] = []
    problems: list[Problem] = []
    columns = sheet.columns.answers(sheet.form)
    for row in sheet.rows:
        cells = _cells(file, sheet, row.index, columns, context)
        problems += [replace(one, task=row.task.code) for one in cells.problems]
        rows.append(_row(row.task.code, sheet, cells.answers, cells.places, cells.held))
    problems += _merged(file, sheet)
    known = {row.task.code for row in sheet.rows}
    every = {column.key for column in sheet.form.answers}
    rows += [
        _row(task.code, sheet, {}, {}, every)
        for task in sheet.doubted
        if task.code not in known
    ]
    return tuple(rows), tuple(problems)


def parse_register(
    file: str, sheet: ReturnRegister, context: Context
) -> tuple[tuple[EntryRead, ...], tuple[Problem, ...]]:
    """Read every entry of a register."""
    columns = sheet.columns.answers(sheet.form)
    read = [(row, _cells(file, sheet, row, columns, context)) for row in sheet.rows]
    mark = sheet.mark
    entries = tuple(
        EntryRead(
            sheet.form.key,
            mark.section,
            mark.round,
            row,
            cells.answers,
            cells.places,
            frozenset(cells.held),
        )
        for row, cells in read
    )
    return entries, tuple(one for _, cells in read for one in cells.problems)


@dataclass(slots=True)
class _Cells:
    """What the answer cells of one row came to."""

    places: Mapping[str, Place]
    answers: dict[str, Answer] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


def _cells(
    file: str,
    sheet: ReturnSheet | ReturnRegister,
    row: int,
    columns: Mapping[str, int],
    context: Context,
) -> _Cells:
    read = _Cells(RowPlaces(file, sheet.raw.name, row, columns))
    for key, index in columns.items():
        raw = sheet.raw.cells.get((row, index))
        if raw is None:
            continue
        place = read.places[key]
        answer, found = _cell(raw, sheet.form.column(key), place, context)
        if found:
            section, held = sheet.mark.section, 0 if answer else 1
            read.problems += [
                replace(one, section=section, column=key, cells=held) for one in found
            ]
        if answer:
            read.answers[key] = answer
        else:
            read.held.add(key)
    return read


def _merged(file: str, sheet: ReturnSheet) -> Iterator[Problem]:
    """Report answer cells that were joined into one: it answers for the first only.

    A program that keeps what lies beneath has answers for all of them.
    """
    columns, said = sheet.columns.answers(sheet.form), sheet.raw.cells
    told: set[Cell] = set()
    for first, last in sheet.raw.extras.merges:
        rows = [row for row in sheet.rows if first[0] <= row.index <= last[0]]
        keys = [key for key, at in columns.items() if first[1] <= at <= last[1]]
        cells = [(row.index, columns[key]) for row in rows for key in keys]
        beneath = any(cell in said for cell in cells if cell != first)
        if first in said and len(cells) > 1 and not beneath and cells[0] not in told:
            cell = cells[0]
            told.add(cell)
            header = sheet.form.column(keys[0]).header
            values = {"header": header, "count": str(len(cells))}
            place = Place(file, sheet.raw.name, cell_name(cell))
            yield Problem(
                "merged-cells",
                place,
                values,
                sheet.mark.section,
                task=rows[0].task.code,
                column=keys[0],
            )


def _row(
    task: str,
    sheet: ReturnSheet,
    answers: Mapping[str, Answer],
    places: Mapping[str, Place],
    held: Collection[str],
) -> RowRead:
    mark = sheet.mark
    return RowRead(task, mark.section, mark.round, answers, places, frozenset(held))


def _cell(
    raw: Value, column: Column, place: Place, context: Context
) -> tuple[Answer | None, list[Problem]]:
    text, lost = without_controls(shown(raw))
    base = {"header": column.header, "raw": cell_text(text)}
    found: list[Problem] = []
    if lost:
        values = {**base, "count": str(lost)}
        found.append(Problem("odd-characters", place, values))
    if isinstance(raw, CellError):
        read = _Read(None, raw.code)
    elif not text:
        read = _Read(None)
    else:
        read = _READERS[column.kind](raw, text, column, context)
    if read.code:
        values = {**base, **(read.values or {})}
        found.append(Problem(read.code, place, values))
    if read.value is None:
        return None, found[-1:]
    return Answer(read.value, base["raw"], place), found


def _text(raw: Value, text: str, column: Column, context: Context) -> _Read:
    limit = column.max_length or CELL_LIMIT
    if len(text) > limit:
        values = {"length": str(len(text)), "limit": str(limit)}
        return _Read(cell_text(text), "too-long", values)
    if isinstance(raw, str) and _units(raw) == _CUT_AT:
        return _Read(cell_text(text), "text-cut", {"length": str(_CUT_AT)})
    return _Read(cell_text(text))


def _units(text: str) -> int:
    """Count characters as Excel does, an emoji for two."""
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _phone(raw: Value, text: str, column: Column, context: Context) -> _Read:
    read = _text(raw, text, column, context)
    if read.code or _PHONE.fullmatch(unicodedata.normalize("NFKC", text)):
        return read
    return _Read(text, "phone-doubtful")


def _choice(raw: Value, text: str, column: Column, context: Context) -> _Read:
    choices = context.form.choices_of(column).choices
    if chosen := choices_like(text, choices):
        if chosen.value == text:
            return _Read(text)
        if squash(chosen.value) == squash(text):
            return _Read(chosen.value)
        return _Read(chosen.value, "choice-read-as", {"value": chosen.value})
    options = "、".join(choice.value for choice in choices)
    return _Read(None, "choice-unknown", {"options": options})


def choices_like(text: str, choices: tuple[Choice, ...]) -> Choice | None:
    """Find the choice that ``text`` is, or by the table of synonyms means."""
    said = squash(text)
    for choice in choices:
        if squash(choice.value) == said:
            return choice
    meaning = synonyms.STATUS_SYNONYMS.get(said)
    same = [choice for choice in choices if meaning and choice.meaning is meaning]
    return same[0] if len(same) == 1 else None


def _number(raw: Value, text: str, column: Column, context: Context) -> _Read:
    if isinstance(raw, float):
        return _Read(raw)
    plain = squash(text)
    if _NUMBER.fullmatch(plain):
        return _Read(float(plain))
    return _Read(None, "number-unclear")


def _date(raw: Value, text: str, column: Column, context: Context) -> _Read:
    typed = _day_of(raw)
    day = typed or date_of_text(squash(text), context.year)
    example = f"{context.year}-9-30"
    if day is None:
        return _Read(None, "date-unclear", {"example": example})
    first, last = context.window
    if not typed and _either_year(squash(text), day, context):
        return _Read(None, "date-unclear", {"example": example})
    if not first <= day <= last:
        span = {"first": str(first), "last": str(last)}
        return _Read(None, "date-outside", {"raw": text, **span})
    if day > context.today:
        return _Read(None, "date-future", {"raw": text, "today": str(context.today)})
    if typed:
        return _Read(day)
    return _Read(day, "date-read-as", {"value": str(day)})


def _day_of(raw: Value) -> date | None:
    """Return the day that a cell holds as one, not as text."""
    if isinstance(raw, datetime):
        return raw.date()
    return raw if isinstance(raw, date) else None


def _either_year(text: str, day: date, context: Context) -> bool:
    """Whether the year was left out and the next one would do just as well."""
    later = date_of_text(text, context.year + 1)
    last = min(context.window[1], context.today)
    return later is not None and later != day and later <= last


def date_of_text(text: str, year: int) -> date | None:
    """Read a date typed as text, ``year`` supplied where it was left out.

    Only the closed list of full dates is read: ``2022年9月`` or ``9.30`` is no date.
    """
    for pattern in _DATE_TEXTS:
        if found := pattern.fullmatch(text):
            parts = found.groupdict()
            its_year = int(parts.get("y") or year)
            its_year += _CENTURY if its_year < _TWO_DIGITS else 0
            try:
                return date(its_year, int(parts["m"]), int(parts["d"]))
            except ValueError:
                return None
    return None


_READERS: Mapping[ColumnType, Callable[[Value, str, Column, Context], _Read]] = {
    ColumnType.TEXT: _text,
    ColumnType.LONG: _text,
    ColumnType.PHONE: _phone,
    ColumnType.CHOICE: _choice,
    ColumnType.NUMBER: _number,
    ColumnType.DATE: _date,
}
