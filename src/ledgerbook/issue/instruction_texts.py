"""Compose the texts of 填表说明, 登记簿填表说明 and the hidden choices of an issued workbook.

They are written from the definition of the form, so that they cannot contradict it: how
to fill each column, when it is required, its choices, and how a legal limit is computed.
``issue`` draws them and ``intake`` compares a returned sheet with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from ledgerbook.forms.due_rules import describe_rule
from ledgerbook.issue.layout import INSTRUCTIONS_SHEET, REGISTER_INSTRUCTIONS_SHEET
from ledgerbook.model import (
    Book,
    ChoiceList,
    Column,
    ColumnSource,
    ColumnType,
    Condition,
    ConditionKind,
    Filler,
    Form,
    Round,
)
from ledgerbook.model.form_columns import get_official_header, list_overdue_headers
from ledgerbook.model.forms import EMPTY_ANSWERS_LIST
from ledgerbook.model.results import DUE_SOON_DAYS
from ledgerbook.statutory_limits import CLOCK_PAUSED, NOT_COMPUTABLE, SOON_DAYS, WRONGLY_FILLED
from ledgerbook.text import format_chinese_date

_MAX_CHOICES_LENGTH = 60
COLUMN_HEADERS = ("栏目", "谁填", "什么时候必须填", "怎么填", "示例")
CHOICE_HEADERS = ("选项组", "选项", "什么时候选")
# The cells of one line of a table; a single cell is a heading across the whole table.
InstructionLine = tuple[str, ...]


def compose_instructions_title(form: Form) -> str:
    """Return the first line of the instructions for ``form``, by which their sheet is known."""
    return f"{form.title}{INSTRUCTIONS_SHEET}"


def list_instruction_texts(book: Book, form: Form, round_: Round) -> Iterator[str]:
    """Yield the text of each cell of 填表说明."""
    yield compose_instructions_title(form)
    yield from compose_steps(book, form, round_)
    yield from COLUMN_HEADERS
    yield from chain.from_iterable(describe_column(column, form) for column in form.columns)
    if choices := list_choice_lines(form):
        yield from chain(CHOICE_HEADERS, *choices)


def list_register_instruction_texts(book: Book, registers: Sequence[Form]) -> Iterator[str]:
    """Yield the text of each cell of 登记簿填表说明."""
    yield REGISTER_INSTRUCTIONS_SHEET
    yield from compose_register_steps(book, registers)
    yield from COLUMN_HEADERS
    for form in registers:
        yield from chain.from_iterable(describe_register(form))


def list_choice_columns(forms: Sequence[Form]) -> list[tuple[Form, Column]]:
    """List the columns whose choices are on the hidden sheet of choices, in its order."""
    return [
        (form, column)
        for form in forms
        for column in form.columns
        if column.kind is ColumnType.CHOICE
    ]


def list_choice_texts(forms: Sequence[Form]) -> Iterator[str]:
    """Yield the text of each cell of the hidden sheet of choices."""
    for form, column in list_choice_columns(forms):
        yield column.header
        yield from form.get_choice_list(column).values


def list_choice_lines(form: Form) -> list[InstructionLine]:
    """List the choices that have notes: list, choice and note."""
    return [
        (choices.name, choice.value, choice.note)
        for choices in form.choice_lists
        if choices.name != EMPTY_ANSWERS_LIST and _has_choice_notes(choices)
        for choice in choices.choices
    ]


def describe_register(form: Form) -> Iterator[InstructionLine]:
    """Yield the lines of a register: its purpose as a heading, then each column."""
    yield (f"{form.title}：{form.purpose}" if form.purpose else form.title,)
    for column in form.columns:
        yield describe_column(column, form)


def compose_register_steps(book: Book, registers: Sequence[Form]) -> Iterator[str]:
    """Yield how to fill ``registers``, one line each."""
    yield "1. 登记簿平时登记，一件一行，随有随记；每次报送时连同以前登记的一起交回。"
    yield "2. 行不够时在表里插入行接着填；没有发生的事不用登记，空着就行。"
    yield (f"3. 同一件事后来有了变化，改原来那一行，不要另写一行；{book.office}会按最新的汇总。")
    if any(form.due_columns for form in registers):
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


def compose_steps(book: Book, form: Form, round_: Round) -> Iterator[str]:
    """Yield how to fill ``form`` and where to send it, one line each."""
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
    # A line of its own: earlier issues have the others without it.
    yield (
        "7. 填错了行的，请先复制、粘贴到对的那一行，再删掉原来填的，不要剪切："
        "剪切会把下拉框和检查一起带走，原来的格子可能再也填不了。"
    )


def describe_column(column: Column, form: Form) -> InstructionLine:
    """Return the line of a column: who fills it, when, how, and an example."""
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
