"""Read the tables of a saved web page (.html, .mht) with their spanned cells.

Pages that office programs save, and those that websites offer under the name .xls, are
read in the same way. Spans follow the HTML standard
(https://html.spec.whatwg.org/multipage/tables.html); a .mht is a MIME message with the
page as a part (https://www.rfc-editor.org/rfc/rfc2557). Hidden elements are left out,
and tables that only arrange the page are skipped.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from ledgerbook.plan.grid import (
    MAX_ROWS,
    CellGrid,
    PlanCell,
    PlanDocument,
    name_table,
)

_MAX_SPAN = 200
# A table with tables inside and fewer rows or columns than this arranges the page.
_MIN_TABLE_SIZE = 3
_MAX_TABLES = 500
_MAX_TITLES = 60
_MAX_CELLS = 50_000

_HTML_START = re.compile(
    r"\s*(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(?:!doctype\s+html|html|head|body|meta|table"
    r"|div|p|style|script|title|span|tbody|tr)\b",
    re.IGNORECASE | re.DOTALL,
)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([\w-]+)", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_HEAD_BYTES = 4096
_MHTML_HEADERS = re.compile(rb"\A(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)+\r?\n", re.IGNORECASE)

_INVISIBLE_TAGS = ("script", "style", "noscript", "template", "select", "textarea")
_BLOCK_TAGS = ("p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "ul", "ol")
_HEADING_TAGS = ("h1", "h2", "h3", "title")


def find_charset(data: bytes) -> str:
    """Return the encoding that a page declares, or a blank text.

    For gb2312 and gbk this is their superset gb18030, as in browsers: pages declared as
    gb2312 contain characters beyond it.
    """
    head = data[:_HEAD_BYTES]
    match = _CHARSET.search(head) or _XML_CHARSET.search(head)
    name = match[1].decode("ascii").lower() if match else ""
    return "gb18030" if name in ("gb2312", "gbk", "x-gbk") else name


def is_html_page(text: str) -> bool:
    """Return whether ``text`` begins like an HTML page or a fragment of one."""
    return _HTML_START.match(text) is not None


def unpack_mhtml(data: bytes) -> bytes:
    """Return the bytes of the page inside a .mht, and any other data unchanged.

    The transfer encoding is decoded; the charset is still that of the page.
    """
    head = data[:_HEAD_BYTES]
    if b"MIME-Version:" not in head or not _MHTML_HEADERS.match(data.lstrip()):
        return data
    message = email.message_from_bytes(data.lstrip(), policy=email.policy.default)
    html_part = next(
        (part for part in message.walk() if part.get_content_type() == "text/html"),
        None,
    )
    if html_part is None:
        return data
    payload = html_part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else data


def read_html_document(text: str) -> PlanDocument:
    """Return the tables of a page that have texts and do not only arrange it."""
    root = _parse_html(text)
    if root is None:
        return PlanDocument(())
    grids: list[CellGrid] = []
    unread_tables: list[str] = []
    for table in islice(root.iter("table"), _MAX_TABLES):
        # Longer tables are not read: that would take long for what is no plan.
        if _count_own_rows(table) > MAX_ROWS:
            first_row = next(_find_own_elements(table, table, "tr"))
            cells = _find_own_elements(first_row, table, "td", "th")
            unread_tables.append(name_table([_extract_html_text(cell) for cell in cells]))
        elif not _is_layout_table(table):
            grids.append(_build_html_grid(table))
    return PlanDocument(
        tuple(grid for grid in grids if grid.filled_count),
        tuple(_list_html_titles(root)),
        unread_tables=tuple(unread_tables),
    )


def _count_own_rows(table: Any) -> int:
    return sum(1 for _ in _find_own_elements(table, table, "tr"))


def extract_page_text(page: str) -> str:
    """Return the text of a page with a line for each block, as when it is pasted."""
    root = _parse_html(page)
    if root is None:
        return ""
    body = root.find("body")
    return _extract_html_text(root if body is None else body)


def _parse_html(text: str) -> Any:
    """Return the root element of a page, or None if there is no element."""
    from lxml import etree

    # HTMLParser fetches nothing and expands only the entities of HTML.
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, recover=True, remove_comments=True)
    source_bytes = _XML_DECLARATION.sub("", text).replace("\0", "").encode("utf-8", "replace")
    try:
        return etree.fromstring(source_bytes, parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _is_layout_table(table: Any) -> bool:
    """Return whether a table only arranges the page.

    It has tables inside its cells, and fewer than three rows or columns itself.
    """
    inner_tables = list(table.iter("table"))[1:]
    if not inner_tables:
        return False
    cell_counts = [
        len(list(_find_own_elements(row, table, "td", "th")))
        for row in _find_own_elements(table, table, "tr")
    ]
    return max(cell_counts, default=0) < _MIN_TABLE_SIZE or len(cell_counts) < _MIN_TABLE_SIZE


def _build_html_grid(table: Any) -> CellGrid:
    """Return the cells of a table, placed as a browser places them.

    A rowspan of 0 reaches to the end of the table. A cell that would overlap an earlier
    one gets a span of 1.
    """
    cells: list[PlanCell] = []
    covered_places: set[tuple[int, int]] = set()
    rows = [row for row in _find_own_elements(table, table, "tr") if not _is_hidden(row)]
    for row_index, row in enumerate(rows):
        column = 0
        for cell in _find_own_elements(row, table, "td", "th"):
            if _is_hidden(cell):
                continue
            while (row_index, column) in covered_places:
                column += 1
            row_span = min(_read_span(cell, "rowspan") or len(rows), len(rows) - row_index)
            column_span = _read_span(cell, "colspan") or 1
            places = {
                (row_index + i, column + j) for i in range(row_span) for j in range(column_span)
            }
            if places & covered_places or len(covered_places) > _MAX_CELLS:
                column_span, places = 1, {(row_index, column)}
                row_span = 1
            covered_places |= places
            cells.append(
                PlanCell(_extract_html_text(cell), row_index, column, row_span, column_span)
            )
            column += column_span
    return CellGrid(tuple(cells))


def _find_own_elements(element: Any, table: Any, *tags: str) -> Iterator[Any]:
    """Yield the rows or cells of ``table`` without those of tables inside it."""
    for descendant in element.iter(*tags):
        if next(descendant.iterancestors("table"), None) is table:
            yield descendant


def _read_span(cell: Any, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return min(int(value), _MAX_SPAN) if value.isdecimal() else 1


def _is_hidden(element: Any) -> bool:
    """Return whether an element is hidden by its own attributes."""
    style = re.sub(r"\s", "", element.get("style") or "").lower()
    return "display:none" in style or element.get("hidden") is not None


def _extract_html_text(element: Any) -> str:
    """Return the visible text of an element, a line for each block in it."""
    parts: list[str] = []
    _collect_text_parts(element, parts)
    text = "".join(parts).replace("\u00a0", " ").replace("\u200b", "")
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _collect_text_parts(root: Any, parts: list[str]) -> None:
    """Append the visible text of ``root`` to ``parts``, with line ends around blocks.

    Iterative, as pages may be nested deeper than Python's recursion limit.
    """
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        node, is_leaving = stack.pop()
        is_block = node.tag in _BLOCK_TAGS
        if is_leaving:
            parts.append("\n" if is_block else "")
            parts.append(_collapse_spaces(node.tail) if node is not root else "")
            continue
        stack.append((node, True))
        if not isinstance(node.tag, str) or node.tag in _INVISIBLE_TAGS or _is_hidden(node):
            continue
        parts.append("\n" if is_block or node.tag == "br" else "")
        parts.append(_collapse_spaces(node.text))
        stack.extend((child, False) for child in reversed(node))


def _collapse_spaces(text: str | None) -> str:
    """Return ``text`` with white space collapsed: a line end in HTML source is a space."""
    return re.sub(r"[ \t\r\n]+", " ", text or "")


def _list_html_titles(root: Any) -> Iterator[str]:
    """Yield the lines that may be the title, the most likely first.

    These are the headings, then the lines before the largest table, the nearest first.
    """
    for tag in _HEADING_TAGS:
        for element in root.iter(tag):
            # Sites append their name: 标题_某市政府网.
            yield from filter(None, re.split(r"\s*[_|\n]\s*", _extract_html_text(element)))
    tables = [table for table in root.iter("table") if not _is_layout_table(table)]
    largest = max(tables, key=lambda table: len(list(table.iter("td", "th"))), default=None)
    texts_before: list[str] = []
    for element in root.iter("p", "div", "span", "td", "table"):
        if element is largest:
            break
        if element.tag == "p" or len(element) == 0:
            texts_before.append(" ".join(_extract_html_text(element).split()))
    lines = [line for line in texts_before if line][-_MAX_TITLES:]
    yield from reversed(lines)
    yield "".join(lines[-3:])
    yield "".join(lines[-2:])
