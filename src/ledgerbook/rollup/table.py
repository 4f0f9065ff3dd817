"""The detail of a summary, found by its headers: its lines, and the rows they make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from ledgerbook.detail.schema import BY_KEY, CLASSES, OTHER, DetailRow, Type
from ledgerbook.detail.schema import Value as Typed
from ledgerbook.problems.catalogue import Place, Problem
from ledgerbook.returns.raw import Fault, RawBook, RawSheet
from ledgerbook.returns.raw import Value as Read
from ledgerbook.returns.values import cell_name, shown
from ledgerbook.text import cell_text, squash

# Title and note stand above the header; the office may have put in some lines more.
_HEAD_WITHIN = 12
# Worked out here, or of no use a level up: days left depend on the day.
_PASSED_OVER = frozenset(("class", "days"))
# What a problem quotes of a row.
_QUOTED = 200

Line = Mapping[int, Read]


@dataclass(frozen=True, slots=True)
class Table:
    """The detail on one sheet: ``columns`` key → column, ``lines`` row → its cells.

    ``others`` are headers of columns that no key is known for.
    """

    NEEDED: ClassVar[tuple[str, ...]] = ("section", "row_code", "status")

    sheet: str
    columns: Mapping[str, int]
    others: Mapping[int, str]
    lines: Mapping[int, Line]


def find_tables(raw: RawBook, columns: Mapping[str, str]) -> tuple[Table, ...]:
    """Find every sheet that is headed like a detail; ``columns`` are headers by key.

    A long detail goes on from sheet to sheet.
    """
    found = (_table(sheet, columns) for sheet in raw.sheets)
    return tuple(table for table in found if table)


def _table(sheet: RawSheet, columns: Mapping[str, str]) -> Table | None:
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
        if not set(Table.NEEDED) <= set(known):
            continue
        others = {n: shown(lines[head][n]) for n in titles if n not in known.values()}
        below = {n: lines[n] for n in sorted(lines) if n > head}
        return Table(sheet.name, known, others, below)
    return None


def read_rows(
    file: str,
    tables: Sequence[Table],
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
    table: Table
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
        for key in Table.NEEDED:
            column = self.table.columns[key]
            value = line.get(column)
            header = self.columns[key]
            if isinstance(value, Fault):
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
    if isinstance(value, Fault):
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
