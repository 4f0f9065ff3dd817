"""Draw tables 2 to 4 of the annual report as published, each figure a formula.

The formulas count over the sheets of the registers. Beside each table stand its
checks, which are not printed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ledgerbook.a1_references import format_area_reference, format_cell_reference
from ledgerbook.annual_report import published_tables
from ledgerbook.annual_report.figures import (
    CONTEST_COLUMNS,
    Count,
    CountCondition,
    RequestedValue,
    build_counts,
)
from ledgerbook.annual_report.published_tables import HandlingResult, TableCell
from ledgerbook.annual_report.report_checks import (
    RULES,
    Agreement,
    CheckedIdentity,
    DoubtfulEntry,
    Identity,
    IncompleteRegister,
    ReportFigures,
    describe_doubtful_entry,
)
from ledgerbook.excel import styles
from ledgerbook.excel.sheet_writer import TINT_PROPERTIES, SheetWriter, Tint
from ledgerbook.excel.workbook_writer import check_result

REPORT_SHEETS = {
    published_tables.DISCLOSURE_TABLE: "年报表二",
    published_tables.APPLICATION_TABLE: "年报表三",
    published_tables.CONTEST_TABLE: "年报表四",
}
_FONT_SIZE = 10.0
_LINE_HEIGHT = 24.0

# Register key → column key → the cells in which its sheet shows that column.
RegisterRanges = Mapping[str, Mapping[str, str]]


@dataclass(slots=True)
class ReportTableWriter:
    """The positions of figures while the tables are drawn, and what they count over."""

    report: ReportFigures
    ranges: RegisterRanges
    positions: dict[TableCell, tuple[int, int]] = field(default_factory=dict)
    counts: Mapping[TableCell, Count] = field(default_factory=build_counts)

    def get_cell_name(self, table_cell: TableCell) -> str:
        """Return the cell of a figure on the sheet of its own table, as ``B7``."""
        return format_cell_reference(self.positions[table_cell])

    def write_figure(
        self, canvas: SheetWriter, row: int, column: int, table_cell: TableCell
    ) -> None:
        """Write a figure; one that no register provides is left blank for the office."""
        self.positions[table_cell] = row, column
        value = self.report.figures.get(table_cell)
        box = row, column, row, column
        if value is None:
            style = canvas.get_style("body", align="center", bg_color=styles.REQUIRED_FILL)
            canvas.write_range(box, None, style)
            return
        number_format = (
            {"num_format": "0.######"} if table_cell.column == published_tables.FEE_AMOUNT else {}
        )
        style = canvas.get_style("body", align="center", font_size=_FONT_SIZE, **number_format)
        count = self.counts[table_cell]
        if self.ranges.get(count.register):
            formula = build_count_formula(count, self.ranges[count.register])
            canvas.write_formula(box, formula, convert_decimal(value), style)
        else:
            canvas.write_range(box, convert_decimal(value), style)


def convert_decimal(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def build_count_formula(count: Count, ranges: Mapping[str, str]) -> str:
    """Return the formula over a register's sheet that computes ``count``."""
    pairs = ",".join(
        f'{ranges[condition.column]},"{_build_criterion(condition)}"'
        for condition in count.conditions
    )
    if count.total_column:
        return f"=ROUND(SUMIFS({ranges[count.total_column]},{pairs}),6)"
    return f"=COUNTIFS({pairs})"


def _build_criterion(condition: CountCondition) -> str:
    if condition.requested is RequestedValue.FILLED:
        return "<>"
    # The sheet names all standings of an entry in one cell.
    is_standing = condition.requested is RequestedValue.STANDING
    return f"*{condition.value}*" if is_standing else condition.value


def draw_disclosure_table(
    canvas: SheetWriter, writer: ReportTableWriter, widths: Sequence[float]
) -> None:
    """Draw table 2, each of its blocks under a heading of its own."""
    _draw_title(canvas, "二、主动公开政府信息情况", (38, 20, 20, 20), widths)
    for block in published_tables.DISCLOSURE_BLOCKS:
        _draw_header_cell(canvas, (canvas.row, 0, canvas.row, 3), block.heading)
        canvas.finish_row(_LINE_HEIGHT)
        span = 3 // len(block.columns)
        _draw_header_cell(canvas, (canvas.row, 0, canvas.row, 0), "信息内容")
        for n, column in enumerate(block.columns):
            left = 1 + n * span
            _draw_header_cell(canvas, (canvas.row, left, canvas.row, left + span - 1), column)
        canvas.finish_row(_LINE_HEIGHT)
        for line in block.lines:
            _draw_label(canvas, (canvas.row, 0, canvas.row, 0), line, align="center")
            for n, column in enumerate(block.columns):
                left = 1 + n * span
                if span > 1:
                    box = (canvas.row, left, canvas.row, left + span - 1)
                    canvas.write_range(box, None, canvas.get_style("body"))
                writer.write_figure(
                    canvas,
                    canvas.row,
                    left,
                    TableCell(published_tables.DISCLOSURE_TABLE, line, column),
                )
            canvas.finish_row(_LINE_HEIGHT)


# Table 3: three columns of labels, then the figures.
_LABEL_WIDTHS = (9.0, 13.0, 45.0)
_FIRST_FIGURE_COLUMN = len(_LABEL_WIDTHS)
_FIGURE_WIDTHS = (13.0,) * (len(published_tables.APPLICANTS) + 1)
# So low that all of table 3 stands on one page.
_LOW_LINE_HEIGHT = 17.0


def draw_applied(canvas: SheetWriter, writer: ReportTableWriter, widths: Sequence[float]) -> None:
    """Draw table 3."""
    title = "三、收到和处理政府信息公开申请情况"
    _draw_title(canvas, title, (*_LABEL_WIDTHS, *_FIGURE_WIDTHS), widths)
    _draw_applied_header(canvas)
    _draw_applied_line(canvas, writer, published_tables.RECEIVED_LINE, 0)
    _draw_applied_line(canvas, writer, published_tables.CARRIED_OVER_LINE, 0)
    first_row = canvas.row
    for result in published_tables.HANDLING_RESULTS:
        _draw_applied_group(canvas, writer, result)
    _draw_applied_line(canvas, writer, published_tables.HANDLED_TOTAL_LINE, 1)
    _draw_label(canvas, (first_row, 0, canvas.row - 1, 0), published_tables.HANDLED_HEADING)
    _draw_applied_line(canvas, writer, published_tables.CARRIED_FORWARD_LINE, 0)


def _draw_applied_header(canvas: SheetWriter) -> None:
    top, left = canvas.row, _FIRST_FIGURE_COLUMN
    right = left + len(published_tables.APPLICANTS)
    _draw_header_cell(canvas, (top, 0, top + 2, left - 1), published_tables.RELATION_NOTE)
    _draw_header_cell(canvas, (top, left, top, right), "申请人情况")
    _draw_header_cell(canvas, (top + 1, left, top + 2, left), published_tables.PERSON)
    _draw_header_cell(canvas, (top + 1, left + 1, top + 1, right - 1), "法人或其他组织")
    for n, body in enumerate(published_tables.ORGANISATIONS):
        _draw_header_cell(canvas, (top + 2, left + 1 + n, top + 2, left + 1 + n), body)
    _draw_header_cell(canvas, (top + 1, right, top + 2, right), published_tables.TOTAL)
    for height in (_LOW_LINE_HEIGHT, _LOW_LINE_HEIGHT, 30.0):
        canvas.finish_row(height)


def _draw_applied_group(
    canvas: SheetWriter, writer: ReportTableWriter, result: HandlingResult
) -> None:
    if not result.details:
        _draw_applied_line(canvas, writer, result.name, 1)
        return
    first_row = canvas.row
    for leaf, line in zip(result.details, result.lines, strict=True):
        _draw_applied_line(canvas, writer, line, 2, leaf)
    _draw_label(canvas, (first_row, 1, canvas.row - 1, 1), result.name)


def _draw_applied_line(
    canvas: SheetWriter,
    writer: ReportTableWriter,
    line: str,
    indent: int,
    label: str = "",
) -> None:
    """Draw one line, labelled from the label column ``indent`` on."""
    text = label or line + published_tables.HANDLING_RESULT_NOTES.get(line, "")
    _draw_label(canvas, (canvas.row, indent, canvas.row, len(_LABEL_WIDTHS) - 1), text)
    for n, column in enumerate((*published_tables.APPLICANTS, published_tables.TOTAL)):
        figure_column = _FIRST_FIGURE_COLUMN + n
        writer.write_figure(
            canvas,
            canvas.row,
            figure_column,
            TableCell(published_tables.APPLICATION_TABLE, line, column),
        )
    width = canvas.compute_span_width(indent, len(_LABEL_WIDTHS) - indent)
    canvas.finish_row(max(_LOW_LINE_HEIGHT, styles.compute_row_height([(text, width)], _FONT_SIZE)))


def draw_contested(canvas: SheetWriter, writer: ReportTableWriter, widths: Sequence[float]) -> None:
    """Draw table 4: one line of fifteen figures."""
    verdicts = (*published_tables.VERDICTS, published_tables.TOTAL)
    verdict_count = len(verdicts)
    title = "四、政府信息公开行政复议、行政诉讼情况"
    _draw_title(canvas, title, (8.0,) * (verdict_count * len(published_tables.CONTESTS)), widths)
    top = canvas.row
    _draw_header_cell(canvas, (top, 0, top + 1, verdict_count - 1), published_tables.REVIEW)
    _draw_header_cell(canvas, (top, verdict_count, top, 3 * verdict_count - 1), "行政诉讼")
    for contest_index, contest in enumerate(published_tables.CONTESTS[1:], 1):
        _draw_header_cell(
            canvas,
            (
                top + 1,
                contest_index * verdict_count,
                top + 1,
                (contest_index + 1) * verdict_count - 1,
            ),
            contest,
        )
    for contest_index, contest in enumerate(published_tables.CONTESTS):
        for verdict_index, verdict in enumerate(verdicts):
            figure_column = contest_index * verdict_count + verdict_index
            _draw_header_cell(canvas, (top + 2, figure_column, top + 2, figure_column), verdict)
            writer.write_figure(
                canvas,
                top + 3,
                figure_column,
                TableCell(published_tables.CONTEST_TABLE, contest, verdict),
            )
    for height in (_LINE_HEIGHT, _LINE_HEIGHT, 36.0, _LINE_HEIGHT):
        canvas.finish_row(height)


def _draw_title(
    canvas: SheetWriter,
    title: str,
    table_widths: Sequence[float],
    check_widths: Sequence[float],
) -> None:
    """Draw the title of a table and, over ``check_widths``, that of its checks."""
    canvas.set_columns((*table_widths, *check_widths))
    style = canvas.get_style("title", font_size=16)
    canvas.write_range((0, 0, 0, len(table_widths) - 1), title, style)
    canvas.finish_row(38)


def _draw_header_cell(canvas: SheetWriter, box: tuple[int, int, int, int], text: str) -> None:
    canvas.write_range(box, text, canvas.get_style("head", font_size=_FONT_SIZE))


def _draw_label(
    canvas: SheetWriter, box: tuple[int, int, int, int], text: str, align: str = "left"
) -> None:
    style: Any = canvas.get_style("body", font_size=_FONT_SIZE, align=align)
    canvas.write_range(box, text, style)


# Beside a table of the report: its identities checked, and entries to look at.

# A gap, what is checked, its sides, how far they are apart, what that means.
CHECK_WIDTHS = (3.0, 52.0, 10.0, 10.0, 9.0, 15.0)
_CHECK_HEADERS = ("核对内容（不打印）", "一边", "另一边", "相差", "结果")

_CHECK_FONT_SIZE = 10.0

_WHOLE_NUMBERS_RULE = 8
# A check takes one line, like the line of the table that it stands beside.
_MAX_ABOUT_LENGTH = 13
_AGREEMENT_TINTS = {Agreement.BROKEN: Tint.RED, Agreement.DIFFERS: Tint.AMBER}


@dataclass(frozen=True, slots=True)
class _CheckLine:
    """One check; its sides are formulas, or blank where nothing is known."""

    text: str
    left_formula: str
    right_formula: str
    checked_identity: CheckedIdentity | None
    values: tuple[Decimal, Decimal]
    disagreement: Agreement

    @property
    def agreement(self) -> Agreement:
        if self.checked_identity:
            return self.checked_identity.agreement
        return Agreement.HOLDS if self.values[0] == self.values[1] else self.disagreement


_TABLE_DRAWERS: Mapping[str, Callable[[SheetWriter, ReportTableWriter, Sequence[float]], None]] = {
    published_tables.DISCLOSURE_TABLE: draw_disclosure_table,
    published_tables.APPLICATION_TABLE: draw_applied,
    published_tables.CONTEST_TABLE: draw_contested,
}


def draw_report(canvases: Mapping[str, SheetWriter], writer: ReportTableWriter) -> None:
    """Draw the three tables, each on its sheet with its checks beside it."""
    for table, draw in _TABLE_DRAWERS.items():
        canvas = canvases[REPORT_SHEETS[table]]
        draw(canvas, writer, CHECK_WIDTHS)
        _draw_checks(canvas, writer, table)


def _draw_checks(canvas: SheetWriter, writer: ReportTableWriter, table: str) -> None:
    """Draw the checks right of a finished table, then its doubtful entries below."""
    column_count, row_count = len(canvas.widths) - len(CHECK_WIDTHS), canvas.row
    lines = list(_build_check_lines(writer, table))
    first_column = column_count + 1
    for n, header in enumerate(_CHECK_HEADERS):
        canvas.write_range(
            (1, first_column + n, 1, first_column + n), header, canvas.get_style("head")
        )
    while canvas.row < len(lines) + 2:
        canvas.finish_row(_CHECK_ROW_HEIGHT)
    for row, line in enumerate(lines, 2):
        _draw_check_line(canvas, row, first_column, line)
    first_result, last_result = (2, first_column + 4), (len(lines) + 1, first_column + 4)
    result_range = format_area_reference(first_result, last_result, shorten_single_cell=True)
    _draw_result_summary(canvas, (0, first_column, 0, first_column + 4), result_range, lines)
    for agreement, tint in _AGREEMENT_TINTS.items():
        rule = {"type": "cell", "criteria": "==", "value": f'"{agreement}"'}
        style = canvas.workbook_writer.get_format("plain", **TINT_PROPERTIES[tint])
        check_result(canvas.sheet.conditional_format(result_range, {**rule, "format": style}))
    _draw_doubtful_entries(canvas, writer.report, table, column_count)
    canvas.set_up_page_and_freeze(header_row=0, frozen_rows=1, is_one_page=True)
    check_result(canvas.sheet.print_area(0, 0, row_count - 1, column_count - 1))


_CHECK_ROW_HEIGHT = 17.0


def _build_check_lines(writer: ReportTableWriter, table: str) -> Iterator[_CheckLine]:
    for checked_identity in writer.report.checked_identities:
        identity = checked_identity.identity
        if identity.table != table:
            continue
        text = _describe_identity(identity)
        disagreement = Agreement.BROKEN if identity.is_strict else Agreement.DIFFERS
        if checked_identity.left is None or checked_identity.right is None:
            yield _CheckLine(text, "", "", checked_identity, (Decimal(), Decimal()), disagreement)
            continue
        left_formula = _build_sum_formula(writer, identity.left)
        right_formula = _build_sum_formula(writer, identity.right, identity.subtracted)
        yield _CheckLine(
            text,
            left_formula,
            right_formula,
            checked_identity,
            (checked_identity.left, checked_identity.right),
            disagreement,
        )
    figure_cells = [table_cell for table_cell in writer.report.figures if table_cell.table == table]
    if figure_cells:
        invalid_count = sum(
            1 for table_cell in writer.report.impossible_cells if table_cell.table == table
        )
        text = f"{_WHOLE_NUMBERS_RULE}．不合要求的数有几个：{RULES[_WHOLE_NUMBERS_RULE]}"
        formula = "=" + "+".join(
            _build_invalid_term(writer, table_cell) for table_cell in figure_cells
        )
        yield _CheckLine(
            text,
            formula,
            "=0",
            None,
            (Decimal(invalid_count), Decimal()),
            Agreement.BROKEN,
        )


def _describe_identity(identity: Identity) -> str:
    about = identity.subject
    if len(about) > _MAX_ABOUT_LENGTH:
        about = f"{about[:_MAX_ABOUT_LENGTH]}…"
    return f"{identity.number}．{about}：{RULES[identity.number]}"


def _build_sum_formula(
    writer: ReportTableWriter,
    added: Sequence[TableCell],
    subtracted: Sequence[TableCell] = (),
) -> str:
    """Return a formula that adds up cells and figures given by the office."""
    terms = (
        *(f"+{_build_check_term(writer, table_cell)}" for table_cell in added),
        *(f"-{_build_check_term(writer, table_cell)}" for table_cell in subtracted),
    )
    return "=" + "".join(terms).removeprefix("+")


def _build_check_term(writer: ReportTableWriter, table_cell: TableCell) -> str:
    office_value = writer.report.office_figures.get(table_cell)
    return writer.get_cell_name(table_cell) if office_value is None else f"{office_value:f}"


def _build_invalid_term(writer: ReportTableWriter, table_cell: TableCell) -> str:
    cell = writer.get_cell_name(table_cell)
    fraction_term = (
        "" if table_cell.column == published_tables.FEE_AMOUNT else f"+({cell}<>INT({cell}))"
    )
    return f"({cell}<0){fraction_term}"


def _draw_check_line(canvas: SheetWriter, row: int, first_column: int, line: _CheckLine) -> None:
    centered_style = canvas.get_style("body", font_size=_CHECK_FONT_SIZE, align="center")
    text_style = canvas.get_style("body", font_size=_CHECK_FONT_SIZE)
    canvas.write_range((row, first_column, row, first_column), line.text, text_style)
    boxes = [(row, first_column + n, row, first_column + n) for n in range(1, 5)]
    if not line.left_formula:
        for box in boxes[:3]:
            canvas.write_range(box, "—", centered_style)
        canvas.write_range(boxes[3], str(Agreement.UNKNOWN), centered_style)
        return
    left_cell, right_cell, difference_cell = (
        format_cell_reference((row, first_column + n)) for n in (1, 2, 3)
    )
    canvas.write_formula(
        boxes[0], line.left_formula, convert_decimal(line.values[0]), centered_style
    )
    canvas.write_formula(
        boxes[1], line.right_formula, convert_decimal(line.values[1]), centered_style
    )
    difference = convert_decimal(line.values[0] - line.values[1])
    canvas.write_formula(boxes[2], f"={left_cell}-{right_cell}", difference, centered_style)
    result_formula = f'=IF({difference_cell}=0,"{Agreement.HOLDS}","{line.disagreement}")'
    canvas.write_formula(boxes[3], result_formula, str(line.agreement), centered_style)


def _draw_result_summary(
    canvas: SheetWriter,
    box: tuple[int, int, int, int],
    result_range: str,
    lines: Sequence[_CheckLine],
) -> None:
    agreement_counts = Counter(line.agreement for line in lines)
    agreements = (
        Agreement.BROKEN,
        Agreement.DIFFERS,
        Agreement.HOLDS,
        Agreement.UNKNOWN,
    )
    formula = '&"，"&'.join(
        f'"{agreement} "&COUNTIF({result_range},"{agreement}")&" 项"' for agreement in agreements
    )
    value = "，".join(f"{agreement} {agreement_counts[agreement]} 项" for agreement in agreements)
    style = canvas.get_style("plain", font_name=styles.HEADER_FONT)
    canvas.write_formula(box, f"={formula}", value, style)


# Table → the registers from which it is counted.
_TABLE_REGISTERS = {
    published_tables.DISCLOSURE_TABLE: ("normative_documents", "enforcement_and_fees"),
    published_tables.APPLICATION_TABLE: ("applications",),
    published_tables.CONTEST_TABLE: ("applications",),
}


def _draw_doubtful_entries(
    canvas: SheetWriter, report: ReportFigures, table: str, column_count: int
) -> None:
    doubtful_entries = [
        entry for entry in report.doubtful_entries if _belongs_to_table(entry, table)
    ]
    unprovided_cells = report.list_unprovided_cells(table)
    sentences = [
        _describe_incomplete_register(register)
        for register in report.incomplete_registers
        if table in register.tables
    ]
    sentences += [
        register.description for register in report.carried_registers if table in register.tables
    ]
    if unprovided_cells:
        sentences.append(
            f"黄色的 {len(unprovided_cells)} 格没有登记簿可以统计（没有安排科室登记，"
            "或登记簿缺少所需的栏目），请另行核实后填写。"
        )
    sentences += [describe_doubtful_entry(entry) for entry in doubtful_entries]
    if not sentences:
        return
    width = canvas.compute_span_width(0, column_count)
    for text in ("需要核对的登记和数据（不打印）：", *sentences):
        box = (canvas.row, 0, canvas.row, column_count - 1)
        canvas.write_range(box, text, canvas.get_style("plain", font_size=_CHECK_FONT_SIZE))
        canvas.finish_row(styles.compute_row_height([(text, width)], _CHECK_FONT_SIZE))


def _describe_incomplete_register(register: IncompleteRegister) -> str:
    consequence = "现在的数不是全部" if register.is_counted else "有关的格留空标黄，不要填 0"
    return (
        f"承担登记“{register.form.title}”的{register.absence_text}，{consequence}；"
        "收到以后请再汇总一次。"
    )


def _belongs_to_table(entry: DoubtfulEntry, table: str) -> bool:
    is_contest = entry.column in CONTEST_COLUMNS.values()
    return entry.entry.form.key in _TABLE_REGISTERS[table] and is_contest is (
        table == published_tables.CONTEST_TABLE
    )
