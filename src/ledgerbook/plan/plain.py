"""Read a table pasted as text: `a | b | c`, tabs between cells, or .csv."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ledgerbook.plan.content import is_heading
from ledgerbook.plan.grid import Cell, Grid, Pages

_MOST_ROWS = 5000
_MOST_COLUMNS = 60
# The line under the header of a markdown table, and lines drawn between rows.
_RULE = re.compile(r"[\s|+:=\-\u2014\u2500-\u257f]+")
_PIPES = str.maketrans({"\uff5c": "|", "│": "|", "┃": "|", "￨": "|"})
_UNFINISHED = ("、", ",", "\uff0c", "和", "及", "(", "\uff08")
_MARKUP = re.compile(r"</?(?:br|p|b|strong)\s*/?>|\*\*", re.IGNORECASE)


@dataclass(slots=True)
class _Table:
    rows: list[list[str]] = field(default_factory=list)

    @property
    def width(self) -> int:
        return max(map(len, self.rows), default=0)


def tables_in(text: str) -> Iterator[Pages]:
    """Yield what ``text`` holds when it is read in each way that a table is pasted."""
    plain = text.translate(_PIPES)
    for separator in "\t|":
        if separator in plain:
            yield _pages(plain, separator)
    for separator in ",;":
        if separator in text:
            yield _pages_of_csv(text, separator)


def _pages(text: str, separator: str) -> Pages:
    """Read rows of one line each; a quoted or unfinished cell goes on in the next."""
    before: list[str] = []
    if separator == "\t" and '"' in text:
        # As a spreadsheet puts cells with line breaks on the clipboard.
        return _pages_of_csv(text, separator)
    table = _Table()
    loose: list[str] = []
    framed = _is_framed(text, separator)
    for line in text.splitlines():
        stripped = line.strip() if separator == "|" else line.strip(" \r\n\u3000")
        if not stripped.strip() or (separator == "|" and _RULE.fullmatch(stripped)):
            continue
        if separator not in stripped:
            (loose if table.rows else before).append(stripped.strip())
            continue
        _settle(table, loose)
        _add(table, _cells(stripped, separator, framed=framed))
    _settle(table, [line for line in loose if is_heading(line)], last=True)
    return _made(table, before)


def _is_framed(text: str, separator: str) -> bool:
    """Whether rows begin and end with a separator, and not with empty cells."""
    lines = [s for line in text.splitlines() if separator in (s := line.strip())]
    framed = sum(s.startswith(separator) and s.endswith(separator) for s in lines)
    return separator == "|" and framed * 2 > len(lines)


def _cells(line: str, separator: str, *, framed: bool) -> list[str]:
    if framed:
        line = line.removeprefix(separator).removesuffix(separator)
    return [_MARKUP.sub(_break, cell).strip() for cell in line.split(separator)]


def _break(markup: re.Match[str]) -> str:
    return "\n" if markup[0].lower().startswith(("<br", "<p")) else ""


def _add(table: _Table, cells: list[str]) -> None:
    """Add a row; one that ended in the middle of a cell goes on with this line."""
    last = table.rows[-1] if table.rows else []
    together = len(last) + len(cells) - 1
    if last and last[-1].endswith(_UNFINISHED) and together <= len(table.rows[0]):
        last[-1] += cells[0]
        last.extend(cells[1:])
    else:
        table.rows.append(cells)


def _settle(table: _Table, loose: list[str], *, last: bool = False) -> None:
    """Place lines without separators: headings of their own, or more of a cell."""
    for line in loose:
        row = table.rows[-1]
        whole = len(row) >= len(table.rows[0])
        if is_heading(line) or (whole and not last and len(row) > 1):
            table.rows.append([line])
        else:
            row[-1] += f"\n{line}"
    loose.clear()


def _pages_of_csv(text: str, separator: str) -> Pages:
    lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        read = csv.reader(lines, delimiter=separator)
        rows = [
            [cell.strip() for cell in row] for row in read if any(map(str.strip, row))
        ]
    except csv.Error:
        return Pages(())
    if not _is_even(rows):
        return Pages(())
    width = max((_filled(row) for row in rows), default=0)
    return _made(_Table([row[:width] for row in rows]), [])


def _is_even(rows: Sequence[Sequence[str]]) -> bool:
    """Whether most rows have the same number of cells: the commas of prose do not."""
    counts = Counter(map(len, rows))
    return not counts or max(counts.values()) * 2 > len(rows) > 1


def _filled(row: Sequence[str]) -> int:
    return max((n for n, cell in enumerate(row, 1) if cell), default=0)


def _made(table: _Table, before: list[str]) -> Pages:
    while table.rows and sum(map(bool, table.rows[0])) == 1:
        before.append("".join(table.rows.pop(0)))
    if not 1 < table.width <= _MOST_COLUMNS or len(table.rows) > _MOST_ROWS:
        return Pages(())
    cells = (
        Cell(text, r, c)
        for r, row in enumerate(table.rows)
        for c, text in enumerate(row)
    )
    titles = tuple(reversed(before))
    return Pages((Grid(tuple(cells)),), (*titles, "".join(before[-2:])))
