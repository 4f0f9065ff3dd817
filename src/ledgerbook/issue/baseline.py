"""Write and read the values with which a workbook was issued, as facts of its hidden sheet.

A return is compared with them: what differs, somebody said or cleared. The text is signed
with the key of the book, so that nobody can make an answer look like one that we issued.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from ledgerbook import identity
from ledgerbook.issue.layout import PrefilledAnswers
from ledgerbook.model import Book
from ledgerbook.model.issued_values import IssuedValues, RowTexts
from ledgerbook.text import format_value, normalize_answer

# The names of the facts.
VALUES_FACT, SIGNATURE_FACT = "下发时的值", "下发时的值校验"


def make_issued_values(
    round_name: str,
    issued_on: date,
    answers_by_form: Mapping[tuple[str, str], PrefilledAnswers],
) -> IssuedValues:
    """Return the values of a workbook whose forms start from ``answers_by_form``."""
    texts = {
        key: rows for key, answers in answers_by_form.items() if (rows := _format_rows(answers))
    }
    return IssuedValues(round_name, issued_on, texts)


def _format_rows(answers: PrefilledAnswers) -> RowTexts:
    rows = {
        row: {
            column: text
            for column, value in cells.items()
            if (text := normalize_answer(format_value(value)))
        }
        for row, cells in answers.items()
    }
    return {row: cells for row, cells in rows.items() if cells}


def make_value_facts(book: Book, values: IssuedValues) -> Iterator[tuple[str, str]]:
    """Yield name and value of the facts that hold ``values``; a long text in pieces."""
    text = _serialize(values)
    yield SIGNATURE_FACT, identity.sign_text(book, text)
    yield from ((VALUES_FACT, piece) for piece in identity.split_pieces(text))


def read_value_facts(facts: Mapping[str, str], book: Book) -> IssuedValues | None:
    """Return what the facts of a hidden sheet say; None if missing, damaged or forged.

    A book without a key, as a workbook carries it, cannot check the signature: whoever has
    the key can do so afterwards (:func:`verify_values`).
    """
    text = facts.get(VALUES_FACT, "")
    signature = facts.get(SIGNATURE_FACT, "")
    if book.key:
        return _deserialize(text) if identity.is_signed_text(book, text, signature) else None
    values = _deserialize(text) if signature else None
    return values and replace(values, unverified=(text, signature))


def verify_values(values: IssuedValues, book: Book) -> IssuedValues | None:
    """Return values that were read without the key of ``book``; None if they are forged."""
    is_genuine = identity.is_signed_text(book, *values.unverified)
    return replace(values, unverified=("", "")) if is_genuine else None


def _serialize(values: IssuedValues) -> str:
    content = {
        "round": values.round,
        "day": values.issued_on.isoformat(),
        "values": [[section, form, rows] for (section, form), rows in values.texts.items()],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _deserialize(text: str) -> IssuedValues | None:
    try:
        content = json.loads(text)
        return IssuedValues(
            str(content["round"]),
            date.fromisoformat(content["day"]),
            {
                (str(section), str(form)): {
                    str(row): {str(column): str(value) for column, value in cells.items()}
                    for row, cells in rows.items()
                }
                for section, form, rows in content["values"]
            },
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
