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

from ledgerbook.plan.grid import CellGrid, Pages, PlanCell

_MOST_SPAN = 200
# A table of fewer rows or columns, with others inside, lays out the page.
_LEAST = 3
_MOST_TABLES = 500
_MOST_TITLES = 60
_MOST_CELLS = 50_000

_HTML = re.compile(
    r"\s*(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(?:!doctype\s+html|html|head|body|meta|table"
    r"|div|p|style|script|title|span|tbody|tr)\b",
    re.IGNORECASE | re.DOTALL,
)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([\w-]+)", re.IGNORECASE)
_XML_HEAD = re.compile(r"\A\s*<\?xml[^>]*\?>")
_HEAD = 4096
_MHTML = re.compile(rb"\A(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)+\r?\n", re.IGNORECASE)

_SILENT = ("script", "style", "noscript", "template", "select", "textarea")
_BLOCKS = ("p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "ul", "ol")
_HEADINGS = ("h1", "h2", "h3", "title")


def charset_of(data: bytes) -> str:
    """Return the encoding that a page says it is in, or nothing."""
    head = data[:_HEAD]
    found = _CHARSET.search(head) or _XML_CHARSET.search(head)
    name = found[1].decode("ascii").lower() if found else ""
    return "gb18030" if name in ("gb2312", "gbk", "x-gbk") else name


def is_page(text: str) -> bool:
    return _HTML.match(text) is not None


def unpacked(data: bytes) -> bytes:
    """Return the page inside a .mht, in UTF-8; anything else as it is."""
    head = data[:_HEAD]
    if b"MIME-Version:" not in head or not _MHTML.match(data.lstrip()):
        return data
    message = email.message_from_bytes(data.lstrip(), policy=email.policy.default)
    page = next(
        (p for p in message.walk() if p.get_content_type() == "text/html"), None
    )
    if page is None:
        return data
    payload = page.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else data


def pages_from_html(text: str) -> Pages:
    """Return every table of a page that holds cells of its own."""
    root = _root(text)
    if root is None:
        return Pages(())
    tables = [t for _, t in zip(range(_MOST_TABLES), root.iter("table"), strict=False)]
    grids = (_grid(table) for table in tables if not _is_around(table))
    return Pages(tuple(grid for grid in grids if grid.filled), tuple(_titles(root)))


def text_of(text: str) -> str:
    """Return the lines of a page, as they would be pasted from it."""
    root = _root(text)
    if root is None:
        return ""
    body = root.find("body")
    return _text(root if body is None else body)


def _root(text: str) -> Any:
    from lxml import etree

    # Nothing is fetched, and no entity but those of HTML means anything.
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, recover=True, remove_comments=True
    )
    plain = _XML_HEAD.sub("", text).replace("\0", "").encode("utf-8", "replace")
    try:
        return etree.fromstring(plain, parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


# ── tables ───────────────────────────────────────────────────────────────────────


def _is_around(table: Any) -> bool:
    """Whether a table only lays out the page: others stand in its cells.

    One whose other cells hold more than its inner tables do is a table of its own.
    """
    inner = list(table.iter("table"))[1:]
    if not inner:
        return False
    rows = [len(list(_own(row, table, "td", "th"))) for row in _own(table, table, "tr")]
    return max(rows, default=0) < _LEAST or len(rows) < _LEAST


def _grid(table: Any) -> CellGrid:
    cells: list[PlanCell] = []
    taken: set[tuple[int, int]] = set()
    rows = [row for row in _own(table, table, "tr") if not _is_hidden(row)]
    for r, row in enumerate(rows):
        column = 0
        for cell in _own(row, table, "td", "th"):
            if _is_hidden(cell):
                continue
            while (r, column) in taken:
                column += 1
            height = min(_span(cell, "rowspan") or len(rows), len(rows) - r)
            width = _span(cell, "colspan") or 1
            places = {(r + i, column + j) for i in range(height) for j in range(width)}
            if places & taken or len(taken) > _MOST_CELLS:
                width, places = 1, {(r, column)}
                height = 1
            taken |= places
            cells.append(PlanCell(_text(cell), r, column, height, width))
            column += width
    return CellGrid(tuple(cells))


def _own(element: Any, table: Any, *tags: str) -> Iterator[Any]:
    """Find the rows or cells of ``table``, not those of a table inside it."""
    for found in element.iter(*tags):
        if next(found.iterancestors("table"), None) is table:
            yield found


def _span(cell: Any, name: str) -> int:
    value = (cell.get(name) or "1").strip()
    return min(int(value), _MOST_SPAN) if value.isdecimal() else 1


def _is_hidden(element: Any) -> bool:
    style = re.sub(r"\s", "", element.get("style") or "").lower()
    return "display:none" in style or element.get("hidden") is not None


def _text(element: Any) -> str:
    """Return the words of an element, a line for each block in it."""
    parts: list[str] = []
    _gather(element, parts)
    text = "".join(parts).replace("\u00a0", " ").replace("\u200b", "")
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _gather(root: Any, parts: list[str]) -> None:
    """Walk without recursion: a page may be nested as deeply as it likes."""
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        node, leaving = stack.pop()
        block = node.tag in _BLOCKS
        if leaving:
            parts.append("\n" if block else "")
            parts.append(_flow(node.tail) if node is not root else "")
            continue
        stack.append((node, True))
        if not isinstance(node.tag, str) or node.tag in _SILENT or _is_hidden(node):
            continue
        parts.append("\n" if block or node.tag == "br" else "")
        parts.append(_flow(node.text))
        stack.extend((child, False) for child in reversed(node))


def _flow(text: str | None) -> str:
    """Write a line end in the source of a page as the space that it is."""
    return re.sub(r"[ \t\r\n]+", " ", text or "")


def _titles(root: Any) -> Iterator[str]:
    """List what may be the title: headings, then the lines before the largest table."""
    for tag in _HEADINGS:
        for element in root.iter(tag):
            # The name of the site follows the title's.
            yield from filter(None, re.split(r"\s*[_|\n]\s*", _text(element)))
    tables = [table for table in root.iter("table") if not _is_around(table)]
    largest = max(tables, key=lambda t: len(list(t.iter("td", "th"))), default=None)
    before: list[str] = []
    for element in root.iter("p", "div", "span", "td", "table"):
        if element is largest:
            break
        if element.tag == "p" or len(element) == 0:
            before.append(" ".join(_text(element).split()))
    lines = [line for line in before if line][-_MOST_TITLES:]
    yield from reversed(lines)
    yield "".join(lines[-3:])
    yield "".join(lines[-2:])
