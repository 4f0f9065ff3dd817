"""Build formulas that count rows by their labels, add up and divide.

COUNTIFS reads its criterion as a pattern: ``*`` and ``?`` match anything, ``>5`` compares,
``12`` is a number, case is ignored, and a criterion of over 255 characters fails
(ECMA-376 Part 1 §18.17.7, COUNTIF). A label that could be misread is therefore compared
with EXACT instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_LONGEST_CRITERION = 200
_FIRST_IDEOGRAPH, _LAST_IDEOGRAPH = "\u4e00", "\u9fff"


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """The condition that a cell of ``range`` equals ``label``.

    The formula refers to ``cell``, which holds the label.
    """

    range: str
    cell: str
    label: str

    @property
    def is_plain(self) -> bool:
        """Whether COUNTIFS matches exactly the cells with this label."""
        label = self.label
        return (
            _FIRST_IDEOGRAPH <= label[:1] <= _LAST_IDEOGRAPH
            and len(label) <= _LONGEST_CRITERION
            and label.lower() == label.upper()
            and not set("*?~") & set(label)
        )


def build_count_formula(matches: Sequence[LabelMatch]) -> str:
    """Return the formula that counts the rows for which all ``matches`` are true."""
    if all(match.is_plain for match in matches):
        pairs = ",".join(f"{match.range},{match.cell}" for match in matches)
        return f"=COUNTIFS({pairs})"
    exact = "*".join(f"EXACT({match.range},{match.cell})" for match in matches)
    return f"=SUMPRODUCT(1*{exact})"


def build_addition_formula(formulas: Iterable[str]) -> str:
    """Return the formula of the sum of ``formulas``."""
    return "=" + "+".join(formula.removeprefix("=") for formula in formulas)


def build_sum_formula(cells: str) -> str:
    """Return the formula of the sum of a range of cells."""
    return f"=SUM({cells})"


def build_rate_formula(
    total_cell: str, completed_cells: Iterable[str], exempt_cells: Iterable[str]
) -> str:
    """Return the formula of 已完成 ÷ (总数 − 不涉及), a dash where the divisor is 0."""
    denominator = "-".join((total_cell, *exempt_cells))
    numerator = "+".join(completed_cells) or "0"
    return f'=IF({denominator}=0,"—",({numerator})/({denominator}))'
