"""A summary's workbook → its facts, its rows, and what is wrong with it. Pure.

The file is anybody's: it comes guarded and read like a return, in a worker's process.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar

from ledgerbook.export import BY_KEY, CLASSES, OTHER, SCHEMA, DetailRow, Type
from ledgerbook.export import Value as Typed
from ledgerbook.intake.formats.raw_workbook import (
    CellError,
    RawSheet,
    RawWorkbook,
    cell_name,
    shown,
)
from ledgerbook.intake.formats.raw_workbook import Value as Read
from ledgerbook.intake.formats.reader import read_workbook
from ledgerbook.intake.identify import kind_of
from ledgerbook.intake.pipeline import FileSource, ReadContext, read_file
from ledgerbook.intake.results import FileRead
from ledgerbook.intake.synonyms import STATUS_SYNONYMS
from ledgerbook.model import StatusCategory
from ledgerbook.model.problems import Place, Problem
from ledgerbook.model.results import (
    NIL,
    NOT_FILLED,
    NOT_RETURNED,
    FileReport,
    FileStatus,
)
from ledgerbook.rollup.merge import SummaryRead
from ledgerbook.summary import metadata
from ledgerbook.summary.metadata import Facts, SectionFact, UnitFact, UnknownFormatError
from ledgerbook.text import cell_text, squash

# What the keywords of our summaries call them.
KINDS = ("年度汇总", "合并汇总")
# A summary of a whole level has far more cells than any return.
MOST_CELLS = 4_000_000
DETAIL = "科室明细"


def read_summary(source: FileSource, terms: ReadContext) -> FileRead:
    """Read one file that should be a summary. What is wrong is part of the result."""
    return read_file(source, replace(terms, understand=understand))


def understand(report: FileReport, data: bytes, terms: ReadContext) -> FileRead:
    """Read what can only be a workbook. Raises RefusedError."""
    raw = read_workbook(data, terms.passwords, MOST_CELLS)
    return read_book(replace(report, saved_at=raw.saved_at), raw)


def read_book(report: FileReport, raw: RawWorkbook) -> SummaryRead:
    """Make of a workbook what it says as a summary."""
    hidden = next((s for s in raw.sheets if s.name == metadata.FACTS_SHEET), None)
    if hidden is None and kind_of(raw) not in KINDS:
        return _refused(report, "summary-none")
    problems: list[Problem] = []
    facts: Facts | None = None
    try:
        facts = metadata.read(_grid(hidden)) if hidden else None
    except UnknownFormatError as error:
        return _refused(report, "summary-newer", {"found": str(error)})
    except ValueError:
        facts = None
    if facts is None:
        problems.append(Problem("summary-older", Place(report.name)))
    columns = facts.columns if facts and facts.columns else HEADERS
    tables = find_tables(raw, columns)
    if facts is None:
        facts = guessed_facts(raw, sum(len(t.lines) for t in tables))
    if facts is None:
        count = sum(len(table.lines) for table in tables)
        values = {"count": str(count)}
        return _refused(report, "summary-unnamed", values, count)
    if not tables:
        values = {
            "sheet": DETAIL,
            "headers": "、".join(columns.get(k, k) for k in DetailTable.NEEDED),
            "count": str(facts.rows),
        }
        return _refused(report, "summary-no-detail", values, facts.rows)
    return _filled(report, facts, tables, problems)


def _filled(
    report: FileReport,
    facts: Facts,
    tables: Sequence[DetailTable],
    problems: list[Problem],
) -> SummaryRead:
    # Anybody may have written the hidden sheet: a class that there is none of is none.
    told = {s: kind for s, kind in facts.statuses.items() if kind in ("", *CLASSES)}
    statuses = told or STATUSES
    rows, wrong = read_rows(report.name, tables, facts.columns or HEADERS, statuses)
    found = sum(len(table.lines) for table in tables)
    problems += wrong
    problems += _changes(report.name, facts, found, rows)
    return SummaryRead(
        report,
        problems=tuple(problems),
        found=max(found, facts.rows),
        facts=facts,
        detail=tuple(rows),
    )


def _changes(
    name: str, facts: Facts, found: int, rows: Sequence[DetailRow]
) -> Iterator[Problem]:
    """Point out what has been done to a summary since it was made.

    Rows that it had and has no more are counted as held: nobody knows what they said.
    """
    place = Place(name)
    if facts.found != facts.accounted:
        values = {"found": str(facts.found), "accounted": str(facts.accounted)}
        yield Problem("summary-unbalanced", place, values)
    now = Counter(row.text("status") for row in rows)
    if found != facts.rows:
        values = {"made": str(facts.rows), "found": str(found)}
        gone = max(0, facts.rows - found)
        yield Problem("summary-rows", place, values, cells=gone)
    elif facts.counts and now != facts.counts:
        moved = [
            f"{status or '空白'} {facts.counts.get(status, 0)}→{now[status]}"
            for status in sorted({*facts.counts, *now})
            if facts.counts.get(status, 0) != now[status]
        ]
        yield Problem("summary-edited", place, {"detail": "，".join(moved)})


def _refused(
    report: FileReport,
    code: str,
    values: Mapping[str, str] | None = None,
    rows: int = 0,
) -> SummaryRead:
    problem = Problem(code, Place(report.name), values or {}, cells=rows)
    noted = replace(report, verdict=FileStatus.REJECTED, note=problem.message)
    return SummaryRead(noted, problems=(problem,), found=rows)


def _grid(sheet: RawSheet) -> list[list[str]]:
    """Return the cells of the hidden sheet as rows of text."""
    lines: dict[int, dict[int, str]] = {}
    for (row, column), value in sheet.cells.items():
        lines.setdefault(row, {})[column] = shown(value)
    return [
        [line.get(column, "") for column in range(max(line) + 1)]
        for _, line in sorted(lines.items())
    ]


# The detail of a summary, found by its headers: its lines, and the rows they make.

# Title and note stand above the header; the office may have put in some lines more.
_HEAD_WITHIN = 12
# Worked out here, or of no use a level up: days left depend on the day.
_PASSED_OVER = frozenset(("class", "days"))
# What a problem quotes of a row.
_QUOTED = 200

Line = Mapping[int, Read]


@dataclass(frozen=True, slots=True)
class DetailTable:
    """The detail on one sheet: ``columns`` key → column, ``lines`` row → its cells.

    ``others`` are headers of columns that no key is known for.
    """

    NEEDED: ClassVar[tuple[str, ...]] = ("section", "row_code", "status")

    sheet: str
    columns: Mapping[str, int]
    others: Mapping[int, str]
    lines: Mapping[int, Line]


def find_tables(
    raw: RawWorkbook, columns: Mapping[str, str]
) -> tuple[DetailTable, ...]:
    """Find every sheet that is headed like a detail; ``columns`` are headers by key.

    A long detail goes on from sheet to sheet.
    """
    found = (_table(sheet, columns) for sheet in raw.sheets)
    return tuple(table for table in found if table)


def _table(sheet: RawSheet, columns: Mapping[str, str]) -> DetailTable | None:
    lines: dict[int, dict[int, Read]] = {}
    for (row, column), value in sheet.cells.items():
        lines.setdefault(row, {})[column] = value
    wanted = {squash(header): key for key, header in columns.items()}
    for head in sorted(lines)[:_HEAD_WITHIN]:
        titles = {n: squash(shown(v)) for n, v in lines[head].items()}
        known: dict[str, int] = {}
        for at in sorted(titles):
            if titles[at] in wanted:
                known.setdefault(wanted[titles[at]], at)
        if not set(DetailTable.NEEDED) <= set(known):
            continue
        others = {n: shown(lines[head][n]) for n in titles if n not in known.values()}
        below = {n: lines[n] for n in sorted(lines) if n > head}
        return DetailTable(sheet.name, known, others, below)
    return None


def read_rows(
    file: str,
    tables: Sequence[DetailTable],
    columns: Mapping[str, str],
    statuses: Mapping[str, str],
) -> tuple[list[DetailRow], list[Problem]]:
    """Read every line of the detail: each is a row, or held by one of the problems."""
    problems: list[Problem] = []
    rows: list[DetailRow] = []
    for table in tables:
        for key, header in columns.items():
            if key not in table.columns:
                where = Place(file, table.sheet)
                problems.append(Problem("summary-column", where, {"header": header}))
        reader = _Reader(file, table, columns, statuses)
        for at, line in table.lines.items():
            row, wrong = reader.read(at, line)
            problems += wrong
            if row:
                rows.append(row)
    kept, doubled = _told_once(rows)
    return kept, [*problems, *doubled]


@dataclass(frozen=True, slots=True)
class _Reader:
    file: str
    table: DetailTable
    columns: Mapping[str, str]
    statuses: Mapping[str, str]

    def read(self, at: int, line: Line) -> tuple[DetailRow | None, list[Problem]]:
        where = Place(self.file, self.table.sheet, cell_name((at, 0)))
        if held := self._held(at, line, where):
            return None, [held]
        values: dict[str, Typed] = {}
        problems: list[Problem] = []
        for key, column in self.table.columns.items():
            value = line.get(column)
            if value is None or key in _PASSED_OVER or key not in BY_KEY:
                continue
            typed, code = _typed(BY_KEY[key].type, value)
            if typed not in (None, ""):
                values[key] = typed
            if code:
                cell = Place(self.file, self.table.sheet, cell_name((at, column)))
                said = {"header": self.columns[key], "raw": shown(value)}
                problems.append(Problem(code, cell, said))
        if other := self._other(line, values):
            values["other"] = other
        status = str(values.get("status", ""))
        kind = self._kind(line, status)
        if not kind:
            cell = Place(
                self.file,
                self.table.sheet,
                cell_name((at, self.table.columns["status"])),
            )
            said = {"header": self.columns["status"], "raw": status}
            problems.append(Problem("summary-status", cell, said))
        values["class"] = kind or OTHER
        return DetailRow(values, where), problems

    def _kind(self, line: Line, status: str) -> str:
        """Return the class of a status; where its words leave it open, the row's."""
        known = self.statuses.get(status)
        column = self.table.columns.get("class", -1)
        said = shown(line.get(column)) if known == "" else ""
        return said if said in CLASSES else known or ""

    def _held(self, at: int, line: Line, where: Place) -> Problem | None:
        """Say why a line cannot be any row; None where it can."""
        raw = cell_text("；".join(shown(v) for v in line.values()))[:_QUOTED]
        for key in DetailTable.NEEDED:
            column = self.table.columns[key]
            value = line.get(column)
            header = self.columns[key]
            if isinstance(value, CellError):
                cell = Place(self.file, self.table.sheet, cell_name((at, column)))
                said = {"header": header, "raw": value.text}
                return Problem("summary-row-error", cell, said, cells=1)
            if key != "status" and not shown(value):
                said = {"lack": f"“{header}”", "raw": raw}
                return Problem("summary-row", where, said, cells=1)
        return None

    def _other(self, line: Line, values: Mapping[str, Typed]) -> str:
        """Put what stands in columns of the unit's own into words, nothing lost."""
        unknown = {
            column: self.columns[key]
            for key, column in self.table.columns.items()
            if key not in BY_KEY and key not in _PASSED_OVER
        }
        titles = dict(sorted({**self.table.others, **unknown}.items()))
        said = [f"{t}：{shown(line[n])}" for n, t in titles.items() if n in line]
        # Cells beyond the last header have none to be named by.
        named = {*titles, *self.table.columns.values()}
        said += [shown(value) for n, value in line.items() if n not in named]
        already = str(values.get("other", ""))
        return cell_text("\n".join(filter(None, (already, *said))))


def _typed(kind: Type, value: Read) -> tuple[Typed, str]:
    """Return a cell as its column's type has it, and what is wrong with it."""
    if isinstance(value, CellError):
        return None, "summary-cell"
    if kind is Type.DATE:
        if isinstance(value, datetime):
            return value.date(), ""
        if isinstance(value, date):
            return value, ""
        try:
            return date.fromisoformat(shown(value)), ""
        except ValueError:
            return None, "summary-date"
    if kind is Type.NUMBER:
        text = shown(value)
        return (int(text), "") if text.isdecimal() else (None, "summary-number")
    return shown(value), ""


def _told_once(rows: Sequence[DetailRow]) -> tuple[list[DetailRow], list[Problem]]:
    """Keep one of the rows that say the same; of those that differ, none."""
    groups: dict[tuple[str, str], list[DetailRow]] = {}
    for row in rows:
        groups.setdefault((row.unit, row.text("row_code")), []).append(row)
    kept: list[DetailRow] = []
    problems: list[Problem] = []
    for group in groups.values():
        same = all(row.values == group[0].values for row in group[1:])
        held = group[1:] if same else group
        if same:
            kept.append(group[0])
        problems += _doubled(held, len(group), same=same)
    return kept, problems


def _doubled(held: Sequence[DetailRow], times: int, *, same: bool) -> Iterator[Problem]:
    code = "summary-row-again" if same else "summary-row-twice"
    for row in held:
        values = {
            "row_code": row.text("row_code"),
            "times": str(times),
            "raw": "；".join(str(v) for v in row.values.values())[:_QUOTED],
        }
        section = row.section
        yield Problem(code, row.place, values, section=section, cells=1)


# Summaries of before they told the level above what they are: by what can be seen.

_OVERVIEW, _STANDINGS = "总览", "报送情况"
_TITLE = re.compile(r"(.+?)(\d{4})年政务公开重点任务落实情况汇总")
_DAY = re.compile(r"汇总日期：(\d{4})年(\d{1,2})月(\d{1,2})日")
_BOOK = re.compile(r"book=([^;\s]+)")

_FACTS_WITHIN = 12

# How the factory form heads what it has of the schema.
_NOT_THEIRS = ("unit", "class", "other", "place")
HEADERS: Mapping[str, str] = {
    **{s.key: s.header for s in SCHEMA if s.key not in _NOT_THEIRS},
    "days": "剩余天数",
}
# The choices of the factory form, and what people write for them.
STATUSES: Mapping[str, str] = {
    **{text: str(meaning) for text, meaning in STATUS_SYNONYMS.items()},
    **{kind: kind for kind in CLASSES},
    "未启动": str(StatusCategory.TODO),
    "推进中": str(StatusCategory.DOING),
    "已完成": str(StatusCategory.DONE),
    "长期推进": str(StatusCategory.ONGOING),
    "不涉及": str(StatusCategory.EXEMPT),
    NOT_FILLED: NOT_FILLED,
    NIL: NIL,
    NOT_RETURNED: NOT_RETURNED,
}


def guessed_facts(raw: RawWorkbook, rows: int) -> Facts | None:
    """Read off the visible sheets whose summary it is; None when they do not say."""
    overview = next((s for s in raw.sheets if s.name == _OVERVIEW), None)
    if overview is None:
        return None
    texts = [shown(v) for (row, _), v in overview.cells.items() if row < _FACTS_WITHIN]
    title = next(filter(None, map(_TITLE.fullmatch, texts)), None)
    day = next(filter(None, map(_DAY.fullmatch, texts)), None)
    if title is None or day is None:
        return None
    try:
        as_of = date(*map(int, day.groups()))
    except ValueError:
        return None
    book = _BOOK.search(raw.keywords)
    standings = next((s for s in raw.sheets if s.name == _STANDINGS), None)
    return Facts(
        name=title[1],
        year=int(title[2]),
        as_of=as_of,
        rows=rows,
        units=(UnitFact("", book[1] if book else "", as_of, rows),),
        sections=_sections(standings) if standings else (),
    )


def _sections(sheet: RawSheet) -> tuple[SectionFact, ...]:
    """Read who has returned from the first table of 报送情况."""
    heads: dict[int, dict[str, int]] = {}
    for (row, column), value in sheet.cells.items():
        if row < _FACTS_WITHIN:
            heads.setdefault(row, {})[shown(value)] = column
    # A table of files stands below; it has sections as well, but no standings.
    fit = (n for n in sorted(heads) if {"科室", "报送状态"} <= heads[n].keys())
    head = next(fit, None)
    if head is None:
        return ()
    section, standing = heads[head]["科室"], heads[head]["报送状态"]
    found: list[SectionFact] = []
    row = head + 1
    while name := shown(sheet.cells.get((row, section))):
        if (row, standing) not in sheet.cells:
            break
        said = shown(sheet.cells[row, standing])
        found.append(SectionFact("", name, said))
        row += 1
    return tuple(found)
