"""总览: the year on two pages. Every figure is a formula over the other sheets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from ledgerbook.excel import formulas
from ledgerbook.excel import styles as look
from ledgerbook.excel.canvas import SheetWriter
from ledgerbook.excel.formulas import Match
from ledgerbook.excel.pagination import points
from ledgerbook.excel.tables import TableArea, draw_head
from ledgerbook.excel.writer import done
from ledgerbook.model import StatusCategory
from ledgerbook.model.results import (
    AssignmentResult,
    Ledger,
    SubmissionStatus,
    TaskSummary,
    Urgency,
)
from ledgerbook.summary.detail import RowRanges
from ledgerbook.summary.labels import (
    NO_REQUIREMENT,
    StatusLabel,
    requirements_of,
    sections_of,
    status_labels,
)
from ledgerbook.summary.task_table import TaskRanges
from ledgerbook.text import chinese_date

_LABEL_WIDTH = 34.0
_FIGURES_WIDTH = 118.0
_WIDEST, _NARROWEST = 12.0, 8.0
_PERCENT = {"num_format": "0.0%"}
_DASH = "—"


@dataclass(frozen=True, slots=True)
class CountedCells:
    """The cells of the other sheets that the overview counts."""

    tasks: TaskRanges
    rows: tuple[RowRanges, ...]
    standings: str


class _Overview:
    """The sheet in the making: what is counted, and the pen that draws it."""

    def __init__(
        self, canvas: SheetWriter, figures: OverviewFigures, counted: CountedCells
    ) -> None:
        self.canvas = canvas
        self.figures = figures
        self.counted = counted
        urgencies = (Urgency.OVERDUE.value, Urgency.SOON.value)
        statuses = tuple(status.text for status in figures.statuses)
        self.headers = ("总数", *statuses, *urgencies, "完成率")

    # -- tables ------------------------------------------------------------------

    def overall(self) -> TableArea:
        """Draw two lines: the tasks by roll-up, and the rows of all sections."""
        tasks, rows = self.counted.tasks, self.counted.rows
        head = self._head("统计口径")
        total = f"=COUNT({tasks.numbers})"
        self._line("任务（项）", self.figures.tasks, head, [(tasks, ())], total)
        total = formulas.added(f"COUNTA({part.sections})" for part in rows)
        over = [(part, ()) for part in rows]
        self._line("科室任务（件）", self.figures.rows, head, over, total)
        return TableArea(self.canvas.name, head + 1, head + 2)

    def breakdown(
        self,
        title: str,
        keys: Callable[[RowRanges], str],
        lines: Sequence[OverviewLine],
        blank: str = "",
    ) -> TableArea:
        """Draw the rows by the labels found in ``keys``, with a total below."""
        head = self._head(title)
        for line in lines:
            cell = xl_rowcol_to_cell(self.canvas.row, 0, col_abs=True)
            criterion = cell if line.label else '""'
            over = [
                (part, (Match(keys(part), criterion, line.label),))
                for part in self.counted.rows
            ]
            total = formulas.added(formulas.count(where) for _, where in over)
            self._line(line.label or blank, line, head, over, total)
        last = self.canvas.row - 1
        self._total(head, last)
        return TableArea(self.canvas.name, head + 1, last)

    def _head(self, title: str) -> int:
        head = self.canvas.row
        draw_head(self.canvas, [(h, 1) for h in (title, *self.headers)], look.HEAD_SIZE)
        return head

    def _line(
        self,
        label: str,
        line: OverviewLine,
        head: int,
        over: Sequence[tuple[TaskRanges | RowRanges, tuple[Match, ...]]],
        total: str,
    ) -> None:
        """Draw one line; the criterion of each figure is the header above it."""
        matched: list[str] = [total]
        for column, header in enumerate(self.headers[1:-1], 2):
            cell = xl_rowcol_to_cell(head, column, row_abs=True)
            urgent = column > 1 + len(self.figures.statuses)
            counts = [
                formulas.count((*where, Match(cells, cell, header)))
                for ranges, where in over
                for cells in [ranges.urgencies if urgent else ranges.statuses]
            ]
            matched.append(formulas.added(counts))
        self._fill(label, matched, line, "body")

    def _total(self, head: int, last: int) -> None:
        """Draw the sums. The header is within their range: a line put in is counted."""
        sums = [
            formulas.total(
                f"{xl_rowcol_to_cell(head, column)}:{xl_rowcol_to_cell(last, column)}"
            )
            for column in range(1, len(self.headers))
        ]
        self._fill("合计", sums, self.figures.rows, "locked")

    def _fill(
        self, label: str, matched: Sequence[str], line: OverviewLine, style: str
    ) -> None:
        """Write label, figures and rate of a line into the row."""
        canvas, row = self.canvas, self.canvas.row
        canvas.put((row, 0, row, 0), label, canvas.style(style))
        centred = canvas.style(style, align="center")
        for column, (formula, value) in enumerate(
            zip(matched, line.counts, strict=True), 1
        ):
            canvas.compute((row, column, row, column), formula, value, centred)
        column = len(self.headers)
        percent = canvas.style(style, align="center", **_PERCENT)
        rate = _DASH if line.rate is None else line.rate
        canvas.compute((row, column, row, column), self._rate(row), rate, percent)
        canvas.advance(look.row_height([(label, _LABEL_WIDTH)]))

    def _rate(self, row: int) -> str:
        def cells(meaning: StatusCategory) -> list[str]:
            return [
                xl_rowcol_to_cell(row, column)
                for column, status in enumerate(self.figures.statuses, 2)
                if status.meaning is meaning
            ]

        total = xl_rowcol_to_cell(row, 1)
        return formulas.rate(
            total, cells(StatusCategory.DONE), cells(StatusCategory.EXEMPT)
        )

    # -- key figures -------------------------------------------------------------

    def tiles(self, top: int, overall: TableArea) -> None:
        """Draw the six figures that a reader looks for first, large, in two rows."""
        tasks, rows = self.figures.tasks, self.figures.rows
        rate = len(self.headers)
        percent = _DASH if rows.rate is None else rows.rate
        shown: tuple[tuple[str, str, str | float], ...] = (
            ("任务总数（项）", self._at(overall.first, 1), tasks.total),
            ("科室任务数（件）", self._at(overall.last, 1), rows.total),
            ("完成率（按科室任务）", self._at(overall.last, rate), percent),
            ("逾期（件）", self._at(overall.last, rate - 2), rows.overdue),
            ("临期（件）", self._at(overall.last, rate - 1), rows.soon),
            ("报送科室", self._returned(), self._returned_text()),
        )
        for (label, formula, value), (left, right) in zip(
            shown, _spread(len(self.headers), len(shown)), strict=True
        ):
            self._tile((top, left, top + 1, right), label, formula, value)

    def _tile(
        self,
        box: tuple[int, int, int, int],
        label: str,
        formula: str,
        value: str | float,
    ) -> None:
        top, left, below, right = box
        canvas = self.canvas
        canvas.put((top, left, top, right), label, canvas.style("head"))
        percent = _PERCENT if isinstance(value, float) else {}
        big = canvas.style(
            align="center", font_name=look.HEAD_FONT, font_size=20, **percent
        )
        canvas.compute((below, left, below, right), formula, value, big)

    def _at(self, row: int, column: int) -> str:
        return f"={xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"

    def _returned(self) -> str:
        cells = self.counted.standings
        absent = "".join(
            f'-COUNTIF({cells},"{one.value}")'
            for one in SubmissionStatus
            if not one.arrived
        )
        return f'=COUNTA({cells}){absent}&"/"&COUNTA({cells})'

    def _returned_text(self) -> str:
        return f"{self.figures.sections_returned}/{self.figures.sections}"


def draw_overview(
    canvas: SheetWriter, ledger: Ledger, figures: OverviewFigures, counted: CountedCells
) -> None:
    """Draw the overview of the year: key figures, tables, charts."""
    sheet = _Overview(canvas, figures, counted)
    canvas.columns(_widths(len(sheet.headers)))
    book = ledger.book
    canvas.title(f"{book.agency}{book.year}年政务公开重点任务落实情况汇总")
    canvas.note(f"汇总日期：{chinese_date(ledger.as_of)}", align="center")
    frozen = top = canvas.row
    canvas.advance(22)
    canvas.advance(40)
    blocks = [canvas.row]
    canvas.heading("一、总体情况")
    overall = sheet.overall()
    sheet.tiles(top, overall)
    canvas.note(_explained(figures) + _of_turns(ledger))
    blocks.append(canvas.row)
    canvas.heading("二、各科室落实情况（科室任务，件）")
    sections = sheet.breakdown("科室", lambda r: r.sections, figures.by_section)
    blocks.append(canvas.row)
    canvas.heading("三、各项工作要求落实情况（科室任务，件）")
    requirements = sheet.breakdown(
        "工作要求", lambda r: r.requirements, figures.by_requirement, NO_REQUIREMENT
    )
    if figures.rows.total:
        blocks.append(canvas.row)
        canvas.heading("四、图示")
        statuses = dict(enumerate(figures.statuses, 2))
        draw_charts(canvas, (sections, statuses), (requirements, len(sheet.headers)))
    # The title stands on each page, or the header of a table that takes more than one.
    head = sections.first - 1
    height = sum(canvas.heights[head : sections.last + 1])
    repeated = head if height > canvas.page_height else 0
    canvas.keep_together(blocks, repeated)
    canvas.frame(head_row=repeated, frozen=frozen)


def _widths(figures: int) -> tuple[float, ...]:
    each = max(_NARROWEST, min(_WIDEST, _FIGURES_WIDTH / figures))
    return (_LABEL_WIDTH, *(round(each, 1) for _ in range(figures)))


def _spread(columns: int, tiles: int) -> list[tuple[int, int]]:
    """Share the sheet's columns among ``tiles``: the label column is the first."""
    edges = [1 + round(columns * n / (tiles - 1)) for n in range(tiles)]
    return [(0, 0), *((a, b - 1) for a, b in pairwise(edges))]


def _of_turns(ledger: Ledger) -> str:
    """Say how recurring tasks are counted, where there are any."""
    if not any(outcome.cycle for outcome in ledger.outcomes):
        return ""
    return (
        "定期要做的任务按次考核：全年各次都办了，“任务”才算完成；"
        "有一次过了期限没有办，就是逾期，几次没有办也只计一件。"
    )


def _explained(figures: OverviewFigures) -> str:
    """Say what is counted and how, in the office's own status words."""

    def words(meaning: StatusCategory) -> str:
        own = [s.text for s in figures.statuses if s.meaning is meaning]
        return "、".join(own) or meaning.value

    return (
        "说明：“任务”按年度汇总表的完成状态统计；“科室任务”指一个科室承担的一项任务，"
        f"计一件。完成率={words(StatusCategory.DONE)}÷（总数-{words(StatusCategory.EXEMPT)}）；"
        "没有可计算的任务时记“—”。"
    )


# The charts of the overview: native, and told apart in a grey print by their shade.

_GAP = 12
_TALLEST = 400.0
# So many bars have smaller names; of still more not each has its name beside it.
_MANY, _MOST_NAMES = 16, 32
_FONT = {"name": look.BODY_FONT, "size": 9}
_TITLE_FONT = {"name": look.HEAD_FONT, "size": 11, "bold": False}
_BORDER = {"color": look.INK, "width": 0.5}


@dataclass(frozen=True, slots=True)
class _Shade:
    """A fill, with the ink of the figure that stands in it."""

    fill: str
    ink: str = look.INK
    pattern: str = ""

    @property
    def look(self) -> dict[str, Any]:
        if not self.pattern:
            return {"fill": {"color": self.fill}, "border": _BORDER}
        pattern = {
            "pattern": self.pattern,
            "fg_color": self.fill,
            "bg_color": "#FFFFFF",
        }
        return {"pattern": pattern, "border": _BORDER}

    @property
    def labels(self) -> dict[str, Any]:
        """Figures in the bar: none for an empty piece, on white where it is hatched."""
        labels = {
            "value": True,
            "num_format": "0;;;",
            "font": {**_FONT, "color": self.ink},
        }
        return {**labels, "fill": {"color": "#FFFFFF"}} if self.pattern else labels


_SHADES: Mapping[StatusCategory, _Shade] = {
    StatusCategory.DONE: _Shade("#1F4E79", "#FFFFFF"),
    StatusCategory.DOING: _Shade("#8FAADC"),
    StatusCategory.ONGOING: _Shade("#DAE3F3"),
    StatusCategory.TODO: _Shade("#C55A11", pattern="wide_upward_diagonal"),
    StatusCategory.EXEMPT: _Shade("#FFFFFF"),
}
# For statuses without a meaning, or with one that is already on the chart.
_SPARE = (
    _Shade("#404040", pattern="light_vertical"),
    _Shade("#7F7F7F", pattern="small_grid"),
    _Shade("#404040", pattern="wide_downward_diagonal"),
    _Shade("#7F7F7F", pattern="light_horizontal"),
    _Shade("#7F7F7F", pattern="large_grid"),
)


def draw_charts(
    canvas: SheetWriter,
    by_section: tuple[TableArea, Mapping[int, StatusLabel]],
    by_requirement: tuple[TableArea, int],
) -> None:
    """Draw both charts side by side in one tall row: a row is never split by a page.

    Each is given its table, and the columns of it that it shows.
    """
    most = max(_lines(area) for area, _ in (by_section, by_requirement))
    height = min(_TALLEST, 70.0 + 22.0 * most)
    width = sum(points(w) for w in canvas.widths) / 0.75
    size = {"width": (width - _GAP) / 2, "height": height / 0.75 - 8}
    charts = (_stacked(canvas, *by_section), _rates(canvas, *by_requirement))
    for number, chart in enumerate(charts):
        chart.set_size(size)
        place = {"x_offset": number * (size["width"] + _GAP), "y_offset": 4}
        done(canvas.sheet.insert_chart(canvas.row, 0, chart, place))
    canvas.advance(height)


def _lines(area: TableArea) -> int:
    return area.last - area.first + 1


def _stacked(
    canvas: SheetWriter, area: TableArea, statuses: Mapping[int, StatusLabel]
) -> Any:
    """Show how many rows of each section stand where."""
    chart = canvas.maker.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    shades = _shades(list(statuses.values()))
    for column, shade in zip(statuses, shades, strict=True):
        series = _series(area, column)
        chart.add_series(
            {**series, "gap": 45, "data_labels": shade.labels, **shade.look}
        )
    _furnish(chart, "各科室任务完成状态（件）", _lines(area))
    chart.set_legend({"position": "bottom", "font": _FONT})
    return chart


def _rates(canvas: SheetWriter, area: TableArea, column: int) -> Any:
    """Show how far each requirement is fulfilled."""
    chart = canvas.maker.workbook.add_chart({"type": "bar"})
    labels = {"value": True, "num_format": "0.0%", "font": _FONT}
    shade = _SHADES[StatusCategory.DOING].look
    series = _series(area, column)
    chart.add_series({**series, "gap": 60, "data_labels": labels, **shade})
    # Beyond the whole there is room for its figure.
    _furnish(chart, "各项工作要求完成率", _lines(area), longest=1.15)
    chart.set_legend({"none": True})
    return chart


def _series(area: TableArea, column: int) -> dict[str, Any]:
    """Name a column of a table by its header, its values by the table's labels."""
    return {
        "name": [area.sheet, area.first - 1, column],
        "categories": [area.sheet, area.first, 0, area.last, 0],
        "values": [area.sheet, area.first, column, area.last, column],
    }


def _furnish(chart: Any, title: str, lines: int, longest: float | None = None) -> None:
    """Give ``chart`` its title, and its first label the place at the top."""
    chart.set_title({"name": title, "name_font": _TITLE_FONT, "overlay": False})
    names = {"num_font": {**_FONT, "size": 9 if lines <= _MANY else 7}}
    every = {"interval_unit": 1} if lines <= _MOST_NAMES else {}
    chart.set_y_axis({"reverse": True, **names, **every})
    # The figures stand in the bars; a scale would only repeat them.
    scale = {"min": 0, "max": longest, "major_gridlines": {"visible": False}}
    chart.set_x_axis({"visible": False, **scale})
    chart.set_chartarea({"border": {"color": look.LINE}})


def _shades(statuses: Sequence[StatusLabel]) -> Iterator[_Shade]:
    """Give each status a shade of its own: by what it means, else the next spare."""
    free = dict(_SHADES)
    spare = 0
    for status in statuses:
        if status.meaning in free:
            yield free.pop(status.meaning)
        else:
            yield _SPARE[spare % len(_SPARE)]
            spare += 1


# The figures of the overview, counted here once more.
#
# They stand in the workbook as the cached values of its formulas: a viewer that does
# not calculate shows them, and one that does must come to the same.


@dataclass(frozen=True, slots=True)
class OverviewLine:
    """One line of an overview table; ``rate`` is None when nothing is to be done."""

    label: str
    total: int
    statuses: tuple[int, ...]
    overdue: int
    soon: int
    rate: float | None

    @property
    def counts(self) -> tuple[int, ...]:
        return (self.total, *self.statuses, self.overdue, self.soon)


@dataclass(frozen=True, slots=True)
class OverviewFigures:
    """All that the overview tells: over tasks, over rows, and the rows by two keys."""

    statuses: tuple[StatusLabel, ...]
    tasks: OverviewLine
    rows: OverviewLine
    by_section: tuple[OverviewLine, ...]
    by_requirement: tuple[OverviewLine, ...]
    sections_returned: int
    sections: int


def count_up(ledger: Ledger) -> OverviewFigures:
    """Count the ledger by status and urgency."""
    statuses = status_labels(ledger)
    rows = ledger.rows
    (tasks,) = _figure_lines(
        [""] * len(ledger.outcomes), ledger.outcomes, ("",), statuses
    )
    (total,) = _figure_lines([""] * len(rows), rows, ("",), statuses)
    sections = [row.section for row in rows]
    requirements = [row.task.requirement for row in rows]
    standings = [report.standing for report in ledger.sections]
    return OverviewFigures(
        statuses=statuses,
        tasks=tasks,
        rows=total,
        by_section=_figure_lines(sections, rows, sections_of(ledger), statuses),
        by_requirement=_figure_lines(
            requirements, rows, requirements_of(ledger), statuses
        ),
        sections_returned=sum(s.arrived for s in standings),
        sections=len(standings),
    )


def _figure_lines(
    keys: Sequence[str],
    items: Sequence[AssignmentResult | TaskSummary],
    labels: tuple[str, ...],
    statuses: tuple[StatusLabel, ...],
) -> tuple[OverviewLine, ...]:
    """Count ``items`` by the label each has in ``keys``, one line a label."""
    texts = [status.text for status in statuses]
    by_status = Counter(zip(keys, (item.status for item in items), strict=True))
    by_urgency = Counter(zip(keys, (item.urgency for item in items), strict=True))
    return tuple(
        _line(
            label,
            tuple(by_status[label, text] for text in texts),
            (by_urgency[label, Urgency.OVERDUE], by_urgency[label, Urgency.SOON]),
            statuses,
        )
        for label in labels
    )


def _line(
    label: str,
    counts: tuple[int, ...],
    urgent: tuple[int, int],
    statuses: Sequence[StatusLabel],
) -> OverviewLine:
    return OverviewLine(label, sum(counts), counts, *urgent, _rate(counts, statuses))


def _rate(counts: Sequence[int], statuses: Sequence[StatusLabel]) -> float | None:
    """Return 已完成 ÷ (总数 − 不涉及)."""
    with_meaning = list(zip(counts, statuses, strict=True))
    done = sum(n for n, s in with_meaning if s.meaning is StatusCategory.DONE)
    exempt = sum(n for n, s in with_meaning if s.meaning is StatusCategory.EXEMPT)
    base = sum(counts) - exempt
    return done / base if base else None
