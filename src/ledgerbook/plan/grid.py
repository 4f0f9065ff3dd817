"""Define the data types that pass between the steps of reading a plan.

A format reader returns a :class:`PlanDocument` (all tables of a file as
:class:`CellGrid`), ``table_parser`` makes one :class:`PlanTable` of it, and ``extract``
a :class:`Plan`. Rows and columns are 0-based everywhere in this package; only
``PlanItem.number`` counts from 1. The types hold no rules of any layout.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from ledgerbook.errors import InputError
from ledgerbook.model import Question

# No table of a plan has more rows, or more columns.
MAX_ROWS, MAX_COLUMNS = 5000, 200


class ColumnRole(StrEnum):
    """What a column of a plan's table contains.

    The values are the headers of the same columns on the 任务 sheet of the book.
    """

    NUMBER = "序号"
    REQUIREMENT = "工作要求"
    POINT = "工作要点"
    MEASURE = "计划措施"
    UNITS = "责任单位"
    DEADLINE = "时限"
    NOTE = "备注"


@dataclass(frozen=True, slots=True)
class PlanCell:
    """One cell of a table, with its top left corner at ``row`` and ``column``.

    ``row_span`` and ``column_span`` are greater than 1 for a merged cell.
    ``source_cell_count`` is the number of filled cells of the file whose texts were
    joined to make this one.
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
    """The cells of one table.

    A place that no cell covers is unknown, which differs from a blank cell: pasted text,
    for example, omits cells that were merged with the one above.
    """

    cells: tuple[PlanCell, ...]
    # Filled cells in rows that the file hides; they are no part of the grid.
    hidden_cells: tuple[PlanCell, ...] = ()
    # Derived from the cells once, since every row asks for them.
    _cell_by_place: dict[tuple[int, int], PlanCell] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    height: int = field(init=False, repr=False, compare=False)
    width: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for cell in self.cells:
            for row in range(cell.row, cell.row + cell.row_span):
                for column in range(cell.column, cell.column + cell.column_span):
                    self._cell_by_place[row, column] = cell
        bottom = max((cell.row + cell.row_span for cell in self.cells), default=0)
        right = max((cell.column + cell.column_span for cell in self.cells), default=0)
        object.__setattr__(self, "height", bottom)
        object.__setattr__(self, "width", right)

    def get_cell(self, row: int, column: int) -> PlanCell | None:
        """Return the cell that covers a place, or None."""
        return self._cell_by_place.get((row, column))

    def list_cells(self, row: int) -> tuple[PlanCell, ...]:
        """List the cells that cover any place of ``row``, from left to right."""
        cells = (self.get_cell(row, column) for column in range(self.width))
        return tuple(dict.fromkeys(cell for cell in cells if cell))

    def list_starting_cells(self, row: int) -> tuple[PlanCell, ...]:
        """List the filled cells whose top row is ``row``, from left to right."""
        return tuple(cell for cell in self.list_cells(row) if cell.row == row and cell.is_filled)

    def hide_rows(self, rows: frozenset[int]) -> CellGrid:
        """Return the grid without ``rows``; a cell that is merged beyond them remains."""
        if not rows:
            return self
        shown_rows = [row for row in range(self.height) if row not in rows]
        new_rows = {row: index for index, row in enumerate(shown_rows)}
        shown_cells: list[PlanCell] = []
        hidden_cells: list[PlanCell] = []
        for cell in self.cells:
            rows_of_cell = range(cell.row, cell.row + cell.row_span)
            span = [new_rows[row] for row in rows_of_cell if row in new_rows]
            if span:
                shown_cells.append(replace(cell, row=span[0], row_span=len(span)))
            elif cell.is_filled:
                hidden_cells.append(cell)
        return CellGrid(tuple(shown_cells), tuple(hidden_cells))

    @property
    def filled_count(self) -> int:
        return sum(cell.is_filled for cell in self.cells)


@dataclass(frozen=True, slots=True)
class PlanDocument:
    """The content of a file as a format reader returns it.

    ``tables`` are in file order. ``titles`` are the lines that may be the plan's title,
    the most likely first. ``lines`` are all lines outside the tables; only readers of
    formats that may hold a plan without a table (.docx) fill them. ``unread_tables`` are
    the names, for the office, of tables with more than ``MAX_ROWS`` or ``MAX_COLUMNS``.
    """

    tables: tuple[CellGrid, ...]
    titles: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    unread_tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanColumn:
    """One column of a plan's table.

    ``header`` is the plan's own header; a header of two rows reads 责任单位（牵头）.
    ``unit_role`` is the verb (牵头, 落实 or 配合) that the header implies for the units
    in the column, or blank.
    """

    role: ColumnRole
    header: str = ""
    unit_role: str = ""


@dataclass(frozen=True, slots=True)
class Inference:
    """A decision that the office should confirm; it becomes a Question.

    ``rows`` are rows of ``PlanTable.grid``, none if the whole table is concerned.
    ``role`` is the column concerned, ``quoted_text`` the plan's own words. ``reason``
    and ``advice`` are Chinese sentences for the office.
    """

    rows: tuple[int, ...]
    role: ColumnRole
    quoted_text: str
    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class PlanTable:
    """The one table of a plan, whatever file it came from: the input of ``extract_plan``.

    Column ``i`` of ``grid`` is ``columns[i]``, and ``grid`` has no header row. A cell that
    spans several columns of the file spans them in ``grid`` too. ``page_start_rows`` are
    the rows at which a table or a repeated header began in the file.
    ``header_cell_count`` is the number of filled cells in header rows, ``hidden_cell_count``
    that in hidden rows, ``texts_above``
    the texts in rows above the first header, ``other_table_count`` the number of tables
    in the file that do not belong to the plan, ``unread_tables`` those that are too large.
    """

    titles: tuple[str, ...]
    columns: tuple[PlanColumn, ...]
    grid: CellGrid
    inferences: tuple[Inference, ...] = ()
    page_start_rows: tuple[int, ...] = ()
    header_cell_count: int = 0
    hidden_cell_count: int = 0
    texts_above: tuple[str, ...] = ()
    other_table_count: int = 0
    unread_tables: tuple[str, ...] = ()

    @property
    def roles(self) -> tuple[ColumnRole, ...]:
        return tuple(column.role for column in self.columns)

    def list_columns_with_role(self, role: ColumnRole) -> Iterator[int]:
        """Yield the indexes of the columns with ``role``, from the left."""
        return (index for index, column in enumerate(self.columns) if column.role is role)


class CellDisposition(StrEnum):
    """Where the text of a filled cell of the plan's tables ended up."""

    TASK = "任务"
    HEADING = "标题"
    HEADER = "表头"
    NOTE = "备注"
    OPEN_QUESTION = "待确认"


@dataclass(frozen=True, slots=True)
class CellCount:
    """The number of filled cells in the plan's tables, in total and by disposition.

    Unequal sums mean that a text was lost. ``other_table_count`` is the number of tables
    in the file that do not belong to the plan and were not read; ``unread_tables`` are the
    names of those that were not even looked at, as they are too large.
    """

    total: int
    by_disposition: Mapping[CellDisposition, int]
    other_table_count: int = 0
    unread_tables: tuple[str, ...] = ()

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
        unread_tables_text = (
            f"{_describe_large_tables(self.unread_tables)}，没有读；"
            "里面要是也有任务，请只留任务的行和栏，另存后重试。"
            if self.unread_tables
            else ""
        )
        return (
            f"方案表格里有字的格子共 {self.total} 格：{counts_text}。"
            f"{other_tables_text}{unread_tables_text}"
        )


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One numbered item in the plan's own words.

    ``number`` counts from 1 in plan order, whatever number the plan prints. A field is
    blank where the plan says nothing. ``notes`` has one line ``header：text`` for each
    other column.
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
    """A plan that was read: its title, its items and the questions that it leaves open."""

    title: str
    agency: str
    year: int | None
    items: tuple[PlanItem, ...]
    questions: tuple[Question, ...]
    cell_count: CellCount = field(default_factory=lambda: CellCount(0, Counter()))


# What a table without a header is quoted as in its question.
NO_HEADER = "没有表头"


def format_task_code(number: int) -> str:
    """Return the task code of an item number: 7 gives T07, 120 gives T120."""
    return f"T{number:02d}"


def name_table(texts: Sequence[str]) -> str:
    """Return the name of a table for the office, by the texts of its first row."""
    return f"第一行是“{quote_row(texts)}”的表格"


def quote_row(texts: Sequence[str]) -> str:
    """Return the beginnings of the first texts of a row."""
    return "、".join(" ".join(text.split())[:12] for text in texts[:8])


def _describe_large_tables(names: Sequence[str]) -> str:
    return f"{'、'.join(names)}大得不像分工方案（超过 {MAX_ROWS} 行或 {MAX_COLUMNS} 列）"


def make_large_table_error(names: Sequence[str]) -> InputError:
    """Return the error for a file whose other tables are no plan either."""
    return InputError(
        f"{_describe_large_tables(names)}。"
        "请核对是不是选错了文件；确是方案的，请只留任务的行和栏，另存成新文件后重试。",
        code="plan-missing",
        values={"tables": tuple(names)},
    )
