"""Record every issued version of a form on the hidden sheet of the book.

A return of an earlier round is read by the form version with which it was issued. The
hidden sheet is a list of facts, name and value, a row each; a form is JSON text, cut
into pieces that fit a cell.

The office adds colours, notes and pictures to its book, which openpyxl would lose. So
the file is not loaded and saved again: rows are appended to the XML of the hidden sheet
(ECMA-376 Part 1 §18.3.1.80 sheetData), and every other part of the package keeps its
bytes.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from defusedxml import ElementTree

from ledgerbook import forms, identity
from ledgerbook.a1_references import CellPosition, format_cell_reference
from ledgerbook.errors import InputError
from ledgerbook.file_types import open_zip, replace_part
from ledgerbook.model import Book, Form

# The name of a fact is this label, the form version and the 1-based number of the piece.
_ISSUED_FORM_LABEL = "已发出的表单"
_ISSUED_FORM_FACT_NAME = re.compile(rf"{_ISSUED_FORM_LABEL} ([0-9a-f]{{8}}) (\d+)")
_ROW_TAG = re.compile(rb'<(?:\w+:)?row\b[^>]*\sr="(\d+)"')
_SHEET_DATA_END = re.compile(rb"</((?:\w+:)?)sheetData\s*>|<((?:\w+:)?)sheetData\s*/>")
_HIDDEN_SHEET_UNREADABLE = (
    f"台账里隐藏的工作表“{identity.MARK_SHEET}”读不出来，没法记下这次发出的表单。"
    "请用 Excel 或 WPS 打开台账、另存为 .xlsx 后再运行。"
)


def read_issued_forms(facts: Mapping[str, str]) -> tuple[Form, ...]:
    """Return the forms issued so far, oldest first; ``facts`` are those of the hidden sheet.

    A damaged form is left out.
    """
    pieces_by_version: dict[str, dict[int, str]] = {}
    for name, value in facts.items():
        if match := _ISSUED_FORM_FACT_NAME.fullmatch(name):
            pieces_by_version.setdefault(match[1], {})[int(match[2])] = value
    texts = (
        "".join(piece for _, piece in sorted(pieces.items()))
        for pieces in pieces_by_version.values()
    )
    return tuple(form for text in texts if (form := forms.deserialize_form(text)))


def make_issued_form_facts(issued_forms: tuple[Form, ...]) -> Iterator[tuple[str, str]]:
    """Yield name and value of the facts that record ``issued_forms`` on the hidden sheet."""
    for form in issued_forms:
        version = forms.compute_form_version(form)
        for piece_number, piece in enumerate(identity.split_pieces(forms.serialize_form(form)), 1):
            yield f"{_ISSUED_FORM_LABEL} {version} {piece_number}", piece


def record_issued_forms(book_data: bytes, book: Book) -> bytes | None:
    """Return the bytes of the book with its present forms recorded as issued.

    ``book_data`` is the .xlsx file that ``book`` was read from. Returns None when the forms
    are recorded already. Raises InputError when the hidden sheet cannot be found.
    """
    issued_versions = {forms.compute_form_version(form) for form in book.issued_forms}
    new_forms = tuple(
        form for form in book.forms if forms.compute_form_version(form) not in issued_versions
    )
    if not new_forms:
        return None
    with open_zip(book_data) as package:
        part = _find_mark_sheet_part(package)
        content = package.read(part)
    content = _append_rows(content, list(make_issued_form_facts(new_forms)))
    return replace_part(book_data, part, content)


def _find_mark_sheet_part(package: zipfile.ZipFile) -> str:
    """Return the name of the package part that holds the book's hidden sheet."""
    targets_by_id = {
        relationship.get("Id"): str(relationship.get("Target"))
        for relationship in _parse_part(package, "xl/_rels/workbook.xml.rels")
    }
    for sheet in _parse_part(package, "xl/workbook.xml").iter():
        if sheet.get("name") == identity.MARK_SHEET:
            relationship_id = next(v for k, v in sheet.items() if k.endswith("}id"))
            target = targets_by_id[relationship_id].replace("\\", "/")
            return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    raise InputError(_HIDDEN_SHEET_UNREADABLE, code="book-invalid")


def _parse_part(package: zipfile.ZipFile, name: str) -> Any:
    """Return the root element of a package part. Raises InputError."""
    try:
        return ElementTree.fromstring(package.read(name), forbid_dtd=True)
    except (KeyError, ElementTree.ParseError) as error:
        raise InputError(_HIDDEN_SHEET_UNREADABLE, code="book-invalid") from error


def _append_rows(xml: bytes, facts: list[tuple[str, str]]) -> bytes:
    """Append a row for each fact to the ``sheetData`` of a worksheet part.

    Elements get the namespace prefix that the part uses. Raises InputError when the part
    has no ``sheetData``.
    """
    end = _SHEET_DATA_END.search(xml)
    if end is None:
        raise InputError(_HIDDEN_SHEET_UNREADABLE, code="book-invalid")
    prefix = (end[1] or end[2] or b"").decode()
    last = max((int(offset) for offset in _ROW_TAG.findall(xml)), default=0)
    rows = "".join(
        f'<{prefix}row r="{last + offset}">'
        f"{_make_cell_xml(prefix, (last + offset - 1, 0), name)}"
        f"{_make_cell_xml(prefix, (last + offset - 1, 1), value)}</{prefix}row>"
        for offset, (name, value) in enumerate(facts, 1)
    ).encode()
    if end[0].endswith(b"/>"):
        rows = f"<{prefix}sheetData>".encode() + rows
    closing_tag = f"</{prefix}sheetData>".encode()
    return xml[: end.start()] + rows + closing_tag + xml[end.end() :]


def _make_cell_xml(prefix: str, cell: CellPosition, text: str) -> str:
    return (
        f'<{prefix}c r="{format_cell_reference(cell)}" t="inlineStr"><{prefix}is>'
        f'<{prefix}t xml:space="preserve">{escape(text)}</{prefix}t>'
        f"</{prefix}is></{prefix}c>"
    )
