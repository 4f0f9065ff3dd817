"""Define the problems found in a return: values that are listed and never raised.

Every problem has a stable code, a place, and a sentence that says what to do. The
sentences are in :mod:`ledgerbook.model.messages`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from ledgerbook.model.messages import MESSAGE_CATALOGUE, Severity
from ledgerbook.text import end_sentence

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
        return end_sentence(MESSAGE_CATALOGUE[self.code].message.format(**self.values))

    @property
    def short_message(self) -> str:
        """The message, with a long quotation of the original text cut short."""
        if len(self.raw) <= MAX_QUOTED_CHARS:
            return self.message
        shortened_raw = f"{self.raw[:MAX_QUOTED_CHARS]}……（全文见“原填内容”）"
        return replace(self, values={**self.values, "raw": shortened_raw}).message

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
    """Problems of one kind that the same advice mends: one line.

    They are of one section and sheet; those of whole files are of one section alone.
    """

    problems: tuple[Problem, ...]

    @property
    def first(self) -> Problem:
        return self.problems[0]

    @property
    def place(self) -> Place:
        """The first places, in words: cells J6、J9, or files."""
        return Place(
            list_some((problem.place.file for problem in self.problems), MAX_LISTED_FILES),
            self.first.place.sheet,
            self.cells,
        )

    @property
    def cells(self) -> str:
        return list_some(problem.place.cell for problem in self.problems)

    @property
    def names_all_places(self) -> bool:
        """Whether ``place`` names the file and cell of each problem."""
        has_cells = bool(self.first.place.sheet or self.first.place.cell)
        return len(self.problems) <= (MAX_LISTED if has_cells else MAX_LISTED_FILES)

    def split(self) -> tuple[ProblemGroup, ...]:
        """Return groups of which each names all its places."""
        starts = range(0, len(self.problems), MAX_LISTED)
        return tuple(ProblemGroup(self.problems[at : at + MAX_LISTED]) for at in starts)

    @property
    def raw(self) -> str:
        """What the sender typed; where that differs, a line for each cell."""
        raws = {(problem.raw, problem.values.get("value")) for problem in self.problems}
        if len(raws) == 1:
            return self.first.raw
        return "\n".join(filter(None, map(_quote_raw, self.problems)))

    @property
    def short_message(self) -> str:
        """The message of all: that of the first, with the numbers of their tasks."""
        numbers = list_some(p.values.get(_NUMBER, "") for p in self.problems)
        values = {**self.first.values, **({_NUMBER: numbers} if numbers else {})}
        message = replace(self.first, values=values).short_message
        if all(_drop_number(p) == _drop_number(self.first) for p in self.problems):
            return message
        has_one_text = all(p.raw == self.first.raw for p in self.problems)
        difference = "" if has_one_text else "，内容不全相同"
        return f"{message}（同类的共 {len(self.problems)} 处{difference}。）"


# The placeholder of a task's number in the sentences.
_NUMBER = "number"
# Placeholders in which like problems differ.
_OWN_VALUES = frozenset({_NUMBER, "raw", "value", "reason", "count", "times", "length"})
# A line names at most so many of its cells or tasks, and of its files, whose names are long.
MAX_LISTED, MAX_LISTED_FILES = 10, 3


def list_some(texts: Iterable[str], limit: int = MAX_LISTED) -> str:
    """Return the texts in a phrase, each once; of many the first ones, and how many there are."""
    distinct = list(dict.fromkeys(filter(None, texts)))
    shown = "、".join(distinct[:limit])
    return shown if len(distinct) <= limit else f"{shown}等 {len(distinct)} 处"


def _quote_raw(problem: Problem) -> str:
    """Return what was typed, with its cell and what it was read as."""
    raw, cell = problem.raw, problem.place.cell
    if not raw:
        return ""
    value = problem.values.get("value", "")
    text = f"{raw}（{value}）" if value else raw
    # Several cells are quoted with their references.
    return text if not cell or raw.startswith(f"{cell}：") else f"{cell}：{text}"


def _drop_number(problem: Problem) -> dict[str, str]:
    return {key: value for key, value in problem.values.items() if key != _NUMBER}


def group_problems(problems: Iterable[Problem]) -> tuple[ProblemGroup, ...]:
    """Join like problems, each group at the place of its first one."""
    groups: dict[Hashable, list[Problem]] = {}
    for problem in problems:
        values = tuple(item for item in problem.values.items() if item[0] not in _OWN_VALUES)
        place = problem.place
        # What is wrong with a whole file can be wrong with many.
        sheet = (place.file, place.sheet) if place.sheet or place.cell else ()
        columns = (problem.column, problem.more_columns)
        key = (problem.code, problem.section, sheet, columns, values, problem.corrected_by)
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
    def row_number(self) -> int:
        """The number of the cell's row, the first one of an area; 0 without a cell."""
        digits = "".join(c for c in self.cell.partition(":")[0] if c.isdigit())
        return int(digits or 0)

    @property
    def short_text(self) -> str:
        """The place in brackets after what stands there: 综合科3.xlsx，工作表“综合科”，K26."""
        sheet = f"工作表“{self.sheet}”" if self.sheet else ""
        return "，".join(filter(None, (self.file, sheet, self.cell)))

    def __reduce__(self) -> tuple[type, tuple[str, ...]]:
        """Pickle the fields alone, without their names: every answer has a place."""
        return Place, (self.file, self.sheet, self.cell)
