"""Draw the lines above a sheet's table, and measure its rows and pages.

Above the table are the title, section and round, the progress as a formula, the mark, the
legend, and the cell for 零报告. All of that is printed on the first page where the table
takes several pages side by side. Heights are in points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledgerbook import identity
from ledgerbook.excel import styles
from ledgerbook.excel.limits import escape_criterion
from ledgerbook.excel.pagination import (
    SIGNED_FOOT_MARGIN,
    PageSpace,
    compute_page_height,
    compute_remaining_space,
    find_columns_above,
    find_row_breaks,
)
from ledgerbook.excel.workbook_writer import check_result
from ledgerbook.issue.issued_sheet import IssuedSheet
from ledgerbook.issue.layout import (
    ENTRIES_LABEL,
    INFO_ROW,
    MARK_ROW,
    NIL_LABEL,
    NIL_YES,
    REGISTER_LEGEND,
    SECTION_LABEL,
    TASK_LEGEND,
    TASKS_LABEL,
    TITLE_ROW,
    RowAnswers,
    SheetContent,
)
from ledgerbook.model import ConditionKind, Filler, Form, StatusCategory
from ledgerbook.text import format_chinese_date

# The least number and total width of the columns for the 零报告 cell and its label.
_MIN_NIL_COLUMNS = 4
_MIN_NIL_WIDTH = 32.0


@dataclass(frozen=True, slots=True)
class _HeaderColumns:
    """The columns where the lines begin, their right half begins, the figures and all end."""

    first: int
    right_start: int
    figures_end: int
    last: int


def draw_header(sheet: IssuedSheet) -> None:
    """Write title, section, round, progress, mark, legend and the 零报告 cell."""
    content, worksheet = sheet.content, sheet.worksheet
    columns = _choose_header_columns(content)
    first, right_start, last = columns.first, columns.right_start, columns.last
    title_style = sheet.writer.get_format("title")
    info_style = sheet.writer.get_format(bold=True)
    # As large as the answers, so that it can be read on paper too.
    note_style = sheet.writer.get_format("note", font_size=styles.BODY_SIZE)
    sheet.merge_cells(TITLE_ROW, (first, last), title_style)
    title = f"{content.book.title_prefix}{content.form.title}"
    check_result(worksheet.write_string(TITLE_ROW, first, title, title_style))
    lines = ((INFO_ROW, info_style, columns.figures_end), (MARK_ROW, note_style, last))
    for row, style, last_of_line in lines:
        sheet.merge_cells(row, (first, right_start - 1), style)
        sheet.merge_cells(row, (right_start, last_of_line), style)
    formula = (
        _build_entry_count_formula(sheet)
        if content.form.is_register
        else _build_progress_formula(sheet)
    )
    check_result(worksheet.write_string(INFO_ROW, first, _format_info(content), info_style))
    check_result(
        worksheet.write_formula(
            INFO_ROW, right_start, formula, info_style, _format_figures(content)
        )
    )
    check_result(worksheet.write_string(MARK_ROW, first, _format_mark_line(content), note_style))
    check_result(
        worksheet.write_string(MARK_ROW, right_start, _get_legend(content.form), note_style)
    )
    if columns.figures_end < last:
        _add_nil_cell(sheet, (columns.figures_end + 1, last))
    for row, height in enumerate(measure_header_rows(content)):
        worksheet.set_row(row, height)


def measure_header_rows(content: SheetContent) -> tuple[float, float, float]:
    """Return the heights of the rows of title, figures and mark."""
    columns = _choose_header_columns(content)
    widths = [column.width for column in content.form.columns[: columns.last + 1]]
    left_width = sum(widths[columns.first : columns.right_start])
    figures_width = sum(widths[columns.right_start : columns.figures_end + 1])
    info_texts = (
        (_format_info(content), left_width),
        (_format_figures(content), figures_width),
    )
    note_texts = (
        (_format_mark_line(content), left_width),
        (_get_legend(content.form), sum(widths[columns.right_start :])),
    )
    return (
        36.0,
        max(24.0, styles.compute_row_height(info_texts)),
        max(20.0, styles.compute_row_height(note_texts)),
    )


def _format_mark_line(content: SheetContent) -> str:
    mark = identity.sign_sheet(content.book, content.round.name, content.section, content.form.key)
    return f"{mark.line}（请勿改动本行）"


def _add_nil_cell(sheet: IssuedSheet, columns: tuple[int, int]) -> None:
    """Write the label and the cell by which a section says that it has nothing to report."""
    first, last = columns
    worksheet = sheet.worksheet
    label_style = sheet.writer.get_format(align="right")
    sheet.merge_cells(INFO_ROW, (first, last - 1), label_style)
    check_result(worksheet.write_string(INFO_ROW, first, NIL_LABEL, label_style))
    cell_style = sheet.writer.get_format("body", locked=False, align="center")
    check_result(worksheet.write_blank(INFO_ROW, last, "", cell_style))
    check_result(worksheet.data_validation(INFO_ROW, last, INFO_ROW, last, _NIL_VALIDATION))


_NIL_VALIDATION: dict[str, Any] = {
    "validate": "list",
    "source": [NIL_YES],
    "input_title": "零报告",
    "input_message": "本批次确实没有任何内容可报时选“是”，其余不用填。",
    "error_title": "填写有误",
    "error_message": "这一格只能选“是”，或者空着。",
}


def _choose_header_columns(content: SheetContent) -> _HeaderColumns:
    form, paper = content.form, content.book.paper
    first, last = find_columns_above([column.width for column in form.columns], paper=paper)
    right_start = _find_right_start(form, last)
    nil_columns = _count_nil_columns(form, last)
    figures_end = last - nil_columns if last - right_start > nil_columns else last
    return _HeaderColumns(first, right_start, figures_end, last)


def _count_nil_columns(form: Form, last: int) -> int:
    widths = [column.width for column in form.columns[:last]][::-1]
    counts = (count for count in range(1, len(widths)) if sum(widths[:count]) >= _MIN_NIL_WIDTH)
    return max(_MIN_NIL_COLUMNS, next(counts, 0) + 1)


def _get_legend(form: Form) -> str:
    return REGISTER_LEGEND if form.is_register else TASK_LEGEND


def _find_right_start(form: Form, last: int) -> int:
    """Return the column where the right half of the lines above the table begins.

    In a task ledger it is the first answer column, if the first page has one.
    """
    fillers = [column.filler for column in form.columns[: last + 1]]
    if form.is_register or Filler.SECTION not in fillers:
        return (last + 1) // 2
    return fillers.index(Filler.SECTION)


def _format_info(content: SheetContent) -> str:
    due_text = format_chinese_date(content.round.due) if content.round.due else "另行通知"
    return f"{SECTION_LABEL}{content.section}    批次：{content.round.name}    报送截止：{due_text}"


def _format_figures(content: SheetContent) -> str:
    """Return the current value of the formula that shows the progress."""
    return (
        _format_entry_count(content)
        if content.form.is_register
        else _format_sheet_progress(content)
    )


def _build_progress_formula(sheet: IssuedSheet) -> str:
    """Return the formula of the line: tasks, filled, completed, rate of completion.

    Of what is filled the header does not count; it is none of the choices.
    """
    status = sheet.form.status_column
    choices = sheet.form.get_choice_list(status).choices
    total = len(sheet.content.tasks)
    area = sheet.grid.reference_area(status.key, max(1, total))

    def build_count(meaning: StatusCategory) -> str:
        names = [choice.value for choice in choices if choice.meaning is meaning]
        criteria = (escape_criterion(value).replace('"', '""') for value in names)
        counts = (f'COUNTIF({area},"{criterion}")' for criterion in criteria)
        return f"({'+'.join(counts) or '0'})"

    completed = build_count(StatusCategory.COMPLETED)
    required = f"({total}-{build_count(StatusCategory.NOT_APPLICABLE)})"
    return (
        f'="{TASKS_LABEL}{total} 项，已填 "&COUNTA({area})-1&" 项，'
        f'已完成 "&{completed}&" 项，'
        f'完成率 "&IF({required}>0,TEXT({completed}/{required},"0%"),"—")'
    )


def _build_entry_count_formula(sheet: IssuedSheet) -> str:
    """Return the formula of the number of entries."""
    area = sheet.grid.reference_area(_find_required_key(sheet.form), len(sheet.row_names))
    return f'="{ENTRIES_LABEL}"&COUNTA({area})-1&" 条"'


def _format_entry_count(content: SheetContent) -> str:
    key = _find_required_key(content.form)
    count = sum(1 for answers in content.answers.values() if answers.get(key))
    return f"{ENTRIES_LABEL}{count} 条"


def _find_required_key(form: Form) -> str:
    """Return the key of a column that every entry must fill, else of the first one."""
    required_columns = (
        column
        for column in form.answer_columns
        if any(condition.when is ConditionKind.ALWAYS for condition in column.required)
    )
    return next(required_columns, form.answer_columns[0]).key


def _format_sheet_progress(content: SheetContent) -> str:
    status = content.form.status_column
    statuses = [content.answers.get(task.code, {}).get(status.key, "") for task in content.tasks]
    choices = [content.form.get_choice_list(status).find_choice(str(value)) for value in statuses]
    meanings = [choice.meaning for choice in choices if choice]
    completed = meanings.count(StatusCategory.COMPLETED)
    required = len(content.tasks) - meanings.count(StatusCategory.NOT_APPLICABLE)
    rate = f"{_round_percent(completed, required)}%" if required else "—"
    filled = sum(1 for value in statuses if value != "")
    return (
        f"{TASKS_LABEL}{len(content.tasks)} 项，已填 {filled} 项，"
        f"已完成 {completed} 项，完成率 {rate}"
    )


def _round_percent(part: int, whole: int) -> int:
    """Round half up, as Excel's TEXT does."""
    return (200 * part + whole) // (2 * whole)


# --- heights of rows, and page breaks ---

# A row has room for at least this many lines, to write on paper.
MIN_LINES = 3
# The least height of the column header, and the height of a register's blank row (two lines).
_MIN_COLUMN_HEADER_HEIGHT, _BLANK_ROW_HEIGHT = 30.0, 30.0


def measure_column_header(form: Form) -> float:
    """Return the height of the column header."""
    height = styles.compute_row_height([(column.header, column.width) for column in form.columns])
    return max(_MIN_COLUMN_HEADER_HEIGHT, height)


def measure_entry_row(form: Form, answers: RowAnswers) -> float:
    """Return the height of a register's row with ``answers``, which may be empty."""
    if not answers:
        return _BLANK_ROW_HEIGHT
    cell_texts = [(str(answers.get(column.key, "")), column.width) for column in form.columns]
    return max(_BLANK_ROW_HEIGHT, styles.compute_row_height(cell_texts, min_lines=MIN_LINES))


def list_row_names(content: SheetContent) -> tuple[str, ...]:
    """Return the names of the sheet's rows; a register's last page is filled with blank rows."""
    if not content.form.is_register:
        return content.row_names
    heights = [
        measure_entry_row(content.form, content.answers.get(row_name, {}))
        for row_name in content.row_names
    ]
    blank_rows = int(
        compute_remaining_space(heights, _measure_page_space(content)) // _BLANK_ROW_HEIGHT
    )
    return tuple(map(str, range(len(heights) + blank_rows)))


def choose_page_breaks(content: SheetContent, heights: Sequence[float]) -> tuple[int, ...]:
    """Return the rows before which to begin a page, so that a 工作要求 is not divided.

    ``heights`` are those of the tasks' rows.
    """
    requirements: list[str] = []
    for task in content.tasks:
        # A task without one belongs to that of the task above.
        requirements.append(task.requirement or (requirements[-1] if requirements else ""))
    return find_row_breaks(requirements, heights, _measure_page_space(content))


def _measure_page_space(content: SheetContent) -> PageSpace:
    page_points = compute_page_height(
        [column.width for column in content.form.columns], SIGNED_FOOT_MARGIN, content.book.paper
    )
    page_points -= measure_column_header(content.form)
    return PageSpace(page_points - sum(measure_header_rows(content)), page_points)
