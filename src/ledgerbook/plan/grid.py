"""A table as any reader gives it: cells with spans, and what the reader inferred."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Part(StrEnum):
    """What a column of a plan's table says, by its header on the 任务 sheet."""

    NUMBER = "序号"
    REQUIREMENT = "工作要求"
    POINT = "工作要点"
    MEASURE = "计划措施"
    UNITS = "责任单位"
    LIMIT = "时限"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; merged over ``rows`` and ``columns`` from its top left corner."""

    text: str
    row: int
    column: int
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of one table. A place that no cell covers is unknown, not blank."""

    cells: tuple[Cell, ...]
    _places: dict[tuple[int, int], Cell] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        for cell in self.cells:
            for row in range(cell.row, cell.row + cell.rows):
                for column in range(cell.column, cell.column + cell.columns):
                    self._places[row, column] = cell

    def at(self, row: int, column: int) -> Cell | None:
        return self._places.get((row, column))

    @property
    def height(self) -> int:
        return max((cell.row + cell.rows for cell in self.cells), default=0)

    @property
    def width(self) -> int:
        return max((cell.column + cell.columns for cell in self.cells), default=0)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reader's inference about ``part`` of some ``rows``, to be confirmed."""

    rows: tuple[int, ...]
    part: Part
    found: str
    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class Source:
    """What a reader hands on to be understood.

    ``grid`` has no header row: column ``i`` is ``parts[i]``. ``titles`` are the lines
    that may be the plan's title, likeliest first.
    """

    titles: tuple[str, ...]
    parts: tuple[Part, ...]
    grid: Grid
    doubts: tuple[Doubt, ...] = ()
