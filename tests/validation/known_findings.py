"""The findings that are known and not mended yet.

A finding that is not here fails `make validate`, and so does an entry that no longer occurs:
the table can only become shorter.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.validation.packages import Finding

# Rule → why it is so today, and the kinds of outputs in which it occurs.
KNOWN_FINDINGS: dict[str, tuple[str, frozenset[str]]] = {}


def list_known() -> set[tuple[str, str]]:
    """Return the rule and the kind of each known finding."""
    return {(rule, kind) for rule, (_, kinds) in KNOWN_FINDINGS.items() for kind in kinds}


def find_unknown(findings: Iterable[tuple[str, Finding]]) -> list[str]:
    """Return the findings, kind and finding, that are not known, as lines."""
    known = list_known()
    return [
        f"{kind}: {one.rule}: {one.place}: {one.message}"
        for kind, one in findings
        if (one.rule, kind) not in known
    ]
