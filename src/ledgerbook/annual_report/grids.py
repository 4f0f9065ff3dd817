"""Tables 2 to 4 as they are published: which words and figures stand where.

The annual report has the same tables as the summary; there they are drawn with
formulas, here they only say what is in which box.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, auto

from ledgerbook.annual_report import published_tables
from ledgerbook.annual_report.published_tables import HandlingResult, TableCell

Figures = Mapping[TableCell, Decimal]


class Ink(Enum):
    """What a box is there for; one ASKED waits for a figure."""

    HEAD = auto()
    LABEL = auto()
    FIGURE = auto()
    ASKED = auto()


@dataclass(frozen=True, slots=True)
class TableBox:
    """A box of a table, from its upper left corner (from 0)."""

    row: int
    column: int
    text: str
    ink: Ink
    rows: int = 1
    columns: int = 1


@dataclass(frozen=True, slots=True)
class TableLayout:
    """A table: its boxes, widths in mm, and the rows that head each page.

    ``plain`` are its figures line by line, each after the line's name; ``size`` is
    that of its type in points.
    """

    table: str
    widths: tuple[float, ...]
    heads: int
    boxes: tuple[TableBox, ...]
    plain: tuple[tuple[str, ...], ...]
    size: float

    @property
    def height(self) -> int:
        return max(box.row + box.rows for box in self.boxes)

    @property
    def figures(self) -> int:
        """How many figures it has, told or not."""
        return sum(box.ink in (Ink.FIGURE, Ink.ASKED) for box in self.boxes)

    @property
    def asked(self) -> int:
        """How many figures no register tells."""
        return sum(box.ink is Ink.ASKED for box in self.boxes)


def figure_text(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


@dataclass(slots=True)
class _Pen:
    """Collects the boxes of a table, line by line."""

    figures: Figures
    boxes: list[TableBox] = field(default_factory=list)
    row: int = 0

    def head(self, column: int, text: str, columns: int = 1, rows: int = 1) -> None:
        self.boxes.append(TableBox(self.row, column, text, Ink.HEAD, rows, columns))

    def label(self, column: int, text: str, columns: int = 1, rows: int = 1) -> None:
        row = self.row - rows + 1
        self.boxes.append(TableBox(row, column, text, Ink.LABEL, rows, columns))

    def figure(self, column: int, spot: TableCell, columns: int = 1) -> None:
        text = figure_text(self.figures.get(spot))
        ink = Ink.FIGURE if text else Ink.ASKED
        self.boxes.append(TableBox(self.row, column, text, ink, columns=columns))


def disclosed(figures: Figures) -> TableLayout:
    """Lay out table 2, each of its blocks under a heading of its own."""
    pen = _Pen(figures)
    for block in published_tables.BLOCKS:
        pen.head(0, block.heading, columns=4)
        pen.row += 1
        span = 3 // len(block.columns)
        pen.head(0, "信息内容")
        for n, column in enumerate(block.columns):
            pen.head(1 + n * span, column, columns=span)
        for line in block.lines:
            pen.row += 1
            pen.label(0, line)
            for n, column in enumerate(block.columns):
                spot = TableCell(published_tables.DISCLOSED, line, column)
                pen.figure(1 + n * span, spot, columns=span)
        pen.row += 1
    plain = tuple(
        (line, *_told(figures, published_tables.DISCLOSED, line, block.columns))
        for block in published_tables.BLOCKS
        for line in block.lines
    )
    widths = (54.0, 34.0, 34.0, 34.0)
    return TableLayout(
        published_tables.DISCLOSED, widths, 0, tuple(pen.boxes), plain, 12
    )


# Table 3: three columns of labels, then the figures.
_LABELS = (10.0, 18.0, 51.0)
_LEFT = len(_LABELS)
_COLUMNS = (*published_tables.APPLICANTS, published_tables.TOTAL)


def applied(figures: Figures) -> TableLayout:
    """Lay out table 3."""
    pen = _Pen(figures)
    _applied_head(pen)
    for line in (published_tables.RECEIVED, published_tables.CARRIED):
        _applied_line(pen, line, line, 0)
    first = pen.row + 1
    for outcome in published_tables.OUTCOMES:
        _applied_group(pen, outcome)
    _applied_line(
        pen, published_tables.HANDLED_TOTAL, published_tables.HANDLED_TOTAL, 1
    )
    pen.label(0, published_tables.HANDLED, rows=pen.row - first + 1)
    _applied_line(pen, published_tables.FORWARD, published_tables.FORWARD, 0)
    lines = (
        published_tables.RECEIVED,
        published_tables.CARRIED,
        *published_tables.OUTCOME_LINES,
    )
    plain = tuple(
        (line, *_told(figures, published_tables.APPLIED, line, _COLUMNS))
        for line in (*lines, published_tables.HANDLED_TOTAL, published_tables.FORWARD)
    )
    widths = (*_LABELS, *(11.0,) * len(_COLUMNS))
    return TableLayout(published_tables.APPLIED, widths, 3, tuple(pen.boxes), plain, 9)


def _applied_head(pen: _Pen) -> None:
    right = _LEFT + len(published_tables.APPLICANTS)
    pen.head(0, published_tables.RELATION, columns=_LEFT, rows=3)
    pen.head(_LEFT, "申请人情况", columns=len(_COLUMNS))
    pen.row += 1
    pen.head(_LEFT, published_tables.PERSON, rows=2)
    pen.head(_LEFT + 1, "法人或其他组织", columns=len(published_tables.BODIES))
    pen.head(right, published_tables.TOTAL, rows=2)
    pen.row += 1
    for n, body in enumerate(published_tables.BODIES):
        pen.head(_LEFT + 1 + n, body)


def _applied_group(pen: _Pen, outcome: HandlingResult) -> None:
    if not outcome.leaves:
        note = published_tables.OUTCOME_NOTES.get(outcome.name, "")
        _applied_line(pen, outcome.name, outcome.name + note, 1)
        return
    for leaf, line in zip(outcome.leaves, outcome.lines, strict=True):
        _applied_line(pen, line, leaf, 2)
    pen.label(1, outcome.name, rows=len(outcome.leaves))


def _applied_line(pen: _Pen, line: str, label: str, indent: int) -> None:
    """Lay out one line, labelled from the label column ``indent`` on."""
    pen.row += 1
    pen.label(indent, label, columns=_LEFT - indent)
    for n, column in enumerate(_COLUMNS):
        pen.figure(_LEFT + n, TableCell(published_tables.APPLIED, line, column))


def contested(figures: Figures) -> TableLayout:
    """Lay out table 4: one line of fifteen figures."""
    each = (*published_tables.VERDICTS, published_tables.TOTAL)
    count = len(each)
    pen = _Pen(figures)
    pen.head(0, published_tables.REVIEW, columns=count, rows=2)
    pen.head(count, "行政诉讼", columns=2 * count)
    pen.row += 1
    for n, contest in enumerate(published_tables.CONTESTS[1:], 1):
        pen.head(n * count, contest, columns=count)
    pen.row += 1
    for n in range(len(published_tables.CONTESTS)):
        for m, verdict in enumerate(each):
            pen.head(n * count + m, verdict)
    pen.row += 1
    for n, contest in enumerate(published_tables.CONTESTS):
        for m, verdict in enumerate(each):
            pen.figure(
                n * count + m, TableCell(published_tables.CONTESTED, contest, verdict)
            )
    plain = tuple(
        (contest, *_told(figures, published_tables.CONTESTED, contest, each))
        for contest in published_tables.CONTESTS
    )
    widths = (10.4,) * (count * len(published_tables.CONTESTS))
    return TableLayout(
        published_tables.CONTESTED, widths, 3, tuple(pen.boxes), plain, 10.5
    )


def _told(
    figures: Figures, table: str, line: str, columns: tuple[str, ...]
) -> tuple[str, ...]:
    return tuple(
        figure_text(figures.get(TableCell(table, line, one))) for one in columns
    )
