"""Tables 2 to 4 of the annual report as they are published, counted by formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from ledgerbook.annual import Annual, tables
from ledgerbook.annual.counting import Asked, Condition, Count, counts
from ledgerbook.annual.tables import Outcome, Spot
from ledgerbook.sheets import typography as look
from ledgerbook.summary.sheet import Canvas

SHEETS = {
    tables.DISCLOSED: "年报表二",
    tables.APPLIED: "年报表三",
    tables.CONTESTED: "年报表四",
}
_SIZE = 10.0
_LINE = 24.0

# Register key → column key → the cells in which its sheet shows that column.
Ranges = Mapping[str, Mapping[str, str]]


@dataclass(slots=True)
class Drawn:
    """Where the figures stand, filled while the tables are drawn."""

    annual: Annual
    ranges: Ranges
    year: int
    cells: dict[Spot, tuple[int, int]] = field(default_factory=dict)
    counts: Mapping[Spot, Count] = field(default_factory=counts)

    def ref(self, spot: Spot) -> str:
        """Name the cell of a figure, on the sheet of its own table."""
        return str(xl_rowcol_to_cell(*self.cells[spot]))

    def put(self, canvas: Canvas, row: int, column: int, spot: Spot) -> None:
        """Write a figure; one that no register tells is left for the office."""
        self.cells[spot] = row, column
        value = self.annual.figures.get(spot)
        box = row, column, row, column
        if value is None:
            style = canvas.style("body", align="center", bg_color=look.ASK_FILL)
            canvas.put(box, None, style)
            return
        money = {"num_format": "0.######"} if spot.column == tables.CHARGED else {}
        style = canvas.style("body", align="center", font_size=_SIZE, **money)
        count = self.counts[spot]
        if self.ranges.get(count.register):
            formula = as_formula(count, self.ranges[count.register], self.year)
            canvas.compute(box, formula, plain(value), style)
        else:
            canvas.put(box, plain(value), style)


def plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def as_formula(count: Count, ranges: Mapping[str, str], year: int) -> str:
    """Write a count as the formula that comes to the same over a register's sheet."""
    groups = [
        *(("+", group) for group in count.added),
        *(("-", group) for group in count.taken),
    ]
    terms = "".join(
        f"{sign}{_term(count.total, group, ranges, year)}" for sign, group in groups
    ).removeprefix("+")
    return f"=ROUND({terms},6)" if count.total else f"={terms}"


def _term(
    total: str, group: Sequence[Condition], ranges: Mapping[str, str], year: int
) -> str:
    pairs = ",".join(
        f"{ranges[condition.column]},{criterion}"
        for condition in group
        for criterion in _criteria(condition, year)
    )
    return f"SUMIFS({ranges[total]},{pairs})" if total else f"COUNTIFS({pairs})"


def _criteria(condition: Condition, year: int) -> tuple[str, ...]:
    first, last = f'">="&DATE({year},1,1)', f'"<="&DATE({year},12,31)'
    by_kind: dict[Asked, tuple[str, ...]] = {
        Asked.IS: (f'"{condition.value}"',),
        Asked.FILLED: ('"<>"',),
        Asked.BLANK: ('"="',),
        Asked.IN_YEAR: (first, last),
        Asked.AFTER_YEAR: (f'">"&DATE({year},12,31)',),
    }
    return by_kind[condition.asked]


def draw_disclosed(canvas: Canvas, drawn: Drawn, widths: Sequence[float]) -> None:
    """Draw table 2, each of its blocks under a heading of its own."""
    _open(canvas, "二、主动公开政府信息情况", (38, 20, 20, 20), widths)
    for block in tables.BLOCKS:
        _head(canvas, (canvas.row, 0, canvas.row, 3), block.heading)
        canvas.advance(_LINE)
        span = 3 // len(block.columns)
        _head(canvas, (canvas.row, 0, canvas.row, 0), "信息内容")
        for n, column in enumerate(block.columns):
            left = 1 + n * span
            _head(canvas, (canvas.row, left, canvas.row, left + span - 1), column)
        canvas.advance(_LINE)
        for line in block.lines:
            _label(canvas, (canvas.row, 0, canvas.row, 0), line, align="center")
            for n, column in enumerate(block.columns):
                left = 1 + n * span
                if span > 1:
                    box = (canvas.row, left, canvas.row, left + span - 1)
                    canvas.put(box, None, canvas.style("body"))
                drawn.put(
                    canvas, canvas.row, left, Spot(tables.DISCLOSED, line, column)
                )
            canvas.advance(_LINE)


# Table 3: three columns of labels, then the figures.
_LABELS = (9.0, 13.0, 45.0)
_FIRST_FIGURE = len(_LABELS)
_FIGURE_WIDTHS = (13.0,) * (len(tables.APPLICANTS) + 1)
# So low that all of table 3 stands on one page.
_LOW = 17.0


def draw_applied(canvas: Canvas, drawn: Drawn, widths: Sequence[float]) -> None:
    """Draw table 3."""
    title = "三、收到和处理政府信息公开申请情况"
    _open(canvas, title, (*_LABELS, *_FIGURE_WIDTHS), widths)
    _applied_head(canvas)
    _applied_line(canvas, drawn, tables.RECEIVED, 0)
    _applied_line(canvas, drawn, tables.CARRIED, 0)
    first = canvas.row
    for outcome in tables.OUTCOMES:
        _applied_group(canvas, drawn, outcome)
    _applied_line(canvas, drawn, tables.HANDLED_TOTAL, 1)
    _label(canvas, (first, 0, canvas.row - 1, 0), tables.HANDLED)
    _applied_line(canvas, drawn, tables.FORWARD, 0)


def _applied_head(canvas: Canvas) -> None:
    top, left = canvas.row, _FIRST_FIGURE
    right = left + len(tables.APPLICANTS)
    _head(canvas, (top, 0, top + 2, left - 1), tables.RELATION)
    _head(canvas, (top, left, top, right), "申请人情况")
    _head(canvas, (top + 1, left, top + 2, left), tables.PERSON)
    _head(canvas, (top + 1, left + 1, top + 1, right - 1), "法人或其他组织")
    for n, body in enumerate(tables.BODIES):
        _head(canvas, (top + 2, left + 1 + n, top + 2, left + 1 + n), body)
    _head(canvas, (top + 1, right, top + 2, right), tables.TOTAL)
    for height in (_LOW, _LOW, 30.0):
        canvas.advance(height)


def _applied_group(canvas: Canvas, drawn: Drawn, outcome: Outcome) -> None:
    if not outcome.leaves:
        _applied_line(canvas, drawn, outcome.name, 1)
        return
    first = canvas.row
    for leaf, line in zip(outcome.leaves, outcome.lines, strict=True):
        _applied_line(canvas, drawn, line, 2, leaf)
    _label(canvas, (first, 1, canvas.row - 1, 1), outcome.name)


def _applied_line(
    canvas: Canvas, drawn: Drawn, line: str, indent: int, label: str = ""
) -> None:
    """Draw one line, labelled from the label column ``indent`` on."""
    text = label or line + tables.OUTCOME_NOTES.get(line, "")
    _label(canvas, (canvas.row, indent, canvas.row, len(_LABELS) - 1), text)
    for n, column in enumerate((*tables.APPLICANTS, tables.TOTAL)):
        at = _FIRST_FIGURE + n
        drawn.put(canvas, canvas.row, at, Spot(tables.APPLIED, line, column))
    width = canvas.span_width(indent, len(_LABELS) - indent)
    canvas.advance(max(_LOW, look.row_height([(text, width)], _SIZE)))


def draw_contested(canvas: Canvas, drawn: Drawn, widths: Sequence[float]) -> None:
    """Draw table 4: one line of fifteen figures."""
    each = (*tables.VERDICTS, tables.TOTAL)
    count = len(each)
    title = "四、政府信息公开行政复议、行政诉讼情况"
    _open(canvas, title, (8.0,) * (count * len(tables.CONTESTS)), widths)
    top = canvas.row
    _head(canvas, (top, 0, top + 1, count - 1), tables.REVIEW)
    _head(canvas, (top, count, top, 3 * count - 1), "行政诉讼")
    for n, contest in enumerate(tables.CONTESTS[1:], 1):
        _head(canvas, (top + 1, n * count, top + 1, (n + 1) * count - 1), contest)
    for n, contest in enumerate(tables.CONTESTS):
        for m, verdict in enumerate(each):
            at = n * count + m
            _head(canvas, (top + 2, at, top + 2, at), verdict)
            drawn.put(canvas, top + 3, at, Spot(tables.CONTESTED, contest, verdict))
    for height in (_LINE, _LINE, 36.0, _LINE):
        canvas.advance(height)


def _open(
    canvas: Canvas, title: str, own: Sequence[float], beside: Sequence[float]
) -> None:
    """Head a table; ``beside`` it stands what is checked, which is not printed."""
    canvas.columns((*own, *beside))
    style = canvas.style("title", font_size=16)
    canvas.put((0, 0, 0, len(own) - 1), title, style)
    canvas.advance(38)


def _head(canvas: Canvas, box: tuple[int, int, int, int], text: str) -> None:
    canvas.put(box, text, canvas.style("head", font_size=_SIZE))


def _label(
    canvas: Canvas, box: tuple[int, int, int, int], text: str, align: str = "left"
) -> None:
    style: Any = canvas.style("body", font_size=_SIZE, align=align)
    canvas.put(box, text, style)
