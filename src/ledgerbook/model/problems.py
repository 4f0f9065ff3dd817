"""Define the problems found in a return: values that are listed and never raised.

Every problem has a stable code, a place, and a sentence that says what to do. The
sentences are in :mod:`ledgerbook.model.messages`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from ledgerbook.model.messages import MESSAGE_CATALOGUE, Severity

# A longer original text stands in full in a column of its own; the sentence quotes the
# beginning.
MAX_QUOTED_CHARS = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a return: an error that somebody must correct, or a notice.

    ``code`` is a key of ``MESSAGE_CATALOGUE``, ``values`` fill the placeholders of its
    sentences. ``rejected_cells`` is the number of answer cells that are listed here
    *instead of* in the summary. ``task`` (code) and ``column`` (key) identify the cell
    where there is one, ``more_columns`` further cells of that row; ``corrected_by`` names the
    newer file that corrected the problem.
    """

    code: str
    place: Place
    # A plain dict, because a mapping proxy cannot be sent from a worker process.
    values: Mapping[str, str] = field(default_factory=dict)
    section: str = ""
    rejected_cells: int = 0
    task: str = ""
    column: str = ""
    more_columns: tuple[str, ...] = ()
    corrected_by: str = ""

    @property
    def severity(self) -> Severity:
        """The severity of the code; a notice once the problem has been corrected."""
        return Severity.NOTICE if self.corrected_by else MESSAGE_CATALOGUE[self.code].severity

    @property
    def is_error(self) -> bool:
        """Whether somebody must correct something."""
        return self.severity is Severity.ERROR

    @property
    def is_program_fault(self) -> bool:
        """Whether the program is at fault, so that no section can correct anything."""
        return self.code == "program-fault"

    @property
    def office_matter(self) -> str:
        """What the coordinating office has to verify, in a few words; blank if nothing."""
        return "" if self.corrected_by else MESSAGE_CATALOGUE[self.code].office_matter

    @property
    def message(self) -> str:
        """What happened, in a sentence."""
        return MESSAGE_CATALOGUE[self.code].message.format(**self.values)

    @property
    def short_message(self) -> str:
        """The message, with a long quotation of the original text cut short."""
        if len(self.raw) <= MAX_QUOTED_CHARS:
            return self.message
        shortened_raw = f"{self.raw[:MAX_QUOTED_CHARS]}……（全文见“原填内容”）"
        return MESSAGE_CATALOGUE[self.code].message.format(**{**self.values, "raw": shortened_raw})

    @property
    def advice(self) -> str:
        """What to do, in a sentence."""
        if self.corrected_by:
            return f"后来的“{self.corrected_by}”已经更正，无需处理。"
        return MESSAGE_CATALOGUE[self.code].advice.format(**self.values)

    @property
    def raw(self) -> str:
        """The text that the sender typed, if the problem is about one."""
        return self.values.get("raw", "")


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """Problems of one section and sheet that differ in their cell and task alone: one line."""

    problems: tuple[Problem, ...]

    @property
    def first(self) -> Problem:
        return self.problems[0]

    @property
    def cells(self) -> str:
        """All cells, in words: J6、J9."""
        return "、".join(dict.fromkeys(p.place.cell for p in self.problems if p.place.cell))

    @property
    def place(self) -> Place:
        return replace(self.first.place, cell=self.cells)

    @property
    def short_message(self) -> str:
        """The message of all, with the numbers of all their tasks."""
        numbers = (p.values[_NUMBER] for p in self.problems if _NUMBER in p.values)
        values = {**self.first.values, _NUMBER: "、".join(dict.fromkeys(numbers))}
        return replace(self.first, values=values).short_message


# The placeholder of a task's number in the sentences.
_NUMBER = "number"


def group_problems(problems: Iterable[Problem]) -> tuple[ProblemGroup, ...]:
    """Join like problems, each group at the place of its first one."""
    groups: dict[Hashable, list[Problem]] = {}
    for problem in problems:
        values = tuple(item for item in problem.values.items() if item[0] != _NUMBER)
        place = problem.place.file, problem.place.sheet
        key = (problem.code, problem.section, place, values, problem.corrected_by)
        groups.setdefault(key, []).append(problem)
    return tuple(ProblemGroup(tuple(group)) for group in groups.values())


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a return: ``file`` relative to the folder, ``cell`` such as ``J7``."""

    file: str = ""
    sheet: str = ""
    cell: str = ""

    def __str__(self) -> str:
        parts = [f"文件“{self.file}”"] if self.file else []
        parts += [f"工作表“{self.sheet}”"] if self.sheet else []
        parts += [f"单元格 {self.cell}"] if self.cell else []
        return " ".join(parts)

    @property
    def short_text(self) -> str:
        """The place in brackets after what stands there: 综合科3.xlsx，工作表“综合科”，K26."""
        sheet = f"工作表“{self.sheet}”" if self.sheet else ""
        return "，".join(filter(None, (self.file, sheet, self.cell)))

    def __reduce__(self) -> tuple[type, tuple[str, ...]]:
        """Pickle the fields alone, without their names: every answer has a place."""
        return Place, (self.file, self.sheet, self.cell)
