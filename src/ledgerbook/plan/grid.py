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
    DEADLINE = "时限"
    NOTE = "备注"


@dataclass(frozen=True, slots=True)
class PlanCell:
    """One cell; merged over ``row_span`` and ``column_span`` from its top left corner.

    ``source_cell_count`` counts the filled cells of the file that this one was put together
    from.
    """

    text: str
    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    source_cell_count: int = 1

    @property
    def is_filled(self) -> bool:
        return bool(self.text.strip())


@dataclass(frozen=True, slots=True)
class CellGrid:
    """The cells of one table. A place that no cell covers is unknown, not blank."""

    cells: tuple[PlanCell, ...]
    _cell_by_place: dict[tuple[int, int], PlanCell] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        for cell in self.cells:
            for row in range(cell.row, cell.row + cell.row_span):
                for column in range(cell.column, cell.column + cell.column_span):
                    self._cell_by_place[row, column] = cell

    def get_cell(self, row: int, column: int) -> PlanCell | None:
        return self._cell_by_place.get((row, column))

    def list_cells(self, row: int) -> tuple[PlanCell, ...]:
        """List the cells that stand in ``row`` or reach into it, from the left."""
        cells = (self.get_cell(row, column) for column in range(self.width))
        return tuple(dict.fromkeys(cell for cell in cells if cell))

    def list_starting_cells(self, row: int) -> tuple[PlanCell, ...]:
        """List the filled cells that begin in ``row``."""
        return tuple(cell for cell in self.list_cells(row) if cell.row == row and cell.is_filled)

    @property
    def height(self) -> int:
        return max((cell.row + cell.row_span for cell in self.cells), default=0)

    @property
    def width(self) -> int:
        return max((cell.column + cell.column_span for cell in self.cells), default=0)

    @property
    def filled_count(self) -> int:
        return sum(cell.is_filled for cell in self.cells)


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """What a reader finds in a file: its tables in order, and the lines around.

    ``titles`` are the lines that may be the plan's title, likeliest first; ``lines``
    all that stand outside the tables.
    """

    tables: tuple[CellGrid, ...]
    titles: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanColumn:
    """One column; ``header`` as the plan has it, ``unit_role`` the verb that it gives."""

    role: ColumnRole
    header: str = ""
    unit_role: str = ""


@dataclass(frozen=True, slots=True)
class Inference:
    """A reader's inference about ``role`` of some ``rows``, to be confirmed."""

    rows: tuple[int, ...]
    role: ColumnRole
    quoted_text: str
    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class PlanTable:
    """What is handed on to be understood.

    ``grid`` has no header row: its column ``i`` is ``columns[i]``. A cell that reaches
    over several columns does so in ``grid`` too. ``header_cell_count`` counts the filled cells in
    header rows, ``texts_above`` are those over the first of them; ``other_table_count`` counts the
    tables that are not the plan's.
    """

    titles: tuple[str, ...]
    columns: tuple[PlanColumn, ...]
    grid: CellGrid
    inferences: tuple[Inference, ...] = ()
    page_start_rows: tuple[int, ...] = ()
    header_cell_count: int = 0
    texts_above: tuple[str, ...] = ()
    other_table_count: int = 0

    @property
    def roles(self) -> tuple[ColumnRole, ...]:
        return tuple(column.role for column in self.columns)

    def find_columns(self, role: ColumnRole) -> Iterator[int]:
        return (index for index, column in enumerate(self.columns) if column.role is role)


# Where every filled cell of the plan's tables went.


class CellDisposition(StrEnum):
    TASK = "任务"
    HEADING = "标题"
    HEADER = "表头"
    NOTE = "备注"
    OPEN_QUESTION = "待确认"


@dataclass(frozen=True, slots=True)
class CellCount:
    """How many filled cells the plan's tables have, and how many went where.

    ``other_table_count`` counts the tables of the file that are not the plan's.
    """

    total: int
    by_disposition: Mapping[CellDisposition, int]
    other_table_count: int = 0

    @property
    def is_balanced(self) -> bool:
        return self.total == sum(self.by_disposition.values())

    def __str__(self) -> str:
        counts_text = "，".join(
            f"{disposition} {self.by_disposition[disposition]} 格"
            for disposition in CellDisposition
        )
        other_tables_text = (
            f"另有 {self.other_table_count} 张表不是方案的表格，没有读。"
            if self.other_table_count
            else ""
        )
        return f"方案表格里有字的格子共 {self.total} 格：{counts_text}。{other_tables_text}"


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
    deadline_text: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    title: str
    agency: str
    year: int | None
    items: tuple[PlanItem, ...]
    questions: tuple[Question, ...]
    cell_count: CellCount = field(default_factory=lambda: CellCount(0, Counter()))


def format_task_code(number: int) -> str:
    return f"T{number:02d}"
