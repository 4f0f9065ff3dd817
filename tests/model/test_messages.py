"""The catalogue of messages: every code that the source names has its words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import ledgerbook
from ledgerbook.model.messages import MESSAGE_CATALOGUE

_SOURCE = Path(ledgerbook.__file__).parent
_CALLS = {
    "CellError",
    "EmailAttachment",
    "Problem",
    "RefusedError",
    "_MigratedAnswer",
    "_ParsedCell",
    "_RowMatch",
    "_make_limit_problem",
    "_make_problem",
    "_reject_summary",
    "reject_sheet",
}


def _named() -> Iterator[str]:
    """Yield every hyphenated text given to a call that makes a problem."""
    for path in _SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            name = called.id if isinstance(called, ast.Name) else ""
            name = called.attr if isinstance(called, ast.Attribute) else name
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            for value in given if name in _CALLS else ():
                if isinstance(value, ast.Constant) and "-" in str(value.value):
                    yield str(value.value)


def test_every_code_has_its_words() -> None:
    """A code without words would fail on the day it is needed."""
    named = set(_named())
    assert len(named) > 60
    assert named <= set(MESSAGE_CATALOGUE)


def test_words_end_as_sentences() -> None:
    """A clerk reads sentences, each with its full stop or its raw text."""
    for words in MESSAGE_CATALOGUE.values():
        for text in (words.message, words.advice):
            assert text.endswith(("。", "}")), text
