"""Counting formulas that mean what they say, whatever the labels look like.

COUNTIFS reads its criterion as a pattern: ``*`` and ``?`` match anything, ``>5``
compares, ``12`` is a number, case is ignored and over 255 characters it fails. A
label that could be misread is therefore compared with EXACT instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_LONGEST_CRITERION = 200
_FIRST_IDEOGRAPH, _LAST_IDEOGRAPH = "\u4e00", "\u9fff"


@dataclass(frozen=True, slots=True)
class Match:
    """Cells of ``range`` that equal ``label``, which stands in ``cell``."""

    range: str
    cell: str
    label: str

    @property
    def plain(self) -> bool:
        """Whether COUNTIFS can only read the label as this very text."""
        label = self.label
        return (
            _FIRST_IDEOGRAPH <= label[:1] <= _LAST_IDEOGRAPH
            and len(label) <= _LONGEST_CRITERION
            and label.lower() == label.upper()
            and not set("*?~") & set(label)
        )


def count(matches: Sequence[Match]) -> str:
    """Return the formula that counts the rows where all ``matches`` hold."""
    if all(match.plain for match in matches):
        pairs = ",".join(f"{m.range},{m.cell}" for m in matches)
        return f"=COUNTIFS({pairs})"
    exact = "*".join(f"EXACT({m.range},{m.cell})" for m in matches)
    return f"=SUMPRODUCT(1*{exact})"


def added(formulas: Iterable[str]) -> str:
    """Return the formula that adds up what ``formulas`` come to."""
    return "=" + "+".join(one.removeprefix("=") for one in formulas)


def total(cells: str) -> str:
    return f"=SUM({cells})"


def rate(total_cell: str, done: Iterable[str], exempt: Iterable[str]) -> str:
    """Return the formula of 已完成 ÷ (总数 − 不涉及), a dash if that has no sense."""
    base = "-".join((total_cell, *exempt))
    finished = "+".join(done) or "0"
    return f'=IF({base}=0,"—",({finished})/({base}))'
