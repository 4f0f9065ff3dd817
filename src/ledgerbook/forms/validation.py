"""Check the parsed columns of a form for contradictions and missing parts.

The messages are Chinese sentences; the caller adds sheet and cell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ledgerbook.excel.limits import (
    MAX_FORMULA_TEXT,
    MAX_HEADER,
    MAX_INPUT_MESSAGE,
    MAX_NAME,
    describe_excess,
    escape_criterion,
)
from ledgerbook.forms.records import FormError
from ledgerbook.model import (
    ChoiceList,
    Column,
    ColumnSource,
    ColumnType,
    ConditionKind,
    Filler,
    PeriodRole,
    StatusCategory,
)
from ledgerbook.text import CELL_LIMIT, count_utf16_units, normalize

COLUMN_WIDTH_RANGE = (3.0, 120.0)
_MIN_REGISTER_COLUMNS = 3
# What may be personal data: figures and limits are computed from all others.
_PERSONAL_TYPES = (ColumnType.TEXT, ColumnType.LONG_TEXT, ColumnType.PHONE)
# What a column of a register may be filled from.
_REGISTER_SOURCES = (
    ColumnSource.NUMBER,
    ColumnSource.DUE_ALERT,
    ColumnSource.STATUTORY_DUE_DATE,
)


def check_column(
    column: Column, choice_lists: Mapping[str, ChoiceList]
) -> Iterator[tuple[str, str]]:
    """Yield key and message of each mistake in one column."""
    if not COLUMN_WIDTH_RANGE[0] <= column.width <= COLUMN_WIDTH_RANGE[1]:
        yield "width", "列宽要在 3 到 120 之间。"
    if column.max_length is not None and not 1 <= column.max_length <= CELL_LIMIT:
        yield "max_length", f"最多字数要在 1 到 {CELL_LIMIT} 之间。"
    if excess := describe_excess(column.header, MAX_HEADER):
        yield "header", f"列名{excess}"
    if excess := describe_excess(column.prompt, MAX_INPUT_MESSAGE):
        yield "prompt", f"填写提示{excess}"
    if excess := describe_excess(column.example, CELL_LIMIT):
        yield "example", f"示例{excess}"
    if column.kind is ColumnType.CHOICE and not column.choices:
        yield "choices", "选项组不能空着，请写“选项”表里的一个选项组。"
    elif column.kind is ColumnType.CHOICE and column.choices not in choice_lists:
        yield "choices", f"选项组“{column.choices}”在选项表中没有，请补上或改名。"
    if column.filler is Filler.OFFICIAL and column.source is None:
        yield "source", "固定内容的列要写明取自任务表的哪一项。"
    if column.filler is Filler.SECTION and column.source is not None:
        yield "source", "科室填写的列不能再取自任务表，请清空。"
    yield from _check_personal(column)
    yield from _check_period(column)


# The type of the column that tells it, where it must be a certain one.
_PERIOD_TYPES = {
    PeriodRole.RECEIVED: ColumnType.DATE,
    PeriodRole.HANDLED: ColumnType.DATE,
    PeriodRole.OUTCOME: ColumnType.CHOICE,
    PeriodRole.CARRIED_OVER: ColumnType.CHOICE,
    PeriodRole.ISSUED: ColumnType.DATE,
    PeriodRole.REPEALED: ColumnType.DATE,
    PeriodRole.VALIDITY: ColumnType.CHOICE,
    PeriodRole.PERIOD: ColumnType.TEXT,
}


def _check_period(column: Column) -> Iterator[tuple[str, str]]:
    if column.period and column.filler is Filler.OFFICIAL:
        yield "period", "固定内容的列不是科室填的，说不出登记属于哪一年，请清空。"
    elif column.period and column.kind is not (kind := _PERIOD_TYPES[column.period]):
        yield "period", f"“{column.period}”要由类型是“{kind}”的一栏来说，请清空或改类型。"


def _check_personal(column: Column) -> Iterator[tuple[str, str]]:
    if column.is_personal and column.filler is Filler.OFFICIAL:
        yield "personal", "固定内容的列不是科室填的，不能标为个人信息，请清空。"
    elif column.is_personal and column.kind not in _PERSONAL_TYPES:
        yield "personal", "下拉选项、日期和数字要用来统计和算期限，不能标为个人信息，请清空。"


def check_choice(value: str) -> str:
    """Return a sentence if a choice is too long, else an empty text.

    Formulas compare cells with the choice and count it, so it must fit into a formula's
    text even where each ``*``, ``?`` and ``~`` is escaped.
    """
    if count_utf16_units(escape_criterion(value)) <= MAX_FORMULA_TEXT:
        return ""
    length = count_utf16_units(value)
    return f"选项有 {length} 个字，Excel 的公式里放不下，请缩短到 200 个字以内。"


def check_form_key(key: str, what: str) -> str:
    """Return a sentence if the key of a form cannot stand in a mark line, else an empty text.

    ``what`` is what the clerk calls the key: a form without one is known by its title.
    """
    if set("|;\n") & set(key):
        return f"{what}里不能有竖线、分号或换行，请改掉。"
    excess = describe_excess(key, MAX_NAME)
    return f"{what}{excess}" if excess else ""


def check_unique_columns(columns: Sequence[Column]) -> Iterator[FormError]:
    """Yield a mistake for every column whose key, header or 年度判定 an earlier column has."""
    for field in ("key", "header", "period"):
        texts = [getattr(column, field) for column in columns]
        # Headers that differ in width or blanks alone are one header when a sheet is read.
        values = [normalize(text) for text in texts] if field == "header" else texts
        counts = Counter(values)
        for index, value in enumerate(values):
            if value and counts[value] > 1 and index != values.index(value):
                yield FormError("columns", index, field, f"“{texts[index]}”重复了，每列要不同。")


def check_exclusions(columns: Sequence[Column]) -> Iterator[FormError]:
    """Yield a mistake for each column that could not be filled as both settings ask."""
    for index, column in enumerate(columns):
        if not column.excluded:
            continue
        if column.filler is not Filler.SECTION:
            yield FormError("columns", index, "excluded", "固定内容的列没有人填，请清空。")
        kinds = {condition.when for condition in column.required}
        required = {(c.column, value) for c in column.required for value in c.values}
        excluded = {(c.column, value) for c in column.excluded for value in c.values}
        if ConditionKind.ALWAYS in kinds or required & excluded:
            message = "同样的情形在“何时必填”里要填，在这里又不要填，请改掉一处。"
            yield FormError("columns", index, "excluded", message)


def check_register_columns(
    columns: Sequence[Column], identity: Sequence[str]
) -> Iterator[FormError]:
    """Yield the mistakes in the columns of a register; ``identity`` are keys of columns.

    A sheet is recognized as that of a register by its headers, so a register needs some.
    """
    keys = {column.key for column in columns if column.filler is Filler.SECTION}
    if len(keys) < _MIN_REGISTER_COLUMNS:
        message = f"登记簿至少要有 {_MIN_REGISTER_COLUMNS} 个科室填写的列。"
        yield FormError("columns", 0, "header", message)
    for key in identity:
        if key not in keys:
            message = f"识别栏目“{key}”不在科室填写的列里，请改正。"
            yield FormError("columns", 0, "key", message)
    has_counted_time = any(column.period is PeriodRole.PERIOD for column in columns)
    for index, column in enumerate(columns):
        if column.source not in (None, *_REGISTER_SOURCES):
            message = f"登记簿的列不能取自“{column.source}”，登记簿不按任务分行。"
            yield FormError("columns", index, "source", message)
        if column.due and column.source is not ColumnSource.STATUTORY_DUE_DATE:
            message = "只有取自“法定期限”的列才写期限算法，别的列不要写。"
            yield FormError("columns", index, "due", message)
        # A figure is told from another of the same matter by the register's identity.
        tells_figure = has_counted_time and column.key in identity
        if column.is_personal and (column.period or tells_figure):
            message = "年报的数字要按这一栏判定，不能标为个人信息，请清空。"
            yield FormError("columns", index, "personal", message)


def check_task_ledger_columns(
    columns: Sequence[Column], choice_lists: Mapping[str, ChoiceList]
) -> Iterator[FormError]:
    """Yield the mistakes in the columns of the task ledger.

    Rows are matched by row code and task text, so the columns of both must be there.
    """
    sources = [column.source for column in columns]
    for source in (ColumnSource.ROW_CODE, ColumnSource.MEASURE):
        if source not in sources:
            message = f"表单里少了取自“{source}”的列，不能认出每一行，请补上。"
            yield FormError("columns", 0, "source", message)
    yield from _check_status_column(columns, choice_lists)


def _check_status_column(
    columns: Sequence[Column], choice_lists: Mapping[str, ChoiceList]
) -> Iterator[FormError]:
    """Check that exactly one column has choices with a meaning, as the figures require."""
    status_lists = [
        (index, choice_lists[column.choices])
        for index, column in enumerate(columns)
        if column.filler is Filler.SECTION
        and column.choices in choice_lists
        and any(choice.meaning for choice in choice_lists[column.choices].choices)
    ]
    if len(status_lists) != 1:
        message = "表单要有而且只有一列的选项带“含义”（完成状态），才能统计完成率。"
        yield FormError("columns", status_lists[1][0] if status_lists else 0, "choices", message)
    for index, choice_list in status_lists:
        meanings = [choice.meaning for choice in choice_list.choices]
        if None in meanings or StatusCategory.COMPLETED not in meanings:
            message = f"选项组“{choice_list.name}”的每个选项都要有含义，且要有“已完成”。"
            yield FormError("columns", index, "choices", message)
