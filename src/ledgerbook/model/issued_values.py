"""Define what a form was issued with: the values a return is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

# Row name (task code, or the number of a register's entry from "0" on) → column key → text.
# Blank cells are left out.
RowTexts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class IssuedValues:
    """The values of the answer cells of a workbook when it was issued (下发时的值).

    ``texts`` is by section and form key; a form that was issued blank is not in it.
    ``unverified`` are the text they were read from and its signature, until somebody who has
    the key of the book has checked it.
    """

    round: str
    issued_on: date
    texts: Mapping[tuple[str, str], RowTexts]
    unverified: tuple[str, str] = ("", "")

    def get_texts(self, section: str, form: str) -> RowTexts:
        return self.texts.get((section, form), {})


@dataclass(frozen=True, slots=True)
class IssueRecord:
    """One form as it was issued to one section in a round (签发记录 of the book).

    ``row_codes`` are those of its rows, none for a register; ``version`` is that of the form.
    ``issued_name`` is the name under which a section that has been renamed was issued it,
    ``former_names`` are those under which it was issued something earlier.
    """

    round: str
    section: str
    form: str
    issued_on: date
    version: str
    row_codes: tuple[str, ...] = ()
    texts: RowTexts = field(default_factory=dict)
    issued_name: str = ""
    former_names: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """Round, section and form: the newest record of each holds."""
        return self.round, self.section, self.form

    @property
    def task_codes(self) -> tuple[str, ...]:
        return tuple(code.rpartition("-")[0] for code in self.row_codes)
