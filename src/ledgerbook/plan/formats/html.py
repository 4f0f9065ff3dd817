"""Read the tables of a saved web page: rows and columns spanned, layout tables nested.

What a workbook's or a document's program saves as a page, or under the name .xls, is
read just the same.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from typing import Any

from ledgerbook.plan.grid import CellGrid, PlanCell, PlanDocument

_MAX_SPAN = 200
# A table of fewer rows or columns, with others inside, lays out the page.
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
    """Return the encoding that a page says it is in, or nothing."""
    head = data[:_HEAD_BYTES]
    match = _CHARSET.search(head) or _XML_CHARSET.search(head)
    name = match[1].decode("ascii").lower() if match else ""
    return "gb18030" if name in ("gb2312", "gbk", "x-gbk") else name


def is_html_page(text: str) -> bool:
    return _HTML_START.match(text) is not None


def unpack_mhtml(data: bytes) -> bytes:
    """Return the page inside a .mht, in UTF-8; anything else as it is."""
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
    """Return every table of a page that holds cells of its own."""
    root = _parse_html(text)
    if root is None:
        return PlanDocument(())
    tables = [table for _, table in zip(range(_MAX_TABLES), root.iter("table"), strict=False)]
    grids = (_build_html_grid(table) for table in tables if not _is_layout_table(table))
    return PlanDocument(
        tuple(grid for grid in grids if grid.filled_count),
        tuple(_list_html_titles(root)),
    )


def extract_page_text(page: str) -> str:
    """Return the lines of a page, as they would be pasted from it."""
    root = _parse_html(page)
    if root is None:
        return ""
    body = root.find("body")
    return _extract_html_text(root if body is None else body)


def _parse_html(text: str) -> Any:
    from lxml import etree

    # Nothing is fetched, and no entity but those of HTML means anything.
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, recover=True, remove_comments=True)
    source_bytes = _XML_DECLARATION.sub("", text).replace("\0", "").encode("utf-8", "replace")
    try:
        return etree.fromstring(source_bytes, parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


# ── tables ───────────────────────────────────────────────────────────────────────


def _is_layout_table(table: Any) -> bool:
    """Whether a table only lays out the page: others stand in its cells.

    One whose other cells hold more than its inner tables do is a table of its own.
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
    """Find the rows or cells of ``table``, not those of a table inside it."""
    for descendant in element.iter(*tags):
        if next(descendant.iterancestors("table"), None) is table:
            yield descendant


def _read_span(cell: Any, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return min(int(value), _MAX_SPAN) if value.isdecimal() else 1


def _is_hidden(element: Any) -> bool:
    style = re.sub(r"\s", "", element.get("style") or "").lower()
    return "display:none" in style or element.get("hidden") is not None


def _extract_html_text(element: Any) -> str:
    """Return the words of an element, a line for each block in it."""
    parts: list[str] = []
    _collect_text_parts(element, parts)
    text = "".join(parts).replace("\u00a0", " ").replace("\u200b", "")
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _collect_text_parts(root: Any, parts: list[str]) -> None:
    """Walk without recursion: a page may be nested as deeply as it likes."""
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
    """Write a line end in the source of a page as the space that it is."""
    return re.sub(r"[ \t\r\n]+", " ", text or "")


def _list_html_titles(root: Any) -> Iterator[str]:
    """List what may be the title: headings, then the lines before the largest table."""
    for tag in _HEADING_TAGS:
        for element in root.iter(tag):
            # The name of the site follows the title's.
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
