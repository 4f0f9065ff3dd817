"""The 填表说明 sheet: written from the form's definition, so it can never disagree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from ledgerbook.excel import styles as look
from ledgerbook.excel.pagination import PageSpace, page_height, page_turns
from ledgerbook.excel.writer import WorkbookWriter, done, page_setup
from ledgerbook.forms.due_rules import rule_words
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
from ledgerbook.model.results import DUE_SOON_DAYS
from ledgerbook.statutory_limits import MISTAKEN, PAUSED, SOON_DAYS, UNKNOWN
from ledgerbook.text import chinese_date

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_WIDTHS = (19, 12, 28, 50, 25)
_LONGEST_OFFER = 60
_HEADS = ("栏目", "谁填", "什么时候必须填", "怎么填", "示例")
_CHOICE_HEADS = ("选项组", "选项", "什么时候选")
# How high the title, a table's header and the gap below a paragraph are, in points.
_TITLE_HEIGHT, _HEAD_HEIGHT, _GAP = 36.0, 24.0, 15.0

# The cells of one line of a table; a single one runs across all of it, as a heading.
Line = tuple[str, ...]


def add_guide(maker: WorkbookWriter, book: Book, form: Form, a_round: Round) -> None:
    """Add the sheet that tells a section how to fill ``form`` and where to send it."""
    sheet = _titled(maker, INSTRUCTIONS_SHEET, f"{form.title}{INSTRUCTIONS_SHEET}")
    head = _paragraphs(maker, sheet, _steps(book, a_round))
    row = _table(maker, sheet, head, _HEADS, [_line(c, form) for c in form.columns])
    choices = [
        (choices.name, choice.value, choice.note)
        for choices in form.choice_lists
        if _has_notes(choices)
        for choice in choices.choices
    ]
    if choices:
        _table(maker, sheet, row + 1, _CHOICE_HEADS, choices)
    page_setup(sheet, head_row=head)
    sheet.protect()


def add_register_guide(
    maker: WorkbookWriter, book: Book, registers: Sequence[Form]
) -> None:
    """Add the sheet that tells how the registers of a workbook are kept."""
    sheet = _titled(maker, REGISTER_INSTRUCTIONS_SHEET, REGISTER_INSTRUCTIONS_SHEET)
    steps = list(_register_steps(book, limits=any(form.due for form in registers)))
    head = _paragraphs(maker, sheet, steps)
    told = [(form.title, line) for form in registers for line in _register(form)]
    _table(maker, sheet, head, _HEADS, [line for _, line in told])
    page = page_height(_WIDTHS) - _HEAD_HEIGHT
    top = _TITLE_HEIGHT + sum(map(_paragraph_height, steps)) + _GAP
    heights = [_line_height(line) for _, line in told]
    turns = page_turns(
        [title for title, _ in told], heights, PageSpace(page - top, page)
    )
    if turns:
        done(sheet.set_h_pagebreaks([head + 1 + turn for turn in turns]))
    page_setup(sheet, head_row=head)
    sheet.protect()


def _titled(maker: WorkbookWriter, name: str, text: str) -> Worksheet:
    sheet = maker.sheet(name)
    for n, width in enumerate(_WIDTHS):
        done(sheet.set_column(n, n, width))
    last = len(_WIDTHS) - 1
    title = maker.style("title")
    done(sheet.merge_range(0, 0, 0, last, "", title))
    done(sheet.write_string(0, 0, text, title))
    sheet.set_row(0, _TITLE_HEIGHT)
    return sheet


def _register(form: Form) -> Iterator[Line]:
    """Tell of a register: what it is for, then of each column."""
    yield (f"{form.title}：{form.purpose}" if form.purpose else form.title,)
    for column in form.columns:
        yield _line(column, form)


def _register_steps(book: Book, *, limits: bool) -> Iterator[str]:
    yield "1. 登记簿平时登记，一件一行，随有随记；每次报送时连同以前登记的一起交回。"
    yield "2. 行不够时在表里插入行接着填；没有发生的事不用登记，空着就行。"
    yield (
        "3. 同一件事后来有了变化，改原来那一行，不要另写一行；"
        f"{book.office}会按最新的汇总。"
    )
    if limits:
        yield (
            "4. 法定期限自动算出，放假和调休都算在内。整行变红的“逾期”表示过了期限还"
            f"没有办结，橙色的“临期”表示 {SOON_DAYS} 天内到期；办结以后写“按期”，"
            "办结晚了写“超期”。"
        )
        yield (
            f"5. 期限一格写“{PAUSED}”的，是扣除的时间还没有填结束日期；"
            f"写“{UNKNOWN}”的，是那一年的放假安排还没有公布，或者日期太早；写“{MISTAKEN}”的，"
            "是据以计算的日期不是日期，或者起止颠倒，请改正。"
        )


def _steps(book: Book, a_round: Round) -> Iterator[str]:
    due = f"{chinese_date(a_round.due)}前" if a_round.due else "按通知的时间"
    yield "1. 只填白色的格子；灰色的是固定内容，已经锁定，不需要也不能修改。"
    yield "2. 黄色的格子是现在必须填的，填好后会自动变色；下拉框里的内容请点选。"
    yield (
        "3. 整行变红表示已过完成期限还没有完成，要写明未完成原因；"
        f"橙色表示 {DUE_SOON_DAYS} 天内到期；绿色表示已完成。“提醒”一栏也写着“逾期”"
        "或“临期”；写“定期”的，一年要做几次，“完成期限”是这个批次要报的那一次；"
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
        f"6. 填完保存（.xlsx 格式），{due}把这个文件交回{book.office}。"
        "文件可以改名；没有做完的任务也要填清楚状态再交。"
    )


def _paragraphs(maker: WorkbookWriter, sheet: Worksheet, lines: Iterable[str]) -> int:
    """Write lines below the title; return the row after them and a gap."""
    style, row = maker.style(), 0
    for row, line in enumerate(lines, 1):
        done(sheet.merge_range(row, 0, row, len(_WIDTHS) - 1, "", style))
        done(sheet.write_string(row, 0, line, style))
        sheet.set_row(row, _paragraph_height(line))
    return row + 2


def _paragraph_height(line: str) -> float:
    return look.row_height([(line, sum(_WIDTHS))]) + 4


def _line(column: Column, form: Form) -> tuple[str, ...]:
    if column.filler is Filler.OFFICIAL:
        return column.header, *_fixed(column, form)
    cases = [_case(condition, form) for condition in column.required]
    when = "；".join(cases) or "有内容就填"
    how = column.prompt + _offered(column, form)
    return column.header, "科室填写", when, how, column.example


def _fixed(column: Column, form: Form) -> tuple[str, str, str, str]:
    """Tell of a column that is not to be filled; of a limit how it is computed."""
    if column.due:
        headers = {one.key: one.header for one in form.columns}
        told = f"不用填，自动算出：{rule_words(column.due, headers)}。"
        return "自动算出", "", told, ""
    if form.is_register and column.source is ColumnSource.ALERT:
        return "自动算出", "", "不用填，文字的意思见上面的说明。", ""
    return "固定内容", "", "不用填，请勿改动。", ""


def _has_notes(choices: ChoiceList) -> bool:
    return any(choice.note for choice in choices.choices)


def _offered(column: Column, form: Form) -> str:
    """Name the choices of a column, where no table of them follows."""
    if not column.choices:
        return ""
    choices = form.choices_of(column)
    if _has_notes(choices):
        return _noted(choices) if form.is_register else ""
    values = choices.values
    told = f"选项：{'、'.join(values)}。"
    return told if len(told) <= _LONGEST_OFFER else f"从下拉框选，共 {len(values)} 项。"


def _noted(choices: ChoiceList) -> str:
    told = (f"{c.value}（{c.note}）" if c.note else c.value for c in choices.choices)
    return f"选项：{'、'.join(told)}。"


def _case(condition: Condition, form: Form) -> str:
    if condition.when is ConditionKind.ALWAYS:
        return "每条都要填" if form.is_register else "每项任务都要填"
    if condition.when is ConditionKind.OVERDUE:
        return "过了完成期限还没有完成时"
    header = form.column(condition.column).header
    return f"{header}选“{'”或“'.join(condition.values)}”时"


def _table(
    maker: WorkbookWriter,
    sheet: Worksheet,
    row: int,
    heads: Line,
    lines: Sequence[Line],
) -> int:
    """Draw one table and return the row after it."""
    for n, head in enumerate(heads):
        done(sheet.write_string(row, n, head, maker.style("head")))
    sheet.set_row(row, _HEAD_HEIGHT)
    for line in lines:
        row += 1
        if len(line) == 1:
            style = maker.style("locked", bold=True)
            done(sheet.merge_range(row, 0, row, len(heads) - 1, "", style))
        else:
            style = maker.style("body")
        for n, text in enumerate(line):
            done(sheet.write_string(row, n, text, style))
        sheet.set_row(row, _line_height(line))
    return row + 1


def _line_height(line: Line) -> float:
    if len(line) == 1:
        return _paragraph_height(line[0])
    return look.row_height(zip(line, _WIDTHS, strict=False))
