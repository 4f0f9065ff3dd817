"""Record every issued version of a form on the hidden sheet of the book.

A return of an earlier round is read by the form version with which it was issued. The
hidden sheet is a list of facts, name and value, a row each; a form is JSON text, cut
into pieces that fit a cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ledgerbook import forms, identity
from ledgerbook.book.package_rows import append_rows
from ledgerbook.model import Book, Form

# The name of a fact is this label, the form version and the 1-based number of the piece.
_ISSUED_FORM_LABEL = "已发出的表单"
_ISSUED_FORM_FACT_NAME = re.compile(rf"{_ISSUED_FORM_LABEL} ([0-9a-f]{{8}}) (\d+)")


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
    return append_rows(book_data, identity.MARK_SHEET, list(make_issued_form_facts(new_forms)))
