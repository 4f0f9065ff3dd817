"""Know the texts of the issued sheets that have nothing to fill in, such as 填表说明.

An issued workbook carries a fingerprint of each of their cells as a fact of its hidden
sheet, signed with the key of the book. A return is compared with it: a text that was not
issued is somebody's word, wherever it stands. The texts cannot be made again for certain
when a return comes: the due day, the office's name or the form may be others by then.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ledgerbook import identity
from ledgerbook.issue.instruction_texts import (
    compose_instructions_title,
    list_choice_texts,
    list_instruction_texts,
    list_register_instruction_texts,
)
from ledgerbook.issue.layout import REGISTER_INSTRUCTIONS_SHEET
from ledgerbook.model import Book, Form, Round
from ledgerbook.text import fit_to_cell

# The names of the facts.
TEXTS_FACT, TEXTS_SIGNATURE_FACT = "固定文字", "固定文字校验"

# How often each text's fingerprint stands on each sheet. A sheet is known by the text in its
# first cell, a hidden one by its name.
FixedTexts = Mapping[str, Counter[str]]

_FINGERPRINT_LENGTH = 8


def count_texts(texts: Iterable[str]) -> Counter[str]:
    """Return how often the fingerprint of each text occurs; blank texts have none."""
    return Counter(identity.compute_fingerprint(fit_to_cell(text)) for text in texts if text)


def list_fixed_texts(
    book: Book, form: Form, registers: Sequence[Form], rounds: Iterable[Round]
) -> dict[str, Counter[str]]:
    """Return the texts of the instructions and choices as issued in one of ``rounds``."""
    instructions: Counter[str] = Counter()
    for round_ in rounds:
        instructions |= count_texts(list_instruction_texts(book, form, round_))
    return {
        compose_instructions_title(form): instructions,
        REGISTER_INSTRUCTIONS_SHEET: count_texts(list_register_instruction_texts(book, registers)),
        identity.CHOICES_SHEET: count_texts(list_choice_texts((form, *registers))),
    }


def make_text_facts(book: Book, texts: FixedTexts) -> Iterator[tuple[str, str]]:
    """Yield name and value of the facts that hold ``texts``; a long text in pieces."""
    fingerprints = {sheet: "".join(sorted(counts.elements())) for sheet, counts in texts.items()}
    text = json.dumps(fingerprints, ensure_ascii=False, separators=(",", ":"))
    yield TEXTS_SIGNATURE_FACT, identity.sign_text(book, text)
    yield from ((TEXTS_FACT, piece) for piece in identity.split_pieces(text))


def read_text_facts(facts: Mapping[str, str], book: Book) -> FixedTexts | None:
    """Return what the facts of a hidden sheet say; None if missing, damaged or forged.

    A book without a key, as a workbook carries it, cannot check the signature.
    """
    text, signature = facts.get(TEXTS_FACT, ""), facts.get(TEXTS_SIGNATURE_FACT, "")
    if book.key and not identity.is_signed_text(book, text, signature):
        return None
    try:
        return {
            str(sheet): Counter(_split_fingerprints(fingerprints))
            for sheet, fingerprints in json.loads(text).items()
        }
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _split_fingerprints(fingerprints: str) -> Iterator[str]:
    starts = range(0, len(fingerprints), _FINGERPRINT_LENGTH)
    return (fingerprints[start : start + _FINGERPRINT_LENGTH] for start in starts)
