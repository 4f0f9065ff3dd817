"""What makes a form sound, once its columns can be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ledgerbook.forms.records import FormError
from ledgerbook.model import (
    ChoiceList,
    Column,
    ColumnSource,
    ColumnType,
    Filler,
    StatusCategory,
)

# Limits that Excel sets: an input prompt, and the text of one cell.
_PROMPT_LIMIT = 255
_CELL_LIMIT = 32_767
WIDTHS = (3.0, 120.0)


def column_slips(
    column: Column, lists: Mapping[str, ChoiceList]
) -> Iterator[tuple[str, str]]:
    if not WIDTHS[0] <= column.width <= WIDTHS[1]:
        yield "width", "列宽要在 3 到 120 之间。"
    if column.max_length is not None and not 1 <= column.max_length <= _CELL_LIMIT:
        yield "max_length", f"最多字数要在 1 到 {_CELL_LIMIT} 之间。"
    if len(column.prompt) > _PROMPT_LIMIT:
        yield "prompt", f"填写提示不能超过 {_PROMPT_LIMIT} 个字。"
    if column.kind is ColumnType.CHOICE and column.choices not in lists:
        yield "choices", f"选项组“{column.choices}”在选项表中没有，请补上或改名。"
    if column.filler is Filler.OFFICIAL and column.source is None:
        yield "source", "固定内容的列要写明取自任务表的哪一项。"
    if column.filler is Filler.SECTION and column.source is not None:
        yield "source", "科室填写的列不能再取自任务表，请清空。"


def unlike_slips(columns: Sequence[Column]) -> Iterator[FormError]:
    for field in ("key", "header"):
        values = [getattr(column, field) for column in columns]
        counts = Counter(values)
        for n, value in enumerate(values):
            if value and counts[value] > 1 and n != values.index(value):
                yield FormError("columns", n, field, f"“{value}”重复了，每列要不同。")


def register_slips(
    columns: Sequence[Column], identity: Sequence[str]
) -> Iterator[FormError]:
    """Tell a register by its columns, and its entries by some of them."""
    keys = {column.key for column in columns if column.filler is Filler.SECTION}
    if len(keys) < _FEWEST_COLUMNS:
        sentence = f"登记簿至少要有 {_FEWEST_COLUMNS} 个科室填写的列。"
        yield FormError("columns", 0, "header", sentence)
    for key in identity:
        if key not in keys:
            sentence = f"识别栏目“{key}”不在科室填写的列里，请改正。"
            yield FormError("columns", 0, "key", sentence)
    for n, column in enumerate(columns):
        if column.source not in (None, *_REGISTER_SOURCES):
            sentence = f"登记簿的列不能取自“{column.source}”，登记簿不按任务分行。"
            yield FormError("columns", n, "source", sentence)
        if column.due and column.source is not ColumnSource.LEGAL_DUE:
            sentence = "只有取自“法定期限”的列才写期限算法，别的列不要写。"
            yield FormError("columns", n, "due", sentence)


_FEWEST_COLUMNS = 3
_REGISTER_SOURCES = (ColumnSource.NUMBER, ColumnSource.ALERT, ColumnSource.LEGAL_DUE)


def ledger_slips(
    columns: Sequence[Column], lists: Mapping[str, ChoiceList]
) -> Iterator[FormError]:
    sources = [column.source for column in columns]
    for source in (ColumnSource.ROW_CODE, ColumnSource.MEASURE):
        if source not in sources:
            sentence = f"表单里少了取自“{source}”的列，不能认出每一行，请补上。"
            yield FormError("columns", 0, "source", sentence)
    yield from _status_slips(columns, lists)


def _status_slips(
    columns: Sequence[Column], lists: Mapping[str, ChoiceList]
) -> Iterator[FormError]:
    """Exactly one drop-down must say where an item stands; the figures need it."""
    status = [
        (n, lists[column.choices])
        for n, column in enumerate(columns)
        if column.filler is Filler.SECTION
        and column.choices in lists
        and any(choice.meaning for choice in lists[column.choices].choices)
    ]
    if len(status) != 1:
        sentence = "表单要有而且只有一列的选项带“含义”（完成状态），才能统计完成率。"
        yield FormError("columns", status[1][0] if status else 0, "choices", sentence)
    for n, choice_list in status:
        meanings = [choice.meaning for choice in choice_list.choices]
        if None in meanings or StatusCategory.DONE not in meanings:
            sentence = (
                f"选项组“{choice_list.name}”的每个选项都要有含义，且要有“已完成”。"
            )
            yield FormError("columns", n, "choices", sentence)
