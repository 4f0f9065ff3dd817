"""Draw the sheets 填表说明 and 登记簿填表说明 of an issued workbook.

Both are written from the definition of the form, so that they cannot contradict it: how
to fill each column, when it is required, its choices, and how a legal limit is computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ledgerbook.excel import styles
from ledgerbook.excel.pagination import PageSpace, compute_page_height, find_row_breaks
from ledgerbook.excel.workbook_writer import WorkbookWriter, check_result, set_up_page
from ledgerbook.forms.due_rules import describe_rule
from ledgerbook.issue.layout import INSTRUCTIONS_SHEET, REGISTER_INSTRUCTIONS_SHEET
from ledgerbook.model import (
    Book,
    ChoiceList,
    Column,
    ColumnSource,
    Condition,
    ConditionKind,
    Filler,
    Form,
    Round,
)
from ledgerbook.model.form_columns import get_official_header, list_overdue_headers
from ledgerbook.model.results import DUE_SOON_DAYS
from ledgerbook.statutory_limits import CLOCK_PAUSED, NOT_COMPUTABLE, SOON_DAYS, WRONGLY_FILLED
from ledgerbook.text import format_chinese_date

if TYPE_CHECKING:
    from ledgerbook.excel.table_worksheet import TableWorksheet


_COLUMN_WIDTHS = (19, 12, 28, 50, 25)
_MAX_CHOICES_LENGTH = 60
_COLUMN_HEADERS = ("栏目", "谁填", "什么时候必须填", "怎么填", "示例")
_CHOICE_HEADERS = ("选项组", "选项", "什么时候选")
# How high the title, a table's header and the gap below a paragraph are, in points.
_TITLE_HEIGHT, _HEADER_HEIGHT, _GAP = 36.0, 24.0, 15.0

# The cells of one line of a table; a single cell is a heading across the whole table.
InstructionLine = tuple[str, ...]


def add_instructions(writer: WorkbookWriter, book: Book, form: Form, round_: Round) -> None:
    """Add the sheet that says how to fill ``form`` and where to send it."""
    worksheet = _add_titled_sheet(writer, INSTRUCTIONS_SHEET, f"{form.title}{INSTRUCTIONS_SHEET}")
    header_row = _write_paragraphs(writer, worksheet, _compose_steps(book, form, round_))
    row = _write_table(
        writer,
        worksheet,
        header_row,
        _COLUMN_HEADERS,
        [_describe_column(column, form) for column in form.columns],
    )
    choices = [
        (choices.name, choice.value, choice.note)
        for choices in form.choice_lists
        if _has_choice_notes(choices)
        for choice in choices.choices
    ]
    if choices:
        _write_table(writer, worksheet, row + 1, _CHOICE_HEADERS, choices)
    set_up_page(worksheet, header_row=header_row)
    worksheet.protect()


def add_register_instructions(
    writer: WorkbookWriter, book: Book, registers: Sequence[Form]
) -> None:
    """Add the sheet that says how to fill the registers of a workbook."""
    worksheet = _add_titled_sheet(writer, REGISTER_INSTRUCTIONS_SHEET, REGISTER_INSTRUCTIONS_SHEET)
    steps = list(
        _compose_register_steps(book, has_limits=any(form.due_columns for form in registers))
    )
    header_row = _write_paragraphs(writer, worksheet, steps)
    titled_lines = [(form.title, line) for form in registers for line in _describe_register(form)]
    _write_table(
        writer,
        worksheet,
        header_row,
        _COLUMN_HEADERS,
        [line for _, line in titled_lines],
    )
    page_points = compute_page_height(_COLUMN_WIDTHS) - _HEADER_HEIGHT
    points_above = _TITLE_HEIGHT + sum(map(_measure_paragraph, steps)) + _GAP
    heights = [_measure_line(line) for _, line in titled_lines]
    page_breaks = find_row_breaks(
        [title for title, _ in titled_lines],
        heights,
        PageSpace(page_points - points_above, page_points),
    )
    if page_breaks:
        check_result(
            worksheet.set_h_pagebreaks([header_row + 1 + page_break for page_break in page_breaks])
        )
    set_up_page(worksheet, header_row=header_row)
    worksheet.protect()


def _add_titled_sheet(writer: WorkbookWriter, name: str, title: str) -> TableWorksheet:
    worksheet = writer.add_sheet(name)
    for column, width in enumerate(_COLUMN_WIDTHS):
        check_result(worksheet.set_column(column, column, width))
    last_column = len(_COLUMN_WIDTHS) - 1
    title_style = writer.get_format("title")
    check_result(worksheet.merge_range(0, 0, 0, last_column, "", title_style))
    check_result(worksheet.write_string(0, 0, title, title_style))
    worksheet.set_row(0, _TITLE_HEIGHT)
    return worksheet


def _describe_register(form: Form) -> Iterator[InstructionLine]:
    """Yield the lines of a register: its purpose as a heading, then each column."""
    yield (f"{form.title}：{form.purpose}" if form.purpose else form.title,)
    for column in form.columns:
        yield _describe_column(column, form)


def _compose_register_steps(book: Book, *, has_limits: bool) -> Iterator[str]:
    yield "1. 登记簿平时登记，一件一行，随有随记；每次报送时连同以前登记的一起交回。"
    yield "2. 行不够时在表里插入行接着填；没有发生的事不用登记，空着就行。"
    yield (f"3. 同一件事后来有了变化，改原来那一行，不要另写一行；{book.office}会按最新的汇总。")
    if has_limits:
        yield (
            "4. 法定期限自动算出，放假和调休都算在内。整行变红的“逾期”表示过了期限还"
            f"没有办结，橙色的“临期”表示 {SOON_DAYS} 天内到期；办结以后写“按期”，"
            "办结晚了写“超期”。"
        )
        yield (
            f"5. 期限一格写“{CLOCK_PAUSED}”的，是扣除的时间还没有填结束日期；"
            f"写“{NOT_COMPUTABLE}”的，是那一年的放假安排还没有公布，或者日期太早；写“{WRONGLY_FILLED}”的，"
            "是据以计算的日期不是日期，或者起止颠倒，请改正。"
        )


def _compose_steps(book: Book, form: Form, round_: Round) -> Iterator[str]:
    due_text = f"{format_chinese_date(round_.due)}前" if round_.due else "按通知的时间"
    yield "1. 只填白色的格子；灰色的是固定内容，已经锁定，不需要也不能修改。"
    yield "2. 黄色的格子是现在必须填的，填好后会自动变色；下拉框里的内容请点选。"
    due_header = get_official_header(form, ColumnSource.DUE_DATE)
    alert_header = get_official_header(form, ColumnSource.DUE_ALERT)
    required_headers = "、".join(list_overdue_headers(form))
    request = f"，要写明{required_headers}" if required_headers else ""
    yield (
        f"3. 整行变红表示已过{due_header}还没有完成{request}；"
        f"橙色表示 {DUE_SOON_DAYS} 天内到期；绿色表示已完成。“{alert_header}”一栏也写着“逾期”"
        f"或“临期”；写“定期”的，一年要做几次，“{due_header}”是这个批次要报的那一次；"
        "写“长期”的，没有期限。"
    )
    yield (
        "4. 任务台账请不要增删行列、排序，也不要另建新表（登记簿的行不够时可以插入行）"
        "；行太矮时可以拖高，列太窄时可以拖宽。"
    )
    yield (
        "5. 本批次确实没有任何内容可报的，在表上方“无内容可报”右边的格子里选“是”，"
        "其余不用填，照样交回；有内容可报的不要选。"
    )
    yield (
        f"6. 填完保存（.xlsx 格式），{due_text}把这个文件交回{book.office}。"
        "文件可以改名；没有做完的任务也要填清楚状态再交。"
    )


def _write_paragraphs(
    writer: WorkbookWriter, worksheet: TableWorksheet, lines: Iterable[str]
) -> int:
    """Write each line below the title; return the row after them and a gap (0-based)."""
    style = writer.get_format()
    row = 0
    for row, line in enumerate(lines, 1):
        check_result(worksheet.merge_range(row, 0, row, len(_COLUMN_WIDTHS) - 1, "", style))
        check_result(worksheet.write_string(row, 0, line, style))
        worksheet.set_row(row, _measure_paragraph(line))
    return row + 2


def _measure_paragraph(line: str) -> float:
    return styles.compute_row_height([(line, sum(_COLUMN_WIDTHS))]) + 4


def _describe_column(column: Column, form: Form) -> tuple[str, ...]:
    if column.filler is Filler.OFFICIAL:
        return column.header, *_describe_fixed_column(column, form)
    condition_texts = [_describe_condition(condition, form) for condition in column.required]
    required_when = "；".join(condition_texts) or "有内容就填"
    instruction = column.prompt + _describe_choices(column, form)
    return column.header, "科室填写", required_when, instruction, column.example


def _describe_fixed_column(column: Column, form: Form) -> tuple[str, str, str, str]:
    """Return who fills a fixed column, when, how, and an example; of a limit its rule."""
    if column.due:
        headers = {form_column.key: form_column.header for form_column in form.columns}
        instruction = f"不用填，自动算出：{describe_rule(column.due, headers)}。"
        return "自动算出", "", instruction, ""
    if form.is_register and column.source is ColumnSource.DUE_ALERT:
        return "自动算出", "", "不用填，文字的意思见上面的说明。", ""
    return "固定内容", "", "不用填，请勿改动。", ""


def _has_choice_notes(choices: ChoiceList) -> bool:
    return any(choice.note for choice in choices.choices)


def _describe_choices(column: Column, form: Form) -> str:
    """Return the choices of a column, unless a table of them follows below."""
    if not column.choices:
        return ""
    choices = form.get_choice_list(column)
    if _has_choice_notes(choices):
        return _describe_choice_notes(choices) if form.is_register else ""
    values = choices.values
    choices_text = f"选项：{'、'.join(values)}。"
    return (
        choices_text
        if len(choices_text) <= _MAX_CHOICES_LENGTH
        else f"从下拉框选，共 {len(values)} 项。"
    )


def _describe_choice_notes(choices: ChoiceList) -> str:
    choice_texts = (
        f"{choice.value}（{choice.note}）" if choice.note else choice.value
        for choice in choices.choices
    )
    return f"选项：{'、'.join(choice_texts)}。"


def _describe_condition(condition: Condition, form: Form) -> str:
    if condition.when is ConditionKind.ALWAYS:
        return "每条都要填" if form.is_register else "每项任务都要填"
    if condition.when is ConditionKind.OVERDUE:
        return f"过了{get_official_header(form, ColumnSource.DUE_DATE)}还没有完成时"
    header = form.get_column(condition.column).header
    return f"{header}选“{'”或“'.join(condition.values)}”时"


def _write_table(
    writer: WorkbookWriter,
    worksheet: TableWorksheet,
    row: int,
    headers: InstructionLine,
    lines: Sequence[InstructionLine],
) -> int:
    """Draw one table from ``row`` (0-based) on; return the row after it."""
    for column, header in enumerate(headers):
        check_result(worksheet.write_string(row, column, header, writer.get_format("head")))
    worksheet.set_row(row, _HEADER_HEIGHT)
    for line in lines:
        row += 1
        if len(line) == 1:
            style = writer.get_format("locked", bold=True)
            check_result(worksheet.merge_range(row, 0, row, len(headers) - 1, "", style))
        else:
            style = writer.get_format("body")
        for column, text in enumerate(line):
            check_result(worksheet.write_string(row, column, text, style))
        worksheet.set_row(row, _measure_line(line))
    return row + 1


def _measure_line(line: InstructionLine) -> float:
    if len(line) == 1:
        return _measure_paragraph(line[0])
    return styles.compute_row_height(zip(line, _COLUMN_WIDTHS, strict=False))
