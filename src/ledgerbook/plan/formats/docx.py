"""Read the tables of a .docx: the XML grid with its merged cells."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

from ledgerbook.file_types import WORD, damaged, guard
from ledgerbook.plan.grid import CellGrid, Pages, PlanCell

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

# Word itself allows no more columns.
_MOST_COLUMNS = 63


def pages_from_docx(data: bytes) -> Pages:
    """Return every table of a .docx. Raises InputError when it is damaged."""
    guard(data, WORD)
    body = _body(data)
    tables = tuple(_grid(table) for table in _tables(body))
    return Pages(tables, _titles(body), tuple(_lines(body)))


def _body(data: bytes) -> Any:
    from docx import Document

    try:
        return Document(io.BytesIO(data)).element.body
    except Exception as error:
        # python-docx raises whatever its parsers raise; the office needs one sentence.
        raise damaged(WORD) from error


# ── tables ───────────────────────────────────────────────────────────────────────


def _tables(body: Any) -> Iterator[Any]:
    """Find the outermost tables, in content controls too."""
    return (t for t in body.iter(f"{_W}tbl") if not _inside(t, f"{_W}tbl"))


def _lines(body: Any) -> Iterator[str]:
    """Yield the lines of the paragraphs outside all tables."""
    for paragraph in body.iter(f"{_W}p"):
        if not _inside(paragraph, f"{_W}tbl"):
            yield from _text(paragraph).split("\n")


def _titles(body: Any) -> tuple[str, ...]:
    """List the paragraphs before the first table, the last first, then joined ones."""
    lines: list[str] = []
    for element in body.iter(f"{_W}p", f"{_W}tbl"):
        if element.tag == f"{_W}tbl":
            break
        lines.append(_text(element).strip())
    lines = [line for line in lines if line]
    pairs = (a + b for a, b in pairwise(lines))
    return (*lines[::-1], *pairs, "".join(lines))


def _grid(table: Any) -> CellGrid:
    """Lay out a table's cells; a vMerge that continues belongs to the cell above."""
    cells: list[PlanCell] = []
    above: dict[int, int] = {}
    rows = (r for r in table.iter(f"{_W}tr") if _owner(r, f"{_W}tbl") is table)
    for row, tr in enumerate(rows):
        merging: dict[int, int] = {}
        column = _number(tr, "trPr/gridBefore", default=0)
        for tc in (c for c in tr.iter(f"{_W}tc") if _owner(c, f"{_W}tr") is tr):
            span = _number(tc, "tcPr/gridSpan", default=1)
            merge = _child(tc, "tcPr/vMerge")
            if merge is not None and _continues(merge) and column in above:
                at = above[column]
                cells[at] = replace(cells[at], rows=cells[at].rows + 1)
            else:
                at = len(cells)
                cells.append(PlanCell(_text(tc), row, column, 1, span))
            if merge is not None:
                merging[column] = at
            column += span
        above = merging
    return CellGrid(tuple(cells))


def _continues(merge: Any) -> bool:
    return bool(merge.get(f"{_W}val", "continue") == "continue")


def _number(element: Any, path: str, default: int) -> int:
    found = _child(element, path)
    value = found.get(f"{_W}val", "") if found is not None else ""
    return min(int(value), _MOST_COLUMNS) if value.isdigit() else default


def _child(element: Any, path: str) -> Any:
    return element.find("/".join(_W + step for step in path.split("/")))


def _owner(element: Any, tag: str) -> Any:
    return next(element.iterancestors(tag), None)


def _inside(element: Any, *tags: str) -> bool:
    return next(element.iterancestors(*tags), None) is not None


def _text(element: Any) -> str:
    """Return the words that stand in a cell or paragraph, one line a paragraph."""
    lines = [""]
    for node in element.iter(f"{_W}p", f"{_W}t", f"{_W}br", f"{_W}cr", f"{_W}tab"):
        if node.tag == f"{_W}t":
            if not _inside(node, f"{_W}moveFrom", _FALLBACK):
                lines[-1] += node.text or ""
        elif node.tag == f"{_W}tab":
            lines[-1] += " "
        else:
            lines.append("")
    return "\n".join(lines).strip()
