"""Read the tables of a .docx (WordprocessingML) with their merged cells.

Tables: ECMA-376 Part 1 §17.4. A cell spans columns by ``w:gridSpan``; vertically merged
cells are one ``w:tc`` a row, the later ones with ``w:vMerge`` of value ``continue``,
which is also the default; ``w:gridBefore`` is the number of columns that a row leaves
out at its beginning. Python-docx opens the package; the elements are read directly, as
its table classes do not cover nested content controls and ragged rows.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

from ledgerbook.file_types import WORD_DOCUMENT, check_package, make_damaged_error
from ledgerbook.plan.grid import (
    MAX_ROWS,
    CellGrid,
    PlanCell,
    PlanDocument,
    name_table,
)
from ledgerbook.plan.headings import add_heading_rows

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK_TAG = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

# The limit of Word; a larger number is an error in the file.
_MAX_COLUMNS = 63


def read_docx_document(data: bytes) -> PlanDocument:
    """Return every outermost table of a .docx, its titles and its lines outside tables.

    Raises InputError when the file is damaged, oversized or encrypted.
    """
    check_package(data, WORD_DOCUMENT)
    body = _parse_body(data)
    tables: list[CellGrid] = []
    unread_tables: list[str] = []
    for table, lines_above in _find_outermost_tables(body):
        # Longer tables are not read: that would take long for what is no plan.
        if _count_rows(table) > MAX_ROWS:
            unread_tables.append(name_table(_list_first_row(table)))
        else:
            tables.append(add_heading_rows(_build_docx_grid(table), lines_above))
    return PlanDocument(
        tuple(tables),
        list_titles(_list_lines_above_tables(body)),
        tuple(_list_lines_outside_tables(body)),
        tuple(unread_tables),
    )


def _count_rows(table: Any) -> int:
    return sum(1 for _ in table.iter(f"{_W}tr"))


def _list_first_row(table: Any) -> list[str]:
    return [_extract_docx_text(tc) for tc in next(table.iter(f"{_W}tr")).iter(f"{_W}tc")]


def _parse_body(data: bytes) -> Any:
    from docx import Document

    try:
        return Document(io.BytesIO(data)).element.body
    except Exception as error:
        # python-docx passes on the exceptions of its parsers, of no common class.
        raise make_damaged_error(WORD_DOCUMENT) from error


def _find_outermost_tables(body: Any) -> Iterator[tuple[Any, list[str]]]:
    """Yield the tables that are not inside another, each with the lines directly above it.

    Tables in content controls are included.
    """
    lines: list[str] = []
    for element in body.iter(f"{_W}p", f"{_W}tbl"):
        if _is_inside(element, f"{_W}tbl"):
            continue
        if element.tag == f"{_W}tbl":
            yield element, lines
            lines = []
        else:
            lines += _extract_docx_text(element).split("\n")


def _list_lines_outside_tables(body: Any) -> Iterator[str]:
    """Yield the lines of the paragraphs outside all tables."""
    for paragraph in body.iter(f"{_W}p"):
        if not _is_inside(paragraph, f"{_W}tbl"):
            yield from _extract_docx_text(paragraph).split("\n")


def _list_lines_above_tables(body: Any) -> Iterator[str]:
    for element in body.iter(f"{_W}p", f"{_W}tbl"):
        if element.tag == f"{_W}tbl":
            break
        yield _extract_docx_text(element)


def list_titles(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the lines above the first table that may be the title, the most likely first.

    These are the lines, the nearest first, then each two neighbours joined and all joined,
    as a long title takes several paragraphs.
    """
    filled_lines = [stripped for line in lines if (stripped := line.strip())]
    pairs = (line + next_line for line, next_line in pairwise(filled_lines))
    return (*filled_lines[::-1], *pairs, "".join(filled_lines))


def _build_docx_grid(table: Any) -> CellGrid:
    """Return the cells of a table; a cell continued by vMerge extends the one above."""
    cells: list[PlanCell] = []
    # Column → index in ``cells`` of the vertically merged cell, for the row above.
    merges_above: dict[int, int] = {}
    rows = (tr for tr in table.iter(f"{_W}tr") if _find_owner(tr, f"{_W}tbl") is table)
    for row, tr in enumerate(rows):
        merges: dict[int, int] = {}
        column = _read_integer_property(tr, "trPr/gridBefore", default=0)
        for tc in (tc for tc in tr.iter(f"{_W}tc") if _find_owner(tc, f"{_W}tr") is tr):
            column_span = _read_integer_property(tc, "tcPr/gridSpan", default=1)
            merge = _find_child(tc, "tcPr/vMerge")
            if merge is not None and _is_continued_merge(merge) and column in merges_above:
                cell_index = merges_above[column]
                merged_cell = cells[cell_index]
                cells[cell_index] = replace(merged_cell, row_span=merged_cell.row_span + 1)
            else:
                cell_index = len(cells)
                cells.append(PlanCell(_extract_docx_text(tc), row, column, 1, column_span))
            if merge is not None:
                merges[column] = cell_index
            column += column_span
        merges_above = merges
    return CellGrid(tuple(cells))


def _is_continued_merge(merge: Any) -> bool:
    return bool(merge.get(f"{_W}val", "continue") == "continue")


def _read_integer_property(element: Any, path: str, default: int) -> int:
    """Return the ``w:val`` of a descendant element, at most the limit of columns."""
    child = _find_child(element, path)
    value = child.get(f"{_W}val", "") if child is not None else ""
    return min(int(value), _MAX_COLUMNS) if value.isdigit() else default


def _find_child(element: Any, path: str) -> Any:
    return element.find("/".join(_W + tag_name for tag_name in path.split("/")))


def _find_owner(element: Any, tag: str) -> Any:
    """Return the nearest ancestor with ``tag``, or None."""
    return next(element.iterancestors(tag), None)


def _is_inside(element: Any, *tags: str) -> bool:
    return next(element.iterancestors(*tags), None) is not None


def _extract_docx_text(element: Any) -> str:
    """Return the text of a cell or paragraph, one line for each paragraph and break.

    Text moved away under tracked changes (``w:moveFrom``) and the fallback copy of a
    drawing's text (``mc:Fallback``, ECMA-376 Part 3) are left out; deleted text is
    ``w:delText`` and therefore left out too.
    """
    lines = [""]
    for node in element.iter(f"{_W}p", f"{_W}t", f"{_W}br", f"{_W}cr", f"{_W}tab"):
        if node.tag == f"{_W}t":
            if not _is_inside(node, f"{_W}moveFrom", _FALLBACK_TAG):
                lines[-1] += node.text or ""
        elif node.tag == f"{_W}tab":
            lines[-1] += " "
        else:
            lines.append("")
    return "\n".join(lines).strip()
