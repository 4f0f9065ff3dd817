"""总览: the year on two pages. Every figure is a formula over the other sheets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from xlsxwriter.utility import xl_rowcol_to_cell

from ledgerbook.ledger import Ledger, Standing, Urgency
from ledgerbook.model import Meaning
from ledgerbook.sheets import typography as look
from ledgerbook.summary import formulas
from ledgerbook.summary.annual import TaskRanges
from ledgerbook.summary.charts import draw_charts
from ledgerbook.summary.detail import RowRanges
from ledgerbook.summary.figures import Figures, Line
from ledgerbook.summary.formulas import Match
from ledgerbook.summary.labels import NO_REQUIREMENT
from ledgerbook.summary.sheet import Canvas
from ledgerbook.summary.table import Area, draw_head
from ledgerbook.text import chinese_date

_LABEL_WIDTH = 34.0
_FIGURES_WIDTH = 118.0
_WIDEST, _NARROWEST = 12.0, 8.0
_PERCENT = {"num_format": "0.0%"}
_DASH = "—"


@dataclass(frozen=True, slots=True)
class Counted:
    """The cells of the other sheets that the overview counts."""

    tasks: TaskRanges
    rows: tuple[RowRanges, ...]
    standings: str


class _Overview:
    """The sheet in the making: what is counted, and the pen that draws it."""

    def __init__(self, canvas: Canvas, figures: Figures, counted: Counted) -> None:
        self.canvas = canvas
        self.figures = figures
        self.counted = counted
        urgencies = (Urgency.OVERDUE.value, Urgency.SOON.value)
        statuses = tuple(status.text for status in figures.statuses)
        self.headers = ("总数", *statuses, *urgencies, "完成率")

    # -- tables ------------------------------------------------------------------

    def overall(self) -> Area:
        """Draw two lines: the tasks by roll-up, and the rows of all sections."""
        tasks, rows = self.counted.tasks, self.counted.rows
        head = self._head("统计口径")
        total = f"=COUNT({tasks.numbers})"
        self._line("任务（项）", self.figures.tasks, head, [(tasks, ())], total)
        total = formulas.added(f"COUNTA({part.sections})" for part in rows)
        over = [(part, ()) for part in rows]
        self._line("科室任务（件）", self.figures.rows, head, over, total)
        return Area(self.canvas.name, head + 1, head + 2)

    def breakdown(
        self,
        title: str,
        keys: Callable[[RowRanges], str],
        lines: Sequence[Line],
        blank: str = "",
    ) -> Area:
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
        return Area(self.canvas.name, head + 1, last)

    def _head(self, title: str) -> int:
        head = self.canvas.row
        draw_head(self.canvas, [(h, 1) for h in (title, *self.headers)], look.HEAD_SIZE)
        return head

    def _line(
        self,
        label: str,
        line: Line,
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

    def _fill(self, label: str, matched: Sequence[str], line: Line, style: str) -> None:
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
        def cells(meaning: Meaning) -> list[str]:
            return [
                xl_rowcol_to_cell(row, column)
                for column, status in enumerate(self.figures.statuses, 2)
                if status.meaning is meaning
            ]

        total = xl_rowcol_to_cell(row, 1)
        return formulas.rate(total, cells(Meaning.DONE), cells(Meaning.EXEMPT))

    # -- key figures -------------------------------------------------------------

    def tiles(self, top: int, overall: Area) -> None:
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
            f'-COUNTIF({cells},"{one.value}")' for one in Standing if not one.arrived
        )
        return f'=COUNTA({cells}){absent}&"/"&COUNTA({cells})'

    def _returned_text(self) -> str:
        return f"{self.figures.sections_returned}/{self.figures.sections}"


def draw_overview(
    canvas: Canvas, ledger: Ledger, figures: Figures, counted: Counted
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


def _explained(figures: Figures) -> str:
    """Say what is counted and how, in the office's own status words."""

    def words(meaning: Meaning) -> str:
        own = [s.text for s in figures.statuses if s.meaning is meaning]
        return "、".join(own) or meaning.value

    return (
        "说明：“任务”按年度汇总表的完成状态统计；“科室任务”指一个科室承担的一项任务，"
        f"计一件。完成率={words(Meaning.DONE)}÷（总数-{words(Meaning.EXEMPT)}）；"
        "没有可计算的任务时记“—”。"
    )
