"""Define what a form was issued with: the values a return is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

# Row name (task code, or the number of a register's entry from "0" on) → column key → text.
# Blank cells are left out.
RowTexts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class IssuedValues:
    """The values of the answer cells of a workbook when it was issued (下发时的值).

    ``texts`` is by section and form key; a form that was issued blank is not in it.
    """

    round: str
    issued_on: date
    texts: Mapping[tuple[str, str], RowTexts]

    def get_texts(self, section: str, form: str) -> RowTexts:
        return self.texts.get((section, form), {})
