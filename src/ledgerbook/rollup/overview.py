"""总览 and 分科室: the figures by unit and, folded in below, by section.

Every figure is a formula over the detail with the value it comes to, unless the detail
is so long that a spreadsheet would compute for minutes; then it is the value alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from xlsxwriter.utility import xl_rowcol_to_cell

from ledgerbook.excel import formulas
from ledgerbook.excel import styles as look
from ledgerbook.excel.canvas import SheetWriter, Value
from ledgerbook.excel.formulas import Match
from ledgerbook.excel.tables import draw_head
from ledgerbook.excel.writer import done
from ledgerbook.export import CLASSES, DONE, EXEMPT, OTHER, SLASH, DetailRow
from ledgerbook.model.results import NIL, NOT_FILLED, Urgency
from ledgerbook.rollup.lists import Ranges
from ledgerbook.rollup.merge import Rollup, Unit, section_lines
from ledgerbook.text import chinese_date

SECTIONS = "分科室"
# So many cells a sheet may look at when it is computed anew.
_BUDGET = 60_000_000
_DASH = "—"
_PERCENT = {"num_format": "0.0%"}
_HEAD_SIZE = 10.0
_FIGURE = 8.0
_MOST_LINKS = 60_000


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One line in the making: what stands before and after its figures."""

    before: tuple[Value, ...]
    rows: tuple[DetailRow, ...]
    after: tuple[Value, ...] = ()
    style: str = "body"


class FigureColumns:
    """The figures of a sheet: their headers, their formulas, their values."""

    def __init__(
        self, canvas: SheetWriter, rollup: Rollup, ranges: Sequence[Ranges], first: int
    ) -> None:
        self.canvas = canvas
        self.classes = classes_of(rollup)
        self.ranges = ranges
        self.first = first
        self.head = 0
        self.live = True

    @property
    def headers(self) -> tuple[str, ...]:
        return ("科室任务数", *self.classes, *URGENCIES, "完成率")

    def draw_head(self, before: Sequence[str], after: Sequence[str]) -> None:
        self.head = self.canvas.row
        texts = (*before, *self.headers, *after)
        draw_head(self.canvas, [(text, 1) for text in texts], _HEAD_SIZE)

    def draw(self, line: UnitLine, counted: Sequence[str]) -> None:
        """Draw a line; ``counted`` are the formulas of its figures, if it is live."""
        canvas, row = self.canvas, self.canvas.row
        figures = count(line.rows, self.classes)
        body = canvas.style(line.style, font_size=_HEAD_SIZE)
        centred = canvas.style(line.style, font_size=_HEAD_SIZE, align="center")
        for column, value in enumerate(line.before):
            style = body if column < 1 else centred
            canvas.put((row, column, row, column), value, style)
        for column, value in enumerate(figures.all, self.first):
            box = (row, column, row, column)
            if self.live:
                canvas.compute(box, counted[column - self.first], value, centred)
            else:
                canvas.put(box, value, centred)
        self._rate(row, figures, line.style)
        start = self.first + len(self.headers)
        for column, value in enumerate(line.after, start):
            canvas.put((row, column, row, column), value, centred)

    def _rate(self, row: int, figures: Counts, style: str) -> None:
        column = self.first + len(self.headers) - 1
        cells = [xl_rowcol_to_cell(row, self.first + n) for n in range(column)]
        named = dict(zip(self.classes, cells[1:], strict=False))
        formula = formulas.rate(cells[0], [named[DONE]], [named[EXEMPT]])
        look_ = self.canvas.style(
            style, font_size=_HEAD_SIZE, align="center", **_PERCENT
        )
        value = _DASH if figures.rate is None else figures.rate
        self.canvas.compute((row, column, row, column), formula, value, look_)

    # -- formulas ----------------------------------------------------------------

    def over(self, where: Sequence[tuple[str, str, str]]) -> list[str]:
        """Count the rows where a column ("units" …) equals a cell's label."""
        made = [self._sum([], where)]
        for n, header in enumerate((*self.classes, *URGENCIES), self.first + 1):
            cell = xl_rowcol_to_cell(self.head, n, row_abs=True)
            kind = "urgencies" if header in URGENCIES else "classes"
            made.append(self._sum([(kind, cell, header)], where))
        return made

    def _sum(
        self,
        more: Sequence[tuple[str, str, str]],
        where: Sequence[tuple[str, str, str]],
    ) -> str:
        parts: list[str] = []
        for one in self.ranges:
            matches = [
                Match(getattr(one, name), cell, label)
                for name, cell, label in (*where, *more)
            ]
            if matches:
                parts.append(formulas.count(matches))
            else:
                parts.append(f"COUNTA({one.classes})")
        return formulas.added(parts)

    def sums(self, first: int, last: int) -> list[str]:
        """Add up the lines from ``first`` to ``last``."""
        return [
            formulas.total(
                f"{xl_rowcol_to_cell(first, n)}:{xl_rowcol_to_cell(last, n)}"
            )
            for n in range(self.first, self.first + len(self.headers) - 1)
        ]


_BEFORE = ("单位", "汇总日期", "任务数")
_AFTER = ("未报送科室", "本次问题", "单位未处理问题")
_UNIT_WIDTH = 30.0


def draw_overview(
    canvas: SheetWriter,
    rollup: Rollup,
    ranges: Sequence[Ranges],
    anchors: dict[str, int],
) -> None:
    """Draw a line a unit, those of one level below its own sum."""
    figures = FigureColumns(canvas, rollup, ranges, len(_BEFORE))
    lines = len(rollup.units) + 1
    figures.live = bool(rollup.merged) and _bearable(lines, rollup, figures)
    widths = (_UNIT_WIDTH, 11.5, _FIGURE, *(_FIGURE for _ in figures.headers))
    canvas.columns((*widths, *(_FIGURE + 1 for _ in _AFTER)))
    name = rollup.name or "各单位"
    canvas.title(f"{name}{rollup.year}年政务公开重点任务落实情况汇总（合并）")
    canvas.note(f"汇总日期：{chinese_date(rollup.as_of)}", align="center")
    canvas.note(_explained(rollup, live=figures.live))
    figures.draw_head(_BEFORE, _AFTER)
    head = figures.head
    for top, units in groupby(rollup.units, lambda u: u.path.partition(SLASH)[0]):
        members = list(units)
        if any(SLASH in unit.path for unit in members):
            _draw_level(figures, top, members)
        _draw_units(figures, members, anchors)
    _draw_total(figures, rollup)
    canvas.frame(head_row=head, frozen=head + 1)
    canvas.sheet.outline_settings(symbols_below=False)


def _draw_level(figures: FigureColumns, top: str, members: Sequence[Unit]) -> None:
    """Draw the sum of a level above its units."""
    first = figures.canvas.row + 1
    rows = tuple(row for unit in members for row in unit.rows)
    before = (f"{top}（{len(members)} 个单位合计）", None, None)
    line = UnitLine(before, rows, _after(members), "locked")
    figures.draw(line, figures.sums(first, first + len(members) - 1))
    _advance(figures.canvas, str(before[0]))


def _draw_units(
    figures: FigureColumns, members: Sequence[Unit], anchors: dict[str, int]
) -> None:
    canvas = figures.canvas
    deep = any(SLASH in unit.path for unit in members)
    for unit in members:
        row = canvas.row
        cell = xl_rowcol_to_cell(row, 0, col_abs=True)
        line = UnitLine(
            (unit.path, f"{unit.as_of}", unit.tasks), unit.rows, _after([unit])
        )
        figures.draw(line, figures.over([("units", cell, unit.path)]))
        if len(anchors) <= _MOST_LINKS:
            style = canvas.style(
                "body",
                font_size=_HEAD_SIZE,
                font_color=look.LINK_INK,
                underline=1,
            )
            target = f"internal:'{SECTIONS}'!A{anchors[unit.path] + 1}"
            done(canvas.sheet.write_url(row, 0, target, style, unit.path))
        _advance(canvas, unit.path, 1 if deep else 0)


def _after(units: Sequence[Unit]) -> tuple[Value, ...]:
    return (
        sum(len(unit.missing) for unit in units),
        sum(unit.problems for unit in units),
        sum(unit.unsettled for unit in units),
    )


def _draw_total(figures: FigureColumns, rollup: Rollup) -> None:
    line = UnitLine(("合计", None, None), rollup.rows, _after(rollup.units), "locked")
    figures.draw(line, figures.over([]))
    figures.canvas.advance(look.row_height([("合计", _UNIT_WIDTH)]))


def _advance(canvas: SheetWriter, label: str, level: int = 0) -> None:
    """Finish a row, folded in ``level`` deep."""
    height = look.row_height([(label, _UNIT_WIDTH)], _HEAD_SIZE)
    if level:
        done(canvas.sheet.set_row(canvas.row, height, None, {"level": level}))
        canvas.heights.append(height)
    else:
        canvas.advance(height)


def _bearable(lines: int, rollup: Rollup, figures: FigureColumns) -> bool:
    return lines * len(figures.headers) * rollup.merged <= _BUDGET


def _explained(rollup: Rollup, *, live: bool) -> str:
    text = (
        f"共 {len(rollup.units)} 个单位，{rollup.merged} 件科室任务；一个科室承担的一项"
        "任务计一件。各单位的状态叫法不同，统计时按含义归类（见明细的“状态归类”）。"
        "完成率=已完成÷（科室任务数-不涉及）。点单位名称看它的各科室。"
    )
    if rollup.rejudged:
        text += (
            f"有 {rollup.rejudged} 件在单位汇总以后到了期限，已按本次汇总日期重新判定。"
        )
    if not live:
        text += "明细很长，各项数字写的是汇总时的数值，不随明细改动。"
    return text


# -- 分科室 ---------------------------------------------------------------------------

_PART_BEFORE = ("单位", "科室", "报送状态")


def anchors_of(rollup: Rollup, first: int) -> dict[str, int]:
    """Return the row of 分科室 in which each unit begins, the first at ``first``."""
    found: dict[str, int] = {}
    for unit in rollup.units:
        found[unit.path] = first
        first += 1 + len(section_lines(unit))
    return found


# Title, note, header.
PARTS_HEAD = 3


def draw_sections(
    canvas: SheetWriter, rollup: Rollup, ranges: Sequence[Ranges]
) -> None:
    """Draw every unit with its sections folded in below."""
    figures = FigureColumns(canvas, rollup, ranges, len(_PART_BEFORE))
    lines = sum(len(section_lines(unit)) for unit in rollup.units)
    figures.live = bool(rollup.merged) and _bearable(lines, rollup, figures)
    canvas.columns((_UNIT_WIDTH, 16, 14, *(_FIGURE for _ in figures.headers)))
    canvas.title("各单位、各科室落实情况")
    note = "点左边的“+”“-”展开或收起一个单位的各科室；可用表头的箭头筛选。"
    canvas.note(note if figures.live else note + "各项数字是汇总时的数值。")
    figures.draw_head(_PART_BEFORE, ())
    head = figures.head
    for unit in rollup.units:
        parts = list(_parts(unit))
        first = canvas.row + 1
        last = first + len(parts) - 1
        line = UnitLine(
            (unit.path, f"共 {len(parts)} 个科室", None), unit.rows, (), "locked"
        )
        figures.draw(line, figures.sums(first, max(first, last)))
        _advance(canvas, unit.path)
        for part in parts:
            _draw_part(figures, unit, part)
    done(canvas.sheet.autofilter(head, 0, canvas.row - 1, canvas_width(figures) - 1))
    canvas.frame(head_row=head, frozen=head + 1)
    canvas.sheet.outline_settings(symbols_below=False)


def canvas_width(figures: FigureColumns) -> int:
    return figures.first + len(figures.headers)


def _parts(unit: Unit) -> Iterator[UnitLine]:
    by_section: dict[str, list[DetailRow]] = {}
    for row in unit.rows:
        by_section.setdefault(row.section, []).append(row)
    for part in section_lines(unit):
        rows: Iterable[DetailRow] = by_section.get(part.section, ())
        yield UnitLine((unit.path, part.section, part.standing), tuple(rows))


def _draw_part(figures: FigureColumns, unit: Unit, part: UnitLine) -> None:
    row = figures.canvas.row
    where = [
        ("units", xl_rowcol_to_cell(row, 0, col_abs=True), unit.path),
        ("sections", xl_rowcol_to_cell(row, 1, col_abs=True), str(part.before[1])),
    ]
    figures.draw(part, figures.over(where))
    _advance(figures.canvas, unit.path, 1)


# The figures of a roll-up, by unit and by section: what its formulas must come to.

URGENCIES = (Urgency.OVERDUE.value, Urgency.SOON.value)
# Shown only where some row is so classed.
_RARE = frozenset((NOT_FILLED, NIL, OTHER))


@dataclass(frozen=True, slots=True)
class Counts:
    """How some rows stand: their number, and how many by class and by urgency."""

    total: int
    by_class: tuple[int, ...]
    by_urgency: tuple[int, ...]
    rate: float | None

    @property
    def all(self) -> tuple[int, ...]:
        return (self.total, *self.by_class, *self.by_urgency)


def classes_of(rollup: Rollup) -> tuple[str, ...]:
    """Return the classes that have a column: all of them always add up to the total."""
    used = {row.kind for row in rollup.rows}
    return tuple(one for one in CLASSES if one in used or one not in _RARE)


def count(rows: Sequence[DetailRow], classes: Sequence[str]) -> Counts:
    kinds = Counter(row.kind for row in rows)
    urgent = Counter(row.urgency for row in rows)
    base = len(rows) - kinds[EXEMPT]
    return Counts(
        len(rows),
        tuple(kinds[one] for one in classes),
        tuple(urgent[one] for one in URGENCIES),
        kinds[DONE] / base if base else None,
    )
