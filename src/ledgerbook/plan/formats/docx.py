"""Read the tables of a .docx: the XML grid with its merged cells."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

from ledgerbook.file_types import WORD_DOCUMENT, check_package, make_damaged_error
from ledgerbook.plan.grid import CellGrid, PlanCell, PlanDocument

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK_TAG = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

# Word itself allows no more columns.
_MAX_COLUMNS = 63


def read_docx_document(data: bytes) -> PlanDocument:
    """Return every table of a .docx. Raises InputError when it is damaged."""
    check_package(data, WORD_DOCUMENT)
    body = _parse_body(data)
    tables = tuple(_build_docx_grid(table) for table in _find_outermost_tables(body))
    return PlanDocument(tables, _list_docx_titles(body), tuple(_list_lines_outside_tables(body)))


def _parse_body(data: bytes) -> Any:
    from docx import Document

    try:
        return Document(io.BytesIO(data)).element.body
    except Exception as error:
        # python-docx raises whatever its parsers raise; the office needs one sentence.
        raise make_damaged_error(WORD_DOCUMENT) from error


# ── tables ───────────────────────────────────────────────────────────────────────


def _find_outermost_tables(body: Any) -> Iterator[Any]:
    """Find the outermost tables, in content controls too."""
    return (table for table in body.iter(f"{_W}tbl") if not _is_inside(table, f"{_W}tbl"))


def _list_lines_outside_tables(body: Any) -> Iterator[str]:
    """Yield the lines of the paragraphs outside all tables."""
    for paragraph in body.iter(f"{_W}p"):
        if not _is_inside(paragraph, f"{_W}tbl"):
            yield from _extract_docx_text(paragraph).split("\n")


def _list_docx_titles(body: Any) -> tuple[str, ...]:
    """List the paragraphs before the first table, the last first, then joined ones."""
    lines: list[str] = []
    for element in body.iter(f"{_W}p", f"{_W}tbl"):
        if element.tag == f"{_W}tbl":
            break
        lines.append(_extract_docx_text(element).strip())
    lines = [line for line in lines if line]
    pairs = (line + next_line for line, next_line in pairwise(lines))
    return (*lines[::-1], *pairs, "".join(lines))


def _build_docx_grid(table: Any) -> CellGrid:
    """Lay out a table's cells; a vMerge that continues belongs to the cell above."""
    cells: list[PlanCell] = []
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
                cells[cell_index] = replace(
                    cells[cell_index], row_span=cells[cell_index].row_span + 1
                )
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
    child = _find_child(element, path)
    value = child.get(f"{_W}val", "") if child is not None else ""
    return min(int(value), _MAX_COLUMNS) if value.isdigit() else default


def _find_child(element: Any, path: str) -> Any:
    return element.find("/".join(_W + tag_name for tag_name in path.split("/")))


def _find_owner(element: Any, tag: str) -> Any:
    return next(element.iterancestors(tag), None)


def _is_inside(element: Any, *tags: str) -> bool:
    return next(element.iterancestors(*tags), None) is not None


def _extract_docx_text(element: Any) -> str:
    """Return the words that stand in a cell or paragraph, one line a paragraph."""
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
