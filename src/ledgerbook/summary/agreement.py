"""Beside a table of the report: its identities checked, and entries to look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from xlsxwriter.utility import xl_range, xl_rowcol_to_cell

from ledgerbook.annual import Annual, tables
from ledgerbook.annual.doubtful import Doubt, doubt_text
from ledgerbook.annual.identities import RULES, Agreement, Checked, Identity
from ledgerbook.annual.tables import Spot
from ledgerbook.sheets import typography as look
from ledgerbook.sheets.xlsx import done
from ledgerbook.summary.cells import TINTS, Tint
from ledgerbook.summary.official import (
    SHEETS,
    Drawn,
    draw_applied,
    draw_contested,
    draw_disclosed,
    plain,
)
from ledgerbook.summary.sheet import Canvas

# A gap, what is checked, its sides, how far they are apart, what that means.
WIDTHS = (3.0, 52.0, 10.0, 10.0, 9.0, 15.0)
_HEADERS = ("核对内容（不打印）", "一边", "另一边", "相差", "结果")
_SIZE = 10.0
_WHOLE_NUMBERS = 8
# A check takes one line, like the line of the table that it stands beside.
_LONGEST = 13
_TINTS = {Agreement.BROKEN: Tint.RED, Agreement.DIFFERS: Tint.AMBER}


@dataclass(frozen=True, slots=True)
class _Line:
    """One check: its sides as formulas or, where nothing is known, blank."""

    text: str
    left: str
    right: str
    checked: Checked | None
    found: tuple[Decimal, Decimal]
    broken: Agreement

    @property
    def agreement(self) -> Agreement:
        if self.checked:
            return self.checked.agreement
        return Agreement.HOLDS if self.found[0] == self.found[1] else self.broken


_TABLES: Mapping[str, Callable[[Canvas, Drawn, Sequence[float]], None]] = {
    tables.DISCLOSED: draw_disclosed,
    tables.APPLIED: draw_applied,
    tables.CONTESTED: draw_contested,
}


def draw_report(canvases: Mapping[str, Canvas], drawn: Drawn) -> None:
    """Draw the three tables, each on its sheet, with what is checked beside it."""
    for table, draw in _TABLES.items():
        canvas = canvases[SHEETS[table]]
        draw(canvas, drawn, WIDTHS)
        _draw_agreement(canvas, drawn, table)


def _draw_agreement(canvas: Canvas, drawn: Drawn, table: str) -> None:
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


def _lines(drawn: Drawn, table: str) -> Iterator[_Line]:
    for one in drawn.annual.checked:
        identity = one.identity
        if identity.table != table:
            continue
        text = _about(identity)
        strict = Agreement.BROKEN if identity.strict else Agreement.DIFFERS
        if one.left is None or one.right is None:
            yield _Line(text, "", "", one, (Decimal(), Decimal()), strict)
            continue
        left = _sum(drawn, identity.left)
        right = _sum(drawn, identity.right, identity.less)
        yield _Line(text, left, right, one, (one.left, one.right), strict)
    known = [spot for spot in drawn.annual.figures if spot.table == table]
    if known:
        odd = sum(1 for spot in drawn.annual.odd if spot.table == table)
        text = f"{_WHOLE_NUMBERS}．不合要求的数有几个：{RULES[_WHOLE_NUMBERS]}"
        formula = "=" + "+".join(_odd(drawn, spot) for spot in known)
        yield _Line(
            text, formula, "=0", None, (Decimal(odd), Decimal()), Agreement.BROKEN
        )


def _about(identity: Identity) -> str:
    short = identity.about
    if len(short) > _LONGEST:
        short = f"{short[:_LONGEST]}…"
    return f"{identity.number}．{short}：{RULES[identity.number]}"


def _sum(drawn: Drawn, spots: Sequence[Spot], less: Sequence[Spot] = ()) -> str:
    """Add up cells; what the office has given stands in no cell, but in the formula."""
    terms = (
        *(f"+{_term(drawn, spot)}" for spot in spots),
        *(f"-{_term(drawn, spot)}" for spot in less),
    )
    return "=" + "".join(terms).removeprefix("+")


def _term(drawn: Drawn, spot: Spot) -> str:
    given = drawn.annual.given.get(spot)
    return drawn.ref(spot) if given is None else f"{given:f}"


def _odd(drawn: Drawn, spot: Spot) -> str:
    cell = drawn.ref(spot)
    part = "" if spot.column == tables.CHARGED else f"+({cell}<>INT({cell}))"
    return f"({cell}<0){part}"


def _draw(canvas: Canvas, row: int, left: int, line: _Line) -> None:
    centred = canvas.style("body", font_size=_SIZE, align="center")
    text = canvas.style("body", font_size=_SIZE)
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
    canvas: Canvas,
    box: tuple[int, int, int, int],
    results: str,
    lines: Sequence[_Line],
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
    tables.DISCLOSED: ("normative_documents", "enforcement_and_fees"),
    tables.APPLIED: ("applications",),
    tables.CONTESTED: ("applications",),
}
_CONTEST_COLUMNS = ("review", "suit", "suit_after_review")


def _doubts(canvas: Canvas, annual: Annual, table: str, columns: int) -> None:
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
        canvas.put(box, text, canvas.style("plain", font_size=_SIZE))
        canvas.advance(look.row_height([(text, width)], _SIZE))


def _spots(table: str) -> list[Spot]:
    return [spot for spot in tables.spots() if spot.table == table]


def _is_of(doubt: Doubt, table: str) -> bool:
    contested = doubt.column in _CONTEST_COLUMNS
    return doubt.record.form.key in _SOURCES[table] and contested is (
        table == tables.CONTESTED
    )
