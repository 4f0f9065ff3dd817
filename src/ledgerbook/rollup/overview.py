"""Draw 总览 and 分科室 of a roll-up: the figures of each unit and of each section.

Every figure is a formula over 各单位明细 with its value, unless the detail is so long
that a spreadsheet would compute for minutes; then it is the value alone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from ledgerbook.a1_references import format_area_reference, format_cell_reference
from ledgerbook.excel import formulas, styles
from ledgerbook.excel.formulas import LabelMatch
from ledgerbook.excel.names import build_internal_link
from ledgerbook.excel.pagination import PAPER_WIDTH, convert_to_points
from ledgerbook.excel.portrait_page import MIN_PRINT_SIZE, compute_width_of_points
from ledgerbook.excel.sheet_writer import SheetWriter, WritableValue
from ledgerbook.excel.tables import TableArea, draw_header_row
from ledgerbook.excel.workbook_writer import check_result
from ledgerbook.export import (
    ADDED_PREFIX,
    COLUMNS_BY_KEY,
    DONE_CLASS,
    EXEMPT_CLASS,
    OTHER_CLASS,
    PATH_SEPARATOR,
    STATUS_CLASSES,
    DetailRow,
)
from ledgerbook.model.results import NIL_RETURN, NOT_FILLED, NOT_ISSUED, Urgency
from ledgerbook.rollup.lists import DetailRanges
from ledgerbook.rollup.merge import Rollup, Unit, list_section_facts
from ledgerbook.summary.column_widths import ROUNDING_POINTS
from ledgerbook.summary.overview import draw_rate_chart
from ledgerbook.summary.sheet_index import SheetEntry, draw_sheet_index
from ledgerbook.text import format_chinese_date

SECTIONS_SHEET = "分科室"
# The most cells that the formulas of a sheet may look at when it is recalculated.
_MAX_COMPUTED_CELLS = 60_000_000
_DASH = "—"
_PERCENT_FORMAT = {"num_format": "0.0%"}
_FONT_SIZE = 10.0
_FIGURE_WIDTH, _RATE_WIDTH, _DATE_WIDTH, _TRAILING_WIDTH = 6.0, 7.5, 10.5, 6.5
_MIN_UNIT_WIDTH, _MAX_UNIT_WIDTH = 18.0, 40.0
_MAX_LINKS = 60_000


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One line to draw: the cells before and after its figures, and the rows it counts."""

    leading_values: tuple[WritableValue, ...]
    rows: tuple[DetailRow, ...]
    trailing_values: tuple[WritableValue, ...] = ()
    style: str = "body"


class FigureColumns:
    """The figure columns of a sheet: their headers, formulas and values."""

    def __init__(
        self,
        canvas: SheetWriter,
        rollup: Rollup,
        ranges: Sequence[DetailRanges],
        first_column: int,
    ) -> None:
        self.canvas = canvas
        self.classes = list_used_classes(rollup)
        self.ranges = ranges
        self.first_column = first_column
        self.header_row = 0
        self.has_formulas = True

    @property
    def headers(self) -> tuple[str, ...]:
        return ("科室任务数", *self.classes, *URGENCIES, "完成率")

    @property
    def rate_column(self) -> int:
        return self.first_column + len(self.headers) - 1

    def draw_header(self, leading_headers: Sequence[str], trailing_headers: Sequence[str]) -> None:
        self.header_row = self.canvas.row
        texts = (*leading_headers, *self.headers, *trailing_headers)
        draw_header_row(self.canvas, [(text, 1) for text in texts], _FONT_SIZE)

    def draw_line(self, line: UnitLine, figure_formulas: Sequence[str]) -> None:
        """Draw a line; ``figure_formulas`` are its formulas, unused without formulas."""
        canvas, row = self.canvas, self.canvas.row
        counts = count_rows(line.rows, self.classes)
        text_style = canvas.get_style(line.style, font_size=_FONT_SIZE)
        centered_style = canvas.get_style(line.style, font_size=_FONT_SIZE, align="center")
        for column, value in enumerate(line.leading_values):
            style = text_style if column < 1 else centered_style
            canvas.write_range((row, column, row, column), value, style)
        for column, value in enumerate(counts.figures, self.first_column):
            box = (row, column, row, column)
            if self.has_formulas:
                canvas.write_formula(
                    box,
                    figure_formulas[column - self.first_column],
                    value,
                    centered_style,
                )
            else:
                canvas.write_range(box, value, centered_style)
        self._draw_rate(row, counts, line.style)
        trailing_start = self.first_column + len(self.headers)
        for column, value in enumerate(line.trailing_values, trailing_start):
            canvas.write_range((row, column, row, column), value, centered_style)

    def _draw_rate(self, row: int, counts: ClassCounts, style: str) -> None:
        column = self.rate_column
        cells = [format_cell_reference((row, self.first_column + n)) for n in range(column)]
        cells_by_class = dict(zip(self.classes, cells[1:], strict=False))
        formula = formulas.build_rate_formula(
            cells[0], [cells_by_class[DONE_CLASS]], [cells_by_class[EXEMPT_CLASS]]
        )
        rate_style = self.canvas.get_style(
            style, font_size=_FONT_SIZE, align="center", **_PERCENT_FORMAT
        )
        value = _DASH if counts.rate is None else counts.rate
        self.canvas.write_formula((row, column, row, column), formula, value, rate_style)

    # --- formulas ---

    def build_count_formulas(self, conditions: Sequence[tuple[str, str, str]]) -> list[str]:
        """Return formulas that count rows where columns ("units" …) equal a cell."""
        count_formulas = [self._build_count_formula([], conditions)]
        for column, header in enumerate((*self.classes, *URGENCIES), self.first_column + 1):
            cell = format_cell_reference((self.header_row, column), absolute_row=True)
            range_name = "urgencies" if header in URGENCIES else "classes"
            count_formulas.append(
                self._build_count_formula([(range_name, cell, header)], conditions)
            )
        return count_formulas

    def _build_count_formula(
        self,
        extra_conditions: Sequence[tuple[str, str, str]],
        conditions: Sequence[tuple[str, str, str]],
    ) -> str:
        terms: list[str] = []
        for sheet_ranges in self.ranges:
            matches = [
                LabelMatch(getattr(sheet_ranges, name), cell, label)
                for name, cell, label in (*conditions, *extra_conditions)
            ]
            if matches:
                terms.append(formulas.build_count_formula(matches))
            else:
                terms.append(f"COUNTA({sheet_ranges.classes})")
        return formulas.build_addition_formula(terms)

    def build_sum_formulas(self, first_row: int, last_row: int) -> list[str]:
        """Return formulas that add up the lines ``first_row`` to ``last_row``."""
        return [
            formulas.build_sum_formula(
                format_area_reference((first_row, column), (last_row, column))
            )
            for column in range(self.first_column, self.first_column + len(self.headers) - 1)
        ]


_LEADING_HEADERS = ("单位", "汇总日期", "任务数")
_TRAILING_HEADERS = ("排名", "未报送科室", "本次问题", "单位未处理问题")
# Of more units a spreadsheet would compute for long, and a chart show nothing.
_MAX_RANKED_BY_FORMULA, _MAX_CHART_LINES = 2_000, 40


def draw_rollup_overview(
    canvas: SheetWriter,
    rollup: Rollup,
    ranges: Sequence[DetailRanges],
    anchors: dict[str, int],
    entries: Sequence[SheetEntry],
) -> None:
    """Draw a line for each unit, those of one level below the level's sum; index and chart."""
    figures = FigureColumns(canvas, rollup, ranges, len(_LEADING_HEADERS))
    line_count = len(rollup.units) + 1
    figures.has_formulas = bool(rollup.merged_row_count) and _can_use_formulas(
        line_count, rollup, figures
    )
    leading_widths = (_DATE_WIDTH, _FIGURE_WIDTH)
    canvas.set_columns(_fit_widths(figures, leading_widths, len(_TRAILING_HEADERS)))
    name = rollup.name or "各单位"
    canvas.write_title(f"{name}{rollup.year}年政务公开重点任务落实情况汇总（合并）")
    canvas.write_note(f"汇总日期：{format_chinese_date(rollup.as_of)}", align="center")
    canvas.write_note(_explain_rollup(rollup, has_formulas=figures.has_formulas))
    figures.draw_header(_LEADING_HEADERS, _TRAILING_HEADERS)
    header_row = figures.header_row
    levels = [
        (level, list(units))
        for level, units in groupby(
            rollup.units, lambda unit: unit.path.partition(PATH_SEPARATOR)[0]
        )
    ]
    line_count = sum(len(members) + _has_level_line(members) for _, members in levels)
    ranking = _UnitRanking(figures, rollup, line_count)
    for level, members in levels:
        if _has_level_line(members):
            _draw_level(figures, level, members)
        _draw_units(figures, members, anchors, ranking)
    area = TableArea(canvas.name, header_row + 1, max(header_row + 1, canvas.row - 1))
    _draw_total(figures, rollup)
    draw_sheet_index(canvas, entries)
    if 1 < line_count <= _MAX_CHART_LINES:
        draw_rate_chart(canvas, "各单位完成率", area, figures.rate_column)
    canvas.set_up_page_and_freeze(header_row=header_row, frozen_rows=header_row + 1)
    canvas.sheet.outline_settings(symbols_below=False)


def _has_level_line(members: Sequence[Unit]) -> bool:
    return any(PATH_SEPARATOR in unit.path for unit in members)


def _fit_widths(
    figures: FigureColumns, leading_widths: Sequence[float], trailing_count: int
) -> tuple[float, ...]:
    """Return the widths of a sheet, the first column taking what a legible page leaves."""
    widths = (
        *leading_widths,
        *(_FIGURE_WIDTH for _ in figures.headers[:-1]),
        _RATE_WIDTH,
        *(_TRAILING_WIDTH for _ in range(trailing_count)),
    )
    available = PAPER_WIDTH * _FONT_SIZE / MIN_PRINT_SIZE
    used = sum(convert_to_points(width) + ROUNDING_POINTS for width in widths)
    unit_width = compute_width_of_points(available - used - ROUNDING_POINTS)
    return (min(_MAX_UNIT_WIDTH, max(_MIN_UNIT_WIDTH, unit_width)), *widths)


class _UnitRanking:
    """The rank of each unit by its completion rate: equal rates share a rank.

    The lines of the units begin below the header; a sum of a level has no rank and counts in
    none, for its 汇总日期 is blank.
    """

    def __init__(self, figures: FigureColumns, rollup: Rollup, line_count: int) -> None:
        self._first_row = figures.header_row + 1
        self._last_row = figures.header_row + max(1, line_count)
        self._rate_column = figures.rate_column
        self.has_formulas = line_count <= _MAX_RANKED_BY_FORMULA
        self._rates = {
            unit.path: count_rows(unit.rows, figures.classes).rate for unit in rollup.units
        }
        self._sorted_rates = sorted(rate for rate in self._rates.values() if rate is not None)

    def get_rank(self, unit: Unit) -> int | str:
        """Return the rank of a unit; a dash where none of its tasks counts."""
        rate = self._rates[unit.path]
        if rate is None:
            return _DASH
        return 1 + len(self._sorted_rates) - bisect_right(self._sorted_rates, rate)

    def build_formula(self, row: int) -> str:
        """Return the formula of the rank in ``row``, from 0; COUNTIFS would round the rates."""
        rate = format_cell_reference((row, self._rate_column))
        rates, days = (
            format_area_reference(
                (self._first_row, column), (self._last_row, column), is_absolute=True
            )
            for column in (self._rate_column, 1)
        )
        is_higher = f'({days}<>"")*ISNUMBER({rates})*({rates}>{rate})'
        return f'=IF(ISNUMBER({rate}),1+SUMPRODUCT({is_higher}),"{_DASH}")'


def _draw_level(figures: FigureColumns, level: str, members: Sequence[Unit]) -> None:
    """Draw the sum of a level above its units."""
    first_row = figures.canvas.row + 1
    rows = tuple(row for unit in members for row in unit.rows)
    leading_values = (f"{level}（{len(members)} 个单位合计）", None, None)
    line = UnitLine(leading_values, rows, _compute_trailing_values(members), "locked")
    figures.draw_line(line, figures.build_sum_formulas(first_row, first_row + len(members) - 1))
    _finish_row(figures.canvas, str(leading_values[0]))


def _draw_units(
    figures: FigureColumns,
    members: Sequence[Unit],
    anchors: dict[str, int],
    ranking: _UnitRanking,
) -> None:
    canvas = figures.canvas
    has_levels = _has_level_line(members)
    rank_style = canvas.get_style("body", font_size=_FONT_SIZE, align="center")
    for unit in members:
        row = canvas.row
        cell = format_cell_reference((row, 0), absolute_column=True)
        line = UnitLine(
            (unit.path, f"{unit.as_of}", unit.task_count),
            unit.rows,
            _compute_trailing_values([unit]),
        )
        figures.draw_line(line, figures.build_count_formulas([("units", cell, unit.path)]))
        rank, rank_column = ranking.get_rank(unit), figures.rate_column + 1
        box = (row, rank_column, row, rank_column)
        if ranking.has_formulas:
            canvas.write_formula(box, ranking.build_formula(row), rank, rank_style)
        else:
            canvas.write_range(box, rank, rank_style)
        if len(anchors) <= _MAX_LINKS:
            style = canvas.get_style(
                "body",
                font_size=_FONT_SIZE,
                font_color=styles.LINK_COLOR,
                underline=1,
            )
            target = build_internal_link(SECTIONS_SHEET, f"A{anchors[unit.path] + 1}")
            check_result(canvas.sheet.write_url(row, 0, target, style, unit.path))
        _finish_row(canvas, unit.path, 1 if has_levels else 0)


def _compute_trailing_values(units: Sequence[Unit]) -> tuple[WritableValue, ...]:
    """Return the values right of the rate; the rank is that of a unit alone."""
    return (
        None,
        sum(len(unit.missing_sections) for unit in units),
        sum(unit.problems for unit in units),
        sum(unit.unsettled for unit in units),
    )


def _draw_total(figures: FigureColumns, rollup: Rollup) -> None:
    line = UnitLine(
        ("合计", None, None),
        rollup.rows,
        _compute_trailing_values(rollup.units),
        "locked",
    )
    figures.draw_line(line, figures.build_count_formulas([]))
    _finish_row(figures.canvas, "合计")


def _finish_row(canvas: SheetWriter, label: str, level: int = 0) -> None:
    """Finish a row at outline level ``level`` (0 is always shown)."""
    height = styles.compute_row_height([(label, canvas.widths[0])], _FONT_SIZE)
    if level:
        check_result(canvas.sheet.set_row(canvas.row, height, None, {"level": level}))
        canvas.heights.append(height)
    else:
        canvas.finish_row(height)


def _can_use_formulas(line_count: int, rollup: Rollup, figures: FigureColumns) -> bool:
    return line_count * len(figures.headers) * rollup.merged_row_count <= _MAX_COMPUTED_CELLS


def _explain_rollup(rollup: Rollup, *, has_formulas: bool) -> str:
    text = (
        f"共 {len(rollup.units)} 个单位，{rollup.merged_row_count} 件科室任务；一个科室承担的一项"
        "任务计一件。各单位的状态叫法不同，统计时按含义归类（见明细的“状态归类”）。"
        "完成率=已完成÷（科室任务数-不涉及），排名按完成率，相同的并列。点单位名称看它的各科室。"
    )
    if rollup.rejudged_count:
        text += f"有 {rollup.rejudged_count} 件在单位汇总以后到了期限，已按本次汇总日期重新判定。"
    if not has_formulas:
        text += "明细很长，各项数字写的是汇总时的数值，不随明细改动。"
    return text + _describe_personal_data(rollup)


def _describe_personal_data(rollup: Rollup) -> str:
    """Say whether the roll-up has personal data; blank where no unit has any."""
    headers = {column.key: column.header for column in rollup.columns}
    names = "、".join(_name_column(key, headers) for key in rollup.personal_keys)
    if not names:
        return ""
    if rollup.lacks_personal_data:
        return f"没有列出各单位标为个人信息的栏目：{names}。"
    return f"本汇总含个人信息（{names}），仅供本级使用；上报请去掉 --with-personal-data 再并一次。"


def _name_column(key: str, headers: Mapping[str, str]) -> str:
    if key in headers:
        return headers[key]
    return COLUMNS_BY_KEY[key].header if key in COLUMNS_BY_KEY else key.removeprefix(ADDED_PREFIX)


# --- 分科室 ---

_SECTION_LEADING_HEADERS = ("单位", "科室", "报送状态")


def find_anchors(rollup: Rollup, next_row: int) -> dict[str, int]:
    """Return the row of 分科室 in which each unit begins, the first at ``next_row``."""
    anchors: dict[str, int] = {}
    for unit in rollup.units:
        anchors[unit.path] = next_row
        next_row += 1 + len(list_section_facts(unit))
    return anchors


# Title, note, header.
FIRST_SECTION_ROW = 3


def draw_sections(canvas: SheetWriter, rollup: Rollup, ranges: Sequence[DetailRanges]) -> None:
    """Draw a line for each unit and, at outline level 1, its sections."""
    figures = FigureColumns(canvas, rollup, ranges, len(_SECTION_LEADING_HEADERS))
    line_count = sum(len(list_section_facts(unit)) for unit in rollup.units)
    figures.has_formulas = bool(rollup.merged_row_count) and _can_use_formulas(
        line_count, rollup, figures
    )
    canvas.set_columns(_fit_widths(figures, (16, 14), 0))
    canvas.write_title("各单位、各科室落实情况")
    note = "点左边的“+”“-”展开或收起一个单位的各科室；可用表头的箭头筛选。"
    canvas.write_note(note if figures.has_formulas else note + "各项数字是汇总时的数值。")
    figures.draw_header(_SECTION_LEADING_HEADERS, ())
    header_row = figures.header_row
    for unit in rollup.units:
        section_rows = list(_build_section_lines(unit))
        first_row = canvas.row + 1
        last_row = first_row + len(section_rows) - 1
        line = UnitLine(
            (unit.path, f"共 {len(section_rows)} 个科室", None), unit.rows, (), "locked"
        )
        figures.draw_line(line, figures.build_sum_formulas(first_row, max(first_row, last_row)))
        _finish_row(canvas, unit.path)
        for section_row in section_rows:
            _draw_section_line(figures, unit, section_row)
    check_result(canvas.sheet.autofilter(header_row, 0, canvas.row - 1, count_columns(figures) - 1))
    canvas.set_up_page_and_freeze(header_row=header_row, frozen_rows=header_row + 1)
    canvas.sheet.outline_settings(symbols_below=False)


def count_columns(figures: FigureColumns) -> int:
    return figures.first_column + len(figures.headers)


def _build_section_lines(unit: Unit) -> Iterator[UnitLine]:
    by_section: dict[str, list[DetailRow]] = {}
    for row in unit.rows:
        by_section.setdefault(row.section, []).append(row)
    for fact in list_section_facts(unit):
        rows: Iterable[DetailRow] = by_section.get(fact.section, ())
        yield UnitLine((unit.path, fact.section, fact.status), tuple(rows))


def _draw_section_line(figures: FigureColumns, unit: Unit, line: UnitLine) -> None:
    row = figures.canvas.row
    conditions = [
        ("units", format_cell_reference((row, 0), absolute_column=True), unit.path),
        (
            "sections",
            format_cell_reference((row, 1), absolute_column=True),
            str(line.leading_values[1]),
        ),
    ]
    figures.draw_line(line, figures.build_count_formulas(conditions))
    _finish_row(figures.canvas, unit.path, 1)


# --- the values of the figures, by unit and by section ---

URGENCIES = tuple(urgency.value for urgency in Urgency if urgency is not Urgency.NONE)
# Shown only where some row has this class.
_RARE_CLASSES = frozenset((NOT_FILLED, NIL_RETURN, NOT_ISSUED, OTHER_CLASS))


@dataclass(frozen=True, slots=True)
class ClassCounts:
    """The number of some rows, in all, by class and by urgency, and their rate."""

    total: int
    by_class: tuple[int, ...]
    by_urgency: tuple[int, ...]
    rate: float | None

    @property
    def figures(self) -> tuple[int, ...]:
        return (self.total, *self.by_class, *self.by_urgency)


def list_used_classes(rollup: Rollup) -> tuple[str, ...]:
    """Return the classes to show; together they always add up to the total."""
    used = {row.status_class for row in rollup.rows}
    return tuple(
        class_name
        for class_name in STATUS_CLASSES
        if class_name in used or class_name not in _RARE_CLASSES
    )


def count_rows(rows: Sequence[DetailRow], classes: Sequence[str]) -> ClassCounts:
    class_counts = Counter(row.status_class for row in rows)
    urgency_counts = Counter(row.urgency for row in rows)
    base = len(rows) - class_counts[EXEMPT_CLASS]
    return ClassCounts(
        len(rows),
        tuple(class_counts[label] for label in classes),
        tuple(urgency_counts[label] for label in URGENCIES),
        class_counts[DONE_CLASS] / base if base else None,
    )
