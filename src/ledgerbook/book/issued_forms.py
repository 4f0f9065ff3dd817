"""Every version of a form that was sent out stays in the book, on its hidden sheet.

The book is the office's own file, with its colours, notes and pictures: it is never
loaded and saved again. Rows are added to the one hidden sheet inside the package, and
every other part stays as it is, byte for byte.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from defusedxml import ElementTree

from ledgerbook import forms, identity
from ledgerbook.errors import InputError
from ledgerbook.model import Book, Form

# A fact's name is this, the version and the number of the piece.
_LABEL = "已发出的表单"
_NAME = re.compile(rf"{_LABEL} ([0-9a-f]{{8}}) (\d+)")
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*\sr="(\d+)"')
_END = re.compile(rb"</((?:\w+:)?)sheetData\s*>|<((?:\w+:)?)sheetData\s*/>")


def issued_forms(facts: Mapping[str, str]) -> tuple[Form, ...]:
    """Return the forms sent out so far, oldest first, from the hidden sheet's facts."""
    found: dict[str, dict[int, str]] = {}
    for name, value in facts.items():
        if mark := _NAME.fullmatch(name):
            found.setdefault(mark[1], {})[int(mark[2])] = value
    texts = ("".join(piece for _, piece in sorted(p.items())) for p in found.values())
    return tuple(form for text in texts if (form := forms.from_json(text)))


def issued_facts(issued: tuple[Form, ...]) -> Iterator[tuple[str, str]]:
    """Yield the facts by which the hidden sheet remembers ``issued``."""
    for form in issued:
        for n, piece in enumerate(identity.pieces(forms.to_json(form)), 1):
            yield f"{_LABEL} {forms.version(form)} {n}", piece


def remember(data: bytes, book: Book) -> bytes | None:
    """Return the book's bytes with its present forms among those sent out.

    None when they are there already. Raises InputError when the hidden sheet of the
    book cannot be found.
    """
    known = {forms.version(form) for form in book.issued}
    new = tuple(form for form in book.forms if forms.version(form) not in known)
    if not new:
        return None
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        part = _hidden_part(package)
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as copy:
            for entry in package.infolist():
                content = package.read(entry)
                if entry.filename == part:
                    content = _with_rows(content, list(issued_facts(new)))
                copy.writestr(entry, content)
    return made.getvalue()


def _hidden_part(package: zipfile.ZipFile) -> str:
    """Return the part that holds the book's hidden sheet."""
    home = "xl/workbook.xml"
    links = {
        link.get("Id"): str(link.get("Target"))
        for link in _xml(package, "xl/_rels/workbook.xml.rels")
    }
    for sheet in _xml(package, home).iter():
        if sheet.get("name") == identity.MARK_SHEET:
            link = next(v for k, v in sheet.items() if k.endswith("}id"))
            target = links[link].replace("\\", "/")
            return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    raise InputError(_LOST)


_LOST = (
    f"台账里隐藏的工作表“{identity.MARK_SHEET}”读不出来，没法记下这次发出的表单。"
    "请用 Excel 或 WPS 打开台账、另存为 .xlsx 后再运行。"
)


def _xml(package: zipfile.ZipFile, name: str) -> Any:
    try:
        return ElementTree.fromstring(package.read(name), forbid_dtd=True)
    except (KeyError, ElementTree.ParseError) as error:
        raise InputError(_LOST) from error


def _with_rows(xml: bytes, facts: list[tuple[str, str]]) -> bytes:
    """Put a row for each fact at the end of the sheet's table."""
    end = _END.search(xml)
    if end is None:
        raise InputError(_LOST)
    prefix = (end[1] or end[2] or b"").decode()
    last = max((int(n) for n in _ROW.findall(xml)), default=0)
    rows = "".join(
        f'<{prefix}row r="{last + n}">{_cell(prefix, f"A{last + n}", name)}'
        f"{_cell(prefix, f'B{last + n}', value)}</{prefix}row>"
        for n, (name, value) in enumerate(facts, 1)
    ).encode()
    if end[0].endswith(b"/>"):
        rows = f"<{prefix}sheetData>".encode() + rows
    close = f"</{prefix}sheetData>".encode()
    return xml[: end.start()] + rows + close + xml[end.end() :]


def _cell(prefix: str, at: str, text: str) -> str:
    return (
        f'<{prefix}c r="{at}" t="inlineStr"><{prefix}is>'
        f'<{prefix}t xml:space="preserve">{escape(text)}</{prefix}t>'
        f"</{prefix}is></{prefix}c>"
    )
