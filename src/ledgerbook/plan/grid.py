"""A table as any reader gives it: cells with spans, and what the reader inferred."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ledgerbook.model import Question


class ColumnRole(StrEnum):
    """What a column of a plan's table says, by its header on the 任务 sheet."""

    NUMBER = "序号"
    REQUIREMENT = "工作要求"
    POINT = "工作要点"
    MEASURE = "计划措施"
    UNITS = "责任单位"
    LIMIT = "时限"
    NOTE = "备注"


@dataclass(frozen=True, slots=True)
class PlanCell:
    """One cell; merged over ``rows`` and ``columns`` from its top left corner.

    ``made_of`` counts the filled cells of the file that this one was put together
    from.
    """

    text: str
    row: int
    column: int
    rows: int = 1
    columns: int = 1
    made_of: int = 1

    @property
    def filled(self) -> bool:
        return bool(self.text.strip())


@dataclass(frozen=True, slots=True)
class CellGrid:
    """The cells of one table. A place that no cell covers is unknown, not blank."""

    cells: tuple[PlanCell, ...]
    _places: dict[tuple[int, int], PlanCell] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        for cell in self.cells:
            for row in range(cell.row, cell.row + cell.rows):
                for column in range(cell.column, cell.column + cell.columns):
                    self._places[row, column] = cell

    def at(self, row: int, column: int) -> PlanCell | None:
        return self._places.get((row, column))

    def across(self, row: int) -> tuple[PlanCell, ...]:
        """List the cells that stand in ``row`` or reach into it, from the left."""
        cells = (self.at(row, column) for column in range(self.width))
        return tuple(dict.fromkeys(cell for cell in cells if cell))

    def begun(self, row: int) -> tuple[PlanCell, ...]:
        """List the filled cells that begin in ``row``."""
        return tuple(c for c in self.across(row) if c.row == row and c.filled)

    @property
    def height(self) -> int:
        return max((cell.row + cell.rows for cell in self.cells), default=0)

    @property
    def width(self) -> int:
        return max((cell.column + cell.columns for cell in self.cells), default=0)

    @property
    def filled(self) -> int:
        return sum(cell.filled for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Pages:
    """What a reader finds in a file: its tables in order, and the lines around.

    ``titles`` are the lines that may be the plan's title, likeliest first; ``lines``
    all that stand outside the tables.
    """

    tables: tuple[CellGrid, ...]
    titles: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanColumn:
    """One column; ``header`` as the plan has it, ``role`` the verb that it gives."""

    part: ColumnRole
    header: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Inference:
    """A reader's inference about ``part`` of some ``rows``, to be confirmed."""

    rows: tuple[int, ...]
    part: ColumnRole
    found: str
    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class PlanSource:
    """What is handed on to be understood.

    ``grid`` has no header row: its column ``i`` is ``columns[i]``. A cell that reaches
    over several columns does so in ``grid`` too. ``headers`` counts the filled cells in
    header rows, ``above`` are those over the first of them; ``others`` counts the
    tables that are not the plan's.
    """

    titles: tuple[str, ...]
    columns: tuple[PlanColumn, ...]
    grid: CellGrid
    doubts: tuple[Inference, ...] = ()
    pages: tuple[int, ...] = ()
    headers: int = 0
    above: tuple[str, ...] = ()
    others: int = 0

    @property
    def parts(self) -> tuple[ColumnRole, ...]:
        return tuple(column.part for column in self.columns)

    def places(self, part: ColumnRole) -> Iterator[int]:
        return (i for i, column in enumerate(self.columns) if column.part is part)


# Where every filled cell of the plan's tables went.


class CellDisposition(StrEnum):
    TASK = "任务"
    HEADING = "标题"
    HEADER = "表头"
    NOTE = "备注"
    ASKED = "待确认"


@dataclass(frozen=True, slots=True)
class CellCount:
    """How many filled cells the plan's tables have, and how many went where.

    ``others`` counts the tables of the file that are not the plan's.
    """

    found: int
    went: Mapping[CellDisposition, int]
    others: int = 0

    @property
    def balanced(self) -> bool:
        return self.found == sum(self.went.values())

    def __str__(self) -> str:
        parts = "，".join(f"{fate} {self.went[fate]} 格" for fate in CellDisposition)
        more = f"另有 {self.others} 张表不是方案的表格，没有读。" if self.others else ""
        return f"方案表格里有字的格子共 {self.found} 格：{parts}。{more}"


# What reading a plan gives.


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One numbered item, in the plan's own words; a blank is a blank in the plan.

    ``notes`` are what its other columns say, a line each.
    """

    number: int
    requirement: str
    point: str
    measure: str
    units: str
    limit: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    title: str
    agency: str
    year: int | None
    items: tuple[PlanItem, ...]
    questions: tuple[Question, ...]
    counted: CellCount = field(default_factory=lambda: CellCount(0, Counter()))


def task_code(number: int) -> str:
    return f"T{number:02d}"
