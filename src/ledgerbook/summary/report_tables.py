"""Tables 2 to 4 of the annual report as they are published, counted by formulas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from ledgerbook.annual_report import published_tables
from ledgerbook.annual_report.figures import (
    Count,
    CountCondition,
    RequestedValue,
    counts,
)
from ledgerbook.annual_report.published_tables import HandlingResult, TableCell
from ledgerbook.annual_report.report_checks import (
    RULES,
    Agreement,
    CheckedIdentity,
    DoubtfulEntry,
    Identity,
    ReportFigures,
    doubt_text,
)
from ledgerbook.excel import styles as look
from ledgerbook.excel.canvas import TINTS, SheetWriter, Tint
from ledgerbook.excel.writer import done

SHEETS = {
    published_tables.DISCLOSED: "年报表二",
    published_tables.APPLIED: "年报表三",
    published_tables.CONTESTED: "年报表四",
}
_SIZE = 10.0
_LINE = 24.0

# Register key → column key → the cells in which its sheet shows that column.
Ranges = Mapping[str, Mapping[str, str]]


@dataclass(slots=True)
class Drawn:
    """Where the figures stand, filled while the tables are drawn."""

    annual: ReportFigures
    ranges: Ranges
    year: int
    cells: dict[TableCell, tuple[int, int]] = field(default_factory=dict)
    counts: Mapping[TableCell, Count] = field(default_factory=counts)

    def ref(self, spot: TableCell) -> str:
        """Name the cell of a figure, on the sheet of its own table."""
        return str(xl_rowcol_to_cell(*self.cells[spot]))

    def put(self, canvas: SheetWriter, row: int, column: int, spot: TableCell) -> None:
        """Write a figure; one that no register tells is left for the office."""
        self.cells[spot] = row, column
        value = self.annual.figures.get(spot)
        box = row, column, row, column
        if value is None:
            style = canvas.style("body", align="center", bg_color=look.ASK_FILL)
            canvas.put(box, None, style)
            return
        money = (
            {"num_format": "0.######"}
            if spot.column == published_tables.CHARGED
            else {}
        )
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
    total: str, group: Sequence[CountCondition], ranges: Mapping[str, str], year: int
) -> str:
    pairs = ",".join(
        f"{ranges[condition.column]},{criterion}"
        for condition in group
        for criterion in _criteria(condition, year)
    )
    return f"SUMIFS({ranges[total]},{pairs})" if total else f"COUNTIFS({pairs})"


def _criteria(condition: CountCondition, year: int) -> tuple[str, ...]:
    first, last = f'">="&DATE({year},1,1)', f'"<="&DATE({year},12,31)'
    by_kind: dict[RequestedValue, tuple[str, ...]] = {
        RequestedValue.IS: (f'"{condition.value}"',),
        RequestedValue.FILLED: ('"<>"',),
        RequestedValue.BLANK: ('"="',),
        RequestedValue.IN_YEAR: (first, last),
        RequestedValue.AFTER_YEAR: (f'">"&DATE({year},12,31)',),
    }
    return by_kind[condition.asked]


def draw_disclosed(canvas: SheetWriter, drawn: Drawn, widths: Sequence[float]) -> None:
    """Draw table 2, each of its blocks under a heading of its own."""
    _open(canvas, "二、主动公开政府信息情况", (38, 20, 20, 20), widths)
    for block in published_tables.BLOCKS:
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
                    canvas,
                    canvas.row,
                    left,
                    TableCell(published_tables.DISCLOSED, line, column),
                )
            canvas.advance(_LINE)


# Table 3: three columns of labels, then the figures.
_LABELS = (9.0, 13.0, 45.0)
_FIRST_FIGURE = len(_LABELS)
_FIGURE_WIDTHS = (13.0,) * (len(published_tables.APPLICANTS) + 1)
# So low that all of table 3 stands on one page.
_LOW = 17.0


def draw_applied(canvas: SheetWriter, drawn: Drawn, widths: Sequence[float]) -> None:
    """Draw table 3."""
    title = "三、收到和处理政府信息公开申请情况"
    _open(canvas, title, (*_LABELS, *_FIGURE_WIDTHS), widths)
    _applied_head(canvas)
    _applied_line(canvas, drawn, published_tables.RECEIVED, 0)
    _applied_line(canvas, drawn, published_tables.CARRIED, 0)
    first = canvas.row
    for outcome in published_tables.OUTCOMES:
        _applied_group(canvas, drawn, outcome)
    _applied_line(canvas, drawn, published_tables.HANDLED_TOTAL, 1)
    _label(canvas, (first, 0, canvas.row - 1, 0), published_tables.HANDLED)
    _applied_line(canvas, drawn, published_tables.FORWARD, 0)


def _applied_head(canvas: SheetWriter) -> None:
    top, left = canvas.row, _FIRST_FIGURE
    right = left + len(published_tables.APPLICANTS)
    _head(canvas, (top, 0, top + 2, left - 1), published_tables.RELATION)
    _head(canvas, (top, left, top, right), "申请人情况")
    _head(canvas, (top + 1, left, top + 2, left), published_tables.PERSON)
    _head(canvas, (top + 1, left + 1, top + 1, right - 1), "法人或其他组织")
    for n, body in enumerate(published_tables.BODIES):
        _head(canvas, (top + 2, left + 1 + n, top + 2, left + 1 + n), body)
    _head(canvas, (top + 1, right, top + 2, right), published_tables.TOTAL)
    for height in (_LOW, _LOW, 30.0):
        canvas.advance(height)


def _applied_group(canvas: SheetWriter, drawn: Drawn, outcome: HandlingResult) -> None:
    if not outcome.leaves:
        _applied_line(canvas, drawn, outcome.name, 1)
        return
    first = canvas.row
    for leaf, line in zip(outcome.leaves, outcome.lines, strict=True):
        _applied_line(canvas, drawn, line, 2, leaf)
    _label(canvas, (first, 1, canvas.row - 1, 1), outcome.name)


def _applied_line(
    canvas: SheetWriter, drawn: Drawn, line: str, indent: int, label: str = ""
) -> None:
    """Draw one line, labelled from the label column ``indent`` on."""
    text = label or line + published_tables.OUTCOME_NOTES.get(line, "")
    _label(canvas, (canvas.row, indent, canvas.row, len(_LABELS) - 1), text)
    for n, column in enumerate((*published_tables.APPLICANTS, published_tables.TOTAL)):
        at = _FIRST_FIGURE + n
        drawn.put(
            canvas, canvas.row, at, TableCell(published_tables.APPLIED, line, column)
        )
    width = canvas.span_width(indent, len(_LABELS) - indent)
    canvas.advance(max(_LOW, look.row_height([(text, width)], _SIZE)))


def draw_contested(canvas: SheetWriter, drawn: Drawn, widths: Sequence[float]) -> None:
    """Draw table 4: one line of fifteen figures."""
    each = (*published_tables.VERDICTS, published_tables.TOTAL)
    count = len(each)
    title = "四、政府信息公开行政复议、行政诉讼情况"
    _open(canvas, title, (8.0,) * (count * len(published_tables.CONTESTS)), widths)
    top = canvas.row
    _head(canvas, (top, 0, top + 1, count - 1), published_tables.REVIEW)
    _head(canvas, (top, count, top, 3 * count - 1), "行政诉讼")
    for n, contest in enumerate(published_tables.CONTESTS[1:], 1):
        _head(canvas, (top + 1, n * count, top + 1, (n + 1) * count - 1), contest)
    for n, contest in enumerate(published_tables.CONTESTS):
        for m, verdict in enumerate(each):
            at = n * count + m
            _head(canvas, (top + 2, at, top + 2, at), verdict)
            drawn.put(
                canvas,
                top + 3,
                at,
                TableCell(published_tables.CONTESTED, contest, verdict),
            )
    for height in (_LINE, _LINE, 36.0, _LINE):
        canvas.advance(height)


def _open(
    canvas: SheetWriter, title: str, own: Sequence[float], beside: Sequence[float]
) -> None:
    """Head a table; ``beside`` it stands what is checked, which is not printed."""
    canvas.columns((*own, *beside))
    style = canvas.style("title", font_size=16)
    canvas.put((0, 0, 0, len(own) - 1), title, style)
    canvas.advance(38)


def _head(canvas: SheetWriter, box: tuple[int, int, int, int], text: str) -> None:
    canvas.put(box, text, canvas.style("head", font_size=_SIZE))


def _label(
    canvas: SheetWriter, box: tuple[int, int, int, int], text: str, align: str = "left"
) -> None:
    style: Any = canvas.style("body", font_size=_SIZE, align=align)
    canvas.put(box, text, style)


# Beside a table of the report: its identities checked, and entries to look at.

# A gap, what is checked, its sides, how far they are apart, what that means.
WIDTHS = (3.0, 52.0, 10.0, 10.0, 9.0, 15.0)
_HEADERS = ("核对内容（不打印）", "一边", "另一边", "相差", "结果")

_CHECK_SIZE = 10.0

_WHOLE_NUMBERS = 8
# A check takes one line, like the line of the table that it stands beside.
_LONGEST = 13
_TINTS = {Agreement.BROKEN: Tint.RED, Agreement.DIFFERS: Tint.AMBER}


@dataclass(frozen=True, slots=True)
class _CheckLine:
    """One check: its sides as formulas or, where nothing is known, blank."""

    text: str
    left: str
    right: str
    checked: CheckedIdentity | None
    found: tuple[Decimal, Decimal]
    broken: Agreement

    @property
    def agreement(self) -> Agreement:
        if self.checked:
            return self.checked.agreement
        return Agreement.HOLDS if self.found[0] == self.found[1] else self.broken


_TABLES: Mapping[str, Callable[[SheetWriter, Drawn, Sequence[float]], None]] = {
    published_tables.DISCLOSED: draw_disclosed,
    published_tables.APPLIED: draw_applied,
    published_tables.CONTESTED: draw_contested,
}


def draw_report(canvases: Mapping[str, SheetWriter], drawn: Drawn) -> None:
    """Draw the three tables, each on its sheet, with what is checked beside it."""
    for table, draw in _TABLES.items():
        canvas = canvases[SHEETS[table]]
        draw(canvas, drawn, WIDTHS)
        _draw_agreement(canvas, drawn, table)


def _draw_agreement(canvas: SheetWriter, drawn: Drawn, table: str) -> None:
    """Draw the checks right of a finished table, then its doubtful entries below."""
    columns, rows = len(canvas.widths) - len(WIDTHS), canvas.row
    lines = list(_lines(drawn, table))
    left = columns + 1
    for n, header in enumerate(_HEADERS):
        canvas.put((1, left + n, 1, left + n), header, canvas.style("head"))
    while canvas.row < len(lines) + 2:
        canvas.advance(_ROW)
    for row, line in enumerate(lines, 2):
        _draw(canvas, row, left, line)
    results = xl_range(2, left + 4, len(lines) + 1, left + 4)
    _result_line(canvas, (0, left, 0, left + 4), results, lines)
    for agreement, tint in _TINTS.items():
        rule = {"type": "cell", "criteria": "==", "value": f'"{agreement}"'}
        style = canvas.maker.style("plain", **TINTS[tint])
        done(canvas.sheet.conditional_format(results, {**rule, "format": style}))
    _doubts(canvas, drawn.annual, table, columns)
    canvas.frame(head_row=0, frozen=1)
    done(canvas.sheet.print_area(0, 0, rows - 1, columns - 1))
    canvas.sheet.fit_to_pages(1, 1)


_ROW = 17.0


def _lines(drawn: Drawn, table: str) -> Iterator[_CheckLine]:
    for one in drawn.annual.checked:
        identity = one.identity
        if identity.table != table:
            continue
        text = _about(identity)
        strict = Agreement.BROKEN if identity.strict else Agreement.DIFFERS
        if one.left is None or one.right is None:
            yield _CheckLine(text, "", "", one, (Decimal(), Decimal()), strict)
            continue
        left = _sum(drawn, identity.left)
        right = _sum(drawn, identity.right, identity.less)
        yield _CheckLine(text, left, right, one, (one.left, one.right), strict)
    known = [spot for spot in drawn.annual.figures if spot.table == table]
    if known:
        odd = sum(1 for spot in drawn.annual.odd if spot.table == table)
        text = f"{_WHOLE_NUMBERS}．不合要求的数有几个：{RULES[_WHOLE_NUMBERS]}"
        formula = "=" + "+".join(_odd(drawn, spot) for spot in known)
        yield _CheckLine(
            text, formula, "=0", None, (Decimal(odd), Decimal()), Agreement.BROKEN
        )


def _about(identity: Identity) -> str:
    short = identity.about
    if len(short) > _LONGEST:
        short = f"{short[:_LONGEST]}…"
    return f"{identity.number}．{short}：{RULES[identity.number]}"


def _sum(
    drawn: Drawn, spots: Sequence[TableCell], less: Sequence[TableCell] = ()
) -> str:
    """Add up cells; what the office has given stands in no cell, but in the formula."""
    terms = (
        *(f"+{_check_term(drawn, spot)}" for spot in spots),
        *(f"-{_check_term(drawn, spot)}" for spot in less),
    )
    return "=" + "".join(terms).removeprefix("+")


def _check_term(drawn: Drawn, spot: TableCell) -> str:
    given = drawn.annual.given.get(spot)
    return drawn.ref(spot) if given is None else f"{given:f}"


def _odd(drawn: Drawn, spot: TableCell) -> str:
    cell = drawn.ref(spot)
    part = "" if spot.column == published_tables.CHARGED else f"+({cell}<>INT({cell}))"
    return f"({cell}<0){part}"


def _draw(canvas: SheetWriter, row: int, left: int, line: _CheckLine) -> None:
    centred = canvas.style("body", font_size=_CHECK_SIZE, align="center")
    text = canvas.style("body", font_size=_CHECK_SIZE)
    canvas.put((row, left, row, left), line.text, text)
    boxes = [(row, left + n, row, left + n) for n in range(1, 5)]
    if not line.left:
        for box in boxes[:3]:
            canvas.put(box, "—", centred)
        canvas.put(boxes[3], str(Agreement.UNKNOWN), centred)
        return
    one, other, apart = (xl_rowcol_to_cell(row, left + n) for n in (1, 2, 3))
    canvas.compute(boxes[0], line.left, plain(line.found[0]), centred)
    canvas.compute(boxes[1], line.right, plain(line.found[1]), centred)
    difference = plain(line.found[0] - line.found[1])
    canvas.compute(boxes[2], f"={one}-{other}", difference, centred)
    said = f'=IF({apart}=0,"{Agreement.HOLDS}","{line.broken}")'
    canvas.compute(boxes[3], said, str(line.agreement), centred)


def _result_line(
    canvas: SheetWriter,
    box: tuple[int, int, int, int],
    results: str,
    lines: Sequence[_CheckLine],
) -> None:
    found = Counter(line.agreement for line in lines)
    shown = (Agreement.BROKEN, Agreement.DIFFERS, Agreement.HOLDS, Agreement.UNKNOWN)
    formula = '&"，"&'.join(
        f'"{agreement} "&COUNTIF({results},"{agreement}")&" 项"' for agreement in shown
    )
    value = "，".join(f"{agreement} {found[agreement]} 项" for agreement in shown)
    style = canvas.style("plain", font_name=look.HEAD_FONT)
    canvas.compute(box, f"={formula}", value, style)


# Table → the registers from which it is counted.
_SOURCES = {
    published_tables.DISCLOSED: ("normative_documents", "enforcement_and_fees"),
    published_tables.APPLIED: ("applications",),
    published_tables.CONTESTED: ("applications",),
}
_CONTEST_COLUMNS = ("review", "suit", "suit_after_review")


def _doubts(
    canvas: SheetWriter, annual: ReportFigures, table: str, columns: int
) -> None:
    own = [one for one in annual.doubts if _is_of(one, table)]
    blank = [spot for spot in _spots(table) if spot not in annual.figures]
    sentences = [*(doubt_text(one) for one in own)]
    if blank:
        sentences.insert(
            0,
            f"黄色的 {len(blank)} 格没有登记簿可以统计（没有安排科室登记，"
            "或登记簿缺少所需的栏目），请另行核实后填写。",
        )
    if not sentences:
        return
    width = canvas.span_width(0, columns)
    for text in ("需要核对的登记和数据（不打印）：", *sentences):
        box = (canvas.row, 0, canvas.row, columns - 1)
        canvas.put(box, text, canvas.style("plain", font_size=_CHECK_SIZE))
        canvas.advance(look.row_height([(text, width)], _CHECK_SIZE))


def _spots(table: str) -> list[TableCell]:
    return [spot for spot in published_tables.spots() if spot.table == table]


def _is_of(doubt: DoubtfulEntry, table: str) -> bool:
    contested = doubt.column in _CONTEST_COLUMNS
    return doubt.record.form.key in _SOURCES[table] and contested is (
        table == published_tables.CONTESTED
    )
