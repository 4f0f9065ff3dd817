"""Forms as data: TOML records or rows of the 字段 and 选项 sheets → Form, and back.

Both spellings of a form are flat records with the same keys, read by one function,
so a factory definition and one changed by the office in Excel obey the same rules.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from ledgerbook.errors import InputError
from ledgerbook.model import (
    Choice,
    ChoiceList,
    Column,
    Condition,
    Filler,
    Form,
    Kind,
    Meaning,
    Source,
    When,
)
from ledgerbook.resources import resource

Record = Mapping[str, object]
_Word = TypeVar("_Word", bound=StrEnum)

# Record key → what the clerk calls it, in the order of the sheet's columns.
COLUMN_FIELDS: Mapping[str, str] = {
    "key": "代号",
    "header": "列名",
    "kind": "类型",
    "filler": "填写人",
    "source": "取自",
    "width": "列宽",
    "choices": "选项组",
    "max_length": "最多字数",
    "required": "何时必填",
    "prompt": "填写提示",
    "example": "示例",
}
CHOICE_FIELDS: Mapping[str, str] = {
    "list": "选项组",
    "value": "选项",
    "meaning": "含义",
    "note": "说明",
}

_KEY = re.compile(r"[a-z][a-z0-9_]*")
# Limits that Excel sets: an input prompt, and the text of one cell.
_PROMPT_LIMIT = 255
_CELL_LIMIT = 32_767
_WIDTHS = (3.0, 120.0)


@dataclass(frozen=True, slots=True)
class Slip:
    """A mistake in a record of ``table``, columns or choices; ``row`` from 0."""

    table: str
    row: int
    key: str
    sentence: str


@dataclass(frozen=True, slots=True)
class _Collector:
    """Collects the mistakes of one record."""

    table: str
    row: int
    found: list[Slip]

    def __call__(self, key: str, sentence: str) -> None:
        self.found.append(Slip(self.table, self.row, key, sentence))


def factory_forms() -> tuple[Form, ...]:
    """Return the forms of ``templates/``, the task ledger first.

    Raises InputError when a template is not a sound form.
    """
    return (load_form(resource("templates/task-ledger.toml").read_text("utf-8")),)


def load_form(text: str) -> Form:
    """Read one TOML definition. Raises InputError naming every mistake."""
    try:
        table: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"表单定义不是正确的 TOML 文件：{error}。") from error
    unknown = set(table) - {"key", "title", "columns", "choices"}
    if unknown or not {"key", "title", "columns"} <= set(table):
        raise InputError(
            "表单定义要有 key、title、columns 三项，可有 choices，没有别的。"
        )
    form, slips = build_form(
        table["key"], table["title"], table["columns"], table.get("choices", [])
    )
    if slips:
        raise InputError(
            f"表单定义“{table['title']}”有 {len(slips)} 处错误：",
            [f"{s.table} 第 {s.row + 1} 项 {s.key}：{s.sentence}" for s in slips],
        )
    return form


def build_form(
    key: str, title: str, columns: Sequence[Record], choices: Sequence[Record]
) -> tuple[Form, tuple[Slip, ...]]:
    """Make a form of flat records; with slips, the form is only as far as it goes."""
    slips: list[Slip] = []
    lists = _choice_lists(choices, slips)
    made = tuple(_column(n, record, lists, slips) for n, record in enumerate(columns))
    by_header = {column.header: column for column in made}
    finished = tuple(
        dataclasses.replace(
            column, required=_conditions(n, record, by_header, lists, slips)
        )
        for n, (column, record) in enumerate(zip(made, columns, strict=True))
    )
    slips += _whole_form(finished, lists)
    form = Form(key, title, finished, tuple(lists.values()))
    return form, tuple(slips)


def column_record(column: Column, form: Form) -> dict[str, object]:
    """Flatten ``column`` again: the record that :func:`build_form` reads."""
    record = {field: getattr(column, field) for field in COLUMN_FIELDS}
    record["required"] = ";".join(_condition_text(c, form) for c in column.required)
    return record


def choice_records(form: Form) -> Iterator[dict[str, object]]:
    for choice_list in form.choice_lists:
        for choice in choice_list.choices:
            yield {
                "list": choice_list.name,
                "value": choice.value,
                "meaning": choice.meaning,
                "note": choice.note,
            }


def to_json(form: Form) -> str:
    """Write ``form`` as the records of ``templates/``, for a workbook to carry."""
    return json.dumps(
        {
            "key": form.key,
            "title": form.title,
            "columns": [column_record(column, form) for column in form.columns],
            "choices": list(choice_records(form)),
        },
        ensure_ascii=False,
    )


def from_json(text: str) -> Form | None:
    """Read what :func:`to_json` wrote; None when it is damaged."""
    try:
        table = json.loads(text)
        form, slips = build_form(
            str(table["key"]), str(table["title"]), table["columns"], table["choices"]
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return None if slips else form


def version(form: Form) -> str:
    """Eight hex digits that change whenever the definition does."""
    plain = json.dumps(dataclasses.asdict(form), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()[:8]


def _text(record: Record, key: str) -> str:
    value = record.get(key)
    return "" if value is None else str(value).strip()


def _word(
    record: Record, key: str, words: type[_Word], add: _Collector
) -> _Word | None:
    """Read one of a closed list of words; blank is None."""
    text = _text(record, key)
    if not text:
        return None
    try:
        return words(text)
    except ValueError:
        options = "、".join(words)
        add(key, f"“{text}”不在可选范围（{options}）内，请改为其中一项。")
        return None


def _number(record: Record, key: str, add: _Collector) -> float | None:
    text = _text(record, key)
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        add(key, f"“{text}”不是数字，请改为数字。")
        return None


def _choice_lists(
    records: Sequence[Record], slips: list[Slip]
) -> dict[str, ChoiceList]:
    lists: dict[str, list[Choice]] = {}
    for n, record in enumerate(records):
        add = _Collector("choices", n, slips)
        name, value = _text(record, "list"), _text(record, "value")
        if not name or not value:
            add("list" if not name else "value", "不能空着，请填写。")
            continue
        if value in {c.value for c in lists.get(name, [])}:
            add("value", f"选项“{value}”重复了，请删去一个。")
            continue
        meaning = _word(record, "meaning", Meaning, add)
        lists.setdefault(name, []).append(Choice(value, meaning, _text(record, "note")))
    return {name: ChoiceList(name, tuple(choices)) for name, choices in lists.items()}


def _column(
    n: int, record: Record, lists: Mapping[str, ChoiceList], slips: list[Slip]
) -> Column:
    add = _Collector("columns", n, slips)
    for key in record.keys() - COLUMN_FIELDS.keys():
        add(key, "没有这一项设置，请核对拼写。")
    for key in ("key", "header", "kind", "filler", "width"):
        if not _text(record, key):
            add(key, "不能空着，请填写。")
    key = _text(record, "key")
    if key and not _KEY.fullmatch(key):
        add("key", f"“{key}”只能用小写英文字母、数字和下划线，并以字母开头。")
    column = Column(
        key=key,
        header=_text(record, "header"),
        kind=_word(record, "kind", Kind, add) or Kind.TEXT,
        filler=_word(record, "filler", Filler, add) or Filler.SECTION,
        source=_word(record, "source", Source, add),
        width=_number(record, "width", add) or _WIDTHS[0],
        choices=_text(record, "choices"),
        max_length=_length(record, add),
        prompt=_text(record, "prompt"),
        example=_text(record, "example"),
    )
    for field, sentence in _column_slips(column, lists):
        add(field, sentence)
    return column


def _length(record: Record, add: _Collector) -> int | None:
    number = _number(record, "max_length", add)
    return None if number is None else int(number)


def _column_slips(
    column: Column, lists: Mapping[str, ChoiceList]
) -> Iterator[tuple[str, str]]:
    if not _WIDTHS[0] <= column.width <= _WIDTHS[1]:
        yield "width", "列宽要在 3 到 120 之间。"
    if column.max_length is not None and not 1 <= column.max_length <= _CELL_LIMIT:
        yield "max_length", f"最多字数要在 1 到 {_CELL_LIMIT} 之间。"
    if len(column.prompt) > _PROMPT_LIMIT:
        yield "prompt", f"填写提示不能超过 {_PROMPT_LIMIT} 个字。"
    if column.kind is Kind.CHOICE and column.choices not in lists:
        yield "choices", f"选项组“{column.choices}”在选项表中没有，请补上或改名。"
    if column.filler is Filler.OFFICIAL and column.source is None:
        yield "source", "固定内容的列要写明取自任务表的哪一项。"
    if column.filler is Filler.SECTION and column.source is not None:
        yield "source", "科室填写的列不能再取自任务表，请清空。"


def _whole_form(
    columns: Sequence[Column], lists: Mapping[str, ChoiceList]
) -> Iterator[Slip]:
    for field in ("key", "header"):
        values = [getattr(column, field) for column in columns]
        counts = Counter(values)
        for n, value in enumerate(values):
            if value and counts[value] > 1 and n != values.index(value):
                yield Slip("columns", n, field, f"“{value}”重复了，每列要不同。")
    sources = [column.source for column in columns]
    for source in (Source.ROW_CODE, Source.MEASURE):
        if source not in sources:
            sentence = f"表单里少了取自“{source}”的列，不能认出每一行，请补上。"
            yield Slip("columns", 0, "source", sentence)
    yield from _status_slips(columns, lists)


def _status_slips(
    columns: Sequence[Column], lists: Mapping[str, ChoiceList]
) -> Iterator[Slip]:
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
        yield Slip("columns", status[1][0] if status else 0, "choices", sentence)
    for n, choice_list in status:
        meanings = [choice.meaning for choice in choice_list.choices]
        if None in meanings or Meaning.DONE not in meanings:
            sentence = (
                f"选项组“{choice_list.name}”的每个选项都要有含义，且要有“已完成”。"
            )
            yield Slip("columns", n, "choices", sentence)


def _conditions(
    n: int,
    record: Record,
    by_header: Mapping[str, Column],
    lists: Mapping[str, ChoiceList],
    slips: list[Slip],
) -> tuple[Condition, ...]:
    """Read 何时必填, such as ``逾期;完成状态=已完成/推进中``."""
    add = _Collector("columns", n, slips)
    made: list[Condition] = []
    for part in _parts(_text(record, "required"), ";\uff1b"):
        if part in (When.ALWAYS, When.OVERDUE):
            made.append(Condition(When(part)))
            continue
        header, _, options = part.partition("=")
        column = by_header.get(header.strip())
        if column is None or column.choices not in lists:
            add("required", f"“{part}”看不懂。请写“始终”“逾期”或“列名=选项”。")
            continue
        values = tuple(_parts(options, "/"))
        known = lists[column.choices].values
        strange = [value for value in values if value not in known]
        if strange or not values:
            add("required", f"“{part}”中的选项不在“{column.choices}”里，请核对。")
            continue
        made.append(Condition(When.EQUALS, column.key, values))
    return tuple(made)


def _parts(text: str, separators: str) -> Iterable[str]:
    pieces = re.split(f"[{re.escape(separators)}]", text)
    return [piece.strip() for piece in pieces if piece.strip()]


def _condition_text(condition: Condition, form: Form) -> str:
    if condition.when is not When.EQUALS:
        return str(condition.when)
    return f"{form.column(condition.column).header}={'/'.join(condition.values)}"
