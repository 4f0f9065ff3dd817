"""Draw 总览: the year on one upright page, with key figures, the sheets, tables and charts.

Every figure is a formula over the other sheets. Its value is computed here as well, for
viewers that do not calculate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ledgerbook.a1_references import format_area_reference, format_cell_reference
from ledgerbook.excel import formulas, styles
from ledgerbook.excel.formulas import LabelMatch
from ledgerbook.excel.pagination import convert_to_points
from ledgerbook.excel.portrait_page import (
    MIN_PRINT_SIZE,
    PORTRAIT_WIDTH,
    compute_width_of_points,
    fit_portrait,
)
from ledgerbook.excel.sheet_writer import SheetWriter
from ledgerbook.excel.tables import TableArea, draw_header_row
from ledgerbook.excel.workbook_writer import check_result
from ledgerbook.model import ColumnSource, StatusCategory
from ledgerbook.model.form_columns import get_official_header, get_status_header
from ledgerbook.model.results import (
    NOT_READ,
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
    describe_personal_data,
    list_requirements,
    list_sections,
    list_status_labels,
)
from ledgerbook.summary.registers import describe_unlisted_registers
from ledgerbook.summary.sheet_index import SheetEntry, draw_sheet_index
from ledgerbook.summary.task_table import TaskRanges
from ledgerbook.text import format_chinese_date

# The smallest type of the sheet.
_FONT_SIZE = 10.0
_FIGURE_WIDTH, _MIN_LABEL_WIDTH, _MAX_LABEL_WIDTH = 7.0, 20.0, 40.0
_PERCENT_FORMAT = {"num_format": "0.0%"}
_DASH = "—"
_KEY_FIGURE_COUNT = 6
_TASKS_LABEL, _ROWS_LABEL = "任务总数（项）", "科室任务数（件）"
_RATE_LABEL = "完成率（按科室任务）"
_OVERDUE_LABEL, _SOON_LABEL = "逾期（件）", "临期（件）"
_URGENCIES = tuple(urgency.value for urgency in Urgency if urgency is not Urgency.NONE)


@dataclass(frozen=True, slots=True)
class CountedCells:
    """The cells of the other sheets that the overview counts."""

    tasks: TaskRanges
    rows: tuple[RowRanges, ...]
    submission_statuses: str


class _OverviewWriter:
    """Draws the tables of the sheet from the figures and the cells they count."""

    def __init__(self, canvas: SheetWriter, figures: OverviewFigures, ranges: CountedCells) -> None:
        self.canvas = canvas
        self.figures = figures
        self.ranges = ranges
        statuses = tuple(status.text for status in figures.statuses)
        self.headers = ("总数", *statuses, *_URGENCIES, "完成率")

    # --- tables ---

    def draw_overall(self) -> TableArea:
        """Draw two lines: the tasks by their summaries, and the rows of all sections."""
        tasks, rows = self.ranges.tasks, self.ranges.rows
        header_row = self._draw_header("统计口径")
        total_formula = f"=COUNT({tasks.numbers})"
        self._draw_line("任务（项）", self.figures.tasks, header_row, [(tasks, ())], total_formula)
        total_formula = formulas.build_addition_formula(
            f"COUNTA({row_ranges.sections})" for row_ranges in rows
        )
        range_matches = [(row_ranges, ()) for row_ranges in rows]
        self._draw_line(
            "科室任务（件）",
            self.figures.rows,
            header_row,
            range_matches,
            total_formula,
        )
        return TableArea(self.canvas.name, header_row + 1, header_row + 2)

    def draw_breakdown(
        self,
        title: str,
        get_range: Callable[[RowRanges], str],
        lines: Sequence[OverviewLine],
        blank_label: str = "",
        unrated_labels: Collection[str] = (),
    ) -> TableArea:
        """Draw the rows by the labels in ``get_range``, with a total below.

        Lines of ``unrated_labels`` have no rate, as nothing of them is known.
        """
        header_row = self._draw_header(title)
        for line in lines:
            label_cell = format_cell_reference((self.canvas.row, 0), absolute_column=True)
            criterion = label_cell if line.label else '""'
            range_matches = [
                (
                    row_ranges,
                    (LabelMatch(get_range(row_ranges), criterion, line.label),),
                )
                for row_ranges in self.ranges.rows
            ]
            total_formula = formulas.build_addition_formula(
                formulas.build_count_formula(matches) for _, matches in range_matches
            )
            self._draw_line(
                line.label or blank_label,
                line,
                header_row,
                range_matches,
                total_formula,
                has_rate=line.label not in unrated_labels,
            )
        last_row = self.canvas.row - 1
        self._draw_total(header_row, last_row)
        return TableArea(self.canvas.name, header_row + 1, last_row)

    def _draw_header(self, title: str) -> int:
        header_row = self.canvas.row
        draw_header_row(
            self.canvas,
            [(header, 1) for header in (title, *self.headers)],
            _FONT_SIZE,
        )
        return header_row

    def _draw_line(
        self,
        label: str,
        line: OverviewLine,
        header_row: int,
        range_matches: Sequence[tuple[TaskRanges | RowRanges, tuple[LabelMatch, ...]]],
        total_formula: str,
        *,
        has_rate: bool = True,
    ) -> None:
        """Draw one line; each figure counts the cells equal to the header above it."""
        figure_formulas: list[str] = [total_formula]
        for column, header in enumerate(self.headers[1:-1], 2):
            header_cell = format_cell_reference((header_row, column), absolute_row=True)
            is_urgency = column > 1 + len(self.figures.statuses)
            count_formulas = [
                formulas.build_count_formula((*matches, LabelMatch(cells, header_cell, header)))
                for ranges, matches in range_matches
                for cells in [ranges.urgencies if is_urgency else ranges.statuses]
            ]
            figure_formulas.append(formulas.build_addition_formula(count_formulas))
        self._fill_row(label, figure_formulas, line, "body", has_rate=has_rate)

    def _draw_total(self, header_row: int, last_row: int) -> None:
        """Draw the sums of the lines above.

        The sums include the header's row, so that a line inserted below it is counted.
        """
        sum_formulas = [
            formulas.build_sum_formula(
                format_area_reference((header_row, column), (last_row, column))
            )
            for column in range(1, len(self.headers))
        ]
        self._fill_row("合计", sum_formulas, self.figures.rows, "locked")

    def _fill_row(
        self,
        label: str,
        figure_formulas: Sequence[str],
        line: OverviewLine,
        style: str,
        *,
        has_rate: bool = True,
    ) -> None:
        """Write label, figures and rate of a line into the row."""
        canvas, row = self.canvas, self.canvas.row
        text_style = canvas.get_style(style, font_size=_FONT_SIZE)
        canvas.write_range((row, 0, row, 0), label, text_style)
        centered_style = canvas.get_style(style, font_size=_FONT_SIZE, align="center")
        for column, (formula, value) in enumerate(
            zip(figure_formulas, line.counts, strict=True), 1
        ):
            canvas.write_formula((row, column, row, column), formula, value, centered_style)
        column = len(self.headers)
        percent_style = canvas.get_style(
            style, font_size=_FONT_SIZE, align="center", **_PERCENT_FORMAT
        )
        rate = _DASH if line.rate is None else line.rate
        box = (row, column, row, column)
        if has_rate:
            canvas.write_formula(box, self._build_rate_formula(row), rate, percent_style)
        else:
            canvas.write_range(box, _DASH, percent_style)
        canvas.finish_row(styles.compute_row_height([(label, canvas.widths[0])], _FONT_SIZE))

    def _build_rate_formula(self, row: int) -> str:
        def list_cells(meaning: StatusCategory) -> list[str]:
            return [
                format_cell_reference((row, column))
                for column, status in enumerate(self.figures.statuses, 2)
                if status.meaning is meaning
            ]

        total_cell = format_cell_reference((row, 1))
        return formulas.build_rate_formula(
            total_cell,
            list_cells(StatusCategory.COMPLETED),
            list_cells(StatusCategory.NOT_APPLICABLE),
        )

    # --- key figures ---

    def draw_key_figures(self, top_row: int, overall: TableArea, returned_label: str) -> None:
        """Draw the six key figures in large type, their labels above them."""
        tasks, rows = self.figures.tasks, self.figures.rows
        rate_column = len(self.headers)
        rate_value = _DASH if rows.rate is None else rows.rate
        key_figures: tuple[tuple[str, str, str | float], ...] = (
            (
                _TASKS_LABEL,
                self._build_reference(overall.first_row, 1),
                tasks.total,
            ),
            (
                _ROWS_LABEL,
                self._build_reference(overall.last_row, 1),
                rows.total,
            ),
            (
                _RATE_LABEL,
                self._build_reference(overall.last_row, rate_column),
                rate_value,
            ),
            (
                _OVERDUE_LABEL,
                self._build_reference(overall.last_row, rate_column - len(_URGENCIES)),
                rows.by_urgency[0],
            ),
            (
                _SOON_LABEL,
                self._build_reference(overall.last_row, rate_column - len(_URGENCIES) + 1),
                rows.by_urgency[1],
            ),
            (returned_label, self._build_returned_formula(), self._format_returned()),
        )
        boxes = _distribute_columns(len(self.headers), _KEY_FIGURE_COUNT)
        for (label, formula, value), (left, right) in zip(key_figures, boxes, strict=True):
            self._draw_key_figure((top_row, left, top_row + 1, right), label, formula, value)

    def compute_label_height(self, returned_label: str) -> float:
        """Return the height of the labels of the key figures."""
        boxes = _distribute_columns(len(self.headers), _KEY_FIGURE_COUNT)
        widths = [self.canvas.compute_span_width(a, b - a + 1) for a, b in boxes]
        labels = (_TASKS_LABEL, _ROWS_LABEL, _RATE_LABEL, _OVERDUE_LABEL, _SOON_LABEL)
        cells = zip((*labels, returned_label), widths, strict=True)
        return styles.compute_row_height(cells, styles.HEADER_SIZE)

    def _draw_key_figure(
        self,
        box: tuple[int, int, int, int],
        label: str,
        formula: str,
        value: str | float,
    ) -> None:
        top, left, bottom, right = box
        canvas = self.canvas
        canvas.write_range((top, left, top, right), label, canvas.get_style("head"))
        number_format = _PERCENT_FORMAT if isinstance(value, float) else {}
        figure_style = canvas.get_style(
            align="center", font_name=styles.HEADER_FONT, font_size=20, **number_format
        )
        canvas.write_formula((bottom, left, bottom, right), formula, value, figure_style)

    def _build_reference(self, row: int, column: int) -> str:
        return f"={format_cell_reference((row, column), absolute_row=True, absolute_column=True)}"

    def _build_returned_formula(self) -> str:
        cells = self.ranges.submission_statuses

        def count(is_counted: Callable[[SubmissionStatus], bool]) -> str:
            statuses = (status for status in SubmissionStatus if is_counted(status))
            return "".join(f'-COUNTIF({cells},"{status.value}")' for status in statuses)

        arrived = f"COUNTA({cells}){count(lambda status: not status.has_arrived)}"
        asked = (
            f"COUNTA({cells}){count(lambda status: not (status.has_arrived or status.is_absent))}"
        )
        return f'={arrived}&"/"&{asked}'

    def _format_returned(self) -> str:
        return f"{self.figures.returned_section_count}/{self.figures.section_count}"


def draw_overview(
    canvas: SheetWriter,
    ledger: Ledger,
    figures: OverviewFigures,
    ranges: CountedCells,
    entries: Sequence[SheetEntry],
) -> None:
    """Draw the overview of the year: key figures, the index of the sheets, tables, charts."""
    overview = _OverviewWriter(canvas, figures, ranges)
    canvas.set_columns(_compute_overview_widths(len(overview.headers)))
    book = ledger.book
    canvas.write_title(f"{book.agency}{book.year}年{book.work_name}落实情况汇总")
    canvas.write_note(f"汇总日期：{format_chinese_date(ledger.as_of)}", align="center")
    if personal_text := describe_personal_data(ledger):
        canvas.write_note(personal_text)
    frozen_row = top_row = canvas.row
    returned_label = _label_returned_sections(ledger)
    canvas.finish_row(max(22, overview.compute_label_height(returned_label)))
    canvas.finish_row(36)
    block_rows = [canvas.row]
    draw_sheet_index(canvas, entries)
    block_rows.append(canvas.row)
    canvas.write_heading("一、总体情况")
    overall = overview.draw_overall()
    overview.draw_key_figures(top_row, overall, returned_label)
    status_header = get_status_header(book.task_form)
    canvas.write_note(_explain_figures(figures, status_header) + _explain_recurring_tasks(ledger))
    if carried_text := _explain_earlier_rounds(ledger):
        canvas.write_note(carried_text)
    if registers_text := describe_unlisted_registers(ledger):
        canvas.write_note(registers_text)
    block_rows.append(canvas.row)
    canvas.write_heading("二、各科室落实情况（科室任务，件）")
    sections = overview.draw_breakdown(
        "科室",
        lambda r: r.sections,
        figures.by_section,
        unrated_labels=find_unread_sections(ledger),
    )
    block_rows.append(canvas.row)
    requirement_header = get_official_header(book.task_form, ColumnSource.REQUIREMENT)
    canvas.write_heading(f"三、各项{requirement_header}落实情况（科室任务，件）")
    requirements = overview.draw_breakdown(
        requirement_header, lambda r: r.requirements, figures.by_requirement, NO_REQUIREMENT
    )
    if figures.rows.total:
        block_rows.append(canvas.row)
        statuses = dict(enumerate(figures.statuses, 2))
        titles = (f"各科室任务{status_header}（件）", f"各项{requirement_header}完成率")
        draw_charts(canvas, titles, (sections, statuses), (requirements, len(overview.headers)))
    # The title stands on each page, or the header of a table that takes more than one.
    header_row = sections.first_row - 1
    height = sum(canvas.heights[header_row : sections.last_row + 1])
    fit = fit_portrait(canvas.widths, sum(canvas.heights), _FONT_SIZE)
    repeated_row = header_row if height > fit.page_height else 0
    canvas.set_up_page_and_freeze(header_row=repeated_row, frozen_rows=frozen_row)
    canvas.set_up_portrait_page(fit, block_rows, repeated_row)


def find_unread_sections(ledger: Ledger) -> set[str]:
    """Return the sections of whose tasks nothing could be read by a fault of the program."""
    unread = {row.section for row in ledger.assignment_results if row.status == NOT_READ}
    return unread - {row.section for row in ledger.assignment_results if row.status != NOT_READ}


def _compute_overview_widths(figure_count: int) -> tuple[float, ...]:
    """Return widths with which the smallest type is legible on an upright page, if they can."""
    available = PORTRAIT_WIDTH * _FONT_SIZE / MIN_PRINT_SIZE
    figures = figure_count * convert_to_points(_FIGURE_WIDTH)
    label_width = compute_width_of_points(available - figures)
    label_width = min(_MAX_LABEL_WIDTH, max(_MIN_LABEL_WIDTH, label_width))
    return (label_width, *(_FIGURE_WIDTH for _ in range(figure_count)))


def _distribute_columns(column_count: int, tile_count: int) -> list[tuple[int, int]]:
    """Return (first, last) sheet columns for ``tile_count`` boxes across the sheet."""
    edges = [1 + round(column_count * n / (tile_count - 1)) for n in range(tile_count)]
    return [(0, 0), *((a, b - 1) for a, b in pairwise(edges))]


def _label_returned_sections(ledger: Ledger) -> str:
    """Return the label of how many sections returned: of which round, if there are several."""
    label = "报送科室"
    if len(ledger.book.rounds) == 1 or not ledger.section_reports:
        return label
    report = ledger.section_reports[0]
    due = f"，应报 {report.due}" if report.due else ""
    return f"{label}（{report.round}{due}）"


def _explain_earlier_rounds(ledger: Ledger) -> str:
    """Return a sentence on the sections that answered earlier rounds alone, or blank."""
    entered = {entry.section for entry in ledger.register_entries}
    reports = [
        report
        for report in ledger.section_reports
        if report.status.is_absent and (report.filled_row_count or report.section in entered)
    ]
    if not reports:
        return ""
    return (
        f"有 {len(reports)} 个科室还没有报“{reports[0].round}”："
        "除报送科室数以外，各项数字里它们的情况是以前批次报的。"
    )


def _explain_recurring_tasks(ledger: Ledger) -> str:
    """Return a sentence on how recurring tasks are counted, or blank."""
    if not any(task_summary.recurrence_progress for task_summary in ledger.task_summaries):
        return ""
    both = sum(
        row.category is StatusCategory.COMPLETED and row.urgency is Urgency.OVERDUE
        for row in ledger.assignment_results
    )
    both_text = (
        f"“科室任务”的完成率按各科室选的状态算：有 {both} 件最近一次办了、以前有一次没有办，"
        "既算完成，也算逾期。"
        if both
        else ""
    )
    return (
        "定期要做的任务按次考核：全年各次都办了，“任务”才算完成；"
        f"有一次过了期限没有办，就是逾期，几次没有办也只计一件。{both_text}"
    )


def _explain_figures(figures: OverviewFigures, status_header: str) -> str:
    """Return what is counted and how, in the office's own status words."""

    def join_labels(meaning: StatusCategory) -> str:
        labels = [s.text for s in figures.statuses if s.meaning is meaning]
        return "、".join(labels) or meaning.value

    return (
        f"说明：“任务”按年度汇总表的{status_header}统计；“科室任务”指一个科室承担的一项任务，"
        f"计一件。完成率={join_labels(StatusCategory.COMPLETED)}÷（总数-{join_labels(StatusCategory.NOT_APPLICABLE)}）；"
        "没有可计算的任务时记“—”。“超期完成”是完成日期晚于完成期限的，也计入完成率。"
    )


# --- charts: their fills differ in a grey print too ---

_CHART_GAP = 12
_MIN_CHART_HEIGHT, _MAX_CHART_HEIGHT = 130.0, 400.0
# From so many bars on their names are smaller, and from so many on not all are shown.
_MAX_BARS_LARGE_FONT, _MAX_BARS_ALL_LABELS = 16, 32
_LABEL_FONT = {"name": styles.BODY_FONT, "size": 10}
_TITLE_FONT = {"name": styles.HEADER_FONT, "size": 11, "bold": False}
_BAR_BORDER = {"color": styles.TEXT_COLOR, "width": 0.5}


@dataclass(frozen=True, slots=True)
class _Shade:
    """A fill, with the colour of the figure that stands in it."""

    fill_color: str
    font_color: str = styles.TEXT_COLOR
    pattern: str = ""

    @property
    def series_format(self) -> dict[str, Any]:
        if not self.pattern:
            return {"fill": {"color": self.fill_color}, "border": _BAR_BORDER}
        pattern_format = {
            "pattern": self.pattern,
            "fg_color": self.fill_color,
            "bg_color": "#FFFFFF",
        }
        return {"pattern": pattern_format, "border": _BAR_BORDER}

    @property
    def label_format(self) -> dict[str, Any]:
        """The label of a bar's figure; none for 0, on white where the bar is hatched."""
        label_format = {
            "value": True,
            "num_format": "0;;;",
            "font": {**_LABEL_FONT, "color": self.font_color},
        }
        return {**label_format, "fill": {"color": "#FFFFFF"}} if self.pattern else label_format


_SHADES: Mapping[StatusCategory, _Shade] = {
    StatusCategory.COMPLETED: _Shade("#1F4E79", "#FFFFFF"),
    StatusCategory.IN_PROGRESS: _Shade("#8FAADC"),
    StatusCategory.ONGOING: _Shade("#DAE3F3"),
    StatusCategory.NOT_STARTED: _Shade("#C55A11", "#FFFFFF"),
    StatusCategory.NOT_APPLICABLE: _Shade("#FFFFFF"),
}
# For statuses without a meaning (未填、未报送), or with one that is already on the chart. They
# lie between the others when printed in grey; dots, where plain greys are used up.
_SPARE_SHADES = (
    _Shade("#C4C4C4"),
    _Shade("#8C8C8C"),
    _Shade("#404040", pattern="percent_10"),
    _Shade("#404040", pattern="percent_25"),
    _Shade("#404040", pattern="percent_40"),
)


def draw_charts(
    canvas: SheetWriter,
    titles: tuple[str, str],
    by_section: tuple[TableArea, Mapping[int, StatusLabel]],
    by_requirement: tuple[TableArea, int],
) -> None:
    """Draw both charts side by side in one tall row: a row is never split by a page.

    Each is given its title, its table, and the columns of the table that it shows.
    """
    max_lines = max(_count_lines(area) for area, _ in (by_section, by_requirement))
    height = _compute_chart_height(max_lines)
    width = sum(convert_to_points(w) for w in canvas.widths) / 0.75
    size = {"width": (width - _CHART_GAP) / 2, "height": height / 0.75 - 8}
    charts = (
        _build_status_chart(canvas, titles[0], *by_section),
        _build_rate_chart(canvas, titles[1], *by_requirement),
    )
    for number, chart in enumerate(charts):
        chart.set_size(size)
        position = {"x_offset": number * (size["width"] + _CHART_GAP), "y_offset": 4}
        check_result(canvas.sheet.insert_chart(canvas.row, 0, chart, position))
    canvas.finish_row(height)


def draw_rate_chart(canvas: SheetWriter, title: str, area: TableArea, column: int) -> None:
    """Draw the chart of the rates in a column over the whole width, in one tall row."""
    height = _compute_chart_height(_count_lines(area))
    width = sum(convert_to_points(w) for w in canvas.widths) / 0.75
    chart = _build_rate_chart(canvas, title, area, column)
    chart.set_size({"width": width, "height": height / 0.75 - 8})
    check_result(canvas.sheet.insert_chart(canvas.row, 0, chart, {"y_offset": 4}))
    canvas.finish_row(height)


def _compute_chart_height(line_count: int) -> float:
    return min(_MAX_CHART_HEIGHT, max(_MIN_CHART_HEIGHT, 56.0 + 18.0 * line_count))


def _count_lines(area: TableArea) -> int:
    return area.last_row - area.first_row + 1


def _build_status_chart(
    canvas: SheetWriter, title: str, area: TableArea, statuses: Mapping[int, StatusLabel]
) -> Any:
    """Build the chart of the rows of each section by status."""
    chart = canvas.workbook_writer.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    shades = _assign_shades(list(statuses.values()))
    for column, shade in zip(statuses, shades, strict=True):
        series = _build_series(area, column)
        chart.add_series(
            {
                **series,
                "gap": 45,
                "data_labels": shade.label_format,
                **shade.series_format,
            }
        )
    _format_chart(chart, title, _count_lines(area))
    chart.set_legend({"position": "bottom", "font": _LABEL_FONT})
    return chart


def _build_rate_chart(canvas: SheetWriter, title: str, area: TableArea, column: int) -> Any:
    """Build the chart of the completion rate of each requirement."""
    chart = canvas.workbook_writer.workbook.add_chart({"type": "bar"})
    label_format = {"value": True, "num_format": "0.0%", "font": _LABEL_FONT}
    series_format = _SHADES[StatusCategory.IN_PROGRESS].series_format
    series = _build_series(area, column)
    chart.add_series({**series, "gap": 60, "data_labels": label_format, **series_format})
    # Beyond the whole there is room for its figure.
    _format_chart(chart, title, _count_lines(area), max_value=1.15)
    chart.set_legend({"none": True})
    return chart


def _build_series(area: TableArea, column: int) -> dict[str, Any]:
    """Return a series named by a column's header, its values named by the row labels."""
    return {
        "name": [area.sheet, area.first_row - 1, column],
        "categories": [area.sheet, area.first_row, 0, area.last_row, 0],
        "values": [area.sheet, area.first_row, column, area.last_row, column],
    }


def _format_chart(chart: Any, title: str, line_count: int, max_value: float | None = None) -> None:
    """Set title, fonts and axes of a chart, the first label at the top."""
    chart.set_title({"name": title, "name_font": _TITLE_FONT, "overlay": False})
    label_font = {
        "num_font": {
            **_LABEL_FONT,
            "size": 10 if line_count <= _MAX_BARS_LARGE_FONT else 7,
        }
    }
    interval = {"interval_unit": 1} if line_count <= _MAX_BARS_ALL_LABELS else {}
    chart.set_y_axis({"reverse": True, **label_font, **interval})
    # The figures stand in the bars; a scale would only repeat them.
    scale = {"min": 0, "max": max_value, "major_gridlines": {"visible": False}}
    chart.set_x_axis({"visible": False, **scale})
    chart.set_chartarea({"border": {"color": styles.BORDER_COLOR}})


def _assign_shades(statuses: Sequence[StatusLabel]) -> Iterator[_Shade]:
    """Return a shade for each status: by its meaning, else the next spare one."""
    free_shades = dict(_SHADES)
    spare_index = 0
    for status in statuses:
        if status.meaning in free_shades:
            yield free_shades.pop(status.meaning)
        else:
            yield _SPARE_SHADES[spare_index % len(_SPARE_SHADES)]
            spare_index += 1


# --- the values of the figures: the cached values of the formulas ---


@dataclass(frozen=True, slots=True)
class OverviewLine:
    """One line of an overview table; ``rate`` is None where no task counts."""

    label: str
    total: int
    statuses: tuple[int, ...]
    by_urgency: tuple[int, ...]
    rate: float | None

    @property
    def counts(self) -> tuple[int, ...]:
        return (self.total, *self.statuses, *self.by_urgency)


@dataclass(frozen=True, slots=True)
class OverviewFigures:
    """All figures of the overview: of tasks, of rows, and of rows by two labels."""

    statuses: tuple[StatusLabel, ...]
    tasks: OverviewLine
    rows: OverviewLine
    by_section: tuple[OverviewLine, ...]
    by_requirement: tuple[OverviewLine, ...]
    returned_section_count: int
    section_count: int


def count_overview_figures(ledger: Ledger) -> OverviewFigures:
    """Count the ledger by status and urgency."""
    statuses = list_status_labels(ledger)
    rows = ledger.assignment_results
    (tasks,) = _count_figure_lines(
        [""] * len(ledger.task_summaries), ledger.task_summaries, ("",), statuses
    )
    (row_total,) = _count_figure_lines([""] * len(rows), rows, ("",), statuses)
    sections = [row.section for row in rows]
    requirements = [row.task.requirement for row in rows]
    submission_statuses = [report.status for report in ledger.section_reports]
    return OverviewFigures(
        statuses=statuses,
        tasks=tasks,
        rows=row_total,
        by_section=_count_figure_lines(sections, rows, list_sections(ledger), statuses),
        by_requirement=_count_figure_lines(requirements, rows, list_requirements(ledger), statuses),
        returned_section_count=sum(s.has_arrived for s in submission_statuses),
        section_count=sum(s.has_arrived or s.is_absent for s in submission_statuses),
    )


def _count_figure_lines(
    keys: Sequence[str],
    items: Sequence[AssignmentResult | TaskSummary],
    labels: tuple[str, ...],
    statuses: tuple[StatusLabel, ...],
) -> tuple[OverviewLine, ...]:
    """Count ``items`` by their labels in ``keys``; return one line a label."""
    texts = [status.text for status in statuses]
    by_status = Counter(zip(keys, (item.status for item in items), strict=True))
    by_urgency = Counter(zip(keys, (item.urgency for item in items), strict=True))
    return tuple(
        _build_figure_line(
            label,
            tuple(by_status[label, text] for text in texts),
            tuple(by_urgency[label, Urgency(urgency)] for urgency in _URGENCIES),
            statuses,
        )
        for label in labels
    )


def _build_figure_line(
    label: str,
    counts: tuple[int, ...],
    urgency_counts: tuple[int, ...],
    statuses: Sequence[StatusLabel],
) -> OverviewLine:
    return OverviewLine(label, sum(counts), counts, urgency_counts, _compute_rate(counts, statuses))


def _compute_rate(counts: Sequence[int], statuses: Sequence[StatusLabel]) -> float | None:
    """Return 已完成 ÷ (总数 − 不涉及)."""
    base = sum(counts) - count_by_meaning(counts, statuses, StatusCategory.NOT_APPLICABLE)
    return count_by_meaning(counts, statuses, StatusCategory.COMPLETED) / base if base else None


def count_by_meaning(
    counts: Sequence[int], statuses: Sequence[StatusLabel], meaning: StatusCategory
) -> int:
    """Return how many of the ``counts``, one a status, are of statuses with one meaning."""
    return sum(n for n, s in zip(counts, statuses, strict=True) if s.meaning is meaning)
