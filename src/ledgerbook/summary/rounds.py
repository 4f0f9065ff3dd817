"""Draw 各批次进展: each round by its due day and with late returns, and the way in a chart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from ledgerbook.excel import styles
from ledgerbook.excel.pagination import convert_to_points
from ledgerbook.excel.sheet_writer import SheetWriter
from ledgerbook.excel.tables import TableArea, TableColumn, draw_header_row, draw_table
from ledgerbook.excel.workbook_writer import check_result
from ledgerbook.model import Form, StatusCategory
from ledgerbook.model.results import Ledger, RoundFigures, RoundReport
from ledgerbook.text import format_chinese_date

AT_DUE, WITH_LATE, SO_FAR = "截止", "含补报", "至今"


@dataclass(frozen=True, slots=True)
class RoundLine:
    """One line of the table: the figures of a round, and which of the two they are."""

    round: str
    due: date | None
    basis: str
    figures: RoundFigures


def list_round_lines(reports: tuple[RoundReport, ...]) -> Iterator[RoundLine]:
    """Yield two lines for each round whose due day is over, one for others."""
    for report in reports:
        if report.at_due:
            yield RoundLine(report.round, report.due, AT_DUE, report.at_due)
        basis = WITH_LATE if report.at_due else SO_FAR
        yield RoundLine(report.round, report.due, basis, report.with_late)


def draw_rounds(canvas: SheetWriter, ledger: Ledger) -> None:
    """Draw the figures of each round so far, and a chart of the completion rates."""
    columns = _build_columns(ledger.book.task_form)
    canvas.set_columns([column.width for column in columns])
    canvas.write_title("各批次进展")
    canvas.write_note(
        f"汇总日期：{format_chinese_date(ledger.as_of)}。“{AT_DUE}”只算应报日期当天及以前收到的表"
        f"和综合科更正代填的内容，过了应报日期就不再变；“{WITH_LATE}”再加上后来的。"
        "应报的科室和任务以该批次下发的为准。"
        "状态各栏是该批次结束时的累计情况（科室任务，件）：没有再报的，沿用以前批次报的；"
        "零报告的，没有填过的算不涉及。“其中超期完成”在已完成里面。"
    )
    if unissued := _describe_not_issued(ledger):
        canvas.write_note(unissued)
    frozen_row = canvas.row
    canvas.write_heading("一、各批次报送和完成情况")
    header_row = canvas.row
    lines = list(list_round_lines(ledger.round_reports))
    empty_text = "还没有收到任何批次的报送表。"
    draw_table(canvas, columns, lines, empty_text=empty_text, table_name="rounds")
    # The title stands on each page; the header only where its own table takes more than one.
    table_height = sum(canvas.heights[header_row:])
    repeated_row = header_row if table_height > canvas.page_height else 0
    if len(ledger.round_reports) > 1:
        rates_row = canvas.row
        canvas.write_heading("二、完成率走势")
        _draw_chart(canvas, _draw_rates(canvas, ledger.round_reports))
        canvas.keep_blocks_together([frozen_row, rates_row], repeated_row)
    canvas.set_up_page_and_freeze(header_row=repeated_row, frozen_rows=frozen_row)


def _describe_not_issued(ledger: Ledger) -> str:
    """Return a sentence that names the sections that the latest round was not issued to."""
    if not ledger.round_reports or not ledger.round_reports[-1].not_issued_sections:
        return ""
    report = ledger.round_reports[-1]
    names = "、".join(report.not_issued_sections)
    return f"“{report.round}”这一批次没有给{names}下发过表，不算未报。"


def _build_columns(form: Form) -> tuple[TableColumn[RoundLine], ...]:
    return (
        TableColumn("批次", 13, lambda line: line.round, "center"),
        TableColumn("应报日期", 11.5, lambda line: line.due, "center"),
        TableColumn("口径", 8, lambda line: line.basis, "center"),
        TableColumn("已报科室数", 8, lambda line: len(line.figures.returned_sections), "center"),
        TableColumn("未报科室", 30, lambda line: "、".join(line.figures.missing_sections) or "无"),
        TableColumn("科室任务数", 8, lambda line: line.figures.row_count, "center"),
        *(_build_category_column(form, meaning) for meaning in StatusCategory),
        TableColumn("未填或未报", 9, lambda line: line.figures.count(None), "center"),
        TableColumn("其中超期完成", 9, lambda line: len(line.figures.late_rows), "center"),
        TableColumn("完成率", 9, _format_completion_rate, "center"),
    )


def _build_category_column(form: Form, meaning: StatusCategory) -> TableColumn[RoundLine]:
    """Return the count of one category, headed by the office's choices for it."""
    choices = form.get_choice_list(form.status_column).choices
    label = "、".join(c.value for c in choices if c.meaning is meaning)
    return TableColumn(
        label or meaning.value, 9, lambda line: line.figures.count(meaning), "center"
    )


def _format_completion_rate(line: RoundLine) -> str:
    rate = line.figures.completion_rate
    return "—" if rate is None else f"{rate:.1%}"


# --- the chart ---

_RATE_HEADERS = ("批次", f"{AT_DUE}完成率", f"{WITH_LATE}完成率")
_CHART_POINTS = 180.0
_TITLE_FONT = {"name": styles.HEADER_FONT, "size": 11, "bold": False}
_LABEL_FONT = {"name": styles.BODY_FONT, "size": 9}
# Their fills differ in a grey print too.
_SERIES_COLORS = ("#1F4E79", "#8FAADC")


def _draw_rates(canvas: SheetWriter, reports: tuple[RoundReport, ...]) -> TableArea:
    """Draw the table that the chart shows: the rates of each round as numbers."""
    draw_header_row(canvas, [(header, 1) for header in _RATE_HEADERS], styles.NOTE_SIZE)
    first_row = canvas.row
    text_style = canvas.get_style(align="center", font_size=styles.NOTE_SIZE)
    rate_style = canvas.get_style(align="center", font_size=styles.NOTE_SIZE, num_format="0.0%")
    for report in reports:
        at_due = report.at_due.completion_rate if report.at_due else None
        values = (report.round, at_due, report.with_late.completion_rate)
        for column, value in enumerate(values):
            style = rate_style if column else text_style
            canvas.write_range((canvas.row, column, canvas.row, column), value, style)
        name_width = canvas.compute_span_width(0, 1)
        canvas.finish_row(styles.compute_row_height([(report.round, name_width)], styles.NOTE_SIZE))
    return TableArea(canvas.name, first_row, canvas.row - 1)


def _draw_chart(canvas: SheetWriter, area: TableArea) -> None:
    """Draw the rates as pairs of columns, in one tall row: no page splits it."""
    chart = canvas.workbook_writer.workbook.add_chart({"type": "column"})
    for column, color in enumerate(_SERIES_COLORS, 1):
        chart.add_series(_build_series(area, column, color))
    chart.set_title({"name": "各批次完成率", "name_font": _TITLE_FONT})
    chart.set_x_axis({"num_font": _LABEL_FONT})
    scale = {"min": 0, "max": 1, "num_format": "0%", "num_font": _LABEL_FONT}
    chart.set_y_axis({**scale, "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}})
    chart.set_legend({"position": "bottom", "font": _LABEL_FONT})
    chart.set_chartarea({"border": {"color": styles.BORDER_COLOR}})
    width = sum(convert_to_points(w) for w in canvas.widths) / 0.75
    chart.set_size({"width": width, "height": _CHART_POINTS / 0.75 - 8})
    check_result(canvas.sheet.insert_chart(canvas.row, 0, chart, {"y_offset": 4}))
    canvas.finish_row(_CHART_POINTS)


def _build_series(area: TableArea, column: int, color: str) -> dict[str, Any]:
    return {
        "name": [area.sheet, area.first_row - 1, column],
        "categories": [area.sheet, area.first_row, 0, area.last_row, 0],
        "values": [area.sheet, area.first_row, column, area.last_row, column],
        "fill": {"color": color},
        "gap": 80,
        "data_labels": {"value": True, "num_format": "0.0%", "font": _LABEL_FONT},
    }
