"""Lay out tables 2 to 4 as they are published: which words and figures stand where.

The layout is for Word; the summary draws the same tables with formulas
(:mod:`ledgerbook.summary.report_tables`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, auto

from ledgerbook.annual_report import published_tables
from ledgerbook.annual_report.published_tables import HandlingResult, TableCell

TableFigures = Mapping[TableCell, Decimal]


class BoxKind(Enum):
    """What a box contains; MISSING stands for a figure that is still unknown."""

    HEADER = auto()
    LABEL = auto()
    FIGURE = auto()
    MISSING = auto()


@dataclass(frozen=True, slots=True)
class TableBox:
    """A box of a table; row and column of its upper left corner count from 0."""

    row: int
    column: int
    text: str
    kind: BoxKind
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class TableLayout:
    """A table: its boxes, column widths in mm, and rows repeated on each page.

    ``figure_lines`` are its figures line by line, each after the line's name; ``size`` is
    the size of its type in points.
    """

    table: str
    widths: tuple[float, ...]
    header_rows: int
    boxes: tuple[TableBox, ...]
    figure_lines: tuple[tuple[str, ...], ...]
    size: float

    @property
    def row_count(self) -> int:
        return max(box.row + box.rows for box in self.boxes)

    @property
    def figure_count(self) -> int:
        """The number of its figures, known or not."""
        return sum(box.kind in (BoxKind.FIGURE, BoxKind.MISSING) for box in self.boxes)

    @property
    def missing_count(self) -> int:
        """The number of its figures that no register provides."""
        return sum(box.kind is BoxKind.MISSING for box in self.boxes)


def format_figure(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


@dataclass(slots=True)
class _TableBuilder:
    """Collects the boxes of a table, line by line."""

    figures: TableFigures
    boxes: list[TableBox] = field(default_factory=list)
    row: int = 0

    def add_header(self, column: int, text: str, columns: int = 1, rows: int = 1) -> None:
        self.boxes.append(TableBox(self.row, column, text, BoxKind.HEADER, rows, columns))

    def add_label(self, column: int, text: str, columns: int = 1, rows: int = 1) -> None:
        row = self.row - rows + 1
        self.boxes.append(TableBox(row, column, text, BoxKind.LABEL, rows, columns))

    def add_figure(self, column: int, cell: TableCell, columns: int = 1) -> None:
        text = format_figure(self.figures.get(cell))
        kind = BoxKind.FIGURE if text else BoxKind.MISSING
        self.boxes.append(TableBox(self.row, column, text, kind, columns=columns))


def build_disclosure_table(figures: TableFigures) -> TableLayout:
    """Lay out table 2, each of its blocks under a heading of its own."""
    builder = _TableBuilder(figures)
    for block in published_tables.DISCLOSURE_BLOCKS:
        builder.add_header(0, block.heading, columns=4)
        builder.row += 1
        span = 3 // len(block.columns)
        builder.add_header(0, "信息内容")
        for position, column in enumerate(block.columns):
            builder.add_header(1 + position * span, column, columns=span)
        for line in block.lines:
            builder.row += 1
            builder.add_label(0, line)
            for position, column in enumerate(block.columns):
                cell = TableCell(published_tables.DISCLOSURE_TABLE, line, column)
                builder.add_figure(1 + position * span, cell, columns=span)
        builder.row += 1
    figure_lines = tuple(
        (
            line,
            *_format_figure_line(figures, published_tables.DISCLOSURE_TABLE, line, block.columns),
        )
        for block in published_tables.DISCLOSURE_BLOCKS
        for line in block.lines
    )
    widths = (54.0, 34.0, 34.0, 34.0)
    return TableLayout(
        published_tables.DISCLOSURE_TABLE,
        widths,
        0,
        tuple(builder.boxes),
        figure_lines,
        12,
    )


# Table 3: three columns of labels, then the figures.
_LABEL_WIDTHS_MM = (10.0, 18.0, 51.0)
_LABEL_COUNT = len(_LABEL_WIDTHS_MM)
_FIGURE_COLUMNS = (*published_tables.APPLICANTS, published_tables.TOTAL)


def build_application_table(figures: TableFigures) -> TableLayout:
    """Lay out table 3."""
    builder = _TableBuilder(figures)
    _add_application_headers(builder)
    for line in (published_tables.RECEIVED_LINE, published_tables.CARRIED_OVER_LINE):
        _add_application_line(builder, line, line, 0)
    first_result_row = builder.row + 1
    for result in published_tables.HANDLING_RESULTS:
        _add_result_lines(builder, result)
    _add_application_line(
        builder,
        published_tables.HANDLED_TOTAL_LINE,
        published_tables.HANDLED_TOTAL_LINE,
        1,
    )
    builder.add_label(0, published_tables.HANDLED_HEADING, rows=builder.row - first_result_row + 1)
    _add_application_line(
        builder,
        published_tables.CARRIED_FORWARD_LINE,
        published_tables.CARRIED_FORWARD_LINE,
        0,
    )
    lines = (
        published_tables.RECEIVED_LINE,
        published_tables.CARRIED_OVER_LINE,
        *published_tables.HANDLING_RESULT_LINES,
    )
    figure_lines = tuple(
        (
            line,
            *_format_figure_line(
                figures, published_tables.APPLICATION_TABLE, line, _FIGURE_COLUMNS
            ),
        )
        for line in (
            *lines,
            published_tables.HANDLED_TOTAL_LINE,
            published_tables.CARRIED_FORWARD_LINE,
        )
    )
    widths = (*_LABEL_WIDTHS_MM, *(11.0,) * len(_FIGURE_COLUMNS))
    return TableLayout(
        published_tables.APPLICATION_TABLE,
        widths,
        3,
        tuple(builder.boxes),
        figure_lines,
        9,
    )


def _add_application_headers(builder: _TableBuilder) -> None:
    total_column = _LABEL_COUNT + len(published_tables.APPLICANTS)
    builder.add_header(0, published_tables.RELATION_NOTE, columns=_LABEL_COUNT, rows=3)
    builder.add_header(_LABEL_COUNT, "申请人情况", columns=len(_FIGURE_COLUMNS))
    builder.row += 1
    builder.add_header(_LABEL_COUNT, published_tables.PERSON, rows=2)
    builder.add_header(
        _LABEL_COUNT + 1, "法人或其他组织", columns=len(published_tables.ORGANISATIONS)
    )
    builder.add_header(total_column, published_tables.TOTAL, rows=2)
    builder.row += 1
    for position, organisation in enumerate(published_tables.ORGANISATIONS):
        builder.add_header(_LABEL_COUNT + 1 + position, organisation)


def _add_result_lines(builder: _TableBuilder, result: HandlingResult) -> None:
    if not result.details:
        note = published_tables.HANDLING_RESULT_NOTES.get(result.name, "")
        _add_application_line(builder, result.name, result.name + note, 1)
        return
    for detail, line in zip(result.details, result.lines, strict=True):
        _add_application_line(builder, line, detail, 2)
    builder.add_label(1, result.name, rows=len(result.details))


def _add_application_line(builder: _TableBuilder, line: str, label: str, indent: int) -> None:
    """Lay out one line, labelled from the label column ``indent`` on."""
    builder.row += 1
    builder.add_label(indent, label, columns=_LABEL_COUNT - indent)
    for position, column in enumerate(_FIGURE_COLUMNS):
        builder.add_figure(
            _LABEL_COUNT + position,
            TableCell(published_tables.APPLICATION_TABLE, line, column),
        )


def build_contest_table(figures: TableFigures) -> TableLayout:
    """Lay out table 4: one line of fifteen figures."""
    verdicts = (*published_tables.VERDICTS, published_tables.TOTAL)
    count = len(verdicts)
    builder = _TableBuilder(figures)
    builder.add_header(0, published_tables.REVIEW, columns=count, rows=2)
    builder.add_header(count, "行政诉讼", columns=2 * count)
    builder.row += 1
    for contest_position, contest in enumerate(published_tables.CONTESTS[1:], 1):
        builder.add_header(contest_position * count, contest, columns=count)
    builder.row += 1
    for contest_position in range(len(published_tables.CONTESTS)):
        for verdict_position, verdict in enumerate(verdicts):
            builder.add_header(contest_position * count + verdict_position, verdict)
    builder.row += 1
    for contest_position, contest in enumerate(published_tables.CONTESTS):
        for verdict_position, verdict in enumerate(verdicts):
            builder.add_figure(
                contest_position * count + verdict_position,
                TableCell(published_tables.CONTEST_TABLE, contest, verdict),
            )
    figure_lines = tuple(
        (
            contest,
            *_format_figure_line(figures, published_tables.CONTEST_TABLE, contest, verdicts),
        )
        for contest in published_tables.CONTESTS
    )
    widths = (10.4,) * (count * len(published_tables.CONTESTS))
    return TableLayout(
        published_tables.CONTEST_TABLE,
        widths,
        3,
        tuple(builder.boxes),
        figure_lines,
        10.5,
    )


def _format_figure_line(
    figures: TableFigures, table: str, line: str, columns: tuple[str, ...]
) -> tuple[str, ...]:
    return tuple(format_figure(figures.get(TableCell(table, line, column))) for column in columns)
