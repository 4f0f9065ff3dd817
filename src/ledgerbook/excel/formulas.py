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
class LabelMatch:
    """Cells of ``range`` that equal ``label``, which stands in ``cell``."""

    range: str
    cell: str
    label: str

    @property
    def is_plain(self) -> bool:
        """Whether COUNTIFS can only read the label as this very text."""
        label = self.label
        return (
            _FIRST_IDEOGRAPH <= label[:1] <= _LAST_IDEOGRAPH
            and len(label) <= _LONGEST_CRITERION
            and label.lower() == label.upper()
            and not set("*?~") & set(label)
        )


def build_count_formula(matches: Sequence[LabelMatch]) -> str:
    """Return the formula that counts the rows where all ``matches`` hold."""
    if all(match.is_plain for match in matches):
        pairs = ",".join(f"{match.range},{match.cell}" for match in matches)
        return f"=COUNTIFS({pairs})"
    exact = "*".join(f"EXACT({match.range},{match.cell})" for match in matches)
    return f"=SUMPRODUCT(1*{exact})"


def build_addition_formula(formulas: Iterable[str]) -> str:
    """Return the formula that adds up what ``formulas`` come to."""
    return "=" + "+".join(formula.removeprefix("=") for formula in formulas)


def build_sum_formula(cells: str) -> str:
    return f"=SUM({cells})"


def build_rate_formula(
    total_cell: str, completed_cells: Iterable[str], exempt_cells: Iterable[str]
) -> str:
    """Return the formula of 已完成 ÷ (总数 − 不涉及), a dash if that has no sense."""
    denominator = "-".join((total_cell, *exempt_cells))
    numerator = "+".join(completed_cells) or "0"
    return f'=IF({denominator}=0,"—",({numerator})/({denominator}))'
