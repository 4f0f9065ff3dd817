"""Parse the answer cells of matched rows into typed answers and problems.

A cell becomes an :class:`~ledgerbook.model.results.Answer` only when its meaning is
certain; anything else is rejected with a problem. Cells that are read as something that
they do not literally say, such as a synonym of a status, are reported with a notice. One
function for each type of column decides (see the table of cell parsers at the end).
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import partial

from ledgerbook.a1_references import CellPosition, format_cell_reference
from ledgerbook.chinese_numerals import ORDINAL_CHARACTERS, ZEROS, convert_numeral
from ledgerbook.intake import status_synonyms
from ledgerbook.intake.file_content import EntryContent, RowContent, RowPlaces
from ledgerbook.intake.formats.raw_workbook import CellError, RawSheet, RawValue, display_text
from ledgerbook.intake.identify import ReturnRegister, ReturnSheet
from ledgerbook.model import Choice, Column, ColumnType, Form
from ledgerbook.model.cell_rules import describe_number, is_number_allowed, is_within_length
from ledgerbook.model.problems import MAX_QUOTED_CHARS, Place, Problem
from ledgerbook.model.results import Answer
from ledgerbook.text import (
    CELL_LIMIT,
    count_utf16_units,
    explain_date,
    fit_to_cell,
    normalize,
    normalize_answer,
    strip_controls,
    strip_unseen,
)

# What may stand behind a day without changing which day it is.
_WEEKDAYS = "一二三四五六日"
_HALF_DAY = "凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|[ap]m"
_CLOCK = r"\d{1,2}(?::\d{2}){1,2}(?:\.\d+)?|\d{1,2}[时点](?:\d{1,2}分?(?:\d{1,2}秒)?|整|半)?"
_BEHIND_DAY = (
    rf"(?: ?[(,]?(?:星期|周|礼拜)(?P<w>[{_WEEKDAYS}天])[)]?)?"
    rf"(?:(?:(?<=[日号)])|[ t])(?:{_CLOCK})(?: ?(?:{_HALF_DAY}))?z?"
    rf"| ?(?:{_HALF_DAY})(?: ?(?:{_CLOCK}))?)?[.。,、;!]?"
)
# The ways in which a date may be typed as text; any other is rejected.
_DATE_PATTERNS = tuple(
    re.compile(pattern + _BEHIND_DAY)
    for pattern in (
        r"(?P<y>[1-9]\d{3}|\d{2})[-/.年。](?P<m>\d{1,2})[-/.月。](?P<d>\d{1,2})[日号]?",
        r"(?P<y>[1-9]\d{3})[,、·\\](?P<m>\d{1,2})[,、·\\](?P<d>\d{1,2})[日号]?",
        r"(?P<y>[1-9]\d{3})(?P<m>\d{2})(?P<d>\d{2})",
        r"(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]?",
    )
)
_CHINESE_NUMERAL = re.compile(rf"[{ORDINAL_CHARACTERS}{ZEROS}]+(?=[年月日号])")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−─", "-"))
_SPACED_SEPARATOR = re.compile(r"\s*([-/.年月日号。,、·\\])\s*(?=\d)|\s+(?=[年月日号])")
# Two digits of a year are of this century.
_CENTURY = 2000
_FIRST_FULL_YEAR = 100
# Workbooks count days from its beginning.
_FIRST_CALENDAR_YEAR = 1900
# Without a zero before it that a number would have lost.
_MOBILE_NUMBER = re.compile(r"1\d{10}")
_PHONE_PATTERN = re.compile(r"[\d\-+()、,;/ 转]{5,}")
# UTF-16 units to which some programs cut texts without a warning when they save as .xls.
_TRUNCATED_LENGTH = 255
_NUMBER_PATTERN = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What the meaning of a cell depends on besides its content.

    ``year`` completes dates without a year; a date outside of ``window``, first and last
    day, or after ``today`` is rejected.
    """

    form: Form
    year: int
    window: tuple[date, date]
    today: date


@dataclass(frozen=True, slots=True)
class _ParsedCell:
    """The value of one cell, None when it is rejected, and the problem to report, if any."""

    value: str | date | float | None
    code: str = ""
    values: Mapping[str, str] | None = None


def parse_sheet(
    file: str, sheet: ReturnSheet, context: ParseContext
) -> tuple[tuple[RowContent, ...], tuple[Problem, ...]]:
    """Parse the answer cells of all matched rows of a sheet.

    Doubtful tasks that no row was matched with give rows whose cells are all rejected.
    """
    rows: list[RowContent] = []
    problems: list[Problem] = []
    columns = sheet.columns.map_answer_columns(sheet.form)
    for row in sheet.rows:
        parsed = _parse_row(file, sheet, row.index, columns, context)
        problems += [replace(problem, task=row.task.code) for problem in parsed.problems]
        rows.append(
            _build_row(
                row.task.code,
                sheet,
                parsed.answers,
                parsed.places,
                parsed.rejected_texts,
            )
        )
    problems += _report_merged_cells(file, sheet)
    problems += _report_hidden_answers(file, sheet, [row.index for row in sheet.rows], columns)
    matched_codes = {row.task.code for row in sheet.rows}
    answer_keys = {column.key for column in sheet.form.answer_columns}
    rows += [
        _build_row(task.code, sheet, {}, {}, dict.fromkeys(answer_keys, ""))
        for task in sheet.doubtful_tasks
        if task.code not in matched_codes
    ]
    return tuple(rows), tuple(problems)


def parse_register(
    file: str, sheet: ReturnRegister, context: ParseContext
) -> tuple[tuple[EntryContent, ...], tuple[Problem, ...]]:
    """Parse the answer cells of all entries of a register."""
    columns = sheet.columns.map_answer_columns(sheet.form)
    parsed_rows = [(row, _parse_row(file, sheet, row, columns, context)) for row in sheet.rows]
    mark = sheet.mark
    entries = tuple(
        EntryContent(
            sheet.form.key,
            mark.section,
            mark.round,
            sheet.raw.name,
            row,
            parsed.answers,
            parsed.places,
            parsed.rejected_texts,
        )
        for row, parsed in parsed_rows
    )
    return entries, (
        *(problem for _, parsed in parsed_rows for problem in parsed.problems),
        *_report_hidden_answers(file, sheet, sheet.rows, columns),
    )


@dataclass(slots=True)
class _ParsedRow:
    """What the answer cells of one row were parsed into, by column key."""

    places: Mapping[str, Place]
    answers: dict[str, Answer] = field(default_factory=dict)
    rejected_texts: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def _parse_row(
    file: str,
    sheet: ReturnSheet | ReturnRegister,
    row: int,
    columns: Mapping[str, int],
    context: ParseContext,
) -> _ParsedRow:
    """Parse the answer cells of one row, ``columns`` key → 0-based column."""
    parsed = _ParsedRow(RowPlaces(file, sheet.raw.name, row, columns))
    for key, position in columns.items():
        raw = sheet.raw.cells.get((row, position))
        if raw is None:
            continue
        place = parsed.places[key]
        remainder = sheet.raw.struck.get((row, position))
        column = sheet.form.get_column(key)
        get_shown_text = partial(sheet.raw.get_shown_text, (row, position))
        answer, problems = (
            _parse_cell(raw, get_shown_text, column, place, context)
            if remainder is None
            else _parse_struck_cell(raw, remainder, column, place, context)
        )
        if status_synonyms.is_ditto(display_text(raw)):
            above = _find_text_above(sheet.raw, (row, position))
            problems = [_report_ditto(raw, above, column, place)]
        if problems:
            section = sheet.mark.section
            rejected_count = 0 if answer else 1
            parsed.problems += [
                replace(problem, section=section, column=key, rejected_cells=rejected_count)
                for problem in problems
            ]
        if answer:
            parsed.answers[key] = answer
        else:
            parsed.rejected_texts[key] = normalize_answer(problems[-1].raw) if problems else ""
    return parsed


def _find_text_above(raw: RawSheet, cell: CellPosition) -> tuple[CellPosition, str] | None:
    """Return the nearest cell above that says more than that it is as the one above, if any."""
    row, column = cell
    for above in range(row - 1, max(row - _MAX_DITTO_ROWS, 0), -1):
        text = display_text(raw.cells.get((above, column)))
        if text and not status_synonyms.is_ditto(text):
            return (above, column), text
    return None


_MAX_DITTO_ROWS = 200


def _report_ditto(
    raw: RawValue, above: tuple[CellPosition, str] | None, column: Column, place: Place
) -> Problem:
    """Report a cell that says 同上, with what stands above it in the sender's own file."""
    quotation = ""
    if above and normalize(above[1]) != normalize(column.header):
        text = above[1]
        shown = text if len(text) <= MAX_QUOTED_CHARS else f"{text[:MAX_QUOTED_CHARS]}……"
        quotation = f"它上面 {format_cell_reference(above[0])} 写的是“{shown}”，没有照抄过来。"
    values = {"header": column.header, "raw": display_text(raw), "above": quotation}
    return Problem("ditto", place, values)


def _report_merged_cells(file: str, sheet: ReturnSheet) -> Iterator[Problem]:
    """Report answer cells that were merged into one, which answers for its first cell only.

    Some programs keep the values of the covered cells: these are parsed, not reported.
    """
    columns = sheet.columns.map_answer_columns(sheet.form)
    raw_cells = sheet.raw.cells
    reported_cells: set[CellPosition] = set()
    row_indexes = [row.index for row in sheet.rows]
    for first, last in sheet.raw.attachments.merges:
        if first not in raw_cells:
            continue
        rows = sheet.rows[bisect_left(row_indexes, first[0]) : bisect_right(row_indexes, last[0])]
        keys = [key for key, position in columns.items() if first[1] <= position <= last[1]]
        cells = [(row.index, columns[key]) for row in rows for key in keys]
        has_covered_answer = any(cell in raw_cells for cell in cells if cell != first)
        if len(cells) > 1 and not has_covered_answer and cells[0] not in reported_cells:
            cell = cells[0]
            reported_cells.add(cell)
            header = sheet.form.get_column(keys[0]).header
            values = {"header": header, "count": str(len(cells))}
            place = Place(file, sheet.raw.name, format_cell_reference(cell))
            yield Problem(
                "merged-cells",
                place,
                values,
                sheet.mark.section,
                task=rows[0].task.code,
                column=keys[0],
            )


def _report_hidden_answers(
    file: str,
    sheet: ReturnSheet | ReturnRegister,
    rows: Sequence[int],
    columns: Mapping[str, int],
) -> Iterator[Problem]:
    """Report, once a sheet, hidden rows and columns (0-based) with answers that nobody saw."""
    raw = sheet.raw
    if raw.is_hidden or not (raw.hidden_rows or raw.hidden_columns):
        return
    hidden_rows = [
        row
        for row in rows
        if row in raw.hidden_rows and any((row, c) in raw.cells for c in columns.values())
    ]
    headers = [
        f"“{sheet.form.get_column(key).header}”"
        for key, position in columns.items()
        if position in raw.hidden_columns and any((row, position) in raw.cells for row in rows)
    ]
    places = []
    if hidden_rows:
        numbers = "、".join(str(row + 1) for row in hidden_rows[:_MAX_LISTED_ROWS])
        rest = f"等 {len(hidden_rows)} 行" if len(hidden_rows) > _MAX_LISTED_ROWS else "行"
        places.append(f"第 {numbers} {rest}")
    if headers:
        places.append(f"{'、'.join(headers)}这{'几' if len(headers) > 1 else '一'}列")
    if places:
        values = {"places": "、".join(places)}
        yield Problem("hidden-answers", Place(file, raw.name), values, sheet.mark.section)


_MAX_LISTED_ROWS = 20


def _build_row(
    task: str,
    sheet: ReturnSheet,
    answers: Mapping[str, Answer],
    places: Mapping[str, Place],
    rejected_texts: Mapping[str, str],
) -> RowContent:
    mark = sheet.mark
    return RowContent(
        task, mark.section, mark.round, sheet.raw.name, answers, places, rejected_texts
    )


def _parse_cell(
    raw: RawValue,
    get_shown_text: Callable[[], str | None],
    column: Column,
    place: Place,
    context: ParseContext,
) -> tuple[Answer | None, list[Problem]]:
    """Return the answer of one cell, None when it is rejected, and its problems.

    What is no text where a text belongs is taken as the sender saw it, by its number format.
    """
    stored_text = display_text(raw)
    is_converted = column.kind in _SHOWN_TYPES and not isinstance(raw, str | CellError)
    # TRUE and FALSE are shown as they are, whatever the number format.
    get_text = get_shown_text if not isinstance(raw, bool) else lambda: stored_text
    shown_text = (get_text() or "").strip() if is_converted else ""
    text, removed_count = strip_controls(shown_text or stored_text)
    text, unseen_names = strip_unseen(text, keeps_forms=column.kind in _FREE_TYPES)
    is_padded = isinstance(raw, str) and raw.strip(_PLAIN_BLANKS) != raw.strip()
    if is_padded and column.kind not in _FREE_TYPES:
        unseen_names = "、".join(filter(None, (unseen_names, "全角或特殊空格")))
    base_values = {"header": column.header, "raw": fit_to_cell(text)}
    problems: list[Problem] = []
    if removed_count:
        values = {**base_values, "count": str(removed_count)}
        problems.append(Problem("odd-characters", place, values))
    if unseen_names:
        values = {**base_values, "names": unseen_names}
        problems.append(Problem("unseen-characters", place, values))
    is_whole_phone = column.kind is ColumnType.PHONE and _MOBILE_NUMBER.fullmatch(stored_text)
    if is_converted and not is_whole_phone:
        values = {**base_values, **_describe_stored(raw, stored_text, shown_text)}
        problems.append(Problem("number-in-text", place, values))
    if isinstance(raw, CellError):
        parsed = _ParsedCell(None, raw.code)
    elif not text:
        parsed = _ParsedCell(None)
    else:
        parsed = _CELL_PARSERS[column.kind](raw, text, column, context)
    if parsed.code:
        values = {**base_values, **(parsed.values or {})}
        problems.append(Problem(parsed.code, place, values))
    if parsed.value is None:
        return None, problems[-1:]
    return Answer(parsed.value, base_values["raw"], place), problems


def _parse_struck_cell(
    raw: RawValue, remainder: str, column: Column, place: Place, context: ParseContext
) -> tuple[Answer | None, list[Problem]]:
    """Parse a cell of which all but ``remainder`` is struck through.

    Who strikes out a whole cell may have withdrawn it, or may not: that is asked.
    """
    text, _ = strip_controls(display_text(raw))
    values = {"header": column.header, "raw": fit_to_cell(text)}
    remainder = remainder.strip()
    if not remainder:
        return None, [Problem("cell-struck", place, values)]
    answer, problems = _parse_cell(remainder, lambda: remainder, column, place, context)
    if answer:
        values["value"] = fit_to_cell(remainder)
        problems.insert(0, Problem("text-struck", place, values))
    return answer, problems


# Columns whose values are texts, and those of them in which anything may be written.
_FREE_TYPES = frozenset({ColumnType.TEXT, ColumnType.LONG_TEXT, ColumnType.PHONE})
_SHOWN_TYPES = _FREE_TYPES | {ColumnType.CHOICE}
# Blanks that everybody types; paragraphs of a text begin with full-width ones.
_PLAIN_BLANKS = " \t\r\n"
_KIND_WORDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "逻辑值"),
    (date, "日期"),
    ((time, timedelta), "时间"),
    (float, "数字"),
)


def _describe_stored(raw: RawValue, stored_text: str, shown_text: str) -> Mapping[str, str]:
    """Return both readings of a cell in words: what is stored, and what was shown."""
    kind = next(word for types, word in _KIND_WORDS if isinstance(raw, types))
    reading = f"表上显示为“{shown_text}”，已按显示的“{shown_text}”汇入"
    if not shown_text:
        reading = f"看不出按它的格式在表上显示成什么，已按“{stored_text}”汇入"
    elif shown_text == stored_text:
        reading = "表上显示的也是这样，已照原样汇入"
    return {"kind": kind, "stored": stored_text, "reading": reading}


def _parse_text(raw: RawValue, text: str, column: Column, context: ParseContext) -> _ParsedCell:
    """Accept any text; report one that is too long, or was cut off by a program."""
    limit = column.max_length or CELL_LIMIT
    if len(text) > limit:
        values = {"length": str(len(text)), "limit": str(limit)}
        return _ParsedCell(fit_to_cell(text), "too-long", values)
    if isinstance(raw, str) and count_utf16_units(raw) == _TRUNCATED_LENGTH:
        return _ParsedCell(fit_to_cell(text), "text-cut", {"length": str(_TRUNCATED_LENGTH)})
    return _ParsedCell(fit_to_cell(text))


def _parse_phone(raw: RawValue, text: str, column: Column, context: ParseContext) -> _ParsedCell:
    """Accept any text; report one that does not look like a telephone number."""
    parsed = _parse_text(raw, text, column, context)
    is_phone = _PHONE_PATTERN.fullmatch(unicodedata.normalize("NFKC", text))
    if parsed.code or (is_phone and is_within_length(column, text)):
        return parsed
    return _ParsedCell(text, "phone-doubtful")


def _parse_choice(raw: RawValue, text: str, column: Column, context: ParseContext) -> _ParsedCell:
    """Accept a choice of the column, or report how a text was read as one."""
    choices = context.form.get_choice_list(column).choices
    if matched_choice := match_choice(text, choices):
        if matched_choice.value == text:
            return _ParsedCell(text)
        if normalize(matched_choice.value) == normalize(text):
            return _ParsedCell(matched_choice.value)
        return _ParsedCell(matched_choice.value, "choice-read-as", {"value": matched_choice.value})
    options = describe_options(text, [choice.value for choice in choices])
    return _ParsedCell(None, "choice-unknown", {"options": options})


_MAX_LISTED_OPTIONS = 8


def describe_options(text: str, options: Sequence[str]) -> str:
    """Return the options in a phrase; of many only how many there are, and the nearest."""
    if len(options) <= _MAX_LISTED_OPTIONS:
        return "、".join(options)
    nearest = difflib.get_close_matches(text, options, n=1, cutoff=_MIN_SIMILARITY)
    nearest_text = f"，最接近的是“{nearest[0]}”" if nearest else ""
    return f"下拉框里的 {len(options)} 项{nearest_text}"


_MIN_SIMILARITY = 0.3


def match_choice(text: str, choices: tuple[Choice, ...]) -> Choice | None:
    """Return the choice that ``text`` is, or by the table of synonyms means; else None."""
    normalized = normalize(text)
    for choice in choices:
        if normalize(choice.value) == normalized:
            return choice
    meaning = status_synonyms.STATUS_SYNONYMS.get(normalized)
    candidates = [choice for choice in choices if meaning and choice.meaning is meaning]
    return candidates[0] if len(candidates) == 1 else None


def _parse_number(raw: RawValue, text: str, column: Column, context: ParseContext) -> _ParsedCell:
    """Accept a number that the column allows, also one that was typed as text."""
    is_typed_number = isinstance(raw, float) or _NUMBER_PATTERN.fullmatch(normalize(text))
    if not is_typed_number:
        return _ParsedCell(None, "number-unclear")
    value = raw if isinstance(raw, float) else float(normalize(text))
    if not is_number_allowed(column, value):
        return _ParsedCell(None, "number-outside", {"allowed": describe_number(column)})
    return _ParsedCell(value)


def _parse_date(raw: RawValue, text: str, column: Column, context: ParseContext) -> _ParsedCell:
    """Accept a day within the window and not after today; report a text read as one."""
    cell_date = _get_cell_date(raw)
    day = cell_date or parse_date_text(text, context.year)
    example = f"{context.year}-9-30"
    if day is None:
        reason = explain_date(text)
        values = {"example": example, "reason": f"（{reason}）" if reason else ""}
        return _ParsedCell(None, "date-unclear", values)
    first, last = context.window
    if not cell_date and _is_year_ambiguous(text, day, context):
        values = {"example": example, "reason": "（没有写年份）"}
        return _ParsedCell(None, "date-unclear", values)
    if not first <= day <= last:
        window_texts = {"first": str(first), "last": str(last)}
        # A typed 9.3 in a date cell is the ninth day of the calendar of workbooks.
        is_number = cell_date is not None and day.year <= _FIRST_CALENDAR_YEAR
        seen = f"{text}（像是把“9.3”一类的月日当成了数字）" if is_number else text
        return _ParsedCell(None, "date-outside", {"raw": seen, **window_texts})
    if day > context.today:
        return _ParsedCell(None, "date-future", {"raw": text, "today": str(context.today)})
    if cell_date:
        return _ParsedCell(day)
    return _ParsedCell(day, "date-read-as", {"value": str(day)})


def _get_cell_date(raw: RawValue) -> date | None:
    """Return the day of a cell with a date value; None for text."""
    if isinstance(raw, datetime):
        return raw.date()
    return raw if isinstance(raw, date) else None


def _is_year_ambiguous(text: str, day: date, context: ParseContext) -> bool:
    """Whether ``text`` has no year, and its day in the next year would be valid too."""
    next_year_day = parse_date_text(text, context.year + 1)
    last = min(context.window[1], context.today)
    return next_year_day is not None and next_year_day != day and next_year_day <= last


def parse_date_text(text: str, year: int) -> date | None:
    """Parse a full date, in ``year`` where it has none; None for anything else.

    ``2022年9月`` and ``9.30`` are no dates: their day or their meaning is not certain. Nor is a
    date with the weekday of another day. A time of day behind the date does not count.
    """
    typed = _write_plainly(text)
    for pattern in _DATE_PATTERNS:
        if match := pattern.fullmatch(typed):
            parts = match.groupdict()
            full_year = int(parts.get("y") or year)
            full_year += _CENTURY if full_year < _FIRST_FULL_YEAR else 0
            try:
                day = date(full_year, int(parts["m"]), int(parts["d"]))
            except ValueError:
                return None
            weekday = (parts["w"] or "").replace("天", "日")
            return None if weekday and weekday != _WEEKDAYS[day.weekday()] else day
    return None


def _write_plainly(text: str) -> str:
    """Return a typed date in ASCII digits, one kind of dash, and blanks before the time alone."""
    plain = unicodedata.normalize("NFKC", text).strip().lower().translate(_DASHES)
    plain = _SPACED_SEPARATOR.sub(r"\1", plain)
    plain = _CHINESE_NUMERAL.sub(lambda match: convert_numeral(match[0]), plain)
    return re.sub(r"\s+", " ", plain)


# One parser for each type of column.
_CELL_PARSERS: Mapping[ColumnType, Callable[[RawValue, str, Column, ParseContext], _ParsedCell]] = {
    ColumnType.TEXT: _parse_text,
    ColumnType.LONG_TEXT: _parse_text,
    ColumnType.PHONE: _parse_phone,
    ColumnType.CHOICE: _parse_choice,
    ColumnType.NUMBER: _parse_number,
    ColumnType.WHOLE_NUMBER: _parse_number,
    ColumnType.DATE: _parse_date,
}
