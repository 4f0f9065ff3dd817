"""A summary's workbook → its facts, its rows, and what is wrong with it. Pure.

The file is anybody's: it comes guarded and read like a return, in a worker's process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ledgerbook.detail.schema import CLASSES, DetailRow
from ledgerbook.ledger import FileReport, Verdict
from ledgerbook.problems.catalogue import Place, Problem
from ledgerbook.receiving.reading import Source, Terms, read_file
from ledgerbook.returns.identify import kind_of
from ledgerbook.returns.raw import RawBook, RawSheet
from ledgerbook.returns.reader import read_workbook
from ledgerbook.returns.reads import FileRead
from ledgerbook.returns.values import shown
from ledgerbook.rollup.model import SummaryRead
from ledgerbook.rollup.older import HEADERS, STATUSES, guessed_facts
from ledgerbook.rollup.table import Table, find_tables, read_rows
from ledgerbook.summary import levels
from ledgerbook.summary.levels import Facts, UnknownFormatError

# What the keywords of our summaries call them.
KINDS = ("年度汇总", "合并汇总")
# A summary of a whole level has far more cells than any return.
MOST_CELLS = 4_000_000
DETAIL = "科室明细"


def read_summary(source: Source, terms: Terms) -> FileRead:
    """Read one file that should be a summary. What is wrong is part of the result."""
    return read_file(source, replace(terms, understand=understand))


def understand(report: FileReport, data: bytes, terms: Terms) -> FileRead:
    """Read what can only be a workbook. Raises RefusedError."""
    raw = read_workbook(data, terms.passwords, MOST_CELLS)
    return read_book(replace(report, saved_at=raw.saved_at), raw)


def read_book(report: FileReport, raw: RawBook) -> SummaryRead:
    """Make of a workbook what it says as a summary."""
    hidden = next((s for s in raw.sheets if s.name == levels.SHEET), None)
    if hidden is None and kind_of(raw) not in KINDS:
        return _refused(report, "summary-none")
    problems: list[Problem] = []
    facts: Facts | None = None
    try:
        facts = levels.read(_grid(hidden)) if hidden else None
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
            "headers": "、".join(columns.get(k, k) for k in Table.NEEDED),
            "count": str(facts.rows),
        }
        return _refused(report, "summary-no-detail", values, facts.rows)
    return _filled(report, facts, tables, problems)


def _filled(
    report: FileReport, facts: Facts, tables: Sequence[Table], problems: list[Problem]
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
    noted = replace(report, verdict=Verdict.REJECTED, note=problem.message)
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
