"""What is wrong in a return: values, never raised.

Every problem has a stable code, a place, and a sentence that says what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledgerbook.model.messages import MESSAGE_CATALOGUE, Severity


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, or worth knowing, in what came back.

    ``rejected_cells`` is how many answer cells are held here *instead of* in the summary.
    ``task`` (code) and ``column`` (key) name the cell where there is one, and
    ``corrected_by`` the newer file that has put things right.
    """

    code: str
    place: Place
    # A plain dict: problems come out of worker processes, and a proxy cannot.
    values: Mapping[str, str] = field(default_factory=dict)
    section: str = ""
    rejected_cells: int = 0
    task: str = ""
    column: str = ""
    corrected_by: str = ""

    @property
    def severity(self) -> Severity:
        return Severity.NOTICE if self.corrected_by else MESSAGE_CATALOGUE[self.code].severity

    @property
    def is_error(self) -> bool:
        """Whether somebody must do something about it."""
        return self.severity is Severity.ERROR

    @property
    def message(self) -> str:
        return MESSAGE_CATALOGUE[self.code].message.format(**self.values)

    @property
    def short_message(self) -> str:
        """The sentence with a long original in it cut short."""
        if len(self.raw) <= MAX_QUOTED_CHARS:
            return self.message
        shortened_raw = f"{self.raw[:MAX_QUOTED_CHARS]}……（全文见“原填内容”）"
        return MESSAGE_CATALOGUE[self.code].message.format(**{**self.values, "raw": shortened_raw})

    @property
    def advice(self) -> str:
        if self.corrected_by:
            return f"后来的“{self.corrected_by}”已经更正，无需处理。"
        return MESSAGE_CATALOGUE[self.code].advice.format(**self.values)

    @property
    def raw(self) -> str:
        """The sender's own text, where there is one."""
        return self.values.get("raw", "")


@dataclass(frozen=True, slots=True)
class Place:
    """Where: ``file`` relative to the folder searched, ``cell`` such as ``J7``."""

    file: str = ""
    sheet: str = ""
    cell: str = ""

    def __str__(self) -> str:
        parts = [f"文件“{self.file}”"] if self.file else []
        parts += [f"工作表“{self.sheet}”"] if self.sheet else []
        parts += [f"单元格 {self.cell}"] if self.cell else []
        return " ".join(parts)

    def __reduce__(self) -> tuple[type, tuple[str, ...]]:
        """Travel light: there is one of these for every answer."""
        return Place, (self.file, self.sheet, self.cell)


# A long original stands in a column of its own; in the sentence its start is enough.
MAX_QUOTED_CHARS = 60
